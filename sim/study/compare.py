"""Policies on common winters: what each comes to, how each differs from the first, and whether that is sure.

The document that :func:`compare` returns holds for every option its numbers with intervals, and for every option but
the first the paired differences, each with the word that it deserves: better, worse, the same, by the same amount in
every winter so far (which is no sample of what may come), or cannot tell yet.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...network_models.problems import InputError, ModelError, Problem, did_you_mean, together, whole_number
from ...scenarios.scenario import Scenario
from .batch import check_number, number_at
from .case import Case, Failure, Outcome
from .executors import Executor, play_all
from .intervals import (
    bootstrap_interval,
    least_winters,
    mean_interval,
    paired_difference,
    quantile_interval,
    unseen_share,
    winters_needed,
)
from .options import Option, check, named
from .rank import Selection, select_best
from .tally import spread

__all__ = ["NUMBERS", "WATCHED", "Until", "compare", "select", "want_of"]

Want = Literal["high", "low", "neither"]

NUMBERS: Mapping[str, Want] = {
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

_WANTED: Mapping[str, Want] = {
    **NUMBERS,
    "headline.share_dwelling_hours_18_strict": "high",
    "headline.share_dwelling_hours_18_in_scope": "high",
    "headline.share_dwellings_always_18_in_scope": "high",
    "headline.degree_hours_below_16": "low",
    "headline.degree_hours_below_14": "low",
    "headline.degree_hours_below_12": "low",
    "headline.coldest_1pct_mean_c": "high",
    "headline.coldest_1pct_degree_hours": "low",
    "headline.heat_shed_fuel_gj": "low",
    "headline.heat_lost_gj": "low",
    "headline.min_contract_cover": "high",
    "headline.water_t": "low",
    "headline.cost_cny_m2": "low",
    "headline.co2_value_cny": "low",
    "headline.revenue_owed_cny": "low",
}
_OF_A_CLAUSE: Mapping[str, Want] = {
    "late": "low", "missed": "low", "broken": "low", "compliance": "high", "margin": "high", "relative_margin": "high",
}  # fmt: skip
_COMPARED = (*NUMBERS, "score.operator", "score.authority")
WATCHED = "headline.dwelling_hours_below_18_strict"  # where nothing else is asked for
_HEAT = "headline.heat_gj"
_OF_LESS_HEAT = (  # are better where less is heated
    "headline.min_days_of_cover", "headline.heat_shed_gj", "headline.cost_cny", "headline.co2_t",
)  # fmt: skip
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
    options: Sequence[Option | Scenario | str],
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
    options : sequence of Option, Scenario or str
        Two or more, of one seed; a text such as ``town@policies.crews.teams=1``. Each goes by a name of its own.
    replications : int
        Winters of each, at least 2 (a conclusion takes 6 or more); at most so many where `until` is given.
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
        ``interrupted`` (by Ctrl-C: what was played under all options is compared), ``wanted`` (winters asked for),
        ``least_winters`` (that a conclusion takes), ``unseen`` (how likely a kind of winter may be that never came). Of
        a difference ``reason`` says why there is no conclusion though Student's interval leaves out zero:
        ``few_winters``, or ``bootstrap``; ``with_less_heat`` lists what is better where less was heated and homes were
        colder, which is no saving at like service.

    Raises
    ------
    InputError
        When there are fewer than two options or winters, their winters are not the same, `until` watches no number, or
        the confidence is none.
    ModelError
        When fewer than two winters could be played under all options.
    """
    chosen, replications, _ = together(
        lambda: named(options), lambda: whole_number(replications, "replications", 2), lambda: _check(confidence)
    )
    check(chosen)
    played: dict[tuple[int, int], _Winter] = {}
    done = 0
    enough = interrupted = False
    while done < replications and not enough and not interrupted:
        goal = replications if until is None else min(replications, max(_FIRST_LOOK, math.ceil(done * _GROWTH)))
        try:
            for row, outcome in _played(chosen, range(len(chosen)), range(done, goal), executor, on_done):
                played[row, outcome.replication] = _kept(outcome, until)
        except KeyboardInterrupt:
            interrupted = True
            if len(_whole(played, len(chosen))) < 2:
                raise
        done = goal
        enough = until is not None and not interrupted and _known_well(len(chosen), played, done, until, confidence)
    found = _document(chosen, played, confidence, until, enough)
    return {**found, "interrupted": interrupted, "wanted": replications}


