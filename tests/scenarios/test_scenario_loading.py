"""Scenario files: overlays, units, changes, and every fault at once with its place."""

import json

import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.scenario import Scenario, from_resolved, library, load, schema

BASE = """\
schema_version = 1
name = "base"
[policies.crews]
teams = 3
night_factor = 1.4
[people.calls]
early_factor = 8.0
[[weather.overlays]]
kind = "warming"
[[weather.overlays]]
kind = "warming"
"""
TOP = """\
schema_version = 1
extends = "base.toml"
name = "顶"
[policies.crews]
teams = 5
[[weather.overlays]]
kind = "warming"
by = "1.5 K"
"""


@pytest.fixture
def write(tmp_path):
    def put(name, text):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return put


def problems_of(*args):
    with pytest.raises(ScenarioError) as caught:
        load(*args)
    return caught.value.problems


def test_the_library_loads_and_survives_a_record():
    assert {"hanzhong", "cold_wave_2008", "late_fuel", "burst_week", "extension_march", "town"} <= set(library())
    assert "starter" not in library()
    for name in (*library(), "starter"):
        scenario = load(name)
        assert scenario.title_zh
        assert scenario.title_en
        again = from_resolved(json.loads(json.dumps(scenario.resolved())))
        assert again.hash == scenario.hash
        assert again.resolved() == scenario.resolved()


def test_tables_merge_and_lists_replace(write):
    write("base.toml", BASE)
    top = write("top.toml", TOP)
    scenario = load(top)
    assert scenario.name == "顶"
    assert (scenario.policies.crews.teams, scenario.policies.crews.night_factor) == (5, 1.4)
    assert [overlay.by_k for overlay in scenario.weather.overlays] == [1.5]
    assert scenario.people.calls.early_factor == 8.0


def test_later_bases_win_and_unset_takes_away(write):
    write("a.toml", 'schema_version = 1\nname = "a"\n[policies.crews]\nteams = 3\n[costs]\nwater_cny_t = 9.0\n')
    write("b.toml", 'schema_version = 1\nname = "b"\n[policies.crews]\nteams = 6\n')
    top = write(
        "c.toml", 'schema_version = 1\nextends = ["a.toml", "b.toml"]\nname = "c"\nunset = ["costs.water_cny_t"]\n'
    )
    scenario = load(top)
    assert scenario.policies.crews.teams == 6
    assert scenario.costs.water_cny_t == Scenario(schema_version=1, name="x").costs.water_cny_t


def test_unset_of_nothing_is_a_problem(write):
    top = write("c.toml", 'schema_version = 1\nextends = "hanzhong"\nunset = ["policies.crews.team"]\n')
    (problem,) = problems_of(top)
    assert (problem.path, problem.line) == ("unset", 3)
    assert "teams" in problem.hint


def test_a_circle_is_named(write):
    a = write("a.toml", 'schema_version = 1\nextends = "b.toml"\nname = "a"\n')
    write("b.toml", 'schema_version = 1\nextends = "a.toml"\n')
    (problem,) = problems_of(a)
    assert problem.hint == "a.toml -> b.toml -> a.toml"
    assert problem.file.endswith("b.toml")


def test_a_file_may_extend_the_library_scenario_of_its_own_name(write):
    assert load(write("hanzhong.toml", 'schema_version = 1\nextends = "hanzhong"\nseed = 5\n')).seed == 5


def test_a_quantity_in_another_spelling_replaces(write):
    write("base.toml", 'schema_version = 1\nname = "base"\n[operation]\nroom_target_c = 21.0\n')
    top = write("top.toml", 'schema_version = 1\nextends = "base.toml"\n[operation]\nroom_target = "19 °C"\n')
    assert load(top).operation.room_target_c == 19.0
    assert load(top, ["operation.room_target_c=22"]).operation.room_target_c == 22.0


def test_another_kind_keeps_what_both_share(write):
    base = write("base.toml", 'schema_version = 1\nname = "b"\n[policies.reserve]\nkind = "days_of_cover"\ndays = 9.0\n'
                 'order_hour = 5\n[[weather.overlays]]\nkind = "warming"\n')  # fmt: skip
    scenario = load(base, ["policies.reserve.kind=order_up_to"])
    assert scenario.policies.reserve.kind == "order_up_to"
    assert scenario.policies.reserve.order_hour == 5
    scenario = load(base, ["policies.reserve.kind=none"])
    assert scenario.policies.reserve.opening_days == 1.0
    assert load(base, ["policies.reserve.days=3"]).policies.reserve.days == 3
    assert len(load(base, ["weather.kind=epw", "weather.file=w.epw"]).weather.overlays) == 1


