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
from typing import Any

import numpy as np
import numpy.typing as npt

from .complaints import BILLING, NO_HEAT, SERVICE, bin_of
from .desk import (
    ACTION,
    AUTHORITY,
    AUTHORITY_COMPLAINED,
    AUTHORITY_HANDLED,
    AUTHORITY_TOLD,
    C_NO_HEAT,
    C_SHORT,
    CAUSE_EXPLAINED,
    CLOSED,
    D_OFFSET,
    D_OPEN,
    DAY_S,
    DEADLINE,
    DELAY_EXPLAINED,
    DISPUTED,
    ENQUIRY_ANSWERED,
    ESTATE,
    FAULT,
    FELL_SHORT,
    M_ANSWER,
    M_ASKS_VISIT,
    M_AUTHORITY,
    M_BY_PHONE,
    M_CALL_BACK,
    M_CLOSING,
    M_DISPUTE,
    M_ESCALATE,
    M_ESCALATE_LATE,
    M_ESCALATE_WHEN,
    M_EXPLAINS,
    M_GAIN,
    M_LOOK,
    M_NEXT_VISIT,
    M_NOBODY_HOME,
    M_READING,
    M_REMEDY_FAILS,
    M_REMEDY_TIME,
    M_RESPONSE,
    M_THIRD_PARTY,
    M_THIRD_READING,
    M_TOLD,
    M_WHOSE_DOING,
    MEETS,
    N_AUTHORITY,
    N_AUTHORITY_TOLD,
    N_CALL_BACKS,
    N_CALL_BACKS_DONE,
    N_CHANGED,
    N_CLOSED,
    N_EXPLAINED,
    N_OPENED,
    N_QUEUE_FIRST,
    N_QUEUE_LAST,
    N_REMEDIES,
    N_SLOTS,
    N_STAFF,
    N_VISITS,
    N_WITHDRAWN,
    NOBODY_HOME,
    OPERATOR,
    OTHER,
    OTHER_FOUND,
    REMEDIED,
    REQUESTED,
    RESPOND,
    RESPONDED,
    ROW,
    S_ACCEPTED,
    S_AT,
    S_AUTHORITY,
    S_AUTHORITY_AT,
    S_CASE,
    S_CAUSE,
    S_CHANGED,
    S_CLOSED,
    S_COHORT,
    S_CONFIRMED,
    S_DEADLINE,
    S_DWELLING,
    S_ENDED,
    S_HOUR,
    S_MEASURED_MK,
    S_OLD_BIN,
    S_QUEUE,
    S_ROUND,
    S_SEQ_ACCEPTED,
    S_SEQ_AUTHORITY,
    S_SEQ_LAST,
    S_SEQ_MEASURED,
    S_STEP,
    S_TOPIC,
    SHORTAGE,
    SIGNED,
    STEP,
    THIRD_PARTY,
    USER,
    VISIT,
    VISITED,
    Desk,
    case_key,
    gather,
    note,
    schedule,
)
from .hotline import take_first
from .inner import inner
from .marks import exponential, lognormal, mix, normal, uniform

Array = npt.NDArray[Any]

# what a STEP is about to do
_RESTORED, _RECOVERED, _ACT, _REMEDY, _THIRD, _CLOSE, _CALL_BACK, _GONE = map(np.int64, range(8))
_LOOK_S = 21_600.0  # from one look at a shortage to the next
_ASKED_AGAIN_S = DAY_S  # who has waited so long for a visit is asked whether it is still wanted
_ROUNDS = 3  # remedies tried before the case is treated as a shortage


