"""From a fault to its restoration: discovery, report, isolation, staged work by crews, refilling, back in use.

Nothing about the outcome is known before it happens: stages take their drawn multiples as they come, and the forecast
given to users is the norm's hours for what is left, with an error of its own.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from ...network_models.graph import isolate
from ...scenarios.disruptions.pipe_failures import STAGES, stage_hours
from .notices import Fault, keep_informed

if TYPE_CHECKING:
    from .world import World

__all__ = ["Crews", "pipe_failure", "unit_trip"]

Process = Generator[simpy.Event, Any, None]


class Crews:
    """Repair teams as a limited resource; bursts are served before leaks, otherwise first come, first served."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.policy = world.scenario.policies.crews
        self.teams = simpy.PriorityResource(world.env, capacity=self.policy.teams)
        self._free = list(range(self.policy.teams))
        self.busy_s = 0

    def take(self) -> int:
        """Return the number of a free team."""
        return self._free.pop(0)

    def give_back(self, team: int) -> None:
        """Return a team to the pool."""
        self._free.append(team)
        self._free.sort()

    def working(self, at_s: int) -> bool:
        """Return whether crews work at this hour (a crew that does not work at night leaves the job)."""
        if self.policy.works_at_night:
            return True
        hour = at_s // 3600 % 24
        return self.policy.day_begins_h <= hour < self.policy.day_ends_h


def pipe_failure(world: World, row: int) -> Process:
    """Play one candidate of the timetable: it becomes a failure only if the state it meets accepts it."""
    drawn = world.timetable.pipe_failures
    yield world.at(int(drawn.at_s[row]))
    world.catch_up()
    pipe = int(drawn.pipe[row])
    if not world.accepts_failure(row) or world.pipe_closed[pipe]:
        return
    arrays, record, policy = world.arrays, world.record, world.scenario.policies
    marks = drawn.marks[row]
    burst = bool(drawn.burst[row])
    supply_side = bool(drawn.on_supply[row])
    subject = world.rows.pipe + pipe
    case = record.new_case()
    began = world.now
    seq = record.note(began, "pipe_failed", subject, case=case, value=float(drawn.leak_kg_s[row]), detail={
        "draw": ["pipe_failure", arrays.pipe_ids[pipe]], "position": round(float(drawn.position[row]), 4),
        "side": "supply" if supply_side else "return", "form": "burst" if burst else "leak",
        "diameter_m": float(arrays.pipe_inner_diameter_m[pipe]),
    })  # fmt: skip
    fault = Fault(case, seq, subject, began, world.network.pipes[pipe].road or arrays.pipe_ids[pipe],
                  "pipe burst" if burst else "pipe leak", world.env.event(), latest=seq)  # fmt: skip
    world.faults.append(fault)
    world.heat.set_leak(pipe, float(drawn.position[row]), float(drawn.leak_kg_s[row]), on_supply=supply_side)
    yield from _discovery(world, fault, policy.crews.detection_s(burst, float(drawn.leak_kg_s[row]), float(marks[0])))
    _discovered(world, fault)

    crews = world.crews
    with crews.teams.request(priority=0 if burst else 1) as request:
        if burst:  # the duty staff shuts the valves at once; the team comes when one is free
            yield world.at(world.now + int(policy.crews.isolation_s(float(marks[1]))))
            closed = _isolate(world, fault, pipe, marks)
            world.env.process(keep_informed(world, fault))
        yield request
        team = crews.take()
        sent = world.now
        crew = world.rows.crew + team
        fault.latest = record.note(sent, "crew_sent", crew, case=case, cause=fault.latest)
        yield world.at(sent + int(policy.crews.travel_s(float(marks[2]), world.snow_at(sent))))
        attendance = world.env.process(_attend(world, fault, crew))
        if not burst:  # a leak is stopped only when the team stands ready
            yield world.at(world.now + int(policy.crews.isolation_s(float(marks[1]))))
            closed = _isolate(world, fault, pipe, marks)
            world.env.process(keep_informed(world, fault))
        yield from _stages(world, fault, pipe, marks)
        world.catch_up()
        refilled = record.note(world.now, "refilled", subject, case=case, cause=fault.latest)
        fault.latest = refilled
        world.reopen(closed, case)
        _restored(world, fault)
        yield attendance
        crews.busy_s += world.now - sent
        crews.give_back(team)


