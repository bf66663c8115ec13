"""The answer of a plan as JSON values: the policy, its certificate and cost, what binds, and what forbids it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..guide.clause import default_guide
from ..guide.overlay import overlaid
from .certificate import at_least
from .decision import Attempt, Found, Policy, Row
from .design import scenario_at
from .foresight import Foresight
from .levers import known_levers
from .search import Search
from .targets import Condition
from .winters import SPLIT, Winters

__all__ = ["document_of"]

_LITTLE = 0.2  # of a margin's typical size, and of the winters that may be lost: a lever that shifts less does nothing


def document_of(
    search: Search, found: Found, winters: Winters, told: Mapping[str, float], confidence: float, budget: int
) -> dict[str, Any]:
    """Return the answer: policy, certificate, cost, levers, what binds, and what forbids it where nothing passes."""
    base, fore = winters.studies[0].base, search.foresight
    changes = winters.changes(found.policy) if fore.design else {}
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
        "policies": len(fore.grid),
        "searched": {"policies": len(fore.design), "winters": len(search.winters)},
        "status": found.status,
        "targets": [
            {"text": t.text, "share": t.share, "conditions": [c.text for c in t.conditions]} for t in winters.targets
        ],
        "limits": [mean.text for mean in winters.means],
        "policy": winters.labels(found.policy) if fore.design else {},
        "changes": changes,
        "overrides": _overrides(winters, changes),
        "attempts": [_attempt(attempt, winters, confidence) for attempt in found.attempts],
        "certificate": None,
    }
    if not fore.design:
        document |= {"idle": [], "levers": [], "rows": [], "prices": [], "price_of_one_percent": None, "cost": None}
        return document
    document["idle"] = [name for n, name in enumerate(winters.names()) if np.isnan(fore.played[:, :, 1 + n]).all()]
    document["levers"] = _levers(fore, found, winters, told)
    document["rows"] = [_row(search, row, found, winters) for row in found.rows]
    less = [_less_of(policy, found.policy, winters) for policy in found.unplayed]
    document["unplayed"] = {"less_of": [name for name in less if name], "others": less.count("")}
    prices, one = fore.prices()
    conditions = winters.names()
    document["prices"] = [
        {"condition": name, "saves_cny": _finite(price)} for name, price in zip(conditions, prices, strict=True)
    ]
    document["price_of_one_percent"] = _finite(one)
    if attempt := found.certified:
        document["certificate"] = _attempt(attempt, winters, confidence)
        document["cost"] = _cost(attempt, winters)
    else:
        document["cost"] = None
    if denial := found.denial:
        document["infeasible"] = _infeasible(search, denial, winters, confidence)
    return document


def _overrides(winters: Winters, changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the guide's numbers that a scenario or the policy changes: what is certified is kept under these."""
    several = len(winters.studies) > 1
    return [
        {"scenario": study.base.name if several else "", **override.model_dump(exclude={"origin"})}
        for study in winters.studies
        for override in overlaid(default_guide(), scenario_at(study.base, changes).guide).overrides
    ]


def _attempt(attempt: Attempt, winters: Winters, confidence: float) -> dict[str, Any]:
    return {
        "policy": winters.labels(attempt.policy),
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
                "scenario": scenario,
                "target": target.text,
                "winters": attempt.winters - failures,
                "share": (attempt.winters - failures) / attempt.winters,
                "at_least": at_least(attempt.winters - failures, attempt.winters, confidence),
                "refuted": number in attempt.refuted,
            }
            for number, ((scenario, target), failures) in enumerate(zip(winters.asked(), attempt.failures, strict=True))
        ],
        "limits": [
            {"scenario": scenario, "limit": limit.text, "mean": _finite(mean), "exceeded": number in attempt.exceeded}
            for number, ((scenario, limit), mean) in enumerate(zip(winters.limited(), attempt.means, strict=False))
        ],
        "broken": dict(zip(winters.names(), attempt.broken, strict=True)),
    }


def _levers(fore: Foresight, found: Found, winters: Winters, told: Mapping[str, float]) -> list[dict[str, Any]]:
    effects, kept, limited = fore.effects(), fore.kept_effects(), fore.limit_effects()
    names = winters.names()
    listed = []
    for n, lever in enumerate(winters.levers):
        row = found.policy[n]
        costs = [float(np.mean(fore.cost[fore.grid[:, n] == at])) for at in (0, len(lever.settings) - 1)]
        listed.append(
            {
                "name": lever.name,
                "title": {"zh": lever.title_zh, "en": lever.title_en},
                "unit": lever.unit,
                "settings": [setting.label for setting in lever.settings],
                "cost_source": {"zh": lever.cost_source_zh, "en": lever.cost_source_en},
                "chosen": lever.settings[row].label,
                "end": _end(row, len(lever.settings)),
                "suggested": told.get(lever.name),
                "shifts": {name: float(effects[c, n]) for c, name in enumerate(names)},
                "cost_over_range_cny": costs[1] - costs[0],
                "does_nothing": bool(
                    np.abs(effects[:, n]).max() < _LITTLE
                    and np.abs(kept[:, n]).max() < _LITTLE * (1.0 - fore.share)
                    and limited[:, n].max(initial=0.0) < _LITTLE
                ),
                "contrary": [names[c] for c in range(len(names)) if (c, n) in fore.contrary],
            }
        )
    return listed


