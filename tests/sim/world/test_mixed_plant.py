"""A season of a plant of many kinds, through the shell's scenario: ledgers, order, money, carbon dioxide."""

from functools import cache

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.scenarios.scenario import load
from heatseason.sim.record import Record
from heatseason.sim.run import run
from heatseason.sim.world.dispatch import unit_ranks


@cache
def season(*changes: str) -> Record:
    return run(load("mixed_plant", [*changes]))


def test_every_ledger_closes_and_says_where_the_energy_went() -> None:
    summary, balances = season().summary, season().balances
    assert summary["balance_error"] < 1e-9
    units, fuel = summary["units"], summary["fuel"]
    assert sum(unit["heat_gj"] for unit in units.values()) == pytest.approx(summary["heat_gj"], rel=1e-12)
    burnt_j = fuel["gas"]["burnt"] * 35.6e6 + fuel["grid"]["burnt"] * 3.6e6
    assert burnt_j == pytest.approx(balances["fuel_j"], rel=1e-9)
    went = balances["produced_j"] + balances["power_j"] + balances["stack_j"]
    assert burnt_j + balances["ambient_j"] == pytest.approx(went, rel=1e-9)
    assert units["engine"]["power_mwh"] == pytest.approx(0.7 * units["engine"]["heat_gj"] / 3.6)
    assert 3.0 < units["heat_pump"]["efficiency"] < 4.5
    assert units["boiler"]["efficiency"] > 0.94  # cold returns: it condenses
    tank = summary["tanks"]["plant"]
    assert tank["taken_gj"] == pytest.approx(tank["given_gj"] + tank["held_gj"] + balances["tank_lost_j"] / 1e9)


def test_money_and_carbon_dioxide_follow_the_fuel() -> None:
    summary = season().summary
    cost, fuel = summary["cost_split_cny"], summary["fuel"]
    assert cost["fuel"] == pytest.approx(3.2 * fuel["gas"]["burnt"] + 0.65 * fuel["grid"]["burnt"])
    assert cost["power_sold"] == pytest.approx(-0.35e3 * summary["power_mwh"])
    co2_kg = 56.1 * fuel["gas"]["burnt"] * 35.6e-3 + 155.0 * fuel["grid"]["burnt"] * 3.6e-3
    assert summary["co2_t"] == pytest.approx(co2_kg / 1e3)
    dear = season("costs.electricity_sold_cny_kwh=0.5").summary
    assert dear["cost_cny"] < summary["cost_cny"]


def test_cheapest_first_with_what_electricity_earns_then_peak_then_standby() -> None:
    arrays = to_arrays(read_network("mixed_plant"))

    def order(*changes: str) -> list[str]:
        rank = unit_ranks(load("mixed_plant", [*changes]), arrays)
        return [arrays.unit_ids[u] for u in np.argsort(rank, kind="stable")]

    assert order() == ["heat_pump", "engine", "boiler", "rod"]
    assert order("costs.electricity_sold_cny_kwh=0.8") == ["engine", "heat_pump", "boiler", "rod"]


def test_a_levelling_tank_spares_the_peak_boiler() -> None:
    level, kept = season().summary["units"], season("policies.storage.kind=keep_full").summary["units"]
    assert level["boiler"]["heat_gj"] < 0.9 * kept["boiler"]["heat_gj"]


def test_what_tanks_are_for_can_change_on_a_date() -> None:
    later = '[{at=2027-01-10T00:00:00, policies={storage={kind="by_hour"}}}]'
    assert season(f"later={later}").summary["tanks"] != season().summary["tanks"]
    assert season(f"later={later}").summary["balance_error"] < 1e-9
