"""Substations: emitters in rooms, a counter-flow exchanger, and the primary valve that looks for the flow needed.

Closure: the secondary flow is constant, so its supply temperature is what balances the heat through the exchanger with
the heat that the emitters give off to rooms as they are. Too little primary temperature or flow means a colder secondary
supply and less heat in the rooms; nothing is prescribed.

Emitters: ``Q = UA LMTD`` with ``UA = K x**(n - 1)`` at mean excess ``x = LMTD``, against the step-mean room temperature,
which is itself linear in Q (rooms.py). One damped Newton pass on x when the valve is set, another when the true supply
temperature is known.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from .layout import (
    B_CONDUCTANCE, B_OFFSET, B_SECONDARY, B_SETPOINT, B_SLOPE, B_TARGET, B_WANT, C_EMITTER, C_FLOW_W_K, C_POWER, CURVE,
    CURVE_MAX, EXCHANGE, FILLING, H_CONDUCTANCE, H_FREE, H_NEW, K_MODE, K_OUTDOOR, K_TARGET, M_EMIT_MEAN, S_CARRY,
    S_FLOW_MAX, S_FLOW_MIN, S_GAIN_CREDIT, S_HEAT_CAPACITY, S_RETURN_LIMIT, S_TRIAL_FLOW, S_TRIAL_SECONDARY, SEASON,
    PREHEAT, SLOTS, SOURCES, SUBSTATIONS, TRIAL, X_FLOW_STEP, X_GAIN, X_LOSS, X_POWER_MAX, X_PRIMARY, X_RADIATOR,
    X_SECONDARY_W_K, Y_CARRY, Y_DELIVERED_J, Y_FLOW, Y_HEAT, Y_NEED, Y_NEED_J, Y_ON, Y_RETURN_C, Y_SECONDARY_C,
    Y_SERVED, Y_SUPPLY_C, Z_EXCESS, Z_POWER,
)  # fmt: skip

__all__ = ["counter_flow", "exchange_heat", "exchange_tables", "refine", "refresh_powers", "sum_emitters", "want"]

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
    fine = flow_max * np.linspace(0.0, 1.0, 16 * EXCHANGE + 1) ** 2
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


@njit(cache=True)
def _conductances(emitter, power, flow, feedback, result):
    """Write heat per secondary supply over the room's free mean: the emitter in series with the room's own rise.

    The flow's effectiveness 1 - exp(-N) is the quotient (60 N + 6 N^2 + N^3) / (60 + 36 N + 9 N^2 + N^3), within 6e-6 at
    N = 0.6 and bounded by 1 for any N.
    """
    for c in range(emitter.size):
        units = emitter[c] * power[c]  # emitter in units of the flow
        top = flow[c] * units * (60.0 + units * (6.0 + units))
        result[c] = top / (60.0 + units * (36.0 + units * (9.0 + units)) + feedback[c] * top)


@njit(cache=True)
def _new_excess(conductance, secondary, free, emitter, power, flow, result):
    for x in range(conductance.size):
        heat = conductance[x] * (secondary[x] - free[x])
        result[x] = heat / max(emitter[x] * power[x] * flow[x], 1e-30)


@njit(cache=True)
def _ratios(excess, power_exponent, new):
    """Turn the new excess into the damped ratio to the old one (the map contracts by about -0.35 (n - 1))."""
    for c in range(excess.size):
        ratio = max(new[c], LEAST_EXCESS) / excess[c]
        new[c] = max(1.0 + (ratio - 1.0) / (1.0 + 0.35 * power_exponent[c]), 0.05)


@njit(cache=True)
def _powers(ratio, exponent, power):
    """Carry x**(n - 1) along: times ratio**(n - 1), by the (2,2) Padé quotient of (1 + u)**b."""
    for c in range(ratio.size):
        u, b = ratio[c] - 1.0, exponent[c]
        top = 1.0 + u * (0.5 * (2.0 + b) + u * (2.0 + b) * (1.0 + b) / 12.0)
        power[c] *= top / (1.0 + u * (0.5 * (2.0 - b) + u * (2.0 - b) * (1.0 - b) / 12.0))


@njit(cache=True)
def _scale(ratio, excess):
    for c in range(ratio.size):
        excess[c] *= ratio[c]


@njit(cache=True)
def refresh_powers(exponent, excess, power):
    """Recompute x**(n - 1) where a step changed it much, and elsewhere now and then: the quotient drifts."""
    for c in range(exponent.size):
        power[c] = excess[c] ** exponent[c]


@njit(cache=True)
def refine(secondary, matrix, plant, state, work):
    """Move each emitter's mean excess towards the one that a secondary supply temperature brings; leave conductances.

    Parameters
    ----------
    secondary : array, shape (substation,)
        Secondary supply temperature [degC].
    matrix : array, shape (17, cohort)
        The step's matrices: their last row is the rooms' feedback [K/W].
    """
    n = plant.size[SUBSTATIONS]
    cohort, now, scratch = plant.cohort, state.cohort, work.cohort
    feedback = matrix[M_EMIT_MEAN]
    _conductances(cohort[C_EMITTER], now[Z_POWER], cohort[C_FLOW_W_K], feedback, scratch[H_CONDUCTANCE])
    for j in range(plant.size[SLOTS]):
        low, high = j * n, (j + 1) * n
        _new_excess(
            scratch[H_CONDUCTANCE][low:high], secondary, scratch[H_FREE][low:high], cohort[C_EMITTER][low:high],
            now[Z_POWER][low:high], cohort[C_FLOW_W_K][low:high], scratch[H_NEW][low:high],
        )  # fmt: skip
    _ratios(now[Z_EXCESS], cohort[C_POWER], scratch[H_NEW])
    _powers(scratch[H_NEW], cohort[C_POWER], now[Z_POWER])
    _scale(scratch[H_NEW], now[Z_EXCESS])
    ratio = scratch[H_NEW]
    for c in range(ratio.size):
        if abs(ratio[c] - 1.0) > 0.25:
            now[Z_POWER, c] = now[Z_EXCESS, c] ** cohort[C_POWER, c]
    _conductances(cohort[C_EMITTER], now[Z_POWER], cohort[C_FLOW_W_K], feedback, scratch[H_CONDUCTANCE])


@njit(cache=True)
def _sum_up(conductance, free, slope, offset):
    for x in range(slope.size):
        slope[x] += conductance[x]
        offset[x] += conductance[x] * free[x]


@njit(cache=True)
def sum_emitters(plant, work):
    """Sum the emitters of each substation: heat = slope * secondary supply - offset [W/K], [W]."""
    n = plant.size[SUBSTATIONS]
    slope, offset = work.substation[B_SLOPE], work.substation[B_OFFSET]
    slope[:] = 0.0
    offset[:] = 0.0
    for j in range(plant.size[SLOTS]):
        low, high = j * n, (j + 1) * n
        _sum_up(work.cohort[H_CONDUCTANCE][low:high], work.cohort[H_FREE][low:high], slope, offset)


@njit(cache=True)
def set_points(setback, plant, state, work):
    """Write each substation's secondary set-point by the heating curve [degC] (quality regulation, FACTS.md 2.3).

    The curve is commissioned: a table of the excess over the room target at which the substation's own emitters give off
    a share of their design heat; the share asked for is the rooms' loss at the outdoor temperature that the controller
    follows, less the gains it is told to count on.
    """
    s, row = plant.setting, plant.substation
    mode = state.clock[K_MODE]
    target = state.clock[K_TARGET] - setback
    result = work.substation[B_SETPOINT]
    for x in range(plant.size[SUBSTATIONS]):
        if mode >= PREHEAT:
            load = (row[X_LOSS, x] * (target - state.clock[K_OUTDOOR]) - s[S_GAIN_CREDIT] * row[X_GAIN, x]) / row[X_RADIATOR, x]
            place = min(max(load, 0.0), CURVE_MAX) * (CURVE / CURVE_MAX)
            cell = min(int(place), CURVE - 1)
            left = plant.curve[x, cell]
            result[x] = target + left + (plant.curve[x, cell + 1] - left) * (place - cell)
        else:
            result[x] = s[S_TRIAL_SECONDARY]


@njit(cache=True)
def want(plant, state, work):
    """Write the primary flow that each valve looks for (``work.substation[B_WANT]``) [kg/s] and the heat needed [W].

    The valve takes the flow at which the exchanger would bring the secondary supply to its set-point with the primary
    temperature last seen, made up for what it missed in the step before; never above the limits of flow and return
    temperature.
    """
    s, row, now = plant.setting, plant.substation, state.substation
    slope, offset = work.substation[B_SLOPE], work.substation[B_OFFSET]
    target, result = work.substation[B_TARGET], work.substation[B_WANT]
    mode = state.clock[K_MODE]
    capacity = s[S_HEAT_CAPACITY]
    for x in range(plant.size[SUBSTATIONS]):
        target[x] = 0.0
        result[x] = 0.0
        now[Y_NEED, x] = 0.0
        if now[Y_ON, x] == 0.0 or mode < FILLING:
            continue
        if mode == FILLING:
            result[x] = s[S_TRIAL_FLOW] * row[X_PRIMARY, x]
            continue
        need = max(slope[x] * work.substation[B_SETPOINT, x] - offset[x], 0.0)
        now[Y_NEED, x] = need
        asked = max(need * now[Y_SERVED, x] + now[Y_CARRY, x], 0.0)
        target[x] = asked
        secondary_return = (asked + offset[x]) / slope[x] - asked / row[X_SECONDARY_W_K, x]
        difference = now[Y_SUPPLY_C, x] - secondary_return
        most = row[X_POWER_MAX, x]
        power = most
        if difference > 0.0 and asked < most * difference:
            power = asked / difference
        flow = _flow(x, power, plant) / capacity
        limit = s[S_RETURN_LIMIT]
        if flow > 0.0 and now[Y_SUPPLY_C, x] - power * difference / (flow * capacity) > limit > secondary_return:
            flow = _flow_by_return(x, flow, limit, secondary_return, plant, now) / capacity
        least = s[S_FLOW_MIN] * row[X_PRIMARY, x]
        if mode == TRIAL:
            least = s[S_TRIAL_FLOW] * row[X_PRIMARY, x]
        result[x] = max(flow, least)


@njit(cache=True)
def _flow(x, power, plant):
    """Return the primary heat capacity flow at which the exchanger passes `power` [W/K]."""
    place = power / plant.substation[X_POWER_MAX, x] * EXCHANGE
    cell = min(int(place), EXCHANGE - 1)
    left = plant.valve[x, cell]
    return left + (plant.valve[x, cell + 1] - left) * (place - cell)


@njit(cache=True)
def _power(x, capacity_flow, plant):
    """Return the exchanger's W/K at a primary heat capacity flow [W/K]."""
    place = min(capacity_flow / plant.substation[X_FLOW_STEP, x], 1.0 * EXCHANGE)
    cell = min(int(place), EXCHANGE - 1)
    left = plant.exchange[x, cell]
    return left + (plant.exchange[x, cell + 1] - left) * (place - cell)


