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

from .foresight import ahead
from .heat_compile import INDEX, kernel, row_kernel
from .layout import (
    B_AHEAD,
    B_NEXT,
    B_OFFSET,
    B_SECONDARY,
    B_SETPOINT,
    B_SLOPE,
    B_TARGET,
    B_WANT,
    C_DAMP,
    C_EMITTER,
    C_FLOW_W_K,
    C_POWER,
    CURVE,
    CURVE_MAX,
    EXCHANGE,
    FILLING,
    H_AFTER,
    H_CONDUCTANCE,
    H_FREE,
    K_MODE,
    K_STEP,
    K_WARMEST,
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
    Y_INTERIM,
    Y_INTERIM_J,
    Y_INTERIM_MAX,
    Y_MISS,
    Y_NEED,
    Y_NEED_J,
    Y_ON,
    Y_RETURN_C,
    Y_SECONDARY_C,
    Y_SERVED,
    Y_SUPPLY_C,
    Y_SUPPLY_TREND,
    Z_EXCESS,
    Z_POWER,
    Array,
)  # fmt: skip

__all__ = [
    "DAMPING",
    "book_lent",
    "conduct",
    "counter_flow",
    "exchange_heat",
    "exchange_tables",
    "lend",
    "refine",
    "refine_strays",
    "set_points",
    "settle",
    "want",
]

Floats = npt.NDArray[np.float64]

DAMPING = 0.35  # the plain map of a mean excess contracts by this times (n - 1)
FAR = 0.2  # a step of the excess, over itself, for which the power is computed outright
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
def _conductance(units_per_power: float, power: float, flow: float, feedback: float) -> float:
    """Return heat per secondary supply over the room's free mean [W/K]: emitter in series with the room's own rise.

    The flow's effectiveness 1 - exp(-N) is the quotient (60 N + 6 N^2 + N^3) / (60 + 36 N + 9 N^2 + N^3), within 6e-6
    at N = 0.6 and bounded by 1 for any N.
    """
    units = units_per_power * power  # emitter in units of the flow
    top = flow * units * (60.0 + units * (6.0 + units))
    return top / (60.0 + units * (36.0 + units * (9.0 + units)) + feedback * top)


@kernel
def _move(
    share: float, heat: float, units_per_power: float, power: float, flow: float, excess: float, damp: float,
    exponent: float,
) -> tuple[float, float]:  # fmt: skip
    """Return by how much, of itself, a mean excess moves towards the one that gives a heat, and how its power changes.

    A share, 0 or 1, of one damped Newton step (the plain map contracts by about -0.35 (n - 1)); ``(1 + u)**b`` by five
    terms of its series, within 1e-6 up to u = 0.2.
    """
    coefficient = max(units_per_power * power * flow, 1e-30)
    ratio = max(heat, LEAST_EXCESS * coefficient) / (coefficient * excess)
    u, b = max((ratio - 1.0) * damp, -0.95) * share, exponent
    late = 1.0 + (b - 3.0) / 4.0 * u * (1.0 + (b - 4.0) / 5.0 * u)
    return u, 1.0 + b * u * (1.0 + (b - 1.0) / 2.0 * u * (1.0 + (b - 2.0) / 3.0 * u * late))


@row_kernel
def _move_slot(
    secondary: Array, moves: Array, conductance: Array, free: Array, units: Array, flow: Array, damp: Array,
    exponent: Array, excess: Array, power: Array, step: Array,
) -> int:  # fmt: skip
    """Move one emitter of every substation that moves; return how many went too far for the series."""
    far = 0
    for x in range(secondary.size):
        heat = conductance[x] * (secondary[x] - free[x])
        u, grown = _move(moves[x], heat, units[x], power[x], flow[x], excess[x], damp[x], exponent[x])
        excess[x] *= 1.0 + u
        power[x] *= grown
        step[x] = u
        far += 1 if abs(u) > FAR else 0
    return far


@row_kernel
def _sum_slot(
    units: Array, power: Array, flow: Array, feedback: Array, free: Array, conductance: Array, slope: Array,
    offset: Array,
) -> None:  # fmt: skip
    """Write one emitter's conductance of every substation and add it up."""
    for x in range(slope.size):
        k = _conductance(units[x], power[x], flow[x], feedback[x])
        conductance[x] = k
        slope[x] += k
        offset[x] += k * free[x]


