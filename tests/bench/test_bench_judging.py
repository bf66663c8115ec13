"""How long judging takes: a season as large as Hanzhong's, and the dwellings' shortfall alone.

Run with: python -m pytest tests/bench/test_bench_judging.py --benchmark-only
"""

import numpy as np
import pytest
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.facts import Facts
from heatseason.sim.guide.floors import room_shortfall
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import Record, Subjects
from heatseason.sim.record_builder import RecordBuilder
from heatseason.sim.record_store import rounded

DAY = 86_400
START, END, HOURS = 75 * DAY, 196 * DAY, 4_100
SUBSTATIONS, COHORTS, HOUSEHOLDS = 240, 1_200, 312


def subjects(rng):
    kinds = ["city", "authority", "operator", "operator", "district", *["source"] * 6, *["pipe"] * 500]
    kinds += ["substation"] * SUBSTATIONS + ["cohort"] * COHORTS
    kind = np.array(kinds)
    count = len(kinds)
    substation, cohort = np.flatnonzero(kind == "substation"), np.flatnonzero(kind == "cohort")
    operator = np.full(count, -1, np.int32)
    for name in ("source", "pipe", "substation"):
        rows = np.flatnonzero(kind == name)
        operator[rows] = 2 + np.arange(len(rows)) % 2
    operator[[2, 3]] = [2, 3]
    own, households, first = np.full(count, -1, np.int32), np.zeros(count, np.int32), np.full(count, -1, np.int32)
    own[substation] = substation
    own[cohort] = substation[np.arange(COHORTS) // 5]
    operator[cohort] = operator[own[cohort]]
    households[substation], households[cohort] = 5 * HOUSEHOLDS, HOUSEHOLDS
    first[cohort] = np.arange(COHORTS) * HOUSEHOLDS
    dwellings = COHORTS * HOUSEHOLDS
    return Subjects(
        tuple(kinds), tuple(map(str, range(count))), tuple(map(str, range(count))), operator,
        np.where(operator >= 0, 4, -1).astype(np.int32), own, ("",) * count, households, households * 100.0, first,
        rng.normal(0, 0.8, dwellings).astype(np.float32), rng.random(dwellings) > 0.02,
        np.where(operator >= 0, 5, -1).astype(np.int32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def season():
    """400,000 calls, some 76,000 complaints with all that follows, 150 bursts."""
    rng = np.random.default_rng(3)
    listed = subjects(rng)
    builder = RecordBuilder()
    calls = np.sort(rng.integers(START, END, 400_000))
    dwelling = len(listed) + rng.integers(0, COHORTS * HOUSEHOLDS, len(calls))
    answered = rng.random(len(calls)) < 0.95
    builder.block("call_answered", calls[answered], dwelling[answered], value=30.0)
    builder.block("call_abandoned", calls[~answered], dwelling[~answered], value=200.0)
    chosen = np.flatnonzero(answered)[::5]
    at, who = calls[chosen], dwelling[chosen]
    case = builder.new_cases(len(at)) + np.arange(len(at))
    builder.block("complaint_accepted", at + 120, who, case=case)
    builder.block("complaint_responded", at + rng.integers(200, 4000, len(at)), who, case=case)
    builder.block("measurement_requested", at + 120, who, case=case)
    visit = at + rng.integers(3600, 7 * 3600, len(at))
    builder.block("visited", visit, who, case=case, value=rng.normal(18, 1, len(at)))
    builder.block("measurement_signed", visit + 60, who, case=case)
    builder.block("dwelling_remedied", visit[::4] + DAY, who[::4], case=case[::4], value=1.0)
    builder.block("complaint_closed", at + rng.integers(DAY, 7 * DAY, len(at)), who, case=case)
    for pipe in range(150):
        burst, start = builder.new_case(), int(rng.integers(START, END))
        failed = builder.note(start, "pipe_failed", 11 + pipe, case=burst)
        builder.note(start + 600, "fault_discovered", 11 + pipe, case=burst, cause=failed)
        builder.note(start + 900, "fault_reported", 1, case=burst)
        for substation in rng.integers(511, 511 + SUBSTATIONS, 5):
            builder.note(start + 600, "outage_started", int(substation), case=burst)
            builder.note(start + 30 * 3600, "outage_ended", int(substation), case=burst)
            builder.note(start + 900, "users_told", int(substation), case=burst, value=start + 31 * 3600.0)
    room = 20.4 + rng.normal(0, 0.5, COHORTS) + np.cumsum(rng.normal(0, 0.03, (HOURS + 1, 1)), axis=0)
    need = np.abs(rng.normal(1e6, 1e5, (HOURS, SUBSTATIONS)))
    tracks = {"outdoor_c": 4 + 5 * np.cos(np.arange(HOURS) / 650), "room_c": room, "substation_heat_w": need,
              "substation_need_w": need, "unserved_fuel_w": np.zeros((HOURS, 6))}  # fmt: skip
    calendar = {"origin": "2025-09-01", "season_start": START, "season_end": END, "end": HOURS * 3600 + 40 * DAY}
    stored = rounded({name: np.asarray(track, np.float32) for name, track in tracks.items()})
    return Record(
        **builder.columns(), details=(), tracks=stored, subjects=listed, scenario={"name": "bench"}, calendar=calendar
    )


def test_judging_a_season(benchmark, season):
    benchmark(judge, season)


def test_scoring_a_season(benchmark, season):
    verdicts = judge(season)
    benchmark(lambda: score(verdicts).to_json())


def test_the_dwellings_shortfall_alone(benchmark, season):
    guide = default_guide()
    clause = guide["2.3"]

    def count():
        return room_shortfall(Facts(season, guide), guide, clause, clause.parts[0])

    benchmark(count)
