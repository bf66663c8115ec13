"""Sources: the supply set-point, what the units can make, dispatch between sources, and what is made and burnt.

A source passes water through its plant. Its supply temperature is chosen before the step's return temperature is known;
what the plant then makes more or less than the water took up stays in the plant's own water and metal (`O_PLANT_J`)
and is set right in the following steps, so heat made, fuel burnt and heat given to the water agree to round-off.
"""

from __future__ import annotations

from .foresight import ahead
from .fuel import draw
from .heat_compile import kernel
from .layout import (
    G_PRODUCED,
    K_GOAL,
    K_GROUND,
    K_MODE,
    K_OUTDOOR,
    K_RAMP,
    K_STEP,
    K_SUPPLY_SET,
    K_TARGET,
    O_ASKED,
    O_FLOW,
    O_HEAT_W,
    O_MAKEUP,
    O_PLAN,
    O_PLANT_J,
    O_RETURN_C,
    O_RETURN_FLOW,
    O_RETURN_TREND,
    O_SUPPLY_C,
    O_SUPPLY_MAX,
    O_UNSERVED_CAPACITY,
    O_UNSERVED_FUEL,
    PREHEAT,
    S_DESIGN_OUTDOOR,
    S_DESIGN_ROOM,
    S_HEAT_CAPACITY,
    S_MAKEUP_C,
    S_MERIT,
    S_RECOVERY,
    S_SUPPLY_DESIGN,
    S_SUPPLY_EXPONENT,
    S_SUPPLY_MINIMUM,
    S_TRIAL_SUPPLY,
    TRIAL,
    U_CAPACITY,
    U_DUTY,
    U_MINIMUM,
    U_SLOPE,
    V_EFFICIENCY,
    V_RANK,
    V_SHARE,
    V_TIER,
    Y_HEAT,
    Y_NEED,
    Array,
)  # fmt: skip
from .tanks import from_tank, in_hand
from .units import book_unit, call_up, efficiencies, fuels, reach

__all__ = ["able", "give", "produce", "share_out", "supply_set_point"]

# rows of Work.source [W]: what units can make now, with all fuel and all warm, with their fuel and all warm; what tanks
# can give; from A_LOAD on four rows for units.call_up
A_NOW, A_FULL, A_PLANNED, A_LACK, A_DEFICIT, A_CAN, A_TANK, A_LOAD = range(8)


@kernel
def supply_set_point(dt: float, setback: float, s: Array, clock: Array) -> None:
    """Move the primary supply set-point towards the curve, by at most the ramp [degC].

    ``target + (design - room) * q**exponent`` with ``q = (target - outdoor) / (room - design outdoor)``, at least the
    minimum; a trial runs at its own temperature, filling and standstill heat nothing.
    """
    mode = clock[K_MODE]
    if mode < TRIAL:
        return
    if mode == TRIAL:
        goal = s[S_TRIAL_SUPPLY]
    else:
        target = clock[K_TARGET] - setback
        share = max((target - clock[K_OUTDOOR]) / (s[S_DESIGN_ROOM] - s[S_DESIGN_OUTDOOR]), 0.0)
        goal = max(
            target + (s[S_SUPPLY_DESIGN] - s[S_DESIGN_ROOM]) * share ** s[S_SUPPLY_EXPONENT], s[S_SUPPLY_MINIMUM]
        )
    clock[K_GOAL] = goal
    reach = clock[K_RAMP] * dt / 3600.0
    clock[K_SUPPLY_SET] += min(max(goal - clock[K_SUPPLY_SET], -reach), reach)


