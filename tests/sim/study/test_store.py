"""The ledger, with outcomes that are made up."""

import errno
import sqlite3

import numpy as np
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.study import export as export_module
from heatseason.sim.study import store
from heatseason.sim.study.case import Failure, Outcome, case_id
from heatseason.sim.study.export import FORMATS, dataset, export, frame, summary
from heatseason.sim.study.folder import Shard, merge, missing_of, parts_of
from heatseason.sim.study.kept import numbers_of
from heatseason.sim.study.store import Ledger, LedgerError

STUDY = {"scenario": {"name": "made up"}, "metrics": []}


def outcome(point, replication, **changes):
    """An outcome whose numbers tell where it belongs."""
    rows = [
        {"id": "2.3", "status": "breached", "met": 90.0, "late": 0.0, "missed": 10.0 + point, "margin": -0.1},
        {"id": "2.7.3", "status": "met", "met": 5 + replication, "late": 0, "missed": 0, "margin": None},
        {"id": "2.1", "status": "not_simulated", "met": 0, "late": 0, "missed": 0, "margin": None},
    ]
    document = {
        "score": {"operator": 0.9, "authority": None},
        "clauses": rows,
        "headline": {
            "calls": 100 * point + replication,
            "fuel": {"gas": {"burnt": 1.0}},
            "nothing": None,
            "cost_split_cny": {"fuel": 7.0},
        },
    }
    known = {"document": document, "digest": f"{point:016x}{replication:016x}", "wall_s": 0.25, **changes}
    return Outcome(case_id(f"key {point}", replication), replication, **known)


def filled(path, points=2, winters=3):
    ledger = Ledger(path, STUDY)
    ledger.add_points((f"key {n}", {"a.b": n, "名": "值"}, [[["a", "b"], n]]) for n in range(points))
    for point in range(points):
        for winter in range(winters):
            ledger.put(point, outcome(point, winter))
    return ledger


def test_what_a_ledger_keeps_of_an_outcome():
    assert numbers_of(outcome(1, 2, metrics={"mine": 3.5})) == {
        "score.operator": 0.9,
        "clauses.2.3.met": 90.0,
        "clauses.2.3.judged": 101.0,
        "clauses.2.3.margin": -0.1,
        "clauses.2.7.3.met": 7.0,
        "clauses.2.7.3.judged": 7.0,
        "headline.calls": 102.0,
        "headline.cost_split_cny.fuel": 7.0,
        "metrics.mine": 3.5,
    }


def test_what_was_put_is_known_after_reopening(tmp_path):
    filled(tmp_path / "l.sqlite").close()
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert ledger.known() == {(p, w) for p in range(2) for w in range(3)}
        assert ledger.counts() == {0: 3, 1: 3}
        assert ledger.digest(1, 2) == outcome(1, 2).digest
        assert ledger.digest(7, 2) == ""
        assert [row.numbers for row in ledger.rows()] == [numbers_of(outcome(p, w)) for p in range(2) for w in range(3)]
        assert [point.changes for point in ledger.points()] == [{"a.b": 0, "名": "值"}, {"a.b": 1, "名": "值"}]
        assert ledger.wall_s() == pytest.approx(1.5)


def test_nothing_is_doubled_and_points_with_one_key_are_one(tmp_path):
    with filled(tmp_path / "l.sqlite") as ledger:
        ledger.put(0, outcome(0, 1, digest="ff" * 16))
        assert ledger.digest(0, 1) == outcome(0, 1).digest
        assert ledger.add_points([("key 1", {}, []), ("key 5", {}, []), ("key 5", {}, [])]) == [1, 2, 2]


def test_a_failure_is_known_until_it_is_forgotten_or_mended(tmp_path):
    with filled(tmp_path / "l.sqlite") as ledger:
        ledger.put(0, outcome(0, 9, failure=Failure("model", "stuck")))
        assert (0, 9) in ledger.known()
        assert ledger.failures() == [(0, 9, Failure("model", "stuck"))]
        ledger.forget_failures()
        assert (0, 9) not in ledger.known()
        ledger.put(0, outcome(0, 9, failure=Failure("model", "stuck")))
        ledger.put(0, outcome(0, 9))
        assert ledger.failures() == []


