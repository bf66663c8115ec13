"""``guide --diff``: what two guides ask differently, and what that does to the scores of stored records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..guide.clause import Guide, default_guide
from ..guide.overlay import overlaid, read_overlay
from ..guide.rows import STATES
from ..guide.score import overall
from ..guide.verdict import compliance_of, judge, judge_clauses
from ..record_store import read_record
from .figures import share, unit
from .layout import Column, Page
from .words import Words

__all__ = ["OURS", "compared", "say"]

_ENDS = ("first", "second")

OURS = "default"  # names the guide as it comes with the program


def compared(first: str, second: str, records: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the numbers in which two guides differ, and the clauses whose verdicts that changes.

    Parameters
    ----------
    first, second : str
        Files of changed numbers, or ``default`` for the guide as it is.
    records : sequence of Path
        Stored records, judged under both; no season is run again. Counts are added before dividing.

    Returns
    -------
    dict
        ``numbers`` that differ; with records, the ``clauses`` that they bear on, with what was kept and the amounts by
        state under either guide, the overall ``score`` of either bearer, and ``own_numbers``: the records whose
        scenarios change the guide themselves, which counts for neither.

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
    order = [clause.id for clause in guides[0].clauses if clause.id in touched]
    found: dict[str, Any] = (
        _scores(guides, order, records) if records else {"clauses": [], "score": {}, "own_numbers": []}
    )
    return {"first": first, "second": second, "numbers": numbers, "records": len(records), **found}


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
    if document["clauses"]:
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
    page.text(words("score.title"))
    page.pairs(
        (
            words(f"bearer.{bearer}"),
            words("diff.from_to", first=_kept(ends["first"], words), second=_kept(ends["second"], words)),
        )
        for bearer, ends in document["score"].items()
    )
    if document["own_numbers"]:
        page.text(words("diff.own_numbers", records=words.listing(document["own_numbers"])))


def _read(name: str) -> Guide:
    if name == OURS:
        return default_guide()
    document = read_overlay(Path(name))
    return overlaid(default_guide(), document.data, Path(name).name, document)


def _scores(guides: Sequence[Guide], clauses: Sequence[str], records: Sequence[Path]) -> dict[str, Any]:
    """Judge every record under both guides; return what the touched clauses and the scores come to.

    Counts are added before dividing.
    """
    amounts = {clause.id: np.zeros((2, len(STATES))) for clause in guides[0].clauses}
    breached = {clause: np.zeros(2, np.int64) for clause in clauses}  # records: newly, no longer
    own_numbers = []
    for path in records:
        record = read_record(path)
        own_numbers += [str(path)] if record.scenario.get("guide") else []
        verdicts = judge(record, guides[0])
        second = {verdict.clause.id: verdict for verdict in judge_clauses(verdicts, guides[1], clauses)}
        for first in verdicts.clauses:
            clause = first.clause.id
            other = second.get(clause, first)
            amounts[clause] += [first.amounts, other.amounts]
            if clause in breached:
                before, after = first.status == "breached", other.status == "breached"
                breached[clause] += [after and not before, before and not after]
    compliance = {clause: [compliance_of(end) for end in ends] for clause, ends in amounts.items()}
    rows = [
        {"clause": clause, "first": compliance[clause][0], "second": compliance[clause][1],
         "newly_breached": int(breached[clause][0]), "no_longer_breached": int(breached[clause][1]),
         **{f"amounts_{end}": dict(zip(STATES, amounts[clause][i].tolist(), strict=True))
            for i, end in enumerate(_ENDS)}}
        for clause in clauses
    ]  # fmt: skip
    score = {
        bearer: {
            end: overall((c.weight, compliance[c.id][i]) for c in guides[i].clauses if c.bearer == bearer)
            for i, end in enumerate(_ENDS)
        }
        for bearer in ("operator", "authority")
    }
    return {"clauses": rows, "score": score, "own_numbers": own_numbers}


def _kept(value: float | None, words: Words) -> str:
    return "-" if value is None else share(value, words)


def _named(name: str, words: Words) -> str:
    return words("diff.ours") if name == OURS else name
