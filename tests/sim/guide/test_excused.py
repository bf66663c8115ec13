"""What a story tells of a building's stops, and of the faults that excuse them: those that did most, and how many."""

import numpy as np
import pytest
from heatseason.sim.guide.addresses import address_of
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from

FROM = "2025-11-15 00:00"
HOURS = 2904


def entry(what, at, subject="荔枝园", **more):
    return {"at": at, "what": what, "subject": subject, **more}


def hour(day, of_day=0):
    """Hours since the record's start of an hour of a day of December."""
    return (16 + day - 1) * 24 + of_day


def instant(day, of_day=0):
    """Seconds since the origin, 60 days before, of an hour of a day of December."""
    return (60 * 24 + hour(day, of_day)) * 3600


def verdicts_of(entries, *, heat=(), dips=(), mean_c=(4.0,)):
    """A season of a building without heat in some hours, its rooms cold in some."""
    came, rooms = np.full(HOURS, 1e6), np.full(HOURS, 20.0)
    for begin, end, share in heat:
        came[begin:end] *= share
    for begin, end, room_c in dips:
        rooms[begin:end] = room_c
    series = [
        {"track": f"substation_{name}_w", "subject": "荔枝园", "from": FROM, "hourly": values.tolist()}
        for name, values in (("heat", came), ("need", np.full(HOURS, 1e6)))
    ]
    data = {"season": {"start": "2025-11-15", "end": "2026-03-15"},
            "outdoor": {"from": FROM, "daily_mean_c": list(mean_c)},
            "room": [{"estate": "荔枝园", "from": FROM, "hourly_c": rooms.tolist(), "offsets_k": [0.0]}],
            "substation": [{"name": "荔枝园", "households": 1}], "source": [{"name": "热源甲"}],
            "entry": entries, "series": series}  # fmt: skip
    return judge(record_from(data))


def story(verdicts, clause, state):
    (found,) = (
        address_of(clause, part.id, row)
        for part in verdicts[clause].clause.parts
        for row in range(len(verdicts.part(clause, part.id).rows))
        if verdicts.find(address_of(clause, part.id, row)).state == state
    )
    return chain(verdicts, found)


def steps_of(told, *kinds):
    return [step for step in told.steps if step.what in kinds]


def stop(name, begun, over):
    return [
        entry("power_failed", f"2025-12-{begun}", case=name, name=name),
        entry("outage_started", f"2025-12-{begun}", case=name, cause=name),
        entry("outage_ended", f"2025-12-{over}", case=name),
        entry("fault_restored", f"2025-12-{over}", case=name),
    ]


def throttling(name, begun, over):
    return [
        entry("source_tripped", f"2025-12-{begun}", "热源甲", case=name, name=name),
        entry("throttled_started", f"2025-12-{begun}", case=name, cause=name, value=0.5),
        entry("throttled_ended", f"2025-12-{over}", case=name),
    ]


def rationing(begun, over):
    return [entry("rationing_started", f"2025-12-{begun}", value=0.5), entry("rationing_ended", f"2025-12-{over}")]


def test_stops_that_faults_excuse_tell_of_the_fault_that_excused_most_and_count_all_that_was_excused():
    entries = [*stop("short", "03 07:00", "03 09:00"), *stop("long", "18 07:00", "18 19:00"),
               *stop("last", "20 07:00", "20 08:00")]  # fmt: skip
    told = story(verdicts_of(entries), "2.6.3", "excused")
    entered = [step for step in steps_of(told, "outage_started", "outage_ended") if step.role != "counted"]
    assert [step.at_s for step in entered] == [instant(3, 7), instant(3, 9), instant(18, 7), instant(18, 19)]
    (most,) = steps_of(told, "most_excusing_of")
    assert (most.at_s, most.value) == (instant(18, 7), 3.0)
    assert [step.value for step in told.steps if step.role == "counted"] == [3.0]


def test_a_rationing_that_a_throttling_excused_is_told_with_it_and_counted_and_no_other_throttling_is():
    entries = [*throttling("idle", "01 07:00", "01 09:00"), *stop("power", "03 07:00", "03 10:00"),
               *throttling("trip", "10 16:00", "10 17:00"), *rationing("10 22:00", "11 00:00")]  # fmt: skip
    told = story(verdicts_of(entries), "2.6.3", "excused")
    assert [step.at_s for step in steps_of(told, "throttled_started")] == [instant(10, 16)]
    assert [step.at_s for step in steps_of(told, "rationing_started", "rationing_ended") if step.role != "counted"] == [
        instant(10, 22), instant(11),
    ]  # fmt: skip
    counted = {step.what: step.value for step in told.steps if step.role == "counted"}
    assert counted == {"outage_started": 1.0, "rationing_started": 1.0}
    assert not steps_of(told, "most_excusing_of")  # both are told


