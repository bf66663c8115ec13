"""A network saved by pandapipes: its pipes brought together in trenches, its consumers and pumps made whole.

pandapipes draws supply and return as pipes of their own, joined by consumers and circulation pumps. Which side a
junction is on follows from the pumps' ends along pipes; which return pipe lies beside which supply pipe from
:mod:`.pairing`. Names are kept; what pandapipes does not tell is assumed in :mod:`.assumed` and noted.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ..arrays import WATER_J_KGK
from ..documents import CROSS_CHECK, show_path, show_value
from ..draft import PRIMARY_SUPPLY_C
from ..network import Basis, Network, Node, Pipe, PipeType
from ..problems import NetworkError, Problem
from . import assumed
from .foreign import Foreign, Friction, OperatingPoint, unique
from .pairing import Edge, Pairs, pair
from .pandapipes_drawing import STUB_M, Bridge, Drawing, Line, line_of_text, stub
from .pandapipes_file import read_file

__all__ = ["read"]

_HEAD_PA = 1e6  # of a pump that gives a flow, whatever the pressure
_DROP_PA = 1e4  # pandapipes' consumers have none: little, so that its flows pass wherever there is some pressure
_LEAST_W = 1000.0  # design heat of a consumer that takes none in the saved state
_FRICTION: dict[str, Friction] = {
    "nikuradse": "nikuradse", "colebrook": "colebrook_everywhere", "swamee-jain": "swamee_jain",
}  # fmt: skip


def read(path: Path) -> Foreign:
    """Read a network that ``pandapipes.to_json`` wrote.

    Raises
    ------
    InputError
        With everything that is wrong in it.
    """
    file = read_file(path)
    drawing = Drawing(file)
    drawing.draw()
    if file.problems:
        raise NetworkError(dict.fromkeys(file.problems))
    try:
        return _Trenches(drawing).foreign()
    except ValidationError as error:  # numbers beyond all measure, pieces that only pairing brought to light
        raise NetworkError(_refused(error, file.file)) from error


def _refused(error: ValidationError, file: str) -> list[Problem]:
    """Return what a part of the network or the network as a whole was refused for."""
    problems: list[Problem] = []
    for fault in error.errors(include_url=False):
        if fault["type"] == CROSS_CHECK:
            problems += [
                replace(problem, path=show_path(path), file=file) for path, problem in fault["ctx"]["problems"]
            ]
        else:
            path = ".".join((error.title, *map(str, fault["loc"])))
            problems.append(Problem(path, show_value(fault["input"]), fault["msg"], "", file))
    return problems


class _Trenches:
    """A drawing whose sides are known, as a network of trenches."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.file = drawing, drawing.file
        self.owner = line_of_text(self.file.name) or Path(self.file.file).stem
        side = drawing.side
        self.supply = [line for line in drawing.lines if side[line.start] == "supply"]
        self.back = [line for line in drawing.lines if side[line.start] == "return"]
        self.two_sided = "return" in side.values()
        self.pairs = self._pair()
        self.nodes: dict[str, Node] = {}
        self.node_of: dict[int, str] = {}
        self.pipes: list[Pipe] = []
        self.types: dict[tuple[Any, ...], PipeType] = {}
        self.closed: list[str] = []
        self.ground_c: dict[str, float] = {}

    def foreign(self) -> Foreign:
        """Return the network and the state it was saved in."""
        drawing = self.drawing
        self._place_nodes()
        self._lay_pipes()
        supply_c = max(
            (p.outlet.supply_c for p in drawing.plants if p.outlet and p.outlet.supply_c), default=PRIMARY_SUPPLY_C
        )
        where = {bridge.name: self._stand(bridge, "source") for bridge in drawing.plants}
        there = {bridge.name: self._stand(bridge, "substation") for bridge in drawing.consumers}
        made = [
            assumed.consumer(node=there[bridge.name], owner=self.owner, drop_pa=_DROP_PA, **_design(bridge, supply_c))
            for bridge in drawing.consumers
        ]
        heat = sum(substation.design_w for substation, _, _ in made)
        sources = tuple(
            assumed.gas_plant(
                bridge.name, where[bridge.name],
                capacity_w=max(assumed.SPARE * heat / len(drawing.plants), 2 * _LEAST_W),
                supply_max_c=min(max(supply_c + 10.0, 21.0), 199.0),
                head_max_pa=bridge.outlet.lift_pa or _HEAD_PA if bridge.outlet else _HEAD_PA,
                owner=self.owner,
            )
            for bridge in drawing.plants
        )  # fmt: skip
        if not self.two_sided:
            drawing.note("assumed", "pipe", "no_return", n=len(self.pipes))
        drawing.note("assumed", "heat_consumer", "users", n=len(made))
        drawing.note("assumed", "circ_pump_pressure", "plants", n=len(sources))
        if "friction_model" not in self.file.options:
            drawing.note("assumed", "user_pf_options", "friction")
        drawing.note("assumed", "pipe", "pipes", year=assumed.YEAR, depth=assumed.DEPTH_M)
        kinds = {kind.id: kind for _, _, more in made for kind in more}
        network = Network(
            version=1,
            name=self.owner,
            title_zh=self.owner,
            title_en=self.owner,
            illustrative=False,
            provenance_zh=f"由 pandapipes 文件 {Path(self.file.file).name} 读入。",
            provenance_en=f"Read from the pandapipes file {Path(self.file.file).name}.",
            basis=_BASIS,
            notes=tuple(drawing.notes),
            sources=sources,
            pipe_types=tuple(self.types.values()),
            dwelling_types=tuple(kinds.values()),
            nodes=tuple(self.nodes.values()),
            pipes=tuple(self.pipes),
            substations=tuple(substation for substation, _, _ in made),
            cohorts=tuple(cohort for _, cohorts, _ in made for cohort in cohorts),
        )
        state = OperatingPoint(
            loads=tuple(bridge.load for bridge in drawing.consumers if bridge.load),
            outlets=tuple(bridge.outlet for bridge in drawing.plants if bridge.outlet),
            closed=tuple(self.closed),
            ground_c=self.ground_c,
            fluid=self.file.fluid,
            friction=self._friction(),
        )
        return Foreign(network, state)

    def _friction(self) -> Friction:
        said = self.file.options.get("friction_model", "nikuradse")
        return _FRICTION.get(str(said).lower(), "nikuradse")

    def _pair(self) -> Pairs:
        drawing = self.drawing
        height = drawing.height_m
        joined: dict[int, int] = {}
        for bridge in (*drawing.plants, *drawing.consumers):
            free = bridge.supply not in joined and bridge.back not in joined.values()
            if bridge.back is not None and free and height[bridge.supply] == height[bridge.back]:
                joined[bridge.supply] = bridge.back
        return pair(joined, [_edge(line) for line in self.supply], [_edge(line) for line in self.back], height)

    def _place_nodes(self) -> None:
        drawing = self.drawing
        twin = dict(self.pairs.junctions)
        beside = {back: supply for supply, back in twin.items()}
        places = drawing.place_m
        if places and all(abs(x) <= 180.0 and abs(y) <= 90.0 for x, y in places.values()):
            drawing.note("assumed", "junction_geodata", "metres")
        for index in drawing.junctions:
            if index not in drawing.side or index in beside:
                continue
            name = drawing.names["junction", index]
            back = twin.get(index)
            self.node_of[index] = name
            if back is not None:
                self.node_of[back] = name
            x, y = places.get(index, (0.0, 0.0))
            self.nodes[name] = Node(
                id=name, kind="junction", x_m=x, y_m=y, elevation_m=drawing.height_m[index],
                return_name=None if back is None else drawing.names["junction", back],
            )  # fmt: skip

    def _lay_pipes(self) -> None:
        partner = self.pairs.pipes
        taken = set(partner.values())
        back = {line.key: line for line in self.back}
        for line in self.supply:
            beside = back[partner[line.key]] if line.key in partner else None
            self._lay(line, "supply" if self.two_sided and beside is None else "both", beside)
        for line in self.back:
            if line.key not in taken:
                self._lay(line, "return", None)
        alone = sum(pipe.side != "both" for pipe in self.pipes)
        if alone and self.two_sided:
            self.drawing.note("joined", "pipe", "paired", n=len(self.pipes) - alone, alone=alone)

    def _lay(self, line: Line, side: Literal["both", "supply", "return"], beside: Line | None) -> None:
        valves = line.valves
        if beside is not None:
            along = self.node_of[beside.start] == self.node_of[line.start]
            other = beside.valves if along else beside.valves[::-1]
            valves = (valves[0] or other[0], valves[1] or other[1])
        self.pipes.append(
            Pipe(
                id=line.name, from_node=self.node_of[line.start], to_node=self.node_of[line.end],
                type=self._type(line).id, length_m=line.length_m, minor_loss=line.zeta, depth_m=assumed.DEPTH_M,
                side=side, valve_from=valves[0], valve_to=valves[1], year=assumed.YEAR, role="distribution",
                operator=self.owner, district=self.owner, return_name=beside.name if beside else None,
            )
        )  # fmt: skip
        if line.ground_c is not None:
            self.ground_c[line.name] = line.ground_c
        if not line.open:
            self.closed.append(line.name)

    def _type(self, line: Line) -> PipeType:
        measures = (line.kind, line.inner_m, line.roughness_m, line.loss_w_mk)
        if measures not in self.types:
            name = line_of_text(line.kind) or f"{line.inner_m * 1000.0:g} mm"
            name = unique(name, {kind.id for kind in self.types.values()})
            self.types[measures] = assumed.pipe_type(
                name, inner_diameter_m=line.inner_m, roughness_m=line.roughness_m, loss_w_mk=line.loss_w_mk
            )
        return self.types[measures]

    def _stand(self, bridge: Bridge, kind: Literal["source", "substation"]) -> str:
        """Return the node of a consumer or source: its two junctions', or one of its own joined to them by stubs."""
        node = self.node_of[bridge.supply]
        alike = bridge.back is None or self.node_of[bridge.back] == node
        if alike and self.nodes[node].kind in ("junction", kind):
            self.nodes[node] = self.nodes[node].model_copy(update={"kind": kind})
            return node
        own = unique(bridge.name, set(self.nodes))
        self.nodes[own] = self.nodes[node].model_copy(update={"id": own, "kind": kind, "return_name": None})
        self.drawing.note("joined", bridge.where, "own_node", name=bridge.name, node=own)
        ends = [("both", bridge.supply)] if alike else [("supply", bridge.supply), ("return", bridge.back)]
        for side, junction in ends:
            name = unique(f"{own} {side}" if side != "both" else own, {pipe.id for pipe in self.pipes})
            short = Line(("", 0), name, bridge.supply, bridge.supply, **stub())
            self.pipes.append(
                Pipe(
                    id=name, from_node=self.node_of[junction], to_node=own, type=self._type(short).id,  # type: ignore[index]
                    length_m=STUB_M, depth_m=assumed.DEPTH_M, side=side, year=assumed.YEAR, role="branch",  # type: ignore[arg-type]
                    operator=self.owner, district=self.owner,
                )
            )  # fmt: skip
        return own


