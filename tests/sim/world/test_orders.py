"""What kept fuel from a store when it ran out: what stood in the way at that instant, and nothing that was over."""

from functools import cache

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.record import KINDS
from heatseason.sim.report.words import Words
from heatseason.sim.run import run
from heatseason.sim.world.orders import IN_THE_WAY, Order, OrderBook

HOUR, DAY = 3_600, 86_400
PLACED, LATE, ROAD, CUT, CAME = 11, 12, 13, 14, 15  # entries


def book(**known):
    """A book of one store and one order of 100, placed at 0 h and due at 24 h; `known` is what became of it."""
    made = OrderBook(1)
    made.placed(0, Order(PLACED, 0, 24 * HOUR, 100.0, **known))
    return made


@pytest.mark.parametrize(
    ("at_h", "why", "entry"),
    [(10, "underway", PLACED), (30, "overdue", PLACED), (41, "late", LATE), (50, "road_closed", ROAD),
     (60, "unloading", ROAD), (70, "none", -1)],
)  # fmt: skip
def test_the_order_that_ought_to_have_come_first_is_told_by_where_it_was(at_h, why, entry):
    orders = book(delayed=(40 * HOUR, LATE), held=[(45 * HOUR, "road_closed", ROAD)], arrived_s=55 * HOUR,
                  arriving=100.0, unloaded_s=65 * HOUR, delivered=CAME)  # fmt: skip
    want = orders.stocked(0, at_h * HOUR)
    assert (want.why, want.entry) == (why, entry)
    assert want.detail.get("ordered") == (None if why == "none" else 100.0)
    assert want.detail.get("waiting") == (45 * HOUR if at_h in (50, 60) else None)
    assert want.detail.get("arrived") == (55 * HOUR if why == "unloading" else None)


def test_a_lot_is_kept_from_the_gate_from_the_first_and_not_from_when_it_was_last_looked_at():
    orders = book(held=[(40 * HOUR, "road_closed", ROAD), (48 * HOUR, "deliveries_cut", CUT)])
    assert [orders.stocked(0, at_h * HOUR).detail.get("waiting") for at_h in (39, 44, 50)] == [
        None, 40 * HOUR, 40 * HOUR,
    ]  # fmt: skip
    assert [orders.stocked(0, at_h * HOUR).entry for at_h in (44, 50)] == [ROAD, CUT]


def test_a_lot_that_brought_too_little_is_to_blame_until_somebody_looks_at_the_yard():
    orders = book(arrived_s=24 * HOUR, arriving=60.0, unloaded_s=25 * HOUR, delivered=CAME)
    want = orders.stocked(0, 30 * HOUR)
    assert (want.why, want.entry, want.detail["came"]) == ("short", CAME, 60.0)
    orders.reviewed(32 * HOUR)
    assert orders.stocked(0, 33 * HOUR).why == "none"
    assert orders.stocked(0, 30 * HOUR).why == "short"  # heat is reckoned in arrears: the past does not change


def test_a_lot_that_was_cut_by_order_names_the_order():
    orders = book(arrived_s=24 * HOUR, arriving=60.0, unloaded_s=25 * HOUR, delivered=CAME)
    orders.cut(0, 20 * HOUR, CUT, 0.4)
    assert (orders.stocked(0, 26 * HOUR).why, orders.stocked(0, 26 * HOUR).entry) == ("deliveries_cut", CUT)


def test_a_store_counts_on_what_comes_and_not_on_what_closed_roads_hold_up():
    orders = book()
    orders.placed(0, Order(PLACED, 0, 6 * HOUR, 30.0, in_town=True))
    assert orders.coming(0, 0, 130.0, per_day=400.0, roads_closed=False) == (
        ((0.25, 0.325, 30.0), (1.0, 1.25, 100.0)),
        0.0,
    )
    assert orders.coming(0, 0, 130.0, per_day=400.0, roads_closed=True) == (((0.25, 0.325, 30.0),), 100.0)
    orders.cut(0, HOUR, CUT, 0.4)
    assert orders.coming(0, 0, 130.0, per_day=400.0, roads_closed=False)[0][1] == (1.0, 1.15, 60.0)


