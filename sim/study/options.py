"""What is compared or chosen from: scenarios, each by the name that the reader gave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...network_models.documents import show_value
from ...network_models.problems import InputError, Problem, ScenarioError
from ...scenarios.scenario import Scenario, library, load
from .case import faults_of
from .folder import patch_of

__all__ = ["Option", "check", "named", "read_option", "read_options"]

_TOLD = 3  # changes that a name can hold

_CHANGE = re.compile("@(?=[^@=]+=)")  # where a change begins


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things compared: its name for the reader, and its scenario."""

    name: str
    scenario: Scenario


def read_option(text: str, changes: Sequence[str] = ()) -> Option:
    """Return what ``SCENARIO`` or ``SCENARIO@path=value@path=value`` stands for, with further changes on top.

    An ``@`` in the name of a file, or in a value, is part of it.

    Raises
    ------
    ScenarioError
        With everything that is wrong with it.
    """
    name, own = _parts(text)
    return Option(text, load(name, [*own, *changes]))


def read_options(texts: Sequence[str], changes: Sequence[str] = ()) -> list[Option]:
    """Return what several texts stand for, each as :func:`read_option` reads it.

    Raises
    ------
    ScenarioError
        With everything that is wrong with any of them.
    """
    options: list[Option] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            options.append(read_option(text, changes))
        except InputError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(dict.fromkeys([*problems, *_faults(options)]))
    return options


def _parts(text: str) -> tuple[str, list[str]]:
    """Return the scenario's name, the longest that there is, and its changes."""
    ends = [at for at, sign in enumerate(text) if sign == "@"]
    known = (end for end in [len(text), *reversed(ends)] if Path(text[:end]).is_file() or text[:end] in library())
    end = next(known, None)
    if end is None:  # no such scenario: as much as can be is its name
        name, *changes = re.split(_CHANGE, text)
        return name, changes
    return text[:end], re.split(_CHANGE, text[end + 1 :]) if end < len(text) else []


def named(options: Sequence[Option | Scenario | str]) -> list[Option]:
    """Return options as they are handed over from Python, by names that tell them apart.

    A text is read as :func:`read_option` reads it. A scenario goes by its own name; one whose name is taken, by what it
    changes in the scenario that has it.

    Raises
    ------
    InputError
        When one is neither of them, or a text is wrong.
    """
    found: list[Option] = []
    for row, option in enumerate([options] if isinstance(options, str) else options):
        if isinstance(option, str):
            found.append(read_option(option))
        elif isinstance(option, Option):
            found.append(option)
        elif isinstance(option, Scenario):
            found.append(Option(_name_beside(option, found), option))
        else:
            wanted = "a scenario, or a text such as town@policies.crews.teams=1"
            raise InputError([Problem(f"options[{row}]", show_value(option), wanted)])
    return found


def _name_beside(scenario: Scenario, others: Sequence[Option]) -> str:
    """Return a name that no other option has."""
    taken = {option.name: option.scenario for option in others}
    name = scenario.name
    if name not in taken:
        return name
    patch = patch_of(taken[name].resolved(), scenario.resolved())
    if 0 < len(patch) <= _TOLD and all(len(change) == 2 and not isinstance(change[1], dict | list) for change in patch):
        name = "@".join([name, *(f"{'.'.join(keys)}={value}" for keys, value in patch)])
    number = 2
    while name in taken:
        name, number = f"{scenario.name} ({number})", number + 1
    return name


def check(options: Sequence[Option]) -> None:
    """Raise ScenarioError with everything that is wrong with options, or with comparing them."""
    problems = [] if len(options) > 1 else [Problem("", "one scenario", "two or more to compare")]
    if problems := [*problems, *_faults(options)]:
        raise ScenarioError(problems)


def _faults(options: Sequence[Option]) -> list[Problem]:
    """Return what is wrong with options on their networks, and winters that are not common."""
    problems: list[Problem] = []
    for option in options:
        problems += [p if p.file else replace(p, file=option.name) for p in faults_of(option.scenario)]
        if option.scenario.seed != options[0].scenario.seed:
            wanted = f"{options[0].scenario.seed}, as {options[0].name} has: common winters have one seed"
            problems.append(Problem("seed", str(option.scenario.seed), wanted, "--seed", option.name))
    return problems
