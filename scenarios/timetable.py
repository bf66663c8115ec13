"""The timetable: everything that chance decides about one season, drawn before the clock starts.

``unroll(scenario, network, replication)`` draws it from streams named by (seed, replication, process, entity). Two
policies meet the same winter, call by call; adding a disruption moves no other draw.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network_models.arrays import NetworkArrays
from ..network_models.problems import Problem, ScenarioError, did_you_mean
from .calendar import DAY_S, Calendar
from .chance import Floats, key, uniforms_of_entities, uniforms_of_members
from .disruptions.digging import draw_digging
from .disruptions.fuel_supply import Spans, delivery_marks, draw_gas_curtailments, draw_road_closures
from .disruptions.imposed import ImposedAbsence, ImposedHappening, ImposedPipeFailure, resolve
from .disruptions.pipe_failures import (
    ImposedPipe,
    PipeFailureCandidates,
    draw_pipe_failures,
    imposed_failures,
    joined,
)
from .disruptions.power_failures import Area, PowerCuts, areas, draw_power_failures, with_ordered_cuts
from .disruptions.pump_failures import draw_pump_failures
from .disruptions.renewals import Renewals, with_ordered
from .disruptions.source_trips import draw_unit_trips
from .disruptions.staff_absence import GROUPS, draw_absence
from .disruptions.substation_failures import draw_substation_failures
from .midseason import state_problems
from .policies.merit_order import Listed
from .scenario import Scenario
from .weather.weather import Weather, make_weather

__all__ = ["DwellingMarks", "Timetable", "cross_check", "first_dwelling", "unroll"]


@dataclass(frozen=True, slots=True)
class DwellingMarks:
    """A uniform in (0, 1) of each dwelling, drawn when it is asked for: no other draws take as long."""

    seed: int
    replication: int
    process: str
    cohort_ids: tuple[str, ...]
    dwellings: tuple[int, ...]

    def draw(self) -> npt.NDArray[np.float32]:
        """Return them cohort by cohort, shape (dwelling,)."""
        members = np.array(self.dwellings, np.int64)
        return uniforms_of_members(self.seed, self.replication, self.process, self.cohort_ids, members)


@dataclass(frozen=True, slots=True, eq=False)
class Timetable:
    """What chance has decided about one season on one network.

    Attributes
    ----------
    calendar : Calendar
        The season in seconds.
    weather : Weather
        The outdoors by hour, and its forecasts.
    pipe_failures : PipeFailureCandidates
        Candidates in time order: drawn, dug up, imposed.
    unit_trips, pump_failures, substation_failures : Renewals
        Candidates in time order, imposed ones included.
    power_areas : tuple of Area
        What hangs on one feeder.
    power_failures : PowerCuts
        In time order, imposed ones included.
    gas_curtailments : Spans
        Drawn: share of every pipeline contract withheld.
    road_closures : Spans
        Drawn: no truck arrives.
    delivery_marks : array, shape (store, 512, 4)
        Uniforms of every store's orders, by number.
    staff_absence : array, shape (day, 3)
        Share absent by day; columns are agents, measurers, crews.
    readiness_marks : array, shape (source, 4)
        Uniforms for the durations of filling, test, venting, trial.
    inspection_marks : array, shape (pipe + source + substation, 2)
        Uniforms that decide whether an element is inspected, and when in the days of the inspection.
    cooperation_mark : array, shape (substation,)
        Uniform that decides whether users co-operate with the works.
    first_dwelling : int array, shape (cohort + 1,)
        Number of each cohort's first dwelling; last: how many dwellings there are.
    dwelling_uniform, paying_mark : DwellingMarks
        Uniforms in (0, 1) behind a dwelling's offset from its cohort, and behind whether the household pays.
    people_key : numpy.uint64
        Key for everything kernels hash about calls and cases.
    imposed : tuple of ImposedHappening
        The scenario's own orders in time order. Pipe failures, trips and absences stand in their tables as well; fuel
        cuts, road closures and delivery delays stand here only.
    """

    calendar: Calendar
    weather: Weather
    pipe_failures: PipeFailureCandidates
    unit_trips: Renewals
    pump_failures: Renewals
    substation_failures: Renewals
    power_areas: tuple[Area, ...]
    power_failures: PowerCuts
    gas_curtailments: Spans
    road_closures: Spans
    delivery_marks: Floats
    staff_absence: Floats
    readiness_marks: Floats
    inspection_marks: Floats
    cooperation_mark: Floats
    first_dwelling: npt.NDArray[np.int64]
    dwelling_uniform: DwellingMarks
    paying_mark: DwellingMarks
    people_key: np.uint64
    imposed: tuple[ImposedHappening, ...]


def unroll(scenario: Scenario, network: NetworkArrays, replication: int = 0) -> Timetable:
    """Return the timetable of one replication.

    Parameters
    ----------
    scenario
        What may happen.
    network
        What stands in the ground.
    replication
        Number of the replication, at least 0.

    Raises
    ------
    ScenarioError
        When the scenario speaks of things that the network does not have, or a weather file cannot be used.
    """
    calendar = Calendar.of(scenario)
    happenings, weather, problems = _prepare(scenario, network, calendar, replication)
    if weather is None or problems:
        raise ScenarioError(problems)
    seed, may = scenario.seed, scenario.disruptions
    first = first_dwelling(network)
    members = tuple(np.diff(first).tolist())
    drawn = Timetable(
        calendar=calendar,
        weather=weather,
        pipe_failures=joined(
            draw_pipe_failures(may.pipe_failures, network, calendar, seed, replication),
            draw_digging(may.digging, may.pipe_failures, network, weather, calendar, seed, replication),
            imposed_failures(may.pipe_failures, network, _pipe_orders(happenings), seed, replication),
        ),
        unit_trips=with_ordered(
            draw_unit_trips(may.source_trips, network, calendar, seed, replication),
            _ordered(happenings, "source_trip"),
        ),
        pump_failures=with_ordered(
            draw_pump_failures(may.pump_failures, network, calendar, seed, replication),
            _ordered(happenings, "pump_failure", each=may.pump_failures.running),
        ),
        substation_failures=with_ordered(
            draw_substation_failures(may.substation_failures, network, calendar, seed, replication),
            _ordered(happenings, "substation_failure"),
        ),
        power_areas=areas(may.power_failures, network),
        power_failures=with_ordered_cuts(
            draw_power_failures(may.power_failures, network, weather, calendar, seed, replication),
            [(h.at_s, h.elements[0], h.until_s) for h in happenings if h.kind == "power_failure"],
        ),
        gas_curtailments=draw_gas_curtailments(may.fuel_supply, weather, calendar, seed, replication),
        road_closures=draw_road_closures(may.fuel_supply, weather, calendar, seed, replication),
        delivery_marks=delivery_marks(network, seed, replication),
        staff_absence=_with_absences(draw_absence(may.staff_absence, weather, calendar, seed, replication), happenings),
        readiness_marks=uniforms_of_entities(seed, replication, "readiness", network.source_ids, count=4),
        inspection_marks=uniforms_of_entities(
            seed, replication, "inspection", network.pipe_ids + network.source_ids + network.substation_ids, count=2
        ),
        cooperation_mark=uniforms_of_entities(seed, replication, "cooperation", network.substation_ids, count=1)[:, 0],
        first_dwelling=first,
        dwelling_uniform=DwellingMarks(seed, replication, "dwelling", network.cohort_ids, members),
        paying_mark=DwellingMarks(seed, replication, "paying", network.cohort_ids, members),
        people_key=key(seed, replication, "people"),
        imposed=tuple(happenings),
    )
    return drawn if scenario.state is None else _since(drawn, calendar.seconds(scenario.state.at))


def cross_check(scenario: Scenario, network: NetworkArrays) -> list[Problem]:
    """Return everything that does not fit the network or cannot be read: ids, times, the weather file."""
    return _prepare(scenario, network, Calendar.of(scenario), 0)[2]


def first_dwelling(network: NetworkArrays) -> npt.NDArray[np.int64]:
    """Return the number of each cohort's first dwelling, and at the end how many there are, shape (cohort + 1,).

    Dwellings are the connected households: those that reported off (报停) have none.
    """
    connected = np.rint(network.cohort_households * (1.0 - network.cohort_off_share)).astype(np.int64)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(connected)))


def _prepare(
    scenario: Scenario, network: NetworkArrays, calendar: Calendar, replication: int
) -> tuple[list[ImposedHappening], Weather | None, list[Problem]]:
    """Return the scenario's orders, its weather, and all that is wrong with either, with its place in the file."""
    may = scenario.disruptions
    feeders = areas(may.power_failures, network)
    happenings, problems = resolve(may.imposed, network, calendar, feeders)
    problems += [*_names(scenario, network), *state_problems(scenario, network, calendar)]
    if scenario.state is not None:
        open_, wrong = resolve(scenario.state.orders(), network, calendar, feeders, "state.faults")
        happenings = sorted([*happenings, *open_], key=lambda happening: happening.at_s)
        problems += [problem for problem in wrong if not problem.path.endswith(".at")]
    placed = [scenario.problem(problem.path, problem) for problem in problems]
    weather = None
    try:
        weather = make_weather(scenario.weather, calendar.origin, calendar.days, scenario.seed, replication)
    except ScenarioError as error:
        placed += [problem if problem.file else scenario.problem(problem.path, problem) for problem in error.problems]
    return happenings, weather, placed


