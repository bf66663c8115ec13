"""Who answers the telephone, who follows a complaint up and who goes to measure, hour by hour.

Hands are laid out by the square-root rule: for ``a`` hands' worth of work expected at once, ``c = a + beta sqrt(a)`` of
them, rounded up. What calls and visits vary by grows with the square root of their number, so a small team needs more
idle time than a large one for the same waits. References: Halfin & Whitt, "Heavy-traffic limits for queues with many
exponential servers", Operations Research 29 (1981); Borst, Mandelbaum & Reiman, "Dimensioning large call centers",
Operations Research 52 (2004).
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats
from ..parts import Part, number

__all__ = [
    "SHIFTS",
    "FollowsCalls",
    "InShifts",
    "ListedAgents",
    "Roster",
    "Shift",
    "agents_on_duty",
    "authority_on_duty",
    "hands",
    "measurers_on_duty",
    "officers_on_duty",
    "shift_of",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_HOUR_S, _DAY_S = 3_600, 86_400
_NIGHT = (22, 6)  # 22:00-6:00
SHIFTS = ("morning", "evening", "night")  # from 6:00, 14:00 and 22:00: how hours on duty are told apart in the costs
_OFFICE = (9, 17)  # hours of the authority's office, Monday to Friday


class _Team(Part):
    """Those behind the telephone."""

    safety: float = number(
        2.0, ge=0, le=10, source="square-root rule (Borst, Mandelbaum & Reiman 2004): 0 bare, 1 economical, 2 where "
        "hardly anyone waits", confidence="M", low=0.5, high=2.5,
    )  # fmt: skip
    """Hands beyond the expected work, in square roots of it [-]."""

    surge_days: int = number(
        14, ge=0, le=150, source="calls fall to a third in 5 d (Qingdao), by e in 15 d (Shenyang)", confidence="L",
        low=5, high=20,
    )  # fmt: skip
    """Days of surge from the first day of heat [d]."""

    before_share: float = number(
        0.35, ge=0, le=5, source="assumed: enquiries during readiness works", confidence="L", low=0.2, high=0.6
    )
    """Work before heat comes on, as a share of a steady day's [-]."""

    after_share: float = number(0.35, ge=0, le=5, source="assumed: closing of cases", confidence="L", low=0.2, high=0.6)
    """Work after the season, as a share of a steady day's [-]."""

    officers_per_100k: float = number(
        0.6, ge=0, le=100, source="assumed: about 90 complaints per 100,000 households and steady day, 9 % in the "
        "busiest hour, 4 min each", confidence="L", low=0.3, high=2.0,
    )  # fmt: skip
    """Case officers' work on a steady day shift that the roster is laid out for [1/(100,000 households)]."""

    officers_surge: float = number(4.0, ge=0, le=50, source="assumed", confidence="L", low=1.0, high=6.0)
    """That work while the surge lasts, as a multiple [-]."""

    officers_night_share: float = number(0.15, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.5)
    """That work from 22:00 to 6:00, as a share of the day's [-]."""

    authority_per_100k: float = number(
        0.5, ge=0, le=100, source="assumed: some 2 complaints per 100,000 households and day, an hour each",
        confidence="L", low=0.2, high=2.0,
    )  # fmt: skip
    """The authority's own work on complaints in office hours that it is staffed for [1/(100,000 households)]."""


class FollowsCalls(_Team):
    """Hands for the hour's usual work, with a surge at the season's start."""

    kind: Literal["follows_calls"] = "follows_calls"
    """By the hour's usual calls."""

    agents_per_100k: float = number(
        6.5, ge=0, le=500, source="80 calls per 10,000 households and day at 4.5 min, busiest hour 9 %: 5.4, and a "
        "fifth more for a busy day", confidence="L", low=4.0, high=14.0,
    )  # fmt: skip
    """Calls in hand in the busiest hour of a steady day that the roster is laid out for [1/(100,000 households)]."""

    surge_per_100k: float = number(
        26.0, ge=0, le=2_000, source="four times a steady day; Beijing: 80 seats on the first day; Jinan 6 -> 100 "
        "people", confidence="L", low=12.0, high=50.0,
    )  # fmt: skip
    """The same while the surge lasts [1/(100,000 households)]."""

    least: int = number(1, ge=0, le=100, source="guide 二（7）②: assigned people receive calls 24 h", confidence="H")
    """Agents at any hour [1]."""

    night: Literal["attended", "unattended"] = "attended"
    """Whether anyone answers from 22:00 to 6:00; ``unattended`` breaks guide 二（7）②."""

    measurers_per_100k: float = number(
        1.5, ge=0, le=500, source="assumed: about 15 visits per 100,000 households and day of 55 min, most by day",
        confidence="L", low=0.5, high=6.0,
    )  # fmt: skip
    """Measurers' work on a steady day shift that the roster is laid out for [1/(100,000 households)]."""

    measurers_surge: float = number(
        4.0, ge=0, le=50, source="assumed: other staff lent", confidence="L", low=1.0, high=8.0
    )
    """That work while the surge lasts, as a multiple [-]."""

    measurers_night_share: float = number(0.25, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.5)
    """That work from 22:00 to 6:00, as a share of the day's [-]."""


