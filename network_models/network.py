"""Network and its parts: what stands in the ground, frozen and validated, every fault found at once.

Ids may be in any script. Properties that many elements share stand once, in a type: a pipe names its `PipeType`
(diameter, insulation), a cohort its `DwellingType` (envelope, capacities, emitters per square metre).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .checks import cross_problems
from .documents import cross_check_error
from .sources import NotNegative, Part, Positive, Share, Source, Text

__all__ = [
    "Basis", "Cohort", "DwellingType", "Edited", "Facing", "Network", "Node", "Note", "Pipe", "PipeType", "Substation",
]  # fmt: skip


class Basis(Part):
    """Where numbers of the network come from. What no basis covers is the network author's own."""

    of: Text
    """The keys it speaks of, with * for "every", e.g. ``sources.*.units.*.capacity_w``."""
    status: Literal["published", "derived", "assumed"]
    """Published somewhere, derived from published numbers, or assumed."""
    confidence: Literal["H", "M", "L"]
    """H: read in a primary text; M: one secondary source, or two weak ones that agree; L: inference."""
    source: Text
    """The source, or the reason."""


class Note(Part):
    """What a reader of another program's file did beyond taking over what stands there: nothing goes in silence."""

    kind: Literal["left_out", "assumed", "joined"]
    """Not taken over, filled in by us, or kept in another form."""
    where: Text
    """Place in the file, e.g. ``pipe[3].qext_w`` or ``管道!C7``; a whole table where it holds for all of it."""
    what: Text
    """The phrase that says it (``import.<what>`` in words.toml)."""
    values: dict[str, str | int | float] = Field(default_factory=dict)
    """The phrase's blanks: names, counts, numbers."""


class Node(Part):
    """A place where pipes meet."""

    id: Text
    """Name, once in the network."""
    kind: Literal["source", "junction", "chamber", "substation"]
    """Heat source, plain junction, valve chamber 检查室, or substation 热力站."""
    x_m: float = 0.0
    """East of the network's origin, local grid [m]."""
    y_m: float = 0.0
    """North of the network's origin, local grid [m]."""
    elevation_m: float = 0.0
    """Above the datum [m]."""
    return_name: Text | None = None
    """Name of its return side in the file it was read from, where that is a junction of its own."""


class PipeType(Part):
    """A pipe out of the catalogue."""

    id: Text
    """Name, e.g. ``DN500``."""
    nominal: Annotated[int, Field(gt=0)]
    """Nominal diameter DN [mm]."""
    construction: Literal["preinsulated", "channel"]
    """Directly buried preinsulated bonded pipe 直埋预制保温管, or pipe in a channel 管沟."""
    inner_diameter_m: Positive
    """[m]."""
    roughness_m: Positive
    """Equivalent sand roughness [m]."""
    loss_w_mk: NotNegative
    """Heat loss per metre of one pipe, water to undisturbed ground [W/(m K)]."""
    wall_j_mk: NotNegative
    """Heat capacity of the steel wall per metre of one pipe [J/(m K)]."""


class Pipe(Part):
    """A trench with a supply and a return pipe, or with one of the two alone."""

    id: Text
    """Name, once in the network."""
    from_node: Text
    """The node it begins at."""
    to_node: Text
    """The node it ends at; the sign of a flow is counted from ``from_node`` to ``to_node``."""
    type: Text
    """Its pipe type."""
    length_m: Positive
    """Length of the trench [m]."""
    minor_loss: NotNegative = 0.0
    """Sum of the local resistance coefficients (zeta) of one pipe [-]."""
    depth_m: Positive
    """From the ground to the pipe's axis [m]."""
    side: Literal["both", "supply", "return"] = "both"
    """Which pipes lie in the trench."""
    valve_from: bool = False
    """A sectioning valve 分段阀 stands at ``from_node``."""
    valve_to: bool = False
    """A sectioning valve stands at ``to_node``."""
    year: Annotated[int, Field(ge=1950, le=2100)]
    """Year laid."""
    role: Literal["transmission", "distribution", "branch"]
    """Transmission main 输送干线, distribution main 输配干线, or branch 支线 to a substation."""
    road: Text | None = None
    """Road it lies in."""
    operator: Text
    """Heating enterprise that runs it."""
    district: Text
    """Administrative district."""
    return_name: Text | None = None
    """Name of its return pipe in the file it was read from, where that is a pipe of its own."""


class Substation(Part):
    """Substation 热力站: where the primary network's heat passes to one secondary circuit."""

    id: Text
    """Name, once in the network."""
    node: Text
    """Its node."""
    operator: Text
    """Heating enterprise that runs it."""
    district: Text
    """Administrative district."""
    estate: Text
    """Housing estate 小区 that it serves."""
    manager: Text | None = None
    """Property manager 小区物业."""
    protected: bool = False
    """Serves a hospital, school or care home: rationed last."""
    design_w: Positive
    """Heat at the design outdoor temperature [W]."""
    ua_w_k: Positive
    """Heat exchanger: conductance at design flows [W/K]."""
    secondary_kg_s: Positive
    """Secondary flow, constant in quality regulation [kg/s]."""
    primary_kg_s: Positive
    """Primary flow at design [kg/s]."""
    primary_drop_pa: Positive
    """Pressure difference with which the open valve and the exchanger pass the design primary flow [Pa]."""


class Facing(Part):
    """How a dwelling's opening for the sun is shared out over its facades; the shares sum to 1."""

    north: Share = 0.0
    """Share in a wall that faces north [-]."""
    east: Share = 0.0
    """Share in a wall that faces east [-]."""
    south: Share = 0.0
    """Share in a wall that faces south [-]."""
    west: Share = 0.0
    """Share in a wall that faces west [-]."""
    horizontal: Share = 0.0
    """Share that lies flat, as a roof light [-]."""


