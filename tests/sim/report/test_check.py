"""Everything that is wrong with an input, at once."""

import pytest
from heatseason.network_models.problems import InputError
from heatseason.scenarios.scenario import library
from heatseason.sim.report.layout import Page
from heatseason.sim.report.problems import all_well, check, say, say_all_well, warnings
from heatseason.sim.report.words import Words


def paths(scenario, *changes):
    with pytest.raises(InputError) as caught:
        check(str(scenario), changes)
    return [problem.path for problem in caught.value.problems]


@pytest.fixture
def write(tmp_path):
    def written(text):
        file = tmp_path / "情景.toml"
        file.write_text("schema_version = 1\n" + text, "utf-8")
        return file

    return written


@pytest.mark.parametrize("name", library())
def test_the_library_is_in_order(name):
    assert check(name).name == name


def test_scenario_and_network_are_both_looked_at(write):
    found = paths(write('name = "x"\nnetwork = "hanzong"\nseedd = 3\n[policies.crews]\nteams = -2\n'))
    assert set(found) == {"seedd", "policies.crews.teams", "network"}


def test_network_and_guide_are_both_looked_at(write):
    file = write('name = "x"\nnetwork = "hanzong"\n[guide."2.6.9"]\nlimit_h = 1\n')
    found = paths(file)
    assert "network" in found
    assert any(path.startswith("guide") for path in found)


def test_a_faulty_network_beside_the_scenario_is_read(write, tmp_path):
    (tmp_path / "net.toml").write_text("version = 1\nlenght = 3\n", "utf-8")
    found = paths(write('name = "x"\nnetwork = "net.toml"\nseedd = 3\n'))
    assert "seedd" in found
    assert "lenght" in found


def test_what_does_not_fit_the_network_is_found(write):
    imposed = '[[disruptions.imposed]]\nkind = "burst"\nat = 2027-01-18T05:40:00\npipe = "no such pipe"\n'
    assert paths(write(f'name = "x"\nextends = "town"\n{imposed}')) == ["disruptions.imposed[0].pipe"]


@pytest.mark.parametrize(
    ("order", "told"),
    [("at=2027-01-10T10:00:00Z", "disruptions.imposed[0].at：现为 2027-01-10 10:00:00+00:00，应为 当地日期时间，如"),
     ('at=2027-01-10T10:00:00, pipe="DN0"', "disruptions.imposed[0].pipe：现为 \"DN0\"，应为 管网中某个管道的编号")],
)  # fmt: skip
def test_an_order_with_a_time_of_elsewhere_or_a_pipe_of_no_width_is_refused_in_chinese(order, told):
    with pytest.raises(InputError) as caught:
        check("town", [f'disruptions.imposed=[{{kind="burst", {order}}}]'])
    page = Page(300)
    say(page, caught.value, Words("zh"))
    assert any(told in line for line in page.lines), page.lines


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (("kind=order_up_to", "order_at_days=10", "order_to_days=5"),
         "policies.reserve.order_to_days：现为 5，应为 不小于order_at_days（10）（订货从该处起补足堆场）"),
        (("kind=preseason", "order_at_days=15"),
         "policies.reserve.order_to_days：现为 14，应为 不小于order_at_days（15）（订货从该处起补足堆场）"),
        (("share_above_days=1",),
         "policies.reserve.share_above_days：现为 1，应为 0，或不小于emergency_below_days（2）"
         "（自身告急的热源不调出燃料）"),
    ],
)  # fmt: skip
def test_a_reserve_whose_levels_contradict_each_other_is_refused(changes, told):
    with pytest.raises(InputError) as caught:
        check("town", [f"policies.reserve.{change}" for change in changes])
    page = Page(200)
    say(page, caught.value, Words("zh"))
    assert any(told in line for line in page.lines), page.lines
    kind = [f"policies.reserve.{change}" for change in changes if change.startswith("kind")]
    assert check("town", kind).name == "town"


def test_a_season_that_ends_before_it_starts_hides_no_id_and_a_strange_key_hides_no_date(write):
    event = '[[disruptions.imposed]]\nkind = "burst"\nat = {at}\npipe = "no such pipe"\n'
    season = "[season]\nsupply_start = 2027-03-20\nsupply_end = 2026-11-15\n"
    ends_early = write('name = "x"\nextends = "town"\n' + season + event.format(at="2027-01-18T05:40:00"))
    assert sorted(paths(ends_early)) == ["disruptions.imposed[0].pipe", "season.supply_end"]
    strange = write('name = "x"\nextends = "town"\ncolour = 1\n' + event.format(at="2030-01-18T05:40:00"))
    assert sorted(paths(strange)) == ["colour", "disruptions.imposed[0].at", "disruptions.imposed[0].pipe"]


