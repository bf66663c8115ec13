"""Little networks as arrays, for the kernels' tests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from heatseason.network_models.arrays import NetworkArrays


def build_arrays(
    pipes: Sequence[tuple[int, int, float, float]],
    sources: Sequence[int],
    substations: Sequence[int],
    *,
    design_w: float = 2e6,
    cohorts_each: int = 2,
    capacity_w: float = 20e6,
    stock: float = 1e12,
    head_max_pa: float = 1e6,
    loss_w_mk: float = 0.4,
    **changes: Any,
) -> NetworkArrays:
    """Return a network of (from, to, length, inner diameter) pipes; every other number is the same everywhere."""
    nodes = 1 + max(max(a, b) for a, b, *_ in pipes)
    p, s, x = len(pipes), len(sources), len(substations)
    c = x * cohorts_each
    of = np.repeat(np.arange(x), cohorts_each)
    warmth = np.tile(np.linspace(0.9, 1.15, cohorts_each), x)  # end-of-line and gable flats need more
    area = design_w / 45.0 / cohorts_each
    radiator = np.full(c, design_w / cohorts_each)
    full = np.full
    arrays = NetworkArrays(
        operators=("o",), districts=("d",),
        node_ids=tuple(f"n{i}" for i in range(nodes)), node_elevation_m=np.zeros(nodes),
        pipe_ids=tuple(f"p{i}" for i in range(p)), pipe_from=np.array([a for a, *_ in pipes]),
        pipe_to=np.array([b for _, b, *_ in pipes]), pipe_length_m=np.array([row[2] for row in pipes], float),
        pipe_inner_diameter_m=np.array([row[3] for row in pipes], float), pipe_roughness_m=full(p, 1e-4),
        pipe_loss_w_mk=full(p, loss_w_mk), pipe_wall_j_mk=np.zeros(p), pipe_minor_loss=np.zeros(p),
        pipe_depth_m=np.ones(p), pipe_on_supply=np.ones(p, bool), pipe_on_return=np.ones(p, bool),
        pipe_valve_from=np.ones(p, bool), pipe_valve_to=np.ones(p, bool), pipe_year=full(p, 2020),
        pipe_preinsulated=np.ones(p, bool), pipe_operator=np.zeros(p, int), pipe_district=np.zeros(p, int),
        source_ids=tuple(f"s{i}" for i in range(s)), source_node=np.array(sources), source_supply_max_c=full(s, 130.0),
        source_head_max_pa=full(s, head_max_pa), source_pump_efficiency=full(s, 0.75),
        source_makeup_max_kg_s=full(s, 20.0), source_operator=np.zeros(s, int), source_district=np.zeros(s, int),
        unit_ids=tuple(f"u{i}" for i in range(s)), unit_source=np.arange(s), unit_store=np.arange(s),
        unit_second_store=full(s, -1), store_gas=np.zeros(s, bool), store_bays=np.ones(s, int),
        unit_kind=("coal_boiler",) * s, unit_capacity_w=full(s, capacity_w), unit_efficiency=full(s, 0.85),
        unit_part_load_slope=full(s, -0.05), unit_minimum_share=full(s, 0.2), unit_start_s=np.zeros(s),
        unit_start_loss_s=np.zeros(s), unit_ramp_per_h=full(s, np.inf), unit_duty=np.zeros(s, int),
        unit_carnot=np.zeros(s), unit_cold_c=np.zeros(s), unit_cold_side=np.zeros(s, int),
        unit_condensing_gain=np.zeros(s), unit_dew_c=np.zeros(s), source_tank_j=np.zeros(s), source_tank_w=np.zeros(s),
        source_tank_hot_c=np.zeros(s), source_tank_rate=np.zeros(s),
        unit_outage_rate=np.zeros(s), unit_repair_h=full(s, 24.0), unit_power_to_heat=np.zeros(s),
        store_ids=tuple(f"f{i}" for i in range(s)), store_source=np.arange(s), store_fuel=("coal",) * s,
        store_unit=("kg",) * s, store_pipeline=np.zeros(s, bool), store_heating_value_j=full(s, 21e6),
        store_capacity=full(s, 1e12), store_initial=full(s, stock), store_contract_per_day=full(s, 1e6),
        store_lead_s=full(s, 86400.0), store_truck=full(s, 3e4), store_co2_kg=full(s, 2.0), store_price_cny=full(s,
        1.0),
        substation_ids=tuple(f"x{i}" for i in range(x)), substation_node=np.array(substations),
        substation_operator=np.zeros(x, int), substation_district=np.zeros(x, int), substation_estates=("e",) * x,
        substation_managers=("m",) * x, substation_protected=np.zeros(x, bool), substation_design_w=full(x, design_w),
        substation_ua_w_k=full(x, design_w / 12.0), substation_secondary_kg_s=full(x, design_w / 4190.0 / 25.0),
        substation_primary_kg_s=full(x, design_w / 4190.0 / 50.0),
        substation_valve_kg_s_pa05=full(x, design_w / 4190.0 / 50.0 / np.sqrt(5e4)),
        cohort_ids=tuple(f"c{i}" for i in range(c)), cohort_substation=of, cohort_vintage=("old",) * c,
        cohort_position=("inner",) * c, cohort_floor_area_m2=full(c, area), cohort_households=full(c, 100),
        cohort_off_share=np.zeros(c), cohort_envelope_w_k=warmth * area * 1.5, cohort_ventilation_w_k=full(c,
        area * 0.86),
        cohort_air_j_k=full(c, area * 30 * 3600.0), cohort_mass_j_k=full(c, area * 200 * 3600.0),
        cohort_coupling_w_k=full(c, area * 9.0), cohort_mass_to_outdoor_share=full(c, 0.5),
        cohort_solar_m2=full(c, area * 0.04), cohort_facing=np.zeros((5, c)),
        cohort_gain_w=full(c, area * 3.8), cohort_radiator_w=radiator,
        cohort_radiator_exponent=full(c, 1.3), cohort_emitter_to_mass_share=full(c, 0.35),
        cohort_design_supply_c=full(c, 75.0), cohort_design_return_c=full(c,
        50.0),
        cohort_design_room_c=full(c, 18.0), cohort_flow_share=full(c, 1.0 / cohorts_each), cohort_offset_sd_k=full(c,
        1.0),
    )  # fmt: skip
    return replace(arrays, **changes)


@pytest.fixture(scope="session")
def little() -> Callable[..., NetworkArrays]:
    """A network from a list of pipes: see build_arrays."""
    return build_arrays


@pytest.fixture(scope="session")
def grid() -> NetworkArrays:
    """Two sources, nine substations in a 3 x 3 mesh of streets with four loops, service pipes."""
    node = lambda r, c: r * 3 + c  # noqa: E731
    pipes = [(node(r, c), node(r, c + 1), 400.0, 0.20) for r in range(3) for c in range(2)]
    pipes += [(node(r, c), node(r + 1, c), 300.0, 0.20) for r in range(2) for c in range(3)]
    pipes += [(9, 0, 800.0, 0.25), (10, 8, 600.0, 0.25)]
    pipes += [(k, 11 + k, 60.0, 0.1) for k in range(9)]
    return build_arrays(pipes, [9, 10], [11 + k for k in range(9)])
