"""Workbooks that planners fill in: one sheet per table, a row of keys, one row per element.

Above the row of keys (``id``, ``length_m``, …) may stand anything; the template has headings and units there. Sheets
have Chinese or English names. What a planner leaves empty is assumed and noted (:mod:`.completion`).
Workbooks are written by sim/report/network_workbook.py, which knows the words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..documents import Document, Place, show_value
from ..network import Network
from ..problems import InputError, NetworkError, Problem, did_you_mean
from . import native
from .completion import complete
from .sheets import ABOUT, HEAD, SHEETS, Column, Sheet, sheet_called

__all__ = ["cell_name", "read"]

_KEYS_WITHIN = 6  # rows from the top within which the row of keys must stand
_YES = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False, "否": False, "0": False}

Cells = Sequence[Sequence[Any]]


def read(path: Path) -> Network:
    """Read a network from a workbook.

    Raises
    ------
    NetworkError
        With everything that is wrong in it, each with sheet and cell.
    """
    book = _Book(path)
    for name, cells in _sheets(path):
        sheet = sheet_called(name)
        if sheet is not None:
            book.take(sheet, name, cells)
        elif name not in ABOUT and any(cell not in ("", None) for row in cells for cell in row):
            book.strangers.append(name)
    return book.network()


def cell_name(row: int, column: int) -> str:
    """Return ``C7`` for row 7 and column 3, both from 1."""
    letters = ""
    while column > 0:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _sheets(path: Path) -> list[tuple[str, Cells]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ModuleNotFoundError as error:
        wanted = "python-calamine, which reads workbooks"
        raise InputError([Problem("", "", wanted, "pip install 'heatseason[excel]'", str(path))]) from error
    try:
        book = CalamineWorkbook.from_path(str(path))
        return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except CalamineError as error:
        raise InputError([Problem("", "", "a workbook (.xlsx)", str(error), str(path))]) from error


@dataclass(slots=True)
class _Rows:
    """The rows of a sheet, and where they stand."""

    file: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    lines: list[int]


class _Book:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.strangers: list[str] = []
        self.document = Document(str(path), {})
        self.tables: dict[str, _Rows] = {}

    def take(self, sheet: Sheet, name: str, cells: Cells) -> None:
        """Take in the cells of a sheet."""
        file = f"{self.path} {name}"
        if sheet.key == HEAD:
            self._head(sheet, file, cells)
            return
        at, keys = _keys(sheet, cells)
        if at < 0:
            if any(cell not in ("", None) for row in cells for cell in row):
                such = "a row of keys, such as " + ", ".join(list(sheet.columns)[:4])
                self.problems.append(Problem(sheet.key, "none", such, "", file, 1, 1))
            return
        twice = sorted({key for key in keys if key and keys.count(key) > 1})
        for key in twice:
            self._wrong(sheet.key, f'column "{key}" twice', "each column once", file, at + 1, keys.index(key) + 1)
        rows, lines = [], []
        for number, row in enumerate(cells[at + 1 :], start=at + 2):
            read: dict[str, Any] = {}
            for column, (key, cell) in enumerate(zip(keys, row, strict=False), start=1):
                if cell in ("", None):
                    continue
                if not key:
                    self._wrong(sheet.key, show_value(cell), "a key above it", file, number, column)
                    continue
                read[key] = _value(sheet.columns.get(key), cell)
            if read:
                rows.append(read)
                lines.append(number)
        if rows:
            for wanted in sheet.columns.values():
                if wanted.need == "always" and wanted.key not in keys:
                    self._wrong(sheet.key, "no such column", f'a column "{wanted.key}"', file, at + 1, 1)
            for number, key in enumerate(keys, start=1):
                if key and key not in sheet.columns and _plain_of(key) not in sheet.columns:
                    hint = did_you_mean(key, list(sheet.columns))
                    self._wrong(sheet.key, f'unknown key "{key}"', "one of: " + ", ".join(sheet.columns), file, at + 1,
                                number, hint)  # fmt: skip
        self.tables[sheet.key] = _Rows(file, keys, rows, lines)

    def _head(self, sheet: Sheet, file: str, cells: Cells) -> None:
        """Take in single values: a key and its value side by side in any two columns."""
        for number, row in enumerate(cells, start=1):
            for column in range(len(row) - 1, 0, -1):  # a heading before the key may read like it
                key, value = row[column - 1], row[column]
                if isinstance(key, str) and key.strip() in sheet.columns:
                    if value not in ("", None):
                        self.document.data[key.strip()] = _value(sheet.columns[key.strip()], value)
                        self.document.places[key.strip(),] = Place(file, number, column + 1)
                    break

    def _wrong(
        self, path: str, found: str, wanted: str, file: str, line: int, column: int, hint: str = ""
    ) -> None:  # fmt: skip
        self.problems.append(Problem(path, found, wanted, hint, file, line, column))

    def network(self) -> Network:
        """Put the tables together and validate them."""
        data, tables = self.document.data, self.document.tables
        for key, table in self.tables.items():
            if key not in ("units", "stores"):
                data[key] = table.rows
                tables[key,] = (table.file, table.columns, table.lines)
        for key in ("units", "stores"):
            self._parts(key)
        if self.problems:
            raise NetworkError(_by_cell(self.problems))
        complete(data, self.path.stem)
        data["notes"] += [
            {"kind": "left_out", "where": name, "what": "sheet", "values": {"name": name}} for name in self.strangers
        ]
        try:
            return native.load(self.document)
        except NetworkError as error:
            raise NetworkError([*self._missing(), *_by_cell(error.problems)]) from error

    def _missing(self) -> list[Problem]:
        """Return a problem for every sheet without which there is no network, where it is not there."""
        return [
            Problem(
                key, "no such sheet", f'a sheet "{SHEETS[key].zh}" or "{SHEETS[key].en}"',
                "not read: " + ", ".join(f'"{name}"' for name in self.strangers) if self.strangers else "",
                str(self.path),
            )
            for key in ("nodes", "pipes", "substations", "sources")
            if key not in self.tables
        ]  # fmt: skip

    def _parts(self, key: str) -> None:
        """Hand units or stores to their sources."""
        if key not in self.tables:
            return
        table = self.tables[key]
        sources = self.document.data.get("sources", [])
        number = {source.get("id"): row for row, source in enumerate(sources)}
        for row, line in zip(table.rows, table.lines, strict=True):
            source = row.pop("source", None)
            if source not in number:
                known = [str(name) for name in number]
                found = f'"{source}"' if source else ""
                self._wrong(
                    f"{key}.source", found, "the id of a source", table.file, line, 1, did_you_mean(str(source), known)
                )
                continue
            at = number[source]
            sources[at].setdefault(key, []).append(row)
            _, _, lines = self.document.tables.setdefault(("sources", at, key), (table.file, table.columns, []))
            lines.append(line)  # type: ignore[attr-defined]


def _keys(sheet: Sheet, cells: Cells) -> tuple[int, tuple[str, ...]]:
    """Return the row of keys (-1 where there is none) and the keys: the last, since headings may read like keys."""
    rows = [tuple(cell.strip() if isinstance(cell, str) else "" for cell in row) for row in cells[:_KEYS_WITHIN]]
    known = [sum(key in sheet.columns for key in row) for row in rows]
    best = max(known, default=0)
    at = len(known) - 1 - known[::-1].index(best) if best else -1
    return (at, rows[at]) if best else (-1, ())


def _plain_of(key: str) -> str:
    """Return the field that text with a unit goes to: ``length`` stands for ``length_m``."""
    owners = [name for sheet in SHEETS.values() for name in sheet.columns if name.startswith(f"{key}_")]
    return owners[0] if owners else key


def _value(column: Column | None, cell: Any) -> Any:
    """Return what a cell says: numbers come as floats, and text may look like a number."""
    kind = column.kind if column else str
    if kind is bool:
        return cell if isinstance(cell, bool) else _YES.get(_text(cell).lower(), cell)
    if kind in (float, int) and isinstance(cell, str):
        try:
            cell = float(cell.strip())
        except ValueError:
            return cell
    if kind is int and isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if kind is str:
        return _text(cell)
    if kind in (dict, tuple) and isinstance(cell, str):
        try:
            return json.loads(cell)
        except (json.JSONDecodeError, RecursionError):
            return cell
    return cell


def _text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _by_cell(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems whose place is a cell: ``plan.xlsx 管道!C7``."""
    return [
        replace(problem, file=f"{problem.file}!{cell_name(problem.line, problem.column or 1)}", line=0, column=0)
        if problem.line
        else problem
        for problem in sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
    ]
