"""Studies said in words: how far a sweep is, what each point came to; and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ...network_models.problems import InputError, Problem
from ..study.compare import NUMBERS
from ..study.export import export, summary
from ..study.folder import Shard, left_of, missing_of, parts_of, said_parts
from ..study.store import Ledger
from .figures import with_error
from .files import json_text
from .layout import Column, Page
from .numbers import figure_of, label
from .problems import translated
from .words import Words

__all__ = ["check_formats", "describe", "say", "say_failures", "say_replayed", "say_written", "write"]

_SHOWN = (
    "headline.dwelling_hours_below_18_strict",
    "headline.heat_shed_gj",
    "headline.cost_cny",
    "score.operator",
)
_MOST_ROWS = 24
_MOST_OWN = 12  # of a user's own metrics


def describe(ledger_file: Path, progress: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a study as a JSON document: how far it is, and the main numbers of every point."""
    with Ledger(ledger_file) as ledger:
        names = [name for name in (*NUMBERS, *_others(ledger.names())) if name in ledger.names()]
        counts = ledger.counts()
        told = dict(progress or {"ledger": str(ledger_file), "points": len(ledger.points())})
        failures = ledger.failures()
        told.setdefault("failed", len(failures))
        told.setdefault("core_hours", ledger.wall_s() / 3600.0)
        told["winters"] = sum(counts.values())
        told["missing_parts"] = [str(part) for part in missing_of(parts_of(ledger))]
        told["left"] = left_of(ledger)
        told["version"] = ledger.meta("version")
        told["summary"] = summary(ledger, names)
    return told


def _others(names: Sequence[str]) -> list[str]:
    return [
        name
        for name in names
        if name.startswith(("score.", "metrics.")) or (name.startswith("clauses.") and not name.endswith(".margin"))
    ]


def write(folder: Path, document: Mapping[str, Any], formats: Sequence[str] = ()) -> list[Path]:
    """Write ``winters.parquet``, further formats of it, and ``summary.json``; return their paths."""
    written = []
    with Ledger(Path(document["ledger"])) as ledger:
        for ending in dict.fromkeys(("parquet", *formats)):
            written.append(export(ledger, folder / f"winters.{ending}"))
    result = folder / "summary.json"
    result.write_text(json_text(document) + "\n", "utf-8")
    return [*written, result]


def check_formats(formats: Sequence[str], shard: Shard) -> None:
    """Raise InputError when files are asked for of a part of a study, which are written of the whole."""
    if formats and shard.of > 1:
        hint = "put them together: heatseason study merge; then heatseason study export"
        raise InputError([Problem("--format", formats[0], "a sweep without --shard", hint)])


def say(
    page: Page, document: Mapping[str, Any], words: Words, detail: Literal["short", "full", "long"] = "full"
) -> None:
    """Say how far a study is and, at length, what its points came to."""
    page.title(words("study.title", ledger=document["ledger"]))
    if "played" in document:
        page.text(words("study.played", n=document["played"], known=document["known"], s=document["elapsed_s"]))
    left = document["wanted"] - document["known"] - document["played"] if "played" in document else document["left"]
    if left:
        page.text(words("study.left", n=left))
    page.text(words("study.all", n=document["winters"], points=document["points"], hours=document["core_hours"]))
    if document["missing_parts"]:
        parts = said_parts(Shard.read(part) for part in document["missing_parts"])
        page.text(words("study.missing_parts", parts=parts))
    if document["failed"]:
        say_failures(page, document["failed"], document.get("failures", ()), words)
    if detail == "short":
        return
    rows = document["summary"]
    changed = dict.fromkeys(key for row in rows for key in row["changes"])
    common = [path for path in changed if not _varies(rows, path)] if len(rows) > 1 else []
    varied = [path for path in changed if path not in common]
    measured = dict.fromkeys(name for row in rows for name in row["numbers"] if name.startswith("metrics."))
    shown = [name for name in (*_SHOWN, *list(measured)[:_MOST_OWN]) if any(name in row["numbers"] for row in rows)]
    page.title(words("study.points"), "-")
    if common:
        page.text(words("study.common", changes=_told(rows[0]["changes"], common, words)), hang=4)
    as_is = words("study.nothing_else" if common else "study.as_is")
    for row in rows[:_MOST_ROWS]:
        own = _told(row["changes"], varied, words) or as_is
        page.text(words("study.point", n=row["point"], changes=own), hang=4)
        numbers = {name: row["numbers"][name] for name in shown if name in row["numbers"]}
        page.pairs(
            [(label(name, words), with_error(number, figure_of(name), words)) for name, number in numbers.items()],
            indent=4,
        )
    if len(rows) > _MOST_ROWS:
        page.text(words("study.more", n=len(rows) - _MOST_ROWS))


def say_failures(page: Page, failed: int, some: Sequence[Mapping[str, Any]], words: Words) -> None:
    """Say how many winters have no result, and of some of them why."""
    page.text(words("study.failed", n=failed))
    for failure in some:
        told = {"kind": words(f"study.kind_{failure['kind']}"), "why": translated(failure["why"], words)}
        page.text(words("study.failure", **{**failure, **told}), indent=2, hang=2)


def say_written(page: Page, files: Sequence[Path], words: Words) -> None:
    """Say which files were written."""
    page.text(words("study.written"))
    page.table([Column("")], [(str(file),) for file in files], indent=2)


def say_replayed(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say that a winter came out as the study saw it."""
    page.text(words("study.replayed", **{key: document[key] for key in ("point", "replication", "digest")}))
    if document["record"]:
        page.text(words("study.stored", folder=document["record"]))


def _varies(rows: Sequence[Mapping[str, Any]], path: str) -> bool:
    return len({str(row["changes"].get(path)) for row in rows}) > 1


def _told(changes: Mapping[str, Any], paths: Sequence[str], words: Words) -> str:
    return words.listing([f"{path} = {_value(changes[path])}" for path in paths if path in changes])


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
