"""Sharp fronts: pipes that hold or receive a jump of temperature are walked through in bins of at most 100 s.

An hourly parcel smears a front by up to an hour in every pipe, and arrival times decide deadlines. So a pipe is walked
where a source's temperature jumps, where water turns or has rested, and wherever such a front goes: what it holds and
what enters bin by bin form one queue, of which so much leaves in every bin. Nodes on the way carry a profile. All other
pipes keep their one relation per step (transport.py), and a pipe whose contents have become even goes back to it.

With a wall, fronts travel with water and wall together. The wall's share is stirred at the outlet (van der Heijde et
al. 2017, doi 10.1016/j.enconman.2017.08.072, put it at the ends): the delay is as before, and the front is smeared as
measured. Names as in transport.py.
"""

from __future__ import annotations

import math

from .heat_compile import INDEX, kernel, row_kernel
from .layout import (
    BINS,
    J_COUNT,
    J_DOWN,
    J_ORDER,
    J_SENSE,
    J_START,
    J_UP,
    K_RAMP,
    L_ENTRY,
    L_FLOW,
    L_LOST,
    L_SPREAD,
    L_UNTIL_KG,
    O_FLOW,
    O_SUPPLY_C,
    P_MASS,
    P_RATE,
    P_WATER,
    Q_ORDERED,
    R_ENTRY,
    R_HEAD,
    R_MASS,
    R_TAIL,
    W_GAIN,
    W_INLET,
    W_MASS,
    W_PASS,
    W_WALK,
    Y_FLOW,
    Y_HEAT,
    Y_SUPPLY_C,
    Array,
)
from .transport import UNKNOWN, exponential_mean, into_ring, turn

__all__ = ["bins", "give_back_bins", "mix_bins", "seek"]

BIN_S = 100.0  # longest bin [s]
EVEN = 1.0  # range of temperatures that is no front [K]
JUMP = 2.0  # change of a source's temperature beyond its ramp that is one [K]
COUPLED = 0.6  # of a front at a substation goes on in its return, about
# rows of Work.queue: parcels; bins; pieces that leave
Q_MASS, Q_ENTRY, Q_HEAD, Q_TAIL, Q_IN, Q_OUT, Q_TAKE, Q_EXCESS, Q_FROM, Q_TO, Q_MIDDLE, Q_FACTOR = range(12)


@kernel
def bins(dt: float) -> int:
    """Return into how many bins a step is divided."""
    return min(max(math.ceil(dt / BIN_S), 1), BINS)


