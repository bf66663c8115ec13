"""Every numbered sentence of the official text has its row, found by place and anchor."""

import pytest
from heatseason.network_models.problems import GuideError
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.text import read_guide_text


@pytest.fixture(scope="module")
def official(shared):
    return read_guide_text(shared / "guide" / "text.zh.txt")


def test_every_place_and_anchor_is_found_and_no_sentence_lacks_a_row(official):
    assert official.problems(default_guide()) == []


def test_a_sentence_without_a_row_is_noticed(official):
    guide = default_guide()
    fewer = guide.model_copy(update={"clauses": tuple(c for c in guide.clauses if c.id != "2.7.3")})
    assert [problem.path for problem in official.problems(fewer)] == ["二（7）③"]


def test_a_lost_anchor_is_noticed(official):
    guide = default_guide()
    changed = guide["2.7.3"].model_copy(update={"anchor": "30分钟内"})
    clauses = tuple(changed if c.id == "2.7.3" else c for c in guide.clauses)
    found = official.problems(guide.model_copy(update={"clauses": clauses}))
    assert {problem.path for problem in found} == {"2.7.3", "二（7）③"}


def test_the_wording_beside_a_clause_is_its_own_sentence(official):
    wording = official.wording(default_guide()["2.2c"])
    assert "异常低温" in wording
    assert "预热" not in wording
    assert official.wording(default_guide()["2.7.4"]).count("。") == 3


def test_every_clause_knows_the_wording_it_was_written_on(official):
    assert {clause.id: official.beside(clause)["fits"] for clause in default_guide().clauses} == {
        clause.id: "same" for clause in default_guide().clauses
    }


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ("1小时内做出响应", "2小时内做出响应", "changed"),  # the anchor is lost
        ("投诉", "书面投诉", "changed"),  # the anchor stands, the sentence is another
        ("③", "⑨", "missing"),
        ("（征求意见稿）", "（正式）", "same"),
    ],
)
def test_a_changed_sentence_is_noticed_and_its_new_words_are_shown(shared, tmp_path, old, new, fits):
    text = (shared / "guide" / "text.zh.txt").read_text("utf-8")
    place = text.index("1小时内做出响应")
    begin = text.rindex("③", 0, place) if fits != "same" else 0
    end = text.index("\n", place)
    part = text[begin:end]
    assert old in part
    file = tmp_path / "copy.txt"
    file.write_text(text[:begin] + part.replace(old, new, 1) + text[end:], "utf-8")
    found = read_guide_text(file).beside(default_guide()["2.7.3"])
    assert found["fits"] == fits
    assert (new in found["wording"]) == (fits == "changed")


def test_anchors_are_short_so_that_the_project_holds_no_copy_of_the_text():
    for clause in default_guide().clauses:
        assert all(2 <= len(anchor) <= 15 for anchor in clause.anchors)


def test_numbers_that_the_guide_gives_are_found_in_its_text(official):
    for clause in default_guide().clauses:
        for number in clause.numbers.values():
            if not number.assumed:
                assert f"{number.value:g}" in official.item(clause.place).words


def test_a_copy_with_other_blanks_widths_and_encoding_reads_the_same(shared, tmp_path, official):
    text = (shared / "guide" / "text.zh.txt").read_text("utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_bytes(
        text.replace("（", "(").replace("）", ")").replace(" ", "").replace("。\n", "。\r\n").encode("gb18030")
    )
    assert read_guide_text(copy).problems(default_guide()) == []


def test_a_file_without_numbers_is_no_guide(tmp_path):
    file = tmp_path / "other.txt"
    file.write_text("nothing", "utf-8")
    with pytest.raises(GuideError, match="numbers"):
        read_guide_text(file)
    with pytest.raises(GuideError):
        read_guide_text(tmp_path / "absent.txt")
