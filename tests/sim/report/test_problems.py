import re

import pytest
from heatseason.network_models.checks import unfed
from heatseason.network_models.problems import InputError, Problem
from heatseason.network_models.units import DIMENSIONS, UnitError, parse
from heatseason.scenarios.weather.epw import read_epw
from heatseason.sim.record_store import read_record, write_record
from heatseason.sim.record_text import record_from
from heatseason.sim.report.layout import Page
from heatseason.sim.report.problems import document, say, translated
from heatseason.sim.report.words import Words

ERROR = InputError(
    [
        Problem(
            "pipes[3].lenght", 'unknown key "lenght"', "one of: id, length_m", 'did you mean "length"?', "n.toml", 7, 3
        ),
        Problem("season.supply_start", "7", "more than 8", file="s.toml"),
        Problem("x", "", "something that nobody has translated", "because of this"),
    ]
)


def lines(lang):
    page = Page(60)
    say(page, ERROR, Words(lang))
    return page.lines


def test_english_problems_are_as_they_are():
    assert lines("en") == ["the input is wrong in 3 places:", *map(str, ERROR.problems)]
    assert lines("en")[1].startswith("n.toml:7:3: pipes[3].lenght: found ")


def test_chinese_problems_keep_place_path_and_values():
    assert lines("zh") == [
        "输入有 3 处错误：",
        'n.toml:7:3: pipes[3].lenght：现为 未知的键 "lenght"，应为 以下之一：id, length_m（是否想写 "length"？）',
        "s.toml: season.supply_start：现为 7，应为 大于 8",
        "x：应为 something that nobody has translated（because of this）",
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_problem(lang):
    page = Page()
    say(page, InputError(ERROR.problems[:1]), Words(lang))
    assert len(page.lines) == 2


def test_document():
    told = document(ERROR)
    assert told["ok"] is False
    assert told["problems"][0] == {
        "file": "n.toml",
        "line": 7,
        "column": 3,
        "path": "pipes[3].lenght",
        "found": 'unknown key "lenght"',
        "wanted": "one of: id, length_m",
        "hint": 'did you mean "length"?',
    }


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ('a temperature rate with its unit, e.g. "10 K/h"', '带单位的量（升温速率），如 "10 K/h"'),
        ('"km" is a length, not a temperature rate', '"km" 是长度的单位，此处应为升温速率'),
        ('unknown unit "kmm", did you mean "mm"?', '未知的单位 "kmm"，是否想写 "mm"？'),
        ("the id of a pipe of the network or largest, longest", "管网中某个管道的编号，或 largest, longest"),
        ("the id of a unit or source of the network", "管网中某个机组或热源的编号"),
        ("the id of a clause that is judged", "会被评判的条款编号"),
        ("a supply pipe from some source to every node", "每个节点都有 供水 管道通到某个热源"),
        ("a folder without these files; nothing is overwritten", "没有这些文件的目录；不会覆盖任何文件"),
        ('"light" or "dark"', '"light" 或 "dark"'),
        ('a key of kind = "ramp"', '这是 kind = "ramp" 的键'),
    ],
)
def test_turns_within_turns_are_translated(english, chinese):
    assert translated(english, Words("zh")) == chinese
    assert translated(english, Words("en")) == english


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_has_its_word(dimension):
    with pytest.raises(UnitError) as caught:
        parse("nothing", dimension)
    assert not re.search("[a-z]{3} [a-z]{3}", translated(caught.value.wanted, Words("zh")).split("，")[0])


def said(error, lang="zh"):
    page = Page(60)
    say(page, error, Words(lang))
    return "\n".join(page.lines)


@pytest.mark.parametrize("text", ['{"format": 1, "subj', "no json"])
def test_a_stamp_cut_short_is_told_in_chinese_with_its_place(tmp_path, text):
    write_record(record_from({}), tmp_path)
    (tmp_path / "stamp.json").write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_record(tmp_path)
    told = said(caught.value)
    assert "stamp.json:1:" in told
    assert "合法的 JSON" in told
    assert not re.search("[A-Z][a-z]+ [a-z]+ [a-z]+", told)


def test_columns_of_an_epw_file_have_chinese_names(tmp_path):
    lines = ["LOCATION,Hanzhong,-,CHN,x,1,33.0,107.0,8.0,508.0", *["X"] * 7]
    rows = [["2001", str(m), str(d), str(h), "0", "flags", "5.0", *["0"] * 28]
            for m, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
            for d in range(1, days + 1) for h in range(1, 25)]  # fmt: skip
    rows[0][6], rows[1][13], rows[2][21], rows[3][33] = "500", "-5", "-1", "x"
    file = tmp_path / "y.epw"
    file.write_text("\n".join([*lines, *(",".join(row) for row in rows)]) + "\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_epw(file)
    told = said(caught.value)
    for name in ("干球温度 [℃]：", "水平面总辐射 [Wh/m2]：", "风速 [m/s]：", "降水量 [mm]："):
        assert name in told
    assert "dry bulb temperature [degC]: " in said(caught.value, "en")
    rows[0][6:7], rows[1][13], rows[2][21], rows[3][33] = ["99.9"], "0", "0", "0"
    for row in rows[:9]:
        row[6] = "99.9"
    file.write_text("\n".join([*lines, *(",".join(row) for row in rows)]) + "\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_epw(file)
    assert "干球温度 [℃] 连续缺 9 小时" in said(caught.value)


@pytest.mark.parametrize(("nodes", "english"), [(("甲",), "a piece of 1 node "), (("甲", "乙"), "a piece of 2 nodes ")])
def test_one_node_is_no_nodes(nodes, english):
    found = unfed(nodes).found
    assert found.startswith(english)
    assert translated(found, Words("zh")).startswith(f"有 {len(nodes)} 个节点连不到任何热源：")
