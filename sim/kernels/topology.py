"""Spanning trees, loops and islands of the pipes that are open: derived anew only when a pipe is closed or opened."""

from __future__ import annotations

import numpy as np

from .heat_compile import keeping, kernel
from .layout import (
    I_FROM,
    I_TO,
    J_FILLED,
    J_OPEN,
    Q_CHORDS,
    Q_ISLANDS,
    Q_NODES,
    Q_PARTS,
    Q_SEGMENTS,
    T_DEPTH,
    T_DIRECTION,
    T_EDGE,
    T_ORDER,
    T_PARENT,
    T_PART,
    T_PIPE,
    T_SENSE,
    T_UP,
    Array,
    Plant,
    State,
)  # fmt: skip

__all__ = ["derive"]


def derive(plant: Plant, state: State) -> None:
    """Write the spanning trees, chords, loop segments and islands of the open, filled pipes into `state`.

    A part is what hangs together on one side and holds a source; its root is the first such source. An island is a part
    of the supply and a part of the return that share a source: a substation is served if it lies in both. Loops are the
    fundamental ones of a breadth-first tree; edges that belong to the same loops form a segment, so that the small
    matrix of loop equations is filled from a sum per segment.
    """
    for side in range(2):
        _span(
            side, plant.pipe_int, plant.near_start, plant.near, plant.source_node, state.pipe_int, state.tree,
            state.counts,
            state.chord,
        )  # fmt: skip
        _segments(
            side, plant.pipe_int, state.tree, state.counts, state.chord, state.loop_pipe, state.segment, state.member
        )
    _islands(
        plant.source_node, plant.substation_node, state.tree[T_PART], state.island, state.part_island, state.counts
    )


@keeping
def _span(
    side: int, ends: Array, near_start: Array, near: Array, source_node: Array, passable: Array, tree: Array, count:
    Array, chord: Array,
) -> None:  # fmt: skip
    nodes, pipes = tree.shape[1] // 2, ends.shape[1] // 2
    base = side * nodes
    for n in range(base, base + nodes):
        tree[T_PART, n] = -1
        tree[T_PARENT, n] = -1
        tree[T_PIPE, n] = -1
    seen = np.zeros(pipes, np.bool_)
    filled = 0
    chords = 0
    parts = 0
    for s in range(source_node.size):
        root = base + source_node[s]
        if tree[T_PART, root] >= 0:
            continue
        tree[T_PART, root] = parts
        tree[T_DEPTH, root] = 0
        tree[T_ORDER, base + filled] = root
        reader = filled
        filled += 1
        while reader < filled:
            u = tree[T_ORDER, base + reader]
            reader += 1
            for k in range(near_start[u], near_start[u + 1]):
                e = near[k]
                if passable[J_OPEN, e] == 0 or passable[J_FILLED, e] == 0 or seen[e - side * pipes]:
                    continue
                seen[e - side * pipes] = True
                forward = ends[I_FROM, e] == u
                v = ends[I_TO, e] if forward else ends[I_FROM, e]
                if tree[T_PART, v] < 0:
                    tree[T_PART, v] = parts
                    tree[T_PARENT, v] = u
                    tree[T_PIPE, v] = e
                    tree[T_DIRECTION, v] = 1 if forward else -1
                    tree[T_DEPTH, v] = tree[T_DEPTH, u] + 1
                    tree[T_ORDER, base + filled] = v
                    filled += 1
                else:
                    chord[side, chords] = e
                    chords += 1
        parts += 1
    for k in range(base, base + filled):
        tree[T_UP, k] = tree[T_PARENT, tree[T_ORDER, k]]
        tree[T_EDGE, k] = tree[T_PIPE, tree[T_ORDER, k]]
        tree[T_SENSE, k] = tree[T_DIRECTION, tree[T_ORDER, k]]
    count[Q_NODES, side] = filled
    count[Q_CHORDS, side] = chords
    count[Q_PARTS, side] = parts


