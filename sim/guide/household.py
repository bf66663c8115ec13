"""What stood behind a person's call or complaint: how warm it was at home, and what the company had done by then."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..record import KINDS
from .coldest import Coldest, last_fall, room_of
from .facts import Facts, Ints
from .parts import DAY_S, HOUR_S
from .settings import setting_at
from .steps import Step, about, ancestors
from .trouble import (
    BUILDING,
    SERVED,
    arrived_share,
    building_trouble,
    covered,
    late_supply,
    trouble_at,
)
from .verdict import Verdict, Verdicts

__all__ = [
    "STANDARD_C", "about_heat", "at_home", "calls_alone", "cold_by_itself", "cold_lot", "stops_at_home",
    "troubles_behind", "way_to_authority", "went_after_closing",
]  # fmt: skip

STANDARD_C = 18.0  # below this rooms are cold

_BY_PEOPLE = ("call_answered", "call_abandoned", "authority_complained", "complaint_accepted")
_COLD, _NO_HEAT = 0, 1  # topics of a complaint
_USUAL_C = 20.0  # what rooms are kept at where nothing else is said
_NEXT_TO_NOTHING_K = 0.005  # a lot is told to the hundredth of a kelvin


def at_home(verdicts: Verdicts, verdict: Verdict, told: Iterable[int]) -> list[Step]:
    """Return what stood behind the people's own steps among the entries of a story: the household's that it is about.

    That is the dwelling's temperature when somebody first called or complained of the heat, and when it was at the
    standard again; what work at it would have had to bring; for a complaint to the authority whether the company's case
    was open then, and for how long.
    """
    told = list(told)
    record, facts = verdicts.record, verdicts.facts
    people = [(int(facts.at[seq]), seq) for seq in told if KINDS[record.what[seq]].name in _BY_PEOPLE]
    if not people:
        return []
    own = [(at, seq) for at, seq in people if facts.subject[seq] == verdict.subject]
    at, first = min(own or people)  # another's call may have been how a fault was found
    steps = []
    home = room_of(facts, int(facts.subject[first]), at)
    if home is not None and about_heat(verdicts, first):
        steps.append(about(verdicts, Step("context", at, "home_c", value=home.dwelling_c), int(facts.subject[first])))
        cause = int(record.cause[first])
        of_a_stop = cause >= 0 and KINDS[record.what[cause]].name == "outage_started"
        if home.dwelling_c >= STANDARD_C and not of_a_stop:
            steps.append(Step("context", at, "felt_cold"))
        if home.dwelling_c < STANDARD_C <= home.room_c:
            steps.append(Step("context", at, "neighbours_c", value=home.room_c))
        steps += _arrived(verdicts, first)
    steps += _unvisited(verdicts, first, told)
    steps += _at_the_standard(verdicts, told)
    steps += _needed(verdicts, told)
    for at, seq in people:
        if KINDS[record.what[seq]].name == "authority_complained":
            steps += _before_the_authority(verdicts, at, seq)
    return steps


def stops_at_home(verdicts: Verdicts, told: Iterable[int]) -> list[int]:
    """Return the stops of heat behind the complaints in a story that are about one but followed from none.

    Whoever is cold for the dwelling's own fault calls for that; when heat has stopped besides, that is what is noted.
    """
    record, facts = verdicts.record, verdicts.facts
    found = []
    for seq in told:
        if KINDS[record.what[seq]].name != "complaint_accepted" or record.value[seq] != _NO_HEAT:
            continue
        call = int(record.cause[seq])
        if call < 0 or record.cause[call] < 0:
            place = int(facts.group(facts.subject[[seq]], "substation")[0])
            begun = building_trouble(facts, place, int(facts.at[seq]))
            found += [stop for stop in begun if KINDS[record.what[stop]].name == "outage_started"]
    return found


def cold_by_itself(verdicts: Verdicts, subject: int, at: int) -> bool:
    """Return whether a dwelling is below standard by its own lot alone: when its neighbours are at the standard."""
    home = room_of(verdicts.facts, subject, at)
    return home is not None and home.room_c >= STANDARD_C and cold_lot(verdicts, home)


def cold_lot(verdicts: Verdicts, home: Coldest) -> bool:
    """Return whether a dwelling's own lot would keep it below standard in a usual winter, what was remedied counted."""
    target = setting_at(verdicts.record, "operation.room_target_c", home.at_s)[1]
    return float(target or _USUAL_C) + home.dwelling_c - home.room_c < STANDARD_C - _NEXT_TO_NOTHING_K


