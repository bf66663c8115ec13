"""Criticality: every pipe, valve, source and pump lost in turn on a cold day, and what that does to dwellings.

The network stands in balance with a constant cold day. An element is lost: a pipe with everything that its valves shut
with it, a valve with the segments on both its sides, a source's heat, or its pumps. Then the model itself marches on,
so that what the loops, the sources that are left, the water in the pipes and the walls of the houses can still do
counts. Elements that shut the same pipes are one march, which is exact; a repair needs none of its own, because until
the repair is done nothing differs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import FACADES, NetworkArrays
from ...network_models.graph import Isolation, isolate, segments, valves
from ...network_models.network import Network
from ...network_models.problems import InputError, Problem
from ...scenarios.policies.crews import Crews, stage_hours
from ...scenarios.scenario import Scenario
from ...scenarios.timetable import unroll
from ..run import ground_of
from ..world.dispatch import call_by_rank, unit_ranks
from ..world.heat import Heat
from ..world.plant_settings import heat_settings
from .case import study_key
from .executors import Executor, Serial

__all__ = ["KINDS", "LEVELS_C", "Day", "criticality"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

KINDS = ("pipe", "valve", "source", "pump")
LEVELS_C = (18.0, 14.0, 12.0)
_CHUNK = 16  # losses sent to a worker together
_PLENTY = 1e15  # of every fuel: what is asked here is what stands, not what is stored


@dataclass(frozen=True, slots=True)
class Day:
    """The cold day, and what is assumed of repairs.

    Attributes
    ----------
    outdoor_c : float or None
        Outdoor temperature, day and night [degC]; None: the design temperature of the scenario's climate.
    settle_h : int
        Hours of that weather before the loss [h].
    horizon_h : int
        Hours that are looked at after it [h].
    pump_repair_h : float
        Until a source's pumps run again [h]; assumed. The repair of pipes, valves and sources is the scenario's.
    """

    outdoor_c: float | None = None
    settle_h: int = 240
    horizon_h: int = 120
    pump_repair_h: float = 8.0


@dataclass(frozen=True, slots=True)
class _Loss:
    """What is lost with some elements: pipes shut, pipes emptied, units down; and how long the repair takes."""

    elements: tuple[tuple[str, str], ...]
    closed: Bools
    emptied: Bools
    units_down: Bools
    repair_h: float

    def key(self) -> bytes:
        return self.closed.tobytes() + self.emptied.tobytes() + self.units_down.tobytes()

    def with_(self, other: _Loss) -> _Loss:
        return _Loss(
            self.elements + other.elements,
            self.closed | other.closed,
            self.emptied | other.emptied,
            self.units_down | other.units_down,
            max(self.repair_h, other.repair_h),
        )


@dataclass(frozen=True, slots=True)
class _Course:
    """What follows a loss: buildings cut off, when each cohort is first below each level, what is lacking by hour."""

    cut: Bools
    below_h: dict[float, Floats]
    lacking_k: Floats  # of all dwellings below 18 degC, beyond what lacks without the loss
    least_c: Floats


def criticality(
    scenario: Scenario,
    *,
    day: Day = Day(),
    kinds: Sequence[str] = KINDS,
    pairs: int = 8,
    executor: Executor | None = None,
    on_start: Callable[[int], None] | None = None,
    on_done: Callable[[Any], None] | None = None,
) -> dict[str, Any]:
    """Lose every element in turn and rank them.

    Parameters
    ----------
    scenario : Scenario
        Names the network, and says how it is run and how fast it is repaired.
    day : Day
    kinds : sequence of str
        Some of :data:`KINDS`.
    pairs : int
        All pairs of so many of the worst single elements are lost together.
    executor : Executor, optional
        Marches on; in this process, one after the other, when left out. What comes out is the same.
    on_start, on_done : callable, optional
        Told how many marches there will be (before pairs), and of each.

    Returns
    -------
    dict
        JSON values: ``network``, ``outdoor_c``, ``levels_c``, ``horizon_h``, ``households``, ``elements`` and
        ``pairs``, the worst first: by dwelling degree-hours below 18 degC until repaired, then over the horizon.

    Raises
    ------
    InputError
        When a kind is unknown.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise InputError([Problem("--kind", f'"{kind}"', "one of " + ", ".join(KINDS)) for kind in unknown])
    ground = ground_of(scenario)
    stand = _stand(scenario, day)
    losses = [loss for kind in kinds for loss in _LOSSES[kind](ground.arrays, scenario.policies.crews, day)]
    if on_start:
        on_start(len({loss.key() for loss in losses}))
    told: dict[bytes, _Course] = {}

    def lose(losses: Sequence[_Loss]) -> list[dict[str, Any]]:
        fresh = list({loss.key(): loss for loss in losses if loss.key() not in told}.values())
        for loss, course in zip(fresh, _courses(scenario, day, fresh, executor), strict=True):
            told[loss.key()] = course
            if on_done:
                on_done(loss)
        return _ranked([stand.describe(loss, told[loss.key()]) for loss in losses])

    singles = lose(losses)
    worst = {tuple(row["elements"][0]): None for row in _distinct(singles)[:pairs]}
    chosen = [loss for loss in losses if loss.elements[0] in worst]
    doubles = lose([a.with_(b) for a, b in itertools.combinations(chosen, 2)]) if pairs > 1 else []
    return {
        "network": ground.network.name,
        "illustrative": ground.network.illustrative,
        "outdoor_c": stand.outdoor_c,
        "levels_c": list(LEVELS_C),
        "horizon_h": day.horizon_h,
        "households": int(ground.arrays.cohort_households.sum()),
        "below_18_before": stand.below_before,
        "marches": len(told),
        "elements": _with_places(singles, ground.network),
        "pairs": doubles,
    }


