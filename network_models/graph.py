"""Questions to the network as a graph: trees and loops, islands, bridges, valve segments, isolation.

Everything works on :class:`~.arrays.NetworkArrays` with union-find and depth-first search, in time linear in the number
of pipes. A pipe is both its supply and its return: when one leaks, both are shut. Valves are numbered ``2 * pipe`` at
the pipe's ``from`` end and ``2 * pipe + 1`` at its ``to`` end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import Bools, Ints, NetworkArrays

__all__ = ["Isolation", "Segments", "Tree", "bridges", "islands", "isolate", "segments", "spanning_tree", "valves"]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A breadth-first spanning forest from the sources.

    Attributes
    ----------
    order : array, shape (reached node,)
        Nodes from the roots outward.
    parent, parent_pipe : array, shape (node,)
        The node before and the pipe that leads there; -1 at roots and at nodes that are not reached.
    chords : array, shape (loop,)
        Open pipes outside the forest: each closes one loop, or joins two roots.
    """

    order: Ints
    parent: Ints
    parent_pipe: Ints
    chords: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """What valves can part: pipes and nodes with the same number cannot be parted from each other.

    Attributes
    ----------
    pipe : array, shape (pipe,)
        Segment of each pipe.
    node : array, shape (node,)
        Segment of each node.
    count : int
        Number of segments.
    """

    pipe: Ints
    node: Ints
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Isolation:
    """What must be shut so that a pipe can be opened up, and what that costs.

    Attributes
    ----------
    valves : array of int
        Valves that part the pipe from the sources. Leave any one of them open and some source still feeds it.
    holding_valves : array of int
        Valves that keep the water of parts that no source reaches any more from draining through the pipe.
    pipes, nodes : array of int
        What is emptied with the pipe: its segment, enlarged by stuck valves.
    closed : array of bool, shape (pipe,)
        Pipes that carry no flow: the emptied ones, and those that end at a shut valve.
    cut_off : array of int
        Nodes that no source reaches any more, the emptied ones included.
    unintended : array of int
        Those of them outside the emptied part.
    sources : array of int
        Sources inside the emptied part.
    """

    valves: Ints
    holding_valves: Ints
    pipes: Ints
    nodes: Ints
    closed: Bools
    cut_off: Ints
    unintended: Ints
    sources: Ints


def valves(arrays: NetworkArrays) -> Ints:
    """Return the numbers of all sectioning valves, ascending."""
    ends = np.empty(2 * len(arrays.pipe_ids), dtype=np.bool_)
    ends[0::2], ends[1::2] = arrays.pipe_valve_from, arrays.pipe_valve_to
    return np.flatnonzero(ends)


def islands(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None = None) -> Ints:
    """Return a number per node, the same for nodes joined by open pipes, counted in order of their first node.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    closed : array of bool, shape (pipe,), optional
        Pipes that carry no flow.
    """
    root = list(range(len(arrays.node_ids)))
    for pipe in _open_pipes(arrays, closed):
        _union(root, int(arrays.pipe_from[pipe]), int(arrays.pipe_to[pipe]))
    return _numbered([_find(root, node) for node in range(len(root))])


def spanning_tree(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None = None) -> Tree:
    """Return a breadth-first forest whose roots are the sources' nodes, in their order.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    closed : array of bool, shape (pipe,), optional
        Pipes that carry no flow.
    """
    near = _neighbours(arrays, closed)
    parent = np.full(len(near), -1, dtype=np.int64)
    parent_pipe = parent.copy()
    roots = list(dict.fromkeys(int(node) for node in arrays.source_node))
    order, reached = list(roots), set(roots)
    used: set[int] = set()
    for here in order:  # grows while it is read
        for there, pipe in near[here]:
            if there not in reached:
                reached.add(there)
                used.add(pipe)
                parent[there], parent_pipe[there] = here, pipe
                order.append(there)
    chords = [
        pipe for pipe in _open_pipes(arrays, closed) if pipe not in used and int(arrays.pipe_from[pipe]) in reached
    ]
    return Tree(np.array(order, dtype=np.int64), parent, parent_pipe, np.array(chords, dtype=np.int64))


def bridges(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None = None) -> Ints:
    """Return the pipes whose loss alone cuts some node off from every source (Tarjan), ascending.

    The sources count as joined with each other behind the plants, since each can feed on its own.
    """
    near = _neighbours(arrays, closed)
    ground = len(near)  # one more node, joined to every source by two edges that can never both be lost
    near.append([])
    extra = len(arrays.pipe_ids)
    for node in dict.fromkeys(int(node) for node in arrays.source_node):
        for number in (extra, extra + 1):
            near[ground].append((node, number))
            near[node].append((ground, number))
        extra += 2
    found: list[int] = []
    entered, low = [0] * len(near), [0] * len(near)
    clock = entered[ground] = low[ground] = 1
    stack = [(ground, -1, iter(near[ground]))]
    while stack:
        here, by, rest = stack[-1]
        for there, pipe in rest:
            if pipe == by:
                continue
            if entered[there]:
                low[here] = min(low[here], entered[there])
                continue
            clock += 1
            entered[there] = low[there] = clock
            stack.append((there, pipe, iter(near[there])))
            break
        else:
            stack.pop()
            if stack:
                before = stack[-1][0]
                low[before] = min(low[before], low[here])
                if low[here] > entered[before]:
                    found.append(by)
    return np.array(sorted(found), dtype=np.int64)


