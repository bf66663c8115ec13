"""Policies on common winters: what each comes to, how each differs from the first, and whether that is sure.

The document that :func:`compare` returns holds for every option its numbers with intervals, and for every option but
the first the paired differences, each with the word that it deserves: better, worse, the same, or cannot tell yet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...network_models.problems import InputError, ModelError, Problem
from ...scenarios.scenario import Scenario
from .batch import check_number, number_at
from .case import Case, Failure, Outcome
from .executors import Executor, play_all
from .intervals import bootstrap_interval, mean_interval, paired_difference, quantile_interval, winters_needed
from .options import Option, check
from .rank import Selection, select_best
from .tally import spread

__all__ = ["NUMBERS", "WATCHED", "Until", "compare", "select", "wish_of"]

Wish = Literal["high", "low", "neither"]

NUMBERS: Mapping[str, Wish] = {
    "headline.dwelling_hours_below_18_strict": "low",
    "headline.dwelling_hours_below_18_in_scope": "low",
    "headline.share_dwellings_always_18_strict": "high",
    "headline.coldest_1pct_hours_below_18": "low",
    "headline.degree_hours_below_18": "low",
    "headline.min_days_of_cover": "high",
    "headline.heat_shed_gj": "low",
    "headline.outages": "low",
    "headline.longest_outage_h": "low",
    "headline.calls": "neither",
    "headline.answered_share": "high",
    "headline.complaints": "low",
    "headline.heat_gj": "neither",
    "headline.cost_cny": "low",
    "headline.co2_t": "low",
}
"""Headline numbers that are compared, and whether they had better be high or low."""

_COMPARED = (*NUMBERS, "score.operator", "score.authority")
WATCHED = "headline.dwelling_hours_below_18_strict"  # where nothing else is asked for
_FIRST_LOOK = 30  # winters before stopping is thought of
_GROWTH = 1.5  # of the winters between two looks, so that looking often does not spoil the confidence


@dataclass(frozen=True, slots=True)
class _Winter:
    """What a comparison keeps of one winter: its numbers, each clause's (met, broken), or why there are none."""

    numbers: Mapping[str, float]
    clauses: Mapping[str, tuple[float, float]]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """When enough winters have been played.

    Attributes
    ----------
    width : float
        Half-width of every option's interval of the mean, relative to that mean.
    number : str
        Path of the number that is watched.
    """

    width: float
    number: str = WATCHED


