"""What strikes: named draws, hazards within their bound, one weather behind all of it."""

import datetime as dt

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.calendar import Calendar
from heatseason.scenarios.disruptions import pipe_failures, source_trips
from heatseason.scenarios.disruptions.age_laws import (
    AgeTable,
    PowerLaw,
    RussianNorm,
    age_rate_per_km_year,
)
from heatseason.scenarios.disruptions.fuel_supply import (
    Deliveries,
    FuelSupply,
    GasCurtailment,
    delivery,
    draw_gas_curtailments,
    draw_road_closures,
    withheld_share,
)
from heatseason.scenarios.disruptions.imposed import resolve
from heatseason.scenarios.disruptions.pipe_failures import (
    MARKS,
    PipeFailures,
    PipeFailureState,
    draw_pipe_failures,
)
from heatseason.scenarios.disruptions.source_trips import SourceTrips, UnitTripState, draw_unit_trips
from heatseason.scenarios.disruptions.staff_absence import StaffAbsence, draw_absence
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.synthetic import Synthetic
from heatseason.scenarios.weather.weather import make_weather


@pytest.fixture(scope="module")
def network():
    return to_arrays(read_network("hanzhong"))


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(load("hanzhong"))


def winter(replication=0, **changes):
    return make_weather(Synthetic(**changes), dt.date(2026, 10, 10), 173, 1, replication)


# ---------------------------------------------------------------- pipes


def test_the_russian_norm_has_its_published_values():
    rate = age_rate_per_km_year(RussianNorm(), [1, 2, 3, 5, 17, 18, 20, 25, 30])
    wanted = [0.0792, 0.0690, 0.0636, 0.05, 0.05, 0.0572, 0.0641, 0.0990, 0.195]
    assert np.allclose(rate, wanted, rtol=5e-3)
    assert age_rate_per_km_year(RussianNorm(), 60.0) == age_rate_per_km_year(RussianNorm(), 30.0)


def test_the_power_law_integrates_to_its_published_values():
    law = PowerLaw(shape=1.6, scale_years=40.0)
    for first, wanted in ((10.0, 0.0179266), (25.0, 0.0305310)):
        t = np.linspace(first, first + 1.0, 2_001)
        assert np.trapezoid(age_rate_per_km_year(law, t), t) == pytest.approx(wanted, rel=1e-5)


def test_a_table_is_read_by_straight_lines():
    assert age_rate_per_km_year(AgeTable(), 15.0) == pytest.approx(0.15)


def test_candidates_come_at_the_bound_and_pass_at_the_hazard(network, calendar):
    specification = PipeFailures(rate_factor=3.0)
    drawn = [draw_pipe_failures(specification, network, calendar, 1, r) for r in range(60)]
    expected = pipe_failures._expected(specification, network, calendar).sum()
    counts = np.array([len(d) for d in drawn])
    assert counts.mean() == pytest.approx(expected, abs=3 * np.sqrt(expected / 60))
    assert counts.var(ddof=1) / counts.mean() == pytest.approx(1.0, abs=3 * np.sqrt(2.0 / 59))  # Poisson
    steady = PipeFailureState(filled=True, heated=True, days_heated=300.0, supply_change_k=0.0)
    ratio = pipe_failures.hazard_ratio(specification, steady)
    marks = np.concatenate([d.mark for d in drawn])
    assert np.mean(marks < ratio) == pytest.approx(ratio, abs=3 * np.sqrt(ratio / len(marks)))


def test_an_ordinary_season_has_a_few_failures(network, calendar):
    specification = PipeFailures()
    cruise = PipeFailureState(filled=True, heated=True, days_heated=40.0, supply_change_k=6.0)
    counts = [
        sum(
            pipe_failures.accept(specification, m, cruise)
            for m in draw_pipe_failures(specification, network, calendar, 1, r).mark
        )
        for r in range(100)
    ]
    assert 1.5 < np.mean(counts) < 9.0


def test_the_hazard_never_passes_its_bound_and_follows_what_is_done():
    specification = PipeFailures()

    def ratio(**changes):
        state = {"filled": True, "heated": True, "days_heated": 20.0, "supply_change_k": 5.0, **changes}
        return pipe_failures.hazard_ratio(specification, PipeFailureState(**state))

    assert ratio(filled=False) == 0.0
    assert ratio(defect_mended=True) == 0.0
    assert ratio(days_heated=0.0) > ratio(days_heated=5.0) > ratio(days_heated=50.0)
    assert ratio(supply_change_k=-30.0) > ratio(supply_change_k=2.0)
    assert ratio(heated=False) < ratio(days_heated=100.0)
    assert ratio(days_heated=0.0, supply_change_k=500.0) == pytest.approx(1.0)


