"""Units and tanks: closed forms of COP, ramp, start, least load, electricity beside heat, and a tank that levels."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.fuel import burn
from heatseason.sim.kernels.tanks import from_tank, in_hand
from heatseason.sim.kernels.units import book_unit, call_up, efficiencies, reach
from heatseason.sim.world.heat import Heat, HeatSettings

HOUR = 3600.0


def units(**rows: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return ``Plant.unit`` and ``State.unit`` of as many units as the lists are long."""
    count = len(next(iter(rows.values())))
    unit, now = np.zeros((14, count)), np.zeros((la.UNIT_ROWS, count))
    unit[la.U_CAPACITY], unit[la.U_EFFICIENCY], unit[la.U_RAMP] = 1e6, 0.9, np.inf
    for name, values in rows.items():
        unit[getattr(la, f"U_{name}")] = values
    now[[la.V_SHARE, la.V_SHARE_NEXT, la.V_THERE]], now[la.V_RANK] = 1.0, np.arange(count)
    now[la.V_TO_GO_S], now[la.V_EFFICIENCY] = unit[la.U_START_S], unit[la.U_EFFICIENCY]
    return unit, now


# ---------------------------------------------------------------- efficiency


def as_things_stand(unit: np.ndarray, now: np.ndarray, *, supply=70.0, back=45.0, outdoor=-2.0, ground=9.0) -> list:
    clock, source = np.zeros(la.CLOCK), np.zeros((la.SOURCE_ROWS, 1))
    clock[la.K_SUPPLY_SET], source[la.O_RETURN_C] = supply, back
    count = unit.shape[1]
    efficiencies(outdoor, ground, clock, unit, np.zeros((3, count), np.int64), source, now)
    return now[la.V_EFFICIENCY].tolist()


def test_a_heat_pump_keeps_its_share_of_carnot() -> None:
    rated = 338.15 / (65.0 - 7.0)
    unit, now = units(EFFICIENCY=[3.5, 3.5, 3.5, 3.5], CARNOT=[rated, rated, rated, 0.0], COLD_C=[7.0] * 4,
                      COLD_SIDE=[0, 1, 2, 1])  # fmt: skip
    found = as_things_stand(unit, now)
    expected = [3.5 * (343.15 / (70.0 - cold)) / rated for cold in (7.0, -2.0, 9.0)]
    assert found == pytest.approx([*expected, 3.5], rel=1e-12)
    assert as_things_stand(unit, now, supply=65.0)[0] == pytest.approx(3.5, rel=1e-12)
    assert as_things_stand(unit, now, supply=12.0)[0] == pytest.approx(3.5 * 285.15 / 10.0 / rated)  # least lift 10 K


def test_a_heat_pump_is_at_worst_a_heating_rod() -> None:
    unit, now = units(EFFICIENCY=[1.6], CARNOT=[338.15 / 20.0], COLD_C=[45.0], COLD_SIDE=[1])
    assert as_things_stand(unit, now, outdoor=-10.0) == [1.0]


@pytest.mark.parametrize(("back", "gain"), [(60.0, 0.0), (55.0, 0.0), (45.0, 10.0), (30.0, 25.0)])
def test_flue_gas_condenses_below_its_dew_point(back: float, gain: float) -> None:
    unit, now = units(EFFICIENCY=[0.94], CONDENSING=[0.002], DEW_C=[55.0])
    assert as_things_stand(unit, now, back=back) == pytest.approx([0.94 * (1.0 + 0.002 * gain)])


@pytest.mark.parametrize("load", [0.05, 0.2, 0.6, 1.0])
def test_below_its_least_load_a_unit_runs_at_it_and_pauses(load: float) -> None:
    """In a share load / least of the hour it runs at its least load, at the efficiency that it has there."""
    capacity, efficiency, slope, least, value = 2e6, 0.9, -0.1, 0.3, 35e6
    at_work = min(load / least, 1.0)
    held = max(load, least)
    expected = at_work * held * capacity * HOUR / (efficiency * (1.0 + slope * (1.0 - held)) * value)
    assert burn(load * capacity, HOUR, capacity, efficiency, slope, least, value) == pytest.approx(expected, rel=1e-12)


# ---------------------------------------------------------------- ramp, start, calls


