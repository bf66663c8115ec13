"""What becomes of an accepted complaint: response, triage, visit, measurement, remedy, closing, the authority.

A case is a column of :class:`Book` arrays, moved by dated steps. Steps wait in buckets of one epoch each (a linked list
per stage and epoch); in an epoch they are taken in order of (instant, case), so the outcome does not depend on how they
came there. Three stages need hands and stand in line for them, first come first served: case officers (responses),
measurers (visits) and the authority's staff. Every draw is a mark of (dwelling, hour of the first call, purpose).

The stages of one epoch run in the order of their numbers, so that a response can lead to a visit within the same epoch;
whatever leads backwards acts in the next one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from .complaints import BILLING, SERVICE, change_offset
from .hotline import take_first
from .marks import exponential, lognormal, mix, normal, sort_keys, uniform

# kinds of entries, in the order of `codes`
(ANSWERED, ABANDONED, ENQUIRY_ANSWERED, ACCEPTED, RESPONDED, REQUESTED, VISITED, SIGNED, DISPUTED, THIRD_PARTY, ACTION,
 REMEDIED, CLOSED, DELAY_EXPLAINED, CAUSE_EXPLAINED, AUTHORITY_COMPLAINED, AUTHORITY_HANDLED, AUTHORITY_TOLD) = range(18)  # fmt: skip
# true causes
FAULT, OPERATOR, SHORTAGE, USER, MEETS, OTHER, ESTATE = range(7)
# stages, each with buckets
RESPOND, STEP, VISIT, DEADLINE, AUTHORITY = range(5)
_LANE = (0, 0, 0, 1, 2)  # a case waits at most once in each lane
# what a STEP is about to do
_RESTORED, _RECOVERED, _ACT, _REMEDY, _THIRD, _CLOSE, _CALL_BACK, _GONE = range(8)
# rows of Book.slot
(S_DWELLING, S_COHORT, S_CASE, S_TOPIC, S_HOUR, S_ACCEPTED, S_STEP, S_AT, S_CAUSE, S_SEQ_ACCEPTED, S_SEQ_LAST,
 S_SEQ_MEASURED, S_CONFIRMED, S_ENDED, S_DEADLINE, S_ROUND, S_AUTHORITY, S_AUTHORITY_AT, S_CLOSED, SLOT_ROWS) = range(20)  # fmt: skip
DIRECT = 9  # topic of a complaint that went to the authority without the operator
# rows of Book.count
(N_CALLS_WAITING, N_HOUR_CALLS, N_HOUR_NEXT, N_AGAIN, N_AGAIN_FREE, N_SLOTS, N_CASE, N_SEQ, N_ENTRIES, N_OFFERED,
 N_ANSWERED, N_ABANDONED, N_OPENED, N_CLOSED, N_EXPLAINED, N_CALL_BACKS, N_CALL_BACKS_DONE, N_AUTHORITY, N_AUTHORITY_TOLD,
 N_VISITS, N_REMEDIES, N_STAFF, N_QUEUE_FIRST, N_QUEUE_LAST, COUNT_ROWS) = (*range(21), 21, 25, 28, 31)  # fmt: skip

DAY_S = 86_400.0
_ROUNDS = 3  # remedies tried before the case is treated as a shortage
_CASE = 21  # purpose of marks


class Numbers(NamedTuple):
    """What people do, in numbers; the settings of world/hotline.py say what each means and where it is from."""

    epoch_s: float
    standard_c: float
    handling_s: float
    handling_spread: float
    patience_s: float
    redial_share: float
    redial_delay_s: float
    redial_limit: float
    repeat_per_day: float
    outage_share: float
    outage_delay_h: float
    told_share: float
    advice_share: float
    informed_share: float
    callback_share: float
    callback_s: float
    response_s: float
    response_spread: float
    response_handling_s: float
    phone_share: float
    measurement_share: float
    visit_s: float
    travel_s: float
    nobody_home_share: float
    reading_error_k: float
    dispute_share: float
    third_party_s: float
    user_cause_share: float
    estate_cause_share: float
    remedy_s: float
    remedy_spread: float
    remedy_gain_k: float
    remedy_fails_share: float
    answer_s: float
    close_s: float
    limit_s: float
    explain_lead_s: float
    explain_share: float
    promise_s: float
    escalate_share: float
    direct_share: float
    abandoned_direct_share: float
    authority_s: float
    authority_spread: float
    authority_handling_s: float


class Plan(NamedTuple):
    """What stands all season: the key of all marks, who lives where, the hazard, the codes of the entries."""

    key: np.uint64
    first: np.ndarray  # int32 (cohort + 1,)
    cohort_of: np.ndarray  # int32 (dwelling,)
    rate: np.ndarray  # see complaints.hazard
    shares: np.ndarray  # see complaints.draw_hour
    codes: np.ndarray  # int16 (kinds,)
    first_subject: int  # subject of dwelling 0


class Rooms(NamedTuple):
    """What is true of the dwellings and cohorts while the epochs of one call run."""

    offset_k: np.ndarray  # float32 (dwelling,): changed by remedies
    table: np.ndarray
    binned: np.ndarray
    order: np.ndarray
    open_slot: np.ndarray  # int32 (dwelling,): the open case, or -1
    room_c: np.ndarray  # float32 (hour, cohort)
    no_heat: np.ndarray  # bool (cohort,)
    short: np.ndarray  # bool (cohort,)
    told: np.ndarray  # bool (cohort,)
    since_awake_h: np.ndarray  # (cohort,)
    fault_seq: np.ndarray  # int32 (cohort,)
    below_seq: np.ndarray  # int32 (cohort,)
    last_row: int  # of room_c that is filled
    heating_until_s: float


class Book(NamedTuple):
    """The cases, their steps, the lines for hands, and the entries to be handed over."""

    count: np.ndarray  # int64 (COUNT_ROWS,)
    slot: np.ndarray  # int32 (SLOT_ROWS, case)
    following: np.ndarray  # int32 (lane, case)
    buckets: np.ndarray  # int32 (stage, epoch): first case, -1 none
    due: np.ndarray  # int32 (stage, epoch): how many
    queue: np.ndarray  # int32 (3, case): lines of officers, measurers, authority
    free_s: np.ndarray  # float64 (4, staff): heaps of agents, officers, measurers, authority
    keys: np.ndarray  # int64 (room for sorting,)
    at: np.ndarray  # int32 (entry,)
    what: np.ndarray  # int16
    case: np.ndarray  # int32
    subject: np.ndarray  # int32
    cause: np.ndarray  # int32
    value: np.ndarray  # float64


@njit(cache=True)
def note(book, plan, at_s, kind, case, dwelling, cause, value):
    """Append an entry and return its seq."""
    n = book.count[N_ENTRIES]
    book.at[n] = int(at_s)
    book.what[n] = plan.codes[kind]
    book.case[n] = case
    book.subject[n] = plan.first_subject + dwelling
    book.cause[n] = cause
    book.value[n] = value
    book.count[N_ENTRIES] = n + 1
    return book.count[N_SEQ] + n


@njit(cache=True)
def schedule(book, stage, i, at_s, earliest_epoch, epoch_s):
    """Put a case's next step of a stage into the bucket of its epoch; beyond the last epoch it stays open."""
    lane = _LANE[stage]
    book.slot[S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT), i] = int(at_s)
    epoch = max(int(at_s / epoch_s), earliest_epoch)
    if epoch < book.buckets.shape[1]:
        book.following[lane, i] = book.buckets[stage, epoch]
        book.buckets[stage, epoch] = i
        book.due[stage, epoch] += 1


