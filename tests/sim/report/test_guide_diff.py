"""Two guides held against each other, and stored records under both."""

import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.network_models.problems import InputError
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_store import read_record
from heatseason.sim.record_text import record_from
from heatseason.sim.report.guide_diff import compared, say
from heatseason.sim.report.layout import Page
from heatseason.sim.report.words import Words

STRICT = """
["2.3"]
temperature_c = 20

["2.7.3"]
limit = "30 min"
"""
RECORD = """
[season]
start = 2025-11-15
end = 2025-11-20
record_end = 2025-12-20

[[room]]
estate = "荔枝园"
hourly_c = [19.0]

[[entry]]
at = "2025-11-16 08:00"
what = "complaint_accepted"
subject = "荔枝园/1"
case = "a"

[[entry]]
at = "2025-11-16 08:45"
what = "complaint_responded"
subject = "荔枝园/1"
case = "a"
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "strict.toml").write_text(STRICT, "utf-8")
    (tmp_path / "record.toml").write_text(RECORD, "utf-8")
    return tmp_path


def test_a_stricter_guide_breaches_what_ours_does_not(files):
    document = compared("default", str(files / "strict.toml"), [files / "record.toml"] * 2)
    assert [(n["clause"], n["name"], n["first"], n["second"]) for n in document["numbers"]] == [
        ("2.3", "temperature_c", 18.0, 20.0),
        ("2.7.3", "limit_h", 1.0, 0.5),
    ]
    rows = {row["clause"]: row for row in document["clauses"]}
    assert {"2.3", "2.2b", "2.7.3", "2.8.2"} <= set(rows)  # what turns on 18 degC too
    assert (rows["2.3"]["first"], rows["2.3"]["second"], rows["2.3"]["newly_breached"]) == (1.0, 0.0, 2)
    assert (rows["2.7.3"]["first"], rows["2.7.3"]["second"]) == (1.0, 0.0)
    back = compared(str(files / "strict.toml"), "default", [files / "record.toml"])
    assert {row["clause"]: row["no_longer_breached"] for row in back["clauses"]}["2.3"] == 1


def test_the_overall_score_is_given_under_either_guide_and_weights_alone_move_it(files):
    records = [files / "record.toml"] * 2
    document = compared("default", str(files / "strict.toml"), records)
    cards = [score(judge(read_record(records[0]), name)) for name in (None, files / "strict.toml")]
    assert [document["score"]["operator"][end] for end in ("first", "second")] == [card.operator for card in cards]
    assert cards[0].operator > cards[1].operator
    row = next(row for row in document["clauses"] if row["clause"] == "2.7.3")
    assert [row[f"amounts_{end}"][state] for end, state in (("first", "met"), ("second", "late"))] == [2.0, 2.0]
    (files / "heavy.toml").write_text('["2.6.2"]\nweight = 50\n', "utf-8")
    heavy = compared("default", str(files / "heavy.toml"), records)
    assert heavy["clauses"] == []
    assert heavy["score"]["operator"]["second"] < heavy["score"]["operator"]["first"]
    for lang, said in (("zh", "企业"), ("en", "operator")):
        page = Page(80)
        say(page, heavy, Words(lang))
        assert any(said in line and "->" in line for line in page.lines)


def test_a_record_whose_scenario_changes_the_guide_is_named(files):
    (files / "own.toml").write_text(RECORD + '[guide."2.7.3"]\nlimit_h = 2\n', "utf-8")
    document = compared("default", str(files / "strict.toml"), [files / "own.toml"])
    assert document["own_numbers"] == [str(files / "own.toml")]
    page = Page(80)
    say(page, document, Words("en"))
    assert "counts for neither" in str(page).replace("\n", " ")


def test_equal_guides_and_no_records_are_said(files):
    for lang, same in (("zh", "数值全同"), ("en", "the same")):
        page = Page(60)
        say(page, compared("default", "default"), Words(lang))
        assert same in str(page)
        page = Page(60)
        say(page, compared("default", str(files / "strict.toml")), Words(lang))
        assert "--record" in str(page)
        assert all(page.columns(line) <= 60 for line in page.lines)


def test_the_command_says_what_is_wrong_with_a_guide(files):
    (files / "wrong.toml").write_text('["2.3"]\ntemperature = "warm"\n', "utf-8")
    done = CliRunner().invoke(_root, ["guide", "--diff", "default", str(files / "wrong.toml"), "--lang", "en"])
    assert done.exit_code == 2
    assert "wrong.toml" in done.stderr
    with pytest.raises(InputError):
        compared("default", str(files / "absent.toml"))
    done = CliRunner().invoke(
        _root, ["guide", "--diff", "default", str(files / "strict.toml"), "--record", str(files / "record.toml")]
    )
    assert done.exit_code == 0, done.stderr


def test_an_outcome_is_put_down_to_what_began_its_chain():
    told = {
        "season": {"start": "2025-11-15", "end": "2025-11-20"},
        "entry": [
            {"at": "2025-11-16 08:00", "what": "pipe_failed", "subject": "荔枝路", "case": "b", "name": "burst"},
            {"at": "2025-11-16 08:10", "what": "fault_discovered", "subject": "荔枝路", "case": "b", "cause": "burst"},
            {"at": "2025-11-16 10:00", "what": "fault_reported", "case": "b"},
        ],
    }
    card = score(judge(record_from(told)))
    assert card.by_cause["pipe_failed"]["2.6.4c"]["late"] == 1.0
