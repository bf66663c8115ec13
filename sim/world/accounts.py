"""What a season used, cost and emitted, and whether every ledger closes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .costs import costs, refunds_by_tier, staff_by_shift
from .world import World

__all__ = ["balances", "summary"]


def balances(world: World) -> dict[str, Any]:
    """Return every ledger with its error: energy, rooms, water and fuel relative, calls, cases and money in whole
    numbers.
    """
    fuel = world.fuel
    burnt, left = world.heat.fuel_burnt, world.heat.fuel_available
    delivered, lapsed = fuel.delivered + fuel.contracts.granted, fuel.lapsed + fuel.contracts.lapsed
    came = fuel.opening + delivered
    went = burnt + lapsed + fuel.given + left
    scale = np.maximum(came, 1.0)
    ledger = world.heat.ledger
    people = world.people.balances()
    return {
        **ledger,
        "fuel": {
            store: {
                "opening": float(fuel.opening[i]), "delivered": float(delivered[i]), "burnt": float(burnt[i]),
                "lapsed": float(lapsed[i]), "given": float(fuel.given[i]), "left": float(left[i]),
            }
            for i, store in enumerate(world.arrays.store_ids)
        },
        "fuel_error": float((np.abs(came - went) / scale).max(initial=0.0)),
        "teams_out": world.crews.out(),
        **world.interim.balances(),
        **people,
    }  # fmt: skip


def summary(world: World, closed: dict[str, Any]) -> dict[str, Any]:
    """Return the headline numbers that the world accounts for: heat, fuel, money, CO2, cover, the worst errors."""
    arrays, heat, fuel = world.arrays, world.heat, world.fuel
    tracks = world.tracks
    burnt = heat.fuel_burnt
    no_fuel_gj, no_capacity_gj = (
        float(tracks[name].sum(dtype=np.float64)) * 3600.0 / 1e9 for name in ("unserved_fuel_w", "unserved_capacity_w")
    )
    withheld_gj = world.rationing.withheld_gj()  # for want of fuel too, though by order
    co2_t = (float((burnt * arrays.store_co2_kg).sum()) + closed["interim_co2_kg"]) / 1000.0
    cost = costs(world, closed)
    area_m2 = float(world.subjects.floor_area_m2[world.rows.substation : world.rows.cohort].sum())
    errors = [abs(float(value)) for name, value in closed.items() if name.endswith("_error")]
    return {
        "heat_gj": closed["produced_j"] / 1e9,
        "heat_delivered_gj": closed["delivered_j"] / 1e9,
        "heat_lost_gj": closed["lost_j"] / 1e9,
        "heat_before_start_gj": _heat_before_start_gj(world),
        "heat_interim_gj": closed["interim_j"] / 1e9,
        "heat_shed_gj": no_fuel_gj + withheld_gj + no_capacity_gj,
        "heat_shed_fuel_gj": no_fuel_gj + withheld_gj,
        "electricity_mwh": float(heat.electricity_j) / 3.6e9,
        "power_mwh": closed["power_j"] / 3.6e9,
        "units": heat.units(),
        "tanks": heat.tanks(),
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
        "cost_split_cny_m2": {kind: value / area_m2 if area_m2 > 0.0 else 0.0 for kind, value in cost.items()},
        "staff_split_cny": staff_by_shift(world),
        "refund_split_cny": refunds_by_tier(world),
        "revenue_cny": (closed["paid_in_time_fen"] + closed["paid_late_fen"]) / 100.0,
        "revenue_owed_cny": closed["still_owed_fen"] / 100.0,
        "co2_t": co2_t,
        "co2_value_cny": co2_t * world.scenario.costs.co2_cny_t,
        "balance_error": max(errors, default=0.0),
        "illustrative": world.network.illustrative,
        "network_title_zh": world.network.title_zh,
        "network_title_en": world.network.title_en,
        **({"network_edits": [edit.name for edit in world.network.edits]} if world.network.edits else {}),
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _heat_before_start_gj(world: World) -> float:
    """Return what trial run and preheat took before buildings were owed heat [GJ]."""
    hours = world.tracks["source_heat_w"][: world.decided_start_s // 3_600]
    return float(hours.sum(dtype=np.float64)) * 3_600.0 / 1e9