@njit(cache=True)
def _gather(book, stage, epoch):
    """Sort the keys (instant, case) of an epoch's steps into book.keys and return their number."""
    row = S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT)
    lane = _LANE[stage]
    n = 0
    i = book.buckets[stage, epoch]
    while i >= 0:
        book.keys[n] = (np.int64(book.slot[row, i]) << 32) | i
        n += 1
        i = book.following[lane, i]
    sort_keys(book.keys, n)
    return n


@njit(cache=True)
def case_key(plan, dwelling, hour):
    """Return the key of the marks of whatever this dwelling began in this hour."""
    return mix(mix(mix(plan.key, _CASE), dwelling), hour)


@njit(cache=True)
def open_case(book, plan, numbers, case, dwelling, cohort, topic, hour, at_s, seq, epoch):
    """Enter a case and return its column; its first steps are the caller's to schedule."""
    i = book.count[N_SLOTS]
    book.count[N_SLOTS] = i + 1
    slot = book.slot
    slot[S_DWELLING, i] = dwelling
    slot[S_COHORT, i] = cohort
    slot[S_CASE, i] = case
    slot[S_TOPIC, i] = topic
    slot[S_HOUR, i] = hour
    slot[S_ACCEPTED, i] = int(at_s)
    slot[S_STEP, i] = _GONE
    slot[S_CAUSE, i] = OTHER
    slot[S_SEQ_ACCEPTED, i] = seq
    slot[S_SEQ_LAST, i] = seq
    slot[S_SEQ_MEASURED, i] = -1
    slot[S_CONFIRMED, i] = -1
    slot[S_ENDED, i] = -1
    slot[S_ROUND, i] = 0
    slot[S_AUTHORITY, i] = 0
    slot[S_CLOSED, i] = -1
    return i


