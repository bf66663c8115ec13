"""Heat along pipes: plug flow with transport delay, exact exponential loss, mixing at nodes, reversal and standstill.

In a step of constant flow every pipe obeys ``T_out = pass * T_in + gain``, where `pass` and `gain` do not depend on
this step's temperatures: first all pipes at once (:func:`prepare`), then one sweep in flow order mixes the nodes
(:func:`mix`), then the water that came in is stored (:func:`store`). A pipe whose water is renewed within every step
holds one parcel in two numbers; a slower, reversed or resting one owns a ring of parcels. A parcel is water of one
entry temperature with entry times at both its ends; its temperature over the ground falls with exp(-rate * time).

The wall is retardation: fronts travel with the heat capacity of water and wall together. A pipe's loss is booked when
water leaves it (and for the contents when asked), from the temperature's fall along its own stay.

Names used throughout: `static` is ``Plant.pipe``, `pipe` ``State.pipe``, `whole` ``State.pipe_int``, `ring`
``State.ring``, `scratch` ``Work.pipe``; `ground` [degC] and `now` [s] come from the clock.
"""

from __future__ import annotations

import math

import numpy as np

from .heat_compile import INDEX, kernel, row_kernel
from .layout import (
    J_COUNT,
    J_DOWN,
    J_FILLED,
    J_ORDER,
    J_SENSE,
    J_START,
    J_UP,
    L_AGE,
    L_ENTRY,
    L_FACTOR,
    L_FLOW,
    L_HEAD,
    L_LOST,
    L_SPREAD,
    L_TAIL,
    P_LOSS,
    P_MASS,
    P_RATE,
    R_ENTRY,
    R_HEAD,
    R_MASS,
    R_TAIL,
    W_AGE,
    W_FACTOR,
    W_GAIN,
    W_INLET,
    W_MARK,
    W_MASS,
    W_PASS,
    W_SHARE,
    W_WALK,
    Array,
)  # fmt: skip

__all__ = ["exponential_mean", "into_ring", "mix", "prepare", "rest", "store", "turn"]

UNKNOWN = 1e3  # spread of contents that fronts.py must look at [K]
QUICK = 0.5  # largest rate * age for which the short exponential is used
FAST, SLOW, RENEWED, WALKED = 0.0, 1.0, 2.0, 3.0  # marks of a step's treatment


@kernel
def exponential_mean(start: float, end: float) -> float:
    """Return the mean of exp(-y) for y running evenly from `start` to `end` (either order)."""
    half = 0.5 * (end - start)
    if abs(half) < 0.3:
        z = half * half
        series = 1.0 + z / 6.0 * (1.0 + z / 20.0 * (1.0 + z / 42.0 * (1.0 + z / 72.0)))
        return math.exp(-0.5 * (start + end)) * series
    return (math.exp(-start) - math.exp(-end)) / (end - start)


@kernel
def prepare(
    dt: float, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array, scratch: Array,
) -> None:  # fmt: skip
    """Write each pipe's `pass` and `gain` for a step of `dt` seconds; water leaving slow pipes is taken from their
    rings.

    Rows W_MASS [kg/s], W_PASS [-], W_GAIN [degC], W_MARK of `scratch` are set.
    """
    rings, mark, mass_flow = whole[J_COUNT], scratch[W_MARK], scratch[W_MASS]
    slow = _relate(
        dt, ground, static[P_MASS], static[P_LOSS], pipe[L_FLOW], pipe[L_ENTRY], pipe[L_AGE], pipe[L_FACTOR],
        whole[J_SENSE], rings, scratch[W_WALK], mass_flow, scratch[W_SHARE], scratch[W_AGE], scratch[W_FACTOR],
        scratch[W_PASS], scratch[W_GAIN], mark, pipe[L_LOST],
    )  # fmt: skip
    if slow > 0:
        for e in range(rings.size):
            if mark[e] == SLOW and (mass_flow[e] > 0.0 or rings[e] == 0):
                _release(e, dt, ground, now, static, pipe, whole, ring, scratch)


