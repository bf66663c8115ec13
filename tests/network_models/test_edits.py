"""Edits: what is built bears the edit's name, order does not matter, an edited network is the one written by hand."""

import itertools

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.edits import edited
from heatseason.network_models.formats import native, read_network, write_network
from heatseason.network_models.graph import bridges, isolate, segments
from heatseason.network_models.problems import NetworkError
from heatseason.network_models.siting import heat_at_risk
from heatseason.sim.solve import solve_network
from heatseason.sim.steady_state import Fluid
from hypothesis import given, settings
from hypothesis import strategies as st

SAME = Fluid.constant(970.0, 4190.0, 3.3e-4)  # a shorter piece has a mean temperature of its own, and so its own water
OIL = {"kind": "boiler", "source": "plant", "capacity": "2 MW", "fuel": "oil"}


@pytest.fixture(scope="module")
def ring():
    return read_network("ring")


def problems_of(network, edits):
    with pytest.raises(NetworkError) as caught:
        edited(network, edits)
    return {problem.path: problem for problem in caught.value.problems}


def by_id(network, table):
    return {part.id: part for part in getattr(network, table)}


def test_no_edit_is_the_network_itself(ring):
    assert edited(ring, {}) is ring


def test_an_edited_network_is_the_one_written_by_hand(ring, tmp_path):
    done = edited(
        ring,
        {
            "tap": {"kind": "split", "pipe": "p3", "at": "300 m"},
            "link": {"kind": "ring_link", "from_node": "gate", "to_node": "tap", "type": "DN100", "length_m": 500.0},
            "wide": {"kind": "resize", "pipe": "p1", "type": "DN250"},
            "more": {"kind": "valve", "pipe": "p5", "end": "to"},
            "gone": {"kind": "remove", "unit": "boiler2"},
        },
    )
    data = native.dump(ring)
    p1, _, p3, _, p5 = data["pipes"]
    p1["type"], p5["valve_to"] = "DN250", True
    rest = {**p3, "id": "p3-tap", "from_node": "tap", "length_m": 400.0, "valve_from": False}
    p3["to_node"], p3["length_m"] = "tap", 300.0
    link = {**p3, "id": "link", "from_node": "gate", "to_node": "tap", "type": "DN100", "length_m": 500.0}
    data["pipes"] += [rest, {**link, "valve_from": True, "valve_to": True}]
    along = 300.0 / 700.0
    data["nodes"].append(
        {"id": "tap", "kind": "chamber", "x_m": round(1000 + along * 500, 2), "y_m": round(500 - along * 500, 2)}
    )
    del data["sources"][0]["units"][1]
    from heatseason.network_models.catalogue import pipe_types

    data["pipe_types"] += [kind.model_dump() for kind in pipe_types() if kind.id in ("DN100", "DN250")]
    write_network(done, tmp_path / "edited.toml")
    (tmp_path / "hand.toml").write_text(native._toml(data), "utf-8")
    one, two = read_network(tmp_path / "edited.toml"), read_network(tmp_path / "hand.toml")
    assert [edit.name for edit in one.edits] == ["gone", "link", "more", "tap", "wide"]
    for table in ("nodes", "pipes", "sources", "substations", "cohorts", "pipe_types"):
        assert by_id(one, table) == by_id(two, table), table


def test_edits_know_no_order(ring):
    edits = {
        "a": {"kind": "split", "pipe": "p3", "at_m": 300.0},
        "b": {"kind": "split", "pipe": "p3", "at_m": 600.0},
        "c": {"kind": "pipe", "from_node": "a", "to_node": "z"},
        "z": {"kind": "node", "x": "1.2 km", "y": "1.1 km"},
        "d": {"kind": "valve", "pipe": "p3", "end": "to"},
        "w": {"kind": "resize", "pipe": "p3", "type": "DN300"},
    }
    first = edited(ring, edits)
    for order in itertools.islice(itertools.permutations(edits), 0, 720, 37):
        assert edited(ring, {name: edits[name] for name in order}) == first
    pipes = by_id(first, "pipes")
    assert [(pipes[p].from_node, pipes[p].to_node, pipes[p].length_m) for p in ("p3", "p3-a", "p3-b")] == [
        ("s1", "a", 300.0), ("a", "b", 300.0), ("b", "s2", 100.0),
    ]  # fmt: skip
    assert {pipes[p].type for p in ("p3", "p3-a", "p3-b")} == {"DN300"}
    assert not pipes["p3"].valve_to
    assert pipes["p3-b"].valve_to


