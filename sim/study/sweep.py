"""Studies: points of a design, each over the same winters, played by any executor, kept in a ledger and gone on with.

``sweep(design, executor, out=folder)`` does it for a design file; :class:`Study` for whoever chooses points as results
come in (ask and tell): what was played before is not played again.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from ...network_models.documents import plain, show_value
from ...network_models.problems import InputError, Problem
from ...scenarios.scenario import Scenario, load
from .case import Case, Failure, Metric, Outcome, case_id, check_metrics, faults_of, study_key, winters_of
from .design import Changes, Design, of_point, points_of, read_design, scenario_at
from .executors import ClusterError, Executor, check_sent, play_all
from .export import dataset, frame
from .folder import PARTS, WHOLE, WINTERS, Shard, patch_of
from .store import Ledger

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Played", "Study", "carry_out", "sweep"]

_TOLD = 10  # failures told one by one
_MOST_MEASURED = 1500  # numbers of metrics: SQLite's tables hold 2000 columns, and the scorecard's stand there too


class Played(NamedTuple):
    """An outcome, and the number of the point that it belongs to."""

    point: int
    outcome: Outcome


class Study:
    """A folder in which the winters of points are kept.

    Parameters
    ----------
    folder : Path
        Made when it is not there, once some points are known to be right; a study begun there is gone on with.
    base : Scenario
        What every point changes.
    metrics : sequence of str or callable
        As in :func:`play`.
    about : mapping, optional
        What else tells this study from another, as JSON values (a design).
    shard : Shard
        The part of all cases that is played and kept here.
    placed : callable, optional
        Gives what is wrong at a point, by its number, a better place than that number.
    relative_margins : bool
        Whether clauses' margins without a unit are kept too.

    Raises
    ------
    InputError
        When another study lies there, or a metric cannot be found.
    LedgerError
        When another process is writing it.
    """

    def __init__(
        self,
        folder: Path | str,
        base: Scenario,
        *,
        metrics: Sequence[str | Metric] = (),
        about: Mapping[str, Any] | None = None,
        shard: Shard = WHOLE,
        placed: Callable[[int, Problem], Problem] | None = None,
        relative_margins: bool = False,
    ) -> None:
        self.base, self.metrics, self.shard = base, tuple(metrics), shard
        self._relative_margins = relative_margins
        self._placed = placed or of_point
        names = [metric if isinstance(metric, str) else metric.__qualname__ for metric in self.metrics]
        self._resolved = base.resolved()
        self._added: dict[str, int] = {}  # numbers of points, which take milliseconds each to check
        self._study = {"scenario": self._resolved, "metrics": names, "about": dict(about or {})}
        self._file = Path(folder) / shard.file
        self._ledger: Ledger | None = None
        self._measured: dict[str, str] = {}
        self._closed = False
        check_metrics(self.metrics)
        if self._file.is_file():  # whether it may be gone on with is to be known at once
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._closed = True
        if self._ledger:
            self._ledger.__exit__(*error)

    def close(self) -> None:
        """Close the ledger."""
        self._closed = True
        if self._ledger:
            self._ledger.close()

    @property
    def ledger(self) -> Ledger:
        """What is kept; made when it is first asked for."""
        return self._ledger or self._open()

    def _open(self) -> Ledger:
        self._ledger = Ledger(self._file, self._study)
        if self.shard == WHOLE and self._ledger.meta(PARTS):  # what was put together of parts goes on as a whole
            self._ledger.note(PARTS, None)
        measured = (name.partition(".")[2] for name in self._ledger.names() if name.startswith("metrics."))
        self._measured = {name.casefold(): name for name in measured}  # as the ledger's columns know them
        return self._ledger

    def frame(self) -> pd.DataFrame:
        """Return what is kept as a DataFrame: a row for each winter, its changes, digest and numbers."""
        self._check_open()
        return frame(self.ledger)

    def dataset(self) -> xr.Dataset:
        """Return the numbers kept as an xarray Dataset over point and replication."""
        self._check_open()
        return dataset(self.ledger)

    def add(self, points: Iterable[Changes]) -> list[int]:
        """Return the numbers of points, new ones and known ones; points that come to the same scenario are one.

        Raises
        ------
        InputError
            With everything that is wrong with any of them; when they are no mappings, or the study is closed.
        """
        points = self._read(points)
        names = [json.dumps(point, sort_keys=True, default=str) for point in points]
        fresh = {name: row for row, name in enumerate(names) if name not in self._added}
        described = self._described((row, points[row]) for row in fresh.values())  # before a ledger is made
        self._added.update(zip(fresh, self.ledger.add_points(described), strict=True))
        return [self._added[name] for name in names]

    def play(
        self,
        points: Iterable[Changes],
        replications: int = 1,
        executor: Executor | None = None,
        *,
        first: int = 0,
    ) -> Iterator[Played]:
        """Play what is not known yet of some points' winters, keep it, and yield it as it comes.

        Parameters
        ----------
        points : iterable of mapping
            Path -> value (numpy's too), for each point.
        replications, first : int
            Winters `first` to ``first + replications - 1`` of every point.
        executor : Executor, optional
            Serial when left out.

        Raises
        ------
        InputError
            As in :meth:`add`, and when there are no such winters.
        """
        points, winters = self._read(points), winters_of(replications, first)
        return self.play_pairs(points, _every(len(points), winters), executor)

    def play_pairs(
        self, points: Sequence[Changes], pairs: Iterable[tuple[int, int]], executor: Executor | None = None
    ) -> Iterator[Played]:
        """As :meth:`play`, for chosen pairs of a row of `points` and a winter."""
        check_sent(self.metrics, executor)
        points = self._read(points)
        numbers = self.add(points)
        point_of: dict[str, int] = {}
        wanted = list(self._wanted(numbers, pairs))
        cases = self._cases(points, numbers, wanted, point_of)
        for outcome in play_all(cases, executor, metrics=self.metrics, total=len(wanted)):
            number, outcome = _asked_for(point_of, outcome), self._keepable(outcome)
            self.ledger.put(number, outcome, relative_margins=self._relative_margins)
            yield Played(number, outcome)

    def missing(self, points: Iterable[Changes], replications: int, *, first: int = 0) -> int:
        """Return how many cases :meth:`play` would play."""
        points = self._read(points)
        pairs = _every(len(points), winters_of(replications, first))
        return sum(1 for _ in self._wanted(self.add(points), pairs))

    def _read(self, points: Iterable[Changes]) -> list[Changes]:
        """Return points as they are handed over from Python, with numpy's values as Python's own."""
        self._check_open()
        wanted = "a list of points, each a mapping of paths to values"
        if isinstance(points, Mapping | str) or not isinstance(points, Iterable):
            raise InputError([Problem("points", type(points).__name__, wanted)])
        read = list(points)
        wrong = [row for row, point in enumerate(read) if not isinstance(point, Mapping)]
        if wrong:
            raise InputError([Problem(f"points[{row}]", show_value(read[row]), "a mapping of paths to values")
                              for row in wrong[:_TOLD]])  # fmt: skip
        return [{str(path): plain(value) for path, value in point.items()} for point in read]

    def _check_open(self) -> None:
        if self._closed:
            raise InputError([Problem("study", "closed", "a study that is open", "do it inside the with statement")])

    def _wanted(self, numbers: Sequence[int], pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the pairs of row and winter that belong to this shard and are not known.

        Counted winter by winter, so that a case stays with its shard when more winters are asked for.
        """
        known = self.ledger.known()
        for row, winter in pairs:
            mine = (winter * len(numbers) + row) % self.shard.of == self.shard.number - 1
            if mine and (numbers[row], winter) not in known:
                known.add((numbers[row], winter))  # two points that come to the same are played once
                yield row, winter

    def _keepable(self, outcome: Outcome) -> Outcome:
        """Return an outcome as a ledger can keep it: a winter whose metrics have names that it cannot has failed."""
        if all(self._measured.get(name.casefold()) == name for name in outcome.metrics):
            return outcome
        measured, why = dict(self._measured), ""
        for name in outcome.metrics:
            other = measured.setdefault(name.casefold(), name)
            if other != name:
                why = f'"{name}" and "{other}" differ only by capitals, which a ledger\'s columns ignore'
        if len(measured) > _MOST_MEASURED:
            why = f"{len(measured)} numbers of metrics in all, and a ledger keeps {_MOST_MEASURED}"
        if why:
            return replace(outcome, document={}, digest="", metrics={}, failure=Failure("metric", why))
        self._measured = measured
        return outcome

    def _cases(
        self,
        points: Sequence[Changes],
        numbers: Sequence[int],
        wanted: Iterable[tuple[int, int]],
        point_of: dict[str, int],
    ) -> Iterator[Case]:
        """Yield the cases of pairs of row and winter, and enter each one's point under its id."""
        keys = {point.number: point.key for point in self.ledger.points()}
        last, scenario = -1, self.base
        for row, winter in wanted:
            if row != last:
                last, scenario = row, scenario_at(self.base, points[row])
            point_of[case_id(keys[numbers[row]], winter)] = numbers[row]
            yield Case(scenario, winter)

    def _described(self, points: Iterable[tuple[int, Changes]]) -> list[tuple[str, Changes, list[Any]]]:
        described: list[tuple[str, Changes, list[Any]]] = []
        problems: list[Problem] = []
        of_the_base = cache(lambda: frozenset(faults_of(self.base)))
        for number, changes in points:
            try:
                scenario = scenario_at(self.base, changes)
                if wrong := faults_of(scenario):
                    raise InputError(wrong)
            except InputError as error:
                told = {(problem.path, problem.found, problem.wanted) for problem in problems}
                fresh = (p for p in error.problems if (p.path, p.found, p.wanted) not in told)
                # A value stands in many points, and is told once; what no point changes keeps its place in the base.
                problems += [p if p in of_the_base() else self._placed(number, p) for p in fresh]
                continue
            described.append((study_key(scenario), changes, patch_of(self._resolved, scenario.resolved())))
        if problems:
            raise InputError(dict.fromkeys(problems))
        return described


def carry_out(
    design: Design,
    executor: Executor | None = None,
    *,
    out: Path | str,
    shard: Shard = WHOLE,
    metrics: Sequence[str | Metric] = (),
    retry: Literal["no", "failed"] = "no",
    on_start: Callable[[int], None] | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> dict[str, Any]:
    """Play what a design's folder lacks, and say how far it is.

    Parameters
    ----------
    design, executor, out, shard, metrics
        As in :func:`sweep`.
    retry : {"no", "failed"}
        Whether winters that failed are played again.
    on_start, on_done : callable, optional
        Told how many winters are to be played, and of each as it is done.

    Returns
    -------
    dict
        JSON values: ``ledger``, ``points``, ``replications``, ``wanted``, ``known`` (before), ``played`` (now),
        ``failed``, ``failures`` (some of them), ``interrupted``, ``elapsed_s``, ``core_hours`` (of all that is known).
    """
    begun = time.perf_counter()
    points = points_of(design)
    played, interrupted = 0, False
    with study_of(design, out, shard=shard, metrics=metrics) as study:
        check_sent(study.metrics, executor)
        study.add(points)
        study.ledger.note(WINTERS, [design.first_replication, design.first_replication + design.replications])
        if retry == "failed":
            study.ledger.forget_failures()
        missing = study.missing(points, design.replications, first=design.first_replication)
        if on_start:
            on_start(missing)
        known = len(study.ledger.known())
        try:
            for _, outcome in study.play(points, design.replications, executor, first=design.first_replication):
                played += 1
                if on_done:
                    on_done(outcome)
        except KeyboardInterrupt:
            interrupted = True
        failures = study.ledger.failures()
        return {
            "ledger": str(study.ledger.path),
            "points": len(study.ledger.points()),
            "replications": design.replications,
            "wanted": missing + known,
            "known": known,
            "played": played,
            "failed": len(failures),
            "failures": [
                {"point": point, "replication": replication, "kind": failure.kind, "why": failure.why}
                for point, replication, failure in failures[:_TOLD]
            ],
            "interrupted": interrupted,
            "elapsed_s": time.perf_counter() - begun,
            "core_hours": study.ledger.wall_s() / 3600.0,
        }


def sweep(
    cases: Design | Path | str | Iterable[Case],
    executor: Executor | None = None,
    *,
    out: Path | str | None = None,
    shard: Shard = WHOLE,
    metrics: Sequence[str | Metric] = (),
) -> Iterator[Outcome]:
    """Play a design's winters, or any cases, and yield outcomes as they come.

    Parameters
    ----------
    cases : Design, path of one, or iterable of Case
    executor : Executor, optional
        Serial when left out.
    out : path, optional
        Folder that keeps a design's outcomes: what it holds already is not played again.
    shard : Shard
        The part of a design to play, for arrays of jobs; :func:`.folder.merge` puts them together.
    metrics : sequence of str or callable
        As in :func:`play`, beside those that a design names.
    """
    design = read_design(cases) if isinstance(cases, str | Path) else cases
    if not isinstance(design, Design):
        yield from play_all(design, executor, metrics=metrics)
        return
    points, first = points_of(design), design.first_replication
    with contextlib.ExitStack() as stack:
        folder = out if out is not None else stack.enter_context(tempfile.TemporaryDirectory())
        study = stack.enter_context(study_of(design, folder, shard=shard, metrics=metrics))
        for played in study.play(points, design.replications, executor, first=first):
            yield played.outcome


def study_of(design: Design, out: Path | str, *, shard: Shard = WHOLE, metrics: Sequence[str | Metric] = ()) -> Study:
    """Return the study of a design, open."""
    both = (*design.metrics, *metrics)
    about = {"design": design.identity()}
    return Study(out, load(design.scenario), metrics=both, about=about, shard=shard, placed=design.placed)


def _every(points: int, winters: range) -> Iterator[tuple[int, int]]:
    """Yield every pair of a point's row and a winter, point by point."""
    return ((row, winter) for row in range(points) for winter in winters)


def _asked_for(point_of: dict[str, int], outcome: Outcome) -> int:
    """Return the point of an outcome that was asked for, which a worker with other files or another version misses."""
    if outcome.id not in point_of:
        why = outcome.failure.why if outcome.failure else "it played another case"
        raise ClusterError(f"a worker does not have the same version, network, guide and weather file: {why}")
    return point_of.pop(outcome.id)
