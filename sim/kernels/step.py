"""One heat step from end to end, and the march over hours: the only kernel that the world calls for heat."""

from __future__ import annotations

import numpy as np
from numba import njit

from .balance import balance
from .layout import (
    B_SETPOINT, B_SECONDARY, COLUMNS, D_HEAT, D_INFLOW, FILLING, G_CIRCULATION, G_ELECTRICITY, G_LEAKED, G_LEAKED_KG,
    G_MAKEUP, G_MAKEUP_KG, H_CONDUCTANCE, I_FROM, I_TO, J_LEAK_NODE, K_GROUND, K_LEAKS, K_MODE, K_OUTDOOR, K_TIME,
    L_DENSITY, L_FLUIDITY, L_OUT, N_TEMPERATURE, NODES, O_FLOW, O_HEAD, O_HEAT_W, O_MAKEUP, O_PUMP_W, O_RETURN_C,
    O_RETURN_FLOW, O_SUPPLY_C, O_UNSERVED_CAPACITY, O_UNSERVED_FUEL, PIPES, S_CURVE_LAG, S_EMITTER_TO_MASS, S_GROUND_STEP,
    S_HEAT_CAPACITY, S_MAKEUP_C, S_SECONDARY_PUMP, SLOTS, SOURCES, STORES, SUBSTATIONS, THRESHOLDS, TRIAL,
    X_SECONDARY_W_K, Y_DP, Y_FLOW, Y_HEAT, Y_NEED, Y_ON, Y_RETURN_C, Y_SUPPLY_C, Z_AIR,
)  # fmt: skip
from .rooms import expect, matrices, step_rooms
from .sources import able, give, produce, supply_set_point
from .substations import conductances, exchange_heat, refine, refresh_powers, set_points, settle, sum_emitters, want
from .transport import mix, order, prepare, shift_ground, store
from .water import density_kg_m3, fluidity_1_pa_s

__all__ = ["march"]

DONE, CROSSINGS_FULL = range(2)


