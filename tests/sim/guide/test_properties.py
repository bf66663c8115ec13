"""What judging promises of every form, on all records of tests/cases: limits, longer records, shifts, strangers.

Hypothesis chooses the record, the number and the instant; the records themselves show every state that a form allows.
"""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.rows import EXCUSED, LATE, MET, MISSED
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import KINDS
from heatseason.sim.record_text import record_from
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .test_cases import ALL
from .test_extension import cut

GUIDE = default_guide()
DAY = 86_400
EASED = {"limit": 1, "lead": -1, "least": -1, "count": -1, "stop_share": -1}  # which way is easier
RECORDS = [(own, {k: v for k, v in case.items() if k not in ("note", "expect", "margin")}) for own, case in ALL]
FORMS = {"within", "before", "throughout", "floor", "carries"}
records = st.sampled_from(RECORDS)
PROMISED = next(chosen for chosen in RECORDS if "promises again and again, and blames" in chosen[1]["title"])


def numbers():
    """Every number of a scored clause that makes one of its parts easier or harder: clause, part, name, which way."""
    for clause in GUIDE.clauses:
        for part in clause.parts:
            for field, way in EASED.items():
                name = getattr(part, field, "")
                if name and name != "entries" and name != "subjects":
                    yield clause.id, part, name, way


NUMBERS = list(numbers())


def amounts(verdicts, clause, part_id):
    found = [part.rows.amounts() for part in verdicts[clause].parts if part.id == part_id]
    return found[0] if found else np.zeros(5)


def test_every_form_has_numbers_that_can_be_eased():
    assert {part.form for _, part, _, _ in NUMBERS} == FORMS


@pytest.mark.parametrize(("clause", "part", "name", "way"), NUMBERS, ids=[f"{c}/{p.id}:{n}" for c, p, n, _ in NUMBERS])
@given(by=st.floats(1.0, 3.0))
@settings(max_examples=2)
def test_an_easier_number_never_breaks_what_was_kept(clause, part, name, way, by):
    owner, _, plain = name.rpartition("/")
    number = GUIDE.full_number(name) if owner else GUIDE[clause].numbers[name]
    eased = number.value * by if way > 0 else number.value / by
    if number.unit == "month" or name == part.__dict__.get("count"):
        eased = float(round(eased))
    for own, data in RECORDS:
        if own == clause:
            record = record_from(data)
            before, after = (amounts(judge(record, change), clause, part.id)
                             for change in (None, {owner or clause: {plain: eased}}))  # fmt: skip
            assert after[MET] >= before[MET] - 1e-9
            assert after[LATE] + after[MISSED] <= before[LATE] + before[MISSED] + 1e-9


def by_what(verdicts):
    """State of everything that is judged one by one, under a name that does not change when a record goes on."""
    found = {}
    for verdict in verdicts.clauses:
        for part in verdict.parts:
            rows = part.rows
            if rows.counted in ("duties", "buildings", "days", "months", "sources"):
                for i in range(len(rows)):
                    whole = rows.counted in ("buildings", "sources") or part.form in ("before", "throughout")
                    opened = () if whole and rows.counted != "days" else (int(rows.opened_s[i]),)
                    seq = int(rows.trigger[i]) if part.form in ("within", "carries") else -1
                    trigger = (int(verdicts.record.what[seq]), int(verdicts.facts.at[seq])) if seq >= 0 else ()
                    key = (verdict.clause.id, part.id, int(rows.subject[i]), int(rows.case[i]), trigger, *opened)
                    if rows.counted in ("buildings", "sources", "days"):
                        key = (*key[:3], *opened)
                    found[key] = int(rows.state[i])
    return found


@given(chosen=records, share=st.floats(0.0, 1.0))
@example(chosen=PROMISED, share=0.375)
@settings(max_examples=120)
def test_met_late_and_excused_stand_when_any_record_goes_on(chosen, share):
    record = record_from(chosen[1])
    end = int(record.calendar["end"])
    at = int(share * end)
    now, later = judge(cut(record, at)), judge(record)
    after = by_what(later)
    moved = now.facts.dates != later.facts.dates  # by a later decision, and with the season its duties
    for key, state in by_what(now).items():
        if key not in after:
            assert state not in (MET, LATE, EXCUSED, MISSED) or moved, key
            continue
        if state in (MET, LATE, EXCUSED):
            assert after[key] == state, key
        if state == MISSED:
            assert after[key] in (MISSED, LATE), key
    for verdict in now.clauses:  # what is counted by dwellings and hours: what was kept stays kept
        for part in verdict.parts:
            if part.rows.counted in ("dwellings", "elements"):
                whole = amounts(later, verdict.clause.id, part.id)
                assert whole[MET] >= part.rows.amounts()[MET] - 1e-6


def shifted(record, days):
    """The same happenings under a calendar that begins so many days earlier."""
    calendar = {k: v if k == "origin" else v + days * DAY for k, v in record.calendar.items()}
    first = np.datetime64(calendar["origin"]) - np.timedelta64(days, "D")
    tracks = {name: np.concatenate([np.repeat(track[:1], days * 24, axis=0), track])
              for name, track in record.tracks.items()}  # fmt: skip
    value = record.value.copy()
    instants = [k for k, kind in enumerate(KINDS) if "[s]" in kind.value and "wait" not in kind.value]
    value[np.isin(record.what, instants)] += days * DAY
    return dataclasses.replace(record, at=(record.at + days * DAY).astype(record.at.dtype), value=value, tracks=tracks,
                               calendar={**calendar, "origin": str(first)})  # fmt: skip


