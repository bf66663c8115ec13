"""Rare joint events: how likely, with most winters spent where they can happen, and with weights that are honest.

Weather and gas curtailments cost a thousandth of a season. So many winters are drawn of these alone, put in order of
how hard they are, and parted into strata; seasons are played mostly in the hard ones. Every stratum counts by the share
of winters in it, so the estimate stays unbiased whatever the order is worth. What such a sample cannot rule out, an
event in the many winters that were hardly played, is said beside it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.problems import ModelError, ScenarioError
from ...scenarios.calendar import Calendar
from ...scenarios.chance import stream
from ...scenarios.disruptions.fuel_supply import draw_gas_curtailments
from ...scenarios.scenario import Scenario
from ...scenarios.weather.weather import make_weather
from .batch import check_number, number_at
from .case import Case, Outcome, faults_of
from .executors import Executor, play_all

__all__ = ["RareEvent", "Stratum", "estimate", "hardness", "rare_event", "strata_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EDGES = (0.5, 0.8, 0.95, 0.99)
_LONGEST = 5  # days of a cold spell that is looked for


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the winters: how many of the pool are in it, how many were played, and in how many it happened."""

    pool: int
    played: int
    happened: int


@dataclass(frozen=True, slots=True)
class RareEvent:
    """How likely an event is.

    Attributes
    ----------
    probability, se : float
        Estimate and its standard error, the drawing of the pool included.
    low, high : float
        95 % interval, normal on the logit scale; `unseen` is part of its upper end.
    unseen : float
        How much more likely it could be in strata in which it never happened.
    crude : int
        Winters that plain sampling would have needed for the same standard error.
    strata : tuple of Stratum
        From easy to hard.
    """

    probability: float
    se: float
    low: float
    high: float
    unseen: float
    crude: int
    strata: tuple[Stratum, ...]

    @property
    def played(self) -> int:
        """Winters played."""
        return sum(stratum.played for stratum in self.strata)


