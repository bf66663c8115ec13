"""Changed numbers of the guide: from a scenario's ``[guide]`` table or from a file of its own.

Both are written alike: a table per clause, its numbers by name, ``weight`` among them::

    ["2.3"]
    temperature_c = 20

    ["2.7.3"]
    limit = "30 min"       # or limit_h = 0.5

A file may put them under ``guide`` as a scenario does: ``[guide."2.3"]``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.documents import Document, KeyPath, at_place, read_toml, show_path, show_value, within_floats
from ...network_models.problems import GuideError, InputError, Problem, did_you_mean
from ...network_models.units import UnitError, parse, plain_key
from .clause import Clause, Guide, Override, default_guide
from .parts import Number

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["guide_faults", "overlaid", "read_overlay"]

_DIMENSION = {"h": ("duration", 3600.0), "d": ("duration", 86400.0), "min": ("duration", 60.0),
              "degC": ("temperature", 1.0), "share": ("share", 1.0)}  # fmt: skip

_WHOLE = ("count", "month")
_MOST = {"h": 5 * 8766.0, "d": 5 * 365.25, "min": 5 * 525960.0, "month": 60.0, "degC": 100.0, "count": 10000.0,
         "share": 1.0, "": 1.0e6}  # fmt: skip
"""The largest values accepted: durations of five years, what a record of a season can tell of."""


def read_overlay(path: Path | str) -> Document:
    """Return the tables of a guide overlay file, and where they are written; a table ``guide`` is seen through.

    Raises
    ------
    GuideError
        When the file cannot be read as TOML.
    """
    try:
        document = read_toml(path)
    except InputError as error:
        raise GuideError(error.problems) from error
    inner = document.data.get("guide")
    if not isinstance(inner, dict):
        return document
    data = {**{key: value for key, value in document.data.items() if key != "guide"}, **inner}
    places = {key[1:] if key[:1] == ("guide",) else key: place for key, place in document.places.items()}
    return Document(document.file, data, places)


def guide_faults(scenario: Scenario) -> list[Problem]:
    """Return what is wrong with the guide numbers that a scenario changes, each at its place in the scenario's file."""
    try:
        overlaid(default_guide(), scenario.guide)
    except GuideError as error:
        return [scenario.problem(problem.path, problem) for problem in error.problems]
    return []


def overlaid(guide: Guide, tables: Mapping[str, Any], origin: str = "scenario", written: Document | str = "") -> Guide:
    """Return the guide with some of its numbers changed.

    Parameters
    ----------
    guide : Guide
    tables : mapping
        Clause id -> number -> value. Ids may be written as nested tables (``2.7.3`` as ``{"2": {"7": {"3": …}}}``),
        which is what ``--set guide.2.7.3.limit_h=0.5`` makes of them.
    origin : str
        Where the change comes from, for the report.
    written : Document or str
        The document that holds the tables, or the name of what does, for the messages.

    Raises
    ------
    GuideError
        With everything that is wrong: an unknown clause or number, a value that is none.
    """
    notes = _Notes(written if isinstance(written, Document) else Document(written, {}))
    changes: dict[str, list[tuple[KeyPath, Any]]] = {}
    known = [clause.id for clause in guide.clauses]
    for keys, table in _flat(tables, known):
        clause_id = ".".join(map(str, keys))
        if clause_id not in known:
            hint = did_you_mean(clause_id, known) or "clauses are numbered as in the guide, e.g. 2.6.4c"
            notes.wrong(keys, f'"{clause_id}"', "a clause of the guide", hint)
        elif not isinstance(table, Mapping):
            notes.wrong(keys, show_value(table), "a table of numbers", f"limit_h = {show_value(table)}")
        else:
            changes.setdefault(clause_id, []).extend(((*keys, key), value) for key, value in table.items())
    clauses, overrides = list(guide.clauses), list(guide.overrides)
    for place, clause in enumerate(clauses):
        if clause.id not in changes:
            continue
        numbers, weight = dict(clause.numbers), clause.weight
        changed: dict[str, KeyPath] = {}
        for keys, given in changes[clause.id]:
            name, value = _value(clause, keys, given, notes)
            if name in changed:
                hint = "one number, whatever unit it is written in: keep one of the two"
                notes.wrong(
                    keys, show_value(given), f"{name} given once; {show_path(changed[name])} gives it too", hint
                )
                continue
            changed[name] = keys
            if value is None:
                continue
            before = [override for override in overrides if (override.clause, override.name) == (clause.id, name)]
            default = before[0].default if before else weight if name == "weight" else numbers[name].value
            unit = "" if name == "weight" else numbers[name].unit
            overrides.append(
                Override(clause=clause.id, name=name, default=default, value=value, unit=unit, origin=origin)
            )
            if name == "weight":
                weight = value
            else:
                numbers[name] = _moved(numbers[name], value)
        clauses[place] = clause.model_copy(update={"numbers": numbers, "weight": weight})
    if notes.problems:
        raise GuideError(notes.problems)
    return guide.model_copy(update={"clauses": tuple(clauses), "overrides": tuple(overrides)})


