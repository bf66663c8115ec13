"""What a scenario orders to happen: this burst at that hour, that cut from this day on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NaiveDatetime

from ...network_models.arrays import NetworkArrays
from ...network_models.problems import Problem, did_you_mean
from ..calendar import Calendar
from ..chance import Floats
from ..parts import Part
from .power_failures import Area

__all__ = ["A_YEAR_H", "LARGEST_LOSS_KG_S", "Imposed", "ImposedHappening", "resolve"]


A_YEAR_H = 8784.0  # no order lasts longer: seasons are shorter
LARGEST_LOSS_KG_S = 10_000.0  # what the widest pipes carry


class _Order(Part):
    at: NaiveDatetime
    """When it happens, local time."""


class ImposedPipeFailure(_Order):
    """A pipe leaks or bursts, whatever its state; one that holds no water does so once it is filled again."""

    kind: Literal["burst", "leak"]
    """A burst is isolated at once; a leak is found first."""
    pipe: str = "largest"
    """Id of the pipe; ``largest``: the one of the largest diameter, ``longest``, ``oldest``, or ``DN500``: the longest
    whose diameter is nearest to that."""
    position: float = Field(default=0.5, ge=0, le=1)
    """Place along the trench, from its ``from`` node [-]."""
    side: Literal["supply", "return"] = "supply"
    """Which pipe of the trench."""
    loss_kg_s: float | None = Field(default=None, gt=0, le=LARGEST_LOSS_KG_S)
    """Water lost; without it, what the failure law gives for its mean [kg/s]."""


class ImposedSourceTrip(_Order):
    """A unit of a heat source trips."""

    kind: Literal["source_trip"]
    """A trip."""
    unit: str = "largest"
    """Id of the unit; ``largest``: the one of the largest capacity."""
    hours: float = Field(default=36.0, gt=0, le=A_YEAR_H)
    """Until it is repaired [h]."""


class ImposedPumpFailure(_Order):
    """A circulation pump of a heat source fails."""

    kind: Literal["pump_failure"]
    """A pump."""
    source: str = "largest"
    """Id of the source; ``largest``: the one of the largest capacity."""
    hours: float = Field(default=16.0, gt=0, le=A_YEAR_H)
    """Until it is repaired [h]."""


class ImposedSubstationFailure(_Order):
    """A substation gives no heat."""

    kind: Literal["substation_failure"]
    """A substation."""
    substation: str = "largest"
    """Id of the substation; ``largest``: the one of the largest design heat."""
    hours: float = Field(default=6.0, gt=0, le=A_YEAR_H)
    """Working time of the repair [h]."""


class ImposedPowerFailure(_Order):
    """Power fails in one area: its substations' and sources' pumps stop."""

    kind: Literal["power_failure"]
    """A power failure."""
    area: str = "of_source"
    """The area, as ``district/number``; ``of_source``: the first one that holds a heat source."""
    hours: float = Field(default=3.0, gt=0, le=A_YEAR_H)
    """Until power is back [h]."""


class ImposedFuelCut(_Order):
    """Gas is curtailed, or a store gets no deliveries."""

    kind: Literal["fuel_cut"]
    """A cut."""
    store: str = "all_gas"
    """Id of the store; ``all_gas``: every pipeline contract, ``all_stocks``: every stocked fuel."""
    share: float = Field(default=0.3, gt=0, le=1)
    """Share withheld [-]."""
    days: float = Field(default=3.0, gt=0, le=A_YEAR_H / 24)
    """Duration [d]."""


class ImposedRoadClosure(_Order):
    """Roads close: no truck arrives."""

    kind: Literal["road_closure"]
    """A closure."""
    hours: float = Field(default=48.0, gt=0, le=A_YEAR_H)
    """Duration [h]."""


class ImposedDeliveryDelay(_Order):
    """Every delivery that was to arrive from then on, for a while, comes late."""

    kind: Literal["delivery_delay"]
    """A delay."""
    store: str = "all_stocks"
    """Id of the store, or ``all_stocks``."""
    hours: float = Field(default=72.0, gt=0, le=A_YEAR_H)
    """By how much each is late [h]."""
    days: float = Field(default=14.0, gt=0, le=A_YEAR_H / 24)
    """How long deliveries are hit [d]."""


class ImposedAbsence(_Order):
    """Staff stays away."""

    kind: Literal["absence"]
    """An absence."""
    group: Literal["agents", "measurers", "crews"]
    """Who."""
    share: float = Field(default=0.4, gt=0, le=1)
    """Share absent, at least [-]."""
    days: float = Field(default=5.0, gt=0, le=A_YEAR_H / 24)
    """Duration [d]."""


Imposed = Annotated[
    ImposedPipeFailure
    | ImposedSourceTrip
    | ImposedPumpFailure
    | ImposedSubstationFailure
    | ImposedPowerFailure
    | ImposedFuelCut
    | ImposedRoadClosure
    | ImposedDeliveryDelay
    | ImposedAbsence,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class ImposedHappening:
    """An order with its place in the network and its seconds.

    Attributes
    ----------
    at_s, until_s : int
        Begin, and end where it has one (else equal to the begin) [s].
    kind : str
        As in the scenario.
    elements : tuple of int
        Rows of pipes, units, sources, substations, areas or stores; empty where it has none.
    share : float
        Share withheld or absent; 1 where it means nothing.
    hours : float
        Delay of each delivery; 0 where it means nothing [h].
    order : object
        The order as the scenario holds it.
    path : str
        Where it stands in the scenario.
    """

    at_s: int
    until_s: int
    kind: str
    elements: tuple[int, ...]
    share: float
    hours: float
    order: Imposed
    path: str


def resolve(
    orders: Sequence[Imposed],
    network: NetworkArrays,
    calendar: Calendar,
    power_areas: Sequence[Area] = (),
    place: str = "disruptions.imposed",
) -> tuple[list[ImposedHappening], list[Problem]]:
    """Return the orders in time order, and all that is wrong with them: unknown ids, times outside the season.

    `place` is the path of the list that they stand in.
    """
    happenings: list[ImposedHappening] = []
    problems: list[Problem] = []
    for number, order in enumerate(orders):
        path = f"{place}[{number}]"
        at = calendar.seconds(order.at)
        if not 0 <= at < calendar.horizon_s:
            wanted = f"a time from {calendar.text(0)} to {calendar.text(calendar.horizon_s)}"
            problems.append(Problem(f"{path}.at", str(order.at), wanted, "the season's readiness_start and latest_end"))
        elements, problem = _elements(order, network, power_areas, path)
        if problem is not None:
            problems.append(problem)
        hours = getattr(order, "hours", 0.0) if not isinstance(order, ImposedDeliveryDelay) else 24.0 * order.days
        length_h = hours or 24.0 * getattr(order, "days", 0.0)
        happenings.append(
            ImposedHappening(
                at,
                at + int(length_h * 3600.0),
                order.kind,
                elements,
                float(getattr(order, "share", 1.0)),
                order.hours if isinstance(order, ImposedDeliveryDelay) else 0.0,
                order,
                path,
            )
        )
    happenings.sort(key=lambda happening: happening.at_s)
    return happenings, problems


def _elements(
    order: Imposed, network: NetworkArrays, power_areas: Sequence[Area], path: str
) -> tuple[tuple[int, ...], Problem | None]:
    """Return the rows that an order speaks of."""
    if isinstance(order, ImposedPipeFailure):
        rule = {
            "largest": network.pipe_inner_diameter_m,
            "longest": network.pipe_length_m,
            "oldest": -network.pipe_year.astype(np.float64),
        }
        if nominal := re.fullmatch(r"DN([1-9]\d*)", order.pipe):
            away = np.abs(np.log(network.pipe_inner_diameter_m / (int(nominal[1]) / 1e3)))
            rule[order.pipe] = np.where(away <= away.min() + 1e-9, network.pipe_length_m, 0.0)
        return _one(order.pipe, network.pipe_ids, rule, f"{path}.pipe", "pipe", ("DN500",))
    if isinstance(order, ImposedSourceTrip):
        return _one(order.unit, network.unit_ids, {"largest": network.unit_capacity_w}, f"{path}.unit", "unit")
    if isinstance(order, ImposedPumpFailure):
        capacity = np.bincount(network.unit_source, network.unit_capacity_w, len(network.source_ids)).astype(np.float64)
        return _one(order.source, network.source_ids, {"largest": capacity}, f"{path}.source", "heat source")
    if isinstance(order, ImposedSubstationFailure):
        size = {"largest": network.substation_design_w}
        return _one(order.substation, network.substation_ids, size, f"{path}.substation", "substation")
    if isinstance(order, ImposedPowerFailure):
        with_source = {"of_source": np.array([float(bool(area.sources)) for area in power_areas])}
        ids = tuple(area.id for area in power_areas)
        return _one(order.area, ids, with_source, f"{path}.area", "power area")
    if isinstance(order, ImposedFuelCut | ImposedDeliveryDelay):
        groups = {
            "all_gas": np.flatnonzero(network.store_gas),
            "all_stocks": np.flatnonzero(~network.store_pipeline & (network.store_truck > 0.0)),
        }
        if order.store in groups:
            return tuple(int(row) for row in groups[order.store]), None
        return _one(order.store, network.store_ids, {}, f"{path}.store", "fuel store", tuple(groups))
    return (), None


def _one(
    word: str, ids: tuple[str, ...], rules: dict[str, Floats], path: str, what: str, also: tuple[str, ...] = ()
) -> tuple[tuple[int, ...], Problem | None]:
    if word in ids:
        return (ids.index(word),), None
    if word in rules and len(ids):
        return (int(np.argmax(rules[word])),), None
    known = [*ids, *rules, *also]
    rest = " or " + ", ".join((*rules, *also)) if rules or also else ""
    return (), Problem(path, f'"{word}"', f"the id of a {what} of the network{rest}", did_you_mean(word, known))
