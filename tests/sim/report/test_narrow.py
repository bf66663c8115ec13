"""Nothing that a judged record says is wider than a narrow terminal, Chinese characters counted as two columns."""

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.addresses import address_of
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_store import write_record
from heatseason.sim.record_text import record_from
from heatseason.sim.report import clauses, explain, guide_diff, terminal
from heatseason.sim.report.layout import Column, Page
from heatseason.sim.report.words import Words
from heatseason.sim.run import run
from heatseason.sim.study.case import document_of

CASES = Path(__file__).parents[2] / "cases"


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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_case_of_the_guide_can_be_said_and_its_stories_told(lang):
    """Judged by our guide and by one whose numbers are nothing: no verdict is without its words."""
    words, nothing = Words(lang), {"2.7.3": {"limit_h": 0}, "2.8.4": {"reminders": 0}, "2.6.4b": {"over_h": 0}}
    told = 0
    for file in sorted(CASES.glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        common = {key: value for key, value in document.items() if key not in ("clause", "case")}
        for case in document["case"]:
            data = {k: v for k, v in {**common, **case}.items() if k not in ("note", "expect", "margin")}
            record = record_from(data)
            for changes in ({}, nothing):
                verdicts, page = judge(record, changes), Page(60)
                terminal.say(page, document_of(verdicts, moved=False), words, "long")
                beside = {"origin": record.calendar["origin"], "seed": "-", "replication": 0, "fuel_units": {},
                          "stores": {}}  # fmt: skip
                for clause in verdicts.clauses:
                    for part in clause.parts:
                        for row in {0, len(part.rows) - 1} - {-1} if len(part.rows) else ():
                            story = chain(verdicts, address_of(clause.clause.id, part.id, row))
                            explain.say(page, {**beside, **asdict(story)}, words)
                            told += 1
                assert max(page.columns(line.rstrip()) for line in page.lines) <= 60
    assert told > 3000
