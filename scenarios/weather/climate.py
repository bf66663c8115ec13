"""The climate that every weather origin leans on: where the place lies, its monthly means, its ground.

Station 57127 汉中, 33°04'N 107°02'E, 509.5 m (GB 50736-2012 appendix A).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..chance import Floats
from ..parts import Part, number

__all__ = ["Climate", "ground_temperature", "monthly_basis", "monthly_curve"]

_YEAR_DAYS = 365.2425


class Climate(Part):
    """What is known of the place, whatever the year brings."""

    latitude_deg: float = number(33.07, ge=-66, le=66, source="GB 50736-2012 app. A, station 57127", confidence="H")
    """Latitude [deg north]."""

    longitude_deg: float = number(107.03, ge=-180, le=180, source="GB 50736-2012 app. A, station 57127", confidence="H")
    """Longitude [deg east]."""

    utc_offset_h: float = number(8.0, ge=-12, le=14, source="Beijing time, all year", confidence="H")
    """What clocks, and the hours of weather files, show over UTC [h]."""

    design_outdoor_c: float = number(
        -0.1, ge=-50, le=20, source="GB 50736-2012 app. A: heating design outdoor temperature, 5 d/a not guaranteed",
        confidence="H",
    )  # fmt: skip
    """Design outdoor temperature for heating, a daily mean [degC]."""

    monthly_mean_c: tuple[float, ...] = number(
        (2.4, 4.9, 9.2, 15.1, 19.6, 23.4, 25.6, 25.2, 20.3, 14.8, 8.7, 3.6), min_length=12, max_length=12,
        source="CMA 1971-2000: Nov-Mar (checked on GB 50736's 72 days at or below 5 °C); Apr-Oct from recollection, "
        "set so that the year's mean is GB 50736's 14.4 °C", confidence="M",
    )  # fmt: skip
    """Mean outdoor temperature by month, January first, shape (12,) [degC]."""

    sunshine_share: tuple[float, ...] = number(
        (0.346, 0.31, 0.33, 0.38, 0.40, 0.40, 0.43, 0.46, 0.33, 0.32, 0.31, 0.325), min_length=12, max_length=12,
        source="CRU CL 2.0 at 57127 for Nov-Mar; other months assumed", confidence="M",
    )  # fmt: skip
    """Sunshine as a share of the possible, by month, shape (12,) [-]."""

    wind_m_s: tuple[float, ...] = number(
        (0.9, 1.2, 1.4, 1.4, 1.4, 1.3, 1.3, 1.2, 1.1, 0.9, 0.9, 0.9), min_length=12, max_length=12, source="CRU CL "
        "2.0 at 57127 for Nov-Mar; other months assumed", confidence="M",
    )  # fmt: skip
    """Mean wind speed by month, shape (12,) [m/s]."""

    ground_excess_k: float = number(
        1.0, ge=-5, le=5, source="assumed: ground under streets over the air's annual mean", confidence="L", low=0.0,
        high=2.5,
    )  # fmt: skip
    """How much warmer the ground is than the air over the year [K]."""

    ground_diffusivity_m2_day: float = number(
        0.052, gt=0, le=0.5, source="assumed: moist silty loam, 0.4-0.9 mm²/s in handbooks", confidence="L", low=0.035,
        high=0.078,
    )  # fmt: skip
    """Thermal diffusivity of the ground [m²/d]."""

    ground_albedo: float = number(
        0.2, ge=0, le=1, source="Liu & Jordan (1963): ground without snow; with snow 0.7", confidence="M"
    )
    """Share of the global radiation that the ground before a wall throws back [-]."""


def monthly_curve(monthly: Sequence[float], day_of_year: npt.ArrayLike) -> Floats:
    """Return a smooth yearly curve through the monthly means at mid-month.

    A periodic cubic spline. It shaves extremes a little (its own mean of January is 0.2 K above the given one); this is
    kept, because through the means of 1971-2000 it meets GB 50736's independent 72 days at or below 5 °C exactly.

    Parameters
    ----------
    monthly
        Means of the twelve months, shape (12,).
    day_of_year
        Days since 1 January 0:00, fractions allowed, any shape [d].
    """
    curve: Floats = monthly_basis(day_of_year) @ np.asarray(monthly)
    return curve


def monthly_basis(day_of_year: npt.ArrayLike) -> Floats:
    """Return the matrix that maps monthly means to the values of :func:`monthly_curve`, shape (day, 12)."""
    ends = np.cumsum((0.0, 31.0, 28.2425, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0))
    middle = 0.5 * (ends[1:] + ends[:-1])
    return _spline_basis(middle, np.asarray(day_of_year, np.float64) % _YEAR_DAYS)


def ground_temperature(climate: Climate, depth_m: npt.ArrayLike, day_of_year: npt.ArrayLike) -> Floats:
    """Return the undisturbed ground temperature at a depth [degC].

    Kusuda & Achenbach (1965): a yearly wave that is damped by ``exp(-z/D)`` and late by ``z/D`` radians, with the
    damping depth ``D = sqrt(alpha * year / pi)``; its surface wave is the first harmonic of the monthly air means.
    Arguments broadcast.
    """
    monthly = np.asarray(climate.monthly_mean_c)
    angle = 2.0 * math.pi * (np.arange(12) + 0.5) / 12.0
    wave = complex(np.sum(monthly * np.exp(-1j * angle)) / 6.0)
    damping_m = math.sqrt(climate.ground_diffusivity_m2_day * _YEAR_DAYS / math.pi)
    z = np.asarray(depth_m, np.float64) / damping_m
    phase = 2.0 * math.pi * np.asarray(day_of_year, np.float64) / _YEAR_DAYS - z
    swing = wave.real * np.cos(phase) - wave.imag * np.sin(phase)
    temperature: Floats = monthly.mean() + climate.ground_excess_k + np.exp(-z) * swing
    return temperature


def _spline_basis(knots: Floats, at: Floats) -> Floats:
    """Return the matrix that maps knot values to the periodic cubic spline's values at `at`, shape (at, 12)."""
    n = len(knots)
    step = np.diff(np.append(knots, knots[0] + _YEAR_DAYS))
    before = np.roll(step, 1)
    system = np.zeros((n, n))
    right = np.zeros((n, n))
    for i in range(n):  # continuity of the second derivatives' jumps, wrapped round the year
        system[i, i - 1] += before[i] / 6.0
        system[i, i] += (before[i] + step[i]) / 3.0
        system[i, (i + 1) % n] += step[i] / 6.0
        right[i, i - 1] += 1.0 / before[i]
        right[i, i] -= 1.0 / before[i] + 1.0 / step[i]
        right[i, (i + 1) % n] += 1.0 / step[i]
    curvature = np.linalg.solve(system, right)
    left = (np.searchsorted(knots, at, side="right") - 1) % n
    offset = (at - knots[left]) % _YEAR_DAYS
    h = step[left]
    b, a = offset / h, 1.0 - offset / h
    follow = (left + 1) % n
    unit = np.eye(n)
    value: Floats = (
        a[:, None] * unit[left]
        + b[:, None] * unit[follow]
        + ((a**3 - a) * h * h / 6.0)[:, None] * curvature[left]
        + ((b**3 - b) * h * h / 6.0)[:, None] * curvature[follow]
    )
    return value
