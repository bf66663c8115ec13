"""Substations: emitters in rooms, a counter-flow exchanger, and the primary valve that looks for the flow needed.

Closure: the secondary flow is constant, so its supply temperature is what balances the heat through the exchanger with
the heat that the emitters give off to rooms as they are. Too little primary temperature or flow means a colder
secondary supply and less heat in the rooms; nothing is prescribed.

Emitters: ``Q = UA LMTD`` with ``UA = K x**(n - 1)`` at mean excess ``x = LMTD``,
against the step-mean room temperature,
which is itself linear in Q (rooms.py). One damped Newton pass on x when the valve is set, another when the true supply
temperature is known.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .heat_compile import kernel
from .layout import (
    B_CONDUCTANCE,
    B_OFFSET,
    B_SECONDARY,
    B_SETPOINT,
    B_SLOPE,
    B_TARGET,
    B_WANT,
    C_EMITTER,
    C_FLOW_W_K,
    C_POWER,
    CURVE,
    CURVE_MAX,
    EXCHANGE,
    FILLING,
    H_CONDUCTANCE,
    H_FREE,
    H_NEW,
    S_CARRY,
    S_FLOW_MAX,
    S_FLOW_MIN,
    S_GAIN_CREDIT,
    S_HEAT_CAPACITY,
    S_RETURN_LIMIT,
    S_TRIAL_FLOW,
    S_TRIAL_SECONDARY,
    TRIAL,
    X_FLOW_STEP,
    X_GAIN,
    X_LOSS,
    X_POWER_MAX,
    X_PRIMARY,
    X_RADIATOR,
    X_SECONDARY_W_K,
    Y_CARRY,
    Y_DELIVERED_J,
    Y_FLOW,
    Y_HEAT,
    Y_NEED,
    Y_NEED_J,
    Y_ON,
    Y_RETURN_C,
    Y_SECONDARY_C,
    Y_SERVED,
    Y_SUPPLY_C,
    Z_EXCESS,
    Z_POWER,
    Array,
)  # fmt: skip

__all__ = ["conduct", "counter_flow", "exchange_heat", "exchange_tables", "refine", "set_points", "settle", "want"]

Floats = npt.NDArray[np.float64]

LEAST_EXCESS = 0.5  # below this the emitter's coefficient no longer falls [K]


def counter_flow(primary_w_k: Floats, secondary_w_k: Floats, ua_w_k: Floats) -> Floats:
    """Return heat per difference of the inlet temperatures in a counter-flow exchanger [W/K].

    ``eps C_min`` with ``eps = (1 - exp(-NTU (1 - C))) / (1 - C exp(-NTU (1 - C)))`` and its limit for equal flows
    (VDI Heat Atlas C1; the NTU method of Kays and London).

    Parameters
    ----------
    primary_w_k, secondary_w_k : arrays
        Heat capacity flows [W/K].
    ua_w_k : array
        Conductance of the exchanger [W/K].
    """
    least = np.minimum(primary_w_k, secondary_w_k)
    ratio = least / np.maximum(np.maximum(primary_w_k, secondary_w_k), 1e-300)
    units = ua_w_k / np.maximum(least, 1e-300)
    gap = units * (1.0 - ratio)
    # (1 - e^-g) / (1 - C e^-g) written so that g -> 0 has its limit NTU / (1 + NTU)
    filled = np.where(gap > 1e-9, -np.expm1(-gap) / np.where(gap > 1e-9, gap, 1.0), 1.0)
    effectiveness = filled * units / (filled * units * ratio + 1.0)
    result: Floats = effectiveness * least
    return result


def exchange_tables(
    design_primary_w_k: Floats, secondary_w_k: Floats, ua_w_k: Floats, exponent: float, flow_max: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the exchangers' tables: W/K by primary flow, and primary flow by W/K.

    Parameters
    ----------
    design_primary_w_k, secondary_w_k, ua_w_k : arrays, shape (substation,)
        Heat capacity flows and conductance at design [W/K]; the secondary flow stays at design.
    exponent : float
        The conductance goes with the primary flow to this power [-].
    flow_max : float
        Largest primary flow as a share of design [-].

    Returns
    -------
    forward : array, shape (substation, EXCHANGE + 1)
        W/K at even steps of primary flow from 0 to the largest.
    inverse : array, shape (substation, EXCHANGE + 1)
        Primary heat capacity flow [W/K] at even steps of W/K from 0 to the largest.
    step, power_max : arrays, shape (substation,)
        Step of the primary heat capacity flow [W/K]; the largest W/K.
    """
    count = len(ua_w_k)
    share = np.linspace(0.0, flow_max, EXCHANGE + 1)

    def conductance(z: Floats, of: int | slice) -> Floats:
        primary = design_primary_w_k[of, None] * z if isinstance(of, slice) else design_primary_w_k[of] * z
        secondary = secondary_w_k[of, None] if isinstance(of, slice) else np.full_like(z, secondary_w_k[of])
        ua = ua_w_k[of, None] * z**exponent if isinstance(of, slice) else ua_w_k[of] * z**exponent
        return counter_flow(primary, np.broadcast_to(secondary, primary.shape), ua)

    forward = conductance(share, slice(None))
    fine = flow_max * np.linspace(0.0, 1.0, 4 * EXCHANGE + 1) ** 2
    inverse = np.empty((count, EXCHANGE + 1))
    known: dict[tuple[float, float], int] = {}
    for x in range(count):
        shape = (float(secondary_w_k[x] / design_primary_w_k[x]), float(ua_w_k[x] / design_primary_w_k[x]))
        if shape in known:  # the same up to size
            inverse[x] = inverse[known[shape]] * (design_primary_w_k[x] / design_primary_w_k[known[shape]])
            continue
        known[shape] = x
        power = conductance(fine, x)
        inverse[x] = np.interp(np.linspace(0.0, power[-1], EXCHANGE + 1), power, fine) * design_primary_w_k[x]
    return forward, inverse, design_primary_w_k * flow_max / EXCHANGE, forward[:, -1].copy()