@given(chosen=records, days=st.integers(1, 90))
@settings(max_examples=60)
def test_no_verdict_changes_when_the_calendar_begins_elsewhere(chosen, days):
    record = record_from(chosen[1])
    one, other = judge(record), judge(shifted(record, days))
    for a, b in zip(one.clauses, other.clauses, strict=True):
        assert a.status == b.status, a.clause.id
        for part, same in zip(a.parts, b.parts, strict=True):
            assert part.rows.state.tolist() == same.rows.state.tolist(), (a.clause.id, part.id)
            assert part.rows.margin.tolist() == pytest.approx(same.rows.margin.tolist(), abs=1e-6)


clocks = st.integers(0, 60 * 24 * 90)  # minutes of the season
HOME, ROAD = "他乡苑", "他乡路"


def at(minute):
    day, rest = divmod(minute, 1440)
    return f"{np.datetime64('2025-11-16') + np.timedelta64(day, 'D')} {rest // 60:02d}:{rest % 60:02d}"


@st.composite
def strangers(draw):
    """Cases of another company's users and pipes."""
    entries = []
    for number in range(draw(st.integers(1, 3))):
        begun = draw(clocks)
        home, pipe = {"subject": f"{HOME}/{number + 1}", "case": f"s{number}"}, {"subject": ROAD, "case": f"p{number}"}
        story = [("call_answered", home), ("complaint_accepted", home), ("complaint_responded", home),
                 ("measurement_requested", home), ("visited", home), ("action_taken", home),
                 ("complaint_closed", home), ("authority_complained", home), ("authority_told", home),
                 ("pipe_failed", pipe), ("fault_discovered", pipe), ("fault_reported", pipe),
                 ("outage_started", {**pipe, "subject": HOME}), ("users_told", {**pipe, "subject": HOME}),
                 ("outage_ended", {**pipe, "subject": HOME}), ("fault_restored", pipe)]  # fmt: skip
        for what, about in story:
            if draw(st.booleans()):
                begun += draw(st.integers(0, 3000))
                entries.append(
                    {
                        "at": at(begun),
                        "what": what,
                        **({} if what in ("users_told", "complaint_accepted") else {"value": 16.0}),
                        **about,
                    }
                )
    return entries


def of_others(verdicts):
    """States and margins of all rows that are no stranger's, in order of what they are about."""
    subjects, found = verdicts.record.subjects, {}
    for verdict in verdicts.clauses:
        for part in verdict.parts:
            rows = part.rows
            for i in range(len(rows)):
                subject, trigger = int(rows.subject[i]), int(rows.trigger[i])
                about = subject if subject >= 0 else int(verdicts.record.subject[trigger]) if trigger >= 0 else -1
                row = about if about < verdicts.facts.listed else int(verdicts.facts.cohort_row(np.array([about]))[0])
                case = int(rows.case[i])
                mine = np.flatnonzero(verdicts.record.case == case) if case >= 0 else []
                names = {subjects.name[s] for s in verdicts.record.subject[mine] if 0 <= s < len(subjects)}
                if (row >= 0 and subjects.name[row] in (HOME, ROAD, "另一家", f"{HOME}-1")) or names & {HOME, ROAD}:
                    continue
                name = subjects.name[row] if row >= 0 else ""
                found.setdefault((verdict.clause.id, part.id), []).append(
                    (name, int(rows.opened_s[i]), int(rows.state[i]), round(float(rows.margin[i]), 6)))  # fmt: skip
    return {key: sorted(rows) for key, rows in found.items()}


LOOSE = [(own, data) for own, data in RECORDS if not {"logged", "operator", "series"} & set(data)
         and not any(isinstance(e.get("cause"), int) for e in data.get("entry", ()))]  # fmt: skip


@given(chosen=st.sampled_from(LOOSE), others=strangers(), place=st.integers(0, 5))
@settings(max_examples=60)
def test_cases_of_strangers_change_no_verdict(chosen, others, place):
    data = chosen[1]
    entries = list(data.get("entry", ()))
    named = [{"name": name} for name in dict.fromkeys(_estates(data))]
    base = {**data, "substation": data.get("substation", named), "operator": [{"name": "本家"}, {"name": "另一家"}]}
    base["substation"] = [{**row, "operator": "本家"} for row in base["substation"]]
    base["substation"].append({"name": HOME, "operator": "另一家"})
    record = record_from(base)
    last = dt.datetime.fromisoformat(record.calendar["origin"]) + dt.timedelta(seconds=record.calendar["end"])
    others = [entry for entry in others if entry["at"] <= f"{last:%Y-%m-%d %H:%M}"]
    alone = of_others(judge(record))
    together = of_others(judge(record_from({**base, "entry": [*entries[:place], *others, *entries[place:]]})))
    assert {key: rows for key, rows in together.items() if key in alone} == alone


def _estates(data):
    for table in (*data.get("entry", ()), *({"subject": room["estate"]} for room in data.get("room", ()))):
        name = str(table.get("subject", ""))
        if "/" in name or "estate" in table:
            yield name.partition("/")[0]
