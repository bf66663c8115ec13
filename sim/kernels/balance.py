"""Who gets which flow: valves' wants, dispatch between sources, leaks, and what the pressure allows.

In each island one source holds the pressure: its pumps are set so that the worst-placed substation has what it needs.
The others inject their share. Where a pump would have to do more than it can, first the sources that have reached their
head give way to others, then the pressure is capped and open valves pass what their pressure difference drives.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel
from .layout import (
    B_NEXT,
    B_WANT,
    J_LEAK_NODE,
    L_LEAK,
    L_OUT,
    O_BACK_OFF,
    O_FLOW,
    O_HEAD,
    O_HEAD_MAX,
    O_MAKEUP,
    O_MAKEUP_MAX,
    O_PUMP_EFFICIENCY,
    O_PUMP_W,
    O_RETURN_FLOW,
    O_SHARE,
    O_WORST,
    S_DP_MIN,
    Y_DP,
    Y_FLOW,
    Y_LIMIT,
    Array,
)  # fmt: skip
from .scarcity import give_way, relieve

__all__ = ["GIVE_WAY", "SETTLED", "TRIES", "begin", "finish", "inject", "judge", "leaks", "sum_flows"]

TRIES = 60  # a starved network settles in 3 to 15
SETTLED = 1e-3  # change of a substation's flow, as a share of what it wants
GIVE_WAY = 12  # tries in which sources may still give way to others
RECOVER = 1.02  # by which a source that gave way takes its share back per step

LEAST_LIMIT = 0.01  # with which a valve that got nothing is tried again

I_TOTAL, I_LEAK_SUPPLY, I_LEAK_RETURN, I_EASE = range(4)  # rows by island: flows [kg/s], share of head left [-]


@kernel
def leaks(
    leaking: float, source: Array, island: Array, part: Array, part_island: Array, pipe: Array, whole: Array, rows:
    Array,
) -> None:  # fmt: skip
    """Sum the leaks of each island; no more can leave than is made up, and a system losing more loses its head too.

    Parameters
    ----------
    leaking : float
        Number of leaks.
    source, island, part, part_island, pipe, whole : arrays
        ``Plant.source``, ``State.island``, the T_PART row of the tree, ``State.part_island``, ``State.pipe``,
        ``State.pipe_int``.
    rows : array, shape (4, source), out
        By island: total (untouched), leaks on both sides [kg/s], share of the head left [-]. Each leak's outflow is
        written to L_OUT.
    """
    sources, pipes = source.shape[1], pipe.shape[1] // 2
    rows[I_LEAK_SUPPLY : I_LEAK_RETURN + 1] = 0.0
    rows[I_EASE] = 1.0
    if leaking == 0.0:
        return
    for e in range(2 * pipes):
        pipe[L_OUT, e] = 0.0
        if pipe[L_LEAK, e] > 0.0 and part[whole[J_LEAK_NODE, e]] >= 0:
            pipe[L_OUT, e] = pipe[L_LEAK, e]
            at = part_island[e // pipes, part[whole[J_LEAK_NODE, e]]]
            rows[I_LEAK_SUPPLY + e // pipes, at] += pipe[L_LEAK, e]
    for at in range(sources):
        lost = rows[I_LEAK_SUPPLY, at] + rows[I_LEAK_RETURN, at]
        if lost > 0.0:
            most = 0.0
            for i in range(sources):
                most += source[O_MAKEUP_MAX, i] if island[i] == at else 0.0
            rows[I_EASE, at] = min(1.0, most / lost)
            rows[I_LEAK_SUPPLY, at] *= rows[I_EASE, at]
            rows[I_LEAK_RETURN, at] *= rows[I_EASE, at]
    for e in range(2 * pipes):
        if pipe[L_OUT, e] > 0.0:
            pipe[L_OUT, e] *= rows[I_EASE, part_island[e // pipes, part[whole[J_LEAK_NODE, e]]]]


@kernel
def begin(island: Array, wanted: Array, rows: Array, now: Array, sources_now: Array) -> bool:
    """Start from the flows that valves look for, held back as in the step before; return whether anything flows."""
    sources = sources_now.shape[1]
    flowing = 0.0
    for x in range(wanted.size):
        if island[sources + x] < 0:
            wanted[x] = 0.0
        held = now[Y_LIMIT, x] < 1.0 - SETTLED  # else the rest of a shortage that is over
        now[Y_FLOW, x] = wanted[x] * (max(now[Y_LIMIT, x], LEAST_LIMIT) if held else 1.0)
        flowing += now[Y_FLOW, x]
    for i in range(sources):
        sources_now[O_BACK_OFF, i] = min(1.0, sources_now[O_BACK_OFF, i] * RECOVER)
        flowing += rows[I_LEAK_SUPPLY, i] + rows[I_LEAK_RETURN, i]
    if flowing > 0.0:
        return True
    for r in (O_FLOW, O_RETURN_FLOW, O_MAKEUP, O_HEAD, O_PUMP_W):
        sources_now[r] = 0.0
    sources_now[O_WORST] = -1.0
    now[Y_DP] = 0.0
    return False


@kernel
def sum_flows(island: Array, now: Array, rows: Array, sources: int) -> None:
    """Sum the substations' flows by island [kg/s]."""
    total = rows[I_TOTAL]
    total[:] = 0.0
    at, run = 0, 0.0  # summed up while neighbours are of one island: that they mostly are
    for x in range(now.shape[1]):
        if now[Y_FLOW, x] > 0.0:
            if island[sources + x] != at:
                total[at] += run
                at, run = island[sources + x], 0.0
            run += now[Y_FLOW, x]
    total[at] += run


