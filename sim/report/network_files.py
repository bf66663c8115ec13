"""``network check | import | export``: networks in files, and what was done beyond reading what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...network_models.formats import read_foreign, read_network, write_network
from ...network_models.network import Network
from ...network_models.problems import NetworkError, Problem
from .layout import Page
from .words import Words

__all__ = ["check", "export", "import_", "noted", "say_check", "say_export", "say_notes"]

_KINDS = ("left_out", "assumed", "joined")
TEMPLATE = "template"
_ENDINGS = (".xlsx", ".geojson", ".toml", "")
_SHOWN = 8  # notes of one phrase on a page; --json has them all


def check(network: str) -> dict[str, Any]:
    """Return the document of a network in which nothing is wrong.

    Raises
    ------
    NetworkError
        With everything that is wrong in it.
    """
    read = read_network(network)
    return {
        "ok": True,
        "problems": [],
        "network": read.name,
        "title_zh": read.title_zh,
        "title_en": read.title_en,
        "nodes": len(read.nodes),
        "pipes": len(read.pipes),
        "substations": len(read.substations),
        "sources": len(read.sources),
        "notes": noted(read),
    }


def import_(source: str, file: Path, crs: str | None = None) -> dict[str, Any]:
    """Read a network in any format and write it in our own: one TOML file, or a folder.

    Parameters
    ----------
    source : str
        The network.
    file : Path
        ``.toml``, or a folder.
    crs : {"wgs84", "gcj02", "bd09", "local"}, optional
        What the coordinates of a GeoJSON file refer to, where it does not say so.

    Raises
    ------
    NetworkError
        With everything that is wrong in the network, or when the ending is another.
    """
    if file.suffix.lower() not in (".toml", ""):
        raise NetworkError([Problem("", f'"{file}"', "a file that ends in .toml, or a folder")])
    read = read_foreign(source, crs=crs).network
    write_network(read, file)
    return {"written": str(file), "network": read.name, "notes": noted(read)}


def export(network: str, file: Path, words: Words) -> dict[str, Any]:
    """Write a network in the format of a file's ending, and return what was written.

    Parameters
    ----------
    network : str
        A network in any format, or ``template`` for an empty workbook.
    file : Path
        ``.xlsx``, ``.geojson``, ``.toml``, or a folder.

    Raises
    ------
    NetworkError
        With everything that is wrong in the network, or when the ending is none of these.
    """
    ending = file.suffix.lower()
    if ending not in _ENDINGS or (network == TEMPLATE and ending != ".xlsx"):
        wanted = (
            "a file that ends in .xlsx"
            if network == TEMPLATE
            else "a file that ends in .xlsx, .geojson, .toml, or a folder"
        )
        raise NetworkError([Problem("", f'"{file}"', wanted)])
    if network == TEMPLATE:
        from .network_workbook import write_template

        write_template(file, words)
        return {"written": str(file), "network": TEMPLATE, "notes": []}
    read = read_network(network)
    if ending == ".xlsx":
        from .network_workbook import write

        write(file, read, words)
    else:
        write_network(read, file)
    notes = noted(read)
    if ending == ".geojson" and (read.coordinates == "local" or read.origin_lon_lat is None):
        notes.append({"kind": "left_out", "where": "coordinates", "what": "no_place", "values": {}})
    return {"written": str(file), "network": read.name, "notes": notes}


def say_export(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what was written, and what had been left out, assumed or joined when the network was read."""
    page.text(words("import.written", file=document["written"]))
    say_notes(page, document["notes"], words)


def noted(network: Network) -> list[dict[str, Any]]:
    """Return a network's notes as JSON values."""
    return [note.model_dump(mode="json") for note in network.notes]


def say_check(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say that nothing is wrong, and what was left out, assumed or joined."""
    title = words.either(document["title_zh"], document["title_en"])
    page.text(words("import.well", title=title, **{key: document[key] for key in _COUNTED}))
    say_notes(page, document["notes"], words)


_COUNTED = ("nodes", "pipes", "substations", "sources")


def say_notes(page: Page, notes: Sequence[Mapping[str, Any]], words: Words) -> None:
    """List what a reader left out, assumed and joined; many notes of one phrase are cut short."""
    for kind in _KINDS:
        mine = [note for note in notes if note["kind"] == kind]
        if not mine:
            continue
        page.title(words(f"import.{kind}"), "-")
        said: dict[str, int] = {}
        for note in mine:
            said[note["what"]] = said.get(note["what"], 0) + 1
            if said[note["what"]] <= _SHOWN:
                page.text(f"{note['where']}: {_sentence(note, words)}", hang=4)
        for what, count in said.items():
            if count > _SHOWN:
                alike = next(note for note in mine if note["what"] == what)["where"].split("[")[0]
                page.text(words("import.more", where=alike, n=count - _SHOWN), hang=4)


def _sentence(note: Mapping[str, Any], words: Words) -> str:
    """Return a note in the reader's language; one of a later version, whose phrase is not known here, as it stands."""
    key = f"import.note.{note['what']}"
    if key not in words:
        return f"{note['what']} {dict(note['values'])}"
    values = {name: f"{value:g}" if isinstance(value, float) else value for name, value in note["values"].items()}
    return words(key, **values)
