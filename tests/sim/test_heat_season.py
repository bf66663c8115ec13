"""A season of heat: balances, determinism, orders, failures."""

from dataclasses import replace

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.sim.kernels import layout as la
from heatseason.sim.record import TRACKS
from heatseason.sim.world.heat import Heat, HeatSettings

DAY = 86400.0


def weather(hours: int) -> dict[str, np.ndarray]:
    h = np.arange(hours)
    cold = 6.0 - 5.0 * np.sin(np.clip(h / (60 * 24.0), 0, 1) * np.pi) + 4.0 * np.sin((h % 24 - 9) / 24 * 2 * np.pi)
    sun = 250.0 * np.maximum(0.0, np.sin((h % 24 - 6) / 12 * np.pi))
    return {
        "outdoor_c": cold,
        "solar_w_m2": sun,
        "wind_m_s": 0.9 + 0.5 * np.sin(h / 50.0),
        "ground_c": 12.0 - 4.0 * np.sin(h / hours * np.pi),
    }


def heat(arrays, hours=24 * 60, **settings):
    return Heat(arrays, **weather(hours), settings=HeatSettings(**settings), hours=hours)


def errors(season: Heat) -> dict[str, float]:
    return {name: value for name, value in season.ledger.items() if name.endswith("_error")}


def no_nan(season: Heat) -> None:
    for name, track in season.tracks.items():
        assert np.isfinite(track).all(), name
    for array in season.state.arrays:
        assert np.isfinite(array).all()


def eventful(season: Heat) -> Heat:
    """A winter with everything in it: a burst, its isolation, draining and refilling, a trip, empty fuel, rationing."""
    arrays = season.arrays
    main = 0
    season.fuel_available[:] = 1e9
    season.set_mode("trial")
    season.advance(1.5 * DAY)
    season.set_mode("preheat")
    season.advance(5 * DAY)
    season.set_mode("season")
    season.advance(10 * DAY + 1234.0)
    season.set_leak(main, 0.7, 15.0, on_supply=True)
    season.advance(10 * DAY + 9000.0)
    season.set_leak(main, 0.7, 0.0, on_supply=True)
    closed = np.zeros(len(arrays.pipe_ids), bool)
    closed[main] = True
    season.set_pipes_closed(closed)
    season.advance(10 * DAY + 11111.0)
    season.drain([main])
    season.advance(11 * DAY)
    season.refill([main])
    season.advance(11 * DAY + 500.0)
    season.set_pipes_closed(np.zeros_like(closed))
    season.advance(15 * DAY)
    season.set_unit_share(0, 0.0)
    season.advance(16 * DAY + 100.0)
    season.set_unit_share(0, 1.0)
    season.fuel_available[:] = np.minimum(season.fuel_available, 30_000.0)
    season.advance(25 * DAY)
    season.fuel_available[:] = 1e9
    season.set_served_share(np.full(len(arrays.substation_ids), 0.7))
    season.set_leak(3, 0.1, 2.0, on_supply=False)
    season.advance(30 * DAY)
    season.set_served_share(np.ones(len(arrays.substation_ids)))
    season.advance(40 * DAY)
    season.set_mode("off")
    season.advance(41 * DAY)
    return season


@pytest.fixture(scope="module")
def eventful_town() -> Heat:
    return eventful(heat(to_arrays(read_network("town"))))


def test_every_energy_account_closes_over_a_winter_with_failures(eventful_town: Heat) -> None:
    for name, error in errors(eventful_town).items():
        assert abs(error) < 1e-9, (name, error)
    assert eventful_town.ledger["leaked_kg"] > 0
    assert eventful_town.ledger["drained_j"] > eventful_town.ledger["filled_j"] > 0
    no_nan(eventful_town)


def test_every_energy_account_closes_where_openings_look_all_ways(grid) -> None:
    """Some state no facing; the sun of a facade is booked once by cohort and once by substation."""
    shares = np.vstack([np.eye(5), np.zeros(5), [0.1, 0.2, 0.4, 0.2, 0.1]])
    arrays = replace(grid, cohort_facing=shares[np.arange(len(grid.cohort_ids)) % 7].T)
    hours = 24 * 60
    facades = np.random.default_rng(1).random((5, hours)) * 2.0 * weather(hours)["solar_w_m2"]
    season = eventful(Heat(arrays, **weather(hours), facades_w_m2=facades, settings=HeatSettings(), hours=hours))
    for name, error in errors(season).items():
        assert abs(error) < 1e-9, (name, error)
    no_nan(season)
    season.state.arrays.substation[la.Y_GAINED_J] *= 1.001
    assert abs(errors(season)["rooms_error"]) > 1e-9


