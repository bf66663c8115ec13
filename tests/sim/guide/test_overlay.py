"""Changed numbers: accepted in every spelling, refused with every fault at once, and said in the result."""

import pytest
from heatseason.network_models.problems import GuideError
from heatseason.sim.guide.clause import default_guide, read_guide
from heatseason.sim.guide.overlay import overlaid, read_overlay
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from

GUIDE = default_guide()
COMPLAINT = {
    "entry": [
        {"at": "2025-12-01 09:00", "what": "complaint_accepted", "subject": "荔枝园/1", "case": 1},
        {"at": "2025-12-01 09:40", "what": "complaint_responded", "subject": "荔枝园/1", "case": 1},
    ]
}


@pytest.mark.parametrize(
    "tables",
    [
        {"2.7.3": {"limit_h": 0.5}},
        {"2.7.3": {"limit": "30 min"}},
        {"2": {"7": {"3": {"limit_h": 0.5}}}},
        {"2.7": {"3": {"limit_h": 0.5}}},
    ],
)
def test_a_number_may_be_written_in_several_ways(tables):
    assert overlaid(GUIDE, tables)["2.7.3"].numbers["limit_h"].value == pytest.approx(0.5)
    assert GUIDE["2.7.3"].numbers["limit_h"].value == 1.0


def test_a_stricter_city_moves_every_clause_that_asks_for_the_temperature():
    stricter = overlaid(GUIDE, {"2.3": {"temperature_c": 20}})
    assert set(stricter.dependents("2.3", "temperature_c")) == {"2.2b", "2.3", "2.8.2"}


def test_everything_wrong_is_said_at_once():
    tables = {
        "2.33": {},
        "2.3": {"temprature_c": 20},
        "2.7.3": {"limit_h": "soon"},
        "2.5": 3,
        "2.4.5": {"coverage_share": 2},
        "2.8.5": {"lead_months": -1},
        "2.6.2": {"answer": "3 km"},
        "1.4": {"limit_d": float("nan")},
    }
    with pytest.raises(GuideError) as caught:
        overlaid(GUIDE, tables)
    paths = [problem.path for problem in caught.value.problems]
    assert set(paths) == {'guide."2.33"', 'guide."2.3".temprature_c', 'guide."2.7.3".limit_h', 'guide."2.5"',
                          'guide."2.4.5".coverage_share', 'guide."2.8.5".lead_months', 'guide."2.6.2".answer',
                          'guide."1.4".limit_d'}  # fmt: skip
    assert all(problem.found for problem in caught.value.problems)
    assert "temperature_c" in str(caught.value)


def test_a_file_may_name_the_guide_and_faults_have_a_place(tmp_path):
    file = tmp_path / "stricter.toml"
    file.write_text('[guide."2.7.3"]\nlimit = "30 min"\n["2.6.2"]\nweight = 2\n', "utf-8")
    assert read_overlay(file).data == {"2.7.3": {"limit": "30 min"}, "2.6.2": {"weight": 2}}
    file.write_text('[guide."2.7.3"]\nlimit_h = "soon"\n["2.6.2"]\nhours = 12\n["2.6.9"]\n', "utf-8")
    document = read_overlay(file)
    with pytest.raises(GuideError) as caught:
        overlaid(GUIDE, document.data, "stricter.toml", document)
    said = {problem.path: (problem.line, problem.column, problem.found) for problem in caught.value.problems}
    assert said == {
        'guide."2.7.3".limit_h': (2, 1, '"soon"'),
        'guide."2.6.2".hours': (4, 1, 'unknown key "hours"'),
        'guide."2.6.9"': (5, 1, '"2.6.9"'),
    }
    assert {problem.file for problem in caught.value.problems} == {str(file)}


def test_a_scenario_overrides_and_the_scorecard_says_so():
    record = record_from({**COMPLAINT, "guide": {"2.7.3": {"limit_h": 0.5, "weight": 2}}})
    card = score(judge(record))
    assert card["2.7.3"].status == "breached"
    said = [(o["clause"], o["name"], o["default"], o["value"], o["origin"]) for o in card.overrides]
    assert said == [("2.7.3", "limit_h", 1.0, 0.5, "scenario"), ("2.7.3", "weight", 1.0, 2.0, "scenario")]


def test_a_file_goes_on_top_of_the_scenario(tmp_path):
    file = tmp_path / "stricter.toml"
    file.write_text('["2.7.3"]\nlimit = "30 min"\n', "utf-8")
    record = record_from({**COMPLAINT, "guide": {"2.7.3": {"limit_h": 2}}})
    assert score(judge(record))["2.7.3"].status == "met"
    verdicts = judge(record, file)
    assert score(verdicts)["2.7.3"].status == "breached"
    assert [override.origin for override in verdicts.guide.overrides] == ["scenario", "stricter.toml"]


def test_a_guide_file_with_faults_names_them_all():
    text = 'format = 1\ntitle_zh = ""\nclauses = [{ id = "9.9", bearer = "nobody" }]\n'
    with pytest.raises(GuideError) as caught:
        read_guide(text)
    assert {"title_en", "clauses[0].bearer", "clauses[0].place"} <= {problem.path for problem in caught.value.problems}
    with pytest.raises(GuideError):
        read_guide("format = ")


@pytest.mark.parametrize(
    ("clause", "number", "value", "wanted"),
    [
        ("2.6.4b", "over_h", 1e300, "at most 43,830 h"),
        ("2.3", "recovery_h", 1e300, "at most 43,830 h"),
        ("2.7.3", "limit", "10 a", ""),
        ("2.8.5", "lead_months", 1e9, "at most 60 month"),
        ("2.8.5", "lead_months", 5.5, "a whole number"),
        ("2.8.4", "reminders", 0.4, "a whole number"),
        ("2.8.4", "reminders", 1e9, "at most 10,000 count"),
        ("2.3", "weight", 1e300, "at most 1e+06"),
    ],
)
def test_numbers_no_season_can_be_judged_by_are_refused(clause, number, value, wanted):
    with pytest.raises(GuideError) as caught:
        overlaid(GUIDE, {clause: {number: value}})
    (problem,) = caught.value.problems
    assert wanted in problem.wanted
    assert problem.path == f'guide."{clause}".{number}'


def test_a_number_is_given_once_whatever_its_unit():
    with pytest.raises(GuideError) as caught:
        overlaid(GUIDE, {"2.7.3": {"limit": "30 min", "limit_h": 2}})
    (problem,) = caught.value.problems
    assert problem.path == 'guide."2.7.3".limit_h'
    assert "limit_h given once" in problem.wanted


def test_a_second_change_still_shows_what_the_guide_itself_asks():
    twice = overlaid(overlaid(GUIDE, {"2.7.3": {"limit_h": 0.5}}), {"2.7.3": {"limit_h": 2}}, "file")
    assert [(o.default, o.value, o.origin) for o in twice.overrides] == [(1.0, 0.5, "scenario"), (1.0, 2.0, "file")]
