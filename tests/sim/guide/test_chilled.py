"""What a story says had chilled rooms: the trouble that cost them most heat, never one long over or of no weight."""

import functools

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.addresses import address_of
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.chilled import chilled_by
from heatseason.sim.guide.coldest import room_of
from heatseason.sim.guide.household import cold_by_itself
from heatseason.sim.guide.parts import DAY_S, HOUR_S
from heatseason.sim.guide.rows import EXCUSED, MET
from heatseason.sim.guide.trouble import SERVED, SHORT, at_worst, late_supply, latest_end
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import KINDS
from heatseason.sim.record_text import record_from
from heatseason.sim.run import run

FROM = "2025-11-15 00:00"
PLACES = {"substation": [{"name": "荔枝园", "households": 2}], "source": [{"name": "热源甲"}, {"name": "热源乙"}]}
HOURS = 2904


@functools.cache
def verdicts_of(name, *changes):
    return judge(run(load(name, ["network=town", *changes])))


def entry(what, at, subject="荔枝园", **more):
    return {"at": at, "what": what, "subject": subject, **more}


def hourly(track, subject, values):
    return {"track": track, "subject": subject, "from": FROM, "hourly": list(map(float, values))}


def hour(day, of_day=0):
    """Hours since the record's start of an hour of a day of December."""
    return (16 + day - 1) * 24 + of_day


def cold(entries, lost, *, dip, sources=(), own_k=-1.0, source="", store=""):
    """A season in which a building's rooms are cold in some hours, and missed some of its heat in others."""
    rooms, came = np.full(HOURS, 20.0), np.full(HOURS, 1e6)
    rooms[dip[0] : dip[1]] = 17.0
    rooms[dip[1] - 1] = 16.0
    for first, last, share in lost:
        came[first:last] *= 1.0 - share
    series = [hourly("substation_heat_w", "荔枝园", came), hourly("substation_need_w", "荔枝园", np.full(HOURS, 1e6))]
    tracks = {(track, source["name"]): np.zeros(HOURS) for track, *_ in sources for source in PLACES["source"]}
    for track, source, first, last, watts in sources:
        tracks[track, source][first:last] = watts
    series += [hourly(track, source, values) for (track, source), values in tracks.items()]
    data = {"season": {"start": "2025-11-15", "end": "2026-03-15"}, "outdoor": {"from": FROM, "daily_mean_c": [4.0]},
            "room": [{"estate": "荔枝园", "from": FROM, "hourly_c": rooms.tolist(), "offsets_k": [0.0, own_k]}],
            "entry": entries, "series": series}  # fmt: skip
    own = [place | ({"source": source} if source else {}) for place in PLACES["substation"]]
    record = record_from(data | PLACES | {"substation": own})
    if store:  # whose it is, a text does not say
        subjects = record.subjects
        subjects.source[subjects.rows("store")] = subjects.name.index(store)
    return judge(record)


def steps_of(told, *kinds):
    return [step for step in told.steps if step.what in kinds]


def told_of(told):
    return [(step.role, step.what, step.subject_name) for step in told.steps if step.seq >= 0]


def breach(verdicts, clause, part=""):
    return chain(verdicts, next(v.id for v in verdicts.breaches(clause) if v.part == part))


BEGAN = [
    entry("source_tripped", "2025-12-01 00:00", "热源甲", case="t", name="trip"),
    entry("shortage_started", "2025-12-01 00:00", "热源甲", case="s", cause="trip", name="first", value=0.01),
    entry("fell_below_18", "2025-12-01 06:00", cause="first", value=18),
    entry("shortage_ended", "2025-12-01 12:00", "热源甲", case="s"),
]
AGAIN = [
    entry("gas_curtailed", "2025-12-03 00:00", "草库", name="cut", value=0.3),
    entry("shortage_started", "2025-12-03 01:00", "热源乙", case="u", cause="cut", value=0.02),
    entry("shortage_ended", "2025-12-05 18:00", "热源乙", case="u"),
]
LAST = [
    entry("shortage_started", "2025-12-05 19:00", "热源甲", case="v", value=0.01),
    entry("shortage_ended", "2025-12-05 20:00", "热源甲", case="v"),
]
LOST = [(hour(1), hour(1, 12), 0.5), (hour(3, 1), hour(5, 18), 0.4), (hour(5, 19), hour(5, 20), 0.003)]


def test_rooms_that_never_rose_tell_what_made_them_fall_and_what_cost_most_since_not_what_ended_last():
    verdicts = cold([*BEGAN, *AGAIN, *LAST], LOST, dip=(hour(1, 6), hour(6, 5)))
    told = breach(verdicts, "2.3")
    assert told_of(told) == [
        ("draw", "source_tripped", "热源甲"), ("cause", "shortage_started", "热源甲"),
        ("trigger", "fell_below_18", "荔枝园"), ("case", "shortage_ended", "热源甲"),
        ("draw", "gas_curtailed", "草库"), ("cause", "shortage_started", "热源乙"),
        ("case", "shortage_ended", "热源乙"),
    ]  # fmt: skip


@pytest.mark.parametrize("rose", ["2025-12-02 06:00", "2025-12-04 12:00"])
def test_rooms_coldest_within_a_day_of_rising_are_not_warm_yet_after_what_made_them_fall(rose):
    lost = [LOST[0], (hour(5), hour(5, 1), 0.4)]
    rise = entry("rose_above_18", rose, value=18)
    told = breach(cold([*BEGAN, rise], lost, dip=(hour(5), hour(5, 2))), "2.3")
    lately = rose > "2025-12-04 01:00"
    assert bool(steps_of(told, "source_tripped")) is lately
    assert [step.role for step in steps_of(told, "fell_below_18", "rose_above_18")] == ["trigger", "case"] * lately


@pytest.mark.parametrize("missed", [0.05, 0.3])
def test_an_hour_told_in_which_too_little_arrived_tells_the_shortage_that_it_was_for(missed):
    short = [entry("source_tripped", "2025-12-05 00:00", "热源乙", case="t", name="trip"),
             entry("shortage_started", "2025-12-05 01:00", "热源乙", case="s", cause="trip", value=0.02),
             entry("shortage_ended", "2025-12-05 09:00", "热源乙", case="s")]  # fmt: skip
    missing = [("unserved_capacity_w", "热源乙", hour(5, 1), hour(5, 9), 1e6)]
    dip = (hour(5), hour(5, 3))
    told = breach(cold(short, [(hour(5, 1), hour(5, 3), missed)], dip=dip, sources=missing), "2.3")
    little = missed > 0.1
    assert [step.value for step in steps_of(told, "arrived_percent")] == [pytest.approx(70.0)] * little
    why = [step.subject_name for step in steps_of(told, "source_tripped", "shortage_started")]
    assert why == ["热源乙"] * 2 * little


