"""Does a network hang together? Ids, references, pieces: everything wrong at once.

The checks read plain data (a TOML document, even one with other faults) and a validated Network alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .arrays import FACADES
from .positions import KeyPath
from .problems import Problem, did_you_mean

__all__ = ["cross_problems", "unfed"]

Found = list[tuple[KeyPath, Problem]]

# table -> the columns that name a row of another table
_REFERENCES: dict[str, dict[str, str]] = {
    "sources": {"node": "nodes"},
    "pipes": {"from_node": "nodes", "to_node": "nodes", "type": "pipe_types"},
    "substations": {"node": "nodes"},
    "cohorts": {"substation": "substations", "type": "dwelling_types"},
}
_COLDEST_RETURN_C, _MOST_EFFICIENT = 20.0, 1.1  # latent heat of natural gas: 11 % of the lower heating value
_LEAST_LIFT_K = 10.0
_SUM_WITHIN = 1e-6  # shares that are written with six digits sum to 1 well enough
_TABLES = ("sources", "pipe_types", "dwelling_types", "nodes", "pipes", "substations", "cohorts")


def unfed(piece: Sequence[str], pipe: str = "pipe") -> Problem:
    """Return what is wrong with nodes, by name, to which no such pipe leads from a source; it has no place yet."""
    shown = ", ".join(f'"{name}"' for name in piece[:5]) + (" …" if len(piece) > 5 else "")
    found = f"a piece of {len(piece)} node{'s' * (len(piece) > 1)} without a source: {shown}"
    wanted, hint = f"a {pipe} from some source to every node", "join this piece with a pipe, or give it a source"
    return Problem("", found, wanted, hint)


def cross_problems(network: Any) -> Found:
    """Return every fault that more than one row is part of, with its key path.

    Parameters
    ----------
    network : Network or mapping
        A network, or the plain data of one; rows and values of the wrong kind are passed over (the fields' own
        validators name them).
    """
    found: Found = []
    ids = {table: _ids(network, table, found) for table in _TABLES}
    for table, columns in _REFERENCES.items():
        for row, item in _rows(network, table):
            for column, target in columns.items():
                _refer((table, row, column), _text(item, column), ids[target], target, found)
    _check_sources(network, found)
    _check_pipes(network, found)
    _check_substations(network, ids["substations"], found)
    if isinstance(_get(network, "sources"), (list, tuple)) and not _get(network, "sources"):
        found.append((("sources",), Problem("", "none", "at least one heat source")))
    _check_pieces(network, ids["nodes"], found)
    return found


def _get(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)


def _text(item: Any, key: str) -> str | None:
    value = _get(item, key)
    return value if isinstance(value, str) else None


def _number(item: Any, key: str) -> float | None:
    value = _get(item, key)
    return float(value) if isinstance(value, (int, float)) else None


def _rows(network: Any, table: str) -> Iterator[tuple[int, Any]]:
    rows = _get(network, table)
    if isinstance(rows, (list, tuple)):
        yield from enumerate(rows)


def _ids(network: Any, table: str, found: Found) -> dict[str, int]:
    """Return id -> row, and note ids that stand twice."""
    ids: dict[str, int] = {}
    for row, item in _rows(network, table):
        name = _text(item, "id")
        if name is None:
            continue
        if name in ids:
            wanted = f"an id of its own (row {ids[name] + 1} of {table} has it)"
            found.append(((table, row, "id"), Problem("", f'"{name}" twice', wanted)))
        else:
            ids[name] = row
    return ids


def _refer(path: KeyPath, name: str | None, known: Mapping[str, int], target: str, found: Found) -> None:
    if name is not None and name not in known:
        what = target.replace("_", " ").removesuffix("s")
        found.append((path, Problem("", f'"{name}"', f"the id of a {what}", did_you_mean(name, list(known)))))


def _check_sources(network: Any, found: Found) -> None:
    """Units and stores: ids once in the whole network, a unit's store in its own plant, a stock within its yard."""
    seen: dict[str, dict[str, int]] = {"units": {}, "stores": {}}
    for row, source in _rows(network, "sources"):
        stores: dict[str, int] = {}
        for part in ("stores", "units"):
            for number, item in _rows(source, part):
                name = _text(item, "id")
                if name is not None and name in seen[part]:
                    path: KeyPath = ("sources", row, part, number, "id")
                    found.append((path, Problem("", f'"{name}" twice', "an id of its own in the whole network")))
                if name is not None:
                    seen[part][name] = number
                    stores.update({name: number} if part == "stores" else {})
        for number, unit in _rows(source, "units"):
            first, second = _text(unit, "store"), _text(unit, "second_store")
            _refer(("sources", row, "units", number, "store"), first, stores, "stores", found)
            _refer(("sources", row, "units", number, "second_store"), second, stores, "stores", found)
            if second is not None and second == first:
                path = ("sources", row, "units", number, "second_store")
                found.append((path, Problem("", f'"{second}"', "another store than the first")))
            _check_unit(("sources", row, "units", number), unit, found)
        tank = _get(source, "tank")
        hot, cold = _number(tank, "hot_c"), _number(tank, "cold_c")
        if hot is not None and cold is not None and hot <= cold:
            found.append((("sources", row, "tank", "hot_c"), Problem("", f"{hot:g}", f"more than cold_c = {cold:g}")))
        for number, store in _rows(source, "stores"):
            initial, capacity = _number(store, "initial_kg"), _number(store, "capacity_kg")
            if initial is not None and capacity is not None and initial > capacity:
                path = ("sources", row, "stores", number, "initial_kg")
                found.append((path, Problem("", f"{initial:g}", f"at most capacity_kg = {capacity:g}")))


