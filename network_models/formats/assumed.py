"""What networks of other programs do not tell, filled in from the catalogue so that a season can be run on them.

A steady-state program knows a consumer as heat and temperatures: the exchanger, the secondary circuit and the dwellings
behind it are assumed here such that they take just that heat at just those temperatures at design. A pump there is a
pressure and a temperature: the boilers and their gas are assumed here. Readers say so in a note.
"""

from __future__ import annotations

from functools import lru_cache
from math import log, pi

from ..arrays import WATER_J_KGK
from ..catalogue import POSITIONS, VINTAGES, dwelling_types, pipe_types
from ..draft import PRIMARY_DROP_PA
from ..network import Cohort, DwellingType, PipeType, Substation
from ..sources import GasBoiler, PipelineGas, Source

__all__ = [
    "DEPTH_M",
    "DROP_K",
    "RETURN_LEAST_C",
    "SPARE",
    "YEAR",
    "consumer",
    "dwellings_behind",
    "gas_plant",
    "pipe_type",
]

DEPTH_M = 1.5  # axis of a pipe whose depth is not told [m]
YEAR = 2010  # year laid, where it is not told
SPARE = 1.2  # capacity over the consumers' heat, where it is not told
DROP_K, RETURN_LEAST_C = 40.0, 30.0  # primary temperature drop where the return is not told, and its least

_APPROACH_K = 5.0  # secondary below primary, both ends, at least
_STEEL_J_M3K = 7850.0 * 480.0
_GAS_J_M3, _GAS_EFFICIENCY = 35.6e6, 0.92
_FEW = 12  # households below which a consumer is one cohort


