"""Hour after hour in steady state, each from the hour before: what a season is without delay.

The same equations as steady.py, for substations that take a heat at a return temperature, arranged for speed. Flows do
not wait for pressures on a tree and the return never tells the supply anything, so the supply alone is iterated, from
last hour's answer scaled; the return and the pressures follow once. What is mixed keeps its enthalpy, heat capacity
taken as straight in temperature within an hour's side (of water, 1e-6 K).
"""

from __future__ import annotations

import numpy as np

from .courses import put_in_order
from .flows import correct, pressures, sweep
from .friction import ENTRIES, ROOT_STEP, losses
from .heat_compile import keeping, kernel, row_kernel
from .layout import (
    I_TABLE,
    J_DOWN,
    J_ORDER,
    J_UP,
    L_CREEP,
    L_DRAG,
    L_DROP,
    L_FLOW,
    L_REYNOLDS,
    N_PRESSURE,
    N_TEMPERATURE,
    P_DROP,
    P_RE,
    P_SLENDER,
    P_ZETA,
    Q_CHORDS,
    Q_NODES,
    Q_ORDERED,
    Q_SEGMENTS,
    W_SLOPE,
    Array,
    Plant,
    State,
    Work,
)
from .steady import F_CAPACITY, F_DENSITY, F_VISCOSITY, FLUID_CELLS, FLUID_STEP_K, at

__all__ = ["R_FLOW", "R_HEAT", "R_LEAST_DP", "R_RETURN", "settle_hours"]

# result, shape (hour, 4): heat [W] and flow [kg/s] of all sources, return temperature by flow [degC], least pressure
# difference at a substation over that between the first source's terminals [Pa]
R_HEAT, R_FLOW, R_RETURN, R_LEAST_DP = range(4)
ROUNDS = 40
RETURN_ROUNDS = 8
SETTLED = 1e-6  # of the throughput: the error that Newton's step leaves is about its square