def _assumed(of: str, source: str) -> Basis:
    return Basis(of=of, status="assumed", confidence="L", source=source)


_BASIS = (
    _assumed("sources.*.units", "two gas boilers of 1.2 times the consumers' heat; not in the file"),
    _assumed("sources.*.stores", "gas by contract for the boilers' full output; not in the file"),
    _assumed("substations.*.ua_w_k", "such that the heat of the saved state passes at its temperatures"),
    _assumed("cohorts.*", "dwellings whose emitters give the heat of the saved state; catalogue of this program"),
    _assumed("pipes.*.depth_m", "usual depth; not in the file"),
    _assumed("pipes.*.year", "not in the file"),
    _assumed("pipe_types.*.wall_j_mk", "steel wall of the nearest size of the catalogue"),
)


def _design(bridge: Bridge, supply_c: float) -> dict[str, Any]:
    """Return what a consumer takes at design: the saved state, where it tells enough."""
    load = bridge.load
    assert load is not None
    drop = load.drop_k if load.drop_k else assumed.DROP_K
    if load.return_c is not None:
        drop = supply_c - load.return_c
    elif load.heat_w and load.flow_kg_s:
        drop = load.heat_w / (WATER_J_KGK * load.flow_kg_s)
    back = min(max(supply_c - drop, 5.0), supply_c - 3.0)
    heat = load.heat_w
    if heat is None:
        heat = (load.flow_kg_s or 0.0) * WATER_J_KGK * (supply_c - back)
    return {"name": bridge.name, "heat_w": max(heat, _LEAST_W), "flow_kg_s": load.flow_kg_s or None,
            "supply_c": supply_c, "return_c": back}  # fmt: skip


def _edge(line: Line) -> Edge:
    alike = (line.length_m, line.inner_m, line.roughness_m, line.zeta, line.loss_w_mk, line.ground_c, line.open)
    return Edge(line.key, line.start, line.end, alike, line.length_m)
