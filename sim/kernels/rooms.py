"""Rooms: two capacities per cohort, stepped exactly.

The air (with furniture and surfaces) and the mass exchange heat with each other and with outdoors. In terms of the
excess over the outdoor temperature ``y = (air, mass) - outdoor`` and with constant heat inputs ``q`` [W] over a step::

    y(end) = E y(0) + F q        E = exp(A dt)
    mean y = M y(0) + G q        M = (exp(A dt) - 1) / (A dt)

The 2x2 matrices are closed forms of the two real eigenvalues. The step mean makes everything that depends on the room
within the step (emitters, losses) implicit without iteration, because it is linear in the heat.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel
from .layout import (
    C_AIR_J_K,
    C_COUPLING,
    C_EMITTER,
    C_GAIN,
    C_LOSS_AIR,
    C_LOSS_MASS,
    C_MASS_J_K,
    C_SOLAR,
    C_VENTILATION,
    H_AIR,
    H_CONDUCTANCE,
    H_FREE,
    H_INPUT_AIR,
    H_INPUT_MASS,
    H_MASS,
    H_MEAN_AIR,
    H_MEAN_MASS,
    M_E11,
    M_E12,
    M_E21,
    M_E22,
    M_EMIT_MEAN,
    M_F11,
    M_F12,
    M_F21,
    M_F22,
    M_G11,
    M_G12,
    M_G21,
    M_G22,
    M_M11,
    M_M12,
    M_M21,
    M_M22,
    S_EMITTER_TO_MASS,
    S_GAIN_TO_MASS,
    S_SOLAR_TO_MASS,
    S_WIND_REFERENCE,
    S_WIND_SHARE,
    Z_AIR,
    Z_COLD,
    Z_EMITTED_J,
    Z_GAINED_J,
    Z_HEAT,
    Z_LOST_J,
    Z_MASS,
    Array,
)  # fmt: skip

__all__ = ["eigen", "expect", "matrices", "step_rooms"]

BOUND = 18.0  # the temperature promised; its crossings are located (GB/T 33833-2017 5.1)
MARGIN = 0.05  # how near to it a step must come for a turn inside the step to be looked for [K]


@kernel
def eigen(air_j_k: float, mass_j_k: float, loss_air: float, loss_mass: float, coupling: float) -> tuple[float, float]:
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


@kernel
def _mean_factor(z: float) -> tuple[float, float]:
    """Return (exp(z) - 1) / z and one less it."""
    if abs(z) < 1e-3:
        rest = -z * (0.5 + z * (1.0 / 6.0 + z / 24.0))
        return 1.0 - rest, rest
    mean = np.expm1(z) / z
    return mean, 1.0 - mean


@kernel
def matrices(dt: float, cohort: Array, emitter_to_mass: float, result: Array) -> None:
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
        Rows as ``layout.M_*``: four of E and M [-], four of F and G [K/W], and the mean air's rise per W of emitters.
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


@kernel
def _combine(
    e1: Array, e2: Array, f1: Array, f2: Array, air: Array, mass: Array, input_air: Array, input_mass: Array,
    result: Array,
) -> None:  # fmt: skip
    for c in range(result.size):
        result[c] = e1[c] * air[c] + e2[c] * mass[c] + f1[c] * input_air[c] + f2[c] * input_mass[c]


@kernel
def expect(
    outdoor: float, solar: float, wind: float, gain: float, setting: Array, matrix: Array, cohort: Array, now:
    Array, scratch: Array,
) -> None:  # fmt: skip
    """Write what the rooms' step-mean air temperature would be without emitters (``scratch[H_FREE]``) [degC].

    Parameters
    ----------
    outdoor, solar, wind, gain : float
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], share of the mean internal gain [-].
    setting : array
        ``Plant.setting``.
    matrix : array, shape (17, cohort)
        From :func:`matrices` for the step.
    cohort, now, scratch : arrays
        ``Plant.cohort``, ``State.cohort``, ``Work.cohort``.
    """
    air, mass, free = scratch[H_AIR], scratch[H_MASS], scratch[H_FREE]
    input_air, input_mass = scratch[H_INPUT_AIR], scratch[H_INPUT_MASS]
    for c in range(air.size):
        air[c] = now[Z_AIR, c] - outdoor
    for c in range(air.size):
        mass[c] = now[Z_MASS, c] - outdoor
    # wind above its reference draws air through the building; the air's temperature at the step's start is taken for it
    draught = max(setting[S_WIND_SHARE] * (wind - setting[S_WIND_REFERENCE]), -1.0)
    to_mass, sun_to_mass = gain * setting[S_GAIN_TO_MASS], solar * setting[S_SOLAR_TO_MASS]
    gains, aperture, ventilation = cohort[C_GAIN], cohort[C_SOLAR], cohort[C_VENTILATION]
    for c in range(air.size):
        input_air[c] = (
            gains[c] * (gain - to_mass) + aperture[c] * (solar - sun_to_mass) - ventilation[c] * draught * air[c]
        )
    for c in range(air.size):
        input_mass[c] = gains[c] * to_mass + aperture[c] * sun_to_mass
    _combine(matrix[M_M11], matrix[M_M12], matrix[M_G11], matrix[M_G12], air, mass, input_air, input_mass, free)
    for c in range(air.size):
        free[c] += outdoor


@kernel
def step_rooms(
    dt: float, now_s: float, outdoor: float, solar: float, wind: float, gain: float, thresholds: tuple[float, ...],
    setting: Array, secondary: Array, matrix: Array, cohort: Array, now: Array, scratch: Array, crossing: Array,
    crossings: Array,
) -> None:  # fmt: skip
    """March the rooms over a step with the emitters' heat at the secondary supply temperatures found.

    Needs `scratch` as :func:`expect` and the emitters' conductances left it; writes the rooms' state,
    the emitters' heat,
    degree-seconds below `thresholds` and the crossings of 18 degC.

    Parameters
    ----------
    dt, now_s : float
        Step [s] and its beginning [s].
    outdoor, solar, wind, gain, setting, matrix, cohort, now, scratch
        As in :func:`expect`.
    thresholds : tuple of float
        Temperatures [degC] of the rows from Z_COLD on.
    secondary : array, shape (substation,)
        Secondary supply temperature [degC].
    crossing, crossings : arrays
        ``Work.crossing``, ``Work.crossings``, appended to.
    """
    heat, conductance, free = now[Z_HEAT], scratch[H_CONDUCTANCE], scratch[H_FREE]
    substations = secondary.size
    for j in range(heat.size // substations):
        low, high = j * substations, (j + 1) * substations
        _emit(conductance[low:high], free[low:high], secondary, heat[low:high])
    air, mass = scratch[H_AIR], scratch[H_MASS]
    input_air, input_mass = scratch[H_INPUT_AIR], scratch[H_INPUT_MASS]
    mean_air, mean_mass = scratch[H_MEAN_AIR], scratch[H_MEAN_MASS]
    emitted, gained, lost = now[Z_EMITTED_J], now[Z_GAINED_J], now[Z_LOST_J]
    gains, aperture, ventilation = cohort[C_GAIN], cohort[C_SOLAR], cohort[C_VENTILATION]
    loss_air, loss_mass = cohort[C_LOSS_AIR], cohort[C_LOSS_MASS]
    draught = max(setting[S_WIND_SHARE] * (wind - setting[S_WIND_REFERENCE]), -1.0)
    radiant = setting[S_EMITTER_TO_MASS]
    for c in range(heat.size):
        emitted[c] += heat[c] * dt
    for c in range(heat.size):
        gained[c] += (gains[c] * gain + aperture[c] * solar) * dt
    for c in range(heat.size):
        input_air[c] += (1.0 - radiant) * heat[c]
    for c in range(heat.size):
        input_mass[c] += radiant * heat[c]
    _combine(matrix[M_M11], matrix[M_M12], matrix[M_G11], matrix[M_G12], air, mass, input_air, input_mass, mean_air)
    _combine(matrix[M_M21], matrix[M_M22], matrix[M_G21], matrix[M_G22], air, mass, input_air, input_mass, mean_mass)
    for c in range(heat.size):
        lost[c] += (loss_air[c] * mean_air[c] + loss_mass[c] * mean_mass[c] + ventilation[c] * draught * air[c]) * dt
    after = now[Z_AIR]  # for now the excess over outdoors
    _combine(matrix[M_E11], matrix[M_E12], matrix[M_F11], matrix[M_F12], air, mass, input_air, input_mass, after)
    _combine(matrix[M_E21], matrix[M_E22], matrix[M_F21], matrix[M_F22], air, mass, input_air, input_mass, now[Z_MASS])
    lowest = np.inf
    for c in range(heat.size):
        lowest = min(lowest, min(after[c], air[c]))
    for i in range(len(thresholds)):
        bound = thresholds[i]
        margin = MARGIN if bound == BOUND else 0.0
        if lowest + outdoor > bound + margin:
            continue
        _degree_seconds(air, after, mean_air, bound - outdoor, dt, now[Z_COLD + i])
        if _near(air, after, bound - outdoor, margin, free) > 0:  # `free` is no longer needed
            for c in range(heat.size):
                if free[c] > 0.0 and cohort[C_EMITTER, c] > 0.0:
                    _inside(
                        c, dt, now_s, outdoor, bound, cohort, input_air[c], input_mass[c], air[c], mass[c],
                        now[Z_COLD + i], crossing, crossings,
                    )  # fmt: skip
    for c in range(heat.size):
        after[c] += outdoor
    for c in range(heat.size):
        now[Z_MASS, c] += outdoor


@kernel
def _emit(conductance: Array, free: Array, secondary: Array, heat: Array) -> None:
    for x in range(heat.size):
        heat[x] = conductance[x] * (secondary[x] - free[x])


@kernel
def _degree_seconds(before: Array, after: Array, mean: Array, bound: float, dt: float, result: Array) -> None:
    """Add degree-seconds below `bound` of steps that lie wholly under it; those that cross it: see _inside."""
    for c in range(result.size):
        result[c] += (bound - mean[c]) * dt if max(before[c], after[c]) <= bound else 0.0


@kernel
def _near(before: Array, after: Array, bound: float, margin: float, mark: Array) -> int:
    """Mark cohorts whose step comes near or crosses `bound`; return how many."""
    for c in range(before.size):
        near = min(before[c], after[c]) < bound + margin and max(before[c], after[c]) > bound - margin
        mark[c] = 1.0 if near else 0.0
    met = 0
    for c in range(before.size):
        met += 1 if mark[c] > 0.0 else 0
    return met


@kernel
def _cross(
    start: float, end: float, slow: float, fast: float, base: float, part_s: float, part_f: float, bound: float,
) -> float:  # fmt: skip
    """Return when ``base + part_s exp(slow t) + part_f exp(fast t)`` meets `bound` between two enclosing times."""
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
        if high - low < 1e-3 or abs(value) < 1e-10:
            break
        t = t - value / rate if rate != 0.0 else low
        if not low < t < high:
            t = 0.5 * (low + high)
    return t


@kernel
def _area(
    start: float, end: float, slow: float, fast: float, base: float, part_s: float, part_f: float, bound: float,
) -> float:  # fmt: skip
    """Return the integral of bound less temperature between two times [K s]."""
    s = part_s * (np.exp(slow * end) - np.exp(slow * start)) / slow
    f = part_f * (np.exp(fast * end) - np.exp(fast * start)) / fast
    result: float = (bound - base) * (end - start) - s - f
    return result


@kernel
def _inside(
    c: int, dt: float, now_s: float, outdoor: float, bound: float, cohort: Array, input_air: float, input_mass:
    float, air: float, mass: float, cold: Array, crossing: Array, crossings: Array,
) -> None:  # fmt: skip
    """Look inside one cohort's step: its crossings of `bound`, and the degree-seconds that _degree_seconds left out."""
    k, loss_air, loss_mass = cohort[C_COUPLING, c], cohort[C_LOSS_AIR, c], cohort[C_LOSS_MASS, c]
    slow, fast = eigen(cohort[C_AIR_J_K, c], cohort[C_MASS_J_K, c], loss_air, loss_mass, k)
    determinant = (loss_air + k) * (loss_mass + k) - k * k
    base_air = ((loss_mass + k) * input_air + k * input_mass) / determinant
    base_mass = (k * input_air + (loss_air + k) * input_mass) / determinant
    share = (-(loss_air + k) / cohort[C_AIR_J_K, c] - fast) / (slow - fast)
    part_s = share * (air - base_air) + k / cohort[C_AIR_J_K, c] / (slow - fast) * (mass - base_mass)
    part_f = air - base_air - part_s
    base = outdoor + base_air
    final = base + part_s * np.exp(slow * dt) + part_f * np.exp(fast * dt)
    turn = dt  # where the temperature turns round inside the step, if it does
    if part_s * part_f < 0.0:
        t = np.log(-(slow * part_s) / (fast * part_f)) / (fast - slow)
        if 0.0 < t < dt:
            turn = t
    middle = base + part_s * np.exp(slow * turn) + part_f * np.exp(fast * turn)
    total = 0.0
    at = 0.0
    value = air + outdoor
    booked = max(value, final) <= bound
    for leg in range(2):
        stop = turn if leg == 0 else dt
        reached = middle if leg == 0 else final
        if stop <= at:
            continue
        if (value < bound) != (reached < bound):
            t = _cross(at, stop, slow, fast, base, part_s, part_f, bound)
            falling = value >= bound
            total += _area(t if falling else at, stop if falling else t, slow, fast, base, part_s, part_f, bound)
            i = crossings[0]
            if bound == BOUND and i < crossing.shape[1]:
                crossing[0, i] = now_s + t
                crossing[1, i] = c
                crossing[2, i] = 1.0 if falling else 0.0
                crossings[0] = i + 1
        elif value < bound:
            total += _area(at, stop, slow, fast, base, part_s, part_f, bound)
        at = stop
        value = reached
    if not booked:
        cold[c] += total
