"""Who calls in an hour: calls from cold dwellings, from stopped heat, and for other reasons.

Every dwelling without an open case calls about cold at the hazard ``lam(T)`` of its own temperature ``T``, its cohort's
room plus its offset. A cohort's sum over its dwellings is tabulated over room temperature once (:func:`tabulate`), so
an hour of a cohort costs one look-up, one hash and one comparison; only where a call happens is a dwelling chosen,
through the hazard-weighted distribution of the offsets (coldest first, so that the same mark picks the same or a near
dwelling when the temperature moves a little).

Offsets enter the hazard rounded to :data:`STEP_K`; between the table's room temperatures it is linear. Beyond the
table (rooms below 0 °C or above 32 °C, dwellings more than 6 K below or 8 K above their cohort) the hazard is that at
the edge: it has all but saturated there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from .heat_compile import INDEX
from .inner import inner
from .marks import mix, poisson, uniform

Array = npt.NDArray[Any]

__all__ = [
    "BILLING",
    "BINS",
    "COLD",
    "ENQUIRY",
    "NO_HEAT",
    "ROOMS",
    "SERVICE",
    "STEP_K",
    "WRONG",
    "bin_of",
    "change_bin",
    "choose",
    "draw_hour",
    "draw_outage",
    "hazard",
    "tabulate",
    "unbounded",
]

COLD, NO_HEAT, BILLING, SERVICE, ENQUIRY, WRONG = map(
    np.int64, range(6)
)  # why somebody calls; the first four as topics

STEP_K = 0.25  # of the table, in room temperature and in offset [K]
ROOMS = 129  # room temperatures 0 … 32 °C
_LOWEST_K = -6.0  # offset of the first bin
BINS = 57  # offsets -6 … +8 K
B_MOST, B_FROM_C, B_TO_C, B_SEEN, B_ROWS = range(5)
"""Rows of the bounds: calls at most [1/day], from and below which room [degC]; what was looked at only to fetch it."""
_BELOW_K, _ABOVE_K = np.float32(1.0), np.float32(3.0)  # how far a room may go before its cohort's bound is found anew
_DRAW_HOUR, _DRAW_OUTAGE = np.int64(2011), np.int64(2012)  # purposes of marks


@njit(cache=True)
def hazard(midpoint_c: float, spread_k: float, calls_per_day: float) -> Array:
    """Return calls per dwelling and day at room + offset = -6 … 46 °C in steps of 0.25 K, shape (ROOMS + BINS - 1,).

    ``lam(T) = calls_per_day / (1 + exp((T - midpoint_c) / spread_k))``: the share of dissatisfied occupants (ISO 7730
    PPD, cold side, as a logistic) times how often a dissatisfied household calls [1/day].
    """
    rate = np.empty(ROOMS + BINS - 1)
    for i in range(len(rate)):
        rate[i] = calls_per_day / (1.0 + math.exp((_LOWEST_K + i * STEP_K - midpoint_c) / spread_k))
    return rate


@njit(cache=True)
def bin_of(offset_k: float) -> int:
    """Return the offset's bin, at the ends the last one [-]."""
    return min(max(math.floor((offset_k - _LOWEST_K) / STEP_K + 0.5), 0), BINS - 1)


