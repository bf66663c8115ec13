"""The sun on facades: where it stands, how the global radiation parts, and what walls see of it."""

import datetime as dt
import math

import numpy as np
import pytest
from heatseason.network_models.arrays import FACADES
from heatseason.scenarios.weather.climate import Climate
from heatseason.scenarios.weather.epw import Epw, epw
from heatseason.scenarios.weather.facades import SunHours, facade_radiation, split_global, sun_direction, sun_over
from heatseason.scenarios.weather.overlays import ColdWave
from heatseason.scenarios.weather.solar import SOLAR_CONSTANT_W_M2, clear_sky_shares
from heatseason.scenarios.weather.synthetic import Synthetic
from heatseason.scenarios.weather.table import Table, hourly_text, table
from heatseason.scenarios.weather.weather import make_hours, make_weather

HANZHONG = Climate()
NORTH, EAST, SOUTH, WEST, FLAT = range(5)
YEAR = dt.date(2026, 1, 1)


def j2000(day: dt.date, hour_utc: np.ndarray | float) -> np.ndarray:
    return (day - dt.date(2000, 1, 1)).days - 0.5 + np.asarray(hour_utc) / 24.0


def clear(day: dt.date, days: int = 1, clearness: float = 0.72) -> np.ndarray:
    """Return global radiation under a clear sky: so much of what would come without an atmosphere [W/m²]."""
    sun = sun_over(HANZHONG, day, 24 * days)
    return clearness * sun.above_w_m2 * sun.cosine[FLAT]


def test_the_sun_stands_where_nrel_says():
    """Reda & Andreas, NREL/TP-560-34302 (2008), table A5.1: elevation without refraction, azimuth from north."""
    (east, north, up), above = sun_direction(39.742476, -105.1786, j2000(dt.date(2003, 10, 17), 19.5 + 0.5 / 60))
    assert math.degrees(math.asin(up)) == pytest.approx(39.872046, abs=0.005)
    assert math.degrees(math.atan2(east, north)) % 360 == pytest.approx(194.340241, abs=0.005)
    assert above == pytest.approx(SOLAR_CONSTANT_W_M2 / 0.9965422974**2, rel=1e-4)


@pytest.mark.parametrize(
    ("day", "declination"),
    [(dt.date(2026, 12, 22), -23.44), (dt.date(2025, 3, 20), 0.0), (dt.date(2027, 6, 21), 23.44)],
)
def test_noon_and_the_length_of_the_day_at_solstices_and_the_equinox(day, declination):
    phi, delta = math.radians(33.07), math.radians(declination)
    direction, _ = sun_direction(33.07, 107.03, j2000(day, np.arange(0, 24, 1 / 60) - 8.0))
    height = np.degrees(np.arcsin(direction[2]))
    assert height.max() == pytest.approx(90.0 - 33.07 + declination, abs=0.1)
    assert abs(direction[0, height.argmax()]) < 0.005  # due south
    long = 24.0 / math.pi * math.acos(-math.tan(phi) * math.tan(delta))
    assert (height > 0).sum() / 60 == pytest.approx(long, abs=0.05)
    assert sun_over(HANZHONG, day, 24).lit.sum() == pytest.approx(long, abs=0.17)  # in steps of five minutes
    np.testing.assert_allclose((direction**2).sum(axis=0), 1.0, rtol=1e-12)


def test_the_hours_sun_is_that_of_the_weather_generator():
    """Cooper's declination and an equation of time there, the almanac here: within a hundredth of the height."""
    mine = sun_over(HANZHONG, YEAR, 24 * 365).cosine[FLAT].reshape(365, 24)
    assert np.abs(mine - clear_sky_shares(HANZHONG, YEAR, 365)).max() < 0.015


def test_clocks_and_places_move_the_sun_together():
    """At Greenwich with its own clocks the sun stands as at 120 degrees east with Beijing's, eight hours earlier."""
    there = sun_over(Climate(longitude_deg=0.0, utc_offset_h=0.0), YEAR, 48)
    here = sun_over(Climate(longitude_deg=120.0), YEAR, 48)
    assert np.abs(there.cosine - here.cosine).max() < 0.003  # the seasons go on for a third of a day
    late = sun_over(Climate(longitude_deg=120.0, utc_offset_h=9.0), YEAR, 48)
    np.testing.assert_allclose(late.cosine[:, 1:], here.cosine[:, :-1], atol=1e-12)


def test_walls_opposite_each_other_share_the_sun():
    sun = sun_over(HANZHONG, YEAR, 24 * 365)
    assert (sun.cosine >= 0.0).all()
    assert (sun.cosine <= 1.0).all()
    assert not sun.cosine[:, sun.lit == 0.0].any()
    noon = np.arange(24 * 365) % 24 == 12
    assert (sun.cosine[SOUTH, noon] > 0.0).all()  # at 33 degrees north the sun of noon never stands in the north
    assert not sun.cosine[NORTH, noon].any()
    winter = np.arange(24 * 365) // 24 < 60
    assert not sun.cosine[NORTH, winter].any()  # from September to March the sun does not see north walls at all
    morning, evening = np.arange(24 * 365) % 24 < 12, np.arange(24 * 365) % 24 > 13
    assert not sun.cosine[WEST, morning].any()
    assert not sun.cosine[EAST, evening].any()


