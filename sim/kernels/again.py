"""Who calls later: rows of calls kept, and a heap of them by the second, compiled.

Of those that will call at the same second the one that stood in line first comes first.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .complaints import COLD
from .desk import DAY_S, M_AGAIN, M_AGAIN_HOUR, M_AGAIN_SECOND, N_AGAIN, N_AGAIN_FREE, ROW, case_key
from .inner import inner
from .marks import exponential, uniform

Array = npt.NDArray[Any]

# rows of the arrays of people.march: calls kept; sorting keys
L_LINE, L_AGAIN, KEPT_ROWS = range(3)
K_HOUR, K_OUTAGE, K_AGAIN, K_ROW, KEY_ROWS = range(5)
# a call as kept (as drawn it has the first four columns): which one it was to stand in line comes last, and beside the
# calls, which rows of L_AGAIN are free
AT, DWELLING, REASON, COHORT, HOUR, ATTEMPT, CASE, STOOD, FREE, CALL_COLUMNS = range(10)


@inner
def ask_again(
    slot: int,
    at_s: float,
    dwelling: int,
    c: int,
    stood: int,
    epoch: int,
    hours: int,
    day_shares: Array,
    again: Array,
    keys: Array,
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
    if later_s < (epoch + 1) * numbers.epoch_s:
        later_s += DAY_S
    hour = int(later_s / 3600.0)
    if hour < hours:
        call_again(later_s, dwelling, COLD, c, hour, np.int64(0), slot, stood, again, keys, count)


@inner
def keep(
    calls: Array,
    row: int,
    at: int,
    dwelling: int,
    reason: int,
    c: int,
    hour: int,
    attempt: int,
    asked: int,
    stood: int,
) -> None:
    """Write a call into a row."""
    calls[row, AT], calls[row, DWELLING], calls[row, REASON], calls[row, COHORT] = at, dwelling, reason, c
    calls[row, HOUR], calls[row, ATTEMPT], calls[row, CASE] = hour, attempt, asked
    calls[row, STOOD] = stood


@inner
def call_again(
    at_s: float,
    dwelling: int,
    reason: int,
    c: int,
    hour: int,
    attempt: int,
    asked: int,
    stood: int,
    again: Array,
    keys: Array,
    count: Array,
) -> None:
    """Keep a caller who will call (again) later: a row of `again`, and its key in the heap."""
    if count[N_AGAIN_FREE] > 0:
        count[N_AGAIN_FREE] -= 1
        row = again[count[N_AGAIN_FREE], FREE]
    else:
        row = count[N_AGAIN]
    keep(again, row, np.int64(at_s), dwelling, reason, c, hour, attempt, asked, stood)
    key = (np.int64(at_s) << 32) | (stood & ROW)
    i = count[N_AGAIN]
    count[N_AGAIN] += 1
    while i > 0 and keys[K_AGAIN, (i - 1) // 2] > key:
        _move(keys, (i - 1) // 2, i)
        i = (i - 1) // 2
    keys[K_AGAIN, i], keys[K_ROW, i] = key, row


@inner
def pop_again(keys: Array, again: Array, count: Array) -> int:
    """Take the earliest caller out of the heap and return the row, which is free from now on."""
    row = keys[K_ROW, 0]
    count[N_AGAIN] -= 1
    n = count[N_AGAIN]
    key, last = keys[K_AGAIN, n], keys[K_ROW, n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and keys[K_AGAIN, child + 1] < keys[K_AGAIN, child]:
            child += 1
        if keys[K_AGAIN, child] >= key:
            break
        _move(keys, child, i)
        i = child
    keys[K_AGAIN, i], keys[K_ROW, i] = key, last
    again[count[N_AGAIN_FREE], FREE] = row
    count[N_AGAIN_FREE] += 1
    return int(row)


@inner
def _move(keys: Array, source: int, target: int) -> None:
    """Move an entry of the heap."""
    keys[K_AGAIN, target], keys[K_ROW, target] = keys[K_AGAIN, source], keys[K_ROW, source]
