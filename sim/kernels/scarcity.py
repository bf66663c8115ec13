"""Who gets what when pumps cannot give every valve its flow: pumps at their head drive what open valves pass.

Every edge of the network has a pressure loss that only grows with its flow: pipes by friction; a valve ``(flow /
valve)**2`` while it is open, and any more once it has what it wants, for then it throttles; a source its head taken
negative, which falls where more is asked of it than planned. Nothing flows backwards through a valve or a pump. The
flows are therefore the one minimum of a convex function, the content ``sum of the integrals of loss`` (Millar 1951;
Collins et al. 1978, Manage. Sci. 24, 747), and can be found whatever is closed, capped or tripped: each step solves the
network with its laws made straight (mesh.py), moving valves and sources to the piece of their law on which they then
lie, and goes along that direction as far as the content falls.

What sources give beyond their plan is offered with a part of their head only, the least with which nobody is short, or
all of it: so no more is moved from the plan than must be.
"""

from __future__ import annotations

import numpy as np

from .balance import I_LEAK_SUPPLY
from .friction import losses
from .heat_compile import INDEX, kernel, row_kernel
from .layout import (
    B_WANT,
    I_FROM,
    I_TABLE,
    J_FILLED,
    J_OPEN,
    K_SUPPLY_SET,
    L_CREEP,
    L_DRAG,
    L_FLOW,
    L_RAISED,
    L_REYNOLDS,
    O_FLOW,
    O_HEAD_MAX,
    O_PLAN,
    O_RETURN_C,
    O_SHARE,
    P_SLENDER,
    P_ZETA,
    Q_CHORDS,
    S_HEAT_CAPACITY,
    T_PART,
    X_VALVE,
    Y_FLOW,
    Array,
    Plant,
    State,
    Work,
)
from .mesh import potentials, pour
from .sources import A_CAN, A_LACK

__all__ = ["OFFERS", "drive"]

OFFERS = 32  # steps of the share of its head with which a source offers what is beyond its plan
ALIKE = 2  # steps by which an offer that hardly changes does
STEPS, TURNS, TRIALS = 60, 16, 30  # at most: steps; changes of pieces in a step; flows looked at along a step
PRECISE = 1e-4  # last step of a valve's flow over what it wants, of a source's over all flow: its square is left
CERTAIN = 3.0  # times its last step, by which a valve lacks more than is left to find: then it is short for certain
PLAIN = 1e-3  # of its want, which a valve may lack after any step to be so: straight laws promise more than they keep
LOOPS = 1e-3  # last step of a pipe's flow over all flow: the loops are settled afterwards (flows.py)
SHORT = 1e-4  # of its want, which a valve lacks before it is called short
LEAST_FLOW = 1e-3  # of the flow wanted, below which an open valve's law is taken as straight
WALL_PA, WALL = 1e6, 1e-6  # what a valve or source feels that goes beyond its bound by this share of the flow [Pa]
RAMP = 1e-4  # of all flow, over which a source's head falls to what it offers beyond its plan
DROOP = 1e-6  # of its head, by which a pump that gave all flow would be weaker

E_FLOW, E_LOSS, E_CONDUCTANCE, E_PUSH, E_STEP, E_SLOPE, E_KEPT = range(7)  # rows of Work.edge
# rows of Work.law: three bounds of pieces, after the first that is at no flow [kg/s]; the loss at all four [Pa]; the
# slopes of the five pieces [Pa s/kg]; what the second's loss is over its squared flow, where it is no line
A_BOUND, A_LOSS, A_SLOPE, A_SQUARE = 0, 3, 7, 12
BELOW, FIRST, SECOND, THIRD, LAST = range(5)
SHUT = -1


