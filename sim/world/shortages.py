"""Which sources fell short of what was asked, which fuels ran out, and what that follows from (guide 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import HOUR_S
from ..kernels.heat_compile import direct
from ..kernels.served import any_above_zero

if TYPE_CHECKING:
    from .world import World

__all__ = ["NO_TROUBLE", "Shortages"]

_SHORT_SHARE = 0.01  # a source that misses more than this of what was asked is short
_LAST_HOURS = 3.0  # what lasts no longer, at the design day's burn, is what there was too little of [h]


NO_TROUBLE = (-1, 0)  # no entry, and its instant


class Shortages:
    """The book of shortages that are open, read off the hourly tracks."""

    def __init__(self, world: World) -> None:
        self._world = world
        owner = world.arrays.store_source
        self._stores = [np.flatnonzero(owner == source) for source in range(len(world.arrays.source_ids))]
        self._empty_since: dict[int, tuple[int, int]] = {}  # store -> (entry, second)
        self._short_since: dict[int, tuple[int, int]] = {}  # source -> (entry, second)
        self._no_fuel, self._no_capacity = (world.tracks[f"unserved_{why}_w"] for why in ("fuel", "capacity"))
        self._any = direct(any_above_zero, self._no_fuel, self._no_capacity, 0, 0)

    def note(self, first_hour: int, last_hour: int) -> None:
        """Note which sources fell short of what was asked, and which fuels ran out, in the hours just simulated."""
        if last_hour <= first_hour:
            return
        if not (
            self._short_since or self._empty_since or self._any(self._no_fuel, self._no_capacity, first_hour, last_hour)
        ):
            return
        world, span = self._world, slice(first_hour, last_hour)
        no_fuel, no_capacity = self._no_fuel[span], self._no_capacity[span]
        missing = no_fuel + no_capacity
        asked = world.tracks["source_heat_w"][span] + no_fuel + no_capacity
        short = missing > _SHORT_SHARE * np.maximum(asked, 1.0)
        for hour, (dry, lacking) in enumerate(zip((no_fuel > 0.0).tolist(), short.tolist(), strict=True)):
            at = (first_hour + hour) * HOUR_S
            if self._empty_since or any(dry):
                for source, is_dry in enumerate(dry):  # first what ran out: others may be short because of it
                    self._note_empty(source, at, is_dry)
            for source, is_short in enumerate(lacking):
                open_entry = self._short_since.get(source)
                if is_short and open_entry is None:
                    share = float(missing[hour, source] / max(asked[hour, source], 1.0))
                    cause, since = self._cause_of_shortage(source, at)
                    entry = world.record.note(since, "shortage_started", world.rows.source + source, value=share,
                                              cause=cause)  # fmt: skip
                    self._short_since[source] = (entry, since)
                elif not is_short and open_entry is not None:
                    entry, since = self._short_since.pop(source)
                    world.record.note(at, "shortage_ended", world.rows.source + source, cause=entry,
                                      value=(at - since) / 3600.0)  # fmt: skip

    def coldest(self, at: int) -> tuple[int, int]:
        """Return the entry that began the open shortage which leaves most unserved at an instant, and since when."""
        entry = int(self.causes_of_cold(np.array([at]))[0])
        return next((open_ for open_ in self._short_since.values() if open_[0] == entry), NO_TROUBLE)

    def causes_of_cold(self, at_s: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the entry that began the open shortage which leaves most unserved at instants, shape (instant,)."""
        if not self._short_since:
            return np.full(len(at_s), -1)
        second, sources = at_s.astype(np.int64), list(self._short_since)
        hour = np.minimum(second // HOUR_S, self._world.calendar.hours - 1)[:, None]
        entry, since_s = np.array(list(self._short_since.values())).T
        missing = self._no_fuel[hour, sources] + self._no_capacity[hour, sources]
        missing[since_s > second[:, None]] = -1.0  # not yet short
        worst = missing.argmax(axis=1)
        return np.where(missing.max(axis=1) >= 0.0, entry[worst], -1)

    @property
    def any_ran_out(self) -> bool:
        """Whether any store that is missed has nothing left."""
        return bool(self._empty_since)

    def ran_out(self, store: int) -> int:
        """Return the entry with which a store that has nothing left ran out; -1: it has something, or is not missed."""
        return self._empty_since.get(store, (-1, -1))[0]

    def _note_empty(self, source: int, at: int, missing: bool) -> None:
        world, stores = self._world, self._stores[source]
        dry = self._dry(stores, at) if missing and len(stores) else ()
        for store in stores:
            held = self._empty_since.get(int(store))
            if held is None and int(store) in dry:
                want = world.fuel.want_of(int(store), at)
                entry = world.record.note(at, "fuel_ran_out", world.rows.store + int(store), cause=want.entry,
                                          detail=want.detail)  # fmt: skip
                self._empty_since[int(store)] = (entry, at)
            elif held is not None and not missing:
                entry, since = self._empty_since.pop(int(store))
                world.record.note(at, "fuel_recovered", world.rows.store + int(store), cause=entry,
                                  value=(at - since) / 3600.0)  # fmt: skip

    def _dry(self, stores: npt.NDArray[np.int64], at: int) -> list[int]:
        """Return which stores of a source gave out in an hour in which it wanted fuel.

        That is every one with nothing left, and the one that would have lasted least, if that was three hours or less
        at the design day's burn: in its last hours a stock gives less than was asked, and a pipeline's is filled again
        at midnight.
        """
        world, hour = self._world, at // HOUR_S
        design_per_day = np.maximum(world.fuel.design_burn_per_day[stores], 1.0)
        begun, ended = (world.tracks["store_stock"][min(h, world.calendar.hours - 1), stores] for h in (hour, hour + 1))
        lasts_h = 24.0 * begun / design_per_day
        least = int(np.argmin(lasts_h))
        gone = ended <= 1e-6 * design_per_day
        gone[least] |= lasts_h[least] <= _LAST_HOURS
        return [int(store) for store in stores[gone]]

    def _cause_of_shortage(self, source: int, at: int) -> tuple[int, int]:
        """Return what a source is short of in the hour from `at`, since when: its own fuel or unit, else others'."""
        store_source = self._world.arrays.store_source
        facility = self._world.rows.source + source
        empty = {entry: int(store_source[store]) for store, (entry, _) in self._empty_since.items()}
        lost = {fault.seq: fault for fault in self._world.faults if fault.lost_w > 0.0 and fault.began_s < at + HOUR_S}
        for mine in (True, False):
            fuels = [entry for entry, owner in empty.items() if (owner == source) is mine]
            trips = [seq for seq, fault in lost.items() if (fault.facility == facility) is mine]
            if fuels:
                return max(fuels), at
            if trips:
                largest = max(trips, key=lambda seq: lost[seq].lost_w)
                return largest, max(at, lost[largest].began_s)
        return -1, at
