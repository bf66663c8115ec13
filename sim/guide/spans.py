"""Sets of instants as disjoint rising spans: union, difference, length. Few at a time, so plain Python."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Spans", "length", "minus", "union", "within"]

Spans = list[tuple[int, int]]


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return the spans joined where they touch or overlap."""
    joined: Spans = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def within(spans: Spans, begin: int, end: int) -> Spans:
    """Return the part of the spans that lies between two instants."""
    return [(max(a, begin), min(b, end)) for a, b in spans if min(b, end) > max(a, begin)]


def minus(spans: Spans, less: Spans) -> Spans:
    """Return what is left of disjoint rising spans without others."""
    left: Spans = []
    for begin, end in spans:
        at = begin
        for a, b in less:
            if b <= at:
                continue
            if a >= end:
                break
            if a > at:
                left.append((at, a))
            at = max(at, b)
        if at < end:
            left.append((at, end))
    return left


def length(spans: Spans) -> int:
    """Return the total length."""
    return sum(end - begin for begin, end in spans)
