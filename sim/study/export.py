"""A study's ledger as tables: Parquet, CSV, a workbook, a DataFrame, an xarray Dataset; and its summary by point.

A row is a case: its point and replication, its id, what the point changes, the record's digest, and its numbers. Each
clause's compliance stands beside the counts it comes from.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...network_models.problems import InputError, Problem
from .case import case_id
from .store import Ledger
from .tally import spread

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["FORMATS", "dataset", "export", "frame", "summary"]

_BLOCK = 5_000  # rows at a time: a million-row ledger is never held whole
_SHEET_ROWS = 1_048_575  # of a workbook, without its head


def frame(ledger: Ledger) -> pd.DataFrame:
    """Return every case as a row of a pandas DataFrame."""
    pd = _needed("pandas", "pandas")
    heads = _heads(ledger)
    return pd.DataFrame.from_records(list(_rows(ledger, heads)), columns=heads)


def dataset(ledger: Ledger) -> xr.Dataset:
    """Return the numbers as an xarray Dataset over point and replication; what points change are its coordinates."""
    xr = _needed("xarray", "heatseason[netcdf]")
    points = ledger.points()
    winters = sorted({replication for _, replication in ledger.digests()})
    column = {replication: n for n, replication in enumerate(winters)}
    values = {name: np.full((len(points), len(winters)), np.nan) for name in ledger.names()}
    for row in ledger.rows():
        for name, value in row.numbers.items():
            values[name][row.point, column[row.replication]] = value
    changed = dict.fromkeys(path for point in points for path in point.changes)
    coordinates: dict[str, Any] = {"point": [point.number for point in points], "replication": winters}
    for path in changed:
        coordinates[path] = ("point", _coordinate([_plain(point.changes.get(path)) for point in points]))
    variables = {name: (("point", "replication"), array) for name, array in values.items()}
    return xr.Dataset(variables, coords=coordinates, attrs={"version": ledger.meta("version")})


def export(ledger: Ledger, file: Path) -> Path:
    """Write every case to a file whose ending says the format: one of :data:`FORMATS`.

    Raises
    ------
    InputError
        When the ending is none of them, a package is missing, or a workbook cannot hold so many rows.
    """
    write = FORMATS.get(file.suffix)
    if write is None:
        raise InputError([Problem("", f'"{file.suffix}"', "one of " + ", ".join(FORMATS), "", str(file))])
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.part")
    try:
        write(ledger, half)
        half.replace(file)  # whole or not at all
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or errno.EIO), str(file)) from error
    finally:
        with contextlib.suppress(OSError):  # where nothing can be written
            half.unlink(missing_ok=True)
    return file


def summary(ledger: Ledger, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return, for every point, what it changes, how many winters were played and failed, and each number's spread.

    Parameters
    ----------
    ledger : Ledger
    names : sequence of str, optional
        Paths of the numbers; all of them when left out. A clause's compliance is pooled: counts added, then divided.
    """
    wanted = ledger.names() if names is None else tuple(names)
    failed: dict[int, int] = {}
    for point, _, _ in ledger.failures():
        failed[point] = failed.get(point, 0) + 1
    found = []
    for stored in ledger.points():
        rows = list(ledger.rows(wanted, stored.number))
        columns = {name: [row.numbers.get(name) for row in rows] for name in wanted}
        numbers: dict[str, Any] = {
            name: spread(values) for name, values in columns.items() if any(v is not None for v in values)
        }
        for clause in _clauses(wanted):
            met, judged = (_total(columns[f"{clause}.{count}"]) for count in ("met", "judged"))
            if judged > 0:
                numbers[f"{clause}.compliance"] = {"pooled": met / judged}
        found.append(
            {
                "point": stored.number,
                "changes": dict(stored.changes),
                "winters": len(rows),
                "failed": failed.get(stored.number, 0),
                "numbers": numbers,
            }
        )
    return found


