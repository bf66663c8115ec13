"""One heat step from end to end, and the march over hours: the only kernel that the world calls for heat.

The step is written out in parts that are inlined where they are called: Numba would otherwise compile the whole of it
anew for every level of calls.
"""

from __future__ import annotations

import numpy as np

from .balance import I_EASE, begin, finish, go_on, inject, judge, leaks, sum_flows
from .contents import shift_ground
from .courses import put_in_order
from .flows import pressures, solve_side
from .foresight import trend
from .fronts import bins, give_back_bins, mix_bins, seek
from .fuel import begin_day
from .heat_compile import INDEX, inlined, kernel, row_kernel
from .layout import (
    B_EXPECTED,
    B_MOVES,
    B_OFFSET,
    B_SECONDARY,
    B_SETPOINT,
    B_SLOPE,
    B_SUN,
    B_WANT,
    C_POWER,
    C_SOLAR,
    D_DRAW,
    D_HEAT,
    D_INFLOW,
    D_INVERSE,
    D_SUM,
    F_STOCK,
    FLOWS_UNSETTLED,
    G_CIRCULATION,
    G_ELECTRICITY,
    G_LEAKED,
    G_LEAKED_KG,
    G_MAKEUP,
    G_MAKEUP_KG,
    H_CONDUCTANCE,
    H_SUN,
    I_FROM,
    I_TO,
    J_LEAK_NODE,
    K_GROUND,
    K_INTERIM,
    K_LEAKS,
    K_MODE,
    K_OUTDOOR,
    K_SCARCE,
    K_SCARCE_BEFORE,
    K_STEP,
    K_SUPPLY_SET,
    K_TARGET,
    K_TIME,
    K_TOTAL_RETURN,
    K_TOTAL_SUPPLY,
    K_WARMEST,
    L_CREEP,
    L_DRAG,
    L_DROP,
    L_FLOW,
    L_OUT,
    L_RAISED,
    L_REYNOLDS,
    M_EMIT_MEAN,
    N_PRESSURE,
    N_TEMPERATURE,
    O_CAPACITY,
    O_FLOW,
    O_HEAD,
    O_HEAT_W,
    O_MAKEUP,
    O_PUMP_W,
    O_RETURN_C,
    O_RETURN_FLOW,
    O_RETURN_TREND,
    O_SUPPLY_C,
    O_SUPPLY_MAX,
    O_UNSERVED_CAPACITY,
    O_UNSERVED_FUEL,
    OFF,
    P_DROP,
    P_RE,
    P_SLENDER,
    PREHEAT,
    PRESSURE_UNSETTLED,
    Q_ISLANDS,
    Q_NODES,
    Q_ORDERED,
    S_CURVE_LAG,
    S_FLOW_TOLERANCE,
    S_GROUND_STEP,
    S_HEAT_CAPACITY,
    S_MAKEUP_C,
    S_PUMP_C,
    S_SECONDARY_PUMP,
    T_PART,
    THRESHOLDS,
    TRIAL,
    V_SHARE,
    V_SHARE_NEXT,
    V_THERE,
    X_SECONDARY_W_K,
    X_SOLAR,
    X_VALVE,
    Y_DP,
    Y_FLOW,
    Y_HEAT,
    Y_INTERIM_MAX,
    Y_MISS,
    Y_NEED,
    Y_ON,
    Y_SUPPLY_C,
    Y_SUPPLY_TREND,
    Z_AIR,
    Z_EXCESS,
    Z_POWER,
    Array,
    Plant,
    State,
    Tracks,
    Work,
)  # fmt: skip
from .rooms import expect, matrices, shine, step_rooms
from .scarcity import drive
from .sources import A_CAN, able, give, produce, share_out, supply_set_point
from .substations import book_lent, conduct, exchange_heat, lend, refine, refine_strays, set_points, settle, want
from .transport import mix, prepare, rest, store
from .water import density_kg_m3, fluidity_1_pa_s

