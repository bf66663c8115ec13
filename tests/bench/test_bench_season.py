"""A whole season in process: ``python -m pytest tests/bench --benchmark-only`` prints times, nothing asserts one."""

import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.run import run


@pytest.mark.parametrize("name", ["town", "hanzhong"])
def test_a_season_played(benchmark, name):
    scenario = load(name)
    run(scenario)  # kernels compiled, network read
    record = benchmark.pedantic(lambda: run(scenario), rounds=5)
    assert record.summary["balance_error"] < 1e-9


@pytest.mark.parametrize("name", ["town", "hanzhong"])
def test_a_season_played_and_judged(benchmark, name):
    scenario = load(name)
    score(judge(run(scenario)))
    card = benchmark.pedantic(lambda: score(judge(run(scenario))), rounds=5)
    assert card.to_json()["headline"]["heat_gj"] > 0.0
