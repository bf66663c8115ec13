"""What a season cost its operator: by kind, by shift and by tier; prices and their sources stand in the scenario."""

from __future__ import annotations

from typing import Any

from ...scenarios.policies.roster import SHIFTS
from .world import World

__all__ = ["costs", "refunds_by_tier", "staff_by_shift"]

_HOURS_PER_YEAR = 8_766.0
_STAFF = ("agents", "officers", "measurers")  # of the operator, in the order of the roster


def costs(world: World, closed: dict[str, Any]) -> dict[str, float]:
    """Return the season's cost by kind [CNY].

    Parameters
    ----------
    world : World
        At the season's end.
    closed : dict
        Its ledgers, from :func:`.accounts.balances`.
    """
    price, arrays, fuel = world.scenario.costs, world.arrays, world.fuel
    fuel_price = arrays.store_price_cny * price.fuel_price_factor
    season_h = (world.decided_end_s - min(world.decided_start_s, world.heated_since_s)) / 3600.0
    standby_h = world.scenario.policies.crews.teams * season_h
    repaired = [float(arrays.pipe_inner_diameter_m[pipe]) for pipe in world.repaired]
    worked_cny_h = price.crew_work_cny_h + price.crew_standby_cny_h * world.crews.hired  # who waits is paid too
    water_t = (closed["makeup_kg"] + closed["filled_kg"]) / 1000.0
    length_km = float(arrays.pipe_length_m.sum()) / 1000.0
    contract = world.scenario.policies.gas_contract
    wages, interim = _wages(world), world.scenario.policies.interim
    return {
        "fuel": float((world.heat.fuel_burnt * fuel_price).sum()),
        "emergency_premium": price.emergency_premium_share * float((fuel.emergency * fuel_price).sum()),
        "gas_peak": (contract.peak_price_factor - 1.0) * float((fuel.contracts.peak * fuel_price).sum()),
        "take_or_pay": float((fuel.contracts.untaken() * fuel_price).sum()),
        "stock_holding": price.holding_share_per_year * fuel.stock_value_cny_s / (_HOURS_PER_YEAR * 3600.0),
        "electricity": float(world.heat.electricity_j) / 3.6e6 * price.electricity_cny_kwh,
        "power_sold": 0.0 - closed["power_j"] / 3.6e6 * price.electricity_sold_cny_kwh,
        "water": water_t * price.water_cny_t,
        "hotline": sum(wages["agents"]),
        "officers": sum(wages["officers"]),
        "measurers": sum(wages["measurers"]) + closed["visits"] * price.visit_cny,
        "crews": standby_h * price.crew_standby_cny_h + world.crews.work_s / 3600.0 * worked_cny_h,
        "interim": interim.units * season_h / 24.0 * interim.ready_cny_d
        + world.interim.away_s / 3600.0 * interim.work_cny_h
        + closed["interim_fuel_kg"] * interim.fuel_cny_kg,
        "repairs": sum(price.repair_fixed_cny + price.repair_cny_per_metre * diameter for diameter in repaired),
        "inspection": world.scenario.policies.inspection.share * length_km * price.inspection_cny_per_kilometre,
        "refunds": closed["refunds_due_fen"] / 100.0,
        "restriction": closed["lost_by_restriction_fen"] / 100.0,
    }


def staff_by_shift(world: World) -> dict[str, float]:
    """Return the wages of agents, officers and measurers by shift, e.g. ``agents_night`` [CNY]."""
    return {
        f"{group}_{shift}": cost
        for group, by_shift in _wages(world).items()
        for shift, cost in zip(SHIFTS, by_shift, strict=True)
    }


def refunds_by_tier(world: World) -> dict[str, float]:
    """Return the refunds due by the tier that applied, e.g. ``below_16`` [CNY]."""
    tiers = world.people.settings.refund_tiers
    return {
        f"below_{below_c:g}": fen / 100.0
        for (below_c, _), fen in zip(tiers, world.people.refunds_by_tier_fen, strict=True)
    }


def _wages(world: World) -> dict[str, list[float]]:
    """Return the wages by group and shift [CNY]."""
    price = world.scenario.costs
    hourly = (price.agent_cny_h, price.officer_cny_h, price.measurer_cny_h)
    premium = [1.0 + (price.night_premium_share if shift == "night" else 0.0) for shift in SHIFTS]
    return {
        group: [float(hours) * wage * more for hours, more in zip(by_shift, premium, strict=True)]
        for group, wage, by_shift in zip(_STAFF, hourly, world.people.staff_hours(), strict=True)
    }
