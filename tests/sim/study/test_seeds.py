"""Seeds against the exact cases of queueing theory."""

import pytest
from heatseason.sim.study.seeds import abandoning_share, crews_for, delayed_share


def test_erlang_c():
    assert delayed_share(4, 5) == pytest.approx(0.554112554113)
    assert delayed_share(5, 5) == 1.0


@pytest.mark.parametrize(
    ("load", "servers", "impatience", "share"),
    [(9, 10, 0.5, 0.0670117154734), (12, 12, 1.5, 0.125705986703), (1, 1, 1.0, 0.36787944), (20, 10, 1.0, 0.50041045)],
)  # fmt: skip
def test_erlang_a(load, servers, impatience, share):
    assert abandoning_share(load, servers, impatience) == pytest.approx(share, abs=1e-8)


def test_the_fewest_crews_are_chosen():
    crews = crews_for(0.5)
    assert delayed_share(0.5, crews) <= 0.05 < delayed_share(0.5, crews - 1)
