"""A network that does not hang together is refused with everything that is wrong, in any script."""

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from heatseason.network_models.arrays import FACADES, to_arrays
from heatseason.network_models.checks import cross_problems
from heatseason.network_models.documents import Document, show_path
from heatseason.network_models.formats import native, read_network, write_network
from heatseason.network_models.network import Facing, Network
from heatseason.network_models.problems import NetworkError
from pydantic import ValidationError


@pytest.fixture
def ring() -> dict[str, Any]:
    return copy.deepcopy(native.dump(read_network("ring")))


def said(data: dict[str, Any]) -> dict[str, str]:
    """Return path -> "found; hint" of every problem."""
    with pytest.raises(NetworkError) as caught:
        native.load(Document("ring.toml", data))
    assert all(problem.wanted for problem in caught.value.problems)
    return {problem.path: f"{problem.found}; {problem.hint}".rstrip("; ") for problem in caught.value.problems}


def test_a_sound_network_passes(ring: dict[str, Any]) -> None:
    assert native.load(Document("ring.toml", ring)) == read_network("ring")
    assert cross_problems(read_network("ring")) == []


def test_dangling_ids_of_every_kind(ring: dict[str, Any]) -> None:
    ring["pipes"][1]["to_node"] = "s9"
    ring["pipes"][2]["type"] = "DN155"
    ring["sources"][0]["units"][0]["store"] = "gass"
    ring["substations"][0]["node"] = "汉中"
    ring["cohorts"][1]["substation"] = "s22"
    ring["cohorts"][2]["type"] = "nothing"
    found = said(ring)
    assert found["pipes[1].to_node"].startswith('"s9"')
    assert found["pipes[2].type"] == '"DN155"; did you mean "DN150"?'
    assert found["sources[0].units[0].store"] == '"gass"; did you mean "gas"?'
    assert found["substations[0].node"] == '"汉中"'
    assert found["cohorts[1].substation"] == '"s22"; did you mean "s2"?'
    assert found["cohorts[2].type"] == '"nothing"'
    assert found["substations[1].id"] == '"s2" without cohorts'


def test_doubled_ids(ring: dict[str, Any]) -> None:
    ring["nodes"].append(dict(ring["nodes"][1]))
    ring["pipes"][3]["id"] = ring["pipes"][0]["id"]
    ring["sources"][0]["units"][1]["id"] = ring["sources"][0]["units"][0]["id"]
    assert said(ring) == {
        "nodes[5].id": '"gate" twice',
        "pipes[3].id": '"p1" twice',
        "sources[0].units[1].id": '"boiler1" twice',
    }


def test_self_loop_and_wrong_kind_of_node(ring: dict[str, Any]) -> None:
    ring["pipes"][2]["to_node"] = ring["pipes"][2]["from_node"]
    ring["nodes"][0]["kind"] = "chamber"
    assert said(ring) == {"pipes[2].to_node": '"s1"', "nodes[0].kind": '"chamber"'}


def test_no_source(ring: dict[str, Any]) -> None:
    ring["sources"] = []
    assert said(ring) == {"sources": "none"}


def test_two_pieces_each_named_in_chinese(ring: dict[str, Any]) -> None:
    for node in ring["nodes"]:
        node["id"] = {"s2": "河东站", "s3": "河西站"}.get(node["id"], node["id"])
    ring["substations"][1]["node"], ring["substations"][2]["node"] = "河东站", "河西站"
    ring["pipes"] = [ring["pipes"][0], ring["pipes"][1]]
    assert said(ring) == {
        "nodes[3]": 'a piece of 1 node without a source: "河东站"; join this piece with a pipe, or give it a source',
        "nodes[4]": 'a piece of 1 node without a source: "河西站"; join this piece with a pipe, or give it a source',
    }


def test_a_missing_return_is_a_piece_too(ring: dict[str, Any]) -> None:
    ring["pipes"][0]["side"] = "supply"
    found = said(ring)
    assert list(found) == ["nodes[1]"]
    assert "a piece of 4 nodes" in found["nodes[1]"]


