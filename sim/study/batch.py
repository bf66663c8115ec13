"""Many winters of one scenario: run, judged and scored one by one, then said as means, errors and quantiles.

A winter is named by (scenario, seed, replication) alone, so the numbers do not depend on who ran it or in what order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...network_models.problems import InputError, ModelError, Problem, ScenarioError, did_you_mean
from ...scenarios.timetable import cross_check
from ..run import ground_of
from .case import Outcome, cases_of, play, play_or_raise
from .executors import Executor, play_all

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["Batch", "check_number", "number_at", "run_many", "spread"]

# What a clause came to over several winters is the first of these that it came to in any of them.
_WORST_FIRST = ("breached", "no_evidence", "open", "met", "excused", "not_triggered", "reported", "not_simulated")


@dataclass(frozen=True, slots=True)
class Batch:
    """Winters of one scenario, in order of replication.

    Attributes
    ----------
    seasons : tuple of Outcome
        Winters that have a result.
    failures : tuple of Outcome
        Winters that could not be played.
    wanted : int
        Replications asked for; more than there are of both when it was interrupted.
    """

    seasons: tuple[Outcome, ...]
    failures: tuple[Outcome, ...]
    wanted: int

    @property
    def interrupted(self) -> bool:
        """Whether it ended before all winters were run."""
        return len(self.seasons) + len(self.failures) < self.wanted

    def values(self, path: str) -> list[float]:
        """Return one number of every winter, e.g. ``headline.calls`` or ``clauses.2.3.compliance``.

        Parameters
        ----------
        path : str
            Keys joined by dots; a clause is named by its id.

        Returns
        -------
        list of float
            By replication; NaN where a winter has no such number (a clause that was not triggered).
        """
        return [number_at(season.document, path) for season in self.seasons]

    def document(self) -> dict[str, Any]:
        """Return one document: a single winter's own, or the same with every number as its :func:`spread`."""
        documents = [season.document for season in self.seasons]
        merged = dict(documents[0])
        merged["replications"] = len(documents)
        if self.wanted == 1:
            return merged
        for part in ("score", "headline", "balances", "by_operator", "by_district", "by_source", "by_cause"):
            if part in merged:
                merged[part] = _merge([document.get(part) for document in documents])
        merged["clauses"] = _merge_clauses(documents)
        merged["breaches"] = [
            {**breach, "replication": season.replication}
            for season in self.seasons
            for breach in season.document["breaches"]
        ]
        broken = [document["ended"] for document in documents if document["ended"].get("code") != "complete"]
        merged["ended"] = broken[0] if broken else documents[0]["ended"]
        if self.failures:
            merged["failures"] = [
                {"replication": outcome.replication, **asdict(outcome.failure)}
                for outcome in self.failures
                if outcome.failure
            ]
            merged["ended"] = {**merged["ended"], "code": "failed", "why": merged["failures"][0]["why"]}
        return merged


