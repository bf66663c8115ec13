"""The outdoors as the heat kernels read it: rows of weather, and which of them shines on which cohort's opening."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import FACADES, NetworkArrays

__all__ = ["GLOBAL", "facings", "weather_rows"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GLOBAL = 1  # the row of global horizontal radiation
_FIRST_FACING = 4


def facings(arrays: NetworkArrays) -> tuple[Floats, Ints]:
    """Return the facings that cohorts state, each once, and the weather's row that shines on each cohort.

    Returns
    -------
    tuple of arrays
        Shares by facade, shape (facing, 5) [-]; rows of :func:`weather_rows`, shape (cohort,): the horizontal's where a
        cohort states no facing.
    """
    stated = arrays.cohort_facing.any(axis=0)
    row = np.full(len(arrays.cohort_ids), GLOBAL, np.int64)
    if not stated.any():
        return np.zeros((0, len(FACADES))), row
    shares, which = np.unique(arrays.cohort_facing[:, stated].T, axis=0, return_inverse=True)
    row[stated] = _FIRST_FACING + which.reshape(-1)
    return shares, row


def weather_rows(
    arrays: NetworkArrays, hours: int, *, outdoor_c: npt.ArrayLike, solar_w_m2: npt.ArrayLike, wind_m_s: npt.ArrayLike,
    ground_c: npt.ArrayLike, facades_w_m2: npt.ArrayLike | None = None,
) -> Floats:  # fmt: skip
    """Return the weather as the kernels read it.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    hours : int
        Hours needed.
    outdoor_c, solar_w_m2, wind_m_s, ground_c, facades_w_m2
        As :class:`~.heat.Heat` takes them.

    Returns
    -------
    array, shape (4 + facing, hours)
        Outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], ground temperature [degC]; then, for
        each of :func:`facings`, the radiation on an opening shared out like that [W/m2].

    Raises
    ------
    ValueError
        If something is too short, not finite, or missing.
    """
    rows = [
        _hourly(name, values, hours)
        for name, values in (
            ("outdoor_c", outdoor_c), ("solar_w_m2", solar_w_m2), ("wind_m_s", wind_m_s), ("ground_c", ground_c),
        )
    ]  # fmt: skip
    shares, _ = facings(arrays)
    if len(shares):
        if facades_w_m2 is None:
            raise ValueError(
                "facades_w_m2 is missing; wanted the radiation on facades, since cohorts state their facing"
            )
        facades = np.asarray(facades_w_m2, np.float64)
        if facades.ndim != 2 or len(facades) != len(FACADES):
            raise ValueError(f"facades_w_m2 has shape {facades.shape}; wanted a row for each of {', '.join(FACADES)}")
        falling = np.array(
            [_hourly(f"facades_w_m2, {name},", values, hours) for name, values in zip(FACADES, facades, strict=True)]
        )
        rows.extend(shares @ falling)
    return np.ascontiguousarray(np.array(rows))


def _hourly(name: str, column: npt.ArrayLike, hours: int) -> Floats:
    values = np.asarray(column, np.float64)
    if values.ndim != 1 or len(values) < hours:
        raise ValueError(f"{name} has shape {values.shape}; wanted one value for each of {hours} hours")
    if not np.isfinite(values[:hours]).all():
        raise ValueError(f"{name} is not finite at hour {int(np.flatnonzero(~np.isfinite(values[:hours]))[0])}")
    return values[:hours]
