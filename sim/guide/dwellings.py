"""The dwellings' shortfall, found once a record, and anew only for cohorts of which something else is excused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.shortfall import shortfall
from .facts import F64, Facts, Ints
from .spans import Spans

__all__ = ["Cohorts", "Found", "When", "shortfall_of"]

When = tuple[int, int, F64]
"""Start and end of the period judged [s], and the levels [degC]."""

Found = tuple[npt.NDArray[Any], ...]
"""What the kernel ``shortfall`` returns: five arrays by cohort, then three by dwelling."""

_BY_COHORT = 5
_Own = tuple[tuple[int, int], ...]
"""What is excused of one cohort [s]."""


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """What the kernel reads of cohorts: rooms, first dwellings, offsets sorted and by dwelling, remedies."""

    room_c: npt.NDArray[np.float32]
    bounds: Ints
    ordered: npt.NDArray[np.float32]
    offset_k: npt.NDArray[np.float32]
    remedies: tuple[Ints, Ints, Ints, F64]

    def shortfall(self, when: When, own: list[_Own]) -> Found:
        """Return what the kernel finds, each cohort's spans excused."""
        start, end, levels = when
        lists: dict[_Own, int] = {}
        chosen = np.array([lists.setdefault(spans, len(lists)) for spans in own], np.int64)
        first = np.cumsum([0, *(len(spans) for spans in lists)]).astype(np.int64)
        flat = np.array([span for spans in lists for span in spans], np.int64).reshape(-1, 2)
        from_s, to_s = np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])
        return tuple(
            shortfall(
                self.room_c, start, end, levels, self.bounds, self.ordered, self.offset_k, chosen, first, from_s, to_s,
                *self.remedies,
            )
        )  # fmt: skip

    def dwellings(self, columns: Ints) -> Ints:
        """Return the dwellings of some cohorts."""
        return _ranges(self.bounds, columns)

    def some(self, columns: Ints) -> Cohorts:
        """Return some of the cohorts by themselves, dwellings numbered anew."""
        first, when, whose, gain = self.remedies
        dwellings, kept = self.dwellings(columns), _ranges(first, columns)
        return Cohorts(
            np.ascontiguousarray(self.room_c[:, columns]),
            np.append(0, np.cumsum(np.diff(self.bounds)[columns])),
            self.ordered[dwellings],
            self.offset_k[dwellings],
            (
                np.append(0, np.cumsum(np.diff(first)[columns])),
                when[kept],
                np.searchsorted(dwellings, whose[kept]),
                gain[kept],
            ),
        )


def _ranges(bounds: Ints, columns: Ints) -> Ints:
    """Return the numbers from ``bounds[c]`` to ``bounds[c + 1]`` of each column, one after another."""
    pieces = [np.arange(a, b) for a, b in zip(bounds[columns].tolist(), bounds[columns + 1].tolist(), strict=True)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def shortfall_of(facts: Facts, city: Cohorts, when: When, spans: tuple[Spans, dict[int, Spans]]) -> Found:
    """Return the shortfall by cohort and dwelling; of what was found first, what is excused as it was then stands."""
    everywhere, touched = spans
    lists = {substation: tuple(excused) for substation, excused in touched.items()}
    common = tuple(everywhere)
    substations = facts.record.subjects.substation[facts.cohorts].tolist()
    own: list[_Own] = [lists.get(substation, common) for substation in substations]
    key = (*when[:2], when[2].tobytes())
    first_key, before, found = facts.once("shortfall", lambda: (key, own, city.shortfall(when, own)))
    moved = np.flatnonzero(np.array([a != b for a, b in zip(own, before, strict=True)], np.bool_))
    if key != first_key or 2 * len(moved) > len(own):  # most anew: all in place, their rooms not copied out
        return city.shortfall(when, own)
    if not len(moved):
        known: Found = found
        return known
    anew = city.some(moved).shortfall(when, [own[column] for column in moved.tolist()])
    dwellings = city.dwellings(moved)
    columns = [column.copy() for column in found]
    for place, (column, new) in enumerate(zip(columns, anew, strict=True)):
        column[moved if place < _BY_COHORT else dwellings] = new
    return tuple(columns)
