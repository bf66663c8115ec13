import datetime as dt

import heatseason as hs
import numpy as np
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report import stress as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words
from heatseason.sim.study.certificate import at_most
from heatseason.sim.study.design import scenario_at
from heatseason.sim.study.stress import extension_fires, stress
from heatseason.sim.study.suites import Block, Strain, read_suite, suite_names
from heatseason.sim.tables import STRESS
from scipy import stats


@pytest.fixture(scope="module")
def base():
    return hs.load("town", ["network=tee", "season.settlement_days=30"])


@pytest.fixture(scope="module")
def quick(base):
    return stress(base, read_suite("quick"))


def block(document, name):
    return next(found for found in document["blocks"] if found["name"] == name)


def test_a_strain_is_a_few_changes_to_the_scenario(base):
    strain = Strain(date="01-12", depth_k=7.0, extension_days=5, cut_share=0.5, reserve_days=3.0, burst="worst")
    scenario = scenario_at(base, strain.changes(base, "p1"))
    (wave,) = scenario.weather.overlays
    assert (wave.start, wave.depth_k, wave.plateau_h) == (dt.datetime(2027, 1, 12), 7.0, 120.0)
    assert {(o.kind, getattr(o, "store", getattr(o, "pipe", ""))) for o in scenario.disruptions.imposed} == {
        ("fuel_cut", "all_gas"),
        ("fuel_cut", "all_stocks"),
        ("burst", "p1"),
    }
    assert scenario.policies.season.extension_days == 5
    assert scenario.policies.reserve.days == 3.0
    assert Strain().changes(base, "p1") == {}
    assert Strain(date="11-20", depth_k=1.0).changes(base, "")["weather.overlays"][0]["start"].year == 2026


def test_strains_come_on_top_of_what_strikes_already():
    cold = hs.load("cold_wave_2008")
    scenario = scenario_at(cold, Strain(depth_k=4.0).changes(cold, ""))
    assert scenario.weather.overlays[:-1] == cold.weather.overlays


def test_every_combination_from_mild_to_severe():
    made = Block(name="x", title_zh="x", title_en="x", depth_k=[1.0, 2.0], cut_share=[0.1, 0.2])
    assert [(s.depth_k, s.cut_share) for s in made.strains()] == [(1.0, 0.1), (1.0, 0.2), (2.0, 0.1), (2.0, 0.2)]
    assert made.varied == ["depth_k", "cut_share"]
    assert {name: sum(len(b.strains()) for b in read_suite(name).blocks) for name in suite_names()} == {
        "default": 47,
        "quick": 7,
    }


def test_more_cold_is_colder_and_reserve_helps(quick):
    def cold(name):
        return [row["numbers"]["headline.degree_hours_below_18"]["mean"] for row in block(quick, name)["rows"]]

    calm = quick["calm"]["numbers"]["headline.degree_hours_below_18"]["mean"]
    assert calm <= cold("cold")[0] < cold("cold")[1]
    assert cold("fuel")[0] <= cold("fuel")[1]
    assert quick["failures"] == []
    for found in quick["blocks"]:
        for row in found["rows"]:
            assert sum(row["by_district"].values()) == pytest.approx(sum(row["by_operator"].values()))
            assert sum(row["by_district"].values()) == pytest.approx(
                row["numbers"]["headline.dwelling_hours_below_18_strict"]["mean"], rel=1e-6
            )


def test_an_extension_warms_the_days_it_is_for(quick):
    none, ten = (row["numbers"] for row in block(quick, "late_march")["rows"])
    assert none["metrics.after.days_extended"]["mean"] == 0
    assert ten["metrics.after.days_extended"]["mean"] == 10
    (bought,) = quick["extension"]["bought"]
    assert bought["degree_hours_less"] > 0
    assert bought["cost_more_cny"] > 0
    after = "metrics.after.degree_hours_below_18"
    assert bought["degree_hours_less"] == pytest.approx(none[after]["mean"] - ten[after]["mean"])


def test_the_first_to_break_stand_first(quick):
    for found in quick["blocks"]:
        steps = [broken["step"] for broken in found["breaks"]]
        assert steps == sorted(steps)
        for broken in found["breaks"]:
            assert broken["compliance"] < quick["kept"] <= quick["calm"]["compliance"].get(broken["clause"], 1.0)


def test_rules_fire_more_often_the_warmer_they_are_and_rarely_at_five_degrees():
    rules = extension_fires(hs.load("hanzhong"), 200, (5.0, 8.0, 20.0))
    fired = [rule["fired"] for rule in rules]
    assert fired == sorted(fired)
    assert rules[0]["share"] < 0.05
    assert rules[2]["share"] > 0.9  # nearly any winter
    assert rules[2]["days"] <= 16.0


@pytest.mark.parametrize(("hits", "trials"), [(0, 50), (1, 100), (7, 20), (20, 20)])
def test_the_upper_bound_of_a_share_is_clopper_pearsons(hits, trials):
    exact = stats.binomtest(hits, trials).proportion_ci(0.95, method="exact").high
    assert at_most(hits, trials, 0.975) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_can_be_said_and_written(quick, lang, tmp_path):
    page = Page(60)
    report.say(page, quick, Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60
    report.write(tmp_path, quick)
    table = list(report.rows(quick))
    assert {frozenset(row) for row in table} == {frozenset(STRESS.names())}
    assert np.isfinite([row["after_degree_hours_below_18"] for row in table]).all()


def test_of_one_district_and_one_operator_there_is_nothing_to_compare(quick):
    one = {group: dict(list(quick["calm"][group].items())[:1]) for group in ("by_district", "by_operator")}
    page = Page(60)
    report.say(page, {**quick, "calm": {**quick["calm"], **one}}, Words("en"))
    assert "by district and operator" not in str(page)


def test_what_is_wrong_with_a_suite_is_said(tmp_path):
    with pytest.raises(InputError, match="did you mean"):
        read_suite("quik")
    file = tmp_path / "mine.toml"
    file.write_text('winters = 1\n[[blocks]]\nname = "a"\ntitle_zh = "a"\ntitle_en = "a"\ndate = ["13-40"]\n', "utf-8")
    with pytest.raises(InputError, match=r"blocks\[0\].date\[0\]: found \"13-40\""):
        read_suite(str(file))
    file.write_text("winters = 0\nblocks = []\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_suite(str(file))
    assert len(caught.value.problems) == 2
