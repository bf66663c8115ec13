"""run, judge, explain and check through the command line, on a small network."""

import json
import os
import pickle
import re
import subprocess
import sys
import unicodedata

import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.network_models.problems import InputError, ModelError, Problem
from heatseason.sim.tables import CLAUSES, HEADLINE

SMALL = ("run", "town")
BURST = (
    "disruptions.imposed=[{kind='burst', at=2027-01-18T05:40:00, pipe='largest'}]",
    "policies.notices.kind=slow",
)


def invoke(*arguments, **settings):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments], **settings)


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """A season of the small town, recorded and written out."""
    folder = tmp_path_factory.mktemp("season")
    done = invoke(*SMALL, "--json", "--record", folder / "record", "--out", folder / "out")
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_the_document_is_that_of_the_interface(season):
    _, document = season
    promised = ("scenario", "network", "seed", "replications", "version", "score", "clauses", "headline", "ended")
    assert set(promised) <= set(document)
    assert (document["scenario"], document["network"], document["replications"]) == ("town", "town", 1)
    assert document["ended"]["code"] == "complete"
    assert document["illustrative"] is True
    clause = document["clauses"][0]
    assert {"id", "status", "met", "late", "missed", "open", "excused", "compliance", "assumed", "worst"} <= set(clause)


def test_every_column_of_a_season_is_declared(season):
    _, document = season
    assert set(document["headline"]) <= set(HEADLINE.names())
    assert {key for row in document["clauses"] for key in row} <= set(CLAUSES.names())
    assert [name for name, value in document["headline"].items() if value is None] == []


def test_balances_close(season):
    _, document = season
    assert document["headline"]["balance_error"] < 1e-9


def test_result_files_are_written(season):
    folder, document = season
    assert json.loads((folder / "out" / "result.json").read_text("utf-8")) == document
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "clauses.csv",
        "headline.csv",
        "report.txt",
        "result.json",
    ]


