"""A record on its network's map: where the dwellings were that had it cold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...network_models.network import Network
from ..record import Record

__all__ = ["NetworkMap", "draw"]

_ROOM_C = 18.0  # guide 2.3


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


def draw(record: Record, network: Network) -> NetworkMap | None:
    """Return the map of a season, or None where the network has no positions.

    Parameters
    ----------
    record : Record
    network : Network
        The one that the record was made on.
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
    cold = _by_substation(record)
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


def _by_substation(record: Record) -> dict[str, dict[str, Any]]:
    """Return by substation id what its dwellings met in the (decided) heating period, each with its own offset."""
    subjects, rooms = record.subjects, record.tracks.get("room_c")
    rows = subjects.rows("substation")
    stopped = record.rows("outage_ended")
    hours = np.bincount(record.subject[stopped], record.value[stopped], len(subjects))
    found = {
        subjects.id[row]: {"households": int(subjects.households[row]), "hours": 0.0, "least_c": None,
                           "outage_h": round(float(hours[row]), 2)}
        for row in rows
    }  # fmt: skip
    if rooms is None or not rooms.size:
        return found
    period = slice(int(record.calendar["decided_start"]) // 3600, int(record.calendar["decided_end"]) // 3600)
    inside = rooms[period]
    below = np.zeros(len(subjects))
    least = np.full(len(subjects), np.inf)
    cohorts = subjects.rows("cohort")
    for column, row in enumerate(cohorts):
        place = int(subjects.substation[row])
        below[place] += _dwelling_hours_below(inside[:, column], _offsets(record, int(row)))
        least[place] = min(least[place], float(inside[:, column].min()))
    for column, at_hour, before_k, after_k in _remedies(record, cohorts):
        mean_c = inside[max(0, at_hour - period.start) :, column]
        spared = (mean_c + before_k < _ROOM_C).sum() - (mean_c + after_k < _ROOM_C).sum()
        below[int(subjects.substation[cohorts[column]])] -= float(spared)
    for row in rows:
        if np.isfinite(least[row]):
            found[subjects.id[row]]["least_c"] = round(float(least[row]), 2)
            found[subjects.id[row]]["hours"] = round(float(below[row] / max(subjects.households[row], 1)), 2)
    return found


def _offsets(record: Record, cohort: int) -> npt.NDArray[np.float32]:
    first, count = int(record.subjects.first_dwelling[cohort]), int(record.subjects.households[cohort])
    return record.subjects.offset_k[first : first + count]


def _dwelling_hours_below(mean_c: npt.NDArray[np.float32], offset_k: npt.NDArray[np.float32]) -> float:
    """Return how many dwelling-hours lie below 18 degC at full hours, no dwelling being remedied."""
    ranked = np.sort(offset_k)
    return float(np.searchsorted(ranked, _ROOM_C - mean_c, side="left").sum())


def _remedies(record: Record, cohorts: npt.NDArray[np.int32]) -> Iterator[tuple[int, int, float, float]]:
    """Give each remedy: its cohort's column, its hour, and the dwelling's offset before and after [K]."""
    subjects = record.subjects
    first = subjects.first_dwelling[cohorts]
    offset_k = subjects.offset_k.copy()
    for seq in record.rows("dwelling_remedied").tolist():
        dwelling, gain_k = int(record.subject[seq]) - len(subjects), float(record.value[seq])
        if dwelling < 0 or not np.isfinite(gain_k):
            continue
        before_k = float(offset_k[dwelling])
        offset_k[dwelling] += gain_k
        column = int(np.searchsorted(first, dwelling, side="right")) - 1
        yield column, -(-int(record.at[seq]) // 3600), before_k, before_k + gain_k
