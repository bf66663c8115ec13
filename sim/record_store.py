"""Records on disk: a folder of Parquet files and a stamp, or a small one written by hand as TOML.

A folder holds ``entries.parquet`` (what happened), ``tracks.parquet`` (hourly series and dwellings, a row per series)
and ``stamp.json`` (everything else: subjects, scenario, calendar, how it ended; with the format's version). What is
written and read back has the same digest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network_models.documents import read_json
from ..network_models.problems import InputError, Problem, RecordError
from .record import KIND_CODE, KINDS, Record, Subjects
from .record_text import read_text_record

__all__ = ["FORMAT", "read_record", "round_in_place", "rounded", "write_record"]

FORMAT = 1
_COLUMNS = ("at", "case", "subject", "cause", "origin", "value", "detail")
_DTYPES = {"at": np.int32, "case": np.int32, "subject": np.int32, "cause": np.int32, "origin": np.int8,
           "value": np.float64, "detail": np.int32}  # fmt: skip
_SUBJECT_TEXTS = ("kind", "id", "name", "manager")
_SUBJECT_COLUMNS = {"operator": np.int32, "district": np.int32, "substation": np.int32, "source": np.int32,
                    "households": np.int32, "floor_area_m2": np.float64, "first_dwelling": np.int32}  # fmt: skip
_TRACK_COLUMNS = ("track", "column", "dimensions", "values")
_STAMPED = ("scenario", "calendar", "balances", "summary", "ended", "stamp")
_STALE = "it was cut short or changed; write the record anew"
_DWELLING_COLUMNS = ("offset_k", "paying")  # stored beside the tracks: one value per dwelling
_ENTRIES_AT_ONCE, _VALUES_AT_ONCE = 1 << 17, 1 << 19  # of entries and series, in a row group of a file
_SERIES_AT_ONCE = 256  # that are read at once
_HOURS_AT_ONCE, _ROUNDED_AT_ONCE = 64, 1 << 13  # of a track, and of values that lie together, rounded at once
_DROPPED_BITS = np.uint32(10)  # of float32's 23: 14 significant bits stay, 0.001 K at 20 degC


def rounded(tracks: Mapping[str, npt.NDArray[np.float32]]) -> dict[str, npt.NDArray[np.float32]]:
    """Return the tracks as they are stored: float32 with 14 significant bits, to the nearest.

    Applied once when a record is made, so that a record in memory and one read back are the same; applying it again
    changes nothing.

    Parameters
    ----------
    tracks : mapping of float32 arrays
        Hourly series.

    Returns
    -------
    dict of float32 arrays
        Relative rounding at most 2^-15.
    """
    kept = {name: np.array(track, np.float32, order="C") for name, track in tracks.items()}
    round_in_place(kept)
    return kept


def round_in_place(tracks: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Round float32 tracks as :func:`rounded` does, where they stand: for whoever owns them and is done with them."""
    half, mask = np.uint32(1 << (_DROPPED_BITS - 1)), np.uint32(0xFFFFFFFF << _DROPPED_BITS & 0xFFFFFFFF)
    for track in tracks.values():
        row, at_once = (track.reshape(-1), _ROUNDED_AT_ONCE) if track.flags.c_contiguous else (track, _HOURS_AT_ONCE)
        for first in range(0, len(row), at_once):  # both passes over what the cache still holds
            bits = row[first : first + at_once].view(np.uint32)
            bits += half
            bits &= mask


def write_record(record: Record, folder: Path | str) -> None:
    """Write a record to a folder, which is made if it is not there.

    Parameters
    ----------
    record : Record
    folder : path
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_entries(record, folder / "entries.parquet")
    _write_tracks(record, folder / "tracks.parquet")
    subjects = record.subjects
    stamp = {
        "format": FORMAT,
        "stamp": record.stamp,
        "ended": record.ended,
        "calendar": record.calendar,
        "summary": record.summary,
        "balances": record.balances,
        "scenario": record.scenario,
        "details": record.details,
        "subjects": {
            **{name: getattr(subjects, name) for name in _SUBJECT_TEXTS},
            **{column: getattr(subjects, column).tolist() for column in _SUBJECT_COLUMNS},
        },
    }  # fmt: skip
    text = json.dumps(stamp, ensure_ascii=False, default=_plain, indent=1)
    (folder / "stamp.json").write_text(text, "utf-8")


def _write_entries(record: Record, file: Path) -> None:
    """Write what happened, some entries at a time: what is packed at once stands in memory twice more."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = _texts([kind.name for kind in KINDS])

    def table(rows: slice) -> Any:
        columns = {name: _arrow(getattr(record, name)[rows]) for name in _COLUMNS}
        what = pa.DictionaryArray.from_arrays(_arrow(record.what[rows]), names)
        return pa.Table.from_arrays([columns.pop("at"), what, *columns.values()], ["at", "what", *columns])

    rising = dict.fromkeys(("at", "case", "subject", "cause"), "DELTA_BINARY_PACKED")  # half the file, written faster
    few = ["what", "origin", "value", "detail"]
    schema = table(slice(0)).schema
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=few, column_encoding=rising) as writer:
        for first in range(0, len(record), _ENTRIES_AT_ONCE):
            writer.write_table(table(slice(first, first + _ENTRIES_AT_ONCE)))


