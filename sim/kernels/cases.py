"""What becomes of an accepted complaint: response, triage, visit, measurement, remedy, closing, the authority.

A case is a column of ``Desk.slot``, moved by dated steps. Steps wait in buckets of one epoch each (a linked list
per stage and epoch); in an epoch they are taken in order of (instant, case), so the outcome does not depend on how they
came there. Three stages need hands and stand in line for them, first come first served: case officers (responses),
measurers (visits) and the authority's staff. Every draw is a mark of (dwelling, hour of the first call, purpose).

The stages of one epoch run in the order of their numbers, so that a response can lead to a visit within the same epoch;
whatever leads backwards acts in the next one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from .complaints import BILLING, SERVICE, bin_of
from .hotline import take_first
from .marks import exponential, lognormal, mix, normal, sort_keys, uniform

# kinds of entries
(ANSWERED, ABANDONED, ENQUIRY_ANSWERED, ACCEPTED, RESPONDED, REQUESTED, VISITED, SIGNED, DISPUTED, THIRD_PARTY, ACTION,
 REMEDIED, CLOSED, DELAY_EXPLAINED, CAUSE_EXPLAINED, AUTHORITY_COMPLAINED, AUTHORITY_HANDLED, AUTHORITY_TOLD) = range(18)  # fmt: skip
# true causes
FAULT, OPERATOR, SHORTAGE, USER, MEETS, OTHER, ESTATE = range(7)
# stages, each with buckets
RESPOND, STEP, VISIT, DEADLINE, AUTHORITY, STAGES = range(6)
_LANE = (0, 0, 0, 1, 2)  # a case waits at most once in each lane
# what a STEP is about to do
_RESTORED, _RECOVERED, _ACT, _REMEDY, _THIRD, _CLOSE, _CALL_BACK, _GONE = range(8)
# rows of Desk.slot: the case; its links in three lanes of buckets; three lines of cases that wait for hands; and the
# cases remedied in this epoch
(S_DWELLING, S_COHORT, S_CASE, S_TOPIC, S_HOUR, S_ACCEPTED, S_STEP, S_AT, S_CAUSE, S_SEQ_ACCEPTED, S_SEQ_LAST,
 S_SEQ_MEASURED, S_CONFIRMED, S_ENDED, S_DEADLINE, S_ROUND, S_AUTHORITY, S_AUTHORITY_AT, S_CLOSED, S_OLD_BIN,
 S_LINK, S_QUEUE, S_CHANGED, SLOT_ROWS) = (*range(21), 23, 26, 27)  # fmt: skip
# rows of Desk.entry, Desk.dwelling and Desk.cohort
E_AT, E_KIND, E_CASE, E_DWELLING, E_CAUSE, E_VALUE, ENTRY_ROWS = range(7)
D_COHORT, D_OPEN, D_ORDER, DWELLING_ROWS = range(4)
C_NO_HEAT, C_SHORT, C_TOLD, C_FAULT_SEQ, C_BELOW_SEQ, COHORT_ROWS = range(6)
DIRECT = 9  # topic of a complaint that went to the authority without the operator
# rows of Desk.count
(N_CALLS_WAITING, N_HOUR_CALLS, N_HOUR_NEXT, N_AGAIN, N_AGAIN_FREE, N_SLOTS, N_CASE, N_SEQ, N_ENTRIES, N_OFFERED,
 N_ANSWERED, N_ABANDONED, N_OPENED, N_CLOSED, N_EXPLAINED, N_CALL_BACKS, N_CALL_BACKS_DONE, N_AUTHORITY, N_AUTHORITY_TOLD,
 N_VISITS, N_REMEDIES, N_CHANGED, N_STAFF, N_QUEUE_FIRST, N_QUEUE_LAST, COUNT_ROWS) = (*range(23), 26, 29, 32)  # fmt: skip

# Inner functions are compiled into people.march and have no door of their own to Python: that halves compile time.
inner = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")

DAY_S = 86_400.0
_ROUNDS = 3  # remedies tried before the case is treated as a shortage
_CASE = 21  # purpose of marks


NUMBERS = np.dtype(
    [("key", np.uint64)]
    + [
        (name, np.float64)
        for name in (
            "epoch_s", "standard_c", "heating_until_s", "handling_s", "handling_spread", "patience_s", "redial_share",
            "redial_delay_s", "redial_limit", "repeat_per_day", "outage_share", "outage_delay_h", "told_share",
            "advice_share", "informed_share", "callback_share", "callback_s", "response_s", "response_spread",
            "response_handling_s", "phone_share", "measurement_share", "visit_s", "travel_s", "nobody_home_share",
            "reading_error_k", "dispute_share", "third_party_s", "user_cause_share", "estate_cause_share", "remedy_s",
            "remedy_spread", "remedy_gain_k", "remedy_fails_share", "answer_s", "close_s", "limit_s", "explain_lead_s",
            "explain_share", "promise_s", "escalate_share", "direct_share", "abandoned_direct_share", "authority_s",
            "authority_spread", "authority_handling_s",
        )
    ]
)  # fmt: skip
"""The key of all marks, and what people do in numbers: world/people_settings.py says what each means and where it is from."""


class Desk(NamedTuple):
    """All that the cases of an epoch read and change; see the names of the rows above.

    Few arrays with many rows: a compiled function costs compile time by the number of its arguments.
    """

    count: np.ndarray  # int64 (COUNT_ROWS,)
    slot: np.ndarray  # int32 (SLOT_ROWS, case)
    buckets: np.ndarray  # int32 (2 * STAGES, epoch): first case of a stage (-1 none), then how many
    entry: np.ndarray  # float64 (ENTRY_ROWS, entry): to be handed over
    dwelling: np.ndarray  # int32 (DWELLING_ROWS, dwelling)
    offset_k: np.ndarray  # float32 (dwelling,): changed by remedies
    cohort: np.ndarray  # int32 (COHORT_ROWS, cohort)
    room_c: np.ndarray  # float32 (cohort,): at the first instant of the epoch's hour


@inner
def note(count, entry, at_s, kind, case, dwelling, cause, value):
    """Append an entry and return its seq."""
    n = count[N_ENTRIES]
    entry[E_AT, n] = math.floor(at_s)
    entry[E_KIND, n] = kind
    entry[E_CASE, n] = case
    entry[E_DWELLING, n] = dwelling
    entry[E_CAUSE, n] = cause
    entry[E_VALUE, n] = value
    count[N_ENTRIES] = n + 1
    return count[N_SEQ] + n


@inner
def schedule(desk, stage, i, at_s, earliest_epoch, epoch_s):
    """Put a case's next step of a stage into the bucket of its epoch; beyond the last epoch it stays open."""
    lane = _LANE[stage]
    desk.slot[S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT), i] = int(at_s)
    epoch = max(int(at_s / epoch_s), earliest_epoch)
    if epoch < desk.buckets.shape[1]:
        desk.slot[S_LINK + lane, i] = desk.buckets[stage, epoch]
        desk.buckets[stage, epoch] = i
        desk.buckets[STAGES + stage, epoch] += 1