def rare_event(
    scenario: Scenario,
    happens: Callable[[Outcome], bool] | tuple[str, float],
    executor: Executor | None = None,
    *,
    pool: int = 2000,
    winters: int = 100,
    edges: Sequence[float] = EDGES,
    on_done: Callable[[Outcome], None] | None = None,
) -> RareEvent:
    """Estimate the probability that something happens in a winter.

    Parameters
    ----------
    scenario : Scenario
    happens : callable, or (path, threshold)
        Whether it happened; or the path of a number that is then above the threshold.
    executor : Executor, optional
        Serial when left out.
    pool : int
        Winters of which weather and curtailments are drawn: replications 0 to ``pool - 1``.
    winters : int
        Seasons played, spread evenly over the strata, a stratum being played whole where it is small.
    edges : sequence of float
        Shares of the pool, from easy to hard, at which strata part.
    on_done : callable, optional
        Told of every outcome.

    Raises
    ------
    InputError
        With everything that is wrong with the scenario, or when a scorecard has no such number.
    ModelError
        When a winter could not be played.
    """
    if faults := faults_of(scenario):
        raise ScenarioError(faults)
    if not callable(happens):
        path, threshold = happens

        def happens(outcome: Outcome) -> bool:
            check_number(outcome.document, path)
            return number_at(outcome.document, path) > threshold

    parts = strata_of(hardness(scenario, pool), edges)
    chosen: dict[int, int] = {}
    for number, members in enumerate(parts):
        take = min(len(members), max(2, winters // len(parts)))
        drawn = stream(scenario.seed, 0, "rare_event", number).permutation(members)[:take]
        chosen.update((int(winter), number) for winter in drawn)
    happened = [0] * len(parts)
    for outcome in play_all((Case(scenario, winter) for winter in chosen), executor):
        if outcome.failure:
            raise ModelError(f"replication {outcome.replication}", scenario.name, outcome.failure.why)
        happened[chosen[outcome.replication]] += happens(outcome)
        if on_done:
            on_done(outcome)
    played = [sum(1 for number in chosen.values() if number == n) for n in range(len(parts))]
    return estimate([Stratum(len(p), n, h) for p, n, h in zip(parts, played, happened, strict=True)])


def hardness(scenario: Scenario, winters: int) -> Floats:
    """Return how hard each winter is, shape (winter,) [K d]: the worst five days' cold, more of it where gas is short.

    Day by day what the mean lacks of 10 degC, times one plus the share of gas withheld.
    """
    calendar = Calendar.of(scenario)
    found = np.zeros(winters)
    for winter in range(winters):
        weather = make_weather(scenario.weather, calendar.origin, calendar.days, scenario.seed, winter)
        gas = draw_gas_curtailments(scenario.disruptions.fuel_supply, weather, calendar, scenario.seed, winter)
        withheld = np.zeros(calendar.days)
        for begin, end, share in zip(gas.start_s, gas.end_s, gas.share, strict=True):
            days = slice(int(begin) // 86_400, -(-int(end) // 86_400))
            withheld[days] = np.maximum(withheld[days], share)
        cold = np.maximum(10.0 - weather.daily_mean_c, 0.0) * (1.0 + withheld)
        found[winter] = np.convolve(cold, np.ones(_LONGEST), "valid").max()
    return found


def strata_of(hard: Floats, edges: Sequence[float] = EDGES) -> list[Ints]:
    """Return the winters of each stratum, from easy to hard."""
    order = np.argsort(hard, kind="stable")
    cuts = [round(edge * len(order)) for edge in edges]
    return [np.sort(part) for part in np.split(order, cuts) if len(part)]


def estimate(strata: Sequence[Stratum]) -> RareEvent:
    """Return the stratified estimate of a probability.

    Notes
    -----
    p = Σ W p_h. Its variance has a part for each stratum, W² p_h (1 - p_h) / (n_h - 1) with the pool's correction, and
    one for the pool itself being a sample of all winters, Σ W (p_h - p)² / N (Cochran, Sampling Techniques, 12.5). The
    hardest stratum in which it never happened counts there with half a winter in which it did: misses are likeliest.
    Where it never happened, the rule of three gives what could have been missed: 3 / n, n being the winters played in
    that stratum and in all harder ones up to the first in which it did happen (in harder winters it is no less likely).
    """
    pool = sum(stratum.pool for stratum in strata)
    weight = np.array([stratum.pool / pool for stratum in strata])
    played = np.array([stratum.played for stratum in strata], np.float64)
    happened = np.array([stratum.happened for stratum in strata], np.float64)
    p = happened / played
    left = 1.0 - played / np.array([stratum.pool for stratum in strata])
    cautious = p.copy()
    if happened.any() and (edge := int(np.argmax(happened > 0)) - 1) >= 0:
        cautious[edge] = 0.5 / (played[edge] + 1.0)
    within = weight**2 * left * cautious * (1.0 - cautious) / np.maximum(played - 1.0, 1.0)
    probability = float(weight @ p)
    se = math.sqrt(float(within.sum() + weight @ (p - probability) ** 2 / pool))
    unseen, seen_so_far = 0.0, 0.0
    for row in reversed(range(len(strata))):
        seen_so_far = 0.0 if happened[row] else seen_so_far + played[row]
        if seen_so_far and left[row] > 0:
            unseen += weight[row] * min(1.0, 3.0 / seen_so_far)
    low, high = probability, probability
    if 0.0 < probability < 1.0:
        z = statistics.NormalDist().inv_cdf(0.975)
        middle, reach = math.log(probability / (1.0 - probability)), z * se / (probability * (1.0 - probability))
        low, high = (1.0 / (1.0 + math.exp(-(middle + sign * reach))) for sign in (-1, 1))
    high = min(1.0, high + unseen)
    if probability == 1.0:  # as when it never happens, seen from the other side
        low = 1.0 - estimate([Stratum(part.pool, part.played, 0) for part in reversed(strata)]).high
    crude = round(probability * (1.0 - probability) / se**2) if se > 0 else 0
    return RareEvent(probability, se, low, high, float(unseen), crude, tuple(strata))


def document(event: RareEvent) -> dict[str, Any]:
    """Return an estimate as JSON values."""
    return {
        "probability": event.probability,
        "se": event.se,
        "low": event.low,
        "high": event.high,
        "unseen": event.unseen,
        "played": event.played,
        "crude": event.crude,
        "strata": [{"pool": s.pool, "played": s.played, "happened": s.happened} for s in event.strata],
    }
