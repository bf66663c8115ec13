"""Sensitivity said in words: which uncertain inputs the results depend on, and what is the luck of the winter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..tables import SENSITIVITY
from .figures import share
from .files import json_text, write_table
from .layout import Column, Page, bar
from .numbers import figure_of, label
from .words import Words

__all__ = ["say", "say_rare", "write"]

_SHOWN = 8
_HEADS = SENSITIVITY.names()


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say a sensitivity study (see :func:`heatseason.sim.study.sensitivity.sensitivity`)."""
    page.title(words("sensitivity.title", scenario=document["scenario"]))
    page.text(
        words("sensitivity.runs", n=document["runs"], inputs=len(document["inputs"]), lines=document["trajectories"])
    )
    if document["dropped"]:
        page.text(words("sensitivity.dropped", n=document["dropped"]))
    ranges = {i["path"]: i for i in document["inputs"]}
    for number in document["numbers"]:
        figure = figure_of(number)
        noise = document["noise"][number]
        page.title(label(number, words), "-")
        page.text(words("sensitivity.noise", mean=figure(noise["mean"], words), sd=figure(noise["sd"], words)))
        rows = [row for row in document["screening"][number][:_SHOWN] if row["mu_star"] > 0]
        if not rows:
            page.text(words("sensitivity.none"))
            continue
        page.text(words("sensitivity.screening"))
        for row in rows:
            i = ranges[row["path"]]
            page.text(row["path"], indent=2)
            sign = "+" if row["mu"] > 0 else "-"
            clear = abs(row["mu"]) > 0.9 * row["mu_star"]
            told = words(
                "sensitivity.effect",
                effect=(sign if clear else "±") + figure(row["mu_star"], words),
                error=figure(row["error"], words),
                low=f"{i['low']:g}",
                high=f"{i['high']:g}",
            )
            page.text(told, indent=6)
        _shares(page, document, number, words)
    page.blank()
    page.text(words("sensitivity.explained"))


def _shares(page: Page, document: Mapping[str, Any], number: str, words: Words) -> None:
    rows = document["shares"].get(number)
    if not rows:
        return
    sobol = document["method"] == "sobol"
    page.text(words("sensitivity.shares" if sobol else "sensitivity.distances", n=document["samples"]))
    for row in rows:
        size = row["total"] if sobol else row["distance"]
        name = words("sensitivity.winter") if row["path"] == "winter" else row["path"]
        page.text(f"{bar(size, 10)}  {name}", indent=2, hang=12)
        if sobol:
            told = words(
                "sensitivity.share",
                first=share(max(0.0, min(1.0, row["first"])), words),
                total=share(max(0.0, min(1.0, size)), words),
                error=share(min(1.0, row["total_error"]), words),
            )
            page.text(told, indent=14)
    if number in document["rough"]:
        page.text(words("sensitivity.rough", n=document["samples"], more=4 * document["samples"]), indent=2)


def say_rare(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say how likely a rare event is, and how that was found."""
    figure = figure_of(document["number"])
    above = figure(document["above"], words)
    page.title(words("rare.title", number=label(document["number"], words), above=above))
    told = {key: share(document[key], words) for key in ("probability", "se", "low", "high", "unseen")}
    page.text(words("rare.probability", **told))
    played = "rare.played" if document["crude"] else "rare.played_alike"
    page.text(words(played, n=document["played"], crude=document["crude"]))
    heads = [Column(words(f"rare.{name}"), "right") for name in ("stratum", "pool", "seasons", "happened")]
    page.table(
        heads,
        [
            (
                str(n),
                str(s["pool"]),
                str(s["played"]),
                f"{s['happened']} ({share(s['happened'] / s['played'], words)})",
            )
            for n, s in enumerate(document["strata"], 1)
        ],
    )
    page.text(words("rare.explained"))


def write(folder: Path, document: Mapping[str, Any]) -> list[Path]:
    """Write ``sensitivity.json`` and ``sensitivity.csv`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    result, table = folder / "sensitivity.json", folder / "sensitivity.csv"
    result.write_text(json_text(document) + "\n", "utf-8")
    ranges = {i["path"]: i for i in document["inputs"]}
    rows = []
    for number in document["numbers"]:
        shares = {row["path"]: row for row in document["shares"].get(number, ())}
        screened = {row["path"]: row for row in document["screening"][number]}
        for path in dict.fromkeys((*screened, *shares)):
            known = {"number": number, **ranges.get(path, {}), **screened.get(path, {}), **shares.get(path, {})}
            rows.append([{**known, "path": path}.get(head) for head in _HEADS])
    write_table(table, _HEADS, rows)
    return [result, table]
