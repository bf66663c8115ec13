"""Run as a module beside a first season: compiles half of the kernels while that one compiles the other half.

Compiling is the work of one thread. Here large parts of the heat's march are compiled first; then a season is played in
which the heat stands still, its march moving the clock and nothing else, so that only the kernels of people and of
judging are called. What they compile to lies in the cache on disk, where the first season finds it.
"""

from __future__ import annotations

import os
from typing import Any

from ...scenarios.scenario import load
from ..kernels.ahead import compile_parts
from ..kernels.layout import K_TIME, Plant, State, Work
from ..kernels.topology import derive
from ..world import heat, heat_plant
from .case import Case, play
from .watch import end_with

__all__ = ["main"]


def main() -> None:
    """Play a season on the smallest network, in which nothing flows."""
    end_with(os.getppid())
    vars(heat_plant)["derive"] = _wait  # the other process has begun to compile it
    vars(heat)["build"] = _build
    vars(heat)["march"] = _stand_still
    play(Case(load("town", ["network=one_pipe"])))


def _wait(plant: Plant, state: State) -> None:
    """Leave islands and loops for later."""


def _build(*about: Any) -> tuple[Plant, State, Work]:
    plant, state, work = heat_plant.build(*about)
    compile_parts(plant, state, work)
    derive(plant, state)
    return plant, state, work


def _stand_still(until_s: float, weather: Any, plant: Any, state: State, work: Any, tracks: Any) -> int:
    state.clock[K_TIME] = until_s
    return 0


if __name__ == "__main__":
    main()
