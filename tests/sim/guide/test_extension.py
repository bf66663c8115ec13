"""What a record has decided stays decided when it goes on: met, late and excused stand, missed may become late."""

import dataclasses

import pytest
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.rows import EXCUSED, LATE, MET, MISSED
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from

from .test_cases import ALL

COLUMNS = ("at", "what", "case", "subject", "cause", "origin", "value", "detail")
DAY_S = 86_400


def cut(record, at):
    """The record as it stood at an instant, its tracks no longer than that."""
    kept = record.at <= at
    hours = at // 3600
    tracks = {name: track[: hours + (name == "room_c")] for name, track in record.tracks.items()}
    return dataclasses.replace(
        record, **{name: getattr(record, name)[kept] for name in COLUMNS}, tracks=tracks,
        calendar={**record.calendar, "end": at},
    )  # fmt: skip


def duties(verdicts):
    """State of each duty that is counted one by one, by part and what opened it."""
    found = {}
    for verdict in verdicts.clauses:
        for part in verdict.parts:
            rows = part.rows
            if rows.counted in ("duties", "buildings"):
                for i in range(len(rows)):
                    opened = (int(rows.subject[i]), int(rows.trigger[i]), int(rows.opened_s[i]))
                    key = opened if part.form in ("within", "carries") else (*opened[:1], int(rows.case[i]))
                    found[verdict.clause.id, part.id, *key] = int(rows.state[i])
    return found


@pytest.mark.parametrize(("clause", "case"), ALL, ids=[f"{clause} {case['title']}" for clause, case in ALL])
def test_what_is_decided_stands_when_the_record_goes_on(clause, case):
    record = record_from({key: value for key, value in case.items() if key not in ("note", "expect", "margin")})
    after = duties(judge(record))
    first, last = int(record.calendar["season_start"]), int(record.calendar["end"])
    moments = sorted({int(at) for at in record.at} | {int(at) + DAY_S for at in record.at} | {first + 10 * DAY_S})
    for at in [moment for moment in moments if moment < last][:8]:
        for key, state in duties(judge(cut(record, at))).items():
            if state in (MET, LATE, EXCUSED) and key in after:
                assert after[key] == state, key
            if state == MISSED and key in after:
                assert after[key] in (MISSED, LATE), key


LIMITS = [
    (clause.id, part.id, part.limit)
    for clause in default_guide().clauses
    for part in clause.parts
    if part.form in ("within", "carries") and part.limit and "/" not in part.limit
]


@pytest.mark.parametrize(("clause", "part_id", "limit"), LIMITS)
def test_a_longer_limit_never_turns_met_into_late_or_missed(clause, part_id, limit):
    number = default_guide()[clause].numbers[limit]
    seen = 0
    for own, case in ALL:
        if own == clause:
            record = record_from({key: value for key, value in case.items() if key not in ("note", "expect", "margin")})
            short, long = (judge(record, {clause: {limit: number.value * factor}}) for factor in (1.0, 1.7))
            before, after = ([p.rows.state for p in v[clause].parts if p.id == part_id] for v in (short, long))
            for one, other in zip(before, after, strict=True):
                assert (other[one == MET] == MET).all()
                seen += (one == MET).sum()
    assert seen
