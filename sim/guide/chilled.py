"""What kept rooms cold by an instant: the troubles of a building and of its sources, by the heat that each cost it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..record import KINDS
from .coldest import last_fall, room_of
from .facts import F64, Facts, Intervals, Mask
from .household import STANDARD_C, cold_by_itself, went_after_closing
from .parts import DAY_S, HOUR_S
from .steps import Step
from .trouble import (
    BUILDING,
    COLD,
    SERVED,
    SHORT,
    STOPS,
    arrived_share,
    building_trouble,
    covered,
    late_supply,
    latest_end,
    nearest_or_largest,
    served_by_hour,
    shortage_behind,
)
from .verdict import Verdict, Verdicts

__all__ = ["chilled_by", "fell_again", "kept_cold", "long_over", "warm_neighbours"]

_MUCH = 1.0 / 3.0  # of the heat that a building missed in a time: what cost it less is not why its rooms were cold
_AT_HOME = (
    "call_answered", "call_abandoned", "complaint_accepted", "authority_complained", "visited", "third_party_measured",
    "action_taken",
)  # fmt: skip
_WARM = ("dwelling_remedied",)  # done only once rooms are warm
# so long rooms feel most what they missed (assumed): what they missed before is told only if no more
_FELT_S = 4 * DAY_S
_FELT_H = 1.0  # hours of its need: missing less in all cools rooms by a fifth of a kelvin, and is not told


def chilled_by(facts: Facts, substation: int, begin: int, until: int) -> list[int]:
    """Return the entries with which the troubles began that cost a building most heat in a time, the costliest first.

    That is the costliest of all, and what cost a third of it; none where it missed next to nothing. What it missed in
    an hour is put down to what had stopped or throttled it; else to shortages, of which its own source's is named, or
    the one by which most came to be missed; else to its rationing. Where the record does not say what arrived, all is
    weighed by its time.
    """
    hours = range(max(begin // HOUR_S, 0), -(-until // HOUR_S))
    missed = _missed(facts, substation, hours)
    left, cost = missed.copy(), {}
    stops, rations = (facts.intervals(pairs) for pairs in (BUILDING[:2], BUILDING[2:]))
    for seq, lasted in _lasting(stops.take(stops.subject == substation), hours):
        cost[seq] = float(left[lasted].sum())
        left[lasted] = 0.0
    short = facts.intervals(SHORT)
    short = short.take(facts.group(short.subject, "operator") == facts.group(np.array([substation]), "operator")[0])
    parts = {
        seq: np.where(lasted, _unserved_w(facts, int(facts.subject[seq]), hours), 0.0)
        for seq, lasted in _lasting(short, hours)
    }
    if parts:
        total = np.sum(list(parts.values()), axis=0)
        costs = {seq: float((left * part / np.where(total > 0.0, total, 1.0)).sum()) for seq, part in parts.items()}
        cost[nearest_or_largest(facts, costs, substation)] = sum(costs.values())
        left[total > 0.0] = 0.0
    for seq, lasted in _lasting(rations.take(rations.subject == substation), hours):
        cost[seq] = float(left[lasted].sum())
    least = max(_FELT_H, min(max(cost.values(), default=0.0), _MUCH * float(missed.sum())))
    return [seq for seq in sorted(cost, key=lambda seq: -cost[seq]) if cost[seq] >= least]


def kept_cold(verdicts: Verdicts, verdict: Verdict, told: list[int]) -> list[int]:
    """Return what kept a household's rooms cold at the moments of its story, besides what is told.

    That is what had stopped, throttled or rationed its building then; and where all that is told of had been over for
    more than a day, what cost it most heat lately, or since; or where rooms had fallen more than a day before, whatever
    lasts.
    """
    found: list[int] = []
    for at, subject in _moments(verdicts, verdict, told):
        found += [seq for seq in _by_then(verdicts, subject, at, [*told, *found]) if seq not in (*told, *found)]
    return found


def fell_again(verdicts: Verdicts, verdict: Verdict, told: list[int]) -> list[int]:
    """Return by which falls rooms were cold at the moments of a household's story that had risen since those told."""
    facts, found = verdicts.facts, []
    cold = facts.intervals(COLD)
    cold = cold.take(np.isin(cold.start, told) & cold.ended)
    for at, subject in _moments(verdicts, verdict, told):
        fall = int(last_fall(facts, facts.group(np.array([subject]), "cohort"), np.array([at]))[0])
        if fall >= 0 and fall not in told and (cold.to_s <= facts.at[fall]).any():
            found.append(fall)
    return found


