"""An operator that means to close its business: declared by the scenario, noted for the guide (2.8.5)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]


def plan(world: World) -> None:
    """Note the closing that is planned and its report; what lies before the origin is noted with its negative time."""
    leaving = world.scenario.exit
    if leaving is None:
        return
    calendar, record = world.calendar, world.record
    ids = world.arrays.operators
    operator = world.rows.operator + (ids.index(leaving.operator) if leaving.operator else 0)
    case = record.new_case()
    record.note(calendar.season_start_s, "heat_start_planned", world.rows.city)
    planned = record.note(0, "exit_planned", operator, case=case, value=float(calendar.seconds(leaving.closing)))
    if leaving.reported is not None:
        world.env.process(_report(world, operator, case, planned, calendar.seconds(leaving.reported)))


def _report(world: World, operator: int, case: int, planned: int, at: int) -> Generator[simpy.Event, Any, None]:
    if at > 0:
        yield world.at(at)
    world.record.note(at, "exit_reported", operator, case=case, cause=planned)