def test_a_household_that_calls_long_after_what_chilled_it_is_told_what_kept_it_cold():
    home = {"case": 9, "cause": "call"}
    calls = [
        entry("call_answered", "2025-12-06 07:00", "荔枝园/1", name="call"),
        entry("complaint_accepted", "2025-12-06 07:00", "荔枝园/1", value=0, name="complaint", **home),
        entry("complaint_responded", "2025-12-06 09:00", "荔枝园/1", **home),
    ]
    calls[0]["cause"] = "fall"
    began = [*BEGAN[:2], BEGAN[2] | {"name": "fall"}, BEGAN[3]]
    verdicts = cold([*began, *AGAIN, *LAST, *calls], LOST, dip=(hour(1, 6), hour(9)))
    told = breach(verdicts, "2.7.3")
    assert [step.subject_name for step in steps_of(told, "shortage_started")] == ["热源甲", "热源乙"]
    assert not steps_of(told, "long_over_d")
    verdicts = cold([*began, *calls], LOST[:1], dip=(hour(1, 6), hour(9)))
    (over,) = steps_of(breach(verdicts, "2.7.3"), "long_over_d")
    assert over.value == pytest.approx(4.0 + 19.0 / 24.0)


RATIONED = [
    *BEGAN[:2], BEGAN[2] | {"name": "fall"}, BEGAN[3],
    entry("rationing_started", "2025-12-05 00:00", value=0.6),
    entry("rationing_ended", "2025-12-07 00:00"),
]  # fmt: skip
CALLS = [
    entry("call_answered", "2025-12-06 07:00", "荔枝园/2", name="call"),
    entry("complaint_accepted", "2025-12-06 07:00", "荔枝园/2", value=0, case=9, cause="call"),
    entry("complaint_responded", "2025-12-06 09:00", "荔枝园/2", case=9, cause="call"),
]


def test_a_dwelling_cold_by_its_own_lot_among_cold_neighbours_is_told_what_rationed_its_building():
    lost = [LOST[0], (hour(5), hour(7), 0.4)]
    call = [CALLS[0] | {"cause": "fall"}, *CALLS[1:]]
    told = breach(cold([*RATIONED, *call], lost, dip=(hour(1, 6), hour(9)), own_k=-2.5), "2.7.3")
    assert steps_of(told, "rationing_started")
    assert not steps_of(told, "long_over_d")
    lot_alone = cold([*RATIONED, *CALLS], lost, dip=(hour(1, 6), hour(1, 12)), own_k=-2.5)
    assert not steps_of(breach(lot_alone, "2.7.3"), "rationing_started")


def test_troubles_are_not_over_while_another_of_the_building_lasts_that_is_not_told():
    call = [CALLS[0] | {"cause": "fall"}, *CALLS[1:]]
    for entries, over in (([*RATIONED, *call], False), ([*RATIONED[:-2], *call], True)):
        told = breach(cold(entries, LOST[:1], dip=(hour(1, 6), hour(9))), "2.7.3")
        assert not steps_of(told, "rationing_started")  # all the heat came
        assert bool(steps_of(told, "long_over_d")) is over


@pytest.mark.parametrize(("share", "told_of"), [(0.4, True), (0.06, False)])
def test_rationing_over_when_a_household_calls_is_told_if_its_building_missed_much_in_it_and_over_is_since_then(
    share, told_of
):
    short = [entry("shortage_started", "2025-12-02 00:00", "热源乙", case="u", value=0.2),
             entry("rationing_started", "2025-12-02 00:00", value=1.0 - share),
             entry("shortage_ended", "2025-12-03 18:00", "热源乙", case="u"),
             entry("rationing_ended", "2025-12-04 06:00")]  # fmt: skip
    lost = [LOST[0], (hour(1, 12), hour(2), 0.5), (hour(2), hour(4, 6), share)]
    began = [*BEGAN[:2], BEGAN[2] | {"name": "fall"}, BEGAN[3]]
    call = [CALLS[0] | {"cause": "fall"}, *CALLS[1:]]
    sources = [("unserved_capacity_w", "热源乙", hour(2), hour(3, 18), 4e5)]
    told = breach(cold([*began, *short, *call], lost, dip=(hour(1, 6), hour(9)), sources=sources), "2.7.3")
    assert bool(steps_of(told, "rationing_started")) is told_of
    over_d = 2.0 + 1.0 / 24.0 if told_of else 2.0 + 13.0 / 24.0
    assert [step.value for step in steps_of(told, "long_over_d")] == [pytest.approx(over_d)]


def test_what_was_remedied_of_a_dwellings_own_lot_before_makes_it_cold_by_itself_no_more():
    remedied = entry("dwelling_remedied", "2025-11-20 00:00", "荔枝园/2", case=3, value=2.1)
    for entries, by_itself in (([], True), ([remedied], False)):
        verdicts = cold([*entries, *RATIONED, *CALLS], [], dip=(hour(1, 6), hour(9)), own_k=-4.1)
        listed, at = verdicts.facts.listed, verdicts.facts.start_s + hour(20) * HOUR_S
        assert cold_by_itself(verdicts, listed + 1, at) is by_itself


def test_a_shortage_that_lasts_since_rooms_fell_hides_none_that_cost_them_more_meanwhile():
    call = [CALLS[0] | {"cause": "fall"}, *CALLS[1:]]
    began = [*BEGAN[:2], BEGAN[2] | {"name": "fall"}, BEGAN[3] | {"at": "2025-12-08 00:00"}]
    lost = [(hour(1), hour(3, 1), 0.1), (hour(3, 1), hour(5, 18), 0.5), (hour(5, 18), hour(8), 0.1)]
    small = ("unserved_capacity_w", "热源甲", hour(1), hour(8), 1e5)
    large = ("unserved_capacity_w", "热源乙", hour(3, 1), hour(5, 18), 4e5)
    told = breach(cold([*began, *AGAIN, *call], lost, dip=(hour(1, 6), hour(9)), sources=[small, large]), "2.7.3")
    assert [step.subject_name for step in steps_of(told, "shortage_started")] == ["热源甲", "热源乙"]
    assert steps_of(told, "gas_curtailed")


def test_a_dwelling_long_made_warm_counts_what_else_rationed_its_building_meanwhile():
    case = {"case": 9, "cause": "call"}
    again = [entry(f"rationing_{what}", f"2025-12-{day} 00:00", **{"value": 0.9} if what == "started" else {})
             for day in (12, 14, 16) for what, day in (("started", day), ("ended", day + 1))]  # fmt: skip
    course = [
        entry("visited", "2025-12-06 12:00", "荔枝园/2", value=15.5, **case),
        entry("dwelling_remedied", "2025-12-15 12:00", "荔枝园/2", value=0.5, **case),
    ]
    lost = [LOST[0], (hour(5), hour(7), 0.4)]
    timeline = sorted([*RATIONED, CALLS[0] | {"cause": "fall"}, *CALLS[1:], *course, *again], key=lambda row: row["at"])
    told = breach(cold(timeline, lost, dip=(hour(1, 6), hour(9)), own_k=-1.5), "2.8.2", "restored")
    assert len(steps_of(told, "rationing_started")) == 1
    assert [step.value for step in steps_of(told, "troubles_more")] == [2.0]  # the third began after it was warm


def test_a_lot_named_as_the_reason_says_how_much_of_it_was_made_good_before():
    remedied = entry("dwelling_remedied", "2025-11-20 00:00", "荔枝园/2", case=3, value=1.0)
    for entries, gains in (([], [None]), ([remedied], [1.0])):
        verdicts = cold([*entries, *CALLS], [], dip=(hour(1, 6), hour(1, 12)), own_k=-4.1)
        verdicts.record.scenario["schema_version"] = 1  # a run, not a log
        own = [step for step in breach(verdicts, "2.7.3").steps if (step.role, step.what) == ("root", "dwelling")]
        assert [step.value for step in own] == [pytest.approx(4.1)]
        assert [step.detail.get("remedied_k") for step in own] == gains