@row_kernel
def _conduct(units: Array, power: Array, flow: Array, feedback: Array, conductance: Array) -> None:
    for c in range(power.size):
        conductance[c] = _conductance(units[c], power[c], flow[c], feedback[c])


@kernel
def conduct(feedback: Array, cohort: Array, now: Array, scratch: Array) -> None:
    """Write the emitters' conductances at their present excess; names as in :func:`refine`."""
    _conduct(cohort[C_EMITTER], now[Z_POWER], cohort[C_FLOW_W_K], feedback, scratch[H_CONDUCTANCE])


@kernel
def refine(
    secondary: Array, moves: Array, feedback: Array, cohort: Array, now: Array, scratch: Array, slope: Array, offset:
    Array,
) -> None:  # fmt: skip
    """Move each emitter's mean excess towards the one that a secondary supply temperature brings, and sum the emitters.

    The emitters' conductances must be those of their present excess: see :func:`conduct`.

    Parameters
    ----------
    secondary : array, shape (substation,)
        Secondary supply temperature [degC].
    moves : array, shape (substation,)
        1 for each substation whose emitters move, else 0.
    feedback : array, shape (cohort,)
        Rise of the room's step-mean temperature per W of emitters [K/W].
    cohort, now, scratch : arrays
        ``Plant.cohort``, ``State.cohort``, ``Work.cohort`` with the rooms' free mean.
    slope, offset : arrays, shape (substation,), out
        Emitters' heat = slope * secondary supply - offset [W/K], [W].
    """
    n = secondary.size
    units, flow, exponent, damp = cohort[C_EMITTER], cohort[C_FLOW_W_K], cohort[C_POWER], cohort[C_DAMP]
    excess, power = now[Z_EXCESS], now[Z_POWER]
    conductance, free, step = scratch[H_CONDUCTANCE], scratch[H_FREE], scratch[H_AFTER]
    slope[:] = 0.0
    offset[:] = 0.0
    for a in range(0, excess.size, n):
        b = a + n  # a slot at a time: its rows stay in the nearest cache
        far = _move_slot(
            secondary, moves, conductance[a:b], free[a:b], units[a:b], flow[a:b], damp[a:b], exponent[a:b],
            excess[a:b], power[a:b], step[a:b],
        )  # fmt: skip
        if far > 0:
            for c in range(a, b):
                if abs(step[c]) > FAR:
                    power[c] = excess[c] ** exponent[c]
        _sum_slot(units[a:b], power[a:b], flow[a:b], feedback[a:b], free[a:b], conductance[a:b], slope, offset)


@kernel
def refine_strays(
    secondary: Array, moves: Array, feedback: Array, cohort: Array, now: Array, scratch: Array, slope: Array, offset:
    Array,
) -> None:  # fmt: skip
    """As :func:`refine`, one after the other: quicker where few move."""
    n = secondary.size
    conductance, free = scratch[H_CONDUCTANCE], scratch[H_FREE]
    for x in range(n):
        if moves[x] == 0.0:
            continue
        slope[x] = 0.0
        offset[x] = 0.0
        for c in range(x, conductance.size, n):
            units, flow, exponent = cohort[C_EMITTER, c], cohort[C_FLOW_W_K, c], cohort[C_POWER, c]
            heat = conductance[c] * (secondary[x] - free[c])
            u, grown = _move(1.0, heat, units, now[Z_POWER, c], flow, now[Z_EXCESS, c], cohort[C_DAMP, c], exponent)
            now[Z_EXCESS, c] *= 1.0 + u
            now[Z_POWER, c] = now[Z_EXCESS, c] ** exponent if abs(u) > FAR else now[Z_POWER, c] * grown
            conductance[c] = _conductance(units, now[Z_POWER, c], flow, feedback[c])
            slope[x] += conductance[c]
            offset[x] += conductance[c] * free[c]


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
    _by_curve(
        target, outdoor, setting[S_GAIN_CREDIT], rows[X_LOSS], rows[X_GAIN], rows[X_RADIATOR], curve, result
    )  # fmt: skip
    if not heating:
        result[:] = setting[S_TRIAL_SECONDARY]