def test_output_rises_by_the_ramp() -> None:
    """From nothing at 0.4 of capacity an hour: mean output 0.2, 0.6, then a corner at half of the hour."""
    unit, now = units(RAMP=[0.4 / HOUR])
    ledger, means = np.zeros(la.LEDGER), []
    for _ in range(4):
        limit = reach(0, HOUR, 1e6, unit, now)
        means.append(limit)
        book_unit(0, HOUR, limit, limit, limit / 1e6, 1e6, limit * HOUR / 0.9, unit, now, ledger)
    assert means == pytest.approx([0.2e6, 0.6e6, (0.9 * 0.5 + 1.0 * 0.5) * 1e6, 1e6])
    book_unit(0, HOUR, 0.3e6, 1e6, 0.3, 1e6, 0.3e6 * HOUR / 0.9, unit, now, ledger)
    assert reach(0, HOUR, 1e6, unit, now) == pytest.approx(0.5e6)  # it falls at once, and climbs from there
    by_half = np.mean([_climb(unit, now.copy(), ledger), _climb(unit, now, ledger, again=True)])
    assert by_half == pytest.approx(0.5e6)


def _climb(unit: np.ndarray, now: np.ndarray, ledger: np.ndarray, again: bool = False) -> float:
    """Return the mean output of the first, or of the second, half of an hour."""
    if again:
        _climb(unit, now, ledger)
    limit = reach(0, HOUR / 2, 1e6, unit, now)
    book_unit(0, HOUR / 2, limit, limit, limit / 1e6, 1e6, limit * HOUR / 2 / 0.9, unit, now, ledger)
    return float(limit)


def test_a_cold_unit_takes_its_start_time_and_cools_as_slowly() -> None:
    unit, now = units(START_S=[5400.0])
    ledger, means = np.zeros(la.LEDGER), []
    now[la.V_CALLED] = 1.0
    for _ in range(3):
        limit = reach(0, HOUR, 1e6, unit, now)
        means.append(limit)
        book_unit(0, HOUR, limit, limit, limit / 1e6, 1e6, limit * HOUR / 0.9, unit, now, ledger)
    assert means == pytest.approx([0.0, 0.5e6, 1e6])
    now[la.V_CALLED] = 0.0
    assert reach(0, HOUR, 1e6, unit, now) == 0.0
    book_unit(0, HOUR, 0.0, 0.0, 0.0, 1e6, 0.0, unit, now, ledger)
    assert now[la.V_TO_GO_S, 0] == 3600.0
    assert now[la.V_RUN_S, 0] == 2 * HOUR


def test_a_unit_that_is_there_for_a_part_of_an_hour_climbs_in_that_part() -> None:
    """Back for the last third it climbs to a third of its capacity; there for the first third, it climbs on from it."""
    unit, now = units(RAMP=[1.0 / HOUR])
    ledger, means = np.zeros(la.LEDGER), []
    now[la.V_SHARE], now[la.V_THERE] = 1.0 / 3.0, 1.0 / 3.0
    for _ in range(2):
        limit = reach(0, HOUR, 1e6 / 3.0, unit, now)
        means.append(limit)
        book_unit(0, HOUR, limit, limit, 1.0, 1e6 / 3.0, limit * HOUR / 0.9, unit, now, ledger)
    assert means == pytest.approx([1e6 / 18.0, 1e6 / 6.0])
    assert now[la.V_LEVEL_W, 0] == pytest.approx(2e6 / 3.0)
    assert now[la.V_RUN_S, 0] == pytest.approx(2.0 * HOUR / 3.0)


def test_what_rounding_leaves_to_a_unit_is_no_hour_at_work() -> None:
    """When others carry a load exactly, a billionth of a watt may be left: booked for the balance, but no hour."""
    unit, now = units(CAPACITY=[6e7])
    ledger = np.zeros(la.LEDGER)
    book_unit(0, HOUR, 4e-9, 6e7, 0.0, 6e7, 4e-9 * HOUR / 0.9, unit, now, ledger)
    assert now[la.V_RUN_S, 0] == 0.0
    assert now[la.V_MADE_J, 0] == 4e-9 * HOUR
    book_unit(0, HOUR, 1e3, 6e7, 1e3 / 6e7, 6e7, 1e3 * HOUR / 0.9, unit, now, ledger)
    assert now[la.V_RUN_S, 0] == HOUR