def test_work_that_fell_short_is_told_with_what_it_had_to_bring_the_readings_error_too():
    case = {"case": 9, "cause": "call"}
    course = [
        entry("visited", "2025-12-06 12:00", "荔枝园/2", value=15.0, **case),
        entry("action_taken", "2025-12-06 14:00", "荔枝园/2", value=1, **case),
        entry("remedy_fell_short", "2025-12-06 18:20", "荔枝园/2", value=3.1, **case),
        entry("remedy_fell_short", "2025-12-07 18:00", "荔枝园/2", value=0.0, **case),  # brought nothing at all
    ]
    verdicts = cold([*CALLS, *course], [], dip=(hour(1, 6), hour(1, 12)), own_k=-5.0)
    cases = {"reading_error_k": 0.3, "remedy_gain_k": 1.8, "remedy_fails_share": 0.1}
    verdicts.record.scenario.update(schema_version=1, people={"cases": cases})
    told = breach(verdicts, "2.8.2", "restored")
    assert [step.value for step in steps_of(told, "needed_k")] == [pytest.approx(3.3)]
    paths = [step.detail.get("path") for step in told.steps if step.role == "root"]
    assert [f"people.cases.{name}" in paths for name in ("remedy_gain_k", "reading_error_k")] == [True, True]


@pytest.mark.parametrize(("closed", "said"), [
    ("2025-12-11 14:30", [("home_least_c", 15.0), ("home_c", 19.0)]),
    ("2025-12-11 11:30", [("home_least_c", 16.0), ("closed_cold_c", 15.5)]),
])  # fmt: skip
def test_a_complaint_of_a_stop_closed_long_after_heat_was_back_says_how_cold_it_was_meanwhile(closed, said):
    home = {"subject": "荔枝园/2", "case": 9}
    entries = [
        entry("outage_started", "2025-12-09 00:00", case="o", name="stop"),
        entry("outage_ended", "2025-12-09 20:00", case="o"),
        {"at": "2025-12-09 02:00", "what": "complaint_accepted", **home, "value": 1, "cause": "stop", "name": "call"},
        {"at": "2025-12-09 03:00", "what": "complaint_responded", **home, "cause": "call"},
        {"at": closed, "what": "complaint_closed", **home, "cause": "call"},
    ]
    verdicts = cold(entries, [], dip=(hour(9, 6), hour(11, 13)))
    told = breach(verdicts, "2.6.2")
    found = [(step.what, step.value) for step in steps_of(told, "home_least_c", "home_c", "closed_cold_c")]
    assert found[-2:] == [(what, pytest.approx(value)) for what, value in said]


def test_at_home_is_told_of_the_household_that_a_story_is_about_not_of_whose_call_a_fault_was_found_by():
    entries = [
        entry("pipe_failed", "2025-12-01 05:00", "荔枝路", case="o", name="leak"),
        entry("call_answered", "2025-12-01 07:00", "荔枝园/1", cause="leak", name="first call"),
        entry("fault_discovered", "2025-12-01 08:00", "荔枝路", case="o", cause="first call", name="found"),
        entry("outage_started", "2025-12-01 08:00", case="o", cause="found", name="stop"),
        entry("call_answered", "2025-12-02 07:00", "荔枝园/2", cause="stop", name="call"),
        entry("complaint_accepted", "2025-12-02 07:00", "荔枝园/2", value=0, case=9, cause="call"),
        entry("complaint_responded", "2025-12-02 09:00", "荔枝园/2", case=9, cause="call"),
    ]
    told = breach(cold(entries, [], dip=(hour(1, 6), hour(3))), "2.7.3")
    assert [(step.dwelling, step.value) for step in steps_of(told, "home_c")] == [(2, 16.0)]


def test_a_home_cold_by_its_own_lot_still_when_its_neighbours_were_warm_says_so_once_however_all_began():
    case = {"case": 9, "cause": "call"}
    visits = [entry("visited", f"2025-12-0{day} 12:00", "荔枝园/2", value=16.0, **case) for day in (6, 7)]
    for until, said in ((hour(6, 9), [("visited", 20.0)]), (hour(1, 12), [("call_answered", 20.0)])):
        verdicts = cold([*CALLS, *visits], [], dip=(hour(1, 6), until), own_k=-4.0)
        verdicts.record.scenario["schema_version"] = 1  # a run, not a log
        told = breach(verdicts, "2.8.2", "acted")
        at = {step.at_s: step.what for step in steps_of(told, "visited", "call_answered")}
        assert [(at[step.at_s], step.value) for step in steps_of(told, "neighbours_c")] == said
        assert ("root", "dwelling") in [(step.role, step.what) for step in told.steps]


@pytest.mark.parametrize(("at", "brought", "said"), [("08 08:30", 0.0, 19.0), ("08 07:30", 3.0, 19.0)])
def test_a_home_found_or_made_warm_is_told_as_the_look_judges_by_the_hours_first_instant(at, brought, said):
    done = entry("dwelling_remedied", f"2025-12-{at}", "荔枝园/2", case=9, cause="call", value=brought)
    visit = entry("visited", "2025-12-06 12:00", "荔枝园/2", case=9, cause="call", value=15.0)
    verdicts = cold([*CALLS, visit, done], [], dip=(hour(8, 9) if not brought else hour(1, 6), hour(8, 12)))
    told = chain(verdicts, "2.8.2/restored/0")
    assert steps_of(told, "home_c")[-1].value == pytest.approx(said)


@pytest.mark.parametrize(("rose", "told_of"), [("07 12:00", []), ("09 12:00", ["fell_below_18", "rose_above_18"])])
def test_rooms_cold_for_a_day_between_a_complaint_and_the_duty_that_came_of_it_are_told(rose, told_of):
    visit = entry("visited", "2025-12-10 12:00", "荔枝园/2", case=9, cause="call", value=15.0)
    falls = [entry("fell_below_18", "2025-12-07 02:00", value=18), entry("rose_above_18", f"2025-12-{rose}")]
    told = breach(cold([*CALLS, *falls, visit], [], dip=(hour(1, 6), hour(12))), "2.8.2", "restored")
    assert [step.what for step in steps_of(told, "fell_below_18", "rose_above_18")] == told_of


@pytest.mark.parametrize(("stopped", "told_of"), [("09 00:00", False), ("09 22:00", True)])
def test_a_shortage_in_which_little_was_missed_beside_a_stop_just_over_is_not_why_a_home_is_cold(stopped, told_of):
    home = {"subject": "荔枝园/2", "case": 9}
    entries = [
        entry("shortage_started", "2025-12-08 00:00", "热源甲", case="s", value=0.1),
        entry("outage_started", f"2025-12-{stopped}", case="o", name="stop"),
        {"at": "2025-12-09 23:00", "what": "complaint_accepted", **home, "value": 1, "cause": "stop", "name": "call"},
        entry("outage_ended", "2025-12-10 00:00", case="o"),
        {"at": "2025-12-10 06:30", "what": "complaint_responded", **home, "cause": "call"},
        {"at": "2025-12-11 06:30", "what": "complaint_closed", **home, "cause": "call"},
        entry("shortage_ended", "2025-12-11 00:00", "热源甲", case="s"),
    ]  # fmt: skip
    begun = hour(9, int(stopped[3:5]))
    lost = [(begun, hour(10), 1.0), (hour(10), hour(10, 6), 0.3)]
    sources = [("unserved_capacity_w", "热源甲", hour(8), hour(11), 1e6)]
    entries = sorted(entries, key=lambda row: row["at"])
    told = breach(cold(entries, lost, dip=(hour(9, 1), hour(10, 5)), sources=sources), "2.6.2")
    assert steps_of(told, "outage_started")
    assert bool(steps_of(told, "shortage_started")) is told_of


