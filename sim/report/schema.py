"""``schema``: JSON Schema of the files people write, for editors to complete and check."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from ...network_models.descriptions import described
from ...network_models.network import Network
from ...scenarios.scenario import Scenario
from ..guide.clause import Guide
from ..tables import ENTRIES

__all__ = ["schema"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"text": "string", "int": "integer", "float": "number", "bool": "boolean", "time": "integer"}


def schema(kind: Literal["scenario", "network", "guide", "record"]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind of file.

    Parameters
    ----------
    kind : {"scenario", "network", "guide", "record"}
        A record's schema is that of one entry.
    """
    if kind == "record":
        properties = {
            column.name: {"type": _TYPES[column.type], "description": f"{column.en} {column.zh}"}
            for column in ENTRIES.columns
        }
        return {"$schema": _DRAFT, "title": "Entry", "type": "object", "properties": properties}
    if kind == "scenario":  # described already, with the loader's own keys
        found = Scenario.model_json_schema()
    else:
        model: type[BaseModel] = Network if kind == "network" else Guide
        found = described(model.model_json_schema(), model)
    return {"$schema": _DRAFT, **_local_times(found)}


def _local_times(part: Any) -> Any:
    """Return the schema with times as local ones: ``date-time`` would make editors demand an offset."""
    if isinstance(part, dict):
        return {
            key: "date-time-local" if key == "format" and value == "date-time" else _local_times(value)
            for key, value in part.items()
        }
    return [_local_times(item) for item in part] if isinstance(part, list) else part
