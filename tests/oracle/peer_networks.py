"""The benchmark networks of ../shared/bench/pandapipes_season.py as our arrays: the identical problem."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.steady_state import Fluid

# Water as pandapipes tables it, at the points that PEERS.md 3.2 gives; linear between them, as there.
PANDAPIPES_WATER = {
    "density_kg_m3": ((40.0, 992.16), (45.0, 990.14), (70.0, 977.68), (80.0, 971.69), (95.0, 961.79)),
    "heat_capacity_j_kgk": ((40.0, 4179.6), (45.0, 4180.6), (70.0, 4190.3), (80.0, 4197.0), (95.0, 4209.6)),
    "viscosity_pa_s": ((40.0, 651.3e-6), (45.0, 594.5e-6), (70.0, 403.2e-6), (80.0, 353.4e-6), (95.0, 296.5e-6)),
}


def generator(shared: Path):
    """Return the benchmark's own module; without pandapipes installed it still builds networks and seasons."""
    spec = importlib.util.spec_from_file_location("pandapipes_season", shared / "bench" / "pandapipes_season.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["pandapipes_season"] = module
    spec.loader.exec_module(module)
    return module


def arrays_of(net, build_arrays):
    """Return a benchmark network as NetworkArrays, and its duties (rows as ``kernels.steady.D_*``)."""
    nodes, pipes = int(net["n_supply_nodes"]), int(net["n_supply_pipes"])
    trenches = list(
        zip(
            net["pipe_from"][:pipes].tolist(),
            net["pipe_to"][:pipes].tolist(),
            net["pipe_length_m"][:pipes].tolist(),
            net["pipe_d_inner_m"][:pipes].tolist(),
            strict=True,
        )
    )
    heat_w = net["consumer_q_design_kw"] * 1000.0
    consumers = net["consumer_supply_node"].tolist()
    arrays = build_arrays(trenches, [int(net["source_supply_node"])], consumers, design_w=5e4, cohorts_each=1)
    flow = heat_w / (4190.0 * (95.0 - net["consumer_t_return_c"]))
    arrays = replace(
        arrays,
        pipe_roughness_m=net["pipe_roughness_mm"][:pipes] / 1000.0,
        pipe_loss_w_mk=net["pipe_u_w_per_mk"][:pipes].copy(),
        substation_design_w=heat_w,
        substation_primary_kg_s=flow,
        substation_valve_kg_s_pa05=flow / np.sqrt(3e4),
        source_head_max_pa=np.array([2e6]),
    )
    assert len(arrays.node_ids) == nodes
    duties = np.full((4, len(consumers)), np.nan)
    duties[0] = heat_w
    duties[1] = net["consumer_t_return_c"]
    return arrays, duties


def little_arrays():
    """Return the builder of small networks that tests/sim/conftest.py holds."""
    file = Path(__file__).parents[1] / "sim" / "conftest.py"
    spec = importlib.util.spec_from_file_location("little_networks", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build_arrays


def pandapipes_python() -> str:
    """Return an interpreter that has pandapipes: this one, or the one that HEATSEASON_PEERS names; else skip."""
    named = os.environ.get("HEATSEASON_PEERS")
    if named:
        return named
    if importlib.util.find_spec("pandapipes") is None:
        pytest.skip("pandapipes is not installed here, and HEATSEASON_PEERS names no interpreter that has it")
    return sys.executable


def run_pandapipes(shared: Path, folder: Path, consumers: int, loops: int, seed: int, steps: int):
    """Run the benchmark's own script; return its report and arrays (bidirectional, after a first call)."""
    out = folder / f"{consumers}_{loops}_{seed}"
    subprocess.run(
        [
            pandapipes_python(), str(shared / "bench" / "pandapipes_season.py"), "--consumers", str(consumers),
            "--loops", str(loops), "--seed", str(seed), "--steps", str(steps), "--repeats", "3", "--out", str(out),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return json.loads(out.with_suffix(".json").read_text()), dict(np.load(out.with_suffix(".npz")))


def pandapipes_water():
    """Return pandapipes' own table of water, asked from itself."""
    asked = (
        "import json, numpy as np, pandapipes as pp\n"
        "fluid = pp.get_fluid(pp.create_empty_network(fluid='water', add_stdtypes=False))\n"
        "t = np.arange(0.0, 131.0)\n"
        "rows = [np.asarray(fluid.get_property(n, t + 273.15)) * np.ones(len(t)) "
        "for n in ('density', 'heat_capacity', 'viscosity')]\n"
        "print(json.dumps([list(zip(t.tolist(), row.tolist())) for row in rows]))"
    )
    told = subprocess.run([pandapipes_python(), "-c", asked], check=True, capture_output=True, text=True).stdout
    return Fluid(*(tuple(map(tuple, row)) for row in json.loads(told.splitlines()[-1])), mean_of_ends=True)


def hours_of(net, theirs, steps: int):
    """Return pandapipes' hours in our order: temperatures [degC], pressures [bar], flows [kg/s], (hour, side, -)."""
    nodes, pipes = int(net["n_supply_nodes"]), int(net["n_supply_pipes"])
    return (
        theirs["loop_node_t_c"].reshape(steps, 2, nodes),
        theirs["loop_node_p_bar"].reshape(steps, 2, nodes),
        theirs["loop_pipe_mdot_kg_s"].reshape(steps, 2, pipes) * np.array([1.0, -1.0])[:, None],
    )


def largest_differences(net, found, theirs, steps: int) -> dict[str, float]:
    """Return the largest differences from pandapipes over `steps` hours, every node and pipe of both sides.

    Flows over their own, less the 2e-5 kg/s to which pandapipes itself stops; and over the plant's.
    """
    temperature, pressure, flow = hours_of(net, theirs, steps)
    ours = found.node_pa[:steps] / 1e5 + float(net["p_flow_bar"])
    ours[:, 1] -= float(net["p_lift_bar"])
    apart = np.abs(found.pipe_flow_kg_s[:steps] - flow)
    return {
        "temperature_k": float(np.abs(found.node_c[:steps] - temperature).max()),
        "pressure_bar": float(np.abs(ours - pressure).max()),
        "flow_of_own": float((np.maximum(apart - 2e-5, 0.0) / np.abs(flow)).max()),
        "flow_of_plant": float((apart / np.abs(flow).max(axis=(1, 2), keepdims=True)).max()),
    }
