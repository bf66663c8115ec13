"""What an explanation names as cause: the one that led there, at the hour the verdict speaks of."""

from dataclasses import replace

import numpy as np
import pytest
from heatseason.network_models.problems import RecordError
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.rows import EXCUSED
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from
from heatseason.sim.report.words import Words

SEASON = {"start": "2025-11-15", "end": "2026-03-15"}
WARM = {"from": "2025-11-15 00:00", "daily_mean_c": [4.0]}


def rooms(*dips, offsets=(0.0, -1.0), start="2025-11-15 00:00", season_hours=2904):
    """Hourly temperatures at 20 °C but for dips (first hour, hours, degrees)."""
    hourly = np.full(season_hours, 20.0)
    for first, hours, degrees in dips:
        hourly[first : first + hours] = degrees
    return [{"estate": "荔枝园", "from": start, "hourly_c": hourly.tolist(), "offsets_k": list(offsets)}]


def story(data, address):
    verdicts = judge(record_from({"season": SEASON, "outdoor": WARM, **data}))
    return chain(verdicts, address), verdicts


def missed(verdicts, clause, part=""):
    return next(v.id for v in verdicts.breaches(clause) if v.part == part and v.state == "missed")


def entry(what, at, subject="荔枝园", **more):
    return {"at": at, "what": what, "subject": subject, **more}


TWO_FALLS = [
    entry("outage_started", "2025-11-20 00:00", case="a", name="outage"),
    entry("fell_below_18", "2025-11-20 00:00", cause="outage", value=18),
    entry("outage_ended", "2025-11-20 03:00", case="a"),
    entry("rose_above_18", "2025-11-20 05:00"),
    entry("fuel_ran_out", "2025-12-01 00:00", "草库", name="empty"),
    entry("shortage_started", "2025-12-01 00:00", "热源甲", cause="empty", name="short"),
    entry("fell_below_18", "2025-12-01 02:00", cause="short", value=18),
]
DAY = 24


def test_the_fall_that_led_to_the_least_temperature_is_the_cause_not_the_first_of_the_season():
    told, verdicts = story({"entry": TWO_FALLS, "room": rooms((5 * DAY, 5, 17.0), (16 * DAY + 2, 20, 15.0))}, "2.3/1")
    assert verdicts.find("2.3/1").state == "missed"
    what = [(step.role, step.what) for step in told.steps if step.seq >= 0]
    assert what == [("draw", "fuel_ran_out"), ("cause", "shortage_started"), ("trigger", "fell_below_18")]


def test_a_cohort_that_had_risen_since_was_not_made_cold_by_that_fall():
    entries = [*TWO_FALLS, entry("rose_above_18", "2025-12-01 20:00")]
    told, verdicts = story({"entry": entries, "room": rooms((5 * DAY, 3, 17.0), (30 * DAY, 5, 16.5))}, "2.3/1")
    assert verdicts.find("2.3/1").trigger == -1
    assert not [step for step in told.steps if step.role == "trigger"]


def test_margin_and_coldest_hour_are_of_the_same_hour_in_scope_and_an_excused_one_is_apart():
    cold = [4.0] * 100
    cold[40] = -5.0  # abnormal weather
    data = {
        "room": rooms((40 * DAY + 6, 8, 10.0), (60 * DAY, 5, 16.0)),
        "outdoor": {"from": "2025-11-15 00:00", "daily_mean_c": cold},
    }
    told, verdicts = story(data, "2.3/1")
    verdict = verdicts.find("2.3/1")
    facts = {step.what: step for step in told.steps if step.role == "context"}
    assert verdict.state == "missed"
    assert verdict.margin == pytest.approx(facts["coldest_dwelling_c"].value - 18.0, abs=1e-4) == -3.0
    assert facts["coldest_dwelling_c"].at_s == verdicts.facts.start_s + 60 * DAY * 3600
    assert facts["excused_coldest_c"].value == pytest.approx(9.0)
    assert facts["excused_coldest_c"].at_s == verdicts.facts.start_s + (40 * DAY + 6) * 3600


def test_a_remedied_dwelling_is_cold_before_its_remedy():
    data = {
        "entry": [entry("dwelling_remedied", "2025-12-10 12:30", "荔枝园/2", case=1, value=4.0)],
        "room": rooms((60 * DAY, 5, 19.5), offsets=(0.0, -3.0)),
    }
    told, verdicts = story(data, "2.3/1")
    coldest = next(step for step in told.steps if step.what == "coldest_dwelling_c")
    assert coldest.value - 18.0 == pytest.approx(verdicts.find("2.3/1").margin) == -1.0
    assert coldest.dwelling == 2
    assert coldest.at_s < verdicts.facts.start_s + 26 * DAY * 3600


