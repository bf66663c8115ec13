"""Heat along pipes: plug flow with transport delay, exact exponential loss, mixing at nodes, reversal and standstill.

In a step of constant flow every pipe obeys ``T_out = pass * T_in + gain``, where `pass` and `gain` do not depend on this
step's temperatures: first all pipes at once (:func:`prepare`), then one sweep in flow order mixes the nodes
(:func:`mix`), then the water that came in is stored (:func:`store`). A pipe whose water is renewed within every step holds
one parcel in two numbers; a slower, reversed or resting one owns a ring of parcels. A parcel is water of one entry
temperature with entry times at both its ends; its temperature over the ground falls with exp(-rate * time in the pipe).

The wall is retardation: fronts travel with the heat capacity of water and wall together. A pipe's loss is booked when
water leaves it (and for the contents when asked), from the temperature's fall along its own stay.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .layout import (
    D_HEAT, D_INFLOW, D_INVERSE, I_FROM, I_TO, J_COUNT, J_DOWN, J_FILLED, J_ORDER, J_SENSE, J_SIGN, J_START, J_UP,
    K_GROUND, K_TIME, L_AGE, L_ENTRY, L_FACTOR, L_FLOW, L_HEAD, L_LOST, L_TAIL, N_TEMPERATURE, NODES, P_LOSS, P_MASS,
    P_RATE, PIPES, Q_ORDERED, R_ENTRY, R_HEAD, R_MASS, R_TAIL, RING, W_AGE, W_FACTOR, W_GAIN, W_INLET, W_MARK, W_MASS,
    W_PASS, W_SHARE,
)  # fmt: skip

__all__ = ["contents", "exponential_mean", "mix", "order", "prepare", "shift_ground", "store"]

QUICK = 0.5  # largest rate * age for which the short exponential is used
FAST, SLOW, RENEWED = 0.0, 1.0, 2.0  # marks of a step's treatment


@njit(cache=True)
def exponential_mean(start, end):
    """Return the mean of exp(-y) for y running evenly from `start` to `end` (either order)."""
    half = 0.5 * (end - start)
    if abs(half) < 0.3:
        z = half * half
        return np.exp(-0.5 * (start + end)) * (1.0 + z / 6.0 * (1.0 + z / 20.0 * (1.0 + z / 42.0 * (1.0 + z / 72.0))))
    return (np.exp(-start) - np.exp(-end)) / (end - start)


@njit(cache=True)
def _short(mass_flow, loss, age, factor):
    """Write the stay's exponent (cut at QUICK) and its exponential by a (3,3) Padé quotient, error below 1e-7."""
    for e in range(mass_flow.size):
        y = min(loss[e] / max(mass_flow[e], 1e-12), QUICK)
        age[e] = y
        z = y * y
        factor[e] = (120.0 + 12.0 * z - y * (60.0 + z)) / (120.0 + 12.0 * z + y * (60.0 + z))


@njit(cache=True)
def _shares(flow, mass, dt, mass_flow, share):
    for e in range(flow.size):
        mass_flow[e] = abs(flow[e])
        share[e] = mass[e] / max(mass_flow[e] * dt, 1e-12)


@njit(cache=True)
def _pass(share, factor, result):
    for e in range(share.size):
        result[e] = (1.0 - share[e]) * factor[e]


@njit(cache=True)
def _old(age, age_before, factor, factor_before, result):
    """Write the mean factor of water already in the pipe: the mean exponential from the old to the new exponent."""
    for e in range(age.size):
        z = 0.5 * (age[e] - age_before[e])
        z *= z
        result[e] = 0.5 * (factor[e] + factor_before[e]) * (15.0 + z) / (15.0 + 6.0 * z)  # tanh(z)/z


@njit(cache=True)
def _gain(share, factor, entry, ground, old):
    """Turn the mean factor of the old water into the outlet's constant part."""
    for e in range(share.size):
        old[e] = share[e] * (ground + (entry[e] - ground) * old[e]) + (1.0 - share[e]) * (1.0 - factor[e]) * ground


