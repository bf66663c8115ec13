"""The queue kernel against queueing theory (Erlang A, B, C; Pollaczek-Khinchine) and its rules for ties and shifts."""

import numpy as np
import pytest
from heatseason.scenarios.chance import lognormal, stream
from heatseason.scenarios.policies.roster import hands
from heatseason.sim.kernels.hotline import ABANDONED, ANSWERED, WAITING, run_queue
from hypothesis import given
from hypothesis import strategies as st

FOREVER = np.inf


def exponential(rng, mean, count):
    return -mean * np.log1p(-rng.random(count))


def one_run(replication, name, count, *, arrival_rate, handling, patience, agents):
    rng = stream(20, replication, "theory", name)
    arrival = np.cumsum(exponential(rng, 1.0 / arrival_rate, count))
    patience_s = np.full(count, patience) if np.isscalar(patience) else patience(rng, count)
    outcome, begun = run_queue(arrival, patience_s, handling(rng, count), np.array([agents]), 900.0)
    kept = slice(count // 5, None)  # from an empty queue: the first fifth is left out
    return outcome[kept], (begun - arrival)[kept]


def estimate(statistic, name, *, count=30_000, replications=40, **model):
    values = np.array([statistic(*one_run(r, name, count, **model)) for r in range(replications)])
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(replications)


def check(statistic, expected, name, **model):
    mean, error = estimate(statistic, name, **model)
    z = (mean - np.array(expected)) / error
    assert (np.abs(z) <= 3).all(), f"{name}: {mean} ± {error}, expected {expected}"


def mean_of(mean):
    return lambda rng, count: exponential(rng, mean, count)


def test_one_agent():
    check(lambda o, w: (np.mean(w > 0), w.mean(), np.mean(w <= 5)), (0.8, 4.0, 0.705696447063), "M/M/1",
          arrival_rate=0.8, handling=mean_of(1.0), patience=FOREVER, agents=1)  # fmt: skip


def test_erlang_c_five_agents():
    check(lambda o, w: (np.mean(w > 0), w.mean(), np.mean(w <= 1)),
          (0.554112554113, 0.554112554113, 0.796153383247), "M/M/5",
          arrival_rate=4.0, handling=mean_of(1.0), patience=FOREVER, agents=5)  # fmt: skip


def test_erlang_c_call_centre_in_seconds():
    model = {"arrival_rate": 240 / 3_600, "handling": mean_of(180.0), "patience": FOREVER}
    check(lambda o, w: (np.mean(w > 0), w.mean(), np.mean(w <= 20)), (0.319190425113, 19.1514255068, 0.771290066371),
          "C 15", agents=15, **model)  # fmt: skip
    check(lambda o, w: (np.mean(w <= 20),), (0.614280490961,), "C 14", agents=14, **model)


def lost(o):
    return np.mean(o == ABANDONED)


@pytest.mark.parametrize(
    ("name", "rate", "handling_s", "patience_s", "agents", "within", "expected"),
    [
        ("A 10", 9.0, 1.0, 2.0, 10, 0.2, (0.468941704441, 0.134023430947, 0.0670117154734, 0.711399688799)),
        ("A 12", 240 / 3_600, 180.0, 120.0, 12, 20.0, (0.492641376267, 15.0847184043, 0.125705986703, 0.656642396141)),
        ("A 1", 1.0, 1.0, 1.0, 1, None, (1 - np.exp(-1), np.exp(-1), np.exp(-1))),
        ("A overload", 20.0, 1.0, 1.0, 10, None, (0.995004587692, 0.500410447105, 0.500410447105)),
    ],
)
def test_erlang_a(name, rate, handling_s, patience_s, agents, within, expected):
    def statistic(o, w):
        both = (np.mean(w > 0), w.mean(), lost(o))
        return both if within is None else (*both, np.mean((o == ANSWERED) & (w <= within)))

    check(statistic, expected, name, arrival_rate=rate, handling=mean_of(handling_s), patience=mean_of(patience_s),
          agents=agents)  # fmt: skip


@pytest.mark.parametrize(("load", "agents", "expected"), [(8.0, 10, 0.121661064253), (25.0, 30, 0.0526031722281)])
def test_erlang_b_nobody_waits(load, agents, expected):
    check(lambda o, w: (lost(o),), (expected,), f"B {agents}", arrival_rate=load, handling=mean_of(1.0), patience=0.0,
          agents=agents)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected", "handling"),
    [
        ("D", 2.0, lambda rng, count: np.ones(count)),
        ("E2", 3.0, lambda rng, count: exponential(rng, 0.5, count) + exponential(rng, 0.5, count)),
        ("lognormal cv 1.5", 6.5, lambda rng, count: lognormal(rng.random(count), 1.0, 1.5)),
    ],
)
def test_pollaczek_khinchine(name, expected, handling):
    check(lambda o, w: (w.mean(),), (expected,), f"M/G/1 {name}", arrival_rate=0.8, handling=handling,
          patience=FOREVER, agents=1)  # fmt: skip


