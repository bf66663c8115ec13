"""The works before the season are done by teams: by hand, on one source exactly, and on the town."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import simpy
from heatseason.scenarios.policies.crews import Crews as CrewPolicy
from heatseason.scenarios.scenario import load
from heatseason.sim.record_store import write_record
from heatseason.sim.report.explain import describe, say
from heatseason.sim.report.layout import Page
from heatseason.sim.report.words import Words
from heatseason.sim.run import run
from heatseason.sim.world.crews import BURST, Crews
from heatseason.sim.world.planned import planned_work
from hypothesis import given, settings
from hypothesis import strategies as st

DAY, HOUR = 86_400, 3_600
STAGES = ("filled", "pressure_tested", "vented", "trial_run_done")
CALM = tuple(
    f"disruptions.{kind}.enabled=false"
    for kind in ("pipe_failures", "digging", "source_trips", "pump_failures", "substation_failures", "power_failures",
                 "fuel_supply", "staff_absence")
)  # fmt: skip
HEAVY = tuple(
    f"policies.readiness.{stage}_work_h_per_km=12" for stage in ("filling", "pressure_test", "venting", "trial")
)


class Little:
    """A world of nothing but teams, who need no time on the road."""

    def __init__(self, teams, *, travel_minutes=0.0):
        policy = CrewPolicy(teams=teams, mobilise_minutes=0.0, travel_minutes=travel_minutes, travel_spread=0.0)
        self.env = simpy.Environment()
        self.scenario = SimpleNamespace(policies=SimpleNamespace(crews=policy))
        self.crews = Crews(self)

    now = property(lambda self: int(self.env.now))

    def at(self, second):
        return self.env.timeout(max(0, int(second) - self.now))

    def uniform(self, *name):
        return 0.5

    def snow_at(self, second):
        return False

    def do(self, work_h, most=20, at_h=0.0):
        """Start a piece of work, whose list of (hours when over, what came of it) is returned."""
        found = []

        def play():
            yield self.at(int(at_h * HOUR))
            done = yield from planned_work(self, ("work",), work_h * HOUR, teams=min(most, self.crews.count))
            found.append((self.now / HOUR, done))

        self.env.process(play())
        return found


def over_h(world, *works):
    world.env.run()
    return [found[0][0] for found in works]


def test_planned_work_is_done_by_day_and_shared_by_the_teams():
    """Thirty hours from midnight, days from 7 to 19: 12 + 12 + 6; by two teams 12 + 3 each; by four 7.5."""
    for teams, expected in ((1, 48 + 7 + 6), (2, 24 + 7 + 3), (4, 7 + 8), (30, 7 + 1)):
        world = Little(teams)
        found = world.do(30.0, most=30)
        assert over_h(world, found) == [expected]
        assert found[0][1].team_s == 30 * HOUR == world.crews.work_s
        assert world.crews.teams.count == 0


def test_the_road_is_travelled_every_morning():
    """One hour there each day: eleven of work in twelve."""
    world = Little(1, travel_minutes=60.0)
    found = world.do(30.0)
    assert over_h(world, found) == [48 + 7 + 1 + 8]
    assert found[0][1].team_s == 33 * HOUR


def test_a_team_leaves_planned_work_within_the_hour_when_a_fault_calls():
    world = Little(1)
    found, sent = world.do(10.0), []

    def burst():
        yield world.at(int(9.25 * HOUR))

        def mend(team):
            sent.append(world.now / HOUR)
            yield world.at(world.now + 2 * HOUR)

        yield from world.crews.serve(BURST, mend)

    world.env.process(burst())
    assert over_h(world, found) == [19.0]  # ten hours and the two of the burst, from seven
    assert sent == [10.0]


def test_where_there_is_no_team_a_hired_one_takes_the_time_that_a_team_of_its_own_would():
    hired, own = Little(0), Little(1)
    assert over_h(hired, hired.do(10.0)) == over_h(own, own.do(10.0))
    assert hired.crews.work_s == own.crews.work_s > 0


@settings(max_examples=80)
@given(
    works=st.lists(st.floats(0.1, 90.0), min_size=1, max_size=5),
    least=st.lists(st.floats(0.0, 60.0), min_size=5, max_size=5),
    teams=st.integers(1, 5),
    travel_minutes=st.sampled_from([0.0, 25.0, 130.0]),
)
def test_one_more_team_never_delays_works_that_have_the_teams_to_themselves(works, least, teams, travel_minutes):
    """Stages in turn, each over with the later of its own time and the teams' work: exactly, stage by stage."""

    def ends(count):
        world, at = Little(count, travel_minutes=travel_minutes), []

        def play():
            for work_h, least_h in zip(works, least, strict=False):
                begun = world.now
                done = yield from planned_work(world, ("work",), work_h * HOUR, teams=count)
                yield world.at(begun + int(least_h * HOUR))
                assert done.done_s == pytest.approx(work_h * HOUR)
                at.append(world.now)

        world.env.process(play())
        world.env.run()
        assert len(at) == len(works)
        return at

    fewer, more = ends(teams), ends(teams + 1)
    assert all(b <= a for a, b in zip(fewer, more, strict=True))


