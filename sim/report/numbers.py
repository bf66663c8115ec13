"""Numbers of a scorecard named by their paths: what each is called, and how it is written."""

from __future__ import annotations

from .figures import Figure, amount, count, share
from .words import Words

__all__ = ["figure_of", "label"]

_SHARES = ("share", "compliance", "operator", "authority")


def label(path: str, words: Words) -> str:
    """Return what a number is called: ``headline.calls``, ``clauses.2.3.broken``, ``score.operator``, ``metrics.x``."""
    part, _, name = path.partition(".")
    if part == "score":
        return words("study.score", bearer=words(f"bearer.{name}"))
    if part == "clauses":
        clause_id, _, what = name.rpartition(".")
        return words(f"study.clause_{what}", clause=clause_id)
    if part == "metrics":  # the user's own word
        return name
    if f"numbers.{name}" in words:
        return words(f"numbers.{name}")
    for ending in ("_strict", "_in_scope"):
        stem = name.removesuffix(ending)
        if stem != name and f"rooms.{stem}" in words:
            return words("study.of", what=words(f"rooms.{stem}"), which=words(f"rooms.{ending[1:]}"))
    if f"rooms.{name}" in words:
        return words("study.of_coldest", what=words(f"rooms.{name}"))
    return name


def figure_of(path: str) -> Figure:
    """Return how a number is written."""
    name = path.rpartition(".")[2]
    if any(name.startswith(start) or name.endswith(start) for start in _SHARES):
        return share
    return amount if name.endswith(("_h", "_c", "days_of_cover")) else count
