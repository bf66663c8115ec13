"""EPANET's answer (2.2, through the toolkit that wntr brings) for one side of a network with given draws."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

# runs in the peers' interpreter: an input file -> flows and heads, as the toolkit's 32-bit numbers
_RUN = """
import json, sys
from wntr.epanet.toolkit import ENepanet
pipes, nodes, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
en = ENepanet()
en.ENopen(file, file + ".rpt", file + ".bin")
en.ENopenH()
en.ENinitH(0)
en.ENrunH()
flow = [en.ENgetlinkvalue(en.ENgetlinkindex(f"P{e}"), 8) for e in range(pipes)]
head = [en.ENgetnodevalue(en.ENgetnodeindex(f"N{n}"), 10) for n in range(nodes)]
en.ENclose()
print(json.dumps([flow, head]))
"""


def interpreter() -> str:
    """Return an interpreter that has wntr: the one that HEATSEASON_PEERS names, or this one; else skip."""
    named = os.environ.get("HEATSEASON_PEERS")
    if named:
        return named
    if find_spec("wntr") is None:
        pytest.skip("wntr is not installed here, and HEATSEASON_PEERS names no interpreter that has it")
    return sys.executable


def solve(folder: Path, arrays, draw_kg_s: np.ndarray, *, density: float, viscosity_pa_s: float):
    """Return flows [kg/s] and pressures over the source's [Pa] of the supply side, by Darcy and Weisbach.

    EPANET takes Swamee and Jain's factor above Re 4000, laminar flow below 2000, and a cubic between.
    """
    litre = 1000.0 / density  # a kilogram's
    source = int(arrays.source_node[0])
    lines = ["[JUNCTIONS]"]
    lines += [f"N{n} 0 {float(draw_kg_s[n]) * litre!r}" for n in range(len(draw_kg_s)) if n != source]
    lines += ["[RESERVOIRS]", f"N{source} 500", "[PIPES]"]
    for e, (start, end) in enumerate(zip(arrays.pipe_from.tolist(), arrays.pipe_to.tolist(), strict=True)):
        length, wide = float(arrays.pipe_length_m[e]), 1000.0 * float(arrays.pipe_inner_diameter_m[e])
        rough, minor = 1000.0 * float(arrays.pipe_roughness_m[e]), float(arrays.pipe_minor_loss[e])
        lines.append(f"P{e} N{start} N{end} {length!r} {wide!r} {rough!r} {minor!r} Open")
    kinematic = viscosity_pa_s / density / (1.1e-5 * 0.3048**2)  # over the water that EPANET counts as 1
    lines += ["[OPTIONS]", "UNITS LPS", "HEADLOSS D-W", f"VISCOSITY {kinematic!r}", "ACCURACY 1e-8", "TRIALS 500",
              "[TIMES]", "DURATION 0", "[END]"]  # fmt: skip
    file = folder / "network.inp"
    file.write_text("\n".join(lines), encoding="ascii")
    told = subprocess.run(
        [interpreter(), "-c", _RUN, str(len(arrays.pipe_ids)), str(len(draw_kg_s)), str(file)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    flow, head = (np.array(column) for column in json.loads(told.splitlines()[-1]))
    return flow / litre, (head - 500.0) * density * 32.2 * 0.3048  # EPANET's g is 32.2 ft/s2
