"""Rooms: closed forms, semigroup, a stiff integrator, crossings and degree-hours."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.rooms import eigen, expect, matrices, step_rooms
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq

AIR, MASS, LOSS_AIR, LOSS_MASS, COUPLING = 1.1e7, 7.2e7, 150.0, 70.0, 900.0


def cohort(loss_air=LOSS_AIR, loss_mass=LOSS_MASS, coupling=COUPLING) -> np.ndarray:
    rows = np.zeros((la.COHORT_FIXED, 1))
    rows[[la.C_AIR_J_K, la.C_MASS_J_K]] = [[AIR], [MASS]]
    rows[[la.C_LOSS_AIR, la.C_LOSS_MASS, la.C_COUPLING]] = [[loss_air], [loss_mass], [coupling]]
    rows[la.C_EMITTER] = 1.0
    return rows


def system(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    k, a, m = rows[la.C_COUPLING, 0], rows[la.C_LOSS_AIR, 0], rows[la.C_LOSS_MASS, 0]
    return np.array([[-(a + k) / AIR, k / AIR], [k / MASS, -(m + k) / MASS]]), np.diag([1 / AIR, 1 / MASS])


def stepped(rows: np.ndarray, dt: float) -> tuple[np.ndarray, ...]:
    result = np.zeros((la.MATRIX, 1))
    matrices(dt, rows, result)
    g = result[[la.M_G11, la.M_G12, la.M_G12, la.M_G22], 0].reshape(2, 2)
    a, b = system(rows)  # the means and the ends by the balances, as step_rooms takes them
    m = np.eye(2) + g @ np.linalg.solve(b, a)
    np.testing.assert_allclose(result[[la.M_M11, la.M_M12], 0], m[0], rtol=1e-9, atol=1e-14)
    return np.eye(2) + dt * a @ m, m, dt * (a @ g + b), g


@pytest.mark.parametrize("dt", [0.01, 1.0, 60.0, 3600.0, 86400.0])
def test_matrices_are_the_matrix_exponential_and_its_mean(dt: float) -> None:
    a, b = system(cohort())
    e, m, f, g = stepped(cohort(), dt)
    big = expm(np.block([[a, np.eye(2), np.zeros((2, 2))], [np.zeros((2, 4)), np.eye(2)], [np.zeros((2, 6))]]) * dt)
    first, second = big[:2, 2:4], big[:2, 4:]
    np.testing.assert_allclose(e, expm(a * dt), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(m, first / dt, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(f, first @ b, rtol=2e-8)
    np.testing.assert_allclose(g, second @ b / dt, rtol=2e-8, atol=1e-22)


def test_two_half_steps_are_one() -> None:
    e1, _, f1, _ = stepped(cohort(), 1234.0)
    e2, _, f2, _ = stepped(cohort(), 2366.0)
    e, _, f, _ = stepped(cohort(), 3600.0)
    np.testing.assert_allclose(e2 @ e1, e, rtol=1e-12)
    np.testing.assert_allclose(e2 @ f1 + f2, f, rtol=1e-11)


def test_without_a_mass_path_the_cooling_curve_is_one_exponential() -> None:
    rows = cohort(coupling=1e-9, loss_mass=1.0)
    e, *_ = stepped(rows, 8 * 3600.0)
    assert e[0, 0] == pytest.approx(np.exp(-LOSS_AIR * 8 * 3600.0 / AIR), rel=1e-9)


def march(rows: np.ndarray, air: float, mass: float, heat: float, dt: float, outdoor: float):
    """Let one cohort take a constant heat [W] into its air; return its state rows, crossings and what was booked."""
    sums = np.zeros((la.SUBSTATION_ROWS, 1))
    now, scratch = np.zeros((la.COHORT_ROWS, 1)), np.zeros((la.COHORT_SCRATCH, 1))
    matrix = np.zeros((la.MATRIX, 1))
    matrices(dt, rows, matrix)
    now[la.Z_AIR], now[la.Z_MASS] = air, mass
    zeros = np.zeros(la.SETTINGS)
    expect(outdoor, 0.0, 0.0, 0.0, zeros, matrix, rows, rows[la.C_SOLAR], now, scratch)
    scratch[la.H_CONDUCTANCE] = 1.0
    crossing, count = np.zeros((3, 10)), np.zeros(1, np.int64)
    step_rooms(
        dt, 7200.0, outdoor, 0.0, 0.0, 0.0, la.THRESHOLDS, zeros, np.zeros((10, 1)), heat + scratch[la.H_FREE],
        matrix, rows, rows[la.C_SOLAR], np.zeros(1), now, sums, scratch, crossing, count,
    )  # fmt: skip
    return now[:, 0], crossing[:, : count[0]], sums[:, 0]


@pytest.mark.parametrize(
    ("air", "mass", "heat"),
    [(21.0, 20.0, 0.0), (17.2, 16.0, 9000.0), (18.3, 17.4, 1200.0), (13.0, 12.5, 0.0), (17.9, 18.6, 0.0)],
)
def test_rooms_agree_with_a_stiff_integrator_and_crossings_are_found(air: float, mass: float, heat: float) -> None:
    rows, outdoor, dt = cohort(), -2.0, 6 * 3600.0
    now, crossings, _ = march(rows, air, mass, heat, dt, outdoor)
    a, b = system(rows)
    rate = lambda _, y: a @ (y - outdoor) + b @ np.array([heat, 0.0])  # noqa: E731
    answer = solve_ivp(rate, (0, dt), [air, mass], method="Radau", rtol=1e-11, atol=1e-11, dense_output=True)
    assert now[la.Z_AIR] == pytest.approx(answer.y[0, -1], abs=1e-7)
    assert now[la.Z_MASS] == pytest.approx(answer.y[1, -1], abs=1e-7)
    fine = np.linspace(0, dt, 4001)
    temperature = answer.sol(fine)[0]
    turns = np.flatnonzero(np.diff(temperature >= 18.0))
    assert crossings.shape[1] == len(turns)
    for found, i in zip(crossings.T, turns, strict=True):
        exact = brentq(lambda t: answer.sol(t)[0] - 18.0, fine[i], fine[i + 1], xtol=1e-6)
        assert found[0] == pytest.approx(7200.0 + exact, abs=0.5)
        assert found[2] == (temperature[i] >= 18.0)
    for i, bound in enumerate(la.THRESHOLDS):
        exact = quad(lambda t, b=bound: max(b - answer.sol(t)[0], 0.0), 0, dt, limit=200)[0]
        assert now[la.Z_COLD + i] == pytest.approx(exact, abs=2e-3 * 3600, rel=2e-4)


def test_heat_taken_in_is_heat_lost_or_held() -> None:
    rows = cohort()
    now, _, sums = march(rows, 20.0, 19.0, 5000.0, 3600.0, -3.0)
    held = AIR * (now[la.Z_AIR] - 20.0) + MASS * (now[la.Z_MASS] - 19.0)
    assert sums[la.Y_EMITTED_J] == pytest.approx(5000.0 * 3600.0)
    assert sums[la.Y_EMITTED_J] - sums[la.Y_LOST_J] == pytest.approx(held, abs=1e-9 * sums[la.Y_LOST_J])


def test_rates_are_those_of_the_matrix() -> None:
    slow, fast = eigen(AIR, MASS, LOSS_AIR, LOSS_MASS, COUPLING)
    np.testing.assert_allclose(sorted([slow, fast]), sorted(np.linalg.eigvals(system(cohort())[0])), rtol=1e-12)
    assert fast < slow < 0.0