def _write_tracks(record: Record, file: Path) -> None:
    """Write the hourly series and the dwellings' columns, a row per series, some at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    blocks = [(name, record.tracks[name].ndim, record.tracks[name]) for name in sorted(record.tracks)]
    blocks += [(name, 1, getattr(record.subjects, name)) for name in _DWELLING_COLUMNS]
    names = _texts([name for name, _, _ in blocks])

    def table(code: int, first: int, dimensions: int, block: npt.NDArray[Any]) -> Any:
        """Return columns of a block, shape (hour, column), the first of which has this number in its track."""
        length, width = block.shape
        ends = _arrow(np.arange(width + 1, dtype=np.int64) * length)
        values = pa.LargeListArray.from_arrays(ends, _arrow(np.ascontiguousarray(block.T, np.float32).reshape(-1)))
        track = pa.DictionaryArray.from_arrays(_arrow(np.full(width, code, np.int32)), names)
        column = _arrow(np.arange(first, first + width, dtype=np.int32))
        return pa.Table.from_arrays(
            [track, column, _arrow(np.full(width, dimensions, np.int8)), values], list(_TRACK_COLUMNS)
        )

    schema = table(0, 0, 1, np.zeros((0, 1), np.float32)).schema
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=["track"]) as writer:
        for code, (_, dimensions, track) in enumerate(blocks):
            block = track if track.ndim == 2 else track[:, None]
            at_once = max(1, _VALUES_AT_ONCE // max(1, len(block)))
            for first in range(0, block.shape[1], at_once):
                writer.write_table(table(code, first, dimensions, block[:, first : first + at_once]))


def _arrow(values: npt.NDArray[Any]) -> Any:
    """Return a column's own memory as an Arrow array; `pyarrow.array` would load pandas to ask whether it is one."""
    import pyarrow as pa

    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _texts(texts: list[str]) -> Any:
    """Return texts as an Arrow array, for the same reason from their bytes."""
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def read_record(path: Path | str) -> Record:
    """Return a stored record: a folder written by :func:`write_record`, or a small one written by hand (``.toml``).

    Raises
    ------
    RecordError
        When it is not there, not complete, or of an unknown format; for a hand-written one with every fault at once.
    """
    path = Path(path)
    if path.suffix.lower() == ".toml":
        return read_text_record(path)
    needed = ("stamp.json", "entries.parquet", "tracks.parquet")
    missing = [name for name in needed if not (path / name).is_file()]
    if missing:
        found = (
            "nothing" if not path.exists() else f"a folder without {', '.join(missing)}" if path.is_dir() else "a file"
        )
        raise RecordError(
            [Problem("", found, "a record's folder, or a .toml file", "run … --record DIR writes one", str(path))]
        )
    problems: list[Problem] = []
    stamp = _read_stamp(path / "stamp.json", problems)
    columns: dict[str, Any] = _read_columns(path / "entries.parquet", ("what", *_COLUMNS), _read_entries, problems)
    series = _read_columns(path / "tracks.parquet", _TRACK_COLUMNS, _read_tracks, problems)
    if problems:
        raise RecordError(problems)
    offset_k, paying = (series.pop(name) for name in _DWELLING_COLUMNS)
    table = stamp["subjects"]
    about: dict[str, Any] = {name: tuple(table[name]) for name in _SUBJECT_TEXTS}
    about |= {name: np.array(table[name], dtype) for name, dtype in _SUBJECT_COLUMNS.items()}
    return Record(
        details=tuple(stamp["details"]),
        tracks=series,
        subjects=Subjects(
            **about,
            offset_k=offset_k,
            paying=paying.astype(np.bool_),
        ),
        **{name: stamp[name] for name in _STAMPED},
        **columns,
    )