def _total(values: Sequence[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _clauses(names: Sequence[str]) -> list[str]:
    return [name.removesuffix(".judged") for name in names if name.startswith("clauses.") and name.endswith(".judged")]


def _heads(ledger: Ledger) -> list[str]:
    changed = dict.fromkeys(path for point in ledger.points() for path in point.changes)
    numbers = []
    for name in ledger.names():
        numbers.append(name)
        if name.startswith("clauses.") and name.endswith(".judged"):
            numbers.append(f"{name.removesuffix('.judged')}.compliance")
    return ["point", "replication", "id", "digest", "wall_s", *changed, *numbers]


def _rows(ledger: Ledger, heads: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    points = {point.number: point for point in ledger.points()}
    changed = [path for path in heads[5:] if any(path in point.changes for point in points.values())]
    names = heads[5 + len(changed) :]
    for row in ledger.rows():
        point = points[row.point]
        numbers = row.numbers
        values = [numbers.get(name, _compliance(name, numbers)) for name in names]
        known = (row.point, row.replication, case_id(point.key, row.replication), row.digest, row.wall_s)
        yield (*known, *(_plain(point.changes.get(path)) for path in changed), *values)


def _compliance(name: str, numbers: Mapping[str, float]) -> float | None:
    clause, _, what = name.rpartition(".")
    judged = numbers.get(f"{clause}.judged", 0.0) if what == "compliance" else 0.0
    return numbers[f"{clause}.met"] / judged if judged else None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _coordinate(values: Sequence[Any]) -> Sequence[Any]:
    """Return what points have of one path in one type: numbers, NaN where a point does not change it, else text."""
    if any(isinstance(value, str) for value in values):
        return ["" if value is None else str(value) for value in values]
    return [float("nan") if value is None else value for value in values]


def _write_parquet(ledger: Ledger, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    heads = _heads(ledger)
    texts = {"id", "digest"} | {
        path for point in ledger.points() for path, value in point.changes.items() if isinstance(_plain(value), str)
    }
    types = [
        (head, pa.string() if head in texts else pa.int64() if head in ("point", "replication") else pa.float64())
        for head in heads
    ]
    schema, rows = pa.schema(types), _rows(ledger, heads)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while block := list(islice(rows, _BLOCK)):
            columns = [
                [None if value is None else str(value) if head in texts else value for value in column]
                for head, column in zip(heads, zip(*block, strict=True), strict=True)
            ]
            arrays = [pa.array(column, kind) for column, (_, kind) in zip(columns, types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _write_csv(ledger: Ledger, file: Path) -> None:
    heads = _heads(ledger)
    with file.open("w", encoding="utf-8-sig", newline="") as stream:  # spreadsheets take Chinese for noise without it
        writer = csv.writer(stream)
        writer.writerow(heads)
        writer.writerows(_rows(ledger, heads))


def _write_workbook(ledger: Ledger, file: Path) -> None:
    import xlsxwriter

    count = sum(ledger.counts().values())
    if count > _SHEET_ROWS:
        raise InputError([Problem("", f"{count} rows", f"at most {_SHEET_ROWS} for a workbook", "take .parquet")])
    heads = _heads(ledger)
    try:
        with xlsxwriter.Workbook(str(file), {"constant_memory": True, "strings_to_formulas": False}) as book:
            sheet = book.add_worksheet("winters 冬季")
            sheet.freeze_panes(1, 2)
            sheet.write_row(0, 0, heads, book.add_format({"bold": True}))
            for n, row in enumerate(_rows(ledger, heads), 1):
                sheet.write_row(n, 0, row)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from error  # the OSError in it


def _write_netcdf(ledger: Ledger, file: Path) -> None:
    data = dataset(ledger)
    _needed("h5py", "heatseason[netcdf]")
    plain = str.maketrans({"/": "|", " ": "_"})  # signs that netCDF keeps for itself
    data = data.rename({name: str(name).translate(plain) for name in data.variables})
    data.to_netcdf(file, engine="h5netcdf")


FORMATS: Mapping[str, Callable[[Ledger, Path], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".xlsx": _write_workbook,
    ".nc": _write_netcdf,
}
"""File ending -> what writes it."""


def _needed(module: str, package: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise InputError([Problem("", "", f"the package {package}", f"pip install '{package}'")]) from error