# ---------------------------------------------------------------- in a season


@cache
def season(network, teams, winter, *changes):
    return run(load(network, [*CALM, "policies.inspection.false_alarms_per_100km=0", *changes,
                              f"policies.crews.teams={teams}"]), winter)  # fmt: skip


def dates(record):
    return [int(record.at[record.rows(stage)].max()) for stage in STAGES]


def test_on_one_source_each_team_more_brings_every_stage_forward_or_leaves_it():
    more = (change.replace("=12", "=60") for change in HEAVY)
    alone = ("network=ring", *more, "policies.inspection.share=0")  # nothing else that wants a team
    for winter in range(6):
        by_teams = np.array([dates(season("town", teams, winter, *alone)) for teams in (1, 2, 3, 6)])
        assert np.all(np.diff(by_teams, axis=0) <= 0)
        assert by_teams[1, -1] < by_teams[0, -1] - 5 * DAY


def test_without_teams_of_its_own_an_operator_hires_one_that_does_what_a_team_would_and_is_paid_by_the_hour():
    """To do without teams is no way to be ready sooner, to pass a test with weak places left, or to pay nothing."""
    weak = ("disruptions.pipe_failures.enabled=true", "disruptions.pipe_failures.latent_share=1.0",
            "disruptions.pipe_failures.rate_factor=3", "policies.inspection.pressure_test_share=1.0",
            "disruptions.pipe_failures.cold_share=0", *HEAVY)  # fmt: skip
    hired, own = season("town", 0, 0, *weak), season("town", 1, 0, *weak)
    assert dates(hired) == dates(own)
    assert len(hired.rows("defect_mended")) == len(own.rows("defect_mended")) > 0
    price, worked_h = load("town").costs, hired.summary["crew_hours"]
    assert worked_h > 100.0
    rate = price.crew_standby_cny_h + price.crew_work_cny_h
    assert hired.summary["cost_split_cny"]["crews"] == pytest.approx(worked_h * rate)
    broken = ("disruptions.pipe_failures.enabled=true", "disruptions.pipe_failures.rate_factor=20", *HEAVY)
    hired, own = season("town", 0, 0, *broken), season("town", 1, 0, *broken)
    assert len(own.rows("fault_restored")) > len(hired.rows("pipe_failed")) * 0.3
    assert not len(hired.rows("crew_sent", "work_started"))


def test_too_few_teams_slip_the_trial_run_and_the_start():
    one, four = season("town", 1, 0, *HEAVY), season("town", 4, 0, *HEAVY)
    late, early = dates(one)[-1], dates(four)[-1]
    assert late > early + 10 * DAY
    assert early < one.calendar["season_start"] < late
    started = one.at[one.rows("supply_started")].min()
    assert started > late
    waits = [one.detail_of(int(row)).get("waited_for_teams_h", 0.0) for row in one.rows(*STAGES)]
    assert max(waits) > 24.0
    # the same works: the teams' hours differ by their journeys only
    spent = [sum(record.value[record.rows(*STAGES)]) for record in (one, four)]
    assert spent[0] == pytest.approx(spent[1], rel=0.15)
    assert spent[0] > 12 * 4 * 19.5