def test_one_writer_at_a_time_and_any_readers(tmp_path):
    with filled(tmp_path / "l.sqlite"):
        with pytest.raises(LedgerError, match="another process"):
            Ledger(tmp_path / "l.sqlite", STUDY)
        with Ledger(tmp_path / "l.sqlite") as reader:
            assert len(reader.known()) == 6
    Ledger(tmp_path / "l.sqlite", STUDY).close()


def test_another_study_is_refused_unless_nothing_would_be_lost(tmp_path):
    other = {**STUDY, "metrics": ["m:f"]}
    with Ledger(tmp_path / "l.sqlite", STUDY) as ledger:
        ledger.add_points([("wrong", {}, [])])
    with Ledger(tmp_path / "l.sqlite", other) as ledger:
        assert ledger.points() == []
        ledger.add_points([("key 0", {}, [])])
        ledger.put(0, outcome(0, 0))
    with pytest.raises(InputError, match="another study"):
        Ledger(tmp_path / "l.sqlite", STUDY)
    base = sqlite3.connect(tmp_path / "l.sqlite")
    with base:
        base.execute("""UPDATE meta SET value = '"0.0.0"' WHERE name = 'version'""")
    base.close()
    with pytest.raises(InputError, match=r"version 0\.0\.0"):
        Ledger(tmp_path / "l.sqlite", other)


def test_what_is_no_ledger_is_said(tmp_path):
    with pytest.raises(InputError, match="no ledger"):
        Ledger(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("not a database, whatever it is called " * 9, "utf-8")
    with pytest.raises(InputError, match="not a database"):
        Ledger(tmp_path / "text.sqlite")


def test_a_ledger_that_was_killed_at_birth_is_said_and_filled(tmp_path):
    (tmp_path / "l.sqlite").touch()
    with pytest.raises(InputError, match="stopped before it began"):
        Ledger(tmp_path / "l.sqlite")
    filled(tmp_path / "l.sqlite").close()
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert len(ledger.known()) == 6


def test_a_ledger_without_points_is_said(tmp_path):
    Ledger(tmp_path / "l.sqlite", STUDY).close()
    with pytest.raises(InputError, match="an empty ledger"):
        Ledger(tmp_path / "l.sqlite")


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path):
    with filled(tmp_path / "l.sqlite", points=1, winters=0) as ledger:
        base = ledger._base
        base.execute(f"PRAGMA max_page_count={base.execute('PRAGMA page_count').fetchone()[0] + 2}")

        def fill():
            for winter in range(10_000):
                ledger.put(0, outcome(0, winter))

        with pytest.raises(LedgerError, match="full"):
            fill()
        kept = ledger.counts()[0]
        assert kept > 0
        base.execute("PRAGMA max_page_count=1073741823")
        ledger.put(0, outcome(0, kept))
        assert len(list(ledger.rows())) == kept + 1
    with Ledger(tmp_path / "l.sqlite", STUDY) as ledger:
        assert ledger.counts()[0] == kept + 1


def test_a_full_disk_is_said_before_anything_stands_in_it(tmp_path, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Ledger, "_open", full)
    with pytest.raises(LedgerError, match="full; what was written before is kept"):
        Ledger(tmp_path / "l.sqlite", STUDY)


def test_a_ledger_that_is_closed_is_one_file_for_whoever_reads_it(tmp_path):
    with filled(tmp_path / "l.sqlite"):
        assert (tmp_path / "l.sqlite-wal").exists()
    with Ledger(tmp_path / "l.sqlite") as reader, Ledger(tmp_path / "l.sqlite", STUDY) as again:
        again.put(1, outcome(1, 9))
        assert len(reader.known()) == 7
    with Ledger(tmp_path / "l.sqlite", STUDY) as again:
        reader = Ledger(tmp_path / "l.sqlite")
        again.put(1, outcome(1, 10))
    assert len(reader.known()) == 8  # closed while somebody reads
    reader.close()
    with Ledger(tmp_path / "l.sqlite", STUDY):
        pass
    with Ledger(tmp_path / "l.sqlite") as reader:
        assert len(reader.known()) == 8
    assert {file.name for file in tmp_path.iterdir()} == {"l.sqlite", "l.lock"}