def test_paths_mean_the_same_wherever_they_are_inherited(write):
    base = write("deep/base.toml", 'schema_version = 1\nname = "b"\n[weather]\nkind = "table"\nfile = "w.csv"\n')
    top = write("top.toml", 'schema_version = 1\nextends = "deep/base.toml"\n')
    assert load(top).weather.file == str(base.parent / "w.csv")


def test_the_hash_is_of_contents_not_of_places(write):
    for folder in ("one", "two"):
        write(f"{folder}/w.csv", "date,mean_c\n2026-10-10,12\n")
        write(f"{folder}/s.toml", 'schema_version = 1\nname = "s"\n[weather]\nkind = "table"\nfile = "w.csv"\n')
    one, two = (load(write(f"{f}/again", "").parent / "s.toml") for f in ("one", "two"))
    assert one.hash == two.hash
    assert one.with_("seed", 9).hash != one.hash


BAD = """\
schema_version = 1
name = "坏"
seed = -1

[season]
supply_end = 2026-11-01

[policies.crews]
teems = 3
night_factor = "fast"

[policies.reserve]
kind = "day_of_cover"

[operation]
room_target = "21"
setback_k = nan
makeup = "12 bar"

[[disruptions.imposed]]
kind = "burst"
at = "tomorrow"

[people.calls]
patience_s = 100.0
"""


def test_every_fault_at_once_with_file_line_and_hint(write):
    problems = problems_of(write("bad.toml", BAD))
    by_path = {problem.path: problem for problem in problems}
    assert by_path["seed"].line == 3
    assert by_path["season.supply_end"].line == 6
    assert "supply_start" in by_path["season.supply_end"].wanted
    assert "teams" in by_path["policies.crews.teems"].hint
    assert by_path["policies.crews.night_factor"].line == 10
    assert "days_of_cover" in by_path["policies.reserve.kind"].hint
    assert "unit" in by_path["operation.room_target"].hint
    assert by_path["operation.setback_k"].wanted == "a finite number"
    assert by_path["operation.makeup"].line == 18
    assert by_path["disruptions.imposed[0].at"].line == 22
    assert by_path["people.calls.patience_s"].line == 25
    assert len(problems) == 10
    assert all(problem.file.endswith("bad.toml") for problem in problems)


def test_changes_are_told_like_files():
    problems = problems_of("town", ["policies.crews.teems=3", "nonsense", "disruptions.imposed[0].hours=3", "seed=x"])
    text = "\n".join(map(str, problems))
    assert len(problems) == 4
    for word in ("teams", "nonsense", "the list is empty", "--set seed=x"):
        assert word in text


def test_changes_take_units_dates_lists_and_quoted_clauses():
    scenario = load(
        "late_fuel",
        [
            'operation.room_target="21 degC"', "season.latest_end=2027-04-05", 'guide."2.6.2".hours=12',
            "disruptions.imposed[1].hours=5", "network=town", 'policies.merit_order={kind="listed", order=["N-B1"]}',
        ],
    )  # fmt: skip
    assert scenario.operation.room_target_c == 21.0
    assert str(scenario.season.latest_end) == "2027-04-05"
    assert scenario.guide == {"2.6.2": {"hours": 12}}
    assert scenario.disruptions.imposed[1].hours == 5
    assert scenario.network == "town"
    assert scenario.policies.merit_order.order == ("N-B1",)


def test_versions_are_asked_for(write):
    (missing,) = problems_of(write("none.toml", 'name = "x"\n'))
    assert (missing.path, missing.hint) == ("schema_version", "missing")
    (newer,) = problems_of(write("newer.toml", 'schema_version = 2\nname = "x"\n'))
    assert "newer" in newer.hint


def test_unknown_names_and_broken_files(write):
    (problem,) = problems_of("hanzong")
    assert "hanzhong" in problem.hint
    (problem,) = problems_of(write("x.toml", 'schema_version = 1\nextends = "hanzong"\nname = "x"\n'))
    assert (problem.path, problem.line) == ("extends", 2)
    (problem,) = problems_of(write("broken.toml", 'schema_version = 1\nname = "x\n'))
    assert problem.line == 2


def test_with_gives_a_changed_copy():
    scenario = load("town")
    changed = scenario.with_("policies.reserve.days", 10)
    assert changed.policies.reserve.days == 10
    assert scenario.policies.reserve.days != 10
    assert changed.with_("policies.reserve.days", scenario.policies.reserve.days).hash == scenario.hash
    assert changed.with_("policies.preheat.ramp", "6 K/h").policies.preheat.ramp_k_h == 6.0
    with pytest.raises(ScenarioError, match="teams"):
        scenario.with_("policies.crews.teems", 3)