@kernel
def _conductances(units_per_power: Array, power: Array, flow: Array, feedback: Array, result: Array) -> None:
    """Write heat per secondary supply over the room's free mean: the emitter in series with the room's own rise.

    The flow's effectiveness 1 - exp(-N) is the quotient (60 N + 6 N^2 + N^3) / (60 + 36 N + 9 N^2 + N^3), within 6e-6
    at N = 0.6 and bounded by 1 for any N.
    """
    for c in range(power.size):
        units = units_per_power[c] * power[c]  # emitter in units of the flow
        top = flow[c] * units * (60.0 + units * (6.0 + units))
        result[c] = top / (60.0 + units * (36.0 + units * (9.0 + units)) + feedback[c] * top)


@kernel
def _excess_ratio(
    conductance: Array, secondary: Array, free: Array, units_per_power: Array, power: Array, flow: Array, excess:
    Array, result: Array,
) -> None:  # fmt: skip
    """Write the mean excess that a supply brings over the present one."""
    for x in range(conductance.size):
        coefficient = max(units_per_power[x] * power[x] * flow[x], 1e-30)
        heat = conductance[x] * (secondary[x] - free[x])
        result[x] = max(heat, LEAST_EXCESS * coefficient) / (coefficient * excess[x])


@kernel
def _damp(exponent: Array, ratio: Array) -> None:
    """Damp the step: the plain map contracts by about -0.35 (n - 1)."""
    for c in range(ratio.size):
        ratio[c] = max(1.0 + (ratio[c] - 1.0) / (1.0 + 0.35 * exponent[c]), 0.05)


@kernel
def _carry(exponent: Array, ratio: Array, power: Array) -> None:
    """Carry x**(n - 1) along by the (2,2) Padé quotient of (1 + u)**b."""
    for c in range(ratio.size):
        u, b = ratio[c] - 1.0, exponent[c]
        top = 1.0 + u * (0.5 * (2.0 + b) + u * (2.0 + b) * (1.0 + b) / 12.0)
        power[c] *= top / (1.0 + u * (0.5 * (2.0 - b) + u * (2.0 - b) * (1.0 - b) / 12.0))


@kernel
def _scale(ratio: Array, excess: Array) -> int:
    """Scale the excess; return for how many the step was too far for the quotient."""
    for c in range(ratio.size):
        excess[c] *= ratio[c]
    far = 0
    for c in range(ratio.size):
        far += 1 if abs(ratio[c] - 1.0) > 0.25 else 0
    return far


@kernel
def _sum_up(conductance: Array, free: Array, slope: Array, offset: Array) -> None:
    for x in range(slope.size):
        slope[x] += conductance[x]
    for x in range(slope.size):
        offset[x] += conductance[x] * free[x]


@kernel
def conduct(feedback: Array, cohort: Array, now: Array, scratch: Array) -> None:
    """Write the emitters' conductances at their present excess; names as in :func:`refine`."""
    _conductances(cohort[C_EMITTER], now[Z_POWER], cohort[C_FLOW_W_K], feedback, scratch[H_CONDUCTANCE])


