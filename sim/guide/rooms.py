"""What stood round a verdict on rooms: how cold, how much heat came, what had made them cold and what lasted then."""

from __future__ import annotations

import numpy as np

from ..record import KIND_CODE
from .addresses import address_of
from .chilled import chilled_by
from .coldest import Coldest, coldest, dwelling_at, dwellings_below, last_fall
from .excuses import excused_spans, touched_by_faults
from .facts import Facts, Ints
from .parts import DAY_S, HOUR_S, Floor
from .rows import MISSED
from .spans import union
from .steps import Context, Step, about, ancestors
from .trouble import (
    BUILDING,
    COLD,
    FAR,
    SERVED,
    arrived_share,
    building_trouble,
    covered,
    late_supply,
    over_by,
    shortage_behind,
)
from .verdict import Verdict, Verdicts

__all__ = ["besides", "outdoors", "rooms", "warm_at"]


def rooms(verdicts: Verdicts, verdict: Verdict, part: Floor) -> Context:
    """The coldest dwelling of the season in scope, which is where the margin comes from; and apart, if excused."""
    facts = verdicts.facts
    everywhere, touched = excused_spans(facts, verdicts.guide, part.excuses)
    column = int(np.flatnonzero(facts.cohorts == verdict.subject)[0])
    substation = int(verdicts.record.subjects.substation[verdict.subject])
    spans = touched.get(substation, everywhere)
    scoped, excused = (coldest(facts, column, spans, where) for where in ("scope", "excused"))
    shown = excused if verdict.state == "excused" else scoped
    if shown is None:
        return Context()
    apart_at = _short_row(verdicts, verdict) if verdict.state == "met" else ""
    if apart_at:  # the cohort's colder hours, and its coldest dwelling, are another verdict's
        return Context([Step("context", facts.start_s, "colder_hours_apart", detail={"see": apart_at})], trigger=-1)
    steps = _room_steps(verdicts, verdict.subject, shown, _day_of(verdicts, verdict, part, shown.at_s))
    if shown is scoped and excused is not None and excused.dwelling_c < scoped.dwelling_c:
        apart = Step("context", excused.at_s, "excused_coldest_c", value=excused.dwelling_c)
        steps.append(about(verdicts, apart, excused.dwelling))
    if verdict.state == "met":
        return Context(steps, trigger=-1)
    floor_c = verdicts.guide.number(verdicts[verdict.clause].clause, part.least).value
    below = dwellings_below(facts, column, shown.at_s, floor_c)
    if below > 1:  # the amount counts them all
        many = Step("context", shown.at_s, "dwellings_below", value=float(below))
        steps.insert(2, about(verdicts, many, verdict.subject))
    # a fall from which rooms rose less than a day before is why they are not warm yet
    fall = int(last_fall(facts, np.array([verdict.subject]), np.array([shown.at_s]), DAY_S)[0])
    begun = building_trouble(facts, substation, shown.at_s - 1)  # what began at that very instant had done nothing yet
    supply = late_supply(facts, verdict.subject, shown.at_s)
    if supply >= 0:  # no heat yet: what kept the supply is why, and nothing else
        return Context(steps, causes=[*begun, supply], trigger=-1)
    share = arrived_share(facts, substation, shown.at_s - 1, shown.at_s)
    rationed = [seq for seq in begun if verdicts.record.what[seq] == KIND_CODE["rationing_started"]]
    ordered = min([1.0, *(float(verdicts.record.value[seq]) for seq in rationed)])
    little = share is not None and share < ordered - FAR
    if share is not None and little:
        arrived = Step("context", shown.at_s, "arrived_percent", value=100.0 * share)
        steps.append(about(verdicts, arrived, substation))
    past, over, until = _trouble_over(verdicts, substation, fall, shown.at_s, part)
    behind = [*begun, *ancestors(verdicts, fall)]
    since = int(facts.at[fall]) if fall >= 0 else shown.at_s - DAY_S
    spells = [since] if share is None or share >= SERVED else [since, max(since, shown.at_s - DAY_S)]
    most = [seq for spell in spells for seq in chilled_by(facts, substation, spell, shown.at_s)]
    most = [seq for seq in most if seq not in (*behind, *past)]
    if little and not covered(facts, [*behind, *past, *most], shown.at_s - 1):
        most += [seq for seq in [shortage_behind(facts, (shown.at_s - 1) // HOUR_S, substation)] if seq >= 0]
    ends = [*over_by(facts, [*behind, *most], shown.at_s), *_rise(facts, fall, shown.at_s)]
    causes = [seq for seq in (*begun, *past, *most) if seq != fall]
    if fall < 0 and not causes:  # nothing but the cold, which a night's hour shows and a day's mean hides
        steps += outdoors(verdicts, shown.at_s)
    return Context([*steps, *until], causes=causes, case=[*over, *ends], trigger=fall)


def _rise(facts: Facts, fall: int, at: int) -> list[int]:
    """Return with which entry rooms had risen from a fall by an instant."""
    cold = facts.intervals(COLD)
    return [int(end) for end in cold.end[(cold.start == fall) & cold.ended & (cold.to_s <= at)]]


def _day_of(verdicts: Verdicts, verdict: Verdict, part: Floor, at: int) -> int:
    """Return the day whose weather is told of an instant: at the end of an abnormal one, which excuses, that day."""
    excuses = [verdicts.guide.excuses[name] for name in part.excuses if verdict.state == "excused"]
    designs = [verdicts.guide.full_number(rule.number).value for rule in excuses if rule.rule == "weather"]
    if any(at in verdicts.facts.cold_days(design_c).to_s for design_c in designs):
        return at // DAY_S - 1
    return at // DAY_S


def _short_row(verdicts: Verdicts, verdict: Verdict) -> str:
    """Return the address of the verdict on those of a cohort's hours that fell short; empty where none did."""
    rows = verdicts.part(verdict.clause, verdict.part).rows
    short = np.flatnonzero((rows.subject == verdict.subject) & (rows.state == MISSED))
    return address_of(verdict.clause, verdict.part, int(short[0])) if len(short) else ""


def _trouble_over(
    verdicts: Verdicts, substation: int, fall: int, at: int, part: Floor
) -> tuple[list[int], list[int], list[Step]]:
    """Return what had stopped, throttled or rationed a building and was over by an instant.

    That is what lasted when rooms fell, and the last since; or in the day before, where nothing is told of a fall's
    cause. With it its ends, and till when faults excused.
    """
    facts = verdicts.facts
    fell = at if fall < 0 else int(facts.at[fall])
    before_s = DAY_S if fall < 0 or verdicts.record.cause[fall] < 0 else 0
    found = facts.intervals(BUILDING)
    mine = (found.subject == substation) & (found.to_s > fell - before_s) & (found.to_s <= at) & (found.end >= 0)
    if not mine.any():
        return [], [], []
    rows = np.flatnonzero(mine)
    found = found.take(rows[np.argsort(found.to_s[rows], kind="stable")])
    told = (found.from_s <= fell) & (found.to_s > fell)
    told[-1] = True
    found = found.take(told)
    faults = set(facts.fault_intervals().start.tolist())
    rules = [verdicts.guide.excuses[name] for name in part.excuses]
    touched = [touched_by_faults(facts, verdicts.guide, rule) for rule in rules if rule.rule == "fault"]
    spans = union(span for one in touched for span in one.get(substation, []))  # one fault may follow on another
    ended = found.take(np.isin(found.start, list(faults)))
    ends = {max((b for a, b in spans if a <= over), default=over) for over in ended.to_s.tolist()}
    steps = [Step("context", end, "fault_excuse_over") for end in sorted(ends)]
    return found.start.tolist(), found.end.tolist(), steps


def besides(verdicts: Verdicts, verdict: Verdict, told: list[int], waited: tuple[int, int] | None) -> list[Step]:
    """Return how often a cohort's building was stopped, throttled or rationed between the first and the last told.

    Of a dwelling that was to be made warm: from the first told till it was; of one whose case only `waited` for heat,
    till that was over.
    """
    facts = verdicts.facts
    remedied = verdict.response >= 0 and verdicts.record.what[verdict.response] == KIND_CODE["dwelling_remedied"]
    if verdict.subject not in facts.cohorts and not remedied and waited is None:
        return []
    found = facts.intervals(BUILDING)
    found = found.take(found.subject == facts.group(np.array([verdict.subject]), "substation")[0])
    mine = np.isin(found.start, told)
    if not mine.any():
        return []
    first, last = int(found.from_s[mine].min()), int(found.from_s[mine].max())
    last = waited[1] if waited is not None else last
    last = int(facts.at[verdict.response]) if remedied else last
    more = int((~mine & (found.from_s >= first) & (found.from_s <= last)).sum())
    return [Step("context", last, "troubles_more", value=float(more))] if more else []


def warm_at(verdicts: Verdicts, verdict: Verdict) -> Context:
    """The rooms at the instant judged, and what preheating went before it."""
    facts, record = verdicts.facts, verdicts.record
    at = facts.start_s if verdict.opened_s is None else verdict.opened_s
    column = int(np.flatnonzero(facts.cohorts == verdict.subject)[0])
    shown = dwelling_at(facts, column, at)
    steps = [] if shown is None else _room_steps(verdicts, verdict.subject, shown, at // DAY_S)
    operator = facts.group(np.array([verdict.subject]), "operator")[0]
    preheats = facts.rows("preheat_started")
    preheats = preheats[(facts.group(facts.subject[preheats], "operator") == operator) & (facts.at[preheats] <= at)]
    preheats = _nearest(facts, preheats, verdict.subject)
    supply = facts.rows("supply_started")
    supply = supply[(facts.subject[supply] == record.subjects.substation[verdict.subject]) & (facts.at[supply] <= at)]
    if len(preheats):
        first = int(preheats[np.argmin(facts.at[preheats])])
        hours = (facts.start_s - int(facts.at[first])) / HOUR_S
        steps.append(Step("context", at, "preheated_h", value=hours))
        return Context(steps, causes=[first], case=supply[-1:].tolist())
    steps.append(Step("context", facts.start_s, "no_preheat"))
    trials = facts.rows("trial_run_done")  # no source preheats before its works are done
    trials = trials[(facts.group(facts.subject[trials], "operator") == operator) & (facts.at[trials] > facts.start_s)]
    last = trials[np.argsort(facts.at[trials], kind="stable")][-1:]
    late = [int(seq) for seq in last if record.cause[seq] >= 0]  # what kept the works is why
    return Context(steps, causes=late, case=[*last.tolist(), *supply[-1:].tolist()])


def outdoors(verdicts: Verdicts, at: int) -> list[Step]:
    """Return how cold it was outdoors in the hour of an instant; nothing where the record does not say."""
    outdoor = verdicts.record.tracks.get("outdoor_c")
    hour = at // HOUR_S
    if outdoor is None or not 0 <= hour < len(outdoor):
        return []
    return [Step("context", at, "outdoor_c", value=float(outdoor[hour]))]


def _nearest(facts: Facts, rows: Ints, subject: int) -> Ints:
    """Return those of some sources' entries that are of a subject's own source; all where there is none of it."""
    own = facts.group(facts.subject[rows], "source") == facts.group(np.array([subject]), "source")[0]
    return rows[own] if own.any() else rows


def _room_steps(verdicts: Verdicts, cohort: int, shown: Coldest, day: int) -> list[Step]:
    """Return how cold a cohort and its coldest dwelling were, the weather of a day, and the supply that came."""
    record, facts, at = verdicts.record, verdicts.facts, shown.at_s
    found = [
        about(verdicts, Step("context", at, "room_c", value=shown.room_c), cohort),
        about(verdicts, Step("context", at, "coldest_dwelling_c", value=shown.dwelling_c), shown.dwelling),
    ]
    mean = facts.daily_mean_c()
    if day < len(mean):
        when = at if day == at // DAY_S else day * DAY_S
        found.append(Step("context", when, "outdoor_daily_mean_c", value=float(mean[day])))
    substation = int(record.subjects.substation[cohort])
    supply = record.tracks.get("substation_supply_c")
    if supply is not None and substation >= 0:
        place = int(np.flatnonzero(record.subjects.rows("substation") == substation)[0])
        value = float(supply[min(at // HOUR_S, len(supply) - 1), place])
        found.append(about(verdicts, Step("context", at, "substation_supply_c", value=value), substation))
    return found