@kernel
def drive(offer: int, before: int, ease: Array, plant: Plant, state: State, work: Work) -> tuple[int, bool]:
    """Find what pumps drive; the flows at hand (pipes', substations', sources') must obey continuity.

    Parameters
    ----------
    offer, before : int
        The offers of the last two such steps, by which the least one is looked for that leaves nobody short, 0 to
        `OFFERS`.
    ease : array, shape (source,)
        Share of their heads that each island's sources have [-].
    plant, state, work : tuples of layout.py
        Y_FLOW of the substations [kg/s] and O_SHARE of the sources are written; B_WANT is what the valves want
        [kg/s], O_PLAN what share of their island's flow the sources were to give, A_CAN what they can make [W]: a
        source that can make nothing gives nothing beyond its plan.

    Returns
    -------
    offer : int
        With `OFFERS` somebody may be short.
    settled : bool
        Whether the minimum was reached.
    """
    total, flow, kept = _line_up(plant, state, work), work.edge[E_FLOW], work.edge[E_KEPT]
    near, other = offer, -1
    if abs(offer - before) > ALIKE and max(offer, before) < OFFERS:  # offers go to and fro: it may be that one's turn
        near, other = before, offer
    offer = near if near == OFFERS else max(near - 1, 0)  # where all was offered, its flows are at hand: they first
    low, high, stride, looked_at_all = -1, OFFERS, 1, False
    while True:
        _lay_down_laws(offer / OFFERS, total, ease, plant, state, work)
        settled = _settle(offer < OFFERS, total, plant, state, work)
        if settled and not _short(plant, work):
            high, looked_at_all = offer, looked_at_all or offer == OFFERS
            for e in range(flow.size):
                kept[e] = flow[e]
        elif offer == OFFERS:  # with less nobody would have more
            break
        else:
            low = offer
        if high - low == 1:
            offer = high
            if high == OFFERS and not looked_at_all:
                continue
            settled = True
            for e in range(flow.size):
                flow[e] = kept[e]
            break
        if stride > 1 and low < other < high:
            offer, stride, other = other, 1, -1
        elif low == -1:  # each has been enough
            offer, stride = max(high - stride, 0), 2 * stride
        elif high == OFFERS:  # none has
            offer, stride = min(low + stride, OFFERS - 1), 2 * stride
        else:
            offer = (low + high) // 2
    _write(plant, state, work)
    return offer, settled


@kernel
def _line_up(plant: Plant, state: State, work: Work) -> float:
    """Write all edges' flows, and which of them take part; return all flow [kg/s]."""
    pipes, sources = plant.pipe.shape[1], plant.source_node.size
    wanted, flow, piece, part = work.substation[B_WANT], work.edge[E_FLOW], work.piece, state.tree[T_PART]
    for e in range(pipes):
        flow[e] = state.pipe[L_FLOW, e]
        there = state.pipe_int[J_OPEN, e] * state.pipe_int[J_FILLED, e] == 1 and part[plant.pipe_int[I_FROM, e]] >= 0
        piece[e] = FIRST if there else SHUT
    for x in range(wanted.size):
        flow[pipes + x] = state.substation[Y_FLOW, x]
        piece[pipes + x] = SHUT
        if wanted[x] > 0.0 and state.island[sources + x] >= 0:  # who was not held back throttles, as before
            piece[pipes + x] = SECOND if flow[pipes + x] < wanted[x] else THIRD
    total = 0.0
    for i in range(sources):
        flow[pipes + wanted.size + i] = state.source[O_FLOW, i]
        total += state.source[O_FLOW, i]
        gives = state.source[O_PLAN, i] > 0.0 or work.source[A_CAN, i] > 0.0
        piece[pipes + wanted.size + i] = FIRST if gives else SHUT
    return max(total, 1e-9)


@kernel
def _straight(piece: int, flow: float, law: Array, k: int) -> tuple[float, float, float]:
    """Return a flow on a piece of a law, its loss and the slope there: the tangent for that piece."""
    if piece == SECOND and law[A_SQUARE, k] > 0.0:
        at = min(max(flow, law[A_BOUND, k]), law[A_BOUND + 1, k])
        return at, law[A_SQUARE, k] * at * at, 2.0 * law[A_SQUARE, k] * at
    if piece <= FIRST:
        return 0.0, law[A_LOSS, k], law[A_SLOPE + piece, k]
    return law[A_BOUND + piece - SECOND, k], law[A_LOSS + piece - FIRST, k], law[A_SLOPE + piece, k]


@kernel
def _piece(flow: float, law: Array, k: int) -> int:
    """Return the piece that a flow lies on."""
    piece = BELOW
    while piece < LAST and flow > _top(piece, law, k):
        piece += 1
    return piece


@kernel
def _top(piece: int, law: Array, k: int) -> float:
    """Return where a piece ends [kg/s]."""
    if piece == BELOW:
        return 0.0
    return float(law[A_BOUND + piece - FIRST, k]) if piece < LAST else np.inf


