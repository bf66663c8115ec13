"""Heat along pipes: closed forms, delay, standstill, reversal, merging, refilling."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.contents import contents, overwrite, shift_ground
from heatseason.sim.kernels.transport import exponential_mean, mix, prepare, store

RING = 32


class Line:
    """A row of pipes, marched by the kernels themselves with given flows and inlet temperatures."""

    def __init__(self, mass_kg, loss_kg_s, ground, start_c):
        n = len(mass_kg)
        self.n, self.now, self.ground = n, 0.0, ground
        self.static = np.zeros((8, 2 * n))
        self.static[la.P_MASS] = self.static[la.P_WATER] = np.tile(mass_kg, 2)
        self.static[la.P_LOSS] = np.tile(loss_kg_s, 2)
        self.static[la.P_RATE] = self.static[la.P_LOSS] / self.static[la.P_MASS]
        self.pipe, self.whole = np.zeros((13, 2 * n)), np.zeros((10, 2 * n), np.int64)
        self.pipe[la.L_ENTRY], self.pipe[la.L_FACTOR] = start_c, 1.0
        self.whole[la.J_FILLED] = 1
        self.ring, self.scratch = np.zeros((4, 2 * n, RING)), np.zeros((9, 2 * n))
        self.entered = self.left = 0.0

    def step(self, flow, inlet_c, dt):
        """March one step; return the outlet's mean temperature [degC]. Flow below zero enters at the far end."""
        n = self.n
        self.pipe[la.L_FLOW, :n] = flow
        order = np.arange(n) if flow >= 0 else np.arange(n)[::-1]
        self.whole[la.J_ORDER, :n] = order
        ends = np.arange(n) if flow >= 0 else np.arange(1, n + 1)
        self.whole[la.J_UP, :n], self.whole[la.J_DOWN, :n] = ends, ends + (1 if flow >= 0 else -1)
        heat, inflow, temperature = np.zeros(2 * (n + 1)), np.zeros(2 * (n + 1)), np.full(2 * (n + 1), np.nan)
        first, last = (0, n) if flow >= 0 else (n, 0)
        inflow[: n + 1] = abs(flow)
        heat[first] = abs(flow) * inlet_c
        prepare(dt, self.ground, self.now, self.static, self.pipe, self.whole, self.ring, self.scratch)
        mix(0, n if flow else 0, heat, np.zeros(2 * (n + 1)), inflow, temperature, self.whole, self.scratch)
        store(dt, self.ground, self.now, self.static, self.pipe, self.whole, self.ring, self.scratch)
        self.now += dt
        if flow:
            self.entered += abs(flow) * dt * inlet_c
            self.left += abs(flow) * dt * temperature[last]
        return temperature[last]

    def held(self, e):
        return contents(e, self.ground, self.now, self.static, self.pipe, self.whole, self.ring)

    def account(self, start):
        """Return what does not close between inflow, outflow, loss and contents [kg degC]."""
        rows = np.array([self.held(e) for e in range(self.n)])
        lost = self.pipe[la.L_LOST, : self.n].sum() + rows[:, 2].sum()
        return self.entered - self.left - lost - (rows[:, 1].sum() - start)


def test_the_mean_of_an_exponential() -> None:
    for a, b in [(0.0, 0.1), (0.3, 0.2), (0.0, 3.0), (5.0, 1.0), (0.4, 0.4)]:
        exact = np.exp(-a) if a == b else (np.exp(-a) - np.exp(-b)) / (b - a)
        assert exponential_mean(a, b) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("mass_flow", [1.0, 8.0, 40.0])
def test_one_pipe_steady_is_the_closed_form(mass_flow: float) -> None:
    """PEERS.md 4.5: 1 ... 6 km, d 75 mm, 5 W/m2K, cp 4182, 330 K into ground of 293 K."""
    area, cp = np.pi * 0.075**2 / 4, 4182.0
    loss = 5.0 * np.pi * 0.075 * 1000.0 / cp
    line = Line(np.full(6, 998.0 * area * 1000.0), np.full(6, loss), 293.0 - 273.15, 10.0)
    for _ in range(60):
        out = line.step(mass_flow, 330.0 - 273.15, 3600.0)
    inside = 20.0 - 0.15 + 37.0 * np.exp(-loss * np.arange(1, 7) / mass_flow)
    assert out == pytest.approx(inside[-1], abs=1e-4)
    ends = line.scratch[la.W_INLET, 1:6]
    np.testing.assert_allclose(ends, inside[:-1], atol=1e-4)
    if mass_flow == 1.0:
        published = [320.9163, 314.0627, 308.8917, 304.9902, 302.0466, 299.8256]
        np.testing.assert_allclose([*(ends + 273.15), out + 273.15], published, atol=1e-4)


@pytest.mark.parametrize("dt", [3600.0, 600.0, 50.0])
def test_a_front_arrives_when_the_water_does(dt: float) -> None:
    line = Line(np.array([2.0e5]), np.zeros(1), 10.0, 60.0)  # 2,000 s at 100 kg/s
    rise = [line.step(100.0, 90.0, dt) for _ in range(int(14400 / dt))]
    delay = dt * sum(90.0 - t for t in rise) / 30.0
    assert delay == pytest.approx(2000.0, rel=1e-12)
    if dt == 50.0:
        np.testing.assert_allclose(rise[:40], 60.0, rtol=1e-12)
        np.testing.assert_allclose(rise[40:], 90.0, rtol=1e-12)


