"""A record comes back from disk as it was; a hand-written one says everything that is wrong with it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from heatseason.network_models.problems import GuideError, RecordError
from heatseason.sim import record_store
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_store import read_record, rounded, write_record
from heatseason.sim.record_text import read_text_record, record_from

SMALL = {
    "title": "small",
    "source": [{"name": "河东热源"}],
    "substation": [{"name": "荔枝园", "households": 3, "manager": "荔枝物业"}],
    "entry": [
        {"at": "2025-12-01 06:00", "what": "pipe_failed", "subject": "荔枝路", "case": "b", "name": "burst",
         "value": 40.5},
        {"at": "2025-12-01 06:20", "what": "users_told", "subject": "荔枝园", "case": "b", "cause": "burst",
         "value": "2025-12-02 06:00", "detail": {"cause": "爆管", "road": "荔枝路"}},
        {"at": "2025-12-01 07:00", "what": "complaint_accepted", "subject": "荔枝园/3"},
    ],
    "room": [{"estate": "荔枝园", "from": "2025-12-01 00:00", "hourly_c": [18.3, 17.7], "offsets_k": [0.1, -0.4, 0.0]}],
    "outdoor": {"daily_mean_c": [3.3]},
}  # fmt: skip


def test_what_is_written_and_read_back_has_the_same_digest_and_verdicts(tmp_path):
    record = record_from(SMALL)
    write_record(record, tmp_path / "record")
    back = read_record(tmp_path / "record")
    assert back.digest() == record.digest()
    assert sorted(file.name for file in (tmp_path / "record").iterdir()) == [
        "entries.parquet",
        "stamp.json",
        "tracks.parquet",
    ]
    assert score(judge(back)).to_json() == score(judge(record)).to_json()
    assert back.subjects.name == record.subjects.name
    assert back.subjects.paying.tolist() == record.subjects.paying.tolist()
    assert {name: track.dtype for name, track in back.tracks.items()} == {"room_c": np.float32, "outdoor_c": np.float32}


def test_a_record_is_written_and_read_without_pandas(tmp_path):
    write_record(record_from(SMALL), tmp_path)
    program = (
        "import sys; from heatseason.sim.record_store import read_record, write_record;"
        f"write_record(read_record({str(tmp_path)!r}), {str(tmp_path / 'again')!r}); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0
    assert read_record(tmp_path / "again").digest() == record_from(SMALL).digest()


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_a_record_in_many_pieces_is_the_same(tmp_path, monkeypatch, at_once):
    for name in ("_ENTRIES_AT_ONCE", "_VALUES_AT_ONCE", "_SERIES_AT_ONCE"):
        monkeypatch.setattr(record_store, name, at_once)
    write_record(record_from(SMALL), tmp_path)
    assert read_record(tmp_path).digest() == record_from(SMALL).digest()


def test_an_empty_record_comes_back_empty(tmp_path):
    record = record_from({})
    write_record(record, tmp_path)
    assert read_record(tmp_path).digest() == record.digest()


def test_rounding_twice_is_rounding_once_and_keeps_zero_and_a_thousandth_of_a_kelvin():
    values = np.array([0.0, 18.0, 17.99951, -3.3, 1.2345678e8], np.float32)
    once = rounded({"room_c": values})["room_c"]
    assert rounded({"room_c": once})["room_c"].tobytes() == once.tobytes()
    assert once[0] == 0.0
    assert once[1] == 18.0
    assert np.abs(once - values)[:4].max() < 1.0e-3
    assert np.abs(once[1:] / values[1:] - 1).max() <= 2.0**-15


def test_a_folder_that_is_no_record_is_refused(tmp_path):
    with pytest.raises(RecordError, match="nothing"):
        read_record(tmp_path / "absent")
    with pytest.raises(RecordError, match="without stamp"):
        read_record(tmp_path)
    write_record(record_from({}), tmp_path)
    stamp = json.loads((tmp_path / "stamp.json").read_text("utf-8"))
    (tmp_path / "stamp.json").write_text(json.dumps({**stamp, "format": 99}), "utf-8")
    with pytest.raises(RecordError, match="newer version"):
        read_record(tmp_path)


def test_a_record_cut_short_is_refused_with_every_file_that_is_not_whole(tmp_path):
    write_record(record_from({}), tmp_path)
    for name in ("entries.parquet", "tracks.parquet"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    (tmp_path / "stamp.json").write_text('{"format": 1, "subjects": {}}', "utf-8")
    with pytest.raises(RecordError) as caught:
        read_record(tmp_path)
    places = [Path(problem.file).name for problem in caught.value.problems]
    assert {"stamp.json", "entries.parquet", "tracks.parquet"} <= set(places)
    assert {"details", "subjects.kind"} <= {problem.path for problem in caught.value.problems}


def test_a_hand_written_file_says_all_its_faults_with_their_lines(tmp_path):
    file = tmp_path / "log.toml"
    file.write_text(
        '[season]\nstart = "soon"\n\n[[entry]]\nat = "yesterday"\nwhat = "complaint_acepted"\nsubject = "荔枝园/1"\n\n'
        '[[entry]]\nat = "2025-12-01 09:00"\nwhat = "complaint_accepted"\nsubject = "荔枝园"\ncase = 1\ncolour = "r"\n'
        'cause = "nothing"\n\n[[rooms]]\nestate = "荔枝园"\n',
        "utf-8",
    )
    with pytest.raises(RecordError) as caught:
        read_record(file)
    found = {problem.path: problem for problem in caught.value.problems}
    wrong = (
        "rooms",
        "season.start",
        "entry[0].what",
        "entry[0].at",
        "entry[1].colour",
        "entry[1].subject",
        "entry[1].cause",
    )
    assert set(found) == set(wrong)
    assert 'did you mean "complaint_accepted"' in found["entry[0].what"].hint
    assert found["entry[1].colour"].line == 14


def test_subjects_make_themselves_and_dwellings_count_from_one():
    record = record_from(SMALL)
    subjects = record.subjects
    last = int(record.subject[-1])
    assert last == len(subjects) + 2
    assert subjects.households[subjects.rows("substation")].tolist() == [3]
    assert subjects.operator[subjects.rows("pipe")[0]] == subjects.rows("operator")[0]
    assert record.cause[1] == 0
    assert record.value[1] - record.at[0] == 24 * 3600


ENTRY = '[[entry]]\nat = "2025-12-01 06:00"\nwhat = "fault_discovered"\nsubject = "x"\n'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("entry = [1]", "entry[0]"),
        ('[entry]\nwhat = "fault_discovered"', "entry"),
        ("season = [1]", "season"),
        ("[season]\nstat = 2025-11-15", "season.stat"),
        ("[season]\nend = 9999-01-01", "season.end"),
        (f"{ENTRY}case = [1]", "entry[0].case"),
        (f"{ENTRY}cause = {{}}", "entry[0].cause"),
        (f"{ENTRY}name = [1]", "entry[0].name"),
        (f"{ENTRY}detail = 5", "entry[0].detail"),
        (ENTRY.replace("2025-12-01 06:00", "0001-01-01 00:00"), "entry[0].at"),
        (ENTRY.replace("06:00", "06:00+08:00"), "entry[0].at"),
        ("logged = 5", "logged"),
        ('logged = ["fault_discoverd"]', "logged[0]"),
        ("guide = 5", "guide"),
        ("format = 99", "format"),
        ('[[room]]\nestate = "a"\nhourly_c = ["x"]', "room[0].hourly_c[0]"),
        ('[[room]]\nestate = "a"\nhourly_c = [nan]', "room[0].hourly_c[0]"),
        ('[[room]]\nestate = "a"\nhourly_c = [18]\noffsets_k = "x"', "room[0].offsets_k"),
        ('[[room]]\nestate = "a"\nhourly_c = [18.0]\n' * 2, "room[1].estate"),
        ('[[substation]]\nname = "a"\nhouseholds = -4', "substation[0].households"),
        ('[outdoor]\ndaily_mean_c = "x"', "outdoor.daily_mean_c"),
        ("[[series]]\ntrack = 5", "series[0].track"),
    ],
)
def test_a_slip_of_the_hand_is_told_with_its_place(tmp_path, text, path):
    file = tmp_path / "r.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as told:
        read_text_record(file)
    assert [problem.path for problem in told.value.problems] == [path]
    assert all(problem.line and problem.wanted for problem in told.value.problems)


def test_a_kind_that_is_none_does_not_hide_the_wrong_time_beside_it():
    with pytest.raises(RecordError) as told:
        record_from({"entry": [{"at": "2025-13-01", "what": "pipe_fialed", "subject": "x"}]})
    assert [problem.path for problem in told.value.problems] == ["entry[0].what", "entry[0].at"]
    assert all(problem.found for problem in told.value.problems)


def test_rooms_that_nobody_measured_are_neither_warm_nor_cold():
    estates = [{"name": "荔枝园", "households": 1}, {"name": "桂花苑", "households": 99}]
    season = {"start": "2025-11-15", "end": "2025-11-20"}
    told = {"season": season, "substation": estates, "room": [{"estate": "荔枝园", "hourly_c": [17.0]}],
            "entry": [{"at": "2025-11-16 08:00", "what": "complaint_accepted", "subject": "桂花苑/3"}]}  # fmt: skip
    verdicts = judge(record_from(told))
    card = score(verdicts)
    assert card["2.3"].met == 0.0
    assert card["2.3"].missed == 6 * 24
    assert card["2.2b"].parts[1]["missed"] == 2.0
    assert card["2.2b"].parts[1]["met"] == 0.0
    assert card.headline["share_dwellings_always_18_strict"] == 0.0
    assert card.headline["coldest_1pct_mean_c"] == 17.0
    assert [where["substation"] for where in card.headline["coldest_1_percent"]] == ["荔枝园"]
    assert "home_c" not in {step.what for step in chain(verdicts, "2.7.3/0").steps}
    alone = score(judge(record_from({**told, "substation": estates[:1], "entry": []})))
    for name in ("degree_hours_below_18", "share_dwelling_hours_18_strict", "dwelling_hours_below_18_in_scope"):
        assert card.headline[name] == alone.headline[name]


def test_rooms_nobody_measured_come_back_from_disk(tmp_path):
    record = record_from({**SMALL, "substation": [*SMALL["substation"], {"name": "桂花苑"}]})
    write_record(record, tmp_path)
    assert np.isnan(read_record(tmp_path).tracks["room_c"]).any()
    assert score(judge(read_record(tmp_path))).to_json() == score(judge(record)).to_json()


def test_a_series_of_some_alone_is_refused_with_who_is_lacking():
    sources = [{"name": "热源甲"}, {"name": "热源乙"}]
    series = [{"track": "unserved_fuel_w", "subject": "热源甲", "hourly": [1.0e6]}]
    with pytest.raises(RecordError) as told:
        record_from({"source": sources, "series": series})
    (problem,) = told.value.problems
    assert (problem.path, problem.found) == ("series", "no unserved_fuel_w of 热源乙")


def test_an_entry_after_the_record_is_refused_with_its_place(tmp_path):
    file = tmp_path / "log.toml"
    entry = '[[entry]]\nat = "{}"\nwhat = "fault_discovered"\nsubject = "荔枝路"\n'
    head = "[season]\nstart = 2025-11-15\nend = 2025-11-30\nrecord_end = 2025-12-01\n"
    file.write_text(head + entry.format("2025-12-01 24:00") + entry.format("2025-12-02 00:00:01"), "utf-8")
    with pytest.raises(RecordError) as told:
        read_record(file)
    (problem,) = told.value.problems
    assert (problem.path, problem.line) == ("entry[1].at", 10)
    assert "24:00 of 2025-12-01" in problem.wanted


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"what": "hotline_unstaffed", "subject": "供热公司", "value": 1e300}, "a number from 0 to"),
        ({"what": "hotline_unstaffed", "subject": "供热公司"}, "a value: minutes"),
        ({"what": "extension_decided"}, "a time such as"),
        ({"what": "extension_decided", "value": 1e18}, "a time such as"),
        ({"what": "extension_decided", "value": "2070-01-01 00:00"}, "days from origin"),
        ({"what": "users_told", "subject": "荔枝园", "value": 24}, "a time such as"),
        ({"what": "visited", "subject": "荔枝园/1", "value": "2025-12-01 08:00"}, "a number, not a time"),
        ({"what": "visited", "subject": "荔枝园/1", "value": -273.16}, "a number from -90 to 100"),
        ({"what": "complaint_accepted", "subject": "荔枝园/1", "value": 9}, "a topic"),
        ({"what": "complaint_accepted", "subject": "荔枝园/1", "value": 0.5}, "a topic"),
        ({"what": "rationing_started", "subject": "荔枝园", "value": 60}, "a number from 0 to 1"),
        ({"what": "inspection_due", "subject": "供热公司", "value": -3}, "a number from 0 to"),
    ],
)
def test_a_value_that_its_kind_cannot_have_is_told(entry, wanted):
    with pytest.raises(RecordError) as told:
        record_from({"entry": [{"at": "2025-12-01 08:00", **entry}]})
    (problem,) = told.value.problems
    assert problem.path == "entry[0].value"
    assert wanted in problem.wanted


def test_whole_numbers_without_bound_are_no_traceback():
    huge = 10**400
    told = {"at": "2025-12-01 08:00", "what": "visited"}
    for entry in ({**told, "subject": "a/1", "value": huge}, {**told, "subject": f"a/{'9' * 5000}"}):
        with pytest.raises(RecordError):
            record_from({"entry": [entry]})
    with pytest.raises(GuideError):
        judge(record_from({}), {"2.3": {"temperature_c": huge}})


@pytest.mark.parametrize(
    ("tables", "path"),
    [
        ({"room": [{"estate": "a", "hourly_c": [1e300]}]}, "room[0].hourly_c[0]"),
        ({"room": [{"estate": "a", "hourly_c": [18.0], "offsets_k": [1e38]}]}, "room[0].offsets_k[0]"),
        ({"outdoor": {"hourly_c": [-1e9]}}, "outdoor.hourly_c[0]"),
        ({"series": [{"track": "substation_heat_w", "subject": "a", "hourly": [1e39]}]}, "series[0].hourly[0]"),
    ],
)
def test_numbers_that_nobody_can_have_measured_are_told(tables, path):
    with pytest.raises(RecordError) as told:
        record_from(tables)
    assert [problem.path for problem in told.value.problems] == [path]


def test_what_a_log_does_not_keep_is_not_counted_as_none():
    entry = {"at": "2025-12-01 08:00", "what": "complaint_accepted", "subject": "荔枝园/1", "case": 1}
    log = score(judge(record_from({"origin": "observed", "entry": [entry]})))
    told = score(judge(record_from({"entry": [entry]})))
    names = ("outages", "longest_outage_h", "calls", "complaints")
    assert [log.headline[name] for name in names] == [None, None, None, 1]
    assert [told.headline[name] for name in names] == [0, 0.0, 0, 1]
    assert log["2.8.2"].indicators["refund_due_cny"] is None
    assert told["2.8.2"].indicators["refund_due_cny"] == 0.0
    assert "complaint_responded" in log["2.7.3"].indicators["not_logged"]
