"""Criticality said in words, as a table for spreadsheets, and as GeoJSON for the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.formats.geojson import places
from ..tables import CRITICALITY
from .figures import count
from .files import json_text, write_table
from .layout import Page
from .words import Words

if TYPE_CHECKING:
    from ...network_models.network import Network

__all__ = ["geojson", "rows", "say", "write"]

_SHOWN, _NAMED = 8, 4


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say which elements are the worst to lose, alone and in pairs."""
    page.title(words("criticality.title", network=document["network"]))
    if document["illustrative"]:
        page.text(words("card.illustrative", network=document["network"]))
    page.text(
        words(
            "criticality.day",
            outdoor=f"{document['outdoor_c']:.1f}",
            n=len(document["elements"]),
            hours=document["horizon_h"],
            households=f"{document['households']:,}",
        )
    )
    if document["below_18_before"]:
        page.text(words("criticality.before", n=f"{document['below_18_before']:,}"))
    page.title(words("criticality.singles"), "-")
    _list(page, document["elements"], words)
    if document["pairs"]:
        page.title(words("criticality.pairs"), "-")
        _list(page, document["pairs"], words)
    harmless = sum(row["left"]["degree_hours"] == 0 for row in document["elements"])
    page.text(words("criticality.harmless", n=harmless, all=len(document["elements"])))
    page.text(words("criticality.explained"))


def _list(page: Page, listed: Sequence[Mapping[str, Any]], words: Words) -> None:
    """Say losses one by one; elements that do the same harm, being of one segment, stand together."""
    groups: dict[tuple[float, ...], list[Mapping[str, Any]]] = {}
    for row in listed:
        harm = (row["repaired"]["degree_hours"], row["left"]["degree_hours"], row["dwellings_cut_off"])
        groups.setdefault(harm, []).append(row)
    for number, rows_alike in enumerate(list(groups.values())[:_SHOWN], 1):
        row = rows_alike[0]
        names = [" + ".join(_name(element, r, words) for element in r["elements"]) for r in rows_alike[:_NAMED]]
        if len(rows_alike) > _NAMED:
            names.append(words("criticality.more", n=len(rows_alike) - _NAMED))
        page.item(f"{number}.", words.listing(names), 4)
        told = words(
            "criticality.harm",
            cut=f"{row['dwellings_cut_off']:,}",
            hours="/".join(_hours(row["first_h"][level]) for level in ("18", "14", "12")),
            repair=f"{row['repair_h']:.0f}",
            cold=f"{row['repaired']['dwellings']['18']:,}",
            least=f"{row['repaired']['least_c']:.1f}",
            degree_hours=count(row["repaired"]["degree_hours"], words),
        )
        page.text(told, indent=4)


def _name(element: Sequence[str], row: Mapping[str, Any], words: Words) -> str:
    kind, name = element
    road = row.get("road") if len(row["elements"]) == 1 else ""
    return words("criticality.name", kind=words(f"criticality.{kind}"), name=name) + (f" ({road})" if road else "")


def _hours(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the table's rows (see :data:`CRITICALITY`)."""
    for rank, element in enumerate(document["elements"], 1):
        row: dict[str, Any] = {"rank": rank}
        for name, value in element.items():
            if name == "elements":
                continue
            if not isinstance(value, Mapping):
                row[name] = value
                continue
            for key, inner in value.items():
                if isinstance(inner, Mapping):
                    row.update({f"{name}_{key}_{level}": number for level, number in inner.items()})
                else:
                    row[f"{name}_{key}"] = inner
        yield row


def geojson(document: Mapping[str, Any], network: Network) -> dict[str, Any]:
    """Return every element as a GeoJSON feature where it stands, on the map where the network is.

    Parameters
    ----------
    document : mapping
        As :func:`heatseason.sim.study.criticality.criticality` returns it.
    network : Network
        Places are WGS 84 where it has an origin on the map, else metres of its own grid; ``coordinates`` says which.
    """
    datum, at = places(network)
    pipes = {pipe.id: pipe for pipe in network.pipes}
    sources = {source.id: source for source in network.sources}
    features = []
    for row in rows(document):
        kind, name = row["kind"], row["id"]
        if kind == "pipe":
            geometry: dict[str, Any] = {
                "type": "LineString",
                "coordinates": [at[pipes[name].from_node], at[pipes[name].to_node]],
            }
        elif kind == "valve":
            pipe, _, end = name.rpartition("@")
            node = pipes[pipe].from_node if end == "from" else pipes[pipe].to_node
            geometry = {"type": "Point", "coordinates": at[node]}
        else:
            geometry = {"type": "Point", "coordinates": at[sources[name].node]}
        features.append({"type": "Feature", "geometry": geometry, "properties": row})
    return {
        "type": "FeatureCollection",
        "name": f"criticality {network.name}",
        "coordinates": datum,
        "features": features,
    }


def write(folder: Path, document: Mapping[str, Any], network: Network) -> list[Path]:
    """Write ``criticality.json``, ``.csv`` and ``.geojson`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    result, table, places = (folder / f"criticality.{ending}" for ending in ("json", "csv", "geojson"))
    result.write_text(json_text(document) + "\n", "utf-8")
    heads = CRITICALITY.names()
    write_table(table, heads, ([row.get(head) for head in heads] for row in rows(document)))
    places.write_text(json_text(geojson(document, network)) + "\n", "utf-8")
    return [result, table, places]
