"""Fuel that comes late, short or not at all: one weather drives late trucks, closed roads and curtailed gas alike.

Late deliveries are drawn per store and order number. Road closures follow snow and cold on the pass; gas curtailment
follows the cold of the whole region. Both are fully known before the clock: nobody's policy changes the weather.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ..calendar import DAY_S, HOUR_S, Calendar
from ..chance import Floats, lognormal, stream, uniforms_of_entities
from ..parts import Part, number
from ..weather.weather import Weather

__all__ = [
    "Deliveries",
    "Delivery",
    "FuelSupply",
    "GasCurtailment",
    "Roads",
    "Spans",
    "delivery",
    "delivery_marks",
    "draw_gas_curtailments",
    "draw_road_closures",
    "withheld_share",
]

_MOST_ORDERS = 512


class Deliveries(Part):
    """How an order of stocked fuel arrives."""

    late_share: float = number(0.08, ge=0, le=1, source="assumed", confidence="L", low=0.02, high=0.25)
    """Share of deliveries that come late [-]."""

    late_h: float = number(
        18.0, ge=0, le=2_000, source="assumed; Qinling snow held trucks for 10-48 h in Nov 2016", confidence="L",
        low=8.0, high=48.0,
    )  # fmt: skip
    """Mean delay of a late one [h]."""

    late_spread: float = number(0.8, ge=0, le=5, source="assumed", confidence="L", low=0.4, high=1.5)
    """Coefficient of variation of that delay (lognormal) [-]."""

    short_share: float = number(0.04, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.15)
    """Share of deliveries that bring less than ordered [-]."""

    short_by_share: float = number(0.3, ge=0, le=1, source="assumed", confidence="L", low=0.1, high=0.6)
    """What is lacking then, as a share of the order [-]."""

    lead_spread: float = number(0.25, ge=0, le=5, source="assumed", confidence="L", low=0.0, high=0.6)
    """Coefficient of variation of the ordinary lead time (lognormal) [-]."""

    lead_factor: float = number(
        1.0, gt=0, le=100, source="a lever: multiplies the network file's lead times", confidence="H"
    )
    """Multiplies every lead time [-]."""


class GasCurtailment(Part):
    """When the region is short of gas: two states, the hazard rising with cold."""

    enabled: bool = True
    """Whether gas is curtailed at all."""

    per_cold_day: float = number(
        0.03, ge=0, le=1, source="assumed; Xi'an was 9 % short in 2005, national peak-day cut 7-10 % in 2017",
        confidence="L", low=0.01, high=0.15,
    )  # fmt: skip
    """Chance that a day at the design temperature begins a curtailment [1/d]."""

    cold_scale_k: float = number(2.0, gt=0, le=20, source="assumed", confidence="L", low=1.0, high=4.0)
    """Rise of the daily mean (three-day average) that divides this chance by e [K]."""

    days: float = number(4.0, gt=0, le=60, source="2-15 d", confidence="L", low=2.0, high=15.0)
    """Mean duration, at least one day (geometric) [d]."""

    gap_share: float = number(
        0.20, ge=0, le=1, source="mean 10-30 % of the region's demand on the worst days", confidence="L", low=0.08,
        high=0.30,
    )  # fmt: skip
    """Mean share of the region's demand that is missing [-]."""

    gap_spread: float = number(0.5, ge=0, le=3, source="assumed", confidence="L", low=0.2, high=0.8)
    """Coefficient of variation of that share (lognormal, at most 0.9) [-]."""

    tiers: tuple[float, ...] = number(
        (0.06, 0.03), source="assumed: interruptible industry, then other industry and trade; households and their "
        "heating last", confidence="L",
    )  # fmt: skip
    """Shares of the region's demand that are cut before residential heating, first to last [-]."""


class Roads(Part):
    """When the road over the Qinling closes."""

    enabled: bool = True
    """Whether roads close at all."""

    per_snow_day: float = number(
        0.35, ge=0, le=1, source="assumed; G5 closed for snow on 19 Jan 2026, jammed in Nov 2016", confidence="L",
        low=0.15, high=0.7,
    )  # fmt: skip
    """Chance of a closure on a day of snow in town [1/d]."""

    per_cold_day: float = number(
        0.08, ge=0, le=1, source="assumed: ice and gelled diesel on the pass", confidence="L", low=0.02, high=0.2
    )
    """Chance of a closure on a day at the design temperature, without snow in town [1/d]."""

    cold_scale_k: float = number(2.0, gt=0, le=20, source="assumed", confidence="L", low=1.0, high=4.0)
    """Rise of the daily mean that divides this chance by e [K]."""

    hours: float = number(
        20.0, gt=0, le=500, source="median 12-24 h, at most 3-4 d", confidence="L", low=12.0, high=36.0
    )
    """Mean duration [h]."""

    hours_spread: float = number(0.8, ge=0, le=3, source="assumed", confidence="L", low=0.4, high=1.2)
    """Coefficient of variation of the duration (lognormal) [-]."""

    longest_h: float = number(96.0, gt=0, le=2_000, source="3-4 d", confidence="L", low=72.0, high=168.0)
    """Longest closure [h]."""


