"""What a household's story says its time went on: work at its own pace, a line for staff, nobody at home, heat."""

from itertools import pairwise

import numpy as np
import pytest
from heatseason.scenarios.policies.roster import FollowsCalls, authority_on_duty
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.addresses import address_of
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.coldest import room_of
from heatseason.sim.guide.course import asked_for, spells
from heatseason.sim.guide.household import troubles_behind
from heatseason.sim.guide.parts import DAY_S
from heatseason.sim.guide.settings import staff_settings
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from
from heatseason.sim.report.explain import say, story
from heatseason.sim.report.layout import Page
from heatseason.sim.report.words import Words
from heatseason.sim.run import run

from .test_roots import late_and_excused, paths_of, roots_of, steps_of, verdicts_of

ROSTER, CASES = "policies.roster.", "people.cases."


def spelled(verdicts, told):
    part = next(part for part in verdicts[told.verdict.clause].clause.parts if part.id == told.verdict.part)
    return spells(verdicts, told.verdict, asked_for(verdicts, told.verdict, part)[0])


def late(name, clause_id, part=None, most=150):
    found = [verdict for verdict in verdicts_of(name).breaches(clause_id) if part in (None, verdict.part)]
    return [chain(verdicts_of(name), verdict.id) for verdict in found[:most]]


def test_a_visit_late_because_nobody_was_home_says_so_and_blames_no_lack_of_measurers():
    away = hands = 0
    for name in ("hanzhong", "burst_week", "gas_curtailed"):
        for told in late(name, "2.8.1", "visited"):
            vain = steps_of(told, "nobody_home")
            waited = steps_of(told, "in_line_measurers", "in_line_still_measurers")
            assert bool(waited) == (ROSTER + "measurers_per_100k" in paths_of(told)), told.verdict.id
            if vain and not waited:
                away += 1
                assert {CASES + "nobody_home_share", CASES + "revisit_hours"} <= paths_of(told)
                assert "at_home" in {step.what for step in roots_of(told)}
            elif not vain:
                hands += 1
                assert CASES + "nobody_home_share" not in paths_of(told)
    assert away
    assert hands


@pytest.mark.parametrize(("name", "clause_id", "work", "line", "group"), [
    ("burst_week", "2.7.3", "response_minutes", "officers_per_100k", "officers"),
    ("hanzhong", "2.7.3", "response_minutes", "officers_per_100k", "officers"),
    ("burst_week", "1.4", "authority_days", "authority_per_100k", "authority"),
])  # fmt: skip
def test_a_late_duty_names_what_bore_a_real_share_of_its_time_and_nothing_else(name, clause_id, work, line, group):
    verdicts = verdicts_of(name)
    record, facts = verdicts.record, verdicts.facts
    seen = set()
    for told in late(name, clause_id, most=80):
        if told.verdict.state != "late" or told.verdict.part == "told":
            continue
        took = told.verdict.answered_s - int(facts.at[told.verdict.trigger])
        waited = float(record.value[told.verdict.response])
        handling = (
            3600.0 * record.scenario["people"]["cases"]["authority_handling_hours"] if clause_id == "1.4" else 0.0
        )
        beyond = took - (told.verdict.due_s - int(facts.at[told.verdict.trigger]))
        most = 0.0 < 0.5 * beyond <= min(waited, beyond - handling)  # of the time beyond what was allowed
        drew, lined = took - waited - handling >= 0.1 * took, waited >= 0.1 * took or most
        seen.add((drew, lined))
        assert (CASES + work in paths_of(told)) == drew, told.verdict.id
        assert (ROSTER + line in paths_of(told)) == lined, told.verdict.id
        assert ("case_work" in {step.what for step in roots_of(told)}) == drew
        for step in steps_of(told, f"in_line_{group}"):
            assert step.value == pytest.approx(waited / 3600.0, abs=0.01)
            assert step.detail["before_it"] >= 0
            assert step.detail["on_duty"] <= record.tracks[f"{group}_on_duty"].max()
    assert seen


