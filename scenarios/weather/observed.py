"""Weather that was observed, day by day, for the generator to be fitted to: from tables and EPW files.

A gap of less than a month is a fault; a longer one parts winters. All faults of a file are told at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...network_models.problems import Problem, ScenarioError
from ..chance import Floats
from .epw import EpwYear, read_epw
from .origin import smooth_hours
from .synthetic import diurnal_course
from .table import TableRows, most_problems, read_rows

__all__ = ["Observed", "observe", "runs"]

_LONGEST_GAP_DAYS = 30
_LEAST_DAYS = 60
_EPW_FIRST = dt.date(2026, 7, 1)  # an EPW's year is of no year; from July on its winter hangs together


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Days of weather in order, not all of them neighbours.

    Attributes
    ----------
    file : str
        Where they stand.
    kind : str
        ``daily`` or ``hourly`` table, or ``epw``.
    day : int array, shape (day,)
        Proleptic ordinal of each day (:meth:`datetime.date.toordinal`).
    mean_c : array, shape (day,)
        Daily mean of outdoor temperature [degC].
    range_k : array, shape (day,), or None
        Size of the day's course about its mean [K]: of hours, their projection on the generator's course.
    solar_j_m2, wind_m_s : array, shape (day,), or None
        Daily sum of global radiation [J/m²] and mean wind [m/s].
    latitude_deg, longitude_deg : float or None
        Of the place, where the file says it.
    """

    file: str
    kind: str
    day: npt.NDArray[np.int64]
    mean_c: Floats
    range_k: Floats | None
    solar_j_m2: Floats | None
    wind_m_s: Floats | None
    latitude_deg: float | None = None
    longitude_deg: float | None = None

    def dates(self) -> list[dt.date]:
        """Return the days as dates."""
        return [dt.date.fromordinal(int(day)) for day in self.day]


def observe(path: Path) -> Observed:
    """Read a weather file to be fitted to; ``.epw`` says that it is one, all else is a table.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it: cells, days or hours twice, gaps, too few days.
    """
    if path.suffix.lower() == ".epw":
        return _of_epw(path, read_epw(path))
    read = read_rows(path)
    problems = [*read.problems, *_twice_or_missing(read, str(path))]
    if problems:
        raise ScenarioError(most_problems(problems))
    hour = np.array([24 * moment.toordinal() + moment.hour for moment in read.when if moment])
    order = np.argsort(hour, kind="stable")
    columns = {name: values[order] for name, values in read.columns.items()}
    day = hour[order] // 24
    if read.daily:
        low, high = columns.get("min_c"), columns.get("max_c")
        solar = columns.get("solar_w_m2")
        return Observed(
            str(path), "daily", day, columns["mean_c"], None if low is None or high is None else high - low,
            None if solar is None else solar * 86_400.0, columns.get("wind_m_s"),
        )  # fmt: skip
    return _of_hours(str(path), "hourly", day[::24], columns["outdoor_c"], columns.get("solar_w_m2"),
                     columns.get("wind_m_s"))  # fmt: skip


def _of_epw(path: Path, year: EpwYear) -> Observed:
    days = 366 if year.has_leap_day else 365
    first = _EPW_FIRST.replace(year=2027) if year.has_leap_day else _EPW_FIRST  # July 2027 to June 2028 has 366 days
    dates = [first + dt.timedelta(days=i) for i in range(days)]
    index = np.array([(dt.date(2024, date.month, date.day) - dt.date(2024, 1, 1)).days for date in dates])
    hours = year.columns[index].reshape(-1, year.columns.shape[2])
    day = np.array([date.toordinal() for date in dates])
    found = _of_hours(str(path), "epw", day, hours[:, 0], hours[:, 1], hours[:, 2])
    return Observed(
        found.file, found.kind, found.day, found.mean_c, found.range_k, found.solar_j_m2, found.wind_m_s,
        year.latitude_deg, year.longitude_deg,
    )  # fmt: skip


def _of_hours(
    file: str, kind: str, day: npt.NDArray[np.int64], outdoor: Floats, solar: Floats | None, wind: Floats | None
) -> Observed:
    hours = outdoor.reshape(-1, 24)
    mean = hours.mean(axis=1)
    course = diurnal_course()
    size = np.empty(len(day))
    for begin, end in runs(day):  # the trend from day to day is no course of the day
        about = hours[begin:end] - smooth_hours(mean[begin:end]).reshape(-1, 24)
        size[begin:end] = about @ course / (course @ course)
    return Observed(
        file, kind, day, mean, size,
        None if solar is None else solar.reshape(-1, 24).sum(axis=1) * 3600.0,
        None if wind is None else wind.reshape(-1, 24).mean(axis=1),
    )  # fmt: skip


def runs(day: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return begin and end of every run of neighbouring days, none going on from one June to July."""
    if not len(day):
        return []
    dates = [dt.date.fromordinal(int(number)) for number in day]
    cuts = [
        i for i in range(1, len(day)) if day[i] != day[i - 1] + 1 or (dates[i].month == 7 and dates[i - 1].month == 6)
    ]
    return list(zip([0, *cuts], [*cuts, len(day)], strict=True))


def _twice_or_missing(read: TableRows, file: str) -> list[Problem]:
    """Return what is wrong with the times of a table."""
    problems: list[Problem] = []
    step = dt.timedelta(days=1) if read.daily else dt.timedelta(hours=1)
    form = "%Y-%m-%d" if read.daily else "%Y-%m-%d %H:%M"
    seen: dict[dt.datetime, int] = {}
    for moment, line in zip(read.when, read.lines, strict=True):
        if moment is None:
            continue
        at = dt.datetime.combine(moment.date(), dt.time(0 if read.daily else moment.hour))
        if moment != at:
            wanted = "a day without a time" if read.daily else "a full hour"
            problems.append(Problem("", f"{moment}", wanted, "", file, line, 1))
        elif at in seen:
            problems.append(
                Problem("", f"{at:{form}} twice", "each time once", f"first in line {seen[at]}", file, line, 1)
            )
        seen.setdefault(at, line)
    moments = sorted(seen)
    if moments and not read.daily:  # whole days
        if moments[0].hour:
            problems.append(Problem("", f"a first hour {moments[0]:{form}}", "whole days, from 00:00 on", "", file))
        if moments[-1].hour != 23:
            problems.append(Problem("", f"a last hour {moments[-1]:{form}}", "whole days, up to 23:00", "", file))
    for before, after in pairwise(moments):
        lacking = (after - before) // step - 1
        whole = read.daily or (before.hour == 23 and after.hour == 0)
        if lacking and (not whole or after - before <= dt.timedelta(days=_LONGEST_GAP_DAYS)):
            unit = "days" if read.daily else "hours"
            found, wanted = f"{lacking} {unit} missing after {before:{form}}", "every one, or none of a month"
            problems.append(Problem("", found, wanted, "fill the gap", file, seen[before], 1))
    days = len({moment.date() for moment in moments})
    if moments and days < _LEAST_DAYS:
        problems.append(Problem("", f"{days} days", f"at least {_LEAST_DAYS} to fit to", "", file))
    return problems
