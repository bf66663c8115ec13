"""The JSON that pandapipes saves, read as plain tables: its tables are JSON in text in JSON, its fluid deeper still.

Nothing in the file is instantiated by name, as pandapipes itself does; a class name is only compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..documents import read_json, show_value
from ..problems import InputError, Problem
from .foreign import Fluid

__all__ = ["KELVIN", "PandapipesFile", "Row", "newer", "read_file"]

_FORMAT = (0, 14)  # the newest format this reader was tried with
KELVIN = 273.15

Row = dict[str, Any]

# before format 0.5 or so: old column -> (new column, factor)
_RENAMED = {
    "pipe": {"alpha_w_per_m2k": ("u_w_per_m2k", 1.0), "diameter_m": ("inner_diameter_mm", 1000.0)},
    "valve": {"diameter_m": ("inner_diameter_mm", 1000.0), "from_junction": ("junction", 1),
              "to_junction": ("element", 1)},
    "heat_exchanger": {"diameter_m": ("inner_diameter_mm", 1000.0)},
    "circ_pump_pressure": {"from_junction": ("return_junction", 1), "to_junction": ("flow_junction", 1),
                           "p_bar": ("p_flow_bar", 1.0), "t_k": ("t_flow_k", 1.0)},
    "circ_pump_mass": {"from_junction": ("return_junction", 1), "to_junction": ("flow_junction", 1),
                       "mdot_kg_per_s": ("mdot_flow_kg_per_s", 1.0), "p_bar": ("p_flow_bar", 1.0),
                       "t_k": ("t_flow_k", 1.0)},
}  # fmt: skip


@dataclass(slots=True)
class PandapipesFile:
    """A network saved by pandapipes, as plain data.

    Attributes
    ----------
    file : str
        As the user named it.
    name : str
        The network's name, which may be empty.
    version : tuple of int
        Format version (major, minor).
    tables : dict
        Table -> rows, each with its ``index``.
    fluid : Fluid or None
        Properties of the water.
    fluid_name : str
        What flows.
    options : dict
        The user's settings of ``pipeflow``, where they were saved.
    problems : list of Problem
        What is wrong so far; :meth:`number` and its like add to it.
    """

    file: str
    name: str
    version: tuple[int, int]
    tables: dict[str, list[Row]]
    fluid: Fluid | None
    fluid_name: str
    options: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows (none where it is absent)."""
        return self.tables.get(table, [])

    def wrong(self, table: str, row: Row, column: str, found: str, wanted: str, hint: str = "") -> None:
        """Note a fault of a cell."""
        path = f"{table}[{row['index']}]" + (f".{column}" if column else "")
        self.problems.append(Problem(path, found, wanted, hint, self.file))

    def number(self, table: str, row: Row, column: str, *, above: float | None = None, least: float | None = None,
               default: float | None = None) -> float:  # fmt: skip
        """Return a cell that must hold a finite number; a fault is noted, and 1.0 stands in for it.

        Parameters
        ----------
        table, row, column
            The cell.
        above, least : float, optional
            What it must be more than, or not less than.
        default : float, optional
            What an empty cell means; without it the cell must not be empty.
        """
        value = row.get(column)
        if value is None or value == "":
            if default is not None:
                return default
            self.wrong(table, row, column, "", f'"{column}"', "missing")
            return 1.0
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(table, row, column, show_value(value), "a number")
            return 1.0
        if not math.isfinite(value):
            self.wrong(table, row, column, str(value), "a finite number")
        elif above is not None and value <= above:
            self.wrong(table, row, column, f"{value:g}", f"more than {above:g}")
        elif least is not None and value < least:
            self.wrong(table, row, column, f"{value:g}", f"{least:g} or more")
        else:
            return float(value)
        return 1.0

    def maybe(self, table: str, row: Row, column: str) -> float | None:
        """Return a number, or None for an empty cell."""
        return None if row.get(column) in (None, "") else self.number(table, row, column)

    def junction(self, table: str, row: Row, column: str, known: Mapping[int, Row]) -> int | None:
        """Return a reference to a junction; a dangling one is noted."""
        value = row.get(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value in known:
            return value
        self.wrong(table, row, column, show_value(value) if value is not None else "", "the index of a junction")
        return None


def read_file(path: Path) -> PandapipesFile:
    """Read a file that ``pandapipes.to_json`` wrote.

    Raises
    ------
    InputError
        When it is no JSON, or not pandapipes', or of a format that is not known here.
    """
    top = read_json(path)
    held = top.get("_object") if isinstance(top, dict) and top.get("_class") == "pandapipesNet" else None
    if not isinstance(held, dict):
        raise InputError([Problem("", "", "a network saved by pandapipes.to_json", "", str(path))])
    problems: list[Problem] = []
    version = _version(held, str(path), problems)
    tables: dict[str, list[Row]] = {}
    for name, value in held.items():
        if isinstance(value, dict) and value.get("_class") == "DataFrame":
            tables[name] = _frame(name, value, str(path), problems)
    if problems:
        raise InputError(problems)
    fluid_name, fluid = _fluid(held.get("fluid"))
    name = held.get("name")
    options = held.get("user_pf_options")
    return PandapipesFile(
        str(path), name if isinstance(name, str) else "", version, tables, fluid, fluid_name,
        options if isinstance(options, dict) else {},
    )  # fmt: skip


def _version(held: Mapping[str, Any], file: str, problems: list[Problem]) -> tuple[int, int]:
    said = str(held.get("format_version", held.get("version", "")))
    parts = said.split(".")
    if len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()) or int(parts[0]) != _FORMAT[0]:
        wanted = f"a format version from {_FORMAT[0]}.1 to {_FORMAT[0]}.{_FORMAT[1]}"
        problems.append(Problem("format_version", show_value(said), wanted, "", file))
        return _FORMAT
    return int(parts[0]), int(parts[1])


