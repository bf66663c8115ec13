"""Scenario files laid over one another: what extends what, what wins, and where each value was written.

Tables merge key by key, arrays replace, ``unset = ["a.b"]`` takes inherited keys away, changes from the command line
come last. Where a change names another ``kind``, what both kinds share stays, the rest of the old table falls away.
Name and titles are not inherited: a file that gives no name has its own.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import get_annotations
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from ..network_models.documents import KeyPath, Place, read_toml, show_path
from ..network_models.problems import InputError, Problem, ScenarioError, did_you_mean
from ..network_models.units import plain_key

__all__ = ["Change", "KeyPath", "Merged", "merge_change", "name_kinds", "read_changes", "read_merged", "without"]

_OWN_KEYS = ("extends", "unset")
_PART = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>[^.\[\]"]+)|\[(?P<row>\d+)\]')


@dataclass(slots=True)
class Merged:
    """Data of several files as one, and where each key was written last."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)


class Change(NamedTuple):
    """One change from the command line."""

    path: KeyPath
    value: Any
    place: Place


def read_merged(name: str, library: Path, version: int, model: type[BaseModel]) -> tuple[Merged, list[Problem]]:
    """Return a scenario file with everything it extends, and the problems of putting them together.

    Parameters
    ----------
    name
        A path, or the name of a file in `library`.
    library
        Folder of ready scenarios.
    version
        The format's version, which every file must name.
    model
        The root model, to know which kinds a table can be of.
    """
    merged, problems = Merged(), list[Problem]()
    file = _find(name, Path(), library)
    if file is None:
        known = sorted(path.stem for path in library.glob("*.toml"))
        inside = Path(name) / "scenario.toml"  # the folder that init wrote, say
        hint = f'did you mean "{inside.as_posix()}"?' if inside.is_file() else did_you_mean(name, known)
        hint = hint or "the library has " + ", ".join(known)
        found = f'a folder "{name}"' if Path(name).is_dir() else f'"{name}"'
        raise ScenarioError([Problem("", found, "a scenario file, or the name of a library scenario", hint)])
    _lay(file, library, version, model, merged, (), problems)
    if any(problem.path == "extends" for problem in problems):
        merged.data.setdefault("name", file.stem)  # it may stand in what could not be read: that is the one fault
    return merged, problems


def read_changes(texts: Sequence[str]) -> list[Change]:
    """Return changes such as ``a.b=3``, ``name=town``, ``list[0].at=2027-01-05T06:00:00``.

    Raises
    ------
    ScenarioError
        When a text is no change; all of them at once.
    """
    changes: list[Change] = []
    problems: list[Problem] = []
    for text in texts:
        key, equals, value = text.partition("=")
        path = _key_path(key.strip())
        if not equals or path is None:
            problems.append(Problem("", f'"{text}"', "a change such as policies.reserve.days=10", "", "--set"))
            continue
        changes.append(Change(path, _toml_value(value.strip()), Place(f"--set {text}")))
    if problems:
        raise ScenarioError(problems)
    return changes


def merge_change(merged: Merged, change: Change, model: type[BaseModel]) -> list[Problem]:
    """Set one value in merged data; tables on the way are made, elements of lists must be there to be changed.

    Returns
    -------
    list of Problem
        Empty, or why there is no such place.
    """
    at: Any = merged.data
    path = change.path
    for number, part in enumerate(path[:-1]):
        if isinstance(at, dict) and isinstance(part, str):
            if isinstance(at.get(part), tuple):
                at[part] = list(at[part])
            if not isinstance(at.get(part), (dict, list)):
                at[part] = [] if isinstance(path[number + 1], int) else {}
        elif not (isinstance(at, list) and isinstance(part, int) and part < len(at)):
            return [_no_place(change, path[: number + 1], at)]
        at = at[part]
        merged.places.setdefault(path[: number + 1], change.place)
    last = path[-1]
    if isinstance(at, dict) and isinstance(last, str):
        _merge(at, {last: change.value}, path[:-1], {path: change.place}, merged.places, model)
    elif isinstance(at, list) and isinstance(last, int) and last < len(at):
        at[last] = change.value
        merged.places[path] = change.place
    else:
        return [_no_place(change, path, at)]
    return []


