"""Rationing (限量供热): heat stretched in advance, and what is still made shared out once fuel is gone (guide 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.policies.rationing import served_shares
from .faults import Process

if TYPE_CHECKING:
    from .world import World

__all__ = ["Rationing", "plan"]

Floats = npt.NDArray[np.float64]

_GONE_SHARE = 1e-6  # a store with less than this of a design day's burn has nothing left
_LAG = 0.01  # what substations miss of their need by no more than this share is their valves' lag


class Rationing:
    """What share of its need each substation is to get: an order, not a fault."""

    def __init__(self, world: World) -> None:
        count = len(world.arrays.substation_ids)
        self._world = world
        self._stretched, self._stretched_by = 1.0, -1
        self._served: Floats = np.ones(count)
        self._begun_by = np.full(count, -1, np.int64)  # with which entry it began at each substation
        self._shares_by_hour = [(0, self._served)]  # from which hour on, shares served
        self.in_force = False  # whether any substation is rationed now
        self._a_day: list[float] = world.fuel.design_burn_per_day.tolist()
        self.doubt = world.env.event()  # fires when fuel may give out before the day is over

    def is_doubtful(self) -> bool:
        """Return whether shares have to be looked at hour by hour."""
        world = self._world
        if self.in_force or not world.heating:
            return world.heating
        left_of_day = 1.0 - world.now % DAY_S / DAY_S
        for stock, burn in zip(world.heat.fuel_available.tolist(), self._a_day, strict=True):
            if stock < burn * left_of_day:
                return True
        return False

    def is_sure(self, brings: list[float]) -> bool:
        """Return whether the day that begins will not be in doubt, whatever was burnt since the heat stood where it
        stands; `brings` is what it brings to each store [unit].
        """  # fmt: skip
        world = self._world
        if self.in_force:
            return False
        if not world.heating:
            return True
        days = (world.now - world.heat.time_s) / DAY_S
        for stock, burn, brought in zip(world.heat.fuel_available.tolist(), self._a_day, brings, strict=True):
            if brought < burn and stock < burn * (1.0 + days):
                return False
        return True

    def look(self) -> None:
        """Wake the watch where it has to look; stocks fall with every stretch that the heat is marched over."""
        if not self.doubt.triggered and self.is_doubtful():
            self.doubt.succeed()

    def stretch(self, share: float, cause: int) -> None:
        """Stretch what is left: serve this share of the whole need from now on; 1: all of it."""
        self._stretched, self._stretched_by = share, cause
        self.share_out()
        self.look()

    def share_out(self) -> None:
        """Let each substation have its share of what there is: what is stretched, and what is made without fuel."""
        world = self._world
        policy, arrays = world.scenario.policies.rationing, world.arrays
        if not world.heating:
            return self._order(np.ones(len(self._served)), -1)
        gone = self._gone()
        if not (len(gone) or self._stretched < 1.0 or self.in_force):
            return None
        island = world.heat.islands_of_substations()
        served, rooms_c = np.ones(len(self._served)), world.substation_room_c()
        for one in np.unique(island[island >= 0]):
            here = island == one
            share = min(self._stretched, self._made_share(int(one), here) if len(gone) else 1.0)
            served[here] = served_shares(policy, share, arrays.substation_design_w[here],
                                         arrays.substation_protected[here], rooms_c[here])  # fmt: skip
        return self._order(served, max(map(world.shortages.ran_out, gone), default=self._stretched_by))

    def in_force_by(self) -> npt.NDArray[np.int64]:
        """Return the entry with which each substation's rationing began, -1 where it has none now."""
        return np.where(self._served < 1.0, self._begun_by, -1)

    def withheld_gj(self) -> float:
        """Return the heat that was needed, could have been made and was withheld [GJ].

        Of every hour what rationed substations missed of their need, by no more than the share that they were denied,
        less what is booked as not made anyway: so nothing counts twice.
        """
        tracks, total_w = self._world.tracks, 0.0
        ends = [hour for hour, _ in self._shares_by_hour[1:]] + [self._world.calendar.hours]
        for (first, served), last in zip(self._shares_by_hour, ends, strict=True):
            if not (served < 1.0).any():
                continue
            need = np.asarray(tracks["substation_need_w"][first:last], np.float64)
            missed = np.clip(need - tracks["substation_heat_w"][first:last], 0.0, need * (1.0 - served))
            booked = sum(tracks[f"unserved_{why}_w"][first:last].sum(axis=1) for why in ("fuel", "capacity"))
            total_w += float(np.maximum(missed.sum(axis=1) - booked, 0.0).sum())
        return total_w * 3600.0 / 1e9

    def _gone(self) -> list[int]:
        """Return the stores that have nothing left now, and are missed."""
        world = self._world
        if not world.shortages.any_ran_out:
            return []
        return [int(store) for store in np.flatnonzero(self._empty()) if world.shortages.ran_out(int(store)) >= 0]

    def _empty(self) -> npt.NDArray[np.bool_]:
        """Return which stores have nothing left."""
        world = self._world
        gone: npt.NDArray[np.bool_] = world.heat.fuel_available <= _GONE_SHARE * world.fuel.design_burn_per_day
        return gone

    def _made_share(self, island: int, here: npt.NDArray[np.bool_]) -> float:
        """Return the share of an island's need that there is heat for: what can be made with what is left.

        What came in the last hour says nothing of it: the fuel that made that may be gone. Where nothing can be made,
        it is what pipes still hold that comes.
        """
        world, hour = self._world, max(self._world.now // HOUR_S - 1, 0)
        sources = world.heat.islands() == island
        need = float(world.tracks["substation_need_w"][hour, here].sum())
        came = float(world.tracks["substation_heat_w"][hour, here].sum())
        made = float(world.tracks["source_heat_w"][hour, sources].sum())
        can = float(self._can_give_w()[sources].sum()) * (min(came / made, 1.0) if made > 0.0 else 1.0)
        share = (can if can > 0.0 else came) / need if need > 0.0 else 1.0
        return share if share < 1.0 - _LAG else 1.0

    def _can_give_w(self) -> Floats:
        """Return what each source can give now: what its tank holds, and what units that have fuel make [W]."""
        made, tanks = self._world.heat.can_give_w()
        has = np.zeros(len(made), np.bool_)
        has[self._world.arrays.store_source[~self._empty()]] = True
        fired = np.isin(np.arange(len(made)), self._world.arrays.store_source)
        return np.where(has | ~fired, made, 0.0) + tanks

    def _order(self, served: Floats, cause: int) -> None:
        """Order these shares, and note where rationing begins and where it ends."""
        world, rows = self._world, self._world.rows.substation
        before = self._served < 1.0
        rationed = (served < 1.0 - 1e-9) & world.connected
        served = np.where(rationed, served, 1.0)
        if np.array_equal(served, self._served):
            return
        begun, ended = np.flatnonzero(rationed & ~before), np.flatnonzero(before & ~rationed)
        if len(begun):
            first = world.record.block("rationing_started", np.full(len(begun), world.now), rows + begun, cause=cause,
                                       value=served[begun])  # fmt: skip
            self._begun_by[begun] = first + np.arange(len(begun))
        if len(ended):
            world.record.block("rationing_ended", np.full(len(ended), world.now), rows + ended,
                               cause=self._begun_by[ended])  # fmt: skip
        self._served, self.in_force = served, bool(rationed.any())
        self._shares_by_hour.append((world.now // HOUR_S, served))
        world.heat.set_served_share(served)


def plan(world: World) -> None:
    """Start the watch over what is left of the day's fuel."""
    world.env.process(_watch(world))


def _watch(world: World) -> Process:
    """Look hour by hour, while fuel may give out before the day is over, whether it has."""
    over = world.at(world.calendar.end_s)  # nobody waits on then: that would keep the world alive
    while True:
        yield world.rationing.doubt | over
        if over.processed:
            return
        yield world.at(-(-world.now // HOUR_S) * HOUR_S)
        while world.rationing.is_doubtful():
            world.catch_up_heat()
            world.rationing.share_out()
            yield world.at(world.now + HOUR_S)
        world.rationing.doubt = world.env.event()
