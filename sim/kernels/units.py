"""Units of a plant: what their efficiency is now, which of them are called up, and what one can make in a step.

A unit is called up before it is needed: as soon as the load comes near to what those called before it can carry. It is
kept warm for the load of the days before, forgotten at a rate, so that it is not fired up anew every morning. Cold, it
takes its start time, and its output then rises no faster than its ramp; dismissed, it cools as slowly as it warmed.
A unit that trips or comes back within an hour has the hour's mean of its capacity, in the part of it that it is there.
"""

from __future__ import annotations

import numpy as np

from .fuel import part_load
from .heat_compile import kernel
from .layout import (
    G_AMBIENT,
    G_FUEL,
    G_POWER,
    G_STACK,
    K_SUPPLY_SET,
    O_ASKED,
    O_REMEMBERED,
    O_RETURN_C,
    S_KEEP_WARM_S,
    S_MERIT,
    U_CAPACITY,
    U_CARNOT,
    U_COLD_C,
    U_COLD_SIDE,
    U_CONDENSING,
    U_DEW_C,
    U_EFFICIENCY,
    U_MINIMUM,
    U_POWER,
    U_RAMP,
    U_SLOPE,
    U_START_LOSS_S,
    U_START_S,
    V_CALLED,
    V_EFFICIENCY,
    V_FUEL_J,
    V_HEAT_W,
    V_LEVEL_W,
    V_MADE_J,
    V_POWER_J,
    V_RANK,
    V_RUN_S,
    V_SECOND,
    V_SHARE,
    V_STARTS,
    V_THERE,
    V_TO_GO_S,
    Array,
)  # fmt: skip

__all__ = ["book_unit", "call_up", "efficiencies", "fuels", "reach"]

CALL, DISMISS = 0.85, 0.7  # load over the capacity called so far at which one more is called, or is no longer needed
LEAST_LIFT_K = 10.0  # a heat pump's exchangers need this much between both sides
TRIFLE = 1e-9  # of its capacity: what rounding leaves to a unit when others carry all, no hour at work


@kernel
def efficiencies(
    outdoor: float, ground: float, clock: Array, unit: Array, unit_int: Array, source: Array, now: Array
) -> None:
    """Write each unit's heat over the energy from its store at full load, as things stand (``V_EFFICIENCY``) [-].

    A heat pump keeps its share of Carnot's coefficient ``T_supply / (T_supply - T_cold)``, and is at worst a heating
    rod; a condensing boiler gains with every kelvin that the return is below the flue gas's dew point.

    Parameters
    ----------
    outdoor, ground : float
        Outdoor and ground temperature [degC].
    clock, unit, unit_int, source, now : arrays
        ``State.clock``, ``Plant.unit``, ``Plant.unit_int``, ``State.source``, ``State.unit``.
    """
    for u in range(unit.shape[1]):
        result = unit[U_EFFICIENCY, u]
        if unit[U_CARNOT, u] > 0.0:
            side, cold = unit[U_COLD_SIDE, u], unit[U_COLD_C, u]
            if side > 0.0:
                cold = outdoor if side == 1.0 else ground
            hot = clock[K_SUPPLY_SET]
            result *= (hot + 273.15) / max(hot - cold, LEAST_LIFT_K) / unit[U_CARNOT, u]
            result = max(result, 1.0)
        elif unit[U_CONDENSING, u] > 0.0:
            result *= 1.0 + unit[U_CONDENSING, u] * max(unit[U_DEW_C, u] - source[O_RETURN_C, unit_int[0, u]], 0.0)
        now[V_EFFICIENCY, u] = result


@kernel
def call_up(
    dt: float, s: Array, unit: Array, unit_int: Array, store: Array, island: Array, source: Array, now: Array,
    stock: Array, ledger: Array, load: Array, carried: Array,
) -> None:  # fmt: skip
    """Call up units by the load of the step before, in order of merit; burn what cold starts take.

    The load is the largest of late: that of the step before, or the one remembered, which fades by ``e**(-t / keep)``.
    By merit an island's units carry its load together, and any source's the load that its own water brings; otherwise
    each source's carry its own.

    Parameters
    ----------
    dt : float
        Step [s].
    s, unit, unit_int, store, island : arrays
        ``Plant.setting``, ``Plant.unit``, ``Plant.unit_int``, ``Plant.store``, ``State.island``.
    source, now, stock, ledger : arrays
        ``State.source``, ``State.unit``, ``State.stock``, ``State.ledger``.
    load, carried : arrays, shape (2, source)
        Scratch: by source and by island.
    """
    sources = source.shape[1]
    carried[:] = 0.0
    load[1] = 0.0
    fades = np.exp(-dt / s[S_KEEP_WARM_S])
    for i in range(sources):
        source[O_REMEMBERED, i] = max(source[O_ASKED, i], source[O_REMEMBERED, i] * fades)
        load[0, i] = source[O_REMEMBERED, i]
        load[1, island[i]] += load[0, i]
    together = s[S_MERIT] > 0.0
    for k in range(now.shape[1]):
        u = int(now[V_RANK, k])
        i = unit_int[0, u]
        at = island[i]
        full = unit[U_CAPACITY, u] * now[V_SHARE, u]
        play = DISMISS if now[V_CALLED, u] > 0.0 else CALL
        called = load[0, i] > play * carried[0, i]
        if together and not called:
            called = load[1, at] > play * carried[1, at]
        if called and full > 0.0:
            carried[0, i] += full
            carried[1, at] += full
            if now[V_CALLED, u] == 0.0:
                now[V_STARTS, u] += 1.0
                if now[V_TO_GO_S, u] > 0.0:
                    _fire_up(u, fuels(u, unit_int, now)[0], full, unit, store, now, stock, ledger)
            now[V_CALLED, u] = 1.0
        else:
            now[V_CALLED, u] = 0.0


