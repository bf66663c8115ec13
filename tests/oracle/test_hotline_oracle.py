"""The hotline call by call against the same hotline written wholly in SimPy: a process per caller, shift and agent.

First the queue kernel on its own; then the march that a season runs, with shifts, patience and callers who try again:
the oracle is told who calls when, and by the same marks how long each is patient and speaks.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import simpy
from heatseason.scenarios.chance import key, stream
from heatseason.scenarios.policies.billing import NoRestriction
from heatseason.scenarios.policies.sampling import Sampling
from heatseason.scenarios.scenario import load
from heatseason.sim.kernels import desk as k
from heatseason.sim.kernels.complaints import WRONG, draw_hour
from heatseason.sim.kernels.hotline import ABANDONED, ANSWERED, WAITING, run_queue
from heatseason.sim.kernels.marks import exponential, lognormal, mix, uniform
from heatseason.sim.record import KIND_CODE
from heatseason.sim.record_builder import RecordBuilder
from heatseason.sim.world.hotline import EPOCH_S, People
from heatseason.sim.world.people_settings import PeopleSettings


class Hotline:
    """First come first served; who goes off duty are those free the earliest, after the call in hand."""

    def __init__(self, env, roster, epoch_s):
        self.env, self.idle, self.busy, self.leaving, self.line = env, 0, {}, set(), []
        self.stood = 0  # callers so far
        changes = []
        on_duty = 0
        for epoch, wanted in enumerate(np.asarray(roster).tolist()):
            if wanted != on_duty:
                changes.append((epoch * epoch_s, wanted - on_duty))
            on_duty = wanted
        for at, change in changes:  # before any caller, so that the roster changes first in its instant
            env.timeout(at, change).callbacks.append(lambda event: self.change(event.value))

    def change(self, change):
        if change > 0:
            self.idle += change
        for _ in range(-change):
            if self.idle:
                self.idle -= 1
            else:
                staying = [agent for agent in self.busy if agent not in self.leaving]
                self.leaving.add(min(staying, key=self.busy.__getitem__))
        self.assign()

    def assign(self):
        while self.idle and self.line:
            self.idle -= 1
            self.line.pop(0).succeed()

    def speak(self, handling):
        agent = object()
        self.busy[agent] = self.env.now + handling
        yield self.env.timeout(handling)
        del self.busy[agent]
        if agent in self.leaving:
            self.leaving.remove(agent)
        else:
            self.idle += 1
            self.assign()

    def call(self, patience, handling):
        """Wait for an agent; return whether one came."""
        self.stood += 1
        taken = self.env.event()
        self.line.append(taken)
        self.assign()
        yield taken if taken.triggered else taken | self.env.timeout(patience)
        if not taken.triggered:
            self.line.remove(taken)
            return False
        self.env.process(self.speak(handling))
        return True


def caller(hotline, arrival, patience, handling, log, row):
    yield hotline.env.timeout(arrival)
    answered = yield from hotline.call(patience, handling)
    log[row] = (ANSWERED if answered else ABANDONED, hotline.env.now)


@pytest.mark.parametrize("seed", range(12))
def test_call_by_call(seed):
    rng = stream(7, seed, "oracle")
    count, epoch_s = 400, 900.0
    arrival = np.sort(rng.random(count) * 20 * epoch_s)
    patience = -200.0 * np.log1p(-rng.random(count))
    handling = -(150.0 + 100 * seed) * np.log1p(-rng.random(count))  # at last longer than a shift
    roster = np.concatenate([(rng.random(20) * 6).astype(int), [3]])
    env = simpy.Environment()
    hotline, log = Hotline(env, roster, epoch_s), {}
    for row in range(count):
        env.process(caller(hotline, arrival[row], patience[row], handling[row], log, row))
    env.run(until=1e6)
    outcome, begun = run_queue(arrival, patience, handling, roster, epoch_s)
    assert WAITING not in outcome
    assert [log[row][0] for row in range(count)] == outcome.tolist()
    np.testing.assert_allclose([log[row][1] for row in range(count)], begun, rtol=0, atol=1e-6)
    assert {ANSWERED, ABANDONED} == set(outcome.tolist())


DAYS, COHORTS, HOUSEHOLDS = 3, 6, 300


class Shifts:
    """Agents by hour: nobody by night, three shifts by day, one of them short of people."""

    def by_hour(self, *, hours, start_s, end_s):
        agents = np.array([0] * 6 + [4] * 4 + [9] * 4 + [6] * 4 + [2] * 4 + [1] * 2)
        return np.tile(np.stack([agents, *[np.ones(24, int)] * 3]), (1, -(-hours // 24)))[:, :hours]


def play(seed, **changes):
    """Play three days of enquiries and wrong numbers, which open no case, and return the people and the entries."""
    arrays = SimpleNamespace(
        cohort_ids=tuple(map(str, range(COHORTS))), cohort_floor_area_m2=np.full(COHORTS, 3e4),
        cohort_households=np.full(COHORTS, HOUSEHOLDS), cohort_off_share=np.zeros(COHORTS),
    )  # fmt: skip
    settings = replace(
        PeopleSettings.of(load("hanzhong").people, fee_cny_m2_season=25.0, room_target_c=20.0),
        wrong_share=0.2, enquiry_share=0.8,
        callback_share=0.0, cold_calls_per_day=0.0, other_per_10k_day=9_000.0, early_factor=1.0,
        **changes,
    )  # fmt: skip
    dwellings, builder = COHORTS * HOUSEHOLDS, RecordBuilder()
    people = People(
        arrays, settings, Shifts(), Sampling(share_per_month=0.0), NoRestriction(),
        offset_k=np.zeros(dwellings, np.float32), paying=np.ones(dwellings, bool), key=key(seed, 0, "people"),
        season_start_s=0, season_end_s=DAYS * 86_400, horizon_s=DAYS * 86_400, end_s=(DAYS + 1) * 86_400,
        builder=builder, first_dwelling_subject=0, city_subject=0,
    )  # fmt: skip
    room, none = np.full((DAYS * 24 + 1, COHORTS), 20.0, np.float32), np.zeros(COHORTS, bool)
    for hour in range(1, DAYS * 24 + 24):  # the last day only lets the lines run empty
        people.advance(hour * 3_600, room_c=room, no_heat=none)
    return people, builder.columns(), room


def first_calls(people, room):
    """Return (second, dwelling, reason) of every first call, in the order in which they stand in line."""
    found = []
    drawn, keys = np.zeros((5_000, 4), np.int32), np.zeros(5_000, np.int64)
    for hour in range(DAYS * 24):
        count = draw_hour(
            hour, people._numbers[0]["key"], room[hour], 0.0, people._by_hour[1, hour], people._shares, people._first,
            people._table, people._binned, people._order, people._rate, people._bound,
            np.zeros(COHORTS, np.int64), keys, drawn,
        )  # fmt: skip
        found += [tuple(drawn[row, :3].tolist()) for row in np.argsort(keys[:count])]
    return found


def mark(people, dwelling, hour, purpose):
    marks_key = people._numbers[0]["key"]
    for number in (k.M_CASE, dwelling, hour):  # desk.case_key, which has no door to Python
        marks_key = np.uint64(mix(marks_key, number))
    return uniform(marks_key, purpose)


def tries(hotline, people, arrival, dwelling, reason, log, again_at):
    """Call, and call again after giving up, as the settings have it."""
    env, s, hour = hotline.env, people.settings, arrival // 3_600
    numbers = people._numbers[0]
    yield env.timeout(arrival)
    for attempt in range(s.redial_limit + 1):
        purpose = int(k.M_CALL) + 4 * attempt
        began, stood = env.now, hotline.stood
        handling = lognormal(mark(people, dwelling, hour, purpose + 1), s.handling_s, numbers["handling_sigma"])
        handling *= 0.25 if reason == WRONG else 1.0
        patience = exponential(mark(people, dwelling, hour, purpose), s.patience_s)
        answered = yield from hotline.call(patience, handling)
        log.append((int(env.now), dwelling, "call_answered" if answered else "call_abandoned", env.now - began))
        if answered or attempt == s.redial_limit or mark(people, dwelling, hour, purpose + 2) >= s.redial_share:
            return
        later = int(env.now + s.redial_delay_s * (0.4 + 1.2 * mark(people, dwelling, hour, purpose + 3)))
        again_at.append(later)
        again = env.event()  # in one second after those who call for the first time, by who stood in line first
        again._ok, again._value = True, None
        env.schedule(again, priority=1 + (stood + 1) * 1e-6, delay=max(later - env.now, 0.0))
        yield again


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("redial_delay_s", [750.0, 40.0])  # by default, and within a quarter of an hour
def test_a_seasons_march_with_shifts_patience_and_redial(seed, redial_delay_s):
    people, table, room = play(seed, redial_delay_s=redial_delay_s, redial_limit=3)
    env = simpy.Environment()
    roster = np.repeat(Shifts().by_hour(hours=(DAYS + 1) * 24, start_s=0, end_s=0)[0], 3_600 // EPOCH_S)
    hotline, log, again_at = Hotline(env, roster, float(EPOCH_S)), [], []
    for second, dwelling, reason in first_calls(people, room):
        env.process(tries(hotline, people, second, dwelling, reason, log, again_at))
    env.run(until=(DAYS + 1) * 86_400)
    rows = np.flatnonzero(np.isin(table["what"], [KIND_CODE["call_answered"], KIND_CODE["call_abandoned"]]))
    names = {KIND_CODE[name]: name for name in ("call_answered", "call_abandoned")}
    found = [
        (int(table["at"][row]), int(table["subject"][row]), names[int(table["what"][row])], float(table["value"][row]))
        for row in rows
    ]
    assert len(again_at) > 300
    assert [entry[:3] for entry in sorted(found)] == [entry[:3] for entry in sorted(log)]
    np.testing.assert_allclose([entry[3] for entry in sorted(found)], [entry[3] for entry in sorted(log)], atol=1e-6)
    answered = sum(entry[2] == "call_answered" for entry in log)
    assert 0.3 * len(log) < answered < 0.9 * len(log)
