"""run(scenario, replication) -> Record: one season, from its timetable to what it left behind."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from traceback import walk_tb
from typing import Any

import numpy as np

from ..network_models.arrays import NetworkArrays, to_arrays
from ..network_models.network import Network
from ..network_models.problems import HeatseasonError, ModelError, whole_number
from ..scenarios.scenario import Scenario
from ..scenarios.standing import Standing, network_of
from ..scenarios.timetable import Timetable, unroll
from ..version import __version__
from .record import Record, Subjects
from .record_builder import RecordBuilder, together
from .record_store import round_in_place
from .world.accounts import balances, summary
from .world.dispatch import call_by_rank, unit_ranks
from .world.dwellings import dwelling_offsets, dwellings_paying
from .world.heat import Heat
from .world.hotline import People
from .world.people_settings import PeopleSettings
from .world.plant_settings import heat_settings
from .world.roster import PlannedRoster
from .world.subjects import Rows, list_subjects
from .world.world import World

__all__ = ["Ground", "ground_of", "run"]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A network ready to be simulated: the model, its arrays and a hash of its contents."""

    network: Network
    arrays: NetworkArrays
    hash: str


def ground_of(scenario: Scenario) -> Ground:
    """Return the network that a scenario is played on, made ready once for as long as nothing of it changes.

    Raises
    ------
    NetworkError
        With everything that is wrong in it, or with the scenario's edits.
    """
    return _ground(Standing.of(scenario))


