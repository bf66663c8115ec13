"""GeoJSON: written and read again, drawn by hand in a map, its coordinates declared, its faults told."""

import json
from pathlib import Path

import pytest
from heatseason.network_models.formats import read_foreign, read_network, write_network
from heatseason.network_models.formats.geojson import dump
from heatseason.network_models.formats.projection import Grid, from_wgs84
from heatseason.network_models.problems import NetworkError

ORIGIN = (107.03, 33.07)


def feature(shape, coordinates, **properties):
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


def drawn(datum="wgs84"):
    """A plant, a bent main of 1,000 m and two substations, as someone draws them on a map of a datum."""
    grid = Grid(ORIGIN)

    def at(x, y):
        return list(from_wgs84(grid.place(x, y), datum))

    return {
        "type": "FeatureCollection",
        "coordinates": datum,
        "features": [
            feature("LineString", [at(0, 0), at(600, 0), at(600, 400)], name="干线", DN=200, fid=1),
            feature("MultiLineString", [[at(600.1, 400), at(700, 400)]], name="支线甲", dn="DN100", fid=2),
            feature("LineString", [at(600, 400), at(600, 520)], name="支线乙", dn=100, length_m=130.0),
            feature("Point", at(0, 0.2), name="锅炉房", kind="source", capacity_w=4e6),
            feature("Point", at(700, 400), name="甲站", design_w=1.2e6),
            feature("Point", at(600, 520), name="乙站", design_w=8e5),
            feature("Polygon", [[at(0, 0), at(1, 0), at(1, 1), at(0, 0)]], name="小区"),
        ],
    }


def saved(folder: Path, document) -> Path:
    path = folder / "城区.geojson"
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path


def wrong(path: Path) -> dict[str, str]:
    with pytest.raises(NetworkError) as caught:
        read_network(path)
    return {problem.path: f"{problem.found} | {problem.wanted}" for problem in caught.value.problems}


@pytest.mark.parametrize("name", ["tee", "ring", "town", "hanzhong"])
def test_a_local_grid_is_written_and_read_again(tmp_path, name):
    network = read_network(name)
    write_network(network, tmp_path / "net.geojson")
    assert read_network(tmp_path / "net.geojson") == network


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_network_on_the_map_is_written_in_wgs84_and_read_again(tmp_path, datum):
    network = read_network("town").model_copy(
        update={"coordinates": datum, "origin_lon_lat": from_wgs84(ORIGIN, datum)}
    )
    document = dump(network)
    assert document["coordinates"] == "wgs84"
    first = document["features"][0]["geometry"]["coordinates"]
    assert Grid(ORIGIN).metres(tuple(first)) == pytest.approx((network.nodes[0].x_m, network.nodes[0].y_m), abs=1e-3)
    write_network(network, tmp_path / "net.geojson")
    read = read_network(tmp_path / "net.geojson")
    for ours, theirs in zip(read.nodes, network.nodes, strict=True):
        assert (ours.x_m, ours.y_m) == pytest.approx((theirs.x_m, theirs.y_m), abs=1e-3)
    assert read.model_copy(update={"nodes": network.nodes}) == network


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_what_is_drawn_on_a_map_is_a_network(tmp_path, datum):
    network = read_network(saved(tmp_path, drawn(datum)))
    pipes = {pipe.id: pipe for pipe in network.pipes}
    assert pipes["干线"].length_m == pytest.approx(1000.0, abs=0.02)  # along its bend
    assert pipes["支线甲"].length_m == pytest.approx(99.9, abs=0.02)
    assert pipes["支线乙"].length_m == 130.0  # what is told goes before what is drawn
    assert {pipe.type for pipe in network.pipes} == {"DN200", "DN100"}
    assert pipes["干线"].to_node == pipes["支线甲"].from_node == pipes["支线乙"].from_node  # ends within half a metre
    nodes = {node.id: node for node in network.nodes}
    assert {substation.id for substation in network.substations} == {"甲站", "乙站"}
    assert [nodes[station.node].kind for station in network.substations] == ["substation", "substation"]
    assert pipes["支线甲"].to_node == network.substations[0].node
    assert network.coordinates == "wgs84"
    plant, station = nodes[network.sources[0].node], nodes[network.substations[0].node]
    assert (station.x_m - plant.x_m, station.y_m - plant.y_m) == pytest.approx((700.0, 399.8), abs=0.05)
    said = {(note.kind, note.what) for note in network.notes}
    assert said >= {
        ("left_out", "property"), ("left_out", "bends"), ("left_out", "shape"), ("assumed", "drawn"),
        ("assumed", "catalogue"), ("assumed", "dwellings"),
    }  # fmt: skip
    assert (("joined", "unshifted") in said) == (datum != "wgs84")


