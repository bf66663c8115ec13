"""Kinds of heat source and of fuel store: what a plant can do, and what it burns from.

A source is a plant: a node of the network with pumps, several units (boilers, heat pumps, …) and fuel stores. Which
unit runs when is a policy and stands in the scenario; how much can be bought when is its fuel policy.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from .units import UnitKeys

__all__ = ["HotWaterTank", "Part", "Positive", "Share", "Source", "Store", "Text", "TextOrNone", "Unit"]

_IN_A_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"  # any script
Text = Annotated[str, Field(pattern=f"^{_IN_A_LINE}+$")]  # one line
TextOrNone = Annotated[str, Field(pattern=f"^{_IN_A_LINE}*$")]  # one line, which may be empty
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(UnitKeys):
    """What every part of a network has in common: frozen, no unknown keys, no NaN, quantities with or without text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class _AnyUnit(Part):
    id: Text
    """Name of the unit, once in the network."""
    store: Text
    """The fuel store, contract or connection of the same source that it burns from."""
    second_store: Text | None = None
    """Dual fuel: the store of the same source that it turns to when the first gives out, or is spared."""
    capacity_w: Positive
    """Largest heat output [W]."""
    part_load_slope: float = 0.0
    """Efficiency at part load: efficiency x (1 + slope x (1 - load)) [-]."""
    minimum_share: Share = 0.0
    """Smallest output it can hold, as a share of its capacity [-]."""
    start_s: NotNegative = 0.0
    """From the order to the first output, cold [s]; it cools down as slowly as it warms up."""
    start_loss_s: NotNegative = 0.0
    """Fuel that a cold start takes, as seconds of full output [s]."""
    ramp_per_h: Positive | None = None
    """Fastest rise of its output, as a share of its capacity per hour [1/h]; none: at once."""
    duty: Literal["base", "peak", "standby"] = "base"
    """Base load, peak load 调峰 (called after all base load) or standby 备用 (called last)."""
    outage_rate: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Forced-outage rate: share of the running time lost to trips [-]."""
    repair_h: Positive = 24.0
    """Mean time to repair a trip [h]."""


class _Boiler(_AnyUnit):
    efficiency: Annotated[float, Field(gt=0, le=1.1)]
    """Heat over the fuel's lower heating value at full load [-]; a condensing boiler may pass 1."""


class GasBoiler(_Boiler):
    """Gas boiler 燃气锅炉."""

    kind: Literal["gas_boiler"] = "gas_boiler"
    condensing_gain: NotNegative = 0.0
    """Rise of the efficiency per kelvin of return water below ``dew_c``, over the efficiency [1/K]; 0: dry flue."""
    dew_c: Annotated[float, Field(ge=30, le=70)] = 55.0
    """Return temperature below which the flue gas condenses [degC]."""


class CoalBoiler(_Boiler):
    """Coal boiler 燃煤锅炉."""

    kind: Literal["coal_boiler"] = "coal_boiler"


class BiomassBoiler(_Boiler):
    """Biomass boiler 生物质锅炉."""

    kind: Literal["biomass_boiler"] = "biomass_boiler"


class ElectricBoiler(_Boiler):
    """Electric boiler 电锅炉; its store is a grid connection."""

    kind: Literal["electric_boiler"] = "electric_boiler"


class WasteHeat(_AnyUnit):
    """Industrial waste heat 工业余热 through an exchanger; its store is the connection to the works."""

    kind: Literal["waste_heat"] = "waste_heat"
    exchanger_efficiency: Annotated[float, Field(gt=0, le=1)]
    """Heat given to the network over heat taken from the works [-]."""


class HeatPump(_AnyUnit):
    """Heat pump 热泵; its store is a grid connection."""

    kind: Literal["heat_pump"] = "heat_pump"
    cop: Annotated[float, Field(gt=1)]
    """Heat over electricity at full load and, by ``cop_law = "carnot"``, at the rating temperatures [-]."""
    cop_law: Literal["constant", "carnot"] = "constant"
    """The COP is constant, or the same share of Carnot's at any temperatures."""
    rating_supply_c: Annotated[float, Field(gt=0, lt=150)] = 65.0
    """Supply temperature at which ``cop`` holds [degC]."""
    rating_cold_c: Annotated[float, Field(gt=-40, lt=80)] = 7.0
    """Temperature at its cold side at which ``cop`` holds [degC]."""
    cold_side: Literal["as_rated", "outdoor", "ground"] = "as_rated"
    """What it draws on: something as warm as at its rating (sewage, a works), outdoor air, or the ground."""


