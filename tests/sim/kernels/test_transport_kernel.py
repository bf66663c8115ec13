"""Heat along pipes: closed forms, delay, standstill, reversal, merging, refilling."""

import re
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.contents import contents, overwrite, shift_ground
from heatseason.sim.kernels.fronts import bins, mix_bins, seek
from heatseason.sim.kernels.transport import exponential_mean, mix, prepare, store

RING = 32


class Line:
    """A row of pipes, marched by the kernels themselves with given flows and inlet temperatures."""

    def __init__(self, mass_kg, loss_kg_s, ground, start_c, wall_share=0.0):
        n = len(mass_kg)
        self.n, self.now, self.ground = n, 0.0, ground
        self.static = np.zeros((8, 2 * n))
        self.static[la.P_MASS] = np.tile(mass_kg, 2) * (1.0 + wall_share)
        self.static[la.P_WATER] = np.tile(mass_kg, 2)
        self.static[la.P_LOSS] = np.tile(loss_kg_s, 2)
        self.static[la.P_RATE] = self.static[la.P_LOSS] / self.static[la.P_MASS]
        self.pipe, self.whole = np.zeros((la.PIPE_ROWS, 2 * n)), np.zeros((10, 2 * n), np.int64)
        self.pipe[la.L_ENTRY], self.pipe[la.L_FACTOR] = start_c, 1.0
        self.whole[la.J_FILLED] = 1
        self.ring, self.scratch = np.zeros((2 * n, RING, 4)), np.zeros((la.PIPE_SCRATCH, 2 * n))
        self.entered = self.left = 0.0
        self.temperature = np.full(2 * (n + 1), float(start_c))

    def walk(self, flow, inlet_c, dt):
        """March one step with fronts followed; return the outlet's temperature bin by bin [degC]. Flow above zero."""
        n, nodes = self.n, 2 * (self.n + 1)
        self.pipe[la.L_FLOW, :n] = flow
        self.whole[la.J_ORDER, :n] = self.whole[la.J_UP, :n] = np.arange(n)
        self.whole[la.J_DOWN, :n] = np.arange(1, n + 1)
        heat, inflow, profile = np.zeros(nodes), np.zeros(nodes), np.zeros((nodes, la.BINS))
        wavy, counts = np.zeros(nodes, np.int64), np.zeros((6, 2), np.int64)
        inflow[: n + 1], heat[0], counts[la.Q_ORDERED, 0] = flow, flow * inlet_c, n
        source = np.zeros((14, 1))
        source[la.O_FLOW], source[la.O_SUPPLY_C] = flow, inlet_c
        seek(
            dt, np.zeros(la.CLOCK), np.zeros(1, np.int64), source, np.zeros(0, np.int64),
            np.zeros((la.SUBSTATION_ROWS, 0)), self.static, self.pipe, self.whole, self.ring, self.temperature, counts,
            inflow, np.zeros(nodes), np.zeros(nodes), self.scratch,
        )  # fmt: skip
        prepare(dt, self.ground, self.now, self.static, self.pipe, self.whole, self.ring, self.scratch)
        mix_bins(
            0, n, bins(dt), dt, self.ground, self.now, self.static, self.pipe, self.whole, self.ring, heat,
            np.zeros(nodes), inflow, self.temperature, wavy, profile, np.zeros((12, RING + 2 * la.BINS + 4)),
            self.scratch,
        )  # fmt: skip
        store(dt, self.ground, self.now, self.static, self.pipe, self.whole, self.ring, self.scratch)
        self.now += dt
        self.entered += flow * dt * inlet_c
        self.left += flow * dt * self.temperature[n]
        out = self.temperature[n] + (profile[n, : bins(dt)] / flow if wavy[n] else np.zeros(bins(dt)))
        assert out.mean() == pytest.approx(self.temperature[n], rel=1e-12)
        return out

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
        self.scratch[la.W_WALK] = 0.0
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


def rise_s(profile: np.ndarray, low: float, high: float, bin_s: float) -> tuple[float, float]:
    """Return the mean arrival of a step from `low` to `high`, and its rise from 10 to 90 % [s]."""
    share = (profile - low) / (high - low)
    at = bin_s * (np.arange(len(share)) + 0.5)
    return bin_s * (1.0 - share).sum(), np.interp(0.9, share, at) - np.interp(0.1, share, at)


@pytest.mark.parametrize("wall_share", [0.0, 0.13])
def test_a_front_of_two_kilometres_at_a_metre_a_second(wall_share: float) -> None:
    line = Line(np.array([2.0e5]), np.zeros(1), 10.0, 60.0, wall_share)
    profile = np.concatenate([line.walk(100.0, 60.0, 3600.0)] + [line.walk(100.0, 90.0, 3600.0) for _ in range(4)])
    arrival, rise = rise_s(profile[36:], 60.0, 90.0, 100.0)
    assert arrival == pytest.approx(2000.0 * (1.0 + wall_share), rel=1e-6)
    if wall_share == 0.0:  # not even a bin between before and after
        assert set(np.round(profile, 9)) == {60.0, 90.0}
    else:  # the wall's mixing volume: a first-order lag of 13 % of the delay
        assert rise == pytest.approx(260.0 * np.log(9.0), rel=0.1)