def select(
    options: Sequence[Option],
    number: str,
    indifference: float,
    executor: Executor | None = None,
    *,
    want: Literal["high", "low"] | None = None,
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
    want : {"high", "low"}, optional
        What is better; known for costs, shortfalls, scores, what is late or missed (:func:`want_of`), and to be said
        for all others.

    Raises
    ------
    InputError
        When it is not known what is better, before any winter is played; or there is no such number.
    """
    direction, *_ = together(lambda: _direction(number, want), lambda: _check(confidence), lambda: check(options))
    sign = -1.0 if direction == "low" else 1.0

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


def want_of(path: str) -> Want:
    """Return whether a number had better be high or low: neither, where more duties met may be more duties."""
    part, _, name = path.partition(".")
    if part == "score":
        return "high"
    if part == "clauses":
        return "neither" if ".indicators." in name else _OF_A_CLAUSE.get(name.rpartition(".")[2], "neither")
    if part == "headline" and name.partition(".")[0].removesuffix("_m2").endswith("_split_cny"):
        return "low"
    return _WANTED.get(path, "neither")


def _direction(number: str, want: Want | None) -> Want:
    """Return what is better of a number, or raise InputError where nobody knows."""
    found = want or want_of(number)
    if found in ("high", "low"):
        return found
    near = "" if number in NUMBERS else did_you_mean(number, [path for path in _WANTED if want_of(path) != "neither"])
    hint = near or "say which: --want low, or --want high"
    raise InputError([Problem("--number", number, "a number of which high or low is known to be better", hint)])


def _check(confidence: float) -> None:
    if not 0.5 <= confidence < 1:
        raise InputError([Problem("--confidence", f"{confidence:g}", "from 0.5 up to, not including, 1")])


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
    differences = [
        {path: _difference(path, columns[0][path], column[path], joint) for path in paths} for column in columns[1:]
    ]
    return {
        "seed": options[0].scenario.seed,
        "replications": len(winters),
        "confidence": confidence,
        "least_winters": least_winters(joint),
        "unseen": unseen_share(len(winters), confidence),
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
            {"option": option.name, "numbers": numbers, "with_less_heat": _with_less_heat(numbers)}
            for option, numbers in zip(options[1:], differences, strict=True)
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
    """Return a paired difference and what is concluded of it.

    A conclusion needs that both intervals leave out zero, Student's and the bootstrap's; that there are winters enough
    for signs alone not to be chance; and that differences differ, for of one amount alone there is no sample.
    """
    found = paired_difference(first, second, confidence)
    changes = [b - a for a, b in zip(first, second, strict=True)]
    low, high = bootstrap_interval(changes, confidence)
    agreed = (found.low > 0 and low > 0) or (found.high < 0 and high < 0)
    least, verdict, reason = least_winters(confidence), "cannot_tell", None
    if not any(changes):
        verdict = "same"
    elif _one_amount(changes, max(map(abs, (*first, *second)))):
        verdict = "constant"
    elif found.clear and (found.n < least or not agreed):
        reason = "few_winters" if found.n < least else "bootstrap"
    elif agreed:
        up, want = found.mean > 0, want_of(path)
        verdict = (
            ("higher" if up else "lower") if want == "neither" else "better" if up == (want == "high") else "worse"
        )
    needed = None
    if verdict == "cannot_tell" and found.mean:
        needed = max(least, winters_needed(found.se * math.sqrt(found.n), abs(found.mean), confidence=confidence))
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
        "reason": reason,
        "winters_needed": needed,
    }


def _with_less_heat(numbers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what is better only as less is when less heat was sent out and homes were colder for longer."""
    heat, cold = numbers.get(_HEAT), numbers.get(WATCHED)
    less = heat is not None and heat["mean"] < 0 and heat["verdict"] in ("lower", "constant")
    colder = cold is not None and cold["mean"] > 0 and cold["verdict"] in ("worse", "constant")
    return [
        path for path in _OF_LESS_HEAT if less and colder and path in numbers and numbers[path]["verdict"] == "better"
    ]


def _one_amount(changes: Sequence[float], size: float) -> bool:
    """Return whether all differences are one, but for the rounding of numbers of a size."""
    return max(changes) - min(changes) <= 1e-9 * max(map(abs, changes)) + 8 * math.ulp(size)
