"""Whether anybody was short in the hours just marched: asked at every stop of the clock, mostly answered with no."""

from __future__ import annotations

from typing import Any

from .heat_compile import kernel
from .layout import Array

__all__ = ["any_above_zero", "mark_short", "mark_unserved"]


@kernel
def any_above_zero(first: Array, second: Array, first_hour: int, last_hour: int) -> bool:
    """Return whether anything in two arrays of one shape, (hour, source), is above zero in some hours."""
    for h in range(first_hour, last_hour):
        for i in range(first.shape[1]):
            if first[h, i] > 0.0 or second[h, i] > 0.0:
                return True
    return False


@kernel
def mark_unserved(heat: Array, need: Array, share: float, unserved: Array) -> bool:
    """Mark the substations that get less than a share of the heat they ask for, shape (substation,); tell of any."""
    found = False
    for x in range(len(need)):
        is_short = need[x] > 0.0 and heat[x] / need[x] < share
        unserved[x] = is_short
        found |= is_short
    return found


@kernel
def mark_short(
    heat: Array, need: Array, first_hour: int, last_hour: int, share: Any, floor: Array, owed: Array, short: Array
) -> int:
    """Mark the hours in which a substation got less than a share of its need; return how many.

    Parameters
    ----------
    heat, need : float32 arrays, shape (hour, substation)
        Heat given and needed [W].
    first_hour, last_hour : int
        Which of these hours are looked at.
    share : float32
        The share [-].
    floor : array, shape (substation,)
        Need up to which a shortfall says nothing [W].
    owed : bool array, shape (substation,)
        Substations that are owed heat.
    short : bool array, shape (at least the hours looked at, substation), out
    """
    found = 0
    for h in range(first_hour, last_hour):
        for x in range(heat.shape[1]):
            is_short = (heat[h, x] < share * need[h, x]) & (need[h, x] > floor[x]) & owed[x]
            short[h - first_hour, x] = is_short
            found += is_short
    return found
