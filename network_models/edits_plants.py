"""Edits of plants and users: a boiler or another unit in a source, a whole source, a substation with its dwellings."""

from __future__ import annotations

from math import pi
from typing import Annotated, Literal

from pydantic import Field

from .arrays import design_flow_kg_s_m2
from .catalogue import nominal_for
from .edits_pipes import AddPipe
from .estates import exchanger
from .network import Cohort, Node, Substation
from .problems import NetworkError, did_you_mean
from .sources import (
    Connection,
    ElectricBoiler,
    GasBoiler,
    HotWaterTank,
    NotNegative,
    PipelineGas,
    Positive,
    Share,
    Source,
    Stock,
    Store,
    Text,
    Unit,
)
from .works import Edit, Works, problem

__all__ = ["LARGEST", "AddBoiler", "AddSource", "AddSubstation", "AddTank", "AddUnit"]

LARGEST, EVERY = "largest", "every"
_BRANCH_PA_M = 120.0  # as the library's networks
_DAY_S = 86_400.0
# Assumed (L), general practice; CO2 by IPCC 2006. Heavy or light oil is trucked; a grid connection is at full output.
_GAS_J_M3, _GAS_CNY_M3, _GAS_CO2 = 35.6e6, 3.2, 56.1
_OIL_J_KG, _OIL_CNY_KG, _OIL_CO2 = 42.7e6, 7.5, 74.1
_POWER_CNY_KWH, _POWER_CO2 = 0.65, 155.0
_OIL_LEAD_S, _OIL_TRUCK_KG = 24 * 3600.0, 20_000.0
_TANK_J_M3K, _TANK_W_M2K, _TANK_FILL_S = 4.1e6, 0.3, 6 * 3600.0
_EFFICIENCY = {"natural_gas": 0.92, "oil": 0.90, "electricity": 0.98}


