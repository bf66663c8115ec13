"""Instants that open a duty but that nobody noted: derived from entries by a few general rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .facts import Facts, Intervals, Ints
from .parts import Trigger, numbers_named

__all__ = ["Openings", "openings"]

Number = Callable[[str], float]
"""Gives the value of a number by its name: durations in seconds, everything else in its own unit."""


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


def _as_they_stand(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    rows = facts.select(trigger, number)
    return Openings.at(facts, rows, facts.at[rows])


def _exceeds(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """The larger of forecast and elapsed duration passes the limit, once per interval."""
    spans = _spans(facts, trigger)
    at, known = _passed(facts, trigger, spans, number)
    passed = at <= facts.end_s
    return Openings.at(facts, spans.start[passed], at[passed], known[passed])


def _overruns(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """A told end passes while the interval lasts, with no newer one given before."""
    spans = _spans(facts, trigger)
    told = facts.rows(*trigger.forecasts)
    told = told[np.isfinite(facts.record.value[told])]
    key = facts.key(told, "case+subject")
    ends = np.maximum(facts.record.value[told].astype(np.int64), facts.at[told])
    newer = facts.first_after(facts.at[told] + 1, key, told, key)
    newer_s = np.where(newer >= 0, facts.when(newer).astype(np.int64), np.iinfo(np.int64).max)
    # the interval the notice was given in: the last one of its case and building that had begun by then, or, where none
    # had, the next one, of which it was told ahead
    place = np.full(len(told), -1, np.int64)
    own = facts.key(spans.start, "case+subject")
    for i in range(len(spans.start)):
        inside = (key == own[i]) & (facts.at[told] >= spans.from_s[i]) & (facts.at[told] <= spans.to_s[i])
        place[inside] = i
    for i in np.argsort(-spans.from_s, kind="stable"):
        place[(place < 0) & (key == own[i]) & (facts.at[told] < spans.from_s[i]) & (ends >= spans.from_s[i])] = i
    until = np.append(spans.to_s, np.iinfo(np.int64).min)[place]  # the last one stands for no interval
    lasting = (until > ends) & (newer_s > ends) & (ends <= facts.end_s)
    return Openings.at(facts, told[lasting], ends[lasting])


def _recurs(facts: Facts, trigger: Trigger, number: Number) -> Openings:
    """An interval begins soon after the end of an earlier one of the same subject that had passed the limit."""
    spans = _spans(facts, trigger)
    long = np.flatnonzero((_passed(facts, trigger, spans, number)[0] <= facts.end_s) & spans.ended)
    again_s = number(trigger.again)
    renewed = np.zeros(len(spans.start), np.bool_)
    for i in long:
        after = spans.from_s - spans.to_s[i]
        renewed |= (spans.subject == spans.subject[i]) & (after >= 0) & (after <= again_s)
    return Openings.at(facts, spans.start[renewed], spans.from_s[renewed])


def _spans(facts: Facts, trigger: Trigger) -> Intervals:
    return facts.intervals(tuple((begin, end) for begin, end in zip(trigger.kinds, trigger.ends, strict=True)))


def _passed(facts: Facts, trigger: Trigger, spans: Intervals, number: Number) -> tuple[Ints, Ints]:
    """Return when forecast or elapsed duration first passed the limit, and since when that had been foreseen.

    Both beyond any record where neither did.
    """
    over_s = number(trigger.over)
    known = (spans.start.tobytes(), trigger.forecasts, over_s)
    passed: tuple[Ints, Ints] = facts.derive(known, lambda: _passed_at(facts, trigger, spans, over_s))
    return passed


def _passed_at(facts: Facts, trigger: Trigger, spans: Intervals, over_s: float) -> tuple[Ints, Ints]:
    never = np.iinfo(np.int64).max
    lasted = spans.to_s - spans.from_s > over_s
    at = np.where(lasted, spans.from_s + np.int64(over_s), never)
    foreseen = at.copy()
    forecasts = facts.rows(*trigger.forecasts)
    if not len(forecasts) or not len(spans.start):
        return at, foreseen
    # a forecast made for the whole case (the broken pipe) speaks for every building of it
    whole_case = ~np.isin(facts.subject[forecasts], np.unique(spans.subject))
    order = np.lexsort((facts.at[forecasts], facts.case[forecasts]))
    forecasts, whole_case = forecasts[order], whole_case[order]
    cases = facts.case[forecasts]
    first = np.searchsorted(cases, spans.case, side="left")
    last = np.searchsorted(cases, spans.case, side="right")
    for i in np.flatnonzero((last > first) & (spans.case >= 0)):
        rows = forecasts[first[i] : last[i]]
        mine = whole_case[first[i] : last[i]] | (facts.subject[rows] == spans.subject[i])
        rows = rows[mine & (facts.at[rows] <= spans.to_s[i])]
        before = rows[facts.at[rows] <= spans.from_s[i]]
        rows = np.concatenate([before[-1:], rows[facts.at[rows] > spans.from_s[i]]])
        long = rows[facts.record.value[rows] - spans.from_s[i] > over_s]
        if len(long):
            foreseen[i] = min(at[i], int(facts.at[long].min()))
            at[i] = max(int(foreseen[i]), int(spans.from_s[i]))
    return at, foreseen


_DERIVED = {"": _as_they_stand, "exceeds": _exceeds, "overruns": _overruns, "recurs": _recurs}