@kernel
def refine(
    secondary: Array, feedback: Array, cohort: Array, now: Array, scratch: Array, slope: Array, offset: Array,
) -> None:  # fmt: skip
    """Move each emitter's mean excess towards the one that a secondary supply temperature brings, and sum the emitters.

    The emitters' conductances must be those of their present excess: see :func:`conduct`.

    Parameters
    ----------
    secondary : array, shape (substation,)
        Secondary supply temperature [degC].
    feedback : array, shape (cohort,)
        Rise of the room's step-mean temperature per W of emitters [K/W].
    cohort, now, scratch : arrays
        ``Plant.cohort``, ``State.cohort``, ``Work.cohort`` with the rooms' free mean.
    slope, offset : arrays, shape (substation,), out
        Emitters' heat = slope * secondary supply - offset [W/K], [W].
    """
    n = secondary.size
    units, flow, exponent = cohort[C_EMITTER], cohort[C_FLOW_W_K], cohort[C_POWER]
    excess, power = now[Z_EXCESS], now[Z_POWER]
    conductance, free, ratio = scratch[H_CONDUCTANCE], scratch[H_FREE], scratch[H_NEW]
    for x in range(n):
        slope[x] = 0.0
    for x in range(n):
        offset[x] = 0.0
    for low in range(0, excess.size, n):  # a slot at a time: its rows stay in the nearest cache
        high = low + n
        k, f, u, p, r = conductance[low:high], free[low:high], units[low:high], power[low:high], ratio[low:high]
        _excess_ratio(k, secondary, f, u, p, flow[low:high], excess[low:high], r)
        _damp(exponent[low:high], r)
        _carry(exponent[low:high], r, p)
        if _scale(r, excess[low:high]) > 0:
            for c in range(low, high):
                if abs(ratio[c] - 1.0) > 0.25:
                    power[c] = excess[c] ** exponent[c]
        _conductances(u, p, flow[low:high], feedback[low:high], k)
        _sum_up(k, f, slope, offset)


@kernel
def set_points(
    target: float, outdoor: float, heating: bool, setting: Array, rows: Array, curve: Array, result: Array,
) -> None:  # fmt: skip
    """Write each substation's secondary set-point by the heating curve (quality regulation, FACTS.md 2.3).

    The curve is commissioned: a table of the excess over the room target at which the substation's own emitters give
    off a share of their design heat; the share asked for is the rooms' loss at the outdoor temperature that the
    controller follows, less the gains it is told to count on.

    Parameters
    ----------
    target, outdoor : float
        Room temperature aimed at, and the outdoor temperature followed [degC].
    heating : bool
        Whether rooms are heated; else the trial run's temperature is set.
    setting, rows, curve : arrays
        ``Plant.setting``, ``Plant.substation``, ``Plant.curve``.
    result : array, shape (substation,), out
        Secondary supply set-point [degC].
    """
    cells = curve.ravel()
    for x in range(result.size):
        load = rows[X_LOSS, x] * (target - outdoor) - setting[S_GAIN_CREDIT] * rows[X_GAIN, x]
        place = min(max(load / rows[X_RADIATOR, x], 0.0), CURVE_MAX) * (CURVE / CURVE_MAX)
        cell = min(int(place), CURVE - 1)
        left = cells[x * (CURVE + 1) + cell]
        result[x] = target + left + (cells[x * (CURVE + 1) + cell + 1] - left) * (place - cell)
    if not heating:
        result[:] = setting[S_TRIAL_SECONDARY]


@kernel
def want(mode: float, setting: Array, rows: Array, valve: Array, exchange: Array, now: Array, scratch: Array) -> None:
    """Write the primary flow that each valve looks for [kg/s] and the heat needed [W].

    The valve takes the flow at which the exchanger would bring the secondary supply to its set-point with the primary
    temperature last seen, made up for what it missed in the step before; never above the limits of flow and return
    temperature.

    Parameters
    ----------
    mode : float
        As ``State.clock[K_MODE]``.
    setting, rows, valve, exchange : arrays
        ``Plant.setting``, ``Plant.substation``, ``Plant.valve``, ``Plant.exchange``.
    now, scratch : arrays
        ``State.substation``, ``Work.substation``: Y_NEED, B_TARGET and B_WANT are written.
    """
    slope, offset, set_point = scratch[B_SLOPE], scratch[B_OFFSET], scratch[B_SETPOINT]
    target, result, need = scratch[B_TARGET], scratch[B_WANT], now[Y_NEED]
    if mode <= FILLING:
        share = setting[S_TRIAL_FLOW] if mode == FILLING else 0.0
        for x in range(result.size):
            target[x] = 0.0
            need[x] = 0.0
            result[x] = share * rows[X_PRIMARY, x] * now[Y_ON, x]
        return
    capacity, limit = setting[S_HEAT_CAPACITY], setting[S_RETURN_LIMIT]
    least = setting[S_FLOW_MIN]
    for x in range(result.size):
        need[x] = max(slope[x] * set_point[x] - offset[x], 0.0) * now[Y_ON, x]
        target[x] = max(need[x] * now[Y_SERVED, x] + now[Y_CARRY, x], 0.0)
    cells = valve.ravel()
    for x in range(result.size):
        asked = target[x]
        secondary_return = (asked + offset[x]) / slope[x] - asked / rows[X_SECONDARY_W_K, x]
        difference = now[Y_SUPPLY_C, x] - secondary_return
        power = rows[X_POWER_MAX, x]
        if difference > 0.0 and asked < power * difference:
            power = asked / difference
        place = power / rows[X_POWER_MAX, x] * EXCHANGE
        cell = min(int(place), EXCHANGE - 1)
        left = cells[x * (EXCHANGE + 1) + cell]
        flow = left + (cells[x * (EXCHANGE + 1) + cell + 1] - left) * (place - cell)  # [W/K]
        if flow > 0.0 and now[Y_SUPPLY_C, x] - power * difference / flow > limit > secondary_return:
            flow = _flow_by_return(
                flow, limit, now[Y_SUPPLY_C, x], slope[x], offset[x], rows[X_SECONDARY_W_K, x], rows[X_FLOW_STEP, x],
                exchange[x],
            )  # fmt: skip
        result[x] = max(flow / capacity, least * rows[X_PRIMARY, x]) * now[Y_ON, x]
    if mode == TRIAL:  # circulation is what is tried: valves stand still
        for x in range(result.size):
            result[x] = setting[S_TRIAL_FLOW] * rows[X_PRIMARY, x] * now[Y_ON, x]


