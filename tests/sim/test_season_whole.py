"""A whole season on a small town: it closes its books, repeats itself, and answers to what is done to it."""

import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import KINDS, Record
from heatseason.sim.run import run
from heatseason.sim.study.intervals import paired_difference

DISTURBED = ("cold_wave_2008", "late_fuel", "burst_week", "extension_march")
WHAT = [kind.name for kind in KINDS]


@cache
def season(name: str = "hanzhong", replication: int = 0, *changes: str) -> Record:
    return run(load(name, ["network=town", *changes]), replication)


@cache
def headline(name: str, replication: int, *changes: str) -> dict:
    card = score(judge(season(name, replication, *changes))).to_json()
    clauses = {row["id"]: row for row in card["clauses"]}
    return {"clauses": clauses, **card["headline"]}


def difference(path, first, second, winters=6, name="hanzhong"):
    """Return the paired difference of a headline number, second changes less first, on common winters."""
    numbers = [
        [headline(name, winter, *changes)[path] for winter in range(winters)] for changes in (first, second)
    ]  # fmt: skip
    return paired_difference(*numbers)


# ---------------------------------------------------------------------------------------- books


@pytest.mark.parametrize("name", ["hanzhong", *DISTURBED])
def test_every_ledger_closes(name):
    balances = season(name).balances
    for ledger in ("network_error", "rooms_error", "delivery_error", "water_error", "fuel_error"):
        assert abs(balances[ledger]) < 1e-9, ledger
    assert balances["calls_error"] == 0
    assert balances["cases_error"] == 0
    assert season(name).summary["balance_error"] < 1e-9


@pytest.mark.parametrize("name", ["hanzhong", "late_fuel"])
def test_fuel_is_never_negative_and_every_unit_is_booked(name):
    record = season(name)
    assert np.all(record.tracks["store_stock"] >= 0.0)
    for ledger in record.balances["fuel"].values():
        assert ledger["opening"] + ledger["delivered"] == pytest.approx(
            ledger["burnt"] + ledger["lapsed"] + ledger["left"], rel=1e-12
        )


def test_a_planted_error_would_show():
    """The ledgers are kept apart: what is changed in one is missed in another."""
    record = season()
    network = record.balances
    put_in = network["produced_j"] + network["makeup_j"] + network["filled_j"]
    taken = sum(network[f"{part}_j"] for part in ("delivered", "lost", "leaked", "drained", "stored_change"))
    assert put_in == pytest.approx(taken, rel=1e-9)
    assert put_in != pytest.approx(taken + 1e-6 * network["lost_j"], rel=1e-9, abs=0.0)


# ---------------------------------------------------------------------------------------- determinism


def test_the_same_seed_gives_the_same_record():
    again = run(load("hanzhong", ["network=town"]))
    assert again.digest() == season().digest()
    assert season("hanzhong", 1).digest() != season().digest()


def test_the_hash_seed_does_not_matter():
    code = (
        "from heatseason.scenarios.scenario import load; from heatseason.sim.run import run; "
        "print(run(load('burst_week', ['network=town'])).digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "4242")
    }  # fmt: skip
    assert digests == {season("burst_week").digest()}


# ---------------------------------------------------------------------------------------- disturbed winters


def test_late_fuel_chills_dwellings_and_a_reserve_keeps_them_warm():
    reserve = ("policies.reserve.kind=days_of_cover", "policies.reserve.days=12", "policies.reserve.opening_days=15")
    late, ready, quiet = headline("late_fuel", 0), headline("late_fuel", 0, *reserve), headline("hanzhong", 0)
    assert late["heat_shed_fuel_gj"] > 100 * max(ready["heat_shed_fuel_gj"], 1.0)
    assert late["clauses"]["2.5"]["status"] == "breached"
    lacking = late["degree_hours_below_18"] - quiet["degree_hours_below_18"]
    assert lacking > 5 * quiet["degree_hours_below_18"]
    assert ready["degree_hours_below_18"] - quiet["degree_hours_below_18"] < 0.1 * lacking