def long_over(verdicts: Verdicts, told: list[int]) -> list[Step]:
    """Return for how long all troubles of a story had been over when its household first called, if more than a day."""
    facts = verdicts.facts
    calls = [(int(facts.at[seq]), int(facts.subject[seq])) for seq in told if facts.subject[seq] >= facts.listed]
    first, subject = min(calls, default=(-1, -1))
    over = latest_end(facts, told, first)
    if over is None or first - over <= DAY_S:
        return []
    if building_trouble(facts, int(facts.group(np.array([subject]), "substation")[0]), first):
        return []  # another lasts that is not told
    return [Step("context", first, "long_over_d", value=(first - over) / DAY_S)]


def warm_neighbours(verdicts: Verdicts, told: Sequence[int], said: bool) -> list[Step]:
    """Return how warm a cohort's rooms were when a dwelling of it was measured below the standard, if warm enough.

    Of one that is cold by its own lot at any time it is told once, unless it is `said` already of when somebody called.
    """
    facts = verdicts.facts
    steps: list[Step] = []
    for seq in told:
        if KINDS[verdicts.record.what[seq]].name == "visited":
            at, subject = int(facts.at[seq]), int(facts.subject[seq])
            home = room_of(facts, subject, at)
            warm = home is not None and home.dwelling_c < STANDARD_C <= home.room_c
            if home is not None and warm and not ((said or steps) and cold_by_itself(verdicts, subject, at)):
                steps.append(Step("context", at, "neighbours_c", value=home.room_c))
    return steps


def _moments(verdicts: Verdicts, verdict: Verdict, told: list[int]) -> list[tuple[int, int]]:
    """Return when a story finds a household's rooms cold, and whose: calls, measurements and works till a duty was due.

    And when they were last cold till a case was to be closed, or in all of a duty that is done only once they are warm:
    what chills rooms after any other was due did not make it late.
    """
    facts, record = verdicts.facts, verdicts.record
    kind = KINDS[record.what[verdict.response]].name if verdict.response >= 0 else ""
    ends = [verdict.due_s, verdict.answered_s]
    end = round(next((end for end in (ends[::-1] if kind in _WARM else ends) if end is not None), facts.end_s))
    home = [seq for seq in told if facts.subject[seq] >= facts.listed and KINDS[record.what[seq]].name in _AT_HOME]
    # who goes to the authority once the company's case is closed goes for that
    home = [seq for seq in home if not went_after_closing(verdicts, seq)]
    own = [(int(facts.at[seq]), int(facts.subject[seq])) for seq in home]
    found = {(at, subject) for at, subject in own if at <= end}
    if own and kind in ("complaint_closed", *_WARM):
        first, subject = min(own)
        homes = ((at, room_of(facts, subject, at)) for at in range(end, first, -HOUR_S))
        cold = (at for at, home in homes if home is None or home.dwelling_c < STANDARD_C)
        found |= {(at, subject) for at in [next(cold, first)]}
    return sorted(found)


