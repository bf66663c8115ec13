"""Enumerate a small town's policies: four levers, every combination, every one on the same winters; run once.

    python tests/sim/study/enumerate_town.py tests/sim/study/town_enumerated.npz [WINTERS]

The town's coal comes late one time in three and nobody orders in an emergency, so that the reserve matters; its gas is
not curtailed. What is stored is what `numbers_of` gives of each winter: shares of clauses kept, and costs [CNY]. It
takes some 17 core-minutes for the 25 winters stored, and what is done is stored after each of them.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np
from heatseason.scenarios.scenario import load
from heatseason.sim.study.case import Case
from heatseason.sim.study.executors import play_all
from heatseason.sim.study.store import numbers_of

BASE = {
    "disruptions.fuel_supply.gas.enabled": False,
    "disruptions.fuel_supply.deliveries.late_share": 0.35,
    "disruptions.fuel_supply.deliveries.late_h": 36.0,
    "policies.reserve.emergency_below_days": 0.0,
    "policies.reserve.opening_days": 8.0,
}
LEVERS = {
    "preheat": (3.0, 4.0, 5.0, 6.0),
    "reserve": (2.0, 3.0, 4.0, 5.0),
    "agents": (4.0, 5.0, 6.0, 8.0),
    "staff": (0.25, 0.5, 1.0),
}
CLAUSES = ("2.2b", "2.3", "2.5", "2.7.2", "2.7.3", "2.8.1")


def changes(preheat: float, reserve: float, agents: float, staff: float) -> dict[str, Any]:
    """Return what a policy changes in the scenario."""
    return {
        "policies.preheat.days": preheat,
        "policies.reserve.days": reserve,
        "policies.roster.agents_per_100k": agents,
        "policies.roster.surge_per_100k": 4.0 * agents,
        "policies.roster.officers_per_100k": 0.4 * staff,
        "policies.roster.measurers_per_100k": staff,
    }


def main(path: str, winters: int = 25) -> None:
    """Play every combination and store it."""
    base = load("town").with_all(BASE)
    points = list(itertools.product(*LEVERS.values()))
    scenarios = [base.with_all(changes(*point)) for point in points]
    kept = np.full((len(points), winters, len(CLAUSES)), np.nan)
    cost = np.full((len(points), winters), np.nan)
    for winter in range(winters):
        for row, outcome in enumerate(play_all(Case(scenario, winter) for scenario in scenarios)):
            if outcome.failure:
                raise SystemExit(f"{points[row]}, winter {winter}: {outcome.failure}")
            numbers = numbers_of(outcome)
            for column, clause in enumerate(CLAUSES):
                judged = numbers[f"clauses.{clause}.judged"]
                kept[row, winter, column] = numbers[f"clauses.{clause}.met"] / judged if judged else 1.0
            cost[row, winter] = numbers["headline.cost_cny"]
        done = winter + 1
        np.savez_compressed(
            path,
            points=np.array(points),
            levers=np.array(list(LEVERS)),
            clauses=np.array(CLAUSES),
            kept=kept[:, :done].astype(np.float32),
            cost=cost[:, :done].astype(np.float32),
        )


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:]))
