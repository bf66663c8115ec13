"""The answer of a plan whose winters are made up: what it says of limits, costs and levels is of what was played."""

from types import SimpleNamespace

import numpy as np
import pytest
from heatseason.sim.study import doubt
from heatseason.sim.study.answer import document_of
from heatseason.sim.study.doubt import regretted
from heatseason.sim.study.levers import Lever, Setting
from heatseason.sim.study.search import Search
from heatseason.sim.study.targets import read_targets
from heatseason.sim.study.winters import Winters


class Base(SimpleNamespace):
    """As much of a scenario as an answer looks at; a step of the lever asks for 8 degC more."""

    def __init__(self, name, guide=None):
        super().__init__(name=name, network="tee", seed=1, guide=guide or {})

    def with_all(self, changes):
        step = changes["step"]
        return Base(self.name, {"2.3": {"temperature_c": 18.0 - 8.0 * step}} if step else {})


class MadeUp(Winters):
    """Winters of scenarios that are functions of a lever's step and a winter's number."""

    def numbers(self, study, points, pairs):
        return [study.play(points[row]["step"], winter) for row, winter in pairs]


def answered(plays, targets, *, weights=(), steps=1, step_cny=0.0, budget=900):
    studies = [SimpleNamespace(base=Base(name), play=play) for name, play in plays.items()]
    settings = tuple(Setting(float(n), str(n), {"step": n}, n * step_cny) for n in range(steps))
    lever = Lever("step", "step", "step", "", settings)
    winters = MadeUp(studies, [lever], *read_targets(targets), None, weights)
    search = Search(winters.decision((0,)), winters, budget=budget, per_winter=winters.per_winter)
    found = search.run()
    robust = {"robust": regretted(winters, search, found)} if len(studies) > 1 else {}
    return document_of(search, found, winters, {}, 0.95, budget) | robust


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    monkeypatch.setattr(doubt, "Winters", MadeUp)  # regret plays every scenario by itself


def season(cost=100.0, **headline):
    return {"headline.cost_cny": cost, **{f"headline.{name}": value for name, value in headline.items()}}


def test_a_mean_is_limited_in_each_scenario_and_not_the_worst_of_them_winter_by_winter():
    plays = {  # 13 on average in either; 18 when one takes the worse of both every winter
        "even": lambda step, winter: season(calls=1.0, outages=18.0 if winter % 2 else 8.0),
        "odd": lambda step, winter: season(calls=1.0, outages=8.0 if winter % 2 else 18.0),
    }
    document = answered(plays, ["headline.calls<=3 in 0.8", "mean headline.outages<=15"])
    assert document["status"] == "certified"
    limits = document["certificate"]["limits"]
    assert [(row["scenario"], row["limit"]) for row in limits] == [
        (name, "mean headline.outages<=15") for name in ("even", "odd")
    ]
    assert [row["mean"] for row in limits] == pytest.approx([13.0, 13.0], abs=0.2)
    denied = answered(plays, ["headline.calls<=3 in 0.8", "mean headline.outages<=11"])
    assert {row["scenario"] for row in denied["infeasible"]["limits"]} == {"even", "odd"}
    for cell in denied["robust"]["rows"][0]["in"]:  # every winter is kept, whatever the mean
        assert cell["kept"] > 0.9
        assert cell["limit_passed"]


def test_with_weights_means_and_levels_are_of_all_the_winters_that_were_tested():
    plays = {"mild": lambda step, winter: season(calls=1.0), "harsh": lambda step, winter: season(calls=9.0)}
    denied = answered(plays, ["headline.calls<=3 in 0.8"], weights=(1.0, 1.0))
    (row,) = denied["infeasible"]["forbidding"]
    assert row["level_kept"] == 9.0
    beyond = answered(plays, ["headline.calls<=10 in 0.8", "mean headline.calls<=3"], weights=(1.0, 1.0))
    (limit,) = beyond["infeasible"]["limits"]
    assert 3.0 < limit["mean"] < 7.0


def test_a_limit_on_cost_counts_what_the_levers_cost():
    plays = {"town": lambda step, winter: season(100.0 + winter % 3, calls=5.0 - 4.0 * step)}
    asked = ["headline.calls<=3 in 0.8", "mean headline.cost_cny<=300"]
    dear = answered(plays, asked, steps=2, step_cny=1000.0)
    assert dear["status"] == "infeasible"
    assert dear["certificate"] is None
    cheap = answered(plays, asked, steps=2, step_cny=50.0)
    assert cheap["status"] == "certified"
    assert cheap["certificate"]["limits"][0]["mean"] == pytest.approx(cheap["cost"]["mean_cny"])
    each = answered(plays, ["headline.calls<=3, headline.cost_cny<=300 in 0.8"], steps=2, step_cny=1000.0)
    assert each["status"] == "infeasible"


def test_the_cost_of_a_robust_plan_is_split_over_all_its_scenarios():
    def play(fuel):
        return lambda step, winter: season(fuel, calls=1.0) | {"headline.cost_split_cny.fuel": fuel}

    document = answered({"mild": play(100.0), "harsh": play(300.0)}, ["headline.calls<=3 in 0.8"])
    assert document["cost"]["mean_cny"] == pytest.approx(200.0)
    assert document["cost"]["split_cny"] == {"fuel": pytest.approx(200.0)}
    assert np.isclose(document["certificate"]["cost_cny"], 200.0)


def test_a_lever_that_decides_over_a_few_hard_winters_is_not_said_to_do_nothing():
    def play(helps):
        def season_of(step, winter):
            hard = np.random.default_rng(winter).random() < 0.12
            return season(100.0 + step, calls=9.0 if hard and not (helps and step >= 2) else 1.0 + 0.01 * (winter % 7))

        return {"town": season_of}

    asked = ["headline.calls<=5 in 0.95"]
    deciding = answered(play(True), asked, steps=4, budget=1500)
    assert deciding["policy"] == {"step": "2"}
    assert not deciding["levers"][0]["does_nothing"]
    assert abs(deciding["levers"][0]["shifts"][asked[0].removesuffix(" in 0.95")]) < 0.2
    assert answered(play(False), asked, steps=4, budget=1500)["levers"][0]["does_nothing"]


def test_a_lever_that_moves_only_a_limited_mean_is_not_said_to_do_nothing():
    plays = {"town": lambda step, winter: season(calls=1.0, co2_t=50.0 - 10.0 * step)}
    asked = ["headline.calls<=3 in 0.8", "mean headline.co2_t<=35"]
    document = answered(plays, asked, steps=3)
    assert document["policy"] == {"step": "2"}
    assert not document["levers"][0]["does_nothing"]
    assert answered(plays, asked[:1], steps=3)["levers"][0]["does_nothing"]


def test_a_policy_that_changes_the_guide_is_told_to_do_so():
    plays = {"town": lambda step, winter: season(100.0, calls=5.0 - 4.0 * step)}
    moved = answered(plays, ["headline.calls<=3 in 0.8"], steps=2)
    (change,) = moved["overrides"]
    assert (change["clause"], change["name"], change["default"], change["value"]) == (
        "2.3",
        "temperature_c",
        18.0,
        10.0,
    )
    assert answered(plays, ["headline.calls<=7 in 0.8"], steps=1)["overrides"] == []
