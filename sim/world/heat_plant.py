"""NetworkArrays and HeatSettings -> the Plant, the first State and the Work that the heat kernels march on."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ..kernels import layout as la
from ..kernels.friction import friction_table
from ..kernels.mesh import lay_out
from ..kernels.rooms import matrices
from ..kernels.substations import DAMPING, exchange_tables
from ..kernels.topology import derive
from ..kernels.water import density_kg_m3, fluidity_1_pa_s
from .heat_settings import TANK_RULES, HeatSettings
from .outdoors import GLOBAL, facings

__all__ = ["RING", "build", "with_secondary_flow"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RING = 32  # parcels that a slow pipe remembers
CROSSINGS = 1 << 16


def build(arrays: NetworkArrays, settings: HeatSettings, weather: Floats) -> tuple[la.Plant, la.State, la.Work]:
    """Return the heat model's arrays.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    settings : HeatSettings
        The settings.
    weather : array, shape (row, hour)
        As :func:`~.outdoors.weather_rows` gives it.
    """
    plant, part, chords = _stands(arrays, settings, weather.shape[1])
    sides = np.concatenate([part.pipe_on_supply, part.pipe_on_return])
    state = _first_state(plant, part, settings, weather, sides, chords)
    derive(plant, state)
    return plant, state, _work(plant, chords)


def with_secondary_flow(plant: la.Plant, arrays: NetworkArrays, settings: HeatSettings, share: float) -> la.Plant:
    """Return the plant with another secondary flow everywhere: emitters, exchangers and curves follow it.

    The exchangers' conductance goes with it as with the primary flow; pumps turn slower, so that their pressure goes
    with its square and their power with its cube.

    Parameters
    ----------
    plant : Plant
        As it stands now.
    arrays : NetworkArrays
        The network as built.
    settings : HeatSettings
    share : float
        Secondary flow over design [-].
    """
    cohort, substation, curve, exchange, valve = _secondary(arrays, settings, share, int(plant.size[la.SLOTS]))
    setting = plant.setting.copy()
    setting[la.S_SECONDARY_PUMP] = _setting(settings)[la.S_SECONDARY_PUMP] * share**2
    return plant._replace(
        cohort=cohort, substation=substation, curve=curve, exchange=exchange, valve=valve, setting=setting
    )


@lru_cache(maxsize=64)
def _secondary(
    arrays: NetworkArrays, settings: HeatSettings, share: float, slots: int
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return cohorts, substations, curves and both exchanger tables at a secondary flow over design."""
    arrays = connected_part(arrays)
    scaled = replace(
        arrays,
        substation_secondary_kg_s=arrays.substation_secondary_kg_s * share,
        substation_ua_w_k=arrays.substation_ua_w_k * share**settings.exchanger_exponent,
    )
    cohort = _cohorts(scaled, settings, _places(scaled)[0], slots * len(scaled.substation_ids))
    return cohort, *_substations(scaled, settings)


