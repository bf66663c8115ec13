"""Fuel in a whole season: contracts of nothing, dual fuels, stations that share, rationing; every unit is booked."""

from functools import cache

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.record import Record
from heatseason.sim.run import run

CUT = 'disruptions.imposed=[{kind="fuel_cut", at=2027-01-10T06:00:00, store="all_gas", share=%s, days=10.0}]'
DAY = 86_400


@cache
def season(*changes: str, name: str = "town") -> Record:
    return run(load(name, [*changes]))


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
    plain = season(CUT % "0.5")
    stretch = "policies.rationing.begin_below_days=1"
    protected = season(CUT % "0.5", "policies.rationing.kind=protected_first", stretch)
    coldest = season(CUT % "0.5", "policies.rationing.kind=coldest_first", stretch)
    span = slice(93 * 24, 101 * 24)
    assert len(plain.rows("rationing_started")) == 0
    for record in (protected, coldest):
        books(record)
        started, ended = record.rows("rationing_started"), record.rows("rationing_ended")
        assert len(started) == len(ended) > 0
        assert np.all((record.value[started] >= 0.0) & (record.value[started] < 1.0))
    equal = season(CUT % "0.5", "policies.rationing.kind=equal", stretch)
    low = [np.sort(r.tracks["room_c"][span], axis=1)[:, :20].mean() for r in (equal, coldest)]
    assert low[1] > low[0]  # the coldest cohorts are lifted


def test_stations_share_what_they_can_spare():
    """The full city has two stations on stored fuel; the one that has plenty gives to the one that runs out."""
    alone = ("policies.reserve.emergency_below_days=3",)
    record = season(*alone, "policies.reserve.share_above_days=4", name="roads_closed_2008")
    books(record)
    given = sum(ledger["given"] for ledger in record.balances["fuel"].values())
    shared = [row for row in record.rows("emergency_ordered") if "shared_by" in record.detail_of(int(row))]
    assert given == pytest.approx(record.value[shared].sum(), rel=1e-9)
    assert given > 0.0