class AddBoiler(Edit):
    """A boiler in a source, or one in every source: for the peak, or for an emergency.

    Without ``store`` it gets a store of its own, called ``NAME-store``, enough for its full output: a gas contract, an
    oil tank with ``days_of_store``, or a grid connection.
    """

    kind: Literal["boiler"]
    source: Text = LARGEST
    """Id of the source; ``largest``: that of the largest capacity; ``every``: one in each, called ``NAME-SOURCE``."""
    capacity_w: NotNegative
    """Largest heat output, of ``every`` together and shared out by the sources' capacities; 0: none is built [W]."""
    fuel: Literal["natural_gas", "oil", "electricity"] = "natural_gas"
    """What it burns, where it has a store of its own."""
    store: Text | None = None
    """A store, contract or connection that the source has, to burn from."""
    efficiency: Annotated[float, Field(gt=0, le=1.1)] | None = None
    """Heat over lower heating value at full load; none: 0.92 gas, 0.90 oil, 0.98 electricity, assumed [-]."""
    duty: Literal["base", "peak", "standby"] = "peak"
    """Peak load (called after all base load), standby (called last), or base load."""
    days_of_store: Positive = 3.0
    """Full output that its oil tank lasts, full when the season begins [d]."""
    minimum_share: Share = 0.2
    """Smallest output it can hold, as a share of its capacity [-]."""
    start_s: NotNegative = 1800.0
    """From the order to full output, cold [s]."""
    outage_rate: Annotated[float, Field(ge=0, lt=1)] = 0.02
    """Forced-outage rate: share of the running time lost to trips [-]."""
    repair_h: Positive = 18.0
    """Mean time to repair a trip [h]."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Put the boiler up; see :class:`Edit`."""
        if self.source == EVERY:
            sizes = {source.id: sum(unit.capacity_w for unit in source.units) for source in works.sources.values()}
            whole = sum(sizes.values())
            shares = {
                id_: self.model_copy(update={"source": id_, "capacity_w": self.capacity_w * size / whole})
                for id_, size in sizes.items()
            }
            return tuple(made for id_, share in shares.items() for made in share.apply(works, f"{name}-{id_}"))
        source = _source(works, name, self.source)
        if self.capacity_w == 0.0:
            return ()
        stores = {store.id: store for store in source.stores}
        if self.store is not None and self.store not in stores:
            wanted = f"the id of a store of {source.id}, or none for one of its own"
            raise NetworkError([problem(name, "store", self.store, wanted, did_you_mean(self.store, list(stores)))])
        own = None if self.store else self._own_store(f"{name}-store")
        values = {
            "id": name,
            "store": self.store or f"{name}-store",
            "efficiency": self.efficiency or _EFFICIENCY[self.fuel],
            **{key: getattr(self, key) for key in _PLAIN},
        }
        power = own.fuel if own else stores[self.store or ""].fuel
        boiler = ElectricBoiler(**values) if power == "electricity" else GasBoiler(**values)
        _add_unit(works, name, source, boiler, own)
        works.assume(f"sources.*.units.{name}", "edit: outage rate, start and minimum of general practice")
        if own:
            works.assume(f"sources.*.stores.{own.id}", "edit: price and heating value of general practice")
        return (name,)

    def _own_store(self, id_: str) -> Store:
        heat_w = self.capacity_w / (self.efficiency or _EFFICIENCY[self.fuel])
        if self.fuel == "natural_gas":
            day = heat_w * _DAY_S / _GAS_J_M3
            return PipelineGas(id=id_, co2_kg_gj=_GAS_CO2, heating_value_j_m3=_GAS_J_M3, contract_m3_d=day,
                               price_cny_m3=_GAS_CNY_M3)  # fmt: skip
        if self.fuel == "electricity":
            return Connection(id=id_, fuel="electricity", co2_kg_gj=_POWER_CO2, price_cny_kwh=_POWER_CNY_KWH,
                              limit_kwh_d=heat_w * 24.0 / 1e3)  # fmt: skip
        day = heat_w * _DAY_S / _OIL_J_KG
        return Stock(
            id=id_, fuel="oil", co2_kg_gj=_OIL_CO2, heating_value_j_kg=_OIL_J_KG, lead_s=_OIL_LEAD_S,
            capacity_kg=day * self.days_of_store, initial_kg=day * self.days_of_store, delivery_kg_d=day,
            truck_kg=_OIL_TRUCK_KG, price_cny_kg=_OIL_CNY_KG,
        )  # fmt: skip


_PLAIN = ("capacity_w", "duty", "minimum_share", "start_s", "outage_rate", "repair_h")


class AddTank(Edit):
    """A hot-water tank 蓄热水罐 beside a source; when it is charged is the scenario's storage policy."""

    kind: Literal["tank"]
    source: Text = LARGEST
    """Id of the source; ``largest``: the one of the largest capacity."""
    volume_m3: NotNegative
    """Water that it holds; 0: none is built [m3]."""
    hot_c: Annotated[float, Field(gt=20, lt=180)] = 95.0
    """Temperature at which it is charged; below 100 without pressure [degC]."""
    cold_c: Annotated[float, Field(gt=0, lt=150)] = 55.0
    """Temperature of the water that it holds when empty of heat [degC]."""
    power_w: Positive | None = None
    """Largest heat taken in or given off; none: what fills it in six hours [W]."""
    loss_w_k: NotNegative | None = None
    """Heat loss per kelvin between hot and cold; none: 0.3 W/(m2 K) on a cylinder as high as wide [W/K]."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Put the tank up; see :class:`Edit`."""
        source = _source(works, name, self.source)
        if self.volume_m3 == 0.0:
            return ()
        if source.tank is not None:
            raise NetworkError([problem(name, "source", source.id, "a source without a tank")])
        if self.hot_c <= self.cold_c:
            raise NetworkError([problem(name, "hot_c", self.hot_c, f"more than cold_c = {self.cold_c:g}")])
        heat_j = self.volume_m3 * _TANK_J_M3K * (self.hot_c - self.cold_c)
        surface_m2 = 1.5 * pi * (4.0 * self.volume_m3 / pi) ** (2.0 / 3.0)
        loss_w_k = _TANK_W_M2K * surface_m2 if self.loss_w_k is None else self.loss_w_k
        power_w = heat_j / _TANK_FILL_S if self.power_w is None else self.power_w
        tank = HotWaterTank(
            volume_m3=self.volume_m3, hot_c=self.hot_c, cold_c=self.cold_c, power_w=power_w, loss_w_k=loss_w_k
        )
        works.change("sources", source.id, tank=tank)
        if self.loss_w_k is None or self.power_w is None:
            works.assume(f"sources.{source.id}.tank", "edit: filled in six hours, 0.3 W/(m2 K) on its surface")
        return (source.id,)