@row_kernel
def _relate(
    dt: float, ground: float, mass: Array, loss: Array, flow: Array, entry: Array, age_before: Array,
    factor_before: Array, sense: Array, rings: Array, walked: Array, mass_flow: Array, share: Array,
    age: Array, factor: Array, through: Array, gain: Array, mark: Array, lost: Array,
) -> int:  # fmt: skip
    """Write the relation of pipes that hold one parcel and renew it within the step; return how many others there are.

    The old water leaves with the mean exponential from the old to the new age, the rest passes with the new age's.
    """
    slow = 0
    for e in range(flow.size):
        m = abs(flow[e])
        slowness = 1.0 / max(m, 1e-12)
        part, y = mass[e] * slowness * (1.0 / dt), min(loss[e] * slowness, QUICK)
        easy = (part <= 1.0) & (y < QUICK) & (age_before[e] < QUICK) & (flow[e] * sense[e] > 0.0)
        easy &= (rings[e] == 0) & (walked[e] == 0.0)
        # exp(-y) by its series, error below 1e-10
        late = 1.0 / 120.0 - y * (1.0 / 720.0 - y * (1.0 / 5040.0 - y * (1.0 / 40320.0 - y * (1.0 / 362880.0))))
        new = 1.0 - y * (1.0 - y * (1.0 / 2.0 - y * (1.0 / 6.0 - y * (1.0 / 24.0 - y * late))))
        z = 0.5 * (y - age_before[e])
        z *= z
        tangent = 1.0 - z * (1.0 / 3.0 - z * (2.0 / 15.0 - z * (17.0 / 315.0 - z * (62.0 / 2835.0))))  # tanh(z)/z
        old = 0.5 * (new + factor_before[e]) * tangent
        excess = entry[e] - ground
        mass_flow[e], age[e], factor[e] = m, y, new
        share[e] = part if walked[e] == 0.0 else 1.0  # see fronts.py
        through[e] = (1.0 - part) * new
        gain[e] = part * (ground + excess * old) + (1.0 - part) * (1.0 - new) * ground
        lost[e] += mass[e] * excess * (1.0 - old) if easy else 0.0
        mark[e] = FAST if easy else (SLOW if walked[e] == 0.0 else WALKED)
        slow += 0 if easy else 1
    return slow


@kernel
def rest(
    dt: float, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array, scratch: Array,
) -> None:  # fmt: skip
    """Let all water rest: single parcels move into rings, where they cool exactly for as long as nothing flows."""
    rings, filled, flow = whole[J_COUNT], whole[J_FILLED], scratch[W_MASS]
    single = 0
    for e in range(rings.size):
        single += filled[e] * (1 - min(rings[e], 1))
    if single > 0:
        for e in range(rings.size):
            flow[e] = 0.0
            if rings[e] == 0:
                _release(e, dt, ground, now, static, pipe, whole, ring, scratch)


@kernel
def _release(
    e: int, dt: float, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array, scratch:
    Array,
) -> None:  # fmt: skip
    """Take from a slow pipe what flows out in the step; set its `pass` and `gain`."""
    mass_flow = scratch[W_MASS, e]
    scratch[W_PASS, e] = 0.0
    scratch[W_GAIN, e] = 0.0
    if whole[J_FILLED, e] == 0:
        return
    into_ring(e, static, pipe, whole, ring)
    if mass_flow == 0.0:
        pipe[L_SPREAD, e] = UNKNOWN
        return
    size = ring.shape[1]
    sense = 1 if pipe[L_FLOW, e] > 0.0 else -1
    if whole[J_SENSE, e] * sense < 0:
        turn(e, whole[J_START, e], whole[J_COUNT, e], ring)
    whole[J_SENSE, e] = sense
    rate = static[P_RATE, e]
    wanted = mass_flow * dt
    out = 0.0
    heat = 0.0
    lost = 0.0
    start, count = whole[J_START, e], whole[J_COUNT, e]
    while count > 0 and out < wanted:
        k = start & INDEX
        mass = ring[e, k, R_MASS]
        take = min(mass, wanted - out)
        head = ring[e, k, R_HEAD]
        cut = head + (ring[e, k, R_TAIL] - head) * (take / mass)
        first = now + out / mass_flow - head
        final = now + (out + take) / mass_flow - cut
        factor = exponential_mean(rate * first, rate * final)
        excess = ring[e, k, R_ENTRY] - ground
        heat += take * (ground + excess * factor)
        lost += take * excess * (1.0 - factor)
        out += take
        if take >= mass:
            start = k + 1 if k + 1 < size else 0
            count -= 1
        else:
            ring[e, k, R_MASS] = mass - take
            ring[e, k, R_HEAD] = cut
    whole[J_START, e], whole[J_COUNT, e] = start, count
    pipe[L_LOST, e] += lost
    if count == 0 and wanted > out:  # all renewed: the rest passes through
        share = out / wanted
        age = static[P_LOSS, e] / mass_flow
        factor = np.exp(-age)
        scratch[W_MARK, e] = RENEWED
        scratch[W_AGE, e] = age
        scratch[W_FACTOR, e] = factor
        scratch[W_SHARE, e] = share
        scratch[W_PASS, e] = (1.0 - share) * factor
        scratch[W_GAIN, e] = heat / wanted + (1.0 - share) * (1.0 - factor) * ground
    else:
        scratch[W_GAIN, e] = heat / wanted


