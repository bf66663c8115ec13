"""Who gets which flow: valves' wants, dispatch between sources, leaks, and what the pressure allows.

In each island one source holds the pressure: its pumps are set so that the worst-placed substation has what it needs.
The others inject their share. Where a pump would have to do more than it can, first the sources that have reached their
head give way to others, then the pressure is capped and open valves pass what their pressure difference drives.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .flows import pressures, rest, solve_side
from .layout import (
    B_WANT, D_DRAW, J_LEAK_NODE, K_LEAKS, K_TIME, L_DENSITY, L_LEAK, L_OUT, N_PRESSURE, NODES, O_BACK_OFF, O_FLOW,
    O_HEAD, O_HEAD_MAX, O_MAKEUP, O_MAKEUP_MAX, O_PUMP_EFFICIENCY, O_PUMP_W, O_RETURN_FLOW, O_SHARE, O_WORST, PIPES,
    PRESSURE_UNSETTLED, S_DP_MIN, SOURCES, SUBSTATIONS, T_PART, X_VALVE, Y_DP, Y_FLOW, Y_LIMIT,
)  # fmt: skip
from .sources import share_out

__all__ = ["balance"]

TRIES = 60  # a limited network settles in 3 to 10
SETTLED = 1e-3  # change of a substation's flow, as a share of what it wants
GIVE_WAY = 12  # tries in which sources may still give way to others
RECOVER = 1.05  # by which a source that gave way takes its share back per step


@njit(cache=True)
def balance(plant, state, work):
    """Find all flows and pressures of a step from the flows that valves look for (``work.substation[B_WANT]``).

    Writes flows and pressure differences of substations, flows, heads and pump powers of sources, pipe flows and losses,
    and the leaks' outflow. Never hangs: after TRIES the last answer stands (it obeys continuity) and ``state.trouble``
    says so.
    """
    sources, substations = plant.size[SOURCES], plant.size[SUBSTATIONS]
    now, row = state.substation, state.source
    total, leak_supply, leak_return, ease = work.loop_source[0], work.loop_source[1], work.loop_source[2], work.loop_source[3]
    _leaks(leak_supply, leak_return, ease, plant, state)
    any_flow = False
    for x in range(substations):
        if state.island[sources + x] < 0:
            work.substation[B_WANT, x] = 0.0
        now[Y_FLOW, x] = work.substation[B_WANT, x] * now[Y_LIMIT, x]
        any_flow = any_flow or now[Y_FLOW, x] > 0.0
    for i in range(sources):
        row[O_BACK_OFF, i] = min(1.0, row[O_BACK_OFF, i] * RECOVER)
        any_flow = any_flow or leak_supply[i] + leak_return[i] > 0.0
    if not any_flow:
        _stand_still(plant, state)
        return
    for attempt in range(TRIES):
        _inject(total, leak_supply, leak_return, plant, state, work)
        throughput = 0.0
        for i in range(sources):
            throughput += row[O_FLOW, i]
        solve_side(0, throughput, plant, state, work)
        solve_side(1, throughput, plant, state, work)
        pressures(0, plant, state)
        pressures(1, plant, state)
        changed, gave_way = _judge(attempt < GIVE_WAY, ease, plant, state, work)
        if changed <= SETTLED and not gave_way:
            break
        if attempt == TRIES - 1:
            state.trouble[0] = PRESSURE_UNSETTLED
            state.trouble[1] = np.int64(state.clock[K_TIME])
            state.trouble[2] = np.int64(row[O_WORST, 0])
    for x in range(substations):
        wanted = work.substation[B_WANT, x]
        now[Y_LIMIT, x] = min(now[Y_FLOW, x] / wanted, 1.0) if wanted > 0.0 else 1.0
    density = state.pipe[L_DENSITY, 0]
    for i in range(sources):
        row[O_PUMP_W, i] = row[O_FLOW, i] * row[O_HEAD, i] / (density * plant.source[O_PUMP_EFFICIENCY, i])


@njit(cache=True)
def _stand_still(plant, state):
    rest(plant, state)
    for i in range(plant.size[SOURCES]):
        for r in (O_FLOW, O_RETURN_FLOW, O_MAKEUP, O_HEAD, O_PUMP_W):
            state.source[r, i] = 0.0
        state.source[O_WORST, i] = -1.0
    for x in range(plant.size[SUBSTATIONS]):
        state.substation[Y_DP, x] = 0.0


@njit(cache=True)
def _leaks(supply, back, ease, plant, state):
    """Sum the leaks of each island; no more can leave than is made up, and a system losing more loses its head too."""
    sources, pipes = plant.size[SOURCES], plant.size[PIPES]
    for i in range(sources):
        supply[i] = 0.0
        back[i] = 0.0
        ease[i] = 1.0
    if state.clock[K_LEAKS] == 0.0:
        return
    for e in range(2 * pipes):
        state.pipe[L_OUT, e] = 0.0
        if state.pipe[L_LEAK, e] > 0.0:
            side = e // pipes
            part = state.tree[T_PART, state.pipe_int[J_LEAK_NODE, e]]
            if part >= 0:
                island = state.part_island[side, part]
                state.pipe[L_OUT, e] = state.pipe[L_LEAK, e]
                if side == 0:
                    supply[island] += state.pipe[L_LEAK, e]
                else:
                    back[island] += state.pipe[L_LEAK, e]
    for island in range(sources):
        if supply[island] + back[island] > 0.0:
            most = 0.0
            for i in range(sources):
                if state.island[i] == island:
                    most += plant.source[O_MAKEUP_MAX, i]
            ease[island] = min(1.0, most / (supply[island] + back[island]))
            supply[island] *= ease[island]
            back[island] *= ease[island]
    for e in range(2 * pipes):
        if state.pipe[L_OUT, e] > 0.0:
            part = state.tree[T_PART, state.pipe_int[J_LEAK_NODE, e]]
            state.pipe[L_OUT, e] *= ease[state.part_island[e // pipes, part]]


@njit(cache=True)
def _inject(total, leak_supply, leak_return, plant, state, work):
    """Write every node's withdrawal on both sides, and the sources' flows, from the substations' flows."""
    sources, nodes = plant.size[SOURCES], plant.size[NODES]
    draw, row = work.node[D_DRAW], state.source
    draw[:] = 0.0
    for i in range(sources):
        total[i] = 0.0
    for x in range(plant.size[SUBSTATIONS]):
        flow = state.substation[Y_FLOW, x]
        if flow > 0.0:
            total[state.island[sources + x]] += flow
            draw[plant.substation_node[x]] += flow
            draw[nodes + plant.substation_node[x]] -= flow
    if state.clock[K_LEAKS] > 0.0:
        for e in range(state.pipe.shape[1]):
            if state.pipe[L_OUT, e] > 0.0:
                draw[state.pipe_int[J_LEAK_NODE, e]] += state.pipe[L_OUT, e]
    share_out(total, plant, state, work)
    for i in range(sources):
        island = state.island[i]
        row[O_FLOW, i] = row[O_SHARE, i] * (total[island] + leak_supply[island])
        row[O_RETURN_FLOW, i] = row[O_SHARE, i] * (total[island] - leak_return[island])
        row[O_MAKEUP, i] = row[O_FLOW, i] - max(row[O_RETURN_FLOW, i], 0.0)
        draw[plant.source_node[i]] -= row[O_FLOW, i]
        draw[nodes + plant.source_node[i]] += row[O_RETURN_FLOW, i]


