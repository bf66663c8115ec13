"""A weather table: CSV with named columns, by the hour or by the day.

By the hour: ``time`` (``2026-11-15 06:00``, the beginning) and ``outdoor_c``; by the day: ``date`` and ``mean_c``.
Optional by the hour and by the day: ``solar_w_m2``, ``wind_m_s``, ``snow_mm``; by the day also ``min_c`` and ``max_c``,
by the hour ``ground_c``, and ``direct_w_m2`` (beam on a plane that follows the sun) with ``diffuse_w_m2`` (sky on a
horizontal one), which walls see. A table that goes on after the season's end tells the forecast what comes.
What a table does not give is taken from the climate. UTF-8 (with or without a mark) and GB18030 are read.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ...network_models.problems import Problem, ScenarioError, did_you_mean
from ..chance import Floats
from .climate import Climate
from .origin import FileOrigin, Hourly, smooth_hours
from .solar import daily_extraterrestrial_j_m2, hourly_shares

__all__ = ["Table", "TableRows", "hourly_text", "most_problems", "read_rows", "sample_table", "table"]

_HOURLY = {"time": "hour", "outdoor_c": "degC", "solar_w_m2": "W/m²", "wind_m_s": "m/s", "snow_mm": "mm",
           "ground_c": "degC", "direct_w_m2": "W/m²", "diffuse_w_m2": "W/m²"}  # fmt: skip
_TOGETHER = ("direct_w_m2", "diffuse_w_m2")  # both, or none
_DAILY = {"date": "day", "mean_c": "degC", "min_c": "degC", "max_c": "degC",
          "solar_w_m2": "W/m²", "wind_m_s": "m/s", "snow_mm": "mm"}  # fmt: skip
_PLAUSIBLE = {"outdoor_c": (-60, 55), "mean_c": (-60, 55), "min_c": (-70, 55), "max_c": (-60, 60),
              "solar_w_m2": (0, 1_500), "wind_m_s": (0, 90), "snow_mm": (0, 500), "ground_c": (-30, 50),
              "direct_w_m2": (0, 1_500), "diffuse_w_m2": (0, 1_500)}  # fmt: skip
_TIMES = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
_MOST_PROBLEMS = 20


class Table(FileOrigin):
    """A weather table."""

    kind: Literal["table"] = "table"
    """A CSV table."""

    file: str = Field(min_length=1)
    """The file, relative to the scenario that names it."""

    match_on: Literal["dates", "month_and_day"] = "dates"
    """Whether the table's years must be the season's, or rows are found by month and day in whatever year."""


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """The rows of a table as they stand in the file.

    Attributes
    ----------
    daily : bool
        By the day, else by the hour.
    when : list of datetime or None
        Of every row; None where it is no time.
    lines : list of int
        Line of every row.
    columns : dict
        Column -> values, shape (row,).
    problems : list of Problem
        What is wrong with cells.
    """

    daily: bool
    when: list[dt.datetime | None]
    lines: list[int]
    columns: dict[str, Floats]
    problems: list[Problem]


def table(specification: Table, first: dt.date, days: int, ahead: int = 0) -> Hourly:
    """Return the hours of `days` days from `first` out of a table, without overlays.

    Parameters
    ----------
    specification : Table
    first : datetime.date
    days : int
        Days that it must hold.
    ahead : int
        Days after those that are taken too as far as it holds them.

    Raises
    ------
    ScenarioError
        With every fault found: unknown or missing columns, values that are no numbers or no weather, times that are
        none, days of the season that the table does not hold.
    """
    path = Path(specification.file)
    read = read_rows(path)
    row = _find_rows(read, first, days, ahead, path, by_date=specification.match_on == "dates")
    days = len(row) if read.daily else len(row) // 24
    columns = {name: values[row] for name, values in read.columns.items()}
    climate = specification.climate
    month = np.array([(first + dt.timedelta(days=i)).month - 1 for i in range(days)])
    shares = hourly_shares(climate, first, days)
    if read.daily:
        outdoor = _hours_of_days(columns)
        solar_day = (
            columns["solar_w_m2"] * 86_400.0 if "solar_w_m2" in columns else _mean_sun(climate, month, first, days)
        )
        solar = np.repeat(solar_day, 24) * shares / 3600.0
        wind = np.repeat(columns.get("wind_m_s", np.asarray(climate.wind_m_s)[month]), 24)
        snow = np.repeat(columns.get("snow_mm", np.zeros(days)) / 24.0, 24)
        return Hourly(outdoor, solar, wind, snow, None)
    sun = columns.get("solar_w_m2")
    if sun is None:
        sun = np.repeat(_mean_sun(climate, month, first, days), 24) * shares / 3600.0
    wind = columns.get("wind_m_s", np.repeat(np.asarray(climate.wind_m_s)[month], 24))
    snow = columns.get("snow_mm", np.zeros(24 * days))
    parts = (columns.get(name) for name in _TOGETHER)
    return Hourly(columns["outdoor_c"], sun, wind, snow, columns.get("ground_c"), *parts)


def hourly_text(first: dt.date, hourly: Hourly) -> str:
    """Return weather as the text of an hourly table from which :func:`table` reads the same numbers, bit by bit."""
    columns = {"outdoor_c": hourly.outdoor_c, "solar_w_m2": hourly.solar_w_m2, "wind_m_s": hourly.wind_m_s,
               "snow_mm": hourly.snow_mm}  # fmt: skip
    if hourly.ground_c is not None:
        columns["ground_c"] = hourly.ground_c
    if hourly.direct_w_m2 is not None and hourly.diffuse_w_m2 is not None:
        columns |= {"direct_w_m2": hourly.direct_w_m2, "diffuse_w_m2": hourly.diffuse_w_m2}
    lines = [",".join(("time", *columns))]
    midnight = dt.datetime.combine(first, dt.time())
    for hour, values in enumerate(zip(*(column.tolist() for column in columns.values()), strict=True)):
        lines.append(f"{midnight + dt.timedelta(hours=hour):%Y-%m-%d %H:%M}," + ",".join(map(repr, values)))
    return "\n".join(lines) + "\n"


def sample_table(first: dt.date, days: int, daily_mean_c: Floats) -> str:
    """Return the text of a daily table, as a starting point for a user's own."""
    lines = ["date,mean_c"]
    lines += [f"{first + dt.timedelta(days=i)},{daily_mean_c[i]:.1f}" for i in range(days)]
    return "\n".join(lines) + "\n"


