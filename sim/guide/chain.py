"""Why a verdict is what it is: the entries it follows from, back to the draw or decision that began the chain.

Data only; the words are made where things are said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..record import KINDS
from .chilled import fell_again, kept_cold, long_over, warm_neighbours
from .clause import Clause
from .context import context
from .excused import excuse_entries, excuse_facts, excused_by, too_late
from .household import at_home, calls_alone, stops_at_home, troubles_behind
from .lines import in_line
from .parts import DAY_S, Floor, Part, Throughout, Within, numbers_named
from .rooms import besides
from .roots import roots
from .steps import Context, Role, Step, about, ancestors, entry
from .trouble import (
    COLD,
    FAR,
    SERVED,
    arrived_share,
    building_trouble,
    deepened_by,
    kept_out,
    lasted,
    late_lots,
    late_supply,
    over_by,
    own_source_ready,
)
from .verdict import Verdict, Verdicts
from .waiting import closed_by_heat, cold_before, cold_meanwhile, looked_at, unexplained, wait_for_heat, waited_through

__all__ = ["Chain", "Step", "chain"]

_SUMMED = ("cold_days", "noted_hours", "excused_hours")  # facts of the whole season


@dataclass(frozen=True, slots=True)
class Chain:
    """A verdict's story: its steps in order of time, the verdict last.

    Attributes
    ----------
    verdict : Verdict
    steps : tuple of Step
    place, gloss_zh, gloss_en, reading_zh, reading_en : str
        Of the clause.
    numbers : dict
        The clause's numbers as judged: name -> (value, unit, assumed).
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    place: str
    gloss_zh: str
    gloss_en: str
    reading_zh: str
    reading_en: str
    numbers: dict[str, tuple[float, str, bool]]


def chain(verdicts: Verdicts, address: str) -> Chain:
    """Return the story of the verdict at an address such as ``2.6.4c/17``.

    Raises
    ------
    RecordError
        When there is no such verdict.
    """
    verdict = _answered_about_it(verdicts, verdicts.find(address))
    clause = verdicts[verdict.clause].clause
    part = next(part for part in clause.parts if part.id == verdict.part)
    told = context(verdicts, verdict, part)
    roles, meanwhile = _entries(verdicts, verdict, part, told)
    steps = [entry(verdicts, seq, role) for seq, role in roles.items()]
    steps.sort(key=lambda step: (step.at_s, step.seq))
    steps += [*_instants(verdicts, verdict, part), *told.facts, *meanwhile]
    steps += _facts(verdicts, verdict, part, roles)
    decided = _decisions(verdicts, verdict, part, steps)
    steps += [entry(verdicts, seq, "standing") for seq in decided if seq not in roles]
    if decided and verdicts.facts.start_s < int(verdicts.record.calendar["season_start"]):
        steps.append(Step("context", verdicts.facts.start_s, "period_counts"))
    steps.sort(key=lambda step: (step.at_s is None, step.at_s or 0))
    steps += roots(verdicts, verdict, part, steps)
    detail = {"state": verdict.state, "margin": verdict.margin, "unit": verdict.unit, "amount": verdict.amount,
              "counted": verdict.counted, "never_done": verdict.never_done,
              "excused_by": excused_by(verdicts, verdict, part)}  # fmt: skip
    steps.append(about(verdicts, Step("verdict", None, detail=detail), verdict.subject))
    return Chain(verdict, tuple(steps), clause.place, clause.gloss_zh, clause.gloss_en, clause.reading_zh,
                 clause.reading_en, _numbers(verdicts, clause, part, verdict, bool(decided)))  # fmt: skip


def _answered_about_it(verdicts: Verdicts, verdict: Verdict) -> Verdict:
    """Return a verdict answered by the entry about its own subject, where a case's were answered at one instant."""
    facts, done = verdicts.facts, verdict.response
    if done < 0 or verdict.case < 0 or facts.subject[done] == verdict.subject:
        return verdict
    alike = facts.rows(KINDS[verdicts.record.what[done]].name)
    alike = alike[(facts.case[alike] == verdict.case) & (facts.at[alike] == facts.at[done])]
    own = alike[facts.subject[alike] == verdict.subject]
    return replace(verdict, response=int(own[0])) if len(own) else verdict