@njit(cache=True)
def _mark(share, age, age_before, flow, sense, rings, mark):
    for e in range(share.size):
        easy = share[e] <= 1.0 and age[e] < QUICK and age_before[e] < QUICK
        mark[e] = FAST if easy and rings[e] == 0 and flow[e] * sense[e] > 0.0 else SLOW


@njit(cache=True)
def prepare(dt, plant, state, work):
    """Write each pipe's `pass` and `gain` for a step of `dt` seconds; water leaving slow pipes is taken from their rings.

    Returns
    -------
    None
        ``work.pipe`` rows W_MASS [kg/s], W_PASS [-], W_GAIN [degC], W_MARK are set.
    """
    pipe, scratch = state.pipe, work.pipe
    ground = state.clock[K_GROUND]
    _shares(pipe[L_FLOW], plant.pipe[P_MASS], dt, scratch[W_MASS], scratch[W_SHARE])
    _short(scratch[W_MASS], plant.pipe[P_LOSS], scratch[W_AGE], scratch[W_FACTOR])
    _pass(scratch[W_SHARE], scratch[W_FACTOR], scratch[W_PASS])
    _old(scratch[W_AGE], pipe[L_AGE], scratch[W_FACTOR], pipe[L_FACTOR], scratch[W_GAIN])
    mark = scratch[W_MARK]
    _mark(
        scratch[W_SHARE], scratch[W_AGE], pipe[L_AGE], pipe[L_FLOW], state.pipe_int[J_SENSE], state.pipe_int[J_COUNT],
        mark,
    )  # fmt: skip
    _lose_old(plant.pipe[P_MASS], pipe[L_ENTRY], ground, scratch[W_GAIN], mark, pipe[L_LOST])
    _gain(scratch[W_SHARE], scratch[W_FACTOR], pipe[L_ENTRY], ground, scratch[W_GAIN])
    for e in range(mark.size):
        if mark[e] != FAST:
            _release(e, dt, plant, state, work)


@njit(cache=True)
def _lose_old(mass, entry, ground, factor, mark, lost):
    for e in range(mass.size):
        lost[e] += (mass[e] * (entry[e] - ground) * (1.0 - factor[e])) if mark[e] == FAST else 0.0


@njit(cache=True)
def _release(e, dt, plant, state, work):
    """Take from a slow pipe what flows out in the step; set its `pass` and `gain`."""
    pipe, ring, whole = state.pipe, state.ring, state.pipe_int
    mass_flow = work.pipe[W_MASS, e]
    work.pipe[W_PASS, e] = 0.0
    work.pipe[W_GAIN, e] = 0.0
    if whole[J_FILLED, e] == 0:
        return
    _enring(e, plant, state)
    if mass_flow == 0.0:
        return
    size = plant.size[RING]
    ground, now = state.clock[K_GROUND], state.clock[K_TIME]
    sense = 1 if pipe[L_FLOW, e] > 0.0 else -1
    if whole[J_SENSE, e] * sense < 0:
        _turn(e, size, state)
    whole[J_SENSE, e] = sense
    rate = plant.pipe[P_RATE, e]
    wanted = mass_flow * dt
    out = 0.0
    heat = 0.0
    lost = 0.0
    while whole[J_COUNT, e] > 0 and out < wanted:
        k = whole[J_START, e]
        mass = ring[R_MASS, e, k]
        take = min(mass, wanted - out)
        cut = ring[R_HEAD, e, k] + (ring[R_TAIL, e, k] - ring[R_HEAD, e, k]) * (take / mass)
        first = now + out / mass_flow - ring[R_HEAD, e, k]
        final = now + (out + take) / mass_flow - cut
        factor = exponential_mean(rate * first, rate * final)
        excess = ring[R_ENTRY, e, k] - ground
        heat += take * (ground + excess * factor)
        lost += take * excess * (1.0 - factor)
        out += take
        if take >= mass:
            whole[J_START, e] = (k + 1) % size
            whole[J_COUNT, e] -= 1
        else:
            ring[R_MASS, e, k] = mass - take
            ring[R_HEAD, e, k] = cut
    pipe[L_LOST, e] += lost
    if whole[J_COUNT, e] == 0 and wanted > out:  # all renewed: the rest passes through
        share = out / wanted
        age = plant.pipe[P_LOSS, e] / mass_flow
        factor = np.exp(-age)
        work.pipe[W_MARK, e] = RENEWED
        work.pipe[W_AGE, e] = age
        work.pipe[W_FACTOR, e] = factor
        work.pipe[W_SHARE, e] = share
        work.pipe[W_PASS, e] = (1.0 - share) * factor
        work.pipe[W_GAIN, e] = heat / wanted + (1.0 - share) * (1.0 - factor) * ground
    else:
        work.pipe[W_GAIN, e] = heat / wanted


