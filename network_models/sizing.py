"""Sizes of a network in the making: diameters for normal operation and lost sources, pumps, boilers, stores."""

from __future__ import annotations

from math import ceil

import numpy as np

from .arrays import WATER_J_KGK, Floats, Ints
from .catalogue import gradient_pa_m, nominal_for, pipe_types
from .draft import PRIMARY_DROP_PA, PRIMARY_RETURN_C, PRIMARY_SUPPLY_C, CityPlan, Draft, Plant, Quarter
from .sources import BiomassBoiler, CoalBoiler, GasBoiler, PipelineGas, Source, Stock

__all__ = ["make_sources", "size_pipes"]

_BRANCH_PA_M = 120.0  # CJJ 34 practice: branches up to 300
_SMALLEST_DN = {"transmission": 300, "distribution": 150, "branch": 50}
_ACCIDENT_SHARE = 0.40  # CJJ 34: heat to be kept when a source is lost, design outdoor above -10 degC


def size_pipes(draft: Draft, plan: CityPlan) -> dict[str, float]:
    """Size pipes for the worse of normal operation and each source lost; return each source's needed head [Pa]."""
    row = {name: number for number, name in enumerate(draft.xy)}
    demand = np.zeros(len(row))
    for substation in draft.substations:
        demand[row[substation.node]] = substation.primary_kg_s
    plants = {f"{q.code}-S": q.plant.share for q in plan.quarters if q.plant is not None}
    cases = [(dict(plants), 1.0)]
    if len(plants) > 1:
        cases += [({k: v for k, v in plants.items() if k != lost}, _ACCIDENT_SHARE) for lost in plants]
    start = np.array([row[edge.start] for edge in draft.edges])
    end = np.array([row[edge.end] for edge in draft.edges])
    length = np.array([edge.length_m for edge in draft.edges])
    inner = {kind.nominal: kind.inner_diameter_m for kind in pipe_types()}
    ease = 1.0 / length
    for _ in range(4):  # sizes and the way the flow divides settle together
        flows = np.array([_divide(start, end, ease, demand * s, p, row) for p, s in cases])
        worst = np.abs(flows).max(axis=0)
        for number, edge in enumerate(draft.edges):
            limit = _BRANCH_PA_M if edge.role == "branch" else plan.main_pa_m
            edge.nominal = max(_SMALLEST_DN[edge.role], nominal_for(float(worst[number]), limit))
        diameter = np.array([inner[edge.nominal] for edge in draft.edges])
        ease = diameter**2.5 / length
    return _heads(draft, flows[0], start, end, plants, row)


def _divide(start: Ints, end: Ints, ease: Floats, demand: Floats,
            plants: dict[str, float], row: dict[str, int]) -> Floats:  # fmt: skip
    """Return flows [kg/s] when sources inject by their shares and flow divides by ease (a linear network)."""
    given = -demand
    for name, share in plants.items():
        given[row[name]] += demand.sum() * share / sum(plants.values())
    matrix = np.zeros((len(row), len(row)))
    np.add.at(matrix, (start, start), ease)
    np.add.at(matrix, (end, end), ease)
    np.add.at(matrix, (start, end), -ease)
    np.add.at(matrix, (end, start), -ease)
    head = np.zeros(len(row))
    head[1:] = np.linalg.solve(matrix[1:, 1:], given[1:])
    flow: Floats = ease * (head[start] - head[end])
    return flow


def _heads(draft: Draft, flow: Floats, start: Ints, end: Ints,
           plants: dict[str, float], row: dict[str, int]) -> dict[str, float]:  # fmt: skip
    """Return the pressure difference that each source must hold at design: the way to its farthest node and back."""
    inner = {kind.nominal: kind.inner_diameter_m for kind in pipe_types()}
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for number, edge in enumerate(draft.edges):
        gradient = gradient_pa_m(float(flow[number]), inner[edge.nominal])
        one, two = (start[number], end[number]) if flow[number] >= 0 else (end[number], start[number])
        neighbours.setdefault(int(one), []).append((int(two), 1.2 * gradient * edge.length_m))  # 20 % for fittings
    needed = {}
    for name in plants:
        drop, todo = {row[name]: 0.0}, [row[name]]
        while todo:  # longest fall along the flow, which has no cycles
            here = todo.pop()
            for there, fall in neighbours.get(here, []):
                if drop[here] + fall > drop.get(there, -1.0):
                    drop[there] = drop[here] + fall
                    todo.append(there)
        needed[name] = 2 * max(drop.values()) + PRIMARY_DROP_PA + 50_000.0
    return needed