@row_kernel
def _by_curve(
    target: float, outdoor: float, credit: float, loss: Array, gain: Array, radiator: Array, curve: Array, result:
    Array,
) -> None:  # fmt: skip
    """Write the set-points from the substations' curves."""
    for x in range(result.size):
        load = loss[x] * (target - outdoor) - credit * gain[x]
        place = min(max(load / radiator[x], 0.0), CURVE_MAX) * (CURVE / CURVE_MAX)
        cell = min(int(place), CURVE - 1)
        at = (x * (CURVE + 1) + cell) & INDEX
        left = curve[at]
        result[x] = target + left + (curve[at + 1] - left) * (place - cell)


@kernel
def want(
    dt: float, clock: Array, setting: Array, rows: Array, valve: Array, exchange: Array, now: Array, scratch: Array
) -> None:
    """Write the primary flow that each valve looks for [kg/s] and the heat needed [W].

    The valve takes the flow at which the exchanger would bring the secondary supply to its set-point with the primary
    temperature to be expected (no warmer than came last or sources mean to give), made up for what it missed in the
    step before; never above the limits of flow and return temperature.

    Parameters
    ----------
    dt : float
        Step [s].
    clock : array
        ``State.clock``.
    setting, rows, valve, exchange : arrays
        ``Plant.setting``, ``Plant.substation``, ``Plant.valve``, ``Plant.exchange``.
    now, scratch : arrays
        ``State.substation``, ``Work.substation``: Y_NEED, B_TARGET, B_AHEAD and B_WANT are written.
    """
    mode, supply = clock[K_MODE], scratch[B_AHEAD]
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
    for x in range(supply.size):
        came = now[Y_SUPPLY_C, x]
        supply[x] = min(came + ahead(now[Y_SUPPLY_TREND, x], dt, clock[K_STEP]), max(came, clock[K_WARMEST]))
    limited = _look_for(
        capacity, limit, setting[S_FLOW_MIN], set_point, slope, offset, now[Y_ON], now[Y_SERVED], now[Y_CARRY],
        supply, rows[X_SECONDARY_W_K], rows[X_POWER_MAX], rows[X_PRIMARY], valve, need, target,
        scratch[B_NEXT], result,
    )  # fmt: skip
    if limited > 0:
        for x in range(result.size):
            if scratch[B_NEXT, x] > 0.0:
                flow = _flow_by_return(
                    result[x] * capacity, limit, supply[x], slope[x], offset[x], rows[X_SECONDARY_W_K, x],
                    rows[X_FLOW_STEP, x],
                    x * (EXCHANGE + 1), exchange,
                )  # fmt: skip
                result[x] = max(flow / capacity, setting[S_FLOW_MIN] * rows[X_PRIMARY, x]) * now[Y_ON, x]
    if mode == TRIAL:  # circulation is what is tried: valves stand still
        for x in range(result.size):
            result[x] = setting[S_TRIAL_FLOW] * rows[X_PRIMARY, x] * now[Y_ON, x]


@row_kernel
def _look_for(
    capacity: float, limit: float, least: float, set_point: Array, slope: Array, offset: Array, on: Array,
    served: Array, carry: Array, supply: Array, secondary_flow: Array, power_max: Array, primary: Array,
    cells: Array, need: Array, target: Array, mark: Array, result: Array,
) -> int:  # fmt: skip
    """Write needs, targets and flows looked for; mark and count those whose return would be too warm."""
    limited = 0
    for x in range(result.size):
        need[x] = max(slope[x] * set_point[x] - offset[x], 0.0) * on[x]
        asked = max(need[x] * served[x] + carry[x], 0.0)
        target[x] = asked
        secondary_return = (asked + offset[x]) / slope[x] - asked / secondary_flow[x]
        difference = supply[x] - secondary_return
        power = min(asked / max(difference, 1e-9), power_max[x])
        place = power / power_max[x] * EXCHANGE
        cell = min(int(place), EXCHANGE - 1)
        at = (x * (EXCHANGE + 1) + cell) & INDEX
        left = cells[at]
        flow = left + (cells[at + 1] - left) * (place - cell)  # [W/K]
        warm = (flow * (supply[x] - limit) > power * difference) & (limit > secondary_return)
        mark[x] = 1.0 if warm else 0.0
        limited += 1 if warm else 0
        result[x] = max(flow / capacity, least * primary[x]) * on[x]
    return limited


