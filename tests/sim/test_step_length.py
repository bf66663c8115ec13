"""An hour a step against five minutes a step, over a cold week with radiators or floors, valves and weather."""

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.sim.world.heat import Heat, HeatSettings

DAY, DAYS = 86_400, 14


def rooms(name: str, step_s: int) -> np.ndarray:
    """Return hourly rooms of the ten days from the fifth on: a fall by 4 K within the plant's capacity [degC]."""
    h = np.arange(24 * DAYS)
    made = Heat(
        to_arrays(read_network(name)),
        outdoor_c=4.0 - 4.0 * np.clip((h / 24 - 6) / 2, 0, 1) + 2.5 * np.sin((h % 24 - 9) / 24 * 2 * np.pi),
        solar_w_m2=250.0 * np.maximum(0.0, np.sin((h % 24 - 6) / 12 * np.pi)),
        wind_m_s=np.full(len(h), 0.9), ground_c=np.full(len(h), 8.0), settings=HeatSettings(), hours=len(h),
    )  # fmt: skip
    made.fuel_available[:] = 1e15
    made.set_mode("season")
    made.advance(5 * DAY)
    for second in range(5 * DAY, DAYS * DAY, step_s):
        made.advance(second + step_s)
    return made.tracks["room_c"][24 * 5 :].astype(float)


@pytest.mark.parametrize(
    ("name", "largest"), [("mixed_plant", 0.01), ("ring", 0.015), pytest.param("town", 0.02, marks=pytest.mark.slow)]
)
def test_an_hour_a_step_gives_the_rooms_of_five_minutes(name: str, largest: float) -> None:
    off = np.abs(rooms(name, 3600) - rooms(name, 300))
    assert off.max() < largest


def test_an_hour_a_step_is_near_where_boilers_are_at_their_limit() -> None:
    """What a plant at its limit can give hangs on the return that will come: nobody knows it before the step."""
    off = rooms("tee", 3600) - rooms("tee", 300)
    assert np.abs(off).max() < 0.04
    assert abs(off.mean()) < 0.01
