"""Places on maps: the coordinates that Chinese maps shift, undone, and degrees as metres on a local grid.

``gcj02`` is what map services in China must show (WGS 84 shifted by some hundred metres), ``bd09`` is Baidu's shift of
that. The formulas are public; the shift is undone by iteration, to 1e-10 degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, atanh, cos, cosh, degrees, hypot, pi, radians, sin, sinh, sqrt

__all__ = ["DATUMS", "Grid", "from_wgs84", "to_wgs84"]

Degrees = tuple[float, float]  # longitude east, latitude north

DATUMS = ("wgs84", "gcj02", "bd09")

_A_KRASSOVSKY_M, _E2_KRASSOVSKY = 6378245.0, 0.00669342162296594323
_BAIDU = pi * 3000.0 / 180.0
_A_M, _F = 6378137.0, 1.0 / 298.257223563  # WGS 84
_ROUNDS = 30


def to_wgs84(place: Degrees, datum: str) -> Degrees:
    """Return a place on a map as WGS 84 longitude and latitude [deg].

    Parameters
    ----------
    place : tuple
        Longitude and latitude [deg].
    datum : {"wgs84", "gcj02", "bd09"}
        What the map shows.
    """
    if datum == "bd09":
        place = _undone(place, _baidu)
    return _undone(place, _shifted) if datum in ("gcj02", "bd09") else place


def from_wgs84(place: Degrees, datum: str) -> Degrees:
    """Return WGS 84 longitude and latitude as a map of a datum shows them [deg]."""
    if datum in ("gcj02", "bd09"):
        place = _shifted(place)
    return _baidu(place) if datum == "bd09" else place


def _undone(place: Degrees, shift: Callable[[Degrees], Degrees]) -> Degrees:
    """Return the place that a shift takes to a given one; the shift changes slowly, so the iteration halts soon."""
    lon, lat = place
    for _ in range(_ROUNDS):
        there = shift((lon, lat))
        off = place[0] - there[0], place[1] - there[1]
        lon, lat = lon + off[0], lat + off[1]
        if hypot(*off) < 1e-11:
            break
    return lon, lat


def _shifted(place: Degrees) -> Degrees:
    """Return WGS 84 as GCJ-02; outside China's rectangle nothing is shifted."""
    lon, lat = place
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return place
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = radians(lat)
    w2 = 1.0 - _E2_KRASSOVSKY * sin(phi) ** 2
    meridian_m = _A_KRASSOVSKY_M * (1.0 - _E2_KRASSOVSKY) / w2**1.5
    parallel_m = _A_KRASSOVSKY_M / sqrt(w2) * cos(phi)
    return lon + degrees(east / parallel_m), lat + degrees(north / meridian_m)


def _baidu(place: Degrees) -> Degrees:
    """Return GCJ-02 as BD-09."""
    lon, lat = place
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


class Grid:
    """Metres east and north of an origin: the transverse Mercator projection of WGS 84 through it, at scale 1.

    Krüger's series to the fourth power of the third flattening, good to micrometres within a city (Karney, J. Geod. 85
    (2011) 475).

    Parameters
    ----------
    origin : tuple
        Longitude and latitude [deg].
    """

    def __init__(self, origin: Degrees) -> None:
        self.lon = origin[0]
        n = _F / (2.0 - _F)
        self._e = sqrt(_F * (2.0 - _F))
        self._radius = _A_M / (1.0 + n) * (1.0 + n**2 / 4.0 + n**4 / 64.0)
        self._alpha = (
            n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180, 13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
            61 * n**3 / 240 - 103 * n**4 / 140, 49561 * n**4 / 161280,
        )  # fmt: skip
        self._beta = (
            n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360, n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440,
            17 * n**3 / 480 - 37 * n**4 / 840, 4397 * n**4 / 161280,
        )  # fmt: skip
        self._north_m = 0.0
        self._north_m = self.metres(origin)[1]

    def metres(self, place: Degrees) -> tuple[float, float]:
        """Return a place [deg] as metres east and north of the origin."""
        phi, lam = radians(place[1]), radians(place[0] - self.lon)
        t = sinh(atanh(sin(phi)) - self._e * atanh(self._e * sin(phi)))
        xi, eta = atan2(t, cos(lam)), atanh(sin(lam) / sqrt(1.0 + t * t))
        north = xi + sum(a * sin(2 * j * xi) * cosh(2 * j * eta) for j, a in enumerate(self._alpha, 1))
        east = eta + sum(a * cos(2 * j * xi) * sinh(2 * j * eta) for j, a in enumerate(self._alpha, 1))
        return self._radius * east, self._radius * north - self._north_m

    def place(self, x_m: float, y_m: float) -> Degrees:
        """Return metres east and north of the origin as a place [deg]."""
        north, east = (y_m + self._north_m) / self._radius, x_m / self._radius
        xi = north - sum(b * sin(2 * j * north) * cosh(2 * j * east) for j, b in enumerate(self._beta, 1))
        eta = east - sum(b * cos(2 * j * north) * sinh(2 * j * east) for j, b in enumerate(self._beta, 1))
        conformal = sin(xi) / sqrt(sinh(eta) ** 2 + cos(xi) ** 2)  # tan of the conformal latitude
        t = conformal
        for _ in range(8):  # Newton for the geographic latitude
            sigma = sinh(self._e * atanh(self._e * t / sqrt(1.0 + t * t)))
            there = t * sqrt(1.0 + sigma * sigma) - sigma * sqrt(1.0 + t * t)
            slope = sqrt(1.0 + there**2) * sqrt(1.0 + t * t) * (1.0 - self._e**2) / (1.0 + (1.0 - self._e**2) * t * t)
            step = (conformal - there) / slope
            t += step
            if abs(step) < 1e-15:
                break
        return self.lon + degrees(atan2(sinh(eta), cos(xi))), degrees(atan2(t, 1.0))
