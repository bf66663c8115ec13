"""What is laid over a winter."""

import datetime as dt

import numpy as np
import pytest
from heatseason.scenarios.weather.overlays import ColdWave, Spell2008, Warming, temperature_change_k
from heatseason.scenarios.weather.synthetic import Synthetic
from heatseason.scenarios.weather.weather import make_weather

ORIGIN = dt.datetime(2026, 10, 10)
START = dt.datetime(2027, 1, 8)
HOURS = 173 * 24


def test_a_cold_wave_falls_stays_and_comes_back():
    wave = ColdWave(start=START, depth_k=7.0, onset_h=36.0, plateau_h=96.0, recovery_h=72.0)
    change = temperature_change_k(wave, ORIGIN, HOURS)
    begin = int((START - ORIGIN).total_seconds() // 3600)
    assert np.all(change[:begin] == 0.0)
    assert np.allclose(change[begin + 36 : begin + 132], -7.0)
    assert np.all(change[begin + 204 :] == 0.0)
    assert np.all(np.diff(change[begin : begin + 36]) < 0)
    assert np.all(np.diff(change[begin + 132 : begin + 204]) > 0)


def test_the_spell_of_2008_has_its_mean_depth_and_length():
    spell = Spell2008(start=dt.datetime(2027, 1, 11))
    change = temperature_change_k(spell, ORIGIN, HOURS)
    touched = change < 0.0
    assert touched.sum() == pytest.approx(35 * 24, abs=24)
    assert change[touched].sum() / (35 * 24) == pytest.approx(-3.2, abs=0.15)


def test_overlays_add_up_and_bring_snow_and_dull_days():
    wave = {"kind": "cold_wave", "start": START, "depth_k": 6.0}
    plain = make_weather(Synthetic(), ORIGIN.date(), 173, 1, 0)
    both = make_weather(
        Synthetic.model_validate({"overlays": [wave, {"kind": "warming", "by_k": 0.5}]}), ORIGIN.date(), 173, 1, 0
    )
    assert (both.daily_mean_c - plain.daily_mean_c).min() == pytest.approx(-5.5, abs=0.01)
    assert (both.daily_mean_c - plain.daily_mean_c)[:60].max() == pytest.approx(0.5)
    assert both.snow_mm.sum() - plain.snow_mm.sum() == pytest.approx(6.0, rel=0.01)
    begin = (START - ORIGIN).days
    assert both.solar_w_m2[24 * begin : 24 * begin + 24].sum() == pytest.approx(
        0.5 * plain.solar_w_m2[24 * begin : 24 * begin + 24].sum()
    )


def test_the_forecast_sees_overlays_only_as_weather():
    spell = Synthetic.model_validate({"overlays": [{"kind": "spell_2008", "start": dt.datetime(2027, 1, 11)}]})
    plain, cold = (make_weather(s, ORIGIN.date(), 173, 1, 0) for s in (Synthetic(), spell))
    day = (dt.date(2027, 1, 20) - ORIGIN.date()).days
    assert np.allclose(
        cold.forecast_c[day] - plain.forecast_c[day], (cold.daily_mean_c - plain.daily_mean_c)[day : day + 16]
    )


def test_warming_moves_every_hour():
    assert np.all(temperature_change_k(Warming(by_k=1.2), ORIGIN, 48) == 1.2)
