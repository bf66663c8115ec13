"""The generator's numbers from observed weather: monthly normals, spread, persistence, sun, wind, tails.

Daily means are the climatology's curve plus one offset a winter plus AR(2) anomalies, which is how :mod:`.synthetic`
draws them: see :mod:`.winter_law` for the spread and the two correlations; the normals are generalised least squares.
Standard errors are those of the likelihood; of sun, wind and range, of means over winters.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..chance import Floats
from .climate import monthly_basis, monthly_curve
from .observed import Observed, runs
from .solar import daily_extraterrestrial_j_m2
from .synthetic import Synthetic
from .winter_law import LEAST_WINTERS, Law, generalised_least_squares, law_of

__all__ = ["Calibration", "Estimate", "Tail", "calibrate"]

TAIL_DAYS = (5.0, 1.0)
"""Days a winter that a tail temperature leaves below itself: GB 50736's heating design is that of five."""

_WINTERS_OF_A_DESIGN = 10  # GB 50736 asks for thirty
_LEAST_DAYS_OF_MONTH = 15
_SHORTEST_RUN = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number of the generator.

    Attributes
    ----------
    path : str
        Below ``weather``, e.g. ``climate.monthly_mean_c[0]``.
    value : float
    se : float
        Standard error; NaN where one winter does not tell it.
    before : float
        What the scenario had.
    """

    path: str
    value: float
    se: float
    before: float


@dataclass(frozen=True, slots=True)
class Tail:
    """A temperature that `days` days of a winter are below, in the mean of winters.

    Attributes
    ----------
    days : float
        A winter [d].
    observed_c, se_k : float
        Of the data, with its standard error, NaN of one winter [degC, K].
    generator_c : float
        What the generator with the fitted numbers comes to [degC].
    """

    days: float
    observed_c: float
    se_k: float
    generator_c: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What observed weather says of the generator.

    Attributes
    ----------
    winters, days : int
        Runs of days that the spread was estimated from, and all days.
    estimates : tuple of Estimate
        What could be estimated; everything else stays as it was.
    tails : tuple of Tail
    monthly_mean_c : array, shape (12,)
        Plain means of the days of each month, NaN where there are none [degC]. The curve through the estimated normals
        passes through these in the mean; the normals themselves are its values in mid-month.
    """

    winters: int
    days: int
    estimates: tuple[Estimate, ...]
    tails: tuple[Tail, ...]
    monthly_mean_c: Floats


def calibrate(observed: Observed, base: Synthetic, first: dt.date, last: dt.date) -> Calibration:
    """Estimate the generator's numbers.

    Parameters
    ----------
    observed : Observed
    base : Synthetic
        Gives what the data do not: months without days, the wet days, the offset's spread when there are few winters.
    first, last : datetime.date
        The season's days, by month and day: spread and persistence are those of winter.
    """
    dates = observed.dates()
    month = np.array([date.month - 1 for date in dates])
    enough = np.flatnonzero(np.bincount(month, minlength=12) >= _LEAST_DAYS_OF_MONTH)
    basis = monthly_basis(_day_of_year(dates))
    given = np.asarray(base.climate.monthly_mean_c, np.float64)
    rest = np.setdiff1d(np.arange(12), enough)
    y, x = observed.mean_c - basis[:, rest] @ given[rest], basis[:, enough]
    winter = _within(dates, first, last)
    blocks = [slice(*run) for run in _runs_within(observed.day, winter)]
    law, covariance = law_of(y, x, blocks, base.seasonal_offset_sd_k)
    normals, spread = generalised_least_squares(y, x, [slice(*run) for run in runs(observed.day)], law)
    fitted = given.copy()
    fitted[enough] = normals
    estimates = [
        Estimate(f"climate.monthly_mean_c[{m}]", float(normals[i]), math.sqrt(spread[i, i]), float(given[m]))
        for i, m in enumerate(enough.tolist())
    ]
    estimates += _of_law(law, covariance, base, len(blocks))
    clusters = _clusters(observed.day, month)
    estimates += _of_course(observed, base, month, clusters)
    if observed.wind_m_s is not None:
        estimates += _monthly("climate.wind_m_s", observed.wind_m_s, month, clusters, base.climate.wind_m_s)
    if observed.latitude_deg is not None and observed.longitude_deg is not None:
        estimates += [
            Estimate("climate.latitude_deg", observed.latitude_deg, 0.0, base.climate.latitude_deg),
            Estimate("climate.longitude_deg", observed.longitude_deg, 0.0, base.climate.longitude_deg),
        ]
    curve = monthly_curve(fitted.tolist(), _day_of_year([dates[i] for i in np.flatnonzero(winter).tolist()]))
    tails = tuple(_tail(days, observed.mean_c[winter], observed.day[winter], curve, law) for days in TAIL_DAYS)
    if len(blocks) >= _WINTERS_OF_A_DESIGN:
        design = tails[0]
        before = base.climate.design_outdoor_c
        estimates.append(Estimate("climate.design_outdoor_c", design.observed_c, design.se_k, before))
    means = np.array([observed.mean_c[month == m].mean() if (month == m).any() else np.nan for m in range(12)])
    return Calibration(len(blocks), len(dates), tuple(estimates), tails, means)