def name_kinds(data: Any, annotation: Any) -> Any:
    """Return a copy of the data in which tables of several kinds name theirs, the default's where none is given."""
    model = _model_at(annotation, data)
    if isinstance(data, dict) and model is not None:
        result = dict(data)
        for key, value in data.items():
            name = _field_of(model, key)
            if name is None:
                continue
            info = model.model_fields[name]
            if isinstance(value, dict) and "kind" not in value and _choices(info.annotation):
                default = info.get_default(call_default_factory=True)
                if isinstance(default, BaseModel) and "kind" in type(default).model_fields:
                    value = {"kind": default.kind, **value}  # type: ignore[attr-defined]
            result[key] = name_kinds(value, info.annotation)
        return result
    if isinstance(data, (list, tuple)):
        arguments = [a for a in get_args(annotation) if a is not Ellipsis]
        return [name_kinds(item, arguments[0]) if arguments else item for item in data]
    return data


def without(data: dict[str, Any], paths: Sequence[KeyPath]) -> tuple[dict[str, Any], list[KeyPath]]:
    """Return data without what stands at some paths, and the elements of lists for which sound ones stand in.

    A path leads to a key to be left out; where it leads to an element of a list, or to what is not there in one, the
    element is wrong as a whole.
    """
    result = copy.deepcopy(data)
    wrong_rows: dict[KeyPath, set[int]] = {}
    for path in paths:
        row = next((number for number, part in enumerate(path) if isinstance(part, int)), None)
        if row is not None and _table_round(result, path).pop(str(path[-1]), None) is not None:
            continue
        if row is not None:
            wrong_rows.setdefault(path[:row], set()).add(int(path[row]))
        else:
            while path and _table_round(result, path).pop(str(path[-1]), None) is None:
                path = path[:-1]  # not there to be left out: what stands round it is wrong, its default say
    for path, rows in wrong_rows.items():
        table = _table_round(result, path)
        listed = list(table.get(str(path[-1]), ()))
        sound = next((element for row, element in enumerate(listed) if row not in rows), None)
        if sound is None:
            table.pop(str(path[-1]), None)
        else:
            table[str(path[-1])] = [sound if row in rows else element for row, element in enumerate(listed)]
    return result, [(*path, row) for path, rows in wrong_rows.items() for row in sorted(rows)]


