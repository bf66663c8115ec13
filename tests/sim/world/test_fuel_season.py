"""Fuel in a whole season: contracts of nothing, dual fuels, stations that share, rationing; every unit is booked."""

import datetime as dt
from functools import cache

import numpy as np
import pytest
from heatseason.network_models.formats import native
from heatseason.network_models.network import Network
from heatseason.scenarios.scenario import load
from heatseason.sim.record import KINDS, Record
from heatseason.sim.run import ground_of, run
from heatseason.sim.world.dispatch import BurnByLoad
from heatseason.sim.world.rationing import Rationing

CUT = 'disruptions.imposed=[{kind="fuel_cut", at=2027-01-10T06:00:00, store="all_gas", share=%s, days=10.0}]'
COLD = 'weather.overlays=[{kind="cold_wave", start=2027-01-10T00:00:00, depth="6 K", plateau="200 h"}]'
DAY = 86_400


@cache
def season(*changes: str, name: str = "town", winter: int = 0) -> Record:
    return run(load(name, [*changes]), winter)


def gas(record: Record) -> np.ndarray:
    units = [use["unit"] for use in record.summary["fuel"].values()]
    return np.array([unit == "m3" for unit in units])


def books(record: Record) -> None:
    assert record.summary["balance_error"] < 1e-9
    assert np.all(record.tracks["store_stock"] >= 0.0)
    for ledger in record.balances["fuel"].values():
        came = ledger["opening"] + ledger["delivered"]
        assert came == pytest.approx(ledger["burnt"] + ledger["lapsed"] + ledger["given"] + ledger["left"], rel=1e-12)


def test_a_contract_of_nothing_gives_nothing():
    none = season("policies.gas_contract.quantity_factor=0", "policies.gas_contract.on_site_factor=0")
    books(none)
    for use in none.summary["fuel"].values():
        assert (use["burnt"] == 0.0) == (use["unit"] == "m3")
    assert none.summary["heat_shed_fuel_gj"] > 0.1 * season().summary["heat_gj"]


def test_a_full_cut_acts_at_once_and_ends():
    record = season(CUT % "1.0", "policies.gas_contract.on_site_factor=0")
    books(record)
    begin = int(record.at[record.rows("gas_curtailed")[0]]) // 3600
    stock = record.tracks["store_stock"][:, gas(record)]
    assert np.all(stock[begin + 1 : begin + 10 * 24 - 8] == 0.0)
    assert np.all(stock[begin + 10 * 24 + 20] > 0.0)


def test_two_cuts_do_not_end_each_other():
    both = CUT.replace("]", ', {kind="fuel_cut", at=2027-01-12T00:00:00, store="all_gas", share=0.2, days=2.0}]')
    record = season(both % "0.9")
    alone = season(CUT % "0.9")
    hour = (92 + 6) * 24  # two days after the smaller cut has ended, the larger one still holds
    assert np.array_equal(
        record.tracks["store_stock"][hour, gas(record)], alone.tracks["store_stock"][hour, gas(alone)]
    )


def test_short_gas_is_spared_where_the_order_of_merit_says_so():
    """Stored fuel burns more while gas is short: a dual-fuel city switches over."""
    spare = "policies.merit_order.kind=sparing"
    record, by_cost = (season(CUT % "0.5", order) for order in (spare, "policies.merit_order.kind=by_cost"))
    books(record)
    assert record.summary["heat_shed_fuel_gj"] <= by_cost.summary["heat_shed_fuel_gj"] + 1.0