@njit(cache=True)
def begin(book, plan, rooms, numbers, i, at_s, epoch):
    """Start the clocks of an accepted complaint: the response, and the day on which a delay would have to be explained."""
    slot = book.slot
    book.count[N_OPENED] += 1
    rooms.open_slot[slot[S_DWELLING, i]] = i
    u = uniform(case_key(plan, slot[S_DWELLING, i], slot[S_HOUR, i]), 0)
    ready = at_s + lognormal(u, numbers.response_s, numbers.response_spread)
    schedule(book, RESPOND, i, ready, epoch, numbers.epoch_s)
    first_look_s = at_s + min(numbers.promise_s, numbers.limit_s - numbers.explain_lead_s)
    schedule(book, DEADLINE, i, first_look_s, epoch + 1, numbers.epoch_s)
    slot[S_DEADLINE, i] = int(at_s + numbers.limit_s - numbers.explain_lead_s)


@njit(cache=True)
def begin_call_back(book, plan, numbers, i, at_s, epoch):
    """Start an enquiry that the agent could not answer at once."""
    book.count[N_CALL_BACKS] += 1
    book.slot[S_STEP, i] = _CALL_BACK
    u = uniform(case_key(plan, book.slot[S_DWELLING, i], book.slot[S_HOUR, i]), 1)
    schedule(book, STEP, i, at_s + exponential(u, numbers.callback_s), epoch, numbers.epoch_s)


@njit(cache=True)
def complain_to_authority(book, plan, numbers, i, at_s, epoch):
    """Let the dwelling go to the authority at an instant, once per case."""
    if book.slot[S_AUTHORITY, i] == 0:
        book.slot[S_AUTHORITY, i] = 1
        schedule(book, AUTHORITY, i, at_s, epoch + 1, numbers.epoch_s)


@njit(cache=True)
def work(book, plan, rooms, numbers, epoch, on_duty):
    """Do one epoch of all cases.

    Parameters
    ----------
    book, plan, rooms, numbers
        Changed in place: book, and the dwellings' offsets in rooms.
    epoch : int
    on_duty : int64 array, shape (4,)
        Agents, officers, measurers and authority staff on duty; their heaps stand in ``book.free_s``.
    """
    begin_s = epoch * numbers.epoch_s
    end_s = begin_s + numbers.epoch_s
    slot = book.slot
    for line in range(3):
        stage = RESPOND if line == 0 else (VISIT if line == 1 else AUTHORITY)
        if stage == VISIT:
            for k in range(_gather(book, STEP, epoch)):
                _take_step(book, plan, rooms, numbers, np.int64(book.keys[k] & 0x7FFFFFFF), epoch)
        if stage == AUTHORITY:
            for k in range(_gather(book, DEADLINE, epoch)):
                _check_deadline(book, plan, rooms, numbers, np.int64(book.keys[k] & 0x7FFFFFFF), epoch)
        last = book.count[N_QUEUE_LAST + line]
        for k in range(_gather(book, stage, epoch)):
            i = np.int64(book.keys[k] & 0x7FFFFFFF)
            if stage != AUTHORITY or _queues_at_authority(book, plan, numbers, i, epoch):
                book.queue[line, last] = i
                last += 1
        first = book.count[N_QUEUE_FIRST + line]
        free_s = book.free_s[line + 1]
        while first < last and on_duty[line + 1] > 0:
            i = np.int64(book.queue[line, first])
            ready = slot[S_AUTHORITY_AT, i] if stage == AUTHORITY else slot[S_AT, i]
            start = max(float(ready), free_s[0], begin_s)
            if start >= end_s:
                break
            first += 1
            if stage == RESPOND:
                take_first(free_s, on_duty[1], start + numbers.response_handling_s)
                _respond(book, plan, rooms, numbers, i, start, epoch)
            elif stage == VISIT:
                take_first(free_s, on_duty[2], start + numbers.travel_s + numbers.visit_s)
                _visit(book, plan, rooms, numbers, i, start + numbers.travel_s, epoch)
            else:
                take_first(free_s, on_duty[3], start + numbers.authority_handling_s)
                _authority_handles(book, plan, numbers, i, start + numbers.authority_handling_s)
        if first > 0 and first * 2 >= last:  # move the rest of the line to the front
            for k in range(last - first):
                book.queue[line, k] = book.queue[line, first + k]
            last -= first
            first = 0
        book.count[N_QUEUE_FIRST + line] = first
        book.count[N_QUEUE_LAST + line] = last