@njit(cache=True)
def _judge(may_give_way, ease, plant, state, work):
    """Set each island's pressure; where pumps do not reach, let sources give way or valves pass less.

    Returns
    -------
    changed : float
        Largest change of a substation's flow as a share of what it wants.
    gave_way : bool
        Whether a source's share was changed.
    """
    sources, nodes = plant.size[SOURCES], plant.size[NODES]
    pressure, now, row = state.node[N_PRESSURE], state.substation, state.source
    changed = 0.0
    gave_way = False
    for island in range(sources):
        level = 0.0  # supply less return pressure at the roots
        worst = -1
        served = False
        for x in range(plant.size[SUBSTATIONS]):
            if state.island[sources + x] != island or work.substation[B_WANT, x] <= 0.0:
                continue
            node = plant.substation_node[x]
            valve = work.substation[B_WANT, x] / plant.substation[X_VALVE, x]
            needed = max(plant.setting[S_DP_MIN], valve * valve) - pressure[node] + pressure[nodes + node]
            if not served or needed > level:
                level = max(needed, 0.0)
                worst = x
            served = True
        cap = np.inf
        highest = -np.inf
        for i in range(sources):
            if state.island[i] == island:
                row[O_WORST, i] = worst
                node = plant.source_node[i]
                lift = pressure[node] - pressure[nodes + node]
                if row[O_FLOW, i] > 0.0:
                    cap = min(cap, plant.source[O_HEAD_MAX, i] * ease[island] - lift)
                    highest = max(highest, lift)
        capped = served and level > cap * (1.0 + 1e-9) + 1e-6
        if capped and may_give_way and _give_way(island, level, ease[island], plant, state):
            gave_way = True
        if capped:
            level = cap
        for i in range(sources):
            if state.island[i] == island:
                node = plant.source_node[i]
                head = level + pressure[node] - pressure[nodes + node]
                row[O_HEAD, i] = max(head, 0.0) if row[O_FLOW, i] > 0.0 else 0.0
        for x in range(plant.size[SUBSTATIONS]):
            if state.island[sources + x] == island:
                node = plant.substation_node[x]
                now[Y_DP, x] = level + pressure[node] - pressure[nodes + node]
        if served and not gave_way:
            changed = max(changed, _throttle(island, level + highest, plant, state, work))
    return changed, gave_way