@kernel
def _walk(low: int, e: int, ends: Array, tree: Array, scale: np.int64, signature: Array, edges: Array) -> int:
    """Go round the loop of chord `e`, adding `scale` times the direction to each pipe's signature; count pipes."""
    signature[e - low] += scale
    edges[0] = e
    met = 1
    a, b = ends[I_FROM, e], ends[I_TO, e]
    while a != b:
        down = tree[T_DEPTH, b] >= tree[T_DEPTH, a]
        n = b if down else a
        e = tree[T_PIPE, n]
        along = -tree[T_DIRECTION, n] if down else tree[T_DIRECTION, n]  # from b upwards, then downwards to a
        signature[e - low] += scale * along
        edges[met] = e
        met += 1
        if down:
            b = tree[T_PARENT, b]
        else:
            a = tree[T_PARENT, a]
    return met


@kernel
def _random(j: int) -> np.int64:
    """Return the j-th of a fixed row of odd 63-bit numbers (splitmix64)."""
    z = np.uint64(j + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((z ^ (z >> np.uint64(31))) >> np.uint64(1)) | np.int64(1)


@keeping
def _segments(
    side: int, ends: Array, tree: Array, count: Array, chord: Array, loop_pipe: Array, segment: Array, member:
    Array,
) -> None:  # fmt: skip
    pipes = ends.shape[1] // 2
    low = side * pipes
    chords = count[Q_CHORDS, side]
    count[Q_SEGMENTS, side] = 0
    if chords == 0:
        return
    signature = np.zeros(pipes, np.int64)  # sums of fixed random numbers: equal up to sign where loops are equal
    edges = np.empty(pipes + 1, np.int64)
    on_loop = np.zeros(pipes, np.bool_)
    for j in range(chords):
        met = _walk(low, chord[side, j], ends, tree, _random(j), signature, edges)
        for k in range(met):
            on_loop[edges[k] - low] = True
    segment_of = np.full(pipes, -1, np.int64)
    key = np.empty(pipes, np.int64)
    segments = 0
    for p in range(pipes):
        if on_loop[p]:
            mine = abs(signature[p])
            g = 0
            while g < segments and key[g] != mine:
                g += 1
            if g == segments:
                key[g] = mine
                segments += 1
            segment_of[p] = g
    filled = 0
    for g in range(segments):
        segment[side, 0, g] = filled
        for p in range(pipes):
            if segment_of[p] == g:
                loop_pipe[side, 0, filled] = p + low
                loop_pipe[side, 1, filled] = 1 if signature[p] > 0 else -1
                filled += 1
    segment[side, 0, segments] = filled
    count[Q_SEGMENTS, side] = segments
    belongs = np.zeros((segments, chords), np.int64)
    sign = np.zeros(pipes, np.int64)
    for j in range(chords):
        met = _walk(low, chord[side, j], ends, tree, np.int64(1), sign, edges)
        for k in range(met):
            p = edges[k] - low
            belongs[segment_of[p], j] = sign[p] * (1 if signature[p] > 0 else -1)
            sign[p] = 0
    filled = 0
    for g in range(segments):
        segment[side, 1, g] = filled
        for j in range(chords):
            if belongs[g, j] != 0:
                member[side, 0, filled] = j
                member[side, 1, filled] = belongs[g, j]
                filled += 1
    segment[side, 1, segments] = filled


@keeping
def _islands(
    source_node: Array, substation_node: Array, part: Array, island: Array, part_island: Array, count: Array,
) -> None:  # fmt: skip
    nodes, sources = part.size // 2, source_node.size
    islands = 0
    for s in range(sources):
        part_island[0, s] = -1
        part_island[1, s] = -1
    for s in range(sources):
        supply, back = part[source_node[s]], part[nodes + source_node[s]]
        found = -1
        for other in range(s):
            node = source_node[other]
            if part[node] == supply and part[nodes + node] == back:
                found = island[other]
                break
        if found < 0:
            found = islands
            islands += 1
        island[s] = found
        if part_island[0, supply] < 0:
            part_island[0, supply] = found
        if part_island[1, back] < 0:
            part_island[1, back] = found
    for x in range(substation_node.size):
        supply, back = part[substation_node[x]], part[nodes + substation_node[x]]
        island[sources + x] = -1
        if supply < 0 or back < 0:
            continue
        for s in range(sources):
            node = source_node[s]
            if part[node] == supply and part[nodes + node] == back:
                island[sources + x] = island[s]
                break
    count[Q_ISLANDS, 0] = islands
