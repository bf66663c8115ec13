"""What pandapipes drew: its elements checked, and on which side, supply or return, each junction is.

The side follows from the ends of pumps and grids along pipes; consumers tell where pumps do not. A chain of exchanger
and flow control between the sides is one consumer; what stands within a side and is not modelled is a pipe of 1 cm.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, pi
from typing import Any, Literal

from ..checks import unfed
from ..documents import show_value
from ..network import Note
from ..problems import Problem
from . import assumed
from .foreign import Load, Outlet, unique
from .pandapipes_file import KELVIN, PandapipesFile, Row, newer

__all__ = ["STUB_M", "Bridge", "Drawing", "Line", "line_of_text", "stub"]

Side = Literal["supply", "return"]

STUB_M = 0.01  # length of what has none: valves, pumps in a line, and what joins a consumer to its two junctions
_STUB_INNER_M, _STUB_ROUGHNESS_M = 1.0, 1e-4
_AMBIENT_K = 293.15  # what pandapipes takes where a pipe has no text_k
_LINES = ("pipe", "valve", "pump", "press_control")
_USERS = ("heat_consumer", "heat_exchanger", "flow_control", "sink")
_PLANTS = ("circ_pump_pressure", "circ_pump_mass", "ext_grid", "source")
_TAKEN = frozenset(
    {"junction", "junction_geodata", "pipe", "pipe_geodata", "valve", "pump", "press_control", "sink", "source",
     "flow_control", "heat_consumer", "heat_exchanger", "circ_pump_mass", "circ_pump_pressure", "ext_grid"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What carries water along one side: a pipe, a valve, a pump in a line."""

    key: tuple[str, int]
    name: str
    start: int
    end: int
    length_m: float
    inner_m: float
    roughness_m: float
    zeta: float
    loss_w_mk: float
    ground_c: float | None
    open: bool
    kind: str | None = None  # pandapipes' std_type
    valves: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Bridge:
    """What joins a supply to a return junction: a consumer, or a source (then from return to supply)."""

    name: str
    where: str
    supply: int
    back: int | None
    load: Load | None = None
    outlet: Outlet | None = None


