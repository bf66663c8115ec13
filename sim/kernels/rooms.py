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
def _short_of_one(rate: Array, dt: float, result: Array) -> None:
    """Write one less the mean of ``exp(rate t)`` over a step; where short, by a series that cancels nothing."""
    for c in range(result.size):
        z = rate[c] * dt
        last = 1.0 / 87178291200.0 + z * (1.0 / 1307674368000.0 + z * (1.0 / 20922789888000.0 + z / 355687428096000.0))
        high = 1.0 / 39916800.0 + z * (1.0 / 479001600.0 + z * (1.0 / 6227020800.0 + z * last))
        middle = 1.0 / 40320.0 + z * (1.0 / 362880.0 + z * (1.0 / 3628800.0 + z * high))
        early = 1.0 / 120.0 + z * (1.0 / 720.0 + z * (1.0 / 5040.0 + z * middle))
        low = 0.5 + z * (1.0 / 6.0 + z * (1.0 / 24.0 + z * early))
        result[c] = -z * low
    far = 0
    for c in range(result.size):
        far += 1 if rate[c] * dt < -1.0 else 0
    if far > 0:
        for c in range(result.size):
            z = rate[c] * dt
            if z < -1.0:
                result[c] = 1.0 - np.expm1(z) / z


@kernel
def _rates(
    air: Array, mass: Array, loss_air: Array, loss_mass: Array, coupling: Array, slow: Array, fast: Array
) -> None:
    """Write both rates as :func:`eigen` gives them [1/s]."""
    for c in range(slow.size):
        slow[c] = coupling[c] * coupling[c] / (air[c] * mass[c])  # for now
    for c in range(slow.size):
        a, d = -(loss_air[c] + coupling[c]) / air[c], -(loss_mass[c] + coupling[c]) / mass[c]
        fast[c] = 0.5 * (a + d) - np.sqrt(0.25 * (a - d) * (a - d) + slow[c])
    for c in range(slow.size):
        product = (loss_air[c] + coupling[c]) * (loss_mass[c] + coupling[c]) / (air[c] * mass[c])
        slow[c] = (product - slow[c]) / fast[c]


@kernel
def _product(a: Array, b: Array, r: Array, s: Array, result: Array) -> None:
    for c in range(result.size):
        result[c] = a[c] * r[c] + b[c] * s[c]


@kernel
def _ends(
    dt: float, capacity: Array, loss: Array, coupling: Array, own: Array, other: Array, start: float, given: float,
    result: Array,
) -> None:  # fmt: skip
    """Write where a capacity ends that began at `start` and took in `given`, from the step means of both capacities."""
    for c in range(result.size):
        result[c] = start + dt / capacity[c] * (given - loss[c] * own[c] - coupling[c] * (own[c] - other[c]))


