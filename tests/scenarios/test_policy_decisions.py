"""The other decisions, each by cases that can be checked by hand."""

import numpy as np
import pytest
from heatseason.scenarios.policies.crews import STAGES, Crews, stage_durations_s, stage_hours, travel_s, work_factor
from heatseason.scenarios.policies.inspection import Inspection, inspected, is_found, mend_s
from heatseason.scenarios.policies.interim import Coldest, Largest, Protected, arrival_s, assign
from heatseason.scenarios.policies.merit_order import (
    ByCost,
    Listed,
    Proportional,
    Sparing,
    calling_order,
    ranks,
    shares,
    spared,
)
from heatseason.scenarios.policies.notices import PromptNotices, SlowNotices, delay_s
from heatseason.scenarios.policies.preheat import NoPreheat, RampPreheat, preheat_start_s
from heatseason.scenarios.policies.rationing import ColdestFirst, Equal, ProtectedFirst, affordable_share, served_shares
from heatseason.scenarios.policies.readiness import Readiness, expected_days, plan
from heatseason.scenarios.policies.roster import FollowsCalls, ListedAgents, agents_on_duty, measurers_on_duty
from heatseason.scenarios.policies.season import (
    ByRule,
    Decided,
    Discretionary,
    Fixed,
    early_start_day,
    extension_days,
)
from heatseason.scenarios.policies.storage import ByHour, LevelLoad, tank_orders
from hypothesis import given
from hypothesis import strategies as st

DAY = 86_400

# ---------------------------------------------------------------- season and preheat


def test_preheat_begins_before_the_start_but_not_before_the_works_are_done():
    assert preheat_start_s(RampPreheat(days=6.0), 36 * DAY, 20 * DAY) == 30 * DAY
    assert preheat_start_s(RampPreheat(days=6.0), 36 * DAY, 33 * DAY) == 33 * DAY
    assert preheat_start_s(NoPreheat(), 36 * DAY, 20 * DAY) == 36 * DAY


def test_the_fixed_season_never_moves():
    cold = np.full(16, -5.0)
    assert early_start_day(Fixed(), 25, cold, 22, 36) is None
    assert extension_days(Fixed(), 155, cold, 157, 173) == 0


def test_an_early_start_by_rule_takes_five_cold_days_and_a_lead():
    rule = ByRule(below_c=5.0, in_a_row=5, lead_days=2)
    forecast = np.array([9.0, 8, 7, 4, 4, 4, 4, 4, 9, 9, 9, 9, 9, 9, 9, 9])
    assert early_start_day(rule, 24, forecast, 22, 36) == 27
    assert early_start_day(rule, 24, forecast, 28, 36) is None  # the window opens too late for five in a row
    forecast[5] = 6.0
    assert early_start_day(rule, 24, forecast, 22, 36) is None
    assert early_start_day(rule, 34, np.full(16, 0.0), 22, 36) is None  # nothing is early any more


def test_an_extension_by_rule_lasts_as_long_as_the_cold():
    rule = ByRule(below_c=5.0, in_a_row=5, lead_days=2)
    forecast = np.array([9.0, 9, 4, 4, 4, 4, 4, 4, 9, 9, 9, 9, 9, 9, 9, 9])
    assert extension_days(rule, 155, forecast, 157, 173) == 6
    assert extension_days(rule, 155, forecast, 157, 160) == 3
    assert extension_days(rule, 150, forecast, 157, 173) == 0


def test_decisions_by_hand_come_with_their_notice():
    policy = Decided(early_days=4, extension_days=10, notice_h=24.0)
    calm = np.full(16, 10.0)
    assert early_start_day(policy, 31, calm, 22, 36) == 32
    assert early_start_day(policy, 30, calm, 22, 36) is None
    assert extension_days(policy, 156, calm, 157, 173) == 10
    assert extension_days(policy, 155, calm, 157, 173) == 0


