import math

import numpy as np
import pytest
from heatseason.sim.study.intervals import paired_difference, student_quantile
from scipy import special, stats


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 10, 29, 120, 999])
@pytest.mark.parametrize("probability", [0.005, 0.3, 0.5, 0.9, 0.975, 0.9995])
def test_student_quantile_is_scipys(probability, freedom):
    assert math.isclose(
        student_quantile(probability, freedom), special.stdtrit(freedom, probability), rel_tol=1e-9, abs_tol=1e-12
    )


@pytest.mark.parametrize(("probability", "freedom"), [(0.0, 3), (1.0, 3), (0.5, 0)])
def test_student_quantile_refuses_what_is_no_quantile(probability, freedom):
    with pytest.raises(ValueError, match="wanted"):
        student_quantile(probability, freedom)


def test_a_paired_difference_is_the_one_sample_test_of_the_differences():
    rng = np.random.default_rng(1)
    winters = rng.normal(100, 30, 12)  # what both policies share
    first, second = winters + rng.normal(0, 1, 12), winters + 2 + rng.normal(0, 1, 12)
    found = paired_difference(first, second)
    low, high = stats.ttest_1samp(second - first, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 12
    assert found.clear
    assert found.se < np.std(first) / math.sqrt(12) / 5  # the winters themselves cancel


def test_an_interval_round_zero_is_not_clear():
    assert not paired_difference([1, 2, 3], [2, 1, 3]).clear
    assert paired_difference([1.0, 2.0], [1.0, 2.0]).mean == 0


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([1.0], [2.0], "two winters"),
        ([1.0, 2.0], [1.0], "found 2 and 1"),
        ([1.0, 2.0], [1.0, math.nan], "no such number"),
    ],
)
def test_what_cannot_be_paired_is_refused(first, second, said):
    with pytest.raises(ValueError, match=said):
        paired_difference(first, second)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(1000):
        first = rng.normal(0, 1, 8)
        found = paired_difference(first, first + rng.normal(0.3, 1, 8), confidence=0.9)
        hits += found.low <= 0.3 <= found.high
    assert abs(hits / 1000 - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 1000)
