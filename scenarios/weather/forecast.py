"""The forecast that policies see: right today, less right the further ahead, revised from day to day."""

from __future__ import annotations

import numpy as np

from ..chance import Floats, normal
from ..parts import Part, number

__all__ = ["LEADS", "Forecast", "forecast"]

LEADS = 16
"""Leads given: today (0) to fifteen days ahead."""


class Forecast(Part):
    """How good the forecast of daily means is."""

    error_first_k: float = number(
        1.0, ge=0, le=10, source="assumed: next-day error of city forecasts", confidence="L", low=0.7, high=1.8
    )
    """Standard deviation of the error for tomorrow [K]."""

    error_tenth_k: float = number(
        3.0, ge=0, le=15, source="assumed: hardly better than climatology by then (2.1 K times the square root of "
        "2)", confidence="L", low=2.0, high=3.5,
    )  # fmt: skip
    """Standard deviation of the error ten days ahead; straight line between and beyond [K]."""

    likeness: float = number(
        0.7, ge=0, lt=1, source="assumed: neighbouring days err alike", confidence="L", low=0.4, high=0.9
    )
    """Correlation of the revisions of two neighbouring target days [-]."""


def forecast(specification: Forecast, daily_mean_c: Floats, uniform: Floats) -> Floats:
    """Return what is forecast on each day for it and the days after, shape (day, LEADS) [degC].

    Martingale model of forecast evolution (Heath & Jackson 1994): the error of a target day is the sum of the revisions
    still to come, so forecasts of one day improve as it nears, and never on average in a known direction.

    Parameters
    ----------
    daily_mean_c
        Daily means that come to pass, shape (day + LEADS - 1,) [degC].
    uniform
        Uniforms in (0, 1), one per day of revision and lead, shape (day + LEADS - 1, LEADS - 1).
    """
    lead = np.arange(LEADS)
    slope = (specification.error_tenth_k - specification.error_first_k) / 9.0
    sd = np.where(lead > 0, np.maximum(specification.error_first_k + slope * (lead - 1), 0.0), 0.0)
    revision_sd = np.sqrt(np.maximum(np.diff(sd**2), 0.0))  # learnt on day d about day d + k, k = 0 …
    z = normal(uniform)
    rho = specification.likeness
    for k in range(1, LEADS - 1):
        z[:, k] = rho * z[:, k - 1] + np.sqrt(1.0 - rho * rho) * z[:, k]
    revision = z * revision_sd
    days = len(daily_mean_c) - (LEADS - 1)
    seen = np.empty((days, LEADS))
    target = np.arange(days)[:, None] + lead[None, :]
    error = np.zeros((len(daily_mean_c), LEADS))
    for k in range(LEADS - 1):  # error at lead k + 1 adds what is learnt k days before the target
        learnt = np.zeros(len(daily_mean_c))
        learnt[k:] = revision[: len(daily_mean_c) - k, k]
        error[:, k + 1] = error[:, k] + learnt
    seen[:] = daily_mean_c[target] - error[target, lead[None, :]]
    return seen