class DwellingType(Part):
    """Dwellings alike in vintage and position; per square metre of heated floor."""

    id: Text
    """Name, e.g. ``2001–2021 top``."""
    vintage: Text
    """When they were built, e.g. ``2001–2021``."""
    position: Literal["inner", "top", "gable", "end_of_line"]
    """Inside the building, top floor, gable end, or last on the secondary line."""
    envelope_w_m2k: Positive
    """Transmission from room to outdoors per floor area [W/(m2 K)]."""
    ventilation_w_m2k: NotNegative
    """Ventilation and infiltration per floor area [W/(m2 K)]."""
    air_wh_m2k: Positive
    """Fast capacity: air, furniture, surfaces [Wh/(m2 K)]."""
    mass_wh_m2k: Positive
    """Slow capacity: walls and slabs [Wh/(m2 K)]."""
    coupling_w_m2k: Positive
    """Air to mass [W/(m2 K)]."""
    mass_to_outdoor_share: Share
    """Share of the envelope's loss that leaves from the mass [-]."""
    solar_share: Share
    """Effective opening for the sun (glass, less frames, shading and what glass keeps out) per floor area [m2/m2]."""
    facing: Facing | None = None
    """Which way the opening looks, e.g. ``{ south = 0.6, north = 0.4 }``; none: on it falls what falls on the
    horizontal."""
    gain_w_m2: NotNegative
    """Mean internal gain [W/m2]."""
    radiator_w_m2: Positive
    """Emitter output at the design secondary temperatures and the design room temperature [W/m2]."""
    radiator_exponent: Annotated[float, Field(ge=1, le=1.6)]
    """Exponent of the emitter's output: radiators about 1.3, floor heating 1.0-1.1 [-]."""
    emitter_to_mass_share: Share = 0.35
    """Share of the emitter's heat that goes to the mass: radiation of radiators (0.35, Modelica Buildings
    RadiatorEN442_2), more where the slab itself is heated (assumed 0.6-0.9) [-]."""
    design_supply_c: float
    """Secondary supply at design [degC]."""
    design_return_c: float
    """Secondary return at design [degC]."""
    design_room_c: float = 18.0
    """Room temperature at which ``radiator_w_m2`` holds [degC]."""
    offset_sd_k: NotNegative
    """Spread (standard deviation) of dwellings about their cohort's mean [K]."""


class Cohort(Part):
    """Dwellings of one type on one substation."""

    id: Text
    """Name, once in the network."""
    substation: Text
    """Its substation."""
    type: Text
    """Its dwelling type."""
    floor_area_m2: Positive
    """Heated floor area, all households [m2]."""
    households: Annotated[int, Field(gt=0)]
    """Households connected, including those that have reported off."""
    off_share: Share = 0.0
    """Share of the households that have reported off 报停 [-]."""
    flow_ratio: Positive = 1.0
    """Secondary flow that it really gets over the flow that it should get (imbalance 水力失调) [-]."""


class Edited(Part):
    """One change by which a network differs from the one on file."""

    name: Text
    """Name of the edit."""
    kind: Text
    """Its kind, e.g. ``ring_link``."""
    elements: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """What was added, changed or taken away."""


class Network(Part):
    """A district-heating network: one thing, checked as a whole."""

    version: Literal[1]
    """Version of this format."""
    name: Text
    """Short name, as used in scenarios."""
    title_zh: Text
    """Title in Chinese."""
    title_en: Text
    """Title in English."""
    illustrative: bool
    """True: made up in part or in whole; every output says so."""
    provenance_zh: Annotated[str, Field(min_length=1)]
    """What is published and what is synthesised, in Chinese."""
    provenance_en: Annotated[str, Field(min_length=1)]
    """What is published and what is synthesised, in English."""
    coordinates: Literal["local", "wgs84", "gcj02", "bd09"] = "local"
    """What the origin of x and y refers to; ``local``: a grid of its own, no claim about places on a map."""
    origin_lon_lat: Annotated[tuple[float, float] | None, Field(strict=False)] = None
    """Longitude and latitude of the origin of x and y, as ``coordinates`` says [deg]."""
    basis: Annotated[tuple[Basis, ...], Field(strict=False)] = ()
    """Where the numbers come from."""
    edits: Annotated[tuple[Edited, ...], Field(strict=False)] = ()
    """What was changed since, by edits of a scenario or in Python."""
    notes: Annotated[tuple[Note, ...], Field(strict=False)] = ()
    """What was left out, assumed or joined when it was read from another program's file."""
    sources: Annotated[tuple[Source, ...], Field(strict=False)]
    """Heat sources."""
    pipe_types: Annotated[tuple[PipeType, ...], Field(strict=False)]
    """The pipe catalogue."""
    dwelling_types: Annotated[tuple[DwellingType, ...], Field(strict=False)]
    """The dwelling catalogue."""
    nodes: Annotated[tuple[Node, ...], Field(strict=False)]
    """Nodes."""
    pipes: Annotated[tuple[Pipe, ...], Field(strict=False)]
    """Pipes."""
    substations: Annotated[tuple[Substation, ...], Field(strict=False)]
    """Substations."""
    cohorts: Annotated[tuple[Cohort, ...], Field(strict=False)]
    """Cohorts of dwellings."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        problems = cross_problems(self)
        if problems:
            raise cross_check_error(problems)
        return self
