"""What judging promises whatever the record: longer limits, later ends, shifts, strangers, groups, explanations."""

import dataclasses

import numpy as np
import pytest
from heatseason.network_models.problems import RecordError
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.chain import chain
from heatseason.sim.guide.overlay import overlaid
from heatseason.sim.guide.rows import EXCUSED, LATE, MET, MISSED, STATES
from heatseason.sim.guide.score import amounts_by, score
from heatseason.sim.guide.sensitivity import sensitivity
from heatseason.sim.guide.verdict import judge, judge_clauses
from heatseason.sim.record_store import read_record, write_record
from heatseason.sim.record_text import record_from
from heatseason.sim.run import run
from heatseason.sim.study.case import scored
from hypothesis import given, settings
from hypothesis import strategies as st

HOUR = 3600
minutes = st.integers(0, 60 * 24 * 20)
complaint = st.tuples(
    minutes, st.one_of(st.none(), st.integers(0, 300)), st.one_of(st.none(), st.integers(0, 60 * 24 * 12))
)
complaints = st.lists(complaint, min_size=1, max_size=12)


def clock(minute):
    day, rest = divmod(minute, 1440)
    return f"2025-12-{1 + day:02d} {rest // 60:02d}:{rest % 60:02d}"


def lived(cases, **more):
    entries = []
    for number, (at, responded, closed) in enumerate(cases):
        subject = f"{'荔枝园' if number % 2 else '桂花苑'}/{number + 1}"
        entries.append({"at": clock(at), "what": "complaint_accepted", "subject": subject, "case": number})
        for what, delay in (("complaint_responded", responded), ("complaint_closed", closed)):
            if delay is not None and at + delay < 1440 * 31:
                entries.append({"at": clock(at + delay), "what": what, "subject": subject, "case": number})
    return record_from({"entry": entries, **more})


def states(verdicts, clause, part=""):
    return [int(s) for p in verdicts[clause].parts if p.id == part for s in p.rows.state]


@given(cases=complaints, limit=st.floats(0.01, 6), longer=st.floats(0, 6))
@settings(max_examples=40)
def test_a_longer_limit_never_turns_met_into_late(cases, limit, longer):
    record = lived(cases)
    short = states(judge(record, {"2.7.3": {"limit_h": limit}}), "2.7.3")
    long = states(judge(record, {"2.7.3": {"limit_h": limit + longer}}), "2.7.3")
    assert all(b == MET for a, b in zip(short, long, strict=True) if a == MET)


@given(cases=complaints, days=st.integers(0, 40))
@settings(max_examples=40)
def test_met_late_and_excused_stand_when_the_record_goes_on(cases, days):
    whole = lived(cases)
    cut = int(whole.at.min()) + days * 24 * HOUR
    kept = whole.at <= cut
    columns = {
        name: getattr(whole, name)[kept]
        for name in ("at", "what", "case", "subject", "cause", "origin", "value", "detail")
    }
    early = dataclasses.replace(whole, **columns, calendar={**whole.calendar, "end": cut})
    before, after = judge(early), judge(whole)
    for clause, part in (("2.7.3", ""), ("2.7.4", "closed"), ("2.6.2", "")):
        then = {int(s): int(c) for p in before[clause].parts if p.id == part
                for s, c in zip(p.rows.subject, p.rows.state, strict=True)}  # fmt: skip
        now = {int(s): int(c) for p in after[clause].parts if p.id == part
               for s, c in zip(p.rows.subject, p.rows.state, strict=True)}  # fmt: skip
        for subject, state in then.items():
            if state in (MET, LATE, EXCUSED):
                assert now[subject] == state
            if state == MISSED:
                assert now[subject] in (MISSED, LATE)


@given(cases=complaints, days=st.integers(-30, 30))
@settings(max_examples=30)
def test_verdicts_do_not_change_when_everything_is_shifted_by_whole_days(cases, days):
    record = lived(cases)
    by = days * 24 * HOUR
    calendar = {k: v if k == "origin" else v + by for k, v in record.calendar.items()}
    shifted = dataclasses.replace(record, at=(record.at + by).astype(np.int32), calendar=calendar)
    one, other = judge(record), judge(shifted)
    for clause in ("2.6.2", "2.7.2", "2.7.3", "2.7.4"):
        for a, b in zip(one[clause].parts, other[clause].parts, strict=True):
            assert a.rows.state.tolist() == b.rows.state.tolist()
            assert a.rows.margin.tolist() == b.rows.margin.tolist()


