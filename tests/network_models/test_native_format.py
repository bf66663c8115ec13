"""Our own format: what is written is read back the same, whatever the text and the numbers."""

import copy
from pathlib import Path
from typing import Any

import pytest
from heatseason.network_models.documents import Document
from heatseason.network_models.formats import native, read_network, write_network
from heatseason.network_models.network import Network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
_PROSE = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20).filter(
    lambda text: "\r" not in text
)
_POSITIVE = st.floats(1e-300, 1e300)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Return the tee with ids, labels and numbers of any kind."""
    data: dict[str, Any] = copy.deepcopy(native.dump(read_network("tee")))
    fresh = dict(
        zip(
            [node["id"] for node in data["nodes"]],
            draw(st.lists(_NAMES, min_size=4, max_size=4, unique=True)),
            strict=True,
        )
    )
    for node in data["nodes"]:
        node["id"] = fresh[node["id"]]
        node["x_m"] = draw(st.floats(allow_nan=False, allow_infinity=False))
    for pipe in data["pipes"]:
        pipe["from_node"], pipe["to_node"] = fresh[pipe["from_node"]], fresh[pipe["to_node"]]
        pipe["length_m"], pipe["road"] = draw(_POSITIVE), draw(_NAMES)
        pipe["valve_to"] = draw(st.booleans())
    data["sources"][0]["node"] = fresh["plant"]
    for substation in data["substations"]:
        substation["node"] = fresh[substation["node"]]
        substation["estate"], substation["protected"] = draw(_NAMES), draw(st.booleans())
    data["provenance_zh"] = draw(_PROSE)
    return native.load(Document("drawn", data))


@settings(max_examples=40)
@given(networks())
def test_load_of_dump_is_the_identity(network: Network) -> None:
    assert native.load(Document("dumped", native.dump(network))) == network


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(network=networks())
def test_read_of_write_is_the_identity(network: Network, tmp_path: Path) -> None:
    write_network(network, tmp_path / "one.toml")
    assert read_network(tmp_path / "one.toml") == network
    write_network(network, tmp_path / "folder")
    assert read_network(tmp_path / "folder") == network
    assert read_network(tmp_path / "folder" / "network.toml") == network


@pytest.mark.parametrize("name", ["one_pipe", "tee", "ring", "town", "hanzhong_2021", "hanzhong"])
def test_the_library_survives_both_shapes(name: str, tmp_path: Path) -> None:
    network = read_network(name)
    write_network(network, tmp_path / "one.toml")
    write_network(network, tmp_path / "folder")
    assert read_network(tmp_path / "one.toml") == read_network(tmp_path / "folder") == network


def test_text_with_units_in_toml_and_csv(tmp_path: Path) -> None:
    network = read_network("tee")
    write_network(network, tmp_path)
    for file, number, text in (("network.toml", "supply_max_c = 120.0", 'supply_max = "120 °C"'),):
        path = tmp_path / file
        path.write_text(path.read_text(encoding="utf-8").replace(number, text), encoding="utf-8")
    pipes = tmp_path / "pipes.csv"
    lines = pipes.read_text(encoding="utf-8-sig").split("\n")
    lines[0] = lines[0].replace("length_m", "length")
    for row, text in ((1, "1 km"), (2, "500 m"), (3, "0.3 km")):
        lines[row] = ",".join(
            text if column == "length" else cell
            for column, cell in zip(lines[0].split(","), lines[row].split(","), strict=True)
        )
    pipes.write_text("\n".join(lines), encoding="utf-8")
    assert read_network(tmp_path) == network
