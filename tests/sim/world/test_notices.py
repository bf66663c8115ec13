"""Who is told what and when of a long stop (guide 2.6.4b); what extension and preheat take: from the record alone."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.rows import LATE, MISSED
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import Record
from heatseason.sim.run import run

DAY, HOUR = 86_400, 3_600
CALM = tuple(
    f"disruptions.{kind}.enabled=false"
    for kind in ("pipe_failures", "digging", "source_trips", "pump_failures", "substation_failures", "power_failures",
                 "fuel_supply", "staff_absence")
)  # fmt: skip
BURST = 'disruptions.imposed=[{kind="burst", at=2027-01-10T03:00:00, pipe="largest"}]'
SURE = ("policies.notices.spread=0", "policies.crews.forecast_spread=0", "policies.crews.stage_spread=0")
TOLD = ("long_stop_reported", "users_told", "manager_told")


@cache
def season(*changes: str) -> Record:
    return run(load("town", [*CALM, *changes]))


def notices(record: Record, what: str) -> dict[int, list[int]]:
    """Return the rows of a kind of notice by building, in order."""
    found: dict[int, list[int]] = {}
    for row in record.rows(what).tolist():
        found.setdefault(int(record.subject[row]), []).append(row)
    return found


def stops(record: Record) -> dict[int, tuple[int, int]]:
    """Return (begin, end) of each building's stop [s]."""
    began = {int(record.subject[row]): int(record.at[row]) for row in record.rows("outage_started")}
    return {int(record.subject[r]): (began[int(record.subject[r])], int(record.at[r])) for r in
            record.rows("outage_ended")}  # fmt: skip


def test_a_stop_that_is_foreseen_to_be_short_is_not_announced():
    record = season(BURST, *SURE)
    assert stops(record)
    assert max(end - begin for begin, end in stops(record).values()) < DAY
    assert len(record.rows(*TOLD)) == 0


def test_a_short_stop_may_be_told_to_its_users_who_call_less():
    early = "policies.notices.tell_from_h=2"
    silent, told = season(BURST, *SURE), season(BURST, *SURE, early)
    cut = stops(told)
    assert cut == stops(silent)
    assert set(notices(told, "users_told")) == {s for s, (begin, end) in cut.items() if end - begin > 2 * HOUR}
    assert len(told.rows("long_stop_reported", "manager_told")) == 0
    assert {len(rows) for rows in notices(told, "users_told").values()} == {1}
    assert told.balances["calls_offered"] < silent.balances["calls_offered"]


def test_a_stop_told_early_that_becomes_long_is_reported_too():
    record = season(BURST, *SURE, "policies.notices.tell_from_h=2", "policies.crews.stage_factor=1.3",
                    "policies.crews.work=daytime", "policies.notices.renewal=forgotten")  # fmt: skip
    cut = stops(record)
    long = {building for building, (begin, end) in cut.items() if end - begin > DAY}
    assert long
    told, reported = notices(record, "users_told"), notices(record, "long_stop_reported")
    assert set(reported) == long
    for building in long:
        assert len(told[building]) == 2
        assert record.at[told[building][0]] < cut[building][0] + 2 * HOUR < record.at[reported[building][0]]


def test_a_long_stop_is_told_to_all_three_in_time_with_the_five_contents():
    record = season(BURST, *SURE, "policies.crews.stage_factor=3")
    cut = stops(record)
    assert cut
    assert min(end - begin for begin, end in cut.values()) > DAY
    for what in TOLD:
        told = notices(record, what)
        assert set(told) == set(cut)
        for building, rows in told.items():
            first = rows[0]
            assert record.at[first] - cut[building][0] == 40 * 60  # foreseen at once; mean delay without a spread
            detail = record.detail_of(first)
            assert {"cause", "start", "extent", "expected", "section"} <= set(detail)
            assert detail["start"] == cut[building][0]
            assert detail["expected"] == record.value[first] > record.at[first]
            assert len(detail["extent"]) == len(cut)


def test_a_stop_that_heat_interrupted_for_a_moment_goes_on_as_the_guide_counts_it():
    """Eight hours, then twelve with some hours of heat between: together more than a day, and told as that."""
    failure = '{kind="substation_failure", substation="largest", at=2027-01-10T%s:00:00, hours=%s}'
    sure = (*SURE, "disruptions.substation_failures.detection_minutes=1")
    near, far = (
        season(f"disruptions.imposed=[{failure % ('01', 8.0)}, {failure % (again, 12.0)}]", *sure)
        for again in ("14", "23")
    )
    for record, is_one in ((near, True), (far, False)):
        assert len(record.rows("outage_started")) == 2
        begun = int(record.at[record.rows("outage_started")[0]])
        for what in TOLD:
            rows = record.rows(what)
            assert bool(len(rows)) is is_one
            assert all(record.detail_of(int(row))["start"] == begun for row in rows)
        late = [p.rows.state for c in judge(record).clauses if c.clause.id == "2.6.4b" for p in c.parts]
        assert not np.isin(np.concatenate(late), (LATE, MISSED)).any()