def make_sources(draft: Draft, plan: CityPlan, heads: dict[str, float]) -> tuple[Source, ...]:
    """Return the sources: the plan's capacity over design heat, by its shares; pumps for the given heads [Pa]."""
    design_w = sum(substation.design_w for substation in draft.substations)
    plants = [(quarter, quarter.plant) for quarter in plan.quarters if quarter.plant is not None]
    shares = sum(plant.share for _, plant in plants)
    return tuple(
        _source(quarter, plant, plan, design_w * plan.spare * plant.share / shares, heads[f"{quarter.code}-S"])
        for quarter, plant in plants
    )


def _source(quarter: Quarter, plant: Plant, plan: CityPlan, capacity_w: float, head_pa: float) -> Source:
    """Return a plant of equal units on one fuel.

    Assumed throughout: efficiencies, heating values and outage rates are those of general practice (gas 92 %, grates
    80 %, biomass 84 % of the lower heating value; forced outages 1-3 % for gas and 4-8 % for solid fuel); CO2 by IPCC.
    """
    unit_w = capacity_w / plant.units
    unit_w = round(unit_w, -6) if unit_w >= 5e6 else ceil(unit_w / 1e5) * 1e5
    total_w = unit_w * plant.units
    code = quarter.code
    store: PipelineGas | Stock
    units: list[GasBoiler | CoalBoiler | BiomassBoiler]
    names = [f"{code}-B{number + 1}" for number in range(plant.units)]
    if plant.fuel == "natural_gas":
        day_m3 = total_w * 86400.0 / (0.92 * 35.6e6)
        store = PipelineGas(
            id=f"{code}-gas", co2_kg_gj=56.1, heating_value_j_m3=35.6e6, contract_m3_d=round(day_m3, -3),
            on_site_m3=round(day_m3 * 0.1, -3), price_cny_m3=3.2,
        )  # fmt: skip
        units = [
            GasBoiler(id=name, store=store.id, capacity_w=unit_w, efficiency=0.92, part_load_slope=0.02,
                      minimum_share=0.2, start_s=3600.0, outage_rate=0.02, repair_h=18.0)
            for name in names
        ]  # fmt: skip
    else:
        coal = plant.fuel == "coal"
        efficiency, value = (0.80, 20.93e6) if coal else (0.84, 16.0e6)
        day_kg = total_w * 86400.0 / (efficiency * value)
        store = Stock(
            id=f"{code}-{plant.fuel}", fuel=plant.fuel, co2_kg_gj=94.6 if coal else 0.0, heating_value_j_kg=value,
            capacity_kg=round(day_kg * plant.days_of_store, -5), initial_kg=round(day_kg * plant.days_at_start, -5),
            delivery_kg_d=round(day_kg * 1.3, -4), truck_kg=30_000.0, lead_s=36 * 3600.0,
            price_cny_kg=0.95 if coal else 0.9,
        )  # fmt: skip
        kind = CoalBoiler if coal else BiomassBoiler
        units = [
            kind(id=name, store=store.id, capacity_w=unit_w, efficiency=efficiency, part_load_slope=-0.05,
                 minimum_share=0.3, start_s=6 * 3600.0, outage_rate=0.05, repair_h=36.0)
            for name in names
        ]  # fmt: skip
    return Source(
        id=plant.name,
        node=f"{code}-S",
        operator=plan.operator,
        district=quarter.district,
        supply_max_c=120.0,
        head_max_pa=float(max(600_000, -(-1.35 * head_pa // 50_000) * 50_000)),
        pump_efficiency=0.75,
        makeup_max_kg_s=round(total_w / (WATER_J_KGK * (PRIMARY_SUPPLY_C - PRIMARY_RETURN_C)) * 0.04, 1),
        units=tuple(units),
        stores=(store,),
    )
