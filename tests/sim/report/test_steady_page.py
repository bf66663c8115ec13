"""`network solve`: the document of INTERFACE.md, its page in both languages, and a table of loads with faults."""

import json

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
