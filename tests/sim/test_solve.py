"""The steady-state door against closed forms, DESTEST CE_0, and the benchmark networks' reference values."""

import csv
import importlib.util
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heatseason.network_models.formats import read_network
from heatseason.network_models.problems import NetworkError
from heatseason.sim.kernels import steady as k
from heatseason.sim.solve import solve_arrays, solve_network
from heatseason.sim.steady_state import WATER, Duty, Fluid
from scipy.optimize import brentq

_SPEC = importlib.util.spec_from_file_location(
    "peer_networks", Path(__file__).parents[1] / "oracle" / "peer_networks.py"
)
peers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(peers)


def duties(substations, **rows):
    found = np.full((4, substations), np.nan)
    for name, value in rows.items():
        found[getattr(k, name)] = value
    return found


# --- DESTEST CE_0 (PEERS.md 4.1): two mirrored branches i-h-g-f-e and i-d-c-b-a, two consumers on each node by 12 m
_SIZES = {  # outer diameter, wall, insulation [m]
    "ih": (0.050, 0.0046, 0.031), "hg": (0.040, 0.0037, 0.026), "gf": (0.040, 0.0037, 0.026),
    "fe": (0.032, 0.0029, 0.030), "service": (0.025, 0.0023, 0.034),
}  # fmt: skip


def _destest(little):
    def u(size):
        outer, wall, insulation = _SIZES[size]
        inner = outer - 2.0 * wall
        layers = math.log((outer + 2.0 * insulation) / outer) / 0.026 + math.log(outer / inner) / 0.35
        return 2.0 * math.pi / layers, inner

    node = {name: n for n, name in enumerate("ihgfedcba")}
    pipes, losses = [], []
    mirrored = (("ih", "hg", "gf", "fe"), ("id", "dc", "cb", "ba"))
    for branch in mirrored:
        for pipe, size in zip(branch, mirrored[0], strict=True):
            loss, inner = u(size)
            pipes.append((node[pipe[0]], node[pipe[1]], 26.83 if size == "ih" else 24.0, inner))
            losses.append(loss)
    consumers = []
    for name in "hgfedcba":
        for _ in range(2):
            loss, inner = u("service")
            consumers.append(9 + len(consumers))
            pipes.append((node[name], consumers[-1], 12.0, inner))
            losses.append(loss)
    arrays = little(pipes, [0], consumers, cohorts_each=1)
    return replace(arrays, pipe_loss_w_mk=np.array(losses), pipe_roughness_m=np.full(len(pipes), 7e-6)), node


def test_destest_ce_0_is_the_exact_solution(little):
    arrays, node = _destest(little)
    state = solve_arrays(
        arrays, duties(16, D_FLOW=553.0 / 3600.0, D_DROP=30.0), supply_c=np.array([70.0]),
        ground_c=np.full(len(arrays.pipe_ids), 10.0), fluid=Fluid.constant(988.0, 4180.0, 5.434e-4),
    )  # fmt: skip
    supply, back = ({name: side[n] for name, n in node.items()} for side in state.node_c)
    pressure = state.node_pressure_pa
    assert state.source_flow_kg_s[0] * 3600.0 == pytest.approx(8848.0, abs=1e-6)
    assert pressure[0, node["i"]] - pressure[0, node["e"]] == pytest.approx(23414.09, abs=0.1)
    assert pressure[0, node["i"]] - pressure[0, node["h"]] == pytest.approx(5908.73, abs=0.1)
    assert pressure[1, node["a"]] - pressure[1, node["i"]] == pytest.approx(23414.09, abs=0.1)
    exact = {"h": 69.9377, "g": 69.8658, "f": 69.7582, "e": 69.5881}
    assert {name: supply[name] for name in exact} == pytest.approx(exact, abs=1e-3)
    exact = {"i": 39.4777, "h": 39.5083, "g": 39.4692, "f": 39.4266, "e": 39.3837}
    assert {name: back[name] for name in exact} == pytest.approx(exact, abs=1e-3)
    first = next(x for x in range(16) if arrays.substation_node[x] == 9 + 6)  # on node e
    assert state.substation_supply_c[first] == pytest.approx(69.4513, abs=1e-3)
    assert state.pipe_loss_w[0, 0] == pytest.approx(319.93, abs=1.0)
    assert state.source_heat_w[0] == pytest.approx(313571.30, abs=1.0)
    assert state.balance_error < 1e-12