def _entries(verdicts: Verdicts, verdict: Verdict, part: Part, told: Context) -> tuple[dict[int, Role], list[Step]]:
    """Return the entries of a story with the part that each plays; and what is told of a time only waited through.

    First what is the verdict's own, then what stood behind that, in an order in which each finds what it rests on.
    """
    trigger = verdict.trigger if told.trigger is None else told.trigger
    roles: dict[int, Role] = dict.fromkeys(told.case, "case")
    roles |= dict.fromkeys(told.standing, "standing")
    excusing, faults = excuse_entries(verdicts, verdict, part, _moment(verdicts, verdict, told))
    roles |= dict.fromkeys(excusing, "case")
    _add_causes(verdicts, [verdict.response, *told.causes, *faults, trigger], roles)
    roles |= {
        seq: _role(part, role) for seq, role in ((verdict.response, "response"), (trigger, "trigger")) if seq >= 0
    }
    for seq in _before_in_case(verdicts, trigger):
        roles.setdefault(seq, "draw")
    _add_causes(verdicts, _troubles_of_calls(verdicts, list(roles)), roles)
    _add_causes(verdicts, kept_cold(verdicts, verdict, list(roles)), roles)
    _add_causes(verdicts, stops_at_home(verdicts, list(roles)), roles)
    kept, meanwhile = waited_through(verdicts, verdict, part)
    _add_causes(verdicts, kept, roles)
    _add_causes(verdicts, _at_falls(verdicts, list(roles)), roles)
    _add_causes(verdicts, _deepened(verdicts, _worst_by(verdicts, verdict, told), list(roles)), roles)
    _add_causes(verdicts, late_lots(verdicts.facts, list(roles)), roles)
    _add_causes(verdicts, kept_out(verdicts.facts, list(roles), _end(verdicts, verdict)).values(), roles)
    supply = _late_supply(verdicts, trigger)
    _add_causes(verdicts, supply, roles)
    roles |= dict.fromkeys(supply, "case")
    for call in calls_alone(verdicts, list(roles)):
        if roles[call] == "draw" and _has_reason(verdicts, call):
            roles[call] = "cause"
    fallen, in_all = cold_meanwhile(verdicts, verdict, part)
    meanwhile += in_all
    for fell in [*fell_again(verdicts, verdict, list(roles)), *fallen, *cold_before(verdicts, verdict)]:
        roles.setdefault(fell, "case")
    for over in _over(verdicts, verdict, list(roles)):
        roles.setdefault(over, "case")
    for ready in _ready_before(verdicts, list(roles)):
        roles.setdefault(ready, "case")
    return roles, meanwhile


def _facts(verdicts: Verdicts, verdict: Verdict, part: Part, roles: dict[int, Role]) -> list[Step]:
    """Return what is told beside the entries of a story and of what they rest on."""
    told = list(roles)
    home = at_home(verdicts, verdict, told)
    return [
        *besides(verdicts, verdict, told, wait_for_heat(verdicts, verdict, part)),
        *long_over(verdicts, told),
        *warm_neighbours(verdicts, told, any(step.what == "neighbours_c" for step in home)),
        *_began_together(verdicts, told),
        *_rationed(verdicts, told),
        *_kept_out(verdicts, verdict, told),
        *_without_power(verdicts, told),
        *home,
        *in_line(verdicts, verdict, part, told),
        *closed_by_heat(verdicts, verdict),
        *looked_at(verdicts, verdict, part),
        *unexplained(verdicts, verdict, part),
        *excuse_facts(verdicts, verdict, part),
        *too_late(verdicts, verdict, part),
    ]


