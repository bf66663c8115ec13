"""Every scenario of the library closes its books: energy, water and fuel, told from their parts; calls, cases, visits,
crew-hours and money, told from the entries.

On the small town for two of them; the whole of each network is slow.
"""

from pathlib import Path

import numpy as np
import pytest
from heatseason.scenarios import library
from heatseason.scenarios.scenario import load
from heatseason.sim.run import run

LIBRARY = sorted(path.stem for path in Path(library.__file__).parent.glob("*.toml"))
QUICK = ("hanzhong", "burst_week")
ORDERS = (("18", "largest"), ("19", "longest"))
ERRORS = (
    "network_error", "conversion_error", "rooms_error", "delivery_error", "water_error", "fuel_error", "interim_error",
    "calls_error", "cases_error", "fees_error", "refunds_error",
)  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_books_close_on_the_town(name):
    books_close(run(load(name, ["network=town"])))


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_books_close_in_every_scenario(name):
    books_close(run(load(name)))


def test_a_repair_that_the_record_does_not_see_the_end_of_is_counted_as_under_way():
    """Two bursts in the last hours of a record without a settlement, and one team: one is at work, one waits."""
    orders = ", ".join(f'{{kind="burst", at=2027-03-31T{hour}:00:00, pipe="{pipe}"}}' for hour, pipe in ORDERS)
    record = run(load("town", ["season.settlement_days=0", "policies.crews.teams=1", f"disruptions.imposed=[{orders}]",
                               "policies.crews.stage_factor=20"]))  # fmt: skip
    books_close(record)
    assert record.balances["teams_out"] == 1
    assert _open_faults(record) >= 2


def books_close(record):
    ledger = record.balances

    def count(*names):
        return len(record.rows(*names))

    def total(*names):
        return float(record.value[record.rows(*names)].sum())

    # none of the ledgers is missing, nor hides behind the largest of the errors
    for name in ERRORS:
        assert abs(ledger[name]) < 1e-9, name
    _nature_closes(record)
    # calls: each is answered or given up, or waits
    assert ledger["calls_offered"] == count("call_answered", "call_abandoned") + ledger["calls_waiting"]
    # cases: what is accepted is closed or open; nobody is left without a clock
    assert ledger["cases_opened"] == count("complaint_accepted") == count("complaint_closed") + ledger["cases_open"]
    assert ledger["calls_error"] == ledger["cases_error"] == 0
    assert len(np.unique(record.case[record.rows("complaint_accepted")])) == ledger["cases_opened"]
    # visits: what is asked for is made, withdrawn, or waits when the record ends
    asked, made = count("measurement_requested"), count("visited")
    assert made == ledger["visits"]
    assert 0 <= asked - made - ledger["visits_withdrawn"] <= ledger["cases_open"]
    assert made == count("measurement_signed") + count("measurement_disputed")
    assert ledger["authority_complaints"] == count("authority_complained") >= count("authority_told")
    # hours of measurers: none travels and measures in two places at once
    assert made * (35 + 20) / 60 <= _measurer_hours(record)
    # money: fees, refunds, costs
    assert ledger["fees_error"] == ledger["refunds_error"] == 0
    assert round(100 * total("refund_due")) == ledger["refunds_due_fen"]
    assert round(100 * total("refund_settled")) == ledger["refunded_fen"]
    assert record.summary["cost_cny"] == pytest.approx(sum(record.summary["cost_split_cny"].values()), rel=1e-12)
    assert count("supply_restricted") == ledger["restricted"] >= ledger["lifted"] == count("restriction_lifted")
    # crew-hours: from the sending of a crew to the restoration, over all repairs that ended, and planned work
    hours, under_way = _crew_hours(record)
    hours += total("filled", "pressure_tested", "vented", "trial_run_done", "inspection_done", "defect_mended")
    assert record.summary["crew_hours"] == pytest.approx(hours, rel=1e-9, abs=1e-6)
    # the teams that are still out are those sent to a fault that is not put right
    assert under_way == ledger["teams_out"] <= _open_faults(record)
    assert record.summary["balance_error"] < 1e-9


def _nature_closes(record):
    """Energy of the network and of the rooms, and every store's fuel, from what the ledger says of each part."""
    ledger = record.balances
    put_in = sum(ledger[f"{part}_j"] for part in ("produced", "makeup", "filled"))
    taken = sum(
        ledger[f"{part}_j"] for part in ("delivered", "lost", "leaked", "drained", "tank_lost", "stored_change")
    )
    assert put_in == pytest.approx(taken, rel=1e-9)
    warmed = ledger["emitted_j"] + ledger["gains_j"]
    assert warmed == pytest.approx(ledger["rooms_lost_j"] + ledger["rooms_stored_change_j"], rel=1e-9)
    assert record.summary["heat_gj"] == pytest.approx(ledger["produced_j"] / 1e9, rel=1e-12)
    for name, store in ledger["fuel"].items():
        came = store["opening"] + store["delivered"]
        went = store["burnt"] + store["lapsed"] + store["given"] + store["left"]
        assert went == pytest.approx(came, rel=1e-9, abs=1e-9), name
        assert store["left"] >= 0.0, name
        assert record.summary["fuel"][name]["burnt"] == store["burnt"]
    assert np.all(record.tracks["store_stock"] >= 0.0)


def _measurer_hours(record):
    """Return the hours that measurers are paid for [h]."""
    price = record.scenario["costs"]
    staff = record.summary["staff_split_cny"]
    by_night = staff["measurers_night"] / (price["measurer_cny_h"] * (1 + price["night_premium_share"]))
    return by_night + (staff["measurers_morning"] + staff["measurers_evening"]) / price["measurer_cny_h"]


def _crew_hours(record):
    """Return crew-hours of repairs that ended, told from the entries, and how many repairs are under way at the end."""
    sent, mended = record.rows("crew_sent"), record.rows("fault_restored")
    back = dict(zip(record.case[mended].tolist(), record.at[mended].tolist(), strict=True))
    out = [(int(record.case[row]), int(record.at[row])) for row in sent]
    assert len({case for case, _ in out}) == len(out)  # one team a fault
    ended = [back[case] - at for case, at in out if case in back]
    return sum(ended) / 3600.0, len(out) - len(ended)


def _open_faults(record):
    """Return how many faults have begun and were not put right before the record ends."""
    begun = record.case[record.rows("pipe_failed", "substation_failed", "pump_failed", "source_tripped",
                                    "power_failed")]  # fmt: skip
    return len(np.setdiff1d(begun, record.case[record.rows("fault_restored")]))
