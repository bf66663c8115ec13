"""What every origin of weather gives and takes: hours, and the settings that are the same for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from ..chance import Floats
from ..parts import Part, number
from .climate import Climate
from .forecast import Forecast
from .overlays import Overlay

__all__ = ["FileOrigin", "Hourly", "Origin", "smooth_hours"]


class Origin(Part):
    """Settings that every origin of weather shares."""

    climate: Climate = Climate()
    """The place: design temperature, monthly means, ground."""

    forecast: Forecast = Forecast()
    """How good the forecast is that policies see."""

    overlays: tuple[Overlay, ...] = Field(default=(), strict=False)
    """What is laid over the winter, in this order."""


class FileOrigin(Origin):
    """Settings of origins that read a file, which may tell the ground's temperature."""

    ground_depth_m: float = number(
        1.3, gt=0, le=10, source="assumed: axis of buried mains", confidence="L", low=0.9, high=2.0
    )
    """Depth at which the file's ground temperatures hold; of an EPW's header the nearest is taken [m]."""


@dataclass(frozen=True, slots=True, eq=False)
class Hourly:
    """Weather by hour, as an origin gives it.

    Attributes
    ----------
    outdoor_c, solar_w_m2, wind_m_s, snow_mm : arrays, shape (hour,)
        Means of the hour (snow: sum, as water).
    ground_c : array or None
        Ground temperature at the file's depth, shape (hour,), where the origin knows it [degC].
    direct_w_m2, diffuse_w_m2 : arrays or None
        Beam on a plane that follows the sun, and sky on a horizontal one, means of the hour, where the origin knows
        both, shape (hour,) [W/m²].
    """

    outdoor_c: Floats
    solar_w_m2: Floats
    wind_m_s: Floats
    snow_mm: Floats
    ground_c: Floats | None
    direct_w_m2: Floats | None = None
    diffuse_w_m2: Floats | None = None


def smooth_hours(daily_mean: Floats) -> Floats:
    """Return hourly means of a continuous course whose daily means are the given ones, shape (24 * day,).

    In each day a parabola between the values at its two midnights (the mean of the neighbours) that keeps the day's
    mean: ``b0 (1 - 4t + 3t²) + b1 (3t² - 2t) + 6 m (t - t²)``.
    """
    days = len(daily_mean)
    padded = np.concatenate((daily_mean[:1], daily_mean, daily_mean[-1:]))
    midnight = 0.5 * (padded[1:] + padded[:-1])
    edge = np.arange(25) / 24.0
    # integrals of the three shapes over each hour, times 24
    start = 24.0 * np.diff(edge - 2.0 * edge**2 + edge**3)
    stop = 24.0 * np.diff(edge**3 - edge**2)
    middle = 24.0 * np.diff(3.0 * edge**2 - 2.0 * edge**3)
    course = midnight[:days, None] * start + midnight[1:, None] * stop + daily_mean[:, None] * middle
    hours: Floats = course.ravel()
    return hours
