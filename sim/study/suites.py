"""Stress suites: which strains a regulator lays on a season, as data, and how each becomes changes to a scenario."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from ...network_models.documents import (
    Document,
    KeyPath,
    at_place,
    cross_check_error,
    problems_of,
    read_toml,
    show_value,
)
from ...network_models.problems import InputError, Problem, did_you_mean
from ...scenarios.scenario import Scenario
from .design import of_point

__all__ = ["AXES", "Block", "Strain", "Suite", "read_suite", "suite_names"]

AXES = (
    "date", "depth_k", "plateau_days", "extension_days", "rule_below_c", "cut_share", "cut_days", "reserve_days",
    "burst",
)  # fmt: skip


_LEVEL_OF = {  # what a strain changes -> the axis that says so
    "weather.overlays.start": "date",
    "weather.overlays.depth_k": "depth_k",
    "weather.overlays.plateau_h": "plateau_days",
    "disruptions.imposed.at": "date",
    "disruptions.imposed.share": "cut_share",
    "disruptions.imposed.days": "cut_days",
    "disruptions.imposed.pipe": "burst",
    "policies.season.extension_days": "extension_days",
    "policies.season.below_c": "rule_below_c",
    "policies.reserve.days": "reserve_days",
}
_ANY_LEAP_YEAR = 2028
_IDLE = "without one it does nothing"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Block(_Strict):
    """Every combination of some levels, each list from mild to severe."""

    name: str
    """Short name."""
    title_zh: str
    """Title in Chinese."""
    title_en: str
    """Title in English."""
    date: list[str] = Field(default=["01-12"], min_length=1)
    """When cold waves, cuts and bursts begin, as month-day."""
    depth_k: list[Annotated[float, Field(ge=0, le=25)]] = Field(default=[0.0], min_length=1)
    """How far the temperature falls in a cold wave; 0: none [K]."""
    plateau_days: list[Annotated[float, Field(ge=0, le=40)]] = Field(default=[5.0], min_length=1)
    """How long it stays low [d]."""
    extension_days: list[Annotated[int, Field(ge=0, le=60)]] = Field(default=[0], min_length=1)
    """Days by which the authority extends the season; 0: as the scenario has it [d]."""
    rule_below_c: list[Annotated[float, Field(ge=-20, le=20)]] = Field(default=[], max_length=10)
    """Thresholds of an extension by rule; empty: as the scenario has it [degC]."""
    cut_share: list[Annotated[float, Field(ge=0, le=1)]] = Field(default=[0.0], min_length=1)
    """Share of every fuel withheld; 0: none [-]."""
    cut_days: list[Annotated[float, Field(gt=0, le=366)]] = Field(default=[3.0], min_length=1)
    """How long it is withheld [d]."""
    reserve_days: list[Annotated[float, Field(ge=0, le=200)]] = Field(default=[], max_length=10)
    """Days of cover that are kept; empty: as the scenario has it [d]."""
    burst: list[str] = Field(default=[""], min_length=1)
    """A pipe that bursts in the middle of the cold: its id, or ``worst``; empty: none."""

    def strains(self) -> list[Strain]:
        """Return every combination, in the order of the levels."""
        columns = [getattr(self, axis) or [None] for axis in AXES]
        return [
            Strain(**{axis: column[n] for axis, column, n in zip(AXES, columns, row, strict=True)})
            for row in self.rows()
        ]

    def rows(self) -> list[tuple[int, ...]]:
        """Return which level of every axis each combination has."""
        return list(itertools.product(*(range(len(getattr(self, axis)) or 1) for axis in AXES)))

    @property
    def varied(self) -> list[str]:
        """The axes that have more than one level."""
        return [axis for axis in AXES if len(getattr(self, axis)) > 1]


class Suite(_Strict):
    """A stress suite."""

    winters: int = Field(ge=1)
    """Common winters for every point."""
    rule_winters: int = Field(default=300, ge=1)
    """Winters on which extension rules are tried on the weather alone."""
    blocks: list[Block] = Field(min_length=1)
    """What is tried."""

    _document: Document = PrivateAttr(default=Document("", {}))  # where it was read from, for the places of faults

    @model_validator(mode="after")
    def _strains(self) -> Self:
        problems = [
            (("blocks", number, *path), problem)
            for number, block in enumerate(self.blocks)
            for path, problem in _faults_of(block)
        ]
        if problems:
            raise cross_check_error(problems)
        return self

    def faults(self, base: Scenario) -> list[Problem]:
        """Return the levels that a scenario's season has no place for: days outside it, extensions beyond its end."""
        problems: list[Problem] = []
        room = (base.season.latest_end - base.season.supply_end).days
        for number, block in enumerate(self.blocks):
            for row, date in enumerate(block.date):
                try:
                    _begin(date, base)
                except InputError as error:
                    path = ("blocks", number, "date", row)
                    problems += [at_place(self._document, path, problem) for problem in error.problems]
            for row, days in enumerate(block.extension_days):
                if days > room:
                    problem = Problem(
                        "", str(days), f"{room} or less", "between the season's supply_end and latest_end"
                    )
                    problems.append(at_place(self._document, ("blocks", number, "extension_days", row), problem))
        return problems

    def placed(self, point: int, problem: Problem) -> Problem:
        """Return what is wrong at a point (0 is no strain) with its place in the suite; else with the point."""
        levels = [(number, row) for number, block in enumerate(self.blocks) for row in block.rows()]
        axis = _LEVEL_OF.get(re.sub(r"\[\d+\]", "", problem.path))
        if axis is None or not point:
            return of_point(point, problem)
        number, row = levels[point - 1]
        return at_place(self._document, ("blocks", number, axis, row[AXES.index(axis)]), problem)


