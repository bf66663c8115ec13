"""The epochs of people in one compiled march: calls are drawn, queued, answered and turned into cases.

One epoch: the roster changes; callers of this epoch (drawn for the hour, from stopped heat, and those who call again)
join the line in order of (second, hour's draws before outage's before repeated ones, order of drawing); the line is
served; each answer becomes an enquiry, a complaint or nothing; the cases take their steps. Outcomes change what is drawn
from the next epoch on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .cases import (
    ABANDONED,
    ACCEPTED,
    ANSWERED,
    AUTHORITY,
    AUTHORITY_COMPLAINED,
    DAY_S,
    DEADLINE,
    DIRECT,
    ENQUIRY_ANSWERED,
    N_ABANDONED,
    N_AGAIN,
    N_AGAIN_FREE,
    N_ANSWERED,
    N_CALLS_WAITING,
    N_CASE,
    N_ENTRIES,
    N_HOUR_CALLS,
    N_HOUR_NEXT,
    N_OFFERED,
    N_QUEUE_FIRST,
    N_QUEUE_LAST,
    N_SLOTS,
    N_STAFF,
    RESPOND,
    S_CASE,
    S_CLOSED,
    STEP,
    VISIT,
    begin,
    begin_call_back,
    case_key,
    complain_to_authority,
    note,
    open_case,
    work,
)
from .complaints import COLD, ENQUIRY, NO_HEAT, WRONG, draw_hour, draw_outage
from .hotline import ABANDONED as GAVE_UP
from .hotline import ANSWERED as TAKEN
from .hotline import WAITING, serve, staff
from .marks import exponential, lognormal, sort_keys, uniform

__all__ = ["DONE", "MORE_CALLS", "MORE_CASES", "MORE_ENTRIES", "Hours", "Lines", "march"]

DONE, MORE_CALLS, MORE_CASES, MORE_ENTRIES = 0, 1, 2, 3
# rows of Lines.line and Lines.again
L_AT, L_DWELLING, L_REASON, L_HOUR, L_ATTEMPT, L_CASE = range(6)
_WRONG_HANDLING = 0.25  # a wrong number takes a quarter of a call's time
_ENTRIES_PER_STEP = 4  # at most: a measurement, its signature, an explanation, a promise


class Hours(NamedTuple):
    """What the calendar and the rosters say, by hour of the season."""

    cold_factor: np.ndarray  # (hour,): this hour's part of a day's cold calls [d]
    other_factor: np.ndarray  # (hour,): other calls per dwelling in this hour
    awake_h: np.ndarray  # (hour + 1,): waking hours so far [h]
    day_shares: np.ndarray  # (24,): cumulative shares of a day's calls by hour of day
    roster: np.ndarray  # int32 (4, hour): agents, officers, measurers, authority


class Lines(NamedTuple):
    """Who waits on the telephone, and who will call again."""

    hour_keys: np.ndarray  # int64 (call,)
    hour_calls: np.ndarray  # int32 (3, call)
    outage_keys: np.ndarray
    outage_calls: np.ndarray
    fresh: np.ndarray  # int32 (6, call): scratch
    line: np.ndarray  # int32 (6, call)
    arrival_s: np.ndarray  # float64 (call,)
    patience_s: np.ndarray
    handling_s: np.ndarray
    begun_s: np.ndarray
    outcome: np.ndarray  # int8
    again_keys: np.ndarray  # int64 (call,): heap of (second, row of again)
    again: np.ndarray  # int32 (6, call)
    again_free: np.ndarray  # int32 (call,): rows of again that are free


@njit(cache=True)
def march(first_epoch, last_epoch, hours, lines, plan, rooms, numbers, book):
    """Run epochs until `last_epoch` (not included), or until some array is too small for the next one.

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
    on_duty = book.count[N_STAFF : N_STAFF + 4]
    for epoch in range(first_epoch, last_epoch):
        begin_s = epoch * numbers.epoch_s
        hour = epoch // per_hour
        outage_calls = 0
        if hour < len(hours.cold_factor):
            if epoch % per_hour == 0:
                row = min(hour, rooms.last_row)
                found = draw_hour(
                    hour, plan.key, rooms.room_c[row], hours.cold_factor[hour], hours.other_factor[hour], plan.shares,
                    plan.first, rooms.table, rooms.binned, rooms.order, plan.rate, lines.hour_keys, lines.hour_calls,
                )  # fmt: skip
                if found > len(lines.hour_keys):
                    return epoch, MORE_CALLS, found
                sort_keys(lines.hour_keys, found)
                book.count[N_HOUR_CALLS] = found
                book.count[N_HOUR_NEXT] = 0
            share = (epoch % per_hour) / per_hour
            awake = hours.awake_h[hour + 1] - hours.awake_h[hour]
            awake_h = np.array([hours.awake_h[hour] + share * awake, hours.awake_h[hour] + (share + 1 / per_hour) * awake])
            if rooms.no_heat.any():
                outage_calls = draw_outage(
                    epoch, numbers.epoch_s, plan.key, awake_h, rooms.since_awake_h, rooms.told, rooms.no_heat,
                    numbers.outage_share, numbers.told_share, numbers.outage_delay_h, plan.first,
                    lines.outage_keys, lines.outage_calls,
                )  # fmt: skip
        calls = (
            book.count[N_CALLS_WAITING] + book.count[N_HOUR_CALLS] - book.count[N_HOUR_NEXT]
            + outage_calls + book.count[N_AGAIN]
        )  # fmt: skip
        slots = book.count[N_SLOTS] + calls
        # every call waiting or arriving may be called again
        if max(2 * calls, outage_calls) > len(lines.outcome):
            return epoch, MORE_CALLS, 2 * max(2 * calls, outage_calls)
        if slots > book.slot.shape[1]:
            return epoch, MORE_CASES, 2 * slots
        steps = 0
        for stage in (RESPOND, STEP, VISIT, DEADLINE, AUTHORITY):
            steps += book.due[stage, epoch]
        for k in range(3):
            steps += book.count[N_QUEUE_LAST + k] - book.count[N_QUEUE_FIRST + k]
        entries = book.count[N_ENTRIES] + _ENTRIES_PER_STEP * (3 * calls + 3 * steps)
        if entries > len(book.at):
            return epoch, MORE_ENTRIES, entries
        for k in range(4):
            wanted = hours.roster[k, min(hour, hours.roster.shape[1] - 1)]
            on_duty[k] = staff(book.free_s[k], on_duty[k], wanted, begin_s)
        _join(epoch, outage_calls, lines, plan, rooms, numbers, book)
        last = book.count[N_CALLS_WAITING]
        serve(
            begin_s + numbers.epoch_s, 0, last, lines.arrival_s, lines.patience_s, lines.handling_s,
            book.free_s[0], on_duty[0], lines.outcome, lines.begun_s,
        )  # fmt: skip
        waiting = 0
        for row in range(last):
            if lines.outcome[row] == TAKEN:
                _answer(row, epoch, hours, lines, plan, rooms, numbers, book)
            elif lines.outcome[row] == GAVE_UP:
                _give_up(row, epoch, lines, plan, rooms, numbers, book)
            else:
                for k in range(6):
                    lines.line[k, waiting] = lines.line[k, row]
                lines.arrival_s[waiting] = lines.arrival_s[row]
                lines.patience_s[waiting] = lines.patience_s[row]
                lines.handling_s[waiting] = lines.handling_s[row]
                lines.outcome[waiting] = WAITING
                waiting += 1
        book.count[N_CALLS_WAITING] = waiting
        work(book, plan, rooms, numbers, epoch, on_duty)
    return last_epoch, DONE, 0