@inner
def _gather(desk, keys, stage, epoch):
    """Sort the keys (instant, case) of an epoch's steps into keys and return their number."""
    row = S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT)
    lane = _LANE[stage]
    n = 0
    i = desk.buckets[stage, epoch]
    while i >= 0:
        keys[n] = (np.int64(desk.slot[row, i]) << 32) | i
        n += 1
        i = desk.slot[S_LINK + lane, i]
    sort_keys(keys, n)
    return n


@inner
def case_key(key, dwelling, hour):
    """Return the key of the marks of whatever this dwelling began in this hour."""
    return mix(mix(mix(key, _CASE), dwelling), hour)


@inner
def open_case(desk, case, dwelling, cohort, topic, hour, at_s, seq):
    """Enter a case and return its column; its first steps are the caller's to schedule."""
    i = desk.count[N_SLOTS]
    desk.count[N_SLOTS] = i + 1
    slot = desk.slot
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


@inner
def begin(desk, numbers, i, at_s, epoch):
    """Start the clocks of an accepted complaint: the response, and the day on which a delay would have to be explained."""
    slot = desk.slot
    desk.count[N_OPENED] += 1
    desk.dwelling[D_OPEN, slot[S_DWELLING, i]] = i
    u = uniform(case_key(numbers.key, slot[S_DWELLING, i], slot[S_HOUR, i]), 0)
    ready = at_s + lognormal(u, numbers.response_s, numbers.response_spread)
    schedule(desk, RESPOND, i, ready, epoch, numbers.epoch_s)
    first_look_s = at_s + min(numbers.promise_s, numbers.limit_s - numbers.explain_lead_s)
    schedule(desk, DEADLINE, i, first_look_s, epoch + 1, numbers.epoch_s)
    slot[S_DEADLINE, i] = int(at_s + numbers.limit_s - numbers.explain_lead_s)