def varying(rng, days, *, mean, amplitude):
    """Return arrivals at rate mean + amplitude sin(2 pi t / 24 h) over some days, by thinning [h]."""
    count = int(1.2 * (mean + amplitude) * 24 * days)
    at = np.cumsum(exponential(rng, 1.0 / (mean + amplitude), count))
    kept = rng.random(count) * (mean + amplitude) < mean + amplitude * np.sin(2 * np.pi * at / 24)
    return at[kept & (at < 24 * days)]


def test_offered_load_follows_the_modified_offered_load_formula():
    """Calls in hand where nobody waits: mean 5, amplitude 2.99974, lag 0.0499971 h (Green, Kolesar & Whitt 2007)."""
    days, rate_h = 200, 20.0
    fits = []
    for replication in range(30):
        rng = stream(23, replication, "offered load")
        arrival_h = varying(rng, days, mean=100.0, amplitude=60.0)
        handling_h = exponential(rng, 1 / rate_h, len(arrival_h))
        outcome, begun_s = run_queue(
            3_600 * arrival_h, np.full(len(arrival_h), FOREVER), 3_600 * handling_h, np.array([60]), 900.0
        )
        assert (outcome == ANSWERED).all()
        begun_h = begun_s / 3_600
        end_h = begun_h + handling_h
        # integrals over time of calls in hand times 1, sine and cosine, exactly: from each call's beginning and end
        wave = 2 * np.pi / 24
        sine = (np.cos(wave * begun_h) - np.cos(wave * end_h)).sum() / wave
        cosine = (np.sin(wave * end_h) - np.sin(wave * begun_h)).sum() / wave
        fits.append([(end_h - begun_h).sum() / (24 * days), sine / (12 * days), cosine / (12 * days)])
    fits = np.array(fits)
    mean, error = fits.mean(axis=0), fits.std(axis=0, ddof=1) / np.sqrt(len(fits))
    lag = 2 * np.pi / 24 * 0.0499971445
    expected = np.array([5.0, 2.99974301208 * np.cos(lag), -2.99974301208 * np.sin(lag)])
    assert (np.abs(mean - expected) <= 3 * error).all(), (mean, error, expected)


def test_the_square_root_rule_on_the_modified_offered_load_steadies_the_waits():
    """With long calls the load comes after the calls: laid out by the load's lag, waits are alike at all hours."""
    rate_h, days = 1.0, 60
    hour = np.arange(24 * days)
    wave = 2 * np.pi / 24
    gain = 1 / np.sqrt(1 + (wave / rate_h) ** 2)
    middle = hour + 0.5
    rosters = {
        "by arrivals": hands(100 + 60 * np.sin(wave * middle), 0.5),
        "by load": hands(100 + 60 * gain * np.sin(wave * middle - np.arctan(wave / rate_h)), 0.5),
    }
    spread = {}
    for name, roster in rosters.items():
        by_hour = np.zeros((2, 24))
        for replication in range(12):
            rng = stream(24, replication, "lag")
            arrival_h = varying(rng, days, mean=100.0, amplitude=60.0)
            handling_h = exponential(rng, 1 / rate_h, len(arrival_h))
            _, begun_s = run_queue(
                3_600 * arrival_h, np.full(len(arrival_h), FOREVER), 3_600 * handling_h, roster, 3_600.0
            )
            of_day = arrival_h.astype(int) % 24
            by_hour[0] += np.bincount(of_day, begun_s / 3_600 > arrival_h + 1e-9, 24)
            by_hour[1] += np.bincount(of_day, minlength=24)
        waits = by_hour[0] / by_hour[1]
        spread[name] = waits.max() - waits.min()
        if name == "by load":  # Halfin-Whitt: beta 0.506 for half of the callers
            assert abs(waits.mean() - 0.5) < 0.1
    assert spread["by load"] < 0.5 * spread["by arrivals"]


