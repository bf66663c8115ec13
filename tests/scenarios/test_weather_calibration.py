"""The generator fitted to its own winters gives its numbers back; faults of files are told all at once."""

import datetime as dt

import numpy as np
import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.weather.calibration import calibrate
from heatseason.scenarios.weather.observed import observe
from heatseason.scenarios.weather.synthetic import Synthetic
from heatseason.scenarios.weather.table import hourly_text
from heatseason.scenarios.weather.weather import make_hours

FIRST, LAST = dt.date(2026, 10, 10), dt.date(2027, 3, 31)
ODD = {  # nothing as in Hanzhong
    "anomaly_sd_k": 2.9, "seasonal_offset_sd_k": 1.3, "lag1": 0.75, "lag2": 0.45, "range_by_sun_k": 3.5,
    "diurnal_range_k": [11.0] * 12,
    "climate": {"monthly_mean_c": [-6.0, -3.0, 4.0, 12.0, 18.0, 23.0, 25.0, 24.0, 19.0, 12.0, 3.0, -4.0],
                "sunshine_share": [0.55] * 12, "wind_m_s": [2.4] * 12},
}  # fmt: skip


@pytest.fixture
def observed(tmp_path):
    """Thirty winters of the odd place, through a file."""
    text = ""
    for winter in range(30):
        first = FIRST.replace(year=2026 + winter)
        days = (LAST.replace(year=2027 + winter) - first).days + 1
        rows = hourly_text(first, make_hours(Synthetic.model_validate(ODD), first, days, 4, winter))
        text += rows if not text else rows.partition("\n")[2]
    file = tmp_path / "thirty.csv"
    file.write_text(text, encoding="utf-8")
    return observe(file)


def test_thirty_winters_give_the_numbers_back(observed):
    found = calibrate(observed, Synthetic(), FIRST, LAST)
    truth = Synthetic.model_validate(ODD)
    assert found.winters == 30
    z = {}
    for estimate in found.estimates:
        name, _, month = estimate.path.removeprefix("climate.").partition("[")
        true = getattr(truth.climate if estimate.path.startswith("climate.") else truth, name)
        if name != "design_outdoor_c":  # no number of the generator
            z[estimate.path] = (estimate.value - (true[int(month[:-1])] if month else true)) / estimate.se
            assert estimate.se < 0.5
    assert {
        "anomaly_sd_k",
        "seasonal_offset_sd_k",
        "lag1",
        "lag2",
        "range_by_sun_k",
        "climate.monthly_mean_c[0]",
    } <= set(z)
    assert max(map(abs, z.values())) < 4.0, z
    assert np.std(list(z.values())) < 1.5  # standard errors that are as large as the errors
    assert np.std(list(z.values())) > 0.5


def test_tails_of_the_data_are_those_of_the_generator(observed):
    for tail in calibrate(observed, Synthetic(), FIRST, LAST).tails:
        assert tail.observed_c == pytest.approx(tail.generator_c, abs=4 * tail.se_k)
        below = (observed.mean_c < tail.observed_c).sum() / 30
        assert below == pytest.approx(tail.days, abs=0.6)  # the readahead of April counts too


def test_one_winter_says_what_it_can(tmp_path):
    days = (LAST - FIRST).days + 1
    file = tmp_path / "one.csv"
    hourly = make_hours(Synthetic(), FIRST, days, 4, 0)
    mean = hourly.outdoor_c.reshape(-1, 24).mean(axis=1)
    rows = [f"{FIRST + dt.timedelta(days=i)},{value:.3f}" for i, value in enumerate(mean)]
    file.write_text("date,mean_c\n" + "\n".join(rows) + "\n", encoding="utf-8")
    found = calibrate(observe(file), Synthetic(), FIRST, LAST)
    paths = [estimate.path for estimate in found.estimates]
    assert "lag1" in paths
    assert "seasonal_offset_sd_k" not in paths  # how winters differ
    assert "climate.design_outdoor_c" not in paths
    assert not any("wind" in path or "sun" in path for path in paths)
    assert np.isnan(found.tails[0].se_k)


def test_an_epw_year(shared):
    file = shared / "data" / "weather" / "Shanghai-Hongqiao_TMYx.epw"
    if not file.is_file():
        pytest.skip("no EPW file in ../shared/data/weather")
    found = {e.path: e.value for e in calibrate(observe(file), Synthetic(), FIRST, LAST).estimates}
    assert found["lag1"] == pytest.approx(0.67, abs=0.10)  # FACTS 1.5: within months 0.67 and 0.27
    assert found["lag2"] == pytest.approx(0.27, abs=0.20)
    assert found["climate.latitude_deg"] == pytest.approx(31.198)
    assert 3.0 < found["climate.monthly_mean_c[0]"] < 6.5


def daily(change=None, days=90):
    rows = [f"{FIRST + dt.timedelta(days=i)},{5.0 + i % 7}" for i in range(days)]
    return "date,mean_c\n" + "\n".join(change(rows) if change else rows) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (daily(lambda rows: rows[:20] + rows[23:]), "3 days missing after 2026-10-29"),
        (daily(lambda rows: [*rows, rows[4]]), "2026-10-14 twice"),
        (daily(lambda rows: [*rows[:-1], "2027-01-07,nan"]), 'found "nan"'),
        (daily(lambda rows: [*rows[:-1], "2027-01-07,-500"]), "from -60 to 55"),
        (daily(lambda rows: [*rows[:-1], "2027-01-07,278.4"]), "in kelvin"),
        (daily(lambda rows: [*rows[:-1], "2027-01-07,68.0"]), "Fahrenheit"),
        (daily(days=20), "at least 60"),
        (daily().replace("mean_c", "mean_f"), 'did you mean "mean_c"'),
        ("time,outdoor_c\n2026-11-15 00:00,3\n2026-11-15 02:30,4\n", "a full hour"),
        ("time,outdoor_c\n2026-11-15 01:00,3\n", "whole days, from 00:00"),
    ],
)
def test_faults_of_observed_files(tmp_path, text, said):
    file = tmp_path / "w.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        observe(file)
    assert said in str(caught.value)
    assert "w.csv" in str(caught.value)


def test_all_faults_at_once(tmp_path):
    file = tmp_path / "w.csv"

    def spoil(rows):
        rows[5], rows[8], rows[9] = "2026-10-15,-500", "2026-10-18,nan", rows[10]
        return rows[:30] + rows[32:]

    file.write_text(daily(spoil), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        observe(file)
    told = [(problem.line, problem.found) for problem in caught.value.problems]
    assert (7, '"-500"') in told
    assert (10, '"nan"') in told
    assert (12, "2026-10-20 twice") in told
    assert sum("missing" in found for _, found in told) == 2


def test_a_column_of_noise_is_not_told_cell_by_cell(tmp_path):
    file = tmp_path / "w.csv"
    file.write_text(daily(lambda rows: [row.partition(",")[0] + ",x" for row in rows]), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        observe(file)
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1].found == "70 more faults"
