import re
import string

import pytest
from heatseason.sim.record import KIND_CODE, KINDS
from heatseason.sim.report.terminal import STATES
from heatseason.sim.report.words import Words, language, phrases
from heatseason.sim.tables import TABLES


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", phrases())
def test_a_phrase_says_the_same_in_both_languages_and_in_gbk(key):
    phrase = phrases()[key]
    assert set(phrase) == {"zh", "en"}
    assert blanks(phrase["zh"]) == blanks(phrase["en"])
    phrase["zh"].encode("gbk")
    phrase["en"].encode("gbk")


def test_what_else_is_printed_is_gbk_too():
    for kind in KINDS:
        (kind.zh + kind.en).encode("gbk")
    for table in TABLES:
        for column in table.columns:
            (column.zh + column.en + column.unit).encode("gbk")


def test_every_key_that_is_used_exists_and_every_phrase_is_used(root):
    sources = [root / "cli.py", *(root / "sim" / "report").glob("*.py")]
    text = "\n".join(source.read_text("utf-8") for source in sources)
    used = set(re.findall(r'words(?:\([a-z]+\))?\(\s*"([a-z0-9_.]*[a-z0-9_])"', text)) | set(
        re.findall(r'_note\(ctx, "([a-z.]+)"', text)
    )
    assert sorted(used - set(phrases())) == []
    families = {key.split(".")[0] for key in phrases()}
    mentioned = {family for family in families if re.search(rf"""["']{family}\.""", text)}
    assert families == mentioned


def test_language_of_a_command_line(monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    assert language(["run", "--lang", "zh"]) == "zh"
    assert language(["run", "--lang=zh"]) == "zh"
    assert language(["--lang"]) == language(["--lang", "fr"])
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language() == "zh"
    assert language(["--lang", "en"]) == "en"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert language() == "en"


def test_words():
    zh, en = Words("zh"), Words("en")
    assert zh("state.met", n=3) == "达标 3"
    assert en.listing(["a", "b"]) == "a, b"
    assert zh.listing(["a", "b"]) == "a、b"
    assert zh.either("", "only English") == "only English"
    with pytest.raises(KeyError):
        en("no.such.phrase")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", STATES)
def test_a_state_has_one_word_wherever_it_is_said_or_counted(state, lang):
    words = Words(lang)
    said = words(f"status.{state}")  # true of every duty: a temperature is at no time "on time"
    assert words(f"state.{state}", n="").strip() == said
    assert words(f"study.clause_{state}", clause="").strip() == said


@pytest.mark.parametrize(("lang", "pipeline"), [("zh", "管道气"), ("en", "pipeline")])
def test_what_counts_stored_fuel_alone_says_so_beside_what_counts_all(lang, pipeline):
    words = Words(lang)
    column = next(c for table in TABLES for c in table.columns if c.name == "min_days_of_cover")
    for said in (words("numbers.min_days_of_cover"), words("indicator.least_days_of_cover"), getattr(column, lang)):
        assert {"zh": "库存燃料", "en": "of stored fuel"}[lang] in said
        assert pipeline in said
    assert pipeline in words("indicator.times_without_fuel")


@pytest.mark.parametrize(
    ("kind", "zh", "not_said"),
    [
        ("pipe_failed", "管道故障", "泄漏"),  # a leak or a burst, which the entry's form says
        ("pressure_tested", "试压合格", "完成"),  # a first test that found a defect was over, and not passed
        ("long_stop_reported", "向主管部门报告长时间停热", "停热报告"),
    ],
)
def test_a_kind_says_in_chinese_what_it_says_in_english_and_no_more(kind, zh, not_said):
    said = KINDS[KIND_CODE[kind]].zh
    assert said == zh
    assert not_said not in said