def test_a_decision_by_hand_is_told_to_the_hour_and_before_its_day_begins():
    calm = np.full(16, 10.0)
    short = Decided(early_days=4, extension_days=4, notice_h=2.0)
    told = [hour for hour in range(24) if extension_days(short, 156, calm, 157, 173, hour=hour)]
    assert told == [22, 23]
    assert [hour for hour in range(24) if early_start_day(short, 31, calm, 22, 36, hour=hour)] == [22, 23]
    none = Decided(extension_days=4, notice_h=0.0)
    assert [hour for hour in range(24) if extension_days(none, 156, calm, 157, 173, hour=hour)] == [23]
    assert early_start_day(Decided(early_days=14, notice_h=800.0), 0, calm, 22, 36) == 22  # told before the first day


def test_without_a_lead_an_extension_is_decided_on_the_last_day():
    cold = np.full(16, 0.0)
    for policy in (ByRule(lead_days=0), Discretionary(lead_days=0)):
        assert extension_days(policy, 156, cold, 157, 173) > 0
        assert extension_days(policy, 155, cold, 157, 173) == 0
        assert early_start_day(policy, 25, cold, 22, 36) == 25  # at once


# ---------------------------------------------------------------- heat: who gives, who gets

UNITS, SOURCES = ("A1", "A2", "B1"), ("甲", "甲", "乙")
COST, CAPACITY = np.array([3.0, 3.0, 1.0]), np.array([10.0, 30.0, 20.0])


BASE, PEAK, STANDBY = range(3)
ALIKE = np.array([BASE, BASE, BASE])


def test_merit_orders():
    assert ranks(Proportional(), UNITS, SOURCES, COST, ALIKE).tolist() == [0, 0, 0]
    assert ranks(ByCost(), UNITS, SOURCES, COST, ALIKE).tolist() == [1, 1, 0]
    assert ranks(Listed(order=("A2", "乙")), UNITS, SOURCES, COST, ALIKE).tolist() == [3, 0, 1]
    assert ranks(Listed(order=("甲",)), UNITS, SOURCES, COST, ALIKE).tolist() == [0, 0, 1]


def test_peak_and_standby_follow_the_base_load_whatever_they_cost():
    duty = np.array([BASE, STANDBY, PEAK])
    for policy in (Proportional(), ByCost(), Listed(order=("A2", "B1"))):
        assert np.argsort(ranks(policy, UNITS, SOURCES, COST, duty), kind="stable").tolist() == [0, 2, 1]


def test_equal_units_are_called_in_turn_at_every_source():
    rank, source, mw = np.array([1, 1, 1, 1, 1, 0]), np.array([0, 0, 0, 1, 1, 2]), np.array([10.0, 10, 10, 20, 20, 5])
    assert calling_order(rank, source, mw).tolist() == [5, 0, 3, 1, 2, 4]
    assert calling_order(np.arange(6), source, mw).tolist() == [0, 1, 2, 3, 4, 5]


def test_tanks_are_charged_and_emptied_by_the_clock():
    orders = tank_orders(ByHour(charge_from_h=22, charge_until_h=6, empty_from_h=5, empty_until_h=8))
    assert orders[:9] == (1, 1, 1, 1, 1, 1, -1, -1, 0)
    assert orders[21:] == (0, 1, 1)
    assert tank_orders(LevelLoad()) == (0,) * 24


def test_two_sources_by_hand():
    cheap_first = ranks(ByCost(), UNITS, SOURCES, COST, ALIKE)
    assert shares(cheap_first, CAPACITY, 30.0).tolist() == [2.5, 7.5, 20.0]
    assert shares(np.zeros(3, int), CAPACITY, 30.0).tolist() == [5.0, 15.0, 10.0]
    assert shares(cheap_first, CAPACITY, 100.0).tolist() == CAPACITY.tolist()


def test_rationing_alike_and_with_protection():
    need, protected = np.array([10.0, 20.0, 70.0]), np.array([True, False, False])
    assert served_shares(Equal(), 0.6, need, protected).tolist() == [0.6, 0.6, 0.6]
    assert served_shares(ProtectedFirst(), 0.6, need, protected) == pytest.approx([1.0, 50 / 90, 50 / 90])
    assert served_shares(ProtectedFirst(), 0.05, need, protected) == pytest.approx([0.5, 0.0, 0.0])
    assert served_shares(ProtectedFirst(), 1.0, need, protected).tolist() == [1.0, 1.0, 1.0]


