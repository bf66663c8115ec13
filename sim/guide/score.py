"""From verdicts to a scorecard: rows by clause, breaches, headline, and the overall scores last.

The overall score is the weighted mean compliance over the clauses that were judged; it compares only over the same
clauses, so it stands after the headline and the breaches. The operator's and the authority's are apart.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..record import KINDS
from .facts import Facts
from .floors import LEVELS_C, RoomShortfall
from .fuel import days_of_cover
from .margins import margin_of
from .parts import DAY_S
from .rows import EXCUSED, LATE, MET, MISSED, OPEN, STATES
from .verdict import ClauseVerdict, PartVerdict, Verdict, Verdicts, compliance_of

__all__ = ["ClauseRow", "Scorecard", "amounts_by", "overall", "score"]

_WORST = 5  # breaches listed per clause


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause on the scorecard.

    Attributes
    ----------
    id, place, bearer, status : str
        As in the guide; met, breached, open, excused, not_triggered, reported, no_evidence or not_simulated.
    met, late, missed, open, excused : float
        Amounts; in dwelling-hours for 2.3, else counts.
    counted : str
        What they count.
    compliance : float or None
        met / (met + late + missed).
    margin : float or None
        How far it is from breaking (not negative), or how badly it is broken; see :mod:`.margins`.
    unit : str
        Unit of the margin: that of the part which binds.
    relative_margin : float or None
        The same without a unit, between -1 and 1.
    weight : float
        In the overall score.
    assumed : bool
        Whether a number or the reading is assumed.
    worst : str
        Address of the worst breach, empty when there is none.
    reason_zh, reason_en : str
        Why it is not simulated.
    parts : tuple of dict
        The same numbers for each part of a clause that has several.
    indicators : dict
        Shown beside it, not scored.
    """

    id: str
    place: str
    bearer: str
    status: str
    met: float
    late: float
    missed: float
    open: float
    excused: float
    counted: str
    compliance: float | None
    margin: float | None
    unit: str
    relative_margin: float | None
    weight: float
    assumed: bool
    worst: str
    reason_zh: str
    reason_en: str
    parts: tuple[dict[str, Any], ...]
    indicators: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Scorecard:
    """A season's result.

    Attributes
    ----------
    headline : dict
        The numbers of INTERFACE, 18 degC in scope and strict side by side.
    breaches : tuple of Verdict
        The worst late and missed duties of every breached clause.
    clauses : tuple of ClauseRow
        Every clause of the guide.
    operator, authority : float or None
        Overall scores, 0 to 1; None where nothing of theirs was judged.
    overrides : tuple of dict
        Numbers of the guide that were changed for this judgement.
    by_operator, by_district, by_source, by_cause : dict
        Name -> clause id -> amounts by state; they sum to the clause's. By substation and estate, of which a city has
        hundreds: :func:`amounts_by`.
    record : dict
        ``scenario``, ``network``, ``seed``, ``replication``, ``version``, ``balances`` and ``ended`` of the record.
    """

    headline: Mapping[str, Any]
    breaches: tuple[Verdict, ...]
    clauses: tuple[ClauseRow, ...]
    operator: float | None
    authority: float | None
    overrides: tuple[Mapping[str, Any], ...]
    season: Mapping[str, Any]
    by_operator: Mapping[str, Mapping[str, Mapping[str, float]]]
    by_district: Mapping[str, Mapping[str, Mapping[str, float]]]
    by_source: Mapping[str, Mapping[str, Mapping[str, float]]]
    by_cause: Mapping[str, Mapping[str, Mapping[str, float]]]
    record: Mapping[str, Any]

    def __getitem__(self, clause_id: str) -> ClauseRow:
        """Return the row of a clause, or raise KeyError."""
        for row in self.clauses:
            if row.id == clause_id:
                return row
        raise KeyError(clause_id)

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``run --json``: JSON values only, no NaN."""
        stamp = self.record
        document = {
            "scenario": stamp["scenario"],
            "network": stamp["network"],
            "seed": stamp["seed"],
            "replications": 1,
            "replication": stamp["replication"],
            "version": stamp["version"],
            "score": {"operator": self.operator, "authority": self.authority},
            "clauses": [asdict(row) for row in self.clauses],
            "headline": dict(self.headline),
            "breaches": [{**asdict(verdict), "never_done": verdict.never_done} for verdict in self.breaches],
            "overrides": [dict(override) for override in self.overrides],
            "season": dict(self.season),
            "by_operator": self.by_operator,
            "by_district": self.by_district,
            "by_source": self.by_source,
            "by_cause": self.by_cause,
            "balances": dict(stamp["balances"]),
            "ended": dict(stamp["ended"]),
        }
        clean: dict[str, Any] = _plain(document)
        return clean


def score(verdicts: Verdicts) -> Scorecard:
    """Return the scorecard of a judged record."""
    rows = tuple(_row(verdicts, verdict) for verdict in verdicts.clauses)
    breaches = [breach for row in rows if row.status == "breached" for breach in verdicts.breaches(row.id, _WORST)]
    record = verdicts.record
    scenario = record.scenario
    return Scorecard(
        headline=_headline(verdicts),
        breaches=tuple(breaches),
        clauses=rows,
        operator=overall((row.weight, row.compliance) for row in rows if row.bearer == "operator"),
        authority=overall((row.weight, row.compliance) for row in rows if row.bearer == "authority"),
        overrides=tuple(override.model_dump() for override in verdicts.guide.overrides),
        season=_season(verdicts),
        by_operator=amounts_by(verdicts, "operator"),
        by_district=amounts_by(verdicts, "district"),
        by_source=amounts_by(verdicts, "source"),
        by_cause=amounts_by(verdicts, "cause"),
        record={
            "scenario": record.stamp.get("scenario", scenario.get("name", "")),
            "network": record.stamp.get("network", scenario.get("network", "")),
            "seed": record.stamp.get("seed", scenario.get("seed")),
            "replication": record.stamp.get("replication", 0),
            "version": record.stamp.get("version", ""),
            "balances": record.balances,
            "ended": record.ended,
        },
    )


def amounts_by(verdicts: Verdicts, group: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return amounts by group, clause and state; they sum to the clauses' totals.

    Parameters
    ----------
    verdicts : Verdicts
    group : str
        As in :meth:`Verdicts.by`. Groups are called by their names, substations by their ids; what belongs to none
        stands under an empty name.
    """
    subjects = verdicts.record.subjects
    names = [kind.name for kind in KINDS] if group == "cause" else subjects.name
    if group == "substation":
        names = subjects.id
    table: dict[str, dict[str, dict[str, float]]] = {}
    for clause_id, sums in verdicts.by(group).items():
        for row, amounts in sums.items():
            states = table.setdefault(names[row] if row >= 0 else "", {}).setdefault(
                clause_id, dict.fromkeys(STATES, 0.0)
            )
            for state, amount in zip(STATES, amounts.tolist(), strict=True):
                states[state] += amount
    return table