@kernel
def seek(
    dt: float, clock: Array, source_node: Array, source: Array, substation_node: Array, substation: Array,
    static: Array, pipe: Array, whole: Array, ring: Array, temperature: Array, counts: Array, inflow: Array, swing:
    Array, flowing: Array, scratch: Array,
) -> int:  # fmt: skip
    """Mark the pipes to be walked in this step (W_WALK of `scratch`); return how many.

    Follows jumps in flow order, weakened by mixing; a pipe that takes longer than the step ends the search. A pipe is
    walked until its contents have been renewed once since a front last came.

    Parameters
    ----------
    inflow : array, shape (2 node,)
        What flows to each node through pipes and from sources [kg/s].
    swing, flowing : arrays, shape (2 node,)
        Scratch: flow times front, and flow with that from substations, that come to a node.
    """
    scratch[W_WALK][:] = 0.0
    jumps = 0
    for i in range(source_node.size):
        if _jump(i, dt, clock, source_node, source, temperature) > 0.0:
            jumps += 1
    if jumps == 0 and _suspects(pipe[L_FLOW], pipe[L_SPREAD], whole[J_SENSE]) == 0:
        return 0
    nodes = swing.size // 2
    for n in range(swing.size):
        swing[n] = 0.0
        flowing[n] = inflow[n]
    for i in range(source_node.size):
        swing[source_node[i]] += source[O_FLOW, i] * _jump(i, dt, clock, source_node, source, temperature)
    for x in range(substation_node.size):
        flowing[nodes + substation_node[x]] += substation[Y_FLOW, x]
    walked, sense, spread, signed = 0, whole[J_SENSE], pipe[L_SPREAD], pipe[L_FLOW]
    pipes, sequence, ups, downs = scratch.shape[1] // 2, whole[J_ORDER], whole[J_UP], whole[J_DOWN]
    for side in range(2):
        for k in range(side * pipes, side * pipes + counts[Q_ORDERED, side]):
            e = sequence[k] & INDEX
            up = ups[e] & INDEX
            if swing[up] == 0.0 and spread[e] == 0.0 and signed[e] * sense[e] > 0.0:
                continue  # nothing comes and nothing is held
            flow, down = abs(signed[e]), downs[e] & INDEX
            comes, mass = swing[up] / max(flowing[up], 1e-12), static[P_MASS, e]
            weight = flow / max(inflow[down], 1e-12)
            if pipe[L_SPREAD, e] == UNKNOWN or flow * sense[e] == 0.0 or pipe[L_FLOW, e] * sense[e] < 0.0:
                found = _spread(e, temperature[up], pipe, whole, ring)
                pipe[L_SPREAD, e], pipe[L_UNTIL_KG, e] = (found, mass) if found * weight > JUMP else (0.0, 0.0)
            if comes > EVEN:
                pipe[L_SPREAD, e], pipe[L_UNTIL_KG, e] = max(pipe[L_SPREAD, e], comes), mass + flow * dt
            holds = pipe[L_SPREAD, e]
            if holds > EVEN:
                if holds * weight > EVEN:
                    scratch[W_WALK, e] = 1.0
                    walked += 1
                pipe[L_UNTIL_KG, e] -= flow * dt
                if pipe[L_UNTIL_KG, e] <= 0.0:
                    pipe[L_SPREAD, e] = 0.0
            swing[down] += flow * (holds if comes <= EVEN or mass <= flow * dt else 0.0)
        if side == 0:
            for x in range(substation_node.size):
                n = substation_node[x]
                if swing[n] > 0.0:
                    swing[nodes + n] += substation[Y_FLOW, x] * COUPLED * swing[n] / max(flowing[n], 1e-12)
    return walked


@kernel
def _jump(i: int, dt: float, clock: Array, source_node: Array, source: Array, temperature: Array) -> float:
    """Return by how much a source's temperature leaves its ramp [K], 0 if by little."""
    if source[O_FLOW, i] <= 0.0:
        return 0.0
    over = abs(source[O_SUPPLY_C, i] - temperature[source_node[i]]) - clock[K_RAMP] * dt / 3600.0
    return over if over > JUMP else 0.0


@row_kernel
def _suspects(flow: Array, spread: Array, sense: Array) -> int:
    """Count pipes whose moving contents may hold a front."""
    met = 0
    for e in range(flow.size):
        met += 1 if (flow[e] != 0.0) & ((spread[e] > EVEN) | (flow[e] * sense[e] <= 0.0)) else 0
    return met


@kernel
def _spread(e: int, entering: float, pipe: Array, whole: Array, ring: Array) -> float:
    """Return the range of entry temperatures that a pipe holds and that come to it [K]."""
    least, most = entering, entering
    if whole[J_COUNT, e] == 0:
        least, most = min(least, pipe[L_ENTRY, e]), max(most, pipe[L_ENTRY, e])
    for i in range(whole[J_COUNT, e]):
        entry = ring[e, (whole[J_START, e] + i) % ring.shape[1], R_ENTRY]
        least, most = min(least, entry), max(most, entry)
    return most - least


