"""The ledger of a study: which cases are done and what they came to, in one SQLite file that survives being killed.

The driver is its only writer, and an outcome and its numbers go in by one transaction; so what stands here is done, and
what does not is to be done. A case is (point, replication); a point is named by its key, the hash of the scenario that
is played there, its network, the guide and the version (:func:`study_key`). A row's numbers are named by their paths in
the scorecard's document: ``headline.calls``, ``clauses.2.3.met``, ``metrics.mine``; they stand packed (:mod:`.kept`),
and apart from what a list of cases needs, so that a list of a million need not pass over them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ...network_models.problems import HeatseasonError, InputError, Problem
from ...version import __version__
from .case import Failure, Outcome
from .kept import numbers_of, packed, unpacked

__all__ = ["FORMAT", "Ledger", "LedgerError", "NeverBegunError", "Row", "StoredPoint"]

FORMAT = 2
_READ = (1, FORMAT)  # 1 kept numbers as they are
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "ceph", "fuse.sshfs", "9p"}
)
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE point (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, changes TEXT NOT NULL, patch TEXT NOT NULL
);
CREATE TABLE outcome (
    point INTEGER NOT NULL, replication INTEGER NOT NULL, digest BLOB NOT NULL, wall_s REAL NOT NULL,
    PRIMARY KEY (point, replication)
) WITHOUT ROWID;
CREATE TABLE number (point INTEGER NOT NULL, replication INTEGER NOT NULL, PRIMARY KEY (point, replication))
    WITHOUT ROWID;
CREATE TABLE failure (
    point INTEGER NOT NULL, replication INTEGER NOT NULL, kind TEXT NOT NULL, why TEXT NOT NULL, trace TEXT NOT NULL,
    PRIMARY KEY (point, replication)
) WITHOUT ROWID;
"""


class LedgerError(HeatseasonError):
    """The ledger cannot be written: the disk is full, or another process writes it."""