@keeping
def settle_hours(
    plant: Plant, state: State, work: Work, static: Array, fluid: Array, loss_w_k: Array, ground_c: Array,
    heat_w: Array, return_c: Array, share: Array, supply_c: Array, load: Array, tolerance_k: float, mean_c: Array,
    result: Array, node_c: Array, node_pa: Array, flow_kg_s: Array,
) -> int:  # fmt: skip
    """Settle hour after hour, pressures not limited.

    Parameters
    ----------
    plant, state, work : tuples of layout.py
        The network; node temperatures are where the first hour starts from.
    static : array, shape (8, 2 pipe)
        ``Plant.pipe``.
    fluid : array
        From ``steady.fluid_table``.
    loss_w_k, ground_c : arrays, shape (2 pipe,)
        Heat loss of the whole pipe [W/K], temperature round it [degC].
    heat_w, return_c : arrays, shape (substation,)
        Heat at full load [W]; temperature returned [degC].
    share : array, shape (source,)
        Share of its island's flow [-].
    supply_c, load : arrays, shape (hour,)
        Supply temperature of all sources [degC]; heat over `heat_w` [-].
    tolerance_k : float
        An hour has settled when no substation's supply changes by more; some tenth of it is left [K].
    mean_c : array, shape (2 pipe,)
        Pipes' mean temperatures, improved from what they are [degC].
    result : array, shape (hour, 4), out
        Columns R_*.
    node_c, node_pa : arrays, shape (hour, 2 node) or (0, 0), out
        Temperatures [degC] and pressures over those of the part's first source [Pa]; none are kept where empty.
    flow_kg_s : array, shape (hour, 2 pipe) or (0, 0), out
        Pipes' flows [kg/s].

    Returns
    -------
    int
        Hours that did not settle, or in which a supply was no warmer than the return asked for.
    """
    sources, substations = plant.source_node.size, plant.substation_node.size
    nodes, pipes = state.node.shape[1] // 2, plant.pipe_int.shape[1] // 2
    temperature, pressure, flow = state.node[N_TEMPERATURE], state.node[N_PRESSURE], state.pipe[L_FLOW]
    draw, total, mass, heat = work.node[0], work.node[1], work.node[2], work.node[3]
    capacity, factor = np.empty(2 * pipes), np.empty(2 * pipes)
    capacity_back, wanted, arrives = np.empty(substations), np.zeros(substations), np.empty(substations)
    by_island, outlet = np.zeros(sources), np.zeros(sources)
    for x in range(substations):
        capacity_back[x] = at(fluid[F_CAPACITY], return_c[x])
        arrives[x] = temperature[plant.substation_node[x]]
    unsettled, before_c, before_load, before_flow = 0, 0.0, 0.0, 0.0
    for h in range(supply_c.size):
        if h > 0:
            _predict(supply_c[h], before_c, load[h] / max(before_load, 1e-12), ground_c[0], return_c, arrives)
        changed, moved, throughput = np.inf, np.inf, 0.0
        rounds = 0
        while rounds < ROUNDS and not (changed <= tolerance_k and moved <= SETTLED * throughput):
            rounds += 1
            cold = _want(load[h], fluid[F_CAPACITY], heat_w, return_c, capacity_back, arrives, wanted)
            throughput = _draw(plant, state.island, share, wanted, by_island, outlet, draw)
            if rounds == 1 and before_flow > 0.0:
                state.chord_flow[:] *= throughput / before_flow
            mass[:] = 0.0
            heat[:] = 0.0
            bend = _bend(fluid[F_CAPACITY], supply_c[h])
            for i in range(sources):
                n = plant.source_node[i]
                mass[n] = mass[n] + outlet[i]
                heat[n] += outlet[i] * (supply_c[h] + 0.5 * bend * supply_c[h] * supply_c[h])
            moved = _flow_side(0, plant, state, work, static, fluid, mean_c, draw, total, mass)
            _carry(
                0, state.counts[Q_ORDERED, 0], bend, fluid[F_CAPACITY], loss_w_k, ground_c, flow, state.pipe_int, heat,
                mass, temperature, mean_c, capacity, factor,
            )  # fmt: skip
            changed = _arrive(plant.substation_node, temperature, arrives)
        back_moved = np.inf
        for _ in range(RETURN_ROUNDS):
            mass[nodes:] = 0.0
            heat[nodes:] = 0.0
            bend = _bend(fluid[F_CAPACITY], return_c.mean())
            for x in range(substations):
                n = nodes + plant.substation_node[x]
                mass[n] += wanted[x]
                heat[n] += wanted[x] * (return_c[x] + 0.5 * bend * return_c[x] * return_c[x])
            back_moved = _flow_side(1, plant, state, work, static, fluid, mean_c, draw, total, mass)
            _carry(
                1, state.counts[Q_ORDERED, 1], bend, fluid[F_CAPACITY], loss_w_k, ground_c, flow, state.pipe_int, heat,
                mass, temperature, mean_c, capacity, factor,
            )  # fmt: skip
            if back_moved <= SETTLED * throughput:
                break
        moved = max(moved, back_moved)
        settled = changed <= tolerance_k and moved <= SETTLED * throughput
        unsettled += 0 if settled and cold == 0 else 1
        _lose(plant, static, fluid, mean_c, state.pipe, work.pipe[W_SLOPE])
        for side in range(2):
            pressures(side, state.tree, state.counts[Q_NODES, side], state.pipe[L_DROP], pressure)
        result[h] = 0.0
        for i in range(sources):
            back = temperature[nodes + plant.source_node[i]]
            mean = 0.5 * (at(fluid[F_CAPACITY], supply_c[h]) + at(fluid[F_CAPACITY], back))
            result[h, R_HEAT] += outlet[i] * mean * (supply_c[h] - back)
            result[h, R_FLOW] += outlet[i]
            result[h, R_RETURN] += outlet[i] * back / max(throughput, 1e-12)
        result[h, R_LEAST_DP] = np.inf
        for x in range(substations):
            n = plant.substation_node[x]
            result[h, R_LEAST_DP] = min(result[h, R_LEAST_DP], pressure[n] - pressure[nodes + n])
        if node_c.size > 0:
            _keep(temperature, node_c[h])
        if node_pa.size > 0:
            _keep(pressure, node_pa[h])
        if flow_kg_s.size > 0:
            _keep(flow, flow_kg_s[h])
        before_c, before_load, before_flow = supply_c[h], load[h], throughput
    return unsettled


@row_kernel
def _keep(values: Array, row: Array) -> None:
    for n in range(values.size):
        row[n] = values[n]


@row_kernel
def _predict(supply_c: float, before_c: float, load: float, ground_c: float, return_c: Array, arrives: Array) -> None:
    """Guess what arrives at substations: last hour's drop, over the flow and with the supply's excess."""
    excess = (supply_c - ground_c) / (before_c - ground_c)
    for x in range(arrives.size):
        drop = before_c - arrives[x]
        more = load * (before_c - drop - return_c[x]) / max(supply_c - drop - return_c[x], 1.0)
        arrives[x] = supply_c - drop * excess / max(more, 0.1)


