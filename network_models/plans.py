"""The plans behind the library's networks: what was published, and what was assumed to fill the gaps.

``make(name, rng)`` gives every network of the library; ``.ci/make_networks`` writes them to ``library/``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .arrays import WATER_J_KGK, design_flow_kg_s_m2
from .catalogue import dwelling_types, pipe_types
from .draft import CityPlan, Plant, Quarter, Tie
from .network import Basis, Cohort, Network, Node, Pipe, Substation
from .sources import (
    CombinedHeatAndPower,
    Connection,
    ElectricBoiler,
    GasBoiler,
    HeatPump,
    HotWaterTank,
    PipelineGas,
    Source,
)
from .subset import first_stage
from .synthesis import city

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["ESTATE_NAMES", "MANAGERS", "MIXED", "NAMES", "general_basis", "make"]

NORTH, SOUTH = "汉台区", "南郑区"
COMPANY = "汉中市城区热力有限公司"
OLD = {"pre": 0.55, "mid": 0.45}
MIXED = {"pre": 0.20, "mid": 0.60, "new": 0.20}
YOUNG = {"mid": 0.60, "new": 0.40}

_FIRST = (
    "汉江", "天汉", "兴汉", "滨江", "江南", "梁州", "汉水", "望江", "金江", "银滩", "翠屏", "锦绣",
    "阳光", "紫柏", "龙岗", "桃园", "栖凤", "朱鹮", "橘园", "油菜花", "明珠", "书香", "丽景", "盛世",
    "和谐", "北辰", "玉带", "拜将", "褒谷", "南湖", "春熙",
)  # fmt: skip
_SECOND = ("花园", "家园", "佳苑", "名邸", "新城", "雅苑", "小区", "公馆", "华府", "人家", "嘉园", "绿洲")
ESTATE_NAMES = (_FIRST, _SECOND)
MANAGERS = tuple(f"{name}物业" for name in (
    "汉宁", "安居", "天和", "江城", "民安", "佳和", "恒顺", "众诚", "宜居", "金盾", "万和",
    "康馨", "长青", "新锐", "益家", "家兴",
))  # fmt: skip


def general_basis(gradient_pa_m: float = 45.0) -> tuple[Basis, ...]:
    """Return where the numbers of any network come from that is made, mains sized for a friction [Pa/m]."""
    return (
        Basis(of="pipe_types.*", status="derived", confidence="M",
              source="GB/T 29047 practice for preinsulated bonded pipe; heat loss by the formula for a pipe buried "
              "alone"),
        Basis(of="dwelling_types.*", status="derived", confidence="L",
              source="Hanzhong archetypes from wall and window standards (JGJ 134, JGJ 26, GB 55015), two-node "
              "capacities from outage records; positions, emitters and imbalance assumed"),
        Basis(of="sources.*.units.*", status="assumed", confidence="L",
              source="boiler efficiencies and outage rates of general practice; no plant data for Hanzhong are public"),
        Basis(of="sources.*.stores.*", status="assumed", confidence="L",
              source="the fuel of each source is not public; gas by contract for most, a stored fuel for the others; "
              "biogenic CO2 is counted as zero"),
        Basis(of="substations.*", status="assumed", confidence="L",
              source="synthesised: places, estates, managers, sizes"),
        Basis(of="pipes.*", status="assumed", confidence="L",
              source=f"routes, roads and diameters synthesised; sized at {gradient_pa_m:g} Pa/m for normal operation "
              "and for 40 % of the heat with any one source lost (CJJ 34), valves every 2.5 km on transmission, "
              "1.2 km on distribution mains"),
    )  # fmt: skip


_HANZHONG_BASIS = (
    Basis(of="pipes.*.length_m", status="published", confidence="M",
          source="their sum, 124.72 km, is published (52hz.com/1203, 2020-07-24, and a ceremony report); each is not"),
    Basis(of="sources.*.id", status="published", confidence="M",
          source="six sources named in the plan (52hz.com/1203 and the ceremony report)"),
    Basis(of="cohorts.*.floor_area_m2", status="published", confidence="M",
          source="their sum lies in the plan's 35-40 million m2, Dahekan's near its 6 million; each is synthesised"),
    Basis(of="sources.*.units.*.capacity_w", status="derived", confidence="L",
          source="capacity is not public: 1.10 x synthesised design heat, shared by source"),
    Basis(of="pipes.*.road", status="published", confidence="M",
          source="荔枝路, 西环路, 将坛路, 民主街 are named in a report (lnbfmu.com/2069); which pipe lies in them, and "
          "all other road and bridge names, are synthesised"),
    Basis(of="*.*.operator", status="published", confidence="M",
          source="汉中市城区热力有限公司 is the published operator; that it runs everything is assumed"),
)  # fmt: skip

_HANZHONG = CityPlan(
    name="hanzhong",
    title_zh="汉中城区集中供热（规划全部建成，示意管网）",
    title_en="Hanzhong district heating, plan fully built (illustrative network)",
    provenance_zh=(
        "公开数据：热源名称六处（滨江新区、城东新区、大河坎、梁山、周家坪、褒河），管网总长124.72公里，规划供热面积3500～4000万平方米，"
        "其中大河坎约600万平方米，经营企业汉中市城区热力有限公司，荔枝路、西环路、将坛路、民主街敷设管道。"
        "其余均为合成：管线走向、管径、阀门、热力站、小区名称、建筑、热源容量与燃料、设计温度。不得当作真实管网使用。"
    ),
    provenance_en=(
        "Published: the six sources' names, 124.72 km of network, a planned heated area of 35-40 million m2 with about "
        "6 million for Dahekan, the operator, and pipes in four named roads. Everything else is synthesised: routes, "
        "diameters, valves, substations, estates, buildings, capacities, fuels, design temperatures. It is not the "
        "real network and must not be used as such."
    ),
    operator=COMPANY,
    length_m=124_720.0,
    spare=1.10,
    street_m=330.0,
    elevation_m=508.0,
    quarters=(
        Quarter("BJ", "滨江新区", NORTH, (-1300.0, -900.0), (8, 5), 7.0e6, 44, YOUNG, (2020, 2021),
                ("滨江大道", "西环路", "将坛路", "天汉大道", "滨江一路", "滨江二路", "滨江三路"),
                Plant("滨江新区", (-1700.0, -100.0), 0.19, "natural_gas", 5)),
        Quarter("LC", "汉台老城", NORTH, (300.0, 1500.0), (7, 6), 6.5e6, 42, OLD, (2023, 2025),
                ("北环路", "天汉大道", "老城南路", "老城西路", "老城一路", "老城二路", "老城三路")),
        Quarter("CD", "城东新区", NORTH, (3700.0, 700.0), (7, 6), 6.5e6, 42, MIXED, (2022, 2023),
                ("城东南路", "东环路", "城东北路", "城东西路", "城东一路", "城东二路", "城东三路"),
                Plant("城东新区", (1500.0, 200.0), 0.20, "natural_gas", 5)),
        Quarter("DHK", "大河坎", SOUTH, (-1300.0, -3900.0), (8, 5), 6.0e6, 38, YOUNG, (2020, 2021),
                ("荔枝路", "江南东路", "江南大道", "民主街", "大河坎一路", "大河坎二路", "大河坎三路"),
                Plant("大河坎", (-400.0, -1000.0), 0.17, "natural_gas", 5)),
        Quarter("LS", "梁山", SOUTH, (-4900.0, -4300.0), (5, 5), 3.0e6, 20, MIXED, (2023, 2024),
                ("梁山南路", "梁山东路", "梁山北路", "梁山西路", "梁山一路", "梁山二路"),
                Plant("梁山", (-1000.0, 200.0), 0.10, "natural_gas", 4)),
        Quarter("ZJP", "周家坪", SOUTH, (-1500.0, -8000.0), (6, 5), 4.5e6, 29, MIXED, (2023, 2025),
                ("周家坪南路", "周家坪东路", "周家坪北路", "周家坪西路", "周家坪一路", "周家坪二路"),
                Plant("周家坪", (300.0, -1100.0), 0.14, "biomass", 4, 20.0, 2.0)),
        Quarter("BH", "褒河", NORTH, (-3000.0, 5000.0), (5, 5), 4.0e6, 25, MIXED, (2023, 2025),
                ("褒河南路", "褒河东路", "褒河北路", "褒河西路", "褒河一路", "褒河二路"),
                Plant("褒河", (-500.0, 1100.0), 0.20, "biomass", 5, 20.0, 2.0)),
    ),
    ties=(
        Tie(("BJ", 0.6, 1.0), ("LC", 0.3, 0.0), "天汉大道"),
        Tie(("BJ", 1.0, 0.0), ("CD", 0.0, 0.0), "滨江东路"),
        Tie(("LC", 1.0, 0.5), ("CD", 0.0, 0.7), "民主路"),
        Tie(("LC", 0.0, 1.0), ("BH", 1.0, 0.0), "褒河大道"),
        Tie(("BH", 0.0, 0.0), ("BJ", 0.0, 1.0), "西环路"),
        Tie(("BJ", 0.2, 0.0), ("DHK", 0.2, 1.0), "龙岗大桥"),
        Tie(("BJ", 0.9, 0.0), ("DHK", 1.0, 1.0), "汉江桥闸"),
        Tie(("DHK", 0.0, 0.5), ("LS", 1.0, 0.5), "江南西路"),
        Tie(("DHK", 0.6, 0.0), ("ZJP", 0.7, 1.0), "南郑大道"),
        Tie(("LS", 0.7, 0.0), ("ZJP", 0.0, 0.8), "梁周路"),
    ),
    estate_names=ESTATE_NAMES,
    managers=MANAGERS,
    basis=general_basis() + _HANZHONG_BASIS,
)  # fmt: skip

_TOWN = CityPlan(
    name="town",
    title_zh="小城供热（虚构）",
    title_en="A town (invented)",
    provenance_zh="全部虚构：一座小城，两处热源，一处用管道天然气，一处用储煤。",
    provenance_en="All invented: a town with two sources, one on pipeline gas, one on a stock of coal.",
    operator="小城热力公司",
    length_m=19_500.0,
    spare=1.15,
    street_m=330.0,
    elevation_m=510.0,
    quarters=(
        Quarter("N", "北区", "北区", (0.0, 1100.0), (6, 4), 1.9e6, 22, MIXED, (2005, 2012),
                ("中街", "东街", "北街", "西街", "北一路", "北二路"),
                Plant("北厂", (0.0, 1000.0), 0.55, "natural_gas", 4)),
        Quarter("S", "南区", "南区", (200.0, -1100.0), (5, 4), 1.5e6, 18, MIXED, (2010, 2020),
                ("滨河路", "学府街", "南街", "工业路", "南一路", "南二路"),
                Plant("南厂", (900.0, -600.0), 0.45, "coal", 4, 20.0, 3.0)),
    ),
    ties=(Tie(("N", 0.2, 0.0), ("S", 0.2, 1.0), "大桥"), Tie(("N", 0.9, 0.0), ("S", 0.9, 1.0), "东桥")),
    estate_names=ESTATE_NAMES,
    managers=MANAGERS[:5],
    basis=general_basis(),
)  # fmt: skip


def make(name: str, rng: Generator) -> Network:
    """Return a network of the library, made afresh.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.
    rng : numpy.random.Generator
        The stream to draw from; the hand-checkable networks draw nothing.
    """
    return _MAKERS[name](rng)


def _hanzhong_2021(rng: Generator) -> Network:
    return first_stage(
        city(_HANZHONG, rng),
        sources={"大河坎": 2, "滨江新区": 1},
        vintage="2001-2021",
        year=2021,
        substations=20,
        name="hanzhong_2021",
        title_zh="汉中城区集中供热（2021年一期，示意管网）",
        title_en="Hanzhong district heating, first stage of 2021 (illustrative network)",
        note_zh="一期：大河坎、滨江新区两处热源及当时接入的小区（小区为合成）。",
        note_en="First stage: the Dahekan and Binjiang sources and the estates then connected (synthesised).",
    )


def _by_hand(
    name: str,
    titles: tuple[str, str],
    nodes: tuple[tuple[str, float, float], ...],
    pipes: tuple[tuple[str, str, str, float, str], ...],
    dwelling: str = "2001-2021 inner",
    primary_k: float = 50.0,
) -> Network:
    """Return a small network with one source ``plant``; nodes whose names begin with an s are substations."""
    stations = [node for node, _, _ in nodes if node.startswith("s")]
    kind = next(kind for kind in dwelling_types() if kind.id == dwelling)
    area_m2 = 40_000.0
    heat_w = area_m2 * kind.radiator_w_m2
    store = PipelineGas(id="gas", co2_kg_gj=56.1, heating_value_j_m3=35.6e6, contract_m3_d=50_000.0, price_cny_m3=3.2)
    total_w = 1.2e6 * round(heat_w * len(stations) / 1e6)
    units = tuple(
        GasBoiler(id=f"boiler{number}", store="gas", capacity_w=total_w / 2, efficiency=0.92, minimum_share=0.2,
                  start_s=3600.0, outage_rate=0.02, repair_h=18.0)
        for number in (1, 2)
    )  # fmt: skip
    used = {size for *_, size in pipes}
    return Network(
        version=1,
        name=name,
        title_zh=titles[0],
        title_en=titles[1],
        illustrative=True,
        provenance_zh="虚构，供手算核对。",
        provenance_en="Invented, small enough to be checked by hand.",
        sources=(
            Source(id="plant", node="plant", operator="operator", district="district", supply_max_c=120.0,
                   head_max_pa=400_000.0, pump_efficiency=0.75, makeup_max_kg_s=2.0, units=units, stores=(store,)),
        ),
        pipe_types=tuple(size for size in pipe_types() if size.id in used),
        dwelling_types=(kind,),
        nodes=tuple(
            Node(id=node, x_m=x, y_m=y,
                 kind="source" if node == "plant" else "substation" if node in stations else "junction")
            for node, x, y in nodes
        ),
        pipes=tuple(
            Pipe(id=pipe, from_node=start, to_node=end, type=size, length_m=length, depth_m=1.5, year=2015,
                 valve_from=True, role="distribution", operator="operator", district="district")
            for pipe, start, end, length, size in pipes
        ),
        substations=tuple(
            Substation(id=node, node=node, operator="operator", district="district", estate=f"estate {node}",
                       design_w=heat_w, ua_w_k=90_000.0, secondary_kg_s=round(area_m2 * design_flow_kg_s_m2(kind), 3),
                       primary_kg_s=round(heat_w / (WATER_J_KGK * primary_k), 3), primary_drop_pa=80_000.0)
            for node in stations
        ),
        cohorts=tuple(
            Cohort(id=f"{node}-1", substation=node, type=kind.id, floor_area_m2=area_m2, households=400)
            for node in stations
        ),
    )  # fmt: skip


def _one_pipe(_: Generator) -> Network:
    return _by_hand("one_pipe", ("一根管", "One pipe"), (("plant", 0.0, 0.0), ("s1", 1000.0, 0.0)),
                    (("p1", "plant", "s1", 1000.0, "DN150"),))  # fmt: skip


_TEE_NODES = (("plant", 0.0, 0.0), ("tee", 1000.0, 0.0), ("s1", 1500.0, 0.0), ("s2", 1000.0, 300.0))
_TEE_PIPES = (
    ("p1", "plant", "tee", 1000.0, "DN200"),
    ("p2", "tee", "s1", 500.0, "DN150"),
    ("p3", "tee", "s2", 300.0, "DN150"),
)


def _tee(_: Generator) -> Network:
    return _by_hand("tee", ("三通", "A tee"), _TEE_NODES, _TEE_PIPES)


def _mixed_plant(_: Generator) -> Network:
    """Return the tee with floor heating at low temperatures and a plant of many kinds of unit and a tank."""
    titles = ("多种热源", "A plant of many kinds")
    network = _by_hand("mixed_plant", titles, _TEE_NODES, _TEE_PIPES, dwelling="2022+ inner", primary_k=30.0)
    units = (
        CombinedHeatAndPower(id="engine", store="gas", capacity_w=0.9e6, heat_efficiency=0.50, power_to_heat=0.7,
                             minimum_share=0.5, start_s=1_800.0, start_loss_s=300.0, ramp_per_h=2.0, outage_rate=0.02),
        HeatPump(id="heat_pump", store="grid", capacity_w=0.6e6, cop=3.6, cop_law="carnot", rating_supply_c=65.0,
                 rating_cold_c=12.0, minimum_share=0.3, start_s=600.0, outage_rate=0.02),
        GasBoiler(id="boiler", store="gas", capacity_w=1.2e6, efficiency=0.94, part_load_slope=0.02,
                  condensing_gain=0.002, minimum_share=0.2, start_s=1_800.0, start_loss_s=120.0, duty="peak",
                  outage_rate=0.02),
        ElectricBoiler(id="rod", store="grid", capacity_w=0.8e6, efficiency=0.98, start_s=600.0, duty="standby",
                       outage_rate=0.02),
    )  # fmt: skip
    stores = (
        PipelineGas(id="gas", co2_kg_gj=56.1, heating_value_j_m3=35.6e6, contract_m3_d=15_000.0, price_cny_m3=3.2),
        Connection(id="grid", fuel="electricity", co2_kg_gj=155.0, limit_kwh_d=40_000.0, price_cny_kwh=0.65),
    )
    tank = HotWaterTank(volume_m3=150.0, hot_c=80.0, cold_c=40.0, power_w=0.6e6, loss_w_k=120.0)
    plant = network.sources[0].model_copy(update={"units": units, "stores": stores, "tank": tank})
    basis = Basis(of="*", status="assumed", confidence="L",
                  source="invented; efficiencies, COP, starts, ramps, prices, tank by general practice")  # fmt: skip
    provenance = {"provenance_zh": "虚构，供演示各种热源。", "provenance_en": "Invented, to show every kind of unit."}
    heated_slab = network.dwelling_types[0].model_copy(update={"emitter_to_mass_share": 0.7})
    parts = {"sources": (plant,), "dwelling_types": (heated_slab,), "basis": (basis,)}
    return network.model_copy(update=parts | provenance)


def _ring(_: Generator) -> Network:
    nodes = (
        ("plant", 0.0, 0.0),
        ("gate", 500.0, 0.0),
        ("s1", 1000.0, 500.0),
        ("s2", 1500.0, 0.0),
        ("s3", 1000.0, -500.0),
    )
    pipes = (
        ("p1", "plant", "gate", 500.0, "DN200"),
        ("p2", "gate", "s1", 700.0, "DN150"),
        ("p3", "s1", "s2", 700.0, "DN150"),
        ("p4", "s2", "s3", 700.0, "DN150"),
        ("p5", "s3", "gate", 700.0, "DN150"),
    )
    return _by_hand("ring", ("环网", "A ring"), nodes, pipes)


_MAKERS: dict[str, Callable[[Generator], Network]] = {
    "one_pipe": _one_pipe,
    "tee": _tee,
    "ring": _ring,
    "mixed_plant": _mixed_plant,
    "town": lambda rng: city(_TOWN, rng),
    "hanzhong": lambda rng: city(_HANZHONG, rng),
    "hanzhong_2021": _hanzhong_2021,
}
#: The library's networks.
NAMES = tuple(_MAKERS)
