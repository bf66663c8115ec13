"""Rooms against the hourly values of VDI 6007-1, cases 1 to 7, through the two-state form that a season uses.

The guideline's room has two masses (outer wall, inner parts) round a massless air node and two massless surfaces. Those
three nodes are eliminated: what remains are two capacities with a coupling and a loss, which is what
:func:`heatseason.sim.kernels.rooms.matrices` steps. Parameters and values: VDI 6007-1:2015, as tabled in the models
``ThermalZones/ReducedOrder/Validation/VDI6007/TestCase1.mo`` to ``TestCase7.mo`` of the IBPSA library (BSD).
"""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.rooms import matrices

OUTER_M2, INNER_M2 = 10.5, 75.5
# outer wall: surface to mass, mass to outer face [K/W], capacity [J/K]; inner parts: surface to mass, capacity
HEAVY = (0.00436791293674, 0.03895919557, 1_600_848.94, 0.000595693407511, 14_836_354.6282)  # "S"
LIGHT = (0.00404935160802, 0.039330865, 47_900.0, 0.003237138, 7_297_100.0)  # "L"
HOURS = [d * 24 + h for d in (0, 9, 59) for h in (7, 12, 18, 19, 24)]  # the hour that ends then, days 1, 10, 60
AT_WORK = np.array([1.0 if 6 <= h < 18 else 0.0 for h in range(24)])


class Room:
    """The guideline's room as two states, stepped by the season's matrices."""

    def __init__(self, parts: tuple[float, ...], dt: float) -> None:
        to_outer, to_outdoors, outer_j_k, to_inner, inner_j_k = parts
        self.dt = dt
        outer, inner, radiant = 2.7 * OUTER_M2, 2.24 * INNER_M2, 5.0 * OUTER_M2
        full = np.zeros((5, 5))  # outer mass, inner mass; outer and inner surface, air
        for a, b, w_k in [(0, 2, 1 / to_outer), (1, 3, 1 / to_inner), (2, 4, outer), (3, 4, inner), (2, 3, radiant)]:
            full[[a, b], [a, b]] += w_k
            full[[a, b], [b, a]] -= w_k
        massless = np.linalg.inv(full[2:, 2:])
        self.to_mass = -full[:2, 2:] @ massless  # (mass, node): share of a node's heat that reaches each mass
        self.own = massless[2]  # rise of the air per W at each node [K/W]
        self.coupling = -(full[:2, :2] + self.to_mass @ full[2:, :2])[0, 1]
        rows = np.zeros((la.COHORT_FIXED, 1))
        loss = 1.0 / (to_outdoors + 1.0 / (25.0 * OUTER_M2))
        rows[[la.C_AIR_J_K, la.C_MASS_J_K, la.C_LOSS_AIR, la.C_COUPLING]] = [
            [outer_j_k], [inner_j_k], [loss], [self.coupling]
        ]  # fmt: skip
        found = np.zeros((la.MATRIX, 1))
        matrices(dt, rows, found)
        self.g = found[[la.M_G11, la.M_G12, la.M_G12, la.M_G22], 0].reshape(2, 2)
        k = self.coupling
        self.m = np.eye(2) - self.g @ np.array([[loss + k, -k], [-k, k]])
        self.loss, self.capacity = np.array([loss, 0.0]), np.array([outer_j_k, inner_j_k])
        self.c = np.array([22.0, 22.0])

    def step(self, outdoor: float, heat: np.ndarray, hold: float | None = None, most: float = np.inf):
        """Step with heat [W] at outer and inner surface and air; return the mean air and the heater's power.

        An ideal heater holds the mean air at `hold` as far as `most` [W] allows: the mean is linear in its power.
        """
        y = self.c - outdoor
        free = outdoor + self.to_mass[:, 2] @ (self.m @ y + self.g @ self.to_mass @ heat) + self.own @ heat
        per_w = self.to_mass[:, 2] @ self.g @ self.to_mass[:, 2] + self.own[2]
        power = 0.0 if hold is None else float(np.clip((hold - free) / per_w, -most, most))
        heat = heat + np.array([0.0, 0.0, power])
        q = self.to_mass @ heat
        mean = self.m @ y + self.g @ q
        between = self.coupling * (mean[0] - mean[1])
        rise = q - self.loss * mean + between * np.array([-1.0, 1.0])
        self.c = self.c + self.dt * rise / self.capacity
        return free + per_w * power, power


