"""The works before the season (guide 2.8.3, 2.4.5): tell, inspect, fill, test, vent, try, and mend what is found.

All of it but telling is done by the repair teams, by day, behind what is urgent; so dates slip where teams are few.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import simpy

from ...network_models.arrays import NetworkArrays
from ...scenarios.calendar import DAY_S
from ...scenarios.chance import uniforms_of_entities
from ...scenarios.disruptions.pipe_failures import DRAWN, MARKS, PipeFailureState, accept
from ...scenarios.policies.inspection import inspected, is_found, mend_s
from ...scenarios.policies.readiness import ReadinessPlan
from ...scenarios.policies.readiness import plan as plan_of
from .faults import Process
from .planned import Done, planned_work

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]

_ORDINARY_CHANGE_K = 8.0  # what the supply temperature moves in a day of ordinary running


@dataclass(frozen=True, slots=True)
class _Defect:
    """A weak place: its pipe, how it is found, how long mending takes [s], the candidate failure it would become.

    A candidate is known by its row, and by the second at which it would fail; -1 where it is none.
    """

    pipe: int
    how: str
    length_s: int
    candidate: int
    fails_s: int


def plan(world: World) -> None:
    """Start the readiness works of every source's area, the inspection, and the mending of what it finds."""
    policy = world.scenario.policies.readiness
    marks = world.timetable.inspection_marks
    world.is_inspected = inspected(world.scenario.policies.inspection, marks[:, 0])
    drawn = world.timetable.readiness_marks
    plans = [plan_of(policy, (float(u[0]), float(u[1]), float(u[2]), float(u[3]))) for u in drawn]
    by_test = _find_defects(world, plans[0])
    vented = [world.env.event() for _ in plans]
    length_km = _trench_km(world)
    ready = [
        world.env.process(_works(world, source, works, float(length_km[source]), by_test.get(source, []),
                                 vented[source]))
        for source, works in enumerate(plans)
    ]  # fmt: skip
    world.env.process(_tell_users(world, plans))
    world.env.process(_temperatures(world, vented, ready))
    world.env.process(_all_ready(world, ready))


def _all_ready(world: World, works: list[simpy.Process]) -> Process:
    yield world.env.all_of(works)
    world.ready.succeed()


def _works(
    world: World, source: int, works: ReadinessPlan, length_km: float, weak: list[_Defect], vented: simpy.Event
) -> Process:
    """Fill, test, vent and try one source's part of the network; what the test finds is mended and tested again."""
    policy, subject, record = world.scenario.policies.readiness, world.rows.source + source, world.record
    place = world.arrays.source_ids[source]
    yield world.at(works.filling_s)
    done = yield from _stage(world, ("filling", place), works.filling_for_s, policy.filling_work_h_per_km * length_km)
    cause = record.note(world.now, "filled", subject, **done)
    world.filled = True
    done = yield from _stage(
        world, ("pressure_test", place), works.test_for_s, policy.pressure_test_work_h_per_km * length_km
    )
    if weak:
        done["detail"] = _of_first_test(world.now, done["detail"])
        mending = [world.env.process(_mend(world, defect, None)) for defect in weak]
        yield world.env.all_of(mending)
        cause = max(process.value for process in mending)
        yield world.at(world.now + int(policy.retest_days * DAY_S))
    cause = record.note(world.now, "pressure_tested", subject, cause=cause, **done)
    done = yield from _stage(world, ("venting", place), works.venting_for_s, policy.venting_work_h_per_km * length_km)
    cause = record.note(world.now, "vented", subject, cause=cause, **done)
    vented.succeed()
    done = yield from _stage(world, ("trial_run", place), works.trial_for_s, policy.trial_work_h_per_km * length_km)
    world.ready_by = record.note(world.now, "trial_run_done", subject, cause=cause, **done)


def _stage(
    world: World, name: tuple[str, str], least_s: int, work_h: float
) -> Generator[simpy.Event, Any, dict[str, Any]]:
    """Go through one stage: it takes its own time, and the teams' work; return what its entry says of the teams."""
    job = world.env.process(planned_work(world, name, work_h * 3600.0, teams=_teams(world, work_h)))
    yield world.at(world.now + least_s)
    by_rights = world.now
    done: Done = yield job
    waited_h = (world.now - by_rights) / 3600.0
    return {
        "value": done.team_s / 3600.0,
        "detail": {"waited_for_teams_h": round(waited_h, 2)} if waited_h > 0.0 else None,
    }


