"""Instants that open a duty but that nobody noted: derived from entries by a few general rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..record import KIND_CODE
from .facts import NEVER, Facts, Intervals, Ints
from .parts import Trigger, numbers_named

__all__ = ["Openings", "earlier_stops", "openings"]

Number = Callable[[str], float]
"""Gives the value of a number by its name: durations in seconds, everything else in its own unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """What opened duties; all of shape (opening,).

    Attributes
    ----------
    row : int array
        The entry.
    at_s : int array
        When the duty opened [s].
    subject, case : int arrays
        Whom or what it is about.
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

    def take(self, which: Any) -> Openings:
        """Return some of them."""
        return Openings(*(column[which] for column in self.columns))

    @property
    def columns(self) -> tuple[Ints, ...]:
        """Its arrays: row, at_s, subject, case, since_s."""
        return self.row, self.at_s, self.subject, self.case, self.since_s


def openings(facts: Facts, triggers: tuple[Trigger, ...], number: Number) -> Openings:
    """Return the openings of all triggers together; one that several triggers give counts once."""
    known = (triggers, tuple(number(name) for trigger in triggers for name in numbers_named(trigger)))
    found: Openings = facts.derive(known, lambda: _openings(facts, triggers, number))
    return found


def earlier_stops(facts: Facts, triggers: tuple[Trigger, ...], number: Number, start: int) -> dict[str, list[int]]:
    """Return the entries that began and ended what makes an interval part of a long stop, or one that recurs.

    Parameters
    ----------
    start : int
        seq of the entry that begins the interval.

    Returns
    -------
    dict
        ``exceeds``: the earlier intervals of its stop; ``recurs``: the long stops that it follows soon.
    """
    found: dict[str, list[int]] = {}
    for trigger in triggers:
        if trigger.derive not in ("exceeds", "recurs"):
            continue
        spans, stops = _spans(facts, trigger), _long_stops(facts, trigger, number)
        mine = next((stop for stop in stops if start in spans.start[stop.members]), None)
        if mine is None:
            continue
        if trigger.derive == "exceeds":
            earlier = mine.members[: spans.start[mine.members].tolist().index(start)]
        else:
            earlier = [i for stop in _soon_before(mine, stops, number(trigger.again)) for i in stop.members]
        rows = np.stack([spans.start[earlier], spans.end[earlier]], axis=1).ravel()
        found[trigger.derive] = [int(row) for row in rows if row >= 0]
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
    overlooked = [f.case for f, trigger in zip(found, triggers, strict=True) if trigger.derive == "unnoticed"]
    if overlooked:  # found at last: its time had begun before
        found = [
            f if trigger.derive else f.take(~np.isin(f.case, overlooked[0]))
            for f, trigger in zip(found, triggers, strict=True)
        ]
    joint = Openings(*(np.concatenate(columns) for columns in zip(*(f.columns for f in found), strict=True)))
    _, first = np.unique(np.stack([joint.case, joint.subject, joint.at_s]), axis=1, return_index=True)
    first.sort()
    return joint.take(first)


def _as_they_stand(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    rows = facts.select(trigger, number)
    return Openings.at(facts, rows, facts.at[rows])


def _exceeds(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """The larger of forecast and elapsed duration of a stop passes the limit, once a stop."""
    spans = _spans(facts, trigger)
    passed = [stop.passed for stop in _long_stops(facts, trigger, number) if stop.passed]
    member, at_s, since_s = (np.array([row[k] for row in passed], np.int64) for k in range(3))
    return Openings.at(facts, spans.start[member], at_s, since_s)


def _overruns(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A told end passes while the stop lasts, and no notice that stands tells of a later one.

    Where heat was back when it passed, though not for long enough to end the stop, the duty arises as it goes off
    again; where another case has come to keep the heat off, the duty is that case's.
    """
    spans = _spans(facts, trigger)
    stops = _stops(spans, spans.subject, number(trigger.bridge))
    told = _Notices.of(facts, trigger, spans)
    stop_of = {i: stop for stop in stops for i in stop.members}
    found = []
    for j in np.flatnonzero((told.place >= 0) & (told.newer_s > told.end_s)).tolist():
        stop, end_s = stop_of[int(told.place[j])], int(told.end_s[j])
        off = [i for i in stop.members if spans.to_s[i] > end_s]
        if not off:
            continue
        same = np.isin(told.place, stop.members) & (told.at_s <= end_s) & (told.newer_s > end_s)
        if (same & (told.end_s > end_s)).any():
            continue
        at_s = max(end_s, min(int(spans.from_s[i]) for i in off))
        now = [i for i in off if spans.from_s[i] <= at_s]
        own = told.case[j] in spans.case[now]
        found.append((told.row[j], at_s, told.subject[j], told.case[j] if own else spans.case[now[-1]],
                      max(end_s, int(told.at_s[j]) + 1)))  # fmt: skip
    columns = np.array([row for row in found if row[1] <= facts.end_s], np.int64).reshape(-1, 5).T
    row, at, subject, case, since = columns
    return Openings(row, at, subject, case, since)


