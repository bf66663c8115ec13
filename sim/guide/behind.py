"""Draws behind a duty that stand in no entry of its own: what is inspected, a journey, how long mending takes."""

from __future__ import annotations

from ..record import KINDS
from .steps import Step
from .verdict import Verdict, Verdicts

__all__ = ["behind", "mending"]

_JOURNEYS = {"substation_failed": "substation_travel", "power_failed": "power_travel"}  # the stream it is drawn by


def behind(verdicts: Verdicts, verdict: Verdict, kind: str) -> list[Step]:
    """Return the draws that decided, beside the values of the scenario, when what a duty asks for was done."""
    if kind == "inspected":
        return [Step("root", None, "inspection", detail={"draw": ["inspection"]})]
    return _journey(verdicts, verdict) if kind == "work_started" else []


def mending(verdicts: Verdicts, seq: int) -> list[Step]:
    """Return by which draw the mending of a defect took so long: it is a mark of the defect found."""
    found = int(verdicts.record.cause[seq])
    draw = verdicts.record.detail_of(found).get("draw") if found >= 0 else None
    return [Step("root", None, "mending", detail={"draw": draw})] if draw else []


def _journey(verdicts: Verdicts, verdict: Verdict) -> list[Step]:
    """Return by which draw the crew was so long on the road: a mark of the pipe's failure, or a stream of its own."""
    record, facts = verdicts.record, verdicts.facts
    mine = (facts.case[facts.rows(*_JOURNEYS, "pipe_failed")] == verdict.case) & (verdict.case >= 0)
    for seq in facts.rows(*_JOURNEYS, "pipe_failed")[mine][:1].tolist():
        kind, subject = KINDS[record.what[seq]].name, int(facts.subject[seq])
        draw = record.detail_of(seq).get("draw", ["imposed"])
        if kind == "substation_failed":
            draw = [_JOURNEYS[kind], record.subjects.id[subject], int(facts.at[seq])]
        elif kind == "power_failed":
            draw = [_JOURNEYS[kind], subject, int(facts.at[seq])]
        if draw[0] != "imposed":
            return [Step("root", None, "journey", detail={"draw": draw})]
    return []
