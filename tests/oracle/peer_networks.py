"""The benchmark networks of ../shared/bench/pandapipes_season.py as our arrays: the identical problem."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

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
    duties = np.full((5, len(consumers)), np.nan)
    duties[0] = heat_w
    duties[1] = net["consumer_t_return_c"]
    return arrays, duties
