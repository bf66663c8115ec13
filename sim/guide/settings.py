"""What a value of the scenario was at an instant, and where it stood: policies may change in the middle of a season."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ..record import Record

__all__ = ["setting_at"]


def setting_at(record: Record, path: str, at: int) -> tuple[str, Any]:
    """Return where a value of the scenario stood at an instant, and what it was; None where there is none."""
    origin = dt.datetime.fromisoformat(str(record.calendar["origin"]))
    place, value = path, _value(record.scenario, path)
    for row, change in enumerate(record.scenario.get("later") or ()):
        changed = _value(change, path)
        if changed is not None and (dt.datetime.fromisoformat(str(change["at"])) - origin).total_seconds() <= at:
            place, value = f"later[{row}].{path}", changed
    return place, value


def _value(table: Any, path: str) -> Any:
    for key in path.split("."):
        table = table.get(key) if isinstance(table, Mapping) else None
    return table
