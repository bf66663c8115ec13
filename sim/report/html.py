"""A page for a browser: takes what a terminal's page takes, so whatever can be said there can be said here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from .layout import Column, Page

__all__ = ["HtmlPage"]


@dataclass(slots=True)
class HtmlPage(Page):
    """Sections of HTML: each begins with a title; paragraphs, pairs and tables follow.

    Attributes
    ----------
    marked : mapping of str to str
        Words that get a class of their own wherever a cell holds them alone, e.g. ``{"未达标": "breached"}``.
    sections : list of list of str
        Fragments of each section so far.
    """

    marked: dict[str, str] = field(default_factory=dict)
    sections: list[list[str]] = field(default_factory=list)

    def __str__(self) -> str:
        """Return all sections."""
        return "\n".join(self.html())

    def html(self) -> list[str]:
        """Return each section as one piece of HTML."""
        return ["<section>\n" + "\n".join(parts) + "\n</section>" for parts in self.sections]

    def title(self, text: str, rule: str = "=") -> None:
        """Begin a section."""
        level = "h1" if rule == "=" else "h2"
        self.sections.append([f"<{level}>{escape(text)}</{level}>"])

    def text(self, text: str, indent: int = 0, hang: int = 0) -> None:
        """Add a paragraph."""
        self._add(f"<p{_step(indent)}>{escape(text).replace(chr(10), '<br>')}</p>")

    def item(self, label: str, text: str, hang: int, indent: int = 0) -> None:
        """Add a paragraph with a label before it."""
        self._add(f"<p{_step(indent)}><b>{escape(label)}</b> {escape(text)}</p>")

    def blank(self) -> None:
        """Paragraphs have their own distance in HTML."""

    def pairs(self, rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
        """Add names and values."""
        lines = [f"<tr><th scope=row>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows]
        if lines:
            self._add('<table class="pairs">\n' + "\n".join(lines) + "\n</table>")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]], indent: int = 0) -> None:
        """Add a table; it scrolls by itself where the window is narrower."""
        parts = ['<div class="wide"><table>']
        if any(column.head for column in columns):
            heads = "".join(f"<th scope=col{_side(c)}>{escape(c.head)}</th>" for c in columns)
            parts.append(f"<thead><tr>{heads}</tr></thead>")
        for row in rows:
            cells = "".join(self._cell(c, text) for c, text in zip(columns, row, strict=True))
            parts.append(f"<tr>{cells}</tr>")
        self._add("\n".join([*parts, "</table></div>"]))

    def _cell(self, column: Column, text: str) -> str:
        mark = self.marked.get(text)
        said = f'<span class="{mark}">{escape(text)}</span>' if mark else escape(text)
        return f"<td{_side(column)}>{said}</td>"

    def _add(self, fragment: str) -> None:
        if not self.sections:
            self.sections.append([])
        self.sections[-1].append(fragment)


def _step(indent: int) -> str:
    return f' class="step{min(indent // 2, 5)}"' if indent > 1 else ""


def _side(column: Column) -> str:
    return ' class="right"' if column.align == "right" else ""
