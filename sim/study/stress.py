"""Stress: the strains of a suite over common winters: what breaks first, from where on, and at what cost.

Points and winters are a study like any other, so it can be resumed, sharded over workers and exported. Beside the
scorecard each winter is measured district by district, and in the days after the legal end of the season, which an
extension is for.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...network_models.problems import InputError
from ...scenarios.calendar import Calendar
from ...scenarios.policies.season import ByRule, extension_days
from ...scenarios.scenario import Scenario
from ...scenarios.weather.weather import make_weather
from ..guide.clause import default_guide
from ..record import Record
from .case import Outcome
from .certificate import at_most
from .criticality import criticality
from .executors import Executor
from .store import Ledger
from .suites import Block, Suite
from .sweep import Study
from .tally import spread

__all__ = ["KEPT", "extension_fires", "measure", "stress"]

_SURE = 0.975  # one-sided, of an exact 95 % interval of a share
KEPT = 0.95  # a clause counts as broken when less of it is kept, over all winters together
_NUMBERS = (
    "headline.dwelling_hours_below_18_strict",
    "headline.degree_hours_below_18",
    "headline.heat_shed_gj",
    "headline.longest_outage_h",
    "headline.answered_share",
    "headline.heat_gj",
    "headline.cost_cny",
    "metrics.after.dwelling_hours_below_18",
    "metrics.after.degree_hours_below_18",
    "metrics.after.days_extended",
)


def stress(
    scenario: Scenario,
    suite: Suite,
    executor: Executor | None = None,
    *,
    out: Path | str | None = None,
    winters: int | None = None,
    on_start: Callable[[int], None] | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> dict[str, Any]:
    """Lay a suite's strains on a scenario.

    Parameters
    ----------
    scenario : Scenario
        The season without strain.
    suite : Suite
    executor : Executor, optional
        Serial when left out.
    out : path, optional
        Folder that keeps the study.
    winters : int, optional
        Instead of the suite's own number.
    on_start, on_done : callable, optional
        Told how many winters are to be played, and of each.

    Returns
    -------
    dict
        JSON values: ``calm`` (no strain), ``blocks`` (their rows and what broke from where on), ``extension`` (how
        often rules would have fired, and what extensions bought), ``worst_pipe``, ``winters``, ``kept``.

    Raises
    ------
    InputError
        When levels do not fit the scenario's season or network, with their places in the suite's file.
    """
    if problems := suite.faults(scenario):
        raise InputError(problems)
    many = winters or suite.winters
    strains = [strain for block in suite.blocks for strain in block.strains()]
    worst = (
        _worst_pipe(scenario, executor)
        if any(strain.burst == "worst" for strain in strains)
        else {"id": "", "road": ""}
    )
    points = [{}, *(strain.changes(scenario, worst["id"]) for strain in strains)]
    with contextlib.ExitStack() as stack:
        folder = out if out is not None else stack.enter_context(tempfile.TemporaryDirectory())
        about = {"stress": suite.model_dump(mode="json")}
        study = stack.enter_context(Study(folder, scenario, metrics=[measure], about=about, placed=suite.placed))
        numbers = study.add(points)
        if on_start:
            on_start(study.missing(points, many))
        for played in study.play(points, many, executor):
            if on_done:
                on_done(played.outcome)
        told = [_told(study.ledger, number, many) for number in numbers]
        failures = [{"point": p, "replication": r, "kind": f.kind, "why": f.why} for p, r, f in study.ledger.failures()]
    calm = told[0]
    rest = iter(told[1:])
    blocks = [_block(block, calm, rest) for block in suite.blocks]
    return {
        "scenario": scenario.name,
        "network": scenario.network,
        "seed": scenario.seed,
        "winters": many,
        "kept": KEPT,
        "worst_pipe": worst,
        "calm": _said(calm),
        "blocks": blocks,
        "extension": {
            "rules": extension_fires(scenario, suite.rule_winters),
            "bought": [row for block, done in zip(suite.blocks, blocks, strict=True) for row in _bought(block, done)],
        },
        "failures": failures,
    }


def measure(record: Record, document: Mapping[str, Any]) -> dict[str, float]:
    """Return what a stress table needs of one winter beside the scorecard.

    ``district.NAME`` and ``operator.NAME`` are dwelling-hours below 18 degC, excused or not (clause 2.3);
    ``after.…`` is measured from the season's legal end to the last day an extension could reach, heat on or off, by the
    mean rooms of cohorts: dwelling-hours and degree-hours below 18 degC, and days of heat.
    """
    found: dict[str, float] = {}
    for group, table in (("district", "by_district"), ("operator", "by_operator")):
        for name, clauses in document[table].items():
            if name and "2.3" in clauses:
                states = clauses["2.3"]
                found[f"{group}.{name}"] = states["late"] + states["missed"] + states["excused"]
    calendar = record.calendar
    first, last = calendar["season_end"] // 3600, calendar["horizon"] // 3600
    rows = [row for row, kind in enumerate(record.subjects.kind) if kind == "cohort"]
    households = record.subjects.households[rows].astype(np.float64)
    lacking = np.maximum(18.0 - record.tracks["room_c"][first:last].astype(np.float64), 0.0)
    found["after.dwelling_hours_below_18"] = float((lacking > 0).sum(axis=0) @ households)
    found["after.degree_hours_below_18"] = float(lacking.sum(axis=0) @ households)
    found["after.days_extended"] = max(0.0, (calendar["decided_end"] - calendar["season_end"]) / 86400.0)
    return found


def extension_fires(
    scenario: Scenario, winters: int, thresholds_c: Sequence[float] = (5.0, 6.0, 8.0)
) -> list[dict[str, Any]]:
    """Return how often a rule of so many cold days in a row would extend the season, on natural winters.

    Parameters
    ----------
    scenario : Scenario
        Its weather and forecast; overlays are left out.
    winters : int
        Weather alone is drawn for them.
    thresholds_c : sequence of float
        Daily means below which a day counts; the days in a row and the lead are the rule's defaults [degC].

    Returns
    -------
    list of dict
        For each threshold ``fired`` winters, ``share``, ``days`` (mean over those that fired) and ``at_most``, the
        upper end of the share's exact 95 % interval.
    """
    calendar = Calendar.of(scenario)
    end_day, latest_day = calendar.season_end_s // 86_400, calendar.days
    days: dict[float, list[int]] = {threshold: [] for threshold in thresholds_c}
    natural = scenario.weather.model_copy(update={"overlays": ()})
    for winter in range(winters):
        weather = make_weather(natural, calendar.origin, calendar.days, scenario.seed, winter)
        for threshold in thresholds_c:
            rule, end = ByRule(below_c=threshold), end_day
            for today in range(end_day - rule.lead_days, latest_day):
                if today < end:
                    end += extension_days(rule, today, weather.forecast_c[today], end, latest_day)
            days[threshold].append(end - end_day)
    told = []
    for threshold, extended in days.items():
        fired = [more for more in extended if more]
        told.append(
            {
                "below_c": threshold,
                "in_a_row": ByRule().in_a_row,
                "winters": winters,
                "fired": len(fired),
                "share": len(fired) / winters,
                "at_most": at_most(len(fired), winters, _SURE),
                "days": float(np.mean(fired)) if fired else 0.0,
            }
        )
    return told


def _worst_pipe(scenario: Scenario, executor: Executor | None) -> dict[str, str]:
    """Return the pipe whose loss on a design day chills dwellings most until it is repaired."""
    row = criticality(scenario, kinds=["pipe"], pairs=0, executor=executor)["elements"][0]
    return {"id": row["id"], "road": row["road"]}


def _told(ledger: Ledger, point: int, winters: int) -> dict[str, Any]:
    """Return a point's winters: each number's values, and each clause's counts."""
    rows = [row for row in ledger.rows(point=point) if row.replication < winters]
    return {name: [row.numbers.get(name) for row in rows] for name in ledger.names()} if rows else {}


