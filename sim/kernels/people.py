"""The epochs of people in one compiled march: calls are drawn, queued, answered and turned into cases.

One epoch: the roster changes; callers of this epoch (drawn for the hour, from stopped heat, and those who call again)
join the line in order of (second, hour's draws before outage's before repeated ones, order of drawing); the line
is served; each answer becomes an enquiry, a complaint or nothing; the cases take their steps. Outcomes change what is
drawn from the next epoch on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from .cases import begin, begin_call_back, complain_to_authority, open_case, work
from .complaints import COLD, ENQUIRY, NO_HEAT, WRONG, bin_of, change_bin, draw_hour, draw_outage
from .desk import (
    ABANDONED,
    ACCEPTED,
    ANSWERED,
    C_BELOW_SEQ,
    C_FAULT_SEQ,
    C_NO_HEAT,
    C_TOLD,
    D_OFFSET,
    D_OPEN,
    DAY_S,
    DIRECT,
    ENQUIRY_ANSWERED,
    M_AGAIN,
    M_AGAIN_HOUR,
    M_AGAIN_SECOND,
    M_CALL,
    M_CONTENT,
    M_DIRECT,
    M_GIVES_UP_DIRECT,
    M_NEEDS_CALL_BACK,
    N_ABANDONED,
    N_AGAIN,
    N_AGAIN_FREE,
    N_ANSWERED,
    N_CALLS_WAITING,
    N_CASE,
    N_CHANGED,
    N_ENTRIES,
    N_HOUR_CALLS,
    N_HOUR_NEXT,
    N_OFFERED,
    N_QUEUE_FIRST,
    N_QUEUE_LAST,
    N_SLOTS,
    N_STAFF,
    ROW,
    S_CASE,
    S_CHANGED,
    S_COHORT,
    S_DWELLING,
    S_OLD_BIN,
    STAGES,
    Desk,
    case_key,
    inner,
    note,
)
from .hotline import ABANDONED as GAVE_UP
from .hotline import WAITING, serve, staff
from .marks import exponential, lognormal, sort_keys, uniform

Array = npt.NDArray[Any]

__all__ = ["DONE", "MORE_CALLS", "MORE_CASES", "MORE_ENTRIES", "march"]

DONE, MORE_CALLS, MORE_CASES, MORE_ENTRIES = 0, 1, 2, 3
# rows of the arrays of march: by hour; calls; their times; sorting keys
H_COLD, H_OTHER, H_AWAKE, HOUR_ROWS = range(4)
L_HOUR, L_OUTAGE, L_FRESH, L_LINE, L_AGAIN, L_FREE, L_OUTCOME, L_OPEN, LINE_ROWS = 0, 4, 8, 15, 22, 29, 30, 31, 32
T_ARRIVAL, T_PATIENCE, T_HANDLING, T_BEGUN, TIME_ROWS = range(5)
K_HOUR, K_OUTAGE, K_AGAIN, KEY_ROWS = range(4)
# a call, wherever it is kept; as drawn it has the first four rows
AT, DWELLING, REASON, COHORT, HOUR, ATTEMPT, CASE, CALL_ROWS = range(8)

_WRONG_HANDLING = 0.25  # a wrong number takes a quarter of a call's time
_ENTRIES_PER_STEP = 4  # at most: a measurement, its signature, an explanation, a promise


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def march(
    first_epoch: int,
    last_epoch: int,
    count: Array,
    slot: Array,
    buckets: Array,
    entry: Array,
    dwelling: Array,
    order: Array,
    cohort: Array,
    since_awake_h: Array,
    room_c: Array,
    last_row: int,
    first: Array,
    table: Array,
    binned: Array,
    rate: Array,
    shares: Array,
    by_hour: Array,
    roster: Array,
    day_shares: Array,
    line: Array,
    times: Array,
    keys: Array,
    free_s: Array,
    scratch: Array,
    numbers: Any,
) -> tuple[int, int, int]:
    """Run epochs until `last_epoch` (not included), or until some array is too small for the next one.

    Parameters
    ----------
    first_epoch, last_epoch : int
    count, slot, buckets, entry, dwelling, cohort
        See :class:`cases.Desk`.
    since_awake_h : array, shape (cohort,)
        Waking hours of the season when the heat stopped, where it has [h].
    room_c : float32 array, shape (hour, cohort)
        At the hours' first instants, filled up to `last_row` [degC].
    last_row : int
    first, table, binned, order, rate, shares
        See complaints.py.
    by_hour : array, shape (HOUR_ROWS, hour + 1)
        This hour's part of a day's cold calls [d]; other calls per dwelling; waking hours so far [h].
    roster : int array, shape (4, hour)
        Agents, officers, measurers and authority staff on duty; longer than `by_hour`, which ends with the season.
    day_shares : array, shape (24,)
        Cumulative shares of a day's calls by hour of day.
    line : int array, shape (LINE_ROWS, call)
    times : array, shape (TIME_ROWS, call)
    keys : int64 array, shape (KEY_ROWS, call)
        Who waits, who called this hour, who will call again: kept between marches.
    free_s : array, shape (4, staff)
        Heaps of the instants from which each on duty is free [s].
    scratch : int64 array
        At least as long as calls and cases together.
    numbers : record of cases.NUMBERS

    Returns
    -------
    epoch : int
        The epoch not yet run.
    code : int
        DONE, or what must be given more room (or, MORE_ENTRIES, handed over) before going on.
    needed : int
        Columns that array must have at least.
    """
    per_hour = int(3600.0 / numbers.epoch_s)
    hours = by_hour.shape[1] - 1
    on_duty = count[N_STAFF : N_STAFF + 4]
    stopped = cohort[C_NO_HEAT].any()
    for epoch in range(first_epoch, last_epoch):
        begin_s = epoch * numbers.epoch_s
        hour = epoch // per_hour
        room = room_c[min(hour, last_row)]
        desk = Desk(count, slot, buckets, entry, dwelling, cohort, room)
        outage_calls = 0
        if hour < hours:
            if epoch % per_hour == 0:
                found = draw_hour(
                    hour, numbers.key, room, by_hour[H_COLD, hour], by_hour[H_OTHER, hour], shares, first, table,
                    binned, order, rate, keys[K_HOUR], line[L_HOUR : L_HOUR + 4],
                )  # fmt: skip
                if found > keys.shape[1]:
                    return epoch, MORE_CALLS, 2 * found
                sort_keys(keys[K_HOUR], found)
                count[N_HOUR_CALLS] = found
                count[N_HOUR_NEXT] = 0
            if stopped:
                share = (epoch % per_hour) / per_hour
                awake = by_hour[H_AWAKE, hour + 1] - by_hour[H_AWAKE, hour]
                begin_h = by_hour[H_AWAKE, hour] + share * awake
                outage_calls = draw_outage(
                    epoch, numbers.epoch_s, numbers.key, begin_h, begin_h + awake / per_hour, since_awake_h,
                    cohort[C_TOLD], cohort[C_NO_HEAT], numbers.outage_share, numbers.told_share,
                    numbers.outage_delay_h, first, keys[K_OUTAGE], line[L_OUTAGE : L_OUTAGE + 4],
                )  # fmt: skip
        calls = count[N_CALLS_WAITING] + count[N_HOUR_CALLS] - count[N_HOUR_NEXT] + outage_calls + count[N_AGAIN]
        if 2 * calls > keys.shape[1]:  # each may be called again
            return epoch, MORE_CALLS, 4 * calls
        if count[N_SLOTS] + calls > slot.shape[0]:
            return epoch, MORE_CASES, 2 * (count[N_SLOTS] + calls)
        steps = 0
        for stage in range(STAGES):
            steps += buckets[STAGES + stage, epoch]
        for k in range(3):
            steps += count[N_QUEUE_LAST + k] - count[N_QUEUE_FIRST + k]
        entries = count[N_ENTRIES] + _ENTRIES_PER_STEP * 3 * (calls + steps)
        if entries > entry.shape[0]:
            return epoch, MORE_ENTRIES, entries
        for k in range(4):
            on_duty[k] = staff(free_s[k], on_duty[k], roster[k, min(hour, roster.shape[1] - 1)], begin_s)
        _join(epoch, outage_calls, desk, line, times, keys, scratch, numbers)
        last = count[N_CALLS_WAITING]
        serve(
            begin_s + numbers.epoch_s, 0, last, times[T_ARRIVAL], times[T_PATIENCE], times[T_HANDLING],
            free_s[0], on_duty[0], line[L_OUTCOME], times[T_BEGUN],
        )  # fmt: skip
        _settle(last, epoch, hours, day_shares, desk, line, times, keys, numbers)
        work(desk, numbers, epoch, scratch, free_s)
        for k in range(count[N_CHANGED]):
            i = slot[k, S_CHANGED]
            d = slot[i, S_DWELLING]
            change_bin(
                slot[i, S_COHORT],
                d,
                slot[i, S_OLD_BIN],
                bin_of(dwelling[d, D_OFFSET]),
                first,
                table,
                binned,
                order,
                rate,
            )
        count[N_CHANGED] = 0
    return last_epoch, DONE, 0


@inner
def _join(
    epoch: int, outage_calls: int, desk: Desk, line: Array, times: Array, keys: Array, scratch: Array, numbers: Any
) -> None:
    """Put this epoch's callers into the line, in order of arrival."""
    end_s = int((epoch + 1) * numbers.epoch_s)
    count, dwellings, opened = desk.counts, desk.dwelling, line[L_OPEN]
    fresh = line[L_FRESH : L_FRESH + CALL_ROWS]
    n: Any = np.int64(0)
    while count[N_HOUR_NEXT] < count[N_HOUR_CALLS]:
        i = int(keys[K_HOUR, count[N_HOUR_NEXT]] & ROW)
        if line[L_HOUR, i] >= end_s:
            break
        count[N_HOUR_NEXT] += 1
        n = _begin_call(line, np.int64(L_HOUR), n, i)
    for i in range(outage_calls):
        n = _begin_call(line, np.int64(L_OUTAGE), n, i)
    while count[N_AGAIN] > 0 and (keys[K_AGAIN, 0] >> 32) < end_s:
        row = _pop_again(keys[K_AGAIN], line[L_FREE], count)
        for k in range(CALL_ROWS):
            fresh[k, n] = line[L_AGAIN + k, row]
        n += 1
    for i in range(n):
        opened[i] = np.int64(dwellings[fresh[DWELLING, i], D_OPEN])  # apart, so that the look-ups overlap
        scratch[i] = (np.int64(fresh[AT, i]) << 32) | i
    sort_keys(scratch, n)
    last = count[N_CALLS_WAITING]
    for j in range(n):
        i = int(scratch[j] & ROW)
        dwelling, reason, attempt = fresh[DWELLING, i], fresh[REASON, i], fresh[ATTEMPT, i]
        open_slot = opened[i]
        key = case_key(numbers.key, dwelling, fresh[HOUR, i])
        if fresh[CASE, i] >= 0:
            if open_slot != fresh[CASE, i]:
                continue  # the case it would have asked about is closed
        elif attempt == 0 and reason <= NO_HEAT:
            if open_slot >= 0:
                continue  # a household with an open case calls at its own, lower rate
            if uniform(key, M_DIRECT) < numbers.direct_share:
                _go_direct(desk, numbers, dwelling, fresh[COHORT, i], fresh[HOUR, i], float(fresh[AT, i]),
                           _cause(desk.cohort, fresh[COHORT, i]), epoch)  # fmt: skip
                continue
        for k in range(CALL_ROWS):
            line[L_LINE + k, last] = fresh[k, i]
        handling_s = lognormal(uniform(key, M_CALL + 1 + 4 * attempt), numbers.handling_s, numbers.handling_sigma)
        times[T_ARRIVAL, last] = fresh[AT, i]
        times[T_PATIENCE, last] = exponential(uniform(key, M_CALL + 4 * attempt), numbers.patience_s)
        times[T_HANDLING, last] = handling_s * (_WRONG_HANDLING if reason == WRONG else 1.0)
        line[L_OUTCOME, last] = WAITING
        last += 1
        count[N_OFFERED] += 1
    count[N_CALLS_WAITING] = last


