"""The official wording, from the user's own copy of the guide: numbered items found by place, sentences by anchor."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ...network_models.documents import read_text
from ...network_models.problems import GuideError, InputError, Problem
from .clause import Clause, Guide

__all__ = ["GuideText", "Item", "digest", "read_guide_text"]

_CHAPTER = re.compile(r"([一二三四五六七八九十]+)、")
_SECTION = re.compile(r"\((\d+)\)")
_LETTER = re.compile(r"([a-z])[)）]")
_CIRCLED = {chr(0x2460 + i): i + 1 for i in range(20)}


@dataclass(frozen=True, slots=True)
class Item:
    """A numbered item of the text.

    Attributes
    ----------
    place : str
        E.g. 二（6）④c.
    words : str
        Its own words, without its number and without the items below it.
    """

    place: str
    words: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences, each with its full stop; a lead-in that ends with a colon is none."""
        return tuple(part for part in re.findall(r"[^。；]+[。；]", self.words) if part.strip("。； "))


@dataclass(frozen=True, slots=True)
class GuideText:
    """A copy of the guide, cut at its numbers; ``items`` in the text's order."""

    items: tuple[Item, ...]

    def item(self, place: str) -> Item | None:
        """Return the item at a place, or None."""
        return next((item for item in self.items if item.place == place), None)

    def sentence(self, place: str, anchor: str) -> str:
        """Return the sentence of an item that holds an anchor; empty when it is not found."""
        item = self.item(place)
        if item is None:
            return ""
        return next((part for part in item.sentences if same(anchor) in same(part)), "")

    def wording(self, clause: Clause) -> str:
        """Return the official wording of a clause: its sentence, and those of its parts."""
        found = [self.sentence(clause.place, anchor) for anchor in clause.anchors]
        return "".join(dict.fromkeys(part for part in found if part))

    def beside(self, clause: Clause) -> dict[str, str]:
        """Return the ``wording`` of a clause, and whether it ``fits`` the one that the clause was written on.

        ``fits`` is ``same``; ``changed``, where the wording is another or an anchor is lost (then all that stands at
        the place is the wording); or ``missing``, where the place is not in this copy.
        """
        item, wording = self.item(clause.place), self.wording(clause)
        if item is None:
            return {"wording": "", "fits": "missing"}
        if not all(self.sentence(clause.place, anchor) for anchor in clause.anchors):
            return {"wording": item.words, "fits": "changed"}
        return {"wording": wording, "fits": "same" if digest(wording) == clause.wording_digest else "changed"}

    def problems(self, guide: Guide) -> list[Problem]:
        """Return where text and clauses do not fit: places and anchors not found, sentences without a row."""
        found: list[Problem] = []
        for clause in guide.clauses:
            if self.item(clause.place) is None:
                found.append(Problem(clause.id, clause.place, "a place in the text"))
                continue
            for anchor in clause.anchors:
                if not self.sentence(clause.place, anchor):
                    found.append(Problem(clause.id, anchor, f"an anchor in {clause.place}"))
        for item in self.items:
            anchors = [same(a) for clause in guide.clauses if clause.place == item.place for a in clause.anchors]
            for sentence in item.sentences:
                if not any(anchor in same(sentence) for anchor in anchors):
                    found.append(Problem(item.place, sentence[:12], "a row of guide.toml for every numbered sentence"))
        return found


def read_guide_text(path: Path | str) -> GuideText:
    """Return the user's copy of the guide, a text file in UTF-8 or GB18030.

    Raises
    ------
    GuideError
        When it cannot be read, or holds no numbered item.
    """
    try:
        text = read_text(Path(path))
    except InputError as error:
        raise GuideError(error.problems) from error
    items: list[Item] = []
    chapter = section = number = ""
    for raw in text.splitlines():
        line = raw.strip()
        plain = same(line)
        if match := _CHAPTER.match(plain):
            chapter, section, number = match[1], "", ""
        elif match := _SECTION.match(plain):
            section, number = f"（{match[1]}）", ""
            items.append(Item(f"{chapter}{section}", ""))
        elif line[:1] in _CIRCLED and section:
            number = line[0]
            items.append(Item(f"{chapter}{section}{number}", line[1:].strip()))
        elif (match := _LETTER.match(plain)) and number:
            items.append(Item(f"{chapter}{section}{number}{match[1]}", line[2:].strip()))
        elif items and section and line:
            items[-1] = Item(items[-1].place, items[-1].words + line)
    items = [item for item in items if item.words]
    if not items:
        raise GuideError([Problem("", "", "the text of the guide, with its numbers 一、（1）①a）", "", str(path))])
    return GuideText(tuple(items))


def digest(wording: str) -> str:
    """Return a hash of a wording that copies share (BLAKE2b, 64 bit)."""
    return hashlib.blake2b(same(wording).encode(), digest_size=8).hexdigest()


def same(text: str) -> str:
    """Return a text without what copies differ in: full or half width, and blanks."""
    circled = "".join(f"{{{c}}}" if c in _CIRCLED else c for c in text)
    return "".join(unicodedata.normalize("NFKC", circled).split())
