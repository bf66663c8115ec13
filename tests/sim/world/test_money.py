"""Money: fees are found again to the last fen, refunds by tier sum up, staff is paid by shift."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from heatseason.scenarios.policies.billing import HastyBilling, LawfulBilling, NoRestriction
from heatseason.scenarios.policies.roster import SHIFTS, InShifts, Shift, agents_on_duty, measurers_on_duty, shift_of
from heatseason.scenarios.scenario import load
from heatseason.sim.kernels import desk as k
from heatseason.sim.record import KIND_CODE
from heatseason.sim.record_builder import RecordBuilder
from heatseason.sim.run import run
from heatseason.sim.world.billing import note_arrears, refunds_of, season_fees

DAY = 86_400
COHORT_OF = np.repeat(np.arange(3, dtype=np.int32), 1_000)
PAYING = np.arange(3_000) % 20 != 7
FEE_FEN = np.array([250_000, 199_999, 333_333])
START, END, UNTIL = 10 * DAY, 130 * DAY, 160 * DAY


def arrears(billing, pays=0.5):
    builder = RecordBuilder()
    found = note_arrears(
        builder, paying=PAYING, cohort_of=COHORT_OF, first_subject=50, key=np.uint64(3), due_s=START + 15 * DAY,
        until_s=UNTIL, billing=billing, settings=SimpleNamespace(pays_on_reminder_share=pays),
    )  # fmt: skip
    return found, builder.columns()


def fees(found):
    return season_fees(found, fee_fen=FEE_FEN, cohort_of=COHORT_OF, paying=PAYING, start_s=START, end_s=END)


@pytest.mark.parametrize("billing", [LawfulBilling(), HastyBilling(), NoRestriction()], ids=lambda b: b.kind)
@pytest.mark.parametrize("pays", [0.0, 0.5, 1.0])
def test_every_fee_is_paid_owed_or_lost(billing, pays):
    found, _ = arrears(billing, pays)
    money = fees(found)
    assert money["fees_error"] == 0
    assert money["billed_fen"] == sum(FEE_FEN) * 1_000
    assert money["paid_in_time_fen"] == FEE_FEN[COHORT_OF[PAYING]].sum()
    assert (money["still_owed_fen"] == 0) == (pays == 1.0)
    assert (money["lost_by_restriction_fen"] > 0) == (billing.restrict_days is not None and pays < 1.0)


def test_a_planted_error_is_found():
    found, _ = arrears(LawfulBilling())
    lost = copy.deepcopy(found)
    lost.dwelling[0] = np.flatnonzero(COHORT_OF == 2)[0]  # a household booked under another's fee
    assert fees(lost)["fees_error"] != 0


def test_what_is_lost_is_the_restricted_share_of_the_season():
    found, table = arrears(LawfulBilling(reminder_days=(10, 25), restrict_days=40), pays=0.0)
    assert (table["what"] == KIND_CODE["supply_restricted"]).sum() == (~PAYING).sum()
    begun = START + 55 * DAY + 9 * 3_600
    expected = np.rint(FEE_FEN[COHORT_OF[~PAYING]] * (END - begun) / (END - START)).sum()
    assert fees(found)["lost_by_restriction_fen"] == expected


def test_refunds_by_tier_sum_to_the_fen():
    slot = np.zeros((k.SLOT_ROWS, 4), np.int32)
    slot[k.S_CONFIRMED] = 20 * DAY + 12 * 3_600
    slot[k.S_ENDED] = 23 * DAY
    slot[k.S_CAUSE] = k.OPERATOR, k.SHORTAGE, k.FAULT, k.USER
    slot[k.S_MEASURED_MK] = 17_000, 15_000, 13_000, 13_000
    room = np.full((40 * 24, 1), 20.0, np.float32)
    refunds = refunds_of(
        slot, room_c=room, daily_fee_cny=np.array([10.005]), season_end_s=END, abnormal_day=np.zeros(0, bool),
        settings=SimpleNamespace(refund_tiers=((18.0, 0.2), (16.0, 0.5), (14.0, 1.0))),
    )  # fmt: skip
    assert refunds.column.tolist() == [0, 1, 2]  # the household's own doing is not refunded
    assert refunds.days.tolist() == [4, 4, 4]
    daily = np.array([0.2, 0.5, 1.0]) * 1_000.5
    assert refunds.by_tier_fen.tolist() == np.diag(np.rint(4 * daily)).astype(int).tolist()
    assert refunds.fen.tolist() == np.rint(4 * daily).astype(int).tolist()


def test_shifts_cover_their_hours_and_pass_midnight():
    roster = InShifts(shifts=(
        Shift(from_hour=6, hours=8, agents=5, surge_agents=9, measurers=3),
        Shift(from_hour=14, hours=9, agents=4, measurers=2),
        Shift(from_hour=22, hours=8, agents=1),
    ))  # fmt: skip
    assert roster.agents == (1,) * 6 + (5,) * 8 + (4,) * 8 + (5, 1)  # an hour of handing over from 22:00
    nobody_away = np.zeros(40)
    flat = np.ones(24) / 24
    agents = agents_on_duty(roster, 40 * 24, 100_000, flat, 0, 40 * DAY, nobody_away)
    assert agents[6:14].tolist() == [9] * 8  # while the surge lasts
    assert agents[20 * 24 :].reshape(-1, 24)[0].tolist() == list(roster.agents)
    assert measurers_on_duty(roster, 24, 100_000, 0, 40 * DAY, nobody_away).tolist() == list(roster.measurers)


def test_each_hour_has_its_shift():
    names = [SHIFTS[s] for s in shift_of(24)]
    assert names == ["night"] * 6 + ["morning"] * 8 + ["evening"] * 8 + ["night"] * 2


@pytest.fixture(scope="module")
def seasons():
    plain = run(load("hanzhong", ["network=town"]))
    by_night = run(load("hanzhong", ["network=town", "costs.night_premium_share=1.2"]))
    return plain, by_night


def test_the_season_adds_up_and_the_night_is_dearer(seasons):
    for record in seasons:
        money = record.summary
        split = money["cost_split_cny"]
        assert money["cost_cny"] == pytest.approx(sum(split.values()), rel=1e-12)
        area = money["cost_cny"] / money["cost_cny_m2"]
        assert sum(money["cost_split_cny_m2"].values()) == pytest.approx(money["cost_cny"] / area, rel=1e-12)
        staff = money["staff_split_cny"]
        for group, kind in (("agents", "hotline"), ("officers", "officers")):
            assert sum(staff[f"{group}_{shift}"] for shift in SHIFTS) == pytest.approx(split[kind], rel=1e-12)
        assert sum(money["refund_split_cny"].values()) == pytest.approx(split["refunds"], abs=1e-6)
        assert record.balances["fees_error"] == record.balances["refunds_error"] == 0
        due = record.value[record.rows("refund_due")].sum()
        assert due == pytest.approx(split["refunds"], abs=1e-6)
    before, after = (record.summary["staff_split_cny"] for record in seasons)
    for name, cost in before.items():
        assert after[name] == pytest.approx(cost * (2.2 / 1.2 if name.endswith("night") else 1.0), rel=1e-12)
