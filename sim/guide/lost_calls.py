"""Why a day's calls were given up, when most of them were, and how many agents were on duty then."""

from __future__ import annotations

import numpy as np

from .facts import Facts, Ints
from .household import troubles_behind
from .parts import HOUR_S
from .steps import Step, about, ancestors
from .trouble import in_hour, late_supply
from .verdict import Verdicts

__all__ = ["lost_causes", "lost_for", "lost_when", "lost_why", "short_then"]

_NOTED = 1.0 / 3.0  # of a day's calls: what brought about fewer is no reason for that day
_NONE, _WAITED = -1, -2  # no entry that a call followed from, and no supply where it came from
_TOLD, _FEW = 3, 1.0 / 30.0  # causes of a day's calls told at most; and the least share of them worth telling


def lost_causes(verdicts: Verdicts, calls: Ints) -> Ints:
    """Return the entry that each call followed from; -1 for none, :data:`_WAITED` where supply had not begun.

    One that names no cause followed from what had made its home cold.
    """
    cause: Ints = verdicts.record.cause[calls].astype(np.int64)
    facts = verdicts.facts
    building, at = facts.group(facts.subject[calls], "substation"), facts.at[calls]
    cause[(cause < 0) & (at >= facts.start_s) & (_first_supply(facts)[building] > at)] = _WAITED
    for place in np.flatnonzero(cause == _NONE).tolist():
        cause[place] = _cause(verdicts, int(calls[place]))
    return cause


def lost_why(
    verdicts: Verdicts, operator: int, calls: Ints, cause: Ints, begin: int, end: int
) -> tuple[list[Step], list[int]]:
    """Return what the calls given up in a day followed from, if not from many things; how many from nothing in common.

    And how many buildings were still to be supplied that day, and how many of the calls were from there.
    """
    facts = verdicts.facts
    if not len(calls):
        return [], []
    buildings = facts.subjects_of("substation")
    ours = buildings[facts.group(buildings, "operator") == operator]
    unsupplied = int((_first_supply(facts)[ours] > max(begin, facts.start_s)).sum())
    steps = [Step("context", begin, "unsupplied", value=float(unsupplied))] if unsupplied else []
    waited, followed = int((cause == _WAITED).sum()), cause[cause >= 0]
    own = len(calls) - len(followed) - waited
    if waited:
        steps.append(Step("context", end, "unsupplied_percent", value=100.0 * waited / len(calls)))
    if own or not waited:
        steps.append(Step("context", end, "own_cause_percent", value=100.0 * own / len(calls)))
    if not len(followed):
        return steps, []
    begun = facts.roots()[followed]
    names, count = np.unique(begun, return_counts=True)
    most = np.argsort(-count, kind="stable")[:_TOLD]
    if count[most[0]] < _NOTED * len(calls):
        share = Step("context", end, "any_cause_percent", value=100.0 * int(count[most[0]]) / len(calls))
        return [*steps, about(verdicts, share, int(facts.subject[names[most[0]]]))], []
    told = [place for place in most if count[place] >= _FEW * len(calls)]
    for place in told:
        detail = {"began": int(facts.at[names[place]])}  # other things may be told of that place
        same = Step("context", end, "same_cause_percent", value=100.0 * int(count[place]) / len(calls), detail=detail)
        steps.append(about(verdicts, same, int(facts.subject[names[place]])))
    rest = 100.0 * (len(followed) - int(count[told].sum())) / len(calls)
    if rest > 0.0:
        steps.append(Step("context", end, "other_causes_percent", value=rest))
    return steps, [_usual(verdicts, followed[begun == names[place]]) for place in told]


def lost_for(verdicts: Verdicts, cause: Ints, short: list[int]) -> list[int]:
    """Return those of some shortages from which more than a few of a day's lost calls followed, by what they did."""
    behind = [row for seq in cause[cause >= 0].tolist() for row in ancestors(verdicts, seq)]
    return [seq for seq in short if behind.count(seq) >= max(_FEW * len(cause), 1.0)]


def _usual(verdicts: Verdicts, followed: Ints) -> int:
    """Return an entry that calls followed from, all from one beginning: by what came of it that most of them go by."""
    first = np.array([ancestors(verdicts, seq)[-2:][0] for seq in followed.tolist()])
    ways, count = np.unique(first, return_counts=True)
    return int(followed[first == ways[np.argmax(count)]][0])


def _cause(verdicts: Verdicts, call: int) -> int:
    """Return what had made a caller's home cold; -1 for nothing in common, `_WAITED` for supply that began late."""
    subject, at = int(verdicts.facts.subject[call]), int(verdicts.facts.at[call])
    if late_supply(verdicts.facts, subject, at) >= 0:
        return _WAITED
    return next(iter(troubles_behind(verdicts, subject, at)), _NONE)


def _first_supply(facts: Facts) -> Ints:
    """Return when supply first began at each listed subject, shape (listed,) [s]; after all time where it never did.

    Where neither an entry nor the tracks tell, it is taken to have been on from the first.
    """
    first = np.full(facts.listed, -1, np.int64)
    need, rows = facts.record.tracks.get("substation_need_w"), facts.record.subjects.rows("substation")
    if need is not None:
        first[rows[~(need > 0.0).any(axis=0)]] = np.iinfo(np.int64).max
    supply = facts.rows("supply_started")[::-1]  # of several the first one stays
    first[facts.subject[supply]] = facts.at[supply]
    return first


def short_then(verdicts: Verdicts, told: list[int], lost: list[Step]) -> list[Step]:
    """Return how short the sources of some shortages were in the hour in which most calls were given up, and of what.

    How short they became in all their time may be of another hour.
    """
    at = next((step.at_s for step in lost if step.what == "lost_in_hour" and step.at_s is not None), None)
    found = []
    for seq in dict.fromkeys(told):
        then = in_hour(verdicts.facts, seq, at // HOUR_S) if at is not None else None
        if then is not None:
            step = Step("context", at, "short_then_percent", value=100.0 * then.share, detail={"lacked": then.lacked})
            found.append(about(verdicts, step, int(verdicts.facts.subject[seq])))
    return found


def lost_when(facts: Facts, calls: Ints) -> list[Step]:
    """Return the hour in which most of some calls were given up, how many they were, and how many agents were there.

    Nothing where the record does not say who was on duty.
    """
    agents = facts.record.tracks.get("agents_on_duty")
    if agents is None or not len(calls):
        return []
    hours, count = np.unique(facts.at[calls] // HOUR_S, return_counts=True)
    hour = int(hours[np.argmax(count)])
    if hour >= len(agents):
        return []
    return [
        Step("context", hour * HOUR_S, "lost_in_hour", value=float(count.max())),
        Step("context", hour * HOUR_S, "agents_on_duty", value=float(agents[hour])),
    ]