@kernel
def _lay_down_laws(offer: float, total: float, ease: Array, plant: Plant, state: State, work: Work) -> None:
    """Write valves' and sources' laws."""
    law, wanted, island = work.law, work.substation[B_WANT], state.island
    for x in range(wanted.size):
        square, want = 1.0 / plant.substation[X_VALVE, x] ** 2, wanted[x]
        least, wall = LEAST_FLOW * want, WALL_PA / (WALL * max(want, 1e-9))
        law[A_BOUND, x], law[A_BOUND + 1, x], law[A_BOUND + 2, x] = least, want, np.inf
        law[A_SLOPE + BELOW, x], law[A_SLOPE + THIRD, x], law[A_SLOPE + LAST, x] = wall, wall, wall
        law[A_SLOPE + FIRST, x], law[A_SLOPE + SECOND, x], law[A_SQUARE, x] = square * least, square * want, square
        law[A_LOSS, x], law[A_LOSS + 1, x], law[A_LOSS + 2, x] = 0.0, square * least * least, square * want * want
        law[A_LOSS + 3, x] = np.inf
    sources, asked = plant.source_node.size, work.source[A_LACK]
    wall, ramp = WALL_PA / (WALL * total), RAMP * total
    for i in range(sources):  # of each island
        asked[i] = work.loop_source[I_LEAK_SUPPLY, i]
    for x in range(wanted.size):
        if island[sources + x] >= 0:
            asked[island[sources + x]] += wanted[x]
    for i in range(sources):
        k, head = wanted.size + i, plant.source[O_HEAD_MAX, i] * ease[island[i]]
        planned = state.source[O_PLAN, i] * asked[island[i]]
        rise = max(state.clock[K_SUPPLY_SET] - state.source[O_RETURN_C, i], 1.0) * plant.setting[S_HEAT_CAPACITY]
        most = work.source[A_CAN, i] / rise
        if offer == 1.0 and most > 0.0:
            most = np.inf
        more = most > planned + 2.0 * ramp
        droop = max(DROOP * head, 0.01) / total
        law[A_BOUND, k], law[A_BOUND + 1, k], law[A_BOUND + 2, k] = planned, planned + ramp, most if more else np.inf
        law[A_SQUARE, k], law[A_SLOPE + BELOW, k], law[A_SLOPE + LAST, k] = 0.0, wall, wall
        law[A_SLOPE + FIRST, k] = droop
        law[A_SLOPE + SECOND, k] = max((1.0 - offer) * head / ramp, droop) if more else wall
        law[A_SLOPE + THIRD, k] = droop if more else wall
        law[A_LOSS, k], law[A_LOSS + 1, k] = -head, -head + droop * planned
        law[A_LOSS + 2, k] = law[A_LOSS + 1, k] + law[A_SLOPE + SECOND, k] * ramp
        law[A_LOSS + 3, k] = law[A_LOSS + 2, k] + droop * (most - planned - ramp) if more else np.inf
        e = plant.pipe.shape[1] + k
        work.piece[e] = _piece(work.edge[E_FLOW, e], law, k) if work.piece[e] != SHUT else SHUT


@kernel
def _settle(only_enough: bool, total: float, plant: Plant, state: State, work: Work) -> bool:
    """Go down the content to its minimum; return whether it was reached. Where it is `only_enough` to know
    that somebody is short, it is left as soon as somebody will be.
    """  # fmt: skip
    pipes, edge, piece, law = plant.pipe.shape[1], work.edge, work.piece, work.law
    flow, step = edge[E_FLOW], edge[E_STEP]
    _pipe_losses(flow[:pipes], plant, state, edge)
    for _ in range(STEPS):
        _begin(plant, work)
        turns = 0
        while turns < TURNS and _aim(plant, work) > 0:
            turns += 1
        _step_along(0, pipes, plant, work)
        fall = _rise(0.0, plant, state, work)
        if turns == TURNS and fall >= 0.0:  # along the pieces where the flows are now, it falls for certain
            for e in range(pipes, flow.size):
                piece[e] = _piece(flow[e], law, e - pipes) if piece[e] != SHUT else SHUT
            _aim(plant, work)
            _step_along(0, pipes, plant, work)
            fall = _rise(0.0, plant, state, work)
        done = turns < TURNS and (fall >= 0.0 or _small(total, pipes, work))  # else the minimum to round-off
        part = 1.0 if done else _how_far(fall, plant, state, work)  # leaves the pipes' losses as they are there
        for e in range(flow.size):
            flow[e] += part * step[e]
        if done:
            return True
        if only_enough and turns < TURNS and part == 1.0 and _will_be_short(plant, work):
            return False
    return False


