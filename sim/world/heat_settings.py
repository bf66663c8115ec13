"""How the heat of a season is run and computed: every assumed number of the heat model, with its source."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TANK_RULES", "HeatSettings"]

TANK_RULES = ("keep_full", "level_load", "by_hour")  # as kernels/tanks.py numbers them

# Share of the mean internal gain by hour of day, mean 1 (assumed: evening-peaked, people at home, cooking, lamps).
_GAIN_PROFILE = (
    0.70, 0.65, 0.60, 0.60, 0.60, 0.70, 1.00, 1.20, 0.95, 0.80, 0.80, 1.10,
    1.20, 0.90, 0.80, 0.80, 0.90, 1.20, 1.60, 1.60, 1.50, 1.35, 1.25, 1.20,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatSettings:
    """Settings of the heat model. Confidence: H sourced, M common practice, L assumed.

    Attributes
    ----------
    water_j_kgk : float
        Heat capacity of water, constant so that heat flows and contents agree [J/(kg K)] (H at 70 degC; +-0.4 % from 40
        to 110 degC).
    supply_content_c, return_content_c : float
        Temperatures at which the pipes' contents are weighed [degC] (M).
    design_outdoor_c : float
        Outdoor design temperature [degC] (H, FACTS.md 1.1: Hanzhong -0.1).
    design_room_c : float
        Room temperature of the primary curve's design point [degC] (H: 18, GB/T 33833).
    room_target_c : float
        Room temperature that curves aim at until :meth:`Heat.set_curve` says otherwise [degC] (M).
    gain_credit : float
        Share of the mean internal gains that the secondary curve counts on [-] (L; 0: drawn without free heat).
    curve_lag_s : float
        Time constant with which the controllers follow the outdoor temperature [s] (L).
    setback_k : tuple of float, 24 values
        Lowering of the room target by hour of day [K] (M: none).
    gain_profile : tuple of float, 24 values
        Internal gains by hour of day over their mean [-] (L).
    primary_supply_design_c, primary_supply_minimum_c : float
        Primary supply temperature at design, and never undercut while heating [degC] (L).
    primary_curve_exponent : float
        ``supply - target`` goes with the load share to this power [-] (M: between 1/1.3 of radiators and 1).
    primary_return_limit_c : float
        Valves throttle rather than return warmer water [degC] (L; the exchanger's own return is far below).
    primary_flow_max_share, primary_flow_min_share : float
        Largest primary flow and least flow (leaking valve, keeps the branch warm) over design [-] (M, L).
    minimum_dp_pa : float
        Pressure difference held at the worst-placed substation [Pa] (M: 50-100 kPa).
    exchanger_exponent : float
        The exchanger's UA goes with the primary flow to this power [-] (M: plates, film coefficient ~ flow^0.7, two
        equal films).
    makeup_c, fill_c : float
        Temperature of make-up water, and of water that pipes are refilled with [degC] (L).
    trial_flow_share, trial_supply_c, trial_secondary_c : float
        Circulation while filling and in the trial run, over design [-]; its supply temperatures [degC] (L).
    ramp_k_h, preheat_ramp_k_h : float
        Fastest change of the primary supply temperature in operation and while preheating [K/h] (M: CJJ 88 practice,
        about
        10 K/h).
    initial_supply_c : float
        Where the supply set-point's ramp begins [degC] (L).
    initial_room_c : float or None
        Rooms and masses at the origin [degC]; None: in balance with the mean weather of the first three days.
    wind_share, wind_reference_m_s : float
        Rise of the ventilation loss per m/s above a reference [s/m], [m/s] (L; FACTS.md 1.2: mean wind 0.9).
    south_over_horizontal : float
        Radiation on the opening of a dwelling type that states no ``facing`` over global horizontal, winter mean [-]
        (L).
    gain_to_mass_share, solar_to_mass_share : float
        Share of gains that goes to the mass [-] (M: ISO 13790 halves; L).
    ground_step_k : float
        The ground temperature is held until it has moved by this [K] (numerical).
    control_carry_s, plant_recovery_s : float
        Over which time valves make up for a miss, and plants set their water right [s] (numerical: an hour).
    secondary_head_pa, secondary_pump_efficiency : float
        Pressure and efficiency of secondary pumps [Pa], [-] (L).
    dispatch : str
        ``"proportional"`` (by what sources can make) or ``"merit"`` (units in order until the load is met).
    keep_warm_s : float
        Time constant with which the load that units are kept warm for is forgotten [s] (L: a week).
    tank_rule : str
        What hot-water tanks are for: ``"keep_full"``, ``"level_load"`` or ``"by_hour"``.
    tank_lag_s : float
        Time constant of the load's mean that units follow while tanks level the load [s] (L).
    tank_orders : tuple of float, 24 values
        By hour of day: 1 charge, -1 discharge, 0 neither [-].
    flow_tolerance : float
        Newton's last correction over the total flow [-] (numerical; the error left is about its square).
    """

    water_j_kgk: float = 4190.0
    supply_content_c: float = 90.0
    return_content_c: float = 50.0
    design_outdoor_c: float = -0.1
    design_room_c: float = 18.0
    room_target_c: float = 20.0
    gain_credit: float = 0.0
    curve_lag_s: float = 6 * 3600.0
    setback_k: tuple[float, ...] = (0.0,) * 24
    gain_profile: tuple[float, ...] = _GAIN_PROFILE
    primary_supply_design_c: float = 110.0
    primary_supply_minimum_c: float = 65.0
    primary_curve_exponent: float = 0.85
    primary_return_limit_c: float = 75.0
    primary_flow_max_share: float = 1.3
    primary_flow_min_share: float = 0.02
    minimum_dp_pa: float = 80_000.0
    exchanger_exponent: float = 0.35
    makeup_c: float = 12.0
    fill_c: float = 12.0
    trial_flow_share: float = 0.3
    trial_supply_c: float = 50.0
    trial_secondary_c: float = 35.0
    ramp_k_h: float = 10.0
    preheat_ramp_k_h: float = 10.0
    initial_supply_c: float = 20.0
    initial_room_c: float | None = None
    wind_share: float = 0.05
    wind_reference_m_s: float = 0.9
    south_over_horizontal: float = 1.0
    gain_to_mass_share: float = 0.5
    solar_to_mass_share: float = 0.6
    ground_step_k: float = 0.05
    control_carry_s: float = 3600.0
    plant_recovery_s: float = 3600.0
    secondary_head_pa: float = 120_000.0
    secondary_pump_efficiency: float = 0.65
    dispatch: str = "proportional"
    keep_warm_s: float = 7 * 86_400.0
    tank_rule: str = "keep_full"
    tank_lag_s: float = 24 * 3600.0
    tank_orders: tuple[float, ...] = (0.0,) * 24
    flow_tolerance: float = 1e-3
