"""The judges of single duties: within, before, carries. Data drives them; no clause has code of its own here.

:func:`judge_part` hands a part to its judge. ``throughout`` and ``floor``, which watch periods and quantities, have
files of their own.
"""

from __future__ import annotations

import numpy as np

from ..record import KIND_CODE
from .clause import Clause, Guide
from .derive import Number, Openings, openings
from .excuses import excuse_rows
from .facts import F64, NEVER, Facts, Ints, Mask
from .floors import RoomShortfall, floor
from .parts import DAY_S, HOUR_S, MINUTE_S, Before, Carries, Floor, Reported, Select, Throughout, Within, numbers_named
from .rows import EXCUSED, LATE, MET, MISSED, OPEN, Rows, timed
from .throughout import throughout

__all__ = ["judge_part", "kinds_needed", "missing_contents", "named", "tracks_needed"]

AnyPart = Within | Before | Throughout | Floor | Carries


def judge_part(facts: Facts, guide: Guide, clause: Clause, part: AnyPart, rooms: RoomShortfall | None = None) -> Rows:
    """Return the verdicts of one part of a clause."""
    number = named(guide, clause)
    if isinstance(part, Within):
        rows = within(facts, part, number)
    elif isinstance(part, Before):
        months = guide.number(clause, part.lead).value if part.lead.endswith("_months") else 0.0
        rows = before(facts, part, number, months)
    elif isinstance(part, Carries):
        rows = carries(facts, part, number)
    elif isinstance(part, Throughout):
        rows = throughout(facts, guide, part, number)
    else:
        rows = floor(facts, guide, clause, part, number, rooms)
    return excuse_rows(facts, guide, part, rows)


def named(guide: Guide, clause: Clause) -> Number:
    """Return a function from a number's name to its value: durations in seconds, the rest in their own unit."""

    def number(name: str) -> float:
        found = guide.number(clause, name)
        return found.seconds if found.unit in ("s", "min", "h", "d") else found.value

    return number


