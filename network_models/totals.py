"""A city of which only a few totals are known: what is not known is assumed, and said so in the network's file.

``plan_of(Totals(substations=120, area_m2=12e6, sources=2))`` gives the plan from which :func:`~.synthesis.city` makes a
network: one quarter with its street grid round each source, joined by transmission mains.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil, sqrt
from typing import Literal

from .draft import CityPlan, Plant, Quarter, Tie
from .network import Basis
from .plans import ESTATE_NAMES, MANAGERS, MIXED, general_basis
from .problems import NetworkError, Problem

__all__ = ["MOST_SUBSTATIONS", "Totals", "plan_of"]

MOST_SUBSTATIONS = 3000  # sizing solves full matrices
MOST_UNITS = 100
_AREA_EACH_M2 = 100_000.0  # hanzhong 156,000, town 85,000
_TRENCH_EACH_M, _TRENCH_SOURCE_M = 450.0, 1500.0  # gives hanzhong 117 km (it has 125), town 21 km (it has 19.5)
_BRANCH_MOST_M = 140.0
_STREET_M = 330.0
_APART_M = 900.0  # between the edges of quarters
_OUTSIDE_M = 500.0  # a plant beyond the edge of its quarter
_NUMERALS = "一二三四五六七八九十"
_DAYS_OF_STORE, _DAYS_AT_START = 20.0, 3.0
_YEARS = (2005, 2022)


@dataclass(frozen=True, slots=True)
class Totals:
    """What is known of a city.

    Attributes
    ----------
    substations : int
        How many there are.
    name, title_zh, title_en : str
        Of the network.
    area_m2 : float or None
        Heated area [m2]; assumed 100,000 m2 for each substation where it is not known.
    length_m : float or None
        Length of the trenches [m]; assumed 450 m for each substation and 1,500 m for each source where unknown.
    sources : int
        How many heat sources, each in a quarter of its own.
    loops : int or None
        Independent loops of the supply side; None: what streets and mains give.
    gradient_pa_m : float
        Friction that mains are sized for [Pa/m]; CJJ 34 practice is 30-70.
    spare : float
        Capacity of the sources over the design heat [-].
    fuel : str
        What the sources burn.
    units : int
        Boilers in each source.
    said_by : str
        Where the totals are published; empty: they are assumed.
    """

    substations: int
    name: str = "made"
    title_zh: str = ""
    title_en: str = ""
    area_m2: float | None = None
    length_m: float | None = None
    sources: int = 1
    loops: int | None = None
    gradient_pa_m: float = 45.0
    spare: float = 1.15
    fuel: Literal["natural_gas", "coal", "biomass"] = "natural_gas"
    units: int = 4
    said_by: str = ""

    @property
    def trench_m(self) -> float:
        """Length of the trenches, assumed where it is not known [m]."""
        assumed_m = self.substations * _TRENCH_EACH_M + self.sources * _TRENCH_SOURCE_M
        return assumed_m if self.length_m is None else self.length_m

    @property
    def floor_m2(self) -> float:
        """Heated area, assumed where it is not known [m2]."""
        return self.substations * _AREA_EACH_M2 if self.area_m2 is None else self.area_m2


def plan_of(totals: Totals) -> CityPlan:
    """Return the plan of a city with these totals.

    Raises
    ------
    NetworkError
        With every total that no city can have.
    """
    _check(totals)
    quarters = [_quarter(totals, number) for number in range(totals.sources)]
    beside = _beside(totals.sources)
    return CityPlan(
        name=totals.name,
        title_zh=totals.title_zh or f"合成管网 {totals.name}",
        title_en=totals.title_en or f"A network made from totals, {totals.name}",
        provenance_zh=_provenance_zh(totals),
        provenance_en=_provenance_en(totals),
        operator="供热公司",
        length_m=round(totals.trench_m, 1),
        spare=totals.spare,
        street_m=_STREET_M,
        elevation_m=0.0,
        quarters=tuple(quarters),
        ties=tuple(
            Tie((quarters[one].code, *here), (quarters[two].code, *there), f"干线{number + 1}")
            for number, (one, two, here, there) in enumerate(beside)
        ),
        estate_names=ESTATE_NAMES,
        managers=MANAGERS,
        basis=_basis(totals),
        loops=totals.loops,
        main_pa_m=totals.gradient_pa_m,
    )


def _check(totals: Totals) -> None:
    problems: list[Problem] = []

    def want(right: bool, key: str, wanted: str) -> None:
        if not right:
            value = getattr(totals, key)
            problems.append(Problem(key, "" if value is None else f"{value:g}", wanted))

    want(1 <= totals.substations <= MOST_SUBSTATIONS, "substations", f"from 1 to {MOST_SUBSTATIONS}")
    want(1 <= totals.sources <= max(totals.substations, 1), "sources", "at least one, at most one for each substation")
    want(1 <= totals.units <= MOST_UNITS, "units", f"1 to {MOST_UNITS} in a plant")
    want(5.0 <= totals.gradient_pa_m <= 500.0, "gradient_pa_m", "from 5 to 500 Pa/m")
    want(0.0 < totals.spare <= 10.0, "spare", "more than 0, at most 10")
    want(totals.loops is None or totals.loops >= 0, "loops", "0 or more")
    least_m = totals.substations * _BRANCH_MOST_M + 1000.0 * totals.sources
    want(totals.trench_m >= least_m, "length_m", f"at least {least_m:g} m: branches and a kilometre for each source")
    each_m2 = totals.floor_m2 / max(totals.substations, 1)
    want(1_000.0 <= each_m2 <= 2e6, "area_m2", "1,000 to 2,000,000 m2 for each substation")
    if problems:
        raise NetworkError(problems)


def _quarter(totals: Totals, number: int) -> Quarter:
    """Return the quarter of one source, its grid large enough for a chamber to each of its substations."""
    columns, rows = _grid(totals)
    across = ceil(sqrt(totals.sources))
    place = (number % across, number // across)
    pitch = [(size - 1) * _STREET_M + _APART_M for size in (columns, rows)]
    first, share = divmod(totals.substations, totals.sources)[0], totals.substations % totals.sources
    area, rest = divmod(totals.floor_m2, totals.sources)
    name = (_NUMERALS[number] if number < len(_NUMERALS) else str(number + 1)) + "区"
    roads = tuple(f"{name}{road}路" for road in ("南", "东", "北", "西", "一", "二", "三"))
    offset = (-((columns - 1) / 2 * _STREET_M + _OUTSIDE_M), 0.0)
    stocked = totals.fuel != "natural_gas"
    plant = Plant(
        f"{name}热源", offset, 1.0, totals.fuel, totals.units,
        _DAYS_OF_STORE if stocked else 0.0, _DAYS_AT_START if stocked else 0.0,
    )  # fmt: skip
    return Quarter(
        f"Q{number + 1}", name, name, (place[0] * pitch[0], place[1] * pitch[1]), (columns, rows),
        area + (rest if number == 0 else 0.0), first + (number < share), MIXED, _YEARS, roads, plant,
    )  # fmt: skip


def _grid(totals: Totals) -> tuple[int, int]:
    chambers = max(4, ceil(totals.substations / totals.sources))
    columns = max(2, round(sqrt(chambers * 1.25)))
    return columns, max(2, ceil(chambers / columns))


def _beside(count: int) -> list[tuple[int, int, tuple[float, float], tuple[float, float]]]:
    """Return the pairs of quarters that lie side by side, each with the corners that a main joins."""
    across = ceil(sqrt(count))
    pairs: list[tuple[int, int, tuple[float, float], tuple[float, float]]] = []
    for number in range(count):
        if number % across + 1 < across and number + 1 < count:
            pairs.append((number, number + 1, (1.0, 0.5), (0.0, 0.5)))
        if number + across < count:
            pairs.append((number, number + across, (0.5, 1.0), (0.5, 0.0)))
    return pairs


def _given(totals: Totals) -> list[str]:
    return [
        field.name
        for field in fields(totals)
        if field.name in ("substations", "area_m2", "length_m", "sources", "loops")
        and getattr(totals, field.name) is not None
    ]


def _provenance_zh(totals: Totals) -> str:
    known = f"热力站{totals.substations}座，热源{totals.sources}处"
    known += "" if totals.area_m2 is None else f"，供热面积{totals.area_m2:,.0f}平方米"
    known += "" if totals.length_m is None else f"，管网总长{totals.length_m:,.0f}米"
    where = f"（{totals.said_by}）" if totals.said_by else "（未注明出处）"
    made = "走向、管径、阀门、小区、建筑、热源容量与燃料、名称"
    return f"给定的总量：{known}{where}。其余均为合成：{made}。不得当作真实管网使用。"


def _provenance_en(totals: Totals) -> str:
    known = f"{totals.substations} substations, {totals.sources} source(s)"
    known += "" if totals.area_m2 is None else f", {totals.area_m2:,.0f} m2 of heated area"
    known += "" if totals.length_m is None else f", {totals.length_m:,.0f} m of trenches"
    where = f" ({totals.said_by})" if totals.said_by else " (no source named)"
    return (
        f"Given totals: {known}{where}. Everything else is synthesised: routes, diameters, valves, estates, buildings, "
        "capacities, fuels, names. It is no real network and must not be used as one."
    )


def _basis(totals: Totals) -> tuple[Basis, ...]:
    """Return where the totals come from, before what is assumed of every network that is made."""
    of = {"substations": "substations.*.id", "area_m2": "cohorts.*.floor_area_m2", "length_m": "pipes.*.length_m",
          "sources": "sources.*.id", "loops": "pipes.*.to_node"}  # fmt: skip
    status: Literal["published", "assumed"] = "published" if totals.said_by else "assumed"
    rows = [
        Basis(of=of[name], status=status, confidence="M" if totals.said_by else "L",
              source=f"their total ({name} = {getattr(totals, name):,.10g}) was given: "
              + (totals.said_by or "no source named") + "; each is synthesised")
        for name in _given(totals)
    ]  # fmt: skip

    def assumed(of: str, source: str) -> Basis:
        return Basis(of=of, status="assumed", confidence="L", source=source)

    if totals.area_m2 is None:
        rows.append(
            assumed("cohorts.*.floor_area_m2", f"{_AREA_EACH_M2:,.0f} m2 for each substation, as in the library")
        )
    if totals.length_m is None:
        each = f"{_TRENCH_EACH_M:g} m for each substation and {_TRENCH_SOURCE_M:g} m for each source, as in the library"
        rows.append(assumed("pipes.*.length_m", each))
    rows.append(assumed("sources.*.units.*.capacity_w", f"{totals.spare:g} times the design heat, shared evenly"))
    return (*rows, *general_basis(totals.gradient_pa_m))