class AddUnit(Edit):
    """A unit of any kind in a source, said in full as in a network file, with a store of its own where it has one."""

    kind: Literal["unit"]
    source: Text = LARGEST
    """Id of the source; ``largest``: the one of the largest capacity."""
    unit: Unit
    """The unit, as in ``[[sources.units]]``."""
    store: Store | None = None
    """A store to be added with it, as in ``[[sources.stores]]``."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Put the unit up; see :class:`Edit`."""
        source = _source(works, name, self.source)
        known = [store.id for store in (*source.stores, *([self.store] if self.store else []))]
        if self.unit.store not in known:
            wanted, hint = f"the id of a store of {source.id}", did_you_mean(self.unit.store, known)
            raise NetworkError([problem(name, "unit", self.unit.store, wanted, hint)])
        _add_unit(works, name, source, self.unit, self.store)
        return (self.unit.id,)


class AddSource(AddPipe):
    """A heat source with a pipe that joins it to a node; the pipe bears the edit's name, the source's node ``NAME-N``.

    The pipe's keys are those of ``pipe``; what is not said of the plant is as in the largest source.
    """

    kind: Literal["source"]  # type: ignore[assignment]
    from_node: Text = ""
    """Taken by the source itself."""
    x_m: float
    """Where it stands, east of the network's origin [m]."""
    y_m: float
    """North of the network's origin [m]."""
    elevation_m: float = 0.0
    """Above the datum [m]."""
    role: Literal["transmission", "distribution", "branch"] = "transmission"
    supply_max_c: Annotated[float, Field(gt=20, lt=200)] | None = None
    """Highest supply temperature [degC]."""
    head_max_pa: Positive | None = None
    """Largest pressure difference that the pumps hold between supply and return [Pa]."""
    pump_efficiency: Annotated[float, Field(gt=0, le=1)] | None = None
    """Hydraulic power over electric power [-]."""
    makeup_max_kg_s: NotNegative | None = None
    """Most make-up water [kg/s]."""
    units: Annotated[tuple[Unit, ...], Field(strict=False, min_length=1)]
    """Boilers and other units, as in ``[[sources.units]]``."""
    stores: Annotated[tuple[Store, ...], Field(strict=False, min_length=1)]
    """Fuel stores, contracts and connections, as in ``[[sources.stores]]``."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Build the plant and its pipe; see :class:`Edit`."""
        works.require(name, to_node=("nodes", self.to_node))
        works.fresh(name, sources=name, nodes=f"{name}-N")
        like, pipe = _source(works, name, LARGEST), works.pipe_at(name, "to_node", self.to_node)
        node = Node(id=f"{name}-N", kind="source", x_m=self.x_m, y_m=self.y_m, elevation_m=self.elevation_m)
        works.nodes[node.id] = node
        try:
            laid = self.model_copy(update={"from_node": node.id, "type": self.type or pipe.type})
            AddPipe.apply(laid, works, name)
        except NetworkError:
            del works.nodes[node.id]
            raise
        works.sources[name] = Source(
            id=name,
            node=node.id,
            operator=self.operator or pipe.operator,
            district=self.district or pipe.district,
            units=self.units,
            stores=self.stores,
            **{key: getattr(like if getattr(self, key) is None else self, key) for key in _OF_PLANT},
        )
        return name, node.id