def _said(values: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """Return a point's numbers over its winters, its clauses that broke, and its cold by district and operator."""
    compliance = _compliance(values)
    groups: dict[str, dict[str, float]] = {"district": {}, "operator": {}}
    for name, column in values.items():
        part, _, rest = name.removeprefix("metrics.").partition(".")
        if name.startswith("metrics.") and part in groups:
            groups[part][rest] = spread(column).get("mean") or 0.0
    return {
        "numbers": {name: spread(values[name]) for name in _NUMBERS if name in values},
        "compliance": compliance,
        "broken": sorted(clause for clause, share in compliance.items() if share < KEPT),
        "by_district": groups["district"],
        "by_operator": groups["operator"],
    }


def _compliance(values: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
    found = {}
    for clause in default_guide().clauses:
        met, judged = (
            sum(v for v in values.get(f"clauses.{clause.id}.{what}", ()) if v is not None) for what in ("met", "judged")
        )
        if judged > 0:
            found[clause.id] = met / judged
    return found


def _block(
    block: Block, calm: Mapping[str, Sequence[float | None]], told: Iterator[Mapping[str, Any]]
) -> dict[str, Any]:
    rows = []
    usual = _compliance(calm)
    for strain in block.strains():
        values = next(told)
        row = {"levels": strain.levels(), **_said(values)}
        row["broken"] = [clause for clause in row["broken"] if usual.get(clause, 1.0) >= KEPT]
        row["cost_more_cny"] = _more(values, calm, "headline.cost_cny")
        row["idle"] = values == calm
        rows.append(row)
    return {
        "name": block.name,
        "title": {"zh": block.title_zh, "en": block.title_en},
        "varied": block.varied,
        "rows": rows,
        "breaks": _breaks(block, rows),
    }


def _more(values: Mapping[str, Any], calm: Mapping[str, Any], name: str) -> float | None:
    """Return by how much a number is larger than without strain, in the mean of common winters."""
    pairs = [(a, b) for a, b in zip(calm.get(name, ()), values.get(name, ()), strict=False) if None not in (a, b)]
    return float(np.mean([b - a for a, b in pairs])) if pairs else None


def _breaks(block: Block, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the clauses that break in a block, the first to break first, each with the mildest strain that does it."""
    steps = {axis: {level: n for n, level in enumerate(getattr(block, axis))} for axis in block.varied}

    def severity(row: Mapping[str, Any]) -> int:
        return sum(steps[axis][row["levels"][axis]] for axis in block.varied)

    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=severity):
        for clause in row["broken"]:
            found.setdefault(
                clause,
                {
                    "clause": clause,
                    "step": severity(row),
                    "from": {axis: row["levels"][axis] for axis in block.varied} or dict(row["levels"]),
                    "compliance": row["compliance"][clause],
                    "cost_more_cny": row["cost_more_cny"],
                },
            )
    return sorted(found.values(), key=lambda b: (b["step"], b["compliance"]))


def _bought(block: Block, done: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what each extension bought against none under the same cold."""
    rows: list[dict[str, Any]] = done["rows"]
    none = {
        row["levels"]["depth_k"]: row
        for row in rows
        if not row["levels"]["extension_days"] and row["levels"]["rule_below_c"] is None
    }
    bought = []
    for row in rows:
        levels, without = row["levels"], none.get(row["levels"]["depth_k"])
        if not levels["extension_days"] or without is None:
            continue
        a, b = without["numbers"], row["numbers"]

        def less(name: str, a: Mapping[str, Any] = a, b: Mapping[str, Any] = b) -> float:
            return float(a[name]["mean"] - b[name]["mean"])

        warmed = less("metrics.after.degree_hours_below_18")
        cost = -less("headline.cost_cny")
        bought.append(
            {
                "depth_k": levels["depth_k"],
                "extension_days": levels["extension_days"],
                "dwelling_hours_less": less("metrics.after.dwelling_hours_below_18"),
                "degree_hours_less": warmed,
                "heat_more_gj": -less("headline.heat_gj"),
                "cost_more_cny": cost,
                "cny_per_degree_hour": cost / warmed if warmed > 0 else None,
            }
        )
    return bought
