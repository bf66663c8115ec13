"""The steady state of a network: flows, pressures and temperatures of both sides that belong to one set of loads.

The fixed point of three things: each substation's flow from its heat and its temperatures; the flows of the network
(``flows.solve_side``); and the temperatures that these flows carry along pipes with exact exponential loss,

    T_out = T_ground + (T_in - T_ground) exp(-U L / (m cp)),

cp at the mean of inlet and outlet. Water's properties are tables over temperature; heat is booked as enthalpy, so that
source heat = heat of substations + losses to round-off at the fixed point, whatever cp does.
"""

from __future__ import annotations

import numpy as np

from .courses import put_in_order
from .flows import pressures, solve_side
from .heat_compile import keeping, kernel
from .layout import (
    J_DOWN,
    J_ORDER,
    J_UP,
    L_CREEP,
    L_DRAG,
    L_DROP,
    L_FLOW,
    L_RAISED,
    L_REYNOLDS,
    N_PRESSURE,
    N_TEMPERATURE,
    P_DROP,
    P_RE,
    P_SLENDER,
    Q_NODES,
    Q_ORDERED,
    Array,
    Plant,
    State,
    Work,
)  # fmt: skip

__all__ = [
    "D_DROP", "D_FLOW", "D_HEAT", "D_RETURN", "E_FLOW", "E_HEAT", "E_RETURN", "E_SHARE",
    "E_SUPPLY", "F_CAPACITY", "F_DENSITY", "F_ENTHALPY", "F_VISCOSITY", "NOT_SETTLED", "SETTLED", "SHORT_OF_HEAT",
    "SHORT_OF_PRESSURE", "V_COLD", "V_FLOW", "V_HEAT", "V_LIMIT", "V_RETURN", "V_SUPPLY", "V_WANT", "at", "fluid_table",
    "settle",
]  # fmt: skip

SETTLED, SHORT_OF_PRESSURE, SHORT_OF_HEAT, NOT_SETTLED = range(4)
# duty, shape (4, substation): heat [W], return temperature [degC], temperature drop [K], flow [kg/s]; NaN where it is
# left to the solver
D_HEAT, D_RETURN, D_DROP, D_FLOW = range(4)
# at substations: supply and return temperature [degC], flow [kg/s], heat [W], share of the flow wanted that the
# pressure allows [-], flow wanted [kg/s], 1 where the supply is too cold for what is asked
V_SUPPLY, V_RETURN, V_FLOW, V_HEAT, V_LIMIT, V_WANT, V_COLD = range(7)
# at sources: supply temperature [degC], share of its island's flow [-], return temperature [degC], flow [kg/s],
# heat [W]
E_SUPPLY, E_SHARE, E_RETURN, E_FLOW, E_HEAT = range(5)
# fluid, shape (4, FLUID_CELLS + 1): density [kg/m3], heat capacity [J/(kg K)], dynamic viscosity [Pa s],
# enthalpy [J/kg] at even steps of temperature
F_DENSITY, F_CAPACITY, F_VISCOSITY, F_ENTHALPY = range(4)
FLUID_CELLS, FLUID_STEP_K = 600, 0.25  # 0 to 150 degC
GRAVITY = 9.80665  # [m/s2]
LEAST_DIFFERENCE_K = 0.5  # a substation whose supply is no warmer than this over its return gets no more flow
ROUNDS = 100
STEEPEST = 50.0  # flow asked less for a kilogram more that flows [-]
PATIENT, CALM = 10, 0.3  # rounds after which only a part of the way is gone, where flows swing


def fluid_table(density: Array, capacity: Array, viscosity: Array) -> Array:
    """Return a fluid's table from its properties at ``FLUID_STEP_K * (0 … FLUID_CELLS)`` degC.

    Parameters
    ----------
    density, capacity, viscosity : arrays, shape (FLUID_CELLS + 1,)
        [kg/m3], [J/(kg K)], dynamic [Pa s].
    """
    enthalpy = np.concatenate([[0.0], np.cumsum(0.5 * (capacity[1:] + capacity[:-1]) * FLUID_STEP_K)])
    return np.array([density, capacity, viscosity, enthalpy])


