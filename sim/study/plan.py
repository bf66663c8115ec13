"""Plan: the cheapest policy that meets a target, with a certificate, and what stands behind it.

The search and its certificate are :mod:`search`'s; here policies become scenarios, winters are played by any executor
and kept in a ledger, and the answer becomes one JSON document. Several scenarios make a robust plan: *worst* wants the
target in each of them; weights make one winter of them, drawn anew every winter.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.problems import InputError, Problem, ScenarioError, did_you_mean
from ...scenarios.chance import stream
from ...scenarios.scenario import Scenario
from ..run import ground_of
from .case import Outcome
from .certificate import at_least
from .design import scenario_at
from .executors import Executor
from .levers import Lever, read_levers
from .search import LARGEST_GRID, Attempt, Found, Goal, Policy, Row, Search
from .search import Problem as Decision
from .seeds import suggested
from .sensitivity import Input, inputs_of
from .sweep import Study
from .targets import Condition, Mean, Target, read_targets

__all__ = ["Winters", "plan"]

Floats = npt.NDArray[np.float64]
_DOUBT = 3_000_000  # number of the first winter with drawn parameters
_COST = "headline.cost_cny"
_SPLIT = "headline.cost_split_cny."
_LITTLE = 0.2  # a lever that shifts no margin by more of its typical size than this does nothing for the target


def plan(
    scenarios: Scenario | Sequence[Scenario],
    levers: Sequence[str | Lever],
    targets: Sequence[str],
    *,
    confidence: float = 0.95,
    budget: int = 2000,
    executor: Executor | None = None,
    out: Path | str | None = None,
    weights: Sequence[float] = (),
    doubt: int = 200,
    seed: int = 1,
    on_done: Callable[[Outcome], None] | None = None,
) -> dict[str, Any]:
    """Find the cheapest policy that meets the targets, and certify it on fresh winters.

    Parameters
    ----------
    scenarios : Scenario or sequence of Scenario
        Several: a robust plan over all of them.
    levers : sequence of str or Lever
        As :func:`heatseason.sim.study.levers.read_levers` reads them.
    targets : sequence of str
        As :func:`heatseason.sim.study.targets.read_targets` reads them.
    confidence : float
        Of the certificate.
    budget : int
        Seasons at most, those in doubt apart.
    executor : Executor, optional
        Serial when left out.
    out : path, optional
        Folder that keeps what was played: run again, it goes on.
    weights : sequence of float
        Of the scenarios, for winters drawn from all of them; none: the target must be met in each.
    doubt : int
        Further winters with every uncertain parameter drawn from its range; 0: none.
    seed : int
        Of the design.
    on_done : callable, optional
        Told of every outcome.

    Returns
    -------
    dict
        JSON values; docs/plan.md tells them.

    Raises
    ------
    InputError
        With everything that is wrong with levers, targets and their paths.
    """
    begun = time.perf_counter()
    chosen = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    texts = [lever for lever in levers if isinstance(lever, str)]
    rows = [*(lever for lever in levers if isinstance(lever, Lever)), *(read_levers(texts) if texts else ())]
    goals, means = read_targets(targets)
    _check(chosen, rows, confidence, budget, weights)
    with contextlib.ExitStack() as stack:
        folder = Path(out) if out is not None else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        studies = [
            stack.enter_context(Study(folder if len(chosen) == 1 else folder / f"{n}-{s.name}", s, about={"plan": 1}))
            for n, s in enumerate(chosen)
        ]
        winters = Winters(studies, rows, goals, means, executor, tuple(weights), on_done)
        told, policy = winters.suggested()
        search = Search(
            winters.decision(policy), winters, budget=budget, confidence=confidence,
            per_winter=winters.per_winter, seed=seed,
        )  # fmt: skip
        found = search.run()
        document = _document(search, found, winters, told, confidence, budget)
        if doubt and found.status in ("certified", "not_certified"):
            document["doubt"] = _doubted(winters, found.policy, doubt, confidence)
        if len(chosen) > 1:
            document["robust"] = _robust(winters, search, found, seed)
        document["played"] = winters.played
        document["elapsed_s"] = time.perf_counter() - begun
        return document


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
            tuple(mean.level for mean in self.means),
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
        households = int(ground_of(study.base.network).arrays.cohort_households.sum())
        return suggested(study.base, self.levers, households, numbers)

    def __call__(self, policies: Sequence[Policy], winters: Sequence[int]) -> Floats:
        """Return costs, margins and limited numbers, shape (policy, winter, column)."""
        points = [self.changes(policy) for policy in policies]
        pairs = [(row, winter) for row in range(len(points)) for winter in winters]
        if self.weights:
            world = {winter: self._world(winter) for winter in winters}
            found = np.full((len(pairs), self._columns), np.nan)
            for number, study in enumerate(self.studies):
                mine = [at for at, (_, winter) in enumerate(pairs) if world[winter] == number]
                for at, numbers in zip(mine, self.numbers(study, points, [pairs[at] for at in mine]), strict=True):
                    found[at] = self._measured(numbers)
            return found.reshape(len(points), len(winters), -1)
        parts = [
            np.array([self._measured(numbers) for numbers in self.numbers(study, points, pairs)])
            for study in self.studies
        ]
        count = len(self.conditions)
        whole = np.concatenate(
            [
                np.mean([part[:, :1] for part in parts], axis=0),
                *(part[:, 1 : 1 + count] for part in parts),
                np.max([part[:, 1 + count :] for part in parts], axis=0),
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

    def measured(self, numbers: Mapping[str, float] | None) -> Floats:
        """Return one winter's margins; broken all where it failed."""
        return self._measured(numbers)[1 : 1 + len(self.conditions)]

    @property
    def _columns(self) -> int:
        return 1 + len(self.conditions) + len(self.means)

    def _measured(self, numbers: Mapping[str, float] | None) -> Floats:
        if numbers is None:
            return np.full(self._columns, np.nan)
        margins = [condition.margin(numbers) for condition in self.conditions]
        limited = [numbers.get(mean.path, math.nan) for mean in self.means]
        return np.array([numbers[_COST], *(math.nan if m is None else m for m in margins), *limited])

    def _wanted(self, name: str) -> bool:
        paths = {c.path for c in self.conditions if not c.clause} | {mean.path for mean in self.means}
        clause = name.startswith("clauses.") and name[8:].rpartition(".")[0] in {c.path for c in self.conditions}
        return clause or name == _COST or name.startswith((_SPLIT, "headline.crew_hours")) or name in paths

    def _world(self, winter: int) -> int:
        """Return the scenario that a winter is drawn from."""
        shares = np.cumsum(np.array(self.weights) / sum(self.weights))
        return min(int(np.searchsorted(shares, stream(1, winter, "plan.world").random())), len(self.weights) - 1)

    def _check_paths(self, numbers: Mapping[str, float]) -> None:
        wanted = [c.path for c in self.conditions if not c.clause] + [mean.path for mean in self.means]
        known = list(self.studies[0].ledger.names())
        problems = [
            Problem("--target", path, "a number of the ledger", did_you_mean(path, known))
            for path in wanted
            if path not in numbers
        ]
        if problems:
            raise InputError(problems)


