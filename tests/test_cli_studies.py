"""compare, sweep, study, stress, sensitivity and criticality through the command line, on a very small network."""

import errno
import json
from importlib import import_module
from importlib.util import find_spec

import heatseason as hs
import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.sim.report import studies

TEE = ("--set", "network=tee")
DESIGN = """
scenario = "town"
replications = 3
[changes]
network = "tee"
[vary]
"policies.reserve.days" = [2.0, 7.0]
"""


def invoke(*arguments, **settings):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments], **settings)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "design.toml").write_text(DESIGN, "utf-8")
    (folder / "mine.py").write_text("def calls(record, document):\n    return document['headline']['calls']\n", "utf-8")
    return folder


def sweep(folder, *more, out="study"):
    return invoke("sweep", folder / "design.toml", "--out", folder / out, "--workers", 1, *more)


def test_a_sweep_is_played_told_and_written(swept):
    pytest.importorskip("xlsxwriter")
    done = sweep(swept, "--json", "--format", "csv", "--format", "xlsx")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["points"], told["winters"], told["played"], told["failed"]) == (2, 6, 6, 0)
    files = {file.name for file in (swept / "study").iterdir()}
    assert {"ledger.sqlite", "winters.parquet", "winters.csv", "winters.xlsx", "summary.json"} <= files
    again = json.loads(sweep(swept, "--json").stdout)
    assert (again["known"], again["played"]) == (6, 0)
    assert again["summary"] == told["summary"]


def test_shards_are_played_and_merged(swept):
    whole = json.loads(sweep(swept, "--json").stdout)
    for part in ("1/2", "2/2"):
        assert sweep(swept, "--shard", part, out="parts").exit_code == 0
    assert invoke("study", "show", swept / "parts").exit_code == 2
    merged = invoke("study", "merge", swept / "parts", "--out", swept / "whole", "--json")
    assert json.loads(merged.stdout)["summary"] == whole["summary"]


def test_a_lone_shard_is_not_taken_for_the_whole(swept):
    assert sweep(swept, "--shard", "1/2", out="lone").exit_code == 0
    shown = invoke("study", "show", swept / "lone", "--lang", "en")
    assert "This is not the whole: parts 2/2 are missing." in shown.stdout
    line = ("study", "merge", swept / "lone", "--out", swept / "part", "--lang")
    merged = invoke(*line, "zh")
    assert merged.exit_code == 2
    assert "现为第 1/2 份，应为全部；尚缺 2/2（请用 --shard 运行" in merged.stderr.replace("现为 ", "现为").replace(
        "应为 ", "应为"
    )
    assert not (swept / "part").exists()
    merged = invoke(*line, "en", "--partial")
    assert (merged.exit_code, "parts 2/2 are missing" in merged.stdout) == (0, True)
    document = json.loads(invoke("study", "show", swept / "part", "--json").stdout)
    assert (document["winters"], document["missing_parts"]) == (3, ["2/2"])
    assert json.loads(sweep(swept, "--json", out="part").stdout)["missing_parts"] == []  # played on as a whole


@pytest.mark.parametrize(
    ("wrong", "by"),
    [('"policies.reserve.days" = [-2.0]', ()), ('"policies.nothing" = [1]', ()), ("", ("--metric", "no:f")),
     ('"policies.crews.teams" = [0.5]', ())],
)  # fmt: skip
def test_a_wrong_design_leaves_nothing(swept, wrong, by):
    (swept / "nil.toml").write_text(f'scenario = "town"\n[vary]\n{wrong}\n', "utf-8")
    assert invoke("sweep", swept / "nil.toml", "--out", swept / "nil", "--workers", 1, *by).exit_code == 2
    assert not (swept / "nil").exists()


def test_a_stored_study_is_shown_exported_and_replayed(swept):
    sweep(swept)
    shown = invoke("study", "show", swept / "study", "--lang", "zh", env={"COLUMNS": "60"})
    assert shown.exit_code == 0
    assert "点 1：policies.reserve.days = 7" in shown.stdout
    exported = invoke("study", "export", swept / "study", swept / "all.csv")
    assert exported.exit_code == 0
    assert len((swept / "all.csv").read_text("utf-8-sig").splitlines()) == 7
    replayed = invoke("study", "replay", swept / "study", 1, 2, "--record", swept / "record", "--json")
    assert replayed.exit_code == 0, replayed.output
    assert (swept / "record" / "stamp.json").exists()
    assert len(json.loads(replayed.stdout)["digest"]) == 32
    assert invoke("study", "replay", swept / "study", 1, 9).exit_code == 2


