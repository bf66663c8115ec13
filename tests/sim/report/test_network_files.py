"""network check | import | export: what is printed, what is written, what is refused."""

import json
from pathlib import Path

import pytest
from heatseason.network_models.formats import read_network
from heatseason.network_models.problems import NetworkError
from heatseason.sim.report import network_files as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words, phrases

SAVED = Path(__file__).parents[2] / "network_models" / "formats" / "little_pandapipes.json"


def page_of(say, document, lang):
    page = Page(60)
    say(page, document, Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60
    return str(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_check_says_what_was_done_beyond_reading(lang):
    document = report.check(str(SAVED))
    assert json.loads(json.dumps(document))["ok"]
    text = page_of(report.say_check, document, lang)
    assert "小网" in text
    assert ("假定" if lang == "zh" else "Assumed") in text
    assert "heat_exchanger[0]" in text


@pytest.mark.parametrize("ending", [".xlsx", ".geojson", ".toml", ""])
def test_what_is_exported_is_read_again(tmp_path, ending):
    file = tmp_path / f"net{ending}"
    document = report.export("tee", file, Words("zh"))
    assert document["written"] == str(file)
    assert read_network(file) == read_network("tee")
    assert str(file) in page_of(report.say_export, document, "en").replace("\n", "")


def test_an_import_keeps_notes_and_names(tmp_path):
    document = report.import_(str(SAVED), tmp_path / "own")
    read = read_network(tmp_path / "own")
    assert read == read_network(SAVED)
    assert document["notes"] == report.noted(read)


def test_many_notes_of_one_phrase_are_cut_short():
    notes = [{"kind": "assumed", "where": f"sink[{n}]", "what": "sink_drop", "values": {"name": f"s{n}", "drop": 40.0}}
             for n in range(20)]  # fmt: skip
    page = Page(60)
    report.say_notes(page, notes, Words("en"))
    assert sum("sink[" in line for line in page.lines) == 8
    assert "sink: 12 more alike" in str(page)


def test_a_note_of_a_later_version_is_shown_as_it_stands():
    page = Page(60)
    report.say_notes(page, [{"kind": "joined", "where": "x", "what": "unheard_of", "values": {"n": 3}}], Words("zh"))
    assert "unheard_of" in str(page)


def test_every_note_that_a_reader_makes_has_a_phrase(root):
    import re

    text = "\n".join(file.read_text("utf-8") for file in (root / "network_models" / "formats").glob("*.py"))
    made = set(re.findall(r'note\(\s*(?:"[a-z_]+",\s*)?f?(?:"[^"]*"|[^,()]+(?:\([^()]*\))?),\s*"([a-z_]+)"', text))
    assert len(made) > 25
    assert sorted(name for name in made if f"import.note.{name}" not in phrases()) == []


@pytest.mark.parametrize(("network", "name"), [("tee", "net.pdf"), ("template", "plan.toml")])
def test_another_ending_is_refused(tmp_path, network, name):
    with pytest.raises(NetworkError, match="a file that ends in"):
        report.export(network, tmp_path / name, Words("en"))
    with pytest.raises(NetworkError, match=r"ends in \.toml"):
        report.import_("tee", tmp_path / "net.xlsx")