def _discovery(world: World, fault: Fault, delay_s: float) -> Process:
    """Wait until telemetry or a patrol finds the fault, or a complaint from a building it chills, if that is sooner."""
    found = fault.began_s + int(delay_s)
    step = world.scenario.policies.crews.complaint_check_s
    while world.now < found:
        yield world.at(min(found, world.now + int(step)))
        world.catch_up()
        chilled = np.flatnonzero([owner is fault for owner in world.outages.fault])
        if len(chilled):
            call = world.people.first_complaint_since(world.cohorts_of(chilled.tolist()), fault.began_s)
            if call >= 0:
                fault.latest = call
                return


def _discovered(world: World, fault: Fault) -> None:
    fault.discovered_s = world.now
    fault.latest = world.record.note(world.now, "fault_discovered", fault.facility, case=fault.case,
                                     cause=fault.latest, value=(world.now - fault.began_s) / 3600.0)  # fmt: skip
    world.env.process(_report(world, fault))


def _report(world: World, fault: Fault) -> Process:
    """Report the fault to the authority, as the policy has it (guide 2.6.4a, 2.6.4c)."""
    policy = world.scenario.policies.notices
    if not policy.report_faults:
        return
    cause = fault.latest
    yield world.at(world.now + int(policy.report_fault_s))
    world.record.note(world.now, "fault_reported", world.rows.authority, case=fault.case, cause=cause)


