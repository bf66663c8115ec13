"""The works before the season (guide 2.8.3, 2.4.5): tell, inspect, fill, test, vent, try, and mend what is found."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from ...scenarios.chance import uniforms_of_entities
from ...scenarios.disruptions.pipe_failures import DRAWN, MARKS
from ...scenarios.policies.inspection import inspected, is_found, mend_s
from ...scenarios.policies.readiness import ReadinessPlan
from ...scenarios.policies.readiness import plan as plan_of

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]

Process = Generator[simpy.Event, Any, None]


def plan(world: World) -> None:
    """Start the readiness works of every source's area, the inspection, and the mending of what it finds."""
    policy = world.scenario.policies.readiness
    marks = world.timetable.inspection_marks
    world.is_inspected = inspected(world.scenario.policies.inspection, marks[:, 0])
    drawn = world.timetable.readiness_marks
    plans = [plan_of(policy, (float(u[0]), float(u[1]), float(u[2]), float(u[3]))) for u in drawn]
    ready = [world.env.process(_works(world, source, works)) for source, works in enumerate(plans)]
    world.env.process(_tell_users(world, plans))
    world.env.process(_temperatures(world, plans))
    world.env.process(_inspect(world, plans[0]))
    _find_defects(world, plans)
    world.env.process(_all_ready(world, ready))


def _all_ready(world: World, works: list[simpy.Process]) -> Process:
    yield world.env.all_of(works)
    world.ready.succeed()


def _works(world: World, source: int, works: ReadinessPlan) -> Process:
    """Fill, test, vent and try one source's part of the network."""
    subject, record = world.rows.source + source, world.record
    cause = -1
    for at, what in ((works.filled_s, "filled"), (works.tested_s, "pressure_tested"), (works.vented_s, "vented"),
                     (works.tried_s, "trial_run_done")):  # fmt: skip
        yield world.at(at)
        cause = record.note(world.now, what, subject, cause=cause)
        if what == "filled":
            world.filled = True


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


def _temperatures(world: World, plans: list[ReadinessPlan]) -> Process:
    """Circulate during the trial run; before and after it the filled pipes lie still."""
    yield world.at(max(works.vented_s for works in plans))
    if world.heating:
        return
    world.catch_up()
    world.heat.set_mode("trial")
    world.supply(world.connected)
    yield world.at(max(works.tried_s for works in plans))
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


def _find_defects(world: World, plans: list[ReadinessPlan]) -> None:
    """Find the latent defects that inspection or pressure test can find, and those that would not have failed."""
    policy, drawn = world.scenario.policies.inspection, world.timetable.pipe_failures
    column = {name: number for number, name in enumerate(MARKS)}
    tested = max(works.tested_s for works in plans)
    inspection_end = plans[0].inspection_end_s
    latent_share = world.scenario.disruptions.pipe_failures.latent_share
    for row in range(len(drawn)):
        marks = drawn.marks[row]
        if drawn.origin[row] != DRAWN or marks[column["latent"]] >= latent_share:
            continue
        pipe = int(drawn.pipe[row])
        how = is_found(policy, by_inspection=float(marks[column["found_by_inspection"]]),
                       by_test=float(marks[column["found_by_pressure_test"]]),
                       was_inspected=bool(world.is_inspected[pipe]))  # fmt: skip
        if how:
            found_s = inspection_end if how == "inspection" else tested
            world.env.process(_mend(world, pipe, found_s, mend_s(policy, float(marks[column["spare"]])), how, row))
    length_km = world.arrays.pipe_length_m / 1000.0
    chance = uniforms_of_entities(*world.seeds, "small_defect", world.arrays.pipe_ids, count=2)
    expected = policy.false_alarms_per_100km / 100.0 * length_km
    small = (chance[:, 0] < 1.0 - np.exp(-expected)) & world.is_inspected[: len(length_km)]
    for pipe in np.flatnonzero(small).tolist():
        length = mend_s(policy, float(chance[pipe, 1]))
        world.env.process(_mend(world, pipe, inspection_end, length, "inspection", -1))


def _mend(world: World, pipe: int, found_s: int, length_s: int, how: str, candidate: int) -> Process:
    """Note a defect found, and mend it; a candidate failure that it would have become does not come to pass."""
    yield world.at(found_s)
    case, subject = world.record.new_case(), world.rows.pipe + pipe
    found = world.record.note(world.now, "defect_found", subject, case=case, detail={"by": how})
    yield world.at(found_s + length_s)
    world.record.note(world.now, "defect_mended", subject, case=case, cause=found)
    if candidate >= 0:
        world.mended.add(candidate)
