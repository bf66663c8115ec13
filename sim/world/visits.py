"""The sampling programme: some dwellings measured every day of the heating period, without any complaint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...scenarios.policies.sampling import Sampling
from ..kernels.marks import mix, normals

__all__ = ["sample_day"]

_PURPOSE = 41


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
    dwellings = len(offset_k)
    per_day = dwellings * programme.share_per_month / 30.0
    rank = np.arange(int(per_day * day), int(per_day * (day + 1)), dtype=np.int64)
    dwelling = (rank * _stride(dwellings)) % dwellings
    begin_s, length_s = programme.from_hour * 3_600, (programme.until_hour - programme.from_hour) * 3_600
    at_s = (day * 86_400 + begin_s + (np.arange(len(rank)) + 0.5) * length_s / max(len(rank), 1)).astype(np.int32)
    error = np.empty(len(rank))
    normals(np.uint64(mix(key, _PURPOSE)), rank, error)
    measured = room_c[at_s // 3_600, cohort_of[dwelling]].astype(np.float64) + offset_k[dwelling] + error_k * error
    return at_s, dwelling, measured.round(1)  # a thermometer's tenths


def _stride(dwellings: int) -> int:
    """Return a number near the golden section of `dwellings` that has no divisor in common with it."""
    stride = max(1, int(dwellings * 0.6180339887))
    while np.gcd(stride, dwellings) != 1:
        stride += 1
    return stride