def _check(
    scenarios: Sequence[Scenario], levers: Sequence[Lever], confidence: float, budget: int, weights: Sequence[float]
) -> None:
    problems: list[Problem] = []
    if not 0.5 <= confidence < 1.0:
        problems.append(Problem("--confidence", f"{confidence:g}", "from 0.5 up to, not including, 1"))
    if budget < 1:
        problems.append(Problem("--budget", str(budget), "at least one season"))
    if weights and (len(weights) != len(scenarios) or min(weights) <= 0):
        problems.append(Problem("--weight", str(list(weights)), f"{len(scenarios)} weights above 0"))
    size = math.prod(len(lever.settings) for lever in levers)
    if size > LARGEST_GRID:
        problems.append(Problem("--levers", f"{size:,} policies", f"at most {LARGEST_GRID:,}", "take wider steps"))
    seen: dict[str, str] = {}
    for lever in levers:
        for path in lever.settings[0].changes:
            if seen.setdefault(path, lever.name) != lever.name and not path.endswith(".kind"):
                problems.append(Problem("--levers", lever.name, f"no path that {seen[path]} moves too", path))
        for setting in (lever.settings[0], lever.settings[-1], *lever.settings[1:-1]):
            try:
                for scenario in scenarios:
                    scenario_at(scenario, setting.changes)
            except ScenarioError as error:
                problems += [Problem(p.path, p.found, p.wanted, p.hint, f"--levers {lever.name}")
                             for p in error.problems]  # fmt: skip
                break
    if problems:
        raise InputError(problems)


