"""``network make``: a network from a few totals, written to a file that says what is synthesised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...network_models.formats import write_network
from ...network_models.problems import NetworkError, Problem
from ...network_models.totals import Totals
from ...scenarios.making import make_network
from . import network as whole
from .layout import Page
from .words import Words

__all__ = ["make", "say"]


def make(file: Path, totals: Totals, seed: int) -> dict[str, Any]:
    """Make a network, write it, and return it in totals.

    Parameters
    ----------
    file : Path
        ``.toml``, or a folder; where nothing stands yet.
    totals : Totals
        What is known.
    seed : int
        Of all that is not.

    Raises
    ------
    NetworkError
        When a total is impossible, something stands there, or the ending is another.
    """
    if file.suffix.lower() not in (".toml", ""):
        raise NetworkError([Problem("", f'"{file}"', "a file that ends in .toml, or a folder")])
    if file.exists():
        raise NetworkError([Problem("", f'"{file}"', "a file or folder that is not there yet")])
    network = make_network(totals, seed)
    write_network(network, file)
    return {"written": str(file), "seed": seed, **whole.describe(network)}


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what was written, and what it is."""
    page.text(words("import.written", file=document["written"]))
    page.blank()
    whole.say(page, document, words)
