import pytest
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.terminal import paint, say
from heatseason.sim.report.words import Words


def written(document, lang="en", width=80, detail="full"):
    page = Page(width)
    say(page, document, Words(lang), detail)
    return str(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("detail", ["short", "full", "long"])
def test_a_scorecard_fits_and_survives_gbk(card, lang, width, detail):
    text = written(card, lang, width, detail)
    text.encode("gbk")
    assert max(display_width(line) for line in text.splitlines()) <= width


def test_the_order_is_rooms_breaches_scores_then_the_rest(card):
    text = written(card)
    order = ["illustrative network", "18 ℃ in the rooms", "What was breached", "Headline numbers", "Clauses: operator"]
    places = [text.index(part) for part in [*order, "Clauses: authority", "Not simulated", "Balances"]]
    assert places == sorted(places)


def test_strict_and_in_scope_stand_side_by_side(card):
    line = next(line for line in written(card).splitlines() if line.startswith("dwelling-hours below"))
    assert line.split()[-2:] == ["201,456", "123,456"]


def test_breaches_stand_with_their_numbers_and_who_bears_them(card):
    text = written(card)
    breaches = text[text.index("What was breached") : text.index("Headline numbers")]
    assert "2.3 " in breaches
    assert "87.0%; 20 met, 1 late, 2 missed" in breaches
    assert "2.7.3" not in breaches
    assert "authority: nothing." in breaches
    assert "worst case: 2.6.4b/2, by 3.50 h" in text


def test_over_many_winters_numbers_carry_errors_and_the_worst_case_its_winter(card):
    card["replications"] = 4
    card["headline"]["calls"] = {"mean": 250.0, "se": 64.5, "p05": 115.0, "p50": 250.0, "p95": 385.0}
    card["clauses"][4]["worst_replication"] = 3
    card["breaches"] = [{**card["breaches"][0], "replication": n, "margin": -float(n)} for n in (1, 3)]
    text = written(card)
    assert "worst case: 2.6.4b/2 (winter 3), by 3 h" in text
    calls = next(line for line in text.splitlines() if line.startswith("calls"))
    assert calls.split() == ["calls", "250", "±", "64.5", "115", "250", "385"]
    written(card, "zh", 60).encode("gbk")


@pytest.mark.parametrize(("lang", "said"), [("zh", "30 个冬季中只完成 4 个"), ("en", "4 of 30 winters")])
def test_an_interrupted_batch_says_of_how_many_winters_it_is(card, lang, said):
    assert said not in written(card, lang)
    assert said in written(card | {"replications": 4, "wanted": 30}, lang)


def test_what_is_assumed_not_triggered_or_not_simulated_is_said(card):
    text = written(card)
    assert "2.3*" in text
    assert "* holds an assumed number" in text
    assert "not triggered" in text
    unjudged = text[text.index("Not simulated") :]
    assert "1.1     A principle." in unjudged
    assert "abnormally cold days outside the season: 2" in text


def test_an_unfinished_season_says_so_first(card):
    card["ended"] = {"code": "no_solution", "at": "2027-01-03 04:00", "why": "no flow balance", "where": "pipe 3"}
    text = written(card)
    assert "Not complete: no_solution" in text[: text.index("18 ℃")]


def test_short_is_the_headline_alone(card):
    text = written(card, detail="short")
    assert "What was breached" in text
    assert "Headline numbers" not in text


def test_colour_adds_nothing_but_colour(card):
    text = written(card, "zh")
    painted = paint(text, Words("zh"))
    assert "\033[31m未达标\033[0m" in painted
    for code in ("\033[31m", "\033[32m", "\033[33m", "\033[0m"):
        painted = painted.replace(code, "")
    assert painted == text
