"""A DHNx folder: producers, consumers, forks and pipes as CSV, with what they do over time under ``sequences``.

A pipe of DHNx is a supply and a return pipe, so every pipe is a trench. Names are those that DHNx refers by
(``consumers-3``). The first time step is the saved state; design heat is the largest of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..arrays import WATER_J_KGK
from ..catalogue import pipe_types
from ..documents import Document, read_table, show_value
from ..problems import InputError, NetworkError, Problem, did_you_mean
from . import assumed, native
from .completion import complete
from .foreign import Foreign, Load, OperatingPoint, Outlet
from .projection import Grid

__all__ = ["is_folder", "read"]

_KELVIN = 273.15
_LEAST_MM = 3.0  # inner diameter of a pipe; less is in another unit
_TABLES = ("producers", "consumers", "forks", "pipes")
_SEQUENCES = {"consumers": ("mass_flow", "temperature_drop", "heat_flow"), "producers": ("temp_inlet",),
              "environment": ("temp_env",)}  # fmt: skip
_KNOWN = {
    "producers": ("id", "lat", "lon", "temp_inlet"),
    "consumers": ("id", "lat", "lon", "mass_flow", "temperature_drop", "P_heat_max", "heat_flow"),
    "forks": ("id", "lat", "lon"),
    "pipes": ("id", "from_node", "to_node", "length", "diameter", "hp_type", "heat_transfer_coefficient", "roughness"),
}
_ALSO = ("component_type", "node_type", "geometry", "type", "name")  # say nothing that is not known anyway
_HEADS = {
    "node_id": "id", "pipe_id": "id", "edge_id": "id", "length_m": "length", "length[m]": "length", "lenght": "length",
    "diameter_mm": "diameter", "roughness_mm": "roughness", "p_heat_max": "P_heat_max",
    "heat_transfer_coefficient_w/mk": "heat_transfer_coefficient", "heat_transfer_coeff": "heat_transfer_coefficient",
}  # fmt: skip

Row = dict[str, Any]


def is_folder(path: Path) -> bool:
    """Return whether a folder is DHNx's."""
    return path.is_dir() and all((path / f"{table}.csv").exists() for table in ("producers", "consumers"))


def read(path: Path) -> Foreign:
    """Read a network from a DHNx folder.

    Raises
    ------
    NetworkError
        With everything that is wrong in it.
    """
    folder = _Folder(path)
    folder.run()
    if folder.problems:
        raise NetworkError(folder.problems)
    return folder.foreign()


