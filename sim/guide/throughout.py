"""The judge of what must hold at every instant: no stop, no empty desk, no break in the work, no forbidden act."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .clause import Guide
from .derive import Number, openings
from .excuses import excused_spans
from .facts import F64, NEVER, Facts, Intervals, Ints
from .parts import HOUR_S, Throughout
from .rows import EXCUSED, MET, MISSED, OPEN, Rows
from .spans import Spans, length, minus, union, within
from .trouble import trouble_at

__all__ = ["least_served", "stopped_hours", "throughout"]


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
    heat = _Heat.of(facts, number(part.stop_share)) if part.stop_share else None
    start, end = facts.start_s, min(facts.season_end_s, facts.end_s)
    over = facts.end_s >= facts.season_end_s
    if over and heat is not None:
        subjects = subjects[heat.was_wanted(subjects)]
    state, margin, lacking, trigger, case, opened = [], [], [], [], [], []
    for subject in subjects.tolist():
        mine = bad.get(subject, [])
        spans = within(union((int(found.from_s[i]), int(found.to_s[i])) for i in mine), start, end)
        hours = within(stopped.get(subject, []), start, end)
        excused = touched.get(subject, everywhere)
        noted = left = minus(spans, excused)
        depth_h = length(noted) / HOUR_S
        if hours and heat is not None:  # a track's hour counts only if no part of it is excused
            read = minus(hours, union((a // HOUR_S * HOUR_S, -(-b // HOUR_S) * HOUR_S) for a, b in excused))
            left = union([*noted, *read])
            depth_h += heat.depth_h(subject, minus(read, noted))
        kept = EXCUSED if spans or hours else MET
        state.append(MISSED if left else kept if over else OPEN)  # till the season is over it may yet be stopped
        margin.append(-length(left) / HOUR_S if left else 1.0 if heat is None else heat.spare(subject))
        lacking.append(-depth_h)
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
        counted="buildings", lacking=np.array(lacking, float),
        relative=np.where(np.array(state) == MISSED, np.array(lacking, float) * HOUR_S / max(end - start, HOUR_S),
                          np.array(margin, float)),
    )  # fmt: skip


def _payers(facts: Facts, substations: Ints) -> F64:
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


def least_served(facts: Facts, share: float, subject: int) -> tuple[int, float] | None:
    """Return when the least share of a substation's need arrived, and which, of the hours that were no stop."""
    heat = _Heat.of(facts, share)
    own = None if heat is None else np.where(heat.served_by(subject) < share, np.inf, heat.served_by(subject))
    if heat is None or own is None or not np.isfinite(own).any():
        return None
    hour = int(np.argmin(own))
    return (heat.first_hour + hour) * HOUR_S, float(own[hour])


