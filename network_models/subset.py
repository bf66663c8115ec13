"""The first stage of a planned network: some of its sources, the estates then connected, and the pipes they need."""

from __future__ import annotations

import heapq

from .network import Network
from .sources import PipelineGas, Source

__all__ = ["first_stage"]


def first_stage(
    network: Network,
    *,
    sources: dict[str, int],
    vintage: str,
    year: int,
    substations: int,
    name: str,
    title_zh: str,
    title_en: str,
    note_zh: str,
    note_en: str,
) -> Network:
    """Return the part of a network that stands after its first stage.

    Connected are the substations nearest to the sources, along pipes laid by then, whose dwellings are all of one
    vintage; laid are the shortest ways from every source to each of them, so that the sources stand in one piece.

    Parameters
    ----------
    network : Network
        The plan, fully built.
    sources : dict
        The sources built first, each with the number of its units that are.
    vintage : str
        The vintage of the estates connected first.
    year : int
        Pipes of this year and before are laid.
    substations : int
        How many substations are connected.
    name, title_zh, title_en : str
        Of the new network.
    note_zh, note_en : str
        Added to the provenance.
    """
    plants = tuple(_built(source, sources[source.id]) for source in network.sources if source.id in sources)
    ways = {plant.id: _shortest_ways(network, plant.node, year) for plant in plants}
    vintages: dict[str, set[str]] = {}
    of_type = {kind.id: kind.vintage for kind in network.dwelling_types}
    for cohort in network.cohorts:
        vintages.setdefault(cohort.substation, set()).add(of_type[cohort.type])
    eligible = [
        station
        for station in network.substations
        if vintages[station.id] == {vintage} and all(station.node in way for way in ways.values())
    ]
    eligible.sort(key=lambda station: min(way[station.node][0] for way in ways.values()))
    chosen = {station.id: station for station in eligible[:substations]}
    laid: set[str] = set()
    for way in ways.values():
        for station in chosen.values():
            node = station.node
            while way[node][1]:  # back to the source
                _, pipe, node = way[node]
                laid.add(pipe)
    pipes = tuple(pipe for pipe in network.pipes if pipe.id in laid)
    nodes = {end for pipe in pipes for end in (pipe.from_node, pipe.to_node)}
    cohorts = tuple(cohort for cohort in network.cohorts if cohort.substation in chosen)
    dwelling_types, pipe_types = {cohort.type for cohort in cohorts}, {pipe.type for pipe in pipes}
    return Network(
        **{
            field: getattr(network, field)
            for field in ("version", "illustrative", "coordinates", "origin_lon_lat", "basis")
        },
        name=name,
        title_zh=title_zh,
        title_en=title_en,
        provenance_zh=network.provenance_zh + note_zh,
        provenance_en=f"{network.provenance_en} {note_en}",
        sources=plants,
        pipe_types=tuple(kind for kind in network.pipe_types if kind.id in pipe_types),
        dwelling_types=tuple(kind for kind in network.dwelling_types if kind.id in dwelling_types),
        nodes=tuple(node for node in network.nodes if node.id in nodes),
        pipes=pipes,
        substations=tuple(station for station in network.substations if station.id in chosen),
        cohorts=cohorts,
    )


def _built(source: Source, units: int) -> Source:
    """Return a source with its first units, its gas contract cut to them."""
    kept = source.units[:units]
    share = sum(unit.capacity_w for unit in kept) / sum(unit.capacity_w for unit in source.units)
    stores = tuple(
        store.model_copy(update={"contract_m3_d": round(store.contract_m3_d * share, -3)})
        if isinstance(store, PipelineGas)
        else store
        for store in source.stores
    )
    return source.model_copy(update={"units": kept, "stores": stores})


def _shortest_ways(network: Network, start: str, year: int) -> dict[str, tuple[float, str, str]]:
    """Return node -> (metres from the start, last pipe, node before), Dijkstra over pipes laid by a year."""
    near: dict[str, list[tuple[str, str, float]]] = {}
    for pipe in network.pipes:
        if pipe.year <= year:
            near.setdefault(pipe.from_node, []).append((pipe.to_node, pipe.id, pipe.length_m))
            near.setdefault(pipe.to_node, []).append((pipe.from_node, pipe.id, pipe.length_m))
    ways: dict[str, tuple[float, str, str]] = {}
    queue: list[tuple[float, str, str, str]] = [(0.0, start, "", "")]
    while queue:
        metres, node, last, before = heapq.heappop(queue)
        if node in ways:
            continue
        ways[node] = (metres, last, before)
        for there, by, length in near.get(node, []):
            if there not in ways:
                heapq.heappush(queue, (metres + length, there, by, node))
    return ways
