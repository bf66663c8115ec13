"""What was amiss at the heat sources at some hour: fuel that had run out, heat short, units down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..record import KINDS
from .facts import F64, Facts, Intervals, Ints
from .parts import DAY_S, HOUR_S

__all__ = [
    "BUILDING", "COLD", "FAR", "SERVED", "SHORT", "STOPS", "Worst",
    "arrived_share", "at_worst", "building_trouble", "covered", "deepened_by", "in_hour", "kept_out", "lasted",
    "late_lots",
    "late_supply", "latest_end", "nearest_or_largest", "over_by", "own_source_ready", "run_outs", "served_by_hour",
    "shortage_behind", "shortages_at", "stops_in", "trouble_at", "units_down", "unserved_w",
]  # fmt: skip

STOPS = (("outage_started", "outage_ended"),)
BUILDING = (
    *STOPS,
    ("throttled_started", "throttled_ended"),
    ("rationing_started", "rationing_ended"),
)
SHORT = (("shortage_started", "shortage_ended"),)
COLD = (("fell_below_18", "rose_above_18"),)
SERVED = 0.95  # of a building's need: what arrives above it chills nobody, and one hour in fifty has less anyway
_CLOSED = (("road_closed", "road_opened"),)
_EMPTY = (("fuel_ran_out", "fuel_recovered"),)
FAR = 0.1
"""A share of the need that arrived is far from what was ordered, or from all of it, when it differs by more."""
_DOWN = (("source_tripped", "fault_restored"),)
_UNSERVED = ("unserved_fuel_w", "unserved_capacity_w")
_MUCH = 1.0 / 3.0  # of what a source did not make: what less is due to is not why
_WARMING_S = 7 * DAY_S  # for so long rooms may be cold still for a supply that began late


def trouble_at(facts: Facts, hour: int, subject: int, want: Literal["", "fuel"] = "") -> int:
    """Return the entry that tells best why heat was short in an hour; -1 where none was open.

    Fuel that had run out comes first where fuel was wanting (of `subject` or its own source, else of any source of its
    operator); else the shortage that :func:`shortage_behind` names.
    """
    lacking = want == "fuel" or unserved_w(facts, "unserved_fuel_w", hour, -1) > 0.0
    if lacking:
        empty = _open(facts, _EMPTY, hour, subject)
        if len(empty.start):  # its own source's if that has run out; the latest to run out made the difference
            source = facts.group(np.array([subject]), "source")[0]
            own = (facts.record.subjects.source[empty.subject] == source) & (source >= 0)
            return int(empty.start[np.lexsort((empty.from_s, own))[-1]])
    return shortage_behind(facts, hour, subject)


def shortage_behind(facts: Facts, hour: int, subject: int) -> int:
    """Return the shortage that tells best why a subject got too little in an hour; -1 where none was open.

    That of its own source, unless it missed little beside the largest; else the largest.
    """
    short = shortages_at(facts, hour, subject)
    missing = [sum(unserved_w(facts, track, hour, source) for track in _UNSERVED) for source in short.subject.tolist()]
    return nearest_or_largest(facts, dict(zip(short.start.tolist(), missing, strict=True)), subject)


def nearest_or_largest(facts: Facts, missing: dict[int, float], subject: int) -> int:
    """Return of shortages, each with what was missed for it, that of a subject's own source, else the largest.

    Its own source's is passed over where it missed little beside the largest; -1 where there are none.
    """
    source, largest = facts.group(np.array([subject]), "source")[0], max(missing.values(), default=0.0)
    near = {
        seq: facts.subject[seq] == subject or (facts.subject[seq] == source and lost >= _MUCH * largest)
        for seq, lost in missing.items()
    }
    return max(missing, key=lambda seq: (near[seq], missing[seq]), default=-1)


@dataclass(frozen=True, slots=True)
class Worst:
    """How bad a shortage was in an hour: its worst, where no other is asked for.

    Attributes
    ----------
    hour : int
        Of the record.
    share : float
        Of what was asked of the source in that hour: what it missed.
    lacked, in_all : str
        What was wanting in that hour, and in all its time: ``fuel``, ``capacity`` or ``fuel and capacity``.
    """

    hour: int
    share: float
    lacked: str
    in_all: str


def at_worst(facts: Facts, shortage: int) -> Worst | None:
    """Return how bad a shortage became; None where the record does not say."""
    return _bad(facts, shortage, -1)


def in_hour(facts: Facts, shortage: int, hour: int) -> Worst | None:
    """Return how bad a shortage was in an hour of the record; None where it was none, or the record does not say."""
    begun, over = lasted(facts, shortage)
    return _bad(facts, shortage, hour) if begun // HOUR_S <= hour < -(-over // HOUR_S) else None


def _bad(facts: Facts, shortage: int, hour: int) -> Worst | None:
    """Return how bad a shortage was in an hour, or for -1 in its worst."""
    fuel, capacity, made = _of_source(facts, shortage)
    if fuel is None or capacity is None or made is None or not len(made):
        return None
    missing = fuel + capacity
    share = missing / np.maximum(missing + made, 1.0)
    first = lasted(facts, shortage)[0] // HOUR_S
    row = int(share.argmax()) if hour < 0 else hour - first
    if row >= len(missing) or not missing[row]:
        return None
    lacked = _lacked(fuel[row : row + 1], capacity[row : row + 1])
    return Worst(first + row, float(share[row]), lacked, _lacked(fuel, capacity))


def _lacked(fuel: F64, capacity: F64) -> str:
    by_fuel = float(fuel.sum() / (fuel + capacity).sum())
    return "fuel" if by_fuel > 1.0 - FAR else "capacity" if by_fuel < FAR else "fuel and capacity"


def deepened_by(facts: Facts, shortage: int, until_s: int, since_s: int = 0) -> list[int]:
    """Return what made a shortage worse by an instant: its source's fuel that ran out, its own units that were down.

    Each only where what it wants made up a third of what the source did not make, or where only fuel was wanting when
    it was worst; a shortage that a tripped unit began may be one of fuel by then. Of run-outs the last.

    Parameters
    ----------
    since_s : int
        From when on what the source did not make is weighed up to that instant; where not given, all of it is.
    """
    empty, trips, (begun, over) = facts.intervals(_EMPTY), facts.intervals(_DOWN), lasted(facts, shortage)
    until_s, worst, source = min(until_s, over), at_worst(facts, shortage), facts.subject[shortage]
    since = max(begun, since_s)
    if since_s and since >= until_s:
        return []
    of_fuel, of_capacity = _wants(facts, shortage, (since, until_s) if since_s else (begun, over))
    own = empty.take(facts.record.subjects.source[empty.subject] == source)
    dry = own.take((own.from_s <= until_s) & (own.to_s > since))
    found = [int(dry.start[np.argmax(dry.from_s)])] if of_fuel and len(dry.start) else []
    if worst is not None and worst.lacked == "fuel" and since_s <= worst.hour * HOUR_S < until_s:
        then = own.start[(own.from_s < (worst.hour + 1) * HOUR_S) & (own.to_s > worst.hour * HOUR_S)]
        found += [seq for seq in then.tolist() if seq not in found]
    mine = (trips.subject == source) & (trips.from_s <= until_s) & (trips.to_s > since)
    return [*found, *(trips.start[mine].tolist() if of_capacity else [])]


def _wants(facts: Facts, shortage: int, span: tuple[int, int]) -> tuple[bool, bool]:
    """Return whether a source wanted fuel, and capacity, for a third of what it did not make; both if not known.

    In the full hours round two instants within its shortage [s].
    """
    fuel, capacity, _ = _of_source(facts, shortage)
    if fuel is None or capacity is None:
        return True, True
    first = lasted(facts, shortage)[0] // HOUR_S
    hours = slice(span[0] // HOUR_S - first, -(-span[1] // HOUR_S) - first)
    by_fuel, by_capacity = float(fuel[hours].sum()), float(capacity[hours].sum())
    total = by_fuel + by_capacity
    return (by_fuel >= _MUCH * total, by_capacity >= _MUCH * total) if total else (True, True)


def _of_source(facts: Facts, shortage: int) -> list[F64 | None]:
    """Return what a source did not make for want of fuel, of capacity, and what it made, by hour of a shortage [W]."""
    short = facts.intervals(SHORT)
    (row,) = np.flatnonzero(short.start == shortage)
    hours = slice(int(short.from_s[row]) // HOUR_S, -(-int(short.to_s[row]) // HOUR_S))
    column = np.flatnonzero(facts.record.subjects.rows("source") == facts.subject[shortage])
    found: list[F64 | None] = []
    for track in (*_UNSERVED, "source_heat_w"):
        values = facts.record.tracks.get(track)
        known = values is not None and len(column) and len(values) > hours.start
        found.append(np.asarray(values[hours, column[0]], np.float64) if values is not None and known else None)
    return found


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

    That is after the heating period began, and less than a day before the instant, or a week as long as a cohort's
    rooms have not been warm since; -1 where it was not so.
    """
    supply = facts.rows("supply_started")
    supply = supply[facts.subject[supply] == facts.group(np.array([subject]), "substation")[0]]
    if at < facts.start_s or not len(supply):
        return -1
    first = int(supply[np.argmin(facts.at[supply])])
    began = int(facts.at[first])
    late = began > facts.start_s and (
        began > at - DAY_S or (began > at - _WARMING_S and _cold_since(facts, subject, began, at))
    )
    return first if late else -1


