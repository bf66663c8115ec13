"""Flows and pressures of a looped network with several sources, supply and return each on its own graph.

The tree part follows from one sweep; the chords' flows are the only unknowns, found by Newton's method from the last
step's answer scaled by the change of the total. Friction from the table of friction.py.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .friction import losses
from .layout import (
    D_DRAW, D_SUM, FLOWS_UNSETTLED, I_FROM, I_TABLE, I_TO, K_TIME, K_TOTAL_SUPPLY, L_DENSITY, L_DROP, L_FLOW,
    L_FLUIDITY, N_PRESSURE, NODES, P_DROP, P_RE, P_SLENDER, P_ZETA, PIPES, Q_CHORDS, Q_NODES, Q_SEGMENTS, S_FLOW_TOLERANCE,
    T_DIRECTION, T_ORDER, T_PARENT, T_PIPE, W_SLOPE,
)  # fmt: skip

__all__ = ["pressures", "rest", "solve_dense", "solve_side", "sweep"]

NEWTON_STEPS = 40


@njit(cache=True)
def sweep(side, plant, state, work):
    """Write the flow of every tree pipe [kg/s] from the nodes' withdrawals, leaves first; chords keep theirs.

    A node's withdrawal is ``work.node[D_DRAW]`` [kg/s], below zero where water is put in. Each part's withdrawals must
    sum to zero; then continuity holds at every node to round-off.
    """
    nodes = plant.size[NODES]
    base = side * nodes
    draw, total = work.node[D_DRAW], work.node[D_SUM]
    flow = state.pipe[L_FLOW]
    order, parent = state.tree[T_ORDER], state.tree[T_PARENT]
    pipe, direction = state.tree[T_PIPE], state.tree[T_DIRECTION]
    for n in range(base, base + nodes):
        total[n] = draw[n]
    for j in range(state.count[Q_CHORDS, side]):
        e = state.chord[side, j]
        c = state.chord_flow[side, j]
        flow[e] = c
        total[plant.pipe_int[I_FROM, e]] += c
        total[plant.pipe_int[I_TO, e]] -= c
    for k in range(base + state.count[Q_NODES, side] - 1, base - 1, -1):
        n = order[k]
        if parent[n] >= 0:
            flow[pipe[n]] = direction[n] * total[n]
            total[parent[n]] += total[n]


@njit(cache=True)
def solve_side(side, throughput, plant, state, work):
    """Solve one side's flows and write its pipes' pressure losses.

    Parameters
    ----------
    side : int
        0 supply, 1 return.
    throughput : float
        Water put in at the sources, by which the last chord flows are scaled and errors measured [kg/s].

    Returns
    -------
    int
        Newton steps; -1 if the loops did not settle (flows still obey continuity). Ends when the largest correction is
        below ``S_FLOW_TOLERANCE`` of the throughput: convergence is quadratic, so the error left is about its square.
    """
    pipes = plant.size[PIPES]
    chords = state.count[Q_CHORDS, side]
    low, high = side * pipes, (side + 1) * pipes
    chord_flow = state.chord_flow[side]
    last = K_TOTAL_SUPPLY + side
    if chords > 0 and state.clock[last] > 0.0:
        ratio = throughput / state.clock[last]
        for j in range(chords):
            chord_flow[j] *= ratio
    state.clock[last] = throughput
    sweep(side, plant, state, work)
    flow = state.pipe[L_FLOW][low:high]
    loss = state.pipe[L_DROP][low:high]
    slope = work.pipe[W_SLOPE][low:high]
    tolerance = plant.setting[S_FLOW_TOLERANCE] * max(throughput, 1e-6)
    norm_before = np.inf
    for step in range(NEWTON_STEPS):
        losses(
            flow, state.pipe[L_FLUIDITY][low:high], state.pipe[L_DENSITY][low:high], plant.pipe[P_RE][low:high],
            plant.pipe[P_DROP][low:high], plant.pipe[P_SLENDER][low:high], plant.pipe[P_ZETA][low:high],
            plant.pipe_int[I_TABLE][low:high], plant.friction, loss, slope,
        )  # fmt: skip
        if chords == 0:
            return 0
        correction, norm = _correct(side, step, norm_before, plant, state, work)
        norm_before = min(norm, norm_before)
        if correction <= tolerance:
            return step + 1
    state.trouble[0] = FLOWS_UNSETTLED
    state.trouble[1] = np.int64(state.clock[K_TIME])
    state.trouble[2] = state.chord[side, 0] - low
    return -1


@njit(cache=True)
def _correct(side, step, norm_before, plant, state, work):
    """Make one Newton step on the loop flows; return the largest correction [kg/s] and the residual's norm."""
    chords = state.count[Q_CHORDS, side]
    matrix = work.loop
    right, previous = work.loop[chords], work.loop[work.loop.shape[0] - 1]
    flow, loss, slope = state.pipe[L_FLOW], state.pipe[L_DROP], work.pipe[W_SLOPE]
    pipe, direction = state.loop_pipe[side, 0], state.loop_pipe[side, 1]
    first, first_member = state.segment[side, 0], state.segment[side, 1]
    loop, sign = state.member[side, 0], state.member[side, 1]
    segments = state.count[Q_SEGMENTS, side]
    for j in range(chords):
        right[j] = 0.0
        for k in range(chords):
            matrix[j, k] = 0.0
    for g in range(segments):
        total = 0.0
        stiffness = 0.0
        for k in range(first[g], first[g + 1]):
            total += direction[k] * loss[pipe[k]]
            stiffness += slope[pipe[k]]
        for a in range(first_member[g], first_member[g + 1]):
            right[loop[a]] -= sign[a] * total
            for b in range(first_member[g], a + 1):
                matrix[loop[a], loop[b]] += sign[a] * sign[b] * stiffness
    norm = 0.0
    for j in range(chords):
        norm += right[j] * right[j]
    if step > 0 and norm > norm_before:  # too far: go half of the last step back
        for j in range(chords):
            previous[j] *= 0.5
            right[j] = -previous[j]
    else:
        solve_dense(matrix, right, chords)
        for j in range(chords):
            previous[j] = right[j]
    largest = 0.0
    for j in range(chords):
        state.chord_flow[side, j] += right[j]
        largest = max(largest, abs(right[j]))
    for g in range(segments):
        change = 0.0
        for a in range(first_member[g], first_member[g + 1]):
            change += sign[a] * right[loop[a]]
        for k in range(first[g], first[g + 1]):
            e = pipe[k]
            flow[e] += direction[k] * change
            loss[e] += slope[e] * direction[k] * change
    return largest, norm


