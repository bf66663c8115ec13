"""A study's folder: its ledger or its shards', put together; and any case of them played again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...network_models.problems import HeatseasonError, InputError, Problem, together
from ...scenarios.scenario import Scenario, from_resolved
from ..record import Record
from ..run import run
from .case import study_key
from .store import Ledger, NeverBegunError, StoredPoint

__all__ = [
    "PARTS",
    "WHOLE",
    "WINTERS",
    "DigestError",
    "Shard",
    "ledgers_of",
    "left_of",
    "merge",
    "missing_of",
    "parts_of",
    "patch_of",
    "replay",
    "said_parts",
    "scenario_of",
    "the_ledger",
]

LEDGER = "ledger.sqlite"
PARTS = "parts"  # under which a ledger keeps what it was put together of
WINTERS = "winters"  # and the first winter that a design asks for, and the one after its last


class DigestError(HeatseasonError):
    """A case was played again and came out differently."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `of`, from 1: every case belongs to exactly one."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> Shard:
        """Return the shard that ``2/8`` names.

        Raises
        ------
        InputError
            When it names none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise InputError([Problem("--shard", f'"{text}"', "a part of a whole such as 2/8")])
        return cls(int(number), int(of))

    @classmethod
    def of_file(cls, name: str) -> Shard:
        """Return the shard whose ledger has a name; the whole for any other name."""
        found = re.fullmatch(r"ledger-(\d+)-of-(\d+)\.sqlite", name)
        return cls(int(found[1]), int(found[2])) if found else WHOLE

    def __str__(self) -> str:
        """Return ``2/8``."""
        return f"{self.number}/{self.of}"

    @property
    def file(self) -> str:
        """Name of its ledger."""
        return LEDGER if self.of == 1 else f"ledger-{self.number}-of-{self.of}.sqlite"


WHOLE = Shard()


def ledgers_of(folder: Path | str) -> list[Path]:
    """Return the ledgers of a study: the whole one first, then its shards', which may go on beside it.

    Raises
    ------
    InputError
        When there is none.
    """
    folder = Path(folder)
    whole, shards = folder / LEDGER, sorted(folder.glob("ledger-*-of-*.sqlite"))
    found = [folder] if folder.is_file() else [whole, *shards] if whole.is_file() else shards
    if not found:
        raise InputError([Problem("", "no ledger", "a study's folder or its ledger file", "", str(folder))])
    return found


def the_ledger(folder: Path | str) -> Path:
    """Return the one ledger of a study.

    Raises
    ------
    InputError
        When there is none, or only shards.
    """
    first, *others = ledgers_of(folder)
    if others and first.name != LEDGER:
        hint = "put them together: heatseason study merge"
        wanted = "a study's folder or its ledger file"
        raise InputError([Problem("", f"{len(others) + 1} shards", wanted, hint, str(folder))])
    return first


def merge(folders: Sequence[Path | str], out: Path | str, *, partial: bool = False) -> Path:
    """Put shards of one study together into one ledger, beside what it holds already, and return its path.

    Nothing is written before all are known to agree.

    Parameters
    ----------
    folders : sequence of path
        Each holds some of the shards.
    out : path
        Folder of the whole.
    partial : bool
        Whether some shards or winters may be missing; :func:`parts_of` and :func:`left_of` then tell.

    Raises
    ------
    InputError
        When a folder holds none, when they are of different studies, when two say different things of one case, or when
        some are missing that may not.
    """
    target = Path(out) / LEDGER
    found = [path for ledgers in together(*(_each_sound(folder) for folder in folders)) for path in ledgers]
    begun = [*([target] if target.is_file() else []), *(path for path in found if path.resolve() != target.resolve())]
    begun = [path for path in begun if _is_begun(path)]
    if not begun:
        Ledger(found[0]).close()  # says so
    agreed = _agreed(begun)
    parts = agreed.parts
    if not partial and (lacking := missing_of(parts)):
        hint = "play them with --shard, or put together what there is with --partial"
        wanted = f"all of them; {said_parts(lacking)} are missing"
        raise InputError([Problem("", f"parts {said_parts(parts)}", wanted, hint, str(folders[0]))])
    if not partial and agreed.left:
        hint = "the commands that were stopped go on, or put together what there is with --partial"
        raise InputError([Problem("", f"{agreed.left} winters that are not played", "none", hint, str(folders[0]))])
    with Ledger(target, agreed.study) as whole:
        for path in begun:
            if path.resolve() != target.resolve():
                with Ledger(path) as part:
                    whole.merge(part)
        whole.note(PARTS, None if WHOLE in parts else [str(part) for part in parts])
        whole.note(WINTERS, agreed.winters)
    return target


def parts_of(ledger: Ledger) -> list[Shard]:
    """Return the shards of which a ledger holds what they know."""
    merged = [Shard.read(text) for text in ledger.meta(PARTS) or ()]
    return merged or [Shard.of_file(ledger.path.name)]


def left_of(ledger: Ledger) -> int:
    """Return how many winters of a design a whole ledger lacks; 0 of a shard, which does not know what others play."""
    if not (winters := ledger.meta(WINTERS)) or Shard.of_file(ledger.path.name) != WHOLE:
        return 0
    known = sum(1 for _, winter in ledger.known() if winter in range(*winters))
    return len(ledger.points()) * len(range(*winters)) - known


def missing_of(parts: Iterable[Shard]) -> list[Shard]:
    """Return the shards that some lack to be a whole; of several divisions, those of the one that lacks least."""
    known = set(parts)
    lacking = [[Shard(n, of) for n in range(1, of + 1) if Shard(n, of) not in known] for of in {p.of for p in known}]
    return min(lacking, key=len, default=[])


def said_parts(parts: Iterable[Shard]) -> str:
    """Return ``1-3/64, 7/64`` for four shards: those in a row are said as one."""
    rows: list[list[Shard]] = []
    for part in sorted(parts, key=lambda part: (part.of, part.number)):
        if rows and rows[-1][-1] == Shard(part.number - 1, part.of):
            rows[-1].append(part)
        else:
            rows.append([part])
    return ", ".join(f"{row[0].number}-{row[-1]}" if len(row) > 1 else str(row[0]) for row in rows)


def _each_sound(folder: Path | str) -> Callable[[], list[Path]]:
    """Return what gives the ledgers of a folder, each of which can be opened."""

    def found() -> list[Path]:
        ledgers = ledgers_of(folder)
        for path in ledgers:
            _is_begun(path)
        return ledgers

    return found


def _is_begun(path: Path) -> bool:
    try:
        Ledger(path).close()
    except NeverBegunError:
        return False
    return True


class _Agreed(NamedTuple):
    """The study that ledgers are of, the shards that they hold, the winters that were wanted, how many are left."""

    study: Mapping[str, Any]
    parts: list[Shard]
    winters: list[int] | None
    left: int


def _agreed(paths: Sequence[Path]) -> _Agreed:
    """Return what ledgers hold together, if each case came out alike in all and one ledger can hold their numbers."""
    asked: list[list[int]] = []
    failed: set[tuple[str, int]] = set()
    parts: dict[Shard, None] = {}
    facts: dict[str, Any] = {}
    seen: dict[str, dict[int, tuple[bytes, Path]]] = {}
    named: dict[str, str] = {}
    for path in paths:
        with Ledger(path) as part:
            parts |= dict.fromkeys(parts_of(part))
            for name in ("version", "study"):
                if facts.setdefault(name, part.meta(name)) != part.meta(name):
                    raise InputError([Problem(name, "another study", f"shards of {paths[0]}", "", str(path))])
            asked += [winters] if (winters := part.meta(WINTERS)) else []
            for name in part.names():
                if name != (other := named.setdefault(name.casefold(), name)):
                    wanted = f'another name than "{other}", not only by its capitals'
                    raise InputError([Problem("", name, wanted, "a ledger's columns ignore capitals", str(path))])
            keys = {point.number: point.key for point in part.points()}
            failed |= {(keys[point], replication) for point, replication, _ in part.failures()}
            for key in keys.values():
                seen.setdefault(key, {})
            for (point, replication), digest in part.digests().items():
                here = (bytes.fromhex(digest), path)
                known, where = seen[keys[point]].setdefault(replication, here)
                if known != here[0]:
                    found = f"point {point}, replication {replication}: {digest}"
                    wanted = f"the same digest as in {where}: {known.hex()}"
                    raise InputError([Problem("", found, wanted, "are the machines' libraries the same?", str(path))])
    winters = [min(first for first, _ in asked), max(end for _, end in asked)] if asked else [0, 0]
    for key, replication in failed:  # for good
        seen[key].setdefault(replication, (b"", Path()))
    left = sum(1 for known in seen.values() for winter in range(*winters) if winter not in known)
    return _Agreed(facts["study"], list(parts), winters if asked else None, left)


def replay(folder: Path | str, point: int, replication: int) -> Record:
    """Play a case of a study again, to its full record.

    Raises
    ------
    DigestError
        When the record is not the one that the study saw.
    InputError
        When the study has no such case.
    """
    for path in ledgers_of(folder):
        with Ledger(path) as ledger:
            points = {stored.number: stored for stored in ledger.points()}
            if point in points and (digest := ledger.digest(point, replication)):
                scenario = scenario_of(ledger, points[point])
                record = run(scenario, replication)
                if study_key(scenario) != points[point].key:
                    raise DigestError("the scenario's network, weather file, guide or version is not what it was")
                if record.digest() != digest:
                    raise DigestError(f"the record's digest is {record.digest()}; the study saw {digest}")
                return record
    wanted = "a case that the study holds a result of"
    raise InputError([Problem("", f"point {point}, replication {replication}", wanted, "", str(folder))])


def scenario_of(ledger: Ledger, point: StoredPoint) -> Scenario:
    """Return the scenario of a stored point."""
    values = ledger.meta("study")["scenario"]
    for keys, *value in point.patch:
        at = values
        for key in keys[:-1]:
            at = at.setdefault(key, {})
        if value:
            at[keys[-1]] = value[0]
        else:
            at.pop(keys[-1], None)
    return from_resolved(values)


def patch_of(base: Mapping[str, Any], other: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[Any]:
    """Return how to make `other` of `base`: ``[keys, value]`` to set, ``[keys]`` to take away."""
    patch: list[Any] = [[[*above, key]] for key in base if key not in other]
    for key, value in other.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            patch += patch_of(base[key], value, (*above, key))
        elif key not in base or base[key] != value:
            patch.append([[*above, key], value])
    return patch
