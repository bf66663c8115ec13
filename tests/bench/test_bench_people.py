"""People apart from the heat: ``python -m pytest tests/bench/test_bench_people.py --benchmark-enable -s``."""

import importlib.util
import time

import numpy as np
import pytest
import simpy
from heatseason.scenarios.chance import stream
from heatseason.scenarios.scenario import load
from heatseason.scenarios.timetable import unroll
from heatseason.sim import run as season
from heatseason.sim.kernels.hotline import run_queue


def people_of(scenario, ground, timetable):
    world = season._world(scenario, ground, timetable, 0)
    world.settle()
    return world.people


def play(people, room_c):
    cohorts = room_c.shape[1]
    none = np.zeros(cohorts, bool)
    for day in range(1, len(room_c) // 24):
        people.advance(day * 86_400, room_c=room_c, no_heat=none)
    people.finish(room_c)
    return people.balances()


@pytest.mark.parametrize("network", ["town", "hanzhong"])
def test_calls_and_cases_of_a_season(benchmark, network):
    scenario = load("hanzhong", [f"network={network}"])
    ground = season.ground_of(scenario)
    timetable = unroll(scenario, ground.arrays)
    room_c = np.asarray(season.run(scenario).tracks["room_c"])

    def fresh():
        return (people_of(scenario, ground, timetable), room_c), {}

    ledger = benchmark.pedantic(play, setup=fresh, rounds=7, warmup_rounds=1)
    assert ledger["calls_error"] == ledger["cases_error"] == ledger["fees_error"] == ledger["refunds_error"] == 0
    ms = 1e3 * benchmark.stats.stats.median
    print(f"\n{network}: {ms:.0f} ms, {ledger['calls_offered']:,} calls, {ledger['cases_opened']:,} cases")


def test_the_queue_against_simpy(benchmark, root):
    """20,000 callers, some of whom give up: the same answers, and how many times as quick."""
    place = importlib.util.spec_from_file_location(
        "hotline_oracle", root / "tests" / "oracle" / "test_hotline_oracle.py"
    )
    oracle = importlib.util.module_from_spec(place)
    place.loader.exec_module(oracle)
    count, rng = 20_000, stream(25, 0, "bench")
    arrival = np.cumsum(-12.0 * np.log1p(-rng.random(count)))
    patience = -240.0 * np.log1p(-rng.random(count))
    handling = -270.0 * np.log1p(-rng.random(count))
    roster = np.full(int(arrival[-1] // 900) + 2, 21)
    env, log = simpy.Environment(), {}
    hotline = oracle.Hotline(env, roster, 900.0)
    began = time.perf_counter()
    for row in range(count):
        env.process(oracle.caller(hotline, arrival[row], patience[row], handling[row], log, row))
    env.run(until=arrival[-1] + 1e5)
    simpy_s = time.perf_counter() - began
    outcome, begun = benchmark(run_queue, arrival, patience, handling, roster, 900.0)
    assert [log[row][0] for row in range(count)] == outcome.tolist()
    np.testing.assert_allclose([log[row][1] for row in range(count)], begun, rtol=0, atol=1e-6)
    ours_s = benchmark.stats.stats.median
    print(
        f"\n{1e6 * ours_s / count:.2f} us a caller, SimPy {1e6 * simpy_s / count:.0f} us: {simpy_s / ours_s:.0f} times"
    )
