"""Run as a module beside a first season: compiles the kernels of people and of judging while that one does the heat's.

Compiling is the work of one thread. Here the heat stands still, its march moving the clock and nothing else, so that
only the other kernels are called; what they compile to lies in the cache on disk, where the first season finds it.
"""

from __future__ import annotations

import os
from typing import Any

from ...scenarios.scenario import load
from ..kernels.layout import K_TIME, State
from ..world import heat
from .case import Case, play
from .watch import end_with

__all__ = ["main"]


def main() -> None:
    """Play a season on the smallest network, in which nothing flows."""
    end_with(os.getppid())
    vars(heat)["march"] = _stand_still
    play(Case(load("town", ["network=one_pipe"])))


def _stand_still(until_s: float, weather: Any, plant: Any, state: State, work: Any, tracks: Any) -> int:
    state.clock[K_TIME] = until_s
    return 0


if __name__ == "__main__":
    main()
