"""Which units go first under the scenario's merit order, and what stores burn for that at a load."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ...scenarios.calendar import DAY_S
from ...scenarios.policies.merit_order import calling_order, ranks, shares
from ...scenarios.scenario import Scenario
from .heat import Heat

__all__ = ["BurnByLoad", "call_by_rank", "unit_ranks"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def unit_ranks(scenario: Scenario, arrays: NetworkArrays) -> Ints:
    """Return the rank of each unit under the scenario's merit order, by what heat from it costs, shape (unit,)."""
    burnt = arrays.store_price_cny[arrays.unit_store] / (
        arrays.unit_efficiency * arrays.store_heating_value_j[arrays.unit_store]
    )
    earned = arrays.unit_power_to_heat * scenario.costs.electricity_sold_cny_kwh / 3.6e6
    sources = [arrays.source_ids[s] for s in arrays.unit_source]
    cost = scenario.costs.fuel_price_factor * burnt - earned
    return ranks(scenario.policies.merit_order, arrays.unit_ids, sources, cost, arrays.unit_duty)


def call_by_rank(heat: Heat, rank: Ints, rule: str | None = None) -> None:
    """Let units be called by rank, and those of equal rank alike."""
    arrays = heat.arrays
    order = calling_order(rank, arrays.unit_source, arrays.unit_capacity_w)
    heat.set_dispatch(order, tier=rank, rule=rule)


class BurnByLoad:
    """What stores burn in a day under the merit order, all units able.

    Attributes
    ----------
    first, second : arrays, shape (store,)
        Burn of a day at the design temperature as first fuel, and as second fuel were the first ones gone [unit/d].
    """

    def __init__(self, scenario: Scenario, arrays: NetworkArrays, design_w: float) -> None:
        rank, stores = unit_ranks(scenario, arrays), len(arrays.store_ids)
        heat_w = shares(rank, arrays.unit_capacity_w, design_w)

        def per_day(heat_w: Floats, units: npt.NDArray[np.bool_], store: Ints) -> Floats:
            where = store[units]
            fuel = heat_w[units] / (arrays.unit_efficiency[units] * arrays.store_heating_value_j[where]) * DAY_S
            return np.bincount(where, fuel, stores).astype(np.float64)

        every, two = np.ones(len(rank), np.bool_), arrays.unit_second_store >= 0
        self.first = per_day(heat_w, every, arrays.unit_store)
        self.second = per_day(heat_w, two, arrays.unit_second_store)
        # by tier: what all its units make [W], and what each store burns for one watt of that, shape (store, tier)
        tiers = [rank == tier for tier in np.unique(rank)]
        self._tier_w = np.array([float(arrays.unit_capacity_w[tier].sum()) for tier in tiers])
        self._per_w = np.zeros((stores, len(tiers)))
        for column, (tier, total) in enumerate(zip(tiers, self._tier_w.tolist(), strict=True)):
            burn = per_day(np.where(tier, arrays.unit_capacity_w, 0.0), every, arrays.unit_store)
            burn += per_day(np.where(tier, arrays.unit_capacity_w, 0.0), two, arrays.unit_second_store)
            self._per_w[:, column] = burn / max(total, 1.0)
        self._before_w = np.concatenate([[0.0], np.cumsum(self._tier_w)[:-1]])
        self._design_w = design_w

    def at(self, share: Floats) -> Floats:
        """Return the burn of days at a share of the design load, shape (…, store, day) [unit/d].

        Tiers fill up in turn, so what comes first burns alike on mild and on cold days. A day's mean hides the hours in
        which a later tier is called: a store is reckoned with at least its burn by degree-days.

        Parameters
        ----------
        share
            Mean heat of each day over the design heat, shape (…, day) [-].
        """
        share = np.asarray(share)[..., None, :]
        made = np.minimum(np.maximum(self._design_w * share - self._before_w[:, None], 0.0), self._tier_w[:, None])
        by_degree_days = (self.first + self.second)[:, None] * share
        burn: Floats = np.maximum(self._per_w @ made, by_degree_days)
        return burn
