"""Mobile boilers: they come, give heat through the building's own circuit, and go home; every joule is put down."""

from functools import cache

import numpy as np
import pytest
from heatseason.network_models.graph import isolate
from heatseason.scenarios.scenario import load
from heatseason.sim.record import KINDS, Record
from heatseason.sim.run import ground_of, run

WHAT = [kind.name for kind in KINDS]
CALM = tuple(
    f"disruptions.{kind}.enabled=false"
    for kind in ("pipe_failures", "digging", "source_trips", "pump_failures", "substation_failures", "power_failures",
                 "fuel_supply", "staff_absence")
)  # fmt: skip
BURST_AT = "2027-01-15T02:00:00"


@cache
def worst_pipe() -> str:
    """Return the pipe of the town whose repair leaves most, but not all, substations without heat."""
    arrays = ground_of(load("town")).arrays
    lost = [len(np.isin(arrays.substation_node, isolate(arrays, p, set()).cut_off).nonzero()[0])
            for p in range(len(arrays.pipe_ids))]  # fmt: skip
    return arrays.pipe_ids[int(np.argmax(np.where(np.array(lost) <= 8, lost, 0)))]


@cache
def season(*changes: str) -> Record:
    burst = f'{{kind="burst", at={BURST_AT}, pipe="{worst_pipe()}"}}'
    return run(load("town", [*CALM, f"disruptions.imposed=[{burst}]", "policies.crews.stage_factor=4.0", *changes]))


def rows_of(record: Record, kind: str) -> np.ndarray:
    return record.rows(kind)


def test_boilers_come_work_and_go_home():
    record = season("policies.interim.units=6")
    sent, started, ended = (rows_of(record, f"interim_{what}") for what in ("sent", "started", "ended"))
    assert len(sent) >= len(started) == len(ended) > 0
    for row in started:
        order = record.cause[row]
        assert record.at[row] - record.at[order] > (60 + 180) * 60  # mobilised, driven, set up
        back = [r for r in rows_of(record, "outage_ended")
                if record.subject[r] == record.subject[row] and record.at[r] >= record.at[row]]  # fmt: skip
        done = ended[record.cause[ended] == row]
        assert len(done) == 1
        assert 0 <= record.at[done[0]] - record.at[back[0]] <= 6 * 3600
    marks = sorted([(int(record.at[r]), 1) for r in started] + [(int(record.at[r]), -1) for r in ended])
    at_work = np.cumsum([step for _, step in marks])
    assert at_work.max() <= 6


def test_their_heat_is_in_the_ledgers_and_what_it_costs_too():
    record = season("policies.interim.units=6")
    balances, summary = record.balances, record.summary
    assert balances["interim_j"] > 1e11
    assert abs(balances["interim_error"]) < 1e-12
    assert abs(balances["delivery_error"]) < 1e-9
    assert abs(balances["rooms_error"]) < 1e-9
    given = record.value[rows_of(record, "interim_ended")].sum()
    assert given * 1e9 == pytest.approx(balances["interim_j"], rel=1e-9)
    assert balances["interim_fuel_kg"] * 42.7e6 * 0.88 == pytest.approx(balances["interim_j"])
    assert summary["cost_split_cny"]["interim"] > balances["interim_fuel_kg"] * 8.0
    assert season().summary["cost_split_cny"]["interim"] == 0.0


def test_more_boilers_leave_fewer_cold_and_change_nothing_else():
    none, some, many = season(), season("policies.interim.units=3"), season("policies.interim.units=12")
    cold = [np.maximum(18.0 - r.tracks["room_c"], 0.0).sum() for r in (none, some, many)]
    assert cold[0] > cold[1] > cold[2]
    for other in (some, many):
        faults = [rows_of(r, "fault_restored") for r in (none, other)]
        np.testing.assert_array_equal(none.at[faults[0]], other.at[faults[1]])
        assert none.summary["outages"] == other.summary["outages"]


def test_a_short_stop_brings_none():
    assert not len(rows_of(season("policies.interim.units=6", "policies.interim.expected_h=240"), "interim_sent"))
