"""What stood behind a person's call or complaint: how warm it was at home, and what the company had done by then."""

from __future__ import annotations

from collections.abc import Iterable

from ..record import KINDS
from .coldest import room_of
from .parts import DAY_S
from .steps import Step, about
from .trouble import building_trouble
from .verdict import Verdicts

__all__ = ["about_heat", "at_home", "stops_at_home", "way_to_authority"]

_BY_PEOPLE = ("call_answered", "call_abandoned", "authority_complained", "complaint_accepted")
_COLD, _NO_HEAT = 0, 1  # topics of a complaint
_STANDARD_C = 18.0


def at_home(verdicts: Verdicts, told: Iterable[int]) -> list[Step]:
    """Return what stood behind the people's own steps among the entries of a story.

    That is the dwelling's temperature when somebody first called or complained of the heat, and for a complaint to the
    authority whether the company's case was open then, and for how long.
    """
    record, facts = verdicts.record, verdicts.facts
    people = [(int(facts.at[seq]), seq) for seq in told if KINDS[record.what[seq]].name in _BY_PEOPLE]
    if not people:
        return []
    at, first = min(people)
    steps = []
    home = room_of(facts, int(facts.subject[first]), at)
    if home is not None and about_heat(verdicts, first):
        steps.append(about(verdicts, Step("context", at, "home_c", value=home.dwelling_c), int(facts.subject[first])))
        if KINDS[record.what[first]].name == "authority_complained" and home.dwelling_c >= _STANDARD_C:
            steps.append(Step("context", at, "felt_cold"))
    steps += _unvisited(verdicts, first)
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


def _unvisited(verdicts: Verdicts, first: int) -> list[Step]:
    """Return how warm it was at home when a case was closed though the measurement asked for had never been made."""
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
    accepted = int(record.cause[seq])
    closed = facts.rows("complaint_closed")
    closed = closed[(facts.case[closed] == facts.case[accepted]) & (facts.at[closed] <= at)]
    begun = int(facts.at[accepted])
    if len(closed):
        return [Step("context", at, "case_closed_d", value=(int(facts.at[closed[-1]]) - begun) / DAY_S)]
    return [Step("context", at, "case_open_d", value=(at - begun) / DAY_S)]