@kernel
def able(
    dt: float, outdoor: float, s: Array, clock: Array, unit: Array, unit_int: Array, store: Array, island: Array,
    source: Array, ranks: Array, stocks: Array, ledger: Array, stock: Array, unit_able: Array, source_able: Array,
) -> None:  # fmt: skip
    """Call up units, and write what each unit and source can make in the step [W].

    Units draw on a shared store in order of merit. Nothing is made before the trial run.

    Parameters
    ----------
    dt, outdoor : float
        Step [s] and outdoor temperature [degC].
    s, clock, unit, unit_int, store, island, source, ranks, stocks, ledger : arrays
        ``Plant.setting``, ``State.clock``, ``Plant.unit``, ``Plant.unit_int``, ``Plant.store``, ``State.island``,
        ``State.source``, ``State.unit``, ``State.stock``, ``State.ledger``.
    stock : array, shape (2, store)
        Scratch.
    unit_able, source_able : arrays, out
        ``Work.unit``: with the fuel there is, and without regard to fuel; row 2 is scratch. ``Work.source``: with the
        fuel there is; and
        if all of its units were warm, without regard to fuel and with it.
    """
    source_able[A_NOW : A_FULL + 1] = 0.0
    source_able[A_CAN : A_TANK + 1] = 0.0
    unit_able[:] = 0.0
    if clock[K_MODE] < TRIAL:
        return
    efficiencies(outdoor, clock[K_GROUND], clock, unit, unit_int, source, ranks)
    call_up(
        dt, s, unit, unit_int, store, island, source, ranks, stocks, ledger, source_able[A_LOAD : A_LOAD + 2],
        source_able[A_LOAD + 2 : A_LOAD + 4],
    )  # fmt: skip
    for f in range(store.size):
        stock[0, f] = stocks[0, f]
    for k in range(unit_able.shape[1]):
        u = int(ranks[V_RANK, k])
        i = unit_int[0, u]
        capacity = unit[U_CAPACITY, u] * ranks[V_SHARE, u]
        if capacity <= 0.0:
            continue
        efficiency, slope, minimum = ranks[V_EFFICIENCY, u], unit[U_SLOPE, u], unit[U_MINIMUM, u]
        first, second = fuels(u, unit_int, ranks)
        before = stock[0, first], stock[0, second]
        heat, _ = draw(capacity, dt, capacity, efficiency, slope, minimum, first, second, store, stock[0], stock[1])
        limit = reach(u, dt, capacity, unit, ranks)
        source_able[A_CAN, i] += heat
        if limit < heat:
            stock[0, first] = before[0]
            if second >= 0:
                stock[0, second] = before[1]
            heat, _ = draw(limit, dt, capacity, efficiency, slope, minimum, first, second, store, stock[0], stock[1])
        unit_able[0, u] = heat
        unit_able[1, u] = limit
        source_able[A_NOW, i] += heat
        source_able[A_FULL, i] += capacity


@kernel
def share_out(
    dt: float, total: Array, s: Array, clock: Array, built: Array, unit: Array, unit_int: Array, ranks: Array,
    island: Array, unit_able: Array, source_able: Array, now: Array,
) -> None:  # fmt: skip
    """Write what share of its island's flow each source is to give (``State.source[O_PLAN]``).

    By merit the units of an island fill up its load in order of rank; otherwise sources share in proportion to what
    they can make, base load first, then peak, then standby units. Where nothing can be made the water circulates in
    proportion to what is built.

    Parameters
    ----------
    dt : float
        Step [s].
    total : array, shape (source,)
        Flow asked for in each island [kg/s].
    s, clock, built, unit, unit_int, ranks, island : arrays
        ``Plant.setting``, ``State.clock``, capacity built [W], ``Plant.unit``, ``Plant.unit_int``, ``State.unit``,
        ``State.island``.
    unit_able, source_able : arrays
        As :func:`able` left them.
    now : array
        ``State.source``.
    """
    sources = built.size
    planned, left = source_able[A_PLANNED], source_able[A_DEFICIT]
    for i in range(sources):
        planned[i] = source_able[A_CAN, i]
    if s[S_MERIT] > 0.0:
        _by_merit(
            dt, total, s, clock, unit_int, ranks, island, unit_able, now, planned, left, source_able[A_LACK],
            source_able[A_LOAD],
        )  # fmt: skip
    elif _duties(unit) > 0.0:
        _loads(total, s, clock, island, now, left)
        _by_duty(unit, unit_int, ranks, island, planned, left, source_able[A_LACK])
    for at in range(sources):
        summed, size = 0.0, 0.0
        for i in range(sources):
            if island[i] == at:
                summed += planned[i]
                size += max(built[i], 1.0)
        for i in range(sources):
            if island[i] == at:
                now[O_PLAN, i] = planned[i] / summed if summed > 0.0 else max(built[i], 1.0) / size


@kernel
def _loads(total: Array, s: Array, clock: Array, island: Array, now: Array, left: Array) -> None:
    """Write what each island's water takes up to its set-point with the return as last seen [W]."""
    for at in range(left.size):
        left[at] = 0.0
        if total[at] > 0.0:
            left[at] = total[at] * s[S_HEAT_CAPACITY] * max(clock[K_SUPPLY_SET] - _mean_return(at, island, now), 1.0)