def test_what_does_not_fit_the_network_is_found_beside_other_faults(write):
    found = paths(
        write(
            'name = "x"\nextends = "town"\nbogus = 1\n[season]\nsupply_end = 2026-10-01\n'
            '[policies.merit_order]\nkind = "listed"\norder = ["nobody"]\n'
            '[[disruptions.imposed]]\nkind = "burst"\nat = 2027-01-18T05:40:00\npipe = "no such pipe"\n'
            '[[disruptions.imposed]]\nkind = "brst"\nat = 2027-01-18T05:40:00\npipe = "nor this"\n'
        )
    )
    assert sorted(found) == [
        "bogus",
        "disruptions.imposed[0].pipe",
        "disruptions.imposed[1].kind",
        "policies.merit_order.order[0]",
        "season.supply_end",
    ]


def test_a_wrong_value_hides_no_id_of_the_same_element(write):
    burst = '[[disruptions.imposed]]\nkind = "burst"\nat = 2027-01-18T05:40:00\npipe = "{}"\nposition = {}\n'
    found = paths(write('name = "x"\nextends = "town"\n' + burst.format("none such", 1.4)))
    assert sorted(found) == ["disruptions.imposed[0].pipe", "disruptions.imposed[0].position"]


def test_an_element_that_cannot_be_without_its_wrong_value_is_not_blamed_for_the_one_that_stands_in(write):
    burst = '[[disruptions.imposed]]\nkind = "burst"\nat = {}\npipe = "{}"\n'
    text = burst.format("2027-01-18T05:40:00", "none such") + burst.format('"soon"', "largest")
    found = paths(write('name = "x"\nextends = "town"\n' + text))
    assert sorted(found) == ["disruptions.imposed[0].pipe", "disruptions.imposed[1].at"]


def test_a_list_of_tables_in_the_wrong_place_has_a_line(write):
    file = write('name = "x"\nextends = "town"\n\n[[policies]]\nreserve = 1\n')
    with pytest.raises(InputError) as caught:
        check(str(file))
    wrong = next(problem for problem in caught.value.problems if problem.path == "policies")
    assert (wrong.line, wrong.column, wrong.found) == (5, 1, "a list of tables")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('name = "x"\n[season]\nsupply_end = 2026-11-01\n', "season.supply_end"),
        ('name = "x"\n[operation]\nroom_target = "20"\n', "operation.room_target"),
        ('name = "x"\n[operation]\nroom_target_c = nan\n', "operation.room_target_c"),
        ('name = "x"\nextends = "情景.toml"\n', "extends"),
        ("name = 3\n", "name"),
    ],
)
def test_typical_faults_have_a_place(write, text, path):
    file = write(text)
    with pytest.raises(InputError) as caught:
        check(str(file))
    problem = caught.value.problems[0]
    assert problem.path == path
    assert problem.line > 0
    assert problem.file.endswith("情景.toml")


def test_no_scenario_and_no_toml(tmp_path, write):
    with pytest.raises(InputError, match="did you mean"):
        check("hanzong")
    with pytest.raises(InputError, match="TOML"):
        check(str(write("name = \n")))


def test_dates_that_cannot_be_kept_are_told_beforehand(write):
    late = write('name = "x"\nextends = "town"\n[policies.readiness]\nfilling_day = 30.0\n')
    scenario = check(str(late))
    (warning,) = warnings(scenario)
    assert (warning.path, warning.found) == ("season.supply_start", "2026-11-15")
    assert all_well(scenario)["warnings"][0]["wanted"].startswith("the readiness works through by then (about 2026-1")
    tight = write('name = "x"\nextends = "town"\n[policies.readiness]\nfilling_day = 15.0\n')
    assert [w.path for w in warnings(check(str(tight)))] == ["policies.preheat.days"]
    assert warnings(check("hanzhong")) == []
    page = Page(60)
    say_all_well(page, scenario, Words("zh"))
    assert any("注意" in line and "届时准备工作已完成" in line for line in page.lines)
