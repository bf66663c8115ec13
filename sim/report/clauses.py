"""``guide``: the clauses, with place, gloss, reading, numbers, and what of it is assumed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...network_models.problems import InputError, Problem, did_you_mean
from ...scenarios.overlay import read_changes
from ..guide.clause import Guide, default_guide
from ..guide.overlay import overlaid
from ..guide.rows import STATES
from ..guide.text import read_guide_text
from ..guide.verdict import Verdicts, judge, judged_guide
from ..record import Record
from ..record_store import read_record
from .figures import count, unit
from .layout import Column, Page
from .words import Words

__all__ = ["changed", "listing", "official", "say"]

_JUDGE_ONLY = "judge changes the guide alone; run changes the scenario"


def changed(record: Record, file: Path | None, changes: Sequence[str]) -> Guide:
    """Return the guide a record is judged by: the scenario's numbers, then a file's, then those of ``--set``.

    Parameters
    ----------
    record : Record
    file : Path, optional
        An overlay of the guide.
    changes : sequence of str
        Such as ``guide.2.6.2.answer_h=48``, or without ``guide.``

    Raises
    ------
    InputError
        When a change is none, or the guide has no such number.
    """
    foreign = [
        Problem("", f'"{text}"', "a number of the guide, e.g. guide.2.6.2.answer_h=48", _JUDGE_ONLY, "--set")
        for text in changes
        if not re.match(r'(guide\.)?"?\d', text)
    ]
    if foreign:
        raise InputError(foreign)
    guide = judged_guide(record, file)
    for change in read_changes([text if text.startswith("guide.") else f"guide.{text}" for text in changes]):
        table: Any = change.value
        for key in reversed(change.path[1:]):
            table = {str(key): table}
        guide = overlaid(guide, table, "--set", "--set")
    return guide


def listing(
    clause_id: str | None = None, text_file: Path | None = None, records: Sequence[Path] = ()
) -> list[dict[str, Any]]:
    """Return clauses as plain data, with the official wording and the verdicts of stored records where they are given.

    Parameters
    ----------
    clause_id : str, optional
        One clause, or a part of the guide (``2.6`` gives 2.6.1 to 2.6.4c); all when left out. The guide's own place
        (``二（6）④b``) is as good as the id.
    text_file : Path, optional
        The user's copy of the guide's text.
    records : sequence of Path, optional
        Stored records: each row then holds their ``verdicts``.

    Raises
    ------
    InputError
        When there is no such clause, or the text or a record cannot be read.
    """
    clauses = default_guide().clauses
    ids = [clause.id for clause in clauses]
    if clause_id:
        asked = _plain(clause_id)
        clauses = (
            tuple(clause for clause in clauses if asked in (clause.id, _plain(clause.place)))
            or tuple(clause for clause in clauses if clause.id.startswith(asked))
            or tuple(clause for clause in clauses if _plain(clause.place).startswith(asked))
        )
        if not asked or not clauses:
            wanted = "one of: " + ", ".join(ids)
            raise InputError([Problem("CLAUSE", f'"{clause_id}"', wanted, did_you_mean(clause_id, ids))])
    rows = [clause.model_dump(mode="json") for clause in clauses]
    if text_file is not None:
        text = read_guide_text(text_file)
        for row, clause in zip(rows, clauses, strict=True):
            row |= text.beside(clause)
    for path in records:
        verdicts = judge(read_record(path))
        for row in rows:
            row.setdefault("verdicts", []).append({"record": str(path), **_outcome(verdicts, row["id"])})
    return rows


def _outcome(verdicts: Verdicts, clause_id: str) -> dict[str, Any]:
    """Return what a record's verdict on a clause is, how much of it is in which state, and the worst breach."""
    judged = verdicts[clause_id]
    return {"status": judged.status, "compliance": judged.compliance,
            **dict(zip(STATES, judged.amounts.tolist(), strict=True)),
            "worst": verdicts.worst(clause_id) or None}  # fmt: skip


