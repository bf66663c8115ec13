import re
from pathlib import Path
from typing import get_args

import pytest
from heatseason.network_models.problems import InputError, RecordError
from heatseason.sim.guide import context
from heatseason.sim.guide.steps import Role
from heatseason.sim.record import TRACKS
from heatseason.sim.report import explain
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
    assert "没有触发本条的事" in told(record, "2.6.4b", "zh")


@pytest.mark.parametrize("address", ["2.6.4c/1", "2.6.4c/part/0", "9.9", "9.9/0", "nonsense"])
def test_there_is_no_such_verdict(record, address):
    with pytest.raises(RecordError):
        describe(record, address)


WARM = """
[season]
start = 2025-11-15
end = 2025-11-16
[[room]]
estate = "荔枝园"
hourly_c = [17.0]
[[entry]]
at = "2025-11-14 20:00"
what = "fell_below_18"
subject = "荔枝园"
[[entry]]
at = "2025-11-15 09:00"
what = "call_abandoned"
subject = "荔枝园/1"
value = 300
"""


@pytest.mark.parametrize(
    ("lang", "told_of_rooms", "told_of_calls"),
    [
        ("zh", ["问题始于：室温低于18℃", "计 48 户时"], "-95 个百分点"),
        ("en", ["the trouble began: rooms fell below", "Amount (dwelling-hours): 48"], "margin -95 percentage points"),
    ],
)
def test_a_duty_of_all_season_says_where_it_fell_short_and_for_how_much(tmp_path, lang, told_of_rooms, told_of_calls):
    path = tmp_path / "warm.toml"
    path.write_text(WARM, "utf-8")
    story = told(path, "2.3/0", lang, 100)
    assert all(said in story for said in told_of_rooms)
    assert told_of_calls in told(path, "2.7.2/answered/0", lang, 100)


def test_a_log_that_names_no_cause_still_says_when_the_fault_occurred(tmp_path):
    path = tmp_path / "log.toml"
    occurred = '[[entry]]\nat = "2025-12-20 03:10"\nwhat = "pipe_failed"\nsubject = "荔枝路"\ncase = 1\n'
    path.write_text(occurred + NEVER, "utf-8")
    story = told(path, "2.6.4c/0", "en", 100)
    assert "2025-12-20 03:10  it began: pipe failed" in story
    assert story.index("it began") < story.index("the duty arose: fault discovered")


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


@pytest.mark.parametrize(
    ("clause", "zh", "en"),
    [("1.1", "是原则，一季的事实不能证其有无", "A principle; no fact of one season shows it"),
     ("2.5", "没有本条的证据", "no evidence")],
)  # fmt: skip
def test_a_clause_without_verdicts_says_why_it_has_none(record, clause, zh, en):
    assert zh in told(record, clause, "zh", 100)
    assert en in told(record, clause, "en", 100)
    assert "没有未达标" not in told(record, clause, "zh", 100)


HOME = """
[season]
start = 2025-11-15
end = 2026-03-15

[[room]]
estate = "荔枝园"
hourly_c = [17.0]
offsets_k = [0.0, -2.0]
"""


def case(tmp_path, *entries):
    """A record of entries about the second dwelling: at, what, and what else it holds."""
    text = "".join(
        f'\n[[entry]]\nat = "{at}"\nwhat = "{what}"\nsubject = "荔枝园/2"\nname = "{at} {what}"\n{more}\n'
        for at, what, more in entries
    )
    path = tmp_path / "home.toml"
    path.write_text(HOME + text, "utf-8")
    return path


CALLED = ("2025-12-01 08:00", "call_answered", "value = 20\ncase = 1")
TAKEN = ("2025-12-01 08:00", "complaint_accepted", 'value = 0\ncase = 1\ncause = "2025-12-01 08:00 call_answered"')
ESCALATED = ("2025-12-04 08:00", "authority_complained",
             'case = 1\ncause = "2025-12-01 08:00 complaint_accepted"')  # fmt: skip