def test_rationing_follows_the_days_gas_and_keeps_the_coldest_or_the_protected():
    stretch = "policies.rationing.begin_below_days=1"
    protected = season(CUT % "0.5", "policies.rationing.kind=protected_first", stretch)
    coldest = season(CUT % "0.5", "policies.rationing.kind=coldest_first", stretch)
    span = slice(93 * 24, 101 * 24)
    for record in (protected, coldest):
        books(record)
        started, ended = record.rows("rationing_started"), record.rows("rationing_ended")
        assert len(started) == len(ended) > 0
        assert np.all((record.value[started] >= 0.0) & (record.value[started] < 1.0))
    equal = season(CUT % "0.5", "policies.rationing.kind=equal", stretch)
    low = [np.sort(r.tracks["room_c"][span], axis=1)[:, :20].mean() for r in (equal, coldest)]
    assert low[1] > low[0]  # the coldest cohorts are lifted


def test_rooms_that_fall_while_their_building_is_rationed_are_put_down_to_something():
    record = season(CUT % "0.5", COLD, "policies.rationing.kind=equal", "policies.rationing.begin_below_days=1")
    started, ended = record.rows("rationing_started"), record.rows("rationing_ended")
    falls, behind = record.rows("fell_below_18"), record.subjects.substation
    by_order = 0
    for fall in falls.tolist():
        place, at = behind[record.subject[fall]], record.at[fall]
        begun, over = (rows[(record.subject[rows] == place) & (record.at[rows] <= at)] for rows in (started, ended))
        if len(begun) > len(over) and record.at[begun[-1]] < at:
            assert record.cause[fall] >= 0
            by_order += KINDS[record.what[record.cause[fall]]].name == "rationing_started"
    assert by_order


def served(record: Record, who: np.ndarray, span: slice) -> float:
    heat, need = (record.tracks[f"substation_{it}_w"][span][:, who].sum() for it in ("heat", "need"))
    return float(heat / need)


def test_once_the_gas_is_gone_who_gets_less_is_the_policy_s():
    """Nothing is stretched in advance, and the day's gas gives out: what is still made is shared out by the hour."""
    equal = season(CUT % "0.5", COLD, "policies.rationing.kind=equal")
    protected = season(CUT % "0.5", COLD, "policies.rationing.kind=protected_first")
    who, span = ground_of(load("town")).arrays.substation_protected, slice(91 * 24, 101 * 24)
    assert served(protected, who, span) > served(protected, ~who, span) + 0.05
    assert served(protected, who, span) > served(equal, who, span) + 0.05
    for record in (equal, protected):
        books(record)
        started, ended = record.rows("rationing_started"), record.rows("rationing_ended")
        assert len(started) == len(ended) > 0
        whence = {KINDS[kind].name for kind in record.what[record.cause[started]]}
        assert whence == {"fuel_ran_out"}
    assert len(season().rows("rationing_started")) == 0