class Drawing:
    """The file's elements, checked, with the side each junction is on."""

    def __init__(self, file: PandapipesFile) -> None:
        self.file = file
        self.notes: list[Note] = []
        self.junctions = {int(row["index"]): row for row in file.rows("junction") if _on(row)}
        self.all_junctions = {int(row["index"]): row for row in file.rows("junction")}
        self.names = _names(("junction", self.all_junctions.values()))
        self.line_names = _names(*((table, file.rows(table)) for table in _LINES))
        self.user_names = _names(*((table, file.rows(table)) for table in _USERS))
        self.source_names = _names(*((table, file.rows(table)) for table in _PLANTS))
        self.lines: list[Line] = []
        self.consumers: list[Bridge] = []
        self.plants: list[Bridge] = []
        self.side: dict[int, Side] = {}
        places = file.rows("junction_geodata")
        self.place_m = {
            int(row["index"]): (
                file.number("junction_geodata", row, "x", default=0.0),
                file.number("junction_geodata", row, "y", default=0.0),
            )
            for row in places
        }
        self.height_m = {
            index: file.number("junction", row, "height_m", default=0.0) for index, row in self.all_junctions.items()
        }

    def note(
        self, kind: Literal["left_out", "assumed", "joined"], where: str, what: str, **values: str | float
    ) -> None:
        """Say what was done with an element beyond taking it over."""
        self.notes.append(Note(kind=kind, where=where, what=what, values=values))

    def draw(self) -> None:
        """Read all tables, then find the sides."""
        file = self.file
        if newer(file):
            version = ".".join(map(str, file.version))
            self.note("assumed", "format_version", "newer_format", version=version)
        if file.fluid_name and file.fluid_name != "water":
            file.problems.append(Problem("fluid", show_value(file.fluid_name), '"water"', "", file.file))
        for table, rows in file.tables.items():
            if table not in _TAKEN and not table.startswith(("res_", "_")) and rows:
                self.note("left_out", table, "table", table=table, n=len(rows))
        if file.rows("pipe_geodata"):
            self.note("left_out", "pipe_geodata", "bends", n=len(file.rows("pipe_geodata")))
        for table in (*_USERS, *_PLANTS):
            out = [row for row in file.rows(table) if not _on(row)]
            if out:
                self.note("left_out", table, "out_of_service", table=table, n=len(out))
        self._pipes()
        self._stubs()
        self._plants()
        self._consumers()
        self._sides()

    def _line(
        self, table: str, row: Row, ends: tuple[str, str] = ("from_junction", "to_junction"), **measures: Any
    ) -> None:
        """Take a line in, unless an end is missing or out of service."""
        start, end = (self.file.junction(table, row, column, self.all_junctions) for column in ends)
        if start is None or end is None:
            return
        if start == end:
            self.file.wrong(table, row, ends[1], str(end), f"another junction than {ends[0]}")
        elif start not in self.junctions or end not in self.junctions:
            self.note("left_out", _where(table, row), "ends_out_of_service", name=self.line_names[table, row["index"]])
        else:
            key = (table, int(row["index"]))
            self.lines.append(Line(key, self.line_names[key], start, end, **measures))

    def _ends(self, table: str, row: Row, names: Mapping[tuple[str, int], str], *columns: str) -> tuple[int, ...]:
        """Return the junctions of an element in service; none, and a note, where one of them is out of service."""
        ends = [self.file.junction(table, row, column, self.all_junctions) for column in columns]
        if None in ends:
            return ()
        if not all(end in self.junctions for end in ends):
            self.note("left_out", _where(table, row), "ends_out_of_service", name=names[table, row["index"]])
            return ()
        return tuple(end for end in ends if end is not None)

    def _pipes(self) -> None:
        file = self.file
        at_end: dict[int, list[Row]] = {}
        for valve in file.rows("valve"):
            if valve.get("et") == "pi":
                at_end.setdefault(int(file.number("valve", valve, "element")), []).append(valve)
        known = {int(row["index"]): row for row in file.rows("pipe")}
        for pipe, valves in at_end.items():
            for valve in valves if pipe not in known else ():
                file.wrong("valve", valve, "element", str(pipe), "the index of a pipe")
        for index, row in known.items():
            inner = file.number("pipe", row, "inner_diameter_mm", above=0.0) / 1000.0
            outer = (file.maybe("pipe", row, "outer_diameter_mm") or 0.0) / 1000.0 or inner
            valves = at_end.get(index, [])
            if row.get("qext_w") not in (None, "", 0, 0.0):
                self.note("left_out", f"{_where('pipe', row)}.qext_w", "heat_into_pipe",
                          name=self.line_names["pipe", index], heat=file.number("pipe", row, "qext_w"))  # fmt: skip
            for valve in valves:
                if file.junction("valve", valve, "junction", self.all_junctions) not in (
                    row.get("from_junction"), row.get("to_junction"), None,
                ):  # fmt: skip
                    file.wrong("valve", valve, "junction", show_value(valve.get("junction")), "an end of its pipe")
            self._line(
                "pipe", row,
                length_m=file.number("pipe", row, "length_km", above=0.0) * 1000.0,
                inner_m=inner,
                roughness_m=max(file.number("pipe", row, "k_mm", least=0.0, default=0.2) / 1000.0, 1e-9),
                zeta=file.number("pipe", row, "loss_coefficient", least=0.0, default=0.0)
                * max(int(file.number("pipe", row, "sections", least=1.0, default=1.0)), 1)  # it counts in each
                + sum(self._zeta_at_end(valve, inner) for valve in valves),
                loss_w_mk=file.number("pipe", row, "u_w_per_m2k", least=0.0, default=0.0) * pi * outer,
                ground_c=file.number("pipe", row, "text_k", above=0.0, default=_AMBIENT_K) - KELVIN,
                open=_on(row) and all(_on(valve, "opened") for valve in valves),
                kind=row["std_type"] if isinstance(row.get("std_type"), str) else None,
                valves=(any(valve.get("junction") == row.get("from_junction") for valve in valves),
                        any(valve.get("junction") == row.get("to_junction") for valve in valves)),
            )  # fmt: skip

    def _zeta_at_end(self, valve: Row, pipe_m: float) -> float:
        """Return a valve's loss coefficient as that of its pipe, whose velocity differs where the valve is narrower."""
        zeta = self.file.number("valve", valve, "loss_coefficient", least=0.0, default=0.0)
        inner = self.file.number("valve", valve, "inner_diameter_mm", above=0.0, default=pipe_m * 1000.0) / 1000.0
        return zeta * (pipe_m / inner) ** 4

    def _stubs(self) -> None:
        """Take valves between junctions, and what stands in a line and is not modelled, as pipes of 1 cm."""
        file = self.file
        for row in file.rows("valve"):
            if row.get("et", "ju") != "pi":
                inner = file.number("valve", row, "inner_diameter_mm", above=0.0, default=1000.0) / 1000.0
                zeta = file.number("valve", row, "loss_coefficient", least=0.0, default=0.0)
                measures = stub(inner_m=inner, zeta=zeta, is_open=_on(row, "opened"))
                self._line("valve", row, ("junction", "element"), **measures, valves=(True, False))
        for table, what in (("pump", "pump"), ("press_control", "pressure_control")):
            for row in file.rows(table):
                self._line(table, row, **stub(is_open=_on(row)))
                if _on(row):
                    self.note("left_out", _where(table, row), what, name=self.line_names[table, row["index"]])

    def _plants(self) -> None:
        file = self.file
        for table in ("circ_pump_pressure", "circ_pump_mass"):
            for row in file.rows(table):
                if not _on(row):
                    continue
                ends = self._ends(table, row, self.source_names, "flow_junction", "return_junction")
                name = self.source_names[table, row["index"]]
                flow = lift = None
                if table == "circ_pump_mass":
                    flow = file.number(table, row, "mdot_flow_kg_per_s", least=0.0)
                else:
                    lift = file.number(table, row, "plift_bar", least=0.0) * 1e5
                outlet = Outlet(name, _celsius(file.maybe(table, row, "t_flow_k")),
                                file.number(table, row, "p_flow_bar") * 1e5, lift, flow)  # fmt: skip
                if ends:
                    self.plants.append(Bridge(name, _where(table, row), ends[0], ends[1], outlet=outlet))
        closed = bool(self.plants)
        for row in file.rows("ext_grid"):
            ends = self._ends("ext_grid", row, self.source_names, "junction") if _on(row) else ()
            name = self.source_names["ext_grid", row["index"]]
            if not ends:
                continue
            if closed:
                self.note("left_out", _where("ext_grid", row), "second_grid", name=name)
                continue
            pressure = file.maybe("ext_grid", row, "p_bar")
            outlet = Outlet(
                name, _celsius(file.maybe("ext_grid", row, "t_k")), None if pressure is None else pressure * 1e5
            )
            self.plants.append(Bridge(name, _where("ext_grid", row), ends[0], None, outlet=outlet))
        for row in file.rows("source"):
            ends = self._ends("source", row, self.source_names, "junction") if _on(row) else ()
            flow = file.number("source", row, "mdot_kg_per_s") * file.number("source", row, "scaling", default=1.0)
            name = self.source_names["source", row["index"]]
            if ends and (closed or flow <= 0.0):
                self.note("left_out", _where("source", row), "water_in", name=name, flow=flow)
            elif ends:
                warm = next((plant.outlet.supply_c for plant in self.plants if plant.outlet), None)
                self.note("assumed", _where("source", row), "source_temperature", name=name)
                outlet = Outlet(name, warm, None, None, flow)
                self.plants.append(Bridge(name, _where("source", row), ends[0], None, outlet=outlet))
        if not self.plants:
            wanted = "at least one circulation pump or external grid in service"
            file.problems.append(Problem("circ_pump_pressure", "none", wanted, "", file.file))
        holders = [plant for plant in self.plants if plant.outlet and plant.outlet.flow_kg_s is None]
        if len(holders) > 1:
            self.note("assumed", "circ_pump_pressure" if closed else "ext_grid", "shares", n=len(holders))

    def _consumers(self) -> None:
        """Follow what joins the sides: heat consumers, and exchangers and flow controls one behind the other."""
        file = self.file
        for row in file.rows("heat_consumer"):
            if _on(row):
                ends = self._ends("heat_consumer", row, self.user_names, "from_junction", "to_junction")
                load = self._load(row)
                where = _where("heat_consumer", row)
                if ends:
                    self.consumers.append(Bridge(load.substation, where, ends[0], ends[1], load=load))
        self.chains = [
            (table, row, ends[0], ends[1])
            for table in ("flow_control", "heat_exchanger")
            for row in file.rows(table)
            if _on(row) and (ends := self._ends(table, row, self.user_names, "from_junction", "to_junction"))
        ]
        for row in file.rows("sink"):
            ends = self._ends("sink", row, self.user_names, "junction") if _on(row) else ()
            flow = file.number("sink", row, "mdot_kg_per_s") * file.number("sink", row, "scaling", default=1.0)
            name = self.user_names["sink", row["index"]]
            if not ends:
                continue
            if any(plant.back is not None for plant in self.plants) or flow < 0.0:
                self.note("left_out", _where("sink", row), "water_out", name=name, flow=flow)
            else:
                load = Load(name, flow_kg_s=flow, drop_k=assumed.DROP_K)
                self.consumers.append(Bridge(name, _where("sink", row), ends[0], None, load=load))
                self.note("assumed", _where("sink", row), "sink_drop", name=name, drop=assumed.DROP_K)

    def _load(self, row: Row) -> Load:
        file = self.file
        heat, flow, drop, back = (
            file.maybe("heat_consumer", row, column)
            for column in ("qext_w", "controlled_mdot_kg_per_s", "deltat_k", "treturn_k")
        )
        if sum(value is not None for value in (heat, flow, drop, back)) != 2 or None not in (drop, back):
            file.wrong(
                "heat_consumer", row, "", "", "two of qext_w, controlled_mdot_kg_per_s and treturn_k or deltat_k"
            )
        if heat is not None and heat < 0.0 and flow is None:
            wanted = "0 or more where controlled_mdot_kg_per_s is not given"
            file.wrong("heat_consumer", row, "qext_w", f"{heat:g}", wanted)
        return Load(self.user_names["heat_consumer", row["index"]], heat, flow, _celsius(back), drop)

    def _sides(self) -> None:
        """Say of every junction which side it is on; consumers tell where pumps do not."""
        for plant in self.plants:
            self.side[plant.supply] = "supply"
            if plant.back is not None:
                self.side[plant.back] = "return"
        near: dict[int, list[int]] = {}
        for line in self.lines:
            near.setdefault(line.start, []).append(line.end)
            near.setdefault(line.end, []).append(line.start)
        self._spread(near, list(self.side))
        self._chains(near)
        mixed = [line for line in self.lines
                 if {self.side.get(line.start), self.side.get(line.end)} == {"supply", "return"}]  # fmt: skip
        for line in mixed:
            where = f"{line.key[0]}[{line.key[1]}]"
            wanted = "a line between junctions of one side"
            self.file.problems.append(
                Problem(
                    where, f'"{line.name}" joins supply and return', wanted, "bypasses are not modelled", self.file.file
                )
            )
        for bridge in self.plants + self.consumers:
            sides = (self.side.get(bridge.supply), "return" if bridge.back is None else self.side.get(bridge.back))
            if None not in sides and sides != ("supply", "return"):
                found = (
                    "from return to supply" if sides == ("return", "supply") else f"both ends on the {sides[0]} side"
                )
                wanted = "from_junction on the supply side and to_junction on the return side"
                self.file.problems.append(Problem(bridge.where, found, wanted, "", self.file.file))
        if not self.file.problems:  # else a missing pipe would be said twice
            self._pieces(near)

    def _spread(self, near: Mapping[int, Sequence[int]], seeds: Iterable[int]) -> None:
        todo = deque(seeds)
        while todo:
            here = todo.popleft()
            for there in near.get(here, ()):
                if there not in self.side:
                    self.side[there] = self.side[here]
                    todo.append(there)

    def _chains(self, near: Mapping[int, Sequence[int]]) -> None:
        """Make consumers of exchangers and flow controls between the sides; what stands within a side is a stub."""
        ends: dict[int, list[int]] = {}
        for number, (_, _, start, end) in enumerate(self.chains):
            ends.setdefault(start, []).append(number)
            ends.setdefault(end, []).append(number)
        used: set[int] = set()
        for first, (_, _, start, end) in enumerate(self.chains):
            begin = start if self.side.get(start) == "supply" else end if self.side.get(end) == "supply" else None
            if first in used or begin is None:
                continue
            members, here = [first], end if begin == start else start
            while here not in self.side and not near.get(here):
                onward = [number for number in ends[here] if number not in members]
                if len(onward) != 1:
                    break
                members.append(onward[0])
                _, _, start, end = self.chains[onward[0]]
                here = end if here == start else start
            if self.side.get(here) == "return":
                used.update(members)
                self._chain([self.chains[number] for number in members], begin, here)
        for number, (table, row, start, end) in enumerate(self.chains):
            if number not in used:
                name = self.user_names[table, row["index"]]
                self.lines.append(Line((table, int(row["index"])), name, start, end, **stub()))
                self.note("left_out", _where(table, row), "in_a_line", name=name)
                for here, there in ((start, end), (end, start)):
                    if here in self.side and there not in self.side:
                        self.side[there] = self.side[here]
                        self._spread(near, [there])

    def _chain(self, members: Sequence[tuple[str, Row, int, int]], supply: int, back: int) -> None:
        file = self.file
        flow = heat = None
        named = members[0]
        for member in members:
            table, row, _, _ = member
            if table == "heat_exchanger":
                heat = (heat or 0.0) + file.number(table, row, "qext_w")
                named = member
            elif _on(row, "control_active"):
                flow = file.number(table, row, "controlled_mdot_kg_per_s", least=0.0)
        table, row, _, _ = named
        name, where = self.user_names[table, row["index"]], _where(table, row)
        if len(members) > 1:
            self.note("joined", where, "chain", name=name, n=len(members))
        drop = None
        if flow is None:
            drop = assumed.DROP_K
            self.note("assumed", where, "free_flow", name=name, drop=drop)
        elif heat is None:
            drop = 0.0
        self.consumers.append(Bridge(name, where, supply, back, load=Load(name, heat, flow, None, drop)))

    def _pieces(self, near: Mapping[int, Sequence[int]]) -> None:
        """Name every piece that no pump or grid feeds; a junction that nothing touches is left out."""
        touched = {end for line in self.lines for end in (line.start, line.end)}
        touched |= {bridge.supply for bridge in self.consumers} | {bridge.back for bridge in self.consumers} - {None}  # type: ignore[operator]
        said: set[int] = set()
        for junction in self.junctions:
            if junction in self.side or junction in said:
                continue
            if junction not in touched:
                if not any(junction in chain[2:] for chain in self.chains):
                    self.note(
                        "left_out", f"junction[{junction}]", "lone_junction", name=self.names["junction", junction]
                    )
                continue
            piece, todo = {junction}, [junction]
            while todo:
                for there in near.get(todo.pop(), ()):
                    if there not in piece:
                        piece.add(there)
                        todo.append(there)
            said |= piece
            problem = unfed([self.names["junction", one] for one in sorted(piece)])
            self.file.problems.append(replace(problem, path=f"junction[{junction}]", file=self.file.file))