__all__ = ["CROSSINGS_FULL", "march"]

DONE, CROSSINGS_FULL = range(2)
STRAY = 0.2  # by this the emitters' coefficients change by less than 2e-3 [K]
FEW = 16  # strays up to which their emitters are looked at one by one
FORGOTTEN_K_H = 1.0  # how fast the warmest water on its way is forgotten [K/h]
POWERS_EVERY_H = 48  # hours after which the emitters' powers are computed outright: the series drifts
SUBSTATION_TRACKS = (Y_HEAT, Y_NEED, Y_SUPPLY_C, Y_DP)
SOURCE_TRACKS = (O_HEAT_W, O_SUPPLY_C, O_RETURN_C, O_FLOW, O_HEAD, O_PUMP_W, O_UNSERVED_FUEL, O_UNSERVED_CAPACITY)


@kernel
def march(until_s: float, weather: Array, plant: Plant, state: State, work: Work, tracks: Tracks) -> int:
    """March from ``state.clock[K_TIME]`` to `until_s`, stepping to each full hour and to the end.

    Parameters
    ----------
    until_s : float
        End [s].
    weather : array, shape (4 + facing, hour)
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], undisturbed ground temperature at
        the pipes' depth [degC]; radiation on openings that do not see the horizontal's [W/m2].
    plant, state, work, tracks : tuples of layout.py

    Returns
    -------
    int
        0 when done; 1 when the list of crossings must be emptied before the march goes on.
    """
    clock = state.clock
    while clock[K_TIME] < until_s:
        if work.crossings[0] + 2 * state.cohort.shape[1] > work.crossing.shape[1]:
            return CROSSINGS_FULL
        hour = int(clock[K_TIME] // 3600.0)
        end = 3600.0 * (hour + 1)
        if clock[K_TIME] == 3600.0 * hour:
            if hour % 24 == 0:
                begin_day(hour // 24, clock, state.stock)
            for f in range(plant.store.size):
                tracks.stock[hour, f] = state.stock[F_STOCK, f]
            if clock[K_MODE] > OFF:
                _properties(
                    plant.pipe_int[I_FROM], plant.pipe_int[I_TO], state.node[N_TEMPERATURE], plant.pipe, state.pipe
                )
            ground = weather[3, hour]
            if abs(ground - clock[K_GROUND]) > plant.setting[S_GROUND_STEP]:
                shift_ground(clock[K_GROUND], ground, clock[K_TIME], plant.pipe, state.pipe, state.pipe_int, state.ring)
                clock[K_GROUND] = ground
            if hour % POWERS_EVERY_H == 0:
                _powers(plant.cohort[C_POWER], state.cohort[Z_EXCESS], state.cohort[Z_POWER])
        stop = min(end, until_s)
        dt = stop - clock[K_TIME]
        _step(dt, hour, weather, plant, state, work)
        _add_up(dt, weather[0, hour], state.hour, state.substation, state.source)
        clock[K_TIME] = stop
        if stop == end:
            _close_hour(hour, plant.place, state.hour, state.cohort[Z_AIR], tracks.hour[hour], tracks.room_c[hour + 1])
            _next_shares(state.unit)
    return DONE


@kernel
def _next_shares(unit: Array) -> None:
    """Let units have from a full hour on what orders within the hour before left them."""
    for u in range(unit.shape[1]):
        unit[V_SHARE, u] = unit[V_SHARE_NEXT, u]
        unit[V_THERE, u] = 1.0 if unit[V_SHARE_NEXT, u] > 0.0 else 0.0


@inlined
def _step(dt: float, hour: int, weather: Array, plant: Plant, state: State, work: Work) -> None:
    """Make one step of `dt` seconds within an hour of constant weather and orders."""
    clock, s = state.clock, plant.setting
    outdoor, solar, wind = weather[0, hour], weather[1, hour], weather[2, hour]
    aperture, openings = plant.cohort[C_SOLAR], plant.substation[X_SOLAR]
    if plant.facing.size > 0:
        aperture, openings, solar = work.cohort[H_SUN], work.substation[B_SUN], 1.0
        shine(hour, weather, plant.facing, plant.cohort[C_SOLAR], aperture, openings)
    gain, setback = plant.hourly[0, hour % 24], plant.hourly[1, hour % 24]
    lags = dt / max(s[S_CURVE_LAG], 1.0)
    behind = (clock[K_OUTDOOR] - outdoor) * np.exp(-lags)  # at the step's end
    clock[K_OUTDOOR] = outdoor + (clock[K_OUTDOOR] - outdoor) * (-np.expm1(-lags) / lags)  # the step's mean
    matrix = plant.matrix
    if dt != 3600.0:
        matrix = work.matrix
        if work.matrix_s[0] != dt:
            matrices(dt, plant.cohort, matrix)
            work.matrix_s[0] = dt
    expect(outdoor, solar, wind, gain, s, matrix, plant.cohort, aperture, state.cohort, work.cohort)
    heating = clock[K_MODE] >= TRIAL
    if heating:
        supply_set_point(dt, setback, s, clock)
        set_points(
            clock[K_TARGET] - setback, clock[K_OUTDOOR], clock[K_MODE] >= PREHEAT, s, plant.substation, plant.curve,
            work.substation[B_SETPOINT],
        )  # fmt: skip
        conduct(matrix[M_EMIT_MEAN], plant.cohort, state.cohort, work.cohort)
        _foresee(
            work.substation[B_SETPOINT], state.substation[Y_MISS], work.substation[B_EXPECTED],
            work.substation[B_MOVES],
        )  # fmt: skip
        refine(
            work.substation[B_EXPECTED], work.substation[B_MOVES], matrix[M_EMIT_MEAN], plant.cohort, state.cohort,
            work.cohort, work.substation[B_SLOPE], work.substation[B_OFFSET],
        )  # fmt: skip
    else:
        work.cohort[H_CONDUCTANCE][:] = 0.0
    clock[K_OUTDOOR] = outdoor + behind
    _remember_warmest(dt, plant.source[O_SUPPLY_MAX], clock)
    want(dt, clock, s, plant.substation, plant.valve, plant.exchange, state.substation, work.substation)
    able(
        dt, outdoor, s, clock, plant.unit, plant.unit_int, plant.store, state.island, state.source, state.unit,
        state.stock, state.ledger, work.store, work.unit, work.source,
    )  # fmt: skip
    flowing = _balance(dt, plant, state, work)
    if flowing:
        walked = _send(dt, plant, state, work)
        if heating:
            now, scratch = state.substation, work.substation
            exchange_heat(s, plant.substation, plant.exchange, now, scratch)
            if clock[K_INTERIM] > 0.0:
                lend(now, scratch)
            strays = _strays(scratch[B_SECONDARY], scratch[B_EXPECTED], scratch[B_MOVES])
            if strays > FEW:
                refine(
                    scratch[B_SECONDARY], scratch[B_MOVES], matrix[M_EMIT_MEAN], plant.cohort, state.cohort,
                    work.cohort, scratch[B_SLOPE], scratch[B_OFFSET],
                )  # fmt: skip
            elif strays > 0:
                refine_strays(
                    scratch[B_SECONDARY], scratch[B_MOVES], matrix[M_EMIT_MEAN], plant.cohort, state.cohort,
                    work.cohort, scratch[B_SLOPE], scratch[B_OFFSET],
                )  # fmt: skip
            if strays > 0:
                exchange_heat(s, plant.substation, plant.exchange, now, scratch)
                if clock[K_INTERIM] > 0.0:
                    lend(now, scratch)
        else:
            state.substation[Y_HEAT][:] = 0.0
        _bring_back(dt, walked, plant, state, work)
    else:
        rest(dt, clock[K_GROUND], clock[K_TIME], plant.pipe, state.pipe, state.pipe_int, state.ring, work.pipe)
        state.substation[Y_HEAT][:] = 0.0
    if heating:
        if not flowing:
            exchange_heat(s, plant.substation, plant.exchange, state.substation, work.substation)
            if clock[K_INTERIM] > 0.0:
                lend(state.substation, work.substation)
        settle(dt, s, plant.substation, state.substation, work.substation)
        if clock[K_INTERIM] > 0.0:
            book_lent(dt, state.substation)
        _switch_off(state.substation[Y_ON], state.substation[Y_INTERIM_MAX], work.cohort[H_CONDUCTANCE])
    produce(
        dt, plant.hourly[2, hour % 24], s, clock, plant.unit, plant.unit_int, plant.store, state.unit, state.stock,
        state.ledger, plant.source, state.island, state.substation, work.unit, work.source, state.source,
    )  # fmt: skip
    _book(dt, heating, s, clock[K_LEAKS], plant.substation, state.substation, state.source, state.pipe, state.pipe_int,
          state.node[N_TEMPERATURE], state.ledger)  # fmt: skip
    step_rooms(
        dt, clock[K_TIME], outdoor, solar, wind, gain, THRESHOLDS, s, plant.substation,
        work.substation[B_SECONDARY], matrix, plant.cohort, aperture, openings, state.cohort, state.substation,
        work.cohort, work.crossing, work.crossings,
    )  # fmt: skip
    clock[K_STEP] = dt


@kernel
def _remember_warmest(dt: float, most: Array, clock: Array) -> None:
    """Write the warmest that sources have meant to give of late: it may still be on its way [degC]."""
    clock[K_WARMEST] -= FORGOTTEN_K_H * dt / 3600.0
    for i in range(most.size):
        clock[K_WARMEST] = max(clock[K_WARMEST], min(clock[K_SUPPLY_SET], most[i]))


@inlined
def _balance(dt: float, plant: Plant, state: State, work: Work) -> bool:
    """Find all flows and pressures of a step from the flows that valves look for; return whether anything flows.

    Where pumps do not reach, or did not in the step before, what they drive is found (scarcity.py) and all flows once
    more with that. Never hangs: after so many steps the last answer stands (it obeys continuity) and ``state.trouble``
    says so.
    """
    clock, rows, wanted = state.clock, work.loop_source, work.substation[B_WANT]
    part = state.tree[T_PART]
    leaks(clock[K_LEAKS], plant.source, state.island, part, state.part_island, state.pipe, state.pipe_int, rows)
    flowing = begin(state.island, wanted, rows, state.substation, state.source)
    if not flowing:
        state.pipe[L_FLOW][:] = 0.0
        state.pipe[L_DROP][:] = 0.0
        state.chord_flow[:] = 0.0
        clock[K_TOTAL_SUPPLY : K_TOTAL_RETURN + 1] = 0.0
        clock[K_SCARCE] = 0.0
    else:
        sum_flows(state.island, state.substation, rows, plant.source_node.size)
        share_out(
            dt, rows[0], plant.setting, clock, plant.source[O_CAPACITY], plant.unit, plant.unit_int, state.unit,
            state.island, work.unit, work.source, state.source,
        )  # fmt: skip
        go_on(clock[K_SCARCE], state.island, work.source[A_CAN], state.source)
        for attempt in range(2):
            if attempt > 0:
                sum_flows(state.island, state.substation, rows, plant.source_node.size)
            throughput = inject(
                clock[K_LEAKS], plant.substation_node, plant.source_node, state.island, state.pipe, state.pipe_int,
                rows,
                state.substation, state.source, work.node[D_DRAW],
            )  # fmt: skip
            if attempt == 0:
                _scale(throughput, clock, state.chord_flow)
            for side in range(2):
                steps = solve_side(
                    side, plant.setting[S_FLOW_TOLERANCE] * throughput, work.node[D_DRAW], work.node[D_SUM],
                    plant.pipe_int, plant.pipe, plant.friction, state.tree, state.counts, state.chord, state.chord_flow,
                    state.loop_pipe, state.segment, state.member, state.pipe, work.pipe, work.loop,
                    state.pipe[L_RAISED][:0],
                )  # fmt: skip
                pressures(side, state.tree, state.counts[Q_NODES, side], state.pipe[L_DROP], state.node[N_PRESSURE])
                if steps < 0:
                    _note(FLOWS_UNSETTLED, clock[K_TIME], state.chord[side, 0], state.trouble)
            starved = judge(
                state.counts[Q_ISLANDS, 0], plant.setting, plant.source, plant.source_node, plant.substation[X_VALVE],
                plant.substation_node, state.island, state.node[N_PRESSURE], rows, wanted, state.substation,
                state.source,
            )  # fmt: skip
            if attempt > 0 or (starved == 0 and clock[K_SCARCE] == 0.0):
                break
            offer, settled = drive(int(clock[K_SCARCE]), int(clock[K_SCARCE_BEFORE]), rows[I_EASE], plant, state, work)
            clock[K_SCARCE], clock[K_SCARCE_BEFORE] = offer, clock[K_SCARCE]
            if not settled:
                _note(PRESSURE_UNSETTLED, clock[K_TIME], -1, state.trouble)
        finish(plant.source, density_kg_m3(plant.setting[S_PUMP_C]), wanted, state.substation, state.source)
    return flowing


@row_kernel
def _foresee(set_point: Array, miss: Array, expected: Array, moves: Array) -> None:
    """Write the secondary supplies to expect, by which all emitters move."""
    for x in range(expected.size):
        expected[x] = set_point[x] + miss[x]
        moves[x] = 1.0


@row_kernel
def _strays(secondary: Array, expected: Array, moves: Array) -> int:
    """Mark and count secondary supplies so far from what was expected that their emitters must be looked at."""
    far = 0
    for x in range(secondary.size):
        away = abs(secondary[x] - expected[x]) > STRAY
        moves[x] = 1.0 if away else 0.0
        far += 1 if away else 0
    return far


@kernel
def _note(code: int, at: int, element: int, trouble: Array) -> None:
    trouble[0] = code
    trouble[1] = np.int64(at)
    trouble[2] = element


@kernel
def _scale(throughput: float, clock: Array, chord_flow: Array) -> None:
    """Predict the chords' flows: the last step's times the ratio of what the sources put in."""
    before = clock[K_TOTAL_SUPPLY]
    if before > 0.0:
        for side in range(2):
            for j in range(chord_flow.shape[1]):
                chord_flow[side, j] *= throughput / before
    clock[K_TOTAL_SUPPLY] = throughput


@inlined
def _send(dt: float, plant: Plant, state: State, work: Work) -> int:
    """Send the step's heat out along the supply to the substations; return how many pipes were walked in bins."""
    clock, inflow, heat = state.clock, work.node[D_INFLOW], work.node[D_HEAT]
    inflow[:] = 0.0
    for side in range(2):
        put_in_order(
            side, state.pipe[L_FLOW], plant.pipe_int, plant.near_start, plant.near, state.pipe_int, state.counts,
            state.tree, work.mark, inflow,
        )  # fmt: skip
    give(dt, plant.setting, clock, plant.source, work.source, state.source)
    _put_in(plant.source_node, plant.setting[S_MAKEUP_C], state.source, inflow, heat)
    walked = seek(
        dt, clock, plant.source_node, state.source, plant.substation_node, state.substation, plant.pipe, state.pipe,
        state.pipe_int, state.ring, state.node[N_TEMPERATURE], state.counts, inflow, work.node[D_INVERSE],
        work.node[D_SUM],
        work.pipe,
    )  # fmt: skip
    prepare(dt, clock[K_GROUND], clock[K_TIME], plant.pipe, state.pipe, state.pipe_int, state.ring, work.pipe)
    _mix(0, walked, dt, plant, state, work)
    _arrive(
        dt, clock[K_STEP], plant.substation_node, state.node[N_TEMPERATURE], state.substation[Y_SUPPLY_C],
        state.substation[Y_SUPPLY_TREND],
    )  # fmt: skip
    return walked


@inlined
def _bring_back(dt: float, walked: int, plant: Plant, state: State, work: Work) -> None:
    """Bring the step's water back along the return to the sources, and store what the pipes took in."""
    clock, temperature = state.clock, state.node[N_TEMPERATURE]
    _give_back(
        plant.substation_node, plant.setting[S_HEAT_CAPACITY], state.substation, work.node[D_INFLOW], work.node[D_HEAT]
    )
    if walked > 0:
        give_back_bins(
            bins(dt), plant.setting[S_HEAT_CAPACITY], plant.substation_node, work.substation[B_SLOPE],
            work.substation[B_OFFSET], work.node[D_INVERSE], work.wavy, work.profile, state.substation,
        )  # fmt: skip
    _mix(1, walked, dt, plant, state, work)
    _come_home(dt, clock[K_STEP], plant.source_node, temperature, state.source)
    store(dt, clock[K_GROUND], clock[K_TIME], plant.pipe, state.pipe, state.pipe_int, state.ring, work.pipe)


@inlined
def _mix(side: int, walked: int, dt: float, plant: Plant, state: State, work: Work) -> None:
    """Mix one side's nodes, in bins where fronts are about."""
    heat, inverse, inflow = work.node[D_HEAT], work.node[D_INVERSE], work.node[D_INFLOW]
    if walked > 0:
        if side == 0:
            work.wavy[:] = 0
        mix_bins(
            side, state.counts[Q_ORDERED, side], bins(dt), dt, state.clock[K_GROUND], state.clock[K_TIME], plant.pipe,
            state.pipe, state.pipe_int, state.ring, heat, inverse, inflow, state.node[N_TEMPERATURE], work.wavy,
            work.profile, work.queue, work.pipe,
        )  # fmt: skip
    else:
        mix(
            side, state.counts[Q_ORDERED, side], heat, inverse, inflow, state.node[N_TEMPERATURE], state.pipe_int,
            work.pipe,
        )  # fmt: skip


@kernel
def _put_in(source_node: Array, makeup_c: float, source: Array, inflow: Array, heat: Array) -> None:
    nodes = inflow.size // 2
    heat[:] = 0.0
    for i in range(source_node.size):
        node = source_node[i]
        inflow[node] += source[O_FLOW, i]
        heat[node] += source[O_FLOW, i] * source[O_SUPPLY_C, i]
        if source[O_RETURN_FLOW, i] < 0.0:  # a leak takes more than comes back: make-up is put into the return
            inflow[nodes + node] -= source[O_RETURN_FLOW, i]
            heat[nodes + node] -= source[O_RETURN_FLOW, i] * makeup_c


@kernel
def _arrive(dt: float, last: float, substation_node: Array, temperature: Array, supply: Array, rate: Array) -> None:
    for x in range(supply.size):
        came = temperature[substation_node[x] & INDEX]
        rate[x] = trend(rate[x], came, supply[x], dt, last)
        supply[x] = came


@kernel
def _give_back(substation_node: Array, capacity: float, now: Array, inflow: Array, heat: Array) -> None:
    nodes = inflow.size // 2
    for x in range(substation_node.size):
        node = (nodes + substation_node[x]) & INDEX
        inflow[node] += now[Y_FLOW, x]
        heat[node] += now[Y_FLOW, x] * now[Y_SUPPLY_C, x] - now[Y_HEAT, x] / capacity


@kernel
def _come_home(dt: float, last: float, source_node: Array, temperature: Array, source: Array) -> None:
    nodes = temperature.size // 2
    for i in range(source_node.size):
        rate = 0.0
        if source[O_RETURN_FLOW, i] > 0.0:
            came = temperature[nodes + source_node[i]]
            rate = trend(source[O_RETURN_TREND, i], came, source[O_RETURN_C, i], dt, last)
            source[O_RETURN_C, i] = came
        source[O_RETURN_TREND, i] = rate


@kernel
def _switch_off(on: Array, lent: Array, conductance: Array) -> None:
    """Stop the secondary water of substations that are off, unless it has a boiler: their emitters give nothing."""
    for x in range(on.size):
        if on[x] == 0.0 and lent[x] == 0.0:
            for c in range(x, conductance.size, on.size):
                conductance[c] = 0.0


@kernel
def _book(
    dt: float, heating: bool, s: Array, leaking: float, rows: Array, substation: Array, source: Array, pipe: Array,
    whole: Array, temperature: Array, ledger: Array,
) -> None:  # fmt: skip
    """Book water and electricity: make-up, leaks, pumps."""
    capacity = s[S_HEAT_CAPACITY]
    power = 0.0
    for i in range(source.shape[1]):
        water = (source[O_MAKEUP, i] + max(-source[O_RETURN_FLOW, i], 0.0)) * dt
        ledger[G_MAKEUP_KG] += water
        ledger[G_MAKEUP] += water * capacity * s[S_MAKEUP_C]
        power += source[O_PUMP_W, i]
        ledger[G_CIRCULATION] += source[O_FLOW, i] * dt
    if heating:
        for x in range(substation.shape[1]):
            power += s[S_SECONDARY_PUMP] * rows[X_SECONDARY_W_K, x] * substation[Y_ON, x]
    ledger[G_ELECTRICITY] += power * dt
    if leaking > 0.0:
        for e in range(pipe.shape[1]):
            if pipe[L_OUT, e] > 0.0:
                ledger[G_LEAKED_KG] += pipe[L_OUT, e] * dt
                ledger[G_LEAKED] += pipe[L_OUT, e] * dt * capacity * temperature[whole[J_LEAK_NODE, e]]


@kernel
def _properties(start: Array, end: Array, temperature: Array, static: Array, pipe: Array) -> None:
    """Write each pipe's Reynolds number and dynamic pressure per flow at the mean temperature of its ends."""
    _by_temperature(
        start, end, temperature, static[P_RE], static[P_DROP], static[P_SLENDER], pipe[L_REYNOLDS], pipe[L_DRAG],
        pipe[L_CREEP],
    )  # fmt: skip


@row_kernel
def _by_temperature(
    start: Array, end: Array, temperature: Array, per_fluidity: Array, per_volume: Array, slender: Array,
    reynolds: Array, drag: Array, creep: Array,
) -> None:  # fmt: skip
    for e in range(drag.size):
        both = temperature[start[e] & INDEX] + temperature[end[e] & INDEX]
        mean = min(max(0.5 * both, 0.0), 130.0)
        reynolds[e] = per_fluidity[e] * fluidity_1_pa_s(mean)
        drag[e] = per_volume[e] / density_kg_m3(mean)
        creep[e] = 64.0 * drag[e] * slender[e] / reynolds[e]


@kernel
def _powers(exponent: Array, excess: Array, power: Array) -> None:
    for c in range(exponent.size):
        power[c] = excess[c] ** exponent[c]


@kernel
def _add_up(dt: float, outdoor: float, sums: Array, substation: Array, source: Array) -> None:
    """Add the step to the hour's sums: outdoors, then substations' and sources' tracks."""
    sums[0] += outdoor * dt
    at = 1
    for r in SUBSTATION_TRACKS:
        for k in range(substation.shape[1]):
            sums[at + k] += substation[r, k] * dt
        at += substation.shape[1]
    for r in SOURCE_TRACKS:
        for k in range(source.shape[1]):
            sums[at + k] += source[r, k] * dt
        at += source.shape[1]


@kernel
def _close_hour(hour: int, place: Array, sums: Array, air: Array, line: Array, room_c: Array) -> None:
    for k in range(sums.size):
        line[k] = sums[k] * (1.0 / 3600.0)
    sums[:] = 0.0
    for c in range(place.size):
        room_c[c] = air[place[c] & INDEX]