@lru_cache(maxsize=8)
def _ground(standing: Standing) -> Ground:
    network = network_of(standing.scenario)
    text = json.dumps(network.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return Ground(network, to_arrays(network), hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def run(scenario: Scenario, replication: int = 0) -> Record:
    """Play one season and return its record.

    Parameters
    ----------
    scenario : Scenario
        Names its network.
    replication : int
        Which winter, from 0: the same number gives the same winter to every policy.

    Raises
    ------
    InputError
        When the scenario does not fit its network, or there is no such winter.
    ModelError
        When the season could not be carried on: when, where, and why not.
    """
    replication = whole_number(replication, "replication", 0)
    ground = ground_of(scenario)
    timetable = unroll(scenario, ground.arrays, replication)
    world = _world(scenario, ground, timetable, replication)
    try:
        known = _play(world, ground, replication)
    except Exception as error:
        broken = _broken_off(world, error)
    else:
        record = _record(world, known)
        world.let_go()
        return record
    raise broken  # here, where SimPy's copy of it is no context: each would be the other's origin


def _play(world: World, ground: Ground, replication: int) -> dict[str, dict[str, Any]]:
    """Play a world to its end and round its tracks as a record holds them; return what waits for no people: _known."""
    with world.beside:
        world.play()
        tracks = world.heat.whole_tracks
        rooms = tracks.pop("room_c")
        round_in_place(tracks)  # the season is over: the tracks are the record's now, but rooms the people's still
        world.record.enter()
        known = _known(world, ground, replication)
    round_in_place({"room_c": rooms})
    return known


def _broken_off(world: World, error: Exception) -> HeatseasonError:
    """Return what is raised where a season broke off: what was said on purpose as it is, else when, where and why."""
    arisen = _arisen(error)
    if isinstance(arisen, HeatseasonError):
        return arisen
    when, why = world.calendar.text(world.now), f"{type(arisen).__name__}: {arisen}"
    broken = ModelError(when, _where(arisen), why)
    broken.__cause__ = arisen
    return broken


def _arisen(error: BaseException) -> BaseException:
    """Return what a process raised, of which SimPy raises a copy."""
    cause = error.__cause__
    while cause is not None and type(cause) is type(error) and cause.args == error.args:
        error, cause = cause, cause.__cause__
    return error


def _where(error: BaseException) -> str:
    """Return the last place of this package that an error came by, e.g. ``sim/world/repair.py:88 (pipe_failure)``."""
    here = Path(__file__).parents[1]
    found = "heatseason"
    for frame, line in walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(here):
            found = f"{file.relative_to(here).as_posix()}:{line} ({frame.f_code.co_name})"
    return found


def _world(scenario: Scenario, ground: Ground, timetable: Timetable, replication: int) -> World:
    listed, rows = _listed(ground, scenario.policies.crews.teams)
    columns = {field.name: getattr(listed, field.name) for field in fields(listed)}
    own: dict[str, Any] = {name: column.copy() for name, column in columns.items() if isinstance(column, np.ndarray)}
    subjects = replace(listed, **own)  # a record shares no array with another
    return World(
        scenario, ground.network, ground.arrays, timetable, subjects, rows,
        _heat(scenario, ground.arrays, timetable),
        lambda: _people(scenario, ground.arrays, timetable, rows),
        RecordBuilder(),
        replication=replication,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _listed(ground: Ground, crews: int) -> tuple[Subjects, Rows]:
    return list_subjects(ground.network, ground.arrays, crews=crews)


def _people(scenario: Scenario, arrays: NetworkArrays, timetable: Timetable, rows: Rows) -> People:
    calendar, policies, cases = timetable.calendar, scenario.policies, scenario.people.cases
    offset_k = dwelling_offsets(
        arrays, timetable.dwelling_uniform.draw(),
        local_fault_share=cases.local_fault_share, local_fault_drop_k=cases.local_fault_drop_k,
        local_fault_most_k=cases.local_fault_most_k,
    )  # fmt: skip
    return People(
        arrays,
        PeopleSettings.of(
            scenario.people,
            fee_cny_m2_season=scenario.costs.heat_tariff_cny_m2,
            room_target_c=scenario.operation.room_target_c,
        ),
        PlannedRoster(scenario, timetable, len(offset_k)),
        policies.sampling,
        policies.billing,
        offset_k=offset_k,
        paying=dwellings_paying(timetable.paying_mark.draw(), scenario.people.arrears.share),
        key=timetable.people_key,
        season_start_s=calendar.season_start_s,
        season_end_s=calendar.season_end_s,
        horizon_s=calendar.horizon_s,
        end_s=calendar.end_s,
        builder=RecordBuilder(),
        first_dwelling_subject=rows.dwelling,
        city_subject=rows.city,
    )


def _heat(scenario: Scenario, arrays: NetworkArrays, timetable: Timetable) -> Heat:
    weather = timetable.weather
    heat = Heat(
        arrays,
        outdoor_c=weather.outdoor_c,
        solar_w_m2=weather.solar_w_m2,
        wind_m_s=weather.wind_m_s,
        ground_c=weather.ground_at(float(np.average(arrays.pipe_depth_m, weights=arrays.pipe_length_m))),
        facades_w_m2=weather.on_facades() if arrays.cohort_facing.any() else None,
        settings=heat_settings(scenario, weather.design_outdoor_c),
        hours=timetable.calendar.hours,
    )
    call_by_rank(heat, unit_ranks(scenario, arrays))
    return heat


def _record(world: World, known: Mapping[str, dict[str, Any]]) -> Record:
    calendar = world.calendar
    closed = balances(world)
    columns = together(world.record, world.people.builder)
    on_duty = world.people.on_duty()
    round_in_place(on_duty)
    return Record(
        **columns,
        details=tuple(world.record.details),
        tracks={**world.tracks, **on_duty},
        subjects=replace(world.subjects, offset_k=world.people.initial_k, paying=world.people.paying),
        calendar={
            **calendar.resolved(),
            "decided_start": world.decided_start_s,
            "decided_end": world.decided_end_s,
        },
        balances=closed,
        summary=summary(world, closed),
        ended=_ended(world),
        scenario=known["scenario"],
        stamp=known["stamp"],
    )


def _ended(world: World) -> dict[str, Any]:
    """Return how the season ended, and what the flow solver last could not settle (``fine``: nothing ever)."""
    trouble = world.heat.trouble
    pipes = world.arrays.pipe_ids
    where = pipes[trouble.element % len(pipes)] if trouble.code == "loop_flows_unsettled" else ""
    return {
        "code": "complete",
        "at": world.calendar.end_s,
        "where": where,
        "why": "",
        "solver": trouble.code,
        "solver_at": trouble.at_s if trouble.code != "fine" else None,
    }


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    """Return the versions of what numbers come from: looking for them takes longer than an hour of a season."""
    return {name: version(name) for name in ("numba", "numpy", "simpy")}


def _known(world: World, ground: Ground, replication: int) -> dict[str, dict[str, Any]]:
    """Return what of the record does not wait for the people: the scenario as it stands at the end, and the stamp."""
    return {"scenario": world.scenario.resolved(), "stamp": _stamp(world.scenario, ground, replication)}


def _stamp(scenario: Scenario, ground: Ground, replication: int) -> dict[str, Any]:
    return {
        "version": __version__,
        "seed": scenario.seed,
        "replication": replication,
        "scenario_hash": scenario.hash,
        "network_hash": ground.hash,
        "python": platform.python_version(),
        **_versions(),
        "platform": platform.machine(),
    }