def test_a_duty_of_the_companys_tells_no_steps_of_the_authority_nor_one_of_the_authoritys_a_refund():
    home = {"subject": "荔枝园/2", "case": 9}
    course = [
        {"at": "2025-12-06 12:00", "what": "visited", **home, "value": 15.0, "cause": "call"},
        {"at": "2025-12-07 09:00", "what": "authority_complained", **home, "cause": "case", "name": "complaint"},
        {"at": "2025-12-08 12:00", "what": "authority_handled", **home, "cause": "complaint"},
        {"at": "2025-12-17 12:00", "what": "dwelling_remedied", **home, "value": 2.0, "cause": "call"},
        {"at": "2025-12-18 12:00", "what": "refund_due", **home, "value": 9.0, "cause": "call"},
        {"at": "2025-12-19 12:00", "what": "authority_told", **home, "cause": "complaint"},
    ]
    calls = [CALLS[0], CALLS[1] | {"name": "case"}, CALLS[2]]
    verdicts = cold([*calls, *course], [], dip=(hour(1, 6), hour(9)))
    of_company, of_authority = (breach(verdicts, *part) for part in (("2.8.2", "restored"), ("1.4", "told")))
    assert steps_of(of_company, "visited")
    assert not steps_of(of_company, "authority_complained", "authority_handled")
    assert steps_of(of_authority, "authority_handled")
    assert not steps_of(of_authority, "refund_due")


def looked_after(*after, cold_until=(11, 13), more=(), entries=()):
    """What is told beside the entries of a home that was to be warm, at which nothing was to be done but to look."""
    case = {"case": 9, "cause": "call"}
    course = [
        entry("measurement_requested", "2025-12-06 09:00", "荔枝园/2", **case),
        entry("visited", "2025-12-06 12:00", "荔枝园/2", value=15.0, **case),
        *(entry(what, at, "荔枝园/2", **case, **({"value": value} if value is not None else {}))
          for what, at, value in after),
    ]  # fmt: skip
    entries = sorted([*RATIONED, *CALLS, *course, *entries], key=lambda row: row["at"])
    verdicts = cold(entries, [LOST[0]], dip=(hour(1, 6), hour(*cold_until)))
    verdicts.record.scenario["schema_version"] = 1  # a run, not a log
    told = breach(verdicts, "2.8.2", "restored")
    kinds = ("looked_at", "tried_in_vain", "tried_again", "warm_unseen_h", *more)
    return [(step.what, step.value) for step in steps_of(told, *kinds)]


def test_a_home_only_looked_at_says_by_what_rule_it_was_worked_on_late_or_found_warm_late():
    network = ("action_taken", "2025-12-06 13:00", 2)
    promise = ("delay_explained", "2025-12-06 13:00", None)
    works = [("action_taken", "2025-12-09 17:00", 1), ("dwelling_remedied", "2025-12-10 17:00", 2.0)]
    assert looked_after(network, promise, *works) == [("looked_at", None)]
    unseen = [("warm_unseen_h", 5.0)]  # was most of the time beyond what was allowed
    for until, day, said in (((9, 10), "09", unseen), ((9, 14), "09", []), ((11, 13), "11", [])):
        found = ("dwelling_remedied", f"2025-12-{day} 15:00", 0.0)
        assert looked_after(network, promise, found, cold_until=until) == said
    in_vain = ("remedy_fell_short", "2025-12-06 13:00", 0.0)
    assert looked_after(("action_taken", "2025-12-06 12:30", 1), in_vain, promise, *works) == [("tried_in_vain", None)]


def test_works_that_fell_short_once_more_are_told_so_and_not_counted_as_three_again():
    works = [("action_taken", "2025-12-06 12:30", 1), ("remedy_fell_short", "2025-12-06 13:00", 0.0),
             ("delay_explained", "2025-12-06 13:00", None), ("action_taken", "2025-12-08 01:00", 1),
             ("remedy_fell_short", "2025-12-08 05:00", 0.0), ("delay_explained", "2025-12-08 05:00", None),
             ("action_taken", "2025-12-09 17:00", 1), ("dwelling_remedied", "2025-12-10 17:00", 2.0)]  # fmt: skip
    assert looked_after(*works) == [("tried_in_vain", None), ("tried_again", None)]


def promised(*, falls=(), rationed=(), lost=(), sources=(), short=()):
    """The story of a promise broken while the case only waited for heat: what it tells of falls and troubles."""
    case = {"case": 9, "cause": "call"}
    course = [
        *CALLS[:2], CALLS[2] | {"name": "answer"},
        entry("delay_explained", "2025-12-06 09:00", "荔枝园/2", value="2025-12-12 09:00", case=9, cause="answer"),
        entry("measurement_requested", "2025-12-14 09:00", "荔枝园/2", **case),
        entry("complaint_closed", "2025-12-14 20:00", "荔枝园/2", **case),
    ]  # fmt: skip
    pairs = [(span, ("fell_below_18", "rose_above_18"), 18) for span in falls]
    pairs += [(span, ("rationing_started", "rationing_ended"), 0.6) for span in rationed]
    entries = [entry(what, f"2025-12-{at}", **({} if what == "rationing_ended" else {"value": value}))
               for span, kinds, value in pairs for what, at in zip(kinds, span, strict=True)]  # fmt: skip
    timeline = sorted([*course, *entries, *short], key=lambda row: row["at"])
    verdicts = cold(timeline, lost, dip=(hour(6), hour(14)), sources=sources)
    verdicts.record.scenario["schema_version"] = 1  # a run, not a log
    return breach(verdicts, "2.7.4", "promise")


def test_a_promise_broken_in_the_cold_tells_when_the_neighbours_were_cold_meanwhile_the_longest_times():
    falls = [("07 00:00", "07 12:00"), ("08 00:00", "08 10:00"), ("09 00:00", "10 00:00"), ("11 00:00", "11 03:00")]
    for count, in_all in ((3, []), (4, [49.0])):
        told = promised(falls=falls[:count])
        assert [step.role for step in steps_of(told, "fell_below_18")] == ["case"] * 3
        assert len(steps_of(told, "rose_above_18")) == 3
        assert [step.value for step in steps_of(told, "cold_meanwhile_h")] == in_all


def test_a_promise_counts_what_else_rationed_its_building_while_it_was_waited_for():
    rationed = [(f"{day:02d} 00:00", f"{day:02d} {9 if day == 9 else 12:02d}:00") for day in (7, 8, 10, 9)]
    for count, more in ((3, []), (4, [1.0])):
        told = promised(rationed=rationed[:count])
        assert len(steps_of(told, "rationing_started")) == 3
        assert [step.value for step in steps_of(told, "troubles_more")] == more