def _by_then(verdicts: Verdicts, subject: int, at: int, told: list[int]) -> list[int]:
    """Return what kept a dwelling cold at an instant besides what is told; nothing where it is so by its own lot."""
    facts = verdicts.facts
    home = room_of(facts, subject, at)
    if home is None or home.dwelling_c >= STANDARD_C or late_supply(facts, subject, at) >= 0:
        return []
    if cold_by_itself(verdicts, subject, at):
        return []
    cohort, place = (facts.group(np.array([subject]), by) for by in ("cohort", "substation"))
    share = arrived_share(facts, int(place[0]), at, at + 1)
    served = share is not None and share >= SERVED
    found = [] if served else building_trouble(facts, int(place[0]), at)
    blamed = covered(facts, [*told, *found], at) or _little_since(facts, int(place[0]), [*told, *found], at)
    if share is not None and not served and not blamed:
        lasting = shortage_behind(facts, at // HOUR_S, int(place[0]))
        found += [lasting] if lasting >= 0 else []
    since = latest_end(facts, [*told, *found], at)
    fall = int(last_fall(facts, cohort, np.array([at]))[0])
    fell = int(facts.at[fall]) if fall >= 0 else at
    if since is None:
        since = min(at - DAY_S, fell)
    if since > at - DAY_S:  # what lasts; where rooms fell long before, what cost them most besides since then
        return [*found, *(chilled_by(facts, int(place[0]), max(fell, at - _FELT_S), at) if fell <= at - DAY_S else [])]
    lately = chilled_by(facts, int(place[0]), max(since, at - _FELT_S), at)
    if fall < 0:  # what chilled rooms before they rose is over
        return [*found, *lately]
    before = lately or chilled_by(facts, int(place[0]), since, at)
    return [*found, *before, *_rationed(facts, int(place[0]), fell, at)]


def _little_since(facts: Facts, substation: int, told: list[int], at: int) -> bool:
    """Return whether a building missed little since its stop told of was over, beside what it missed in the day."""
    stops = facts.intervals(STOPS)
    own = stops.start[np.isin(stops.start, told) & (stops.subject == substation)].tolist()
    over, first = latest_end(facts, own, at), max(at - DAY_S, 0) // HOUR_S
    missed = _missed(facts, substation, range(first, at // HOUR_S + 1))
    return over is not None and float(missed[max(-(-over // HOUR_S) - first, 0) :].sum()) < _MUCH * float(missed.sum())


def _rationed(facts: Facts, substation: int, begin: int, until: int) -> list[int]:
    """Return the rationing of a building in whose time it missed much of what it missed in all, whatever was short."""
    hours, rations = range(max(begin // HOUR_S, 0), -(-until // HOUR_S)), facts.intervals(BUILDING[2:])
    missed = _missed(facts, substation, hours)
    least = max(_FELT_H, _MUCH * float(missed.sum()))
    mine = _lasting(rations.take(rations.subject == substation), hours)
    return [seq for seq, lasted in mine if missed[lasted].sum() >= least]


def _lasting(found: Intervals, hours: range) -> Iterator[tuple[int, Mask]]:
    """Yield with which entry each trouble began that lasted in some hours, and in which of them it did."""
    at = np.arange(hours.start, hours.stop) * HOUR_S
    for row in np.flatnonzero((found.from_s < hours.stop * HOUR_S) & (found.to_s > hours.start * HOUR_S)).tolist():
        yield int(found.start[row]), (at + HOUR_S > found.from_s[row]) & (at < found.to_s[row])


def _missed(facts: Facts, substation: int, hours: range) -> F64:
    """Return the share of a building's need that it missed in each of some hours; all of it where it is not known."""
    served = served_by_hour(facts, substation, hours.start * HOUR_S, hours.stop * HOUR_S)
    if served is None:
        return np.ones(len(hours))
    missed: F64 = 1.0 - served
    return np.pad(np.where(missed > 1.0 - SERVED, missed, 0.0), (0, len(hours) - len(missed)))


def _unserved_w(facts: Facts, source: int, hours: range) -> F64:
    """Return what a source did not make in each of some hours, a little where the record does not say [W]."""
    (column,) = np.flatnonzero(facts.record.subjects.rows("source") == source)
    total = np.full(len(hours), 1e-9)
    for track in ("unserved_fuel_w", "unserved_capacity_w"):
        values = facts.record.tracks.get(track)
        if values is not None:
            part = np.asarray(values[hours.start : hours.stop, column], np.float64)
            total[: len(part)] += part
    return total
