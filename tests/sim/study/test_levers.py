"""Levers and targets: what is read, what is refused, and margins that agree with what is kept."""

import datetime as dt
import re
import tomllib
from pathlib import Path

import heatseason
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.problems import InputError, Problem
from heatseason.network_models.siting import heat_at_risk
from heatseason.scenarios.scenario import load
from heatseason.scenarios.standing import network_of
from heatseason.sim.report.problems import translated
from heatseason.sim.report.words import Words
from heatseason.sim.run import run
from heatseason.sim.study.levers import known_levers, read_levers
from heatseason.sim.study.question import read_question
from heatseason.sim.study.targets import Condition, groups, read_targets

KINDS_OFF = ("pipe_failures", "digging", "source_trips", "pump_failures", "substation_failures", "power_failures")


def test_every_setting_of_the_library_is_a_scenario():
    base = load("town")
    for lever in read_levers(list(known_levers())):
        for setting in lever.settings:
            base.with_all(setting.changes)


def test_the_help_names_every_lever_and_every_group():
    told = tomllib.loads((Path(heatseason.__file__).parent / "sim" / "report" / "words.toml").read_text("utf-8"))
    texts = [text for text in _texts(told) if "patrol" in text and "crews" in text]
    assert len(texts) == 2
    for text in texts:
        assert {*known_levers(), *groups()} <= set(re.findall(r"\w+", text, re.ASCII))


def _texts(told):
    return [told] if isinstance(told, str) else [text for part in told.values() for text in _texts(part)] if isinstance(
        told, dict) else []  # fmt: skip


def test_a_range_a_path_and_a_cost_are_read():
    crews, notice = read_levers(["crews=2:6:2,policies.preheat.days=2:4:1@1000"])
    assert [setting.label for setting in crews.settings] == ["2", "4", "6"]
    assert crews.settings[1].changes == {"policies.crews.teams": 4, "policies.crews.machines": 4}
    assert [setting.cost_cny for setting in notice.settings] == [2000.0, 3000.0, 4000.0]


def test_a_file_of_levers(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[levers.rule]\nchoices = [{ name = "a" }, { name = "b", cost_cny = 5.0 }]\n', "utf-8")
    (lever,) = read_levers([str(file)])
    assert [(s.label, s.cost_cny) for s in lever.settings] == [("a", 0.0), ("b", 5.0)]


def test_a_roster_by_shift_is_a_lever_of_named_settings(tmp_path):
    file = tmp_path / "shifts.toml"
    file.write_text(
        """
        [levers.shifts]
        always = { "policies.roster.kind" = "in_shifts" }
        [[levers.shifts.choices]]
        name = "thin"
        [[levers.shifts.choices.changes."policies.roster.shifts"]]
        from_hour = 6
        hours = 24
        agents = 2
        measurers = 1
        [[levers.shifts.choices]]
        name = "full"
        [[levers.shifts.choices.changes."policies.roster.shifts"]]
        from_hour = 6
        hours = 16
        agents = 6
        measurers = 3
        [[levers.shifts.choices.changes."policies.roster.shifts"]]
        from_hour = 22
        hours = 8
        agents = 1
        """,
        "utf-8",
    )
    (lever,) = read_levers([str(file)])
    rosters = [load("town").with_all(setting.changes).policies.roster for setting in lever.settings]
    assert [max(roster.agents) for roster in rosters] == [2, 6]
    assert [min(roster.measurers) for roster in rosters] == [1, 0]


def test_everything_wrong_is_told_at_once():
    with pytest.raises(InputError) as raised:
        read_levers(["crew,reserve=5:2:1,policies.preheat.days,night=1:2:1"])
    assert len(raised.value.problems) == 4
    assert "crews" in raised.value.problems[0].hint
    with pytest.raises(InputError) as raised:
        read_targets(["2.55 in 0.9", "2.5 in 1", "2.3<=0.9", "headline.calls>=many"])
    assert len(raised.value.problems) == 4
    with pytest.raises(InputError) as raised:
        read_question(["crew", "preheat,preheat=2:4:1"], ["2.55 in 0.9", "mean headline.co2_t >= 3"])
    assert sorted(problem.path for problem in raised.value.problems) == ["--levers"] * 2 + ["--target"] * 2
    assert any("each lever once" in problem.wanted for problem in raised.value.problems)
    assert any("mean PATH <= LEVEL" in problem.wanted for problem in raised.value.problems)
    for cost in ("1e", "--", "1e999"):
        with pytest.raises(InputError) as raised:
            read_levers([f"crews@{cost}"])
        assert "cost" in raised.value.problems[0].wanted


def test_steps_that_do_not_lead_to_the_greatest_number_are_told():
    with pytest.raises(InputError, match=r"crews=2:5:2.*steps that lead from 2 to 5.*2 to 4, or to 6"):
        read_levers(["crews=2:5:2"])
    assert [s.value for s in read_levers(["policies.preheat.days=0.1:0.7:0.1"])[0].settings][-1] == 0.7


def test_a_number_without_a_level_is_not_called_unknown():
    with pytest.raises(InputError) as raised:
        read_targets(["q0.1 headline.calls"])
    assert "level" in raised.value.problems[0].wanted


def test_targets_are_read():
    targets, means = read_targets(
        ["2.5, 2.3>=99% in 0.9", "q0.1 headline.min_days_of_cover >= 3", "mean headline.co2_t<=9e5"]
    )
    assert [target.share for target in targets] == [0.9, pytest.approx(0.9)]
    assert [(c.path, c.level) for c in targets[0].conditions] == [("2.5", 1.0), ("2.3", 0.99)]
    assert means[0].level == 9e5
    for name in groups():
        read_targets([f"{name} in 0.95"])


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("q0.95 headline.co2_t<=900000", 0.95),
        ("q0.05 headline.outages <= 9", 0.05),
        ("q0.10 headline.min_days_of_cover >= 3", 0.9),
    ],
)
def test_a_quantile_below_a_level_is_kept_in_its_own_share_of_winters(text, share):
    (target,), _ = read_targets([text])
    assert target.share == pytest.approx(share)


