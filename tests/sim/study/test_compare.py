"""Comparisons, of winters that are made up."""

from types import SimpleNamespace

import numpy as np
import pytest
from heatseason.network_models.problems import InputError, ModelError
from heatseason.scenarios.scenario import load
from heatseason.sim.report import comparison as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words
from heatseason.sim.study import compare as module
from heatseason.sim.study import options
from heatseason.sim.study.case import Case, Failure, Outcome
from heatseason.sim.study.compare import NUMBERS, WATCHED, Until, compare, select, want_of
from heatseason.sim.study.options import Option, named, read_option


class Fake(SimpleNamespace):
    """A scenario that costs so much and lets so many hours be cold, in winters it shares with others."""


def fake(name, cost=0.0, cold=0.0, seed=1, heat=0.0):
    return Option(name, Fake(name=name, network="town", seed=seed, cost=cost, cold=cold, heat=heat))


def played(cases, _executor=None):
    for case in cases:
        rng = np.random.default_rng(case.replication)
        winter = rng.normal(0, 30)
        headline = dict.fromkeys((path.removeprefix("headline.") for path in NUMBERS), 1.0)
        headline["dwelling_hours_below_18_strict"] = 500 + winter + case.scenario.cold * (1 + 0.1 * rng.normal())
        headline["cost_cny"] = 1000 + winter + case.scenario.cost * (1 + 0.01 * rng.normal())
        headline["heat_gj"] = 5000 + winter + case.scenario.heat * (1 + 0.01 * rng.normal())
        headline["calls"] = 100 + winter + case.scenario.cost * (1 + 0.01 * rng.normal())
        late = max(0.0, case.scenario.cold)
        clauses = [
            {"id": "2.3", "status": "met", "met": 90.0, "late": late, "missed": 0.0},
            {"id": "2.1", "status": "not_simulated", "met": 0, "late": 0, "missed": 0},
        ]
        document = {"headline": headline, "clauses": clauses, "score": {"operator": 0.9, "authority": None}}
        yield Outcome(case.id, case.replication, document)


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    monkeypatch.setattr(options, "faults_of", lambda _: [])
    monkeypatch.setattr(module, "play_all", played)
    monkeypatch.setattr(Case, "id", property(lambda case: f"{case.scenario.name} {case.replication}"))


def test_a_difference_gets_the_word_it_deserves():
    document = compare([fake("a"), fake("b", cost=-3.0, cold=5.0), fake("c")], 20)
    b, c = (d["numbers"] for d in document["differences"])
    assert b["headline.cost_cny"]["verdict"] == "better"
    assert b["headline.cost_cny"]["mean"] == pytest.approx(-3, rel=0.01)
    assert b["headline.dwelling_hours_below_18_strict"]["verdict"] == "worse"
    assert b["clauses.2.3.broken"]["verdict"] == "constant"  # 5 more in each
    assert b["headline.calls"]["verdict"] == "lower"  # neither good nor bad
    assert b["headline.outages"]["verdict"] == "same"
    assert {number["verdict"] for number in c.values()} == {"same"}
    assert document["options"][1]["compliance"] == {"2.3": pytest.approx(90 / 95)}
    assert "score.authority" not in b  # a number that some winter lacks is not compared


def test_what_is_cheaper_because_less_was_heated_is_told_as_such():
    options = [
        fake("a"), fake("unheated", cost=-300.0, cold=400.0, heat=-900.0), fake("thrifty", cost=-300.0, heat=-50.0),
        fake("colder", cost=-300.0, cold=400.0), fake("dear", cost=300.0, cold=400.0, heat=-900.0),
    ]  # fmt: skip
    document = compare(options, 12)
    assert [row["with_less_heat"] for row in document["differences"]] == [["headline.cost_cny"], [], [], []]
    heat, cold = (document["differences"][0]["numbers"][path]["mean"] for path in ("headline.heat_gj", WATCHED))
    for lang, note in (("en", "no saving at like service"), ("zh", "不是同等服务下的节省")):
        page = Page(60)
        report.say(page, document, Words(lang))
        text = "".join(line.strip() + ("" if lang == "zh" else " ") for line in page.lines)
        assert text.count(note) == 1
        assert text.index("unheated") < text.index(note) < text.index("thrifty")
        said = text[: text.index(note)].rpartition("better" if lang == "en" else "更好")[2]
        assert f"{heat:.1f}" in said
        assert f"+{cold:.1f}" in said
        assert max(display_width(line) for line in page.lines) <= 60


