"""The season's course: decisions on early start and extension, preheat, supply on, supply off (guide 2.2)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.midseason import stages
from ...scenarios.policies.preheat import RampPreheat, preheat_start_s
from ...scenarios.policies.season import ByRule, Decided, Discretionary, Fixed, early_start_day, extension_days

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]

Process = Generator[simpy.Event, Any, None]

_WARM_C = 18.0  # preheating is done when the dwellings' mean room has this (guide 2.2b reads 保质 as 18 degC)
_SERVED = 0.5  # a building that gets this share of its need has heat


def plan(world: World) -> None:
    """Start the season's processes."""
    world.env.process(_course(world))
    policies = [world.scenario.policies, *(scenario.policies for _, scenario in stages(world.scenario))]
    if not all(isinstance(policy.season, Fixed) for policy in policies):
        world.env.process(_decisions(world))


def _decisions(world: World) -> Process:
    """Let the authority move the start or the end: by hand at any hour, by the forecast at the hour it is looked at."""
    calendar = world.calendar
    legal_day, latest_day = calendar.season_start_s // DAY_S, calendar.horizon_s // DAY_S
    earliest_day = calendar.earliest_start_s // DAY_S
    for hours in range(calendar.hours):
        yield world.at(hours * HOUR_S)
        policy = world.scenario.policies.season
        day, hour = divmod(hours, 24)
        if isinstance(policy, ByRule | Discretionary) and hour != policy.review_hour:
            continue
        seen = world.weather.forecast_c[day]
        if world.decided_start_s == calendar.season_start_s and not world.supplying:  # preheat may have begun
            early = early_start_day(policy, day, seen, earliest_day, legal_day, hour=hour)
            if early is not None:
                world.decided_start_s = max(early * DAY_S, world.now)  # at once, when that day has begun
                world.record.note(world.now, "early_start_decided", world.rows.authority,
                                  value=float(world.decided_start_s), detail=_grounds(seen))  # fmt: skip
                world.plans_changed()
        end_day = world.decided_end_s // DAY_S
        decided_once = isinstance(policy, Decided) and world.decided_end_s != calendar.season_end_s
        if day < end_day and not decided_once:
            more = extension_days(policy, day, seen, end_day, latest_day, hour=hour)
            if more > 0:
                world.decided_end_s = (end_day + more) * DAY_S
                entry = world.record.note(world.now, "extension_decided", world.rows.authority,
                                          value=float(world.decided_end_s), detail=_grounds(seen))  # fmt: skip
                world.extended = world.extended or (world.now, entry)
                world.plans_changed()


def _grounds(forecast_c: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {"forecast_c": [round(float(value), 1) for value in forecast_c]}


def _course(world: World) -> Process:
    """Preheat, supply, stop."""
    policy, record, rows = world.scenario.policies.preheat, world.record, world.rows
    yield world.ready
    waited = preheat_start_s(policy, world.decided_start_s, 0) < world.now  # for the works, which came through late
    while True:
        start = preheat_start_s(policy, world.decided_start_s, world.now)
        if start <= world.now:
            break
        yield world.at(start) | world.changed
    world.catch_up()
    world.heating = True
    world.heated_since_s = world.now
    if isinstance(policy, RampPreheat):
        world.heat.set_curve(policy.room_target_c, policy.ramp_k_h)
        begun = [
            record.note(world.now, "preheat_started", rows.source + s, cause=world.ready_by if waited else -1)
            for s in range(len(world.arrays.source_ids))
        ]
    else:
        world.heat.set_curve(world.scenario.operation.room_target_c, world.scenario.operation.supply_ramp_k_h)
        begun = []
    world.heat.set_mode("preheat" if begun else "season")
    world.supply(world.connected)
    world.env.process(_warming_up(world, begun))
    yield from _until(world, "decided_start_s")
    world.catch_up()
    world.supplying = True
    world.heat.set_mode("season")
    world.heat.set_curve(world.scenario.operation.room_target_c, world.scenario.operation.supply_ramp_k_h)
    world.outages.refresh()
    yield from _until(world, "decided_end_s")
    world.catch_up()
    world.outages.close()
    world.supplying = world.heating = False
    world.heat.set_mode("off")
    world.supply(np.zeros(len(world.connected), np.bool_))
    on = np.flatnonzero(world.supplied)
    record.block("supply_ended", np.full(len(on), world.now), rows.substation + on)


def _until(world: World, date: str) -> Process:
    """Wait for a date that decisions may still move."""
    while world.now < getattr(world, date):
        yield world.at(getattr(world, date)) | world.changed


def _warming_up(world: World, begun: list[int]) -> Process:
    """Note when preheating is done, and when each building has its heat, hour by hour."""
    record, rows = world.record, world.rows
    waiting = dict(enumerate(begun))
    while world.heating:
        cold = world.connected & ~world.supplied
        any_cold = bool(cold.any())
        if not (waiting or any_cold):
            return
        yield world.at(world.now + HOUR_S)
        world.catch_up_heat()
        if waiting and world.mean_room_c() >= _WARM_C:
            for source in list(waiting):
                record.note(world.now, "preheat_completed", rows.source + source, cause=waiting.pop(source))
        if not any_cold:
            continue
        fresh = cold & (world.heat.served_share() >= _SERVED) & ~world.heat.cut_off() & (world.stops == 0)
        if fresh.any():
            world.supplied |= fresh
            on = np.flatnonzero(fresh)
            record.block("supply_started", np.full(len(on), world.now), rows.substation + on,
                         cause=begun[0] if begun else -1)  # fmt: skip
