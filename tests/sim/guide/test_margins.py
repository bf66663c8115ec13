"""A margin agrees in sign with what is kept, is continuous, and never falls when a fact gets better."""

import numpy as np
import pytest
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.margins import Margin, least
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_cases import ALL, judged

MINUTES = st.integers(0, 60 * 24)


def margin(clause, **tables):
    return judge(record_from(tables))[clause].margin


@pytest.mark.parametrize(("clause", "case"), ALL, ids=[f"{clause} {case['title']}" for clause, case in ALL])
def test_its_sign_agrees_with_what_is_kept(clause, case):
    for verdict in judged(case).clauses:
        found = verdict.margin
        if verdict.status == "breached":
            assert found is not None
            assert found.value < 0.0
            assert -1.0 < found.relative < 0.0
        elif found is not None:
            assert found.value >= 0.0
            assert 0.0 <= found.relative <= 1.0


def test_every_judged_clause_has_one_where_it_is_broken_and_where_it_is_kept():
    """Some case of each clause shows a margin on either side."""
    seen = {clause.id: set() for clause in default_guide().clauses if clause.scored}
    for clause, case in ALL:
        found = judged(case)[clause].margin if clause in seen else None
        if found is not None:
            seen[clause].add(found.value >= 0.0)
    assert not [clause for clause, sides in seen.items() if sides != {True, False}]


def answered(minutes):
    entries = []
    for number, minute in enumerate(minutes):
        home = {"subject": f"荔枝园/{number + 1}", "case": number}
        entries.append({"at": "2025-12-01 09:00", "what": "complaint_accepted", **home})
        day, rest = divmod(9 * 60 + minute, 1440)
        at = f"2025-12-{1 + day:02d} {rest // 60:02d}:{rest % 60:02d}"
        entries.append({"at": at, "what": "complaint_responded", **home})
    return margin("2.7.3", entry=entries)


@given(minutes=st.lists(MINUTES, min_size=1, max_size=6), which=st.integers(0, 5), later=st.integers(1, 600))
@settings(max_examples=60)
def test_a_later_answer_never_raises_it_and_moves_it_by_no_more_than_the_delay(minutes, which, later):
    which %= len(minutes)
    after = [minute + later * (number == which) for number, minute in enumerate(minutes)]
    one, other = answered(minutes), answered(after)
    assert other.value <= one.value + 1e-9
    assert other.relative <= one.relative + 1e-9
    assert one.value - other.value <= later / 60 + 1e-6
    assert one.relative - other.relative <= later / 60 + 1e-6


def test_it_moves_with_the_share_of_broken_duties_and_with_how_late_they_are():
    barely, late, many = answered([61, 30, 30]), answered([180, 30, 30]), answered([180, 180, 30])
    assert 0.0 > barely.value > late.value > many.value
    assert 0.0 > barely.relative > late.relative > many.relative
    assert late.value == pytest.approx(-2.0)
    assert many.value == pytest.approx(-4.0)
    assert late.relative == pytest.approx(-(2.0 / 3.0) / 3.0)  # two limits late, bent; one of three duties


ROOMS = st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=4)


def warm(rooms_c):
    rooms = [{"estate": f"小区{n}", "hourly_c": [18.0 + float(np.float32(c))]} for n, c in enumerate(rooms_c)]
    return margin("2.3", season={"start": "2025-11-15", "end": "2025-11-16", "record_end": "2025-12-20"}, room=rooms)


@given(rooms=ROOMS, which=st.integers(0, 3), colder=st.floats(1e-4, 0.5))
@settings(max_examples=30)
def test_a_colder_room_never_raises_it_and_degree_hours_follow(rooms, which, colder):
    which %= len(rooms)
    one, other = warm(rooms), warm([room - colder * (number == which) for number, room in enumerate(rooms)])
    assert other.value <= one.value + 1e-4
    assert other.relative <= one.relative + 1e-6
    assert one.value - other.value <= 48.0 * colder + 1e-3  # two days of one dwelling, or one hour of the coldest


@pytest.mark.parametrize("step", [1e-2, 1e-3])
def test_it_goes_through_zero_at_the_floor(step):
    above, below = warm([step]), warm([-step])
    assert 0.0 <= above.value <= 1.1 * step
    assert -50.0 * step <= below.value < 0.0
    assert above.relative < step
    assert below.relative > -step


def served(share):
    need = [1e6] * 2000
    heat = [*need[:100], share * 1e6, *need[101:]]
    series = [{"track": f"substation_{name}_w", "subject": "荔枝园", "from": "2025-11-15 00:00", "hourly": hourly}
              for name, hourly in (("heat", heat), ("need", need))]  # fmt: skip
    return margin("2.6.3", substation=[{"name": "荔枝园"}], series=series)


def test_an_hour_barely_below_a_stop_counts_little():
    shares = np.linspace(0.0, 1.0, 41)
    found = [served(float(share)) for share in shares]
    assert np.all(np.diff([m.value for m in found]) >= -1e-9)
    assert np.all(np.diff([m.relative for m in found]) >= -1e-9)
    near = [served(0.1 - 1e-4), served(0.1 + 1e-4)]
    assert -2e-3 < near[0].value < 0.0 <= near[1].value < 2e-3


def test_the_clause_has_its_tightest_part_s():
    loose, tight, broken = Margin(5.0, "h", 0.4), Margin(3.0, "d", 0.2), Margin(-1.0, "K h", -0.01)
    assert least([loose, None, tight]) is tight
    assert least([loose, broken, tight]) is broken
    assert least([None]) is None


def test_the_scorecard_gives_every_clause_and_part_its_own():
    home = {"subject": "荔枝园/1", "case": 1}
    entries = [{"at": "2025-12-01 09:00", "what": "complaint_accepted", **home},
               {"at": "2025-12-03 09:00", "what": "complaint_closed", **home}]  # fmt: skip
    row = score(judge(record_from({"entry": entries})))["2.7.4"]
    assert (row.margin, row.unit) == (pytest.approx(120.0), "h")
    assert row.relative_margin == pytest.approx((120 / 168) / (1 + 120 / 168))
    assert [part["id"] for part in row.parts] == ["closed", "promise", "true_cause"]
    assert row.parts[0]["relative_margin"] == pytest.approx(row.relative_margin)
