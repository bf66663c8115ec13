"""The surrogate: it finds surfaces it should, knows how unsure it is, and rises where it must."""

import numpy as np
from heatseason.sim.study.surrogate import Surrogate, cleared, monotone, normal_share


def test_a_smooth_surface_is_foreseen_within_what_it_says_of_itself():
    chance = np.random.default_rng(1)
    at, hardness = chance.random((34, 4)), chance.normal(size=40)

    def mean(x):
        return 2.0 * np.tanh(2.0 * x[:, 0]) + x[:, 1] - 0.8

    values = mean(at)[:, None] + 0.5 * hardness * (1.5 - at[:, :1]) + 0.2 * chance.normal(size=(34, 40))
    elsewhere = chance.random((500, 4))
    found = Surrogate.fit(at, values).predict(elsewhere)
    truth = mean(elsewhere) + (0.5 * hardness * (1.5 - elsewhere[:, :1])).mean(axis=1)
    assert np.abs(found.mean - truth).mean() < 0.05
    assert (np.abs(found.mean - truth) < 3 * found.mean_sd).mean() > 0.98
    kept = (truth[:, None] + 0.5 * (hardness - hardness.mean()) * (1.5 - elsewhere[:, :1]) > 0).mean(axis=1)
    assert np.abs(cleared(found).mean(axis=1) - kept).mean() < 0.06


def test_the_normal_distribution():
    from statistics import NormalDist

    z = np.linspace(-4, 4, 81)
    assert np.abs(normal_share(z) - [NormalDist().cdf(x) for x in z]).max() < 3e-4


def test_made_monotone_it_rises_and_what_rises_already_stays():
    values = np.random.default_rng(2).normal(size=24)
    made = monotone(values, (2, 3, 4), (1, 2)).reshape(2, 3, 4)
    assert (np.diff(made, axis=1) >= 0).all()
    assert (np.diff(made, axis=2) >= 0).all()
    assert (monotone(made.reshape(-1), (2, 3, 4), (1, 2)) == made.reshape(-1)).all()