def compare(
    options: Sequence[Option | Scenario],
    replications: int,
    executor: Executor | None = None,
    *,
    confidence: float = 0.95,
    until: Until | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> dict[str, Any]:
    """Play options over common winters and compare each with the first.

    Parameters
    ----------
    options : sequence of Option or Scenario
        Two or more, of one seed; a scenario goes by its own name.
    replications : int
        Winters of each; at most so many where `until` is given.
    executor : Executor, optional
        Serial when left out.
    confidence : float
        Of every interval; those of differences hold jointly over the options (Bonferroni), number by number.
    until : Until, optional
        Stop before, when the means are known well enough. It is looked at after 30 winters, 45, 68 and so on.
    on_done : callable, optional
        Told of every outcome.

    Returns
    -------
    dict
        JSON values: ``options``, ``differences``, ``replications``, ``confidence``, ``stopped``, ``failures``,
        ``interrupted`` (by Ctrl-C: what was played under all options is compared).

    Raises
    ------
    InputError
        When there are fewer than two options, their winters are not the same, or `until` watches no number.
    ModelError
        When fewer than two winters could be played under all options.
    """
    named = [option if isinstance(option, Option) else Option(option.name, option) for option in options]
    check(named)
    played: dict[tuple[int, int], _Winter] = {}
    done = 0
    enough = interrupted = False
    while done < replications and not enough and not interrupted:
        goal = replications if until is None else min(replications, max(_FIRST_LOOK, math.ceil(done * _GROWTH)))
        try:
            for row, outcome in _played(named, range(len(named)), range(done, goal), executor, on_done):
                played[row, outcome.replication] = _kept(outcome, until)
        except KeyboardInterrupt:
            interrupted = True
            if len(_whole(played, len(named))) < 2:
                raise
        done = goal
        enough = until is not None and not interrupted and _known_well(len(named), played, done, until, confidence)
    return {**_document(named, played, confidence, until, enough), "interrupted": interrupted}


def select(
    options: Sequence[Option],
    number: str,
    indifference: float,
    executor: Executor | None = None,
    *,
    wish: Wish | None = None,
    confidence: float = 0.95,
    most: int = 1000,
    on_done: Callable[[Outcome], None] | None = None,
) -> Selection:
    """Return the option that is best in one number, by :func:`select_best` on common winters.

    Parameters
    ----------
    options : sequence of Option
    number : str
        Its path in the scorecard.
    indifference : float
        The least difference that matters, in its unit.
    executor, confidence, most, on_done
        As in :func:`compare` and :func:`select_best`.
    wish : {"high", "low"}, optional
        What is better; known for the numbers of :data:`NUMBERS`, scores and compliances.
    """
    check(options)
    sign = -1.0 if (wish or wish_of(number)) == "low" else 1.0

    def observe(chosen: Sequence[int], start: int, stop: int) -> Any:
        import numpy as np

        values = np.zeros((len(chosen), stop - start))
        place = {row: n for n, row in enumerate(chosen)}
        for row, outcome in _played(options, chosen, range(start, stop), executor, on_done):
            if outcome.failure:
                raise ModelError(f"replication {outcome.replication}", options[row].name, outcome.failure.why)
            check_number(outcome.document, number)
            values[place[row], outcome.replication - start] = sign * number_at(outcome.document, number)
        if not np.isfinite(values).all():
            raise InputError([Problem("--number", number, "a number that every winter has")])
        return values

    workers = executor.workers if executor else 1
    found = select_best(
        observe, len(options), indifference=indifference, confidence=confidence, most=most, stride=4 * workers
    )
    return Selection(found.best, found.certain, found.left, found.winters, tuple(sign * mean for mean in found.mean))


def wish_of(path: str) -> Wish:
    """Return whether a number had better be high or low."""
    if path.endswith(".broken"):
        return "low"
    if path.startswith("score.") or path.rpartition(".")[2] in ("compliance", "margin"):
        return "high"
    return NUMBERS.get(path, "neither")


def _played(
    options: Sequence[Option],
    rows: Sequence[int],
    winters: range,
    executor: Executor | None,
    on_done: Callable[[Outcome], None] | None,
) -> Iterator[tuple[int, Outcome]]:
    """Play winters under some options and yield each outcome with its option's row.

    Winter by winter, so that what an interrupt leaves is common to all options; options that are one are played once.
    """
    cases: dict[str, Case] = {}
    rows_of: dict[str, list[int]] = {}
    for winter in winters:
        for row in rows:
            case = Case(options[row].scenario, winter)
            rows_of.setdefault(case.id, []).append(row)
            cases[case.id] = case
    for outcome in play_all(cases.values(), executor):
        yield from ((row, outcome) for row in rows_of[outcome.id])
        if on_done:
            on_done(outcome)


def _kept(outcome: Outcome, until: Until | None) -> _Winter:
    """Return what a comparison needs of an outcome: a thousand winters' documents would not fit into memory."""
    if outcome.failure:
        return _Winter({}, {}, outcome.failure)
    document = outcome.document
    numbers = _numbers(document)
    if until is not None:
        check_number(document, until.number)
        numbers[until.number] = number_at(document, until.number)
    clauses = {row["id"]: (row["met"], row["late"] + row["missed"]) for row in document["clauses"]}
    return _Winter(numbers, clauses)


def _whole(played: Mapping[tuple[int, int], _Winter], options: int) -> list[int]:
    """Return the winters that have a result under every option."""
    counts = Counter(winter for (_, winter), kept in played.items() if not kept.failure)
    return sorted(winter for winter, count in counts.items() if count == options)


def _known_well(
    options: int, played: Mapping[tuple[int, int], _Winter], done: int, until: Until, confidence: float
) -> bool:
    """Return whether every option's mean is known to the wanted width, relative to what it could at least be."""
    for row in range(options):
        found = [played[row, winter].numbers.get(until.number, math.nan) for winter in range(done)]
        values = [value for value in found if math.isfinite(value)]
        if len(values) < 2:
            return False
        low, high = mean_interval(values, confidence)
        if (high - low) / 2 > until.width / (1 + until.width) * abs((low + high) / 2):
            return False
    return True


def _document(
    options: Sequence[Option],
    played: Mapping[tuple[int, int], _Winter],
    confidence: float,
    until: Until | None,
    enough: bool,
) -> dict[str, Any]:
    winters = _whole(played, len(options))
    if len(winters) < 2:
        failed = {winter: kept.failure.why for (_, winter), kept in played.items() if kept.failure}
        first = min(failed, default=0)
        raise ModelError(f"replication {first}", options[0].name, failed.get(first, "fewer than two winters in common"))
    rows = range(len(options))
    columns = [_columns([played[row, winter].numbers for winter in winters]) for row in rows]
    pooled = [_pooled([played[row, winter].clauses for winter in winters]) for row in rows]
    paths = [path for path in columns[0] if all(path in column for column in columns)]
    joint = 1 - (1 - confidence) / (len(options) - 1)
    return {
        "seed": options[0].scenario.seed,
        "replications": len(winters),
        "confidence": confidence,
        "baseline": options[0].name,
        "options": [
            {
                "name": option.name,
                "scenario": option.scenario.name,
                "network": option.scenario.network,
                "numbers": {path: _known(column[path], confidence) for path in paths},
                "compliance": compliance,
            }
            for option, column, compliance in zip(options, columns, pooled, strict=True)
        ],
        "differences": [
            {
                "option": option.name,
                "numbers": {path: _difference(path, columns[0][path], column[path], joint) for path in paths},
            }
            for option, column in zip(options[1:], columns[1:], strict=True)
        ],
        "stopped": None if until is None else {"number": until.number, "width": until.width, "reached": enough},
        "failures": [
            {"option": options[row].name, "replication": winter, "kind": kept.failure.kind, "why": kept.failure.why}
            for (row, winter), kept in sorted(played.items(), key=lambda item: item[0])
            if kept.failure
        ],
    }


def _numbers(document: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a winter that are compared: shortfalls by clause, headline, scores."""
    numbers = {
        f"clauses.{row['id']}.broken": float(row["late"] + row["missed"])
        for row in document["clauses"]
        if row["status"] not in ("not_simulated", "reported", "no_evidence")
    }
    for path in _COMPARED:
        part, _, name = path.partition(".")
        if name in document[part]:
            numbers[path] = number_at(document, path)
    return numbers


def _columns(winters: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Return the numbers that every winter has."""
    columns = {path: [numbers.get(path, math.nan) for numbers in winters] for path in winters[0]}
    compared = {
        path: values
        for path, values in columns.items()
        if path.endswith(".broken") or path in _COMPARED  # not what `until` alone watches
    }
    return {path: values for path, values in compared.items() if all(map(math.isfinite, values))}


def _pooled(winters: Sequence[Mapping[str, tuple[float, float]]]) -> dict[str, float]:
    """Return each clause's compliance, counts added before dividing."""
    pooled = {}
    for clause in winters[0]:
        met, broken = (sum(counts[clause][part] for counts in winters) for part in (0, 1))
        if met + broken > 0:
            pooled[clause] = met / (met + broken)
    return pooled


def _known(values: Sequence[float], confidence: float) -> dict[str, Any]:
    low, high = mean_interval(values, confidence)
    return {
        **spread(values),
        "low": low,
        "high": high,
        "p50_interval": quantile_interval(values, 0.5, confidence),
        "p95_interval": quantile_interval(values, 0.95, confidence),
    }


def _difference(path: str, first: Sequence[float], second: Sequence[float], confidence: float) -> dict[str, Any]:
    """Return a paired difference; its conclusion needs both intervals, Student's and the bootstrap's, to agree."""
    found = paired_difference(first, second, confidence)
    changes = [b - a for a, b in zip(first, second, strict=True)]
    low, high = bootstrap_interval(changes, confidence)
    if not any(changes):
        verdict = "same"
    elif (found.low > 0 and low > 0) or (found.high < 0 and high < 0):
        up, wish = found.mean > 0, wish_of(path)
        verdict = (
            ("higher" if up else "lower") if wish == "neither" else "better" if up == (wish == "high") else "worse"
        )
    else:
        verdict = "cannot_tell"
    needed = None
    if verdict == "cannot_tell" and found.mean:
        needed = winters_needed(found.se * math.sqrt(found.n), abs(found.mean), confidence=confidence)
        needed = needed if needed > found.n else None
    return {
        "mean": found.mean,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "bootstrap_low": low if math.isfinite(low) else None,
        "bootstrap_high": high if math.isfinite(high) else None,
        "n": found.n,
        "verdict": verdict,
        "winters_needed": needed,
    }
