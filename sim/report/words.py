"""Every phrase a person reads, in Chinese and English: words.toml, looked up by key."""

from __future__ import annotations

import functools
import locale
import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Literal, cast

__all__ = ["Lang", "Words", "language", "phrases"]

Lang = Literal["zh", "en"]


@functools.cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return every phrase: dotted key to ``{"zh": …, "en": …}``."""
    text = resources.files(__package__ or "heatseason.sim.report").joinpath("words.toml").read_text("utf-8")
    found: dict[str, Mapping[str, str]] = {}

    def collect(prefix: str, table: Mapping[str, Any]) -> None:
        for name, value in table.items():
            key = f"{prefix}.{name}" if prefix else name
            if "zh" in value and "en" in value:
                found[key] = value
            else:
                collect(key, value)

    collect("", tomllib.loads(text))
    return found


class Words:
    """The phrases in one language.

    Parameters
    ----------
    lang : {"zh", "en"}
    """

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the phrase with its blanks filled in. An unknown key is a bug, hence a KeyError."""
        phrase = phrases()[key][self.lang]
        return phrase.format(**values) if values else phrase

    def __contains__(self, key: str) -> bool:
        """Return whether there is such a phrase."""
        return key in phrases()

    def either(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in this language, or the other when it is empty."""
        return (zh or en) if self.lang == "zh" else (en or zh)

    def listing(self, items: Sequence[str]) -> str:
        """Return items joined as this language joins them."""
        return ("、" if self.lang == "zh" else ", ").join(items)


def language(arguments: Sequence[str] = ()) -> Lang:
    """Return the language to speak: ``--lang`` among the arguments, else the locale's, else English.

    Parameters
    ----------
    arguments : sequence of str
        A command line, perhaps not yet parsed: help must speak the right language too.
    """
    for n, argument in enumerate(arguments):
        if argument == "--lang" and n + 1 < len(arguments):
            argument = f"--lang={arguments[n + 1]}"
        if argument in ("--lang=zh", "--lang=en"):
            return cast(Lang, argument[-2:])
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    if sys.platform == "win32":
        return "zh" if "chinese" in (locale.getlocale()[0] or "").lower().replace("zh_", "chinese") else "en"
    return "en"
