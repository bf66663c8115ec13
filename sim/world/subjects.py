"""The subjects table of a season: who and what its entries are about, in one fixed order."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ...network_models.network import Network
from ..record import Subjects

__all__ = ["Rows", "connected_households", "list_subjects"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each kind of subject begins in the table: element ``i`` of a kind stands in row ``first + i``."""

    city: int
    authority: int
    operator: int
    district: int
    source: int
    unit: int
    store: int
    pipe: int
    substation: int
    cohort: int
    crew: int
    dwelling: int


def connected_households(arrays: NetworkArrays) -> npt.NDArray[np.int64]:
    """Return the households of each cohort that have not reported off, shape (cohort,)."""
    return np.rint(arrays.cohort_households * (1.0 - arrays.cohort_off_share)).astype(np.int64)


def list_subjects(
    network: Network,
    arrays: NetworkArrays,
    *,
    crews: int,
) -> tuple[Subjects, Rows]:
    """Return the subjects table, without the dwellings' columns, and the first row of each kind in it."""
    connected = connected_households(arrays)
    first_dwelling = np.concatenate([[0], np.cumsum(connected)[:-1]])
    n_sub = len(arrays.substation_ids)
    cohort_sub = arrays.cohort_substation
    area = arrays.cohort_floor_area_m2 * (1.0 - arrays.cohort_off_share)
    substation_households = np.bincount(cohort_sub, connected, n_sub)
    substation_area = np.bincount(cohort_sub, area, n_sub)
    unit_operator = arrays.source_operator[arrays.unit_source]
    unit_district = arrays.source_district[arrays.unit_source]
    store_operator = arrays.source_operator[arrays.store_source]
    store_district = arrays.source_district[arrays.store_source]

    none = np.full
    blocks: list[tuple[str, list[str], list[str], npt.ArrayLike, npt.ArrayLike]] = []

    def add(
        kind: str,
        ids: tuple[str, ...] | list[str],
        names: list[str] | None = None,
        operator: npt.ArrayLike | None = None,
        district: npt.ArrayLike | None = None,
    ) -> int:
        start = sum(len(block[1]) for block in blocks)
        labels = list(ids) if names is None else names
        nowhere = none(len(ids), -1)
        blocks.append((kind, list(ids), labels, operator if operator is not None else nowhere,
                       district if district is not None else nowhere))  # fmt: skip
        return start

    city = add("city", [network.name])
    authority = add("authority", ["authority"], ["属地供热主管部门"])
    operator = add("operator", arrays.operators, operator=np.arange(len(arrays.operators)))
    district = add("district", arrays.districts, district=np.arange(len(arrays.districts)))
    source = add("source", arrays.source_ids, None, arrays.source_operator, arrays.source_district)
    unit = add("unit", arrays.unit_ids, None, unit_operator, unit_district)
    store = add("store", arrays.store_ids, None, store_operator, store_district)
    pipe = add("pipe", arrays.pipe_ids, [p.road or p.id for p in network.pipes],
               arrays.pipe_operator, arrays.pipe_district)  # fmt: skip
    substation = add("substation", arrays.substation_ids, list(arrays.substation_estates),
                     arrays.substation_operator, arrays.substation_district)  # fmt: skip
    cohort = add("cohort", arrays.cohort_ids, None,
                 arrays.substation_operator[cohort_sub], arrays.substation_district[cohort_sub])  # fmt: skip
    crew = add("crew", [f"crew {number}" for number in range(1, crews + 1)])
    total = sum(len(block[1]) for block in blocks)

    def row_of(labels: npt.ArrayLike, base: int) -> npt.NDArray[np.int32]:
        index = np.asarray(labels, np.int64)
        return np.where(index >= 0, index + base, -1).astype(np.int32)

    substation_row = none(total, -1)
    substation_row[substation : substation + n_sub] = substation + np.arange(n_sub)
    substation_row[cohort : cohort + len(cohort_sub)] = substation + cohort_sub
    nearest = _nearest_sources(arrays)
    source_row = none(total, -1)
    for begin, of in (
        (source, np.arange(len(arrays.source_ids))), (unit, arrays.unit_source), (store, arrays.store_source),
        (pipe, nearest[arrays.pipe_from]), (substation, nearest[arrays.substation_node]),
        (cohort, nearest[arrays.substation_node][cohort_sub]),
    ):  # fmt: skip
        source_row[begin : begin + len(of)] = np.where(np.asarray(of) >= 0, source + np.asarray(of), -1)
    households = np.zeros(total, np.int32)
    households[substation : substation + n_sub] = substation_households
    households[cohort : cohort + len(cohort_sub)] = connected
    floor_area = np.zeros(total)
    floor_area[substation : substation + n_sub] = substation_area
    floor_area[cohort : cohort + len(cohort_sub)] = area
    first = none(total, -1)
    first[cohort : cohort + len(cohort_sub)] = first_dwelling
    manager = [""] * total
    manager[substation : substation + n_sub] = arrays.substation_managers
    manager[cohort : cohort + len(cohort_sub)] = [arrays.substation_managers[s] for s in cohort_sub]

    subjects = Subjects(
        kind=tuple(kind for kind, ids, *_ in blocks for _ in ids),
        id=tuple(i for _, ids, *_ in blocks for i in ids),
        name=tuple(n for _, _, names, *_ in blocks for n in names),
        operator=np.concatenate([row_of(block[3], operator) for block in blocks]),
        district=np.concatenate([row_of(block[4], district) for block in blocks]),
        substation=substation_row.astype(np.int32),
        manager=tuple(manager),
        households=households,
        floor_area_m2=floor_area,
        first_dwelling=first.astype(np.int32),
        offset_k=np.zeros(0, np.float32),
        paying=np.zeros(0, np.bool_),
        source=source_row.astype(np.int32),
    )
    rows = Rows(city, authority, operator, district, source, unit, store, pipe, substation, cohort, crew, total)
    return subjects, rows


def _nearest_sources(arrays: NetworkArrays) -> npt.NDArray[np.int64]:
    """Return for each node the source it is nearest to along the pipes; -1 where there is no way, shape (node,)."""
    ways: list[list[tuple[int, float]]] = [[] for _ in arrays.node_ids]
    ends = (arrays.pipe_from.tolist(), arrays.pipe_to.tolist(), arrays.pipe_length_m.tolist())
    for a, b, length in zip(*ends, strict=True):
        ways[a].append((b, length))
        ways[b].append((a, length))
    nearest = np.full(len(ways), -1, np.int64)
    queue = [(0.0, source, node) for source, node in enumerate(arrays.source_node.tolist())]
    heapq.heapify(queue)
    while queue:
        far, source, node = heapq.heappop(queue)
        if nearest[node] < 0:
            nearest[node] = source
            for other, length in ways[node]:
                if nearest[other] < 0:
                    heapq.heappush(queue, (far + length, source, other))
    return nearest