def test_bursts_stop_heat_and_an_extension_lengthens_the_season():
    burst, extended, quiet = headline("burst_week", 0), headline("extension_march", 0), headline("hanzhong", 0)
    assert burst["outages"] > quiet["outages"]
    assert burst["longest_outage_h"] > 12.0
    assert extended["heat_gj"] > 1.03 * quiet["heat_gj"]
    ended = season("extension_march")
    assert np.all(ended.at[ended.rows("supply_ended")] == ended.calendar["season_end"] + 10 * 86_400)


def test_a_cold_winter_takes_more_heat_and_leaves_more_hours_below_18():
    cold, quiet = headline("cold_wave_2008", 0), headline("hanzhong", 0)
    assert cold["heat_gj"] > 1.02 * quiet["heat_gj"]
    assert cold["dwelling_hours_below_18_strict"] > quiet["dwelling_hours_below_18_strict"]


def test_a_burst_acts_through_the_network():
    """Same winter with and without one burst: alike before it, then pressure, flow, water and rooms differ."""
    calm_off = tuple(
        f"disruptions.{kind}.enabled=false"
        for kind in (
            "pipe_failures",
            "digging",
            "source_trips",
            "pump_failures",
            "substation_failures",
            "power_failures",
        )
    )
    calm = season("hanzhong", 0, *calm_off)
    struck = run(
        load(
            "hanzhong",
            ["network=town", *calm_off,
             'disruptions.imposed=[{kind="burst", at=2027-01-20T03:00:00, pipe="largest"}]'],
        )
    )  # fmt: skip
    at = int(struck.at[struck.rows("pipe_failed")[0]]) // 3600
    cut = np.unique(struck.subject[struck.rows("outage_started")])
    columns = cut - struck.subjects.rows("substation")[0]
    for name in ("room_c", "source_flow_kg_s", "substation_dp_pa"):
        assert np.array_equal(calm.tracks[name][:at], struck.tracks[name][:at]), name
        assert not np.array_equal(calm.tracks[name][at : at + 48], struck.tracks[name][at : at + 48]), name
    assert len(columns) > 0
    assert np.all(struck.tracks["substation_heat_w"][at + 4, columns] == 0.0)
    assert struck.balances["makeup_kg"] > calm.balances["makeup_kg"]
    assert struck.balances["drained_kg"] > 0.0
    chilled = np.flatnonzero(np.isin(struck.subjects.substation[struck.subjects.rows("cohort")], cut))
    assert np.all(struck.tracks["room_c"][at + 12, chilled] < calm.tracks["room_c"][at + 12, chilled] - 0.5)


def test_an_undetected_leak_is_found_through_a_complaint():
    record = run(
        load(
            "hanzhong",
            ["network=town", "disruptions.pipe_failures.enabled=false", "policies.crews.detection_h=10000",
             'disruptions.imposed=[{kind="leak", at=2027-01-20T09:00:00, pipe="largest", loss_kg_s=200.0}]'],
        )
    )  # fmt: skip
    case = record.case[record.rows("pipe_failed")[0]]
    found = next(row for row in record.rows("fault_discovered") if record.case[row] == case)
    assert WHAT[record.what[record.cause[found]]] == "complaint_accepted"


def test_a_handled_complaint_warms_the_dwelling_it_came_from():
    record = season()
    remedied = record.rows("dwelling_remedied")
    gains = record.value[remedied]
    assert np.any(gains > 0.1)
    case = record.case[remedied[np.argmax(gains)]]
    steps = [WHAT[record.what[row]] for row in np.flatnonzero(record.case == case)]
    assert steps.index("complaint_accepted") < steps.index("dwelling_remedied")


# ---------------------------------------------------------------------------------------- a planner's levers


def test_more_days_of_fuel_leave_less_heat_unserved():
    few = ("policies.reserve.kind=days_of_cover", "policies.reserve.days=0", "policies.reserve.opening_days=1",
           "policies.reserve.emergency_below_days=0")  # fmt: skip
    many = ("policies.reserve.kind=days_of_cover", "policies.reserve.days=12", "policies.reserve.opening_days=15")
    moved = difference("heat_shed_fuel_gj", few, many, name="late_fuel")
    assert moved.high < 0.0


