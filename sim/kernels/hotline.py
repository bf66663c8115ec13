"""One queue, first come first served, staff by roster, callers who give up: exact, over epochs.

Nothing is approximated: within an epoch the number of agents is constant, and each caller in order of arrival takes the
agent who is free first, unless patience ends before that. What happens at the same instant is settled thus:

1. callers who arrive in the same instant stand in the order of their rows;
2. an agent who becomes free at the very instant a caller's patience ends takes the call;
3. at an epoch's beginning the roster changes first, then calls are taken: fresh agents are free at once, and those who
   go are the ones free the earliest; one who is still speaking finishes that call and takes no other.

References: Kiefer & Wolfowitz (1955) for the recursion; Erlang A as in Mandelbaum & Zeltyn (2005).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from .inner import inner

Array = npt.NDArray[Any]

__all__ = [
    "ABANDONED",
    "ANSWERED",
    "WAITING",
    "leave_first",
    "outcome_of",
    "run_queue",
    "soonest",
    "staff",
    "take_first",
]

WAITING, ANSWERED, ABANDONED = 0, 1, 2


@inner
def take_first(free_s: Array, on_duty: int, until_s: float) -> None:
    """Let the agent who is free first be busy until `until_s` instead (sift down in the heap), in place."""
    i = 0
    last = on_duty - 1
    while 2 * i + 1 <= last:
        child = 2 * i + 1
        child += free_s[min(child + 1, last)] < free_s[child]  # a branch here would be foreseen wrongly half the time
        if free_s[child] >= until_s:
            break
        free_s[i] = free_s[child]
        i = child
    free_s[i] = until_s


@inner
def leave_first(free_s: Array, on_duty: int) -> int:
    """Take the agent who is free first out of the heap, in place; return how many are left."""
    on_duty -= 1
    if on_duty > 0:
        take_first(free_s, on_duty, free_s[on_duty])
    return on_duty


@inner
def staff(free_s: Array, on_duty: int, wanted: int, now_s: float) -> int:
    """Bring the staff to the roster's number at an epoch's beginning, in place.

    Parameters
    ----------
    free_s : float array, shape (at least wanted,)
        Heap of the instants from which each agent on duty is free [s].
    on_duty, wanted : int
        Agents now, and by the roster.
    now_s : float
        The epoch's beginning [s].

    Returns
    -------
    int
        Agents on duty, now `wanted`.
    """
    while on_duty > wanted:
        on_duty = leave_first(free_s, on_duty)
    while on_duty < wanted:
        i = on_duty
        while i > 0 and free_s[(i - 1) // 2] > now_s:
            free_s[i] = free_s[(i - 1) // 2]
            i = (i - 1) // 2
        free_s[i] = now_s
        on_duty += 1
    return on_duty


@inner
def soonest(free_s: Array, on_duty: int, arrival_s: float) -> float:
    """Return when an agent could take a caller who arrives at `arrival_s`: never, where nobody is on duty [s]."""
    return max(arrival_s, free_s[0]) if on_duty > 0 else math.inf


@inner
def outcome_of(start_s: float, deadline_s: float, end_s: float) -> int:
    """Return what becomes of a caller within an epoch.

    Parameters
    ----------
    start_s : float
        When an agent could take the call, from :func:`soonest` [s].
    deadline_s : float
        When patience ends [s].
    end_s : float
        The epoch's end; what would begin then or later is left for the next [s].
    """
    if start_s <= deadline_s and start_s < end_s:
        return ANSWERED
    return ABANDONED if deadline_s < end_s else WAITING


@njit(cache=True)
def run_queue(
    arrival_s: Array, patience_s: Array, handling_s: Array, roster: Array, epoch_s: float
) -> tuple[Array, Array]:
    """Run a whole queue without feedback: the same steps as a season's, epoch by epoch.

    Parameters
    ----------
    arrival_s, patience_s, handling_s : arrays, shape (call,)
        Sorted by arrival [s].
    roster : int array, shape (epoch,)
        Agents on duty in each epoch; the last number holds on until nobody waits that will ever be served.
    epoch_s : float
        Length of an epoch [s].

    Returns
    -------
    outcome : int array, shape (call,)
    begun_s : array, shape (call,)
        Instant of the answer or of giving up [s].
    """
    calls = len(arrival_s)
    outcome = np.zeros(calls, np.int32)
    begun_s = np.full(calls, np.inf)
    free_s = np.zeros(roster.max())
    on_duty = 0
    first = last = epoch = 0
    while first < calls:
        if epoch < len(roster):
            on_duty = staff(free_s, on_duty, roster[epoch], epoch * epoch_s)
        end_s = (epoch + 1) * epoch_s
        while last < calls and arrival_s[last] < end_s:
            last += 1
        waiting = last
        for i in range(first, last):
            if outcome[i] != WAITING:
                continue
            start_s, deadline_s = soonest(free_s, on_duty, arrival_s[i]), arrival_s[i] + patience_s[i]
            outcome[i] = outcome_of(start_s, deadline_s, end_s)
            if outcome[i] == ANSWERED:
                begun_s[i] = start_s
                take_first(free_s, on_duty, start_s + handling_s[i])
            elif outcome[i] == ABANDONED:
                begun_s[i] = deadline_s
            else:
                waiting = min(waiting, i)
        first = waiting
        epoch += 1
        if epoch >= len(roster) and on_duty == 0 and last == calls:
            left = np.isfinite(patience_s[first:]) & (outcome[first:] == WAITING)
            if not left.any():
                break
    return outcome, begun_s