def _end(row: int, settings: int) -> str:
    """Return at which end of its range a lever stands; one with a single setting is fixed."""
    if settings == 1:
        return "fixed"
    return "least" if row == 0 else "most" if row == settings - 1 else ""


def _less_of(policy: Policy, answer: Policy, winters: Winters) -> str:
    """Return the lever of which a policy has one step less than the answer, or nothing."""
    for n, lever in enumerate(winters.levers):
        if policy == (*answer[:n], answer[n] - 1, *answer[n + 1 :]):
            return lever.name
    return ""


def _row(search: Search, row: Row, found: Found, winters: Winters) -> dict[str, Any]:
    less = _less_of(row.policy, found.policy, winters)
    cheaper = found.certified is not None and row.cost_cny < found.rows[0].cost_cny
    return {
        "policy": winters.labels(row.policy),
        "role": "answer" if row.policy == found.policy else "less" if less else "frontier",
        "less_of": less,
        "untried": search.untried(row.policy, found) if less and cheaper else "",
        "dominated": found.dominated(row),
        "winters": row.winters,
        "kept": row.kept,
        "at_least": search.share_at_least(row, len(found.rows)),
        "broken": dict(zip(winters.names(), row.broken, strict=True)),
        "cost_cny": row.cost_cny,
    }


def _cost(attempt: Attempt, winters: Winters) -> dict[str, Any]:
    """Return what the policy costs, split as a season splits it, over the certificate's winters in all scenarios."""
    known = [numbers for of in _played(attempt, winters) for numbers in of]
    split = {
        name.removeprefix(SPLIT): float(np.mean([numbers.get(name, 0.0) for numbers in known]))
        for name in sorted({name for numbers in known for name in numbers if name.startswith(SPLIT)})
    }
    own = {
        lever.name: lever.settings[row].cost_cny
        for lever, row in zip(winters.levers, attempt.policy, strict=True)
        if lever.settings[row].cost_cny
    }
    return {"mean_cny": attempt.cost_cny, "se_cny": _finite(attempt.cost_se), "split_cny": split, "levers_cny": own}


def _infeasible(search: Search, attempt: Attempt, winters: Winters, confidence: float) -> dict[str, Any]:
    """Return which conditions and limits forbid it even at the most hopeful policy, and what would be needed."""
    names, effects, played = winters.names(), search.foresight.effects(), _played(attempt, winters)
    library, told = known_levers(), _attempt(attempt, winters, confidence)
    forbidding = []
    for column in np.argsort([-broken for broken in attempt.broken]).tolist():
        if not attempt.broken[column]:
            continue
        share = max((goal.share for goal in search.decision.goals if column in goal.columns), default=1.0)
        world, number = divmod(column, len(winters.conditions))
        condition = winters.conditions[number]
        forbidding.append(
            {
                "condition": names[column],
                "broken_share": attempt.broken[column] / attempt.winters,
                "alone": attempt.broken[column] > (1.0 - share) * attempt.winters,
                "level_kept": _level(condition, played[world], share),
                "more_of": [
                    lever.name
                    for n, lever in enumerate(winters.levers)
                    if effects[column, n] > _LITTLE and attempt.policy[n] == len(lever.settings) - 1
                ],
                "not_asked": [
                    name
                    for name, row in library.items()
                    if condition.path in row.helps and name not in {lever.name for lever in winters.levers}
                ],
            }
        )
    return {"attempt": told, "forbidding": forbidding, "limits": [row for row in told["limits"] if row["exceeded"]]}


def _played(attempt: Attempt, winters: Winters) -> list[list[dict[str, float]]]:
    """Return the numbers of an attempt's winters, those that could not be played left out.

    By scenario, as :meth:`Winters.asked` counts them: scenarios with weights are one.
    """
    pairs = [(0, winter) for winter in range(attempt.first, attempt.first + attempt.winters)]
    played: list[list[dict[str, float]]] = [[] for _ in range(winters.worlds)]
    for world, study in enumerate(winters.studies):
        mine = [pair for pair in pairs if not winters.weights or winters.world_of(pair[1]) == world]
        numbers = winters.numbers(study, [winters.changes(attempt.policy)], mine)
        played[world % winters.worlds] += [winters.priced(each, attempt.policy) for each in numbers if each is not None]
    return played


def _level(condition: Condition, played: Sequence[Mapping[str, float]], share: float) -> float | None:
    """Return the level of a condition that winters do keep in such a share."""
    values = []
    for numbers in played:
        if not condition.clause:
            values.append(numbers[condition.path])
        elif judged := numbers.get(f"clauses.{condition.path}.judged", 0.0):
            values.append(numbers[f"clauses.{condition.path}.met"] / judged)
    if not values:
        return None
    wanted = 1.0 - share if condition.sense == ">=" else share
    return float(np.quantile(values, wanted, method="lower" if condition.sense == ">=" else "higher"))


def _finite(value: float) -> float | None:
    """Return a number as JSON has it: none where it is not finite."""
    return value if math.isfinite(value) else None
