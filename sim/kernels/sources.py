"""Sources: the supply set-point, what the units can make, dispatch between sources, and what is made and burnt.

A source passes water through its plant. Its supply temperature is chosen before the step's return temperature is known;
what the plant then makes more or less than the water took up stays in the plant's own water and metal (`O_PLANT_J`) and is
set right in the following steps, so heat made, fuel burnt and heat given to the water agree to round-off.
"""

from __future__ import annotations

from numba import njit

from .fuel import burn, heat_within
from .layout import (
    G_FUEL, G_PRODUCED, K_MODE, K_OUTDOOR, K_RAMP, K_SUPPLY_SET, K_TARGET, O_BACK_OFF, O_CAPACITY, O_FLOW, O_HEAT_W,
    O_MAKEUP, O_PLANT_J, O_RETURN_C, O_RETURN_FLOW, O_SHARE, O_SUPPLY_C, O_SUPPLY_MAX, O_UNSERVED_CAPACITY,
    O_UNSERVED_FUEL, OFF, PREHEAT, S_DESIGN_OUTDOOR, S_DESIGN_ROOM, S_HEAT_CAPACITY, S_MAKEUP_C, S_MERIT, S_RECOVERY,
    S_SUPPLY_DESIGN, S_SUPPLY_EXPONENT, S_SUPPLY_MINIMUM, S_TRIAL_SUPPLY, SOURCES, STORES, SUBSTATIONS, TRIAL,
    U_CAPACITY, U_EFFICIENCY, U_MINIMUM, U_SLOPE, UNITS, V_HEAT_W, V_MADE_J, V_RANK, V_SHARE, Y_HEAT, Y_NEED, Y_SERVED,
)  # fmt: skip

__all__ = ["able", "give", "produce", "share_out", "supply_set_point"]

A_NOW, A_FULL, A_PLANNED, A_WANTED, A_LACK, A_DEFICIT = range(6)  # rows of Work.source [W]


@njit(cache=True)
def supply_set_point(dt, setback, plant, state):
    """Move the primary supply set-point towards the curve, by at most the ramp [degC].

    ``target + (design - room) * q**exponent`` with ``q = (target - outdoor) / (room - design outdoor)``, at least the
    minimum; a trial runs at its own temperature, filling and standstill heat nothing.
    """
    s, clock = plant.setting, state.clock
    mode = clock[K_MODE]
    if mode < TRIAL:
        return
    if mode == TRIAL:
        goal = s[S_TRIAL_SUPPLY]
    else:
        target = clock[K_TARGET] - setback
        share = max((target - clock[K_OUTDOOR]) / (s[S_DESIGN_ROOM] - s[S_DESIGN_OUTDOOR]), 0.0)
        goal = max(target + (s[S_SUPPLY_DESIGN] - s[S_DESIGN_ROOM]) * share ** s[S_SUPPLY_EXPONENT], s[S_SUPPLY_MINIMUM])
    reach = clock[K_RAMP] * dt / 3600.0
    clock[K_SUPPLY_SET] += min(max(goal - clock[K_SUPPLY_SET], -reach), reach)


@njit(cache=True)
def able(dt, plant, state, work):
    """Write what each unit and source can make in the step with the fuel there is, and without regard to fuel [W].

    Units draw on a shared store in order of merit. Nothing is made before the trial run.
    """
    stock = work.store
    for f in range(plant.size[STORES]):
        stock[f] = state.stock[0, f]
    for i in range(plant.size[SOURCES]):
        work.source[A_NOW, i] = 0.0
        work.source[A_FULL, i] = 0.0
    for u in range(plant.size[UNITS]):
        work.unit[0, u] = 0.0
    if state.clock[K_MODE] < TRIAL:
        return
    for k in range(plant.size[UNITS]):
        u = int(state.unit[V_RANK, k])
        i, f = plant.unit_int[0, u], plant.unit_int[1, u]
        capacity = plant.unit[U_CAPACITY, u] * state.unit[V_SHARE, u]
        heat = heat_within(
            stock[f], dt, capacity, plant.unit[U_EFFICIENCY, u], plant.unit[U_SLOPE, u], plant.unit[U_MINIMUM, u],
            plant.store[f],
        )  # fmt: skip
        if heat < capacity:
            stock[f] = 0.0
        elif capacity > 0.0:
            stock[f] -= burn(
                heat, dt, capacity, plant.unit[U_EFFICIENCY, u], plant.unit[U_SLOPE, u], plant.unit[U_MINIMUM, u],
                plant.store[f],
            )  # fmt: skip
        work.unit[0, u] = heat
        work.source[A_NOW, i] += heat
        work.source[A_FULL, i] += capacity