@njit(cache=True)
def march(until_s, weather, plant, state, work, tracks):
    """March from ``state.clock[K_TIME]`` to `until_s`, stepping to each full hour and to the end.

    Parameters
    ----------
    until_s : float
        End [s].
    weather : array, shape (4, hour)
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], undisturbed ground temperature at the
        pipes' depth [degC].
    plant, state, work, tracks : tuples of layout.py

    Returns
    -------
    int
        0 when done; 1 when the list of crossings must be emptied before the march goes on.
    """
    clock = state.clock
    while clock[K_TIME] < until_s:
        hour = int(clock[K_TIME] // 3600.0)
        end = 3600.0 * (hour + 1)
        if clock[K_TIME] == 3600.0 * hour:
            if work.crossings[0] + 2 * state.cohort.shape[1] > work.crossing.shape[1]:
                return CROSSINGS_FULL
            _open_hour(hour, weather[3, hour], plant, state, tracks)
        stop = min(end, until_s)
        dt = stop - clock[K_TIME]
        if work.crossings[0] + 2 * state.cohort.shape[1] > work.crossing.shape[1]:
            return CROSSINGS_FULL
        step(dt, hour, weather, plant, state, work)
        _add_up(dt, weather[0, hour], plant, state)
        clock[K_TIME] = stop
        if stop == end:
            _close_hour(hour, plant, state, tracks)
    return DONE


@njit(cache=True)
def step(dt, hour, weather, plant, state, work):
    """Make one step of `dt` seconds within an hour of constant weather and orders."""
    clock, s = state.clock, plant.setting
    outdoor, solar, wind = weather[0, hour], weather[1, hour], weather[2, hour]
    gain, setback = plant.hourly[0, hour % 24], plant.hourly[1, hour % 24]
    clock[K_OUTDOOR] += (outdoor - clock[K_OUTDOOR]) * (-np.expm1(-dt / max(s[S_CURVE_LAG], 1.0)))
    matrix = plant.matrix
    if dt != 3600.0:
        matrix = work.matrix
        if work.matrix_s[0] != dt:
            matrices(dt, plant.cohort, s[S_EMITTER_TO_MASS], matrix)
            work.matrix_s[0] = dt
    expect(outdoor, solar, wind, gain, matrix, plant, state, work)
    heating = clock[K_MODE] >= TRIAL
    if heating:
        supply_set_point(dt, setback, plant, state)
        set_points(setback, plant, state, work)
        refine(work.substation[B_SETPOINT], matrix, plant, state, work)
        sum_emitters(plant, work)
    else:
        work.cohort[H_CONDUCTANCE][:] = 0.0
    want(plant, state, work)
    able(dt, plant, state, work)
    balance(plant, state, work)
    if clock[K_MODE] >= FILLING or clock[K_LEAKS] > 0.0:
        _carry_heat(dt, matrix, plant, state, work)
    else:
        prepare(dt, plant, state, work)
        state.substation[Y_HEAT][:] = 0.0
    if heating:
        settle(dt, plant, state, work)
    produce(dt, plant, state, work)
    _book(dt, plant, state)
    if heating:
        _switch_off(plant, state, work)
    step_rooms(dt, outdoor, solar, wind, gain, matrix, THRESHOLDS, plant, state, work)


@njit(cache=True)
def _carry_heat(dt, matrix, plant, state, work):
    """Send the step's heat out along the supply, through the substations and back along the return."""
    nodes = plant.size[NODES]
    inflow, heat = work.node[D_INFLOW], work.node[D_HEAT]
    source, now = state.source, state.substation
    inflow[:] = 0.0
    heat[:] = 0.0
    order(0, plant, state, work)
    order(1, plant, state, work)
    give(dt, plant, state, work)
    prepare(dt, plant, state, work)
    for i in range(plant.size[SOURCES]):
        node = plant.source_node[i]
        inflow[node] += source[O_FLOW, i]
        heat[node] += source[O_FLOW, i] * source[O_SUPPLY_C, i]
        if source[O_RETURN_FLOW, i] < 0.0:  # a leak takes more than comes back: make-up is put into the return
            inflow[nodes + node] -= source[O_RETURN_FLOW, i]
            heat[nodes + node] -= source[O_RETURN_FLOW, i] * plant.setting[S_MAKEUP_C]
    mix(0, plant, state, work)
    temperature = state.node[N_TEMPERATURE]
    for x in range(plant.size[SUBSTATIONS]):
        now[Y_SUPPLY_C, x] = temperature[plant.substation_node[x]]
    if state.clock[K_MODE] >= TRIAL:
        conductances(plant, state, work)
        exchange_heat(plant, state, work)
        refine(work.substation[B_SECONDARY], matrix, plant, state, work)
        sum_emitters(plant, work)
        exchange_heat(plant, state, work)
    else:
        now[Y_HEAT][:] = 0.0
    capacity = plant.setting[S_HEAT_CAPACITY]
    for x in range(plant.size[SUBSTATIONS]):
        flow = now[Y_FLOW, x]
        if flow > 0.0:
            node = nodes + plant.substation_node[x]
            inflow[node] += flow
            heat[node] += flow * now[Y_SUPPLY_C, x] - now[Y_HEAT, x] / capacity
    mix(1, plant, state, work)
    for i in range(plant.size[SOURCES]):
        if source[O_RETURN_FLOW, i] > 0.0:
            source[O_RETURN_C, i] = temperature[nodes + plant.source_node[i]]
    store(dt, plant, state, work)


@njit(cache=True)
def _switch_off(plant, state, work):
    """Stop the secondary water of substations that are off: their emitters give nothing."""
    n = plant.size[SUBSTATIONS]
    for x in range(n):
        if state.substation[Y_ON, x] == 0.0:
            for j in range(plant.size[SLOTS]):
                work.cohort[H_CONDUCTANCE, j * n + x] = 0.0


@njit(cache=True)
def _book(dt, plant, state):
    """Book water and electricity: make-up, leaks, pumps."""
    s, ledger = plant.setting, state.ledger
    capacity = s[S_HEAT_CAPACITY]
    power = 0.0
    for i in range(plant.size[SOURCES]):
        water = (state.source[O_MAKEUP, i] + max(-state.source[O_RETURN_FLOW, i], 0.0)) * dt
        ledger[G_MAKEUP_KG] += water
        ledger[G_MAKEUP] += water * capacity * s[S_MAKEUP_C]
        power += state.source[O_PUMP_W, i]
        ledger[G_CIRCULATION] += state.source[O_FLOW, i] * dt
    if state.clock[K_MODE] >= TRIAL:
        for x in range(plant.size[SUBSTATIONS]):
            if state.substation[Y_ON, x] > 0.0:
                power += s[S_SECONDARY_PUMP] * plant.substation[X_SECONDARY_W_K, x]
    ledger[G_ELECTRICITY] += power * dt
    if state.clock[K_LEAKS] > 0.0:
        for e in range(2 * plant.size[PIPES]):
            if state.pipe[L_OUT, e] > 0.0:
                water = state.pipe[L_OUT, e] * dt
                ledger[G_LEAKED_KG] += water
                ledger[G_LEAKED] += water * capacity * state.node[N_TEMPERATURE, state.pipe_int[J_LEAK_NODE, e]]


@njit(cache=True)
def properties(plant, state):
    """Write each pipe's density and fluidity at the mean temperature of its ends."""
    temperature = state.node[N_TEMPERATURE]
    mean = state.pipe[L_DENSITY]
    for e in range(mean.size):
        mean[e] = 0.5 * (temperature[plant.pipe_int[I_FROM, e]] + temperature[plant.pipe_int[I_TO, e]])
    for e in range(mean.size):
        t = min(max(mean[e], 0.0), 130.0)
        state.pipe[L_FLUIDITY, e] = fluidity_1_pa_s(t)
        mean[e] = density_kg_m3(t)


@njit(cache=True)
def _open_hour(hour, ground, plant, state, tracks):
    air = state.cohort[Z_AIR]
    for c in range(plant.place.size):
        tracks.room_c[hour, c] = air[plant.place[c]]
    for f in range(plant.size[STORES]):
        tracks.stock[hour, f] = state.stock[0, f]
    properties(plant, state)
    if abs(ground - state.clock[K_GROUND]) > plant.setting[S_GROUND_STEP]:
        shift_ground(ground, plant, state)
    if hour % 16 == 0:
        refresh_powers(plant.cohort[10], state.cohort[2], state.cohort[3])


@njit(cache=True)
def _add(values, dt, sums):
    for k in range(values.size):
        sums[k] += values[k] * dt


SUBSTATION_TRACKS = (Y_HEAT, Y_NEED, Y_SUPPLY_C, Y_DP)
SOURCE_TRACKS = (O_HEAT_W, O_SUPPLY_C, O_RETURN_C, O_FLOW, O_HEAD, O_PUMP_W, O_UNSERVED_FUEL, O_UNSERVED_CAPACITY)


@njit(cache=True)
def _add_up(dt, outdoor, plant, state):
    """Add the step to the hour's sums: outdoors, then substations' and sources' tracks."""
    sums = state.hour
    sums[0] += outdoor * dt
    at = 1
    n = plant.size[SUBSTATIONS]
    for r in SUBSTATION_TRACKS:
        _add(state.substation[r], dt, sums[at : at + n])
        at += n
    n = plant.size[SOURCES]
    for r in SOURCE_TRACKS:
        _add(state.source[r], dt, sums[at : at + n])
        at += n


@njit(cache=True)
def _close_hour(hour, plant, state, tracks):
    line = tracks.hour[hour]
    for k in range(plant.size[COLUMNS]):
        line[k] = state.hour[k] / 3600.0
        state.hour[k] = 0.0
    air = state.cohort[Z_AIR]
    for c in range(plant.place.size):
        tracks.room_c[hour + 1, c] = air[plant.place[c]]
