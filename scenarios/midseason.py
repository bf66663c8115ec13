"""In the middle of a season: where it stands on a date, and what is decided otherwise from a date on.

A state is what the operator knows of a morning: stocks, room temperatures, faults that are open. The season is played
up to that date as ever, but for what chance struck before it; there the model's stocks and rooms give way to the known
ones, and the open faults begin. Winters after the date are the same as without the state, so policies can be compared
from it on. Policies may change at any date: what was decided before the season cannot.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, NaiveDatetime

from ..network_models.arrays import NetworkArrays
from ..network_models.problems import Problem, ScenarioError, did_you_mean
from .calendar import Calendar
from .disruptions.imposed import A_YEAR_H, LARGEST_LOSS_KG_S, Imposed, ImposedPipeFailure, ImposedSourceTrip
from .parts import Part
from .policies.season import Decided

if TYPE_CHECKING:
    from .scenario import Scenario

__all__ = ["EVERYWHERE", "Later", "OpenFault", "State", "check_decisions", "stages", "state_problems"]

EVERYWHERE = "all"
_CHANGEABLE = ("reserve", "season", "merit_order", "regulation", "storage", "rationing", "crews", "roster", "notices")
_FIXED_OF_CREWS = ("teams", "machines")


class OpenPipeFault(Part):
    """A pipe that has failed; its whole repair is still to come."""

    kind: Literal["burst", "leak"]
    """A burst is isolated at once; a leak is found first."""
    pipe: str
    """Id of the pipe."""
    position: float = Field(default=0.5, ge=0, le=1)
    """Place along the trench, from its ``from`` node [-]."""
    side: Literal["supply", "return"] = "supply"
    """Which pipe of the trench."""
    loss_kg_s: float | None = Field(default=None, gt=0, le=LARGEST_LOSS_KG_S)
    """Water lost; without it, what the failure law gives for its mean [kg/s]."""


class OpenUnitFault(Part):
    """A unit of a heat source that is down."""

    kind: Literal["source_trip"]
    """A trip."""
    unit: str
    """Id of the unit."""
    hours: float = Field(gt=0, le=A_YEAR_H)
    """Until it is repaired, from the date of the state [h]."""


OpenFault = Annotated[OpenPipeFault | OpenUnitFault, Field(discriminator="kind")]


class State(Part):
    """How a season stands on a date."""

    at: NaiveDatetime
    """The date and time, on the hour."""

    stocks: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Store -> what is in it, in its own unit; a store that is not named keeps what the model has."""

    rooms_c: dict[str, Annotated[float, Field(ge=-20, le=40)]] = Field(default_factory=dict)
    """Substation, district or ``all`` -> mean room temperature there; the nearest that is named counts [degC]."""

    faults: tuple[OpenFault, ...] = Field(default=(), strict=False)
    """What is broken then; whatever struck before is set aside."""

    def orders(self) -> tuple[Imposed, ...]:
        """Return the open faults as orders of the scenario."""
        return tuple(
            ImposedPipeFailure(at=self.at, **fault.model_dump())
            if isinstance(fault, OpenPipeFault)
            else ImposedSourceTrip(at=self.at, **fault.model_dump())
            for fault in self.faults
        )


class Later(Part):
    """Policies that change on a date."""

    at: NaiveDatetime
    """The date and time."""

    policies: dict[str, Any] = Field(min_length=1)
    """What changes, as in ``[policies]``."""


def stages(scenario: Scenario) -> tuple[tuple[dt.datetime, Scenario], ...]:
    """Return the scenario as it stands from each date on at which policies change, in order of time.

    Raises
    ------
    ScenarioError
        When a change is none that a scenario could have.
    """
    found: list[tuple[dt.datetime, Scenario]] = []
    if not scenario.later:
        return ()
    now = scenario.with_("later", [])
    for change in sorted(scenario.later, key=lambda change: change.at):
        for name, value in change.policies.items():
            now = now.with_(f"policies.{name}", value)
        found.append((change.at, now))
    return tuple(found)


def check_decisions(scenario: Scenario) -> list[Problem]:
    """Return what is wrong with what is decided: days beyond the season's dates; changes of policy that are unknown."""
    problems = _beyond_the_dates(scenario)
    for number, change in enumerate(scenario.later):
        for name, value in change.policies.items():
            path = f"later[{number}].policies.{name}"
            if name not in _CHANGEABLE:
                wanted = "one of " + ", ".join(_CHANGEABLE)
                problems.append(Problem(path, name, wanted, did_you_mean(name, _CHANGEABLE)))
            elif name == "crews":
                fixed = [key for key in _FIXED_OF_CREWS if isinstance(value, dict) and key in value]
                problems += [Problem(f"{path}.{key}", key, "what can change in a season", "") for key in fixed]
    if not problems:
        try:
            stages(scenario)
        except ScenarioError as error:
            problems = [Problem(f"later: {p.path}", p.found, p.wanted, p.hint) for p in error.problems]
    return problems


def _beyond_the_dates(scenario: Scenario) -> list[Problem]:
    """Return the days of a decision by hand for which the season's dates have no room."""
    policy, season = scenario.policies.season, scenario.season
    if not isinstance(policy, Decided):
        return []
    between = {
        "early_days": ("earliest_start", "supply_start"),
        "extension_days": ("supply_end", "latest_end"),
    }
    return [
        Problem(f"policies.season.{name}", str(asked), f"{most} or less", f"between the season's {first} and {last}")
        for name, (first, last) in between.items()
        if (asked := getattr(policy, name)) > (most := (getattr(season, last) - getattr(season, first)).days)
    ]


def state_problems(scenario: Scenario, network: NetworkArrays, calendar: Calendar) -> list[Problem]:
    """Return what is wrong with a state, or with the dates of changes, on a network."""
    problems = []
    moments = [(f"later[{number}].at", change.at) for number, change in enumerate(scenario.later)]
    state = scenario.state
    if state is not None:
        moments.append(("state.at", state.at))
        known = list(network.store_ids)
        problems += [
            Problem(f"state.stocks.{store}", f'"{store}"', "the id of a fuel store of the network",
                    did_you_mean(store, known))
            for store in state.stocks
            if store not in known
        ]  # fmt: skip
        places = [EVERYWHERE, *network.districts, *network.substation_ids]
        problems += [
            Problem(f"state.rooms_c.{place}", f'"{place}"', "a substation, a district, or all",
                    did_you_mean(place, places))
            for place in state.rooms_c
            if place not in places
        ]  # fmt: skip
    for path, moment in moments:
        at = calendar.seconds(moment)
        if not 0 <= at < calendar.horizon_s:
            wanted = f"a time from {calendar.text(0)} to {calendar.text(calendar.horizon_s)}"
            problems.append(Problem(path, str(moment), wanted))
        elif at % 3600:
            problems.append(Problem(path, str(moment), "a time on the hour"))
    return problems