class FuelSupply(Part):
    """What can go wrong with fuel."""

    enabled: bool = True
    """Whether anything does."""

    deliveries: Deliveries = Deliveries()
    """How an order of stocked fuel arrives."""

    gas: GasCurtailment = GasCurtailment()
    """When the region is short of gas."""

    roads: Roads = Roads()
    """When the road over the Qinling closes."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Spans of time in order: begin and end [s], and a share (of gas withheld; 1 where it means nothing)."""

    start_s: npt.NDArray[np.int64]
    end_s: npt.NDArray[np.int64]
    share: Floats

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self.start_s)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one order arrives: after how long on open roads, late by how much of that, and which share of it."""

    lead_s: int
    late_s: int
    share: float


def delivery_marks(network: NetworkArrays, seed: int, replication: int) -> Floats:
    """Return uniforms for every store's orders by number, shape (store, 512, 4); order 512 begins again at 0."""
    u = uniforms_of_entities(seed, replication, "delivery", network.store_ids, count=4 * _MOST_ORDERS)
    return u.reshape(len(network.store_ids), _MOST_ORDERS, 4)


def delivery(specification: FuelSupply, lead_s: float, marks: Floats) -> Delivery:
    """Return how an order arrives.

    Parameters
    ----------
    lead_s
        Mean lead time of the store [s].
    marks
        The order's four uniforms, shape (4,): lead time, late or not, delay, short or not.
    """
    d = specification.deliveries
    if not specification.enabled:
        return Delivery(int(lead_s * d.lead_factor), 0, 1.0)
    lead = float(lognormal(marks[0], lead_s * d.lead_factor, d.lead_spread))
    late = (
        float(lognormal(marks[2], d.late_h * HOUR_S, d.late_spread))
        if marks[1] < d.late_share and d.late_h > 0
        else 0.0
    )
    return Delivery(int(lead), int(late), 1.0 - d.short_by_share if marks[3] < d.short_share else 1.0)


def draw_road_closures(
    specification: FuelSupply, weather: Weather, calendar: Calendar, seed: int, replication: int
) -> Spans:
    """Return road closures, each beginning on a day of snow or cold; overlapping ones are joined."""
    roads = specification.roads
    u = stream(seed, replication, "road_closure").random((calendar.days, 3))
    if not (specification.enabled and roads.enabled):
        return _no_spans()
    snow = weather.snow_mm.reshape(-1, 24).sum(axis=1) >= 0.5
    cold = np.exp(-np.maximum(weather.daily_mean_c - weather.design_outdoor_c, -20.0) / roads.cold_scale_k)
    chance = np.where(snow, roads.per_snow_day, np.minimum(roads.per_cold_day * cold, 1.0))
    day = np.flatnonzero(u[:, 0] < chance)
    hours = np.minimum(lognormal(u[day, 1], roads.hours, roads.hours_spread), roads.longest_h)
    start = day * DAY_S + (u[day, 2] * DAY_S).astype(np.int64)
    return _joined(start, start + np.maximum(hours * HOUR_S, 60.0).astype(np.int64))


def draw_gas_curtailments(
    specification: FuelSupply, weather: Weather, calendar: Calendar, seed: int, replication: int
) -> Spans:
    """Return gas curtailments: whole gas days, two-state Markov with a hazard that rises with cold."""
    gas = specification.gas
    u = stream(seed, replication, "gas_curtailment").random((calendar.days, 3))
    if not (specification.enabled and gas.enabled):
        return _no_spans()
    mean = weather.daily_mean_c
    padded = np.concatenate((mean[:1], mean[:1], mean))
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3.0
    chance = np.minimum(gas.per_cold_day * np.exp(-(smooth - weather.design_outdoor_c) / gas.cold_scale_k), 1.0)
    ends = 1.0 / max(gas.days, 1.0)
    starts: list[int] = []
    stops: list[int] = []
    shares: list[float] = []
    day = 0
    while day < calendar.days:
        if u[day, 0] >= chance[day]:
            day += 1
            continue
        starts.append(day)
        shares.append(withheld_share(gas, float(np.minimum(lognormal(u[day, 2], gas.gap_share, gas.gap_spread), 0.9))))
        day += 1
        while day < calendar.days and u[day, 1] >= ends:
            day += 1
        stops.append(day)
    hit = np.array(shares, np.float64) > 0.0  # a gap that the tiers before us bear is none of ours
    return Spans(np.array(starts, np.int64)[hit] * DAY_S, np.array(stops, np.int64)[hit] * DAY_S, np.array(shares)[hit])


def withheld_share(gas: GasCurtailment, gap_share: float) -> float:
    """Return what residential heating loses of its gas when the region misses a share of its demand [-].

    The tiers before it are cut first, each to the last; only what is still missing falls on those that remain.
    """
    before = min(sum(gas.tiers), 1.0)
    return max(gap_share - before, 0.0) / (1.0 - before) if before < 1.0 else 0.0


def _joined(start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> Spans:
    """Return spans in order, overlapping ones joined."""
    order = np.argsort(start, kind="stable")
    spans: list[tuple[int, int]] = []
    for a, b in zip(start[order].tolist(), end[order].tolist(), strict=True):
        if spans and a <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], b))
        else:
            spans.append((a, b))
    columns = np.array(spans, np.int64).reshape(-1, 2)
    return Spans(columns[:, 0].copy(), columns[:, 1].copy(), np.ones(len(columns)))


def _no_spans() -> Spans:
    return Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
