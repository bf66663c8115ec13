"""Doubt, repetition and regret: a policy in winters with parameters drawn anew, in others yet, in other scenarios."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.problems import InputError, Problem, ScenarioError
from ...scenarios.chance import stream
from ...scenarios.scenario import Scenario
from .certificate import at_least, at_most
from .decision import Decision, Found, Policy
from .design import scenario_at
from .foresight import Foresight
from .search import Search
from .sensitivity import Input, inputs_of
from .targets import Target
from .winters import Winters

__all__ = ["doubted", "regretted", "repeated"]

Floats = npt.NDArray[np.float64]
_DOUBT = 3_000_000  # number of the first winter with drawn parameters
_AGAIN = 4_000_000  # and of the first one that repeats a certificate
_CHUNK = 50  # winters that are played at a time


def doubted(winters: Winters, policy: Policy, count: int, confidence: float) -> dict[str, Any]:
    """Return how many winters are kept when every uncertain parameter is drawn from its range, anew each winter.

    Where the target is asked in each of several scenarios they share the winters, and each is counted by itself.
    """
    changes = winters.changes(policy)
    several = len(winters.studies)
    worlds = [winters.world_of(_DOUBT + n) if winters.weights else n % several for n in range(count)]
    paths: set[str] = set()
    margins: list[list[Floats]] = [[] for _ in range(winters.worlds)]
    for world, study in enumerate(winters.studies):
        inputs = [i for i in inputs_of(study.base) if i.path not in changes]
        paths.update(i.path for i in inputs)
        mine = [n for n in range(count) if worlds[n] == world]
        points = [{**changes, **_drawn(study.base, changes, inputs, _DOUBT + n)} for n in mine]
        pairs = [(row, _DOUBT + n) for row, n in enumerate(mine)]
        of = [
            np.full(len(winters.conditions), -1.0) if numbers is None else winters.measured(numbers, policy)
            for numbers in winters.numbers(study, points, pairs)
        ]
        margins[world % winters.worlds] += of
    lost = [np.array(of).reshape(len(of), len(winters.conditions)) < 0 for of in margins]
    kept = [
        int((~of[:, [winters.conditions.index(c) for c in target.conditions]].any(axis=1)).sum())
        for of in lost
        for target in winters.targets
    ]
    counts = [len(of) for of in lost for _ in winters.targets]
    broken = [float(share) for of in lost for share in of.sum(axis=0) / max(len(of), 1)]
    return {
        "winters": count,
        "parameters": len(paths),
        "kept": [_counted(*row, confidence) for row in zip(winters.asked(), kept, counts, strict=True)],
        "broken_share": dict(zip(winters.names(), broken, strict=True)),
    }


def repeated(winters: Winters, decision: Decision, policy: Policy, count: int, confidence: float) -> dict[str, Any]:
    """Return how many of so many winters that nothing was chosen or certified on keep each target."""
    first = range(_AGAIN, _AGAIN + count, _CHUNK)
    parts = [winters([policy], range(begin, min(begin + _CHUNK, _AGAIN + count)))[0] for begin in first]
    values = np.concatenate(parts)
    return {
        "first_winter": _AGAIN,
        "winters": count,
        "kept": [
            _counted(asked, count - failures, count, confidence)
            | {"at_most": at_most(count - failures, count, confidence)}
            for asked, failures in zip(winters.asked(), decision.failures(values), strict=True)
        ],
        "broken": dict(zip(winters.names(), decision.broken(values), strict=True)),
    }


def _counted(asked: tuple[str, Target], kept: int, of: int, confidence: float) -> dict[str, Any]:
    """Return how many winters kept a target, and the share of them that is proved."""
    return {
        "scenario": asked[0], "target": asked[1].text, "winters": kept, "of": of, "share": kept / max(of, 1),
        "at_least": at_least(kept, of, confidence),
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
        own = Winters(
            [study], winters.levers, winters.targets, winters.means, winters.executor, on_done=winters.on_done
        )
        one = Foresight(own.decision(found.policy))
        played = [search.foresight.policy(row) for row in search.foresight.design]
        one.learn(search.foresight.design, own(played, search.winters))
        winters.played += own.played
        alone.append((study.base.name, one.policy(one.best(one.share))))
        worlds.append(one)
    rows = []
    for name, policy in [("robust", found.policy), *alone]:
        cells = []
        for one, (_, best) in zip(worlds, alone, strict=True):
            at, least = one.row_of(policy), one.row_of(best)
            cells.append(
                {
                    "kept": float(one.kept()[at]),
                    "limit_passed": bool(one.beyond()[at] > 0.0),
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
    beyond = (len(worlds) - winters.worlds) * len(search.foresight.design) * len(search.winters)
    return {"scenarios": [name for name, _ in alone], "rows": rows, "seasons": beyond}
