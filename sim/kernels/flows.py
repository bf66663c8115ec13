"""Flows and pressures of a looped network with several sources, supply and return each on its own graph.

The tree part follows from one sweep; the chords' flows are the only unknowns, found by Newton's method from the last
step's answer scaled by the change of the total. Friction from the table of friction.py.
"""

from __future__ import annotations

import numpy as np

from .friction import losses
from .heat_compile import INDEX, kernel
from .layout import (
    I_FROM,
    I_TABLE,
    I_TO,
    L_CREEP,
    L_DRAG,
    L_DROP,
    L_FLOW,
    L_REYNOLDS,
    P_SLENDER,
    P_ZETA,
    Q_CHORDS,
    Q_NODES,
    Q_SEGMENTS,
    T_EDGE,
    T_ORDER,
    T_SENSE,
    T_UP,
    W_SLOPE,
    Array,
)  # fmt: skip

__all__ = ["correct", "pressures", "solve_dense", "solve_side", "sweep"]

NEWTON_STEPS = 40


@kernel
def sweep(
    side: int, draw: Array, total: Array, ends: Array, tree: Array, reached: int, chord: Array, chord_flow: Array,
    chords: int, flow: Array,
) -> None:  # fmt: skip
    """Write the flow of every tree pipe from the nodes' withdrawals, leaves first; chords keep theirs.

    Parameters
    ----------
    side : int
        0 supply, 1 return.
    draw, total : arrays, shape (2 node,)
        Withdrawal, below zero where water is put in [kg/s]; scratch. Each part's withdrawals sum to zero; then
        continuity holds at every node to round-off.
    ends, tree : int arrays
        ``Plant.pipe_int`` and ``State.tree``.
    reached, chords : int
        Nodes in the tree; chords.
    chord, chord_flow : arrays, shape (2, chord)
        Pipe sides and their flows [kg/s].
    flow : array, shape (2 pipe,), out
        Flow, positive from `from` to `to` [kg/s].
    """
    base = side * (draw.size // 2)
    order, parent, pipe, direction = tree[T_ORDER], tree[T_UP], tree[T_EDGE], tree[T_SENSE]
    for n in range(base, base + draw.size // 2):
        total[n] = draw[n]
    for j in range(chords):
        e = chord[side, j]
        flow[e] = chord_flow[side, j]
        total[ends[I_FROM, e]] += flow[e]
        total[ends[I_TO, e]] -= flow[e]
    for place in range(base + reached - 1, base - 1, -1):
        k = place & INDEX
        if parent[k] >= 0:
            passing = total[order[k] & INDEX]
            flow[pipe[k] & INDEX] = direction[k] * passing
            total[parent[k] & INDEX] += passing


@kernel
def solve_side(
    side: int, tolerance: float, draw: Array, total: Array, ends: Array, static: Array, friction: Array, tree:
    Array, count: Array, chord: Array, chord_flow: Array, loop_pipe: Array, segment: Array, member: Array, pipe:
    Array, scratch: Array, matrix: Array, raised: Array,
) -> int:  # fmt: skip
    """Solve one side's flows and write its pipes' pressure losses.

    Parameters
    ----------
    side : int
        0 supply, 1 return.
    tolerance : float
        Ends when the largest Newton correction is below it [kg/s]; convergence is quadratic, so the error left is about
        the square of its share of the flow.
    draw, total : arrays, shape (2 node,)
        Withdrawals [kg/s] and scratch.
    ends, static, friction : arrays
        ``Plant.pipe_int``, ``Plant.pipe``, ``Plant.friction``.
    tree, count, chord, chord_flow, loop_pipe, segment, member, pipe : arrays
        Of the State; `pipe` takes flows [kg/s] and losses [Pa].
    scratch, matrix : arrays
        ``Work.pipe``, of which W_SLOPE takes the slopes; loop equations, shape (chord + 2, chord).
    raised : array, shape (2 pipe,) or (0,)
        What every loss has beside friction, the weight of the water that is lifted [Pa]; empty where it is left out.

    Returns
    -------
    int
        Newton steps; -1 if the loops did not settle (flows still obey continuity).
    """
    pipes, slope = ends.shape[1] // 2, scratch[W_SLOPE]
    low, high = side * pipes, (side + 1) * pipes
    chords, segments = count[Q_CHORDS, side], count[Q_SEGMENTS, side]
    sweep(side, draw, total, ends, tree, count[Q_NODES, side], chord, chord_flow, chords, pipe[L_FLOW])
    best = np.inf
    for step in range(NEWTON_STEPS):
        losses(
            pipe[L_FLOW][low:high], pipe[L_REYNOLDS][low:high], pipe[L_DRAG][low:high], pipe[L_CREEP][low:high],
            static[P_SLENDER][low:high], static[P_ZETA][low:high], ends[I_TABLE][low:high], friction,
            pipe[L_DROP][low:high], slope[low:high],
        )  # fmt: skip
        if raised.size > 0:
            for e in range(low, high):
                pipe[L_DROP, e] += raised[e]
        if chords == 0:
            return 0
        correction, norm = correct(
            step > 0, best, chords, segments, loop_pipe[side, 0], loop_pipe[side, 1], segment[side, 0], segment[side,
            1],
            member[side, 0], member[side, 1], pipe[L_FLOW], pipe[L_DROP], slope, chord_flow[side], matrix,
        )  # fmt: skip
        best = min(norm, best)
        if correction <= tolerance:
            return step + 1
    return -1


@kernel
def correct(
    again: bool, best: float, chords: int, segments: int, pipe: Array, direction: Array, first: Array, first_member:
    Array, loop: Array, sign: Array, flow: Array, loss: Array, slope: Array, chord_flow: Array, matrix: Array,
) -> tuple[float, float]:  # fmt: skip
    """Make one Newton step on the loop flows; return the largest correction [kg/s] and the residual's squared norm."""
    right, previous = matrix[chords], matrix[matrix.shape[0] - 1]
    for j in range(chords):
        right[j] = 0.0
        for k in range(chords):
            matrix[j, k] = 0.0
    for g in range(segments):
        total = 0.0
        stiffness = 0.0
        for k in range(first[g] & INDEX, first[g + 1]):
            total += direction[k] * loss[pipe[k] & INDEX]
            stiffness += slope[pipe[k] & INDEX]
        begin = first_member[g] & INDEX
        for a in range(begin, first_member[g + 1]):
            column, signed = loop[a] & INDEX, sign[a] * stiffness
            right[column] -= sign[a] * total
            for b in range(begin, a + 1):  # memberships are in order of loops: the upper half
                matrix[loop[b] & INDEX, column] += sign[b] * signed
    norm = 0.0
    for j in range(chords):
        norm += right[j] * right[j]
    if again and norm > best:  # too far: go half of the last step back
        for j in range(chords):
            previous[j] *= 0.5
            right[j] = -previous[j]
    else:
        solve_dense(matrix, right, chords)
        for j in range(chords):
            previous[j] = right[j]
    largest = 0.0
    for j in range(chords):
        chord_flow[j] += right[j]
        largest = max(largest, abs(right[j]))
    for g in range(segments):
        change = 0.0
        for a in range(first_member[g] & INDEX, first_member[g + 1]):
            change += sign[a] * right[loop[a] & INDEX]
        for k in range(first[g] & INDEX, first[g + 1]):
            e = pipe[k] & INDEX
            flow[e] += direction[k] * change
            loss[e] += slope[e] * direction[k] * change
    return largest, norm


@kernel
def solve_dense(matrix: Array, right: Array, n: int) -> None:
    """Solve a symmetric positive definite system in place by elimination along rows; only the upper half is read.

    Parameters
    ----------
    matrix : array, shape (>= n, >= n)
        Overwritten by its factor.
    right : array, shape (>= n,)
        Right side, overwritten by the answer.
    n : int
        Unknowns.
    """
    for k in range(n):
        pivot = 1.0 / max(matrix[k, k], 1e-30)
        for i in range(k + 1, n):
            share = matrix[k, i] * pivot
            if share != 0.0:
                for j in range(i, n):
                    matrix[i, j] -= share * matrix[k, j]
                right[i] -= share * right[k]
    for k in range(n - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, n):
            total -= matrix[k, j] * right[j]
        right[k] = total / max(matrix[k, k], 1e-30)


@kernel
def pressures(side: int, tree: Array, reached: int, loss: Array, pressure: Array) -> None:
    """Write every reached node's pressure against its part's root by one sweep from the roots.

    Parameters
    ----------
    side, tree, reached
        As in :func:`sweep`.
    loss : array, shape (2 pipe,)
        Pressure at `from` less that at `to` [Pa].
    pressure : array, shape (2 node,), out
        Pressure over the root's [Pa].
    """
    base = side * (pressure.size // 2)
    order, parent, pipe, direction = tree[T_ORDER], tree[T_UP], tree[T_EDGE], tree[T_SENSE]
    for k in range(base, base + reached):
        if parent[k] >= 0:
            pressure[order[k] & INDEX] = pressure[parent[k] & INDEX] - direction[k] * loss[pipe[k] & INDEX]
        else:
            pressure[order[k]] = 0.0