def test_destest_ce_0_lies_within_the_tools(little, shared):
    arrays, node = _destest(little)
    state = solve_arrays(
        arrays, duties(16, D_FLOW=553.0 / 3600.0, D_DROP=30.0), supply_c=np.array([70.0]),
        ground_c=np.full(len(arrays.pipe_ids), 10.0), fluid=Fluid.constant(988.0, 4180.0, 5.434e-4),
    )  # fmt: skip
    rows = []
    for file in sorted((shared / "data" / "destest").glob("*_Network_0.csv")):
        with file.open(encoding="utf-8-sig") as text:
            table = list(csv.reader(text))
        rows.append([float(cell) for cell in table[2]])
    assert len(rows) == 6
    ours = {
        1: state.source_flow_kg_s[0] * 3600.0,
        2: state.node_pressure_pa[0, node["i"]] - state.node_pressure_pa[0, node["e"]],
        6: state.node_c[0, node["h"]],
        9: state.node_c[0, node["e"]],
        11: state.node_c[1, node["i"]],
    }
    for column, value in ours.items():
        told = [row[column] for row in rows]
        assert min(told) - 1e-9 <= value <= max(told) + 1e-9, (column, value, told)


# --- one pipe, closed form (PEERS.md 4.5): T(L) = Te + (T0 - Te) exp(-alpha pi d L / m cp)


@pytest.mark.parametrize(
    ("km", "kelvin"), [(1, 320.9163), (2, 314.0627), (3, 308.8917), (4, 304.9902), (5, 302.0466), (6, 299.8256)]
)
def test_one_pipe_cools_as_the_exponential_says(little, km, kelvin):
    arrays = little([(0, 1, 1000.0 * km, 0.075)], [0], [1], cohorts_each=1, loss_w_mk=5.0 * math.pi * 0.075)
    state = solve_arrays(
        arrays, duties(1, D_FLOW=1.0, D_RETURN=20.0), supply_c=np.array([330.0 - 273.15]),
        ground_c=np.array([293.0 - 273.15]), fluid=Fluid.constant(1000.0, 4182.0, 1e-3),
    )  # fmt: skip
    assert state.node_c[0, 1] + 273.15 == pytest.approx(kelvin, abs=1e-4)


def test_a_tee_divides_and_a_tee_mixes(little):
    loss = 5.0 * math.pi * 0.075
    fluid, ground = Fluid.constant(1000.0, 4182.0, 1e-3), np.full(3, 293.0 - 273.15)
    parting = little([(0, 1, 2500.0, 0.075), (1, 2, 2500.0, 0.075), (1, 3, 2500.0, 0.075)], [0], [2, 3],
                     cohorts_each=1, loss_w_mk=loss)  # fmt: skip
    state = solve_arrays(parting, duties(2, D_FLOW=1.0, D_RETURN=20.0), supply_c=np.array([350.0 - 273.15]),
                         ground_c=ground, fluid=fluid)  # fmt: skip
    assert state.node_c[0, 1:] + 273.15 == pytest.approx([333.0816, 312.8192, 312.8192], abs=1e-4)
    meeting = little([(0, 2, 2500.0, 0.075), (1, 2, 2500.0, 0.075), (2, 3, 2500.0, 0.075)], [0, 1], [3],
                     cohorts_each=1, loss_w_mk=loss)  # fmt: skip
    state = solve_arrays(meeting, duties(1, D_FLOW=1.0, D_RETURN=20.0), supply_c=np.array([76.85, 76.85]),
                         ground_c=ground, fluid=fluid)  # fmt: skip
    assert state.node_c[0, 2:] + 273.15 == pytest.approx([306.9366, 299.8912], abs=1e-4)
    four = little([(0, 2, 2500.0, 0.075), (1, 2, 2500.0, 0.075), (2, 3, 2500.0, 0.075), (2, 4, 2500.0, 0.075)], [0, 1],
                  [3, 4], cohorts_each=1, loss_w_mk=loss)  # fmt: skip
    state = solve_arrays(four, duties(2, D_FLOW=1.0, D_RETURN=20.0), supply_c=np.array([26.85, 76.85]),
                         ground_c=np.full(4, 293.0 - 273.15), fluid=fluid)  # fmt: skip
    assert state.node_c[0, 2:] + 273.15 == pytest.approx([308.8231, 300.8241, 300.8241], abs=1e-4)