@njit(cache=True)
def _join(epoch, outage_calls, lines, plan, rooms, numbers, book):
    """Put this epoch's callers into the line, in order of arrival."""
    end_s = int((epoch + 1) * numbers.epoch_s)
    count = book.count
    fresh = lines.fresh
    n = 0
    while count[N_HOUR_NEXT] < count[N_HOUR_CALLS]:
        i = np.int64(lines.hour_keys[count[N_HOUR_NEXT]] & 0x7FFFFFFF)
        if lines.hour_calls[0, i] >= end_s:
            break
        count[N_HOUR_NEXT] += 1
        n = _fresh(fresh, n, lines.hour_calls, i)
    for i in range(outage_calls):
        n = _fresh(fresh, n, lines.outage_calls, i)
    while count[N_AGAIN] > 0 and (lines.again_keys[0] >> 32) < end_s:
        row = _pop_again(lines, count)
        for k in range(6):
            fresh[k, n] = lines.again[k, row]
        n += 1
    keys = book.keys
    for i in range(n):
        keys[i] = (np.int64(fresh[L_AT, i]) << 32) | i
    sort_keys(keys, n)
    last = count[N_CALLS_WAITING]
    for j in range(n):
        i = np.int64(keys[j] & 0x7FFFFFFF)
        dwelling, reason = fresh[L_DWELLING, i], fresh[L_REASON, i]
        open_slot = rooms.open_slot[dwelling]
        key = case_key(plan, dwelling, fresh[L_HOUR, i])
        if fresh[L_CASE, i] >= 0:
            if open_slot != fresh[L_CASE, i]:
                continue  # the case it would have asked about is closed
        elif fresh[L_ATTEMPT, i] == 0 and (reason == COLD or reason == NO_HEAT):
            if open_slot >= 0:
                continue  # a household with an open case calls at its own, lower rate
            if uniform(key, 20) < numbers.direct_share:
                _go_direct(plan, rooms, numbers, book, dwelling, fresh[L_HOUR, i], fresh[L_AT, i],
                           _cause(plan, rooms, dwelling), epoch)  # fmt: skip
                continue
        for k in range(6):
            lines.line[k, last] = fresh[k, i]
        attempt = fresh[L_ATTEMPT, i]
        lines.arrival_s[last] = fresh[L_AT, i]
        lines.patience_s[last] = exponential(uniform(key, 24 + 4 * attempt), numbers.patience_s)
        handling_s = lognormal(uniform(key, 25 + 4 * attempt), numbers.handling_s, numbers.handling_spread)
        lines.handling_s[last] = handling_s * (_WRONG_HANDLING if reason == WRONG else 1.0)
        lines.outcome[last] = WAITING
        last += 1
        count[N_OFFERED] += 1
    count[N_CALLS_WAITING] = last


