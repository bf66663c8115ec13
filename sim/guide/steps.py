"""The steps of a verdict's story: entries, facts of the tracks, instants. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..record import KINDS
from .trouble import Worst, at_worst
from .verdict import Verdicts

__all__ = ["Context", "Role", "Step", "about", "ancestors", "entry", "lacked"]

Role = Literal[
    "draw", "cause", "trigger", "opened", "case", "standing", "context", "counted", "from", "to", "due", "response",
    "absent", "fell_short", "opened_by", "forbidden", "root", "verdict",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes
    ----------
    role : str
        ``draw`` (where the chain begins), ``cause``, ``trigger`` and ``response`` are entries; ``opened`` is an instant
        derived from them, ``case`` an entry of the same case, ``standing`` one whose effect lasted then, ``context`` a
        fact of the tracks, ``counted`` how many entries of a kind, ``from`` and ``to`` the ends of the day or month
        judged, ``opened_by`` an entry that opened what is watched, ``fell_short`` and ``forbidden`` ones against it,
        ``due`` the deadline, ``absent`` a response that never came, ``root`` what the story goes back to
        besides (a draw, an order or a value of the scenario, the weather), ``verdict`` the end.
    at_s : int or None
        Seconds since the season's origin.
    what : str
        Kind of happening; for ``context`` the name of the fact; else empty.
    subject, subject_id, subject_name : int, str, str
        Who or what it is about: row (or dwelling number), id and name; for a dwelling those of its cohort. What
        concerns the whole city has no name.
    dwelling : int
        Number of the dwelling within its cohort from 1; 0 for anything else.
    value : float or None
        The entry's value, or the fact's.
    detail : dict
        The entry's details; for the verdict its state, margin and unit.
    seq : int
        The entry; -1 for what is no entry.
    """

    role: Role
    at_s: int | None
    what: str = ""
    subject: int = -1
    subject_id: str = ""
    subject_name: str = ""
    dwelling: int = 0
    value: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    seq: int = -1


@dataclass(frozen=True, slots=True)
class Context:
    """What is told beside the chain of a verdict's own entries.

    Attributes
    ----------
    facts : list of Step
        Facts of the tracks, and counts.
    standing, causes, case : list of int
        Entries whose effect lasted then; entries to be told with what they followed from; entries of its case.
    trigger : int or None
        The entry behind it, where looking closely finds another than the row holds; -1: none.
    """

    facts: list[Step] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)
    causes: list[int] = field(default_factory=list)
    case: list[int] = field(default_factory=list)
    trigger: int | None = None


def ancestors(verdicts: Verdicts, seq: int) -> list[int]:
    """Return the entries that an entry followed from, itself first."""
    found: list[int] = []
    while seq >= 0 and seq not in found:
        found.append(seq)
        seq = int(verdicts.record.cause[seq])
    return found


def entry(verdicts: Verdicts, seq: int, role: Role) -> Step:
    """Return the step that an entry of the record is; of a shortage how bad it became, not how it began."""
    record = verdicts.record
    kind, value, detail = KINDS[record.what[seq]].name, float(record.value[seq]), record.detail_of(seq)
    worst = at_worst(verdicts.facts, seq) if kind == "shortage_started" else None
    if worst is not None:
        value, detail = worst.share, {**detail, **lacked(worst)}
    step = Step(role, int(record.at[seq]), kind, value=None if np.isnan(value) else value, detail=detail, seq=seq)
    return about(verdicts, step, int(record.subject[seq]))


def lacked(worst: Worst) -> dict[str, str]:
    """Return what a shortage lacked: in its worst hour and in all its time, where these differ."""
    if worst.lacked == worst.in_all:
        return {"lacked": worst.lacked}
    return {"lacked_at_worst": worst.lacked, "lacked_in_all": worst.in_all}


def about(verdicts: Verdicts, step: Step, subject: int) -> Step:
    """Return the step with its subject's id and name."""
    if subject < 0:
        return step
    facts, subjects = verdicts.facts, verdicts.record.subjects
    row, dwelling = subject, 0
    if subject >= facts.listed:
        row = int(facts.cohort_row(np.array([subject]))[0])
        dwelling = subject - facts.listed - int(subjects.first_dwelling[row]) + 1
    name = subjects.name[row] or subjects.id[row]
    if subjects.kind[row] == "city":
        name = ""  # what concerns the whole city needs no name, and the city's is its network file's
    elif subjects.kind[row] == "cohort" and subjects.substation[row] >= 0:
        name = subjects.name[subjects.substation[row]]  # people know the estate, not the cohort
    return Step(step.role, step.at_s, step.what, subject, subjects.id[row], name, dwelling, step.value, step.detail,
                step.seq)  # fmt: skip
