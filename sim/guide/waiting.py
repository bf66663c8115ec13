"""What a household's case waited for where no work at the dwelling was the matter: heat for all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..record import KINDS
from .coldest import Coldest, room_of
from .course import Spell, asked_for, course_of, spells
from .facts import Facts, Intervals, Ints
from .household import STANDARD_C
from .parts import DAY_S, HOUR_S, Part, asked_of
from .settings import setting_at
from .steps import Step, about
from .trouble import BUILDING, COLD, SERVED, STOPS, served_by_hour, shortage_behind, stops_in, trouble_at
from .verdict import Verdict, Verdicts

__all__ = [
    "awaits_heat", "closed_by_heat", "cold_before", "cold_meanwhile", "cold_of_its_own", "looked_at", "unexplained",
    "wait_for_heat", "waited_through",
]  # fmt: skip

_MUCH = 1.0 / 3.0  # of what the worst hour missed: an hour that missed less is told no reason
_MOST = 0.5  # of the time beyond what was allowed
_LOOK_S = 6 * HOUR_S  # so often the company looks whether a home it waits for is warm
_TOLD = 3  # troubles of a building in a case's time, the longest


def waited_through(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[int], list[Step]]:
    """Return what kept a dwelling cold while its case only waited for heat: troubles of that time, and least heat then.

    Its building's own, the longest of them; and where heat was wanting though it was not stopped, why it was in the
    worst hour and in the last of much weight.
    """
    facts, wait = verdicts.facts, wait_for_heat(verdicts, verdict, part)
    if wait is None:
        return [], []
    begin, until = wait
    place = int(facts.group(np.array([verdict.subject]), "substation")[0])
    own = facts.intervals(BUILDING)
    found = _longest(own.take(own.subject == place), begin, until)[:_TOLD]
    first, share = begin // HOUR_S, served_by_hour(facts, place, begin, until)
    if share is None:
        return found, []
    if share.min() >= SERVED:
        return found, []
    real = np.flatnonzero(1.0 - share >= _MUCH * (1.0 - share.min()))  # the last that missed next to nothing is no why
    worst, last = first + int(np.argmin(share)), first + int(real[-1])
    why = [_why_short(facts, hour, place) for hour in (worst, last)]
    found += [seq for of_hour in why for seq in of_hour]
    step = Step("context", worst * HOUR_S, "least_meanwhile_percent", value=100.0 * float(share.min()))
    return found, [about(verdicts, step, place)] if why[0] else []


def cold_meanwhile(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[int], list[Step]]:
    """Return by which falls a dwelling's neighbours were cold as well while its case only waited for heat: the longest.

    And for how long in all, where those are not all of them.
    """
    facts, wait = verdicts.facts, wait_for_heat(verdicts, verdict, part)
    if wait is None:
        return [], []
    cold = _neighbours_cold(facts, verdict.subject)
    found = _longest(cold, *wait)
    if len(found) <= _TOLD:
        return found, []
    lasted_s = sum(min(to, wait[1]) - max(begun, wait[0]) for start, begun, to
                   in zip(cold.start.tolist(), cold.from_s.tolist(), cold.to_s.tolist(), strict=True)
                   if start in found)  # fmt: skip
    return found[:_TOLD], [Step("context", wait[1], "cold_meanwhile_h", value=lasted_s / HOUR_S)]


def cold_before(verdicts: Verdicts, verdict: Verdict) -> list[int]:
    """Return by which fall a dwelling's neighbours were cold longest, a day or more, from its complaint to its duty."""
    facts, asked = verdicts.facts, verdicts.facts.rows("complaint_accepted")
    mine = asked[(facts.case[asked] == verdict.case) & (facts.subject[asked] == verdict.subject)]
    if verdict.case < 0 or verdict.opened_s is None or not len(mine):
        return []
    complained, cold = int(facts.at[mine].min()), _neighbours_cold(facts, verdict.subject)
    between = (cold.from_s > complained) & (cold.to_s <= verdict.opened_s) & (cold.to_s - cold.from_s >= DAY_S)
    return _longest(cold.take(between), complained, verdict.opened_s)[:1]


