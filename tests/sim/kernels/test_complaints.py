"""Calls: the table is the dwellings' sum, counts fall with warmth, callers are the cold ones, marks are common."""

import math

import numpy as np
from heatseason.scenarios.chance import normal, stream
from heatseason.sim.kernels.complaints import (
    BINS,
    COLD,
    ENQUIRY,
    NO_HEAT,
    ROOMS,
    STEP_K,
    bin_of,
    change_bin,
    choose,
    draw_hour,
    draw_outage,
    hazard,
    tabulate,
    unbounded,
)

KEY = np.uint64(99)
MIDPOINT_C, SPREAD_K, PER_DAY = 16.3, 1.93, 0.03
SIZES = (300, 1, 0, 120)
FIRST = np.concatenate([[0], np.cumsum(SIZES)])
SHARES = np.array([0.1, 0.2, 0.8, 1.0])


def city(seed=0):
    offset = (1.3 * normal(stream(3, seed, "offsets").random(FIRST[-1]))).astype(np.float32)
    rate = hazard(MIDPOINT_C, SPREAD_K, PER_DAY)
    return offset, rate, *tabulate(FIRST, offset, rate)


def draw(hour, room_c, parts, *, cold=1 / 24, other=0.0, key=KEY, space=4_096):
    _, rate, table, binned, order = parts
    keys, calls = np.zeros(space, np.int64), np.zeros((space, 4), np.int32)
    rooms = np.full(len(SIZES), room_c, np.float32)
    count = draw_hour(
        hour, key, rooms, cold, other, SHARES, FIRST, table, binned, order, rate, unbounded(4), np.zeros(4, int), keys,
        calls,
    )  # fmt: skip
    return count, calls[: min(count, space)].T


def test_table_is_the_sum_over_dwellings():
    offset, rate, table, binned, order = city()
    for c in range(len(SIZES)):
        mine = offset[FIRST[c] : FIRST[c + 1]].astype(float)
        assert binned[c].sum() == len(mine)
        for j in (0, 60, 80, 128):
            rounded = np.round(mine / STEP_K) * STEP_K
            exact = (PER_DAY / (1 + np.exp((j * STEP_K + rounded - MIDPOINT_C) / SPREAD_K))).sum()
            assert math.isclose(table[c, j], exact, rel_tol=2e-6, abs_tol=1e-12)
        if len(mine):  # rounding the offsets to a quarter of a kelvin hardly matters to the sum
            true = (PER_DAY / (1 + np.exp((20.0 + mine - MIDPOINT_C) / SPREAD_K))).sum()
            assert math.isclose(table[c, 80], true, rel_tol=0.02 if len(mine) > 1 else 0.1)
    assert sorted(order.tolist()) == list(range(FIRST[-1]))
    assert len(rate) == ROOMS + BINS - 1


def test_a_remedy_changes_the_table_as_a_new_one_would():
    offset, rate, table, binned, order = city()
    rng = stream(3, 1, "remedies")
    for _ in range(200):
        d = int(rng.random() * FIRST[-1])
        c = int(np.searchsorted(FIRST, d, side="right") - 1)
        old = bin_of(offset[d])
        offset[d] += np.float32(6.0 * rng.random() - 3.0)
        change_bin(c, d, old, bin_of(offset[d]), FIRST, table, binned, order, rate, unbounded(4))
    fresh_table, fresh_binned, _ = tabulate(FIRST, offset, rate)
    np.testing.assert_allclose(table, fresh_table, rtol=1e-4, atol=1e-5)
    assert (binned == fresh_binned).all()
    bins = np.array([bin_of(x) for x in offset[order]])
    for c in range(len(SIZES)):
        assert sorted(order[FIRST[c] : FIRST[c + 1]].tolist()) == list(range(FIRST[c], FIRST[c + 1]))
        assert (np.diff(bins[FIRST[c] : FIRST[c + 1]]) >= 0).all()


def test_counts_have_the_mean_of_the_dwellings_hazards():
    parts = city()
    counts = np.array([draw(hour, 18.0, parts)[0] for hour in range(6_000)])
    mean = parts[2][:, 72].sum() / 24
    assert abs(counts.mean() - mean) < 3 * math.sqrt(mean / len(counts))
    assert abs(counts.var() - mean) < 6 * mean / math.sqrt(len(counts))  # Poisson: the variance is the mean


