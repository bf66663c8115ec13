"""The judge of quantities that must stay at or above a floor: rooms, shares, counts, fuel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.shortfall import dwellings_below
from .clause import Clause, Guide
from .coldest import coldest_hours, last_fall
from .derive import Number
from .dwellings import Cohorts, shortfall_of
from .excuses import excused_spans
from .facts import F64, Facts, Ints, Mask
from .fuel import fuel
from .parts import DAY_S, HOUR_S, Floor
from .rows import EXCUSED, MET, MISSED, OPEN, Rows

__all__ = ["LEVELS_C", "RoomShortfall", "floor", "room_shortfall"]

_UNMEASURED_C = 99.0
_DESIGN = "2.3/design_c"  # what rooms are held against outdoors
_WARM_COLUMNS = ("state", "margin", "subject", "opened", "amount", "relative", "lacking")
LEVELS_C = (18.0, 16.0, 14.0, 12.0)
"""Temperatures that headline numbers count below [degC]."""


@dataclass(frozen=True, slots=True, eq=False)
class RoomShortfall:
    """How cold dwellings were in the heating period.

    Attributes
    ----------
    levels_c : array, shape (level,)
        Temperatures counted below, falling [degC].
    judged : int
        The level the clause asks for.
    cohort : int array, shape (cohort,)
        Subjects rows.
    hours, hours_scope, degrees, degrees_scope : arrays, shape (cohort, level)
        Dwelling-hours [h] and degree-hours [K h] below; everything, and in scope only.
    dwelling_hours, dwelling_hours_scope : arrays, shape (cohort,)
        What could have been [h].
    mean_c, least_c, least_scope_c : arrays, shape (dwelling,)
        Mean and least temperature; least in scope [degC]; NaN of dwellings whose rooms nobody measured.
    coldest : int array, shape (dwelling / 100,)
        The coldest hundredth of the dwellings by mean temperature (dwelling numbers).
    coldest_hours, coldest_degrees : arrays, shape (dwelling / 100,)
        Their hours and degree-hours below 18 degC, nothing excused.
    """

    levels_c: F64
    judged: int
    cohort: Ints
    hours: F64
    hours_scope: F64
    degrees: F64
    degrees_scope: F64
    dwelling_hours: F64
    dwelling_hours_scope: F64
    mean_c: npt.NDArray[np.float32]
    least_c: npt.NDArray[np.float32]
    least_scope_c: npt.NDArray[np.float32]
    coldest: Ints
    coldest_hours: F64
    coldest_degrees: F64


def floor(
    facts: Facts, guide: Guide, clause: Clause, part: Floor, number: Number, rooms: RoomShortfall | None = None
) -> Rows:
    """Return the verdicts of a floor; `rooms` saves computing the dwellings' shortfall twice."""
    if part.measure == "room_temperature":
        return _rooms(facts, guide, part, rooms if rooms is not None else room_shortfall(facts, guide, clause, part))
    if part.measure == "warm_at":
        return _warm_at(facts, guide, part, number)
    if part.measure == "ratio":
        return _ratio(facts, part, number)
    return fuel(facts)


def room_shortfall(facts: Facts, guide: Guide, clause: Clause, part: Floor) -> RoomShortfall:
    """Return the shortfall of all dwellings in the heating period (kernel ``shortfall``)."""
    judged_c = float(np.float32(guide.number(clause, part.least).value))  # as rooms are stored: the limit keeps itself
    levels = np.array(sorted({judged_c, *LEVELS_C}, reverse=True))
    subjects = facts.record.subjects
    h0, h1 = facts.hour_range("room_c")
    start = max(facts.start_s, h0 * HOUR_S)
    end = max(start, min(facts.season_end_s, h1 * HOUR_S))
    room_c = np.ascontiguousarray(facts.record.tracks["room_c"], np.float32)
    measured = facts.measured()
    if not measured.all():  # rooms that nobody measured are never cold, and never counted
        room_c = np.where(measured, room_c, np.float32(_UNMEASURED_C))
    bounds, ordered, remedies = facts.once("dwellings", lambda: _laid_out(facts))
    city = Cohorts(room_c, bounds, ordered, subjects.offset_k, remedies)
    found = shortfall_of(facts, city, (start, end, levels), excused_spans(facts, guide, part.excuses))
    hours, hours_scope, degrees, degrees_scope, scope_h, mean_c, least_c, least_scope_c = found
    known = np.repeat(measured, np.diff(bounds))
    count = np.diff(bounds) * measured
    coldest = facts.once(
        ("coldest", start, end), lambda: _coldest(facts, room_c, start, end, bounds, mean_c, known, remedies)
    )
    if not measured.all():
        mean_c, least_c, least_scope_c = (
            np.where(known, of, np.float32(np.nan)) for of in (mean_c, least_c, least_scope_c)
        )
    return RoomShortfall(
        levels, int(np.flatnonzero(levels == judged_c)[0]), facts.cohorts, hours, hours_scope, degrees, degrees_scope,
        count * ((end - start) / HOUR_S), count * scope_h, mean_c, least_c, least_scope_c, *coldest,
    )  # fmt: skip