@pytest.mark.parametrize("preheat", [True, False])
def test_warm_at_the_start_is_told_of_the_start_with_its_number_and_the_preheating(preheat):
    data = {"room": rooms((0, 3, 17.0), (50 * DAY, 4, 12.0))}
    happened = ("preheat_started", "2025-11-13 00:00") if preheat else ("trial_run_done", "2025-11-18 12:00")
    data["entry"] = [entry(*happened, "热源甲")]
    _, verdicts = story(data, "2.3/0")
    address = missed(verdicts, "2.2b", "warm")
    told = chain(verdicts, address)
    facts = {step.what: step for step in told.steps if step.role == "context"}
    start = verdicts.facts.start_s
    assert facts["room_c"].at_s == start
    assert facts["room_c"].value == pytest.approx(17.0)
    assert told.numbers["2.3/temperature_c"] == (18.0, "degC", False)
    begun = [step.what for step in told.steps if step.role == "draw"]
    assert begun == (["preheat_started"] if preheat else [])
    assert ("no_preheat" in facts) is not preheat
    assert [step.what for step in told.steps if step.role == "case"] == ([] if preheat else ["trial_run_done"])
    if preheat:
        assert facts["preheated_h"].value == 48.0


def test_warm_at_the_start_tells_of_the_preheating_of_the_buildings_own_source():
    places = {
        "substation": [{"name": "荔枝园", "source": "热源乙"}],
        "source": [{"name": "热源甲"}, {"name": "热源乙"}],
    }
    data = {"room": rooms((0, 3, 17.0)), **places}
    data["entry"] = [entry("preheat_started", "2025-11-13 00:00", source) for source in ("热源甲", "热源乙")]
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.2b", "warm"))
    assert [step.subject_name for step in told.steps if step.what == "preheat_started"] == ["热源乙"]


def test_a_room_that_its_own_lot_alone_would_not_make_too_cold_is_the_weathers_too():
    for dip_c, own_k, weathers in ((18.5, -1.0, True), (18.5, -2.5, False), (19.9, -2.5, False)):
        data = {"season": SEASON, "outdoor": WARM, "room": rooms((50 * DAY, 4, dip_c), offsets=(0.0, own_k))}
        verdicts = judge(record_from(data))
        verdicts.record.scenario.update(schema_version=1, weather={"kind": "synthetic"})  # a run, not a log
        told = chain(verdicts, missed(verdicts, "2.3"))
        roots = [step.what for step in told.steps if step.role == "root"]
        assert roots == ["dwelling", *(["weather"] if weathers else [])]
        (outdoors,) = [step for step in told.steps if step.what == "outdoor_c"]
        assert outdoors.at_s == told.steps[1].at_s


def test_a_building_starved_when_fuel_ran_out_tells_of_its_own_sources_and_what_followed_from_others():
    hours = [1e6] * 240
    series = {
        ("substation_heat_w", "荔枝园"): [*hours[:100], 5e4, *hours[101:]],
        ("substation_need_w", "荔枝园"): hours,
        ("unserved_fuel_w", "热源甲"): [9e6] * 240,
        ("unserved_fuel_w", "热源乙"): [0.0] * 240,
    }
    entries = [
        entry("fuel_ran_out", "2025-11-19 03:00", "乙库", name="own"),
        entry("fuel_ran_out", "2025-11-19 04:00", "甲库", name="other"),
        entry("shortage_started", "2025-11-19 02:00", "热源乙", value=0.1),
        entry("shortage_started", "2025-11-19 04:00", "热源甲", cause="other", value=0.4),
    ]
    track = [{"track": track, "subject": subject, "from": "2025-11-15 00:00", "hourly": values}
             for (track, subject), values in series.items()]  # fmt: skip
    data = {"entry": entries, "series": track, "room": rooms(), "source": [{"name": "热源甲"}, {"name": "热源乙"}],
            "substation": [{"name": "荔枝园", "households": 2, "source": "热源乙"}]}  # fmt: skip
    record = record_from({"season": SEASON, "outdoor": WARM, **data})
    subjects = record.subjects
    for store, source in (("甲库", "热源甲"), ("乙库", "热源乙")):
        subjects.source[subjects.name.index(store)] = subjects.name.index(source)
    verdicts = judge(record)
    told = chain(verdicts, missed(verdicts, "2.6.3"))
    assert [(step.role, step.what, step.subject_name) for step in told.steps if step.seq >= 0] == [
        ("standing", "shortage_started", "热源乙"), ("trigger", "fuel_ran_out", "乙库"),
        ("draw", "fuel_ran_out", "甲库"), ("cause", "shortage_started", "热源甲"),
    ]  # fmt: skip