def test_who_is_told_early_is_told_what_is_foreseen_and_only_while_it_lasts():
    record = season(BURST, "policies.notices.tell_from_h=0", "policies.notices.tell_minutes=600")
    cut = stops(record)
    for building, rows in notices(record, "users_told").items():
        assert all(cut[building][0] < record.at[row] < cut[building][1] for row in rows)
    prompt = season(BURST, *SURE, "policies.notices.tell_from_h=0")
    told, foreseen = (record.value[record.rows(what)[0]] for record, what in (
        (prompt, "users_told"), (prompt, "restoration_forecast")))  # fmt: skip
    assert told == foreseen


def test_what_else_happens_and_is_built_moves_no_notice():
    """A drawn delay belongs to its fault: not to how many cases there were before, nor to a plant's new boiler."""
    alone = season(BURST, "policies.crews.stage_factor=3")
    beside = season(
        BURST.replace("[{", '[{kind="source_trip", at=2027-01-09T06:00:00}, {'), "policies.crews.stage_factor=3",
        "edits.peak.kind=boiler", "edits.peak.source=every", "edits.peak.fuel=oil", "edits.peak.capacity_w=1e6",
        "people.calls.cold_calls_per_day=0.9",
    )  # fmt: skip
    assert len(beside.subjects.id) > len(alone.subjects.id)
    for what in ("fault_reported", *TOLD):
        told = [
            sorted(int(r.at[row]) for row in r.rows(what) if r.case[row] == r.case[r.rows("pipe_failed")[0]])
            for r in (alone, beside)
        ]
        assert told[0] == told[1] != []


def test_a_stop_that_outlasts_what_was_told_is_told_again_until_it_ends():
    """Work by day only, and a norm that knows no nights: each told time is overrun, and a new one given."""
    record = season(BURST, *SURE, "policies.crews.stage_factor=3", "policies.crews.work=daytime")
    cut, told = stops(record), notices(record, "users_told")
    for building, rows in told.items():
        assert len(rows) >= 2
        expected = record.value[rows]
        assert np.all(np.diff(expected) > 0)  # later each time
        assert record.at[rows[-1]] <= cut[building][1]
        assert expected[-1] > record.at[rows[-1]]


@pytest.mark.parametrize(("change", "keys"), [
    ("policies.notices.contents=partial", {"cause", "start"}),
    ("policies.notices.contents=full", {"cause", "start", "extent", "expected", "section"}),
])  # fmt: skip
def test_contents_are_the_policys(change, keys):
    record = season(BURST, *SURE, "policies.crews.stage_factor=3", change)
    for row in record.rows("users_told").tolist():
        assert set(record.detail_of(row)) - {"draw"} == keys


def test_who_forgets_to_renew_tells_each_building_once():
    late = ("policies.crews.stage_factor=3", "policies.crews.work=daytime")
    once = notices(season(BURST, *SURE, *late, "policies.notices.renewal=forgotten"), "users_told")
    again = notices(season(BURST, *SURE, *late), "users_told")
    assert set(once) == set(again)
    assert {len(rows) for rows in once.values()} == {1}
    assert all(once[b][0] is not None and len(again[b]) > 1 for b in once)


def test_a_slow_operator_tells_later_and_calls_are_not_spared():
    prompt, slow = (season(BURST, *SURE, "policies.crews.stage_factor=3", f"policies.notices.kind={kind}")
                    for kind in ("prompt", "slow"))  # fmt: skip
    first = [record.at[record.rows("users_told")].min() for record in (prompt, slow)]
    assert first[1] - first[0] == (360 - 40) * 60
    day = slice(first[0], first[0] + DAY)
    calls = [np.count_nonzero((r.at[r.rows("call_answered", "call_abandoned")] >= day.start)
                              & (r.at[r.rows("call_answered", "call_abandoned")] < day.stop))
             for r in (prompt, slow)]  # fmt: skip
    assert calls[0] < calls[1]


# ---------------------------------------------------------------- what decisions about the season take


def test_a_longer_preheat_takes_heat_and_money():
    two, nine = (season(f"policies.preheat.days={days}") for days in (2, 9))
    before = [record.summary["heat_before_start_gj"] for record in (two, nine)]
    assert before[1] > 2.0 * before[0] > 0.0
    cost = [record.summary["cost_split_cny"] for record in (two, nine)]
    assert cost[1]["fuel"] > cost[0]["fuel"]