def test_what_is_ordered_once_the_gas_is_gone_is_what_comes_and_not_what_came_before():
    record = season(CUT % "0.5", COLD, "policies.rationing.kind=equal")
    started, places = record.rows("rationing_started"), record.subjects.rows("substation")
    asked = 0
    for at in np.unique(record.at[started])[1:]:  # on the first day works are still going on
        mine = started[record.at[started] == at]
        came = served(record, np.isin(places, record.subject[mine]), slice(at // 3600, at // 3600 + 3))
        assert record.value[mine].mean() == pytest.approx(came, abs=0.08)
        asked += 1
    assert asked > 5


def test_what_is_withheld_is_heat_not_supplied():
    stretched = [f"policies.rationing.{it}" for it in ("begin_below_days=30", "least_share=0.1", "stretch_days=10")]
    none = season("policies.reserve.kind=none")
    less = season("policies.reserve.kind=none", *stretched)
    books(less)
    lost_gj = none.summary["heat_delivered_gj"] - less.summary["heat_delivered_gj"]
    assert lost_gj > 1e5
    for key in ("heat_shed_gj", "heat_shed_fuel_gj"):
        assert less.summary[key] - none.summary[key] > lost_gj


def test_stations_share_what_they_can_spare():
    """The full city has two stations on stored fuel; the one that has plenty gives to the one that runs out."""
    alone = ("policies.reserve.emergency_below_days=3",)
    record = season(*alone, "policies.reserve.share_above_days=4", name="roads_closed_2008")
    books(record)
    given = sum(ledger["given"] for ledger in record.balances["fuel"].values())
    shared = [row for row in record.rows("emergency_ordered") if "shared_by" in record.detail_of(int(row))]
    assert given == pytest.approx(record.value[shared].sum(), rel=1e-9)
    assert given > 0.0


def test_no_emergency_is_made_of_what_is_on_its_way_or_would_wait_at_the_same_road():
    """Two days of cover beyond the lead are thin, but what has been ordered comes in time on nearly every morning."""
    thin = season("policies.reserve.days=2")
    books(thin)
    assert len(thin.rows("fuel_ordered")) > 90
    assert len(thin.rows("emergency_ordered")) < 5
    closed = season('disruptions.imposed=[{kind="road_closure", at=2027-01-05T06:00:00, hours=160.0}]')
    books(closed)
    assert len(closed.rows("emergency_ordered")) == 0  # it opens before the week's stock is gone but for hours
    assert closed.summary["heat_shed_fuel_gj"] < 800.0


# ---------------------------------------------------------------- contracts


def test_gas_beyond_the_day_is_dear_and_gas_not_taken_is_paid():
    plain = season(CUT % "0.3")
    less = "policies.gas_contract.quantity_factor=0.6"
    extra = season(less, "policies.gas_contract.extra_share=1.0")
    tight = season(less)
    books(extra)
    peak = extra.summary["cost_split_cny"]["gas_peak"]
    assert peak > 0.0
    assert tight.summary["cost_split_cny"]["gas_peak"] == plain.summary["cost_split_cny"]["gas_peak"] == 0.0
    assert extra.summary["heat_shed_fuel_gj"] < tight.summary["heat_shed_fuel_gj"]
    dearer = season(less, "policies.gas_contract.extra_share=1.0", "policies.gas_contract.peak_price_factor=2.5")
    assert dearer.summary["cost_split_cny"]["gas_peak"] == pytest.approx(3.0 * peak)  # the premium: 1.5 for 0.5

    owed = season("policies.gas_contract.take_or_pay_share=0.9", "policies.gas_contract.quantity_factor=3")
    book = owed.balances["fuel"]["N-gas"]
    least = 0.9 * 3 * 253_000.0 * (6 + 121)  # days of preheat and of the season
    paid = owed.summary["cost_split_cny"]["take_or_pay"] / 3.2
    assert paid == pytest.approx(least - (book["delivered"] - book["lapsed"]), rel=0.01)
    assert season().summary["cost_split_cny"]["take_or_pay"] == 0.0


def test_what_runs_out_on_a_closed_road_is_put_down_to_the_closure_that_still_stands():
    """A short closure within a long one is over when the yard is empty."""
    record = season('disruptions.imposed=[{kind="road_closure", at=2026-12-01T00:00:00, hours=2000.0}, '
                    '{kind="road_closure", at=2026-12-02T00:00:00, hours=10.0}]')  # fmt: skip
    books(record)
    closed = record.rows("road_closed")
    long, short = (next(int(r) for r in closed if record.value[r] == hours) for hours in (2000.0, 10.0))
    causes = record.cause[record.rows("fuel_ran_out")]
    assert (causes == long).any()
    assert not (causes == short).any()


def test_delays_that_are_over_are_laid_to_nobody():
    record = season('disruptions.imposed=[{kind="delivery_delay", at=2026-12-01T00:00:00, hours=0.1, days=4.0}, '
                    '{kind="delivery_delay", at=2026-12-03T00:00:00, hours=0.2, days=4.0}]')  # fmt: skip
    until = record.at[record.rows("fuel_delayed")]
    imposed = ["imposed" in record.detail_of(int(row)) for row in record.rows("fuel_delayed")]
    over = (dt.date(2026, 12, 7) - dt.date.fromisoformat(record.calendar["origin"])).days * DAY
    assert any(imposed)
    assert not any(told for told, at in zip(imposed, until.tolist(), strict=True) if at > over)


CUT_AT = 'disruptions.imposed=[{kind="fuel_cut", at=2027-01-%s, share=%s, days=6.2}]'


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("town", (CUT_AT % ("10T00:00:00", "0.5"),)), ("gas_curtailed", (CUT_AT % ("10T03:00:00", "1.0"),)),
        ("late_fuel", (CUT_AT % ("10T22:00:00", "0.6"), "policies.gas_contract.quantity_factor=0.6")),
    ],
)  # fmt: skip
def test_whether_the_world_looks_at_midnight_moves_no_fuel(name, changes, monkeypatch):
    looked: list[bool] = []
    is_sure = Rationing.is_sure

    def listening(self, brings):
        looked.append(not is_sure(self, brings))
        return not looked[-1]

    monkeypatch.setattr(Rationing, "is_sure", listening)
    scenario = load(name, ["network=town", *changes])
    seldom = run(scenario)
    assert 0 < sum(looked) < len(looked)
    monkeypatch.setattr(Rationing, "is_sure", lambda self, brings: False)
    nightly = run(scenario)
    for track in ("store_stock", "room_c", "source_heat_w"):
        np.testing.assert_array_equal(seldom.tracks[track], nightly.tracks[track])
    assert seldom.balances["fuel"] == nightly.balances["fuel"]
    assert seldom.summary["cost_split_cny"]["gas_peak"] == nightly.summary["cost_split_cny"]["gas_peak"]


