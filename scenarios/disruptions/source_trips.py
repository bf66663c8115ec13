"""Units of heat sources that trip: alternating running and repair, by forced-outage rate and mean time to repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ..calendar import HOUR_S, Calendar
from ..chance import Floats, lognormal, uniforms_of_entities
from ..parts import Part, number

__all__ = ["SourceTrips", "UnitTripState", "UnitTrips", "accept", "draw_unit_trips", "with_imposed"]

_MOST_TRIPS = 64


class SourceTrips(Part):
    """How units trip; rates and repair times stand with the units in the network file."""

    enabled: bool = True
    """Whether units trip at all."""

    rate_factor: float = number(1.0, ge=0, le=1_000, source="a lever for scenarios", confidence="H")
    """Multiplies the rate of every unit [-]."""

    repair_factor: float = number(1.0, gt=0, le=100, source="a lever for scenarios", confidence="H")
    """Multiplies the time to repair of every unit [-]."""

    repair_spread: float = number(
        1.0, ge=0, le=5, source="assumed: lognormal, coefficient of variation 1", confidence="L", low=0.5, high=1.5
    )
    """Coefficient of variation of the time to repair (lognormal) [-]."""

    idle_share: float = number(
        0.1, ge=0, le=1, source="assumed: faults that show on an idle unit", confidence="L", low=0.0, high=0.3
    )
    """Rate of an idle unit as a share of a running one's [-]."""


@dataclass(frozen=True, slots=True)
class UnitTripState:
    """What a candidate meets: whether the unit runs, or is already under repair."""

    running: bool
    under_repair: bool


@dataclass(frozen=True, slots=True, eq=False)
class UnitTrips:
    """Candidates in time order: second, row of the unit, time to repair [s], uniform mark."""

    at_s: npt.NDArray[np.int64]
    unit: npt.NDArray[np.int64]
    repair_s: npt.NDArray[np.int64]
    mark: Floats
    imposed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.at_s)


def accept(specification: SourceTrips, mark: float, state: UnitTripState) -> bool:
    """Return whether a candidate comes to pass: never while under repair, always when running, else by its mark."""
    if state.under_repair:
        return False
    return mark < (1.0 if state.running else specification.idle_share)


def draw_unit_trips(
    specification: SourceTrips, network: NetworkArrays, calendar: Calendar, seed: int, replication: int
) -> UnitTrips:
    """Return candidates at the rate of units that always run, each unit's from draws of its own.

    Mean time between failures = (1 - FOR) MTTR / FOR; gaps are exponential by inversion of one uniform each, so that a
    higher rate moves trips earlier and adds some.
    """
    rate = network.unit_outage_rate
    tripping = (rate > 0.0) & (specification.rate_factor > 0.0) & specification.enabled
    if not tripping.any():
        empty = np.zeros(0, np.int64)
        return UnitTrips(empty, empty, empty, np.zeros(0), np.zeros(0, np.bool_))
    u = uniforms_of_entities(seed, replication, "unit_trip", network.unit_ids, count=3 * _MOST_TRIPS)
    u = u.reshape(len(rate), _MOST_TRIPS, 3)
    mean_repair_s = network.unit_repair_h * HOUR_S
    with np.errstate(divide="ignore"):
        mean_run_s = (1.0 - rate) / rate * mean_repair_s / specification.rate_factor
    run = -np.log(u[:, :, 0]) * np.where(tripping, mean_run_s, np.inf)[:, None]
    repair = lognormal(u[:, :, 1], mean_repair_s[:, None] * specification.repair_factor, specification.repair_spread)
    at = np.cumsum(run, axis=1) + np.cumsum(repair, axis=1) - repair
    unit, trip = np.nonzero(at < calendar.horizon_s)
    order = np.lexsort((unit, at[unit, trip]))
    unit, trip = unit[order], trip[order]
    return UnitTrips(
        at[unit, trip].astype(np.int64),
        unit.astype(np.int64),
        np.maximum(repair[unit, trip], 60.0).astype(np.int64),
        u[unit, trip, 2],
        np.zeros(len(unit), np.bool_),
    )


def with_imposed(drawn: UnitTrips, orders: Sequence[tuple[int, int, int]]) -> UnitTrips:
    """Return the candidates with the scenario's own trips among them: (second, row of the unit, repair [s]) each."""
    if not orders:
        return drawn
    at, unit, repair = (np.array(column, np.int64) for column in zip(*orders, strict=True))
    added = UnitTrips(at, unit, repair, np.zeros(len(at)), np.ones(len(at), np.bool_))
    columns = [np.concatenate((getattr(drawn, f.name), getattr(added, f.name))) for f in fields(UnitTrips)]
    order = np.lexsort((columns[4], columns[1], columns[0]))
    return UnitTrips(*(column[order] for column in columns))