# --- the benchmark networks (PEERS.md 3.2): plant heat, flow, coldest supply, return, least pressure difference
REFERENCE = {
    (100, 0): (6372.805, 30.7621, 92.7522, 45.6184, 0.9081),
    (300, 0): (18120.824, 87.2010, 92.2271, 45.4653, 0.9600),
    (1000, 0): (62174.135, 301.4270, 92.3901, 45.8326, 1.0945),
    (100, 2): (6378.898, 30.7820, 90.8951, 45.6030, 0.9909),
    (300, 6): (18159.982, 87.3300, 84.3527, 45.4316, 1.0852),
    (1000, 16): (62253.467, 301.7017, 88.5556, 45.8147, 1.1441),
}


@pytest.mark.parametrize(("consumers", "loops"), list(REFERENCE))
def test_the_benchmark_networks_reference_values(shared, little, consumers, loops):
    net = peers.generator(shared).build_network(consumers, 1, loops)
    arrays, asked = peers.arrays_of(net, little)
    state = solve_arrays(
        arrays, asked, supply_c=np.array([95.0]), ground_c=np.full(len(arrays.pipe_ids), 5.0),
        fluid=replace(WATER, mean_of_ends=True), friction="colebrook_everywhere",
        lift_pa=float(net["p_lift_bar"]) * 1e5, least_dp_pa=0.0,
    )  # fmt: skip
    heat, flow, coldest, back, least = REFERENCE[consumers, loops]
    assert state.code == "settled"
    assert state.source_heat_w[0] / 1000.0 == pytest.approx(heat, rel=1e-4)
    assert state.source_flow_kg_s[0] == pytest.approx(flow, rel=1e-4)
    assert state.substation_supply_c.min() == pytest.approx(coldest, abs=0.01)
    assert state.source_return_c[0] == pytest.approx(back, abs=0.01)
    assert state.substation_dp_pa.min() / 1e5 == pytest.approx(least, abs=0.005)


# --- the door itself


def test_every_library_network_settles_and_balances():
    for name in ("one_pipe", "tee", "ring", "town", "hanzhong", "hanzhong_2021"):
        state = solve_network(read_network(name), supply_c=110.0)
        assert state.code == "settled", name
        assert state.balance_error < 1e-9, name
        assert (state.source_head_pa >= 0.0).all()
        assert len(state.worst) >= 1
        at_nodes = _continuity(state)
        assert np.abs(at_nodes).max() < 1e-9 * state.source_flow_kg_s.sum(), name


def _continuity(state):
    """What flows into each node less what flows out, both sides [kg/s]."""
    a = state.arrays
    rest = np.zeros((2, len(a.node_ids)))
    flow = np.nan_to_num(state.pipe_flow_kg_s)
    for side in range(2):
        np.add.at(rest[side], a.pipe_to, flow[side])
        np.subtract.at(rest[side], a.pipe_from, flow[side])
        sign = 1.0 if side == 0 else -1.0
        np.add.at(rest[side], a.source_node, sign * state.source_flow_kg_s)
        np.subtract.at(rest[side], a.substation_node, sign * state.substation_flow_kg_s)
    return rest


