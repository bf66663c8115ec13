"""Shifted maps and local grids, against published points and an independent integral."""

from math import cos, radians, sin, sqrt

import numpy as np
import pytest
from heatseason.network_models.formats.projection import DATUMS, Grid, from_wgs84, to_wgs84
from hypothesis import given
from hypothesis import strategies as st

HANZHONG = (107.03, 33.07)
# the sample points of the open-source converters coordtransform and eviltransform
TIANANMEN = (116.404, 39.915)
IN_CHINA = st.tuples(st.floats(75.0, 134.0), st.floats(19.0, 52.0))


def test_published_points():
    assert from_wgs84(TIANANMEN, "gcj02") == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)
    # GCJ-02 (116.404, 39.915) is BD-09 (116.41036949371029, 39.92133699351021)
    there = from_wgs84(to_wgs84(TIANANMEN, "gcj02"), "bd09")
    assert there == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)
    assert to_wgs84((116.41036949371029, 39.92133699351021), "bd09") == pytest.approx(
        to_wgs84(TIANANMEN, "gcj02"), abs=1e-9
    )


@given(IN_CHINA)
def test_every_shift_is_undone(place):
    for datum in DATUMS:
        assert to_wgs84(from_wgs84(place, datum), datum) == pytest.approx(place, abs=1e-9)


def test_shifts_are_hundreds_of_metres_in_hanzhong_and_none_abroad():
    grid = Grid(HANZHONG)
    for datum, least, most in (("gcj02", 100.0, 1000.0), ("bd09", 500.0, 2000.0)):
        east, north = grid.metres(from_wgs84(HANZHONG, datum))
        assert least < sqrt(east**2 + north**2) < most
    assert from_wgs84((2.35, 48.85), "gcj02") == (2.35, 48.85)


@given(st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)))
def test_a_grid_goes_there_and_back(off):
    grid = Grid(HANZHONG)
    place = (HANZHONG[0] + off[0], HANZHONG[1] + off[1])
    assert grid.place(*grid.metres(place)) == pytest.approx(place, abs=1e-10)


def test_metres_are_those_of_the_ellipsoid():
    """North: the integral of the meridian's radius of curvature. East: the parallel's radius, for a small step."""
    a, e2 = 6378137.0, 0.0066943799901413165
    phi = np.radians(np.linspace(33.07, 33.17, 20001))
    radius = a * (1.0 - e2) / (1.0 - e2 * np.sin(phi) ** 2) ** 1.5
    arc = float(((radius[1:] + radius[:-1]) / 2.0 * np.diff(phi)).sum())
    assert Grid(HANZHONG).metres((107.03, 33.17)) == pytest.approx((0.0, arc), abs=1e-5)
    parallel = a / sqrt(1.0 - e2 * sin(radians(33.07)) ** 2) * cos(radians(33.07))
    east, _ = Grid(HANZHONG).metres((107.031, 33.07))
    assert east == pytest.approx(parallel * radians(0.001), abs=1e-6)
