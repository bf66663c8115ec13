"""The World: one season played from its timetable, leaving what a Record is made of.

SimPy carries what is rare and bears decisions: faults, repair stages, orders, reviews, notices. Temperatures, calls and
the life of ordinary cases are kernels that :meth:`World.catch_up` brings to the present whenever a process needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from ...network_models.arrays import NetworkArrays
from ...network_models.network import Network
from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.chance import uniform
from ...scenarios.disruptions.pump_failures import pumping_share
from ...scenarios.policies.preheat import preheat_start_s
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import Timetable
from ..record import KIND_CODE, Subjects
from ..record_builder import RecordBuilder
from . import exits, fuel, midseason, plant_failures, rationing, readiness, regulation, repair, roster, season
from .beside import Beside
from .crews import Crews
from .heat import Heat
from .hotline import People, Trouble
from .interim import InterimSupply
from .leaks import Leaks
from .notices import HEATED, OUT, Fault, Outages
from .shortages import NO_TROUBLE, Shortages
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
        The network and the households; see :mod:`.heat` and :mod:`.hotline`. The households are made in the thread
        beside this one, before they are told anything.
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
        people: Callable[[], People],
        record: RecordBuilder,
        *,
        replication: int,
    ) -> None:
        self.scenario, self.network, self.arrays, self.timetable = scenario, network, arrays, timetable
        self.calendar, self.weather = timetable.calendar, timetable.weather
        self.subjects, self.rows = subjects, rows
        self.heat, self.record = heat, record
        self.people: People  # from the first turn of the thread beside on
        self._people_of = people
        self.tracks = heat.tracks  # views of the hourly series, filled as the heat advances
        self.seeds = (scenario.seed, replication)
        self.env = simpy.Environment()
        self.ready, self.changed = self.env.event(), self.env.event()
        self.ready_by = -1  # the last trial run done: the readiness works are through
        self.filled = self.heating = self.supplying = False
        self.heated_since_s = 0
        self._households = subjects.households[rows.cohort : rows.cohort + len(arrays.cohort_ids)]
        households = subjects.households[rows.substation : rows.substation + len(arrays.substation_ids)]
        self.connected: Mask = households > 0
        self.supplied: Mask = np.zeros(len(households), np.bool_)
        self.decided_start_s, self.decided_end_s = self.calendar.season_start_s, self.calendar.season_end_s
        self.extended: tuple[int, int] | None = None  # when the season was first made longer, and the entry of it
        self.unit_down: Mask = np.zeros(len(arrays.unit_ids), np.bool_)
        sources = len(arrays.source_ids)
        self.pumps_down, self.pumps_missing = np.zeros(sources, np.int64), np.zeros(sources, np.int64)
        self.dark = np.zeros(sources, np.int64)  # power failures at each source now
        self.stops = np.zeros(len(households), np.int64)  # faults that stop each substation now
        self._asked: Mask = np.zeros(len(households), np.bool_)  # substations that are meant to run
        self.pipe_closed: Mask = np.zeros(len(arrays.pipe_ids), np.bool_)
        self.mended: set[int] = set()  # candidate failures whose weak place was found and put right
        self.is_inspected: Mask = np.zeros(0, np.bool_)
        self.closed_by: dict[int, Mask] = {}  # by case: the pipes it keeps shut
        self.leaks = Leaks(self)
        self.faults: list[Fault] = []
        self.repaired: list[int] = []  # pipes mended this season
        self.beside = Beside()
        self.outages = Outages(self)
        self.crews = Crews(self)
        self.interim = InterimSupply(self)
        self.fuel = fuel.Stores(self)
        self.shortages = Shortages(self)
        self.rationing = rationing.Rationing(self)
        self._people_s = 0
        self._snowy: dict[int, bool] = {}  # by hour, as far as asked
        self._cohort_below: npt.NDArray[np.int32] = np.full(len(arrays.cohort_ids), -1, np.int32)
        self._below_s: npt.NDArray[np.int32] = np.zeros(len(arrays.cohort_ids), np.int32)  # since when
        self._short_s: npt.NDArray[np.int64] = np.full(len(arrays.substation_ids), -(10**9))  # last short of heat
        self._last_short_s = -(10**9)  # any of them
        self._short: Mask = np.zeros(len(arrays.substation_ids), np.bool_)  # short of heat when last asked
        by_substation = np.argsort(arrays.cohort_substation, kind="stable")
        until = np.cumsum(np.bincount(arrays.cohort_substation, minlength=len(arrays.substation_ids)))
        self._cohorts_by_substation = np.split(by_substation, until[:-1])

    # ------------------------------------------------------------------ the clock

    @property
    def now(self) -> int:
        """Seconds since the origin."""
        return int(self.env.now)

    def at(self, second: int) -> simpy.Event:
        """Return an event that fires at a second of the season (at once when it has passed)."""
        return self.env.timeout(max(0, int(second) - int(self.env.now)))

    def plans_changed(self) -> None:
        """Wake those who wait for a date that has been moved."""
        self.catch_up()
        self.tell_people(People.set_season, self.decided_start_s, self.decided_end_s)
        fired, self.changed = self.changed, self.env.event()
        fired.succeed()

    def play(self) -> None:
        """Run the season until every clock has come due, but for the people's, who are told to come to their end."""
        season.plan(self)
        readiness.plan(self)
        fuel.plan(self)
        rationing.plan(self)
        exits.plan(self)
        plant_failures.plan(self)
        self.crews.plan_absence()
        roster.plan_absences(self)
        midseason.plan(self)
        regulation.plan(self)
        for row in range(len(self.timetable.pipe_failures)):
            self.env.process(repair.pipe_failure(self, self.timetable.pipe_failures, row))
        self.beside.do(self.settle)
        self.beside.hand_over()
        self.env.run(until=self.calendar.end_s + 1)
        self.catch_up()
        abnormal = self.weather.daily_mean_c < self.weather.design_outdoor_c
        self.tell_people(People.finish, self.tracks["room_c"], abnormal)
        self.beside.hand_over()

    def settle(self) -> None:
        """Let the people be there, each dwelling with its lot."""
        self.people = self._people_of()

    def let_go(self) -> None:
        """Give up everything: waiting processes would keep the world alive until the collector comes round."""
        vars(self).clear()

    def catch_up_heat(self) -> None:
        """Bring temperatures, stocks and shortages to the present; an order may then change the network's state."""
        self._bring_heat(self.now)

    def catch_up(self) -> None:
        """Bring everything to the present, calls and cases too; what they depend on may then change."""
        self._bring_all(self.now)

    def catch_up_hours(self) -> None:
        """Bring everything to the last full hour: enough for orders to units, which have an hour's mean."""
        self._bring_all(self.now - self.now % HOUR_S)

    def _bring_heat(self, second: int) -> None:
        until, stands = min(second, self.calendar.horizon_s), self.heat.time_s
        if until <= stands:
            return
        first_hour, last_hour = int(stands) // HOUR_S, until // HOUR_S
        self.heat.advance(until)
        self.shortages.note(first_hour, last_hour)
        self.outages.note_throttled(first_hour, last_hour)
        self._note_crossings()
        self.rationing.look()

    def _bring_all(self, second: int) -> None:
        self._bring_heat(second)
        if second > self._people_s:
            self._people_s = second
            self._advance_people(second)

    def tell_people(self, act: Callable[..., object], *told: Any, **states: Any) -> None:
        """Let the people do something once they have come as far, in a thread beside this one.

        Nothing that they do moves the heat, so that need not wait; their entries stand where they would without a
        thread. Who asks them anything first waits (``beside.wait()``).
        """
        seq, case = self.record.next

        def acted() -> None:
            self.people.builder.follow(seq, case)
            act(self.people, *told, **states)

        self.beside.do(acted)

    # ------------------------------------------------------------------ orders to the network

    def close(self, pipes: npt.NDArray[np.int64], case: int) -> None:
        """Shut pipes off for a case."""
        mask = self.closed_by.setdefault(case, np.zeros(len(self.arrays.pipe_ids), np.bool_))
        mask[pipes] = True
        self._apply_closures()

    def reopen(self, case: int) -> None:
        """Open again what a case had shut, but for what another case still keeps shut, and fill all that was emptied.

        A pipe that was emptied for one case may have been kept shut by another: then that one's end lets it be filled.
        """
        self.closed_by.pop(case, None)
        self._apply_closures()
        self.heat.refill(np.flatnonzero(self.heat.drained & ~self.pipe_closed))

    def _apply_closures(self) -> None:
        closed = np.zeros(len(self.arrays.pipe_ids), np.bool_)
        for mask in self.closed_by.values():
            closed |= mask
        self.pipe_closed = closed
        self.heat.set_pipes_closed(closed)
        self.leaks.tell()

    def supply(self, on: Mask) -> None:
        """Run exactly these substations, but for those that a fault stops."""
        self._asked = np.asarray(on, np.bool_)
        self.apply_supply()

    def apply_supply(self) -> None:
        """Hand the network which substations run now."""
        self.heat.set_supply_on(self._asked & (self.stops == 0))

    def apply_units(self) -> None:
        """Hand the network what share of its capacity each unit has, by trips, pumps and power."""
        able = [0.0 if down else 1.0 for down in self.unit_down.tolist()]
        if any(self.pumps_missing.tolist()) or any(self.dark.tolist()):
            running, missing = self.scenario.disruptions.pump_failures, self.pumps_missing.tolist()
            share = np.array([pumping_share(running, running.running - pumps) for pumps in missing])
            share[self.dark > 0] = 0.0
            able = [a * b for a, b in zip(able, share[self.arrays.unit_source].tolist(), strict=True)]
        self.heat.set_unit_shares(able, min(self.now, self.calendar.horizon_s))

    # ------------------------------------------------------------------ questions

    def cohorts_of(self, substations: Iterable[int]) -> npt.NDArray[np.int64]:
        """Return the cohorts on some substations."""
        chosen = [self._cohorts_by_substation[s] for s in substations]
        return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)

    def mean_room_c(self) -> float:
        """Return the mean room temperature over connected dwellings now [degC]."""
        return float((self.heat.room_c() * self._households).sum() / self._households.sum())

    def substation_room_c(self) -> npt.NDArray[np.float64]:
        """Return the mean room temperature behind each substation now, by floor area, shape (substation,) [degC]."""
        area, where = self.arrays.cohort_floor_area_m2, self.arrays.cohort_substation
        total = np.bincount(where, area, len(self.arrays.substation_ids))
        warmth = np.bincount(where, area * self.heat.room_c(), len(self.arrays.substation_ids))
        result: npt.NDArray[np.float64] = warmth / np.maximum(total, 1e-9)
        return result

    def uniform(self, *name: str | int) -> float:
        """Return the uniform of one named happening; the same for every policy that meets it."""
        return uniform(*self.seeds, *name)

    def snow_at(self, second: int) -> bool:
        """Return whether at least a millimetre of snow (as water) fell in the 24 hours before a second."""
        hour = min(second // HOUR_S, len(self.weather.snow_mm) - 1)
        if hour not in self._snowy:
            self._snowy[hour] = float(self.weather.snow_mm[max(0, hour - 23) : hour + 1].sum()) >= 1.0
        return self._snowy[hour]

    def supply_change_k(self, second: int) -> float:
        """Return by how much the supply temperature moved at most at any source in the 24 hours before a second [K]."""
        if not self.heating:
            return 0.0
        hour = min(second // HOUR_S, self.calendar.hours)
        first = max(hour - 24, -(-self.heated_since_s // HOUR_S))
        seen = self.tracks["source_supply_c"][first:hour]
        return float((seen.max(axis=0) - seen.min(axis=0)).max()) if len(seen) else 0.0

    def heated_from_to(self) -> tuple[int, int]:
        """Return from when until when heat is meant to be on, as far as is known [s]."""
        start = self.heated_since_s if self.heating else preheat_start_s(
            self.scenario.policies.preheat, self.decided_start_s, 0)  # fmt: skip
        return start, self.decided_end_s

    # ------------------------------------------------------------------ notes from the kernels

    def _note_crossings(self) -> None:
        """Note when cohorts' mean temperatures crossed 18 °C while heat was on, put down to what touched them then."""
        if not self.heating:
            self.heat.forget_crossings()
            return
        at_s, cohorts, downward = self.heat.crossings()
        if not len(at_s):
            return
        first = len(self.record)
        behind = self.arrays.cohort_substation[cohorts]
        touched = np.where(self.outages.since_s[behind] <= at_s, self.outages.seq[behind], -1)
        short = self.shortages.causes_of_cold(at_s)
        ordered = self.rationing.in_force_by()[behind]  # no source is short of what rationing leaves to be asked
        cause = np.where(touched >= 0, touched, np.where(short >= 0, short, ordered))
        for row, (cohort, down) in enumerate(zip(cohorts.tolist(), downward.tolist(), strict=True)):
            if down:
                self._cohort_below[cohort], self._below_s[cohort] = first + row, at_s[row]
            else:
                cause[row] = self._cohort_below[cohort]
                self._cohort_below[cohort] = -1
        what = np.where(downward, KIND_CODE["fell_below_18"], KIND_CODE["rose_above_18"]).astype(np.int16)
        self.record.block(what, at_s.astype(np.int64), self.rows.cohort + cohorts, cause=cause, value=18.0)

    def _advance_people(self, now: int) -> None:
        outages, cohort_sub, short = self.outages, self.arrays.cohort_substation, self._short
        some_touched, some_short = outages.any_touched, False
        if self.supplying:
            some_short = self.heat.mark_unserved(self.scenario.operation.throttled_below_share, short) or some_touched
        # a trouble that is over has chilled rooms for a day; who is cold after that is cold for something else
        if not (some_short or some_touched or now - self._last_short_s < DAY_S):
            self.tell_people(People.advance, now, room_c=self.tracks["room_c"])
            return
        touched = outages.state != HEATED
        short = short | touched if self.supplying else np.zeros(len(touched), np.bool_)
        if some_short:
            self._short_s[short] = self._last_short_s = now
        self.tell_people(
            _advance,
            now,
            cohort_sub,
            room_c=self.tracks["room_c"],
            no_heat=(outages.state == OUT) & (self.interim.capacity_w == 0.0),
            short=short,
            fault=Trouble(outages.seq.astype(np.int32), outages.laid_s.astype(np.int32)),
            shortage=self.shortages.coldest(now) if some_short else NO_TROUBLE,
            lately=now - self._short_s < DAY_S,
            below=Trouble(self._cohort_below.copy(), self._below_s.copy()),
        )


def _advance(
    people: People,
    until_s: int,
    where: npt.NDArray[np.int64],
    *,
    room_c: npt.NDArray[np.float32],
    no_heat: Mask,
    short: Mask,
    fault: Trouble,
    shortage: tuple[int, int],
    lately: Mask,
    below: Trouble,
) -> None:
    """Let the people come to an instant at which somebody lacks heat, or did within a day.

    What a cohort's cold is put down to is its fall below 18 °C, where its substation is short or was lately; else the
    fault that touches it, or the shortage. All but `below` is by substation, and `where` the substation of each cohort.
    """
    fell, touched = lately[where] & (below.seq >= 0), fault.seq >= 0
    fault = Trouble(fault.seq, np.where(touched, fault.at_s, 0))
    seq, at_s = (
        np.where(touched, own, np.where(short, what, none))
        for own, what, none in zip(fault, shortage, NO_TROUBLE, strict=True)
    )
    people.advance(
        until_s,
        room_c=room_c,
        no_heat=no_heat[where],
        fault=fault.of(where),
        below=Trouble(np.where(fell, below.seq, seq[where]), np.where(fell, below.at_s, at_s[where])),
        short=short[where],
    )
