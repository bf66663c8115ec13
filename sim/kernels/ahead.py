"""The largest parts of the heat's march, asked for before it with the types that it will ask for.

Each part is cached on disk by itself, so another process can compile some while the march is being compiled.
"""

from __future__ import annotations

from typing import Any

from numba import typeof

from .layout import THRESHOLDS, Plant, State, Work
from .rooms import step_rooms
from .scarcity import drive
from .sources import produce
from .transport import prepare, store

__all__ = ["compile_parts"]


def compile_parts(plant: Plant, state: State, work: Work) -> None:
    """Compile a third of what the march consists of: what it asks for late, the largest part first.

    What both processes come to is compiled twice; so the parts are those that the march, compiled from its beginning,
    comes to last, but for what pumps drive, which takes longest.
    """
    whole, number, row = 0, 0.0, state.clock
    pipes = plant.pipe, state.pipe, state.pipe_int, state.ring, work.pipe
    _compile(drive, whole, whole, row, plant, state, work)
    _compile(
        step_rooms, number, number, number, number, number, number, THRESHOLDS, plant.setting, plant.substation, row,
        plant.matrix, plant.cohort, row, row, state.cohort, state.substation, work.cohort, work.crossing,
        work.crossings,
    )  # fmt: skip
    _compile(
        produce, number, number, plant.setting, state.clock, plant.unit, plant.unit_int, plant.store, state.unit,
        state.stock, state.ledger, plant.source, state.island, state.substation, work.unit, work.source, state.source,
    )  # fmt: skip
    _compile(store, number, number, number, *pipes)
    _compile(prepare, number, number, number, *pipes)


def _compile(kernel: Any, *like: Any) -> None:
    """Compile a kernel for arguments like these."""
    kernel.compile(tuple(typeof(argument) for argument in like))
