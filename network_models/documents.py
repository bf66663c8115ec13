"""TOML and CSV with positions, and every fault of a document as Problems: file, line, path, value, wish, hint.

``read_toml(path)`` gives the data and where each key stands; ``problems_of(error, document, model)`` turns a pydantic
ValidationError into Problems that the writer of the file can act on.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from .positions import KeyPath, key_positions
from .problems import InputError, Problem, did_you_mean
from .units import Misread, UnitKeys, plain_key

__all__ = [
    "Document",
    "KeyPath",
    "Place",
    "at_place",
    "cross_check_error",
    "problems_of",
    "read_json",
    "read_table",
    "read_text",
    "read_toml",
    "show_path",
    "show_value",
    "within_floats",
]

CROSS_CHECK = "cross_check"  # the type of a validation error that carries Problems of its own


class Place(NamedTuple):
    """Where something is written: file, and line and column from 1 (0: unknown)."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where it says it.

    Attributes
    ----------
    file : str
        The file as the user named it.
    data : dict
        The plain data.
    places : dict
        Key path -> Place of the key (of the first letter of an array's element).
    tables : dict
        Key path of a list that was read from a CSV file -> (file, its columns, line of each row).
    """

    file: str
    data: dict[str, Any]
    places: dict[KeyPath, Place] = field(default_factory=dict)
    tables: dict[KeyPath, tuple[str, tuple[str, ...], Sequence[int]]] = field(default_factory=dict)

    def place(self, path: KeyPath) -> Place:
        """Return where a key path is written, or the nearest thing round it."""
        for end in range(len(path), 0, -1):
            row = path[end - 1]
            table = self.tables.get(path[: end - 1])
            if table is not None and isinstance(row, int) and row < len(table[2]):
                columns = table[1]
                column = columns.index(str(path[end])) + 1 if end < len(path) and path[end] in columns else 1
                return Place(table[0], table[2][row], column)
            for spelt in (row, plain_key(row) if isinstance(row, str) else row):  # length_m, or length = "2 km"
                if (*path[: end - 1], spelt) in self.places:
                    return self.places[*path[: end - 1], spelt]
        return Place(self.file)


def read_text(path: Path) -> str:
    """Return a text file's contents; UTF-8 (with or without a byte-order mark) or GB18030.

    Raises
    ------
    InputError
        When the file cannot be read or is in neither encoding.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError([Problem("", "", "a readable file", error.strerror or str(error), str(path))]) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError([Problem("", "bytes in an unknown encoding", "text in UTF-8 or GB18030", "", str(path))])


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    InputError
        When the file is missing or is not JSON, with line and column.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        shown = "".join(text.split("\n")[error.lineno - 1 : error.lineno]).strip()[-40:]
        early = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
        hint = "the file ends too early" if early else ""
        wrong = Problem("", f"`{shown}`", "valid JSON", hint, str(path), error.lineno, error.colno)
        raise InputError([wrong]) from error
    except RecursionError:
        raise _too_deep(path, "valid JSON") from None


def read_toml(path: Path | str) -> Document:
    """Read a TOML 1.0 file with the place of every key.

    Raises
    ------
    InputError
        When the file is missing or is not TOML, with line and column.
    """
    path = Path(path)
    text = read_text(path).replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(where[1]), int(where[2])) if where else (text.count("\n") + 1, 1)
        said = str(error).split(" (at ")[0]
        shown = text.split("\n")[line - 1].strip() if line <= text.count("\n") + 1 else ""
        raise InputError([Problem("", f"`{shown}`", "valid TOML 1.0", said, str(path), line, column)]) from error
    except RecursionError:
        raise _too_deep(path, "valid TOML 1.0") from None
    places = {key: Place(str(path), line, column) for key, (line, column) in key_positions(text).items()}
    return Document(str(path), data, places)