@given(share=st.floats(0, 1), needs=st.lists(st.floats(0.1, 100), min_size=2, max_size=8))
def test_rationing_gives_out_what_there_is(share, needs):
    need = np.array(needs)
    protected = np.arange(len(need)) % 3 == 0
    for policy in (Equal(), ProtectedFirst(), ProtectedFirst(protected_share=0.8)):
        given_w = (served_shares(policy, share, need, protected) * need).sum()
        assert given_w == pytest.approx(share * need.sum(), rel=1e-9, abs=1e-9)


def test_stretching_begins_below_its_cover():
    policy = Equal(begin_below_days=1.5, stretch_days=2.0, least_share=0.4)
    assert affordable_share(policy, 2.0) == 1.0
    assert affordable_share(policy, 1.0) == 0.5
    assert affordable_share(policy, 0.1) == 0.4
    assert affordable_share(Equal(), 0.0) == 1.0


# ---------------------------------------------------------------- repair


@pytest.mark.parametrize(
    ("diameter_m", "total"), [(0.1, 8), (0.207, 8), (0.3, 13), (0.5, 20), (0.7, 20), (0.9, 24), (1.2, 30)]
)
def test_the_staged_norm_by_diameter(diameter_m, total):
    assert len(stage_hours(diameter_m)) == len(STAGES)
    assert sum(stage_hours(diameter_m)) == total


def test_stages_keep_their_mean_and_grow_with_the_mark():
    policy = Crews()
    u = (np.arange(2_000) + 0.5) / 2_000
    mean_h = np.mean([sum(stage_durations_s(policy, 0.5, np.full(8, x))) for x in u]) / 3600.0
    assert mean_h == pytest.approx(20.0, rel=0.01)
    assert sum(stage_durations_s(policy, 0.5, np.full(8, 0.9))) > sum(stage_durations_s(policy, 0.5, np.full(8, 0.1)))


def test_night_and_snow_slow_the_work():
    policy = Crews(night_factor=1.3, snow_factor=1.5)
    assert work_factor(policy, 23, snow=False, outdoors=True) == 1.3
    assert work_factor(policy, 12, snow=True, outdoors=True) == 1.5
    assert work_factor(policy, 12, snow=True, outdoors=False) == 1.0
    assert travel_s(policy, 0.5, snow=True) > travel_s(policy, 0.5, snow=False) > policy.mobilise_minutes * 60


# ---------------------------------------------------------------- people on duty

PROFILE = np.full(24, 1 / 24)


def test_agents_follow_calls_surge_and_absence():
    policy = FollowsCalls(agents_per_100k=10.0, surge_per_100k=30.0, surge_days=5, before_share=0.5, after_share=0.2)
    none = np.zeros((20,))
    agents = agents_on_duty(policy, 20 * 24, 100_000, PROFILE, 5 * DAY, 15 * DAY, none)
    assert agents.reshape(20, 24)[[0, 5, 9, 10, 14, 15], 12].tolist() == [10, 41, 41, 17, 17, 5]  # a + 2 sqrt(a)
    half = agents_on_duty(policy, 20 * 24, 100_000, PROFILE, 5 * DAY, 15 * DAY, np.full(20, 0.5))
    assert half[12 * 24] == 9


def test_somebody_answers_at_any_hour_unless_the_night_is_left_alone():
    profile = np.where(np.arange(24) < 6, 0.0, 1.0)
    tiny = agents_on_duty(FollowsCalls(), 48, 50, profile, 0, DAY, np.zeros(2))
    assert tiny.min() == 1
    alone = agents_on_duty(FollowsCalls(night="unattended"), 48, 500_000, PROFILE, 0, DAY, np.zeros(2)).reshape(2, 24)
    assert np.all(alone[:, [22, 23, 0, 5]] == 0)
    assert np.all(alone[:, 6:22] > 0)


