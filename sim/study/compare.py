"""Two policies on the same winters: the difference winter by winter, with its interval.

Common winters take most of the chance out of a comparison: what is left is what the policy changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["PairedDifference", "paired_difference", "student_quantile"]


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Mean of the paired differences, second less first, and how sure it is.

    Attributes
    ----------
    mean, se : float
        Mean difference and its standard error, in the unit of what was compared.
    low, high : float
        Ends of the confidence interval.
    n : int
        Pairs.
    confidence : float
        Of the interval, e.g. 0.95.
    """

    mean: float
    se: float
    low: float
    high: float
    n: int
    confidence: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def paired_difference(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> PairedDifference:
    """Compare one number of two policies over the same winters.

    Parameters
    ----------
    first, second : sequence of float, shape (winter,)
        The number under either policy, e.g. two `Batch.values`; winter by winter the same replication.
    confidence : float
        Of the Student interval of the mean difference.

    Returns
    -------
    PairedDifference

    Raises
    ------
    ValueError
        With fewer than two pairs, unequal lengths, or a winter without the number.
    """
    if len(first) != len(second):
        raise ValueError(f"paired winters wanted, found {len(first)} and {len(second)}")
    if len(first) < 2:
        raise ValueError("a paired comparison needs at least two winters")
    differences = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    if not np.isfinite(differences).all():
        raise ValueError("a winter has no such number, so it cannot be paired")
    n = len(differences)
    mean = float(differences.mean())
    error = float(differences.std(ddof=1) / math.sqrt(n))
    reach = student_quantile(0.5 + confidence / 2, n - 1) * error
    return PairedDifference(mean, error, mean - reach, mean + reach, n, confidence)


def student_quantile(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t, by bisection of its distribution in closed form.

    Parameters
    ----------
    probability : float
        Between 0 and 1, both excluded.
    freedom : int
        Degrees of freedom, at least 1.

    Notes
    -----
    The distribution for whole degrees of freedom: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3
    and 26.7.4. This saves the two seconds that importing scipy.stats costs.
    """
    if not 0 < probability < 1 or freedom < 1:
        raise ValueError(f"0 < probability < 1 and freedom >= 1 wanted, found {probability} and {freedom}")
    if probability < 0.5:
        return -student_quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while _student_distribution(high, freedom) < probability:
        low, high = high, 2 * high
    for _ in range(80):
        middle = (low + high) / 2
        if _student_distribution(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _student_distribution(t: float, freedom: int) -> float:
    """Return P(T <= t) for t >= 0."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine_squared = math.cos(angle) ** 2
    odd = freedom % 2
    # The series 1 + 1/2 cos² + 1·3/(2·4) cos⁴ + … (even), or 1 + 2/3 cos² + 2·4/(3·5) cos⁴ + … (odd).
    term = total = 1.0 if freedom > 1 else 0.0
    for k in range(1, (freedom - 2 - odd) // 2 + 1):
        term *= (2 * k - 1 + odd) / (2 * k + odd) * cosine_squared
        total += term
    if odd:
        between = 2 / math.pi * (angle + math.sin(angle) * math.cos(angle) * total)
    else:
        between = math.sin(angle) * total
    return 0.5 + between / 2
