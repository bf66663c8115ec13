"""What is wrong with the input, all of it, as a list for people and a document for programs."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...network_models.problems import InputError, Problem
from .layout import Page
from .words import Lang, Words, phrases

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["all_well", "check", "document", "load", "say", "say_all_well", "translated", "warnings"]

_SPEAKING = frozenset({"column", "dimension", "other_dimension", "side", "thing", "why"})


def load(path_or_name: str, changes: Sequence[str] = ()) -> Scenario:
    """Return a scenario that can be run; what is looked at only when something is wrong is what :func:`check` adds.

    Raises
    ------
    InputError
        With everything that is wrong in the scenario, its guide numbers, its network and its weather.
    """
    from ...scenarios import scenario as scenarios
    from ..guide.overlay import guide_faults

    try:
        loaded = scenarios.load(path_or_name, changes)
        if not guide_faults(loaded):
            return loaded
    except InputError:
        check(path_or_name, changes)
        raise
    return check(path_or_name, changes)


def check(path_or_name: str, changes: Sequence[str] = ()) -> Scenario:
    """Return a scenario in which, and in whose network, weather and guide numbers, nothing is wrong.

    Raises
    ------
    InputError
        With everything that is wrong in any of them, not only in the first that is looked at.
    """
    from ...network_models.arrays import to_arrays
    from ...scenarios import scenario as scenarios
    from ...scenarios.standing import network_of
    from ...scenarios.timetable import cross_check, unroll
    from ..guide.overlay import guide_faults
    from .weather import describe

    problems: list[Problem] = []

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except InputError as error:
            problems.extend(error.problems)
            return None

    scenario = attempt(lambda: scenarios.load(path_or_name, changes))
    sound = None if scenario else scenarios.sound_part(path_or_name, changes)
    known = scenario or (sound.scenario if sound else None)
    network = attempt(lambda: network_of(known)) if known else None
    if known and problems and problems[-1].path == "network":
        problems[-1] = known.problem("network", problems[-1])
    if known:
        problems += guide_faults(known)
    if scenario and network:
        attempt(lambda: unroll(scenario, to_arrays(network)))
    elif scenario:  # without a network to lay it on, the weather by itself
        attempt(lambda: describe(scenario))
    elif known and network:
        told, stand_ins = {problem.path for problem in problems}, sound.stand_ins if sound else frozenset()
        dates_known = not any(path.startswith("season") for path in told)
        dangling = cross_check(known, to_arrays(network))
        problems += [
            p
            for p in dangling
            if p.path not in told and _element(p.path) not in stand_ins and (dates_known or not p.path.endswith(".at"))
        ]
    if problems:
        raise InputError(dict.fromkeys(problems))
    found: Scenario = scenario
    return found


def _element(path: str) -> str:
    """Return the element of a list that a path leads into; else the path."""
    listed, bracket, _ = path.partition("]")
    return listed + bracket


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
        "problems": [_as_document(problem) for problem in error.problems],
    }


def _as_document(problem: Problem) -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("file", "line", "column", "path", "found", "wanted", "hint")}


def warnings(scenario: Scenario) -> list[Problem]:
    """Return what is not wrong in a scenario but will hardly end well."""
    from ...network_models.arrays import to_arrays
    from ...scenarios.cautions import cautions
    from ...scenarios.standing import network_of

    return cautions(scenario, to_arrays(network_of(scenario)))


def all_well(scenario: Scenario) -> dict[str, Any]:
    """Return the JSON document of an input without a fault."""
    from ...scenarios.standing import network_of

    edits = [edit.model_dump(mode="json") for edit in network_of(scenario).edits]
    return {
        "ok": True,
        "problems": [],
        "warnings": [_as_document(problem) for problem in warnings(scenario)],
        "scenario": scenario.name,
        "network": scenario.network,
        **({"edits": edits} if edits else {}),
    }


def say_all_well(page: Page, scenario: Scenario, words: Words) -> None:
    """Say that nothing is wrong, what is changed of the network, and what to think twice about."""
    from .network import say_edits

    page.text(words("problem.well", name=scenario.name))
    say_edits(page, all_well(scenario).get("edits", ()), words)
    for problem in warnings(scenario):
        page.lines.append(words("problem.warning", problem=_sentence(problem, words)))


def translated(text: str, words: Words) -> str:
    """Put what is written in English where it arises (a find, a wish, a hint; a word of the command line's parser).

    Every phrase under ``problem.turns`` is such a turn, its blanks matching anything; what has none stays as it is. In
    the blanks of :data:`_SPEAKING` stand turns again, in the others ids, numbers and what the user wrote.
    """
    if words.lang == "en":
        return text
    for pattern, said in _turns(words.lang):
        match = pattern.fullmatch(text)
        if match:
            blanks = match.groupdict()
            return said.format(
                **{name: translated(blank, words) if name in _SPEAKING else blank for name, blank in blanks.items()}
            )
    return text


@functools.cache
def _turns(lang: Lang) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return (pattern of the English, phrase in the language) of every turn."""
    return tuple(
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(phrase["en"])), re.DOTALL), phrase[lang])
        for key, phrase in phrases().items()
        if key.startswith("problem.turns.")
    )


def _sentence(problem: Problem, words: Words) -> str:
    if words.lang == "en":
        return str(problem)
    place = f"{problem.file}:{problem.line}:{problem.column or 1}: " if problem.line else ""
    if problem.file and not problem.line:
        place = f"{translated(problem.file, words)}: "  # a point of a study stands in no file
    parts = [words("problem.wanted", wanted=_degrees(translated(problem.wanted, words)))]
    if problem.found:
        parts.insert(0, words("problem.found", found=translated(problem.found, words)))
    path = f"{translated(problem.path, words)}：" if problem.path else ""  # a column of a foreign format has words
    hint = words("problem.hint", hint=_degrees(translated(problem.hint, words))) if problem.hint else ""
    return place + path + "，".join(parts) + hint


def _degrees(text: str) -> str:
    """Return the unit of temperature as it is written here; "18 ℃" is read like "18 degC"."""
    return text.replace("degC", "℃")
