"""What can be wrong, said so that it can be mended: all of it at once, with place, value, wish and hint.

::

    HeatseasonError
    ├── InputError            exit code 2: the input is wrong; carries every Problem found
    │   ├── NetworkError
    │   ├── ScenarioError
    │   ├── RecordError
    │   └── GuideError
    └── ModelError            exit code 3: the model could not continue; says when, where and why
"""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "GuideError",
    "HeatseasonError",
    "InputError",
    "ModelError",
    "NetworkError",
    "Problem",
    "RecordError",
    "ScenarioError",
    "did_you_mean",
    "together",
    "whole_number",
]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    path : str
        Where in the document, e.g. ``pipes[3].length`` or ``policies.reserve.days``.
    found : str
        The value found, as the user wrote it (empty when something is absent).
    wanted : str
        What was wanted instead.
    hint : str
        How to mend it, e.g. ``did you mean "length"?``; may be empty.
    file : str
        The file; empty when the input did not come from one.
    line, column : int
        Place in the file, from 1; 0 when unknown.
    """

    path: str
    found: str
    wanted: str
    hint: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column: path: found …, wanted … (hint)``."""
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column or 1}"
        text = f"{self.path}: " if self.path else ""
        if self.found:
            text += f"found {self.found}, "
        text += f"wanted {self.wanted}"
        if self.hint:
            text += f" ({self.hint})"
        return f"{place}: {text}" if place else text


class HeatseasonError(Exception):
    """Anything this package raises on purpose."""


class InputError(HeatseasonError):
    """The input is wrong. ``problems`` holds everything found, file by file, line by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        files = list(dict.fromkeys(problem.file for problem in found))
        self.problems: tuple[Problem, ...] = tuple(
            sorted(found, key=lambda problem: (files.index(problem.file), problem.line or math.inf, problem.column))
        )
        super().__init__(self.problems)  # what it is made of again, by SimPy or by pickle

    def __str__(self) -> str:
        """Return a line for every problem."""
        return "\n".join(str(problem) for problem in self.problems)


class NetworkError(InputError):
    """A network is wrong."""


class ScenarioError(InputError):
    """A scenario is wrong."""


class RecordError(InputError):
    """A stored or hand-written record is wrong."""


class GuideError(InputError):
    """A guide, or an overlay of it, is wrong."""


class ModelError(HeatseasonError):
    """The model could not continue.

    Parameters
    ----------
    when : str
        Local time in the season.
    where : str
        The element.
    why : str
        What could not be solved, and what to try. Where a fault of ours broke the season off, that is its cause.
    """

    def __init__(self, when: str, where: str, why: str) -> None:
        self.when, self.where, self.why = when, where, why
        super().__init__(when, where, why)

    def __str__(self) -> str:
        """Return ``when: where: why``."""
        return f"{self.when}: {self.where}: {self.why}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return ``did you mean "…"?`` for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else ""


def whole_number(value: Any, path: str, least: int) -> int:
    """Return a whole number that Python code handed over, numpy's too, as Python's own.

    Raises
    ------
    InputError
        When it is none, or less than `least`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least:
        raise InputError([Problem(path, str(value), f"a whole number, {least} or more")])
    return number


def together(*readings: Callable[[], Any]) -> list[Any]:
    """Return what each reading gives.

    Raises
    ------
    InputError
        With everything that is wrong in any of them, told once.
    """
    found: list[Any] = []
    problems: list[Problem] = []
    for reading in readings:
        try:
            found.append(reading())
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return found