@kernel
def at(row: Array, temperature_c: float) -> float:
    """Return a property at a temperature, linear between the table's entries."""
    place = min(max(temperature_c * (1.0 / FLUID_STEP_K), 0.0), FLUID_CELLS - 1e-9)
    cell = int(place)
    value: float = row[cell] + (row[cell + 1] - row[cell]) * (place - cell)
    return value


@kernel
def _enthalpy(fluid: Array, temperature_c: float) -> float:
    """Return the enthalpy over that of 0 degC [J/kg]: the exact integral of the heat capacity, constant beyond it."""
    place = min(max(temperature_c * (1.0 / FLUID_STEP_K), 0.0), FLUID_CELLS - 1e-9)
    cell = int(place)
    over = (place - cell) * FLUID_STEP_K
    first = fluid[F_CAPACITY, cell]
    rise = (fluid[F_CAPACITY, cell + 1] - first) / FLUID_STEP_K
    beyond = temperature_c - place * FLUID_STEP_K
    value: float = fluid[F_ENTHALPY, cell] + over * (first + 0.5 * rise * over) + beyond * (first + rise * over)
    return value


@kernel
def _temperature(fluid: Array, enthalpy: float, guess_c: float) -> float:
    """Return the temperature of an enthalpy by Newton's method from a guess near it [degC]."""
    t = guess_c
    for _ in range(3):
        t -= (_enthalpy(fluid, t) - enthalpy) / at(fluid[F_CAPACITY], t)
    return t


@kernel
def _per_kg(fluid: Array, ends: bool, supply_c: float, return_c: float) -> float:
    """Return the heat of a kilogram between two temperatures [J/kg]: its enthalpy, or by the mean of the ends' cp."""
    if ends:
        mean = 0.5 * (at(fluid[F_CAPACITY], supply_c) + at(fluid[F_CAPACITY], return_c))
        return mean * (supply_c - return_c)
    return _enthalpy(fluid, supply_c) - _enthalpy(fluid, return_c)


@kernel
def _nearer(asked: float, had: float, before: Array) -> float:
    """Return a flow nearer to what is asked where `had` flows, and keep both in `before` [kg/s].

    More flow arrives warmer, and then less of it is asked: taken as asked, flows would swing ever further where the
    water cools much on its way. So they go only as far as the last two rounds say that the two will meet.
    """
    weight = before[2]
    if not np.isnan(before[0]) and abs(had - before[1]) > 1e-9 * had:
        slope = (asked - before[0]) / (had - before[1])
        weight = 1.0 / (1.0 - min(max(slope, -STEEPEST), 0.0))
    before[0], before[1], before[2] = asked, had, weight
    nearer: float = had + weight * (asked - had)
    return nearer