def test_a_higher_rate_adds_candidates_and_moves_none(network, calendar):
    few = draw_pipe_failures(PipeFailures(), network, calendar, 1, 3)
    many = draw_pipe_failures(PipeFailures(rate_factor=3.0), network, calendar, 1, 3)
    rows = {(a, b, c) for a, b, c in zip(many.pipe, many.at_s, many.mark, strict=True)}
    assert len(many) > len(few) > 0
    assert {(a, b, c) for a, b, c in zip(few.pipe, few.at_s, few.mark, strict=True)} <= rows
    assert np.all(np.diff(few.at_s) >= 0)


def test_candidates_are_of_their_kind(network, calendar):
    drawn = draw_pipe_failures(PipeFailures(rate_factor=200.0), network, calendar, 1, 0)
    assert drawn.marks.shape == (len(drawn), len(MARKS))
    assert len(MARKS) == 16
    n = len(drawn)
    assert drawn.burst.mean() == pytest.approx(0.07, abs=3 * np.sqrt(0.07 / n))
    assert drawn.on_supply.mean() == pytest.approx(0.7, abs=3 * np.sqrt(0.25 / n))
    assert drawn.position.mean() == pytest.approx(0.5, abs=0.05)
    assert drawn.leak_kg_s[~drawn.burst].mean() == pytest.approx(1.2, rel=0.15)
    assert drawn.leak_kg_s[drawn.burst].min() > drawn.leak_kg_s[~drawn.burst].mean()
    small = network.pipe_inner_diameter_m < np.median(network.pipe_inner_diameter_m)
    rate = pipe_failures._expected(PipeFailures(), network, calendar) / network.pipe_length_m
    same = network.pipe_year == np.bincount(network.pipe_year).argmax()
    if (small & same).any() and (~small & same).any():
        assert rate[small & same].mean() > rate[~small & same].mean()
    assert len(draw_pipe_failures(PipeFailures(enabled=False), network, calendar, 1, 0)) == 0


# ---------------------------------------------------------------- sources


def test_trips_meet_the_forced_outage_rate(network, calendar):
    down = trips = 0.0
    for replication in range(150):
        drawn = draw_unit_trips(SourceTrips(), network, calendar, 1, replication)
        end = np.minimum(drawn.at_s + drawn.repair_s, calendar.horizon_s)
        down += (end - drawn.at_s).sum()
        trips += len(drawn)
    wanted = network.unit_outage_rate.mean()
    share = down / (150 * calendar.horizon_s * len(network.unit_ids))
    assert share == pytest.approx(wanted, rel=3 * np.sqrt(2.0 / trips))
    assert np.all(drawn.mark < 1.0)


def test_trips_of_idle_units_mostly_stay_away():
    trips = SourceTrips(idle_share=0.2)
    assert source_trips.accept(trips, 0.9, UnitTripState(running=True, under_repair=False))
    assert not source_trips.accept(trips, 0.9, UnitTripState(running=False, under_repair=False))
    assert source_trips.accept(trips, 0.1, UnitTripState(running=False, under_repair=False))
    assert not source_trips.accept(trips, 0.1, UnitTripState(running=True, under_repair=True))


# ---------------------------------------------------------------- fuel, roads, staff: one weather


def test_cold_winters_close_roads_and_curtail_gas(calendar):
    supply = FuelSupply()

    def hours(offset, draw, seed):
        spans = draw(supply, winter(seed, offset_k=offset), calendar, 1, seed)
        return (spans.end_s - spans.start_s).sum() / 3600.0

    for draw in (draw_road_closures, draw_gas_curtailments):
        cold = np.array([hours(-3.0, draw, r) for r in range(30)])
        mild = np.array([hours(2.0, draw, r) for r in range(30)])
        assert cold.mean() > 2.0 * mild.mean() + 1.0


def test_spans_are_in_order_and_apart(calendar):
    for draw in (draw_road_closures, draw_gas_curtailments):
        spans = draw(FuelSupply(), winter(0, offset_k=-4.0), calendar, 1, 0)
        assert len(spans) > 0
        assert np.all(spans.start_s < spans.end_s)
        assert np.all(spans.end_s[:-1] < spans.start_s[1:])
        assert np.all((spans.share > 0.0) & (spans.share <= 1.0))