def test_measurers_surge_and_rest_at_night():
    policy = FollowsCalls(measurers_per_100k=10.0, measurers_surge=2.0, surge_days=3, measurers_night_share=0.2)
    on_duty = measurers_on_duty(policy, 10 * 24, 100_000, 2 * DAY, 9 * DAY, np.zeros(10)).reshape(10, 24)
    assert on_duty[[2, 6], 12].tolist() == [29, 17]  # a + 2 sqrt(a)
    assert on_duty[6, 2] == 5


def test_listed_rosters_are_taken_as_they_are():
    policy = ListedAgents(agents=(1,) * 24, surge_agents=(4,) * 24, surge_days=1, measurers=(2,) * 24)
    agents = agents_on_duty(policy, 72, 1, PROFILE, DAY, 3 * DAY, np.zeros(3)).reshape(3, 24)
    assert agents[:, 0].tolist() == [1, 4, 1]
    assert measurers_on_duty(policy, 24, 1, 0, DAY, np.zeros(1)).tolist() == [2] * 24


# ---------------------------------------------------------------- works, notices, sampling


def test_the_works_follow_one_another():
    works = plan(Readiness(), (0.5, 0.5, 0.5, 0.5))
    assert works.notice_s is not None
    assert works.notice_s + 3 * DAY <= works.filling_s  # the assumed least of the guide
    lengths = [
        (w.filling_for_s, w.test_for_s, w.venting_for_s, w.trial_for_s)
        for w in (works, plan(Readiness(), (0.999, 0.999, 0.999, 0.999)))
    ]
    assert all(0 < usual < slow for usual, slow in zip(*lengths, strict=True))
    assert works.filling_s + sum(lengths[0]) < 30 * DAY  # leaves room for six days of preheat before 15 November
    wanted = works.filling_s + sum(lengths[0])
    assert wanted / DAY < expected_days(Readiness(), 6) < wanted / DAY + 5
    assert expected_days(Readiness(spread=0.0), 6) == pytest.approx(7.333 + 6 + 3 + 3 + 4)
    few = expected_days(Readiness(spread=0.0), 6, team_h_a_day=24.0, length_km=124.72)
    assert few == pytest.approx(7.333 + 124.72 * 1.5 / 24.0 + 2 * 124.72 / 24.0 + 4)
    assert plan(Readiness(notice="omitted"), (0.5, 0.5, 0.5, 0.5)).notice_s is None


def test_prompt_operators_report_within_the_hour_mostly_and_slow_ones_do_not():
    u = (np.arange(1_000) + 0.5) / 1_000
    prompt = np.array([delay_s(PromptNotices(), "report", x) for x in u])
    slow = np.array([delay_s(SlowNotices(), "report", x) for x in u])
    assert np.mean(prompt <= 3_600) > 0.97
    assert np.mean(slow <= 3_600) < 0.1
    assert prompt.mean() == pytest.approx(1_200, rel=0.02)
    assert delay_s(PromptNotices(report_minutes=0.0), "report", 0.9) == 0


def test_inspection_finds_by_inspection_then_by_test():
    policy = Inspection(share=0.6, detection_share=0.5, pressure_test_share=0.4)
    assert inspected(policy, np.array([0.1, 0.59, 0.61])).tolist() == [True, True, False]
    assert is_found(policy, by_inspection=0.4, by_test=0.9, was_inspected=True) == "inspection"
    assert is_found(policy, by_inspection=0.4, by_test=0.3, was_inspected=False) == "pressure_test"
    assert is_found(policy, by_inspection=0.6, by_test=0.9, was_inspected=True) == ""
    assert mend_s(policy, 0.9) > mend_s(policy, 0.1) > 0


# ---------------------------------------------------------------- who gives way, which fuel, when the season moves


