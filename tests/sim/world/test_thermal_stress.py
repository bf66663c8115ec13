"""Pipes break when they are young in the season and when their temperature swings: in the run, not only in the law."""

from functools import cache

import numpy as np
import pytest
from heatseason.scenarios.calendar import Calendar
from heatseason.scenarios.disruptions.pipe_failures import PipeFailureState, accept, draw_pipe_failures
from heatseason.scenarios.scenario import Scenario, load
from heatseason.sim.record import Record
from heatseason.sim.run import ground_of, run

DAY, HOUR = 86_400, 3_600
ONLY_PIPES = tuple(
    f"disruptions.{kind}.enabled=false"
    for kind in ("digging", "source_trips", "pump_failures", "substation_failures", "power_failures", "fuel_supply",
                 "staff_absence")
)  # fmt: skip
# leaks that nobody sees, so that no pipe is shut and mended: what fails then depends on heat alone
UNSEEN = ("policies.crews.teams=0", "disruptions.pipe_failures.burst_share=0", "policies.inspection.share=0",
          "disruptions.pipe_failures.latent_share=0", "disruptions.pipe_failures.leak_kg_s=0.001",
          "disruptions.pipe_failures.leak_growth_per_day=0")  # fmt: skip


@cache
def season(winter: int, *changes: str) -> Record:
    return run(load("town", [*ONLY_PIPES, *UNSEEN, *changes]), winter)


def thinned(scenario: Scenario, record: Record, winter: int) -> tuple[list[int], list[int]]:
    """Return when a winter's candidates fail under the temperatures of a record, and under pipes that stand still [s].

    Candidates drawn at the bound are accepted by hand, with the swing of the recorded hourly supply temperatures.
    """
    specification = scenario.disruptions.pipe_failures
    drawn = draw_pipe_failures(specification, ground_of(scenario).arrays, Calendar.of(scenario), scenario.seed, winter)
    begun, ended = heat_on_s(record), record.calendar["decided_end"]
    filled, supply_c = int(record.at[record.rows("filled")].min()), record.tracks["source_supply_c"]
    swinging, still = [], []
    for at, mark in zip(drawn.at_s.tolist(), drawn.mark.tolist(), strict=True):
        heated = begun <= at < ended
        first, last = max(at // HOUR - 24, -(-begun // HOUR)), at // HOUR
        swing = float(np.ptp(supply_c[first:last], axis=0).max()) if heated and last > first else 0.0
        for kept, change_k in ((swinging, swing), (still, 0.0)):
            state = PipeFailureState(at > filled, heated, max(0.0, (at - begun) / DAY) if heated else 0.0, change_k)
            if accept(specification, mark, state):
                kept.append(at)
    return swinging, still


def weekly_ratio(days: np.ndarray) -> tuple[float, float]:
    """Return failures a day in the first week of heat over those of weeks 6 to 12, and its standard error."""
    counts = [np.count_nonzero((days >= 0) & (days < 7)), np.count_nonzero((days >= 35) & (days < 84))]
    ratio = counts[0] / 7 / (counts[1] / 49)
    return ratio, ratio * float(np.sqrt(1 / counts[0] + 1 / counts[1]))


def heat_on_s(record: Record) -> int:
    return int(record.at[record.rows("preheat_started")].min())


def failed_s(record: Record) -> np.ndarray:
    return record.at[record.rows("pipe_failed")]


@pytest.mark.parametrize("changes", [(), ("policies.preheat.ramp_k_h=40",)])
def test_what_fails_is_what_the_recorded_swing_of_the_supply_temperature_accepts(changes):
    changes = ("disruptions.pipe_failures.rate_factor=80", *changes)
    record = season(2, *changes)
    swinging, still = thinned(load("town", [*ONLY_PIPES, *UNSEEN, *changes]), record, 2)
    assert np.array_equal(failed_s(record), np.array(swinging))
    assert set(still) < set(swinging)
    assert len(swinging) > len(still) + 5 > 20  # some would not have failed in pipes whose temperature stands still


def test_the_faster_the_pipes_are_warmed_the_more_of_them_fail_in_common_winters():
    """A ramp of 40 K/h against 1 K/h; with the exponent at nothing the ramp makes no difference."""

    def early(ramp: int, exponent: float, winters: int) -> list[int]:
        changes = ("disruptions.pipe_failures.rate_factor=80", f"policies.preheat.ramp_k_h={ramp}",
                   f"disruptions.pipe_failures.ramp_exponent={exponent}")  # fmt: skip
        records = [season(winter, *changes) for winter in range(winters)]
        return [int(np.count_nonzero((failed_s(r) - heat_on_s(r)) // DAY == 0)) for r in records]

    slow, fast = early(1, 0.3, 5), early(40, 0.3, 5)
    assert all(b >= a for a, b in zip(slow, fast, strict=True))  # the same candidates, each accepted sooner
    assert sum(fast) > sum(slow) > 0
    assert early(1, 0.0, 2) == early(40, 0.0, 2)


def test_first_weeks_have_the_failures_of_the_november_cluster():
    """The first week against weeks 6 to 12: by age alone the law within three standard errors, and with the swings too.

    An excess of 2 that falls to 1/e in ten days gives (1 + 2 (10/7)(1 - exp(-0.7))) over 1 and what is left of it:
    2.4 times; over the cited range of the excess, 1 to 4, it is 1.7 to 3.9 (STOCHASTICS 1.2: Harbin, Xi'an and
    Changchun in November). Swings come with the warming-up and with every cold spell: the whole
    lies between 1.7 and 3.9.
    """
    scenario = load("town", [*ONLY_PIPES, *UNSEEN, "disruptions.pipe_failures.rate_factor=150"])
    record = run(load("town", [*ONLY_PIPES, "disruptions.pipe_failures.enabled=false"]), 0)
    found = [thinned(scenario, record, winter) for winter in range(60)]
    by_swing, by_age = (
        weekly_ratio((np.concatenate([times[which] for times in found]) - heat_on_s(record)) / DAY) for which in (0, 1)
    )
    left = 2.0 * 10 / 49 * (np.exp(-3.5) - np.exp(-8.4))
    law = (1.0 + 2.0 * 10 / 7 * (1.0 - np.exp(-0.7))) / (1.0 + left)
    print(f"\nfirst week over weeks 6 to 12: law {law:.2f}, age alone {by_age[0]:.2f} +- {by_age[1]:.2f}, "
          f"with swings {by_swing[0]:.2f} +- {by_swing[1]:.2f}")  # fmt: skip
    assert abs(by_age[0] - law) < 3.0 * by_age[1] < 0.5
    assert 1.7 < by_swing[0] < 3.9
