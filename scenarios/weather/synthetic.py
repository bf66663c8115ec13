"""A synthetic winter, calibrated to Hanzhong by official numbers alone.

Smooth climatology through the monthly means, a seasonal offset, AR(2) daily anomalies, sunshine that sets the diurnal
range and the sun's strength, wind, and precipitation that is snow when it is cold. By its total spread of 2.1 K it
meets GB 50736's 72 days at or below 5 °C, -0.1 °C (5 d/a) and -1.8 °C (1 d/a).
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..chance import Floats, normal, stream
from ..parts import number
from .climate import Climate, monthly_curve
from .origin import Hourly, Origin, smooth_hours
from .solar import daily_extraterrestrial_j_m2, hourly_shares

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

__all__ = ["Synthetic", "daily_anomaly_k", "diurnal_course", "synthetic"]

# The day's course: coolest at 7:30, warmest at 15:30 by the clock (solar noon stands at about 12:52 in Hanzhong).
_COOLEST_H, _WARMEST_H = 7.5, 15.5
_WETTEST_DULL_SHARE = 0.5  # rain and snow fall on the duller half of the days


class Synthetic(Origin):
    """A winter drawn from the climate."""

    kind: Literal["synthetic"] = "synthetic"
    """Drawn from the climate."""

    anomaly_sd_k: float = number(
        2.1, ge=0, le=8, source="both GB 50736 tails: -0.1 °C at 5 d/a gives 2.09 K, -1.8 °C at 1 d/a gives 2.15 K",
        confidence="M", low=1.9, high=2.6,
    )  # fmt: skip
    """Standard deviation of daily means about the climatology, the seasonal offset included [K]."""

    seasonal_offset_sd_k: float = number(
        0.8, ge=0, le=4, source="assumed: long memory of Chinese stations (Theor. Appl. Climatol. 109:261), 0.8-1 K",
        confidence="L", low=0.5, high=1.2,
    )  # fmt: skip
    """Standard deviation of a whole winter's offset, part of the spread above [K]."""

    lag1: float = number(
        0.67, gt=-1, lt=1, source="Shanghai-Hongqiao TMYx, Nov-Mar, as a proxy", confidence="M", low=0.60, high=0.75
    )
    """Correlation of the anomalies of two successive days [-]."""

    lag2: float = number(
        0.27, gt=-1, lt=1, source="same; below lag1², hence two terms", confidence="M", low=0.20, high=0.50
    )
    """Correlation of the anomalies two days apart [-]."""

    offset_k: float | None = None
    """This winter's offset, instead of a drawn one [K]."""

    diurnal_range_k: tuple[float, ...] = number(
        (8.1, 8.2, 9.1, 9.5, 9.5, 9.5, 8.5, 8.5, 7.5, 7.3, 7.6, 7.8), min_length=12, max_length=12, source="CRU CL "
        "2.0 at 57127 for Nov-Mar; other months assumed", confidence="M",
    )  # fmt: skip
    """Mean daily range of temperature by month, shape (12,) [K]."""

    range_by_sun_k: float = number(
        5.5, ge=0, le=20, source="assumed: about 11 K on clear days", confidence="L", low=3.0, high=8.0
    )
    """How much larger the range is on a day of full sun than on a sunless one [K]."""

    range_when_wet_k: float = number(
        -2.0, le=0, ge=-8, source="assumed: about 4 K on wet days", confidence="L", low=-4.0, high=0.0
    )
    """How the range changes on a wet day [K]."""

    wet_days: tuple[float, ...] = number(
        (5.0, 6.0, 9.0, 10.0, 11.0, 12.0, 14.0, 12.0, 14.0, 12.0, 8.0, 5.0), min_length=12, max_length=12,
        source="assumed, from the monthly sums", confidence="L",
    )  # fmt: skip
    """Days with precipitation by month, shape (12,) [d]."""

    precipitation_mm: tuple[float, ...] = number(
        (8.7, 10.0, 32.0, 55.0, 85.0, 95.0, 160.0, 125.0, 140.0, 75.0, 32.0, 8.2), min_length=12, max_length=12,
        source="liquisearch.com/hanzhong for Nov-Mar; other months assumed", confidence="M",
    )  # fmt: skip
    """Precipitation by month, shape (12,) [mm]."""

    snow_below_c: float = number(
        1.0, ge=-5, le=5, source="assumed: usual rain-snow limit", confidence="L", low=0.0, high=2.0
    )
    """Air temperature below which precipitation is snow [degC]."""


def synthetic(specification: Synthetic, first: dt.date, days: int, seed: int, replication: int) -> Hourly:
    """Return an hourly winter of `days` days from `first`, without overlays.

    Each quantity has a stream of its own, so that a change of one parameter moves no other draw.
    """
    climate = specification.climate
    day = (first - dt.date(first.year, 1, 1)).days + np.arange(days) + 0.5
    month = np.array([(first + dt.timedelta(days=i)).month - 1 for i in range(days)])
    mean = monthly_curve(climate.monthly_mean_c, day) + daily_anomaly_k(specification, days, seed, replication)
    sun, wet = _sky(specification, month, seed, replication)
    range_k = np.maximum(_range(specification, month, sun, wet), 1.0)
    course = np.repeat(range_k, 24) * np.tile(diurnal_course(), days)
    outdoor = smooth_hours(mean) + course - np.repeat(course.reshape(days, 24).mean(axis=1), 24)
    solar_day = (0.25 + 0.5 * sun) * daily_extraterrestrial_j_m2(climate, first, days)
    solar = np.repeat(solar_day, 24) * hourly_shares(climate, first, days) / 3600.0
    snow = np.where(
        outdoor < specification.snow_below_c, _precipitation(specification, month, wet, seed, replication), 0.0
    )
    return Hourly(outdoor, solar, _wind(climate, month, seed, replication), snow, None)


