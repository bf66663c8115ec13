"""Numbers of a scorecard named by their paths: what each is called, and how it is written."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from ..guide.clause import default_guide
from .figures import Figure, amount, count, share
from .words import Words

__all__ = ["figure_of", "label"]

_SHARES = ("share", "compliance", "operator", "authority", "efficiency")
_SPLITS = {  # of a headline number into parts
    "cost_split_cny": "cost_cny",
    "cost_split_cny_m2": "cost_cny_m2",
    "staff_split_cny": "cost_cny",
    "refund_split_cny": "cost_cny",
}


def label(path: str, words: Words) -> str:
    """Return what a number is called: ``headline.calls``, ``clauses.2.3.broken``, ``score.operator``, ``metrics.x``.

    Every number of a scorecard has its words; what a record of another origin adds goes by its own name.
    """
    part, _, name = path.partition(".")
    if part == "score":
        return words("study.score", bearer=words(f"bearer.{name}"))
    if part == "clauses":
        return _of_clause(name, words)
    if part == "metrics":  # the user's own word
        return name
    return _of_split(name, words) if "." in name else _of_headline(name, words)


def figure_of(path: str) -> Figure:
    """Return how a number is written."""
    name = path.rpartition(".")[2]
    if any(name.startswith(start) or name.endswith(start) for start in _SHARES):
        return share
    return amount if name.endswith(("_h", "_c", "days_of_cover", "_m2", "margin")) else count


def _of_clause(name: str, words: Words) -> str:
    where, _, what = name.rpartition(".")
    clause, _, part = where.partition(".parts.")
    if indicated := where.removesuffix(".indicators") != where:
        clause = where.removesuffix(".indicators")
    if part:
        gloss = _glosses().get((clause, part), (part, part))
        clause = words("study.part", clause=clause, part=words.either(*gloss))
    said = f"indicator.{what}" if indicated else f"study.clause_{what}"
    if said not in words:
        return words("study.indicator", clause=clause, indicator=what)
    return words("study.indicator", clause=clause, indicator=words(said)) if indicated else words(said, clause=clause)


def _of_headline(name: str, words: Words) -> str:
    if f"numbers.{name}" in words:
        return words(f"numbers.{name}")
    for ending in ("_strict", "_in_scope"):
        stem = name.removesuffix(ending)
        if stem != name and f"rooms.{stem}" in words:
            return words("study.of", what=words(f"rooms.{stem}"), which=words(f"rooms.{ending[1:]}"))
    if f"rooms.{name}" in words:
        return words("study.of_coldest", what=words(f"rooms.{name}"))
    return name


def _of_split(name: str, words: Words) -> str:
    """Return what a part of a headline number is called: a kind of cost, or what one unit, tank or store did."""
    whole, _, rest = name.partition(".")
    if whole in _SPLITS and f"cost.{rest}" in words:
        return words("study.of", what=words(f"numbers.{_SPLITS[whole]}"), which=words(f"cost.{rest}"))
    thing, _, what = rest.rpartition(".")
    if whole in ("units", "tanks", "fuel") and f"plants.{what}" in words:
        return words("study.of", what=thing, which=words(f"plants.{what}"))
    return name


@functools.cache
def _glosses() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return what each part of a clause is about, in Chinese and English."""
    return {(c.id, part.id): (part.gloss_zh, part.gloss_en) for c in default_guide().clauses for part in c.parts}