@inner
def begin_call_back(desk, numbers, i, at_s, epoch):
    """Start an enquiry that the agent could not answer at once."""
    desk.count[N_CALL_BACKS] += 1
    desk.slot[S_STEP, i] = _CALL_BACK
    u = uniform(case_key(numbers.key, desk.slot[S_DWELLING, i], desk.slot[S_HOUR, i]), 1)
    schedule(desk, STEP, i, at_s + exponential(u, numbers.callback_s), epoch, numbers.epoch_s)


@inner
def complain_to_authority(desk, numbers, i, at_s, epoch):
    """Let the dwelling go to the authority at an instant, once per case."""
    if desk.slot[S_AUTHORITY, i] == 0:
        desk.slot[S_AUTHORITY, i] = 1
        schedule(desk, AUTHORITY, i, at_s, epoch + 1, numbers.epoch_s)


@inner
def work(desk, numbers, epoch, keys, free_s):
    """Do one epoch of all cases.

    Parameters
    ----------
    desk : Desk
        Changed in place; who is on duty stands in its counts.
    numbers : record of :data:`NUMBERS`
    epoch : int
    keys : int64 array
        Scratch, at least as many as cases.
    free_s : array, shape (4, staff)
        Heaps of the instants from which agents, officers, measurers and the authority's staff are free [s].
    """
    begin_s = epoch * numbers.epoch_s
    end_s = begin_s + numbers.epoch_s
    slot = desk.slot
    for line in range(3):
        stage = RESPOND if line == 0 else (VISIT if line == 1 else AUTHORITY)
        if stage == VISIT:
            for k in range(_gather(desk, keys, STEP, epoch)):
                _take_step(desk, numbers, np.int64(keys[k] & 0x7FFFFFFF), epoch)
        if stage == AUTHORITY:
            for k in range(_gather(desk, keys, DEADLINE, epoch)):
                _check_deadline(desk, numbers, np.int64(keys[k] & 0x7FFFFFFF), epoch)
        last = desk.count[N_QUEUE_LAST + line]
        for k in range(_gather(desk, keys, stage, epoch)):
            i = np.int64(keys[k] & 0x7FFFFFFF)
            if stage != AUTHORITY or _queues_at_authority(desk, numbers, i, epoch):
                slot[S_QUEUE + line, last] = i
                last += 1
        first = desk.count[N_QUEUE_FIRST + line]
        free = free_s[line + 1]
        while first < last and desk.count[N_STAFF + line + 1] > 0:
            i = np.int64(slot[S_QUEUE + line, first])
            ready = slot[S_AUTHORITY_AT, i] if stage == AUTHORITY else slot[S_AT, i]
            start = max(float(ready), free[0], begin_s)
            if start >= end_s:
                break
            first += 1
            if stage == RESPOND:
                take_first(free, desk.count[N_STAFF + 1], start + numbers.response_handling_s)
                _respond(desk, numbers, i, start, epoch)
            elif stage == VISIT:
                take_first(free, desk.count[N_STAFF + 2], start + numbers.travel_s + numbers.visit_s)
                _visit(desk, numbers, i, start + numbers.travel_s, epoch)
            else:
                take_first(free, desk.count[N_STAFF + 3], start + numbers.authority_handling_s)
                _authority_handles(desk, numbers, i, start + numbers.authority_handling_s)
        if first > 0 and first * 2 >= last:  # move the rest of the line to the front
            for k in range(last - first):
                slot[S_QUEUE + line, k] = slot[S_QUEUE + line, first + k]
            last -= first
            first = 0
        desk.count[N_QUEUE_FIRST + line] = first
        desk.count[N_QUEUE_LAST + line] = last


