"""The hotline over whole seasons: common winters pay, one agent more helps, not answering does not score."""

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.run import run


def answered_share(scenario, winter):
    record = run(scenario, winter)
    return record.balances["calls_answered"] / record.balances["calls_offered"]


def listed(agents):
    """Return changes: so many agents at every hour."""
    numbers = ",".join([str(agents)] * 24)
    return ["policies.roster.kind=listed", f"policies.roster.agents=[{numbers}]",
            f"policies.roster.measurers=[{','.join(['9'] * 24)}]"]  # fmt: skip


@pytest.mark.slow
def test_common_winters_pay():
    """Answered share, 10 against 11 agents: the paired variance is at least five times below that of two seeds."""
    winters = range(30)
    ten, eleven = (load("hanzhong", listed(agents)) for agents in (10, 11))
    elsewhere = load("hanzhong", [*listed(11), "seed=7"])
    few = np.array([answered_share(ten, winter) for winter in winters])
    paired = np.array([answered_share(eleven, winter) for winter in winters]) - few
    apart = np.array([answered_share(elsewhere, winter) for winter in winters]) - few
    assert paired.mean() > 0.0
    assert np.var(apart, ddof=1) >= 5.0 * np.var(paired, ddof=1)


@pytest.mark.slow
def test_one_more_agent_never_lowers_the_answered_share_on_the_mean_of_a_hundred_winters():
    changes = ["network=town"]
    fewer, more = (load("hanzhong", [*changes, f"policies.roster.agents_per_100k={n}"]) for n in (4.0, 7.0))
    difference = np.array([answered_share(more, winter) - answered_share(fewer, winter) for winter in range(100)])
    error = difference.std(ddof=1) / 10.0
    assert difference.mean() > 3.0 * error > 0.0


@pytest.fixture(scope="module")
def cards():
    """Return scorecards of an ordinary operator and of one whose telephone nobody answers."""
    silent = ["policies.roster.agents_per_100k=0", "policies.roster.surge_per_100k=0", "policies.roster.least=0"]
    return [score(judge(run(load("hanzhong", ["network=town", *changes])))).to_json() for changes in ([], silent)]


def test_a_hotline_does_not_score_by_not_answering(cards):
    clauses = [{row["id"]: row for row in card["clauses"]} for card in cards]
    ordinary, silent = clauses
    assert silent["2.7.2"]["compliance"] < 0.5 < ordinary["2.7.2"]["compliance"]
    assert cards[1]["headline"]["answered_share"] == 0.0
    assert cards[1]["headline"]["complaints"] == 0
    assert silent["2.7.3"]["status"] == "not_triggered"  # nobody was accepted: this says nothing, 2.7.2 does
    assert cards[1]["score"]["operator"] < cards[0]["score"]["operator"]
    judged = [row["met"] + row["late"] + row["missed"] for row in (ordinary["1.4"], silent["1.4"])]
    assert judged[1] > judged[0]  # those who gave up go to the authority
    assert silent["2.3"]["compliance"] <= ordinary["2.3"]["compliance"]  # and no cold dwelling is remedied
