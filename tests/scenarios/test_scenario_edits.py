"""Edits of the network as part of a scenario: overlaid, set, varied, hashed, kept in the record, faults with places."""

import pytest
from heatseason.network_models.formats import write_network
from heatseason.network_models.problems import InputError
from heatseason.scenarios.scenario import from_resolved, load
from heatseason.scenarios.standing import network_of
from heatseason.sim.report.problems import all_well, check
from heatseason.sim.run import ground_of, run
from heatseason.sim.study.case import study_key
from heatseason.sim.study.sweep import Study

LINKED = """
schema_version = 1
name = "linked"
extends = "town"
network = "ring"

[edits.tap]
kind = "split"
pipe = "p3"
at = "300 m"

[edits.link]
kind = "ring_link"
from_node = "gate"
to_node = "tap"
type = "DN100"
"""


@pytest.fixture
def linked(tmp_path):
    (tmp_path / "linked.toml").write_text(LINKED, "utf-8")
    return load(tmp_path / "linked.toml")


def test_a_scenario_is_played_on_its_edited_network(linked, tmp_path):
    network = network_of(linked)
    assert [edit.name for edit in network.edits] == ["link", "tap"]
    assert ground_of(linked).arrays.pipe_ids[-2:] == ("p3-tap", "link")
    write_network(network, tmp_path / "by_hand.toml")
    one, two = run(linked), run(load("town", [f"network={tmp_path / 'by_hand.toml'}"]))
    assert one.digest() == two.digest()
    assert one.summary["network_edits"] == ["link", "tap"]
    again = from_resolved(one.scenario)
    assert again.hash == linked.hash
    assert ground_of(again) is ground_of(linked)


def test_overlays_add_change_and_take_away_edits(tmp_path, linked):
    over = 'schema_version = 1\nname = "over"\nextends = "linked.toml"\nunset = ["edits.tap"]\n'
    (tmp_path / "over.toml").write_text(over + '[edits.link]\nto_node = "s2"\n', "utf-8")
    other = load(tmp_path / "over.toml", ["edits.wide.kind=resize", "edits.wide.pipe=p1", "edits.wide.type=DN300"])
    assert set(other.edits) == {"link", "wide"}
    pipes = {pipe.id: pipe for pipe in network_of(other).pipes}
    assert (pipes["link"].to_node, pipes["p1"].type) == ("s2", "DN300")
    assert other.hash != linked.hash
    assert study_key(other) != study_key(linked)
    assert study_key(linked) == study_key(load(tmp_path / "linked.toml"))


def test_faults_are_said_at_their_lines(tmp_path):
    (tmp_path / "wrong.toml").write_text(LINKED.replace('"gate"', '"gat"').replace("300 m", "300 km"), "utf-8")
    with pytest.raises(InputError) as caught:
        check(str(tmp_path / "wrong.toml"))
    places = {(problem.line, problem.path) for problem in caught.value.problems}
    assert {(10, "edits.tap.at_m"), (14, "edits.link.from_node")} <= places
    (tmp_path / "worse.toml").write_text(LINKED.replace("ring_link", "ringlink").replace("at =", "att ="), "utf-8")
    with pytest.raises(InputError) as caught:
        check(str(tmp_path / "worse.toml"))
    places = {(problem.line, problem.path): problem.hint for problem in caught.value.problems}
    assert places[10, "edits.tap.att"] == 'did you mean "at"?'
    assert places[13, "edits.link.kind"] == 'did you mean "ring_link"?'


def test_check_says_what_is_edited(linked):
    assert [(edit["name"], edit["kind"]) for edit in all_well(linked)["edits"]] == [
        ("link", "ring_link"), ("tap", "split"),
    ]  # fmt: skip
    assert "edits" not in all_well(load("town"))


def test_a_sweep_varies_an_edit(linked, tmp_path):
    points = [
        {"edits.link.type": "DN100"},
        {"edits.link.type": "DN200"},
        {"edits.link.kind": "node", "edits.link.x_m": 1.0},
    ]
    with Study(tmp_path / "study", linked) as study:
        numbers = study.add(points[:2])
        assert len(set(numbers)) == 2
        digests = {played.outcome.digest for played in study.play(points[:2])}
        assert len(digests) == 2
        with pytest.raises(InputError):  # a node without a pipe, and without y
            study.add(points[2:])