def test_what_was_obeyed_is_not_called_left_out_and_two_datums_are_told(tmp_path):
    document = drawn("gcj02")
    document["features"][1]["properties"]["kind"] = "odd"
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    network = read_network(saved(tmp_path, document))
    told = {(note.what, note.where): note.values for note in network.notes}
    assert told["property", "properties.kind"]["n"] == 1  # of the pipe alone
    assert told["two_datums", "coordinates"]["datum"] == "gcj02"
    document["coordinates"] = "wgs84"
    assert "two_datums" not in {note.what for note in read_network(saved(tmp_path, document)).notes}


def test_the_same_place_drawn_on_three_maps_is_one_place(tmp_path):
    places = []
    for datum in ("wgs84", "gcj02", "bd09"):
        network = read_network(saved(tmp_path, drawn(datum)))
        grid = Grid(network.origin_lon_lat)
        node = network.nodes[0]
        places.append(grid.place(node.x_m, node.y_m))
    assert places[1] == pytest.approx(places[0], abs=1e-8)
    assert places[2] == pytest.approx(places[0], abs=1e-8)


def test_coordinates_must_be_declared(tmp_path):
    document = drawn()
    del document["coordinates"]
    assert wrong(saved(tmp_path, document)) == {"coordinates": ' | "coordinates": "wgs84", "gcj02", "bd09" or "local"'}
    assert len(read_foreign(saved(tmp_path, document), crs="wgs84").network.pipes) == 3
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}  # as QGIS writes it
    assert len(read_network(saved(tmp_path, document)).pipes) == 3
    document["crs"]["properties"]["name"] = "urn:ogc:def:crs:EPSG::4547"
    assert list(wrong(saved(tmp_path, document))) == ["crs"]


def test_faults_are_told_by_feature(tmp_path):
    document = drawn()
    document["features"][0]["geometry"]["coordinates"][1] = [500000.0, 3660000.0]
    document["features"][2]["geometry"]["coordinates"][0] = [107.03, float("nan")]
    document["features"][1]["geometry"]["coordinates"].append([[107.0, 33.0], [107.1, 33.0]])
    assert wrong(saved(tmp_path, document)) == {
        "features[0].geometry": "[500000.0, 3660000.0] | longitude and latitude [deg]",
        "features[1].geometry": "MultiLineString of several parts | one line or point",
        "features[2].geometry": "[107.03, nan] | two finite numbers",
    }
    document = drawn()
    document["features"][2]["properties"]["length_m"] = -1.0
    document["features"][4]["properties"]["design_w"] = "much"
    assert wrong(saved(tmp_path, document)) == {
        "features[2].properties.length_m": "-1.0 | more than 0",
        "features[4].properties.design_w": '"much" | a number [W]',
    }


def test_a_piece_apart_is_told(tmp_path):
    document = drawn()
    document["features"].append(feature("LineString", [[107.2, 33.2], [107.21, 33.2]], name="孤管", dn=100))
    found = wrong(saved(tmp_path, document))
    assert any("a piece of 2 nodes without a source" in said for said in found.values())


@pytest.mark.parametrize("text", ['{"type": "FeatureCollection", "features": [', '{"type": "Topology"}', "[]"])
def test_what_is_no_map_is_refused(tmp_path, text):
    (tmp_path / "net.geojson").write_text(text, "utf-8")
    with pytest.raises(NetworkError):
        read_network(tmp_path / "net.geojson")
