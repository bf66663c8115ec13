"""What a household's case waited for where no work at the dwelling was the matter: heat for all, or work in vain."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from ..record import KINDS
from .coldest import Coldest, room_of
from .facts import Facts, Intervals, Ints
from .household import STANDARD_C
from .parts import DAY_S, HOUR_S, Part, Within
from .steps import Step, about
from .trouble import BUILDING, SERVED, SHORT
from .verdict import Verdict, Verdicts

__all__ = ["ELSEWHERE", "acted_elsewhere", "awaits_heat", "closed_cold", "cold_of_its_own", "in_vain", "waited_through"]

_OUTAGE = ("outage_started", "outage_ended")
ELSEWHERE, _DWELLING = (0.0, 2.0), 1.0  # where a cold room was acted on: network or sources; the dwelling itself
_TOLD = 3  # troubles of a building in a case's time, the longest


def acted_elsewhere(verdicts: Verdicts, verdict: Verdict, kind: str = "dwelling_remedied") -> bool:
    """Return whether nothing was to be done at a dwelling that had to be warm again: the work was elsewhere.

    It is looked at time and again then, and is at the standard once its neighbours are, or not.
    """
    if kind != "dwelling_remedied" or verdict.subject < verdicts.facts.listed:
        return False
    acted = _of_case(verdicts, verdict, "action_taken")
    acted = acted[verdicts.facts.at[acted] <= _until(verdicts, verdict)]
    return bool(len(acted)) and verdicts.record.value[acted[-1]] in ELSEWHERE


def waited_through(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[int], list[Step]]:
    """Return what kept a dwelling cold that was only waited for: troubles in its duty's time, and least heat then.

    Its building's own, the longest of them; and where heat was wanting, the shortage that lasted longest: of the
    nearest source if it had one.
    """
    facts = verdicts.facts
    asked = {kind for select in part.respond for kind in select.kinds} if isinstance(part, Within) else set()
    recovery = "dwelling_remedied" in asked and "action_taken" not in asked
    if not recovery or verdict.opened_s is None or not acted_elsewhere(verdicts, verdict):
        return [], []
    place = int(facts.group(np.array([verdict.subject]), "substation")[0])
    begin, until = verdict.opened_s, _until(verdicts, verdict)
    own = facts.intervals(BUILDING)
    found = _longest(own.take(own.subject == place), begin, until)[:_TOLD]
    hour, served = _least_served(facts, place, begin, until)
    if served >= SERVED:
        return found, []
    short = facts.intervals(SHORT)
    operator = facts.group(np.array([place]), "operator")[0]
    ours = _longest(short.take(facts.group(short.subject, "operator") == operator), begin, until)
    nearest = [seq for seq in ours if facts.subject[seq] == facts.record.subjects.source[place]]
    found += (nearest or ours)[:1]
    step = Step("context", hour * HOUR_S, "least_meanwhile_percent", value=100.0 * served)
    return found, [about(verdicts, step, place)]


def cold_of_its_own(verdicts: Verdicts, verdict: Verdict) -> bool:
    """Return whether a dwelling was below the standard at some hour of its duty when its cohort no longer was."""
    facts = verdicts.facts
    begin = verdict.opened_s if verdict.opened_s is not None else facts.start_s
    rooms = (room_of(facts, verdict.subject, at) for at in range(begin, _until(verdicts, verdict) + 1, HOUR_S))
    return any(room is not None and _own(room) for room in rooms)


def awaits_heat(verdicts: Verdicts, verdict: Verdict, kind: str) -> bool:
    """Return whether a complaint's closing waited for nothing but heat: it had stopped when the company responded."""
    facts = verdicts.facts
    if kind != "complaint_closed" or verdict.subject < facts.listed:
        return False
    responded = _of_case(verdicts, verdict, "complaint_responded")
    if not len(responded) or len(_of_case(verdicts, verdict, "measurement_requested")):
        return False
    at, place = int(facts.at[responded[0]]), int(facts.group(np.array([verdict.subject]), "substation")[0])
    stops = facts.intervals((_OUTAGE,))
    return bool(((stops.subject == place) & (stops.from_s <= at) & (stops.to_s > at)).any())


def closed_cold(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return how warm it was at home when a complaint of a stop was closed a day after heat was back, if still cold."""
    facts = verdicts.facts
    closed = verdict.response
    if closed < 0 or not awaits_heat(verdicts, verdict, KINDS[verdicts.record.what[closed]].name):
        return []
    at, place = int(facts.at[closed]), int(facts.group(np.array([verdict.subject]), "substation")[0])
    stops = facts.intervals((_OUTAGE,))
    waited = at - int(stops.to_s[(stops.subject == place) & (stops.from_s <= at)].max())
    room = room_of(facts, verdict.subject, at)
    if room is None or room.dwelling_c >= STANDARD_C or waited < DAY_S:
        return []
    return [about(verdicts, Step("context", at, "closed_cold_c", value=room.dwelling_c), verdict.subject)]


def in_vain(verdicts: Verdicts, told: Iterable[int]) -> list[Step]:
    """Return where work at a dwelling was done anew, because what was done before had brought too little."""
    facts, record = verdicts.facts, verdicts.record
    acted = [seq for seq in told if KINDS[record.what[seq]].name == "action_taken" and record.value[seq] == _DWELLING]
    acted.sort(key=lambda seq: (int(facts.at[seq]), seq))
    done = facts.rows("dwelling_remedied")
    steps = []
    for before, after in pairwise(acted):
        mine = (facts.case[done] == facts.case[after]) & (facts.subject[done] == facts.subject[after])
        between = mine & (facts.at[done] > facts.at[before]) & (facts.at[done] <= facts.at[after])
        if facts.case[before] == facts.case[after] and not between.any():
            steps.append(Step("context", int(facts.at[after]), "brought_too_little"))
    return steps


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


def _least_served(facts: Facts, place: int, begin: int, until: int) -> tuple[int, float]:
    """Return in which hour of a time the least share of a building's need arrived, and which; 1 where it is unknown."""
    heat, need = facts.record.tracks.get("substation_heat_w"), facts.record.tracks.get("substation_need_w")
    first, last = begin // HOUR_S, -(-until // HOUR_S)
    column = np.flatnonzero(facts.record.subjects.rows("substation") == place)
    if heat is None or need is None or not len(column) or not len(need[first:last]):
        return first, 1.0
    asked = np.asarray(need[first:last, column[0]], float)
    share = np.divide(heat[first:last, column[0]], asked, out=np.ones(len(asked)), where=asked > 0.0)
    return first + int(np.argmin(share)), float(share.min())
