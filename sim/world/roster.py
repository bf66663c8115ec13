"""The roster that a scenario's policy lays out: who is on duty in every hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import HOUR_S
from ...scenarios.disruptions.staff_absence import GROUPS
from ...scenarios.policies.roster import agents_on_duty, measurers_on_duty
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import Timetable
from .people_settings import Roster

__all__ = ["PlannedRoster"]


@dataclass(frozen=True, slots=True, eq=False)
class PlannedRoster:
    """The policy's agents and measurers by hour, less the drawn absences; officers and the authority's staff by size.

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

    def by_hour(
        self, *, hours: int, origin_weekday: int, start_s: int, absent: npt.NDArray[np.float64] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return agents, officers, measurers and authority staff on duty, shape (4, hour).

        Parameters
        ----------
        hours : int
            Hours of the season, settlement included.
        origin_weekday : int
            Weekday of the origin, Monday = 0.
        start_s : int
            When the heating period begins [s].
        absent : array, shape (day,), optional
            Share of officers absent, by day.
        """
        policy, calendar = self.scenario.policies.roster, self.timetable.calendar
        away = {group: self.timetable.staff_absence[:, column] for column, group in enumerate(GROUPS)}
        profile = np.asarray(self.scenario.people.calls.by_hour)
        on_duty = Roster.for_households(self.households).by_hour(
            hours=hours, origin_weekday=origin_weekday, start_s=start_s, absent=absent
        )
        on_duty[0] = agents_on_duty(
            policy, hours, self.households, profile, start_s, calendar.season_end_s, away["agents"]
        )
        on_duty[2] = measurers_on_duty(
            policy, hours, self.households, start_s, calendar.season_end_s, away["measurers"]
        )
        return on_duty

    def staff_hours(self) -> tuple[float, float]:
        """Return the paid hours of agents and of measurers over the physical horizon [h]."""
        calendar = self.timetable.calendar
        on_duty = self.by_hour(
            hours=calendar.horizon_s // HOUR_S,
            origin_weekday=calendar.origin.weekday(),
            start_s=calendar.season_start_s,
        )
        return float(on_duty[0].sum()), float(on_duty[2].sum())
