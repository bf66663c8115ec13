"""What people do looks like the cited cases: the start of the season, outage calls, cooling (docs/validation.md)."""

import importlib.util

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.run import run


@pytest.fixture(scope="module")
def people(root):
    """Return docs/figures/people.py, which reckons the figures."""
    place = importlib.util.spec_from_file_location("people_figures", root / "docs" / "figures" / "people.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ordinary():
    return run(load("hanzhong"))


@pytest.fixture(scope="module")
def bursts():
    return run(load("burst_week"))


def test_the_seasons_start_looks_like_the_published_ones(people, ordinary):
    found = people.surge(ordinary)
    assert 4.0 <= found["peak_to_steady"] <= 10.0  # Jinan 4, Taiyuan 10
    assert 0.2 <= found["day_6_to_peak"] <= 0.5  # Qingdao: a third
    assert 3.0 <= found["decay_days"] <= 15.0  # Beijing about 3 d, Shenyang about 15 d
    assert 0.13 <= found["share_before_10_h"] <= 0.4  # Beijing's first day: 2,132 of 16,000 by 10:00, from midnight
    assert 40.0 <= found["steady_per_10k_households_day"] <= 120.0  # 80, a vendor's
    assert 300.0 <= found["complaints_per_10k_households"] <= 800.0  # Qiqihar's bands


def test_days_vary_more_than_chance_alone_would_have_it(people, ordinary):
    steady = people.calls_by_day(ordinary)[30:60].astype(float)
    assert steady.var() > 10 * steady.mean()  # Poisson: equal; a day factor of 20 % makes it some hundred


def test_outage_calls_and_cooling_look_like_the_published_ones(people, bursts):
    found = people.outages(bursts)
    assert found["stops"] >= 10
    assert 0.05 <= found["share_that_calls"] <= 0.30
    assert 0.5 <= found["median_delay_h"] <= 4.0
    # Baumit, measured: 51, 97, 191 h by construction; the air's first quick drop makes short stops look faster
    assert 25.0 <= found["tau_p10_h"] <= found["tau_median_h"] <= found["tau_p90_h"] <= 200.0
    assert 45.0 <= found["tau_median_h"] <= 110.0


def test_telling_users_spares_calls(people, bursts):
    untold = run(load("burst_week", ["people.calls.told_share=0"]))
    shares = [people.outages(record)["share_that_calls"] for record in (bursts, untold)]
    assert shares[0] < shares[1]


def test_mostly_the_cold_and_the_stopped_complain_of_cold(ordinary):
    """Liaoning, one season: 47 % of requests too cold, 37 % not started; here of the complaints accepted."""
    rows = ordinary.rows("complaint_accepted")
    share = np.bincount(ordinary.value[rows].astype(int), minlength=4) / len(rows)
    assert 0.3 <= share[0] + share[1] <= 0.8