@kernel
def mix_bins(
    side: int, ordered: int, count: int, dt: float, ground: float, now: float, static: Array, pipe: Array,
    whole: Array, ring: Array, heat: Array, inverse: Array, inflow: Array, temperature: Array, wavy: Array,
    profile: Array, queue: Array, scratch: Array,
) -> None:  # fmt: skip
    """As transport.mix, with the marked pipes walked through in `count` bins.

    Parameters
    ----------
    wavy : int array, shape (2 node,)
        Whether a node has a profile: out, and in where something from outside comes in bins.
    profile : array, shape (2 node, BINS)
        By how much what comes to a node in each bin leaves its mean, which is in `heat`: what comes from outside is in
        it already [kg/s K].
    queue : array, shape (12, RING + 2 BINS + 4)
        Scratch.
    """
    nodes, pipes = heat.size // 2, scratch.shape[1] // 2
    for n in range(side * nodes, (side + 1) * nodes):
        inverse[n] = 1.0 / inflow[n] if inflow[n] > 0.0 else 0.0
    sequence, ups, downs = whole[J_ORDER], whole[J_UP], whole[J_DOWN]
    through, gain, inlet, flow, walked = (
        scratch[W_PASS], scratch[W_GAIN], scratch[W_INLET], scratch[W_MASS], scratch[W_WALK],
    )  # fmt: skip
    for k in range(side * pipes, side * pipes + ordered):
        e = sequence[k] & INDEX
        up, down = ups[e] & INDEX, downs[e] & INDEX
        entering = heat[up] * inverse[up]
        inlet[e] = entering
        if walked[e] == 0.0:
            heat[down] += flow[e] * (through[e] * entering + gain[e])
            continue
        _enter(entering, inverse[up] if wavy[up] == 1 else 0.0, profile[up, :count], queue[Q_IN])
        mean, spread = _walk(e, count, dt, ground, now, wavy[up] == 0, static, pipe, whole, ring, queue)
        heat[down] += flow[e] * mean
        if spread > 0.01 * EVEN:
            _hand_on(float(wavy[down]), flow[e], mean, queue[Q_OUT], profile[down, :count])
            wavy[down] = 1
    for n in range(side * nodes, (side + 1) * nodes):
        if inflow[n] > 0.0:
            temperature[n] = heat[n] * inverse[n]


@row_kernel
def _enter(mean: float, share: float, profile: Array, entering: Array) -> None:
    """Write what enters in bins: a mean and, by a `share`, what leaves it."""
    for b in range(profile.size):
        entering[b] = mean + (profile[b] * share if share > 0.0 else 0.0)


@row_kernel
def _hand_on(had: float, flow: float, mean: float, leaving: Array, profile: Array) -> None:
    """Add what leaves a pipe in bins to a node's profile, if it `had` one; else begin it."""
    for b in range(profile.size):
        profile[b] = (profile[b] if had > 0.0 else 0.0) + flow * (leaving[b] - mean)