@inner
def open_case(desk: Desk, case: int, dwelling: int, cohort: int, topic: int, hour: int, at_s: float, seq: int) -> int:
    """Enter a case and return its column; its first steps are the caller's to schedule."""
    i = desk.counts[N_SLOTS]
    desk.counts[N_SLOTS] = i + 1
    slot = desk.slot
    slot[i, S_DWELLING] = dwelling
    slot[i, S_COHORT] = cohort
    slot[i, S_CASE] = case
    slot[i, S_TOPIC] = topic
    slot[i, S_HOUR] = hour
    slot[i, S_ACCEPTED] = int(at_s)
    slot[i, S_STEP] = _GONE
    slot[i, S_CAUSE] = OTHER
    slot[i, S_SEQ_ACCEPTED] = seq
    slot[i, S_SEQ_LAST] = seq
    slot[i, S_SEQ_MEASURED] = -1
    slot[i, S_SEQ_AUTHORITY] = -1
    slot[i, S_CONFIRMED] = -1
    slot[i, S_ENDED] = -1
    slot[i, S_ROUND] = 0
    slot[i, S_AUTHORITY] = 0
    slot[i, S_CLOSED] = -1
    return int(i)


@inner
def begin(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Start the clocks of an accepted complaint: the response, and the day on which a delay is to be explained."""
    slot = desk.slot
    desk.counts[N_OPENED] += 1
    desk.dwelling[slot[i, S_DWELLING], D_OPEN] = i
    u = uniform(case_key(numbers.key, slot[i, S_DWELLING], slot[i, S_HOUR]), M_RESPONSE)
    ready = at_s + lognormal(u, numbers.response_s, numbers.response_sigma)
    schedule(desk.slot, desk.buckets, RESPOND, i, ready, epoch, numbers.epoch_s)
    first_look_s = at_s + min(numbers.promise_s, numbers.limit_s - numbers.explain_lead_s)
    schedule(desk.slot, desk.buckets, DEADLINE, i, first_look_s, epoch + 1, numbers.epoch_s)
    slot[i, S_DEADLINE] = int(at_s + numbers.limit_s - numbers.explain_lead_s)


@inner
def begin_call_back(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Start an enquiry that the agent could not answer at once."""
    desk.counts[N_CALL_BACKS] += 1
    desk.slot[i, S_STEP] = _CALL_BACK
    u = uniform(case_key(numbers.key, desk.slot[i, S_DWELLING], desk.slot[i, S_HOUR]), M_CALL_BACK)
    schedule(desk.slot, desk.buckets, STEP, i, at_s + exponential(u, numbers.callback_s), epoch, numbers.epoch_s)


@inner
def complain_to_authority(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Let the dwelling go to the authority at an instant, once per case."""
    if desk.slot[i, S_AUTHORITY] == 0:
        desk.slot[i, S_AUTHORITY] = 1
        schedule(desk.slot, desk.buckets, AUTHORITY, i, at_s, epoch + 1, numbers.epoch_s)


@inner
def work(desk: Desk, numbers: Any, epoch: int, keys: Array, free_s: Array) -> None:
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
            for k in range(gather(desk, keys, STEP, epoch)):
                _take_step(desk, numbers, np.int64(keys[k] & ROW), epoch)
        if stage == AUTHORITY:
            for k in range(gather(desk, keys, DEADLINE, epoch)):
                _check_deadline(desk, numbers, np.int64(keys[k] & ROW), epoch)
        last = desk.counts[N_QUEUE_LAST + line]
        for k in range(gather(desk, keys, stage, epoch)):
            i = np.int64(keys[k] & ROW)
            if stage != AUTHORITY or _queues_at_authority(desk, numbers, i, epoch):
                slot[last, S_QUEUE + line] = i
                last += 1
        first = desk.counts[N_QUEUE_FIRST + line]
        free = free_s[line + 1]
        while first < last and desk.counts[N_STAFF + line + 1] > 0:
            i = np.int64(slot[first, S_QUEUE + line])
            if stage == VISIT and _withdraws(desk, numbers, i, begin_s, epoch):
                first += 1
                continue
            ready = slot[i, S_AUTHORITY_AT] if stage == AUTHORITY else slot[i, S_AT]
            start = max(float(ready), free[0], begin_s)
            if start >= end_s:
                break
            first += 1
            if stage == RESPOND:
                handling_s = numbers.response_handling_s
                if slot[i, S_TOPIC] == NO_HEAT:
                    handling_s = numbers.outage_response_s
                take_first(free, desk.counts[N_STAFF + 1], start + handling_s)
                _respond(desk, numbers, i, start, epoch)
            elif stage == VISIT:
                take_first(free, desk.counts[N_STAFF + 2], start + numbers.travel_s + numbers.visit_s)
                _visit(desk, numbers, i, start + numbers.travel_s, epoch)
            else:
                take_first(free, desk.counts[N_STAFF + 3], start + numbers.authority_handling_s)
                _authority_handles(desk, numbers, i, start)
        if first > 0 and first * 2 >= last:  # move the rest of the line to the front
            for k in range(last - first):
                slot[k, S_QUEUE + line] = slot[first + k, S_QUEUE + line]
            last -= first
            first = 0
        desk.counts[N_QUEUE_FIRST + line] = first
        desk.counts[N_QUEUE_LAST + line] = last


@inner
def room_of(desk: Desk, i: int) -> float:
    """Return the temperature of a case's dwelling at the first instant of the epoch's hour [degC]."""
    return float(desk.room_c[desk.slot[i, S_COHORT]]) + float(desk.dwelling[desk.slot[i, S_DWELLING], D_OFFSET])


@inner
def _key(slot: Array, key: Any, i: int) -> Any:
    return case_key(key, slot[i, S_DWELLING], slot[i, S_HOUR])


@inner
def _next(slot: Array, buckets: Array, epoch_s: float, i: int, step: int, at_s: float, epoch: int) -> None:
    slot[i, S_STEP] = step
    schedule(slot, buckets, STEP, i, at_s, epoch, epoch_s)


@inner
def _say(count: Array, entry: Array, slot: Array, i: int, at_s: float, kind: int, cause: int, value: float) -> int:
    return int(note(count, entry, at_s, kind, slot[i, S_CASE], slot[i, S_DWELLING], cause, value))


@inner
def _respond(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    slot = desk.slot
    c = slot[i, S_COHORT]
    key = _key(desk.slot, numbers.key, i)
    waited_s = max(at_s - slot[i, S_AT], 0.0)
    seq = _say(desk.counts, desk.entry, desk.slot, i, at_s, RESPONDED, slot[i, S_SEQ_ACCEPTED], waited_s)
    slot[i, S_SEQ_LAST] = seq
    answered_s = at_s + exponential(uniform(key, M_ANSWER), numbers.answer_s)
    if slot[i, S_TOPIC] == BILLING or slot[i, S_TOPIC] == SERVICE:
        _next(desk.slot, desk.buckets, numbers.epoch_s, i, _CLOSE, answered_s, epoch)
    elif desk.cohort[C_NO_HEAT, c]:
        _await_restoration(desk, numbers, i, at_s, epoch)
    elif desk.cohort[C_SHORT, c] and uniform(key, M_ASKS_VISIT) >= numbers.measurement_share:
        slot[i, S_CAUSE] = SHORTAGE
        _promise(desk, numbers, i, at_s, epoch)
    elif (
        not desk.cohort[C_SHORT, c]
        and room_of(desk, i) >= numbers.standard_c
        and uniform(key, M_BY_PHONE) < numbers.phone_share
    ):
        slot[i, S_CAUSE] = MEETS
        _next(desk.slot, desk.buckets, numbers.epoch_s, i, _CLOSE, answered_s, epoch)
    else:
        _request_visit(desk, numbers, i, at_s, epoch)


@inner
def _request_visit(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    slot = desk.slot
    slot[i, S_ROUND] = 0
    slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, at_s, REQUESTED, slot[i, S_SEQ_LAST], np.nan)
    schedule(desk.slot, desk.buckets, VISIT, i, at_s, epoch, numbers.epoch_s)


@inner
def _await_restoration(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    desk.slot[i, S_CAUSE] = FAULT
    desk.slot[i, S_ROUND] += 1
    u = uniform(_key(desk.slot, numbers.key, i), M_LOOK + desk.slot[i, S_ROUND])
    _next(desk.slot, desk.buckets, numbers.epoch_s, i, _RESTORED, at_s + 3600.0 * (1.0 + u), epoch + 1)


@inner
def _promise(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Tell why and until when, where nothing can be done at the dwelling, and look again every six hours."""
    slot = desk.slot
    promised = at_s + numbers.promise_s
    slot[i, S_SEQ_LAST] = _say(
        desk.counts, desk.entry, desk.slot, i, at_s, DELAY_EXPLAINED, slot[i, S_SEQ_LAST], promised
    )
    slot[i, S_DEADLINE] = int(promised)
    _next(desk.slot, desk.buckets, numbers.epoch_s, i, _RECOVERED, at_s + _LOOK_S, epoch + 1)


@inner
def _visit(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    slot = desk.slot
    key = _key(desk.slot, numbers.key, i)
    slot[i, S_ROUND] += 1
    turn = slot[i, S_ROUND]
    if turn < 4 and uniform(key, M_NOBODY_HOME + turn) < numbers.nobody_home_share:
        again_s = math.floor(at_s + numbers.revisit_s * (0.5 + uniform(key, M_NEXT_VISIT + turn)))
        slot[i, S_SEQ_LAST] = _say(
            desk.counts, desk.entry, desk.slot, i, at_s, NOBODY_HOME, slot[i, S_SEQ_LAST], float(again_s)
        )
        schedule(desk.slot, desk.buckets, VISIT, i, again_s, epoch + 1, numbers.epoch_s)
        return
    slot[i, S_ROUND] = 0
    desk.counts[N_VISITS] += 1
    measured = _reading(room_of(desk, i), numbers.reading_error_k, uniform(key, M_READING))
    seq = _say(desk.counts, desk.entry, desk.slot, i, at_s, VISITED, slot[i, S_SEQ_LAST], measured)
    slot[i, S_SEQ_MEASURED] = seq
    end_s = at_s + numbers.visit_s
    disputed = measured >= numbers.standard_c and uniform(key, M_DISPUTE) < numbers.dispute_share
    if disputed:
        slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, end_s, DISPUTED, seq, np.nan)
        third_s = end_s + numbers.third_party_s * (0.5 + uniform(key, M_THIRD_PARTY))
        _next(desk.slot, desk.buckets, numbers.epoch_s, i, _THIRD, third_s, epoch + 1)
    else:
        slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, end_s, SIGNED, seq, measured)
        _act_on(desk, numbers, i, measured, at_s, end_s, epoch)


@inner
def _withdraws(desk: Desk, numbers: Any, i: int, now_s: float, epoch: int) -> bool:
    """Ask by telephone who has waited long for a visit: a room that is warm by now needs none (it came too late)."""
    if now_s - desk.slot[i, S_AT] < _ASKED_AGAIN_S or room_of(desk, i) < numbers.standard_c:
        return False
    desk.counts[N_WITHDRAWN] += 1
    desk.slot[i, S_CAUSE] = MEETS
    _next(desk.slot, desk.buckets, numbers.epoch_s, i, _CLOSE, now_s, epoch + 1)
    return True


@inner
def _reading(room_c: float, error_k: float, u: float) -> float:
    """Return what a thermometer shows, in its tenths: the one value that is signed, judged and reckoned with [degC]."""
    shown: float = np.rint(10.0 * (room_c + error_k * normal(u))) / 10.0
    return shown


@inner
def _act_on(desk: Desk, numbers: Any, i: int, measured_c: float, measured_s: float, at_s: float, epoch: int) -> None:
    """Decide at an instant what follows from a measurement."""
    slot = desk.slot
    c = slot[i, S_COHORT]
    key = _key(desk.slot, numbers.key, i)
    if measured_c >= numbers.standard_c:
        if desk.cohort[C_NO_HEAT, c]:  # not yet cold: the complaint is about the heat that has stopped
            _await_restoration(desk, numbers, i, at_s, epoch)
            return
        slot[i, S_CAUSE] = MEETS
        _next(
            desk.slot,
            desk.buckets,
            numbers.epoch_s,
            i,
            _CLOSE,
            at_s + exponential(uniform(key, M_CLOSING), numbers.close_s),
            epoch + 1,
        )
        return
    u = uniform(
        mix(numbers.key, M_WHOSE_DOING), slot[i, S_DWELLING]
    )  # whose doing it is belongs to the dwelling, not to the call
    if desk.cohort[C_NO_HEAT, c]:
        _act_on_network(desk, i, measured_c, measured_s, at_s, FAULT)
        _await_restoration(desk, numbers, i, at_s, epoch)
    elif desk.cohort[C_SHORT, c] or desk.room_c[c] < numbers.standard_c:  # all are cold: nothing to mend here
        _act_on_network(desk, i, measured_c, measured_s, at_s, SHORTAGE)
        _promise(desk, numbers, i, at_s, epoch)
    elif u < numbers.user_cause_share + numbers.estate_cause_share:
        slot[i, S_CAUSE] = USER if u < numbers.user_cause_share else ESTATE
        cause = float(slot[i, S_CAUSE])
        seq = _say(desk.counts, desk.entry, desk.slot, i, at_s, OTHER_FOUND, slot[i, S_SEQ_LAST], cause)
        slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, at_s, CAUSE_EXPLAINED, seq, cause)
        desk.counts[N_EXPLAINED] += 1
        _next(
            desk.slot,
            desk.buckets,
            numbers.epoch_s,
            i,
            _CLOSE,
            at_s + exponential(uniform(key, M_CLOSING), numbers.close_s),
            epoch + 1,
        )
    else:
        _confirm(slot, i, measured_c, measured_s)
        slot[i, S_CAUSE] = OPERATOR
        _begin_remedy(desk, numbers, i, at_s, epoch)