def test_households_lose_gas_last():
    gas = GasCurtailment(tiers=(0.06, 0.04))
    assert withheld_share(gas, 0.10) == 0.0
    assert withheld_share(gas, 0.19) == pytest.approx(0.1)
    assert withheld_share(gas, 1.0) == pytest.approx(1.0)
    assert withheld_share(GasCurtailment(tiers=(0.7, 0.3)), 1.0) == 0.0


def test_an_order_arrives_by_its_own_marks():
    supply = FuelSupply(deliveries=Deliveries(late_share=0.1, late_h=20.0, short_share=0.05, lead_spread=0.0))
    day = 86_400.0
    calm = delivery(supply, day, np.array([0.5, 0.9, 0.5, 0.9]))
    assert (calm.lead_s, calm.late_s, calm.share) == (86_400, 0, 1.0)
    late = delivery(supply, day, np.array([0.5, 0.05, 0.5, 0.9]))
    assert late.late_s > 3_600
    short = delivery(supply, day, np.array([0.5, 0.9, 0.5, 0.01]))
    assert short.share == pytest.approx(0.7)
    assert delivery(FuelSupply(enabled=False), day, np.array([0.99, 0.0, 0.99, 0.0])).late_s == 0


def test_staff_stays_away_more_in_cold_weeks_and_at_the_festival(calendar):
    shares = np.mean([draw_absence(StaffAbsence(), winter(r), calendar, 1, r) for r in range(40)], axis=0)
    festival = (dt.date(2027, 2, 6) - calendar.origin).days
    assert shares.shape == (173, 3)
    assert shares[:90].mean() == pytest.approx(0.042, abs=0.006)
    assert shares[festival : festival + 6].mean() > shares[:90].mean() + 0.08
    cold = draw_absence(StaffAbsence(), winter(0, offset_k=-5.0), calendar, 1, 0)
    mild = draw_absence(StaffAbsence(), winter(0, offset_k=5.0), calendar, 1, 0)
    assert cold.mean() > mild.mean()
    assert draw_absence(StaffAbsence(enabled=False), winter(), calendar, 1, 0).max() == 0.0


# ---------------------------------------------------------------- orders of the scenario


def test_orders_find_their_elements(network, calendar):
    orders = load("burst_week").disruptions.imposed
    happenings, problems = resolve(orders, network, calendar)
    assert not problems
    assert [h.at_s for h in happenings] == sorted(h.at_s for h in happenings)
    first = happenings[0]
    assert network.pipe_inner_diameter_m[first.elements[0]] == network.pipe_inner_diameter_m.max()
    trip = next(h for h in happenings if h.kind == "source_trip")
    assert trip.until_s - trip.at_s == 48 * 3600


def test_orders_that_fit_nothing_are_all_named(network, calendar):
    scenario = load(
        "burst_week",
        ['disruptions.imposed[0].pipe="P-99999"', "disruptions.imposed[1].at=2027-09-01T00:00:00",
         'disruptions.imposed[3].unit="largst"'],
    )  # fmt: skip
    _, problems = resolve(scenario.disruptions.imposed, network, calendar)
    assert [p.path for p in problems] == [
        "disruptions.imposed[0].pipe", "disruptions.imposed[1].at", "disruptions.imposed[3].unit",
    ]  # fmt: skip
    assert "largest" in problems[2].hint
    assert "oldest, DN500" in problems[0].wanted


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ('kind="burst", loss_kg_s=1e9', "loss_kg_s"), ('kind="source_trip", hours=1e300', "hours"),
        ('kind="pump_failure", hours=1e300', "hours"), ('kind="substation_failure", hours=1e300', "hours"),
        ('kind="power_failure", hours=1e300', "hours"), ('kind="fuel_cut", days=1e300', "days"),
        ('kind="road_closure", hours=1e300', "hours"), ('kind="delivery_delay", days=1e300', "days"),
        ('kind="absence", group="crews", days=1e300', "days"),
    ],
)  # fmt: skip
def test_orders_without_measure_are_refused(order, key):
    with pytest.raises(ScenarioError) as caught:
        load("town", ["disruptions.imposed=[{at=2026-12-20T03:00:00, " + order + "}]"])
    (problem,) = caught.value.problems
    assert problem.path == f"disruptions.imposed[0].{key}"
    assert problem.wanted.endswith(" or less")


def test_times_with_a_zone_are_refused():
    with pytest.raises(ScenarioError):
        load("burst_week", ["disruptions.imposed[0].at=2027-01-18T05:40:00+08:00"])
