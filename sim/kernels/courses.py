"""The order in which water meets the nodes: renewed only when a flow turns or stops.

Where a pipe turns, only the nodes that stood between its ends are sorted anew: no pipe leads from behind them to before
them. All are sorted when a flow begins or ends.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import INDEX, kernel, row_kernel
from .layout import (
    I_FROM,
    I_TO,
    J_DOWN,
    J_ORDER,
    J_SIGN,
    J_UP,
    Q_ORDERED,
    T_COURSE,
    T_FIRST,
    T_RANK,
    Array,
)  # fmt: skip

__all__ = ["put_in_order"]


@kernel
def put_in_order(
    side: int, flow: Array, ends: Array, near_start: Array, near: Array, whole: Array, count: Array, tree: Array,
    mark: Array, inflow: Array,
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
    whole, count, tree : int arrays
        ``State.pipe_int`` (rows J_ORDER, J_UP, J_DOWN, J_SIGN are kept here), ``State.counts`` and ``State.tree`` (rows
        T_COURSE, T_RANK, T_FIRST are kept here).
    mark : int array, shape (4, >= 2 node)
        Scratch.
    inflow : array, shape (2 node,)
        Inflow at each node, added to [kg/s].
    """
    pipes = flow.size // 2
    low, high = side * pipes, (side + 1) * pipes
    sign, turned = whole[J_SIGN], mark[2]
    begun, others = _count_changes(flow[low:high], sign[low:high])
    if begun + others > 0:
        _note_signs(side, flow, sign, turned)
        if begun > 0 or not _repair(
            side, turned, others, near_start, near, whole, sign, count[Q_ORDERED, side], tree, mark[0], mark[1]
        ):
            while not _sort(side, ends, near_start, near, whole, sign, count, tree, mark[0], mark[1]):
                _stop_circle(side, flow, near_start, near, whole[J_UP], whole[J_DOWN], sign, mark)
    down = whole[J_DOWN]
    for e in range(low, high):  # where nothing flows, nothing is added
        inflow[down[e] & INDEX] += abs(flow[e])


@row_kernel
def _count_changes(flow: Array, sign: Array) -> tuple[int, int]:
    """Count the flows that began or ended, and those that turned, since their signs were noted."""
    begun, turned = 0, 0
    for e in range(sign.size):
        begun += 1 if (flow[e] != 0.0) != (sign[e] != 0) else 0
        turned += 1 if flow[e] * sign[e] < 0.0 else 0
    return begun, turned


@kernel
def _note_signs(side: int, flow: Array, sign: Array, turned: Array) -> None:
    """Write one side's signs, and which pipes turned."""
    pipes, found = flow.size // 2, 0
    for e in range(side * pipes, (side + 1) * pipes):
        if flow[e] * sign[e] < 0.0:
            turned[found] = e
            found += 1
        sign[e] = (1 if flow[e] > 0.0 else 0) - (1 if flow[e] < 0.0 else 0)


@kernel
def _repair(
    side: int, turned: Array, count_turned: int, near_start: Array, near: Array, whole: Array, sign: Array,
    ordered: int, tree: Array, waiting: Array, queue: Array,
) -> bool:  # fmt: skip
    """Turn pipes, and sort anew the nodes from the first to the last of their ends; return False if these lie on a
    circle: then nothing of the order is to be used.
    """  # fmt: skip
    up, down, sequence = whole[J_UP], whole[J_DOWN], whole[J_ORDER]
    course, rank, first = tree[T_COURSE], tree[T_RANK], tree[T_FIRST]
    low, high, last = rank.size, -1, (side + 1) * (sign.size // 2) - 1
    for k in range(count_turned):
        e = turned[k] & INDEX
        up[e], down[e] = down[e], up[e]
        one, other = rank[up[e] & INDEX], rank[down[e] & INDEX]
        low, high = min(low, one, other), max(high, one, other)
    for place in range(low, high + 1):
        waiting[course[place & INDEX] & INDEX] = 0
    pipes, nodes = sign.size // 2, rank.size // 2
    leaving = first[high + 1] if high + 1 < (side + 1) * nodes else side * pipes + ordered
    for place in range(first[low] & INDEX, leaving):  # a pipe that turns has both ends among them
        waiting[down[sequence[place & INDEX] & INDEX] & INDEX] += 1  # beyond the last node it does not matter
    tail, reader, place = 0, 0, first[low]
    for r in range(low, high + 1):  # without branches, as in _sort
        n = course[r & INDEX]
        queue[tail] = n
        tail += 1 if waiting[n & INDEX] == 0 else 0
    while reader < tail:
        n = queue[reader] & INDEX
        first[(low + reader) & INDEX] = place
        reader += 1
        for k in range(near_start[n] & INDEX, near_start[n + 1]):
            e = near[k] & INDEX  # without branches, as in _sort
            to, out = down[e] & INDEX, 1 if (sign[e] != 0) & (up[e] == n) else 0
            at = min(place, last) & INDEX
            sequence[at] = e if out == 1 else sequence[at]
            place += out
            waiting[to] -= out
            queue[tail] = to
            tail += 1 if (out == 1) & (waiting[to] == 0) & (rank[to] <= high) else 0
    if low + tail <= high:
        return False
    for r in range(tail):
        course[low + r] = queue[r]
        rank[queue[r]] = low + r
    return True


@kernel
def _sort(
    side: int, ends: Array, near_start: Array, near: Array, whole: Array, sign: Array, count: Array, tree: Array,
    waiting: Array, queue: Array,
) -> bool:  # fmt: skip
    """Sort by Kahn's algorithm; return False if some pipes lie on a circle."""
    nodes, pipes = (near_start.size - 1) // 2, sign.size // 2
    low, base = side * pipes, side * nodes
    up, down, sequence, first = whole[J_UP], whole[J_DOWN], whole[J_ORDER], tree[T_FIRST]
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
        n = queue[reader] & INDEX
        first[base + reader] = low + ordered
        reader += 1
        for k in range(near_start[n] & INDEX, near_start[n + 1]):
            e = near[k] & INDEX  # without branches, which no processor could foretell here
            to, out = down[e] & INDEX, 1 if (sign[e] != 0) & (up[e] == n) else 0
            place = (low + min(ordered, pipes - 1)) & INDEX
            sequence[place] = e if out == 1 else sequence[place]
            ordered += out
            waiting[to] -= out
            queue[tail] = to
            tail += 1 if (out == 1) & (waiting[to] == 0) else 0
    count[Q_ORDERED, side] = ordered
    for r in range(tail):
        tree[T_COURSE, base + r] = queue[r]
        tree[T_RANK, queue[r]] = base + r
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
