"""What a planner's table or a map does not tell, filled in by the catalogue: every fill noted, nothing overwritten.

A planner knows where pipes lie, how long and how wide they are, and the heat of each substation. The rest can be told
too; where it is not, it is assumed here, so that a season can be run, and said (:mod:`.assumed` has the values).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..catalogue import pipe_types
from ..draft import PRIMARY_DROP_PA, PRIMARY_RETURN_C, PRIMARY_SUPPLY_C
from . import assumed

__all__ = ["complete"]

Row = dict[str, Any]

_HEAD_PA, _PUMP_EFFICIENCY = 8e5, 0.75  # of a plant of which nothing is told
_ANY_W, _BEYOND_ALL_MEASURE = 1e6, 1e15
_STATION = ("ua_w_k", "secondary_kg_s", "primary_kg_s", "primary_drop_pa")
_PLANT = ("supply_max_c", "head_max_pa", "pump_efficiency", "makeup_max_kg_s")


def complete(data: dict[str, Any], name: str) -> None:
    """Fill in what a network's plain data lacks, in place, and note it under ``notes``.

    Parameters
    ----------
    data : dict
        As :func:`.native.load` takes it, but rows may lack what can be assumed. A row that lacks more, or holds what is
        wrong, is left as it is, for the validator to name.
    name : str
        The network's name where it has none; also stands for an operator and a district that are not told.
    """
    _Completion(data, name).run()


class _Completion:
    def __init__(self, data: dict[str, Any], name: str) -> None:
        self.data, self.name = data, name
        for table in ("sources", "pipe_types", "dwelling_types", "nodes", "pipes", "substations", "cohorts"):
            data.setdefault(table, [])
        data.setdefault("notes", [])

    def run(self) -> None:
        data = self.data
        for key, value in (
            ("version", 1), ("name", self.name), ("title_zh", data.get("name", self.name)),
            ("title_en", data.get("name", self.name)), ("illustrative", False),
            ("provenance_zh", f"由 {self.name} 读入。"), ("provenance_en", f"Read from {self.name}."),
        ):  # fmt: skip
            data.setdefault(key, value)
        self._nodes()
        self._pipes()
        for table in ("substations", "sources"):
            self._fill(table, "operator", self.name)
            self._fill(table, "district", self.name)
        for row in data["substations"]:
            row.setdefault("estate", row.get("id", ""))
        self._stations()
        self._plants()

    def _note(self, where: str, what: str, **values: str | float) -> None:
        self.data["notes"].append({"kind": "assumed", "where": where, "what": what, "values": values})

    def _fill(self, table: str, column: str, value: Any) -> None:
        """Give a value to every row that has none for a column, or what it gives for the row."""
        filled = []
        for row in self.data[table]:
            if column not in row:
                row[column] = value(row) if callable(value) else value
                filled.append(row[column])
        if filled:
            shown = ", ".join(dict.fromkeys(f"{one:g}" if isinstance(one, float) else str(one) for one in filled))
            self._note(f"{table}.{column}", "filled", n=len(filled), value=shown if len(shown) < 60 else "…")

    def _nodes(self) -> None:
        kinds = {_name(row, "node"): "substation" for row in self.data["substations"]}
        kinds |= {_name(row, "node"): "source" for row in self.data["sources"]}
        for row in self.data["nodes"]:  # follows from what stands there
            row.setdefault("kind", kinds.get(_name(row, "id"), "junction"))

    def _pipes(self) -> None:
        stations = {_name(row, "node") for row in self.data["substations"]}

        def role(row: Row) -> str:
            return "branch" if {_name(row, "from_node"), _name(row, "to_node")} & stations else "distribution"

        self._fill("pipes", "depth_m", assumed.DEPTH_M)
        self._fill("pipes", "year", assumed.YEAR)
        for row in self.data["pipes"]:
            row.setdefault("role", role(row))
        for column in ("operator", "district"):
            self._fill("pipes", column, self.name)
        known = {_name(row, "id") for row in self.data["pipe_types"]}
        catalogue = {kind.id: kind for kind in pipe_types()}
        named = dict.fromkeys(_name(row, "type") for row in self.data["pipes"])
        taken = [catalogue[kind] for kind in named if kind in catalogue and kind not in known]
        self.data["pipe_types"] += [kind.model_dump() for kind in taken]
        if taken:
            self._note("pipe_types", "catalogue", names=", ".join(kind.id for kind in taken))

    def _stations(self) -> None:
        """Give substations their exchanger, and those without cohorts their dwellings, by their heat at design."""
        served = {_name(row, "substation") for row in self.data["cohorts"]}
        kinds = {_name(row, "id") for row in self.data["dwelling_types"]}
        filled = behind = 0
        for row in self.data["substations"]:
            if not _name(row, "id"):
                continue
            heat = _number(row.get("design_w")) or _ANY_W  # a heat that is wrong is said; what follows from it is not
            station, cohorts, types = assumed.consumer(
                row["id"], _name(row, "node") or "-", heat_w=heat, flow_kg_s=_number(row.get("primary_kg_s")),
                supply_c=PRIMARY_SUPPLY_C, return_c=PRIMARY_RETURN_C, owner=self.name, drop_pa=PRIMARY_DROP_PA,
            )  # fmt: skip
            lacks = [column for column in _STATION if column not in row]
            row.update({column: getattr(station, column) for column in lacks})
            filled += bool(lacks)
            if row["id"] not in served:
                behind += 1
                self.data["cohorts"] += [cohort.model_dump() for cohort in cohorts]
                self.data["dwelling_types"] += [kind.model_dump() for kind in types if kind.id not in kinds]
                kinds |= {kind.id for kind in types}
        if filled:
            temperatures = f"{PRIMARY_SUPPLY_C:g}/{PRIMARY_RETURN_C:g}"
            self._note("substations", "exchangers", n=filled, temperatures=temperatures)
        if behind:
            self._note("cohorts", "dwellings", n=behind)

    def _plants(self) -> None:
        """Give sources without units two gas boilers that share the heat, and pumps to those that tell none."""
        heat = sum(_number(row.get("design_w")) or 0.0 for row in self.data["substations"])
        named = [row for row in self.data["sources"] if _name(row, "id")]
        without = [row for row in named if not row.get("units") and not row.get("stores")]
        for row in without:
            told = row.get("capacity_w")
            if _number(told) or told is None:  # else it stays, and is refused
                row.pop("capacity_w", None)
            plant = assumed.gas_plant(
                row["id"], _name(row, "node") or "-",
                capacity_w=_number(told) or max(assumed.SPARE * heat / len(without), 1e3),
                supply_max_c=PRIMARY_SUPPLY_C + 10.0, head_max_pa=_HEAD_PA, owner=self.name,
            ).model_dump()  # fmt: skip
            row["units"], row["stores"] = list(plant["units"]), list(plant["stores"])
        if without:
            self._note("sources", "boilers", n=len(without))
        defaults: Mapping[str, float | Callable[[Row], float]] = {
            "supply_max_c": PRIMARY_SUPPLY_C + 10.0,
            "head_max_pa": _HEAD_PA,
            "pump_efficiency": _PUMP_EFFICIENCY,
            "makeup_max_kg_s": _makeup,
        }
        for column in _PLANT:
            self._fill("sources", column, defaults[column])


def _makeup(row: Row) -> float:
    units = row.get("units")
    told = [unit.get("capacity_w") for unit in units if isinstance(unit, dict)] if isinstance(units, list) else []
    capacity = sum(_number(value) or 0.0 for value in told)
    return round(max(0.1, capacity / (4186.0 * 50.0) * 0.04), 2)


def _number(value: Any) -> float | None:
    """Return a number that is more than zero and not beyond all measure, else None."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < _BEYOND_ALL_MEASURE
    return float(value) if good else None


def _name(row: Row, key: str) -> str:
    """Return a name that a row tells; empty where it tells none, or something that is no name."""
    value = row.get(key)
    return value if isinstance(value, str) else ""
