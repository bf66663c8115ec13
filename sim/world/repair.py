"""From a fault to its restoration: discovery, report, isolation, staged work by crews, refilling, back in use.

Nothing about the outcome is known before it happens: stages take their drawn lengths as they come, and the forecast
given to users is the norm's hours for what is left, with an error of its own.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import simpy

from ...network_models.graph import Isolation, isolate
from ...scenarios.chance import lognormal
from ...scenarios.disruptions import pipe_failures, source_trips
from ...scenarios.disruptions.pipe_failures import MARKS
from ...scenarios.policies.crews import STAGES, stage_durations_s, stage_hours, travel_s, work_factor
from ...scenarios.policies.notices import delay_s
from .notices import OUT, THROTTLED, Fault, keep_informed

if TYPE_CHECKING:
    from .world import World

__all__ = ["Crews", "pipe_failure", "unit_trip"]

Process = Generator[simpy.Event, Any, None]

_COLUMN = {name: number for number, name in enumerate(MARKS)}
_STAGE_COLUMNS = [
    _COLUMN[f"stage_{name}"] for name in ("isolate", "drain", "drain", "dig", "dig", "dig", "weld", "fill")
]
_INDOORS = frozenset({"isolate", "pump_out", "drain", "weld", "refill"})  # stages that snow does not slow
_COMPLAINT_CHECK_S = 900  # complaints act on the next epoch


class Crews:
    """Repair teams as a limited resource; bursts are served before leaks, otherwise first come, first served."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.policy = world.scenario.policies.crews
        self.teams = simpy.PriorityResource(world.env, capacity=max(1, self.policy.teams))
        self._free = list(range(self.policy.teams))
        self.work_s = 0

    def take(self) -> int:
        """Return the number of a free team."""
        return self._free.pop(0)

    def give_back(self, team: int, worked_s: int) -> None:
        """Return a team to the pool and book its time."""
        self._free.append(team)
        self._free.sort()
        self.work_s += worked_s

    def at_work(self, at_s: int) -> bool:
        """Return whether crews work at this time: those who work by day only leave the job in the evening."""
        hour = at_s // 3600 % 24
        return self.policy.work == "continuous" or self.policy.day_from_h <= hour < self.policy.day_until_h


def pipe_failure(world: World, row: int) -> Process:
    """Play one candidate of the timetable: it becomes a failure only if the state that it meets accepts it."""
    drawn = world.timetable.pipe_failures
    yield world.at(int(drawn.at_s[row]))
    if not _comes_to_pass(world, row):
        return
    world.catch_up()
    arrays, record = world.arrays, world.record
    pipe, burst, on_supply = int(drawn.pipe[row]), bool(drawn.burst[row]), bool(drawn.on_supply[row])
    marks = drawn.marks[row]
    subject = world.rows.pipe + pipe
    case = record.new_case()
    position, loss = float(drawn.position[row]), float(drawn.leak_kg_s[row])
    seq = record.note(world.now, "pipe_failed", subject, case=case, value=loss, detail={
        "draw": ["imposed" if drawn.imposed[row] else "pipe_failure", arrays.pipe_ids[pipe]],
        "position": round(position, 4), "side": "supply" if on_supply else "return",
        "form": "burst" if burst else "leak", "diameter_m": float(arrays.pipe_inner_diameter_m[pipe]),
    })  # fmt: skip
    fault = Fault(case, seq, subject, world.now, world.network.pipes[pipe].road or arrays.pipe_ids[pipe],
                  "pipe burst" if burst else "pipe leak", world.env.event(), latest=seq)  # fmt: skip
    world.faults.append(fault)
    world.heat.set_leak(pipe, position, loss, on_supply=on_supply)
    yield from _discovery(world, fault, _detection_s(world, loss, float(marks[_COLUMN["detection"]]), burst=burst))
    _discovered(world, fault)
    yield from _repair(world, fault, pipe, marks, burst=burst)


