"""Hot-water tanks: what they can give to a plant's water, and what they take in or give off in a step.

A tank holds heat between its cold and its hot temperature and loses the same share of it in every second, so a step is
exact: ``E' = (E - q L) e**(-k t)`` with the heat given off ``q`` taken at the step's beginning.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel
from .layout import (
    G_TANK_LOST,
    O_ASKED,
    O_LOAD_W,
    O_TANK_GIVEN_J,
    O_TANK_HELD_J,
    O_TANK_HOT_C,
    O_TANK_J,
    O_TANK_OUT_W,
    O_TANK_RATE,
    O_TANK_TAKEN_J,
    O_TANK_W,
    S_TANK_LAG_S,
    S_TANK_RULE,
    Array,
)  # fmt: skip

__all__ = ["BY_HOUR", "KEEP_FULL", "LEVEL_LOAD", "from_tank", "in_hand"]

KEEP_FULL, LEVEL_LOAD, BY_HOUR = range(3)  # what a tank is for: see scenarios/policies/storage.py


@kernel
def in_hand(i: int, dt: float, flow_w_k: float, entering: float, built: Array, now: Array) -> float:
    """Return the most heat that a tank can give in a step to water that enters at a temperature [W].

    Parameters
    ----------
    i : int
        The source.
    dt, flow_w_k, entering : float
        Step [s]; the water's heat capacity flow [W/K] and temperature [degC]: it is never warmed beyond the tank's.
    built, now : arrays
        ``Plant.source``, ``State.source``.
    """
    if built[O_TANK_J, i] == 0.0:
        return 0.0
    most = min(built[O_TANK_W, i], now[O_TANK_HELD_J, i] / dt)
    result: float = min(most, flow_w_k * max(built[O_TANK_HOT_C, i] - entering, 0.0))
    return result


@kernel
def from_tank(
    i: int, dt: float, order: float, required: float, able: float, most: float, s: Array, built: Array, now: Array,
    ledger: Array,
) -> float:  # fmt: skip
    """Move a tank over a step and return the heat that it gives to the plant (below zero: takes from the units) [W].

    The units are left with ``required`` less this, never less than nothing nor more than they can make; ``O_ASKED``
    says what they should make, by which they are called up. To level the load, the units follow the load's running
    mean; by the hour, orders of +1 (charge) and -1 (discharge) stand; and a tank that is kept full takes what the units
    called for the load can spare and gives only what they lack.

    Parameters
    ----------
    i : int
        The source.
    dt, order : float
        Step [s]; the hour's order [-].
    required, able, most : float
        Heat asked of units and tank, what units can make, and the tank's :func:`in_hand` [W].
    s, built, now, ledger : arrays
        ``Plant.setting``, ``Plant.source``, ``State.source``, ``State.ledger``.
    """
    now[O_ASKED, i] = required
    if built[O_TANK_J, i] == 0.0:
        return 0.0
    held = now[O_TANK_HELD_J, i]
    takes = min(built[O_TANK_W, i], (built[O_TANK_J, i] - held) / dt)
    rule, wish = s[S_TANK_RULE], -np.inf
    if rule == LEVEL_LOAD:
        weight = -np.expm1(-dt / s[S_TANK_LAG_S])
        now[O_LOAD_W, i] += (required - now[O_LOAD_W, i]) * (weight if now[O_LOAD_W, i] > 0.0 else 1.0)
        wish = required - now[O_LOAD_W, i]
    elif rule == BY_HOUR:
        wish = 0.0 if order == 0.0 else -order * np.inf
    if rule != KEEP_FULL:
        now[O_ASKED, i] = required - min(max(wish, -takes), most, required)
    given: float = min(max(wish, required - able, -takes), most, required)
    kept = np.exp(-built[O_TANK_RATE, i] * dt)
    after = (held - given * dt) * kept
    ledger[G_TANK_LOST] += (held - given * dt) * -np.expm1(-built[O_TANK_RATE, i] * dt)
    now[O_TANK_HELD_J, i] = after
    now[O_TANK_OUT_W, i] = given
    now[O_TANK_GIVEN_J, i] += max(given, 0.0) * dt
    now[O_TANK_TAKEN_J, i] += max(-given, 0.0) * dt
    return given