def _rooms(facts: Facts, guide: Guide, part: Floor, rooms: RoomShortfall) -> Rows:
    """Rows by cohort and state, counted in dwelling-hours; the margin is its coldest dwelling's in scope [K].

    The entry behind a row is the fall below 18 degC that led to its least temperature, if the rooms did not rise
    above it again before: an earlier fall, from which they recovered, is not what made them so cold.
    """
    level = rooms.judged
    missed = rooms.hours_scope[:, level]
    excused = rooms.hours[:, level] - missed
    met = rooms.dwelling_hours - rooms.hours[:, level]
    bounds = _dwelling_bounds(facts)
    least = _least_by(np.nan_to_num(rooms.least_scope_c, nan=np.inf), bounds)
    margin = np.where(np.isfinite(least), least - rooms.levels_c[level], 0.0)
    spans = excused_spans(facts, guide, part.excuses)
    nothing = np.full(len(rooms.cohort), -1, np.int64)
    trigger = {
        MET: nothing,
        MISSED: last_fall(facts, rooms.cohort, coldest_hours(facts, *spans, "scope")),
        EXCUSED: last_fall(facts, rooms.cohort, coldest_hours(facts, *spans, "excused")),
    }
    blocks = [(MET, met, np.maximum(margin, 0.0)), (MISSED, missed, margin), (EXCUSED, excused, np.zeros(len(margin)))]
    depth = -rooms.degrees_scope[:, level]
    mean_k = np.divide(depth, missed, out=np.zeros(len(depth)), where=missed > 0)
    above_k = rooms.levels_c[level] - guide.full_number(_DESIGN).value
    relative = {MET: np.maximum(margin, 0.0) / above_k, MISSED: mean_k / above_k, EXCUSED: np.zeros(len(margin))}
    keep = [amount > 1e-9 for _, amount, _ in blocks]
    return Rows.of(
        np.concatenate([np.full(k.sum(), state) for (state, _, _), k in zip(blocks, keep, strict=True)]),
        np.concatenate([m[k] for (_, _, m), k in zip(blocks, keep, strict=True)]),
        "K",
        subject=np.concatenate([rooms.cohort[k] for k in keep]),
        trigger=np.concatenate([trigger[state][k] for (state, _, _), k in zip(blocks, keep, strict=True)]),
        opened_s=facts.start_s,
        amount=np.concatenate([a[k] for (_, a, _), k in zip(blocks, keep, strict=True)]),
        relative=np.concatenate([relative[state][k] for (state, _, _), k in zip(blocks, keep, strict=True)]),
        lacking=np.concatenate([depth[k] for k in keep]),
        shortfall_unit="K h",
        counted="dwelling-hours",
    )


