"""Whether to start early or stop late in abnormal cold: the authority may decide so (guide 二（2）).

Beijing's rule: five consecutive days forecast below 5 °C. In Hanzhong's November and late March that almost never comes
(0.02-2 % of years), so extension is modelled as a decision, by rule or by hand. The guide gives no threshold.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from ..chance import Floats
from ..parts import Part, number

__all__ = [
    "AnySeasonPolicy",
    "ByRule",
    "Decided",
    "Discretionary",
    "Fixed",
    "SeasonPolicy",
    "early_start_day",
    "extension_days",
]


class Fixed(Part):
    """The legal dates, whatever the weather."""

    kind: Literal["fixed"] = "fixed"
    """No early start, no extension."""


class ByRule(Part):
    """Start early or extend when the forecast shows so many cold days in a row."""

    kind: Literal["rule"] = "rule"
    """A rule on the forecast."""

    below_c: float = number(
        5.0, ge=-20, le=20, source="Beijing and Harbin: below 5 °C", confidence="M", low=4.0, high=8.0
    )
    """A day counts when its mean is forecast below this [degC]."""

    in_a_row: int = number(5, ge=1, le=15, source="Beijing and Harbin: five days", confidence="M", low=3, high=5)
    """How many such days in a row decide [d]."""

    lead_days: int = number(
        2, ge=0, le=14, source="assumed; Beijing proposes 5 d ahead, Xi'an told 2 h ahead in 2023", confidence="L",
        low=0, high=5,
    )  # fmt: skip
    """Days between the decision and its taking effect; 0: at once, an extension on the last day of supply [d]."""

    review_hour: int = number(15, ge=0, le=23, source="assumed: after the midday forecast", confidence="L")
    """Hour of the clock at which the forecast is looked at [h]."""


class Decided(Part):
    """Decided by hand: known here, announced so long before."""

    kind: Literal["decided"] = "decided"
    """By hand."""

    early_days: int = number(0, ge=0, le=60, source="a lever", confidence="H")
    """Days by which supply starts early, no earlier than the season's earliest_start [d]."""

    extension_days: int = number(0, ge=0, le=60, source="a lever; Xi'an 2023: 4", confidence="H")
    """Days by which supply stops late, no later than the season's latest_end [d]."""

    notice_h: float = number(
        24.0, ge=0, le=2_000, source="assumed; Xi'an 2023: 2 h", confidence="L", low=2.0, high=120.0
    )
    """How long before it takes effect the decision is told to the operator, in whole hours and at least one [h]."""


class Discretionary(Part):
    """The authority weighs how severe the cold looks: mildly cold days add up, one very cold day counts as several."""

    kind: Literal["discretionary"] = "discretionary"
    """By severity."""

    below_c: float = number(
        7.0, ge=-20, le=20, source="assumed: a little below the 8 °C that mark the heating period in GB 50736",
        confidence="L", low=5.0, high=8.0,
    )  # fmt: skip
    """Cold is counted below this daily mean [degC]."""

    severity_kd: float = number(
        10.0, ge=0, le=500, source="assumed; Xi'an 2023 extended by four days of about 3 K below", confidence="L",
        low=5.0, high=25.0,
    )  # fmt: skip
    """Degree-days below it over the days looked at, from which on the season is moved [K·d]."""

    days: int = number(
        6, ge=1, le=15, source="assumed: as far as a forecast means something", confidence="L", low=4, high=10
    )
    """Days looked at, from the day that the decision could take effect [d]."""

    lead_days: int = number(
        1, ge=0, le=14, source="assumed; Xi'an 2023 told 2 h ahead, Beijing proposes 5 d ahead", confidence="L", low=0,
        high=5,
    )  # fmt: skip
    """Days between the decision and its taking effect, in which fuel is ordered and staff called; 0: at once, an
    extension on the last day of supply [d]."""

    review_hour: int = number(16, ge=0, le=23, source="assumed: after the midday forecast", confidence="L")
    """Hour of the clock at which the forecast is weighed [h]."""


