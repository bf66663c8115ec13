"""Policies on common winters: what more reserve and more teams do on average, and what common chance is worth."""

from functools import cache

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.run import run
from heatseason.sim.study.intervals import paired_difference

WINTERS = 100
FIVE = ("policies.reserve.kind=days_of_cover", "policies.reserve.days=5", "policies.reserve.opening_days=7")
TEN = ("policies.reserve.kind=days_of_cover", "policies.reserve.days=10", "policies.reserve.opening_days=12")


@cache
def numbers(name: str, seed: int, *changes: str) -> np.ndarray:
    """Return dwelling-hours below 18 °C, heat unserved for want of fuel [GJ], mean hours broken, shape (winter, 3)."""
    rows = []
    scenario = load(name, ["network=town", f"seed={seed}", *changes])
    for winter in range(WINTERS):
        record = run(scenario, winter)
        headline = score(judge(record)).to_json()["headline"]
        failed, mended = record.rows("pipe_failed"), record.rows("fault_restored")
        ends = dict(zip(record.case[mended].tolist(), record.at[mended].tolist(), strict=True))
        open_until = record.calendar["horizon"]
        waits = [ends.get(int(record.case[row]), open_until) - int(record.at[row]) for row in failed]
        mean_h = sum(waits) / max(len(waits), 1) / 3600.0
        rows.append((headline["dwelling_hours_below_18_strict"], record.summary["heat_shed_fuel_gj"], mean_h))
    return np.array(rows)


@pytest.mark.slow
def test_common_chance_is_worth_five_times_the_winters():
    """Variance of the difference of dwelling-hours below 18 °C, 5 against 10 days: common winters against own seeds."""
    five, ten, elsewhere = (
        numbers("roads_closed_2008", seed, *reserve) for seed, reserve in ((1, FIVE), (1, TEN), (2, TEN))
    )
    paired = np.var(ten[:, 0] - five[:, 0], ddof=1)
    independent = np.var(elsewhere[:, 0] - five[:, 0], ddof=1)
    print(f"\nvariance paired {paired:.4g}, independent {independent:.4g}, ratio {independent / paired:.1f}")
    assert independent > 5.0 * paired


@pytest.mark.slow
def test_more_reserve_leaves_less_heat_unserved_on_average():
    moved = paired_difference(numbers("late_fuel", 1, *FIVE)[:, 1], numbers("late_fuel", 1, *TEN)[:, 1])
    print("\nheat unserved [GJ], ten days less five:", moved)
    assert moved.high < 0.0


@pytest.mark.slow
def test_one_more_team_mends_sooner_on_average():
    busy = ("disruptions.pipe_failures.rate_factor=100",)
    one = numbers("burst_week", 1, *busy, "policies.crews.teams=1")
    two = numbers("burst_week", 1, *busy, "policies.crews.teams=2")
    moved = paired_difference(one[:, 2], two[:, 2])
    print("\nfrom failure to restoration [h], two teams less one:", moved)
    assert moved.high < 0.0
