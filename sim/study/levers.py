"""Levers: what a planner may decide, each a row of settings with what they change in the scenario and what they cost.

A season books most costs itself (staff, crews, fuel in stock, inspection); a lever adds only what a season does not
see, such as the yearly share of an investment. The usual levers stand in levers.toml under names of their own; a file
of the same form may add others, and one path with its range makes a lever on the spot::

    --levers reserve,crews=2:6:1,policies.readiness.mend_days=1:7:2@5000
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...network_models.documents import cross_check_error, problems_of, read_toml
from ...network_models.problems import InputError, Problem, did_you_mean

__all__ = ["Lever", "LeverFile", "LeverRow", "Setting", "known_levers", "read_levers"]

_MOST_SETTINGS = 200
_RANGED = re.compile(r"(?P<name>[^=@]+?)(?:=(?P<range>[^@]+))?(?:@(?P<cost>[-+.\deE]+))?")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a lever.

    Attributes
    ----------
    value : float or None
        Its number; None where settings are told apart by name.
    label : str
        The number, or the name.
    changes : mapping
        Path in the scenario -> value.
    cost_cny : float
        A season's cost that the season does not book itself [CNY].
    """

    value: float | None
    label: str
    changes: Mapping[str, Any]
    cost_cny: float


@dataclass(frozen=True, slots=True)
class Lever:
    """What may be decided, from the least setting to the most.

    Attributes
    ----------
    name, title_zh, title_en, unit : str
    settings : tuple of Setting
    helps : tuple of str
        Clauses that more of it cannot harm, by physics; believed as long as the winters do not say otherwise.
    seed : str
        The rule that suggests a setting (:mod:`seeds`), or empty.
    cost_source_zh, cost_source_en : str
        Where its cost comes from; empty where it has none, or the user gave it.
    """

    name: str
    title_zh: str
    title_en: str
    unit: str
    settings: tuple[Setting, ...]
    helps: tuple[str, ...] = ()
    seed: str = ""
    cost_source_zh: str = ""
    cost_source_en: str = ""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Choice(_Strict):
    """A setting with a name."""

    name: str = Field(min_length=1)
    """Of the setting."""

    changes: dict[str, Any] = Field(default_factory=dict)
    """Path -> value."""

    cost_cny: float = 0.0
    """A season's cost that the season does not book itself [CNY]."""


class LeverRow(_Strict):
    """A lever as a file has it: a range of numbers, or a row of named settings."""

    title_zh: str = ""
    """What it is called in Chinese."""

    title_en: str = ""
    """What it is called in English."""

    unit: str = ""
    """Unit of its numbers."""

    low: float | None = None
    """Least number."""

    high: float | None = None
    """Greatest number."""

    step: float | None = Field(default=None, gt=0)
    """From one number to the next."""

    paths: dict[str, float] = Field(default_factory=dict)
    """Path -> factor: the scenario's value there is the lever's number times the factor."""

    always: dict[str, Any] = Field(default_factory=dict)
    """Path -> value, changed whatever the setting (a kind)."""

    cost_cny: float = 0.0
    """A season's cost for each unit, beyond what the season books itself [CNY]."""

    choices: list[Choice] = Field(default_factory=list)
    """Named settings, from the least to the most."""

    helps: list[str] = Field(default_factory=list)
    """Clauses that more of it cannot harm."""

    seed: str = ""
    """Rule that suggests a setting: reserve, agents or crews."""

    cost_source_zh: str = ""
    """Where the cost comes from, and how far it is to be believed (H, M, L), in Chinese."""

    cost_source_en: str = ""
    """The same in English."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems: list[tuple[tuple[str | int, ...], Problem]] = []
        ranged = self.low is not None and self.high is not None and self.step is not None and bool(self.paths)
        if bool(self.choices) == ranged:
            wanted = "either low, high, step and paths, or choices"
            problems.append((("choices",), Problem("", "both" if ranged else "neither", wanted)))
        if self.low is not None and self.high is not None and self.step is not None:
            steps = (self.high - self.low) / self.step
            if self.high < self.low:
                problems.append((("high",), Problem("", f"{self.high:g}", f"{self.low:g} or more")))
            elif steps >= _MOST_SETTINGS:
                problems.append((("step",), Problem("", f"{self.step:g}", f"at most {_MOST_SETTINGS} settings")))
            elif abs(steps - round(steps)) > 1e-6:
                last = self.low + math.floor(steps) * self.step
                wanted = f"steps that lead from {self.low:g} to {self.high:g}"
                hint = f"{self.low:g} to {last:g}, or to {last + self.step:g}"
                problems.append((("step",), Problem("", f"{self.step:g}", wanted, hint)))
        if problems:
            raise cross_check_error(problems)
        return self

    def lever(self, name: str) -> Lever:
        """Return the lever."""
        if self.choices:
            settings = tuple(Setting(None, c.name, {**self.always, **c.changes}, c.cost_cny) for c in self.choices)
        else:
            low, high, step = self.low or 0.0, self.high or 0.0, self.step or 1.0
            count = math.floor((high - low) / step + 1e-9) + 1
            values = [round(low + row * step, 10) for row in range(count)]
            settings = tuple(
                Setting(
                    value,
                    f"{value:g}",
                    {**self.always, **{path: _plain(value * factor) for path, factor in self.paths.items()}},
                    self.cost_cny * value,
                )
                for value in values
            )
        titles = self.title_zh or name, self.title_en or name
        sources = self.cost_source_zh, self.cost_source_en
        return Lever(name, *titles, self.unit, settings, tuple(self.helps), self.seed, *sources)


class LeverFile(_Strict):
    """A file of levers."""

    levers: dict[str, LeverRow]
    """By name."""


def known_levers() -> Mapping[str, LeverRow]:
    """Return the library's levers."""
    text = resources.files(__package__ or "heatseason.sim.study").joinpath("levers.toml").read_text("utf-8")
    return LeverFile.model_validate(tomllib.loads(text)).levers