def test_extra_gas_is_gone_when_gas_is_withheld():
    cut, extra = CUT % "0.5", "policies.gas_contract.extra_share=0.5"
    span = slice(94 * 24, 100 * 24)
    alone, more = (season(cut, *changes).tracks["store_stock"][span] for changes in ((), (extra,)))
    assert np.array_equal(alone[:, 0].max(), more[:, 0].max())


# ---------------------------------------------------------------- two fuels in one unit


@pytest.fixture(scope="module")
def two_fuels(tmp_path_factory) -> str:
    """The town with an oil tank beside its gas boilers, as a network file."""
    town = native.dump(ground_of(load("town")).network)
    north = next(source for source in town["sources"] if source["units"][0]["store"] == "N-gas")
    for unit in north["units"]:
        unit["second_store"] = "N-oil"
    north["stores"].append({
        "kind": "stock", "id": "N-oil", "fuel": "oil", "heating_value_j_kg": 42.7e6, "capacity_kg": 2e6,
        "initial_kg": 1.5e6, "delivery_kg_d": 2e5, "truck_kg": 2e4, "lead_s": 172_800.0, "price_cny_kg": 7.0,
        "co2_kg_gj": 74.1,
    })  # fmt: skip
    path = tmp_path_factory.mktemp("two_fuels") / "town"
    native.write(Network.model_validate(town), path)
    return str(path)


def test_a_unit_with_two_fuels_changes_over_when_gas_is_cut(two_fuels):
    cut = CUT % "1.0"
    held = ("policies.gas_contract.on_site_factor=0", "policies.reserve.kind=order_up_to",
            "policies.reserve.order_at_days=4", "policies.reserve.order_to_days=6")  # fmt: skip
    one, two = season(cut, *held), season(cut, *held, f"network={two_fuels}")
    books(two)
    assert one.balances["fuel"].keys() | {"N-oil"} == two.balances["fuel"].keys()
    assert two.summary["heat_shed_fuel_gj"] < 0.2 * one.summary["heat_shed_fuel_gj"]
    begun, ended = two.rows("second_fuel_begun"), two.rows("second_fuel_ended")
    assert len(begun) == len(ended) >= 1
    assert two.cause[begun[0]] == two.rows("gas_curtailed")[0]
    quiet = season(f"network={two_fuels}")
    assert quiet.balances["fuel"]["N-oil"]["burnt"] == 0.0
    np.testing.assert_array_equal(quiet.tracks["room_c"], season().tracks["room_c"])  # a tank that is not touched


