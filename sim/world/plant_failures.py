"""What fails beside pipes: units of sources, their circulation pumps, substations, and the public grid's power.

A source that has lost pumps or power gives a smaller share of its heat, or none; where another one stands in the same
island, that one carries on. A substation without power or exchanger gives its buildings nothing.

What only changes units' capacity is brought to the last full hour, for it counts by the hour's mean; entries say when.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import simpy

from ...scenarios.calendar import HOUR_S
from ...scenarios.disruptions import pump_failures, source_trips
from .crews import HOUSEHOLD, PLANNED
from .faults import Process, begin, discovered, discovery, forecast, ordered, restored
from .notices import Fault, keep_informed

if TYPE_CHECKING:
    from .world import World

__all__ = ["plan", "power_failure", "pump_failure", "substation_failure", "unit_trip"]


def plan(world: World) -> None:
    """Start one process for each candidate of the timetable."""
    table, start = world.timetable, world.env.process
    for row in range(len(table.unit_trips)):
        start(unit_trip(world, row))
    for row in range(len(table.pump_failures)):
        start(pump_failure(world, row))
    for row in range(len(table.substation_failures)):
        start(substation_failure(world, row))
    for row in range(len(table.power_failures)):
        start(power_failure(world, row))


def unit_trip(world: World, row: int) -> Process:
    """Play one forced outage of a unit: less capacity until the station's own staff has mended it."""
    drawn = world.timetable.unit_trips
    yield world.at(int(drawn.at_s[row]))
    unit = int(drawn.element[row])
    state = source_trips.UnitTripState(running=world.heating, under_repair=bool(world.unit_down[unit]))
    specification = world.scenario.disruptions.source_trips
    if not (bool(drawn.imposed[row]) or source_trips.accept(specification, float(drawn.mark[row]), state)):
        return
    arrays = world.arrays
    back_s = world.now + int(drawn.repair_s[row] + arrays.unit_start_s[unit])  # mended, then fired up from cold
    if drawn.imposed[row]:
        yield from _until_heat(world, back_s)
    if not world.heating:
        return  # mended before anybody needs it
    world.catch_up_hours()
    source, lost_w = int(arrays.unit_source[unit]), float(arrays.unit_capacity_w[unit])
    name = arrays.unit_ids[unit]
    fault = begin(
        world, "source_tripped", world.rows.source + source, reason="heat source unit failed",
        draw=ordered(world, unit, "source_trip", at_s=int(drawn.at_s[row])) if drawn.imposed[row]
        else ["unit_trip", name],
        road=arrays.source_ids[source],
        value=lost_w, lost_w=lost_w, unit=name,
    )  # fmt: skip
    world.unit_down[unit] = True
    world.apply_units()
    discovered(world, fault)
    yield world.at(back_s)
    world.catch_up_hours()
    world.unit_down[unit] = False
    world.apply_units()
    restored(world, fault)


def pump_failure(world: World, row: int) -> Process:
    """Play the failure of a circulation pump: a standby takes over, or the source lacks it until mended."""
    drawn, specification = world.timetable.pump_failures, world.scenario.disruptions.pump_failures
    yield world.at(int(drawn.at_s[row]))
    repaired_s = world.now + int(drawn.repair_s[row])
    if drawn.imposed[row]:
        yield from _until_heat(world, repaired_s)
    if not world.heating:
        return
    world.catch_up_hours()
    source = int(drawn.element[row]) // specification.running
    if world.pumps_missing[source] >= specification.running:
        return  # none is left to fail
    under_repair = pump_failures.PumpState(int(world.pumps_down[source]))
    steps_in = pump_failures.takes_over(specification, float(drawn.mark[row]), under_repair)
    capacity = float(world.arrays.unit_capacity_w[world.arrays.unit_source == source].sum())
    name = world.arrays.source_ids[source]
    fault = begin(
        world, "pump_failed", world.rows.source + source, reason="circulation pump failed",
        draw=ordered(world, source, "pump_failure", at_s=int(drawn.at_s[row])) if drawn.imposed[row]
        else ["pump_failure", name], road=name,
        lost_w=capacity / specification.running, standby="takes over" if steps_in else "none",
    )  # fmt: skip
    world.pumps_down[source] += 1
    world.pumps_missing[source] += 1
    world.apply_units()
    discovered(world, fault)
    yield world.at(world.now + int(specification.switchover_minutes * 60.0) if steps_in else repaired_s)
    world.catch_up_hours()
    world.pumps_missing[source] -= 1
    world.apply_units()
    restored(world, fault)
    yield world.at(repaired_s)
    world.pumps_down[source] -= 1