def _too_deep(path: Path, wanted: str) -> InputError:
    return InputError([Problem("", "brackets within brackets, too deep to read", wanted, "", str(path))])


def read_table(
    path: Path, kinds: Mapping[str, type], ragged: list[Problem] | None = None
) -> tuple[list[dict[str, Any]], tuple[str, ...], list[int]]:
    """Read a CSV table with a header line; an empty cell is an absent key.

    Cells are parted by commas; by semicolons or tabs where the header line has none, as spreadsheets write them.

    Parameters
    ----------
    path : Path
        The file; UTF-8 with or without a byte-order mark, or GB18030.
    kinds : mapping
        Column -> float, int, bool, str, or dict where cells hold JSON; a cell that is not of its kind stays text, for
        the validator to refuse.
    ragged : list, optional
        Where rows of too few or too many cells are told, which are then left out; without it they are raised.

    Returns
    -------
    tuple
        (rows, columns, line of each row).
    """
    text = read_text(path)
    head = text.partition("\n")[0]
    parting = next((sign for sign in ",;\t" if sign in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parting)
    columns = tuple(name.strip() for name in next(reader, []))
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled or not columns:
        found = f"column {doubled[0]!r} twice" if doubled else "an empty file"
        raise InputError([Problem("", found, "a header line with each column once", "", str(path), 1, 1)])
    readers = [_CELLS.get(kinds.get(name, str), str) for name in columns]
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(columns):
            found = f"{len(cells)} cells"
            problems.append(Problem("", found, f"{len(columns)} cells", "", str(path), reader.line_num, 1))
            continue
        rows.append({n: read(cell) for n, read, cell in zip(columns, readers, cells, strict=True) if cell != ""})
        lines.append(reader.line_num)
    if ragged is not None:
        ragged += problems
    elif problems:
        raise InputError(problems)
    return rows, columns, lines


def show_path(path: KeyPath) -> str:
    """Return ``pipes[3].length`` for ``("pipes", 3, "length")``; a key with a dot in it is quoted."""
    text = "".join(
        f"[{part}]" if isinstance(part, int) else f'."{part}"' if "." in part else f".{part}" for part in path
    )
    return text.removeprefix(".")


def cross_check_error(problems: Sequence[tuple[KeyPath, Problem]]) -> PydanticCustomError:
    """Return the error that a model validator raises to hand over Problems of several places at once."""
    text = "\n".join(str(problem) for _, problem in problems).replace("{", "(").replace("}", ")")
    return PydanticCustomError(CROSS_CHECK, text, {"problems": list(problems)})


def problems_of(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """Return everything a ValidationError holds as Problems, in file order.

    Parameters
    ----------
    error : ValidationError
        What ``model.model_validate(document.data)`` raised.
    document : Document
        The data that was validated, with its places.
    model : type
        The pydantic model, for the known keys behind "did you mean".
    """
    problems: list[Problem] = []
    for fault in error.errors(include_url=False):
        if fault["type"] == CROSS_CHECK:
            problems += [at_place(document, path, problem) for path, problem in fault["ctx"]["problems"]]
            continue
        path = _data_path(fault["loc"], document.data, model)
        value = fault.get("input")
        if isinstance(value, Misread):
            path = (*path[:-1], value.key) if path else path
            problems.append(at_place(document, path, Problem("", show_value(value.found), value.wanted, value.hint)))
            continue
        known = _known_keys(model, path[:-1], document.data)
        wanted, hint = _wish(fault, str(path[-1]) if path else "", known)
        found = show_value(value)
        if fault["type"] == "extra_forbidden" and (kinds := _kinds_with(model, path, document.data)):
            hint = "a key of kind = " + ", ".join(f'"{kind}"' for kind in kinds)
        if fault["type"] in ("missing", "union_tag_not_found"):
            found = ""
        elif fault["type"] == "extra_forbidden":
            found = f'unknown key "{path[-1]}"'
        elif fault["type"] == "union_tag_invalid":
            path, found = (*path, "kind"), f'"{fault["ctx"]["tag"]}"'
        problems.append(at_place(document, path, Problem("", found, wanted, hint)))
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))


