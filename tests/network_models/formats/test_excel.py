"""Workbooks: what is written is read again; a planner's few columns are enough; faults are told by sheet and cell."""

import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter
from heatseason.network_models.formats import read_network
from heatseason.network_models.formats.excel import _keys as keys_of
from heatseason.network_models.formats.excel import cell_name
from heatseason.network_models.formats.sheets import HEAD, SHEETS
from heatseason.network_models.problems import NetworkError
from heatseason.sim.report.network_workbook import write, write_template
from heatseason.sim.report.words import Words, phrases

PLAN = {
    "节点": [("id", "x_m", "y_m"), ("厂", 0, 0), ("路口", 800, 0), ("甲", 900, 100), (101, 900, -100)],
    "管道": [
        ("id", "from_node", "to_node", "type", "length_m", "valve_from"),
        ("干线", "厂", "路口", "DN200", 800, "是"),
        ("支线甲", "路口", "甲", "DN100", 150, None),
        ("支线乙", "路口", 101, "DN100", "150", False),
    ],
    "热力站": [("id", "node", "design_w"), ("甲站", "甲", 2e6), ("乙站", 101, 1.5e6)],
    "热源": [("id", "node", "capacity_w"), ("锅炉房", "厂", 5e6)],
}


def workbook(path: Path, sheets) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell)
    return path


def changed(**sheets):
    return {name: [list(row) for row in rows] for name, rows in PLAN.items()} | sheets


