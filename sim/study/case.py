"""A case: one winter of one scenario, named by what it is, and played to an outcome wherever a worker stands.

What a case comes to depends on nothing but its id: scenario, network, guide, replication and version. So the same case
has the same outcome in this process, in another and on another machine, and one that is known need not be run again.
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.problems import HeatseasonError, InputError, ModelError, Problem, together, whole_number
from ...scenarios.timetable import cross_check
from ...version import __version__
from ..guide.clause import Guide, default_guide
from ..guide.overlay import guide_faults
from ..guide.score import amounts_by, score
from ..guide.sensitivity import sensitivity
from ..guide.verdict import Verdicts, judge
from ..record import Record
from ..record_store import write_record
from ..run import ground_of, run
from .memory import give_back

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = [
    "Case",
    "Failure",
    "Metric",
    "MetricError",
    "Outcome",
    "case_id",
    "cases_of",
    "check_metrics",
    "document_of",
    "faults_of",
    "find_metric",
    "play",
    "play_or_raise",
    "scored",
    "study_key",
    "winters_of",
]


class MetricError(HeatseasonError):
    """A user's metric raised, or gave something else than numbers."""


_KINDS: dict[type[HeatseasonError], str] = {ModelError: "model", InputError: "input", MetricError: "metric"}

Metric = Callable[[Record, Mapping[str, Any]], float | Mapping[str, float]]
"""A number (or several by name) of one winter, from its record and its scorecard's document."""


@dataclass(frozen=True, slots=True)
class Case:
    """One winter of one scenario.

    Attributes
    ----------
    scenario : Scenario
    replication : int
        Which winter: the same number gives the same winter to every policy.
    """

    scenario: Scenario
    replication: int = 0

    @property
    def id(self) -> str:
        """BLAKE2b (128 bit) of resolved scenario, network, guide, replication and version, in hexadecimal."""
        return case_id(study_key(self.scenario), self.replication)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case has no result.

    Attributes
    ----------
    kind : str
        ``model`` (it could not continue), ``input`` (the scenario does not fit its network), ``metric`` (a user's
        metric raised), ``bug`` (of ours), ``crashed`` (it took its worker with it, again and again).
    why : str
        In a sentence.
    trace : str
        The traceback, of a metric's failure or a bug.
    """

    kind: str
    why: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to.

    Attributes
    ----------
    id : str
        Of the case.
    replication : int
    document : mapping
        The scorecard as the JSON document of ``run --json``, clauses with their margins and headline; empty when the
        case failed.
    digest : str
        Of the record (:meth:`Record.digest`); empty when the case failed.
    wall_s : float
        Time the case took where it was played [s]; no result.
    metrics : mapping
        Numbers of the user's metric functions by name.
    failure : Failure or None
    """

    id: str
    replication: int
    document: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    wall_s: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None


def cases_of(scenario: Scenario, replications: int, first: int = 0) -> list[Case]:
    """Return the cases of winters `first` to ``first + replications - 1``."""
    return [Case(scenario, number) for number in winters_of(replications, first)]


def winters_of(replications: int, first: int = 0) -> range:
    """Return winters `first` to ``first + replications - 1``.

    Raises
    ------
    InputError
        When there is none of them, or one before winter 0.
    """
    count, start = together(
        lambda: whole_number(replications, "replications", 1), lambda: whole_number(first, "first", 0)
    )
    return range(start, start + count)


def faults_of(scenario: Scenario) -> list[Problem]:
    """Return what is wrong with a scenario on its network and in the guide's numbers: to be asked before any winter."""
    faults = guide_faults(scenario)
    try:
        return [*cross_check(scenario, ground_of(scenario).arrays), *faults]
    except InputError as error:
        return [*error.problems, *faults]


def study_key(scenario: Scenario) -> str:
    """Return the hash of everything but the replication: resolved scenario, network, guide and version."""
    text = json.dumps([scenario.hash, ground_of(scenario).hash, _guide_hash(), __version__])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def case_id(key: str, replication: int) -> str:
    """Return the id of a case from its :func:`study_key`, for whoever names many winters of one scenario."""
    return hashlib.blake2b(f"{key}/{replication}".encode(), digest_size=16).hexdigest()


def play(case: Case, *, metrics: Sequence[str | Metric] = (), record_to: Path | None = None) -> Outcome:
    """Run, judge and score a case as :func:`play_or_raise`; what goes wrong is its outcome, not an exception.

    Whatever is raised: a SystemExit of somebody's library ends no study either, Ctrl-C alone does.
    """
    begun = time.perf_counter()
    try:
        return play_or_raise(case, metrics=metrics, record_to=record_to)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        kind = next((kind for of, kind in _KINDS.items() if isinstance(error, of)), "bug")
        why = f"{type(error).__name__}: {error}" if kind == "bug" else str(error)
        if kind == "model" and error.__cause__ is not None:
            kind = "bug"  # that broke the season off
        trace = traceback.format_exc() if kind in ("metric", "bug") else ""
        failure = Failure(kind, why, trace)
        return Outcome(_id_of(case), case.replication, wall_s=time.perf_counter() - begun, failure=failure)


