"""The heat model's accounts: each entry is summed from its own terms, and what does not close is said.

Energies of water are over 0 degC. The network's account: made + made up + filled = delivered + lost + leaked + drained
+ lost by tanks + what pipes, plants and tanks hold more than at the start. The rooms': emitted + gains = lost + what
they hold more. What the network delivered and what the emitters gave off are summed apart and compared. The units':
energy from stores + drawn from the surroundings = heat + electricity made + lost up the stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..kernels import layout as la
from ..kernels.contents import sum_contents

__all__ = ["Ledger", "energy_ledger", "water_ledger"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Accounts so far [J]."""

    stored_j: float
    rooms_j: float
    network: dict[str, float] = field(default_factory=dict)
    rooms: dict[str, float] = field(default_factory=dict)

    def closed(self, start: Ledger) -> dict[str, float]:
        """Return both accounts flat, with their changes since `start` [J] and relative errors [-]."""
        result = {f"{name}_j": value for name, value in (self.network | self.rooms).items()}
        result["stored_change_j"] = self.stored_j - start.stored_j
        result["rooms_stored_change_j"] = self.rooms_j - start.rooms_j
        network, rooms = self.network, self.rooms
        put_in = network["produced"] + network["makeup"] + network["filled"]
        taken = sum(network[name] for name in _TAKEN) + result["stored_change_j"]
        scale = max(abs(network["produced"]), abs(network["delivered"]), abs(result["stored_change_j"]), 1.0)
        result["network_error"] = (put_in - taken) / scale
        went = network["produced"] + network["power"] + network["stack"]
        came = network["fuel"] + network["ambient"]
        result["conversion_error"] = (came - went) / max(abs(came), abs(went), 1.0)
        balance = rooms["emitted"] + rooms["gains"] - rooms["rooms_lost"] - result["rooms_stored_change_j"]
        scale = max(abs(rooms["emitted"]), abs(rooms["rooms_lost"]), abs(result["rooms_stored_change_j"]), 1.0)
        result["rooms_error"] = balance / scale
        came = network["delivered"] + rooms["interim"]
        result["delivery_error"] = (came - rooms["emitted"]) / max(abs(came), 1.0)
        return result


_TAKEN = ("delivered", "lost", "leaked", "drained", "tank_lost")


def energy_ledger(plant: la.Plant, state: la.State, places: npt.NDArray[np.int64]) -> Ledger:
    """Return the energy accounts so far.

    Parameters
    ----------
    plant, state : tuples of layout.py
        The network and where it stands.
    places : int array, shape (cohort,)
        Where the cohorts lie in the kernels' layout.
    """
    capacity = float(plant.setting[la.S_HEAT_CAPACITY])
    clock = state.clock
    _, heat, still_lost = sum_contents(
        clock[la.K_GROUND], clock[la.K_TIME], plant.pipe, state.pipe, state.pipe_int, state.ring
    )
    ledger = state.ledger
    network = {
        "fuel": float(ledger[la.G_FUEL]),
        "power": float(ledger[la.G_POWER]),
        "stack": float(ledger[la.G_STACK]),
        "ambient": float(ledger[la.G_AMBIENT]),
        "tank_lost": float(ledger[la.G_TANK_LOST]),
        "produced": float(ledger[la.G_PRODUCED]),
        "makeup": float(ledger[la.G_MAKEUP]),
        "filled": float(ledger[la.G_FILLED]),
        "delivered": float(state.substation[la.Y_DELIVERED_J].sum()),
        "lost": capacity * float(state.pipe[la.L_LOST].sum() + still_lost),
        "leaked": float(ledger[la.G_LEAKED]),
        "drained": float(ledger[la.G_DRAINED]),
    }
    stored = capacity * float(heat) + float(state.source[[la.O_PLANT_J, la.O_TANK_HELD_J]].sum())
    rows = state.cohort[:, places]
    fixed = plant.cohort[:, places]
    rooms = {
        "interim": float(state.substation[la.Y_INTERIM_J].sum()),
        "emitted": float(state.substation[la.Y_EMITTED_J].sum()),
        "gains": float(state.substation[la.Y_GAINED_J].sum()),
        "rooms_lost": float(state.substation[la.Y_LOST_J].sum()),
    }
    held = float((fixed[la.C_AIR_J_K] * rows[la.Z_AIR] + fixed[la.C_MASS_J_K] * rows[la.Z_MASS]).sum())
    return Ledger(stored, held, network, rooms)


def water_ledger(state: la.State, plant: la.Plant) -> dict[str, float]:
    """Return the water account so far [kg]: what was made up is what leaked; fillings and drainings apart."""
    ledger = state.ledger
    made_up, leaked = float(ledger[la.G_MAKEUP_KG]), float(ledger[la.G_LEAKED_KG])
    return {
        "makeup_kg": made_up,
        "leaked_kg": leaked,
        "drained_kg": float(ledger[la.G_DRAINED_KG]),
        "filled_kg": float(ledger[la.G_FILLED_KG]),
        "circulated_kg": float(ledger[la.G_CIRCULATION]),
        "held_kg": float((plant.pipe[la.P_WATER] * state.pipe_int[la.J_FILLED]).sum()),
        "water_error": (made_up - leaked) / max(made_up, leaked, 1.0),
    }
