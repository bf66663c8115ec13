"""Enumerated towns as problems with a known optimum: winters are drawn again, with replacement, from those stored.

The truth of a policy is then exactly its share over the stored winters, and its cost its mean over them.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from heatseason.scenarios.chance import stream
from heatseason.sim.study.decision import Decision, Goal
from heatseason.sim.study.targets import Condition


@dataclass(frozen=True)
class Asked:
    """What is asked of a town: levels of its clauses, jointly, in a share of winters; and what physics is believed."""

    levels: dict[str, float]
    share: float
    rising: dict[str, tuple[int, ...]]  # clause -> levers that cannot harm it


TOWNS = {
    "town": Asked(
        {"2.2b": 0.95, "2.3": 0.99, "2.5": 1.0, "2.7.2": 0.97, "2.7.3": 0.98, "2.8.1": 0.95},
        0.9,
        {"2.2b": (0,), "2.3": (0, 1), "2.5": (1,), "2.7.2": (2,), "2.7.3": (0, 3), "2.8.1": (0, 3)},
    ),
    "worn_town": Asked(  # chosen so that one policy between the ends is the best, before the search had seen it
        {"2.2b": 0.95, "2.3": 0.99, "2.6.3": 0.9, "2.6.4a": 0.93, "2.7.2": 0.93, "2.7.3": 0.98, "2.8.1": 0.9},
        0.85,
        {"2.2b": (1,), "2.3": (1,), "2.6.4a": (0,), "2.7.2": (2,), "2.7.3": (1,), "2.8.1": (1, 3)},
    ),
}


class Town:
    """A stored enumeration, its truth, and seasons drawn from it."""

    def __init__(self, name: str = "town") -> None:
        self.asked = TOWNS[name]
        with np.load(Path(__file__).with_name(f"{name}_enumerated.npz")) as stored:
            self.points, self.cost = stored["points"], stored["cost"].astype(float)
            self.clauses, kept = stored["clauses"].tolist(), stored["kept"].astype(float)
        self.shape = tuple(len(np.unique(column)) for column in self.points.T)
        self.margins = np.empty(kept.shape)
        for column, clause in enumerate(self.clauses):
            condition = Condition(clause, clause, ">=", self.asked.levels[clause], clause=True)
            for at in np.ndindex(kept.shape[:2]):
                share = kept[(*at, column)]
                numbers = {f"clauses.{clause}.met": round(share * 1e6), f"clauses.{clause}.judged": 1e6}
                if share < 1.0:  # what is stored knows how much of a clause was broken, not how well it was kept
                    numbers[f"clauses.{clause}.relative_margin"] = share - 1.0
                self.margins[(*at, column)] = condition.margin(numbers)
        self.true_share = (self.margins >= 0).all(axis=2).mean(axis=1)
        self.true_cost = self.cost.mean(axis=1)
        fits = self.true_share >= self.asked.share
        self.least = float(self.true_cost.min())  # whatever is decided costs this: what a plan moves is above it
        self.optimum = float(self.true_cost[fits].min())

    def problem(self) -> Decision:
        extra = tuple((0.0,) * count for count in self.shape)
        goal = Goal(tuple(range(len(self.clauses))), self.asked.share)
        return Decision(
            self.shape,
            extra,
            len(self.clauses),
            (goal,),
            rising=tuple(self.asked.rising.get(c, ()) for c in self.clauses),
        )

    def row(self, policy) -> int:
        return int(np.ravel_multi_index(policy, self.shape))

    def evaluate(self, repetition: int):
        """Return seasons of a repetition: its winter n is one of the stored ones, drawn by chance."""

        def play(policies, winters):
            drawn = [int(stream(repetition, winter, "town").integers(self.cost.shape[1])) for winter in winters]
            rows = [self.row(policy) for policy in policies]
            at = np.ix_(rows, drawn)
            return np.concatenate([self.cost[at][:, :, None], self.margins[at]], axis=2)

        return play

    def worse(self, policy) -> float:
        """Return by what share a policy costs more than the optimum, of what decisions can move."""
        cost = float(self.true_cost[self.row(policy)])
        return (cost - self.optimum) / (self.optimum - self.least) if self.optimum > self.least else math.nan