# ---------------------------------------------------------------------- the document


def _document(
    search: Search, found: Found, winters: Winters, told: Mapping[str, float], confidence: float, budget: int
) -> dict[str, Any]:
    base = winters.studies[0].base
    document: dict[str, Any] = {
        "scenario": base.name,
        "scenarios": [study.base.name for study in winters.studies],
        "weights": list(winters.weights),
        "network": base.network,
        "seed": base.seed,
        "confidence": confidence,
        "budget": budget,
        "seasons": search.seasons,
        "needed_seasons": found.needed,
        "policies": len(search.grid),
        "searched": {"policies": len(search.design), "winters": len(search._winters) if search.design else 0},
        "status": found.status,
        "targets": [
            {"text": t.text, "share": t.share, "conditions": [c.text for c in t.conditions]} for t in winters.targets
        ],
        "limits": [mean.text for mean in winters.means],
        "policy": {
            lever.name: lever.settings[row].label for lever, row in zip(winters.levers, found.policy, strict=True)
        },
        "changes": winters.changes(found.policy),
        "attempts": [_attempt(attempt, winters, confidence) for attempt in found.attempts],
        "certificate": None,
    }
    if not search.design:
        document |= {"levers": [], "rows": [], "prices": [], "price_of_one_percent": None, "cost": None}
        return document
    document["levers"] = _levers(search, found, winters, told)
    document["rows"] = [_row(search, row, found.policy, winters) for row in found.rows]
    prices, one = search.prices()
    conditions = _names(winters)
    document["prices"] = [
        {"condition": name, "saves_cny": _finite(price)} for name, price in zip(conditions, prices, strict=True)
    ]
    document["price_of_one_percent"] = _finite(one)
    if attempt := found.certified:
        document["certificate"] = _attempt(attempt, winters, confidence)
        document["cost"] = _cost(attempt, winters)
    else:
        document["cost"] = None
    if found.status == "infeasible":
        document["infeasible"] = _infeasible(search, found, winters)
    return document


def _labels(winters: Winters, policy: Policy) -> dict[str, str]:
    return {lever.name: lever.settings[row].label for lever, row in zip(winters.levers, policy, strict=True)}


def _names(winters: Winters) -> list[str]:
    """Return the conditions, by scenario where there are several."""
    if winters.worlds == 1:
        return [condition.text for condition in winters.conditions]
    return [f"{c.text} ({study.base.name})" for study in winters.studies for c in winters.conditions]


def _attempt(attempt: Attempt, winters: Winters, confidence: float) -> dict[str, Any]:
    targets = [t for _ in range(winters.worlds) for t in winters.targets]
    return {
        "policy": _labels(winters, attempt.policy),
        "first_winter": attempt.first,
        "winters": attempt.winters,
        "looks": attempt.looks,
        "alpha": attempt.alpha,
        "passed": attempt.passed,
        "foreseen": attempt.foreseen,
        "cost_cny": _finite(attempt.cost_cny),
        "cost_se_cny": _finite(attempt.cost_se),
        "kept": [
            {
                "target": target.text,
                "winters": attempt.winters - failures,
                "share": (attempt.winters - failures) / attempt.winters,
                "at_least": at_least(attempt.winters - failures, attempt.winters, confidence),
            }
            for target, failures in zip(targets, attempt.failures, strict=True)
        ],
        "broken": dict(zip(_names(winters), attempt.broken, strict=True)),
    }


