"""Saved states of other programs are found again, without them: their answers stand in the files."""

import importlib.util
import json
from pathlib import Path

import pytest
from heatseason.network_models.formats import read_foreign
from heatseason.network_models.problems import NetworkError
from heatseason.sim.saved_state import solve_saved

TESTS = Path(__file__).parents[1]
SAVED = TESTS / "network_models" / "formats"

_SPEC = importlib.util.spec_from_file_location("saved_answers", TESTS / "oracle" / "saved_answers.py")
answers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(answers)


@pytest.mark.parametrize(("name", "junctions", "pipes"), [("little", 16, 15), ("one_sided", 4, 3), ("ring", 12, 12)])
def test_what_pandapipes_saved_is_found_again(name, junctions, pipes):
    file = SAVED / f"{name}_pandapipes.json"
    state = solve_saved(read_foreign(file))
    assert state.code == "settled"
    apart = answers.differences(file, json.loads(json.dumps(state.to_json())))
    assert (apart["junctions"], apart["pipes"]) == (junctions, pipes)
    bound = {"ring": 5.0}.get(name, 1.0)  # where water hardly creeps pandapipes ends no nearer
    assert apart["temperature_k"] < 1e-3 * bound
    assert apart["pressure_bar"] < 1e-5
    assert apart["flow_kg_s"] < 1e-5 * 2.0 * bound


def test_what_is_given_goes_before_what_the_file_says():
    foreign = read_foreign(SAVED / "little_pandapipes.json")
    warmer = solve_saved(foreign, supply_c=95.0)
    assert warmer.source_supply_c.tolist() == [95.0]
    half = solve_saved(foreign, load=0.5)
    assert half.substation_heat_w[0] == pytest.approx(60e3)


def test_without_a_supply_temperature_there_is_no_answer():
    with pytest.raises(NetworkError, match="supply temperature"):
        solve_saved(read_foreign("tee"))
