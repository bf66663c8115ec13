"""A network saved by pandapipes: its names kept, what was not taken over said, what is wrong said at once."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from heatseason.network_models.formats import read_foreign, read_network, write_network
from heatseason.network_models.problems import NetworkError
from hypothesis import given, settings
from hypothesis import strategies as st

LITTLE = Path(__file__).with_name("little_pandapipes.json")
ONE_SIDED = Path(__file__).with_name("one_sided_pandapipes.json")


class Saved:
    """A saved network whose tables can be changed before it is read."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text("utf-8"))

    def change(self, table: str, row: int, column: str, value: object) -> None:
        frame = json.loads(self.document["_object"][table]["_object"])
        frame["data"][row][frame["columns"].index(column)] = value
        self.document["_object"][table]["_object"] = json.dumps(frame)

    def add(self, table: str, **cells: object) -> None:
        frame = json.loads(self.document["_object"][table]["_object"])
        frame["index"].append(max(frame["index"], default=-1) + 1)
        frame["data"].append([cells.get(column) for column in frame["columns"]])
        self.document["_object"][table]["_object"] = json.dumps(frame)

    def file(self, folder: Path) -> Path:
        path = folder / "saved.json"
        path.write_text(json.dumps(self.document), "utf-8")
        return path


@pytest.fixture
def little() -> Saved:
    return Saved(LITTLE)


def notes(network):
    return {(note.what, note.where) for note in network.notes}


def wrong(path: Path) -> dict[str, str]:
    with pytest.raises(NetworkError) as caught:
        read_network(path)
    return {problem.path: f"{problem.found} | {problem.wanted}" for problem in caught.value.problems}


def test_both_sides_become_trenches_and_keep_their_names():
    network = read_network(LITTLE)
    nodes = {node.id: node for node in network.nodes}
    pipes = {pipe.id: pipe for pipe in network.pipes}
    assert [nodes[f"供点{n}"].return_name for n in range(8)] == [f"回点{n}" for n in range(8)]
    for name in ("管甲", "管乙", "管丙", "管丁", "支己", "支庚", "联络管"):
        assert pipes[f"供{name}"].return_name == f"回{name}"
        assert pipes[f"供{name}"].side == "both"
    assert (pipes["供管戊"].side, pipes["回管戊"].side) == ("supply", "return")  # the valve makes them unlike
    assert pipes["供管戊"].valve_from
    assert pipes["供管戊"].minor_loss == 0.5
    assert (pipes["分段阀"].side, pipes["分段阀"].length_m) == ("supply", 0.01)
    assert (pipes["回支辛"].side, pipes["回支辛"].length_m) == ("return", pytest.approx(50.0))
    assert {substation.id for substation in network.substations} == {
        "热力站一", "热力站二", "热力站三", "热力站四", "换热器",
    }  # fmt: skip
    assert [source.id for source in network.sources] == ["热源厂"]
    assert nodes["供点3"].x_m == 300.0


def test_pipe_measures_are_those_of_the_file():
    network = read_network(LITTLE)
    kind = {kind.id: kind for kind in network.pipe_types}[
        next(pipe.type for pipe in network.pipes if pipe.id == "供管甲")
    ]
    assert kind.inner_diameter_m == pytest.approx(0.125)
    assert kind.roughness_m == pytest.approx(1e-4)
    assert kind.loss_w_mk == pytest.approx(1.5 * 3.141592653589793 * 0.175)


def test_the_saved_state_is_read():
    state = read_foreign(LITTLE).state
    loads = {load.substation: load for load in state.loads}
    assert (loads["热力站一"].heat_w, loads["热力站一"].return_c) == (120e3, pytest.approx(45.0))
    assert (loads["热力站二"].heat_w, loads["热力站二"].drop_k) == (40e3, 30.0)
    assert (loads["热力站三"].flow_kg_s, loads["热力站三"].return_c) == (0.6, pytest.approx(40.0))
    assert (loads["换热器"].flow_kg_s, loads["换热器"].heat_w) == (0.8, 100e3)  # a flow control in series
    assert (state.outlets[0].supply_c, state.outlets[0].lift_pa) == (pytest.approx(90.0), 3e5)
    assert state.closed == ("供联络管",)
    assert state.ground_c["供支己"] == pytest.approx(10.0)
    assert state.friction == "colebrook_everywhere"
    assert state.fluid.heat_capacity_j_kgk[0][0] == 0.0