def calls_alone(verdicts: Verdicts, told: Iterable[int]) -> list[int]:
    """Return what people did for the heat, among the entries of a story, that followed from no other entry."""
    record = verdicts.record
    people = [seq for seq in told if record.cause[seq] < 0 and KINDS[record.what[seq]].name in _BY_PEOPLE]
    return [seq for seq in people if about_heat(verdicts, seq)]


def troubles_behind(verdicts: Verdicts, subject: int, at: int) -> list[int]:
    """Return the entries of the common troubles that had made a cold dwelling cold by an instant, or kept it so.

    None where it is cold by its own lot or has no supply yet. The last fall of its cohort, with what that followed
    from; what had stopped, throttled or rationed its building; what its sources were short of while less heat came than
    it needed. What was over counts for a day, as rooms warm slowly, where nothing lasted.
    """
    facts = verdicts.facts
    home = room_of(facts, subject, at)
    if home is None or home.dwelling_c >= STANDARD_C:
        return []
    if late_supply(facts, subject, at) >= 0 or cold_by_itself(verdicts, subject, at):
        return []
    cohort, place = (facts.group(np.array([subject]), by) for by in ("cohort", "substation"))
    fall = int(last_fall(facts, cohort, np.array([at]), DAY_S)[0])
    found = [fall] if fall >= 0 and verdicts.record.cause[fall] >= 0 else []
    found += building_trouble(facts, int(place[0]), at)
    hour = at // HOUR_S
    if not found:
        found = _lately(facts, int(place[0]), at)
    behind = [cause for seq in found for cause in ancestors(verdicts, seq)]
    hours = [hour] if found else range(hour, max(-1, hour - 24), -1)
    short = next((h for h in hours if _arrived_in(facts, int(place[0]), h) < SERVED), -1)
    worst = trouble_at(facts, short, subject) if short >= 0 and not _short_at(verdicts, behind, at) else -1
    return [*found, *([worst] if worst >= 0 and worst not in behind else [])]