@kernel
def _want(fluid: Array, ends: bool, duty: Array, now: Array, before: Array) -> float:
    """Write each substation's flow, heat and return temperature from its duty, and whether its supply is too cold.

    Of heat, flow and return temperature (or drop) two are given and the third follows. Water returns no colder than
    0 degC, and no warmer than it came unless heat is put in: where that cannot be, or the supply is hardly warmer than
    the return asked for, the heat is what the water can give.

    Returns
    -------
    float
        Largest difference of a flow from what was asked, as a share of it times the temperature drop [K].
    """
    off = 0.0
    for x in range(duty.shape[1]):
        heat, back, drop, flow = duty[D_HEAT, x], duty[D_RETURN, x], duty[D_DROP, x], duty[D_FLOW, x]
        supply = now[V_SUPPLY, x]
        if not np.isnan(drop):
            back = supply - drop
        if np.isnan(back):  # heat and flow
            asked = flow
            given = min(heat, max(flow * _enthalpy(fluid, supply), 0.0))
            cold = given < heat
            back = _temperature(fluid, _enthalpy(fluid, supply) - given / max(flow, 1e-12), supply - 20.0)
            for _ in range(4 if ends else 0):  # the mean of the ends' heat capacities hardly depends on the return
                mean = 0.5 * (at(fluid[F_CAPACITY], supply) + at(fluid[F_CAPACITY], back))
                back = supply - given / max(flow, 1e-12) / mean
        else:
            per_kg, least = _per_kg(fluid, ends, supply, back), LEAST_DIFFERENCE_K * at(fluid[F_CAPACITY], back)
            cold = np.isnan(flow) and per_kg < least
            asked = max(heat, 0.0) / max(per_kg, least) if np.isnan(flow) else flow
            can = min(max(back, 0.0), supply)
            cold |= can != back
            back = can
        now[V_COLD, x] = 1.0 if cold and asked > 0.0 else 0.0
        now[V_WANT, x] = _nearer(asked, now[V_WANT, x], before[x]) if now[V_WANT, x] > 0.0 < asked else asked
        if asked > 0.0:
            off = max(off, abs(asked / now[V_WANT, x] - 1.0) * abs(supply - back))
        now[V_FLOW, x] = now[V_WANT, x] * now[V_LIMIT, x]
        now[V_RETURN, x] = back
        now[V_HEAT, x] = now[V_FLOW, x] * _per_kg(fluid, ends, supply, back)
    return off


@keeping
def _inject(plant: Plant, state: State, now: Array, outlet: Array, draw: Array) -> float:
    """Write every node's withdrawal and the sources' flows; a substation without a source gets none."""
    nodes, sources = draw.size // 2, plant.source_node.size
    draw[:] = 0.0
    total = np.zeros(sources)
    for x in range(plant.substation_node.size):
        at = state.island[sources + x]
        if at < 0:
            now[V_FLOW, x] = 0.0
            now[V_HEAT, x] = 0.0
            continue
        total[at] += now[V_FLOW, x]
        draw[plant.substation_node[x]] += now[V_FLOW, x]
        draw[nodes + plant.substation_node[x]] -= now[V_FLOW, x]
    throughput = 0.0
    for i in range(sources):
        flow = outlet[E_SHARE, i] * total[state.island[i]]
        outlet[E_FLOW, i] = flow
        draw[plant.source_node[i]] -= flow
        draw[nodes + plant.source_node[i]] += flow
        throughput += flow
    return throughput


@kernel
def _properties(
    static: Array, fluid: Array, mean_c: Array, fall_c: Array, rise_m: Array, weight: float, pipe: Array
) -> None:
    """Write each pipe's Reynolds number, dynamic pressure per flow and weight of water at its mean temperature.

    The last goes only by a part of the way, `weight`: where it alone drives a flow it would swing with what it drives.
    """
    for e in range(mean_c.size):
        density, viscosity = at(fluid[F_DENSITY], mean_c[e]), at(fluid[F_VISCOSITY], mean_c[e])
        pipe[L_REYNOLDS, e] = static[P_RE, e] / viscosity
        pipe[L_DRAG, e] = static[P_DROP, e] / density
        warm, cold = mean_c[e] + 0.5 * fall_c[e], mean_c[e] - 0.5 * fall_c[e]  # at the ends, as other programs take it
        lifted = 0.5 * (at(fluid[F_DENSITY], warm) + at(fluid[F_DENSITY], cold)) * GRAVITY * rise_m[e]
        pipe[L_RAISED, e] += weight * (lifted - pipe[L_RAISED, e])
        pipe[L_CREEP, e] = 64.0 * pipe[L_DRAG, e] * static[P_SLENDER, e] / pipe[L_REYNOLDS, e]