def test_the_last_hour_that_missed_next_to_nothing_beside_the_worst_is_told_no_reason():
    short = [entry(f"shortage_{what}", f"2025-12-{at}", source, case=source, **more)
             for day, source in (("07", "热源甲"), ("09", "热源乙"))
             for what, at, more in (("started", f"{day} 00:00", {"value": 0.3}),
                                    ("ended", f"{day} 06:00", {}))]  # fmt: skip
    sources = [("unserved_capacity_w", "热源甲", hour(7), hour(7, 6), 1e6),
               ("unserved_capacity_w", "热源乙", hour(9), hour(9, 6), 1e6)]  # fmt: skip
    for last, told_of in ((0.06, ["热源甲"]), (0.3, ["热源甲", "热源乙"])):
        lost = [(hour(7), hour(7, 6), 0.6), (hour(9), hour(9, 6), last)]
        told = promised(short=short, sources=sources, lost=lost)
        assert [step.subject_name for step in steps_of(told, "shortage_started")] == told_of


def test_neighbours_that_fell_again_while_a_home_was_only_looked_at_are_told_to_have_put_it_off():
    course = [("action_taken", "2025-12-06 13:00", 2), ("delay_explained", "2025-12-06 13:00", None),
              ("action_taken", "2025-12-09 17:00", 1), ("dwelling_remedied", "2025-12-10 17:00", 2.0)]  # fmt: skip
    risen = entry("rose_above_18", "2025-12-06 14:00")
    falls = [[entry("fell_below_18", f"2025-12-{fell}", value=18), entry("rose_above_18", f"2025-12-{rose}")]
             for fell, rose in (("07 02:00", "07 10:00"), ("07 22:00", "08 06:00"))]  # fmt: skip
    unseen = [entry("fell_below_18", "2025-12-08 08:00", value=18), entry("rose_above_18", "2025-12-08 12:00")]
    found = looked_after(*course, more=["counted_anew"], entries=[risen, *falls[0], *falls[1], *unseen])
    assert found == [("looked_at", None), ("counted_anew", 2.0)]
    assert looked_after(*course, more=["counted_anew"], entries=[risen, *unseen]) == [("looked_at", None)]


def test_what_stopped_a_building_is_blamed_for_its_hours_and_a_shortage_for_those_that_rationing_shares_out():
    entries = [
        entry("shortage_started", "2025-12-01 00:00", "热源甲", case="s", value=0.3),
        entry("rationing_started", "2025-12-01 06:00", value=0.5),
        entry("rationing_ended", "2025-12-01 12:00"),
        entry("outage_started", "2025-12-01 20:00", case="o"),
        entry("outage_ended", "2025-12-02 00:00", case="o"),
        entry("shortage_ended", "2025-12-02 00:00", "热源甲", case="s"),
    ]
    lost = [(hour(1), hour(1, 6), 0.3), (hour(1, 6), hour(1, 12), 0.5), (hour(1, 20), hour(2), 1.0)]
    facts = cold(entries, lost, dip=(hour(1), hour(2))).facts
    place, start = int(facts.record.subjects.rows("substation")[0]), facts.start_s
    found = chilled_by(facts, place, start + hour(1) * HOUR_S, start + hour(2) * HOUR_S)
    assert [KINDS[facts.record.what[seq]].name for seq in found] == ["shortage_started", "outage_started"]
    found = chilled_by(facts, place, start + hour(1, 12) * HOUR_S, start + hour(2) * HOUR_S)
    assert [KINDS[facts.record.what[seq]].name for seq in found] == ["outage_started"]
    assert chilled_by(facts, place, start + hour(1, 13) * HOUR_S, start + hour(1, 20) * HOUR_S) == []


def test_a_shortage_says_how_bad_it_became_and_what_it_lacked():
    unserved = [
        ("unserved_fuel_w", "热源乙", hour(3, 1), hour(3, 3), 1e6),
        ("unserved_capacity_w", "热源乙", hour(4), hour(4, 1), 1e4),
    ]
    verdicts = cold(AGAIN, LOST, dip=(hour(3, 6), hour(6, 5)), sources=unserved)
    (step,) = steps_of(breach(verdicts, "2.3"), "shortage_started")
    assert (step.value, step.detail) == (pytest.approx(0.02), {})  # how much was made is not known
    made = ("source_heat_w", "热源乙", 0, HOURS, 3e6)
    verdicts = cold(AGAIN, LOST, dip=(hour(3, 6), hour(6, 5)), sources=[*unserved, made])
    (step,) = steps_of(breach(verdicts, "2.3"), "shortage_started")
    assert (step.value, step.detail["lacked"]) == (pytest.approx(0.25), "fuel")


def test_a_shortage_whose_worst_hour_lacked_something_else_than_the_rest_says_both_and_tells_the_fuel():
    entries = [*BEGAN[:2], BEGAN[2], entry("shortage_ended", "2025-12-04 00:00", "热源甲", case="s"),
               entry("gas_curtailed", "2025-12-03 00:00", "草库", name="cut", value=0.3),
               entry("fuel_ran_out", "2025-12-03 05:00", "草库", cause="cut"),
               entry("fuel_recovered", "2025-12-03 06:00", "草库")]  # fmt: skip
    sources = [
        ("unserved_capacity_w", "热源甲", hour(1), hour(4), 1e6),
        ("unserved_capacity_w", "热源甲", hour(3, 5), hour(3, 6), 0.0),
        ("unserved_fuel_w", "热源甲", hour(3, 5), hour(3, 6), 3e6),
        ("source_heat_w", "热源甲", 0, HOURS, 3e6),
        ("source_heat_w", "热源甲", hour(3, 5), hour(3, 6), 0.0),
    ]
    verdicts = cold(entries, LOST[:2], dip=(hour(1, 6), hour(5)), sources=sources, store="热源甲")
    told = breach(verdicts, "2.3")
    (step,) = steps_of(told, "shortage_started")
    assert step.value == pytest.approx(1.0)
    assert step.detail == {"lacked_at_worst": "fuel", "lacked_in_all": "capacity"}
    assert [step.role for step in steps_of(told, "fuel_ran_out")] == ["cause"]


def test_a_unit_that_was_down_before_a_shortage_began_is_told_as_what_made_it_worse():
    second = entry("source_tripped", "2025-11-30 21:00", "热源甲", case="w")
    over = entry("fault_restored", "2025-12-02 05:00", "热源甲", case="w")
    mended = entry("fault_restored", "2025-11-30 22:00", "热源甲", case="w")
    for end, units in ((over, 2), (mended, 1)):
        timeline = sorted([second, end, *BEGAN], key=lambda row: row["at"])
        missing = ("unserved_capacity_w", "热源甲", hour(1), hour(1, 12), 1e6)
        sources = [missing, ("source_heat_w", "热源甲", 0, HOURS, 1e6)]
        told = breach(cold(timeline, LOST[:1], dip=(hour(1, 6), hour(2)), sources=sources), "2.3")
        assert len(steps_of(told, "source_tripped")) == units


