"""When the season is: the legal dates, and how long its clocks run on."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from .parts import Part, number

__all__ = ["Exit", "Season"]


class Season(Part):
    """The heating season's dates. Days are local, and their end means 24:00."""

    readiness_start: dt.date = number(dt.date(2026, 10, 10), source="assumed: five weeks of readiness works", confidence="L")
    """First day of the readiness works: the origin of all clocks."""

    earliest_start: dt.date = number(dt.date(2026, 11, 1), source="Beijing's window for early starts", confidence="M")
    """First day on which an early start may begin."""

    supply_start: dt.date = number(dt.date(2026, 11, 15), source="guide 二（2）", confidence="H")
    """First day of the heating period."""

    supply_end: dt.date = number(dt.date(2027, 3, 15), source="guide 二（2）", confidence="H")
    """Last day of the heating period, included."""

    latest_end: dt.date = number(dt.date(2027, 3, 31), source="Beijing's window for extensions", confidence="M")
    """Last day that an extension could reach, included: the physical horizon is its end."""

    settlement_days: int = number(45, ge=0, le=365, source="assumed: so that the last refunds come due", confidence="L",
                                  low=30, high=120)  # fmt: skip
    """How long clocks of cases run on after the horizon [d]."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        names = ("readiness_start", "earliest_start", "supply_start", "supply_end", "latest_end")
        for before, after in zip(names, names[1:], strict=False):
            first, second = getattr(self, before), getattr(self, after)
            if second < first or (before == "supply_start" and second == first):
                raise PydanticCustomError(
                    "season_order",
                    "{after} = {second} comes before {before} = {first}",
                    {"after": after, "before": before, "first": str(first), "second": str(second)},
                )
        if (self.latest_end - self.readiness_start).days > 366:
            raise PydanticCustomError(
                "season_length",
                "readiness_start = {first} and latest_end = {last} are more than a year apart",
                {"first": str(self.readiness_start), "last": str(self.latest_end)},
            )
        return self


class Exit(Part):
    """An operator that means to give up its business."""

    operator: str = ""
    """Its id in the network file; empty: the first one."""

    closing: dt.date
    """The day on which it means to close."""

    reported: dt.date | None = None
    """The day on which it told the authority, if it did."""