class ListedAgents(_Team):
    """Agents and measurers by hour of the clock, as numbers of people."""

    kind: Literal["listed"] = "listed"
    """By a list."""

    agents: tuple[int, ...] = Field(min_length=24, max_length=24, strict=False)
    """Agents by hour of the clock on a steady day, shape (24,)."""

    surge_agents: tuple[int, ...] | None = Field(default=None, min_length=24, max_length=24, strict=False)
    """Agents while the surge lasts, shape (24,); none: as on a steady day."""

    measurers: tuple[int, ...] = Field(min_length=24, max_length=24, strict=False)
    """Measurers by hour of the clock, shape (24,)."""


class Shift(Part):
    """Some people for some hours of every day."""

    from_hour: int = Field(ge=0, le=23)
    """Hour of the clock at which the shift begins [h]."""

    hours: int = Field(ge=1, le=24)
    """Length of the shift; it may pass midnight [h]."""

    agents: int = Field(ge=0)
    """Agents on a steady day [1]."""

    surge_agents: int | None = Field(default=None, ge=0)
    """Agents while the surge lasts; none: as on a steady day [1]."""

    measurers: int = Field(default=0, ge=0)
    """Measurers [1]."""


class InShifts(_Team):
    """Agents and measurers by shifts, which may overlap."""

    kind: Literal["in_shifts"] = "in_shifts"
    """By shifts."""

    shifts: tuple[Shift, ...] = Field(min_length=1, strict=False)
    """The day's shifts."""

    @property
    def agents(self) -> tuple[int, ...]:
        """Agents by hour of the clock on a steady day, shape (24,)."""
        return _by_hour(self.shifts, [shift.agents for shift in self.shifts])

    @property
    def surge_agents(self) -> tuple[int, ...]:
        """Agents by hour of the clock while the surge lasts, shape (24,)."""
        wanted = [shift.agents if shift.surge_agents is None else shift.surge_agents for shift in self.shifts]
        return _by_hour(self.shifts, wanted)

    @property
    def measurers(self) -> tuple[int, ...]:
        """Measurers by hour of the clock, shape (24,)."""
        return _by_hour(self.shifts, [shift.measurers for shift in self.shifts])


Roster = Annotated[FollowsCalls | ListedAgents | InShifts, Field(discriminator="kind")]


def hands(work: npt.ArrayLike, safety: float) -> Ints:
    """Return how many hands an expected amount of work needs by the square-root rule, rounded up [1].

    Parameters
    ----------
    work : array
        Hands' worth of work expected at once [1].
    safety : float
        The rule's beta [-].
    """
    work = np.asarray(work, np.float64)
    wanted: Ints = np.ceil(work + safety * np.sqrt(work) - 1e-9).astype(np.int64)
    return wanted


