import io

import pytest
from heatseason.sim.report.layout import Column, Page, bar, display_width, fit, page_for, spark, wrap
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.sampled_from("ab c，。室温热力站-18℃"), max_size=60)


def test_width_counts_what_a_console_counts():
    assert display_width("18") == 2
    assert display_width("室温") == 4
    assert display_width("e\u0301") == 1  # a combining accent takes no column
    assert [display_width("℃", n) for n in (1, 2)] == [1, 2]


@given(TEXT, st.integers(4, 30), st.sampled_from(["left", "right"]))
def test_fit_is_exactly_so_wide(text, width, align):
    assert display_width(fit(text, width, align)) == width


@given(TEXT, st.integers(6, 30), st.sampled_from([1, 2]))
def test_wrap_keeps_within_the_width_and_loses_nothing(text, width, ambiguous):
    lines = wrap(text, width, ambiguous)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # closing punctuation may hang by a column or two rather than begin a line
    assert all(display_width(line.rstrip("，。℃"), ambiguous) <= width for line in lines)


def test_wrap_breaks_between_chinese_characters_but_not_before_closing_punctuation():
    assert wrap("供热期内，室温不低于", 8) == ["供热期", "内，室温", "不低于"]
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("supercalifragilistic", 8) == ["supercal", "ifragili", "stic"]


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_a_table_fits_the_page(width):
    page = Page(width)
    heads = [Column("条款"), Column("result"), Column("kept", "right"), Column("依据", wraps=True)]
    page.table(heads, [("2.6.4b*", "未达标", "98.7%", "达标 123，逾期 4，" * 5)] * 3, indent=2)
    page.text("长" * 70, indent=2, hang=4)
    page.pairs([("名称", "value " * 20), ("a much longer name that takes room", "x")])
    assert all(display_width(line) <= width for line in page.lines)


def test_bars_and_sparks():
    assert bar(0.5, 4) == "##.."
    assert bar(7, 4) == "####"
    assert spark([0, 5, 10]) == "▁▅█"
    assert spark([3, 3]) == "▁▁"
    assert spark([]) == ""
    assert spark([0, 99], 0, 10) == "▁█"


def test_a_gbk_console_counts_ambiguous_characters_twice():
    assert page_for(io.TextIOWrapper(io.BytesIO(), "gbk"), 80).ambiguous == 2
    assert page_for(io.TextIOWrapper(io.BytesIO(), "utf-8"), 80).ambiguous == 1
    assert page_for(io.TextIOWrapper(io.BytesIO(), "utf-8"), 1000).width == 100
    assert page_for(io.TextIOWrapper(io.BytesIO(), "utf-8"), 10).width == 40
