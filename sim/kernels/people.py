"""The epochs of people in one compiled march: calls are drawn, queued, answered and turned into cases.

One epoch: the roster changes; who still waits stands first; then come the callers of this epoch (drawn for the hour,
from stopped heat, and those who call again) in order of (second, hour's draws before outage's before repeated ones,
order of drawing or of standing in line the last time). Each is answered, gives up or waits on before the next one is
looked at; who gives up may call again within the same epoch. Then the cases take their steps. What they bring about
changes what is drawn from the next epoch on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from .again import (
    AT,
    ATTEMPT,
    CASE,
    COHORT,
    DWELLING,
    HOUR,
    K_AGAIN,
    K_HOUR,
    K_OUTAGE,
    K_ROW,
    L_AGAIN,
    L_LINE,
    REASON,
    STOOD,
    ask_again,
    call_again,
    keep,
    pop_again,
)
from .cases import begin, begin_call_back, complain_to_authority, open_case, work
from .complaints import COLD, ENQUIRY, NO_HEAT, WRONG, bin_of, change_bin, draw_hour, draw_outage
from .desk import (
    ABANDONED,
    ACCEPTED,
    ANSWERED,
    C_BELOW_S,
    C_BELOW_SEQ,
    C_FAULT_S,
    C_FAULT_SEQ,
    C_NO_HEAT,
    C_TOLD,
    D_OFFSET,
    D_OPEN,
    DIRECT,
    ENQUIRY_ANSWERED,
    M_CALL,
    M_CONTENT,
    M_DIRECT,
    M_GIVES_UP_DIRECT,
    M_NEEDS_CALL_BACK,
    N_ABANDONED,
    N_AGAIN,
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
    N_TOUCHED,
    ROW,
    S_CASE,
    S_CHANGED,
    S_COHORT,
    S_DWELLING,
    S_OLD_BIN,
    STAGES,
    Desk,
    case_key,
    note,
)
from .hotline import ABANDONED as GAVE_UP
from .hotline import WAITING, outcome_of, soonest, staff, take_first
from .inner import inner, merged
from .marks import exponential, lognormal, sort_spread_keys, uniform

Array = npt.NDArray[Any]

__all__ = ["DONE", "MORE_CALLS", "MORE_CASES", "MORE_ENTRIES", "march"]

DONE, MORE_CALLS, MORE_CASES, MORE_ENTRIES = 0, 1, 2, 3
# rows of the arrays of march: by hour; calls as drawn
H_COLD, H_OTHER, H_AWAKE, HOUR_ROWS = range(4)
D_HOUR, D_OUTAGE, DRAWN_ROWS = range(3)

_WRONG_HANDLING = 0.25  # a wrong number takes a quarter of a call's time
_ENTRIES_PER_STEP = 4  # at most: a measurement, its signature, an explanation, a promise


@njit(cache=True, nogil=True, no_cfunc_wrapper=True, error_model="numpy", _nrt=False)
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
    bound: Array,
    shares: Array,
    by_hour: Array,
    roster: Array,
    day_shares: Array,
    drawn: Array,
    kept: Array,
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
    first, table, binned, order, rate, bound, shares
        See complaints.py.
    by_hour : array, shape (HOUR_ROWS, hour + 1)
        This hour's part of a day's cold calls [d]; other calls per dwelling; waking hours so far [h].
    roster : int array, shape (4, hour)
        Agents, officers, measurers and authority staff on duty; longer than `by_hour`, which ends with the season.
    day_shares : array, shape (24,)
        Cumulative shares of a day's calls by hour of day.
    drawn : int32 array, shape (DRAWN_ROWS, call, 4)
        Who calls this hour, and in this epoch from stopped heat.
    kept : int64 array, shape (KEPT_ROWS, call, CALL_COLUMNS)
        Who waits in the line, and who will call again; with `drawn` and `keys` kept between marches.
    keys : int64 array, shape (KEY_ROWS, call)
        Sorting keys of those drawn; heap of those who will call again, and where each is kept.
    free_s : array, shape (4, staff)
        Heaps of the instants from which each on duty is free [s].
    scratch : int64 array
        At least as long as the cases, as the cohorts, and as `keys` twice and one more.
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
                    binned, order, rate, bound, scratch, keys[K_HOUR], drawn[D_HOUR],
                )  # fmt: skip
                if found > keys.shape[1]:
                    return epoch, MORE_CALLS, 2 * found
                sort_spread_keys(keys[K_HOUR], found, 3600, scratch)
                count[N_TOUCHED] = _touch(dwelling, drawn[D_HOUR], found)
                count[N_HOUR_CALLS] = found
                count[N_HOUR_NEXT] = 0
            if stopped:
                share = (epoch % per_hour) / per_hour
                awake = by_hour[H_AWAKE, hour + 1] - by_hour[H_AWAKE, hour]
                begin_h = by_hour[H_AWAKE, hour] + share * awake
                outage_calls = draw_outage(
                    epoch, numbers.epoch_s, numbers.key, begin_h, begin_h + awake / per_hour, since_awake_h,
                    cohort[C_TOLD], cohort[C_NO_HEAT], cohort[C_FAULT_S], numbers.outage_share, numbers.told_share,
                    numbers.outage_delay_h, first, keys[K_OUTAGE], drawn[D_OUTAGE],
                )  # fmt: skip
                if outage_calls > keys.shape[1]:
                    return epoch, MORE_CALLS, 2 * outage_calls
                sort_spread_keys(keys[K_OUTAGE], outage_calls, int(numbers.epoch_s), scratch)
                count[N_TOUCHED] = _touch(dwelling, drawn[D_OUTAGE], outage_calls)
        if count[N_AGAIN] > 0:
            until_s = begin_s + numbers.epoch_s
            count[N_TOUCHED] = _touch_again(dwelling, kept[L_AGAIN], keys, count[N_AGAIN], until_s, scratch)
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
        entries = count[N_ENTRIES] + _ENTRIES_PER_STEP * 3 * (calls + steps) + int(numbers.redial_limit) * calls
        if entries > entry.shape[0]:
            return epoch, MORE_ENTRIES, entries
        for k in range(4):
            on_duty[k] = staff(free_s[k], on_duty[k], roster[k, min(hour, roster.shape[1] - 1)], begin_s)
        _take_calls(epoch, hours, outage_calls, day_shares, desk, drawn, kept, keys, free_s[0], numbers)
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
                bound,
            )
        count[N_CHANGED] = 0
    return last_epoch, DONE, 0


@inner
def _touch(dwelling: Array, drawn: Array, calls: int) -> int:
    """Look at the callers' dwellings together, so that fetching them overlaps; one by one it is the dearest step."""
    opened = 0
    for i in range(calls):
        opened += dwelling[drawn[i, DWELLING], D_OPEN] >= 0
    return opened