def _warm_at(facts: Facts, guide: Guide, part: Floor, number: Number) -> Rows:
    """Dwellings at or above the floor at given instants, by cohort and state."""
    level = float(np.float32(number(part.least)))
    everywhere, touched = excused_spans(facts, guide, part.excuses)
    bounds = _dwelling_bounds(facts)
    judged = np.diff(bounds) * facts.measured()
    room = facts.record.tracks["room_c"]
    substation = facts.record.subjects.substation[facts.cohorts].tolist()
    parts: dict[str, list[Any]] = {name: [] for name in _WARM_COLUMNS}
    above_k = level - guide.full_number(_DESIGN).value
    for instant in part.instants:
        at = facts.start_s + (DAY_S if instant == "day_after_start" else 0)
        hour, rest = divmod(at, HOUR_S)
        if hour + (rest > 0) >= len(room):
            continue
        cohort_c = np.asarray(room[hour], np.float64)
        if rest:
            cohort_c = cohort_c + (np.asarray(room[hour + 1], np.float64) - cohort_c) * (rest / HOUR_S)
        dwelling_c = np.repeat(cohort_c, np.diff(bounds)) + _offsets_at(facts, at)
        cold = np.add.reduceat(np.append(dwelling_c < level, False), np.minimum(bounds[:-1], len(dwelling_c)))
        cold = np.where(np.diff(bounds) > 0, cold, 0)
        spans = [touched.get(s, everywhere) for s in substation]
        excused = np.array([any(a <= at < b for a, b in own) for own in spans], np.bool_)
        margin = _least_by(dwelling_c.astype(np.float32), bounds) - level
        below_k = np.add.reduceat(np.append(np.minimum(dwelling_c - level, 0.0), 0.0),
                                  np.minimum(bounds[:-1], len(dwelling_c)))  # fmt: skip
        mean_k = np.divide(below_k, cold, out=np.zeros(len(cold)), where=cold > 0)
        for state, amount in ((MET, judged - cold), (MISSED, cold * ~excused), (EXCUSED, cold * excused)):
            some = amount > 0
            parts["state"].append(np.full(some.sum(), state))
            parts["margin"].append(np.where(state == MET, np.maximum(margin, 0.0), margin)[some])
            parts["subject"].append(facts.cohorts[some])
            parts["lacking"].append(below_k[some])
            parts["relative"].append(np.where(state == MET, np.maximum(margin, 0.0), mean_k)[some] / above_k)
            parts["opened"].append(np.full(some.sum(), at))
            parts["amount"].append(amount[some])
    if not parts["state"]:
        return Rows.of(np.zeros(0, np.int8), 0.0, "K", counted="dwellings")
    joined = {name: np.concatenate(blocks) for name, blocks in parts.items()}
    return Rows.of(joined["state"], joined["margin"], "K", subject=joined["subject"], opened_s=joined["opened"],
                   amount=joined["amount"], relative=joined["relative"], lacking=joined["lacking"],
                   counted="dwellings")  # fmt: skip


def _ratio(facts: Facts, part: Floor, number: Number) -> Rows:
    """Counts of one kind over another, or over households, for each operator and slice of the heating period."""
    least = number(part.least)
    edges = facts.slices(part.slices)
    operators = facts.subjects_of("operator")
    slices = len(edges) - 1
    over_rows = facts.rows(*part.over)
    if part.until == "start":
        over_rows = over_rows[facts.at[over_rows] < facts.start_s]
    over = _count(facts, over_rows, edges, operators, part)
    length = np.diff(edges)
    if part.under:
        under_rows = facts.rows(*part.under)
        weight = facts.record.value[under_rows] if part.due == "value" else None
        under = _count(facts, under_rows, edges, operators, part, weight)
    else:
        households = np.bincount(np.maximum(facts.group(facts.cohorts, "operator"), 0),
                                 facts.record.subjects.households[facts.cohorts], facts.listed)[operators]  # fmt: skip
        under = households[:, None] * (length / (30.0 * DAY_S) if part.slices == "month" else np.ones(slices))
    asked = under > 0
    value = np.divide(over, under, out=np.ones_like(over), where=asked)
    met = value >= least - 1e-12
    complete = (edges[1:] <= facts.end_s) | (part.slices == "")
    state = np.where(~complete[None, :], OPEN, np.where(met, MET, MISSED))
    operator, piece = np.nonzero(asked)
    margin = (value - least)[asked]
    best = least >= 1.0  # where all is asked for, all says nothing of how near it was
    relative = np.where((margin >= 0.0) & best, np.nan, margin / max(least, 1e-9))
    trigger = np.full(len(operator), -1, np.int64)
    if part.due == "value":  # counted element by element
        done, undone = np.minimum(over, under)[asked], np.maximum(under * least - over, 0.0)[asked]
        left = undone > 0
        still = part.until == "start" and facts.end_s < facts.start_s  # it may yet be done
        return Rows.of(
            np.concatenate([np.full(len(done), MET), np.full(left.sum(), OPEN if still else MISSED)]),
            np.concatenate([np.maximum(margin, 0.0), margin[left]]),
            "share",
            subject=np.concatenate([operators[operator], operators[operator][left]]),
            opened_s=facts.start_s,
            amount=np.concatenate([done, undone[left]]),
            relative=np.concatenate([np.where(margin < 0.0, np.nan, relative), relative[left]]),
            counted="elements",
        )
    return Rows.of(state[asked], margin, "share", relative=relative, subject=operators[operator], trigger=trigger,
                   opened_s=edges[:-1][piece], due_s=edges[1:][piece].astype(float),
                   counted="days" if part.slices == "day" else "months")  # fmt: skip