def test_a_ledger_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    filled(tmp_path / "l.sqlite").close()
    monkeypatch.setattr(store.os, "access", lambda *_: False)
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert len(list(ledger.rows())) == 6
        assert {file.name for file in tmp_path.iterdir()} == {"l.sqlite", "l.lock"}


def test_a_damaged_ledger_is_said(tmp_path):
    with filled(tmp_path / "l.sqlite", winters=400):
        pass
    content = (tmp_path / "l.sqlite").read_bytes()
    (tmp_path / "l.sqlite").write_bytes(content[:32_768] + bytes(len(content) - 32_768))
    with pytest.raises(LedgerError, match="malformed"), Ledger(tmp_path / "l.sqlite") as ledger:
        list(ledger.rows())


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_number_is_kept_to_seven_digits_and_whole_ones_exactly(tmp_path, sign):
    drawn = np.random.default_rng(7)
    given = [
        0.0,
        1.0,
        0.1,
        1e-8,
        1e-20,
        99_999.99999,
        99_999.4,
        123_456_789.4,
        2.0**40,
        1e17,
        3e18,
        1e20,
        1e-300,
        *10.0 ** drawn.uniform(-7, 5, 500),
    ]
    given = [sign * value for value in given]
    metrics = {f"n{n}": value for n, value in enumerate(given)}
    with filled(tmp_path / "l.sqlite", points=1, winters=0) as ledger:
        result = outcome(0, 0, metrics=metrics)
        ledger.put(0, result)
        (row,) = ledger.rows()
    assert row.numbers == numbers_of(result)  # what is known when it is played is what is read when it is resumed
    for n, value in enumerate(given):
        kept = row.numbers[f"metrics.n{n}"]
        assert np.sign(kept) == np.sign(value)
        exact = float(np.round(value)) if abs(value) >= 1e5 else value
        assert abs(kept - exact) <= (0.0 if exact == round(exact) else 5.1e-7 * abs(value))


def test_a_ledger_of_the_format_before_is_read_and_not_gone_on_with(tmp_path):
    with filled(tmp_path / "l.sqlite") as ledger:
        before = list(ledger.rows())
        with ledger._base as base:
            base.execute("UPDATE meta SET value = '1' WHERE name = 'format'")
            base.execute("DROP TABLE number")
            columns = ", ".join(f'"{name}" REAL' for name in ledger.names())
            base.execute(
                "CREATE TABLE number (point INTEGER NOT NULL, replication INTEGER NOT NULL,"
                f" {columns}, PRIMARY KEY (point, replication)) WITHOUT ROWID"
            )
            for row in before:
                values = [row.numbers.get(name) for name in ledger.names()]
                blanks = ", ".join("?" * (len(values) + 2))
                base.execute(f"INSERT INTO number VALUES ({blanks})", (row.point, row.replication, *values))
    with Ledger(tmp_path / "l.sqlite") as old:
        assert list(old.rows()) == before
    with pytest.raises(InputError, match="give another --out"):
        Ledger(tmp_path / "l.sqlite", STUDY)


def test_columns_that_come_later_are_kept_and_survive_a_rollback(tmp_path):
    with filled(tmp_path / "l.sqlite", points=1, winters=1) as ledger:
        ledger.put(0, outcome(0, 5, metrics={'it"s mine': 2.0}))
        rows = list(ledger.rows())
        assert 'metrics.it"s mine' not in rows[0].numbers
        assert rows[1].numbers['metrics.it"s mine'] == 2.0
        with pytest.raises(ValueError):  # a digest that is none: the new column is rolled back with it
            ledger.put(0, outcome(0, 6, metrics={"later": 1.0}, digest="no hex"))
        ledger.put(0, outcome(0, 6, metrics={"later": 1.0}))
        assert list(ledger.rows(["metrics.later"]))[-1].numbers == {"metrics.later": 1.0}


