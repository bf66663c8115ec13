"""The works before the season (guide 2.8.3, 2.4.5): tell, inspect, fill, test, vent, try, and mend what is found."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from ...scenarios.calendar import DAY_S
from ...scenarios.chance import uniforms_of_entities
from ...scenarios.disruptions.pipe_failures import DRAWN, MARKS, PipeFailureState, accept
from ...scenarios.policies.inspection import inspected, is_found, mend_s
from ...scenarios.policies.readiness import ReadinessPlan
from ...scenarios.policies.readiness import plan as plan_of
from .crews import PLANNED
from .faults import Process

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]

_ORDINARY_CHANGE_K = 8.0  # what the supply temperature moves in a day of ordinary running


@dataclass(frozen=True, slots=True)
class _Defect:
    """A weak place: its pipe, how it is found, how long mending takes [s], the candidate failure it would become."""

    pipe: int
    how: str
    length_s: int
    candidate: int


def plan(world: World) -> None:
    """Start the readiness works of every source's area, the inspection, and the mending of what it finds."""
    policy = world.scenario.policies.readiness
    marks = world.timetable.inspection_marks
    world.is_inspected = inspected(world.scenario.policies.inspection, marks[:, 0])
    drawn = world.timetable.readiness_marks
    plans = [plan_of(policy, (float(u[0]), float(u[1]), float(u[2]), float(u[3]))) for u in drawn]
    by_test = _find_defects(world, plans[0])
    vented = [world.env.event() for _ in plans]
    ready = [
        world.env.process(_works(world, source, works, by_test.get(source, []), vented[source]))
        for source, works in enumerate(plans)
    ]
    world.env.process(_tell_users(world, plans))
    world.env.process(_temperatures(world, vented, ready))
    world.env.process(_inspect(world, plans[0]))
    world.env.process(_all_ready(world, ready))


def _all_ready(world: World, works: list[simpy.Process]) -> Process:
    yield world.env.all_of(works)
    world.ready.succeed()


def _works(world: World, source: int, works: ReadinessPlan, weak: list[_Defect], vented: simpy.Event) -> Process:
    """Fill, test, vent and try one source's part of the network; what the test finds is mended and tested again."""
    subject, record = world.rows.source + source, world.record
    yield world.at(works.filling_s + works.filling_for_s)
    cause = record.note(world.now, "filled", subject)
    world.filled = True
    yield world.at(world.now + works.test_for_s)
    if weak:
        mending = [world.env.process(_mend(world, defect, world.now)) for defect in weak]
        yield world.env.all_of(mending)
        cause = max((process.value for process in mending if process.value is not None), default=cause)
        yield world.at(world.now + int(world.scenario.policies.readiness.retest_days * DAY_S))
    cause = record.note(world.now, "pressure_tested", subject, cause=cause)
    yield world.at(world.now + works.venting_for_s)
    cause = record.note(world.now, "vented", subject, cause=cause)
    vented.succeed()
    yield world.at(world.now + works.trial_for_s)
    world.ready_by = record.note(world.now, "trial_run_done", subject, cause=cause)


def _tell_users(world: World, plans: list[ReadinessPlan]) -> Process:
    """Tell every building's users and its other units; a few will not co-operate, which is noted (guide 2.8.3)."""
    rows = world.rows.substation
    buildings = np.flatnonzero(world.connected)
    notice = plans[0].notice_s
    if notice is not None:
        yield world.at(notice)
        world.record.block("readiness_announced", np.full(len(buildings), world.now), rows + buildings)
    yield world.at(min(works.filling_s for works in plans))
    refuses = world.timetable.cooperation_mark[buildings]
    refusing = buildings[refuses < world.scenario.people.access_refused_share]
    if len(refusing):
        world.record.block("access_refused", np.full(len(refusing), world.now), rows + refusing)


def _temperatures(world: World, vented: list[simpy.Event], ready: list[simpy.Process]) -> Process:
    """Circulate during the trial run; before and after it the filled pipes lie still."""
    yield world.env.all_of(vented)
    if world.heating:
        return
    world.catch_up()
    world.heat.set_mode("trial")
    world.supply(world.connected)
    yield world.env.all_of(ready)
    world.catch_up()
    if not world.heating:
        world.heat.set_mode("off")