@lru_cache(maxsize=16)
def _stands(arrays: NetworkArrays, settings: HeatSettings, hours: int) -> tuple[la.Plant, NetworkArrays, int]:
    """Return what stands and never changes, its connected part and the loops of a side: the same for every season."""
    arrays = connected_part(arrays)
    places, slots = _places(arrays)
    substations = len(arrays.substation_ids)
    nodes, pipes = len(arrays.node_ids), len(arrays.pipe_ids)
    sides = np.concatenate([arrays.pipe_on_supply, arrays.pipe_on_return])
    chords = max(int(_chords(arrays, sides[:pipes])), int(_chords(arrays, sides[pipes:])), 1)
    size = np.zeros(11, np.int64)
    size[[la.NODES, la.PIPES, la.SOURCES, la.UNITS, la.STORES, la.SUBSTATIONS]] = (
        nodes, pipes, len(arrays.source_ids), len(arrays.unit_ids), len(arrays.store_ids), substations,
    )  # fmt: skip
    size[[la.SLOTS, la.CHORDS, la.RING, la.HOURS]] = slots, chords, RING, hours
    size[la.COLUMNS] = 1 + 4 * substations + 8 * len(arrays.source_ids)
    cohort = _cohorts(arrays, settings, places, slots * substations)
    substation, curve, exchange, valve = _substations(arrays, settings)
    pipe, pipe_int, friction = _pipes(arrays, settings)
    matrix = np.empty((la.MATRIX, slots * substations))
    matrices(3600.0, cohort, matrix)
    near_start, near = _adjacency(pipe_int, 2 * nodes, sides)
    plant = la.Plant(
        size=size,
        setting=_setting(settings),
        hourly=np.array([settings.gain_profile, settings.setback_k, settings.tank_orders], dtype=np.float64),
        pipe=pipe,
        pipe_int=pipe_int,
        friction=friction.ravel(),
        near_start=near_start,
        near=near,
        source=np.array(
            [
                arrays.source_supply_max_c,
                arrays.source_head_max_pa,
                arrays.source_pump_efficiency,
                arrays.source_makeup_max_kg_s,
                np.bincount(arrays.unit_source, arrays.unit_capacity_w, minlength=len(arrays.source_ids)),
                arrays.source_tank_j,
                arrays.source_tank_w,
                arrays.source_tank_hot_c,
                arrays.source_tank_rate,
            ]
        ),
        source_node=_whole(arrays.source_node),
        unit=_units(arrays),
        unit_int=_whole(np.array([arrays.unit_source, arrays.unit_store, arrays.unit_second_store])),
        store=np.array(arrays.store_heating_value_j, dtype=np.float64),
        substation=substation,
        substation_node=_whole(arrays.substation_node),
        curve=curve,
        exchange=exchange,
        valve=valve,
        cohort=cohort,
        place=places,
        facing=_facing(arrays, places, slots * substations),
        matrix=matrix,
        mesh=lay_out(_ends(arrays, pipe_int), 2 * nodes),
    )
    return plant, arrays, chords


def _units(arrays: NetworkArrays) -> Floats:
    """Return the units' rows in the order of ``layout.U_*``."""
    rows = (
        "capacity_w", "efficiency", "part_load_slope", "minimum_share", "start_s", "start_loss_s", "ramp_per_h",
        "power_to_heat", "carnot", "cold_c", "cold_side", "condensing_gain", "dew_c", "duty",
    )  # fmt: skip
    result = np.array([getattr(arrays, f"unit_{row}") for row in rows], dtype=np.float64)
    result[la.U_RAMP] /= 3600.0
    return result


def _ends(arrays: NetworkArrays, pipe_int: Ints) -> Ints:
    """Return the nodes of pipe sides, substations and sources in the direction of their flow, shape (2, edge)."""
    nodes, x, i = len(arrays.node_ids), _whole(arrays.substation_node), _whole(arrays.source_node)
    return np.array(
        [
            np.concatenate([pipe_int[la.I_FROM], x, i + nodes]),
            np.concatenate([pipe_int[la.I_TO], x + nodes, i]),
        ]
    )


def connected_part(arrays: NetworkArrays) -> NetworkArrays:
    """Return the network without the households that have reported off: their rooms, emitters and share of the flow.

    Their risers are shut, so the secondary circuit moves that much less water; what is left is shared as before.
    """
    connected = 1.0 - arrays.cohort_off_share
    share = arrays.cohort_flow_share * connected
    kept = np.bincount(arrays.cohort_substation, share, minlength=len(arrays.substation_ids))
    per_area = (
        "cohort_envelope_w_k", "cohort_ventilation_w_k", "cohort_air_j_k", "cohort_mass_j_k", "cohort_coupling_w_k",
        "cohort_solar_m2", "cohort_gain_w", "cohort_radiator_w",
    )  # fmt: skip
    return replace(
        arrays,
        cohort_flow_share=share / kept[arrays.cohort_substation],
        substation_secondary_kg_s=arrays.substation_secondary_kg_s * kept,
        **{name: getattr(arrays, name) * connected for name in per_area},
    )