def _of_law(law: Law, covariance: Floats, base: Synthetic, winters: int) -> list[Estimate]:
    total = law.total_sd_k
    slope = np.array([law.sd_k / total, 0.0, 0.0, law.offset_sd_k / total])
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    found = [
        Estimate("anomaly_sd_k", total, math.sqrt(float(slope @ covariance @ slope)), base.anomaly_sd_k),
        Estimate("lag1", law.lag1, float(error[1]), base.lag1),
        Estimate("lag2", law.lag2, float(error[2]), base.lag2),
    ]
    if winters >= LEAST_WINTERS:
        found.insert(1, Estimate("seasonal_offset_sd_k", law.offset_sd_k, float(error[3]), base.seasonal_offset_sd_k))
    return found


def _of_course(
    observed: Observed, base: Synthetic, month: npt.NDArray[np.int64], clusters: npt.NDArray[np.int64]
) -> list[Estimate]:
    """Estimate sunshine and the day's range by month, and how the range goes with the sun.

    Rain is seldom on record, so its part in the range is taken as the generator has it: a day as bright as this is wet
    with a known chance, and its range then smaller by `range_when_wet_k`.
    """
    climate, found = base.climate, list[Estimate]()
    sun = None
    if observed.solar_j_m2 is not None and observed.solar_j_m2.any():
        here = climate.model_copy(
            update={"latitude_deg": climate.latitude_deg if observed.latitude_deg is None else observed.latitude_deg}
        )
        above = np.concatenate(
            [
                daily_extraterrestrial_j_m2(here, dt.date.fromordinal(int(observed.day[begin])), end - begin)
                for begin, end in runs(observed.day)
            ]
        )
        sun = np.clip((observed.solar_j_m2 / above - 0.25) / 0.5, 0.0, 1.0)
        found += _monthly("climate.sunshine_share", sun, month, clusters, climate.sunshine_share)
    if observed.range_k is None:
        return found
    size = observed.range_k
    if sun is not None:
        mean = np.array([sun[month == m].mean() if (month == m).any() else 0.3 for m in range(12)])
        bright = np.maximum(sun, 1e-9) ** (mean / (1.0 - mean))[month]
        share = (np.asarray(base.wet_days) / 30.4)[month]
        size = size - base.range_when_wet_k * (np.where(bright < 0.5, 2.0 * share, 0.0) - share)
        about = sun - mean[month]
        centred = size - np.array([size[month == m].mean() if (month == m).any() else 0.0 for m in range(12)])[month]
        slope = float(about @ centred / (about @ about))
        left = centred - slope * about
        found.append(
            Estimate("range_by_sun_k", slope, float(np.sqrt(about**2 @ left**2) / (about @ about)), base.range_by_sun_k)
        )
    return [*found, *_monthly("diurnal_range_k", size, month, clusters, base.diurnal_range_k)]


