"""What can stand in for a duty that was not met: recorded happenings, abnormal weather, a fault's touch.

An excuse covers only what it touched, for the time it touched it, and only when it was noted by the time the duty was
due, so that a verdict of ``excused`` does not change when the record goes on.
"""

from __future__ import annotations

import numpy as np

from .clause import ExcuseRule, Guide
from .facts import I64, Facts, Mask
from .parts import Part, Reported, Within
from .rows import NEVER, Rows
from .spans import Spans, union

__all__ = ["excuse_rows", "excused_spans"]


def excuse_rows(facts: Facts, guide: Guide, part: Part, rows: Rows) -> Rows:
    """Return the rows with the excuses applied that speak of whole duties.

    Weather does so for a duty that a single happening opened (``within``): it excuses what was opened on an abnormal
    day. Parts that watch periods take the excused time out of them themselves (:func:`excused_spans`).
    """
    for name in part.excuses if not isinstance(part, Reported) else ():
        rule = guide.excuses[name]
        if rule.rule == "entries":
            rows = rows.excuse(_noted_in_time(facts, rule, rows))
        elif rule.rule == "weather" and isinstance(part, Within):
            rows = rows.excuse(_on_cold_days(facts, guide.full_number(rule.number).value, rows))
    return rows


def excused_spans(facts: Facts, guide: Guide, names: tuple[str, ...]) -> tuple[Spans, dict[int, Spans]]:
    """Return the excused spans that hold everywhere, and those of single substations joined with them.

    Returns
    -------
    everywhere : list of (from, to)
        Abnormal weather [s].
    of_substation : dict
        Subjects row of a substation -> its spans, abnormal weather included; only substations a fault touched.
    """
    rules = {guide.excuses[name].rule: guide.excuses[name] for name in names}
    everywhere: Spans = []
    if "weather" in rules:
        cold = facts.cold_days(guide.full_number(rules["weather"].number).value)
        everywhere = union(zip(cold.from_s.tolist(), cold.to_s.tolist(), strict=True))
    touched: dict[int, Spans] = {}
    if "fault" in rules:
        fault = facts.fault_intervals(guide.full_number(rules["fault"].number).seconds)
        for subject, begin, end in zip(fault.subject.tolist(), fault.from_s.tolist(), fault.to_s.tolist(), strict=True):
            touched.setdefault(subject, []).append((begin, end))
    return everywhere, {subject: union([*spans, *everywhere]) for subject, spans in touched.items()}


def _on_cold_days(facts: Facts, design_c: float, rows: Rows) -> Mask:
    """Return which rows were opened on a day whose mean outdoor temperature was below `design_c`."""
    cold = facts.cold_days(design_c)
    run = np.searchsorted(cold.from_s, rows.opened_s, side="right") - 1
    return (run >= 0) & (rows.opened_s < np.append(cold.to_s, 0)[run])


def _noted_in_time(facts: Facts, rule: ExcuseRule, rows: Rows) -> Mask:
    noted = facts.rows(*rule.kinds)
    if not len(noted) or not len(rows):
        return np.zeros(len(rows), np.bool_)
    key = _row_key(facts, rule.pair, rows)
    first = facts.first_after(np.full(len(rows), NEVER + 1), key, noted, facts.key(noted, rule.pair))
    return (first >= 0) & (facts.when(first) <= rows.due_s)


def _row_key(facts: Facts, pair: str, rows: Rows) -> I64:
    if pair == "case":
        return rows.case
    return rows.subject if pair == "subject" else facts.group(rows.subject, "operator")
