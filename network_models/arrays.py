"""Network -> NetworkArrays: the only shape kernels see.

Every array is read-only, in SI units named in the attribute, indexed by the element's position in the network file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .sources import CombinedHeatAndPower, GasBoiler, HeatPump, PipelineGas, Stock, WasteHeat

if TYPE_CHECKING:
    from .network import DwellingType, Network
    from .sources import Source, Store, Unit

__all__ = ["FACADES", "NetworkArrays", "to_arrays"]

FACADES = ("north", "east", "south", "west", "horizontal")  # the order of NetworkArrays.cohort_facing

WATER_J_KGK = 4186.0
_TANK_KG_M3 = 971.8  # at 80 degC
_OF_UNITS = ("capacity_w", "part_load_slope", "minimum_share", "start_s", "start_loss_s", "outage_rate", "repair_h")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkArrays:
    """A network as flat arrays. Shapes: (node,), (pipe,), (source,), (unit,), (store,), (substation,), (cohort,)."""

    # labels: tuples of text that the integer columns below point into
    operators: tuple[str, ...]
    districts: tuple[str, ...]

    node_ids: tuple[str, ...]
    node_elevation_m: Floats

    pipe_ids: tuple[str, ...]  # a pipe is a trench: a supply and a return pipe, or one alone
    pipe_from: Ints  # node
    pipe_to: Ints  # node
    pipe_length_m: Floats
    pipe_inner_diameter_m: Floats
    pipe_roughness_m: Floats
    pipe_loss_w_mk: Floats  # per metre of one pipe, water to undisturbed ground
    pipe_wall_j_mk: Floats  # heat capacity of the wall per metre of one pipe
    pipe_minor_loss: Floats  # sum of zeta
    pipe_depth_m: Floats
    pipe_on_supply: Bools
    pipe_on_return: Bools
    pipe_valve_from: Bools  # a sectioning valve stands at the `from` end
    pipe_valve_to: Bools
    pipe_year: Ints  # year laid
    pipe_preinsulated: Bools
    pipe_operator: Ints
    pipe_district: Ints

    source_ids: tuple[str, ...]
    source_node: Ints
    source_supply_max_c: Floats
    source_head_max_pa: Floats  # largest pressure difference the pumps hold between supply and return
    source_pump_efficiency: Floats
    source_makeup_max_kg_s: Floats
    source_operator: Ints
    source_district: Ints
    source_tank_j: Floats  # heat that its hot-water tank holds between cold and hot; 0: none
    source_tank_w: Floats  # largest heat taken in or given off
    source_tank_hot_c: Floats
    source_tank_rate: Floats  # share of the heat held that is lost per second

    unit_ids: tuple[str, ...]  # a boiler, a heat pump, …: several per source
    unit_source: Ints
    unit_store: Ints  # the fuel store it burns from
    unit_second_store: Ints  # dual fuel: the one it can turn to; -1: none
    unit_kind: tuple[str, ...]  # gas_boiler, coal_boiler, biomass_boiler, …
    unit_capacity_w: Floats
    unit_efficiency: Floats  # of the lower heating value, at full load
    unit_part_load_slope: Floats  # efficiency(load) = efficiency * (1 + slope * (1 - load))
    unit_minimum_share: Floats
    unit_start_s: Floats
    unit_start_loss_s: Floats  # fuel of a cold start, as seconds of full output
    unit_ramp_per_h: Floats  # fastest rise per hour over capacity; infinite: at once
    unit_duty: Ints  # 0 base load, 1 peak load, 2 standby
    unit_carnot: Floats  # Carnot's COP at the rating temperatures; 0: the efficiency is constant
    unit_cold_c: Floats  # temperature at the cold side at the rating
    unit_cold_side: Ints  # 0 as at the rating, 1 outdoor air, 2 ground
    unit_condensing_gain: Floats  # rise of the efficiency per kelvin of return below the dew point, over itself
    unit_dew_c: Floats
    unit_outage_rate: Floats  # forced-outage rate [-]
    unit_repair_h: Floats  # mean time to repair
    unit_power_to_heat: Floats  # electricity made per heat made; 0 for all but combined heat and power

    store_ids: tuple[str, ...]  # a stock of fuel, or a pipeline contract
    store_source: Ints
    store_fuel: tuple[str, ...]
    store_unit: tuple[str, ...]  # "kg", "m3" or, for a connection (electricity, waste heat), "kWh"
    store_pipeline: Bools  # True: a daily contract quantity, not a stock
    store_gas: Bools  # True: of these, pipeline gas
    store_heating_value_j: Floats  # lower heating value per unit
    store_capacity: Floats  # storage limit [unit]; for a pipeline: line pack and LNG held on site
    store_initial: Floats  # stock when the readiness works begin [unit]
    store_contract_per_day: Floats  # pipeline: daily quantity [unit]; stock: largest delivery per day [unit]
    store_lead_s: Floats  # mean lead time of an order
    store_bays: Ints  # unloading bays
    store_truck: Floats  # one delivery's size [unit] (0 for a pipeline)
    store_co2_kg: Floats  # per unit of fuel
    store_price_cny: Floats  # per unit of fuel

    substation_ids: tuple[str, ...]
    substation_node: Ints
    substation_operator: Ints
    substation_district: Ints
    substation_estates: tuple[str, ...]
    substation_managers: tuple[str, ...]  # property manager
    substation_protected: Bools  # hospital, school, care home: rationed last
    substation_design_w: Floats  # heat at design outdoor temperature
    substation_ua_w_k: Floats  # heat exchanger at design flows
    substation_secondary_kg_s: Floats  # secondary flow, constant in quality regulation
    substation_primary_kg_s: Floats  # primary flow at design
    substation_valve_kg_s_pa05: Floats  # flow of the open valve and exchanger per square root of pressure [kg/s/Pa^0.5]

    cohort_ids: tuple[str, ...]  # dwellings alike in vintage and position, on one substation
    cohort_substation: Ints
    cohort_vintage: tuple[str, ...]
    cohort_position: tuple[str, ...]  # inner, top, gable, end_of_line
    cohort_floor_area_m2: Floats
    cohort_households: Ints  # all, including those that have reported off
    cohort_off_share: Floats  # share of households that reported off (报停)
    cohort_envelope_w_k: Floats  # transmission from room to outdoors
    cohort_ventilation_w_k: Floats
    cohort_air_j_k: Floats  # fast capacity: air, furniture, surfaces
    cohort_mass_j_k: Floats  # slow capacity: walls and slabs
    cohort_coupling_w_k: Floats  # air to mass
    cohort_mass_to_outdoor_share: Floats  # share of the envelope loss that leaves from the mass
    cohort_solar_m2: Floats  # effective opening for the sun
    cohort_facing: Floats  # (facade, cohort): shares of it by FACADES; 0 where nothing is stated: the horizontal's sun
    cohort_gain_w: Floats  # mean internal gain
    cohort_radiator_w: Floats  # emitter output at design temperatures
    cohort_radiator_exponent: Floats
    cohort_emitter_to_mass_share: Floats  # share of the emitters' heat that goes to the mass
    cohort_design_supply_c: Floats  # secondary
    cohort_design_return_c: Floats
    cohort_design_room_c: Floats  # the room temperature at which cohort_radiator_w holds
    cohort_flow_share: Floats  # share of the substation's secondary flow that it really gets; sums to 1 per substation
    cohort_offset_sd_k: Floats  # spread of dwellings about the cohort's mean


def to_arrays(network: Network) -> NetworkArrays:
    """Return a network as read-only arrays.

    Parameters
    ----------
    network : Network
        A validated network; every reference in it resolves.

    Returns
    -------
    NetworkArrays
        Rows in the order of the network's tables; units and stores in the order of their sources.
    """
    columns: dict[str, Any] = {}
    operators = _labels(network, "operator")
    districts = _labels(network, "district")
    columns["operators"], columns["districts"] = tuple(operators), tuple(districts)
    nodes = {node.id: row for row, node in enumerate(network.nodes)}
    columns["node_ids"] = tuple(nodes)
    columns["node_elevation_m"] = _floats(network.nodes, "elevation_m")
    for table, rows in (("pipe", network.pipes), ("source", network.sources), ("substation", network.substations)):
        columns[f"{table}_ids"] = tuple(row.id for row in rows)
        columns[f"{table}_operator"] = _ints(operators[row.operator] for row in rows)
        columns[f"{table}_district"] = _ints(districts[row.district] for row in rows)
    columns |= _pipe_columns(network, nodes) | _source_columns(network, nodes) | _substation_columns(network, nodes)
    columns |= _cohort_columns(network)
    for value in columns.values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return NetworkArrays(**columns)


def _labels(network: Network, key: str) -> dict[str, int]:
    """Return label -> number, in order of first appearance."""
    rows = (*network.sources, *network.pipes, *network.substations)
    return {label: number for number, label in enumerate(dict.fromkeys(getattr(row, key) for row in rows))}


def _floats(rows: Sequence[Any], field: str) -> Floats:
    return np.array([getattr(row, field) for row in rows], dtype=np.float64)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _bools(values: Iterable[bool]) -> Bools:
    return np.array(list(values), dtype=np.bool_)


def _pipe_columns(network: Network, nodes: dict[str, int]) -> dict[str, Any]:
    pipes = network.pipes
    catalogue = {kind.id: kind for kind in network.pipe_types}
    kinds = [catalogue[pipe.type] for pipe in pipes]
    return {
        "pipe_from": _ints(nodes[pipe.from_node] for pipe in pipes),
        "pipe_to": _ints(nodes[pipe.to_node] for pipe in pipes),
        "pipe_length_m": _floats(pipes, "length_m"),
        "pipe_inner_diameter_m": _floats(kinds, "inner_diameter_m"),
        "pipe_roughness_m": _floats(kinds, "roughness_m"),
        "pipe_loss_w_mk": _floats(kinds, "loss_w_mk"),
        "pipe_wall_j_mk": _floats(kinds, "wall_j_mk"),
        "pipe_minor_loss": _floats(pipes, "minor_loss"),
        "pipe_depth_m": _floats(pipes, "depth_m"),
        "pipe_on_supply": _bools(pipe.side != "return" for pipe in pipes),
        "pipe_on_return": _bools(pipe.side != "supply" for pipe in pipes),
        "pipe_valve_from": _bools(pipe.valve_from for pipe in pipes),
        "pipe_valve_to": _bools(pipe.valve_to for pipe in pipes),
        "pipe_year": _ints(pipe.year for pipe in pipes),
        "pipe_preinsulated": _bools(kind.construction == "preinsulated" for kind in kinds),
    }


def _source_columns(network: Network, nodes: dict[str, int]) -> dict[str, Any]:
    sources = network.sources
    units = [(row, unit) for row, source in enumerate(sources) for unit in source.units]
    stores = [(row, store) for row, source in enumerate(sources) for store in source.stores]
    number = {store.id: row for row, (_, store) in enumerate(stores)}
    only_units, only_stores = [unit for _, unit in units], [store for _, store in stores]
    result: dict[str, Any] = {"source_node": _ints(nodes[source.node] for source in sources)}
    for field in ("supply_max_c", "head_max_pa", "pump_efficiency", "makeup_max_kg_s"):
        result[f"source_{field}"] = _floats(sources, field)
    result |= {
        "unit_ids": tuple(unit.id for unit in only_units),
        "unit_source": _ints(row for row, _ in units),
        "unit_store": _ints(number[unit.store] for unit in only_units),
        "unit_second_store": _ints(
            -1 if unit.second_store is None else number[unit.second_store] for unit in only_units
        ),
        "unit_kind": tuple(unit.kind for unit in only_units),
        "unit_efficiency": np.array([_efficiency(unit) for unit in only_units]),
        "unit_power_to_heat": np.array(
            [unit.power_to_heat if isinstance(unit, CombinedHeatAndPower) else 0.0 for unit in only_units]
        ),
    }
    for field in _OF_UNITS:
        result[f"unit_{field}"] = _floats(only_units, field)
    result |= _unit_laws(only_units) | _tank_columns(sources)
    details = [_store_row(store) for store in only_stores]
    result |= {
        "store_ids": tuple(store.id for store in only_stores),
        "store_source": _ints(row for row, _ in stores),
        "store_fuel": tuple(store.fuel for store in only_stores),
        "store_unit": tuple(str(row["unit"]) for row in details),
        "store_pipeline": _bools(not isinstance(store, Stock) for store in only_stores),
        "store_gas": _bools(isinstance(store, PipelineGas) for store in only_stores),
        "store_bays": _ints(store.bays if isinstance(store, Stock) else 1 for store in only_stores),
    }
    for field in ("heating_value_j", "capacity", "initial", "contract_per_day", "lead_s", "truck", "price_cny"):
        result[f"store_{field}"] = np.array([row[field] for row in details], dtype=np.float64)
    result["store_co2_kg"] = _floats(only_stores, "co2_kg_gj") * 1e-9 * result["store_heating_value_j"]
    return result


def _unit_laws(units: Sequence[Unit]) -> dict[str, Any]:
    """Return how the units' output may change, when they are called, and what their efficiency depends on."""
    ramp = [math.inf if unit.ramp_per_h is None else unit.ramp_per_h for unit in units]
    pumps = [unit if isinstance(unit, HeatPump) else None for unit in units]
    gas = [unit if isinstance(unit, GasBoiler) else None for unit in units]
    return {
        "unit_ramp_per_h": np.array(ramp, dtype=np.float64),
        "unit_duty": _ints(("base", "peak", "standby").index(unit.duty) for unit in units),
        "unit_carnot": np.array(
            [
                (pump.rating_supply_c + 273.15) / (pump.rating_supply_c - pump.rating_cold_c)
                if pump and pump.cop_law == "carnot"
                else 0.0
                for pump in pumps
            ]
        ),
        "unit_cold_c": np.array([pump.rating_cold_c if pump else 0.0 for pump in pumps]),
        "unit_cold_side": _ints(
            ("as_rated", "outdoor", "ground").index(pump.cold_side) if pump else 0 for pump in pumps
        ),
        "unit_condensing_gain": np.array([unit.condensing_gain if unit else 0.0 for unit in gas]),
        "unit_dew_c": np.array([unit.dew_c if unit else 0.0 for unit in gas]),
    }