def test_the_wall_delays_a_front() -> None:
    line = Line(np.array([2.0e5 * 1.25]), np.zeros(1), 10.0, 60.0)  # wall and water share the pipe's thermal mass
    rise = [line.step(100.0, 90.0, 50.0) for _ in range(100)]
    assert 50.0 * sum(90.0 - t for t in rise) / 30.0 == pytest.approx(2500.0, rel=1e-12)


def test_standing_water_cools_as_the_exponential_says() -> None:
    line = Line(np.array([5e4]), np.array([0.6]), 8.0, 20.0)
    for _ in range(30):
        line.step(50.0, 85.0, 3600.0)
    _, warm, _ = line.held(0)
    for _ in range(48):
        line.step(0.0, np.nan, 3600.0)
    mass, cold, _ = line.held(0)
    assert cold / mass - 8.0 == pytest.approx((warm / mass - 8.0) * np.exp(-0.6 / 5e4 * 48 * 3600.0), rel=1e-12)
    out = line.step(5e4 / 3600.0, 85.0, 3600.0)  # started again, the water that lay there comes out first
    half = np.exp(-0.6 / 5e4 * 1800.0)
    assert out - 8.0 == pytest.approx((cold / mass - 8.0) * half, rel=2e-3)


def test_reversal_gives_back_the_water_that_went_in_newest_first() -> None:
    line = Line(np.array([1e5]), np.zeros(1), 10.0, 40.0)
    for temperature in (50.0, 60.0, 70.0):
        line.step(10.0, temperature, 1000.0)
    back = [line.step(-10.0, 20.0, 1000.0) for _ in range(5)]
    np.testing.assert_allclose(back, [70.0, 60.0, 50.0, 40.0, 40.0], rtol=1e-13)


def test_reversal_of_a_just_renewed_pipe() -> None:
    line = Line(np.array([1e4]), np.array([0.02]), 10.0, 40.0)
    start = line.held(0)[1]
    for temperature in (80.0, 90.0):
        line.step(10.0, temperature, 3600.0)
    first = line.step(-10.0, 30.0, 500.0)
    assert 89.0 < first <= 90.0
    assert abs(line.account(start)) < 1e-9 * line.entered


def test_a_long_pipe_forgets_details_but_no_heat() -> None:
    rng = np.random.default_rng(5)
    line = Line(np.array([1e6, 3e4, 2e3]), np.array([0.9, 0.05, 0.01]), 10.0, 30.0)
    start = sum(line.held(e)[1] for e in range(3))
    for hour in range(400):
        flow = float(rng.choice([0.0, 3.0, 20.0, -8.0, 60.0, 1e-7]))
        line.step(flow, 60.0 + 20.0 * rng.random(), float(rng.choice([3600.0, 900.0, 17.0])))
        if hour % 50 == 49:
            ground = 10.0 - hour / 100.0
            shift_ground(line.ground, ground, line.now, line.static, line.pipe, line.whole, line.ring)
            line.ground = ground
    assert line.whole[la.J_COUNT].max() <= RING
    assert abs(line.account(start)) < 1e-10 * line.entered
    for e in range(3):
        assert line.held(e)[0] == pytest.approx(line.static[la.P_MASS, e], rel=1e-9)


def test_a_refilled_pipe_is_cold_and_pushes_cold_water_out() -> None:
    line = Line(np.array([2e4]), np.zeros(1), 10.0, 70.0)
    line.step(20.0, 70.0, 3600.0)
    overwrite(0, 0, 12.0, line.now, line.static, line.pipe, line.whole)
    assert line.held(0) == (0.0, 0.0, 0.0)
    overwrite(0, 1, 12.0, line.now, line.static, line.pipe, line.whole)
    assert line.step(20.0, 70.0, 1000.0) == pytest.approx(12.0)
    assert line.step(20.0, 70.0, 3600.0) == pytest.approx(70.0)


def test_two_feeds_mix_by_heat() -> None:
    """PEERS.md 4.5, two feeds of 300 and 350 K: 296.4613 and 321.1849 K mix to 308.8231 K."""
    heat, inflow = np.zeros(6), np.zeros(6)
    temperature, scratch, whole = np.zeros(6), np.zeros((9, 4)), np.zeros((10, 4), np.int64)
    loss = 5.0 * np.pi * 0.075 * 2500.0 / 4182.0
    factor = np.exp(-loss)
    scratch[la.W_PASS, :2], scratch[la.W_MASS, :2] = factor, 1.0
    scratch[la.W_GAIN, :2] = (1 - factor) * 293.0
    whole[la.J_ORDER, :2], whole[la.J_UP, :2], whole[la.J_DOWN, :2] = [0, 1], [0, 1], [2, 2]
    heat[:2], inflow[:3] = [300.0, 350.0], [1.0, 1.0, 2.0]
    mix(0, 2, heat, np.zeros(6), inflow, temperature, whole, scratch)
    outlets = scratch[la.W_PASS, :2] * scratch[la.W_INLET, :2] + scratch[la.W_GAIN, :2]
    np.testing.assert_allclose(outlets, [296.4613, 321.1849], atol=1e-4)
    assert temperature[2] == pytest.approx(308.8231, abs=1e-4)