@kernel
def _power(capacity_flow: float, step: float, first: int, cells: Array) -> float:
    """Return an exchanger's W/K at a primary heat capacity flow [W/K]; its cells begin at the `first`."""
    place = min(capacity_flow / step, 1.0 * EXCHANGE)
    cell = min(int(place), EXCHANGE - 1)
    at = (first + cell) & INDEX
    left = cells[at]
    result: float = left + (cells[at + 1] - left) * (place - cell)
    return result


@kernel
def _flow_by_return(
    flow: float, limit: float, inlet: float, slope: float, offset: float, secondary: float, step: float,
    first: int, cells: Array,
) -> float:  # fmt: skip
    """Return the largest primary heat capacity flow whose return stays within a limit, by bisection [W/K]."""
    low, high = 0.0, flow
    for _ in range(30):
        middle = 0.5 * (low + high)
        power = _power(middle, step, first, cells)
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
    _exchange(
        setting[S_HEAT_CAPACITY], rows[X_FLOW_STEP], rows[X_SECONDARY_W_K], exchange, now[Y_FLOW], now[Y_SUPPLY_C],
        now[Y_ON], scratch[B_SLOPE], scratch[B_OFFSET], scratch[B_SECONDARY], now[Y_HEAT],
    )  # fmt: skip


@row_kernel
def _exchange(
    capacity: float, step: Array, secondary_flow: Array, exchange: Array, flow: Array, supply: Array, on: Array,
    slope: Array, offset: Array, secondary: Array, heat: Array,
) -> None:  # fmt: skip
    for x in range(heat.size):
        power = _power(flow[x] * capacity, step[x], x * (EXCHANGE + 1), exchange)
        per_slope = 1.0 / slope[x]
        drive = max(supply[x] - offset[x] * per_slope, 0.0) * on[x]
        heat[x] = power * drive / (1.0 + power * per_slope - power / secondary_flow[x])
        secondary[x] = (heat[x] + offset[x]) * per_slope


@kernel
def lend(now: Array, scratch: Array) -> None:
    """Let mobile boilers on the secondary circuit give what its emitters lack at the set-point, up to their capacity.

    They have pumps of their own: the secondary water moves even where the substation is off.
    """
    for x in range(now.shape[1]):
        if now[Y_INTERIM_MAX, x] > 0.0:
            slope, offset = scratch[B_SLOPE, x], scratch[B_OFFSET, x]
            lack = slope * scratch[B_SETPOINT, x] - offset - now[Y_HEAT, x]
            now[Y_INTERIM, x] = min(max(lack, 0.0), now[Y_INTERIM_MAX, x])
            scratch[B_SECONDARY, x] = (now[Y_HEAT, x] + now[Y_INTERIM, x] + offset) / slope


@kernel
def book_lent(dt: float, now: Array) -> None:
    """Book the heat of mobile boilers."""
    for x in range(now.shape[1]):
        if now[Y_INTERIM_MAX, x] > 0.0:
            now[Y_INTERIM_J, x] += now[Y_INTERIM, x] * dt


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
        now[Y_MISS, x] = scratch[B_SECONDARY, x] - scratch[B_SETPOINT, x]
        now[Y_DELIVERED_J, x] += heat * dt
        now[Y_NEED_J, x] += now[Y_NEED, x] * dt
        missed = weight * (scratch[B_TARGET, x] - heat)
        bound = 0.1 * now[Y_NEED, x]
        free = flow < 0.999 * setting[S_FLOW_MAX] * rows[X_PRIMARY, x] and flow >= 0.999 * scratch[B_WANT, x]
        now[Y_CARRY, x] = min(max(missed, -bound), bound) if free else 0.0
