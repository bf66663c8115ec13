import csv
import json

import numpy as np
from heatseason.sim.report.files import json_text, write
from heatseason.sim.report.words import Words


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_json_is_strict_and_survives_any_console():
    document = {
        "名": np.float64(1.5),
        "n": np.int32(3),
        "nothing": float("nan"),
        "rows": (np.array(2.0),),
        "up": float("inf"),
    }
    assert json.loads(json_text(document)) == {"名": 1.5, "n": 3, "nothing": None, "rows": [2.0], "up": None}
    assert "名" in json_text(document, "UTF-8")
    json_text(document, "gbk").encode("ascii")


def test_files_of_one_winter(card, tmp_path):
    folder = tmp_path / "deep" / "result"
    written = write(folder, card, Words("zh"))
    assert [path.name for path in written] == ["result.json", "headline.csv", "clauses.csv", "report.txt"]
    assert (folder / "clauses.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads((folder / "result.json").read_text("utf-8")) == card
    headline = {row["name"]: row for row in rows(folder / "headline.csv")}
    assert float(headline["calls"]["value"]) == 5123
    assert headline["longest_outage_h"]["unit"] == "h"
    assert float(headline["fuel.straw"]["value"]) == 8e6
    assert headline["fuel.straw"]["unit"] == "kg"
    clauses = {row["id"]: row for row in rows(folder / "clauses.csv")}
    assert float(clauses["2.6.4b"]["missed"]) == 2
    assert clauses["1.1"]["compliance"] == ""
    assert "未达标" in (folder / "report.txt").read_text("utf-8")


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(card, tmp_path):
    card["clauses"][4]["worst"] = "=cmd()"
    write(tmp_path, card, Words("en"))
    assert "'=cmd()" in (tmp_path / "clauses.csv").read_text("utf-8-sig")