def _at_the_standard(verdicts: Verdicts, told: Iterable[int]) -> list[Step]:
    """Return how warm a dwelling was when it was found, or made, to be at the standard again.

    Its neighbours' rooms are taken as they were at the hour's first instant, which the company's look judges by.
    """
    facts = verdicts.facts
    steps = []
    for seq in told:
        at, subject = int(facts.at[seq]), int(facts.subject[seq])
        begun, home = (room_of(facts, subject, instant) for instant in (at // HOUR_S * HOUR_S, at))
        if KINDS[verdicts.record.what[seq]].name == "dwelling_remedied" and begun is not None and home is not None:
            found_c = begun.room_c + home.dwelling_c - home.room_c  # what the work brought counts from then on
            steps.append(about(verdicts, Step("context", at, "home_c", value=found_c), subject))
    return steps


def _needed(verdicts: Verdicts, told: Iterable[int]) -> list[Step]:
    """Return what work at a dwelling that fell short had to bring: the standard, and a reading's error above it.

    Rooms are taken as they were at the hour's first instant, as the work is judged by.
    """
    facts, record = verdicts.facts, verdicts.record
    steps = []
    for seq in told:
        if KINDS[record.what[seq]].name == "remedy_fell_short" and record.value[seq] > 0.0:
            at = int(facts.at[seq])
            home = room_of(facts, int(facts.subject[seq]), at // HOUR_S * HOUR_S)
            error_k = setting_at(record, "people.cases.reading_error_k", at)[1]
            if home is not None and error_k is not None:
                needed_k = STANDARD_C + float(error_k) - home.dwelling_c
                steps.append(Step("context", at, "needed_k", value=needed_k))
    return steps


def _arrived_in(facts: Facts, substation: int, hour: int) -> float:
    """Return how much of the heat that a building needed in an hour arrived; all where the record does not say [-]."""
    came = arrived_share(facts, substation, hour * HOUR_S, (hour + 1) * HOUR_S)
    return 1.0 if came is None else came


def _arrived(verdicts: Verdicts, call: int) -> list[Step]:
    """Return how little of the heat needed arrived when somebody called for it whose call names no cause."""
    facts = verdicts.facts
    at, subject = int(facts.at[call]), int(facts.subject[call])
    if verdicts.record.cause[call] >= 0 or not troubles_behind(verdicts, subject, at):
        return []
    building = int(facts.group(np.array([subject]), "substation")[0])
    share = _arrived_in(facts, building, at // HOUR_S)
    step = Step("context", at, "heat_came_percent", value=100.0 * share)
    return [about(verdicts, step, building)] if share < SERVED else []


def _lately(facts: Facts, substation: int, at: int) -> list[int]:
    """Return what had last stopped, throttled or rationed a building, if that was over for less than a day."""
    found = facts.intervals(BUILDING)
    mine = found.take((found.subject == substation) & (found.to_s <= at) & (found.to_s > at - DAY_S))
    return [int(mine.start[np.argmax(mine.to_s)])] if len(mine.start) else []


def _short_at(verdicts: Verdicts, told: list[int], at: int) -> bool:
    """Return whether one of some entries is a shortage that lasted at an instant."""
    short = [seq for seq in told if KINDS[verdicts.record.what[seq]].name == "shortage_started"]
    return covered(verdicts.facts, short, at)


def _unvisited(verdicts: Verdicts, first: int, told: list[int]) -> list[Step]:
    """Return how warm it was at home when a case was closed though the measurement asked for had never been made.

    Nothing where its closing is no part of the story.
    """
    facts = verdicts.facts
    case = int(facts.case[first])
    of = {
        kind: rows[facts.case[rows] == case]
        for kind in ("measurement_requested", "visited", "complaint_closed")
        for rows in (facts.rows(kind),)
    }
    if case < 0 or not len(of["measurement_requested"]) or len(of["visited"]) or not len(of["complaint_closed"]):
        return []
    closed = int(of["complaint_closed"][0])
    if closed not in told:
        return []
    home = room_of(facts, int(facts.subject[closed]), int(facts.at[closed]))
    if home is None:
        return []
    step = Step("context", int(facts.at[closed]), "unvisited_c", value=home.dwelling_c)
    return [about(verdicts, step, int(facts.subject[closed]))]


def way_to_authority(verdicts: Verdicts, seq: int) -> str:
    """Return which share of people sent a complainant to the authority, by its name in the scenario."""
    record, cause = verdicts.record, int(verdicts.record.cause[seq])
    came = KINDS[record.what[cause]].name if cause >= 0 else ""
    if came == "complaint_accepted":
        return "escalate_share"
    return "abandoned_direct_share" if came == "call_abandoned" else "direct_share"


def about_heat(verdicts: Verdicts, seq: int) -> bool:
    """Return whether it is the heat that somebody called or complained about.

    What became of a call says so: a complaint by its topic; an enquiry is about something else. Who gave up, or went to
    the authority, did it for the heat.
    """
    record, kind = verdicts.record, KINDS[verdicts.record.what[seq]].name
    accepted = [seq] if kind == "complaint_accepted" else _followed(verdicts, seq, "complaint_accepted")
    if accepted:
        return record.value[accepted[0]] in (_COLD, _NO_HEAT)
    return kind in ("call_abandoned", "authority_complained")


def _followed(verdicts: Verdicts, seq: int, kind: str) -> list[int]:
    rows = verdicts.facts.rows(kind)
    return [int(row) for row in rows[verdicts.record.cause[rows] == seq]]


def _before_the_authority(verdicts: Verdicts, at: int, seq: int) -> list[Step]:
    """Return what had become of the company's own case when its complainant went to the authority."""
    record, facts = verdicts.record, verdicts.facts
    way = way_to_authority(verdicts, seq)
    if way != "escalate_share":
        return [Step("context", at, "went_direct" if way == "direct_share" else "went_unanswered")]
    begun, closed = int(facts.at[record.cause[seq]]), _closed_before(verdicts, seq)
    if len(closed):
        return [Step("context", at, "case_closed_d", value=(int(facts.at[closed[-1]]) - begun) / DAY_S)]
    return [Step("context", at, "case_open_d", value=(at - begun) / DAY_S)]


def went_after_closing(verdicts: Verdicts, seq: int) -> bool:
    """Return whether an entry is a complaint to the authority by somebody whose case the company had closed."""
    kind = KINDS[verdicts.record.what[seq]].name
    if kind != "authority_complained" or way_to_authority(verdicts, seq) != "escalate_share":
        return False
    return len(_closed_before(verdicts, seq)) > 0


def _closed_before(verdicts: Verdicts, seq: int) -> Ints:
    """Return when the company had closed, by the time of an escalation, the case that it followed from."""
    facts, accepted = verdicts.facts, int(verdicts.record.cause[seq])
    closed = facts.rows("complaint_closed")
    mine = (facts.case[closed] == facts.case[accepted]) & (facts.at[closed] <= facts.at[seq])
    return np.asarray(closed[mine])