def test_a_stored_study_is_a_table_in_python(tmp_path):
    with hs.Study(tmp_path, hs.load("town", ["network=one_pipe"])) as study:
        list(study.play([{"policies.reserve.days": days} for days in (3.0, 7.0)], replications=2))
        table = study.frame()
        assert table["policies.reserve.days"].tolist() == [3.0, 3.0, 7.0, 7.0]
        assert dict(study.dataset().sizes) == {"point": 2, "replication": 2} if find_spec("xarray") else True
    document = hs.compare([hs.load("town", ["network=one_pipe"])] * 2, 2)
    assert [option["name"] for option in document["options"]] == ["town", "town (2)"]


def test_a_metric_of_one_s_own(swept, monkeypatch):
    monkeypatch.syspath_prepend(swept)
    done = sweep(swept, "--metric", "mine:calls", "--json", out="measured")
    numbers = json.loads(done.stdout)["summary"][0]["numbers"]
    assert numbers["metrics.calls"]["mean"] == numbers["headline.calls"]["mean"]
    assert "calls" in invoke("study", "show", swept / "measured", "--lang", "en").stdout  # the user's own word
    assert sweep(swept, "--metric", "mine:nothing", out="other").exit_code == 2
    assert "module:function" in sweep(swept, "--metric", "mine", out="other").stderr


def test_winters_that_fail_are_told_and_the_code_is_three(swept, monkeypatch):
    monkeypatch.syspath_prepend(swept)
    (swept / "broken.py").write_text("def odd(record, document):\n    return 1 / 0\n", "utf-8")
    done = sweep(swept, "--metric", "broken:odd", out="broken")
    assert done.exit_code == 3
    assert "6 winters have no result" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    (swept / "broken.py").write_text(
        "def odd(record, document):\n    return 0.5\n", "utf-8"
    )  # of another length: compiled anew
    monkeypatch.delitem(__import__("sys").modules, "broken")
    assert sweep(swept, "--metric", "broken:odd", out="broken").exit_code == 3  # failures stand until asked for again
    assert sweep(swept, "--metric", "broken:odd", "--retry-failed", out="broken").exit_code == 0


def test_no_scheduler_no_study(swept):
    pytest.importorskip("distributed")
    done = invoke("sweep", swept / "design.toml", "--out", swept / "x", "--scheduler", "nonsense://1")
    assert done.exit_code == 3
    assert "nonsense" in done.stderr


