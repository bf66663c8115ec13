"""What each kind of fault does to a season of the small town, and what is done about it, from the record alone."""

from functools import cache

import numpy as np
import pytest
from heatseason.network_models.problems import InputError
from heatseason.scenarios.scenario import load
from heatseason.sim.record import KINDS, Record
from heatseason.sim.run import run
from heatseason.sim.world.heat import Heat

WHAT = [kind.name for kind in KINDS]
CALM = tuple(
    f"disruptions.{kind}.enabled=false"
    for kind in ("pipe_failures", "digging", "source_trips", "pump_failures", "substation_failures", "power_failures",
                 "fuel_supply", "staff_absence")
)  # fmt: skip
DAY = 86_400


@cache
def season(*changes: str) -> Record:
    return run(load("town", [*CALM, *changes]))


def struck(order: str, *changes: str) -> Record:
    return season(f"disruptions.imposed=[{order}]", *changes)


def story(record: Record, first: str) -> list[str]:
    """Return what happened in the case that a kind of entry opened, in order of time."""
    case = record.case[record.rows(first)[0]]
    rows = np.flatnonzero(record.case == case)
    return [WHAT[record.what[row]] for row in rows[np.argsort(record.at[rows], kind="stable")]]


def hours_until(record: Record, first: str, last: str) -> float:
    case = record.case[record.rows(first)[0]]
    ends = [row for row in record.rows(last) if record.case[row] == case]
    return float(record.at[ends[-1]] - record.at[record.rows(first)[0]]) / 3600.0


PUMP = '{kind="pump_failure", at=2027-01-10T10:00:00, hours=12.0}'


def test_a_standby_pump_is_hardly_noticed_and_none_is():
    kept = struck(PUMP, "disruptions.pump_failures.start_share=1.0")
    bare = struck(PUMP, "disruptions.pump_failures.standby=0", "disruptions.pump_failures.running=1")
    assert hours_until(kept, "pump_failed", "fault_restored") == pytest.approx(0.05)
    assert hours_until(bare, "pump_failed", "fault_restored") == pytest.approx(12.0)
    quiet = season()
    at = slice(92 * 24 + 11, 92 * 24 + 22)
    lost = [1.0 - r.tracks["source_heat_w"][at].sum() / quiet.tracks["source_heat_w"][at].sum() for r in (kept, bare)]
    assert abs(lost[0]) < 0.02
    assert lost[1] > 0.1
    assert {"fault_discovered", "fault_reported"} <= set(story(bare, "pump_failed"))


def test_a_unit_that_trips_ends_no_step_within_an_hour(monkeypatch):
    """It counts by the hour's mean; the record says the second."""
    stops, advance = set(), Heat.advance

    def noted(heat: Heat, until_s: float) -> None:
        stops.add(until_s)
        advance(heat, until_s)

    monkeypatch.setattr(Heat, "advance", noted)
    run(load("town", CALM))
    quiet, order = stops.copy(), '{kind="source_trip", at=2027-01-10T10:40:00, hours=7.25}'
    stops.clear()
    record = run(load("town", [*CALM, f"disruptions.imposed=[{order}]"]))
    assert {stop for stop in stops - quiet if stop % 3600} == set()
    tripped, restored = (int(record.at[record.rows(what)[0]]) for what in ("source_tripped", "fault_restored"))
    assert (tripped % 3600, (restored - tripped) % 60) == (2400, 0)
    assert hours_until(record, "source_tripped", "fault_restored") >= 7.25


def test_a_substation_waits_for_a_team_and_warms_up_again():
    order = '{kind="substation_failure", at=2027-01-10T10:00:00, hours=6.0}'
    record, quiet = struck(order), season()
    told = story(record, "substation_failed")
    steps = ["substation_failed", "outage_started", "fault_discovered", "restoration_forecast", "crew_sent",
             "work_started", "fault_restored", "outage_ended", "work_ended"]  # fmt: skip
    assert [what for what in told if what in steps] == steps
    assert 6.0 < hours_until(record, "substation_failed", "fault_restored") < 10.0
    row = record.subject[record.rows("outage_started")[0]]
    column = row - record.subjects.rows("substation")[0]
    hour = int(record.at[record.rows("substation_failed")[0]]) // 3600
    assert np.all(record.tracks["substation_heat_w"][hour + 1 : hour + 6, column] == 0.0)
    cohorts = np.flatnonzero(record.subjects.substation[record.subjects.rows("cohort")] == row)
    colder = quiet.tracks["room_c"][:, cohorts] - record.tracks["room_c"][:, cohorts]
    assert colder[hour + 6].min() > 0.3
    assert np.all(colder[hour + 96] < 0.4 * colder[hour + 8])
    assert np.all(colder[hour + 240] < 0.1 * colder[hour + 8])
    others = np.setdiff1d(np.arange(record.tracks["room_c"].shape[1]), cohorts)
    assert abs(record.tracks["room_c"] - quiet.tracks["room_c"])[hour + 6, others].max() < 0.1


