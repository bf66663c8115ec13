"""Questions to the network as a graph: trees and loops, islands, bridges, valve segments, isolation.

Everything works on :class:`~.arrays.NetworkArrays`, in time linear in the number of pipes, but for a logarithm. A pipe
is both its supply and its return: when one leaks, both are shut. Valves are numbered ``2 * pipe`` at the pipe's
``from`` end and ``2 * pipe + 1`` at its ``to`` end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

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


@lru_cache(maxsize=8)
def valves(arrays: NetworkArrays) -> Ints:
    """Return the numbers of all sectioning valves, ascending."""
    ends = np.empty(2 * len(arrays.pipe_ids), dtype=np.bool_)
    ends[0::2], ends[1::2] = arrays.pipe_valve_from, arrays.pipe_valve_to
    return _kept(np.flatnonzero(ends))


def islands(arrays: NetworkArrays, closed: npt.NDArray[np.bool_] | None = None) -> Ints:
    """Return a number per node, the same for nodes joined by open pipes, counted in order of their first node.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    closed : array of bool, shape (pipe,), optional
        Pipes that carry no flow.
    """
    pipes = slice(None) if closed is None else ~closed
    return _parts(len(arrays.node_ids), arrays.pipe_from[pipes], arrays.pipe_to[pipes])


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

    A pipe is one with the node at its end unless a valve that works stands between.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    stuck : iterable of int
        Numbers of valves that will not shut.
    """
    return _segments(arrays, tuple(sorted(stuck)))


@lru_cache(maxsize=8)
def _segments(arrays: NetworkArrays, stuck: tuple[int, ...]) -> Segments:
    nodes, pipes = len(arrays.node_ids), len(arrays.pipe_ids)
    parted = np.zeros(2 * pipes, np.bool_)
    parted[valves(arrays)] = True
    parted[list(stuck)] = False
    joined = np.flatnonzero(~parted)
    ends = np.empty(2 * pipes, np.int64)
    ends[0::2], ends[1::2] = arrays.pipe_from, arrays.pipe_to
    number = _kept(_parts(nodes + pipes, nodes + joined // 2, ends[joined]))
    return Segments(number[nodes:], number[:nodes], int(number.max(initial=-1)) + 1)


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
    parts = segments(arrays, stuck_valves)
    segment = int(parts.pipe[pipe])
    inside_pipe, inside_node = parts.pipe == segment, parts.node == segment
    works = np.setdiff1d(valves(arrays), np.array(list(stuck_valves), np.int64), assume_unique=True)
    by = works // 2
    at = np.where(works % 2 == 0, arrays.pipe_from[by], arrays.pipe_to[by])
    one_side = inside_pipe[by] != inside_node[at]  # the emptied part is on one side of the valve only
    boundary, by, at = works[one_side], by[one_side], at[one_side]
    closed = inside_pipe.copy()
    closed[by] = True
    label = islands(arrays, closed)
    fed = np.zeros(len(label), np.bool_)
    fed[label[arrays.source_node[~inside_node[arrays.source_node]]]] = True
    # the part on the far side: a node, or a pipe that may lead on to its other end
    far = np.where(inside_pipe[by], at, np.where(boundary % 2 == 0, arrays.pipe_to[by], arrays.pipe_from[by]))
    feeds = ~inside_node[far] & fed[label[far]]
    cold = ~fed[label] | inside_node
    return Isolation(
        valves=boundary[feeds],
        holding_valves=boundary[~feeds],
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


def _kept(numbers: Ints) -> Ints:
    """Let nobody write to what is kept for whoever asks the same again."""
    numbers.setflags(write=False)
    return numbers


def _parts(count: int, one: Ints, two: Ints) -> Ints:
    """Return a number for each of `count` items, the same for those joined, in order of their first item.

    Every part's label that meets a smaller one gives way to it, all at once: those left at least halve each time.
    """
    label = np.arange(count)
    while True:
        low, high = np.minimum(label[one], label[two]), np.maximum(label[one], label[two])
        if np.array_equal(low, high):
            number: Ints = np.cumsum(label == np.arange(count))[label] - 1  # by the parts' first items
            return number
        np.minimum.at(label, high, low)
        while True:
            nearer = label[label]
            if np.array_equal(nearer, label):
                break
            label = nearer