@njit(cache=True)
def room_of(rooms, i, slot, epoch, epoch_s):
    """Return the temperature of a case's dwelling at the first instant of the epoch's hour [degC]."""
    row = min(int(epoch * epoch_s / 3600.0), rooms.last_row)
    return float(rooms.room_c[row, slot[S_COHORT, i]]) + float(rooms.offset_k[slot[S_DWELLING, i]])


@njit(cache=True)
def _key(book, plan, i):
    return case_key(plan, book.slot[S_DWELLING, i], book.slot[S_HOUR, i])


@njit(cache=True)
def _next(book, plan, numbers, i, step, at_s, epoch):
    book.slot[S_STEP, i] = step
    schedule(book, STEP, i, at_s, epoch, numbers.epoch_s)


@njit(cache=True)
def _say(book, plan, i, at_s, kind, cause, value):
    return note(book, plan, at_s, kind, book.slot[S_CASE, i], book.slot[S_DWELLING, i], cause, value)


@njit(cache=True)
def _respond(book, plan, rooms, numbers, i, at_s, epoch):
    slot = book.slot
    c = slot[S_COHORT, i]
    key = _key(book, plan, i)
    seq = _say(book, plan, i, at_s, RESPONDED, slot[S_SEQ_ACCEPTED, i], np.nan)
    slot[S_SEQ_LAST, i] = seq
    answered_s = at_s + exponential(uniform(key, 2), numbers.answer_s)
    if slot[S_TOPIC, i] == BILLING or slot[S_TOPIC, i] == SERVICE:
        _next(book, plan, numbers, i, _CLOSE, answered_s, epoch)
    elif rooms.no_heat[c]:
        _await_restoration(book, plan, numbers, i, at_s, epoch)
    elif rooms.short[c] and uniform(key, 3) >= numbers.measurement_share:
        _promise(book, plan, rooms, numbers, i, at_s, epoch)
    elif (
        not rooms.short[c]
        and room_of(rooms, i, slot, epoch, numbers.epoch_s) >= numbers.standard_c
        and uniform(key, 4) < numbers.phone_share
    ):
        slot[S_CAUSE, i] = MEETS
        _next(book, plan, numbers, i, _CLOSE, answered_s, epoch)
    else:
        slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, REQUESTED, seq, np.nan)
        schedule(book, VISIT, i, at_s, epoch, numbers.epoch_s)


@njit(cache=True)
def _await_restoration(book, plan, numbers, i, at_s, epoch):
    book.slot[S_CAUSE, i] = FAULT
    book.slot[S_ROUND, i] += 1
    u = uniform(_key(book, plan, i), 64 + book.slot[S_ROUND, i])
    _next(book, plan, numbers, i, _RESTORED, at_s + 3600.0 * (1.0 + u), epoch + 1)


@njit(cache=True)
def _promise(book, plan, rooms, numbers, i, at_s, epoch):
    """Tell why and until when, where nothing can be done at the dwelling, and look again every six hours."""
    slot = book.slot
    slot[S_CAUSE, i] = SHORTAGE
    promised = at_s + numbers.promise_s
    slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, DELAY_EXPLAINED, slot[S_SEQ_LAST, i], promised)
    slot[S_DEADLINE, i] = int(promised)
    _next(book, plan, numbers, i, _RECOVERED, at_s + 21_600.0, epoch + 1)


