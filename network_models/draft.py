"""What is known of a city before its network is made, and the network in the making."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .network import Basis, Cohort, Substation

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CityPlan", "Draft", "Edge", "Plant", "Quarter", "Tie"]

NodeKind = Literal["source", "junction", "chamber", "substation"]
Role = Literal["transmission", "distribution", "branch"]

PRIMARY_SUPPLY_C, PRIMARY_RETURN_C = 110.0, 60.0  # assumed (L): indirect hot-water network
PRIMARY_DROP_PA = 80_000.0  # open valve and exchanger at design flow, practice 50-100 kPa


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
    loops: int | None = None  # of the supply side; None: what streets and ties give
    main_pa_m: float = 45.0  # friction that mains are sized for; CJJ 34 practice 30-70


@dataclass(slots=True)
class Edge:
    """A pipe in the making."""

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
class Draft:
    """A network in the making."""

    xy: dict[str, tuple[float, float]] = field(default_factory=dict)
    kind: dict[str, NodeKind] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    rings: dict[str, list[str]] = field(default_factory=dict)
    home: dict[str, Quarter] = field(default_factory=dict)  # of each node
    substations: list[Substation] = field(default_factory=list)
    cohorts: list[Cohort] = field(default_factory=list)

    def place(self, name: str, kind: NodeKind,
              at: tuple[float, float], quarter: Quarter) -> str:  # fmt: skip
        """Put a node on the map and return its name."""
        self.xy[name], self.kind[name], self.home[name] = at, kind, quarter
        return name

    def lay(self, start: str, end: str, role: Role, road: str, quarter: Quarter, rng: Generator) -> None:
        """Lay a pipe in some year of its quarter's building."""
        first, last = quarter.years
        self.edges.append(Edge(start, end, role, road, quarter, first + int(rng.random() * (last - first + 1))))