@kernel
def matrices(dt: float, cohort: Array, emitter_to_mass: float, result: Array) -> None:
    """Write the step matrices E, M, F and G of every cohort for a step of `dt` seconds.

    With P projecting onto the slow mode and R the inverse of the conductances: ``M = 1 - J`` with
    ``J = (1 - mean_s) P + (1 - mean_f) (1 - P)`` and ``G = J R``; the ends follow from the means by the balances of air
    and mass.

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
    n = cohort.shape[1]
    air, mass = cohort[C_AIR_J_K], cohort[C_MASS_J_K]
    loss_air, loss_mass, k = cohort[C_LOSS_AIR], cohort[C_LOSS_MASS], cohort[C_COUPLING]
    scratch = np.empty((12, n))
    slow, fast, rest_s, rest_f, split, first = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5]
    j11, j12, j21, j22, r12, r = scratch[6], scratch[7], scratch[8], scratch[9], scratch[10], scratch[11]
    _rates(air, mass, loss_air, loss_mass, k, slow, fast)
    _short_of_one(slow, dt, rest_s)
    _short_of_one(fast, dt, rest_f)
    for c in range(n):
        split[c] = 1.0 / (slow[c] - fast[c])
    for c in range(n):
        first[c] = -((loss_air[c] + k[c]) / air[c] + fast[c]) * split[c]  # of P: first place; the last is one less it
    for c in range(n):
        j11[c] = rest_s[c] * first[c] + rest_f[c] * (1.0 - first[c])
    for c in range(n):
        j22[c] = rest_s[c] * (1.0 - first[c]) + rest_f[c] * first[c]
    for c in range(n):
        j12[c] = (rest_s[c] - rest_f[c]) * k[c] / air[c] * split[c]
    for c in range(n):
        j21[c] = (rest_s[c] - rest_f[c]) * k[c] / mass[c] * split[c]
    for c in range(n):
        r12[c] = 1.0 / (loss_air[c] * loss_mass[c] + k[c] * (loss_air[c] + loss_mass[c]))  # for now the determinant
    for c in range(n):
        r[c] = (loss_mass[c] + k[c]) * r12[c]
    for c in range(n):
        split[c] = (loss_air[c] + k[c]) * r12[c]
    for c in range(n):
        r12[c] *= k[c]
    _product(j11, j12, r, r12, result[M_G11])
    _product(j11, j12, r12, split, result[M_G12])
    _product(j21, j22, r, r12, result[M_G21])
    _product(j21, j22, r12, split, result[M_G22])
    m11, m12, m21, m22 = result[M_M11], result[M_M12], result[M_M21], result[M_M22]
    for c in range(n):
        m11[c] = 1.0 - j11[c]
    for c in range(n):
        m12[c] = -j12[c]
    for c in range(n):
        m21[c] = -j21[c]
    for c in range(n):
        m22[c] = 1.0 - j22[c]
    _ends(dt, air, loss_air, k, m11, m21, 1.0, 0.0, result[M_E11])
    _ends(dt, air, loss_air, k, m12, m22, 0.0, 0.0, result[M_E12])
    _ends(dt, mass, loss_mass, k, m21, m11, 0.0, 0.0, result[M_E21])
    _ends(dt, mass, loss_mass, k, m22, m12, 1.0, 0.0, result[M_E22])
    _ends(dt, air, loss_air, k, result[M_G11], result[M_G21], 0.0, 1.0, result[M_F11])
    _ends(dt, air, loss_air, k, result[M_G12], result[M_G22], 0.0, 0.0, result[M_F12])
    _ends(dt, mass, loss_mass, k, result[M_G21], result[M_G11], 0.0, 0.0, result[M_F21])
    _ends(dt, mass, loss_mass, k, result[M_G22], result[M_G12], 0.0, 1.0, result[M_F22])
    emit, g11, g12 = result[M_EMIT_MEAN], result[M_G11], result[M_G12]
    for c in range(n):
        emit[c] = (1.0 - emitter_to_mass) * g11[c] + emitter_to_mass * g12[c]


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
    substations = secondary.size
    air, mass, mean, free = scratch[H_AIR], scratch[H_MASS], scratch[H_MEAN_AIR], scratch[H_FREE]
    input_air, input_mass, after = scratch[H_INPUT_AIR], scratch[H_INPUT_MASS], now[Z_AIR]
    draught = max(setting[S_WIND_SHARE] * (wind - setting[S_WIND_REFERENCE]), -1.0)
    for low in range(0, after.size, substations):
        high = low + substations  # a slot at a time: its rows stay in the nearest cache
        _heat_up(
            dt, gain, solar, setting[S_EMITTER_TO_MASS], scratch[H_CONDUCTANCE, low:high], free[low:high], secondary,
            cohort[C_GAIN, low:high], cohort[C_SOLAR, low:high], input_air[low:high], input_mass[low:high],
            now[Z_HEAT, low:high], now[Z_EMITTED_J, low:high], now[Z_GAINED_J, low:high],
        )  # fmt: skip
        y, z, p, q = air[low:high], mass[low:high], input_air[low:high], input_mass[low:high]
        mean_air, mean_mass = mean[low:high], scratch[H_MEAN_MASS, low:high]
        _combine(
            matrix[M_M11, low:high], matrix[M_M12, low:high], matrix[M_G11, low:high], matrix[M_G12, low:high],
            y, z, p, q, mean_air,
        )  # fmt: skip
        _combine(
            matrix[M_M21, low:high], matrix[M_M22, low:high], matrix[M_G21, low:high], matrix[M_G22, low:high],
            y, z, p, q, mean_mass,
        )  # fmt: skip
        _lose(
            dt, draught, cohort[C_LOSS_AIR, low:high], cohort[C_LOSS_MASS, low:high], cohort[C_VENTILATION, low:high],
            mean_air, mean_mass, y, now[Z_LOST_J, low:high],
        )  # fmt: skip
        _combine(
            matrix[M_E11, low:high], matrix[M_E12, low:high], matrix[M_F11, low:high], matrix[M_F12, low:high],
            y, z, p, q, after[low:high],
        )  # fmt: skip
        _combine(
            matrix[M_E21, low:high], matrix[M_E22, low:high], matrix[M_F21, low:high], matrix[M_F22, low:high],
            y, z, p, q, now[Z_MASS, low:high],
        )  # fmt: skip
    for i in range(len(thresholds)):  # all in terms of the excess over outdoors
        bound = thresholds[i] - outdoor
        margin = MARGIN if thresholds[i] == BOUND else 0.0
        if _count_below(air, after, bound + margin) == 0:
            continue
        _degree_seconds(air, after, mean, bound, dt, now[Z_COLD + i])
        if _near(air, after, bound, margin, free) > 0:  # `free` is no longer needed
            for c in range(free.size):
                if free[c] > 0.0 and cohort[C_EMITTER, c] > 0.0:
                    _inside(
                        c, dt, now_s, outdoor, thresholds[i], cohort, input_air[c], input_mass[c], air[c], mass[c],
                        now[Z_COLD + i], crossing, crossings,
                    )  # fmt: skip
    for r in (Z_AIR, Z_MASS):
        _add(outdoor, now[r])


@kernel
def _add(value: float, result: Array) -> None:
    for c in range(result.size):
        result[c] += value


@kernel
def _heat_up(
    dt: float, gain: float, solar: float, radiant: float, conductance: Array, free: Array, secondary: Array, gains:
    Array, aperture: Array, input_air: Array, input_mass: Array, heat: Array, emitted: Array, gained: Array,
) -> None:  # fmt: skip
    """Write the emitters' heat, add it to what air and mass take in, and book it and the gains."""
    for x in range(heat.size):
        heat[x] = conductance[x] * (secondary[x] - free[x])
    for x in range(heat.size):
        emitted[x] += heat[x] * dt
    for x in range(heat.size):
        gained[x] += (gains[x] * gain + aperture[x] * solar) * dt
    for x in range(heat.size):
        input_air[x] += (1.0 - radiant) * heat[x]
    for x in range(heat.size):
        input_mass[x] += radiant * heat[x]