@inner
def _touch_again(dwelling: Array, again: Array, keys: Array, waiting: int, before_s: float, scratch: Array) -> int:
    """Look together at the dwellings of those who will call again before an instant: the heap from its top down."""
    found = np.int64(keys[K_AGAIN, 0] >> 32 < before_s)
    scratch[0], place, opened = 0, 0, 0
    while place < found:
        for child in range(2 * scratch[place] + 1, min(2 * scratch[place] + 3, waiting)):
            if keys[K_AGAIN, child] >> 32 < before_s:
                scratch[found] = child
                found += 1
        place += 1
    for i in range(found):
        opened += dwelling[again[keys[K_ROW, scratch[i]], DWELLING], D_OPEN] >= 0
    return opened


@merged
def _take_calls(
    epoch: int,
    hours: int,
    outage_calls: int,
    day_shares: Array,
    desk: Desk,
    drawn: Array,
    kept: Array,
    keys: Array,
    free_s: Array,
    numbers: Any,
) -> None:
    """Look at one caller after the other: who waits already, then who calls in this epoch, in order of arrival."""
    count, line = desk.counts, kept[L_LINE]
    end_s = (epoch + 1) * numbers.epoch_s
    hour_s = np.int64(epoch * numbers.epoch_s / 3600.0) * 3600
    epoch_begin_s = np.int64(epoch * numbers.epoch_s)
    on_duty = count[N_STAFF]
    row, waiting, outage, still = np.int64(0), count[N_CALLS_WAITING], np.int64(0), np.int64(0)
    while True:
        if row < waiting:
            at, dwelling, reason, c = line[row, AT], line[row, DWELLING], line[row, REASON], line[row, COHORT]
            hour, attempt, asked, stood = line[row, HOUR], line[row, ATTEMPT], line[row, CASE], line[row, STOOD]
            key = case_key(numbers.key, dwelling, hour)
            row += 1
        else:
            at, source = np.int64(end_s), np.int64(-1)
            if count[N_HOUR_NEXT] < count[N_HOUR_CALLS]:
                drawn_at = hour_s + (keys[K_HOUR, count[N_HOUR_NEXT]] >> 32)
                if drawn_at < at:
                    at, source = drawn_at, np.int64(D_HOUR)
            if outage < outage_calls:
                drawn_at = epoch_begin_s + (keys[K_OUTAGE, outage] >> 32)
                if drawn_at < at:
                    at, source = drawn_at, np.int64(D_OUTAGE)
            if count[N_AGAIN] > 0 and (keys[K_AGAIN, 0] >> 32) < at:
                i = pop_again(keys, kept[L_AGAIN], count)
                again = kept[L_AGAIN]
                at, dwelling, reason, c = again[i, AT], again[i, DWELLING], again[i, REASON], again[i, COHORT]
                hour, attempt, asked = again[i, HOUR], again[i, ATTEMPT], again[i, CASE]
            elif source < 0:
                break
            else:
                place = count[N_HOUR_NEXT] if source == D_HOUR else outage
                i = np.int64(keys[source, place] & ROW)
                dwelling, reason = np.int64(drawn[source, i, DWELLING]), np.int64(drawn[source, i, REASON])
                c = np.int64(drawn[source, i, COHORT])
                hour, attempt, asked = at // 3600, np.int64(0), np.int64(-1)
                if source == D_HOUR:
                    count[N_HOUR_NEXT] += 1
                else:
                    outage += 1
            open_slot = np.int64(desk.dwelling[dwelling, D_OPEN])
            key = case_key(numbers.key, dwelling, hour)
            if asked >= 0:
                if open_slot != asked:
                    continue  # the case it would have asked about is closed
            elif attempt == 0 and reason <= NO_HEAT:
                if open_slot >= 0:
                    continue  # a household with an open case calls at its own, lower rate
                if uniform(key, M_DIRECT) < numbers.direct_share:
                    cause = _cause(desk, numbers, reason, dwelling, c, float(at))
                    _go_direct(desk, numbers, dwelling, c, hour, float(at), cause, epoch)
                    continue
            stood = np.int64(count[N_OFFERED])
            count[N_OFFERED] += 1
        start_s = soonest(free_s, on_duty, float(at))
        deadline_s = float(at)
        if start_s > deadline_s:  # nobody is free: patience matters
            deadline_s += exponential(uniform(key, M_CALL + 4 * attempt), numbers.patience_s)
        outcome = outcome_of(start_s, deadline_s, end_s)
        if outcome == WAITING:
            keep(line, still, at, dwelling, reason, c, hour, attempt, asked, stood)
            still += 1
        elif outcome == GAVE_UP:
            _give_up(
                deadline_s, key, at, dwelling, reason, c, hour, attempt, asked, stood, epoch, desk, kept, keys, numbers
            )
        else:
            u = uniform(key, M_CALL + 1 + 4 * attempt)
            handling_s = lognormal(u, numbers.handling_s, numbers.handling_sigma)
            if reason == WRONG:
                handling_s *= _WRONG_HANDLING
            take_first(free_s, on_duty, start_s + handling_s)
            _answer(start_s, handling_s, key, at, dwelling, reason, c, hour, stood, epoch, hours, day_shares, desk,
                    kept, keys, numbers)  # fmt: skip
    count[N_CALLS_WAITING] = still


