"""What a controller expects of the water that comes next: what came last, and as much more as it last changed.

A step's temperatures are known only when its water has been followed; valves and plants act before. Continuing the
last change makes their error one of second order in the step.
"""

from __future__ import annotations

from .heat_compile import kernel

__all__ = ["ahead", "trend"]

KEPT = 0.25  # of the rate believed before [-]
FARTHEST = 6.0  # more is a front and no trend [K]


@kernel
def trend(rate: float, now: float, before: float, dt: float, last: float) -> float:
    """Return the rate at which step means change [K/s], from the rate believed so far and the last two means.

    Means stand in the middle of steps of `dt` and `last` seconds. Some of the rate before is kept: what only swings to
    and fro from step to step, as where a valve moves the temperature that it steers by, is no trend.
    """
    return KEPT * rate + (1.0 - KEPT) * (now - before) / (0.5 * (dt + last))


@kernel
def ahead(rate: float, dt: float, last: float) -> float:
    """Return what the mean of the next step, `dt` seconds long, is expected to be above that of the last [K]."""
    result: float = min(max(rate * 0.5 * (dt + last), -FARTHEST), FARTHEST)
    return result