def _recurs(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A stop begins soon after the end of an earlier one of the same building that had passed the limit."""
    spans = _spans(facts, trigger)
    stops = _long_stops(facts, trigger, number)
    rows = [stop.members[0] for stop in stops if _soon_before(stop, stops, number(trigger.again))]
    return Openings.at(facts, spans.start[rows], spans.from_s[rows])


def _unnoticed(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A recorded fault has kept heat off so long that somebody must know, yet nobody noted that it was found.

    Once for each fault, at its first building; what was done since the fault occurred counts.
    """
    spans = facts.fault_intervals()
    spans = spans.take(np.isin(facts.record.what[spans.start], [KIND_CODE[kind] for kind in trigger.kinds]))
    over_s, first = number(trigger.over), dict[int, tuple[int, int]]()  # of each case: when, and by which interval
    for stop in _stops(spans, facts.joint(spans.case, spans.subject), number(trigger.bridge)):
        limit_s = int(stop.from_s + over_s)
        beyond = [int(spans.from_s[i]) for i in stop.members if spans.to_s[i] > limit_s]
        if beyond:
            case, passing = int(spans.case[stop.members[0]]), (max(limit_s, beyond[0]), stop.members[0])
            first[case] = min(first.get(case, passing), passing)
    cases = np.array(list(first), np.int64)
    at_s, by = (np.array([passing[k] for passing in first.values()], np.int64) for k in range(2))
    ever = np.full(len(cases), NEVER + 1)
    found, faults = facts.rows(*trigger.ends), facts.rows(*facts.guide.fault_kinds)
    noted = facts.first_after(ever, cases, found, facts.case[found])
    occurred = facts.first_after(ever, cases, faults, facts.case[faults])
    late = ((noted < 0) | (facts.when(noted) > at_s)) & (at_s <= facts.end_s)
    since_s = np.minimum(spans.from_s[by], facts.when(occurred))
    return Openings.at(facts, spans.start[by[late]], at_s[late], since_s[late])


def _spans(facts: Facts, trigger: Trigger) -> Intervals:
    return facts.intervals(tuple((begin, end) for begin, end in zip(trigger.kinds, trigger.ends, strict=True)))


@dataclass(frozen=True, slots=True)
class _Stop:
    """Intervals that overlap, or lie apart by little: one stop.

    Attributes
    ----------
    key : int
        What they share.
    members : list of int
        Rows of the intervals, in the order in which they began.
    from_s, to_s : int
        When the first began and the last ended, or the record's end [s].
    ended : bool
        Whether the record ends it.
    passed : tuple of int or None
        Where it passed a limit: the interval by which it did, when, and since when that had been foreseen [s].
    """

    key: int
    members: list[int]
    from_s: int
    to_s: int
    ended: bool
    passed: tuple[int, int, int] | None = None


def _stops(spans: Intervals, key: Ints, bridge_s: float) -> list[_Stop]:
    """Return the stops that intervals of one key, apart by no more than `bridge_s`, make up."""
    found, members, until, last = list[_Stop](), list[int](), 0, -1

    def close() -> None:
        if members:
            begun = int(spans.from_s[members[0]])
            ended = all(spans.ended[i] for i in members if spans.to_s[i] == until)
            found.append(_Stop(last, members.copy(), begun, until, ended))
            members.clear()

    for i in np.lexsort((spans.from_s, key)).tolist():
        if members and (key[i] != last or spans.from_s[i] - until > bridge_s):
            close()
        until = max(until, int(spans.to_s[i])) if members else int(spans.to_s[i])
        last = int(key[i])
        members.append(i)
    close()
    return found


def _long_stops(facts: Facts, trigger: Trigger, number: Number) -> list[_Stop]:
    """Return all stops, with how those passed the limit that did, by forecast or in fact."""
    over_s, bridge_s = number(trigger.over), number(trigger.bridge)
    known = ("long stops", trigger.kinds, trigger.ends, trigger.forecasts, over_s, bridge_s)
    found: list[_Stop] = facts.derive(known, lambda: _find_long(facts, trigger, over_s, bridge_s))
    return found


def _find_long(facts: Facts, trigger: Trigger, over_s: float, bridge_s: float) -> list[_Stop]:
    spans = _spans(facts, trigger)
    forecasts = _forecasts(facts, trigger, spans)
    found = []
    for stop in _stops(spans, spans.subject, bridge_s):
        limit_s, ways = int(stop.from_s + over_s), []
        for i in stop.members:
            told = [int(facts.at[row]) for row in forecasts.get(i, ()) if facts.record.value[row] > limit_s]
            for since_s in (*told, *([limit_s] if spans.to_s[i] > limit_s else ())):
                ways.append((max(since_s, int(spans.from_s[i])), since_s, i))
        at_s, since_s, i = min(ways, default=(facts.end_s + 1, 0, 0))
        found.append(replace(stop, passed=(i, at_s, since_s)) if at_s <= facts.end_s else stop)
    return found


def _soon_before(stop: _Stop, stops: list[_Stop], again_s: float) -> list[_Stop]:
    """Return the long stops of the same building that had ended soon before a stop."""
    return [
        other
        for other in stops
        if other.key == stop.key and other.passed and other.ended and 0 < stop.from_s - other.to_s <= again_s
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Notices:
    """Notices that name a date, each laid to an interval; all of shape (notice,).

    Attributes
    ----------
    row, subject, case : int arrays
        The entry, its subject and case.
    at_s, end_s : int arrays
        When it was given, and what end it tells of; one past already ends as it is given [s].
    place : int array
        The interval it was given in: the last of its case and building that had begun by then, or, where none had, the
        next one, of which it was told ahead; -1 for none.
    newer_s : int array
        When the next one of its case and building was given [s].
    """

    row: Ints
    subject: Ints
    case: Ints
    at_s: Ints
    end_s: Ints
    place: Ints
    newer_s: Ints

    @classmethod
    def of(cls, facts: Facts, trigger: Trigger, spans: Intervals) -> _Notices:
        """Return the notices of a trigger."""
        row = facts.rows(*trigger.forecasts)
        row = row[np.isfinite(facts.record.value[row])]
        at_s, key = facts.at[row].astype(np.int64), facts.key(row, "case+subject")
        end_s = np.maximum(facts.record.value[row].astype(np.int64), at_s)
        of_key: dict[int, list[int]] = {}
        own_key = facts.key(spans.start, "case+subject")
        for i in np.argsort(spans.from_s, kind="stable").tolist():
            of_key.setdefault(int(own_key[i]), []).append(i)
        place = np.full(len(row), -1, np.int64)
        for j in range(len(row)):
            own = of_key.get(int(key[j]), [])
            inside = [i for i in own if spans.from_s[i] <= at_s[j] <= spans.to_s[i]]
            ahead = [i for i in own if at_s[j] < spans.from_s[i] <= end_s[j]]
            place[j] = inside[-1] if inside else ahead[0] if ahead else -1
        newer = facts.first_after(facts.at[row] + 1, key, row, key)
        newer_s = np.where(newer >= 0, facts.when(newer).astype(np.int64), np.iinfo(np.int64).max)
        return cls(row, facts.subject[row], facts.case[row], at_s, end_s, place, newer_s)


def _forecasts(facts: Facts, trigger: Trigger, spans: Intervals) -> dict[int, Ints]:
    """Return for each interval the forecasts that speak of it: the last before it begins, and those while it lasts."""
    forecasts = facts.rows(*trigger.forecasts)
    if not len(forecasts) or not len(spans.start):
        return {}
    # a forecast made for the whole case (the broken pipe) speaks for every building of it
    whole_case = ~np.isin(facts.subject[forecasts], facts.record.subjects.rows("substation"))
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