def _tank_columns(sources: Sequence[Source]) -> dict[str, Any]:
    """Return the sources' hot-water tanks as heat held over cold, at the density of water at 80 degC."""
    tanks = [source.tank for source in sources]
    capacity_j_k = [tank.volume_m3 * _TANK_KG_M3 * WATER_J_KGK if tank else 1.0 for tank in tanks]
    return {
        "source_tank_j": np.array(
            [size * (tank.hot_c - tank.cold_c) if tank else 0.0 for tank, size in zip(tanks, capacity_j_k, strict=True)]
        ),
        "source_tank_w": np.array([tank.power_w if tank else 0.0 for tank in tanks]),
        "source_tank_hot_c": np.array([tank.hot_c if tank else 0.0 for tank in tanks]),
        "source_tank_rate": np.array(
            [tank.loss_w_k / size if tank else 0.0 for tank, size in zip(tanks, capacity_j_k, strict=True)]
        ),
    }


def _efficiency(unit: Unit) -> float:
    """Return heat made per energy taken from the store at full load [-]."""
    if isinstance(unit, HeatPump):
        return unit.cop
    if isinstance(unit, WasteHeat):
        return unit.exchanger_efficiency
    if isinstance(unit, CombinedHeatAndPower):
        return unit.heat_efficiency
    return unit.efficiency