def test_stock_beyond_the_yard_and_impossible_emitter(ring: dict[str, Any]) -> None:
    ring["sources"][0]["stores"][0] = {
        "id": "gas", "kind": "stock", "fuel": "coal", "heating_value_j_kg": 2e7, "capacity_kg": 100.0,
        "initial_kg": 200.0, "delivery_kg_d": 10.0, "truck_kg": 10.0, "lead_s": 0.0, "price_cny_kg": 1.0,
    }  # fmt: skip
    ring["dwelling_types"][0]["design_return_c"] = 80.0
    assert said(ring) == {"sources[0].stores[0].initial_kg": "200", "dwelling_types[0].design_return_c": "80"}


def test_an_opening_is_shared_out_wholly_over_known_facades(ring: dict[str, Any]) -> None:
    kind = ring["dwelling_types"][0]
    kind["facing"] = {"south": 0.6, "north": 0.3}
    assert said(ring) == {"dwelling_types[0].facing": "0.9 in sum"}
    kind["facing"] = {"south": 0.6, "nord": 0.4}
    found = said(ring)
    assert found["dwelling_types[0].facing.nord"] == 'unknown key "nord"; did you mean "north"?'
    assert found["dwelling_types[0].facing"] == "0.6 in sum"
    kind["facing"] = {"south": 1.2, "north": -0.2}
    assert set(said(ring)) == {"dwelling_types[0].facing.south", "dwelling_types[0].facing.north"}
    kind["facing"] = "south"
    assert said(ring) == {"dwelling_types[0].facing": '"south"'}
    kind["facing"] = {}
    assert said(ring) == {"dwelling_types[0].facing": "0 in sum"}
    kind["facing"] = {"south": 0.333333, "east": 0.333333, "west": 0.333334}
    assert native.load(Document("ring.toml", ring)).dwelling_types[0].facing is not None


def test_a_facing_survives_every_format_that_is_written(ring: dict[str, Any], tmp_path: Path) -> None:
    ring["dwelling_types"][0]["facing"] = {"south": 0.6, "north": 0.4}
    network = native.load(Document("ring.toml", ring))
    for name in ("ring.toml", "ring", "ring.geojson"):
        write_network(network, tmp_path / name)
        assert read_network(str(tmp_path / name)).dwelling_types == network.dwelling_types, name


