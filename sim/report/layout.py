"""Plain text for terminals: widths as a console counts them, wrapping that knows Chinese, tables that fit.

Only glyphs that a GBK console can print are used, and tables are drawn with ASCII, whose width is never in doubt.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

__all__ = ["Column", "Page", "bar", "display_width", "fit", "page_for", "spark", "wrap"]

NARROWEST, WIDEST = 40, 100
_LEAST = 10  # columns that a wrapping cell can still be read in
_SPARKS = "▁▂▃▄▅▆▇█"  # all eight are in GBK
_CLOSING = "，。；：、！？）》」』”’％℃"  # never at the start of a line
_CHINESE_ENCODINGS = ("gbk", "gb2312", "gb18030", "cp936", "936", "euc_cn")


def display_width(text: str, ambiguous: int = 1) -> int:
    """Return how many columns a terminal needs for `text`.

    Parameters
    ----------
    text : str
    ambiguous : int
        Columns of a character that Unicode calls ambiguous (``°``, ``—``): 2 on a GBK console, 1 elsewhere.
    """
    columns = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        kind = unicodedata.east_asian_width(character)
        columns += 2 if kind in "WF" else ambiguous if kind == "A" else 1
    return columns


def fit(text: str, width: int, align: str = "left", ambiguous: int = 1) -> str:
    """Return `text` padded, or cut with ``..``, to exactly `width` columns."""
    if display_width(text, ambiguous) > width:
        kept = ""
        for character in text:
            if display_width(kept + character, ambiguous) > width - 2:
                break
            kept += character
        text = kept + "." * min(2, width - display_width(kept, ambiguous))
    space = " " * (width - display_width(text, ambiguous))
    return space + text if align == "right" else text + space


def wrap(text: str, width: int, ambiguous: int = 1) -> list[str]:
    """Break `text` into lines of at most `width` columns: at spaces, and between Chinese characters.

    Parameters
    ----------
    text : str
        A paragraph; line breaks in it are kept.
    width : int
        Columns.
    ambiguous : int
        As in :func:`display_width`.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            too_wide = display_width((line + piece).rstrip(), ambiguous) > width
            clings = piece in _CLOSING and not line.endswith(" ")
            if too_wide and not clings:
                lines += [line.rstrip()] if line.strip() else []
                line = ""
            if not line and lines:
                piece = piece.lstrip()
            while display_width(piece.rstrip(), ambiguous) > width:  # one word longer than a line
                cut = next(
                    n for n in range(len(piece), 0, -1) if n == 1 or display_width(piece[:n], ambiguous) <= width
                )
                lines.append(piece[:cut])
                piece = piece[cut:]
            line += piece
        lines.append(line.rstrip())
    return lines


def bar(share: float, cells: int) -> str:
    """Return a bar of ``#`` filling `share` (0 to 1) of `cells` columns."""
    filled = round(max(0.0, min(1.0, share)) * cells)
    return "#" * filled + "." * (cells - filled)