def test_a_pump_that_is_too_small_leaves_the_worst_placed_short_and_says_who(little):
    row = [(n, n + 1, 500.0, 0.15) for n in range(6)]
    arrays = little(row, [0], [1, 2, 3, 4, 5, 6], cohorts_each=1, head_max_pa=1.5e5)
    asked = duties(6, D_HEAT=2e6, D_DROP=50.0)
    state = solve_arrays(arrays, asked, supply_c=np.array([110.0]), ground_c=np.full(6, 5.0), least_dp_pa=0.0)
    assert state.code == "short_of_pressure"
    assert state.worst[0] == "x5"
    assert (np.diff(state.substation_served) <= 1e-9).all()  # the farther the less
    assert state.source_head_pa[0] == pytest.approx(1.5e5, rel=1e-3)
    opened = (state.substation_flow_kg_s / arrays.substation_valve_kg_s_pa05) ** 2
    short = state.substation_served < 1.0
    # an open valve passes just that, to 2 Pa of the head's 150,000
    assert state.substation_dp_pa[short] == pytest.approx(opened[short], rel=1e-4, abs=2.0)
    assert state.balance_error < 1e-9
    enough = solve_arrays(replace(arrays, source_head_max_pa=np.array([2e6])), asked, supply_c=np.array([110.0]),
                          ground_c=np.full(6, 5.0), least_dp_pa=0.0)  # fmt: skip
    assert enough.code == "settled"
    # the first one's water comes a little hotter when more flows, so it wants a little less
    assert (enough.substation_flow_kg_s >= state.substation_flow_kg_s * (1.0 - 1e-4)).all()


def test_warm_water_rises_in_a_loop_over_a_hill(little):
    """Where it is asked for: the loop's weights drive a flow, and every pressure has the weight of its own pipes."""
    arrays = little([(0, 1, 100.0, 0.1), (1, 2, 200.0, 0.1), (1, 3, 200.0, 0.1), (3, 2, 200.0, 0.1)], [0], [2],
                    cohorts_each=1, loss_w_mk=1.0)  # fmt: skip
    arrays = replace(arrays, node_elevation_m=np.array([0.0, 0.0, 5.0, 20.0]))
    asked = {"supply_c": np.array([90.0]), "ground_c": np.full(4, 5.0)}
    flat = solve_arrays(arrays, duties(1, D_FLOW=2.0, D_DROP=20.0), **asked)
    risen = solve_arrays(arrays, duties(1, D_FLOW=2.0, D_DROP=20.0), buoyancy=True, **asked)
    assert flat.code == risen.code == "settled"
    assert risen.pipe_flow_kg_s[0, 2] > flat.pipe_flow_kg_s[0, 2] + 0.1  # colder water falls from the hill
    pressure, drop = risen.node_pressure_pa[0], risen.pipe_drop_pa[0]
    height = arrays.node_elevation_m
    air = 101325.0 * (1.0 - 0.0065 * height / 288.15) ** 5.255
    for pipe, (a, b) in enumerate(((0, 1), (1, 2), (1, 3), (3, 2))):
        weight = (pressure[a] + air[a] - pressure[b] - air[b] - drop[pipe]) / (9.80665 * (height[b] - height[a]) or 1.0)
        assert weight == pytest.approx(970.0 if height[b] != height[a] else 0.0, abs=15.0)


def test_a_supply_hardly_warmer_than_the_return_is_said_not_raised(little):
    arrays = little([(0, 1, 500.0, 0.1)], [0], [1], cohorts_each=1)
    state = solve_arrays(arrays, duties(1, D_HEAT=1e6, D_RETURN=50.0), supply_c=np.array([40.0]),
                         ground_c=np.full(1, 5.0))  # fmt: skip
    assert state.code in ("short_of_heat", "short_of_pressure", "not_settled")
    assert np.isfinite(state.source_flow_kg_s).all()