def _whole(values: npt.ArrayLike) -> Ints:
    return np.ascontiguousarray(np.array(values, dtype=np.int64))


def _setting(settings: HeatSettings) -> Floats:
    s = np.zeros(la.SETTINGS)
    density = density_kg_m3(settings.return_content_c)
    pump = settings.secondary_head_pa / (density * settings.secondary_pump_efficiency * settings.water_j_kgk)
    named = {
        la.S_HEAT_CAPACITY: settings.water_j_kgk, la.S_DESIGN_OUTDOOR: settings.design_outdoor_c,
        la.S_DESIGN_ROOM: settings.design_room_c, la.S_CURVE_LAG: settings.curve_lag_s,
        la.S_SUPPLY_DESIGN: settings.primary_supply_design_c, la.S_SUPPLY_MINIMUM: settings.primary_supply_minimum_c,
        la.S_SUPPLY_EXPONENT: settings.primary_curve_exponent, la.S_RETURN_LIMIT: settings.primary_return_limit_c,
        la.S_FLOW_MAX: settings.primary_flow_max_share, la.S_FLOW_MIN: settings.primary_flow_min_share,
        la.S_DP_MIN: settings.minimum_dp_pa, la.S_MAKEUP_C: settings.makeup_c,
        la.S_TRIAL_FLOW: settings.trial_flow_share,
        la.S_TRIAL_SUPPLY: settings.trial_supply_c, la.S_TRIAL_SECONDARY: settings.trial_secondary_c,
        la.S_WIND_SHARE: settings.wind_share, la.S_WIND_REFERENCE: settings.wind_reference_m_s,
        la.S_SOUTH: settings.south_over_horizontal, la.S_GAIN_TO_MASS: settings.gain_to_mass_share,
        la.S_SOLAR_TO_MASS: settings.solar_to_mass_share,
        la.S_GROUND_STEP: settings.ground_step_k, la.S_CARRY: settings.control_carry_s,
        la.S_RECOVERY: settings.plant_recovery_s, la.S_SECONDARY_PUMP: pump, la.S_GAIN_CREDIT: settings.gain_credit,
        la.S_MERIT: float(settings.dispatch == "merit"), la.S_FLOW_TOLERANCE: settings.flow_tolerance,
        la.S_PUMP_C: settings.return_content_c,
        la.S_TANK_RULE: float(TANK_RULES.index(settings.tank_rule)), la.S_TANK_LAG_S: settings.tank_lag_s,
        la.S_KEEP_WARM_S: settings.keep_warm_s,
    }  # fmt: skip
    for row, value in named.items():
        s[row] = value
    return s


