"""What can stand in for a duty that was not met: recorded happenings, abnormal weather, a fault's touch.

An excuse covers only what it touched, for the time it touched it, and only when it was noted by the time the duty was
due, so that a verdict of ``excused`` does not change when the record goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .clause import Clause, ExcuseRule, Guide
from .coldest import coldest
from .facts import NEVER, Facts, Ints, Mask
from .parts import Floor, Part, Reported, Within
from .rows import Rows
from .spans import Spans, union, within

__all__ = [
    "excuse_rows", "excuse_some", "excused_spans", "excuses_behind", "excusing_entries", "fault_touches",
    "noted_too_late", "touched_by_faults",
]  # fmt: skip


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


def excuses_behind(facts: Facts, guide: Guide, clause: Clause, part: Part, rows: Rows, row: int) -> list[str]:
    """Return the names of the excuse rules that excuse some of a row which is excused."""
    if isinstance(part, Reported):
        return []
    subject = rows.subject[row : row + 1]
    place = int(facts.group(subject, "substation")[0]) if subject[0] >= 0 else -1
    found = []
    for name in part.excuses:
        rule = guide.excuses[name]
        if rule.rule == "entries":
            applies = bool(_noted_in_time(facts, rule, rows)[row])
        elif rule.rule == "weather" and isinstance(part, Within):
            applies = bool(_on_cold_days(facts, guide.full_number(rule.number).value, rows)[row])
        else:
            weather = rule.rule == "weather"
            spans = _cold_spans(facts, guide, rule) if weather else touched_by_faults(facts, guide, rule).get(place, [])
            applies = excuse_some(facts, guide, clause, part, rows, row, spans)
        if applies:
            found.append(name)
    return found


def excuse_some(
    facts: Facts, guide: Guide, clause: Clause, part: Part, rows: Rows, row: int, spans: Iterable[tuple[int, int]]
) -> bool:
    """Return whether some excused spans excuse anything of a row: the instant judged, or hours of rooms too cold."""
    excused = union(spans)
    if not isinstance(part, Floor):
        return bool(excused)
    if part.measure == "warm_at":
        return any(begin <= rows.opened_s[row] < end for begin, end in excused)
    (column,) = np.flatnonzero(facts.cohorts == rows.subject[row])
    least = coldest(facts, int(column), excused, "excused")
    return least is not None and least.dwelling_c < guide.number(clause, part.least).value


def excusing_entries(facts: Facts, guide: Guide, part: Part, rows: Rows, row: int) -> list[int]:
    """Return the entries that excuse a row: the first of each rule that speaks of noted happenings."""
    found = []
    for name in part.excuses if not isinstance(part, Reported) else ():
        rule = guide.excuses[name]
        if rule.rule == "entries" and _noted_in_time(facts, rule, rows)[row]:
            found.append(int(_first_noted(facts, rule, rows)[row]))
    return found


def noted_too_late(facts: Facts, guide: Guide, part: Part, rows: Rows, row: int) -> int:
    """Return the entry that would have excused a row, had it been noted by the time the duty was due; -1 for none."""
    for name in part.excuses if not isinstance(part, Reported) else ():
        rule = guide.excuses[name]
        first = int(_first_noted(facts, rule, rows)[row]) if rule.rule == "entries" else -1
        if first >= 0 and facts.at[first] > rows.due_s[row]:
            return first
    return -1


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
        everywhere = _cold_spans(facts, guide, rules["weather"])
    touched: dict[int, Spans] = {}
    if "fault" in rules:
        for subject, spans in touched_by_faults(facts, guide, rules["fault"]).items():
            touched[subject] = union([*spans, *everywhere])
    return everywhere, touched


def _cold_spans(facts: Facts, guide: Guide, rule: ExcuseRule) -> Spans:
    """Return the days of abnormal weather."""
    cold = facts.cold_days(guide.full_number(rule.number).value)
    return union(zip(cold.from_s.tolist(), cold.to_s.tolist(), strict=True))


def touched_by_faults(facts: Facts, guide: Guide, rule: ExcuseRule) -> dict[int, Spans]:
    """Return what faults did to buildings, recovery included."""
    touched: dict[int, Spans] = {}
    for subject, spans in zip(facts.fault_intervals().subject.tolist(), fault_touches(facts, guide, rule), strict=True):
        touched.setdefault(subject, []).extend(spans)
    return touched


def fault_touches(facts: Facts, guide: Guide, rule: ExcuseRule) -> list[Spans]:
    """Return when each thing that a fault did to a building excuses; where nobody is at work for too long it ends."""
    fault = facts.fault_intervals()
    recovery_s = round(guide.full_number(rule.number).seconds)
    attended = _attended(facts, guide, rule)
    touches: list[Spans] = []
    for case, begin, end in zip(fault.case.tolist(), fault.from_s.tolist(), fault.to_s.tolist(), strict=True):
        if case not in attended:
            touches.append([(begin, end + recovery_s)])
            continue
        alone_s, work = attended[case]
        kept = within(union([(begin, begin + alone_s), *((a, b + alone_s) for a, b in work)]), begin, end)
        if kept and kept[-1][1] == end:  # somebody saw it through: the rooms may recover
            kept[-1] = (kept[-1][0], end + recovery_s)
        touches.append(kept)
    return touches


def _attended(facts: Facts, guide: Guide, rule: ExcuseRule) -> dict[int, tuple[int, Spans]]:
    """Return for each fault how long it excuses with nobody at it [s], and when somebody was.

    Crews are at what they mend. What a station's own staff or the grid mends is taken as seen to from its discovery,
    for so long as such a repair takes at most: of their work there is no record.
    """
    if not (rule.bound and rule.most):
        return {}
    alone_s, most_s = (round(guide.full_number(name).seconds) for name in (rule.bound, rule.most))
    known, ours = facts.cases_with(guide.fault_kinds), facts.cases_with(guide.attended_kinds)
    crews = np.union1d(
        ours, np.setdiff1d(facts.cases_with(guide.found_kinds), known)
    )  # and where it is not known what failed
    found: dict[int, tuple[int, Spans]] = {}
    if facts.logs("work_started", "work_ended"):
        found |= {case: (alone_s, []) for case in crews.tolist()}
        work = facts.intervals((("work_started", "work_ended"),))
        for case, begin, end in zip(work.case.tolist(), work.from_s.tolist(), work.to_s.tolist(), strict=True):
            if case in found:
                found[case][1].append((begin, end))
    if facts.logs(*guide.found_kinds):
        others = np.setdiff1d(known, crews)
        discoveries = facts.rows(*guide.found_kinds)
        seen = facts.first_after(np.full(len(others), NEVER + 1), others, discoveries, facts.case[discoveries])
        for case, at in zip(others.tolist(), facts.when(seen).tolist(), strict=True):
            found[case] = (alone_s, [] if at == NEVER else [(at, at + most_s - alone_s)])
    return found


def _on_cold_days(facts: Facts, design_c: float, rows: Rows) -> Mask:
    """Return which rows were opened on a day whose mean outdoor temperature was below `design_c`."""
    cold = facts.cold_days(design_c)
    run = np.searchsorted(cold.from_s, rows.opened_s, side="right") - 1
    return (run >= 0) & (rows.opened_s < np.append(cold.to_s, 0)[run])


def _noted_in_time(facts: Facts, rule: ExcuseRule, rows: Rows) -> Mask:
    first = _first_noted(facts, rule, rows)
    return (first >= 0) & (facts.when(first) <= rows.due_s)


def _first_noted(facts: Facts, rule: ExcuseRule, rows: Rows) -> Ints:
    """Return the first entry of a rule's kinds that has what each row must share with it; -1 for none.

    A rule that speaks only of what came after a duty opened takes an entry about the subject of a case's other duty for
    that one's alone.
    """
    noted = facts.rows(*rule.kinds)
    key, noted_key = _row_key(facts, rule.pair, rows), facts.key(noted, rule.pair)
    if not rule.since_opened:
        return facts.first_after(np.full(len(rows), NEVER + 1), key, noted, noted_key)
    own_key, noted_own_key = facts.joint(rows.case, rows.subject), facts.key(noted, "case+subject")
    own = np.isin(noted_own_key, own_key)
    found = facts.first_after(rows.opened_s, own_key, noted[own], noted_own_key[own])
    common = facts.first_after(rows.opened_s, key, noted[~own], noted_key[~own])
    return facts.sooner(found, common)


def _row_key(facts: Facts, pair: str, rows: Rows) -> Ints:
    if pair in ("case", "case+subject"):
        return rows.case if pair == "case" else facts.joint(rows.case, rows.subject)
    return rows.subject if pair == "subject" else facts.group(rows.subject, "operator")
