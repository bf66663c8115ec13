"""Substations that fail: leaking or fouled exchangers, secondary pumps, control valves stuck shut."""

from __future__ import annotations

from ...network_models.arrays import NetworkArrays
from ..calendar import HOUR_S, Calendar
from ..parts import Part, number
from .renewals import YEAR_S, Renewals, draw_renewals

__all__ = ["SubstationFailures", "draw_substation_failures"]


class SubstationFailures(Part):
    """How substations fail so that their buildings get no heat."""

    enabled: bool = True
    """Whether substations fail at all."""

    rate_per_year: float = number(
        0.06, ge=0, le=100, source="assumed: exchanger, control valve and secondary pumps together, what a standby "
        "covers left out (a pump alone fails 0.1-0.3 /a)", confidence="L", low=0.02, high=0.2,
    )  # fmt: skip
    """Failures that stop a substation's heat, in a year of running [1/a]."""

    detection_minutes: float = number(
        20.0, gt=0, le=10_000, source="assumed: telemetry alarm, looked at by the dispatcher", confidence="L", low=5.0,
        high=120.0,
    )  # fmt: skip
    """Mean time until it is found (exponential) [min]."""

    repair_h: float = number(
        4.0, gt=0, le=1_000, source="assumed; Urumqi asks 8 h for an ordinary fault", confidence="L", low=2.0, high=10.0
    )
    """Mean working time of the repair [h]."""

    repair_spread: float = number(0.8, ge=0, le=5, source="assumed", confidence="L", low=0.4, high=1.5)
    """Coefficient of variation of the repair (lognormal) [-]."""


def draw_substation_failures(
    specification: SubstationFailures, network: NetworkArrays, calendar: Calendar, seed: int, replication: int
) -> Renewals:
    """Return candidates of every substation; they come to pass while heat is on."""
    rate = specification.rate_per_year if specification.enabled else 0.0
    return draw_renewals(
        "substation_failure", network.substation_ids, YEAR_S / rate if rate > 0.0 else float("inf"),
        specification.repair_h * HOUR_S, specification.repair_spread, until_s=calendar.horizon_s, seed=seed,
        replication=replication,
    )  # fmt: skip