def test_an_earlier_preheat_warms_the_first_day():
    late, early = ("policies.preheat.days=1.5",), ("policies.preheat.days=8",)
    compliance = [
        [headline("hanzhong", winter, *changes)["clauses"]["2.2b"]["compliance"] for winter in range(6)]
        for changes in (late, early)
    ]
    assert paired_difference(*compliance).low > 0.0


def test_one_more_crew_mends_sooner():
    def hours(winter, *changes):
        """Mean time from a pipe's failure to its restoration, or the horizon, in a season that fails all the time."""
        record = season("burst_week", winter, "disruptions.pipe_failures.rate_factor=150", *changes)
        failed, mended = record.rows("pipe_failed"), record.rows("fault_restored")
        ends = dict(zip(record.case[mended].tolist(), record.at[mended].tolist(), strict=True))
        until = [ends.get(case, record.calendar["horizon"]) for case in record.case[failed].tolist()]
        return float(np.mean(until - record.at[failed])) / 3600.0

    one = [hours(winter, "policies.crews.teams=1") for winter in range(6)]
    two = [hours(winter, "policies.crews.teams=2") for winter in range(6)]
    assert paired_difference(one, two).high < 0.0


def test_more_agents_answer_more_calls():
    moved = difference(
        "answered_share",
        ("policies.roster.agents_per_100k=6", "policies.roster.surge_per_100k=10"),
        ("policies.roster.agents_per_100k=10", "policies.roster.surge_per_100k=20"),
    )
    assert moved.low > 0.0


# ---------------------------------------------------------------------------------------- explained


@pytest.mark.parametrize("name", ["hanzhong", *DISTURBED])
def test_breaches_are_explained_back_to_where_they_began(name):
    verdicts = judge(season(name))
    breached = [judged.clause.id for judged in verdicts.clauses if judged.status == "breached"]
    assert breached
    for address in [verdict.id for clause in breached for verdict in verdicts.breaches(clause, 3)]:
        steps = chain(verdicts, address).steps
        assert steps[-1].role == "verdict"
        assert len(steps) >= 2


# ---------------------------------------------------------------------------------------- real weather


def test_a_season_on_an_epw_file(shared):
    epw = next((shared / "data" / "weather").glob("*.epw"))
    record = run(load("hanzhong", ["network=town", "weather.kind=epw", f'weather.file="{epw}"']))
    assert record.ended["code"] == "complete"
    assert record.summary["balance_error"] < 1e-9
    assert record.summary["heat_gj"] > 1e5


def test_an_early_start_by_rule_takes_heat_and_money_and_is_decided_before_it_begins():
    rule = ("policies.season.kind=rule", "policies.season.below_c=9", "policies.season.in_a_row=3")
    legal, early = (run(load("town", changes)) for changes in ((), rule))
    (decided,) = early.at[early.rows("early_start_decided")]
    assert len(legal.rows("early_start_decided")) == 0
    assert decided < early.calendar["decided_start"] < legal.calendar["decided_start"]
    assert early.at[early.rows("supply_started")].min() < legal.at[legal.rows("supply_started")].min()
    for key in ("heat_gj", "cost_cny"):
        assert early.summary[key] > 1.005 * legal.summary[key]


def test_an_early_start_moves_the_start_though_preheat_has_begun():
    hand = run(
        load("town", ["policies.season.kind=decided", "policies.season.early_days=5", "policies.season.notice_h=2"])
    )
    legal_s = hand.calendar["season_start"]
    assert hand.at[hand.rows("preheat_started")].min() < hand.at[hand.rows("early_start_decided")].min()
    assert hand.calendar["decided_start"] == legal_s - 5 * 86_400
    assert hand.at[hand.rows("early_start_decided")].tolist() == [legal_s - 5 * 86_400 - 7_200]
    assert hand.summary["heat_before_start_gj"] < 0.5 * run(load("town")).summary["heat_before_start_gj"]


def test_without_a_lead_a_rule_still_extends():
    rule = run(load("town", [f"policies.season.{it}" for it in ("kind=rule", "below_c=20", "lead_days=0")]))
    decided = rule.rows("extension_decided")
    assert rule.at[decided].tolist()[:1] == [rule.calendar["season_end"] - 9 * 3_600]  # at 15:00 on the last day
    assert rule.summary["balance_error"] < 1e-9