def test_shards_are_merged(tmp_path):
    filled(tmp_path / "a.sqlite", winters=2).close()
    with Ledger(tmp_path / "b.sqlite", STUDY) as part:
        part.add_points([("key 1", {"a.b": 1}, []), ("key 0", {"a.b": 0}, [])])  # numbered otherwise
        part.put(0, outcome(1, 2))
        part.put(1, outcome(0, 3, failure=Failure("model", "stuck")))
    with Ledger(tmp_path / "c.sqlite", STUDY) as whole:
        for name in ("a", "b", "b"):
            with Ledger(tmp_path / f"{name}.sqlite") as part:
                whole.merge(part)
        assert whole.known() == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (0, 3)}
        assert whole.digest(1, 2) == outcome(1, 2).digest


def parts(folder, *ledgers, study=STUDY):
    """Shards that each know some cases, of two points."""
    folder.mkdir(exist_ok=True)
    for number, cases in enumerate(ledgers, 1):
        if cases is None:
            continue
        with Ledger(folder / f"ledger-{number}-of-{len(ledgers)}.sqlite", study) as part:
            part.add_points((f"key {n}", {"a.b": n}, []) for n in range(2))
            for point, winter in cases:
                part.put(point, outcome(point, winter))
    return folder


def test_a_merge_that_is_refused_leaves_nothing(tmp_path):
    one = parts(tmp_path / "one", [(0, 0)], [(1, 0)])
    other = parts(tmp_path / "other", [(0, 0)], [(1, 0)], study={"other": 1})
    odd = parts(tmp_path / "odd", [(0, 1)], [(1, 1)])
    with Ledger(odd / "ledger-2-of-2.sqlite", STUDY) as part:
        part.put(0, outcome(0, 0, digest="ab" * 16))
    named = parts(tmp_path / "named", [(0, 0)], [(1, 0)])
    for number, name in enumerate(("mine", "Mine"), 1):
        with Ledger(named / f"ledger-{number}-of-2.sqlite", STUDY) as part:
            part.put(0, outcome(0, 3 + number, metrics={name: 1.0}))
    for folders, said in (
        ([one, other], "another study"),
        ([one, odd], "the same digest as in .*ledger-1-of-2"),
        ([named], 'another name than "metrics.mine"'),
    ):
        with pytest.raises(InputError, match=said):
            merge(folders, tmp_path / "whole")
        assert not (tmp_path / "whole").exists()
    merge([one], tmp_path / "whole")
    before = (tmp_path / "whole" / "ledger.sqlite").read_bytes()
    for folder in (other, odd):
        with pytest.raises(InputError, match=r"another study|same digest"):
            merge([folder], tmp_path / "whole")
    assert (tmp_path / "whole" / "ledger.sqlite").read_bytes() == before


def test_a_merge_says_which_shards_are_missing(tmp_path):
    some = parts(tmp_path / "some", [(0, 0)], None, [(1, 0)], None, None)
    with pytest.raises(InputError, match=r"found parts 1/5, 3/5, wanted all of them; 2/5, 4-5/5 are missing"):
        merge([some], tmp_path / "whole")
    assert not (tmp_path / "whole").exists()
    with Ledger(merge([some], tmp_path / "whole", partial=True)) as whole:
        assert whole.known() == {(0, 0), (1, 0)}
        assert missing_of(parts_of(whole)) == [Shard(2, 5), Shard(4, 5), Shard(5, 5)]
    rest = parts(tmp_path / "rest", None, [(0, 1)], None, [(1, 1)], [(0, 2)])
    with Ledger(merge([rest], tmp_path / "whole")) as whole:  # the others stand in the whole
        assert missing_of(parts_of(whole)) == []
        assert len(whole.known()) == 5
    (some / "ledger-2-of-5.sqlite").touch()  # killed at birth: it is as if it were not there
    with pytest.raises(InputError, match=r"2/5, 4-5/5 are missing"):
        merge([some], tmp_path / "again")


def test_a_failure_that_was_mended_is_none_in_the_whole(tmp_path):
    folder = parts(tmp_path / "p", [], [])
    with Ledger(folder / "ledger-1-of-2.sqlite", STUDY) as part:
        part.put(0, outcome(0, 3, failure=Failure("model", "stuck")))
    merge([folder], tmp_path)
    with Ledger(folder / "ledger-1-of-2.sqlite", STUDY) as part:
        part.put(0, outcome(0, 3))
    with Ledger(merge([folder], tmp_path)) as whole:
        assert (whole.failures(), whole.known()) == ([], {(0, 3)})


