"""Doubt, repetition and regret: a policy in winters with parameters drawn anew, in others yet, in other scenarios."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...network_models.problems import InputError, Problem, ScenarioError
from ...scenarios.chance import stream
from ...scenarios.scenario import Scenario
from .certificate import at_least, at_most
from .decision import Decision, Found, Policy
from .design import scenario_at
from .foresight import Foresight
from .search import Search
from .sensitivity import Input, inputs_of
from .winters import Winters

__all__ = ["doubted", "regretted", "repeated"]

_DOUBT = 3_000_000  # number of the first winter with drawn parameters
_AGAIN = 4_000_000  # and of the first one that repeats a certificate
_CHUNK = 50  # winters that are played at a time


def doubted(winters: Winters, policy: Policy, count: int, confidence: float) -> dict[str, Any]:
    """Return how many winters are kept when every uncertain parameter is drawn from its range, anew each winter."""
    changes = winters.changes(policy)
    kept = np.zeros((len(winters.targets), count), dtype=np.bool_)
    broken = np.zeros(len(winters.conditions), dtype=np.int64)
    inputs: list[Input] = []
    worlds = [winters.world_of(_DOUBT + n) if winters.weights else n % len(winters.studies) for n in range(count)]
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
            _counted(target.text, int(kept[row].sum()), count, confidence) for row, target in enumerate(winters.targets)
        ],
        "broken": {c.text: int(n) for c, n in zip(winters.conditions, broken.tolist(), strict=True)},
    }


def repeated(winters: Winters, decision: Decision, policy: Policy, count: int, confidence: float) -> dict[str, Any]:
    """Return how many of so many winters that nothing was chosen or certified on keep each target."""
    first = range(_AGAIN, _AGAIN + count, _CHUNK)
    parts = [winters([policy], range(begin, min(begin + _CHUNK, _AGAIN + count)))[0] for begin in first]
    values = np.concatenate(parts)
    targets = [target for _ in range(winters.worlds) for target in winters.targets]
    return {
        "first_winter": _AGAIN,
        "winters": count,
        "kept": [
            _counted(target.text, count - failures, count, confidence)
            | {"at_most": at_most(count - failures, count, confidence)}
            for target, failures in zip(targets, decision.failures(values), strict=True)
        ],
        "broken": dict(zip(winters.names(), decision.broken(values), strict=True)),
    }


def _counted(target: str, kept: int, winters: int, confidence: float) -> dict[str, Any]:
    """Return how many winters kept a target, and the share of them that is proved."""
    return {
        "target": target, "winters": kept, "share": kept / winters, "at_least": at_least(kept, winters, confidence),
    }  # fmt: skip


def _drawn(base: Scenario, changes: Mapping[str, Any], inputs: Sequence[Input], winter: int) -> dict[str, Any]:
    """Return parameters drawn evenly from their ranges; those that do not go together are drawn again."""
    chance = stream(base.seed, winter, "plan.doubt")
    for _ in range(100):
        drawn = {i.path: i.at(float(share)) for i, share in zip(inputs, chance.random(len(inputs)), strict=True)}
        with contextlib.suppress(ScenarioError):
            scenario_at(base, {**changes, **drawn})
            return drawn
    raise InputError([Problem("", base.name, "parameters whose ranges go together")])


def regretted(winters: Winters, search: Search, found: Found) -> dict[str, Any]:
    """Return the regret of the answer, and of each scenario's own plan, in every scenario, as the search foresees."""
    alone: list[tuple[str, Policy]] = []
    worlds: list[Foresight] = []
    for study in winters.studies:
        own = Winters([study], winters.levers, winters.targets, winters.means, winters.executor)
        one = Foresight(own.decision(found.policy))
        played = [search.foresight.policy(row) for row in search.foresight.design]
        one.learn(search.foresight.design, own(played, search.winters))
        alone.append((study.base.name, one.policy(one.best(one.share))))
        worlds.append(one)
    rows = []
    for name, policy in [("robust", found.policy), *alone]:
        cells = []
        for one, (_, best) in zip(worlds, alone, strict=True):
            at, least = one.row_of(policy), one.row_of(best)
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
                "policy": winters.labels(policy),
                "in": cells,
                "worst_regret_cny": max(cell["regret_cny"] for cell in cells),
            }
        )
    return {"scenarios": [name for name, _ in alone], "rows": rows}
