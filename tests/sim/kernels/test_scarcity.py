"""Starved networks: whatever is closed, capped or tripped, flows are the one minimum of the content, and conserved."""

from fractions import Fraction

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels import scarcity
from heatseason.sim.kernels.balance import I_EASE
from heatseason.sim.kernels.mesh import lay_out, potentials, pour
from heatseason.sim.kernels.sources import A_CAN
from heatseason.sim.world.heat import Heat, HeatSettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def flat(arrays, hours=24 * 8, outdoor_c=-3.0, **chosen) -> Heat:
    """A season of even weather, in its mode `season`, with rooms warm at the start and fuel enough."""
    even = np.ones(hours)
    made = Heat(
        arrays, outdoor_c=outdoor_c * even, solar_w_m2=0.0 * even, wind_m_s=0.9 * even, ground_c=8.0 * even,
        settings=HeatSettings(initial_room_c=18.0, **chosen), hours=hours,
    )  # fmt: skip
    made.fuel_available[:] = 1e15
    made.set_mode("season")
    return made


def minimum(made: Heat) -> None:
    """Hold the last step's flows against what characterises the minimum of the content, and against conservation."""
    state, arrays, plant = made.state.arrays, made.arrays, made._plant
    assert made.trouble.code == "fine"
    for name, rows in state._asdict().items():
        assert np.isfinite(rows).all(), name
    assert all(abs(error) < 1e-9 for name, error in made.ledger.items() if name.endswith("_error"))
    flow, dp = state.substation[la.Y_FLOW], state.substation[la.Y_DP]
    want, valve = made._work.substation[la.B_WANT], plant.substation[la.X_VALVE]
    head, given_kg_s = state.source[la.O_HEAD], state.source[la.O_FLOW]
    most = plant.source[la.O_HEAD_MAX] * made._work.loop_source[I_EASE, made.islands()]
    assert (flow >= 0.0).all()
    assert (flow <= want * (1.0 + 1e-12)).all()
    assert (given_kg_s >= -1e-9).all()
    assert (head <= most * (1.0 + 1e-9)).all()
    for side, sign in ((0, 1.0), (1, -1.0)):  # no water is lost or made at any node
        rest = np.zeros(len(arrays.node_ids))
        pipe = made.pipe_flow_kg_s()[side]
        np.add.at(rest, arrays.pipe_from, -pipe)
        np.add.at(rest, arrays.pipe_to, pipe)
        np.add.at(rest, arrays.source_node, sign * (given_kg_s if side == 0 else state.source[la.O_RETURN_FLOW]))
        np.add.at(rest, arrays.substation_node, -sign * flow)
        if side == 0:
            np.add.at(rest, state.pipe_int[la.J_LEAK_NODE, 0], -state.pipe[la.L_OUT, 0])
        assert np.abs(rest).max() < 1e-9 * max(given_kg_s.sum(), 1.0)
    slack = 2e-3 * most.max()
    served = (state.island[len(arrays.source_ids) :] >= 0) & (want > 0.0)
    short = served & (flow < want * (1.0 - 1e-3))
    law = (flow / valve) ** 2
    assert np.abs(dp - law)[short & (flow > 2e-3 * want)].max(initial=0.0) < slack  # open: what pressure drives
    assert (dp - law)[served & ~short].min(initial=0.0) > -slack  # throttled: there is enough
    assert dp[short & (flow <= 2e-3 * want)].max(initial=0.0) < slack  # nothing flows backwards
    for at in np.unique(made.islands()):
        mine = made.islands() == at
        if (short & (state.island[len(arrays.source_ids) :] == at)).any():
            able = made._work.source[A_CAN] > 0.0  # who can make nothing gives no more than planned
            giving = mine & able & (given_kg_s > 1e-6 * given_kg_s.sum())
            assert (head[giving] > 0.99 * most[giving]).all()  # whoever gives does what it can
            limit = np.where(
                served & (state.island[len(arrays.source_ids) :] == at), flow / np.maximum(want, 1e-9), 9.0
            )
            assert limit[made.worst_placed()[mine][0]] == pytest.approx(limit.min(), abs=1e-3)  # and the worst is named