def newer(file: PandapipesFile) -> bool:
    """Return whether the file's format is newer than any this reader was tried with."""
    return file.version > _FORMAT


def _frame(name: str, value: Mapping[str, Any], file: str, problems: list[Problem]) -> list[Row]:
    """Return the rows of a table, columns under their present names."""
    try:
        held: Any = value["_object"]
        held = json.loads(held) if isinstance(held, str) else held
        columns, index, data = held["columns"], held["index"], held["data"]
        rows = [dict(zip(columns, cells, strict=True), index=at) for at, cells in zip(index, data, strict=True)]
    except (ValueError, KeyError, TypeError, RecursionError):
        wanted = 'a table as pandapipes writes it (orient "split")'
        problems.append(Problem(name, "", wanted, "", file))
        return []
    whole = [at for at in index if isinstance(at, int) and not isinstance(at, bool)]
    if len(set(whole)) < len(index):
        problems.append(
            Problem(name, "an index that is double or no whole number", "whole numbers, each once", "", file)
        )
        return []
    for old, (new, factor) in _RENAMED.get(name, {}).items():
        for row in rows:
            if old in row and new not in row:
                cell = row.pop(old)
                row[new] = cell * factor if isinstance(cell, (int, float)) and factor != 1 else cell
    return rows


def _plain(value: Any) -> Any:
    """Return a value without the names of the classes it was of: text that is JSON read, numpy's wrappers gone."""
    if isinstance(value, dict):
        if "_class" in value and "_object" in value:
            held = value["_object"]
            held = json.loads(held) if isinstance(held, str) and held[:1] in "{[" else held
            plain = _plain(held)
            return {**plain, "_class": value["_class"]} if isinstance(plain, dict) else plain
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _fluid(value: Any) -> tuple[str, Fluid | None]:
    """Return the fluid's name, and its tables where density, heat capacity and viscosity can be read."""
    try:
        held = _plain(value)
        name = str(held["name"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", None
    try:
        density, capacity, viscosity = (
            _column(held["all_properties"][key]) for key in ("density", "heat_capacity", "viscosity")
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return name, None
    return name, Fluid(name, density, capacity, viscosity)


def _column(held: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Return a property as (degC, value) pairs: a straight line by two, a constant by one."""
    kind = held["_class"]
    if kind == "FluidPropertyInterExtra":
        return _drawn_out(sorted((float(x) - KELVIN, float(y)) for x, y in zip(held["x"], held["y"], strict=True)))
    if kind == "FluidPropertyConstant":
        return ((0.0, float(held["value"])),)
    if kind == "FluidPropertyLinear":
        slope, offset = float(held["slope"]), float(held["offset"])
        return tuple((at, offset + slope * (at + KELVIN)) for at in (0.0, 150.0))
    raise KeyError(kind)


def _drawn_out(pairs: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return a table that goes on straight to 0 and 150 degC, as pandapipes reads it beyond its ends."""
    if len(pairs) < 2:
        return tuple(pairs)
    ends = ((0.0, pairs[0], pairs[1]), (150.0, pairs[-1], pairs[-2]))
    more = [(at, y + (at - x) * (y - v) / (x - u)) for at, (x, y), (u, v) in ends]
    return tuple(sorted([pair for pair in pairs if 0.0 < pair[0] < 150.0] + more))
