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
    later: dict[int, set[int]] = {}
    while queue:
        degree, k = heapq.heappop(queue)
        if k in later or degree != len(near[k]):
            continue
        later[k] = mine = near[k]
        for n in mine:
            others = near[n]
            others |= mine
            others -= {n, k}
            heapq.heappush(queue, (len(others), n))
    order = _in_runs(later)
    place = np.empty(nodes, np.int64)
    place[order] = np.arange(nodes)
    count = np.array([len(later[k]) for k in order], np.int64)
    start = np.zeros(nodes + 1, np.int64)
    start[1:] = np.cumsum(count)
    row = np.array([p for k in order for p in sorted(place[n] for n in later[k])], np.int64)
    low, high = np.sort(place[ends], axis=0)
    edge = np.array([s + np.searchsorted(row[s : start[k + 1]], h)
                     for k, s, h in zip(low, start[low], high, strict=True)], np.int64)  # fmt: skip
    cut = np.flatnonzero(np.diff(count, prepend=-1, append=-1))
    met = np.concatenate([[0], np.cumsum(count * (count - 1) // 2)])
    run = np.column_stack([cut[:-1], cut[1:], count[cut[:-1]], met[cut[:-1]]])
    return Mesh(place[ends], place, start, row, _pairs(start, row), edge, run)


def _in_runs(later: dict[int, set[int]]) -> list[int]:
    """Return nodes so that each comes before its later neighbours, in long runs of as many neighbours each.

    Who has been ready for longest comes first: so few wait for the one just before them.
    """
    awaited = dict.fromkeys(later, 0)
    for mine in later.values():
        for n in mine:
            awaited[n] += 1
    ready: dict[int, list[int]] = {}
    for k, mine in later.items():
        if awaited[k] == 0:
            ready.setdefault(len(mine), []).append(k)
    order: list[int] = []
    while len(order) < len(later):
        run = max(ready.values(), key=len)
        for k in run:  # grows meanwhile
            order.append(k)
            for n in later[k]:
                awaited[n] -= 1
                if awaited[n] == 0:
                    ready.setdefault(len(later[n]), []).append(n)
        run.clear()
    return order


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
    run = mesh.run
    for r in range(run.shape[0]):
        first, end, degree, met = run[r, 0] & INDEX, run[r, 1] & INDEX, run[r, 2], run[r, 3] & INDEX
        if degree == 2:  # most places: within a branch, or a consumer between both sides
            _two(first, end, met, mesh, value, potential, inverse)
        elif degree == 3:
            _three(first, end, met, mesh, value, potential, inverse)
        elif degree == 4:
            _four(first, end, met, mesh, value, potential, inverse)
        else:
            _many(first, end, met, mesh, value, potential, inverse)
    _go_back(mesh, value, potential, inverse)


@kernel
def _two(first: int, end: int, met: int, mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Eliminate places of two later neighbours."""
    row, pair = mesh.row, mesh.pair
    a, t = mesh.start[first] & INDEX, met
    for k in range(first, end):
        one, other, pushed = value[a], value[a + 1], potential[k]
        joined = one + other
        part = 1.0 / joined if joined > 0.0 else 0.0
        inverse[k] = part
        share, rest = one * part, other * part
        potential[row[a] & INDEX] += share * pushed
        potential[row[a + 1] & INDEX] += rest * pushed
        value[pair[t] & INDEX] += share * other
        a, t = a + 2, t + 1


@kernel
def _three(first: int, end: int, met: int, mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Eliminate places of three later neighbours."""
    row, pair = mesh.row, mesh.pair
    a, t = mesh.start[first] & INDEX, met
    for k in range(first, end):
        one, other, third, pushed = value[a], value[a + 1], value[a + 2], potential[k]
        joined = one + other + third
        part = 1.0 / joined if joined > 0.0 else 0.0
        inverse[k] = part
        share, next_share, rest = one * part, other * part, third * part
        potential[row[a] & INDEX] += share * pushed
        potential[row[a + 1] & INDEX] += next_share * pushed
        potential[row[a + 2] & INDEX] += rest * pushed
        value[pair[t] & INDEX] += share * other
        value[pair[t + 1] & INDEX] += share * third
        value[pair[t + 2] & INDEX] += next_share * third
        a, t = a + 3, t + 3


@kernel
def _four(first: int, end: int, met: int, mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Eliminate places of four later neighbours."""
    row, pair = mesh.row, mesh.pair
    a, t = mesh.start[first] & INDEX, met
    for k in range(first, end):
        one, other, third, fourth, pushed = value[a], value[a + 1], value[a + 2], value[a + 3], potential[k]
        joined = (one + other) + (third + fourth)
        part = 1.0 / joined if joined > 0.0 else 0.0
        inverse[k] = part
        share, next_share, last_but_one, rest = one * part, other * part, third * part, fourth * part
        potential[row[a] & INDEX] += share * pushed
        potential[row[a + 1] & INDEX] += next_share * pushed
        potential[row[a + 2] & INDEX] += last_but_one * pushed
        potential[row[a + 3] & INDEX] += rest * pushed
        value[pair[t] & INDEX] += share * other
        value[pair[t + 1] & INDEX] += share * third
        value[pair[t + 2] & INDEX] += share * fourth
        value[pair[t + 3] & INDEX] += next_share * third
        value[pair[t + 4] & INDEX] += next_share * fourth
        value[pair[t + 5] & INDEX] += last_but_one * fourth
        a, t = a + 4, t + 6


@kernel
def _many(first: int, end: int, met: int, mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Eliminate places of any number of later neighbours."""
    start, row, pair, t = mesh.start, mesh.row, mesh.pair, met
    for k in range(first, end):
        one, after, joined = start[k] & INDEX, start[k + 1], 0.0
        for a in range(one, after):
            joined += value[a]
        inverse[k] = 1.0 / joined if joined > 0.0 else 0.0
        for a in range(one, after):
            share = value[a] * inverse[k]
            potential[row[a] & INDEX] += share * potential[k]
            for b in range(a + 1, after):
                value[pair[t] & INDEX] += share * value[b]
                t += 1


@kernel
def _go_back(mesh: Mesh, value: Array, potential: Array, inverse: Array) -> None:
    """Write the potentials from the last place to the first."""
    start, row, run = mesh.start, mesh.row, mesh.run
    for r in range(run.shape[0] - 1, -1, -1):
        first, end, degree = run[r, 0] & INDEX, run[r, 1] & INDEX, run[r, 2]
        a = start[end] & INDEX
        if degree == 2:
            for k in range(end - 1, first - 1, -1):
                a -= 2
                level = value[a] * potential[row[a] & INDEX] + value[a + 1] * potential[row[a + 1] & INDEX]
                potential[k] = (potential[k] + level) * inverse[k]
        elif degree == 3:
            for k in range(end - 1, first - 1, -1):
                a -= 3
                level = value[a] * potential[row[a] & INDEX] + value[a + 1] * potential[row[a + 1] & INDEX]
                level += value[a + 2] * potential[row[a + 2] & INDEX]
                potential[k] = (potential[k] + level) * inverse[k]
        else:
            for k in range(end - 1, first - 1, -1):
                level = potential[k]
                for b in range(start[k] & INDEX, start[k + 1] & INDEX):
                    level += value[b] * potential[row[b] & INDEX]
                potential[k] = level * inverse[k]
