"""The order in which water meets the nodes: renewed only when a flow turns or stops."""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel, row_kernel
from .layout import I_FROM, I_TO, J_DOWN, J_ORDER, J_SIGN, J_UP, Q_ORDERED, Array

__all__ = ["put_in_order"]


@kernel
def put_in_order(
    side: int, flow: Array, ends: Array, near_start: Array, near: Array, whole: Array, count: Array, mark: Array,
    inflow: Array,
) -> None:  # fmt: skip
    """Write one side's pipes in flow order, and add the inflow from pipes at each node.

    Water that would circle (rounding in a ring that nothing is drawn from) is stopped: the least flow along such a
    circle is taken off all its pipes, which leaves every node's continuity as it was.

    Parameters
    ----------
    side : int
        0 supply, 1 return.
    flow : array, shape (2 pipe,)
        Flow [kg/s]; changed only where water would circle.
    ends, near_start, near : int arrays
        ``Plant.pipe_int``, ``Plant.near_start``, ``Plant.near``.
    whole, count : int arrays
        ``State.pipe_int`` (rows J_ORDER, J_UP, J_DOWN, J_SIGN are kept here) and ``State.counts``.
    mark : int array, shape (4, >= 2 node)
        Scratch.
    inflow : array, shape (2 node,)
        Inflow at each node, added to [kg/s].
    """
    pipes = flow.size // 2
    low, high = side * pipes, (side + 1) * pipes
    sign = whole[J_SIGN]
    if _note_signs(flow[low:high], sign[low:high]) > 0:
        while not _sort(side, ends, near_start, near, whole, sign, count, mark[0], mark[1]):
            _stop_circle(side, flow, near_start, near, whole[J_UP], whole[J_DOWN], sign, mark)
    down, sequence = whole[J_DOWN], whole[J_ORDER]
    for k in range(low, low + count[Q_ORDERED, side]):
        e = sequence[k]
        inflow[down[e]] += abs(flow[e])


@row_kernel
def _note_signs(flow: Array, sign: Array) -> int:
    """Write the flows' signs; return how many changed."""
    changed = 0
    for e in range(sign.size):
        now = (1 if flow[e] > 0.0 else 0) - (1 if flow[e] < 0.0 else 0)
        changed += 1 if now != sign[e] else 0
        sign[e] = now
    return changed


@kernel
def _sort(
    side: int, ends: Array, near_start: Array, near: Array, whole: Array, sign: Array, count: Array, waiting: Array,
    queue: Array,
) -> bool:  # fmt: skip
    """Sort by Kahn's algorithm; return False if some pipes lie on a circle."""
    nodes, pipes = (near_start.size - 1) // 2, sign.size // 2
    low, base = side * pipes, side * nodes
    up, down, sequence = whole[J_UP], whole[J_DOWN], whole[J_ORDER]
    for n in range(base, base + nodes):
        waiting[n] = 0
    moving = 0
    for e in range(low, low + pipes):
        forward = sign[e] >= 0
        up[e] = ends[I_FROM, e] if forward else ends[I_TO, e]
        down[e] = ends[I_TO, e] if forward else ends[I_FROM, e]
        if sign[e] != 0:
            waiting[down[e]] += 1
            moving += 1
    tail = 0
    for n in range(base, base + nodes):
        if waiting[n] == 0:
            queue[tail] = n
            tail += 1
    reader = 0
    ordered = 0
    while reader < tail:
        n = queue[reader]
        reader += 1
        for k in range(near_start[n], near_start[n + 1]):
            e = near[k]  # without branches, which no processor could foretell here
            to, out = down[e], 1 if (sign[e] != 0) & (up[e] == n) else 0
            place = low + min(ordered, pipes - 1)
            sequence[place] = e if out == 1 else sequence[place]
            ordered += out
            waiting[to] -= out
            queue[tail] = to
            tail += 1 if (out == 1) & (waiting[to] == 0) else 0
    count[Q_ORDERED, side] = ordered
    return ordered == moving


@kernel
def _stop_circle(
    side: int, flow: Array, near_start: Array, near: Array, up: Array, down: Array, sign: Array, mark: Array,
) -> None:  # fmt: skip
    """Find one circle among the nodes still waiting and take its least flow off it."""
    nodes = (near_start.size - 1) // 2
    waiting, seen, back = mark[0], mark[2], mark[3]
    at = -1
    for n in range(side * nodes, (side + 1) * nodes):
        seen[n] = 0
        if waiting[n] > 0:
            at = n
    while seen[at] == 0:  # upstream along pipes whose upper node still waits, until a node comes again
        seen[at] = 1
        for k in range(near_start[at], near_start[at + 1]):
            e = near[k]
            if sign[e] != 0 and down[e] == at and waiting[up[e]] > 0:
                back[at] = e
                at = up[e]
                break
    least = np.inf
    n = at
    for _ in range(nodes):
        least = min(least, abs(flow[back[n]]))
        n = up[back[n]]
        if n == at:
            break
    for _ in range(nodes):
        e = back[n]
        left = abs(flow[e]) - least
        flow[e] = sign[e] * left if left > 0.0 else 0.0
        if flow[e] == 0.0:
            sign[e] = 0
        n = up[e]
        if n == at:
            break