@inner
def _confirm(slot: Array, i: int, measured_c: float, measured_s: float) -> None:
    """Keep the first measurement below the standard whose cause is the operator's; refunds are reckoned from its day.

    That is the day on which it was read, though it may be signed after midnight.
    """
    if slot[i, S_CONFIRMED] < 0:
        slot[i, S_CONFIRMED] = int(measured_s)
        slot[i, S_MEASURED_MK] = np.int32(np.rint(1000.0 * measured_c))


@inner
def _act_on_network(desk: Desk, i: int, measured_c: float, measured_s: float, at_s: float, cause: int) -> None:
    """Answer a room that is cold with all its neighbours: the work is on the network or at the source, not here."""
    slot = desk.slot
    if slot[i, S_CONFIRMED] < 0:
        slot[i, S_SEQ_LAST] = _say(
            desk.counts, desk.entry, desk.slot, i, at_s, ACTION, slot[i, S_SEQ_MEASURED], float(cause)
        )
    _confirm(slot, i, measured_c, measured_s)
    slot[i, S_CAUSE] = cause


@inner
def _begin_remedy(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Send the fitters: they begin after a third of the time that the remedy takes in all."""
    u = uniform(_key(desk.slot, numbers.key, i), M_REMEDY_TIME + desk.slot[i, S_ROUND])
    _next(
        desk.slot,
        desk.buckets,
        numbers.epoch_s,
        i,
        _ACT,
        at_s + lognormal(u, numbers.remedy_s, numbers.remedy_sigma) / 3.0,
        epoch + 1,
    )


@inner
def _take_step(desk: Desk, numbers: Any, i: int, epoch: int) -> None:
    slot = desk.slot
    step = slot[i, S_STEP]
    at_s = float(slot[i, S_AT])
    if step == _CLOSE:
        _close(desk, numbers, i, at_s, epoch)
    elif step == _CALL_BACK:
        desk.counts[N_CALL_BACKS_DONE] += 1
        _say(desk.counts, desk.entry, desk.slot, i, at_s, ENQUIRY_ANSWERED, slot[i, S_SEQ_LAST], np.nan)
        slot[i, S_CLOSED] = int(at_s)
    elif step == _RESTORED:
        _look_for_heat(desk, numbers, i, at_s, epoch)
    elif step == _RECOVERED:
        _look_for_recovery(desk, numbers, i, at_s, epoch)
    elif step == _ACT:
        slot[i, S_SEQ_LAST] = _say(
            desk.counts, desk.entry, desk.slot, i, at_s, ACTION, slot[i, S_SEQ_MEASURED], float(slot[i, S_CAUSE])
        )
        u = uniform(_key(desk.slot, numbers.key, i), M_REMEDY_TIME + slot[i, S_ROUND])
        remedy_s = lognormal(u, numbers.remedy_s, numbers.remedy_sigma)
        _next(desk.slot, desk.buckets, numbers.epoch_s, i, _REMEDY, at_s + remedy_s * 2.0 / 3.0, epoch + 1)
    elif step == _REMEDY:
        _remedy(desk, numbers, i, at_s, epoch)
    elif step == _THIRD:
        key = _key(desk.slot, numbers.key, i)
        room = room_of(desk, i)
        measured = _reading(room, numbers.reading_error_k, uniform(key, M_THIRD_READING))
        slot[i, S_SEQ_MEASURED] = _say(
            desk.counts, desk.entry, desk.slot, i, at_s, THIRD_PARTY, slot[i, S_SEQ_LAST], measured
        )
        slot[i, S_SEQ_LAST] = slot[i, S_SEQ_MEASURED]
        _act_on(desk, numbers, i, measured, at_s, at_s, epoch)


@inner
def _look_for_heat(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Close a complaint about a fault once its heat is back; rooms may take a day to follow."""
    slot = desk.slot
    if desk.cohort[C_NO_HEAT, slot[i, S_COHORT]]:
        slot[i, S_ENDED] = -1
        _await_restoration(desk, numbers, i, at_s, epoch)
        return
    if slot[i, S_ENDED] < 0:
        slot[i, S_ENDED] = int(at_s)
    room = room_of(desk, i)
    confirmed = slot[i, S_CONFIRMED] >= 0
    if at_s >= numbers.heating_until_s:
        _close(desk, numbers, i, at_s, epoch)
    elif room >= numbers.standard_c:
        if confirmed:
            slot[i, S_ENDED] = int(at_s)
            slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, at_s, REMEDIED, slot[i, S_SEQ_LAST], 0.0)
        _close(desk, numbers, i, at_s, epoch)
    elif at_s - slot[i, S_ENDED] < DAY_S:
        _await_restoration(desk, numbers, i, at_s, epoch)
    elif confirmed:  # the fault is mended and the room still cold: it has a cause of its own besides
        _act_on(desk, numbers, i, room, at_s, at_s, epoch)
    else:
        _close(desk, numbers, i, at_s, epoch)


