"""Numbers as people read them, alone or with their spread over winters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .words import Words

__all__ = ["amount", "count", "error", "share", "spread_cells", "unit", "with_error"]


def count(value: float, words: Words) -> str:
    """Return a count or amount: grouped digits, and above a million in millions (zh: 万, 亿)."""
    if value is None or not math.isfinite(value):
        return "-"
    size = abs(value)
    if words.lang == "zh":
        if size >= 1e8:
            return f"{value / 1e8:,.2f}亿"
        if size >= 1e6:
            return f"{value / 1e4:,.0f}万"
    elif size >= 1e6:
        return f"{value / 1e6:,.2f} M"
    return amount(value, words)


def amount(value: float, words: Words) -> str:
    """Return a number with as many decimals as its size bears."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) < 0.005:  # little is not nothing
        return f"{value:.1g}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def share(value: float, words: Words) -> str:
    """Return a share in per cent; one that is not whole is never rounded to 0 or 100 %."""
    if value is None or not math.isfinite(value):
        return "-"
    for decimals in (1, 2, 3, 4):
        text = f"{100 * value:.{decimals}f}"
        if value in (0, 1) or float(text) not in (0.0, 100.0):
            return f"{text}%"
    return ">99.9999%" if value > 0.5 else "<0.0001%"


def error(value: float, words: Words) -> str:
    """Return the error of a balance."""
    return "0" if value == 0 else f"{value:.1e}"


def unit(name: str, words: Words) -> str:
    """Return a unit as this language writes it."""
    return words(f"unit.{name}") if f"unit.{name}" in words else name


Figure = Callable[[float, Words], str]


def with_error(value: Any, figure: Figure, words: Words) -> str:
    """Return a number, or its mean and standard error where it is spread over winters.

    Parameters
    ----------
    value : number, mapping or None
        A plain number or a spread (see ``sim.tables.SPREAD``); a pooled share is preferred to the mean of shares.
    figure : callable
        One of this module's.
    words : Words
    """
    if value is None:
        return "-"
    if not isinstance(value, Mapping):
        return figure(float(value), words)
    if "mean" not in value:
        return "-"
    told = figure(value.get("pooled", value["mean"]), words)
    if value["se"] is None:
        return words("spread.once", mean=told)
    return f"{told} ± {figure(value['se'], words)}"


def spread_cells(value: Any, figure: Figure, words: Words) -> tuple[str, str, str, str]:
    """Return the cells mean ± error, 5 %, median and 95 % of a number over winters."""
    if not isinstance(value, Mapping) or "mean" not in value:
        return with_error(value, figure, words), "", "", ""
    low, middle, high = (figure(value[name], words) for name in ("p05", "p50", "p95"))
    return with_error(value, figure, words), low, middle, high