def within(facts: Facts, part: Within, number: Number) -> Rows:
    """A trigger is followed by its response before the limit is over; met on the very second is met."""
    opened = openings(facts, part.trigger, number)
    limit_s = number(part.limit) if part.limit else 0.0
    due_s: F64
    if part.clock == "elapsed":
        due_s = (opened.at_s + limit_s).astype(np.float64)
    elif part.clock == "days_after":  # the day itself is not counted: 24:00 of the nth day after
        due_s = ((opened.at_s // DAY_S + 1) * DAY_S + limit_s).astype(np.float64)
    elif part.clock == "promised":
        due_s = facts.record.value[opened.row].astype(np.float64)
    else:
        due_s = np.full(len(opened.row), float(facts.season_end_s + limit_s))
    if part.pair == "case+subject":
        key = facts.joint(opened.case, opened.subject)
    elif part.pair == "case":
        key = opened.case
    else:
        key = facts.key(opened.row, part.pair)
    dated = part.clock == "promised"
    if dated:  # a promise without a date is none, and nothing can keep it
        due_s = np.where(np.isfinite(due_s), due_s, opened.at_s)
        key = np.where(np.isfinite(facts.record.value[opened.row]), key, -1)
    names = [name for select in (*part.trigger, *part.respond) for name in numbers_named(select)]
    asked = ("responses", part.trigger, part.respond, part.pair, dated)  # whatever the limit is
    known = (*asked, *map(number, names))
    response: Ints = facts.derive(known, lambda: _earliest_responses(facts, part, opened.since_s, key, number))
    keep = ~_became_another(facts, part, opened, response, due_s)
    if not keep.all():
        opened, response, due_s = opened.take(keep), response[keep], due_s[keep]
    state, margin, answered_s = timed(facts, response, due_s)
    allowed_h = np.maximum(due_s - opened.at_s, MINUTE_S) / HOUR_S
    return Rows.of(state, margin, "h", subject=opened.subject, case=opened.case, trigger=opened.row, response=response,
                   opened_s=opened.at_s, answered_s=answered_s, due_s=due_s, scale=allowed_h)  # fmt: skip


def _became_another(facts: Facts, part: Within, opened: Openings, response: Ints, due_s: F64) -> Mask:
    """Return which openings became another duty's before they were answered or due: a call that is a complaint."""
    gone = np.zeros(len(opened.row), np.bool_)
    for trigger in part.trigger:
        if not trigger.case_lacks:
            continue
        mine = np.flatnonzero(np.isin(facts.record.what[opened.row], [KIND_CODE[kind] for kind in trigger.kinds]))
        other = facts.rows(*trigger.case_lacks)
        case = opened.case[mine]
        first = facts.first_after(np.full(len(mine), NEVER + 1), case, other, facts.case[other])
        done_s = np.where(response[mine] >= 0, facts.when(response[mine]), due_s[mine])
        gone[mine] = (first >= 0) & (facts.when(first) <= np.minimum(done_s, due_s[mine]))
    return gone


def _earliest_responses(facts: Facts, part: Within, since_s: Ints, key: Ints, number: Number) -> Ints:
    """Return the first entry that answers each opening from an instant on, or -1."""
    response: Ints = np.full(len(key), -1, np.int32)
    for select in part.respond:
        since = np.full(len(key), NEVER + 1, np.int32) if select.already else since_s
        for block in facts.select_blocks(select, number):
            found = facts.first_after(since, key, block, facts.key(block, part.pair))
            response = facts.sooner(response, found)
    return response


def before(facts: Facts, part: Before, number: Number, lead_months: float) -> Rows:
    """Something is done by (or not before) a date or an act."""
    if part.subjects:
        subject = facts.subjects_of(part.subjects)
        if part.begun and facts.end_s >= facts.season_end_s:
            subject = subject[np.isin(subject, facts.subject[facts.rows(*part.begun)])]
        case: Ints = np.full(len(subject), -1, np.int32)
        trigger = case
        opened_s: Ints = np.full(len(subject), NEVER, np.int32)
        key = facts.group(subject, "operator") if part.pair == "operator" else subject
    else:
        opened = openings(facts, part.trigger, number)
        subject, case, trigger, opened_s = opened.subject, opened.case, opened.row, opened.at_s
        key = facts.key(trigger, part.pair)
    deadline_s, settled = _deadline(facts, part, subject, opened_s, number)
    if lead_months:
        due_s = np.array([facts.months_before(int(at), lead_months) for at in deadline_s], np.float64)
    else:
        due_s = np.asarray(deadline_s - (number(part.lead) if part.lead else 0.0), np.float64)
    responses, response_key = _responses(facts, part.respond, part.pair, number)
    if part.after is not None and len(key):
        responses, response_key = _only_after(facts, part, responses, response_key, number)
    if part.undone and len(key):
        responses, response_key = _lasting(facts, part, responses, response_key, deadline_s, key)
    wanted = round(number(part.count)) if part.count else 1
    response = np.full(len(key), -1, np.int64)
    # what ends before the season begins does not end the season
    since = np.full(len(key), facts.start_s if part.sense == "not_before" else NEVER + 1, np.int32)
    for _ in range(wanted):  # the wanted-th response in time
        response = np.where(since > NEVER, facts.first_after(since, key, responses, response_key), -1)
        since = np.where(response >= 0, facts.when(response) + 1, NEVER)
    state, margin, answered_s = timed(facts, response, due_s)
    if not wanted:  # nothing is asked
        state, margin = np.full(len(key), MET, np.int8), np.zeros(len(key))
    state = np.where(settled, state, OPEN).astype(np.int8)
    if part.undone:  # what may yet be undone is not done
        state = np.where((state == MET) & (facts.end_s < deadline_s), OPEN, state).astype(np.int8)
    if part.sense == "not_before":
        early = (response >= 0) & (answered_s < due_s)
        over = facts.end_s >= due_s
        state = np.where(early, MISSED, np.where((response >= 0) | over, MET, OPEN)).astype(np.int8)
        margin = np.where(response >= 0, 0.0 - margin, np.maximum(0.0, -margin))
    allowed_h = np.maximum(deadline_s - due_s, DAY_S) / HOUR_S
    return Rows.of(state, margin, "h", subject=subject, case=case, trigger=trigger, response=response,
                   opened_s=opened_s, answered_s=answered_s, due_s=due_s, scale=allowed_h)  # fmt: skip


def carries(facts: Facts, part: Carries, number: Number) -> Rows:
    """An entry holds its contents, or its case the trail."""
    opened = openings(facts, part.trigger, number)
    if part.contents:
        missing = np.array([len(missing_contents(facts, part, int(row))) for row in opened.row], float)
        state = np.where(missing > 0, MISSED, MET)
        margin = np.where(missing > 0, -missing, 1.0)  # one more left out would break it
        return Rows.of(state, margin, "contents", subject=opened.subject, case=opened.case, trigger=opened.row,
                       opened_s=opened.at_s, scale=float(len(part.contents)))  # fmt: skip
    limit_s = number(part.limit) if part.limit else 0.0
    due_s, key = opened.at_s + limit_s, facts.joint(opened.case, opened.subject)
    missing = np.zeros(len(opened.row))
    whole_s = opened.at_s.copy()  # when the last group of the trail had come
    response = np.full(len(opened.row), -1, np.int32)
    since = np.full(len(opened.row), NEVER + 1, np.int32) if part.before_trigger else opened.at_s
    for group in part.trail:
        found: Ints = np.full(len(opened.row), -1, np.int32)
        for kind in group:  # whichever comes first: another later takes nothing back
            rows = facts.rows(kind)
            found = facts.sooner(found, facts.first_after(since, key, rows, facts.key(rows, "case+subject")))
        if part.before_trigger:
            found = np.where((found >= 0) & (facts.when(found) <= opened.at_s), found, -1)
        missing += found < 0
        whole_s = np.maximum(whole_s, facts.when(found))
        response = np.where(found >= 0, found, response)
    late = (whole_s > due_s) if limit_s else np.zeros(len(missing), np.bool_)
    complete = np.where(late, LATE, MET)
    state = np.where(missing == 0, complete, np.where(due_s > facts.end_s, OPEN, MISSED)).astype(np.int8)
    if limit_s:
        margin, named_unit, scale = (
            (due_s - np.where(missing > 0, facts.end_s, whole_s)) / HOUR_S,
            "h",
            limit_s / HOUR_S,
        )
    else:
        margin, named_unit, scale = np.where(missing > 0, -missing, 1.0), "entries", float(len(part.trail))
    rows_ = Rows.of(state, margin, named_unit, subject=opened.subject, case=opened.case, trigger=opened.row,
                    response=response, opened_s=opened.at_s, due_s=due_s, scale=scale)  # fmt: skip
    return _by_day(facts, rows_, scale) if part.slices == "day" else rows_


def kinds_needed(part: AnyPart | Reported) -> tuple[str, ...]:
    """Return every kind of happening a part turns on: a record that does not log one is no evidence for it."""
    kinds: list[str] = []
    if isinstance(part, (Within, Before, Carries, Throughout)):
        for trigger in part.trigger:
            if trigger.derive == "unnoticed":
                continue  # a log that keeps no stops cannot show a fault overlooked; the rest of the part stands
            kinds += [*trigger.kinds, *trigger.ends, *trigger.case_has, *trigger.case_lacks]
    if isinstance(part, (Within, Before)):
        kinds += [kind for select in part.respond for kind in select.kinds]
    if isinstance(part, Before) and part.after:
        kinds += part.after.kinds
    if isinstance(part, Before):
        kinds += part.begun
    if isinstance(part, Carries):
        kinds += [kind for group in part.trail for kind in group]
    if isinstance(part, Throughout):
        kinds += [kind for pair in part.bad for kind in pair] + [
            *part.lasting,
            *part.until,
            *part.forbidden,
            *part.unless,
        ]
        kinds += [kind for kind in part.work if kind]
    if isinstance(part, Floor):
        kinds += [*part.over, *part.under]
    return tuple(dict.fromkeys(kinds))


def tracks_needed(part: AnyPart | Reported) -> tuple[str, ...]:
    """Return the hourly tracks a part cannot be judged without."""
    if isinstance(part, Floor):
        return {"room_temperature": ("room_c",), "warm_at": ("room_c",), "fuel": ("unserved_fuel_w",)}.get(
            part.measure, ()
        )
    return ("outdoor_c",) if isinstance(part, Reported) else ()


def _responses(facts: Facts, respond: tuple[Select, ...], pair: str, number: Number) -> tuple[Ints, Ints]:
    found = [facts.select(select, number) for select in respond]
    rows = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
    return rows, facts.key(rows, pair)


def _deadline(facts: Facts, part: Before, subject: Ints, opened_s: Ints, number: Number) -> tuple[Ints, Mask]:
    """Return each row's date [s], and whether it stands: an event that has not come may still come before the start."""
    always = np.ones(len(subject), np.bool_)
    if part.deadline in ("start", "end"):
        return np.full(len(subject), facts.start_s if part.deadline == "start" else facts.season_end_s), always
    if part.deadline == "trigger" or part.event is None:
        return opened_s, always
    events = facts.select(part.event, number)
    operator = facts.group(subject, "operator")
    everybody = facts.group(facts.subject[events], "operator")
    deadline, settled = np.full(len(subject), facts.start_s), np.full(len(subject), facts.end_s >= facts.start_s)
    for owner in np.unique(operator):
        own = events[(everybody == owner) | (everybody < 0)]
        if len(own):
            deadline[operator == owner] = min(int(facts.at[own].min()), facts.start_s)
            settled |= operator == owner
    return deadline, settled


def _only_after(facts: Facts, part: Before, responses: Ints, response_key: Ints, number: Number) -> tuple[Ints, Ints]:
    """Return the responses that follow the first entry of ``after`` with the same key."""
    assert part.after is not None
    after = facts.select(part.after, number)
    first = facts.first_after(np.full(len(responses), NEVER + 1), response_key, after, facts.key(after, part.pair))
    later = (first >= 0) & (facts.at[responses] >= facts.when(first))
    return responses[later], response_key[later]


def _lasting(
    facts: Facts, part: Before, responses: Ints, response_key: Ints, deadline_s: Ints, key: Ints
) -> tuple[Ints, Ints]:
    """Return the responses that nothing undid before the deadline of the row that they answer."""
    undoing = facts.rows(*part.undone)
    undo = facts.first_after(facts.at[responses], response_key, undoing, facts.key(undoing, part.pair))
    order = np.argsort(key, kind="stable")
    place = order[np.minimum(np.searchsorted(key[order], response_key), len(key) - 1)]
    lasting = (undo < 0) | (facts.when(undo) >= deadline_s[place])
    return responses[lasting], response_key[lasting]


def missing_contents(facts: Facts, part: Carries, row: int) -> list[str]:
    """Return which contents an entry lacks; blanks are nothing, and a date is one to come, to which it can be held."""
    detail = facts.record.detail_of(row)
    given = {name: what.strip() if isinstance(what := detail.get(name), str) else what for name in part.contents}
    undated = bool(part.dated) and not facts.record.value[row] > facts.at[row]
    return [name for name, what in given.items() if what in (None, "", [], {}) or (undated and name == part.dated)]


def _by_day(facts: Facts, rows: Rows, scale: float) -> Rows:
    """Return one row per operator and day of the openings: as bad as the worst of them, with how many were not met."""
    operator = facts.group(rows.subject, "operator")
    day = rows.opened_s // DAY_S
    first_day = int(day.min()) if len(day) else 0
    days = int(day.max()) - first_day + 1 if len(day) else 1
    cell = (operator + 1) * days + (day - first_day)
    present = np.flatnonzero(np.bincount(cell))
    place = np.searchsorted(present, cell)
    names = np.stack([present // days - 1, present % days + first_day])
    count = len(present)
    order = np.argsort([{MISSED: 0, LATE: 1, OPEN: 2, EXCUSED: 3, MET: 4}[s] for s in range(5)])
    worst = np.full(count, 4)
    np.minimum.at(worst, place, np.argsort(order)[rows.state])
    state = order[worst]
    # the opening that decided the day: the first of the worst state
    deciding = np.full(count, -1, np.int64)
    decided = np.flatnonzero(rows.state == state[place])[::-1]
    deciding[place[decided]] = rows.trigger[decided]
    judged, unmet = rows.state == MET, (rows.state == MISSED) | (rows.state == LATE)
    margin = np.full(count, np.inf)
    np.minimum.at(margin, place[judged], rows.margin[judged])  # the tightest trail of the day
    lacking = np.bincount(place, np.where(unmet, rows.margin, 0.0), count)
    margin = np.where(lacking < 0.0, lacking, np.where(np.isfinite(margin), margin, 0.0))
    return Rows.of(state, margin, rows.unit, subject=names[0], case=facts.case[deciding], trigger=deciding,
                   opened_s=names[1] * DAY_S, due_s=np.nan, counted="days", scale=scale)  # fmt: skip
