"""Unrolling: complete, the same twice, and each draw independent of all others."""

import dataclasses

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.network_models.problems import ScenarioError
from heatseason.scenarios.disruptions.pipe_failures import PipeFailureCandidates
from heatseason.scenarios.scenario import load
from heatseason.scenarios.timetable import DwellingMarks, cross_check, first_dwelling, unroll


@pytest.fixture(scope="module")
def network():
    return to_arrays(read_network("town"))


def flat(value, name=""):
    """Return name -> array of everything a timetable holds."""
    if isinstance(value, DwellingMarks):
        return {name: value.draw()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            key: array
            for f in dataclasses.fields(value)
            for key, array in flat(getattr(value, f.name), f"{name}.{f.name}").items()
        }
    return {name: value} if isinstance(value, np.ndarray) else {}


def differing(one, other):
    a, b = flat(one), flat(other)
    return {name for name in a if not np.array_equal(a[name], b[name])}


def test_the_same_twice_and_another_replication_differs(network):
    scenario = load("town")
    assert not differing(unroll(scenario, network, 3), unroll(scenario, network, 3))
    other = differing(unroll(scenario, network, 3), unroll(scenario, network, 4))
    assert {".weather.outdoor_c", ".dwelling_uniform", ".delivery_marks", ".pipe_failures.mark"} <= other


def test_a_policy_changes_no_draw(network):
    scenario = load("town")
    changed = load(
        "town",
        [
            "policies.reserve.kind=none",
            "policies.crews.teams=9",
            "operation.room_target_c=22",
            "people.calls.early_factor=3",
        ],
    )
    one, other = unroll(scenario, network), unroll(changed, network)
    assert not differing(one, other)
    assert one.people_key == other.people_key


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ("disruptions.pipe_failures.rate_factor=5", ".pipe_failures"),
        ("disruptions.pipe_failures.repair_growth=5", ""),
        ("disruptions.digging.per_km_year=2.0", ".pipe_failures"),
        ("disruptions.source_trips.enabled=false", ".unit_trips"),
        ("disruptions.pump_failures.rate_per_year=9", ".pump_failures"),
        ("disruptions.substation_failures.rate_per_year=9", ".substation_failures"),
        ("disruptions.power_failures.rate_per_year=9", ".power_failures"),
        ("disruptions.staff_absence.share=0.2", ".staff_absence"),
        ("disruptions.fuel_supply.roads.per_cold_day=0.9", ".road_closures"),
        ("disruptions.fuel_supply.gas.per_cold_day=0.9", ".gas_curtailments"),
        ("weather.forecast.error_first_k=2.0", ".weather.forecast_c"),
    ],
)
def test_one_disruption_moves_no_other(network, change, touched):
    moved = differing(unroll(load("town"), network), unroll(load("town", [change]), network))
    assert bool(moved) == bool(touched)
    assert all(name.startswith(touched) for name in moved)


def test_an_ordered_burst_leaves_every_drawn_one(network):
    plain = unroll(load("town"), network).pipe_failures
    burst = 'disruptions.imposed=[{kind="burst", at=2027-01-18T05:40:00}, {kind="source_trip", at=2027-01-18T06:00:00}]'
    ordered = unroll(load("town", [burst]), network)
    rows = ~ordered.pipe_failures.imposed
    assert (~rows).sum() == 1
    for field in dataclasses.fields(PipeFailureCandidates):
        assert np.array_equal(getattr(plain, field.name), getattr(ordered.pipe_failures, field.name)[rows])
    assert ordered.pipe_failures.leak_kg_s[~rows] > 50.0
    assert ordered.unit_trips.imposed.sum() == 1


def test_dwellings_are_the_connected_households(network):
    first = first_dwelling(network)
    table = unroll(load("town"), network)
    assert len(first) == len(network.cohort_ids) + 1
    uniform, paying = table.dwelling_uniform.draw(), table.paying_mark.draw()
    assert first[-1] == len(uniform) == len(paying)
    assert np.array_equal(np.diff(first), np.rint(network.cohort_households * (1 - network.cohort_off_share)))
    assert uniform.dtype == np.float32
    assert abs(np.corrcoef(uniform, paying)[0, 1]) < 4 / np.sqrt(first[-1])


def test_an_edit_elsewhere_moves_no_dwelling(network):
    table = unroll(load("town"), network)
    reverse = dataclasses.replace(
        network,
        cohort_ids=network.cohort_ids[::-1],
        cohort_households=network.cohort_households[::-1],
        cohort_off_share=network.cohort_off_share[::-1],
    )
    turned = unroll(load("town"), reverse)
    count = int(np.diff(table.first_dwelling)[0])
    assert np.array_equal(table.dwelling_uniform.draw()[:count], turned.dwelling_uniform.draw()[-count:])


def test_ordered_absence_is_the_least(network):
    change = 'disruptions.imposed=[{kind="absence", at=2027-01-10T00:00:00, group="agents", share=0.5, days=3.0}]'
    table = unroll(load("town", [change]), network)
    day = table.calendar.day(table.imposed[0].at_s)
    assert np.all(table.staff_absence[day : day + 3, 0] >= 0.5)
    assert table.staff_absence[day + 3, 0] < 0.5


def test_what_does_not_fit_is_told_with_its_place(network, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(
        'schema_version = 1\nextends = "town"\n[policies.merit_order]\nkind = "listed"\norder = ["锅炉9"]\n'
        '[exit]\noperator = "X"\nclosing = 2027-05-01\n[[disruptions.imposed]]\nkind = "burst"\n'
        'at = 2027-01-01T00:00:00\npipe = "P-x"\n[weather]\nkind = "epw"\nfile = "none.epw"\n',
        encoding="utf-8",
    )
    problems = cross_check(load(file), network)
    assert [(p.path, p.line) for p in problems] == [
        ("disruptions.imposed[0].pipe", 12),
        ("policies.merit_order.order[0]", 5),
        ("exit.operator", 7),
        ("weather.file", 15),
    ]
    with pytest.raises(ScenarioError):
        unroll(load(file), network)
    assert cross_check(load("town"), network) == []
