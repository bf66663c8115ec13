"""Winters' documents made into one as they come: of each is kept a row of floats and its breaches, packed.

Every number of the document has a column; texts are kept once, of the first winter that has them. So a thousand winters
take a thousand rows, in whatever order they come, and what is said of them is exact: means, errors, quantiles.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, overload

import numpy as np

from .case import Outcome

Column = np.ndarray[Any, np.dtype[np.float64]]

__all__ = ["Breaches", "Tally", "spread"]

# What a clause came to over several winters is the first of these that it came to in any of them.
_WORST_FIRST = ("breached", "no_evidence", "open", "met", "excused", "not_triggered", "reported", "not_simulated")
_PARTS = ("score", "headline", "balances", "by_operator", "by_district", "by_source", "by_cause", "clauses")


class Tally:
    """Winters of one scenario, in whatever order they come."""

    def __init__(self) -> None:
        self._came: list[int] = []  # replications
        self._rows: list[array[float]] = []  # the numbers of each, by column; columns that came up later are lacking
        self._columns = count()
        self._first: tuple[float, Mapping[str, Any]] = (math.inf, {})
        self._broken: tuple[float, Mapping[str, Any]] = (math.inf, {})  # how the first ended that ended early
        self._numbers = _Place()
        self._worst: dict[str, _Worst] = {}
        self._breaches: dict[int, bytes] = {}

    @property
    def replications(self) -> tuple[int, ...]:
        """The winters told so far, in order."""
        return tuple(sorted(self._came))

    def add(self, outcome: Outcome) -> None:
        """Take in a winter that has a result."""
        winter, document = outcome.replication, outcome.document
        row = array("d")
        self._numbers.put({part: document[part] for part in _PARTS if part in document}, winter, row, self._columns)
        self._rows.append(row)
        self._came.append(winter)
        if winter < self._first[0]:
            self._first = (winter, document)
        if document["ended"].get("code") != "complete" and winter < self._broken[0]:
            self._broken = (winter, document["ended"])
        for row in document["clauses"]:
            self._worst.setdefault(row["id"], _Worst()).put(row, winter)
        if document["breaches"]:
            self._breaches[winter] = zlib.compress(json.dumps(document["breaches"]).encode())

    def values(self, path: str) -> list[float]:
        """Return one number of every winter by replication, NaN where one has no such number.

        Raises
        ------
        KeyError
            When no winter has anything at this path.
        """
        numbers: list[float] = self._column(self._numbers.at(path)).tolist()
        return numbers

    def first_document(self) -> dict[str, Any]:
        """Return the document of the winter with the lowest number."""
        return dict(self._first[1])

    def document(self) -> dict[str, Any]:
        """Return one document for all winters: that of the first, with every number as its :func:`spread`."""
        merged = self.first_document()
        merged["replications"] = len(self._came)
        merged |= self._merged(self._numbers, len(self._came))
        for row in merged["clauses"]:
            worst = self._worst[row["id"]]
            _, winter, row["worst"] = worst.breach
            row["status"] = _WORST_FIRST[worst.rank]
            if row["worst"]:
                row["worst_replication"] = winter
        merged["breaches"] = Breaches(self._breaches)
        merged["ended"] = self._broken[1] or merged["ended"]
        return merged

    def _column(self, place: _Place) -> Column:
        """Return what stood at a place by replication."""
        at = place.column
        return np.array([self._rows[n][at] if at < len(self._rows[n]) else np.nan for n in np.argsort(self._came)])

    def _merged(self, place: _Place, winters: int) -> Any:
        """Return one value for many winters: numbers as their spread, tables key by key, texts as they first were."""
        sample = place.sample
        if isinstance(sample, bool):
            return bool(1.0 in self._column(place))
        if isinstance(sample, int | float):
            return spread(self._column(place), winters)
        inside = sorted(place.inside.items(), key=lambda item: item[1].order)
        if isinstance(sample, Mapping):
            return {key: self._merged(below, winters) for key, below in inside}
        if isinstance(sample, list):  # of clauses or their parts, which carry ids; other lists are one winter's story
            return [self._duty(below) for _, below in inside]
        return sample

    def _duty(self, place: _Place) -> dict[str, Any]:
        """Merge a clause, or a part of one: its compliance also pooled, counts added before dividing."""
        row: dict[str, Any] = self._merged(place, place.winters)
        met, late, missed = (self._total(place.inside.get(state)) for state in ("met", "late", "missed"))
        if isinstance(row.get("compliance"), dict) and met + late + missed:
            row["compliance"]["pooled"] = met / (met + late + missed)
        return row

    def _total(self, place: _Place | None) -> float:
        return 0.0 if place is None else sum(value for value in self._column(place).tolist() if math.isfinite(value))


@dataclass(slots=True)
class _Place:
    """A place in the documents, such as ``headline.calls``, and what stood there."""

    order: tuple[float, int] = (math.inf, 0)  # the first winter that has the key, and where among its keys
    winters: int = 0  # that have something there
    told_by: float = math.inf  # the first of them
    sample: Any = None  # what that had: whole when it is no table and no list
    column: int = sys.maxsize  # where its numbers stand in a row, once there are any
    inside: dict[str, _Place] = field(default_factory=dict)  # by key, or by the id of a row

    def put(self, value: Any, winter: int, numbers: array[float], columns: Iterator[int]) -> None:
        """Take in what a winter has here, a number into its row; the next of `columns` is free."""
        if value is None:
            return
        self.winters += 1
        if winter < self.told_by:
            self.told_by = winter
            self.sample = {} if isinstance(value, Mapping) else [] if isinstance(value, list) else value
        if isinstance(value, int | float):
            if self.column == sys.maxsize:
                self.column = next(columns)
            numbers.extend([math.nan] * (self.column + 1 - len(numbers)))
            numbers[self.column] = value
            return
        rows: Iterable[tuple[str, Any]] = ()
        if isinstance(value, Mapping):
            rows = value.items()
        elif isinstance(value, list):
            rows = ((row["id"], row) for row in value if isinstance(row, Mapping) and "id" in row)
        for rank, (key, item) in enumerate(rows):
            below = self.inside.setdefault(key, _Place())
            below.order = min(below.order, (winter, rank))
            below.put(item, winter, numbers, columns)

    def at(self, path: str) -> _Place:
        """Return the place below this one that a path names; KeyError when there is none."""
        if not path:
            return self
        for key, below in self.inside.items():  # a clause's id has dots of its own
            if path == key or path.startswith(f"{key}."):
                with contextlib.suppress(KeyError):
                    return below.at(path[len(key) + 1 :])
        raise KeyError(path)


@dataclass(slots=True)
class _Worst:
    """The worst that a clause came to."""

    rank: int = len(_WORST_FIRST) - 1
    breach: tuple[float, int, str] = (math.inf, 0, "")  # margin, winter, address

    def put(self, row: Mapping[str, Any], winter: int) -> None:
        self.rank = min(self.rank, _WORST_FIRST.index(row["status"]))
        if row["worst"]:
            margin = -math.inf if row["margin"] is None else row["margin"]  # JSON has no number for what is endless
            self.breach = min(self.breach, (margin, winter, row["worst"]))


class Breaches(Sequence[Mapping[str, Any]]):
    """The breaches of all winters, each with its replication: packed, and unpacked winter by winter."""

    def __init__(self, packed: Mapping[int, bytes]) -> None:
        self._packed = packed

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for winter in sorted(self._packed):
            for breach in json.loads(zlib.decompress(self._packed[winter])):
                yield {**breach, "replication": winter}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> Any:
        return list(self)[index]


def spread(values: Sequence[float | None] | Column, winters: int | None = None) -> dict[str, float | None]:
    """Return mean, standard error and quantiles of a number over winters.

    Parameters
    ----------
    values : sequence of float or None
        One per winter; None or NaN where a winter has no such number.
    winters : int, optional
        How many could have it; as many as there are values when left out.

    Returns
    -------
    dict
        ``mean``, ``se`` (of the mean; None for a single value, which tells of no spread), ``p05``, ``p50``, ``p95``
        (linear between order statistics), and ``n`` when some winters have no value.
    """
    every = np.array(values, dtype=np.float64)
    present = every[np.isfinite(every)]
    if not len(present):
        return {"n": 0}
    low, middle, high = np.quantile(present, [0.05, 0.5, 0.95])
    summary: dict[str, float | None] = {
        "mean": float(present.mean()),
        "se": float(present.std(ddof=1) / np.sqrt(len(present))) if len(present) > 1 else None,
        "p05": float(low),
        "p50": float(middle),
        "p95": float(high),
    }
    return summary if len(present) == (winters or len(every)) else {**summary, "n": len(present)}
