"""Changed numbers of the guide: from a scenario's ``[guide]`` table or from a file of its own.

Both are written alike: a table per clause, its numbers by name, ``weight`` among them::

    ["2.3"]
    temperature_c = 20

    ["2.7.3"]
    limit = "30 min"       # or limit_h = 0.5
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...network_models.documents import read_toml
from ...network_models.problems import GuideError, InputError, Problem, did_you_mean
from ...network_models.units import UnitError, parse, plain_key
from .clause import Clause, Guide, Override
from .parts import Number

__all__ = ["overlaid", "read_overlay"]

_DIMENSION = {"h": ("duration", 3600.0), "d": ("duration", 86400.0), "min": ("duration", 60.0),
              "degC": ("temperature", 1.0), "share": ("share", 1.0)}  # fmt: skip


def read_overlay(path: Path | str) -> dict[str, Any]:
    """Return the tables of a guide overlay file.

    Raises
    ------
    GuideError
        When the file cannot be read as TOML.
    """
    try:
        return dict(read_toml(path).data)
    except InputError as error:
        raise GuideError(error.problems) from error


def overlaid(guide: Guide, tables: Mapping[str, Any], origin: str = "scenario", file: str = "") -> Guide:
    """Return the guide with some of its numbers changed.

    Parameters
    ----------
    guide : Guide
    tables : mapping
        Clause id -> number -> value. Ids may be written as nested tables (``2.7.3`` as ``{"2": {"7": {"3": …}}}``),
        which is what ``--set guide.2.7.3.limit_h=0.5`` makes of them.
    origin : str
        Where the change comes from, for the report.
    file : str
        The file, for the messages.

    Raises
    ------
    GuideError
        With everything that is wrong: an unknown clause or number, a value that is none.
    """
    problems: list[Problem] = []
    changes: dict[str, dict[str, Any]] = {}
    known = [clause.id for clause in guide.clauses]
    for path, table in _flat(tables, known):
        if path not in known:
            hint = did_you_mean(path, known) or "clauses are numbered as in the guide, e.g. 2.6.4c"
            problems.append(Problem(f"guide.{path}", "", "a clause of the guide", hint, file))
        elif not isinstance(table, Mapping):
            problems.append(Problem(f"guide.{path}", repr(table), "a table of numbers", f"limit_h = {table!r}", file))
        else:
            changes.setdefault(path, {}).update(table)
    clauses, overrides = list(guide.clauses), list(guide.overrides)
    for place, clause in enumerate(clauses):
        if clause.id not in changes:
            continue
        numbers, weight = dict(clause.numbers), clause.weight
        for key, given in changes[clause.id].items():
            name, value = _value(clause, key, given, problems, file)
            if value is None:
                continue
            default = weight if name == "weight" else numbers[name].value
            unit = "" if name == "weight" else numbers[name].unit
            overrides.append(
                Override(clause=clause.id, name=name, default=default, value=value, unit=unit, origin=origin)
            )
            if name == "weight":
                weight = value
            else:
                numbers[name] = _moved(numbers[name], value)
        clauses[place] = clause.model_copy(update={"numbers": numbers, "weight": weight})
    if problems:
        raise GuideError(problems)
    return guide.model_copy(update={"clauses": tuple(clauses), "overrides": tuple(overrides)})


def _flat(tables: Mapping[str, Any], known: list[str], prefix: str = "") -> list[tuple[str, Any]]:
    """Return (clause id, table) pairs, joining nested tables while they only spell out an id."""
    found: list[tuple[str, Any]] = []
    for key, value in tables.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        spells = any(clause.startswith(f"{path}.") for clause in known)
        if isinstance(value, Mapping) and path not in known and spells:
            found += _flat(value, known, path)
        else:
            found.append((path, value))
    return found


def _value(clause: Clause, key: str, given: Any, problems: list[Problem], file: str) -> tuple[str, float | None]:
    """Return the number's name and its new value, or note what is wrong."""
    path = f"guide.{clause.id}.{key}"
    plain = {plain_key(name): name for name in clause.numbers if plain_key(name) != name}
    name = plain.get(key, key)
    if name != "weight" and name not in clause.numbers:
        names = [*clause.numbers, *plain, "weight"]
        has = ", ".join([*clause.numbers, "weight"])
        problems.append(Problem(path, "", f"a number of this clause: {has}", did_you_mean(key, names), file))
        return name, None
    unit = "" if name == "weight" else clause.numbers[name].unit
    if isinstance(given, str) and unit in _DIMENSION and key in plain:
        dimension, size = _DIMENSION[unit]
        try:
            return name, parse(given, dimension) / size
        except UnitError as error:
            problems.append(Problem(path, repr(given), error.wanted, error.hint, file))
            return name, None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
        hint = (
            f'text with a unit goes under "{plain_key(name)}"'
            if isinstance(given, str) and name in plain.values()
            else ""
        )
        problems.append(Problem(path, repr(given), f"a number [{unit or '-'}]", hint, file))
        return name, None
    if (unit != "degC" and given < 0) or (unit == "share" and given > 1):
        wanted = "a share between 0 and 1" if unit == "share" else "a number that is not negative"
        problems.append(Problem(path, repr(given), wanted, "", file))
        return name, None
    return name, float(given)


def _moved(number: Number, value: float) -> Number:
    """Return the number with another value, its range widened to hold it."""
    low = None if number.low is None else min(number.low, value)
    high = None if number.high is None else max(number.high, value)
    return number.model_copy(update={"value": value, "low": low, "high": high})