def _levers(search: Search, found: Found, winters: Winters, told: Mapping[str, float]) -> list[dict[str, Any]]:
    effects = search.effects()
    names = _names(winters)
    listed = []
    for n, lever in enumerate(winters.levers):
        row = found.policy[n]
        costs = [float(np.mean(search.cost[search.grid[:, n] == at])) for at in (0, len(lever.settings) - 1)]
        listed.append(
            {
                "name": lever.name,
                "title": {"zh": lever.title_zh, "en": lever.title_en},
                "unit": lever.unit,
                "settings": [setting.label for setting in lever.settings],
                "chosen": lever.settings[row].label,
                "end": "least" if row == 0 else "most" if row == len(lever.settings) - 1 else "",
                "suggested": told.get(lever.name),
                "shifts": {name: float(effects[c, n]) for c, name in enumerate(names)},
                "cost_over_range_cny": costs[1] - costs[0],
                "does_nothing": bool(np.abs(effects[:, n]).max() < _LITTLE),
                "contrary": [names[c] for c in range(len(names)) if (c, n) in search.contrary],
            }
        )
    return listed


def _row(search: Search, row: Row, answer: Policy, winters: Winters) -> dict[str, Any]:
    less = [
        lever.name
        for n, lever in enumerate(winters.levers)
        if row.policy == (*answer[:n], answer[n] - 1, *answer[n + 1 :])
    ]
    return {
        "policy": _labels(winters, row.policy),
        "role": "answer" if row.policy == answer else "less" if less else "frontier",
        "less_of": less[0] if less else "",
        "winters": row.winters,
        "kept": row.kept,
        "at_least": search.share_at_least(row),
        "broken": dict(zip(_names(winters), row.broken, strict=True)),
        "cost_cny": row.cost_cny,
    }


def _cost(attempt: Attempt, winters: Winters) -> dict[str, Any]:
    """Return what the policy costs, split as a season splits it, over the certificate's winters."""
    study, changes = winters.studies[0], winters.changes(attempt.policy)
    pairs = [(0, winter) for winter in range(attempt.first, attempt.first + attempt.winters)]
    if winters.weights:
        pairs = [pair for pair in pairs if winters._world(pair[1]) == 0]
    known = [numbers for numbers in winters.numbers(study, [changes], pairs) if numbers]
    split = {
        name.removeprefix(_SPLIT): float(np.mean([numbers.get(name, 0.0) for numbers in known]))
        for name in sorted({name for numbers in known for name in numbers if name.startswith(_SPLIT)})
    }
    own = {
        lever.name: lever.settings[row].cost_cny
        for lever, row in zip(winters.levers, attempt.policy, strict=True)
        if lever.settings[row].cost_cny
    }
    return {"mean_cny": attempt.cost_cny, "se_cny": _finite(attempt.cost_se), "split_cny": split, "levers_cny": own}


