"""How the plant is run on any day: temperatures, the heating curve, ramps, pressures and what the occupants add."""

from __future__ import annotations

from .parts import Part, number

__all__ = ["Operation"]

# Share of the mean internal gain by hour of day: people at home, cooking, lamps.
_GAIN_PROFILE = (
    0.70, 0.65, 0.60, 0.60, 0.60, 0.70, 1.00, 1.20, 0.95, 0.80, 0.80, 1.10,
    1.20, 0.90, 0.80, 0.80, 0.90, 1.20, 1.60, 1.60, 1.50, 1.35, 1.25, 1.20,
)  # fmt: skip


class Operation(Part):
    """Set-points and limits of the plant."""

    room_target_c: float = number(
        20.0, ge=5, le=30, source="planners run above the guaranteed 18 °C; northern practice 19-24 °C (fx361.cc "
        "7698331)", confidence="M", low=18.5, high=22.0,
    )  # fmt: skip
    """Room temperature that the heating curve aims at [degC]."""

    primary_supply_design_c: float = number(
        110.0, ge=40, le=180, source="assumed: indirect primary network on hot-water boilers, CJJ 34 practice "
        "110-130/60-70", confidence="L", low=95.0, high=130.0,
    )  # fmt: skip
    """Primary supply temperature at the design outdoor temperature [degC]."""

    primary_return_limit_c: float = number(
        75.0, ge=20, le=120, source="assumed: valves throttle rather than send back warmer water", confidence="L",
        low=60.0, high=90.0,
    )  # fmt: skip
    """Warmest primary return that the substations' valves allow [degC]."""

    primary_supply_minimum_c: float = number(
        60.0, ge=30, le=120, source="assumed: floor of the primary curve in mild weather, so that exchangers keep "
        "control", confidence="L", low=50.0, high=75.0,
    )  # fmt: skip
    """Primary supply temperature that is never undercut while supply is on [degC]."""

    gain_credit_share: float = number(
        0.0, ge=0, le=1, source="assumed: the curve is drawn without allowance for free heat", confidence="L",
        low=0.0, high=0.6,
    )  # fmt: skip
    """Share of the mean internal gains that the heating curve counts on [-]."""

    curve_lag_h: float = number(
        6.0, ge=0, le=48, source="assumed: hours over which the outdoor temperature is averaged before the curve "
        "acts", confidence="L", low=0.0, high=24.0,
    )  # fmt: skip
    """Time constant of the outdoor temperature that the curve follows [h]."""

    setback_k: float = number(
        0.0, ge=0, le=10, source="assumed: no night setback, the usual practice of continuous supply", confidence="L",
        low=0.0, high=3.0,
    )  # fmt: skip
    """Lowering of the room target at night [K]."""

    setback_from_h: int = number(22, ge=0, le=23, source="assumed", confidence="L")
    """Hour of day at which the setback begins [h]."""

    setback_until_h: int = number(5, ge=0, le=23, source="assumed", confidence="L")
    """Hour of day at which the setback ends [h]."""

    supply_ramp_k_h: float = number(
        10.0, gt=0, le=60, source="[R] CJJ 88 practice: heating up by at most about 10 K/h in operation",
        confidence="L", low=5.0, high=20.0,
    )  # fmt: skip
    """Fastest rise or fall of the primary supply temperature in operation [K/h]."""

    minimum_difference_pa: float = number(
        80_000.0, ge=0, le=500_000, source="assumed: pressure difference held at the worst-placed substation, "
        "practice 50-100 kPa", confidence="L", low=50_000.0, high=120_000.0,
    )  # fmt: skip
    """Pressure difference that the pumps hold at the worst-placed substation [Pa]."""

    throttled_below_share: float = number(
        0.85, gt=0, le=1, source="assumed: a building that a fault leaves with less counts as touched by the fault",
        confidence="L", low=0.7, high=0.95,
    )  # fmt: skip
    """Share of its need below which a building counts as short of heat [-]."""

    makeup_c: float = number(
        12.0, ge=0, le=60, source="assumed: softened mains water in winter", confidence="L", low=6.0, high=20.0
    )
    """Temperature of make-up and filling water [degC]."""

    initial_room_c: float = number(
        19.0, ge=0, le=30, source="assumed: mid-October rooms, unheated, a few K above outdoors (fx361.cc surveys)",
        confidence="L", low=16.0, high=21.0,
    )  # fmt: skip
    """Room and mass temperature at the season's origin [degC]."""

    internal_gain_profile: tuple[float, ...] = number(
        _GAIN_PROFILE, min_length=24, max_length=24, source="assumed: evening-peaked, mean 1", confidence="L"
    )
    """Internal gains by hour of day as a share of their mean, shape (24,) [-]."""