@merged
def _give_up(
    at_s: float,
    key: Any,
    arrived: int,
    dwelling: int,
    reason: int,
    c: int,
    hour: int,
    attempt: int,
    asked: int,
    stood: int,
    epoch: int,
    desk: Desk,
    kept: Array,
    keys: Array,
    numbers: Any,
) -> None:
    """Note a caller who gives up; some try again, some go to the authority."""
    count = desk.counts
    count[N_ABANDONED] += 1
    case = desk.slot[asked, S_CASE] if asked >= 0 else np.int64(-1)
    cause = _cause(desk, numbers, reason, dwelling, c, at_s)
    seq = note(count, desk.entry, at_s, ABANDONED, case, dwelling, cause, at_s - arrived)
    if attempt < numbers.redial_limit and uniform(key, M_CALL + 2 + 4 * attempt) < numbers.redial_share:
        later_s = at_s + numbers.redial_delay_s * (0.4 + 1.2 * uniform(key, M_CALL + 3 + 4 * attempt))
        call_again(later_s, dwelling, reason, c, hour, attempt + 1, asked, stood, kept[L_AGAIN], keys, count)
    elif reason <= NO_HEAT and asked < 0 and uniform(key, M_GIVES_UP_DIRECT) < numbers.abandoned_direct_share:
        _go_direct(desk, numbers, dwelling, c, hour, at_s, seq, epoch)


