"""Where each key of a TOML text stands: a small scanner over text that tomllib has already accepted."""

from __future__ import annotations

import re
import tomllib
from typing import ClassVar

__all__ = ["KeyPath", "key_positions"]

KeyPath = tuple[str | int, ...]


def key_positions(text: str) -> dict[KeyPath, tuple[int, int]]:
    r"""Return key path -> (line, column), both from 1; an element of an array has its row as the last part.

    Parameters
    ----------
    text : str
        Valid TOML 1.0 with ``\n`` line ends.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Finds where each key of a TOML text stands; the text has already been accepted by tomllib."""

    _BARE = re.compile(r"[A-Za-z0-9_-]+")
    _BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
    _SCALAR = re.compile(r"[^,\]}\n#]*")
    _STRINGS: ClassVar[dict[str, re.Pattern[str]]] = {
        '"""': re.compile(r'"""(?:\\.|[^\\])*?"""+', re.DOTALL),
        "'''": re.compile(r"'''.*?'''+", re.DOTALL),
        '"': re.compile(r'"(?:\\.|[^"\\\n])*"'),
        "'": re.compile(r"'[^'\n]*'"),
    }

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.places: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}  # arrays of tables: rows so far

    def scan(self) -> dict[KeyPath, tuple[int, int]]:
        """Return key path -> (line, column), both from 1."""
        table: KeyPath = ()
        self._skip()
        while self.at < len(self.text):
            start = self.at
            if self.text.startswith("[[", start):
                self.at += 2
                table = self._resolve(self._key())
                self._head(table, start)
                row = self.counts[table] = self.counts.get(table, -1) + 1
                table = (*table, row)
                self.places[table] = start
                self.at = self.text.index("]]", self.at) + 2
            elif self.text[start] == "[":
                self.at += 1
                table = self._resolve(self._key())
                self._head(table, start)
                self.at = self.text.index("]", self.at) + 1
            else:
                self._pair(table)
            self._skip()
        return self._lines()

    def _head(self, table: KeyPath, start: int) -> None:
        """Note where a table begins, and those round it that have no head of their own."""
        for end in range(1, len(table) + 1):
            self.places.setdefault(table[:end], start)

    def _lines(self) -> dict[KeyPath, tuple[int, int]]:
        starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        result, line = {}, 0
        for path, position in sorted(self.places.items(), key=lambda item: item[1]):
            while line + 1 < len(starts) and starts[line + 1] <= position:
                line += 1
            result[path] = (line + 1, position - starts[line] + 1)
        return result

    def _resolve(self, key: KeyPath) -> KeyPath:
        """Return a table's path with the row of every array of tables on the way, the last part apart."""
        path: KeyPath = ()
        for number, part in enumerate(key):
            path = (*path, part)
            if number < len(key) - 1 and path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        start = self.at
        path = (*table, *self._key())
        for end in range(len(table) + 1, len(path) + 1):
            self.places.setdefault(path[:end], start)
        self.at = self.text.index("=", self.at) + 1
        self._skip()
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._items(path)
        elif first == "{":
            self.at += 1
            self._skip()
            while self.text[self.at] != "}":
                self._pair(path)
                self._skip(",")
            self.at += 1
        else:
            match = self._SCALAR.match(self.text, self.at)
            self.at = match.end() if match else self.at

    def _items(self, path: KeyPath) -> None:
        self.at += 1
        self._skip()
        number = 0
        while self.text[self.at] != "]":
            self.places[(*path, number)] = self.at
            self._value((*path, number))
            number += 1
            self._skip(",")
        self.at += 1

    def _key(self) -> KeyPath:
        parts: list[str | int] = []
        while True:
            self._skip()
            if self.text[self.at] in "\"'":
                word = self._string()
                parts.append(tomllib.loads(f"k = {word}")["k"])
            else:
                match = self._BARE.match(self.text, self.at)
                parts.append(match[0] if match else "")
                self.at = match.end() if match else self.at + 1
            self._skip()
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _string(self) -> str:
        quote = next(q for q in self._STRINGS if self.text.startswith(q, self.at))
        match = self._STRINGS[quote].match(self.text, self.at)
        start, self.at = self.at, match.end() if match else len(self.text)
        return self.text[start : self.at]

    def _skip(self, also: str = "") -> None:
        """Go past blanks, newlines and comments, and one separator."""
        match = self._BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        if also and self.at < len(self.text) and self.text[self.at] == also:
            self.at += 1
            self._skip()
