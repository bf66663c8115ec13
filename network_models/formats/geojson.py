"""GeoJSON: pipes as lines, nodes, substations and sources as points; for QGIS, and from it.

What coordinates refer to must be declared, never guessed: Chinese map data is often shifted by hundreds of metres. It
stands in the file (``"coordinates": "wgs84"``, ``"gcj02"``, ``"bd09"`` or ``"local"``; or ``crs``, as QGIS writes it).
Written is WGS 84, as RFC 7946 asks, or a local grid that claims no place. Ends of lines that lie together are one node.
What a map does not tell is assumed and noted (:mod:`.completion`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..documents import Document, read_json, show_value
from ..network import Network, Node, Pipe, Substation
from ..problems import InputError, NetworkError, Problem
from ..sources import Source
from . import native
from .completion import complete
from .foreign import unique
from .projection import Grid, to_wgs84

__all__ = ["dump", "places", "read", "write"]

SNAP_M = 0.5  # ends of lines and points within this are one node

_DECLARED = ("wgs84", "gcj02", "bd09", "local")
_CRS = {"crs84": "wgs84", "epsg::4326": "wgs84", "epsg:4326": "wgs84", "epsg::4490": "wgs84", "epsg:4490": "wgs84"}
_ELEMENTS: dict[str, tuple[str, type[Any]]] = {
    "node": ("nodes", Node),
    "pipe": ("pipes", Pipe),
    "substation": ("substations", Substation),
    "source": ("sources", Source),
}
_REST = ("cohorts", "pipe_types", "dwelling_types")  # stand beside the features, under "network"


def read(path: Path, declared: str | None = None) -> Network:
    """Read a network from a GeoJSON file.

    Parameters
    ----------
    path : Path
    declared : {"wgs84", "gcj02", "bd09", "local"}, optional
        What its coordinates refer to, where the file does not say so or says it wrongly.

    Raises
    ------
    NetworkError
        With everything that is wrong in it.
    """
    top = _collection(path)
    map_ = _Map(path, top, declared)
    return map_.network()


def dump(network: Network) -> dict[str, Any]:
    """Return a network as a GeoJSON FeatureCollection; :func:`read` of it gives the network back.

    Places are WGS 84 longitudes and latitudes where the network has an origin on the map, else metres of its own grid.
    """
    data = native.dump(network)
    datum, at = places(network)
    features = []
    for element, (table, _) in _ELEMENTS.items():
        for row in data.pop(table):
            where: dict[str, Any] = {}
            if element == "pipe":
                where = {"type": "LineString", "coordinates": [at[row["from_node"]], at[row["to_node"]]]}
            else:
                where = {"type": "Point", "coordinates": at[row["id"] if element == "node" else row["node"]]}
            told = {key: value for key, value in row.items() if key not in ("x_m", "y_m")}
            features.append({"type": "Feature", "geometry": where, "properties": {"element": element, **told}})
    return {
        "type": "FeatureCollection",
        "name": network.name,
        "coordinates": datum,
        "network": data,
        "features": features,
    }


def write(network: Network, path: Path) -> None:
    """Write a network as GeoJSON."""
    path.write_text(json.dumps(dump(network), ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def places(network: Network) -> tuple[str, dict[str, list[float]]]:
    """Return where nodes are, as a map of WGS 84 takes it, or on the network's own grid where it has no origin there.

    Returns
    -------
    tuple
        (``wgs84`` or ``local``, node -> [longitude, latitude] [deg] or [x, y] [m]).
    """
    if network.origin_lon_lat is None or network.coordinates == "local":
        return "local", {node.id: [node.x_m, node.y_m] for node in network.nodes}
    grid = Grid(to_wgs84(network.origin_lon_lat, network.coordinates))
    at = {node.id: [round(part, 9) for part in grid.place(node.x_m, node.y_m)] for node in network.nodes}
    return "wgs84", at


def _collection(path: Path) -> dict[str, Any]:
    top = read_json(path)
    if not isinstance(top, dict) or top.get("type") != "FeatureCollection" or not isinstance(top.get("features"), list):
        raise InputError([Problem("type", "", "a GeoJSON FeatureCollection", "", str(path))])
    return top


class _Map:
    """A file's features, as the tables of a network."""

    def __init__(self, path: Path, top: Mapping[str, Any], declared: str | None) -> None:
        self.path, self.top = path, top
        self.problems: list[Problem] = []
        self.notes: list[dict[str, Any]] = []
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table, _ in _ELEMENTS.values()}
        self.numbers: dict[str, list[int]] = {table: [] for table, _ in _ELEMENTS.values()}  # of the features
        self.at: dict[str, tuple[float, float]] = {}  # node -> where it is [m]
        self.cells: dict[tuple[int, int], list[str]] = {}
        self.strange: dict[str, int] = {}
        self.bends = self.drawn = 0
        self.datum = declared or self._declared()
        held = top.get("network")
        self.rest: dict[str, Any] = dict(held) if isinstance(held, dict) else {}
        for table in (*_REST, "notes"):
            rows = self.rest.setdefault(table, [])
            if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
                self._wrong(f"network.{table}", show_value(rows), "a list of tables")
        self.origin = self.rest.get("origin_lon_lat")
        self.grid: Grid | None = None

    def _wrong(self, where: str, found: str, wanted: str, hint: str = "") -> None:
        self.problems.append(Problem(where, found, wanted, hint, str(self.path)))

    def _note(self, kind: str, where: str, what: str, **values: str | float) -> None:
        self.notes.append({"kind": kind, "where": where, "what": what, "values": values})

    def _declared(self) -> str:
        said = self.top.get("coordinates")
        crs = self.top.get("crs")
        name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
        known = next((datum for ending, datum in _CRS.items() if name.lower().endswith(ending)), None)
        if said in _DECLARED:
            if known not in (None, said):
                self._note("assumed", "coordinates", "two_datums", datum=str(said), crs=name)
            return str(said)
        if known:
            return known
        wanted = '"coordinates": "wgs84", "gcj02", "bd09" or "local"'
        hint = "or --crs; maps made in China are often gcj02 (Gaode, Tencent) or bd09 (Baidu)"
        if name:
            hint = "save it in EPSG:4326 (QGIS: export, save features as)"
        self._wrong("crs" if name else "coordinates", show_value(name) if name else "", wanted, hint)
        return "local"

    def network(self) -> Network:
        """Read all features and put the network together."""
        features = list(enumerate(self.top["features"]))
        read = [(number, feature, self._geometry(number, feature)) for number, feature in features]
        if self.problems:
            raise NetworkError(self.problems)
        self._settle_origin([place for _, _, geometry in read if geometry for place in geometry[1]])
        for element in ("node", "substation", "source", "pipe"):
            for number, feature, geometry in read:
                if geometry and self._element(feature, geometry[0]) == element:
                    self._take(element, number, feature, geometry[1])
        if self.strange:
            for name, count in self.strange.items():
                self._note("left_out", f"properties.{name}", "property", name=name, n=count)
        if self.bends:
            self._note("left_out", "features", "bends", n=self.bends)
        if self.drawn:
            self._note("assumed", "pipes.length_m", "drawn", n=self.drawn)
        if self.problems:
            raise NetworkError(self.problems)
        return self._validated()

    def _validated(self) -> Network:
        data = {**self.rest, **self.rows}
        data["coordinates"] = "local" if self.datum == "local" else self.rest.get("coordinates", "wgs84")
        if self.grid is not None:
            data["origin_lon_lat"] = self.origin
        data["notes"] = [*self.rest["notes"], *self.notes]
        complete(data, self.path.stem)
        try:
            return native.load(Document(str(self.path), data))
        except NetworkError as error:
            raise NetworkError([self._as_feature(problem) for problem in error.problems]) from error

    def _as_feature(self, problem: Problem) -> Problem:
        """Return a problem of a row at the feature it came from."""
        table, _, rest = problem.path.partition("[")
        row, _, key = rest.partition("]")
        numbers = self.numbers.get(table, [])
        if row.isdigit() and int(row) < len(numbers):
            return replace(problem, path=f"features[{numbers[int(row)]}].properties{key}")
        return problem

    def _geometry(self, number: int, feature: Any) -> tuple[str, list[tuple[float, float]]] | None:
        """Return a feature's shape and its coordinates as they stand; None, noted or a problem, where it has none."""
        where = f"features[{number}].geometry"
        shape = feature.get("geometry") if isinstance(feature, dict) else None
        kind = shape.get("type") if isinstance(shape, dict) else None
        held = shape.get("coordinates") if isinstance(shape, dict) else None
        if kind in ("MultiLineString", "MultiPoint") and isinstance(held, list) and len(held) == 1:
            kind, held = kind.removeprefix("Multi"), held[0]
        if kind not in ("Point", "LineString"):
            if kind in ("MultiLineString", "MultiPoint"):
                self._wrong(where, f"{kind} of several parts", "one line or point", "split it into single parts")
            else:
                self._note("left_out", where, "shape", shape=str(kind or "-"))
            return None
        places = [held] if kind == "Point" else held
        if not isinstance(places, list) or (kind == "LineString" and len(places) < 2):
            self._wrong(where, show_value(held), "a list of two places or more")
            return None
        good = []
        for place in places:
            if not (isinstance(place, list) and len(place) >= 2 and all(_finite(part) for part in place[:2])):
                self._wrong(where, show_value(place), "two finite numbers")
                return None
            if self.datum != "local" and not (abs(place[0]) <= 180.0 and abs(place[1]) <= 90.0):
                self._wrong(
                    where, show_value(place), "longitude and latitude [deg]", 'metres are "coordinates": "local"'
                )
                return None
            good.append((float(place[0]), float(place[1])))
        return kind, good

    def _settle_origin(self, places: Sequence[tuple[float, float]]) -> None:
        """Lay a grid of metres through the origin that the file tells, or through the middle of its features."""
        if self.datum == "local" or not places:
            return
        if not (isinstance(self.origin, list) and len(self.origin) == 2 and all(map(_finite, self.origin))):
            middle = (sum(lon for lon, _ in places) / len(places), sum(lat for _, lat in places) / len(places))
            self.origin = [round(part, 4) for part in to_wgs84(middle, self.datum)]
            self.rest["coordinates"] = "wgs84"
        self.origin = tuple(self.origin)
        self.grid = Grid(to_wgs84(self.origin, self.rest.get("coordinates", "wgs84")))
        if self.datum in ("gcj02", "bd09"):
            self._note("joined", "coordinates", "unshifted", datum=self.datum)

    def _metres(self, place: tuple[float, float]) -> tuple[float, float]:
        return place if self.grid is None else self.grid.metres(to_wgs84(place, self.datum))

    def _element(self, feature: Mapping[str, Any], shape: str) -> str:
        """Return what a feature is: what it says, else by its shape and properties."""
        told = _properties(feature)
        said, kind = (value if isinstance(value, str) else "" for value in (told.get("element"), told.get("kind")))
        if said in _ELEMENTS:
            return said
        if shape == "LineString":
            return "pipe"
        if kind in ("substation", "source"):
            return kind
        return "substation" if "design_w" in told or "design" in told else "node"

    def _take(self, element: str, number: int, feature: Mapping[str, Any], places: list[tuple[float, float]]) -> None:
        table, model = _ELEMENTS[element]
        told = _properties(feature)
        row = {}
        plain = {*model.model_fields, *model._plain}
        for key, value in told.items():
            if value is None or key in ("element", "x_m", "y_m") or (key == "kind" and value == element != "node"):
                continue
            if key in plain or (element == "source" and key == "capacity_w"):
                row[key] = value
            elif key == "name" or (element == "pipe" and key.lower() == "dn"):
                continue
            else:
                self.strange[key] = self.strange.get(key, 0) + 1
        if element != "node":
            row.pop("kind", None)
        row["id"] = _name(feature, told) or f"{element} {number}"
        if element == "pipe":
            self._pipe(row, told, places)
        elif element == "node":
            self._node(row, self._metres(places[0]))
        else:
            row.setdefault("node", self._near(self._metres(places[0])) or self._new_node(str(row["id"]), places[0]))
        self.rows[table].append(row)
        self.numbers[table].append(number)

    def _pipe(self, row: dict[str, Any], told: Mapping[str, Any], places: list[tuple[float, float]]) -> None:
        line = [self._metres(place) for place in places]
        for key, end, place in (("from_node", line[0], places[0]), ("to_node", line[-1], places[-1])):
            row.setdefault(key, self._near(end) or self._new_node(f"junction {len(self.rows['nodes'])}", place))
        self.bends += len(line) > 2
        if "length_m" not in row and "length" not in row:
            row["length_m"] = round(sum(math.dist(a, b) for a, b in pairwise(line)), 3)
            self.drawn += 1
        size = next((value for key, value in told.items() if key.lower() == "dn" and value is not None), None)
        if "type" not in row and size is not None:
            row["type"] = (
                f"DN{size:g}" if isinstance(size, (int, float)) else f"DN{str(size).lower().removeprefix('dn')}"
            )

    def _near(self, place: tuple[float, float]) -> str | None:
        """Return the node nearest to a place, if one is within reach."""
        found = [
            (math.dist(place, self.at[name]), name)
            for cell in _around(place)
            for name in self.cells.get(cell, ())
            if math.dist(place, self.at[name]) <= SNAP_M
        ]
        return min(found)[1] if found else None

    def _new_node(self, name: str, place: tuple[float, float]) -> str:
        own = unique(name, self.at)
        row: dict[str, Any] = {"id": own}
        self._node(row, self._metres(place))
        self.rows["nodes"].append(row)
        return own

    def _node(self, row: dict[str, Any], at: tuple[float, float]) -> None:
        row["x_m"], row["y_m"] = (round(part, 4) for part in at)
        self.at[str(row["id"])] = at
        self.cells.setdefault(next(_around(at)), []).append(str(row["id"]))


def _around(place: tuple[float, float]) -> Iterator[tuple[int, int]]:
    """Return the cell of a place, then those beside it."""
    column, row = (math.floor(part / SNAP_M) for part in place)
    yield column, row
    yield from ((column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0))


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return a feature's properties; lists and tables that QGIS stored as text are read back."""
    held = feature.get("properties")
    told = dict(held) if isinstance(held, dict) else {}
    for key in ("units", "stores"):
        if isinstance(told.get(key), str):
            try:
                told[key] = json.loads(told[key])
            except (json.JSONDecodeError, RecursionError):
                continue
    return told


def _name(feature: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Return a feature's own name: its property ``id`` or ``name``, or its member ``id``."""
    value = next((one for one in (told.get("id"), told.get("name"), feature.get("id")) if one not in (None, "")), "")
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
