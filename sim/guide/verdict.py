"""From a finished record to verdicts: every clause of the guide judged by its form, nothing but the record read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...network_models.problems import RecordError
from ..record import Record
from .addresses import address_of, no_verdict, row_at
from .clause import Clause, Guide, default_guide
from .facts import F64, NEVER, Facts
from .floors import RoomShortfall, room_shortfall
from .forms import judge_part, kinds_needed, tracks_needed
from .margins import Margin, least, margin_of
from .overlay import overlaid, read_overlay
from .parts import Floor, Reported
from .reported import indicators
from .rows import EXCUSED, LATE, MET, MISSED, OPEN, STATES, Rows

__all__ = [
    "ClauseVerdict",
    "PartVerdict",
    "Verdict",
    "Verdicts",
    "compliance_of",
    "judge",
    "judge_clauses",
    "judged_guide",
]


def compliance_of(amounts: F64) -> float | None:
    """Return met / (met + late + missed) of amounts by state; None where nothing was judged."""
    judged = float(amounts[[MET, LATE, MISSED]].sum())
    return float(amounts[MET]) / judged if judged > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class PartVerdict:
    """One part of a clause, judged.

    Attributes
    ----------
    id : str
        The part's name, empty when the clause has only one.
    form : str
        within, floor, throughout, before or carries.
    rows : Rows
    """

    id: str
    form: str
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False)
class ClauseVerdict:
    """A clause, judged.

    Attributes
    ----------
    clause : Clause
    status : str
        met, breached, open, excused, not_triggered, reported, no_evidence or not_simulated.
    parts : tuple of PartVerdict
    amounts : array, shape (5,)
        How much was met, late, missed, open, excused; by count, or dwelling-hours for 2.3.
    indicators : dict
        Numbers shown beside it, not scored.
    """

    clause: Clause
    status: str
    parts: tuple[PartVerdict, ...]
    amounts: F64
    indicators: Mapping[str, Any]

    @property
    def compliance(self) -> float | None:
        """Met / (met + late + missed); None where nothing was judged."""
        return compliance_of(self.amounts)

    @property
    def margin(self) -> Margin | None:
        """How far it is from breaking, or how badly it is broken; None where nothing was judged that could tell."""
        return least([margin_of(part.rows) for part in self.parts])


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of one part, with its address ``2.6.4c/17`` or ``2.7.4/promise/3``.

    Attributes
    ----------
    id, clause, part : str
    row : int
        Row within the part.
    state : str
    subject, case, trigger, response : int
        -1 where there is none.
    opened_s, answered_s : int or None
    due_s : float or None
        Seconds since the season's origin.
    margin, amount : float
    unit, counted : str
        Unit of the margin, and what the amount counts.
    """

    id: str
    clause: str
    part: str
    row: int
    state: str
    subject: int
    case: int
    trigger: int
    response: int
    opened_s: int | None
    answered_s: int | None
    due_s: float | None
    margin: float
    unit: str
    amount: float
    counted: str

    @property
    def never_done(self) -> bool:
        """Whether the margin only says how long the record went on after what was never done was due."""
        timed = self.due_s is not None or self.counted == "days"
        return self.state == "missed" and self.unit == "h" and self.answered_s is None and timed


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """All clauses of the guide, judged on one record.

    Attributes
    ----------
    guide : Guide
        As judged, overrides included.
    clauses : tuple of ClauseVerdict
        In the guide's order.
    record : Record
    rooms : RoomShortfall or None
        Dwellings' shortfall; None where the record has no room temperatures.
    facts : Facts
        The record laid open.
    """

    guide: Guide
    clauses: tuple[ClauseVerdict, ...]
    record: Record
    rooms: RoomShortfall | None
    facts: Facts

    def __getitem__(self, clause_id: str) -> ClauseVerdict:
        """Return a clause's verdict by its id, or raise KeyError."""
        for verdict in self.clauses:
            if verdict.clause.id == clause_id:
                return verdict
        raise KeyError(clause_id)

    def find(self, address: str) -> Verdict:
        """Return the verdict at an address such as ``2.6.4c/17``.

        Raises
        ------
        RecordError
            When there is no such verdict.
        """
        found = row_at(self, address)
        if found is None:
            raise RecordError([no_verdict(self, address)])
        return self.verdict(*found)

    def part(self, clause_id: str, part_id: str) -> PartVerdict:
        """Return what a part of a clause was judged to be."""
        return next(part for part in self[clause_id].parts if part.id == part_id)

    def verdict(self, clause_id: str, part_id: str, row: int) -> Verdict:
        """Return one row."""
        rows = self.part(clause_id, part_id).rows
        opened, answered, due = int(rows.opened_s[row]), int(rows.answered_s[row]), float(rows.due_s[row])
        return Verdict(
            address_of(clause_id, part_id, row), clause_id, part_id, row, STATES[rows.state[row]],
            int(rows.subject[row]), int(rows.case[row]), int(rows.trigger[row]), int(rows.response[row]),
            None if opened <= NEVER + 1 else opened, None if answered <= NEVER + 1 else answered,
            None if np.isnan(due) else due, float(rows.margin[row]), rows.unit, float(rows.amount[row]), rows.counted,
        )  # fmt: skip

    def breaches(self, clause_id: str, limit: int | None = None) -> list[Verdict]:
        """Return the late and missed rows of a clause, the worst margin first within each part."""
        found: list[Verdict] = []
        for part in self[clause_id].parts:
            broken = np.flatnonzero((part.rows.state == LATE) | (part.rows.state == MISSED))
            if limit is not None and len(broken) > limit:  # only rows as bad as the limit-th worst need sorting
                bar = np.partition(part.rows.margin[broken], limit - 1)[limit - 1]
                broken = broken[part.rows.margin[broken] <= bar]
            order = broken[np.lexsort((broken, part.rows.margin[broken]))][:limit]
            found += [self.verdict(clause_id, part.id, int(row)) for row in order]
        return found

    def worst(self, clause_id: str) -> str:
        """Return the address of a clause's worst breach, empty when there is none."""
        worst = min(self.breaches(clause_id, 1), key=lambda breach: breach.margin, default=None)
        return worst.id if worst else ""

    def by(self, group: str) -> dict[str, dict[int, F64]]:
        """Return the amounts by clause and group, which sum to each clause's totals.

        Parameters
        ----------
        group : str
            ``operator``, ``district``, ``substation``, ``source``, ``estate`` (a cohort's substation, by its name), or
            ``cause``: the kind of the happening that began the chain behind the row.

        Returns
        -------
        dict
            Clause id -> subjects row of the group, or code of the kind (-1: belongs to none) -> amounts by state,
            shape (5,).
        """
        table: dict[str, dict[int, F64]] = {}
        for verdict in self.clauses:
            sums: dict[int, F64] = {}
            for part in verdict.parts:
                cell = (self.members(part.rows, group) + 1) * len(STATES) + part.rows.state
                members = int(cell.max(initial=0)) // len(STATES) + 1
                amounts = np.bincount(cell, part.rows.amount, members * len(STATES)).reshape(members, len(STATES))
                for row in np.flatnonzero(np.bincount(cell // len(STATES))):
                    sums[int(row) - 1] = sums.get(int(row) - 1, np.zeros(len(STATES))) + amounts[row]
            table[verdict.clause.id] = sums
        return table

    def members(self, rows: Rows, group: str) -> Any:
        """Return the row of the group each verdict belongs to: by its subject, else by the entry that opened it.

        By cause: the code of the kind of the entry from which the row's own follows.
        """
        if group == "cause":
            member = np.full(len(rows), -1, np.int32)
            known = rows.trigger >= 0
            member[known] = self.record.what[self.facts.roots()[rows.trigger[known]]]
            return member
        by = "substation" if group == "estate" else group
        member = np.where(rows.subject >= 0, self.facts.group(np.maximum(rows.subject, 0), by), -1)
        loose = (member < 0) & (rows.trigger >= 0)
        if loose.any():
            member[loose] = self.facts.group(self.facts.subject[rows.trigger[loose]], by)
        if group == "estate":  # several substations of one name are one estate: the first stands for it
            first: dict[str, int] = {}
            same = np.array([first.setdefault(name, row) for row, name in enumerate(self.record.subjects.name)])
            member = np.where(member >= 0, same[member], -1)
        return member


def judged_guide(record: Record, guide: Guide | Mapping[str, Any] | Path | str | None = None) -> Guide:
    """Return the guide a record is judged by: ours, the scenario's numbers, then those of the overlay given.

    Raises
    ------
    GuideError
        When an overlay is wrong.
    """
    if isinstance(guide, Guide):
        return guide
    found = overlaid(default_guide(), record.scenario.get("guide") or {}, "scenario")
    if isinstance(guide, Mapping):
        return overlaid(found, guide, "overlay")
    if guide is not None:
        document = read_overlay(guide)
        return overlaid(found, document.data, Path(guide).name, document)
    return found


def judge(record: Record, guide: Guide | Mapping[str, Any] | Path | str | None = None) -> Verdicts:
    """Judge a record by every clause of the guide.

    Parameters
    ----------
    record : Record
        Simulated, observed or written by hand; only read.
    guide : Guide, mapping, path or None
        None: our guide with the numbers the record's scenario changes. A mapping or a file of changed numbers goes on
        top of those. A Guide is taken as it is.

    Returns
    -------
    Verdicts

    Raises
    ------
    GuideError
        When an overlay is wrong.
    """
    by = judged_guide(record, guide)
    facts = Facts(record, by)
    rooms = _rooms(facts, by)
    return Verdicts(
        by, tuple(_judge_clause(facts, by, clause, rooms, {}) for clause in by.clauses), record, rooms, facts
    )


def judge_clauses(verdicts: Verdicts, guide: Guide, ids: Iterable[str]) -> list[ClauseVerdict]:
    """Return some clauses of a judged record under another guide; the season's dates are judged anew with it.

    Parts on which no number bears that is another one keep the verdicts they have.
    """
    moved = verdicts.guide.numbers_that_differ(guide)
    facts = verdicts.facts.under(guide, other_numbers_only=moved is not None)
    if moved and facts.dates == verdicts.facts.dates:
        moved.discard(guide.decision_notice)

    def standing(clause: Clause) -> dict[str, PartVerdict]:
        if moved is None:
            return {}
        still = {part.id for part in clause.parts if not guide.bearing_on(clause, part) & moved}
        return {part.id: part for part in verdicts[clause.id].parts if part.id in still}

    wanted = set(ids)
    return [
        _judge_clause(facts, guide, clause, None, standing(clause)) for clause in guide.clauses if clause.id in wanted
    ]


def _rooms(facts: Facts, guide: Guide) -> RoomShortfall | None:
    for clause in guide.clauses:
        for part in clause.parts:
            if isinstance(part, Floor) and part.measure == "room_temperature" and facts.hours_of("room_c") > 0:
                return room_shortfall(facts, guide, clause, part)
    return None


def _judge_clause(
    facts: Facts, guide: Guide, clause: Clause, rooms: RoomShortfall | None, standing: Mapping[str, PartVerdict]
) -> ClauseVerdict:
    nothing = np.zeros(len(STATES))
    if not clause.parts:
        return ClauseVerdict(clause, "not_simulated", (), nothing, {})
    shown = dict(indicators(facts, guide, clause))
    evident = [
        part
        for part in clause.parts
        if facts.logs(*kinds_needed(part)) and all(facts.hours_of(track) for track in tracks_needed(part))
    ]
    lacking = {kind for part in clause.parts for kind in facts.not_logged(*kinds_needed(part))}
    lacking |= {track for part in clause.parts for track in tracks_needed(part) if not facts.hours_of(track)}
    if lacking:
        shown["not_logged"] = sorted(lacking)
    if not evident:
        return ClauseVerdict(clause, "no_evidence", (), nothing, shown)
    judged = tuple(
        standing.get(part.id) or PartVerdict(part.id, part.form, judge_part(facts, guide, clause, part, rooms))
        for part in evident
        if not isinstance(part, Reported)
    )
    if not judged:
        return ClauseVerdict(clause, "reported", (), nothing, shown)
    if len(evident) < len(clause.parts):
        shown["parts_without_evidence"] = [part.id for part in clause.parts if part not in evident]
    amounts = np.sum([part.rows.amounts() for part in judged], axis=0)
    return ClauseVerdict(clause, _status(amounts, sum(len(part.rows) for part in judged)), judged, amounts, shown)


def _status(amounts: F64, rows: int) -> str:
    if rows == 0:
        return "not_triggered"
    if amounts[LATE] + amounts[MISSED] > 0:
        return "breached"
    if amounts[MET] > 0:
        return "met"
    return "open" if amounts[OPEN] > 0 else "excused" if amounts[EXCUSED] > 0 else "not_triggered"