class NeverBegunError(InputError):
    """A ledger in which no point stands."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a ledger knows of one case that has a result.

    Attributes
    ----------
    point, replication : int
    digest : str
        Of the record, in hexadecimal.
    wall_s : float
        Time it took [s].
    numbers : mapping
        By path.
    """

    point: int
    replication: int
    digest: str
    wall_s: float
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A point of a study: its number, its key, what it changes in the base scenario, and that as a patch of values."""

    number: int
    key: str
    changes: Mapping[str, Any]
    patch: Sequence[Any]


class Ledger:
    """A study's ledger, open for writing by one process, or for reading by any.

    Parameters
    ----------
    path : Path
        The file; made, with its folder, when it is not there and the ledger is to be written.
    study : mapping, optional
        What the study is, as JSON values; one who opens it to go on must mean the same study. None: only to read.

    Raises
    ------
    LedgerError
        When another process writes it.
    InputError
        When it is the ledger of another study, of another version, or none at all; :class:`NeverBegunError` when one
        who only reads finds no point in it.
    """

    def __init__(self, path: Path, study: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._format = FORMAT
        self._lock: int | None = None
        writable = study is not None
        if writable:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path.with_suffix(".lock"))
        elif not path.is_file():
            raise InputError([Problem("", "no ledger", "a study's folder or its ledger file", "", str(path))])
        self._base = _connected(path, "rwc" if writable else "ro")
        try:
            self._open(study)
            self._columns = self._number_columns()
        except sqlite3.DatabaseError as error:
            self.close()
            if writable and isinstance(error, sqlite3.OperationalError):
                raise self._unwritten(error) from error
            hint = "" if os.access(path.parent, os.W_OK) else "copy its folder to where it can be written"
            raise InputError([Problem("", str(error), "a ledger of heatseason", hint, str(path))]) from error
        except HeatseasonError:
            self.close()
            raise

    def _open(self, study: Mapping[str, Any] | None) -> None:
        base = self._base
        if study is not None:
            base.execute(f"PRAGMA journal_mode={'TRUNCATE' if _on_network(self.path) else 'WAL'}")
            base.execute("PRAGMA synchronous=NORMAL")
        if not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:  # killed before anything stood in it
            if study is None:
                raise self._never_begun()
            with self._transaction():
                for statement in _SCHEMA.strip().split(";\n"):
                    base.execute(statement.rstrip(";"))
                facts = {"format": FORMAT, "version": __version__, "study": study}
                base.executemany("INSERT INTO meta VALUES (?, ?)", [(k, _json(v)) for k, v in facts.items()])
            return
        self._format = self.meta("format")
        if self._format not in (_READ if study is None else (FORMAT,)):
            hint = "study show and study export read it; to go on, give another --out" if self._format in _READ else ""
            raise InputError([Problem("format", str(self._format), str(FORMAT), hint, str(self.path))])
        if study is None:
            if not base.execute("SELECT EXISTS (SELECT 1 FROM point)").fetchone()[0]:
                raise self._never_begun()
            return
        wanted = json.loads(_json(study))
        if (self.meta("version"), self.meta("study")) == (__version__, wanted):
            return
        if not base.execute("SELECT EXISTS (SELECT 1 FROM outcome)").fetchone()[0]:  # nothing would be lost
            with self._transaction():
                base.execute("DELETE FROM point")
                base.execute("DELETE FROM failure")
                base.execute("DELETE FROM meta WHERE name NOT IN ('format', 'version', 'study')")
                facts = {"version": __version__, "study": study}
                base.executemany("UPDATE meta SET value = ? WHERE name = ?", [(_json(v), k) for k, v in facts.items()])
            return
        found = "another study"
        if self.meta("version") != __version__:
            found = f"a study begun by version {self.meta('version')}"
        wish, hint = f"the same study, by version {__version__}", "give another --out, or take the old study away"
        raise InputError([Problem("", found, wish, hint, str(self.path))])

    def _never_begun(self) -> NeverBegunError:
        hint = "the sweep was stopped before it began: start it again"
        return NeverBegunError([Problem("", "an empty ledger", "a ledger of heatseason", hint, str(self.path))])

    def close(self) -> None:
        """Close the file and let others write it; no log is left beside it, for it is read where nothing is written."""
        if self._lock is not None:
            with contextlib.suppress(sqlite3.Error):  # somebody reads it, or the disk is full: the log stays
                self._base.execute("PRAGMA busy_timeout=0")
                self._base.execute("PRAGMA journal_mode=DELETE")
        self._base.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise LedgerError(f"{self.path}: {error}") from error

    # ------------------------------------------------------------------ writing

    def add_points(self, points: Iterable[tuple[str, Mapping[str, Any], Sequence[Any]]]) -> list[int]:
        """Make sure of points and return their numbers; those with the same key are one.

        Parameters
        ----------
        points : iterable of tuple
            Each its key, what it changes as people wrote it, and the same as a patch of the base scenario's values.
        """
        with self._transaction():
            known = dict(self._base.execute("SELECT key, number FROM point"))
            numbers = []
            for key, changes, patch in points:
                if key not in known:
                    known[key] = len(known)
                    row = (known[key], key, _json(changes), _json(patch))
                    self._base.execute("INSERT INTO point VALUES (?, ?, ?, ?)", row)
                numbers.append(known[key])
        return numbers

    def forget_failures(self) -> None:
        """Take failed cases out, so that they are tried again."""
        with self._transaction():
            self._base.execute("DELETE FROM failure")

    def put(self, point: int, outcome: Outcome, *, relative_margins: bool = False) -> None:
        """Keep an outcome and its numbers (:func:`numbers_of`), in one transaction; one that is known already stays.

        Raises
        ------
        LedgerError
            When it cannot be written; everything that was put before is kept.
        """
        where = (point, outcome.replication)
        with self._transaction():
            if outcome.failure is not None:
                failed = (*where, outcome.failure.kind, outcome.failure.why, outcome.failure.trace)
                self._base.execute("INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?)", failed)
                return
            numbers = numbers_of(outcome, relative_margins=relative_margins)
            self._widen(numbers)
            self._insert(where, outcome.digest, outcome.wall_s, numbers)
            self._base.execute("DELETE FROM failure WHERE point = ? AND replication = ?", where)

    def _widen(self, names: Iterable[str]) -> None:
        """Make sure that there is a column for each name."""
        for name in names:
            if name not in self._columns:
                self._base.execute(f"ALTER TABLE number ADD COLUMN {_quoted(name)}")  # no type: a float stays one
                self._columns.append(name)

    def _insert(self, where: tuple[int, int], digest: str, wall_s: float, numbers: Mapping[str, float]) -> None:
        row = (*where, bytes.fromhex(digest), wall_s)
        if self._base.execute("INSERT OR IGNORE INTO outcome VALUES (?, ?, ?, ?)", row).rowcount:
            names = ", ".join(["point", "replication", *map(_quoted, numbers)])
            blanks = ", ".join("?" * (len(numbers) + 2))
            amounts = map(packed, numbers.values())
            self._base.execute(f"INSERT INTO number ({names}) VALUES ({blanks})", (*where, *amounts))

    def merge(self, other: Ledger) -> None:
        """Take over what another shard of the same study knows, and nothing else of a case that is known here."""
        points = other.points()
        numbers = self.add_points((point.key, point.changes, point.patch) for point in points)
        numbering = dict(zip((point.number for point in points), numbers, strict=True))
        with self._transaction():
            self._widen(other.names())
            for row in other.rows():
                self._insert((numbering[row.point], row.replication), row.digest, row.wall_s, row.numbers)
            for point, replication, failure in other.failures():
                failed = (numbering[point], replication, failure.kind, failure.why, failure.trace)
                self._base.execute("INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?)", failed)
            done = "SELECT 1 FROM outcome WHERE (point, replication) = (failure.point, failure.replication)"
            self._base.execute(f"DELETE FROM failure WHERE EXISTS ({done})")

    def note(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name; None takes it away."""
        with self._transaction():
            self._base.execute("DELETE FROM meta WHERE name = ?", (name,))
            if value is not None:
                self._base.execute("INSERT INTO meta VALUES (?, ?)", (name, _json(value)))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
                self._columns = self._number_columns()
            if isinstance(error, sqlite3.OperationalError):
                raise self._unwritten(error) from error
            raise

    def _unwritten(self, error: sqlite3.OperationalError) -> LedgerError:
        return LedgerError(f"{self.path}: {error}; what was written before is kept, and the same command goes on")

    # ------------------------------------------------------------------ reading

    def meta(self, name: str) -> Any:
        """Return the JSON value kept under a name, None when there is none."""
        found = self._base.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else json.loads(found[0])

    def points(self) -> list[StoredPoint]:
        """Return every point by number."""
        rows = self._base.execute("SELECT number, key, changes, patch FROM point ORDER BY number")
        return [
            StoredPoint(number, key, json.loads(changes), json.loads(patch)) for number, key, changes, patch in rows
        ]

    def known(self) -> set[tuple[int, int]]:
        """Return the cases, as (point, replication), that have a result or failed for good."""
        done = self._base.execute("SELECT point, replication FROM outcome")
        return set(done) | {(point, replication) for point, replication, _ in self.failures()}

    def counts(self) -> dict[int, int]:
        """Return how many winters have a result, by point."""
        return dict(self._base.execute("SELECT point, count(*) FROM outcome GROUP BY point"))

    def digests(self) -> dict[tuple[int, int], str]:
        """Return the digest of every case that has a result."""
        rows = self._base.execute("SELECT point, replication, digest FROM outcome")
        return {(point, replication): digest.hex() for point, replication, digest in rows}

    def digest(self, point: int, replication: int) -> str:
        """Return the digest of one case; empty when it has no result."""
        where = (point, replication)
        found = self._base.execute("SELECT digest FROM outcome WHERE point = ? AND replication = ?", where).fetchone()
        return "" if found is None else found[0].hex()

    def failures(self) -> list[tuple[int, int, Failure]]:
        """Return the cases that have no result, and why."""
        rows = self._base.execute("SELECT * FROM failure ORDER BY point, replication")
        return [(point, replication, Failure(kind, why, trace)) for point, replication, kind, why, trace in rows]

    def wall_s(self) -> float:
        """Return the time that all cases took together [s]."""
        return float(self._base.execute("SELECT total(wall_s) FROM outcome").fetchone()[0])

    def names(self) -> tuple[str, ...]:
        """Return the paths of the numbers kept."""
        return tuple(self._columns)

    def rows(self, names: Sequence[str] | None = None, point: int | None = None) -> Iterator[Row]:
        """Yield the cases that have a result by point and replication, with some of their numbers or all."""
        wanted = self._columns if names is None else list(names)
        read: Callable[[Any], float] = float if self._format == 1 else unpacked
        columns = "".join(f", number.{_quoted(name)}" for name in wanted)
        where = "" if point is None else f" WHERE outcome.point = {int(point)}"
        query = (
            f"SELECT outcome.point, outcome.replication, digest, wall_s{columns} FROM outcome"
            f" JOIN number USING (point, replication){where} ORDER BY outcome.point, outcome.replication"
        )
        for at, replication, digest, wall_s, *values in self._base.execute(query):
            present = {name: read(value) for name, value in zip(wanted, values, strict=True) if value is not None}
            yield Row(at, replication, digest.hex(), wall_s, present)

    def _number_columns(self) -> list[str]:
        return [row[1] for row in self._base.execute("PRAGMA table_info(number)")][2:]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection; what lies where nothing can be written is read as it stands, if no log waits beside it."""
    log = path.with_name(f"{path.name}-wal")
    waits = log.exists() and log.stat().st_size > 0
    still = mode == "ro" and not waits and not os.access(path.parent, os.W_OK)
    target = f"file:{_uri(path)}?mode={mode}{'&immutable=1' if still else ''}"
    return sqlite3.connect(target, uri=True, isolation_level=None, timeout=30)


def _uri(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _lock(path: Path) -> int:
    """Return a file descriptor that holds the one writer's lock; it goes with the process, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise LedgerError(f"{path.parent}: another process is writing this study") from error
    return descriptor


def _on_network(path: Path) -> bool:
    """Return whether a file lies where SQLite's write-ahead log is not safe: its memory is not shared there."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return False
    here = str(path.resolve())
    fields = [line.split(" ") for line in mounts]
    inside = [(len(field[1]), field[2]) for field in fields if here.startswith(field[1].rstrip("/") + "/")]
    return bool(inside) and max(inside)[1] in _NETWORK_FILE_SYSTEMS
