"""``guide --diff``: what two guides ask differently, and what that does to the scores of stored records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..guide.clause import Guide, default_guide
from ..guide.overlay import overlaid, read_overlay
from ..guide.verdict import compliance_of, judge, judge_clauses
from ..record_store import read_record
from .figures import share, unit
from .layout import Column, Page
from .words import Words

__all__ = ["OURS", "compared", "say"]

OURS = "default"  # names the guide as it comes with the program


def compared(first: str, second: str, records: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the numbers in which two guides differ, and the clauses whose verdicts that changes.

    Parameters
    ----------
    first, second : str
        Files of changed numbers, or ``default`` for the guide as it is.
    records : sequence of Path
        Stored records, judged under both; no season is run again. Counts are added before dividing.

    Raises
    ------
    InputError
        When a file or a record cannot be read.
    """
    guides = [_read(first), _read(second)]
    numbers: list[dict[str, Any]] = []
    for a, b in zip(guides[0].clauses, guides[1].clauses, strict=True):
        ends = [{"weight": (clause.weight, "", False)} for clause in (a, b)]
        for clause, end in zip((a, b), ends, strict=True):
            end.update({name: (n.value, n.unit, n.assumed) for name, n in clause.numbers.items()})
        numbers += [
            {"clause": a.id, "name": name, "first": ends[0][name][0], "second": ends[1][name][0],
             "unit": ends[0][name][1], "assumed": ends[0][name][2]}
            for name in ends[0] if ends[0][name][0] != ends[1][name][0]
        ]  # fmt: skip
    touched = {clause for number in numbers for clause in guides[0].dependents(number["clause"], number["name"])}
    return {
        "first": first,
        "second": second,
        "numbers": numbers,
        "records": len(records),
        "clauses": _scores(guides, sorted(touched), records) if records else [],
    }


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Write the differences down."""
    page.title(words("diff.title", first=_named(document["first"], words), second=_named(document["second"], words)))
    if not document["numbers"]:
        page.text(words("diff.same"))
        return
    page.table(
        [Column(words("clauses.id")), Column(words("guide.number")), Column(words("diff.first"), "right"),
         Column(words("diff.second"), "right")],
        [
            (n["clause"], n["name"] + (" " + words("guide.assumed_mark") if n["assumed"] else ""),
             f"{n['first']:g} {unit(n['unit'], words)}", f"{n['second']:g} {unit(n['unit'], words)}")
            for n in document["numbers"]
        ],
    )  # fmt: skip
    if not document["records"]:
        page.text(words("diff.no_record"))
        return
    page.title(words("diff.scores", n=document["records"]), "-")
    page.table(
        [Column(words("clauses.id")), Column(words("diff.first"), "right"), Column(words("diff.second"), "right"),
         Column(words("diff.newly"), "right"), Column(words("diff.no_longer"), "right"),
         Column(words("guide.gloss"), wraps=True)],
        [
            (row["clause"], _kept(row["first"], words), _kept(row["second"], words),
             str(row["newly_breached"]), str(row["no_longer_breached"]),
             words.either(default_guide()[row["clause"]].gloss_zh, default_guide()[row["clause"]].gloss_en))
            for row in document["clauses"]
        ],
    )  # fmt: skip


def _read(name: str) -> Guide:
    if name == OURS:
        return default_guide()
    document = read_overlay(Path(name))
    return overlaid(default_guide(), document.data, Path(name).name, document)


def _scores(guides: Sequence[Guide], clauses: Sequence[str], records: Sequence[Path]) -> list[dict[str, Any]]:
    """Judge every record under both guides; return what the touched clauses come to, counts added before dividing."""
    amounts = {clause: np.zeros((2, 5)) for clause in clauses}
    breached = {clause: np.zeros(2, np.int64) for clause in clauses}  # records: newly, no longer
    for path in records:
        verdicts = judge(read_record(path), guides[0])
        first = {clause: verdicts[clause] for clause in clauses}
        second = {verdict.clause.id: verdict for verdict in judge_clauses(verdicts, guides[1], clauses)}
        for clause in clauses:
            amounts[clause] += [first[clause].amounts, second[clause].amounts]
            before, after = first[clause].status == "breached", second[clause].status == "breached"
            breached[clause] += [after and not before, before and not after]
    return [
        {"clause": clause, "first": compliance_of(amounts[clause][0]), "second": compliance_of(amounts[clause][1]),
         "newly_breached": int(breached[clause][0]), "no_longer_breached": int(breached[clause][1])}
        for clause in clauses
    ]  # fmt: skip


def _kept(value: float | None, words: Words) -> str:
    return "-" if value is None else share(value, words)


def _named(name: str, words: Words) -> str:
    return words("diff.ours") if name == OURS else name
