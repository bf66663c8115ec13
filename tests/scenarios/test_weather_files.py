"""EPW files and tables: hour-ending rows, New Year, leap days, missing codes, encodings, and clear complaints."""

import datetime as dt

import numpy as np
import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.climate import ground_temperature
from heatseason.scenarios.weather.epw import Epw, epw, read_epw
from heatseason.scenarios.weather.table import Table, sample_table, table
from heatseason.scenarios.weather.weather import make_weather

GROUND = "GROUND TEMPERATURES,1,1.3,,,," + ",".join(str(10 + month) for month in range(12))


def epw_text(year=2023, *, city="汉中", change=None, skip=None):
    lines = [f"LOCATION,{city},SN,CHN,x,571270,33.07,107.03,8.0,509.5", "DESIGN CONDITIONS,0"]
    lines += ["TYPICAL/EXTREME PERIODS,0", GROUND, "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0"]
    lines += ["COMMENTS 1", "COMMENTS 2", "DATA PERIODS,1,1"]
    day = dt.date(year, 1, 1)
    while day.year == year:
        for hour in range(1, 25):
            # the temperature says its month, day and hour: 3.1408 is the 14th of March, eighth hour
            values = [year - hour % 2, day.month, day.day, hour, 0, "flags"] + ["0"] * 29
            values[6] = f"{day.month + day.day / 100 + hour / 10_000:.4f}"
            values[13], values[21], values[33] = str(hour), "2.5", "0.4"
            if change:
                change(day, hour, values)
            if not (skip and skip(day, hour)):
                lines.append(",".join(map(str, values)))
        day += dt.timedelta(days=1)
    return "\n".join(lines) + "\n"


@pytest.fixture
def write(tmp_path):
    def put(text, name="w.epw", encoding="utf-8"):
        file = tmp_path / name
        file.write_bytes(text.encode(encoding))
        return file

    return put


def test_rows_end_at_their_hour_and_wrap_over_new_year(write):
    hourly = epw(Epw(file=str(write(epw_text()))), dt.date(2026, 12, 31), 2)
    assert hourly.outdoor_c[0] == pytest.approx(12.3101)  # 31 December, the hour that ends at 1:00
    assert hourly.outdoor_c[23] == pytest.approx(12.3124)  # 24:00
    assert hourly.outdoor_c[24] == pytest.approx(1.0101)  # 1 January
    assert hourly.solar_w_m2[10] == 11.0
    assert hourly.wind_m_s[0] == 2.5
    assert np.all(hourly.snow_mm == np.where(hourly.outdoor_c < 1.0, 0.4, 0.0))


@pytest.mark.parametrize(("file_year", "wanted"), [(2023, 2.2801), (2024, 2.2901)])
def test_leap_days(write, file_year, wanted):
    file = write(epw_text(file_year))
    assert read_epw(file).has_leap_day == (file_year == 2024)
    hourly = epw(Epw(file=str(file)), dt.date(2028, 2, 28), 3)
    assert hourly.outdoor_c[24] == pytest.approx(wanted)  # 29 February 2028
    assert hourly.outdoor_c[48] == pytest.approx(3.0101)
    plain = epw(Epw(file=str(file)), dt.date(2027, 2, 28), 2)
    assert plain.outdoor_c[24] == pytest.approx(3.0101)


