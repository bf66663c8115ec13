"""The whole network as one net of resistors: its nodes' potentials, by elimination that never subtracts.

Supply, return, substations and sources are edges of one graph. Eliminating a node joins its neighbours pairwise by
``c_ij += c_ki c_kj / sum(c_k)``: all terms are positive, so conductances that differ by twelve powers of ten cost no
digits, and the last node of each connected part finds its sum to be exactly zero and is the part's ground (Grassmann,
Taksar and Heyman 1985, Oper. Res. 33, 1107). What is joined with what depends on the network alone and is laid out
once, nodes of few neighbours first.
"""

from __future__ import annotations

import heapq

import numpy as np

from .heat_compile import INDEX, keeping, kernel
from .layout import Array, Ints, Mesh

__all__ = ["lay_out", "potentials", "pour"]


def lay_out(ends: Ints, nodes: int) -> Mesh:
    """Return how a graph is eliminated.

    Parameters
    ----------
    ends : int array, shape (2, edge)
        The nodes of each edge.
    nodes : int
        Nodes.
    """
    near: list[set[int]] = [set() for _ in range(nodes)]
    for a, b in ends.T.tolist():
        near[a].add(b)
        near[b].add(a)
    queue = [(len(n), k) for k, n in enumerate(near)]
    heapq.heapify(queue)
    order: list[int] = []
    later: list[set[int]] = []
    place = np.full(nodes, -1, np.int64)
    while queue:
        degree, k = heapq.heappop(queue)
        if place[k] >= 0 or degree != len(near[k]):
            continue
        place[k] = len(order)
        order.append(k)
        mine = near[k]
        later.append(mine)
        for n in mine:
            others = near[n]
            others |= mine
            others -= {n, k}
            heapq.heappush(queue, (len(others), n))
    start = np.zeros(nodes + 1, np.int64)
    start[1:] = np.cumsum([len(found) for found in later])
    row = np.array([p for found in later for p in sorted(place[n] for n in found)], np.int64)
    low, high = np.sort(place[ends], axis=0)
    edge = np.array([s + np.searchsorted(row[s : start[k + 1]], h)
                     for k, s, h in zip(low, start[low], high, strict=True)], np.int64)  # fmt: skip
    return Mesh(place[ends], place, start, row, _pairs(start, row), edge)


@keeping
def _pairs(start: Array, row: Array) -> Array:
    """Return where each pair of a node's later neighbours meets, in the order of elimination."""
    count = 0
    for k in range(start.size - 1):
        d = start[k + 1] - start[k]
        count += d * (d - 1) // 2
    result = np.empty(count, np.int64)
    t = 0
    for k in range(start.size - 1):
        for a in range(start[k], start[k + 1]):
            at = start[row[a]]
            for b in range(a + 1, start[k + 1]):
                while row[at] < row[b]:
                    at += 1
                result[t] = at
                t += 1
    return result


@kernel
def pour(mesh: Mesh, first: int, end: int, conductance: Array, push: Array, value: Array, total: Array) -> None:
    """Add the edges from `first` to before `end` to what an elimination begins with.

    Parameters
    ----------
    mesh : Mesh
        From :func:`lay_out`.
    first, end : int
        Edges.
    conductance, push : arrays, shape (edge,)
        Conductance, at least 0; a flow against the edge's direction that it has without any difference.
    value, total : arrays, shape (len(mesh.row),) and (node,)
        Conductances between places, and what is pushed into each place; zero before the first edge.
    """
    where, ends = mesh.edge, mesh.ends
    for e in range(first, end):
        value[where[e] & INDEX] += conductance[e]
        total[ends[0, e] & INDEX] += push[e]
        total[ends[1, e] & INDEX] -= push[e]


@kernel
def potentials(mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Find the potentials at which ``conductance * (from - to) - push`` leaves every node without surplus.

    Parameters
    ----------
    mesh : Mesh
        From :func:`lay_out`.
    value : array, shape (len(mesh.row),)
        Of all edges, as :func:`pour` sums them; overwritten.
    potential : array, shape (node,)
        In: what is pushed into each place, as :func:`pour` sums it; out: the potentials by place. One place of each
        connected part has 0.
    inverse : array, shape (node,)
        Scratch.
    """
    start, row, pair = mesh.start, mesh.row, mesh.pair
    nodes, t = potential.size, 0
    for k in range(nodes):
        first, end = start[k] & INDEX, start[k + 1] & INDEX
        if end - first == 2:  # most places: within a branch, or a consumer between both sides
            one, other = value[first], value[first + 1]
            joined = one + other
            shares = 1.0 / joined if joined > 0.0 else 0.0
            inverse[k] = shares
            share, pushed = one * shares, potential[k]
            potential[row[first] & INDEX] += share * pushed
            value[pair[t] & INDEX] += share * other
            potential[row[first + 1] & INDEX] += other * shares * pushed
            t += 1
            continue
        joined = 0.0
        for a in range(first, end):
            joined += value[a]
        inverse[k] = 1.0 / joined if joined > 0.0 else 0.0
        if joined <= 0.0:
            t += (end - first) * (end - first - 1) // 2
            continue
        for a in range(first, end):
            share = value[a] * inverse[k]
            potential[row[a] & INDEX] += share * potential[k]
            for b in range(a + 1, end):
                value[pair[t] & INDEX] += share * value[b]
                t += 1
    for k in range(nodes - 1, -1, -1):
        first, end, level = start[k] & INDEX, start[k + 1] & INDEX, potential[k]
        if end - first == 2:
            level += value[first] * potential[row[first] & INDEX]
            level += value[first + 1] * potential[row[first + 1] & INDEX]
        else:
            for a in range(first, end):
                level += value[a] * potential[row[a] & INDEX]
        potential[k] = level * inverse[k]
