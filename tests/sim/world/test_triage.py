"""Triage of complaints and the disputed measurement: what each answer must lead to, from the entries alone."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

_SPEC = importlib.util.spec_from_file_location("people_seasons", Path(__file__).with_name("test_people.py"))
people = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(people)
DAY, START, END = people.DAY, people.START, people.END
COLD, STOPPED, BILL, SERVICE = range(4)
STANDARD_C = 18.0


def season(**changes):
    """Play a month with so many at every desk that nobody waits, in which no remedy changes a dwelling."""
    return people.season(roster=people.Hands(40, 60, 60, 20), **changes)


def following(run, name):
    """Return, for every entry of a kind, the kinds of the later entries of its case, calls that ask again left out."""
    what, case = run.table["what"], run.table["case"]
    calls = {people.KIND_CODE[name] for name in ("call_answered", "call_abandoned", "enquiry_answered")}
    by_case = {}
    for row in np.flatnonzero(case >= 0):
        by_case.setdefault(int(case[row]), []).append(int(row))
    return {
        int(row): [
            people.NAMES[what[later]] for later in by_case[int(case[row])] if later > row and what[later] not in calls
        ]
        for row in people.rows(run, name)
    }


def topic(run, row):
    accepted = people.rows(run, "complaint_accepted")
    mine = accepted[run.table["case"][accepted] == run.table["case"][row]]
    return int(run.table["value"][mine[0]])


def room_c(run, row):
    """Return the temperature of the dwelling of an entry at the hour's first instant, by track and offset."""
    dwelling = int(run.table["subject"][row]) - people.FIRST_SUBJECT
    hour = int(run.table["at"][row]) // 900 * 900 // 3_600  # the epoch's hour
    return float(run.room_c[hour, dwelling // 400]) + float(run.offset_k[dwelling])


def is_touched(run, row):
    """Return whether a remedy has changed the dwelling of an entry before it."""
    fixed = people.rows(run, "dwelling_remedied")
    return bool(np.any((run.table["subject"][fixed] == run.table["subject"][row]) & (fixed < row)))


# ---------------------------------------------------------------- triage


@pytest.mark.parametrize("settled_by_telephone", [0.0, 1.0])
def test_a_warm_room_is_settled_by_telephone_or_measured_and_a_cold_one_is_always_measured(settled_by_telephone):
    run = season(mean_c=18.3, phone_share=settled_by_telephone)
    seen = {True: 0, False: 0}
    for row, later in following(run, "complaint_responded").items():
        if topic(run, row) not in (COLD, STOPPED) or is_touched(run, row):
            continue
        if not START + 3_600 < run.table["at"][row] < END - 3_600:
            continue
        warm = room_c(run, row) >= STANDARD_C
        seen[warm] += 1
        assert ("measurement_requested" in later) == (not warm or settled_by_telephone == 0.0)
        assert "complaint_closed" in later
    assert min(seen.values()) > 50


def test_what_is_not_about_heat_is_answered_and_not_measured():
    run = season()
    about_other = [
        later for row, later in following(run, "complaint_responded").items() if topic(run, row) in (BILL, SERVICE)
    ]
    assert len(about_other) > 20
    for later in about_other:
        assert not {"measurement_requested", "visited", "dwelling_remedied"} & set(later)
        assert "complaint_closed" in later


def test_where_the_heat_has_stopped_nobody_is_sent_and_the_case_waits_for_the_restoration():
    begin, end, cohorts = 20 * DAY, 22 * DAY, 6
    run = season(outage=(begin, end, cohorts), step=3_600)
    waited = 0
    for row, later in following(run, "complaint_responded").items():
        dwelling = int(run.table["subject"][row]) - people.FIRST_SUBJECT
        at = int(run.table["at"][row])
        if topic(run, row) not in (COLD, STOPPED) or dwelling // 400 >= cohorts or not begin < at < end - 7_200:
            continue
        waited += 1
        assert "measurement_requested" not in later
        mine = people.rows(run, "complaint_closed")
        closed = mine[run.table["case"][mine] == run.table["case"][row]]
        assert run.table["at"][closed[0]] > end - 3_600
    assert waited > 20


@pytest.mark.parametrize("asks", [0.0, 1.0])
def test_in_a_known_shortage_the_reason_is_told_at_once_unless_a_measurement_is_asked_for(asks):
    run = season(room_c=people.rooms(people.town(), 16.5), short=np.ones(24, np.bool_), measurement_share=asks)
    told = measured = 0
    for row, later in following(run, "complaint_responded").items():
        if topic(run, row) not in (COLD, STOPPED) or not START + DAY < run.table["at"][row] < END - DAY:
            continue
        told += later[0] == "delay_explained"
        measured += "measurement_requested" in later
    assert (told > 100) == (asks == 0.0)
    assert (measured > 100) == (asks == 1.0)
    assert min(told, measured) == 0
    explained = people.rows(run, "delay_explained")
    assert np.all(run.table["value"][explained] > run.table["at"][explained])  # a firm date, in the future


# ---------------------------------------------------------------- dispute and third party


@settings(max_examples=8)
@given(share=st.floats(0.0, 1.0), days=st.floats(0.5, 8.0), seed=st.integers(0, 50))
def test_each_dispute_has_its_third_party_and_nothing_else_follows_before_it(share, days, seed):
    run = season(seed=seed, mean_c=18.5, dispute_share=share, third_party_days=days, phone_share=0.2)
    table = run.table
    disputed, third = people.rows(run, "measurement_disputed"), people.rows(run, "third_party_measured")
    assert np.array_equal(np.sort(table["cause"][third]), disputed)  # one for each, and of it
    wait = table["at"][third] - table["at"][table["cause"][third]]
    assert np.all((0.5 * days * DAY - 1 <= wait) & (wait <= 1.5 * days * DAY + 900))
    visited = table["cause"][disputed]
    assert np.all(table["value"][visited] >= STANDARD_C)  # nobody disputes a reading in his favour
    signed = people.rows(run, "measurement_signed")
    assert len(signed) + len(disputed) == people.count(run, "visited")
    assert np.array_equal(table["value"][signed], table["value"][table["cause"][signed]])
    for later in following(run, "measurement_disputed").values():
        assert not {"action_taken", "dwelling_remedied", "other_cause_found", "complaint_closed"} & set(
            later[: later.index("third_party_measured")]
        )


def test_the_share_that_disputes_is_the_one_asked_for_and_more_dispute_where_more_do():
    def disputes(share):
        run = season(mean_c=18.5, dispute_share=share, phone_share=0.0)
        able = np.count_nonzero(run.table["value"][people.rows(run, "visited")] >= STANDARD_C)
        key = run.table["subject"][people.rows(run, "measurement_disputed")]
        return able, set(key.tolist())

    counts = {share: disputes(share) for share in (0.0, 0.2, 0.6, 1.0)}
    assert not counts[0.0][1]
    for share in (0.2, 0.6):
        able, found = counts[share]
        assert able > 150
        assert len(found) / able == pytest.approx(share, abs=3.5 * np.sqrt(share * (1 - share) / able) + 0.03)
    # the marks are the dwelling's: who disputes when few do, does when more do (cases that last longer call less)
    both = counts[0.2][1] & counts[0.6][1]
    assert len(both) > 0.9 * len(counts[0.2][1])


def test_the_third_partys_reading_decides():
    """Below the standard: acted on, or put down to another; at it: the case is closed without a remedy."""
    run = season(mean_c=18.2, dispute_share=1.0, phone_share=0.0, reading_error_k=0.6)
    seen = {True: 0, False: 0}
    for row, later in following(run, "third_party_measured").items():
        if not START + DAY < run.table["at"][row] < END - DAY:
            continue
        low = bool(run.table["value"][row] < STANDARD_C)
        seen[low] += 1
        answers = {"action_taken", "other_cause_found", "delay_explained"} & set(later)
        assert bool(answers) == low
        assert low or later[0] in ("complaint_closed", "authority_complained")
    assert min(seen.values()) > 20


def test_a_third_party_reads_what_the_room_is():
    run = season(mean_c=19.0, dispute_share=1.0, phone_share=0.0, reading_error_k=0.3)
    third = [row for row in people.rows(run, "third_party_measured") if not is_touched(run, row)]
    third = [row for row in third if START < run.table["at"][row] < END]
    error = np.array([run.table["value"][row] - room_c(run, row) for row in third])
    assert len(error) > 100
    assert abs(error.mean()) < 3.5 * error.std() / np.sqrt(len(error))
    assert error.std() < 0.35