def at_place(document: Document, path: KeyPath, problem: Problem) -> Problem:
    """Return the problem with its key path and its place in the document."""
    place = document.place(path)
    return Problem(show_path(path), problem.found, problem.wanted, problem.hint, place.file, place.line, place.column)


def _bool(cell: str) -> Any:
    return {"true": True, "false": False, "1": True, "0": False}.get(cell.strip().lower(), cell)


def _number(kind: type) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        try:
            return kind(cell)
        except ValueError:
            return cell

    return read


def _table(cell: str) -> Any:
    try:
        return json.loads(cell)
    except json.JSONDecodeError:
        return cell


_BEYOND = 10**18  # more than anything can be
_CELLS: dict[type, Callable[[str], Any]] = {
    float: _number(float), int: _number(int), bool: _bool, str: str, dict: _table,
}  # fmt: skip


def within_floats(value: Any) -> Any:
    """Return a whole number, of which TOML's know no bound, cut to what any float holds; anything else as it is."""
    return max(-_BEYOND, min(value, _BEYOND)) if isinstance(value, int) else value


def plain(value: Any) -> Any:
    """Return a value with what numpy hands out (a scalar, an array), wherever it stands in it, as Python's own."""
    if callable(as_list := getattr(value, "tolist", None)):
        return as_list()
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def show_value(value: object) -> str:
    """Return a value as a user would write it, cut to a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return "a list of tables"
    text = _quoted(value) if isinstance(value, str) else "a table" if isinstance(value, dict) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _quoted(text: str) -> str:
    """Return text in quotes, in one line whatever is in it."""
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text) + '"'


def _data_path(loc: tuple[int | str, ...], data: Any, model: Any) -> KeyPath:
    """Return pydantic's location without the tags of unions, which no user wrote, and with the key the user wrote.

    A tag may be called like a key beside it (``kind = "ramp"`` and ``ramp_k_h = 4``): the model says which is meant.
    """
    path: list[str | int] = []
    at: Any = data
    for number, part in enumerate(loc):
        tagged = _tagged(model)
        if part in tagged:
            model = tagged[part]
            continue
        model = _below(model, part, at)
        if isinstance(at, Mapping):
            if part not in at and isinstance(part, str) and plain_key(part) in at:
                part = plain_key(part)
            if part in at:
                path.append(part)
                at = at[part]
            elif number == len(loc) - 1:
                path.append(part)
        elif isinstance(at, (list, tuple)) and isinstance(part, int) and part < len(at):
            path.append(part)
            at = at[part]
    return tuple(path)


def _known_keys(model: Any, path: KeyPath, data: Any) -> list[str]:
    """Return the keys that the model at a path of the data accepts: its fields, then the plain keys of quantities."""
    model = _model_of(*_follow(model, path, data))
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [*model.model_fields, *(model._plain if issubclass(model, UnitKeys) else ())]


def _kinds_with(model: Any, path: KeyPath, data: Any) -> list[str]:
    """Return which other kinds of the table that a path's key stands in have such a key."""
    table, _ = _follow(model, path[:-1], data)
    return [str(kind) for kind, choice in _tagged(table).items() if path[-1] in choice.model_fields]


def _follow(model: Any, path: KeyPath, data: Any) -> tuple[Any, Any]:
    """Return the annotation and the data of what stands at a path."""
    for part in path:
        model = _below(model, part, data)
        data = data[part] if isinstance(data, Mapping) or isinstance(part, int) else None
    return model, data


