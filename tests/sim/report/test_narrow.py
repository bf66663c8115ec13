"""Nothing that a judged record says is wider than a narrow terminal, Chinese characters counted as two columns."""

import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_store import write_record
from heatseason.sim.report import clauses, explain, guide_diff, terminal
from heatseason.sim.report.layout import Column, Page
from heatseason.sim.report.words import Words
from heatseason.sim.run import run
from heatseason.sim.study.case import document_of


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    folder = tmp_path_factory.mktemp("narrow")
    record = run(load("burst_week", ["network=town", "seed=7"]))
    write_record(record, folder / "record")
    (folder / "strict.toml").write_text('["2.3"]\ntemperature_c = 20\n["2.7.3"]\nlimit = "30 min"\n', "utf-8")
    verdicts = judge(record)
    stories = [breach.id for clause in verdicts.clauses for breach in verdicts.breaches(clause.clause.id, 1)]
    return {
        "document": document_of(verdicts, moved=False),
        "clauses": [clauses.listing(), *(clauses.listing(clause.clause.id) for clause in verdicts.clauses),
                    clauses.listing(None, None, [folder / "record"])],
        "told": [explain.describe(folder / "record", address) for address in (None, *stories)],
        "diff": guide_diff.compared("default", str(folder / "strict.toml"), [folder / "record"]),
    }  # fmt: skip


@pytest.mark.parametrize("ambiguous", [1, 2])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [40, 60])
def test_judge_explain_guide_and_run_fit(season, width, lang, ambiguous):
    words = Words(lang)
    page = Page(width, ambiguous)
    terminal.say(page, season["document"], words, "long")
    for rows in season["clauses"]:
        clauses.say(page, rows, words)
    for told in season["told"]:
        explain.say(page, told, words)
    guide_diff.say(page, season["diff"], words)
    assert len(season["told"]) > 3
    assert len(page.lines) > 1000
    assert [line for line in page.lines if page.columns(line.rstrip()) > width] == []


def test_a_table_too_wide_for_the_page_is_put_down_row_by_row_with_nothing_cut():
    page = Page(40)
    heads = [Column("编号"), Column("结论"), Column("裕度", "right"), Column("对象", wraps=True)]
    page.table(heads, [("2.7.2/recorded/0", "未履行", "-2,872 小时", "供热公司"), ("", "", "", "另有 6 项")])
    assert [line.rstrip() for line in page.lines] == [
        "2.7.2/recorded/0", "  结论  未履行", "  裕度  -2,872 小时", "  对象  供热公司", "  对象  另有 6 项",
    ]  # fmt: skip