@njit(cache=True)
def _flow_by_return(x, flow, limit, secondary_return, plant, now):
    """Return the largest primary heat capacity flow whose return stays within a limit, by bisection [W/K]."""
    inlet = now[Y_SUPPLY_C, x]
    low, high = 0.0, flow * plant.setting[S_HEAT_CAPACITY]
    for _ in range(30):
        middle = 0.5 * (low + high)
        if inlet - _power(x, middle, plant) * (inlet - secondary_return) / middle > limit:
            high = middle
        else:
            low = middle
    return low


@njit(cache=True)
def exchange_heat(plant, state, work):
    """Write each substation's secondary supply temperature and heat, with the primary flow and temperature that came."""
    s, row, now = plant.setting, plant.substation, state.substation
    slope, offset = work.substation[B_SLOPE], work.substation[B_OFFSET]
    running = state.clock[K_MODE] >= TRIAL
    for x in range(plant.size[SUBSTATIONS]):
        heat = 0.0
        if running and now[Y_FLOW, x] > 0.0 and now[Y_ON, x] > 0.0:
            free = offset[x] / slope[x]
            if now[Y_SUPPLY_C, x] > free:  # colder water finds the valve shut on the secondary side
                power = work.substation[B_CONDUCTANCE, x]
                heat = power * (now[Y_SUPPLY_C, x] - free) / (1.0 + power / slope[x] - power / row[X_SECONDARY_W_K, x])
        now[Y_HEAT, x] = heat
        work.substation[B_SECONDARY, x] = (heat + offset[x]) / slope[x]


