import pytest
from heatseason.network_models.problems import GuideError, InputError
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.record_text import read_text_record
from heatseason.sim.report.clauses import changed, listing, say
from heatseason.sim.report.explain import describe
from heatseason.sim.report.explain import say as say_story
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words


def test_all_clauses_one_or_a_part_of_the_guide():
    ids = [clause.id for clause in default_guide().clauses]
    assert [row["id"] for row in listing()] == ids
    assert [row["id"] for row in listing("2.6.4b")] == ["2.6.4b"]
    assert [row["id"] for row in listing("2.6.4")] == [name for name in ids if name.startswith("2.6.4")]
    with pytest.raises(InputError, match="did you mean"):
        listing("2.6.4x")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("clause", [None, *(clause.id for clause in default_guide().clauses)])
def test_every_clause_can_be_said(clause, lang):
    page = Page(60)
    say(page, listing(clause), Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60


def test_assumed_numbers_are_marked_with_range_and_source():
    page = Page(100)
    say(page, listing("2.6.4b"), Words("en"))
    text = str(page)
    assert "given by the guide" in text
    assert "[assumed]" in text
    assert "1-4" in text


def test_the_official_wording_comes_from_the_users_copy(shared):
    row = listing("2.6.4c", shared / "guide" / "text.zh.txt")[0]
    assert "1小时" in row["wording"]
    page = Page(80)
    say(page, [row], Words("zh"))
    assert "原文" in str(page)


@pytest.mark.parametrize(("lang", "said"), [("zh", "可能已不适用"), ("en", "may no longer fit")])
def test_a_copy_whose_sentence_was_changed_is_not_shown_in_silence(record, shared, tmp_path, lang, said):
    text = (shared / "guide" / "text.zh.txt").read_text("utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_text(text.replace("1小时之内向属地", "2小时之内向属地"), "utf-8")
    rows = listing("2.6.4c", copy)
    told = describe(record, "2.6.4c/0", copy)
    for write in (lambda page: say(page, rows, Words(lang)), lambda page: say_story(page, told, Words(lang))):
        page = Page(100)
        write(page)
        flat = "".join(line.strip() + (" " if lang == "en" else "") for line in page.lines)
        assert said in flat
        assert "2小时之内" in flat
    assert listing("2.7.3", copy)[0]["fits"] == "same"
    assert describe(record, "2.6.4c/0", shared / "guide" / "text.zh.txt")["fits"] == "same"


def test_a_changed_guide(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text("[season]\nstart = 2025-11-15\nend = 2026-03-15\n", "utf-8")
    record = read_text_record(path)
    overlay = tmp_path / "stricter.toml"
    overlay.write_text('["2.7.3"]\nlimit_h = 0.5\n["2.6.4c"]\nlimit_h = 0.5\n', "utf-8")
    guide = changed(record, overlay, ["guide.2.7.3.limit_h=2", "2.6.2.weight=3"])
    assert guide["2.6.4c"].numbers["limit_h"].value == 0.5
    assert guide["2.7.3"].numbers["limit_h"].value == 2
    assert guide["2.6.2"].weight == 3
    with pytest.raises(GuideError, match=r"2\.7\.9"):
        changed(record, None, ["2.7.9.limit_h=2"])


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(
        '[[entry]]\nat = "2025-12-20 03:40"\nwhat = "fault_discovered"\nsubject = "荔枝路"\ncase = 1\n\n'
        '[[entry]]\nat = "2025-12-20 05:10"\nwhat = "fault_reported"\nsubject = "authority"\ncase = 1\n',
        "utf-8",
    )
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_verdict_of_a_record_stands_beside_its_clause(record, lang):
    (row,) = listing("2.6.4c", None, [record])
    (outcome,) = row["verdicts"]
    assert (outcome["status"], outcome["late"], outcome["worst"]) == ("breached", 1.0, "2.6.4c/0")
    page = Page(100)
    say(page, [row], Words(lang))
    assert {"zh": "未达标、逾期 1、最差的一项 2.6.4c/0", "en": "breached, 1 late, worst: 2.6.4c/0"}[lang] in str(page)
    everything = listing(None, None, [record])
    page = Page(60)
    say(page, everything, Words(lang))
    assert str(page).count(str(record.name)) >= 1
    assert {row["verdicts"][0]["status"] for row in everything} >= {"not_simulated", "breached", "not_triggered"}


def test_wording_and_verdict_stand_together(record, shared):
    rows = listing("2.6.4", shared / "guide" / "text.zh.txt", [record])
    page = Page(100)
    say(page, rows, Words("zh"))
    heads = [line.split()[0] for line in page.lines if line.strip()]
    assert heads.count("原文") == heads.count("结论") == len(rows) == 3
