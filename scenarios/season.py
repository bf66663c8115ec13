"""When the season is: the legal dates, and how long its clocks run on."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Self, TypeVar

from pydantic import model_validator

from ..network_models.documents import KeyPath, cross_check_error
from ..network_models.problems import Problem
from .parts import Part, number

__all__ = ["Exit", "Season", "years_later"]

_LONGEST_DAYS = 366
_DATES = ("readiness_start", "earliest_start", "supply_start", "supply_end", "latest_end")  # in this order


Day = TypeVar("Day", bound=dt.date)


def years_later(day: Day, years: int) -> Day:
    """Return the same day (and hour) of another year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


class Season(Part):
    """The heating season's dates. Days are local, and their end means 24:00."""

    readiness_start: dt.date = number(
        dt.date(2026, 10, 10), source="assumed: five weeks of readiness works", confidence="L"
    )
    """First day of the readiness works: the origin of all clocks."""

    earliest_start: dt.date = number(dt.date(2026, 11, 1), source="Beijing's window for early starts", confidence="M")
    """First day on which an early start may begin."""

    supply_start: dt.date = number(dt.date(2026, 11, 15), source="guide 二（2）", confidence="H")
    """First day of the heating period."""

    supply_end: dt.date = number(dt.date(2027, 3, 15), source="guide 二（2）", confidence="H")
    """Last day of the heating period, included."""

    latest_end: dt.date = number(dt.date(2027, 3, 31), source="Beijing's window for extensions", confidence="M")
    """Last day that an extension could reach, included: the physical horizon is its end."""

    settlement_days: int = number(
        45, ge=0, le=365, source="assumed: so that the last refunds come due", confidence="L", low=30, high=120
    )
    """How long clocks of cases run on after the horizon [d]."""

    def in_year(self, year: int) -> Season:
        """Return the same season with its readiness works beginning in another year."""
        later = year - self.readiness_start.year
        return self.model_copy(update={name: years_later(getattr(self, name), later) for name in _DATES})

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        problems: list[tuple[KeyPath, Problem]] = []
        for before, after in pairwise(_DATES):
            first, second = getattr(self, before), getattr(self, after)
            if second < first:
                problems.append((("season", after), Problem("", str(second), f"{before} ({first}) or later")))
        if (self.latest_end - self.readiness_start).days > _LONGEST_DAYS:
            wanted = f"a day within {_LONGEST_DAYS} days of readiness_start ({self.readiness_start})"
            problems.append((("season", "latest_end"), Problem("", str(self.latest_end), wanted)))
        if problems:
            raise cross_check_error(problems)
        return self


class Exit(Part):
    """An operator that means to give up its business."""

    operator: str = ""
    """Its id in the network file; empty: the first one."""

    closing: dt.date
    """The day on which it means to close."""

    reported: dt.date | None = None
    """The day on which it told the authority, if it did."""
