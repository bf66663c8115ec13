"""Which source gives how much: in proportion to capacity, cheapest first, or by a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats
from ..parts import Part

__all__ = ["ByCost", "Listed", "MeritOrder", "Proportional", "ranks", "shares"]


class Proportional(Part):
    """All units bear the same share of their capacity."""

    kind: Literal["proportional"] = "proportional"
    """In proportion to available capacity."""


class ByCost(Part):
    """The cheapest heat first."""

    kind: Literal["by_cost"] = "by_cost"
    """By fuel cost per heat."""


class Listed(Part):
    """In an order given by hand."""

    kind: Literal["listed"] = "listed"
    """By a list."""

    order: tuple[str, ...] = Field(strict=False)
    """Ids of units or sources, first called first; those not named follow by cost."""


MeritOrder = Annotated[Proportional | ByCost | Listed, Field(discriminator="kind")]


def ranks(
    policy: Proportional | ByCost | Listed, unit_ids: Sequence[str], source_ids: Sequence[str], cost_cny_j: Floats
) -> npt.NDArray[np.int64]:
    """Return the rank of each unit, 0 first; equal ranks share in proportion, shape (unit,).

    Parameters
    ----------
    unit_ids, source_ids
        Ids of the units, and of the source that each stands in.
    cost_cny_j
        Fuel cost of heat from each unit, shape (unit,) [CNY/J].
    """
    count = len(unit_ids)
    if isinstance(policy, Proportional):
        return np.zeros(count, np.int64)
    _, by_cost = np.unique(np.round(cost_cny_j, 15), return_inverse=True)
    if isinstance(policy, ByCost):
        return by_cost.astype(np.int64)
    named = len(policy.order)
    place = {word: number for number, word in enumerate(policy.order)}
    return np.array(
        [
            min(place.get(unit, named), place.get(source, named))
            + (int(by_cost[row]) if _unnamed(unit, source, place) else 0)
            for row, (unit, source) in enumerate(zip(unit_ids, source_ids, strict=True))
        ],
        np.int64,
    )


def shares(rank: npt.NDArray[np.int64], capacity_w: Floats, need_w: float) -> Floats:
    """Return the heat asked of each unit: ranks in turn, within a rank in proportion to capacity, shape (unit,) [W]."""
    given = np.zeros(len(rank))
    left = need_w
    for level in np.unique(rank):
        if left <= 0.0:
            break
        members = rank == level
        total = float(capacity_w[members].sum())
        if total > 0.0:
            take = min(left, total)
            given[members] = capacity_w[members] * (take / total)
            left -= take
    return given


def _unnamed(unit: str, source: str, place: dict[str, int]) -> bool:
    return unit not in place and source not in place