def test_a_short_line_is_named_where_it_bore_most_of_the_time_beyond_what_was_allowed():
    verdicts, seen = verdicts_of("gas_curtailed"), 0
    for told in late("gas_curtailed", "2.7.3", most=400):
        waited = float(verdicts.record.value[told.verdict.response])
        beyond = told.verdict.answered_s - told.verdict.due_s
        if 0.5 * beyond <= waited < 0.1 * (told.verdict.answered_s - told.verdict.opened_s):
            seen += 1
            (line,) = steps_of(told, "in_line_officers")
            assert line.value == pytest.approx(waited / 3600.0, abs=0.01)
            assert ROSTER + "officers_per_100k" in paths_of(told)
    assert seen


def test_the_times_of_a_case_fill_a_duty_s_time_and_do_not_overlap():
    whole = 0
    for name in ("burst_week", "gas_curtailed"):
        verdicts = verdicts_of(name)
        for clause_id in ("2.6.2", "2.7.4", "2.8.2"):
            for told in late(name, clause_id, most=60):
                found = spelled(verdicts, told) if told.verdict.case >= 0 else []
                for before, after in pairwise(found):
                    assert before.to_s <= after.from_s, told.verdict.id
                if found and told.verdict.answered_s is not None:
                    took = told.verdict.answered_s - told.verdict.opened_s
                    share = sum(spell.to_s - spell.from_s for spell in found) / took
                    whole += share > 0.8
                    assert share > 0.5, told.verdict.id
    assert whole > 20


def test_a_promise_kept_late_names_the_work_before_it_and_no_time_to_answer():
    verdicts, asked = verdicts_of("burst_week"), 0
    for told in late("burst_week", "2.7.4", "promise"):
        if steps_of(told, "dwelling_remedied"):
            asked += 1
            assert CASES + "answer_hours" not in paths_of(told), told.verdict.id
            heat = "heat" in {spell.what for spell in spelled(verdicts, told)}
            assert heat or {CASES + "remedy_hours", CASES + "close_hours"} & paths_of(told), told.verdict.id
    assert asked


def test_staff_of_the_surge_is_named_only_while_it_lasts_and_of_the_night_only_at_night():
    record = verdicts_of("hanzhong").record
    first = int(record.calendar["decided_start"])
    over = first + 14 * DAY_S
    noon, midnight = 12 * 3600, 23 * 3600
    for group in ("agents", "officers", "measurers"):
        surge = {ROSTER + name for name in ("surge_per_100k", "officers_surge", "measurers_surge")}
        early = set(staff_settings(record, group, first + noon, first + noon + 3600))
        assert early & surge
        assert ROSTER + "surge_days" in early
        lately = set(staff_settings(record, group, over + noon, over + noon + 3600))
        assert not lately & surge
        assert ROSTER + "surge_days" in lately  # it came to an end that day: why there are fewer than the day before
        later = set(staff_settings(record, group, over + DAY_S + midnight, over + DAY_S + midnight + 3600))
        assert not later & {*surge, ROSTER + "surge_days"}
        night = {ROSTER + name for name in ("night", "officers_night_share", "measurers_night_share")}
        assert len(later & night) == 1
        assert not lately & night


