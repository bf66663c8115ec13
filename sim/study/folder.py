"""A study's folder: its ledger or its shards', put together; and any case of them played again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...network_models.problems import HeatseasonError, InputError, Problem, together
from ...scenarios.scenario import Scenario, from_resolved
from ..record import Record
from ..run import run
from .case import study_key
from .store import Ledger, StoredPoint

__all__ = ["WHOLE", "DigestError", "Shard", "ledgers_of", "merge", "patch_of", "replay", "scenario_of", "the_ledger"]

LEDGER = "ledger.sqlite"


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


def merge(folders: Sequence[Path | str], out: Path | str) -> Path:
    """Put shards of one study together into one ledger, beside what it holds already, and return its path.

    Raises
    ------
    InputError
        When a folder holds none, when they are of different studies, or when two say different things of one case.
    """
    by_folder = together(*(partial(_sound_ledgers, folder) for folder in folders))
    found: list[Path] = [path for ledgers in by_folder for path in ledgers]
    with Ledger(found[0]) as first:
        study = first.meta("study")
    target = Path(out) / LEDGER
    with Ledger(target, study) as whole:
        for path in found:
            if path.resolve() != target.resolve():
                with Ledger(path) as part:
                    whole.merge(part)
    return target


def _sound_ledgers(folder: Path | str) -> list[Path]:
    """Return the ledgers of a folder, each of which can be opened."""
    found = ledgers_of(folder)
    for path in found:
        Ledger(path).close()
    return found


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