def own_source_ready(facts: Facts, supply: int) -> int:
    """Return when a building's own source was ready that began only with another, the last of its network; -1: none.

    That is the entry of its trial run; the supply that began follows from the preheating of the last source ready.
    """
    preheat = int(facts.record.cause[supply])
    waited = int(facts.record.cause[preheat]) if preheat in facts.rows("preheat_started") else -1
    own = facts.group(facts.subject[[supply]], "source")[0]
    trials = facts.rows("trial_run_done")
    mine = trials[(facts.subject[trials] == own) & (facts.at[trials] < facts.at[preheat])]
    if waited < 0 or facts.subject[waited] == own or not len(mine):
        return -1
    return int(mine[np.argmax(facts.at[mine])])


def _cold_since(facts: Facts, subject: int, begin: int, at: int) -> bool:
    """Return whether a subject's cohort has been below 18 degC in every hour of a time; no where it has none."""
    rooms = facts.record.tracks.get("room_c")
    column = np.flatnonzero(facts.cohorts == facts.group(np.array([subject]), "cohort")[0])
    if rooms is None or not len(column):
        return False
    return bool((rooms[begin // HOUR_S : at // HOUR_S + 1, column[0]] < 18.0).all())


def latest_end(facts: Facts, troubles: list[int], at: int) -> int | None:
    """Return when the last of some troubles of buildings and sources that had begun by an instant was over [s]."""
    found = facts.intervals((*BUILDING, *SHORT))
    mine = np.isin(found.start, troubles) & (found.from_s <= at)
    return int(found.to_s[mine].max()) if mine.any() else None


def over_by(facts: Facts, troubles: list[int], until: int) -> list[int]:
    """Return the entries with which some troubles of buildings and sources were over by an instant."""
    found = facts.intervals((*BUILDING, *SHORT))
    mine = np.isin(found.start, troubles) & (found.end >= 0) & (found.to_s <= until)
    return [int(end) for end in found.end[mine]]


def late_lots(facts: Facts, told: list[int]) -> list[int]:
    """Return by which entries lots were late that but for it had come before a road was closed, or deliveries cut.

    Of those that stores told of ran out waiting for.
    """
    record, found = facts.record, []
    orders, late = facts.rows("fuel_ordered", "emergency_ordered"), facts.rows("fuel_delayed")
    for seq in told:
        detail, hindrance = record.detail_of(seq), int(record.cause[seq])
        if KINDS[record.what[seq]].name != "fuel_ran_out" or "waiting" not in detail or hindrance < 0:
            continue
        lot = orders[(facts.subject[orders] == facts.subject[seq]) & (facts.at[orders] == detail["placed"])]
        lot = lot[np.isclose(record.value[lot], detail["ordered"])]
        delayed = late[np.isin(facts.case[late], facts.case[lot])]
        found += delayed[facts.at[delayed] < facts.at[hindrance]].tolist()
    return [int(seq) for seq in found]


def kept_out(facts: Facts, told: list[int], until: int) -> dict[tuple[int, int], int]:
    """Return the closures of roads that kept the late lot out which a store told of had run out waiting for.

    By when that lot would have come, if by an instant [s], and the store.
    """
    empty, closed = facts.intervals(_EMPTY), facts.intervals(_CLOSED)
    found: dict[tuple[int, int], int] = {}
    for seq, filled_s in zip(empty.start.tolist(), empty.to_s, strict=True):
        late = int(facts.record.cause[seq])
        if seq not in told or late not in facts.rows("fuel_delayed"):
            continue
        due_s = int(facts.at[late] + facts.record.value[late] * HOUR_S)
        mine = closed.start[(closed.from_s <= due_s) & (closed.to_s > due_s)]
        if len(mine) and due_s <= min(until, filled_s):
            found[due_s, int(facts.subject[seq])] = int(mine[0])
    return found


def stops_in(facts: Facts, substation: int, begin: int, end: int) -> Intervals:
    """Return the stops of a building's heat that lasted at some instant from one to before another [s]."""
    found = facts.intervals(STOPS)
    return found.take((found.subject == substation) & (found.from_s < end) & (found.to_s > begin))


def arrived_share(facts: Facts, substation: int, begin: int, end: int) -> float | None:
    """Return the share of its need that a building got in the full hours round two instants [s]; None if not known."""
    both = _heat_and_need(facts, substation, begin, end)
    wanted = 0.0 if both is None else float(both[1].sum())
    return float(both[0].sum()) / wanted if both is not None and wanted > 0.0 else None


def served_by_hour(facts: Facts, substation: int, begin: int, end: int) -> F64 | None:
    """Return what share of its need a building got in each of these hours, 1 without any need; None if not known."""
    both = _heat_and_need(facts, substation, begin, end)
    if both is None:
        return None
    came, wanted = (np.asarray(track, np.float64) for track in both)
    return np.divide(came, wanted, out=np.ones(len(wanted)), where=wanted > 0.0)


def _heat_and_need(facts: Facts, substation: int, begin: int, end: int) -> list[Any] | None:
    """Return what a building got and needed in the full hours round two instants [W]; None where it is not known."""
    tracks = [facts.record.tracks.get(f"substation_{name}_w") for name in ("heat", "need")]
    column = np.flatnonzero(facts.record.subjects.rows("substation") == substation)
    hours = slice(max(begin // HOUR_S, 0), -(-end // HOUR_S))
    known = [track[hours, column[0]] for track in tracks if track is not None and len(column)]
    return known if len(known) == len(tracks) else None


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