@kernel
def _fire_up(
    u: int, f: int, full: float, unit: Array, store: Array, now: Array, stock: Array, ledger: Array
) -> None:  # fmt: skip
    """Burn what bringing a unit up from where it has cooled to takes; it goes up the stack."""
    cold = now[V_TO_GO_S, u] / unit[U_START_S, u]
    fuel = min(cold * unit[U_START_LOSS_S, u] * full / (now[V_EFFICIENCY, u] * store[f]), stock[0, f])
    stock[0, f] -= fuel
    stock[1, f] += fuel
    now[V_FUEL_J, u] += fuel * store[f]
    ledger[G_FUEL] += fuel * store[f]
    ledger[G_STACK] += fuel * store[f]


@kernel
def fuels(u: int, unit_int: Array, now: Array) -> tuple[int, int]:
    """Return the stores that a unit burns from, in their order; -1: there is no second one."""
    if now[V_SECOND, u] > 0.0 and unit_int[2, u] >= 0:
        return unit_int[2, u], unit_int[1, u]
    return unit_int[1, u], unit_int[2, u]


@kernel
def reach(u: int, dt: float, full: float, unit: Array, now: Array) -> float:
    """Return the largest mean heat of a step that a unit can make with all the fuel it may want [W].

    Nothing while it starts; then its output rises by its ramp from where it stood. `full` is the step's mean.
    """
    if unit[U_START_S, u] == 0.0 and unit[U_RAMP, u] == np.inf:
        return full
    left = dt
    if unit[U_START_S, u] > 0.0:
        left = dt - now[V_TO_GO_S, u] if now[V_CALLED, u] > 0.0 else 0.0
    if left <= 0.0:
        return 0.0
    if unit[U_RAMP, u] == np.inf:
        return full * left / dt
    full, left = _while_there(u, full, now), left * now[V_THERE, u]
    ramp, level = unit[U_RAMP, u] * unit[U_CAPACITY, u], min(now[V_LEVEL_W, u], full)
    climbing = min((full - level) / ramp, left)
    mean: float = (full * left - (full - level) * climbing + 0.5 * ramp * climbing * climbing) / dt
    return mean


@kernel
def _while_there(u: int, mean: float, now: Array) -> float:
    """Return what a step's mean is while the unit is there."""
    part = now[V_THERE, u]
    result: float = mean / part if part > 0.0 else mean
    return result


@kernel
def book_unit(
    u: int, dt: float, heat: float, limit: float, load: float, full: float, fuel_j: float, unit: Array, now: Array,
    ledger: Array,
) -> None:  # fmt: skip
    """Write down a unit's step: its level, hours and warmth, and where the fuel's energy went.

    Parameters
    ----------
    u : int
        The unit.
    dt, heat, limit, load, full, fuel_j : float
        Step [s]; mean heat and what :func:`reach` allowed [W]; the load at which it was fired [-]; capacity at hand
        [W]; energy burnt [J].
    unit, now, ledger : arrays
        ``Plant.unit``, ``State.unit``, ``State.ledger``.
    """
    if heat > 0.0:
        now[V_RUN_S, u] += dt * now[V_THERE, u] if heat > TRIFLE * unit[U_CAPACITY, u] else 0.0
        now[V_MADE_J, u] += heat * dt
        now[V_FUEL_J, u] += fuel_j
        power = unit[U_POWER, u] * heat * dt
        now[V_POWER_J, u] += power
        ledger[G_POWER] += power
        ledger[G_FUEL] += fuel_j
        each = part_load(load, now[V_EFFICIENCY, u], unit[U_SLOPE, u], unit[U_MINIMUM, u])
        lost = heat * dt * (1.0 / each - 1.0 - unit[U_POWER, u])
        ledger[G_STACK] += max(lost, 0.0)
        ledger[G_AMBIENT] += max(-lost, 0.0)
    now[V_HEAT_W, u] = heat
    if unit[U_START_S, u] > 0.0:
        change = -dt if now[V_CALLED, u] > 0.0 else dt
        now[V_TO_GO_S, u] = min(max(now[V_TO_GO_S, u] + change, 0.0), unit[U_START_S, u])
    if unit[U_RAMP, u] < np.inf:
        climbing = unit[U_RAMP, u] * unit[U_CAPACITY, u] * dt * now[V_THERE, u]
        climbed = min(now[V_LEVEL_W, u] + climbing, _while_there(u, full, now))
        now[V_LEVEL_W, u] = climbed if heat >= limit else _while_there(u, heat, now)
