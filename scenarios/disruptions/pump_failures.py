"""Circulation pumps of heat sources that fail: the standby takes over within minutes, if there is one and it starts."""

from __future__ import annotations

from dataclasses import dataclass

from ...network_models.arrays import NetworkArrays
from ..calendar import HOUR_S, Calendar
from ..parts import Part, number
from .renewals import YEAR_S, Renewals, draw_renewals

__all__ = ["PumpFailures", "PumpState", "draw_pump_failures", "pumping_share", "takes_over"]


class PumpFailures(Part):
    """How circulation pumps fail, and what stands by."""

    enabled: bool = True
    """Whether pumps fail at all."""

    rate_per_year: float = number(
        0.2, ge=0, le=100, source="circulation pump 0.1-0.3 /a", confidence="L", low=0.1, high=0.3
    )
    """Failures of one running pump in a year of running [1/a]."""

    repair_h: float = number(16.0, gt=0, le=2_000, source="MTTR 8-24 h", confidence="L", low=8.0, high=24.0)
    """Mean time to repair [h]."""

    repair_spread: float = number(0.7, ge=0, le=5, source="assumed", confidence="L", low=0.3, high=1.2)
    """Coefficient of variation of the time to repair (lognormal) [-]."""

    running: int = number(2, ge=1, le=20, source="assumed: two pumps share the flow of a source", confidence="L")
    """Pumps of each source that run at full load."""

    standby: int = number(1, ge=0, le=20, source="assumed: N+1, general practice", confidence="M")
    """Pumps that stand by."""

    start_share: float = number(
        0.97, ge=0, le=1, source="assumed: a standby that is tried monthly starts when called", confidence="L", low=0.9,
        high=0.995,
    )  # fmt: skip
    """Chance that a standby pump starts when called [-]."""

    switchover_minutes: float = number(
        3.0, gt=0, le=600, source="switchover within seconds to minutes", confidence="L", low=0.5, high=15.0
    )
    """Until the standby has taken over [min]."""


@dataclass(frozen=True, slots=True)
class PumpState:
    """What a failure meets: how many pumps of the source are already under repair."""

    under_repair: int


def draw_pump_failures(
    specification: PumpFailures, network: NetworkArrays, calendar: Calendar, seed: int, replication: int
) -> Renewals:
    """Return candidates of every running pump; pump ``k`` of source ``s`` is the element ``s * running + k``."""
    ids = [f"{source}/{number}" for source in network.source_ids for number in range(specification.running)]
    rate = specification.rate_per_year if specification.enabled else 0.0
    return draw_renewals(
        "pump_failure", ids, YEAR_S / rate if rate > 0.0 else float("inf"), specification.repair_h * HOUR_S,
        specification.repair_spread, until_s=calendar.horizon_s, seed=seed, replication=replication,
    )  # fmt: skip


def takes_over(specification: PumpFailures, mark: float, state: PumpState) -> bool:
    """Return whether a standby pump takes over: one is left, and it starts."""
    return state.under_repair < specification.standby and mark < specification.start_share


def pumping_share(specification: PumpFailures, pumps: int) -> float:
    """Return the share of the source's heat that so many pumps carry off [-]."""
    return min(1.0, max(pumps, 0) / specification.running)