@kernel
def _pipe_losses(flow: Array, plant: Plant, state: State, edge: Array) -> None:
    pipes = flow.size
    losses(
        flow, state.pipe[L_REYNOLDS], state.pipe[L_DRAG], state.pipe[L_CREEP], plant.pipe[P_SLENDER],
        plant.pipe[P_ZETA], plant.pipe_int[I_TABLE], plant.friction, edge[E_LOSS, :pipes],
        edge[E_SLOPE, :pipes],
    )  # fmt: skip
    for e in range(pipes):
        edge[E_LOSS, e] += state.pipe[L_RAISED, e]


@kernel
def _begin(plant: Plant, work: Work) -> None:
    """Write the pipes' straight laws, and what every elimination of this step begins with."""
    pipes, edge, piece, value, total = plant.pipe.shape[1], work.edge, work.piece, work.joined[0], work.potential[0]
    for e in range(pipes):
        edge[E_CONDUCTANCE, e] = 1.0 / edge[E_SLOPE, e] if piece[e] != SHUT else 0.0
        edge[E_PUSH, e] = edge[E_CONDUCTANCE, e] * edge[E_LOSS, e]
    value[:] = 0.0
    total[:] = 0.0
    pour(plant.mesh, 0, pipes, edge[E_CONDUCTANCE], edge[E_PUSH], value, total)


@kernel
def _step_along(first: int, end: int, plant: Plant, work: Work) -> None:
    """Write the step of the edges from `first` to before `end` from the potentials."""
    potential, ends = work.potential[1], plant.mesh.ends
    conductance, push, step = work.edge[E_CONDUCTANCE], work.edge[E_PUSH], work.edge[E_STEP]
    for e in range(first, end):
        step[e] = conductance[e] * (potential[ends[0, e] & INDEX] - potential[ends[1, e] & INDEX]) - push[e]


@kernel
def _aim(plant: Plant, work: Work) -> int:
    """Write potentials at the minimum of the straightened laws and the step of valves and sources there, and move those
    that would then lie on another piece; return how many.
    """  # fmt: skip
    pipes, edge, piece, law = plant.pipe.shape[1], work.edge, work.piece, work.law
    flow, conductance, push, step = edge[E_FLOW], edge[E_CONDUCTANCE], edge[E_PUSH], edge[E_STEP]
    for e in range(pipes, flow.size):
        if piece[e] == SHUT:
            conductance[e], push[e] = 0.0, 0.0
        else:
            at, loss, slope = _straight(piece[e], flow[e], law, e - pipes)
            conductance[e] = 1.0 / slope
            push[e] = loss / slope - (at - flow[e])
    value, total = work.joined[1], work.potential[1]
    for k in range(value.size):
        value[k] = work.joined[0, k]
    for k in range(total.size):
        total[k] = work.potential[0, k]
    pour(plant.mesh, pipes, flow.size, conductance, push, value, total)
    potentials(plant.mesh, value, total, work.potential[2])
    _step_along(pipes, flow.size, plant, work)
    moved = 0
    for e in range(pipes, flow.size):
        if piece[e] == SHUT:
            continue
        k, then = e - pipes, flow[e] + step[e]
        slack = 1e-15 * law[A_BOUND + 1, k]
        if then > _top(piece[e], law, k) + slack:
            piece[e] += 1
            moved += 1
        elif piece[e] > BELOW and then < _top(piece[e] - 1, law, k) - slack:
            piece[e] -= 1
            moved += 1
    return moved


@kernel
def _rise(part: float, plant: Plant, state: State, work: Work) -> float:
    """Return by how much the content rises per length of the step, when a part of it has been gone [W rho]."""
    pipes, edge, law = plant.pipe.shape[1], work.edge, work.law
    flow, step = edge[E_FLOW], edge[E_STEP]
    if part > 0.0:
        there = work.trial
        for e in range(pipes):
            there[e] = flow[e] + part * step[e]
        _pipe_losses(there, plant, state, edge)
    rise = _along(edge[E_LOSS, :pipes], step[:pipes])
    for e in range(pipes, flow.size):
        if work.piece[e] != SHUT:
            k, then = e - pipes, flow[e] + part * step[e]
            at, loss, slope = _straight(_piece(then, law, k), then, law, k)
            rise += (loss + slope * (then - at)) * step[e]
    return rise