def test_a_stored_record_is_judged_alike(season):
    folder, document = season
    done = invoke("judge", folder / "record", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == document


def test_another_guide_gives_another_score_of_the_same_winter(season, tmp_path):
    folder, document = season
    overlay = tmp_path / "stricter.toml"
    overlay.write_text('["2.3"]\ntemperature_c = 22\n', "utf-8")
    warm = {row["id"]: row for row in document["clauses"]}["2.3"]
    for arguments in (["--guide", overlay], ["--set", "guide.2.3.temperature_c=22"]):
        done = invoke("judge", folder / "record", "--json", *arguments)
        assert done.exit_code == 0, done.stderr
        changed = json.loads(done.stdout)
        strict = {row["id"]: row for row in changed["clauses"]}["2.3"]
        assert strict["compliance"] < warm["compliance"]
        assert changed["overrides"][0]["value"] == 22


def test_every_listed_verdict_can_be_explained(season):
    folder, _ = season
    listed = json.loads(invoke("explain", folder / "record", "--json").stdout)["verdicts"]
    for clause in {row["clause"] for row in listed}:
        address = next(row["id"] for row in listed if row["clause"] == clause)
        for lang in ("zh", "en"):
            done = invoke("explain", folder / "record", address, "--lang", lang)
            assert done.exit_code == 0, done.stderr
            assert address in done.stdout


def test_a_late_report_is_told_back_to_the_burst_that_began_it(tmp_path):
    changes = [part for change in BURST for part in ("--set", change)]
    done = invoke(*SMALL, *changes, "--record", tmp_path / "record", "--lang", "en", "-q")
    assert done.exit_code == 0, done.stderr
    assert "2.6.4c" in done.stdout
    listed = json.loads(invoke("explain", tmp_path / "record", "2.6.4c", "--json").stdout)["verdicts"]
    stories = [invoke("explain", tmp_path / "record", row["id"], "--lang", "en").stdout for row in listed]
    burst = next(story for story in stories if "ordered by the scenario (disruptions.imposed[0])" in story)
    order = ["2027-01-18 05:40  it began: pipe failed"]
    order += ["the duty arose: fault discovered", "  it was due", "  it was done"]
    places = [burst.index(part) for part in order]
    assert places == sorted(places)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("flag", [[], ["-q"], ["-v"]])
def test_the_report_fits_a_narrow_terminal(season, lang, flag):
    folder, _ = season
    done = invoke("judge", folder / "record", "--lang", lang, *flag, env={"COLUMNS": "60"})
    assert done.exit_code == 0
    assert max(width(line) for line in done.stdout.splitlines()) <= 60
    assert ("最冷的1%" if lang == "zh" else "coldest 1 %") in done.stdout
    assert ("示意管网" if lang == "zh" else "illustrative network") in done.stdout


def test_the_report_survives_a_gbk_console(season):
    folder, _ = season
    environment = {**os.environ, "PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0", "LC_ALL": "zh_CN.GBK"}
    command = [sys.executable, "-m", "heatseason", "judge", str(folder / "record"), "-v"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode("gbk")
    assert "未模拟" in done.stdout.decode("gbk")


def test_many_winters_have_spreads(tmp_path):
    done = invoke(*SMALL, "--replications", "3", "--json", "--record", tmp_path / "r", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document["headline"]["calls"]) == {"mean", "se", "p05", "p50", "p95"}
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [f"replication_000{n}" for n in range(3)]
    text = (tmp_path / "out" / "report.txt").read_text("utf-8")
    assert "±" in text


def test_seed_and_set_change_the_season(season):
    _, document = season
    other = json.loads(invoke(*SMALL, "--seed", "99", "--json").stdout)
    assert other["seed"] == 99
    assert other["headline"]["heat_gj"] != document["headline"]["heat_gj"]
    cold = json.loads(invoke(*SMALL, "--set", "operation.room_target_c=16", "--json").stdout)
    assert cold["headline"]["heat_gj"] < document["headline"]["heat_gj"]


def test_requirements_decide_the_exit_code(season):
    folder, document = season
    least = min(value for value in document["score"].values() if value is not None)
    assert invoke("judge", folder / "record", "--require", f"{least - 1e-6:.9f}", "-q").exit_code == 0
    missed = invoke("judge", folder / "record", "--require", "2.3=1", "--require", "1", "-q", "--lang", "en")
    assert missed.exit_code == 1
    assert "not met" in missed.stderr
    wrong = invoke("judge", folder / "record", "--require", "2.9=1", "-q")
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "townn"],
        ["run", "town", "--set", "policies.crews.teems=3"],
        ["run", "town", "--set", "nonsense"],
        ["run", "town", "--require", "much"],
        ["run", "town", "--set", "guide.2.6.9.limit_h=1"],
        ["check", "town", "--set", "season.supply_end=2026-11-01"],
        ["judge", "no_such_record"],
        ["explain", "no_such_record", "2.3/0"],
        ["network", "show", "no_such_network"],
        ["weather", "show", "no_such_scenario"],
        ["guide", "9.9"],
    ],
    ids=" ".join,
)
def test_wrong_input_exits_with_2_and_no_traceback(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for more in ([], ["--json"]):
        done = invoke(*arguments, *more)
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
        assert done.stderr
    assert json.loads(done.stdout)["problems"]
    assert list(tmp_path.iterdir()) == []


def test_out_that_cannot_be_written_is_wrong_input(season, tmp_path):
    folder, _ = season
    (tmp_path / "file").write_text("in the way", "utf-8")
    done = invoke("judge", folder / "record", "--out", tmp_path / "file" / "deeper", "-q", "--lang", "en")
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr


def test_quiet_says_nothing_on_stderr(season):
    folder, _ = season
    assert invoke("judge", folder / "record", "-q").stderr == ""
    assert invoke("judge", folder / "record", "--json").stderr == ""


@pytest.fixture
def failing(monkeypatch):
    """Let a process of the season raise something in its sixtieth night."""
    from heatseason.sim.world import readiness

    plan = readiness.plan

    def fail_with(error):
        def process(world):
            yield world.at(60 * 86_400)
            raise error

        def planned(world):
            plan(world)
            world.env.process(process(world))

        monkeypatch.setattr(readiness, "plan", planned)

    return fail_with


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_season_that_breaks_off_says_when_and_why_and_is_traced_back_only_when_asked(failing, lang):
    failing(RuntimeError("the pump is odd"))
    done = invoke(*SMALL, "--lang", lang)
    assert done.exit_code == 3
    said, asks = done.stderr.splitlines()
    assert said.startswith({"zh": "模型无法继续：", "en": "the model could not continue: "}[lang] + "2026-12-09 00:00")
    assert said.endswith("RuntimeError: the pump is odd")
    assert "-v" in asks
    traced = invoke(*SMALL, "--lang", lang, "-v")
    assert traced.exit_code == 3
    assert traced.stderr.count("Traceback") == 1  # SimPy raises a copy, and Python then traces both


def test_a_season_says_where_in_our_code_it_broke_off(monkeypatch):
    monkeypatch.setattr("heatseason.sim.world.season._until", None)
    done = invoke(*SMALL, "--lang", "en")
    assert done.exit_code == 3
    assert re.search(r"2026-\d\d-\d\d \d\d:00, sim/world/season\.py:\d+ \(_course\): TypeError", done.stderr)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ModelError("then", "pipe 7", "no flow balance"), 3, "the model could not continue: then, pipe 7: no flow"),
        (InputError([Problem("policies.x", "3", "4")]), 2, "policies.x: found 3, wanted 4"),
    ],
)
def test_what_a_process_says_on_purpose_stays_what_it_is(failing, error, code, said):
    failing(error)
    done = invoke(*SMALL, "--lang", "en", "-v")
    assert (done.exit_code, said in done.stderr, "Traceback" in done.stderr) == (code, True, False)
    assert error.__context__ is None  # SimPy's copy of it, of which it is the cause, would be: an endless chain
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_a_winter_of_several_that_breaks_off_is_a_bug_with_its_trace(failing):
    from heatseason.scenarios.scenario import load
    from heatseason.sim.study.case import Case, play

    failing(RuntimeError("the pump is odd"))
    failure = play(Case(load("town"), 1)).failure
    assert (failure.kind, failure.why.partition(": ")[0]) == ("bug", "2026-12-09 00:00")
    assert "the pump is odd" in failure.trace