@njit(cache=True)
def _enring(e, plant, state):
    """Move a single parcel into the pipe's ring."""
    if state.pipe_int[J_COUNT, e] == 0:
        state.ring[R_MASS, e, 0] = plant.pipe[P_MASS, e]
        state.ring[R_ENTRY, e, 0] = state.pipe[L_ENTRY, e]
        state.ring[R_HEAD, e, 0] = state.pipe[L_HEAD, e]
        state.ring[R_TAIL, e, 0] = state.pipe[L_TAIL, e]
        state.pipe_int[J_START, e] = 0
        state.pipe_int[J_COUNT, e] = 1


@njit(cache=True)
def _turn(e, size, state):
    """Reverse a ring: the newest water leaves first."""
    start, count = state.pipe_int[J_START, e], state.pipe_int[J_COUNT, e]
    for k in range((count + 1) // 2):
        a, b = (start + k) % size, (start + count - 1 - k) % size
        for row in (R_MASS, R_ENTRY):
            state.ring[row, e, a], state.ring[row, e, b] = state.ring[row, e, b], state.ring[row, e, a]
        head, tail = state.ring[R_HEAD, e, a], state.ring[R_TAIL, e, a]
        state.ring[R_HEAD, e, a], state.ring[R_TAIL, e, a] = state.ring[R_TAIL, e, b], state.ring[R_HEAD, e, b]
        if a != b:
            state.ring[R_HEAD, e, b], state.ring[R_TAIL, e, b] = tail, head


@njit(cache=True)
def mix(side, plant, state, work):
    """Mix one side's nodes in flow order.

    ``work.node[D_HEAT]`` [kg/s degC] holds what is put in from outside; node temperatures and the pipes' inlet
    temperatures (W_INLET) are written. A node that nothing flows into keeps its temperature.
    """
    nodes = plant.size[NODES]
    low, high = side * nodes, (side + 1) * nodes
    heat, inverse, inflow = work.node[D_HEAT], work.node[D_INVERSE], work.node[D_INFLOW]
    for n in range(low, high):
        inverse[n] = 1.0 / inflow[n] if inflow[n] > 0.0 else 0.0
    begin = side * plant.size[PIPES]
    sequence, up, down = state.pipe_int[J_ORDER], state.pipe_int[J_UP], state.pipe_int[J_DOWN]
    through, gain, inlet, mass_flow = work.pipe[W_PASS], work.pipe[W_GAIN], work.pipe[W_INLET], work.pipe[W_MASS]
    for k in range(begin, begin + state.count[Q_ORDERED, side]):
        e = sequence[k]
        entering = heat[up[e]] * inverse[up[e]]
        inlet[e] = entering
        heat[down[e]] += mass_flow[e] * (through[e] * entering + gain[e])
    temperature = state.node[N_TEMPERATURE]
    for n in range(low, high):
        if inflow[n] > 0.0:
            temperature[n] = heat[n] * inverse[n]


@njit(cache=True)
def _keep_rows(inlet, share, mass_flow, dt, ground, factor, mark, entry, lost):
    for e in range(inlet.size):
        if mark[e] == FAST:
            lost[e] += mass_flow[e] * dt * (1.0 - share[e]) * (inlet[e] - ground) * (1.0 - factor[e])
    for e in range(inlet.size):
        entry[e] = inlet[e] if mark[e] == FAST else entry[e]


@njit(cache=True)
def _keep_times(share, dt, now, mark, head, tail):
    for e in range(share.size):
        head[e] = now + dt * (1.0 - share[e]) if mark[e] == FAST else head[e]
    for e in range(share.size):
        tail[e] = now + dt if mark[e] == FAST else tail[e]


@njit(cache=True)
def _keep_ages(age, factor, mark, age_before, factor_before):
    for e in range(age.size):
        age_before[e] = age[e] if mark[e] == FAST else age_before[e]
    for e in range(age.size):
        factor_before[e] = factor[e] if mark[e] == FAST else factor_before[e]


@njit(cache=True)
def store(dt, plant, state, work):
    """Put the step's inflow into the pipes, once the inlet temperatures are known."""
    pipe, scratch, whole = state.pipe, work.pipe, state.pipe_int
    ground, now = state.clock[K_GROUND], state.clock[K_TIME]
    mark = scratch[W_MARK]
    _keep_rows(
        scratch[W_INLET], scratch[W_SHARE], scratch[W_MASS], dt, ground, scratch[W_FACTOR], mark, pipe[L_ENTRY],
        pipe[L_LOST],
    )  # fmt: skip
    _keep_times(scratch[W_SHARE], dt, now, mark, pipe[L_HEAD], pipe[L_TAIL])
    _keep_ages(scratch[W_AGE], scratch[W_FACTOR], mark, pipe[L_AGE], pipe[L_FACTOR])
    for e in range(mark.size):
        if mark[e] == FAST or scratch[W_MASS, e] == 0.0 or whole[J_FILLED, e] == 0:
            continue
        inlet, wanted = scratch[W_INLET, e], scratch[W_MASS, e] * dt
        if mark[e] == RENEWED:
            through = wanted * (1.0 - scratch[W_SHARE, e])
            pipe[L_LOST, e] += through * (inlet - ground) * (1.0 - scratch[W_FACTOR, e])
            pipe[L_ENTRY, e] = inlet
            pipe[L_HEAD, e] = now + dt * (1.0 - scratch[W_SHARE, e])
            pipe[L_TAIL, e] = now + dt
            pipe[L_AGE, e] = scratch[W_AGE, e]
            pipe[L_FACTOR, e] = scratch[W_FACTOR, e]
        else:
            _push(e, wanted, inlet, dt, plant, state)


@njit(cache=True)
def _push(e, mass, entry, dt, plant, state):
    """Add a parcel at the inlet; where the ring is full, or the newest is a trifle, two neighbours are joined."""
    ring, whole = state.ring, state.pipe_int
    size = plant.size[RING]
    now = state.clock[K_TIME]
    start, count = whole[J_START, e], whole[J_COUNT, e]
    if count == size:
        best = 0
        least = np.inf
        for k in range(count - 1):
            pair = ring[R_MASS, e, (start + k) % size] + ring[R_MASS, e, (start + k + 1) % size]
            if pair < least:
                best, least = k, pair
        _join(e, best, plant, state)
        start, count = whole[J_START, e], whole[J_COUNT, e]
    k = (start + count) % size
    ring[R_MASS, e, k] = mass
    ring[R_ENTRY, e, k] = entry
    ring[R_HEAD, e, k] = now
    ring[R_TAIL, e, k] = now + dt
    whole[J_COUNT, e] = count + 1
    if count > 0 and ring[R_MASS, e, (start + count - 1) % size] < 1e-3 * plant.pipe[P_MASS, e]:
        _join(e, count - 1, plant, state)


@njit(cache=True)
def _join(e, at, plant, state):
    """Join the parcel at place `at` with the one behind it: mass and heat are kept, and so are the outer entry times."""
    ring, whole = state.ring, state.pipe_int
    size = plant.size[RING]
    start, count = whole[J_START, e], whole[J_COUNT, e]
    a, b = (start + at) % size, (start + at + 1) % size
    ground, now, rate = state.clock[K_GROUND], state.clock[K_TIME], plant.pipe[P_RATE, e]
    mass = ring[R_MASS, e, a] + ring[R_MASS, e, b]
    held = _held(e, a, now, ground, rate, ring) + _held(e, b, now, ground, rate, ring)
    entered = ring[R_MASS, e, a] * ring[R_ENTRY, e, a] + ring[R_MASS, e, b] * ring[R_ENTRY, e, b]
    tail = ring[R_TAIL, e, b]
    factor = exponential_mean(rate * (now - ring[R_HEAD, e, a]), rate * (now - tail))
    if factor < 1e-3:  # so old that only its mean is of interest
        ring[R_HEAD, e, a] = now
        tail = now
        factor = 1.0
    ring[R_MASS, e, a] = mass
    ring[R_ENTRY, e, a] = ground + (held / mass - ground) / factor
    ring[R_TAIL, e, a] = tail
    state.pipe[L_LOST, e] += entered - mass * ring[R_ENTRY, e, a]
    for k in range(at + 1, count - 1):
        to, source = (start + k) % size, (start + k + 1) % size
        for row in range(4):
            ring[row, e, to] = ring[row, e, source]
    whole[J_COUNT, e] = count - 1


@njit(cache=True)
def _held(e, k, now, ground, rate, ring):
    """Return a parcel's heat over 0 degC divided by the heat capacity [kg degC]."""
    factor = exponential_mean(rate * (now - ring[R_HEAD, e, k]), rate * (now - ring[R_TAIL, e, k]))
    return ring[R_MASS, e, k] * (ground + (ring[R_ENTRY, e, k] - ground) * factor)


@njit(cache=True)
def contents(e, plant, state):
    """Return a pipe side's mass [kg], heat over 0 degC [kg degC] and the heat lost so far by what it holds [kg degC]."""
    if state.pipe_int[J_FILLED, e] == 0:
        return 0.0, 0.0, 0.0
    ground, now, rate = state.clock[K_GROUND], state.clock[K_TIME], plant.pipe[P_RATE, e]
    if state.pipe_int[J_COUNT, e] == 0:
        mass = plant.pipe[P_MASS, e]
        factor = _single_factor(e, now, rate, state)
        excess = state.pipe[L_ENTRY, e] - ground
        return mass, mass * (ground + excess * factor), mass * excess * (1.0 - factor)
    mass = 0.0
    heat = 0.0
    lost = 0.0
    for i in range(state.pipe_int[J_COUNT, e]):
        k = (state.pipe_int[J_START, e] + i) % plant.size[RING]
        held = _held(e, k, now, ground, rate, state.ring)
        mass += state.ring[R_MASS, e, k]
        heat += held
        lost += state.ring[R_MASS, e, k] * state.ring[R_ENTRY, e, k] - held
    return mass, heat, lost


@njit(cache=True)
def _single_factor(e, now, rate, state):
    return exponential_mean(rate * (now - state.pipe[L_HEAD, e]), rate * (now - state.pipe[L_TAIL, e]))


@njit(cache=True)
def shift_ground(ground, plant, state):
    """Take a new ground temperature [degC]: every parcel keeps its present heat, and the loss so far is booked."""
    before, now = state.clock[K_GROUND], state.clock[K_TIME]
    ring = state.ring
    for e in range(2 * plant.size[PIPES]):
        rate = plant.pipe[P_RATE, e]
        if state.pipe_int[J_FILLED, e] == 0:
            continue
        if state.pipe_int[J_COUNT, e] == 0:
            factor = _single_factor(e, now, rate, state)
            held = before + (state.pipe[L_ENTRY, e] - before) * factor
            if factor < 1e-3:
                state.pipe[L_HEAD, e] = now
                state.pipe[L_TAIL, e] = now
                state.pipe[L_AGE, e] = 0.0
                state.pipe[L_FACTOR, e] = 1.0
                factor = 1.0
            entry = ground + (held - ground) / factor
            state.pipe[L_LOST, e] += plant.pipe[P_MASS, e] * (state.pipe[L_ENTRY, e] - entry)
            state.pipe[L_ENTRY, e] = entry
            continue
        for i in range(state.pipe_int[J_COUNT, e]):
            k = (state.pipe_int[J_START, e] + i) % plant.size[RING]
            mass = ring[R_MASS, e, k]
            factor = exponential_mean(rate * (now - ring[R_HEAD, e, k]), rate * (now - ring[R_TAIL, e, k]))
            held = before + (ring[R_ENTRY, e, k] - before) * factor
            if factor < 1e-3:
                ring[R_HEAD, e, k] = now
                ring[R_TAIL, e, k] = now
                factor = 1.0
            entry = ground + (held - ground) / factor
            state.pipe[L_LOST, e] += mass * (ring[R_ENTRY, e, k] - entry)
            ring[R_ENTRY, e, k] = entry
    state.clock[K_GROUND] = ground


@njit(cache=True)
def order(side, plant, state, work):
    """Write one side's pipes in flow order, and the total inflow from pipes at each node, if any flow turned or stopped.

    Water that would circle (rounding in a ring that nothing is drawn from) is stopped: the least flow along such a circle
    is taken off all its pipes, which leaves every node's continuity as it was.
    """
    pipes = plant.size[PIPES]
    low, high = side * pipes, (side + 1) * pipes
    flow, sign = state.pipe[L_FLOW], state.pipe_int[J_SIGN]
    same = True
    for e in range(low, high):
        s = 1 if flow[e] > 0.0 else (-1 if flow[e] < 0.0 else 0)
        same = same and s == sign[e]
        sign[e] = s
    if not same:
        while not _sort(side, plant, state, work):
            _stop_circle(side, plant, state, work)
    inflow = work.node[D_INFLOW]
    down = state.pipe_int[J_DOWN]
    sequence = state.pipe_int[J_ORDER]
    for k in range(low, low + state.count[Q_ORDERED, side]):
        e = sequence[k]
        inflow[down[e]] += abs(flow[e])


@njit(cache=True)
def _sort(side, plant, state, work):
    """Sort by Kahn's algorithm; return False if some pipes lie on a circle."""
    nodes, pipes = plant.size[NODES], plant.size[PIPES]
    low, high = side * pipes, (side + 1) * pipes
    base = side * nodes
    whole, sign = state.pipe_int, state.pipe_int[J_SIGN]
    waiting, queue = work.mark[0], work.mark[1]
    for n in range(base, base + nodes):
        waiting[n] = 0
    moving = 0
    for e in range(low, high):
        forward = sign[e] >= 0
        whole[J_UP, e] = plant.pipe_int[I_FROM if forward else I_TO, e]
        whole[J_DOWN, e] = plant.pipe_int[I_TO if forward else I_FROM, e]
        if sign[e] != 0:
            waiting[whole[J_DOWN, e]] += 1
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
        for k in range(plant.near_start[n], plant.near_start[n + 1]):
            e = plant.near[k]
            if sign[e] == 0 or whole[J_UP, e] != n:
                continue
            whole[J_ORDER, low + ordered] = e
            ordered += 1
            v = whole[J_DOWN, e]
            waiting[v] -= 1
            if waiting[v] == 0:
                queue[tail] = v
                tail += 1
    state.count[Q_ORDERED, side] = ordered
    return ordered == moving


@njit(cache=True)
def _stop_circle(side, plant, state, work):
    """Find one circle among the nodes still waiting and take its least flow off it."""
    nodes = plant.size[NODES]
    base = side * nodes
    whole, sign, flow = state.pipe_int, state.pipe_int[J_SIGN], state.pipe[L_FLOW]
    waiting, seen, back = work.mark[0], work.mark[2], work.mark[3]
    at = -1
    for n in range(base, base + nodes):
        seen[n] = 0
        if waiting[n] > 0:
            at = n
    while seen[at] == 0:  # upstream along pipes whose upper node still waits, until a node comes again
        seen[at] = 1
        for k in range(plant.near_start[at], plant.near_start[at + 1]):
            e = plant.near[k]
            if sign[e] != 0 and whole[J_DOWN, e] == at and waiting[whole[J_UP, e]] > 0:
                back[at] = e
                at = whole[J_UP, e]
                break
    least = np.inf
    n = at
    while True:
        least = min(least, abs(flow[back[n]]))
        n = whole[J_UP, back[n]]
        if n == at:
            break
    while True:
        e = back[n]
        left = abs(flow[e]) - least
        flow[e] = sign[e] * left if left > 0.0 else 0.0
        if flow[e] == 0.0:
            sign[e] = 0
        n = whole[J_UP, e]
        if n == at:
            break
