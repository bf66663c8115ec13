"""Instants that open a duty but that nobody noted: derived from entries by a few general rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..record import KIND_CODE
from .facts import NEVER, Facts, Intervals, Ints, Mask
from .parts import Trigger, numbers_named

__all__ = ["Openings", "earlier_stops", "openings"]

Number = Callable[[str], float]
"""Gives the value of a number by its name: durations in seconds, everything else in its own unit."""

_NOT_YET = np.iinfo(np.int64).max
"""Stands for an instant beyond any record."""


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """What opened duties; all of shape (opening,).

    Attributes
    ----------
    row, subject, case : int arrays
        The entry, its subject and case.
    at_s : int array
        When the duty opened [s].
    since_s : int array
        From when on what is done fulfils it: from when a stop was foreseen, also before it begins [s].
    """

    row: Ints
    at_s: Ints
    subject: Ints
    case: Ints
    since_s: Ints

    @classmethod
    def at(cls, facts: Facts, rows: Ints, at_s: Ints, since_s: Ints | None = None) -> Openings:
        """Return what entries opened at some instants; what is done counts from then on, or from `since_s` on."""
        return cls(rows, at_s, facts.subject[rows], facts.case[rows], at_s if since_s is None else since_s)


def openings(facts: Facts, triggers: tuple[Trigger, ...], number: Number) -> Openings:
    """Return the openings of all triggers together; one that several triggers give counts once."""
    known = (triggers, tuple(number(name) for trigger in triggers for name in numbers_named(trigger)))
    found: Openings = facts.derive(known, lambda: _openings(facts, triggers, number))
    return found


def _openings(facts: Facts, triggers: tuple[Trigger, ...], number: Number) -> Openings:
    found = [_DERIVED[trigger.derive](facts, trigger, number) for trigger in triggers]
    if len(found) == 1:
        return found[0]
    if not any(trigger.derive for trigger in triggers):  # entries as they stand: each once
        meant = np.zeros(len(facts.at), np.bool_)
        for f in found:
            meant[f.row] = True
        rows = np.flatnonzero(meant)
        return Openings.at(facts, rows, facts.at[rows])
    joint = Openings(
        np.concatenate([f.row for f in found]),
        np.concatenate([f.at_s for f in found]),
        np.concatenate([f.subject for f in found]),
        np.concatenate([f.case for f in found]),
        np.concatenate([f.since_s for f in found]),
    )
    _, first = np.unique(np.stack([joint.case, joint.subject, joint.at_s]), axis=1, return_index=True)
    first.sort()
    return Openings(*(column[first] for column in (joint.row, joint.at_s, joint.subject, joint.case, joint.since_s)))


def earlier_stops(facts: Facts, triggers: tuple[Trigger, ...], number: Number, start: int) -> dict[str, list[int]]:
    """Return the entries that began and ended what makes an interval part of a long stop, or one that recurs.

    Parameters
    ----------
    start : int
        seq of the entry that begins the interval.

    Returns
    -------
    dict
        ``exceeds``: the earlier intervals of its stop; ``recurs``: long ones that it follows soon.
    """
    found: dict[str, list[int]] = {}
    for trigger in triggers:
        if trigger.derive not in ("exceeds", "recurs"):
            continue
        spans = _spans(facts, trigger)
        own = np.flatnonzero(spans.start == start)
        if not len(own):
            continue
        if trigger.derive == "exceeds":
            stop = _Stops.of(spans, number(trigger.bridge)).number
            earlier = (stop == stop[own[0]]) & (spans.from_s < spans.from_s[own[0]])
        else:
            earlier = _soon_before(facts, trigger, spans, number, int(own[0]))
        rows = np.stack([spans.start[earlier], spans.end[earlier]], axis=1).ravel()
        found[trigger.derive] = [int(row) for row in rows if row >= 0]
    return found


def _as_they_stand(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    rows = facts.select(trigger, number)
    return Openings.at(facts, rows, facts.at[rows])


def _exceeds(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """The larger of forecast and elapsed duration passes the limit, once per interval; once for a stop of several."""
    spans = _spans(facts, trigger)
    at, known = _passed(facts, trigger, spans, number)
    passed = at <= facts.end_s
    return Openings.at(facts, spans.start[passed], at[passed], known[passed])


def _overruns(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A told end passes while the stop lasts, with no newer one given before.

    Where another case has come to keep the heat off, the duty is that case's.
    """
    spans = _spans(facts, trigger)
    stops = _Stops.of(spans, number(trigger.bridge))
    told = facts.rows(*trigger.forecasts)
    told = told[np.isfinite(facts.record.value[told])]
    key = facts.key(told, "case+subject")
    ends = np.maximum(facts.record.value[told].astype(np.int64), facts.at[told])
    # the interval the notice was given in: the last one of its case and building that had begun by then, or, where none
    # had, the next one, of which it was told ahead
    place = np.full(len(told), -1, np.int64)
    own = facts.key(spans.start, "case+subject")
    for i in range(len(spans.start)):
        inside = (key == own[i]) & (facts.at[told] >= spans.from_s[i]) & (facts.at[told] <= spans.to_s[i])
        place[inside] = i
    for i in np.argsort(-spans.from_s, kind="stable"):
        place[(place < 0) & (key == own[i]) & (facts.at[told] < spans.from_s[i]) & (ends >= spans.from_s[i])] = i
    stop = np.append(stops.number, -1)[place]  # the last one stands for no interval
    newer = facts.first_after(facts.at[told] + 1, key, told, key)
    newer_s = np.where(newer >= 0, facts.when(newer).astype(np.int64), _NOT_YET)
    rows, at, case = [], [], []
    for i in np.flatnonzero((stop >= 0) & (newer_s > ends) & (ends <= facts.end_s)).tolist():
        stands = (stop == stop[i]) & (facts.at[told] <= ends[i]) & (newer_s > ends[i])
        if (stands & (ends > ends[i])).any():
            continue  # another case's notice tells of a later end
        off = np.flatnonzero((stops.number == stop[i]) & (spans.from_s <= ends[i]) & (spans.to_s > ends[i]))
        if len(off):
            rows.append(told[i])
            at.append(ends[i])
            case.append(facts.case[told[i]] if (own[off] == key[i]).any() else spans.case[off[-1]])
    row = np.array(rows, np.int64)
    at_s = np.array(at, np.int64)
    return Openings(row, at_s, facts.subject[row], np.array(case, np.int64), at_s)