def _isolate(world: World, fault: Fault, pipe: int, marks: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Shut the valves that hold; buildings behind them lose heat through the network's state."""
    world.catch_up()
    crews = world.scenario.policies.crews
    stuck = world.stuck_valves(pipe, float(marks[3]), crews.stuck_valve_share)
    cut = isolate(world.arrays, pipe, stuck)
    world.close(cut.pipes, fault.case)
    world.heat.set_leak(pipe, 0.0, 0.0, on_supply=True)
    world.heat.set_leak(pipe, 0.0, 0.0, on_supply=False)
    world.heat.drain(cut.pipes)
    fault.latest = world.record.note(world.now, "isolated", fault.facility, case=fault.case, cause=fault.latest,
                                     value=float(len(cut.pipes)), detail={
                                         "valves": [f"{world.arrays.pipe_ids[p]}@{end}" for p, end in cut.valves],
                                         "stuck": [f"{world.arrays.pipe_ids[p]}@{end}" for p, end in stuck],
                                         "pipes": [world.arrays.pipe_ids[p] for p in cut.pipes],
                                     })  # fmt: skip
    world.outages.refresh(fault)
    _forecast(world, fault, pipe, 0, float(marks[4]))
    return cut.pipes


def _forecast(world: World, fault: Fault, pipe: int, done: int, mark: float) -> None:
    """State when the buildings should have heat again: the norm's hours of the stages left, times an error."""
    crews = world.scenario.policies.crews
    left_h = float(stage_hours(float(world.arrays.pipe_inner_diameter_m[pipe]))[done:].sum())
    fault.forecast_s = world.now + int(left_h * 3600.0 * crews.forecast_factor(mark))
    for substation in sorted(fault.buildings):
        if world.outages.fault[substation] is fault:
            world.record.note(world.now, "restoration_forecast", world.rows.substation + substation, case=fault.case,
                              cause=fault.latest, value=float(fault.forecast_s))  # fmt: skip
    fault.changed.succeed()
    fault.changed = world.env.event()


def _stages(world: World, fault: Fault, pipe: int, marks: np.ndarray[Any, Any]) -> Process:
    """Work through the stages of the norm, each a drawn multiple of its hours, slower at night and in snow."""
    crews = world.crews
    hours = stage_hours(float(world.arrays.pipe_inner_diameter_m[pipe]))
    for stage, norm_h in enumerate(hours):
        work_s = norm_h * 3600.0 * crews.policy.stage_factor(float(marks[5 + stage]))
        while work_s > 0.0:
            now = world.now
            span = min(3600 - now % 3600, 3600)
            if crews.working(now):
                speed = crews.policy.speed(now, world.snow_at(now))
                needed = int(np.ceil(work_s / speed))
                span = min(span, max(needed, 1))
                work_s -= span * speed
            yield world.at(now + span)
        fault.latest = world.record.note(world.now, "stage_finished", fault.facility, case=fault.case,
                                         cause=fault.latest, detail={"stage": STAGES[stage]})  # fmt: skip
        if stage + 1 < len(hours):
            _forecast(world, fault, pipe, stage + 1, float(marks[4]))


def _attend(world: World, fault: Fault, crew: int) -> Process:
    """Note who is on the job at every instant: shifts hand over with an overlap; a crew that goes home leaves a gap."""
    record, policy = world.record, world.crews.policy
    record.note(world.now, "work_started", crew, case=fault.case, cause=fault.latest)
    handover = world.now + int(policy.shift_s)
    while fault.restored_s < 0:
        now = world.now
        if not world.crews.working(now):
            left = record.note(now, "work_ended", crew, case=fault.case)
            while not world.crews.working(world.now) and fault.restored_s < 0:
                yield world.at(world.now + 3600 - world.now % 3600)
            if fault.restored_s >= 0:
                return
            record.note(world.now, "work_started", crew, case=fault.case, cause=left)
            handover = world.now + int(policy.shift_s)
            continue
        if now >= handover:
            record.note(now, "work_started", crew, case=fault.case)
            record.note(now + int(policy.overlap_s), "work_ended", crew, case=fault.case)
            handover = now + int(policy.shift_s)
        yield fault.changed | world.at(min(handover, now + 3600 - now % 3600))
    record.note(world.now, "work_ended", crew, case=fault.case)


def _restored(world: World, fault: Fault) -> None:
    fault.restored_s = world.now
    fault.latest = world.record.note(world.now, "fault_restored", fault.facility, case=fault.case, cause=fault.latest,
                                     value=(world.now - fault.discovered_s) / 3600.0)  # fmt: skip
    world.outages.refresh(None)
    world.faults.remove(fault)
    fault.changed.succeed()
    fault.changed = world.env.event()


def unit_trip(world: World, row: int) -> Process:
    """Play one forced outage of a unit: less capacity until the station's own staff has mended it."""
    drawn = world.timetable.unit_trips
    yield world.at(int(drawn.at_s[row]))
    world.catch_up()
    unit = int(drawn.unit[row])
    if not world.heating or world.unit_down[unit]:
        return
    record, arrays = world.record, world.arrays
    source = world.rows.source + int(arrays.unit_source[unit])
    case = record.new_case()
    seq = record.note(world.now, "source_tripped", source, case=case, value=float(arrays.unit_capacity_w[unit]),
                      detail={"unit": arrays.unit_ids[unit], "draw": ["unit_trip", arrays.unit_ids[unit]]})  # fmt: skip
    fault = Fault(case, seq, source, world.now, arrays.source_ids[int(arrays.unit_source[unit])],
                  "heat source unit failed", world.env.event(), latest=seq)  # fmt: skip
    world.faults.append(fault)
    world.unit_down[unit] = True
    world.heat.set_unit_share(unit, 0.0)
    _discovered(world, fault)
    yield world.at(world.now + int(drawn.repair_s[row]))
    world.catch_up()
    world.unit_down[unit] = False
    world.heat.set_unit_share(unit, 1.0)
    _restored(world, fault)
