"""On what the time of a household's case went: in line for staff, at the work's own drawn pace, or waiting for heat.

A case is a row of steps of one desk. Between two of them, time is of one kind, or of a few one after the other. What
bore no real share of a duty's time did not decide how it was kept, and is not named; but a wait that bore most of the
time beyond what was allowed did.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..record import KINDS
from .parts import HOUR_S, Part, asked_of
from .settings import setting_at, staff_settings
from .trouble import stops_in
from .verdict import Verdict, Verdicts

__all__ = ["LINES", "Spell", "asked_for", "course_of", "drawn", "of_case", "settings_of", "spells"]

_DESKS = {
    "authority_complained": ("authority_complained", "authority_handled", "authority_told"),
    "call_answered": ("call_answered", "enquiry_answered"),
}
_COMPANY = (
    "complaint_accepted", "complaint_responded", "measurement_requested", "nobody_home", "visited",
    "measurement_signed", "measurement_disputed", "third_party_measured", "other_cause_found", "cause_explained",
    "action_taken", "remedy_fell_short", "dwelling_remedied", "delay_explained", "complaint_closed",
)  # fmt: skip
_KINDS = frozenset({*_COMPANY, *(kind for desk in _DESKS.values() for kind in desk)})
_DWELLING = 1.0  # where a cold room was acted on: at the dwelling itself
_REAL = 0.1  # of a duty's time: what took less did not decide it
_MOST = 0.5  # of the time beyond what was allowed: a wait that took as much made it late

_CASES = "people.cases."
_PATHS: dict[str, tuple[str, ...]] = {
    "response": ("response_minutes", "response_spread"), "answer": ("answer_hours",), "close": ("close_hours",),
    "away": ("nobody_home_share", "revisit_hours"), "road": ("travel_minutes",), "visit": ("visit_minutes",),
    "third_party": ("third_party_days",), "remedy": ("remedy_hours", "remedy_spread"),
    "callback": ("callback_hours",), "authority_course": ("authority_days", "authority_spread"),
    "authority_work": ("authority_handling_hours",),
}  # fmt: skip
_OF_CASE = frozenset({"response", "answer", "close", "third_party", "remedy", "callback", "authority_course"})
LINES = {  # who is stood in line for: what begins the wait, what ends it
    "officers": ("complaint_accepted", ("complaint_responded",)),
    "measurers": ("measurement_requested", ("visited", "complaint_closed")),
    "authority": ("authority_complained", ("authority_handled",)),
}


_WAITS = frozenset({*LINES, "heat", "away"})


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of one kind in a case's course.

    Attributes
    ----------
    what : str
        ``officers``, ``measurers``, ``authority``: in line for them; ``heat``: waiting for it; else how long the work
        itself took.
    from_s, to_s : int
        From when to when [s].
    over : bool
        Whether it was over by then: a line may be stood in for longer than a duty's time.
    """

    what: str
    from_s: int
    to_s: int
    over: bool = True