def _recurs(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A building that had heat again is stopped soon after the end of an interval that had passed the limit."""
    spans = _spans(facts, trigger)
    long = bool((_passed(facts, trigger, spans, number)[0] <= facts.end_s).any())
    back = np.flatnonzero(spans.from_s >= _Stops.of(spans, 0.0).before_s) if long else spans.start[:0]
    renewed = [i for i in back.tolist() if _soon_before(facts, trigger, spans, number, i).any()]
    return Openings.at(facts, spans.start[renewed], spans.from_s[renewed])


def _soon_before(facts: Facts, trigger: Trigger, spans: Intervals, number: Number, i: int) -> Mask:
    """Return which intervals had passed the limit and ended soon before another of the same subject began."""
    long = spans.ended & (_passed(facts, trigger, spans, number)[0] <= facts.end_s)
    after = spans.from_s[i] - spans.to_s
    return np.asarray(long & (spans.subject == spans.subject[i]) & (after >= 0) & (after <= number(trigger.again)))


def _unnoticed(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A recorded fault has kept heat off so long that somebody must know, yet nobody noted that it was found.

    Once for each fault, at its first building.
    """
    spans = facts.fault_intervals()
    spans = spans.take(np.isin(facts.record.what[spans.start], [KIND_CODE[kind] for kind in trigger.kinds]))
    at_s = spans.from_s + np.int64(number(trigger.over))
    long = np.flatnonzero((at_s < spans.to_s) & (at_s <= facts.end_s))
    long = long[np.lexsort((at_s[long], spans.case[long]))]
    first = long[np.unique(spans.case[long], return_index=True)[1]]
    found = facts.rows(*trigger.ends)
    noted = facts.first_after(np.full(len(first), NEVER + 1), spans.case[first], found, facts.case[found])
    late = (noted < 0) | (facts.when(noted) > at_s[first])
    return Openings.at(facts, spans.start[first[late]], at_s[first[late]])


def _spans(facts: Facts, trigger: Trigger) -> Intervals:
    return facts.intervals(tuple((begin, end) for begin, end in zip(trigger.kinds, trigger.ends, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class _Stops:
    """The stops that intervals make up: those of one subject that overlap, or are apart by little, are one stop.

    Attributes
    ----------
    number : int array, shape (interval,)
        Of the stop each belongs to.
    before_s : int array, shape (interval,)
        When the subject's earlier intervals had ended; before any record where there is none [s].
    from_s : int array, shape (stop,)
        When each stop began [s].
    """

    number: Ints
    before_s: Ints
    from_s: Ints

    @classmethod
    def of(cls, spans: Intervals, bridge_s: float) -> _Stops:
        """Return the stops that intervals apart by no more than `bridge_s` make up."""
        count, never = len(spans.start), int(np.iinfo(np.int32).min)
        number, before_s, begun = np.zeros(count, np.int64), np.full(count, never, np.int64), list[int]()
        last, until = -1, never
        for i in np.lexsort((spans.from_s, spans.subject)).tolist():
            subject, from_s, to_s = int(spans.subject[i]), int(spans.from_s[i]), int(spans.to_s[i])
            if subject != last:
                last, until = subject, never
            if from_s - until > bridge_s:
                begun.append(from_s)
            number[i], before_s[i] = len(begun) - 1, until
            until = max(until, to_s)
        return cls(number, before_s, np.array(begun, np.int64))

    def of_several(self) -> list[Ints]:
        """Return the intervals of each stop that has more than one."""
        order = np.argsort(self.number, kind="stable")
        together = np.split(order, np.flatnonzero(np.diff(self.number[order])) + 1)
        return [members for members in together if len(members) > 1]


def _passed(facts: Facts, trigger: Trigger, spans: Intervals, number: Number) -> tuple[Ints, Ints]:
    """Return when forecast or elapsed duration first passed the limit, and since when that had been foreseen.

    Both :data:`_NOT_YET` where neither did.
    """
    over_s, bridge_s = number(trigger.over), number(trigger.bridge)
    known = (spans.start.tobytes(), trigger.forecasts, over_s, bridge_s)
    passed: tuple[Ints, Ints] = facts.derive(known, lambda: _passed_at(facts, trigger, spans, over_s, bridge_s))
    return passed


def _passed_at(facts: Facts, trigger: Trigger, spans: Intervals, over_s: float, bridge_s: float) -> tuple[Ints, Ints]:
    limit_s = spans.from_s + np.int64(over_s)
    foreseen = np.where(spans.to_s > limit_s, limit_s, _NOT_YET)
    forecasts = _forecasts(facts, trigger, spans)
    for row, told in forecasts.items():
        foreseen[row] = min(foreseen[row], _first_beyond(facts, told, limit_s[row]))
    at = np.maximum(foreseen, spans.from_s)
    stops = _Stops.of(spans, bridge_s)
    for members in stops.of_several():  # too short by themselves, they make up one that passes, once
        limit = int(stops.from_s[stops.number[members[0]]] + over_s)
        known = np.where(spans.to_s[members] > limit, limit, _NOT_YET)
        for place, i in enumerate(members.tolist()):
            known[place] = min(known[place], _first_beyond(facts, forecasts.get(i, ()), limit))
        since = np.maximum(known, spans.from_s[members])
        first = int(np.argmin(since))
        if since[first] < at[members].min():
            foreseen[members[first]], at[members[first]] = known[first], since[first]
    return at, foreseen


def _first_beyond(facts: Facts, forecasts: Ints | tuple[()], limit_s: int) -> int:
    """Return when it was first forecast that heat comes back only after an instant [s]."""
    beyond = [int(facts.at[row]) for row in forecasts if facts.record.value[row] > limit_s]
    return min(beyond, default=_NOT_YET)


def _forecasts(facts: Facts, trigger: Trigger, spans: Intervals) -> dict[int, Ints]:
    """Return for each interval the forecasts that speak of it: the last before it begins, and those while it lasts."""
    forecasts = facts.rows(*trigger.forecasts)
    if not len(forecasts) or not len(spans.start):
        return {}
    # a forecast made for the whole case (the broken pipe) speaks for every building of it
    whole_case = ~np.isin(facts.subject[forecasts], np.unique(spans.subject))
    order = np.lexsort((facts.at[forecasts], facts.case[forecasts]))
    forecasts, whole_case = forecasts[order], whole_case[order]
    cases = facts.case[forecasts]
    first = np.searchsorted(cases, spans.case, side="left")
    last = np.searchsorted(cases, spans.case, side="right")
    found = {}
    for i in np.flatnonzero((last > first) & (spans.case >= 0)).tolist():
        rows = forecasts[first[i] : last[i]]
        mine = whole_case[first[i] : last[i]] | (facts.subject[rows] == spans.subject[i])
        rows = rows[mine & (facts.at[rows] <= spans.to_s[i])]
        before = rows[facts.at[rows] <= spans.from_s[i]]
        found[i] = np.concatenate([before[-1:], rows[facts.at[rows] > spans.from_s[i]]])
    return found


_DERIVED = {
    "": _as_they_stand, "exceeds": _exceeds, "overruns": _overruns, "recurs": _recurs, "unnoticed": _unnoticed,
}  # fmt: skip