@inner
def _look_for_recovery(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """See whether the room is warm again; if a day after its neighbours it is not, it has a cause of its own."""
    slot = desk.slot
    c = slot[i, S_COHORT]
    if at_s >= numbers.heating_until_s:
        slot[i, S_ENDED] = int(at_s)
        _close(desk, numbers, i, at_s, epoch)
        return
    if room_of(desk, i) >= numbers.standard_c:
        slot[i, S_ENDED] = int(at_s)
        slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, at_s, REMEDIED, slot[i, S_SEQ_LAST], 0.0)
        u = uniform(_key(desk.slot, numbers.key, i), M_CLOSING)
        _next(desk.slot, desk.buckets, numbers.epoch_s, i, _CLOSE, at_s + exponential(u, numbers.close_s), epoch + 1)
        return
    if desk.cohort[C_SHORT, c] or desk.cohort[C_NO_HEAT, c] or desk.room_c[c] < numbers.standard_c:
        slot[i, S_ENDED] = -1
    elif slot[i, S_ENDED] < 0:
        slot[i, S_ENDED] = int(at_s)  # the neighbours are warm from now on
    elif at_s - slot[i, S_ENDED] >= DAY_S:
        slot[i, S_ENDED] = -1
        if slot[i, S_CONFIRMED] >= 0:
            _act_on(desk, numbers, i, room_of(desk, i), at_s, at_s, epoch)
        else:
            _request_visit(desk, numbers, i, at_s, epoch + 1)
        return
    _next(desk.slot, desk.buckets, numbers.epoch_s, i, _RECOVERED, at_s + _LOOK_S, epoch + 1)