@row_kernel
def _want(
    load: float, capacity: Array, heat_w: Array, return_c: Array, capacity_back: Array, arrives: Array, wanted: Array
) -> int:
    """Write the flow that carries each substation's heat, by the mean of the heat capacities at both temperatures."""
    cold = 0
    for x in range(wanted.size):
        place = min(max(arrives[x] * (1.0 / FLUID_STEP_K), 0.0), FLUID_CELLS - 1e-9)
        cell = np.int64(place)
        mean = 0.5 * (capacity[cell] + (capacity[cell + 1] - capacity[cell]) * (place - cell) + capacity_back[x])
        cold += 1 if arrives[x] - return_c[x] < 0.5 else 0
        wanted[x] = load * heat_w[x] / (mean * max(arrives[x] - return_c[x], 0.5))
    return cold


@kernel
def _draw(
    plant: Plant, island: Array, share: Array, wanted: Array, by_island: Array, outlet: Array, draw: Array
) -> float:
    """Write what each node draws and each source gives [kg/s]; return the throughput."""
    nodes, sources = draw.size // 2, outlet.size
    draw[:] = 0.0
    by_island[:] = 0.0
    for x in range(wanted.size):
        if island[sources + x] < 0:
            wanted[x] = 0.0
            continue
        by_island[island[sources + x]] += wanted[x]
        draw[plant.substation_node[x]] += wanted[x]
        draw[nodes + plant.substation_node[x]] -= wanted[x]
    throughput = 0.0
    for i in range(sources):
        outlet[i] = share[i] * by_island[island[i]]
        draw[plant.source_node[i]] -= outlet[i]
        draw[nodes + plant.source_node[i]] += outlet[i]
        throughput += outlet[i]
    return throughput


@kernel
def _bend(capacity: Array, near_c: float) -> float:
    """Return the heat capacity's slope over its value at 0 degC, taken straight through +-15 K of a temperature."""
    low, high = at(capacity, near_c - 15.0), at(capacity, near_c + 15.0)
    slope = (high - low) / 30.0
    return slope / (0.5 * (low + high) - slope * near_c)


@kernel
def _flow_side(
    side: int, plant: Plant, state: State, work: Work, static: Array, fluid: Array, mean_c: Array, draw: Array,
    total: Array, mass: Array,
) -> float:  # fmt: skip
    """Bring one side's flows nearer by a step of Newton's, and put its pipes in their order; return the largest move.

    One step only [kg/s]: temperatures, from which draws and frictions come, are not settled before the flows are.
    Friction is looked up where there are loops only.
    """
    flow, chords = state.pipe[L_FLOW], state.counts[Q_CHORDS, side]
    sweep(
        side, draw, total, plant.pipe_int, state.tree, state.counts[Q_NODES, side], state.chord, state.chord_flow,
        chords, flow,
    )  # fmt: skip
    moved = 0.0
    if chords > 0:
        segments = state.counts[Q_SEGMENTS, side]
        on_loops, drop, slope = state.loop_pipe[side, 0], state.pipe[L_DROP], work.pipe[W_SLOPE]
        count = state.segment[side, 0, segments]
        for j in range(count):
            e = on_loops[j]
            viscosity = at(fluid[F_VISCOSITY], mean_c[e])
            state.pipe[L_REYNOLDS, e] = static[P_RE, e] / viscosity
            state.pipe[L_DRAG, e] = static[P_DROP, e] / at(fluid[F_DENSITY], mean_c[e])
        _loop_losses(count, on_loops, plant.pipe_int[I_TABLE], static, plant.friction, state.pipe, drop, slope)
        moved, _ = correct(
            False, np.inf, chords, segments, on_loops, state.loop_pipe[side, 1], state.segment[side, 0],
            state.segment[side, 1], state.member[side, 0], state.member[side, 1], flow, drop, slope,
            state.chord_flow[side], work.loop,
        )  # fmt: skip
    put_in_order(
        side, flow, plant.pipe_int, plant.near_start, plant.near, state.pipe_int, state.counts, state.tree,
        work.mark, mass,
    )  # fmt: skip
    return moved


@kernel
def _loop_losses(
    count: int, on_loops: Array, table: Array, static: Array, cells: Array, pipe: Array, drop: Array, slope: Array
) -> None:
    """Write the pressure losses of the pipes on loops, and their slopes: as friction.losses does for all."""
    flow = pipe[L_FLOW]
    for j in range(count):
        e = on_loops[j]
        flowing, reynolds_per, drag = abs(flow[e]), pipe[L_REYNOLDS, e], pipe[L_DRAG, e]
        root = np.sqrt(np.sqrt(flowing * reynolds_per)) * (1.0 / ROOT_STEP)
        cell = min(np.int64(root), ENTRIES - 2)
        left = cells[table[e] * ENTRIES + cell]
        rise = cells[table[e] * ENTRIES + cell + 1] - left
        slender = static[P_SLENDER, e]
        resistance = (left + rise * (root - cell)) * slender + static[P_ZETA, e]
        drop[e] = drag * flowing * resistance * flow[e]
        steep = drag * flowing * (2.0 * resistance + 0.25 * root * rise * slender)
        slope[e] = max(steep, 64.0 * drag * slender / reynolds_per)