@pytest.mark.parametrize("load", [1.0, 0.8, 0.7, 0.6])
def test_flows_settle_where_the_water_cools_much_on_its_way(little, load):
    """Taken as asked, flows swing ever further here: what falls in the pipe is more than half of what is left."""
    loss_w_k, fluid = 440.0, Fluid.constant(1000.0, 4186.0, 1e-3)
    arrays = little([(0, 1, 1000.0, 0.08)], [0], [1], cohorts_each=1, loss_w_mk=loss_w_k / 1000.0)
    state = solve_arrays(arrays, duties(1, D_HEAT=30e3 * load, D_RETURN=45.0), supply_c=np.array([90.0]),
                         ground_c=np.full(1, 10.0), fluid=fluid)  # fmt: skip
    flow = brentq(
        lambda m: m * 4186.0 * (10.0 + 80.0 * math.exp(-loss_w_k / (m * 4186.0)) - 45.0) - 30e3 * load, 0.05, 10.0
    )
    assert state.code == "settled"
    assert state.substation_flow_kg_s[0] == pytest.approx(flow, rel=1e-6)
    assert state.balance_error < 1e-9


@pytest.mark.parametrize("friction", ["colebrook", "colebrook_everywhere", "table", "swamee_jain", "nikuradse"])
def test_water_that_hardly_creeps_where_a_ring_meets_is_no_trouble_for_any_law(little, friction):
    arrays = little([(0, 1, 200.0, 0.1), (1, 2, 200.0, 0.1), (0, 3, 200.0, 0.1), (3, 2, 200.0, 0.1)], [0], [1, 3],
                    cohorts_each=1)  # fmt: skip
    state = solve_arrays(arrays, duties(2, D_HEAT=np.array([2e5, 2e5 * (1.0 + 1e-9)]), D_DROP=40.0),
                         supply_c=np.array([90.0]), ground_c=np.full(4, 8.0), friction=friction)  # fmt: skip
    assert state.code == "settled"
    assert np.isfinite(state.node_pressure_pa).all()
    assert state.pipe_flow_kg_s[0, 0] == pytest.approx(state.pipe_flow_kg_s[0, 2], rel=1e-3)
    assert state.balance_error < 1e-9


def test_a_nearly_still_loop_settles_under_a_law_far_from_the_seasons_table(little):
    """Laminar by the table, Colebrook's by the law: a correction between the two used to swing for ever."""
    ways = [(0, 1, 200.0, 0.1), (1, 2, 300.0, 0.08), (2, 3, 300.0, 0.08), (3, 1, 301.0, 0.08), (2, 4, 300.0, 0.08),
            (3, 4, 310.0, 0.08)]  # fmt: skip
    arrays = little(ways, [0], [2, 3, 4], cohorts_each=1)
    for heat in np.geomspace(1e4, 2e5, 9):
        state = solve_arrays(arrays, duties(3, D_HEAT=heat, D_RETURN=45.0), supply_c=np.array([90.0]),
                             ground_c=np.full(6, 8.0), friction="colebrook_everywhere")  # fmt: skip
        assert state.code == "settled", heat
        assert state.balance_error < 1e-9


def test_a_balance_that_does_not_last_is_left(little):
    """Both ways of the ring are alike: nothing flows between 2 and 3 until it does, then the farther draws colder."""
    ways = [(0, 1, 300.0, 0.125), (1, 2, 300.0, 0.08), (2, 3, 300.0, 0.08), (1, 3, 300.0, 0.08)]
    arrays = little(ways, [0], [2, 3], cohorts_each=1)
    asked = {"supply_c": np.array([90.0]), "ground_c": np.full(4, 5.0), "friction": "colebrook_everywhere"}
    alike = solve_arrays(arrays, duties(2, D_HEAT=5e4, D_RETURN=45.0), **asked)
    other = solve_arrays(arrays, duties(2, D_HEAT=np.array([5e4, 5e4 * (1.0 + 1e-8)]), D_RETURN=45.0), **asked)
    assert alike.code == "settled"
    assert alike.pipe_flow_kg_s[0, 2] > 1e-3
    assert alike.pipe_flow_kg_s[0] == pytest.approx(other.pipe_flow_kg_s[0], rel=1e-4)
    assert alike.node_c[0, 3] < alike.node_c[0, 2] - 0.1
    full = solve_arrays(arrays, duties(2, D_HEAT=2e5, D_RETURN=45.0), **asked)  # here it lasts
    assert full.code == "settled"
    assert full.pipe_flow_kg_s[0, 2] == pytest.approx(0.0, abs=1e-6)


