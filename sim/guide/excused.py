"""What a story tells of an excuse: by which rule, and the facts that it rests on; or that it was noted too late."""

from __future__ import annotations

import numpy as np

from ..record import KINDS
from .excuses import excuses_behind, excusing_entries, noted_too_late
from .facts import Intervals
from .parts import DAY_S, Part, Throughout, Within
from .steps import Step
from .verdict import Verdict, Verdicts

__all__ = ["excuse_entries", "excuse_facts", "excused_by", "too_late"]


def excused_by(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[dict[str, str]]:
    """Return what excuses a verdict, in both languages."""
    rules = {name: verdicts.guide.excuses[name] for name in _behind(verdicts, verdict, part)}
    return [{"name": name, "zh": rule.zh, "en": rule.en} for name, rule in rules.items()]


def excuse_entries(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[int], list[int]]:
    """Return the entries that excuse a verdict: those noted for it; and of the first fault behind it, its beginning."""
    behind = _behind(verdicts, verdict, part)
    if not behind:
        return [], []
    rows = verdicts.part(verdict.clause, verdict.part).rows
    noted = excusing_entries(verdicts.facts, verdicts.guide, part, rows, verdict.row)
    found = _faults(verdicts, verdict, part, behind)
    if not len(found.start):
        return noted, []
    first = int(np.argmin(found.from_s))
    return [*noted, *[int(end) for end in found.end[first : first + 1] if end >= 0]], [int(found.start[first])]


def excuse_facts(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return the facts that an excuse rests on besides entries: how cold it was, and how many faults there were."""
    facts, steps = verdicts.facts, []
    behind = _behind(verdicts, verdict, part)
    end = min(facts.season_end_s, facts.end_s)
    for name in behind:
        rule = verdicts.guide.excuses[name]
        mean = facts.daily_mean_c()
        if rule.rule != "weather" or not len(mean):
            continue
        if isinstance(part, Within):
            day = (verdict.opened_s or 0) // DAY_S
            steps.append(Step("context", verdict.opened_s, "outdoor_daily_mean_c", value=float(mean[day])))
            continue
        cold = facts.cold_days(verdicts.guide.full_number(rule.number).value)
        days = (np.minimum(cold.to_s, end) - np.maximum(cold.from_s, facts.start_s)).clip(min=0).sum() / DAY_S
        steps.append(Step("context", end, "cold_days", value=float(days)))
    found = _faults(verdicts, verdict, part, behind)
    if len(found.start) > 1:
        kinds, count = np.unique(verdicts.record.what[found.start], return_counts=True)
        steps += [Step("counted", end, KINDS[k].name, value=float(n)) for k, n in zip(kinds, count, strict=True)]
    return steps


def too_late(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return that what would have excused a duty was noted only after it was due."""
    if verdict.state not in ("late", "missed") or verdict.due_s is None:
        return []
    rows = verdicts.part(verdict.clause, verdict.part).rows
    noted = noted_too_late(verdicts.facts, verdicts.guide, part, rows, verdict.row)
    return [Step("context", int(verdicts.facts.at[noted]), "excuse_too_late")] if noted >= 0 else []


def _behind(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[str]:
    if verdict.state != "excused":
        return []
    rows = verdicts.part(verdict.clause, verdict.part).rows
    return excuses_behind(verdicts.facts, verdicts.guide, part, rows, verdict.row)


def _faults(verdicts: Verdicts, verdict: Verdict, part: Part, behind: list[str]) -> Intervals:
    """Return what recorded faults did to a verdict's building in the heating period, where a rule speaks of them."""
    facts = verdicts.facts
    found = facts.fault_intervals()
    if not any(verdicts.guide.excuses[name].rule == "fault" for name in behind) or verdict.subject < 0:
        return found.take(np.zeros(len(found.start), bool))
    place = int(facts.group(np.array([verdict.subject]), "substation")[0])
    found = found.take((found.subject == place) & (found.to_s > facts.start_s) & (found.from_s < facts.season_end_s))
    if not isinstance(part, Throughout) or part.measure != "uninterrupted":
        return found
    bad = facts.intervals(part.bad)  # which alone are counted: a throttling is none of them, but may excuse one
    bad = bad.take(bad.subject == place)
    rules = [verdicts.guide.excuses[name] for name in behind]
    recovery_s = sum(verdicts.guide.full_number(rule.number).seconds for rule in rules if rule.rule == "fault")
    touched = (found.from_s[:, None] < bad.to_s) & (found.to_s[:, None] + recovery_s > bad.from_s)
    return found.take(touched.any(axis=1)) if touched.any() else found
