"""What stood round a verdict: temperatures, heat short and why, the day's calls, the steps of its case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..record import KIND_CODE, KINDS
from .derive import earlier_stops
from .excuses import excused_spans
from .facts import F64, Facts, Intervals, Ints
from .forms import missing_contents, named
from .lost_calls import lost_causes, lost_for, lost_when, lost_why, short_then
from .parts import HOUR_S, Carries, Floor, Part, Throughout, Within
from .rooms import outdoors, rooms, warm_at
from .spans import Spans, length, minus, union, within
from .steps import Context, Step, about, ancestors
from .throughout import least_served, stopped_hours
from .trouble import STOPS, late_supply, over_by, run_outs, shortages_at, stops_in, units_down, unserved_w
from .verdict import Verdict, Verdicts

__all__ = ["context"]

_OF_A_CASE = frozenset(
    KIND_CODE[name]
    for name in (
        "complaint_accepted", "complaint_responded", "measurement_requested", "nobody_home", "visited",
        "measurement_disputed", "third_party_measured", "other_cause_found", "action_taken", "remedy_fell_short",
        "dwelling_remedied", "delay_explained", "cause_explained", "complaint_closed",
    )
)  # fmt: skip
_AT_AUTHORITY = tuple(KIND_CODE[name] for name in ("authority_complained", "authority_handled", "authority_told"))
_REFUND = tuple(KIND_CODE[name] for name in ("refund_due", "refund_settled"))


def context(verdicts: Verdicts, verdict: Verdict, part: Part) -> Context:
    """Return what stood round a verdict of a part."""
    if isinstance(part, Floor) and verdict.subject >= 0:
        if part.measure == "room_temperature":
            found = rooms(verdicts, verdict, part)
        elif part.measure == "warm_at":
            found = warm_at(verdicts, verdict)
        else:
            found = _fuel(verdicts, verdict) if part.measure == "fuel" else _ratio(verdicts, verdict, part)
    elif isinstance(part, Throughout) and part.measure == "uninterrupted":
        found = _stopped(verdicts, verdict, part)
    elif isinstance(part, Throughout) and part.measure == "covered":
        found = _work(verdicts, verdict, part)
    else:
        why, earlier = _why_opened(verdicts, verdict, part)
        begun = [seq for seq in earlier if verdicts.record.cause[seq] >= 0 and _is(verdicts, seq, "outage_started")]
        facts = [*why, *_lacking(verdicts, verdict, part), *_completed(verdicts, verdict)]
        case = _case(verdicts, verdict)
        begun += _begun(verdicts, case)
        repaired, said = _repaired_after_heat(verdicts, verdict, part, case)
        found = Context([*facts, *said], case=[*earlier, *case, *repaired], causes=begun)
    shortage = _uncaused_shortage(verdicts, verdict.trigger if found.trigger is None else found.trigger)
    if shortage is not None:
        facts, standing = _shortage(verdicts, shortage)
        found = replace(found, facts=[*found.facts, *facts], standing=[*found.standing, *standing])
    return found


def _is(verdicts: Verdicts, seq: int, kind: str) -> bool:
    return bool(KINDS[verdicts.record.what[seq]].name == kind)


def _completed(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return what a preheating that was completed had reached by then."""
    done = verdict.response >= 0 and _is(verdicts, verdict.response, "preheat_completed")
    return [Step("context", int(verdicts.facts.at[verdict.response]), "preheat_done")] if done else []


# ------------------------------------------------------------------ heat and fuel