def test_missing_codes_are_bridged_or_named(write):
    def gap(day, hour, values):
        if (day.month, day.day) == (1, 5) and 3 <= hour <= 5:
            values[6] = "99.9"
        if hour == 7:
            values[13], values[21], values[33] = "9999", "999", "999"

    year = read_epw(write(epw_text(change=gap)))
    assert np.all(np.diff(year.columns[4, :7, 0]) > 0)
    assert year.columns[10, 6, 1:].tolist() == [0.0, 0.0, 0.0]

    def long_gap(day, hour, values):
        if (day.month, day.day) == (1, 5):
            values[6] = "99.9"

    with pytest.raises(ScenarioError, match="missing for 24 hours"):
        read_epw(write(epw_text(change=long_gap)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(write, encoding):
    city = "Köln" if encoding == "latin-1" else "汉中"
    assert read_epw(write(epw_text(city=city), encoding=encoding)).place == city


def test_ground_temperatures_come_from_the_header(write):
    file = str(write(epw_text()))
    january = epw(Epw(file=file), dt.date(2027, 1, 16), 1).ground_c
    assert january.mean() == pytest.approx(10.0, abs=0.1)
    assert epw(Epw(file=file, ground_from_file="climate"), dt.date(2027, 1, 16), 1).ground_c is None


def test_the_depth_at_which_a_file_tells_of_the_ground_counts(write):
    shallow, deep = (
        make_weather(Epw(file=str(write(epw_text())), ground_depth_m=depth), dt.date(2026, 10, 10), 100, 1, 0)
        for depth in (1.0, 2.0)
    )
    own = [ground_temperature(shallow.climate, depth, np.arange(282.0, 382.0) + 0.5).mean() for depth in (1.0, 2.0)]
    assert shallow.ground_offset_k - deep.ground_offset_k == pytest.approx(own[1] - own[0], abs=0.02)
    assert abs(own[1] - own[0]) > 0.3


def test_faults_of_epw_files_are_told_with_their_line(write, tmp_path):
    with pytest.raises(ScenarioError, match="LOCATION"):
        read_epw(write("hello\n"))
    with pytest.raises(ScenarioError, match="can be read"):
        read_epw(tmp_path / "none.epw")
    with pytest.raises(ScenarioError, match="8736 rows"):
        read_epw(write(epw_text(skip=lambda day, hour: (day.month, day.day) == (5, 4))))

    def bad(day, hour, values):
        if (day.month, day.day, hour) == (1, 1, 3):
            values[6] = "warm"

    with pytest.raises(ScenarioError) as caught:
        read_epw(write(epw_text(change=bad)))
    assert caught.value.problems[0].line == 11


def test_a_season_on_the_real_file(shared):
    file = shared / "data" / "weather" / "Shanghai-Hongqiao_TMYx.epw"
    if not file.is_file():
        pytest.skip("no EPW file in ../shared/data/weather")
    weather = make_weather(Epw(file=str(file)), dt.date(2026, 10, 10), 173, 1, 0)
    assert weather.outdoor_c.shape == (173 * 24,)
    assert weather.forecast_c.shape == (173, 16)
    season = weather.daily_mean_c[36:157]
    assert 4.0 < season.mean() < 10.0
    ground = weather.ground_at(1.3)
    assert 6.0 < ground.min() < ground.max() < 26.0
    x = season - np.convolve(season, np.ones(31) / 31, mode="same")
    assert 0.3 < np.corrcoef(x[20:-21], x[21:-20])[0, 1] < 0.8  # persistence, the generator's proxy
    assert np.array_equal(
        weather.outdoor_c, make_weather(Epw(file=str(file)), dt.date(2026, 10, 10), 173, 1, 7).outdoor_c
    )


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (6, "-500", "from -70 to 70"),
        (6, "nan", "99.9 where it is missing"),
        (6, "", "99.9 where it is missing"),
        (6, "283.4", "degC"),
        (13, "-5", "from 0 to 1500"),
        (21, "inf", "999 where it is missing"),
    ],
)
def test_what_no_air_can_be_is_refused_with_its_line(write, column, cell, said):
    def spoil(day, hour, values):
        if (day.month, day.day, hour) in ((1, 2, 3), (7, 1, 1)):
            values[column] = cell

    with pytest.raises(ScenarioError) as caught:
        read_epw(write(epw_text(change=spoil)))
    assert [problem.line for problem in caught.value.problems] == [8 + 24 + 3, 8 + 24 * 181 + 1]
    assert said in str(caught.value)