def play_or_raise(
    case: Case, *, metrics: Sequence[str | Metric] = (), record_to: Path | None = None, moved: bool = False
) -> Outcome:
    """Run, judge and score a case.

    Parameters
    ----------
    case : Case
    metrics : sequence of str or callable
        Functions ``(record, document) -> float`` or ``-> {name: float}``, themselves or as ``module:function``. No two
        numbers may have one name.
    record_to : Path, optional
        Folder to store the record in.
    moved : bool
        As in :func:`scored`.

    Raises
    ------
    InputError
        When the scenario does not fit its network.
    ModelError
        When the season could not be carried on.
    MetricError
        When a metric raised, or gave something else than numbers.
    """
    begun = time.perf_counter()
    record = run(case.scenario, case.replication)
    give_back()
    with ThreadPoolExecutor(1) as beside:  # hashing needs no interpreter: a second core does it while this one judges
        digest = beside.submit(lambda: record.digest())  # what is wrong with it is told after all else
        document = scored(record, moved=moved)
    if record_to is not None:  # once what judging needed is free again: what writes it takes as much
        give_back()
        write_record(record, record_to)
    measured = _measured(record, document, metrics)
    return Outcome(case.id, case.replication, document, digest.result(), time.perf_counter() - begun, measured)


def scored(record: Record, guide: Guide | None = None, *, moved: bool = True) -> dict[str, Any]:
    """Judge and score a record.

    Parameters
    ----------
    record : Record
    guide : Guide, optional
        As in :func:`heatseason.sim.guide.verdict.judge`.
    moved : bool
        Whether to say which conclusions would be others, were an assumed number elsewhere in its range (``sensitive``),
        which judges the record dozens of times; and the results by substation and by estate, of which a city has
        hundreds.

    Returns
    -------
    dict
        The document of ``run --json``, with what the record says of its network.
    """
    return document_of(judge(record, guide), moved=moved)


def document_of(verdicts: Verdicts, *, moved: bool = True) -> dict[str, Any]:
    """Score a judged record; parameters and what is returned as in :func:`scored`."""
    record = verdicts.record
    document = score(verdicts).to_json()
    headline = document["headline"]
    document["illustrative"] = bool(headline.pop("illustrative", False))
    document["told_whole"] = "schema_version" not in record.scenario and "logged" not in record.stamp
    document["title"] = {lang: record.scenario.get(f"title_{lang}", "") for lang in ("zh", "en")}
    if edits := headline.pop("network_edits", None):
        document["edits"] = list(edits)
    document["network_title"] = {lang: headline.pop(f"network_title_{lang}", "") for lang in ("zh", "en")}
    document["weather_file"] = Path(record.scenario.get("weather", {}).get("file", "")).name
    if moved:
        document |= {f"by_{group}": amounts_by(verdicts, group) for group in ("substation", "estate")}
        document["sensitive"] = [asdict(number) for number in sensitivity(verdicts) if number.flips]
    return document


def find_metric(name: str) -> Metric:
    """Return the function that ``module:function`` names.

    Raises
    ------
    InputError
        When there is no such module or function, or importing it fails, whatever is raised.
    """
    module, _, function = name.partition(":")
    hint = "the module must be importable by every worker: install it, or name its folder in PYTHONPATH"
    try:
        found = getattr(import_module(module), function) if module and function else None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        why = str(error) if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: {error}"
        raise InputError([Problem("--metric", f'"{name}"', "module:function", f"{why}; {hint}")]) from error
    if not callable(found):
        raise InputError([Problem("--metric", f'"{name}"', "module:function", hint)])
    metric: Metric = found
    return metric


def check_metrics(metrics: Iterable[str | Metric]) -> None:
    """Raise InputError with every metric that cannot be found, or whose name another has, but for capitals."""
    once = list(dict.fromkeys(metrics))
    together(*(partial(find_metric, metric) for metric in once if isinstance(metric, str)))
    first: dict[str, str] = {}
    problems = []
    for metric in once:
        name = _called(metric)
        if other := first.get(name.casefold()):
            wanted = f'another name than "{other}", not only by its capitals'
            told = metric if isinstance(metric, str) else name
            problems.append(Problem("--metric", f'"{told}"', wanted, "a ledger's columns ignore capitals"))
        first[name.casefold()] = name
    if problems:
        raise InputError(problems)


def _called(metric: str | Metric) -> str:
    """Return what a metric's number is called, unless it gives names of its own."""
    return metric.partition(":")[2] if isinstance(metric, str) else getattr(metric, "__name__", "metric")


def _measured(record: Record, document: Mapping[str, Any], metrics: Sequence[str | Metric]) -> dict[str, float]:
    measured: dict[str, float] = {}
    for metric in dict.fromkeys(metrics):
        function = find_metric(metric) if isinstance(metric, str) else metric
        name = _called(metric)
        try:
            found = function(record, document)
            numbers = found if isinstance(found, Mapping) else {name: found}
            named = {str(key): float(value) for key, value in numbers.items()}
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise MetricError(f"{name}: {type(error).__name__}: {error}") from error
        if twice := named.keys() & measured.keys():
            raise MetricError(f'{name}: another metric has a number called "{min(twice)}" too')
        measured |= named
    return measured


def _id_of(case: Case) -> str:
    try:
        return case.id
    except InputError:  # its network cannot be read
        return ""


@lru_cache(maxsize=1)
def _guide_hash() -> str:
    return hashlib.blake2b(default_guide().model_dump_json().encode(), digest_size=16).hexdigest()
