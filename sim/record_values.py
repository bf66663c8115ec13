"""What the one number of an entry can be, by what its kind says it means: a slip of the hand is none of it."""

from __future__ import annotations

import math

from .record import KIND_CODE, KINDS

__all__ = ["AMOUNT", "CELSIUS", "KELVIN", "value_wanted"]

CELSIUS, KELVIN, AMOUNT = (-90.0, 100.0), (-100.0, 100.0), (-1.0e12, 1.0e12)
"""Least and greatest temperature [degC], difference of temperatures [K], and any other number."""

_NEEDED = frozenset({"early_start_decided", "extension_decided", "hotline_unstaffed", "inspection_due"})
"""Kinds that say nothing without their value."""

_TOPICS = 4  # of a complaint: 0 a cold dwelling, 1 heat that stopped, 2 the bill, 3 service


def _is_instant(what: str) -> bool:
    """Return whether the value of a kind is a time: a promised, told or decided one."""
    meaning = KINDS[KIND_CODE[what]].value
    return meaning.endswith("[s]") and not meaning.startswith("wait")


def value_wanted(what: str, value: float, *, as_time: bool) -> str:
    """Return what the value of an entry should be instead; empty where it can be what it is.

    Parameters
    ----------
    what : str
        A kind of happening.
    value : float
        As it is to be stored; NaN where the entry has none.
    as_time : bool
        Whether it was written as a time.
    """
    meaning, instant = KINDS[KIND_CODE[what]].value, _is_instant(what)
    if math.isnan(value):
        if what not in _NEEDED:
            return ""
        return _A_TIME if instant else f"a value: {meaning}"
    if instant != as_time:
        return _A_TIME if instant else "a number, not a time"
    if instant:
        return ""
    if meaning == "topic":
        return "" if value in range(_TOPICS) else f"a topic, a whole number from 0 to {_TOPICS - 1}"
    low, high = _range(meaning)
    return "" if low <= value <= high else f"a number from {low:g} to {high:g}"


_A_TIME = 'a time such as "2025-11-20 03:10"'


def _range(meaning: str) -> tuple[float, float]:
    if "[degC]" in meaning:
        return CELSIUS
    if "[K]" in meaning:
        return KELVIN
    if meaning.startswith("share"):
        return 0.0, 1.0
    if meaning == "minutes":
        return 0.0, 60.0 * 24.0 * 366.0
    return (0.0, AMOUNT[1]) if meaning else AMOUNT
