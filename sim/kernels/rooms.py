"""Rooms: two capacities per cohort, stepped exactly.

The air (with furniture and surfaces) and the mass exchange heat with each other and with outdoors. In terms of the excess
over the outdoor temperature ``y = (air, mass) - outdoor`` and with constant heat inputs ``q`` [W] over a step::

    y(end) = E y(0) + F q        E = exp(A dt)
    mean y = M y(0) + G q        M = (exp(A dt) - 1) / (A dt)

The 2x2 matrices are closed forms of the two real eigenvalues. The step mean makes everything that depends on the room
within the step (emitters, losses) implicit without iteration, because it is linear in the heat.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .layout import (
    B_SECONDARY, C_AIR_J_K, C_COUPLING, C_GAIN, C_LOSS_AIR, C_LOSS_MASS, C_MASS_J_K, C_SOLAR, C_VENTILATION, H_AIR,
    H_CONDUCTANCE, H_FREE, H_INPUT_AIR, H_INPUT_MASS, H_MASS, H_MEAN_AIR, H_MEAN_MASS, K_TIME, M_E11, M_E12, M_E21,
    M_E22, M_EMIT_MEAN, M_F11, M_F12, M_F21, M_F22, M_G11, M_G12, M_G21, M_G22, M_M11, M_M12, M_M21, M_M22,
    S_EMITTER_TO_MASS, S_GAIN_TO_MASS, S_SOLAR_TO_MASS, S_WIND_REFERENCE, S_WIND_SHARE, SLOTS, SUBSTATIONS, Z_AIR,
    Z_COLD, Z_EMITTED_J, Z_GAINED_J, Z_HEAT, Z_LOST_J, Z_MASS,
)  # fmt: skip

__all__ = ["eigen", "expect", "matrices", "step_rooms"]

BOUND = 18.0  # the temperature promised; its crossings are located (GB/T 33833-2017 5.1)
MARGIN = 0.1  # how near to it a step must come for the inside of the step to be looked at [K]


@njit(cache=True)
def eigen(air_j_k, mass_j_k, loss_air, loss_mass, coupling):
    """Return both rates [1/s] (below zero, the slower first) of a room without inputs.

    Parameters
    ----------
    air_j_k, mass_j_k : float
        Heat capacities of air and mass [J/K].
    loss_air, loss_mass, coupling : float
        Conductances from the air and from the mass to outdoors, and between the two [W/K].
    """
    a = -(loss_air + coupling) / air_j_k
    d = -(loss_mass + coupling) / mass_j_k
    middle = 0.5 * (a + d)
    spread = np.sqrt(0.25 * (a - d) * (a - d) + coupling * coupling / (air_j_k * mass_j_k))
    fast = middle - spread
    slow = (a * d - coupling * coupling / (air_j_k * mass_j_k)) / fast  # the product of both: no cancellation
    return slow, fast


@njit(cache=True)
def _mean_factor(z):
    """Return (exp(z) - 1) / z and one less it."""
    if abs(z) < 1e-3:
        rest = -z * (0.5 + z * (1.0 / 6.0 + z / 24.0))
        return 1.0 - rest, rest
    mean = np.expm1(z) / z
    return mean, 1.0 - mean


@njit(cache=True)
def matrices(dt, cohort, emitter_to_mass, result):
    """Write the step matrices E, M, F and G of every cohort for a step of `dt` seconds.

    Parameters
    ----------
    dt : float
        Step [s].
    cohort : array, shape (11, cohort)
        Rows as ``layout.C_*``.
    emitter_to_mass : float
        Share of the emitters' heat that goes to the mass (radiation) [-].
    result : array, shape (17, cohort), out
        Rows as ``layout.M_*``: four of E and M [-], four of F and G [K/W], and the rise of the mean air per W of emitters.
    """
    for c in range(cohort.shape[1]):
        air, mass = cohort[C_AIR_J_K, c], cohort[C_MASS_J_K, c]
        loss_air, loss_mass, k = cohort[C_LOSS_AIR, c], cohort[C_LOSS_MASS, c], cohort[C_COUPLING, c]
        slow, fast = eigen(air, mass, loss_air, loss_mass, k)
        a11, a12 = -(loss_air + k) / air, k / air
        a21, a22 = k / mass, -(loss_mass + k) / mass
        split = 1.0 / (slow - fast)
        p11, p12, p21, p22 = (a11 - fast) * split, a12 * split, a21 * split, (a22 - fast) * split  # onto the slow part
        loss_s, loss_f = -np.expm1(slow * dt), -np.expm1(fast * dt)
        mean_s, rest_s = _mean_factor(slow * dt)
        mean_f, rest_f = _mean_factor(fast * dt)
        determinant = 1.0 / ((loss_air + k) * (loss_mass + k) - k * k)
        r11, r12, r22 = (loss_mass + k) * determinant, k * determinant, (loss_air + k) * determinant
        result[M_E11, c] = 1.0 - (loss_s * p11 + loss_f * (1.0 - p11))
        result[M_E12, c] = (loss_f - loss_s) * p12
        result[M_E21, c] = (loss_f - loss_s) * p21
        result[M_E22, c] = 1.0 - (loss_s * p22 + loss_f * (1.0 - p22))
        result[M_M11, c] = mean_s * p11 + mean_f * (1.0 - p11)
        result[M_M12, c] = (mean_s - mean_f) * p12
        result[M_M21, c] = (mean_s - mean_f) * p21
        result[M_M22, c] = mean_s * p22 + mean_f * (1.0 - p22)
        i11, i12 = loss_s * p11 + loss_f * (1.0 - p11), (loss_s - loss_f) * p12
        i21, i22 = (loss_s - loss_f) * p21, loss_s * p22 + loss_f * (1.0 - p22)
        result[M_F11, c] = i11 * r11 + i12 * r12
        result[M_F12, c] = i11 * r12 + i12 * r22
        result[M_F21, c] = i21 * r11 + i22 * r12
        result[M_F22, c] = i21 * r12 + i22 * r22
        j11, j12 = rest_s * p11 + rest_f * (1.0 - p11), (rest_s - rest_f) * p12
        j21, j22 = (rest_s - rest_f) * p21, rest_s * p22 + rest_f * (1.0 - p22)
        result[M_G11, c] = j11 * r11 + j12 * r12
        result[M_G12, c] = j11 * r12 + j12 * r22
        result[M_G21, c] = j21 * r11 + j22 * r12
        result[M_G22, c] = j21 * r12 + j22 * r22
        result[M_EMIT_MEAN, c] = (1.0 - emitter_to_mass) * result[M_G11, c] + emitter_to_mass * result[M_G12, c]


@njit(cache=True)
def _excess(temperature, outdoor, result):
    for c in range(result.size):
        result[c] = temperature[c] - outdoor


@njit(cache=True)
def _input_air(gain, gain_now, solar, solar_now, ventilation, wind, air, result):
    for c in range(result.size):
        result[c] = gain[c] * gain_now + solar[c] * solar_now - ventilation[c] * wind * air[c]


@njit(cache=True)
def _input_mass(gain, gain_now, solar, solar_now, result):
    for c in range(result.size):
        result[c] = gain[c] * gain_now + solar[c] * solar_now


@njit(cache=True)
def _combine(e1, e2, f1, f2, air, mass, input_air, input_mass, result):
    for c in range(result.size):
        result[c] = e1[c] * air[c] + e2[c] * mass[c] + f1[c] * input_air[c] + f2[c] * input_mass[c]


@njit(cache=True)
def expect(outdoor, solar, wind, gain, matrix, plant, state, work):
    """Write what the rooms' step-mean air temperature would be without emitters (``work.cohort[H_FREE]``) [degC].

    Parameters
    ----------
    outdoor, solar, wind, gain : float
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], share of the mean internal gain [-].
    matrix : array, shape (17, cohort)
        From :func:`matrices` for the step.
    """
    s = plant.setting
    cohort, scratch = plant.cohort, work.cohort
    _excess(state.cohort[Z_AIR], outdoor, scratch[H_AIR])
    _excess(state.cohort[Z_MASS], outdoor, scratch[H_MASS])
    extra = max(s[S_WIND_SHARE] * (wind - s[S_WIND_REFERENCE]), -1.0)
    _input_air(
        cohort[C_GAIN], gain * (1.0 - s[S_GAIN_TO_MASS]), cohort[C_SOLAR], solar * (1.0 - s[S_SOLAR_TO_MASS]),
        cohort[C_VENTILATION], extra, scratch[H_AIR], scratch[H_INPUT_AIR],
    )  # fmt: skip
    _input_mass(
        cohort[C_GAIN], gain * s[S_GAIN_TO_MASS], cohort[C_SOLAR], solar * s[S_SOLAR_TO_MASS], scratch[H_INPUT_MASS]
    )
    _combine(
        matrix[M_M11], matrix[M_M12], matrix[M_G11], matrix[M_G12], scratch[H_AIR], scratch[H_MASS],
        scratch[H_INPUT_AIR], scratch[H_INPUT_MASS], scratch[H_FREE],
    )  # fmt: skip
    free = scratch[H_FREE]
    for c in range(free.size):
        free[c] += outdoor


@njit(cache=True)
def _emit(conductance, free, secondary, heat):
    for x in range(heat.size):
        heat[x] = conductance[x] * (secondary[x] - free[x])


@njit(cache=True)
def _add(heat, share, result):
    for c in range(result.size):
        result[c] += share * heat[c]


@njit(cache=True)
def _accumulate(heat, dt, result):
    for c in range(result.size):
        result[c] += heat[c] * dt


@njit(cache=True)
def _lose(loss_air, loss_mass, air, mass, dt, result):
    for c in range(result.size):
        result[c] += (loss_air[c] * air[c] + loss_mass[c] * mass[c]) * dt


@njit(cache=True)
def _degree_seconds(before, after, mean, outdoor, bound, dt, result):
    """Add degree-seconds below `bound` of steps that lie wholly under it; steps that cross it are seen to by _inside."""
    for c in range(result.size):
        high = max(before[c], after[c]) + outdoor
        result[c] += (bound - outdoor - mean[c]) * dt if high <= bound else 0.0


@njit(cache=True)
def _near(before, after, outdoor, bound, mark):
    """Mark cohorts whose step comes near or crosses `bound`."""
    low, high = bound - outdoor - MARGIN, bound - outdoor + MARGIN
    met = 0
    for c in range(before.size):
        mark[c] = 1.0 if min(before[c], after[c]) < high and max(before[c], after[c]) > low else 0.0
    for c in range(before.size):
        met += mark[c] > 0.0
    return met


@njit(cache=True)
def _cross(c, start, end, slow, fast, base, part_s, part_f, bound):
    """Return when ``base + part_s exp(slow t) + part_f exp(fast t)`` meets `bound` between two times that enclose it."""
    low, high = start, end
    sign = base + part_s * np.exp(slow * low) + part_f * np.exp(fast * low) - bound > 0.0
    t = 0.5 * (low + high)
    for _ in range(60):
        es, ef = part_s * np.exp(slow * t), part_f * np.exp(fast * t)
        value = base + es + ef - bound
        if (value > 0.0) == sign:
            low = t
        else:
            high = t
        rate = slow * es + fast * ef
        t = t - value / rate if rate != 0.0 else low
        if not low < t < high:
            t = 0.5 * (low + high)
        if high - low < 1e-3 or abs(value) < 1e-10:
            break
    return t


@njit(cache=True)
def _area(start, end, slow, fast, base, part_s, part_f, bound):
    """Return the integral of bound less temperature between two times [K s]."""
    s = part_s * (np.exp(slow * end) - np.exp(slow * start)) / slow
    f = part_f * (np.exp(fast * end) - np.exp(fast * start)) / fast
    return (bound - base) * (end - start) - s - f


@njit(cache=True)
def _inside(c, dt, outdoor, row, bound, note, before, plant, state, work):
    """Look inside one cohort's step: its crossings of `bound`, and the degree-seconds that _degree_seconds left out."""
    cohort, scratch = plant.cohort, work.cohort
    k = cohort[C_COUPLING, c]
    slow, fast = eigen(cohort[C_AIR_J_K, c], cohort[C_MASS_J_K, c], cohort[C_LOSS_AIR, c], cohort[C_LOSS_MASS, c], k)
    loss_air, loss_mass = cohort[C_LOSS_AIR, c], cohort[C_LOSS_MASS, c]
    determinant = (loss_air + k) * (loss_mass + k) - k * k
    input_air, input_mass = scratch[H_INPUT_AIR, c], scratch[H_INPUT_MASS, c]
    base_air = ((loss_mass + k) * input_air + k * input_mass) / determinant
    base_mass = (k * input_air + (loss_air + k) * input_mass) / determinant
    air, mass = before[c] - base_air, scratch[H_MASS, c] - base_mass
    share = (-(loss_air + k) / cohort[C_AIR_J_K, c] - fast) / (slow - fast)
    part_s = share * air + k / cohort[C_AIR_J_K, c] / (slow - fast) * mass
    part_f = air - part_s
    base = outdoor + base_air
    first = before[c] + outdoor
    final = base + part_s * np.exp(slow * dt) + part_f * np.exp(fast * dt)
    turn = dt  # where the temperature turns round inside the step, if it does
    if part_s * part_f < 0.0:
        t = np.log(-(slow * part_s) / (fast * part_f)) / (fast - slow)
        if 0.0 < t < dt:
            turn = t
    middle = base + part_s * np.exp(slow * turn) + part_f * np.exp(fast * turn)
    cold = 0.0
    at = 0.0
    value = first
    for leg in range(2):
        stop = turn if leg == 0 else dt
        reached = middle if leg == 0 else final
        if stop <= at:
            continue
        if (value < bound) != (reached < bound):
            t = _cross(c, at, stop, slow, fast, base, part_s, part_f, bound)
            if value < bound:
                cold += _area(at, t, slow, fast, base, part_s, part_f, bound)
            else:
                cold += _area(t, stop, slow, fast, base, part_s, part_f, bound)
            if note and work.crossings[0] < work.crossing.shape[1]:
                i = work.crossings[0]
                work.crossing[0, i] = state.clock[K_TIME] + t
                work.crossing[1, i] = c
                work.crossing[2, i] = 1.0 if value >= bound else 0.0
                work.crossings[0] = i + 1
        elif value < bound:
            cold += _area(at, stop, slow, fast, base, part_s, part_f, bound)
        at = stop
        value = reached
    booked = max(first, final) <= bound
    if not booked:
        state.cohort[row, c] += cold


