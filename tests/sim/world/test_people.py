"""People over a season of a small city: ledgers, chains of causes, clocks, feedback, and common random numbers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from heatseason.scenarios.chance import key, stream
from heatseason.scenarios.policies.billing import HastyBilling, LawfulBilling
from heatseason.scenarios.policies.sampling import Sampling
from heatseason.scenarios.scenario import load
from heatseason.sim.kernels import desk
from heatseason.sim.kernels.marks import lognormal, mix, uniform
from heatseason.sim.record import KIND_CODE, KINDS
from heatseason.sim.record_builder import RecordBuilder
from heatseason.sim.world.dwellings import dwelling_offsets, dwellings_paying
from heatseason.sim.world.hotline import People, Trouble
from heatseason.sim.world.people_settings import PeopleSettings

DAY = 86_400
START, END, HORIZON, LAST = 10 * DAY, 40 * DAY, 45 * DAY, 85 * DAY
FIRST_SUBJECT = 500
NAMES = [kind.name for kind in KINDS]


def town(cohorts=24, households=400):
    return SimpleNamespace(
        cohort_ids=tuple(f"c{c}" for c in range(cohorts)),
        cohort_floor_area_m2=np.full(cohorts, households * 100.0),
        cohort_households=np.full(cohorts, households),
        cohort_off_share=np.zeros(cohorts),
        cohort_offset_sd_k=np.full(cohorts, 1.2),
    )


class Hands:
    """So many agents, officers, measurers and people of the authority, day and night."""

    def __init__(self, agents=3, officers=2, measurers=3, authority=2):
        self.each = (agents, officers, measurers, authority)

    def by_hour(self, *, hours, start_s, end_s):
        return np.tile(np.array(self.each)[:, None], (1, hours))


def offsets(arrays, uniform, share=0.0):
    return dwelling_offsets(arrays, uniform, local_fault_share=share, local_fault_drop_k=2.5, local_fault_most_k=6.0)


def rooms(arrays, mean_c=20.0):
    track = np.full((HORIZON // 3_600 + 1, len(arrays.cohort_ids)), 14.0, np.float32)
    track[START // 3_600 : END // 3_600] = mean_c
    return track


def season(*, mean_c=20.0, seed=5, step=DAY, outage=None, told_at=None, short=None, room_c=None, roster=None,
           finish=True, billing=None, sampling=None, fault_s=0, **changes):  # fmt: skip
    """Play a season; outage = (begin [s], end [s], cohorts)."""
    arrays = town()
    dwellings = int(arrays.cohort_households.sum())
    offset = offsets(arrays, stream(seed, 0, "dwelling").random(dwellings))
    settings = replace(
        PeopleSettings.of(load("hanzhong").people, fee_cny_m2_season=25.0, room_target_c=20.0), **changes
    )
    builder = RecordBuilder()
    people = People(
        arrays, settings, roster or Hands(), sampling or Sampling(),
        billing or LawfulBilling(due_days=0, reminder_days=(15, 30)),
        offset_k=offset, paying=dwellings_paying(stream(seed, 0, "paying").random(dwellings), settings.arrears_share),
        key=key(seed, 0, "people"), season_start_s=START, season_end_s=END, horizon_s=HORIZON, end_s=LAST,
        builder=builder, first_dwelling_subject=FIRST_SUBJECT, city_subject=2,
    )  # fmt: skip
    track = rooms(arrays, mean_c) if room_c is None else room_c
    none = np.zeros(len(arrays.cohort_ids), np.bool_)
    fault = builder.note(fault_s, "pipe_failed", 7)
    for now in range(step, HORIZON + 1, step):
        no_heat, seq = none.copy(), np.full(len(none), -1)
        if outage and outage[0] < now <= outage[1]:
            no_heat[: outage[2]] = True
            seq[: outage[2]] = fault
        if told_at is not None and now - step <= told_at < now:
            people.notify(np.arange(outage[2]))
        trouble = Trouble(seq.astype(np.int32), np.where(no_heat, fault_s, 0).astype(np.int32))
        people.advance(now, room_c=track, no_heat=no_heat, fault=trouble, short=short)
    if finish:
        people.finish(track)
    return SimpleNamespace(people=people, table=builder.columns(), builder=builder, offset_k=offset, fault=fault,
                           room_c=track)  # fmt: skip


def rows(run, name):
    return np.flatnonzero(run.table["what"] == KIND_CODE[name])


def count(run, name):
    return len(rows(run, name))


@pytest.fixture(scope="module")
def ordinary():
    return season()


@pytest.fixture(scope="module")
def cut():
    return season(outage=(20 * DAY, 22 * DAY, 6), step=900 * 4)


def test_ledgers_close_and_agree_with_the_entries(ordinary, cut):
    for run in (ordinary, cut):
        ledger = run.people.balances()
        assert ledger["calls_error"] == ledger["cases_error"] == 0
        assert ledger["calls_answered"] == count(run, "call_answered") > 100
        assert ledger["calls_abandoned"] == count(run, "call_abandoned")
        assert ledger["cases_opened"] == count(run, "complaint_accepted") > 20
        assert ledger["cases_closed"] == count(run, "complaint_closed")
        assert ledger["cases_open"] == ledger["calls_waiting"] == 0
        assert ledger["causes_explained"] == count(run, "cause_explained")
        assert ledger["call_backs_promised"] == ledger["call_backs_made"]
        assert ledger["visits"] == count(run, "visited") == count(run, "measurement_requested")
        assert count(run, "visited") == count(run, "measurement_signed") + count(run, "measurement_disputed")
        assert ledger["authority_complaints"] == count(run, "authority_complained") == count(run, "authority_told")
        assert ledger["remedies"] == (run.table["value"][rows(run, "dwelling_remedied")] > 0).sum()


def test_every_cause_is_an_earlier_entry_of_the_same_case_and_not_later(ordinary, cut):
    same_case = {"complaint_accepted", "complaint_responded", "measurement_requested", "nobody_home", "visited",
                 "measurement_signed", "measurement_disputed", "third_party_measured", "action_taken",
                 "remedy_fell_short", "dwelling_remedied", "complaint_closed", "delay_explained",
                 "other_cause_found", "cause_explained", "enquiry_answered", "authority_handled",
                 "authority_told", "refund_due", "refund_settled"}  # fmt: skip
    for run in (ordinary, cut):
        cause = run.table["cause"]
        has = np.flatnonzero(cause >= 0)
        assert (cause[has] < has).all()
        assert (run.table["at"][cause[has]] <= run.table["at"][has]).all()
        for seq in has:
            if NAMES[run.table["what"][seq]] in same_case:
                assert run.table["case"][cause[seq]] == run.table["case"][seq]
                assert run.table["subject"][cause[seq]] == run.table["subject"][seq]


def test_causes_stand_in_the_right_order(ordinary):
    before = {"complaint_accepted": {"call_answered"}, "complaint_responded": {"complaint_accepted"},
              "measurement_requested": {"complaint_responded"}, "nobody_home": {"measurement_requested", "nobody_home"},
              "visited": {"measurement_requested", "nobody_home"},
              "measurement_signed": {"visited"}, "measurement_disputed": {"visited"},
              "third_party_measured": {"measurement_disputed"}, "action_taken": {"visited", "third_party_measured"},
              "other_cause_found": {"measurement_signed", "third_party_measured"},
              "cause_explained": {"other_cause_found"},
              "authority_handled": {"authority_complained"}, "authority_told": {"authority_handled"},
              "refund_settled": {"refund_due"}}  # fmt: skip
    for name, wanted in before.items():
        found = {NAMES[ordinary.table["what"][c]] for c in ordinary.table["cause"][rows(ordinary, name)]}
        assert found <= wanted, name


def test_clocks_an_ordinary_operator_keeps(ordinary):
    at, cause = ordinary.table["at"], ordinary.table["cause"]
    responded = rows(ordinary, "complaint_responded")
    delay = at[responded] - at[cause[responded]]
    assert delay.min() > 0
    assert np.mean(delay <= 3_600) > 0.95
    told, by_case = rows(ordinary, "authority_told"), {}
    for seq in rows(ordinary, "authority_complained"):
        by_case[ordinary.table["case"][seq]] = at[seq]
    assert len(told) == len(by_case)
    assert np.mean([at[seq] - by_case[ordinary.table["case"][seq]] <= 7 * DAY for seq in told]) > 0.8


def test_readings_are_true_temperatures_with_an_instrument_error(ordinary):
    visited = rows(ordinary, "visited")
    dwelling = ordinary.table["subject"][visited] - FIRST_SUBJECT
    # within the season every room stands at 20 °C; offsets change by the remedies noted before the visit
    offset = ordinary.offset_k[dwelling].astype(float)
    for seq in rows(ordinary, "dwelling_remedied"):
        same = (ordinary.table["subject"][seq] - FIRST_SUBJECT == dwelling) & (visited > seq)
        offset[same] += ordinary.table["value"][seq]
    inside = ordinary.table["at"][visited] < END - DAY
    error = (ordinary.table["value"][visited] - 20.0 - offset)[inside]
    n = inside.sum()
    assert abs(error.mean()) < 3 * 0.3 / np.sqrt(n)
    assert abs(error.std() / 0.3 - 1) < 3 / np.sqrt(2 * n)


def test_remedies_raise_the_dwelling_for_good_and_stand_in_the_record(ordinary):
    raised = ordinary.offset_k.astype(float).copy()
    for seq in rows(ordinary, "dwelling_remedied"):
        raised[ordinary.table["subject"][seq] - FIRST_SUBJECT] += ordinary.table["value"][seq]
    np.testing.assert_allclose(raised, ordinary.people.offset_k, atol=1e-5)
    assert count(ordinary, "dwelling_remedied") > 0
    gained = ordinary.table["subject"][rows(ordinary, "dwelling_remedied")] - FIRST_SUBJECT
    assert (20.0 + ordinary.people.offset_k[gained] >= 18.0).all()


def test_handling_complaints_lowers_later_calls():
    cold = {"mean_c": 18.6, "early_factor": 1.0, "user_cause_share": 0.0, "estate_cause_share": 0.0}
    mended = season(**cold, remedy_gain_k=4.0)
    left = season(**cold, remedy_fails_share=1.0)

    def late(run):  # calls about cold in the last ten days, those on open cases included
        calls = rows(run, "call_answered")
        at = run.table["at"][calls]
        about_cases = np.isin(run.table["case"][calls], run.table["case"][rows(run, "complaint_accepted")])
        return (about_cases & (at > 30 * DAY) & (at < END)).sum()

    assert count(mended, "dwelling_remedied") > 50
    assert late(mended) < late(left)


def test_colder_rooms_more_calls():
    totals = [season(mean_c=mean).people.balances()["calls_offered"] for mean in (21.5, 20.0, 18.5)]
    assert totals == sorted(totals)


def test_volume_and_surge_are_those_of_the_sources():
    """80 calls per 10,000 households and day in season (FACTS.md §5.1), the first day 4 to 10 times a steady one."""
    offered = []
    first = []
    for seed in range(6):
        run = season(seed=seed, early_decay_days=4.5)
        at = run.table["at"][np.concatenate([rows(run, "call_answered"), rows(run, "call_abandoned")])]
        by_day = np.bincount(at // DAY, minlength=45)[10:40] / (len(run.offset_k) / 10_000)
        offered.append(by_day[15:].mean())
        first.append(by_day[0] / by_day[15:].mean())
    assert 65 < np.mean(offered) < 95
    assert 2.5 < np.mean(first) < 10


def test_an_outage_is_called_in_once_and_its_cases_follow_the_fault(cut):
    at, cause, subject = cut.table["at"], cut.table["cause"], cut.table["subject"] - FIRST_SUBJECT
    calls = rows(cut, "call_answered")
    from_fault = calls[cause[calls] == cut.fault]
    assert len(from_fault) > 150
    assert (subject[from_fault] < 6 * 400).all()
    topics = rows(cut, "complaint_accepted")
    no_heat = topics[cut.table["value"][topics] == 1]
    assert ((at[no_heat] > 20 * DAY) & (at[no_heat] <= 22 * DAY)).all()
    closed = rows(cut, "complaint_closed")
    cases = cut.table["case"][no_heat]
    mine = closed[np.isin(cut.table["case"][closed], cases)]
    assert (at[mine] >= 22 * DAY).all()  # not before the heat is back
    assert (cut.table["value"][mine] == 0).mean() > 0.9


def test_nobody_complains_of_a_stop_before_it_began():
    noon = 20 * DAY + 12 * 3_600  # the people's state is that of a quarter of an hour, in which the stop begins
    run = season(outage=(noon, 22 * DAY, 24), step=900, fault_s=noon + 600)
    topics = rows(run, "complaint_accepted")
    no_heat = topics[run.table["value"][topics] == 1]
    assert len(no_heat) > 100
    assert (run.table["at"][no_heat] >= noon + 600).all()
    calls = rows(run, "call_answered")
    calls = run.table["at"][calls[run.table["cause"][calls] == run.fault]]
    in_5_min, in_15_min = (((calls >= a) & (calls < a + 300)).sum() for a in (noon + 600, noon + 900))
    assert 0.5 < in_5_min / max(in_15_min, 1) < 2.0  # as many in five minutes, not a quarter of an hour's
    assert (run.table["at"][no_heat] < noon + 900).any()
    assert (run.table["cause"][run.table["cause"][no_heat]] == run.fault).mean() > 0.9


def test_a_notice_lowers_the_calls_and_discovery_finds_the_first_complaint(cut):
    told = season(outage=(20 * DAY, 22 * DAY, 6), told_at=20 * DAY + 3_600, step=900 * 4)
    assert told.people.balances()["calls_offered"] < cut.people.balances()["calls_offered"]
    found = cut.people.first_complaint_since(np.arange(6), 20 * DAY)
    at, seq = found
    assert 20 * DAY <= at < 21 * DAY
    assert NAMES[cut.table["what"][seq]] == "complaint_accepted"
    heat = rows(cut, "complaint_accepted")
    heat = heat[(cut.table["value"][heat] <= 1) & (cut.table["subject"][heat] < FIRST_SUBJECT + 2_400)]
    assert at == cut.table["at"][heat][cut.table["at"][heat] >= 20 * DAY].min()
    assert cut.people.first_complaint_since(np.arange(6), LAST) is None
    complaints = rows(cut, "complaint_accepted")
    everyone, about_heat = np.arange(len(town().cohort_ids)), complaints[cut.table["value"][complaints] <= 1]
    for at in np.sort(cut.table["at"][about_heat])[::20]:  # none is passed over, and no other is taken for one
        first_at, first = cut.people.first_complaint_since(everyone, int(at))
        assert (first_at, first in about_heat) == (at, True)


def test_a_shortage_is_explained_with_a_date_and_refunded():
    track = rooms(town())
    track[15 * 24 : 25 * 24] = 15.5
    short = np.ones(24, np.bool_)
    run = season(room_c=track, short=short)
    promised = rows(run, "delay_explained")
    assert len(promised) > 50
    assert (run.table["value"][promised] > run.table["at"][promised]).all()
    due = rows(run, "refund_due")
    assert len(due) > 10
    assert (run.table["at"][due] == END + 10 * DAY).all()
    daily = 23.2 * 100 / 30
    assert run.table["value"][due].max() <= daily * 31
    assert run.people.balances()["refunds"] == len(due) == count(run, "refund_settled")
    recovered = rows(run, "dwelling_remedied")
    assert (run.table["value"][recovered] == 0.0).sum() > 10


def test_no_refund_for_abnormally_cold_days():
    track = rooms(town())
    track[15 * 24 : 25 * 24] = 15.5
    run = season(room_c=track, short=np.ones(24, np.bool_), finish=False)
    run.people.finish(track, np.ones(45, np.bool_))
    assert run.people.balances()["refunds"] == 0
    with pytest.raises(RuntimeError, match="finished already"):
        run.people.finish(track)


def test_a_room_read_before_midnight_and_signed_after_it_is_refunded_for_the_day_it_was_read():
    track = rooms(town())
    track[15 * 24 : 25 * 24] = 15.5
    run = season(room_c=track, short=np.ones(24, np.bool_), finish=False)
    abnormal = np.ones(45, np.bool_)
    abnormal[16] = False
    run.people.finish(track, abnormal)
    table = run.builder.columns()
    cold = rows(run, "visited")
    cold = cold[(table["at"][cold] // DAY == 16) & (table["value"][cold] < 18.0)]
    signed = np.isin(table["case"], table["case"][cold]) & (table["what"] == KIND_CODE["measurement_signed"])
    assert (table["at"][signed] // DAY == 17).any()
    refunded = table["case"][table["what"] == KIND_CODE["refund_due"]]
    assert set(table["case"][cold]) <= set(refunded)


def test_nobody_on_the_telephone_is_a_fact_and_drives_people_to_the_authority():
    roster = Hands(agents=0)
    run = season(roster=roster)
    spans = rows(run, "hotline_unstaffed")
    assert run.table["value"][spans].sum() == HORIZON / 60
    assert count(run, "call_answered") == 0
    assert run.people.balances()["calls_error"] == 0
    complained = rows(run, "authority_complained")
    assert len(complained) > 0
    causes = run.table["cause"][complained]
    assert {NAMES[run.table["what"][c]] for c in causes[causes >= 0]} == {"call_abandoned"}


def test_the_length_of_the_worlds_steps_changes_nothing():
    daily, hourly = season(step=DAY), season(step=3_600)
    for name in ("at", "what", "case", "subject", "value"):
        keep = {n: run.table["what"] != KIND_CODE["room_sampled"] for n, run in (("d", daily), ("h", hourly))}
        np.testing.assert_array_equal(daily.table[name][keep["d"]], hourly.table[name][keep["h"]])


def test_same_marks_same_record_and_one_agent_more_meets_the_same_callers(ordinary):
    again = season()
    for name, column in ordinary.table.items():
        np.testing.assert_array_equal(column, again.table[name])
    few = season(roster=Hands(agents=1), redial_share=0.0,
                 handling_s=500.0, direct_share=0.0, repeat_per_day=0.0, remedy_fails_share=1.0)  # fmt: skip
    more = season(roster=Hands(agents=2), redial_share=0.0,
                  handling_s=500.0, direct_share=0.0, repeat_per_day=0.0, remedy_fails_share=1.0)  # fmt: skip
    share = [run.people.balances()["calls_answered"] / run.people.balances()["calls_offered"] for run in (few, more)]
    assert share[1] > share[0]


def test_samples_cover_the_programme_and_arrears_go_by_two_reminders(ordinary):
    sampled = rows(ordinary, "room_sampled")
    assert abs(len(sampled) - 9_600 * 0.012) <= 2
    assert len(np.unique(ordinary.table["subject"][sampled])) == len(sampled)
    overdue, restricted = rows(ordinary, "payment_overdue"), rows(ordinary, "supply_restricted")
    reminded = rows(ordinary, "arrears_reminded")
    assert len(overdue) > 300
    assert len(restricted) > 50
    at, subject = ordinary.table["at"], ordinary.table["subject"]
    for seq in restricted:
        mine = reminded[subject[reminded] == subject[seq]]
        assert len(mine) == 2
        assert (at[mine] < at[seq]).all()
    assert set(subject[restricted]) <= set(subject[overdue])


def test_another_cause_is_found_before_it_is_explained_and_at_the_same_second(ordinary):
    table = ordinary.table
    explained = rows(ordinary, "cause_explained")
    found = table["cause"][explained]
    assert len(explained) > 0
    assert {NAMES[code] for code in table["what"][found]} == {"other_cause_found"}
    assert (table["at"][found] == table["at"][explained]).all()
    assert (table["value"][found] == table["value"][explained]).all()
    assert set(table["value"][found]) <= {3.0, 6.0}


def test_a_room_measured_cold_in_a_stop_is_acted_on_restored_and_refunded():
    track = rooms(town())
    track[20 * 24 : 23 * 24, :6] = 16.5
    stop = (20 * DAY + 8 * 3_600, 22 * DAY, 6)  # cold before it, so that some are visited while it lasts
    run = season(room_c=track, outage=stop, step=3_600)
    table = run.table
    acted = rows(run, "action_taken")
    cases = set(table["case"][acted[table["value"][acted] == 0.0]])
    found = {name: set(table["case"][rows(run, name)])
             for name in ("dwelling_remedied", "refund_settled", "other_cause_found")}  # fmt: skip
    assert cases
    assert cases <= found["dwelling_remedied"] | found["other_cause_found"]
    assert cases <= found["refund_settled"] | found["other_cause_found"]


def test_a_hasty_operator_restricts_after_one_letter_and_turns_its_neighbours_down():
    run = season(billing=HastyBilling(due_days=0))
    table = run.table
    restricted, turned_down = rows(run, "supply_restricted"), rows(run, "payer_cut")
    assert len(restricted) > 50
    assert len(restricted) < len(turned_down) <= 2 * len(restricted)
    assert {NAMES[code] for code in table["what"][table["cause"][turned_down]]} == {"supply_restricted"}
    assert (table["case"][turned_down] == table["case"][table["cause"][turned_down]]).all()
    owing = set(table["subject"][rows(run, "payment_overdue")])
    assert not owing & set(table["subject"][turned_down])
    assert run.people.balances()["payers_cut"] == len(turned_down)


def test_samples_are_taken_in_the_programmes_hours():
    run = season(sampling=Sampling(from_hour=18, until_hour=20))
    of_day = run.table["at"][rows(run, "room_sampled")] % DAY
    assert (of_day >= 18 * 3_600).all()
    assert (of_day < 20 * 3_600).all()


def test_offsets_keep_the_cohorts_mean_and_local_faults_make_a_cold_tail():
    arrays = town(cohorts=1, households=200_000)
    u = stream(8, 0, "offsets").random(200_000)
    plain = offsets(arrays, u)
    assert abs(plain.mean()) < 3 * 1.2 / np.sqrt(len(u))
    assert abs(plain.std() - 1.2) < 3 * 1.2 / np.sqrt(2 * len(u))
    faulty = offsets(arrays, u, 0.02)
    assert abs(faulty.mean()) < 3 * 1.3 / np.sqrt(len(u))
    assert np.mean(faulty < -4) > 2 * np.mean(plain < -4)
    assert (np.argsort(u[u > 0.02])[:5] == np.argsort(faulty[u > 0.02])[:5]).all()


def test_a_visit_that_finds_nobody_home_is_noted_and_made_again_when_it_was_said_to_be(ordinary):
    away = season(nobody_home_share=0.4)
    at, cause, value = (away.table[name] for name in ("at", "cause", "value"))
    vain, visits = rows(away, "nobody_home"), rows(away, "visited")
    first = vain[away.table["what"][cause[vain]] == KIND_CODE["measurement_requested"]]
    assert len(first) / count(away, "measurement_requested") == pytest.approx(0.4, abs=0.08)
    assert 0 < count(ordinary, "nobody_home") < count(away, "nobody_home")
    again = visits[np.isin(cause[visits], vain)]
    assert len(again) == len(first)  # each came to be measured in the end
    assert (at[again] >= value[cause[again]]).all()
    assert (value[vain] - at[vain] >= 1.5 * 3_600 - 1).all()


@pytest.mark.parametrize(("kind", "begun", "mean", "sigma", "purpose"), [
    ("complaint_responded", "complaint_accepted", "response_s", "response_sigma", desk.M_RESPONSE),
    ("authority_handled", "authority_complained", "authority_s", "authority_sigma", desk.M_AUTHORITY),
])  # fmt: skip
def test_a_time_at_a_desk_is_its_draw_its_wait_in_line_and_the_work(kind, begun, mean, sigma, purpose):
    run = season(roster=Hands(60, 1, 3, 1), mean_c=17.0)
    table = run.table
    settings = PeopleSettings.of(load("hanzhong").people, fee_cny_m2_season=25.0, room_target_c=20.0)
    numbers = settings.numbers(900, key=key(5, 0, "people"), heating_until_s=END)[0]
    work_s = numbers["authority_handling_s"] if kind == "authority_handled" else 0.0
    waits = 0
    for row in rows(run, kind)[:400]:
        asked = table["cause"][row]
        assert NAMES[table["what"][asked]] == begun
        case = np.flatnonzero(
            (table["case"] == table["case"][row])
            & np.isin(
                table["what"], [KIND_CODE[name] for name in ("call_answered", "call_abandoned", "authority_complained")]
            )
        )
        hour = int(table["at"][case[0]]) // 3_600
        mark_key = numbers["key"]
        for part in (desk.M_CASE, table["subject"][row] - FIRST_SUBJECT, hour):
            mark_key = np.uint64(mix(mark_key, part))
        mark = uniform(mark_key, purpose)
        drawn_s = lognormal(mark, numbers[mean], numbers[sigma])
        expected = table["at"][asked] + drawn_s + table["value"][row] + work_s
        waits += table["value"][row] > 60
        assert table["at"][row] == pytest.approx(expected, abs=3), (row, hour)
    assert waits > 5
