"""The desk at which people are answered: the arrays that complaints and cases live in, and the steps' calendar.

Steps wait in buckets of one epoch each (a linked list per stage and epoch); in an epoch they are taken in order of
(instant, case), so the outcome does not depend on how they came there.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .complaints import NO_HEAT
from .heat_compile import INDEX, row_kernel
from .inner import inner
from .marks import mix, sort_keys

Array = npt.NDArray[Any]

# Numbers passed to functions are int64, not int: numba compiles a function anew for each literal int that it is given.
# kinds of entries
(
    ANSWERED, ABANDONED, ENQUIRY_ANSWERED, ACCEPTED, RESPONDED, REQUESTED, VISITED, SIGNED, DISPUTED, THIRD_PARTY,
    ACTION, REMEDIED, CLOSED, DELAY_EXPLAINED, OTHER_FOUND, CAUSE_EXPLAINED, AUTHORITY_COMPLAINED, AUTHORITY_HANDLED,
    AUTHORITY_TOLD, NOBODY_HOME, FELL_SHORT,
) = map(np.int64, range(21))  # fmt: skip
# true causes
FAULT, OPERATOR, SHORTAGE, USER, MEETS, OTHER, ESTATE = map(np.int64, range(7))
# stages, each with buckets
RESPOND, STEP, VISIT, DEADLINE, AUTHORITY = map(np.int64, range(5))
STAGES = 5
_LANE = (0, 0, 0, 1, 2)  # a case waits at most once in each lane
# rows of Desk.slot: the case; its links in three lanes of buckets; three lines of cases that wait for hands; and the
# cases remedied in this epoch
(S_DWELLING, S_COHORT, S_CASE, S_TOPIC, S_HOUR, S_ACCEPTED, S_STEP, S_AT, S_CAUSE, S_SEQ_ACCEPTED, S_SEQ_LAST,
 S_SEQ_MEASURED, S_SEQ_AUTHORITY, S_MEASURED_MK, S_CONFIRMED, S_ENDED, S_DEADLINE, S_ROUND, S_AUTHORITY, S_AUTHORITY_AT,
 S_CLOSED, S_OLD_BIN, S_LINK, S_QUEUE, S_CHANGED, SLOT_ROWS) = (*range(23), 25, 28, 29)  # fmt: skip
# columns of Desk.dwelling (a float32 holds the number of a case exactly up to 16,777,216); rows of
# Desk.cohort
D_OFFSET, D_OPEN, DWELLING_ROWS = range(3)
C_NO_HEAT, C_SHORT, C_TOLD, C_FAULT_SEQ, C_BELOW_SEQ, C_FAULT_S, C_BELOW_S, COHORT_ROWS = range(8)
DIRECT = np.int64(9)  # topic of a complaint that went to the authority without the operator
# rows of Desk.count
(
    N_CALLS_WAITING, N_HOUR_CALLS, N_HOUR_NEXT, N_AGAIN, N_AGAIN_FREE, N_SLOTS, N_CASE, N_SEQ, N_ENTRIES, N_OFFERED,
    N_ANSWERED, N_ABANDONED, N_OPENED, N_CLOSED, N_EXPLAINED, N_CALL_BACKS, N_CALL_BACKS_DONE, N_AUTHORITY,
    N_AUTHORITY_TOLD, N_VISITS, N_REMEDIES, N_CHANGED, N_TOUCHED, N_WITHDRAWN, N_STAFF, N_QUEUE_FIRST, N_QUEUE_LAST,
    COUNT_ROWS,
) = (*range(25), 28, 31, 34)  # fmt: skip

DAY_S = 86_400.0
ROW = 0x7FFFFFFF  # the low half of a sorting key
# purposes of marks; those above 23 are followed by turns or attempts
(M_RESPONSE, M_CALL_BACK, M_ANSWER, M_ASKS_VISIT, M_BY_PHONE, M_READING, M_DISPUTE, M_THIRD_PARTY, M_CLOSING,
 M_THIRD_READING, M_ESCALATE, M_ESCALATE_WHEN, M_AUTHORITY, M_TOLD, M_CASE, M_WHOSE_DOING, M_DIRECT, M_CONTENT,
 M_NEEDS_CALL_BACK, M_GIVES_UP_DIRECT, M_AGAIN, M_AGAIN_HOUR, M_AGAIN_SECOND) = map(np.int64, range(23))  # fmt: skip
(M_CALL, M_LOOK, M_NOBODY_HOME, M_NEXT_VISIT, M_REMEDY_TIME, M_GAIN, M_REMEDY_FAILS, M_ESCALATE_LATE, M_EXPLAINS) = (
    np.int64(1000 * turn) for turn in range(1, 10)
)


NUMBERS = np.dtype(
    [("key", np.uint64)]
    + [
        (name, np.float64)
        for name in (
            "epoch_s", "standard_c", "usual_c", "heating_until_s", "handling_s", "handling_sigma", "patience_s",
            "redial_share",
            "redial_delay_s", "redial_limit", "repeat_per_day", "outage_share", "outage_delay_h", "told_share",
            "advice_share", "informed_share", "callback_share", "callback_s", "response_s", "response_sigma",
            "response_handling_s", "outage_response_s", "phone_share", "measurement_share", "visit_s", "travel_s",
            "nobody_home_share", "revisit_s", "reading_error_k", "dispute_share", "third_party_s", "user_cause_share",
            "estate_cause_share", "remedy_s",
            "remedy_sigma", "remedy_gain_k", "remedy_fails_share", "answer_s", "close_s", "limit_s", "explain_lead_s",
            "explain_share", "promise_s", "escalate_share", "direct_share", "abandoned_direct_share", "authority_s",
            "authority_sigma", "authority_handling_s",
        )
    ]
)  # fmt: skip
"""The key of all marks, and what people do in numbers; world/people_settings.py says what each means and its source."""


ENTRY = np.dtype([(name, np.int32) for name in ("at", "kind", "case", "dwelling", "cause")] + [("value", np.float64)],
                 align=True)  # fmt: skip
"""An entry to be handed over, half a line of the cache."""


class Desk(NamedTuple):
    """All that the cases of an epoch read and change; see the names of the rows above.

    Few arrays with many rows: a compiled function costs compile time by the number of its arguments.
    """

    counts: Array  # int64 (COUNT_ROWS,)
    slot: Array  # int64 (case, SLOT_ROWS)
    buckets: Array  # int64 (2 * STAGES, epoch): first case of a stage (-1 none), then how many
    entry: Array  # ENTRY (entry,): to be handed over
    dwelling: Array  # float32 (dwelling, DWELLING_ROWS): offset [K], changed by remedies; open case, or -1
    cohort: Array  # int64 (COHORT_ROWS, cohort)
    room_c: Array  # float32 (cohort,): at the first instant of the epoch's hour


@inner
def note(count: Array, entry: Array, at_s: float, kind: int, case: int, dwelling: int, cause: int, value: float) -> int:
    """Append an entry and return its seq."""
    n = count[N_ENTRIES]
    entry[n].at = np.int32(math.floor(at_s))
    entry[n].kind = kind
    entry[n].case = case
    entry[n].dwelling = dwelling
    entry[n].cause = cause
    entry[n].value = value
    count[N_ENTRIES] = n + 1
    return int(count[N_SEQ] + n)


@inner
def schedule(slot: Array, buckets: Array, stage: int, i: int, at_s: float, earliest_epoch: int, epoch_s: float) -> None:
    """Put a case's next step of a stage into the bucket of its epoch; beyond the last epoch it stays open."""
    lane = _LANE[stage]
    slot[i, S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT)] = int(at_s)
    epoch = max(int(at_s / epoch_s), earliest_epoch)
    if epoch < buckets.shape[1]:
        slot[i, S_LINK + lane] = buckets[stage, epoch]
        buckets[stage, epoch] = i
        buckets[STAGES + stage, epoch] += 1


