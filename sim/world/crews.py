"""Repair teams and their machines: who is sent, how work goes on by hour and weather, who is on the job."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import simpy

from ...scenarios.calendar import DAY_S
from ...scenarios.disruptions.staff_absence import GROUPS
from ...scenarios.policies.crews import travel_s, work_factor
from .faults import Process
from .notices import Fault

if TYPE_CHECKING:
    from .world import World

__all__ = ["BURST", "HOUSEHOLD", "LEAK", "PLANNED", "Crews"]

#: Who is served first.
ABSENT, BURST, HOUSEHOLD, LEAK, PLANNED = range(-1, 4)

_INDOORS = frozenset({"isolate", "pump_out", "drain", "weld", "refill", "station"})  # what snow does not slow


class Crews:
    """Repair teams as a limited resource; bursts first, then what stops heat, leaks, planned work; else by arrival.

    Attributes
    ----------
    count : int
        Teams there are, the hired one included.
    hired : bool
        Whether the operator has no teams: one that is hired does the planned work, and nobody goes to a fault.
    work_s : int
        Team-seconds from being sent to coming back [s].
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.policy = world.scenario.policies.crews
        self.hired = self.policy.teams == 0
        self.count = self.policy.for_planned_work
        self.teams = simpy.PriorityResource(world.env, capacity=self.count)
        self.machines = simpy.PriorityResource(world.env, capacity=self.policy.machines or self.count)
        self._free = list(range(self.count))
        self.work_s = 0

    def serve(
        self,
        priority: int,
        work: Callable[[int], Process],
        *,
        unless: simpy.Event | None = None,
    ) -> Process:
        """Wait for a team, let it do its work, and take it back.

        Parameters
        ----------
        priority
            The smaller is served first.
        work
            What the team of this number does.
        unless
            When this happens first, no team is wanted any more.
        """
        with self.teams.request(priority=priority) as request:
            yield request if unless is None else request | unless
            if not request.triggered:
                return  # leaving the block takes the request back
            with self.sent() as team:
                yield from work(team)

    @contextmanager
    def sent(self) -> Iterator[int]:
        """Have a team out that was granted; gives its number."""
        team, sent = self._free.pop(0), int(self._world.env.now)
        yield team
        self.work_s += int(self._world.env.now) - sent
        self._free.append(team)
        self._free.sort()

    def out(self) -> int:
        """Return how many teams are out now."""
        return self.count - len(self._free)

    def is_wanted(self, priority: int) -> bool:
        """Return whether something more urgent waits for a team."""
        waiting = self.teams.queue
        return bool(waiting) and int(waiting[0].priority) < priority

    def next_day_s(self, at_s: int) -> int:
        """Return the first second from here on at which planned work may begin: by day [s]."""
        begins = at_s - at_s % DAY_S + self.policy.day_from_h * 3600
        if at_s < begins:
            return begins
        return at_s if at_s % DAY_S < self.policy.day_until_h * 3600 else begins + DAY_S

    def arrive(self, fault: Fault, team: int, mark: float, *, until: simpy.Event | None = None) -> Process:
        """Send a team and bring it to the place; from then on somebody is on the job until the fault is put right.

        Parameters
        ----------
        fault, team
            What it is sent for, and its number.
        mark
            Uniform that gives the journey its length.
        until
            When this happens first, it is called off, also on its way.
        """
        world = self._world
        crew, sent = world.rows.crew + team, world.now
        fault.latest = world.record.note(sent, "crew_sent", crew, case=fault.case, cause=fault.latest)
        arrived = world.at(sent + travel_s(self.policy, mark, snow=world.snow_at(sent)))
        yield arrived if until is None else arrived | until
        if until is None or not until.triggered:
            world.env.process(self._attend(fault, crew, until or world.env.event()))

    def work(self, stage: str, work_s: float) -> Process:
        """Spend the working time of one stage: slower at night, slower outdoors in snow, none while no crew works."""
        world = self._world
        while work_s > 0.0:
            now = world.now
            span = 3600 - now % 3600
            if self.at_work(now):
                slower = work_factor(
                    self.policy, now // 3600 % 24, snow=world.snow_at(now), outdoors=stage not in _INDOORS
                )
                span = min(span, max(1, math.ceil(work_s * slower)))
                work_s -= span / slower
            yield world.at(now + span)

    def at_work(self, at_s: int) -> bool:
        """Return whether crews work at this time: those who work by day only leave the job in the evening."""
        hour = at_s // 3600 % 24
        return self.policy.work == "continuous" or self.policy.day_from_h <= hour < self.policy.day_until_h

    def plan_absence(self) -> None:
        """Keep back the teams whose members stay away: whole teams, for whole days, but never the last one."""
        away = self._world.timetable.staff_absence[:, GROUPS.index("crews")]
        for day, share in enumerate(away.tolist()):
            for _ in range(min(round(share * self.count), self.count - 1)):
                self._world.env.process(self._stay_away(day))

    def _stay_away(self, day: int) -> Process:
        world = self._world
        yield world.at(day * DAY_S)
        with self.teams.request(priority=ABSENT) as request:
            yield request | world.at((day + 1) * DAY_S)
            if request.triggered:
                yield world.at((day + 1) * DAY_S)

    def _attend(self, fault: Fault, crew: int, called_off: simpy.Event) -> Process:
        """Note who is on the job at every instant: shifts overlap; who goes home or is called off leaves a gap."""
        world, policy, record = self._world, self.policy, self._world.record
        shift_s, overlap_s = int(policy.shift_h * 3600), int(policy.handover_minutes * 60)

        def goes_on() -> bool:
            return fault.restored_s < 0 and not called_off.triggered

        while goes_on():
            while not self.at_work(world.now):
                yield world.at(world.now + 3600 - world.now % 3600)
                if not goes_on():
                    return
            begun = world.now
            started = record.note(begun, "work_started", crew, case=fault.case, cause=fault.latest)
            while goes_on() and world.now < begun + shift_s and self.at_work(world.now):
                until = begun + shift_s
                if policy.work != "continuous":
                    until = min(until, world.now + 3600 - world.now % 3600)
                yield fault.changed | called_off | world.at(until)
            relieved = goes_on() and self.at_work(world.now)
            record.note(world.now + (overlap_s if relieved else 0), "work_ended", crew, case=fault.case,
                        cause=started)  # fmt: skip