def _role(part: Part, role: str) -> Role:
    """Return the role of an entry that opened or answered a duty: of what is watched, what ended it or broke it."""
    if isinstance(part, Throughout) and part.measure in ("covered", "never"):
        return "opened_by" if role == "trigger" else "case" if part.measure == "covered" else "forbidden"
    if isinstance(part, Throughout) and part.measure == "attended":
        return "fell_short"
    return "trigger" if role == "trigger" else "response"


def _instants(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return the instants that are no entries: when time began, when it was over, that nothing came."""
    steps: list[Step] = []
    if isinstance(part, Floor) and part.measure == "warm_at" and verdict.opened_s is not None:
        return [Step("due", verdict.opened_s)]
    if verdict.due_s is None:
        return steps
    due = round(verdict.due_s)
    if isinstance(part, Floor | Throughout):  # a day or a month: nothing was to be done by its end
        begun = [Step("from", verdict.opened_s)] if verdict.opened_s is not None else []
        return [*begun, Step("to", due)]
    if verdict.trigger >= 0 and verdict.opened_s not in (None, int(verdicts.facts.at[verdict.trigger])):
        steps.append(about(verdicts, Step("opened", verdict.opened_s), verdict.subject))
    steps.append(Step("due", due))
    if verdict.answered_s is None and verdict.response < 0 and verdict.state in ("missed", "open"):
        steps.append(Step("absent", verdicts.facts.end_s))
    return steps


def _decisions(verdicts: Verdicts, verdict: Verdict, part: Part, steps: list[Step]) -> list[int]:
    """Return the authority's decisions by which a duty fell into a longer heating period, or was due at its edge."""
    facts, calendar = verdicts.facts, verdicts.record.calendar
    if verdict.clause not in verdicts.guide.moved_by_decision:
        return []
    told = [step for step in steps if step.role in ("context", "due", "from", "opened") and step.what not in _SUMMED]
    at = [step.at_s for step in told if step.at_s is not None]
    if isinstance(part, Within) and part.clock == "after_season":  # its due is reckoned from the season's end
        at.append(facts.season_end_s)
    edges = (("early_start_decided", facts.start_s, int(calendar["season_start"])),
             ("extension_decided", int(calendar["season_end"]) + 1, facts.season_end_s + 1))  # fmt: skip
    moved = [kind for kind, begin, end in edges if any(begin <= instant < end for instant in at)]
    return [int(seq) for kind in moved for seq in facts.rows(kind)]


def _numbers(
    verdicts: Verdicts, clause: Clause, part: Part, verdict: Verdict, decided: bool
) -> dict[str, tuple[float, str, bool]]:
    """Return the clause's numbers, and those of other clauses that this part and its excuses turn on.

    By what notice a decision counts is one, where a decision was.
    Those by which a fault nobody found counts as found are left out where it was.
    """
    numbers = dict(clause.numbers)
    rules = [verdicts.guide.excuses[name] for name in part.excuses]
    borrowed = [*numbers_named(part), *(number for rule in rules for number in rule.numbers)]
    borrowed += [verdicts.guide.decision_notice] if decided else []
    if verdict.trigger >= 0 and verdict.opened_s == int(verdicts.facts.at[verdict.trigger]):
        overlooked = [trigger for trigger in getattr(part, "trigger", ()) if trigger.derive == "unnoticed"]
        borrowed = [name for name in borrowed if not any(name in numbers_named(trigger) for trigger in overlooked)]
    for name in borrowed:
        if "/" in name and not name.startswith(f"{clause.id}/"):
            numbers[name] = verdicts.guide.full_number(name)
    return {name: (number.value, number.unit, number.assumed) for name, number in numbers.items()}


def _troubles_of_calls(verdicts: Verdicts, told: list[int]) -> list[int]:
    """Return the common troubles behind what people did for the heat that names no cause."""
    facts = verdicts.facts
    calls = calls_alone(verdicts, told)
    return [seq for call in calls for seq in troubles_behind(verdicts, int(facts.subject[call]), int(facts.at[call]))]


def _has_reason(verdicts: Verdicts, call: int) -> bool:
    """Return whether what somebody did for the heat followed from common troubles, or from supply that began late."""
    subject, at = int(verdicts.facts.subject[call]), int(verdicts.facts.at[call])
    return bool(troubles_behind(verdicts, subject, at)) or late_supply(verdicts.facts, subject, at) >= 0


def _moment(verdicts: Verdicts, verdict: Verdict, told: Context) -> int:
    """Return of which instant a story tells: of what rooms or heat are measured at, else of when its duty arose [s]."""
    measured = [step.at_s for step in told.facts if step.what in ("room_c", "served_percent") and step.at_s is not None]
    arose = verdict.opened_s if verdict.opened_s is not None else verdicts.facts.end_s
    return max(measured, default=arose)


def _worst_by(verdicts: Verdicts, verdict: Verdict, told: Context) -> int:
    """Return by which instant what made a shortage worse is told: a household's case lasts till it was done or due.

    And an operator's day till its end.
    """
    listed = verdict.subject < verdicts.facts.listed and verdicts.record.subjects.kind[verdict.subject] != "operator"
    return _moment(verdicts, verdict, told) if listed else _end(verdicts, verdict)


def _deepened(verdicts: Verdicts, until: int, told: list[int]) -> list[int]:
    """Return what had made the shortages of a story worse by an instant."""
    short = [seq for seq in told if KINDS[verdicts.record.what[seq]].name == "shortage_started"]
    worse = (row for seq in short for row in deepened_by(verdicts.facts, seq, until))
    return [row for row in worse if row not in told]


def _at_falls(verdicts: Verdicts, told: list[int]) -> list[int]:
    """Return what made rooms fall besides the long shortage that they fell in: what had come of it in the day before.

    And what had stopped, throttled or rationed their building when they fell, where it missed heat then.
    """
    facts, cold, found = verdicts.facts, verdicts.facts.intervals(COLD), list[int]()
    for row in np.flatnonzero(np.isin(cold.start, told)).tolist():
        at, behind = int(cold.from_s[row]), ancestors(verdicts, int(cold.start[row]))
        short = [seq for seq in behind if KINDS[verdicts.record.what[seq]].name == "shortage_started"]
        earlier = cold.to_s[(cold.subject == cold.subject[row]) & (cold.to_s <= at)]
        since = max([at - DAY_S, *earlier.tolist()])
        if not short or facts.at[short[0]] >= since:
            continue
        place = int(facts.group(cold.subject[[row]], "substation")[0])
        found += deepened_by(facts, short[0], at, since)
        share = arrived_share(facts, place, at, at + 1)
        found += building_trouble(facts, place, at) if share is not None and share < SERVED else []
    return found


def _late_supply(verdicts: Verdicts, trigger: int) -> list[int]:
    """Return the late beginning of supply that a household's duty arose before, or for which rooms were cold."""
    facts = verdicts.facts
    if trigger < 0 or facts.subject[trigger] < facts.listed:
        return []
    case = facts.case[trigger]
    mine = np.flatnonzero((facts.case == case) & (facts.subject == facts.subject[trigger])) if case >= 0 else [trigger]
    supply = late_supply(facts, int(facts.subject[trigger]), int(facts.at[mine].min()))
    return [supply] if supply >= 0 else []


def _ready_before(verdicts: Verdicts, told: list[int]) -> dict[int, int]:
    """Return by which trial runs sources were ready that began only with the last, and with which preheating."""
    facts = verdicts.facts
    supply = [seq for seq in told if KINDS[verdicts.record.what[seq]].name == "supply_started"]
    ready = {own_source_ready(facts, seq): int(verdicts.record.cause[seq]) for seq in supply}
    return {trial: preheat for trial, preheat in ready.items() if trial >= 0}


def _began_together(verdicts: Verdicts, told: list[int]) -> list[Step]:
    """Return that a building's own source, ready before, began only with the last of its network."""
    facts = verdicts.facts
    return [
        about(verdicts, Step("context", int(facts.at[preheat]), "began_together"), int(facts.subject[trial]))
        for trial, preheat in _ready_before(verdicts, told).items()
        if preheat in told
    ]


def _rationed(verdicts: Verdicts, told: list[int]) -> list[Step]:
    """Return what share of its need a building got while it was rationed, where that is far from what was ordered."""
    facts, record = verdicts.facts, verdicts.record
    steps = []
    for seq in told:
        if KINDS[record.what[seq]].name == "rationing_started":
            place = int(facts.subject[seq])
            came = arrived_share(facts, place, *lasted(facts, seq))
            if came is not None and abs(came - float(record.value[seq])) > FAR:
                fact = Step("context", int(facts.at[seq]), "rationed_arrived_percent", value=100.0 * came)
                steps.append(about(verdicts, fact, place))
    return steps


def _kept_out(verdicts: Verdicts, verdict: Verdict, told: list[int]) -> list[Step]:
    """Return when late lots would have come that closed roads then kept from the gate."""
    kept = kept_out(verdicts.facts, told, _end(verdicts, verdict))
    return [about(verdicts, Step("context", due_s, "kept_from_gate"), store) for due_s, store in kept]


def _without_power(verdicts: Verdicts, told: list[int]) -> list[Step]:
    """Return of buildings stopped by a failure of power noted of another place that they were of the area it struck."""
    facts, record = verdicts.facts, verdicts.record
    steps = []
    for seq in told:
        failed = int(record.cause[seq])
        of_power = failed >= 0 and KINDS[record.what[failed]].name == "power_failed"
        if (
            of_power
            and KINDS[record.what[seq]].name == "outage_started"
            and facts.subject[seq] != facts.subject[failed]
        ):
            struck = Step("context", int(facts.at[seq]), "without_power")
            steps.append(about(verdicts, struck, int(facts.subject[seq])))
    return steps


def _over(verdicts: Verdicts, verdict: Verdict, told: list[int]) -> list[int]:
    """Return when the troubles in a household's story were over and rooms warm again, if by the end of its duty."""
    facts = verdicts.facts
    if verdict.subject < facts.listed:
        return []
    until = _end(verdicts, verdict)
    cold = facts.intervals(COLD)
    warm = cold.take(np.isin(cold.start, told) & cold.ended & (cold.to_s <= until))
    return [*over_by(facts, told, until), *(int(rise) for rise in warm.end)]


def _end(verdicts: Verdicts, verdict: Verdict) -> int:
    """Return until when a duty ran: done or due, whichever was later [s]."""
    ends = [end for end in (verdict.answered_s, verdict.due_s) if end is not None]
    return round(max(ends, default=verdicts.facts.end_s))


def _before_in_case(verdicts: Verdicts, trigger: int) -> list[int]:
    """Return what a log says began the case of an entry whose cause it does not name: when a fault occurred, say."""
    case = int(verdicts.facts.case[trigger]) if trigger >= 0 else -1
    if case < 0 or verdicts.record.cause[trigger] >= 0:
        return []
    mine = np.flatnonzero(verdicts.facts.case == case)
    first = int(mine[np.lexsort((mine, verdicts.facts.at[mine]))[0]])
    return [first] if first != trigger and verdicts.facts.at[first] <= verdicts.facts.at[trigger] else []


def _add_causes(verdicts: Verdicts, seqs: Iterable[int], roles: dict[int, Role]) -> None:
    """Take entries and what they followed from into the story, where they do not play a part already."""
    for ancestor in (row for seq in seqs for row in ancestors(verdicts, seq)):
        if roles.get(ancestor, "case") in ("case", "standing"):
            roles[ancestor] = "draw" if verdicts.record.cause[ancestor] < 0 else "cause"
