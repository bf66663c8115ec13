"""Sensitivity: which of the uncertain inputs the results depend on, and how much is only the luck of the winter.

Every number that is marked as uncertain (confidence below H, with a range) is an input, and so is the winter itself.
*Screening* (Morris) changes one input at a time along trajectories, each in one winter of its own, so that an effect is
never confused with another winter's. *Shares of variance* (Sobol) of those that matter treat the winter as one more
input: what it alone explains is the noise of seasons, what only it and an input explain together is their interaction.
*PAWN* compares whole distributions from a plain sample, where effects are not a matter of variance.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...network_models.problems import InputError, ModelError, Problem, ScenarioError, did_you_mean, together
from ...scenarios.scenario import Scenario
from ..guide.clause import default_guide
from .case import Metric, Outcome, check_metrics
from .design import Changes, scenario_at
from .executors import Executor
from .sweep import Study

__all__ = ["NUMBERS", "WINTER", "Input", "expected_runs", "inputs_of", "sensitivity"]

Floats = npt.NDArray[np.float64]
Method = Literal["sobol", "pawn"]

WINTER = "winter"
NUMBERS = (
    "headline.dwelling_hours_below_18_strict",
    "headline.heat_shed_gj",
    "headline.cost_cny",
    "score.operator",
)
_WINTERS = 64  # that the winter of a share of variance is drawn from
_NOISE_WINTERS = 12  # with the inputs as they are
_LEVELS = 4  # of a Morris trajectory
_ROUGH = 0.25  # error of a share of variance from which it says little
_BEYOND = 0.1  # by how much a share by itself, which is a part of its total, may pass it by the sampling
_OURS = ("policies.", "season.", "guide.")  # what is decided or read, not what the world is like


@dataclass(frozen=True, slots=True)
class Input:
    """One uncertain number.

    Attributes
    ----------
    path : str
        In the scenario.
    value : float
        As the scenario has it.
    low, high : float
        Its range.
    whole : bool
        Whether it is a whole number.
    confidence : str
        ``M`` or ``L``.
    """

    path: str
    value: float
    low: float
    high: float
    whole: bool
    confidence: str

    def at(self, share: float) -> float | int:
        """Return the value at a share of the range."""
        value = self.low + share * (self.high - self.low)
        return round(value) if self.whole else value


def inputs_of(scenario: Scenario, only: Sequence[str] = ()) -> list[Input]:
    """Return every number that is marked uncertain and has a range.

    Parameters
    ----------
    scenario : Scenario
    only : sequence of str
        Beginnings of paths; when left out, everything but policies, dates and the guide's own numbers.
    """
    found = _uncertain(scenario)
    if only:
        return [i for i in found if any(_begins(i.path, word) for word in only)]
    return [i for i in found if not i.path.startswith(_OURS)]


def _uncertain(scenario: Scenario) -> list[Input]:
    """Return every number that is marked uncertain and has a range, the guide's too."""
    found = [
        Input(a.path, float(a.value), a.low, a.high, isinstance(a.value, int), a.confidence)
        for a in scenario.assumptions()
        if a.confidence != "H"
        and a.low is not None
        and a.high is not None
        and a.high > a.low
        and isinstance(a.value, int | float)
        and not isinstance(a.value, bool)
    ]
    for clause in default_guide().clauses:
        for name, number in clause.numbers.items():
            if number.assumed and number.low is not None and number.high is not None and number.high > number.low:
                path = f'guide."{clause.id}".{name}'
                found.append(Input(path, number.value, number.low, number.high, whole=False, confidence="L"))
    return found


def _inputs(scenario: Scenario, only: Sequence[str]) -> list[Input]:
    """Return the inputs, or tell of every beginning that is none's."""
    inputs = inputs_of(scenario, only)
    idle = [word for word in only if not any(_begins(i.path, word) for i in inputs)]
    if idle or not inputs:
        known = [i.path for i in _uncertain(scenario)]
        wanted = "the beginning of a path that has uncertain numbers"
        raise InputError([Problem("--only", word, wanted, did_you_mean(word, known)) for word in idle or [""]])
    return inputs


def _begins(path: str, word: str) -> bool:
    return path == word or path.startswith(f"{word}.")


def _check_samples(samples: int, method: Method) -> None:
    if method == "sobol" and samples & (samples - 1):
        raise InputError([Problem("--samples", str(samples), "a power of two", f"e.g. {1 << samples.bit_length()}")])