@settings(max_examples=15)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4, unique=True), st.sampled_from(["p1", "p3", "p5"]))
def test_splitting_a_pipe_changes_no_temperature_and_no_flow(places, pipe):
    network = read_network("ring")
    cut = edited(network, {f"c{n}": {"kind": "split", "pipe": pipe, "share": share} for n, share in enumerate(places)})
    one, two = (solve_network(each, supply_c=95.0, fluid=SAME) for each in (network, cut))
    nodes, pipes = len(network.nodes), len(network.pipes)  # what is new stands behind
    np.testing.assert_allclose(two.node_c[:, :nodes], one.node_c, rtol=0, atol=1e-9)
    np.testing.assert_allclose(two.pipe_flow_kg_s[:, :pipes], one.pipe_flow_kg_s, rtol=1e-9)
    np.testing.assert_allclose(two.node_pressure_pa[:, :nodes], one.node_pressure_pa, rtol=1e-9)


def test_what_is_removed_takes_what_hung_on_it():
    tee = read_network("tee")
    left = edited(tee, {"shut": {"kind": "remove", "substation": "s2"}})
    assert {s.id for s in left.substations} == {c.substation for c in left.cohorts} == {"s1"}
    assert by_id(left, "nodes")["s2"].kind == "junction"  # a main leads there, no branch
    town = read_network("town")
    gone = edited(town, {"shut": {"kind": "remove", "substation": "N-001"}})
    assert len(gone.pipes) == len(town.pipes) - 1
    assert "N-001-N" not in by_id(gone, "nodes")
    assert len(edited(town, {"shut": {"kind": "remove", "source": "南厂"}}).sources) == 1


def test_a_boiler_brings_its_store_or_burns_from_one_that_is_there(ring):
    (plant,) = edited(ring, {"peak": OIL}).sources
    boiler, store = plant.units[-1], plant.stores[-1]
    assert (boiler.id, boiler.store, store.id, store.fuel) == ("peak", "peak-store", "peak-store", "oil")
    assert store.capacity_kg == pytest.approx(3 * 86400 * 2e6 / (0.90 * 42.7e6))
    (plant,) = edited(ring, {"peak": {**OIL, "store": "gas"}}).sources
    assert plant.units[-1].store == "gas"
    assert len(plant.stores) == 1
    assert edited(ring, {"peak": {**OIL, "capacity": "0 MW"}}).edits == ()
    whole = {"kind": "heat_pump", "id": "hp", "store": "grid", "capacity_w": 1e6, "cop": 3.0}
    grid = {"kind": "connection", "id": "grid", "fuel": "electricity", "limit_kwh_d": 1e5, "price_cny_kwh": 0.6}
    (plant,) = edited(ring, {"hp": {"kind": "unit", "unit": whole, "store": grid}}).sources
    assert plant.units[-1].cop == 3.0


def test_a_new_estate_and_a_new_source_stand_on_their_pipes(ring):
    done = edited(
        ring,
        {
            "新小区": {"kind": "substation", "node": "gate", "floor_area_m2": 30_000.0, "households": 300,
                       "dwelling_type": "2022+ inner"},
            "second": {"kind": "source", "to_node": "s2", "x_m": 2000.0, "y_m": 0.0,
                       "units": [u.model_dump() | {"id": f"2-{u.id}", "store": "gas2"} for u in ring.sources[0].units],
                       "stores": [ring.sources[0].stores[0].model_dump() | {"id": "gas2"}]},
        },
    )  # fmt: skip
    station = by_id(done, "substations")["新小区"]
    assert station.design_w == pytest.approx(
        30_000.0 * by_id(done, "dwelling_types")["2022+ inner"].radiator_w_m2, 5e-3
    )
    assert by_id(done, "pipes")["second"].length_m == 500.0
    state = solve_network(done, supply_c=100.0)
    assert state.code == "settled"


def test_everything_wrong_is_said_at_once_with_its_place(ring):
    found = problems_of(
        ring,
        {
            "a": {"kind": "split", "pipe": "p9"},
            "b": {"kind": "valve", "pipe": "p1", "end": "from"},
            "c": {"kind": "pipe", "from_node": "gat", "to_node": "xx"},
            "d": {"kind": "split", "pipe": "p1", "at_m": 501.0},
            "p2": {"kind": "pipe", "from_node": "gate", "to_node": "s2"},
            "e": {"kind": "boiler", "capacity_w": 1e6, "source": "plantt"},
            "f": {"kind": "resize", "pipe": "p1", "type": "DN201"},
        },
    )
    assert set(found) == {
        "edits.a.pipe", "edits.b.end", "edits.c.from_node", "edits.c.to_node", "edits.d.at_m",
        "edits.p2", "edits.e.source", "edits.f.type",
    }  # fmt: skip
    assert found["edits.c.from_node"].hint == 'did you mean "gate"?'
    assert found["edits.d.at_m"].wanted == "a place between 0 and 500 m"
    assert set(problems_of(ring, {"a": {"kind": "valv"}, "b": {"kind": "split", "pip": 3}})) == {
        "edits.a.kind", "edits.b.pip", "edits.b.pipe",
    }  # fmt: skip
    (cut,) = problems_of(ring, {"cut": {"kind": "remove", "pipe": "p1"}}).values()
    assert "without a source" in cut.found