def _chords(arrays: NetworkArrays, present: npt.NDArray[np.bool_]) -> int:
    """Return how many independent loops a side can have: pipes less a spanning forest's."""
    parent = list(range(len(arrays.node_ids)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    loops = 0
    for a, b in zip(arrays.pipe_from[present].tolist(), arrays.pipe_to[present].tolist(), strict=True):
        a, b = root(a), root(b)
        loops += a == b
        parent[a] = b
    return loops


def _adjacency(pipe_int: Ints, nodes: int, present: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    sides = np.flatnonzero(present)
    ends = np.concatenate([pipe_int[la.I_FROM, sides], pipe_int[la.I_TO, sides]])
    order = np.argsort(ends, kind="stable")
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=nodes), out=start[1:])
    return start, _whole(np.concatenate([sides, sides])[order])


def _pipes(arrays: NetworkArrays, settings: HeatSettings) -> tuple[Floats, Ints, Floats]:
    diameter, length = arrays.pipe_inner_diameter_m, arrays.pipe_length_m
    capacity, nodes = settings.water_j_kgk, len(arrays.node_ids)
    area = 0.25 * math.pi * diameter**2
    parts = []
    for content in (settings.supply_content_c, settings.return_content_c):
        water = density_kg_m3(content) * area * length
        mass = water + arrays.pipe_wall_j_mk * length / capacity
        loss = arrays.pipe_loss_w_mk * length / capacity
        parts.append(
            np.array(
                [
                    mass, water, loss, loss / mass, 4.0 / (math.pi * diameter), 8.0 / (math.pi**2 * diameter**4),
                    length / diameter, arrays.pipe_minor_loss,
                ]
            )
        )  # fmt: skip
    relative, table = np.unique(np.round(arrays.pipe_roughness_m / diameter, 12), return_inverse=True)
    ends = [
        np.concatenate([arrays.pipe_from, arrays.pipe_from + nodes]),
        np.concatenate([arrays.pipe_to, arrays.pipe_to + nodes]),
        np.concatenate([table, table]),
    ]
    return np.ascontiguousarray(np.concatenate(parts, axis=1)), _whole(ends), friction_table(relative)


def _places(arrays: NetworkArrays) -> tuple[Ints, int]:
    """Return where in slot * substations each cohort lies, and the number of slots."""
    substations = len(arrays.substation_ids)
    count = np.zeros(substations, np.int64)
    place = np.zeros(len(arrays.cohort_ids), np.int64)
    for c, x in enumerate(arrays.cohort_substation.tolist()):
        place[c] = count[x] * substations + x
        count[x] += 1
    if np.any(count == 0):
        empty = ", ".join(arrays.substation_ids[x] for x in np.flatnonzero(count == 0))
        raise ValueError(f"substations without a cohort of dwellings: {empty}")
    return place, int(count.max())


def _facing(arrays: NetworkArrays, place: Ints, count: int) -> Ints:
    """Return the weather's row that shines on each place; none where every cohort sees the horizontal's sun."""
    shares, row = facings(arrays)
    if len(shares) == 0:
        return np.zeros(0, np.int64)
    result = np.full(count, GLOBAL, np.int64)
    result[place] = row
    return result


def _cohorts(arrays: NetworkArrays, settings: HeatSettings, place: Ints, count: int) -> Floats:
    rows = np.zeros((la.COHORT_FIXED, count))
    # a place without a cohort: a matchbox with no emitter, kept hot by a gain so that no threshold ever sees it
    rows[[la.C_AIR_J_K, la.C_MASS_J_K]] = 1e-6
    rows[[la.C_LOSS_AIR, la.C_LOSS_MASS, la.C_COUPLING]] = 1e-11
    rows[la.C_GAIN] = 4e-9
    envelope, share = arrays.cohort_envelope_w_k, arrays.cohort_mass_to_outdoor_share
    supply, back, room = arrays.cohort_design_supply_c, arrays.cohort_design_return_c, arrays.cohort_design_room_c
    excess = (supply - back) / np.log((supply - room) / (back - room))
    flow = arrays.cohort_flow_share * arrays.substation_secondary_kg_s[arrays.cohort_substation] * settings.water_j_kgk
    power = arrays.cohort_radiator_exponent - 1.0
    values = {
        la.C_AIR_J_K: arrays.cohort_air_j_k,
        la.C_MASS_J_K: arrays.cohort_mass_j_k,
        la.C_LOSS_AIR: envelope * (1.0 - share) + arrays.cohort_ventilation_w_k,
        la.C_LOSS_MASS: envelope * share,
        la.C_COUPLING: arrays.cohort_coupling_w_k,
        la.C_VENTILATION: arrays.cohort_ventilation_w_k,
        la.C_GAIN: arrays.cohort_gain_w,
        la.C_SOLAR: arrays.cohort_solar_m2
        * np.where(arrays.cohort_facing.any(axis=0), 1.0, settings.south_over_horizontal),
        la.C_EMITTER: arrays.cohort_radiator_w / excess ** (power + 1.0) / np.maximum(flow, 1e-9),
        la.C_FLOW_W_K: flow,
        la.C_POWER: power,
        la.C_DAMP: 1.0 / (1.0 + DAMPING * power),
        la.C_TO_MASS: arrays.cohort_emitter_to_mass_share,
    }
    for row, value in values.items():
        rows[row, place] = value
    return rows


def _substations(arrays: NetworkArrays, settings: HeatSettings) -> tuple[Floats, Floats, Floats, Floats]:
    count, capacity = len(arrays.substation_ids), settings.water_j_kgk

    def total(values: Floats) -> Floats:
        return np.bincount(arrays.cohort_substation, values, minlength=count).astype(np.float64)

    secondary = arrays.substation_secondary_kg_s * capacity
    exchange, valve, flow_step, power_max = exchange_tables(
        arrays.substation_primary_kg_s * capacity, secondary, arrays.substation_ua_w_k,
        settings.exchanger_exponent, settings.primary_flow_max_share,
    )  # fmt: skip
    radiator = total(arrays.cohort_radiator_w)
    loss, gain = _steady_losses(arrays, settings)
    rows = np.array(
        [
            secondary, arrays.substation_primary_kg_s, arrays.substation_valve_kg_s_pa05,
            total(loss), total(gain), radiator, flow_step, power_max,
            total(arrays.cohort_gain_w), total(arrays.cohort_solar_m2) * settings.south_over_horizontal,
        ]
    )  # fmt: skip
    return rows, _curves(arrays, settings, radiator).ravel(), exchange.ravel(), valve.ravel()


def _steady_losses(arrays: NetworkArrays, settings: HeatSettings) -> tuple[Floats, Floats]:
    """Return what emitters must give per K to hold each cohort's air steadily [W/K], and what its mean gains spare [W].

    Less than the sum of the losses where the mass, colder than the air, loses a part.
    """
    k, share = arrays.cohort_coupling_w_k, arrays.cohort_mass_to_outdoor_share
    loss_air = arrays.cohort_envelope_w_k * (1.0 - share) + arrays.cohort_ventilation_w_k
    loss_mass = arrays.cohort_envelope_w_k * share
    determinant = (loss_air + k) * (loss_mass + k) - k * k

    def rise(to_mass: float | Floats) -> Floats:
        result: Floats = ((loss_mass + k) * (1.0 - to_mass) + k * to_mass) / determinant
        return result

    loss = 1.0 / rise(arrays.cohort_emitter_to_mass_share)
    return loss, arrays.cohort_gain_w * rise(settings.gain_to_mass_share) * loss


def _curves(arrays: NetworkArrays, settings: HeatSettings, radiator: Floats) -> Floats:
    """Return the secondary supply's excess over the room target by load share, shape (substation, CURVE + 1) [K].

    Each substation's emitters are summed at even steps of the supply's excess,
    with the flow each cohort really gets, and
    the sum is inverted: the curve is the one that would be found by commissioning the substation as it is.
    """
    count = len(arrays.substation_ids)
    grid = np.concatenate([np.linspace(0.0, 12.0, 25), np.linspace(14.0, 240.0, 114)])
    supply, back, room = arrays.cohort_design_supply_c, arrays.cohort_design_return_c, arrays.cohort_design_room_c
    design = (supply - back) / np.log((supply - room) / (back - room))
    exponent = arrays.cohort_radiator_exponent
    flow = arrays.cohort_flow_share * arrays.substation_secondary_kg_s[arrays.cohort_substation] * settings.water_j_kgk
    flow = np.maximum(flow, 1e-9)[:, None]
    mean = np.broadcast_to(0.75 * grid, (len(design), len(grid))).copy()
    heat = np.zeros_like(mean)
    for _ in range(6):  # contracts by 0.1 per pass
        coefficient = (arrays.cohort_radiator_w / design**exponent)[:, None] * np.maximum(mean, 1e-6) ** (
            exponent - 1.0
        )[:, None]
        heat = flow * -np.expm1(-coefficient / flow) * grid
        mean = heat / coefficient
    summed = np.zeros((count, len(grid)))
    np.add.at(summed, arrays.cohort_substation, heat)
    share = np.linspace(0.0, la.CURVE_MAX, la.CURVE + 1)
    return np.array([np.interp(share, summed[x] / radiator[x], grid) for x in range(count)])


def _first_state(
    plant: la.Plant, arrays: NetworkArrays, settings: HeatSettings, weather: Floats, sides: npt.NDArray[np.bool_],
    chords: int,
) -> la.State:  # fmt: skip
    nodes, pipes, sources = len(arrays.node_ids), len(arrays.pipe_ids), len(arrays.source_ids)
    substations, places = len(arrays.substation_ids), plant.cohort.shape[1]
    ground = float(weather[3, 0])
    clock = np.zeros(la.CLOCK)
    clock[la.K_SUPPLY_SET] = settings.initial_supply_c
    clock[la.K_OUTDOOR] = weather[0, :24].mean()
    clock[la.K_GROUND] = ground
    clock[la.K_TARGET] = settings.room_target_c
    clock[la.K_RAMP] = settings.ramp_k_h
    pipe = np.zeros((la.PIPE_ROWS, 2 * pipes))
    pipe[la.L_ENTRY] = ground
    pipe[la.L_FACTOR] = 1.0
    pipe[la.L_REYNOLDS] = plant.pipe[la.P_RE] * fluidity_1_pa_s(ground)
    pipe[la.L_DRAG] = plant.pipe[la.P_DROP] / density_kg_m3(ground)
    pipe[la.L_CREEP] = 64.0 * pipe[la.L_DRAG] * plant.pipe[la.P_SLENDER] / pipe[la.L_REYNOLDS]
    pipe_int = np.zeros((10, 2 * pipes), np.int64)
    pipe_int[la.J_OPEN] = sides
    pipe_int[la.J_FILLED] = sides
    node = np.zeros((2, 2 * nodes))
    node[la.N_TEMPERATURE] = ground
    source = np.zeros((la.SOURCE_ROWS, sources))
    source[[la.O_SUPPLY_C, la.O_RETURN_C]] = ground
    source[la.O_WORST] = -1.0
    unit = np.zeros((la.UNIT_ROWS, len(arrays.unit_ids)))
    unit[[la.V_SHARE, la.V_SHARE_NEXT, la.V_THERE]] = 1.0
    unit[la.V_EFFICIENCY] = arrays.unit_efficiency
    unit[la.V_TO_GO_S] = arrays.unit_start_s
    unit[[la.V_RANK, la.V_TIER]] = np.arange(len(arrays.unit_ids))
    substation = np.zeros((la.SUBSTATION_ROWS, substations))
    substation[[la.Y_SUPPLY_C, la.Y_RETURN_C, la.Y_SECONDARY_C]] = ground
    substation[[la.Y_LIMIT, la.Y_SERVED, la.Y_ON]] = 1.0
    cohort = np.zeros((la.COHORT_ROWS, places))
    air, mass = _first_rooms(plant, settings, weather)
    cohort[la.Z_AIR], cohort[la.Z_MASS] = air, mass
    cohort[la.Z_EXCESS] = 20.0
    cohort[la.Z_POWER] = 20.0 ** plant.cohort[la.C_POWER]
    stock = np.zeros((la.STOCK_ROWS, len(arrays.store_ids)))
    stock[la.F_STOCK], stock[la.F_STAYS] = arrays.store_initial, np.finfo(np.float64).max
    clock[la.K_DAY] = -1.0
    return la.State(
        clock=clock, pipe=pipe, pipe_int=pipe_int, ring=np.zeros((2 * pipes, RING, 4)), node=node,
        tree=np.zeros((la.TREE_ROWS, 2 * nodes), np.int64), counts=np.zeros((6, 2), np.int64),
        chord=np.zeros((2, chords), np.int64),
        chord_flow=np.zeros((2, chords)), loop_pipe=np.zeros((2, 2, max(pipes, 1)), np.int64),
        segment=np.zeros((2, 2, pipes + 1), np.int64), member=np.zeros((2, 2, max(4 * chords * chords, pipes)),
        np.int64),
        island=np.full(sources + substations, -1, np.int64), part_island=np.zeros((2, sources), np.int64),
        source=source,
        unit=unit, stock=stock, substation=substation,
        cohort=cohort, ledger=np.zeros(la.LEDGER), hour=np.zeros(int(plant.size[la.COLUMNS])), trouble=np.zeros(3,
        np.int64),
    )  # fmt: skip


def _first_rooms(plant: la.Plant, settings: HeatSettings, weather: Floats) -> tuple[Floats, Floats]:
    """Return air and mass at the origin: as set, or in balance with the first three days' mean weather [degC]."""
    rows = plant.cohort
    empty = rows[la.C_EMITTER] == 0.0
    outdoor, solar = weather[0, :72].mean(), weather[GLOBAL, :72].mean()
    if plant.facing.size:
        solar = weather[plant.facing, :72].mean(axis=1)
    k = rows[la.C_COUPLING]
    loss_air, loss_mass = rows[la.C_LOSS_AIR], rows[la.C_LOSS_MASS]
    to_mass = rows[la.C_GAIN] * settings.gain_to_mass_share + rows[la.C_SOLAR] * solar * settings.solar_to_mass_share
    to_air = rows[la.C_GAIN] + rows[la.C_SOLAR] * solar - to_mass
    determinant = (loss_air + k) * (loss_mass + k) - k * k
    air = outdoor + ((loss_mass + k) * to_air + k * to_mass) / determinant
    mass = outdoor + (k * to_air + (loss_air + k) * to_mass) / determinant
    if settings.initial_room_c is not None:
        air = np.where(empty, air, settings.initial_room_c)
        mass = np.where(empty, mass, settings.initial_room_c)
    return air, mass


def _work(plant: la.Plant, chords: int) -> la.Work:
    size = plant.size
    pipes, nodes, sources = int(size[la.PIPES]), int(size[la.NODES]), int(size[la.SOURCES])
    places = plant.cohort.shape[1]
    return la.Work(
        pipe=np.zeros((la.PIPE_SCRATCH, 2 * pipes)), node=np.zeros((5, 2 * nodes)),
        substation=np.zeros((la.SUBSTATION_SCRATCH, int(size[la.SUBSTATIONS]))),
        cohort=np.zeros((la.COHORT_SCRATCH, places)), matrix=np.zeros((la.MATRIX, places)), matrix_s=np.zeros(1),
        loop=np.zeros((chords + 2, chords)), source=np.zeros((11, sources)), loop_source=np.zeros((4, sources)),
        unit=np.zeros((3, int(size[la.UNITS]))), store=np.zeros((2, int(size[la.STORES]))),
        mark=np.zeros((4, 2 * max(pipes, nodes)), np.int64), crossing=np.zeros((3, max(CROSSINGS, 4 * places))),
        crossings=np.zeros(1, np.int64), wavy=np.zeros(2 * nodes, np.int64), profile=np.zeros((2 * nodes, la.BINS)),
        queue=np.zeros((12, RING + 2 * la.BINS + 4)), edge=np.zeros((7, plant.mesh.edge.size)),
        law=np.zeros((13, plant.mesh.edge.size - 2 * pipes)), piece=np.zeros(plant.mesh.edge.size, np.int64),
        trial=np.zeros(2 * pipes), joined=np.zeros((2, plant.mesh.row.size)), potential=np.zeros((3, 2 * nodes)),
    )  # fmt: skip