def test_a_stopped_pump_serves_nobody_and_says_so():
    network = read_network("town")
    state = solve_network(network, supply_c=90.0, lift_pa=0.0)
    assert state.code == "short_of_pressure"
    for zero in (state.substation_served, state.substation_flow_kg_s, state.substation_heat_w, state.source_heat_w,
                 state.source_flow_kg_s, state.substation_dp_pa):  # fmt: skip
        assert not zero.any()
    assert np.nan_to_num(state.pipe_flow_kg_s) == pytest.approx(0.0, abs=0.0)
    assert len(state.worst) == len(network.substations)
    assert state.balance_error == 0.0
    assert state.source_return_c == pytest.approx(10.0)  # the ground's: it has stood for ever


def test_where_one_plant_is_stopped_the_other_goes_on(little):
    arrays = little([(0, 1, 300.0, 0.1), (2, 3, 300.0, 0.1), (2, 4, 300.0, 0.1), (3, 4, 100.0, 0.1)], [0, 2],
                    [1, 3, 4], cohorts_each=1)  # fmt: skip
    asked = {"supply_c": np.full(2, 90.0), "ground_c": np.full(4, 5.0)}
    loads = duties(3, D_HEAT=3e5, D_RETURN=50.0)
    for lifts, served in (([0.0, 1e5], [0, 1, 1]), ([1e5, 0.0], [1, 0, 0]), ([0.0, np.nan], [0, 1, 1])):
        state = solve_arrays(arrays, loads, lift_pa=np.array(lifts), **asked)
        assert state.code == "short_of_pressure"
        assert state.substation_served.tolist() == served
        assert state.substation_heat_w == pytest.approx(3e5 * np.array(served))
        assert state.balance_error < 1e-9


def test_a_state_with_numbers_beyond_all_measure_is_not_settled(little):
    arrays = little([(0, 1, 300.0, 0.1), (1, 2, 300.0, 0.1)], [0], [1, 2], cohorts_each=1)
    state = solve_arrays(arrays, duties(2, D_HEAT=np.array([1e5, 1e300]), D_DROP=40.0), supply_c=np.array([90.0]),
                         ground_c=np.full(2, 5.0))  # fmt: skip
    assert state.code == "not_settled"
    assert set(state.not_finite) == {"p0", "p1", "x1"}
    none = replace(arrays, pipe_roughness_m=np.array([1e-4, np.nan]))
    state = solve_arrays(none, duties(2, D_HEAT=1e5, D_DROP=40.0), supply_c=np.array([90.0]), ground_c=np.full(2, 5.0))
    assert state.code == "not_settled"
    assert "p1" in state.not_finite


@pytest.mark.parametrize(
    ("supply", "asked"),
    [
        (30.0, {"D_HEAT": 1e5, "D_DROP": 65.0}),
        (30.0, {"D_FLOW": 1.0, "D_DROP": 65.0}),
        (30.0, {"D_HEAT": 1e6, "D_FLOW": 1.0}),
        (40.0, {"D_HEAT": 1e5, "D_RETURN": 60.0}),
        (40.0, {"D_FLOW": 1.0, "D_RETURN": 60.0}),
    ],
)
@pytest.mark.parametrize("ends", [False, True])
def test_water_returns_neither_frozen_nor_warmer_than_it_came(little, supply, asked, ends):
    arrays = little([(0, 1, 300.0, 0.1)], [0], [1], cohorts_each=1)
    state = solve_arrays(arrays, duties(1, **asked), supply_c=np.array([supply]), ground_c=np.full(1, 5.0),
                         fluid=replace(WATER, mean_of_ends=ends))  # fmt: skip
    assert state.code == "short_of_heat"
    assert state.worst == ("x0",)
    assert -1e-9 <= state.substation_return_c[0] <= state.substation_supply_c[0]
    assert 0.0 <= state.substation_heat_w[0] < asked.get("D_HEAT", np.inf)
    assert state.balance_error < (5e-3 if ends else 1e-9)


