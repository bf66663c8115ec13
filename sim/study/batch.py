"""Many winters of one scenario: run, judged and scored one by one, then said as means, errors and quantiles.

A winter is named by (scenario, seed, replication) alone, so the numbers do not depend on who ran it or in what order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..guide.clause import Guide
from ..guide.score import score
from ..guide.sensitivity import sensitivity
from ..guide.verdict import judge
from ..record import Record
from ..record_store import write_record
from ..run import run

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["Batch", "Season", "run_many", "scored", "spread"]

# What a clause came to over several winters is the first of these that it came to in any of them.
_WORST_FIRST = ("breached", "no_evidence", "open", "met", "excused", "not_triggered", "reported", "not_simulated")


@dataclass(frozen=True, slots=True)
class Season:
    """One winter's scorecard, as the JSON document of INTERFACE (``run --json``)."""

    replication: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Winters of one scenario, in order of replication.

    Attributes
    ----------
    seasons : tuple of Season
    wanted : int
        Replications asked for; more than there are seasons when it was interrupted.
    """

    seasons: tuple[Season, ...]
    wanted: int

    @property
    def interrupted(self) -> bool:
        """Whether it ended before all winters were run."""
        return len(self.seasons) < self.wanted

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
        return [_number(_find(season.document, path)) for season in self.seasons]

    def document(self) -> dict[str, Any]:
        """Return one document: a single winter's own, or the same with every number as its :func:`spread`."""
        documents = [season.document for season in self.seasons]
        merged = dict(documents[0])
        merged["replications"] = len(documents)
        if len(documents) == 1:
            return merged
        for part in ("score", "headline", "balances", "by_operator", "by_district"):
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
        return merged


def run_many(
    scenario: Scenario,
    replications: int = 1,
    *,
    first: int = 0,
    executor: Executor | None = None,
    record_to: Path | None = None,
    on_done: Callable[[Season], None] | None = None,
) -> Batch:
    """Run, judge and score several winters of a scenario.

    Parameters
    ----------
    scenario : Scenario
    replications : int
        How many winters.
    first : int
        Number of the first one: winters `first` to ``first + replications - 1`` are run.
    executor : concurrent.futures.Executor, optional
        Runs the winters; in this process, one after the other, when there is none. The result is the same.
    record_to : Path, optional
        Folder to store the records in: the record itself for one winter, else one folder per replication.
    on_done : callable, optional
        Told of every winter as it is done.

    Returns
    -------
    Batch
        Complete, or with what was done when it was interrupted (Ctrl-C) after the first winter.

    Raises
    ------
    ModelError
        If the model could not continue.
    """
    alone = replications == 1
    tasks = [
        _Task(scenario, number, record_to if alone else record_to and record_to / f"replication_{number:04d}", alone)
        for number in range(first, first + replications)
    ]
    done: list[Season] = []
    try:
        for season in _played(tasks, executor):
            done.append(season)
            if on_done:
                on_done(season)
    except KeyboardInterrupt:
        if not done:
            raise
    return Batch(tuple(sorted(done, key=lambda season: season.replication)), replications)


def scored(record: Record, guide: Guide | None = None, *, moved: bool = True) -> dict[str, Any]:
    """Judge and score a record.

    Parameters
    ----------
    record : Record
    guide : Guide, optional
        As in :func:`heatseason.sim.guide.verdict.judge`.
    moved : bool
        Whether to say which conclusions would be others, were an assumed number elsewhere in its range (``sensitive``);
        this judges the record dozens of times.

    Returns
    -------
    dict
        The document of ``run --json``, with what the record says of its network.
    """
    verdicts = judge(record, guide)
    document = score(verdicts).to_json()
    headline = document["headline"]
    document["illustrative"] = bool(headline.pop("illustrative", False))
    document["title"] = {lang: record.scenario.get(f"title_{lang}", "") for lang in ("zh", "en")}
    document["network_title"] = {lang: headline.pop(f"network_title_{lang}", "") for lang in ("zh", "en")}
    if moved:
        document["sensitive"] = [asdict(number) for number in sensitivity(verdicts) if number.flips]
    return document


def spread(values: Sequence[float | None]) -> dict[str, float]:
    """Return mean, standard error and quantiles of a number over winters.

    Parameters
    ----------
    values : sequence of float or None
        One per winter; None where a winter has no such number.

    Returns
    -------
    dict
        ``mean``, ``se`` (of the mean; NaN-free: 0 for a single value), ``p05``, ``p50``, ``p95`` (linear between order
        statistics), and ``n`` when some winters have no value.
    """
    present = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=np.float64)
    if not len(present):
        return {"n": 0}
    low, middle, high = np.quantile(present, [0.05, 0.5, 0.95])
    error = present.std(ddof=1) / np.sqrt(len(present)) if len(present) > 1 else 0.0
    summary = {
        "mean": float(present.mean()),
        "se": float(error),
        "p05": float(low),
        "p50": float(middle),
        "p95": float(high),
    }
    return summary if len(present) == len(values) else {**summary, "n": len(present)}


class _Task(NamedTuple):
    scenario: Scenario
    replication: int
    record_to: Path | None
    moved: bool


def _season(task: _Task) -> Season:
    record = run(task.scenario, task.replication)
    if task.record_to is not None:
        write_record(record, task.record_to)
    return Season(task.replication, scored(record, moved=task.moved))


def _played(tasks: Sequence[_Task], executor: Executor | None) -> Iterator[Season]:
    if executor is None:
        yield from map(_season, tasks)
        return
    futures = [executor.submit(_season, task) for task in tasks]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


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
        worst = min(range(len(rows)), key=lambda n: (not rows[n]["worst"], _number(rows[n]["margin"])))
        row["worst"] = rows[worst]["worst"]
        if row["worst"]:
            row["worst_replication"] = documents[worst].get("replication", worst)
        merged.append(row)
    return merged


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


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