def test_the_coldest_buildings_get_theirs_first():
    need, room = np.array([1e6, 2e6, 1e6]), np.array([17.0, 19.0, 15.0])  # mean 17.5 °C
    served = served_shares(ColdestFirst(share_per_k=0.1), 0.6, need, np.zeros(3, np.bool_), room)
    assert served == pytest.approx([0.65, 0.45, 0.85])
    steep = served_shares(ColdestFirst(share_per_k=1.0), 0.6, need, np.zeros(3, np.bool_), room)
    assert steep == pytest.approx([1.0, 0.2, 1.0])  # 2.4 MW: two filled up, 0.4 MW left for the third


@given(
    share=st.floats(0.01, 1.0), rooms=st.lists(st.floats(5.0, 25.0), min_size=1, max_size=8), lean=st.floats(0.0, 2.0)
)
def test_rationing_by_coldness_keeps_the_heat_and_its_order(share, rooms, lean):
    need = np.linspace(1e5, 3e5, len(rooms))
    served = served_shares(ColdestFirst(share_per_k=lean), share, need, np.zeros(len(rooms), np.bool_), np.array(rooms))
    assert (served * need).sum() == pytest.approx(share * need.sum(), rel=1e-9)
    assert np.all((served >= 0.0) & (served <= 1.0))
    assert np.all(np.diff(served[np.argsort(rooms, kind="stable")]) <= 1e-9)


def test_a_policy_that_stretches_looks_at_the_contract_too():
    assert affordable_share(Equal(begin_below_days=0.0), 9.0, 0.5) == 1.0
    assert affordable_share(Equal(begin_below_days=1.0), 9.0, 0.5) == 0.5
    assert affordable_share(Equal(begin_below_days=1.0), 9.0, 0.1) == Equal().least_share
    assert affordable_share(Equal(begin_below_days=1.0), 9.0, 1.2) == 1.0


def test_fuels_that_run_short_are_called_last():
    cover, contract = np.array([np.inf, 2.0, 9.0]), np.array([0.9, np.inf, np.inf])
    assert spared(Sparing(below_days=3.0), cover, contract).tolist() == [True, True, False]
    assert not spared(ByCost(), cover, contract).any()


def test_severity_moves_the_season():
    policy = Discretionary(below_c=7.0, severity_kd=10.0, days=6, lead_days=1)
    mild, cold = np.full(16, 6.0), np.array([8.0, 8.0, 3.0, 2.0, 4.0, 6.5, 9.0, 9.0] + [9.0] * 8)
    assert extension_days(policy, 100, mild, 101, 120) == 0  # 6 K d
    assert extension_days(policy, 100, cold, 101, 120) == 5  # 4 + 5 + 3 + 0.5 K d; the last cold day is the fifth
    assert extension_days(policy, 100, cold, 101, 103) == 2
    assert extension_days(policy, 98, cold, 101, 120) == 0  # too early to decide
    assert early_start_day(policy, 20, cold, 10, 36) == 22  # the first cold day
    assert early_start_day(policy, 20, mild, 10, 36) is None
    assert early_start_day(policy, 35, cold, 10, 36) is None  # the legal day has come anyway


# ---------------------------------------------------------------- mobile boilers


def test_mobile_boilers_go_where_the_policy_says():
    need, placed = np.array([5e6, 2e6, 0.0, 9e6]), np.array([0, 0, 0, 1])
    weak, households, rooms = np.array([False, True, True, False]), np.array([900, 300, 200, 1_500]), np.arange(4.0)

    def sent(policy, free):
        return assign(policy, free, need, placed, weak, households, rooms)

    assert sent(Protected(), 3) == [1, 3, 3]  # the hospital's one, then two more where one is already
    assert sent(Largest(), 3) == [3, 3, 0]
    assert sent(Coldest(), 3) == [0, 0, 1]
    assert sent(Largest(most_each=1), 9) == [0, 1]
    assert sent(Largest(), 0) == []
    assert sorted(sent(Largest(), 99)) == [0, 0, 1, 3, 3]  # no more than are wanted


def test_a_mobile_boiler_travels_longer_in_snow():
    policy = Protected(travel_spread=0.0)
    assert arrival_s(policy, 0.5, snow=False) == 100 * 60
    assert arrival_s(policy, 0.5, snow=True) == 128 * 60