def called(load: list[float], before: list[float], *, merit: bool, start_s: float = 600.0) -> tuple[list, np.ndarray]:
    """Return which of four units of 1 MW, two in each of two sources of one island, are called, and the ledger."""
    unit, now = units(START_S=[start_s] * 4, START_LOSS_S=[300.0] * 4)
    now[la.V_CALLED] = before
    now[la.V_TO_GO_S] = np.where(np.array(before) > 0.0, 0.0, start_s)
    source, setting, ledger = np.zeros((la.SOURCE_ROWS, 2)), np.zeros(la.SETTINGS), np.zeros(la.LEDGER)
    source[la.O_ASKED], setting[la.S_MERIT], setting[la.S_KEEP_WARM_S] = load, float(merit), 86_400.0
    stock = np.array([[1e6], [0.0]])
    stands = np.array([[0, 0, 1, 1], [0, 0, 0, 0], [-1, -1, -1, -1]])
    call_up(HOUR, setting, unit, stands, np.array([36e6]), np.zeros(2, np.int64), source, now, stock, ledger,
            np.zeros((2, 2)), np.zeros((2, 2)))  # fmt: skip
    assert (1e6 - stock[0, 0]) * 36e6 == pytest.approx(ledger[la.G_FUEL])
    assert ledger[la.G_FUEL] == ledger[la.G_STACK]
    return now[la.V_CALLED].tolist(), ledger


@pytest.mark.parametrize(
    ("load", "before", "merit", "after"),
    [
        ([0.8e6, 0.0], [1, 0, 0, 0], False, [1, 0, 0, 0]),  # within what is called
        ([0.9e6, 0.0], [1, 0, 0, 0], False, [1, 1, 0, 0]),  # near its limit: one more
        ([0.8e6, 0.0], [1, 1, 0, 0], False, [1, 1, 0, 0]),  # not dismissed at once
        ([0.65e6, 0.0], [1, 1, 0, 0], False, [1, 0, 0, 0]),
        ([0.5e6, 0.5e6], [0, 0, 0, 0], False, [1, 0, 1, 0]),  # each source its own
        ([1.0e6, 0.8e6], [1, 1, 0, 0], True, [1, 1, 1, 0]),  # the island's together; none for want of flow
        ([0.6e6, 0.6e6], [1, 1, 0, 0], True, [1, 1, 1, 0]),
        ([1.2e6, 0.0], [1, 1, 0, 0], True, [1, 1, 0, 0]),
    ],
)
def test_units_are_called_before_they_are_needed(load: list, before: list, merit: bool, after: list) -> None:
    found, ledger = called(load, before, merit=merit)
    assert found == after
    started = sum(b == 0 and a == 1 for b, a in zip(before, after, strict=True))
    assert ledger[la.G_FUEL] == pytest.approx(started * 300.0 * 1e6 / 0.9)


def test_units_stay_warm_for_the_load_of_the_days_before() -> None:
    """With a week's memory 0.95 MW needs a second boiler until e**(-t / week) brings it to 0.7 MW: after 51.3 hours."""
    unit, now = units(START_S=[600.0, 600.0])
    source, setting, stock = np.zeros((la.SOURCE_ROWS, 1)), np.zeros(la.SETTINGS), np.array([[1e6], [0.0]])
    setting[la.S_KEEP_WARM_S] = 7 * 24 * HOUR
    hours = 0
    for load in (0.95e6, *([0.3e6] * 60)):
        source[la.O_ASKED] = load
        call_up(HOUR, setting, unit, np.array([[0, 0], [0, 0], [-1, -1]]), np.array([36e6]), np.zeros(1, np.int64),
                source, now, stock, np.zeros(la.LEDGER), np.zeros((2, 1)), np.zeros((2, 1)))  # fmt: skip
        hours += now[la.V_CALLED, 1] > 0.0
    assert hours == 1 + int(7 * 24 * np.log(0.95 / 0.7))
    assert now[la.V_STARTS].tolist() == [1.0, 1.0]


def test_heat_and_electricity_are_the_fuel_s_shares() -> None:
    unit, now = units(EFFICIENCY=[0.5, 0.9, 3.0], POWER=[0.7, 0.0, 0.0])
    ledger = np.zeros(la.LEDGER)
    for u in range(3):
        heat = 0.8e6
        book_unit(u, HOUR, heat, 1e6, heat / 1e6, 1e6, heat * HOUR / unit[la.U_EFFICIENCY, u], unit, now, ledger)
    heat_j = 0.8e6 * HOUR
    assert now[la.V_POWER_J].tolist() == pytest.approx([0.7 * heat_j, 0.0, 0.0])
    assert ledger[la.G_POWER] == pytest.approx(0.35 * now[la.V_FUEL_J, 0])  # 0.5 of it heat, 0.35 electricity
    assert ledger[la.G_STACK] == pytest.approx(0.15 * now[la.V_FUEL_J, 0] + 0.1 * now[la.V_FUEL_J, 1])
    assert ledger[la.G_AMBIENT] == pytest.approx(2.0 * now[la.V_FUEL_J, 2])
    went = 3 * heat_j + ledger[la.G_POWER] + ledger[la.G_STACK]
    assert ledger[la.G_FUEL] + ledger[la.G_AMBIENT] == pytest.approx(went, rel=1e-14)