def unit_trip(world: World, row: int) -> Process:
    """Play one forced outage of a unit: less capacity until the station's own staff has mended it."""
    drawn = world.timetable.unit_trips
    yield world.at(int(drawn.at_s[row]))
    unit = int(drawn.unit[row])
    state = source_trips.UnitTripState(running=world.heating, under_repair=bool(world.unit_down[unit]))
    specification = world.scenario.disruptions.source_trips
    if not (bool(drawn.imposed[row]) or source_trips.accept(specification, float(drawn.mark[row]), state)):
        return
    if not world.heating:
        return  # mended before anybody needs it
    world.catch_up()
    record, arrays = world.record, world.arrays
    source = int(arrays.unit_source[unit])
    subject, case = world.rows.source + source, record.new_case()
    origin = "imposed" if drawn.imposed[row] else "unit_trip"
    lost_w = float(arrays.unit_capacity_w[unit])
    drawing = {"unit": arrays.unit_ids[unit], "draw": [origin, arrays.unit_ids[unit]]}
    seq = record.note(world.now, "source_tripped", subject, case=case, value=lost_w, detail=drawing)
    fault = Fault(case, seq, subject, world.now, arrays.source_ids[source], "heat source unit failed",
                  world.env.event(), latest=seq, lost_w=lost_w)  # fmt: skip
    world.faults.append(fault)
    world.unit_down[unit] = True
    world.heat.set_unit_share(unit, 0.0)
    _discovered(world, fault)
    yield world.at(world.now + int(drawn.repair_s[row] + arrays.unit_start_s[unit]))  # mended, then fired up from cold
    world.catch_up()
    world.unit_down[unit] = False
    world.heat.set_unit_share(unit, 1.0)
    _restored(world, fault)


def _comes_to_pass(world: World, row: int) -> bool:
    drawn = world.timetable.pipe_failures
    if world.pipe_closed[int(drawn.pipe[row])]:
        return False
    if drawn.imposed[row]:
        return True
    world.catch_up_heat()  # what the pipe has been through lately counts
    now = world.now
    state = pipe_failures.PipeFailureState(
        filled=world.filled,
        heated=world.heating,
        days_heated=max(0.0, (now - world.heated_since_s) / 86_400.0) if world.heating else 0.0,
        supply_change_k=world.supply_change_k(now),
        defect_mended=row in world.mended,
    )
    return pipe_failures.accept(world.scenario.disruptions.pipe_failures, float(drawn.mark[row]), state)


def _detection_s(world: World, loss_kg_s: float, mark: float, *, burst: bool) -> int:
    """Return how long telemetry or a patrol takes to see a fault: exponential, sooner the larger the leak [s]."""
    crews = world.crews.policy
    mean_s = crews.burst_detection_minutes * 60.0 if burst else crews.detection_h * 3600.0 / max(loss_kg_s, 0.05)
    return max(60, int(-math.log(1.0 - mark) * mean_s))


def _discovery(world: World, fault: Fault, delay_s: int) -> Process:
    """Wait until telemetry or a patrol finds the fault, or a complaint from a building it chills, if that is sooner."""
    found = fault.began_s + delay_s
    while world.now < found:
        yield world.at(min(found, world.now + _COMPLAINT_CHECK_S if world.supplying else found))
        world.catch_up_heat()
        touched = np.flatnonzero((world.outages.state == THROTTLED) | (world.outages.state == OUT)).tolist()
        chilled = [s for s in touched if world.outages.fault[s] is fault]
        if chilled:
            world.catch_up()
            call = world.people.first_complaint_since(world.cohorts_of(chilled), fault.began_s)
            if call is not None:
                fault.latest = call[1]
                return


def _discovered(world: World, fault: Fault) -> None:
    fault.discovered_s = world.now
    fault.latest = world.record.note(world.now, "fault_discovered", fault.facility, case=fault.case,
                                     cause=fault.latest, value=(world.now - fault.began_s) / 3600.0)  # fmt: skip
    world.env.process(_report(world, fault))


