"""Winters of a plan: policies become scenarios, are played by any executor, kept in a ledger, and measured as margins.

Several scenarios are played side by side, or, with weights, one of them is drawn for every winter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.problems import InputError, Problem, did_you_mean
from ...scenarios.chance import stream
from ..run import ground_of
from ..tables import HEADLINE
from .case import Outcome
from .decision import Decision, Goal, Policy
from .executors import Executor
from .levers import Lever
from .seeds import suggested
from .sweep import Study
from .targets import Condition, Mean, Target

__all__ = ["SPLIT", "Winters"]

Floats = npt.NDArray[np.float64]
SPLIT = "headline.cost_split_cny."  # where a ledger keeps a season's costs by kind
_COST = "headline.cost_cny"


@dataclass(slots=True)
class Winters:
    """Plays policies in scenarios: what :class:`Search` asks for costs and margins.

    Attributes
    ----------
    studies : sequence of Study
        One for each scenario.
    levers : sequence of Lever
    targets : sequence of Target
    means : sequence of Mean
    executor : Executor or None
    weights : tuple of float
        Empty: every winter is played in every scenario.
    """

    studies: Sequence[Study]
    levers: Sequence[Lever]
    targets: Sequence[Target]
    means: Sequence[Mean]
    executor: Executor | None
    weights: tuple[float, ...] = ()
    on_done: Callable[[Outcome], None] | None = None
    played: int = 0
    conditions: tuple[Condition, ...] = field(init=False)

    def __post_init__(self) -> None:
        of = {condition.text: condition for target in self.targets for condition in target.conditions}
        self.conditions = tuple(of.values())

    @property
    def worlds(self) -> int:
        """Scenarios that one winter is played in."""
        return 1 if self.weights else len(self.studies)

    per_winter = worlds

    def changes(self, policy: Policy) -> dict[str, Any]:
        """Return what a policy changes in a scenario."""
        changes: dict[str, Any] = {}
        for lever, row in zip(self.levers, policy, strict=True):
            changes.update(lever.settings[row].changes)
        return changes

    def labels(self, policy: Policy) -> dict[str, str]:
        """Return a policy's settings as people read them, by lever."""
        return {lever.name: lever.settings[row].label for lever, row in zip(self.levers, policy, strict=True)}

    def names(self) -> list[str]:
        """Return the conditions, by scenario where there are several."""
        if self.worlds == 1:
            return [condition.text for condition in self.conditions]
        return [f"{c.text} ({study.base.name})" for study in self.studies for c in self.conditions]

    def asked(self) -> list[tuple[str, Target]]:
        """Return what each goal of :meth:`decision` asks: the scenario, where there are several, and the target."""
        worlds = [""] if self.worlds == 1 else [study.base.name for study in self.studies]
        return [(world, target) for world in worlds for target in self.targets]

    def limited(self) -> list[tuple[str, Mean]]:
        """Return what each limit of :meth:`decision` is of, in the same way: a mean is limited in every scenario."""
        worlds = [""] if self.worlds == 1 else [study.base.name for study in self.studies]
        return [(world, mean) for world in worlds for mean in self.means]

    def priced(self, numbers: Mapping[str, float], policy: Policy) -> dict[str, float]:
        """Return a winter's numbers, its cost being the whole: what the levers cost beyond the season included."""
        own = sum(lever.settings[row].cost_cny for lever, row in zip(self.levers, policy, strict=True))
        return {**numbers, _COST: numbers[_COST] + own}

    def decision(self, seed: Policy) -> Decision:
        """Return the problem without its heat."""
        index = {condition.text: n for n, condition in enumerate(self.conditions)}
        count = len(self.conditions)
        goals = tuple(
            Goal(tuple(world * count + index[c.text] for c in target.conditions), target.share)
            for world in range(self.worlds)
            for target in self.targets
        )
        rising = tuple(
            tuple(n for n, lever in enumerate(self.levers) if condition.clause and condition.path in lever.helps)
            for condition in self.conditions
        )
        return Decision(
            tuple(len(lever.settings) for lever in self.levers),
            tuple(tuple(setting.cost_cny for setting in lever.settings) for lever in self.levers),
            count * self.worlds,
            goals,
            tuple(mean.level for _, mean in self.limited()),
            rising * self.worlds,
            (seed,),
        )

    def suggested(self) -> tuple[dict[str, float], Policy]:
        """Return what theory suggests, from one winter as the scenario has it; that winter also proves the paths."""
        study = self.studies[0]
        numbers = self.numbers(study, [{}], [(0, 0)])[0]
        if numbers is None:
            numbers = {}
        else:
            self._check_paths(numbers)
        households = int(ground_of(study.base).arrays.cohort_households.sum())
        return suggested(study.base, self.levers, households, numbers)

    def __call__(self, policies: Sequence[Policy], winters: Sequence[int]) -> Floats:
        """Return costs without the levers' own, margins, and limited numbers, shape (policy, winter, column)."""
        points = [self.changes(policy) for policy in policies]
        pairs = [(row, winter) for row in range(len(points)) for winter in winters]
        if self.weights:
            world = {winter: self.world_of(winter) for winter in winters}
            found = np.full((len(pairs), self._columns), np.nan)
            for number, study in enumerate(self.studies):
                mine = [at for at, (_, winter) in enumerate(pairs) if world[winter] == number]
                for at, numbers in zip(mine, self.numbers(study, points, [pairs[at] for at in mine]), strict=True):
                    found[at] = self._measured(numbers, policies[pairs[at][0]])
            return found.reshape(len(points), len(winters), -1)
        parts = [
            np.array(
                [
                    self._measured(numbers, policies[row])
                    for (row, _), numbers in zip(pairs, self.numbers(study, points, pairs), strict=True)
                ]
            )
            for study in self.studies
        ]
        count = len(self.conditions)
        whole = np.concatenate(
            [
                np.mean([part[:, :1] for part in parts], axis=0),
                *(part[:, 1 : 1 + count] for part in parts),
                *(part[:, 1 + count :] for part in parts),
            ],
            axis=1,
        )
        return whole.reshape(len(points), len(winters), -1)

    def numbers(
        self, study: Study, points: Sequence[Mapping[str, Any]], pairs: Sequence[tuple[int, int]]
    ) -> list[dict[str, float] | None]:
        """Return the numbers of pairs of a point and a winter, playing what is not known; None where one failed."""
        for played in study.play_pairs(points, pairs, self.executor):
            self.played += 1
            if self.on_done:
                self.on_done(played.outcome)
        stored = study.add(points)
        names = [name for name in study.ledger.names() if self._wanted(name)]
        known: dict[tuple[int, int], dict[str, float]] = {}
        for point in set(stored):
            for row in study.ledger.rows(names, point):
                known[point, row.replication] = dict(row.numbers)
        return [known.get((stored[row], winter)) for row, winter in pairs]

    def measured(self, numbers: Mapping[str, float] | None, policy: Policy) -> Floats:
        """Return one winter's margins; broken all where it failed."""
        return self._measured(numbers, policy)[1 : 1 + len(self.conditions)]

    @property
    def _columns(self) -> int:
        return 1 + len(self.conditions) + len(self.means)

    def _measured(self, numbers: Mapping[str, float] | None, policy: Policy) -> Floats:
        if numbers is None:
            return np.full(self._columns, np.nan)
        whole = self.priced(numbers, policy)
        margins = [condition.margin(whole) for condition in self.conditions]
        limited = [whole.get(mean.path, math.nan) for mean in self.means]
        return np.array([numbers[_COST], *(math.nan if m is None else m for m in margins), *limited])

    def _wanted(self, name: str) -> bool:
        paths = {c.path for c in self.conditions if not c.clause} | {mean.path for mean in self.means}
        clause = name.startswith("clauses.") and name[8:].rpartition(".")[0] in {c.path for c in self.conditions}
        return clause or name == _COST or name.startswith((SPLIT, "headline.crew_hours")) or name in paths

    def world_of(self, winter: int) -> int:
        """Return the scenario that a winter is drawn from."""
        shares = np.cumsum(np.array(self.weights) / sum(self.weights))
        return min(int(np.searchsorted(shares, stream(1, winter, "plan.world").random())), len(self.weights) - 1)

    def _check_paths(self, numbers: Mapping[str, float]) -> None:
        wanted = [c.path for c in self.conditions if not c.clause] + [mean.path for mean in self.means]
        known = list(self.studies[0].ledger.names())
        columns = {f"headline.{name}" for name in HEADLINE.names()}
        network = self.studies[0].base.network
        problems = [
            Problem(
                "--target", path, f"a number that network {network} has", "nothing stands there that it could be of"
            )
            if path in columns
            else Problem("--target", path, "a number of the ledger", did_you_mean(path, known))
            for path in wanted
            if path not in numbers
        ]
        if problems:
            raise InputError(problems)
