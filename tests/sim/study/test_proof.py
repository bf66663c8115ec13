"""What an attempt's winters prove of a goal, on either side, against exact probabilities."""

import numpy as np
import pytest
from heatseason.sim.study.certificate import SequentialTest
from heatseason.sim.study.decision import Decision, Goal
from heatseason.sim.study.proof import Proof


def decision(goals=1, limits=()):
    return Decision((2,), ((0.0, 0.0),), goals, tuple(Goal((n,), 0.9) for n in range(goals)), limits)


def values(kept, *means):
    """Return winters with a cost of 1, one margin for each column of `kept`, and limited means."""
    margins = np.where(np.atleast_2d(np.array(kept).T).T, 1.0, -1.0)
    return np.column_stack([np.ones(len(margins)), margins, *means])


@pytest.mark.parametrize("share", [0.8, 0.95])
@pytest.mark.parametrize("most", [40, 200, 1500])
def test_the_test_turned_round_does_not_lie_either(share, most):
    looks = Proof(Decision((2,), ((0.0, 0.0),), 1, (Goal((0,), share),)), 0.05, most).looks
    turned = SequentialTest.at(1.0 - share, 0.05, looks)
    assert turned.power(1.0 - share) <= 0.05 + 1e-9  # exact, at the least share that would make it untrue
    assert turned.power(1.0 - share - 0.02) < turned.power(1.0 - share)  # more is kept
    if most == 1500:
        assert turned.power(1.5 * (1.0 - share)) > 0.9  # half as many more are lost than may be


def test_it_passes_and_denies_at_its_looks():
    proof = Proof(decision(), 0.025, 200)
    for look in proof.looks:
        proof.look(values(np.ones(look, bool)))
        assert not proof.denied
        if proof.passed:
            break
    assert look == SequentialTest.of(0.9, 0.025, 200).looks[0]
    proof = Proof(decision(), 0.025, 200)
    proof.look(values(np.zeros(proof.looks[0], bool)))
    assert proof.hopeless
    assert not proof.denied  # so few winters would not tell what forbids it
    proof.look(values(np.zeros(proof.looks[2], bool)))
    assert proof.refuted == {0}
    assert proof.done == 0


def test_goals_and_limits_divide_what_a_denial_may_spend():
    lost = np.arange(200) % 7 != 0  # 86 % are kept
    alone, many = Proof(decision(), 0.05, 200), Proof(decision(4, (1.0,)), 0.05, 200)
    for look in alone.looks:
        alone.look(values(lost[:look]))
        many.look(values(np.column_stack([lost[:look]] * 4), np.full(look, 0.5)))
        assert many.refuted <= set(range(4)) if alone.refuted else not many.refuted
    assert not many.exceeded


def test_a_mean_beyond_its_limit_is_told():
    proof = Proof(decision(limits=(1.0,)), 0.05, 200)
    noise = np.random.default_rng(1).normal(1.5, 0.3, proof.looks[2])
    proof.look(values(np.ones(len(noise), bool), noise))
    assert proof.exceeded == {0}
    assert not proof.passed
