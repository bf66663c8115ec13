"""What a story tells of an excuse: by which rule, and the facts that it rests on; or that it was noted too late."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from ..record import KINDS
from .excuses import excuse_some, excuses_behind, excusing_entries, fault_touches, noted_too_late
from .facts import Intervals
from .parts import DAY_S, Part, Throughout, Within
from .spans import Spans, length, union, within
from .steps import Step
from .verdict import Verdict, Verdicts

__all__ = ["excuse_entries", "excuse_facts", "excused_by", "too_late"]

_TOLD = 2  # faults that excuse a building's stops: the one that excuses most, and the first other


def excused_by(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[dict[str, str]]:
    """Return what excuses a verdict, in both languages."""
    rules = {name: verdicts.guide.excuses[name] for name in _behind(verdicts, verdict, part)}
    return [{"name": name, "zh": rule.zh, "en": rule.en} for name, rule in rules.items()]


def excuse_entries(verdicts: Verdicts, verdict: Verdict, part: Part, at: int) -> tuple[list[int], list[int]]:
    """Return the entries that excuse a verdict: what was noted for it, or over; and with what the faults behind began.

    Of faults those told: of a building stopped or rationed the one that excused most of it and the first other, each
    with what it excused; of rooms the one whose excuse covers the instant told of, else the one that excused longest.
    """
    behind = _behind(verdicts, verdict, part)
    if not behind:
        return [], []
    rows = verdicts.part(verdict.clause, verdict.part).rows
    noted = excusing_entries(verdicts.facts, verdicts.guide, part, rows, verdict.row)
    found, spans = _faults(verdicts, verdict, part, behind)
    if not len(found.start):
        return noted, []
    if _watches_stops(part):
        bad = _stops(verdicts, verdict, part)
        told = [of.take([row]) for pair in _excused_stops(bad, found, spans)[:_TOLD]
                for of, row in zip((found, bad), pair, strict=True)]  # fmt: skip
    else:
        covers = [any(begin <= at <= end for begin, end in touch) for touch in spans]
        told = [found.take([int(np.lexsort(([length(touch) for touch in spans], covers))[-1])])]
    ends = [int(end) for of in told for end in of.end if end >= 0]
    return [*noted, *ends], [int(seq) for of in told for seq in of.start]


def excuse_facts(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return the facts that an excuse rests on besides entries: how cold it was, and how many faults there were."""
    facts, steps = verdicts.facts, []
    behind = _behind(verdicts, verdict, part)
    end = min(facts.season_end_s, facts.end_s)
    for name in behind:
        rule = verdicts.guide.excuses[name]
        mean = facts.daily_mean_c()
        if rule.rule != "weather" or not len(mean):
            continue
        if isinstance(part, Within):
            day = (verdict.opened_s or 0) // DAY_S
            steps.append(Step("context", verdict.opened_s, "outdoor_daily_mean_c", value=float(mean[day])))
            continue
        cold = facts.cold_days(verdicts.guide.full_number(rule.number).value)
        days = (np.minimum(cold.to_s, end) - np.maximum(cold.from_s, facts.start_s)).clip(min=0).sum() / DAY_S
        steps.append(Step("context", end, "cold_days", value=float(days)))
    found, spans = _faults(verdicts, verdict, part, behind)
    if _watches_stops(part) and len(found.start):
        bad = _stops(verdicts, verdict, part)
        pairs = _excused_stops(bad, found, spans)
        found = bad
        if len(pairs) > _TOLD:
            most = int(verdicts.facts.at[bad.start[pairs[0][1]]])
            steps.append(Step("context", most, "most_excusing_of", value=float(len(pairs))))
    if len(found.start) > 1:
        kinds, count = np.unique(verdicts.record.what[found.start], return_counts=True)
        steps += [Step("counted", end, KINDS[k].name, value=float(n)) for k, n in zip(kinds, count, strict=True)]
    return steps


def too_late(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return that what would have excused a duty was noted only after it was due."""
    if verdict.state not in ("late", "missed") or verdict.due_s is None:
        return []
    rows = verdicts.part(verdict.clause, verdict.part).rows
    noted = noted_too_late(verdicts.facts, verdicts.guide, part, rows, verdict.row)
    return [Step("context", int(verdicts.facts.at[noted]), "excuse_too_late")] if noted >= 0 else []


def _behind(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[str]:
    if verdict.state != "excused":
        return []
    rows, clause = verdicts.part(verdict.clause, verdict.part).rows, verdicts[verdict.clause].clause
    return excuses_behind(verdicts.facts, verdicts.guide, clause, part, rows, verdict.row)


def _faults(verdicts: Verdicts, verdict: Verdict, part: Part, behind: list[str]) -> tuple[Intervals, list[Spans]]:
    """Return what recorded faults did to a verdict's building, in order of time, and when in the season it excuses.

    Only what excuses some of the verdict; nothing where no rule speaks of faults.
    """
    facts, guide = verdicts.facts, verdicts.guide
    found = facts.fault_intervals()
    rule = next((guide.excuses[name] for name in behind if guide.excuses[name].rule == "fault"), None)
    if rule is None or verdict.subject < 0:
        return found.take(np.zeros(len(found.start), bool)), []
    touches = [within(union(touch), facts.start_s, facts.season_end_s) for touch in fault_touches(facts, guide, rule)]
    mine = np.flatnonzero((found.subject == _place(verdicts, verdict)) & [len(touch) > 0 for touch in touches])
    rows, clause = verdicts.part(verdict.clause, verdict.part).rows, verdicts[verdict.clause].clause
    some = [excuse_some(facts, guide, clause, part, rows, verdict.row, touches[row]) for row in mine]
    mine = mine[np.array(some, np.bool_)]
    mine = mine[np.argsort(found.from_s[mine], kind="stable")]
    return found.take(mine), [touches[row] for row in mine]


def _excused_stops(bad: Intervals, found: Intervals, spans: list[Spans]) -> list[tuple[int, int]]:
    """Return which faults excused a building's stops, each with what it excused longest: the one that did most first.

    A stop is excused by the fault that it is of, a rationing by what excuses most of it.
    """
    excused: dict[int, list[tuple[int, int]]] = {}
    for row, (start, begin, end) in enumerate(zip(bad.start, bad.from_s, bad.to_s, strict=True)):
        took_s = np.array([length(within(touch, int(begin), int(end))) for touch in spans])
        fault = int(np.lexsort((took_s, found.start == start))[-1])
        if took_s[fault]:
            excused.setdefault(fault, []).append((int(took_s[fault]), -row))
    most = max(excused, key=lambda fault: sum(took_s for took_s, _ in excused[fault]), default=-1)
    return [(fault, -max(excused[fault])[1]) for fault in sorted(excused, key=lambda fault: (fault != most, fault))]


def _watches_stops(part: Part) -> TypeGuard[Throughout]:
    return isinstance(part, Throughout) and part.measure == "uninterrupted"


def _stops(verdicts: Verdicts, verdict: Verdict, part: Throughout) -> Intervals:
    """Return what alone counts against a building in the heating period: a throttling does not, but may excuse."""
    facts = verdicts.facts
    bad = facts.intervals(part.bad)
    mine = bad.subject == _place(verdicts, verdict)
    return bad.take(mine & (bad.to_s > facts.start_s) & (bad.from_s < facts.season_end_s))


def _place(verdicts: Verdicts, verdict: Verdict) -> int:
    return int(verdicts.facts.group(np.array([verdict.subject]), "substation")[0])