@inner
def room_of(desk, i):
    """Return the temperature of a case's dwelling at the first instant of the epoch's hour [degC]."""
    return float(desk.room_c[desk.slot[S_COHORT, i]]) + float(desk.offset_k[desk.slot[S_DWELLING, i]])


@inner
def _key(desk, numbers, i):
    return case_key(numbers.key, desk.slot[S_DWELLING, i], desk.slot[S_HOUR, i])


@inner
def _next(desk, numbers, i, step, at_s, epoch):
    desk.slot[S_STEP, i] = step
    schedule(desk, STEP, i, at_s, epoch, numbers.epoch_s)


@inner
def _say(desk, i, at_s, kind, cause, value):
    return note(desk.count, desk.entry, at_s, kind, desk.slot[S_CASE, i], desk.slot[S_DWELLING, i], cause, value)


@inner
def _respond(desk, numbers, i, at_s, epoch):
    slot = desk.slot
    c = slot[S_COHORT, i]
    key = _key(desk, numbers, i)
    seq = _say(desk, i, at_s, RESPONDED, slot[S_SEQ_ACCEPTED, i], np.nan)
    slot[S_SEQ_LAST, i] = seq
    answered_s = at_s + exponential(uniform(key, 2), numbers.answer_s)
    if slot[S_TOPIC, i] == BILLING or slot[S_TOPIC, i] == SERVICE:
        _next(desk, numbers, i, _CLOSE, answered_s, epoch)
    elif desk.cohort[C_NO_HEAT, c]:
        _await_restoration(desk, numbers, i, at_s, epoch)
    elif desk.cohort[C_SHORT, c] and uniform(key, 3) >= numbers.measurement_share:
        _promise(desk, numbers, i, at_s, epoch)
    elif (
        not desk.cohort[C_SHORT, c]
        and room_of(desk, i) >= numbers.standard_c
        and uniform(key, 4) < numbers.phone_share
    ):
        slot[S_CAUSE, i] = MEETS
        _next(desk, numbers, i, _CLOSE, answered_s, epoch)
    else:
        slot[S_SEQ_LAST, i] = _say(desk, i, at_s, REQUESTED, seq, np.nan)
        schedule(desk, VISIT, i, at_s, epoch, numbers.epoch_s)


@inner
def _await_restoration(desk, numbers, i, at_s, epoch):
    desk.slot[S_CAUSE, i] = FAULT
    desk.slot[S_ROUND, i] += 1
    u = uniform(_key(desk, numbers, i), 64 + desk.slot[S_ROUND, i])
    _next(desk, numbers, i, _RESTORED, at_s + 3600.0 * (1.0 + u), epoch + 1)


@inner
def _promise(desk, numbers, i, at_s, epoch):
    """Tell why and until when, where nothing can be done at the dwelling, and look again every six hours."""
    slot = desk.slot
    slot[S_CAUSE, i] = SHORTAGE
    promised = at_s + numbers.promise_s
    slot[S_SEQ_LAST, i] = _say(desk, i, at_s, DELAY_EXPLAINED, slot[S_SEQ_LAST, i], promised)
    slot[S_DEADLINE, i] = int(promised)
    _next(desk, numbers, i, _RECOVERED, at_s + 21_600.0, epoch + 1)