def test_a_building_starved_by_the_network_tells_its_first_hour_how_many_and_the_shortage():
    hours = [1e6] * 240
    heat = [*hours[:100], *[5e4] * 6, *hours[106:]]
    track = [
        {"track": "substation_heat_w", "subject": "荔枝园", "from": "2025-11-15 00:00", "hourly": heat},
        {"track": "substation_need_w", "subject": "荔枝园", "from": "2025-11-15 00:00", "hourly": hours},
    ]
    track += [
        {"track": "unserved_capacity_w", "subject": name, "from": "2025-11-15 00:00", "hourly": [amount]}
        for name, amount in (("热源甲", 2e6), ("热源乙", 9e6))
    ]
    entries = [
        entry("shortage_started", "2025-11-19 02:00", "热源甲", value=0.1),
        entry("source_tripped", "2025-11-19 01:00", "热源乙", case="t"),
        entry("shortage_started", "2025-11-19 03:00", "热源乙", value=0.4),
        entry("shortage_ended", "2025-11-20 03:00", "热源乙"),
    ]
    data = {"entry": entries, "series": track, "room": rooms(), "source": [{"name": "热源甲"}, {"name": "热源乙"}],
            "substation": [{"name": "荔枝园", "households": 2}]}  # fmt: skip
    _, verdicts = story(data, "2.3/0")
    verdict = verdicts.find(missed(verdicts, "2.6.3"))
    told = chain(verdicts, verdict.id)
    facts = {step.what: step for step in told.steps if step.role == "context"}
    assert verdict.opened_s == verdicts.facts.start_s + 100 * 3600
    assert facts["stopped_hours"].value == 6.0
    assert facts["served_percent"].value == pytest.approx(5.0)
    trigger = next(step for step in told.steps if step.role == "trigger")
    assert (trigger.what, trigger.subject_name) == ("shortage_started", "热源乙")
    assert facts["short_capacity_mw"].value == pytest.approx(9.0)
    assert facts["units_down"].value == 1.0
    standing = {(step.what, step.subject_name) for step in told.steps if step.role == "standing"}
    assert standing == {("shortage_started", "热源甲"), ("source_tripped", "热源乙")}