@dataclass(frozen=True, slots=True)
class _Table:
    file: Path
    rows: Sequence[Row]
    lines: Sequence[int]
    columns: tuple[str, ...]


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.notes: list[Row] = []
        self.tables: dict[str, _Table] = {}
        self.nodes: dict[str, tuple[str, Row]] = {}  # name -> table and row
        self.plain: dict[str, list[str]] = {}  # id alone -> names
        self.steps: dict[tuple[str, str], tuple[list[str], list[list[float]]]] = {}
        self.loads: list[Load] = []
        self.design_w: dict[str, float] = {}

    def run(self) -> None:
        """Read tables and sequences, and find what is wrong in them."""
        for table in _TABLES:
            self._table(table)
        if "pipes" not in self.tables and not self.problems:
            self._wrong(self.path / "pipes.csv", 0, "", "", "a readable file", "no such file")
        self._sequences()
        for table in ("producers", "consumers", "forks"):
            held = self.tables.get(table)
            for row, line in zip(held.rows, held.lines, strict=True) if held else ():
                name = f"{table}-{_plain(row.get('id'))}"
                if held and name in self.nodes:
                    self._wrong(held.file, line, "id", f'"{_plain(row.get("id"))}" twice', "each once")
                    continue
                self.nodes[name] = (table, row)
                self.plain.setdefault(_plain(row.get("id")), []).append(name)
        self.pipes = self._pipes() if "pipes" in self.tables else []
        if "consumers" in self.tables:
            self._consumers()

    def _wrong(self, file: Path, line: int, column: str, found: str, wanted: str, hint: str = "") -> None:
        self.problems.append(Problem(column, found, wanted, hint, str(file), line, 1 if line else 0))

    def _note(self, kind: str, where: str, what: str, **values: str | float) -> None:
        self.notes.append({"kind": kind, "where": where, "what": what, "values": values})

    def _table(self, table: str) -> None:
        files = [self.path / f"{name}.csv" for name in ((table, "edges") if table == "pipes" else (table,))]
        file = next((file for file in files if file.exists()), None)
        if file is None:
            return
        try:
            rows, columns, lines = read_table(file, {})
        except InputError as error:
            self.problems += error.problems
            return
        heads = {column: _HEADS.get(column.lower(), column) for column in columns}
        needed = ("id", "from_node", "to_node", "length") if table == "pipes" else ("id",)
        for column in needed:
            if column not in heads.values():
                self._wrong(file, 1, column, "no such column", f'a column "{column}"', did_you_mean(column, columns))
        for column, head in heads.items():
            if head not in _KNOWN[table] and head not in _ALSO:
                self._note("left_out", f"{file.name}.{column}", "column", name=column)
        renamed = [{heads[column]: cell for column, cell in row.items()} for row in rows]
        self.tables[table] = _Table(file, renamed, lines, tuple(heads.values()))

    def _number(
        self, table: str, at: int, column: str, *, above: float | None = None, least: float | None = None
    ) -> float | None:
        """Return a cell's number; None where it is empty, and None with a problem where it is none."""
        held = self.tables[table]
        cell = held.rows[at].get(column)
        if cell is None:
            return None
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._wrong(held.file, held.lines[at], column, show_value(cell), "a finite number")
        elif above is not None and value <= above:
            self._wrong(held.file, held.lines[at], column, str(cell), f"more than {above:g}")
        elif least is not None and value < least:
            self._wrong(held.file, held.lines[at], column, str(cell), f"{least:g} or more")
        else:
            return value
        return None

    def _sequences(self) -> None:
        folder = self.path / "sequences"
        for file in sorted(folder.rglob("*.csv")) if folder.is_dir() else ():
            table, _, column = file.stem.partition("-") if file.parent == folder else (file.parent.name, "", file.stem)
            if column not in _SEQUENCES.get(table, ()):
                self._note("left_out", f"sequences/{file.name}", "sequence", name=file.stem)
                continue
            try:
                rows, columns, lines = read_table(file, {})
            except InputError as error:
                self.problems += error.problems
                continue
            values: list[list[float]] = []
            for row, line in zip(rows, lines, strict=True):
                step = []
                for name in columns[1:]:
                    try:
                        step.append(float(row.get(name, "nan")))
                    except ValueError:
                        step.append(math.nan)
                    if not math.isfinite(step[-1]):
                        self._wrong(file, line, name, show_value(row.get(name, "")), "a finite number")
                values.append(step)
            if values:
                self.steps[table, column] = ([_plain(name) for name in columns[1:]], values)
                if len(values) > 1:
                    self._note("joined", f"sequences/{file.name}", "first_step", n=len(values))

    def _over_time(self, table: str, at: int, column: str) -> list[float]:
        """Return what a row does over time: its sequence, or the one number of its cell; empty where it tells none."""
        name = _plain(self.tables[table].rows[at].get("id"))
        if (table, column) in self.steps:
            names, values = self.steps[table, column]
            if name in names:
                return [step[names.index(name)] for step in values]
        cell = self.tables[table].rows[at].get(column)
        if isinstance(cell, str) and "/" in cell:  # names the sequence that was looked for above
            return []
        value = self._number(table, at, column)
        return [] if value is None else [value]

    def _consumers(self) -> None:
        held = self.tables["consumers"]
        for at, row in enumerate(held.rows):
            name = f"consumers-{_plain(row.get('id'))}"
            flow, drop = (
                self._over_time("consumers", at, "mass_flow"),
                self._over_time("consumers", at, "temperature_drop"),
            )
            heat = [1000.0 * value for value in self._over_time("consumers", at, "heat_flow")]
            most = self._number("consumers", at, "P_heat_max", above=0.0)
            if flow and drop:
                pairs = [
                    flow[min(n, len(flow) - 1)] * drop[min(n, len(drop) - 1)] for n in range(max(len(flow), len(drop)))
                ]
                self.design_w[name] = max(pairs) * WATER_J_KGK
                self.loads.append(Load(name, flow_kg_s=flow[0], drop_k=drop[0]))
            elif heat or most or flow:
                first = (heat or [1000.0 * (most or 0.0)])[0] if heat or most else None
                kelvin = drop[0] if drop else assumed.DROP_K
                self.loads.append(Load(name, heat_w=first, flow_kg_s=None if first else flow[0], drop_k=kelvin))
                told = max([*heat, 1000.0 * (most or 0.0)])
                self.design_w[name] = told or max(flow) * WATER_J_KGK * kelvin
                if not drop:
                    self._note("assumed", f"consumers.csv {name}", "sink_drop", name=name, drop=assumed.DROP_K)
            else:
                wanted = "mass_flow and temperature_drop, heat_flow, or P_heat_max"
                self._wrong(held.file, held.lines[at], "", f'"{name}" without a load', wanted)
                continue
            if self.design_w[name] <= 0.0:
                self._wrong(
                    held.file, held.lines[at], "", f'"{name}" with a heat of {self.design_w[name]:g} W', "more than 0"
                )

    def _pipes(self) -> list[Row]:
        held = self.tables["pipes"]
        catalogue = {kind.id: kind for kind in pipe_types()}
        self.types: dict[str, Row] = {}
        rows = []
        for at, row in enumerate(held.rows):
            pipe: Row = {"id": _pipe_name(row.get("id")), "length_m": self._number("pipes", at, "length", above=0.0)}
            for key in ("from_node", "to_node"):
                pipe[key] = self._node(at, row.get(key), key)
            inner = self._number("pipes", at, "diameter", above=0.0)
            if inner is not None and inner < _LEAST_MM:
                hint = f"in metres? then {1000.0 * inner:g}"
                self._wrong(held.file, held.lines[at], "diameter", f"{inner:g}", "an inner diameter [mm]", hint)
            loss = self._number("pipes", at, "heat_transfer_coefficient", least=0.0)
            rough = self._number("pipes", at, "roughness", above=0.0)
            size = str(row.get("hp_type", "")).replace(" ", "").upper()
            if inner is not None:
                near = min(catalogue.values(), key=lambda kind: abs(kind.inner_diameter_m * 1000.0 - inner))
                told = [f"{inner:g} mm"]
                told += [f"{loss:g} W/mK"] if loss is not None else []
                told += [f"k {rough:g} mm"] if rough is not None else []
                pipe["type"] = " ".join(told)
                self.types[pipe["type"]] = assumed.pipe_type(
                    pipe["type"],
                    inner_diameter_m=inner / 1000.0,
                    roughness_m=near.roughness_m if rough is None else rough / 1000.0,
                    loss_w_mk=near.loss_w_mk if loss is None else loss,
                ).model_dump()
            elif size in catalogue:
                pipe["type"] = size
            elif row.get("diameter") is None:
                hint = "hp_type may name a size of the catalogue, e.g. DN100"
                self._wrong(
                    held.file,
                    held.lines[at],
                    "diameter",
                    show_value(row.get("hp_type", "")),
                    "an inner diameter [mm]",
                    hint,
                )
            rows.append(pipe)
        for column, what in (("heat_transfer_coefficient", "loss_w_mk"), ("roughness", "roughness_m")):
            if column not in held.columns and self.types:
                self._note("assumed", f"pipes.csv.{column}", "by_size", n=len(rows), name=what)
        return rows

    def _node(self, at: int, told: Any, column: str) -> str | None:
        held = self.tables["pipes"]
        name = _plain(told)
        if name in self.nodes:
            return name
        if len(self.plain.get(name, ())) == 1:  # files before version 0.0.2 number nodes throughout
            return self.plain[name][0]
        found = show_value(told) if told is not None else ""
        self._wrong(
            held.file, held.lines[at], column, found, "a node such as forks-0", did_you_mean(name, list(self.nodes))
        )
        return None

    def foreign(self) -> Foreign:
        """Return the network and its first time step."""
        data: dict[str, Any] = {"nodes": self._places(), "pipes": self.pipes, "pipe_types": list(self.types.values())}
        data["substations"] = [{"id": name, "node": name, "design_w": heat} for name, heat in self.design_w.items()]
        data["sources"] = [
            {"id": name, "node": name} for name, (table, _) in self.nodes.items() if table == "producers"
        ]
        if self.grid_at:
            data["coordinates"], data["origin_lon_lat"] = "wgs84", self.grid_at
        data["notes"] = self.notes
        complete(data, self.path.resolve().name)
        outlets = []
        for at, row in enumerate(self.tables["producers"].rows):
            warm = self._over_time("producers", at, "temp_inlet")
            celsius = (warm[0] - _KELVIN if warm[0] > 200.0 else warm[0]) if warm else None
            outlets.append(Outlet(f"producers-{_plain(row.get('id'))}", supply_c=celsius))
        _, outside = self.steps.get(("environment", "temp_env"), ([], []))
        ground: Mapping[str, float] = {}
        if outside:
            celsius = outside[0][0] - _KELVIN if outside[0][0] > 200.0 else outside[0][0]
            ground = {pipe["id"]: celsius for pipe in self.pipes}
        network = native.load(Document(str(self.path), data))
        return Foreign(network, OperatingPoint(tuple(self.loads), tuple(outlets), (), ground, None, "swamee_jain"))

    def _places(self) -> list[Row]:
        """Return the nodes, their places as metres on a grid through their middle."""
        self.grid_at: tuple[float, float] | None = None
        told: dict[str, tuple[float, float]] = {}
        for name, (_, row) in self.nodes.items():
            try:
                lon, lat = float(row["lon"]), float(row["lat"])
            except (KeyError, ValueError):
                continue
            if abs(lon) <= 180.0 and abs(lat) <= 90.0:
                told[name] = (lon, lat)
        at: dict[str, tuple[float, float]] = {}
        if told:
            middle = [round(sum(place[axis] for place in told.values()) / len(told), 4) for axis in (0, 1)]
            self.grid_at = (middle[0], middle[1])
            grid = Grid(self.grid_at)
            at = {name: grid.metres(place) for name, place in told.items()}
        if len(told) < len(self.nodes):
            self._note("left_out", "lat, lon", "no_places", n=len(self.nodes) - len(told))
        return [
            {"id": name, "x_m": round(at[name][0], 3), "y_m": round(at[name][1], 3)} if name in at else {"id": name}
            for name in self.nodes
        ]


def _plain(value: Any) -> str:
    """Return an id as DHNx writes it: whole numbers without a point."""
    text = str(value).strip() if value is not None else ""
    return text.removesuffix(".0") if text.replace(".0", "", 1).isdigit() else text


def _pipe_name(value: Any) -> str:
    name = _plain(value)
    return f"pipes-{name}" if name.isdigit() else name