@njit(cache=True)
def _visit(book, plan, rooms, numbers, i, at_s, epoch):
    slot = book.slot
    key = _key(book, plan, i)
    slot[S_ROUND, i] += 1
    turn = slot[S_ROUND, i]
    if turn < 4 and uniform(key, 128 + turn) < numbers.nobody_home_share:
        schedule(book, VISIT, i, at_s + 14_400.0 * (1.0 + uniform(key, 192 + turn)), epoch + 1, numbers.epoch_s)
        return
    slot[S_ROUND, i] = 0
    book.count[N_VISITS] += 1
    measured = room_of(rooms, i, slot, epoch, numbers.epoch_s) + numbers.reading_error_k * normal(uniform(key, 5))
    seq = _say(book, plan, i, at_s, VISITED, slot[S_SEQ_LAST, i], measured)
    slot[S_SEQ_MEASURED, i] = seq
    end_s = at_s + numbers.visit_s
    disputed = measured >= numbers.standard_c and uniform(key, 6) < numbers.dispute_share
    if disputed:
        slot[S_SEQ_LAST, i] = _say(book, plan, i, end_s, DISPUTED, seq, np.nan)
        third_s = end_s + numbers.third_party_s * (0.5 + uniform(key, 7))
        _next(book, plan, numbers, i, _THIRD, third_s, epoch + 1)
    else:
        slot[S_SEQ_LAST, i] = _say(book, plan, i, end_s, SIGNED, seq, measured)
        _act_on(book, plan, rooms, numbers, i, measured, end_s, epoch)


@njit(cache=True)
def _act_on(book, plan, rooms, numbers, i, measured_c, at_s, epoch):
    """Decide what follows from a measurement."""
    slot = book.slot
    c = slot[S_COHORT, i]
    key = _key(book, plan, i)
    if rooms.no_heat[c]:
        _await_restoration(book, plan, numbers, i, at_s, epoch)
        return
    if measured_c >= numbers.standard_c:
        slot[S_CAUSE, i] = MEETS
        _next(book, plan, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)
        return
    u = uniform(mix(plan.key, 31), slot[S_DWELLING, i])  # whose doing it is belongs to the dwelling, not to the call
    row = min(int(epoch * numbers.epoch_s / 3600.0), rooms.last_row)
    if rooms.short[c] or rooms.room_c[row, c] < numbers.standard_c:  # the whole cohort is cold: nothing to mend here
        slot[S_CONFIRMED, i] = int(at_s)
        _promise(book, plan, rooms, numbers, i, at_s, epoch)
    elif u < numbers.user_cause_share + numbers.estate_cause_share:
        slot[S_CAUSE, i] = USER if u < numbers.user_cause_share else ESTATE
        slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, CAUSE_EXPLAINED, slot[S_SEQ_LAST, i], slot[S_CAUSE, i])
        book.count[N_EXPLAINED] += 1
        _next(book, plan, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)
    else:
        slot[S_CONFIRMED, i] = int(at_s)
        slot[S_CAUSE, i] = OPERATOR
        _begin_remedy(book, plan, numbers, i, at_s, epoch)


@njit(cache=True)
def _begin_remedy(book, plan, numbers, i, at_s, epoch):
    """Send the fitters: they begin after a third of the time that the remedy takes in all."""
    u = uniform(_key(book, plan, i), 256 + book.slot[S_ROUND, i])
    _next(book, plan, numbers, i, _ACT, at_s + lognormal(u, numbers.remedy_s, numbers.remedy_spread) / 3.0, epoch + 1)


