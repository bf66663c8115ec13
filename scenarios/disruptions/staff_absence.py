"""Staff that stays away: by week and group, more in cold weather and round the Spring Festival."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ..calendar import Calendar
from ..chance import Floats, normal, stream
from ..parts import Part, number
from ..weather.weather import Weather

__all__ = ["GROUPS", "StaffAbsence", "draw_absence", "is_festival"]

#: Groups of staff, the columns of an absence table.
GROUPS: tuple[str, ...] = ("agents", "measurers", "crews")

# First day of the year by the lunar calendar, the holiday week begins on its eve.
_SPRING_FESTIVAL = {
    year: dt.date(year, month, day)
    for year, month, day in (
        (2015, 2, 19), (2016, 2, 8), (2017, 1, 28), (2018, 2, 16), (2019, 2, 5), (2020, 1, 25), (2021, 2, 12),
        (2022, 2, 1), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26),
        (2029, 2, 13), (2030, 2, 3), (2031, 1, 23), (2032, 2, 11), (2033, 1, 31), (2034, 2, 19), (2035, 2, 8),
    )
}  # fmt: skip
_HOLIDAY_DAYS = 8


class StaffAbsence(Part):
    """How many stay away."""

    enabled: bool = True
    """Whether anyone does."""

    share: float = number(0.04, ge=0, le=1, source="assumed: sick leave in winter", confidence="L", low=0.02, high=0.08)
    """Mean share absent in an ordinary week [-]."""

    week_spread: float = number(
        0.5, ge=0, le=3, source="assumed: waves of influenza", confidence="L", low=0.2, high=1.0
    )
    """Coefficient of variation of a week's factor (lognormal, likeness 0.6 from week to week) [-]."""

    cold_growth: float = number(
        0.3, ge=-1, le=5, source="assumed: growth per 10 K below 5 °C", confidence="L", low=0.0, high=0.8
    )
    """Growth of the share for each 10 K that the week's mean lies below 5 °C [-]."""

    holiday_share: float = number(
        0.10, ge=0, le=1, source="assumed: Spring Festival week, on top", confidence="L", low=0.0, high=0.3
    )
    """Share absent in the week of the Spring Festival, besides [-]."""

    most: float = number(0.6, ge=0, le=1, source="assumed", confidence="L", low=0.4, high=0.9)
    """Largest share [-]."""


def draw_absence(
    specification: StaffAbsence, weather: Weather, calendar: Calendar, seed: int, replication: int
) -> Floats:
    """Return the share absent by day and group, shape (day, 3); columns are :data:`GROUPS` [-]."""
    weeks = -(-calendar.days // 7)
    z = np.stack([normal(stream(seed, replication, "staff_absence", group).random(weeks)) for group in GROUPS], axis=1)
    if not specification.enabled:
        return np.zeros((calendar.days, len(GROUPS)))
    for week in range(1, weeks):
        z[week] = 0.6 * z[week - 1] + 0.8 * z[week]
    sigma2 = np.log1p(specification.week_spread**2)
    factor = np.exp(np.sqrt(sigma2) * z - 0.5 * sigma2)
    week_of = np.arange(calendar.days) // 7
    mean = np.bincount(week_of, weights=weather.daily_mean_c) / np.bincount(week_of)
    cold = 1.0 + specification.cold_growth * np.maximum(5.0 - mean, 0.0) / 10.0
    share = specification.share * (factor * cold[:, None])[week_of]
    festive = np.array([is_festival(calendar.date(day)) for day in range(calendar.days)], np.bool_)
    share[festive] += specification.holiday_share
    result: Floats = np.minimum(share, specification.most)
    return result


def is_festival(date: dt.date) -> bool:
    """Return whether a day belongs to the week of the Spring Festival, which begins on its eve."""
    first = _SPRING_FESTIVAL.get(date.year)
    return first is not None and -1 <= (date - first).days < _HOLIDAY_DAYS - 1