def test_an_order_is_expected_when_it_is_said_to_come_and_an_overdue_one_in_as_long_again():
    orders = book()
    assert orders.coming(0, 30 * HOUR, 100.0, per_day=400.0, roads_closed=False) == (((0.25, 0.5, 100.0),), 0.0)
    late = book(delayed=(24 * HOUR, LATE))
    late.placed(0, Order(PLACED, 0, 24 * HOUR, 50.0, arrived_s=20 * HOUR))
    assert late.coming(0, 30 * HOUR, 110.0, per_day=400.0, roads_closed=False)[0] == (
        (0.0, 0.025, 10.0),
        (0.25, 0.5, 100.0),
    )


def test_gas_is_short_by_what_was_withheld_that_day_or_by_its_contract():
    orders = OrderBook(1)
    orders.cut(0, DAY, CUT, 0.3)
    orders.cut(0, DAY + HOUR, CUT + 1, 0.2)
    assert orders.share_cut(0) == 0.3
    orders.restored(0, 2 * DAY, CUT)
    assert orders.share_cut(0) == 0.2
    orders.restored(0, 2 * DAY + HOUR, CUT + 1)
    found = [(orders.piped(0, int(day * DAY)).why, orders.piped(0, int(day * DAY)).entry) for day in (0.9, 1.9, 2.9, 3)]
    assert found == [("contract", -1), ("withheld", CUT), ("withheld", CUT + 1), ("contract", -1)]


@cache
def season(name):
    return run(load(name, ["network=town"]))


@pytest.mark.parametrize("name", ["late_fuel", "gas_curtailed", "roads_closed_2008"])
def test_no_store_is_blamed_on_what_was_over_when_it_ran_out(name):
    record = season(name)
    dry = record.rows("fuel_ran_out")
    assert len(dry) > 0 or name == "roads_closed_2008"
    names = [KINDS[code].name for code in record.what]
    for seq in dry.tolist():
        at, cause, want = record.at[seq], int(record.cause[seq]), record.detail_of(seq)["want"]
        assert f"want.{want}" in Words("zh")
        assert (cause < 0) == (want in ("contract", "none"))
        if cause < 0 or names[cause] == "extension_decided":
            continue
        if record.case[cause] >= 0:  # an order: not all of it was in the yard, or had just come in
            came = [int(row) for row in record.rows("fuel_delivered") if record.case[row] == record.case[cause]]
            assert all(record.at[row] > at - (DAY if want == "short" else 0) for row in came), want
        else:  # a cut or a closed road: it stood, or gas had been withheld that day
            ends = ("gas_restored", "road_opened")
            over = [int(row) for row in np.flatnonzero(record.cause == cause) if names[row] in ends]
            assert all(record.at[row] > at - at % DAY for row in over), want


def test_late_fuel_is_put_down_to_the_lots_that_were_late():
    record = season("late_fuel")
    wants = {record.detail_of(int(seq))["want"] for seq in record.rows("fuel_ran_out")}
    assert "late" in wants
    assert wants & IN_THE_WAY


def test_yards_emptied_for_the_legal_end_are_put_down_to_the_extension():
    record = run(
        load("extension_march", ["network=town", "policies.reserve.closing_days=0", "policies.season.notice_h=12"])
    )
    after = [int(seq) for seq in record.rows("fuel_ran_out") if record.at[seq] >= record.calendar["season_end"]]
    stores = [record.subjects.kind[record.subject[seq]] for seq in after]
    told = {record.detail_of(seq)["want"]: KINDS[record.what[record.cause[seq]]].name for seq in after}
    assert stores
    assert told.get("extended", told.get("none")) == "extension_decided", told