@njit(cache=True)
def _take_step(book, plan, rooms, numbers, i, epoch):
    slot = book.slot
    step = slot[S_STEP, i]
    at_s = float(slot[S_AT, i])
    if step == _CLOSE:
        _close(book, plan, rooms, numbers, i, at_s, epoch)
    elif step == _CALL_BACK:
        book.count[N_CALL_BACKS_DONE] += 1
        _say(book, plan, i, at_s, ENQUIRY_ANSWERED, slot[S_SEQ_LAST, i], np.nan)
        slot[S_CLOSED, i] = int(at_s)
    elif step == _RESTORED:
        _look_for_heat(book, plan, rooms, numbers, i, at_s, epoch)
    elif step == _RECOVERED:
        _look_for_recovery(book, plan, rooms, numbers, i, at_s, epoch)
    elif step == _ACT:
        slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, ACTION, slot[S_SEQ_MEASURED, i], slot[S_CAUSE, i])
        u = uniform(_key(book, plan, i), 256 + slot[S_ROUND, i])
        remedy_s = lognormal(u, numbers.remedy_s, numbers.remedy_spread)
        _next(book, plan, numbers, i, _REMEDY, at_s + remedy_s * 2.0 / 3.0, epoch + 1)
    elif step == _REMEDY:
        _remedy(book, plan, rooms, numbers, i, at_s, epoch)
    elif step == _THIRD:
        key = _key(book, plan, i)
        room = room_of(rooms, i, slot, epoch, numbers.epoch_s)
        measured = room + numbers.reading_error_k * normal(uniform(key, 9))
        slot[S_SEQ_MEASURED, i] = _say(book, plan, i, at_s, THIRD_PARTY, slot[S_SEQ_LAST, i], measured)
        slot[S_SEQ_LAST, i] = slot[S_SEQ_MEASURED, i]
        _act_on(book, plan, rooms, numbers, i, measured, at_s, epoch)


@njit(cache=True)
def _look_for_heat(book, plan, rooms, numbers, i, at_s, epoch):
    """Close a complaint about a fault once its heat is back; rooms may take a day to follow."""
    slot = book.slot
    if rooms.no_heat[slot[S_COHORT, i]]:
        slot[S_ENDED, i] = -1
        _await_restoration(book, plan, numbers, i, at_s, epoch)
        return
    if slot[S_ENDED, i] < 0:
        slot[S_ENDED, i] = int(at_s)
    warm = room_of(rooms, i, slot, epoch, numbers.epoch_s) >= numbers.standard_c
    if warm or at_s - slot[S_ENDED, i] >= DAY_S or at_s >= rooms.heating_until_s:
        _close(book, plan, rooms, numbers, i, at_s, epoch)
    else:
        _await_restoration(book, plan, numbers, i, at_s, epoch)


@njit(cache=True)
def _look_for_recovery(book, plan, rooms, numbers, i, at_s, epoch):
    slot = book.slot
    if at_s >= rooms.heating_until_s:
        slot[S_ENDED, i] = int(at_s)
        _close(book, plan, rooms, numbers, i, at_s, epoch)
    elif room_of(rooms, i, slot, epoch, numbers.epoch_s) >= numbers.standard_c:
        slot[S_ENDED, i] = int(at_s)
        slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, REMEDIED, slot[S_SEQ_LAST, i], 0.0)
        u = uniform(_key(book, plan, i), 8)
        _next(book, plan, numbers, i, _CLOSE, at_s + exponential(u, numbers.close_s), epoch + 1)
    else:
        _next(book, plan, numbers, i, _RECOVERED, at_s + 21_600.0, epoch + 1)


@njit(cache=True)
def _remedy(book, plan, rooms, numbers, i, at_s, epoch):
    """Raise the dwelling's offset at least to the standard, unless the work brings nothing or not nearly enough."""
    slot = book.slot
    d, c = slot[S_DWELLING, i], slot[S_COHORT, i]
    key = _key(book, plan, i)
    turn = slot[S_ROUND, i]
    room = room_of(rooms, i, slot, epoch, numbers.epoch_s)
    drawn = numbers.remedy_gain_k * (0.5 + uniform(key, 320 + turn))
    needed = numbers.standard_c + numbers.reading_error_k - room
    if uniform(key, 384 + turn) < numbers.remedy_fails_share or needed > 2.0 * drawn:
        slot[S_ROUND, i] = turn + 1
        if turn + 1 < _ROUNDS:
            _begin_remedy(book, plan, numbers, i, at_s, epoch)
        else:
            _promise(book, plan, rooms, numbers, i, at_s, epoch)
        return
    before = rooms.offset_k[d]
    gain = np.float32(max(drawn, needed))
    rooms.offset_k[d] = before + gain
    change_offset(
        c, d, before, rooms.offset_k[d], plan.first, rooms.table, rooms.binned, rooms.order, plan.rate
    )  # fmt: skip
    book.count[N_REMEDIES] += 1
    slot[S_ENDED, i] = int(at_s)
    slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, REMEDIED, slot[S_SEQ_LAST, i], float(gain))
    _next(book, plan, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)


