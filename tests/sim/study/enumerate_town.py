"""Enumerate small towns' policies: four levers, every combination, every one on the same winters; run once for each.

    python tests/sim/study/enumerate_town.py town tests/sim/study/town_enumerated.npz [WINTERS]

In `town` the coal comes late one time in three and nobody orders in an emergency, so that the reserve matters; its gas
is not curtailed. `worn_town` has another seed, pipes and substations that fail many times as often, and other levers:
it was enumerated when the search stood as it stands, and nothing in the search was ever fitted to it. What is stored
is what `numbers_of` gives of each winter: shares of clauses kept, and costs [CNY]. It takes some 17 core-minutes for
the 25 winters of the one, 9 for the 25 of the other, and what is done is stored after each of them.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np
from heatseason.scenarios.scenario import load
from heatseason.sim.study.case import Case
from heatseason.sim.study.executors import play_all
from heatseason.sim.study.kept import numbers_of

BASES: dict[str, dict[str, Any]] = {
    "town": {
        "disruptions.fuel_supply.gas.enabled": False,
        "disruptions.fuel_supply.deliveries.late_share": 0.35,
        "disruptions.fuel_supply.deliveries.late_h": 36.0,
        "policies.reserve.emergency_below_days": 0.0,
        "policies.reserve.opening_days": 8.0,
    },
    "worn_town": {
        "seed": 77,
        "disruptions.fuel_supply.gas.enabled": False,
        "disruptions.pipe_failures.rate_factor": 12.0,
        "disruptions.substation_failures.rate_per_year": 1.0,
    },
}
LEVERS: dict[str, dict[str, tuple[float, ...]]] = {
    "town": {
        "preheat": (3.0, 4.0, 5.0, 6.0),
        "reserve": (2.0, 3.0, 4.0, 5.0),
        "agents": (4.0, 5.0, 6.0, 8.0),
        "staff": (0.25, 0.5, 1.0),
    },
    "worn_town": {
        "crews": (1, 2, 3),
        "preheat": (3.0, 4.0, 5.0),
        "agents": (3.0, 4.0, 6.0),
        "measurers": (0.25, 0.5, 1.0, 2.0),
    },
}
CLAUSES = {
    "town": ("2.2b", "2.3", "2.5", "2.7.2", "2.7.3", "2.8.1"),
    "worn_town": ("2.2b", "2.3", "2.6.3", "2.6.4a", "2.7.2", "2.7.3", "2.8.1"),
}
PATHS: dict[str, dict[str, float]] = {
    "preheat": {"policies.preheat.days": 1.0},
    "reserve": {"policies.reserve.days": 1.0},
    "agents": {"policies.roster.agents_per_100k": 1.0, "policies.roster.surge_per_100k": 4.0},
    "staff": {"policies.roster.officers_per_100k": 0.4, "policies.roster.measurers_per_100k": 1.0},
    "crews": {"policies.crews.teams": 1, "policies.crews.machines": 1},
    "measurers": {"policies.roster.measurers_per_100k": 1.0},
}


def changes(settings: dict[str, float]) -> dict[str, Any]:
    """Return what a policy changes in the scenario."""
    return {path: factor * value for lever, value in settings.items() for path, factor in PATHS[lever].items()}


def main(name: str, path: str, winters: int = 25) -> None:
    """Play every combination and store it."""
    base, levers, clauses = load("town").with_all(BASES[name]), LEVERS[name], CLAUSES[name]
    points = list(itertools.product(*levers.values()))
    scenarios = [base.with_all(changes(dict(zip(levers, point, strict=True)))) for point in points]
    kept = np.full((len(points), winters, len(clauses)), np.nan)
    cost = np.full((len(points), winters), np.nan)
    for winter in range(winters):
        for row, outcome in enumerate(play_all(Case(scenario, winter) for scenario in scenarios)):
            if outcome.failure:
                raise SystemExit(f"{points[row]}, winter {winter}: {outcome.failure}")
            numbers = numbers_of(outcome)
            for column, clause in enumerate(clauses):
                judged = numbers[f"clauses.{clause}.judged"]
                kept[row, winter, column] = numbers[f"clauses.{clause}.met"] / judged if judged else 1.0
            cost[row, winter] = numbers["headline.cost_cny"]
        done = winter + 1
        np.savez_compressed(
            path,
            points=np.array(points),
            levers=np.array(list(levers)),
            clauses=np.array(clauses),
            kept=kept[:, :done].astype(np.float32),
            cost=cost[:, :done].astype(np.float32),
        )


if __name__ == "__main__":
    main(*sys.argv[1:3], *(int(text) for text in sys.argv[3:]))
