"""What is wrong with the input, all of it, as a list for people and a document for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.problems import InputError, Problem
from .layout import Page
from .words import Words, phrases

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["all_well", "check", "document", "say", "say_all_well"]


def check(path_or_name: str, changes: Sequence[str] = ()) -> Scenario:
    """Return a scenario in which, and in whose network, weather and guide numbers, nothing is wrong.

    Raises
    ------
    InputError
        With everything that is wrong in any of them, not only in the first that is looked at.
    """
    from ...network_models.arrays import to_arrays
    from ...network_models.formats import read_network
    from ...scenarios.scenario import load
    from ...scenarios.timetable import unroll
    from ..guide.clause import default_guide
    from ..guide.overlay import overlaid

    problems: list[Problem] = []

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except InputError as error:
            problems.extend(error.problems)
            return None

    scenario = attempt(lambda: load(path_or_name, changes))
    named = scenario.network if scenario else _network_named(path_or_name)
    network = attempt(lambda: read_network(named)) if named else None
    if scenario and problems and problems[-1].path == "network":
        problems[-1] = scenario.problem("network", problems[-1])
    if scenario:
        attempt(lambda: overlaid(default_guide(), scenario.guide, "scenario", path_or_name))
        if network:
            attempt(lambda: unroll(scenario, to_arrays(network)))
    if problems:
        raise InputError(dict.fromkeys(problems))
    found: Scenario = scenario
    return found


def _network_named(path: str) -> str:
    """Return the network that a scenario file names though it is wrong elsewhere; empty when that cannot be said."""
    from ...network_models.documents import read_toml

    try:
        name = read_toml(path).data.get("network", "")
    except InputError:
        return ""
    beside = Path(path).parent / str(name)
    return str(beside) if name and beside.exists() else str(name)


def say(page: Page, error: InputError, words: Words) -> None:
    """List every problem as ``file:line:column: path: found …, wanted … (hint)``."""
    count = len(error.problems)
    page.text(words("problem.one") if count == 1 else words("problem.count", n=count))
    for problem in error.problems:
        page.lines.append(_sentence(problem, words))  # unbroken, so that editors and grep can read it


def document(error: InputError) -> dict[str, Any]:
    """Return the problems as a JSON document."""
    return {
        "ok": False,
        "problems": [
            {name: getattr(problem, name) for name in ("file", "line", "column", "path", "found", "wanted", "hint")}
            for problem in error.problems
        ],
    }


def all_well(scenario: Scenario) -> dict[str, Any]:
    """Return the JSON document of an input without a fault."""
    return {"ok": True, "problems": [], "scenario": scenario.name, "network": scenario.network}


def say_all_well(page: Page, scenario: Scenario, words: Words) -> None:
    """Say that nothing is wrong."""
    page.text(words("problem.well", name=scenario.name))


def _sentence(problem: Problem, words: Words) -> str:
    if words.lang == "en":
        return str(problem)
    place = f"{problem.file}:{problem.line}:{problem.column or 1}: " if problem.line else ""
    if problem.file and not problem.line:
        place = f"{problem.file}: "
    parts = [words("problem.wanted", wanted=_translated(problem.wanted, words))]
    if problem.found:
        parts.insert(0, words("problem.found", found=_translated(problem.found, words)))
    path = f"{problem.path}：" if problem.path else ""
    hint = words("problem.hint", hint=_translated(problem.hint, words)) if problem.hint else ""
    return place + path + "，".join(parts) + hint


def _translated(text: str, words: Words) -> str:
    """Put the common turns of a wish or hint, which are written in English where they arise, into `words`' language.

    Every phrase under ``problem.turns`` is such a turn, its blanks matching anything; what has none stays as it is.
    """
    for key, phrase in phrases().items():
        if not key.startswith("problem.turns."):
            continue
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(phrase["en"]))
        match = re.fullmatch(pattern, text)
        if match:
            return phrase[words.lang].format(**match.groupdict())
    return text
