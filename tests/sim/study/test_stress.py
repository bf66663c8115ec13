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


BLOCK = 'winters = 1\n[[blocks]]\nname = "a"\ntitle_zh = "a"\ntitle_en = "a"\n'


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ("extension_days = [-3]", "6:19: blocks[0].extension_days[0]: found -3, wanted 0 or more"),
        ("cut_share = [0.5, 1.5]", "6:19: blocks[0].cut_share[1]: found 1.5, wanted 1 or less"),
        ("cut_days = [0.0]", "6:13: blocks[0].cut_days[0]: found 0.0, wanted more than 0"),
        ("reserve_days = [-1.0]", "blocks[0].reserve_days[0]: found -1.0"),
        ("rule_below_c = [99.0]", "blocks[0].rule_below_c[0]: found 99.0"),
        ("depth_k = [7.0, 7.0]", "6:17: blocks[0].depth_k[1]: found 7.0, wanted each level once"),
        (
            "plateau_days = [2.0, 9.0]\nreserve_days = [1.0]",
            "6:1: blocks[0].plateau_days: found [2.0, 9.0], wanted a st",
        ),
        ("cut_days = [2.0]\ndepth_k = [7.0]", "6:1: blocks[0].cut_days: found [2.0], wanted a strain by cut_share"),
        ('date = ["03-01"]\nreserve_days = [1.0]', "6:1: blocks[0].date: found "),
        ("extension_days = [3]\nrule_below_c = [5.0]", "7:1: blocks[0].rule_below_c: found [5.0], wanted either"),
        ("depth_k = [0.0]", '2:1: blocks[0]: found "a", wanted a strain by depth_k'),
    ],
)
def test_levels_without_effect_are_refused_where_they_are_written(tmp_path, levels, said):
    file = tmp_path / "mine.toml"
    file.write_text(f"{BLOCK}{levels}\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_suite(str(file))
    assert [said in f"{file}:{p.line}:{p.column}: {p}" or said in str(p) for p in caught.value.problems] == [True]


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (
            'date = ["01-12", "02-29"]',
            '6:18: blocks[0].date[1]: found "02-29", wanted a day from 2026-10-10 to 2027-03',
        ),
        ('date = ["08-01"]', '6:9: blocks[0].date[0]: found "08-01", wanted a day from'),
        ("extension_days = [3, 40]", "6:22: blocks[0].extension_days[1]: found 40, wanted 16 or less"),
        ('burst = ["p9"]\nplateau_days = [2.0, 5.0]', '6:10: blocks[0].burst[0]: found "p9", wanted the id of a pipe'),
        ('burst = ["p1"]\ndate = ["03-31"]', "7:9: blocks[0].date[0]: found 2027-04-02 00:00:00, wanted a time from"),
    ],
)
def test_levels_that_do_not_fit_the_season_or_network_are_said_once_and_leave_nothing(tmp_path, base, levels, said):
    file = tmp_path / "mine.toml"
    file.write_text(f"{BLOCK}{levels}\ndepth_k = [4.0, 7.0]\n", "utf-8")
    with pytest.raises(InputError) as caught:
        stress(base, read_suite(str(file)), out=tmp_path / "study")
    assert [f"mine.toml:{said}" in str(problem) for problem in caught.value.problems] == [True]
    assert not (tmp_path / "study").exists()


def test_a_leap_day_is_a_day_of_a_leap_year_s_season(base):
    leap = base.model_copy(update={"season": base.season.in_year(2027)})
    (wave,) = Strain(date="02-29", depth_k=1.0).changes(leap, "")["weather.overlays"]
    assert wave["start"] == dt.datetime(2028, 2, 29)
    with pytest.raises(InputError, match="02-29"):
        Strain(date="02-29", depth_k=1.0).changes(base, "")


def test_a_strain_that_changes_nothing_is_said(tmp_path, base):
    file = tmp_path / "mine.toml"
    file.write_text(f"{BLOCK}depth_k = [0.0, 7.0]\n", "utf-8")
    document = stress(base, read_suite(str(file)), winters=1)
    assert [row["idle"] for row in document["blocks"][0]["rows"]] == [True, False]
    page = Page(60)
    report.say(page, document, Words("en"))
    assert str(page).count("no number differs from those without strain") == 1


def test_what_is_wrong_with_a_suite_is_said(tmp_path):
    with pytest.raises(InputError, match="did you mean"):
        read_suite("quik")
    file = tmp_path / "mine.toml"
    file.write_text('winters = 1\n[[blocks]]\nname = "a"\ntitle_zh = "a"\ntitle_en = "a"\ndate = ["13-40"]\n', "utf-8")
    with pytest.raises(InputError, match=r"blocks\[0\].date\[0\]: found \"13-40\""):
        read_suite(str(file))
    for text in ("[-5.0]", "[26.0]"):
        file.write_text(f"{BLOCK}depth_k = {text}\n", "utf-8")
        with pytest.raises(InputError, match=r"mine.toml:6:12: blocks\[0\].depth_k\[0\]: found -?\d+"):
            read_suite(str(file))
    file.write_text("winters = 0\nblocks = []\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_suite(str(file))
    assert len(caught.value.problems) == 2
