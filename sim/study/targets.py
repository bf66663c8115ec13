"""Targets of a plan: what shall hold in which share of winters, written as people say it, measured as a margin.

::

    2.5 in 0.95                            clause 2.5 wholly kept in 95 % of winters
    2.3>=0.99, 2.7.2>=0.98, 2.5 in 0.95    these jointly, each kept to such a share of its duties within the winter
    keepable in 0.95                       a named group of targets.toml, jointly
    q0.10 headline.min_days_of_cover >= 3  a quantile: the same as "headline.min_days_of_cover>=3 in 0.90"
    q0.95 headline.co2_t <= 900000         an upper one: the same as "headline.co2_t<=900000 in 0.95"
    mean headline.co2_t <= 900000          an expected value, e.g. a limit on cost or CO2

A margin is positive exactly when the condition is kept, and continuous, so that a winter which is kept barely says
more than one which is kept. A clause that is to be kept wholly has its own margin (sim/guide/margins); shares are
compared by the logarithm of what is lacking; all margins are measured in their own typical size and bent so that one
terrible winter does not outweigh the rest.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ...network_models.problems import InputError, Problem, did_you_mean
from ..guide.clause import default_guide

__all__ = ["Condition", "Mean", "Target", "groups", "read_targets"]

_SPARE = 0.05  # of what may be lacking: keeps the logarithm finite
_CONDITION = re.compile(r"(?P<name>[\w.]+)\s*(?:(?P<sense>[<>]=)\s*(?P<level>[-+.\w%]+))?")
_QUANTILE = re.compile(r"q(?P<share>[.\d]+)\s+(?P<rest>.+)")
_MEAN = re.compile(r"mean\s+(?P<path>[\w.]+)\s*<=\s*(?P<level>[-+.\w%]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    """What one winter keeps or does not.

    Attributes
    ----------
    text : str
        As people write it.
    path : str
        A clause's id, or the path of a number in the ledger.
    sense : str
        ``>=`` or ``<=``.
    level : float
        Of a clause the share of its duties; else in the number's unit.
    clause : bool
        Whether the path is a clause's id.
    """

    text: str
    path: str
    sense: str
    level: float
    clause: bool

    def margin(self, numbers: Mapping[str, float]) -> float | None:
        """Return how far a winter is from breaking it: negative where it does; None where nothing was to be kept.

        Raises
        ------
        KeyError
            When the winter has no such number.
        """
        if not self.clause:
            value = numbers[self.path]
            return value - self.level if self.sense == ">=" else self.level - value
        judged = numbers.get(f"clauses.{self.path}.judged", 0.0)
        if not judged:
            return None
        lacking, allowed = 1.0 - numbers[f"clauses.{self.path}.met"] / judged, 1.0 - self.level
        if allowed > 1e-12:
            return math.log((1.0 + _SPARE) * allowed / (max(lacking, 0.0) + _SPARE * allowed))
        margin = numbers.get(f"clauses.{self.path}.relative_margin")
        if lacking <= 1e-12:
            return max(margin, 0.0) if margin is not None else 1.0
        return min(margin if margin is not None else -1.0, -1e-9)


@dataclass(frozen=True, slots=True)
class Target:
    """Conditions that hold together in at least a share of winters."""

    text: str
    conditions: tuple[Condition, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A number whose expected value is at most a level."""

    text: str
    path: str
    level: float


@cache
def groups() -> Mapping[str, Mapping[str, Any]]:
    """Return the named groups of conditions: titles, why, and conditions."""
    text = resources.files(__package__ or "heatseason.sim.study").joinpath("targets.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_targets(texts: Sequence[str], share: float = 0.95) -> tuple[tuple[Target, ...], tuple[Mean, ...]]:
    """Return the targets that texts state.

    Parameters
    ----------
    texts : sequence of str
    share : float
        Of winters, where a text names none.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    targets: list[Target] = []
    means: list[Mean] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            if match := _MEAN.fullmatch(text.strip()):
                means.append(Mean(text.strip(), match["path"], _number(match["level"], text)))
            else:
                targets.append(_target(text.strip(), share))
        except InputError as error:
            problems += error.problems
    if not targets and not problems:
        problems.append(Problem("--target", "", "at least one target in a share of winters", "e.g. keepable in 0.95"))
    if problems:
        raise InputError(problems)
    return tuple(targets), tuple(means)


def _target(text: str, share: float) -> Target:
    body = text
    if text.startswith("mean "):
        raise InputError([Problem("--target", f'"{text}"', "a mean and its limit: mean PATH <= LEVEL")])
    if match := _QUANTILE.fullmatch(text):
        if "," in match["rest"] or " in " in match["rest"]:
            hint = "its share of winters is in the quantile; put other conditions into a --target of their own"
            raise InputError([Problem("--target", f'"{text}"', "a quantile of one number", hint)])
        body, share = match["rest"], _number(match["share"], text)
        share = share if "<=" in body else 1.0 - share  # so many winters lie below a quantile, the others above it
    elif " in " in text:
        body, _, tail = text.rpartition(" in ")
        share = _number(tail.strip(), text)
    if not 0.0 < share < 1.0:
        hint = "no number of winters proves that all are kept: 59 without failure prove 95 %, 299 prove 99 %"
        raise InputError([Problem("--target", text, "a share between 0 and 1, both excluded", hint)])
    conditions: dict[str, Condition] = {}
    problems: list[Problem] = []
    for part in body.split(","):
        try:
            for condition in _conditions(part.strip(), text):
                conditions[condition.text] = condition
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return Target(text if text != body else f"{text} in {share:g}", tuple(conditions.values()), share)


def _conditions(part: str, whole: str) -> list[Condition]:
    if part in groups():
        return [each for text in groups()[part]["conditions"] for each in _conditions(text, whole)]
    match = _CONDITION.fullmatch(part)
    clauses = {clause.id: clause for clause in default_guide().clauses}
    if match is None:
        raise InputError([Problem("--target", f'"{part}"', "a clause, a group, or a number with >= or <=", "", whole)])
    name, sense = match["name"], match["sense"] or ">="
    if name.startswith(("headline.", "clauses.", "score.", "metrics.")):
        if not match["level"]:
            raise InputError([Problem("--target", f'"{part}"', "a level after it, with >= or <=", "", whole)])
        return [Condition(part, name, sense, _number(match["level"], whole), clause=False)]
    if name not in clauses:
        hint = did_you_mean(name, [*clauses, *groups()])
        raise InputError([Problem("--target", f'"{name}"', "a clause's id, a group or a number's path", hint, whole)])
    level = _number(match["level"], whole) if match["level"] else 1.0
    if sense != ">=" or not 0.0 < level <= 1.0:
        raise InputError([Problem("--target", f'"{part}"', "a clause kept to a share, e.g. 2.3>=0.99", "", whole)])
    return [Condition(part, name, sense, level, clause=True)]


def _number(text: str, whole: str) -> float:
    try:
        value = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError([Problem("--target", f'"{text}"', "a number", "", whole)])
    return value