def _table_round(data: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return the table in which a path's last key stands; an empty one where there is none."""
    at: Any = data
    for part in path[:-1]:
        if isinstance(at, list) and isinstance(part, int) and part < len(at):
            at = at[part]
        else:
            at = at.get(part) if isinstance(at, dict) else None
    return at if isinstance(at, dict) else {}


def _no_place(change: Change, path: KeyPath, at: Any) -> Problem:
    wanted = f"a row from 0 to {len(at) - 1}" if isinstance(at, list) and at else "a key of a table"
    return _at(show_path(path), show_path(change.path), wanted, "the list is empty" if at == [] else "", change.place)


def _find(name: str, folder: Path, library: Path) -> Path | None:
    """Return the file that a name stands for: a path relative to the folder, or a library scenario."""
    path = folder / name
    if path.is_file():
        return path
    ready = library / f"{name}.toml"
    return ready if ready.is_file() and re.fullmatch(r"[\w-]+", name) else None


def _lay(
    file: Path,
    library: Path,
    version: int,
    model: type[BaseModel],
    merged: Merged,
    chain: tuple[Path, ...],
    problems: list[Problem],
) -> None:
    """Lay a file, after all that it extends, over merged data."""
    try:
        document = read_toml(file)
    except InputError as error:
        problems.extend(error.problems)
        return
    data = dict(document.data)
    _check_version(data, version, document.places.get(("schema_version",), Place(str(file), 1, 1)), problems)
    extends = data.pop("extends", [])
    where = document.places.get(("extends",), Place(str(file)))
    names = [extends] if isinstance(extends, str) else extends
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        problems.append(_at("extends", str(extends), "a scenario's name or path, or a list of them", "", where))
        names = []
    here = file.resolve()
    for name in names:
        base = _find(name, file.parent, library)
        if base is not None and base.resolve() == here and name == file.stem and (library / f"{name}.toml").is_file():
            base = library / f"{name}.toml"  # a file may extend the library scenario of its own name
        if base is None:
            known = sorted(path.stem for path in library.glob("*.toml"))
            problems.append(
                _at(
                    "extends",
                    f'"{name}"',
                    "a file beside this one, or a library scenario",
                    did_you_mean(name, known),
                    where,
                )
            )
        elif base.resolve() in (*chain, here):
            loop = (*chain, here, base.resolve())
            circle = " -> ".join(path.name for path in loop[loop.index(base.resolve()) :])
            problems.append(
                _at("extends", f'"{name}"', "scenarios that do not extend one another in a circle", circle, where)
            )
        else:
            _lay(base, library, version, model, merged, (*chain, here), problems)
    if names:
        for title in ("title_zh", "title_en"):
            _forget(merged.data, title, (), merged.places)
        data.setdefault("name", file.stem)
    _unset(data.pop("unset", []), merged, document.places, str(file), problems)
    _anchor(data, file.parent)
    places = {path: place for path, place in document.places.items() if path[0] not in _OWN_KEYS}
    _merge(merged.data, data, (), places, merged.places, model)


def _check_version(data: dict[str, Any], version: int, place: Place, problems: list[Problem]) -> None:
    given = data.get("schema_version")
    if given is None:
        problems.append(_at("schema_version", "", f"schema_version = {version}", "missing", place))
        data["schema_version"] = version
    elif given != version:
        newer = isinstance(given, int) and given > version
        hint = "the file is of a newer heatseason" if newer else ""
        problems.append(_at("schema_version", str(given), str(version), hint, place))
        data["schema_version"] = version


def _unset(keys: Any, merged: Merged, places: dict[KeyPath, Place], file: str, problems: list[Problem]) -> None:
    """Take inherited keys away."""
    where = places.get(("unset",), Place(file))
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        problems.append(_at("unset", str(keys), 'a list of paths, e.g. ["policies.reserve"]', "", where))
        return
    for number, key in enumerate(keys):
        path = _key_path(key) or (key,)
        at: Any = merged.data
        for part in path[:-1]:
            at = at.get(part) if isinstance(at, dict) else None
        if isinstance(at, dict) and path[-1] in at:
            del at[path[-1]]
            for old in [p for p in merged.places if p[: len(path)] == path]:
                del merged.places[old]
        else:
            known = [show_path(p) for p in merged.places]
            place = places.get(("unset", number), where)
            problems.append(
                _at("unset", f'"{key}"', "a key that the extended scenario sets", did_you_mean(key, known), place)
            )


def _anchor(data: dict[str, Any], folder: Path) -> None:
    """Make paths of files absolute, so that they mean the same wherever they are inherited."""
    weather = data.get("weather")
    if isinstance(weather, dict) and isinstance(weather.get("file"), str):
        data["weather"] = {**weather, "file": str((folder / weather["file"]).resolve())}
    network = data.get("network")
    if isinstance(network, str) and network and (folder / network).exists():
        data["network"] = str((folder / network).resolve())


def _merge(
    base: dict[str, Any],
    over: dict[str, Any],
    path: KeyPath,
    places: dict[KeyPath, Place],
    known: dict[KeyPath, Place],
    model: type[BaseModel],
) -> None:
    """Lay `over` over `base`, in place: tables key by key, everything else replaces."""
    if path and "kind" in over and over["kind"] != base.get("kind", over["kind"] if not base else None):
        keep = _shared_keys(path, base, over["kind"], model)
        for key in [key for key in base if key not in keep]:
            _forget(base, key, path, known)
    for key, value in over.items():
        here = (*path, key)
        for other in [k for k in base if k != key and (plain_key(k) == key or plain_key(key) == k)]:
            _forget(base, other, path, known)  # the same quantity in the other spelling
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value, here, places, known, model)
        else:
            _forget(base, key, path, known)
            base[key] = copy.deepcopy(value)
        for place_path, place in places.items():
            if place_path[: len(here)] == here:
                known[place_path] = place