@inner
def _begin_call(line: Array, source: int, n: int, i: int) -> int:
    """Copy a drawn call (second, dwelling, reason) to the fresh ones; return their number."""
    for k in range(4):
        line[L_FRESH + k, n] = line[source + k, i]
    line[L_FRESH + HOUR, n] = line[source, i] // 3600
    line[L_FRESH + ATTEMPT, n] = 0
    line[L_FRESH + CASE, n] = -1
    return n + 1


@inner
def _cause(cohort: Array, c: int) -> Any:
    """Return the seq of what a call follows from: the fault that stopped the heat, or the fall below 18 °C, or -1."""
    return cohort[C_FAULT_SEQ, c] if cohort[C_NO_HEAT, c] else cohort[C_BELOW_SEQ, c]


@inner
def _go_direct(desk: Desk, numbers: Any, dwelling: int, c: int, hour: int, at_s: float, cause: int, epoch: int) -> None:
    """Let a dwelling complain to the authority without the operator."""
    case = desk.counts[N_CASE]
    desk.counts[N_CASE] += 1
    i = open_case(desk, case, dwelling, c, DIRECT, hour, at_s, cause)
    complain_to_authority(desk, numbers, i, at_s, epoch)


@inner
def _settle(
    last: int,
    epoch: int,
    hours: int,
    day_shares: Array,
    desk: Desk,
    line: Array,
    times: Array,
    keys: Array,
    numbers: Any,
) -> None:
    """Turn the outcomes of the line into entries and cases; who still waits moves to its front."""
    count, entry, slot = desk.counts, desk.entry, desk.slot
    cohort, dwellings, room_c = desk.cohort, desk.dwelling, desk.room_c
    heap = keys[K_AGAIN]
    waiting = 0
    for row in range(last):
        outcome = line[L_OUTCOME, row]
        if outcome == WAITING:
            for k in range(CALL_ROWS):
                line[L_LINE + k, waiting] = line[L_LINE + k, row]
            for k in range(TIME_ROWS):
                times[k, waiting] = times[k, row]
            line[L_OUTCOME, waiting] = WAITING
            waiting += 1
            continue
        dwelling, reason, hour = line[L_LINE + DWELLING, row], line[L_LINE + REASON, row], line[L_LINE + HOUR, row]
        c, attempt, asked = line[L_LINE + COHORT, row], line[L_LINE + ATTEMPT, row], line[L_LINE + CASE, row]
        at_s = times[T_BEGUN, row]
        wait_s = at_s - times[T_ARRIVAL, row]
        key = case_key(numbers.key, dwelling, hour)
        cause = np.int64(-1)
        if reason <= NO_HEAT:
            cause = cohort[C_FAULT_SEQ, c] if cohort[C_NO_HEAT, c] else cohort[C_BELOW_SEQ, c]
        if outcome == GAVE_UP:
            count[N_ABANDONED] += 1
            case = slot[asked, S_CASE] if asked >= 0 else np.int64(-1)
            seq = note(count, entry, at_s, ABANDONED, case, dwelling, cause, wait_s)
            if attempt < numbers.redial_limit and uniform(key, M_CALL + 2 + 4 * attempt) < numbers.redial_share:
                later_s = at_s + numbers.redial_delay_s * (0.4 + 1.2 * uniform(key, M_CALL + 3 + 4 * attempt))
                _push_again(line, heap, count, later_s, dwelling, reason, c, hour, attempt + 1, asked)
            elif reason <= NO_HEAT and asked < 0 and uniform(key, M_GIVES_UP_DIRECT) < numbers.abandoned_direct_share:
                _go_direct(desk, numbers, dwelling, c, hour, at_s, seq, epoch)
            continue
        count[N_ANSWERED] += 1
        if reason == WRONG:
            note(count, entry, at_s, ANSWERED, np.int64(-1), dwelling, cause, wait_s)
            continue
        i = np.int64(dwellings[dwelling, D_OPEN])
        if i >= 0 and reason != ENQUIRY:  # a word on the open case
            note(count, entry, at_s, ANSWERED, slot[i, S_CASE], dwelling, cause, wait_s)
            _ask_again(i, at_s, dwelling, c, hours, day_shares, line, heap, count, numbers)
            continue
        case = count[N_CASE]
        count[N_CASE] += 1
        seq = note(count, entry, at_s, ANSWERED, case, dwelling, cause, wait_s)
        content = reason == ENQUIRY
        if reason <= NO_HEAT:
            reason = NO_HEAT if cohort[C_NO_HEAT, c] else COLD
            if reason == COLD:
                warm = room_c[c] + dwellings[dwelling, D_OFFSET] >= numbers.standard_c
                content = warm and uniform(key, M_CONTENT) < numbers.advice_share
            else:
                content = cohort[C_TOLD, c] != 0 and uniform(key, M_CONTENT) < numbers.informed_share
        spoken_s = at_s + times[T_HANDLING, row]
        if not content:
            accepted = note(count, entry, at_s, ACCEPTED, case, dwelling, seq, float(reason))
            i = open_case(desk, case, dwelling, c, reason, hour, at_s, accepted)
            begin(desk, numbers, i, at_s, epoch)
            _ask_again(i, at_s, dwelling, c, hours, day_shares, line, heap, count, numbers)
        elif reason == ENQUIRY and uniform(key, M_NEEDS_CALL_BACK) < numbers.callback_share:
            i = open_case(desk, case, dwelling, c, reason, hour, at_s, seq)
            begin_call_back(desk, numbers, i, spoken_s, epoch)
        else:
            note(count, entry, spoken_s, ENQUIRY_ANSWERED, case, dwelling, seq, np.nan)
    count[N_CALLS_WAITING] = waiting


