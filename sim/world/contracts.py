"""Contracts: gas, power and waste heat, granted day by day, and what of them is paid at a peak price or untaken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...scenarios.calendar import DAY_S

if TYPE_CHECKING:
    from .world import World

__all__ = ["Contracts"]

Floats = npt.NDArray[np.float64]


class Contracts:
    """What comes by pipe or wire: a quantity anew each day, of which what is not taken lapses.

    Attributes
    ----------
    quantity : array, shape (store,)
        Daily contract quantity [unit/d].
    held : array, shape (store,)
        Most that stays on site from one day to the next [unit].
    offered : array, shape (store,)
        What a day's grants are now: extra gas only while nothing is withheld [unit].
    brings : list of float
        The same by store, 0 where nothing comes by pipe [unit].
    granted, lapsed : arrays, shape (store,)
        Ledger: what was granted, and what of it was not taken [unit].
    peak : array, shape (store,)
        What was taken beyond the daily quantity [unit].
    within : array, shape (store,)
        What was granted within the daily quantity on days with heat [unit].
    """

    def __init__(self, world: World) -> None:
        self._world = world
        arrays, policy = world.arrays, world.scenario.policies.gas_contract
        count = len(arrays.store_ids)
        self._policy, self._gas = policy, arrays.store_gas
        self.quantity = np.where(arrays.store_gas, policy.quantity_factor, 1.0) * arrays.store_contract_per_day
        self.held = np.where(arrays.store_gas, policy.on_site_factor, 1.0) * arrays.store_capacity
        self._withheld: Floats = np.zeros(count)  # share that is not granted now
        self._stores = np.flatnonzero(arrays.store_pipeline)
        self._offer()
        self.granted: Floats = np.zeros(count)
        self.lapsed: Floats = np.zeros(count)
        self.peak: Floats = np.zeros(count)
        self.within: Floats = np.zeros(count)
        self._taken: Floats = np.zeros(count)  # up to the last settling
        self._settled = -1  # the last day whose grants are booked
        self._granted_heated = False  # whether heat was on when the last day began

    def withhold(self, store: int, share: float) -> None:
        """Grant so much less of a store's daily quantity from the next day on [-]."""
        self.settle()
        self._withheld[store] = share
        self._offer()

    def day_begins(self) -> None:
        """Remember at midnight whether heat is on; the march brings the day's grants."""
        self._granted_heated = self._world.heating

    def settle(self) -> None:
        """Book the last day that began, once: what of the day before has lapsed, and what the day has brought."""
        heat = self._world.heat
        if heat.day == self._settled:
            return
        self._settled = heat.day
        before = heat.fuel_before_day
        for store in self._stores.tolist():
            left, quantity, offered = float(before[store]), float(self.quantity[store]), float(self.offered[store])
            self.lapsed[store] += left - min(left, float(self.held[store]))
            taken = float(self.granted[store] - self.lapsed[store])
            beyond = taken - float(self._taken[store]) - quantity
            if self._gas[store] and beyond > 1e-9 * quantity:  # no rounding is paid for
                self.peak[store] += beyond
            self._taken[store] = taken
            self.granted[store] += offered
            if self._granted_heated:
                self.within[store] += min(offered, quantity)

    def cut_today(self, store: int, share: float) -> None:
        """Withhold at once a share of what is left of today's quantity."""
        self.settle()
        stock = self._world.heat.fuel_available
        left_of_day = 1.0 - self._world.now % DAY_S / DAY_S
        if left_of_day < 1.0:
            still = float(self.held[store]) + (1.0 - share) * float(self.quantity[store]) * left_of_day
            lost = max(float(stock[store]) - still, 0.0)
            stock[store] -= lost
            self.lapsed[store] += lost

    def _offer(self) -> None:
        share = 1.0 - self._withheld
        self.offered: Floats = (share + self._policy.extra_share * (self._gas & (share >= 1.0))) * self.quantity
        self.brings: list[float] = np.where(self._world.arrays.store_pipeline, self.offered, 0.0).tolist()
        self._world.heat.set_grants(self._stores, self.held[self._stores], self.offered[self._stores])

    def untaken(self) -> Floats:
        """Return what is paid without having been taken, shape (store,) [unit]."""
        owed = self._policy.take_or_pay_share * self.within - (self.granted - self.lapsed)
        return np.where(self._gas, np.maximum(owed, 0.0), 0.0)