def _read_stamp(file: Path, problems: list[Problem]) -> dict[str, Any]:
    """Return the stamp, complete; an empty one, and what is wrong with it, when it is not."""
    try:
        stamp: dict[str, Any] = read_json(file)
    except InputError as error:
        problems += [replace(problem, hint=_STALE) for problem in error.problems]
        return {}
    version = stamp.get("format") if isinstance(stamp, dict) else None
    if version != FORMAT:
        hint = "it was written by a newer version" if isinstance(version, int) else ""
        problems.append(Problem("format", repr(version), f"{FORMAT}", hint, str(file)))
        return {}
    subjects = stamp.get("subjects")
    if isinstance(subjects, dict) and "kind" in subjects:  # written before areas were: only a source knows its own
        own = [row if kind == "source" else -1 for row, kind in enumerate(subjects["kind"])]
        subjects.setdefault("source", own)
    inside = (*_SUBJECT_TEXTS, *_SUBJECT_COLUMNS)
    missing = [name for name in ("subjects", "details", *_STAMPED) if name not in stamp]
    missing += [f"subjects.{name}" for name in inside if isinstance(subjects, dict) and name not in subjects]
    problems += [Problem(name, "", "what run --record writes", _STALE, str(file)) for name in missing]
    return stamp


def _read_columns(
    file: Path,
    names: tuple[str, ...],
    read: Callable[[Any, list[Problem], Path], dict[str, npt.NDArray[Any]]],
    problems: list[Problem],
) -> dict[str, npt.NDArray[Any]]:
    """Return what `read` makes of a Parquet file; nothing, and what is wrong with it, when it cannot be read whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            found = set(table.schema_arrow.names)
            missing = [name for name in names if name not in found]
            problems += [Problem(name, "", "what run --record writes", _STALE, str(file)) for name in missing]
            return {} if missing else read(table, problems, file)
    except (OSError, pa.ArrowException):
        problems.append(Problem("", f"{file.stat().st_size} bytes", "a whole Parquet file", _STALE, str(file)))
        return {}
    finally:
        pa.default_memory_pool().release_unused()


def _read_entries(table: Any, problems: list[Problem], file: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the entries' columns, some entries at a time: never two copies of them all."""
    rows = table.metadata.num_rows
    columns: dict[str, npt.NDArray[Any]] = {name: np.empty(rows, dtype) for name, dtype in _DTYPES.items()}
    columns["what"] = np.empty(rows, np.int16)
    strange: set[str] = set()
    first = 0
    for part in table.iter_batches(_ENTRIES_AT_ONCE, use_threads=False):
        end = first + part.num_rows
        for name in _COLUMNS:
            columns[name][first:end] = _numbers(part.column(name))
        what = part.column("what")
        kinds = what.dictionary.to_pylist()
        strange.update(kind for kind in kinds if kind not in KIND_CODE)
        columns["what"][first:end] = np.array([KIND_CODE.get(kind, -1) for kind in kinds])[_numbers(what.indices)]
        first = end
    if strange:
        wanted = "kinds of happening this version knows"
        problems.append(Problem("what", ", ".join(sorted(strange)), wanted, "", str(file)))
    return columns


def _read_tracks(table: Any, problems: list[Problem], file: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the hourly series and the columns of dwellings, some at a time."""
    widths = Counter(table.read(["track"], use_threads=False).column("track").to_pylist())
    tracks: dict[str, npt.NDArray[np.float32]] = {}
    for part in table.iter_batches(_SERIES_AT_ONCE, use_threads=False):
        series = part.column("values")
        values, ends = _numbers(series.values), _numbers(series.offsets)
        numbers, dimensions = _numbers(part.column("column")), _numbers(part.column("dimensions"))
        first = 0
        for name, run in groupby(part.column("track").to_pylist()):
            count = len(list(run))
            hours = int(ends[first + 1] - ends[first])
            block = values[ends[first] : ends[first + count]].reshape(count, hours).T
            if name not in tracks:
                tracks[name] = np.empty((hours, *[widths[name]][: dimensions[first] - 1]), np.float32)
            track = tracks[name] if tracks[name].ndim == 2 else tracks[name][:, None]
            track[:, numbers[first] : numbers[first] + count] = block
            first += count
    missing = [name for name in _DWELLING_COLUMNS if name not in tracks]
    if missing:
        problems.append(Problem("track", "", ", ".join(missing), _STALE, str(file)))
    return tracks


def _numbers(values: Any) -> npt.NDArray[Any]:
    """Return an Arrow array's own memory as numbers; its `to_numpy` would load pandas."""
    whole = np.frombuffer(values.buffers()[1], values.type.to_pandas_dtype())
    return whole[values.offset : values.offset + len(values)]


def _plain(value: Any) -> Any:
    """Return what JSON knows for what it does not: numpy numbers and arrays, dates as text."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else str(value)
