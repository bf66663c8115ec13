"""A season taken on from a known state, and policies that change on a date."""

import datetime as dt

import heatseason as hs
import numpy as np
import pytest
from heatseason.network_models.problems import ScenarioError

AT = dt.datetime(2027, 1, 10, 8)
SECOND = int((AT - dt.datetime(2026, 10, 10)).total_seconds())
HOUR = SECOND // 3600


def before(record):
    """What was noted before the date, whatever the order of noting."""
    rows = record.at < SECOND
    value = np.nan_to_num(record.value[rows], nan=-1.0)
    columns = (record.at[rows], record.what[rows], record.subject[rows], value)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


@pytest.fixture(scope="module")
def town():
    return hs.load("town", ["disruptions.pipe_failures.enabled=false"])


@pytest.fixture(scope="module")
def plain(town):
    return hs.run(town, 1)


def test_until_policies_change_nothing_is_different_and_then_the_new_ones_hold(town, plain):
    change = {"at": AT, "policies": {"season": {"kind": "decided", "extension_days": 5}, "reserve": {"days": 12.0}}}
    record = hs.run(town.with_("later", [change]), 1)
    assert before(record) == before(plain)
    assert np.array_equal(record.tracks["room_c"][:HOUR], plain.tracks["room_c"][:HOUR])
    assert record.calendar["decided_end"] - plain.calendar["decided_end"] == 5 * 86_400
    (row,) = record.rows("policy_changed")
    assert record.detail_of(row) == {"policies": ["reserve", "season"]}
    assert record.at[row] == SECOND
    coal = next(n for n, name in enumerate(hs.read_network("town").sources[1].stores)) + 1
    assert record.tracks["store_stock"][HOUR + 24 * 20, coal] > plain.tracks["store_stock"][HOUR + 24 * 20, coal]


def test_a_roster_may_change(town, plain):
    fewer = {"at": AT, "policies": {"roster": {"kind": "follows_calls", "agents_per_100k": 1.0}}}
    record = hs.run(town.with_("later", [fewer]), 1)
    assert before(record) == before(plain)

    def abandoned(record, until):
        rows = record.rows("call_abandoned")
        late = record.at[rows] >= SECOND
        return int((~late if until else late).sum())

    assert abandoned(record, until=True) == abandoned(plain, until=True)
    assert abandoned(record, until=False) > abandoned(plain, until=False)


def test_a_known_state_takes_the_model_s_place(town, plain):
    state = {
        "at": AT,
        "stocks": {"S-coal": 1_000_000.0},
        "rooms_c": {"all": 18.5, "南区": 17.0},
        "faults": [{"kind": "source_trip", "unit": "N-B1", "hours": 30.0}],
    }
    record = hs.run(town.with_("state", state), 1)
    arrays = hs_arrays()
    south = (arrays.substation_district == arrays.districts.index("南区"))[arrays.cohort_substation]
    rooms, weights = record.tracks["room_c"][HOUR + 1], arrays.cohort_households
    for members, target in ((south, 17.0), (~south, None)):
        mean = np.average(rooms[members], weights=weights[members])
        if target is not None:
            assert abs(mean - target) < 0.6  # an hour later
    shift = record.tracks["room_c"][HOUR + 1] - record.tracks["room_c"][HOUR]
    assert np.ptp(shift[south]) < 1.0  # every room of a place by the same
    coal = arrays.store_ids.index("S-coal")
    assert record.tracks["store_stock"][HOUR, coal] == pytest.approx(1_000_000.0, rel=0.05)
    for name in ("rooms_error", "network_error", "fuel_error", "water_error"):
        assert abs(record.balances[name]) < 1e-9, name
    tripped = record.at[record.rows("source_tripped")]
    assert SECOND in tripped
    assert (tripped >= SECOND).all()  # what struck before is set aside
    (row,) = record.rows("state_taken")
    assert record.detail_of(row)["rooms_k"] < 0


def hs_arrays():
    from heatseason.scenarios.scenario import load
    from heatseason.sim.run import ground_of

    return ground_of(load("town")).arrays


def test_winters_after_the_state_are_the_same_for_every_policy(town):
    known = town.with_("state", {"at": AT, "rooms_c": {"all": 19.0}})
    one = hs.run(known, 2)
    other = hs.run(known.with_("policies.crews.teams", 3), 2)
    assert np.array_equal(one.tracks["outdoor_c"], other.tracks["outdoor_c"])
    assert np.array_equal(one.tracks["room_c"], other.tracks["room_c"])


def test_a_state_is_a_file_over_a_scenario(tmp_path):
    file = tmp_path / "state.toml"
    file.write_text(
        'schema_version = 1\nextends = "town"\n[state]\nat = 2027-01-10T08:00:00\n[state.stocks]\nS-coal = 9e5\n'
        "[state.rooms_c]\nall = 18.2\n[[later]]\nat = 2027-01-10T09:00:00\n[later.policies.reserve]\ndays = 12.0\n",
        "utf-8",
    )
    scenario = hs.load(file)
    assert scenario.state.at == AT
    assert scenario.state.stocks == {"S-coal": 900_000.0}
    assert scenario.hash != hs.load("town").hash
    from heatseason.scenarios.midseason import stages
    from heatseason.scenarios.scenario import from_resolved

    ((at, later),) = stages(scenario)
    assert (at.hour, later.policies.reserve.days, scenario.policies.reserve.days) == (9, 12.0, 7.0)
    assert from_resolved(scenario.resolved()).hash == scenario.hash


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("later", [{"at": AT, "policies": {"preheat": {"days": 3.0}}}], "later[0].policies.preheat"),
        ("later", [{"at": AT, "policies": {"reserve": {"dayz": 3.0}}}], 'unknown key "dayz"'),
        ("later", [{"at": AT, "policies": {"crews": {"teams": 3}}}], "later[0].policies.crews.teams"),
    ],
)
def test_what_cannot_change_is_refused(town, path, value, said):
    with pytest.raises(ScenarioError) as caught:
        town.with_(path, value)
    assert said in str(caught.value)


def test_what_does_not_fit_the_network_is_refused_all_at_once(town):
    state = {
        "at": dt.datetime(2029, 1, 1),
        "stocks": {"S-cole": 1.0},
        "rooms_c": {"城区": 18.0},
        "faults": [{"kind": "burst", "pipe": "nowhere"}],
    }
    with pytest.raises(ScenarioError) as caught:
        hs.run(town.with_("state", state))
    text = str(caught.value)
    for path in ("state.at", "state.stocks.S-cole", "state.rooms_c.城区", "state.faults[0].pipe"):
        assert path in text
    assert 'did you mean "S-coal"?' in text