def radiant(w: float) -> np.ndarray:
    """Spread radiation over the surfaces by area."""
    return w * np.array([OUTER_M2, INNER_M2, 0.0]) / (OUTER_M2 + INNER_M2)


def convective(w: float) -> np.ndarray:
    return np.array([0.0, 0.0, w])


def play(parts, heat_of_hour, *, outdoor=(22.0,) * 24, hold=None, most=np.inf, dt=3600.0):
    """Play 60 days; return hourly means of the air [degC] and of the heater [W] at HOURS."""
    room, means = Room(parts, dt), []
    per_hour = round(3600 / dt)
    for hour in range(24 * 60):
        h = hour % 24
        held = None if hold is None else hold[h]
        got = [room.step(outdoor[h], heat_of_hour[h], held, most) for _ in range(per_hour)]
        means.append(np.mean(got, axis=0))
    found = np.array(means)[np.array(HOURS) - 1]
    return found[:, 0], found[:, 1]


# fmt: off
AIR_C = {
    1: (27.7, 28.8, 30.0, 24.5, 24.5, 43.0, 43.8, 44.7, 39.1, 38.8, 54.9, 55.5, 56.2, 50.6, 50.0),
    2: (22.6, 23.7, 25.0, 24.5, 24.5, 38.0, 38.8, 39.7, 39.2, 38.9, 50.0, 50.6, 51.2, 50.7, 50.1),
    3: (30.2, 32.4, 34.7, 26.9, 26.6, 50.9, 52.3, 53.7, 45.8, 44.7, 55.7, 56.9, 58.1, 50.1, 48.9),
    4: (25.1, 27.3, 29.7, 26.9, 26.6, 45.9, 47.3, 48.8, 45.9, 44.8, 50.7, 51.9, 53.2, 50.2, 49.0),
    5: (22.4, 24.9, 24.3, 24.2, 24.1, 34.9, 37.2, 36.4, 36.2, 35.9, 44.8, 46.8, 45.8, 45.6, 45.1),
}
HEATER_W = {  # positive: heating
    6: (764, 455, 167, -638, -511, 163, -33, -214, -1004, -808, 163, -33, -214, -1004, -808),
    7: (500, 481, 186, -500, -500, -142, -278, -404, -500, -500, -149, -284, -408, -500, -500),
}
OUTDOOR_C = (
    18.8, 17.1, 16.5, 16.1, 16.5, 17.8, 20.3, 22.8, 24.8, 26.7, 28.1, 29.0,
    29.7, 30.4, 30.9, 31.0, 30.8, 30.1, 28.9, 27.0, 24.7, 22.9, 21.9, 20.9,
)
SUN_W_M2 = (0, 0, 0, 0, 17, 38, 59, 98, 186, 287, 359, 385, 359, 287, 186, 98, 59, 38, 17, 0, 0, 0, 0, 0)
# fmt: on


@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_a_convective_and_a_radiant_source_in_a_heavy_and_a_light_room(case: int) -> None:
    kind = convective if case in (1, 3) else radiant
    air, _ = play(HEAVY if case < 3 else LIGHT, [kind(1000.0 * on) for on in AT_WORK])
    np.testing.assert_allclose(air, AIR_C[case], rtol=0, atol=0.1)


def test_weather_and_sun_through_a_window_with_a_blind() -> None:
    heat = []
    for h, sun in enumerate(SUN_W_M2):
        through = 7.0 * sun * (0.15 if sun > 100 else 1.0)
        people = 80.0 if 7 <= h < 17 else 0.0
        machines = 200.0 if 7 <= h < 17 else 0.0
        sunlit = np.array([0.0, 0.91 * through, 0.09 * through])  # not on the wall that it comes through
        heat.append(radiant(people) + convective(people + machines) + sunlit)
    air, _ = play(HEAVY, heat, outdoor=OUTDOOR_C)
    np.testing.assert_allclose(air, AIR_C[5], rtol=0, atol=0.1)


@pytest.mark.parametrize(("case", "most"), [(6, np.inf), (7, 500.0)])
def test_an_ideal_heater_with_and_without_a_limit(case: int, most: float) -> None:
    hold = [27.0 if on else 22.0 for on in AT_WORK]
    _, power = play(HEAVY, [radiant(1000.0 * on) for on in AT_WORK], hold=hold, most=most, dt=60.0)
    np.testing.assert_allclose(power, HEATER_W[case], rtol=0, atol=1.5)
