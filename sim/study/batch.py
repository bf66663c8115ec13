"""Many winters of one scenario: run, judged and scored one by one, then said as means, errors and quantiles.

A winter is named by (scenario, seed, replication) alone, so the numbers do not depend on who ran it or in what order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.problems import InputError, ModelError, Problem, ScenarioError, did_you_mean
from .case import Outcome, cases_of, faults_of, play, play_or_raise
from .executors import Executor, play_all
from .tally import Tally

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["Batch", "check_number", "number_at", "run_many"]

_RESULTS = ("score", "headline", "clauses")  # not what names a winter, nor its stories


@dataclass(frozen=True, slots=True)
class Batch:
    """Winters of one scenario, in order of replication.

    Attributes
    ----------
    tally : Tally
        Winters that have a result.
    failures : tuple of Outcome
        Winters that could not be played.
    wanted : int
        Replications asked for; more than there are of both when it was interrupted.
    """

    tally: Tally
    failures: tuple[Outcome, ...]
    wanted: int

    @property
    def interrupted(self) -> bool:
        """Whether it ended before all winters were run."""
        return len(self.tally.replications) + len(self.failures) < self.wanted

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

        Raises
        ------
        KeyError
            When no winter has anything there.
        """
        return self.tally.values(path)

    def document(self) -> dict[str, Any]:
        """Return one document: a single winter's own, or the same with every number as its :func:`spread`."""
        if self.wanted == 1:
            return self.tally.first_document()
        document = self.tally.document()
        if self.interrupted:
            document["wanted"] = self.wanted
        if self.failures:
            document["failures"] = [
                {"replication": outcome.replication, **asdict(outcome.failure)}
                for outcome in self.failures
                if outcome.failure
            ]
            document["ended"] = {**document["ended"], "code": "failed", "why": document["failures"][0]["why"]}
        return document


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
    if problems := faults_of(scenario):
        raise ScenarioError(problems)
    cases = cases_of(scenario, replications, first)
    outcomes: Iterator[Outcome]
    if replications == 1:
        outcomes = (play_or_raise(case, record_to=record_to, moved=True) for case in cases)
    elif record_to is None:
        outcomes = play_all(cases, executor)
    else:
        outcomes = (play(case, record_to=record_to / f"replication_{case.replication:04d}") for case in cases)
    tally, failures = Tally(), list[Outcome]()
    try:
        for outcome in outcomes:
            if outcome.failure is None:
                tally.add(outcome)
            else:
                failures.append(outcome)
            if on_done:
                on_done(outcome)
    except KeyboardInterrupt:
        if not tally.replications and not failures:
            raise
    failures.sort(key=lambda outcome: outcome.replication)
    if not tally.replications and failures[0].failure:
        raise ModelError(f"replication {failures[0].replication}", scenario.name, failures[0].failure.why)
    return Batch(tally, tuple(failures), replications)


def number_at(document: Mapping[str, Any], path: str) -> float:
    """Return one number of a scorecard by its path, NaN where it has none; KeyError where there is no such path."""
    value = _find(document, path)
    return float(value) if isinstance(value, int | float) else float("nan")


def check_number(document: Mapping[str, Any], path: str) -> None:
    """Make sure that a scorecard's results have a number (or, this winter, none) at a path.

    Raises
    ------
    InputError
        When nothing, or no number, is there.
    """
    with contextlib.suppress(KeyError, TypeError):
        found = _find({part: document[part] for part in _RESULTS if part in document}, path)
        if found is None or (isinstance(found, int | float) and not isinstance(found, bool)):
            return
    hint = did_you_mean(path, _paths(document))
    raise InputError([Problem("--number", path, "a number of the scorecard such as headline.cost_cny", hint)])


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
