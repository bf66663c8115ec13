"""What a season used, cost and emitted, and whether every ledger closes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .world import World

__all__ = ["balances", "summary"]

_HOURS_PER_YEAR = 8_766.0


def balances(world: World) -> dict[str, Any]:
    """Return every ledger with its error: energy, rooms, water and fuel relative, calls and cases in whole numbers."""
    fuel = world.fuel
    burnt, left = world.heat.fuel_burnt, world.heat.fuel_available
    came = fuel.opening + fuel.delivered
    went = burnt + fuel.lapsed + left
    scale = np.maximum(came, 1.0)
    ledger = world.heat.ledger
    people = world.people.balances()
    return {
        **ledger,
        "fuel": {
            store: {
                "opening": float(fuel.opening[i]), "delivered": float(fuel.delivered[i]), "burnt": float(burnt[i]),
                "lapsed": float(fuel.lapsed[i]), "left": float(left[i]),
            }
            for i, store in enumerate(world.arrays.store_ids)
        },
        "fuel_error": float((np.abs(came - went) / scale).max(initial=0.0)),
        **people,
    }  # fmt: skip


def summary(world: World, closed: dict[str, Any]) -> dict[str, Any]:
    """Return the headline numbers that the world accounts for: heat, fuel, money, CO2, cover, the worst errors."""
    arrays, heat, fuel = world.arrays, world.heat, world.fuel
    tracks = world.tracks
    price = arrays.store_price_cny * world.scenario.costs.fuel_price_factor
    burnt = heat.fuel_burnt
    no_fuel_gj, no_capacity_gj = (
        float(tracks[name].sum(dtype=np.float64)) * 3600.0 / 1e9 for name in ("unserved_fuel_w", "unserved_capacity_w")
    )
    co2_t = float((burnt * arrays.store_co2_kg).sum()) / 1000.0
    cost = _costs(world, closed, burnt * price)
    area_m2 = float(world.subjects.floor_area_m2[world.rows.substation : world.rows.cohort].sum())
    errors = [abs(float(value)) for name, value in closed.items() if name.endswith("_error")]
    return {
        "heat_gj": closed["produced_j"] / 1e9,
        "heat_delivered_gj": closed["delivered_j"] / 1e9,
        "heat_lost_gj": closed["lost_j"] / 1e9,
        "heat_shed_gj": no_fuel_gj + no_capacity_gj,
        "heat_shed_fuel_gj": no_fuel_gj,
        "electricity_mwh": float(heat.electricity_j) / 3.6e9,
        "water_t": (closed["makeup_kg"] + closed["filled_kg"]) / 1000.0,
        "fuel": {
            store: {"burnt": float(burnt[i]), "unit": arrays.store_unit[i], "fuel": arrays.store_fuel[i]}
            for i, store in enumerate(arrays.store_ids)
        },
        "min_days_of_cover": _finite(fuel.least_cover_days),
        "min_contract_cover": _finite(fuel.least_contract_share),
        "outages": world.outages.count,
        "longest_outage_h": world.outages.longest_h,
        "crew_hours": world.crews.work_s / 3600.0,
        "cost_cny": sum(cost.values()),
        "cost_cny_m2": sum(cost.values()) / area_m2 if area_m2 > 0.0 else 0.0,
        "cost_split_cny": cost,
        "co2_t": co2_t,
        "co2_value_cny": co2_t * world.scenario.costs.co2_cny_t,
        "balance_error": max(errors, default=0.0),
        "illustrative": world.network.illustrative,
        "network_title_zh": world.network.title_zh,
        "network_title_en": world.network.title_en,
    }  # fmt: skip


def _costs(world: World, closed: dict[str, Any], fuel_cny: np.ndarray[Any, Any]) -> dict[str, float]:
    """Return the season's cost by kind [CNY]."""
    price, arrays, fuel = world.scenario.costs, world.arrays, world.fuel
    season_h = (world.decided_end_s - min(world.decided_start_s, world.heated_since_s)) / 3600.0
    teams = world.scenario.policies.crews.teams
    repaired = [float(arrays.pipe_inner_diameter_m[pipe]) for pipe in world.repaired]
    premium = price.emergency_premium_share * float(
        (fuel.emergency * arrays.store_price_cny).sum()
    ) * price.fuel_price_factor  # fmt: skip
    holding = price.holding_share_per_year * fuel.stock_value_cny_s / (_HOURS_PER_YEAR * 3600.0)
    agents_h, measurers_h = world.staff_hours
    water_t = (closed["makeup_kg"] + closed["filled_kg"]) / 1000.0
    length_km = float(arrays.pipe_length_m.sum()) / 1000.0
    return {
        "fuel": float(fuel_cny.sum()),
        "emergency_premium": premium,
        "stock_holding": holding,
        "electricity": float(world.heat.electricity_j) / 3.6e6 * price.electricity_cny_kwh,
        "water": water_t * price.water_cny_t,
        "hotline": agents_h * price.agent_cny_h,
        "measurers": measurers_h * price.measurer_cny_h + closed["visits"] * price.visit_cny,
        "crews": teams * season_h * price.crew_standby_cny_h + world.crews.work_s / 3600.0 * price.crew_work_cny_h,
        "repairs": sum(price.repair_fixed_cny + price.repair_cny_per_metre * diameter for diameter in repaired),
        "inspection": world.scenario.policies.inspection.share * length_km * price.inspection_cny_per_kilometre,
        "refunds": closed["refunded_fen"] / 100.0,
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