def sensitivity(
    scenario: Scenario,
    executor: Executor | None = None,
    *,
    only: Sequence[str] = (),
    numbers: Sequence[str] = NUMBERS,
    trajectories: int = 4,
    top: int = 8,
    samples: int = 32,
    method: Method = "sobol",
    seed: int = 1,
    metrics: Sequence[str | Metric] = (),
    out: Path | str | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> dict[str, Any]:
    """Screen the uncertain inputs, then say what share of the variance those that matter explain.

    Parameters
    ----------
    scenario : Scenario
    executor : Executor, optional
        Serial when left out.
    only : sequence of str
        As in :func:`inputs_of`.
    numbers : sequence of str
        Paths of the results that are looked at; of metrics ``metrics.NAME``.
    trajectories : int
        Of the screening, at least 2; each takes one winter and a run for every input, and one more.
    top : int
        How many inputs are looked at further; 0: none.
    samples : int
        A power of two: (top + 3) times as many winters for Sobol, as many for PAWN.
    method : {"sobol", "pawn"}
    seed : int
        Of the samples.
    metrics : sequence of str or callable
        Functions of the user's that measure every winter, as in :func:`heatseason.sim.study.case.play`.
    out : path, optional
        Folder that keeps what was played.
    on_done : callable, optional
        Told of every outcome.

    Returns
    -------
    dict
        JSON values: ``inputs``, ``screening`` and ``shares`` by number, ``noise`` (standard deviation over winters with
        all inputs as they are), ``runs``, ``dropped`` (trajectories or sample blocks with a winter that failed),
        ``rough`` (numbers of whose shares so few samples say little).

    Raises
    ------
    InputError
        When SALib is not there, no input is left, or a result has no such number.
    """
    inputs, *_ = together(lambda: _inputs(scenario, only), lambda: check_metrics(metrics),
                          lambda: _check_samples(samples, method), _salib)  # fmt: skip
    with contextlib.ExitStack() as stack:
        folder = out if out is not None else stack.enter_context(tempfile.TemporaryDirectory())
        study = stack.enter_context(Study(folder, scenario, metrics=metrics, about={"sensitivity": list(only)}))
        play = _Player(study, executor, numbers, on_done)
        noise = _noise(play, numbers)
        screening, dropped = _screen(play, inputs, numbers, trajectories, seed)
        most = _most(screening, inputs, numbers, top)
        shares: dict[str, Any] = {}
        if most:
            analyse = _sobol if method == "sobol" else _pawn
            shares, lost = analyse(play, most, numbers, samples, seed)
            dropped += lost
        return {
            "scenario": scenario.name,
            "network": scenario.network,
            "seed": scenario.seed,
            "inputs": [
                {"path": i.path, "value": i.value, "low": i.low, "high": i.high, "confidence": i.confidence}
                for i in inputs
            ],
            "numbers": list(numbers),
            "noise": noise,
            "screening": screening,
            "method": method,
            "samples": samples if most else 0,
            "shares": shares,
            "rough": [name for name, rows in shares.items() if _rough(rows)],
            "trajectories": trajectories,
            "runs": sum(study.ledger.counts().values()),
            "dropped": dropped,
        }


def expected_runs(
    scenario: Scenario, only: Sequence[str], trajectories: int, top: int, samples: int, method: Method
) -> int:
    """Return how many winters :func:`sensitivity` plays at most."""
    inputs = len(inputs_of(scenario, only))
    further = min(top, inputs)
    blocks = (further + 3) * samples if method == "sobol" else samples
    return _NOISE_WINTERS + trajectories * (inputs + 1) + (blocks if further else 0)


@dataclass(slots=True)
class _Player:
    """Plays rows of shares at given winters; a row with a value that a scenario cannot have, or that failed, is NaN."""

    study: Study
    executor: Executor | None
    numbers: Sequence[str]
    on_done: Callable[[Outcome], None] | None

    def __call__(self, inputs: Sequence[Input], shares: Floats, winters: Sequence[int]) -> Floats:
        """Return the numbers of every row, shape (row, number)."""
        points: list[Changes] = []
        place: list[int] = []
        pairs: list[tuple[int, int]] = []
        for row, winter in zip(shares.tolist(), winters, strict=True):
            changes = {i.path: i.at(share) for i, share in zip(inputs, row, strict=True)}
            try:
                scenario_at(self.study.base, changes)
            except ScenarioError:  # inputs that do not go together, e.g. a morning that begins after the evening
                place.append(-1)
                continue
            place.append(len(points))
            pairs.append((len(points), winter))
            points.append(changes)
        for played in self.study.play_pairs(points, pairs, self.executor):
            if self.on_done:
                self.on_done(played.outcome)
        known = {(row.point, row.replication): row.numbers for row in self.study.ledger.rows(self._kept())}
        found = np.full((len(place), len(self.numbers)), np.nan)
        stored = self.study.add(points)
        for row, (at, winter) in enumerate(zip(place, winters, strict=True)):
            values = known.get((stored[at], winter)) if at >= 0 else None
            if values is not None:
                found[row] = [values.get(name, np.nan) for name in self.numbers]
        return found

    def _kept(self) -> list[str]:
        there = self.study.ledger.names()
        missing = [name for name in self.numbers if name not in there]
        if missing and there:
            wanted = "a number of the ledger such as headline.cost_cny"
            raise InputError([Problem("--number", name, wanted, did_you_mean(name, there)) for name in missing])
        return [name for name in self.numbers if name in there]


def _noise(play: _Player, numbers: Sequence[str], winters: int = _NOISE_WINTERS) -> dict[str, Any]:
    """Return mean and standard deviation over winters with every input as it is."""
    values = play([], np.zeros((winters, 0)), range(winters))
    if not np.isfinite(values).all(axis=1).any():
        raise ModelError("", play.study.base.name, "no winter could be played with the inputs as they are")
    return {
        name: {"mean": float(np.nanmean(column)), "sd": float(np.nanstd(column, ddof=1))}
        for name, column in zip(numbers, values.T, strict=True)
    }


def _screen(
    play: _Player, inputs: Sequence[Input], numbers: Sequence[str], trajectories: int, seed: int
) -> tuple[dict[str, Any], int]:
    """Return Morris' measures by number, the strongest first, and how many trajectories were dropped."""
    from SALib.analyze import morris as analysis
    from SALib.sample import morris

    problem = _problem([i.path for i in inputs])
    shares = morris.sample(problem, trajectories, num_levels=_LEVELS, seed=seed)
    length = len(inputs) + 1
    winters = np.repeat(np.arange(trajectories), length).tolist()
    values = play(inputs, shares, winters)
    whole = np.isfinite(values).all(axis=1).reshape(trajectories, length).all(axis=1)
    kept = np.repeat(whole, length)
    if whole.sum() < 2:
        raise ModelError("", play.study.base.name, "fewer than two trajectories of the screening could be played")
    found: dict[str, Any] = {}
    for column, name in enumerate(numbers):
        told = analysis.analyze(problem, shares[kept], values[kept, column], num_levels=_LEVELS, seed=seed)
        rows = [
            {"path": i.path, "mu_star": float(m), "mu": float(u), "sigma": float(s), "error": float(e)}
            for i, m, u, s, e in zip(
                inputs, told["mu_star"], told["mu"], told["sigma"], told["mu_star_conf"], strict=True
            )
        ]
        found[name] = sorted(rows, key=lambda row: -row["mu_star"])
    return found, int((~whole).sum())


def _most(screening: dict[str, Any], inputs: Sequence[Input], numbers: Sequence[str], top: int) -> list[Input]:
    """Return the inputs that matter most to any number, taken in turn from each number's list."""
    of = {i.path: i for i in inputs}
    chosen: dict[str, None] = {}
    for rank in range(len(inputs)):
        for name in numbers:
            row = screening[name][rank]
            if row["mu_star"] > 0 and len(chosen) < top:
                chosen[row["path"]] = None
    return [of[path] for path in chosen]


def _sobol(
    play: _Player, inputs: Sequence[Input], numbers: Sequence[str], samples: int, seed: int
) -> tuple[dict[str, Any], int]:
    """Return first-order and total shares of variance by number, the winter among the inputs; and blocks dropped."""
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol

    names = [*(i.path for i in inputs), WINTER]
    problem = _problem(names)
    shares = sobol.sample(problem, samples, calc_second_order=False, seed=seed)
    values = play(inputs, shares[:, :-1], _winters(shares[:, -1]))
    block = len(names) + 2
    whole = np.isfinite(values).all(axis=1).reshape(-1, block).all(axis=1)
    kept = np.repeat(whole, block)
    found: dict[str, Any] = {}
    for column, name in enumerate(numbers):
        y = values[kept, column]
        if not len(y) or np.ptp(y) == 0:
            found[name] = []
            continue
        told = analysis.analyze(problem, y, calc_second_order=False, seed=seed)
        rows = [
            {"path": p, "first": float(a), "first_error": float(b), "total": float(c), "total_error": float(d)}
            for p, a, b, c, d in zip(names, told["S1"], told["S1_conf"], told["ST"], told["ST_conf"], strict=True)
        ]
        found[name] = sorted(rows, key=lambda row: -row["total"])
    return found, int((~whole).sum())


def _rough(rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether shares of variance are hardly known: wide errors, or parts that are larger than their whole."""
    return any(
        row["total_error"] > _ROUGH or row["first"] - row["total"] > _BEYOND for row in rows if "total_error" in row
    )


def _pawn(
    play: _Player, inputs: Sequence[Input], numbers: Sequence[str], samples: int, seed: int
) -> tuple[dict[str, Any], int]:
    """Return PAWN's median distance of distributions by number, the winter among the inputs; and rows dropped."""
    from SALib.analyze import pawn as analysis
    from SALib.sample import latin

    names = [*(i.path for i in inputs), WINTER]
    problem = _problem(names)
    shares = latin.sample(problem, samples, seed=seed)
    values = play(inputs, shares[:, :-1], _winters(shares[:, -1]))
    kept = np.isfinite(values).all(axis=1)
    found: dict[str, Any] = {}
    for column, name in enumerate(numbers):
        told = analysis.analyze(problem, shares[kept], values[kept, column], S=max(4, samples // 32), seed=seed)
        rows = [{"path": p, "distance": float(m)} for p, m in zip(names, told["median"], strict=True)]
        found[name] = sorted(rows, key=lambda row: -row["distance"])
    return found, int((~kept).sum())


def _winters(shares: Floats) -> list[int]:
    """Return the winter of each share, 0 to 1: each of them is drawn as often as another."""
    return [min(int(share * _WINTERS), _WINTERS - 1) for share in shares.tolist()]


def _problem(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError as error:
        hint = "pip install 'heatseason[doe]'"
        raise InputError([Problem("", "", "the extra doe (SALib)", hint)]) from error
