"""Where a story ends: a draw of a named stream, an order or a value of the scenario, the weather, a dwelling's own lot.

The record says of most entries what they followed from. An entry that followed from none is grounded here: either it
holds the stream it was drawn from, or its kind says which values of the scenario stood behind it. A duty that was done
late, or not at all, goes back to what had been planned for it besides. Observed records end where the log begins.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..record import KINDS, OBSERVED
from .behind import behind, mending, repairing
from .coldest import Coldest, room_of
from .course import asked_for, drawn, of_case, settings_of, spells
from .excused import excused_by
from .household import STANDARD_C, about_heat, cold_by_itself, cold_lot, troubles_behind, way_to_authority
from .parts import DAY_S, HOUR_S, Carries, Floor, Part, Throughout, Within
from .settings import settings_told, staff_settings
from .spans import within
from .steps import Step, about, ancestors, entry
from .trouble import late_supply, unserved_w
from .verdict import Verdict, Verdicts
from .waiting import awaits_heat, cold_of_its_own

__all__ = ["grounds", "roots"]

_UNSTAFFED = ("policies.roster.kind", "policies.roster.agents", "policies.roster.shifts", "policies.roster.night")
_PREHEAT = ("policies.preheat.kind", "policies.preheat.days", "policies.preheat.ramp_k_h")
_READINESS = ("policies.readiness.filling_day", "policies.readiness.filling_days", "policies.readiness.trial_days",
              "policies.crews.teams")  # fmt: skip
_NOTICE = ("policies.readiness.notice", "policies.readiness.notice_day")
_MENDING = ("policies.inspection.mend_days", "policies.inspection.mend_spread", "policies.inspection.mend_work_h",
            "policies.crews.teams")  # fmt: skip
_INSPECTION = ("policies.inspection.share",)
_RESERVE = ("policies.reserve.kind", "policies.reserve.opening_days", "policies.reserve.days")
_RATIONING = ("policies.rationing.kind", "policies.rationing.begin_below_days", "policies.rationing.least_share")
_SUPPLY = ("operation.room_target_c", "operation.primary_supply_design_c")
_TELL = ("policies.notices.kind", "policies.notices.tell_minutes")
_CONTENTS = ("policies.notices.contents",)
_TEAMS = ("policies.crews.teams", "policies.crews.work")
_JOURNEY = ("policies.crews.mobilise_minutes", "policies.crews.travel_minutes", "policies.crews.travel_spread")
_BILLING = ("policies.billing.kind", "policies.billing.reminder_days", "policies.billing.restrict_days")
_EARLY = ("people.calls.early_factor", "people.calls.early_decay_days")
_EXPLAINING = ("people.cases.explain_share", "people.cases.promise_days")
_EXIT = ("exit",)
_PIPED = ("policies.gas_contract.quantity_factor", "policies.gas_contract.on_site_factor")
_OF_WANT = {"withheld": _PIPED, "contract": _PIPED, "none": (*_RESERVE, "policies.reserve.closing_days")}

_PLANNED: dict[str, tuple[str, ...]] = {
    # the season and its readiness
    "early_start_decided": ("policies.season.kind",), "extension_decided": ("policies.season.kind",),
    "readiness_announced": _NOTICE, "filled": _READINESS, "pressure_tested": _READINESS, "vented": _READINESS,
    "trial_run_done": _READINESS, "access_refused": ("people.access_refused_share",),
    "inspection_due": _INSPECTION, "inspected": _INSPECTION, "inspection_done": _INSPECTION,
    "defect_found": (*_INSPECTION, "policies.inspection.detection_share"),
    "defect_mended": _MENDING,
    "preheat_started": _PREHEAT, "preheat_completed": _PREHEAT, "supply_started": _PREHEAT,
    "supply_ended": ("policies.season.kind", "season.supply_end"), "heat_start_planned": ("season.supply_start",),
    "fell_below_18": _SUPPLY, "rose_above_18": _SUPPLY,
    # faults and repairs
    "fault_reported": ("policies.notices.kind", "policies.notices.report_minutes"),
    "work_started": (*_TEAMS, *_JOURNEY),
    "long_stop_reported": _TELL, "users_told": _TELL, "manager_told": _TELL,
    "interim_sent": ("policies.interim.units",),
    # fuel
    "fuel_ran_out": _RESERVE, "emergency_ordered": _RESERVE, "second_fuel_begun": ("policies.merit_order.kind",),
    "rationing_started": _RATIONING,
    "shortage_started": ("network", "policies.merit_order.kind"),
    # hotline and cases
    "hotline_unstaffed": _UNSTAFFED, "delay_explained": ("people.cases.explain_share",),
    "refund_settled": ("policies.billing.refund_days",),
    "room_sampled": ("policies.sampling.share_per_month",),
    # arrears and exit
    "payment_overdue": ("people.arrears.share",), "arrears_reminded": _BILLING, "supply_restricted": _BILLING,
    "payer_cut": _BILLING, "exit_planned": _EXIT, "exit_reported": _EXIT,
    # in the middle of the season
    "state_taken": ("state.at",), "policy_changed": ("later",),
}  # fmt: skip
_BY_WEATHER = frozenset(
    {"early_start_decided", "extension_decided", "fell_below_18", "shortage_started", "fuel_ran_out"}
)
_BY_PEOPLE = frozenset({"call_answered", "call_abandoned", "complaint_accepted", "authority_complained"})
_BY_PAYING = frozenset({"payment_overdue", "arrears_reminded", "supply_restricted"})
_ALWAYS = frozenset(
    {"fuel_ran_out", "rationing_started", "trial_run_done"}
)  # a plan stands behind these whatever else brought them about
_LACKED = ("lacked", "lacked_at_worst", "lacked_in_all")
_WHOSE = {3.0: "people.cases.user_cause_share", 6.0: "people.cases.estate_cause_share"}
_EARLY_DAYS = 14  # for so long more people call than usual because heat has come


def roots(verdicts: Verdicts, verdict: Verdict, part: Part, steps: Sequence[Step]) -> list[Step]:
    """Return what a story goes back to beside the draws that its own entries hold, each once."""
    found: list[Step] = []
    told = [step for step in steps if step.seq >= 0 and step.role in ("draw", "cause", "trigger", "standing")]
    if "schema_version" not in verdicts.record.scenario:  # a log: nothing is known of what stood behind it
        begun = (step.seq for step in told if verdicts.record.cause[step.seq] < 0)
        return next((ground for ground in (grounds(verdicts, seq) for seq in begun) if ground), [])
    for step in [*told, *_behind_lines(verdicts, steps)]:
        if verdicts.record.cause[step.seq] < 0:
            found += grounds(verdicts, step.seq)
        elif step.what in _ALWAYS:
            found += settings_told(verdicts.record, _planned(verdicts, step.seq), step.at_s)
        if step.what == "shortage_started" and {*map(step.detail.get, _LACKED)} - {"fuel", None}:
            found += _weather(verdicts, step.at_s or 0)  # so much heat was asked for in the cold
        if step.what == "authority_complained":
            found += settings_told(
                verdicts.record, (f"people.cases.{way_to_authority(verdicts, step.seq)}",), step.at_s
            )
        if step.what == "defect_mended":
            found += mending(verdicts, step.seq)
        ordered = [step.detail.get("imposed"), *step.detail.get("draw", ())[1:]]
        if ordered[0] or "imposed" in step.detail.get("draw", ()):
            path = next(path for path in ordered if path)
            found.append(Step("root", None, "imposed", detail={"path": path, "value": step.what}))
    at = verdict.opened_s if verdict.opened_s is not None else verdicts.facts.start_s
    found += _excusing(verdicts, verdict, part, steps, at)
    for step in steps:
        if step.what == "remedy_fell_short":
            why = ("remedy_gain_k", "reading_error_k") if step.value else ("remedy_fails_share",)
            found += settings_told(verdicts.record, (f"people.cases.{name}" for name in why), step.at_s)
        if step.what == "neighbours_c" and verdict.subject >= verdicts.facts.listed:
            found.append(_member(verdicts, "dwelling", verdict.subject))
        if step.what == "not_explained_d":
            found += settings_told(verdicts.record, _EXPLAINING, step.at_s)
            found.append(replace(_member(verdicts, "people", verdict.subject), what="explaining"))
        if step.what == "long_over_d":  # nothing but the cold is left
            found += [*settings_told(verdicts.record, _SUPPLY, step.at_s), *_weather(verdicts, step.at_s or at)]
    if verdict.state not in ("met", "excused") or verdict.response >= 0:
        found += _behind_the_time(verdicts, verdict, part, steps, at)
    if isinstance(part, Floor) and part.measure in ("room_temperature", "warm_at"):
        if part.measure == "warm_at":
            late = any(step.what == "trial_run_done" for step in steps)  # no preheating before the works are done
            found += settings_told(verdicts.record, (*_PREHEAT, *_READINESS) if late else _PREHEAT, at)
        found += _of_rooms(verdicts, steps, at)
    elif isinstance(part, Floor) and part.slices == "day":
        found.append(Step("root", None, "household", detail={"draw": ["people"]}))
        if at < verdicts.facts.start_s + _EARLY_DAYS * DAY_S:
            found += settings_told(verdicts.record, _EARLY, at)
        if any(step.what == "unsupplied" for step in steps):
            found += settings_told(verdicts.record, (*_PREHEAT, *_READINESS), at)
    elif isinstance(part, Floor) and part.measure == "fuel" and not told and verdict.state != "met":
        # too little for an entry of its own
        found += [*settings_told(verdicts.record, _fuel_plan(verdicts, verdict.subject), at), *_weather(verdicts, at)]
    elif _only_tracks_tell(verdict, part) and not any(step.what == "supply_started" for step in steps):
        found += [*settings_told(verdicts.record, ("network", *_SUPPLY), at), *_weather(verdicts, at)]
    kept: dict[str, Step] = {}
    for step in found:
        kept.setdefault(repr((step.what, step.subject, step.detail)), step)
    return [_remedied_before(verdicts, step, steps, at) if step.what == "dwelling" else step for step in kept.values()]


def _behind_lines(verdicts: Verdicts, steps: Sequence[Step]) -> list[Step]:
    """Return the entries behind what brought many to the lines told of, which are not told themselves."""
    facts, found = verdicts.facts, []
    for step in steps:
        if step.what == "line_brought_percent":
            rows = facts.rows(step.detail["cause"])
            mine = rows[(facts.at[rows] == step.detail["start"]) & (facts.subject[rows] == step.subject)]
            found += [entry(verdicts, seq, "cause") for seq in ancestors(verdicts, int(mine[0]))]
    return found


def _remedied_before(verdicts: Verdicts, own: Step, steps: Sequence[Step], at: int) -> Step:
    """Return a dwelling's own lot with how much of it had been made good before a story began that does not tell so.

    Of a verdict on rooms: before the hour in which it was so cold.
    """
    coldest = (step.at_s for step in steps if step.what == "coldest_dwelling_c" and step.subject == own.subject)
    until = next((when - 1 for when in coldest if when is not None), at)  # at a remedy itself rooms are as they were
    done = verdicts.facts.rows("dwelling_remedied")
    mine = (verdicts.facts.subject[done] == own.subject) & (verdicts.facts.at[done] <= until)
    gains = verdicts.record.value[done[mine & ~np.isin(done, [step.seq for step in steps])]]
    gain_k = float(gains[np.isfinite(gains)].sum())
    return replace(own, detail={**own.detail, "remedied_k": gain_k}) if gain_k > 0.0 else own


def _excusing(verdicts: Verdicts, verdict: Verdict, part: Part, steps: Sequence[Step], at: int) -> list[Step]:
    """Return what an excuse goes back to: whose doing a cold room was, a refusal, the weather."""
    found: list[Step] = []
    for step in steps:
        listed = verdict.subject < verdicts.facts.listed
        if step.what == "other_cause_found" and step.value in _WHOSE and not listed:
            found += settings_told(verdicts.record, (_WHOSE[step.value],), step.at_s)
            found.append(replace(_member(verdicts, "people", verdict.subject), what="whose_doing"))
        elif step.what == "access_refused":
            found += grounds(verdicts, step.seq)
    if verdict.state == "excused":
        rules = {verdicts.guide.excuses[rule["name"]].rule for rule in excused_by(verdicts, verdict, part)}
        found += _abnormal(verdicts, part, at) if "weather" in rules else []
    return found


def _behind_the_time(verdicts: Verdicts, verdict: Verdict, part: Part, steps: Sequence[Step], at: int) -> list[Step]:
    """Return what decided when a duty was done, or that it never was: of a case by what its time went on."""
    kinds = asked_for(verdicts, verdict, part)
    if kinds and of_case(kinds[0]) and verdict.subject >= verdicts.facts.listed:
        found = []
        for spell in spells(verdicts, verdict, kinds[0]):
            found += settings_told(verdicts.record, settings_of(verdicts, spell), spell.from_s)
            if mark := drawn(spell):
                found.append(replace(_member(verdicts, "people", verdict.subject), what=mark))
            if spell.what == "heat":
                found += repairing(verdicts, awaits_heat(verdicts, verdict))
                found += [_member(verdicts, "dwelling", verdict.subject)] if cold_of_its_own(verdicts, verdict) else []
        return found + (settings_told(verdicts.record, _PLANNED[kinds[0]], at) if kinds[0] in _PLANNED else [])
    if kinds == ("defect_mended",) and verdict.response >= 0:
        beyond_s = (verdict.answered_s or 0) - (verdict.due_s or 0)
        return mending(verdicts, verdict.response, beyond_s if beyond_s > 0 else math.inf)
    found = []
    for kind in kinds:
        lost = next((step.at_s for step in steps if step.what == "lost_in_hour"), None)
        if kind == "call_answered" and lost is not None:
            planned = staff_settings(verdicts.record, "agents", lost, lost + HOUR_S)
        elif isinstance(part, Carries) and part.contents:  # what a notice says, not when
            planned = _CONTENTS
        else:
            planned = _without_a_wait(steps) if kind == "work_started" else _PLANNED.get(kind, ())
        found += [*settings_told(verdicts.record, planned, at), *behind(verdicts, verdict, kind)]
    return found


def _without_a_wait(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return what was planned for a crew to come: how many teams there are only where it did not leave at once."""
    when = {step.what: step.at_s for step in reversed(steps) if step.what in ("fault_discovered", "crew_sent")}
    at_once = len(when) == 2 and when["crew_sent"] == when["fault_discovered"]
    return _JOURNEY if at_once else (*_TEAMS, *_JOURNEY)


