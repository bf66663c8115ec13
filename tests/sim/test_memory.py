"""What a season leaves behind: winters are played by the thousand in one process."""

import gc

from heatseason.scenarios.scenario import load
from heatseason.scenarios.timetable import Timetable
from heatseason.sim.run import run
from heatseason.sim.world.heat import Heat
from heatseason.sim.world.world import World


def kept() -> list[object]:
    return [thing for thing in gc.get_objects() if isinstance(thing, World | Timetable | Heat)]


def test_a_season_that_is_over_does_not_wait_for_the_collector():
    scenario = load("town", ["network=tee"])
    run(scenario)
    gc.collect()
    earlier = {id(thing) for thing in kept()}  # of another test, whose failure may hold it
    gc.disable()
    try:
        record = run(scenario, 1)
        alive = [type(thing).__name__ for thing in kept() if id(thing) not in earlier]
    finally:
        gc.enable()
    assert record.ended["code"] == "complete"
    assert alive == []