@kernel
def _walk(
    e: int, count: int, dt: float, ground: float, now: float, even: bool, static: Array, pipe: Array, whole: Array,
    ring: Array, queue: Array,
) -> tuple[float, float]:  # fmt: skip
    """Let the step's bins (Q_IN, all alike if `even`) pass through a pipe; write what leaves it (Q_OUT), and return its
    mean [degC] and range [K].
    """  # fmt: skip
    flow, rate = abs(pipe[L_FLOW, e]), static[P_RATE, e]
    length = dt / count
    wanted, stirred = flow * length, static[P_MASS, e] - static[P_WATER, e]
    held_until, held = _line_up(e, static, pipe, whole, ring, queue)
    late = (held - max(stirred, 0.0)) / wanted  # how many bins what enters takes to the outlet
    within = late < count - 1.0 and late - int(late) > 1e-9
    looked_at = int(late) + 1 if within else count
    last = _line_up_bins(held_until, 0, 1 if within else count, 0.0, even, wanted, length, now, queue)
    first, pieces = 1, 0
    if stirred > 0.0:
        first, pieces = _cut(stirred, now, 0.0, first, pieces, ground, rate, queue)
    for b in range(looked_at):
        first, pieces = _cut(wanted, now + b * length, 1.0 / flow, first, pieces, ground, rate, queue)
    _cool(pieces, queue[Q_FROM], queue[Q_TO], queue[Q_MIDDLE], queue[Q_FACTOR])
    mixed, lost, piece = 0.0, 0.0, 0
    if stirred > 0.0:
        piece, gathered, lost = _gather(stirred, piece, ground, queue)
        mixed = gathered / stirred
    for b in range(looked_at):
        piece, gathered, gone = _gather(wanted, piece, ground, queue)
        queue[Q_OUT, b] = gathered / wanted
        lost += gone
    if within:
        factor, part = math.exp(-rate * late * length), late - int(late)
        passed = _pass(looked_at, count, part, factor, ground, queue[Q_IN], queue[Q_OUT])
        lost += wanted * passed * (1.0 / factor - 1.0)
        first, last = 1, _line_up_bins(1, count - looked_at, count, 1.0 - part, even, wanted, length, now, queue)
    if stirred > 0.0:
        mixed, gone = _stir(count, wanted / stirred, rate * length, ground, mixed, queue[Q_OUT])
        lost += stirred * gone
        first -= 1
        queue[Q_MASS, first], queue[Q_ENTRY, first] = stirred, mixed
        queue[Q_HEAD, first], queue[Q_TAIL, first] = now + dt, now + dt
    pipe[L_LOST, e] += lost
    _put_back(e, first, last, ground, now + dt, rate, pipe, whole, ring, queue)
    return _mean_and_range(count, queue[Q_OUT])


@row_kernel
def _pass(first: int, count: int, part: float, factor: float, ground: float, entering: Array, leaving: Array) -> float:
    """Write what leaves in bins from the `first` on: what entered so many bins and a `part` of one before, cooled by a
    `factor`; return the sum of its excess [K].
    """  # fmt: skip
    total = 0.0
    for b in range(count - first):
        leaving[first + b] = factor * (part * (entering[b] - ground) + (1.0 - part) * (entering[b + 1] - ground))
    for b in range(first, count):
        total += leaving[b]
        leaving[b] += ground
    return total


@kernel
def _stir(count: int, part: float, fall: float, ground: float, start: float, leaving: Array) -> tuple[float, float]:
    """Let what leaves in bins, each a `part` of the stirred water, pass through this, which has begun at a temperature
    and cools by an exponent in each bin; return its temperature at the end, and the sum of its falls [K].
    """  # fmt: skip
    kept, cooled = math.exp(-part), math.exp(-fall)
    share, stays, taken = (1.0 - kept) / part, kept * cooled, (1.0 - kept) * cooled
    excess, held = start - ground, 0.0
    for b in range(count):
        came = leaving[b] - ground
        leaving[b] = ground + came + (excess - came) * share
        excess = excess * stays + came * taken
        held += excess
    return ground + excess, held * (1.0 - cooled) / cooled


@kernel
def _mean_and_range(count: int, leaving: Array) -> tuple[float, float]:
    least, most, total = 1e9, -1e9, 0.0
    for b in range(count):
        total += leaving[b]
        least, most = min(least, leaving[b]), max(most, leaving[b])
    return total / count, most - least


@kernel
def _line_up(e: int, static: Array, pipe: Array, whole: Array, ring: Array, queue: Array) -> tuple[int, float]:
    """Write a pipe's parcels into the queue from its second place on; return their end and mass."""
    flow, size = pipe[L_FLOW, e], ring.shape[1]
    into_ring(e, static, pipe, whole, ring)
    if flow * whole[J_SENSE, e] < 0.0:
        turn(e, whole[J_START, e], whole[J_COUNT, e], ring)
    whole[J_SENSE, e] = 1 if flow > 0.0 else -1
    last, held = 1, 0.0  # the first place is the stirred part's
    k = whole[J_START, e] & INDEX
    for _ in range(whole[J_COUNT, e]):
        queue[Q_MASS, last], queue[Q_ENTRY, last] = ring[e, k, R_MASS], ring[e, k, R_ENTRY]
        queue[Q_HEAD, last], queue[Q_TAIL, last] = ring[e, k, R_HEAD], ring[e, k, R_TAIL]
        held += ring[e, k, R_MASS]
        last += 1
        k = k + 1 if k + 1 < size else 0
    return last, held