def _store_row(store: Store) -> dict[str, float | str]:
    """Return a store in its own unit."""
    row: dict[str, float | str] = {"lead_s": 0.0, "truck": 0.0, "capacity": 0.0, "initial": 0.0}
    if isinstance(store, Stock):
        return row | {
            "unit": "kg",
            "heating_value_j": store.heating_value_j_kg,
            "capacity": store.capacity_kg,
            "initial": store.initial_kg,
            "contract_per_day": store.delivery_kg_d,
            "lead_s": store.lead_s,
            "truck": store.truck_kg,
            "price_cny": store.price_cny_kg,
        }
    if isinstance(store, PipelineGas):
        return row | {
            "unit": "m3",
            "heating_value_j": store.heating_value_j_m3,
            "capacity": store.on_site_m3,
            "initial": store.on_site_m3,
            "contract_per_day": store.contract_m3_d,
            "price_cny": store.price_cny_m3,
        }
    return row | {
        "unit": "kWh",
        "heating_value_j": 3.6e6,
        "contract_per_day": store.limit_kwh_d,
        "price_cny": store.price_cny_kwh,
    }


def _substation_columns(network: Network, nodes: dict[str, int]) -> dict[str, Any]:
    rows = network.substations
    result: dict[str, Any] = {
        "substation_node": _ints(nodes[row.node] for row in rows),
        "substation_estates": tuple(row.estate for row in rows),
        "substation_managers": tuple(row.manager or "" for row in rows),
        "substation_protected": _bools(row.protected for row in rows),
    }
    for field in ("design_w", "ua_w_k", "secondary_kg_s", "primary_kg_s"):
        result[f"substation_{field}"] = _floats(rows, field)
    # the valve's flow goes with the square root of the pressure difference, and its design point is given
    drop = _floats(rows, "primary_drop_pa")
    result["substation_valve_kg_s_pa05"] = result["substation_primary_kg_s"] / np.sqrt(drop)
    return result


