"""The workbook: a record or a stored result as sheets that Excel and WPS open, with units and meanings beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tables import CLAUSES, SPREAD
from . import files
from .words import Words

if TYPE_CHECKING:
    from ..record import Record
    from .daily import Happening
    from .page import Told

__all__ = ["write"]

Rows = Iterable[Sequence[Any]]


def write(path: Path, told: Told, words: Words) -> Path:
    """Write the workbook and return its path.

    Parameters
    ----------
    path : Path
        Ends in ``.xlsx``.
    told : Told
        A record with its scorecard, or a scorecard alone, of one winter or of many.
    words : Words
        Language of sheets, heads and meanings.
    """
    import xlsxwriter

    document = told.document
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#EDF2F7", "bottom": 1, "text_wrap": True, "valign": "top"})
        number = book.add_format({"num_format": "#,##0.####"})

        def sheet(name: str, heads: Sequence[str], rows: Rows, widths: Sequence[int] = ()) -> None:
            made = book.add_worksheet(words(f"report.sheet.{name}"))
            made.write_row(0, 0, heads, head)
            count = 0
            for row, cells in enumerate(rows, start=1):
                for column, cell in enumerate(cells):
                    if isinstance(cell, int | float) and not isinstance(cell, bool):
                        made.write_number(row, column, cell, number)
                    elif cell is not None:
                        made.write(row, column, cell)
                count = row
            made.freeze_panes(1, 1)
            made.set_landscape()
            made.set_paper(9)
            made.fit_to_pages(1, 0)
            if count:
                made.autofilter(0, 0, count, len(heads) - 1)
            for column, width in enumerate(widths):
                made.set_column(column, column, width)

        heads, rows = files.headline_table(document, words)
        sheet("summary", heads, rows, (34, 10, 46, 16, 14, 14, 14, 14))
        heads, rows = files.clause_table(document)
        sheet("clauses", _said(heads, words), rows, (9, 12, 11, 14))
        if document.get("breaches"):
            heads = list(document["breaches"][0])
            sheet("breaches", heads, ([_cell(row.get(name)) for name in heads] for row in document["breaches"]), (22,))
        if document.get("by_district"):
            sheet("districts", *_districts(document["by_district"], words), (12, 9))
        if told.record is not None:
            days = told.days
            heads = [words(f"report.column.{name}") for name in days]
            sheet("days", heads, zip(*days.values(), strict=True), (12, *[14] * len(heads)))
            heads = [words(f"report.{name}") for name in ("when", "what", "subject")]
            sheet(
                "happenings",
                [*heads, "seq", "case", "cause", "value"],
                _happenings(told.record, told.happenings, words),
                (18, 24, 24),
            )
            sheet("numbers", *_numbers(told.record, words), (52, 16, 12, 70))
    return path


def _said(heads: Sequence[str], words: Words) -> list[str]:
    """Return heads with their meaning under them."""
    declared = {column.name: column for column in (*CLAUSES.columns, *SPREAD.columns)}
    said = []
    for head in heads:
        column = declared.get(head.partition(".")[0])
        said.append(f"{head}\n{words.either(column.zh, column.en)}" if column else head)
    return said


def _districts(table: Mapping[str, Any], words: Words) -> tuple[list[str], Rows]:
    states = ("met", "late", "missed", "open", "excused")
    rows = [
        [district, clause, *(_mean(amounts.get(state)) for state in states)]
        for district, clauses in table.items()
        for clause, amounts in clauses.items()
    ]
    return ["", words("clauses.id"), *(words(f"status.{state}") for state in states)], rows


def _happenings(record: Record, happened: Sequence[Happening], words: Words) -> Rows:
    for told in happened:
        value = float(record.value[told.seq])
        yield (
            told.when, words.either(told.kind.zh, told.kind.en), told.about, told.seq, int(record.case[told.seq]),
            int(record.cause[told.seq]), value if np.isfinite(value) else None,
        )  # fmt: skip


def _numbers(record: Record, words: Words) -> tuple[list[str], Rows]:
    """Return every sourced number of the scenario as this record had it; the assumed ones say so."""
    from ...scenarios.scenario import from_resolved

    heads = [words(f"report.number.{name}") for name in ("path", "value", "confidence", "source")]
    rows = [
        [known.path, _cell(known.value), known.confidence, known.source]
        for known in from_resolved(record.scenario).assumptions()
    ]
    return heads, rows


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _mean(value: Any) -> Any:
    return value.get("mean") if isinstance(value, Mapping) else value