def spark(values: Sequence[float], low: float | None = None, high: float | None = None) -> str:
    """Return one block per value, from lowest to highest between `low` and `high`."""
    if not values:
        return ""
    bottom = min(values) if low is None else low
    top = max(values) if high is None else high
    reach = top - bottom
    steps = len(_SPARKS) - 1
    return "".join(_SPARKS[round(max(0.0, min(1.0, (v - bottom) / reach)) * steps) if reach else 0] for v in values)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a text table: its head, the side it leans to, and whether it may shrink and wrap."""

    head: str
    align: str = "left"
    wraps: bool = False


@dataclass(slots=True)
class Page:
    """Lines of text, so wide and no wider.

    Attributes
    ----------
    width : int
        Columns available.
    ambiguous : int
        Columns of an ambiguous character on the console in use.
    """

    width: int = 80
    ambiguous: int = 1
    lines: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the text, ending in a line break."""
        return "\n".join(line.rstrip() for line in self.lines) + "\n"

    def columns(self, text: str) -> int:
        """Return the columns `text` takes on this page."""
        return display_width(text, self.ambiguous)

    def title(self, text: str, rule: str = "=") -> None:
        """Add a heading with a rule under it."""
        if self.lines:
            self.lines.append("")
        lines = wrap(text, self.width, self.ambiguous)
        self.lines += lines
        self.lines.append(rule * min(self.width, max(self.columns(line) for line in lines)))

    def text(self, text: str, indent: int = 0, hang: int = 0) -> None:
        """Add a paragraph, wrapped; lines after the first stand `hang` columns further in."""
        room = max(10, self.width - indent - hang)
        first, *rest = wrap(text, room, self.ambiguous) or [""]
        self.lines.append(" " * indent + first)
        self.lines += [" " * (indent + hang) + line for line in rest]

    def item(self, label: str, text: str, hang: int, indent: int = 0) -> None:
        """Add a paragraph that stands `hang` columns in, with a label in the room that this leaves."""
        first, *rest = wrap(text, max(10, self.width - indent - hang), self.ambiguous) or [""]
        self.lines.append(" " * indent + fit(label, hang, ambiguous=self.ambiguous) + first)
        self.lines += [" " * (indent + hang) + line for line in rest]

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def pairs(self, rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
        """Add lines of ``name  value``, the values lined up, or below their names when the page is narrow."""
        listed = list(rows)
        if not listed:
            return
        names = max(self.columns(name) for name, _ in listed)
        room = self.width - indent - names - 2
        for name, value in listed:
            if room >= 14 and (names <= self.width // 2 or self.columns(value) <= room):
                first, *rest = wrap(value, room, self.ambiguous)
                self.lines.append(" " * indent + fit(name, names, ambiguous=self.ambiguous) + "  " + first)
                self.lines += [" " * (indent + names + 2) + line for line in rest]
            else:
                self.text(name, indent)
                self.text(value, indent + 4)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]], indent: int = 0) -> None:
        """Add a table; columns that may wrap share what the others leave over.

        Where that is too little, every row is put down by itself: its first cell, and the others under it with their
        heads.
        """
        cells = [list(row) for row in rows]
        wanted = [
            max([self.columns(column.head), *(self.columns(row[i]) for row in cells)])
            for i, column in enumerate(columns)
        ]
        widths = self._widths(columns, wanted, self.width - indent - 2 * (len(columns) - 1))
        if sum(widths) > self.width - indent - 2 * (len(columns) - 1):
            self._stack(columns, cells, indent)
            return
        margin = " " * indent
        if any(column.head for column in columns):
            self._row(margin, columns, widths, [column.head for column in columns])
            self.lines.append(margin + "  ".join("-" * width for width in widths))
        for row in cells:
            self._row(margin, columns, widths, row)

    def _widths(self, columns: Sequence[Column], wanted: Sequence[int], room: int) -> list[int]:
        widths = list(wanted)
        elastic = [i for i, column in enumerate(columns) if column.wraps]
        while elastic and sum(widths) > room:
            widest = max(elastic, key=lambda i: widths[i])
            if widths[widest] <= _LEAST:
                break
            widths[widest] -= 1
        return widths

    def _stack(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], indent: int) -> None:
        for row in rows:
            first, *rest = zip(columns, row, strict=True)
            if first[1]:
                self.text(first[1], indent)
            self.pairs(((column.head, cell) for column, cell in rest if cell), indent + 2)

    def _row(self, margin: str, columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> None:
        folded = [
            wrap(text, width, self.ambiguous) if column.wraps else [fit(text, width, column.align, self.ambiguous)]
            for text, width, column in zip(row, widths, columns, strict=True)
        ]
        for n in range(max(len(cell) for cell in folded)):
            parts = [
                fit(cell[n] if n < len(cell) else "", width, column.align, self.ambiguous)
                for cell, width, column in zip(folded, widths, columns, strict=True)
            ]
            self.lines.append(margin + "  ".join(parts))


def page_for(stream: TextIO, columns: int) -> Page:
    """Return an empty page for a stream: `columns` within reason, and its console's way of counting.

    Parameters
    ----------
    stream : text file
        Where the page will be printed; its encoding says how wide ambiguous characters are.
    columns : int
        Columns of the terminal.
    """
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "_")
    ambiguous = 2 if encoding in _CHINESE_ENCODINGS else 1
    return Page(max(NARROWEST, min(WIDEST, columns)), ambiguous)


def _pieces(text: str) -> list[str]:
    """Split into words with the spaces after them; a wide character is a word of its own."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            if word:
                pieces.append(word)
                word = ""
            if character in _CLOSING and pieces and not pieces[-1].endswith(" "):
                pieces[-1] += character
            else:
                pieces.append(character)
        elif character == " ":
            pieces.append(word + character)
            word = ""
        else:
            word += character
    if word:
        pieces.append(word)
    return pieces
