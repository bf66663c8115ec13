"""`report`: the page and the workbook of a record or a stored result, in both languages."""

import json
import re

import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_store import read_record
from heatseason.sim.report.daily import daily, happenings, stocks
from heatseason.sim.report.html import HtmlPage
from heatseason.sim.report.layout import Column
from heatseason.sim.report.map import draw
from heatseason.sim.run import ground_of

pytest.importorskip("altair", reason="the page needs the extra `page`")


def invoke(*arguments):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    folder = tmp_path_factory.mktemp("season")
    done = invoke("run", "town", "--record", folder / "record", "--out", folder / "out", "--json")
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_record_becomes_a_page_that_needs_nothing_else(season, tmp_path, lang):
    folder, document = season
    done = invoke("report", folder / "record", "--out", tmp_path, "--lang", lang)
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page
    assert ("未达标的条款" if lang == "zh" else "What was breached") in page
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert not re.search(r"(src|href)=|url\(|@import", outside), "the page asks for another file"
    specs = json.loads(re.search(r'<script id="specs"[^>]*>(.*?)</script>', page, re.S)[1])
    assert [name for name, _ in specs] == ["rooms", "heat", "stocks", "hotline", "map", "compliance"]
    judged = [row["id"] for row in document["clauses"] if row["compliance"] is not None]
    assert [row["clause"] for row in dict(specs)["compliance"]["data"]["values"]] == judged
    assert all(f"<b>{breach['clause']}</b>" in page for breach in document["breaches"])


def test_the_workbook_holds_what_the_scorecard_holds(season, tmp_path):
    calamine = pytest.importorskip("python_calamine", reason="reads the workbook back")
    folder, document = season
    assert invoke("report", folder / "record", "--out", tmp_path, "--lang", "zh").exit_code == 0
    book = calamine.CalamineWorkbook.from_path(str(tmp_path / "report.xlsx"))
    assert {"摘要", "条款评分", "逐日", "事件", "参数"} <= set(book.sheet_names)
    clauses = book.get_sheet_by_name("条款评分").to_python()
    assert [row[0] for row in clauses[1:]] == [row["id"] for row in document["clauses"]]
    summary = {row[0]: row[3] for row in book.get_sheet_by_name("摘要").to_python()[1:]}
    assert summary["calls"] == document["headline"]["calls"]
    assert len(book.get_sheet_by_name("逐日").to_python()) == 1 + len(daily(read_record(folder / "record"))["day"])


def test_a_stored_result_of_many_winters_can_be_said_again(tmp_path):
    assert invoke("run", "town", "--replications", "2", "--out", tmp_path / "out").exit_code == 0
    done = invoke("report", tmp_path / "out", "--out", tmp_path / "again", "--lang", "en")
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "again" / "report.html").read_text("utf-8")
    assert "2 winters" in page
    assert '"compliance"' in page
    assert '"rooms"' not in page  # a scorecard has no days


def test_the_days_add_up_to_the_season(season):
    folder, document = season
    record = read_record(folder / "record")
    days = daily(record)
    assert sum(days["heat_gj"]) == pytest.approx(document["headline"]["heat_gj"], rel=1e-4)
    calls = sum(days["call_answered"]) + sum(days["call_abandoned"])
    late = record.rows("call_answered", "call_abandoned")
    assert calls == (record.at[late] < record.calendar["horizon"]).sum()
    columns = [days[f"room_p{share:02d}_c"] for share in (1, 25, 50, 75, 99)]
    assert all(list(row) == sorted(row) for row in zip(*columns, strict=True))
    assert all(0.0 <= share <= 1.0 for column in stocks(record).values() for share in column)
    told = happenings(record)
    assert [(record.at[h.seq], h.seq) for h in told] == sorted((record.at[h.seq], h.seq) for h in told)


def test_the_map_counts_the_hours_of_every_dwelling(season):
    folder, document = season
    record = read_record(folder / "record")
    drawn = draw(record, ground_of(load("town")).network, judge(record).rooms)
    total = sum(row["hours"] * row["households"] for row in drawn.substations)
    # at full hours instead of along the line between them
    assert total == pytest.approx(document["headline"]["dwelling_hours_below_18_strict"], rel=0.02)


@pytest.mark.parametrize(("name", "text", "wanted"), [("result.json", "{", "JSON"), ("result.json", "{}", "--out")])
def test_what_is_no_result_is_said(tmp_path, name, text, wanted):
    (tmp_path / name).write_text(text, "utf-8")
    done = invoke("report", tmp_path, "--lang", "en")
    assert done.exit_code == 2
    assert wanted in done.stderr
    assert "Traceback" not in done.stderr


def test_a_browser_takes_no_text_for_markup():
    page = HtmlPage(marked={"bad": "breached"})
    page.title("a <b>")
    page.text("<script>alert(1)</script>")
    page.table([Column("x & y"), Column("z", "right")], [("bad", "1 < 2")])
    page.pairs([("<i>", "&")])
    assert "<script>" not in str(page)
    assert '<span class="breached">bad</span>' in str(page)
    assert "1 &lt; 2" in str(page)
