"""Local time <-> seconds since the origin."""

import datetime as dt

import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.calendar import DAY_S, Calendar
from heatseason.scenarios.scenario import Scenario, load


@pytest.fixture
def calendar():
    return Calendar.of(Scenario(schema_version=1, name="x"))


def test_a_season_of_121_days(calendar):
    assert (calendar.season_end_s - calendar.season_start_s) / DAY_S == 121
    assert calendar.at(calendar.season_start_s) == dt.datetime(2026, 11, 15)
    assert calendar.at(calendar.season_end_s) == dt.datetime(2027, 3, 16)
    assert calendar.hours == 173 * 24
    assert calendar.days == 173


def test_a_leap_year_has_a_day_more():
    leap = load(
        "hanzhong",
        [
            "season.readiness_start=2027-10-10", "season.earliest_start=2027-11-01", "season.supply_start=2027-11-15",
            "season.supply_end=2028-03-15", "season.latest_end=2028-03-31",
        ],
    )  # fmt: skip
    calendar = Calendar.of(leap)
    assert (calendar.season_end_s - calendar.season_start_s) / DAY_S == 122


def test_seconds_and_local_times_are_inverse(calendar):
    for moment in (dt.datetime(2026, 10, 10), dt.datetime(2027, 2, 28, 23, 59, 59), dt.datetime(2026, 5, 1, 12)):
        assert calendar.at(calendar.seconds(moment)) == moment
    assert calendar.seconds(dt.date(2026, 10, 9)) == -DAY_S
    assert calendar.day(-1) == -1
    assert calendar.date(36) == dt.date(2026, 11, 15)
    assert calendar.hour_of_day(calendar.seconds(dt.datetime(2027, 1, 1, 7, 30))) == 7


def test_clocks_run_on_after_the_horizon(calendar):
    assert calendar.end_s - calendar.horizon_s == 45 * DAY_S
    assert calendar.resolved()["origin"] == "2026-10-10"


@pytest.mark.parametrize(
    ("name", "most", "dates"),
    [("extension_days", 16, "supply_end and latest_end"), ("early_days", 14, "earliest_start and supply_start")],
)
def test_a_decision_for_which_the_dates_have_no_room_is_refused_and_not_cut(name, most, dates):
    by_hand, path = "policies.season.kind=decided", f"policies.season.{name}"
    load("town", [by_hand, f"{path}={most}"])
    with pytest.raises(ScenarioError) as refused:
        load("town", [by_hand, f"{path}={most + 1}"])
    (problem,) = refused.value.problems
    assert (problem.file, problem.path, problem.found) == (f"--set {path}={most + 1}", path, str(most + 1))
    assert (problem.wanted, problem.hint) == (f"{most} or less", f"between the season's {dates}")
    later = {"at": dt.datetime(2026, 11, 1), "policies": {"season": {"kind": "decided", name: most + 1}}}
    with pytest.raises(ScenarioError, match=f"later.*{most} or less"):
        load("town").with_("later", [later])
