"""Result files under ``--out``: the document, the tables for a spreadsheet, and the report as text."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ..tables import CLAUSES, HEADLINE, SPREAD
from . import terminal
from .layout import Page
from .words import Words

__all__ = ["clause_table", "headline_table", "json_blocks", "json_text", "write", "write_table"]


def json_text(document: Any, encoding: str = "utf-8") -> str:
    """Return strict JSON, one document; what `encoding` cannot carry is escaped, NaN becomes null."""
    return "".join(json_blocks(document, encoding))


def json_blocks(document: Any, encoding: str = "utf-8") -> Iterator[str]:
    """Yield the same block by block, so that what is unpacked as it is read (a thousand winters' breaches) stays so."""
    plain = encoding.lower().replace("-", "").replace("_", "") != "utf8"
    scalar = json.JSONEncoder(ensure_ascii=plain, allow_nan=False).encode
    pieces = _json_pieces(document, "\n", scalar)
    while block := "".join(islice(pieces, _BLOCK)):
        yield block


def _json_pieces(value: Any, margin: str, scalar: Callable[[Any], str]) -> Iterator[str]:
    """Yield JSON indented by two, `margin` being what a line begins with."""
    if isinstance(value, Mapping):
        ends, rows = "{}", ((f"{scalar(str(key))}: ", item) for key, item in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        ends, rows = "[]", (("", item) for item in value)
    else:
        yield scalar(_plain(value))
        return
    yield ends[0]
    gap = ""
    for name, item in rows:
        yield f"{gap}{margin}  {name}"
        yield from _json_pieces(item, f"{margin}  ", scalar)
        gap = ","
    yield f"{margin}{ends[1]}" if gap else ends[1]


def write(folder: Path, document: Mapping[str, Any], words: Words) -> tuple[Path, ...]:
    """Write ``result.json``, ``headline.csv``, ``clauses.csv`` and ``report.txt``, and return their paths.

    Parameters
    ----------
    folder : Path
        Made when it is not there; files of an earlier result in it are replaced.
    document : mapping
        A scorecard, of one winter or of many.
    words : Words
        Language of the report and of the columns' meanings.

    Notes
    -----
    The tables carry a byte-order mark (``utf-8-sig``): spreadsheet programs take Chinese for noise without one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result, headline, clauses, report = (
        folder / name for name in ("result.json", "headline.csv", "clauses.csv", "report.txt")
    )
    with result.open("w", encoding="utf-8") as file:
        file.writelines(json_blocks(document))
        file.write("\n")
    write_table(headline, *headline_table(document, words))
    write_table(clauses, *clause_table(document))
    page = Page(width=100)
    terminal.say(page, document, words, "long")
    report.write_text(str(page), "utf-8")
    return result, headline, clauses, report


_BLOCK = 10_000  # pieces of JSON written together
_UNITS = {"power_mwh": "MWh", "hours": "h"} | dict.fromkeys(("heat_gj", "taken_gj", "given_gj", "held_gj"), "GJ")


def headline_table(document: Mapping[str, Any], words: Words) -> tuple[list[str], Iterable[list[Any]]]:
    """Return heads and rows of the headline numbers: name, unit, meaning, value (or its spread over winters)."""
    return ["name", "unit", "meaning", *_value_heads(document)], _headline_rows(document, words)


def clause_table(document: Mapping[str, Any]) -> tuple[list[str], Iterable[list[Any]]]:
    """Return heads and rows of the clauses, as declared in :data:`heatseason.sim.tables.CLAUSES`."""
    heads = [head for name in CLAUSES.names() for head in _spread_heads(name, document["clauses"])]
    return heads, _clause_rows(document["clauses"], heads)


def _value_heads(document: Mapping[str, Any]) -> tuple[str, ...]:
    return ("value",) if document["replications"] == 1 else SPREAD.names()[:5]


def _headline_rows(document: Mapping[str, Any], words: Words) -> Iterable[list[Any]]:
    declared = {column.name: column for column in HEADLINE.columns}
    for name, value in document["headline"].items():
        unit, meaning = "", ""
        if name in declared:
            unit, meaning = declared[name].unit, words.either(declared[name].zh, declared[name].en)
        if isinstance(value, Mapping) and "mean" not in value:
            for part, amount in value.items():
                if name == "fuel":
                    amount, unit = amount["burnt"], amount["unit"]
                if isinstance(amount, Mapping) and "mean" not in amount:
                    for of, number in amount.items():
                        yield [f"{name}.{part}.{of}", _UNITS.get(of, ""), meaning, *_values(number, document)]
                else:
                    yield [f"{name}.{part}", unit, meaning, *_values(amount, document)]
        elif not isinstance(value, list):
            yield [name, unit, meaning, *_values(value, document)]


def _values(value: Any, document: Mapping[str, Any]) -> list[Any]:
    heads = _value_heads(document)
    if len(heads) == 1:
        return [value]
    return [value.get(head) if isinstance(value, Mapping) else None for head in heads]


def _spread_heads(name: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the CSV columns of one declared column: itself, or one per statistic when it is spread over winters."""
    values = [row.get(name) for row in rows]
    if any(isinstance(value, Mapping) and "mean" in value for value in values):
        return [f"{name}.{statistic}" for statistic in SPREAD.names()]
    return [name] if any(value is not None for value in values) else []


def _clause_rows(rows: Sequence[Mapping[str, Any]], heads: Sequence[str]) -> Iterable[list[Any]]:
    for row in rows:
        cells = []
        for head in heads:
            name, _, statistic = head.partition(".")
            value = row.get(name)
            if statistic:
                value = value.get(statistic) if isinstance(value, Mapping) else None
            elif isinstance(value, Mapping | list | tuple):
                value = json.dumps(_plain(value), ensure_ascii=False)
            cells.append(value)
        yield cells


def write_table(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as CSV with a byte-order mark, without cells that a spreadsheet takes for formulas."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for row in rows:
            writer.writerow(["" if cell is None else _harmless(cell) for cell in row])


def _harmless(cell: Any) -> Any:
    """Return a cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _plain(value: Any) -> Any:
    """Return JSON values only: NumPy's scalars as Python's, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