@njit(cache=True)
def _fresh(fresh, n, calls, i):
    for k in range(3):
        fresh[k, n] = calls[k, i]
    fresh[L_HOUR, n] = calls[0, i] // 3600
    fresh[L_ATTEMPT, n] = 0
    fresh[L_CASE, n] = -1
    return n + 1


@njit(cache=True)
def _cause(plan, rooms, dwelling):
    """Return the seq of what a call follows from: the fault that stopped the heat, or the fall below 18 °C, or -1."""
    c = plan.cohort_of[dwelling]
    return rooms.fault_seq[c] if rooms.no_heat[c] else rooms.below_seq[c]


@njit(cache=True)
def _go_direct(plan, rooms, numbers, book, dwelling, hour, at_s, cause, epoch):
    """Let a dwelling complain to the authority without the operator."""
    case = book.count[N_CASE]
    book.count[N_CASE] += 1
    i = open_case(book, plan, numbers, case, dwelling, plan.cohort_of[dwelling], DIRECT, hour, at_s, cause, epoch)
    complain_to_authority(book, plan, numbers, i, at_s, epoch - 1)


@njit(cache=True)
def _answer(row, epoch, hours, lines, plan, rooms, numbers, book):
    """Turn an answered call into an enquiry, a complaint, a word on an open case, or nothing."""
    line = lines.line
    dwelling, reason, hour = line[L_DWELLING, row], line[L_REASON, row], line[L_HOUR, row]
    c = plan.cohort_of[dwelling]
    at_s = lines.begun_s[row]
    wait_s = at_s - lines.arrival_s[row]
    book.count[N_ANSWERED] += 1
    cause = _cause(plan, rooms, dwelling) if reason <= NO_HEAT else -1
    if reason == WRONG:
        note(book, plan, at_s, ANSWERED, -1, dwelling, -1, wait_s)
        return
    slot = rooms.open_slot[dwelling]
    if slot >= 0 and reason != ENQUIRY:
        note(book, plan, at_s, ANSWERED, book.slot[S_CASE, slot], dwelling, cause, wait_s)
        _perhaps_again(slot, row, epoch, hours, lines, plan, numbers, book)
        return
    case = book.count[N_CASE]
    book.count[N_CASE] += 1
    seq = note(book, plan, at_s, ANSWERED, case, dwelling, cause, wait_s)
    key = case_key(plan, dwelling, hour)
    content = reason == ENQUIRY
    if reason <= NO_HEAT:
        reason = NO_HEAT if rooms.no_heat[c] else COLD
        if reason == COLD:
            last_row = min(int(epoch * numbers.epoch_s / 3600.0), rooms.last_row)
            warm = rooms.room_c[last_row, c] + rooms.offset_k[dwelling] >= numbers.standard_c
            content = warm and uniform(key, 21) < numbers.advice_share
        else:
            content = rooms.told[c] and uniform(key, 21) < numbers.informed_share
    if not content:
        accepted = note(book, plan, at_s, ACCEPTED, case, dwelling, seq, reason)
        i = open_case(book, plan, numbers, case, dwelling, c, reason, hour, at_s, accepted, epoch)
        begin(book, plan, rooms, numbers, i, at_s, epoch)
        _perhaps_again(i, row, epoch, hours, lines, plan, numbers, book)
    elif reason == ENQUIRY and uniform(key, 22) < numbers.callback_share:
        i = open_case(book, plan, numbers, case, dwelling, c, reason, hour, at_s, seq, epoch)
        begin_call_back(book, plan, numbers, i, at_s + lines.handling_s[row], epoch)
    else:
        note(book, plan, at_s + lines.handling_s[row], ENQUIRY_ANSWERED, case, dwelling, seq, np.nan)


