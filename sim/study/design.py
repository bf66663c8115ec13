"""A design: which points of a study are to be played, each a few changes to one scenario, and over which winters.

It is written as TOML::

    scenario = "hanzhong"            # a library scenario, or a file beside this one
    method = "latin_hypercube"       # grid, latin_hypercube, sobol or table
    points = 64
    replications = 20

    [vary]                           # any path of the scenario, of its guide, or the network itself
    "policies.reserve.days" = { low = 2, high = 14 }
    "policies.crews.teams" = { low = 1, high = 6, step = 1 }
    "weather.kind" = ["synthetic"]
    network = ["hanzhong", "hanzhong_2021"]

A grid takes every combination; the other methods spread points evenly over all paths at once. A table is a CSV file
with a path for each column's head and a point for each row, parted by commas, semicolons or tabs.
"""

from __future__ import annotations

import itertools
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, Tag, ValidationError, model_validator

from ...network_models.documents import Document, Place, at_place, cross_check_error, problems_of, read_table, read_toml
from ...network_models.problems import InputError, Problem
from ...scenarios.scenario import Scenario, load
from .case import check_metrics

__all__ = ["Changes", "Design", "Range", "of_point", "points_of", "read_design", "scenario_at"]

_MOST_POINTS = 10_000_000
Changes = Mapping[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Range(_Strict):
    """Numbers from `low` to `high`, both included; only every `step` from `low` on where there is one."""

    low: float
    high: float
    step: float | None = Field(default=None, gt=0)

    def at(self, share: float) -> float | int:
        """Return the number that lies at a share of the range, 0 to 1; with a step each of them has an equal part."""
        if self.step is None:
            return self.low + share * (self.high - self.low)
        row = min(int(share * self.count), self.count - 1)
        value = self.low + row * self.step
        whole = float(self.low).is_integer() and float(self.step).is_integer()
        return int(value) if whole else round(value, 12)

    @property
    def count(self) -> int:
        """How many numbers a stepped range has."""
        return 1 if self.step is None else math.floor((self.high - self.low) / self.step + 1e-9) + 1


def _shape(value: Any) -> str:
    return "values" if isinstance(value, list) else "range"


_Varied = Annotated[Annotated[list[Any], Tag("values")] | Annotated[Range, Tag("range")], Discriminator(_shape)]


class Design(_Strict):
    """A design file's contents."""

    scenario: str = Field(min_length=1)
    """The scenario that every point changes: a file, or a library scenario."""

    method: Literal["grid", "latin_hypercube", "sobol", "table"] = "grid"
    """How points are chosen."""

    vary: dict[str, _Varied] = Field(default_factory=dict)
    """Path -> its values, or their range; a grid needs values, or a range with a step."""

    points: int | None = Field(default=None, ge=1, le=_MOST_POINTS)
    """How many points, of a Latin hypercube or a Sobol sequence."""

    table: str = ""
    """The CSV file with the points, for the method table."""

    seed: int = Field(default=1, ge=0)
    """Of the points; the winters' seed is the scenario's."""

    changes: dict[str, Any] = Field(default_factory=dict)
    """Path -> value, the same at every point."""

    replications: int = Field(default=1, ge=1)
    """Winters at every point; the same winters at all of them."""

    first_replication: int = Field(default=0, ge=0)
    """Number of the first winter."""

    metrics: list[str] = Field(default_factory=list)
    """Functions ``module:function`` that measure every winter."""

    _document: Document | None = PrivateAttr(default=None)  # where it was read from, for the places of faults
    _rows: list[dict[str, Place]] | None = PrivateAttr(default=None)  # of a table, where each point is written

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems: list[tuple[tuple[str | int, ...], Problem]] = []
        spread = self.method in ("latin_hypercube", "sobol")
        if spread and self.points is None:
            problems.append((("points",), Problem("", "", "how many points there are to be")))
        if self.method == "sobol" and self.points is not None and self.points & (self.points - 1):
            near = 2 ** round(math.log2(self.points))
            problems.append((("points",), Problem("", str(self.points), "a power of two", f"e.g. {near}")))
        if self.method == "table" and not self.table:
            problems.append((("table",), Problem("", "", "the CSV file with the points")))
        if spread and not self.vary:
            problems.append((("vary",), Problem("", "", "at least one path to vary")))
        for path, values in self.vary.items():
            if isinstance(values, list) and not values:
                problems.append((("vary", path), Problem("", "[]", "at least one value")))
            if isinstance(values, Range) and values.high < values.low:
                problems.append((("vary", path, "high"), Problem("", f"{values.high:g}", f"{values.low:g} or more")))
            if self.method == "grid" and isinstance(values, Range) and values.step is None:
                problems.append((("vary", path), Problem("", "a range", "values, or a range with a step")))
        if problems:
            raise cross_check_error(problems)
        return self

    def placed(self, number: int, problem: Problem) -> Problem:
        """Return what is wrong at a point with the place in the design where that is written; else with the point."""
        written = [(table, key) for table in ("vary", "changes") for key in getattr(self, table)]
        cells = self._cells(number) if self.method == "table" else {}
        near = [path for path in [*written, *(("", head) for head in cells)] if _meet(path[1], problem.path)]
        table, key = max(near, key=lambda path: len(path[1]), default=("", ""))
        if not table and cells:
            place = cells[key]
            return replace(problem, file=place.file, line=place.line, column=place.column)
        if self._document is None or not table:
            return of_point(number, problem)
        return replace(at_place(self._document, (table, key), problem), path=problem.path)

    def _cells(self, number: int) -> dict[str, Place]:
        """Return where a table writes a point: by path, and the row as a whole under no path."""
        if self._rows is None:
            rows, columns, lines = _read_points(Path(self.table))
            first: dict[str, dict[str, Place]] = {}  # points that are alike are one, see points_of
            for row, line in zip(rows, lines, strict=True):
                places = {head: Place(self.table, line, columns.index(head) + 1) for head in row}
                first.setdefault(_name({**self.changes, **row}), {"": Place(self.table, line, 1), **places})
            self._rows = list(first.values())
        return self._rows[number]

    def identity(self) -> dict[str, Any]:
        """Return what makes it this study and no other, as JSON values: all but how many winters, which may grow."""
        return self.model_dump(mode="json", exclude={"replications", "first_replication"})


def read_design(path: Path | str) -> Design:
    """Return the design that a file holds.

    Raises
    ------
    InputError
        With everything that is wrong in it.
    """
    document = read_toml(path)
    folder = Path(path).parent
    data = dict(document.data)
    for key in ("scenario", "table"):  # files stand beside the design
        if isinstance(data.get(key), str) and data[key] and (folder / data[key]).is_file():
            data[key] = str((folder / data[key]).resolve())
    problems: list[Problem] = []
    design = None
    try:
        design = Design.model_validate(data)
    except ValidationError as error:
        problems = _all_faults(error, data, document)
    if isinstance(data.get("scenario"), str) and data["scenario"]:
        try:
            load(data["scenario"])
        except InputError as error:
            problems += [p if p.file else at_place(document, ("scenario",), p) for p in error.problems]
    for row, metric in enumerate(design.metrics if design else ()):
        try:
            check_metrics([metric])
        except InputError as error:
            problems += [at_place(document, ("metrics", row), problem) for problem in error.problems]
    if design is None or problems:
        raise InputError(problems)
    design._document = document
    return design


def _all_faults(error: ValidationError, data: Mapping[str, Any], document: Document) -> list[Problem]:
    """Return what is wrong with single values, and what does not go together in what is left without them."""
    problems = problems_of(error, document, Design)
    faulty = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
    if faulty:
        rest = {key: value for key, value in data.items() if key not in faulty}
        try:
            Design.model_validate({"scenario": "town", **rest})
        except ValidationError as more:
            told = problems_of(more, document, Design)
            problems += [p for p in told if p.path.partition(".")[0].partition("[")[0] not in faulty]
    return problems


def of_point(number: int, problem: Problem) -> Problem:
    """Return what is wrong at a point of a study with the point for its place."""
    return replace(problem, file=f"point {number}", line=0, column=0)


def _meet(key: str, path: str) -> bool:
    """Return whether a fault's path lies in what a key changes, or the key in what is at fault."""
    return path == key or path.startswith((f"{key}.", f"{key}[")) or key.startswith(f"{path}.")


def points_of(design: Design) -> list[Changes]:
    """Return what each point changes, in order; points that are alike are one."""
    if design.method == "table":
        points: Iterator[Changes] = iter(_read_points(Path(design.table))[0])
    elif design.method == "grid":
        points = _grid(design.vary)
    else:
        points = _spread(design)
    changes = ({**design.changes, **point} for point in points)
    return list({_name(point): point for point in changes}.values())


def _name(point: Changes) -> str:
    return json.dumps(point, sort_keys=True, default=str)


def scenario_at(base: Scenario, changes: Changes) -> Scenario:
    """Return the scenario of a point.

    A change of ``scenario`` takes another base; kinds are changed before their numbers.

    Raises
    ------
    ScenarioError
        When a path or a value is wrong.
    """
    rest = dict(changes)
    scenario = load(str(rest.pop("scenario"))) if "scenario" in rest else base
    return scenario.with_all(rest) if rest else scenario


def _grid(vary: Mapping[str, list[Any] | Range]) -> Iterator[Changes]:
    columns = [
        [values.at((row + 0.5) / values.count) for row in range(values.count)] if isinstance(values, Range) else values
        for values in vary.values()
    ]
    for row in itertools.product(*columns):
        yield dict(zip(vary, row, strict=True))


def _spread(design: Design) -> Iterator[Changes]:
    from scipy.stats import qmc  # two seconds: imported only here

    dimensions, count = len(design.vary), design.points or 1
    if design.method == "sobol":
        shares = qmc.Sobol(dimensions, scramble=True, rng=design.seed).random(count)
    else:
        shares = qmc.LatinHypercube(dimensions, rng=design.seed).random(count)
    for row in shares.tolist():
        yield {path: _value_at(values, share) for (path, values), share in zip(design.vary.items(), row, strict=True)}


def _value_at(values: list[Any] | Range, share: float) -> Any:
    if isinstance(values, Range):
        return values.at(share)
    return values[min(int(share * len(values)), len(values) - 1)]


def _read_points(path: Path) -> tuple[list[dict[str, Any]], tuple[str, ...], list[int]]:
    """Return the rows of a CSV file, its columns and the line of each row.

    An empty cell changes nothing, others are TOML values or bare text.
    """
    rows, columns, lines = read_table(path, {})
    if not rows:
        raise InputError([Problem("", "no rows", "a header line and rows", "", str(path), 2, 1)])
    return [{head: _cell(str(text)) for head, text in row.items()} for row in rows], columns, lines


def _cell(text: str) -> Any:
    """Return the one TOML value that a cell is, as a whole and without a comment; else its text."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
        alone = (
            "\n" not in text and len(tomllib.loads(f"value = [{text}]")["value"]) == 1
        )  # a comment hides the bracket
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    return value if alone else text