def asked_for(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[str, ...]:
    """Return the kind of entry with which a duty was done, or the first two that were waited for."""
    done = verdict.response
    return (KINDS[verdicts.record.what[done]].name,) if done >= 0 else asked_of(part)[:2]


def of_case(kind: str) -> bool:
    """Return whether an entry of a kind is a step in the course of a household's case."""
    return kind in _KINDS


def spells(verdicts: Verdicts, verdict: Verdict, asked: str) -> list[Spell]:
    """Return on what a duty's time went, without what bore no real share of it.

    Parameters
    ----------
    asked : str
        The kind of entry with which it was done, or that was waited for to the end.
    """
    facts = verdicts.facts
    simulated = "schema_version" in verdicts.record.scenario  # a log does not say how work is done
    if not simulated or verdict.case < 0 or verdict.trigger < 0 or verdict.subject < facts.listed:
        return []
    begin = verdict.opened_s if verdict.opened_s is not None else int(facts.at[verdict.trigger])
    steps = course_of(verdicts, verdict)
    found = [spell for before, after in pairwise(steps) for spell in _between(verdicts, before, after)]
    closed = bool(steps) and KINDS[verdicts.record.what[steps[-1]]].name == "complaint_closed"
    if steps and of_case(asked) and not closed:
        found += _between(verdicts, steps[-1], -1, asked)
    over = int(facts.at[steps[-1]]) if closed else facts.end_s  # nothing more comes of a case that is closed
    end = verdict.answered_s if verdict.answered_s is not None else over
    lasts = end + (verdict.answered_s is not None)
    clipped = [Spell(spell.what, max(spell.from_s, begin), min(spell.to_s, end), spell.to_s < lasts) for spell in found]
    real = _that_took(clipped, begin, _REAL * (end - begin))
    if verdict.due_s is not None and end > verdict.due_s:
        due = round(verdict.due_s)
        real |= _that_took(clipped, due, _MOST * (end - due)) & _WAITS
    return [spell for spell in clipped if spell.what in real and spell.to_s > spell.from_s]


def _that_took(found: list[Spell], since: int, least_s: float) -> set[str]:
    """Return what took at least so long after an instant."""
    took: dict[str, int] = {}
    for spell in found:
        took[spell.what] = took.get(spell.what, 0) + max(spell.to_s - max(spell.from_s, since), 0)
    return {what for what, took_s in took.items() if took_s > 0 and took_s >= least_s}


def settings_of(verdicts: Verdicts, spell: Spell) -> tuple[str, ...]:
    """Return the values of the scenario that decided how long a spell was: nobody's number out of office hours."""
    if spell.what == "authority" and not _in_office(verdicts, spell):
        return ()
    if spell.what in LINES:
        return staff_settings(verdicts.record, spell.what, spell.from_s, spell.to_s)
    return tuple(_CASES + name for name in _PATHS.get(spell.what, ()))


def _in_office(verdicts: Verdicts, spell: Spell) -> bool:
    """Return whether anybody was on duty at some hour of a spell, or ever, as far as the record says."""
    duty = verdicts.record.tracks.get(f"{spell.what}_on_duty")
    return duty is None or not duty.any() or bool(duty[spell.from_s // HOUR_S : -(-spell.to_s // HOUR_S)].any())


def drawn(spell: Spell) -> str:
    """Return what a spell's length is drawn as besides, a mark of the household's; empty where it is none."""
    return "case_work" if spell.what in _OF_CASE else "at_home" if spell.what == "away" else ""


def course_of(verdicts: Verdicts, verdict: Verdict) -> list[int]:
    """Return the entries of a case's course at the desk that a duty is of, in order of time.

    A reason and a date given beside it, because a limit drew near, are no step of it.
    """
    facts, record = verdicts.facts, verdicts.record
    desk = _DESKS.get(KINDS[record.what[verdict.trigger]].name, _COMPANY)
    rows = facts.rows(*desk)
    rows = rows[(facts.case[rows] == verdict.case) & (facts.subject[rows] == verdict.subject)]
    rows = rows[np.lexsort((rows, facts.at[rows]))]
    return [seq for seq in rows.tolist() if not _beside(verdicts, seq)]


def _beside(verdicts: Verdicts, seq: int) -> bool:
    kind, cause = (KINDS[verdicts.record.what[row]].name for row in (seq, verdicts.record.cause[seq]))
    return bool(kind == "delay_explained" and cause == "complaint_accepted")


def _between(verdicts: Verdicts, before: int, after: int, asked: str = "") -> list[Spell]:
    """Return what the time between two steps went on; after the last one, if it is waited for what was asked."""
    facts, record = verdicts.facts, verdicts.record
    came_from = KINDS[record.what[before]].name
    kind = KINDS[record.what[after]].name if after >= 0 else asked
    begin, end = int(facts.at[before]), int(facts.at[after]) if after >= 0 else facts.end_s
    if came_from == "complaint_accepted":
        return _lined_up(verdicts, after, begin, end, "response", "officers")
    if came_from == "authority_complained":
        work_s = int(_hours(verdicts, "authority_handling_hours", end) * HOUR_S) if after >= 0 else 0
        course = _lined_up(verdicts, after, begin, end - work_s, "authority_course", "authority")
        return [*course, Spell("authority_work", end - work_s, end)]
    if came_from in ("measurement_requested", "nobody_home"):
        again = int(record.value[before]) if came_from == "nobody_home" else begin
        came = kind in ("visited", "nobody_home") and after >= 0
        set_out = end - (int(_hours(verdicts, "travel_minutes", end) * 60) if came else 0)
        again = min(again, set_out)
        return [Spell("away", begin, again), Spell("measurers", again, set_out), Spell("road", set_out, end)]
    return [Spell(_kind_of(verdicts, before, came_from, kind, after), begin, end)]


def _kind_of(verdicts: Verdicts, before: int, came_from: str, kind: str, after: int) -> str:
    """Return on what the time between two steps of the company's own went."""
    value = verdicts.record.value
    at_dwelling = came_from == "remedy_fell_short" or (came_from == "action_taken" and value[before] == _DWELLING)
    if kind == "remedy_fell_short" or (kind == "dwelling_remedied" and (value[after] > 0.0 if after >= 0 else True)):
        return "remedy" if after >= 0 or at_dwelling else "heat"
    if came_from == "delay_explained" or (came_from == "action_taken" and not at_dwelling):
        return "heat"  # nothing was to be done at the dwelling but to look again
    if came_from in ("complaint_responded", "measurement_signed", "third_party_measured") and _stopped(
        verdicts, before
    ):
        return "heat"
    if kind == "complaint_closed":
        return "answer" if came_from == "complaint_responded" else "close"
    named = {"action_taken": "remedy", "third_party_measured": "third_party", "enquiry_answered": "callback",
             "authority_told": "authority_work", "dwelling_remedied": "heat"}  # fmt: skip
    return named.get(kind, "visit")


def _lined_up(verdicts: Verdicts, after: int, begin: int, end: int, course: str, line: str) -> list[Spell]:
    """Return first the drawn time until a case was taken up, then the wait in line that its entry holds."""
    value = float(verdicts.record.value[after]) if after >= 0 else np.nan
    waited = 0 if after >= 0 and np.isnan(value) else end - begin if after < 0 else min(int(value), end - begin)
    return [Spell(course, begin, end - waited), Spell(line, end - waited, end)]


def _stopped(verdicts: Verdicts, seq: int) -> bool:
    """Return whether a dwelling's building had no heat at one of its entries."""
    facts = verdicts.facts
    at, place = int(facts.at[seq]), int(facts.group(facts.subject[[seq]], "substation")[0])
    return len(stops_in(facts, place, at, at + 1).start) > 0


def _hours(verdicts: Verdicts, name: str, at: int) -> float:
    return float(setting_at(verdicts.record, _CASES + name, at)[1] or 0.0)