@njit(cache=True, nogil=True)
def tabulate(first: Array, offset_k: Array, rate: Array) -> tuple[Array, Array, Array]:
    """Sort dwellings by offset bin and sum their hazards over room temperature.

    Parameters
    ----------
    first : int array, shape (cohort + 1,)
        First dwelling of each cohort.
    offset_k : array, shape (dwelling,)
        Dwelling above its cohort's room [K].
    rate : array, shape (ROOMS + BINS - 1,)
        From :func:`hazard`.

    Returns
    -------
    table : float32 array, shape (cohort, ROOMS)
        Calls per day of all dwellings at room temperatures 0 … 32 °C [1/day].
    binned : int array, shape (cohort, BINS)
        Dwellings per offset bin.
    order : int array, shape (dwelling,)
        Dwellings cohort by cohort, bin by bin, coldest first.
    """
    cohorts = len(first) - 1
    binned = np.zeros((cohorts, BINS), np.int32)
    order = np.empty(len(offset_k), np.int32)
    table = np.zeros((cohorts, ROOMS), np.float32)
    sums = np.empty(ROOMS)
    filled = np.empty(BINS, np.int64)
    for c in range(cohorts):
        for d in range(first[c], first[c + 1]):
            binned[c, bin_of(offset_k[d])] += 1
        position = first[c]
        for b in range(BINS):
            filled[b] = position
            position += binned[c, b]
        for d in range(first[c], first[c + 1]):
            b = bin_of(offset_k[d])
            order[filled[b]] = d
            filled[b] += 1
        sums[:] = 0.0
        for b in range(BINS):
            n = binned[c, b]
            if n > 0:
                for j in range(ROOMS):
                    sums[j] += n * rate[j + b]
        for j in range(ROOMS):
            table[c, j] = sums[j]
    return table, binned, order


@njit(cache=True)
def change_bin(
    cohort: int,
    dwelling: int,
    old: int,
    new: int,
    first: Array,
    table: Array,
    binned: Array,
    order: Array,
    rate: Array,
    bound: Array,
) -> None:
    """Move a dwelling from its old offset's bin to the new one's and correct its cohort's table, in place."""
    if old == new:
        return
    start = first[cohort]
    for b in range(old):
        start += binned[cohort, b]
    place = start
    while order[place] != dwelling:
        place += 1
    step = 1 if new > old else -1
    b = old
    while b != new:  # swap to the edge of the bin, then let the edge pass by
        edge = start + binned[cohort, b] - 1 if step > 0 else start
        order[place], order[edge] = order[edge], order[place]
        place = edge
        binned[cohort, b] -= 1
        binned[cohort, b + step] += 1
        if step > 0:
            start = edge
        else:
            start -= binned[cohort, b - 1] - 1
        b += step
    for j in range(ROOMS):
        table[cohort, j] += np.float32(rate[j + new] - rate[j + old])
    bound[B_FROM_C, cohort] = np.inf


@njit(cache=True)
def _look_up(table: Array, cohort: int, room_c: float) -> float:
    """Return the cohort's calls per day at a room temperature [1/day]."""
    x = min(max(room_c / STEP_K, 0.0), ROOMS - 1.0001)
    j = int(x)
    low = table[cohort, j]
    return float(low + (x - j) * (table[cohort, j + 1] - low))


@njit(cache=True, inline="always")  # a call here would cost as much in reference counting as the work itself
def choose(u: float, cohort: int, room_c: float, first: Array, table: Array, binned: Array, rate: Array) -> int:
    """Return the place, in the order of dwellings, at the share `u` of its cohort's hazard; coldest first.

    The hazard is taken at the table's nearest temperature.
    """
    j = int(min(max(room_c / STEP_K + 0.5, 0.0), ROOMS - 1.0))
    wanted = u * table[cohort, j]
    place = first[cohort]
    for b in range(BINS):
        weight = binned[cohort, b] * rate[j + b]
        if wanted < weight:
            place += int(wanted / rate[j + b])
            break
        wanted -= weight
        place += binned[cohort, b]
    return int(min(place, first[cohort + 1] - 1))  # the table's rounding may leave a little over


def unbounded(cohorts: int) -> Array:
    """Return the bounds that :func:`draw_hour` keeps, of cohorts none of which has one yet, shape (B_ROWS, cohort)."""
    bound = np.zeros((B_ROWS, cohorts), np.float32)
    bound[B_FROM_C] = np.inf
    return bound


@inner
def _bind(bound: Array, table: Array, c: int, room_c: float) -> None:
    """Note the most calls per day of a cohort while its room stays where it is, more or less."""
    low_c = room_c - _BELOW_K
    j = _row_of(low_c)
    bound[B_MOST, c] = max(table[c, j], table[c, j + 1]) * np.float32(1.001)  # the table's own rounding is less
    bound[B_FROM_C, c], bound[B_TO_C, c] = low_c, room_c + _ABOVE_K


