"""What is laid over a winter, whatever its origin: a cold wave, the five weeks of 2008, a warmer climate."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NaiveDatetime

from ..chance import Floats
from ..parts import Part, number

__all__ = ["ColdWave", "Overlay", "Spell2008", "Warming", "snow_change_mm", "sun_share", "temperature_change_k"]


class ColdWave(Part):
    """Temperatures fall, stay low, come back; snow comes with the fall."""

    kind: Literal["cold_wave"] = "cold_wave"
    """A cold wave."""

    start: NaiveDatetime
    """When the fall begins, local time."""

    depth_k: float = number(
        7.0, gt=0, le=25, source="waves in Hanzhong 2016-2023: daily mean down by 4-10 K", confidence="M", low=4.0,
        high=10.0,
    )  # fmt: skip
    """How far the temperature falls [K]."""

    onset_h: float = number(36.0, gt=0, le=240, source="same: within 24-72 h", confidence="M", low=24.0, high=72.0)
    """Duration of the fall [h]."""

    plateau_h: float = number(
        96.0, ge=0, le=1_000, source="same: cold plateau of 3-5 d", confidence="M", low=72.0, high=120.0
    )
    """How long it stays low [h]."""

    recovery_h: float = number(72.0, gt=0, le=1_000, source="assumed", confidence="L", low=48.0, high=144.0)
    """Duration of the return [h]."""

    snow_mm: float = number(
        6.0, ge=0, le=100, source="assumed: heavy snow with the wave of Feb 2017", confidence="L", low=0.0, high=15.0
    )
    """Snow that falls while the temperature falls, as water [mm]."""

    dull_share: float = number(
        0.5, ge=0, le=1, source="assumed: sun lost while the wave lasts", confidence="L", low=0.0, high=0.8
    )
    """Share of the sun that clouds take while the temperature falls [-]."""


class Spell2008(Part):
    """Five cold weeks as in 11 January - 14 February 2008: lasting rather than deep, with snow again and again."""

    kind: Literal["spell_2008"] = "spell_2008"
    """A long cold spell."""

    start: NaiveDatetime
    """First day of the spell, local time."""

    depth_k: float = number(
        3.2, gt=0, le=15, source="2008: nation -2.5 K over 35 d, NW China -4 K and more locally", confidence="M",
        low=2.0, high=4.0,
    )  # fmt: skip
    """Mean lowering over the spell [K]."""

    days: float = number(35.0, gt=0, le=120, source="2008: 11 Jan - 14 Feb", confidence="M", low=25.0, high=40.0)
    """Duration [d]."""

    swing_k: float = number(
        1.5, ge=0, le=10, source="assumed: four waves within the spell", confidence="L", low=0.5, high=3.0
    )
    """Amplitude of the waves within it [K]."""

    wave_days: float = number(
        8.0, gt=1, le=60, source="assumed: four waves within the spell", confidence="L", low=6.0, high=12.0
    )
    """Time between two of its waves [d]."""

    snow_mm: float = number(
        4.0, ge=0, le=100, source="assumed: snow with every wave", confidence="L", low=1.0, high=10.0
    )
    """Snow with every wave, as water [mm]."""

    dull_share: float = number(0.5, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.8)
    """Share of the sun that clouds take during the spell [-]."""


class Warming(Part):
    """The same winter in a warmer climate."""

    kind: Literal["warming"] = "warming"
    """A change of climate."""

    by_k: float = number(
        0.7, ge=-10, le=10, source="expected 1991-2020 against 1971-2000: +0.5…1 K", confidence="L", low=0.0, high=3.0
    )
    """Added to every hour [K]."""


Overlay = Annotated[ColdWave | Spell2008 | Warming, Field(discriminator="kind")]


def temperature_change_k(overlay: ColdWave | Spell2008 | Warming, origin: dt.datetime, hours: int) -> Floats:
    """Return what an overlay adds to the outdoor temperature, by hour since `origin`, shape (hour,) [K]."""
    if isinstance(overlay, Warming):
        return np.full(hours, overlay.by_k)
    t: Floats = np.arange(hours, dtype=np.float64) + 0.5 - (overlay.start - origin).total_seconds() / 3600.0
    if isinstance(overlay, ColdWave):
        fall = _smooth(t / overlay.onset_h)
        rise = _smooth((t - overlay.onset_h - overlay.plateau_h) / overlay.recovery_h)
        change: Floats = -overlay.depth_k * (fall - rise)
        return change
    length_h = 24.0 * overlay.days
    edge_h = min(48.0, 0.25 * length_h)
    within = _smooth(t / edge_h) - _smooth((t - length_h + edge_h) / edge_h)
    wave = 0.5 * (1.0 + np.cos(2.0 * np.pi * (t / (24.0 * overlay.wave_days) - 0.25)))  # mean 1/2, deep once a wave
    full = length_h / (length_h - edge_h)  # the edges are shallower; the mean over the spell is the given depth
    lower: Floats = -within * (full * overlay.depth_k + 2.0 * overlay.swing_k * (wave - 0.5))
    return lower


def snow_change_mm(overlay: ColdWave | Spell2008 | Warming, origin: dt.datetime, hours: int) -> Floats:
    """Return the snow an overlay brings, by hour, as water, shape (hour,) [mm/h]."""
    snow = np.zeros(hours)
    if isinstance(overlay, Warming):
        return snow
    first = (overlay.start - origin).total_seconds() / 3600.0
    if isinstance(overlay, ColdWave):
        falls = [(first, overlay.onset_h)]
    else:
        step = 24.0 * overlay.wave_days
        falls = [(first + step * i, 24.0) for i in range(int(24.0 * overlay.days // step) + 1)]
    hour = np.arange(hours) + 0.5
    for begin, length in falls:
        within = (hour >= begin) & (hour < begin + length)
        if within.any():
            snow[within] += overlay.snow_mm / within.sum()
    return snow


def sun_share(overlay: ColdWave | Spell2008 | Warming, origin: dt.datetime, hours: int) -> Floats:
    """Return the share of the sun that an overlay leaves, by hour, shape (hour,) [-]."""
    share = np.ones(hours)
    if isinstance(overlay, Warming):
        return share
    length = overlay.onset_h if isinstance(overlay, ColdWave) else 24.0 * overlay.days
    hour = np.arange(hours) + 0.5 - (overlay.start - origin).total_seconds() / 3600.0
    share[(hour >= 0.0) & (hour < length)] = 1.0 - overlay.dull_share
    return share


def _smooth(x: Floats) -> Floats:
    """Return a smooth step from 0 at x = 0 to 1 at x = 1."""
    x = np.clip(x, 0.0, 1.0)
    step: Floats = x * x * (3.0 - 2.0 * x)
    return step