def _monthly(
    path: str,
    values: Floats,
    month: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64],
    before: Sequence[float],
) -> list[Estimate]:
    """Return the means of months, with standard errors over the winters' months, or over days where winters are few."""
    found = []
    for m in range(12):
        own = month == m
        if own.sum() < _LEAST_DAYS_OF_MONTH:
            continue
        parts = [values[own & (clusters == c)].mean() for c in np.unique(clusters[own])]
        sample = np.array(parts) if len(parts) >= _WINTERS_OF_A_DESIGN else values[own]
        se = float(sample.std(ddof=1)) / math.sqrt(len(sample))
        found.append(Estimate(f"{path}[{m}]", float(values[own].mean()), se, float(before[m])))
    return found


def _tail(days: float, mean_c: Floats, day: npt.NDArray[np.int64], curve: Floats, law: Law) -> Tail:
    """Return the temperature that `days` days of a winter are below.

    Its standard error is that of the number of days below it, over winters, by the density of days there (Bahadur).
    """
    dates = [dt.date.fromordinal(int(number)) for number in day]
    winter = np.array([date.year + (date.month >= 7) for date in dates])
    winters = len(np.unique(winter))
    rank = days * winters
    ordered = np.sort(mean_c)
    at = min(int(rank), len(ordered) - 1)
    observed = float(ordered[at])
    counts = np.array([(mean_c[winter == w] < observed).sum() for w in np.unique(winter)])
    width = 0.5
    density = float((np.abs(mean_c - observed) < width).sum()) / (2.0 * width * winters)
    se = float(counts.std(ddof=1)) / math.sqrt(winters) / density if winters >= LEAST_WINTERS and density else math.nan
    return Tail(days, observed, se, _generator_tail(rank, curve, law.total_sd_k))


def _generator_tail(rank: float, curve: Floats, sd_k: float) -> float:
    """Return the temperature below which the generator has `rank` of the days of a climatology, by bisection."""
    low, high = float(curve.min()) - 10.0 * sd_k, float(curve.max()) + 10.0 * sd_k
    for _ in range(60):
        middle = 0.5 * (low + high)
        z = (middle - curve) / (sd_k * math.sqrt(2.0))
        expected = 0.5 * sum(1.0 + math.erf(value) for value in z.tolist())
        low, high = (middle, high) if expected < rank else (low, middle)
    return 0.5 * (low + high)


def _day_of_year(dates: Sequence[dt.date]) -> Floats:
    return np.array([date.timetuple().tm_yday - 0.5 for date in dates])


def _within(dates: Sequence[dt.date], first: dt.date, last: dt.date) -> npt.NDArray[np.bool_]:
    """Return which days lie in the season, by month and day."""
    begin, end = (first.month, first.day), (last.month, last.day)
    if begin <= end:
        return np.array([begin <= (date.month, date.day) <= end for date in dates])
    return np.array([(date.month, date.day) >= begin or (date.month, date.day) <= end for date in dates])


def _runs_within(day: npt.NDArray[np.int64], winter: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return begin and end of the runs of neighbouring days in the season; stubs are left out."""
    found = []
    for begin, end in runs(day):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], winter[begin:end].astype(np.int8), [0]))))
        found += [(begin + a, begin + b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
    return [(a, b) for a, b in found if b - a >= _SHORTEST_RUN]


def _clusters(day: npt.NDArray[np.int64], month: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the winter of each day: the year in which it ends."""
    years = np.array([dt.date.fromordinal(int(number)).year for number in day])
    return years + (month >= 6)