@row_kernel
def _along(loss: Array, step: Array) -> float:
    """Return the sum of products, in eight sums that do not wait for each other."""
    a, b, c, d, e, f, g, h, whole = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, loss.size & ~7
    for k in range(0, whole, 8):
        a += loss[k] * step[k]
        b += loss[k + 1] * step[k + 1]
        c += loss[k + 2] * step[k + 2]
        d += loss[k + 3] * step[k + 3]
        e += loss[k + 4] * step[k + 4]
        f += loss[k + 5] * step[k + 5]
        g += loss[k + 6] * step[k + 6]
        h += loss[k + 7] * step[k + 7]
    for k in range(whole, loss.size):
        a += loss[k] * step[k]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@kernel
def _small(total: float, pipes: int, work: Work) -> bool:
    """Return whether the step is so small that it is the last."""
    step, law = work.edge[E_STEP], work.law
    for e in range(step.size):
        bound = LOOPS * total
        if e >= pipes:
            bound = PRECISE * (law[A_BOUND + 1, e - pipes] if law[A_SQUARE, e - pipes] > 0.0 else total)
        if abs(step[e]) > bound:
            return False
    return True


@kernel
def _how_far(fall: float, plant: Plant, state: State, work: Work) -> float:
    """Return what part of the step to go: all of it, unless the content would rise again by then."""
    part, rise = 1.0, _rise(1.0, plant, state, work)
    low, high, low_rise, high_rise = 0.0, 1.0, fall, rise
    for _ in range(TRIALS):
        if rise <= -0.3 * fall and (part == 1.0 or rise >= 0.3 * fall):
            break
        if rise > 0.0:
            high, high_rise = part, rise
        else:
            low, low_rise = part, rise
        share = -low_rise / (high_rise - low_rise) if low_rise < 0.0 < high_rise else 0.5
        part = low + min(max(share, 0.1), 0.9) * (high - low)
        rise = _rise(part, plant, state, work)
    return part


@kernel
def _short(plant: Plant, work: Work) -> bool:
    """Return whether a valve gets less than it wants."""
    pipes, wanted = plant.pipe.shape[1], work.substation[B_WANT]
    for x in range(wanted.size):
        if work.piece[pipes + x] != SHUT and work.edge[E_FLOW, pipes + x] < wanted[x] * (1.0 - SHORT):
            return True
    return False


@kernel
def _will_be_short(plant: Plant, work: Work) -> bool:
    """Return whether a valve lacks so much more than any valve's flow still changed that it will remain short."""
    pipes, wanted, flow, step = plant.pipe.shape[1], work.substation[B_WANT], work.edge[E_FLOW], work.edge[E_STEP]
    lack, change = 0.0, 0.0
    for x in range(wanted.size):
        if work.piece[pipes + x] != SHUT:
            lack = max(lack, 1.0 - flow[pipes + x] / wanted[x])
            change = max(change, abs(step[pipes + x]) / wanted[x])
    return lack > SHORT + min(CERTAIN * change, PLAIN)


@kernel
def _write(plant: Plant, state: State, work: Work) -> None:
    """Write substations' flows, sources' shares of their islands', and the chords' flows to go on from."""
    pipes, sources, flow = plant.pipe.shape[1], plant.source_node.size, work.edge[E_FLOW]
    wanted = work.substation[B_WANT]
    for x in range(wanted.size):
        if work.piece[pipes + x] != SHUT:
            got = min(max(flow[pipes + x], 0.0), wanted[x])
            state.substation[Y_FLOW, x] = got if got < wanted[x] * (1.0 - SHORT) else wanted[x]
    for i in range(sources):
        given, of_island = max(flow[pipes + wanted.size + i], 0.0), 0.0
        for o in range(sources):
            of_island += max(flow[pipes + wanted.size + o], 0.0) if state.island[o] == state.island[i] else 0.0
        state.source[O_SHARE, i] = given / of_island if of_island > 0.0 else state.source[O_PLAN, i]
    for side in range(2):
        for j in range(state.counts[Q_CHORDS, side]):
            state.chord_flow[side, j] = flow[state.chord[side, j]]