@kernel
def _power(capacity_flow: float, step: float, cells: Array) -> float:
    """Return the exchanger's W/K at a primary heat capacity flow [W/K]."""
    place = min(capacity_flow / step, 1.0 * EXCHANGE)
    cell = min(int(place), EXCHANGE - 1)
    result: float = cells[cell] + (cells[cell + 1] - cells[cell]) * (place - cell)
    return result


@kernel
def _flow_by_return(
    flow: float, limit: float, inlet: float, slope: float, offset: float, secondary: float, step: float,
    cells: Array,
) -> float:  # fmt: skip
    """Return the largest primary heat capacity flow whose return stays within a limit, by bisection [W/K]."""
    low, high = 0.0, flow
    for _ in range(30):
        middle = 0.5 * (low + high)
        power = _power(middle, step, cells)
        heat = power * (inlet - offset / slope) / (1.0 + power / slope - power / secondary)
        if inlet - heat / middle > limit:
            high = middle
        else:
            low = middle
    return low


@kernel
def exchange_heat(setting: Array, rows: Array, exchange: Array, now: Array, scratch: Array) -> None:
    """Write each substation's heat and secondary supply temperature, with the primary flow and temperature that came.

    Water colder than what comes back from the rooms finds the exchanger bypassed: it gives no heat and takes none.
    """
    slope, offset, secondary = scratch[B_SLOPE], scratch[B_OFFSET], scratch[B_SECONDARY]
    power, heat = scratch[B_CONDUCTANCE], now[Y_HEAT]
    for x in range(heat.size):
        power[x] = _power(now[Y_FLOW, x] * setting[S_HEAT_CAPACITY], rows[X_FLOW_STEP, x], exchange[x])
    for x in range(heat.size):
        free = offset[x] / slope[x]
        drive = max(now[Y_SUPPLY_C, x] - free, 0.0) * now[Y_ON, x]
        heat[x] = power[x] * drive / (1.0 + power[x] / slope[x] - power[x] / rows[X_SECONDARY_W_K, x])
    for x in range(heat.size):
        secondary[x] = (heat[x] + offset[x]) / slope[x]


@kernel
def settle(dt: float, setting: Array, rows: Array, now: Array, scratch: Array) -> None:
    """Book the heat delivered; write primary return and secondary temperatures and the valves' carry-over.

    A valve that was not at its limit and missed its target makes up for it in the next step: it steers by the
    temperature of the step before.
    """
    weight = dt / max(dt, setting[S_CARRY])
    for x in range(now.shape[1]):
        heat, flow = now[Y_HEAT, x], now[Y_FLOW, x]
        if flow > 0.0:
            now[Y_RETURN_C, x] = now[Y_SUPPLY_C, x] - heat / (flow * setting[S_HEAT_CAPACITY])
        now[Y_SECONDARY_C, x] = scratch[B_SECONDARY, x]
        now[Y_DELIVERED_J, x] += heat * dt
        now[Y_NEED_J, x] += now[Y_NEED, x] * dt
        missed = weight * (scratch[B_TARGET, x] - heat)
        bound = 0.1 * now[Y_NEED, x]
        free = flow < 0.999 * setting[S_FLOW_MAX] * rows[X_PRIMARY, x] and flow >= 0.999 * scratch[B_WANT, x]
        now[Y_CARRY, x] = min(max(missed, -bound), bound) if free else 0.0
