"""Pumps, substations, power and digging: rates as stated, one weather, and no candidate that another would move."""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.scenarios.calendar import Calendar
from heatseason.scenarios.disruptions import pipe_failures, pump_failures
from heatseason.scenarios.disruptions.age_laws import AgeTable, PowerLaw, Yule, age_rate_per_km_year
from heatseason.scenarios.disruptions.digging import Digging, draw_digging
from heatseason.scenarios.disruptions.pipe_failures import PipeFailures, PipeFailureState, after_repair
from heatseason.scenarios.disruptions.power_failures import PowerFailures, areas, draw_power_failures
from heatseason.scenarios.disruptions.pump_failures import PumpFailures, PumpState, draw_pump_failures
from heatseason.scenarios.disruptions.renewals import draw_renewals, with_ordered
from heatseason.scenarios.disruptions.source_trips import SourceTrips, draw_unit_trips
from heatseason.scenarios.disruptions.substation_failures import SubstationFailures, draw_substation_failures
from heatseason.scenarios.policies.crews import Crews, leak_found_s
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.synthetic import Synthetic
from heatseason.scenarios.weather.weather import make_weather
from pydantic import ValidationError

YEAR_D = 365.25


@pytest.fixture(scope="module")
def network():
    return to_arrays(read_network("hanzhong"))


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(load("hanzhong"))


def winter(replication=0, **changes):
    return make_weather(Synthetic(**changes), dt.date(2026, 10, 10), 173, 1, replication)


def test_the_yule_law_is_the_mean_of_a_breaking_kilometre():
    """A simulated linear Yule process, unit by unit, has the law's mean number of breaks in its twelfth year."""
    law = Yule(base_per_km_year=0.1, growth=1.0)
    rng = np.random.default_rng(7)
    found = []
    for _ in range(20_000):
        t, n, hits = 0.0, 0, 0
        while True:
            t += rng.exponential(1.0 / (law.base_per_km_year * (1.0 + law.growth * n)))
            if t >= 12.0:
                break
            n, hits = n + 1, hits + (t >= 11.0)
        found.append(hits)
    wanted = np.trapezoid(age_rate_per_km_year(law, np.linspace(11, 12, 201)), np.linspace(11, 12, 201))
    assert np.mean(found) == pytest.approx(wanted, abs=3 * np.std(found) / np.sqrt(len(found)))


def test_a_table_of_ages_must_be_one():
    with pytest.raises(ValidationError, match="as many rates as ages"):
        AgeTable(age_years=(0.0, 5.0), rate_per_km_year=(0.1, 0.2, 0.3))


def test_nhpp_counts_are_those_of_the_power_law(network, calendar):
    """E N of a year is the published 0.0179266 per km at ten years of age; here by the season's own draws."""
    specification = PipeFailures(
        age_law=PowerLaw(shape=1.6, scale_years=40.0), channel_factor=1.0, diameter_exponent=0.0,
    )  # fmt: skip
    same = dataclasses.replace(network, pipe_year=np.full(len(network.pipe_ids), 2016))
    state = PipeFailureState(filled=True, heated=True, days_heated=1e9, supply_change_k=0.0)
    ratio = pipe_failures.hazard_ratio(specification, state)
    counts = []
    for replication in range(400):
        drawn = pipe_failures.draw_pipe_failures(specification, same, calendar, 5, replication)
        counts.append(sum(pipe_failures.accept(specification, m, state) for m in drawn.mark))
    middle = 2027.0 + (calendar.origin - dt.date(2027, 1, 1)).days / YEAR_D + calendar.days / 2 / YEAR_D
    age = middle - 2016.5
    exact = ((age + 0.5) / 40.0) ** 1.6 - ((age - 0.5) / 40.0) ** 1.6
    wanted = exact * network.pipe_length_m.sum() / 1e3 * calendar.days / YEAR_D
    assert ratio == pytest.approx(1.0 / pipe_failures._bound(specification))
    assert np.mean(counts) == pytest.approx(wanted, abs=3 * np.sqrt(wanted / len(counts)))
    assert pytest.approx(0.0179266, rel=1e-5) == (11.0 / 40.0) ** 1.6 - (10.0 / 40.0) ** 1.6