def _row(verdicts: Verdicts, verdict: ClauseVerdict) -> ClauseRow:
    clause, amounts = verdict.clause, verdict.amounts
    parts = [_part(part) for part in verdict.parts]
    counted = {part.rows.counted for part in verdict.parts}
    margin = verdict.margin
    return ClauseRow(
        clause.id, clause.place, clause.bearer, verdict.status,
        float(amounts[MET]), float(amounts[LATE]), float(amounts[MISSED]), float(amounts[OPEN]),
        float(amounts[EXCUSED]),
        counted.pop() if len(counted) == 1 else "duties", verdict.compliance,
        margin.value if margin else None, margin.unit if margin else "", margin.relative if margin else None,
        clause.weight, clause.assumed, verdicts.worst(clause.id),
        clause.not_simulated_zh, clause.not_simulated_en,
        tuple(parts) if len(parts) > 1 else (), verdict.indicators,
    )  # fmt: skip


def _part(part: PartVerdict) -> dict[str, Any]:
    amounts, margin = part.rows.amounts(), margin_of(part.rows)
    return {
        "id": part.id, "form": part.form, "met": float(amounts[MET]), "late": float(amounts[LATE]),
        "missed": float(amounts[MISSED]), "open": float(amounts[OPEN]), "excused": float(amounts[EXCUSED]),
        "compliance": compliance_of(amounts), "margin": margin.value if margin else None,
        "unit": part.rows.shortfall_unit, "relative_margin": margin.relative if margin else None,
        "counted": part.rows.counted,
    }  # fmt: skip


def overall(compliances: Iterable[tuple[float, float | None]]) -> float | None:
    """Return the weighted mean of (weight, compliance) over the clauses that were judged; None where none was."""
    judged = [(weight, compliance) for weight, compliance in compliances if compliance is not None]
    total = sum(weight for weight, _ in judged)
    return sum(weight * compliance for weight, compliance in judged) / total if total > 0 else None


