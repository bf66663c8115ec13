"""Rooms measured without any complaint, a day's at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from .heat_compile import kernel
from .layout import Array
from .marks import mix, normal, uniform

__all__ = ["measure"]

_PURPOSE = 41


@kernel
def measure(
    key: Any,
    first_rank: int,
    stride: int,
    begin_s: int,
    length_s: int,
    room_c: Array,
    offset_k: Array,
    cohort_of: Array,
    error_k: float,
    at_s: Array,
    dwelling: Array,
    measured_c: Array,
) -> None:
    """Measure so many dwellings, spread evenly over part of a day; see :func:`heatseason.sim.world.visits.sample_day`.

    Parameters
    ----------
    key : uint64
        Of the reading errors.
    first_rank, stride : int
        Where the day begins in the walk through the dwellings, and its stride.
    begin_s, length_s : int
        The part of the day [s].
    room_c, offset_k, cohort_of, error_k
        As there.
    at_s, dwelling, measured_c : arrays, shape (sample,), out
    """
    mark_key = mix(key, _PURPOSE)
    for i in range(len(at_s)):
        rank = first_rank + i
        d = (rank * stride) % len(offset_k)
        at = np.int64(begin_s + (i + 0.5) * length_s / len(at_s))
        true_c = np.float64(room_c[at // 3_600, cohort_of[d]]) + np.float64(offset_k[d])
        at_s[i], dwelling[i] = at, d
        shown = true_c + error_k * normal(uniform(mark_key, rank))
        measured_c[i] = np.rint(shown * 10.0) / 10.0  # a thermometer's tenths