def test_want_of_fuel_names_what_ran_out_and_the_longer_season():
    fuel = [*[0.0] * 2000, 5e6, 5e6, 0.0]
    entries = [
        entry("extension_decided", "2025-12-01 00:00", "主管部门", value="2025-12-01 00:00"),
        entry("shortage_started", "2026-02-06 00:00", "热源甲"),
        entry("fuel_ran_out", "2026-02-06 08:00", "草库"),
    ]
    series = [{"track": "unserved_fuel_w", "subject": "热源甲", "from": "2025-11-15 00:00", "hourly": fuel}]
    _, verdicts = story({"entry": entries, "series": series, "room": rooms(), "source": [{"name": "热源甲"}]}, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.5"))
    assert [(step.role, step.what) for step in told.steps if step.seq >= 0] == [
        ("standing", "extension_decided"),
        ("trigger", "fuel_ran_out"),
    ]
    facts = {step.what: step.value for step in told.steps if step.role == "context"}
    assert facts["fuel_short_hours"] == 2.0
    assert facts["short_fuel_mw"] == pytest.approx(5.0)
    assert facts["fuel_short_gj"] == pytest.approx(36.0)


def test_a_day_of_calls_is_told_by_its_counts_and_nothing_is_still_to_be_done():
    calls = [entry("call_answered", "2025-12-01 10:00", "荔枝园/1")]
    calls += [entry("call_abandoned", f"2025-12-01 10:0{n}", "荔枝园/1") for n in range(3)]
    data = {"entry": calls, "operator": [{"name": "甲"}], "room": rooms(),
            "substation": [{"name": "荔枝园", "operator": "甲"}]}  # fmt: skip
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.7.2", "answered"))
    assert [(s.role, s.what, s.value) for s in told.steps[:-1]] == [
        ("from", "", None),
        ("to", "", None),
        ("counted", "call_answered", 1.0),
        ("counted", "call_abandoned", 3.0),
        ("context", "own_cause_percent", 100.0),
    ]
    assert not told.verdict.never_done


def test_calls_from_buildings_that_wait_for_supply_are_told_as_such_and_not_as_of_no_common_trouble():
    late = {"name": "荔枝园", "operator": "甲"}, {"name": "桂花苑", "operator": "甲"}
    entries = [
        entry("supply_started", "2025-11-14 00:00", "桂花苑"),
        entry("supply_started", "2025-12-05 00:00", "荔枝园"),
    ]
    entries += [entry("call_abandoned", f"2025-12-01 10:0{n}", "荔枝园/1") for n in range(3)]
    entries.append(entry("call_abandoned", "2025-12-01 11:00", "桂花苑/1"))
    data = {"entry": entries, "operator": [{"name": "甲"}], "room": rooms(), "substation": list(late)}
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.7.2", "answered"))
    found = {step.what: step.value for step in told.steps if step.role == "context"}
    assert found == {"unsupplied": 1.0, "unsupplied_percent": 75.0, "own_cause_percent": 25.0}


def test_the_steps_of_a_case_come_in_order_and_what_was_never_done_has_no_distance():
    home = {"subject": "荔枝园/1", "case": 1}
    entries = [
        {"at": "2025-12-01 10:00", "what": "complaint_accepted", **home, "name": "call"},
        {"at": "2025-12-01 11:00", "what": "visited", **home, "value": 16.0, "cause": "call", "name": "visit"},
        {"at": "2025-12-05 12:00", "what": "complaint_closed", **home, "cause": "call"},
    ]
    _, verdicts = story({"entry": entries, "room": rooms()}, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.8.2", "acted"))
    assert [(step.role, step.what) for step in told.steps] == [
        ("draw", "complaint_accepted"),
        ("trigger", "visited"),
        ("due", ""),
        ("case", "complaint_closed"),
        ("absent", ""),
        ("root", "recorded"),
        ("verdict", ""),
    ]
    assert told.steps[-1].detail["never_done"]
    assert told.verdict.never_done


BURST = [
    {"at": "2025-12-01 02:00", "what": "pipe_failed", "subject": "荔枝路", "case": 1, "name": "burst"},
    {"at": "2025-12-01 03:00", "what": "fault_discovered", "subject": "荔枝路", "case": 1, "cause": "burst"},
    {"at": "2025-12-01 03:10", "what": "outage_started", "subject": "荔枝园", "case": 1, "cause": "burst"},
    {"at": "2025-12-02 09:00", "what": "outage_ended", "subject": "荔枝园", "case": 1},
    {"at": "2025-12-02 09:00", "what": "fault_restored", "subject": "荔枝路", "case": 1},
]


def test_a_repair_that_nobody_was_seen_at_says_so_and_one_with_a_break_shows_the_work():
    verdicts = judge(record_from({"entry": BURST}))
    told = [(step.role, step.what) for step in chain(verdicts, missed(verdicts, "2.6.4a", "continuous")).steps]
    assert ("opened_by", "fault_discovered") in told
    assert ("context", "no_crew") in told
    assert ("case", "fault_restored") in told
    work = [{"at": f"2025-12-01 {at}", "what": what, "subject": "一队", "case": 1}
            for at, what in (("03:30", "work_started"), ("03:31", "work_ended"))]  # fmt: skip
    verdicts = judge(record_from({"entry": [*BURST, *work]}))
    told = [(step.role, step.what) for step in chain(verdicts, missed(verdicts, "2.6.4a", "continuous")).steps]
    assert [what for role, what in told if role == "case"] == ["work_started", "work_ended", "fault_restored"]


def test_an_order_against_payers_is_told_as_what_broke_the_duty():
    entries = [{"at": "2025-12-01 09:00", "what": "payment_overdue", "subject": "荔枝园/2", "case": 1},
               {"at": "2025-12-20 09:00", "what": "supply_restricted", "subject": "荔枝园/2", "case": 1},
               {"at": "2025-12-20 09:05", "what": "payer_cut", "subject": "荔枝园/1", "case": 1}]  # fmt: skip
    verdicts = judge(record_from({"entry": entries}))
    told = [(step.role, step.what) for step in chain(verdicts, missed(verdicts, "2.8.4", "payers")).steps]
    assert told[1:3] == [("opened_by", "supply_restricted"), ("forbidden", "payer_cut")]


def test_the_bound_of_a_faults_excuse_is_among_the_numbers_told():
    verdicts = judge(record_from({"entry": BURST}))
    assert "2.3/unattended_h" in chain(verdicts, missed(verdicts, "2.6.3")).numbers


def test_a_happening_written_twice_is_told_and_not_judged():
    with pytest.raises(RecordError) as caught:
        record_from({"entry": [*BURST, BURST[2]]})
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == ("entry[5]", "the same as entry[2]")


def test_a_trail_that_is_not_whole_is_told_with_what_it_lacks_and_an_empty_desk_with_when():
    home = {"subject": "荔枝园/1", "case": 1}
    entries = [{"at": "2025-12-01 10:00", "what": "complaint_accepted", **home},
               {"at": "2025-12-01 11:00", "what": "complaint_closed", **home},
               {"at": "2025-12-06 03:00", "what": "hotline_unstaffed", "subject": "供热公司", "value": 30}]  # fmt: skip
    verdicts = judge(record_from({"entry": entries}))
    told = chain(verdicts, missed(verdicts, "2.7.2", "recorded"))
    assert [(step.what, step.value) for step in told.steps if step.role == "counted"] == [("complaint_responded", 0.0)]
    assert told.verdict.never_done
    told = chain(verdicts, missed(verdicts, "2.7.2", "staffed"))
    assert ("fell_short", "hotline_unstaffed") in [(step.role, step.what) for step in told.steps]


BUILDING = {"substation": [{"name": "荔枝园", "households": 2}], "source": [{"name": "热源甲"}]}


def arriving(share, first, hours):
    """Tracks of a building that got but a share of its need in some hours."""
    came = np.full(2904, 1e6)
    came[first : first + hours] *= share
    series = (("substation_heat_w", came.tolist()), ("substation_need_w", [1e6] * 2904))
    return [
        {"track": name, "subject": "荔枝园", "from": "2025-11-15 00:00", "hourly": hourly} for name, hourly in series
    ]


def of(told, *kinds):
    return [step for step in told.steps if step.what in kinds]


def test_at_the_end_of_an_abnormal_day_that_day_is_told_which_excuses():
    cold = [4.0] * 100
    cold[40] = -5.0
    data = {"room": rooms((40 * DAY + 12, 12, 16.0), (41 * DAY, 1, 10.0)),
            "outdoor": {"from": "2025-11-15 00:00", "daily_mean_c": cold}}  # fmt: skip
    _, verdicts = story(data, "2.3/1")
    rows = verdicts.part("2.3", "").rows
    told = chain(verdicts, f"2.3/{int(np.flatnonzero(rows.state == EXCUSED)[0])}")
    (room,), (mean,) = of(told, "room_c"), of(told, "outdoor_daily_mean_c")
    assert room.at_s == verdicts.facts.start_s + 41 * DAY * 3600
    assert (mean.value, mean.at_s) == (pytest.approx(-5.0), verdicts.facts.start_s + 40 * DAY * 3600)


def test_dwellings_cold_by_their_own_lot_are_told_with_the_throttling_just_over_and_how_many_they_are():
    entries = [
        entry("source_tripped", "2025-12-01 00:00", "热源甲", case="t", name="trip"),
        entry("throttled_started", "2025-12-02 00:00", case="t", cause="trip"),
        entry("throttled_ended", "2025-12-03 00:00", case="t"),
    ]
    data = {"entry": entries, "room": rooms((18 * DAY + 15, 2, 18.7), offsets=(0.0, -1.0, -3.4)), **BUILDING}
    told, verdicts = story(data, "2.3/1")
    (room,) = of(told, "room_c")
    assert room.value == pytest.approx(18.7)
    assert [(step.role, step.what) for step in told.steps if step.seq >= 0] == [
        ("draw", "source_tripped"), ("cause", "throttled_started"), ("case", "throttled_ended"),
    ]  # fmt: skip
    (until,), (below,) = of(told, "fault_excuse_over"), of(told, "dwellings_below")
    assert until.at_s == verdicts.facts.start_s + (17 * DAY + 12) * 3600  # nobody is known to have been at it
    assert "with what recovery it allows" in Words("en")("fact.fault_excuse_over")  # here none: nobody saw it through
    assert "可计入的恢复时间" in Words("zh")("fact.fault_excuse_over")
    assert below.value == 2.0


def test_a_fault_s_excuse_ends_where_no_other_throttling_carries_it_on():
    entries = [
        entry("source_tripped", "2025-12-01 00:00", "热源甲", case="t", name="trip"),
        entry("throttled_started", "2025-12-03 08:00", case="t", cause="trip", name="first"),
        entry("throttled_ended", "2025-12-03 10:00", case="t", cause="first"),
        entry("throttled_started", "2025-12-03 11:00", case="t", cause="trip", name="second"),
        entry("throttled_ended", "2025-12-03 23:00", case="t", cause="second"),
    ]
    _, verdicts = story({"entry": entries, "room": rooms((18 * DAY + 13, 1, 17.0)), **BUILDING}, "2.3/1")
    (row,) = np.flatnonzero(verdicts.part("2.3", "").rows.state == EXCUSED)
    (until,) = of(chain(verdicts, f"2.3/{row}"), "fault_excuse_over")
    assert until.at_s == verdicts.facts.start_s + (19 * DAY + 11) * 3600


def test_what_began_at_the_very_hour_of_a_reading_is_no_cause_of_it_and_what_lasted_is():
    entries = [
        entry("fell_below_18", "2025-12-02 23:00", value=18),
        entry("source_tripped", "2025-12-01 00:00", "热源甲", case="t", name="trip"),
        entry("shortage_started", "2025-12-03 04:00", "热源甲", cause="trip", value=0.1),
        entry("throttled_started", "2025-12-03 09:00", case="t", cause="trip"),
    ]
    data = {"entry": entries, "room": rooms((18 * DAY + 9, 1, 17.0)), **BUILDING}
    told, _ = story(data, "2.3/1")
    assert [(step.role, step.what) for step in told.steps if step.seq >= 0] == [
        ("draw", "source_tripped"), ("trigger", "fell_below_18"), ("cause", "shortage_started"),
    ]  # fmt: skip


def test_rationing_that_came_back_after_rooms_fell_is_told_with_what_arrived_and_when_the_shortage_was_over():
    entries = [
        entry("shortage_started", "2025-12-01 00:00", "热源甲", name="short", case="s", value=0.1),
        entry("fell_below_18", "2025-12-01 05:00", cause="short", value=18),
        *(entry("rationing_started", f"2025-12-0{day} 03:00", value=0.9) for day in (1, 2, 3, 4)),
        *(entry("rationing_ended", f"2025-12-0{day} 09:00") for day in (1, 2, 3, 4)),
        entry("shortage_ended", "2025-12-04 20:00", "热源甲", case="s"),
    ]
    series = arriving(0.3, 16 * DAY + 3, 6)
    data = {"entry": entries, "room": rooms((16 * DAY + 5, 90, 17.5), (20 * DAY + 2, 1, 17.0)), "series": series,
            **BUILDING}  # fmt: skip
    told, verdicts = story(data, "2.3/1")
    days = [(step.at_s - verdicts.facts.start_s) // (DAY * 3600) for step in of(told, "rationing_started")]
    assert days == [16, 19]
    (more,) = of(told, "troubles_more")
    assert more.value == 2.0
    assert len(of(told, "rationing_ended")) == 2
    assert of(told, "shortage_ended")
    (came,) = of(told, "rationed_arrived_percent")  # of the first alone; the last got what was ordered, or more
    assert (came.value, came.at_s) == (pytest.approx(30.0), of(told, "rationing_started")[0].at_s)
    assert "of the start" in Words("en")("fact.rationed_arrived_percent", v="30")  # shares are set anew meanwhile
    assert "限量开始时" in Words("zh")("fact.rationed_arrived_percent", v="30")


def test_a_reading_tells_what_arrived_where_that_is_far_from_what_was_ordered():
    entries = [entry("rationing_started", "2025-12-01 03:00", value=0.9), entry("rationing_ended", "2025-12-01 09:00")]
    data = {"entry": entries, "room": rooms((16 * DAY + 9, 1, 17.0)), **BUILDING}
    told, _ = story(data | {"series": arriving(0.3, 16 * DAY + 3, 6)}, "2.3/1")
    assert [step.value for step in of(told, "arrived_percent")] == [pytest.approx(30.0)]
    told, _ = story(data | {"series": arriving(0.85, 16 * DAY + 3, 6)}, "2.3/1")
    assert not of(told, "arrived_percent", "rationed_arrived_percent")


@pytest.mark.parametrize("by_shortage", [0, 1])
def test_every_large_cause_of_a_days_lost_calls_is_told_and_a_shortage_only_if_calls_followed_from_it(by_shortage):
    entries = [
        entry("source_tripped", "2025-11-30 00:00", "热源甲", case="t", name="trip"),
        entry("shortage_started", "2025-11-30 05:00", "热源甲", cause="trip", case="s", value=0.1, name="short"),
        entry("power_failed", "2025-12-01 09:00", case="p", name="power"),
        entry("outage_started", "2025-12-01 09:00", case="p", cause="power", name="dark"),
        entry("pipe_failed", "2025-12-01 07:00", "荔枝路", case="b", name="burst"),
        entry("outage_started", "2025-12-01 07:00", "银滩", case="b", cause="burst", name="stop"),
        entry("outage_ended", "2025-12-01 08:00", "银滩", case="b"),
    ]
    causes = ["dark"] * 5 + ["stop"] * 3 + [None] * (2 - by_shortage) + ["short"] * by_shortage
    entries += [
        entry("call_abandoned", f"2025-12-01 10:0{n}", "荔枝园/1", **({"cause": cause} if cause else {}))
        for n, cause in enumerate(causes)
    ]
    data = {"entry": entries, "operator": [{"name": "甲"}], "room": rooms(),
            "source": [{"name": "热源甲", "operator": "甲"}],
            "substation": [{"name": "荔枝园", "operator": "甲"}, {"name": "银滩", "operator": "甲"}]}  # fmt: skip
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.7.2", "answered"))
    same = of(told, "same_cause_percent")
    said = [(step.value, step.subject_name) for step in same]
    assert said == [(50.0, "荔枝园"), (30.0, "荔枝路"), (10.0, "热源甲")][: 2 + by_shortage]
    kinds = {(step.role, step.what) for step in told.steps}
    assert {("draw", "power_failed"), ("draw", "pipe_failed"), ("case", "outage_ended")} <= kinds
    for of_shortage in (("draw", "source_tripped"), ("cause", "shortage_started")):
        assert (of_shortage in kinds) is bool(by_shortage)


def test_lost_calls_of_one_cause_are_told_by_what_most_of_them_followed_from_and_how_short_it_was_at_their_hour():
    hours = np.full(2904, 0.0)
    capacity, fuel, made = hours.copy(), hours.copy(), hours + 3e6
    capacity[(15 * 24) : (17 * 24)] = 1e6
    fuel[16 * 24 + 22], capacity[16 * 24 + 22], made[16 * 24 + 22] = 4e6, 0.0, 0.0
    series = [{"track": track, "subject": "热源甲", "from": "2025-11-15 00:00", "hourly": values.tolist()}
              for track, values in (("unserved_capacity_w", capacity), ("unserved_fuel_w", fuel),
                                    ("source_heat_w", made))]  # fmt: skip
    entries = [
        entry("source_tripped", "2025-11-30 00:00", "热源甲", case="t", name="trip"),
        entry("shortage_started", "2025-11-30 00:00", "热源甲", cause="trip", case="s", value=0.1, name="short"),
        entry("throttled_started", "2025-11-30 02:00", cause="trip", case="t", name="less"),
        entry("throttled_ended", "2025-11-30 03:00", case="t"),
        entry("shortage_ended", "2025-12-02 00:00", "热源甲", case="s"),
    ]
    entries[4:4] = [entry("call_abandoned", f"2025-12-01 10:0{n}", "荔枝园/1", cause=cause)
                    for n, cause in enumerate(["less", "short", "short"])]  # fmt: skip
    data = {"entry": entries, "operator": [{"name": "甲"}], "room": rooms(), "series": series,
            "source": [{"name": "热源甲", "operator": "甲"}],
            "substation": [{"name": "荔枝园", "operator": "甲"}]}  # fmt: skip
    record = record_from({"season": SEASON, "outdoor": WARM, **data})
    record.tracks["agents_on_duty"] = hours + 2.0
    verdicts = judge(record)
    told = chain(verdicts, missed(verdicts, "2.7.2", "answered"))
    assert of(told, "shortage_started")
    assert not of(told, "throttled_started")
    (then,) = of(told, "short_then_percent")
    assert (then.value, then.detail) == (pytest.approx(25.0), {"lacked": "capacity"})


def test_fuel_tells_how_often_it_ran_out_the_worst_time_and_what_was_ordered():
    fuel = np.zeros(2904)
    fuel[[100, 101, *range(1000, 1050)]] = 5e6
    entries = [
        entry("fuel_ran_out", "2025-11-19 04:00", "草库"),
        entry("fuel_recovered", "2025-11-19 06:00", "草库"),
        entry(
            "fuel_delayed",
            "2025-12-26 00:00",
            "草库",
            name="late",
            value=72,
            detail={"imposed": "disruptions.imposed[1]"},
        ),
        entry("fuel_ran_out", "2025-12-26 16:00", "草库", cause="late"),
        entry("fuel_recovered", "2025-12-28 18:00", "草库"),
    ]
    series = [{"track": "unserved_fuel_w", "subject": "热源甲", "from": "2025-11-15 00:00", "hourly": fuel.tolist()}]
    data = {"season": SEASON, "outdoor": WARM, "entry": entries, "series": series, "source": [{"name": "热源甲"}]}
    record = record_from(data)
    own = record.subjects.source.copy()
    own[record.subjects.rows("store")] = record.subjects.rows("source")[0]  # which store is whose, a text does not say
    verdicts = judge(replace(record, subjects=replace(record.subjects, source=own)))
    told = chain(verdicts, missed(verdicts, "2.5"))
    assert [(step.what, step.value) for step in told.steps if step.role == "counted"] == [("fuel_ran_out", 2.0)]
    assert [step.what for step in told.steps if step.seq >= 0] == ["fuel_ran_out", "fuel_delayed", "fuel_ran_out"]
    (percent,) = of(told, "fuel_ordered_percent")
    assert percent.value == pytest.approx(100.0 * 50 / 52)


def test_of_many_times_of_rationing_the_longest_is_told_with_what_it_came_from():
    entries = [
        entry("rationing_started", "2025-11-20 03:00", value=0.9),
        entry("rationing_ended", "2025-11-20 04:00"),
        entry("fuel_delayed", "2025-12-26 00:00", "草库", name="late", value=72),
        entry("rationing_started", "2025-12-28 03:00", cause="late", value=0.8),
        entry("rationing_ended", "2025-12-30 03:00"),
    ]
    _, verdicts = story({"entry": entries, "room": rooms(), **BUILDING}, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.6.3"))
    assert [(step.role, step.what) for step in told.steps if step.seq >= 0] == [
        ("trigger", "rationing_started"), ("case", "rationing_ended"), ("draw", "fuel_delayed"),
        ("cause", "rationing_started"), ("case", "rationing_ended"),
    ]  # fmt: skip


def test_of_reports_of_one_instant_that_about_the_place_itself_is_told():
    entries = [entry("pipe_failed", "2025-12-01 00:00", "荔枝路", case="p", name="leak")]
    for place in ("银滩", "荔枝园"):
        entries += [
            entry("outage_started", "2025-12-01 02:00", place, case="p", cause="leak"),
            entry("long_stop_reported", "2025-12-02 06:00", place, case="p"),
            entry("outage_ended", "2025-12-03 02:00", place, case="p"),
        ]
    verdicts = judge(record_from({"season": SEASON, "outdoor": WARM, "entry": entries}))
    rows = [broken for broken in verdicts.breaches("2.6.4b") if broken.part == "reported"]
    told = [chain(verdicts, broken.id) for broken in rows]
    about = [
        (story.steps[-1].subject_name, *(s.subject_name for s in of(story, "long_stop_reported"))) for story in told
    ]
    assert sorted(about) == [("荔枝园", "荔枝园"), ("银滩", "银滩")]


@pytest.mark.parametrize("extended", [True, False])
def test_what_is_due_so_long_after_the_season_tells_of_the_decision_that_prolonged_it(extended):
    entries = [
        entry("complaint_accepted", "2025-12-10 08:00", "荔枝园/2", case=1, value=0),
        entry("visited", "2025-12-10 10:00", "荔枝园/2", case=1, value=15.0),
    ]
    if extended:
        entries.append(entry("extension_decided", "2026-03-01 00:00", "属地供热主管部门", value="2026-03-25 00:00"))
    season = {**SEASON, "record_end": "2026-06-30"}
    _, verdicts = story({"entry": entries, "room": rooms(), "season": season}, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.8.2", "settled"))
    assert len(of(told, "extension_decided")) == extended


@pytest.mark.parametrize(("back", "told_of"), [("10:40", 1), ("11:20", 0)])
def test_a_fault_that_asked_for_a_crew_though_heat_was_back_in_time_tells_when_it_was_repaired_itself(back, told_of):
    entries = [
        entry("power_failed", "2025-12-10 10:00", case="p", name="power"),
        entry("outage_started", "2025-12-10 10:00", case="p", cause="power"),
        entry("fault_discovered", "2025-12-10 10:00", case="p", cause="power"),
        entry("outage_ended", f"2025-12-10 {back}", case="p"),
        entry("work_started", "2025-12-10 11:05", "抢修1队", case="p"),
        entry("fault_restored", "2025-12-10 11:30", case="p", value=1.5),
    ]
    _, verdicts = story({"entry": entries, "room": rooms()}, "2.3/0")
    told = chain(verdicts, next(v.id for v in verdicts.breaches("2.6.4a") if v.part == "at_work"))
    assert len(of(told, "fault_restored")) == len(of(told, "repaired_after_heat")) == told_of


def test_heat_that_is_told_to_be_restored_at_a_fault_elsewhere_is_told_to_have_stopped():
    entries = [
        entry("pipe_failed", "2025-12-09 00:00", "荔枝路", case="p", name="leak"),
        entry("fault_discovered", "2025-12-10 10:00", "荔枝路", case="p", cause="leak"),
        entry("work_started", "2025-12-10 11:05", "抢修1队", case="p"),
        entry("isolated", "2025-12-10 12:00", "荔枝路", case="p", cause="leak", name="valves"),
        entry("outage_started", "2025-12-10 12:00", case="p", cause="valves"),
        entry("outage_ended", "2025-12-10 16:00", case="p"),
        entry("fault_restored", "2025-12-10 16:00", "荔枝路", case="p"),
    ]
    _, verdicts = story({"entry": entries, "room": rooms()}, "2.3/0")
    told = chain(verdicts, next(v.id for v in verdicts.breaches("2.6.4a") if v.part == "at_work"))
    entered = ("isolated", "outage_started", "outage_ended")
    assert [step.what for step in told.steps if step.what in entered] == [*entered]


@pytest.mark.parametrize(("own", "told_of"), [("热源乙", ["热源乙"]), ("热源甲", [])])
def test_a_buildings_own_source_that_was_ready_is_told_to_have_begun_only_with_the_last(own, told_of):
    entries = [
        entry("trial_run_done", "2025-11-18 12:00", "热源乙"),
        entry("trial_run_done", "2025-11-20 12:00", "热源甲", name="last"),
        entry("preheat_started", "2025-11-20 12:00", "热源甲", cause="last", name="heat"),
        entry("supply_started", "2025-11-20 18:00", cause="heat"),
        entry("complaint_accepted", "2025-11-20 09:00", "荔枝园/2", case=1, value=0),
    ]
    data = {"entry": entries, "room": rooms((0, 6 * DAY, 15.0)), "source": [{"name": "热源甲"}, {"name": "热源乙"}],
            "substation": [{"name": "荔枝园", "source": own}]}  # fmt: skip
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.7.4", "closed"))
    assert [step.subject_name for step in of(told, "began_together")] == told_of
    ready = [step.subject_name for step in of(told, "trial_run_done")]
    assert ready == [*told_of, "热源甲"]


def test_two_causes_of_a_days_lost_calls_at_one_place_are_told_apart_and_what_is_left_of_all_is_told():
    stops = [("01 09:00", "荔枝园", 4), ("01 05:00", "荔枝园", 3), ("01 06:00", "银滩", 2), ("01 07:00", "河坎", 1)]
    entries = []
    for case, (begun, place, calls) in enumerate(stops):
        entries += [
            entry("power_failed", f"2025-12-{begun}", place, case=f"p{case}", name=f"power{case}"),
            entry(
                "outage_started", f"2025-12-{begun}", place, case=f"p{case}", cause=f"power{case}", name=f"dark{case}"
            ),
            entry("outage_ended", f"2025-12-{begun[:-2]}30", place, case=f"p{case}"),
        ]
        entries += [entry("call_abandoned", f"2025-12-01 1{case}:0{n}", "荔枝园/1", cause=f"dark{case}")
                    for n in range(calls)]  # fmt: skip
    data = {"entry": entries, "operator": [{"name": "甲"}], "room": rooms(),
            "substation": [{"name": name, "operator": "甲"} for name in ("荔枝园", "银滩", "河坎")]}  # fmt: skip
    _, verdicts = story(data, "2.3/0")
    told = chain(verdicts, missed(verdicts, "2.7.2", "answered"))
    hour = 3600
    day = of(told, "same_cause_percent")[0].at_s - DAY * hour
    said = [(step.value, step.detail["began"] - day) for step in of(told, "same_cause_percent")]
    assert said == [(40.0, 9 * hour), (30.0, 5 * hour), (20.0, 6 * hour)]
    assert [step.value for step in of(told, "other_causes_percent")] == [pytest.approx(10.0)]