def test_power_comes_back_pumps_first_boilers_later():
    order = '{kind="power_failure", at=2027-01-10T10:00:00, hours=3.0}'
    record = struck(order)
    area = record.detail_of(int(record.rows("power_failed")[0]))["substations"]
    assert len(record.rows("outage_started")) == area
    ended = record.value[record.rows("outage_ended")]
    assert ended == pytest.approx(np.full(area, 3.0 + 1 / 3), abs=1e-3)
    assert hours_until(record, "power_failed", "fault_restored") == pytest.approx(4.0)
    assert {"crew_sent", "work_started", "work_ended"} <= set(story(record, "power_failed"))


def test_overlapping_faults_do_not_switch_each_other_off():
    """A substation that fails during a power failure stays off until both are over."""
    network = season().subjects
    name = network.id[network.rows("substation")[0]]
    fails = f'{{kind="substation_failure", at=2027-01-10T10:30:00, substation="{name}", hours=9.0}}'
    cut = '{kind="power_failure", at=2027-01-10T11:00:00, hours=2.0, area="%s"}'
    districts = [network.id[row] for row in network.rows("district")]
    record = next(
        found
        for found in (struck(f"{fails}, {cut % f'{district}/0'}") for district in districts)
        if network.rows("substation")[0] in found.subject[found.rows("outage_started")]
        and any(found.case[row] == found.case[found.rows("power_failed")[0]] for row in found.rows("outage_started"))
    )
    row = network.rows("substation")[0]
    started = [r for r in record.rows("outage_started") if record.subject[r] == row]
    ended = [r for r in record.rows("outage_ended") if record.subject[r] == row]
    assert len(started) == len(ended) == 1
    assert record.value[ended[0]] > 9.0


def test_a_leak_grows_into_the_make_up_water_until_the_patrol_comes():
    order = '{kind="leak", at=2027-01-04T09:00:00, pipe="largest", loss_kg_s=0.5}'
    slow = ("policies.crews.detection_h=10000", "policies.crews.patrol_share=1.0", "policies.crews.patrol_days=14")
    still = struck(order, *slow, "disruptions.pipe_failures.leak_growth_per_day=0")
    grows = struck(order, *slow, "disruptions.pipe_failures.leak_growth_per_day=0.5")
    found = [r.at[r.rows("fault_discovered")[0]] - r.at[r.rows("pipe_failed")[0]] for r in (still, grows)]
    assert DAY < found[0] <= 14 * DAY
    assert [r.detail_of(int(r.rows("fault_discovered")[0])) for r in (still, grows)] == [{"by": "patrol"}] * 2
    lost = [r.balances["makeup_kg"] - season().balances["makeup_kg"] for r in (still, grows)]
    assert lost[0] == pytest.approx(0.5 * found[0], rel=0.1)
    days = found[1] // DAY
    assert lost[1] == pytest.approx(0.5 * (found[1] + 0.5 * (found[1] * days - DAY * days * (days + 1) / 2)), rel=0.1)
    never = struck(order, "policies.crews.detection_h=10000", "policies.crews.patrol_days=0")
    assert never.at[never.rows("fault_discovered")[0]] > found[1] + never.at[never.rows("pipe_failed")[0]]


BURSTS = ", ".join(
    f'{{kind="burst", at=2027-01-10T10:00:00, pipe="{pipe}"}}' for pipe in ("largest", "longest", "oldest")
)


