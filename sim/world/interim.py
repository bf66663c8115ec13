"""Mobile boilers: sent to buildings that a repair leaves without heat, at work there until it is back.

Their heat goes into the building's secondary circuit, through the same emitters and rooms as the network's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import HOUR_S
from ...scenarios.policies.interim import arrival_s, assign, co2_kg, fuel_kg
from .faults import Process
from .notices import OUT, Fault

if TYPE_CHECKING:
    from .world import World

__all__ = ["InterimSupply"]

_LOOK_S = 6 * HOUR_S  # a building may get its heat back without news of the fault


@dataclass(slots=True, eq=False)
class _Boiler:
    """One mobile boiler and the heat it has given at its present place [J]."""

    number: int
    given_j: float = 0.0


class InterimSupply:
    """The mobile boilers, where they stand, and what they have given.

    Attributes
    ----------
    capacity_w : array, shape (substation,)
        Of the boilers at work at each building [W].
    away_s : int
        Boiler-seconds away from the yard [s].
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._policy = world.scenario.policies.interim
        substations = len(world.arrays.substation_ids)
        self.capacity_w: npt.NDArray[np.float64] = np.zeros(substations)
        self.away_s = 0
        self._free = [_Boiler(number) for number in range(self._policy.units)]
        self._placed: npt.NDArray[np.int64] = np.zeros(substations, np.int64)  # there, or under way
        self._at: list[list[_Boiler]] = [[] for _ in range(substations)]
        self._shared_j: npt.NDArray[np.float64] = np.zeros(substations)  # heat already put down to a boiler
        self._given_j = 0.0

    def review(self) -> None:
        """Send the boilers that are free to buildings that will lack heat for long."""
        world, outages = self._world, self._world.outages
        if not self._free or not world.supplying:
            return
        needed = np.zeros(len(self._placed))
        for substation in np.flatnonzero(outages.state == OUT).tolist():
            fault = outages.fault[substation]
            if fault is not None and fault.forecast_s - world.now >= self._policy.expected_h * HOUR_S:
                needed[substation] = world.arrays.substation_design_w[substation]
        if not needed.any():
            return
        rows = slice(world.rows.substation, world.rows.substation + len(needed))
        for substation in assign(
            self._policy, len(self._free), needed, self._placed, world.arrays.substation_protected,
            world.subjects.households[rows].astype(np.int64), world.substation_room_c(),
        ):  # fmt: skip
            fault = outages.fault[substation]
            if fault is not None:
                world.env.process(self._serve(self._free.pop(0), substation, fault))

    def balances(self) -> dict[str, float]:
        """Return the heat given [J], put down to boilers trip by trip and as the rooms' account has it, its fuel [kg]
        and its carbon dioxide [kg].
        """  # fmt: skip
        for substation in np.flatnonzero(self.capacity_w > 0.0).tolist():
            self._share(substation)
        by_boiler = self._given_j + sum(boiler.given_j for boilers in self._at for boiler in boilers)
        total = float(self._world.heat.interim_j.sum())
        return {
            "interim_by_boiler_j": by_boiler,
            "interim_fuel_kg": fuel_kg(self._policy, by_boiler),
            "interim_co2_kg": co2_kg(self._policy, by_boiler),
            "interim_error": (by_boiler - total) / max(total, 1.0),
        }

    def _serve(self, boiler: _Boiler, substation: int, fault: Fault) -> Process:
        """Bring a boiler to a building, let it work until the network's heat is back, and take it home."""
        world, sent, case = self._world, self._world.now, fault.case
        name, subject = world.arrays.substation_ids[substation], world.rows.substation + substation
        detail = {"unit": boiler.number + 1}
        self._placed[substation] += 1
        mark = world.uniform("interim", name, int(self._placed[substation]), fault.began_s)
        order = world.record.note(sent, "interim_sent", subject, case=case, cause=fault.latest, detail=detail)
        road_s = arrival_s(self._policy, mark, snow=world.snow_at(sent))
        set_up_s = int(self._policy.set_up_h * HOUR_S)
        yield world.at(sent + road_s)
        yield world.at(world.now + set_up_s)
        if world.outages.state[substation] == OUT:
            start = world.record.note(world.now, "interim_started", subject, case=case, cause=order,
                                      value=self._policy.capacity_w, detail=detail)  # fmt: skip
            self._connect(substation, boiler)
            while world.outages.state[substation] == OUT:
                keeper = world.outages.fault[substation] or fault
                yield keeper.changed | world.at(world.now + _LOOK_S)
            self._disconnect(substation, boiler)
            world.record.note(world.now, "interim_ended", subject, case=case, cause=start,
                              value=boiler.given_j / 1e9, detail=detail)  # fmt: skip
            self._given_j += boiler.given_j
            boiler.given_j = 0.0
            yield world.at(world.now + set_up_s)
        self._placed[substation] -= 1
        yield world.at(world.now + road_s)
        self.away_s += world.now - sent
        self._free.append(boiler)
        self._free.sort(key=lambda free: free.number)
        self.review()

    def _connect(self, substation: int, boiler: _Boiler) -> None:
        self._world.catch_up()
        self._share(substation)
        self._at[substation].append(boiler)
        self._apply(substation)

    def _disconnect(self, substation: int, boiler: _Boiler) -> None:
        self._world.catch_up()
        self._share(substation)
        self._at[substation].remove(boiler)
        self._apply(substation)

    def _apply(self, substation: int) -> None:
        self.capacity_w[substation] = len(self._at[substation]) * self._policy.capacity_w
        self._world.heat.set_interim(self.capacity_w)

    def _share(self, substation: int) -> None:
        """Put down to the boilers at a building, in equal parts, the heat given there since last time."""
        total = float(self._world.heat.interim_j[substation])
        for boiler in self._at[substation]:
            boiler.given_j += (total - float(self._shared_j[substation])) / len(self._at[substation])
        self._shared_j[substation] = total
