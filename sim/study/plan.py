"""Plan: the cheapest policy that meets a target, with a certificate, and what stands behind it.

The search and its certificate are :mod:`search`'s; :mod:`winters` plays policies as scenarios, :mod:`answer` makes one
JSON document of what was found, :mod:`doubt` asks how far it holds elsewhere. Several scenarios make a robust plan:
*worst* wants the target in each of them; weights make one winter of them, drawn anew every winter.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...network_models.problems import InputError, NetworkError, Problem, ScenarioError
from ...scenarios.scenario import Scenario
from ..run import ground_of
from .answer import document_of
from .case import Outcome
from .design import scenario_at
from .doubt import doubted, regretted, repeated
from .executors import Executor
from .levers import Lever
from .question import read_question
from .search import Search
from .sweep import Study
from .winters import Winters

__all__ = ["plan"]

_LARGEST_GRID = 60_000  # policies


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
    repeat: int = 0,
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
        Seasons at most for search, certificate and explanation; repetition, doubt and the regret of weighted scenarios
        are beyond it, and told apart.
    executor : Executor, optional
        Serial when left out.
    out : path, optional
        Folder that keeps what was played: run again, it goes on.
    weights : sequence of float
        Of the scenarios, for winters drawn from all of them; none: the target must be met in each.
    doubt : int
        Further winters with every uncertain parameter drawn from its range; 0: none.
    repeat : int
        Further winters on which a certified policy is counted again; 0: none.
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
    rows, goals, means = read_question(levers, targets)
    _check(chosen, rows, confidence, budget, weights)
    with contextlib.ExitStack() as stack:
        folder = Path(out) if out is not None else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places = [folder] if len(chosen) == 1 else [folder / f"{n}-{s.name}" for n, s in enumerate(chosen)]
        studies = [
            stack.enter_context(Study(place, s, about={"plan": 1}, relative_margins=True))
            for place, s in zip(places, chosen, strict=True)
        ]
        winters = Winters(studies, rows, goals, means, executor, tuple(weights), on_done)
        told, policy = winters.suggested()
        search = Search(
            winters.decision(policy), winters, budget=budget, confidence=confidence,
            per_winter=winters.per_winter, spent=1, seed=seed,  # one winter was played for what theory suggests
        )  # fmt: skip
        found = search.run()
        document = document_of(search, found, winters, told, confidence, budget)
        document["known"] = max(search.seasons - winters.played, 0)
        document["elapsed_s"] = time.perf_counter() - begun
        if repeat and found.status == "certified":
            document["repeated"] = repeated(winters, search.decision, found.policy, repeat, confidence)
        if doubt and found.status in ("certified", "not_certified"):
            document["doubt"] = doubted(winters, found.policy, doubt, confidence)
        if len(chosen) > 1 and search.foresight.design:
            document["robust"] = regretted(winters, search, found)
        document["beyond"] = {
            "repeated": repeat * winters.per_winter if "repeated" in document else 0,
            "doubt": doubt if "doubt" in document else 0,
            "robust": document["robust"]["seasons"] if "robust" in document else 0,
            "elapsed_s": time.perf_counter() - begun - document["elapsed_s"],
        }
        document["played"] = winters.played
        return document


def _check(
    scenarios: Sequence[Scenario], levers: Sequence[Lever], confidence: float, budget: int, weights: Sequence[float]
) -> None:
    problems: list[Problem] = []
    if not 0.5 <= confidence < 1.0:
        problems.append(Problem("--confidence", f"{confidence:g}", "from 0.5 up to, not including, 1"))
    if budget < 1:
        problems.append(Problem("--budget", str(budget), "at least one season"))
    if weights and (len(weights) != len(scenarios) or min(weights) <= 0):
        problems.append(
            Problem("--weight", str(list(weights)), f"{len(scenarios)} weights above 0, one for each scenario")
        )
    size = math.prod(len(lever.settings) for lever in levers)
    if size > _LARGEST_GRID:
        problems.append(Problem("--levers", f"{size:,} policies", f"at most {_LARGEST_GRID:,}", "take wider steps"))
    seen: dict[str, str] = {}
    for lever in levers:
        for path in lever.settings[0].changes:
            if seen.setdefault(path, lever.name) != lever.name and not path.endswith(".kind"):
                problems.append(Problem("--levers", lever.name, f"no path that {seen[path]} moves too", path))
        for setting in (lever.settings[0], lever.settings[-1], *lever.settings[1:-1]):
            try:
                for scenario in scenarios:
                    changed = scenario_at(scenario, setting.changes)
                    if setting is lever.settings[-1] and any(path.startswith("edits.") for path in setting.changes):
                        ground_of(changed)  # can so much be built there?
            except (NetworkError, ScenarioError) as error:
                problems += [Problem(p.path, p.found, p.wanted, p.hint, f"--levers {lever.name}")
                             for p in error.problems]  # fmt: skip
                break
    if problems:
        raise InputError(problems)