AnySeasonPolicy = Fixed | ByRule | Decided | Discretionary
SeasonPolicy = Annotated[AnySeasonPolicy, Field(discriminator="kind")]


def early_start_day(
    policy: AnySeasonPolicy, today: int, forecast_c: Floats, earliest_day: int, legal_day: int, *, hour: int = 0
) -> int | None:
    """Return the day on which supply is to start early, seen from `today`; None: no decision now.

    A day that has begun means at once.

    Parameters
    ----------
    today, earliest_day, legal_day
        Numbers of days since the origin.
    forecast_c
        Daily means forecast today, for today and after, shape (lead,) [degC].
    hour
        Hours of today that have passed: a decision by hand is told to the hour [h].
    """
    if isinstance(policy, ByRule):
        day = _first_cold(policy, today, forecast_c, earliest_day)
        return day if day is not None and day < legal_day else None
    if isinstance(policy, Discretionary):
        first = max(policy.lead_days, earliest_day - today)
        cold_leads = _severely_cold(policy, forecast_c, first)
        return today + cold_leads[0] if cold_leads and today + cold_leads[0] < legal_day else None
    if isinstance(policy, Decided) and policy.early_days > 0:
        day = max(legal_day - policy.early_days, earliest_day)
        return day if _is_told(policy, day, today, hour) else None
    return None


def extension_days(
    policy: AnySeasonPolicy, today: int, forecast_c: Floats, end_day: int, latest_day: int, *, hour: int = 0
) -> int:
    """Return by how many days to extend, seen from `today`; 0: no decision now.

    What asks for no lead is decided on the last day of supply: once it is over, there is nothing to extend.

    Parameters
    ----------
    today
        Number of today.
    forecast_c
        Daily means forecast today, for today and after, shape (lead,) [degC].
    end_day
        The first day without supply, as decided so far.
    latest_day
        The first day that no extension may reach.
    hour
        Hours of today that have passed: a decision by hand is told to the hour [h].
    """
    room = max(latest_day - end_day, 0)
    first = end_day - today
    if isinstance(policy, ByRule | Discretionary) and not 0 <= first <= max(policy.lead_days, 1):
        return 0
    if isinstance(policy, ByRule):
        cold = 0
        while first + cold < len(forecast_c) and forecast_c[first + cold] < policy.below_c:
            cold += 1
        return min(cold, room) if cold >= policy.in_a_row else 0
    if isinstance(policy, Discretionary):
        cold_leads = _severely_cold(policy, forecast_c, first)
        return min(cold_leads[-1] + 1 - first, room) if cold_leads else 0
    if isinstance(policy, Decided) and policy.extension_days > 0:
        return min(policy.extension_days, room) if _is_told(policy, end_day, today, hour) else 0
    return 0


def _is_told(policy: Decided, day: int, today: int, hour: int) -> bool:
    """Return whether the time has come to tell what takes effect as a day begins."""
    return 24 * (day - today) - hour <= max(math.ceil(policy.notice_h), 1)


def _severely_cold(policy: Discretionary, forecast_c: Floats, first: int) -> list[int]:
    """Return which of the days that the policy looks at, from `first` on, are cold; none unless they add up."""
    looked_at = range(first, min(first + policy.days, len(forecast_c)))
    below_k = {
        lead: policy.below_c - float(forecast_c[lead]) for lead in looked_at if forecast_c[lead] < policy.below_c
    }
    return list(below_k) if sum(below_k.values()) >= policy.severity_kd else []


def _first_cold(policy: ByRule, today: int, forecast_c: Floats, earliest_day: int) -> int | None:
    """Return the first day of a cold run that can still be acted on."""
    first = max(policy.lead_days, earliest_day - today)
    for lead in range(max(first, 0), len(forecast_c) - policy.in_a_row + 1):
        if all(forecast_c[lead + i] < policy.below_c for i in range(policy.in_a_row)):
            return today + lead
    return None