@kernel
def into_ring(e: int, static: Array, pipe: Array, whole: Array, ring: Array) -> None:
    """Move what a pipe holds as a single parcel into its ring."""
    if whole[J_COUNT, e] == 0:
        ring[e, 0, R_MASS], ring[e, 0, R_ENTRY] = static[P_MASS, e], pipe[L_ENTRY, e]
        ring[e, 0, R_HEAD], ring[e, 0, R_TAIL] = pipe[L_HEAD, e], pipe[L_TAIL, e]
        whole[J_START, e], whole[J_COUNT, e] = 0, 1


@kernel
def turn(e: int, start: int, count: int, ring: Array) -> None:
    """Reverse a ring: the newest water leaves first."""
    size = ring.shape[1]
    for k in range((count + 1) // 2):
        a, b = (start + k) % size, (start + count - 1 - k) % size
        for row in (R_MASS, R_ENTRY):
            kept = ring[e, a, row]
            ring[e, a, row] = ring[e, b, row]
            ring[e, b, row] = kept
        head, tail = ring[e, a, R_HEAD], ring[e, a, R_TAIL]
        ring[e, a, R_HEAD], ring[e, a, R_TAIL] = ring[e, b, R_TAIL], ring[e, b, R_HEAD]
        if a != b:
            ring[e, b, R_HEAD], ring[e, b, R_TAIL] = tail, head


@kernel
def mix(
    side: int, ordered: int, heat: Array, inverse: Array, inflow: Array, temperature: Array, whole: Array, scratch:
    Array,
) -> None:  # fmt: skip
    """Mix one side's nodes in flow order.

    Parameters
    ----------
    side, ordered : int
        0 supply, 1 return; pipes in flow order.
    heat, inverse, inflow : arrays, shape (2 node,)
        What is put in from outside, here summed up [kg/s degC]; scratch; all inflow [kg/s].
    temperature : array, shape (2 node,), out
        Mixed temperature [degC]; a node that nothing flows into keeps its own.
    whole, scratch
        See the module's head; W_INLET is written.
    """
    nodes, pipes = heat.size // 2, scratch.shape[1] // 2
    low, high = side * nodes, (side + 1) * nodes
    for n in range(low, high):
        inverse[n] = 1.0 / inflow[n] if inflow[n] > 0.0 else 0.0
    sequence, up, down = whole[J_ORDER], whole[J_UP], whole[J_DOWN]
    through, gain, inlet, mass_flow = scratch[W_PASS], scratch[W_GAIN], scratch[W_INLET], scratch[W_MASS]
    for k in range(side * pipes, side * pipes + ordered):
        e = sequence[k] & INDEX
        start, end = up[e] & INDEX, down[e] & INDEX
        entering = heat[start] * inverse[start]
        inlet[e] = entering
        heat[end] += mass_flow[e] * (through[e] * entering + gain[e])
    for n in range(low, high):
        if inflow[n] > 0.0:
            temperature[n] = heat[n] * inverse[n]


@kernel
def store(
    dt: float, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array, scratch: Array,
) -> None:  # fmt: skip
    """Put the step's inflow into the pipes, once the inlet temperatures are known."""
    inlet, share, mass_flow, mark = scratch[W_INLET], scratch[W_SHARE], scratch[W_MASS], scratch[W_MARK]
    for e in range(inlet.size):
        if mark[e] == SLOW:
            share[e] = 1.0  # nothing passed through
            if mass_flow[e] > 0.0 and whole[J_FILLED, e] == 1:
                _push(e, mass_flow[e] * dt, inlet[e], dt, ground, now, static, pipe, whole, ring)
    _renew(
        dt, ground, now, inlet, share, mass_flow, scratch[W_AGE], scratch[W_FACTOR], pipe[L_ENTRY], pipe[L_HEAD],
        pipe[L_TAIL], pipe[L_AGE], pipe[L_FACTOR], pipe[L_LOST],
    )  # fmt: skip


@row_kernel
def _renew(
    dt: float, ground: float, now: float, inlet: Array, share: Array, mass_flow: Array, age: Array, factor: Array,
    entry: Array, head: Array, tail: Array, age_before: Array, factor_before: Array, lost: Array,
) -> None:  # fmt: skip
    """Write the single parcel; a slow pipe's water is in its ring, and what is written here for it is not read."""
    for e in range(entry.size):
        lost[e] += mass_flow[e] * dt * (1.0 - share[e]) * (inlet[e] - ground) * (1.0 - factor[e])
        entry[e], head[e], tail[e] = inlet[e], now + dt * (1.0 - share[e]), now + dt
        age_before[e], factor_before[e] = age[e], factor[e]


@kernel
def _push(
    e: int, mass: float, entry: float, dt: float, ground: float, now: float, static: Array, pipe: Array, whole:
    Array, ring: Array,
) -> None:  # fmt: skip
    """Add a parcel at the inlet; where the ring is full, or the newest is a trifle, two neighbours are joined."""
    size = ring.shape[1]
    start, count = whole[J_START, e], whole[J_COUNT, e]
    best = -1
    if count == size:
        least = np.inf
        for k in range(count - 1):
            pair = ring[e, (start + k) % size, R_MASS] + ring[e, (start + k + 1) % size, R_MASS]
            if pair < least:
                best, least = k, pair
    else:
        k = start + count - 1
        k -= size if k >= size else 0
        if count > 1 and ring[e, k, R_MASS] < 1e-3 * static[P_MASS, e]:
            best = count - 2
    if best >= 0:
        _join(e, best, ground, now, static[P_RATE, e], pipe, whole, ring)
        count = whole[J_COUNT, e]
    k = start + count
    k -= size if k >= size else 0
    ring[e, k, R_MASS] = mass
    ring[e, k, R_ENTRY] = entry
    ring[e, k, R_HEAD] = now
    ring[e, k, R_TAIL] = now + dt
    whole[J_COUNT, e] = count + 1


@kernel
def _join(e: int, at: int, ground: float, now: float, rate: float, pipe: Array, whole: Array, ring: Array) -> None:
    """Join the parcel at place `at` with the one behind it: mass, heat and the outer entry times are kept."""
    size = ring.shape[1]
    start, count = whole[J_START, e], whole[J_COUNT, e]
    a, b = (start + at) % size, (start + at + 1) % size
    mass = ring[e, a, R_MASS] + ring[e, b, R_MASS]
    held = 0.0
    entered = 0.0
    for k in (a, b):
        factor = exponential_mean(rate * (now - ring[e, k, R_HEAD]), rate * (now - ring[e, k, R_TAIL]))
        held += ring[e, k, R_MASS] * (ground + (ring[e, k, R_ENTRY] - ground) * factor)
        entered += ring[e, k, R_MASS] * ring[e, k, R_ENTRY]
    tail = ring[e, b, R_TAIL]
    factor = exponential_mean(rate * (now - ring[e, a, R_HEAD]), rate * (now - tail))
    if factor < 1e-3:  # so old that only its mean is of interest
        ring[e, a, R_HEAD] = now
        tail = now
        factor = 1.0
    ring[e, a, R_MASS] = mass
    ring[e, a, R_ENTRY] = ground + (held / mass - ground) / factor
    ring[e, a, R_TAIL] = tail
    pipe[L_LOST, e] += entered - mass * ring[e, a, R_ENTRY]
    for k in range(at + 1, count - 1):
        to, source = (start + k) % size, (start + k + 1) % size
        for row in range(4):
            ring[e, to, row] = ring[e, source, row]
    whole[J_COUNT, e] = count - 1