def _stopped(verdicts: Verdicts, verdict: Verdict, part: Throughout) -> Context:
    """When what was noted was over; hours without heat that only the tracks tell of: the first, and how many in all."""
    facts, record = verdicts.facts, verdicts.record
    spans = facts.intervals(part.bad)
    over = [int(seq) for seq in spans.end[spans.start == verdict.trigger] if verdict.trigger >= 0 and seq >= 0]
    everywhere, touched = excused_spans(facts, verdicts.guide, part.excuses)
    excused = touched.get(verdict.subject, everywhere)
    noted, longest = _noted(verdicts, verdict, spans.take(spans.subject == verdict.subject), excused)
    over += over_by(facts, longest, facts.end_s)
    if not part.stop_share:
        return Context(noted, case=over, causes=longest)
    share = verdicts.guide.number(verdicts[verdict.clause].clause, part.stop_share).value
    hours = _unnoted(facts, verdict, share, excused)
    if not hours:
        if verdict.trigger < 0:
            return Context(_never_stopped(verdicts, verdict, share), case=over, causes=longest)
        # what the tracks tell of the stops' own hours, which count whole, is in the margin alone
        noted = [replace(step, value=-verdict.margin) if step.what == "noted_hours" else step for step in noted]
        return Context(noted, case=over, causes=longest)
    at, count = hours[0][0], sum(b - a for a, b in hours) / HOUR_S
    place = int(np.flatnonzero(record.subjects.rows("substation") == verdict.subject)[0])
    hour = at // HOUR_S
    supply = late_supply(facts, verdict.subject, at) if verdict.trigger < 0 else -1
    waiting = _circulating(verdicts, verdict.subject, at, int(facts.at[supply])) if supply >= 0 else []
    at = max([at, *(step.at_s for step in waiting if step.at_s is not None)])  # the first hour may be a part of one
    heat, need = (float(record.tracks[f"substation_{name}_w"][hour, place]) for name in ("heat", "need"))
    steps = [Step("context", at, "served_percent", value=100.0 * heat / need),
             Step("context", at, "stopped_hours", value=count)]  # fmt: skip
    head = record.tracks.get("substation_dp_pa")
    if head is not None:
        steps.append(Step("context", at, "substation_dp_kpa", value=float(head[hour, place]) / 1000.0))
    steps = [about(verdicts, step, verdict.subject) for step in [*steps, *outdoors(verdicts, at)]]
    standing = shortages_at(facts, hour, verdict.subject).start.tolist()
    others = [seq for seq in standing if seq != verdict.trigger]
    begun = [seq for seq in others if record.cause[seq] >= 0]  # which stood there by no chance of its own
    steps = [*noted, *waiting, *steps]
    return Context(steps, standing=others, case=over,
                   causes=[*longest, *begun, *([supply] if supply >= 0 else [])])  # fmt: skip


