"""weather make and weather fit, and that a scenario reads back what was made."""

import json

import numpy as np
import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.calendar import Calendar
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.weather import make_weather
from heatseason.sim.report import weather, weather_files
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words


def winter_of(scenario, replication=0):
    calendar = Calendar.of(scenario)
    return make_weather(scenario.weather, calendar.origin, calendar.days, scenario.seed, replication)


@pytest.mark.parametrize(("name", "year"), [("town", None), ("cold_wave_2008", 2031)])
def test_a_made_table_is_read_back_to_the_same_bytes(tmp_path, name, year):
    scenario = load(name, ["seed=7"])
    made = weather_files.make(scenario, tmp_path / "w.csv", year=year)
    assert made["hours"] == 24 * (Calendar.of(weather_files.in_year(scenario, year or 2026)).days + 15)
    (tmp_path / "s.toml").write_text(
        f'schema_version = 1\nextends = "{name}"\nseed = 7\n[weather]\nkind = "table"\nfile = "w.csv"\noverlays = []\n',
        encoding="utf-8",
    )
    moved = weather_files.in_year(scenario, year or 2026)
    back = load(tmp_path / "s.toml")
    wanted, found = winter_of(moved), winter_of(weather_files.in_year(back, year or 2026))
    for part in ("outdoor_c", "solar_w_m2", "wind_m_s", "snow_mm", "daily_mean_c", "forecast_c"):
        assert getattr(wanted, part).tobytes() == getattr(found, part).tobytes(), part
    assert np.array_equal(wanted.ground_at(1.3), found.ground_at(1.3))
    shown = weather.describe(weather_files.scenario_of(str(tmp_path / "w.csv"), []))
    assert shown["scenario"] == "w.csv"
    assert shown["months"] == weather.describe(moved)["months"]


def test_overlays_move_with_the_year():
    scenario = load("cold_wave_2008")
    moved = weather_files.in_year(scenario, 2031)
    assert moved.season.supply_start.isoformat() == "2031-11-15"
    assert moved.weather.overlays[0].start.isoformat() == "2032-01-11T00:00:00"
    assert weather_files.in_year(moved, 2026) == scenario


def test_many_winters_fit_and_run_on(tmp_path):
    thirty, fitted = tmp_path / "w.csv", tmp_path / "fitted.toml"
    weather_files.make(load("town", ["seed=3", "weather.anomaly_sd_k=2.6"]), thirty, winters=12)
    document = weather_files.fit(thirty, "town")
    json.dumps(document, allow_nan=False)
    weather_files.write_fit(fitted, document)
    scenario = load(fitted)
    assert scenario.name == "fitted"
    assert scenario.weather.anomaly_sd_k == pytest.approx(2.6, abs=0.4)
    assert scenario.weather.wet_days == load("town").weather.wet_days
    assert np.isfinite(winter_of(scenario).outdoor_c).all()
    for lang in ("zh", "en"):
        page = Page(60)
        weather_files.say_fit(page, document, Words(lang))
        str(page).encode("gbk")
        assert max(display_width(line) for line in page.lines) <= 60


def test_a_weather_file_names_itself_and_no_title_is_inherited(tmp_path):
    (tmp_path / "mine.toml").write_text('schema_version = 1\nextends = "cold_wave_2008"\nseed = 7\n', encoding="utf-8")
    scenario = load(tmp_path / "mine.toml")
    assert (scenario.name, scenario.title_zh, scenario.title_en) == ("mine", "", "")


def test_a_year_beyond_the_calendar(tmp_path):
    with pytest.raises(ScenarioError, match="a year of the calendar"):
        weather_files.make(load("town"), tmp_path / "w.csv", year=9999)