def test_cold_rooms_that_faults_excuse_tell_of_the_fault_whose_excuse_covers_the_hour_told():
    entries = [*throttling("early", "01 05:00", "01 09:00"), *throttling("late", "16 05:00", "16 06:00")]
    late = (hour(16, 6), hour(16, 10), 15.0)
    for dips, many in (([late], []), ([(hour(1, 6), hour(1, 9), 17.0), late], [2.0])):
        told = story(verdicts_of(entries, dips=dips), "2.3", "excused")
        assert [step.at_s for step in steps_of(told, "throttled_started") if step.role != "counted"] == [instant(16, 5)]
        assert [step.value for step in told.steps if step.role == "counted"] == many  # only what excuses cold hours


@pytest.mark.parametrize("cold_in", ["frost", "throttling", "both"])
def test_cold_rooms_name_as_excuse_the_weather_or_a_fault_only_if_they_were_cold_for_hours_of_it(cold_in):
    dips = [(hour(day, 6), hour(day, 9), 15.0) for day, when in ((1, "throttling"), (16, "frost"))
            if cold_in in (when, "both")]  # fmt: skip
    mean = [4.0] * (HOURS // 24)
    mean[hour(16) // 24] = -5.0
    told = story(verdicts_of(throttling("trip", "01 05:00", "01 09:00"), dips=dips, mean_c=mean), "2.3", "excused")
    by = {rule["name"] for rule in told.steps[-1].detail["excused_by"]}
    assert by == {"frost": {"weather"}, "throttling": {"fault"}, "both": {"weather", "fault"}}[cold_in]
    assert bool(steps_of(told, "source_tripped")) == (cold_in != "frost")


def test_rooms_cold_at_the_start_name_no_fault_of_a_month_later_as_excuse():
    mean = [-5.0] + [4.0] * (HOURS // 24 - 1)
    verdicts = verdicts_of(throttling("trip", "16 05:00", "16 06:00"), dips=[(0, 3, 15.0)], mean_c=mean)
    told = story(verdicts, "2.2b", "excused")
    assert [rule["name"] for rule in told.steps[-1].detail["excused_by"]] == ["weather"]
    assert not steps_of(told, "source_tripped", "throttled_started")


@pytest.mark.parametrize("fault", [True, False])
def test_the_hours_of_a_noted_stop_are_no_further_hours_without_heat(fault):
    failed, begun, ended, restored = stop("power", "03 07:02", "03 16:30")
    del begun["cause"]
    verdicts = verdicts_of([failed, begun, ended, restored] if fault else [begun, ended],
                           heat=[(hour(3, 7), hour(3, 8), 0.03), (hour(3, 8), hour(3, 16), 0.0)])  # fmt: skip
    told = story(verdicts, "2.6.3", "excused" if fault else "missed")
    assert not steps_of(told, "served_percent", "stopped_hours")
    for step in steps_of(told, "noted_hours"):
        assert step.value == pytest.approx(-told.verdict.margin)


@pytest.mark.parametrize("struck", ["荔枝园", "热源甲"])
def test_a_building_stopped_by_a_failure_of_power_noted_of_another_place_is_said_to_be_of_its_area(struck):
    failed, *stopped = stop("power", "03 07:02", "03 16:30")
    told = story(verdicts_of([failed | {"subject": struck}, *stopped]), "2.6.3", "excused")
    said = [(step.at_s, step.subject_name) for step in steps_of(told, "without_power")]
    assert said == ([] if struck == "荔枝园" else [(steps_of(told, "outage_started")[0].at_s, "荔枝园")])


def test_hours_without_heat_that_no_stop_tells_of_are_told_beside_those_of_one():
    verdicts = verdicts_of(stop("power", "03 07:00", "03 16:00"),
                           heat=[(hour(3, 7), hour(3, 16), 0.0), (hour(20, 4), hour(20, 6), 0.05)])  # fmt: skip
    told = story(verdicts, "2.6.3", "missed")
    assert [(step.at_s, step.value) for step in steps_of(told, "stopped_hours")] == [(instant(20, 4), 2.0)]


def test_the_first_of_several_that_none_exceeds_is_not_called_another_than_the_first():
    entries = [*rationing("03 22:00", "04 00:00"), *rationing("05 10:00", "05 12:00")]
    told = story(verdicts_of(entries), "2.6.3", "missed")
    (first,) = steps_of(told, "first_is_longest_of")
    assert (first.at_s, first.value) == (instant(3, 22), 2.0)
    assert not steps_of(told, "longest_of")
    longer = [*rationing("03 22:00", "04 00:00"), *rationing("05 10:00", "05 13:00")]
    assert [step.what for step in steps_of(story(verdicts_of(longer), "2.6.3", "missed"), "first_is_longest_of",
                                           "longest_of")] == ["longest_of"]  # fmt: skip


def test_a_sum_of_the_season_is_no_moment_that_an_extension_brought_about():
    power = stop("power", "03 07:00", "03 10:00")
    longer = entry("extension_decided", "2026-03-01 00:00", "属地供热主管部门", value="2026-03-25 00:00")
    told = story(verdicts_of([*power, longer]), "2.6.3", "excused")
    assert steps_of(told, "excused_hours")
    assert not steps_of(told, "extension_decided")
