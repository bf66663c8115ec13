"""Things that run, fail, are repaired and run again: candidates of many alike elements, each from draws of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ..chance import Floats, lognormal, uniforms_of_entities

__all__ = ["YEAR_S", "Renewals", "draw_renewals", "draws_until", "with_ordered"]

YEAR_S = 365.25 * 86_400.0
_FIRST = 8  # draws of each element, doubled as long as they do not reach the end


@dataclass(frozen=True, slots=True, eq=False)
class Renewals:
    """Candidates in time order.

    Attributes
    ----------
    at_s : int array
        When it fails [s].
    element : int array
        Which one.
    repair_s : int array
        How long mending takes, once it is begun [s].
    mark : array
        Uniform that is compared with what the run makes of the hazard.
    imposed : bool array
        Ordered by the scenario: comes to pass whatever the state.
    """

    at_s: npt.NDArray[np.int64]
    element: npt.NDArray[np.int64]
    repair_s: npt.NDArray[np.int64]
    mark: Floats
    imposed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.at_s)


def draw_renewals(
    process: str,
    ids: Sequence[str],
    mean_run_s: npt.ArrayLike,
    mean_repair_s: npt.ArrayLike,
    spread: float,
    *,
    until_s: float,
    seed: int,
    replication: int,
) -> Renewals:
    """Return the failures of elements that alternate between running and repair.

    Running times are exponential by inversion of one uniform each, so that a higher rate moves failures earlier and
    adds some; repairs are lognormal.

    Parameters
    ----------
    process
        Name of the streams.
    ids
        Names of the elements.
    mean_run_s, mean_repair_s
        Means, one for each element or one for all; a mean run of infinity never fails [s].
    spread
        Coefficient of variation of the repair [-].
    until_s
        End of the drawing [s].
    """
    run_s, mend_s = np.broadcast_to(mean_run_s, len(ids)), np.broadcast_to(mean_repair_s, len(ids))
    if not np.isfinite(run_s).any():
        empty = np.zeros(0, np.int64)
        return Renewals(empty, empty, empty, np.zeros(0), np.zeros(0, np.bool_))

    def failed_s(u: Floats) -> Floats:
        run = -np.log(u[:, :, 0]) * run_s[:, None]
        repair = lognormal(u[:, :, 1], mend_s[:, None], spread)
        at: Floats = np.cumsum(run, axis=1) + np.cumsum(repair, axis=1) - repair
        return at

    u, at = draws_until(until_s, failed_s, process, ids, each=3, seed=seed, replication=replication)
    repair = lognormal(u[:, :, 1], mend_s[:, None], spread)
    element, turn = np.nonzero(at < until_s)
    order = np.lexsort((element, at[element, turn]))
    element, turn = element[order], turn[order]
    return Renewals(
        at[element, turn].astype(np.int64),
        element.astype(np.int64),
        np.maximum(repair[element, turn], 60.0).astype(np.int64),
        u[element, turn, 2],
        np.zeros(len(element), np.bool_),
    )


def draws_until(
    end: float,
    times: Callable[[Floats], Floats],
    process: str,
    ids: Sequence[str],
    *,
    each: int,
    seed: int,
    replication: int,
) -> tuple[Floats, Floats]:
    """Return uniforms of every element's happenings, and their times, until each element has one beyond the end.

    Parameters
    ----------
    end
        End of the drawing, in the unit of the times.
    times
        What turns uniforms, shape (element, happening, `each`), into rising times, shape (element, happening).
    process, ids
        Name of the streams, and names of the elements.
    each
        Uniforms of one happening.
    """
    count = _FIRST
    while True:  # what has been drawn stays what it is when more is asked for
        u = uniforms_of_entities(seed, replication, process, ids, count=each * count).reshape(len(ids), count, each)
        at = times(u)
        if np.all(at[:, -1] >= end):
            return u, at
        count *= 2


def with_ordered(drawn: Renewals, orders: Sequence[tuple[int, int, int]]) -> Renewals:
    """Return the candidates with the scenario's own among them: (second, element, repair [s]) each."""
    if not orders:
        return drawn
    at, element, repair = (np.array(column, np.int64) for column in zip(*orders, strict=True))
    added = Renewals(at, element, repair, np.zeros(len(at)), np.ones(len(at), np.bool_))
    columns = [np.concatenate((getattr(drawn, f.name), getattr(added, f.name))) for f in fields(Renewals)]
    order = np.lexsort((columns[4], columns[1], columns[0]))
    return Renewals(*(column[order] for column in columns))