def _forget(base: dict[str, Any], key: str, path: KeyPath, known: dict[KeyPath, Place]) -> None:
    """Drop a key and where it was written."""
    base.pop(key, None)
    here = (*path, key)
    for old in [place for place in known if place[: len(here)] == here]:
        del known[old]


def _shared_keys(path: KeyPath, base: dict[str, Any], kind: Any, model: type[BaseModel]) -> set[str]:
    """Return the keys of a table that live on when its kind changes: what both kinds inherit and neither redefines."""
    annotation: Any = model
    default: Any = None
    for part in path:
        parent = _model_at(annotation, {})
        if parent is None or not isinstance(part, str) or part not in parent.model_fields:
            return set()
        info = parent.model_fields[part]
        annotation, default = info.annotation, info.get_default(call_default_factory=True)
    choices = {_kind_of(choice): choice for choice in _choices(annotation)}
    old = choices.get(str(base.get("kind", "")), type(default) if isinstance(default, BaseModel) else None)
    new = choices.get(str(kind))
    if old is None or new is None:
        return set()
    common = next((c for c in old.__mro__ if c in new.__mro__ and issubclass(c, BaseModel)), None)
    if common is None:
        return set()
    redefined = set(get_annotations(new))
    fields = {name for name in common.model_fields if name not in redefined}
    return {key for key in base if key in fields or any(plain_key(name) == key for name in fields)}


def _model_at(annotation: Any, data: Any) -> type[BaseModel] | None:
    """Return the model that a table of the data is of."""
    choices = _choices(annotation)
    kind = data.get("kind") if isinstance(data, dict) else None
    for choice in choices:
        if _kind_of(choice) == kind or (kind is not None and kind in _kinds_of(choice)):
            return choice
    if len(choices) > 1:
        return None
    models = [a for a in _flat(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
    return models[0] if len(models) == 1 else None


def _choices(annotation: Any) -> list[type[BaseModel]]:
    """Return the models of an annotation that are told apart by ``kind``."""
    return [
        a for a in _flat(annotation) if isinstance(a, type) and issubclass(a, BaseModel) and "kind" in a.model_fields
    ]


def _flat(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _flat(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [flat for choice in get_args(annotation) for flat in _flat(choice)]
    return [annotation]


def _kinds_of(model: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(model.model_fields["kind"].annotation)


def _kind_of(model: type[BaseModel]) -> str:
    return str(_kinds_of(model)[0]) if _kinds_of(model) else ""


def _field_of(model: type[BaseModel], key: str) -> str | None:
    return key if key in model.model_fields else None


def _key_path(text: str) -> KeyPath | None:
    """Return the parts of ``a.b[0]."c.d"``; None where it is no path."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        if match["row"] is not None:
            parts.append(int(match["row"]))
        else:
            parts.append(match["quoted"] if match["quoted"] is not None else match["bare"].strip())
        at = match.end()
        if at < len(text) and text[at] == ".":
            at += 1
            if at == len(text):
                return None
    return tuple(parts) or None


def _toml_value(text: str) -> Any:
    """Return a TOML value, or the text itself where it is none (``network=town``)."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def _at(path: str, found: str, wanted: str, hint: str, place: Place) -> Problem:
    return Problem(path, found, wanted, hint, place.file, place.line, place.column)
