"""What a planner reads when something is wrong: in Chinese it is Chinese, and it names the place and the value."""

import json
import re

import pytest
from click.testing import CliRunner
from heatseason.cli import _root

HEAD = 'schema_version = 1\nname = "x"\nextends = "town"\n'
RECORD = """
[season]
start = 2025-11-15
end = 2026-03-15
[[entry]]
what = "complaint_accepted"
at = "2025-12-01 08:00"
subject = "荔枝园/1"
"""
FILES = {
    "circle.toml": 'schema_version = 1\nextends = "other.toml"\n',
    "other.toml": 'schema_version = 1\nextends = "circle.toml"\n',
    "quantities.toml": HEAD
    + '[policies.preheat]\nkind = "ramp"\nramp = "4 km"\ndays = "six"\n[operation]\nroom_target_c = "20 degC"\n',
    "units.toml": HEAD + '[operation]\nroom_target = 20\n[policies.preheat]\nkind = "ramp"\nramp = "4 xyz"\n',
    "imposed.toml": HEAD
    + '[[disruptions.imposed]]\nkind = "burst"\nat = 2030-01-18T05:40:00\npipe = "larges"\n'
    + '[[disruptions.imposed]]\nkind = "fuel_cut"\nat = 2027-01-18T05:40:00\nstore = "x"\ndays = 2.0\n',
    "guide.toml": HEAD
    + '[guide."2.6.2"]\nhours = 12\nanswer_h = -3\nanswer = "4 km"\n[guide."2.6.9"]\nx = 1\n'
    + '[guide."2.4.5"]\ncoverage_share = 2\n[guide]\n"2.7.3" = 3\n',
    "keys.toml": HEAD
    + '[policies.crews]\nteams = "two"\nteamz = 3\n[policies.reserve]\nkind = "sometimes"\n'
    + "[season]\nsupply_end = 2026-11-01\nlatest_end = 2029-01-01\n",
    "syntax.toml": HEAD + "seed = = 3\n",
    "twice.toml": HEAD + "seed = 3\nseed = 4\n",
    "unset.toml": HEAD + 'unset = ["polcies"]\n',
    "table.toml": HEAD + '[weather]\nkind = "table"\nfile = "table.csv"\n',
    "table.csv": "date,mean_c\n2026-10-01,99\nxx,3\n1\n",
    "epw.toml": HEAD + '[weather]\nkind = "epw"\nfile = "short.epw"\n',
    "short.epw": "LOCATION,a\n" + "\n" * 9,
    "hours.csv": "time,outdoor_c\n2026-11-15 01:00,280\n2026-11-15 01:00,nan\n2026-11-15 03:30,-500\nx,70\n1\n"
    + "".join(f"2026-12-01 {hour:02}:00,x\n" for hour in range(20)),
    "short.csv": "date,mean_c\n2026-11-15,3\n2026-11-18,3\n",
    "no_file.toml": HEAD + '[weather]\nkind = "epw"\nfile = "no.epw"\n',
    "record.toml": RECORD,
    "strange.toml": RECORD
    + '[[entry]]\nwhat = "nix"\n[[entry]]\nwhat = "complaint_accepted"\nat = "yesterday"\nsubject = ""\nvalue = true\n'
    + '[[room]]\nestate = "a"\nhourly_c = []\n[[series]]\ntrack = "nix"\n',
    "stricter.toml": '[guide."2.3"]\ntemp = 3\n["2.7.3"]\nlimit_h = "soon"\n',
    "network.toml": "version = 1\nlenght = 3\n",
    "text.txt": "nothing\n",
    "folder/scenario.toml": HEAD,
}
FAULTS = [
    "rum",
    "xyz",
    "run",
    "run town --replications 0",
    "run town --replications x",
    "run town --seed",
    "run town --out record.toml",
    "check a b",
    "check a b c",
    "check town --quiet=3",
    "schema weather",
    "network shw",
    "--lng",
    "check hanzong",
    "check zzzz",
    "check folder",
    "check town --set policies.preheat.days=six",
    "check town --set nonsense",
    "check burst_week --set disruptions.imposed[7].at=3",
    *(f"check {name}" for name in FILES if FILES[name].startswith((HEAD, "schema_version")) and "/" not in name),
    "run guide.toml",
    "explain none",
    "explain folder",
    "explain record.toml 9.9/1",
    "explain record.toml 2.6.2/9999",
    "explain record.toml 2.6.2/nix/3",
    "explain strange.toml",
    "judge record.toml --set policies.crews.teams=3",
    "judge record.toml --set 2.7.9.limit_h=2",
    "judge record.toml --set guide.2.7.3.limit_h=abc",
    "judge record.toml --guide none.toml",
    "judge record.toml --guide stricter.toml",
    "judge record.toml --require x",
    "judge record.toml --require 9.9=1",
    "guide 9.9",
    "guide 2.3 --text text.txt",
    "network show hanzong",
    "network show network.toml",
    "weather fit hours.csv",
    "weather fit short.csv",
    "weather fit short.epw",
    "weather fit none.csv",
    "weather show short.csv",
    "weather make town --out w.csv --year 20300",
    "init folder",
]
NOT_PROSE = re.compile(
    r'"[^"]*"|`[^`]*`|' + r"'[^']*'" + r"|heatseason [a-z ]*--help|[\w./\\-]+\.\w+(:\d+)*|--[a-z]+ [^ ，]*"
)
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,}){2}")
LIST = re.compile(r"[\w.]+(?:, [\w.…]+)+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("faults")
    for name, text in FILES.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text, "utf-8")
    return place