@inner
def _visit(desk, numbers, i, at_s, epoch):
    slot = desk.slot
    key = _key(desk, numbers, i)
    slot[S_ROUND, i] += 1
    turn = slot[S_ROUND, i]
    if turn < 4 and uniform(key, 128 + turn) < numbers.nobody_home_share:
        schedule(desk, VISIT, i, at_s + 14_400.0 * (1.0 + uniform(key, 192 + turn)), epoch + 1, numbers.epoch_s)
        return
    slot[S_ROUND, i] = 0
    desk.count[N_VISITS] += 1
    measured = room_of(desk, i) + numbers.reading_error_k * normal(uniform(key, 5))
    seq = _say(desk, i, at_s, VISITED, slot[S_SEQ_LAST, i], measured)
    slot[S_SEQ_MEASURED, i] = seq
    end_s = at_s + numbers.visit_s
    disputed = measured >= numbers.standard_c and uniform(key, 6) < numbers.dispute_share
    if disputed:
        slot[S_SEQ_LAST, i] = _say(desk, i, end_s, DISPUTED, seq, np.nan)
        third_s = end_s + numbers.third_party_s * (0.5 + uniform(key, 7))
        _next(desk, numbers, i, _THIRD, third_s, epoch + 1)
    else:
        slot[S_SEQ_LAST, i] = _say(desk, i, end_s, SIGNED, seq, measured)
        _act_on(desk, numbers, i, measured, end_s, epoch)


@inner
def _act_on(desk, numbers, i, measured_c, at_s, epoch):
    """Decide what follows from a measurement."""
    slot = desk.slot
    c = slot[S_COHORT, i]
    key = _key(desk, numbers, i)
    if desk.cohort[C_NO_HEAT, c]:
        _await_restoration(desk, numbers, i, at_s, epoch)
        return
    if measured_c >= numbers.standard_c:
        slot[S_CAUSE, i] = MEETS
        _next(desk, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)
        return
    u = uniform(mix(numbers.key, 31), slot[S_DWELLING, i])  # whose doing it is belongs to the dwelling, not to the call
    if desk.cohort[C_SHORT, c] or desk.room_c[c] < numbers.standard_c:  # the whole cohort is cold: nothing to mend here
        slot[S_CONFIRMED, i] = int(at_s)
        _promise(desk, numbers, i, at_s, epoch)
    elif u < numbers.user_cause_share + numbers.estate_cause_share:
        slot[S_CAUSE, i] = USER if u < numbers.user_cause_share else ESTATE
        slot[S_SEQ_LAST, i] = _say(desk, i, at_s, CAUSE_EXPLAINED, slot[S_SEQ_LAST, i], slot[S_CAUSE, i])
        desk.count[N_EXPLAINED] += 1
        _next(desk, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)
    else:
        slot[S_CONFIRMED, i] = int(at_s)
        slot[S_CAUSE, i] = OPERATOR
        _begin_remedy(desk, numbers, i, at_s, epoch)


@inner
def _begin_remedy(desk, numbers, i, at_s, epoch):
    """Send the fitters: they begin after a third of the time that the remedy takes in all."""
    u = uniform(_key(desk, numbers, i), 256 + desk.slot[S_ROUND, i])
    _next(desk, numbers, i, _ACT, at_s + lognormal(u, numbers.remedy_s, numbers.remedy_spread) / 3.0, epoch + 1)