def test_water_below_freezing_keeps_its_heat_in_the_ledger(little):
    arrays = little([(0, 1, 3000.0, 0.05)], [0], [1], cohorts_each=1)
    state = solve_arrays(arrays, duties(1, D_FLOW=0.05, D_DROP=0.0), supply_c=np.array([30.0]),
                         ground_c=np.full(1, -20.0))  # fmt: skip
    assert state.substation_supply_c[0] < -10.0
    assert state.source_heat_w[0] == pytest.approx(0.05 * 4200.0 * (30.0 - state.source_return_c[0]), rel=0.01)
    assert state.balance_error < 1e-9


def test_what_puts_heat_in_must_say_its_flow():
    network = read_network("one_pipe")
    for duty in (Duty(heat_w=-1e4, return_c=60.0), Duty(heat_w=-1e4, drop_k=10.0), Duty(heat_w=1e4, return_c=-5.0)):
        with pytest.raises(NetworkError, match="0 or more"):
            solve_network(network, supply_c=90.0, loads={network.substations[0].id: duty})


def test_water_that_stands_has_the_grounds_temperature_or_an_unknown_one(little):
    arrays = little([(0, 1, 300.0, 0.1), (1, 2, 300.0, 0.1), (2, 3, 1.0, 0.1), (1, 4, 100.0, 0.1)], [0], [1],
                    cohorts_each=1)  # fmt: skip
    arrays = replace(arrays, pipe_loss_w_mk=np.array([0.4, 0.4, 0.0, 0.4]))
    state = solve_arrays(arrays, duties(1, D_HEAT=1e5, D_RETURN=45.0), supply_c=np.array([90.0]),
                         ground_c=np.array([10.0, 5.0, 5.0, 7.0]))  # fmt: skip
    assert state.node_c[:, [2, 4]].tolist() == [[5.0, 7.0], [5.0, 7.0]]
    assert np.isnan(state.node_c[:, 3]).all()
    assert np.isfinite(state.node_pressure_pa).all()
    rows = {(row["id"], row["side"]): row for row in state.to_json()["nodes"]}
    assert rows["n3", "supply"]["temperature_c"] is None
    assert rows["n3", "supply"]["pressure_bar"] > 0.0
    idle = solve_arrays(
        arrays, duties(1, D_HEAT=0.0, D_RETURN=45.0), supply_c=np.array([90.0]), ground_c=np.full(4, 5.0)
    )
    assert idle.code == "settled"
    assert idle.substation_supply_c[0] == 5.0
    assert np.isnan(idle.substation_return_c[0])


def test_a_cut_off_part_gets_nothing_and_the_rest_goes_on(little):
    arrays = little([(0, 1, 300.0, 0.15), (1, 2, 300.0, 0.15), (2, 3, 300.0, 0.15)], [0], [1, 2, 3], cohorts_each=1)
    state = solve_arrays(arrays, duties(3, D_HEAT=1e6, D_DROP=40.0), supply_c=np.array([100.0]),
                         ground_c=np.full(3, 5.0), closed=np.array([False, False, True]))  # fmt: skip
    assert state.substation_flow_kg_s[2] == 0.0
    assert state.substation_served.tolist() == [1.0, 1.0, 0.0]
    assert state.worst[0] == "x2"
    assert np.isnan(state.pipe_flow_kg_s[:, 2]).all()
    assert state.balance_error < 1e-9


