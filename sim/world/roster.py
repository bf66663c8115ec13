"""The roster that a scenario's policy lays out: who is on duty in every hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import HOUR_S
from ...scenarios.disruptions.staff_absence import GROUPS
from ...scenarios.midseason import stages
from ...scenarios.policies.roster import Roster as AnyRoster
from ...scenarios.policies.roster import agents_on_duty, authority_on_duty, measurers_on_duty, officers_on_duty
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import Timetable

__all__ = ["PlannedRoster"]


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
