"""Dwelling-hours and degree-hours below given temperatures, exactly, over every dwelling and hour.

A dwelling's temperature is its cohort's plus its own offset; between two full hours the cohort's runs along a straight
line. So the dwellings of a cohort below a level at an instant are those whose offset is below ``level - room``, and an
hour's sum over all of them follows from the sorted offsets and the prefix sums of the offsets and their squares: with
``u`` running from ``lo`` to ``hi`` in the hour,

    hours      = n(lo) + sum over lo < o < hi of (hi - o) / (hi - lo)
    degree-hours = sum over o < lo of ((lo + hi) / 2 - o) + sum over lo < o < hi of (hi - o)^2 / (2 (hi - lo))

An hour in which a dwelling is remedied (its offset changes) or an excuse begins or ends is cut at that instant. Whole
hours, most of a season, take the same sums from either end, F(u) = sum over o < u of (u - o) and G(u) of its square:
``(F(b) - F(a)) / (b - a)`` and ``(G(b) - G(a)) / (2 (b - a))`` need not know which end is higher, an answer that
no processor guesses. How many offsets are below ``u`` is looked up in bins of equal width.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["dwellings_below", "shortfall"]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_HOUR_S = 3600
_PER_HOUR = 1.0 / 3600.0
_NEVER = 1 << 60
_BLOCK = 16  # cohorts laid out by hour at a time: one cache line of float32, and no second copy of a city's rooms


@numba.njit(cache=True, error_model="numpy")
def _take(room_c: F32, first_hour: int, first_cohort: int, out: F32) -> None:
    """Fill `out`, shape (_BLOCK, hours), with the temperatures of some cohorts from `first_hour` on, a row each."""
    end = min(first_cohort + _BLOCK, room_c.shape[1])
    for hour in range(out.shape[1]):
        for cohort in range(first_cohort, end):
            out[cohort - first_cohort, hour] = room_c[first_hour + hour, cohort]


@numba.njit(cache=True, error_model="numpy")
def _rank(offsets: F64, count: int, limit: float) -> int:
    """Return how many of the first `count` sorted offsets are below `limit`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if offsets[middle] < limit:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True, error_model="numpy")
def _prefix(offsets: F64, count: int, first_sum: F64, second_sum: F64) -> None:
    """Fill the prefix sums of offsets and of their squares."""
    first_sum[0] = 0.0
    second_sum[0] = 0.0
    for i in range(count):
        first_sum[i + 1] = first_sum[i] + offsets[i]
        second_sum[i + 1] = second_sum[i] + offsets[i] * offsets[i]


@numba.njit(cache=True, error_model="numpy")
def _below(low: float, high: float, n_low: int, n_high: int, first_sum: F64, second_sum: F64) -> tuple[float, float]:
    """Return mean count and mean degrees below, of one straight piece whose ``u`` spans `low` to `high`."""
    count = float(n_low)
    degrees = n_low * 0.5 * (low + high) - first_sum[n_low]
    if n_high > n_low:
        between = n_high - n_low
        s1 = first_sum[n_high] - first_sum[n_low]
        s2 = second_sum[n_high] - second_sum[n_low]
        width = high - low
        count += (high * between - s1) / width
        degrees += (between * high * high - 2.0 * high * s1 + s2) / (2.0 * width)
    return count, degrees


@numba.njit(cache=True, error_model="numpy")
def _rank_from(near: int, offsets: F64, count: int, limit: float) -> int:
    """Return the same as :func:`_rank`, walked to from a rank that is near: an hour changes little."""
    n = near
    while n > 0 and offsets[n - 1] >= limit:
        n -= 1
    while n < count and offsets[n] < limit:
        n += 1
    return n


@numba.njit(cache=True, error_model="numpy", inline="always")
def _bin(value: float, first: float, per_k: float, bins: int) -> int:
    """Return the bin of a value; never falls when the value rises. What is no number is in the first."""
    place = (value - first) * per_k
    if not place > 0.0:
        return 0
    return int(place) if place < bins - 1.0 else bins - 1