def test_a_front_stays_sharp_through_23_pipes() -> None:
    """Plain hourly parcels take 9,500 s from 10 to 90 %; deadlines need arrival times."""
    rng = np.random.default_rng(7)
    mass = rng.uniform(40.0, 300.0, 23) * 100.0
    line = Line(mass, mass * 2e-6, 10.0, 75.0)
    for _ in range(20):
        line.walk(100.0, 75.0, 3600.0)
    before = line.temperature[23]
    profile = np.concatenate([line.walk(100.0, 90.0, 3600.0) for _ in range(6)])
    arrival, rise = rise_s(profile, before, profile[-1], 100.0)
    assert arrival == pytest.approx(mass.sum() / 100.0, rel=2e-3)
    assert rise < 600.0
    assert line.pipe[la.L_SPREAD, :23].max() == 0.0  # the front is through: nothing is walked any more
    assert line.scratch[la.W_WALK].max() == 0.0
    plain = Line(mass, mass * 2e-6, 10.0, 75.0)
    for _ in range(20):
        plain.step(100.0, 75.0, 3600.0)
    smeared = np.array([plain.step(100.0, 90.0, 3600.0) for _ in range(6)])
    assert rise_s(smeared, before, profile[-1], 3600.0)[1] > 2000.0
    assert smeared.mean() == pytest.approx(profile.mean(), abs=0.02)  # the same heat comes through


@pytest.mark.parametrize("wall_share", [0.0, 0.2])
def test_water_and_heat_are_kept_while_fronts_pass(wall_share: float) -> None:
    rng = np.random.default_rng(3)
    mass = rng.uniform(1e3, 3e5, 8)
    line = Line(mass, mass * 3e-6, 10.0, 55.0, wall_share)
    start = sum(line.held(e)[1] for e in range(8))
    for _ in range(80):
        if rng.random() < 0.6:
            line.walk(rng.uniform(5.0, 200.0), rng.uniform(20.0, 110.0), rng.choice([600.0, 1234.5, 3600.0]))
        else:
            line.step(rng.choice([-60.0, 0.0, 90.0]), rng.uniform(20.0, 110.0), 3600.0)
        for e in range(8):
            assert line.held(e)[0] == pytest.approx(line.static[la.P_MASS, e], rel=1e-9)
    assert abs(line.account(start)) < 1e-11 * line.entered


LIEGE = {"150801": 0.7, "151202": 0.7, "151204_2": 0.5, "160104_2": 0.1}  # bounds of PEERS.md 4.2 [K]


@pytest.mark.parametrize("series", LIEGE)
def test_measured_pipes_of_liege(series: str, shared: Path, capsys) -> None:
    """39 m of steel pipe, measured water temperatures at both ends (van der Heijde et al. 2017)."""
    file = shared / "data" / "ulg" / f"PipeDataULg{series}.mos"
    if not file.exists():
        pytest.skip(f"no measurements: {file} is not there")
    rows = []
    for text in file.read_text(encoding="utf-8").splitlines():
        numbers = re.findall(r"[-+.\deE]+", text)
        if len(numbers) == 6 and text.strip()[0].isdigit():
            rows.append([float(number) for number in numbers])
    at, flow, _, outlet, _, inlet = np.array(rows).T
    cp, length, parts = 4190.0, 39.0, 16
    line = Line(np.array([9010.0 * length / cp]), np.array([0.462 * length / cp]), 22.0, outlet[0], 2763.0 / 9010.0)
    line.ring[0, :parts, la.R_MASS] = line.static[la.P_MASS, 0] / parts
    line.ring[0, :parts, la.R_ENTRY] = outlet[0] + (inlet[0] - outlet[0]) * (np.arange(parts) + 0.5) / parts
    line.whole[la.J_COUNT, 0], line.whole[la.J_SENSE, 0] = parts, 1
    errors = []
    for k in np.flatnonzero(np.diff(at) > 0.0):
        line.pipe[la.L_SPREAD, 0], line.pipe[la.L_UNTIL_KG, 0] = 99.0, 1e9  # walked all the time
        water = line.walk(0.5 * (flow[k] + flow[k + 1]), 0.5 * (inlet[k] + inlet[k + 1]), at[k + 1] - at[k])
        errors.append(water.mean() - 0.5 * (outlet[k] + outlet[k + 1]))
    rmse, most = np.sqrt(np.mean(np.square(errors))), np.abs(errors).max()
    with capsys.disabled():
        print(f"\nLiege {series}: RMSE {rmse:.3f} K (bound {LIEGE[series]} K), largest {most:.2f} K")
    assert len(errors) > 100
    assert rmse < LIEGE[series]