@pytest.mark.parametrize("level", [1.0, 0.99, 0.5])
@pytest.mark.parametrize("met", [0.0, 49.0, 50.0, 98.0, 99.0, 100.0])
@pytest.mark.parametrize("own", [None, -0.3, 0.0, 0.2])
def test_a_margin_is_negative_exactly_when_the_clause_is_not_kept(level, met, own):
    numbers = {"clauses.2.3.met": met, "clauses.2.3.judged": 100.0}
    if own is not None:
        numbers["clauses.2.3.relative_margin"] = own
    margin = Condition("", "2.3", ">=", level, clause=True).margin(numbers)
    assert (margin >= 0) == (met / 100 >= level)


def test_what_was_not_judged_has_no_margin():
    assert Condition("", "2.5", ">=", 1.0, clause=True).margin({"clauses.2.5.judged": 0.0}) is None


BUILT = ("ring_links", "valves", "peak_boiler", "emergency_boiler", "standby", "tank")


@pytest.mark.parametrize("network", ["town", "hanzhong"])
def test_what_can_be_built_stands_on_the_library_s_networks(network):
    base = load("town", [f"network={network}"])
    for lever in read_levers(BUILT):
        least, *_, most = (network_of(base.with_all(setting.changes)) for setting in lever.settings)
        assert least.edits == ()
        assert [edit.kind for edit in most.edits] == [most.edits[0].kind]
        assert lever.settings[0].cost_cny == 0.0 < lever.settings[-1].cost_cny
        assert lever.cost_source_zh
        assert lever.cost_source_en
        assert "L" in lever.cost_source_en


def test_valves_spare_users_and_a_boiler_fills_in_for_one_that_tripped():
    calm = [f"disruptions.{kind}.enabled=false" for kind in KINDS_OFF]
    week = load("burst_week", ["network=town", *calm])
    none, some, many = read_levers(["valves=0:12:6"])[0].settings
    outages = [run(week.with_all(setting.changes)).summary["outages"] for setting in (none, some, many)]
    assert outages[0] > outages[1] > outages[2]
    lost = {
        "edits.lost.kind": "remove",
        "edits.lost.unit": "N-B1",
        "edits.more.kind": "remove",
        "edits.more.unit": "S-B1",
    }
    for boiler in read_levers(["peak_boiler=0:30:30,emergency_boiler=0:30:30"]):
        without, with_it = (run(week.with_all({**lost, **setting.changes})) for setting in boiler.settings)
        unserved = [float(record.tracks["unserved_capacity_w"].sum()) for record in (without, with_it)]
        assert unserved[0] > unserved[1]


def test_an_emergency_boiler_has_oil_in_its_tank_whatever_the_reserve():
    week = load("burst_week", ["network=town", *(f"disruptions.{kind}.enabled=false" for kind in KINDS_OFF)])
    lost = {f"edits.{name}.{key}": value for name, unit in (("a", "N-B1"), ("b", "S-B1"))
            for key, value in (("kind", "remove"), ("unit", unit))}  # fmt: skip
    reserve, boiler = (lever.settings[-1].changes for lever in read_levers(["reserve=8:8:1,emergency_boiler=30:30:1"]))
    record = run(week.with_all({**lost, **reserve, **boiler}))
    assert record.summary["units"]["emergency_boiler"]["heat_gj"] > 100.0


def test_a_link_keeps_those_warm_who_hung_on_one_main():
    base = load("town", [f"disruptions.{kind}.enabled=false" for kind in KINDS_OFF])
    (lever,) = read_levers(["ring_links=0:1:1"])
    linked = base.with_all(lever.settings[1].changes)
    arrays, ringed = to_arrays(network_of(base)), to_arrays(network_of(linked))
    spared_w = heat_at_risk(arrays) - heat_at_risk(ringed)[: len(arrays.pipe_ids)]
    at, pipe = dt.datetime(2027, 1, 18, 5, 40), arrays.pipe_ids[spared_w.argmax()]
    burst = {"disruptions.imposed": [{"kind": "burst", "at": at, "pipe": pipe}]}
    alone, with_link = (run(scenario.with_all(burst)).summary["outages"] for scenario in (base, linked))
    assert alone > with_link


def test_what_is_wrong_with_levers_and_targets_is_said_in_chinese():
    problems: list[Problem] = []
    for read, text in (
        *(
            (read_targets, text)
            for text in (
                "2.55 in 0.9",
                "2.5 in 1",
                "2.3<=0.9",
                "q0.1 headline.calls>=1, 2.5",
                "x y",
                "mean a >= 2",
                "headline.calls",
            )
        ),
        *(
            (read_levers, text)
            for text in (
                "crew",
                "crews=5:2:1",
                "policies.preheat.days",
                "night=1:2:1",
                "crews=1:2",
                "crews,crews",
                "crews@1e",
                "",
            )
        ),
    ):
        with pytest.raises(InputError) as raised:
            read([text])
        problems += raised.value.problems
    for problem in problems:
        assert re.search(r"[\u4e00-\u9fff]", translated(problem.wanted, Words("zh"))), problem