def wrong(path: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(NetworkError) as caught:
        read_network(path)
    return [
        (problem.file.removeprefix(f"{path}").strip(), problem.found, problem.wanted)
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize("name", ["one_pipe", "tee", "ring", "mixed_plant", "town", "hanzhong"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_written_is_read_again(tmp_path, name, lang):
    network = read_network(name)
    write(tmp_path / "net.xlsx", network, Words(lang))
    assert read_network(tmp_path / "net.xlsx") == network


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("saved", ["little_pandapipes.json", "one_sided_pandapipes.json"])
def test_notes_and_names_survive(tmp_path, saved, lang):
    network = read_network(Path(__file__).with_name(saved))
    write(tmp_path / "net.xlsx", network, Words(lang))
    read = read_network(tmp_path / "net.xlsx")
    assert read.notes == network.notes
    assert [node.return_name for node in read.nodes] == [node.return_name for node in network.nodes]
    assert read.substations[0].ua_w_k == pytest.approx(network.substations[0].ua_w_k, rel=1e-15)  # as XlsxWriter rounds


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("key", [key for key in SHEETS if key != HEAD])
def test_headings_that_read_like_keys_are_not_taken_for_them(key, lang):
    """Whatever columns a sheet shows, down to a single one."""
    sheet, words = SHEETS[key], Words(lang)
    columns = list(sheet.columns)
    for shown in [columns, *([column] for column in columns)]:
        cells = [[words(f"field.{column}") for column in shown], ["" for _ in shown], shown, ["x" for _ in shown]]
        assert keys_of(sheet, cells) == (2, tuple(shown))


def test_a_few_columns_are_enough_and_the_rest_is_noted(tmp_path):
    network = read_network(workbook(tmp_path / "规划.xlsx", PLAN))
    assert network.name == "规划"
    assert [node.id for node in network.nodes] == ["厂", "路口", "甲", "101"]  # a number is a name like any other
    assert [node.kind for node in network.nodes] == ["source", "junction", "substation", "substation"]
    assert [pipe.role for pipe in network.pipes] == ["distribution", "branch", "branch"]
    assert network.pipes[0].valve_from
    assert not network.pipes[1].valve_from
    assert {kind.id for kind in network.pipe_types} == {"DN200", "DN100"}
    assert sum(unit.capacity_w for unit in network.sources[0].units) == 5e6
    served = {cohort.substation for cohort in network.cohorts}
    assert served == {"甲站", "乙站"}
    said = {(note.kind, note.where, note.what) for note in network.notes}
    assert said >= {
        ("assumed", "pipes.depth_m", "filled"), ("assumed", "pipes.year", "filled"),
        ("assumed", "substations", "exchangers"), ("assumed", "cohorts", "dwellings"),
        ("assumed", "sources", "boilers"), ("assumed", "pipe_types", "catalogue"),
    }  # fmt: skip


def test_what_is_told_is_not_assumed(tmp_path):
    stations = [("id", "node", "design_w", "ua_w_k", "operator"), ("甲站", "甲", 2e6, 123456.0, "热力公司"),
                ("乙站", 101, 1.5e6, None, None)]  # fmt: skip
    network = read_network(workbook(tmp_path / "plan.xlsx", changed(热力站=stations)))
    assert network.substations[0].ua_w_k == 123456.0
    assert network.substations[0].operator == "热力公司"
    assert network.substations[1].operator == "plan"


def test_faults_are_told_by_sheet_and_cell_all_at_once(tmp_path):
    sheets = changed()
    sheets["管道"][1][4] = "很长"
    sheets["管道"][2][2] = "乙处"
    sheets["管道"][3][3] = "DN101"
    sheets["热力站"][1][2] = -5
    file = workbook(tmp_path / "plan.xlsx", sheets)
    found = wrong(file)
    assert ("管道!E2", '"很长"', "a number [m]") in found
    assert ("管道!C3", '"乙处"', "the id of a node") in found
    assert ("管道!D4", '"DN101"', "the id of a pipe type") in found
    assert ("热力站!C2", "-5.0", "more than 0") in found


def test_missing_and_unknown_columns_are_told_once(tmp_path):
    pipes = [[cell for column, cell in enumerate(row) if column != 4] for row in PLAN["管道"]]
    pipes[0][1] = "from_nod"
    found = wrong(workbook(tmp_path / "plan.xlsx", changed(管道=pipes)))
    assert ("管道!A1", "no such column", 'a column "from_node"') in found
    assert ("管道!A1", "no such column", 'a column "length_m"') in found
    assert any(place == "管道!B1" and said == 'unknown key "from_nod"' for place, said, _ in found)
    assert len(found) == 3


def test_a_table_without_keys_a_stranger_and_a_stray_unit(tmp_path):
    file = workbook(tmp_path / "plan.xlsx", changed(热力站=[("名称", "负荷"), ("甲站", 2e6)]))
    assert wrong(file) == [("热力站!A1", "none", "a row of keys, such as id, node, operator, district")]
    units = [("source", "id", "kind"), ("无此源", "一号炉", "gas_boiler")]
    found = wrong(workbook(tmp_path / "plan.xlsx", changed(机组=units)))
    assert ("机组!A2", '"无此源"', "the id of a source") in found
    network = read_network(workbook(tmp_path / "plan.xlsx", changed(草稿=[("想法",)])))
    assert ("left_out", "草稿", "sheet") in {(note.kind, note.where, note.what) for note in network.notes}


def test_a_sheet_that_is_missing_or_renamed_is_told(tmp_path):
    sheets = {("管线" if name == "管道" else name): rows for name, rows in PLAN.items()}
    with pytest.raises(NetworkError) as caught:
        read_network(workbook(tmp_path / "plan.xlsx", sheets))
    first = caught.value.problems[0]
    assert (first.path, first.found, first.wanted) == ("pipes", "no such sheet", 'a sheet "管道" or "pipes"')
    assert first.hint == 'not read: "管线"'


def test_the_template_has_every_column_and_is_refused_only_for_being_empty(tmp_path):
    write_template(tmp_path / "plan.xlsx", Words("zh"))
    assert [problem[1:] for problem in wrong(tmp_path / "plan.xlsx")] == [("none", "at least one heat source")]
    for sheet in SHEETS.values():
        for key in sheet.columns:
            assert f"field.{key}" in phrases(), key


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "net.xlsx").write_bytes(b"PK\x03\x04 not really")
    assert wrong(tmp_path / "net.xlsx")[0][2] == "a workbook (.xlsx)"


def test_without_calamine_the_extra_is_named(tmp_path):
    file = workbook(tmp_path / "plan.xlsx", PLAN)
    script = (
        "import sys; sys.modules['python_calamine'] = None\n"
        "from heatseason.network_models.formats import read_network\n"
        f"read_network({str(file)!r})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'heatseason[excel]'" in done.stderr


def test_cell_names():
    assert [cell_name(7, 3), cell_name(1, 26), cell_name(2, 27), cell_name(9, 703)] == ["C7", "Z1", "AA2", "AAA9"]