def test_the_split_is_that_of_erbs_as_pvlib_has_it():
    """pvlib, tests/test_irradiance.py, test_erbs: its solar constant is 1366.1 W/m2; the answers are rounded to 1."""
    spencer = np.array([1413.98, 1413.98, 1320.5])  # by pvlib's formula, for 1 January and 20 June [W/m²]
    height = np.cos(np.radians([85.0, 10.0, 10.0]))
    sun = SunHours(np.ones(3), np.vstack([np.zeros((4, 3)), height]), spencer)
    direct, diffuse = split_global(np.array([50.0, 1000.0, 1000.0]), sun)
    np.testing.assert_allclose(direct, [96.7192672, 794.205651, 842.001578], atol=0.5)
    np.testing.assert_allclose(diffuse, [41.5703604, 217.860117, 170.790318], atol=0.5)


def test_an_hour_out_of_duffie_and_beckman():
    """Solar Engineering of Thermal Processes, example 2.15.1: 40 degrees north, 20 February, 9 to 10, 1.04 MJ/m2.

    Above the atmosphere 2.34 MJ/m2, so the clearness is 0.445 and the sky's share 0.766.
    """
    sun = SunHours(np.ones(1), np.vstack([np.zeros((4, 1)), [[0.47]]]), np.array([2.34e6 / 3600.0 / 0.47]))
    _, diffuse = split_global(np.array([1.04e6 / 3600.0]), sun)
    assert diffuse[0] * 3600.0 == pytest.approx(0.796e6, rel=3e-3)


def test_beam_and_sky_on_the_horizontal_sum_to_the_global():
    rng = np.random.default_rng(4)
    sun = sun_over(HANZHONG, YEAR, 24 * 365)
    solar = rng.random(24 * 365) * 1.4 * sun.above_w_m2 * sun.cosine[FLAT]  # beyond what can be, too
    direct, diffuse = split_global(solar, sun)
    up = np.where(sun.lit > 0.0, sun.lit, 1.0)
    np.testing.assert_allclose(direct / up * sun.cosine[FLAT] + diffuse, solar, rtol=1e-12, atol=1e-9)
    assert (direct >= 0.0).all()
    assert (direct <= sun.above_w_m2 * sun.lit + 1e-9).all()
    assert (diffuse >= 0.0).all()


def test_the_south_wall_has_more_than_the_horizontal_at_a_clear_noon_in_december_and_less_in_june():
    for day, sign in ((dt.date(2026, 12, 22), 1.0), (dt.date(2027, 6, 21), -1.0)):
        falling = facade_radiation(HANZHONG, day, clear(day))
        assert sign * (falling[SOUTH, 12] - falling[FLAT, 12]) > 0.0
    falling = facade_radiation(HANZHONG, dt.date(2026, 12, 22), clear(dt.date(2026, 12, 22)))
    daily = dict(zip(FACADES, falling.sum(axis=1), strict=True))
    assert daily["south"] > daily["horizontal"] > daily["west"] > daily["north"]
    assert daily["east"] == pytest.approx(daily["west"], rel=0.1)
    assert falling[EAST, 9] > falling[WEST, 9]
    assert falling[WEST, 16] > falling[EAST, 16]


def test_of_an_overcast_sky_walls_see_half_and_half_of_what_the_ground_throws_back():
    day = dt.date(2026, 12, 22)
    solar = clear(day, clearness=0.02)
    bright = Climate(ground_albedo=0.7)
    for climate, albedo in ((HANZHONG, 0.2), (bright, 0.7)):
        falling = facade_radiation(climate, day, solar)
        _, diffuse = split_global(solar, sun_over(climate, day, 24))
        np.testing.assert_allclose(falling[NORTH], 0.5 * diffuse + 0.5 * albedo * solar, rtol=1e-12)
        np.testing.assert_allclose(falling[:FLAT].sum(axis=0), 4 * falling[NORTH], rtol=0.02)
        assert np.array_equal(falling[FLAT], solar)


def test_at_sunrise_no_wall_has_more_than_the_sun_gives():
    """An hour with a few minutes of sun, or a clock that is wrong, sends nobody a beam out of nothing."""
    sun = sun_over(HANZHONG, YEAR, 24 * 365)
    falling = facade_radiation(HANZHONG, YEAR, np.full(24 * 365, 150.0))
    assert falling[:FLAT].max() <= 150.0 * 0.6 + sun.above_w_m2.max()
    night = sun.lit == 0.0
    np.testing.assert_allclose(falling[:FLAT, night], 150.0 * 0.6)