def segments(arrays: NetworkArrays, stuck: Iterable[int] = ()) -> Segments:
    """Return the valve segments (Walski; Jun & Loganathan): pipes and nodes that can only be shut together.

    Union-find over nodes and pipes: a pipe is one with the node at its end unless a valve that works stands between.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    stuck : iterable of int
        Numbers of valves that will not shut.
    """
    count = len(arrays.node_ids)
    root = list(range(count + len(arrays.pipe_ids)))
    works = set(valves(arrays).tolist()) - set(stuck)
    ends = zip(arrays.pipe_from.tolist(), arrays.pipe_to.tolist(), strict=True)
    for pipe, (start, end) in enumerate(ends):
        if 2 * pipe not in works:
            _union(root, count + pipe, start)
        if 2 * pipe + 1 not in works:
            _union(root, count + pipe, end)
    number = _numbered([_find(root, item) for item in range(len(root))])
    return Segments(number[count:], number[:count], int(number.max()) + 1 if len(number) else 0)


def isolate(arrays: NetworkArrays, pipe: int, stuck_valves: Iterable[int] = ()) -> Isolation:
    """Return the valves to shut so that a pipe is parted from every source, and what else goes cold.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    pipe : int
        Row of the pipe to be repaired.
    stuck_valves : iterable of int
        Valves that will not shut; the next ones behind them are used.
    """
    stuck = set(stuck_valves)
    parts = segments(arrays, stuck)
    segment = int(parts.pipe[pipe])
    inside_pipe, inside_node = parts.pipe == segment, parts.node == segment
    boundary = []  # valves with the emptied part on one side only
    for valve in valves(arrays).tolist():
        at = int(arrays.pipe_from[valve // 2] if valve % 2 == 0 else arrays.pipe_to[valve // 2])
        if valve not in stuck and inside_pipe[valve // 2] != inside_node[at]:
            boundary.append((valve, at))
    closed = inside_pipe.copy()
    closed[[valve // 2 for valve, _ in boundary]] = True
    label = islands(arrays, closed)
    fed = set(label[arrays.source_node[~inside_node[arrays.source_node]]].tolist())
    towards: list[int] = []
    holding: list[int] = []
    for valve, at in boundary:
        by = valve // 2
        # the part on the far side: a node, or a pipe that may lead on to its other end
        far = at if inside_pipe[by] else int(arrays.pipe_to[by] if valve % 2 == 0 else arrays.pipe_from[by])
        feeds = not inside_node[far] and int(label[far]) in fed
        (towards if feeds else holding).append(valve)
    cold = np.array([int(number) not in fed for number in label], dtype=np.bool_) | inside_node
    return Isolation(
        valves=np.array(towards, dtype=np.int64),
        holding_valves=np.array(holding, dtype=np.int64),
        pipes=np.flatnonzero(inside_pipe),
        nodes=np.flatnonzero(inside_node),
        closed=closed,
        cut_off=np.flatnonzero(cold),
        unintended=np.flatnonzero(cold & ~inside_node),
        sources=np.flatnonzero(inside_node[arrays.source_node]),
    )


def _open_pipes(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None) -> list[int]:
    if closed is None:
        return list(range(len(arrays.pipe_ids)))
    return np.flatnonzero(~closed).tolist()


def _neighbours(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None) -> list[list[tuple[int, int]]]:
    """Return per node its (neighbour, pipe) pairs over open pipes."""
    near: list[list[tuple[int, int]]] = [[] for _ in arrays.node_ids]
    start, end = arrays.pipe_from.tolist(), arrays.pipe_to.tolist()
    for pipe in _open_pipes(arrays, closed):
        near[start[pipe]].append((end[pipe], pipe))
        near[end[pipe]].append((start[pipe], pipe))
    return near


def _find(root: list[int], item: int) -> int:
    while root[item] != item:
        root[item] = root[root[item]]
        item = root[item]
    return item


def _union(root: list[int], one: int, two: int) -> None:
    """Join two sets; the smaller number stays root, so that results do not depend on the order of joining."""
    one, two = _find(root, one), _find(root, two)
    root[max(one, two)] = min(one, two)


def _numbered(labels: list[int]) -> Ints:
    """Return labels renumbered from 0 in order of first appearance."""
    number: dict[int, int] = {}
    return np.array([number.setdefault(label, len(number)) for label in labels], dtype=np.int64)
