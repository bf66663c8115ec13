"""Marks: uniform, independent enough, monotone by inversion, and the same whatever is drawn besides."""

import numpy as np
import pytest
from heatseason.sim.kernels.marks import mix, normal, normals, poisson, sort_keys, sort_spread_keys, uniforms
from scipy import stats

KEY = np.uint64(0x1234_5678_9ABC_DEF0)


def test_known_value_of_splitmix64():
    # the first output of SplitMix64 seeded with 0 (Steele, Lea & Flood; as published with the reference code)
    assert mix(np.uint64(0), 0) == 0xE220A8397B1DCDAF


def test_uniforms_are_uniform_and_unrelated_between_keys():
    numbers = np.arange(200_000)
    a, b = np.empty(len(numbers)), np.empty(len(numbers))
    uniforms(KEY, numbers, a)
    uniforms(np.uint64(mix(KEY, 1)), numbers, b)
    assert stats.kstest(a, "uniform").pvalue > 1e-3
    assert stats.kstest(b, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(len(numbers))
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 4 / np.sqrt(len(numbers))


def test_normal_quantile_agrees_with_scipy():
    u = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 2_001), [1e-12, 0.02425, 0.97575]])
    ours = np.array([normal(x) for x in u])
    np.testing.assert_allclose(ours, stats.norm.ppf(u), rtol=2e-8, atol=2e-9)
    z = np.empty(3)
    normals(KEY, np.arange(3), z)
    assert np.isfinite(z).all()


def test_poisson_is_the_quantile_and_monotone_in_the_mean():
    u = np.linspace(0.001, 0.999, 97)
    for mean in (1e-6, 0.1, 1.0, 7.5, 60.0, 500.0):
        ours = [poisson(x, mean) for x in u]
        assert ours == stats.poisson.ppf(u, mean).astype(int).tolist()
    for x in u:
        counts = [poisson(x, mean) for mean in np.linspace(0.0, 40.0, 161)]
        assert counts == sorted(counts)


def test_poisson_of_a_large_mean_is_close_to_the_quantile():
    u = np.array([0.01, 0.3, 0.5, 0.8, 0.999])
    ours = np.array([poisson(x, 2_000.0) for x in u])
    assert np.abs(ours - stats.poisson.ppf(u, 2_000.0)).max() <= 2


def test_sort_keys_sorts_only_the_first():
    keys = np.arange(5_000, dtype=np.int64)[::-1].copy()
    wanted = np.concatenate([np.sort(keys[:3_000]), keys[3_000:]])
    sort_keys(keys, 3_000)
    assert (keys == wanted).all()
    sort_keys(keys, 0)
    assert (keys == wanted).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50, 2_000])
@pytest.mark.parametrize("spread", ["even", "one second", "last seconds"])
def test_keys_spread_over_a_span_are_sorted_whatever_their_spread(count, spread):
    u = np.empty(count)
    uniforms(KEY, np.arange(count), u)
    second = {"even": (3_600 * u), "one second": 7 + 0 * u, "last seconds": 3_590 + 10 * u}[spread].astype(np.int64)
    keys = (second << 32) | np.arange(count)[::-1]
    expected = np.sort(keys)
    sort_spread_keys(keys, count, 3_600, np.zeros(2 * count + 1, np.int64))
    assert keys.tolist() == expected.tolist()