@njit(cache=True)
def solve_dense(matrix, right, n):
    """Solve a symmetric positive definite system in place by Cholesky's method; only the lower half is read.

    Parameters
    ----------
    matrix : array, shape (>= n, >= n)
        Overwritten by its factor.
    right : array, shape (>= n,)
        Right side, overwritten by the answer.
    n : int
        Unknowns.
    """
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                matrix[i, i] = np.sqrt(max(total, 1e-30))
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(n):
        total = right[i]
        for k in range(i):
            total -= matrix[i, k] * right[k]
        right[i] = total / matrix[i, i]
    for i in range(n - 1, -1, -1):
        total = right[i]
        for k in range(i + 1, n):
            total -= matrix[k, i] * right[k]
        right[i] = total / matrix[i, i]


@njit(cache=True)
def pressures(side, plant, state):
    """Write every reached node's pressure against its part's root [Pa] by one sweep from the roots."""
    base = side * plant.size[NODES]
    pressure, loss = state.node[N_PRESSURE], state.pipe[L_DROP]
    order, parent = state.tree[T_ORDER], state.tree[T_PARENT]
    pipe, direction = state.tree[T_PIPE], state.tree[T_DIRECTION]
    for k in range(base, base + state.count[Q_NODES, side]):
        n = order[k]
        if parent[n] >= 0:
            pressure[n] = pressure[parent[n]] - direction[n] * loss[pipe[n]]
        else:
            pressure[n] = 0.0


@njit(cache=True)
def rest(plant, state):
    """Set all flows and pressure losses to zero."""
    for e in range(2 * plant.size[PIPES]):
        state.pipe[L_FLOW, e] = 0.0
        state.pipe[L_DROP, e] = 0.0
    for side in range(2):
        for j in range(state.chord_flow.shape[1]):
            state.chord_flow[side, j] = 0.0
        state.clock[K_TOTAL_SUPPLY + side] = 0.0
