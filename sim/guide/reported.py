"""Numbers shown beside a clause and not scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .clause import Clause, Guide, Indicator
from .facts import Facts
from .fuel import days_of_cover
from .parts import DAY_S

__all__ = ["indicators"]

Shown = dict[str, Any]


def indicators(facts: Facts, guide: Guide, clause: Clause) -> Shown:
    """Return what is shown beside a clause; empty for most."""
    shown: Shown = {}
    for name in clause.indicators:
        shown.update(_SHOWN[name](facts, guide))
    return shown


def _abnormal_days(facts: Facts, guide: Guide) -> Shown:
    """Abnormally cold days outside the guide's own dates, and on how many of them heat was on (2.2c)."""
    mean = facts.daily_mean_c()
    if not len(mean):
        return {}
    clause = guide["2.2c"]
    cold = mean < clause.numbers["abnormal_c"].value
    wanted = round(clause.numbers["abnormal_days"].value)
    runs = np.convolve(cold, np.ones(wanted), "full")
    spell = np.zeros(len(cold), np.bool_)
    for last in np.flatnonzero(runs[: len(cold)] >= wanted):
        spell[max(0, last - wanted + 1) : last + 1] = True
    day = np.arange(len(mean)) * DAY_S
    calendar = facts.record.calendar
    outside = (day < int(calendar["season_start"])) | (day >= int(calendar["season_end"]))
    covered = (day >= facts.start_s) & (day < facts.season_end_s)
    return {
        "abnormal_days_outside": int((spell & outside).sum()),
        "abnormal_days_covered": int((spell & outside & covered).sum()),
        "days_early": round((int(calendar["season_start"]) - facts.start_s) / DAY_S, 2),
        "days_extended": round((facts.season_end_s - int(calendar["season_end"])) / DAY_S, 2),
    }


def _fuel(facts: Facts, guide: Guide) -> Shown:
    """Cover, emergency orders and times without fuel (2.5)."""
    cover = days_of_cover(facts)
    finite = cover[np.isfinite(cover)]
    return {
        "least_days_of_cover": float(finite.min()) if len(finite) else None,
        "emergency_orders": facts.count("emergency_ordered"),
        "times_without_fuel": facts.count("fuel_ran_out"),
    }


def _hotline(facts: Facts, guide: Guide) -> Shown:
    """Calls, which 2.7.3 says nothing about when they were abandoned."""
    calls = facts.count("call_answered", "call_abandoned")
    return {"calls": calls, "answered_share": len(facts.rows("call_answered")) / calls if calls else None}


def _discovery(facts: Facts, guide: Guide) -> Shown:
    """How long faults stood before they were discovered (2.6.4c)."""
    hours = facts.record.value[facts.rows("fault_discovered")]
    hours = hours[np.isfinite(hours)]
    return {"longest_undiscovered_h": float(hours.max())} if len(hours) else {}


def _band(facts: Facts, guide: Guide) -> Shown:
    """Share of the building-hours of the heating period in which less than nine tenths of the need arrived (2.6.3)."""
    heat, need = facts.record.tracks.get("substation_heat_w"), facts.record.tracks.get("substation_need_w")
    if heat is None or need is None:
        return {}
    h0, h1 = facts.hour_range("substation_heat_w")
    asked = need[h0:h1] > 0
    below = (heat[h0:h1] < 0.9 * need[h0:h1]) & asked
    return {"share_of_hours_below_90_percent": float(below.sum() / max(asked.sum(), 1))}


def _sampling(facts: Facts, guide: Guide) -> Shown:
    """Third parties called in (2.8.1): the user's right."""
    return {"disputed": facts.count("measurement_disputed"), "third_party": facts.count("third_party_measured")}


def _refunds(facts: Facts, guide: Guide) -> Shown:
    """Refunds booked and settled (2.8.2)."""
    return {
        f"{kind}_cny": float(np.nansum(facts.record.value[facts.rows(kind)])) if facts.logs(kind) else None
        for kind in ("refund_due", "refund_settled")
    }


_SHOWN: dict[Indicator, Callable[[Facts, Guide], Shown]] = {
    "abnormal_days": _abnormal_days,
    "fuel": _fuel,
    "supply_band": _band,
    "discovery": _discovery,
    "hotline": _hotline,
    "disputes": _sampling,
    "refunds": _refunds,
}