def test_height_is_weighed(little):
    arrays = little([(0, 1, 100.0, 0.3)], [0], [1], cohorts_each=1)
    low = solve_arrays(arrays, duties(1, D_HEAT=1e5, D_DROP=40.0), supply_c=np.array([90.0]), ground_c=np.full(1, 5.0))
    high = solve_arrays(replace(arrays, node_elevation_m=np.array([0.0, 20.0])), duties(1, D_HEAT=1e5, D_DROP=40.0),
                        supply_c=np.array([90.0]), ground_c=np.full(1, 5.0))  # fmt: skip
    drop = (low.node_pressure_pa - high.node_pressure_pa)[:, 1]
    assert drop == pytest.approx([20.0 * 9.80665 * 965.3, 20.0 * 9.80665 * 988.0], rel=2e-3)


@pytest.mark.parametrize("friction", ["colebrook", "table", "swamee_jain"])
def test_friction_laws_agree_about_as_well_as_they_are_said_to(friction):
    network = read_network("town")
    exact = solve_network(network, supply_c=100.0)
    other = solve_network(network, supply_c=100.0, friction=friction)
    bound = {"colebrook": 1e-12, "table": 2e-4, "swamee_jain": 0.02}[friction]
    assert other.source_head_pa == pytest.approx(exact.source_head_pa, rel=bound)


def test_wrong_loads_are_all_said_at_once():
    network = read_network("tee")
    with pytest.raises(NetworkError) as caught:
        solve_network(
            network, supply_c={"nobody": 90.0},
            loads={"no such": Duty(heat_w=1.0, drop_k=1.0), network.substations[0].id: Duty(heat_w=1.0)},
            closed=("gone",),
        )  # fmt: skip
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 4
    assert any("nobody" in text for text in told)
    assert any("two of heat, flow" in text for text in told)


def test_loads_by_name_are_met():
    network = read_network("tee")
    first, second = (substation.id for substation in network.substations[:2])
    state = solve_network(network, supply_c=100.0, loads={first: Duty(heat_w=3e5, return_c=50.0),
                                                          second: Duty(flow_kg_s=1.0, drop_k=40.0)})  # fmt: skip
    x = {name: n for n, name in enumerate(state.arrays.substation_ids)}
    assert state.substation_heat_w[x[first]] == pytest.approx(3e5, rel=1e-9)
    assert state.substation_return_c[x[first]] == pytest.approx(50.0, abs=1e-9)
    assert state.substation_flow_kg_s[x[second]] == pytest.approx(1.0, rel=1e-9)


def test_hours_settled_one_after_the_other_are_each_the_steady_state(shared, little):
    module = peers.generator(shared)
    net, season = module.build_network(100, 1, 2), module.build_season(48, 1)
    arrays, asked = peers.arrays_of(net, little)
    from heatseason.sim.solve import solve_hours

    found = solve_hours(arrays, asked[0], asked[1], supply_c=season["supply_c"], load=season["load_factor"],
                        ground_c=5.0, keep="all")  # fmt: skip
    assert found.unsettled == 0
    for hour in (0, 13, 47):
        now = asked.copy()
        now[0] *= season["load_factor"][hour]
        alone = solve_arrays(arrays, now, supply_c=np.array([season["supply_c"][hour]]), friction="table",
                             ground_c=np.full(len(arrays.pipe_ids), 5.0), least_dp_pa=0.0,
                             fluid=replace(WATER, mean_of_ends=True))  # fmt: skip
        assert found.heat_w[hour] == pytest.approx(alone.source_heat_w[0], rel=2e-5)
        assert found.node_c[hour] == pytest.approx(alone.node_c, abs=2e-3)
        flow = alone.source_flow_kg_s[0]
        assert found.pipe_flow_kg_s[hour] == pytest.approx(alone.pipe_flow_kg_s, rel=1e-4, abs=2e-5 * flow)
        assert found.least_dp_pa[hour] == pytest.approx(
            (alone.substation_dp_pa - alone.source_head_pa[0]).min(), rel=1e-4
        )
