"""What a household's case waited for where no work at the dwelling was the matter: heat for all."""

from __future__ import annotations

import numpy as np

from ..record import KINDS
from .coldest import Coldest, room_of
from .course import asked_for, spells
from .facts import Facts, Intervals, Ints
from .household import STANDARD_C
from .parts import DAY_S, HOUR_S, Part
from .steps import Step, about
from .trouble import BUILDING, SERVED, STOPS, served_by_hour, shortage_behind, stops_in, trouble_at
from .verdict import Verdict, Verdicts

__all__ = ["awaits_heat", "closed_by_heat", "cold_of_its_own", "waited_through"]

_TOLD = 3  # troubles of a building in a case's time, the longest


def waited_through(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[int], list[Step]]:
    """Return what kept a dwelling cold while its case only waited for heat: troubles of that time, and least heat then.

    Its building's own, the longest of them; and where heat was wanting though it was not stopped, why it was in the
    worst hour and in the last.
    """
    facts = verdicts.facts
    asked = "".join(asked_for(verdicts, verdict, part)[:1])
    waited = [spell for spell in spells(verdicts, verdict, asked) if spell.what == "heat"]
    if not waited:
        return [], []
    place = int(facts.group(np.array([verdict.subject]), "substation")[0])
    begin, until = waited[0].from_s, min(waited[-1].to_s, _until(verdicts, verdict))
    own = facts.intervals(BUILDING)
    found = _longest(own.take(own.subject == place), begin, until)[:_TOLD]
    first, share = begin // HOUR_S, served_by_hour(facts, place, begin, until)
    if share is None:
        return found, []
    short = np.flatnonzero(share < SERVED)
    if not len(short):
        return found, []
    worst, last = first + int(np.argmin(share)), first + int(short[-1])
    why = [_why_short(facts, hour, place) for hour in (worst, last)]
    found += [seq for of_hour in why for seq in of_hour]
    step = Step("context", worst * HOUR_S, "least_meanwhile_percent", value=100.0 * float(share.min()))
    return found, [about(verdicts, step, place)] if why[0] else []


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
    """Return that a complaint of a stop is closed by heat alone; how cold it was at home if heat was back for a day."""
    facts, stop = verdicts.facts, awaits_heat(verdicts, verdict)
    if stop < 0:
        return []
    at, place = int(facts.at[verdict.response]), int(facts.subject[stop])
    responded = int(facts.at[_of_case(verdicts, verdict, "complaint_responded")[0]])
    steps = [Step("context", responded, "answered_by_heat")]
    stops = facts.intervals(STOPS)
    waited = at - int(stops.to_s[(stops.subject == place) & (stops.from_s <= at)].max())
    room = room_of(facts, verdict.subject, at)
    if room is None or room.dwelling_c >= STANDARD_C or waited < DAY_S:
        return steps
    return [*steps, about(verdicts, Step("context", at, "closed_cold_c", value=room.dwelling_c), verdict.subject)]


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