def test_a_repair_adds_its_share_to_the_rest_of_the_season(network, calendar):
    specification = PipeFailures(rate_factor=400.0, repair_growth=0.4)
    pipe = int(np.argmax(network.pipe_length_m))
    half = calendar.horizon_s // 2
    more = [
        after_repair(specification, network, calendar, 1, r, pipe=pipe, failed_s=half - 9_000, repaired_s=half)
        for r in range(200)
    ]
    wanted = 0.5 * 0.4 * pipe_failures._expected(specification, network, calendar)[pipe]
    counts = np.array([len(m) for m in more])
    assert counts.mean() == pytest.approx(wanted, abs=3 * np.sqrt(wanted / 200))
    assert all(np.all(m.at_s > half) and np.all(m.pipe == pipe) for m in more)
    again = after_repair(specification, network, calendar, 1, 3, pipe=pipe, failed_s=half - 9_000, repaired_s=half)
    assert np.array_equal(again.at_s, more[3].at_s)


def test_hits_fall_on_work_days_in_working_hours(network, calendar):
    specification, failures = Digging(per_km_year=0.5), PipeFailures()
    weather = winter()
    drawn = [draw_digging(specification, failures, network, weather, calendar, 1, r) for r in range(40)]
    at = np.concatenate([d.at_s for d in drawn])
    moments = [calendar.at(s) for s in at.tolist()]
    assert all(8 <= m.hour < 18 and m.weekday() < 6 for m in moments)
    festival = {dt.date(2027, 2, 5) + dt.timedelta(days=d) for d in range(8)}
    assert not festival & {m.date() for m in moments}
    work_days = sum((calendar.date(d).weekday() < 6) and calendar.date(d) not in festival for d in range(calendar.days))
    wanted = 0.5 * network.pipe_length_m.sum() / 1e3 * work_days / (YEAR_D * 6 / 7)
    assert len(at) / 40 == pytest.approx(wanted, rel=0.08)  # snow days work less
    assert np.mean(np.concatenate([d.burst for d in drawn])) == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / len(at)))
    assert np.all(np.concatenate([d.origin for d in drawn]) == pipe_failures.DUG_UP)


@pytest.mark.parametrize(
    ("draw", "specification", "elements"),
    [
        (draw_pump_failures, PumpFailures(rate_per_year=2.0, repair_h=1.0), 12),
        (draw_substation_failures, SubstationFailures(rate_per_year=1.0, repair_h=1.0), 240),
    ],
)
def test_plant_fails_at_its_rate(draw, specification, elements, network, calendar):
    counts = [len(draw(specification, network, calendar, 1, r)) for r in range(60)]
    wanted = specification.rate_per_year * elements * calendar.days / YEAR_D
    assert np.mean(counts) == pytest.approx(wanted, rel=3 / np.sqrt(wanted * 60) + 0.002)
    nothing = specification.model_copy(update={"enabled": False})
    assert len(draw(nothing, network, calendar, 1, 0)) == 0


def test_a_standby_takes_over_as_long_as_there_is_one():
    specification = PumpFailures(standby=1, start_share=0.9)
    assert pump_failures.takes_over(specification, 0.89, PumpState(under_repair=0))
    assert not pump_failures.takes_over(specification, 0.91, PumpState(under_repair=0))
    assert not pump_failures.takes_over(specification, 0.0, PumpState(under_repair=1))
    assert not pump_failures.takes_over(PumpFailures(standby=0), 0.0, PumpState(under_repair=0))
    assert [pump_failures.pumping_share(specification, n) for n in (3, 2, 1, 0)] == [1.0, 1.0, 0.5, 0.0]