def _below(annotation: Any, part: str | int, data: Any) -> Any:
    """Return the annotation of what stands under a key or row of a table, list or model; None when unknown."""
    model = _model_of(annotation, data)
    if isinstance(model, type) and issubclass(model, BaseModel):
        name = str(part) if str(part) in model.model_fields else getattr(model, "_plain", {}).get(part, part)
        return model.model_fields[name].annotation if name in model.model_fields else None
    arguments = [a for a in get_args(model) if a is not Ellipsis]
    return arguments[-1] if arguments else None


def _tagged(annotation: Any) -> dict[str | int, type[BaseModel]]:
    """Return the models of a union that are told apart by ``kind``, by kind; empty where there is but one model."""
    if get_origin(annotation) is Annotated:
        return _tagged(get_args(annotation)[0])
    if not _is_union(annotation):
        return {}
    found: dict[str | int, type[BaseModel]] = {}
    choices = [choice for choice in get_args(annotation) if choice is not type(None)]
    for choice in choices:
        if get_origin(choice) is Annotated:
            choice = get_args(choice)[0]
        if _is_union(choice):
            found |= _tagged(choice)
        elif len(choices) > 1 and isinstance(choice, type) and issubclass(choice, BaseModel):
            kind = choice.model_fields.get("kind")
            found |= dict.fromkeys(get_args(kind.annotation) if kind else (), choice)
    return found


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _model_of(annotation: Any, data: Any) -> Any:
    """Return the model, tuple or table behind Annotated, optionals and unions told apart by ``kind``."""
    if get_origin(annotation) is Annotated:
        return _model_of(get_args(annotation)[0], data)
    if _is_union(annotation):
        choices = [_model_of(choice, data) for choice in get_args(annotation) if choice is not type(None)]
        kind = data.get("kind") if isinstance(data, Mapping) else None
        for choice in choices:
            fields = choice.model_fields if isinstance(choice, type) and issubclass(choice, BaseModel) else {}
            if "kind" in fields and kind in get_args(fields["kind"].annotation):
                return choice
        return choices[0] if len(choices) == 1 else None
    return annotation


_WISHES = {
    "missing": "this key",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "date_type": "a date, e.g. 2025-11-15 (no quotes)",
    "datetime_type": "a local date and time, e.g. 2025-11-15T08:00:00 (no quotes)",
    "timezone_naive": "a local date and time, e.g. 2025-11-15T08:00:00 (no quotes)",
    "time_type": "a time of day, e.g. 08:00:00 (no quotes)",
    "tuple_type": "a list [ … ]",
    "list_type": "a list [ … ]",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "text in one line that is not empty",
    "literal_error": "{expected}",
    "union_tag_not_found": 'a "kind"',
}


def _wish(fault: ErrorDetails, key: str, known: list[str]) -> tuple[str, str]:
    """Return (what was wanted, hint) of one pydantic error."""
    kind, context, message, value = fault["type"], fault.get("ctx", {}), fault["msg"], fault.get("input")
    if kind == "extra_forbidden":
        return _list_of_keys(known), did_you_mean(key, known)
    if kind == "missing":
        plain = plain_key(key)
        return f'"{key}"' + (f' (or "{plain}", text with a unit)' if plain in known and plain != key else ""), "missing"
    if kind == "union_tag_invalid":
        tags = re.findall(r"'([^']+)'", str(context.get("expected_tags", "")))
        return f"one of: {', '.join(tags)}", did_you_mean(str(context.get("tag", "")), tags)
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        return expected.replace("'", '"'), did_you_mean(str(value), re.findall(r"'([^']*)'", expected))
    template = _WISHES.get(kind)
    if template is None:
        return message.removeprefix("Value error, "), ""
    try:
        return template.format(**context), ""
    except (KeyError, ValueError, TypeError):  # a bound that is no number, e.g. a date
        return message[:1].lower() + message[1:], ""


def _list_of_keys(known: list[str]) -> str:
    if not known:
        return "a known key"
    shown = ", ".join(known[:12])
    return f"one of: {shown}" + (", …" if len(known) > 12 else "")
