"""Rooms: two capacities per cohort, stepped exactly.

The air (with furniture and surfaces) and the mass exchange heat with each other and with outdoors. In terms of the
excess over the outdoor temperature ``y = (air, mass) - outdoor`` and with constant heat inputs ``q`` [W] over a step::

    mean y = M y(0) + G q        M = (exp(A dt) - 1) / (A dt)

and the ends follow from the means by the balances of air and mass. The 2x2 matrices are closed forms of the two real
eigenvalues. The step mean makes everything that depends on the room within the step (emitters, losses) implicit
without iteration, because it is linear in the heat.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel, row_kernel
from .layout import (
    C_AIR_J_K,
    C_COUPLING,
    C_EMITTER,
    C_GAIN,
    C_LOSS_AIR,
    C_LOSS_MASS,
    C_MASS_J_K,
    C_TO_MASS,
    C_VENTILATION,
    H_AFTER,
    H_AIR,
    H_CONDUCTANCE,
    H_FREE,
    H_MASS,
    H_MEAN_AIR,
    H_STEP,
    M_EMIT_MEAN,
    M_FAST,
    M_G11,
    M_G12,
    M_G22,
    M_M11,
    M_M12,
    M_REST_FAST,
    M_REST_SLOW,
    M_RISE_AIR,
    M_RISE_MASS,
    M_SLOW,
    S_GAIN_TO_MASS,
    S_SOLAR_TO_MASS,
    S_WIND_REFERENCE,
    S_WIND_SHARE,
    X_INTERNAL,
    Y_EMITTED_J,
    Y_GAINED_J,
    Y_LOST_J,
    Z_AIR,
    Z_COLD,
    Z_MASS,
    Array,
)  # fmt: skip

__all__ = ["eigen", "expect", "matrices", "shine", "step_rooms"]

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


@row_kernel
def _rates(
    air: Array, mass: Array, loss_air: Array, loss_mass: Array, coupling: Array, slow: Array, fast: Array
) -> None:
    """Write both rates as :func:`eigen` gives them [1/s]."""
    for c in range(slow.size):
        k = coupling[c]
        both = 1.0 / (air[c] * mass[c])
        a, d = -(loss_air[c] + k) * (mass[c] * both), -(loss_mass[c] + k) * (air[c] * both)
        mixed = k * k * both
        fast[c] = 0.5 * (a + d) - np.sqrt(0.25 * (a - d) * (a - d) + mixed)
        slow[c] = ((loss_air[c] + k) * (loss_mass[c] + k) * both - mixed) / fast[c]


@row_kernel
def _means(
    dt: float, radiant: Array, air: Array, mass: Array, loss_air: Array, loss_mass: Array, coupling: Array,
    slow: Array, fast: Array, rest_s: Array, rest_f: Array, m11: Array, m12: Array,
    g11: Array, g12: Array, g22: Array, rise_air: Array, rise_mass: Array, emit: Array,
) -> None:  # fmt: skip
    """Write the matrices from the rates and what their means lack of one."""
    for c in range(slow.size):
        k = coupling[c]
        both = 1.0 / (air[c] * mass[c])
        per_air, per_mass = mass[c] * both, air[c] * both
        split = 1.0 / (slow[c] - fast[c])
        first = -((loss_air[c] + k) * per_air + fast[c]) * split  # of P: first place; the last is one less it
        j11 = rest_s[c] * first + rest_f[c] * (1.0 - first)
        j22 = rest_s[c] * (1.0 - first) + rest_f[c] * first
        apart = (rest_s[c] - rest_f[c]) * k * split
        j12, j21 = apart * per_air, apart * per_mass
        inverse = 1.0 / (loss_air[c] * loss_mass[c] + k * (loss_air[c] + loss_mass[c]))
        r11, r12, r22 = (loss_mass[c] + k) * inverse, k * inverse, (loss_air[c] + k) * inverse
        m11[c], m12[c] = 1.0 - j11, -j12
        g11[c], g12[c], g22[c] = j11 * r11 + j12 * r12, j11 * r12 + j12 * r22, j21 * r12 + j22 * r22
        rise_air[c], rise_mass[c] = dt * per_air, dt * per_mass
        emit[c] = (1.0 - radiant[c]) * g11[c] + radiant[c] * g12[c]


@kernel
def matrices(dt: float, cohort: Array, result: Array) -> None:
    """Write the step matrices M and G of every cohort for a step of `dt` seconds.

    With P projecting onto the slow mode and R the inverse of the conductances: ``M = 1 - J`` with
    ``J = (1 - mean_s) P + (1 - mean_f) (1 - P)`` and ``G = J R``.

    Parameters
    ----------
    dt : float
        Step [s].
    cohort : array, shape (13, cohort)
        Rows as ``layout.C_*``.
    result : array, shape (12, cohort), out
        Rows as ``layout.M_*``: the air's of M [-]; three of G, which is symmetric [K/W]; the step over both capacities
        [K/W], the mean air's rise per W of emitters [K/W]; rates of the slow and of the fast mode [1/s] and what their
        means lack of one [-].
    """
    air, mass = cohort[C_AIR_J_K], cohort[C_MASS_J_K]
    loss_air, loss_mass, k = cohort[C_LOSS_AIR], cohort[C_LOSS_MASS], cohort[C_COUPLING]
    slow, fast, rest_s, rest_f = result[M_SLOW], result[M_FAST], result[M_REST_SLOW], result[M_REST_FAST]
    _rates(air, mass, loss_air, loss_mass, k, slow, fast)
    _short_of_one(slow, dt, rest_s)
    _short_of_one(fast, dt, rest_f)
    _means(
        dt, cohort[C_TO_MASS], air, mass, loss_air, loss_mass, k, slow, fast, rest_s, rest_f,
        result[M_M11], result[M_M12], result[M_G11], result[M_G12], result[M_G22], result[M_RISE_AIR],
        result[M_RISE_MASS], result[M_EMIT_MEAN],
    )  # fmt: skip


@kernel
def shine(hour: int, weather: Array, facing: Array, aperture: Array, opening: Array, total: Array) -> None:
    """Write the sun through the cohorts' openings in an hour, and its sums by substation [W].

    Parameters
    ----------
    hour : int
        Column of `weather`.
    weather : array
        As :func:`~.step.march` takes it.
    facing : array, shape (cohort,)
        The row of `weather` that shines on each.
    aperture : array, shape (cohort,)
        Openings [m2].
    opening, total : arrays, shapes (cohort,) and (substation,), out
    """
    for x in range(total.size):
        total[x] = 0.0
    for c in range(opening.size):
        opening[c] = aperture[c] * weather[facing[c], hour]
        total[c % total.size] += opening[c]


@kernel
def expect(
    outdoor: float, solar: float, wind: float, gain: float, setting: Array, matrix: Array, cohort: Array,
    aperture: Array, now: Array, scratch: Array,
) -> None:  # fmt: skip
    """Write what the rooms' step-mean air temperature would be without emitters (``scratch[H_FREE]``) [degC].

    Parameters
    ----------
    outdoor, solar, wind, gain : float
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], share of the mean internal gain [-].
    aperture : array, shape (cohort,)
        Openings for the sun [m2]; or, with a `solar` of 1, what shines through them [W].
    setting : array
        ``Plant.setting``.
    matrix : array, shape (12, cohort)
        From :func:`matrices` for the step.
    cohort, now, scratch : arrays
        ``Plant.cohort``, ``State.cohort``, ``Work.cohort``.
    """
    _expect(
        outdoor, _draught(wind, setting), gain * (1.0 - setting[S_GAIN_TO_MASS]), gain * setting[S_GAIN_TO_MASS],
        solar * (1.0 - setting[S_SOLAR_TO_MASS]), solar * setting[S_SOLAR_TO_MASS],
        cohort[C_GAIN], aperture, cohort[C_VENTILATION], now[Z_AIR], now[Z_MASS],
        matrix[M_M11], matrix[M_M12], matrix[M_G11], matrix[M_G12], scratch[H_FREE],
    )  # fmt: skip


@kernel
def _draught(wind: float, setting: Array) -> float:
    """Return the ventilation that wind adds, as a share of the ordinary: above its reference it draws air through."""
    result: float = max(setting[S_WIND_SHARE] * (wind - setting[S_WIND_REFERENCE]), -1.0)
    return result


@row_kernel
def _expect(
    outdoor: float, draught: float, gain_air: float, gain_mass: float, sun_air: float, sun_mass: float, gains: Array,
    aperture: Array, ventilation: Array, now_air: Array, now_mass: Array, m11: Array, m12: Array, g11: Array,
    g12: Array, free: Array,
) -> None:  # fmt: skip
    """Write the air's free mean; for draughts the air is as at the start."""
    for c in range(free.size):
        y, z = now_air[c] - outdoor, now_mass[c] - outdoor
        p = gains[c] * gain_air + aperture[c] * sun_air - ventilation[c] * draught * y
        q = gains[c] * gain_mass + aperture[c] * sun_mass
        free[c] = outdoor + m11[c] * y + m12[c] * z + g11[c] * p + g12[c] * q


