import datetime as dt

import heatseason as hs
import numpy as np
import pytest
from heatseason.network_models.problems import InputError, ScenarioError
from heatseason.sim.study.design import Design, Range, _cell, points_of, read_design, scenario_at
from scipy import stats


def written(tmp_path, text):
    file = tmp_path / "design.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_grid_is_every_combination(tmp_path):
    design = read_design(
        written(
            tmp_path,
            """
            scenario = "town"
            [vary]
            "policies.reserve.days" = [3.0, 7.0]
            "policies.crews.teams" = { low = 1, high = 3, step = 1 }
            [changes]
            seed = 5
            """,
        )
    )
    points = points_of(design)
    assert [(p["policies.reserve.days"], p["policies.crews.teams"]) for p in points] == [
        (d, t) for d in (3.0, 7.0) for t in (1, 2, 3)
    ]
    scenario = scenario_at(hs.load("town"), points[2])
    assert (scenario.policies.crews.teams, scenario.seed) == (3, 5)


def test_a_step_keeps_whole_numbers_whole_and_gives_each_an_equal_part():
    values = [Range(low=1, high=4, step=1).at(share) for share in np.linspace(0, 1, 401)]
    assert {type(value) for value in values} == {int}
    counts = [values.count(value) for value in (1, 2, 3, 4)]
    assert max(counts) - min(counts) <= 1
    assert Range(low=0, high=1, step=0.1).at(0.35) == 0.3
    assert Range(low=2, high=4).at(0.5) == 3


@pytest.mark.parametrize("method", ["latin_hypercube", "sobol"])
def test_points_are_spread_evenly_and_the_same_for_the_same_seed(method):
    vary = {"a": Range(low=0, high=1), "b": Range(low=10, high=20), "c": ["x", "y"]}
    design = Design(scenario="town", method=method, points=64, vary=vary)
    points = points_of(design)
    assert points == points_of(design)
    assert points != points_of(design.model_copy(update={"seed": 2}))
    for path, low, width in (("a", 0, 1), ("b", 10, 10)):
        cells = {int((point[path] - low) / width * 64) for point in points}
        assert len(cells) == 64 if method == "latin_hypercube" else len(cells) > 60
        assert stats.kstest([(point[path] - low) / width for point in points], "uniform").statistic < 2 / 64
    assert [point["c"] for point in points].count("x") == 32


def test_a_table_s_rows_are_points_and_alike_ones_are_one(tmp_path):
    (tmp_path / "points.csv").write_text(
        "policies.reserve.days,policies.preheat.ramp,network\n3,,\n7,3 K/h,town\n3,,\n", "utf-8-sig"
    )
    design = read_design(written(tmp_path, 'scenario = "town"\nmethod = "table"\ntable = "points.csv"\n'))
    assert points_of(design) == [
        {"policies.reserve.days": 3},
        {"policies.reserve.days": 7, "policies.preheat.ramp": "3 K/h", "network": "town"},
    ]
    for point in points_of(design):
        scenario_at(hs.load("town"), point)


@pytest.mark.parametrize("parting", [";", "\t"])
def test_a_spreadsheet_may_part_cells_otherwise(tmp_path, parting):
    rows = [["policies.reserve.days", "policies.crews.teams"], ["3", "2"], ["7", ""]]
    (tmp_path / "points.csv").write_text("".join(parting.join(row) + "\r\n" for row in rows), "utf-8")
    design = read_design(written(tmp_path, 'scenario = "town"\nmethod = "table"\ntable = "points.csv"\n'))
    assert points_of(design) == [{"policies.reserve.days": 3, "policies.crews.teams": 2}, {"policies.reserve.days": 7}]


def test_a_table_without_rows_is_no_study(tmp_path):
    (tmp_path / "points.csv").write_text("policies.reserve.days\n", "utf-8")
    design = read_design(written(tmp_path, 'scenario = "town"\nmethod = "table"\ntable = "points.csv"\n'))
    with pytest.raises(InputError, match=r"points\.csv:2:1: found no rows"):
        points_of(design)


@pytest.mark.parametrize("text", ["2 # c", "2\nx = 3", "2] # c", "1] #", "2, 3", "2,", "2\r\n# c", "# c", "[1, 2] # c"])
def test_a_cell_is_one_value_or_text(text):
    assert _cell(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("2.5", 2.5), ("true", True), ('"2 # c"', "2 # c"), ("[1, 2]", [1, 2]), (" 3 ", 3), ("3 K/h", "3 K/h"),
     ('{ kind = "none" }', {"kind": "none"}), ("2027-01-05", dt.date(2027, 1, 5))],
)  # fmt: skip
def test_a_cell_is_a_toml_value(text, value):
    assert _cell(text) == value