@given(cases=complaints, strangers=complaints)
@settings(max_examples=30)
def test_strangers_change_nothing(cases, strangers):
    alone = judge(lived(cases))
    together = judge(lived([*cases, *strangers]))
    for clause, part in (("2.7.3", ""), ("2.7.4", "closed")):
        assert states(together, clause, part)[: len(cases)] == states(alone, clause, part)


@given(cases=complaints)
@settings(max_examples=25)
def test_groups_sum_to_the_totals(cases):
    sources = [{"name": "热源甲"}, {"name": "热源乙"}]
    record = lived(cases, source=sources,
                   substation=[{"name": "荔枝园", "operator": "甲", "district": "汉台", "source": "热源甲"},
                               {"name": "桂花苑", "operator": "乙", "district": "南郑",
                                "source": "热源乙"}])  # fmt: skip
    verdicts = judge(record)
    for group in ("operator", "district", "source", "substation", "estate", "cause"):
        for clause, sums in verdicts.by(group).items():
            total = sum(sums.values(), np.zeros(len(STATES)))
            assert total == pytest.approx(verdicts[clause].amounts)
    card = score(verdicts)
    assert {name for name, rows in card.by_operator.items() if "2.7.3" in rows} <= {"甲", "乙"}
    assert {name for name, rows in card.by_source.items() if "2.7.3" in rows} <= {"热源甲", "热源乙"}


def test_the_document_of_a_judged_record_holds_results_by_every_group_and_they_sum_to_its_clauses():
    record = lived([(0, 30, 60), (10, 90, 60), (20, None, None)],
                   substation=[{"name": "荔枝园", "district": "汉台"}, {"name": "桂花苑"}])  # fmt: skip
    document = scored(record)
    for group in ("operator", "district", "source", "substation", "estate", "cause"):
        for row in document["clauses"]:
            for state in STATES:
                total = sum(of.get(row["id"], {}).get(state, 0.0) for of in document[f"by_{group}"].values())
                assert total == pytest.approx(row[state]), (group, row["id"])
    assert document["by_substation"]["荔枝园"]["2.7.3"]["late"] == 1.0


@pytest.mark.parametrize(
    ("address", "wanted", "hint"),
    [
        ("2.3/0", "2.2a/started/0", "logs nothing by which 2.3"),
        ("2.7.3/5", "2.7.3/0 .. 2.7.3/1", "the last is 1"),
        ("2.7.3/-1", "2.7.3/0 .. 2.7.3/1", "the last is 1"),
        ("2.7.3/²", "2.7.3/0 .. 2.7.3/1", "the last is 1"),
        ("2.7.3/a/b/c", "2.7.3/0 .. 2.7.3/1", "clause/part/row"),
        ("2.7.3/99999999999999999999", "2.7.3/0 .. 2.7.3/1", "the last is 1"),
        ("2.7.4/x/0", "2.7.4/closed/0 .. 2.7.4/closed/1", "clause/part/row"),
        ("2.7.4/promise/0", "2.7.4/closed/0", "nothing arose"),
        ("2.8.2/acted/0", "2.2a/started/0", "nothing happened"),
        ("1.1/0", "2.2a/started/0", "not simulated"),
        ("2.7.33/0", "2.2a/started/0", 'did you mean "2.7.3"'),
        ("foo", "2.2a/started/0", "clause/row"),
        ("2.7.3", "2.7.3/0 .. 2.7.3/1", "the last is 1"),
        ("/", "2.2a/started/0", "clause/row"),
    ],
)
def test_an_address_without_a_verdict_is_told_with_its_place_why_and_what_is_near(address, wanted, hint):
    with pytest.raises(RecordError) as told:
        judge(lived([(0, 90, 60), (5, None, None)])).find(address)
    (problem,) = told.value.problems
    assert (problem.path, problem.found) == ("VERDICT", f'"{address}"')
    assert wanted in problem.wanted
    assert hint in problem.hint