def _count(
    facts: Facts, rows: Ints, edges: Ints, operators: Ints, part: Floor, weight: npt.NDArray[Any] | None = None
) -> F64:
    """Return how many entries (or different subjects) fall to each operator and slice, shape (operator, slice)."""
    slices = len(edges) - 1
    piece = np.searchsorted(edges, facts.at[rows], side="right") - 1 if part.slices else np.zeros(len(rows), np.int64)
    place = np.full(facts.listed + 1, -1, np.int64)
    place[operators] = np.arange(len(operators))
    operator = place[facts.group(facts.subject[rows], "operator")]
    inside = (piece >= 0) & (piece < slices) & (operator >= 0)
    cell = operator[inside] * slices + piece[inside]
    size = len(operators) * slices
    if part.count == "subjects" and weight is None:
        distinct = np.unique(cell * (1 << 32) + facts.subject[rows][inside])
        cell = distinct >> 32
    counted = np.bincount(cell, None if weight is None else weight[inside], size)
    return counted.astype(np.float64).reshape(len(operators), slices)


# ------------------------------------------------------------------ dwellings


def _dwelling_bounds(facts: Facts) -> Ints:
    """Return the first dwelling of each cohort, and the end, shape (cohort + 1,)."""
    return np.append(facts.first_dwelling, len(facts.record.subjects.offset_k)).astype(np.int64)


def _remedies(facts: Facts) -> tuple[Ints, Ints, Ints, F64]:
    """Return first remedy of each cohort, and time, dwelling and gain of each, rising in time within a cohort."""
    rows = facts.rows("dwelling_remedied")
    gain = facts.record.value[rows]
    dwelling = facts.subject[rows] - facts.listed
    known = np.isfinite(gain) & (gain != 0.0) & (dwelling >= 0)
    rows, gain, dwelling = rows[known], gain[known], dwelling[known]
    cohort = np.searchsorted(facts.first_dwelling, dwelling, side="right") - 1
    order = np.lexsort((rows, facts.at[rows], cohort))
    first = np.searchsorted(cohort[order], np.arange(len(facts.cohorts) + 1))
    when, whose = facts.at[rows][order].astype(np.int64), dwelling[order].astype(np.int64)
    return first.astype(np.int64), when, whose, gain[order].astype(np.float64)


def _offsets_at(facts: Facts, at: int) -> F64:
    """Return every dwelling's offset at an instant, shape (dwelling,) [K]."""
    offset = facts.record.subjects.offset_k.astype(np.float64)
    _, when, dwelling, gain = _remedies(facts)
    np.add.at(offset, dwelling[when <= at], gain[when <= at])
    return offset


def _least_by(values: npt.NDArray[np.float32], bounds: Ints) -> F64:
    """Return the least value of each cohort's dwellings; +inf where it has none."""
    if not len(values):
        return np.full(len(bounds) - 1, np.inf)
    found = np.minimum.reduceat(np.append(values, np.float32(np.inf)), np.minimum(bounds[:-1], len(values)))
    return np.where(np.diff(bounds) > 0, found, np.inf).astype(np.float64)


def _laid_out(facts: Facts) -> tuple[Ints, Any, Any]:
    """Return the dwellings' bounds by cohort, their offsets sorted within each, and the remedies."""
    bounds = _dwelling_bounds(facts)
    ordered = facts.record.subjects.offset_k.copy()
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        ordered[first:last].sort()
    return bounds, ordered, _remedies(facts)


def _coldest(
    facts: Facts,
    room_c: npt.NDArray[np.float32],
    start: int,
    end: int,
    bounds: Ints,
    mean_c: npt.NDArray[np.float32],
    known: Mask,
    remedies: tuple[Ints, Ints, Ints, F64],
) -> tuple[Ints, F64, F64]:
    """Return the coldest hundredth of the dwellings by their mean, and their hours and degree-hours below 18 degC."""
    count = int(known.sum())
    n = max(1, count // 100) if count else 0
    mean_c = mean_c if known.all() else np.where(known, mean_c, np.float32(np.inf))
    coldest = np.sort(np.argpartition(mean_c, n - 1)[:n]).astype(np.int64) if n else np.zeros(0, np.int64)
    cohort = np.searchsorted(bounds, coldest, side="right") - 1
    _, when, dwelling, gain = remedies
    mine = np.isin(dwelling, coldest)
    order = np.lexsort((when[mine], dwelling[mine]))
    first = np.searchsorted(dwelling[mine][order], coldest)
    bound = np.append(first, mine.sum()).astype(np.int64)
    offset = facts.record.subjects.offset_k[coldest].astype(np.float64)
    hours, degrees = dwellings_below(
        room_c, start, end, LEVELS_C[0], cohort.astype(np.int64), offset, bound,
        when[mine][order], gain[mine][order],
    )  # fmt: skip
    return coldest, hours, degrees