def read_rows(path: Path) -> TableRows:
    """Read a table, checking every cell.

    Raises
    ------
    ScenarioError
        When there is no such file, or its header is none; what is wrong with cells stands in the result.
    """
    rows = list(csv.reader(io.StringIO(_decode(path))))
    file = str(path)
    if not rows:
        raise ScenarioError([Problem("", "an empty file", "a header line and rows", "", file)])
    header = [cell.strip().lower() for cell in rows[0]]
    daily = "date" in header
    known = _DAILY if daily else _HOURLY
    problems = [
        Problem(name, f'column "{name}"', "one of " + ", ".join(known), did_you_mean(name, list(known)), file, 1, 1)
        for name in header
        if name not in known
    ]
    needed: tuple[str, ...] = ("date", "mean_c") if daily else ("time", "outdoor_c")
    if not daily and set(_TOGETHER) & set(header):
        needed += _TOGETHER
    problems += [
        Problem(name, "no such column", f'a column "{name}"', "", file, 1, 1) for name in needed if name not in header
    ]
    if problems:
        raise ScenarioError(problems)
    when: list[dt.datetime | None] = []
    lines: list[int] = []
    columns: dict[str, list[float]] = {name: [] for name in header if name not in ("date", "time")}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            problems.append(Problem("", f"{len(row)} cells", f"{len(header)}, as in the header", "", file, line, 1))
            row = (row + [""] * len(header))[: len(header)]
            _read_cells(dict(zip(header, row, strict=True)), line, file, when, columns, [])
        else:
            _read_cells(dict(zip(header, row, strict=True)), line, file, when, columns, problems)
        lines.append(line)
    if not when:
        problems.append(Problem("", "no rows", "one row per hour or day", "", file, 2, 1))
    return TableRows(daily, when, lines, {name: np.array(values) for name, values in columns.items()}, problems)


def most_problems(problems: list[Problem]) -> list[Problem]:
    """Return the first problems of a file, and how many there are besides: a column of noise is not 4,000 sentences."""
    more = len(problems) - _MOST_PROBLEMS
    if more <= 1:
        return problems
    return [*problems[:_MOST_PROBLEMS], Problem("", f"{more} more faults", "none", "", problems[-1].file)]


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            [Problem("weather.file", f'"{path}"', "a file that can be read", str(error.strerror))]
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ScenarioError([Problem("", "bytes that are no text", "UTF-8 or GB18030 text", "save it as UTF-8", str(path))])