def test_what_was_joined_and_assumed_is_said_and_survives_writing(tmp_path):
    network = read_network(LITTLE)
    assert {("chain", "heat_exchanger[0]"), ("users", "heat_consumer"), ("paired", "pipe")} <= notes(network)
    write_network(network, tmp_path / "own.toml")
    assert read_network(tmp_path / "own.toml") == network
    assert any(basis.of == "substations.*.ua_w_k" and basis.status == "assumed" for basis in network.basis)


def test_a_network_without_a_return_side_gets_one_and_says_so():
    network = read_network(ONE_SIDED)
    assert {pipe.side for pipe in network.pipes} == {"both"}
    assert {("no_return", "pipe"), ("sink_drop", "sink[0]"), ("friction", "user_pf_options")} <= notes(network)


def test_what_is_not_supported_is_said(little, tmp_path):
    little.add("pump", name="管中泵", from_junction=5, to_junction=6, in_service=True)
    little.add("sink", name="漏水", junction=4, mdot_kg_per_s=0.1, scaling=1.0, in_service=True)
    little.add("source", name="补水", junction=4, mdot_kg_per_s=0.1, scaling=1.0, in_service=True)
    little.add("mass_storage", name="罐", junction=4, mdot_kg_per_s=0.0, in_service=True)
    little.add("ext_grid", name="定压点", junction=0, p_bar=3.0, in_service=True)
    little.add("heat_consumer", name="停用户", from_junction=4, to_junction=12, qext_w=1.0, treturn_k=300.0,
               in_service=False)  # fmt: skip
    said = notes(read_network(little.file(tmp_path)))
    assert {
        ("pump", "pump[0]"), ("water_out", "sink[0]"), ("water_in", "source[0]"), ("table", "mass_storage"),
        ("second_grid", "ext_grid[0]"), ("out_of_service", "heat_consumer"),
    } <= said  # fmt: skip


def test_everything_wrong_is_said_at_once(little, tmp_path):
    little.change("pipe", 0, "to_junction", 99)
    little.change("pipe", 2, "inner_diameter_mm", -5.0)
    little.change("pipe", 4, "length_km", "long")
    little.change("heat_consumer", 0, "treturn_k", None)
    little.change("circ_pump_pressure", 0, "p_flow_bar", None)
    found = wrong(little.file(tmp_path))
    assert found == {
        "pipe[0].to_junction": "99 | the index of a junction",
        "pipe[2].inner_diameter_mm": "-5 | more than 0",
        "pipe[4].length_km": '"long" | a number',
        "heat_consumer[0]": " | two of qext_w, controlled_mdot_kg_per_s and treturn_k or deltat_k",
        "circ_pump_pressure[0].p_flow_bar": ' | "p_flow_bar"',
    }


def test_a_bypass_is_refused(little, tmp_path):
    little.add("pipe", name="旁通", from_junction=3, to_junction=11, length_km=0.1, inner_diameter_mm=50.0, k_mm=0.1,
               u_w_per_m2k=1.0, in_service=True)  # fmt: skip
    found = wrong(little.file(tmp_path))
    assert found["pipe[17]"].startswith('"旁通" joins supply and return')


def test_a_piece_without_a_source_is_refused(little, tmp_path):
    little.add("junction", name="孤点甲", pn_bar=5.0, tfluid_k=300.0, height_m=0.0, in_service=True)
    little.add("junction", name="孤点乙", pn_bar=5.0, tfluid_k=300.0, height_m=0.0, in_service=True)
    little.add("pipe", name="孤管", from_junction=17, to_junction=18, length_km=0.1, inner_diameter_mm=50.0, k_mm=0.1,
               u_w_per_m2k=1.0, in_service=True)  # fmt: skip
    found = wrong(little.file(tmp_path))
    assert found["junction[17]"].startswith('a piece of 2 nodes without a source: "孤点甲", "孤点乙"')