def _abnormal(verdicts: Verdicts, part: Part, at: int) -> list[Step]:
    """Return where the abnormal weather was from: of the day that opened a duty, or of all such days of the season."""
    facts = verdicts.facts
    if isinstance(part, Within):
        return _weather(verdicts, at)
    rules = [verdicts.guide.excuses[name] for name in part.excuses]
    number = next(rule.number for rule in rules if rule.rule == "weather")
    cold = facts.cold_days(verdicts.guide.full_number(number).value)
    season = within(list(zip(cold.from_s.tolist(), cold.to_s.tolist(), strict=True)), facts.start_s, facts.season_end_s)
    return [step for begin, end in season for step in _weather(verdicts, begin, end)]


def _only_tracks_tell(verdict: Verdict, part: Part) -> bool:
    """Return whether a building was without heat and no entry says why."""
    stopped = isinstance(part, Throughout) and part.measure == "uninterrupted" and verdict.state != "met"
    return stopped and verdict.trigger < 0


def grounds(verdicts: Verdicts, seq: int) -> list[Step]:
    """Return what an entry that followed from no other goes back to; nothing where it holds the draw itself."""
    record = verdicts.record
    kind, at, subject = KINDS[record.what[seq]].name, int(record.at[seq]), int(record.subject[seq])
    if "draw" in record.detail_of(seq):
        return []
    if int(record.origin[seq]) == OBSERVED or "schema_version" not in record.scenario:
        return [Step("root", None, "recorded")]
    found: list[Step] = []
    if kind in _BY_PEOPLE:
        heat = about_heat(verdicts, seq)
        return _of_household(verdicts, subject, at) if heat else [_member(verdicts, "people", subject)]
    if kind in _BY_PAYING:
        found.append(_member(verdicts, "paying", subject))
    if kind == "shortage_started" and unserved_w(verdicts.facts, "unserved_fuel_w", at // HOUR_S, subject) > 0.0:
        found += settings_told(verdicts.record, _fuel_plan(verdicts, subject), at)
    else:
        found += settings_told(verdicts.record, _planned(verdicts, seq), at)
    return [*found, *_weather(verdicts, at)] if kind in _BY_WEATHER else found


def _planned(verdicts: Verdicts, seq: int) -> tuple[str, ...]:
    """Return the values of the scenario that stand behind an entry; of fuel that ran out, by why it did."""
    planned = _PLANNED.get(KINDS[verdicts.record.what[seq]].name, ())
    return _OF_WANT.get(str(verdicts.record.detail_of(seq).get("want")), planned)


def _fuel_plan(verdicts: Verdicts, source: int) -> tuple[str, ...]:
    """Return the values of the scenario by which a source's fuel was planned: its contract, its reserve, or both."""
    subjects, fuel = verdicts.record.subjects, verdicts.record.summary.get("fuel", {})
    stores = [row for row in subjects.rows("store").tolist() if subjects.source[row] == source]
    piped = {fuel.get(subjects.id[row], {}).get("fuel") == "natural_gas" for row in stores}
    return (*(_PIPED if True in piped else ()), *(_RESERVE if piped != {True} else ()))


def _of_household(verdicts: Verdicts, subject: int, at: int) -> list[Step]:
    """Return what a call goes back to that no common trouble brought about: the household's mark, a cold of its own."""
    call = _member(verdicts, "people", subject)
    room = room_of(verdicts.facts, subject, at)
    if room is None or room.dwelling_c >= STANDARD_C:
        return [call]
    if late_supply(verdicts.facts, subject, at) >= 0:
        return [*settings_told(verdicts.record, (*_PREHEAT, *_READINESS), at), call]
    own = [_member(verdicts, "dwelling", subject)] if cold_lot(verdicts, room) else []
    # where its neighbours are cold as well, common troubles are told; or else nothing but the cold is left
    if cold_by_itself(verdicts, subject, at) or troubles_behind(verdicts, subject, at):
        return [*own, call]
    return [*own, *settings_told(verdicts.record, _SUPPLY, at), *_weather(verdicts, at), call]


def _of_rooms(verdicts: Verdicts, steps: Iterable[Step], at: int) -> list[Step]:
    """Return why rooms are cold: what is the dwelling's own, and where no entry tells of a trouble, the weather."""
    facts = {step.what: step for step in steps if step.role == "context"}
    room, dwelling = facts.get("room_c"), facts.get("coldest_dwelling_c")
    if room is None or dwelling is None or room.value is None or dwelling.value is None:
        return []
    found = []
    home = Coldest(room.at_s or at, dwelling.subject, room.value, dwelling.value)
    of_its_own = cold_lot(verdicts, home)
    if room.value >= STANDARD_C or of_its_own:
        found.append(_member(verdicts, "dwelling", dwelling.subject))
    sent = "no_preheat" not in facts  # where no heat was sent yet, neither how much nor how cold it was is why
    below = room.value < STANDARD_C or (dwelling.value < STANDARD_C and not of_its_own)  # and not by the lot alone
    if sent and below and not any(step.role in ("draw", "cause", "trigger") for step in steps):
        found += [*settings_told(verdicts.record, _SUPPLY, at), *_weather(verdicts, room.at_s or at)]
    return found


def _member(verdicts: Verdicts, process: str, subject: int) -> Step:
    """Return the mark of one dwelling or household, drawn by its cohort and its number there."""
    step = about(verdicts, Step("root", None, "household" if process == "people" else process), subject)
    if process == "dwelling":
        own_k = float(verdicts.record.subjects.offset_k[subject - verdicts.facts.listed])
        step = replace(step, value=-own_k)
    return replace(step, detail={"draw": [process, step.subject_id, step.dwelling]})


def _weather(verdicts: Verdicts, at: int, until: int | None = None) -> list[Step]:
    """Return where the weather of an instant is from: the winter drawn or the file read, and what was laid over it.

    Or of the time until another instant. Rooms at an instant are as cold as the day before has made them.
    """
    weather = verdicts.record.scenario.get("weather", {})
    if weather.get("kind") == "synthetic":
        found = [Step("root", None, "weather", detail={"draw": ["weather", "anomaly"]})]
    else:
        found = settings_told(verdicts.record, ("weather.kind", "weather.file"), at)
    origin = dt.datetime.fromisoformat(str(verdicts.record.calendar["origin"]))
    now = origin + dt.timedelta(seconds=at if until is None else until - 1)
    since = origin + dt.timedelta(seconds=at - DAY_S if until is None else at)
    for place, overlay in enumerate(weather.get("overlays", ())):
        begin = dt.datetime.fromisoformat(str(overlay["start"])) if "start" in overlay else now
        hours = sum(float(overlay.get(name) or 0.0) for name in ("onset_h", "plateau_h", "recovery_h"))
        lasting = dt.timedelta(hours=hours, days=float(overlay.get("days") or 0.0))
        if begin <= now and since <= begin + lasting:
            path = f"weather.overlays[{place}]"
            found.append(Step("root", None, "imposed", detail={"path": path, "value": overlay.get("kind")}))
    return found
