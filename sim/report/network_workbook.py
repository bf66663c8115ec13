"""A network as a workbook that a planner can read, change and fill in; read again by network_models/formats/excel.py.

Three rows head each sheet: what a column is, its unit or choices and whether it must be filled in, and its key, which
the reader goes by.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...network_models.catalogue import dwelling_types, pipe_types
from ...network_models.formats import native
from ...network_models.formats.sheets import ABOUT, HEAD, SHEETS, Column, Sheet
from ...network_models.network import Network
from ...network_models.units import unit_of_key
from .words import Words

__all__ = ["write", "write_template"]

_HEADS = 3
_FIRST_FREE, _LAST_FREE = _HEADS, 5000  # rows that have drop-downs
_LISTED = {"from_node": "nodes", "to_node": "nodes", "node": "nodes", "substation": "substations", "source": "sources"}
_NEVER_IN_TEMPLATE = ("notes", "edits", "basis")


def write(path: Path, network: Network, words: Words) -> None:
    """Write a network as a workbook."""
    data = native.dump(network)
    tables = {key: data.pop(key, []) for key in SHEETS if key not in (HEAD, "units", "stores")}
    for part in ("units", "stores"):
        tables[part] = [{"source": row["id"], **item} for row in tables["sources"] for item in row[part]]
    _write(path, data, tables, words)


def write_template(path: Path, words: Words) -> None:
    """Write an empty workbook with headings, drop-downs and the catalogues of pipes and dwellings."""
    tables = {
        "pipe_types": [kind.model_dump(mode="json") for kind in pipe_types()],
        "dwelling_types": [kind.model_dump(mode="json") for kind in dwelling_types()],
    }
    _write(path, {"version": 1, "coordinates": "local", "illustrative": False}, tables, words)


def _write(
    path: Path, head: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]], words: Words
) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        look = {
            "head": book.add_format({"bold": True, "bg_color": "#EDF2F7", "text_wrap": True, "valign": "top"}),
            "said": book.add_format({"italic": True, "font_color": "#4A5568", "text_wrap": True, "valign": "top"}),
            "key": book.add_format({"font_color": "#A0AEC0", "bottom": 1}),
        }
        names = {key: words.either(sheet.zh, sheet.en) for key, sheet in SHEETS.items()}
        made = book.add_worksheet(words.either(*ABOUT))
        made.set_column(0, 0, 90)
        for row, key in enumerate(("fill", "keys", "empty", "check")):
            made.write_string(row, 0, words(f"workbook.{key}"))
        _write_head(book.add_worksheet(names[HEAD]), SHEETS[HEAD], head, look, words)
        for key, sheet in SHEETS.items():
            rows = tables.get(key, [])
            if key == HEAD or (not rows and key in _NEVER_IN_TEMPLATE):
                continue
            made = book.add_worksheet(names[key])
            used = {name for row in rows for name in row}
            shown = [
                column for column in sheet.columns.values() if not used or column.need != "never" or column.key in used
            ]
            _write_heads(made, shown, look, words)
            _write_rows(made, shown, rows)
            for number, column in enumerate(shown):
                _offer(made, number, column, names)


def _write_head(made: Any, sheet: Sheet, head: Mapping[str, Any], look: Mapping[str, Any], words: Words) -> None:
    made.set_column(0, 0, 22)
    made.set_column(1, 1, 18)
    made.set_column(2, 2, 70)
    for row, column in enumerate(sheet.columns.values()):
        made.write_string(row, 0, words(f"field.{column.key}"), look["head"])
        made.write_string(row, 1, column.key, look["key"])
        if column.key in head:
            _write_cell(made, row, 2, head[column.key])
        if column.choices:
            made.data_validation(row, 2, row, 2, {"validate": "list", "source": list(column.choices)})


def _write_heads(made: Any, columns: Sequence[Column], look: Mapping[str, Any], words: Words) -> None:
    for number, column in enumerate(columns):
        heading = words(f"field.{column.key}")
        made.set_column(number, number, max(11, min(2 * len(heading), 24)))
        made.write_string(0, number, heading, look["head"])
        made.write_string(1, number, _about(column, words), look["said"])
        made.write_string(2, number, column.key, look["key"])
    made.set_row(1, 48)
    made.freeze_panes(_HEADS, 1)


def _about(column: Column, words: Words) -> str:
    """Return a column's unit, choices and whether it must be filled in."""
    parts = [words(f"workbook.{column.need}")] if column.need != "never" else []
    unit = unit_of_key(column.key)
    if unit and column.kind in (float, int):
        parts.append(f"[{unit[2]}]")
    if column.choices:
        parts.append(" / ".join(column.choices))
    if column.kind is bool:
        parts.append(words("workbook.yes_no"))
    return " ".join(parts)


def _write_rows(made: Any, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
    for line, row in enumerate(rows, start=_HEADS):
        for number, column in enumerate(columns):
            if row.get(column.key) is not None:
                _write_cell(made, line, number, row[column.key])


def _write_cell(made: Any, line: int, number: int, value: Any) -> None:
    if isinstance(value, bool):
        made.write_boolean(line, number, value)
    elif isinstance(value, (int, float)):
        made.write_number(line, number, value)
    elif isinstance(value, str):
        made.write_string(line, number, value)  # never a formula, whatever it begins with
    else:
        made.write_string(line, number, json.dumps(value, ensure_ascii=False))


def _offer(made: Any, number: int, column: Column, names: Mapping[str, str]) -> None:
    """Offer the choices of a column, or the ids it may name, as a drop-down."""
    source: Any = list(column.choices)
    if column.key in _LISTED:
        source = f"='{names[_LISTED[column.key]]}'!$A${_HEADS + 1}:$A${_LAST_FREE}"
    elif column.kind is bool:
        source = ["TRUE", "FALSE"]
    if source:
        options = {"validate": "list", "source": source, "error_type": "warning"}
        made.data_validation(_FIRST_FREE, number, _LAST_FREE, number, options)
