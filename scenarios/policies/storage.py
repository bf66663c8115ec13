"""What hot-water tanks are for: a reserve, levelling the load, or moving heat from some hours to others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..parts import Part, number

__all__ = ["AnyStorage", "ByHour", "KeepFull", "LevelLoad", "Storage", "tank_orders"]


class KeepFull(Part):
    """A reserve: tanks take what the units at work can spare, and give only what units lack."""

    kind: Literal["keep_full"] = "keep_full"
    """Kept full for want of units."""


class LevelLoad(Part):
    """Levelling: units follow the mean load, tanks take what is over and give what is short of it."""

    kind: Literal["level_load"] = "level_load"
    """Units follow the mean load."""

    over_h: float = number(24.0, gt=0, le=240, source="assumed: a day", confidence="L", low=12.0, high=48.0)
    """Time constant of the load's mean [h]."""


class ByHour(Part):
    """Moving heat by the clock: charged while electricity is cheap, or sold cheaply, and emptied when it is dear."""

    kind: Literal["by_hour"] = "by_hour"
    """Charged and emptied by the clock."""

    charge_from_h: int = number(23, ge=0, le=23, source="assumed: the valley tariff's hours", confidence="L")
    """Hour of day at which charging begins [h]."""

    charge_until_h: int = number(7, ge=0, le=23, source="assumed: the valley tariff's hours", confidence="L")
    """Hour of day at which charging ends [h]."""

    empty_from_h: int = number(8, ge=0, le=23, source="assumed: the peak tariff's hours", confidence="L")
    """Hour of day at which emptying begins [h]."""

    empty_until_h: int = number(22, ge=0, le=23, source="assumed: the peak tariff's hours", confidence="L")
    """Hour of day at which emptying ends [h]."""


AnyStorage = KeepFull | LevelLoad | ByHour
Storage = Annotated[AnyStorage, Field(discriminator="kind")]


def tank_orders(policy: AnyStorage) -> tuple[float, ...]:
    """Return by hour of day what tanks are told: 1 charge, -1 give, 0 neither, shape (24,); charging goes first."""
    if not isinstance(policy, ByHour):
        return (0.0,) * 24
    charge = [_within(hour, policy.charge_from_h, policy.charge_until_h) for hour in range(24)]
    empty = [_within(hour, policy.empty_from_h, policy.empty_until_h) for hour in range(24)]
    return tuple(1.0 if c else -1.0 if e else 0.0 for c, e in zip(charge, empty, strict=True))


def _within(hour: int, first: int, last: int) -> bool:
    return first <= hour < last if first <= last else hour >= first or hour < last
