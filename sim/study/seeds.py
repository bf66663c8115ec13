"""Where theory says a search should begin: Erlang's formulas for agents, machine repair for crews, lead times for fuel.

A seed is one policy among those that are played first; it is never believed beyond that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...scenarios.policies.roster import hands
from ...scenarios.scenario import Scenario
from .levers import Lever

__all__ = ["abandoning_share", "cover_days", "crews_for", "delayed_share", "suggested"]

_ABANDONING = 0.03  # of callers in the busiest steady hour: answered shares are judged by the day
_WAITING = 0.05  # of faults that find every crew away
_BUNCHED = 3.0  # faults come in cold spells: the load then, in that of the mean
_LATENESS = 2.0  # standard deviations of a delay that the reserve outlasts


def delayed_share(load: float, servers: int) -> float:
    """Return Erlang's C: the share of customers that wait, with `load` Erlangs on so many servers."""
    if load >= servers:
        return 1.0
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    return lost / (1.0 - load / servers * (1.0 - lost))


def abandoning_share(load: float, servers: int, impatience: float) -> float:
    """Return Erlang A's share of callers that give up.

    Parameters
    ----------
    load : float
        Arrivals in the mean time of handling [Erlang].
    servers : int
    impatience : float
        Handling time over patience, both in the mean [-].
    """
    weights, total, queued, level = 1.0, 1.0, 0.0, 0
    while level < servers or (weights > 1e-12 * total and level < 100_000):
        level += 1
        weights *= load / (min(level, servers) + max(level - servers, 0) * impatience)
        total += weights
        queued += weights * max(level - servers, 0)
    return impatience * queued / total / load


def crews_for(load: float, waiting: float = _WAITING) -> int:
    """Return the fewest crews with which at most such a share of faults waits, by Erlang's C [1].

    With few crews and rare faults the machine-repair model and this one are the same to first order, and this one is
    the more careful.
    """
    crews = 1
    while delayed_share(load, crews) > waiting:
        crews += 1
    return crews


def cover_days(scenario: Scenario) -> float:
    """Return the days of cover that outlast a late delivery behind a closed road [d].

    The delay of a late lot and a closure of the road add up; beyond it the forecast errs over those days alike,
    ``2.5`` times the variance of independent days.
    """
    supply = scenario.disruptions.fuel_supply
    late = supply.deliveries.late_h * (1.0 + _LATENESS * supply.deliveries.late_spread)
    closed = supply.roads.hours * (1.0 + _LATENESS * supply.roads.hours_spread) if supply.roads.enabled else 0.0
    days = (max(late, closed) + 0.5 * min(late, closed)) / 24.0
    return days + 2.3 * 2.1 / 18.0 * math.sqrt(2.5 * max(days, 1.0))


def suggested(
    scenario: Scenario, levers: Sequence[Lever], households: int, numbers: Mapping[str, float]
) -> tuple[dict[str, float], tuple[int, ...]]:
    """Return what theory suggests for the levers it knows, and the policy of settings nearest above.

    Parameters
    ----------
    scenario : Scenario
    levers : sequence of Lever
    households : int
        Connected.
    numbers : mapping
        Of one winter as the scenario has it, by path.
    """
    hours = 24.0 * 120
    rules: dict[str, Callable[[], float]] = {
        "reserve": lambda: cover_days(scenario),
        "crews": lambda: float(crews_for(_BUNCHED * numbers.get("headline.crew_hours", 0.0) / hours)),
        "agents": lambda: _agents(scenario, households),
    }
    told: dict[str, float] = {}
    policy: list[int] = []
    for lever in levers:
        values = [setting.value for setting in lever.settings]
        if lever.seed in rules and None not in values:
            told[lever.name] = wanted = rules[lever.seed]()
            above = [row for row, value in enumerate(values) if value is not None and value >= wanted - 1e-9]
            policy.append(above[0] if above else len(values) - 1)
        else:
            policy.append(len(lever.settings) // 2)
    return told, tuple(policy)


def _agents(scenario: Scenario, households: int) -> float:
    """Return the work per 100,000 households that a roster must be laid out for in the busiest steady hour."""
    calls, hotline = scenario.people.calls, scenario.people.hotline
    dissatisfied = 1.0 / (1.0 + math.exp((20.0 - calls.cold_midpoint_c) / calls.cold_spread_k))
    per_day = 10.0 * calls.other_per_10k_day + 1e5 * calls.cold_calls_per_day * dissatisfied
    busiest = max(calls.by_hour) / sum(calls.by_hour)
    per_100k = per_day * busiest * (1.0 + calls.day_spread) * hotline.handling_s / 3600.0
    load = per_100k * households / 1e5
    for level in np.arange(0.5, 4.0, 0.05) * per_100k:
        servers = int(hands(level * households / 1e5, scenario.policies.roster.safety))
        if abandoning_share(load, max(servers, 1), hotline.handling_s / hotline.patience_s) <= _ABANDONING:
            return float(level)
    return 4.0 * per_100k