def test_two_substations_of_one_name_are_one_estate_and_two_substations():
    record = lived([(0, 30, 60)], substation=[{"name": "荔枝园"}, {"name": "桂花苑"}])
    subjects = dataclasses.replace(
        record.subjects, name=tuple("荔枝园" if n == "桂花苑" else n for n in record.subjects.name)
    )
    verdicts = judge(dataclasses.replace(record, subjects=subjects))
    assert set(amounts_by(verdicts, "substation")) >= {"荔枝园", "桂花苑"}
    by_estate = amounts_by(verdicts, "estate")
    assert "桂花苑" not in by_estate
    assert sum(by_estate["荔枝园"]["2.2a"].values()) == sum(verdicts["2.2a"].amounts)


def test_compliance_is_met_over_what_was_judged():
    verdicts = judge(lived([(0, 30, 60), (10, 90, 60), (20, None, None)]))
    card = score(verdicts)["2.7.3"]
    assert (card.met, card.late, card.missed) == (1, 1, 1)
    assert card.compliance == pytest.approx(1 / 3)


def test_the_margin_is_continuous_through_the_limit():
    margins = []
    for minute in (59, 60, 61):
        rows = judge(lived([(0, minute, 60)]))["2.7.3"].parts[0].rows
        margins.append(rows.margin[0] * 60)
    assert margins == pytest.approx([1.0, 0.0, -1.0])


PIPE = {"subject": "荔枝路", "case": "b"}
BURST = {
    "entry": [
        {"at": "2025-12-01 06:00", "what": "pipe_failed", **PIPE, "name": "burst", "value": 40},
        {"at": "2025-12-01 06:20", "what": "fault_discovered", **PIPE, "name": "found", "cause": "burst"},
        {"at": "2025-12-01 06:30", "what": "outage_started", "subject": "荔枝园", "case": "b", "cause": "found"},
        {"at": "2025-12-01 08:00", "what": "fault_reported", "case": "b", "cause": "found"},
    ],
    "room": [{"estate": "荔枝园", "hourly_c": [17.5], "offsets_k": [0.0, -1.0]}],
    "outdoor": {"from": "2025-11-15 00:00", "daily_mean_c": [3.0]},
}


def test_a_chain_leads_back_to_the_draw():
    verdicts = judge(record_from(BURST))
    story = chain(verdicts, "2.6.4c/0")
    assert [(step.role, step.what) for step in story.steps] == [
        ("draw", "pipe_failed"),
        ("trigger", "fault_discovered"),
        ("due", ""),
        ("response", "fault_reported"),
        ("root", "recorded"),
        ("verdict", ""),
    ]
    assert story.steps[-1].detail["state"] == "late"
    assert story.steps[0].subject_name == "荔枝路"
    assert story.numbers == {"limit_h": (1.0, "h", False)}


def test_the_chain_of_a_cold_room_names_the_coldest_dwelling_and_the_weather():
    verdicts = judge(record_from(BURST))
    address = verdicts.breaches("2.3")[0].id
    steps = {step.what: step for step in chain(verdicts, address).steps if step.role == "context"}
    assert steps["coldest_dwelling_c"].value == pytest.approx(16.5)
    assert steps["coldest_dwelling_c"].dwelling == 2
    assert steps["outdoor_daily_mean_c"].value == pytest.approx(3.0)


def test_a_derived_trigger_and_an_absent_response_have_steps_of_their_own():
    verdicts = judge(record_from(BURST))
    roles = [step.role for step in chain(verdicts, "2.6.4b/users/0").steps]
    assert roles == ["draw", "cause", "trigger", "opened", "context", "due", "absent", "root", "verdict"]
    story = {step.what for step in chain(verdicts, "2.6.4b/users/0").steps}
    assert "stop_became_long" in story


@pytest.mark.parametrize("address", ["9.9/0", "2.6.4c/9", "2.6.4c", "2.7.4/0", "2.1/0", "2.6.4b/nobody/0", "2.6.4c/-1"])
def test_an_address_that_is_none_says_what_would_be(address):
    with pytest.raises(RecordError, match="wanted"):
        judge(record_from(BURST)).find(address)