def _headline(verdicts: Verdicts) -> dict[str, Any]:
    """Return what a planner reads first: warmth, fuel, stops, calls; what the world accounted for fills the rest."""
    facts, record = verdicts.facts, verdicts.record
    headline: dict[str, Any] = {}
    if verdicts.rooms is not None and verdicts.rooms.dwelling_hours.sum() > 0:
        headline.update(_warmth(verdicts, verdicts.rooms))
    headline.update(_outdoors(facts))
    cover = days_of_cover(facts)
    finite = cover[np.isfinite(cover)]
    calls = facts.count("call_answered", "call_abandoned")
    stops_logged = facts.logs("outage_started", "outage_ended")
    stops = facts.intervals((("outage_started", "outage_ended"),))
    longest_h = float((stops.to_s - stops.from_s).max()) / 3600.0 if len(stops.start) else 0.0
    shed = [record.tracks[name] for name in ("unserved_fuel_w", "unserved_capacity_w") if name in record.tracks]
    headline.update(
        min_days_of_cover=float(finite.min()) if len(finite) else None,
        heat_shed_gj=sum(float(np.sum(track, dtype=np.float64)) for track in shed) * 3600.0 / 1e9 if shed else None,
        outages=len(stops.start) if stops_logged else None,
        longest_outage_h=longest_h if stops_logged else None,
        calls=calls,
        answered_share=len(facts.rows("call_answered")) / calls if calls else None,
        complaints=facts.count("complaint_accepted"),
    )
    accounted = {name: value for name, value in record.summary.items() if value is not None or name not in headline}
    return {**headline, **accounted}


def _season(verdicts: Verdicts) -> dict[str, Any]:
    """Return the heating period that was judged, before any decision, and whether its days are the guide's."""
    calendar, wanted = verdicts.record.calendar, verdicts.guide.season
    origin = dt.datetime.fromisoformat(str(calendar["origin"]))
    days = [
        (origin + dt.timedelta(seconds=int(s))).date() for s in (calendar["season_start"], calendar["season_end"] - 1)
    ]
    named = tuple(f"{day:%m-%d}" for day in days)
    return {"first_day": str(days[0]), "last_day": str(days[1]), "guide": list(wanted), "as_in_guide": named == wanted}


def _outdoors(facts: Facts) -> dict[str, float]:
    """Return how cold the winter was: mean and coldest day of the heating period, as far as the record tells [degC]."""
    mean = facts.daily_mean_c()[max(facts.start_s // DAY_S, 0) : facts.season_end_s // DAY_S]
    return {"outdoor_mean_c": float(mean.mean()), "coldest_day_c": float(mean.min())} if len(mean) else {}


def _warmth(verdicts: Verdicts, rooms: RoomShortfall) -> dict[str, Any]:
    """Return dwelling-hours, degree-hours and shares about 18 degC, and the coldest hundredth of the dwellings."""
    at = {float(level): column for column, level in enumerate(rooms.levels_c)}
    floor = at[LEVELS_C[0]]
    total, scope = float(rooms.dwelling_hours.sum()), float(rooms.dwelling_hours_scope.sum())
    strict_h, scope_h = float(rooms.hours[:, floor].sum()), float(rooms.hours_scope[:, floor].sum())
    dwellings = max(int(np.count_nonzero(~np.isnan(rooms.mean_c))), 1)  # of those measured
    found: dict[str, Any] = {
        "dwelling_hours_below_18_in_scope": scope_h,
        "dwelling_hours_below_18_strict": strict_h,
        "share_dwelling_hours_18_in_scope": 1.0 - scope_h / scope if scope > 0 else None,
        "share_dwelling_hours_18_strict": 1.0 - strict_h / total if total > 0 else None,
        "share_dwellings_always_18_in_scope": float(np.count_nonzero(rooms.least_scope_c >= LEVELS_C[0])) / dwellings,
        "share_dwellings_always_18_strict": float(np.count_nonzero(rooms.least_c >= LEVELS_C[0])) / dwellings,
    }
    for level in LEVELS_C:
        found[f"degree_hours_below_{level:.0f}"] = float(rooms.degrees[:, at[level]].sum())
    if len(rooms.coldest):
        found["coldest_1pct_mean_c"] = float(rooms.mean_c[rooms.coldest].astype(np.float64).mean())
        found["coldest_1pct_hours_below_18"] = float(rooms.coldest_hours.mean())
        found["coldest_1pct_degree_hours"] = float(rooms.coldest_degrees.mean())
        found["coldest_1_percent"] = _where_coldest(verdicts, rooms)
    return found


def _where_coldest(verdicts: Verdicts, rooms: RoomShortfall) -> list[dict[str, Any]]:
    """Return the estates that hold most of the coldest hundredth, with how many and how cold."""
    facts, subjects = verdicts.facts, verdicts.record.subjects
    substation = facts.group(facts.cohort_row(rooms.coldest + facts.listed), "substation")
    found: list[dict[str, Any]] = []
    for row in np.unique(substation):
        mine = substation == row
        found.append(
            {
                "substation": subjects.name[row] if row >= 0 else "",
                "dwellings": int(mine.sum()),
                "mean_c": float(rooms.mean_c[rooms.coldest[mine]].astype(np.float64).mean()),
                "hours_below_18": float(rooms.coldest_hours[mine].mean()),
            }
        )
    return sorted(found, key=lambda item: (-item["dwellings"], item["mean_c"], item["substation"]))[:_WORST]


def _plain(value: Any) -> Any:
    """Return JSON values: numpy scalars unwrapped, tuples as lists, what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