def test_a_defect_mended_holds_up_the_works_where_teams_are_few():
    """Planned repairs and works compete for one team: what is found costs days beyond its own."""
    weak = ("disruptions.pipe_failures.enabled=true", "disruptions.pipe_failures.latent_share=1.0",
            "disruptions.pipe_failures.rate_factor=15", "disruptions.pipe_failures.cold_share=0",
            "policies.inspection.detection_share=1.0", "policies.inspection.pressure_test_share=0",
            "policies.inspection.mend_work_h=40", *(change.replace("=12", "=5") for change in HEAVY))  # fmt: skip
    found, none = (season("town", 1, 0, *weak, f"policies.inspection.share={share}") for share in (1.0, 0.0))
    assert len(found.rows("defect_mended")) > 5 > len(none.rows("defect_mended"))
    assert dates(found)[-1] > dates(none)[-1] + DAY


def test_the_time_of_mending_is_parts_and_papers_waiting_for_teams_and_their_work():
    often = ("policies.inspection.false_alarms_per_100km=200", *(change.replace("=12", "=5") for change in HEAVY))
    record, waited = season("town", 1, 0, *often), 0
    mended = record.rows("defect_mended").tolist()
    assert mended
    for row in mended:
        detail = record.detail_of(row)
        took_h = (int(record.at[row]) - int(record.at[record.cause[row]])) / HOUR
        waited += "waited_h" in detail
        assert sum(detail.values()) + record.value[row] == pytest.approx(took_h, abs=0.02)
        assert set(detail) <= {"parts_h", "waited_h"}
    assert waited


def test_the_inspection_slips_too():
    def last(teams):
        record = season("town", teams, 0, "policies.inspection.work_h_per_km=40")
        rows = record.rows("inspected")
        pipes = np.isin(record.subject[rows], record.subjects.rows("pipe"))
        return int(record.at[rows[pipes]].max()), int(record.at[rows[~pipes]].max())

    (walked_by_one, stations_by_one), (walked_by_four, stations_by_four) = last(1), last(4)
    assert walked_by_one > walked_by_four + 10 * DAY
    assert stations_by_one == stations_by_four  # by their own staff
    usual = season("town", 4, 0)
    assert usual.at[usual.rows("inspected")].max() <= 20 * DAY


def test_the_wait_of_a_test_that_found_something_is_told_of_that_test_and_not_of_the_one_that_was_passed(tmp_path):
    weak = ("disruptions.pipe_failures.enabled=true", "disruptions.pipe_failures.latent_share=1.0",
            "disruptions.pipe_failures.rate_factor=3", "policies.inspection.share=0",
            "policies.inspection.pressure_test_share=1.0", *HEAVY)  # fmt: skip
    record = season("town", 1, 0, *weak)
    write_record(record, tmp_path / "record")
    tests, found = record.rows("pressure_tested"), record.rows("defect_found")
    assert len(tests) > 1
    for number, test in enumerate(tests.tolist()):
        detail = record.detail_of(test)
        assert detail["first_test"] in record.at[found]
        assert detail["first_test_waited_h"] > 24.0
        assert "waited_for_teams_h" not in detail
        for lang, said in (("en", "the first test, which found a defect, was over: 20"), ("zh", "首次试压结束：20")):
            page = Page(100)
            say(page, describe(tmp_path / "record", f"2.8.3/tested/{number}"), Words(lang))
            assert said in str(page)
            assert "policies.readiness.retest_days" in str(page)


@pytest.mark.parametrize(("lang", "said"), [("en", "of which waiting for teams"), ("zh", "其中等候抢修队")])
def test_a_late_trial_run_is_told_with_its_wait(tmp_path, lang, said):
    write_record(season("town", 1, 0, *HEAVY), tmp_path / "record")
    page = Page(100)
    say(page, describe(tmp_path / "record", "2.8.3/trial/0"), Words(lang))
    assert said in str(page)
    assert "policies.crews.teams" in str(page)
