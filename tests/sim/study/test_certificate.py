"""Certificates against exact values, and the promise that they do not lie more often than stated."""

import numpy as np
import pytest
from heatseason.sim.study.certificate import (
    SequentialTest,
    alpha_of,
    at_least,
    at_most,
    mean_at_most,
    provable,
    winters_without_failure,
)


def test_bounds_of_a_share_are_clopper_and_pearsons():
    assert at_least(59, 59, 0.95) == pytest.approx(0.05 ** (1 / 59))
    assert at_least(9, 10, 0.95) == pytest.approx(0.605836, abs=1e-5)  # beta quantile 0.05 of (9, 2)
    assert at_most(0, 20, 0.95) == pytest.approx(1 - 0.05 ** (1 / 20))
    assert at_least(0, 20, 0.95) == 0.0


def test_so_many_winters_without_failure():
    assert [winters_without_failure(share, 0.05) for share in (0.95, 0.99)] == [59, 299]


@pytest.mark.parametrize("share", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("most", [30, 80, 200, 1500])
def test_looking_often_does_not_make_it_lie(share, most):
    test = SequentialTest.of(share, 0.025, most)
    assert test.power(share) <= 0.025 + 1e-9  # exact, at the worst share that would be a lie
    assert test.power(share - 0.02) <= test.power(share)
    if most == 1500:
        assert test.power(share + 0.5 * (1 - share)) > 0.95


def test_simulated_tests_pass_as_often_as_computed():
    test = SequentialTest.of(0.9, 0.05, 300)
    kept = np.random.default_rng(4).random((4000, test.most)) < 0.93
    passed = np.zeros(4000, dtype=bool)
    for look in test.looks:
        passed |= [test.passed(int((~row[:look]).sum()), look) for row in kept]
    assert passed.mean() == pytest.approx(test.power(0.93), abs=4 * np.sqrt(0.25 / 4000))


def test_the_chance_to_pass_is_that_of_shares_which_the_winters_make_likely():
    test = SequentialTest.of(0.9, 0.05, 300)
    chances = [test.chance(failures, 20) for failures in range(6)]
    assert chances == sorted(chances, reverse=True)
    assert test.chance(test.allowed[-1] + 1, 100) == 0.0
    assert chances[0] > 0.4 > 0.08 > chances[5]
    draw = np.random.default_rng(5)
    shares = 1.0 - draw.beta(2 + 0.5, 18 + 0.5 / 0.1 - 0.5, 4000)  # after 2 failures in 20 winters
    failed = 2 + np.cumsum(draw.random((4000, test.most - 20)) > shares[:, None], axis=1)
    passed = np.zeros(4000, dtype=bool)
    for look, allowed in zip(test.looks, test.allowed, strict=True):
        passed |= failed[:, look - 21] <= allowed
    assert passed.mean() == pytest.approx(chances[2], abs=0.03)


def test_giving_up_what_is_hopeless_hardly_costs_a_good_policy_its_certificate():
    test = SequentialTest.of(0.95, 0.025, 400)
    draw = np.random.default_rng(6)
    for share, least, mean_winters in ((0.985, 0.9 * test.power(0.985), 400), (0.88, 0.0, 45)):
        passed, used = 0, 0
        for _ in range(150):
            failed = np.cumsum(draw.random(test.most) > share)
            for look in sorted({14, 27, 45, 68, *test.looks}):
                if test.passed(int(failed[look - 1]), look):
                    passed += 1
                    break
                if test.hopeless(int(failed[look - 1]), look):
                    break
            used += look
        assert passed >= 150 * least - 6
        assert used / 150 <= mean_winters


def test_few_winters_prove_a_share_only_where_it_is_well_exceeded():
    shares = [provable(0.95, 0.025, winters) for winters in (90, 220, 1000, 4000)]
    assert shares == sorted(shares, reverse=True)
    assert 0.99 < shares[0] < 1.0
    assert 0.95 < shares[-1] < 0.965
    assert SequentialTest.of(0.95, 0.025, 220).power(shares[1]) == pytest.approx(0.6, abs=0.01)


def test_all_attempts_together_spend_no_more_than_alpha():
    assert sum(alpha_of(attempt, 0.05) for attempt in range(50)) <= 0.05


def test_a_bound_of_a_mean_lies_above_it_and_needs_two_winters():
    assert mean_at_most([1.0, 2.0, 3.0], 0.05) == pytest.approx(2.0 + 2.919986 / np.sqrt(3), abs=1e-5)
    assert mean_at_most([1.0], 0.05) == np.inf