def test_teams_and_machines_are_limited():
    many = struck(BURSTS, "policies.crews.teams=3")
    one_team = struck(BURSTS, "policies.crews.teams=1")
    one_machine = struck(BURSTS, "policies.crews.teams=3", "policies.crews.machines=1")

    def last(record):
        return record.at[record.rows("fault_restored")].max()

    bursts = len(many.rows("pipe_failed"))
    assert bursts >= 2
    assert last(one_team) > last(many)
    assert last(many) < last(one_machine)
    assert len({int(s) for s in one_team.subject[one_team.rows("crew_sent")]}) == 1
    assert len({int(s) for s in many.subject[many.rows("crew_sent")]}) == bursts


def test_team_hours_are_those_between_sending_and_coming_back():
    record = struck(BURSTS, "policies.crews.teams=2")
    restored = {int(record.case[row]): int(record.at[row]) for row in record.rows("fault_restored")}
    spent = sum(restored[int(record.case[row])] - int(record.at[row]) for row in record.rows("crew_sent"))
    planned = record.rows("filled", "pressure_tested", "vented", "trial_run_done", "inspection_done", "defect_mended")
    assert spent > 0 < record.value[planned].sum()
    hours = spent / 3600.0 + float(record.value[planned].sum())
    assert record.summary["crew_hours"] == pytest.approx(hours, abs=1e-6)


def test_a_stuck_valve_enlarges_what_is_emptied():
    one = '{kind="burst", at=2027-01-10T10:00:00, pipe="largest"}'
    easy = struck(one, "policies.crews.valve_stuck_share=0")
    hard = struck(one, "policies.crews.valve_stuck_share=0.4")
    emptied = [record.value[record.rows("isolated")[0]] for record in (easy, hard)]
    assert emptied[0] < emptied[1]
    assert hard.detail_of(int(hard.rows("isolated")[0]))["stuck"]
    assert easy.balances["drained_kg"] < hard.balances["drained_kg"]
    for record in (easy, hard):
        assert record.balances["drained_kg"] > 0.0
        assert abs(record.balances["water_error"]) < 1e-9


def test_forecasts_are_revised_as_stages_end_and_grow_surer():
    record = struck('{kind="burst", at=2027-01-10T10:00:00, pipe="largest"}')
    rows = record.rows("restoration_forecast")
    restored = record.at[record.rows("fault_restored")[0]]
    moments = np.unique(record.at[rows])
    assert len(moments) >= 4
    last = rows[record.at[rows] == moments[-1]]
    first = rows[record.at[rows] == moments[0]]
    errors = [abs(record.value[r].mean() - restored) for r in (first, last)]
    assert errors[1] < errors[0]


def test_what_the_pressure_test_finds_is_mended_and_tested_again():
    weak = (*CALM[1:], "disruptions.pipe_failures.latent_share=1.0", "disruptions.pipe_failures.rate_factor=60",
            "policies.inspection.share=0", "policies.inspection.false_alarms_per_100km=0")  # fmt: skip

    def tested(*changes):
        record = run(load("town", [*weak, *changes]))
        return record, record.at[record.rows("trial_run_done")].max()

    blind, on_time = tested("policies.inspection.pressure_test_share=0")
    keen, slipped = tested("policies.inspection.pressure_test_share=1")
    assert len(blind.rows("defect_found")) == 0
    found, mended = keen.rows("defect_found"), keen.rows("defect_mended")
    assert len(found) == len(mended) > 3
    assert slipped > on_time + DAY
    assert keen.at[mended].max() <= keen.at[keen.rows("pressure_tested")].max()
    ours = [len(record.rows("pipe_failed")) for record in (blind, keen)]
    assert ours[1] < 0.5 * ours[0]


def test_readiness_that_ends_late_makes_supply_late():
    record = season("policies.readiness.filling_day=30")
    started = record.at[record.rows("supply_started")].min()
    assert started > record.calendar["season_start"]
    assert started > record.at[record.rows("trial_run_done")].max()


