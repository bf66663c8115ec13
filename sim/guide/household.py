"""What stood behind a person's call or complaint: how warm it was at home, and what the company had done by then."""

from __future__ import annotations

from collections.abc import Iterable

from ..record import KINDS
from .coldest import room_of
from .parts import DAY_S
from .steps import Step, about
from .verdict import Verdicts

__all__ = ["at_home", "way_to_authority"]

_BY_PEOPLE = ("call_answered", "call_abandoned", "authority_complained", "complaint_accepted")
_COLD, _NO_HEAT = 0, 1  # topics of a complaint


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
    if home is not None and _of_heat(verdicts, [seq for _, seq in people]):
        steps.append(about(verdicts, Step("context", at, "home_c", value=home.dwelling_c), int(facts.subject[first])))
    for at, seq in people:
        if KINDS[record.what[seq]].name == "authority_complained":
            steps += _before_the_authority(verdicts, at, seq)
    return steps


def way_to_authority(verdicts: Verdicts, seq: int) -> str:
    """Return which share of people sent a complainant to the authority, by its name in the scenario."""
    record, cause = verdicts.record, int(verdicts.record.cause[seq])
    came = KINDS[record.what[cause]].name if cause >= 0 else ""
    if came == "complaint_accepted":
        return "escalate_share"
    return "abandoned_direct_share" if came == "call_abandoned" else "direct_share"


def _of_heat(verdicts: Verdicts, people: list[int]) -> bool:
    """Return whether it is the heat that somebody called about: a topic noted says so, and no other kind of case."""
    record = verdicts.record
    topics = [record.value[seq] for seq in people if KINDS[record.what[seq]].name == "complaint_accepted"]
    if topics:
        return topics[0] in (_COLD, _NO_HEAT)
    return any(KINDS[record.what[seq]].name in ("call_abandoned", "authority_complained") for seq in people)


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
