"""A plausible city from a few published totals and a given random stream: how `town` and `hanzhong` were made.

A :class:`CityPlan` names quarters (built-up areas on a street grid), sources and tie mains. :func:`city` lays a ring
main round each quarter and mains along its streets, joins the quarters by the ties, hangs one estate on each substation,
sizes every pipe for the worse of normal operation and the loss of each source in turn, and scales the map until the
trenches have the published length, to the decimetre. Draws are plain uniforms, so that the data do not depend on the
release of NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING, Literal

import numpy as np

from .arrays import WATER_J_KGK, design_flow_kg_s_m2
from .catalogue import POSITIONS, VINTAGES, Position, dwelling_types, gradient_pa_m, nominal_for, pipe_types
from .network import Basis, Cohort, Network, Node, Pipe, Substation
from .sources import BiomassBoiler, CoalBoiler, Connection, GasBoiler, PipelineGas, Source, Stock

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CityPlan", "Plant", "Quarter", "Tie", "city"]

Role = Literal["transmission", "distribution", "branch"]

PRIMARY_SUPPLY_C, PRIMARY_RETURN_C = 110.0, 60.0
_APPROACH_K = 10.0  # primary return above secondary return, where that is below PRIMARY_RETURN_C
_MAIN_PA_M, _BRANCH_PA_M = 60.0, 120.0  # CJJ 34 practice: mains 30-70 Pa/m, branches up to 300
_ACCIDENT_SHARE = 0.40  # CJJ 34: heat to be kept when a source is lost, design outdoor above -10 degC
_SECTION_M: dict[Role, float] = {"transmission": 2500.0, "distribution": 1200.0, "branch": 1e9}  # between valves
_BRANCH_M = (40.0, 140.0)
_PRIMARY_DROP_PA = 80_000.0


@dataclass(frozen=True, slots=True)
class Quarter:
    """A built-up area: a street grid round a centre, its floor area and its estates."""

    code: str
    name: str
    district: str
    centre_m: tuple[float, float]
    grid: tuple[int, int]  # chambers east-west, north-south
    area_m2: float
    substations: int
    vintages: dict[str, float]  # share of each vintage among the estates
    years: tuple[int, int]  # first and last year of laying
    roads: tuple[str, ...]  # the first ones go to the ring
    plant: Plant | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """A heat source to be: where, its share of the city's capacity, and its fuel."""

    name: str
    offset_m: tuple[float, float]  # from its quarter's centre
    share: float
    fuel: Literal["natural_gas", "coal", "biomass"]
    units: int
    days_of_store: float = 0.0  # stored fuel: yard or silo, days at full output
    days_at_start: float = 0.0


@dataclass(frozen=True, slots=True)
class Tie:
    """A transmission main between two quarters, from corner to corner given as shares of their grids."""

    start: tuple[str, float, float]
    end: tuple[str, float, float]
    road: str


@dataclass(frozen=True, slots=True)
class CityPlan:
    """What is known of a city, and what is assumed to fill the gaps."""

    name: str
    title_zh: str
    title_en: str
    provenance_zh: str
    provenance_en: str
    operator: str
    length_m: float
    spare: float  # capacity over design heat
    street_m: float
    elevation_m: float
    quarters: tuple[Quarter, ...]
    ties: tuple[Tie, ...]
    estate_names: tuple[tuple[str, ...], tuple[str, ...]]  # first and second halves
    managers: tuple[str, ...]
    basis: tuple[Basis, ...] = ()


@dataclass(slots=True)
class _Edge:
    start: str
    end: str
    role: Role
    road: str
    quarter: Quarter
    year: int
    valve_start: bool = False
    valve_end: bool = False
    length_m: float = 0.0
    nominal: int = 0


@dataclass(slots=True)
class _Draft:
    """A network in the making."""

    xy: dict[str, tuple[float, float]] = field(default_factory=dict)
    kind: dict[str, Literal["source", "junction", "chamber", "substation"]] = field(default_factory=dict)
    edges: list[_Edge] = field(default_factory=list)
    rings: dict[str, list[str]] = field(default_factory=dict)
    home: dict[str, Quarter] = field(default_factory=dict)  # of each node
    substations: list[Substation] = field(default_factory=list)
    cohorts: list[Cohort] = field(default_factory=list)

    def place(self, name: str, kind: Literal["source", "junction", "chamber", "substation"],
              at: tuple[float, float], quarter: Quarter) -> str:  # fmt: skip
        """Put a node on the map and return its name."""
        self.xy[name], self.kind[name], self.home[name] = at, kind, quarter
        return name