def test_an_extension_takes_fuel_and_people():
    fixed, longer = (season("policies.season.kind=fixed"),
                     season("policies.season.kind=decided", "policies.season.extension_days=10"))  # fmt: skip
    assert longer.calendar["decided_end"] == fixed.calendar["decided_end"] + 10 * DAY
    after = slice(fixed.calendar["decided_end"] // HOUR, longer.calendar["decided_end"] // HOUR)
    for record, heated in ((fixed, False), (longer, True)):
        assert (record.tracks["source_heat_w"][after].sum() > 0.0) == heated
    agents = [int(record.tracks["agents_on_duty"][after].sum()) for record in (fixed, longer)]
    assert agents[1] >= agents[0]
    cost = [record.summary["cost_split_cny"] for record in (fixed, longer)]
    assert cost[1]["fuel"] > cost[0]["fuel"]
    assert cost[1]["crews"] > cost[0]["crews"]


# ---------------------------------------------------------------- a stop made of two faults


def pipes_burst(*when: tuple[str, str]) -> str:
    orders = ", ".join(f'{{kind="burst", at=2027-01-10T{at}:00, pipe="{pipe}"}}' for at, pipe in when)
    return f"disruptions.imposed=[{orders}]"


TWO = (pipes_burst(("03:00", "P001"), ("14:00", "P020")), *SURE, "policies.crews.stage_factor=1.5")
THREE = (pipes_burst(("03:00", "P001"), ("03:30", "P046"), ("04:00", "P020")), *SURE, "policies.crews.teams=1")


def whole_stops(record: Record) -> dict[int, list[tuple[int, int, int]]]:
    """Return (begin, end, case) of each interval, by building; each ends in its own case."""
    ends = {(int(record.case[row]), int(record.subject[row])): int(record.at[row])
            for row in record.rows("outage_ended")}  # fmt: skip
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row in record.rows("outage_started"):
        case, building = int(record.case[row]), int(record.subject[row])
        found.setdefault(building, []).append((int(record.at[row]), ends[case, building], case))
    return found


@pytest.mark.parametrize("changes", [TWO, THREE])
def test_a_stop_that_another_fault_prolongs_goes_on_in_that_faults_case(changes):
    record = season(*changes)
    prolonged = [parts for parts in whole_stops(record).values() if len(parts) > 1]
    assert prolonged
    mended = {int(record.case[row]): int(record.at[row]) for row in record.rows("fault_restored")}
    for parts in prolonged:
        for (_, end, case), (begin, _, later) in pairwise(parts):
            assert begin == end == mended[case]
            assert later != case
    assert record.summary["outages"] == len(whole_stops(record))
    longest = max(parts[-1][1] - parts[0][0] for parts in whole_stops(record).values())
    assert record.summary["longest_outage_h"] == pytest.approx(longest / HOUR)


@pytest.mark.parametrize("changes", [TWO, THREE])
def test_whoever_is_without_heat_for_a_day_is_told_though_no_single_fault_lasts_so_long(changes):
    record = season(*changes)
    told = notices(record, "users_told")
    long = {b: parts for b, parts in whole_stops(record).items() if parts[-1][1] - parts[0][0] > DAY}
    assert long
    assert set(long) <= set(told)
    for building, parts in long.items():
        assert record.at[told[building][0]] <= parts[0][0] + DAY + 40 * 60 + 1
        assert record.detail_of(told[building][0])["start"] == parts[0][0]  # of the whole stop
    assert score(judge(record))["2.6.4b"].compliance == 1.0


def test_a_fault_that_waited_for_its_team_is_forecast_anew_when_the_team_is_sent():
    record = season(*THREE)
    sent = {int(record.case[row]): int(record.at[row]) for row in record.rows("crew_sent")}
    isolated = {int(record.case[row]): int(record.at[row]) for row in record.rows("isolated")}
    waited = [case for case, at in sent.items() if at > isolated[case]]
    assert len(waited) == 2
    for case in waited:
        rows = [row for row in record.rows("restoration_forecast") if record.case[row] == case]
        assert not rows or sent[case] in record.at[rows]


def test_a_stop_that_comes_back_within_the_week_is_told_of_though_it_is_short():
    fails = '{{kind="substation_failure", at={}T08:00:00, substation="{}", hours={}}}'
    name = season(BURST, *SURE).subjects.id[season(BURST, *SURE).subjects.rows("substation")[0]]
    times = (("2027-01-10", 40), ("2027-01-15", 6), ("2027-01-29", 6))  # a long one, one soon after, one much later
    order = f"disruptions.imposed=[{', '.join(fails.format(day, name, hours) for day, hours in times)}]"
    again, once = (season(order, *SURE, f"policies.notices.renewal={kind}") for kind in ("renewed", "forgotten"))
    for record, expected in ((again, [True, True, False]), (once, [True, False, False])):
        begun, ended = (record.at[record.rows(what)] for what in ("outage_started", "outage_ended"))
        told = record.at[record.rows("users_told")]
        assert [bool(((told >= a) & (told <= b)).any()) for a, b in zip(begun, ended, strict=True)] == expected
    assert score(judge(again))["2.6.4b"].compliance == 1.0
    assert score(judge(once))["2.6.4b"].compliance < 1.0