def test_a_table_of_dwelling_types_tells_their_facing(ring: dict[str, Any], tmp_path: Path) -> None:
    kinds = ring.pop("dwelling_types")
    kinds[0]["facing"] = {"south": 0.6, "north": 0.4}
    keys = list(dict.fromkeys(key for kind in kinds for key in kind))
    with (tmp_path / "types.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(keys)
        for kind in kinds:
            writer.writerow(json.dumps(kind[key]) if key == "facing" else kind.get(key, "") for key in keys)
    ring["tables"] = {"dwelling_types": "types.csv"}
    (tmp_path / "network.toml").write_text(native._toml(ring), encoding="utf-8")
    read = read_network(str(tmp_path / "network.toml"))
    assert read.dwelling_types[0].facing == Facing(south=0.6, north=0.4)


def test_the_shares_of_the_arrays_are_in_the_order_of_the_facades(ring: dict[str, Any]) -> None:
    assert tuple(Facing.model_fields) == FACADES
    ring["dwelling_types"][0]["facing"] = {"north": 0.1, "east": 0.2, "south": 0.3, "west": 0.15, "horizontal": 0.25}
    network = native.load(Document("ring.toml", ring))
    arrays = to_arrays(network)
    first = network.dwelling_types[0].id
    for number, cohort in enumerate(network.cohorts):
        shares = [0.1, 0.2, 0.3, 0.15, 0.25] if cohort.type == first else [0.0] * 5
        assert arrays.cohort_facing[:, number].tolist() == shares
    assert not to_arrays(read_network("hanzhong")).cohort_facing.any()


def test_fields_and_the_whole_are_judged_at_once(ring: dict[str, Any]) -> None:
    ring["pipes"][0]["length_m"] = -1.0
    ring["pipes"][1]["length_m"] = float("nan")
    ring["pipes"][2]["legnth"] = "2 km"
    ring["pipes"][3]["length_m"] = "700"
    ring["pipes"][4]["to_node"] = "gaet"
    ring["sources"][0]["units"][0]["kind"] = "gas_boyler"
    assert said(ring) == {
        "pipes[0].length_m": "-1.0",
        "pipes[1].length_m": "nan",
        "pipes[2].legnth": 'unknown key "legnth"; did you mean "length"?',
        "pipes[3].length_m": '"700"; text with a unit goes under "length"',
        "pipes[4].to_node": '"gaet"; did you mean "gate"?',
        "sources[0].units[0].kind": '"gas_boyler"; did you mean "gas_boiler"?',
    }


def test_python_users_get_the_same_check() -> None:
    ring = read_network("ring")
    with pytest.raises(ValidationError, match="a piece of 2 nodes"):
        Network.model_validate({**ring.__dict__, "pipes": ring.pipes[:2] + ring.pipes[3:4]})


def test_places_in_csv_tables(tmp_path: Path) -> None:
    write_network(read_network("town"), tmp_path)
    pipes = tmp_path / "pipes.csv"
    lines = pipes.read_text(encoding="utf-8-sig").split("\n")
    cells = lines[3].split(",")
    cells[2], cells[4] = "无此节点", "-5"
    lines[3] = ",".join(cells)
    pipes.write_text("\n".join(lines), encoding="gb18030")
    with pytest.raises(NetworkError) as caught:
        read_network(tmp_path)
    places = [(p.file, p.line, p.column, p.path, p.found) for p in caught.value.problems]
    assert places == [
        (str(pipes), 4, 3, "pipes[2].to_node", '"无此节点"'),
        (str(pipes), 4, 5, "pipes[2].length_m", "-5.0"),
    ]


def test_a_row_of_too_few_cells_hides_no_wrong_value(tmp_path: Path) -> None:
    write_network(read_network("town"), tmp_path)
    pipes = tmp_path / "pipes.csv"
    lines = pipes.read_text(encoding="utf-8-sig").split("\n")
    cells = lines[3].split(",")
    cells[4] = "-5"
    lines[3], lines[5] = ",".join(cells), "P,x"
    pipes.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(NetworkError) as caught:
        read_network(tmp_path)
    assert [(p.line, p.found) for p in caught.value.problems] == [(4, "-5.0"), (6, "2 cells")]


def test_a_table_given_twice_or_misnamed(tmp_path: Path) -> None:
    write_network(read_network("town"), tmp_path)
    main = tmp_path / "network.toml"
    main.write_text(main.read_text(encoding="utf-8") + 'pieps = "pipes.csv"\n', encoding="utf-8")
    with pytest.raises(NetworkError, match=r'tables\.pieps.*did you mean "pipes"'):
        read_network(tmp_path)


def test_an_unknown_name_lists_the_library() -> None:
    with pytest.raises(NetworkError, match='did you mean "hanzhong"'):
        read_network("hanzong")


def test_paths_of_cross_checks_are_key_paths(ring: dict[str, Any]) -> None:
    ring["pipes"][0]["from_node"] = "nowhere"
    assert show_path(cross_problems(ring)[0][0]) == "pipes[0].from_node"


def test_no_unit_gives_more_than_its_fuel_holds() -> None:
    data = copy.deepcopy(native.dump(read_network("mixed_plant")))
    engine, pump, boiler, _ = data["sources"][0]["units"]
    engine["power_to_heat"] = 1.2
    pump["rating_cold_c"] = 60.0
    boiler["condensing_gain"] = 0.01
    data["sources"][0]["tank"]["hot_c"] = 35.0
    data["sources"][0]["tank"]["power_w"] = 0.0
    found = said(data)
    assert set(found) == {
        f"sources[0].{key}"
        for key in ("units[0].power_to_heat", "units[1].rating_cold_c", "units[2].condensing_gain", "tank.hot_c",
                    "tank.power_w")
    }  # fmt: skip