def _inspect(world: World, works: ReadinessPlan) -> Process:
    """Inspect every pipe, source and substation that is due, spread over the days of the inspection."""
    arrays, rows, record = world.arrays, world.rows, world.record
    subject = np.concatenate([
        rows.pipe + np.arange(len(arrays.pipe_ids)),
        rows.source + np.arange(len(arrays.source_ids)),
        rows.substation + np.arange(len(arrays.substation_ids)),
    ])  # fmt: skip
    operator = world.subjects.operator[subject]
    yield world.at(works.inspection_s)
    for row in np.unique(operator[operator >= 0]):
        record.note(world.now, "inspection_due", int(row), value=float((operator == row).sum()))
    done = subject[world.is_inspected]
    at = works.inspection_s + np.floor(world.timetable.inspection_marks[world.is_inspected, 1]
                                       * (works.inspection_end_s - works.inspection_s)).astype(np.int64)  # fmt: skip
    order = np.lexsort((done, at))
    record.block("inspected", at[order], done[order])


def _find_defects(world: World, works: ReadinessPlan) -> dict[int, list[_Defect]]:
    """Mend what the inspection finds, would it fail or not; return by source what only the pressure test will find."""
    policy, drawn = world.scenario.policies.inspection, world.timetable.pipe_failures
    column = {name: number for number, name in enumerate(MARKS)}
    specification, start_s = world.scenario.disruptions.pipe_failures, world.calendar.season_start_s
    by_test: dict[int, list[_Defect]] = {}
    for row in range(len(drawn)):
        marks = drawn.marks[row]
        if drawn.origin[row] != DRAWN or marks[column["latent"]] >= specification.latent_share:
            continue
        days_heated = (int(drawn.at_s[row]) - start_s) / DAY_S
        ordinary = PipeFailureState(True, days_heated >= 0.0, max(days_heated, 0.0), _ORDINARY_CHANGE_K)
        if not accept(specification, float(drawn.mark[row]), ordinary):
            continue  # not weak enough to be seen: only unusual stress would break it
        pipe = int(drawn.pipe[row])
        how = is_found(policy, by_inspection=float(marks[column["found_by_inspection"]]),
                       by_test=float(marks[column["found_by_pressure_test"]]),
                       was_inspected=bool(world.is_inspected[pipe]))  # fmt: skip
        defect = _Defect(pipe, how, mend_s(policy, float(marks[column["spare"]])), row)
        if how == "inspection":
            world.env.process(_mend(world, defect, works.inspection_end_s))
        elif how:
            by_test.setdefault(_source_of(world, pipe), []).append(defect)
    length_km = world.arrays.pipe_length_m / 1000.0
    chance = uniforms_of_entities(*world.seeds, "small_defect", world.arrays.pipe_ids, count=2)
    expected = policy.false_alarms_per_100km / 100.0 * length_km
    small = (chance[:, 0] < 1.0 - np.exp(-expected)) & world.is_inspected[: len(length_km)]
    for pipe in np.flatnonzero(small).tolist():
        defect = _Defect(pipe, "inspection", mend_s(policy, float(chance[pipe, 1])), -1)
        world.env.process(_mend(world, defect, works.inspection_end_s))
    return by_test


def _source_of(world: World, pipe: int) -> int:
    """Return the source whose part of the network a pipe is tested with: the first one of its district."""
    here = np.flatnonzero(world.arrays.source_district == world.arrays.pipe_district[pipe])
    return int(here[0]) if len(here) else 0


def _mend(world: World, defect: _Defect, found_s: int) -> Generator[simpy.Event, Any, int | None]:
    """Note a defect found, and mend it by a team; a candidate failure that it would have become comes to nothing.

    Returns the entry that says it was mended, None where there is nobody to do it.
    """
    yield world.at(found_s)
    case, subject, crews = world.record.new_case(), world.rows.pipe + defect.pipe, world.crews
    draw = ["pipe_failure" if defect.candidate >= 0 else "small_defect", world.arrays.pipe_ids[defect.pipe]]
    found = world.record.note(world.now, "defect_found", subject, case=case, detail={"by": defect.how, "draw": draw})
    if crews.policy.teams == 0:
        return None
    work_s = min(world.scenario.policies.inspection.mend_work_h * 3600.0, float(defect.length_s))

    hours = 0.0

    def work(team: int) -> Process:
        nonlocal hours
        begun = world.now
        yield from crews.work("dig", work_s)
        hours = (world.now - begun) / 3600.0

    yield world.at(found_s + defect.length_s - int(work_s))  # parts and papers first
    yield from crews.serve(PLANNED, work)
    mended = world.record.note(world.now, "defect_mended", subject, case=case, cause=found, value=hours)
    if defect.candidate >= 0:
        world.mended.add(defect.candidate)
    return mended
