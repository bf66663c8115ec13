"""A network saved by pandapipes itself, read by ``network solve``, gives the answer that pandapipes saved with it."""

import importlib.util
import subprocess
from pathlib import Path

import pytest
from heatseason.sim.report import steady

HERE = Path(__file__).parent


def _beside(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


answers, peers = _beside("saved_answers"), _beside("peer_networks")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "junctions", "pipes", "kelvin", "bar", "kg_s"),
    [
        ("little", 16, 15, 1e-3, 1e-5, 1e-5),
        ("heights", 10, 8, 1e-3, 1e-3, 1e-5),  # g is 9.81 there, 9.80665 here
        ("one_sided", 4, 3, 1e-3, 1e-5, 1e-5),
        ("hundred", 416, 418, 1e-3, 1e-5, 1e-5),
        ("ring", 12, 12, 5e-3, 1e-5, 1e-4),  # the closer they come to rest, the less near pandapipes ends
        ("alike", 12, 12, 5e-3, 1e-5, 1e-4),
        ("long_pipe", 4, 2, 5e-3, 1e-5, 1e-4),
        ("hills", 12, 12, 5e-3, 2e-3, 1e-4),
    ],
)
def test_a_network_saved_by_pandapipes_gives_its_answer(shared, tmp_path, name, junctions, pipes, kelvin, bar, kg_s):
    file = tmp_path / f"{name}.json"
    script = [peers.pandapipes_python(), str(HERE / "saved_networks.py"), name, str(file)]
    bench = [str(shared / "bench" / "pandapipes_season.py")] if name == "hundred" else []
    subprocess.run(script + bench, check=True, capture_output=True)
    state = steady.solve(str(file), supply_c=None, loads=None, load=1.0, ground_c=None, friction=None)
    assert state.code == "settled"
    apart = answers.differences(file, state.to_json())
    print(name, apart)
    assert (apart["junctions"], apart["pipes"]) == (junctions, pipes)  # none is left out of the comparison
    assert apart["temperature_k"] < kelvin
    assert apart["pressure_bar"] < bar
    assert apart["flow_kg_s"] < kg_s
