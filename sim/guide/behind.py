"""Draws behind a duty that stand in no entry of its own: what is inspected, how long journeys and works take."""

from __future__ import annotations

import math

from ..record import KINDS
from .parts import HOUR_S
from .settings import settings_told
from .steps import Step, ancestors
from .verdict import Verdict, Verdicts

__all__ = ["behind", "mending", "repairing"]

_LENGTH = ("policies.inspection.mend_days", "policies.inspection.mend_spread")
_TEAMS = ("policies.inspection.mend_work_h", "policies.crews.teams")
_REAL, _MOST = 0.1, 0.5  # of the time that mending took, and of that beyond what was allowed
_RETEST = "policies.readiness.retest_days"
_JOURNEYS = {"substation_failed": "substation_travel", "power_failed": "power_travel"}  # the stream it is drawn by


def behind(verdicts: Verdicts, verdict: Verdict, kind: str) -> list[Step]:
    """Return the draws that decided, beside the values of the scenario, when what a duty asks for was done."""
    if kind == "inspected":
        return [Step("root", None, "inspection", detail={"draw": ["inspection"]})]
    return _journey(verdicts, verdict) if kind == "work_started" else []


def mending(verdicts: Verdicts, seq: int, beyond_s: float = math.inf) -> list[Step]:
    """Return what decided how long mending took; and how long the test that followed.

    The values of the scenario and the draw, a mark of the defect found; how much work it is and how many teams there
    are only where waiting for them was a real part of it, or most of some time beyond what was allowed.
    """
    record = verdicts.record
    found, detail = int(record.cause[seq]), record.detail_of(seq)
    took_h = (int(record.at[seq]) - int(record.at[found])) / HOUR_S if found >= 0 else 0.0
    least_h = min(_REAL * took_h, _MOST * beyond_s / HOUR_S)
    by_teams = "parts_h" not in detail or float(detail.get("waited_h", 0.0)) >= least_h
    steps = settings_told(record, (*_LENGTH, *(_TEAMS if by_teams else ())), int(record.at[seq]))
    draw = record.detail_of(found).get("draw") if found >= 0 else None
    drawn = [Step("root", None, "mending", detail={"draw": draw}), *_testing(verdicts, seq)] if draw else []
    return [*steps, *drawn]


def _testing(verdicts: Verdicts, mended: int) -> list[Step]:
    """Return for how long a test had to be repeated after the mending of what the first had found."""
    tests = verdicts.facts.rows("pressure_tested")
    if not (verdicts.record.cause[tests] == mended).any():
        return []
    return settings_told(verdicts.record, (_RETEST,), int(verdicts.facts.at[mended]))


def repairing(verdicts: Verdicts, stop: int) -> list[Step]:
    """Return by which draw the repair took so long of a pipe whose failure had stopped a building's heat."""
    failed = [seq for seq in ancestors(verdicts, stop) if KINDS[verdicts.record.what[seq]].name == "pipe_failed"]
    return [Step("root", None, "repair", detail={"draw": _stream(verdicts, seq)}) for seq in failed]


def _journey(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return by which draw the crew was so long on the road: a mark of the pipe's failure, or a stream of its own."""
    facts = verdicts.facts
    mine = (facts.case[facts.rows(*_JOURNEYS, "pipe_failed")] == verdict.case) & (verdict.case >= 0)
    failed = facts.rows(*_JOURNEYS, "pipe_failed")[mine][:1].tolist()
    return [Step("root", None, "journey", detail={"draw": _stream(verdicts, seq)}) for seq in failed]


def _stream(verdicts: Verdicts, seq: int) -> list[object]:
    """Return the stream of the marks that travel with a failure: of a pipe's own, or by what failed and when."""
    record, facts = verdicts.record, verdicts.facts
    kind, subject, at = KINDS[record.what[seq]].name, int(facts.subject[seq]), int(facts.at[seq])
    if kind == "pipe_failed":
        draw = list(record.detail_of(seq).get("draw", ["imposed"]))
        return ["imposed_failure", record.subjects.id[subject], at] if draw[0] == "imposed" else draw
    return [_JOURNEYS[kind], record.subjects.id[subject], at]
