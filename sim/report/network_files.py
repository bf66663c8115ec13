"""``network check``: is a file a network that can be solved and run, and what was done with it beyond reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...network_models.formats import read_network
from ...network_models.network import Network
from .layout import Page
from .words import Words

__all__ = ["check", "noted", "say_check", "say_notes"]

_KINDS = ("left_out", "assumed", "joined")
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