@dataclass(frozen=True, slots=True)
class Strain:
    """One combination of levels; None leaves the scenario as it is."""

    date: str = "01-12"
    depth_k: float = 0.0
    plateau_days: float = 5.0
    extension_days: int = 0
    rule_below_c: float | None = None
    cut_share: float = 0.0
    cut_days: float = 3.0
    reserve_days: float | None = None
    burst: str = ""

    def changes(self, base: Scenario, worst_pipe: str) -> dict[str, Any]:
        """Return what this changes in a scenario, as paths and values; beside what strikes there already."""
        begin = _begin(self.date, base)
        overlays = [overlay.model_dump() for overlay in base.weather.overlays]
        imposed = [order.model_dump() for order in base.disruptions.imposed]
        changes: dict[str, Any] = {}
        if self.depth_k > 0:
            wave = {"kind": "cold_wave", "start": begin, "depth_k": self.depth_k, "plateau_h": 24.0 * self.plateau_days}
            changes["weather.overlays"] = [*overlays, wave]
        if self.cut_share > 0:
            cut = {"kind": "fuel_cut", "at": begin, "share": self.cut_share, "days": self.cut_days}
            imposed += [{**cut, "store": store} for store in ("all_gas", "all_stocks")]
        if self.burst:
            pipe = worst_pipe if self.burst == "worst" else self.burst
            imposed.append({"kind": "burst", "at": begin + dt.timedelta(days=2), "pipe": pipe})
        if len(imposed) > len(base.disruptions.imposed):
            changes["disruptions.imposed"] = imposed
        if self.extension_days > 0:
            changes["policies.season"] = {"kind": "decided", "extension_days": self.extension_days}
        if self.rule_below_c is not None:
            changes["policies.season"] = {"kind": "rule", "below_c": self.rule_below_c}
        if self.reserve_days is not None:
            changes["policies.reserve"] = {"kind": "days_of_cover", "days": self.reserve_days}
        return changes

    def levels(self) -> dict[str, Any]:
        """Return the levels by axis."""
        return {axis: getattr(self, axis) for axis in AXES}


def suite_names() -> tuple[str, ...]:
    """Return the names of the suites that come along."""
    return tuple(_ours())


def read_suite(name: str) -> Suite:
    """Return a suite by its name, or from a TOML file that holds one.

    Raises
    ------
    InputError
        When there is none, or with everything that is wrong in it.
    """
    if name in _ours():
        suite = Suite.model_validate(_ours()[name])
        suite._document = Document(f"--suite {name}", {})
        return suite
    if not Path(name).is_file():
        known = list(suite_names())
        hint = did_you_mean(name, known) or "there are " + ", ".join(known)
        raise InputError([Problem("--suite", f'"{name}"', "the name of a stress suite, or its file", hint)])
    document = read_toml(name)
    try:
        suite = Suite.model_validate(document.data)
    except ValidationError as error:
        raise InputError(problems_of(error, document, Suite)) from error
    suite._document = document
    return suite


def _faults_of(block: Block) -> Iterator[tuple[KeyPath, Problem]]:
    """Yield what is no day of any year, what stands twice, and levels that do nothing."""
    for row, date in enumerate(block.date):
        try:
            dt.datetime.strptime(f"{_ANY_LEAP_YEAR}-{date}", "%Y-%m-%d")
        except ValueError:
            yield ("date", row), Problem("", show_value(date), "a month and a day such as 01-12")
    for axis in AXES:
        levels = getattr(block, axis)
        for row, level in enumerate(levels):
            if level in levels[:row]:
                yield (axis, row), Problem("", show_value(level), "each level once")
    cold, cut, burst = max(block.depth_k) > 0, max(block.cut_share) > 0, any(block.burst)
    begins = "depth_k, cut_share or burst"
    for axis, does, what in (
        ("plateau_days", cold, "depth_k"), ("cut_days", cut, "cut_share"), ("date", cold or cut or burst, begins)
    ):  # fmt: skip
        if axis in block.model_fields_set and not does:
            yield (axis,), Problem("", show_value(getattr(block, axis)), f"a strain by {what} beside it", _IDLE)
    extended = max(block.extension_days) > 0
    if extended and block.rule_below_c:
        found = show_value(block.rule_below_c)
        yield ("rule_below_c",), Problem("", found, "either extension_days or rule_below_c, not both")
    if not (cold or cut or burst or extended or block.rule_below_c or block.reserve_days):
        wanted = f"a strain by {begins}, extension_days, rule_below_c or reserve_days"
        yield (), Problem("", show_value(block.name), wanted, _IDLE)


def _begin(date: str, base: Scenario) -> dt.datetime:
    """Return when a month-day begins in a scenario's season.

    Raises
    ------
    InputError
        When it is no day of it.
    """
    first, last = base.season.readiness_start, base.season.latest_end
    for year in range(first.year, last.year + 1):
        with contextlib.suppress(ValueError):  # 29 February
            begin = dt.datetime.strptime(f"{year}-{date}", "%Y-%m-%d")
            if first <= begin.date() <= last:
                return begin
    hint = "the season's readiness_start and latest_end"
    raise InputError([Problem("", show_value(date), f"a day from {first} to {last}", hint)])


def _ours() -> Mapping[str, Any]:
    text = resources.files(__package__ or "heatseason.sim.study").joinpath("suites.toml").read_text("utf-8")
    return tomllib.loads(text)