@kernel
def _by_merit(
    dt: float, total: Array, s: Array, clock: Array, unit_int: Array, ranks: Array, island: Array, unit_able: Array,
    now: Array, planned: Array, left: Array, owed: Array, possible: Array,
) -> None:  # fmt: skip
    """Let the units of each island take up its flow in order, each as much as it can heat [kg/s].

    Units of one tier (``V_TIER``) share what is left to them in proportion to what each could take. What a plant's own
    water lacks since its return came back colder than expected is made up first.
    """
    units = unit_able.shape[1]
    for i in range(planned.size):
        planned[i] = 0.0
        left[i] = total[i]
        owed[i] = max(-now[O_PLANT_J, i], 0.0) / max(dt, s[S_RECOVERY])
    first = 0
    while first < units:
        tier, last = ranks[V_TIER, int(ranks[V_RANK, first])], first
        possible[:] = 0.0
        while last < units and ranks[V_TIER, int(ranks[V_RANK, last])] == tier:
            u = int(ranks[V_RANK, last])
            i = unit_int[0, u]
            if now[O_RETURN_FLOW, i] > 0.0:
                back = _returning(i, dt, clock, now)
            else:
                back = _mean_return(island[i], island, now)
            rise = max(clock[K_SUPPLY_SET] - back, 1.0)
            paid = min(owed[i], unit_able[0, u])
            owed[i] -= paid
            unit_able[2, u] = (unit_able[0, u] - paid) / (s[S_HEAT_CAPACITY] * rise)
            possible[island[i]] += unit_able[2, u]
            last += 1
        for k in range(first, last):
            u = int(ranks[V_RANK, k])
            at = island[unit_int[0, u]]
            if possible[at] > 0.0:
                planned[unit_int[0, u]] += unit_able[2, u] * min(left[at] / possible[at], 1.0)
        for at in range(left.size):
            left[at] -= min(possible[at], left[at])
        first = last


@kernel
def _mean_return(at: int, island: Array, now: Array) -> float:
    """Return what comes back to an island's sources in the mean [degC]."""
    mean_return, flow = 0.0, 0.0
    for o in range(now.shape[1]):
        if island[o] == at:
            mean_return += now[O_RETURN_C, o] * (max(now[O_RETURN_FLOW, o], 0.0) + 1e-6)
            flow += max(now[O_RETURN_FLOW, o], 0.0) + 1e-6
    return mean_return / flow


@kernel
def _duties(unit: Array) -> float:
    """Return the latest duty of any unit: 0 where all bear the base load."""
    latest = 0.0
    for u in range(unit.shape[1]):
        latest = max(latest, unit[U_DUTY, u])
    return latest


@kernel
def _by_duty(
    unit: Array, unit_int: Array, ranks: Array, island: Array, planned: Array, left: Array, standing: Array
) -> None:
    """Let base, peak and standby units fill up each island's load in turn, each in proportion to capacity."""
    planned[:] = 0.0
    for duty in range(3):
        standing[:] = 0.0
        for u in range(unit.shape[1]):
            if unit[U_DUTY, u] == duty:
                standing[island[unit_int[0, u]]] += unit[U_CAPACITY, u] * ranks[V_SHARE, u]
        for u in range(unit.shape[1]):
            at = island[unit_int[0, u]]
            if unit[U_DUTY, u] == duty and standing[at] > 0.0:
                take = min(left[at] / standing[at], 1.0)
                planned[unit_int[0, u]] += take * unit[U_CAPACITY, u] * ranks[V_SHARE, u]
        for at in range(left.size):
            left[at] = max(left[at] - standing[at], 0.0)


@kernel
def _returning(i: int, dt: float, clock: Array, now: Array) -> float:
    """Return the temperature at which a source's water is expected to come back in this step [degC]."""
    result: float = now[O_RETURN_C, i] + ahead(now[O_RETURN_TREND, i], dt, clock[K_STEP])
    return result


@kernel
def give(dt: float, s: Array, clock: Array, built: Array, source_able: Array, now: Array) -> None:
    """Write each source's supply temperature for the step: the set-point, or what units and tank reach [degC]."""
    capacity = s[S_HEAT_CAPACITY]
    for i in range(built.shape[1]):
        flow = now[O_FLOW, i]
        if flow <= 0.0:
            continue
        back = max(now[O_RETURN_FLOW, i], 0.0)
        entering = (back * _returning(i, dt, clock, now) + now[O_MAKEUP, i] * s[S_MAKEUP_C]) / max(
            back + now[O_MAKEUP, i], 1e-12
        )
        held = now[O_PLANT_J, i] / max(dt, s[S_RECOVERY])
        tank = in_hand(i, dt, flow * capacity, entering, built, now) if clock[K_MODE] >= TRIAL else 0.0
        source_able[A_TANK, i] = tank
        warmest = entering + (source_able[A_NOW, i] + tank + held) / (flow * capacity)
        goal = min(clock[K_SUPPLY_SET], built[O_SUPPLY_MAX, i]) if clock[K_MODE] >= TRIAL else entering
        now[O_SUPPLY_C, i] = min(max(goal, entering), warmest)


