from itertools import pairwise
from statistics import NormalDist

import heatseason as hs
import numpy as np
import pytest
from heatseason.sim.report import sensitivity as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words
from heatseason.sim.study import rare
from heatseason.sim.study.case import Outcome
from heatseason.sim.study.rare import Stratum, document, estimate, hardness, rare_event, strata_of


def test_an_estimate_by_hand():
    found = estimate([Stratum(900, 30, 0), Stratum(100, 50, 10)])
    assert found.probability == pytest.approx(0.1 * 0.2)
    assert found.played == 80
    assert found.unseen == pytest.approx(0.9 * 3 / 30)
    assert found.low < 0.02 < found.high


def test_what_always_happened_is_no_more_certain_than_what_never_did():
    strata = [Stratum(900, 30, 0), Stratum(100, 50, 0)]
    never = estimate(strata)
    always = estimate([Stratum(part.pool, part.played, part.played) for part in reversed(strata)])
    assert (never.low, always.high) == (0.0, 1.0)
    assert always.low == pytest.approx(1.0 - never.high)
    assert always.low < 0.97
    page = Page(60)
    report.say_rare(page, {"number": "headline.heat_shed_gj", "above": 0.0, **document(always)}, Words("en"))
    assert "it came out alike in all of them" in str(page).replace("\n", " ")


@pytest.mark.parametrize("threshold", [2.0, 2.6, 3.2])
def test_weights_are_honest(threshold):
    """Hardness is only part of what makes it happen: no bias all the same, and no interval that promises too much."""
    truth = 1 - NormalDist(0, (1 + 0.25) ** 0.5).cdf(threshold)
    rng = np.random.default_rng(5)
    found = []
    for _ in range(1000):
        hard = rng.normal(size=2000)
        strata = []
        for members in strata_of(hard):
            taken = rng.permutation(members)[:20]
            happened = hard[taken] + rng.normal(0, 0.5, len(taken)) > threshold
            strata.append(Stratum(len(members), len(taken), int(happened.sum())))
        found.append(estimate(strata))
    estimates = np.array([event.probability for event in found])
    error = estimates.std() / 1000**0.5
    assert abs(estimates.mean() - truth) < 4 * error
    assert 0.7 < np.mean([event.se for event in found]) / estimates.std() < 1.6
    assert np.mean([event.low <= truth <= event.high for event in found]) > 0.95
    if threshold > 3:
        assert np.median([event.crude for event in found]) > 3 * found[0].played  # it saves most winters


def test_strata_part_the_pool_from_easy_to_hard():
    hard = np.random.default_rng(1).normal(size=1000)
    parts = strata_of(hard)
    assert [len(part) for part in parts] == [500, 300, 150, 40, 10]
    assert sorted(np.concatenate(parts)) == list(range(1000))
    assert all(hard[a].max() <= hard[b].min() for a, b in pairwise(parts))


def test_hard_winters_are_cold_ones():
    scenario = hs.load("town")
    hard = hardness(scenario, 60)
    worst, mildest = int(hard.argmax()), int(hard.argmin())
    assert np.array_equal(hard, hardness(scenario, 60))
    least = [hs.run(scenario.with_("network", "tee"), w).tracks["outdoor_c"].reshape(-1, 24).mean(1).min()
             for w in (worst, mildest)]  # fmt: skip
    assert least[0] < least[1]


def test_a_rare_event_is_played_mostly_in_hard_winters(monkeypatch):
    scenario = hs.load("town")
    hard = hardness(scenario, 400)
    monkeypatch.setattr(rare, "hardness", lambda *_: hard)

    def played(cases, _executor):
        for case in cases:
            yield Outcome("", case.replication, {"headline": {"x": float(hard[case.replication])}})

    monkeypatch.setattr(rare, "play_all", played)
    threshold = float(np.quantile(hard, 0.97))
    event = rare_event(scenario, ("headline.x", threshold), pool=400, winters=50)
    assert abs(event.probability - 0.03) < 3 * event.se
    assert event.strata[-1].played == 4  # all of the hardest hundredth
    for lang in ("zh", "en"):
        page = Page(60)
        told = {"number": "headline.heat_shed_gj", "above": threshold, **document(event)}
        report.say_rare(page, told, Words(lang))
        str(page).encode("gbk")
        assert max(display_width(line) for line in page.lines) <= 60