def _read_cells(
    cells: dict[str, str],
    line: int,
    file: str,
    when: list[dt.datetime | None],
    columns: dict[str, list[float]],
    problems: list[Problem],
) -> None:
    """Put one row's cells into the columns."""
    key = "date" if "date" in cells else "time"
    moment = _moment(cells[key].strip())
    if moment is None:
        wanted = "a day such as 2026-11-15" if key == "date" else "a local time such as 2026-11-15 06:00"
        problems.append(Problem(key, f'"{cells[key]}"', wanted, "", file, line, 1))
    for name, values in columns.items():
        try:
            value = float(cells[name])
        except ValueError:
            value = math.nan
        low, high = _PLAUSIBLE[name]
        if not low <= value <= high:
            hint = _other_unit(name, value)
            problems.append(Problem(name, f'"{cells[name]}"', f"a number from {low} to {high}", hint, file, line, 1))
            value = 0.0
        values.append(value)
    when.append(moment)


def _other_unit(name: str, value: float) -> str:
    """Return what unit an implausible value may be in, where one suggests itself."""
    if name.endswith("_c") and 200.0 < value < 330.0:
        return "in kelvin? take away 273.15"
    if name.endswith("_c") and 55.0 < value < 130.0:
        return "in degrees Fahrenheit? the column is in degC"
    return ""


def _moment(text: str) -> dt.datetime | None:
    for form in _TIMES:
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _find_rows(
    read: TableRows, first: dt.date, days: int, ahead: int, path: Path, *, by_date: bool
) -> npt.NDArray[np.int64]:
    """Return the table's row of every day or hour of the season, and of the days after as far as it goes."""

    def key(moment: dt.datetime) -> tuple[int, int, int, int]:
        return (moment.year if by_date else 0, moment.month, moment.day, 0 if read.daily else moment.hour)

    rows: dict[tuple[int, int, int, int], int] = {}
    problems = list(read.problems)
    for row, moment in enumerate(read.when):
        if moment is None:
            continue
        if key(moment) in rows and by_date:
            problems.append(Problem("", f"{moment} twice", "each time once", "", str(path), read.lines[row], 1))
        rows.setdefault(key(moment), row)
    step = dt.timedelta(days=1) if read.daily else dt.timedelta(hours=1)
    per_day = 1 if read.daily else 24
    count = days * per_day
    wanted = [dt.datetime.combine(first, dt.time()) + step * i for i in range((days + ahead) * per_day)]
    found = [rows.get(key(moment), -1) for moment in wanted]
    if not by_date:  # a table without 29 February repeats the day before
        for i, moment in enumerate(wanted):
            if found[i] < 0 and (moment.month, moment.day) == (2, 29) and i >= per_day:
                found[i] = found[i - per_day]
    missing = [moment for moment, row in zip(wanted[:count], found[:count], strict=True) if row < 0]
    if missing and read.when:
        unit = "days" if read.daily else "hours"
        problems.append(
            Problem(
                "weather.file",
                f"nothing for {len(missing)} of {count} {unit}, first {missing[0]:%Y-%m-%d %H:%M}",
                f"every one from {wanted[0]:%Y-%m-%d} to {wanted[count - 1]:%Y-%m-%d}",
                'a table of another year can be read with match_on = "month_and_day"' if by_date else "",
                str(path),
            )
        )
    if problems:
        raise ScenarioError(most_problems(problems))
    end = next((i for i in range(count, len(found)) if found[i] < 0), len(found)) // per_day * per_day
    return np.array(found[:end], np.int64)


def _hours_of_days(columns: dict[str, Floats]) -> Floats:
    """Return hourly temperatures of daily means, with a daily course where the table has minima and maxima [degC]."""
    mean = columns["mean_c"]
    base = smooth_hours(mean)
    if "min_c" not in columns or "max_c" not in columns:
        return base
    hour = np.arange(24) + 0.5
    course = np.where(
        (hour >= 7.5) & (hour < 15.5),
        -0.5 * np.cos(np.pi * (hour - 7.5) / 8.0),
        0.5 * np.cos(np.pi * ((hour - 15.5) % 24.0) / 16.0),
    )
    course -= course.mean()
    swing: Floats = np.repeat(columns["max_c"] - columns["min_c"], 24) * np.tile(course, len(mean))
    return base + swing


def _mean_sun(climate: Climate, month: npt.NDArray[np.int64], first: dt.date, days: int) -> Floats:
    """Return the daily sun of the climate: Ångström's line over the monthly sunshine [J/m²]."""
    share = np.asarray(climate.sunshine_share)[month]
    total: Floats = (0.25 + 0.5 * share) * daily_extraterrestrial_j_m2(climate, first, days)
    return total
