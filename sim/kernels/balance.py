"""Who gets which flow: valves' wants, dispatch between sources, leaks, and what the pressure allows.

In each island one source holds the pressure: its pumps are set so that the worst-placed substation has what it needs.
The others inject their share. Where a pump would have to do more than it can, who gets what is for scarcity.py.
"""

from __future__ import annotations

import numpy as np

from .heat_compile import kernel
from .layout import (
    J_LEAK_NODE,
    L_LEAK,
    L_OUT,
    O_FLOW,
    O_HEAD,
    O_HEAD_MAX,
    O_MAKEUP,
    O_MAKEUP_MAX,
    O_PLAN,
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

__all__ = ["I_EASE", "begin", "finish", "go_on", "inject", "judge", "leaks", "sum_flows"]

FULL = 0.999  # share of its want with which a substation's shortage is over
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
        held = now[Y_LIMIT, x] < FULL
        now[Y_FLOW, x] = wanted[x] * (max(now[Y_LIMIT, x], LEAST_LIMIT) if held else 1.0)
        flowing += now[Y_FLOW, x]
    for i in range(sources):
        flowing += rows[I_LEAK_SUPPLY, i] + rows[I_LEAK_RETURN, i]
    if flowing > 0.0:
        return True
    for r in (O_FLOW, O_RETURN_FLOW, O_MAKEUP, O_HEAD, O_PUMP_W):
        sources_now[r] = 0.0
    sources_now[O_WORST] = -1.0
    now[Y_DP] = 0.0
    return False


@kernel
def go_on(scarce: float, island: Array, able_now: Array, sources_now: Array) -> None:
    """Begin with the shares that were planned, or, while pumps are at their head, with those of the step before."""
    sources = sources_now.shape[1]
    for at in range(sources):
        summed = 0.0
        for i in range(sources):
            if island[i] == at:
                gives = scarce > 0.0 and (sources_now[O_PLAN, i] > 0.0 or able_now[i] > 0.0)
                sources_now[O_SHARE, i] = sources_now[O_SHARE, i] if gives else 0.0
                summed += sources_now[O_SHARE, i]
        for i in range(sources):
            if island[i] == at:
                sources_now[O_SHARE, i] = sources_now[O_SHARE, i] / summed if summed > 0.0 else sources_now[O_PLAN, i]


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
        back = flow - sources_now[O_PLAN, i] * (rows[I_LEAK_SUPPLY, at] + rows[I_LEAK_RETURN, at])
        sources_now[O_FLOW, i] = flow
        sources_now[O_RETURN_FLOW, i] = back
        sources_now[O_MAKEUP, i] = flow - max(back, 0.0)
        draw[source_node[i]] -= flow
        draw[nodes + source_node[i]] += back
        throughput += flow
    return throughput


@kernel
def judge(
    islands: int, s: Array, source: Array, source_node: Array, valve: Array, substation_node: Array, island: Array,
    pressure: Array, rows: Array, wanted: Array, now: Array, sources_now: Array,
) -> int:  # fmt: skip
    """Set each island's pressure, so high that the worst-placed substation has what it needs, or as pumps can.

    Returns
    -------
    int
        Islands in which pumps cannot.
    """
    sources, nodes = source_node.size, pressure.size // 2
    starved = 0
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
            if island[i] == at and sources_now[O_FLOW, i] > 0.0:
                lift = pressure[source_node[i]] - pressure[nodes + source_node[i]]
                cap = min(cap, source[O_HEAD_MAX, i] * rows[I_EASE, at] - lift)
        if worst >= 0 and level > cap * (1.0 + 1e-9) + 1e-6:
            level = cap
            starved += 1
            for x in range(wanted.size):  # whoever gets the least of what is wanted
                if island[sources + x] == at and now[Y_FLOW, x] * wanted[worst] < now[Y_FLOW, worst] * wanted[x]:
                    worst = x
        for i in range(sources):
            if island[i] == at:
                sources_now[O_WORST, i] = worst
                head = level + pressure[source_node[i]] - pressure[nodes + source_node[i]]
                sources_now[O_HEAD, i] = max(head, 0.0) if sources_now[O_FLOW, i] > 0.0 else 0.0
        for x in range(wanted.size):
            if island[sources + x] == at:
                now[Y_DP, x] = level + pressure[substation_node[x]] - pressure[nodes + substation_node[x]]
    return starved


@kernel
def finish(source: Array, density: float, wanted: Array, now: Array, sources_now: Array) -> None:
    """Write what share of its want each substation got, and the pumps' power [W]."""
    for x in range(wanted.size):
        now[Y_LIMIT, x] = min(now[Y_FLOW, x] / wanted[x], 1.0) if wanted[x] > 0.0 else 1.0
    for i in range(source.shape[1]):
        power = sources_now[O_FLOW, i] * sources_now[O_HEAD, i] / (density * source[O_PUMP_EFFICIENCY, i])
        sources_now[O_PUMP_W, i] = power