@njit(cache=True)
def _give_up(row, epoch, lines, plan, rooms, numbers, book):
    """Note a call that nobody took; the caller tries again, lets it be, or goes to the authority."""
    line = lines.line
    dwelling, hour, attempt = line[L_DWELLING, row], line[L_HOUR, row], line[L_ATTEMPT, row]
    at_s = lines.begun_s[row]
    reason = line[L_REASON, row]
    cause = _cause(plan, rooms, dwelling) if reason <= NO_HEAT else -1
    case = book.slot[S_CASE, line[L_CASE, row]] if line[L_CASE, row] >= 0 else -1
    seq = note(book, plan, at_s, ABANDONED, case, dwelling, cause, at_s - lines.arrival_s[row])
    book.count[N_ABANDONED] += 1
    key = case_key(plan, dwelling, hour)
    if attempt < numbers.redial_limit and uniform(key, 26 + 4 * attempt) < numbers.redial_share:
        delay_s = numbers.redial_delay_s * (0.4 + 1.2 * uniform(key, 27 + 4 * attempt))
        _push_again(lines, book.count, at_s + delay_s, dwelling, reason, hour, attempt + 1, line[L_CASE, row])
    elif reason <= NO_HEAT and case < 0 and uniform(key, 23) < numbers.abandoned_direct_share:
        _go_direct(plan, rooms, numbers, book, dwelling, hour, at_s, seq, epoch + 1)


@njit(cache=True)
def _perhaps_again(slot, row, epoch, hours, lines, plan, numbers, book):
    """Let a household with an open case ask again: after an exponential number of days, at an hour of the day's profile."""
    if numbers.repeat_per_day <= 0.0:
        return
    hour = int(lines.begun_s[row] / 3600.0)
    key = case_key(plan, lines.line[L_DWELLING, row], hour)
    at_s = lines.begun_s[row] + exponential(uniform(key, 60), DAY_S / numbers.repeat_per_day)
    day = int(at_s / DAY_S)
    u = uniform(key, 61)
    of_day = 0
    while of_day < 23 and hours.day_shares[of_day] < u:
        of_day += 1
    at_s = day * DAY_S + (of_day + uniform(key, 62)) * 3600.0
    if at_s <= lines.begun_s[row]:
        at_s += DAY_S
    later_hour = int(at_s / 3600.0)
    if later_hour < len(hours.cold_factor) and book.slot[S_CLOSED, slot] < 0:
        _push_again(lines, book.count, at_s, lines.line[L_DWELLING, row], COLD, later_hour, 0, slot)


@njit(cache=True)
def _push_again(lines, count, at_s, dwelling, reason, hour, attempt, slot):
    """Keep a caller who will call (again) later: a row, and its key in the heap."""
    if count[N_AGAIN_FREE] > 0:
        count[N_AGAIN_FREE] -= 1
        row = np.int64(lines.again_free[count[N_AGAIN_FREE]])
    else:
        row = count[N_AGAIN]
    lines.again[L_AT, row] = int(at_s)
    lines.again[L_DWELLING, row] = dwelling
    lines.again[L_REASON, row] = reason
    lines.again[L_HOUR, row] = hour
    lines.again[L_ATTEMPT, row] = attempt
    lines.again[L_CASE, row] = slot
    key = (np.int64(at_s) << 32) | row
    i = count[N_AGAIN]
    count[N_AGAIN] += 1
    while i > 0 and lines.again_keys[(i - 1) // 2] > key:
        lines.again_keys[i] = lines.again_keys[(i - 1) // 2]
        i = (i - 1) // 2
    lines.again_keys[i] = key


@njit(cache=True)
def _pop_again(lines, count):
    """Take the earliest caller out of the heap and return the row, which is free from now on."""
    keys = lines.again_keys
    row = np.int64(keys[0] & 0x7FFFFFFF)
    count[N_AGAIN] -= 1
    n = count[N_AGAIN]
    key = keys[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i] = keys[child]
        i = child
    keys[i] = key
    lines.again_free[count[N_AGAIN_FREE]] = row
    count[N_AGAIN_FREE] += 1
    return row