def test_warmer_rooms_never_give_more_calls():
    parts = city()
    for hour in range(400):
        counts = [draw(hour, room, parts, cold=0.5)[0] for room in np.arange(10.0, 26.0, 0.5)]
        assert counts == sorted(counts, reverse=True)


def test_callers_are_the_cold_dwellings_in_proportion_to_their_hazard():
    parts = city()
    offset, rate, table, binned, order = parts
    marks = (np.arange(20_000) + 0.5) / 20_000
    chosen = order[[choose(u, 0, 19.0, FIRST, table, binned, rate) for u in marks]]
    assert chosen.min() >= 0
    assert chosen.max() < SIZES[0]
    shares = np.bincount(chosen, minlength=SIZES[0]) / len(marks)
    rounded = np.round(offset[: SIZES[0]].astype(float) / STEP_K) * STEP_K
    weight = 1 / (1 + np.exp((19.0 + rounded - MIDPOINT_C) / SPREAD_K))
    np.testing.assert_allclose(shares, weight / weight.sum(), atol=2e-4)
    assert (np.diff([bin_of(offset[d]) for d in chosen]) >= 0).all()  # coldest first


def test_calls_stand_in_the_hour_and_their_reasons_have_their_shares():
    parts = city()
    reasons = []
    for hour in range(300):
        _, calls = draw(hour, 20.0, parts, cold=0.0, other=0.05)
        assert (calls[0] // 3_600 == hour).all()
        assert (np.searchsorted(FIRST, calls[1], side="right") - 1 == calls[3]).all()
        reasons.extend(calls[2])
    reasons = np.array(reasons)
    assert COLD not in reasons
    share = np.mean(reasons == ENQUIRY)
    assert abs(share - 0.6) < 3 * math.sqrt(0.24 / len(reasons))


def test_one_cohort_more_moves_no_other_draw_and_too_little_room_is_told():
    parts = city()
    count, calls = draw(7, 12.0, parts, cold=1.0)
    warm = np.array([12.0, 40.0, 40.0, 40.0], np.float32)
    keys, only = np.zeros(4_096, np.int64), np.zeros((4_096, 4), np.int32)
    alone = draw_hour(7, KEY, warm, 1.0, 0.0, SHARES, FIRST, *parts[2:], parts[1], unbounded(4), np.zeros(4, int),
                      keys, only)  # fmt: skip
    only = only[:alone].T
    assert only[:, only[3] == 0].tolist() == calls[:, calls[3] == 0].tolist()
    told, first = draw(7, 12.0, parts, cold=1.0, space=3)
    assert told == count > 3
    assert first.tolist() == calls[:, :3].tolist()


def test_households_without_heat_call_once_in_all_and_fewer_when_told():
    size = np.array([0, 40_000])
    called = {}
    for told in (0, 1):
        total = 0
        for epoch in range(96):
            keys, calls = np.zeros(8_192, np.int64), np.zeros((8_192, 4), np.int32)
            n = draw_outage(
                epoch, 900.0, KEY, epoch / 4, (epoch + 1) / 4, np.zeros(1), np.array([told]), np.array([1]),
                np.zeros(1), 0.15, 0.5, 2.0, size, keys, calls,
            )  # fmt: skip
            assert n <= 8_192
            assert (calls[:n, 2] == NO_HEAT).all()
            assert (calls[:n, 0] // 900 == epoch).all()
            total += n
        called[told] = total
    expected = 40_000 * 0.15
    assert abs(called[0] - expected) < 3 * math.sqrt(expected)
    assert abs(called[1] - expected / 2) < 3 * math.sqrt(expected / 2)


def test_nobody_calls_of_a_stop_before_it():
    keys, calls = np.zeros(8_192, np.int64), np.zeros((8_192, 4), np.int32)
    n = draw_outage(
        8, 900.0, KEY, 2.0, 2.25, np.full(1, 2.0), np.array([0]), np.array([1]), np.array([8 * 900 + 600]),
        0.15, 0.5, 2.0, np.array([0, 40_000]), keys, calls,
    )  # fmt: skip
    assert n > 100
    assert ((calls[:n, 0] >= 8 * 900 + 600) & (calls[:n, 0] < 9 * 900)).all()