def test_power_fails_at_its_rate_and_more_often_in_snow(network, calendar):
    specification = PowerFailures(rate_per_year=2.0, snow_factor=1.0)
    lots = areas(specification, network)
    assert sorted(x for area in lots for x in area.substations) == list(range(len(network.substation_ids)))
    assert sorted(s for area in lots for s in area.sources) == list(range(len(network.source_ids)))
    assert len({area.id for area in lots}) == len(lots)
    weather = winter()
    cuts = [draw_power_failures(specification, network, weather, calendar, 1, r) for r in range(60)]
    wanted = 2.0 * len(lots) * calendar.days / YEAR_D
    assert np.mean([len(c) for c in cuts]) == pytest.approx(wanted, rel=3 / np.sqrt(60 * wanted))
    hours = np.concatenate([(c.end_s - c.at_s) / 3600.0 for c in cuts])
    assert hours.mean() == pytest.approx(1.5, rel=4 * 0.8 / np.sqrt(len(hours)))
    snowy = PowerFailures(rate_per_year=2.0, snow_factor=8.0)
    cold = winter(offset_k=-5.0)
    snow = cold.snow_mm.reshape(-1, 24).sum(axis=1) >= 1.0
    at = np.concatenate([draw_power_failures(snowy, network, cold, calendar, 1, r).at_s for r in range(60)])
    on_snow = snow[at // 86_400]
    per_day = on_snow.sum() / snow.sum() / ((~on_snow).sum() / (~snow).sum())
    assert per_day == pytest.approx(8.0, rel=0.25)


def test_a_higher_rate_never_gives_fewer_failures_and_they_go_on_to_the_end(network, calendar):
    weather, pipes = winter(), PipeFailures()
    days = calendar.days
    for rising in (
        [draw_power_failures(PowerFailures(rate_per_year=rate), network, weather, calendar, 1, 0)
         for rate in (1.0, 5.0, 20.0, 50.0, 100.0)],
        [draw_substation_failures(SubstationFailures(rate_per_year=rate), network, calendar, 1, 0)
         for rate in (0.06, 5.0, 20.0, 50.0, 100.0)],
        [draw_pump_failures(PumpFailures(rate_per_year=rate), network, calendar, 1, 0)
         for rate in (0.2, 5.0, 20.0, 50.0)],
        [draw_unit_trips(SourceTrips(rate_factor=factor), network, calendar, 1, 0)
         for factor in (1.0, 8.0, 50.0, 400.0)],
        [draw_digging(Digging(per_km_year=rate), pipes, network, weather, calendar, 1, 0)
         for rate in (0.003, 1.0, 10.0)],
    ):  # fmt: skip
        counts = [len(drawn) for drawn in rising]
        assert counts == sorted(counts)
        assert counts[-1] > counts[-2]
        assert rising[-1].at_s.max() > 0.9 * days * 86_400


def test_orders_stand_among_the_drawn():
    drawn = draw_renewals("x", ["a", "b"], 10_000.0, 100.0, 0.5, until_s=50_000, seed=1, replication=0)
    both = with_ordered(drawn, [(25_000, 1, 60)])
    assert len(both) == len(drawn) + 1
    assert np.all(np.diff(both.at_s) >= 0)
    kept = ~both.imposed
    assert np.array_equal(both.mark[kept], drawn.mark)
    assert both.element[both.imposed] == [1]


def test_a_leak_is_found_by_the_water_or_by_the_patrol():
    blind = Crews(detection_h=12.0, patrol_days=0.0)
    need_s = np.log(2.0) * 12 * 3600.0
    assert leak_found_s(blind, 1.0, 0.0, (0.5, 0.0, 0.0)) == (int(need_s), "telemetry")
    grown, _ = leak_found_s(blind, 1.0, 0.5, (0.5, 0.0, 0.0))
    assert grown < need_s
    assert grown + 0.5 / 86_400 * grown**2 / 2 == pytest.approx(need_s, rel=1e-3)
    walked = Crews(detection_h=10_000.0, patrol_days=7.0, patrol_share=0.5)
    assert leak_found_s(walked, 1.0, 0.0, (0.99, 0.25, 0.4)) == (int(0.25 * 7 * 86_400), "patrol")
    assert leak_found_s(walked, 1.0, 0.0, (0.99, 0.25, 0.6)) == (int(1.25 * 7 * 86_400), "patrol")
    assert leak_found_s(walked, 8.0, 0.0, (0.5, 0.1, 0.0))[0] <= leak_found_s(walked, 1.0, 0.0, (0.5, 0.1, 0.0))[0]