@pytest.mark.parametrize("ran_out", [True, False])
def test_rooms_that_fall_days_after_a_shortage_began_tell_what_had_come_of_it_lately_and_what_rationed_them(ran_out):
    dry = [entry("gas_curtailed", "2025-12-04 00:00", "草库", name="cut", value=0.3),
           entry("fuel_ran_out", "2025-12-04 21:00", "草库", cause="cut"),
           entry("fuel_recovered", "2025-12-05 00:00", "草库")]  # fmt: skip
    timeline = [
        entry("shortage_started", "2025-12-01 00:00", "热源甲", case="s", value=0.3, name="short"),
        *(dry if ran_out else []),
        entry("rationing_started", "2025-12-04 22:00", value=0.6),
        entry("fell_below_18", "2025-12-04 23:00", value=18, cause="short", name="fall"),
        entry("rationing_ended", "2025-12-05 00:00"),
        entry("shortage_ended", "2025-12-08 00:00", "热源甲", case="s"),
        entry("call_answered", "2025-12-05 09:00", "荔枝园/2", name="call", cause="fall"),
        entry("complaint_accepted", "2025-12-05 09:00", "荔枝园/2", value=0, case=9, cause="call"),
        entry("complaint_responded", "2025-12-05 19:00", "荔枝园/2", case=9, cause="call"),
    ]
    timeline.sort(key=lambda row: row["at"])
    sources = [
        ("unserved_capacity_w", "热源甲", hour(1), hour(8), 1e6),
        ("unserved_fuel_w", "热源甲", hour(4, 21), hour(5), 1e7 * ran_out),
        ("source_heat_w", "热源甲", 0, HOURS, 3e6),
        ("source_heat_w", "热源甲", hour(3), hour(3, 1), 0.0),
    ]
    lost = [(hour(1), hour(4, 21), 0.03), (hour(4, 21), hour(5), 0.6)]
    told = breach(cold(timeline, lost, dip=(hour(4, 23), hour(6)), sources=sources, store="热源甲"), "2.7.3")
    assert len(steps_of(told, "fuel_ran_out", "gas_curtailed")) == 2 * ran_out
    assert steps_of(told, "rationing_started")
    assert steps_of(told, "rationing_ended")


@pytest.mark.parametrize("name", ["gas_curtailed", "burst_week", "cold_wave_2008"])
def test_no_cold_home_is_told_of_by_troubles_long_over_while_others_cost_it_heat(name):
    verdicts = verdicts_of(name)
    facts = verdicts.facts
    asked = 0
    for clause, part in (("2.8.1", "visited"), ("2.7.4", "closed"), ("2.8.2", "restored"), ("1.4", "told")):
        rows = verdicts.part(clause, part).rows
        for row in np.flatnonzero(rows.state != MET)[:60].tolist():
            told = chain(verdicts, address_of(clause, part, row))
            calls = steps_of(told, "call_answered", "complaint_accepted", "authority_complained")
            if not calls:
                continue
            at, subject = calls[0].at_s, calls[0].subject
            home = room_of(facts, subject, at)
            if home is None or home.dwelling_c >= 18.0 or cold_by_itself(verdicts, subject, at):
                continue
            if late_supply(facts, subject, at) >= 0:
                continue
            seqs = [step.seq for step in told.steps if step.seq >= 0]
            since = latest_end(facts, seqs, at)
            if since is not None and since <= at - DAY_S:
                asked += 1
                place = int(facts.group(np.array([subject]), "substation")[0])
                assert set(chilled_by(facts, place, since, at)) <= set(seqs), told.verdict.id
                assert steps_of(told, "long_over_d")
                assert "weather" in {step.what for step in told.steps if step.role == "root"}
    assert asked or name != "burst_week"