def _cohort_columns(network: Network) -> dict[str, Any]:
    cohorts = network.cohorts
    catalogue = {kind.id: kind for kind in network.dwelling_types}
    kinds = [catalogue[cohort.type] for cohort in cohorts]
    stations = {row.id: number for number, row in enumerate(network.substations)}
    area = _floats(cohorts, "floor_area_m2")
    substation = _ints(stations[cohort.substation] for cohort in cohorts)
    result: dict[str, Any] = {
        "cohort_ids": tuple(cohort.id for cohort in cohorts),
        "cohort_substation": substation,
        "cohort_vintage": tuple(kind.vintage for kind in kinds),
        "cohort_position": tuple(kind.position for kind in kinds),
        "cohort_floor_area_m2": area,
        "cohort_households": _ints(cohort.households for cohort in cohorts),
        "cohort_off_share": _floats(cohorts, "off_share"),
        "cohort_envelope_w_k": area * _floats(kinds, "envelope_w_m2k"),
        "cohort_ventilation_w_k": area * _floats(kinds, "ventilation_w_m2k"),
        "cohort_air_j_k": area * _floats(kinds, "air_wh_m2k") * 3600.0,
        "cohort_mass_j_k": area * _floats(kinds, "mass_wh_m2k") * 3600.0,
        "cohort_coupling_w_k": area * _floats(kinds, "coupling_w_m2k"),
        "cohort_solar_m2": area * _floats(kinds, "solar_share"),
        "cohort_facing": np.array(
            [[getattr(kind.facing, side, 0.0) for kind in kinds] for side in FACADES], np.float64
        ),
        "cohort_gain_w": area * _floats(kinds, "gain_w_m2"),
        "cohort_radiator_w": area * _floats(kinds, "radiator_w_m2"),
        "cohort_offset_sd_k": _floats(kinds, "offset_sd_k"),
        "cohort_mass_to_outdoor_share": _floats(kinds, "mass_to_outdoor_share"),
        "cohort_radiator_exponent": _floats(kinds, "radiator_exponent"),
        "cohort_emitter_to_mass_share": _floats(kinds, "emitter_to_mass_share"),
    }
    for field in ("design_supply_c", "design_return_c", "design_room_c"):
        result[f"cohort_{field}"] = _floats(kinds, field)
    flow = area * np.array([design_flow_kg_s_m2(kind) for kind in kinds]) * _floats(cohorts, "flow_ratio")
    total = np.bincount(substation, weights=flow, minlength=len(stations))
    result["cohort_flow_share"] = flow / total[substation]
    return result


def design_flow_kg_s_m2(kind: DwellingType) -> float:
    """Return the secondary flow that dwellings should get per floor area [kg/s/m2]."""
    return kind.radiator_w_m2 / (WATER_J_KGK * (kind.design_supply_c - kind.design_return_c))