def test_a_unit_with_two_fuels_turns_to_the_second_to_spare_the_first(two_fuels):
    cut = CUT % "0.4"
    network = f"network={two_fuels}"
    spared, empty = (season(cut, network, f"policies.merit_order.kind={kind}") for kind in ("sparing", "by_cost"))
    books(spared)
    burnt = [record.balances["fuel"]["N-oil"]["burnt"] for record in (spared, empty)]
    assert burnt[0] > burnt[1]
    assert spared.summary["heat_shed_fuel_gj"] <= empty.summary["heat_shed_fuel_gj"] + 1.0


MILD = "seed=20261115"  # the first winter warmer than nearly all, with no gas withheld; in the second some is


def test_cheapest_first_heats_a_city_that_can_be_heated():
    """No source is given more flow than it can heat, and none at its set-point is blamed for what valves miss."""
    orders = [f"policies.merit_order.kind={kind}" for kind in ("proportional", "by_cost", "sparing")]
    shared, cheapest, sparing = (season(order, MILD, name="hanzhong") for order in orders)
    for record in (shared, cheapest, sparing):
        books(record)
    for record in (cheapest, sparing):
        assert record.summary["heat_shed_fuel_gj"] == shared.summary["heat_shed_fuel_gj"] == 0.0
        assert record.summary["heat_shed_gj"] < shared.summary["heat_shed_gj"]


def test_cheapest_first_burns_no_contract_dry_while_its_equals_have_gas():
    """In a hard winter with gas withheld, sources of equal price share what is asked of them."""
    cheapest, shared = (
        season(f"policies.merit_order.kind={kind}", MILD, name="hanzhong", winter=1)
        for kind in ("by_cost", "proportional")
    )
    books(cheapest)
    assert shared.summary["heat_shed_fuel_gj"] > 1_000.0  # there is something to spare
    assert cheapest.summary["heat_shed_fuel_gj"] < 0.01 * shared.summary["heat_shed_fuel_gj"]
    assert cheapest.summary["heat_shed_gj"] < shared.summary["heat_shed_gj"]
    burnt = cheapest.balances["fuel"]
    share = {store: burnt[store]["burnt"] / burnt[store]["delivered"] for store in burnt if store.endswith("-gas")}
    assert max(share.values()) - min(share.values()) < 0.05


def test_burn_is_foreseen_by_the_order_of_merit():
    scenario = load("hanzhong", ["policies.merit_order.kind=by_cost"])
    arrays = ground_of(scenario).arrays
    burn = BurnByLoad(scenario, arrays, float(arrays.substation_design_w.sum()))
    mild, cold = burn.at(np.array([0.5, 1.0])).T
    assert np.allclose(cold, burn.first)
    stored = ~arrays.store_pipeline
    assert np.allclose(mild[stored], cold[stored])  # straw goes first: 612 of 821 MW
    assert np.allclose(mild[~stored], 0.5 * cold[~stored])  # gas by degree-days, for the hours above the mean
    alike = load("hanzhong")
    assert np.allclose(BurnByLoad(alike, arrays, 1.6e9).at(np.array([0.25]))[:, 0],
                       0.25 * BurnByLoad(alike, arrays, 1.6e9).first)  # fmt: skip


def test_a_rolling_reserve_counts_unloading_and_late_lots_and_does_not_run_dry():
    rolling = season("policies.reserve.kind=rolling", "policies.reserve.emergency_below_days=0")
    naive = season("policies.reserve.kind=rolling", "policies.reserve.emergency_below_days=0",
                   "policies.reserve.safety_factor=0")  # fmt: skip
    books(rolling)
    assert len(rolling.rows("fuel_ran_out")) == 0
    assert len(naive.rows("fuel_ran_out")) > 0
    stock = rolling.tracks["store_stock"].mean(axis=0)
    held = season("policies.reserve.days=10").tracks["store_stock"].mean(axis=0)
    assert stock.sum() < held.sum()