@kernel
def produce(
    dt: float, order: float, s: Array, clock: Array, unit: Array, unit_int: Array, store: Array, ranks: Array,
    stock: Array, ledger: Array, built: Array, island: Array, substation: Array, unit_able: Array, source_able: Array,
    now: Array,
) -> None:  # fmt: skip
    """Make the step's heat, burn its fuel, and say what could not be made for want of fuel and of capacity.

    Heat asked of a source is what its water took up less what its plant still held; its tank gives or takes first, then
    units make it in order of merit. Heat not served is measured at the substations (need less heat), given to the
    island's sources in proportion to how much heat each lacked to hold its set-point, and split by what it lacked:
    fuel, where its units could have made more with more of it, else capacity.
    """
    capacity = s[S_HEAT_CAPACITY]
    for i in range(built.shape[1]):
        back = max(now[O_RETURN_FLOW, i], 0.0) * now[O_RETURN_C, i] + now[O_MAKEUP, i] * s[S_MAKEUP_C]
        now[O_PLANT_J, i] -= capacity * dt * (now[O_FLOW, i] * now[O_SUPPLY_C, i] - back)
        now[O_HEAT_W, i] = 0.0
        required = max(-now[O_PLANT_J, i] / dt, 0.0)
        now[O_PLANT_J, i] += dt * from_tank(
            i, dt, order, required, source_able[A_NOW, i], source_able[A_TANK, i], s, built, now, ledger
        )
        goal = min(clock[K_SUPPLY_SET], built[O_SUPPLY_MAX, i])
        now[O_ASKED, i] += now[O_FLOW, i] * capacity * max(goal - now[O_SUPPLY_C, i], 0.0)
    for k in range(unit.shape[1]):
        u = int(ranks[V_RANK, k])
        i = unit_int[0, u]
        full, limit = unit[U_CAPACITY, u] * ranks[V_SHARE, u], unit_able[1, u]
        heat, energy, load = min(max(-now[O_PLANT_J, i] / dt, 0.0), limit), 0.0, 0.0
        if heat > 0.0 and clock[K_MODE] >= TRIAL:
            efficiency, slope, minimum = ranks[V_EFFICIENCY, u], unit[U_SLOPE, u], unit[U_MINIMUM, u]
            first, second = fuels(u, unit_int, ranks)
            load = heat / full
            heat, energy = draw(heat, dt, full, efficiency, slope, minimum, first, second, store, stock[0], stock[1])
            load = heat / full if second < 0 else load  # two fuels: at its load for a part of the step
            now[O_HEAT_W, i] += heat
            now[O_PLANT_J, i] += heat * dt
            ledger[G_PRODUCED] += heat * dt
        else:
            heat = 0.0
        book_unit(u, dt, heat, limit, load, full, energy, unit, ranks, ledger)
    _unserved(s, clock, built[O_SUPPLY_MAX], island, substation, source_able, now)


@kernel
def _unserved(
    s: Array, clock: Array, supply_max: Array, island: Array, substation: Array, source_able: Array, now: Array,
) -> None:  # fmt: skip
    sources = supply_max.size
    lack, deficit = source_able[A_LACK], source_able[A_DEFICIT]
    now[O_UNSERVED_FUEL : O_UNSERVED_CAPACITY + 1] = 0.0
    lack[:] = 0.0
    deficit[:] = 0.0
    if clock[K_MODE] < PREHEAT:
        return
    for x in range(substation.shape[1]):
        if island[sources + x] >= 0:
            deficit[island[sources + x]] += max(substation[Y_NEED, x] - substation[Y_HEAT, x], 0.0)
    for i in range(sources):
        goal = min(clock[K_SUPPLY_SET], supply_max[i])
        lack[i] = now[O_FLOW, i] * s[S_HEAT_CAPACITY] * max(goal - now[O_SUPPLY_C, i], 0.0)
        # a source that dispatch left without flow because it cannot make anything lacks what it could have made
        lack[i] = max(lack[i], source_able[A_FULL, i] - source_able[A_CAN, i])
    for at in range(sources):
        total = 0.0
        for i in range(sources):
            total += lack[i] if island[i] == at else 0.0
        # what substations miss beyond that is their valves' lag, or pumps', and no source's: it was at its set-point
        share = min(deficit[at] / total, 1.0) if total > 0.0 else 0.0
        for i in range(sources):
            if island[i] == at and lack[i] > 0.0:
                part = share * lack[i]
                fuel = min(source_able[A_FULL, i] - source_able[A_CAN, i], lack[i]) / lack[i]
                now[O_UNSERVED_FUEL, i] = part * fuel
                now[O_UNSERVED_CAPACITY, i] = part * (1.0 - fuel)