@kernel
def step_rooms(
    dt: float, now_s: float, outdoor: float, solar: float, wind: float, gain: float, thresholds: tuple[float, ...],
    setting: Array, rows: Array, secondary: Array, matrix: Array, cohort: Array, aperture: Array, openings: Array,
    now: Array, sums: Array, scratch: Array, crossing: Array, crossings: Array,
) -> None:  # fmt: skip
    """March the rooms over a step with the emitters' heat at the secondary supply temperatures found.

    Needs `scratch` as :func:`expect` and the emitters' conductances left it; writes the rooms' state,
    degree-seconds below `thresholds` and the crossings of 18 degC, and books emitted, gained and lost heat.

    Parameters
    ----------
    dt, now_s : float
        Step [s] and its beginning [s].
    outdoor, solar, wind, gain, setting, matrix, cohort, aperture, now, scratch
        As in :func:`expect`.
    openings : array, shape (substation,)
        Sums of `aperture`.
    thresholds : tuple of float
        Temperatures [degC] of the rows from Z_COLD on, falling.
    rows : array
        ``Plant.substation``.
    secondary : array, shape (substation,)
        Secondary supply temperature [degC].
    sums : array
        ``State.substation``, whose rows Y_EMITTED_J, Y_GAINED_J and Y_LOST_J are added to.
    crossing, crossings : arrays
        ``Work.crossing``, ``Work.crossings``, appended to.
    """
    substations = secondary.size
    air, mass, mean, after = scratch[H_AIR], scratch[H_MASS], scratch[H_MEAN_AIR], scratch[H_AFTER]
    draught = _draught(wind, setting)
    gain_air, gain_mass = gain * (1.0 - setting[S_GAIN_TO_MASS]), gain * setting[S_GAIN_TO_MASS]
    sun_air, sun_mass = solar * (1.0 - setting[S_SOLAR_TO_MASS]), solar * setting[S_SOLAR_TO_MASS]
    gained = sums[Y_GAINED_J]
    for x in range(substations):
        gained[x] += (rows[X_INTERNAL, x] * gain + openings[x] * solar) * dt
    cold = 0
    for a in range(0, after.size, substations):
        b = a + substations  # a slot at a time: the substations' rows stay in the nearest cache
        cold += _step_slot(
            dt, outdoor, draught, gain_air, gain_mass, sun_air, sun_mass, thresholds[0] - outdoor + MARGIN,
            cohort[C_TO_MASS, a:b], secondary, scratch[H_CONDUCTANCE, a:b], scratch[H_FREE, a:b],
            cohort[C_GAIN, a:b], aperture[a:b], matrix[M_EMIT_MEAN, a:b], matrix[M_G12, a:b],
            matrix[M_G22, a:b], matrix[M_RISE_AIR, a:b], matrix[M_RISE_MASS, a:b],
            cohort[C_LOSS_AIR, a:b], cohort[C_LOSS_MASS, a:b], cohort[C_COUPLING, a:b], cohort[C_VENTILATION, a:b],
            now[Z_AIR, a:b], now[Z_MASS, a:b], air[a:b], mass[a:b], mean[a:b], after[a:b], sums[Y_EMITTED_J],
            sums[Y_LOST_J],
        )  # fmt: skip
    if cold == 0:
        return
    for i in range(len(thresholds)):  # all in terms of the excess over outdoors
        bound = thresholds[i] - outdoor
        margin = MARGIN if thresholds[i] == BOUND else 0.0
        if i > 0 and _count_below(air, after, bound + margin) == 0:
            break
        _degree_seconds(air, after, mean, bound, dt, now[Z_COLD + i])
        mark = scratch[H_STEP]
        if _near(air, after, bound, margin, mark) > 0:
            for c in range(mark.size):
                if mark[c] > 0.0 and cohort[C_EMITTER, c] > 0.0:
                    heat = scratch[H_CONDUCTANCE, c] * (secondary[c % substations] - scratch[H_FREE, c])
                    radiant, gains, opening = cohort[C_TO_MASS, c], cohort[C_GAIN, c], aperture[c]
                    p = gains * gain_air + opening * sun_air - cohort[C_VENTILATION, c] * draught * air[c]
                    q = gains * gain_mass + opening * sun_mass
                    _inside(
                        c, dt, now_s, outdoor, thresholds[i], cohort, p + (1.0 - radiant) * heat, q + radiant * heat,
                        air[c], mass[c], now[Z_COLD + i], crossing, crossings,
                    )  # fmt: skip


