"""A record on its network's map: where the dwellings were that had it cold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...network_models.network import Network
from ..guide.floors import LEVELS_C, RoomShortfall
from ..record import Record

__all__ = ["NetworkMap", "draw"]


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """What a picture of the network needs, as rows.

    Attributes
    ----------
    pipes, substations, sources : list of dict
        Positions ``x``, ``y`` (pipes also ``x2``, ``y2``) [m], names, sizes; of substations the household-hours below
        18 degC over their households [h], their coldest cohort's hour [degC] and how long heat was stopped [h].
    window : tuple
        Ends of x and of y, with a margin [m].
    """

    pipes: list[dict[str, Any]]
    substations: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    window: tuple[tuple[float, float], tuple[float, float]]

    @property
    def height_over_width(self) -> float:
        """Return the picture's height over its width, so that a metre is as long either way."""
        (left, right), (low, high) = self.window
        return (high - low) / (right - left)


def draw(record: Record, network: Network, shortfall: RoomShortfall | None) -> NetworkMap | None:
    """Return the map of a season, or None where the network has no positions.

    Parameters
    ----------
    record : Record
    network : Network
        The one that the record was made on.
    shortfall : RoomShortfall or None
        How cold its dwellings were, as judged; None without room temperatures.
    """
    at = {node.id: (node.x_m, node.y_m) for node in network.nodes}
    if len(set(at.values())) < 2:
        return None
    nominal = {kind.id: kind.nominal for kind in network.pipe_types}
    pipes = [
        {
            "id": pipe.id,
            "road": pipe.road or "",
            "mm": nominal[pipe.type],
            **dict(zip(("x", "y"), at[pipe.from_node], strict=True)),
            **dict(zip(("x2", "y2"), at[pipe.to_node], strict=True)),
        }
        for pipe in network.pipes
    ]
    cold = _by_substation(record, shortfall)
    substations = [
        {
            "estate": substation.estate,
            **dict(zip(("x", "y"), at[substation.node], strict=True)),
            **cold.get(substation.id, {"households": 0, "hours": 0.0, "least_c": None, "outage_h": 0.0}),
        }
        for substation in network.substations
    ]
    sources = [{"name": source.id, **dict(zip(("x", "y"), at[source.node], strict=True))} for source in network.sources]
    ends = np.array(list(at.values()))
    low, high = ends.min(axis=0), ends.max(axis=0)
    margin = 0.04 * float((high - low).max())
    window = tuple((float(a) - margin, float(b) + margin) for a, b in zip(low, high, strict=True))
    return NetworkMap(pipes, substations, sources, (window[0], window[1]))


def _by_substation(record: Record, shortfall: RoomShortfall | None) -> dict[str, dict[str, Any]]:
    """Return by substation id what its dwellings met in the (decided) heating period."""
    subjects = record.subjects
    rows = subjects.rows("substation")
    stopped = record.rows("outage_ended")
    hours = np.bincount(record.subject[stopped], record.value[stopped], len(subjects))
    found = {
        subjects.id[row]: {"households": int(subjects.households[row]), "hours": 0.0, "least_c": None,
                           "outage_h": round(float(hours[row]), 2)}
        for row in rows
    }  # fmt: skip
    if shortfall is None:
        return found
    period = slice(int(record.calendar["decided_start"]) // 3600, int(record.calendar["decided_end"]) // 3600)
    inside = record.tracks["room_c"][period]
    least = np.full(len(subjects), np.inf)
    for column, row in enumerate(subjects.rows("cohort")):
        place = int(subjects.substation[row])
        least[place] = min(least[place], float(inside[:, column].min()))
    below = np.zeros(len(subjects))
    np.add.at(
        below, subjects.substation[shortfall.cohort], shortfall.hours[:, shortfall.levels_c == LEVELS_C[0]].sum(axis=1)
    )
    for row in rows:
        if np.isfinite(least[row]):
            found[subjects.id[row]]["least_c"] = round(float(least[row]), 2)
            found[subjects.id[row]]["hours"] = round(float(below[row] / max(subjects.households[row], 1)), 2)
    return found