@inner
def gather(desk: Desk, keys: Array, stage: int, epoch: int) -> int:
    """Sort the keys (instant, case) of an epoch's steps into keys and return their number."""
    row = S_AUTHORITY_AT if stage == AUTHORITY else (S_DEADLINE if stage == DEADLINE else S_AT)
    lane = _LANE[stage]
    n = 0
    i = desk.buckets[stage, epoch]
    while i >= 0:
        keys[n] = (np.int64(desk.slot[i, row]) << 32) | i
        n += 1
        i = desk.slot[i, S_LINK + lane]
    sort_keys(keys, n)
    return n


@inner
def case_key(key: Any, dwelling: int, hour: int) -> Any:
    """Return the key of the marks of whatever this dwelling began in this hour."""
    return mix(mix(mix(key, M_CASE), dwelling), hour)


@row_kernel
def hand_over(
    entry: Array,
    entries: int,
    codes: Array,
    first_seq: int,
    first_subject: int,
    at: Array,
    what: Array,
    case: Array,
    subject: Array,
    cause: Array,
    value: Array,
    accepted: Array,
) -> int:
    """Copy the first entries into a record's columns, all shape (entries,).

    Returns how many complaints about cold or stopped heat were accepted.

    Parameters
    ----------
    entry : array of ENTRY, shape (entry,)
    entries : int
    codes : int array, shape (kinds,)
        The record's code of each kind.
    first_seq : int
        The record's number of the first entry.
    first_subject : int
        The record's subject of dwelling 0.
    at, what, case, subject, cause, value : arrays
        Filled.
    accepted : int32 array, shape (entries,)
        Its first places are filled with the numbers of those complaints.
    """
    complaints = 0
    for n in range(entries):
        kind = entry[n].kind & INDEX
        at[n], what[n], case[n] = entry[n].at, codes[kind], entry[n].case
        subject[n] = entry[n].dwelling + first_subject
        cause[n], value[n] = entry[n].cause, entry[n].value
        if kind == ACCEPTED and entry[n].value <= NO_HEAT:
            accepted[complaints] = first_seq + n
            complaints += 1
    return complaints
