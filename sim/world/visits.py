"""The sampling programme: some dwellings measured every day of the heating period, without any complaint."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ...scenarios.policies.sampling import Sampling
from ..kernels.samples import measure

__all__ = ["sample_day"]


def sample_day(
    day: int,
    *,
    key: np.uint64,
    programme: Sampling,
    room_c: npt.NDArray[np.float32],
    offset_k: npt.NDArray[np.float32],
    cohort_of: npt.NDArray[np.int32],
    error_k: float,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the samples of one day.

    The month's share is spread evenly over 30 days: day `d` begins where day `d - 1` ended in a walk through the
    dwellings by a stride prime to their number, so that no dwelling comes twice before all have come once.

    Parameters
    ----------
    day : int
        Day of the season.
    key : uint64
        Of the reading errors.
    programme : scenarios.policies.sampling.Sampling
        Share of the dwellings sampled in 30 days, and the hours of the day in which they are.
    room_c : array, shape (hour, cohort)
        Filled through this day [degC].
    offset_k : array, shape (dwelling,)
        Dwellings above their cohort's room now [K].
    cohort_of : int array, shape (dwelling,)
    error_k : float
        Standard deviation of a reading [K].

    Returns
    -------
    at_s : int array, shape (sample,)
    dwelling : int array, shape (sample,)
    measured_c : array, shape (sample,)
    """
    per_day = len(offset_k) * programme.share_per_month / 30.0
    first_rank = int(per_day * day)
    samples = int(per_day * (day + 1)) - first_rank
    begin_s, length_s = programme.from_hour * 3_600, (programme.until_hour - programme.from_hour) * 3_600
    at_s, dwelling, measured_c = np.empty(samples, np.int32), np.empty(samples, np.int64), np.empty(samples)
    measure(key, first_rank, _stride(len(offset_k)), day * 86_400 + begin_s, length_s, room_c, offset_k, cohort_of,
            error_k, at_s, dwelling, measured_c)  # fmt: skip
    return at_s, dwelling, measured_c


@lru_cache(maxsize=8)
def _stride(dwellings: int) -> int:
    """Return a number near the golden section of `dwellings` that has no divisor in common with it."""
    stride = max(1, int(dwellings * 0.6180339887))
    while math.gcd(stride, dwellings) != 1:
        stride += 1
    return stride