def substation_failure(world: World, row: int) -> Process:
    """Play the failure of a substation: no heat behind it until a team has been and mended it."""
    drawn, specification = world.timetable.substation_failures, world.scenario.disruptions.substation_failures
    yield world.at(int(drawn.at_s[row]))
    substation = int(drawn.element[row])
    while drawn.imposed[row] and (world.stops[substation] or not world.heating):  # it waits for something to fail
        yield world.at(world.now + HOUR_S)
    if not world.heating or not world.connected[substation] or world.stops[substation]:
        return
    world.catch_up()
    name = world.arrays.substation_ids[substation]
    fault = begin(
        world, "substation_failed", world.rows.substation + substation, reason="substation failed",
        draw=ordered(world, substation, "substation_failure", at_s=int(drawn.at_s[row])) if drawn.imposed[row]
        else ["substation_failure", name],
        road=world.arrays.substation_estates[substation], local=True,
    )  # fmt: skip
    _stop(world, fault, [substation])
    mean_s, mark = specification.detection_minutes * 60.0, world.uniform("substation_found", name, fault.began_s)
    yield from discovery(world, fault, max(60, int(-math.log(mark) * mean_s)))
    _foresee(world, fault, specification.repair_h * 3600.0)
    world.env.process(keep_informed(world, fault))
    if world.crews.hired:
        return

    def work(team: int) -> Process:
        yield from world.crews.arrive(fault, team, world.uniform("substation_travel", name, fault.began_s))
        yield from world.crews.work("station", float(drawn.repair_s[row]))
        world.catch_up()
        _release(world, fault)
        restored(world, fault)

    yield from world.crews.serve(HOUSEHOLD, work)


def power_failure(world: World, row: int) -> Process:
    """Play a power failure of one area: its pumps stop, its boilers trip; a free team goes there and stands by."""
    table, specification = world.timetable, world.scenario.disruptions.power_failures
    cuts, place = table.power_failures, int(table.power_failures.area[row])
    area, back_s = table.power_areas[place], int(table.power_failures.end_s[row])
    yield world.at(int(cuts.at_s[row]))
    if cuts.imposed[row]:
        yield from _until_heat(world, back_s)
    if not world.heating:
        return
    world.catch_up()
    sources = list(area.sources)
    facility = world.rows.source + sources[0] if sources else world.rows.substation + area.substations[0]
    burning = np.isin(world.arrays.unit_source, sources)
    fault = begin(
        world, "power_failed", facility, reason="power failed", road=area.id, local=not sources,
        draw=ordered(world, place, "power_failure", at_s=int(cuts.at_s[row])) if cuts.imposed[row]
        else ["power_failure", area.id],
        lost_w=float(world.arrays.unit_capacity_w[burning].sum()), substations=len(area.substations),
    )  # fmt: skip
    world.dark[sources] += 1
    world.apply_units()
    _stop(world, fault, list(area.substations))
    discovered(world, fault)
    restart_s, relight_s = int(specification.restart_minutes * 60.0), int(specification.relight_minutes * 60.0)
    _foresee(world, fault, float(back_s - world.now + restart_s))
    world.env.process(keep_informed(world, fault))
    over = world.env.event()
    if not world.crews.hired:
        world.env.process(_stand_by(world, fault, over))
    steps = [(back_s + restart_s, "substations")] + ([(back_s + relight_s, "sources")] if sources else [])
    for at, what in sorted(steps):
        yield world.at(at)
        if what == "substations":
            world.catch_up()
            _release(world, fault)
            world.outages.refresh()
        else:
            world.catch_up_hours()
            world.dark[sources] -= 1
            world.apply_units()
    restored(world, fault)
    over.succeed()


def _until_heat(world: World, until_s: int) -> Process:
    """Wait until heat is on: what a scenario orders before that shows then, if it lasts so long."""
    while not world.heating and world.now < until_s:
        yield world.at(min(until_s, world.now + HOUR_S))


def _stand_by(world: World, fault: Fault, over: simpy.Event) -> Process:
    """Keep a team at the place while the power is off, if one is free; it leaves within the hour for a fault."""
    crews = world.crews

    def ends(called_off: simpy.Event) -> Process:
        yield over
        if not called_off.triggered:
            called_off.succeed()

    def work(team: int) -> Process:
        called_off = world.env.event()
        world.env.process(ends(called_off))
        mark = world.uniform("power_travel", world.subjects.id[fault.facility], fault.began_s)
        yield from crews.arrive(fault, team, mark, until=called_off)
        while not (over.triggered or crews.is_wanted(PLANNED)):
            yield over | world.at(world.now + HOUR_S)
        if not called_off.triggered:
            called_off.succeed()

    while not over.triggered:
        yield from crews.serve(PLANNED, work, unless=over)


def _stop(world: World, fault: Fault, substations: list[int]) -> None:
    """Let substations give no heat for a fault's sake."""
    fault.stops = tuple(substations)
    world.stops[substations] += 1
    world.apply_supply()
    world.outages.refresh()


def _release(world: World, fault: Fault) -> None:
    """Let the substations that it stopped give heat again, but for what else stops them."""
    world.stops[list(fault.stops)] -= 1
    world.apply_supply()
    fault.stops = ()


def _foresee(world: World, fault: Fault, left_s: float) -> None:
    crews = world.crews.policy
    mark = world.uniform("forecast", world.subjects.id[fault.facility], fault.began_s)
    forecast(world, fault, left_s, spread=crews.forecast_spread, mark=mark)
