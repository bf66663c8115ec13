"""Our own format: TOML, with the long tables in CSV files beside it where the network is large.

A small network is one TOML file with ``[[nodes]]``, ``[[pipes]]``, …. A large one is a folder with ``network.toml``,
which names its tables::

    [tables]
    nodes = "nodes.csv"
    pipes = "pipes.csv"

A CSV table has the fields as columns (``length_m``, or ``length`` for text with a unit), one row per element, and an
empty cell where a key would be absent. UTF-8 is written (with a byte-order mark, for
spreadsheets); GB18030 is read too.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..checks import cross_problems
from ..documents import CROSS_CHECK, Document, at_place, problems_of, read_table, read_toml
from ..network import Cohort, DwellingType, Network, Node, Pipe, PipeType, Substation
from ..problems import InputError, NetworkError, Problem, did_you_mean
from .sheets import kind_of

__all__ = ["dump", "load", "read", "write"]

_TABLES: dict[str, type[BaseModel]] = {
    "nodes": Node,
    "pipes": Pipe,
    "substations": Substation,
    "cohorts": Cohort,
    "pipe_types": PipeType,
    "dwelling_types": DwellingType,
}
_LARGE = ("nodes", "pipes", "substations", "cohorts")


def read(path: Path) -> Network:
    """Read a network from a TOML file, or from a folder with ``network.toml``.

    Raises
    ------
    NetworkError
        With everything that is wrong, in file order.
    """
    path = path / "network.toml" if path.is_dir() else path
    ragged: list[Problem] = []
    try:
        document = _with_tables(read_toml(path), path.parent, ragged)
        if not ragged:
            return load(document)
        raise NetworkError(_in_order(ragged + _wrong_fields(document)))
    except NetworkError:
        raise
    except InputError as error:
        raise NetworkError(error.problems) from error


def load(document: Document) -> Network:
    """Validate a network's data.

    Raises
    ------
    NetworkError
        With everything that is wrong: keys, values, units, and what does not hang together.
    """
    try:
        return Network.model_validate(document.data)
    except ValidationError as error:
        problems = problems_of(error, document, Network)
        if all(fault["type"] != CROSS_CHECK for fault in error.errors(include_url=False)):
            # the fields were wrong, so the network as a whole has not been looked at yet
            problems += [at_place(document, path, problem) for path, problem in cross_problems(document.data)]
        raise NetworkError(_in_order(problems)) from error


def dump(network: Network) -> dict[str, Any]:
    """Return a network as plain data; ``load`` of it gives the network back."""
    data: dict[str, Any] = network.model_dump(mode="json", exclude_defaults=True)
    for source, row in zip(network.sources, data["sources"], strict=True):
        for part in ("units", "stores"):  # a kind equals its default and would be left out
            for item, plain in zip(getattr(source, part), row[part], strict=True):
                plain["kind"] = item.kind
    return data


def write(network: Network, path: Path) -> None:
    """Write a network: to one TOML file when the path ends in ``.toml``, else to a folder with CSV tables."""
    data = dump(network)
    if path.suffix == ".toml":
        path.write_text(_toml(data), encoding="utf-8", newline="\n")
        return
    path.mkdir(parents=True, exist_ok=True)
    tables = {name: data.pop(name) for name in _LARGE}
    data["tables"] = {name: f"{name}.csv" for name in _LARGE}
    (path / "network.toml").write_text(_toml(data), encoding="utf-8", newline="\n")
    for name, rows in tables.items():
        (path / f"{name}.csv").write_text(_csv(rows, _TABLES[name]), encoding="utf-8-sig", newline="")


def _wrong_fields(document: Document) -> list[Problem]:
    """Return what is wrong with single fields; what does not hang together may be for want of the rows left out."""
    try:
        Network.model_validate(document.data)
    except ValidationError as error:
        if all(fault["type"] != CROSS_CHECK for fault in error.errors(include_url=False)):
            return problems_of(error, document, Network)
    return []


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.file, p.line, p.column))


def _with_tables(document: Document, folder: Path, ragged: list[Problem]) -> Document:
    """Return the document with the rows of its CSV tables in place; those of too few or too many cells are told."""
    names = document.data.pop("tables", None)
    if names is None:
        return document
    problems: list[Problem] = []
    if not isinstance(names, dict):
        wanted = 'a table, e.g. nodes = "nodes.csv"'
        raise InputError([at_place(document, ("tables",), Problem("", str(names), wanted))])
    for name, file in names.items():
        if name not in _TABLES or not isinstance(file, str) or name in document.data:
            wanted = "one of: " + ", ".join(_TABLES) + "; each here or in a CSV file, not both"
            wrong = Problem("", f'{name} = "{file}"', wanted, did_you_mean(name, list(_TABLES)))
            problems.append(at_place(document, ("tables", name), wrong))
            continue
        kinds = {key: kind_of(field.annotation) for key, field in _TABLES[name].model_fields.items()}
        try:
            rows, columns, lines = read_table(folder / file, kinds, ragged)
        except InputError as error:
            problems += error.problems
            continue
        document.data[name] = rows
        document.tables[name,] = (str(folder / file), columns, lines)
    if problems:
        raise InputError(problems)
    return document


def _csv(rows: Sequence[Mapping[str, Any]], model: type[BaseModel]) -> str:
    columns = [name for name in model.model_fields if any(name in row for row in rows)] or ["id"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name, "")) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _toml(data: Mapping[str, Any], prefix: str = "") -> str:
    """Return plain data as TOML 1.0: values first, then tables, then arrays of tables."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in data.items() if not _is_table(value)]
    for key, value in data.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{prefix}{_key(key)}]", _toml(value, f"{prefix}{_key(key)}.")]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{prefix}{_key(key)}]]", _toml(row, f"{prefix}{_key(key)}.").rstrip("\n")]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if bare else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for the delete character, which TOML forbids in the raw
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return repr(value)