@inner
def _row_of(room_c: float) -> int:
    """Return the table's room temperature below one [-]."""
    return int(min(max(room_c / STEP_K, 0.0), ROOMS - 1.0001))


@inner
def _find_calling(
    hour_key: Any,
    room_c: Array,
    cold_factor: float,
    other_factor: float,
    first: Array,
    table: Array,
    binned: Array,
    bound: Array,
    calling: Array,
) -> int:
    """Fill in the cohorts whose mark means a call, of which there are few, and return how many.

    What a cohort calls at most is looked up only when its room has left the span for which that was noted; so all marks
    are made and compared as rows. The few that remain are looked at together, so that fetching them overlaps.
    """
    begins, ends, most = bound[B_FROM_C], bound[B_TO_C], bound[B_MOST]
    for c in range(len(most)):
        mean = most[c] * cold_factor + (first[c + 1] - first[c]) * other_factor
        unknown = (room_c[c] < begins[c]) | (room_c[c] >= ends[c])
        calling[c] = (uniform(hour_key, c) >= 1.0 - mean) | unknown
    found, seen = 0, np.float32(0.0)
    for c in range(len(most)):
        may_call = calling[c]
        calling[found] = c
        found += may_call  # a branch here would be foreseen wrongly too often
    for place in range(found):
        c = calling[place] & INDEX
        seen += table[c, _row_of(room_c[c])]
    kept = 0
    for place in range(found):
        c = calling[place] & INDEX
        if room_c[c] < begins[c] or room_c[c] >= ends[c]:
            _bind(bound, table, c, room_c[c])
        mean = _look_up(table, c, room_c[c]) * cold_factor + (first[c + 1] - first[c]) * other_factor
        calling[kept] = c
        kept += uniform(hour_key, c) >= 1.0 - mean
    for place in range(kept):
        c = calling[place] & INDEX
        seen += binned[c, 8] + binned[c, 24] + binned[c, 40]
    bound[B_SEEN, 0] = seen
    return kept


@njit(cache=True)
def draw_hour(
    hour: int,
    key: Any,
    room_c: Array,
    cold_factor: float,
    other_factor: float,
    shares: Array,
    first: Array,
    table: Array,
    binned: Array,
    order: Array,
    rate: Array,
    bound: Array,
    calling: Array,
    keys: Array,
    calls: Array,
) -> int:
    """Draw the calls that begin in one hour, in order of (second, cohort, number).

    The number of calls of a cohort is the Poisson quantile at one mark of (cohort, hour), so a warmer room never gives
    more of them. Each call's reason, second and dwelling are marks of (cohort, hour, its number).

    Parameters
    ----------
    hour : int
    key : uint64
    room_c : array, shape (cohort,)
        Room temperature at the hour's first instant [degC].
    cold_factor, other_factor : float
        This hour's part of a day's calls, for cold rooms [d] and for other reasons [calls per dwelling].
    shares : array, shape (4,)
        Upper edges in (0, 1] for billing, service, enquiry and wrong number among the other calls.
    first, table, binned, order, rate
        See :func:`tabulate`.
    bound : float32 array, shape (B_ROWS, cohort)
        Most calls per day of each cohort while its room is within a span, kept from hour to hour; see
        :func:`unbounded`. Where the table changes it must be made void (:func:`change_bin`).
    calling : int array, shape (cohort,)
        Scratch.
    keys : int64 array, shape (room for calls,)
        Filled with sorting keys: the second of the hour, then the call's number.
    calls : int array, shape (room for calls, 4)
        Filled with second of the season, dwelling, reason, cohort.

    Returns
    -------
    int
        Number of calls. If there is no room for all, nothing is filled in beyond it and the number is still the whole.
    """
    hour_key = mix(mix(key, _DRAW_HOUR), hour)
    count = 0
    capacity = len(keys)
    found = _find_calling(hour_key, room_c, cold_factor, other_factor, first, table, binned, bound, calling)
    for place in range(found):
        c = int(calling[place])
        dwellings = first[c + 1] - first[c]
        cold = _look_up(table, c, room_c[c]) * cold_factor
        mean = cold + dwellings * other_factor
        mark_key = mix(hour_key, -1 - c)
        for i in range(poisson(uniform(hour_key, c), mean)):
            if count < capacity:
                reason_mark = uniform(mark_key, 3 * i)
                which = uniform(mark_key, 3 * i + 1)
                second = int(uniform(mark_key, 3 * i + 2) * 3600.0)
                if reason_mark * mean < cold:
                    reason = COLD
                    dwelling = choose(which, c, room_c[c], first, table, binned, rate)
                else:
                    share = (reason_mark * mean - cold) / (mean - cold)
                    reason = WRONG
                    if share < shares[0]:
                        reason = BILLING
                    elif share < shares[1]:
                        reason = SERVICE
                    elif share < shares[2]:
                        reason = ENQUIRY
                    dwelling = first[c] + min(int(which * dwellings), dwellings - 1)
                keys[count] = (np.int64(second) << 32) | count
                calls[count, 0] = hour * 3600 + second
                calls[count, 1] = dwelling
                calls[count, 2] = reason
                calls[count, 3] = c
            count += 1
    for i in range(min(count, capacity)):  # apart, so that the look-ups in a large array overlap
        calls[i, 1] = order[calls[i, 1]]
    return count