# ---------------------------------------------------------------- tanks


def tank(*, held=0.0, size=40e9, power=1e6, rate=0.0, rule=la.OFF) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    built, now, setting = np.zeros((9, 1)), np.zeros((la.SOURCE_ROWS, 1)), np.zeros(la.SETTINGS)
    rows = [la.O_TANK_J, la.O_TANK_W, la.O_TANK_HOT_C, la.O_TANK_RATE]
    built[rows, 0] = [size, power, 90.0, rate]
    now[la.O_TANK_HELD_J], setting[la.S_TANK_RULE], setting[la.S_TANK_LAG_S] = held, rule, 24 * HOUR
    return setting, built, now


def test_a_tank_levels_a_daily_wave_as_a_lag_of_first_order_does() -> None:
    """Units follow y' = y + w (x - y): amplitude w / |1 - (1 - w) e^(-i omega dt)|; the tank swings with the rest."""
    setting, built, now = tank(held=20e9, rule=1)
    ledger, omega = np.zeros(la.LEDGER), 2.0 * np.pi / 24.0
    load = 2e6 + 0.6e6 * np.sin(omega * np.arange(24 * 40))
    given = []
    for required in load:
        most = in_hand(0, HOUR, 1e9, 40.0, built, now)
        given.append(from_tank(0, HOUR, 0.0, required, 5e6, most, setting, built, now, ledger))
        assert now[la.O_ASKED, 0] == pytest.approx(required - given[-1])
    made = load - np.array(given)
    weight = -np.expm1(-1.0 / 24.0)
    amplitude = 0.6e6 * weight / abs(1.0 - (1.0 - weight) * np.exp(-1j * omega))
    last = made[-24 * 5 :]
    assert (last.max() - last.min()) / 2 == pytest.approx(amplitude, rel=0.01)  # hours fall beside the wave's crest
    assert now[la.O_TANK_GIVEN_J, 0] - now[la.O_TANK_TAKEN_J, 0] == pytest.approx(20e9 - now[la.O_TANK_HELD_J, 0])


def test_a_tank_that_is_kept_full_gives_only_what_units_lack() -> None:
    setting, built, now = tank(held=10e9, rule=0)
    ledger = np.zeros(la.LEDGER)

    def step(required: float, able: float, most: float = 1e6) -> float:
        return float(from_tank(0, HOUR, 0.0, required, able, most, setting, built, now, ledger))

    assert step(2e6, 2.4e6) == -0.4e6  # what the units called can spare
    assert step(2e6, 5e6) == -1e6  # as fast as it takes heat in
    assert step(2e6, 1.7e6) == pytest.approx(0.3e6)
    assert step(2e6, 0.0) == 1e6
    assert step(0.5e6, 0.0) == 0.5e6  # never more than is asked
    assert step(2e6, 0.0, most=0.2e6) == 0.2e6
    assert now[la.O_ASKED, 0] == 2e6  # units are called for all of it
    now[la.O_TANK_HELD_J] = 40e9 - HOUR * 0.1e6
    assert step(2e6, 5e6) == pytest.approx(-0.1e6)  # full


def test_a_tank_by_the_clock() -> None:
    setting, built, now = tank(held=10e9, rule=2)
    ledger = np.zeros(la.LEDGER)
    given = [from_tank(0, HOUR, order, 2e6, 2.5e6, 0.8e6, setting, built, now, ledger) for order in (1.0, 0.0, -1.0)]
    assert given == pytest.approx([-0.5e6, 0.0, 0.8e6])


def test_a_tank_cools_exponentially_and_gives_no_more_than_its_temperature_allows() -> None:
    setting, built, now = tank(held=10e9, rate=2e-7)
    ledger = np.zeros(la.LEDGER)
    for _ in range(240):
        from_tank(0, HOUR, 0.0, 0.0, 0.0, 0.0, setting, built, now, ledger)
    assert now[la.O_TANK_HELD_J, 0] == pytest.approx(10e9 * np.exp(-2e-7 * 240 * HOUR), rel=1e-12)
    assert ledger[la.G_TANK_LOST] + now[la.O_TANK_HELD_J, 0] == pytest.approx(10e9, rel=1e-14)
    assert in_hand(0, HOUR, 1e4, 60.0, built, now) == pytest.approx(1e4 * 30.0)
    assert in_hand(0, HOUR, 1e4, 95.0, built, now) == 0.0