@dataclass(frozen=True, slots=True, eq=False)
class _Heat:
    """What share of its need each substation got in each hour of the heating period, and what makes an hour a stop."""

    first_hour: int
    served: npt.NDArray[np.float32]
    wanted: npt.NDArray[np.bool_]  # whether a substation ever had a need
    column: dict[int, int]
    stop_share: float

    @classmethod
    def of(cls, facts: Facts, stop_share: float) -> _Heat | None:
        heat, need = facts.record.tracks.get("substation_heat_w"), facts.record.tracks.get("substation_need_w")
        if heat is None or need is None:
            return None
        h0, h1 = facts.hour_range("substation_heat_w")
        wanted = need[h0:h1] > 0
        served = np.divide(heat[h0:h1], need[h0:h1], out=np.ones(wanted.shape, np.float32), where=wanted)
        rows = facts.record.subjects.rows("substation").tolist()
        column = {row: place for place, row in enumerate(rows)}
        return cls(h0, served, np.asarray(wanted.any(axis=0)), column, stop_share)

    def was_wanted(self, subjects: Ints) -> npt.NDArray[np.bool_]:
        """Return which substations were ever to be heated: supply that never began could not be stopped (see 2.2a)."""
        return self.wanted[[self.column[subject] for subject in subjects.tolist()]]

    def served_by(self, subject: int) -> npt.NDArray[np.float32]:
        """Return the share a substation got, hour by hour."""
        return self.served[:, self.column[subject]]

    def depth_h(self, subject: int, spans: Spans) -> float:
        """Return hours of stop, each counted by how far below a stop's share it lay: one barely below counts little."""
        own, depth = self.served_by(subject), 0.0
        for begin, end in spans:
            hours = own[begin // HOUR_S - self.first_hour : -(-end // HOUR_S) - self.first_hour]
            depth += float(np.clip(1.0 - hours / self.stop_share, 0.0, 1.0).mean()) * (end - begin) / HOUR_S
        return depth

    def spare(self, subject: int) -> float:
        """Return how far the worst hour that was no stop stayed above one, 0 to 1 [h of full heat]."""
        own = self.served_by(subject)
        worst = float(own.min(initial=1.0, where=own >= self.stop_share))
        return min(max((worst - self.stop_share) / (1.0 - self.stop_share), 0.0), 1.0)


def _overlapping(from_s: Ints, to_s: Ints, mine: list[int], spans: Spans) -> int:
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
    spare_min = _spare_minutes(facts, edges)
    relative = np.where(state == MISSED, margin / 1440.0, spare_min / 60.0)
    margin = np.where(state == MISSED, margin, np.nan_to_num(spare_min))
    return Rows.of(state.ravel(), margin.ravel(), "min", relative=relative.ravel(),
                   subject=np.repeat(subjects, days), trigger=trigger.ravel(),
                   opened_s=np.tile(edges[:-1], len(subjects)), due_s=np.tile(edges[1:], len(subjects)).astype(float),
                   counted="days")  # fmt: skip


def _spare_minutes(facts: Facts, edges: Ints) -> F64:
    """Return how far the least manned hour of each day was above one agent [agent-min]; NaN if unknown."""
    agents = facts.record.tracks.get("agents_on_duty")
    spare = np.full(len(edges) - 1, np.nan)
    for day, (begin, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        hours = agents[begin // HOUR_S : -(-end // HOUR_S)] if agents is not None else ()
        if len(hours):
            spare[day] = 60.0 * max(float(np.min(hours)) - 1.0, 0.0)
    return spare


def _covered(facts: Facts, part: Throughout, number: Number) -> Rows:
    """From the first work to the restoration, some crew is at work at every instant; that none came is a breach.

    As long as no work has begun and nothing is restored it is open: when the first crew must come is another duty's,
    and what is restored by then needs none.
    """
    opened = openings(facts, part.trigger, number)
    grace_s = number(part.grace) if part.grace else 0.0
    closing = facts.rows(*part.until)
    closed = facts.first_after(opened.at_s, opened.case, closing, facts.case[closing])
    work = facts.intervals((part.work,))
    state, margin, whole = [], [], []
    for i, case in enumerate(opened.case.tolist()):
        over = closed[i] >= 0
        end = int(facts.at[closed[i]]) if over else facts.end_s
        mine = np.flatnonzero((work.case == case) & (case >= 0) & (work.from_s <= end))
        # restored with nobody ever at work, and not at once: nothing shows it was repaired
        never = over and not len(mine) and end > opened.at_s[i] + grace_s
        begin = int(work.from_s[mine].min()) if len(mine) else int(opened.at_s[i]) if never else end
        gaps = minus([(begin, end)] if end > begin else [],
                     union((int(work.from_s[k]), int(work.to_s[k])) for k in mine))  # fmt: skip
        state.append(MISSED if gaps or never else MET if over else OPEN)
        margin.append(-max(length(gaps), 1) / HOUR_S if gaps or never else _handover_h(work, mine))
        whole.append(max(end - begin, HOUR_S) / HOUR_S)
    return Rows.of(np.array(state, np.int8), np.nan_to_num(np.array(margin, float)), "h", subject=opened.subject,
                   case=opened.case, trigger=opened.row, response=closed, opened_s=opened.at_s,
                   answered_s=facts.when(closed),
                   relative=np.array(margin, float) / np.array(whole, float))  # fmt: skip


def _handover_h(work: Intervals, mine: Ints) -> float:
    """Return the least overlap from one crew to the next [h]; NaN where one crew saw it through."""
    order = mine[np.argsort(work.from_s[mine], kind="stable")]
    ends = np.maximum.accumulate(work.to_s[order]) if len(order) else order
    overlap = ends[:-1] - work.from_s[order][1:]
    return max(float(overlap.min()), 0.0) / HOUR_S if len(overlap) else float("nan")


def _never(facts: Facts, part: Throughout, number: Number) -> Rows:
    """No forbidden act: one row for each opening, which may be such an act itself, and one for each act.

    An act is laid to the last opening of its case before it, if there is one; it takes nothing back of what was kept.
    """
    opened = openings(facts, part.trigger, number)
    baseless = np.zeros(len(opened.row), np.bool_)
    if part.unless:
        allowing, own = facts.rows(*part.unless), facts.joint(opened.case, opened.subject)
        leave = facts.first_after(np.full(len(own), NEVER + 1), own, allowing, facts.key(allowing, "case+subject"))
        baseless = (leave < 0) | (facts.when(leave) > opened.at_s)
    acts = facts.rows(*part.forbidden)
    behind = acts.copy()
    for i, (case, at) in enumerate(zip(facts.case[acts].tolist(), facts.at[acts].tolist(), strict=True)):
        before = np.flatnonzero((opened.case == case) & (opened.at_s <= at) & (case >= 0))
        if len(before):
            behind[i] = opened.row[before[np.argmax(opened.at_s[before])]]
    return Rows.of(
        np.concatenate([np.where(baseless, MISSED, MET), np.full(len(acts), MISSED)]),
        np.concatenate([np.where(baseless, -1.0, 1.0), np.full(len(acts), -1.0)]),
        "orders",
        subject=np.concatenate([opened.subject, facts.subject[acts]]),
        case=np.concatenate([opened.case, facts.case[acts]]),
        trigger=np.concatenate([opened.row, behind]),
        response=np.concatenate([np.where(baseless, opened.row, -1), acts]),
        opened_s=np.concatenate([opened.at_s, facts.at[acts]]),
    )