def say(page: Page, rows: Sequence[Mapping[str, Any]], words: Words) -> None:
    """Write the clauses down: a table of many, or everything about one."""
    guide = default_guide()
    page.title(words.either(guide.title_zh, guide.title_en))
    page.text(words.either(guide.status_zh, guide.status_en))
    if len(rows) == 1 or any("wording" in row or "verdicts" in row for row in rows):
        for row in rows:
            _say_one(page, row, words)
        return
    page.blank()
    page.table(
        [Column(words("clauses.id")), Column(words("guide.place")), Column(words("guide.gloss"), wraps=True)],
        [
            (
                row["id"] + ("*" if guide[row["id"]].assumed else ""),
                row["place"],
                words.either(row["gloss_zh"], row["gloss_en"])
                + ("" if row["parts"] else " " + words("guide.not_simulated_mark")),
            )
            for row in rows
        ],
    )
    page.text(words("clauses.assumed"))


def official(row: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return, with their heads, the official wording of the user's copy, and how it differs from the one known here."""
    pairs = [(words("guide.wording"), row["wording"])] if row.get("wording") else []
    if row.get("fits", "same") != "same":
        pairs.append((words("guide.mind"), words(f"guide.wording_{row['fits']}", place=row["place"])))
    return pairs


def _say_one(page: Page, row: Mapping[str, Any], words: Words) -> None:
    page.title(f"{row['id']}  {row['place']}", "-")
    page.text(words.either(row["gloss_zh"], row["gloss_en"]))
    pairs = [(words("guide.bearer"), words(f"bearer.{row['bearer']}"))]
    pairs += official(row, words)
    reading = words.either(row["reading_zh"], row["reading_en"])
    if reading:
        mark = " " + words("guide.assumed_mark") if row["assumed_reading"] else ""
        pairs.append((words("guide.reading"), reading + mark))
    if not row["parts"]:
        pairs.append((words("guide.not_simulated"), words.either(row["not_simulated_zh"], row["not_simulated_en"])))
    else:
        pairs.append((words("guide.weight"), f"{row['weight']:g}"))
    pairs += [(words("guide.verdict"), _verdict(outcome, words)) for outcome in row.get("verdicts", ())]
    page.pairs(pairs)
    for part in row["parts"]:
        gloss = words.either(part["gloss_zh"], part["gloss_en"])
        page.text(f"- {words('form.' + part['form'])}" + (f": {gloss}" if gloss else ""), indent=2, hang=2)
    if row["numbers"]:
        page.table(
            [
                Column(words("guide.number")),
                Column(words("guide.value"), "right"),
                Column(words("guide.range")),
                Column(words("guide.source_in_english"), wraps=True),
            ],
            [
                (
                    name,
                    f"{number['value']:g} {unit(number['unit'], words)}",
                    f"{number['low']:g}-{number['high']:g}" if number["low"] is not None else "",
                    _source(number, words),
                )
                for name, number in row["numbers"].items()
            ],
            indent=2,
        )


def _verdict(outcome: Mapping[str, Any], words: Words) -> str:
    """Return a verdict in a line: what it is, how much was in which state, the worst breach, and of which record."""
    counted = [words(f"state.{state}", n=count(outcome[state], words)) for state in STATES if outcome[state]]
    worst = [words("guide.worst", id=outcome["worst"])] if outcome["worst"] else []
    return words.listing([words(f"status.{outcome['status']}"), *counted, *worst]) + f"  [{outcome['record']}]"


def _plain(name: str) -> str:
    """Return a clause's id or place however it is typed: full or half width, circled or not, with or without spaces."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _source(number: Mapping[str, Any], words: Words) -> str:
    if not number["assumed"]:
        return words("guide.given")
    return f"{words('guide.assumed_mark')} {number['source']} ({words('confidence.' + number['confidence'])})"