def city(plan: CityPlan, rng: Generator) -> Network:
    """Return a network with the plan's totals.

    Parameters
    ----------
    plan : CityPlan
        Totals, quarters, sources and ties.
    rng : numpy.random.Generator
        The stream to draw from; the same stream gives the same network.
    """
    draft = _Draft()
    for quarter in plan.quarters:
        _lay_streets(draft, quarter, plan, rng)
    for number, tie in enumerate(plan.ties):
        _lay_tie(draft, plan, tie, number)
    for quarter in plan.quarters:
        _place_plant(draft, quarter)
    for quarter in plan.quarters:
        _connect_estates(draft, quarter, plan, rng)
    _scale(draft, plan.length_m)
    _place_valves(draft)
    injected = _size_pipes(draft, plan)
    return Network(
        version=1,
        name=plan.name,
        title_zh=plan.title_zh,
        title_en=plan.title_en,
        illustrative=True,
        provenance_zh=plan.provenance_zh,
        provenance_en=plan.provenance_en,
        basis=plan.basis,
        sources=_sources(draft, plan, injected),
        pipe_types=pipe_types(),
        dwelling_types=dwelling_types(),
        nodes=tuple(
            Node(id=name, kind=draft.kind[name], x_m=round(x, 1), y_m=round(y, 1),
                 elevation_m=round(plan.elevation_m + 0.002 * y, 1))
            for name, (x, y) in draft.xy.items()
        ),
        pipes=_pipes(draft, plan),
        substations=tuple(draft.substations),
        cohorts=tuple(draft.cohorts),
    )  # fmt: skip


# --- the map ---------------------------------------------------------------------------------------------------------