@numba.njit(cache=True, error_model="numpy")
def _fill_bins(offsets: F64, count: int, bins: int, before: I64) -> float:
    """Fill how many offsets lie in the bins before each, and return how many bins a kelvin has."""
    spread = offsets[count - 1] - offsets[0] if count else 0.0
    per_k = bins / spread if spread > 0.0 else 0.0
    before[: bins + 1] = 0
    for i in range(count):
        before[_bin(offsets[i], offsets[0], per_k, bins) + 1] += 1
    for j in range(bins):
        before[j + 1] += before[j]
    return per_k


@numba.njit(cache=True, error_model="numpy")
def _whole_hours(
    row: F32,
    i0: int,
    i1: int,
    levels_c: F64,
    offsets: F64,
    count: int,
    first_sum: F64,
    second_sum: F64,
    first_k: float,
    per_k: float,
    bins: int,
    before: I64,
    rank: I64,
    hours: F64,
    degrees: F64,
) -> tuple[float, float]:
    """Add up hours in which nothing begins or ends: most of a season. Ranks are looked up, not walked to.

    `hours` and `degrees`, shape (level,), are filled; returned are the integral of the cohort's temperature [K h] and
    its least [degC].
    """
    n_levels = len(levels_c)
    for level in range(n_levels):
        rank[level] = _rank_from(rank[level], offsets, count, levels_c[level] - float(row[i0]))
        hours[level] = 0.0
        degrees[level] = 0.0
    nobody_c = levels_c[0] - offsets[0]  # from here on nobody is below any level
    integral, b = 0.0, float(row[i0])
    least = b
    for i in range(i0, i1):
        a, b = b, float(row[i + 1])
        integral += 0.5 * (a + b)
        lower = min(a, b)
        if lower < least:
            least = lower
        if lower >= nobody_c:
            continue
        for level in range(n_levels):
            u_a, u_b = levels_c[level] - a, levels_c[level] - b
            if max(u_a, u_b) <= offsets[0]:
                break  # nobody is below this level, nor below the lower ones; their ranks stay 0
            n_a = rank[level]
            n_b = before[_bin(u_b, first_k, per_k, bins)]
            while n_b < count and offsets[n_b] < u_b:
                n_b += 1
            rank[level] = n_b
            f_a, f_b = n_a * u_a - first_sum[n_a], n_b * u_b - first_sum[n_b]
            if n_a == n_b:
                hours[level] += n_a
                degrees[level] += 0.5 * (f_a + f_b)
            else:  # `_below` with its sums taken from either end: which one is higher need not be asked
                per_width = 1.0 / (u_b - u_a)
                g_a = u_a * (f_a - first_sum[n_a]) + second_sum[n_a]
                g_b = u_b * (f_b - first_sum[n_b]) + second_sum[n_b]
                hours[level] += (f_b - f_a) * per_width
                degrees[level] += 0.5 * (g_b - g_a) * per_width
    return integral, least


@numba.njit(cache=True, error_model="numpy")
def _span(from_s: I64, to_s: I64, e: int, e1: int) -> tuple[int, int]:
    """Return an excused interval, or one that never comes."""
    if e < e1:
        return from_s[e], to_s[e]
    return _NEVER, _NEVER