def test_a_rationed_cold_home_tells_of_its_rationing():
    verdicts = verdicts_of("gas_curtailed")
    facts, record = verdicts.facts, verdicts.record
    rations = facts.intervals((("rationing_started", "rationing_ended"),))
    share = record.tracks["substation_heat_w"] / np.maximum(record.tracks["substation_need_w"], 1.0)
    places = record.subjects.rows("substation").tolist()
    asked = 0
    for late in verdicts.breaches("2.8.1")[:80]:
        told = chain(verdicts, late.id)
        for call in steps_of(told, "call_answered"):
            home = room_of(facts, call.subject, call.at_s)
            place = int(facts.group(np.array([call.subject]), "substation")[0])
            mine = (rations.subject == place) & (rations.from_s < call.at_s) & (rations.to_s > call.at_s)
            short = share[call.at_s // HOUR_S, places.index(place)] < SERVED
            if (
                home.dwelling_c < 18.0
                and mine.any()
                and short
                and not cold_by_itself(verdicts, call.subject, call.at_s)
            ):
                asked += 1
                assert set(rations.start[mine].tolist()) <= {step.seq for step in told.steps}, late.id
    assert asked


def test_fuel_that_hardly_lacked_is_not_why_a_source_was_short_and_a_unit_lost_meanwhile_is():
    entries = [
        *AGAIN,
        entry("fuel_ran_out", "2025-12-03 05:00", "草库", cause="cut"),
        entry("source_tripped", "2025-12-04 00:00", "热源乙", case="w"),
    ]
    sources = [
        ("unserved_fuel_w", "热源乙", hour(3, 5), hour(3, 6), 1e6),
        ("unserved_capacity_w", "热源乙", hour(3, 1), hour(5, 18), 1e6),
        ("source_heat_w", "热源乙", 0, HOURS, 3e6),
    ]
    verdicts = cold(entries, LOST, dip=(hour(3, 6), hour(6, 5)), sources=sources)
    kinds = [step.what for step in breach(verdicts, "2.3").steps if step.seq >= 0]
    assert "source_tripped" in kinds
    assert "fuel_ran_out" not in kinds


def test_a_building_that_a_fault_stopped_tells_of_no_shortage_that_stood_by_and_how_long_is_excused():
    entries = [
        entry("shortage_started", "2025-12-01 00:00", "热源甲", case="s", value=0.3),
        entry("throttled_started", "2025-12-01 02:00", case="u"),
        entry("throttled_ended", "2025-12-01 03:00", case="u"),
        entry("pipe_failed", "2025-12-10 02:00", "荔枝路", case="o", name="burst"),
        entry("fault_discovered", "2025-12-10 02:00", "荔枝路", case="o", cause="burst"),
        entry("outage_started", "2025-12-10 02:00", case="o", cause="burst"),
        entry("work_started", "2025-12-10 02:30", "一队", case="o"),
        entry("outage_ended", "2025-12-10 06:00", case="o"),
        entry("work_ended", "2025-12-10 06:00", "一队", case="o"),
        entry("fault_restored", "2025-12-10 06:00", "荔枝路", case="o"),
        entry("shortage_ended", "2025-12-12 00:00", "热源甲", case="s"),
    ]
    verdicts = cold(entries, [(hour(10, 2), hour(10, 6), 1.0)], dip=(hour(1), hour(1, 2)))
    rows = verdicts.part("2.6.3", "").rows
    (row,) = np.flatnonzero(rows.state == EXCUSED)
    told = chain(verdicts, address_of("2.6.3", "", int(row)))
    assert not steps_of(told, "shortage_started", "throttled_started")
    (excused,) = steps_of(told, "excused_hours")
    assert excused.value == pytest.approx(4.0)


def test_of_many_stops_the_longest_is_said_to_be_it_and_of_many_run_outs_the_costliest():
    verdicts = verdicts_of("late_fuel")
    often = 0
    for broken in [*verdicts.breaches("2.6.3"), *verdicts.breaches("2.5")]:
        told = chain(verdicts, broken.id)
        for step in steps_of(told, "longest_of", "costliest_of"):
            often += 1
            kinds = ("rationing_started", "outage_started", "fuel_ran_out")
            assert step.at_s in [begun.at_s for begun in steps_of(told, *kinds)]
            counted = sum(count.value for count in told.steps if count.role == "counted")
            assert step.value == counted > 1
    assert often


def test_hours_of_rationing_that_a_fault_excused_name_the_fault_that_touched_the_building_longest():
    def touched(case, begun, over):
        trip = entry("source_tripped", f"2025-12-{begun}", "热源甲", case=case, name=case)
        throttled = entry("throttled_started", f"2025-12-{begun}", case=case, cause=case, value=0.5)
        return [trip, throttled, entry("throttled_ended", f"2025-12-{over}", case=case)]

    one = touched("short", "05 06:00", "05 09:00")
    two = touched("long", "06 06:00", "06 11:00")
    rationed = [entry("rationing_started", "2025-12-05 00:00", value=0.6),
                entry("rationing_ended", "2025-12-07 00:00")]  # fmt: skip
    meanwhile = [entry("outage_started", "2025-12-05 06:00", case="short", cause="short"),
                 entry("outage_ended", "2025-12-05 09:00", case="short")]  # fmt: skip
    both = [*one, *two]
    for faults, hours, count in ((one, 15.0, []), (both, 32.0, [2.0]), ([*one, *meanwhile, *two], 32.0, [2.0])):
        told = breach(cold([rationed[0], *faults, rationed[1]], [], dip=(hour(20), hour(20, 2))), "2.6.3")
        assert [step.value for step in steps_of(told, "excused_hours")] == [pytest.approx(hours)]
        assert [step.value for step in steps_of(told, "longest_excuse_of")] == count
        (throttled,) = steps_of(told, "throttled_started")
        (trip,) = steps_of(told, "source_tripped")
        assert (trip.role, throttled.role) == ("draw", "cause")
        assert throttled.at_s // DAY_S == told.steps[0].at_s // DAY_S + bool(count)


def test_a_fault_elsewhere_tells_when_all_had_heat_again():
    verdicts = verdicts_of("burst_week")
    facts = verdicts.facts
    ends = facts.rows("outage_ended")
    asked = 0
    for row in range(len(verdicts.part("2.6.4a", "at_work").rows)):
        told = chain(verdicts, address_of("2.6.4a", "at_work", row))
        mine = ends[(facts.case[ends] == told.verdict.case) & (facts.at[ends] >= told.verdict.opened_s)]
        if len(mine):
            asked += 1
            (back,) = steps_of(told, "outage_ended")
            own = mine[facts.subject[mine] == told.verdict.subject]
            assert back.at_s == (facts.at[own].min() if len(own) else facts.at[mine].max())
    assert asked


def test_a_stop_that_was_to_be_long_from_the_first_tells_till_when():
    entries = [
        entry("pipe_failed", "2025-12-10 02:00", "荔枝路", case="o", name="burst"),
        entry("fault_discovered", "2025-12-10 02:00", "荔枝路", case="o", cause="burst"),
        entry("outage_started", "2025-12-10 02:00", case="o", cause="burst"),
        entry("restoration_forecast", "2025-12-10 02:00", case="o", value="2025-12-12 02:00"),
        entry("outage_ended", "2025-12-10 12:00", case="o"),
        entry("fault_restored", "2025-12-10 12:00", "荔枝路", case="o"),
    ]
    verdicts = cold(entries, [(hour(10, 2), hour(10, 12), 1.0)], dip=(hour(1), hour(1, 2)))
    told = breach(verdicts, "2.6.4b", "users")
    assert told.verdict.opened_s == verdicts.facts.at[told.verdict.trigger]
    assert [step.role for step in steps_of(told, "restoration_forecast")] == ["case"]


def test_rooms_not_warm_yet_since_a_late_supply_are_the_works():
    late = verdicts_of("chaotic_first_week", "policies.readiness.filling_day=34")
    facts = late.facts
    supply = facts.rows("supply_started")
    rooms = facts.record.tracks["room_c"]
    asked = 0
    for column, cohort in enumerate(facts.cohorts.tolist()):
        mine = supply[facts.subject[supply] == facts.record.subjects.substation[cohort]]
        began = int(facts.at[mine].min())
        at = began + 3 * DAY_S // 2
        if began > facts.start_s:
            still = bool((rooms[began // HOUR_S : at // HOUR_S + 1, column] < 18.0).all())
            asked += still
            assert (late_supply(facts, cohort, at) >= 0) == still
            assert late_supply(facts, cohort, began + 30 * DAY_S) < 0
    assert asked


def test_the_shortages_of_a_record_have_each_their_worst():
    facts = verdicts_of("cold_wave_2008").facts
    short = facts.intervals(SHORT)
    worst = [at_worst(facts, seq) for seq in short.start.tolist()]
    assert len(worst)
    assert all(found is not None and found.share >= facts.record.value[seq] - 1e-3 for seq, found in
               zip(short.start.tolist(), worst, strict=True))  # fmt: skip


def test_what_made_a_shortage_worse_while_a_household_waited_is_told_though_its_duty_arose_before():
    entries = [
        entry("source_tripped", "2025-12-03 00:00", "热源乙", case="u", name="trip"),
        entry("shortage_started", "2025-12-03 01:00", "热源乙", case="s", cause="trip", value=0.02, name="short"),
        entry("fell_below_18", "2025-12-03 06:00", cause="short", value=18),
        entry("call_answered", "2025-12-03 09:00", "荔枝园/2", case=1, cause="short", name="call"),
        entry("complaint_accepted", "2025-12-03 09:00", "荔枝园/2", case=1, cause="call", value=0),
        entry("source_tripped", "2025-12-04 00:00", "热源乙", case="v"),
        entry("shortage_ended", "2025-12-05 02:00", "热源乙", case="s"),
    ]
    sources = [
        ("unserved_capacity_w", "热源乙", hour(3, 1), hour(4), 1e4),
        ("unserved_capacity_w", "热源乙", hour(4), hour(5, 2), 1e6),
        ("source_heat_w", "热源乙", 0, hour(4), 1e6),
    ]
    verdicts = cold(entries, [(hour(3, 1), hour(5, 2), 0.5)], dip=(hour(3, 6), hour(5, 5)), sources=sources)
    told = breach(verdicts, "2.7.4", "closed")
    assert len(steps_of(told, "source_tripped")) == 2


@pytest.mark.parametrize(("missed_w", "told_of"), [(2e6, "热源乙"), (1e5, "热源甲")])
def test_of_sources_short_together_a_buildings_own_is_told_unless_it_missed_little_beside_the_largest(
    missed_w, told_of
):
    entries = [
        entry("shortage_started", "2025-12-03 01:00", "热源甲", case="s", value=0.5),
        entry("shortage_started", "2025-12-03 01:00", "热源乙", case="t", value=0.5),
        entry("call_answered", "2025-12-03 15:00", "荔枝园/2", case=1, name="call"),
        entry("complaint_accepted", "2025-12-03 15:00", "荔枝园/2", case=1, cause="call", value=0),
        entry("shortage_ended", "2025-12-05 02:00", "热源甲", case="s"),
        entry("shortage_ended", "2025-12-05 02:00", "热源乙", case="t"),
    ]
    sources = [("unserved_capacity_w", "热源甲", hour(3, 1), hour(5, 2), 3e6),
               ("unserved_capacity_w", "热源乙", hour(3, 1), hour(5, 2), missed_w)]  # fmt: skip
    verdicts = cold(entries, [(hour(3, 1), hour(5, 2), 0.5)], dip=(hour(3, 6), hour(5, 5)), sources=sources,
                    source="热源乙")  # fmt: skip
    told = breach(verdicts, "2.7.4", "closed")
    assert {step.subject_name for step in steps_of(told, "shortage_started")} == {told_of}
    begun = {verdicts.record.subjects.name[verdicts.facts.subject[seq]] for seq in
             chilled_by(verdicts.facts, verdicts.find("2.6.3/0").subject, 0, verdicts.facts.end_s)}  # fmt: skip
    assert begun == {told_of}


def shortage(case, source, begun, over):
    return [entry("shortage_started", f"2025-12-{begun}", source, case=case, value=0.5, name=case),
            entry("shortage_ended", f"2025-12-{over}", source, case=case)]  # fmt: skip


def complaint(at, cause):
    call = {"at": f"2025-12-{at}", "subject": "荔枝园/2", "case": 1}
    return [call | {"what": "call_answered", "cause": cause, "name": "call"},
            call | {"what": "complaint_accepted", "cause": "call", "value": 0, "name": "case"}]  # fmt: skip


@pytest.mark.parametrize(("closed", "filled", "kept"), [
    ("12-02 00:00", "05 12:00", True), ("11-30 12:00", "05 12:00", True),
    ("12-02 00:00", "03 00:00", False), ("12-04 18:00", "05 12:00", False),
])  # fmt: skip
def test_a_late_lot_that_a_closed_road_kept_from_the_gate_is_told_with_the_closure(closed, filled, kept):
    entries = [
        entry("fuel_ordered", "2025-11-28 08:00", "草库", case="lot", name="order", value=100.0),
        entry("fuel_delayed", "2025-11-30 00:00", "草库", case="lot", cause="order", name="late", value=100.0),
        entry("fuel_ran_out", "2025-12-01 00:00", "草库", cause="late", name="empty"),
        entry("shortage_started", "2025-12-01 00:00", "热源甲", case="s", cause="empty", name="short", value=0.3),
        entry("fell_below_18", "2025-12-01 06:00", cause="short", value=18, name="fall"),
        {"at": f"2025-{closed}", "what": "road_closed", "name": "closed", "value": 72.0},
        entry("fuel_recovered", f"2025-12-{filled}", "草库"),
        {"at": "2025-12-05 06:00", "what": "road_opened", "cause": "closed"},
        entry("shortage_ended", "2025-12-05 12:00", "热源甲", case="s"),
        CALLS[0] | {"cause": "fall"}, *CALLS[1:],
    ]  # fmt: skip
    verdicts = cold(sorted(entries, key=lambda row: row["at"]), [], dip=(hour(1, 6), hour(9)))
    told = breach(verdicts, "2.7.3")
    assert bool(steps_of(told, "road_closed")) == kept
    at = [verdicts.facts.start_s + hour(4, 4) * HOUR_S] if kept else []  # 100 h after it was to come
    assert [(step.at_s, step.subject_name) for step in steps_of(told, "kept_from_gate")] == [(s, "草库") for s in at]


def test_a_shortage_that_lasts_when_a_household_calls_is_told_beside_the_one_that_its_rooms_fell_by():
    entries = [
        *shortage("first", "热源甲", "01 00:00", "05 20:00"), *shortage("now", "热源甲", "06 00:00", "08 00:00"),
        entry("fell_below_18", "2025-12-02 02:00", cause="first", value=18), *complaint("06 04:30", "first"),
    ]  # fmt: skip
    short = [("unserved_capacity_w", "热源甲", hour(day, begin), hour(day2, end), 1e6)
             for day, begin, day2, end in ((1, 0, 5, 20), (6, 0, 8, 0))]  # fmt: skip
    verdicts = cold(entries, [(hour(1), hour(5, 20), 0.5), (hour(6), hour(8), 0.2)], dip=(hour(2, 2), hour(9)),
                    sources=short)  # fmt: skip
    told = breach(verdicts, "2.7.4", "closed")
    assert len(steps_of(told, "shortage_started")) == 2


@pytest.mark.parametrize(("closed", "told_of"), [("06 00:00", 1), ("20 00:00", 2)])
def test_who_goes_to_the_authority_because_the_case_was_closed_blames_no_shortage_since(closed, told_of):
    entries = [
        *shortage("first", "热源甲", "01 00:00", "03 00:00"), *shortage("since", "热源乙", "07 00:00", "09 00:00"),
        entry("fell_below_18", "2025-12-01 06:00", cause="first", value=18), *complaint("01 10:00", "first"),
        entry("complaint_closed", f"2025-12-{closed}", "荔枝园/2", case=1),
        entry("authority_complained", "2025-12-08 10:00", "荔枝园/2", case=2, cause="case"),
        entry("rose_above_18", "2025-12-05 00:00"),
    ]  # fmt: skip
    sources = [("unserved_capacity_w", "热源甲", hour(1), hour(3), 1e6),
               ("unserved_capacity_w", "热源乙", hour(7), hour(9), 1e6)]  # fmt: skip
    verdicts = cold(entries, [(hour(1), hour(3), 0.5), (hour(7), hour(9), 0.5)], dip=(hour(1, 6), hour(10)),
                    sources=sources)  # fmt: skip
    assert len(steps_of(breach(verdicts, "1.4", "told"), "shortage_started")) == told_of


def test_rooms_that_rose_and_were_cold_again_when_measured_are_told_to_have_fallen_again():
    entries = [
        *shortage("first", "热源甲", "01 00:00", "06 00:00"),
        entry("fell_below_18", "2025-12-01 06:00", cause="first", value=18, name="fell"),
        *complaint("01 10:00", "fell"),
        entry("rose_above_18", "2025-12-02 00:00"),
        entry("fell_below_18", "2025-12-03 00:00", value=18),
        entry("visited", "2025-12-04 10:00", "荔枝园/2", case=1, cause="case", value=15.0),
    ]  # fmt: skip
    verdicts = cold(entries, [(hour(1), hour(6), 0.5)], dip=(hour(1, 6), hour(10)),
                    sources=[("unserved_capacity_w", "热源甲", hour(1), hour(6), 1e6)])  # fmt: skip
    told = breach(verdicts, "2.8.2", "restored")
    rooms = [step.what for step in steps_of(told, "fell_below_18", "rose_above_18")]
    assert rooms == ["fell_below_18", "rose_above_18", "fell_below_18"]


def test_a_shortage_of_no_length_has_no_worst_hour():
    short = [entry(f"shortage_{what}", "2025-12-05 01:00", "热源乙", case="s") for what in ("started", "ended")]
    sources = [("unserved_capacity_w", "热源乙", hour(1), hour(2), 1e6), ("unserved_fuel_w", "热源乙", 0, 1, 0.0),
               ("source_heat_w", "热源乙", 0, HOURS, 1e6)]  # fmt: skip
    facts = cold(short, [], dip=(hour(1), hour(1, 2)), sources=sources).facts
    assert at_worst(facts, int(facts.rows("shortage_started")[0])) is None
