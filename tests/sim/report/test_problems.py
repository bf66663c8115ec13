import pytest
from heatseason.network_models.problems import InputError, Problem
from heatseason.sim.report.layout import Page
from heatseason.sim.report.problems import document, say
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