@kernel
def _line_up_bins(
    place: int, begin: int, end: int, gone: float, even: bool, mass: float, length: float, now: float, queue: Array
) -> int:  # fmt: skip
    """Write what enters in bins from `begin` to before `end`, each of some `mass` and `length` [s], into the queue from
    a place on; a share of the first has `gone` on. Neighbours alike become one parcel, as all bins do if they are
    `even`. Return their end.
    """  # fmt: skip
    summed, mean = mass * (1.0 - gone), queue[Q_IN, begin]
    queue[Q_HEAD, place], queue[Q_TAIL, place] = now + (begin + gone) * length, now + (begin + 1) * length
    for b in range(begin + 1, end):
        entry = queue[Q_IN, b]
        if even or abs(entry - mean) < 1e-3:
            if not even:
                mean += (entry - mean) * mass / (summed + mass)
            summed += mass
        else:
            queue[Q_MASS, place], queue[Q_ENTRY, place] = summed, mean
            place += 1
            summed, mean = mass, entry
            queue[Q_HEAD, place] = now + b * length
        queue[Q_TAIL, place] = now + (b + 1) * length
    queue[Q_MASS, place], queue[Q_ENTRY, place] = summed, mean
    return place + 1


@kernel
def _cut(
    wanted: float, begin: float, slowness: float, first: int, pieces: int, ground: float, rate: float, queue: Array
) -> tuple[int, int]:
    """Take water from the queue's front, from `begin` on at 1/`slowness` [kg/s]: a piece of each parcel (Q_TAKE, with
    its excess and its loss exponents). Return the new front and the end of the pieces.
    """  # fmt: skip
    out = 0.0
    while out < wanted:
        first, pieces = first & INDEX, pieces & INDEX
        mass = queue[Q_MASS, first]
        take = min(mass, wanted - out)
        head, tail = queue[Q_HEAD, first], queue[Q_TAIL, first]
        cut = head + (tail - head) * (take / mass)
        queue[Q_TAKE, pieces], queue[Q_EXCESS, pieces] = take, queue[Q_ENTRY, first] - ground
        queue[Q_FROM, pieces] = rate * (begin + out * slowness - head)
        queue[Q_TO, pieces] = rate * (begin + (out + take) * slowness - cut)
        pieces += 1
        out += take
        if take >= mass:
            first += 1
        else:
            queue[Q_MASS, first], queue[Q_HEAD, first] = mass - take, cut
    return first, pieces


@kernel
def _cool(pieces: int, start: Array, end: Array, middle: Array, factor: Array) -> None:
    """Write transport.exponential_mean of each piece's loss exponents: the series of all at once, then the
    exponentials, whose calls leave no register what it was.
    """  # fmt: skip
    if _series(start[:pieces], end[:pieces], middle[:pieces], factor[:pieces]) > 0:
        for i in range(pieces):
            factor[i] = exponential_mean(start[i], end[i])
        return
    for i in range(pieces):
        factor[i] *= math.exp(middle[i])


@row_kernel
def _series(start: Array, end: Array, middle: Array, factor: Array) -> int:
    """Write transport.exponential_mean's exponents and series; return for how many the series is too short."""
    far = 0
    for i in range(start.size):
        half = 0.5 * (end[i] - start[i])
        z = half * half
        factor[i] = 1.0 + z / 6.0 * (1.0 + z / 20.0 * (1.0 + z / 42.0 * (1.0 + z / 72.0)))
        middle[i] = -0.5 * (start[i] + end[i])
        far += 1 if abs(half) >= 0.3 else 0
    return far