@kernel
def _carry(
    side: int, ordered: int, fluid: Array, loss_w_k: Array, ground_c: Array, flow: Array, whole: Array, heat: Array,
    mass: Array, temperature: Array, mean_c: Array, fall_c: Array, lost_w: Array,
) -> float:  # fmt: skip
    """Carry heat along one side in flow order; return the largest change of a node's temperature [K].

    `heat` [W] and `mass` [kg/s] hold what is put into each node from outside, and are summed up here.
    """
    pipes, nodes = flow.size // 2, temperature.size // 2
    up, down = whole[J_UP], whole[J_DOWN]
    largest = 0.0
    seen = -1
    for k in range(side * pipes, side * pipes + ordered):
        e = whole[J_ORDER, k]
        n = up[e]
        if n != seen:  # pipes that leave one node follow each other
            seen = n
            if mass[n] > 0.0:
                mixed = _temperature(fluid, heat[n] / mass[n], temperature[n])
                largest = max(largest, abs(mixed - temperature[n]))
                temperature[n] = mixed
        m = abs(flow[e])
        enters, ground = temperature[n], ground_c[e]
        leaves = enters
        if loss_w_k[e] > 0.0:
            capacity = at(fluid[F_CAPACITY], mean_c[e])
            leaves = ground + (enters - ground) * np.exp(-loss_w_k[e] / (m * capacity))
        mean_c[e], fall_c[e] = 0.5 * (enters + leaves), enters - leaves
        arriving = _enthalpy(fluid, leaves)
        lost_w[e] = m * (_enthalpy(fluid, enters) - arriving)
        heat[down[e]] += m * arriving
        mass[down[e]] += m
    for n in range(side * nodes, (side + 1) * nodes):
        if mass[n] > 0.0:
            mixed = _temperature(fluid, heat[n] / mass[n], temperature[n])
            largest = max(largest, abs(mixed - temperature[n]))
            temperature[n] = mixed
    return largest


@kernel
def _rest(flow: Array, loss_w_k: Array, ground_c: Array, mean_c: Array, fall_c: Array, lost_w: Array) -> None:
    """Water that has stood for ever has the temperature of the ground."""
    for e in range(flow.size):
        if flow[e] == 0.0:
            lost_w[e] = 0.0
            if loss_w_k[e] > 0.0:
                mean_c[e], fall_c[e] = ground_c[e], 0.0


