"""Networks made from totals: the totals are kept, the rest follows the seed, the file says what is synthesised."""

import json

import heatseason as hs
import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.network_models.describe import describe
from heatseason.network_models.problems import NetworkError


def invoke(*arguments):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments], env={"COLUMNS": "60"})


@pytest.mark.parametrize("loops", [0, 1, 7, 12])
@pytest.mark.parametrize("sources", [1, 3])
def test_totals_are_kept(loops, sources):
    totals = hs.Totals(substations=40, sources=sources, loops=loops, area_m2=3.3e6, length_m=21_000.0)
    told = describe(hs.make_network(totals, seed=5))
    assert (told["substations"], len(told["sources"]), told["loops"]) == (40, sources, loops)
    assert told["floor_area_m2"] == pytest.approx(3.3e6)
    assert told["trench_m"] == pytest.approx(21_000.0)
    assert told["capacity_w"] == pytest.approx(1.15 * told["design_w"], rel=0.05)


def test_the_seed_decides_the_rest():
    totals = hs.Totals(substations=20)
    assert hs.make_network(totals, 1) == hs.make_network(totals, 1) != hs.make_network(totals, 2)


@pytest.mark.parametrize("count", [1, 2, 300])
def test_it_can_be_heated(count):
    network = hs.make_network(hs.Totals(substations=count))
    assert hs.solve_network(network, supply_c=110.0).code == "settled"


def test_a_flatter_gradient_makes_wider_mains():
    def volume_m3(gradient):
        network = hs.make_network(hs.Totals(substations=60, gradient_pa_m=gradient))
        inner = {kind.id: kind.inner_diameter_m for kind in network.pipe_types}
        return sum(pipe.length_m * inner[pipe.type] ** 2 for pipe in network.pipes if pipe.role != "branch")

    assert volume_m3(30.0) > volume_m3(60.0) > volume_m3(120.0)


def test_the_file_says_what_is_given_and_what_is_synthesised(tmp_path):
    said = ("--said-by", "52hz.com/1203", "--area-m2", 2e6)
    done = invoke("network", "make", tmp_path / "mine", "--substations", 20, *said, "--json")
    assert done.exit_code == 0, done.output
    network = hs.read_network(tmp_path / "mine")
    assert network.illustrative
    assert "52hz.com/1203" in network.provenance_zh
    assert "合成" in network.provenance_zh
    status = {basis.of: basis.status for basis in network.basis}
    assert status["cohorts.*.floor_area_m2"] == "published"
    assert status["pipes.*.length_m"] == "assumed"
    assert json.loads(done.stdout)["substations"] == 20
    again = invoke("network", "make", tmp_path / "mine", "--substations", 20)
    assert again.exit_code == 2
    season = invoke("run", "town", "--set", f"network={tmp_path / 'mine'}", "--json")
    assert json.loads(season.stdout)["headline"]["balance_error"] < 1e-9


def test_impossible_totals_are_refused_at_once():
    with pytest.raises(NetworkError) as caught:
        hs.make_network(hs.Totals(substations=0, sources=0, gradient_pa_m=0.0, spare=-1.0, loops=-2, units=101))
    assert {"substations", "sources", "gradient_pa_m", "spare", "loops", "units"} <= {
        p.path for p in caught.value.problems
    }
    with pytest.raises(NetworkError) as caught:
        hs.make_network(hs.Totals(substations=100, length_m=5000.0))
    assert "length_m" in caught.value.problems[0].path
    with pytest.raises(NetworkError) as caught:
        hs.make_network(hs.Totals(substations=4, loops=90))
    assert caught.value.problems[0].wanted.startswith("at most")