@kernel
def _gather(wanted: float, piece: int, ground: float, queue: Array) -> tuple[int, float, float]:
    """Return the piece after those that make up so much water, their heat and what they have lost [kg degC]."""
    out, heat, lost = 0.0, 0.0, 0.0
    while out < wanted:
        piece &= INDEX
        take, excess, factor = queue[Q_TAKE, piece], queue[Q_EXCESS, piece], queue[Q_FACTOR, piece]
        heat += take * (ground + excess * factor)
        lost += take * excess * (1.0 - factor)
        out += take
        piece += 1
    return piece, heat, lost


@kernel
def _put_back(
    e: int, first: int, last: int, ground: float, now: float, rate: float, pipe: Array, whole: Array, ring: Array,
    queue: Array,
) -> None:  # fmt: skip
    """Write what is left of the queue into the ring; where it is too long, the neighbours least unlike are joined."""
    while last - first > ring.shape[1]:
        best, least = first, 1e30
        for i in range(first, last - 1):
            unlike = min(queue[Q_MASS, i], queue[Q_MASS, i + 1]) * abs(queue[Q_ENTRY, i] - queue[Q_ENTRY, i + 1])
            if unlike < least:
                best, least = i, unlike
        pipe[L_LOST, e] += _join(best, ground, now, rate, queue)
        last -= 1
        for row in range(4):
            for i in range(best + 1, last):
                queue[row, i] = queue[row, i + 1]
    low, high = 1e9, -1e9
    for i in range(first, last):
        k = i - first
        ring[e, k, R_MASS], ring[e, k, R_ENTRY] = queue[Q_MASS, i], queue[Q_ENTRY, i]
        ring[e, k, R_HEAD], ring[e, k, R_TAIL] = queue[Q_HEAD, i], queue[Q_TAIL, i]
        low, high = min(low, queue[Q_ENTRY, i]), max(high, queue[Q_ENTRY, i])
    whole[J_START, e], whole[J_COUNT, e] = 0, last - first
    if high - low <= EVEN:
        pipe[L_SPREAD, e] = 0.0


@kernel
def _join(at: int, ground: float, now: float, rate: float, queue: Array) -> float:
    """Join a parcel with the one behind it into one that entered just now; return what they have lost [kg degC]."""
    mass, held, lost = 0.0, 0.0, 0.0
    for i in range(at, at + 2):
        factor = exponential_mean(rate * (now - queue[Q_HEAD, i]), rate * (now - queue[Q_TAIL, i]))
        excess = queue[Q_ENTRY, i] - ground
        mass += queue[Q_MASS, i]
        held += queue[Q_MASS, i] * (ground + excess * factor)
        lost += queue[Q_MASS, i] * excess * (1.0 - factor)
    queue[Q_MASS, at], queue[Q_ENTRY, at] = mass, held / mass
    queue[Q_HEAD, at], queue[Q_TAIL, at] = now, now
    return lost


@kernel
def give_back_bins(
    count: int, capacity: float, substation_node: Array, slope: Array, offset: Array, inverse: Array, wavy: Array,
    profile: Array, now: Array,
) -> None:  # fmt: skip
    """Let substations whose supply has a profile return one: their heat goes with what drives it, bin by bin."""
    nodes = wavy.size // 2
    for x in range(substation_node.size):
        n = substation_node[x]
        if wavy[n] == 0 or now[Y_FLOW, x] <= 0.0:
            continue
        over = now[Y_SUPPLY_C, x] - (offset[x] / slope[x] if slope[x] > 0.0 else 0.0)
        drive = 0.0
        for b in range(count):
            drive += max(over + profile[n, b] * inverse[n], 0.0)
        drive /= count
        mean = now[Y_HEAT, x] / capacity
        per = mean / drive if drive > 0.0 else 0.0
        back = nodes + n
        if wavy[back] == 0:
            wavy[back] = 1
            for b in range(count):
                profile[back, b] = 0.0
        for b in range(count):
            leaves = profile[n, b] * inverse[n]
            more = per * max(over + leaves, 0.0) - mean if drive > 0.0 else 0.0
            profile[back, b] += now[Y_FLOW, x] * leaves - more