def run_many(
    scenario: Scenario,
    replications: int = 1,
    *,
    first: int = 0,
    executor: Executor | None = None,
    record_to: Path | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> Batch:
    """Run, judge and score several winters of a scenario.

    Parameters
    ----------
    scenario : Scenario
    replications : int
        How many winters.
    first : int
        Number of the first one: winters `first` to ``first + replications - 1`` are run.
    executor : Executor, optional
        Plays the winters; in this process, one after the other, when there is none. The result is the same.
    record_to : Path, optional
        Folder to store the records in: the record itself for one winter, else one folder per replication; they are
        written by this process.
    on_done : callable, optional
        Told of every winter as it is done.

    Returns
    -------
    Batch
        Complete, or with what was done when it was interrupted (Ctrl-C) after the first winter.

    Raises
    ------
    InputError, ModelError
        If it is one winter, and that could not be played. Of several, those that could not are told in `failures`.
    """
    if problems := cross_check(scenario, ground_of(scenario).arrays):
        raise ScenarioError(problems)
    cases = cases_of(scenario, replications, first)
    outcomes: Iterator[Outcome]
    if replications == 1:
        outcomes = (play_or_raise(case, record_to=record_to, moved=True) for case in cases)
    elif record_to is None:
        outcomes = play_all(cases, executor)
    else:
        outcomes = (play(case, record_to=record_to / f"replication_{case.replication:04d}") for case in cases)
    done: list[Outcome] = []
    try:
        for outcome in outcomes:
            done.append(outcome)
            if on_done:
                on_done(outcome)
    except KeyboardInterrupt:
        if not done:
            raise
    done.sort(key=lambda outcome: outcome.replication)
    seasons = tuple(outcome for outcome in done if outcome.failure is None)
    failures = tuple(outcome for outcome in done if outcome.failure is not None)
    if not seasons and failures[0].failure:
        raise ModelError(f"replication {failures[0].replication}", scenario.name, failures[0].failure.why)
    return Batch(seasons, failures, replications)


def number_at(document: Mapping[str, Any], path: str) -> float:
    """Return one number of a scorecard by its path, NaN where it has none; KeyError where there is no such path."""
    value = _find(document, path)
    return float(value) if isinstance(value, int | float) else float("nan")


def check_number(document: Mapping[str, Any], path: str) -> None:
    """Make sure that a scorecard has a number (or, this winter, none) at a path.

    Raises
    ------
    InputError
        When nothing, or no number, is there.
    """
    with contextlib.suppress(KeyError, TypeError):
        found = _find(document, path)
        if found is None or (isinstance(found, int | float) and not isinstance(found, bool)):
            return
    hint = did_you_mean(path, _paths(document))
    raise InputError([Problem("--number", path, "a number of the scorecard such as headline.cost_cny", hint)])


def spread(values: Sequence[float | None]) -> dict[str, float | None]:
    """Return mean, standard error and quantiles of a number over winters.

    Parameters
    ----------
    values : sequence of float or None
        One per winter; None where a winter has no such number.

    Returns
    -------
    dict
        ``mean``, ``se`` (of the mean; None for a single value, which tells of no spread), ``p05``, ``p50``, ``p95``
        (linear between order statistics), and ``n`` when some winters have no value.
    """
    present = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=np.float64)
    if not len(present):
        return {"n": 0}
    low, middle, high = np.quantile(present, [0.05, 0.5, 0.95])
    summary: dict[str, float | None] = {
        "mean": float(present.mean()),
        "se": float(present.std(ddof=1) / np.sqrt(len(present))) if len(present) > 1 else None,
        "p05": float(low),
        "p50": float(middle),
        "p95": float(high),
    }
    return summary if len(present) == len(values) else {**summary, "n": len(present)}


def _merge(values: Sequence[Any]) -> Any:
    """Return one value for many winters: numbers as their spread, tables key by key, texts when they agree."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    sample = present[0]
    if isinstance(sample, Mapping):
        keys = dict.fromkeys(key for value in present for key in value)
        return {key: _merge([value.get(key) if value is not None else None for value in values]) for key in keys}
    if isinstance(sample, bool):
        return any(present)
    if isinstance(sample, int | float):
        return spread(values)
    if isinstance(sample, list):  # of parts, which carry ids; other lists are stories of one winter
        ids = dict.fromkeys(row["id"] for rows in present for row in rows if isinstance(row, Mapping) and "id" in row)
        return [_merge_duty([row for rows in present for row in rows if row["id"] == name]) for name in ids]
    return sample


def _merge_duty(winters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge a clause, or a part of one: its compliance also pooled, counts added before dividing."""
    row: dict[str, Any] = _merge(winters)
    met, late, missed = (sum(winter.get(state) or 0 for winter in winters) for state in ("met", "late", "missed"))
    if isinstance(row.get("compliance"), dict) and met + late + missed:
        row["compliance"]["pooled"] = met / (met + late + missed)
    return row


def _merge_clauses(documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    merged = []
    for rows in zip(*(document["clauses"] for document in documents), strict=True):
        row = _merge_duty(rows)
        row["status"] = min((clause["status"] for clause in rows), key=_WORST_FIRST.index)
        worst = min(range(len(rows)), key=lambda n: (not rows[n]["worst"], _margin(rows[n])))
        row["worst"] = rows[worst]["worst"]
        if row["worst"]:
            row["worst_replication"] = documents[worst].get("replication", worst)
        merged.append(row)
    return merged


def _margin(row: Mapping[str, Any]) -> float:
    margin = row["margin"]
    return float("nan") if margin is None else float(margin)


def _paths(document: Mapping[str, Any]) -> list[str]:
    """Return the paths of a scorecard's main numbers."""
    clauses = [f"clauses.{row['id']}.{name}" for row in document["clauses"] for name in ("met", "missed", "compliance")]
    headline = [f"headline.{name}" for name, value in document["headline"].items() if isinstance(value, int | float)]
    return [*headline, *(f"score.{bearer}" for bearer in document["score"]), *clauses]


def _find(document: Any, path: str) -> Any:
    if not path:
        return document
    if isinstance(document, list):
        clause = next((row for row in document if path == row["id"] or path.startswith(row["id"] + ".")), None)
        if clause is None:
            raise KeyError(path)
        return _find(clause, path[len(clause["id"]) + 1 :])
    key, _, rest = path.partition(".")
    return _find(document[key], rest)
