"""The secondary flow of the day, as the regulation policy has it by the morning's forecast."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from ...scenarios.calendar import DAY_S
from ...scenarios.policies.regulation import Quality, flow_share

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]


def plan(world: World) -> None:
    """Start the daily setting of the secondary pumps."""
    world.env.process(_days(world))


def _days(world: World) -> Generator[simpy.Event, Any, None]:
    """Set the flow at every midnight; at full flow the network is the one that was built."""
    arrays, emitted = world.arrays, world.arrays.cohort_radiator_w
    design = [
        float(np.average(column, weights=emitted))
        for column in (
            arrays.cohort_design_supply_c, arrays.cohort_design_return_c, arrays.cohort_design_room_c,
            arrays.cohort_radiator_exponent,
        )
    ]  # fmt: skip
    for day in range(world.calendar.days):
        yield world.at(day * DAY_S)
        policy = world.scenario.policies.regulation
        if isinstance(policy, Quality) and world.heat.secondary_flow_share == 1.0:
            continue  # full flow, whatever the day brings
        outdoor_c = float(world.weather.forecast_c[day, 0])
        target_c = world.scenario.operation.room_target_c
        load = world.heat.load_share(outdoor_c, target_c)
        share = flow_share(policy, outdoor_c, load, *design)
        if share != world.heat.secondary_flow_share:
            world.catch_up_heat()
            world.heat.set_secondary_flow(share)
