"""Flows in trees and loops of the benchmark networks against EPANET 2.2, pipe by pipe."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.kernels import steady as k
from heatseason.sim.solve import solve_arrays
from heatseason.sim.steady_state import Fluid

DENSITY, VISCOSITY = 977.7, 4.03e-4
WATER = Fluid(((70.0, DENSITY),), ((70.0, 4190.0),), ((70.0, VISCOSITY),))


def beside(name: str):
    """Return a module that lies beside this file."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


peers, epanet = beside("peer_networks"), beside("epanet")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("consumers", "loops", "seed", "minor"),
    [(100, 0, 1, 0.0), (100, 2, 2, 0.0), (300, 6, 1, 0.0), (300, 6, 3, 2.5), (1000, 0, 1, 0.0), (1000, 16, 1, 0.0)],
)
def test_flows_and_pressures_are_those_of_epanet(shared, tmp_path, consumers, loops, seed, minor):
    net = peers.generator(shared).build_network(consumers, seed, loops)
    arrays, duties = peers.arrays_of(net, peers.little_arrays())
    arrays = replace(arrays, pipe_minor_loss=np.full(len(arrays.pipe_ids), minor))
    flow = np.full((4, len(arrays.substation_ids)), np.nan)
    flow[k.D_FLOW], flow[k.D_DROP] = duties[0] / (4190.0 * 50.0), 50.0
    found = solve_arrays(
        arrays, flow, supply_c=np.array([95.0]), ground_c=np.full(len(arrays.pipe_ids), 5.0), fluid=WATER,
        friction="swamee_jain", least_dp_pa=0.0,
    )  # fmt: skip
    assert found.code == "settled"
    draw = np.bincount(arrays.substation_node, found.substation_flow_kg_s, len(arrays.node_ids))
    theirs_kg_s, theirs_pa = epanet.solve(tmp_path, arrays, draw, density=DENSITY, viscosity_pa_s=VISCOSITY)
    ours_pa = found.node_pressure_pa[0] - found.node_pressure_pa[0, arrays.source_node[0]]
    apart = np.abs(found.pipe_flow_kg_s[0] - theirs_kg_s).max(), np.abs(ours_pa - theirs_pa).max()
    print(consumers, loops, f"{apart[0]:.1e} kg/s of {draw.sum():.0f}, {apart[1]:.1f} Pa of {-ours_pa.min():.0f}")
    assert apart[0] < 0.005
    assert apart[1] < 1_000.0
