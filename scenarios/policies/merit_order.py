"""Which source gives how much: in proportion to capacity, cheapest first, or by a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats
from ..parts import Part, number

__all__ = [
    "AnyOrder",
    "ByCost",
    "Listed",
    "MeritOrder",
    "Proportional",
    "Sparing",
    "calling_order",
    "ranks",
    "shares",
    "spared",
]


Ints = npt.NDArray[np.int64]


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


class Sparing(Part):
    """The cheapest heat first, but fuels that run short are called last: dual-fuel plants switch over."""

    kind: Literal["sparing"] = "sparing"
    """By cost, sparing what is short."""

    below_days: float = number(
        3.0, ge=0, le=100, source="assumed: switch at three days of cover", confidence="L", low=1.0, high=7.0
    )
    """Days of cover below which a stocked fuel is spared [d]."""

    contract_below_share: float = number(
        1.0, ge=0, le=10, source="assumed: switch as soon as the day's gas falls short of the day's need",
        confidence="L", low=0.8, high=1.2,
    )  # fmt: skip
    """A day's granted gas over the day's need, below which gas is spared [-]."""


AnyOrder = Proportional | ByCost | Listed | Sparing
MeritOrder = Annotated[AnyOrder, Field(discriminator="kind")]


def ranks(policy: AnyOrder, unit_ids: Sequence[str], source_ids: Sequence[str], cost_cny_j: Floats, duty: Ints) -> Ints:
    """Return the rank of each unit, 0 first; equal ranks share in proportion, shape (unit,).

    Whatever the policy, base load goes before peak load and this before standby.

    Parameters
    ----------
    unit_ids, source_ids
        Ids of the units, and of the source that each stands in.
    cost_cny_j
        Fuel cost of heat from each unit less what its electricity earns, shape (unit,) [CNY/J].
    duty
        0 base load, 1 peak load, 2 standby, shape (unit,).
    """
    alike = _ranks_alike(policy, unit_ids, source_ids, cost_cny_j)
    return alike + duty * (int(alike.max(initial=0)) + 1)


def _ranks_alike(policy: AnyOrder, unit_ids: Sequence[str], source_ids: Sequence[str], cost_cny_j: Floats) -> Ints:
    """Return the ranks that units would have if all had the same duty."""
    count = len(unit_ids)
    if isinstance(policy, Proportional):
        return np.zeros(count, np.int64)
    _, by_cost = np.unique(np.round(cost_cny_j, 15), return_inverse=True)
    if isinstance(policy, ByCost | Sparing):
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


def calling_order(rank: Ints, source: Ints, capacity_w: Floats) -> Ints:
    """Return the units in the order in which they are called, shape (unit,).

    Among equals each source calls the same share of its units at a time, so that none is fired up alone.

    Parameters
    ----------
    rank, source
        Rank of each unit, and the index of the source it stands in, shape (unit,).
    capacity_w
        Capacity of each unit, shape (unit,) [W].
    """
    called = np.zeros(len(rank))
    for key in np.unique(np.stack([rank, source]), axis=1).T:
        members = (rank == key[0]) & (source == key[1])
        called[members] = np.cumsum(capacity_w[members]) / max(float(capacity_w[members].sum()), 1.0)
    return np.lexsort((np.arange(len(rank)), np.round(called, 9), rank)).astype(np.int64)


def spared(policy: AnyOrder, cover_days: Floats, contract_share: Floats) -> npt.NDArray[np.bool_]:
    """Return which stores are to be spared today, shape (store,).

    Parameters
    ----------
    cover_days, contract_share
        Days that a stock lasts [d], and a day's granted gas over its need [-]; infinity where it means nothing.
    """
    if not isinstance(policy, Sparing):
        return np.zeros(len(cover_days), np.bool_)
    short: npt.NDArray[np.bool_] = (cover_days < policy.below_days) | (contract_share < policy.contract_below_share)
    return short


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
