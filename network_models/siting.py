"""Where a ring link or a sectioning valve does most good: greedy rules, one piece at a time.

Heat at risk of a pipe is the design heat of the substations that its loss cuts off; times its length, since failures
come by the kilometre, it is what the pipe adds to the expected outage [W m].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import hypot
from typing import Literal

import numpy as np

from .arrays import Floats, Ints, NetworkArrays, to_arrays
from .graph import Segments, bridges, segments, spanning_tree, valves
from .network import Network

__all__ = ["best_link", "best_valve", "heat_at_risk"]

_SEGMENTS_TRIED = 6
_LINKS_TRIED = 24


def heat_at_risk(arrays: NetworkArrays) -> Floats:
    """Return per pipe the design heat cut off while it is repaired, its valve segment being shut, shape (pipe,) [W]."""
    parts = segments(arrays)
    lost = _cut_off(arrays, parts, range(parts.count))
    return np.array([lost[segment] for segment in parts.pipe.tolist()])


def best_link(network: Network) -> tuple[str, str] | None:
    """Return the ends of the link that takes most heat at risk away for each metre laid; None where none does.

    Links between chambers and junctions are weighed, with a valve at either end. Those that turn most bridges into
    parts of a loop (pipes whose loss alone cuts users off, by length and heat beyond) are tried with their valves.

    Parameters
    ----------
    network : Network
        Its coordinates say how long a link would be.
    """
    arrays = to_arrays(network)
    tree, beyond = spanning_tree(arrays), _heat_at_nodes(arrays)
    inward = [node for node in tree.order[::-1].tolist() if tree.parent[node] >= 0]
    for node in inward:
        beyond[tree.parent[node]] += beyond[node]
    alone = set(bridges(arrays).tolist())
    ways: dict[int, frozenset[int]] = {}  # node -> bridges between it and the sources, each by its far node
    for node in tree.order.tolist():
        before = ways.get(int(tree.parent[node]), frozenset())
        ways[node] = before | {node} if int(tree.parent_pipe[node]) in alone else before
    gain = {node: float(beyond[node] * arrays.pipe_length_m[tree.parent_pipe[node]]) for node in inward}
    ends = [row for row, node in enumerate(network.nodes) if node.kind in ("chamber", "junction") and row in ways]
    weighed: list[tuple[float, float, int, int]] = []
    for number, one in enumerate(ends):
        for two in ends[:number]:
            a, b = network.nodes[one], network.nodes[two]
            metres, looped = hypot(a.x_m - b.x_m, a.y_m - b.y_m), ways[one] ^ ways[two]
            if metres and looped:
                weighed.append((sum(gain[node] for node in looped) / metres, metres, two, one))
    before_w = _at_risk(arrays, len(arrays.pipe_ids))
    best, found = 0.0, None
    for _, metres, one, two in sorted(weighed, reverse=True)[:_LINKS_TRIED]:
        linked = replace(
            arrays,
            pipe_ids=(*arrays.pipe_ids, ""),
            pipe_from=np.append(arrays.pipe_from, one),
            pipe_to=np.append(arrays.pipe_to, two),
            pipe_valve_from=np.append(arrays.pipe_valve_from, True),
            pipe_valve_to=np.append(arrays.pipe_valve_to, True),
        )
        per_metre = (before_w - _at_risk(linked, len(arrays.pipe_ids))) / metres
        if per_metre > best * (1 + 1e-12) + 1e-6:
            best, found = per_metre, (network.nodes[one].id, network.nodes[two].id)
    return found


def best_valve(network: Network) -> tuple[str, Literal["from", "to"]] | None:
    """Return the pipe and its end where a valve takes most heat at risk away; None where none does.

    Only the segments with most at risk are looked into: a valve changes nothing outside its own.

    Parameters
    ----------
    network : Network
        The network.
    """
    arrays = to_arrays(network)
    parts = segments(arrays)
    risk = np.bincount(parts.pipe, weights=arrays.pipe_length_m * heat_at_risk(arrays), minlength=parts.count)
    best, found = 0.0, -1
    for segment in np.argsort(-risk, kind="stable")[:_SEGMENTS_TRIED].tolist():
        inside = np.flatnonzero(parts.pipe == segment)
        for valve in _places(arrays, inside):
            gain = float(risk[segment]) - _risk_with(arrays, valve, inside)
            if gain > best * (1 + 1e-12) + 1e-6:
                best, found = gain, valve
    return None if found < 0 else (arrays.pipe_ids[found // 2], "from" if found % 2 == 0 else "to")


def _at_risk(arrays: NetworkArrays, count: int) -> float:
    """Return length times heat cut off of the first `count` pipes together [W m]."""
    parts = segments(arrays)
    metres = np.bincount(parts.pipe[:count], weights=arrays.pipe_length_m[:count], minlength=parts.count)
    lost = _cut_off(arrays, parts, np.flatnonzero(metres).tolist())
    return sum(float(metres[segment]) * heat for segment, heat in lost.items())


def _places(arrays: NetworkArrays, pipes: Ints) -> list[int]:
    """Return the numbers of the valves that could be built in at ends of these pipes."""
    return [
        2 * pipe + end
        for pipe in pipes.tolist()
        for end, has in enumerate((arrays.pipe_valve_from[pipe], arrays.pipe_valve_to[pipe]))
        if not has
    ]


def _risk_with(arrays: NetworkArrays, valve: int, pipes: Ints) -> float:
    """Return length times heat cut off of these pipes, with one more valve [W m]."""
    column = "pipe_valve_from" if valve % 2 == 0 else "pipe_valve_to"
    ends = getattr(arrays, column).copy()
    ends[valve // 2] = True
    changed = replace(arrays, **{column: ends})
    parts = segments(changed)
    lost = _cut_off(changed, parts, np.unique(parts.pipe[pipes]).tolist())
    return float(np.dot(arrays.pipe_length_m[pipes], [lost[segment] for segment in parts.pipe[pipes].tolist()]))


def _cut_off(arrays: NetworkArrays, parts: Segments, asked: Iterable[int]) -> dict[int, float]:
    """Return for each segment asked about the design heat that no source reaches while its valves are shut [W].

    Segments hang together by valves: those that are still reached from a source's segment stay warm.
    """
    near: list[list[int]] = [[] for _ in range(parts.count)]
    for valve in valves(arrays).tolist():
        pipe = valve // 2
        one = int(parts.pipe[pipe])
        two = int(parts.node[arrays.pipe_from[pipe] if valve % 2 == 0 else arrays.pipe_to[pipe]])
        near[one].append(two)
        near[two].append(one)
    heat = np.bincount(parts.node, weights=_heat_at_nodes(arrays), minlength=parts.count).tolist()
    roots = set(parts.node[arrays.source_node].tolist())
    lost: dict[int, float] = {}
    for shut in asked:
        reached = {shut, *roots}
        todo = [root for root in roots if root != shut]
        while todo:
            for there in near[todo.pop()]:
                if there not in reached:
                    reached.add(there)
                    todo.append(there)
        reached.discard(shut)
        lost[shut] = sum(heat) - sum(heat[segment] for segment in reached)
    return lost


def _heat_at_nodes(arrays: NetworkArrays) -> Floats:
    """Return the design heat of the substations at each node, shape (node,) [W]."""
    heat: Floats = np.zeros(len(arrays.node_ids))
    np.add.at(heat, arrays.substation_node, arrays.substation_design_w)
    return heat