def test_what_is_wrong_in_a_table_is_placed_at_its_cell(tmp_path):
    head = "policies.reserve.days,policies.crews.teams,network"
    (tmp_path / "points.csv").write_text(f"{head}\n3,1,\n\n3,1,\n4,-2,\n-5,1,\n,,tea\n", "utf-8")
    text = 'scenario = "town"\nmethod = "table"\ntable = "points.csv"\n[changes]\n"policies.nothing" = 1\n'
    for design, places in (
        (text.partition("[changes]")[0], {("teams", 5, 2), ("days", 6, 1), ("network", 7, 3)}),
        (text, {("nothing", 5, 1)}),
    ):
        with pytest.raises(InputError) as caught:
            list(hs.sweep(written(tmp_path, design)))
        found = {(p.path.rpartition(".")[2], p.line, p.column) for p in caught.value.problems}
        assert places <= found
        assert {p.file for p in caught.value.problems} <= {
            str(tmp_path / name) for name in ("points.csv", "design.toml")
        }


def test_a_metric_that_is_none_is_placed_in_the_design(tmp_path):
    with pytest.raises(InputError, match=r'design.toml:2:\d+: metrics\[1\]: found "nowhere:f"'):
        read_design(written(tmp_path, 'scenario = "town"\nmetrics = ["math:sqrt", "nowhere:f"]\n'))


def test_a_point_may_change_kind_guide_network_and_scenario():
    base = hs.load("town")
    point = {"policies.reserve.days": 4, "policies.reserve.kind": "days_of_cover", 'guide."2.3".temperature_c': 20}
    changed = scenario_at(base, {**point, "scenario": "late_fuel", "network": "tee"})
    assert changed.name == "late_fuel"
    assert changed.policies.reserve.days == 4
    assert changed.guide == {"2.3": {"temperature_c": 20}}
    assert changed.network == "tee"
    with pytest.raises(ScenarioError, match="nothing"):
        scenario_at(base, {"policies.nothing": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('method = "grid"', ["scenario"]),
        ('scenario = "town"\nmethod = "sobol"\npoints = 3\n[vary]\n"a" = [1]', ["points: found 3, wanted a power of"]),
        ('scenario = "town"\nmethod = "latin_hypercube"', ["points: wanted", "vary: wanted"]),
        ('scenario = "town"\nmethod = "table"', ["table: wanted"]),
        ('scenario = "town"\n[vary]\na = []\nb = {low = 1, high = 2}', ["vary.a: found []", "vary.b: found a range"]),
        ('scenario = "town"\n[vary]\nb = {low = 2, high = 1, step = 1}', ["vary.b.high: found 1, wanted 2 or more"]),
        ('scenario = "town"\nreplication = 3', ['did you mean "replications"']),
    ],
)
def test_what_is_wrong_is_said_all_at_once(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        read_design(written(tmp_path, text))
    for words in said:
        assert words in str(caught.value)
    assert "design.toml" in str(caught.value)


def test_all_that_is_wrong_with_a_design_is_said_at_once_with_its_place(tmp_path):
    file = written(
        tmp_path,
        """scenario = "twon"
method = "sobol"
points = 7
replications = 0
wat = 3
[vary]
"policies.reserve.days" = []
""",
    )
    with pytest.raises(InputError) as caught:
        read_design(file)
    assert {(p.path, p.line) for p in caught.value.problems} == {
        ("scenario", 1), ("points", 3), ("replications", 4), ("wat", 5), ('vary."policies.reserve.days"', 7),
    }  # fmt: skip
    assert {p.file for p in caught.value.problems} == {str(file)}


def test_what_is_wrong_at_a_point_is_placed_where_the_design_says_it(tmp_path):
    text = 'scenario = "town"\n[vary]\n"policies.reserve.days" = [-2.0, 3.0]\n[changes]\n"policies.nothing" = 1\n'
    design = read_design(written(tmp_path, text))
    with (
        hs.Study(tmp_path / "study", hs.load("town"), placed=design.placed) as study,
        pytest.raises(InputError) as caught,
    ):
        study.add(points_of(design))
    assert {(p.path, p.line) for p in caught.value.problems} >= {("policies.nothing", 5)}
    with pytest.raises(InputError) as caught:
        list(hs.sweep(written(tmp_path, text.partition("[changes]")[0])))
    (problem,) = caught.value.problems
    assert (problem.path, problem.found, problem.line) == ("policies.reserve.days", "-2.0", 3)