def read_levers(texts: Sequence[str]) -> tuple[Lever, ...]:
    """Return levers by name, by file, or by path and range.

    Parameters
    ----------
    texts : sequence of str
        Each one or several with commas: ``reserve``, ``crews=2:6:1`` (least, greatest, step), ``mine.toml``,
        ``policies.preheat.days=2:8:1@10000`` (with a cost for each unit and season).

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    library = dict(known_levers())
    found: dict[str, Lever] = {}
    problems: list[Problem] = []
    for text in (part.strip() for whole in texts for part in whole.split(",")):
        try:
            for lever in _read(text, library):
                if lever.name in found:
                    problems.append(Problem("--levers", f'"{text}"', "each lever once"))
                found[lever.name] = lever
        except InputError as error:
            problems += error.problems
    if not found and not problems:
        problems.append(Problem("--levers", "", "at least one lever", "the library has " + ", ".join(library)))
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def _read(text: str, library: dict[str, LeverRow]) -> list[Lever]:
    if text.endswith(".toml"):
        document = read_toml(text)
        try:
            rows = LeverFile.model_validate(document.data).levers
        except ValidationError as error:
            raise InputError(problems_of(error, document, LeverFile)) from error
        return [row.lever(name) for name, row in rows.items()]
    match = _RANGED.fullmatch(text)
    if match is None:
        raise InputError([Problem("--levers", f'"{text}"', "a lever such as crews or crews=2:6:1",
                                  "the library has " + ", ".join(library))])  # fmt: skip
    name = match["name"].strip()
    row = library.get(name)
    if row is None and "." not in name:
        raise InputError([Problem("--levers", f'"{name}"', "a lever of the library, a path, or a file",
                                  did_you_mean(name, list(library)) or ", ".join(library))])  # fmt: skip
    update: dict[str, Any] = {}
    if match["range"]:
        update.update(zip(("low", "high", "step"), _range(match["range"], text), strict=True))
    elif row is None:
        raise InputError([Problem("--levers", f'"{text}"', "a path with its range", f"e.g. {name}=2:8:1")])
    if match["cost"]:
        update |= {"cost_cny": _cost(match["cost"], text), "cost_source_zh": "", "cost_source_en": ""}
    values = row.model_dump() if row else {"title_zh": name, "title_en": name, "paths": {name: 1.0}}
    if values.get("choices") and update:
        raise InputError([Problem("--levers", f'"{text}"', f"{name} alone", "its settings have names, not numbers")])
    try:
        return [LeverRow.model_validate({**values, **update}).lever(name)]
    except ValidationError as error:
        told = "; ".join(str(each["msg"]) for each in error.errors())
        raise InputError([Problem("--levers", f'"{text}"', "a range low:high:step", told)]) from error


def _range(text: str, whole: str) -> tuple[float, float, float]:
    try:
        low, high, step = (float(part) for part in text.split(":"))
    except ValueError as error:
        raise InputError([Problem("--levers", f'"{whole}"', "a range low:high:step such as 2:8:1")]) from error
    if not (step > 0 and high >= low):
        raise InputError([Problem("--levers", f'"{whole}"', "a step above 0, and low not above high")])
    return low, high, step


def _cost(text: str, whole: str) -> float:
    try:
        cost = float(text)
    except ValueError:
        cost = math.nan
    if not math.isfinite(cost):
        raise InputError([Problem("--levers", f'"{whole}"', "a cost for each unit and season after @, such as 5000")])
    return cost


def _plain(value: float) -> float | int:
    value = round(value, 10)
    return int(value) if float(value).is_integer() else value
