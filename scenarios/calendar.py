"""The season's clock: local time <-> whole seconds since the midnight that begins the readiness works.

Hanzhong keeps UTC+8 all year, so local times are naive and every day has 86,400 seconds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scenario import Scenario

__all__ = ["DAY_S", "HOUR_S", "Calendar"]

HOUR_S = 3_600
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Calendar:
    """The season in seconds since its origin.

    Attributes
    ----------
    origin : datetime.date
        First day of the readiness works; second 0 is its midnight.
    earliest_start_s, season_start_s : int
        When supply may begin at the earliest, and when it must be on [s].
    season_end_s : int
        24:00 of the last day of supply [s].
    horizon_s : int
        24:00 of the last day that an extension could reach: the end of physics [s].
    end_s : int
        When the last clock of a case has come due [s].
    """

    origin: dt.date
    earliest_start_s: int
    season_start_s: int
    season_end_s: int
    horizon_s: int
    end_s: int

    @classmethod
    def of(cls, scenario: Scenario) -> Calendar:
        """Return the calendar of a scenario."""
        season = scenario.season
        origin = season.readiness_start

        def start(day: dt.date) -> int:
            return (day - origin).days * DAY_S

        horizon = start(season.latest_end) + DAY_S
        return cls(
            origin=origin,
            earliest_start_s=start(season.earliest_start),
            season_start_s=start(season.supply_start),
            season_end_s=start(season.supply_end) + DAY_S,
            horizon_s=horizon,
            end_s=horizon + season.settlement_days * DAY_S,
        )

    @property
    def hours(self) -> int:
        """Number of physical hours; hour h covers [3600 h, 3600 (h + 1))."""
        return self.horizon_s // HOUR_S

    @property
    def days(self) -> int:
        """Number of physical days."""
        return self.horizon_s // DAY_S

    def at(self, seconds: float) -> dt.datetime:
        """Return the local time of a second, rounded down to the second."""
        return dt.datetime.combine(self.origin, dt.time()) + dt.timedelta(seconds=int(seconds // 1))

    def seconds(self, moment: dt.date | dt.datetime) -> int:
        """Return the second of a local time; of a date: its midnight. Before the origin it is negative."""
        if not isinstance(moment, dt.datetime):
            return (moment - self.origin).days * DAY_S
        since = moment - dt.datetime.combine(self.origin, dt.time())
        return since.days * DAY_S + since.seconds

    def day(self, seconds: float) -> int:
        """Return the number of the day that a second falls into; the origin's day is 0."""
        return int(seconds // DAY_S)

    def date(self, day: int) -> dt.date:
        """Return the date of a numbered day."""
        return self.origin + dt.timedelta(days=day)

    def hour_of_day(self, seconds: float) -> int:
        """Return the hour of the clock, 0-23, that a second falls into."""
        return int(seconds % DAY_S) // HOUR_S

    def text(self, seconds: float) -> str:
        """Return a second as ``2026-11-15 06:00``."""
        return f"{self.at(seconds):%Y-%m-%d %H:%M}"

    def resolved(self) -> dict[str, Any]:
        """Return the calendar as a record stores it: the origin as ISO date, the rest in seconds."""
        return {
            "origin": self.origin.isoformat(),
            "earliest_start": self.earliest_start_s,
            "season_start": self.season_start_s,
            "season_end": self.season_end_s,
            "horizon": self.horizon_s,
            "end": self.end_s,
        }