def _infeasible(search: Search, found: Found, winters: Winters) -> dict[str, Any]:
    """Return which conditions forbid it even at the most hopeful policy, and what would be needed."""
    attempt = next(a for a in found.attempts if a.policy == found.policy)
    names, effects = _names(winters), search.effects()
    targets = [target for _ in range(winters.worlds) for target in winters.targets]
    forbidding = []
    for column in np.argsort([-broken for broken in attempt.broken]).tolist():
        if not attempt.broken[column]:
            continue
        goals = zip(targets, search.problem.goals, strict=True)
        share = max((target.share for target, goal in goals if column in goal.columns), default=1.0)
        broken = attempt.broken[column] / attempt.winters
        condition = winters.conditions[column % len(winters.conditions)]
        study = winters.studies[column // len(winters.conditions)]
        forbidding.append(
            {
                "condition": names[column],
                "broken_share": broken,
                "alone": broken > 1.0 - share,
                "level_kept": _level(condition, study, attempt, winters, share),
                "more_of": [
                    lever.name
                    for n, lever in enumerate(winters.levers)
                    if effects[column, n] > _LITTLE and found.policy[n] == len(lever.settings) - 1
                ],
            }
        )
    return {"forbidding": forbidding}


def _level(condition: Condition, study: Study, attempt: Attempt, winters: Winters, share: float) -> float | None:
    """Return the level of a condition that the winters of an attempt do keep in such a share."""
    pairs = [(0, winter) for winter in range(attempt.first, attempt.first + attempt.winters)]
    values = []
    for numbers in winters.numbers(study, [winters.changes(attempt.policy)], pairs):
        if numbers is None:
            continue
        if not condition.clause:
            values.append(numbers[condition.path])
        elif judged := numbers.get(f"clauses.{condition.path}.judged", 0.0):
            values.append(numbers[f"clauses.{condition.path}.met"] / judged)
    if not values:
        return None
    wanted = 1.0 - share if condition.sense == ">=" else share
    return float(np.quantile(values, wanted, method="lower" if condition.sense == ">=" else "higher"))


def _doubted(winters: Winters, policy: Policy, count: int, confidence: float) -> dict[str, Any]:
    """Return how many winters are kept when every uncertain parameter is drawn from its range, anew each winter."""
    changes = winters.changes(policy)
    kept = np.zeros((len(winters.targets), count), dtype=np.bool_)
    broken = np.zeros(len(winters.conditions), dtype=np.int64)
    inputs: list[Input] = []
    worlds = [winters._world(_DOUBT + n) if winters.weights else n % len(winters.studies) for n in range(count)]
    for world, study in enumerate(winters.studies):
        inputs = [i for i in inputs_of(study.base) if i.path not in changes]
        mine = [n for n in range(count) if worlds[n] == world]
        points = [{**changes, **_drawn(study.base, changes, inputs, _DOUBT + n)} for n in mine]
        pairs = [(row, _DOUBT + n) for row, n in enumerate(mine)]
        for n, numbers in zip(mine, winters.numbers(study, points, pairs), strict=True):
            margins = winters.measured(numbers)
            broken += (margins < 0) | (numbers is None)
            for row, target in enumerate(winters.targets):
                of = [winters.conditions.index(c) for c in target.conditions]
                kept[row, n] = numbers is not None and not (margins[of] < 0).any()
    return {
        "winters": count,
        "parameters": len(inputs),
        "kept": [
            {
                "target": target.text,
                "winters": int(kept[row].sum()),
                "at_least": at_least(int(kept[row].sum()), count, confidence),
                "share": float(kept[row].mean()),
            }
            for row, target in enumerate(winters.targets)
        ],
        "broken": {c.text: int(n) for c, n in zip(winters.conditions, broken.tolist(), strict=True)},
    }


def _drawn(base: Scenario, changes: Mapping[str, Any], inputs: Sequence[Input], winter: int) -> dict[str, Any]:
    """Return parameters drawn evenly from their ranges; those that do not go together are drawn again."""
    chance = stream(base.seed, winter, "plan.doubt")
    for _ in range(100):
        drawn = {i.path: i.at(float(share)) for i, share in zip(inputs, chance.random(len(inputs)), strict=True)}
        with contextlib.suppress(ScenarioError):
            scenario_at(base, {**changes, **drawn})
            return drawn
    raise InputError([Problem("", base.name, "parameters whose ranges go together")])


def _robust(winters: Winters, search: Search, found: Found, seed: int) -> dict[str, Any]:
    """Return the regret of the answer, and of each scenario's own plan, in every scenario, as the search foresees."""
    alone: list[tuple[str, Policy]] = []
    worlds: list[Search] = []
    for study in winters.studies:
        own = Winters([study], winters.levers, winters.targets, winters.means, winters.executor)
        one = Search(own.decision(found.policy), own, budget=search.budget, seed=seed)
        one.design, one._winters = list(search.design), search._winters
        one.played = own([search._policy(row) for row in search.design], search._winters)
        one._fit()
        row = one._candidate(one._share())
        alone.append((study.base.name, one._policy(one._hopeful() if row is None else row)))
        worlds.append(one)
    rows = []
    for name, policy in [("robust", found.policy), *alone]:
        cells = []
        for one, (_, best) in zip(worlds, alone, strict=True):
            at, least = one._row(policy), one._row(best)
            cells.append(
                {
                    "kept": float(one.foreseen()[at]),
                    "regret_cny": float(one.cost[at] - one.cost[least]),
                    "cost_cny": float(one.cost[at]),
                }
            )
        rows.append(
            {
                "plan": name,
                "policy": _labels(winters, policy),
                "in": cells,
                "worst_regret_cny": max(cell["regret_cny"] for cell in cells),
            }
        )
    return {"scenarios": [name for name, _ in alone], "rows": rows}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
