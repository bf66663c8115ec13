"""Units of heat sources that trip: alternating running and repair, by forced-outage rate and mean time to repair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...network_models.arrays import NetworkArrays
from ..calendar import HOUR_S, Calendar
from ..parts import Part, number
from .renewals import Renewals, draw_renewals

__all__ = ["SourceTrips", "UnitTripState", "accept", "draw_unit_trips"]


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


def accept(specification: SourceTrips, mark: float, state: UnitTripState) -> bool:
    """Return whether a candidate comes to pass: never while under repair, always when running, else by its mark."""
    if state.under_repair:
        return False
    return mark < (1.0 if state.running else specification.idle_share)


def draw_unit_trips(
    specification: SourceTrips, network: NetworkArrays, calendar: Calendar, seed: int, replication: int
) -> Renewals:
    """Return candidates at the rate of units that always run; mean time between failures = (1 - FOR) MTTR / FOR."""
    rate, mean_repair_s = network.unit_outage_rate, network.unit_repair_h * HOUR_S
    tripping = (rate > 0.0) & (specification.rate_factor > 0.0) & specification.enabled
    mean_run_s = np.full(len(rate), np.inf)
    mean_run_s[tripping] = ((1.0 - rate) / np.where(tripping, rate, 1.0) * mean_repair_s)[tripping]
    return draw_renewals(
        "unit_trip", network.unit_ids, mean_run_s / max(specification.rate_factor, 1e-12),
        mean_repair_s * specification.repair_factor, specification.repair_spread,
        until_s=calendar.horizon_s, seed=seed, replication=replication,
    )  # fmt: skip