def test_an_hour_twice_in_an_epw_is_told(write):
    def twice(day, hour, values):
        if (day.month, day.day, hour) == (3, 3, 5):
            values[3] = 4

    with pytest.raises(ScenarioError) as caught:
        read_epw(write(epw_text(change=twice)))
    assert "3/3 hour 4 twice" in str(caught.value)
    assert "no row for 3/3 hour 5" in str(caught.value)


FIRST = dt.date(2026, 11, 15)


def test_a_daily_table(write):
    file = write("date,mean_c,min_c,max_c\n2026-11-15,6.0,2.0,10.0\n2026-11-16,4.0,1.0,7.0\n", "w.csv")
    hourly = table(Table(file=str(file)), FIRST, 2)
    days = hourly.outdoor_c.reshape(2, 24)
    assert np.allclose(days.mean(axis=1), [6.0, 4.0])
    assert np.ptp(days[0]) == pytest.approx(8.0, abs=1.5)
    assert hourly.solar_w_m2.max() > 100.0
    assert hourly.wind_m_s[0] == 0.9


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_hourly_table_in_any_year(write, encoding):
    rows = [f"2015-11-15 {h:02}:00,{h / 10},{5 * h},1.0,0.1" for h in range(24)]
    file = write("time,outdoor_c,solar_w_m2,wind_m_s,snow_mm\n" + "\n".join(rows) + "\n", "w.csv", encoding)
    hourly = table(Table(file=str(file), match_on="month_and_day"), FIRST, 1)
    assert hourly.outdoor_c[7] == 0.7
    assert hourly.snow_mm.sum() == pytest.approx(2.4)
    with pytest.raises(ScenarioError, match="month_and_day"):
        table(Table(file=str(file)), FIRST, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,mean\n2026-11-15,3\n", 'did you mean "mean_c"'),
        ("time,wind_m_s\n2026-11-15 00:00,3\n", 'a column "outdoor_c"'),
        ("date,mean_c\n2026-11-15,warm\n", 'found "warm"'),
        ("date,mean_c\n2026-11-15,333\n", "from -60 to 55"),
        ("date,mean_c\n15.11.2026,3\n", "a day such as 2026-11-15"),
        ("date,mean_c\n2026-11-15,3,4\n", "found 3 cells"),
        ("date,mean_c\n2026-11-14,3\n", "nothing for 1 of 1 days, first 2026-11-15"),
        ("date,mean_c\n2026-11-15,3\n2026-11-15,4\n", "each time once"),
        ("date,mean_c\n", "no rows"),
        ("", "empty file"),
    ],
)
def test_faults_of_tables(write, text, said):
    with pytest.raises(ScenarioError) as caught:
        table(Table(file=str(write(text, "w.csv"))), FIRST, 1)
    assert said in str(caught.value)
    assert "w.csv" in str(caught.value)


def test_all_faults_of_a_table_at_once(write):
    text = "date,mean_c\n2026-11-15,warm\n2026-11-16,nan\n2026-11-16,3\n2026-11-18,300\n"
    with pytest.raises(ScenarioError) as caught:
        table(Table(file=str(write(text, "w.csv"))), FIRST, 4)
    told = [(problem.line, problem.found) for problem in caught.value.problems]
    assert [line for line, _ in told] == [2, 3, 4, 5, 0]
    assert told[-1][1].startswith("nothing for 1 of 4 days, first 2026-11-17")


def test_a_sample_table_can_be_read_back(write, tmp_path):
    means = np.linspace(14.0, 3.0, 200).round(1)
    write(sample_table(dt.date(2026, 10, 1), 200, means), "w.csv")
    (tmp_path / "s.toml").write_text(
        'schema_version = 1\nextends = "town"\n[weather]\nkind = "table"\nfile = "w.csv"\n', encoding="utf-8"
    )
    scenario = load(tmp_path / "s.toml")
    weather = make_weather(scenario.weather, dt.date(2026, 10, 10), 173, 1, 0)
    assert np.allclose(weather.daily_mean_c, means[9:182])
