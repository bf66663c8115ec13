"""`network solve`: the document of INTERFACE.md, its page in both languages, and a table of loads with faults."""

import json
from pathlib import Path

import heatseason as hs
import pytest
from click.testing import CliRunner
from heatseason.cli import _root


def invoke(*arguments):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments])


def test_the_document_is_that_of_the_interface():
    done = invoke("network", "solve", "tee", "--supply-c", "95", "--json")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"nodes", "pipes", "substations", "sources", "iterations", "balance_error"} <= set(document)
    assert {"id", "side", "pressure_bar", "temperature_c"} <= set(document["nodes"][0])
    assert {"id", "side", "mass_flow_kg_s", "velocity_m_s", "loss_w"} <= set(document["pipes"][0])
    assert document["balance_error"] < 1e-9


@pytest.mark.parametrize(("lang", "heading"), [("zh", "最不利热力站"), ("en", "Worst-placed substations")])
def test_the_page_fits_sixty_columns(monkeypatch, lang, heading):
    monkeypatch.setenv("COLUMNS", "60")
    done = invoke("network", "solve", "town", "--supply-c", "95", "--lang", lang)
    assert done.exit_code == 0, done.stderr
    assert heading in done.stdout
    done.stdout.encode("gbk")


def test_a_table_of_loads_is_met_and_its_faults_are_all_said(tmp_path):
    document = json.loads(invoke("network", "solve", "tee", "--supply-c", "95", "--json").stdout)
    name = document["substations"][0]["id"]
    table = tmp_path / "loads.csv"
    table.write_text(f"substation,heat_w,return_c\n{name},250000,45\n", encoding="utf-8")
    solved = json.loads(invoke("network", "solve", "tee", "--supply-c", "95", "--loads", table, "--json").stdout)
    assert solved["substations"][0]["heat_w"] == pytest.approx(250000.0)
    assert solved["substations"][0]["return_c"] == pytest.approx(45.0)
    table.write_text("substation,heat,return_c\n,5,much\n", encoding="utf-8")
    done = invoke("network", "solve", "tee", "--supply-c", "95", "--loads", table, "--lang", "en")
    assert done.exit_code == 2
    assert all(fault in done.stderr for fault in ('column "heat"', "an empty cell", "much"))


def solved(*arguments) -> dict:
    done = invoke("network", "solve", *arguments, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_a_network_is_solved_with_its_edits(tmp_path):
    """A split adds a pipe and changes no flow; a link carries water; an overlay says the same as --set."""
    asked = ("--supply-c", "110")
    plain = solved("town", *asked)
    split = solved("town", *asked, "--set", "edits.tap.kind=split", "--set", "edits.tap.pipe=P003")
    assert {p["id"] for p in split["pipes"]} - {p["id"] for p in plain["pipes"]} == {"P003-tap"}
    assert [s["mass_flow_kg_s"] for s in split["substations"]] == pytest.approx(
        [s["mass_flow_kg_s"] for s in plain["substations"]], rel=1e-6
    )
    ring = ["edits.link.kind=ring_link", "edits.link.from_node=N-J15", "edits.link.to_node=N-J16"]
    looped = solved("town", *asked, *[word for change in ring for word in ("--set", change)])
    assert any(p["id"] == "link" and abs(p["mass_flow_kg_s"]) > 1e-3 for p in looped["pipes"])
    overlay = tmp_path / "ringed.toml"
    overlay.write_text(
        'schema_version = 1\nname = "ringed"\nextends = "town"\n[edits.link]\nkind = "ring_link"\n'
        'from_node = "N-J15"\nto_node = "N-J16"\n', encoding="utf-8",
    )  # fmt: skip
    assert solved(overlay, *asked)["pipes"] == looped["pipes"]
    page = invoke("network", "solve", overlay, *asked, "--lang", "en")
    assert "link" in page.stdout


def test_an_edit_that_fits_nothing_is_said_and_not_solved():
    done = invoke("network", "solve", "town", "--supply-c", "110", "--set", "edits.tap.kind=split", "--set",
                  "edits.tap.pipe=P9999", "--lang", "en")  # fmt: skip
    assert done.exit_code == 2
    assert "P9999" in done.stderr


def test_a_saved_network_keeps_its_state_through_edits(tmp_path):
    """What the file says of loads and supply holds for what still stands."""
    saved = Path(__file__).parents[2] / "network_models" / "formats" / "little_pandapipes.json"
    plain = solved(saved)
    name = plain["pipes"][0]["id"]
    pipe = next(p.id for p in hs.read_network(str(saved)).pipes if p.length_m > 10.0)
    edited = solved(saved, "--set", "edits.tap.kind=split", "--set", f"edits.tap.pipe={pipe}")
    assert name in {p["id"] for p in edited["pipes"]}
    assert len(edited["pipes"]) > len(plain["pipes"])
    assert [s["heat_w"] for s in edited["substations"]] == pytest.approx([s["heat_w"] for s in plain["substations"]])
    assert sum(s["mass_flow_kg_s"] for s in edited["sources"]) == pytest.approx(
        sum(s["mass_flow_kg_s"] for s in plain["sources"]), rel=1e-4
    )
