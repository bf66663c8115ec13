"""When a cohort's rooms were coldest, in scope or excused, and the fall below 18 °C that led there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .facts import F64, Facts, Ints, Mask
from .parts import HOUR_S
from .spans import Spans

__all__ = ["Coldest", "coldest", "coldest_hours", "dwelling_at", "dwellings_below", "last_fall", "room_of"]

Where = Literal["scope", "excused"]
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Coldest:
    """The least temperature of a cohort's dwellings.

    Attributes
    ----------
    at_s : int
        When [s].
    dwelling : int
        Number of the dwelling in the record.
    room_c, dwelling_c : float
        The cohort's and the dwelling's temperature then [degC].
    """

    at_s: int
    dwelling: int
    room_c: float
    dwelling_c: float


def coldest_hours(facts: Facts, everywhere: Spans, touched: dict[int, Spans], where: Where) -> Ints:
    """Return the full hour at which each cohort's rooms were coldest, in or out of scope, shape (cohort,) [s].

    Minus one where there is no such hour.
    """
    h0, h1 = facts.hour_range("room_c")
    room = facts.record.tracks["room_c"][h0 : h1 + 1]
    at = np.arange(h0, h0 + len(room), dtype=np.int64) * HOUR_S

    def everybody() -> Ints:
        common = np.flatnonzero(_allowed(at, everywhere, where))
        return at[_least(room, common)] if len(common) else np.full(len(facts.cohorts), -1, np.int64)

    found: Ints = facts.once(("coldest_hours", where, h0, h1, tuple(everywhere)), everybody).copy()
    substation = facts.record.subjects.substation[facts.cohorts]
    for subject, spans in touched.items():
        columns = np.flatnonzero(substation == subject)
        if where == "scope":  # the least of all common hours stands, unless a fault of its own excuses it
            columns = columns[~_allowed(found[columns], spans, where)]
        own = np.flatnonzero(_allowed(at, spans, where))
        if len(columns):
            found[columns] = at[own[np.argmin(room[np.ix_(own, columns)], axis=0)]] if len(own) else -1
    return found


def coldest(facts: Facts, column: int, excused: Spans, where: Where) -> Coldest | None:
    """Return the least temperature of a cohort's dwellings, remedies counted; None where nothing of it is there.

    Between full hours temperatures are straight lines, so the least stands at a full hour, at an edge of what is
    excused, or just before a remedy.
    """
    h0, h1 = facts.hour_range("room_c")
    dwellings = _dwellings(facts, column)
    start, end = max(facts.start_s, h0 * HOUR_S), min(facts.season_end_s, h1 * HOUR_S)
    if end <= start or not len(dwellings):
        return None
    remedied, when, gain = _remedies(facts, dwellings)
    edges = [edge for span in excused for edge in span]
    hours = np.arange(h0, h1 + 1, dtype=np.int64) * HOUR_S
    at = np.unique(np.concatenate([hours, [start, end], np.array(edges, np.int64), when]))
    at = at[(at >= start) & (at <= end)]
    at = at[_allowed(at, excused, where)]
    if not len(at):
        return None
    room = np.asarray(facts.record.tracks["room_c"][h0 : h1 + 1, column], np.float64)
    cohort_c = np.interp(at, hours, room)
    offset = facts.record.subjects.offset_k[dwellings].astype(np.float64)
    untouched = np.flatnonzero(~np.isin(dwellings, remedied))
    candidates = np.unique(np.searchsorted(dwellings, remedied)).tolist()
    if len(untouched):
        candidates.append(int(untouched[np.argmin(offset[untouched])]))
    best: Coldest | None = None
    for place in candidates:
        mine = remedied == dwellings[place]
        own_c = cohort_c + offset[place] + ((at[:, None] > when[mine]) * gain[mine]).sum(axis=1)
        least = int(np.argmin(own_c))
        if best is None or own_c[least] < best.dwelling_c:
            number = facts.listed + int(dwellings[place])
            best = Coldest(int(at[least]), number, float(cohort_c[least]), float(own_c[least]))
    return best


def dwelling_at(facts: Facts, column: int, at: int) -> Coldest | None:
    """Return the coldest dwelling of a cohort at an instant; None where nothing is known of it."""
    dwellings = _dwellings(facts, column)
    if not len(dwellings) or not 0 <= at <= (len(facts.record.tracks["room_c"]) - 1) * HOUR_S:
        return None
    room_c, offset = _rooms_at(facts, column, at)
    place = int(np.argmin(offset))
    return Coldest(at, facts.listed + int(dwellings[place]), room_c, room_c + float(offset[place]))


def dwellings_below(facts: Facts, column: int, at: int, floor_c: float) -> int:
    """Return how many dwellings of a cohort were below a temperature at an instant [degC]."""
    room_c, offset = _rooms_at(facts, column, at)
    return int((room_c + offset < floor_c).sum())


def room_of(facts: Facts, subject: int, at: int) -> Coldest | None:
    """Return the temperature of one dwelling at an instant; None where nothing is known of it."""
    rooms = facts.record.tracks.get("room_c")
    if rooms is None or subject < facts.listed or not 0 <= at <= (len(rooms) - 1) * HOUR_S:
        return None
    column = int(np.searchsorted(facts.first_dwelling, subject - facts.listed, side="right")) - 1
    room_c = _between(rooms[:, column], at)
    if np.isnan(room_c):
        return None
    _, when, gain = _remedies(facts, np.array([subject - facts.listed]))
    own_k = float(facts.record.subjects.offset_k[subject - facts.listed]) + float(gain[when <= at].sum())
    return Coldest(at, subject, room_c, room_c + own_k)


def last_fall(facts: Facts, cohort: Ints, at_s: Ints, lately_s: int = 0) -> Ints:
    """Return the entry with which each cohort last fell below 18 degC by an instant; -1 if it has risen since.

    A fall from which rooms rose less than `lately_s` before the instant counts still.
    """
    fell = _last_by(facts, "fell_below_18", cohort, at_s)
    rose = _last_by(facts, "rose_above_18", cohort, at_s)
    risen = (rose >= 0) & (facts.when(rose) >= facts.when(fell)) & (facts.when(rose) <= at_s - lately_s)
    return np.where((fell >= 0) & ~risen & (at_s >= 0), fell, -1)


def _rooms_at(facts: Facts, column: int, at: int) -> tuple[float, F64]:
    """Return a cohort's temperature at an instant and by how much each dwelling's differs, remedies counted."""
    dwellings = _dwellings(facts, column)
    offset = facts.record.subjects.offset_k[dwellings].astype(np.float64)
    remedied, when, gain = _remedies(facts, dwellings)
    np.add.at(offset, np.searchsorted(dwellings, remedied[when <= at]), gain[when <= at])
    return _between(facts.record.tracks["room_c"][:, column], at), offset


def _between(hourly: npt.NDArray[Any], at: int) -> float:
    """Return an hourly temperature at an instant: straight lines between full hours."""
    hour = at // HOUR_S
    value = float(hourly[hour])
    return value + (float(hourly[hour + 1]) - value) * (at % HOUR_S / HOUR_S) if at % HOUR_S else value


def _least(room: npt.NDArray[np.float32], rows: Ints) -> Ints:
    """Return in which of some rows each column is least: blocks of rows first, which stay in the cache."""
    blocks = [rows[first : first + _BLOCK] for first in range(0, len(rows), _BLOCK)]
    best = np.argmin(np.stack([room[block].min(axis=0) for block in blocks]), axis=0)
    inside = np.minimum(best * _BLOCK + np.arange(_BLOCK)[:, None], len(rows) - 1)
    column = np.arange(room.shape[1])
    return np.asarray(rows[inside[np.argmin(room[rows[inside], column], axis=0), column]])


def _last_by(facts: Facts, kind: str, subject: Ints, at_s: Ints) -> Ints:
    rows = facts.rows(kind)
    if not len(rows):
        return np.full(len(subject), -1, np.int64)
    order = np.lexsort((rows, facts.at[rows], facts.subject[rows]))
    rows = rows[order]
    base = int(facts.at[rows].min())
    width = int(facts.at[rows].max()) - base + 2
    place = np.searchsorted(
        facts.subject[rows].astype(np.int64) * width + facts.at[rows] - base,
        np.asarray(subject, np.int64) * width + np.clip(np.asarray(at_s) - base, -1, width - 2),
        side="right",
    )
    found = rows[np.maximum(place - 1, 0)]
    known = (place > 0) & (facts.subject[found] == subject) & (facts.at[found] <= at_s)
    return np.where(known, found, -1)


def _allowed(at: Ints, excused: Spans, where: Where) -> Mask:
    """Return which instants are in scope (edges of what is excused included), or within what is excused."""
    inside = np.zeros(len(at), np.bool_)
    for begin, end in excused:
        inside |= (at > begin) & (at < end) if where == "scope" else (at >= begin) & (at <= end)
    return ~inside if where == "scope" else inside


def _dwellings(facts: Facts, column: int) -> Ints:
    bounds = [*facts.first_dwelling.tolist(), len(facts.record.subjects.offset_k)]
    return np.arange(bounds[column], bounds[column + 1], dtype=np.int64)


def _remedies(facts: Facts, dwellings: Ints) -> tuple[Ints, Ints, F64]:
    """Return dwelling, time and gain of each remedy among some dwellings that follow each other."""
    dwelling, at, gain = facts.once("remedies", lambda: _all_remedies(facts))
    first, last = np.searchsorted(dwelling, (dwellings[0], dwellings[-1] + 1))
    return dwelling[first:last], at[first:last], gain[first:last]


def _all_remedies(facts: Facts) -> tuple[Ints, Ints, F64]:
    """Return dwelling, time and gain of each remedy that changed anything, by dwelling."""
    rows = facts.rows("dwelling_remedied")
    dwelling, gain = facts.subject[rows] - facts.listed, facts.record.value[rows]
    by_dwelling = np.argsort(dwelling, kind="stable")
    kept = by_dwelling[(np.isfinite(gain) & (gain != 0.0))[by_dwelling]]
    return dwelling[kept], facts.at[rows[kept]], gain[kept]