def test_a_team_that_stands_by_leaves_for_a_burst_within_the_hour_and_comes_back():
    cut = '{kind="power_failure", at=2027-01-10T03:00:00, hours=100}'
    burst = '{kind="burst", at=2027-01-10T05:00:00, pipe="P020"}'
    record = struck(f"{cut}, {burst}", "policies.crews.teams=1")
    assert hours_until(record, "pipe_failed", "crew_sent") < 2.0
    case = record.case[record.rows("power_failed")[0]]
    sent, begun, ended = (
        [int(record.at[row]) for row in record.rows(what) if record.case[row] == case]
        for what in ("crew_sent", "work_started", "work_ended")
    )
    assert len(sent) == 2
    called, mended = (
        next(int(record.at[row]) for row in record.rows(what) if record.case[row] != case)
        for what in ("crew_sent", "fault_restored")
    )
    assert ended[0] == called
    assert sent[1] == mended
    assert min(at for at in begun if at > called) > mended  # nobody is at both places
    assert record.summary["crew_hours"] < season("policies.crews.teams=1").summary["crew_hours"] + 102.0


def test_a_substation_ordered_to_fail_while_it_is_down_fails_when_it_is_back():
    order = '{kind="substation_failure", substation="largest", at=2027-01-10T%s:00:00, hours=6.0}'
    record = struck(f"{order % '10'}, {order % '12'}")
    failed, restored = record.rows("substation_failed"), record.rows("fault_restored")
    assert len(failed) == len(restored) == 2
    assert 0 <= record.at[failed[1]] - record.at[restored[0]] <= 3600
    assert record.detail_of(int(failed[1]))["draw"] == ["imposed", "disruptions.imposed[1]"]


UNPATROLLED = ("policies.crews.detection_h=10000", "policies.crews.patrol_days=0",
                   "disruptions.pipe_failures.leak_growth_per_day=0")  # fmt: skip


def test_no_complaint_finds_a_leak_before_the_leak_is_felt():
    """A drop of water lost, and a boiler that trips weeks later: who had called before then had another trouble."""
    leak = '{kind="leak", at=2026-11-16T03:00:00, pipe="P004", loss="0.001 kg/s"}'
    record = run(load("town", [f"disruptions.imposed=[{leak}]", *UNPATROLLED]))
    case = next(record.case[row] for row in record.rows("pipe_failed") if record.value[row] == pytest.approx(0.001))
    felt = [int(record.at[row]) for row in record.rows("throttled_started", "outage_started")
            if record.case[row] == case]  # fmt: skip
    for row in record.rows("fault_discovered"):
        if record.case[row] == case:
            assert record.detail_of(int(row)) == {"by": "complaint"}
            assert record.at[record.cause[row]] >= min(felt)


def test_machines_are_one_set_or_more():
    with pytest.raises(InputError, match="machines"):
        load("town", ["policies.crews.machines=0"])


def test_a_burst_ordered_on_an_empty_pipe_comes_when_water_is_back():
    first = '{kind="burst", at=2027-01-10T03:00:00, pipe="P001"}'
    second = '{kind="burst", at=2027-01-10T06:00:00, pipe="P001"}'
    record = struck(f"{first}, {second}")
    failed, restored = record.rows("pipe_failed"), record.rows("fault_restored")
    assert len(failed) == 2
    assert 0 <= record.at[failed[1]] - record.at[restored[0]] <= 3600
    assert record.detail_of(int(failed[1]))["draw"] == ["imposed", "disruptions.imposed[1]"]
    early = struck('{kind="burst", at=2026-10-11T03:00:00, pipe="P001"}')
    filled = int(early.at[early.rows("filled")].min())
    assert filled <= early.at[early.rows("pipe_failed")[0]] <= filled + 3600


def test_a_leak_is_not_found_by_its_water_while_it_is_dry():
    leak = '{kind="leak", at=2027-01-10T03:00:00, pipe="P001", loss="0.1 kg/s"}'
    burst = '{kind="burst", at=2027-01-10T05:00:00, pipe="P002"}'
    record = struck(f"{leak}, {burst}", "policies.crews.stage_factor=4")
    of_leak, of_burst = (int(record.case[row]) for row in record.rows("pipe_failed"))
    at = {(int(record.case[row]), what): int(record.at[row]) for what in ("fault_discovered", "isolated", "refilled")
          for row in record.rows(what)}  # fmt: skip
    found = at[of_leak, "fault_discovered"]
    assert not at[of_burst, "isolated"] < found < at[of_burst, "refilled"]


def leak(pipe: str, kg_s: float, at: str = "2027-01-04T09:00:00") -> str:
    return f'{{kind="leak", at={at}, pipe="{pipe}", loss_kg_s={kg_s}}}'


