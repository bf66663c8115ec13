"""A network as tables: which sheets a workbook has, and what stands in their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from ..network import Basis, Cohort, DwellingType, Edited, Network, Node, Note, Pipe, PipeType, Substation
from ..sources import Source, Store, Unit

__all__ = ["ABOUT", "HEAD", "SHEETS", "Column", "Sheet", "kind_of", "sheet_called"]

HEAD = "network"  # the sheet of single values: one row per key
ABOUT = ("说明", "about")  # the sheet that tells a planner what to do; not read


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    Attributes
    ----------
    key : str
        Its key, e.g. ``length_m``.
    kind : type
        float, int, bool or str; dict or tuple for a cell that holds JSON.
    choices : tuple of str
        What it may say, where that is a choice.
    need : {"always", "assumed", "never"}
        Whether a cell must be filled in, is assumed when empty, or simply may be empty.
    """

    key: str
    kind: type
    choices: tuple[str, ...] = ()
    need: Literal["always", "assumed", "never"] = "never"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a network.

    Attributes
    ----------
    key : str
        Its key in the network, e.g. ``pipes``; ``units`` and ``stores`` belong to a source.
    zh, en : str
        What the sheet is called.
    columns : dict
        Key -> Column, in order.
    """

    key: str
    zh: str
    en: str
    columns: Mapping[str, Column]


# table -> columns that completion.py fills in when they are empty
_ASSUMED: dict[str, tuple[str, ...]] = {
    "network": ("version", "name", "title_zh", "title_en", "illustrative", "provenance_zh", "provenance_en"),
    "nodes": ("kind",),
    "pipes": ("depth_m", "year", "role", "operator", "district"),
    "substations": (
        "operator", "district", "estate", "ua_w_k", "secondary_kg_s", "primary_kg_s", "primary_drop_pa",
    ),
    "sources": ("operator", "district", "supply_max_c", "head_max_pa", "pump_efficiency", "makeup_max_kg_s"),
}  # fmt: skip
_NESTED = ("basis", "notes", "edits", "units", "stores")


def _sheet(
    key: str, zh: str, en: str, *models: type[BaseModel], first: tuple[Column, ...] = (), last: tuple[Column, ...] = ()
) -> Sheet:
    """Return the sheet of a table whose rows are of some models, which differ by ``kind``."""
    columns = {column.key: column for column in first}
    needed = [{name for name, field in model.model_fields.items() if field.is_required()} for model in models]
    by_kind = ["kind"] if len(models) > 1 else []
    for model in models:
        for name in ("id", *by_kind, *model.model_fields):
            if (
                name not in model.model_fields
                or name in columns
                or (key in (HEAD, "sources") and _is_table(model, name))
            ):
                continue
            need: Literal["always", "assumed", "never"] = "never"
            if name in _ASSUMED.get(key, ()):
                need = "assumed"
            elif all(name in names for names in needed) or name in by_kind:
                need = "always"
            choices = [choice for one in models for choice in _choices(one, name)]
            columns[name] = Column(
                name, kind_of(model.model_fields[name].annotation), tuple(dict.fromkeys(choices)), need
            )
    return Sheet(key, zh, en, columns | {column.key: column for column in last})


def _is_table(model: type[BaseModel], name: str) -> bool:
    return name in _NESTED or name in (
        "sources",
        "pipe_types",
        "dwelling_types",
        "nodes",
        "pipes",
        "substations",
        "cohorts",
    )


def _choices(model: type[BaseModel], name: str) -> tuple[str, ...]:
    field = model.model_fields.get(name)
    if field is None or get_origin(field.annotation) is not Literal:
        return ()
    return tuple(choice for choice in get_args(field.annotation) if isinstance(choice, str))


def kind_of(annotation: Any) -> type:
    """Return what a cell of a field holds: float, int, bool or str; dict or tuple where it holds JSON."""
    if annotation in (float, int, bool, str):
        return annotation  # type: ignore[no-any-return]
    origin = get_origin(annotation)
    if origin in (dict, tuple):
        return dict if origin is dict else tuple
    if origin is Literal:
        first: type = type(get_args(annotation)[0])
        return first
    if origin is Annotated:
        return kind_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return next(kind_of(part) for part in get_args(annotation) if part is not type(None))
    return dict if isinstance(annotation, type) and issubclass(annotation, BaseModel) else str


def _models(union: Any) -> tuple[type[BaseModel], ...]:
    return get_args(get_args(union)[0])


_OF_SOURCE = (Column("source", str, (), "always"),)

SHEETS: dict[str, Sheet] = {
    sheet.key: sheet
    for sheet in (
        _sheet(HEAD, "管网", "network", Network),
        _sheet("nodes", "节点", "nodes", Node),
        _sheet("pipes", "管道", "pipes", Pipe),
        _sheet("substations", "热力站", "substations", Substation),
        _sheet("cohorts", "住户群", "cohorts", Cohort),
        _sheet("sources", "热源", "sources", Source, last=(Column("capacity_w", float),)),  # where no units are told
        _sheet("units", "机组", "units", *_models(Unit), first=_OF_SOURCE),
        _sheet("stores", "储库", "stores", *_models(Store), first=_OF_SOURCE),
        _sheet("pipe_types", "管型", "pipe types", PipeType),
        _sheet("dwelling_types", "住宅类型", "dwelling types", DwellingType),
        _sheet("basis", "依据", "basis", Basis),
        _sheet("notes", "读入说明", "notes", Note),
        _sheet("edits", "改动", "edits", Edited),
    )
}


def sheet_called(name: str) -> Sheet | None:
    """Return the sheet of a name, in either language or its key; None where there is none."""
    plain = name.strip().lower().replace("_", " ")
    return next(
        (sheet for sheet in SHEETS.values() if plain in (sheet.zh, sheet.en, sheet.key.replace("_", " "))), None
    )