def _report(world: World, fault: Fault) -> Process:
    """Report the fault to the authority, as the policy has it (guide 2.6.4a, 2.6.4c)."""
    cause, found = fault.latest, world.now
    wait = delay_s(world.scenario.policies.notices, "report", world.uniform("report", fault.facility, fault.began_s))
    yield world.at(found + wait)
    world.record.note(world.now, "fault_reported", world.rows.authority, case=fault.case, cause=cause)


def _repair(world: World, fault: Fault, pipe: int, marks: npt.NDArray[np.float64], *, burst: bool) -> Process:
    """Isolate, send a crew, work through the stages, refill and put back in use."""
    crews, record = world.crews, world.record
    durations = stage_durations_s(crews.policy, float(world.arrays.pipe_inner_diameter_m[pipe]), marks[_STAGE_COLUMNS])
    if crews.policy.teams == 0:
        if burst:
            _isolate(world, fault, pipe, marks)
            world.env.process(keep_informed(world, fault))
        return  # nobody can mend it this season
    with crews.teams.request(priority=0 if burst else 1) as request:
        if burst:  # the stations' duty staff shuts the valves; the team comes when one is free
            yield world.at(world.now + durations[0] // 2)
            cut = _isolate(world, fault, pipe, marks)
            world.env.process(keep_informed(world, fault))
        yield request
        team, sent = crews.take(), world.now
        crew = world.rows.crew + team
        fault.latest = record.note(sent, "crew_sent", crew, case=fault.case, cause=fault.latest)
        yield world.at(sent + travel_s(crews.policy, float(marks[_COLUMN["travel"]]), snow=world.snow_at(sent)))
        world.env.process(_attend(world, fault, crew))
        first = 0
        if not burst:  # a leak is stopped only when the team stands ready
            yield from _work(world, "isolate", durations[0])
            cut = _isolate(world, fault, pipe, marks)
            world.env.process(keep_informed(world, fault))
            first = 1
        for stage in range(first, len(STAGES)):
            yield from _work(world, STAGES[stage], durations[stage])
            fault.latest = record.note(world.now, "stage_finished", fault.facility, case=fault.case, cause=fault.latest,
                                       detail={"stage": STAGES[stage]})  # fmt: skip
            if STAGES[stage] in ("drain", "dig", "weld"):  # when the damage is seen, and when it is closed
                _forecast(world, fault, pipe, stage + 1, float(marks[_COLUMN["forecast_error"]]))
        world.catch_up()
        fault.latest = record.note(world.now, "refilled", fault.facility, case=fault.case, cause=fault.latest)
        world.reopen(cut.pipes, fault.case)
        _restored(world, fault)
        world.repaired.append(pipe)
        crews.give_back(team, world.now - sent)


def _isolate(world: World, fault: Fault, pipe: int, marks: npt.NDArray[np.float64]) -> Isolation:
    """Shut the valves that hold; buildings behind them lose heat through the network's state."""
    world.catch_up()
    stuck: set[int] = set()
    while True:  # a valve that will not shut makes the segment larger, and its next valves may be stuck too
        cut = isolate(world.arrays, pipe, stuck)
        fresh = {int(v) for v in cut.valves if v not in stuck and _is_stuck(world, int(v), fault)}
        if not fresh:
            break
        stuck |= fresh
    world.heat.set_leak(pipe, 0.0, 0.0, on_supply=True)
    world.heat.set_leak(pipe, 0.0, 0.0, on_supply=False)
    world.close(np.flatnonzero(cut.closed), fault.case)
    world.heat.drain(cut.pipes)
    fault.latest = world.record.note(world.now, "isolated", fault.facility, case=fault.case, cause=fault.latest,
                                     value=float(len(cut.pipes)), detail={
                                         "valves": [_valve_name(world, v) for v in cut.valves],
                                         "stuck": [_valve_name(world, v) for v in sorted(stuck)],
                                         "pipes": [world.arrays.pipe_ids[p] for p in cut.pipes],
                                     })  # fmt: skip
    world.outages.refresh(fault)
    _forecast(world, fault, pipe, 0, float(marks[_COLUMN["forecast_error"]]))
    return cut


def _is_stuck(world: World, valve: int, fault: Fault) -> bool:
    return world.uniform("stuck_valve", _valve_name(world, valve), fault.began_s) < world.crews.policy.valve_stuck_share


def _valve_name(world: World, valve: int) -> str:
    return f"{world.arrays.pipe_ids[valve // 2]}@{'from' if valve % 2 == 0 else 'to'}"


def _forecast(world: World, fault: Fault, pipe: int, done: int, mark: float) -> None:
    """State when the buildings should have heat again: the norm's hours of the stages left, times an error."""
    crews = world.crews.policy
    left_h = sum(stage_hours(float(world.arrays.pipe_inner_diameter_m[pipe]))[done:]) * crews.stage_factor
    spread = crews.forecast_spread * (1.0 - done / len(STAGES))  # the more is done, the surer
    fault.forecast_s = world.now + int(float(lognormal(mark, left_h * 3600.0, spread)))
    touched = [s for s in sorted(fault.buildings) if world.outages.fault[s] is fault]
    if touched:
        rows = world.rows.substation + np.array(touched)
        world.record.block("restoration_forecast", np.full(len(rows), world.now), rows, case=fault.case,
                           cause=fault.latest, value=float(fault.forecast_s))  # fmt: skip
    _announce(world, fault)


def _work(world: World, stage: str, work_s: float) -> Process:
    """Spend the working time of one stage: slower at night, slower outdoors in snow, none while no crew works."""
    crews = world.crews
    while work_s > 0.0:
        now = world.now
        span = 3600 - now % 3600
        if crews.at_work(now):
            slower = work_factor(
                crews.policy, now // 3600 % 24, snow=world.snow_at(now), outdoors=stage not in _INDOORS
            )
            span = min(span, max(1, math.ceil(work_s * slower)))
            work_s -= span / slower
        yield world.at(now + span)


def _attend(world: World, fault: Fault, crew: int) -> Process:
    """Note who is on the job at every instant: shifts hand over with an overlap; a crew that goes home leaves a gap."""
    record, policy = world.record, world.crews.policy
    shift_s, overlap_s = int(policy.shift_h * 3600), int(policy.handover_minutes * 60)
    while fault.restored_s < 0:
        while not world.crews.at_work(world.now):
            yield world.at(world.now + 3600 - world.now % 3600)
            if fault.restored_s >= 0:
                return
        begun = world.now
        record.note(begun, "work_started", crew, case=fault.case, cause=fault.latest)
        while fault.restored_s < 0 and world.now < begun + shift_s and world.crews.at_work(world.now):
            on_the_hour = world.now + 3600 - world.now % 3600
            yield fault.changed | world.at(min(begun + shift_s, on_the_hour))
        relieved = fault.restored_s < 0 and world.crews.at_work(world.now)
        record.note(world.now + (overlap_s if relieved else 0), "work_ended", crew, case=fault.case)


def _restored(world: World, fault: Fault) -> None:
    fault.restored_s = world.now
    fault.latest = world.record.note(world.now, "fault_restored", fault.facility, case=fault.case, cause=fault.latest,
                                     value=(world.now - fault.discovered_s) / 3600.0)  # fmt: skip
    world.outages.refresh(None)
    world.faults.remove(fault)
    _announce(world, fault)


def _announce(world: World, fault: Fault) -> None:
    """Wake those who wait for news of the fault."""
    fired, fault.changed = fault.changed, world.env.event()
    fired.succeed()
