"""EnergyPlus weather files: a year of hours, cut to the season by calendar date.

Eight header lines, then 8,760 or 8,784 rows; hour 1-24 ends at its number; the year column may mix years (typical
years do), so rows are found by month, day and hour only. A season that crosses New Year takes November from the end of
the file and January from its beginning. Direct and diffuse radiation are taken where the file has both; where it has
not, they are split from the global. Crawley, Hand & Lawrie (1999); EnergyPlus Auxiliary Programs, "EPW CSV Format".
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ...network_models.problems import Problem, ScenarioError
from ..chance import Floats
from .facades import split_global, sun_over
from .origin import FileOrigin, Hourly
from .table import most_problems

__all__ = ["Epw", "EpwYear", "epw", "read_epw"]


class _Column(NamedTuple):
    """A column of the file: what it is, what it can be, and which marker says that it is missing."""

    number: int
    name: str
    low: float
    high: float
    missing: float  # the marker; of all but the temperature anything above it too, as files in the wild have it
    default: float | None  # value where missing; None: bridged


_COLUMNS = (
    _Column(6, "dry bulb temperature [degC]", -70.0, 70.0, 99.9, None),
    _Column(13, "global horizontal radiation [Wh/m2]", 0.0, 1_500.0, 9999.0, 0.0),
    _Column(21, "wind speed [m/s]", 0.0, 90.0, 999.0, 0.0),
    _Column(33, "liquid precipitation depth [mm]", 0.0, 500.0, 999.0, 0.0),
)
_DIRECT, _DIFFUSE, _MOST_SUN = 14, 15, 1_500.0  # columns of direct normal and of diffuse radiation [Wh/m2]
_LONGEST_GAP_H = 6
_SNOW_BELOW_C = 1.0


class Epw(FileOrigin):
    """A weather file in EPW form."""

    kind: Literal["epw"] = "epw"
    """An EPW file."""

    file: str = Field(min_length=1)
    """The file, relative to the scenario that names it."""

    ground_from_file: Literal["header", "climate"] = "header"
    """Whether ground temperatures come from the file's header or from the climate's monthly means."""


class EpwYear:
    """A year of hours by month and day, as an EPW file holds it.

    Attributes
    ----------
    place : str
        City of the header's LOCATION line.
    latitude_deg, longitude_deg : float or None
        Of that line.
    columns : array, shape (366, 24, 4)
        Temperature [degC], global radiation [Wh/m²], wind [m/s], precipitation [mm] by day of a leap year and hour;
        29 February repeats the 28th where the file has none.
    sun : array, shape (366, 24, 2)
        Direct normal and diffuse horizontal radiation [Wh/m²], NaN where the file does not tell.
    has_leap_day : bool
        Whether the file has a 29 February.
    ground : dict
        Depth [m] -> monthly ground temperatures, shape (12,) [degC].
    """

    __slots__ = ("columns", "ground", "has_leap_day", "latitude_deg", "longitude_deg", "place", "sun")

    def __init__(
        self, location: list[str], columns: Floats, sun: Floats, ground: dict[float, Floats], *, has_leap_day: bool
    ) -> None:
        self.place = location[1].strip() if len(location) > 1 else ""
        self.latitude_deg, self.longitude_deg = (_degrees(location[at : at + 1]) for at in (6, 7))
        self.columns, self.sun, self.ground, self.has_leap_day = columns, sun, ground, has_leap_day


def epw(specification: Epw, first: dt.date, days: int) -> Hourly:
    """Return the hours of `days` days from `first` out of an EPW file, without overlays."""
    year = read_epw(Path(specification.file))
    index = np.array([_leap_index(first + dt.timedelta(days=i)) for i in range(days)])
    hours = year.columns[index].reshape(-1, 4)
    ground = None
    if specification.ground_from_file == "header" and year.ground:
        depth = min(year.ground, key=lambda d: abs(d - specification.ground_depth_m))
        middle = np.arange(0.5, 12.0) / 12.0
        when = np.repeat((index + 0.5) / 366.0, 24)
        ground = np.interp(when, middle, year.ground[depth], period=1.0)
    outdoor = hours[:, 0].copy()
    snow = np.where(outdoor < _SNOW_BELOW_C, hours[:, 3], 0.0)
    solar = hours[:, 1].copy()
    sun = _parts_of_sun(specification, first, solar, year.sun[index].reshape(-1, 2))
    return Hourly(outdoor, solar, hours[:, 2].copy(), snow, ground, *sun)


def _parts_of_sun(
    specification: Epw, first: dt.date, solar: Floats, told: Floats
) -> tuple[Floats, Floats] | tuple[None, None]:
    """Return direct normal and diffuse radiation, split from the global where the file does not tell them [W/m²]."""
    known = np.isfinite(told).all(axis=1) & ((solar <= 0.0) | (told.sum(axis=1) > 0.0))
    if not known[solar > 0.0].any():
        return None, None
    direct, diffuse = split_global(solar, sun_over(specification.climate, first, len(solar)))
    return np.where(known, told[:, 0], direct), np.where(known, told[:, 1], diffuse)


def read_epw(path: Path) -> EpwYear:
    """Read an EPW file.

    Raises
    ------
    ScenarioError
        With every fault found: no file, a header that is none, a wrong number of rows, a day or hour that is missing or
        there twice, values that are no numbers or no weather, temperature gaps longer than six hours. Shorter gaps are
        bridged by straight lines.
    """
    text = _decode(path)
    rows = list(csv.reader(io.StringIO(text)))
    problems: list[Problem] = []
    if not rows or not rows[0] or rows[0][0].strip().upper() != "LOCATION":
        found = repr(text[:30])
        raise ScenarioError(
            [Problem("", found, "an EPW file, its first line beginning with LOCATION", "", str(path), 1, 1)]
        )
    columns, sun = np.full((366, 24, len(_COLUMNS)), np.nan), np.full((366, 24, 2), np.nan)
    filled = np.zeros((366, 24), bool)
    data = [(number, row) for number, row in enumerate(rows[8:], start=9) if row]
    if len(data) not in (8_760, 8_784):
        problems.append(
            Problem("", f"{len(data)} rows of data", "8760 or 8784, one for each hour of a year", "", str(path), 9, 1)
        )
    for number, row in data:
        _read_row(row, number, columns, sun, filled, problems, str(path))
    has_leap_day = bool(filled[59].any())
    if not has_leap_day:
        columns[59], sun[59], filled[59] = columns[58], sun[58], filled[58]
    if data and not filled.all():
        day, hour = np.argwhere(~filled)[0]
        date = dt.date(2024, 1, 1) + dt.timedelta(days=int(day))
        problems.append(
            Problem("", f"no row for {date.month}/{date.day} hour {hour + 1}", "every hour of the year", "", str(path))
        )
    if not problems:
        problems.extend(_mend(columns, str(path)))
    if problems:
        raise ScenarioError(most_problems(problems))
    return EpwYear(rows[0], columns, sun, _ground(rows[3] if len(rows) > 3 else []), has_leap_day=has_leap_day)


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            [Problem("weather.file", f'"{path}"', "a file that can be read", str(error.strerror))]
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _read_row(
    row: list[str], number: int, columns: Floats, sun: Floats, filled: npt.NDArray[np.bool_], problems: list[Problem],
    file: str,
) -> None:  # fmt: skip
    """Put one row into its day and hour."""
    try:
        month, day, hour = int(row[1]), int(row[2]), int(row[3])
        index = _leap_index(dt.date(2024, month, day))
        if not 1 <= hour <= 24:
            raise ValueError
    except (ValueError, IndexError):
        found = ",".join(row[:7])
        problems.append(
            Problem("", f'"{found}…"', "year, month, day, hour 1-24, minute, flags and numbers", "", file, number, 1)
        )
        return
    if filled[index, hour - 1]:
        problems.append(Problem("", f"{month}/{day} hour {hour} twice", "each hour once", "", file, number, 1))
    columns[index, hour - 1] = [_cell(row, column, number, problems, file) for column in _COLUMNS]
    sun[index, hour - 1] = [_sun(row[at : at + 1]) for at in (_DIRECT, _DIFFUSE)]
    filled[index, hour - 1] = True


def _cell(row: list[str], column: _Column, number: int, problems: list[Problem], file: str) -> float:
    """Return a value, or NaN where the file says that it is missing."""
    if column.number >= len(row):  # files of older kinds end before the rain
        return np.nan
    text = row[column.number].strip()
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    marked = abs(value - column.missing) < 0.05 if column.default is None else column.missing <= value < np.inf
    if marked:
        return np.nan
    if not column.low <= value <= column.high:
        wanted = f"a number from {column.low:g} to {column.high:g}, or {column.missing:g} where it is missing"
        hint = "EPW files are in degC" if column.default is None and value > column.high else ""
        problems.append(Problem(column.name, f'"{text}"', wanted, hint, file, number, 1))
    return value


def _sun(cell: list[str]) -> float:
    """Return a part of the radiation; NaN, not a fault, where there is none: the global says enough."""
    try:
        value = float(cell[0])
    except (IndexError, ValueError):
        return np.nan
    return value if 0.0 <= value <= _MOST_SUN else np.nan


def _mend(columns: Floats, file: str) -> list[Problem]:
    """Replace the codes for "missing", bridging short gaps of temperature."""
    problems: list[Problem] = []
    for position, column in enumerate(_COLUMNS):
        series = columns[:, :, position].reshape(-1)
        gone = np.isnan(series)
        if column.default is not None:
            series[gone] = column.default
        elif gone.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([0], gone.astype(np.int8), [0]))))
            longest = int((edges[1::2] - edges[::2]).max())
            if longest > _LONGEST_GAP_H:
                problems.append(
                    Problem(
                        "",
                        f"{column.name} missing for {longest} hours",
                        f"gaps of at most {_LONGEST_GAP_H} hours",
                        "",
                        file,
                    )
                )
            hours = np.arange(len(series))
            series[gone] = np.interp(hours[gone], hours[~gone], series[~gone], period=len(series))
        columns[:, :, position] = series.reshape(366, 24)
    return problems


def _ground(row: list[str]) -> dict[float, Floats]:
    """Return the ground temperatures of the header's line: per depth three soil numbers, then twelve months."""
    if len(row) < 2 or row[0].strip().upper() != "GROUND TEMPERATURES":
        return {}
    found: dict[float, Floats] = {}
    for begin in range(2, len(row) - 15, 16):
        try:
            found[float(row[begin])] = np.array([float(cell) for cell in row[begin + 4 : begin + 16]])
        except ValueError:
            continue
    return found


def _degrees(cell: list[str]) -> float | None:
    try:
        return float(cell[0])
    except (IndexError, ValueError):
        return None


def _leap_index(date: dt.date) -> int:
    """Return the day's number in a leap year, from 0, so that 1 March is the same in every year."""
    return (dt.date(2024, date.month, date.day) - dt.date(2024, 1, 1)).days
