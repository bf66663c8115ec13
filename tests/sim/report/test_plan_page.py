"""What the page of a plan says of its rows: what is no line, what was not tried and why, what was not played."""

import pytest
from heatseason.sim.report.layout import Page
from heatseason.sim.report.plan import say
from heatseason.sim.report.words import Words


def row(role, cost_cny, kept, **more):
    return {"policy": {"crews": role}, "role": role, "less_of": "", "untried": "", "dominated": False, "winters": 20,
            "kept": kept, "at_least": 0.5, "broken": {"2.5": 20 - kept}, "cost_cny": cost_cny, **more}  # fmt: skip


def document(rows=(), less=(), others=0, prices=(None,), **more):
    return {
        "scenarios": ["town"], "weights": [], "targets": [{"text": "2.5 in 0.9", "share": 0.9, "conditions": ["2.5"]}],
        "limits": [], "status": "not_certified", "confidence": 0.95, "policies": 4, "seasons": 1000, "known": 0,
        "elapsed_s": 60.0, "searched": {"policies": 3, "winters": 12}, "attempts": [], "cost": None, "idle": [],
        "overrides": [],
        "levers": [{"name": "crews", "title": {"zh": "抢修队", "en": "crews"}, "unit": "1", "chosen": "2",
                    "end": "fixed", "does_nothing": True, "contrary": [], "suggested": None,
                    "cost_source": {"zh": "", "en": ""}, "cost_over_range_cny": 0.0}],
        "rows": list(rows), "unplayed": {"less_of": list(less), "others": others}, "price_of_one_percent": None,
        "prices": [{"condition": "2.5", "saves_cny": price} for price in prices],
        "beyond": {"repeated": 0, "doubt": 0, "robust": 0, "elapsed_s": 0.0}, **more,
    }  # fmt: skip


def said(lang="en", **of):
    page = Page(100)
    say(page, document(**of), Words(lang))
    str(page).encode("gbk")
    return " ".join(str(page).split())


def test_a_costlier_policy_of_the_frontier_that_keeps_less_is_no_line():
    rows = [row("answer", 100.0, 18), row("frontier", 90.0, 15), row("frontier", 700_100.0, 17, dominated=True)]
    assert "crews frontier 15/20" in said(rows=rows)
    assert "700,000" not in said(rows=rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_why_a_cheaper_step_less_was_not_taken_is_said(lang):
    words = Words(lang)
    for reason in ("failed", "unlikely", "little", "seasons"):
        rows = [row("answer", 100.0, 18), row("less", 90.0, 18, less_of="filling", untried=reason)]
        told = said(lang, rows=rows)
        assert "".join(words(f"plan.untried_{reason}").split())[:12] in "".join(told.split())


def test_what_was_not_played_and_why_nothing_binds_are_said():
    assert "No seasons were left to play one step less" in said()
    told = said(rows=[row("answer", 100.0, 18)], less=["preheat", "crews"], others=3)
    assert "one step less was not played of preheat, crews" in told
    assert "3 more policies of the frontier" in told
    assert "foresees no policy that keeps the share" in said()
    assert "leaving out any one of them is foreseen to save nothing" in said(prices=(0.0,))


def test_a_condition_that_no_winter_asked_anything_of_is_told():
    assert "Of 2.5 nothing was to be kept in any winter searched" in said(idle=["2.5"])
    assert "nothing was to be kept" not in said()


def test_seasons_and_minutes_are_of_the_same_work():
    beyond = {"repeated": 1000, "doubt": 200, "robust": 0, "elapsed_s": 600.0}
    told = said(beyond=beyond, known=400)
    assert "1,000 seasons for all this, 1.0 min. Of these seasons 400 were known from before." in told
    assert "Beyond the budget: 1,000 seasons to repeat it, 200 seasons in doubt; 10.0 min." in told
    assert "Beyond the budget" not in said()


def test_notes_stand_in_the_brackets_of_their_language():
    assert "抢修队：2（固定）" in said("zh")
    assert "crews: 2 (fixed)" in said()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_certificate_says_that_limits_hold_and_what_was_found(lang):
    kept = [{"scenario": "", "target": "2.5 in 0.9", "winters": 20, "share": 1.0, "at_least": 0.9, "refuted": False}]
    limit = {"scenario": "", "limit": "mean headline.outages<=15", "mean": 12.75, "exceeded": False}
    told = said(lang, status="certified", certificate={"winters": 20, "kept": kept, "limits": [limit]})
    assert "mean headline.outages<=15" in told
    assert "12.8" in told
    assert ("成立" if lang == "zh" else "holds, too") in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_regret_tells_the_share_kept_and_that_a_limit_may_be_passed(lang):
    cell = {"kept": 0.987, "regret_cny": 0.0, "limit_passed": True}
    told = said(
        lang, robust={"scenarios": ["town"], "rows": [{"plan": "robust", "policy": {"crews": "2"}, "in": [cell]}]}
    )
    assert "98.7%" in told
    assert ("可能超过限制" if lang == "zh" else "may pass a limit") in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_changed_guide_is_noted_beside_the_verdict(lang):
    change = {"scenario": "", "clause": "2.3", "name": "temperature_c", "default": 18.0, "value": 10.0, "unit": "degC"}
    told = said(lang, overrides=[change])
    assert "temperature_c" in told
    assert ("已改动指南数值" if lang == "zh" else "Guide number changed") in told


@pytest.mark.parametrize(("lang", "costs"), [("zh", ("10,277万", "10,317万")), ("en", ("102.77 M", "103.17 M"))])
def test_attempts_that_differ_by_little_are_told_apart_in_either_language(lang, costs):
    attempts = [
        {"policy": {"crews": "2"}, "winters": 20, "kept": [{"winters": 20}], "passed": True, "cost_cny": cost}
        for cost in (102.77e6, 103.17e6)
    ]
    told = said(lang, attempts=attempts)
    assert all(cost in told for cost in costs)