def agents_on_duty(
    policy: FollowsCalls | ListedAgents | InShifts,
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
    of_day, surge, season = _periods(policy, hours, heat_on_s, heat_off_s)
    if isinstance(policy, ListedAgents | InShifts):
        listed = np.asarray(policy.agents)[of_day]
        if policy.surge_agents is not None:
            listed = np.where(surge, np.asarray(policy.surge_agents)[of_day], listed)
        return np.rint(listed * _present(hours, absent_share)).astype(np.int64)
    profile = np.asarray(calls_by_hour) / np.max(calls_by_hour)
    level = np.where(surge, max(policy.surge_per_100k, policy.agents_per_100k), policy.agents_per_100k) * season
    wanted = hands(level * households / 100_000.0 * profile[of_day], policy.safety)
    agents = np.maximum(_left(wanted, hours, absent_share), policy.least)
    if policy.night == "unattended":
        agents[_is_night(of_day)] = 0
    return agents


def officers_on_duty(
    policy: FollowsCalls | ListedAgents | InShifts,
    hours: int,
    households: int,
    heat_on_s: int,
    heat_off_s: int,
    absent_share: Floats,
) -> Ints:
    """Return the case officers on duty in each hour since the origin, shape (hour,)."""
    of_day, surge, season = _periods(policy, hours, heat_on_s, heat_off_s)
    work = policy.officers_per_100k * households / 100_000.0 * season
    work = work * np.where(surge, policy.officers_surge, 1.0)
    work = work * np.where(_is_night(of_day), policy.officers_night_share, 1.0)
    return _left(hands(work, policy.safety), hours, absent_share)


def measurers_on_duty(
    policy: FollowsCalls | ListedAgents | InShifts,
    hours: int,
    households: int,
    heat_on_s: int,
    heat_off_s: int,
    absent_share: Floats,
) -> Ints:
    """Return the measurers on duty in each hour since the origin, shape (hour,)."""
    of_day, surge, season = _periods(policy, hours, heat_on_s, heat_off_s)
    if isinstance(policy, ListedAgents | InShifts):
        return np.rint(np.asarray(policy.measurers)[of_day] * _present(hours, absent_share)).astype(np.int64)
    work = policy.measurers_per_100k * households / 100_000.0 * season
    work = work * np.where(surge, policy.measurers_surge, 1.0)
    work = work * np.where(_is_night(of_day), policy.measurers_night_share, 1.0)
    return _left(hands(work, policy.safety), hours, absent_share)


def authority_on_duty(
    policy: FollowsCalls | ListedAgents | InShifts, hours: int, households: int, origin_weekday: int
) -> Ints:
    """Return the authority's staff in office in each hour since the origin (a weekday, Monday = 0), shape (hour,)."""
    of_day, day = np.arange(hours) % 24, np.arange(hours) // 24
    office = (of_day >= _OFFICE[0]) & (of_day < _OFFICE[1]) & ((day + origin_weekday) % 7 < 5)
    return np.where(office, hands(policy.authority_per_100k * households / 100_000.0, policy.safety), 0)


def _by_hour(shifts: tuple[Shift, ...], people: list[int]) -> tuple[int, ...]:
    """Return how many are there in each hour of the clock, shape (24,)."""
    there = [0] * 24
    for shift, count in zip(shifts, people, strict=True):
        for hour in range(shift.from_hour, shift.from_hour + shift.hours):
            there[hour % 24] += count
    return tuple(there)


def _periods(policy: _Team, hours: int, heat_on_s: int, heat_off_s: int) -> tuple[Ints, Bools, Floats]:
    """Return each hour's place in the day, whether it is of the surge, and the share of a steady day's work in it."""
    hour = np.arange(hours)
    at = hour * _HOUR_S
    before, after = at < heat_on_s, at >= heat_off_s
    surge = ~before & ~after & (at < heat_on_s + policy.surge_days * _DAY_S)
    season = np.where(before, policy.before_share, np.where(after, policy.after_share, 1.0))
    return hour % 24, surge, season


def _present(hours: int, absent_share: Floats) -> Floats:
    day = np.arange(hours) // 24
    present: Floats = 1.0 - absent_share[np.minimum(day, len(absent_share) - 1)]
    return present


def _left(wanted: Ints, hours: int, absent_share: Floats) -> Ints:
    """Return who is there of those wanted: absences are made up for as far as the rounding goes."""
    return np.ceil(wanted * _present(hours, absent_share) - 1e-9).astype(np.int64)


def shift_of(hours: int) -> Ints:
    """Return the shift of each hour since the origin as an index of :data:`SHIFTS`, shape (hour,)."""
    shift: Ints = (np.arange(hours) - _NIGHT[1]) % 24 // 8
    return shift


def _is_night(of_day: Ints) -> Bools:
    return (of_day >= _NIGHT[0]) | (of_day < _NIGHT[1])
