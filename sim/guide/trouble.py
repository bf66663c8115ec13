"""What was amiss at the heat sources at some hour: fuel that had run out, heat short, units down."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .facts import Facts, Intervals, Ints
from .parts import DAY_S, HOUR_S

__all__ = [
    "BUILDING", "COLD", "FAR", "SERVED", "SHORT",
    "arrived_share", "begun_again", "building_trouble", "covered", "lasted", "late_supply",
    "long_over", "over_by", "ran_dry", "run_outs", "shortage_before", "shortages_at", "trouble_at", "units_down",
    "unserved_w",
]  # fmt: skip

BUILDING = (
    ("outage_started", "outage_ended"),
    ("throttled_started", "throttled_ended"),
    ("rationing_started", "rationing_ended"),
)
SHORT = (("shortage_started", "shortage_ended"),)
COLD = (("fell_below_18", "rose_above_18"),)
SERVED = 0.95  # of a building's need: what arrives above it chills nobody, and one hour in fifty has less anyway
_EMPTY = (("fuel_ran_out", "fuel_recovered"),)
FAR = 0.1
"""A share of the need that arrived is far from what was ordered, or from all of it, when it differs by more."""
_DOWN = (("source_tripped", "fault_restored"),)


def trouble_at(facts: Facts, hour: int, subject: int, want: Literal["", "fuel"] = "") -> int:
    """Return the entry that tells best why heat was short in an hour; -1 where none was open.

    Fuel that had run out comes first where fuel was wanting (of `subject`, when that is a source, else of any source
    of its operator); else the open shortage of `subject`, or that of its operator which was the largest then.
    """
    lacking = want == "fuel" or unserved_w(facts, "unserved_fuel_w", hour, -1) > 0.0
    if lacking:
        empty = _open(facts, _EMPTY, hour, subject)
        if len(empty.start):  # its own store if it has run out; the latest to run out is what made the difference
            own = facts.record.subjects.source[empty.subject] == subject
            return int(empty.start[np.lexsort((empty.from_s, own))[-1]])
    short = shortages_at(facts, hour, subject)
    if not len(short.start):
        return -1
    own = np.flatnonzero(short.subject == subject)
    if len(own):
        return int(short.start[own[-1]])
    missing = [sum(unserved_w(facts, track, hour, int(source)) for track in _UNSERVED) for source in short.subject]
    return int(short.start[int(np.argmax(missing))])


_UNSERVED = ("unserved_fuel_w", "unserved_capacity_w")


def ran_dry(facts: Facts, shortage: int, until_s: int) -> int:
    """Return the entry with which a store of a short source ran out, before its shortage or in it; -1 for none.

    A shortage that a tripped unit began may be one of fuel by the instant that is asked about [s].
    """
    empty, short = facts.intervals(_EMPTY), facts.intervals(SHORT)
    until_s = min([until_s, *short.to_s[short.start == shortage].tolist()])
    own = facts.record.subjects.source[empty.subject] == facts.subject[shortage]
    dry = empty.take(own & (empty.from_s <= until_s) & (empty.to_s > int(facts.at[shortage])))
    return int(dry.start[np.argmax(dry.from_s)]) if len(dry.start) else -1


def building_trouble(facts: Facts, substation: int, at: int) -> list[int]:
    """Return what had stopped, throttled or rationed a building and lasted at an instant; not what began just then."""
    found = facts.intervals(BUILDING)
    mine = (found.subject == substation) & (found.from_s < at) & (found.to_s > at)
    return [int(seq) for seq in found.start[mine]]


def covered(facts: Facts, troubles: list[int], at: int) -> bool:
    """Return whether one of some troubles of buildings and sources lasted at an instant [s]."""
    found = facts.intervals((*BUILDING, *SHORT))
    return bool((np.isin(found.start, troubles) & (found.from_s <= at) & (found.to_s > at)).any())


def late_supply(facts: Facts, subject: int, at: int) -> int:
    """Return the entry with which supply began late at a subject's building, if by an instant it had not, or just had.

    That is after the heating period began, and less than a day before the instant; -1 where it was not so.
    """
    supply = facts.rows("supply_started")
    supply = supply[facts.subject[supply] == facts.group(np.array([subject]), "substation")[0]]
    if at < facts.start_s or not len(supply):
        return -1
    first = int(supply[np.argmin(facts.at[supply])])
    return first if facts.at[first] > max(at - DAY_S, facts.start_s) else -1


def begun_again(facts: Facts, trouble: int, until: int) -> Ints:
    """Return the entries with which the same trouble of the same building or source began after it was over, in order.

    Only those by an instant [s]; none where it lasted until then.
    """
    for pair in (*BUILDING, *SHORT):
        found = facts.intervals((pair,))
        mine = found.start == trouble
        if mine.any():
            later = (found.subject == facts.subject[trouble]) & (found.from_s >= found.to_s[mine][0])
            return np.sort(found.start[later & (found.from_s <= until)])
    return np.zeros(0, np.int64)


def long_over(facts: Facts, troubles: list[int], at: int) -> int:
    """Return for how long some troubles of buildings and sources had all been over by an instant [s]; 0 if not yet."""
    found = facts.intervals((*BUILDING, *SHORT))
    mine = np.isin(found.start, troubles)
    return max(0, at - int(found.to_s[mine].max())) if mine.any() else 0


def over_by(facts: Facts, troubles: list[int], until: int) -> list[int]:
    """Return the entries with which some troubles of buildings and sources were over by an instant."""
    found = facts.intervals((*BUILDING, *SHORT))
    mine = np.isin(found.start, troubles) & (found.end >= 0) & (found.to_s <= until)
    return [int(end) for end in found.end[mine]]


def arrived_share(facts: Facts, substation: int, begin: int, end: int) -> float | None:
    """Return the share of its need that a building got in the full hours round two instants [s]; None if not known."""
    heat, need = (facts.record.tracks.get(f"substation_{name}_w") for name in ("heat", "need"))
    column = np.flatnonzero(facts.record.subjects.rows("substation") == substation)
    hours = slice(max(begin // HOUR_S, 0), -(-end // HOUR_S))
    if heat is None or need is None or not len(column):
        return None
    wanted = float(need[hours, column[0]].sum())
    return float(heat[hours, column[0]].sum()) / wanted if wanted > 0.0 else None


def lasted(facts: Facts, trouble: int) -> tuple[int, int]:
    """Return from when to when a trouble of a building or source lasted [s]."""
    found = facts.intervals((*BUILDING, *SHORT))
    (place,) = np.flatnonzero(found.start == trouble)
    return int(found.from_s[place]), int(found.to_s[place])


def run_outs(facts: Facts, source: int) -> Intervals:
    """Return when a source's stores were out of fuel in the heating period."""
    empty = facts.intervals(_EMPTY)
    own = facts.record.subjects.source[empty.subject] == source
    return empty.take(own & (empty.to_s > facts.start_s) & (empty.from_s < facts.season_end_s))