def wait_for_heat(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[int, int] | None:
    """Return from when to when a dwelling's case waited for heat, by the end of its duty; None where it did not [s]."""
    waited = _waits(verdicts, verdict, part)
    return (waited[0].from_s, min(waited[-1].to_s, _until(verdicts, verdict))) if waited else None


def looked_at(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return how the company looks at a cold home at which nothing is to be done, where that cost a duty time.

    That is by what rule it was dealt with by itself only later, and how often its neighbours' falling again put that
    off; or since when it had been warm when that was found.
    """
    facts, record = verdicts.facts, verdicts.record
    waited = _waits(verdicts, verdict, part)
    end = verdict.answered_s if verdict.answered_s is not None else facts.end_s
    course = [-1, *(seq for seq in course_of(verdicts, verdict) if facts.at[seq] <= end)] if waited else []
    found: list[Step] = []
    for (before, begun), (_, after) in pairwise(pairwise(course)):
        kinds = [KINDS[record.what[seq]].name for seq in (before, begun, after)]
        at, until = int(facts.at[begun]), int(facts.at[after])
        if kinds[1] != "delay_explained" or not any(s.from_s < until and s.to_s > at for s in waited):
            continue
        if kinds[2] == "dwelling_remedied":
            found += _warm_unseen(verdicts, verdict, at, until)
        else:
            tried = any(step.what == "tried_in_vain" for step in found)
            again = "tried_again" if tried else "tried_in_vain"
            found.append(Step("context", at, again if kinds[0] == "remedy_fell_short" else "looked_at"))
            found += _counted_anew(verdicts, verdict, at, until)
    return found


def _waits(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Spell]:
    asked = "".join(asked_for(verdicts, verdict, part)[:1])
    return [spell for spell in spells(verdicts, verdict, asked) if spell.what == "heat"]


def _counted_anew(verdicts: Verdicts, verdict: Verdict, begin: int, until: int) -> list[Step]:
    """Return how often a cohort's rooms fell again while a home of it was only looked at, and the last of it.

    As far as a look found them cold.
    """
    cold = _neighbours_cold(verdicts.facts, verdict.subject)
    seen = (cold.to_s - 1 - begin) // _LOOK_S > (cold.from_s - 1 - begin) // _LOOK_S
    fell = cold.take((cold.from_s > begin) & (cold.to_s < until) & seen)
    if not len(fell.start):
        return []
    return [Step("context", int(fell.to_s.max()), "counted_anew", value=float(len(fell.start)))]


def _warm_unseen(verdicts: Verdicts, verdict: Verdict, begin: int, found_s: int) -> list[Step]:
    """Return since when a home had been at the standard before it was found so, where that cost most of the delay."""
    hours = range(found_s // HOUR_S, begin // HOUR_S, -1)
    homes = ((hour, room_of(verdicts.facts, verdict.subject, hour * HOUR_S)) for hour in hours)
    warm = next((hour + 1 for hour, home in homes if home is None or home.dwelling_c < STANDARD_C), -1)
    waited_h = found_s / HOUR_S - warm
    beyond_s = (verdict.answered_s or verdicts.facts.end_s) - (verdict.due_s or 0)
    if warm < 0 or waited_h < max(1.0, _MOST * beyond_s / HOUR_S):
        return []
    return [Step("context", warm * HOUR_S, "warm_unseen_h", value=waited_h)]


def cold_of_its_own(verdicts: Verdicts, verdict: Verdict) -> bool:
    """Return whether a dwelling was below the standard at some hour of its duty when its cohort no longer was."""
    facts = verdicts.facts
    begin = verdict.opened_s if verdict.opened_s is not None else facts.start_s
    rooms = (room_of(facts, verdict.subject, at) for at in range(begin, _until(verdicts, verdict) + 1, HOUR_S))
    return any(room is not None and _own(room) for room in rooms)


def awaits_heat(verdicts: Verdicts, verdict: Verdict) -> int:
    """Return the stop whose end alone a complaint's closing waited for, begun by when it was responded to; -1: none."""
    facts, closed = verdicts.facts, verdict.response
    if closed < 0 or KINDS[verdicts.record.what[closed]].name != "complaint_closed" or verdict.subject < facts.listed:
        return -1
    responded = _of_case(verdicts, verdict, "complaint_responded")
    if not len(responded) or len(_of_case(verdicts, verdict, "measurement_requested")):
        return -1
    at, place = int(facts.at[responded[0]]), int(facts.group(np.array([verdict.subject]), "substation")[0])
    begun = stops_in(facts, place, at, at + 1).start
    return int(begun[-1]) if len(begun) else -1


def closed_by_heat(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return that a complaint of a stop is closed by heat alone; how cold it was at home after it was back.

    And how warm when it was closed, if it was at the standard again then or heat had been back for a day.
    """
    facts, stop = verdicts.facts, awaits_heat(verdicts, verdict)
    if stop < 0:
        return []
    at, place = int(facts.at[verdict.response]), int(facts.subject[stop])
    responded = int(facts.at[_of_case(verdicts, verdict, "complaint_responded")[0]])
    steps = [Step("context", responded, "answered_by_heat")]
    stops = facts.intervals(STOPS)
    back = int(stops.to_s[(stops.subject == place) & (stops.from_s <= at)].max())
    hours = (room_of(facts, verdict.subject, hour * HOUR_S) for hour in range(-(-back // HOUR_S), at // HOUR_S + 1))
    cold = [home for home in hours if home is not None and home.dwelling_c < STANDARD_C]
    if cold:
        least = min(cold, key=lambda home: home.dwelling_c)
        steps.append(Step("context", least.at_s, "home_least_c", value=least.dwelling_c))
    room = room_of(facts, verdict.subject, at)
    warm = room is not None and room.dwelling_c >= STANDARD_C
    if room is None or not (cold if warm else at - back >= DAY_S):
        return steps
    closed = Step("context", at, "home_c" if warm else "closed_cold_c", value=room.dwelling_c)
    return [*steps, about(verdicts, closed, verdict.subject)]


def unexplained(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return that no reason and date were given when a complaint's limit drew near; and how long till the next turn.

    The company then gives them of all but a few delays.
    """
    record, facts = verdicts.record, verdicts.facts
    if verdict.state not in ("late", "missed") or verdict.trigger < 0 or "delay_explained" not in asked_of(part):
        return []
    begun = int(facts.at[verdict.trigger])
    days = [setting_at(record, f"people.cases.{name}", begun)[1] for name in ("limit_days", "explain_lead_days",
                                                                             "promise_days")]  # fmt: skip
    if KINDS[record.what[verdict.trigger]].name != "complaint_accepted" or None in days:
        return []
    limit_d, lead_d, promise_d = map(float, days)
    near = begun + int((limit_d - lead_d) * DAY_S)
    done = [*_of_case(verdicts, verdict, "delay_explained"), *_of_case(verdicts, verdict, "complaint_closed")]
    if near >= facts.end_s or any(facts.at[seq] <= near + 1 for seq in done):
        return []
    return [Step("context", near, "not_explained_d", value=lead_d + promise_d)]


def _own(room: Coldest) -> bool:
    return room.dwelling_c < STANDARD_C <= room.room_c


def _of_case(verdicts: Verdicts, verdict: Verdict, kind: str) -> Ints:
    """Return the entries of a kind in a dwelling's case, in the order they were noted."""
    facts = verdicts.facts
    rows = facts.rows(kind)
    mine = rows[(facts.case[rows] == verdict.case) & (facts.subject[rows] == verdict.subject) & (verdict.case >= 0)]
    return np.asarray(mine[np.argsort(facts.at[mine], kind="stable")])


def _until(verdicts: Verdicts, verdict: Verdict) -> int:
    """Return when a duty was done, or was due if it never was [s]."""
    known = (at for at in (verdict.answered_s, verdict.due_s) if at is not None)
    return min(int(next(known, verdicts.facts.end_s)), verdicts.facts.end_s)


def _neighbours_cold(facts: Facts, dwelling: int) -> Intervals:
    """Return the times in which the rooms of a dwelling's cohort were too cold."""
    cold = facts.intervals(COLD)
    return cold.take(cold.subject == facts.group(np.array([dwelling]), "cohort")[0])


def _longest(found: Intervals, begin: int, until: int) -> list[int]:
    """Return the entries with which troubles began that lasted in a time, the longest first."""
    lasted = np.minimum(found.to_s, until) - np.maximum(found.from_s, begin)
    order = np.argsort(-lasted, kind="stable")
    return [int(found.start[row]) for row in order if lasted[row] > 0]


def _why_short(facts: Facts, hour: int, place: int) -> list[int]:
    """Return why a building that was not stopped got too little in an hour: the shortage, and fuel that had run out."""
    if len(stops_in(facts, place, hour * HOUR_S, (hour + 1) * HOUR_S).start):
        return []
    short, dry = shortage_behind(facts, hour, place), trouble_at(facts, hour, place)
    return [*([short] if short >= 0 else []), *([dry] if dry in facts.rows("fuel_ran_out") else [])]