_OF_PLANT = ("supply_max_c", "head_max_pa", "pump_efficiency", "makeup_max_kg_s")


class AddSubstation(Edit):
    """A substation 热力站 with its estate, on a branch ``NAME-B`` from a node to ``NAME-N``.

    Exchanger and flows are sized for the dwellings' design heat, as in the library's networks.
    """

    kind: Literal["substation"]
    node: Text
    """The chamber or junction that the branch begins at."""
    floor_area_m2: Positive
    """Heated floor area [m2]."""
    households: Annotated[int, Field(gt=0)]
    """Households connected."""
    dwelling_type: Text
    """Dwelling type of the network or of the catalogue, e.g. ``2022+ inner``."""
    length_m: Positive = 60.0
    """Length of the branch [m]."""
    type: Text | None = None
    """Pipe type of the branch; none: the smallest that carries its flow at 120 Pa/m."""
    estate: Text | None = None
    """Housing estate; none: called as the edit."""
    manager: Text | None = None
    """Property manager."""
    protected: bool = False
    """Serves a hospital, school or care home."""
    off_share: Share = 0.0
    """Share of the households that have reported off [-]."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Connect the estate; see :class:`Edit`."""
        named = {"node": ("nodes", self.node), "dwelling_type": ("dwelling_types", self.dwelling_type)}
        works.require(name, **named, **({"type": ("pipe_types", self.type)} if self.type else {}))
        node, branch = f"{name}-N", f"{name}-B"
        works.fresh(name, substations=name, nodes=node, pipes=branch, cohorts=f"{name}-1")
        like = works.pipe_at(name, "node", self.node)
        works.take_type("dwelling_types", self.dwelling_type)
        kind = works.dwelling_types[self.dwelling_type]
        sized = exchanger(self.floor_area_m2 * kind.radiator_w_m2, kind.design_supply_c, kind.design_return_c)
        at = works.nodes[self.node]
        works.nodes[node] = Node(id=node, kind="substation", x_m=at.x_m + self.length_m, y_m=at.y_m,
                                 elevation_m=at.elevation_m)  # fmt: skip
        type_ = self.type or f"DN{nominal_for(sized['primary_kg_s'], _BRANCH_PA_M)}"
        laid = AddPipe(kind="pipe", from_node=self.node, to_node=node, type=type_, length_m=self.length_m,
                       valve_from=True, role="branch")  # fmt: skip
        laid.apply(works, branch)
        works.substations[name] = Substation(
            id=name,
            node=node,
            operator=like.operator,
            district=like.district,
            estate=self.estate or name,
            manager=self.manager,
            protected=self.protected,
            secondary_kg_s=round(self.floor_area_m2 * design_flow_kg_s_m2(kind), 3),
            **sized,
        )
        works.cohorts[f"{name}-1"] = Cohort(
            id=f"{name}-1",
            substation=name,
            type=kind.id,
            floor_area_m2=self.floor_area_m2,
            households=self.households,
            off_share=self.off_share,
        )
        works.assume(f"substations.{name}.*", "edit: exchanger and flows sized for its dwellings' design heat")
        return name, branch


def _source(works: Works, name: str, source: str) -> Source:
    if source == LARGEST:
        return max(works.sources.values(), key=lambda source: sum(unit.capacity_w for unit in source.units))
    if source not in works.sources:
        hint = did_you_mean(source, list(works.sources))
        raise NetworkError([problem(name, "source", source, f"the id of a source, or {LARGEST}", hint)])
    return works.sources[source]


def _add_unit(works: Works, name: str, source: Source, unit: Unit, store: Store | None) -> None:
    taken = {part.id for other in works.sources.values() for part in (*other.units, *other.stores)}
    new = [part.id for part in (unit, store) if part is not None and part.id in taken]
    if new:
        wanted = "an id that no unit and no store of the network bears"
        raise NetworkError([problem(name, "", id_, wanted) for id_ in new])
    stores = (*source.stores, *([store] if store is not None else []))
    works.change("sources", source.id, units=(*source.units, unit), stores=stores)