@pytest.fixture
def invoke(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return lambda line, *more: CliRunner().invoke(_root, [*line.split(), *more])


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_is_said_in_chinese(invoke, line):
    done = invoke(line, "--lang", "zh")
    assert done.exit_code == 2, done.stderr
    for said in done.stderr.splitlines():
        prose = LIST.sub("", NOT_PROSE.sub("", said))
        assert not ENGLISH.search(prose), said
        assert "degC" not in NOT_PROSE.sub("", said)


def problems(invoke, line, *more):
    done = invoke(line, *more, "--json")
    assert done.exit_code == 2
    return json.loads(done.stdout)["problems"]


@pytest.mark.parametrize("command", ["check", "run"])
def test_guide_numbers_of_a_scenario_have_their_place_and_value(invoke, command):
    found = problems(invoke, f"{command} guide.toml")
    assert {row["file"] for row in found} == {"guide.toml"}
    assert {(row["path"], row["line"], row["found"]) for row in found} == {
        ('guide."2.6.2".hours', 5, 'unknown key "hours"'),
        ('guide."2.6.2".answer_h', 6, "-3"),
        ('guide."2.6.2".answer', 7, '"4 km"'),
        ('guide."2.6.9"', 8, '"2.6.9"'),
        ('guide."2.4.5".coverage_share', 11, "2"),
        ('guide."2.7.3"', 13, "3"),
    }
    assert all(row["column"] == 1 for row in found)


def test_a_guide_number_of_the_command_line_is_named(invoke):
    (found,) = problems(invoke, "check town --set guide.2.6.2.hours=12")
    assert found["file"] == "--set guide.2.6.2.hours=12"
    assert found["found"] == 'unknown key "hours"'


def test_a_circle_is_one_fault(invoke):
    (found,) = problems(invoke, "check circle.toml")
    assert found["path"] == "extends"


def test_a_folder_is_pointed_into(invoke):
    (found,) = problems(invoke, "check folder")
    assert found["hint"] == 'did you mean "folder/scenario.toml"?'


def test_judge_says_that_it_takes_the_guide_alone(invoke):
    (found,) = problems(invoke, "judge record.toml --set policies.crews.teams=3")
    assert "judge changes the guide alone" in found["hint"]


def test_an_unknown_clause_lists_the_known_ones(invoke):
    (found,) = problems(invoke, "guide 9.9")
    assert "2.6.4b" in found["wanted"]


@pytest.mark.parametrize("name", ["二（6）④b", "二(6)④b", "二（6）④ b", "二（６）④ｂ"])
def test_a_clause_goes_by_its_place_in_the_guide_too(invoke, name):
    rows = json.loads(invoke("guide", name, "--json").stdout)["clauses"]
    assert [row["id"] for row in rows] == ["2.6.4b"]


def test_english_sources_are_announced_in_chinese(invoke):
    assert "数据来源（原文为英文）" in invoke("network show town --lang zh").stdout
    assert "来源（原文为英文）" in invoke("guide 2.6.2 --lang zh").stdout
