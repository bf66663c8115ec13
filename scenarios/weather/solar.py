"""The sun above the atmosphere, and how a day's sum falls into hours of the clock."""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache

import numpy as np

from ..chance import Floats
from .climate import Climate

__all__ = ["SOLAR_CONSTANT_W_M2", "clear_sky_shares", "daily_extraterrestrial_j_m2", "hourly_shares"]

SOLAR_CONSTANT_W_M2 = 1361.0


def daily_extraterrestrial_j_m2(climate: Climate, first: dt.date, days: int) -> Floats:
    """Return the sun's daily sum on a horizontal plane above the atmosphere, shape (day,) [J/m²].

    Duffie & Beckman, Solar Engineering of Thermal Processes, eq. 1.10.3.
    """
    day = _day_of_year(first, days)
    latitude = math.radians(climate.latitude_deg)
    declination = _declination(day)
    sunset = np.arccos(np.clip(-math.tan(latitude) * np.tan(declination), -1.0, 1.0))
    distance = 1.0 + 0.033 * np.cos(2.0 * np.pi * day / 365.0)
    height = math.cos(latitude) * np.cos(declination) * np.sin(sunset) + sunset * math.sin(latitude) * np.sin(
        declination
    )
    total: Floats = 86_400.0 / np.pi * SOLAR_CONSTANT_W_M2 * distance * height
    return total


@lru_cache(maxsize=8)
def hourly_shares(climate: Climate, first: dt.date, days: int) -> Floats:
    """Return each clock hour's share of its day's global radiation, shape (24 * day,); every day sums to 1.

    Proportional to the sun's height to the power 1.2, which leaves the low sun a little less than its geometric share,
    as air does.
    """
    shares = clear_sky_shares(climate, first, days) ** 1.2
    total = shares.sum(axis=1, keepdims=True)
    result: Floats = (shares / np.maximum(total, 1e-12)).ravel()
    result.setflags(write=False)  # every winter of one place has them
    return result


def clear_sky_shares(climate: Climate, first: dt.date, days: int) -> Floats:
    """Return the mean sine of the sun's height in each clock hour, night as 0, shape (day, 24) [-]."""
    day = _day_of_year(first, days)
    b = 2.0 * np.pi * (day - 81.0) / 364.0
    equation_h = (9.87 * np.sin(2.0 * b) - 7.53 * np.cos(b) - 1.5 * np.sin(b)) / 60.0
    clock = np.arange(24)[:, None] + np.array((0.125, 0.375, 0.625, 0.875))[None, :]
    shift_h = (climate.longitude_deg - 15.0 * climate.utc_offset_h) / 15.0 + equation_h
    angle = np.pi / 12.0 * (clock[None, :, :] + shift_h[:, None, None] - 12.0)
    latitude = math.radians(climate.latitude_deg)
    declination = _declination(day)[:, None, None]
    sine = math.sin(latitude) * np.sin(declination) + math.cos(latitude) * np.cos(declination) * np.cos(angle)
    height: Floats = np.maximum(sine, 0.0).mean(axis=2)
    return height


def _day_of_year(first: dt.date, days: int) -> Floats:
    return np.array([(first + dt.timedelta(days=i)).timetuple().tm_yday for i in range(days)], np.float64)


def _declination(day: Floats) -> Floats:
    angle: Floats = np.radians(23.45) * np.sin(2.0 * np.pi * (284.0 + day) / 365.0)
    return angle
