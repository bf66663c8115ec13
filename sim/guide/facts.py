"""A record laid open for judging: entries by kind, pairs by case or subject, intervals, and who belongs to whom.

Nothing here knows a clause; everything is found once and kept, because many clauses ask for the same entries.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..record import KIND_CODE, Record
from .clause import Guide
from .parts import DAY_S, HOUR_S, Select

__all__ = ["NEVER", "Facts", "Intervals"]

Ints = npt.NDArray[np.integer[Any]]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int32).min
"""Stands for an instant that does not exist (no response)."""

_DIRECT = 8_000_000  # largest case number looked up in a table of its own


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """From a beginning entry to the end that belongs to it; all arrays have shape (interval,).

    Attributes
    ----------
    start : int array
        seq of the beginning entry.
    subject, case : int arrays
        Of the beginning entry.
    from_s, to_s : int arrays
        Both ends; an interval that the record does not end runs to the record's end [s].
    end : int array
        seq of the entry that ends it; -1 where the record does not.
    """

    start: Ints
    subject: Ints
    case: Ints
    from_s: Ints
    to_s: Ints
    end: Ints

    @property
    def ended(self) -> Mask:
        """Whether an entry of the record ends each."""
        return self.end >= 0

    def take(self, rows: Any) -> Intervals:
        """Return some of the intervals."""
        return Intervals(
            self.start[rows], self.subject[rows], self.case[rows], self.from_s[rows], self.to_s[rows], self.end[rows]
        )


class Facts:
    """What judging asks of one record.

    Parameters
    ----------
    record : Record
    guide : Guide
        Its numbers decide what an early start's notice is worth and which cases are faults.
    """

    def __init__(self, record: Record, guide: Guide) -> None:
        self.record, self.guide = record, guide
        # a million entries: no copies here, and 32 bits for whatever is made of them
        self.at: Ints = np.asarray(record.at, np.int32)
        self.case: Ints = np.asarray(record.case, np.int32)
        self.subject: Ints = np.asarray(record.subject, np.int32)
        self.listed = len(record.subjects)
        self.end_s = int(record.calendar["end"])
        order = np.argsort(record.what, kind="stable").astype(np.int32)
        bounds = np.cumsum([0, *np.bincount(record.what, minlength=len(KIND_CODE))])
        self._order, self._bounds = order, bounds
        self._shared: dict[Any, Any] = {}  # what no guide's number touches, by what it was found for
        self._found: dict[Any, Any] = {}
        self._derived: dict[Any, Any] = {}  # by what it was found for, the numbers behind it among that
        logged = record.stamp.get("logged")
        self._logged = None if logged is None else frozenset(logged)
        subjects = record.subjects
        self.cohorts = np.flatnonzero(subjects.first_dwelling >= 0)
        self.first_dwelling = subjects.first_dwelling[self.cohorts].astype(np.int64)
        counts = np.diff(np.append(self.first_dwelling, len(subjects.offset_k)))
        self._cohort_of_dwelling = np.repeat(self.cohorts.astype(np.int32), counts)
        # the season as decided: an early start counts only from when its notice has run out
        self.start_s, self.season_end_s = self._season()

    @property
    def dates(self) -> tuple[int, int]:
        """Start and end of the heating period as decided [s]."""
        return self.start_s, self.season_end_s

    def under(self, guide: Guide, *, other_numbers_only: bool) -> Facts:
        """Return the same record laid open for another guide; what no guide's number touches is shared.

        What was derived under numbers is kept by them, so it is shared where guide and season differ in nothing else.
        """
        other = copy.copy(self)
        other.guide = guide
        other.start_s, other.season_end_s = other._season()
        if other.dates != self.dates or not other_numbers_only:
            other._found, other._derived = {}, {}
        return other

    def once(self, name: Any, find: Callable[[], Any]) -> Any:
        """Return what is the same under every guide, found once a record."""
        if name not in self._shared:
            self._shared[name] = find()
        return self._shared[name]

    def derive(self, known: Any, find: Callable[[], Any]) -> Any:
        """Return what follows from numbers of the guide, found once for all that is in `known`."""
        if known not in self._derived:
            self._derived[known] = find()
        return self._derived[known]

    # -------------------------------------------------------------- entries

    def rows(self, *kinds: str) -> Ints:
        """Return the entries of some kinds, kind by kind, each in order of noting."""
        blocks = [self._order[self._bounds[KIND_CODE[k]] : self._bounds[KIND_CODE[k] + 1]] for k in kinds]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def logs(self, *kinds: str) -> bool:
        """Return whether the record logs all these kinds (a simulated record logs everything)."""
        return not self.not_logged(*kinds)

    def not_logged(self, *kinds: str) -> list[str]:
        """Return which of these kinds the record does not log."""
        return [] if self._logged is None else [kind for kind in kinds if kind not in self._logged]

    def count(self, *kinds: str) -> int | None:
        """Return how many entries of some kinds there are; None where the record does not log them all."""
        return len(self.rows(*kinds)) if self.logs(*kinds) else None

    def select(self, select: Select, number: Any) -> Ints:
        """Return the entries a selector means; `number` gives the value of a number's name."""
        rows = self.rows(*select.kinds)
        return self._filtered(rows, select, number)

    def select_blocks(self, select: Select, number: Any) -> list[Ints]:
        """Return the same entries kind by kind, which pairs faster than all of them at once."""
        if select.first_per:
            return [self.select(select, number)]
        return [self._filtered(self.rows(kind), select, number) for kind in select.kinds]

    def _filtered(self, rows: Ints, select: Select, number: Any) -> Ints:
        if select.heating:
            rows = rows[(self.at[rows] >= self.start_s) & (self.at[rows] < self.season_end_s)]
        if select.dated:
            rows = rows[np.isfinite(self.record.value[rows])]
        if select.promised_within:
            rows = rows[self.record.value[rows] <= self.at[rows] + number(select.promised_within)]
        if select.below:
            rows = rows[self.record.value[rows] < number(select.below)]
        if select.at_least:
            rows = rows[self.record.value[rows] >= number(select.at_least)]
        if select.case_has:
            rows = rows[np.isin(self.case[rows], self.cases_with(select.case_has))]
        if select.case_lacks:
            rows = rows[self.case[rows] >= 0]
        if select.first_per and len(rows):
            rows = self._first_per(rows, select.first_per)
        return rows

    def _first_per(self, rows: Ints, pair: str) -> Ints:
        """Return the earliest entry of each key; what belongs to none stands for itself."""
        keys = self.key(rows, pair)
        if pair in ("case", "case+subject") and keys.max() < _DIRECT:
            place = self._earliest(rows, keys, int(keys.max()))[keys]
            first_ones: Mask = (place == np.arange(len(rows))) | (keys < 0)
            return np.asarray(rows[first_ones])
        order = np.lexsort((rows, self.at[rows]))
        rows, keys = rows[order], keys[order]
        _, first = np.unique(np.where(keys < 0, -2 - rows, keys), return_index=True)
        return np.sort(rows[first])

    def cases_with(self, kinds: tuple[str, ...]) -> Ints:
        """Return the cases in which one of these kinds stands."""
        found: Ints | None = self._found.get(kinds)
        if found is None:
            cases = self.case[self.rows(*kinds)]
            found = np.unique(cases[cases >= 0])
            self._found[kinds] = found
        return found

    def when(self, rows: Ints, never: int = NEVER) -> Ints:
        """Return when entries happened [s]; `never` where there is none (-1)."""
        if not len(self.at):
            return np.full(np.shape(rows), never, np.int32)
        return np.where(rows >= 0, self.at[rows], never)

    def key(self, rows: Ints, pair: str) -> Ints:
        """Return what entries must share to belong together; -1 belongs to nothing."""
        if pair == "case":
            return self.case[rows]
        if pair == "subject":
            return self.subject[rows]
        if pair == "operator":
            return self.group(self.subject[rows], "operator")
        if pair == "any":
            return np.zeros(len(rows), np.int64)
        return self.joint(self.case[rows], self.subject[rows])

    def joint(self, case: Ints, subject: Ints) -> Ints:
        """Return one number for each pair of case and subject, the case's own for its first subject; -1 without case.

        Nearly every case is about one subject alone: pairs of these are found as quickly as cases are.
        """
        first = self.once("first subjects", self._first_subjects)
        known = case < len(first)
        own = known & (first[np.where(known, case, -1)] == subject)
        return np.asarray(
            case if own.all() else np.where(own | (case < 0), case, (case.astype(np.int64) + 1) * (1 << 31) + subject)
        )

    def _first_subjects(self) -> npt.NDArray[np.int32]:
        """Return the subject of each case's first entry, and -1 in the last place, shape (case + 1,)."""
        first = np.full(int(self.case.max(initial=-1)) + 2, -1, np.int32)
        first[self.case[::-1]] = self.subject[::-1]  # the last written is the first noted
        first[-1] = -1
        return first

    def first_after(self, at: npt.ArrayLike, key: Ints, responses: Ints, response_key: Ints) -> Ints:
        """Return, for each row, the earliest response of the same key at or after `at`, or -1."""
        at = np.asarray(at)
        answer = np.full(len(key), -1, np.int32)
        if not len(responses) or not len(key):
            return answer
        if int(max(response_key.max(), key.max())) < _DIRECT:
            position = self._earliest(responses, response_key, int(max(response_key.max(), key.max())))[key]
            found = position >= 0
            answer[found] = responses[position[found]]
            again = np.flatnonzero(found & (self.when(answer) < at))
        else:
            again = np.flatnonzero(key >= 0)
        if len(again):
            answer[again] = self._search(at[again], key[again], responses, response_key)
        return answer

    def _earliest(self, responses: Ints, response_key: Ints, largest: int) -> Ints:
        """Return for each key the place of its earliest response; -1 where it has none, and in the last place."""
        table = np.full(largest + 2, -1, np.int32)  # the last place answers for key -1
        table[response_key] = np.arange(len(responses))
        table[-1] = -1
        if np.count_nonzero(table >= 0) < np.count_nonzero(response_key >= 0):  # several of one key: earliest wins
            order = np.argsort(self.at[responses], kind="stable")[::-1]
            table[response_key[order]] = order
            table[-1] = -1
        return table

    def sooner(self, one: Ints, other: Ints) -> Ints:
        """Return, row by row, which of two entries came first, `one` where both did; -1 is none."""
        return np.where((other >= 0) & ((one < 0) | (self.when(other) < self.when(one))), other, one)

    def _search(self, at: Ints, key: Ints, responses: Ints, response_key: Ints) -> Ints:
        """Pair by binary search: the general case."""
        names, compact = np.unique(response_key, return_inverse=True)
        at = at.astype(np.int64)  # "whenever" is the least of 32 bits: times since it need more
        base = int(min(self.at[responses].min(), at.min()))
        span = int(max(self.at[responses].max(), at.max())) - base + 1
        joint = compact * span + (self.at[responses].astype(np.int64) - base)
        order = np.argsort(joint, kind="stable")
        place = np.minimum(np.searchsorted(names, key), len(names) - 1)
        known = names[place] == key
        found = np.searchsorted(joint[order], place * span + (at - base), side="left")
        inside = known & (found < len(order))
        row = order[np.minimum(found, len(order) - 1)]
        inside &= compact[row] == place
        return np.where(inside, responses[row], -1)

    # ------------------------------------------------------------ intervals

    def intervals(self, pairs: tuple[tuple[str, str], ...]) -> Intervals:
        """Return the intervals between pairs of kinds, an end belonging to the same case and subject.

        Where intervals of one case and subject overlap (a shift relieved by the next), they end in the order in which
        they began.
        """
        found: Intervals | None = self._found.get(("intervals", pairs))
        if found is not None:
            return found
        starts, ends = [], []
        for begin, finish in pairs:
            rows, closing = self.rows(begin), self.rows(finish)
            loose = self.case[rows] < 0
            own = self.key(rows, "case+subject")
            close = self._in_turn(rows, own, closing, self.key(closing, "case+subject"))
            if loose.any():  # without a case: the subject's next end
                loose_rows = np.flatnonzero(loose)
                close[loose_rows] = self.first_after(
                    self.at[rows[loose]], self.subject[rows[loose]], closing, self.subject[closing]
                )
            starts.append(rows)
            ends.append(close)
        start, end = np.concatenate(starts), np.concatenate(ends)
        to_s = np.where(end >= 0, self.when(end), np.maximum(self.end_s, self.at[start]))
        found = Intervals(start, self.subject[start], self.case[start], self.at[start], to_s, end)
        self._found[("intervals", pairs)] = found
        return found

    def _in_turn(self, starts: Ints, key: Ints, ends: Ints, end_key: Ints) -> Ints:
        """Return the end of each start, the nth of a key for its nth (ends before the first start aside), or -1."""
        close = np.full(len(starts), -1, np.int32)
        known = np.isin(end_key, key) & (end_key >= 0)
        ends, end_key = ends[known], end_key[known]
        if not len(starts) or not len(ends):
            return close
        order = np.lexsort((starts, self.at[starts], key))
        names, first = np.unique(key[order], return_index=True)
        group = np.searchsorted(names, key[order])
        turn = np.arange(len(starts)) - first[group]
        end_group = np.searchsorted(names, end_key)
        begun = self.at[ends] >= self.at[starts[order[first]]][end_group]
        ends, end_group = ends[begun], end_group[begun]
        end_order = np.lexsort((ends, self.at[ends], end_group))
        ends, end_group = ends[end_order], end_group[end_order]
        end_turn = np.arange(len(ends)) - np.searchsorted(end_group, end_group)
        width = len(starts) + len(ends)
        place = np.searchsorted(end_group * width + end_turn, group * width + turn)
        found = place < len(ends)
        found[found] = (end_group * width + end_turn)[place[found]] == (group * width + turn)[found]
        found &= key[order] >= 0
        close[order[found]] = ends[place[found]]
        # an end before its start: a log with gaps; take the next end there is
        wrong = np.flatnonzero((close >= 0) & (self.when(close) < self.at[starts]))
        if len(wrong):
            close[wrong] = self.first_after(self.at[starts[wrong]], key[wrong], ends, names[end_group])
        return close

    def fault_intervals(self) -> Intervals:
        """Return what recorded faults did to buildings, recovery not included: from when the fault was there."""
        found = self.intervals(self.guide.fault_intervals)
        faults = self.rows(*self.guide.fault_kinds, *self.guide.found_kinds)
        fault = self.first_after(np.full(len(found.case), NEVER + 1), found.case, faults, self.case[faults])
        found = replace(found, from_s=np.maximum(found.from_s, self.when(fault)))
        return found.take((fault >= 0) & (found.from_s < found.to_s))

    def cold_days(self, design_c: float) -> Intervals:
        """Return the runs of days whose mean outdoor temperature was below `design_c`."""
        mean = np.round(self.daily_mean_c(), 4)  # stored as 32-bit numbers: the limit itself is not below it
        edges = np.diff(np.concatenate([[0], (mean < design_c).astype(np.int8), [0]]))
        begin, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        nothing = np.full(len(begin), -1, np.int64)
        return Intervals(nothing, nothing, nothing, begin * DAY_S, end * DAY_S, nothing)

    def daily_mean_c(self) -> F64:
        """Return the mean outdoor temperature of each whole local day, shape (day,) [degC]."""
        track = self.record.tracks.get("outdoor_c")
        if track is None:
            return np.zeros(0)
        days = len(track) // 24
        mean: F64 = np.asarray(track[: days * 24], np.float64).reshape(days, 24).mean(axis=1)
        return mean

    def roots(self) -> npt.NDArray[np.int32]:
        """Return for every entry the one that began the chain of causes it stands in, shape (entry,)."""
        found: npt.NDArray[np.int32] = self.once("roots", self._roots)
        return found

    def _roots(self) -> npt.NDArray[np.int32]:
        cause = np.asarray(self.record.cause, np.int32)
        root = np.where(cause >= 0, cause, np.arange(len(cause), dtype=np.int32))
        while True:  # each turn doubles how far back it reaches
            further = root[root]
            if np.array_equal(further, root):
                return root
            root = further

    # ------------------------------------------------------------- subjects

    def group(self, subject: Ints, by: str) -> Ints:
        """Return the row of each subject's operator, district, substation, cohort or itself; -1 where there is none."""
        subject = np.asarray(subject, np.int32)
        dwelling = subject >= self.listed
        row = subject.copy()
        if dwelling.any():
            row[dwelling] = self.cohort_row(subject[dwelling])
        if by in ("subject", "cohort"):
            return row
        column = np.asarray(getattr(self.record.subjects, by), np.int32)
        return np.where(row >= 0, column[row], -1)

    def cohort_row(self, dwelling_subject: Ints) -> Ints:
        """Return the subjects row of the cohort each dwelling belongs to."""
        return self._cohort_of_dwelling[dwelling_subject - self.listed]

    def measured(self) -> Mask:
        """Return of which cohorts the record holds room temperatures, shape (cohort,): a log need not have them all."""

        def look() -> Mask:
            rooms = self.record.tracks.get("room_c")
            if rooms is None or not len(rooms):
                return np.zeros(len(self.cohorts), np.bool_)
            return np.asarray(~np.isnan(rooms[0]))

        found: Mask = self.once("measured", look)
        return found

    def subjects_of(self, kind: str) -> Ints:
        """Return the rows of a kind; substations only where somebody lives."""
        rows = self.record.subjects.rows(kind).astype(np.int64)
        return rows[self.record.subjects.households[rows] > 0] if kind == "substation" else rows

    # ----------------------------------------------------------------- time

    def _season(self) -> tuple[int, int]:
        """Return start and end of the heating period as decided, as far as the notice given allowed [s]."""
        calendar = self.record.calendar
        start, end = int(calendar["season_start"]), int(calendar["season_end"])
        notice = self.guide.full_number(self.guide.decision_notice).seconds
        early, late = self.rows("early_start_decided"), self.rows("extension_decided")
        if len(early):
            bound = np.maximum(self.record.value[early], self.at[early] + notice)
            start = min(start, int(bound.min()))
        else:
            start = min(start, int(calendar.get("decided_start", start)))
        if len(late):
            for row in late[np.argsort(self.at[late], kind="stable")]:  # one may be decided while another lasts
                if self.at[row] <= end:
                    end = max(end, int(self.record.value[row]))
        else:
            end = max(end, int(calendar.get("decided_end", end)))
        return start, end

    def slices(self, cut: str) -> Ints:
        """Return the edges of the heating period's days or months, shape (slice + 1,).

        Months are of 30 days from the start, less than half a one at the end being of the last: a later end cuts none
        anew that is over.
        """
        if cut == "day":
            return np.append(np.arange(self.start_s, self.season_end_s, DAY_S), self.season_end_s).astype(np.int64)
        if cut == "month":
            edges = np.arange(self.start_s, self.season_end_s - 15 * DAY_S + 1, 30 * DAY_S)
            return np.append(edges if len(edges) else [self.start_s], self.season_end_s).astype(np.int64)
        return np.array([self.start_s, self.season_end_s], np.int64)

    def months_before(self, at: int, months: float) -> int:
        """Return the instant whole calendar months before another [s]."""
        origin = dt.datetime.fromisoformat(str(self.record.calendar["origin"]))
        moment = origin + dt.timedelta(seconds=at)
        total = moment.year * 12 + moment.month - 1 - round(months)
        year, month = divmod(total, 12)
        last = (dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
        back = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
        return int((back - origin).total_seconds())

    def hours_of(self, track: str) -> int:
        """Return how many hours a track covers; 0 where the record has none."""
        values = self.record.tracks.get(track)
        return 0 if values is None else len(values) - (1 if track == "room_c" else 0)

    def hour_range(self, track: str) -> tuple[int, int]:
        """Return first and last + 1 hour of the heating period that a track covers."""
        last = min(self.hours_of(track), -(-self.season_end_s // HOUR_S))
        return max(0, self.start_s // HOUR_S), last