def daily_anomaly_k(specification: Synthetic, days: int, seed: int, replication: int) -> Floats:
    """Return the winter's offset plus AR(2) anomalies, shape (day,) [K].

    The two coefficients follow from the lag-1 and lag-2 correlations (Yule-Walker); the first two days are drawn from
    the stationary law, so that no run-in is needed.
    """
    r1, r2 = specification.lag1, specification.lag2
    phi1 = r1 * (1.0 - r2) / (1.0 - r1 * r1)
    phi2 = (r2 - r1 * r1) / (1.0 - r1 * r1)
    offset_sd = min(specification.seasonal_offset_sd_k, specification.anomaly_sd_k)
    sd = math.sqrt(specification.anomaly_sd_k**2 - offset_sd**2)
    innovation = sd * math.sqrt(max(1.0 - phi1 * r1 - phi2 * r2, 0.0))
    z = normal(stream(seed, replication, "weather", "anomaly").random(days)).tolist()
    x = [sd * z[0], sd * (r1 * z[0] + math.sqrt(1.0 - r1 * r1) * z[1])] if days > 1 else [sd * z[0]]
    for i in range(2, days):
        x.append(phi1 * x[-1] + phi2 * x[-2] + innovation * z[i])
    drawn = offset_sd * float(normal(stream(seed, replication, "weather", "offset").random()))
    return np.array(x) + (drawn if specification.offset_k is None else specification.offset_k)


def _sky(specification: Synthetic, month: Ints, seed: int, replication: int) -> tuple[Floats, Bools]:
    """Return the share of sunshine and whether it is wet, both by day.

    Sunshine is a power of a uniform, which gives many dull days and a given mean: E[u^p] = 1 / (1 + p).
    """
    days = len(month)
    bright = stream(seed, replication, "weather", "sky").random(days)
    chance = stream(seed, replication, "weather", "wet").random(days)
    mean = np.asarray(specification.climate.sunshine_share)[month]
    sun = bright ** (1.0 / mean - 1.0)
    share = np.asarray(specification.wet_days)[month] / 30.4
    wet = (bright < _WETTEST_DULL_SHARE) & (chance < share / _WETTEST_DULL_SHARE)
    return sun, wet


def _range(specification: Synthetic, month: Ints, sun: Floats, wet: Bools) -> Floats:
    """Return the daily range about its monthly mean [K]."""
    mean_sun = np.asarray(specification.climate.sunshine_share)[month]
    wet_share = np.asarray(specification.wet_days)[month] / 30.4
    range_k: Floats = (
        np.asarray(specification.diurnal_range_k)[month]
        + specification.range_by_sun_k * (sun - mean_sun)
        + specification.range_when_wet_k * (wet - wet_share)
    )
    return range_k


def diurnal_course() -> Floats:
    """Return the day's course in hourly means, of range 1 and mean 0: two half cosines between minimum and maximum."""
    t = (np.arange(0.05, 24.0, 0.1) - _COOLEST_H) % 24.0
    rise = _WARMEST_H - _COOLEST_H
    up = -0.5 * np.cos(np.pi * t / rise)
    down = 0.5 * np.cos(np.pi * (t - rise) / (24.0 - rise))
    course: Floats = np.where(t < rise, up, down).reshape(24, 10).mean(axis=1)
    centred: Floats = (course - course.mean()) / float(np.ptp(course))
    return centred


def _precipitation(specification: Synthetic, month: Ints, wet: Bools, seed: int, replication: int) -> Floats:
    """Return precipitation by hour: exponential daily sums, spread over twelve hours from a drawn beginning [mm/h]."""
    days = len(month)
    u = stream(seed, replication, "weather", "precipitation").random((days, 2))
    per_day = np.asarray(specification.precipitation_mm) / np.maximum(np.asarray(specification.wet_days), 0.5)
    amount = np.where(wet, -np.log1p(-u[:, 0]) * per_day[month], 0.0)
    begin = np.floor(u[:, 1] * 13.0)
    hour = np.arange(24)[None, :]
    return np.where((hour >= begin[:, None]) & (hour < begin[:, None] + 12), amount[:, None] / 12.0, 0.0).ravel()


def _wind(climate: Climate, month: Ints, seed: int, replication: int) -> Floats:
    """Return wind by hour: monthly mean, a Rayleigh day factor, calm nights and breezier afternoons [m/s]."""
    u = stream(seed, replication, "weather", "wind").random(len(month))
    factor = np.sqrt(-np.log1p(-u)) / (0.5 * math.sqrt(math.pi))
    course = 1.0 - 0.4 * np.cos(2.0 * np.pi * (np.arange(24) + 0.5 - 3.0) / 24.0)
    wind: Floats = np.repeat(np.asarray(climate.wind_m_s)[month] * factor, 24) * np.tile(course, len(month))
    return wind