@njit(cache=True)
def _close(book, plan, rooms, numbers, i, at_s, epoch):
    slot = book.slot
    slot[S_SEQ_LAST, i] = _say(book, plan, i, at_s, CLOSED, slot[S_SEQ_LAST, i], slot[S_CAUSE, i])
    slot[S_CLOSED, i] = int(at_s)
    slot[S_STEP, i] = _GONE
    rooms.open_slot[slot[S_DWELLING, i]] = -1
    book.count[N_CLOSED] += 1
    late = at_s > slot[S_ACCEPTED, i] + numbers.limit_s
    cold = slot[S_TOPIC, i] < BILLING and room_of(rooms, i, slot, epoch, numbers.epoch_s) < numbers.standard_c
    _perhaps_escalate(book, plan, numbers, i, late or cold, at_s, epoch, 10)


@njit(cache=True)
def _perhaps_escalate(book, plan, numbers, i, discontent, at_s, epoch, purpose):
    key = _key(book, plan, i)
    if discontent and uniform(key, purpose) < numbers.escalate_share:
        complain_to_authority(book, plan, numbers, i, at_s + exponential(uniform(key, 12), DAY_S), epoch)


@njit(cache=True)
def _check_deadline(book, plan, rooms, numbers, i, epoch):
    """Explain a delay before the limit, and again whenever a promised date goes by; some then go to the authority."""
    slot = book.slot
    if slot[S_CLOSED, i] >= 0:
        return
    due_s = float(slot[S_DEADLINE, i])
    now_s = max(due_s, epoch * numbers.epoch_s)
    if due_s >= (epoch + 1) * numbers.epoch_s:  # a later date was promised meanwhile
        schedule(book, DEADLINE, i, due_s, epoch + 1, numbers.epoch_s)
        return
    turn = int((now_s - slot[S_ACCEPTED, i]) / DAY_S)
    broken = slot[S_DEADLINE, i] != int(slot[S_ACCEPTED, i] + numbers.limit_s - numbers.explain_lead_s)
    _perhaps_escalate(book, plan, numbers, i, broken, now_s, epoch, 512 + turn)
    limit_s = max(now_s, slot[S_ACCEPTED, i] + numbers.limit_s)
    promised = limit_s + numbers.promise_s
    if uniform(_key(book, plan, i), 640 + turn) < numbers.explain_share:
        slot[S_SEQ_LAST, i] = _say(book, plan, i, now_s, DELAY_EXPLAINED, slot[S_SEQ_LAST, i], promised)
    schedule(book, DEADLINE, i, promised, epoch + 1, numbers.epoch_s)


@njit(cache=True)
def _queues_at_authority(book, plan, numbers, i, epoch):
    """Note a complaint that reaches the authority; return whether it is already looked into and waits for a decision."""
    slot = book.slot
    if slot[S_AUTHORITY, i] == 2:
        return True
    at_s = float(slot[S_AUTHORITY_AT, i])
    slot[S_AUTHORITY, i] = 2
    book.count[N_AUTHORITY] += 1
    seq = _say(book, plan, i, at_s, AUTHORITY_COMPLAINED, slot[S_SEQ_LAST, i], np.nan)
    slot[S_SEQ_LAST, i] = seq
    u = uniform(_key(book, plan, i), 13)
    looked_into_s = at_s + lognormal(u, numbers.authority_s, numbers.authority_spread)
    schedule(book, AUTHORITY, i, looked_into_s, epoch + 1, numbers.epoch_s)
    return False


@njit(cache=True)
def _authority_handles(book, plan, numbers, i, at_s):
    slot = book.slot
    slot[S_AUTHORITY, i] = 3
    book.count[N_AUTHORITY_TOLD] += 1
    seq = _say(book, plan, i, at_s, AUTHORITY_HANDLED, slot[S_SEQ_LAST, i], np.nan)
    told_s = at_s + numbers.authority_handling_s * (0.25 + uniform(_key(book, plan, i), 14))
    _say(book, plan, i, told_s, AUTHORITY_TOLD, seq, np.nan)
