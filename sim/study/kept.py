"""What a ledger keeps of an outcome: which of its numbers, and in how many digits.

A row of a long study must be short: numbers that follow from others are left out, and seven digits are kept of what is
no whole number.
"""

from __future__ import annotations

import math
from typing import Any

from .case import Outcome

__all__ = ["numbers_of", "packed", "unpacked"]

_TO_THE_UNIT, _DIGITS = 1e5, 7
_TENS = tuple(10.0**exponent for exponent in range(16))
_LEAST, _MOST = 1e-9, 2.0**53  # of what is packed
# Headline numbers that follow from others, or that a metric can bring back: a row of a long study must be short.
_LEFT_OUT = frozenset(
    {
        "balance_error", "co2_value_cny", "coldest_1pct_degree_hours", "cost_cny_m2", "degree_hours_below_14",
        "degree_hours_below_16", "electricity_mwh", "heat_delivered_gj", "heat_lost_gj", "min_contract_cover",
        "share_dwelling_hours_18_in_scope", "share_dwelling_hours_18_strict", "share_dwellings_always_18_in_scope",
        "water_t",
    }
)  # fmt: skip


def numbers_of(outcome: Outcome, *, relative_margins: bool = False) -> dict[str, float]:
    """Return the numbers of an outcome that a ledger keeps, by path.

    Of a clause these are how many duties were judged, how many of them were met, and its margin, with the one without a
    unit only if asked for (a search steers by it; it takes a quarter of a row); of the headline the numbers that stand
    alone or in a split of costs, but for a few that follow from others. Numbers of a hundred thousand and more are kept
    to the unit, smaller ones to seven significant digits; none becomes zero that is not.
    """
    document = outcome.document
    found: dict[str, Any] = {f"score.{bearer}": value for bearer, value in document["score"].items()}
    for row in document["clauses"]:
        if row["status"] in ("not_simulated", "reported", "no_evidence"):
            continue
        amounts = {"met": row["met"], "judged": row["met"] + row["late"] + row["missed"], "margin": row["margin"]}
        if relative_margins:
            amounts["relative_margin"] = row.get("relative_margin")
        found.update((f"clauses.{row['id']}.{name}", amount) for name, amount in amounts.items())
    for name, value in document["headline"].items():
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in _LEFT_OUT:
            found[f"headline.{name}"] = value
        elif name == "cost_split_cny":
            found.update((f"headline.{name}.{kind}", part) for kind, part in value.items())
    found.update((f"metrics.{name}", value) for name, value in outcome.metrics.items())
    return {
        path: unpacked(packed(float(value)))
        for path, value in found.items()
        if value is not None and math.isfinite(value)
    }


def packed(value: float) -> int | float:
    """Return a number as an integer, which SQLite keeps in as few bytes as it needs, where a float takes eight.

    A whole number n is 2 n; m * 10**-e is 2 (16 m + e) + 1: four bytes for seven digits. What is too large or too small
    for that stays a float.
    """
    if value != 0.0 and not _LEAST <= abs(value) <= _MOST:
        return value
    if value == round(value) or abs(value) >= _TO_THE_UNIT:
        return 2 * round(value)
    exponent = min(len(_TENS) - 1, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    digits = round(value * _TENS[exponent])
    while digits % 10 == 0:
        digits, exponent = digits // 10, exponent - 1
    return 2 * digits * 10**-exponent if exponent <= 0 else 2 * (16 * digits + exponent) + 1


def unpacked(number: int | float) -> float:
    """Return the number that :func:`packed` made this of."""
    if isinstance(number, float):
        return number
    half = number >> 1
    return (half >> 4) / _TENS[half & 15] if number & 1 else float(half)