@row_kernel
def _step_slot(
    dt: float, outdoor: float, draught: float, gain_air: float, gain_mass: float, sun_air: float, sun_mass: float,
    bound: float, radiant: Array, secondary: Array, conductance: Array, free: Array, gains: Array, aperture: Array,
    emit: Array, g12: Array, g22: Array, rise_air: Array, rise_mass: Array, loss_air: Array, loss_mass: Array,
    coupling: Array, ventilation: Array, now_air: Array, now_mass: Array, air: Array, mass: Array, mean: Array,
    after: Array, emitted: Array, lost: Array,
) -> int:  # fmt: skip
    """Step one cohort of every substation; return how many begin or end at most at `bound`.

    The means are ``y + G (q - K y)`` with the conductances K, since ``M = 1 - G K``; the ends follow from the means by
    the balances of air and mass.
    """
    cold = 0
    for x in range(secondary.size):
        heat = conductance[x] * (secondary[x] - free[x])
        emitted[x] += heat * dt
        y, z, k = now_air[x] - outdoor, now_mass[x] - outdoor, coupling[x]
        drawn = ventilation[x] * draught * y
        p = gains[x] * gain_air + aperture[x] * sun_air - drawn + (1.0 - radiant[x]) * heat
        q = gains[x] * gain_mass + aperture[x] * sun_mass + radiant[x] * heat
        mean_air = free[x] - outdoor + emit[x] * heat
        to_air, to_mass = p - loss_air[x] * y - k * (y - z), q - loss_mass[x] * z + k * (y - z)
        mean_mass = z + g12[x] * to_air + g22[x] * to_mass
        between = k * (mean_air - mean_mass)
        end = y + rise_air[x] * (p - loss_air[x] * mean_air - between)
        now_mass[x] = outdoor + (z + rise_mass[x] * (q - loss_mass[x] * mean_mass + between))
        now_air[x] = outdoor + end
        air[x], mass[x], mean[x], after[x] = y, z, mean_air, end
        cold += 1 if min(y, end) <= bound else 0
        lost[x] += (loss_air[x] * mean_air + loss_mass[x] * mean_mass + drawn) * dt
    return cold


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
    above: bool,
) -> tuple[float, float, float]:  # fmt: skip
    """Return when ``base + part_s exp(slow t) + part_f exp(fast t)`` meets `bound` between two enclosing times, and
    both exponentials then; whether it begins `above` is told.
    """  # fmt: skip
    low, high = start, end
    t = 0.5 * (low + high)
    for _ in range(60):
        at_s, at_f = np.exp(slow * t), np.exp(fast * t)
        es, ef = part_s * at_s, part_f * at_f
        value = base + es + ef - bound
        if (value > 0.0) == above:
            low = t
        else:
            high = t
        rate = slow * es + fast * ef
        if high - low < 1e-3 or abs(value) < 1e-10:
            return t, at_s, at_f
        t = t - value / rate if rate != 0.0 else low
        if not low < t < high:
            t = 0.5 * (low + high)
    return t, np.exp(slow * t), np.exp(fast * t)


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
    end_s, end_f = np.exp(slow * dt), np.exp(fast * dt)
    final = base + part_s * end_s + part_f * end_f
    turn, middle, turn_s, turn_f = dt, final, end_s, end_f  # where the temperature turns inside the step, if it does
    if part_s * part_f < 0.0:
        t = np.log(-(slow * part_s) / (fast * part_f)) / (fast - slow)
        if 0.0 < t < dt:
            turn, turn_s, turn_f = t, np.exp(slow * t), np.exp(fast * t)
            middle = base + part_s * turn_s + part_f * turn_f
    value = air + outdoor
    if (value < bound) == (middle < bound) == (final < bound):
        return  # near, but never across: what lies wholly below is booked
    total = 0.0
    at, at_s, at_f = 0.0, 1.0, 1.0
    booked = max(value, final) <= bound
    for leg in range(2):
        stop, stop_s, stop_f = (turn, turn_s, turn_f) if leg == 0 else (dt, end_s, end_f)
        reached = middle if leg == 0 else final
        if stop <= at:
            continue
        from_s, from_f, to_s, to_f, length = at_s, at_f, stop_s, stop_f, stop - at  # of what lies below
        below = value < bound
        if below != (reached < bound):
            above = base + part_s * at_s + part_f * at_f - bound > 0.0
            t, cross_s, cross_f = _cross(at, stop, slow, fast, base, part_s, part_f, bound, above)
            if below:
                to_s, to_f, length = cross_s, cross_f, t - at
            else:
                from_s, from_f, length = cross_s, cross_f, stop - t
            i = crossings[0]
            if bound == BOUND and i < crossing.shape[1]:
                crossing[0, i] = now_s + t
                crossing[1, i] = c
                crossing[2, i] = 0.0 if below else 1.0
                crossings[0] = i + 1
            below = True
        if below:
            s = part_s * (to_s - from_s) / slow
            f = part_f * (to_f - from_f) / fast
            total += (bound - base) * length - s - f
        at, at_s, at_f, value = stop, stop_s, stop_f, reached
    if not booked:
        cold[c] += total