@njit(cache=True)
def step_rooms(dt, outdoor, solar, wind, gain, matrix, thresholds, plant, state, work):
    """March the rooms over a step with the emitters' heat at the secondary supply temperatures found.

    Needs ``work.cohort`` as :func:`expect` left it, conductances and secondary temperatures; writes the rooms' state,
    the emitters' heat, degree-seconds below `thresholds` and the crossings of 18 degC.
    """
    s = plant.setting
    cohort, scratch, now = plant.cohort, work.cohort, state.cohort
    n = plant.size[SUBSTATIONS]
    secondary = work.substation[B_SECONDARY]
    for j in range(plant.size[SLOTS]):
        low, high = j * n, (j + 1) * n
        _emit(scratch[H_CONDUCTANCE][low:high], scratch[H_FREE][low:high], secondary, now[Z_HEAT][low:high])
    heat = now[Z_HEAT]
    input_air, input_mass = scratch[H_INPUT_AIR], scratch[H_INPUT_MASS]
    extra = max(s[S_WIND_SHARE] * (wind - s[S_WIND_REFERENCE]), -1.0)
    _accumulate(heat, dt, now[Z_EMITTED_J])
    _gained(cohort[C_GAIN], gain, cohort[C_SOLAR], solar, dt, now[Z_GAINED_J])
    _drafts(cohort[C_VENTILATION], extra, scratch[H_AIR], dt, now[Z_LOST_J])
    _add(heat, 1.0 - s[S_EMITTER_TO_MASS], input_air)
    _add(heat, s[S_EMITTER_TO_MASS], input_mass)
    air, mass = scratch[H_AIR], scratch[H_MASS]
    _combine(matrix[M_M11], matrix[M_M12], matrix[M_G11], matrix[M_G12], air, mass, input_air, input_mass, scratch[H_MEAN_AIR])
    _combine(matrix[M_M21], matrix[M_M22], matrix[M_G21], matrix[M_G22], air, mass, input_air, input_mass, scratch[H_MEAN_MASS])
    _lose(cohort[C_LOSS_AIR], cohort[C_LOSS_MASS], scratch[H_MEAN_AIR], scratch[H_MEAN_MASS], dt, now[Z_LOST_J])
    _combine(matrix[M_E11], matrix[M_E12], matrix[M_F11], matrix[M_F12], air, mass, input_air, input_mass, now[Z_AIR])
    _combine(matrix[M_E21], matrix[M_E22], matrix[M_F21], matrix[M_F22], air, mass, input_air, input_mass, now[Z_MASS])
    after = now[Z_AIR]  # still the excess over outdoors
    lowest = np.inf
    for c in range(after.size):
        lowest = min(lowest, min(after[c], air[c]))
    mark = scratch[H_FREE]  # no longer needed
    for i in range(len(thresholds)):
        bound = thresholds[i]
        if lowest + outdoor > bound + MARGIN:
            continue
        _degree_seconds(air, after, scratch[H_MEAN_AIR], outdoor, bound, dt, now[Z_COLD + i])
        if _near(air, after, outdoor, bound, mark) > 0:
            for c in range(after.size):
                if mark[c] > 0.0 and cohort[C_VENTILATION, c] + cohort[C_LOSS_AIR, c] > 0.0:
                    _inside(c, dt, outdoor, Z_COLD + i, bound, bound == BOUND, air, plant, state, work)
    _excess(now[Z_AIR], -outdoor, now[Z_AIR])
    _excess(now[Z_MASS], -outdoor, now[Z_MASS])


@njit(cache=True)
def _gained(gain, gain_now, solar, solar_now, dt, result):
    for c in range(result.size):
        result[c] += (gain[c] * gain_now + solar[c] * solar_now) * dt


@njit(cache=True)
def _drafts(ventilation, extra, air, dt, result):
    for c in range(result.size):
        result[c] += ventilation[c] * extra * air[c] * dt
