"""Every node and pipe of the benchmark networks against pandapipes' bidirectional answer, hour by hour."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels import steady as k
from heatseason.sim.solve import solve_arrays, solve_hours
from heatseason.sim.steady_case import SteadyCase

_SPEC = importlib.util.spec_from_file_location("peer_networks", Path(__file__).with_name("peer_networks.py"))
peers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(peers)

STEPS = 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("consumers", "loops", "seed"),
    [(100, 0, 1), (100, 2, 2), (300, 0, 2), (300, 6, 1), (300, 6, 3), (1000, 0, 1)],
)
def test_flows_temperatures_and_pressures_are_those_of_pandapipes(shared, tmp_path, consumers, loops, seed):
    module = peers.generator(shared)
    net, season = module.build_network(consumers, seed, loops), module.build_season(module.SEASON_HOURS, seed)
    _, theirs = peers.run_pandapipes(shared, tmp_path, consumers, loops, seed, STEPS)
    arrays, duties = peers.arrays_of(net, peers.little_arrays())
    found = solve_hours(
        arrays, duties[0], duties[1], supply_c=season["supply_c"][:STEPS], load=season["load_factor"][:STEPS],
        ground_c=5.0, friction="colebrook_everywhere", tolerance_k=1e-4, keep="all",
        fluid=peers.pandapipes_water(),
    )  # fmt: skip
    assert found.unsettled == 0
    apart = peers.largest_differences(net, found, theirs, STEPS)
    print(consumers, loops, seed, {name: f"{value:.1e}" for name, value in apart.items()})
    assert apart["temperature_k"] <= 0.01
    assert apart["pressure_bar"] <= 0.005
    assert apart["flow_of_own"] <= 1e-4
    assert apart["flow_of_plant"] <= 1e-5


@pytest.mark.slow
def test_where_a_loop_has_two_steady_states_pandapipes_answer_is_one_of_ours(shared, tmp_path):
    """With 1,000 consumers and 16 loops at a third of the load, one chord can nearly stand or flow slowly.

    The consumer behind it takes more of colder water, which holds the chord's flow up: both states obey every equation.
    Started from rest we find one; started from pandapipes' temperatures and chord flows we stay at theirs.
    """
    net, season = (module := peers.generator(shared)).build_network(1000, 1, 16), module.build_season(1, 1)
    _, theirs = peers.run_pandapipes(shared, tmp_path, 1000, 16, 1, 1)
    temperature, _, flow = (rows[0] for rows in peers.hours_of(net, theirs, 1))
    arrays, duties = peers.arrays_of(net, peers.little_arrays())
    duties[0] *= season["load_factor"][0]
    ground, fluid = np.full(len(arrays.pipe_ids), 5.0), peers.pandapipes_water()
    case = SteadyCase.of(arrays, fluid, ground, season["supply_c"], "colebrook")
    case.state.node[la.N_TEMPERATURE] = temperature.ravel()
    case.mean_c[:] = np.where(flow > 0.0, temperature[:, arrays.pipe_from], temperature[:, arrays.pipe_to]).ravel()
    for side in range(2):
        chords = case.state.chord[side, : case.state.counts[la.Q_CHORDS, side]]
        case.state.chord_flow[side, : len(chords)] = flow.ravel()[chords]
    code, _ = case.settle(duties, 1e-8, "colebrook_everywhere")
    assert code == k.SETTLED
    assert case.state.node[la.N_TEMPERATURE] == pytest.approx(temperature.ravel(), abs=0.01)
    ours = case.state.pipe[la.L_FLOW]
    assert np.abs(ours - flow.ravel()).max() < 1e-4
    rest = solve_arrays(arrays, duties, supply_c=season["supply_c"], ground_c=ground, fluid=fluid,
                        friction="colebrook_everywhere", least_dp_pa=0.0)  # fmt: skip
    assert rest.code == "settled"
    assert np.abs(rest.node_c - temperature).max() > 1.0  # the other state
    assert rest.balance_error < 1e-3  # heat capacities by the mean of the ends close no better
