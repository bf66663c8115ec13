"""A DHNx folder: names as DHNx refers by, the first step as a state, faults with file and line."""

import math
from pathlib import Path

import pytest
from heatseason.network_models.formats import read_foreign, read_network
from heatseason.network_models.problems import NetworkError
from heatseason.sim.saved_state import solve_saved

TREE = {
    "producers.csv": "id,lat,lon\n0,51.3430,12.3600\n",
    "consumers.csv": "id,lat,lon,node_type\n0,51.3470,12.3894,consumer\n1,51.3390,12.3880,consumer\n",
    "forks.csv": "id,lat,lon\n0,51.3430,12.3817\n",
    "pipes.csv": (
        "id,from_node,to_node,length,diameter,heat_transfer_coefficient_W/mK,roughness_mm\n"
        "0,producers-0,forks-0,1500,125,0.21,0.4\n"
        "1,forks-0,consumers-0,700,80,0.21,0.4\n"
        "2,forks-0,consumers-1,600,80,0.21,0.4\n"
    ),
    "sequences/consumers-mass_flow.csv": "snapshot,0,1\n0,3.0,2.0\n1,4.0,2.5\n",
    "sequences/consumers-temperature_drop.csv": "snapshot,0,1\n0,30.0,25.0\n1,30.0,25.0\n",
    "sequences/producers-temp_inlet.csv": "snapshot,0\n0,368.15\n1,363.15\n",
    "sequences/environment-temp_env.csv": "snapshot,temp_env\n0,5.0\n1,4.0\n",
}


def folder(path: Path, **changed) -> Path:
    files = TREE | {name.replace("__", "/") + ".csv": text for name, text in changed.items()}
    for name, text in files.items():
        if text is not None:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, "utf-8")
    return path


def wrong(path: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(NetworkError) as caught:
        read_network(path)
    return [(Path(p.file).name, p.line, p.path, p.found) for p in caught.value.problems]


def test_a_folder_is_a_network(tmp_path):
    network = read_network(folder(tmp_path / "莱比锡"))
    assert network.name == "莱比锡"
    assert [node.id for node in network.nodes] == ["producers-0", "consumers-0", "consumers-1", "forks-0"]
    assert [(pipe.id, pipe.from_node, pipe.to_node, pipe.side) for pipe in network.pipes] == [
        ("pipes-0", "producers-0", "forks-0", "both"),
        ("pipes-1", "forks-0", "consumers-0", "both"),
        ("pipes-2", "forks-0", "consumers-1", "both"),
    ]
    kind = {kind.id: kind for kind in network.pipe_types}[network.pipes[0].type]
    assert (kind.inner_diameter_m, kind.loss_w_mk, kind.roughness_m) == (0.125, 0.21, 0.0004)
    assert network.substations[0].design_w == pytest.approx(4.0 * 30.0 * 4186.0, rel=2e-3)  # the largest step
    east = network.nodes[3].x_m - network.nodes[0].x_m
    assert east == pytest.approx(6378137.0 * math.cos(math.radians(51.343)) * math.radians(0.0217), rel=3e-3)
    assert ("joined", "first_step") in {(note.kind, note.what) for note in network.notes}


def test_its_first_step_is_solved(tmp_path):
    """Temperatures by hand: T_out = T_env + (T_in - T_env) exp(-U L / (m cp)), cp 4,186 J/(kg K) within 1 %."""
    state = solve_saved(read_foreign(folder(tmp_path)))
    assert state.code == "settled"
    assert state.source_supply_c.tolist() == pytest.approx([95.0])
    assert state.pipe_flow_kg_s[0] == pytest.approx([5.0, 3.0, 2.0])

    def along(warm, metres, flow):
        return 5.0 + (warm - 5.0) * math.exp(-0.21 * metres / (flow * 4186.0))

    at_fork = along(95.0, 1500.0, 5.0)
    assert state.substation_supply_c == pytest.approx(
        [along(at_fork, 700.0, 3.0), along(at_fork, 600.0, 2.0)], abs=0.02
    )
    back = state.substation_supply_c - [30.0, 25.0]
    assert state.substation_return_c == pytest.approx(back, abs=1e-6)
    mixed = (3.0 * along(back[0], 700.0, 3.0) + 2.0 * along(back[1], 600.0, 2.0)) / 5.0
    assert state.source_return_c == pytest.approx([along(mixed, 1500.0, 5.0)], abs=0.02)


def test_sizes_of_an_optimised_network_come_from_the_catalogue(tmp_path):
    pipes = "id,from_node,to_node,length,hp_type\n0,producers-0,forks-0,900,DN100\n1,forks-0,consumers-0,50,DN80\n" \
            "2,forks-0,consumers-1,60,DN 80\n"  # fmt: skip
    consumers = "id,lat,lon,P_heat_max,active\n0,51.347,12.3894,150,1\n1,51.339,12.388,90.5,1\n"
    path = folder(
        tmp_path, pipes=pipes, consumers=consumers, sequences__extra="snapshot,0\n0,1\n",
        **{"sequences__consumers-mass_flow": None, "sequences__consumers-temperature_drop": None},
    )  # fmt: skip
    foreign = read_foreign(path)
    assert {pipe.type for pipe in foreign.network.pipes} == {"DN100", "DN80"}
    assert [station.design_w for station in foreign.network.substations] == [150e3, 90.5e3]
    assert [load.heat_w for load in foreign.state.loads] == [150e3, 90.5e3]
    said = {(note.what, note.where) for note in foreign.network.notes}
    assert {("column", "consumers.csv.active"), ("sequence", "sequences/extra.csv")} <= said


def test_everything_wrong_is_said_with_file_and_line(tmp_path):
    pipes = TREE["pipes.csv"].replace("forks-0,consumers-0,700", "fork-0,consumers-0,-7").replace("600,80", "600,nan")
    found = wrong(folder(tmp_path, pipes=pipes, **{"sequences__consumers-mass_flow": "snapshot,0\n0,much\n"}))
    assert ("pipes.csv", 3, "from_node", '"fork-0"') in found
    assert ("pipes.csv", 3, "length", "-7") in found
    assert ("pipes.csv", 4, "diameter", '"nan"') in found
    assert ("consumers-mass_flow.csv", 2, "0", '"much"') in found
    assert ("consumers.csv", 3, "", '"consumers-1" without a load') in found


def test_missing_columns_and_files_are_said(tmp_path):
    found = wrong(folder(tmp_path / "a", pipes="id,from_node,to_nod\n0,producers-0,forks-0\n"))
    assert ("pipes.csv", 1, "to_node", "no such column") in found
    assert ("pipes.csv", 1, "length", "no such column") in found
    (folder(tmp_path / "b") / "pipes.csv").unlink()
    assert wrong(tmp_path / "b")[0][0] == "pipes.csv"


def test_two_pieces_are_refused(tmp_path):
    pipes = "\n".join(TREE["pipes.csv"].splitlines()[:3]) + "\n"
    with pytest.raises(NetworkError, match="a piece of 1 node without a source"):
        read_network(folder(tmp_path, pipes=pipes))


def test_metres_for_millimetres_and_an_id_twice_are_told_where_they_stand(tmp_path):
    found = wrong(folder(tmp_path / "metres", pipes=TREE["pipes.csv"].replace("1500,125", "1500,0.125")))
    assert found == [("pipes.csv", 2, "diameter", "0.125")]
    found = wrong(folder(tmp_path / "twice", consumers=TREE["consumers.csv"].replace("\n1,", "\n0,")))
    assert ("consumers.csv", 3, "id", '"0" twice') in found
