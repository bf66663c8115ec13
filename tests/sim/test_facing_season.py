"""Dwellings that look south and north: what the sun of their facades does to rooms, and that every joule is booked."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from heatseason.network_models.arrays import FACADES, NetworkArrays, to_arrays
from heatseason.network_models.formats import read_network, write_network
from heatseason.network_models.network import Facing, Network
from heatseason.scenarios.scenario import load
from heatseason.scenarios.weather.climate import Climate
from heatseason.scenarios.weather.facades import facade_radiation, sun_over
from heatseason.sim.run import run
from heatseason.sim.solve import solve_network
from heatseason.sim.world.heat import Heat, HeatSettings

DAY, DAYS = 86_400.0, 14
SOUTH, NORTH = np.eye(5)[FACADES.index("south")], np.eye(5)[FACADES.index("north")]


def alike(little, cohorts: int) -> NetworkArrays:
    """Return a network of one substation whose cohorts differ in nothing."""
    arrays = little([(0, 1, 100.0, 0.1), (1, 2, 100.0, 0.1)], [0], [2], cohorts_each=cohorts)
    return replace(arrays, cohort_envelope_w_k=np.full(cohorts, arrays.cohort_envelope_w_k.mean()))


def facing(arrays: NetworkArrays, *shares: np.ndarray) -> NetworkArrays:
    """Return the network with its cohorts' facings in turn."""
    cohorts = len(arrays.cohort_ids)
    return replace(arrays, cohort_facing=np.array([shares[c % len(shares)] for c in range(cohorts)]).T)


def clear_week(days: int = DAYS) -> dict[str, np.ndarray]:
    """Return cold clear weather of December, with the sun of Hanzhong."""
    first = dt.date(2026, 12, 15)
    sun = sun_over(Climate(), first, 24 * days)
    solar = 0.72 * sun.above_w_m2 * sun.cosine[-1]
    h = np.arange(24 * days)
    return {
        "outdoor_c": 2.0 + 4.0 * np.sin((h % 24 - 9) / 24 * 2 * np.pi),
        "solar_w_m2": solar,
        "wind_m_s": np.full(len(h), 0.9),
        "ground_c": np.full(len(h), 8.0),
        "facades_w_m2": facade_radiation(Climate(), first, solar),
    }


def season(arrays: NetworkArrays, columns: dict[str, np.ndarray], step_s: float = 0.0) -> Heat:
    made = Heat(arrays, **columns, settings=HeatSettings(), hours=24 * DAYS)
    made.fuel_available[:] = 1e15
    made.set_mode("season")
    made.advance(4 * DAY)
    while step_s and made.time_s < DAYS * DAY:
        made.advance(made.time_s + step_s)
    made.advance(DAYS * DAY)
    return made


def test_a_dwelling_that_looks_south_is_warmer_at_noon_than_its_twin_that_looks_north(little):
    made = season(facing(alike(little, 2), SOUTH, NORTH), clear_week())
    room = made.tracks["room_c"].astype(float)
    south, north = room[24 * 7 :].T
    assert (south > north).all()
    noon = np.arange(len(south)) % 24 == 14
    assert (south - north)[noon].mean() > (south - north)[~noon].mean() + 0.1
    assert max(abs(value) for name, value in made.ledger.items() if name.endswith("_error")) < 1e-9


def test_an_opening_that_lies_flat_sees_what_one_without_a_facing_sees(little):
    arrays = alike(little, 2)
    flat, plain = np.eye(5)[FACADES.index("horizontal")], np.zeros(5)
    rooms = [season(facing(arrays, *shares), clear_week()).tracks["room_c"] for shares in ([plain], [flat, plain])]
    np.testing.assert_allclose(rooms[0], rooms[1], atol=1e-5)


def test_an_opening_of_two_facades_takes_of_each_its_share(little):
    """Rooms are linear in the sun where nothing heats: half south and half north is the mean of both."""
    made = Heat(
        facing(alike(little, 3), SOUTH, NORTH, 0.5 * (SOUTH + NORTH)),
        **clear_week(),
        settings=HeatSettings(),
        hours=24 * DAYS,
    )
    made.advance(DAYS * DAY)
    south, north, both = made.tracks["room_c"].astype(float).T
    assert np.abs(south - north).max() > 1.0
    np.testing.assert_allclose(both, 0.5 * (south + north), atol=1e-5)


def test_an_hour_a_step_gives_the_rooms_of_five_minutes_with_sun_by_facade():
    arrays = facing(to_arrays(read_network("mixed_plant")), SOUTH, NORTH)
    rooms = [season(arrays, clear_week(), step).tracks["room_c"][24 * 5 :].astype(float) for step in (0.0, 300.0)]
    assert np.abs(rooms[0] - rooms[1]).max() < 0.01


def test_facades_must_be_told_where_openings_face_them(grid):
    columns = clear_week()
    facades = columns.pop("facades_w_m2")
    south = facing(grid, SOUTH)
    with pytest.raises(ValueError, match="facades_w_m2 is missing"):
        Heat(south, **columns, settings=HeatSettings(), hours=48)
    with pytest.raises(ValueError, match=r"facades_w_m2 has shape \(4, 336\)"):
        Heat(south, **columns, facades_w_m2=facades[:4], settings=HeatSettings(), hours=48)
    with pytest.raises(ValueError, match="facades_w_m2, north, has shape"):
        Heat(south, **columns, facades_w_m2=facades[:, :47], settings=HeatSettings(), hours=48)


def test_a_season_of_a_scenario_and_a_steady_state_know_the_facing(tmp_path):
    plain = read_network("one_pipe")
    rooms = []
    for shares in (Facing(south=1.0), Facing(north=1.0)):
        kinds = tuple(kind.model_copy(update={"facing": shares}) for kind in plain.dwelling_types)
        network = Network.model_validate(plain.model_copy(update={"dwelling_types": kinds}).model_dump())
        file = tmp_path / f"{'south' if shares.south else 'north'}.toml"
        write_network(network, file)
        rooms.append(run(load("town", [f"network={file}"])).tracks["room_c"].astype(float).mean())
        assert solve_network(network, supply_c=90.0) is not None
    assert rooms[0] > rooms[1] + 0.05
