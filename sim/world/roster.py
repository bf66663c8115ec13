"""The roster that a scenario's policy lays out: who is on duty in every hour."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import simpy

from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.disruptions.imposed import ImposedAbsence
from ...scenarios.disruptions.staff_absence import GROUPS
from ...scenarios.midseason import stages
from ...scenarios.policies.roster import Roster as AnyRoster
from ...scenarios.policies.roster import agents_on_duty, authority_on_duty, measurers_on_duty, officers_on_duty
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import Timetable

if TYPE_CHECKING:
    from .world import World

__all__ = ["PlannedRoster", "plan_absences"]

Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True, eq=False)
class PlannedRoster:
    """The policy's agents, officers, measurers and authority staff by hour, less the drawn absences.

    Case officers are away as agents are; absences of the authority's staff are not drawn.

    Attributes
    ----------
    scenario, timetable
        Whose policy, whose absences.
    households : int
        Connected households.
    """

    scenario: Scenario
    timetable: Timetable
    households: int

    def by_hour(self, *, hours: int, start_s: int, end_s: int) -> npt.NDArray[np.int64]:
        """Return agents, officers, measurers and authority staff on duty, shape (4, hour).

        Parameters
        ----------
        hours : int
            Hours of the season, settlement included.
        start_s, end_s : int
            When the heating period begins and ends, as decided [s].
        """
        rows = self._laid_out(self.scenario.policies.roster, hours, start_s, end_s)
        for at, scenario in stages(self.scenario):  # another roster holds from then on
            first = self.timetable.calendar.seconds(at) // HOUR_S
            rows[:, first:] = self._laid_out(scenario.policies.roster, hours, start_s, end_s)[:, first:]
        return rows

    def _laid_out(self, policy: AnyRoster, hours: int, start_s: int, end_s: int) -> npt.NDArray[np.int64]:
        many = self.households
        away = {group: self.timetable.staff_absence[:, column] for column, group in enumerate(GROUPS)}
        calls = np.asarray(self.scenario.people.calls.by_hour)
        weekday = self.timetable.calendar.origin.weekday()
        return np.stack(
            [
                agents_on_duty(policy, hours, many, calls, start_s, end_s, away["agents"]),
                officers_on_duty(policy, hours, many, start_s, end_s, away["agents"]),
                measurers_on_duty(policy, hours, many, start_s, end_s, away["measurers"]),
                authority_on_duty(policy, hours, many, weekday),
            ]
        )


def plan_absences(world: World) -> None:
    """Note what share of each group stays away, for every operator, whenever it changes."""
    for group in GROUPS:
        world.env.process(_absences(world, group))


def _absences(world: World, group: str) -> Process:
    share = world.timetable.staff_absence[:, GROUPS.index(group)]
    operators = [row for row, kind in enumerate(world.subjects.kind) if kind == "operator"]
    ordered = [h for h in world.timetable.imposed if isinstance(h.order, ImposedAbsence) and h.order.group == group]
    for day in np.flatnonzero(np.diff(share, prepend=0.0)).tolist():
        yield world.at(day * DAY_S)
        orders = [
            h for h in ordered if h.at_s < (day + 1) * DAY_S and h.until_s > day * DAY_S and h.share >= share[day]
        ]
        draw = ["imposed", orders[0].path] if orders else ["staff_absence", group]
        for operator in operators:
            world.record.note(world.now, "staff_absent", operator, value=float(share[day]),
                              detail={"draw": draw, "group": group})  # fmt: skip
