"""From a pipe's failure to its restoration: discovery, isolation, staged work by crews, refilling, back in use.

Nothing about the outcome is known before it happens: stages take their drawn lengths as they come, and the forecast
given to users is the norm's hours for what is left, with an error of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...network_models.graph import Isolation, isolate
from ...scenarios.calendar import HOUR_S
from ...scenarios.disruptions import pipe_failures
from ...scenarios.disruptions.pipe_failures import DUG_UP, MARKS, ORIGINS, PipeFailureCandidates
from ...scenarios.policies.crews import STAGES, leak_found_s, stage_durations_s, stage_hours
from .crews import BURST, LEAK
from .faults import Process, begin, discovery, forecast, ordered, restored
from .leaks import Leak
from .notices import Fault, keep_informed

if TYPE_CHECKING:
    from .world import World

__all__ = ["pipe_failure"]

_COLUMN = {name: number for number, name in enumerate(MARKS)}
_STAGE_COLUMNS = [
    _COLUMN[f"stage_{name}"] for name in ("isolate", "drain", "drain", "dig", "dig", "dig", "weld", "fill")
]
_MACHINE_STAGES = frozenset({"pump_out", "drain", "dig", "cut_out", "bed", "weld"})
_FORECAST_AFTER = frozenset({"drain", "dig", "weld"})  # when the damage is seen, and when it is closed
_REASONS = {True: "pipe burst", False: "pipe leak"}


@dataclass(frozen=True, slots=True)
class _Damage:
    """One failure that has come to pass: its pipe, its form, and the uniforms that travel with it."""

    pipe: int
    burst: bool
    on_supply: bool
    position: float
    loss_kg_s: float
    mark: Callable[[str], float]
    durations_s: tuple[int, ...]


def pipe_failure(world: World, drawn: PipeFailureCandidates, row: int, *, numbered: bool = True) -> Process:
    """Play one candidate: it becomes a failure only if the state that it meets accepts it.

    Parameters
    ----------
    drawn, row
        The table and the candidate's row in it.
    numbered
        Whether the row is one of the timetable's, which a mended defect may have disarmed.
    """
    yield world.at(int(drawn.at_s[row]))
    while drawn.imposed[row] and not _holds_water(world, int(drawn.pipe[row])):
        yield world.at(world.now + HOUR_S)
    if not _comes_to_pass(world, drawn, row, is_mended=numbered and row in world.mended):
        return
    world.catch_up()
    damage = _damage(world, drawn, row)
    arrays, pipe = world.arrays, damage.pipe
    fault = begin(
        world, "pipe_failed", world.rows.pipe + pipe,
        draw=ordered(world, pipe, "burst", "leak", at_s=int(drawn.at_s[row])) if drawn.imposed[row]
        else [ORIGINS[drawn.origin[row]], arrays.pipe_ids[pipe]],
        reason=_REASONS[damage.burst], road=world.network.pipes[pipe].road or arrays.pipe_ids[pipe],
        value=damage.loss_kg_s, position=round(damage.position, 4), side="supply" if damage.on_supply else "return",
        form="burst" if damage.burst else "leak", diameter_m=float(arrays.pipe_inner_diameter_m[pipe]),
    )  # fmt: skip
    world.leaks.set(fault.case, _leak(damage, damage.loss_kg_s))
    if damage.burst:
        mean_s = world.crews.policy.burst_detection_minutes * 60.0
        yield from discovery(world, fault, max(60, int(-math.log(1.0 - damage.mark("detection")) * mean_s)))
    else:
        yield from _leak_found(world, fault, damage)
    yield from _repair(world, fault, damage)


def _holds_water(world: World, pipe: int) -> bool:
    return world.filled and not world.pipe_closed[pipe]


def _comes_to_pass(world: World, drawn: PipeFailureCandidates, row: int, *, is_mended: bool) -> bool:
    pipe = int(drawn.pipe[row])
    if world.pipe_closed[pipe]:
        return False
    if drawn.imposed[row]:
        return True
    if drawn.origin[row] == DUG_UP:
        return world.filled
    specification, mark, now = world.scenario.disruptions.pipe_failures, float(drawn.mark[row]), world.now

    def accepted(supply_change_k: float | None) -> bool:
        days_heated = max(0.0, (now - world.heated_since_s) / 86_400.0) if world.heating else 0.0
        state = pipe_failures.PipeFailureState(world.filled, world.heating, days_heated, supply_change_k, is_mended)
        return pipe_failures.accept(specification, mark, state)

    if not accepted(None):  # not even if its temperature had moved as much as counts
        return False
    world.catch_up_heat()  # what the pipe has been through lately counts
    return accepted(world.supply_change_k(now))


def _damage(world: World, drawn: PipeFailureCandidates, row: int) -> _Damage:
    pipe, marks = int(drawn.pipe[row]), drawn.marks[row]
    diameter_m = float(world.arrays.pipe_inner_diameter_m[pipe])
    return _Damage(
        pipe, bool(drawn.burst[row]), bool(drawn.on_supply[row]), float(drawn.position[row]),
        float(drawn.leak_kg_s[row]), lambda name: float(marks[_COLUMN[name]]),
        stage_durations_s(world.crews.policy, diameter_m, marks[_STAGE_COLUMNS]),
    )  # fmt: skip


def _leak(damage: _Damage, kg_s: float) -> Leak:
    return Leak(damage.pipe, damage.on_supply, damage.position, kg_s)


def _leak_found(world: World, fault: Fault, damage: _Damage) -> Process:
    """Let a leak grow day by day until telemetry, a patrol or a complaint finds it."""
    growth = world.scenario.disruptions.pipe_failures.leak_growth_per_day
    phase = world.uniform("patrol", world.arrays.pipe_ids[damage.pipe], fault.began_s)
    marks = (damage.mark("detection"), phase, damage.mark("spare"))
    delay_s, by = leak_found_s(world.crews.policy, damage.loss_kg_s, growth, marks)
    world.env.process(_grow(world, fault, damage, growth))
    yield from discovery(world, fault, delay_s, by, hidden=lambda: not _holds_water(world, damage.pipe))


def _grow(world: World, fault: Fault, damage: _Damage, growth_per_day: float) -> Process:
    days = 0
    while growth_per_day > 0.0:
        days += 1
        yield world.at(fault.began_s + days * 86_400)
        if fault.discovered_s >= 0 or world.now >= world.calendar.horizon_s:
            return
        world.catch_up_heat()
        world.leaks.set(fault.case, _leak(damage, damage.loss_kg_s * (1.0 + growth_per_day * days)))


def _repair(world: World, fault: Fault, damage: _Damage) -> Process:
    """Isolate, send a crew, work through the stages, refill and put back in use."""
    crews = world.crews
    if crews.hired:  # nobody can mend it this season
        if damage.burst:
            _isolate(world, fault, damage)
        return
    half_s = damage.durations_s[0] // 2

    def shut() -> Process:
        yield world.at(world.now + half_s)
        _isolate(world, fault, damage)

    # a burst is shut off at once by the stations' duty staff; a leak only when the team stands ready
    shutting = world.env.process(shut()) if damage.burst else None

    def work(team: int) -> Process:
        if shutting is not None and shutting.triggered:  # the valves have long been shut; the repair begins only now
            _forecast(world, fault, damage, 0)
        yield from crews.arrive(fault, team, damage.mark("travel"))
        yield from crews.work("isolate", half_s)
        yield shutting or world.env.process(shut())
        _finished(world, fault, "isolate")
        yield from _stages(world, fault, damage)
        world.catch_up()
        fault.latest = world.record.note(world.now, "refilled", fault.facility, case=fault.case, cause=fault.latest)
        world.leaks.end(fault.case)
        world.reopen(fault.case)
        restored(world, fault)
        world.repaired.append(damage.pipe)
        _fails_again(world, fault, damage.pipe)

    yield from crews.serve(BURST if damage.burst else LEAK, work)


def _stages(world: World, fault: Fault, damage: _Damage) -> Process:
    """Work through the stages after isolation; machines are held from pumping out to the last weld."""
    crews = world.crews
    machines = None
    for stage in range(1, len(STAGES)):
        name = STAGES[stage]
        if name in _MACHINE_STAGES and machines is None:
            machines = crews.machines.request(priority=BURST if damage.burst else LEAK)
            yield machines
        if name not in _MACHINE_STAGES and machines is not None:
            crews.machines.release(machines)
            machines = None
        yield from crews.work(name, damage.durations_s[stage])
        _finished(world, fault, name)
        if name in _FORECAST_AFTER:
            _forecast(world, fault, damage, stage + 1)


def _finished(world: World, fault: Fault, stage: str) -> None:
    fault.latest = world.record.note(world.now, "stage_finished", fault.facility, case=fault.case, cause=fault.latest,
                                     detail={"stage": stage})  # fmt: skip


def _isolate(world: World, fault: Fault, damage: _Damage) -> None:
    """Shut the valves that hold; buildings behind them lose heat through the network's state."""
    world.catch_up()
    stuck: set[int] = set()
    while True:  # a valve that will not shut makes the segment larger, and its next valves may be stuck too
        cut = isolate(world.arrays, damage.pipe, stuck)
        fresh = {int(v) for v in cut.valves if v not in stuck and _is_stuck(world, int(v), fault)}
        if not fresh:
            break
        stuck |= fresh
    world.close(np.flatnonzero(cut.closed), fault.case)
    world.heat.drain(cut.pipes)
    fault.latest = world.record.note(world.now, "isolated", fault.facility, case=fault.case, cause=fault.latest,
                                     value=float(len(cut.pipes)), detail={
                                         "valves": [_valve_name(world, v) for v in cut.valves],
                                         "stuck": [_valve_name(world, v) for v in sorted(stuck)],
                                         "unintended": _behind(world, cut),
                                         "pipes": [world.arrays.pipe_ids[p] for p in cut.pipes],
                                     })  # fmt: skip
    world.outages.refresh()
    _forecast(world, fault, damage, 0)
    world.env.process(keep_informed(world, fault))