def _unnoted(facts: Facts, verdict: Verdict, share: float, excused: Spans) -> Spans:
    """Return the hours of a building without heat that are no noted stop's own, nor excused where the rest is not."""
    hours = within(stopped_hours(facts, share).get(verdict.subject, []), facts.start_s, facts.season_end_s)
    stops = stops_in(facts, verdict.subject, facts.start_s, facts.season_end_s)
    noted = list(zip(stops.from_s.tolist(), stops.to_s.tolist(), strict=True))
    apart = noted if verdict.state == "excused" else [*noted, *excused]
    return minus(hours, union((a // HOUR_S * HOUR_S, -(-b // HOUR_S) * HOUR_S) for a, b in apart))


def _circulating(verdicts: Verdicts, subject: int, stopped_s: int, supplied_s: int) -> list[Step]:
    """Return since when water circulated for the trial run at a building not supplied yet: no hour before is judged."""
    (place,) = np.flatnonzero(verdicts.record.subjects.rows("substation") == subject)
    need = verdicts.record.tracks["substation_need_w"][: supplied_s // HOUR_S, place]
    hours = np.flatnonzero(need > 0.0)
    if not len(hours) or hours[0] * HOUR_S <= verdicts.facts.start_s:
        return []
    at, vented = int(hours[0]) * HOUR_S, verdicts.facts.at[verdicts.facts.rows("vented")]
    at = int(max(vented[(vented >= at) & (vented < min(stopped_s, at) + HOUR_S)], default=at))  # which began it
    return [about(verdicts, Step("context", at, "circulating"), subject)]


def _noted(verdicts: Verdicts, verdict: Verdict, bad: Intervals, excused: Spans) -> tuple[list[Step], list[int]]:
    """Return how often and how long a building was stopped or rationed without excuse, and how long with one.

    And the longest of several without excuse, and of the faults' touches that excused some of it.
    """
    facts = verdicts.facts
    begin, end = facts.start_s, min(facts.season_end_s, facts.end_s)
    spans = list(zip(bad.from_s.tolist(), bad.to_s.tolist(), strict=True))
    left = [minus(within([span], begin, end), excused) for span in spans]
    kinds = [KINDS[verdicts.record.what[seq]].name for seq, rest in zip(bad.start, left, strict=True) if rest]
    if verdict.state == "excused":
        apart = length(within(union(spans), begin, end)) / HOUR_S
        return [Step("context", end, "excused_hours", value=apart)] if apart > 0.0 else [], []
    if verdict.state != "missed" or not kinds:
        return [], []
    longest = [int(bad.start[int(np.argmax([length(rest) for rest in left]))])] if len(kinds) > 1 else []
    hours = length(union(span for rest in left for span in rest)) / HOUR_S
    apart = length(within(union(spans), begin, end)) / HOUR_S - hours
    counts = [Step("counted", end, kind, value=float(kinds.count(kind))) for kind in dict.fromkeys(kinds)]
    for seq in longest:
        which = "first_is_longest_of" if seq == verdict.trigger else "longest_of"
        counts.append(Step("context", int(facts.at[seq]), which, value=float(len(kinds))))
    steps = [*(counts if len(kinds) > 1 else []), Step("context", end, "noted_hours", value=hours)]
    if apart <= 0.0:
        return steps, longest
    faults = _excusing_faults(facts, verdict.subject, within(union(spans), begin, end))
    many = [Step("context", int(facts.at[seq]), "longest_excuse_of", value=float(len(faults))) for seq in faults[:1]]
    steps += [Step("context", end, "excused_hours", value=apart), *(many if len(faults) > 1 else [])]
    return steps, [*longest, *faults[:1]]


def _excusing_faults(facts: Facts, substation: int, stopped: Spans) -> list[int]:
    """Return the entries with which faults touched a building while it was stopped or rationed, the longest first.

    Touches of one fault that overlap, a throttling that became a stop, are one, told by its first entry.
    """
    found = facts.fault_intervals()
    found = found.take(found.subject == substation)
    touches: list[tuple[int, int, int]] = []  # entry, begin and end
    latest: dict[int, int] = {}  # by case: its place in them
    for row in np.argsort(found.from_s, kind="stable").tolist():
        case, begin, end = int(found.case[row]), int(found.from_s[row]), int(found.to_s[row])
        if case in latest and begin <= touches[latest[case]][2]:
            start, since, until = touches[latest[case]]
            touches[latest[case]] = start, since, max(until, end)
        else:
            latest[case] = len(touches)
            touches.append((int(found.start[row]), begin, end))
    lasted = {start: length(within(stopped, begin, end)) for start, begin, end in touches}
    return sorted((start for start in lasted if lasted[start] > 0), key=lambda start: -lasted[start])


def _lacking(verdicts: Verdicts, verdict: Verdict, part: Part) -> list[Step]:
    """Return of what a trail that is not whole, or an act without ground, has no entry: each kind that would be one."""
    if isinstance(part, Throughout) and part.unless and verdict.state == "missed" and verdict.opened_s is not None:
        return [Step("counted", verdict.opened_s, kind, value=0.0) for kind in _ungiven(verdicts, verdict, part)]
    if not isinstance(part, Carries) or verdict.state != "missed" or verdict.case < 0:
        return []
    facts = verdicts.facts
    if part.contents:
        lacking = missing_contents(facts, part, verdict.trigger)
        return [Step("context", verdict.opened_s, "contents_lacking", detail={"lacking": lacking})]
    end = round(verdict.due_s) if part.before_trigger and verdict.due_s is not None else facts.end_s
    kinds = {kind: facts.rows(kind) for group in part.trail for kind in group}
    there = {kind for kind, rows in kinds.items() if (facts.at[rows[facts.case[rows] == verdict.case]] <= end).any()}
    return [
        Step("counted", end, kind, value=0.0) for group in part.trail if not there.intersection(group) for kind in group
    ]


def _ungiven(verdicts: Verdicts, verdict: Verdict, part: Throughout) -> tuple[str, ...]:
    """Return the kinds of which one would have allowed an act, where none had come by then."""
    facts = verdicts.facts
    given = facts.rows(*part.unless)
    mine = (facts.case[given] == verdict.case) & (facts.subject[given] == verdict.subject) & (verdict.case >= 0)
    opened = verdict.opened_s if verdict.opened_s is not None else facts.end_s
    return () if (mine & (facts.at[given] <= opened)).any() else part.unless


def _work(verdicts: Verdicts, verdict: Verdict, part: Throughout) -> Context:
    """When crews were at work on a fault, or that nobody was."""
    facts = verdicts.facts
    why, _ = _why_opened(verdicts, verdict, part)
    work = facts.intervals((part.work,))
    mine = np.flatnonzero((work.case == verdict.case) & (verdict.case >= 0))
    if not len(mine):
        return Context([*why, Step("context", verdict.answered_s or facts.end_s, "no_crew")])
    rows = [seq for pair in zip(work.start[mine].tolist(), work.end[mine].tolist(), strict=True) for seq in pair]
    return Context(why, case=[seq for seq in rows if seq >= 0])


def _never_stopped(verdicts: Verdicts, verdict: Verdict, share: float) -> list[Step]:
    """The season a building had without a stop, and the hour in which the least of its need arrived."""
    facts = verdicts.facts
    steps = [Step("from", facts.start_s)]
    least = least_served(facts, share, verdict.subject)
    if least is not None:
        at, served = least
        worst = Step("context", at, "least_served_percent", value=100.0 * served)
        steps += [about(verdicts, worst, verdict.subject), *outdoors(verdicts, at)]
    return [*steps, Step("to", min(facts.season_end_s, facts.end_s))]


def _fuel(verdicts: Verdicts, verdict: Verdict) -> Context:
    """When fuel was first wanting, how much heat was not made for it in all, and a longer season if one was ordered."""
    facts = verdicts.facts
    h0, h1 = facts.hour_range("unserved_fuel_w")
    hours = np.array([unserved_w(facts, "unserved_fuel_w", hour, verdict.subject) for hour in range(h0, h1)])
    short = np.flatnonzero(hours > 0.0)
    if not len(short):
        return Context([Step("from", facts.start_s), Step("context", h1 * HOUR_S, "fuel_never_short"),
                        Step("to", min(facts.season_end_s, facts.end_s))])  # fmt: skip
    at = (h0 + int(short[0])) * HOUR_S
    steps = [about(verdicts, Step("context", at, name, value=value), verdict.subject)
             for name, value in (("short_fuel_mw", hours[short[0]] / 1e6), ("fuel_short_hours", float(len(short))),
                                 ("fuel_short_gj", float(hours.sum()) * HOUR_S / 1e9),
                                 ("fuel_short_d", -verdict.margin))]  # fmt: skip
    decided = facts.rows("early_start_decided", "extension_decided")
    longer = [int(seq) for seq in decided if facts.at[seq] <= at]
    dry, worst = _dry_spells(verdicts, verdict, hours, h0)
    return Context([*steps, *dry, *outdoors(verdicts, at)], standing=longer, causes=worst)


def _dry_spells(verdicts: Verdicts, verdict: Verdict, short_w: F64, h0: int) -> tuple[list[Step], list[int]]:
    """Return how often a source's fuel ran out, and the time that cost most heat: of all, and of each order's work."""
    facts = verdicts.facts
    end = min(facts.season_end_s, facts.end_s)
    spells = run_outs(facts, verdict.subject)
    of_order: dict[str, list[tuple[float, int]]] = {}
    ordered = np.zeros(len(short_w), np.bool_)
    for seq, begin, over in zip(spells.start.tolist(), spells.from_s.tolist(), spells.to_s.tolist(), strict=True):
        hours = slice(max(begin // HOUR_S - h0, 0), max(-(-over // HOUR_S) - h0, 0))
        orders = {str(verdicts.record.detail_of(row).get("imposed", "")) for row in ancestors(verdicts, seq)} - {""}
        ordered[hours] |= bool(orders)
        for path in ("", *orders):
            of_order.setdefault(path, []).append((float(short_w[hours].sum()), -seq))
    steps = [Step("counted", end, "fuel_ran_out", value=float(len(spells.start)))] if len(spells.start) > 1 else []
    if ordered.any():
        percent = 100.0 * float(short_w[ordered].sum() / short_w.sum())
        steps.append(Step("context", end, "fuel_ordered_percent", value=percent))
    worst = {path: -max(found)[1] for path, found in of_order.items()}
    if len(spells.start) > 1:
        at = int(facts.at[worst[""]])
        steps.append(Step("context", at, "costliest_of", value=float(len(spells.start))))
    return steps, list(worst.values())


def _uncaused_shortage(verdicts: Verdicts, seq: int) -> int | None:
    """Return the shortage with which the chain of an entry begins, if it begins with one."""
    began = ancestors(verdicts, seq)[-1:]
    return began[0] if began and _is(verdicts, began[0], "shortage_started") else None


def _shortage(verdicts: Verdicts, seq: int) -> tuple[list[Step], list[int]]:
    """Return of what a source was short in the hour a shortage began: fuel or capacity; the cold, and units down."""
    facts = verdicts.facts
    at, source = int(facts.at[seq]), int(facts.subject[seq])
    steps = []
    for name, track in (("short_fuel_mw", "unserved_fuel_w"), ("short_capacity_mw", "unserved_capacity_w")):
        missing = unserved_w(facts, track, at // HOUR_S, source)
        if missing > 0.0:
            steps.append(about(verdicts, Step("context", at, name, value=missing / 1e6), source))
    down = units_down(facts, at, source)
    steps.append(about(verdicts, Step("context", at, "units_down", value=float(len(down))), source))
    return [*steps, *outdoors(verdicts, at)], [int(trip) for trip in down]


# ------------------------------------------------------------------ counts and cases


def _ratio(verdicts: Verdicts, verdict: Verdict, part: Floor) -> Context:
    """How many entries of each kind the share was made of, and who was absent that day."""
    facts = verdicts.facts
    begin = facts.start_s if verdict.opened_s is None else verdict.opened_s
    end = round(verdict.due_s) if verdict.due_s is not None else facts.season_end_s
    since = begin if part.slices else -1
    steps = []
    for kind in dict.fromkeys((*part.over, *part.under)):
        mine = _of(facts, kind, verdict.subject, since, begin if part.until == "start" else end)
        weighed = part.due == "value" and kind in part.under
        number = float(np.nansum(verdicts.record.value[mine])) if weighed else float(len(mine))
        if part.count == "subjects" and kind in part.over:
            number = float(len(np.unique(facts.subject[mine])))
        steps.append(Step("counted", begin if part.until == "start" else end, kind, value=number))
    if part.slices != "day":
        return Context(steps)
    absent = _of(facts, "staff_absent", verdict.subject, -1, begin + 1)
    absent = absent[[verdicts.record.detail_of(int(seq)).get("group", "agents") == "agents" for seq in absent]]
    lost = np.concatenate([_of(facts, kind, verdict.subject, begin, end) for kind in part.under])
    lost = lost[~np.isin(verdicts.record.what[lost], [KIND_CODE[kind] for kind in part.over])]
    cause = lost_causes(verdicts, lost)
    short = lost_for(verdicts, cause, shortages_at(facts, begin // HOUR_S, verdict.subject).start.tolist())
    why, causes = lost_why(verdicts, verdict.subject, lost, cause, begin, end)
    begun = [int(verdicts.record.cause[seq]) for seq in short]
    told = [row for seq in (*causes, *short) for row in ancestors(verdicts, seq)]
    when = lost_when(facts, lost)
    then = short_then(verdicts, [seq for seq in told if _is(verdicts, seq, "shortage_started")], when)
    return Context([*steps, *when, *then, *why], standing=[*absent[-1:].tolist(), *short],
                   causes=[*causes, *begun], case=over_by(facts, told, end))  # fmt: skip


def _of(facts: Facts, kind: str, operator: int, begin: int, end: int) -> Ints:
    rows = facts.rows(kind)
    inside = (facts.at[rows] >= begin) & (facts.at[rows] < end)
    return np.asarray(rows[inside & (facts.group(facts.subject[rows], "operator") == operator)])


def _why_opened(verdicts: Verdicts, verdict: Verdict, part: Part) -> tuple[list[Step], list[int]]:
    """Return why time began when no entry says so, and the shorter stops that made up a long one.

    The time told had passed, the stop had become a long one, or nobody had noted for too long that a fault was found.
    Of a stop that was to be a long one from the first, by when it was expected to be over.
    """
    facts = verdicts.facts
    if not isinstance(part, Within | Throughout) or verdict.trigger < 0 or verdict.opened_s is None:
        return [], []
    kind = KINDS[verdicts.record.what[verdict.trigger]].name
    derived = {trigger.derive for trigger in part.trigger if kind in (*trigger.kinds, *trigger.forecasts)}
    number = named(verdicts.guide, verdicts[verdict.clause].clause)
    earlier = earlier_stops(facts, part.trigger, number, verdict.trigger)
    why = ""
    if verdict.opened_s == int(facts.at[verdict.trigger]):
        why = "stop_became_long" if earlier.get("exceeds") else "stopped_again" if earlier.get("recurs") else ""
    elif "unnoticed" in derived:
        why = "nobody_found_it"
    elif "exceeds" in derived:
        why = "told_time_passed" if kind == "users_told" else "stop_became_long"
    steps = [Step("context", verdict.opened_s, why)] if why else []
    stops = [seq for rows in earlier.values() for seq in rows]
    if not why and "exceeds" in derived:
        forecasts = facts.rows(*(kind for trigger in part.trigger for kind in trigger.forecasts))
        mine = (facts.case[forecasts] == verdict.case) & (facts.subject[forecasts] == verdict.subject)
        stops += forecasts[mine & (facts.at[forecasts] <= verdict.opened_s)][-1:].tolist()
    return steps, stops


def _case(verdicts: Verdicts, verdict: Verdict) -> list[int]:
    """Return the steps of a dwelling's case, in the order they were noted; of any other fault's, when heat was back.

    What the authority did is no step of a duty of the company's to the household, nor a refund one of the authority's.
    """
    facts = verdicts.facts
    if verdict.case < 0 or verdict.trigger < 0:
        return []
    if int(facts.subject[verdict.trigger]) < facts.listed:
        back = facts.rows("outage_ended")
        opened = verdict.opened_s if verdict.opened_s is not None else facts.start_s
        back = back[(facts.case[back] == verdict.case) & (facts.at[back] >= opened)]
        own = back[facts.subject[back] == verdict.subject]
        last = back[np.argsort(facts.at[back], kind="stable")][-1:]  # of a fault elsewhere: when all had heat again
        return [int(seq) for seq in (own[:1] if len(own) else last)]
    mine = (facts.case == verdict.case) & (facts.subject == facts.subject[verdict.trigger])
    if verdict.answered_s is not None and verdict.state != "excused":  # what came later is other duties' matter
        mine &= facts.at <= verdict.answered_s
    own = _AT_AUTHORITY if int(verdicts.record.what[verdict.trigger]) in _AT_AUTHORITY else _REFUND
    return [int(seq) for seq in np.flatnonzero(mine) if int(verdicts.record.what[seq]) in (*_OF_A_CASE, *own)]


def _begun(verdicts: Verdicts, ended: list[int]) -> list[int]:
    """Return the stops that some entries ended, as far as it is on record what each followed from."""
    stops = verdicts.facts.intervals(STOPS)
    begun = stops.start[np.isin(stops.end, [seq for seq in ended if _is(verdicts, seq, "outage_ended")])]
    return [seq for seq in begun.tolist() if verdicts.record.cause[seq] >= 0]


def _repaired_after_heat(
    verdicts: Verdicts, verdict: Verdict, part: Part, case: list[int]
) -> tuple[list[int], list[Step]]:
    """Return when a fault was repaired that still asked for a crew though heat was back by when one was due."""
    facts = verdicts.facts
    back = [int(facts.at[seq]) for seq in case if _is(verdicts, seq, "outage_ended")]
    needs_none = {kind for trigger in getattr(part, "trigger", ()) for kind in trigger.case_lacks}
    due_s = verdict.due_s if verdict.state != "met" else None
    if not back or not needs_none or due_s is None or max(back) > due_s:
        return [], []
    repaired = facts.rows(*needs_none)
    repaired = repaired[(facts.case[repaired] == verdict.case) & (facts.at[repaired] > due_s)]
    first = [int(seq) for seq in repaired[np.argsort(facts.at[repaired], kind="stable")][:1]]
    return first, [Step("context", int(facts.at[seq]), "repaired_after_heat") for seq in first]
