"""Dwellings as numbers: their cohort, how much warmer than it they are, and whether the household has paid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ...scenarios.chance import CENTRAL, normal
from ..kernels.quantiles import central_quantiles
from .subjects import connected_households

__all__ = ["dwelling_cohorts", "dwelling_offsets", "dwellings_paying"]

Offsets = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def dwelling_cohorts(arrays: NetworkArrays) -> Ints:
    """Return the cohort of each connected dwelling, shape (dwelling,)."""
    connected = connected_households(arrays)
    return np.repeat(np.arange(len(connected), dtype=np.int32), connected)


def dwelling_offsets(
    arrays: NetworkArrays,
    dwelling_uniform: npt.ArrayLike,
    *,
    local_fault_share: float,
    local_fault_drop_k: float,
    local_fault_most_k: float,
) -> Offsets:
    """Return how much warmer each dwelling is than its cohort's room, shape (dwelling,) [K].

    By inversion of one uniform each: the lowest `local_fault_share` of them are dwellings with a fault of their own (an
    air lock, a clogged filter, a shut valve), colder by a drop that is exponential with mean `local_fault_drop_k`, cut
    off at `local_fault_most_k`; the others are normal with the cohort's spread. All are lifted alike so that the mean
    stays the cohort's.
    """
    u = np.clip(np.asarray(dwelling_uniform, np.float64), 1e-9, 1.0 - 1e-9)
    spread_k = arrays.cohort_offset_sd_k[dwelling_cohorts(arrays)]
    if local_fault_share <= 0.0:
        return (_normals(u) * spread_k).astype(np.float32)
    faulty = np.flatnonzero(u < local_fault_share)
    beyond = np.exp(-local_fault_most_k / local_fault_drop_k)  # what an uncut exponential would have beyond the end
    mean_k = local_fault_drop_k - local_fault_most_k * beyond / (1.0 - beyond)
    offset = _normals(np.clip((u - local_fault_share) / (1.0 - local_fault_share), 1e-9, 1.0 - 1e-9))
    offset *= spread_k
    offset[faulty] = local_fault_drop_k * np.log(beyond + (1.0 - beyond) * (u[faulty] / local_fault_share))
    lifted: Offsets = (offset + local_fault_share * mean_k).astype(np.float32)
    return lifted


def _normals(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the standard normal quantiles of a long row of uniforms, by the digit those of :func:`normal` [-]."""
    quantile = np.empty(len(u))
    central_quantiles(u, *CENTRAL, quantile)
    far = np.flatnonzero(np.abs(u - 0.5) > 0.425)
    quantile[far] = normal(u[far])
    return quantile


def dwellings_paying(paying_mark: npt.ArrayLike, arrears_share: float) -> Bools:
    """Return whether each household has paid by the due date, shape (dwelling,)."""
    paying: Bools = np.asarray(paying_mark) >= arrears_share
    return paying