def test_the_office_hours_told_are_the_roster_s():
    office = np.flatnonzero(authority_on_duty(FollowsCalls(), 7 * 24, 100_000, 0))
    assert set(office // 24) == set(range(5))
    assert set(office % 24) == set(range(9, 17))
    for lang, said in (("zh", "周一至周五 9 时至 17 时"), ("en", "Monday to Friday, 9:00 to 17:00")):
        assert said in Words(lang)("fact.in_line_authority", v="1")


def test_rooms_cold_with_all_their_neighbours_are_not_said_to_be_the_sources_alone():
    home = {"subject": "荔枝园/1", "case": 1}
    entries = [
        {"at": "2025-12-01 10:00", "what": "complaint_accepted", **home, "name": "call"},
        {"at": "2025-12-01 11:00", "what": "visited", **home, "value": 16.0, "cause": "call"},
        {"at": "2025-12-03 12:00", "what": "action_taken", **home, "value": 2, "cause": "call"},  # all are cold
    ]
    verdicts = judge(record_from({"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": entries}))
    (late,) = [verdict for verdict in verdicts.breaches("2.8.2") if verdict.part == "acted"]
    zh, en = texts(verdicts, late)
    assert "在管网、热源处置" in zh
    assert "on the network or at its sources" in en


def test_a_day_s_lost_calls_follow_from_what_had_made_their_homes_cold_though_they_name_no_cause():
    verdicts = verdicts_of("burst_week")
    record, facts = verdicts.record, verdicts.facts
    lost, more = facts.rows("call_abandoned"), 0
    for told in late("burst_week", "2.7.2", "answered"):
        calls = lost[(facts.at[lost] >= told.verdict.opened_s) & (facts.at[lost] < told.verdict.due_s)].tolist()
        unnamed = [call for call in calls if record.cause[call] < 0]
        alone = [
            call for call in unnamed if not troubles_behind(verdicts, int(facts.subject[call]), int(facts.at[call]))
        ]
        more += len(alone) < len(unnamed)
        (own,) = steps_of(told, "own_cause_percent")
        assert own.value == pytest.approx(100.0 * len(alone) / len(calls))
    assert more


def test_a_home_colder_than_its_warm_neighbours_owes_it_to_its_own_lot_too():
    verdicts = verdicts_of("burst_week")
    asked = 0
    for told in [*late("burst_week", "2.6.2"), *late("burst_week", "2.8.2")]:
        homes = [step for step in steps_of(told, "home_c") if step.subject == told.verdict.subject][:1]
        if not homes or not (room := room_of(verdicts.facts, told.verdict.subject, homes[0].at_s)):
            continue
        near = [step for step in steps_of(told, "neighbours_c") if step.at_s == homes[0].at_s]
        assert bool(near) == (homes[0].value < 18.0 <= room.room_c), told.verdict.id
        if near:
            asked += 1
            assert "dwelling" in {step.what for step in roots_of(told)}
    assert asked


def test_who_calls_from_a_warm_home_of_no_stop_is_said_to_feel_cold_all_the_same():
    verdicts = verdicts_of("burst_week")
    seen = set()
    for told in [*late("burst_week", "2.8.1", "visited"), *late("burst_week", "2.7.4"), *late("burst_week", "1.4")]:
        homes = [step for step in steps_of(told, "home_c") if step.subject == told.verdict.subject]
        calls = steps_of(told, "call_answered", "call_abandoned", "authority_complained")
        if homes and calls and calls[0].at_s == homes[0].at_s:
            cause = verdicts.record.cause[calls[0].seq]
            stopped = cause in verdicts.facts.rows("outage_started")
            felt = homes[0].value >= 18.0 and not stopped
            seen.add((felt, stopped))
            assert bool(steps_of(told, "felt_cold")) == felt, told.verdict.id
    assert len(seen) == 3


def test_what_was_found_to_be_warm_again_is_not_said_to_have_been_worked_on():
    verdicts = verdicts_of("burst_week")
    seen = set()
    for row in range(len(verdicts.part("2.8.2", "restored").rows)):
        told = chain(verdicts, address_of("2.8.2", "restored", row))
        for step in steps_of(told, "dwelling_remedied"):
            for lang, worked in (("zh", "入户处理使室温升高"), ("en", "the work brought")):
                page = Page(width=400)
                say(page, story(verdicts, told.verdict.id), Words(lang))
                assert (worked in str(page)) == any(s.value > 0.0 for s in steps_of(told, "dwelling_remedied"))
            seen.add(step.value > 0.0)
            home = [home.value for home in steps_of(told, "home_c") if home.at_s == step.at_s]
            assert home[0] >= 17.9, told.verdict.id
        if seen == {True, False}:
            break
    assert seen == {True, False}


def test_a_complaint_of_a_stop_says_what_it_waits_for_and_goes_back_to_the_repair_and_its_order():
    verdicts = verdicts_of("burst_week")
    asked = 0
    for told in late_and_excused(verdicts, "2.6.2"):
        if steps_of(told, "answered_by_heat"):
            asked += 1
            stops = steps_of(told, "outage_started")
            assert stops, told.verdict.id
            roots = roots_of(told)
            ordered = [step for step in steps_of(told, "pipe_failed") if step.detail["draw"][0] == "imposed"]
            assert {step.detail["draw"][1] for step in ordered} <= {step.detail.get("path") for step in roots}
            if steps_of(told, "pipe_failed"):
                assert "repair" in {step.what for step in roots}, told.verdict.id
    assert asked


def test_a_story_of_the_authority_s_names_nothing_of_the_company_s_desk():
    verdicts = verdicts_of("burst_week")
    for row in range(len(verdicts.part("1.4", "told").rows)):
        told = chain(verdicts, address_of("1.4", "told", row))
        assert {step.what for step in told.steps} & {"authority_handled", "authority_told"}
        assert {spell.what for spell in spelled(verdicts, told)} <= {"authority", "authority_course", "authority_work"}


def test_who_was_never_answered_stood_in_line_to_the_end_and_no_work_was_done_for_him():
    verdicts = judge(run(load("burst_week", ["network=town", "policies.roster.authority_per_100k=0"])))
    never = [verdict for verdict in verdicts.breaches("1.4") if verdict.answered_s is None]
    assert never
    for verdict in never[:20]:
        told = chain(verdicts, verdict.id)
        assert {spell.what for spell in spelled(verdicts, told)} == {"authority"}, verdict.id
        assert ROSTER + "authority_per_100k" in paths_of(told)
        assert "case_work" not in {step.what for step in roots_of(told)}
        (line,) = steps_of(told, "in_line_still_authority")  # when it would have joined the line is not known
        assert line.detail == {"on_duty": 0.0}


def to_the_authority(household, complained, joined, handled):
    """A complaint to the authority, looked into until it joins the line, and handled or not."""
    home = {"subject": f"荔枝园/{household}", "case": household}
    found = [{"at": complained, "what": "authority_complained", **home, "name": f"call {household}"}]
    if handled is None:
        return found
    waited_s = (np.datetime64(handled) - np.datetime64(joined)) / np.timedelta64(1, "s")
    return [*found, {"at": handled, "what": "authority_handled", **home, "cause": f"call {household}",
                     "value": float(waited_s)}]  # fmt: skip


def test_before_a_case_in_line_stand_those_that_joined_it_before_not_all_that_had_complained():
    complaints = [
        to_the_authority(1, "2025-12-01 08:00", "2025-12-01 20:00", "2025-12-02 09:00"),  # served by then
        to_the_authority(2, "2025-12-01 09:00", "2025-12-04 09:00", "2025-12-12 09:00"),
        to_the_authority(3, "2025-12-01 10:00", "2025-12-06 09:00", "2025-12-12 10:00"),  # joined later
        to_the_authority(4, "2025-12-01 11:00", None, None),  # never reached, so it joined later
        to_the_authority(5, "2025-12-02 09:00", "2025-12-05 09:00", "2025-12-12 10:00"),
    ]
    rows = sorted((row for rows in complaints for row in rows), key=lambda row: row["at"])
    data = {"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": rows,
            "substation": [{"name": "荔枝园", "households": 5}]}  # fmt: skip
    record = record_from(data)
    record.scenario["schema_version"] = 1  # a run, not a log
    verdicts = judge(record)
    late = [verdict for verdict in verdicts.breaches("1.4") if verdict.part == "handled"]
    lines = [step for verdict in late for step in chain(verdicts, verdict.id).steps if step.what.startswith("in_line")]
    assert {round(line.value): line.detail for line in lines if line.what == "in_line_authority"} == {
        192: {"before_it": 0}, 169: {"before_it": 1}, 145: {"before_it": 2}
    }  # fmt: skip
    assert [line.detail for line in lines if line.what == "in_line_still_authority"] == [{}]


@pytest.mark.parametrize(("joined", "by_number"), [("2025-12-05 20:00", False), ("2025-12-05 14:00", True)])
def test_a_wait_out_of_the_authoritys_office_hours_names_no_number_of_its_staff(joined, by_number):
    rows = to_the_authority(1, "2025-11-27 10:00", joined, "2025-12-08 09:00")  # joined on a Friday
    data = {"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": rows,
            "substation": [{"name": "荔枝园", "households": 1}]}  # fmt: skip
    record = record_from(data)
    record.scenario.update(schema_version=1, policies={"roster": {"authority_per_100k": 0.5}})  # a run, not a log
    handled_h = int(record.at[-1]) // 3600
    record.tracks["authority_on_duty"] = np.zeros(len(record.tracks.get("outdoor_c", np.zeros(4400))))
    record.tracks["authority_on_duty"][[handled_h - 66, handled_h - 65, handled_h]] = 1.0  # Friday's last hours
    verdicts = judge(record)
    told = chain(verdicts, next(verdict.id for verdict in verdicts.breaches("1.4") if verdict.part == "handled"))
    assert steps_of(told, "in_line_authority")
    assert (ROSTER + "authority_per_100k" in paths_of(told)) is by_number


@pytest.mark.parametrize("before", [0, 2])
def test_a_line_says_since_when_it_lasted_and_what_had_brought_many_of_those_in_it(before):
    lot, late = {"subject": "草库", "case": "l"}, {"imposed": "disruptions.imposed[0]", "imposed_h": 24.0}
    entries = [
        {"at": "2025-12-03 00:00", "what": "fuel_ordered", **lot, "name": "lot", "value": 9e5,
         "detail": {"draw": ["delivery", "草库", 4]}},
        {"at": "2025-12-04 00:00", "what": "fuel_delayed", **lot, "name": "late", "value": 48, "cause": "lot",
         "detail": late},
        {"at": "2025-12-05 00:00", "what": "fuel_ran_out", "subject": "草库", "name": "dry", "cause": "late",
         "detail": {"want": "late"}},
    ]  # fmt: skip
    asked = [*((home, "2025-12-06 08:00", "dry") for home in (1, 2, 3)), (4, "2025-12-06 20:00", None),
             (5, "2025-12-07 09:00", None),
             *((6 + home, "2025-12-03 08:00", None) for home in range(before))]  # fmt: skip
    for home, at, cause in asked:
        mine = {"subject": f"荔枝园/{home}", "case": home}
        cause = {} if cause is None else {"cause": cause}
        entries += [
            {"at": at, "what": "call_answered", "subject": mine["subject"], "name": f"call {home}", **cause},
            {"at": at, "what": "complaint_accepted", **mine, "value": 0, "cause": f"call {home}"},
            {"at": at, "what": "measurement_requested", **mine, "cause": f"call {home}"},
            {"at": f"2025-12-08 1{home}:00", "what": "visited", **mine, "value": 17.0, "cause": f"call {home}"},
        ]
    places = {"substation": [{"name": "荔枝园", "households": 7}], "source": [{"name": "热源甲"}]}
    rows = sorted(entries, key=lambda row: row["at"])
    record = record_from({"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": rows, **places})
    record.scenario["schema_version"] = 1  # a run, not a log
    record.tracks["measurers_on_duty"] = np.full(2904, 1.0)
    verdicts = judge(record)
    late = [verdict for verdict in verdicts.breaches("2.8.1") if verdict.part == "visited"]
    last = max(late, key=lambda verdict: verdict.opened_s)
    told = chain(verdicts, last.id)
    (line,) = steps_of(told, "in_line_measurers")
    (since,), (brought,) = steps_of(told, "line_since_measurers"), steps_of(told, "line_brought_percent")
    assert line.detail == {"before_it": 4 + before, "on_duty": 1.0}
    dry = int(verdicts.facts.at[verdicts.facts.rows("fuel_ran_out")[0]])
    asked_s = dry - 2 * DAY_S if before else dry + DAY_S
    assert since.at_s == asked_s + 9 * 3600  # the full hour after they had asked
    assert brought.at_s == max(since.at_s, dry)  # nothing brings anybody before it began
    assert (brought.subject_name, brought.value, brought.detail["cause"]) == ("草库", 75.0, "fuel_ran_out")
    assert {name: brought.detail.get(name) for name in ("want", "imposed", "draw")} == {
        "want": "late", "imposed": "disruptions.imposed[0]", "draw": ["delivery", "草库", 4]
    }  # fmt: skip
    assert "disruptions.imposed[0]" in [step.detail.get("path") for step in told.steps if step.role == "root"]
    zh, en = texts(verdicts, last)
    assert "燃料耗尽" in zh
    assert "fuel ran out" in en


@pytest.mark.parametrize(("given", "left_out"), [
    ((), True), (("2025-12-07 10:00",), False), (("2025-12-11 10:00",), True), (("2025-12-02 10:00",), False),
])  # fmt: skip
def test_a_reason_not_given_when_the_limit_drew_near_is_told_with_the_draw_that_left_it_out(given, left_out):
    home = {"subject": "荔枝园/1", "case": 1}
    entries = [
        {"at": "2025-12-01 10:00", "what": "complaint_accepted", **home, "name": "call"},
        *({"at": at, "what": "delay_explained", **home, "cause": "call", "value": "2025-12-13 10:00"} for at in given),
    ]
    record = record_from({"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": entries})
    cases = {"limit_days": 7.0, "explain_lead_days": 1.0, "promise_days": 3.0, "explain_share": 0.98}
    record.scenario.update(schema_version=1, people={"cases": cases})
    verdicts = judge(record)
    late = [verdict for verdict in verdicts.breaches("2.7.4") if verdict.part == "closed"]
    assert len(late) == left_out
    for verdict in late:
        told = chain(verdicts, verdict.id)
        (step,) = steps_of(told, "not_explained_d")
        assert (step.at_s - told.steps[0].at_s, step.value) == (6 * DAY_S, 4.0)
        assert {CASES + "explain_share", CASES + "promise_days"} <= paths_of(told)
        assert [root.detail["draw"][0] for root in roots_of(told) if root.what == "explaining"] == ["people"]


def texts(verdicts, verdict):
    found = []
    for lang in ("zh", "en"):
        page = Page(width=400)
        say(page, story(verdicts, verdict.id), Words(lang))
        found.append(str(page))
    return found


def test_in_chinese_elements_are_counted_by_places_and_happenings_by_times():
    entries = [{"at": "2025-10-01 08:00", "what": "inspection_due", "subject": "供热公司", "value": 3},
               {"at": "2025-10-05 08:00", "what": "inspected", "subject": "荔枝园"}]  # fmt: skip
    data = {"season": {"start": "2025-11-15", "end": "2026-03-15"}, "entry": entries,
            "substation": [{"name": "荔枝园", "households": 1}]}  # fmt: skip
    verdicts = judge(record_from(data))
    zh, _ = texts(verdicts, next(row for row in verdicts.breaches("2.4.5") if row.part == "inspected"))
    assert "应检设施 3 处" in zh
    assert "完成检查 1 处" in zh
    assert Words("zh")("explain.counted", what="停热", n="2") == "停热 2 次"


def test_fuel_is_told_in_tonnes_and_of_a_store_that_people_know():
    verdicts = verdicts_of("late_fuel")
    stores = {verdicts.record.subjects.id[row] for row in verdicts.record.subjects.rows("store").tolist()}
    ordered = 0
    for verdict in [*verdicts.breaches("2.6.3")[:5], *verdicts.breaches("2.8.2")[:5], *verdicts.breaches("2.5")]:
        zh, en = texts(verdicts, verdict)
        body = en.partition("It goes back to")[0].replace("stream delivery / ", "stream delivery /")
        ordered += "fuel ordered" in en
        assert ",000 kg" not in zh + en
        assert not [store for store in stores if f", {store}" in body or f"、{store}" in zh]
    assert ordered


def without_heat():
    """A season in which a building got nothing for two hours, which no entry tells of."""
    series = [
        {"track": f"substation_{name}_w", "subject": "荔枝园", "from": "2025-12-01 00:00", "hourly": hourly}
        for name, hourly in (("heat", [1e6, 0.0, 0.0, 1e6]), ("need", [1e6] * 4))
    ]
    season = {"start": "2025-11-15", "end": "2026-03-15"}
    return judge(record_from({"season": season, "substation": [{"name": "荔枝园", "households": 1}], "series": series}))


def test_shares_are_told_in_per_cent_and_nothing_as_nothing():
    gas, cut = verdicts_of("gas_curtailed"), without_heat()
    nothing = shares = 0
    for verdicts, found in ((cut, cut.breaches("2.6.3")), (gas, gas.breaches("2.8.2")[:20])):
        for verdict in found:
            zh, en = texts(verdicts, verdict)
            assert " 0.00 %" not in en
            assert " 0.00%" not in zh
            nothing += "no heat arrived" in en and "没有热量到达" in zh
            shares += " % withheld" in en and "限供 33" in zh
    assert nothing
    assert shares