class _Notes:
    """What is wrong with the tables, each with its place in their document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def wrong(self, keys: KeyPath, found: str, wanted: str, hint: str = "") -> None:
        """Note a problem at a key of the tables."""
        placed = at_place(self.document, keys, Problem("", found, wanted, hint))
        self.problems.append(replace(placed, path=show_path(("guide", *keys))))


def _flat(tables: Mapping[str, Any], known: list[str], above: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """Return (keys of a clause id, table) pairs, joining nested tables while they only spell out an id."""
    found: list[tuple[KeyPath, Any]] = []
    for key, value in tables.items():
        keys = (*above, str(key))
        clause_id = ".".join(map(str, keys))
        spells = any(clause.startswith(f"{clause_id}.") for clause in known)
        if isinstance(value, Mapping) and clause_id not in known and spells:
            found += _flat(value, known, keys)
        else:
            found.append((keys, value))
    return found


def _value(clause: Clause, keys: KeyPath, given: Any, notes: _Notes) -> tuple[str, float | None]:
    """Return the number's name and its new value, or note what is wrong."""
    key = str(keys[-1])
    plain = {plain_key(name): name for name in clause.numbers if plain_key(name) != name}
    name = plain.get(key, key)
    if name != "weight" and name not in clause.numbers:
        names = [*clause.numbers, *plain, "weight"]
        has = ", ".join([*clause.numbers, "weight"])
        notes.wrong(keys, f'unknown key "{key}"', f"a number of this clause: {has}", did_you_mean(key, names))
        return name, None
    unit = "" if name == "weight" else clause.numbers[name].unit
    if isinstance(given, str) and unit in _DIMENSION and key in plain:
        dimension, size = _DIMENSION[unit]
        try:
            return name, _bounded(parse(given, dimension) / size, unit, keys, given, notes)
        except UnitError as error:
            notes.wrong(keys, show_value(given), error.wanted, error.hint)
            return name, None
    given = within_floats(given)
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
        hint = (
            f'text with a unit goes under "{plain_key(name)}"'
            if isinstance(given, str) and name in plain.values()
            else ""
        )
        notes.wrong(keys, show_value(given), f"a number [{unit or '-'}]", hint)
        return name, None
    if (unit != "degC" and given < 0) or (unit == "share" and given > 1):
        wanted = "a share between 0 and 1" if unit == "share" else "a number that is not negative"
        notes.wrong(keys, show_value(given), wanted)
        return name, None
    return name, _bounded(float(given), unit, keys, given, notes)


def _bounded(value: float, unit: str, keys: KeyPath, given: Any, notes: _Notes) -> float | None:
    """Return a number that a season can be judged by, or note what is wrong with it."""
    if unit in _WHOLE and value != round(value):
        notes.wrong(keys, show_value(given), f"a whole number [{unit}]", f"{math.floor(value)} or {math.ceil(value)}")
        return None
    if abs(value) > _MOST.get(unit, _MOST[""]):
        notes.wrong(keys, show_value(given), f"at most {_MOST.get(unit, _MOST['']):,g} {unit}".rstrip())
        return None
    return value


def _moved(number: Number, value: float) -> Number:
    """Return the number with another value, its range widened to hold it."""
    low = None if number.low is None else min(number.low, value)
    high = None if number.high is None else max(number.high, value)
    return number.model_copy(update={"value": value, "low": low, "high": high})
