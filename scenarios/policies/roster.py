"""Who answers the telephone and who goes to measure, hour by hour."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats
from ..parts import Part, number

__all__ = ["FollowsCalls", "ListedAgents", "Roster", "agents_on_duty", "measurers_on_duty"]

Ints = npt.NDArray[np.int64]
_HOUR_S, _DAY_S = 3_600, 86_400
_NIGHT = (22, 6)  # 22:00-6:00


class FollowsCalls(Part):
    """Agents in proportion to the hour's usual calls, with a surge at the season's start."""

    kind: Literal["follows_calls"] = "follows_calls"
    """In proportion to the hour's usual calls."""

    agents_per_100k: float = number(
        8.0, ge=0, le=500, source="80 calls per 10,000 households and day at 4.5 min, busiest hour 9 %, some slack",
        confidence="L", low=4.0, high=14.0,
    )  # fmt: skip
    """Agents in the busiest hour of a steady day [1/(100,000 households)]."""

    surge_per_100k: float = number(
        26.0, ge=0, le=2_000, source="Beijing: 80 seats on the first day; Jinan 6 -> 100 people", confidence="L",
        low=12.0, high=50.0,
    )  # fmt: skip
    """Agents in the busiest hour while the surge lasts [1/(100,000 households)]."""

    surge_days: int = number(
        10, ge=0, le=150, source="calls fall to a third in 5 d (Qingdao), by e in 15 d (Shenyang)", confidence="L",
        low=5, high=20,
    )  # fmt: skip
    """Days of surge from the first day of heat [d]."""

    before_share: float = number(
        0.35, ge=0, le=5, source="assumed: enquiries during readiness works", confidence="L", low=0.2, high=0.6
    )
    """Agents before heat comes on, as a share of a steady day's [-]."""

    after_share: float = number(0.35, ge=0, le=5, source="assumed: closing of cases", confidence="L", low=0.2, high=0.6)
    """Agents after the season, as a share of a steady day's [-]."""

    least: int = number(1, ge=0, le=100, source="guide 二（7）②: assigned people receive calls 24 h", confidence="H")
    """Agents at any hour [1]."""

    night: Literal["attended", "unattended"] = "attended"
    """Whether anyone answers from 22:00 to 6:00; ``unattended`` breaks guide 二（7）②."""

    measurers_per_100k: float = number(
        14.0, ge=0, le=500, source="assumed: about 25 visits per 100,000 households and hour in the first days, one "
        "an hour each", confidence="L", low=6.0, high=30.0,
    )  # fmt: skip
    """Measurers on a day shift of a steady day [1/(100,000 households)]."""

    measurers_surge: float = number(
        2.5, ge=0, le=50, source="assumed: other staff lent", confidence="L", low=1.0, high=5.0
    )
    """Measurers while the surge lasts, as a multiple [-]."""

    measurers_night_share: float = number(0.25, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.5)
    """Measurers from 22:00 to 6:00, as a share of the day's [-]."""


class ListedAgents(Part):
    """Agents and measurers by hour of the clock, as numbers of people."""

    kind: Literal["listed"] = "listed"
    """By a list."""

    agents: tuple[int, ...] = Field(min_length=24, max_length=24, strict=False)
    """Agents by hour of the clock on a steady day, shape (24,)."""

    surge_agents: tuple[int, ...] | None = Field(default=None, min_length=24, max_length=24, strict=False)
    """Agents while the surge lasts, shape (24,); none: as on a steady day."""

    surge_days: int = Field(default=10, ge=0, le=150)
    """Days of surge from the first day of heat [d]."""

    measurers: tuple[int, ...] = Field(min_length=24, max_length=24, strict=False)
    """Measurers by hour of the clock, shape (24,)."""


Roster = Annotated[FollowsCalls | ListedAgents, Field(discriminator="kind")]


def agents_on_duty(
    policy: FollowsCalls | ListedAgents,
    hours: int,
    households: int,
    calls_by_hour: Floats,
    heat_on_s: int,
    heat_off_s: int,
    absent_share: Floats,
) -> Ints:
    """Return the agents on duty in each hour since the origin, shape (hour,).

    Parameters
    ----------
    hours
        Number of hours; beyond the absence table its last day goes on.
    households
        Connected households.
    calls_by_hour
        Usual share of a day's calls by hour of the clock, shape (24,).
    heat_on_s, heat_off_s
        When heat comes on (preheat included) and goes off, as planned [s].
    absent_share
        Share of agents absent by day, shape (day,).
    """
    hour = np.arange(hours)
    of_day, day = hour % 24, hour // 24
    present = 1.0 - absent_share[np.minimum(day, len(absent_share) - 1)]
    surge, _ = _periods(hour, policy.surge_days, heat_on_s, heat_off_s)
    if isinstance(policy, ListedAgents):
        listed = np.asarray(policy.agents)[of_day]
        if policy.surge_agents is not None:
            listed = np.where(surge, np.asarray(policy.surge_agents)[of_day], listed)
        return np.rint(listed * present).astype(np.int64)
    profile = np.asarray(calls_by_hour) / np.max(calls_by_hour)
    before, after = hour * _HOUR_S < heat_on_s, hour * _HOUR_S >= heat_off_s
    level = np.where(surge, max(policy.surge_per_100k, policy.agents_per_100k), policy.agents_per_100k)
    level = level * np.where(before, policy.before_share, np.where(after, policy.after_share, 1.0))
    wanted = level * households / 100_000.0 * profile[of_day] * present
    agents = np.maximum(np.ceil(wanted - 1e-9), policy.least).astype(np.int64)
    if policy.night == "unattended":
        agents[_is_night(of_day)] = 0
    return agents


def measurers_on_duty(
    policy: FollowsCalls | ListedAgents,
    hours: int,
    households: int,
    heat_on_s: int,
    heat_off_s: int,
    absent_share: Floats,
) -> Ints:
    """Return the measurers on duty in each hour since the origin, at least one by day, shape (hour,)."""
    hour = np.arange(hours)
    of_day, day = hour % 24, hour // 24
    present = 1.0 - absent_share[np.minimum(day, len(absent_share) - 1)]
    if isinstance(policy, ListedAgents):
        return np.rint(np.asarray(policy.measurers)[of_day] * present).astype(np.int64)
    surge, steady = _periods(hour, policy.surge_days, heat_on_s, heat_off_s)
    level = np.where(surge, policy.measurers_per_100k * policy.measurers_surge, policy.measurers_per_100k)
    level = level * np.where(steady, 1.0, policy.before_share)
    level = level * np.where(_is_night(of_day), policy.measurers_night_share, 1.0)
    wanted = level * households / 100_000.0 * present
    least = np.where(_is_night(of_day) | (policy.measurers_per_100k == 0.0), 0.0, 1.0)
    return np.maximum(np.ceil(wanted - 1e-9), least).astype(np.int64)


def _periods(
    hour: Ints, surge_days: int, heat_on_s: int, heat_off_s: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which hours are of the surge, and which of the time with heat."""
    at = hour * _HOUR_S
    steady = (at >= heat_on_s) & (at < heat_off_s)
    return steady & (at < heat_on_s + surge_days * _DAY_S), steady


def _is_night(of_day: Ints) -> npt.NDArray[np.bool_]:
    return (of_day >= _NIGHT[0]) | (of_day < _NIGHT[1])
