"""The dwelling-hours kernel against counting every dwelling at many instants, and against hand-made cases."""

import numpy as np
import pytest
from heatseason.sim.kernels.shortfall import dwellings_below, shortfall

NONE = np.zeros(0, np.int64)
LEVELS = np.array([18.0, 16.0])


def count(room_c, offsets, *, start=0, end=None, excused=(), remedies=(), levels=LEVELS):
    """Run the kernel on one cohort."""
    room = np.asarray(room_c, np.float32)[:, None]
    end = (len(room) - 1) * 3600 if end is None else end
    offset = np.asarray(offsets, np.float32)
    spans = np.array(excused, np.int64).reshape(-1, 2)
    at = np.array([r[0] for r in remedies], np.int64)
    dwelling = np.array([r[1] for r in remedies], np.int64)
    gain = np.array([r[2] for r in remedies], float)
    return shortfall(
        room, start, end, levels, np.array([0, len(offset)]), np.sort(offset), offset,
        np.zeros(1, np.int64), np.array([0, len(spans)]), spans[:, 0].copy(), spans[:, 1].copy(),
        np.array([0, len(at)]), at, dwelling, gain,
    )  # fmt: skip


def test_one_dwelling_crossing_on_a_straight_line():
    hours, _, degrees, _, scope, mean, least, _ = count([19.0, 17.0], [0.0])
    assert hours[0].tolist() == pytest.approx([0.5, 0.0])
    assert degrees[0].tolist() == pytest.approx([0.25, 0.0])
    assert scope[0] == pytest.approx(1.0)
    assert (mean[0], least[0]) == (pytest.approx(18.0), pytest.approx(17.0))


def test_exactly_eighteen_is_not_below():
    assert count([18.0, 18.0, 18.0], [0.0, 0.0])[0][0, 0] == 0.0


def test_an_excuse_covers_its_own_time_to_the_second():
    hours, scope_hours, *_ = count([17.0] * 5, [0.0, 5.0], excused=[(1800, 9000)])
    assert hours[0, 0] == pytest.approx(4.0)
    assert scope_hours[0, 0] == pytest.approx(2.0)


def test_a_remedy_warms_one_dwelling_from_its_instant_on():
    hours, _, degrees, _, _, mean, least, least_scope = count([17.0] * 5, [0.0, 0.5], remedies=[(3600 + 900, 0, 2.0)])
    assert hours[0, 0] == pytest.approx(1.25 + 4.0)
    assert degrees[0, 0] == pytest.approx(1.25 + 0.5 * 4)
    assert mean[0] == pytest.approx(17.0 + 2.0 * 2.75 / 4)
    assert least.tolist() == pytest.approx([17.0, 17.5])
    assert least_scope.tolist() == pytest.approx([17.0, 17.5])


def test_a_cohort_without_dwellings_counts_nothing():
    hours, _, degrees, _, scope, *_ = count([10.0, 10.0], [])
    assert hours.sum() == degrees.sum() == 0.0
    assert scope[0] == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_counting_every_dwelling(seed):
    rng = np.random.default_rng(seed)  # a test's own numbers, not a simulation's
    hours_n, dwellings, fine = 60, 23, 2000
    room = (18.0 + np.cumsum(rng.normal(0, 0.4, hours_n + 1))).astype(np.float32)
    offset = rng.normal(0, 1.0, dwellings).astype(np.float32)
    when, who = rng.integers(0, hours_n * 3600, 6), rng.integers(0, dwellings, 6)
    remedies = sorted(zip(when.tolist(), who.tolist(), rng.uniform(0.3, 2, 6).tolist(), strict=True))
    edges = np.sort(rng.choice(hours_n * 3600, 6, replace=False))
    excused = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    start, end = 2 * 3600 + 600, hours_n * 3600 - 1800
    hours, hours_scope, degrees, degrees_scope, scope_h, mean, least, least_scope = count(
        room, offset, start=start, end=end, excused=excused, remedies=remedies
    )
    seconds = start + (np.arange((end - start) * fine // 3600) + 0.5) * 3600 / fine
    base = np.interp(seconds / 3600, np.arange(hours_n + 1), room.astype(float))
    free = ~np.any([(seconds >= a) & (seconds < b) for a, b in excused], axis=0)
    temperature = base[None, :] + offset.astype(float)[:, None]
    for at, dwelling, gain in remedies:
        temperature[dwelling] += gain * (seconds >= at)
    for column, level in enumerate(LEVELS):
        short = np.maximum(level - temperature, 0.0)
        assert hours[0, column] == pytest.approx((short > 0).sum() / fine, abs=0.05)
        assert hours_scope[0, column] == pytest.approx((short[:, free] > 0).sum() / fine, abs=0.05)
        assert degrees[0, column] == pytest.approx(short.sum() / fine, rel=1e-3, abs=1e-2)
        assert degrees_scope[0, column] == pytest.approx(short[:, free].sum() / fine, rel=1e-3, abs=1e-2)
    assert scope_h[0] == pytest.approx(free.sum() / fine, abs=0.01)
    assert mean == pytest.approx(temperature.mean(axis=1), abs=1e-3)
    assert least == pytest.approx(temperature.min(axis=1), abs=2e-3)
    assert least_scope == pytest.approx(temperature[:, free].min(axis=1), abs=2e-3)


def test_single_dwellings_agree_with_their_cohort():
    rng = np.random.default_rng(9)
    room = (18.0 + np.cumsum(rng.normal(0, 0.4, 49))).astype(np.float32)
    offset = rng.normal(0, 1.0, 11).astype(np.float32)
    total, _, degrees, *_ = count(room, offset)
    single_h, single_d = dwellings_below(
        room[:, None], 0, 48 * 3600, 18.0, np.zeros(11, np.int64), offset.astype(float),
        np.zeros(12, np.int64), NONE, np.zeros(0),
    )  # fmt: skip
    assert single_h.sum() == pytest.approx(total[0, 0], abs=1e-4)
    assert single_d.sum() == pytest.approx(degrees[0, 0], abs=1e-3)


@pytest.mark.parametrize("step_k", [0.4, 1 / 512, 0.0])
@pytest.mark.parametrize("spread_k", [1.0, 0.0])
def test_looked_up_ranks_count_what_single_dwellings_count(step_k, spread_k):
    rng = np.random.default_rng(11)
    dwellings, hours_n = 40, 200
    room = (18.0 + np.cumsum(rng.integers(-1, 2, hours_n + 1) * step_k)).astype(np.float32)
    offset = (rng.normal(0, 1.0, dwellings) * spread_k).astype(np.float32)
    when, who = np.sort(rng.integers(1, hours_n, 30)) * 3600, rng.integers(0, dwellings, 30)
    gain = rng.choice([-2.5, -0.4, 0.3, 3.0], 30)  # beyond the warmest and the coldest neighbour, too
    total, _, degrees, *_ = count(room, offset, remedies=list(zip(when, who, gain, strict=True)))
    order = np.lexsort((when, who))
    first = np.searchsorted(who[order], np.arange(dwellings + 1)).astype(np.int64)
    for column, level in enumerate(LEVELS):
        single_h, single_d = dwellings_below(
            room[:, None], 0, hours_n * 3600, level, np.zeros(dwellings, np.int64), offset.astype(float), first,
            when[order], gain[order],
        )  # fmt: skip
        assert total[0, column] == pytest.approx(single_h.sum(), rel=1e-9, abs=1e-9)
        assert degrees[0, column] == pytest.approx(single_d.sum(), rel=1e-9, abs=1e-9)