@njit(cache=True)
def share_out(total, plant, state, work):
    """Write each source's share of its island's flow (``State.source[O_SHARE]``).

    By merit the units of an island fill up its load in order of rank; otherwise sources share in proportion to what they
    can make. Sources that the pressure limit holds back take less (`O_BACK_OFF`). Where nothing can be made the water
    circulates in proportion to what is built.

    Parameters
    ----------
    total : array, shape (source,)
        Flow asked for in each island [kg/s].
    """
    s, now = plant.setting, state.source
    sources = plant.size[SOURCES]
    planned = work.source[A_PLANNED]
    for i in range(sources):
        planned[i] = work.source[A_NOW, i]
    if s[S_MERIT] > 0.0:
        left = work.source[A_DEFICIT]  # by island
        for i in range(sources):
            left[i] = 0.0
            planned[i] = 0.0
        for i in range(sources):
            mean_return, flow = 0.0, 0.0
            for o in range(sources):
                if state.island[o] == i:
                    mean_return += now[O_RETURN_C, o] * (now[O_RETURN_FLOW, o] + 1e-6)
                    flow += now[O_RETURN_FLOW, o] + 1e-6
            if flow > 0.0:
                rise = max(state.clock[K_SUPPLY_SET] - mean_return / flow, 1.0)
                left[i] = total[i] * s[S_HEAT_CAPACITY] * rise
        for k in range(plant.size[UNITS]):
            u = int(state.unit[V_RANK, k])
            i = plant.unit_int[0, u]
            take = min(work.unit[0, u], left[state.island[i]])
            planned[i] += take
            left[state.island[i]] -= take
    for island in range(sources):
        summed, built, count = 0.0, 0.0, 0
        for i in range(sources):
            if state.island[i] == island:
                now[O_SHARE, i] = planned[i] * now[O_BACK_OFF, i]
                summed += now[O_SHARE, i]
                built += plant.source[O_CAPACITY, i]
                count += 1
        for i in range(sources):
            if state.island[i] == island:
                if summed > 0.0:
                    now[O_SHARE, i] /= summed
                elif built > 0.0:
                    now[O_SHARE, i] = plant.source[O_CAPACITY, i] / built
                else:
                    now[O_SHARE, i] = 1.0 / count


@njit(cache=True)
def give(dt, plant, state, work):
    """Write each source's supply temperature for the step: the set-point, or what capacity and fuel reach [degC]."""
    s, now = plant.setting, state.source
    capacity = s[S_HEAT_CAPACITY]
    for i in range(plant.size[SOURCES]):
        flow = now[O_FLOW, i]
        if flow <= 0.0:
            continue
        back = max(now[O_RETURN_FLOW, i], 0.0)
        entering = (back * now[O_RETURN_C, i] + now[O_MAKEUP, i] * s[S_MAKEUP_C]) / max(back + now[O_MAKEUP, i], 1e-12)
        held = now[O_PLANT_J, i] / max(dt, s[S_RECOVERY])
        reach = entering + (work.source[A_NOW, i] + held) / (flow * capacity)
        goal = min(state.clock[K_SUPPLY_SET], plant.source[O_SUPPLY_MAX, i]) if state.clock[K_MODE] >= TRIAL else entering
        now[O_SUPPLY_C, i] = min(max(goal, entering), reach)


