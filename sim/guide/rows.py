"""What a judge returns: one row per duty, with its state, due time and signed margin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .facts import F64, NEVER, Facts, Ints, Mask
from .parts import HOUR_S

__all__ = ["EXCUSED", "LATE", "MET", "MISSED", "OPEN", "STATES", "Rows", "timed"]

STATES = ("met", "late", "missed", "open", "excused")
MET, LATE, MISSED, OPEN, EXCUSED = range(5)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Duties of one part of a clause; arrays of shape (row,).

    Attributes
    ----------
    subject, case : int arrays
        To whom the duty is owed, or about what; -1 where there is none.
    trigger, response : int arrays
        seq of the entries that opened and fulfilled it; -1 where there is none.
    opened_s, answered_s : int arrays
        When it opened and was fulfilled; :data:`NEVER` where it was not [s].
    due_s : float array
        When it was due; NaN where the form has no due time [s].
    margin : float array
        Signed, positive when kept; in `unit`.
    relative : float array
        The margin by its limit, unbounded; NaN where it is kept and could not be kept any better [-].
    lacking : float array
        What a broken row adds to its part's shortfall, negative; in `shortfall_unit`.
    state : int8 array
        Index into :data:`STATES`.
    amount : float array
        How much the row counts: 1, or dwelling-hours, dwellings, elements.
    unit : str
        Unit of the margin.
    shortfall_unit : str
        Unit of what is lacking, and of the part's margin.
    counted : str
        What `amount` counts.
    """

    subject: Ints
    case: Ints
    trigger: Ints
    response: Ints
    opened_s: Ints
    answered_s: Ints
    due_s: F64
    margin: F64
    relative: F64
    lacking: F64
    state: npt.NDArray[np.int8]
    amount: F64
    unit: str
    shortfall_unit: str
    counted: str = "duties"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.state)

    @classmethod
    def of(
        cls,
        state: npt.ArrayLike,
        margin: npt.ArrayLike,
        unit: str,
        *,
        subject: npt.ArrayLike = -1,
        case: npt.ArrayLike = -1,
        trigger: npt.ArrayLike = -1,
        response: npt.ArrayLike = -1,
        opened_s: npt.ArrayLike = NEVER,
        answered_s: npt.ArrayLike = NEVER,
        due_s: npt.ArrayLike = np.nan,
        amount: npt.ArrayLike = 1.0,
        counted: str = "duties",
        scale: npt.ArrayLike = 1.0,
        relative: npt.ArrayLike | None = None,
        lacking: npt.ArrayLike | None = None,
        shortfall_unit: str = "",
    ) -> Rows:
        """Return rows from columns; scalars fill theirs. A margin is measured by `scale` unless `relative` is given."""
        states = np.asarray(state, np.int8)
        margin = np.asarray(margin, np.float64)
        by_limit = margin / np.asarray(scale, np.float64) if relative is None else relative

        def column(values: npt.ArrayLike, dtype: Any) -> npt.NDArray[Any]:
            array = np.asarray(values, dtype)
            return np.broadcast_to(array, states.shape) if array.ndim == 0 else array

        return cls(
            column(subject, np.int32), column(case, np.int32), column(trigger, np.int32), column(response, np.int32),
            column(opened_s, np.int32), column(answered_s, np.int32), column(due_s, np.float64),
            column(margin, np.float64), column(by_limit, np.float64),
            column(margin if lacking is None else lacking, np.float64), states, column(amount, np.float64), unit,
            shortfall_unit or unit, counted,
        )  # fmt: skip

    def excuse(self, excused: Mask) -> Rows:
        """Return the rows with those excused that are neither met nor still open: what is open may yet be met."""
        broken = (self.state == LATE) | (self.state == MISSED)
        return replace(self, state=np.where(excused & broken, EXCUSED, self.state).astype(np.int8))

    def amounts(self) -> F64:
        """Return the amounts by state, shape (5,)."""
        return np.bincount(self.state, self.amount, len(STATES)).astype(np.float64)


def timed(facts: Facts, response: Ints, due_s: F64) -> tuple[npt.NDArray[np.int8], F64, Ints]:
    """Return state, margin [h] and answer time of duties that have a response (or -1) and a due time."""
    answered = response >= 0
    at = facts.when(response)
    # a duty that nobody met is late by at least what the record saw of it
    until = np.where(answered, np.where(answered, at, 0), facts.end_s)
    late = until > due_s
    state = np.where(answered, np.where(late, LATE, MET), np.where(late, MISSED, OPEN)).astype(np.int8)
    return state, (due_s - until) / HOUR_S, at