@numba.njit(cache=True, error_model="numpy")
def shortfall(
    room_c: F32,
    start_s: int,
    end_s: int,
    levels_c: F64,
    dwelling_start: I64,
    sorted_offset_k: F32,
    offset_k: F32,
    excuse_list: I64,
    excuse_start: I64,
    excuse_from_s: I64,
    excuse_to_s: I64,
    remedy_start: I64,
    remedy_at_s: I64,
    remedy_dwelling: I64,
    remedy_gain_k: F64,
) -> tuple[F64, F64, F64, F64, F64, F32, F32, F32]:
    """Return shortfalls by cohort and the mean and least temperature of every dwelling.

    Parameters
    ----------
    room_c : float32 array, shape (hour + 1, cohort)
        Cohorts' temperatures at full hours since the origin, to the period's end at least [degC].
    start_s, end_s : int
        The period judged [s since the origin].
    levels_c : array, shape (level,)
        Temperatures to count below, falling; the first one decides what "least temperature" is worth [degC].
    dwelling_start : int array, shape (cohort + 1,)
        Dwellings of a cohort: rows ``dwelling_start[c]`` to ``dwelling_start[c + 1]`` of the dwelling arrays.
    sorted_offset_k, offset_k : float32 arrays, shape (dwelling,)
        Offsets at the period's start, sorted within each cohort, and by dwelling [K].
    excuse_list : int array, shape (cohort,)
        Which list of excused intervals applies.
    excuse_start : int array, shape (list + 1,)
        First interval of each list.
    excuse_from_s, excuse_to_s : int arrays, shape (interval,)
        Excused intervals, disjoint and rising within a list [s].
    remedy_start : int array, shape (cohort + 1,)
        First remedy of each cohort.
    remedy_at_s, remedy_dwelling, remedy_gain_k : arrays, shape (remedy,)
        When, which dwelling and by how much it becomes warmer, rising in time within a cohort [s, -, K].

    Returns
    -------
    hours, hours_scope, degrees, degrees_scope : arrays, shape (cohort, level)
        Dwelling-hours [h] and dwelling degree-hours [K h] below each level; all, and outside excused intervals.
    scope_h : array, shape (cohort,)
        Length of the period outside excused intervals [h].
    mean_c, least_c, least_scope_c : float32 arrays, shape (dwelling,)
        Mean over the period; least of all; least outside excused intervals (+inf if none) [degC].
    """
    cohorts, n_levels = len(dwelling_start) - 1, len(levels_c)
    hours = np.zeros((cohorts, n_levels))
    hours_scope = np.zeros((cohorts, n_levels))
    degrees = np.zeros((cohorts, n_levels))
    degrees_scope = np.zeros((cohorts, n_levels))
    scope_h = np.zeros(cohorts)
    n_dwellings = len(offset_k)
    mean_c = np.empty(n_dwellings, np.float32)
    least_c = np.empty(n_dwellings, np.float32)
    least_scope_c = np.empty(n_dwellings, np.float32)
    now_k = offset_k.astype(np.float64)
    largest = 0
    most_remedies = 0
    for c in range(cohorts):
        largest = max(largest, dwelling_start[c + 1] - dwelling_start[c])
        most_remedies = max(most_remedies, remedy_start[c + 1] - remedy_start[c])
    offsets = np.empty(max(largest, 1))
    first_sum = np.empty(largest + 1)
    second_sum = np.empty(largest + 1)
    rank = np.zeros(n_levels, np.int64)
    more_hours, more_degrees = np.empty(n_levels), np.empty(n_levels)
    before = np.zeros(2 * max(largest, 1) + 1, np.int64)
    # between two remedies of a cohort: integral [K h], least, least in scope [degC]
    part_integral = np.empty(most_remedies + 1)
    part_least = np.empty(most_remedies + 1)
    part_least_scope = np.empty(most_remedies + 1)
    h0 = start_s // _HOUR_S
    h1 = -(-end_s // _HOUR_S)
    length_h = (end_s - start_s) / 3600.0
    block_c = np.empty((_BLOCK, max(h1 - h0 + 1, 1)), np.float32)

    for c in range(cohorts):
        if c % _BLOCK == 0 and h1 > h0:
            _take(room_c, h0, c, block_c)
        d0 = dwelling_start[c]
        count = dwelling_start[c + 1] - d0
        for i in range(count):
            offsets[i] = sorted_offset_k[d0 + i]
        if count == 0:
            offsets[0] = np.inf  # a cohort without dwellings: nobody is below
        _prefix(offsets, count, first_sum, second_sum)
        bins, first_k = max(2 * count, 1), offsets[0]
        per_k = _fill_bins(offsets, count, bins, before)
        r, r0, r1 = remedy_start[c], remedy_start[c], remedy_start[c + 1]
        e = excuse_start[excuse_list[c]]
        e1 = excuse_start[excuse_list[c] + 1]
        for level in range(n_levels):
            rank[level] = 0
        row = block_c[c % _BLOCK]
        integral, least, least_scope = 0.0, np.inf, np.inf  # since the last remedy
        span_from, span_to = _span(excuse_from_s, excuse_to_s, e, e1)
        next_remedy = remedy_at_s[r] if r < r1 else _NEVER
        h = h0 - 1
        while h + 1 < h1:
            h += 1
            at = max(h * _HOUR_S, start_s)
            if at == h * _HOUR_S and next_remedy > at and span_to > at:
                excused = span_from <= at
                until = min(next_remedy, span_to if excused else span_from, end_s) // _HOUR_S
                if until > h:
                    kept, low_c = _whole_hours(
                        row, h - h0, until - h0, levels_c, offsets, count, first_sum, second_sum, first_k, per_k, bins,
                        before, rank, more_hours, more_degrees,
                    )  # fmt: skip
                    integral += kept
                    least = min(least, low_c)
                    if not excused:
                        scope_h[c] += until - h
                        least_scope = min(least_scope, low_c)
                    for level in range(n_levels):
                        hours[c, level] += more_hours[level]
                        degrees[c, level] += more_degrees[level]
                        if not excused:
                            hours_scope[c, level] += more_hours[level]
                            degrees_scope[c, level] += more_degrees[level]
                    h = until - 1
                    continue
            hour_end = min((h + 1) * _HOUR_S, end_s)
            room_0 = float(row[h - h0])
            slope = float(row[h - h0 + 1]) - room_0
            while at < hour_end:
                while next_remedy <= at:
                    k = remedy_dwelling[r]
                    _move(offsets, count, now_k[k], now_k[k] + remedy_gain_k[r])
                    p = _bin(now_k[k], first_k, per_k, bins)
                    q = _bin(now_k[k] + remedy_gain_k[r], first_k, per_k, bins)
                    for j in range(min(p, q) + 1, max(p, q) + 1):
                        before[j] += 1 if p > q else -1
                    now_k[k] += remedy_gain_k[r]
                    _prefix(offsets, count, first_sum, second_sum)
                    part_integral[r - r0] = integral
                    part_least[r - r0] = least
                    part_least_scope[r - r0] = least_scope
                    integral, least, least_scope = 0.0, np.inf, np.inf
                    r += 1
                    next_remedy = remedy_at_s[r] if r < r1 else _NEVER
                while span_to <= at:
                    e += 1
                    span_from, span_to = _span(excuse_from_s, excuse_to_s, e, e1)
                excused = span_from <= at
                to = min(hour_end, next_remedy, span_to if excused else span_from)
                a = room_0 + slope * ((at - h * _HOUR_S) * _PER_HOUR)
                b = room_0 + slope * ((to - h * _HOUR_S) * _PER_HOUR)
                dt_h = (to - at) * _PER_HOUR
                integral += 0.5 * (a + b) * dt_h
                lower = min(a, b)
                least = min(least, lower)
                if not excused:
                    scope_h[c] += dt_h
                    least_scope = min(least_scope, lower)
                for level in range(n_levels):
                    u_a, u_b = levels_c[level] - a, levels_c[level] - b
                    if max(u_a, u_b) <= offsets[0]:
                        break  # nobody is below this level, nor below the lower ones
                    n_a = _rank_from(rank[level], offsets, count, u_a)
                    n_b = _rank_from(n_a, offsets, count, u_b)
                    rank[level] = n_b
                    if u_a <= u_b:
                        number, kelvin = _below(u_a, u_b, n_a, n_b, first_sum, second_sum)
                    else:
                        number, kelvin = _below(u_b, u_a, n_b, n_a, first_sum, second_sum)
                    hours[c, level] += number * dt_h
                    degrees[c, level] += kelvin * dt_h
                    if not excused:
                        hours_scope[c, level] += number * dt_h
                        degrees_scope[c, level] += kelvin * dt_h
                at = to
        part_integral[r - r0] = integral
        part_least[r - r0] = least
        part_least_scope[r - r0] = least_scope
        integral, least, least_scope = 0.0, np.inf, np.inf
        for j in range(r - r0 + 1):
            integral += part_integral[j]
            least = min(least, part_least[j])
            least_scope = min(least_scope, part_least_scope[j])
        for k in range(d0, d0 + count):
            mean_c[k] = integral / length_h + offset_k[k]
            least_c[k] = least + offset_k[k]
            least_scope_c[k] = least_scope + offset_k[k]
        for i in range(r0, r):
            k = remedy_dwelling[i]
            mean_c[k] += remedy_gain_k[i] * (end_s - max(remedy_at_s[i], start_s)) / (end_s - start_s)
            gained, least, least_scope = float(offset_k[k]), np.inf, np.inf
            for j in range(r - r0 + 1):
                if j > 0 and remedy_dwelling[r0 + j - 1] == k:
                    gained += remedy_gain_k[r0 + j - 1]
                least = min(least, part_least[j] + gained)
                least_scope = min(least_scope, part_least_scope[j] + gained)
            least_c[k] = least
            least_scope_c[k] = least_scope
    return hours, hours_scope, degrees, degrees_scope, scope_h, mean_c, least_c, least_scope_c


@numba.njit(cache=True, error_model="numpy")
def _move(offsets: F64, count: int, old: float, new: float) -> None:
    """Replace one value of the sorted offsets, keeping them sorted."""
    i = min(_rank(offsets, count, old), count - 1)
    while i > 0 and offsets[i - 1] > new:
        offsets[i] = offsets[i - 1]
        i -= 1
    while i < count - 1 and offsets[i + 1] < new:
        offsets[i] = offsets[i + 1]
        i += 1
    offsets[i] = new


@numba.njit(cache=True, error_model="numpy")
def dwellings_below(
    room_c: F32,
    start_s: int,
    end_s: int,
    level_c: float,
    cohort: I64,
    offset_k: F64,
    remedy_start: I64,
    remedy_at_s: I64,
    remedy_gain_k: F64,
) -> tuple[F64, F64]:
    """Return hours and degree-hours below a level of some dwellings one by one, nothing excused.

    Parameters
    ----------
    room_c, start_s, end_s
        As in :func:`shortfall`; the period begins and ends at full hours.
    level_c : float
        Temperature to count below [degC].
    cohort, offset_k : arrays, shape (chosen,)
        Cohort (rising) and offset at the period's start of the chosen dwellings [-, K].
    remedy_start : int array, shape (chosen + 1,)
        First remedy of each chosen dwelling.
    remedy_at_s, remedy_gain_k : arrays, shape (remedy,)
        When and by how much it becomes warmer; takes effect from the next full hour here [s, K].

    Returns
    -------
    hours, degrees : arrays, shape (chosen,)
        Hours [h] and degree-hours [K h] below the level.
    """
    n = len(cohort)
    hours, degrees = np.zeros(n), np.zeros(n)
    h0, h1 = start_s // _HOUR_S, end_s // _HOUR_S
    block_c = np.empty((_BLOCK, max(h1 - h0 + 1, 1)), np.float32)
    taken = -1
    for i in range(n):
        if cohort[i] // _BLOCK != taken:
            taken = cohort[i] // _BLOCK
            _take(room_c, h0, taken * _BLOCK, block_c)
        row = block_c[cohort[i] % _BLOCK]
        limit = level_c - offset_k[i]
        r = remedy_start[i]
        u_a = limit - row[0]
        for h in range(h0, h1):
            while r < remedy_start[i + 1] and remedy_at_s[r] <= h * _HOUR_S:
                limit -= remedy_gain_k[r]
                u_a -= remedy_gain_k[r]
                r += 1
            u_b = limit - row[h + 1 - h0]
            if u_a > 0.0 and u_b > 0.0:
                hours[i] += 1.0
                degrees[i] += 0.5 * (u_a + u_b)
            elif u_a > 0.0 or u_b > 0.0:
                top = max(u_a, u_b)
                share = top / abs(u_a - u_b)
                hours[i] += share
                degrees[i] += 0.5 * top * share
            u_a = u_b
    return hours, degrees
