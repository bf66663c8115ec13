"""The judge of what must hold at every instant: no stop, no empty desk, no break in the work, no forbidden act."""

from __future__ import annotations

import numpy as np

from .clause import Guide
from .derive import Number, openings
from .excuses import excused_spans
from .facts import F64, I64, Facts
from .parts import HOUR_S, Throughout
from .rows import EXCUSED, MET, MISSED, OPEN, Rows
from .spans import Spans, length, minus, union, within
from .trouble import trouble_at

__all__ = ["stopped_hours", "throughout"]


def throughout(facts: Facts, guide: Guide, part: Throughout, number: Number) -> Rows:
    """Return the verdicts of a condition that must hold throughout; one row per subject, subject and day, or case."""
    if part.measure == "uninterrupted":
        return _uninterrupted(facts, guide, part, number)
    if part.measure == "attended":
        return _attended(facts, part)
    if part.measure == "covered":
        return _covered(facts, part, number)
    return _never(facts, part, number)


def _uninterrupted(facts: Facts, guide: Guide, part: Throughout, number: Number) -> Rows:
    """Hours of bad intervals of each subject in the heating period, less what is excused."""
    subjects = facts.subjects_of(part.subjects)
    subjects = subjects[_payers(facts, subjects) > 0]
    everywhere, touched = excused_spans(facts, guide, part.excuses)
    found = facts.intervals(part.bad)
    bad: dict[int, list[int]] = {}
    for i, subject in enumerate(found.subject.tolist()):
        bad.setdefault(subject, []).append(i)
    stopped = stopped_hours(facts, number(part.stop_share)) if part.stop_share else {}
    start, end = facts.start_s, min(facts.season_end_s, facts.end_s)
    over = facts.end_s >= facts.season_end_s
    state, margin, trigger, case, opened = [], [], [], [], []
    for subject in subjects.tolist():
        mine = bad.get(subject, [])
        spans = within(union((int(found.from_s[i]), int(found.to_s[i])) for i in mine), start, end)
        hours = within(stopped.get(subject, []), start, end)
        excused = touched.get(subject, everywhere)
        left = minus(spans, excused)
        if hours:  # a track's hour counts only if no part of it is excused
            left = union(
                [*left, *minus(hours, union((a // HOUR_S * HOUR_S, -(-b // HOUR_S) * HOUR_S) for a, b in excused))]
            )
        broken = bool(left)
        state.append(MISSED if broken else EXCUSED if spans or hours else MET if over else OPEN)
        margin.append(-length(left) / HOUR_S)
        cause = _overlapping(found.from_s, found.to_s, mine, left or spans)
        case.append(int(found.case[cause]) if cause >= 0 else -1)
        if cause < 0 and (left or hours):  # only the tracks tell of it: what was amiss at the sources then
            since = (left or hours)[0][0]
            trigger.append(trouble_at(facts, since // HOUR_S, subject))
            opened.append(since)
        else:
            trigger.append(int(found.start[cause]) if cause >= 0 else -1)
            opened.append(int(facts.at[trigger[-1]]) if cause >= 0 else start)
    return Rows.of(
        np.array(state, np.int8), np.array(margin, float), "h", subject=subjects,
        opened_s=np.array(opened, np.int64), trigger=np.array(trigger, np.int64), case=np.array(case, np.int64),
        counted="buildings",
    )  # fmt: skip


def _payers(facts: Facts, substations: I64) -> F64:
    """Return how many dwellings of each substation have paid."""
    subjects = facts.record.subjects
    cohorts = facts.cohorts
    if not len(cohorts):
        return np.ones(len(substations))
    paid = np.concatenate([[0], np.cumsum(subjects.paying)])
    first = facts.first_dwelling
    last = np.append(first[1:], len(subjects.paying))
    total: F64 = np.zeros(facts.listed)
    np.add.at(total, subjects.substation[cohorts], paid[last] - paid[first])
    return np.asarray(total[substations])


def stopped_hours(facts: Facts, share: float) -> dict[int, Spans]:
    """Return the hours of the heating period in which less than a share of a substation's need arrived."""
    heat, need = facts.record.tracks.get("substation_heat_w"), facts.record.tracks.get("substation_need_w")
    if heat is None or need is None:
        return {}
    h0, h1 = facts.hour_range("substation_heat_w")
    hour, column = np.nonzero(heat[h0:h1] < share * need[h0:h1])
    rows = facts.record.subjects.rows("substation")
    found: dict[int, Spans] = {}
    for h, subject in zip((hour + h0).tolist(), rows[column].tolist(), strict=True):
        found.setdefault(subject, []).append((h * HOUR_S, (h + 1) * HOUR_S))
    return {subject: union(spans) for subject, spans in found.items()}


def _overlapping(from_s: I64, to_s: I64, mine: list[int], spans: Spans) -> int:
    """Return the earliest of the intervals that shares time with the spans, or -1."""
    for i in sorted(mine, key=lambda i: from_s[i]):
        if any(from_s[i] < b and to_s[i] > a for a, b in spans):
            return i
    return -1


def _attended(facts: Facts, part: Throughout) -> Rows:
    """Minutes of each day in which nobody attended; an entry of no operator's concerns them all."""
    subjects = facts.subjects_of(part.subjects)
    edges = facts.slices(part.slices)
    edges = edges[: np.searchsorted(edges, facts.end_s, side="right") + 1]
    entries = facts.rows(*part.lasting)
    owner = facts.group(facts.subject[entries], "operator")
    days = max(len(edges) - 1, 0)
    state = np.full((len(subjects), days), MET, np.int8)
    state[:, edges[1:] > facts.end_s] = OPEN
    margin = np.zeros((len(subjects), days))
    trigger = np.full((len(subjects), days), -1, np.int64)
    for i, subject in enumerate(subjects.tolist()):
        mine = entries[(owner == subject) | (owner < 0)]
        lasting = np.round(facts.record.value[mine] * 60).astype(np.int64)
        spans = union(zip(facts.at[mine].tolist(), (facts.at[mine] + lasting).tolist(), strict=True))
        for a, b in spans:
            first, last = int(np.searchsorted(edges, a, side="right")) - 1, int(np.searchsorted(edges, b, side="left"))
            for day in range(max(first, 0), min(last, days)):
                minutes = (min(b, edges[day + 1]) - max(a, edges[day])) / 60.0
                margin[i, day] -= minutes
                state[i, day] = MISSED
                if trigger[i, day] < 0:
                    trigger[i, day] = mine[np.argmax(facts.at[mine] == a)]
    return Rows.of(state.ravel(), margin.ravel(), "min", subject=np.repeat(subjects, days), trigger=trigger.ravel(),
                   opened_s=np.tile(edges[:-1], len(subjects)), due_s=np.tile(edges[1:], len(subjects)).astype(float),
                   counted="days")  # fmt: skip


def _covered(facts: Facts, part: Throughout, number: Number) -> Rows:
    """From the first work to the restoration, some crew is at work at every instant; never beginning is a breach."""
    opened = openings(facts, part.trigger, number)
    closing = facts.rows(*part.until)
    closed = facts.first_after(opened.at_s, opened.case, closing, facts.case[closing])
    work = facts.intervals((part.work,))
    grace = int(number(part.grace)) if part.grace else 0
    state, margin = [], []
    for i, case in enumerate(opened.case.tolist()):
        over = closed[i] >= 0
        end = int(facts.at[closed[i]]) if over else facts.end_s
        mine = np.flatnonzero((work.case == case) & (case >= 0) & (work.from_s <= end))
        begin = int(work.from_s[mine].min()) if len(mine) else int(opened.at_s[i]) + grace
        gaps = minus([(begin, end)] if end > begin else [],
                     union((int(work.from_s[k]), int(work.to_s[k])) for k in mine))  # fmt: skip
        never = over and not len(mine)  # restored with nobody ever at work: nothing shows it was repaired
        state.append(MISSED if gaps or never else MET if over else OPEN)
        margin.append(-length(gaps) / HOUR_S)
    return Rows.of(np.array(state, np.int8), np.array(margin, float), "h", subject=opened.subject, case=opened.case,
                   trigger=opened.row, response=closed, opened_s=opened.at_s,
                   answered_s=facts.when(closed))  # fmt: skip


def _never(facts: Facts, part: Throughout, number: Number) -> Rows:
    """No forbidden act stands in the case; one that stands in no such case is a breach of its own."""
    opened = openings(facts, part.trigger, number)
    forbidden = facts.rows(*part.forbidden)
    key = facts.case[forbidden]
    hit = facts.first_after(np.full(len(opened.row), np.iinfo(np.int64).min + 1), opened.case, forbidden, key)
    stray = forbidden[~np.isin(key, opened.case) | (key < 0)]
    count = np.array([np.count_nonzero(key == case) if case >= 0 else 0 for case in opened.case.tolist()], float)
    return Rows.of(
        np.concatenate([np.where(hit >= 0, MISSED, MET), np.full(len(stray), MISSED)]),
        np.concatenate([-count, np.full(len(stray), -1.0)]),
        "orders",
        subject=np.concatenate([opened.subject, facts.subject[stray]]),
        case=np.concatenate([opened.case, facts.case[stray]]),
        trigger=np.concatenate([opened.row, stray]),
        response=np.concatenate([hit, stray]),
        opened_s=np.concatenate([opened.at_s, facts.at[stray]]),
    )