def lost_kg(order: str, beside: str = "") -> float:
    """Return the water that an order costs, beside what another costs."""
    both = struck(", ".join(filter(None, (beside, order))), *UNPATROLLED)
    without = struck(beside, *UNPATROLLED) if beside else season(*UNPATROLLED)
    return both.balances["makeup_kg"] - without.balances["makeup_kg"]


def test_two_leaks_of_one_pipe_lose_what_both_lose():
    small, large = (leak("largest", kg_s, at="2027-02-10T09:00:00") for kg_s in (0.5, 0.7))  # found after the season
    assert lost_kg(small) > 0.5 * 30 * DAY
    assert lost_kg(large, beside=small) == pytest.approx(lost_kg(large), rel=1e-6)


def test_a_leak_beside_a_burst_that_is_mended_goes_on():
    """Of the pipe that burst and of another that is shut with it: a burst takes all the make-up there is till then."""
    burst = '{kind="burst", at=2027-01-10T10:00:00, pipe="largest"}'
    alone = struck(burst, *UNPATROLLED)
    failed, mended = (int(alone.at[alone.rows(what)[0]]) for what in ("pipe_failed", "fault_restored"))
    shut = alone.detail_of(int(alone.rows("isolated")[0]))["pipes"]
    assert len(shut) > 1
    for pipe in shut[:2]:
        spared = lost_kg(leak(pipe, 0.5)) - lost_kg(leak(pipe, 0.5), beside=burst)
        assert spared == pytest.approx(0.5 * (mended - failed), rel=1e-3)


def test_what_one_repair_emptied_and_another_kept_shut_is_filled_when_both_are_done():
    """P040's valves are in what P026's repair empties: three buildings were without heat to the season's end."""
    first, second = (
        f'{{kind="burst", at=2027-01-18T{hour}:00:00, pipe="{pipe}"}}'
        for hour, pipe in (("01", "P026"), ("03", "P040"))
    )
    record = struck(f"{first}, {second}")
    shut = [set(record.detail_of(int(row))["pipes"]) for row in record.rows("isolated")]
    assert len(shut) == 2
    assert len(record.rows("outage_ended")) == len(record.rows("outage_started")) > 0
    assert record.summary["longest_outage_h"] < 36.0
    assert record.balances["filled_kg"] - season().balances["filled_kg"] == pytest.approx(
        record.balances["drained_kg"] - season().balances["drained_kg"], rel=1e-9
    )


def test_nobody_is_cold_for_a_leak_of_a_few_drops():
    """What a burst chills is the burst's, though a leak began after it; a leak alone chills nobody."""
    burst = '{kind="burst", at=2027-01-10T10:00:00, pipe="largest"}'
    record = struck(f"{burst}, {leak('oldest', 0.05, at='2027-01-10T10:00:30')}", *UNPATROLLED)
    drops = next(record.case[row] for row in record.rows("pipe_failed") if record.value[row] == pytest.approx(0.05))
    touched = record.rows("throttled_started", "outage_started")
    assert len(touched)
    assert drops not in record.case[touched]


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        ('kind="power_failure", hours=2000.0', "power_failed"), ('kind="source_trip", hours=2000.0', "source_tripped"),
        ('kind="pump_failure", hours=2000.0', "pump_failed"), ('kind="substation_failure"', "substation_failed"),
    ],
)  # fmt: skip
def test_what_is_ordered_before_there_is_heat_shows_with_it(order, kind):
    record = run(load("town", [*CALM, "disruptions.imposed=[{at=2026-11-01T00:00:00, " + order + "}]"]))
    heated = record.at[record.rows("supply_started")].min()
    (shown,) = (int(row) for row in record.rows(kind) if record.detail_of(int(row))["draw"][0] == "imposed")
    assert heated - DAY < record.at[shown] <= heated  # plants are fired up before buildings have heat
    assert record.detail_of(shown)["draw"] == ["imposed", "disruptions.imposed[0]"]


def test_what_is_over_before_there_is_heat_shows_never():
    order = 'disruptions.imposed=[{at=2026-11-01T00:00:00, kind="source_trip", hours=20.0}]'
    record = run(load("town", [*CALM, order]))
    assert all(record.detail_of(int(row))["draw"][0] != "imposed" for row in record.rows("source_tripped"))
