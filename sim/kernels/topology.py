"""Spanning trees, loops and islands of the pipes that are open: derived anew only when a pipe is closed or opened."""

from __future__ import annotations

import numpy as np
from numba import njit

from .layout import (
    I_FROM, I_TO, J_FILLED, J_OPEN, NODES, PIPES, Q_CHORDS, Q_ISLANDS, Q_NODES, Q_PARTS, Q_SEGMENTS, SOURCES,
    SUBSTATIONS, T_DEPTH, T_DIRECTION, T_ORDER, T_PARENT, T_PART, T_PIPE,
)  # fmt: skip

__all__ = ["derive"]


@njit(cache=True)
def derive(plant, state):
    """Write the spanning trees, chords, loop segments and islands of the open, filled pipes into `state`.

    A part is what hangs together on one side and holds a source; its root is the first such source. An island is a part
    of the supply and a part of the return that share a source: a substation is served if it lies in both. Loops are the
    fundamental ones of a breadth-first tree; edges that belong to the same loops form a segment, so that the small
    matrix of loop equations is filled from a sum per segment.
    """
    for side in range(2):
        _span(side, plant, state)
        _segments(side, plant, state)
    _islands(plant, state)


@njit(cache=True)
def _span(side, plant, state):
    nodes = plant.size[NODES]
    base = side * nodes
    tree, count = state.tree, state.count
    passable = state.pipe_int
    for n in range(base, base + nodes):
        tree[T_PART, n] = -1
        tree[T_PARENT, n] = -1
        tree[T_PIPE, n] = -1
    pipes = plant.size[PIPES]
    seen = np.zeros(pipes, np.bool_)
    filled = 0
    chords = 0
    parts = 0
    for s in range(plant.size[SOURCES]):
        root = base + plant.source_node[s]
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
            for k in range(plant.near_start[u], plant.near_start[u + 1]):
                e = plant.near[k]
                if passable[J_OPEN, e] == 0 or passable[J_FILLED, e] == 0 or seen[e - side * pipes]:
                    continue
                seen[e - side * pipes] = True
                forward = plant.pipe_int[I_FROM, e] == u
                v = plant.pipe_int[I_TO, e] if forward else plant.pipe_int[I_FROM, e]
                if tree[T_PART, v] < 0:
                    tree[T_PART, v] = parts
                    tree[T_PARENT, v] = u
                    tree[T_PIPE, v] = e
                    tree[T_DIRECTION, v] = 1 if forward else -1
                    tree[T_DEPTH, v] = tree[T_DEPTH, u] + 1
                    tree[T_ORDER, base + filled] = v
                    filled += 1
                else:
                    state.chord[side, chords] = e
                    chords += 1
        parts += 1
    count[Q_NODES, side] = filled
    count[Q_CHORDS, side] = chords
    count[Q_PARTS, side] = parts


@njit(cache=True)
def _walk(side, j, plant, state, scale, signature, edges):
    """Go once round loop `j`, adding `scale` times the direction to the signature of each pipe; return pipes met."""
    tree = state.tree
    e = state.chord[side, j]
    pipes = plant.size[PIPES]
    signature[e - side * pipes] += scale
    edges[0] = e
    met = 1
    a, b = plant.pipe_int[I_FROM, e], plant.pipe_int[I_TO, e]
    while a != b:
        down = tree[T_DEPTH, b] >= tree[T_DEPTH, a]
        n = b if down else a
        e = tree[T_PIPE, n]
        along = -tree[T_DIRECTION, n] if down else tree[T_DIRECTION, n]  # from b upwards, then downwards to a
        signature[e - side * pipes] += scale * along
        edges[met] = e
        met += 1
        if down:
            b = tree[T_PARENT, b]
        else:
            a = tree[T_PARENT, a]
    return met


@njit(cache=True)
def _random(j):
    """Return the j-th of a fixed row of odd 63-bit numbers (splitmix64)."""
    z = np.uint64(j + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((z ^ (z >> np.uint64(31))) >> np.uint64(1)) | np.int64(1)


@njit(cache=True)
def _segments(side, plant, state):
    pipes = plant.size[PIPES]
    chords = state.count[Q_CHORDS, side]
    state.count[Q_SEGMENTS, side] = 0
    if chords == 0:
        return
    signature = np.zeros(pipes, np.int64)  # sums of fixed random numbers: equal up to sign where loops are equal
    edges = np.empty(pipes + 1, np.int64)
    on_loop = np.zeros(pipes, np.bool_)
    for j in range(chords):
        met = _walk(side, j, plant, state, _random(j), signature, edges)
        for k in range(met):
            on_loop[edges[k] - side * pipes] = True
    members = np.flatnonzero(on_loop)
    order = members[np.argsort(np.abs(signature[members]))]
    segments = -1
    last = np.int64(-1)
    segment_of = np.full(pipes, -1, np.int64)
    for k in range(order.size):
        p = order[k]
        key = abs(signature[p])
        if key != last:
            segments += 1
            last = key
            state.segment[side, 0, segments] = k
        segment_of[p] = segments
        state.loop_pipe[side, 0, k] = p + side * pipes
        state.loop_pipe[side, 1, k] = 1 if signature[p] > 0 else -1
    segments += 1
    state.segment[side, 0, segments] = order.size
    state.count[Q_SEGMENTS, side] = segments
    belongs = np.zeros((segments, chords), np.int64)
    sign = np.zeros(pipes, np.int64)
    for j in range(chords):
        met = _walk(side, j, plant, state, 1, sign, edges)
        for k in range(met):
            p = edges[k] - side * pipes
            belongs[segment_of[p], j] = sign[p] * (1 if signature[p] > 0 else -1)
            sign[p] = 0
    filled = 0
    for g in range(segments):
        state.segment[side, 1, g] = filled
        for j in range(chords):
            if belongs[g, j] != 0:
                state.member[side, 0, filled] = j
                state.member[side, 1, filled] = belongs[g, j]
                filled += 1
    state.segment[side, 1, segments] = filled


@njit(cache=True)
def _islands(plant, state):
    nodes, sources = plant.size[NODES], plant.size[SOURCES]
    part = state.tree[T_PART]
    islands = 0
    for s in range(sources):
        state.part_island[0, s] = -1
        state.part_island[1, s] = -1
    for s in range(sources):
        supply, back = part[plant.source_node[s]], part[nodes + plant.source_node[s]]
        found = -1
        for other in range(s):
            node = plant.source_node[other]
            if part[node] == supply and part[nodes + node] == back:
                found = state.island[other]
                break
        if found < 0:
            found = islands
            islands += 1
        state.island[s] = found
        if state.part_island[0, supply] < 0:
            state.part_island[0, supply] = found
        if state.part_island[1, back] < 0:
            state.part_island[1, back] = found
    for x in range(plant.size[SUBSTATIONS]):
        supply, back = part[plant.substation_node[x]], part[nodes + plant.substation_node[x]]
        state.island[sources + x] = -1
        if supply < 0 or back < 0:
            continue
        for s in range(sources):
            node = plant.source_node[s]
            if part[node] == supply and part[nodes + node] == back:
                state.island[sources + x] = state.island[s]
                break
    state.count[Q_ISLANDS, 0] = islands