def _check_unit(path: KeyPath, unit: Any, found: Found) -> None:
    """No unit gives more than its fuel holds: heat with electricity, and flue gas at the coldest return."""
    heat, power = _number(unit, "heat_efficiency"), _number(unit, "power_to_heat")
    if heat is not None and power is not None and heat * (1.0 + power) > 1.0:
        wanted = f"at most {1.0 / heat - 1.0:.3f}, so that heat and electricity are no more than the fuel"
        found.append(((*path, "power_to_heat"), Problem("", f"{power:g}", wanted)))
    dry, gain = _number(unit, "efficiency"), _number(unit, "condensing_gain")
    if dry is not None and gain:
        dew = _number(unit, "dew_c")
        best = dry * (1.0 + gain * ((55.0 if dew is None else dew) - _COLDEST_RETURN_C))
        if best > _MOST_EFFICIENT:
            wanted = f"no more than {_MOST_EFFICIENT:g} over the lower heating value with a return of 20 degC"
            found.append(((*path, "condensing_gain"), Problem("", f"{gain:g}, which makes {best:.2f}", wanted)))
    hot, cold = _number(unit, "rating_supply_c"), _number(unit, "rating_cold_c")
    hot = 65.0 if hot is None and cold is not None else hot
    if hot is not None and cold is not None and hot < cold + _LEAST_LIFT_K:
        wanted = f"at least {_LEAST_LIFT_K:g} K below rating_supply_c = {hot:g}"
        found.append(((*path, "rating_cold_c"), Problem("", f"{cold:g}", wanted)))


def _check_pipes(network: Any, found: Found) -> None:
    for row, pipe in _rows(network, "pipes"):
        start, end = _text(pipe, "from_node"), _text(pipe, "to_node")
        if start is not None and start == end:
            found.append((("pipes", row, "to_node"), Problem("", f'"{end}"', "another node than from_node")))
    _check_dwelling_types(network, found)


def _check_dwelling_types(network: Any, found: Found) -> None:
    for row, kind in _rows(network, "dwelling_types"):
        supply, back, room = (_number(kind, f"design_{name}_c") for name in ("supply", "return", "room"))
        if supply is not None and back is not None and not (18.0 if room is None else room) < back < supply:
            path: KeyPath = ("dwelling_types", row, "design_return_c")
            found.append((path, Problem("", f"{back:g}", "between the room's and the supply's temperature")))
        facing = _get(kind, "facing")
        shares = [share for share in (_number(facing, side) for side in FACADES) if share is not None]
        total = sum(shares)
        if shares and abs(total - 1.0) > _SUM_WITHIN:
            found.append((("dwelling_types", row, "facing"), Problem("", f"{total:g} in sum", "shares that sum to 1")))


def _check_substations(network: Any, substations: Mapping[str, int], found: Found) -> None:
    served = {_text(cohort, "substation") for _, cohort in _rows(network, "cohorts")}
    for name, row in substations.items():
        if name not in served:
            path: KeyPath = ("substations", row, "id")
            found.append((path, Problem("", f'"{name}" without cohorts', "at least one cohort that names it")))
    for table, kind in (("sources", "source"), ("substations", "substation")):
        kinds = {_text(node, "id"): (row, _text(node, "kind")) for row, node in _rows(network, "nodes")}
        for _, item in _rows(network, table):
            row, found_kind = kinds.get(_text(item, "node"), (0, kind))
            if found_kind is not None and found_kind != kind:
                path = ("nodes", row, "kind")
                found.append(
                    (path, Problem("", f'"{found_kind}"', f'"{kind}": {table} "{_text(item, "id")}" is there'))
                )


def _check_pieces(network: Any, nodes: Mapping[str, int], found: Found) -> None:
    """Name every piece of the network, supply or return, that no source stands in.

    A node that pipes of one side alone touch has no other side, unless a source or a substation stands there.
    """
    sources = {_text(source, "node") for _, source in _rows(network, "sources")}
    if not sources & set(nodes):
        return
    said: set[str] = set()
    touched: dict[str, set[Any]] = {"supply": set(), "return": set()}
    for _, pipe in _rows(network, "pipes"):
        for side, ends in touched.items():
            if (_get(pipe, "side") or "both") in ("both", side):
                ends |= {_text(pipe, "from_node"), _text(pipe, "to_node")}
    both = sources | {_text(substation, "node") for _, substation in _rows(network, "substations")}
    for side, other in (("supply", "return"), ("return", "supply")):
        root = {name: name for name in nodes}

        def find(name: str, root: dict[str, str] = root) -> str:
            while root[name] != name:
                root[name] = root[root[name]]
                name = root[name]
            return name

        for _, pipe in _rows(network, "pipes"):
            start, end = _text(pipe, "from_node"), _text(pipe, "to_node")
            if start in nodes and end in nodes and (_get(pipe, "side") or "both") in ("both", side):
                root[find(str(start))] = find(str(end))
        fed = {find(name) for name in sources if name is not None and name in nodes}
        pieces: dict[str, list[str]] = {}
        for name in nodes:
            one_sided = name in touched[other] and name not in touched[side] and name not in both
            if find(name) not in fed and name not in said and not one_sided:
                pieces.setdefault(find(name), []).append(name)
        for piece in pieces.values():
            said.update(piece)
            found.append((("nodes", nodes[piece[0]]), unfed(piece, f"{side} pipe")))
