"""Stress tables said in words and as a table for spreadsheets: what breaks first, from where on, at what cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..guide.clause import default_guide
from ..tables import STRESS
from .figures import amount, count, share
from .files import json_text, write_table
from .layout import Column, Page, bar
from .studies import say_failures
from .words import Words

__all__ = ["rows", "say", "write"]

_STRICT = "headline.dwelling_hours_below_18_strict"


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what a suite of strains did."""
    page.title(words("stress.title", scenario=document["scenario"]))
    page.text(
        words("stress.winters", n=document["winters"], seed=document["seed"], kept=share(document["kept"], words))
    )
    if document["worst_pipe"]["id"]:
        pipe, road = document["worst_pipe"]["id"], document["worst_pipe"]["road"]
        page.text(words("stress.worst_pipe", pipe=f"{pipe} ({road})" if road else pipe))
    if document["failures"]:
        say_failures(page, len(document["failures"]), document["failures"], words)
    calm = document["calm"]
    page.text(words("stress.calm", hours=count(calm["numbers"][_STRICT]["mean"], words)))
    most = max(row["numbers"][_STRICT]["mean"] for block in document["blocks"] for row in block["rows"])
    for block in document["blocks"]:
        page.title(words.either(block["title"]["zh"], block["title"]["en"]), "-")
        _rows(page, block, most, words)
        _breaks(page, block, words)
    _districts(page, document, words)
    _extension(page, document["extension"], words)


def _rows(page: Page, block: Mapping[str, Any], most: float, words: Words) -> None:
    for row in block["rows"]:
        numbers = row["numbers"]
        hours = numbers[_STRICT]["mean"]
        page.text(_levels(row["levels"], block["varied"], words))
        cost = row["cost_more_cny"] or 0.0
        told = words(
            "stress.row",
            hours=count(hours, words),
            shed=count(numbers["headline.heat_shed_gj"]["mean"], words),
            cost=words("stress.cost_less" if cost < 0 else "stress.cost_more", cost=count(abs(cost), words)),
        )
        page.text(told, indent=4)
        page.text(bar(hours / most if most else 0.0, max(10, min(40, page.width - 8))), indent=4)
        if row["idle"]:
            page.text(words("stress.idle"), indent=4)
        if row["broken"]:
            page.text(words("stress.broken", clauses=words.listing(row["broken"])), indent=4)


def _breaks(page: Page, block: Mapping[str, Any], words: Words) -> None:
    if not block["breaks"]:
        page.text(words("stress.holds"))
        return
    page.text(words("stress.first"))
    gloss = {clause.id: words.either(clause.gloss_zh, clause.gloss_en) for clause in default_guide().clauses}
    for broken in block["breaks"]:
        told = words(
            "stress.breaks",
            clause=broken["clause"],
            levels=_levels(broken["from"], block["varied"], words),
            kept=share(broken["compliance"], words),
        )
        page.text(f"{told} {gloss.get(broken['clause'], '')}", indent=2, hang=2)


def _districts(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say in which district and with which operator the cold sat, at the worst point of every block."""
    groups = [group for group in ("by_district", "by_operator") if len(document["calm"][group]) > 1]
    if groups:
        page.title(words("stress.where"), "-")
    for group in groups:
        names = list(document["calm"][group])
        heads = [Column(words("stress.block"), wraps=True), *(Column(name, "right", wraps=True) for name in names)]
        table = [[words("stress.none"), *(count(document["calm"][group][name], words) for name in names)]]
        for block in document["blocks"]:
            worst = max(block["rows"], key=lambda row: row["numbers"][_STRICT]["mean"])
            cells = [count(worst[group].get(name, 0.0), words) for name in names]
            table.append([words.either(block["title"]["zh"], block["title"]["en"]), *cells])
        page.table(heads, table)
        page.blank()


def _extension(page: Page, told: Mapping[str, Any], words: Words) -> None:
    page.title(words("stress.extension"), "-")
    for rule in told["rules"]:
        page.text(
            words(
                "stress.rule",
                below=f"{rule['below_c']:g}",
                row=rule["in_a_row"],
                n=rule["winters"],
                fired=rule["fired"],
                most=share(rule["at_most"], words),
                days=f"{rule['days']:.1f}",
            ),
            hang=2,
        )
    for bought in told["bought"]:
        page.text(
            words(
                "stress.bought",
                depth=f"{bought['depth_k']:g}",
                days=bought["extension_days"],
                hours=count(bought["dwelling_hours_less"], words),
                degrees=count(bought["degree_hours_less"], words),
                heat=count(bought["heat_more_gj"], words),
                cost=count(bought["cost_more_cny"], words),
                each="-" if bought["cny_per_degree_hour"] is None else amount(bought["cny_per_degree_hour"], words),
            ),
            hang=2,
        )


def _levels(levels: Mapping[str, Any], varied: list[str], words: Words) -> str:
    shown = varied or [axis for axis in ("date", "depth_k", "cut_share", "burst") if levels.get(axis)]
    return words.listing([words(f"stress.{axis}", level=_level(axis, levels[axis], words)) for axis in shown])


def _level(axis: str, level: Any, words: Words) -> str:
    if level is None:
        return words("stress.as_is")
    if axis == "cut_share":
        return share(float(level), words)
    return f"{level:g}" if isinstance(level, float) else str(level)


def rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the table's rows (see :data:`STRESS`)."""
    for block in document["blocks"]:
        for row in block["rows"]:
            headline = {name[9:]: n["mean"] for name, n in row["numbers"].items() if name.startswith("headline.")}
            after = {f"after_{name[14:]}": n["mean"] for name, n in row["numbers"].items() if ".after." in name}
            yield {
                "block": block["name"],
                **row["levels"],
                **headline,
                **after,
                "cost_more_cny": row["cost_more_cny"],
                "broken": " ".join(row["broken"]),
            }


def write(folder: Path, document: Mapping[str, Any]) -> list[Path]:
    """Write ``stress.json`` and ``stress.csv`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    result, table = folder / "stress.json", folder / "stress.csv"
    result.write_text(json_text(document) + "\n", "utf-8")
    heads = STRESS.names()
    write_table(table, heads, ([row.get(head) for head in heads] for row in rows(document)))
    return [result, table]