def _of_first_test(over_s: int, detail: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is told of a test that found something beside the one that was passed: when it was over, its wait."""
    waited_h = (detail or {}).get("waited_for_teams_h")
    return {"first_test": over_s} | ({} if waited_h is None else {"first_test_waited_h": waited_h})


def _teams(world: World, work_h: float) -> int:
    """Return the most teams that can share a work."""
    return min(world.crews.count, max(1, round(work_h)))


def _trench_km(world: World) -> npt.NDArray[np.float64]:
    """Return the trench that belongs to each source's works: its share of its district, shape (source,) [km]."""
    arrays = world.arrays
    mine = np.bincount(_tested_with(arrays), arrays.pipe_length_m / 1000.0, len(arrays.source_ids))
    district = arrays.source_district
    beside = [np.flatnonzero(district == d) for d in district]
    return np.array([float(mine[others].sum()) / len(others) for others in beside])


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
    """Inspect every pipe, source and substation that is due, as planned or when teams get round to it.

    Stations are looked at by their own staff on the day that is planned; the trench is walked by the repair teams, in
    the planned order.
    """
    arrays, rows, record = world.arrays, world.rows, world.record
    pipes = len(arrays.pipe_ids)
    subject = np.concatenate([
        rows.pipe + np.arange(pipes),
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
    chosen = np.flatnonzero(world.is_inspected[:pipes])
    walk_s = arrays.pipe_length_m[chosen] * world.scenario.policies.inspection.work_h_per_km * 3.6
    job: Done = yield from planned_work(world, ("inspection",), float(walk_s.sum()),
                                        teams=_teams(world, float(walk_s.sum()) / 3600.0))  # fmt: skip
    yield world.at(works.inspection_end_s)
    if job.steps:
        in_turn = np.argsort(at[: len(chosen)], kind="stable")
        moments, reached = (np.array(column) for column in zip(*job.steps, strict=True))
        step = np.searchsorted(reached, np.cumsum(walk_s[in_turn]) * (1.0 - 1e-9))
        at[in_turn] = np.maximum(at[in_turn], moments[np.minimum(step, len(moments) - 1)])
    order = np.lexsort((done, at))
    record.block("inspected", at[order], done[order])
    record.note(world.now, "inspection_done", rows.city, value=job.team_s / 3600.0)


def _find_defects(world: World, works: ReadinessPlan) -> dict[int, list[_Defect]]:
    """Mend what the inspection finds, would it fail or not; return by source what only the pressure test will find."""
    inspection = world.env.process(_inspect(world, works))
    policy, drawn = world.scenario.policies.inspection, world.timetable.pipe_failures
    column = {name: number for number, name in enumerate(MARKS)}
    specification, start_s = world.scenario.disruptions.pipe_failures, world.calendar.season_start_s
    by_test: dict[int, list[_Defect]] = {}
    tested_with = _tested_with(world.arrays)
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
        defect = _Defect(pipe, how, mend_s(policy, float(marks[column["spare"]])), row,
                         int(drawn.at_s[row]))  # fmt: skip
        if how == "inspection":
            world.env.process(_mend(world, defect, inspection))
        elif how:
            by_test.setdefault(int(tested_with[pipe]), []).append(defect)
    length_km = world.arrays.pipe_length_m / 1000.0
    chance = uniforms_of_entities(*world.seeds, "small_defect", world.arrays.pipe_ids, count=2)
    expected = policy.false_alarms_per_100km / 100.0 * length_km
    small = (chance[:, 0] < 1.0 - np.exp(-expected)) & world.is_inspected[: len(length_km)]
    for pipe in np.flatnonzero(small).tolist():
        defect = _Defect(pipe, "inspection", mend_s(policy, float(chance[pipe, 1])), -1, -1)
        world.env.process(_mend(world, defect, inspection))
    return by_test


def _tested_with(arrays: NetworkArrays) -> npt.NDArray[np.int64]:
    """Return the source with whose part of the network each pipe is tested, shape (pipe,).

    The first one of its district; where that has none, the first of all.
    """
    first: npt.NDArray[np.int64] = (arrays.source_district == arrays.pipe_district[:, None]).argmax(axis=1)
    return first


def _mend(world: World, defect: _Defect, after: simpy.Event | None) -> Generator[simpy.Event, Any, int]:
    """Note a defect found, now or `after` something, and mend it; the failure that it might become comes to nothing.

    Returns the entry that says it was mended.
    """
    if after is not None:
        yield after
    pipe = world.arrays.pipe_ids[defect.pipe]
    case, subject, found_s = world.record.new_case(), world.rows.pipe + defect.pipe, world.now
    draw = ["pipe_failure" if defect.candidate >= 0 else "small_defect", pipe]
    found = world.record.note(found_s, "defect_found", subject, case=case, detail={"by": defect.how, "draw": draw})
    work_s = min(world.scenario.policies.inspection.mend_work_h * 3600.0, float(defect.length_s))
    parts_s = defect.length_s - int(work_s)  # and papers
    yield world.at(found_s + parts_s)
    job = yield from planned_work(world, ("mending", *draw, str(defect.fails_s)), work_s, teams=1)
    hours = {"parts_h": parts_s, "waited_h": world.now - found_s - parts_s - job.team_s}  # nights included
    mended = world.record.note(
        world.now, "defect_mended", subject, case=case, cause=found, value=job.team_s / 3600.0,
        detail={name: round(length_s / 3600.0, 2) for name, length_s in hours.items() if length_s > 0},
    )  # fmt: skip
    if defect.candidate >= 0:
        world.mended.add(defect.candidate)
    return mended