@inner
def _ask_again(
    slot: int,
    at_s: float,
    dwelling: int,
    c: int,
    hours: int,
    day_shares: Array,
    line: Array,
    heap: Array,
    count: Array,
    numbers: Any,
) -> None:
    """Let a household with an open case ask again: an exponential number of days later, at an hour of the profile."""
    if numbers.repeat_per_day <= 0.0:
        return
    key = case_key(numbers.key, dwelling, int(at_s / 3600.0))
    later_s = at_s + exponential(uniform(key, M_AGAIN), DAY_S / numbers.repeat_per_day)
    u = uniform(key, M_AGAIN_HOUR)
    of_day = 0
    while of_day < 23 and day_shares[of_day] < u:
        of_day += 1
    later_s = math.floor(later_s / DAY_S) * DAY_S + (of_day + uniform(key, M_AGAIN_SECOND)) * 3600.0
    if later_s <= at_s:
        later_s += DAY_S
    hour = int(later_s / 3600.0)
    if hour < hours:
        _push_again(line, heap, count, later_s, dwelling, COLD, c, hour, np.int64(0), slot)


@inner
def _push_again(
    line: Array,
    heap: Array,
    count: Array,
    at_s: float,
    dwelling: int,
    reason: int,
    c: int,
    hour: int,
    attempt: int,
    slot: int,
) -> None:
    """Keep a caller who will call (again) later: a column of `line`, and its key in the heap."""
    if count[N_AGAIN_FREE] > 0:
        count[N_AGAIN_FREE] -= 1
        row = np.int64(line[L_FREE, count[N_AGAIN_FREE]])
    else:
        row = count[N_AGAIN]
    line[L_AGAIN + AT, row] = int(at_s)
    line[L_AGAIN + DWELLING, row] = dwelling
    line[L_AGAIN + REASON, row] = reason
    line[L_AGAIN + COHORT, row] = c
    line[L_AGAIN + HOUR, row] = hour
    line[L_AGAIN + ATTEMPT, row] = attempt
    line[L_AGAIN + CASE, row] = slot
    key = (np.int64(at_s) << 32) | row
    i = count[N_AGAIN]
    count[N_AGAIN] += 1
    while i > 0 and heap[(i - 1) // 2] > key:
        heap[i] = heap[(i - 1) // 2]
        i = (i - 1) // 2
    heap[i] = key


@inner
def _pop_again(heap: Array, free: Array, count: Array) -> int:
    """Take the earliest caller out of the heap and return the column, which is free from now on."""
    row = np.int64(heap[0] & ROW)
    count[N_AGAIN] -= 1
    n = count[N_AGAIN]
    key = heap[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = key
    free[count[N_AGAIN_FREE]] = row
    count[N_AGAIN_FREE] += 1
    return int(row)