def test_a_complaint_to_the_authority_goes_down_to_what_it_was_like_at_home(tmp_path):
    direct = case(tmp_path, ("2025-12-04 08:00", "authority_complained", "case = 1"))
    text = told(direct, "1.4/told/0", "en", 100)
    assert "at home 15.00 ℃, 荔枝园, dwelling 2" in text
    assert "the company was not asked first" in text
    open_case = told(case(tmp_path, CALLED, TAKEN, ESCALATED), "1.4/told/0", "en", 100)
    assert "about a cold dwelling" in open_case
    assert open_case.index("at home 15.00") < open_case.index("the company's case had been open for 3.00 d")
    closed = ("2025-12-02 20:00", "complaint_closed", "case = 1")
    assert "用 1.50 天办结" in told(case(tmp_path, CALLED, TAKEN, closed, ESCALATED), "1.4/told/0", "zh", 100)
    abandoned = ("2025-12-01 08:00", "call_abandoned", "value = 200")
    gave_up = ("2025-12-01 08:02", "authority_complained", 'case = 1\ncause = "2025-12-01 08:00 call_abandoned"')
    assert "热线没有接通" in told(case(tmp_path, abandoned, gave_up), "1.4/told/0", "zh", 100)


def test_a_complaint_about_the_bill_says_so_and_nothing_of_the_rooms(tmp_path):
    bill = (TAKEN[0], TAKEN[1], TAKEN[2].replace("value = 0", "value = 2"))
    text = told(case(tmp_path, CALLED, bill), "2.7.3/0", "zh", 100)
    assert "事由：收费" in text
    assert "该户室温" not in text


@pytest.mark.parametrize(
    ("found_at", "state", "zh"),
    [("2025-12-03 10:00", "excused", "免责（查明非企业原因）"),
     ("2025-12-09 10:00", "missed", "到期之后才有记录，不能免责")],
)  # fmt: skip
def test_another_cause_excuses_if_found_in_time_and_the_story_says_which(tmp_path, found_at, state, zh):
    visited = ("2025-12-01 12:00", "visited", "case = 1\nvalue = 15.0")
    other = (found_at, "other_cause_found", "case = 1")
    record = case(tmp_path, CALLED, TAKEN, visited, other)
    assert describe(record, "2.8.2/restored/0")["verdict"]["state"] == state
    assert zh in told(record, "2.8.2/restored/0", "zh", 100)
    assert "到期前查明非企业原因的免责，过期才查明的不免" in told(record, "2.8.2/restored/0", "zh", 400)


def test_a_building_that_was_never_stopped_has_a_story_too(tmp_path):
    path = tmp_path / "met.toml"
    path.write_text(
        HOME
        + """
[[substation]]
name = "荔枝园"

[[source]]
name = "热源甲"

[[series]]
track = "substation_heat_w"
subject = "荔枝园"
hourly = [9e5]

[[series]]
track = "substation_need_w"
subject = "荔枝园"
hourly = [1e6]

[[series]]
track = "unserved_fuel_w"
subject = "热源甲"
hourly = [0.0]
""",
        "utf-8",
    )
    text = told(path, "2.6.3/0", "en", 100)
    assert "in the worst hour 90.00 % of the need arrived" in text
    assert text.index("the period judged began") < text.index("the period judged ended")
    assert "It goes back to" not in text
    assert "供热期内没有一小时缺燃料" in told(path, "2.5/0", "zh", 100)


