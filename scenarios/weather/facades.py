"""The sun on facades: where it stands, what of the global radiation is its beam, and what falls on walls.

Hours are those of the clock since a midnight; angles change within them, so they are averaged over twelve instants, and
only while the sun is up. A wall sees the beam by its angle, half of the sky, which is taken to be equally bright all
over, and the ground, which throws back a share of the global radiation (Liu & Jordan, The long-term average performance
of flat-plate solar-energy collectors, Solar Energy 7 (1963) 53-74). Shading by other buildings is not known.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from ..chance import Floats
from .climate import Climate
from .solar import SOLAR_CONSTANT_W_M2

__all__ = ["SunHours", "facade_radiation", "split_global", "sun_direction", "sun_over"]

_INSTANTS = (np.arange(12) + 0.5) / 12.0  # of an hour
_J2000 = dt.date(2000, 1, 1)  # its noon, UTC
_LOWEST_SINE = math.sin(math.radians(3.0))  # below it hours tell too little of the beam: all is sky
_SKY, _GROUND = 0.5, 0.5  # what a wall sees of either


@dataclass(frozen=True, slots=True, eq=False)
class SunHours:
    """The sun over hours of the clock.

    Attributes
    ----------
    lit : array, shape (hour,)
        Share of the hour in which it is up [-].
    cosine : array, shape (5, hour)
        Cosine of its beam's angle to the normal of each of ``network_models.arrays.FACADES``, mean of the hour, 0 while
        it is down or behind the wall [-]. The last is the mean sine of its height.
    above_w_m2 : array, shape (hour,)
        Radiation above the atmosphere on a plane that follows it [W/m²].
    """

    lit: Floats
    cosine: Floats
    above_w_m2: Floats


def sun_direction(latitude_deg: float, longitude_deg: float, day: Floats) -> tuple[Floats, Floats]:
    """Return the direction to the sun, and its radiation above the atmosphere.

    Michalsky, The Astronomical Almanac's algorithm for approximate solar position (1950-2050), Solar Energy 40 (1988)
    227-235: 0.01 degrees, without refraction.

    Parameters
    ----------
    latitude_deg, longitude_deg : float
        [deg north, deg east].
    day : array, any shape
        Days since 1 January 2000, 12:00 UTC [d].

    Returns
    -------
    tuple of arrays
        East, north and up parts of the unit vector, shape (3, …) [-]; radiation on a plane that follows it [W/m²].
    """
    anomaly = np.radians(357.528 + 0.9856003 * day)
    longitude = np.radians(280.460 + 0.9856474 * day + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * day)
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    sine = np.sin(tilt) * np.sin(longitude)  # of the declination
    cosine = np.sqrt(1.0 - sine**2)
    hour = np.radians(15.0 * (18.697375 + 24.0657098242 * day) + longitude_deg) - ascension
    phi = math.radians(latitude_deg)
    east = -cosine * np.sin(hour)
    north = math.cos(phi) * sine - math.sin(phi) * cosine * np.cos(hour)
    up = math.sin(phi) * sine + math.cos(phi) * cosine * np.cos(hour)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)  # [au]
    return np.array([east, north, up]), SOLAR_CONSTANT_W_M2 / distance**2


def sun_over(climate: Climate, first: dt.date, hours: int) -> SunHours:
    """Return the sun over so many hours of the clock from midnight of a day.

    Parameters
    ----------
    climate : Climate
        Where the place lies, and what its clocks show.
    first : datetime.date
        The day.
    hours : int
        Hours from there.
    """
    clock = np.arange(hours)[:, None] + _INSTANTS - climate.utc_offset_h
    direction, above = sun_direction(
        climate.latitude_deg, climate.longitude_deg, (first - _J2000).days - 0.5 + clock / 24.0
    )
    east, north, up = direction
    is_up = up > 0.0
    towards = np.array([north, east, -north, -east, up])
    return SunHours(is_up.mean(axis=1), np.where(is_up, np.maximum(towards, 0.0), 0.0).mean(axis=2), above.mean(axis=1))


def split_global(solar_w_m2: Floats, sun: SunHours) -> tuple[Floats, Floats]:
    """Return the beam on a plane that follows the sun, and the sky's radiation on a horizontal one, means of the hour.

    The sky's share of the global radiation by the clearness of the hour: Erbs, Klein & Duffie, Estimation of the
    diffuse radiation fraction for hourly, daily and monthly-average global radiation, Solar Energy 28 (1982) 293-302,
    eq. 1.
    With the sun lower than three degrees all is sky, and a beam is never stronger than above the atmosphere.

    Parameters
    ----------
    solar_w_m2 : array, shape (hour,)
        Global radiation on a horizontal plane, mean of the hour [W/m²].
    sun : SunHours
        Of the same hours.

    Returns
    -------
    tuple of arrays, shape (hour,)
        Direct normal and diffuse horizontal radiation [W/m²]; beam and sky on the horizontal sum to the global.
    """
    height = sun.cosine[-1]
    high = height > _LOWEST_SINE
    safe = np.where(high, height, 1.0)
    clear = np.where(high, solar_w_m2 / (sun.above_w_m2 * safe), 0.0)
    share = np.where(
        clear <= 0.22,
        1.0 - 0.09 * clear,
        np.where(
            clear <= 0.8,
            0.9511 - 0.1604 * clear + 4.388 * clear**2 - 16.638 * clear**3 + 12.336 * clear**4,
            0.165,
        ),
    )
    beam = np.where(high, np.minimum((1.0 - share) * solar_w_m2, sun.above_w_m2 * height), 0.0)  # on the horizontal
    return beam / safe * sun.lit, solar_w_m2 - beam


def facade_radiation(
    climate: Climate, first: dt.date, solar_w_m2: Floats, direct_w_m2: Floats | None = None,
    diffuse_w_m2: Floats | None = None,
) -> Floats:  # fmt: skip
    """Return what falls on walls that face north, east, south and west, and on the horizontal.

    Parameters
    ----------
    climate : Climate
        Where the place lies, what its clocks show, the ground's albedo.
    first : datetime.date
        Its midnight is where the hours begin.
    solar_w_m2 : array, shape (hour,)
        Global radiation on a horizontal plane, mean of the hour [W/m²].
    direct_w_m2, diffuse_w_m2 : arrays, shape (hour,), optional
        Direct normal and diffuse horizontal radiation, where both are known; else :func:`split_global` [W/m²].

    Returns
    -------
    array, shape (5, hour)
        In the order of ``network_models.arrays.FACADES``, the last as given [W/m²].
    """
    sun = sun_over(climate, first, len(solar_w_m2))
    if direct_w_m2 is None or diffuse_w_m2 is None:
        direct_w_m2, diffuse_w_m2 = split_global(solar_w_m2, sun)
    beam = np.where(sun.lit > 0.0, direct_w_m2 / np.where(sun.lit > 0.0, sun.lit, 1.0), 0.0)  # while it is up
    falling = beam * sun.cosine + _SKY * diffuse_w_m2 + _GROUND * climate.ground_albedo * solar_w_m2
    falling[-1] = solar_w_m2
    return falling
