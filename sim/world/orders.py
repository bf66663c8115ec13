"""What became of every order of fuel, and what kept fuel from a store at an instant (guide 2.5).

A store that ran out is put down to what stood in the way at that instant, never to what had been over by then: gas
withheld, the order that ought to have come first and where it was, or that nothing had been ordered at all. Heat is
reckoned in arrears, so the book is asked about instants before the present and keeps when everything became so.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from ...scenarios.calendar import DAY_S
from ...scenarios.policies.reserve import Coming

__all__ = ["IN_THE_WAY", "Order", "OrderBook", "Want"]

_NEVER = 1 << 62
IN_THE_WAY = frozenset({"withheld", "road_closed", "deliveries_cut", "late", "overdue", "short"})


@dataclass(slots=True)
class Order:
    """One order, from its placing to its unloading.

    Attributes
    ----------
    entry : int
        The entry with which it was placed.
    placed_s, usual_s : int
        When, and by when it would have come had it taken the usual time [s].
    quantity, arriving : float
        What was ordered, and what of it came to the gate [unit].
    expected_s : int
        When it is expected by what is known of it: as usual, or as late as has been said [s].
    in_town : bool
        It comes from another station, whatever the roads are like.
    delayed : tuple of int
        Since when it has been late, and the entry that says so; never, and -1.
    held : list of (int, str, int)
        What kept trucks from the gate, from the first until it came: as seen when, ``road_closed`` or
        ``deliveries_cut``, and its entry.
    arrived_s, unloaded_s : int
        When it came to the gate, and when the last of it was in the yard [s].
    delivered : int
        The entry that says it was.
    """

    entry: int
    placed_s: int
    usual_s: int
    quantity: float
    arriving: float = 0.0
    expected_s: int = 0
    in_town: bool = False
    delayed: tuple[int, int] = (_NEVER, -1)
    held: list[tuple[int, str, int]] = field(default_factory=list)
    arrived_s: int = _NEVER
    unloaded_s: int = _NEVER
    delivered: int = -1

    def __post_init__(self) -> None:
        self.expected_s = self.usual_s

    def in_days(self, now: int) -> float:
        """Return in how many days it is expected; what is overdue in as long again (assumed: nobody knows) [d]."""
        return abs(self.expected_s - now) / DAY_S

    def held_at(self, at: int) -> tuple[int, str, int] | None:
        """Return what kept the order from the gate at an instant, None where nothing did."""
        held = [hindrance for hindrance in self.held if hindrance[0] <= at < self.arrived_s]
        return held[-1] if held else None

    def state_at(self, at: int) -> tuple[str, int]:
        """Return where an order that was not yet in the yard was at an instant, and the entry that led to it."""
        since, late = self.delayed
        known_late = late if since <= at else -1
        if at >= self.arrived_s:
            kept = self.held[-1][2] if self.held else known_late  # by a road or a cut: after it was late, if it was
            return "unloading", kept if kept >= 0 else self.entry
        held = self.held_at(at)
        if held is not None:
            return held[1:]
        if known_late >= 0:
            return "late", known_late
        return ("overdue" if at >= self.usual_s else "underway"), self.entry


@dataclass(frozen=True, slots=True)
class Want:
    """Why there was no fuel: in a word, the entry it followed from (-1: from a plan), and the facts of the order."""

    why: str
    entry: int
    detail: dict[str, Any]


@dataclass(slots=True)
class _Cut:
    from_s: int
    entry: int
    share: float
    to_s: int = _NEVER


class OrderBook:
    """The orders of every store and what was withheld from it."""

    def __init__(self, stores: int) -> None:
        self._orders: list[list[Order]] = [[] for _ in range(stores)]
        self._ahead: list[list[Order]] = [[] for _ in range(stores)]  # those that have not come to the gate
        self._cuts: list[list[_Cut]] = [[] for _ in range(stores)]
        self._reviews: list[int] = []

    def reviewed(self, now: int) -> None:
        """Note that stocks have been looked at."""
        self._reviews.append(now)

    def placed(self, store: int, order: Order) -> Order:
        """Enter an order."""
        self._orders[store].append(order)
        self._ahead[store].append(order)
        return order

    def cut(self, store: int, now: int, entry: int, share: float) -> None:
        """Note that a share of a store's gas, or of what is brought to it, is withheld from now on."""
        self._cuts[store].append(_Cut(now, entry, share))

    def restored(self, store: int, now: int, entry: int) -> None:
        """Note that what was withheld by an entry no longer is."""
        next(cut for cut in self._cuts[store] if cut.entry == entry).to_s = now

    def share_cut(self, store: int) -> float:
        """Return the largest share that is withheld from a store now [-]."""
        cuts = self._cuts[store]
        return max((cut.share for cut in cuts if cut.to_s == _NEVER), default=0.0) if cuts else 0.0

    def cut_by(self, store: int, at: int) -> int:
        """Return the entry that withheld most from a store on the day of an instant, up to it; -1 for none."""
        today = [cut for cut in self._cuts[store] if cut.from_s <= at and cut.to_s > at - at % DAY_S]
        return max(today, key=lambda cut: cut.share).entry if today else -1

    def coming(
        self, store: int, now: int, on_order: float, *, per_day: float, roads_closed: bool
    ) -> tuple[tuple[Coming, ...], float]:
        """Return what a store can count on, soonest first, and what is held up on the roads [unit].

        One order is unloaded after the other, `per_day` a day [unit/d]. Nobody knows when what closed roads or a full
        cut keep from the gate will come.
        """
        cut = self.share_cut(store)
        ahead = self._ahead[store] = [order for order in self._ahead[store] if order.arrived_s > now]
        closed = roads_closed or cut >= 1.0
        shut = [order for order in ahead if not order.in_town] if closed else []
        at_the_gate = on_order - sum(order.quantity for order in ahead)
        dated = [(0.0, at_the_gate)] if at_the_gate > 0.0 else []
        dated += [(order.in_days(now), order.quantity * (1.0 if order.in_town else 1.0 - cut))
                  for order in ahead if order.in_town or not closed]  # fmt: skip
        coming, in_yard = [], 0.0
        for days, quantity in sorted(dated):
            in_yard = max(days, in_yard) + quantity / per_day
            coming.append(Coming(days, in_yard, quantity))
        return tuple(coming), sum(order.quantity for order in shut)

    def piped(self, store: int, at: int) -> Want:
        """Return why nothing was left of what comes by pipe: some was withheld that day, or the contract is small."""
        entry = self.cut_by(store, at)
        why = "withheld" if entry >= 0 else "contract"
        return Want(why, entry, {"want": why})

    def stocked(self, store: int, at: int) -> Want:
        """Return why nothing was left of a stock: where the order was that ought to have come first."""
        waiting = [order for order in self._orders[store] if order.placed_s <= at < order.unloaded_s]
        if waiting:
            first = min(waiting, key=lambda order: order.usual_s)
            why, entry = first.state_at(at)
            kept = {"waiting": first.held[0][0]} if first.held and first.held[0][0] <= at else {}
            yard = {"arrived": first.arrived_s} if why == "unloading" else {}
            return Want(why, entry, {"want": why, **_facts(first), **kept, **yard})
        looked = bisect_right(self._reviews, at)
        since = self._reviews[looked - 1] if looked else 0
        came = [order for order in self._orders[store] if since <= order.arrived_s and order.unloaded_s <= at]
        if came and came[-1].arriving < came[-1].quantity * (1.0 - 1e-9):  # nobody had looked at the yard since
            last = came[-1]
            cut = self.cut_by(store, last.arrived_s)
            why, entry = ("deliveries_cut", cut) if cut >= 0 else ("short", last.delivered)
            return Want(why, entry, {"want": why, **_facts(last), "came": last.arriving})
        return Want("none", -1, {"want": "none"})


def _facts(order: Order) -> dict[str, Any]:
    return {"ordered": order.quantity, "placed": order.placed_s, "usual": order.usual_s}