def test_teams_and_valves_have_names_in_both_languages(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(
        RECORD
        + """
[[entry]]
at = "2025-12-20 04:00"
what = "isolated"
subject = "荔枝路"
case = "burst"
cause = "found"
name = "shut"
detail = { valves = ["P1@from", "P2@to"], stuck = [] }

[[entry]]
at = "2025-12-20 05:00"
what = "work_started"
subject = "crew 3"
case = "burst"
cause = "shut"
name = "work"

[[entry]]
at = "2025-12-20 05:10"
what = "outage_started"
subject = "荔枝园"
case = "burst"
cause = "work"
""",
        "utf-8",
    )
    zh, en = (told(path, "2.6.4b/users/0", lang, 100) for lang in ("zh", "en"))
    assert "抢修3队" in zh
    assert "P1 起端、P2 末端" in zh
    assert "P1 (its start), P2 (its end)" in en
    assert "crew" not in zh
    assert "关不严" not in zh


def test_an_overrun_says_that_the_told_time_passed_and_when_heat_was_back(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(
        RECORD
        + """
[[entry]]
at = "2025-12-20 06:00"
what = "outage_started"
subject = "荔枝园"
case = "burst"
cause = "found"
name = "stop"

[[entry]]
at = "2025-12-21 07:00"
what = "users_told"
subject = "荔枝园"
case = "burst"
cause = "stop"
value = "2025-12-21 10:00"

[[entry]]
at = "2025-12-21 15:00"
what = "outage_ended"
subject = "荔枝园"
case = "burst"
cause = "stop"
""",
        "utf-8",
    )
    late = next(row["id"] for row in describe(path, "2.6.4b")["verdicts"] if row["part"] == "users")
    text = told(path, late, "zh", 100)
    assert "告知的恢复时间已过，仍没有热" in text
    assert "2025-12-21 10:00  期限自此起算：荔枝园" in text
    assert text.index("到期") < text.index("恢复供热、荔枝园")


def test_a_duty_done_in_the_minute_it_was_due_is_told_to_the_second(tmp_path):
    path = tmp_path / "log.toml"
    path.write_text(RECORD.replace("2025-12-20 05:10", "2025-12-20 04:40:30"), "utf-8")
    text = told(path, "2.6.4c/0", "en", 100)
    assert "12-20 04:40:00    it was due" in text
    assert "12-20 04:40:30    it was done" in text


@pytest.mark.parametrize(("value", "said"), [(17.9995, "17.9995"), (18.0, "18.00"), (17.96, "17.96"), (0.004, "0.004"),
                                             (-3.44444, "-3.44"), (118.7, "119"), (89.999998, "90.00"),
                                             (11.0003, "11.00"), (14.999, "15.00"),
                                             (94.999, "94.999")])  # fmt: skip
def test_what_falls_just_short_of_a_limit_is_told_to_the_digit_that_shows_it(value, said):
    assert explain._figure(value, Words("en")) == said


def test_a_scenario_s_value_is_told_as_it_is_written_whatever_the_language():
    setting = {"what": "setting", "value": None, "detail": {"path": "policies.reserve.kind", "value": "none"}}
    page = Page(100)
    explain._say_roots(page, [setting | {"subject_name": "", "subject_id": "", "dwelling": 0}], {}, Words("zh"))
    assert "policies.reserve.kind = none" in str(page)


def test_rationing_says_what_was_ordered_and_when_it_was_over_and_fuel_till_when_it_is_late(tmp_path):
    path = tmp_path / "rationed.toml"
    path.write_text(
        HOME
        + """
[[substation]]
name = "荔枝园"
households = 3

[[entry]]
at = "2025-12-19 06:00"
what = "fuel_delayed"
subject = "草库"
name = "late"
value = 72

[[entry]]
at = "2025-12-20 03:00"
what = "rationing_started"
subject = "荔枝园"
value = 0.8
cause = "late"

[[entry]]
at = "2025-12-21 05:00"
what = "rationing_ended"
subject = "荔枝园"
""",
        "utf-8",
    )
    text = told(path, "2.6.3/0", "zh", 100)
    assert "开始限量供热、荔枝园、按调度令供需求的 80%" in text
    assert "rationing started, 荔枝园, 80 % of the need ordered" in told(path, "2.6.3/0", "en", 100)
    assert "2025-12-21 05:00  其间：限量供热结束、荔枝园" in text
    assert "草库、推迟 72 小时，改到 2025-12-22 06:00" in text
    assert "裕度 -26 小时" in text


@pytest.mark.parametrize(("lang", "marked"), [("zh", "limit_h = 0.5 小时 [改动]"), ("en", "limit_h = 0.5 h [changed]")])
def test_a_verdict_under_a_stricter_guide_is_told_as_that_guide_judges_it(tmp_path, lang, marked):
    log = tmp_path / "log.toml"
    entry = '[[entry]]\nat = "2025-12-01 08:{}"\nwhat = "{}"\nsubject = "荔枝园/1"\ncase = 1\n'
    log.write_text(entry.format("00", "complaint_accepted") + entry.format("45", "complaint_responded"), "utf-8")
    (tmp_path / "strict.toml").write_text('["2.7.3"]\nlimit = "30 min"\n', "utf-8")
    assert describe(log, "2.7.3/0")["verdict"]["state"] == "met"
    for told in (describe(log, "2.7.3/0", None, tmp_path / "strict.toml"),
                 describe(log, "2.7.3/0", changes=["guide.2.7.3.limit_h=0.5"])):  # fmt: skip
        assert told["verdict"]["state"] == "late"
        page = Page(80)
        say(page, told, Words(lang))
        assert marked in str(page)
    listed = describe(log, None, None, tmp_path / "strict.toml")["verdicts"]
    assert "2.7.3/0" in {row["id"] for row in listed}
    with pytest.raises(InputError):
        describe(log, None, changes=["fuel.reserve_days=3"])
