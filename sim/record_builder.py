"""How a Record's entries are collected: one by one, in blocks, and by two who note at once."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from .record import KIND_CODE, SIMULATED

__all__ = ["WHOLE", "RecordBuilder", "together"]


class _Numbers:
    """The numbers given so far, which may stand among those of another who gives numbers, too."""

    def __init__(self) -> None:
        self.count = 0
        # by run of ours: how many of the other's come before it, and how many of ours; views of them are not kept
        self.before, self.begins = array("q"), array("q")

    @property
    def next(self) -> int:
        """The number that is given next."""
        return self.count + (self.before[-1] if self.before else 0)

    def follow(self, before: int) -> None:
        """Let so many of the other's numbers come before the next."""
        if self.count and not self.before:
            self.before.append(0)
            self.begins.append(0)
        if self.begins and self.begins[-1] == self.count:
            self.before.pop()
            self.begins.pop()
        self.before.append(before)
        self.begins.append(self.count)

    def others(self, numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return what the other's numbers become, -1 staying -1."""
        if not self.before:
            return numbers
        known, become = np.flatnonzero(numbers >= 0), numbers.copy()
        run = np.searchsorted(np.frombuffer(self.before, np.int64), numbers[known], "right")
        become[known] += np.append(np.frombuffer(self.begins, np.int64), self.count)[run].astype(np.int32)
        return become


class RecordBuilder:
    """Collects entries while a season runs; :meth:`columns` gives them as arrays."""

    def __init__(self) -> None:
        self._columns = {name: np.empty(_ROOM, dtype) for name, dtype in _COLUMNS.items()}
        self._rows: list[tuple[int, int, int, int, int, int, float, int]] = []  # noted, not yet in the columns
        self._places: list[int] = []  # of these
        self._entries, self._cases = _Numbers(), _Numbers()
        self.details: list[dict[str, Any]] = []

    def __len__(self) -> int:
        """Return the number of entries noted so far."""
        return self._entries.count

    @property
    def next(self) -> tuple[int, int]:
        """The seq of the next entry and the number of the next case."""
        return self._entries.next, self._cases.next

    def follow(self, seq: int, case: int) -> None:
        """Let what is noted from now on stand before an entry and a case of another builder: see :func:`together`."""
        self._entries.follow(seq)
        self._cases.follow(case)

    def others(self, seq: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Return what the seqs of the builder that is followed, -1 for none, become when both are one."""
        return self._entries.others(seq)

    def new_case(self) -> int:
        """Open a case and return its number."""
        return self.new_cases(1)

    def new_cases(self, count: int) -> int:
        """Open `count` cases and return the first one's number."""
        first = self._cases.next
        self._cases.count += count
        return first

    def note(
        self,
        at: int,
        what: str,
        subject: int,
        *,
        case: int = -1,
        cause: int = -1,
        value: float = float("nan"),
        detail: dict[str, Any] | None = None,
        origin: int = SIMULATED,
    ) -> int:
        """Note one happening and return its seq."""
        row = -1
        if detail is not None:
            row = len(self.details)
            self.details.append(detail)
        seq = self._entries.next
        self._rows.append((at, KIND_CODE[what], case, subject, cause, origin, value, row))
        self._places.append(seq)
        self._entries.count += 1
        return seq

    def block(
        self,
        what: str | npt.NDArray[np.int16],
        at: npt.ArrayLike,
        subject: npt.ArrayLike,
        *,
        case: npt.ArrayLike = -1,
        cause: npt.ArrayLike = -1,
        value: npt.ArrayLike = float("nan"),
    ) -> int:
        """Note many happenings, of one kind or with a column of codes, and return the first one's seq."""
        times = np.asarray(at)
        seq = self._entries.next
        room = self.room(len(times))
        room["at"][:] = times
        room["what"][:] = KIND_CODE[what] if isinstance(what, str) else what
        room["subject"][:] = subject
        room["case"][:] = case
        room["cause"][:] = cause
        room["value"][:] = value
        return seq

    def room(self, count: int) -> dict[str, npt.NDArray[Any]]:
        """Enter `count` happenings at once; return their columns, to be filled in but for origin and detail."""
        first = self._entries.next
        self._entries.count += count
        self._reserve()
        added = {name: column[first : first + count] for name, column in self._columns.items()}
        added["origin"].fill(SIMULATED)
        added["detail"].fill(-1)
        return added

    def enter(self) -> None:
        """Enter what was noted one by one into the columns; whoever asks for them has it done anyway."""
        if not self._rows:
            return
        self._reserve()
        places = np.array(self._places)
        for name, values in zip(_COLUMNS, zip(*self._rows, strict=True), strict=True):
            self._columns[name][places] = values
        self._rows.clear()
        self._places.clear()

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column by seq as it stands; what is at no entry's place means nothing."""
        self.enter()
        return self._columns[name]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the entries' columns by name; gaps where the entries of a builder that is followed belong."""
        self.enter()
        self._reserve()
        return {name: column[: self._entries.next] for name, column in self._columns.items()}

    def _reserve(self) -> None:
        """Make the columns long enough for all entries."""
        room, wanted = len(self._columns["at"]), self._entries.next
        if wanted > room:
            longer = max(2 * room, wanted)
            for name in self._columns:  # one after the other: no second copy of them all
                grown = np.empty(longer, self._columns[name].dtype)
                grown[:room] = self._columns[name]
                self._columns[name] = grown


def together(main: RecordBuilder, follower: RecordBuilder) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of two builders as if one had noted everything, each entry where :meth:`follow` put it.

    The follower's entries stand in their places already, and name any entry by its seq among all. `main` names its own
    by their numbers there, and the follower's by :data:`WHOLE` more.
    """
    follower.follow(*main.next)
    mine, columns = main.columns(), follower.columns()
    cause = mine["cause"]
    whole = cause >= WHOLE
    mine["cause"] = np.where(whole, cause - WHOLE, follower.others(np.where(whole, np.int32(-1), cause)))
    mine["case"] = follower._cases.others(mine["case"])
    place = follower.others(np.arange(len(main), dtype=np.int32))
    for name, column in mine.items():
        columns[name][place] = column
    return columns


WHOLE = 1 << 30
"""Added to the seq of a follower's entry where the builder that it follows names it: numbers of its own are smaller."""

_COLUMNS: dict[str, Any] = {
    "at": np.int32, "what": np.int16, "case": np.int32, "subject": np.int32, "cause": np.int32, "origin": np.int8,
    "value": np.float64, "detail": np.int32,
}  # fmt: skip
_ROOM = 1 << 21  # entries to begin with; memory that is not touched costs nothing