def test_a_conclusion_that_flips_within_an_assumed_range_is_found():
    entries = [{"at": "2025-12-01 09:00", "what": "measurement_requested", "subject": "荔枝园/1", "case": 1},
               {"at": "2025-12-01 14:00", "what": "visited", "subject": "荔枝园/1", "case": 1, "value": 19},
               {"at": "2025-12-01 14:00", "what": "measurement_signed", "subject": "荔枝园/1", "case": 1},
               {"at": "2025-12-02 14:00", "what": "room_sampled", "subject": "荔枝园/1", "value": 19},
               {"at": "2026-01-02 14:00", "what": "room_sampled", "subject": "荔枝园/1", "value": 19},
               {"at": "2026-02-02 14:00", "what": "room_sampled", "subject": "荔枝园/1", "value": 19},
               {"at": "2026-03-02 14:00", "what": "room_sampled", "subject": "荔枝园/1", "value": 19}]  # fmt: skip
    verdicts = judge(record_from({"entry": entries}))
    moved = {item.number: item for item in sensitivity(verdicts, ["2.8.1"])}
    assert verdicts["2.8.1"].status == "met"
    assert moved["2.8.1/visit_h"].flips
    assert (moved["2.8.1/visit_h"].status_low, moved["2.8.1/visit_h"].status_high) == ("breached", "met")
    assert not moved["2.8.1/sign_h"].flips


def test_what_another_number_does_not_touch_stands_and_all_else_is_judged_as_from_the_start():
    verdicts = judge(run(load("town")))
    guide = verdicts.guide
    told = 0
    for clause in guide.clauses:
        for name, number in clause.numbers.items():
            for value in {number.value * 0.5 if number.low is None else number.low, number.high} - {None}:
                other = overlaid(guide, {clause.id: {name: value}})
                touched = guide.dependents(clause.id, name)
                anew = judge(verdicts.record, other)
                for verdict in judge_clauses(verdicts, other, [c.id for c in guide.clauses]):
                    fresh = anew[verdict.clause.id]
                    assert (verdict.status, verdict.margin) == (fresh.status, fresh.margin), (clause.id, name)
                    assert verdict.amounts.tolist() == fresh.amounts.tolist(), (clause.id, name, verdict.clause.id)
                    before = verdicts[verdict.clause.id]
                    stands = all(a is b for a, b in zip(verdict.parts, before.parts, strict=True))
                    assert stands or verdict.clause.id in touched or not verdict.clause.scored
                    told += 1
    assert told > 1000


def test_judging_reads_the_record_and_changes_nothing():
    record = record_from(BURST)
    before = record.digest()
    first, second = score(judge(record)).to_json(), score(judge(record)).to_json()
    assert first == second
    assert record.digest() == before


def test_the_scorecard_lists_every_clause_breaches_and_what_is_not_simulated():
    card = score(judge(record_from(BURST)))
    document = card.to_json()
    assert len(document["clauses"]) == 30
    assert all(row["reason_en"] for row in document["clauses"] if row["status"] == "not_simulated")
    assert {breach["clause"] for breach in document["breaches"]} == {
        row["id"] for row in document["clauses"] if row["status"] == "breached"
    }
    assert (
        document["headline"]["dwelling_hours_below_18_strict"]
        > document["headline"]["dwelling_hours_below_18_in_scope"]
        > 0
    )


def test_twenty_degrees_moves_2_3_but_the_headline_stays_at_eighteen():
    record = record_from({"room": [{"estate": "荔枝园", "hourly_c": [19.0]}], "guide": {"2.3": {"temperature_c": 20}}})
    card = score(judge(record))
    assert card["2.3"].compliance == 0.0
    assert card.headline["dwelling_hours_below_18_strict"] == 0.0
    assert card.headline["share_dwellings_always_18_in_scope"] == 1.0


def test_verdicts_are_the_same_in_memory_and_read_back(tmp_path):
    record = run(load("burst_week", ["network=town"]))
    write_record(record, tmp_path / "record")
    here, there = score(judge(record)).to_json(), score(judge(read_record(tmp_path / "record"))).to_json()
    assert here == there
    stricter = {"2.3": {"temperature_c": 20}, "2.7.3": {"limit_h": 0.5}, "2.8.2": {"restored_h": 48}}
    again = [score(judge(r, stricter)).to_json() for r in (record, read_record(tmp_path / "record"))]
    assert again[0] == again[1]
    share = {row["id"]: row["compliance"] for row in again[0]["clauses"]}
    before = {row["id"]: row["compliance"] for row in here["clauses"]}
    assert share["2.3"] < before["2.3"]
    assert share["2.7.3"] <= before["2.7.3"]
