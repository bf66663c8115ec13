"""How sure a number is: intervals of means, of paired differences and of quantiles, and how many winters it takes.

Common winters take most of the chance out of a comparison: what is left is what the policy changed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...scenarios.chance import stream

__all__ = [
    "PairedDifference",
    "binomial",
    "bootstrap_interval",
    "least_winters",
    "mean_interval",
    "paired_difference",
    "quantile_interval",
    "student_quantile",
    "unseen_share",
    "winters_needed",
]

_RESAMPLES = 1999
_LEAST = 6  # winters that a conclusion takes, however little confidence is asked for


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


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return Student's interval of the mean of some winters, at least two."""
    sample = np.asarray(values, dtype=np.float64)
    reach = student_quantile(0.5 + confidence / 2, len(sample) - 1) * float(sample.std(ddof=1)) / math.sqrt(len(sample))
    return float(sample.mean()) - reach, float(sample.mean()) + reach


def bootstrap_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Return the bootstrap-t interval of a mean: where Student's is right it agrees, and skew it takes in.

    Parameters
    ----------
    values : sequence of float, shape (winter,)
        At least two.
    confidence : float

    Returns
    -------
    tuple of float
        An end is infinite where so few winters differ from the rest that the sample cannot tell.

    Notes
    -----
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 12.5, with 1999 resamples of a stream of its own.
    """
    sample = np.asarray(values, dtype=np.float64)
    mean, error = float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(len(sample))
    if error == 0.0:
        return mean, mean
    rows = stream(0, 0, "bootstrap").integers(0, len(sample), (_RESAMPLES, len(sample)))
    again = sample[rows]
    shift, spread = again.mean(axis=1) - mean, again.std(axis=1, ddof=1) / math.sqrt(len(sample))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(spread > 1e-12 * error, shift / spread, np.sign(shift) * np.inf)
    ratio = np.sort(np.nan_to_num(ratio, nan=0.0, posinf=np.inf, neginf=-np.inf))
    below = int((0.5 - confidence / 2) * (_RESAMPLES + 1)) - 1
    return mean - float(ratio[_RESAMPLES - 1 - below]) * error, mean - float(ratio[below]) * error


def quantile_interval(values: Sequence[float], share: float, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return an interval of a quantile by order statistics, which supposes nothing of the distribution.

    Parameters
    ----------
    values : sequence of float, shape (winter,)
    share : float
        Of the quantile, e.g. 0.95.
    confidence : float
        At least; what it is exactly jumps with the ranks.

    Returns
    -------
    tuple of float, or None
        None where the winters are too few for such a quantile to lie between any two of them so surely.
    """
    ranks = quantile_ranks(len(values), share, confidence)
    if ranks is None:
        return None
    ordered = sorted(values)
    return ordered[ranks[0] - 1], ordered[ranks[1] - 1]


def quantile_ranks(n: int, share: float, confidence: float) -> tuple[int, int] | None:
    """Return the ranks, from 1, between which a quantile lies: each tail has at most half of what is left over."""
    below = np.cumsum(binomial(n, share))  # P(at most k winters lie below the quantile), k = 0 ... n
    tail = (1 - confidence) / 2
    low = int(np.searchsorted(below, tail, side="right"))  # P(fewer than low below) <= tail
    high = int(np.searchsorted(below, 1 - tail)) + 1
    return (low, high) if low >= 1 and high <= n else None


def winters_needed(deviation: float, effect: float, *, confidence: float = 0.95, power: float = 0.9) -> int:
    """Return how many pairs find an effect with the given power.

    Parameters
    ----------
    deviation : float
        Standard deviation of the paired differences.
    effect : float
        Mean difference that is to be found, in the same unit.
    confidence, power : float
        Of the interval that must leave out zero, and how often it shall.

    Notes
    -----
    n = ((z + z') s / d)² with two more for Student's tails (Guenther 1981).
    """
    normal = statistics.NormalDist()
    z = normal.inv_cdf(0.5 + confidence / 2)
    return math.ceil(((z + normal.inv_cdf(power)) * deviation / effect) ** 2 + z * z / 2)


def least_winters(confidence: float) -> int:
    """Return how many pairs a conclusion takes at least: with fewer, even if all differ one way it may be chance.

    Notes
    -----
    The sign test: n pairs are all of one sign with a probability of 2 (1/2)^n where either is as likely; 6 for 95 %.
    """
    return max(_LEAST, math.ceil(1 - math.log2(1 - confidence)))


def unseen_share(n: int, confidence: float = 0.95) -> float:
    """Return how likely a kind of winter may be, at most, of which `n` winters had none: 3/n or so for 95 %."""
    return float(1 - (1 - confidence) ** (1 / n))


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


def binomial(n: int, share: float) -> npt.NDArray[np.float64]:
    """Return P(k of n) for k = 0 … n, each with a probability of `share`."""
    if share <= 0.0 or share >= 1.0:
        certain = np.zeros(n + 1)
        certain[n if share >= 1.0 else 0] = 1.0
        return certain
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    k = np.arange(n + 1)
    result: npt.NDArray[np.float64] = np.exp(np.array(logs) + k * math.log(share) + (n - k) * math.log1p(-share))
    return result