def test_epochs_do_not_matter_while_the_roster_stands():
    rng = stream(21, 0, "epochs")
    arrival = np.cumsum(exponential(rng, 12.0, 4_000))
    patience, handling = exponential(rng, 120.0, 4_000), exponential(rng, 100.0, 4_000)
    runs = [run_queue(arrival, patience, handling, np.array([8]), epoch) for epoch in (60.0, 900.0, 1e9)]
    for outcome, begun in runs[1:]:
        assert (outcome == runs[0][0]).all()
        assert (begun == runs[0][1]).all()


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 300)), min_size=1, max_size=60),
    st.integers(1, 200),
    st.integers(0, 5),
)
def test_one_more_agent_never_lowers_the_answered_share(callers, handling, agents):
    """Exactly, where all calls take equally long."""
    arrival, patience = np.array(sorted(callers), float).T
    answered = [
        (run_queue(arrival, patience, np.full(len(arrival), float(handling)), np.array([n]), 900.0)[0] == ANSWERED)
        for n in (agents, agents + 1)
    ]
    assert answered[1].sum() >= answered[0].sum()


def test_where_calls_differ_one_more_agent_can_answer_fewer():
    """Two long calls that one agent would have missed keep both of two from all the short ones that follow."""
    arrival = np.array([0.0, 1.0, 10.5, 11.5, *np.arange(20.5, 60.0, 2.0)])
    patience = np.array([0.0, 20.0, *np.zeros(22)])
    handling = np.array([10.0, 10.0, 100.0, 100.0, *np.ones(20)])
    answered = [
        (run_queue(arrival, patience, handling, np.array([agents]), 900.0)[0] == ANSWERED).sum() for agents in (1, 2)
    ]
    assert answered == [22, 4]


def test_on_common_marks_one_more_agent_answers_more_and_the_variance_pays():
    differences, apart = [], []
    for replication in range(60):
        answered = []
        for agents, other in ((10, 0), (11, 0), (11, 1)):
            rng = stream(22 + other, replication, "common")
            arrival = np.cumsum(exponential(rng, 1 / 9.0, 2_000))
            patience, handling = exponential(rng, 2.0, 2_000), exponential(rng, 1.0, 2_000)
            outcome, _ = run_queue(arrival, patience, handling, np.array([agents]), 900.0)
            answered.append(np.mean(outcome == ANSWERED))
        differences.append(answered[1] - answered[0])
        apart.append(answered[2] - answered[0])
    assert min(differences) > 0
    assert np.var(apart) > 5 * np.var(differences)


def test_an_agent_free_at_the_instant_patience_ends_takes_the_call():
    outcome, begun = run_queue(
        np.array([0.0, 10.0]), np.array([1.0, 90.0]), np.array([100.0, 5.0]), np.array([1]), 900.0
    )
    assert outcome.tolist() == [ANSWERED, ANSWERED]
    assert begun.tolist() == [0.0, 100.0]
    outcome, begun = run_queue(
        np.array([0.0, 10.0]), np.array([1.0, 89.0]), np.array([100.0, 5.0]), np.array([1]), 900.0
    )
    assert outcome.tolist() == [ANSWERED, ABANDONED]
    assert begun.tolist() == [0.0, 99.0]


def test_an_unattended_night_abandons_and_the_morning_answers():
    arrival = np.array([10.0, 20.0, 1_700.0])
    outcome, begun = run_queue(
        arrival, np.array([60.0, 5_000.0, 5_000.0]), np.full(3, 30.0), np.array([0, 0, 1]), 900.0
    )
    assert outcome.tolist() == [ABANDONED, ANSWERED, ANSWERED]
    assert begun.tolist() == [70.0, 1_800.0, 1_830.0]


def test_who_goes_off_duty_finishes_the_call_first():
    arrival = np.array([0.0, 0.0, 950.0])
    handling = np.array([1_000.0, 2_000.0, 10.0])
    outcome, begun = run_queue(arrival, np.full(3, FOREVER), handling, np.array([2, 1]), 900.0)
    assert (outcome == ANSWERED).all()
    # of the two the one free at 1000 leaves; the third caller waits for the other
    assert begun.tolist() == [0.0, 0.0, 2_000.0]


def test_nobody_ever_on_duty_leaves_the_patient_waiting():
    outcome, begun = run_queue(np.array([5.0, 6.0]), np.array([FOREVER, 10.0]), np.ones(2), np.array([0]), 900.0)
    assert outcome.tolist() == [WAITING, ABANDONED]
    assert begun[1] == 16.0