def test_what_chance_could_do_is_not_told_as_certain():
    document = compare([fake("a"), fake("b", cold=0.02)], 4)
    number = document["differences"][0]["numbers"]["headline.dwelling_hours_below_18_strict"]
    assert number["verdict"] == "cannot_tell"  # four winters are too few for any word
    noisy = module._difference("headline.cost_cny", [0.0, 1.0, 0.0, 2.0], [1.0, 0.0, 3.0, 1.0], 0.95)
    assert noisy["verdict"] == "cannot_tell"
    assert noisy["winters_needed"] > 4


def test_several_options_are_corrected_for():
    two = compare([fake("a"), fake("b", cold=2.0)], 12)["differences"][0]["numbers"]
    five = compare([fake("a"), *(fake(n, cold=2.0) for n in "bcde")], 12)["differences"][0]["numbers"]
    name = "headline.dwelling_hours_below_18_strict"
    assert two[name]["mean"] == five[name]["mean"]
    assert five[name]["high"] - five[name]["low"] > two[name]["high"] - two[name]["low"]


def test_it_stops_when_the_means_are_known_well_enough():
    document = compare([fake("a"), fake("b")], 2000, until=Until(0.02))
    assert document["stopped"]["reached"]
    assert 30 < document["replications"] < 400
    assert document["replications"] in (45, 68, 102, 153, 230, 345)
    short = compare([fake("a"), fake("b")], 40, until=Until(0.001))
    assert (short["replications"], short["stopped"]["reached"]) == (40, False)


def test_a_winter_that_fails_under_one_option_is_left_out_under_all(monkeypatch):
    def play(cases, _executor=None):
        for outcome in played(cases):
            failed = outcome.id == "b 3"
            yield Outcome(outcome.id, 3, failure=Failure("model", "stuck")) if failed else outcome

    monkeypatch.setattr(module, "play_all", play)
    document = compare([fake("a"), fake("b")], 6)
    assert document["replications"] == 5
    assert document["failures"] == [{"option": "b", "replication": 3, "kind": "model", "why": "stuck"}]
    monkeypatch.setattr(module, "play_all", lambda cases, _=None: (o for o in play(cases) if o.replication > 2))
    with pytest.raises(ModelError, match="stuck"):
        compare([fake("a"), fake("b")], 5)


def test_winters_must_be_common():
    with pytest.raises(InputError, match="common winters have one seed"):
        compare([fake("a"), fake("b", seed=2)], 3)
    with pytest.raises(InputError, match="two or more"):
        compare([fake("a")], 3)


def test_the_best_is_chosen_whichever_way_is_better():
    options = [fake("a", cost=40.0), fake("b", cost=0.0), fake("c", cost=80.0)]
    found = select(options, "headline.cost_cny", 20.0)
    assert (found.best, found.certain) == (1, True)
    assert found.mean[2] > found.mean[1] > 900  # as the numbers are, not turned round
    assert select(options, "headline.calls", 20.0, want="high").best == 2
    assert select(options, "headline.calls", 20.0, want="low").best == 1
    assert select([fake("a", cold=9.0), fake("b"), fake("c", cold=5.0)], "clauses.2.3.late", 1.0).best == 1


@pytest.mark.parametrize("number", ["headline.calls", "headline.heat_gj", "clauses.2.3.met", "clauses.2.3.excused"])
def test_where_nobody_knows_what_is_better_it_is_asked_before_any_winter(monkeypatch, number):
    monkeypatch.setattr(module, "play_all", lambda *_: pytest.fail("a winter was played"))
    with pytest.raises(InputError, match=r"--number: found .*high or low is known to be better.*--want low"):
        select([fake("a"), fake("b")], number, 20.0)


@pytest.mark.parametrize(
    ("path", "want"),
    [("score.operator", "high"), ("clauses.2.3.broken", "low"), ("clauses.2.3.margin", "high"),
     ("clauses.2.3.late", "low"), ("clauses.2.7.3.missed", "low"), ("clauses.2.3.parts.warm.missed", "low"),
     ("clauses.2.3.parts.warm.compliance", "high"), ("clauses.2.3.met", "neither"),
     ("clauses.2.7.2.excused", "neither"), ("clauses.2.7.2.indicators.calls", "neither"),
     ("headline.complaints", "low"), ("headline.calls", "neither"),
     ("headline.cost_split_cny.fuel", "low"), ("headline.cost_split_cny_m2.fuel", "low"),
     ("headline.cost_cny", "low"), ("metrics.mine", "neither")],
)  # fmt: skip
def test_what_had_better_be_high_or_low(path, want):
    assert want_of(path) == want


