"""The queue kernel call by call against the same hotline written wholly in SimPy: a process per caller and shift."""

import numpy as np
import pytest
import simpy
from heatseason.scenarios.chance import stream
from heatseason.sim.kernels.hotline import ABANDONED, ANSWERED, WAITING, run_queue


class Hotline:
    """First come first served; agents are tokens, and those who go off duty are the ones free the earliest."""

    def __init__(self, env):
        self.env, self.idle, self.line, self.to_leave = env, 0, [], 0

    def shift(self, roster, epoch_s):
        """Change the roster at the beginning of each epoch, before anybody else acts in that instant."""
        on_duty = 0
        for epoch, wanted in enumerate(roster):
            yield simpy.events.Timeout(self.env, 0) if epoch == 0 else self.env.timeout(epoch * epoch_s - self.env.now)
            change, on_duty = int(wanted) - on_duty, int(wanted)
            if change < 0:
                gone = min(-change, self.idle)
                self.idle -= gone
                self.to_leave += -change - gone
            self.idle += max(change, 0)
            self.assign()

    def assign(self):
        while self.idle and self.line:
            self.idle -= 1
            self.line.pop(0).succeed()

    def release(self):
        if self.to_leave:
            self.to_leave -= 1
        else:
            self.idle += 1
            self.assign()

    def caller(self, arrival, patience, handling, log, row):
        yield self.env.timeout(arrival)
        taken = self.env.event()
        self.line.append(taken)
        self.assign()
        if not taken.triggered:
            yield taken | self.env.timeout(patience)
        else:
            yield taken
        if taken.triggered:
            log[row] = (ANSWERED, self.env.now)
            yield self.env.timeout(handling)
            self.release()
        else:
            self.line.remove(taken)
            log[row] = (ABANDONED, self.env.now)


@pytest.mark.parametrize("seed", range(12))
def test_call_by_call(seed):
    rng = stream(7, seed, "oracle")
    count, epoch_s = 400, 900.0
    # whole seconds a little apart from each other, so that nothing but the roster happens in the same instant
    arrival = np.sort(rng.random(count) * 20 * epoch_s)
    patience = -200.0 * np.log1p(-rng.random(count))
    handling = -(150.0 + 20 * seed) * np.log1p(-rng.random(count))
    roster = np.concatenate([(rng.random(20) * 6).astype(int), [3]])
    env = simpy.Environment()
    hotline, log = Hotline(env), {}
    env.process(hotline.shift(roster, epoch_s))
    for row in range(count):
        env.process(hotline.caller(arrival[row], patience[row], handling[row], log, row))
    env.run(until=1e6)
    outcome, begun = run_queue(arrival, patience, handling, roster, epoch_s)
    assert WAITING not in outcome
    assert [log[row][0] for row in range(count)] == outcome.tolist()
    np.testing.assert_allclose([log[row][1] for row in range(count)], begun, rtol=0, atol=1e-6)
    assert {ANSWERED, ABANDONED} == set(outcome.tolist())
