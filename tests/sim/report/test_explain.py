import re
from pathlib import Path
from typing import get_args

import pytest
from heatseason.network_models.problems import RecordError
from heatseason.sim.guide import context
from heatseason.sim.guide.steps import Role
from heatseason.sim.record import TRACKS
from heatseason.sim.report.explain import describe, say
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words

RECORD = """
[season]
start = 2025-11-15
end = 2026-03-15

[[entry]]
at = "2025-12-20 03:10"
what = "pipe_failed"
subject = "荔枝路"
case = "burst"
name = "failed"
value = 12.5
detail = { draw = ["pipe_failure", "荔枝路"], form = "burst" }

[[entry]]
at = "2025-12-20 03:40"
what = "fault_discovered"
subject = "荔枝路"
case = "burst"
cause = "failed"
name = "found"

[[entry]]
at = "2025-12-20 05:10"
what = "fault_reported"
subject = "authority"
case = "burst"
cause = "found"
"""


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(RECORD, "utf-8")
    return path


def told(record, address, lang, width=60):
    page = Page(width)
    say(page, describe(record, address), Words(lang))
    return str(page)


def test_the_story_goes_from_the_draw_to_the_verdict(record):
    text = told(record, "2.6.4c/0", "en", 100)
    story = ["2025-12-20 03:10", "pipe_failure / 荔枝路", "2025-12-20 03:40", "2025-12-20 04:40", "2025-12-20 05:10"]
    places = [text.index(part) for part in story]
    assert places == sorted(places)
    assert "leaking 12.5 kg/s" in text
    assert "Verdict: late, margin -0.50 h" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", ["2.6.4c/0", "2.6.4c", None])
def test_stories_fit_and_survive_gbk(record, lang, address):
    text = told(record, address, lang)
    text.encode("gbk")
    assert max(display_width(line) for line in text.splitlines()) <= 60


def test_without_a_verdict_those_that_can_be_told_are_listed(record):
    assert [row["id"] for row in describe(record)["verdicts"]] == ["2.6.4c/0"]
    assert describe(record, "2.6.4b")["verdicts"] == []
    assert "2.6.4c/0" in told(record, None, "zh")
    assert "没有未达标的结论" in told(record, "2.6.4b", "zh")


@pytest.mark.parametrize("address", ["2.6.4c/1", "2.6.4c/part/0", "9.9", "9.9/0", "nonsense"])
def test_there_is_no_such_verdict(record, address):
    with pytest.raises(RecordError):
        describe(record, address)


NEVER = """
[[entry]]
at = "2025-12-20 03:40"
what = "fault_discovered"
subject = "荔枝路"
case = 1
"""


@pytest.mark.parametrize(("lang", "said"), [("zh", "从未履行"), ("en", "never done")])
def test_what_was_never_done_is_said_so_not_by_the_distance_to_the_record_s_end(tmp_path, lang, said):
    path = tmp_path / "never.toml"
    path.write_text(NEVER, "utf-8")
    story, listing = told(path, "2.6.4c/0", lang, 100), told(path, None, lang, 100)
    assert said in story.splitlines()[-1]
    assert said in listing
    assert "-3" not in story.splitlines()[-1]


def test_every_role_and_fact_has_its_words():
    places = [context.__file__]
    source = "".join(Path(place).read_text("utf-8") for place in places)
    facts = set(re.findall(r'"((?:\w+)_(?:c|h|mw|gj|kpa|hours|percent|down|preheat))"', source)) - {"room_sampled"}
    facts -= set(TRACKS) - {"room_c", "substation_supply_c", "outdoor_c"}
    assert len(facts) >= 12
    for lang in ("zh", "en"):
        words = Words(lang)
        assert not [fact for fact in facts if f"fact.{fact}" not in words]
        assert not [role for role in get_args(Role) if f"role.{role}" not in words]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_official_wording_stands_beside_the_verdict(record, shared, lang):
    page = Page(60)
    say(page, describe(record, "2.6.4c/0", shared / "guide" / "text.zh.txt"), Words(lang))
    assert "1小时之内向属地" in str(page).replace("\n", "").replace(" ", "")