def _courses(scenario: Scenario, day: Day, losses: Sequence[_Loss], executor: Executor | None) -> Iterator[_Course]:
    """Yield what follows each loss, in order."""
    if executor is None or isinstance(executor, Serial):
        yield from map(_stand(scenario, day).lose, losses)
        return
    chunks = [losses[first : first + _CHUNK] for first in range(0, len(losses), _CHUNK)]
    sent = [executor.submit(_lose_some, scenario, day, chunk) for chunk in chunks]
    try:
        for future, chunk in zip(sent, chunks, strict=True):
            try:
                yield from future.result()
            except Exception:  # its worker is gone; what else may be wrong with these losses is told from here
                yield from map(_stand(scenario, day).lose, chunk)
    finally:
        for future in sent:
            future.cancel()


def _lose_some(scenario: Scenario, day: Day, losses: Sequence[_Loss]) -> list[_Course]:
    """Try some losses where a worker stands; the balance they are tried from is found once there."""
    return [_stand(scenario, day).lose(loss) for loss in losses]


def _stand(scenario: Scenario, day: Day) -> _Stand:
    """Return the network in balance, as it was last found here: a worker is sent many chunks of the same losses."""
    key = (study_key(scenario), day)
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = _Stand(scenario, ground_of(scenario).arrays, day)
    return _KEPT[key]


_KEPT: dict[tuple[str, Day], _Stand] = {}