def shortage_before(facts: Facts, subject: int, at: int) -> int:
    """Return the last shortage of a subject's operator that was over less than a day before an instant; -1 for none."""
    found = facts.intervals(SHORT)
    operator = facts.group(np.array([subject]), "operator")[0]
    ours = facts.group(found.subject, "operator") == operator
    late = found.take(ours & (found.to_s <= at) & (found.to_s > at - DAY_S))
    return int(late.start[np.argmax(late.to_s)]) if len(late.start) else -1


def shortages_at(facts: Facts, hour: int, subject: int) -> Intervals:
    """Return the shortages that were open in an hour at the sources of a subject's operator."""
    return _open(facts, SHORT, hour, subject)


def units_down(facts: Facts, at: int, source: int) -> Ints:
    """Return the trips of a source's units that were not repaired at an instant."""
    trips = facts.intervals(_DOWN)
    return np.sort(trips.start[(trips.subject == source) & (trips.from_s <= at) & (trips.to_s > at)])


def unserved_w(facts: Facts, track: str, hour: int, source: int) -> float:
    """Return the heat a source did not make in an hour, by its track; of all sources for -1 [W]."""
    values = facts.record.tracks.get(track)
    if values is None or not 0 <= hour < len(values):
        return 0.0
    if source < 0:
        return float(values[hour].sum())
    column = np.flatnonzero(facts.record.subjects.rows("source") == source)
    return float(values[hour, column[0]]) if len(column) else 0.0


def _open(facts: Facts, pairs: tuple[tuple[str, str], ...], hour: int, subject: int) -> Intervals:
    found = facts.intervals(pairs)
    operator = facts.group(np.array([subject]), "operator")[0]
    ours = facts.group(found.subject, "operator") == operator
    begin, end = hour * HOUR_S, (hour + 1) * HOUR_S
    return found.take(ours & (found.from_s < end) & (found.to_s > begin))