def epw_lines(direct: str, diffuse: str) -> str:
    lines = ["LOCATION,x,SN,CHN,x,571270,33.07,107.03,8.0,509.5", *["x"] * 7]
    for day in range(365):
        date = dt.date(2023, 1, 1) + dt.timedelta(days=day)
        for hour in range(1, 25):
            values = [2023, date.month, date.day, hour, 0, "flags"] + ["0"] * 29
            values[6], values[21], values[33] = "5.0", "1.0", "0.0"
            if 9 <= hour <= 17:
                values[13], values[14], values[15] = "400", direct, diffuse
            lines.append(",".join(map(str, values)))
    return "\n".join(lines) + "\n"


def test_a_files_own_beam_and_sky_count(tmp_path):
    file = tmp_path / "w.epw"
    file.write_text(epw_lines("500", "150"), encoding="utf-8")
    day = dt.date(2026, 12, 22)
    weather = make_weather(Epw(file=str(file)), day, 1, 1, 0)
    sun = sun_over(HANZHONG, day, 24)
    wanted = 500.0 * sun.cosine[SOUTH] + 0.5 * 150.0 + 0.1 * 400.0
    np.testing.assert_allclose(weather.on_facades()[SOUTH, 9:17], wanted[9:17], rtol=1e-12)
    assert np.array_equal(weather.on_facades()[FLAT], weather.solar_w_m2)
    hourly = epw(Epw(file=str(file)), day, 1)
    copy = tmp_path / "copy.csv"
    copy.write_text(hourly_text(day, hourly), encoding="utf-8")
    again = table(Table(file=str(copy)), day, 1)
    assert np.array_equal(again.direct_w_m2, hourly.direct_w_m2)
    assert np.array_equal(again.diffuse_w_m2, hourly.diffuse_w_m2)


@pytest.mark.parametrize(("direct", "diffuse"), [("9999", "9999"), ("0", "0"), ("500", "9999"), ("", "x"), ("-1", "1")])
def test_what_a_file_does_not_tell_is_split(tmp_path, direct, diffuse):
    file = tmp_path / "w.epw"
    file.write_text(epw_lines(direct, diffuse), encoding="utf-8")
    weather = make_weather(Epw(file=str(file)), dt.date(2026, 12, 22), 2, 1, 0)
    assert weather.direct_w_m2 is None
    split = facade_radiation(HANZHONG, dt.date(2026, 12, 22), weather.solar_w_m2)
    assert np.array_equal(weather.on_facades(), split)


def test_hours_that_a_file_does_not_tell_are_split_alone(tmp_path):
    day = dt.date(2026, 12, 22)
    file = tmp_path / "w.epw"
    lines = epw_lines("500", "150").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("2023,12,22,13,"))
    lines[at] = lines[at].replace(",500,150,", ",9999,9999,")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    hourly = epw(Epw(file=str(file)), day, 1)
    direct, diffuse = split_global(hourly.solar_w_m2, sun_over(HANZHONG, day, 24))
    assert (hourly.direct_w_m2[12], hourly.diffuse_w_m2[12]) == (direct[12], diffuse[12])
    assert (hourly.direct_w_m2[11], hourly.diffuse_w_m2[11]) == (500.0, 150.0)


def test_a_table_tells_beam_and_sky_together(tmp_path):
    file = tmp_path / "w.csv"
    file.write_text("time,outdoor_c,direct_w_m2\n2026-12-22 00:00,5,0\n", encoding="utf-8")
    with pytest.raises(Exception, match='a column "diffuse_w_m2"'):
        table(Table(file=str(file)), dt.date(2026, 12, 22), 1)


def test_clouds_of_an_overlay_take_of_beam_and_sky_alike(tmp_path):
    file = tmp_path / "w.epw"
    file.write_text(epw_lines("500", "150"), encoding="utf-8")
    first = dt.date(2026, 12, 20)
    wave = ColdWave(start=dt.datetime(2026, 12, 21), depth_k=5.0)
    plain = make_hours(Epw(file=str(file)), first, 6, 1, 0)
    cloudy = make_hours(Epw(file=str(file), overlays=(wave,)), first, 6, 1, 0)
    lit = plain.solar_w_m2 > 0
    share = cloudy.solar_w_m2[lit] / plain.solar_w_m2[lit]
    assert share.min() < 0.9
    np.testing.assert_allclose(cloudy.direct_w_m2[lit], share * plain.direct_w_m2[lit])
    np.testing.assert_allclose(cloudy.diffuse_w_m2[lit], share * plain.diffuse_w_m2[lit])


def test_synthetic_winters_have_a_sun_for_every_facade():
    weather = make_weather(Synthetic(), dt.date(2026, 11, 1), 120, 3, 0)
    falling = weather.on_facades()
    assert falling.shape == (5, 24 * 120)
    assert (falling >= 0.0).all()
    means = dict(zip(FACADES, falling.mean(axis=1), strict=True))
    assert means["south"] > means["west"] > means["north"]  # in cloudy winters little more than the horizontal
    assert means["south"] == pytest.approx(means["horizontal"], rel=0.2)
