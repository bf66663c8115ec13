import numpy as np
import pytest
from heatseason.sim.study.rank import select_best


def common_winters(seed, means, shared=3.0, own=2.0):
    """An observer of policies that share winters; remembers how many it was asked for."""
    rng = np.random.default_rng(seed)
    winters = rng.normal(0, shared, 20_000)
    noise = rng.normal(0, own, (len(means), 20_000))

    def observe(policies, start, stop):
        return np.array([means[p] + winters[start:stop] + noise[p, start:stop] for p in policies])

    return observe


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_promise_is_kept_where_it_is_hardest(confidence):
    """The slippage configuration: the best is better than all others by just the indifference."""
    right = 0
    for seed in range(400):
        found = select_best(
            common_winters(seed, [0, 0, 1, 0, 0]), 5, indifference=1.0, confidence=confidence, stride=50
        )
        assert found.certain
        right += found.best == 2
    assert right / 400 >= confidence - 3 * (confidence * (1 - confidence) / 400) ** 0.5


def test_a_clear_case_takes_few_winters_and_common_winters_save_most():
    clear = select_best(common_winters(1, [0, 10, 0]), 3, indifference=1.0)
    assert (clear.best, clear.certain, max(clear.winters)) == (1, True, 10)
    hard = sum(sum(select_best(common_winters(s, [0, 1, 0]), 3, indifference=1.0).winters) for s in range(40))

    def apart(seed):
        """The same policies, each with winters of its own."""
        observers = [common_winters(100 * seed + n, [mean]) for n, mean in enumerate((0, 1, 0))]
        return lambda policies, start, stop: np.concatenate([observers[p]((0,), start, stop) for p in policies])

    alone = sum(sum(select_best(apart(s), 3, indifference=1.0).winters) for s in range(40))
    assert hard < 0.6 * alone


def test_when_winters_run_out_it_says_so():
    found = select_best(common_winters(2, [0, 0.01]), 2, indifference=0.001, most=30)
    assert not found.certain
    assert found.left == (0, 1)
    assert found.winters == (30, 30)


def test_one_policy_is_the_best():
    assert select_best(common_winters(0, [1.0]), 1, indifference=1.0).certain


@pytest.mark.parametrize(("policies", "indifference", "first"), [(0, 1.0, 10), (2, 0.0, 10), (2, 1.0, 1)])
def test_what_makes_no_sense_is_refused(policies, indifference, first):
    with pytest.raises(ValueError, match="wanted"):
        select_best(common_winters(0, [0, 0]), policies, indifference=indifference, first=first)
