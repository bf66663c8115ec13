"""A season that gives way to a known state on a date, and policies that change on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...scenarios.midseason import EVERYWHERE, State, stages
from ...scenarios.scenario import Scenario
from .dispatch import call_by_rank, unit_ranks
from .faults import Process
from .plant_settings import storage_settings

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan"]

Floats = npt.NDArray[np.float64]


def plan(world: World) -> None:
    """Start what the scenario says of the middle of the season."""
    if world.scenario.state is not None:
        world.env.process(_state(world, world.scenario.state))
    for at, scenario in stages(world.scenario):
        world.env.process(_change(world, world.calendar.seconds(at), scenario))


def _state(world: World, state: State) -> Process:
    """Let the known stocks and rooms take the place of the model's, and note by how much they differ."""
    yield world.at(world.calendar.seconds(state.at))
    world.catch_up()
    stocks = world.fuel.take_stock({world.arrays.store_ids.index(name): value for name, value in state.stocks.items()})
    rooms_k = _room_shift(world, state)
    world.heat.shift_rooms(rooms_k)
    households = world.arrays.cohort_households
    world.record.note(world.now, "state_taken", world.rows.city, detail={
        "stocks": {world.arrays.store_ids[store]: round(change, 3) for store, change in stocks.items()},
        "rooms_k": round(float(np.average(rooms_k, weights=households)), 3),
    })  # fmt: skip


def _room_shift(world: World, state: State) -> Floats:
    """Return by how much each cohort's rooms are to be shifted so that every place has the mean known of it [K]."""
    arrays, room_c = world.arrays, world.heat.room_c()
    households = arrays.cohort_households.astype(np.float64)
    substation = arrays.cohort_substation
    district = arrays.substation_district[substation]
    shift = np.zeros(len(room_c))
    named = {
        EVERYWHERE: np.ones(len(room_c), np.bool_),
        **{name: district == row for row, name in enumerate(arrays.districts)},
        **{name: substation == row for row, name in enumerate(arrays.substation_ids)},
    }
    for place, members in named.items():  # from the city to the substation: the nearest is the last word
        if place in state.rooms_c:
            mean = float(np.average(room_c[members], weights=households[members]))
            shift[members] = state.rooms_c[place] - mean
    return shift


def _change(world: World, at_s: int, scenario: Scenario) -> Process:
    """Let other policies hold from now on; what is under way under the old ones is finished."""
    yield world.at(at_s)
    world.catch_up()
    before, now = world.scenario.policies, scenario.policies
    world.scenario = scenario
    world.crews.policy = now.crews
    if now.merit_order != before.merit_order:
        rule = "proportional" if now.merit_order.kind == "proportional" else "merit"
        call_by_rank(world.heat, unit_ranks(scenario, world.arrays), rule)
    if now.storage != before.storage:
        world.heat.set_storage(**storage_settings(now.storage))
    changed = [name for name in type(now).model_fields if getattr(now, name) != getattr(before, name)]
    world.record.note(world.now, "policy_changed", world.rows.city, detail={"policies": changed})
