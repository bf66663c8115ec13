"""Weather: one state of the outdoors for everything that depends on it, from the origin to the horizon."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from ..chance import Floats, stream
from .climate import Climate, ground_temperature
from .epw import Epw, epw
from .facades import facade_radiation
from .forecast import LEADS, forecast
from .origin import FileOrigin, Hourly, Origin
from .overlays import snow_change_mm, sun_share, temperature_change_k
from .synthetic import Synthetic, synthetic
from .table import Table, table

__all__ = ["AnyOrigin", "Weather", "make_hours", "make_weather"]

AnyOrigin = Annotated[Synthetic | Epw | Table, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """The outdoors, hour by hour since the season's origin.

    Attributes
    ----------
    outdoor_c : array, shape (hour,)
        Mean of the hour [degC].
    solar_w_m2 : array, shape (hour,)
        Global radiation on a horizontal plane, mean of the hour [W/m²].
    wind_m_s : array, shape (hour,)
        Mean of the hour [m/s].
    snow_mm : array, shape (hour,)
        Snow that falls in the hour, as water [mm].
    daily_mean_c : array, shape (day,)
        Mean outdoor temperature of the calendar day, as the met service publishes it [degC].
    forecast_c : array, shape (day, 16)
        Daily means as forecast on the morning of a day, for it (lead 0) and the fifteen days after [degC].
    ground_offset_k : float
        By how much the ground is warmer in the origin's file than by the climate, on average; 0 without a file [K].
    design_outdoor_c : float
        Heating design outdoor temperature [degC].
    climate : Climate
        The place.
    origin : datetime.date
        First day.
    direct_w_m2, diffuse_w_m2 : arrays or None
        Beam on a plane that follows the sun, and sky on a horizontal one, shape (hour,), where the origin knows both
        [W/m²].
    """

    outdoor_c: Floats
    solar_w_m2: Floats
    wind_m_s: Floats
    snow_mm: Floats
    daily_mean_c: Floats
    forecast_c: Floats
    ground_offset_k: float
    design_outdoor_c: float
    climate: Climate
    origin: dt.date
    direct_w_m2: Floats | None = None
    diffuse_w_m2: Floats | None = None

    def ground_at(self, depth_m: float) -> Floats:
        """Return the undisturbed ground temperature at a depth, by hour, shape (hour,) [degC].

        The wave of the climate's monthly means, shifted by what the origin itself says of its ground.
        """
        day = _days_of_year(self.origin, len(self.outdoor_c))
        ground: Floats = ground_temperature(self.climate, depth_m, day) + self.ground_offset_k
        return ground

    def on_facades(self) -> Floats:
        """Return what falls on walls and on the horizontal, in the order of ``FACADES``, shape (5, hour) [W/m²]."""
        return facade_radiation(self.climate, self.origin, self.solar_w_m2, self.direct_w_m2, self.diffuse_w_m2)


def make_weather(specification: Origin, origin: dt.date, days: int, seed: int, replication: int) -> Weather:
    """Return the weather of `days` days from `origin`, overlays and forecast included.

    Parameters
    ----------
    specification : Synthetic, Epw or Table
        Where it comes from.
    seed, replication : int
        The winter drawn, and the errors of the forecast. A file's winter is the same in every replication, its
        forecast is not.

    Raises
    ------
    ScenarioError
        When a file cannot be read or does not hold the season.
    """
    ahead, end = LEADS - 1, 24 * days
    hourly = make_hours(specification, origin, days, seed, replication)
    daily = hourly.outdoor_c.reshape(-1, 24).mean(axis=1)
    beyond = days + ahead - len(daily)  # what a table does not hold of these days is forecast as its last one
    daily = np.append(daily, np.full(beyond, daily[-1]))
    uniform = stream(seed, replication, "weather", "forecast").random((days + ahead, ahead))
    warmer_k = 0.0
    if hourly.ground_c is not None and isinstance(specification, FileOrigin):
        own = ground_temperature(specification.climate, specification.ground_depth_m, _days_of_year(origin, end))
        warmer_k = float((hourly.ground_c[:end] - own).mean())
    arrays = (hourly.outdoor_c[:end], hourly.solar_w_m2[:end], hourly.wind_m_s[:end], hourly.snow_mm[:end],
              daily[:days], forecast(specification.forecast, daily, uniform))  # fmt: skip
    parts = [None if part is None else part[:end] for part in (hourly.direct_w_m2, hourly.diffuse_w_m2)]
    for array in (*arrays, *parts):
        if array is not None:
            array.flags.writeable = False
    return Weather(*arrays, warmer_k, specification.climate.design_outdoor_c, specification.climate, origin, *parts)


def make_hours(specification: Origin, origin: dt.date, days: int, seed: int, replication: int) -> Hourly:
    """Return the hours behind :func:`make_weather`, overlays included: `days` days and what is known of those after.

    Parameters and what is raised as there.
    """
    hourly = _hours(specification, origin, days, LEADS - 1, seed, replication)
    hours = len(hourly.outdoor_c)
    midnight = dt.datetime.combine(origin, dt.time())
    outdoor, snow = hourly.outdoor_c.copy(), hourly.snow_mm.copy()
    solar = hourly.solar_w_m2.copy()
    direct, diffuse = (None if part is None else part.copy() for part in (hourly.direct_w_m2, hourly.diffuse_w_m2))
    for overlay in specification.overlays:
        outdoor += temperature_change_k(overlay, midnight, hours)
        snow += snow_change_mm(overlay, midnight, hours)
        share = sun_share(overlay, midnight, hours)
        for part in (solar, direct, diffuse):
            if part is not None:
                part *= share
    return Hourly(outdoor, solar, hourly.wind_m_s, snow, hourly.ground_c, direct, diffuse)


def _hours(specification: Origin, origin: dt.date, days: int, ahead: int, seed: int, replication: int) -> Hourly:
    if isinstance(specification, Synthetic):
        return synthetic(specification, origin, days + ahead, seed, replication)
    if isinstance(specification, Epw):
        return _cached_epw(specification, origin, days + ahead, _changed(specification.file))
    if isinstance(specification, Table):
        return _cached_table(specification, origin, days, ahead, _changed(specification.file))
    raise TypeError(f"no weather origin: {type(specification).__name__}")


@lru_cache(maxsize=4)
def _cached_epw(specification: Epw, first: dt.date, days: int, changed: int) -> Hourly:
    """Read a file once for all replications, and again when it has changed on disk."""
    return epw(specification, first, days)


@lru_cache(maxsize=4)
def _cached_table(specification: Table, first: dt.date, days: int, ahead: int, changed: int) -> Hourly:
    return table(specification, first, days, ahead)


def _changed(file: str) -> int:
    path = Path(file)
    return path.stat().st_mtime_ns if path.is_file() else 0


def _days_of_year(origin: dt.date, hours: int) -> Floats:
    start = (origin - dt.date(origin.year, 1, 1)).days
    day: Floats = start + (np.arange(hours, dtype=np.float64) + 0.5) / 24.0
    return day