class _Stand:
    """A network in balance with a cold day, from which losses are tried."""

    def __init__(self, scenario: Scenario, arrays: NetworkArrays, day: Day) -> None:
        timetable = unroll(scenario, arrays)
        design_c = timetable.weather.design_outdoor_c
        self.arrays, self.day = arrays, day
        self.outdoor_c = design_c if day.outdoor_c is None else day.outdoor_c
        hours = day.settle_h + day.horizon_h
        settings = heat_settings(scenario, design_c)
        depth_m = float(np.average(arrays.pipe_depth_m, weights=arrays.pipe_length_m))
        midwinter = float(np.min(timetable.weather.ground_at(depth_m)))
        self.heat = Heat(
            arrays,
            outdoor_c=np.full(hours, self.outdoor_c),
            solar_w_m2=np.zeros(hours),
            facades_w_m2=np.zeros((len(FACADES), hours)),
            wind_m_s=np.full(hours, settings.wind_reference_m_s),
            ground_c=np.full(hours, midwinter),
            settings=replace(settings, initial_room_c=scenario.operation.room_target_c),
            hours=hours,
        )
        self.heat.fuel_available[:] = _PLENTY
        call_by_rank(self.heat, unit_ranks(scenario, arrays))
        self.heat.set_supply_on(np.ones(len(arrays.substation_ids), np.bool_))
        self.heat.set_mode("season")
        self.heat.advance(3600.0 * day.settle_h)
        self.cut_before = self.heat.cut_off()
        self.kept_c = self._march(self.heat.copy())
        self.usual = {level: np.isfinite(_crossing_h(self.kept_c, level)) for level in LEVELS_C}  # cold without a loss
        self.below_before = int(arrays.cohort_households[self.usual[LEVELS_C[0]]].sum())

    def lose(self, loss: _Loss) -> _Course:
        """Return what follows a loss that is not repaired."""
        heat = self.heat.copy()
        for unit in np.flatnonzero(loss.units_down).tolist():
            heat.set_unit_share(unit, 0.0)
        heat.set_pipes_closed(loss.closed)
        heat.drain(np.flatnonzero(loss.emptied))
        cut = heat.cut_off() & ~self.cut_before
        room_c = self._march(heat)
        worse = {level: np.where(self.usual[level], np.inf, _crossing_h(room_c, level)) for level in LEVELS_C}
        lacking = np.maximum(LEVELS_C[0] - room_c, 0.0) - np.maximum(LEVELS_C[0] - self.kept_c, 0.0)
        by_hour = np.maximum(lacking, 0.0) @ self.arrays.cohort_households.astype(np.float64)
        return _Course(cut, worse, by_hour, room_c.min(axis=1))

    def describe(self, loss: _Loss, course: _Course) -> dict[str, Any]:
        """Return what a loss came to, repaired in its time or not, as JSON values."""
        arrays, worse = self.arrays, course.below_h
        households = arrays.cohort_households.astype(np.float64)
        cold = course.cut[arrays.cohort_substation]

        def until(hours: float) -> dict[str, Any]:
            last = min(round(hours), self.day.horizon_h)
            return {
                "dwellings": {f"{c:.0f}": int(households[worse[c] <= hours].sum()) for c in LEVELS_C},
                "degree_hours": float(course.lacking_k[: last + 1].sum()),
                "least_c": float(course.least_c[: last + 1].min()),
            }

        return {
            "elements": [list(element) for element in loss.elements],
            "pipes_emptied": int(loss.emptied.sum()),
            "substations_cut_off": int(course.cut.sum()),
            "dwellings_cut_off": int(households[cold].sum()),
            "area_cut_off_m2": float(arrays.cohort_floor_area_m2[cold].sum()),
            "first_h": {f"{level:.0f}": _finite(worse[level].min(initial=np.inf)) for level in LEVELS_C},
            "half_h": {f"{level:.0f}": _half(worse[level][cold], households[cold]) for level in LEVELS_C},
            "repair_h": loss.repair_h,
            "repaired": until(loss.repair_h),
            "left": until(self.day.horizon_h),
        }

    def _march(self, heat: Heat) -> Floats:
        """Return each cohort's mean room temperature by hour from the loss on, shape (horizon + 1, cohort) [degC]."""
        heat.advance(3600.0 * (self.day.settle_h + self.day.horizon_h))
        result: Floats = heat.tracks["room_c"][self.day.settle_h :].astype(np.float64)
        return result


def _pipes(arrays: NetworkArrays, crews: Crews, day: Day) -> Iterator[_Loss]:
    segment = segments(arrays).pipe.tolist()
    shut: dict[int, Isolation] = {}  # the same for every pipe of a segment
    for pipe, name in enumerate(arrays.pipe_ids):
        if segment[pipe] not in shut:
            shut[segment[pipe]] = isolate(arrays, pipe)
        yield _opened(arrays, crews, pipe, ("pipe", name), shut[segment[pipe]])


def _valves(arrays: NetworkArrays, crews: Crews, day: Day) -> Iterator[_Loss]:
    """A valve is mended with the segments on both its sides empty: as if it were stuck."""
    for valve in valves(arrays).tolist():
        pipe, end = valve // 2, "from" if valve % 2 == 0 else "to"
        cut = isolate(arrays, pipe, stuck_valves=[valve])
        yield _opened(arrays, crews, pipe, ("valve", f"{arrays.pipe_ids[pipe]}@{end}"), cut)