def test_potentials_of_any_conductances_are_exact() -> None:
    """Conductances over sixteen powers of ten: elimination without subtraction keeps what subtraction would lose."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        nodes = int(rng.integers(3, 10))
        ends = [(a, int(rng.integers(a))) for a in range(1, nodes)]
        ends += [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(int(rng.integers(6)))]
        mesh = lay_out(np.array(ends, np.int64).T, nodes)
        conductance, push = 10.0 ** rng.uniform(-8, 8, len(ends)), rng.normal(size=len(ends))
        value, total = np.zeros(mesh.row.size), np.zeros(nodes)
        pour(mesh, 0, len(ends), conductance, push, value, total)
        potentials(mesh, value, total, np.zeros(nodes))
        found = total[mesh.place]
        ground = int(np.flatnonzero(found == 0.0)[-1])
        exact = _exact(ends, conductance, push, nodes, ground)
        np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-12 * np.abs(exact).max())


def _exact(ends, conductance, push, nodes: int, ground: int) -> np.ndarray:
    """Solve by Gauss in rational numbers."""
    rows = [[Fraction(0)] * (nodes + 1) for _ in range(nodes)]
    for (a, b), g, p in zip(ends, map(Fraction, conductance), map(Fraction, push), strict=True):
        for n, other, sign in ((a, b, 1), (b, a, -1)):
            rows[n][n] += g
            rows[n][other] -= g
            rows[n][nodes] += sign * p
    rows[ground] = [Fraction(int(n == ground)) for n in range(nodes)] + [Fraction(0)]
    for k in range(nodes):
        pivot = next(r for r in range(k, nodes) if rows[r][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for r in range(nodes):
            if r != k and rows[r][k] != 0:
                rows[r] = [value - rows[r][k] * own for value, own in zip(rows[r], rows[k], strict=True)]
    return np.array([float(row[nodes]) for row in rows])


def test_a_starved_mesh_has_its_closed_form(little) -> None:
    """Four equal pipes round a square, fed at one corner, drawn at the opposite one: two equal ways of two pipes.

    What flows is where head = pipes' loss there and back + (flow / valve)^2, each way carrying one half.
    """
    square = [(0, 1, 500.0, 0.08), (1, 2, 500.0, 0.08), (0, 3, 500.0, 0.08), (3, 2, 500.0, 0.08)]
    made = flat(little(square, [0], [2], head_max_pa=1.2e5, cohorts_each=1))
    made.advance(24 * 3600.0)
    minimum(made)
    state, valve = made.state.arrays, made.arrays.substation_valve_kg_s_pa05[0]
    flow = state.substation[la.Y_FLOW, 0]
    assert flow < 0.9 * made._work.substation[la.B_WANT, 0]
    np.testing.assert_allclose(np.abs(made.pipe_flow_kg_s()), 0.5 * flow, rtol=1e-3)
    friction = np.abs(made.pipe_drop_pa())[:, :2].sum()
    assert friction + (flow / valve) ** 2 == pytest.approx(1.2e5, rel=1e-3)
    assert state.source[la.O_HEAD, 0] == pytest.approx(1.2e5, rel=1e-6)


def test_a_source_whose_pumps_do_not_reach_gives_way_no_further_than_it_must(little) -> None:
    """By merit the first source is to carry all; the second, near the far end, gives what the first cannot push."""
    row = [(k, k + 1, 700.0, 0.125) for k in range(6)]
    arrays = little(row, [0, 6], [1, 2, 3, 4, 5], design_w=1e6, head_max_pa=3e5)
    made = flat(arrays, dispatch="merit")
    made.advance(3 * 24 * 3600.0)
    minimum(made)
    state = made.state.arrays
    assert (state.substation[la.Y_LIMIT] > 1.0 - 1e-3).all()
    assert 0.0 < state.source[la.O_SHARE, 1] < 0.5
    assert state.source[la.O_HEAD, 0] > 0.93 * 3e5  # it works at nearly all it can
    tripped = made.copy()
    tripped.set_unit_share(1, 0.0)  # the second can make nothing, so it pushes nothing
    tripped.advance(made.time_s + 24 * 3600.0)
    minimum(tripped)
    assert tripped.state.arrays.source[la.O_FLOW, 1] == 0.0
    assert tripped.state.arrays.substation[la.Y_LIMIT].min() < 0.99


@st.composite
def troubles(draw):
    """A random tree with a few loops, up to three sources, and what befalls it."""
    nodes = draw(st.integers(4, 16))
    number = lambda low, high: draw(st.floats(low, high))  # noqa: E731
    pipes = [(draw(st.integers(0, n - 1)), n, number(20.0, 1500.0), number(0.05, 0.3)) for n in range(1, nodes)]
    for _ in range(draw(st.integers(0, 4))):
        a, b = draw(st.lists(st.integers(0, nodes - 1), min_size=2, max_size=2, unique=True))
        pipes.append((a, b, number(20.0, 1500.0), number(0.05, 0.3)))
    order = draw(st.permutations(range(nodes)))
    sources = draw(st.integers(1, min(3, nodes - 2)))
    return {
        "pipes": pipes, "sources": sorted(order[:sources]), "substations": sorted(order[sources:]),
        "head": number(2e4, 1e6), "merit": draw(st.booleans()),
        "closed": draw(st.lists(st.integers(0, len(pipes) - 1), max_size=3)),
        "share": [draw(st.sampled_from([0.0, 0.05, 0.4, 1.0])) for _ in range(sources)],
        "leak": draw(st.sampled_from([0.0, 0.0, 3.0, 200.0])), "cold": number(-25.0, 5.0),
    }  # fmt: skip


@settings(max_examples=120, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=troubles())
def test_any_trouble_settles_at_the_one_minimum(little, case) -> None:
    arrays = little(case["pipes"], case["sources"], case["substations"], head_max_pa=case["head"], cohorts_each=1)
    made = flat(arrays, hours=24, outdoor_c=case["cold"], dispatch="merit" if case["merit"] else "proportional")
    made.advance(6 * 3600.0)
    minimum(made)
    closed = np.zeros(len(case["pipes"]), bool)
    closed[case["closed"]] = True
    made.set_pipes_closed(closed)
    for unit, share in enumerate(case["share"]):
        made.set_unit_share(unit, share)
    made.set_leak(0, 0.2, case["leak"], on_supply=True)
    for hour in range(6, 12):
        made.advance((hour + 1) * 3600.0)
        minimum(made)


@pytest.mark.slow
def test_hanzhong_settles_whatever_is_closed() -> None:
    """Sixty closures of 2 % of the pipes with capped units, tripped sources and weak pumps: twelve hours each."""
    arrays = to_arrays(read_network("hanzhong"))
    rng = np.random.default_rng(8)
    calm = flat(arrays, outdoor_c=0.0)
    calm.advance(2 * 24 * 3600.0)
    for _ in range(60):
        made = calm.copy()
        closed = np.zeros(len(arrays.pipe_ids), bool)
        closed[rng.choice(closed.size, closed.size // 50, replace=False)] = True
        made.set_pipes_closed(closed)
        for unit in range(len(arrays.unit_ids)):
            made.set_unit_share(unit, float(rng.choice([0.0, 0.4, 1.0], p=[0.1, 0.2, 0.7])))
        made.set_dispatch(list(rng.permutation(len(arrays.unit_ids))), rule=str(rng.choice(["merit", "proportional"])))
        for _ in range(12):
            made.advance(made.time_s + 3600.0)
            minimum(made)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(0, scarcity.OFFERS), before=st.integers(0, scarcity.OFFERS),
    answers=st.lists(st.booleans(), min_size=200, max_size=200),
)  # fmt: skip
def test_the_least_offer_is_found_whatever_the_looks_answer(
    monkeypatch, first: int, before: int, answers: list[bool]
) -> None:
    """A minimum may settle from some flows and not from others: then the same offer does once, and once does not."""
    looked: list[tuple[int, bool]] = []

    def lay_down(share: float, *_: object) -> None:
        looked.append((round(share * scarcity.OFFERS), answers[len(looked)]))

    monkeypatch.setattr(scarcity, "_line_up", lambda *_: 1.0)
    monkeypatch.setattr(scarcity, "_lay_down_laws", lay_down)
    monkeypatch.setattr(scarcity, "_settle", lambda *_: looked[-1][1])
    monkeypatch.setattr(scarcity, "_short", lambda *_: False)
    monkeypatch.setattr(scarcity, "_write", lambda *_: None)
    work = la.Work._make(np.zeros((9, 4)) for _ in la.Work._fields)
    offer, settled = scarcity.drive.py_func(first, before, None, None, None, work)
    assert settled == dict(looked)[offer]  # as the last look at it answered
    assert settled or offer == scarcity.OFFERS
    assert len(looked) == len(dict(looked)) < 20