def _lay_streets(draft: _Draft, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Lay a ring main round the quarter's grid, then reach every inner crossing by mains along the streets."""
    columns, rows = quarter.grid
    names: dict[tuple[int, int], str] = {}
    for row in range(rows):
        for column in range(columns):
            wobble = [(rng.random() - 0.5) * 0.25 * plan.street_m for _ in range(2)]
            x = quarter.centre_m[0] + (column - (columns - 1) / 2) * plan.street_m + wobble[0]
            y = quarter.centre_m[1] + (row - (rows - 1) / 2) * plan.street_m + wobble[1]
            name = f"{quarter.code}-J{len(names) + 1:02d}"
            names[column, row] = draft.place(name, "chamber", (x, y), quarter)
    ring = (
        [(column, 0) for column in range(columns)]
        + [(columns - 1, row) for row in range(1, rows)]
        + [(column, rows - 1) for column in range(columns - 2, -1, -1)]
        + [(0, row) for row in range(rows - 2, 0, -1)]
    )
    draft.rings[quarter.code] = [names[at] for at in ring]
    for number, at in enumerate(ring):
        then = ring[(number + 1) % len(ring)]
        side = 0 if then[1] == at[1] == 0 else 1 if then[0] == at[0] == columns - 1 else 2 if then[1] == at[1] else 3
        _lay(draft, names[at], names[then], "distribution", quarter.roads[side % len(quarter.roads)], quarter, rng)
    reached, left = set(ring), [at for at in names if at not in set(ring)]
    while left:  # a random tree inward from the ring
        choices = [(at, near) for at in left for near in _neighbours(at) if near in reached]
        at, near = choices[int(rng.random() * len(choices))]
        inner = quarter.roads[min(4, len(quarter.roads) - 1) :]
        road = inner[(at[1] if at[1] == near[1] else rows + at[0]) % len(inner)]
        _lay(draft, names[near], names[at], "distribution", road, quarter, rng)
        reached.add(at)
        left.remove(at)


def _neighbours(at: tuple[int, int]) -> list[tuple[int, int]]:
    return [(at[0] + 1, at[1]), (at[0] - 1, at[1]), (at[0], at[1] + 1), (at[0], at[1] - 1)]


def _lay(draft: _Draft, start: str, end: str, role: Role, road: str, quarter: Quarter, rng: Generator) -> None:
    first, last = quarter.years
    draft.edges.append(_Edge(start, end, role, road, quarter, first + int(rng.random() * (last - first + 1))))


def _lay_tie(draft: _Draft, plan: CityPlan, tie: Tie, number: int) -> None:
    """Lay a transmission main between two rings, with a chamber at every kilometre or so."""
    start, end = _corner(draft, plan, tie.start), _corner(draft, plan, tie.end)
    quarter = max((draft.home[start], draft.home[end]), key=lambda q: q.years)
    (x0, y0), (x1, y1) = draft.xy[start], draft.xy[end]
    pieces = max(1, round(hypot(x1 - x0, y1 - y0) / 1100.0))
    before = start
    for piece in range(1, pieces + 1):
        at = (x0 + (x1 - x0) * piece / pieces, y0 + (y1 - y0) * piece / pieces)
        here = end if piece == pieces else draft.place(f"T{number + 1}-J{piece}", "chamber", at, quarter)
        draft.edges.append(_Edge(before, here, "transmission", tie.road, quarter, quarter.years[0]))
        before = here


def _corner(draft: _Draft, plan: CityPlan, where: tuple[str, float, float]) -> str:
    """Return the ring's chamber nearest to a place given as shares of the quarter's grid."""
    quarter = next(q for q in plan.quarters if q.code == where[0])
    columns, rows = quarter.grid
    x = quarter.centre_m[0] + (where[1] - 0.5) * (columns - 1) * plan.street_m
    y = quarter.centre_m[1] + (where[2] - 0.5) * (rows - 1) * plan.street_m
    return min(draft.rings[quarter.code], key=lambda name: hypot(draft.xy[name][0] - x, draft.xy[name][1] - y))


def _place_plant(draft: _Draft, quarter: Quarter) -> None:
    """Put a source beside its quarter, with two outlets to the ring so that one main can be lost."""
    if quarter.plant is None:
        return
    x, y = (quarter.centre_m[axis] + quarter.plant.offset_m[axis] for axis in (0, 1))
    source = draft.place(f"{quarter.code}-S", "source", (x, y), quarter)
    ring = draft.rings[quarter.code]
    near = min(range(len(ring)), key=lambda k: hypot(draft.xy[ring[k]][0] - x, draft.xy[ring[k]][1] - y))
    for outlet in (near, (near + 2) % len(ring)):
        edge = _Edge(source, ring[outlet], "transmission", quarter.roads[0], quarter, quarter.years[0])
        draft.edges.append(edge)


def _scale(draft: _Draft, length_m: float) -> None:
    """Scale the map until the trenches have the wanted length, each in whole decimetres, branches unscaled."""

    def lengths() -> list[float]:
        return [
            hypot(draft.xy[e.end][0] - draft.xy[e.start][0], draft.xy[e.end][1] - draft.xy[e.start][1])
            for e in draft.edges
        ]

    now = lengths()
    branches = sum(length for edge, length in zip(draft.edges, now, strict=True) if edge.role == "branch")
    factor = (length_m - branches) / (sum(now) - branches)
    offsets = {e.end: (draft.xy[e.end][0] - draft.xy[e.start][0], draft.xy[e.end][1] - draft.xy[e.start][1])
               for e in draft.edges if e.role == "branch"}  # fmt: skip
    holders = {e.end: e.start for e in draft.edges if e.role == "branch"}
    for name, (x, y) in draft.xy.items():
        if name not in holders:
            draft.xy[name] = (x * factor, y * factor)
    for name, chamber in holders.items():
        draft.xy[name] = (draft.xy[chamber][0] + offsets[name][0], draft.xy[chamber][1] + offsets[name][1])
    decimetres = [round(length * 10) for length in lengths()]
    decimetres[int(np.argmax(decimetres))] += round(length_m * 10) - sum(decimetres)  # rounding, to the longest
    for edge, length in zip(draft.edges, decimetres, strict=True):
        edge.length_m = length / 10


# --- valves ----------------------------------------------------------------------------------------------------------


def _place_valves(draft: _Draft) -> None:
    """Put valves at every branch and outlet, where mains leave a ring, and along mains at the codes' spacing."""
    rings = {name for ring in draft.rings.values() for name in ring}
    since: dict[str, float] = {}  # metres since the last valve, by node
    for edge in draft.edges:
        far = since.get(edge.start, 0.0) + edge.length_m
        leaves = edge.start in rings and (edge.end not in rings or edge.role == "transmission")
        if edge.role == "branch" or draft.kind[edge.start] == "source" or leaves or far > _SECTION_M[edge.role]:
            edge.valve_start, far = True, edge.length_m
        if edge.role == "transmission" and edge.end in rings:
            edge.valve_end, far = True, 0.0
        since[edge.end] = far


# --- estates ---------------------------------------------------------------------------------------------------------


def _connect_estates(draft: _Draft, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Hang the quarter's substations on its chambers and fill them with cohorts."""
    chambers = [name for name in draft.xy if draft.home[name] is quarter and "-J" in name and name[0] != "T"]
    weights = [0.5 + rng.random() for _ in range(quarter.substations)]
    areas = [round(quarter.area_m2 * weight / sum(weights), -2) for weight in weights]
    areas[0] += quarter.area_m2 - sum(areas)
    for number, area in enumerate(areas):
        # every chamber once, then some twice
        turn = number if number < len(chambers) else int(rng.random() * len(chambers))
        chamber = chambers[turn % len(chambers)]
        low, high = _BRANCH_M
        reach = low + (high - low) * rng.random()
        across, along = (rng.random() - 0.5, 1 if rng.random() < 0.5 else -1)
        x, y = draft.xy[chamber]
        length = hypot(across, along)
        at = (x + reach * across / length, y + reach * along / length)
        name = f"{quarter.code}-{number + 1:03d}"
        node = draft.place(f"{name}-N", "substation", at, quarter)
        _lay(draft, chamber, node, "branch", _road_at(draft, chamber), quarter, rng)
        _fill(draft, name, node, area, quarter, plan, rng)


def _road_at(draft: _Draft, chamber: str) -> str:
    return next(edge.road for edge in draft.edges if chamber in (edge.start, edge.end))


def _fill(draft: _Draft, name: str, node: str, area: float, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Give a substation its estate: cohorts by vintage and position, exchanger and flows for their design heat."""
    vintage = _pick(quarter.vintages, rng)
    parts: list[tuple[str, Position, float]] = [(vintage, at, place.share) for at, place in POSITIONS.items()]
    if vintage != "new" and rng.random() < 0.7:  # an estate built in two phases; floor heating does not mix
        other = "mid" if vintage == "pre" else "pre"
        parts[0], parts[1] = (vintage, "inner", 0.40), (vintage, "top", 0.10)
        parts += [(other, "inner", 0.22), (other, "top", 0.05)]
    kinds = {kind.id: kind for kind in dwelling_types()}
    heat_w = secondary = 0.0
    for number, (key, position, share) in enumerate(parts):
        age = VINTAGES[key]
        kind = kinds[f"{age.name} {position}"]
        floor = round(area * share, 0)
        low, high = age.off_share
        draft.cohorts.append(
            Cohort(
                id=f"{name}-{number + 1}",
                substation=name,
                type=kind.id,
                floor_area_m2=floor,
                households=max(1, round(floor / age.household_m2)),
                off_share=round(low + (high - low) * rng.random(), 3),
                flow_ratio=round(POSITIONS[position].flow + 0.06 * (rng.random() - 0.5), 3),
            )
        )
        heat_w += floor * kind.radiator_w_m2
        secondary += floor * design_flow_kg_s_m2(kind)
    supply, back = VINTAGES[vintage].supply_c, VINTAGES[vintage].return_c
    primary_back = min(PRIMARY_RETURN_C, back + _APPROACH_K)
    first, second = PRIMARY_SUPPLY_C - supply, primary_back - back
    protected = rng.random() < 0.06
    draft.substations.append(
        Substation(
            id=name,
            node=node,
            operator=plan.operator,
            district=quarter.district,
            estate=_estate(plan, len(draft.substations), quarter),
            manager=plan.managers[int(rng.random() * len(plan.managers))],
            protected=protected,
            design_w=round(heat_w, -3),
            ua_w_k=round(1.1 * heat_w * np.log(first / second) / (first - second), -2),  # 10 % plate margin
            secondary_kg_s=round(secondary, 2),
            primary_kg_s=round(heat_w / (WATER_J_KGK * (PRIMARY_SUPPLY_C - primary_back)), 2),
            primary_drop_pa=_PRIMARY_DROP_PA,
        )
    )


def _pick(shares: dict[str, float], rng: Generator) -> str:
    draw = rng.random() * sum(shares.values())
    for name, share in shares.items():
        draw -= share
        if draw < 0:
            return name
    return name


def _estate(plan: CityPlan, number: int, quarter: Quarter) -> str:
    """Return a name made of two halves, each pair once."""
    first, second = plan.estate_names
    name = first[number % len(first)] + second[(number + number // len(first)) % len(second)]
    rounds = number // (len(first) * len(second))
    return f"{name}{'二三四五'[rounds - 1]}期" if rounds else name


# --- sizes -----------------------------------------------------------------------------------------------------------


def _size_pipes(draft: _Draft, plan: CityPlan) -> dict[str, float]:
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
    ease = 1.0 / length
    for _ in range(4):  # sizes and the way the flow divides settle together
        flows = np.array([_divide(start, end, ease, demand * s, p, row) for p, s in cases])
        worst = np.abs(flows).max(axis=0)
        for number, edge in enumerate(draft.edges):
            limit = _BRANCH_PA_M if edge.role == "branch" else _MAIN_PA_M
            floor = {"transmission": 300, "distribution": 150, "branch": 50}[edge.role]
            edge.nominal = max(floor, nominal_for(float(worst[number]), limit))
        diameter = np.array([edge.nominal / 1000.0 for edge in draft.edges])
        ease = diameter**2.5 / length
    return _heads(draft, flows[0], start, end, plants, row)


def _divide(start: np.ndarray, end: np.ndarray, ease: np.ndarray, demand: np.ndarray,
            plants: dict[str, float], row: dict[str, int]) -> np.ndarray:  # fmt: skip
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
    flow: np.ndarray = ease * (head[start] - head[end])
    return flow


def _heads(draft: _Draft, flow: np.ndarray, start: np.ndarray, end: np.ndarray,
           plants: dict[str, float], row: dict[str, int]) -> dict[str, float]:  # fmt: skip
    """Return the pressure difference that each source must hold at design: the way to its farthest node and back."""
    neighbours: dict[int, list[tuple[int, float]]] = {}
    for number, edge in enumerate(draft.edges):
        gradient = gradient_pa_m(float(flow[number]), edge.nominal / 1000.0)
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
        needed[name] = 2 * max(drop.values()) + _PRIMARY_DROP_PA + 50_000.0
    return needed


# --- the network's tables --------------------------------------------------------------------------------------------


def _pipes(draft: _Draft, plan: CityPlan) -> tuple[Pipe, ...]:
    return tuple(
        Pipe(
            id=f"P{number + 1:03d}",
            from_node=edge.start,
            to_node=edge.end,
            type=f"DN{edge.nominal}",
            length_m=edge.length_m,
            minor_loss=round(1.0 + 0.01 * edge.length_m, 1),  # a bend or compensator every hundred metres
            depth_m=1.5,
            valve_from=edge.valve_start,
            valve_to=edge.valve_end,
            year=edge.year,
            role=edge.role,
            road=edge.road,
            operator=plan.operator,
            district=edge.quarter.district,
        )
        for number, edge in enumerate(draft.edges)
    )


def _sources(draft: _Draft, plan: CityPlan, heads: dict[str, float]) -> tuple[Source, ...]:
    design_w = sum(substation.design_w for substation in draft.substations)
    plants = [(quarter, quarter.plant) for quarter in plan.quarters if quarter.plant is not None]
    shares = sum(plant.share for _, plant in plants)
    return tuple(
        _source(quarter, plant, plan, design_w * plan.spare * plant.share / shares, heads[f"{quarter.code}-S"])
        for quarter, plant in plants
    )


def _source(quarter: Quarter, plant: Plant, plan: CityPlan, capacity_w: float, head_pa: float) -> Source:
    """Return a plant of equal units on one fuel; numbers of STOCHASTICS 1.4 and 2.1, assumed."""
    unit_w = round(capacity_w / plant.units, -6)
    total_w = unit_w * plant.units
    code = quarter.code
    store: PipelineGas | Stock | Connection
    units: list[GasBoiler | CoalBoiler | BiomassBoiler]
    names = [f"{code}-{number + 1}" for number in range(plant.units)]
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
            price_cny_kg=0.9,
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
        head_max_pa=float(max(600_000, -(-1.25 * head_pa // 50_000) * 50_000)),
        pump_efficiency=0.75,
        makeup_max_kg_s=round(total_w / (WATER_J_KGK * (PRIMARY_SUPPLY_C - PRIMARY_RETURN_C)) * 0.04, 1),
        units=tuple(units),
        stores=(store,),
    )