@lru_cache(maxsize=256)
def dwellings_behind(supply_c: float, return_c: float) -> tuple[DwellingType, ...]:
    """Return dwelling types, one per position, whose emitters suit a primary network's design temperatures.

    Radiators of 75/50 where the network is hot enough, floor heating of 45/35 where it is not, and cooler circuits
    below that.

    Parameters
    ----------
    supply_c, return_c : float
        Primary temperatures at design [degC].
    """
    for vintage in ("mid", "new"):
        age = VINTAGES[vintage]
        if supply_c - age.supply_c >= _APPROACH_K and return_c - age.return_c >= _APPROACH_K:
            return tuple(kind for kind in dwelling_types() if kind.vintage == age.name)
    age = VINTAGES["new"]
    back = max(19.0, min(age.return_c, 5.0 * ((return_c - 3.0) // 5.0)))
    supply = max(back + 3.0, min(age.supply_c, 5.0 * ((supply_c - 3.0) // 5.0)))
    return tuple(
        kind.model_copy(
            update={"id": f"{kind.id} {supply:g}/{back:g}", "design_supply_c": supply, "design_return_c": back}
        )
        for kind in dwelling_types()
        if kind.vintage == age.name
    )


def consumer(
    name: str, node: str, *, heat_w: float, flow_kg_s: float | None, supply_c: float, return_c: float,
    owner: str, drop_pa: float = PRIMARY_DROP_PA,
) -> tuple[Substation, tuple[Cohort, ...], tuple[DwellingType, ...]]:  # fmt: skip
    """Return a substation that takes a heat at given temperatures, with the dwellings behind it.

    Parameters
    ----------
    name, node : str
        Id of the substation, and its node.
    heat_w : float
        Heat at design [W].
    flow_kg_s : float or None
        Primary flow at design; None: what the temperatures give [kg/s].
    supply_c, return_c : float
        Primary temperatures at design [degC].
    owner : str
        Stands for operator and district.
    drop_pa : float
        Pressure difference that passes the design flow [Pa].
    """
    kinds = dwellings_behind(supply_c, return_c)
    household_m2 = next(age.household_m2 for age in VINTAGES.values() if age.name == kinds[0].vintage)
    if heat_w / kinds[0].radiator_w_m2 / household_m2 < _FEW:
        kinds = kinds[:1]
    shares = {kind.id: POSITIONS[kind.position].share for kind in kinds}
    area_m2 = heat_w / sum(shares[kind.id] * kind.radiator_w_m2 for kind in kinds)
    secondary_c, back_c = kinds[0].design_supply_c, kinds[0].design_return_c
    first, second = max(1.0, supply_c - secondary_c), max(1.0, return_c - back_c)
    mean_k = first if abs(first - second) < 1e-9 else (first - second) / log(first / second)
    flow = flow_kg_s if flow_kg_s else heat_w / (WATER_J_KGK * max(1.0, supply_c - return_c))
    substation = Substation(
        id=name,
        node=node,
        operator=owner,
        district=owner,
        estate=name,
        design_w=heat_w,
        ua_w_k=round(1.1 * heat_w / mean_k, 3),
        secondary_kg_s=heat_w / (WATER_J_KGK * (secondary_c - back_c)),
        primary_kg_s=flow,
        primary_drop_pa=drop_pa,
    )
    cohorts = tuple(
        Cohort(
            id=f"{name} {kind.position}" if len(kinds) > 1 else name,
            substation=name,
            type=kind.id,
            floor_area_m2=area_m2 * shares[kind.id],
            households=max(1, round(area_m2 * shares[kind.id] / household_m2)),
            flow_ratio=POSITIONS[kind.position].flow if len(kinds) > 1 else 1.0,
        )
        for kind in kinds
    )
    return substation, cohorts, kinds


def gas_plant(
    name: str, node: str, *, capacity_w: float, supply_max_c: float, head_max_pa: float, owner: str
) -> Source:
    """Return a source of two gas boilers by contract, as assumed where only its outlet is known.

    Parameters
    ----------
    name, node : str
        Id of the source, and its node.
    capacity_w : float
        Of both boilers [W].
    supply_max_c : float
        Highest supply temperature [degC].
    head_max_pa : float
        Largest pressure difference that its pumps hold [Pa].
    owner : str
        Stands for operator and district.
    """
    day_m3 = capacity_w * 86400.0 / (_GAS_EFFICIENCY * _GAS_J_M3)
    return Source(
        id=name,
        node=node,
        operator=owner,
        district=owner,
        supply_max_c=supply_max_c,
        head_max_pa=head_max_pa,
        pump_efficiency=0.75,
        makeup_max_kg_s=round(max(0.1, capacity_w / (WATER_J_KGK * 50.0) * 0.04), 2),
        units=tuple(
            GasBoiler(id=f"{name} boiler {number}", store=f"{name} gas", capacity_w=capacity_w / 2,
                      efficiency=_GAS_EFFICIENCY, part_load_slope=0.02, minimum_share=0.2, start_s=3600.0,
                      outage_rate=0.02, repair_h=18.0)
            for number in (1, 2)
        ),
        stores=(
            PipelineGas(id=f"{name} gas", co2_kg_gj=56.1, heating_value_j_m3=_GAS_J_M3, contract_m3_d=day_m3,
                        on_site_m3=0.1 * day_m3, price_cny_m3=3.2),
        ),
    )  # fmt: skip


def pipe_type(
    name: str, *, inner_diameter_m: float, roughness_m: float, loss_w_mk: float, wall_m: float | None = None
) -> PipeType:
    """Return a pipe type by its measures; nominal diameter and wall are those of the nearest size of the catalogue.

    Parameters
    ----------
    name : str
        Its id.
    inner_diameter_m, roughness_m : float
        [m].
    loss_w_mk : float
        Water to surroundings, per metre of one pipe [W/(m K)].
    wall_m : float, optional
        Thickness of the steel wall [m].
    """
    near = min(pipe_types(), key=lambda kind: abs(log(kind.inner_diameter_m / inner_diameter_m)))
    scale = inner_diameter_m / near.inner_diameter_m
    wall_j_mk = near.wall_j_mk * scale
    if wall_m is not None:
        wall_j_mk = pi * wall_m * (inner_diameter_m + wall_m) * _STEEL_J_M3K
    nominal = near.nominal if 0.8 < scale < 1.25 else max(1, round(inner_diameter_m * 1000))
    return PipeType(
        id=name,
        nominal=nominal,
        construction="preinsulated",
        inner_diameter_m=inner_diameter_m,
        roughness_m=roughness_m,
        loss_w_mk=loss_w_mk,
        wall_j_mk=round(wall_j_mk, 1),
    )