@keeping
def settle(
    plant: Plant, state: State, work: Work, static: Array, fluid: Array, ends: bool, loss_w_k: Array, ground_c: Array,
    rise_m: Array, duty: Array, now: Array, outlet: Array, mean_c: Array, fall_c: Array, lost_w: Array,
    tolerance_k: float,
) -> tuple[int, int]:  # fmt: skip
    """Find the flows and temperatures that belong to a set of duties, pressures not limited.

    Parameters
    ----------
    plant, state, work : tuples of layout.py
        The network; flows, losses of pressure, node temperatures and the spanning trees are the state's.
    static : array, shape (8, 2 pipe)
        ``Plant.pipe``, its minor losses perhaps corrected to another friction law.
    fluid : array
        From :func:`fluid_table`.
    ends : bool
        Book a substation's and a source's heat by the mean of the heat capacities at both temperatures, as some
        programs do, instead of by enthalpy; then the balance closes only as well as that mean does.
    loss_w_k, ground_c : arrays, shape (2 pipe,)
        Heat loss of the whole pipe [W/K], temperature round it [degC].
    rise_m : array, shape (2 pipe,)
        Height of `to` over `from` [m].
    duty : array, shape (4, substation)
        Rows D_*.
    now : array, shape (7, substation)
        Rows V_*; V_LIMIT is read, the rest written.
    outlet : array, shape (5, source)
        Rows E_*; E_SUPPLY and E_SHARE are read.
    mean_c, fall_c, lost_w : arrays, shape (2 pipe,)
        Pipes' mean temperatures [degC] and falls of temperature [K], improved from what they are; their losses, out
        [W].
    tolerance_k : float
        Ends when no node's temperature changes by more [K].

    Returns
    -------
    code : int
        SETTLED, SHORT_OF_HEAT (somewhere the supply is too cold for the heat asked) or NOT_SETTLED.
    rounds : int
    """
    nodes, temperature = plant.near_start.size // 2, state.node[N_TEMPERATURE]
    draw, total, inflow, heat, mass = work.node[0], work.node[1], work.node[2], work.node[3], np.empty(2 * nodes)
    before = np.full((plant.substation_node.size, 3), np.nan)  # flow asked, flow had, weight
    before[:, 2] = 1.0
    rounds, changed, unsettled = 0, np.inf, 1
    while rounds < ROUNDS and (changed > tolerance_k or unsettled > 0):
        rounds += 1
        for x in range(plant.substation_node.size):
            now[V_SUPPLY, x] = temperature[plant.substation_node[x]]
        off = _want(fluid, ends, duty, now, before)
        throughput, weighed = _inject(plant, state, now, outlet, draw), rise_m.size
        if throughput == 0.0:
            state.chord_flow[:] = 0.0
            weighed = 0  # what cools in a loop does not make it turn: all of it will be as cold as the ground
        _properties(static, fluid, mean_c, fall_c, rise_m, 1.0 if rounds <= PATIENT else CALM, state.pipe)
        inflow[:] = 0.0
        unsettled = 0
        for side in range(2):
            steps = solve_side(
                side, 1e-9 * throughput, draw, total, plant.pipe_int, static, plant.friction, state.tree, state.counts,
                state.chord, state.chord_flow, state.loop_pipe, state.segment, state.member, state.pipe, work.pipe,
                work.loop, state.pipe[L_RAISED][:weighed],
            )  # fmt: skip
            unsettled += 1 if steps < 0 else 0
            put_in_order(
                side, state.pipe[L_FLOW], plant.pipe_int, plant.near_start, plant.near, state.pipe_int, state.counts,
                state.tree, work.mark, inflow,
            )  # fmt: skip
        heat[:] = 0.0
        mass[:] = 0.0
        for i in range(plant.source_node.size):
            mass[plant.source_node[i]] += outlet[E_FLOW, i]
            heat[plant.source_node[i]] += outlet[E_FLOW, i] * _enthalpy(fluid, outlet[E_SUPPLY, i])
        flow = state.pipe[L_FLOW]
        changed = off
        changed = max(changed, _carry(
            0, state.counts[Q_ORDERED, 0], fluid, loss_w_k, ground_c, flow, state.pipe_int, heat, mass, temperature,
            mean_c, fall_c, lost_w,
        ))  # fmt: skip
        for x in range(plant.substation_node.size):
            n = nodes + plant.substation_node[x]
            mass[n] += now[V_FLOW, x]
            heat[n] += now[V_FLOW, x] * _enthalpy(fluid, now[V_RETURN, x])
        changed = max(
            changed,
            _carry(
                1, state.counts[Q_ORDERED, 1], fluid, loss_w_k, ground_c, flow, state.pipe_int, heat, mass,
                temperature, mean_c, fall_c, lost_w,
            ),
        )  # fmt: skip
    _rest(state.pipe[L_FLOW], loss_w_k, ground_c, mean_c, fall_c, lost_w)
    for i in range(plant.source_node.size):
        outlet[E_RETURN, i] = temperature[nodes + plant.source_node[i]]
        outlet[E_HEAT, i] = outlet[E_FLOW, i] * _per_kg(fluid, ends, outlet[E_SUPPLY, i], outlet[E_RETURN, i])
    for side in range(2):
        pressures(side, state.tree, state.counts[Q_NODES, side], state.pipe[L_DROP], state.node[N_PRESSURE])
    if changed > tolerance_k or unsettled > 0:
        return NOT_SETTLED, rounds
    for x in range(plant.substation_node.size):
        if now[V_COLD, x] > 0.0 and now[V_FLOW, x] > 0.0:
            return SHORT_OF_HEAT, rounds
    return SETTLED, rounds
