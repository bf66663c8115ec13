"""What a network is, in a few numbers: for ``network show`` and for the head of every report."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any

from .arrays import NetworkArrays, to_arrays
from .graph import bridges, islands, segments, valves
from .network import Network

__all__ = ["describe"]


def describe(network: Network) -> dict[str, Any]:
    """Return the totals of a network as JSON values.

    Parameters
    ----------
    network : Network
        A validated network.

    Returns
    -------
    dict
        Lengths [m], areas [m2], heats [W], counts; ``valve_spacing_median_m`` is the median length of mains (all but
        branches) that one valve segment holds; ``bridges`` are pipes whose loss alone cuts users off.
    """
    arrays = to_arrays(network)
    parts = segments(arrays)
    nominal = {kind.id: kind.nominal for kind in network.pipe_types}
    by_dn: dict[int, float] = defaultdict(float)
    by_role: dict[str, float] = defaultdict(float)
    mains: dict[int, float] = defaultdict(float)
    for row, pipe in enumerate(network.pipes):
        by_dn[nominal[pipe.type]] += pipe.length_m
        by_role[pipe.role] += pipe.length_m
        if pipe.role != "branch":
            mains[int(parts.pipe[row])] += pipe.length_m
    households = arrays.cohort_households
    by_vintage: dict[str, float] = defaultdict(float)
    for vintage, area in zip(arrays.cohort_vintage, arrays.cohort_floor_area_m2.tolist(), strict=True):
        by_vintage[vintage] += area
    return {
        "name": network.name,
        "title_zh": network.title_zh,
        "title_en": network.title_en,
        "illustrative": network.illustrative,
        "provenance_zh": network.provenance_zh,
        "provenance_en": network.provenance_en,
        "basis": [basis.model_dump(mode="json") for basis in network.basis],
        "nodes": len(network.nodes),
        "pipes": len(network.pipes),
        "trench_m": round(sum(by_dn.values()), 1),
        "trench_m_by_nominal": {str(dn): round(by_dn[dn], 1) for dn in sorted(by_dn)},
        "largest_nominal_mm": max(by_dn, default=0),
        "trench_m_by_role": {role: round(length, 1) for role, length in by_role.items()},
        "sources": [
            {
                "id": source.id,
                "operator": source.operator,
                "district": source.district,
                "capacity_w": sum(unit.capacity_w for unit in source.units),
                "units": len(source.units),
                "kinds": list(dict.fromkeys(unit.kind for unit in source.units)),
                "fuels": list(dict.fromkeys(store.fuel for store in source.stores)),
                "stores": list(dict.fromkeys(store.kind for store in source.stores)),
            }
            for source in network.sources
        ],
        "capacity_w": float(arrays.unit_capacity_w.sum()),
        "design_w": float(arrays.substation_design_w.sum()),
        "substations": len(network.substations),
        "cohorts": len(network.cohorts),
        "floor_area_m2": float(arrays.cohort_floor_area_m2.sum()),
        "floor_area_m2_by_vintage": dict(by_vintage),
        "households": int(households.sum()),
        "households_off": round(float((households * arrays.cohort_off_share).sum())),
        "households_by_district": _by_district(arrays),
        "protected": int(arrays.substation_protected.sum()),
        "operators": list(arrays.operators),
        "districts": list(arrays.districts),
        "loops": len(network.pipes) - len(network.nodes) + int(islands(arrays).max()) + 1,
        "bridges": len(bridges(arrays)),
        "valves": len(valves(arrays)),
        "segments": parts.count,
        "valve_spacing_median_m": round(median(mains.values()), 1) if mains else 0.0,
    }


def _by_district(arrays: NetworkArrays) -> dict[str, int]:
    result: dict[str, int] = defaultdict(int)
    for substation, households in zip(arrays.cohort_substation, arrays.cohort_households.tolist(), strict=True):
        result[arrays.districts[arrays.substation_district[substation]]] += households
    return dict(result)
