"""Network -> NetworkArrays: the only shape kernels see.

Every array is read-only, in SI units named in the attribute, indexed by the element's position in the network file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NetworkArrays"]

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

    unit_ids: tuple[str, ...]  # a boiler, a heat pump, …: several per source
    unit_source: Ints
    unit_store: Ints  # the fuel store it burns from
    unit_kind: tuple[str, ...]  # gas_boiler, coal_boiler, biomass_boiler, …
    unit_capacity_w: Floats
    unit_efficiency: Floats  # of the lower heating value, at full load
    unit_part_load_slope: Floats  # efficiency(load) = efficiency * (1 + slope * (1 - load))
    unit_minimum_share: Floats
    unit_start_s: Floats
    unit_outage_rate: Floats  # forced-outage rate [-]
    unit_repair_h: Floats  # mean time to repair

    store_ids: tuple[str, ...]  # a stock of fuel, or a pipeline contract
    store_source: Ints
    store_fuel: tuple[str, ...]
    store_unit: tuple[str, ...]  # "kg" or "m3"
    store_pipeline: Bools  # True: a daily contract quantity, not a stock
    store_heating_value_j: Floats  # lower heating value per unit
    store_capacity: Floats  # storage limit [unit]; for a pipeline: line pack and LNG held on site
    store_initial: Floats  # stock when the readiness works begin [unit]
    store_contract_per_day: Floats  # pipeline: daily quantity [unit]; stock: largest delivery per day [unit]
    store_lead_s: Floats  # mean lead time of an order
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
    cohort_solar_m2: Floats  # effective south-facing aperture
    cohort_gain_w: Floats  # mean internal gain
    cohort_radiator_w: Floats  # emitter output at design temperatures
    cohort_radiator_exponent: Floats
    cohort_design_supply_c: Floats  # secondary
    cohort_design_return_c: Floats
    cohort_flow_share: Floats  # share of the substation's secondary flow that it really gets; sums to 1 per substation
    cohort_offset_sd_k: Floats  # spread of dwellings about the cohort's mean
