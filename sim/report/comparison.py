"""A comparison said in words: each number under the first option and under the other, their difference, how sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...network_models.problems import InputError, Problem
from ..guide.clause import default_guide
from ..study.rank import Selection
from .figures import share
from .layout import Column, Page, fit
from .numbers import figure_of, label
from .problems import translated
from .words import Words

__all__ = ["check_asked", "say", "say_selection", "selection_document"]

_SERVICE = ("headline.heat_gj", "headline.dwelling_hours_below_18_strict")
_ORDER = ("better", "worse", "higher", "lower", "constant", "cannot_tell")


def check_asked(number: str | None, width: float | None, indifference: float | None, want: str | None) -> None:
    """Raise InputError when a command line asks for what does not go together."""
    problems = []
    if number and not (width or indifference):
        problems.append(Problem("--number", number, "--until or --select beside it"))
    if width and indifference:
        problems.append(Problem("--until", f"{width:g}", "either --until or --select"))
    if want and not indifference:
        problems.append(Problem("--want", want, "--select beside it"))
    if problems:
        raise InputError(problems)


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say a comparison (see :func:`heatseason.sim.study.compare.compare`)."""
    page.title(words("compare.title", baseline=document["baseline"]))
    page.text(words("compare.winters", n=document["replications"], seed=document["seed"], sure=document["confidence"]))
    if document["interrupted"]:
        page.text(words("compare.interrupted", n=document["replications"], wanted=document["wanted"]))
    stopped = document["stopped"]
    if stopped:
        number = label(stopped["number"], words)
        told = "compare.reached" if stopped["reached"] else "compare.not_reached"
        page.text(words(told, number=number, width=stopped["width"]))
    for failure in document["failures"]:
        page.text(words("compare.failure", **{**failure, "why": translated(failure["why"], words)}))
    baseline = document["options"][0]["numbers"]
    for option, difference in zip(document["options"][1:], document["differences"], strict=True):
        page.title(words("compare.against", option=option["name"], baseline=document["baseline"]), "-")
        for verdict in _ORDER:
            rows = [path for path, number in difference["numbers"].items() if number["verdict"] == verdict]
            if not rows:
                continue
            page.text(words(f"compare.{verdict}"))
            for path in rows:
                _say_number(page, path, baseline[path], option["numbers"][path], difference["numbers"][path], words)
            if verdict == "better" and difference["with_less_heat"]:
                _say_less_heat(page, difference, words)
        same = [label(p, words) for p, number in difference["numbers"].items() if number["verdict"] == "same"]
        if same:
            page.text(words("compare.same", numbers=words.listing(same)))
    page.blank()
    page.text(words("compare.explained", least=document["least_winters"]))
    unseen = {"n": document["replications"], "share": share(document["unseen"], words), "sure": document["confidence"]}
    page.text(words("compare.unseen", **unseen))


def say_selection(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say which option is best, and how it was found."""
    page.title(words(f"compare.selection_{document['want']}", number=label(document["number"], words)))
    figure = figure_of(document["number"])
    heads = (
        Column(words("compare.option"), wraps=True),
        Column(words("compare.played"), "right"),
        Column(words("spread.mean").split("±")[0].strip(), "right"),
        Column(""),
    )
    page.table(
        heads,
        [
            (
                option["name"],
                str(option["winters"]),
                figure(option["mean"], words),
                words("compare.best" if option["best"] else "compare.left" if option["left"] else "compare.dropped"),
            )
            for option in document["options"]
        ],
    )
    promise = {"sure": document["confidence"], "delta": figure(document["indifference"], words)}
    page.text(words("compare.promise" if document["certain"] else "compare.no_promise", **promise))


def selection_document(
    names: list[str], number: str, want: str, indifference: float, confidence: float, found: Selection
) -> dict[str, Any]:
    """Return a selection as a JSON document."""
    return {
        "number": number,
        "want": want,
        "indifference": indifference,
        "confidence": confidence,
        "certain": found.certain,
        "best": names[found.best],
        "options": [
            {
                "name": name,
                "winters": found.winters[row],
                "mean": found.mean[row],
                "left": row in found.left,
                "best": row == found.best,
            }
            for row, name in enumerate(names)
        ],
    }


def _called(path: str, words: Words) -> str:
    """Return a number's label; of a clause also what it is about."""
    if not path.startswith("clauses."):
        return label(path, words)
    clause_id = path.removeprefix("clauses.").rpartition(".")[0]
    gloss = {clause.id: words.either(clause.gloss_zh, clause.gloss_en) for clause in default_guide().clauses}
    return words("compare.clause", name=label(path, words), gloss=gloss.get(clause_id, ""))


def _say_number(
    page: Page,
    path: str,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    difference: Mapping[str, Any],
    words: Words,
) -> None:
    figure = figure_of(path)
    told = words(
        "compare.each" if difference["verdict"] == "constant" else "compare.number",
        first=figure(first["mean"], words),
        second=figure(second["mean"], words),
        mean=_signed(path, difference["mean"], words),
        low=_signed(path, difference["low"], words),
        high=_signed(path, difference["high"], words),
    )
    if difference["reason"]:
        told += words(f"compare.{difference['reason']}", n=difference["winters_needed"])
    elif difference["winters_needed"]:
        told += words("compare.needed", n=difference["winters_needed"])
    page.lines.append("  " + fit(_called(path, words), page.width - 2, ambiguous=page.ambiguous))
    page.text(told, indent=6)


def _say_less_heat(page: Page, difference: Mapping[str, Any], words: Words) -> None:
    """Say what is better where less was heated, by how much less, and by how much homes were colder."""
    told = [f"{label(path, words)} {_signed(path, difference['numbers'][path]['mean'], words)}" for path in _SERVICE]
    better = words.listing([label(path, words) for path in difference["with_less_heat"]])
    page.text(words("compare.less_heat", numbers=better, told=words.listing(told)), indent=2)


def _signed(path: str, value: float, words: Words) -> str:
    return ("+" if value > 0 else "-" if value < 0 else "") + figure_of(path)(abs(value), words)