@njit(cache=True)
def produce(dt, plant, state, work):
    """Make the step's heat, burn its fuel, and say what could not be made for want of fuel and of capacity.

    Heat asked of a source is what its water took up less what its plant still held. Units make it in order of merit. Heat
    not served is measured at the substations (need less heat), given to the island's sources in proportion to how
    much heat each lacked to hold its set-point, and split by what it lacked: fuel, where its units could have made more
    with more of it, else capacity.
    """
    s, now = plant.setting, state.source
    capacity = s[S_HEAT_CAPACITY]
    sources = plant.size[SOURCES]
    asked = work.source[A_WANTED]
    for i in range(sources):
        taken = capacity * dt * (
            now[O_FLOW, i] * now[O_SUPPLY_C, i] - max(now[O_RETURN_FLOW, i], 0.0) * now[O_RETURN_C, i]
            - now[O_MAKEUP, i] * s[S_MAKEUP_C]
        )  # fmt: skip
        asked[i] = taken - now[O_PLANT_J, i]
        now[O_PLANT_J, i] = -asked[i]
        now[O_HEAT_W, i] = 0.0
    for k in range(plant.size[UNITS]):
        u = int(state.unit[V_RANK, k])
        i, f = plant.unit_int[0, u], plant.unit_int[1, u]
        full = plant.unit[U_CAPACITY, u] * state.unit[V_SHARE, u]
        heat = min(max(-now[O_PLANT_J, i] / dt, 0.0), full)
        state.unit[V_HEAT_W, u] = 0.0
        if heat <= 0.0 or state.clock[K_MODE] < TRIAL or full <= 0.0:
            continue
        efficiency, slope, minimum = plant.unit[U_EFFICIENCY, u], plant.unit[U_SLOPE, u], plant.unit[U_MINIMUM, u]
        fuel = burn(heat, dt, full, efficiency, slope, minimum, plant.store[f])
        if fuel >= state.stock[0, f]:
            heat = heat_within(state.stock[0, f], dt, full, efficiency, slope, minimum, plant.store[f])
            fuel = state.stock[0, f]
            state.stock[0, f] = 0.0
        else:
            state.stock[0, f] -= fuel
        state.stock[1, f] += fuel
        state.unit[V_HEAT_W, u] = heat
        state.unit[V_MADE_J, u] += heat * dt
        now[O_HEAT_W, i] += heat
        now[O_PLANT_J, i] += heat * dt
        state.ledger[G_PRODUCED] += heat * dt
        state.ledger[G_FUEL] += fuel * plant.store[f]
    _unserved(plant, state, work)


@njit(cache=True)
def _unserved(plant, state, work):
    s, now = plant.setting, state.source
    sources = plant.size[SOURCES]
    lack, deficit = work.source[A_LACK], work.source[A_DEFICIT]
    for i in range(sources):
        now[O_UNSERVED_FUEL, i] = 0.0
        now[O_UNSERVED_CAPACITY, i] = 0.0
        lack[i] = 0.0
        deficit[i] = 0.0
    if state.clock[K_MODE] < PREHEAT:
        return
    for x in range(plant.size[SUBSTATIONS]):
        island = state.island[sources + x]
        if island >= 0:
            deficit[island] += max(state.substation[Y_NEED, x] - state.substation[Y_HEAT, x], 0.0)
    for i in range(sources):
        goal = min(state.clock[K_SUPPLY_SET], plant.source[O_SUPPLY_MAX, i])
        lack[i] = now[O_FLOW, i] * s[S_HEAT_CAPACITY] * max(goal - now[O_SUPPLY_C, i], 0.0)
        # a source that dispatch left without flow because it cannot make anything lacks what it could have made
        if work.source[A_NOW, i] < work.source[A_FULL, i]:
            lack[i] = max(lack[i], work.source[A_FULL, i] - work.source[A_NOW, i])
    for island in range(sources):
        total = 0.0
        for i in range(sources):
            if state.island[i] == island:
                total += lack[i]
        if total <= 0.0:
            continue
        for i in range(sources):
            if state.island[i] == island and lack[i] > 0.0:
                part = deficit[island] * lack[i] / total
                fuel = min(work.source[A_FULL, i] - work.source[A_NOW, i], lack[i]) / lack[i]
                now[O_UNSERVED_FUEL, i] = part * fuel
                now[O_UNSERVED_CAPACITY, i] = part * (1.0 - fuel)