@inner
def _take_step(desk, numbers, i, epoch):
    slot = desk.slot
    step = slot[S_STEP, i]
    at_s = float(slot[S_AT, i])
    if step == _CLOSE:
        _close(desk, numbers, i, at_s, epoch)
    elif step == _CALL_BACK:
        desk.count[N_CALL_BACKS_DONE] += 1
        _say(desk, i, at_s, ENQUIRY_ANSWERED, slot[S_SEQ_LAST, i], np.nan)
        slot[S_CLOSED, i] = int(at_s)
    elif step == _RESTORED:
        _look_for_heat(desk, numbers, i, at_s, epoch)
    elif step == _RECOVERED:
        _look_for_recovery(desk, numbers, i, at_s, epoch)
    elif step == _ACT:
        slot[S_SEQ_LAST, i] = _say(desk, i, at_s, ACTION, slot[S_SEQ_MEASURED, i], slot[S_CAUSE, i])
        u = uniform(_key(desk, numbers, i), 256 + slot[S_ROUND, i])
        remedy_s = lognormal(u, numbers.remedy_s, numbers.remedy_spread)
        _next(desk, numbers, i, _REMEDY, at_s + remedy_s * 2.0 / 3.0, epoch + 1)
    elif step == _REMEDY:
        _remedy(desk, numbers, i, at_s, epoch)
    elif step == _THIRD:
        key = _key(desk, numbers, i)
        room = room_of(desk, i)
        measured = room + numbers.reading_error_k * normal(uniform(key, 9))
        slot[S_SEQ_MEASURED, i] = _say(desk, i, at_s, THIRD_PARTY, slot[S_SEQ_LAST, i], measured)
        slot[S_SEQ_LAST, i] = slot[S_SEQ_MEASURED, i]
        _act_on(desk, numbers, i, measured, at_s, epoch)


@inner
def _look_for_heat(desk, numbers, i, at_s, epoch):
    """Close a complaint about a fault once its heat is back; rooms may take a day to follow."""
    slot = desk.slot
    if desk.cohort[C_NO_HEAT, slot[S_COHORT, i]]:
        slot[S_ENDED, i] = -1
        _await_restoration(desk, numbers, i, at_s, epoch)
        return
    if slot[S_ENDED, i] < 0:
        slot[S_ENDED, i] = int(at_s)
    warm = room_of(desk, i) >= numbers.standard_c
    if warm or at_s - slot[S_ENDED, i] >= DAY_S or at_s >= numbers.heating_until_s:
        _close(desk, numbers, i, at_s, epoch)
    else:
        _await_restoration(desk, numbers, i, at_s, epoch)


@inner
def _look_for_recovery(desk, numbers, i, at_s, epoch):
    slot = desk.slot
    if at_s >= numbers.heating_until_s:
        slot[S_ENDED, i] = int(at_s)
        _close(desk, numbers, i, at_s, epoch)
    elif room_of(desk, i) >= numbers.standard_c:
        slot[S_ENDED, i] = int(at_s)
        slot[S_SEQ_LAST, i] = _say(desk, i, at_s, REMEDIED, slot[S_SEQ_LAST, i], 0.0)
        u = uniform(_key(desk, numbers, i), 8)
        _next(desk, numbers, i, _CLOSE, at_s + exponential(u, numbers.close_s), epoch + 1)
    else:
        _next(desk, numbers, i, _RECOVERED, at_s + 21_600.0, epoch + 1)


@inner
def _remedy(desk, numbers, i, at_s, epoch):
    """Raise the dwelling's offset at least to the standard, unless the work brings nothing or not nearly enough."""
    slot = desk.slot
    d = slot[S_DWELLING, i]
    key = _key(desk, numbers, i)
    turn = slot[S_ROUND, i]
    room = room_of(desk, i)
    drawn = numbers.remedy_gain_k * (0.5 + uniform(key, 320 + turn))
    needed = numbers.standard_c + numbers.reading_error_k - room
    if uniform(key, 384 + turn) < numbers.remedy_fails_share or needed > 2.0 * drawn:
        slot[S_ROUND, i] = turn + 1
        if turn + 1 < _ROUNDS:
            _begin_remedy(desk, numbers, i, at_s, epoch)
        else:
            _promise(desk, numbers, i, at_s, epoch)
        return
    before = desk.offset_k[d]
    gain = np.float32(max(drawn, needed))
    desk.offset_k[d] = before + gain
    slot[S_OLD_BIN, i] = bin_of(before)
    slot[S_CHANGED, desk.count[N_CHANGED]] = i
    desk.count[N_CHANGED] += 1
    desk.count[N_REMEDIES] += 1
    slot[S_ENDED, i] = int(at_s)
    slot[S_SEQ_LAST, i] = _say(desk, i, at_s, REMEDIED, slot[S_SEQ_LAST, i], float(gain))
    _next(desk, numbers, i, _CLOSE, at_s + exponential(uniform(key, 8), numbers.close_s), epoch + 1)


