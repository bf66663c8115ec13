"""What is compiled beside a first season is what that season asks for."""

import json
import os
import subprocess
import sys

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