@njit(cache=True)
def conductances(plant, state, work):
    """Write each exchanger's W/K at the flow found."""
    for x in range(plant.size[SUBSTATIONS]):
        flow = state.substation[Y_FLOW, x]
        work.substation[B_CONDUCTANCE, x] = _power(x, flow * plant.setting[S_HEAT_CAPACITY], plant) if flow > 0.0 else 0.0


@njit(cache=True)
def settle(dt, plant, state, work):
    """Book the heat delivered and write primary return temperatures, secondary temperatures and the valves' carry-over.

    A valve that was not at its limit and missed its target makes up for it in the next step: it steers by the
    temperature of the step before.
    """
    s, now = plant.setting, state.substation
    weight = dt / max(dt, s[S_CARRY])
    for x in range(plant.size[SUBSTATIONS]):
        heat, flow = now[Y_HEAT, x], now[Y_FLOW, x]
        if flow > 0.0:
            now[Y_RETURN_C, x] = now[Y_SUPPLY_C, x] - heat / (flow * s[S_HEAT_CAPACITY])
        now[Y_SECONDARY_C, x] = work.substation[B_SECONDARY, x]
        now[Y_DELIVERED_J, x] += heat * dt
        now[Y_NEED_J, x] += now[Y_NEED, x] * dt
        missed = weight * (work.substation[B_TARGET, x] - heat)
        bound = 0.1 * now[Y_NEED, x]
        free = flow < 0.999 * s[S_FLOW_MAX] * plant.substation[X_PRIMARY, x] and flow >= 0.999 * work.substation[B_WANT, x]
        now[Y_CARRY, x] = min(max(missed, -bound), bound) if free else 0.0