class CombinedHeatAndPower(_AnyUnit):
    """Combined heat and power 热电联产, heat-led on its back-pressure line.

    An extraction turbine on that line has ``heat_efficiency = condensing efficiency / (power_to_heat + power loss)``.
    """

    kind: Literal["chp"] = "chp"
    heat_efficiency: Annotated[float, Field(gt=0, le=1)]
    """Heat over the fuel's lower heating value at full load [-]."""
    power_to_heat: Positive
    """Electricity made per heat made; with the heat no more than the fuel gives [-]."""


Unit = Annotated[
    GasBoiler | CoalBoiler | BiomassBoiler | ElectricBoiler | WasteHeat | HeatPump | CombinedHeatAndPower,
    Field(discriminator="kind"),
]


class _AnyStore(Part):
    id: Text
    """Name of the store, once in the network."""
    co2_kg_gj: NotNegative = 0.0
    """Carbon dioxide per energy of the fuel, lower heating value [kg/GJ]."""


class PipelineGas(_AnyStore):
    """Gas by contract through a pipeline: a daily quantity, not a stock; cover is contract cover."""

    kind: Literal["pipeline_gas"] = "pipeline_gas"
    fuel: Text = "natural_gas"
    """What flows."""
    heating_value_j_m3: Positive
    """Lower heating value [J/m3]."""
    contract_m3_d: NotNegative
    """Daily contract quantity; 0: no gas is to be had [m3/d]."""
    on_site_m3: NotNegative = 0.0
    """Line pack and LNG held on site, as gas [m3]; full when the season begins."""
    price_cny_m3: NotNegative
    """Price [CNY/m3]."""


class Stock(_AnyStore):
    """A fuel that is stored: coal, biomass, oil, LNG by road."""

    kind: Literal["stock"] = "stock"
    fuel: Text
    """What is stored, e.g. coal, biomass."""
    heating_value_j_kg: Positive
    """Lower heating value [J/kg]."""
    capacity_kg: Positive
    """What the yard, silo or tank holds [kg]."""
    initial_kg: NotNegative
    """Stock when the readiness works begin, unless the scenario's reserve policy says otherwise [kg]."""
    delivery_kg_d: Positive
    """Most that can be unloaded in a day, at all bays together [kg/d]."""
    bays: Annotated[int, Field(ge=1, le=100)] = 1
    """Bays at which trucks are unloaded at the same time; each takes an equal part of the day's most."""
    truck_kg: Positive
    """Size of one delivery [kg]."""
    lead_s: NotNegative
    """Mean time from order to delivery [s]."""
    price_cny_kg: NotNegative
    """Price [CNY/kg]."""


class Connection(_AnyStore):
    """Energy taken as it comes: the electricity grid, or a works that gives its waste heat."""

    kind: Literal["connection"] = "connection"
    fuel: Text
    """What comes, e.g. electricity, waste_heat."""
    limit_kwh_d: Positive
    """Most that can be taken in a day [kWh/d]."""
    price_cny_kwh: NotNegative
    """Price [CNY/kWh]."""


Store = Annotated[PipelineGas | Stock | Connection, Field(discriminator="kind")]


class HotWaterTank(Part):
    """Hot-water tank 蓄热水罐 beside the plant's supply; when it is charged is the scenario's storage policy."""

    volume_m3: Positive
    """Water that it holds [m3]."""
    hot_c: Annotated[float, Field(gt=20, lt=180)]
    """Temperature at which it is charged; it never warms water beyond it [degC]."""
    cold_c: Annotated[float, Field(gt=0, lt=150)]
    """Temperature of the water that it holds when empty of heat [degC]."""
    power_w: Positive
    """Largest heat taken in or given off [W]."""
    loss_w_k: NotNegative
    """Heat loss per kelvin between the hot water and the cold [W/K]."""


class Source(Part):
    """Heat source 热源: a plant with its pumps, units and stores."""

    id: Text
    """Name, once in the network."""
    node: Text
    """The node it feeds."""
    operator: Text
    """Heating enterprise that runs it 供热企业."""
    district: Text
    """Administrative district, for the authority that is told 属地."""
    supply_max_c: Annotated[float, Field(gt=20, lt=200)]
    """Highest supply temperature [degC]."""
    head_max_pa: Positive
    """Largest pressure difference that the pumps hold between supply and return [Pa]."""
    pump_efficiency: Annotated[float, Field(gt=0, le=1)]
    """Hydraulic power over electric power [-]."""
    makeup_max_kg_s: NotNegative
    """Most make-up water 补水 [kg/s]."""
    units: Annotated[tuple[Unit, ...], Field(strict=False, min_length=1)]
    """Boilers and other units."""
    stores: Annotated[tuple[Store, ...], Field(strict=False, min_length=1)]
    """Fuel stores, contracts and connections."""
    tank: HotWaterTank | None = None
    """Hot-water tank."""
