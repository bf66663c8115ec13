"""The synthetic winter against what is known of Hanzhong. Fixed seeds, stated standard errors, within 3-4 of them."""

import datetime as dt

import numpy as np
import pytest
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.climate import Climate, ground_temperature, monthly_curve
from heatseason.scenarios.weather.origin import smooth_hours
from heatseason.scenarios.weather.synthetic import Synthetic, daily_anomaly_k
from heatseason.scenarios.weather.weather import make_weather

FIRST, DAYS, WINTERS = dt.date(2026, 10, 10), 173, 400
SEASON = slice(36, 36 + 121)


@pytest.fixture(scope="module")
def winters():
    return [make_weather(Synthetic(), FIRST, DAYS, 1, replication) for replication in range(WINTERS)]


@pytest.fixture(scope="module")
def daily(winters):
    return np.array([winter.daily_mean_c for winter in winters])


def longest_run(flags):
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def test_the_climatology_meets_gb_50736():
    curve = monthly_curve(Climate().monthly_mean_c, np.arange(365) + 0.5)
    season = np.concatenate((curve[318:], curve[:74]))
    assert (curve <= 5.0).sum() == 72
    assert curve[curve <= 5.0].mean() == pytest.approx(3.2, abs=0.05)
    assert season.mean() == pytest.approx(4.7, abs=0.05)
    assert (18.0 - season).sum() == pytest.approx(1606, abs=2)
    assert curve.mean() == pytest.approx(14.4, abs=0.1)


def test_the_curve_is_smooth_over_new_year():
    days = np.linspace(360, 372, 500)
    assert np.abs(np.diff(monthly_curve(Climate().monthly_mean_c, days), 2)).max() < 1e-3


def test_season_mean_and_its_spread(daily):
    means = daily[:, SEASON].mean(axis=1)
    assert means.mean() == pytest.approx(4.73, abs=4 * means.std() / np.sqrt(WINTERS))
    assert means.std() == pytest.approx(0.9, abs=0.15)  # offset 0.8, and what 121 correlated days add


def test_both_design_temperatures_come_out(daily):
    for threshold, per_year in ((-0.1, 5.0), (-1.8, 1.0)):
        days = (daily < threshold).sum(axis=1)
        assert days.mean() == pytest.approx(per_year, abs=4 * days.std() / np.sqrt(WINTERS))


def test_coldest_days_and_runs(daily):
    coldest = daily.min(axis=1)
    assert np.median(coldest) == pytest.approx(-1.5, abs=0.35)
    assert np.quantile(coldest, 1 / 30) == pytest.approx(-4.0, abs=0.7)
    runs = np.array([longest_run(row < -0.1) for row in daily])
    assert 2.0 <= runs.mean() <= 3.2
    assert 4 <= np.quantile(runs, 0.95) <= 7


def test_days_up_to_5_c(daily):
    days = (daily <= 5.0).sum(axis=1)
    assert days.mean() == pytest.approx(70, abs=5)


def test_anomalies_have_their_spread_and_persistence():
    x = np.array([daily_anomaly_k(Synthetic(), 150, 2, replication) for replication in range(400)])
    assert x.std() == pytest.approx(2.1, abs=0.06)
    assert x[:, :2].std() == pytest.approx(2.1, abs=0.25)  # stationary from the first day
    y = x - x.mean(axis=1, keepdims=True)
    lag1, lag2, lag3 = ((y[:, k:] * y[:, :-k]).mean() / y.var() for k in (1, 2, 3))
    assert lag1 == pytest.approx(0.67, abs=0.02)
    assert lag2 == pytest.approx(0.27, abs=0.03)
    assert abs(lag3) < 0.1


def test_extensions_by_the_5_day_rule_are_rare(daily):
    late = daily[:, -16:] < 5.0
    share = np.mean([longest_run(row) >= 5 for row in late])
    assert share <= 0.02


def test_hours_keep_the_daily_mean_and_are_smooth(winters):
    for winter in winters[:5]:
        assert np.allclose(winter.outdoor_c.reshape(-1, 24).mean(axis=1), winter.daily_mean_c, atol=1e-9)
        assert np.abs(np.diff(winter.outdoor_c)).max() < 4.0


def test_the_course_of_the_day(winters):
    mean = np.mean([w.outdoor_c.reshape(-1, 24)[SEASON].mean(axis=0) for w in winters[:40]], axis=0)
    assert mean.argmin() in (6, 7, 8)
    assert mean.argmax() in (14, 15, 16)
    ranges = np.mean([np.ptp(w.outdoor_c.reshape(-1, 24)[SEASON], axis=1).mean() for w in winters[:40]])
    assert ranges == pytest.approx(8.2, abs=0.4)


