"""Flows: friction, trees by hand, loops against Kirchhoff and a root finder, two sources."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.flows import solve_dense, solve_side
from heatseason.sim.kernels.friction import ENTRIES, ROOT_STEP, colebrook, friction_table, losses
from heatseason.sim.kernels.water import density_kg_m3, fluidity_1_pa_s
from heatseason.sim.world.heat import Heat, HeatSettings
from scipy.optimize import brentq


def season(arrays, **settings) -> Heat:
    hours = 24 * 8
    flat = np.ones(hours)
    made = Heat(
        arrays, outdoor_c=0.0 * flat, solar_w_m2=0.0 * flat, wind_m_s=0.9 * flat, ground_c=8.0 * flat,
        settings=HeatSettings(**settings), hours=hours,
    )  # fmt: skip
    made.set_mode("season")
    made.advance(hours * 3600.0)
    return made


def test_water_is_as_in_the_steam_table() -> None:
    for t, rho, mu in [(20, 998.21, 1.0016e-3), (45, 990.21, 5.960e-4), (80, 971.79, 3.540e-4), (95, 961.89, 2.971e-4)]:
        assert density_kg_m3(float(t)) == pytest.approx(rho, rel=2e-4)
        assert 1.0 / fluidity_1_pa_s(float(t)) == pytest.approx(mu, rel=3e-3)


@pytest.mark.parametrize("relative", [1e-5, 5e-4, 5e-3])
def test_colebrook_solves_its_own_equation_and_the_table_keeps_it(relative: float) -> None:
    reynolds = np.geomspace(4.1e3, 5e7, 400)
    factor = colebrook(reynolds, relative)
    inside = relative / 3.71 + 2.51 / (reynolds * np.sqrt(factor))
    np.testing.assert_allclose(1 / np.sqrt(factor), -2 * np.log10(inside), rtol=1e-12)
    table = friction_table(np.array([relative]))
    read = np.interp(reynolds**0.25, np.arange(ENTRIES) * ROOT_STEP, table[0])
    np.testing.assert_allclose(read, factor, rtol=5e-3)
    late = reynolds > 2e4
    np.testing.assert_allclose(read[late], factor[late], rtol=1e-4)
    assert colebrook(np.array([1000.0]), relative)[0] == pytest.approx(0.064)
    passage = colebrook(np.linspace(2200, 4200, 500), relative)
    assert np.abs(np.diff(passage)).max() < 2e-4


def test_losses_and_slopes_agree() -> None:
    flow = np.array([-20.0, -0.3, 0.0, 0.02, 1.5, 40.0])
    n = len(flow)
    re, drag = 4 / (np.pi * 0.1) / 4e-4, 8 / (np.pi**2 * 0.1**4) / 970.0
    same = [np.full(n, v) for v in (re, drag, 64 * drag * 2000.0 / re, 2000.0, 3.0)]
    table, row = friction_table(np.array([1e-3])), np.zeros(n, np.int64)

    def at(m):
        loss, slope = np.zeros(n), np.zeros(n)
        losses(m, *same, row, table.ravel(), loss, slope)
        return loss, slope

    loss, slope = at(flow)
    assert np.all(np.sign(loss) == np.sign(flow))
    step = 1e-7
    moving = flow != 0.0
    np.testing.assert_allclose(
        ((at(flow + step)[0] - at(flow - step)[0]) / (2 * step))[moving], slope[moving], rtol=2e-3
    )
    assert slope[~moving] == pytest.approx(64 * drag * 2000.0 / re)  # laminar
    m = 40.0
    velocity = m / 970.0 / (np.pi * 0.05**2)
    factor = colebrook(np.array([m * same[0][0]]), 1e-3)[0]
    assert loss[-1] == pytest.approx((factor * 2000.0 + 3.0) * 970.0 * velocity**2 / 2, rel=1e-4)


def test_a_small_dense_system_is_solved() -> None:
    rng = np.random.default_rng(3)
    for n in (1, 4, 17):
        half = rng.normal(size=(n, n))
        matrix, right = half @ half.T + np.eye(n), rng.normal(size=n)
        answer = right.copy()
        solve_dense(matrix.copy(), answer, n)
        np.testing.assert_allclose(matrix @ answer, right, atol=1e-9)


def test_tree_flows_are_the_sums_of_what_hangs_below(little) -> None:
    arrays = little([(0, 1, 300, 0.2), (1, 2, 200, 0.1), (3, 1, 200, 0.15), (3, 4, 90, 0.1)], [0], [2, 4, 3])
    made = season(arrays)
    want = made.state.arrays.substation[la.Y_FLOW]
    supply, back = made.pipe_flow_kg_s()
    np.testing.assert_allclose(supply, [want.sum(), want[0], -(want[1] + want[2]), want[1]], rtol=1e-13)
    np.testing.assert_allclose(back, -supply, rtol=1e-13)
    drop = made.pipe_drop_pa()
    dp = made.state.arrays.substation[la.Y_DP]
    head = made.state.arrays.source[la.O_HEAD, 0]
    assert dp[1] == pytest.approx(head - (drop[0] - drop[1])[[0, 3]].sum() + (drop[0] - drop[1])[2], rel=1e-12)
    assert dp.min() == pytest.approx(HeatSettings().minimum_dp_pa)


def balanced(made: Heat) -> None:
    """Continuity at every node to round-off, and no head gained round any loop (node potentials explain every loss)."""
    state, arrays = made.state.arrays, made.arrays
    nodes = len(arrays.node_ids)
    for side, (flow, drop) in enumerate(zip(made.pipe_flow_kg_s(), made.pipe_drop_pa(), strict=True)):
        sign = 1 if side == 0 else -1
        net = np.zeros(nodes)
        np.add.at(net, arrays.pipe_from, -flow)
        np.add.at(net, arrays.pipe_to, flow)
        np.add.at(net, arrays.source_node, sign * state.source[la.O_FLOW])
        np.add.at(net, arrays.substation_node, -sign * state.substation[la.Y_FLOW])
        assert np.abs(net).max() < 1e-10
        pressure = state.node[la.N_PRESSURE].reshape(2, -1)[side]
        open_pipes = ~made.state.closed
        gap = (pressure[arrays.pipe_from] - pressure[arrays.pipe_to] - drop)[open_pipes]
        assert np.abs(gap).max() < 1e-3 * np.abs(drop).max()


def test_loops_obey_kirchhoff(grid) -> None:
    made = season(grid)
    balanced(made)
    fine = season(grid, flow_tolerance=1e-12)
    balanced(fine)
    np.testing.assert_allclose(made.pipe_flow_kg_s(), fine.pipe_flow_kg_s(), atol=2e-4 * fine.pipe_flow_kg_s().max())
    assert made.trouble.code == "fine"


@pytest.mark.parametrize(("more", "steps"), [(1.0, (1, 1)), (1.02, (2, 3)), (1.5, (2, 6))])
def test_loops_are_solved_again_only_by_as_much_as_changed(grid, more: float, steps: tuple[int, int]) -> None:
    made = season(grid, flow_tolerance=1e-9)
    plant, state, work = made._plant, made.state.arrays, made._work
    draw = more * work.node[la.D_DRAW]
    throughput = state.source[la.O_FLOW].sum()
    for side in range(2):
        taken = solve_side(
            side, 1e-6 * throughput, draw, work.node[la.D_SUM], plant.pipe_int, plant.pipe, plant.friction, state.tree,
            state.counts, state.chord, state.chord_flow, state.loop_pipe, state.segment, state.member, state.pipe,
            work.pipe, work.loop, state.pipe[la.L_RAISED][:0],
        )  # fmt: skip
        assert steps[0] <= taken <= steps[1]


def test_one_loop_against_a_root_finder(little) -> None:
    arrays = little([(0, 1, 500, 0.15), (1, 2, 400, 0.1), (0, 2, 700, 0.12)], [0], [1, 2])
    made = season(arrays, flow_tolerance=1e-12)
    state, p = made.state.arrays, 3
    want = state.substation[la.Y_FLOW]
    re, drag = state.pipe[la.L_REYNOLDS, :p], state.pipe[la.L_DRAG, :p]
    slender = arrays.pipe_length_m / arrays.pipe_inner_diameter_m

    def loss(k: int, m: float) -> float:
        if m == 0.0:
            return 0.0
        factor = colebrook(np.array([abs(m) * re[k]]), 1e-4 / arrays.pipe_inner_diameter_m[k])[0]
        return float(drag[k] * factor * slender[k] * abs(m) * m)

    gap = lambda through: loss(0, want[0] + through) + loss(1, through) - loss(2, want[1] - through)  # noqa: E731
    exact = brentq(gap, -want[0], want[1], xtol=1e-10)
    assert made.pipe_flow_kg_s()[0][1] == pytest.approx(exact, abs=2e-4 * want.sum())


def test_two_sources_share_an_island_and_part_when_the_tie_is_closed(grid, little) -> None:
    made = season(grid)
    assert made.islands().tolist() == [0, 0]
    balanced(made)
    arrays = little([(0, 1, 300, 0.15), (1, 2, 300, 0.1), (2, 3, 300, 0.1), (3, 4, 300, 0.15)], [0, 4], [1, 3])
    tied = season(arrays)
    closed = np.array([False, False, True, False])
    tied.state.arrays.clock[la.K_TIME] = 0.0
    tied.set_pipes_closed(closed)
    tied.advance(3600.0)
    assert tied.islands().tolist() == [0, 1]
    flow = tied.state.arrays.source[la.O_FLOW]
    np.testing.assert_allclose(flow, tied.state.arrays.substation[la.Y_FLOW], rtol=1e-12)
    assert tied.pipe_flow_kg_s()[0][1] == 0.0
    balanced(tied)


def test_sides_may_differ(little) -> None:
    pipes = [(0, 1, 300, 0.2), (1, 2, 300, 0.15), (0, 2, 300, 0.15)]
    only_supply = np.array([True, True, False])
    made = season(
        little(
            pipes, [0], [1, 2], pipe_on_return=~only_supply | np.array([True, False, True]), pipe_on_supply=only_supply
        )
    )
    supply, back = made.pipe_flow_kg_s()
    assert supply[2] == 0.0
    assert back[1] == 0.0
    np.testing.assert_allclose(supply[0], -back[0] - back[2], rtol=1e-12)