def test_a_valve_makes_what_is_isolated_smaller():
    tee = read_network("tee")
    before = to_arrays(tee)
    after = to_arrays(edited(tee, {"v": {"kind": "valve", "pipe": "p3", "at_m": 100.0}}))
    assert segments(after).count == segments(before).count + 1
    trench_m = [arrays.pipe_length_m[isolate(arrays, 2).pipes].sum() for arrays in (before, after)]
    assert trench_m[1] == 100.0 < trench_m[0]


@pytest.mark.parametrize("name", ["ring", "town", "hanzhong_2021"])
def test_heat_at_risk_is_what_isolating_each_pipe_cuts_off(name):
    arrays = to_arrays(read_network(name))
    at_node = np.bincount(arrays.substation_node, arrays.substation_design_w, len(arrays.node_ids))
    cut_off = [at_node[isolate(arrays, pipe).cut_off].sum() for pipe in range(len(arrays.pipe_ids))]
    np.testing.assert_allclose(heat_at_risk(arrays), cut_off, rtol=1e-12, atol=1e-6)


@pytest.mark.parametrize("name", ["town", "hanzhong_2021"])
def test_chosen_places_take_heat_at_risk_away(name):
    network = read_network(name)

    def at_risk(kind, count):
        arrays = to_arrays(edited(network, {"new": {"kind": kind, "count": count}}))
        return float((arrays.pipe_length_m * heat_at_risk(arrays)).sum())

    valves = [at_risk("valves", count) for count in (0, 1, 2, 4)]
    assert valves == sorted(valves, reverse=True)
    assert valves[-1] < valves[0]
    linked = edited(network, {"new": {"kind": "ring_links", "count": 2}})
    assert [pipe.id for pipe in linked.pipes[-2:]] == ["new-1", "new-2"]
    assert len(bridges(to_arrays(linked))) < len(bridges(to_arrays(network)))


def test_the_best_valve_is_the_best_of_all_that_there_could_be():
    network = edited(read_network("ring"), {"v": {"kind": "remove", "pipe": "p3", "valve": "from"}})
    free = [(pipe.id, end) for pipe in network.pipes for end in ("from", "to") if not getattr(pipe, f"valve_{end}")]

    def at_risk(edits):
        changed = to_arrays(edited(network, edits))
        return float((changed.pipe_length_m * heat_at_risk(changed)).sum())

    tried = [at_risk({"v": {"kind": "valve", "pipe": pipe, "end": end}}) for pipe, end in free]
    assert min(tried) < at_risk({})
    assert at_risk({"v": {"kind": "valves", "count": 1}}) == pytest.approx(min(tried))


def test_boilers_in_every_source_share_what_is_built_by_capacity():
    town = read_network("town")
    done = edited(town, {"stand": {**OIL, "source": "every", "capacity": "30 MW", "duty": "standby"}})
    before = [sum(unit.capacity_w for unit in source.units) for source in town.sources]
    for source, own_w in zip(done.sources, before, strict=True):
        assert source.units[-1].id == f"stand-{source.id}"
        assert source.units[-1].capacity_w == pytest.approx(30e6 * own_w / sum(before))
        assert source.stores[-1].initial_kg == pytest.approx(3 * 86400 * source.units[-1].capacity_w / (0.90 * 42.7e6))
    assert edited(town, {"stand": {**OIL, "source": "every", "capacity": "0 MW"}}).edits == ()


def test_a_tank_and_a_peak_boiler_stand_beside_the_largest_source():
    town = read_network("town")
    done = edited(
        town,
        {"tank": {"kind": "tank", "volume_m3": 3000.0}, "peak": {"kind": "boiler", "capacity": "10 MW"}},
    )
    (north,) = [source for source in done.sources if source.id == "北厂"]
    assert north.tank is not None
    assert north.tank.power_w == pytest.approx(3000.0 * 4.1e6 * 40.0 / (6 * 3600.0))
    assert (north.units[-1].id, north.units[-1].duty) == ("peak", "peak")
    assert edited(town, {"tank": {"kind": "tank", "volume_m3": 0.0}}).edits == ()
    twice = {"a": {"kind": "tank", "volume_m3": 1.0}, "b": {"kind": "tank", "volume_m3": 1.0}}
    assert problems_of(town, twice)["edits.b.source"].wanted == "a source without a tank"