def test_tracks_have_the_record_s_names_and_shapes(eventful_town: Heat) -> None:
    arrays = eventful_town.arrays
    count = {
        "": None, "cohort": len(arrays.cohort_ids), "substation": len(arrays.substation_ids),
        "source": len(arrays.source_ids), "store": len(arrays.store_ids),
    }  # fmt: skip
    of_roster = {name for name in TRACKS if name.endswith("_on_duty")}
    assert set(eventful_town.tracks) == set(TRACKS) - of_roster
    for name in eventful_town.tracks:
        kind = TRACKS[name]
        rows = eventful_town.hours + (name == "room_c")
        wanted = (rows,) if not kind else (rows, count[kind])
        assert eventful_town.tracks[name].shape == wanted
        assert eventful_town.tracks[name].dtype == np.float32


@pytest.mark.parametrize(
    ("group", "row", "account"),
    [
        ("pipe", la.L_LOST, "network_error"),
        ("substation", la.Y_LOST_J, "rooms_error"),
        ("substation", la.Y_EMITTED_J, "delivery_error"),
    ],
)
def test_a_planted_error_breaks_its_account(little, group: str, row: int, account: str) -> None:
    season = heat(little([(0, 1, 500.0, 0.15), (1, 2, 300.0, 0.1)], [0], [1, 2]), hours=240)
    season.set_mode("season")
    season.advance(5 * DAY)
    assert abs(errors(season)[account]) < 1e-12
    getattr(season.state.arrays, group)[row] *= 1.001
    assert abs(errors(season)[account]) > 1e-9


def test_the_same_winter_twice_is_the_same_to_the_bit(eventful_town: Heat) -> None:
    again = eventful(heat(eventful_town.arrays))
    for mine, other in zip(eventful_town.state.arrays, again.state.arrays, strict=True):
        np.testing.assert_array_equal(mine, other)
    for name, track in eventful_town.tracks.items():
        np.testing.assert_array_equal(track, again.tracks[name])


def test_a_copy_goes_its_own_way(grid) -> None:
    season = heat(grid, hours=240)
    season.set_mode("season")
    season.advance(3 * DAY)
    before = season.room_c()
    other = season.copy()
    other.set_unit_share(0, 0.0)
    other.set_unit_share(1, 0.0)
    other.advance(6 * DAY)
    np.testing.assert_array_equal(season.room_c(), before)
    season.advance(6 * DAY)
    straight = heat(grid, hours=240)
    straight.set_mode("season")
    straight.advance(6 * DAY)
    np.testing.assert_array_equal(season.room_c(), straight.room_c())
    assert (other.room_c() < season.room_c() - 1.0).all()


def test_splitting_hours_changes_little(grid) -> None:
    whole, split = heat(grid, hours=240), heat(grid, hours=240)
    for season, steps in ((whole, (3600.0,)), (split, (1000.0, 1100.0, 2900.0, 3600.0))):
        season.set_mode("season")
        for hour in range(8 * 24):
            for step in steps:
                season.advance(hour * 3600.0 + step)
    assert np.abs(whole.room_c() - split.room_c()).max() < 0.05
    assert split.ledger["produced_j"] == pytest.approx(whole.ledger["produced_j"], rel=2e-3)
    assert abs(errors(split)["network_error"]) < 1e-12


def test_fuel_ends_at_exactly_zero_and_the_heat_is_what_it_allowed(little) -> None:
    arrays = little([(0, 1, 500.0, 0.15)], [0], [1], stock=9000.0)
    season = heat(arrays, hours=240)
    season.set_mode("season")
    season.advance(6 * DAY)
    assert season.fuel_available[0] == 0.0
    assert season.fuel_burnt[0] == pytest.approx(9000.0, rel=1e-14)
    assert season.ledger["fuel_j"] == pytest.approx(9000.0 * 21e6, rel=1e-12)
    at_full, at_least = 9000.0 * 21e6 * 0.85, 9000.0 * 21e6 * 0.85 * (1 - 0.05 * 0.8)
    assert at_least * (1 - 1e-12) <= season.ledger["produced_j"] <= at_full * (1 + 1e-12)
    assert (season.tracks["store_stock"] >= 0.0).all()
    short = season.tracks["unserved_fuel_w"][-24 * 5 :, 0].sum()
    assert short > 0.0
    assert season.tracks["unserved_capacity_w"].sum() < 0.02 * season.tracks["unserved_fuel_w"].sum()
    assert abs(errors(season)["network_error"]) < 1e-12