@kernel
def inject(
    leaking: float, substation_node: Array, source_node: Array, island: Array, pipe: Array, whole: Array, rows:
    Array, now: Array, sources_now: Array, draw: Array,
) -> float:  # fmt: skip
    """Write every node's withdrawal on both sides and the sources' flows; return what the sources put in [kg/s]."""
    nodes = draw.size // 2
    draw[:] = 0.0
    for x in range(substation_node.size):
        flow = now[Y_FLOW, x]
        draw[substation_node[x]] += flow
        draw[nodes + substation_node[x]] -= flow
    if leaking > 0.0:
        for e in range(pipe.shape[1]):
            if pipe[L_OUT, e] > 0.0:
                draw[whole[J_LEAK_NODE, e]] += pipe[L_OUT, e]
    throughput = 0.0
    for i in range(source_node.size):
        at = island[i]
        flow = sources_now[O_SHARE, i] * (rows[I_TOTAL, at] + rows[I_LEAK_SUPPLY, at])
        back = sources_now[O_SHARE, i] * (rows[I_TOTAL, at] - rows[I_LEAK_RETURN, at])
        sources_now[O_FLOW, i] = flow
        sources_now[O_RETURN_FLOW, i] = back
        sources_now[O_MAKEUP, i] = flow - max(back, 0.0)
        draw[source_node[i]] -= flow
        draw[nodes + source_node[i]] += back
        throughput += flow
    return throughput


@kernel
def judge(
    may_give_way: bool, islands: int, s: Array, source: Array, source_node: Array, valve: Array, substation_node:
    Array, island: Array, pressure: Array, able_now: Array, rows: Array, now: Array, sources_now: Array, scratch:
    Array, tree: Array, reached: int, slope: Array, whole: Array, node: Array,
) -> float:  # fmt: skip
    """Set each island's pressure; where pumps do not reach, let sources give way or valves pass less.

    Sources give way to others that have head to spare. Where none has, flows are what the open valves pass and what
    pumps at their head push: see scarcity.py, for which the last five arguments are.

    Returns
    -------
    float
        Largest change wanted of a substation's flow (`next_flow`) as a share of its want; 1 where a source gave way.
    """
    wanted, next_flow = scratch[B_WANT], scratch[B_NEXT]
    next_flow[:] = now[Y_FLOW]
    sources, nodes = source_node.size, pressure.size // 2
    changed = 0.0
    for at in range(islands):
        level = 0.0  # supply less return pressure at the roots
        worst = -1
        for x in range(wanted.size):
            if island[sources + x] != at or wanted[x] <= 0.0:
                continue
            n = substation_node[x]
            open_valve = wanted[x] / valve[x]
            needed = max(s[S_DP_MIN], open_valve * open_valve) - pressure[n] + pressure[nodes + n]
            if worst < 0 or needed > level:
                level = max(needed, 0.0)
                worst = x
        cap = np.inf
        for i in range(sources):
            if island[i] == at:
                sources_now[O_WORST, i] = worst
                lift = pressure[source_node[i]] - pressure[nodes + source_node[i]]
                most = source[O_HEAD_MAX, i] * rows[I_EASE, at]
                if sources_now[O_FLOW, i] > 0.0:
                    cap = min(cap, most - lift)
        gave_way = False
        starved = False
        if worst >= 0 and level > cap * (1.0 + 1e-9) + 1e-6:
            gave_way = may_give_way and give_way(
                at, s, tree, reached, slope, whole, node, source, source_node, rows[I_EASE, at], level, worst,
                able_now, pressure, substation_node, island, sources_now,
            )  # fmt: skip
            level = cap
            starved = not gave_way
        for i in range(sources):
            if island[i] == at:
                head = level + pressure[source_node[i]] - pressure[nodes + source_node[i]]
                sources_now[O_HEAD, i] = max(head, 0.0) if sources_now[O_FLOW, i] > 0.0 else 0.0
        for x in range(wanted.size):
            if island[sources + x] == at:
                now[Y_DP, x] = level + pressure[substation_node[x]] - pressure[nodes + substation_node[x]]
        if gave_way:
            changed = 1.0
        elif starved or (worst >= 0 and _held_back(at, island, sources, now, wanted)):
            changed = max(
                changed,
                relieve(
                    at, s, tree, reached, slope, whole, node, source, source_node, rows[I_EASE, at], starved, valve,
                    substation_node, island, now, sources_now, scratch,
                ),
            )  # fmt: skip
    return changed


@kernel
def _held_back(at: int, island: Array, sources: int, now: Array, wanted: Array) -> bool:
    """Return whether a valve of the island gets less than it wants, though pumps could do more."""
    held = 0
    for x in range(wanted.size):
        held += 1 if island[sources + x] == at and now[Y_FLOW, x] < wanted[x] * (1.0 - 1e-9) else 0
    return held > 0


@kernel
def finish(source: Array, density: float, wanted: Array, now: Array, sources_now: Array) -> None:
    """Write what share of its want each substation got, and the pumps' power [W]."""
    for x in range(wanted.size):
        now[Y_LIMIT, x] = min(now[Y_FLOW, x] / wanted[x], 1.0) if wanted[x] > 0.0 else 1.0
    for i in range(source.shape[1]):
        power = sources_now[O_FLOW, i] * sources_now[O_HEAD, i] / (density * source[O_PUMP_EFFICIENCY, i])
        sources_now[O_PUMP_W, i] = power