def _sources(arrays: NetworkArrays, crews: Crews, day: Day) -> Iterator[_Loss]:
    for source, name in enumerate(arrays.source_ids):
        down = arrays.unit_source == source
        none = np.zeros(len(arrays.pipe_ids), np.bool_)
        repair_h = float(arrays.unit_repair_h[down].max(initial=0.0))
        yield _Loss((("source", name),), none, none, down, repair_h)


def _pumps(arrays: NetworkArrays, crews: Crews, day: Day) -> Iterator[_Loss]:
    """Without its pumps a source neither heats nor moves water: it stands apart from the network."""
    for source, name in enumerate(arrays.source_ids):
        node = int(arrays.source_node[source])
        apart = (arrays.pipe_from == node) | (arrays.pipe_to == node)
        none = np.zeros(len(arrays.pipe_ids), np.bool_)
        yield _Loss((("pump", name),), apart, none, arrays.unit_source == source, day.pump_repair_h)


_LOSSES: dict[str, Callable[[NetworkArrays, Crews, Day], Iterator[_Loss]]] = {
    "pipe": _pipes,
    "valve": _valves,
    "source": _sources,
    "pump": _pumps,
}


def _opened(arrays: NetworkArrays, crews: Crews, pipe: int, element: tuple[str, str], cut: Isolation) -> _Loss:
    """Return what is lost while a pipe is opened up: its segment is emptied, and what ends at shut valves is closed."""
    emptied = np.zeros(len(arrays.pipe_ids), np.bool_)
    emptied[cut.pipes] = True
    diameter_m = float(arrays.pipe_inner_diameter_m[pipe])
    works_h = sum(stage_hours(diameter_m)) * crews.stage_factor
    repair_h = works_h + (crews.mobilise_minutes + crews.travel_minutes) / 60.0
    return _Loss((element,), cut.closed, emptied, np.zeros(len(arrays.unit_ids), np.bool_), repair_h)


def _crossing_h(room_c: Floats, level_c: float) -> Floats:
    """Return when each cohort first is below a level, linear within the hour, shape (cohort,) [h]; infinite: never."""
    below = room_c < level_c
    first = np.argmax(below, axis=0)
    columns = np.arange(room_c.shape[1])
    before = room_c[np.maximum(first - 1, 0), columns]
    after = room_c[first, columns]
    within = np.where(first > 0, (before - level_c) / np.maximum(before - after, 1e-12), 0.0)
    hours: Floats = np.where(below.any(axis=0), np.maximum(first - 1, 0) + within, np.inf)
    return hours


def _half(hours: Floats, households: Floats) -> float | None:
    """Return when half of some dwellings have crossed; None when they never do."""
    order = np.argsort(hours, kind="stable")
    reached = np.cumsum(households[order])
    if not len(reached):
        return None
    return _finite(hours[order][int(np.searchsorted(reached, 0.5 * reached[-1]))])


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return losses with the worst first."""
    return sorted(
        rows,
        key=lambda r: (
            -r["repaired"]["degree_hours"],
            -r["left"]["degree_hours"],
            -r["dwellings_cut_off"],
            r["elements"],
        ),
    )


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first of those that do exactly the same harm: they are one segment."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        seen.setdefault((row["left"]["degree_hours"], row["dwellings_cut_off"], row["pipes_emptied"]), row)
    return list(seen.values())


def _with_places(rows: Sequence[dict[str, Any]], network: Network) -> list[dict[str, Any]]:
    """Return single losses with what was lost, on which road, whose and in which district."""
    pipes = {pipe.id: pipe for pipe in network.pipes}
    sources = {source.id: source for source in network.sources}
    found = []
    for row in rows:
        kind, name = row["elements"][0]
        part = pipes[name.rpartition("@")[0] or name] if kind in ("pipe", "valve") else sources[name]
        road = getattr(part, "road", "") or ""
        found.append(
            {"kind": kind, "id": name, "road": road, "operator": part.operator, "district": part.district} | row
        )
    return found
