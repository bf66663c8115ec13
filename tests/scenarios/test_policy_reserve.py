"""What the stock-keeper orders, by hand-checkable cases and by what must always hold."""

import numpy as np
import pytest
from heatseason.scenarios.policies.reserve import (
    Coming,
    DaysOfCover,
    FixedLot,
    NoReserve,
    OrderUpTo,
    Preseason,
    ReserveSeen,
    Rolling,
    cover_days,
    decide,
    forecast_share,
    opening_stock,
    safety_stock,
    shared_from,
)
from hypothesis import given
from hypothesis import strategies as st

BURN = np.full(16, 100.0)


def seen(stock, **changes):
    values = {
        "stock": stock, "on_order": 0.0, "capacity": 5_000.0, "burn_per_day": BURN, "design_burn_per_day": 120.0,
        "lead_days": 2.0, "days_left": 90.0,
    }  # fmt: skip
    return ReserveSeen(**{**values, **changes})


def test_days_of_cover_fills_up_to_the_days_and_the_lead():
    assert decide(DaysOfCover(days=7.0), seen(600.0)).quantity == pytest.approx(100.0 * (7 + 2 + 1) - 600.0)
    assert decide(DaysOfCover(days=7.0), seen(600.0, on_order=400.0)).quantity == 0.0
    assert decide(DaysOfCover(days=10.0), seen(600.0)).quantity > decide(DaysOfCover(days=7.0), seen(600.0)).quantity


def test_a_cold_forecast_orders_more():
    cold = decide(DaysOfCover(), seen(600.0, burn_per_day=np.linspace(100.0, 160.0, 16)))
    assert cold.quantity > decide(DaysOfCover(), seen(600.0)).quantity


def test_what_nothing_burns_from_by_plan_is_kept_as_full_as_the_network_has_it():
    waiting = {"design_burn_per_day": 0.0, "burn_per_day": 0.0 * BURN, "initial": 900.0}
    for policy in (DaysOfCover(days=7.0, opening_days=10.0), Preseason(), NoReserve()):
        assert opening_stock(policy, 900.0, 1_000.0, 0.0) == 900.0
        assert decide(policy, seen(900.0, **waiting)).quantity == 0.0
        assert decide(policy, seen(300.0, on_order=200.0, **waiting)).quantity == pytest.approx(400.0)
        assert decide(policy, seen(300.0, **waiting, days_left=1.0)).quantity == 0.0
        assert decide(policy, seen(300.0, **waiting)).cover_days == np.inf


def test_s_and_big_s():
    policy = OrderUpTo(order_at_days=5.0, order_to_days=10.0)
    assert decide(policy, seen(601.0)).quantity == 0.0
    assert decide(policy, seen(600.0)).quantity == pytest.approx(600.0)


def test_no_reserve_lives_from_hand_to_mouth_without_a_plan():
    order = decide(NoReserve(), seen(50.0))
    assert order.quantity == pytest.approx(100.0 * 3.0 - 50.0)
    assert order.emergency == 0.0


def test_the_emergency_plan_acts_below_its_cover():
    policy = DaysOfCover(emergency_below_days=2.0, emergency_days=3.0, emergency_lead_h=24.0)
    assert decide(policy, seen(210.0)).emergency == 0.0
    assert decide(policy, seen(190.0)).emergency == pytest.approx(400.0 - 190.0)


def test_the_emergency_plan_counts_what_will_come_before_the_stock_is_out():
    policy = DaysOfCover(emergency_below_days=2.0, emergency_days=3.0, emergency_lead_h=24.0)

    def emergency(stock, *coming):
        on_order = sum(lot.quantity for lot in coming)
        return decide(policy, seen(stock, on_order=on_order, coming=coming)).emergency

    assert emergency(190.0, Coming(1.2, 1.8, 400.0)) == 0.0
    assert emergency(190.0, Coming(1.2, 1.5, 50.0), Coming(2.0, 2.3, 300.0)) == 0.0  # the first bridges to the second
    assert emergency(190.0, Coming(1.2, 2.0, 900.0)) == pytest.approx(400.0 - 190.0)  # unloaded too late
    assert emergency(50.0, Coming(0.9, 1.4, 100.0)) == pytest.approx(400.0 - 150.0)  # no new lot is there before it


def test_nothing_is_ordered_that_the_season_cannot_burn_but_for_what_is_left_over():
    bare = DaysOfCover(closing_days=0.0)
    assert decide(bare, seen(150.0, days_left=2.0)).quantity == pytest.approx(50.0)
    assert decide(bare, seen(250.0, days_left=2.0)).quantity == 0.0
    spared = DaysOfCover(closing_days=1.0)
    one_day = seen(150.0).design_burn_per_day
    assert decide(spared, seen(150.0, days_left=2.0)).quantity == pytest.approx(50.0 + one_day)


@given(
    stock=st.floats(0, 4_000), on_order=st.floats(0, 4_000), days=st.floats(0, 60), capacity=st.floats(100, 5_000),
    burn=st.floats(0, 400),
)  # fmt: skip
def test_orders_are_never_negative_nor_beyond_the_store(stock, on_order, days, capacity, burn):
    what = seen(min(stock, capacity), on_order=on_order, capacity=capacity, burn_per_day=np.full(16, burn))
    order = decide(DaysOfCover(days=days), what)
    assert order.quantity >= 0.0
    assert order.emergency >= 0.0
    assert what.stock + what.on_order + order.quantity <= max(capacity + 2.0 * burn, what.stock + what.on_order) + 1e-6