def stub(*, inner_m: float = _STUB_INNER_M, zeta: float = 0.0, is_open: bool = True) -> dict[str, Any]:
    """Return the measures of a pipe of 1 cm that loses no heat, as keywords of a :class:`Line`."""
    return {"length_m": STUB_M, "inner_m": inner_m, "roughness_m": _STUB_ROUGHNESS_M, "zeta": zeta, "loss_w_mk": 0.0,
            "ground_c": None, "open": is_open}  # fmt: skip


def _on(row: Row, column: str = "in_service") -> bool:
    return row.get(column) not in (False, 0, "false", "False")


def _where(table: str, row: Row) -> str:
    return f"{table}[{row['index']}]"


def _celsius(kelvin: float | None) -> float | None:
    return None if kelvin is None else kelvin - KELVIN


def line_of_text(value: Any) -> str:
    """Return a name as one line without control characters, a number as text; empty where there is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return f"{value:.15g}"
    return " ".join("".join(c if c.isprintable() else " " for c in value).split()) if isinstance(value, str) else ""


def _names(*tables: tuple[str, Iterable[Row]]) -> dict[tuple[str, int], str]:
    """Return a name, once, for every row of some tables: its own, or that of its table with its index."""
    rows = [(table, int(row["index"]), line_of_text(row.get("name"))) for table, rows in tables for row in rows]
    counts: dict[str, int] = {}
    for _, _, name in rows:
        counts[name] = counts.get(name, 0) + 1
    names: dict[tuple[str, int], str] = {}
    taken = {name for name, count in counts.items() if count == 1 and name}
    for table, index, name in rows:
        own = name if name in taken else unique(f"{name} [{index}]" if name else f"{table} {index}", taken)
        taken.add(own)
        names[table, index] = own
    return names