def test_origins_tell_where_a_value_was_written():
    origins = load("late_fuel", ["seed=3"]).origins
    assert origins["policies.reserve.kind"].split("/")[-1].startswith("late_fuel.toml:")
    assert origins["policies.crews.teams"].split("/")[-1].startswith("hanzhong.toml:")
    assert origins["seed"] == "--set seed=3"
    assert "policies" not in origins


def test_every_number_has_a_source_and_a_unit_or_says_it_is_pure():
    rows = load("hanzhong").assumptions()
    assert len(rows) > 150
    assert all(row.source and row.confidence in "HML" for row in rows)
    assert all(row.low is None or row.low <= row.high for row in rows)
    assert next(row for row in rows if row.path == "policies.crews.teams").low == 2
    changed = load("hanzhong", ["policies.crews.teams=9"]).assumptions()
    assert [row.path for row in changed if row.overridden] == ["policies.crews.teams"]


def test_defaults_lie_within_their_own_range():
    for row in Scenario(schema_version=1, name="x").assumptions():
        if row.low is not None and isinstance(row.default, int | float):
            assert row.low <= row.default <= row.high, row.path


def test_the_schema_describes_every_field():
    whole = schema()
    assert {"extends", "unset", "season", "weather"} <= set(whole["properties"])
    crews = whole["$defs"]["Crews"]["properties"]["teams"]
    assert crews["confidence"] == "L"
    assert "Crews that can work" in crews["description"]


def test_scenarios_are_frozen_and_strict():
    scenario = load("town")
    with pytest.raises(Exception, match="frozen"):
        scenario.seed = 3
    (problem,) = problems_of("town", ['policies.crews.teams="3"'])
    assert problem.wanted == "a whole number"


def test_a_change_of_kind_goes_before_the_changes_of_its_numbers():
    scenario = load("hanzhong", ["policies.reserve.order_to_days=9", "policies.reserve.kind=order_up_to"])
    assert scenario.policies.reserve.order_to_days == 9.0


def test_names_stand_in_one_line(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('schema_version = 1\nname = "a\\nb"\ntitle_zh = "c\\u2028d"\n', "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert [(problem.path, problem.found) for problem in caught.value.problems] == [
        ("name", '"a\\nb"'),
        ("title_zh", '"c\\u2028d"'),
    ]


def test_a_folder_is_called_one(tmp_path):
    with pytest.raises(ScenarioError, match="a folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "placed"),
    [
        (["policies.roster.kind=listed"], {"policies.roster.agents": 0, "policies.roster.measurers": 0}),
        (["seed=2", "policies.roster.kind=listed", "seed=3"], {"policies.roster.agents": 1}),
        (
            ["policies.crews.shift_h=1", "policies.crews.handover_minutes=90", "policies.crews.day_from_h=23"],
            {"policies.crews.day_until_h": 2, "policies.crews.handover_minutes": 1},
        ),
        (["season.supply_start=2027-12-01"], {"season.supply_end": 0}),
        (
            ["policies.crews.day_from_h=23", "weather.kind=epw"],
            {"policies.crews.day_until_h": 0, "weather.file": 1},
        ),
    ],
)
def test_what_a_change_makes_wrong_elsewhere_is_put_to_the_change(changes, placed):
    with pytest.raises(ScenarioError) as refused:
        load("town", changes)
    found = {problem.path: (problem.file, problem.line) for problem in refused.value.problems}
    assert found.items() >= {path: (f"--set {changes[row]}", 0) for path, row in placed.items()}.items()


def test_what_a_file_has_wrong_stays_there_whatever_else_is_changed(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('schema_version = 1\nextends = "town"\n[policies.roster]\nkind = "listed"\n', "utf-8")
    with pytest.raises(ScenarioError) as refused:
        load(file, ["weather.kind=epw", "policies.roster.agents=[]"])
    found = {problem.path: problem.file for problem in refused.value.problems}
    assert found["policies.roster.measurers"] == str(file)
    assert found["weather.file"] == "--set weather.kind=epw"


def test_what_python_changes_is_wrong_in_no_file():
    with pytest.raises(ScenarioError) as refused:
        load("town").with_("policies.roster.kind", "listed")
    assert {(problem.file, problem.line) for problem in refused.value.problems} == {("", 0)}