@njit(cache=True)
def draw_outage(
    epoch: int,
    epoch_s: float,
    key: Any,
    begin_h: float,
    end_h: float,
    since_awake_h: Array,
    told: Array,
    no_heat: Array,
    stopped_s: Array,
    share: float,
    told_share: float,
    delay_h: float,
    first: Array,
    keys: Array,
    calls: Array,
) -> int:
    """Draw the calls of households without heat that begin in one epoch; order and return as :func:`draw_hour`.

    Of each cohort's households the share `share` calls once, exponentially delayed by `delay_h` waking hours since the
    heat stopped; a notice makes the share `told_share` of the calls still to come needless.

    Parameters
    ----------
    epoch, epoch_s : int
        Number and length of the epoch [s].
    begin_h, end_h : float
        Waking hours of the season at the epoch's beginning and end [h].
    since_awake_h : array, shape (cohort,)
        The same clock when the heat stopped [h].
    told, no_heat : arrays of 0 and 1, shape (cohort,)
    stopped_s : array, shape (cohort,)
        Instant at which the heat stopped, which may be in the epoch: nobody calls before [s].
    share, told_share, delay_h : float
    """
    epoch_key = mix(mix(key, _DRAW_OUTAGE), epoch)
    count = 0
    for c in range(len(first) - 1):
        if not no_heat[c]:
            continue
        dwellings = first[c + 1] - first[c]
        begin = max(begin_h - since_awake_h[c], 0.0)
        end = max(end_h - since_awake_h[c], 0.0)
        mean = dwellings * share * (math.exp(-begin / delay_h) - math.exp(-end / delay_h))
        if told[c]:
            mean *= 1.0 - told_share
        mark_key = mix(epoch_key, -1 - c)
        since_s = min(max(stopped_s[c] - epoch * epoch_s, 0.0), epoch_s)
        for i in range(poisson(uniform(epoch_key, c), mean)):
            if count < len(keys):
                second = int(since_s + uniform(mark_key, 2 * i) * (epoch_s - since_s))
                keys[count] = (np.int64(second) << 32) | count
                calls[count, 0] = epoch * epoch_s + second
                calls[count, 1] = first[c] + min(int(uniform(mark_key, 2 * i + 1) * dwellings), dwellings - 1)
                calls[count, 2] = NO_HEAT
                calls[count, 3] = c
            count += 1
    return count
