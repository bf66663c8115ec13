import csv
import json
from collections.abc import Sequence

import numpy as np
from heatseason.sim.report.files import json_blocks, json_text, write
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


class Counted(Sequence):
    """A long list that is made as it is read."""

    def __init__(self):
        self.read = 0

    def __len__(self):
        return 50_000

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(index)
        self.read = index + 1
        return {"id": index}


def test_what_is_made_as_it_is_read_is_written_as_it_is_made():
    rows = Counted()
    first, *others = json_blocks({"rows": rows, "empty": [], "none": {}})
    assert rows.read == 50_000
    expected = {"rows": [{"id": n} for n in range(50_000)], "empty": [], "none": {}}
    assert first + "".join(others) == json.dumps(expected, indent=2)
    again = Counted()
    next(json_blocks({"rows": again}))
    assert again.read < 5_000


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