def _behind(world: World, cut: Isolation) -> list[str]:
    """Return the substations outside the emptied part that lose heat because their only way led through it."""
    node = world.arrays.substation_node
    return [world.arrays.substation_ids[s] for s in np.flatnonzero(np.isin(node, cut.unintended)).tolist()]


def _is_stuck(world: World, valve: int, fault: Fault) -> bool:
    return world.uniform("stuck_valve", _valve_name(world, valve), fault.began_s) < world.crews.policy.valve_stuck_share


def _valve_name(world: World, valve: int) -> str:
    return f"{world.arrays.pipe_ids[valve // 2]}@{'from' if valve % 2 == 0 else 'to'}"


def _forecast(world: World, fault: Fault, damage: _Damage, done: int) -> None:
    """State when heat should be back: the norm's hours of the stages left; the more done, the surer."""
    crews = world.crews.policy
    diameter_m = float(world.arrays.pipe_inner_diameter_m[damage.pipe])
    left_h = sum(stage_hours(diameter_m)[done:]) * crews.stage_factor
    spread = crews.forecast_spread * (1.0 - done / len(STAGES))
    forecast(world, fault, left_h * 3600.0, spread=spread, mark=damage.mark("forecast_error"))


def _fails_again(world: World, fault: Fault, pipe: int) -> None:
    """Start the candidates that a repair adds: failures cluster on the pipes that have failed."""
    more = pipe_failures.after_repair(
        world.scenario.disruptions.pipe_failures, world.arrays, world.calendar, *world.seeds, pipe=pipe,
        failed_s=fault.began_s, repaired_s=world.now,
    )  # fmt: skip
    for row in range(len(more)):
        world.env.process(pipe_failure(world, more, row, numbered=False))