@merged
def _answer(
    at_s: float,
    handling_s: float,
    key: Any,
    arrived: int,
    dwelling: int,
    reason: int,
    c: int,
    hour: int,
    stood: int,
    epoch: int,
    hours: int,
    day_shares: Array,
    desk: Desk,
    kept: Array,
    keys: Array,
    numbers: Any,
) -> None:
    """Note an answer and what comes of it: a word on an open case, an enquiry, a complaint, or nothing."""
    count, entry, cohort = desk.counts, desk.entry, desk.cohort
    count[N_ANSWERED] += 1
    wait_s = at_s - arrived
    cause = _cause(desk, numbers, reason, dwelling, c, at_s)
    if reason == WRONG:
        note(count, entry, at_s, ANSWERED, np.int64(-1), dwelling, cause, wait_s)
        return
    i = np.int64(desk.dwelling[dwelling, D_OPEN])
    if i >= 0 and reason != ENQUIRY:  # a word on the open case
        note(count, entry, at_s, ANSWERED, desk.slot[i, S_CASE], dwelling, cause, wait_s)
        ask_again(i, at_s, dwelling, c, stood, epoch, hours, day_shares, kept[L_AGAIN], keys, count, numbers)
        return
    case = count[N_CASE]
    count[N_CASE] += 1
    seq = note(count, entry, at_s, ANSWERED, case, dwelling, cause, wait_s)
    content = reason == ENQUIRY
    topic: Any = reason
    if reason <= NO_HEAT:  # by what is found, not by what was said
        topic = NO_HEAT if _stopped(cohort, c, at_s) else COLD
        if topic == COLD:
            warm = desk.room_c[c] + desk.dwelling[dwelling, D_OFFSET] >= numbers.standard_c
            content = warm and uniform(key, M_CONTENT) < numbers.advice_share
        else:
            content = cohort[C_TOLD, c] != 0 and uniform(key, M_CONTENT) < numbers.informed_share
    if not content:
        accepted = note(count, entry, at_s, ACCEPTED, case, dwelling, seq, float(topic))
        i = open_case(desk, case, dwelling, c, topic, hour, at_s, accepted)
        begin(desk, numbers, i, at_s, epoch)
        ask_again(i, at_s, dwelling, c, stood, epoch, hours, day_shares, kept[L_AGAIN], keys, count, numbers)
    elif reason == ENQUIRY and uniform(key, M_NEEDS_CALL_BACK) < numbers.callback_share:
        i = open_case(desk, case, dwelling, c, reason, hour, at_s, seq)
        begin_call_back(desk, numbers, i, at_s + handling_s, epoch)
    else:
        note(count, entry, at_s + handling_s, ENQUIRY_ANSWERED, case, dwelling, seq, np.nan)


@inner
def _cause(desk: Desk, numbers: Any, reason: int, dwelling: int, c: int, at_s: float) -> Any:
    """Return the seq of what a call follows from: the fault that stopped the heat, or the fall below 18 °C, or -1.

    A dwelling that its own fault makes colder than the common trouble does calls for its own: what it lacks of the
    standard when all is well counts against what its neighbours lack of what is usual.
    """
    if reason > NO_HEAT:
        return np.int64(-1)
    cohort = desk.cohort
    fault = _stopped(cohort, c, at_s)
    own_k = numbers.standard_c - numbers.usual_c - desk.dwelling[dwelling, D_OFFSET]
    if own_k > 0.0 and own_k >= numbers.usual_c - desk.room_c[c] and not (fault and reason == NO_HEAT):
        return np.int64(-1)
    if not fault and at_s < cohort[C_BELOW_S, c]:  # it was to come
        return np.int64(-1)
    return cohort[C_FAULT_SEQ, c] if fault else cohort[C_BELOW_SEQ, c]


@inner
def _stopped(cohort: Array, c: int, at_s: float) -> bool:
    """Return whether a cohort's heat had stopped by an instant: its state is that of an epoch that may begin before."""
    return bool(cohort[C_NO_HEAT, c] != 0 and at_s >= cohort[C_FAULT_S, c])


@inner
def _go_direct(desk: Desk, numbers: Any, dwelling: int, c: int, hour: int, at_s: float, cause: int, epoch: int) -> None:
    """Let a dwelling complain to the authority without the operator."""
    case = desk.counts[N_CASE]
    desk.counts[N_CASE] += 1
    i = open_case(desk, case, dwelling, c, DIRECT, hour, at_s, cause)
    complain_to_authority(desk, numbers, i, at_s, epoch)