def test_the_summary_pools_compliance_and_spreads_numbers(tmp_path):
    with filled(tmp_path / "l.sqlite") as ledger:
        ledger.put(1, outcome(1, 8, failure=Failure("model", "stuck")))
        first, second = summary(ledger)
    assert (first["winters"], first["failed"], second["failed"]) == (3, 0, 1)
    assert second["numbers"]["headline.calls"]["mean"] == 101
    assert second["numbers"]["clauses.2.3.compliance"] == {"pooled": pytest.approx(90 / 101)}


def test_exports_hold_every_winter(tmp_path):
    pd, pq = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    calamine = pytest.importorskip("python_calamine")
    pytest.importorskip("xlsxwriter")
    with filled(tmp_path / "l.sqlite") as ledger:
        table = frame(ledger)
        for ending in (".parquet", ".csv", ".xlsx"):
            assert export(ledger, tmp_path / f"x{ending}").exists()
        with pytest.raises(InputError, match="one of"):
            export(ledger, tmp_path / "x.doc")
    assert len(table) == 6
    assert table["headline.calls"].tolist() == [0, 1, 2, 100, 101, 102]
    assert table["clauses.2.3.compliance"][0] == pytest.approx(0.9)
    assert table["id"][4] == case_id("key 1", 1)
    assert table["名"].tolist() == ["值"] * 6
    parquet = pq.read_table(tmp_path / "x.parquet")
    assert parquet.column_names == list(table.columns)
    assert parquet.column("headline.calls").to_pylist() == table["headline.calls"].tolist()
    text = (tmp_path / "x.csv").read_bytes()
    assert text.startswith("\ufeffpoint,replication,id".encode())
    assert len(pd.read_csv(tmp_path / "x.csv")) == 6
    sheet = calamine.CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_index(0).to_python()
    assert [row[sheet[0].index("headline.calls")] for row in sheet[1:]] == table["headline.calls"].tolist()
    assert set(FORMATS) == {".parquet", ".csv", ".xlsx", ".nc"}


def test_an_export_that_finds_the_disk_full_names_the_file_and_leaves_nothing(tmp_path, monkeypatch):
    def full(_ledger, file):
        file.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "Error writing bytes to file")

    monkeypatch.setattr(export_module, "FORMATS", {".csv": full})
    with filled(tmp_path / "l.sqlite") as ledger, pytest.raises(OSError, match="No space left") as caught:
        export(ledger, tmp_path / "out" / "w.csv")
    assert caught.value.filename == str(tmp_path / "out" / "w.csv")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_dataset_has_points_and_winters_as_dimensions(tmp_path):
    pytest.importorskip("xarray")
    with filled(tmp_path / "l.sqlite") as ledger:
        ledger.put(1, outcome(1, 7))
        data = dataset(ledger)
    assert dict(data.sizes) == {"point": 2, "replication": 4}
    assert data["headline.calls"].sel(point=1, replication=7) == 107
    assert data["headline.calls"].sel(point=0, replication=7).isnull()
    assert data["a.b"].values.tolist() == [0, 1]


def test_netcdf_holds_what_the_dataset_does(tmp_path):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    pytest.importorskip("h5py")
    with filled(tmp_path / "l.sqlite") as ledger:
        changes = {"name/with stroke": 2.5, "only.here": True, "a.b": "none"}
        ledger.add_points([("key 2", changes, [])])
        ledger.put(2, outcome(2, 7, metrics={"mine/other": 3.5}))
        data = dataset(ledger)
        export(ledger, tmp_path / "x.nc")
    with xr.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as stored:
        assert dict(stored.sizes) == {"point": 3, "replication": 4}
        assert stored["a.b"].values.tolist() == ["0", "1", "none"]
        assert stored["名"].values.tolist() == ["值", "值", ""]
        assert stored["name|with_stroke"].values[2] == 2.5
        assert stored["only.here"].values[2] == 1.0
        assert stored["metrics.mine|other"].sel(point=2, replication=7) == 3.5
        assert np.array_equal(stored["headline.calls"].values, data["headline.calls"].values, equal_nan=True)
        assert stored.attrs["version"] == data.attrs["version"]