@inner
def _close(desk, numbers, i, at_s, epoch):
    slot = desk.slot
    slot[S_SEQ_LAST, i] = _say(desk, i, at_s, CLOSED, slot[S_SEQ_LAST, i], slot[S_CAUSE, i])
    slot[S_CLOSED, i] = int(at_s)
    slot[S_STEP, i] = _GONE
    desk.dwelling[D_OPEN, slot[S_DWELLING, i]] = -1
    desk.count[N_CLOSED] += 1
    late = at_s > slot[S_ACCEPTED, i] + numbers.limit_s
    cold = slot[S_TOPIC, i] < BILLING and room_of(desk, i) < numbers.standard_c
    _perhaps_escalate(desk, numbers, i, late or cold, at_s, epoch, 10)


@inner
def _perhaps_escalate(desk, numbers, i, discontent, at_s, epoch, purpose):
    key = _key(desk, numbers, i)
    if discontent and uniform(key, purpose) < numbers.escalate_share:
        complain_to_authority(desk, numbers, i, at_s + exponential(uniform(key, 12), DAY_S), epoch)


@inner
def _check_deadline(desk, numbers, i, epoch):
    """Explain a delay before the limit, and again whenever a promised date goes by; some then go to the authority."""
    slot = desk.slot
    if slot[S_CLOSED, i] >= 0:
        return
    due_s = float(slot[S_DEADLINE, i])
    now_s = max(due_s, epoch * numbers.epoch_s)
    if due_s >= (epoch + 1) * numbers.epoch_s:  # a later date was promised meanwhile
        schedule(desk, DEADLINE, i, due_s, epoch + 1, numbers.epoch_s)
        return
    turn = int((now_s - slot[S_ACCEPTED, i]) / DAY_S)
    broken = slot[S_DEADLINE, i] != int(slot[S_ACCEPTED, i] + numbers.limit_s - numbers.explain_lead_s)
    _perhaps_escalate(desk, numbers, i, broken, now_s, epoch, 512 + turn)
    limit_s = max(now_s, slot[S_ACCEPTED, i] + numbers.limit_s)
    promised = limit_s + numbers.promise_s
    if uniform(_key(desk, numbers, i), 640 + turn) < numbers.explain_share:
        slot[S_SEQ_LAST, i] = _say(desk, i, now_s, DELAY_EXPLAINED, slot[S_SEQ_LAST, i], promised)
    schedule(desk, DEADLINE, i, promised, epoch + 1, numbers.epoch_s)


@inner
def _queues_at_authority(desk, numbers, i, epoch):
    """Note a complaint that reaches the authority; return whether it is already looked into and waits for a decision."""
    slot = desk.slot
    if slot[S_AUTHORITY, i] == 2:
        return True
    at_s = float(slot[S_AUTHORITY_AT, i])
    slot[S_AUTHORITY, i] = 2
    desk.count[N_AUTHORITY] += 1
    seq = _say(desk, i, at_s, AUTHORITY_COMPLAINED, slot[S_SEQ_LAST, i], np.nan)
    slot[S_SEQ_LAST, i] = seq
    u = uniform(_key(desk, numbers, i), 13)
    looked_into_s = at_s + lognormal(u, numbers.authority_s, numbers.authority_spread)
    schedule(desk, AUTHORITY, i, looked_into_s, epoch + 1, numbers.epoch_s)
    return False


@inner
def _authority_handles(desk, numbers, i, at_s):
    slot = desk.slot
    slot[S_AUTHORITY, i] = 3
    desk.count[N_AUTHORITY_TOLD] += 1
    seq = _say(desk, i, at_s, AUTHORITY_HANDLED, slot[S_SEQ_LAST, i], np.nan)
    told_s = at_s + numbers.authority_handling_s * (0.25 + uniform(_key(desk, numbers, i), 14))
    _say(desk, i, told_s, AUTHORITY_TOLD, seq, np.nan)