@kernel
def _lose(
    dt: float, draught: float, loss_air: Array, loss_mass: Array, ventilation: Array, mean_air: Array, mean_mass:
    Array, air: Array, lost: Array,
) -> None:  # fmt: skip
    for x in range(lost.size):
        lost[x] += (loss_air[x] * mean_air[x] + loss_mass[x] * mean_mass[x] + ventilation[x] * draught * air[x]) * dt


@kernel
def _count_below(before: Array, after: Array, bound: float) -> int:
    below = 0
    for c in range(before.size):
        below += 1 if min(before[c], after[c]) <= bound else 0
    return below


@kernel
def _degree_seconds(before: Array, after: Array, mean: Array, bound: float, dt: float, result: Array) -> None:
    """Add degree-seconds below `bound` of steps that lie wholly under it; those that cross it: see _inside."""
    for c in range(result.size):
        area = (bound - mean[c]) * dt
        result[c] += area if max(before[c], after[c]) <= bound else 0.0


@kernel
def _near(before: Array, after: Array, bound: float, margin: float, mark: Array) -> int:
    """Mark cohorts whose step comes near or crosses `bound`; return how many."""
    for c in range(before.size):
        near = (min(before[c], after[c]) < bound + margin) & (max(before[c], after[c]) > bound - margin)
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