def test_the_sun_by_month(winters):
    month = np.array([(FIRST + dt.timedelta(days=i)).month for i in range(DAYS)])
    for number, wanted in ((11, 8.3), (12, 7.4), (1, 8.2), (2, 9.9), (3, 12.7)):
        sums = [w.solar_w_m2.reshape(-1, 24).sum(axis=1)[month == number].mean() * 0.0036 for w in winters[:80]]
        assert np.mean(sums) == pytest.approx(wanted, abs=4 * np.std(sums) / np.sqrt(80) + 0.1)
    night = winters[0].solar_w_m2.reshape(-1, 24)[:, [0, 1, 2, 3, 4, 5, 21, 22, 23]]
    assert night.max() == 0.0
    noon = np.mean([w.solar_w_m2.reshape(-1, 24) for w in winters[:40]], axis=(0, 1))
    assert noon.argmax() in (12, 13)  # solar noon stands near 12:52


def test_clear_days_swing_more_and_wet_ones_less(winters):
    winter = winters[3]
    sun = winter.solar_w_m2.reshape(-1, 24).sum(axis=1)[SEASON]
    swing = np.ptp(winter.outdoor_c.reshape(-1, 24), axis=1)[SEASON]
    assert np.corrcoef(sun, swing)[0, 1] > 0.4


def test_snow_falls_when_it_is_cold(winters):
    snow, cold = (np.concatenate([getattr(w, name) for w in winters[:60]]) for name in ("snow_mm", "outdoor_c"))
    assert snow.max() > 0.0
    assert np.all(cold[snow > 0.0] < 1.0)
    days = np.mean([(w.snow_mm.reshape(-1, 24).sum(axis=1) > 0.5).sum() for w in winters])
    assert 1.0 < days < 8.0


def test_wind_by_month(winters):
    month = np.repeat([(FIRST + dt.timedelta(days=i)).month for i in range(DAYS)], 24)
    wind = np.mean([w.wind_m_s for w in winters[:80]], axis=0)
    assert wind[month == 1].mean() == pytest.approx(0.9, abs=0.08)
    assert wind[month == 3].mean() == pytest.approx(1.4, abs=0.12)


def test_one_change_moves_no_other_draw():
    base = make_weather(Synthetic(), FIRST, DAYS, 1, 0)
    windy = Synthetic.model_validate({"range_by_sun_k": 2.0, "wet_days": [1.0] * 12})
    other = make_weather(windy, FIRST, DAYS, 1, 0)
    assert np.allclose(base.daily_mean_c, other.daily_mean_c)
    assert np.array_equal(base.solar_w_m2, other.solar_w_m2)
    assert np.array_equal(base.wind_m_s, other.wind_m_s)


def test_a_winter_is_its_seed_and_replication():
    one, again, other = (make_weather(Synthetic(), FIRST, DAYS, 1, r) for r in (5, 5, 6))
    assert np.array_equal(one.outdoor_c, again.outdoor_c)
    assert np.array_equal(one.forecast_c, again.forecast_c)
    assert not np.array_equal(one.outdoor_c, other.outdoor_c)
    with pytest.raises(ValueError, match="read-only"):
        one.outdoor_c[0] = 3.0


def test_a_given_offset_replaces_the_drawn_one():
    mild, cold = (make_weather(Synthetic(offset_k=k), FIRST, DAYS, 1, 0) for k in (1.0, -1.0))
    assert np.allclose(mild.daily_mean_c - cold.daily_mean_c, 2.0)


def test_parabolas_keep_daily_means_and_meet_at_midnight():
    mean = np.array([3.0, -2.0, 5.0, 5.0, 0.0])
    hours = smooth_hours(mean).reshape(-1, 24)
    assert np.allclose(hours.mean(axis=1), mean)
    assert np.abs(hours[1:, 0] - hours[:-1, -1]).max() < 1.0
    assert np.allclose(smooth_hours(np.full(4, 7.0)), 7.0)


def test_the_ground_lags_and_is_damped():
    climate, day = Climate(), np.arange(365.0)
    surface, pipe, deep = (ground_temperature(climate, z, day) for z in (0.0, 1.3, 5.0))
    assert np.ptp(surface) > np.ptp(pipe) > np.ptp(deep)
    assert surface.argmin() < pipe.argmin() < deep.argmin()
    assert pipe.mean() == pytest.approx(np.mean(climate.monthly_mean_c) + climate.ground_excess_k, abs=0.05)
    damping_m = np.sqrt(climate.ground_diffusivity_m2_day * 365.2425 / np.pi)
    assert np.ptp(pipe) / np.ptp(surface) == pytest.approx(np.exp(-1.3 / damping_m), rel=1e-3)


def test_ground_at_another_depth():
    winter = make_weather(Synthetic(), FIRST, DAYS, 1, 0)
    assert winter.ground_offset_k == 0.0
    assert np.ptp(winter.ground_at(3.0)) < np.ptp(winter.ground_at(1.3))


def test_a_synthetic_winter_has_no_setting_for_the_depth_of_a_file_s_ground():
    with pytest.raises(ScenarioError, match=r"weather\.climate\.ground_depth_m"):
        load("town", ["weather.climate.ground_depth_m=0.8"])