def test_want_of_capacity_is_told_from_want_of_fuel_and_cools_the_water(little) -> None:
    season = heat(little([(0, 1, 500.0, 0.15)], [0], [1], capacity_w=0.8e6), hours=240)
    season.set_mode("season")
    season.advance(8 * DAY)
    assert season.tracks["unserved_capacity_w"][24:192].sum() > 0.0
    assert season.tracks["unserved_fuel_w"].sum() == 0.0
    assert season.tracks["source_heat_w"].max() <= 0.8e6 * (1 + 1e-6)
    assert season.tracks["source_supply_c"][150, 0] < 90.0
    assert (season.served_share() < 0.99).all()


def at_its_limit(little, **changes) -> Heat:
    """Return a season of one unit that is to make more than it can, on the full hour after six days."""
    hours, flat = 240, np.ones(240)
    season = Heat(little([(0, 1, 500.0, 0.15)], [0], [1], capacity_w=0.8e6, **changes), outdoor_c=-4.0 * flat,
                  solar_w_m2=0.0 * flat, wind_m_s=0.9 * flat, ground_c=8.0 * flat, settings=HeatSettings(),
                  hours=hours)  # fmt: skip
    season.set_mode("season")
    season.advance(6 * DAY)
    return season


def shares_able(season: Heat, *orders: tuple[float, float], steps: tuple[float, ...] = ()) -> list[float]:
    """Return what share of its capacity the unit could make in each of two hours, with orders (at, share) in the first.

    Steps end at the full hours and at `steps`, in seconds from the first hour's beginning, as orders are.
    """
    start, able, left = season.time_s, [0.0, 0.0], list(orders)
    for end in (*steps, 3600.0, 7200.0):
        while left and left[0][0] < end:
            second, share = left.pop(0)
            season.set_unit_share(0, share, start + second)
        before = season.time_s
        season.advance(start + end)
        able[end > 3600.0] += season.can_give_w()[0][0] * (season.time_s - before) / 3600.0 / 0.8e6
    return able


