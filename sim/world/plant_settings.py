"""A scenario's operation, as the heat model takes it."""

from __future__ import annotations

from typing import Any

from ...scenarios.calendar import HOUR_S
from ...scenarios.policies.merit_order import Proportional
from ...scenarios.policies.preheat import RampPreheat
from ...scenarios.policies.storage import AnyStorage, LevelLoad, tank_orders
from ...scenarios.scenario import Scenario
from .heat_settings import HeatSettings

__all__ = ["heat_settings", "storage_settings"]


def heat_settings(scenario: Scenario, design_outdoor_c: float) -> HeatSettings:
    """Return the heat model's settings for a scenario; what the scenario does not say keeps the model's own value.

    Parameters
    ----------
    scenario : Scenario
    design_outdoor_c : float
        Design outdoor temperature of its weather [degC].
    """
    operation, policies = scenario.operation, scenario.policies
    lowered = [
        operation.setback_k if _within(hour, operation.setback_from_h, operation.setback_until_h) else 0.0
        for hour in range(24)
    ]
    preheat = policies.preheat
    return HeatSettings(
        design_outdoor_c=design_outdoor_c,
        room_target_c=operation.room_target_c,
        gain_credit=operation.gain_credit_share,
        curve_lag_s=operation.curve_lag_h * HOUR_S,
        setback_k=tuple(lowered),
        gain_profile=operation.internal_gain_profile,
        primary_supply_design_c=operation.primary_supply_design_c,
        primary_supply_minimum_c=operation.primary_supply_minimum_c,
        primary_return_limit_c=operation.primary_return_limit_c,
        minimum_dp_pa=operation.minimum_difference_pa,
        makeup_c=operation.makeup_c,
        fill_c=operation.makeup_c,
        trial_supply_c=policies.readiness.trial_supply_c,
        ramp_k_h=operation.supply_ramp_k_h,
        preheat_ramp_k_h=preheat.ramp_k_h if isinstance(preheat, RampPreheat) else operation.supply_ramp_k_h,
        initial_room_c=operation.initial_room_c,
        dispatch="proportional" if isinstance(policies.merit_order, Proportional) else "merit",
        **storage_settings(policies.storage),
    )


def storage_settings(storage: AnyStorage) -> dict[str, Any]:
    """Return what the heat model takes of a storage policy."""
    return {
        "tank_rule": storage.kind,
        "tank_lag_s": (storage.over_h if isinstance(storage, LevelLoad) else 24.0) * HOUR_S,
        "tank_orders": tank_orders(storage),
    }


def _within(hour: int, first: int, last: int) -> bool:
    """Return whether an hour of the clock lies in a span that may pass midnight."""
    return first <= hour < last if first <= last else hour >= first or hour < last