def test_a_consumer_across_gets_a_node_of_its_own(little, tmp_path):
    little.add("heat_consumer", name="跨接户", from_junction=5, to_junction=14, qext_w=1e4, treturn_k=310.0,
               in_service=True)  # fmt: skip
    network = read_network(little.file(tmp_path))
    assert ("own_node", "heat_consumer[4]") in notes(network)
    ends = {(pipe.from_node, pipe.to_node, pipe.side) for pipe in network.pipes if pipe.to_node == "跨接户"}
    assert ends == {("供点5", "跨接户", "supply"), ("供点6", "跨接户", "return")}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (LITTLE.read_text("utf-8")[:5000], "valid JSON"),
        ('{"_class": "pandapowerNet", "_object": {}}', "a network saved by pandapipes.to_json"),
        ("[1, 2", "valid JSON"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(tmp_path, text, wanted):
    file = tmp_path / "网.json"
    file.write_text(text, "utf-8")
    with pytest.raises(NetworkError) as caught:
        read_network(file)
    assert [problem.wanted for problem in caught.value.problems] == [wanted]
    assert caught.value.problems[0].file == str(file)


def test_a_number_that_is_none_is_refused(little, tmp_path):
    little.change("pipe", 0, "u_w_per_m2k", float("nan"))
    little.change("junction", 2, "height_m", float("inf"))
    found = wrong(little.file(tmp_path))
    assert found == {
        "pipe[0].u_w_per_m2k": "nan | a finite number", "junction[2].height_m": "inf | a finite number",
    }  # fmt: skip


def test_what_stands_at_a_junction_out_of_service_is_left_out(little, tmp_path):
    little.change("junction", 14, "in_service", False)
    network = read_network(little.file(tmp_path))
    assert any(what == "ends_out_of_service" and "heat_consumer" in where for what, where in notes(network))


def test_heat_put_in_without_a_flow_is_refused(little, tmp_path):
    little.change("heat_consumer", 0, "qext_w", -2e4)
    assert wrong(little.file(tmp_path)) == {
        "heat_consumer[0].qext_w": "-20000 | 0 or more where controlled_mdot_kg_per_s is not given"
    }


def test_a_number_is_a_name(little, tmp_path):
    little.change("pipe", 0, "name", 7)
    assert "7" in {pipe.id for pipe in read_network(little.file(tmp_path)).pipes}


def test_a_narrow_valve_and_sections_count_as_in_pandapipes(little, tmp_path):
    before = {pipe.id: pipe for pipe in read_network(LITTLE).pipes}
    little.change("valve", 0, "inner_diameter_mm", 40.0)
    little.change("pipe", 0, "sections", 4)
    after = {pipe.id: pipe for pipe in read_network(little.file(tmp_path)).pipes}
    assert before["供管甲"].minor_loss == 2.0
    assert after["供管甲"].minor_loss == 8.0
    assert after["供管戊"].minor_loss == pytest.approx(0.5 * 2.0**4)


def test_names_that_are_missing_or_double_become_unique(little, tmp_path):
    little.change("pipe", 0, "name", "")
    little.change("pipe", 2, "name", "供管丙")
    ids = {pipe.id for pipe in read_network(little.file(tmp_path)).pipes}
    assert {"pipe 0", "供管丙 [2]", "供管丙 [4]"} <= ids


ANYTHING = st.sampled_from([None, -1, 0, 99, 1e308, float("nan"), float("inf"), "x", "", True, [], {}, "甲\n乙", 3.7])


@settings(max_examples=150)
@given(st.data())
def test_whatever_stands_in_a_cell_is_read_or_refused(data):
    saved = Saved(LITTLE)
    for _ in range(data.draw(st.integers(1, 3))):
        table = data.draw(st.sampled_from(
            ["junction", "pipe", "valve", "heat_consumer", "flow_control", "heat_exchanger", "circ_pump_pressure",
             "junction_geodata"]
        ))  # fmt: skip
        frame = json.loads(saved.document["_object"][table]["_object"])
        row = data.draw(st.integers(0, len(frame["data"]) - 1))
        saved.change(table, row, data.draw(st.sampled_from(frame["columns"])), data.draw(ANYTHING))
    problems = ()
    with TemporaryDirectory() as folder:
        file = saved.file(Path(folder))
        try:
            read_network(file)
        except NetworkError as error:  # anything else is a bug
            problems = error.problems
    assert all(problem.file == str(file) and problem.wanted for problem in problems)
