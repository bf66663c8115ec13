"""Elements lost in turn, on networks small enough to say what must happen."""

import json
import os

import heatseason as hs
import numpy as np
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report import criticality as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.network import scenario_of
from heatseason.sim.report.words import Words
from heatseason.sim.study import criticality as module
from heatseason.sim.study.criticality import Day, criticality
from heatseason.sim.study.executors import Local
from heatseason.sim.tables import CRITICALITY


def of(name, **settings):
    return criticality(hs.load("town", [f"network={name}"]), **settings)


@pytest.fixture(scope="module")
def town():
    return of("town", pairs=4)


def element(document, kind, name):
    return next(row for row in document["elements"] if (row["kind"], row["id"]) == (kind, name))


def test_a_tee_loses_one_branch_or_everything():
    tee = of("tee", pairs=2)
    households = tee["households"]
    assert element(tee, "pipe", "p1")["dwellings_cut_off"] == households
    assert element(tee, "pipe", "p2")["dwellings_cut_off"] == households / 2
    assert element(tee, "pipe", "p3")["dwellings_cut_off"] == households / 2
    assert element(tee, "pump", "plant")["substations_cut_off"] == 2
    assert element(tee, "source", "plant")["substations_cut_off"] == 0
    assert element(tee, "source", "plant")["left"]["dwellings"]["18"] == households


def test_a_ring_loses_nobody_with_one_of_its_pipes():
    arrays = module.ground_of(hs.load("hanzhong", ["network=ring"])).arrays
    ring = of("ring", pairs=0)
    bridges = {arrays.pipe_ids[pipe] for pipe in module_bridges(arrays)}
    cut = {row["id"] for row in ring["elements"] if row["kind"] == "pipe" and row["dwellings_cut_off"]}
    assert bridges <= cut  # the graph says so too
    assert ring["pairs"] == []


def module_bridges(arrays):
    from heatseason.network_models.graph import bridges

    return bridges(arrays)


def test_colder_is_sooner_and_repair_is_what_happens_until_then(town):
    cold = of("town", day=Day(outdoor_c=-6.0), kinds=["pipe"], pairs=0)
    for row in cold["elements"]:
        mild = element(town, "pipe", row["id"])
        for level in ("14", "12"):
            if mild["first_h"][level] is not None:
                assert row["first_h"][level] < mild["first_h"][level]
    for row in town["elements"]:
        repaired, left = row["repaired"], row["left"]
        assert repaired["degree_hours"] <= left["degree_hours"]
        assert repaired["least_c"] >= left["least_c"]
        for level in ("18", "14", "12"):
            assert repaired["dwellings"][level] <= left["dwellings"][level]
            first = row["first_h"][level]
            assert (left["dwellings"][level] > 0) == (first is not None)
            assert (repaired["dwellings"][level] > 0) == (first is not None and first <= row["repair_h"])
        hours = [h for h in row["first_h"].values() if h is not None]
        assert hours == sorted(hours)


def test_a_pair_is_at_least_as_bad_as_either(town):
    for pair in town["pairs"]:
        alone = [element(town, kind, name)["left"]["degree_hours"] for kind, name in pair["elements"]]
        assert pair["left"]["degree_hours"] >= 0.999 * max(alone)


def test_the_worst_stand_first_and_elements_of_one_segment_come_to_the_same(town):
    harm = [row["repaired"]["degree_hours"] for row in town["elements"]]
    assert harm == sorted(harm, reverse=True)
    assert town["marches"] < len(town["elements"]) + len(town["pairs"])
    arrays = module.ground_of(hs.load("town")).arrays
    from heatseason.network_models.graph import segments

    segment = segments(arrays).pipe
    for number in np.unique(segment):
        same = {
            (row["dwellings_cut_off"], row["left"]["degree_hours"])
            for row in town["elements"]
            if row["kind"] == "pipe" and segment[arrays.pipe_ids.index(row["id"])] == number
        }
        assert len(same) == 1


def test_a_march_does_not_depend_on_what_was_lost_before():
    alone = of("town", kinds=["source"], pairs=0)["elements"]
    after = [row for row in of("town", pairs=0)["elements"] if row["kind"] == "source"]
    assert alone == after


def test_two_workers_find_what_one_finds_and_a_lost_worker_loses_nothing(monkeypatch):
    scenario, alone = hs.load("town"), json.dumps(of("town", pairs=4))
    told = []
    with Local(2) as workers:
        together = criticality(scenario, pairs=4, executor=workers, on_done=told.append)
        assert json.dumps(together) == alone
        assert len(told) == together["marches"]
        monkeypatch.setattr(workers, "submit", lambda *_: Local.submit(workers, os._exit, 1))
        assert json.dumps(criticality(scenario, pairs=4, executor=workers)) == alone


def test_an_unknown_kind_is_said():
    with pytest.raises(InputError, match="one of pipe"):
        of("tee", kinds=["pipes"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_can_be_said_and_written(town, lang, tmp_path):
    page = Page(60)
    report.say(page, town, Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60
    network = hs.read_network("town")
    files = report.write(tmp_path, town, network)
    assert [file.suffix for file in files] == [".json", ".csv", ".geojson"]
    assert files[1].read_bytes().startswith("\ufeffrank,kind,id".encode())
    table = list(report.rows(town))
    assert [set(row) for row in table] == [set(CRITICALITY.names())] * len(table)
    places = report.geojson(town, network)
    assert len(places["features"]) == len(town["elements"])
    kinds = {(f["properties"]["kind"], f["geometry"]["type"]) for f in places["features"]}
    assert kinds == {("pipe", "LineString"), ("valve", "Point"), ("source", "Point"), ("pump", "Point")}


def test_a_network_or_a_scenario_is_meant(tmp_path):
    from heatseason.network_models.formats import write_network

    assert scenario_of("tee").network == "tee"
    assert scenario_of("late_fuel").name == "late_fuel"
    write_network(hs.read_network("tee"), tmp_path / "mine.toml")
    assert scenario_of(str(tmp_path / "mine.toml")).network == str(tmp_path / "mine.toml")
