"""What is compiled beside a first season is what that season asks for."""

import json
import os
import subprocess
import sys

import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.kernels import people, shortfall, step
from heatseason.sim.study.case import Case, play

CODE = """
import json
from heatseason.sim.kernels import people, shortfall, step
from heatseason.sim.study.compile_beside import main
main()
kernels = people.march, shortfall.shortfall, step.march
print(json.dumps([[str(types) for types in kernel.signatures] for kernel in kernels]))
"""


def test_the_same_types_are_asked_for():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, env=environment).stdout
    of_people, of_shortfall, of_heat = json.loads(told)
    play(Case(load("town", ["network=one_pipe"])))
    assert set(of_people) <= {str(types) for types in people.march.signatures}
    assert of_people
    assert set(of_shortfall) <= {str(types) for types in shortfall.shortfall.signatures}
    assert of_shortfall
    assert of_heat == []
    assert step.march.signatures


SEASON = """
import json
from heatseason.scenarios.scenario import load
from heatseason.sim.kernels import rooms, scarcity, sources, transport
from heatseason.sim.study.case import Case, play
from heatseason.sim.study.compile_beside import main
play(Case(load("town", ["network=one_pipe"])))
if beside:
    main()
parts = scarcity.drive, rooms.step_rooms, sources.produce, transport.store, transport.prepare
print(json.dumps([sorted(str(key[0]) for key in part._cache._cache_file._load_index()) for part in parts]))
"""


@pytest.mark.slow
def test_parts_of_the_march_are_compiled_for_the_types_it_asks_for(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_CACHE_DIR": str(tmp_path)}
    asked = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", f"beside = {beside}\n{SEASON}"], capture_output=True, check=True, env=environment
            ).stdout
        )
        for beside in (False, True)
    ]
    assert asked[0] == asked[1]  # compiled beside, nothing is added to what a season had compiled
    assert all(asked[0])
