"""The World: one season played from its timetable, leaving what a Record is made of.

SimPy carries what is rare and bears decisions: faults, repair stages, orders, reviews, notices. Temperatures, calls and
the life of ordinary cases are kernels that :meth:`World.catch_up` brings to the present whenever a process needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import simpy

from ...network_models.arrays import NetworkArrays
from ...network_models.network import Network
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import Timetable
from ..record import RecordBuilder, Subjects
from . import fuel, readiness, repair, season
from .heat import Heat
from .hotline import People
from .notices import OUT, THROTTLED, Fault, Outages
from .subjects import Rows

__all__ = ["World"]

Mask = npt.NDArray[np.bool_]


class World:
    """Everything that changes while a season runs.

    Attributes
    ----------
    env : simpy.Environment
        The clock, in whole seconds since the origin.
    heat, people
        The network and the households; see :mod:`.heat` and :mod:`.hotline`.
    record : RecordBuilder
        Where everything that happens is noted.
    faults : list of Fault
        Faults open now.
    filled, heating, supplying : bool
        Whether the pipes hold water under pressure, whether units burn, whether buildings are owed heat.
    """

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        arrays: NetworkArrays,
        timetable: Timetable,
        subjects: Subjects,
        rows: Rows,
        heat: Heat,
        people: People,
        record: RecordBuilder,
    ) -> None:
        self.scenario, self.network, self.arrays, self.timetable = scenario, network, arrays, timetable
        self.calendar, self.weather = timetable.calendar, timetable.weather
        self.subjects, self.rows = subjects, rows
        self.heat, self.people, self.record = heat, people, record
        self.env = simpy.Environment()
        self.filled = self.heating = self.supplying = False
        self.connected: Mask = np.bincount(
            arrays.cohort_substation,
            subjects.households[rows.cohort : rows.cohort + len(arrays.cohort_ids)],
            len(arrays.substation_ids),
        ).astype(bool)
        self.decided_start_s, self.decided_end_s = self.calendar.season_start_s, self.calendar.season_end_s
        self.unit_down: Mask = np.zeros(len(arrays.unit_ids), np.bool_)
        self.pipe_closed: Mask = np.zeros(len(arrays.pipe_ids), np.bool_)
        self._closed_by: dict[int, Mask] = {}
        self.faults: list[Fault] = []
        self.outages = Outages(self)
        self.crews = repair.Crews(self)
        self.fuel = fuel.Stores(self)
        self._synced_s = 0
        self._cohort_below: npt.NDArray[np.int64] = np.full(len(arrays.cohort_ids), -1)
        self._cohorts_by_substation = [
            np.flatnonzero(arrays.cohort_substation == s) for s in range(len(arrays.substation_ids))
        ]

    # ------------------------------------------------------------------ the clock

    @property
    def now(self) -> int:
        """Seconds since the origin."""
        return int(self.env.now)

    def at(self, second: int) -> simpy.Event:
        """Return an event that fires at a second of the season (at once when it has passed)."""
        return self.env.timeout(max(0, int(second) - self.now))

    def play(self) -> None:
        """Run the season until every clock has come due."""
        season.plan(self)
        readiness.plan(self)
        fuel.plan(self)
        for row in range(len(self.timetable.pipe_failures.at_s)):
            self.env.process(repair.pipe_failure(self, row))
        for row in range(len(self.timetable.unit_trips.at_s)):
            self.env.process(repair.unit_trip(self, row))
        self.env.run(until=self.calendar.end_s + 1)
        self.catch_up()
        self.people.finish()

    def catch_up(self) -> None:
        """Bring temperatures, shortages, calls and cases to the present; an order may then change the state."""
        now = self.now
        if now <= self._synced_s:
            return
        until = min(now, self.calendar.horizon_s)
        first_hour = self._synced_s // 3600
        if until > self.heat.time_s:
            self.heat.advance(until)
            last_hour = until // 3600
            self.fuel.note_shortages(first_hour, last_hour)
            self.outages.note_throttled(first_hour, last_hour)
            self._note_crossings()
        self._advance_people(now)
        self._synced_s = now

    # ------------------------------------------------------------------ orders to the network

    def close(self, pipes: npt.NDArray[np.int64], case: int) -> None:
        """Shut pipes off for a case."""
        mask = self._closed_by.setdefault(case, np.zeros(len(self.arrays.pipe_ids), np.bool_))
        mask[pipes] = True
        self._apply_closures()

    def reopen(self, pipes: npt.NDArray[np.int64], case: int) -> None:
        """Open again what a case had shut, but for what another case still keeps shut."""
        self._closed_by.pop(case, None)
        self._apply_closures()
        self.heat.refill(pipes[~self.pipe_closed[pipes]])

    def _apply_closures(self) -> None:
        closed = np.zeros(len(self.arrays.pipe_ids), np.bool_)
        for mask in self._closed_by.values():
            closed |= mask
        self.pipe_closed = closed
        self.heat.set_pipes_closed(closed)

    # ------------------------------------------------------------------ questions

    def cohorts_of(self, substations: Iterable[int]) -> npt.NDArray[np.int64]:
        """Return the cohorts on some substations."""
        chosen = [self._cohorts_by_substation[s] for s in substations]
        return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)

    def snow_at(self, second: int) -> float:
        """Return the snow of the last 24 hours before a second [mm]."""
        hour = min(second // 3600, len(self.weather.snow_mm) - 1)
        return float(self.weather.snow_mm[max(0, hour - 23) : hour + 1].sum())

    # ------------------------------------------------------------------ notes from the kernels

    def _note_crossings(self) -> None:
        """Note when cohorts' mean temperatures crossed 18 °C, put down to what touched them then."""
        cohort_sub = self.arrays.cohort_substation
        for at, cohort, downward in self.heat.crossings():
            substation = int(cohort_sub[cohort])
            if downward:
                cause = int(self.outages.seq[substation])
                if cause < 0:
                    cause = self.fuel.cause_at(at)
                self._cohort_below[cohort] = self.record.note(
                    at, "fell_below_18", self.rows.cohort + cohort, cause=cause, value=18.0
                )
            else:
                self.record.note(
                    at, "rose_above_18", self.rows.cohort + cohort, cause=int(self._cohort_below[cohort]), value=18.0
                )
                self._cohort_below[cohort] = -1

    def _advance_people(self, now: int) -> None:
        outages, cohort_sub = self.outages, self.arrays.cohort_substation
        case = np.array([fault.case if fault is not None else -1 for fault in outages.fault], np.int64)
        touched = outages.state == OUT
        throttled = outages.state == THROTTLED
        cause = np.where(outages.seq[cohort_sub] >= 0, outages.seq[cohort_sub], self._cohort_below)
        self.people.advance(
            now,
            room_c=self.heat.tracks["room_c"],
            no_heat=touched[cohort_sub],
            throttled=throttled[cohort_sub],
            fault_case=case[cohort_sub],
            cause=cause,
        )