@inner
def _remedy(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    """Raise the dwelling's offset at least to the standard, unless the work brings nothing or not nearly enough.

    Each further work goes deeper and may bring more.
    """
    slot = desk.slot
    d = slot[i, S_DWELLING]
    key = _key(desk.slot, numbers.key, i)
    turn = slot[i, S_ROUND]
    room = room_of(desk, i)
    drawn = numbers.remedy_gain_k * (0.5 + uniform(key, M_GAIN + turn))
    needed = numbers.standard_c + numbers.reading_error_k - room
    most = 0.0 if uniform(key, M_REMEDY_FAILS + turn) < numbers.remedy_fails_share else (2.0 + turn) * drawn
    if most == 0.0 or needed > most:
        _say(desk.counts, desk.entry, desk.slot, i, at_s, FELL_SHORT, slot[i, S_SEQ_LAST], most)
        slot[i, S_ROUND] = turn + 1
        if turn + 1 < _ROUNDS:
            _begin_remedy(desk, numbers, i, at_s, epoch)
        else:
            _promise(desk, numbers, i, at_s, epoch)
        return
    before = desk.dwelling[d, D_OFFSET]
    gain = np.float32(max(drawn, needed))
    desk.dwelling[d, D_OFFSET] = before + gain
    slot[i, S_OLD_BIN] = bin_of(before)
    slot[desk.counts[N_CHANGED], S_CHANGED] = i
    desk.counts[N_CHANGED] += 1
    desk.counts[N_REMEDIES] += 1
    slot[i, S_ENDED] = int(at_s)
    slot[i, S_SEQ_LAST] = _say(desk.counts, desk.entry, desk.slot, i, at_s, REMEDIED, slot[i, S_SEQ_LAST], float(gain))
    _next(
        desk.slot,
        desk.buckets,
        numbers.epoch_s,
        i,
        _CLOSE,
        at_s + exponential(uniform(key, M_CLOSING), numbers.close_s),
        epoch + 1,
    )


@inner
def _close(desk: Desk, numbers: Any, i: int, at_s: float, epoch: int) -> None:
    slot = desk.slot
    slot[i, S_SEQ_LAST] = _say(
        desk.counts, desk.entry, desk.slot, i, at_s, CLOSED, slot[i, S_SEQ_LAST], float(slot[i, S_CAUSE])
    )
    slot[i, S_CLOSED] = int(at_s)
    slot[i, S_STEP] = _GONE
    desk.dwelling[slot[i, S_DWELLING], D_OPEN] = -1
    desk.counts[N_CLOSED] += 1
    late = at_s > slot[i, S_ACCEPTED] + numbers.limit_s
    cold = slot[i, S_TOPIC] < BILLING and room_of(desk, i) < numbers.standard_c
    _perhaps_escalate(desk, numbers, i, late or cold, at_s, epoch, M_ESCALATE)


@inner
def _perhaps_escalate(
    desk: Desk, numbers: Any, i: int, discontent: bool, at_s: float, epoch: int, purpose: int
) -> None:
    key = _key(desk.slot, numbers.key, i)
    if discontent and uniform(key, purpose) < numbers.escalate_share:
        complain_to_authority(desk, numbers, i, at_s + exponential(uniform(key, M_ESCALATE_WHEN), DAY_S), epoch)


@inner
def _check_deadline(desk: Desk, numbers: Any, i: int, epoch: int) -> None:
    """Explain a delay before the limit, and again whenever a promised date goes by; some then go to the authority."""
    slot = desk.slot
    if slot[i, S_CLOSED] >= 0:
        return
    due_s = float(slot[i, S_DEADLINE])
    now_s = max(due_s, epoch * numbers.epoch_s)
    if slot[i, S_STEP] == _CLOSE and slot[i, S_AT] <= now_s:  # over by then: it is noted in the next epoch
        return
    if due_s >= (epoch + 1) * numbers.epoch_s:  # a later date was promised meanwhile
        schedule(desk.slot, desk.buckets, DEADLINE, i, due_s, epoch + 1, numbers.epoch_s)
        return
    turn = int((now_s - slot[i, S_ACCEPTED]) / DAY_S)
    broken = slot[i, S_DEADLINE] != int(slot[i, S_ACCEPTED] + numbers.limit_s - numbers.explain_lead_s)
    _perhaps_escalate(desk, numbers, i, broken, now_s, epoch, M_ESCALATE_LATE + turn)
    limit_s = max(now_s, slot[i, S_ACCEPTED] + numbers.limit_s)
    promised = limit_s + numbers.promise_s
    if uniform(_key(desk.slot, numbers.key, i), M_EXPLAINS + turn) < numbers.explain_share:
        # beside the case's own steps, some of which may be noted already though they come later in this epoch
        _say(desk.counts, desk.entry, desk.slot, i, now_s, DELAY_EXPLAINED, slot[i, S_SEQ_ACCEPTED], promised)
    schedule(desk.slot, desk.buckets, DEADLINE, i, promised, epoch + 1, numbers.epoch_s)


@inner
def _queues_at_authority(desk: Desk, numbers: Any, i: int, epoch: int) -> bool:
    """Note a complaint that reaches the authority; return whether it is looked into already and awaits a decision."""
    slot = desk.slot
    if slot[i, S_AUTHORITY] == 2:
        return True
    at_s = float(slot[i, S_AUTHORITY_AT])
    slot[i, S_AUTHORITY] = 2
    desk.counts[N_AUTHORITY] += 1
    slot[i, S_SEQ_AUTHORITY] = _say(
        desk.counts, desk.entry, desk.slot, i, at_s, AUTHORITY_COMPLAINED, slot[i, S_SEQ_ACCEPTED], np.nan
    )
    u = uniform(_key(desk.slot, numbers.key, i), M_AUTHORITY)
    looked_into_s = at_s + lognormal(u, numbers.authority_s, numbers.authority_sigma)
    schedule(desk.slot, desk.buckets, AUTHORITY, i, looked_into_s, epoch + 1, numbers.epoch_s)
    return False


@inner
def _authority_handles(desk: Desk, numbers: Any, i: int, begun_s: float) -> None:
    slot = desk.slot
    slot[i, S_AUTHORITY] = 3
    desk.counts[N_AUTHORITY_TOLD] += 1
    at_s, waited_s = begun_s + numbers.authority_handling_s, max(begun_s - slot[i, S_AUTHORITY_AT], 0.0)
    seq = _say(desk.counts, desk.entry, desk.slot, i, at_s, AUTHORITY_HANDLED, slot[i, S_SEQ_AUTHORITY], waited_s)
    told_s = at_s + numbers.authority_handling_s * (0.25 + uniform(_key(desk.slot, numbers.key, i), M_TOLD))
    _say(desk.counts, desk.entry, desk.slot, i, told_s, AUTHORITY_TOLD, seq, np.nan)