def test_cover_counts_fractions_and_goes_on_beyond_the_forecast():
    assert cover_days(250.0, BURN) == pytest.approx(2.5)
    assert cover_days(2_000.0, BURN) == pytest.approx(20.0)
    assert cover_days(10.0, np.zeros(16)) == float("inf")
    assert cover_days(0.0, BURN) == 0.0


def test_the_foreseen_load_follows_degree_days():
    share = forecast_share(np.array([-0.1, 8.95, 20.0]), -0.1, np.array([1.0, 1.0, 1.0]))
    assert share == pytest.approx([1.0, 0.5, 0.0])
    assert forecast_share(np.array([0.0]), -0.1, np.array([0.0]))[0] == 0.0


def test_opening_stocks():
    assert opening_stock(DaysOfCover(opening_days=12.0), 1.0, 5_000.0, 120.0) == 1_440.0
    assert opening_stock(DaysOfCover(opening_days=60.0), 1.0, 5_000.0, 120.0) == 5_000.0
    assert opening_stock(DaysOfCover(opening_days=None), 33.0, 5_000.0, 120.0) == 33.0
    assert opening_stock(NoReserve(), 33.0, 5_000.0, 120.0) == 120.0


def test_r_and_q_orders_whole_lots():
    policy = FixedLot(order_at_days=5.0, lot_days=4.0)
    assert decide(policy, seen(601.0)).quantity == 0.0
    assert decide(policy, seen(600.0)).quantity == pytest.approx(480.0)
    assert decide(policy, seen(100.0)).quantity == pytest.approx(2 * 480.0)  # one lot would leave it at r


def test_rolling_orders_the_foreseen_burn_and_what_the_forecast_and_the_lead_may_miss():
    policy = Rolling(safety_factor=2.0, error_k=2.0, likeness=0.5, lead_error_days=0.0)
    plain = decide(Rolling(safety_factor=0.0), seen(200.0)).quantity
    assert plain == pytest.approx(100.0 * 3 - 200.0)
    sd = 120.0 * 2.0 / 18.1
    weather = 2.0 * sd * np.sqrt(3 + 2 * (2 * 0.5 + 0.25))
    assert decide(policy, seen(200.0)).quantity - plain == pytest.approx(weather)
    late = policy.model_copy(update={"lead_error_days": 1.5})
    assert decide(late, seen(200.0)).quantity - plain == pytest.approx(np.hypot(weather, 2.0 * 100.0 * 1.5))
    assert decide(policy, seen(0.0, burn_per_day=np.zeros(16))).quantity == 0.0


def test_rolling_counts_the_unloading_and_orders_ahead_of_days_that_burn_more_than_the_bays_bring():
    policy = Rolling(safety_factor=0.0)
    assert decide(policy, seen(200.0, unloaded_per_day=200.0)).quantity == pytest.approx(100.0 * 3.5 - 200.0)
    cold = np.where(np.arange(16) >= 8, 160.0, 80.0)  # 8 days at 160 with bays for 120: 320 must lie there
    narrow = decide(policy, seen(0.0, burn_per_day=cold, unloaded_per_day=120.0)).quantity
    wide = decide(policy, seen(0.0, burn_per_day=cold, unloaded_per_day=160.0)).quantity
    assert wide == pytest.approx(80.0 * (3 + 120.0 / 160.0))
    ahead = 3 + 1.0
    assert narrow == pytest.approx(max(80.0 * min(d, 8) + 160.0 * max(d - 8, 0) - 120.0 * (d - ahead) for d in (4, 16)))


@pytest.mark.parametrize(
    ("likeness", "days", "inflation"), [(0.8, 3, 2.5), (0.8, 7, 4.5), (0.8, 14, 6.3), (0.9, 14, 9.1)]
)
def test_alike_errors_ask_for_the_published_inflation_of_variance(likeness, days, inflation):
    iid, alike = (safety_stock(Rolling(likeness=rho), 120.0, -0.1, days) for rho in (0.0, likeness))
    assert (alike / iid) ** 2 == pytest.approx(inflation, rel=0.02)


def test_a_preseason_fill_is_as_large_as_the_yard_lets_it():
    policy = Preseason(season_share=0.5, season_days=88.0)
    assert opening_stock(policy, 1.0, 1e9, 120.0) == pytest.approx(44 * 120.0)
    assert opening_stock(policy, 1.0, 2_000.0, 120.0) == 2_000.0
    assert decide(policy, seen(3_000.0)).quantity == 0.0
    assert decide(policy, seen(840.0)).quantity == pytest.approx(14 * 120.0 - 840.0)


def test_the_best_covered_stations_give_what_they_can_spare():
    stocks, covers = np.array([500.0, 900.0, 300.0, 50.0]), np.array([5.0, 9.0, 0.0, np.inf])
    policy = DaysOfCover(share_above_days=4.0)
    assert shared_from(policy, 620.0, stocks, covers) == pytest.approx([70.0, 500.0, 0.0, 50.0])
    assert shared_from(policy, 9e9, stocks, covers) == pytest.approx([100.0, 500.0, 0.0, 50.0])
    assert shared_from(DaysOfCover(), 620.0, stocks, covers).sum() == 0.0