def _names(scenario: Scenario, network: NetworkArrays) -> list[Problem]:
    """Return problems of ids that stand in the scenario."""
    problems: list[Problem] = []
    order = scenario.policies.merit_order
    if isinstance(order, Listed):
        known = [*network.unit_ids, *network.source_ids]
        problems += [
            Problem(
                f"policies.merit_order.order[{row}]",
                f'"{word}"',
                "the id of a unit or source of the network",
                did_you_mean(word, known),
            )
            for row, word in enumerate(order.order)
            if word not in known
        ]
    if scenario.exit is not None and scenario.exit.operator not in ("", *network.operators):
        wanted = "an operator of the network: " + ", ".join(network.operators)
        problems.append(Problem("exit.operator", f'"{scenario.exit.operator}"', wanted))
    return problems


def _since(timetable: Timetable, second: int) -> Timetable:
    """Return a timetable without the failures before a second: a state that is known tells what is left of them."""
    later: dict[str, Any] = {}
    for field in fields(timetable):
        table = getattr(timetable, field.name)
        if not hasattr(table, "at_s"):
            continue
        keep = table.at_s >= second
        columns = {f.name: getattr(table, f.name) for f in fields(table)}
        later[field.name] = replace(
            table, **{name: c[keep] for name, c in columns.items() if isinstance(c, np.ndarray) and len(c) == len(keep)}
        )
    return replace(timetable, **later)


def _pipe_orders(happenings: list[ImposedHappening]) -> list[ImposedPipe]:
    return [
        ImposedPipe(
            h.at_s,
            h.elements[0],
            h.order.position,
            h.order.side == "supply",
            h.order.kind == "burst",
            h.order.loss_kg_s,
        )
        for h in happenings
        if isinstance(h.order, ImposedPipeFailure)
    ]


def _ordered(happenings: list[ImposedHappening], kind: str, *, each: int = 1) -> list[tuple[int, int, int]]:
    """Return the orders of one kind as (second, element, repair [s]); `each`: elements of one ordered thing."""
    return [(h.at_s, h.elements[0] * each, h.until_s - h.at_s) for h in happenings if h.kind == kind]


def _with_absences(drawn: Floats, happenings: list[ImposedHappening]) -> Floats:
    """Return absences at least as large as ordered."""
    share = drawn.copy()
    for h in happenings:
        if isinstance(h.order, ImposedAbsence):
            days = slice(h.at_s // DAY_S, -(-h.until_s // DAY_S))
            column = GROUPS.index(h.order.group)
            share[days, column] = np.maximum(share[days, column], h.share)
    return share
