"""The lines for staff that a household's case stood in: how many were before it, since when, and what brought them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..record import KINDS
from .course import LINES, Spell, asked_for, spells
from .facts import Ints
from .household import troubles_behind
from .parts import HOUR_S, Part
from .settings import setting_at
from .steps import Step, about, ancestors, lacked
from .trouble import at_worst
from .verdict import Verdict, Verdicts

__all__ = ["in_line"]

_NOTED = 0.1  # of a line: what brought fewer is not why it was long
_LOTS = ("fuel_ordered", "fuel_delayed")  # of fuel that ran out people know that it did, not which lot it waited for
_ASKED = 100  # of a line so many, or not twice as many, are asked what brought them, evenly


def in_line(verdicts: Verdicts, verdict: Verdict, part: Part, told: Sequence[int]) -> list[Step]:
    """Return how long a duty's case stood in line for staff, how many were before it, and how many were on duty.

    And since when more had stood in line than were on duty, with what had brought most of them if it is not told. How
    many were before it is not known of a case that the authority never took up: how long it was looked into first
    stands in no entry.
    """
    steps = []
    for spell in spells(verdicts, verdict, "".join(asked_for(verdicts, verdict, part)[:1])):
        if spell.what in LINES:
            joined = spell.over or spell.what != "authority"
            line = _stood(verdicts, spell)
            before = int(((line[0] < spell.from_s) & (line[1] > spell.from_s)).sum())
            detail: dict[str, float] = {"before_it": before} if joined else {}
            duty = verdicts.record.tracks.get(f"{spell.what}_on_duty", np.zeros(0))
            there = duty[spell.from_s // HOUR_S : -(-spell.to_s // HOUR_S)]
            if len(there):
                detail["on_duty"] = round(float(there.mean()), 1)
            hours = (spell.to_s - spell.from_s) / HOUR_S
            name = f"in_line_{spell.what}" if spell.over else f"in_line_still_{spell.what}"
            steps += _since(verdicts, spell, line, told) if joined else []
            steps.append(Step("context", spell.from_s, name, value=hours, detail=detail))
    return steps


def _stood(verdicts: Verdicts, spell: Spell) -> tuple[Ints, Ints, Ints]:
    """Return from when to when each case stood in a line, and the case.

    Who was looked into first joined it only then: the entry that ended the wait holds how long that was. Who was never
    served joined later than any who was.
    """
    facts, (asked, served) = verdicts.facts, LINES[spell.what]
    lines = [facts.intervals(((asked, end),)) for end in served]
    from_s: Ints = lines[0].from_s
    to_s: Ints = np.minimum.reduce([line.to_s for line in lines])
    if spell.what != "measurers":
        handling_h = setting_at(verdicts.record, "people.cases.authority_handling_hours", spell.to_s)[1]
        work_s = int(float(handling_h or 0.0) * HOUR_S) if spell.what == "authority" else 0
        taken = lines[0].ended
        to_s = to_s - work_s * taken
        waited = np.nan_to_num(np.where(taken, verdicts.record.value[lines[0].end], 0.0)).astype(np.int64)
        from_s = np.where(taken, np.maximum(to_s - waited, from_s), to_s if spell.over else from_s)
    return from_s, to_s, lines[0].case


def _since(verdicts: Verdicts, spell: Spell, line: tuple[Ints, Ints, Ints], told: Sequence[int]) -> list[Step]:
    """Return since when more had stood in a line than were on duty; and what brought many, if that is not told."""
    duty = verdicts.record.tracks.get(f"{spell.what}_on_duty", np.zeros(0))[: spell.from_s // HOUR_S]
    hours = np.arange(len(duty)) * HOUR_S
    waiting = np.searchsorted(np.sort(line[0]), hours) - np.searchsorted(np.sort(line[1]), hours, "right")
    short = np.flatnonzero((duty > 0) & (waiting <= duty))[-1:]
    long = np.flatnonzero((duty > 0) & (waiting > duty) & (hours > HOUR_S * max(short, default=-1)))
    if not len(long):
        return []
    since = int(hours[long[0]])
    step = Step("context", since, f"line_since_{spell.what}")
    joined = line[0] < spell.from_s
    share, chain = _what_brought(verdicts, line[2][joined & (line[0] >= since - HOUR_S)])
    began = int(verdicts.facts.at[_people_know(verdicts, chain)]) if chain else since
    if began > since:  # another thing began the line: this brought many from its own beginning on
        since, (share, chain) = began, _what_brought(verdicts, line[2][joined & (line[0] >= began)])
    if share < _NOTED or chain[-1] in told:
        return [step]
    brought = _people_know(verdicts, chain)
    because = Step("context", since, "line_brought_percent", value=100.0 * share, detail=_grounded(verdicts, brought))
    return [step, about(verdicts, because, int(verdicts.facts.subject[brought]))]


def _people_know(verdicts: Verdicts, chain: list[int]) -> int:
    """Return how what many go back to began for them."""
    kinds = [KINDS[verdicts.record.what[seq]].name for seq in chain]
    return next((seq for seq, kind in zip(chain[::-1], kinds[::-1], strict=True) if kind not in _LOTS), chain[-1])


def _grounded(verdicts: Verdicts, brought: int) -> dict[str, object]:
    """Return of what brought many to a line what it was, when it began, and by which draw or order of the scenario.

    Of a shortage, what was lacking.
    """
    record, kind = verdicts.record, KINDS[verdicts.record.what[brought]].name
    detail: dict[str, object] = {"cause": kind, "start": int(record.at[brought])}
    worst = at_worst(verdicts.facts, brought) if kind == "shortage_started" else None
    detail |= lacked(worst) if worst is not None else {}
    behind = [record.detail_of(seq) for seq in ancestors(verdicts, brought)]
    found = {name: next((of[name] for of in behind if name in of), None) for name in ("want", "imposed", "draw")}
    return detail | {name: value for name, value in found.items() if value is not None}


def _what_brought(verdicts: Verdicts, cases: Ints) -> tuple[float, list[int]]:
    """Return what share of some households' cases go back to the same entry, to which most do; and a chain to it."""
    facts = verdicts.facts
    first = facts.rows("complaint_accepted", "authority_complained")
    first = first[np.isin(facts.case[first], cases)]
    first = first[:: max(1, len(first) // _ASKED)]
    chains = [_brought(verdicts, seq) for seq in first.tolist()]
    names, count = np.unique([chain[-1] for chain in chains if chain], return_counts=True)
    if not len(count):
        return 0.0, []
    most = names[np.argmax(count)]
    return float(count.max()) / len(first), next(chain for chain in chains if chain and chain[-1] == most)


def _brought(verdicts: Verdicts, seq: int) -> list[int]:
    """Return what a complaint followed from; where that is a household's own call, what had made its home cold."""
    facts, chain = verdicts.facts, ancestors(verdicts, seq)
    root = chain[-1]
    if facts.subject[root] < facts.listed:
        return chain
    behind = troubles_behind(verdicts, int(facts.subject[root]), int(facts.at[root]))
    return ancestors(verdicts, behind[0]) if behind else []