# ---------------------------------------------------------------- in a marched network


def marched(arrays, *, days: int = 6, wave_k: float = 0.0, **settings) -> Heat:
    hours = 24 * days
    outdoor = 2.0 + wave_k * np.sin(2.0 * np.pi * np.arange(hours) / 24.0)
    made = Heat(
        arrays, outdoor_c=outdoor, solar_w_m2=np.zeros(hours), wind_m_s=np.full(hours, 0.9), ground_c=np.full(hours,
        8.0), settings=HeatSettings(gain_profile=(1.0,) * 24, curve_lag_s=0.0, **settings), hours=hours,
    )  # fmt: skip
    made.set_mode("season")
    made.advance(hours * HOUR)
    assert max(abs(value) for name, value in made.ledger.items() if name.endswith("_error")) < 1e-9
    return made


def three_units(little, **changes):
    """One source with three units of 1 MW, one substation that needs about 1.7 MW."""
    each = {
        "unit_ids": ("a", "b", "c"), "unit_kind": ("gas_boiler",) * 3, "unit_source": np.zeros(3, int),
        "unit_store": np.zeros(3, int), "unit_second_store": np.full(3, -1),
        "unit_capacity_w": np.full(3, 1e6), "unit_efficiency": np.full(3, 0.9),
        "unit_ramp_per_h": np.full(3, np.inf),
    }  # fmt: skip
    zero = ("part_load_slope", "minimum_share", "start_s", "start_loss_s", "outage_rate", "power_to_heat", "carnot",
            "cold_c", "condensing_gain", "dew_c")  # fmt: skip
    each |= {f"unit_{name}": np.zeros(3) for name in zero}
    each |= {"unit_repair_h": np.ones(3), "unit_duty": np.zeros(3, int), "unit_cold_side": np.zeros(3, int)}
    return little([(0, 1, 300, 0.2)], [0], [1], **(each | changes))


def test_slow_units_hold_the_rooms_as_quick_ones_do_once_they_are_warm(little) -> None:
    quick = marched(three_units(little))
    slow = marched(three_units(little, unit_start_s=np.full(3, 5400.0), unit_ramp_per_h=np.full(3, 0.3)))
    assert slow.tracks["source_heat_w"][0, 0] == 0.0
    assert np.abs(slow.room_c() - quick.room_c()).max() < 0.3
    last = [unit["heat_gj"] for unit in slow.units().values()]
    assert last[0] > last[1] > last[2]


def test_a_tank_moves_a_peak_of_a_marched_network(little) -> None:
    with_tank = three_units(little, source_tank_j=np.array([40e9]), source_tank_w=np.array([0.8e6]),
                            source_tank_hot_c=np.array([140.0]), source_tank_rate=np.array([1e-8]))  # fmt: skip
    plain = marched(three_units(little), days=20, wave_k=4.0)
    level = marched(with_tank, days=20, wave_k=4.0, tank_rule="level_load")

    def swing(season: Heat) -> float:
        heat = season.tracks["source_heat_w"][-72:, 0].astype(float)
        return float(heat.max() - heat.min())

    assert swing(level) < 0.25 * swing(plain)
    assert np.abs(level.room_c() - plain.room_c()).max() < 0.02  # the rooms see nothing of it
    tanks = level.tanks()["s0"]
    assert tanks["taken_gj"] - tanks["given_gj"] == pytest.approx(
        tanks["held_gj"] + level.ledger["tank_lost_j"] / 1e9, rel=1e-9
    )


def test_standby_stands_by_until_the_base_load_is_lost(little) -> None:
    arrays = little(
        [(0, 1, 300, 0.2), (2, 1, 300, 0.2), (1, 3, 100, 0.2)], [0, 2], [3], capacity_w=3e6,
        unit_duty=np.array([0, 2]),
    )  # fmt: skip
    hours = 24 * 6
    flat = np.ones(hours)
    made = Heat(arrays, outdoor_c=2.0 * flat, solar_w_m2=0.0 * flat, wind_m_s=0.9 * flat, ground_c=8.0 * flat,
                settings=HeatSettings(), hours=hours)  # fmt: skip
    made.set_mode("season")
    made.advance(72 * HOUR)
    assert made.units()["u1"]["heat_gj"] < 0.02 * made.units()["u0"]["heat_gj"]
    made.set_unit_share(0, 0.0)
    before = made.units()["u1"]["heat_gj"]
    made.advance(hours * HOUR)
    assert made.units()["u1"]["heat_gj"] - before > 0.8 * made.units()["u0"]["heat_gj"]