@kernel
def _lose(plant: Plant, static: Array, fluid: Array, mean_c: Array, pipe: Array, slope: Array) -> None:
    """Write every pipe's pressure loss at its mean temperature."""
    _per_flow(
        static[P_RE], static[P_DROP], static[P_SLENDER], fluid[F_DENSITY], fluid[F_VISCOSITY], mean_c,
        pipe[L_REYNOLDS], pipe[L_DRAG], pipe[L_CREEP],
    )  # fmt: skip
    losses(
        pipe[L_FLOW], pipe[L_REYNOLDS], pipe[L_DRAG], pipe[L_CREEP], static[P_SLENDER], static[P_ZETA],
        plant.pipe_int[I_TABLE], plant.friction, pipe[L_DROP], slope,
    )  # fmt: skip


@row_kernel
def _per_flow(
    re: Array, dynamic: Array, slender: Array, density: Array, viscosity: Array, mean_c: Array, reynolds_per: Array,
    drag: Array, creep: Array,
) -> None:  # fmt: skip
    for e in range(mean_c.size):
        place = min(max(mean_c[e] * (1.0 / FLUID_STEP_K), 0.0), FLUID_CELLS - 1e-9)
        cell = np.int64(place)
        part = place - cell
        reynolds_per[e] = re[e] / (viscosity[cell] + (viscosity[cell + 1] - viscosity[cell]) * part)
        drag[e] = dynamic[e] / (density[cell] + (density[cell + 1] - density[cell]) * part)
        creep[e] = 64.0 * drag[e] * slender[e] / reynolds_per[e]


@row_kernel
def _factors(capacity: Array, loss_w_k: Array, flow: Array, mean_c: Array, factor: Array) -> None:
    """Write exp(-U L / (m cp)) by Pade's approximant of a sixteenth of the exponent (1e-9 up to 4)."""
    for e in range(flow.size):
        place = min(max(mean_c[e] * (1.0 / FLUID_STEP_K), 0.0), FLUID_CELLS - 1e-9)
        cell = np.int64(place)
        cp = capacity[cell] + (capacity[cell + 1] - capacity[cell]) * (place - cell)
        y = min(loss_w_k[e] / max(abs(flow[e]) * cp, 1e-12), 48.0) * (1.0 / 16.0)
        even, odd = 120.0 + 12.0 * y * y, y * (60.0 + y * y)
        f = (even - odd) / (even + odd)
        f *= f
        f *= f
        f *= f
        factor[e] = f * f


@kernel
def _carry(
    side: int, ordered: int, bend: float, cp: Array, loss_w_k: Array, ground_c: Array, flow: Array, whole: Array,
    heat: Array, mass: Array, temperature: Array, mean_c: Array, capacity: Array, factor: Array,
) -> None:  # fmt: skip
    """Carry heat along one side in flow order.

    `mass` holds each node's whole inflow; `heat` what is put into it from outside, as mass times temperature and half
    `bend` times its square.
    """
    pipes, nodes = flow.size // 2, temperature.size // 2
    low, high = side * pipes, (side + 1) * pipes
    _factors(cp, loss_w_k[low:high], flow[low:high], mean_c[low:high], factor[low:high])
    up, down, order = whole[J_UP], whole[J_DOWN], whole[J_ORDER]
    for k in range(low, low + ordered):
        e = order[k]
        n, to = up[e], down[e]
        if heat[n] != 0.0:
            y = heat[n] / mass[n]
            temperature[n] = 2.0 * y / (1.0 + np.sqrt(1.0 + 2.0 * bend * y))
            heat[n] = 0.0
        enters, ground, flowing = temperature[n], ground_c[e], abs(flow[e])
        leaves = ground + (enters - ground) * factor[e]
        mean_c[e] = 0.5 * (enters + leaves)
        if mass[to] == flowing:  # nothing else comes in
            temperature[to] = leaves
        else:
            heat[to] += flowing * (leaves + 0.5 * bend * leaves * leaves)
    for n in range(side * nodes, (side + 1) * nodes):
        if heat[n] != 0.0:
            y = heat[n] / mass[n]
            temperature[n] = 2.0 * y / (1.0 + np.sqrt(1.0 + 2.0 * bend * y))
            heat[n] = 0.0


@kernel
def _arrive(substation_node: Array, temperature: Array, arrives: Array) -> float:
    """Write what arrives at the substations; return the largest change [K]."""
    largest = 0.0
    for x in range(arrives.size):
        now = temperature[substation_node[x]]
        largest = max(largest, abs(now - arrives[x]))
        arrives[x] = now
    return largest