@njit(cache=True)
def _give_way(island, level, ease, plant, state):
    """Reduce the share of sources beyond their head if others have head to spare; return whether any was reduced."""
    nodes, row, pressure = plant.size[NODES], state.source, state.node[N_PRESSURE]
    spare = False
    for i in range(plant.size[SOURCES]):
        if state.island[i] == island and row[O_FLOW, i] > 0.0:
            node = plant.source_node[i]
            head = level + pressure[node] - pressure[nodes + node]
            spare = spare or head < 0.95 * ease * plant.source[O_HEAD_MAX, i]
    if not spare:
        return False
    reduced = False
    for i in range(plant.size[SOURCES]):
        if state.island[i] == island and row[O_FLOW, i] > 0.0:
            node = plant.source_node[i]
            head = level + pressure[node] - pressure[nodes + node]
            most = ease * plant.source[O_HEAD_MAX, i]
            if head > most:
                row[O_BACK_OFF, i] *= max(most / head, 0.7)
                reduced = True
    return reduced


@njit(cache=True)
def _throttle(island, head, plant, state, work):
    """Move the flow of substations short of pressure to what their open valve passes; return the largest change.

    The path from the source and the valve are resistances in series: if both went with the square of one flow, the step
    ``flow * sqrt(head / (loss of path + loss of valve))`` would be exact.
    """
    sources, now = plant.size[SOURCES], state.substation
    largest = 0.0
    for x in range(plant.size[SUBSTATIONS]):
        wanted = work.substation[B_WANT, x]
        if state.island[sources + x] != island or wanted <= 0.0:
            continue
        flow = now[Y_FLOW, x]
        valve = flow / plant.substation[X_VALVE, x]
        path = max(head - now[Y_DP, x], 0.0)
        if flow >= wanted and now[Y_DP, x] >= valve * valve * (1.0 - 1e-9):
            continue
        new = flow * np.sqrt(max(head, 0.0) / max(path + valve * valve, 1e-9))
        new = min(max(new, 0.3 * flow), 3.0 * flow + 1e-6 * wanted, wanted)
        largest = max(largest, abs(new - flow) / wanted)
        now[Y_FLOW, x] = new
    return largest
