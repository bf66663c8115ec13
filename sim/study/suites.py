"""Stress suites: which strains a regulator lays on a season, as data, and how each becomes changes to a scenario."""

from __future__ import annotations

import datetime as dt
import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...network_models.documents import Document, problems_of, read_toml
from ...network_models.problems import InputError, Problem, did_you_mean
from ...scenarios.scenario import Scenario

__all__ = ["AXES", "Block", "Strain", "Suite", "read_suite", "suite_names"]

AXES = (
    "date", "depth_k", "plateau_days", "extension_days", "rule_below_c", "cut_share", "cut_days", "reserve_days",
    "burst",
)  # fmt: skip


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
    depth_k: list[float] = Field(default=[0.0], min_length=1)
    """How far the temperature falls in a cold wave; 0: none [K]."""
    plateau_days: list[float] = Field(default=[5.0], min_length=1)
    """How long it stays low [d]."""
    extension_days: list[int] = Field(default=[0], min_length=1)
    """Days by which the authority extends the season; 0: as the scenario has it [d]."""
    rule_below_c: list[float] = Field(default=[], max_length=10)
    """Thresholds of an extension by rule; empty: as the scenario has it [degC]."""
    cut_share: list[float] = Field(default=[0.0], min_length=1)
    """Share of every fuel withheld; 0: none [-]."""
    cut_days: list[float] = Field(default=[3.0], min_length=1)
    """How long it is withheld [d]."""
    reserve_days: list[float] = Field(default=[], max_length=10)
    """Days of cover that are kept; empty: as the scenario has it [d]."""
    burst: list[str] = Field(default=[""], min_length=1)
    """A pipe that bursts in the middle of the cold: its id, or ``worst``; empty: none."""

    def strains(self) -> list[Strain]:
        """Return every combination, in the order of the levels."""
        columns = [getattr(self, axis) or [None] for axis in AXES]
        return [Strain(**dict(zip(AXES, row, strict=True))) for row in itertools.product(*columns)]

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
        begin = self._begin(base)
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

    def _begin(self, base: Scenario) -> dt.datetime:
        month, day = map(int, self.date.split("-"))
        first, last = base.season.readiness_start, base.season.latest_end
        year = first.year if (month, day) >= (first.month, first.day) else last.year
        return dt.datetime(year, month, day)


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
        return Suite.model_validate(_ours()[name])
    if not Path(name).is_file():
        known = list(suite_names())
        hint = did_you_mean(name, known) or "there are " + ", ".join(known)
        raise InputError([Problem("--suite", f'"{name}"', "the name of a stress suite, or its file", hint)])
    document = read_toml(name)
    try:
        suite = Suite.model_validate(document.data)
    except ValidationError as error:
        raise InputError(problems_of(error, document, Suite)) from error
    _check_dates(suite, document)
    return suite


def _check_dates(suite: Suite, document: Document) -> None:
    problems = []
    for number, block in enumerate(suite.blocks):
        for row, date in enumerate(block.date):
            try:
                dt.datetime.strptime(f"2028-{date}", "%Y-%m-%d")
            except ValueError:
                path = ("blocks", number, "date", row)
                place = document.place(path)
                wanted = "a month and a day such as 01-12"
                problems.append(
                    Problem(f"blocks[{number}].date[{row}]", f'"{date}"', wanted, "", place.file, place.line)
                )
    if problems:
        raise InputError(problems)


def _ours() -> Mapping[str, Any]:
    text = resources.files(__package__ or "heatseason.sim.study").joinpath("suites.toml").read_text("utf-8")
    return tomllib.loads(text)