@pytest.mark.parametrize("steps", [(), (2700.0,), (900.0, 3000.0)])
def test_a_unit_that_trips_within_an_hour_makes_the_part_before(little, steps: tuple[float, ...]) -> None:
    """At h:40: two thirds of its hour, wherever steps end for other orders; and the rest when it is back."""
    season = at_its_limit(little)
    hour = int(season.time_s // 3600)
    assert shares_able(season.copy()) == pytest.approx([1.0, 1.0])
    assert shares_able(season, (2400.0, 0.0), steps=steps) == pytest.approx([2.0 / 3.0, 0.0])
    made = season.tracks["source_heat_w"][hour : hour + 2, 0] / 0.8e6
    assert made.tolist() == pytest.approx([2.0 / 3.0, 0.0], rel=1e-6)
    assert season.tracks["unserved_capacity_w"][hour + 1, 0] > season.tracks["unserved_capacity_w"][hour, 0] > 0.0
    assert shares_able(season, (2400.0, 1.0), steps=steps) == pytest.approx([1.0 / 3.0, 1.0])
    assert all(abs(error) < 1e-9 for error in errors(season).values())
    no_nan(season)


def test_orders_to_a_unit_within_one_hour_add_up(little) -> None:
    season = at_its_limit(little)
    before = season.units()["u0"]
    assert shares_able(season, (900.0, 0.0), (2700.0, 0.5)) == pytest.approx([0.375, 0.5])
    after = season.units()["u0"]
    assert after["starts"] == before["starts"]
    assert after["hours"] - before["hours"] == pytest.approx(0.5 + 1.0)
    assert shares_able(season, (600.0, 1.0), (1800.0, 0.0)) == pytest.approx([2.5 / 6.0, 0.0])
    assert all(abs(error) < 1e-9 for error in errors(season).values())


def test_what_a_step_between_two_orders_gave_is_never_taken_back(little) -> None:
    """Half an hour's mean was made of fifty minutes when the unit trips again: from then on it makes nothing."""
    season = at_its_limit(little)
    season.set_unit_share(0, 0.0)
    season.advance(season.time_s + 3600.0)
    able = shares_able(season, (1800.0, 1.0), (3060.0, 0.0), steps=(3000.0,))
    assert able == pytest.approx([0.5 * 3000.0 / 3600.0, 0.0])


@pytest.mark.parametrize("after_s", [-1.0, 1800.0, 3600.0])
def test_units_are_ordered_within_what_is_left_of_the_hour(little, after_s: float) -> None:
    season = at_its_limit(little)
    season.advance(season.time_s + 1800.0)
    with pytest.raises(ValueError, match="units ordered at"):
        season.set_unit_share(0, 0.0, season.time_s + after_s)


def test_a_cut_off_substation_is_named_and_cools(grid) -> None:
    season = heat(grid, hours=480)
    season.set_mode("season")
    season.advance(5 * DAY)
    season.crossings()
    closed = np.zeros(len(grid.pipe_ids), bool)
    closed[14 + 4] = True  # the service pipe of the middle substation
    season.set_pipes_closed(closed)
    season.advance(7 * DAY)
    assert season.cut_off().tolist() == [x == 4 for x in range(9)]
    assert season.heat_w()[4] == 0.0
    assert season.served_share()[4] == 0.0
    rooms = season.room_c().reshape(9, 2)
    assert (rooms[4] < rooms[3] - 2.0).all()
    fell = season.crossings()
    assert set(fell.cohort[fell.downward].tolist()) == {8, 9}
    for at_s, cohort in zip(fell.at_s[fell.downward], fell.cohort[fell.downward], strict=True):
        hour = int(at_s // 3600)
        before, after = season.tracks["room_c"][hour : hour + 2, cohort]
        assert before >= 18.0 >= after
    season.set_pipes_closed(np.zeros_like(closed))
    season.advance(12 * DAY)
    assert not season.cut_off().any()
    rose = season.crossings()
    assert set(rose.cohort[~rose.downward].tolist()) == {8, 9}


def test_off_nothing_flows_and_rooms_relax(grid) -> None:
    season = heat(grid, hours=240)
    season.advance(5 * DAY)
    assert season.ledger["produced_j"] == 0.0
    assert season.electricity_j == 0.0
    assert (season.tracks["source_flow_kg_s"] == 0.0).all()
    assert abs(errors(season)["rooms_error"]) < 1e-12


def test_filling_circulates_cold_and_a_trial_warms(grid) -> None:
    season = heat(grid, hours=240)
    season.set_mode("filling")
    season.advance(2 * DAY)
    assert season.tracks["source_flow_kg_s"][40].sum() > 0.0
    assert season.ledger["produced_j"] == 0.0
    season.set_mode("trial")
    season.advance(4 * DAY)
    assert season.tracks["source_supply_c"][90] == pytest.approx(HeatSettings().trial_supply_c)
    assert season.ledger["delivered_j"] > 0.0


def test_preheating_keeps_the_ramp(grid) -> None:
    season = heat(grid, hours=240, preheat_ramp_k_h=4.0)
    season.set_mode("preheat")
    season.advance(2 * DAY)
    rise = np.diff(season.tracks["source_supply_c"][:48].astype(float), axis=0)
    assert rise.max() < 4.0 + 1e-3
    assert season.tracks["source_supply_c"][47].min() > 70.0


@pytest.mark.parametrize("trouble", ["source at 40 %", "trunk closed", "no head", "huge leak", "no source at all"])
def test_starved_networks_give_finite_conserved_answers(grid, little, trouble: str) -> None:
    arrays = grid
    if trouble == "no head":
        pipes = [(k, k + 1, 900.0, 0.09) for k in range(6)]
        arrays = little(pipes, [0], [1, 2, 3, 4, 5, 6], head_max_pa=2e5)
    season = heat(arrays, hours=240)
    season.set_mode("season")
    season.advance(2 * DAY)
    closed = np.zeros(len(arrays.pipe_ids), bool)
    if trouble == "source at 40 %":
        season.set_unit_share(0, 0.2)
        season.set_unit_share(1, 0.2)
    elif trouble == "trunk closed":
        closed[12] = True
        season.set_pipes_closed(closed)
    elif trouble == "huge leak":
        season.set_leak(2, 0.5, 500.0, on_supply=True)
    elif trouble == "no source at all":
        closed[[12, 13]] = True
        season.set_pipes_closed(closed)
    season.advance(9 * DAY)
    no_nan(season)
    assert max(abs(e) for e in errors(season).values()) < 1e-9
    assert season.trouble.code == "fine"
    if trouble == "no head":
        assert season.worst_placed()[0] == 5
        dp = season.tracks["substation_dp_pa"][100]
        assert (np.diff(dp) < 0.0).all()
        assert season.state.arrays.source[la.O_HEAD, 0] <= 2e5 * (1 + 1e-9)
        flow, valve = season.state.arrays.substation[la.Y_FLOW], arrays.substation_valve_kg_s_pa05
        limited = season.state.arrays.substation[la.Y_LIMIT] < 0.999
        assert limited.any()
        drop = season.state.arrays.substation[la.Y_DP][limited]
        # an open valve passes what its pressure difference drives, to one per cent of the head
        np.testing.assert_allclose((flow[limited] / valve[limited]) ** 2, drop, atol=0.01 * 2e5)
    if trouble == "huge leak":
        assert season.makeup_kg_s().sum() == pytest.approx(40.0)
        assert season.state.arrays.source[la.O_HEAD].max() <= 1e6 * 40.0 / 500.0 * (1 + 1e-9)
    if trouble == "no source at all":
        assert season.cut_off().all()


def test_water_made_up_is_water_leaked(grid) -> None:
    season = heat(grid, hours=240)
    season.set_mode("season")
    season.advance(2 * DAY)
    season.set_leak(1, 0.2, 3.0, on_supply=True)
    season.set_leak(6, 0.9, 2.0, on_supply=False)
    season.advance(2 * DAY + 7200.0)
    ledger = season.ledger
    assert ledger["leaked_kg"] == pytest.approx(5.0 * 7200.0, rel=1e-12)
    assert ledger["makeup_kg"] == pytest.approx(ledger["leaked_kg"], rel=1e-12)
    assert ledger["makeup_j"] == pytest.approx(5.0 * 7200.0 * 4190.0 * HeatSettings().makeup_c, rel=1e-12)
    assert abs(ledger["network_error"]) < 1e-12
    supply, back = season.pipe_flow_kg_s()
    assert not np.allclose(supply, -back, atol=0.5)


def test_by_merit_the_first_unit_carries_the_load(grid) -> None:
    season = heat(grid, hours=240, dispatch="merit")
    season.set_dispatch([1, 0])
    season.set_mode("season")
    season.advance(6 * DAY)
    made = season.tracks["source_heat_w"][100:140]
    assert made[:, 1].mean() > 5 * made[:, 0].mean()
    even = heat(grid, hours=240)
    even.set_mode("season")
    even.advance(6 * DAY)
    flow = even.tracks["source_flow_kg_s"][100:140]
    np.testing.assert_allclose(flow[:, 0], flow[:, 1], rtol=1e-5)


def test_units_of_one_tier_share_what_is_asked(grid) -> None:
    season = heat(grid, hours=240, dispatch="merit")
    season.set_dispatch([1, 0], tier=[0, 0])
    season.set_mode("season")
    season.advance(6 * DAY)
    made = season.tracks["source_heat_w"][100:140]
    np.testing.assert_allclose(made[:, 0] / grid.unit_capacity_w[0], made[:, 1] / grid.unit_capacity_w[1], rtol=0.02)


def test_orders_and_weather_without_meaning_are_refused(grid) -> None:
    season = heat(grid, hours=48)
    with pytest.raises(ValueError, match="march"):
        season.advance(49 * 3600.0)
    with pytest.raises(ValueError, match="mode"):
        season.set_mode("summer")
    with pytest.raises(ValueError, match="closed"):
        season.drain([0])
    with pytest.raises(ValueError, match="every unit once"):
        season.set_dispatch([0])
    columns = weather(48)
    columns["wind_m_s"] = columns["wind_m_s"].copy()
    columns["wind_m_s"][7] = np.nan
    with pytest.raises(ValueError, match="wind_m_s is not finite at hour 7"):
        Heat(grid, **columns, settings=HeatSettings(), hours=48)
