"""What a value of the scenario was at an instant, and where it stood: policies may change in the middle of a season."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..record import Record
from .parts import DAY_S, HOUR_S
from .steps import Step

__all__ = ["setting_at", "settings_told", "staff_settings"]

_ROSTER = "policies.roster."
_STEADY = {
    "agents": ("kind", "agents_per_100k", "agents", "shifts"), "officers": ("officers_per_100k",),
    "measurers": ("measurers_per_100k", "measurers", "shifts"), "authority": ("authority_per_100k",),
}  # fmt: skip
_SURGE = {"agents": ("surge_per_100k", "surge_agents"), "officers": ("officers_surge",),
          "measurers": ("measurers_surge",)}  # fmt: skip
_NIGHT = {"agents": ("night",), "officers": ("officers_night_share",), "measurers": ("measurers_night_share",)}
_NIGHT_H = (22, 6)  # from 22:00 to 6:00, as rosters have it
_REAL = 0.1  # of a time: less of it at night is no reason


def setting_at(record: Record, path: str, at: int) -> tuple[str, Any]:
    """Return where a value of the scenario stood at an instant, and what it was; None where there is none."""
    origin = dt.datetime.fromisoformat(str(record.calendar["origin"]))
    place, value = path, _value(record.scenario, path)
    for row, change in enumerate(record.scenario.get("later") or ()):
        changed = _value(change, path)
        if changed is not None and (dt.datetime.fromisoformat(str(change["at"])) - origin).total_seconds() <= at:
            place, value = f"later[{row}].{path}", changed
    return place, value


def settings_told(record: Record, paths: Iterable[str], at: int | None) -> list[Step]:
    """Return values of the scenario, as they held at an instant; those it has none of are left out."""
    held = (setting_at(record, path, at or 0) for path in paths)
    return [
        Step("root", None, "setting", detail={"path": place, "value": value})
        for place, value in held
        if value is not None
    ]


def staff_settings(record: Record, group: str, begin: int, end: int) -> tuple[str, ...]:
    """Return the values of the scenario by which so many of a group were on duty in a time.

    The surge's only while it lasted, or when it had lately come to its end; the night's only where it was night.
    """
    first = int(record.calendar.get("decided_start", record.calendar["season_start"]))
    over = first + int(setting_at(record, _ROSTER + "surge_days", begin)[1] or 0) * DAY_S
    surges = group in _SURGE and begin < over + DAY_S and end > first
    names = [*_STEADY[group], *(_SURGE[group] if surges and begin < over else ()), *(("surge_days",) if surges else ())]
    hour = np.arange(begin // HOUR_S, max(-(-end // HOUR_S), begin // HOUR_S + 1)) % 24
    if ((hour >= _NIGHT_H[0]) | (hour < _NIGHT_H[1])).mean() >= _REAL:
        names += _NIGHT.get(group, ())
    return tuple(_ROSTER + name for name in names)


def _value(table: Any, path: str) -> Any:
    for key in path.split("."):
        table = table.get(key) if isinstance(table, Mapping) else None
    return table
