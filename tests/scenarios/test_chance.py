"""Named streams: the same name, the same draws; nothing else matters."""

import os
import subprocess
import sys

import numpy as np
import pytest
from heatseason.scenarios.chance import (
    key,
    lognormal,
    normal,
    stream,
    uniform,
    uniforms,
    uniforms_of_entities,
    uniforms_of_members,
)
from scipy import stats


def test_a_stream_is_its_name_and_not_its_turn():
    first = stream(7, 0, "pipe_failure", "管段-1").random(3)
    stream(7, 0, "something", "else").random(100)
    assert np.array_equal(first, stream(7, 0, "pipe_failure", "管段-1").random(3))


@pytest.mark.parametrize(
    "other", [(8, 0, "a", "b"), (7, 1, "a", "b"), (7, 0, "a", "c"), (7, 0, "ab"), (7, 0, "a", "b", 0)]
)
def test_another_name_is_another_stream(other):
    assert stream(7, 0, "a", "b").random() != stream(*other).random()
    assert key(7, 0, "a", "b") != key(*other)


def test_names_mean_the_same_under_another_hash_seed():
    code = "from heatseason.scenarios.chance import *; print(key(1, 2, '汉中', 3), stream(1, 2, '汉中', 3).random())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1234")
    }
    assert len(outputs) == 1


def test_text_and_number_are_different_names():
    assert key(1, 0, "3") != key(1, 0, 3)
    assert key(1, 0, np.int64(3)) == key(1, 0, 3)


def test_more_uniforms_move_none_of_the_first():
    assert np.array_equal(uniforms(1, 0, "x", count=50)[:7], uniforms(1, 0, "x", count=7))
    assert all(uniform(7, 3, "x", n) == uniforms(7, 3, "x", n, count=1)[0] for n in range(200))


def test_another_entity_moves_no_row():
    few = uniforms_of_entities(1, 0, "delivery", ["a", "b"], count=4)
    more = uniforms_of_entities(1, 0, "delivery", ["new", "a", "b"], count=9)
    assert np.array_equal(few, more[1:, :4])


def test_members_belong_to_their_entity():
    few = uniforms_of_members(1, 0, "dwelling", ["a", "b"], np.array([3, 5]))
    more = uniforms_of_members(1, 0, "dwelling", ["a", "new", "b"], np.array([4, 2, 5]))
    assert few.dtype == np.float32
    assert np.array_equal(few[:3], more[:3])
    assert np.array_equal(few[3:], more[6:])


def test_hashed_uniforms_are_uniform():
    u = uniforms_of_entities(3, 1, "x", [str(i) for i in range(400)], count=250).ravel()
    assert stats.kstest(u, "uniform").pvalue > 0.01
    members = uniforms_of_members(3, 1, "x", ["a", "b"], np.array([60_000, 40_000]))
    assert stats.kstest(members.astype(np.float64), "uniform").pvalue > 0.01
    assert members.min() > 0.0
    assert members.max() < 1.0
    lag = np.corrcoef(u[:-1], u[1:])[0, 1]
    assert abs(lag) < 4.0 / np.sqrt(len(u))


def test_normal_quantiles_agree_with_scipy():
    p = np.concatenate((np.logspace(-15, -1, 200), np.linspace(0.02, 0.49, 40), 1.0 - np.logspace(-12, -1, 60)))
    assert np.allclose(normal(p), stats.norm.ppf(p), rtol=1e-13, atol=0)


def test_lognormal_has_its_mean_and_spread():
    u = (np.arange(200_000) + 0.5) / 200_000
    x = lognormal(u, 12.0, 0.8)
    assert x.mean() == pytest.approx(12.0, rel=1e-3)
    assert x.std() / x.mean() == pytest.approx(0.8, rel=5e-3)
    assert np.all(np.diff(x) > 0)