def test_an_option_may_carry_changes():
    option = read_option("town@policies.crews.teams=1@policies.reserve.days=3", ["seed=9"])
    assert option.scenario.policies.crews.teams == 1
    assert option.scenario.policies.reserve.days == 3
    assert option.scenario.seed == 9
    with pytest.raises(InputError, match="crews"):
        read_option("town@policies.crews.team=1")


def test_an_at_sign_in_a_path_or_a_value_is_part_of_it(tmp_path):
    (tmp_path / "a@b").mkdir()
    file = tmp_path / "a@b" / "my.toml"
    file.write_text('schema_version = 1\nname = "mine"\nextends = "town"\n', "utf-8")
    assert read_option(str(file)).scenario.name == "mine"
    assert read_option(f"{file}@policies.crews.teams=1@seed=9").scenario.policies.crews.teams == 1
    assert read_option("town@title_en=a@b@seed=9").scenario.title_en == "a@b"
    with pytest.raises(InputError, match=r'--set: found "nothing"'):
        read_option("town@nothing")
    with pytest.raises(InputError, match=r"a@b/none.toml"):
        read_option(str(tmp_path / "a@b/none.toml@seed=9"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_can_be_said(lang):
    words = Words(lang)
    page = Page(60)
    report.say(page, compare([fake("a"), fake("b", cost=-3.0, cold=5.0)], 40, until=Until(0.001)), words)
    found = select([fake("a"), fake("b", cost=90.0)], "headline.cost_cny", 20.0)
    report.say_selection(
        page, report.selection_document(["a", "b"], "headline.cost_cny", "low", 20.0, 0.95, found), words
    )
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60


def test_options_that_are_one_are_the_same_and_played_once(monkeypatch):
    asked = []

    def counted(cases, executor=None):
        asked.extend(cases := list(cases))
        return played(cases, executor)

    monkeypatch.setattr(module, "play_all", counted)
    document = compare([fake("a"), Option("again", fake("a").scenario), fake("b", cost=-3.0)], 8)
    again, b = (difference["numbers"] for difference in document["differences"])
    assert {number["verdict"] for number in again.values()} == {"same"}
    assert b["headline.cost_cny"]["verdict"] == "better"
    assert len(asked) == 16
    found = select([fake("a"), Option("again", fake("a").scenario)], "headline.cost_cny", 1.0, most=50)
    assert (found.best, found.certain, found.winters) == (0, True, (10, 10))


def test_an_interrupt_leaves_the_winters_that_all_have(monkeypatch):
    def cut(after):
        def some(cases, _executor=None):
            for number, outcome in enumerate(played(cases)):
                if number == after:
                    raise KeyboardInterrupt
                yield outcome

        return some

    monkeypatch.setattr(module, "play_all", cut(11))
    document = compare([fake("a"), fake("b", cost=-3.0)], 20)
    assert (document["interrupted"], document["replications"], document["wanted"]) == (True, 5, 20)
    assert document["differences"][0]["numbers"]["headline.cost_cny"]["n"] == 5
    monkeypatch.setattr(module, "play_all", cut(3))
    with pytest.raises(KeyboardInterrupt):  # one winter in common compares nothing
        compare([fake("a"), fake("b", cost=-3.0)], 20)


@pytest.mark.parametrize("path", ["headline.cost", "nothing.at_all", "clauses.9.9.met", "score"])
def test_a_number_that_no_scorecard_has_is_said(path):
    with pytest.raises(InputError, match="wanted a number of the scorecard"):
        select([fake("a"), fake("b")], path, 1.0, want="low")
    with pytest.raises(InputError, match="--number: found "):
        compare([fake("a"), fake("b")], 40, until=Until(0.1, path))


def differ(*changes, path="headline.cost_cny", confidence=0.95):
    return module._difference(path, [0.0] * len(changes), list(changes), confidence)


def test_one_amount_in_every_winter_is_told_as_that_however_many():
    for n in (2, 6, 40):
        found = differ(*[2.5] * n)
        assert (found["verdict"], found["reason"], found["winters_needed"]) == ("constant", None, None)
    assert differ(*[0.0] * 3)["verdict"] == "same"
    rounded = module._difference("headline.cost_cny", [0.1 * n + 1e8 for n in range(9)],
                                 [0.1 * n + 1e8 + 0.3 for n in range(9)], 0.95)  # fmt: skip
    assert rounded["verdict"] == "constant"


def test_too_few_winters_say_so_though_the_interval_leaves_out_zero():
    few = differ(-768156.0, -768190.0, -768100.0)
    assert few["low"] < few["high"] < 0
    assert (few["verdict"], few["reason"], few["winters_needed"]) == ("cannot_tell", "few_winters", 6)
    assert differ(*[-5.0, -5.1, -4.9] * 2)["verdict"] == "better"
    assert differ(*[-5.0, -5.1, -4.9] * 2, confidence=0.99)["winters_needed"] == 8


def test_where_the_bootstrap_disagrees_the_reason_is_told():
    found = differ(*[-1.0] * 8, 0.0, -1.0)
    assert found["high"] < 0
    assert (found["verdict"], found["reason"]) == ("cannot_tell", "bootstrap")


@pytest.mark.parametrize(("lang", "wanted"), [
    ("en", ["By the same amount in every winter so far:", "by +50 in each",
            "too few winters: a conclusion takes 6 at least", "what none of 5 winters had", "45.1% of them",
            "of 6 winters at least"]),
    ("zh", ["至今每个冬季差别相同：", "每个冬季均差 +50", "至少 6 个才能下结论", "5 个冬季中从未出现的情形", "45.1%"]),
])  # fmt: skip
def test_what_few_winters_cannot_tell_is_said(lang, wanted):
    page = Page(200)
    report.say(page, compare([fake("a"), fake("b", cost=4.0, cold=50.0)], 5), Words(lang))
    text = str(page)
    assert [words for words in wanted if words not in text] == []


def test_the_direction_is_part_of_what_is_said():
    for want, said in (("low", "lowest"), ("high", "highest")):
        found = select([fake("a"), fake("b", cost=90.0)], "headline.calls", 20.0, want=want)
        document = report.selection_document(["a", "b"], "headline.calls", want, 20.0, 0.95, found)
        assert document["want"] == want
        page = Page(100)
        report.say_selection(page, document, Words("en"))
        assert said in str(page)


@pytest.mark.parametrize(("confidence", "replications", "said"), [
    (95, 20, "--confidence: found 95, wanted from 0.5"), (0.3, 20, "--confidence: found 0.3"),
    (0.95, 1, "replications: found 1, wanted a whole number, 2 or more"), (0.95, -1, "replications: found -1"),
])  # fmt: skip
def test_what_cannot_be_asked_is_told_before_any_winter(monkeypatch, confidence, replications, said):
    monkeypatch.setattr(module, "play_all", lambda *_: pytest.fail("a winter was played"))
    with pytest.raises(InputError, match=said):
        compare([fake("a"), fake("b")], replications, confidence=confidence)
    if confidence != 0.95:
        with pytest.raises(InputError, match=said):
            select([fake("a"), fake("b")], "headline.cost_cny", 1.0, confidence=confidence)


def test_options_are_named_apart():
    town = load("town")
    one_team = town.with_("policies.crews.teams", 1)
    names = [o.name for o in named([town, one_team, town, town, "town@policies.crews.teams=2", fake("x")])]
    assert names == ["town", "town@policies.crews.teams=1", "town (2)", "town (3)", "town@policies.crews.teams=2", "x"]
    with pytest.raises(InputError, match=r"options\[1\]: found 3, wanted a scenario"):
        named([town, 3])
    with pytest.raises(InputError, match="two or more to compare"):
        compare("town", 6)


# The true mean difference is nothing: a word is wrong. 400 comparisons of 5 % have a standard error of 1.1 %.


@pytest.mark.parametrize(
    ("values", "chances"),
    [([-1.0, 1.0], [0.5, 0.5]), ([-1.0, 0.0, 1.0], [0.3, 0.4, 0.3]), ([-1.0, 19.0], [0.95, 0.05]),
     ([-1.0, 4.0], [0.8, 0.2])],
)  # fmt: skip
@pytest.mark.parametrize("n", [2, 3, 5, 6, 10, 20])
def test_a_word_is_seldom_wrong_where_differences_are_few_amounts(values, chances, n):
    rng = np.random.default_rng(17)
    words = [differ(*rng.choice(values, n, p=chances))["verdict"] for _ in range(400)]
    assert sum(word in ("better", "worse") for word in words) / 400 < 0.05 + 3 * 0.011


def test_rare_winters_that_never_came_are_what_no_interval_knows():
    """A policy that costs a little every winter, never just the same, and pays in one of twenty: as documented."""
    rng = np.random.default_rng(3)
    wrong = {}
    for n in (10, 80):
        draws = [rng.choice([-1.0, 19.0], n, p=[0.95, 0.05]) + rng.normal(0, 0.1, n) for _ in range(200)]
        wrong[n] = sum(differ(*changes)["verdict"] in ("better", "worse") for changes in draws) / 200
    assert abs(wrong[10] - 0.95**10) < 4 * 0.035  # it is the chance that none came
    assert wrong[80] < 0.05
