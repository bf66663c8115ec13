"""Why a verdict is what it is: the entries it follows from, back to the draw or decision that began the chain.

Data only; the words are made where things are said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..record import KINDS
from .parts import DAY_S, HOUR_S
from .verdict import Verdict, Verdicts

__all__ = ["Chain", "Step", "chain"]

Role = Literal["draw", "cause", "trigger", "opened", "context", "due", "response", "absent", "verdict"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes
    ----------
    role : str
        ``draw`` (where the chain begins), ``cause``, ``trigger`` and ``response`` are entries; ``opened`` is an instant
        derived from them, ``context`` a fact of the tracks, ``due`` the deadline, ``absent`` a response that never
        came, ``verdict`` the end.
    at_s : int or None
        Seconds since the season's origin.
    what : str
        Kind of happening; for ``context`` the name of the fact; else empty.
    subject, subject_id, subject_name : int, str, str
        Who or what it is about: row (or dwelling number), id and name; for a dwelling those of its cohort.
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
class Chain:
    """A verdict's story: its steps in order of time, the verdict last.

    Attributes
    ----------
    verdict : Verdict
    steps : tuple of Step
    place, gloss_zh, gloss_en, reading_zh, reading_en : str
        Of the clause.
    numbers : dict
        The clause's numbers as judged: name -> (value, unit, assumed).
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    place: str
    gloss_zh: str
    gloss_en: str
    reading_zh: str
    reading_en: str
    numbers: dict[str, tuple[float, str, bool]]


def chain(verdicts: Verdicts, address: str) -> Chain:
    """Return the story of the verdict at an address such as ``2.6.4c/17``.

    Raises
    ------
    RecordError
        When there is no such verdict.
    """
    verdict = verdicts.find(address)
    clause = verdicts[verdict.clause].clause
    roles: dict[int, Role] = {}
    for seq, role in ((verdict.response, "response"), (verdict.trigger, "trigger")):
        for ancestor in _ancestors(verdicts, seq):
            root = verdicts.record.cause[ancestor] < 0
            roles.setdefault(ancestor, "draw" if root else "cause")
        if seq >= 0:
            roles[seq] = role  # type: ignore[assignment]
    steps = [_entry(verdicts, seq, role) for seq, role in roles.items()]
    steps.sort(key=lambda step: (step.at_s, step.seq))
    if verdict.trigger >= 0 and verdict.opened_s is not None:
        noted = int(verdicts.facts.at[verdict.trigger])
        if noted != verdict.opened_s and verdict.due_s is not None:
            steps.append(_about(verdicts, Step("opened", verdict.opened_s), verdict.subject))
    steps += _context(verdicts, verdict)
    if verdict.due_s is not None:
        steps.append(Step("due", round(verdict.due_s)))
    if verdict.answered_s is None and verdict.due_s is not None and verdict.state in ("missed", "open"):
        steps.append(Step("absent", verdicts.facts.end_s))
    steps.sort(key=lambda step: (step.at_s is None, step.at_s or 0))
    detail = {"state": verdict.state, "margin": verdict.margin, "unit": verdict.unit, "amount": verdict.amount,
              "counted": verdict.counted}  # fmt: skip
    steps.append(_about(verdicts, Step("verdict", None, detail=detail), verdict.subject))
    numbers = {name: (number.value, number.unit, number.assumed) for name, number in clause.numbers.items()}
    return Chain(verdict, tuple(steps), clause.place, clause.gloss_zh, clause.gloss_en, clause.reading_zh,
                 clause.reading_en, numbers)  # fmt: skip


def _ancestors(verdicts: Verdicts, seq: int) -> list[int]:
    """Return the entries that an entry followed from, itself first."""
    found: list[int] = []
    while seq >= 0 and seq not in found:
        found.append(seq)
        seq = int(verdicts.record.cause[seq])
    return found


def _entry(verdicts: Verdicts, seq: int, role: Role) -> Step:
    record = verdicts.record
    value = float(record.value[seq])
    step = Step(
        role, int(record.at[seq]), KINDS[record.what[seq]].name, value=None if np.isnan(value) else value,
        detail=record.detail_of(seq), seq=seq,
    )  # fmt: skip
    return _about(verdicts, step, int(record.subject[seq]))


def _about(verdicts: Verdicts, step: Step, subject: int) -> Step:
    """Return the step with its subject's id and name."""
    if subject < 0:
        return step
    facts, subjects = verdicts.facts, verdicts.record.subjects
    row, dwelling = subject, 0
    if subject >= facts.listed:
        row = int(facts.cohort_row(np.array([subject]))[0])
        dwelling = subject - facts.listed - int(subjects.first_dwelling[row]) + 1
    name = subjects.name[row]
    if subjects.kind[row] == "cohort" and subjects.substation[row] >= 0:
        name = subjects.name[subjects.substation[row]]  # people know the estate, not the cohort
    return Step(step.role, step.at_s, step.what, subject, subjects.id[row], name, dwelling, step.value, step.detail,
                step.seq)  # fmt: skip


def _context(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return what the tracks say round a verdict about rooms: coldest hour, outdoor mean and supply then."""
    record, facts = verdicts.record, verdicts.facts
    rooms = record.tracks.get("room_c")
    if verdict.unit != "K" or rooms is None or verdict.subject < 0:
        return []
    column = int(np.flatnonzero(facts.cohorts == verdict.subject)[0])
    h0, h1 = facts.hour_range("room_c")
    if h1 <= h0:
        return []
    if verdict.opened_s is not None and verdict.opened_s > facts.start_s:
        hour = verdict.opened_s // HOUR_S
    else:
        hour = h0 + int(np.argmin(rooms[h0 : h1 + 1, column]))
    at = hour * HOUR_S
    subject = verdict.subject
    found = [_about(verdicts, Step("context", at, "room_c", value=float(rooms[hour, column])), subject)]
    bounds = facts.first_dwelling
    first = int(bounds[column])
    last = int(bounds[column + 1]) if column + 1 < len(bounds) else len(record.subjects.offset_k)
    if last > first:
        least = first + int(np.argmin(record.subjects.offset_k[first:last]))
        coldest = float(rooms[hour, column]) + float(record.subjects.offset_k[least])
        found.append(_about(verdicts, Step("context", at, "coldest_dwelling_c", value=coldest), least + facts.listed))
    mean = facts.daily_mean_c()
    if at // DAY_S < len(mean):
        found.append(Step("context", at, "outdoor_daily_mean_c", value=float(mean[at // DAY_S])))
    substation = int(record.subjects.substation[subject])
    supply = record.tracks.get("substation_supply_c")
    if supply is not None and substation >= 0:
        place = int(np.flatnonzero(record.subjects.rows("substation") == substation)[0])
        value = float(supply[min(hour, len(supply) - 1), place])
        found.append(_about(verdicts, Step("context", at, "substation_supply_c", value=value), substation))
    return found