def test_policies_are_compared():
    done = invoke(
        "compare", "town", "town@policies.preheat.days=1", "--replications", 6, "--workers", 1, *TEE, "--json"
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["baseline"] == "town"
    assert document["differences"][0]["numbers"]["headline.heat_gj"]["verdict"] == "lower"
    assert invoke("compare", "town").exit_code == 2
    chosen = invoke("compare", "town", "town@policies.crews.teams=9", "--select", "1e5", "--number",
                    "headline.cost_cny", "--workers", 1, *TEE, "--json")  # fmt: skip
    assert json.loads(chosen.stdout)["best"] == "town"


@pytest.mark.parametrize("command", [["compare", "town", "town@policies.crews.teams=9"], ["sensitivity", "town"]])
def test_workers_beside_a_scheduler_are_not_passed_over(command):
    done = invoke(*command, *TEE, "--workers", 2, "--scheduler", "tcp://x:1", "--lang", "en")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--workers: found 2, wanted either --workers or --scheduler" in done.stderr


def test_the_best_is_asked_a_direction():
    pair = ("compare", "town", "town@policies.crews.teams=9", *TEE)
    unsaid = invoke(*pair, "--select", "5", "--number", "headline.heat_gj", "--lang", "en")
    assert (unsaid.exit_code, unsaid.stdout) == (2, "")
    assert "say which: --want low, or --want high" in unsaid.stderr
    assert "--select beside it" in invoke(*pair, "--want", "low", "--lang", "en").stderr
    chosen = [
        json.loads(invoke(*pair, "--select", 1e5, "--number", "headline.cost_cny", "--want", want, "--workers", 1,
                          "--json").stdout)["best"]
        for want in ("low", "high")
    ]  # fmt: skip
    assert chosen == ["town", "town@policies.crews.teams=9"]


def test_a_metric_that_leaves_fails_its_winters_alone(swept, monkeypatch):
    monkeypatch.syspath_prepend(swept)
    (swept / "leaving.py").write_text("def off(record, document):\n    raise SystemExit(3)\n", "utf-8")
    for workers in ("1", "2"):
        done = sweep(swept, "--metric", "leaving:off", "--workers", workers, "--lang", "en", out=f"left_{workers}")
        assert done.exit_code == 3
        assert "6 winters have no result" in done.stdout
        assert "off: SystemExit: 3" in done.stdout


def test_requirements_decide_the_exit_code_over_many_winters():
    run = ("run", "town", "--replications", 2, *TEE, "-q")
    assert invoke(*run).exit_code == 0
    assert invoke(*run, "--require", "2.2a=1", "--require", "0.5").exit_code == 0
    unmet = invoke(*run, "--require", "1")
    assert unmet.exit_code == 1
    assert "required 1" in unmet.stderr
    assert invoke(*run, "--require", "9.9=1").exit_code == 2


def test_elements_are_ranked(tmp_path):
    done = invoke("criticality", "tee", "--out", tmp_path, "--pairs", 0, "--kind", "pipe", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["elements"][0]["id"] == "p1"
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".csv", ".geojson"}


def test_strains_are_laid_on(tmp_path):
    stress = ("stress", "town", *TEE, "--suite", "quick", "--replications", 1, "--workers", 1, "--out", tmp_path)
    done = invoke(*stress, "--json")
    assert done.exit_code == 0, done.output
    assert [block["name"] for block in json.loads(done.stdout)["blocks"]] == ["cold", "late_march", "fuel", "burst"]
    assert (tmp_path / "stress.csv").exists()
    assert invoke("stress", "town", "--suite", "none").exit_code == 2


def test_quietly_the_points_are_not_told(swept):
    said = [sweep(swept, "--lang", "en", *more).stdout for more in ((), ("-q",))]
    assert "Points (mean" in said[0]
    assert "Points (mean" not in said[1]
    assert "6 winters in all" in said[1]


def test_one_winter_at_a_point_has_no_spread(swept):
    (swept / "one.toml").write_text(DESIGN.replace("replications = 3", "replications = 1"), "utf-8")
    done = invoke("sweep", swept / "one.toml", "--out", swept / "one", "--workers", 1, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "(one winter: no spread)" in done.stdout
    assert "± 0" not in done.stdout


def test_what_is_wrong_at_a_point_is_said_in_chinese(swept):
    (swept / "wrong.toml").write_text(DESIGN.replace("[2.0, 7.0]", "[-2.0, 7.0]"), "utf-8")
    done = invoke("sweep", swept / "wrong.toml", "--out", swept / "wrong", "--workers", 1, "--lang", "zh")
    assert done.exit_code == 2
    assert "wrong.toml:7:1: policies.reserve.days：现为 -2.0" in done.stderr
    (swept / "points.csv").write_text("policies.reserve.days\n-2\n", "utf-8")
    (swept / "wrong.toml").write_text('scenario = "town"\nmethod = "table"\ntable = "points.csv"\n', "utf-8")
    done = invoke("sweep", swept / "wrong.toml", "--out", swept / "wrong", "--workers", 1, "--lang", "zh")
    assert done.exit_code == 2
    assert "points.csv:2:1: policies.reserve.days：现为 -2" in done.stderr
    (swept / "points.csv").write_text("policies.reserve.days\n", "utf-8")
    done = invoke("sweep", swept / "wrong.toml", "--out", swept / "wrong", "--workers", 1, "--lang", "zh")
    assert done.exit_code == 2
    assert "points.csv:2:1: 现为 没有数据行，应为 表头一行，其后为数据" in done.stderr.replace("现为没", "现为 没")


def test_a_folder_without_a_ledger_is_not_passed_over_in_a_merge(swept, tmp_path):
    sweep(swept)
    (tmp_path / "note.txt").write_text("no ledger", "utf-8")
    merged = invoke("study", "merge", swept / "study", tmp_path / "nil", tmp_path / "note.txt", "--out", tmp_path / "m")
    assert merged.exit_code == 2
    assert f"{tmp_path / 'nil'}: found no ledger" in merged.stderr
    assert f"{tmp_path / 'note.txt'}: found file is not a database" in merged.stderr
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("line", [["show"], ["export", "w.csv"], ["replay", "0", "0"]])
def test_a_folder_without_a_study_is_said(tmp_path, line):
    done = invoke("study", line[0], tmp_path / "nil", *line[1:])
    assert (done.exit_code, f"{tmp_path / 'nil'}: found no ledger, wanted a study" in done.stderr) == (2, True)


def test_guide_numbers_that_are_wrong_are_said_before_a_winter_is_played(tmp_path):
    (tmp_path / "design.toml").write_text('scenario = "town"\n[vary]\n"guide.9.9.x" = [1]\n', "utf-8")
    done = invoke("sweep", tmp_path / "design.toml", "--out", tmp_path / "o", "--workers", 1)
    assert (done.exit_code, 'design.toml:3:1: guide.9: found "9"' in done.stderr) == (2, True)


WRONG = """schema_version = 1
name = "x"
extends = "town"
network = "tee"
[[disruptions.imposed]]
kind = "burst"
at = 2027-01-18T05:40:00
pipe = "larges"
"""


@pytest.mark.parametrize(
    "line",
    [
        ["run", "{x}"],
        ["compare", "{x}", "town"],
        ["sweep", "{design}", "--out", "{out}"],
        ["stress", "{x}"],
        ["sensitivity", "{x}"],
        ["criticality", "{x}"],
        ["study", "rare", "{x}", "--number", "headline.calls", "--above", "1", "--replications", "10", "--pool", "100"],
    ],
    ids=lambda line: " ".join(line[:2]),
)
def test_what_is_wrong_in_the_scenario_s_file_is_said_with_its_line_by_every_study(tmp_path, line):
    pytest.importorskip("SALib")
    files = {"x": tmp_path / "x.toml", "design": tmp_path / "design.toml", "out": tmp_path / "out"}
    files["x"].write_text(WRONG, "utf-8")
    files["design"].write_text('scenario = "x.toml"\n[vary]\n"policies.reserve.days" = [2.0]\n', "utf-8")
    done = invoke(*(word.format(**files) for word in line), "--workers", 1)
    assert done.exit_code == 2
    assert 'x.toml:8:1: disruptions.imposed[0].pipe: found "larges"' in done.stderr


def test_all_that_is_wrong_with_what_is_compared_is_said_at_once():
    done = invoke("compare", "town@network=tea", "nosuch", "town@seed=3", "town@guide.9.9.x=1", "--workers", 1)
    assert done.exit_code == 2
    for wrong in ('town@network=tea: network: found "tea"', 'found "nosuch"', "town@seed=3: seed: found 3",
                  'guide.9: found "9"'):  # fmt: skip
        assert wrong in done.stderr


def test_a_full_disk_is_said_and_not_traced_back(swept, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    sweep(swept)
    monkeypatch.setattr(studies, "write", full)
    done = sweep(swept, "--lang", "zh")
    assert (done.exit_code, done.stderr.strip()) == (2, "无法写入：磁盘已满")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["sweep", "{design}", "--out", "o", "--shard", "3/2", "--metric", "no:f"], ["--shard: found", "--metric: "]),
        (["sweep", "{design}", "--out", "o", "--shard", "1/2", "--format", "csv"], ["--format: found csv, wanted"]),
        (["sweep", "{design}", "--out", "o", "--workers", "2", "--scheduler", "x"], ["either --workers or --sched"]),
        (["stress", "nosuch", "--suite", "nil"], ['found "nosuch"', '--suite: found "nil"']),
        (["sensitivity", "town", "--only", "a.b", "--only", "weather.snow_below", "--metric", "no:f", "--samples", "5"],
         ["--only: found a.b", 'did you mean "weather.snow_below_c"?', "--metric: found", "--samples: found 5"]),
        (["compare", "town", "town", "--number", "headline.calls"], ["--number: found headline.calls, wanted --un"]),
        (["compare", "town", "town", "--until", "1", "--select", "1"], ["--until: found 1, wanted either"]),
        (["compare", "town", "town", "--until", "nan"], ["the value of --until is wrong: nan is not a finite number"]),
        (["criticality", "tee", "--outdoor-c", "nan"], ["--outdoor-c is wrong: nan is not a finite number"]),
        (["criticality", "tee", "--outdoor-c", "500"], ["--outdoor-c is wrong: 500.0 is not in the range"]),
        (["study", "rare", "town", "--number", "headline.calls", "--above", "inf"], ["--above is wrong: inf is not"]),
        (["sweep", "{design}"], ["--out is missing"]),
    ],
)  # fmt: skip
def test_what_a_command_cannot_do_is_said_with_the_option_and_all_at_once(swept, line, said):
    pytest.importorskip("SALib")
    done = invoke(*(word.format(design=swept / "design.toml") for word in line))
    assert done.exit_code == 2
    assert [words for words in said if words not in done.stderr] == []
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["stress", "sensitivity"])
def test_an_interrupted_study_says_that_it_goes_on(monkeypatch, tmp_path, command):
    pytest.importorskip("SALib")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module(f"heatseason.sim.study.{command}"), command, interrupted)
    done = invoke(command, "town", *TEE, "--workers", 1, "--out", tmp_path / "s")
    assert done.exit_code == 130
    assert f"What was played is kept in {tmp_path / 's'}; the same command goes on." in done.stderr
    assert "kept in" not in invoke(command, "town", *TEE, "--workers", 1).stderr
