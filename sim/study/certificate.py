"""Certificates: what a count of kept winters proves, however often one looked and however many policies were tried.

A certificate says: *with confidence 1 - alpha, at least a share p of winters keep the target*. It may lie in no more
than alpha of all plans. Three things would break that promise, and each is paid for here: looking before the last
winter (the exact distribution of failures is carried from look to look, and each look spends its part of alpha),
trying several policies (the j-th has alpha / 2^j), and asking for several targets at once (costs nothing: all of them
must pass, and where one of them is untrue it alone passes with probability alpha at most). That a share is *not*
reached is proved by the same test turned round (:mod:`proof`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from .intervals import binomial, student_quantile

__all__ = [
    "FIRST_LOOK",
    "SequentialTest",
    "alpha_of",
    "at_least",
    "at_most",
    "mean_at_most",
    "provable",
    "winters_without_failure",
]

FIRST_LOOK = 0.4  # of alpha: so many winters without a failure as prove the share with it are the first look
_GREAT_LUCK = 0.08  # chance to pass below which an attempt is given up
_LIKELY = 0.6  # chance to pass that a policy should have before winters are spent on it
_NODES, _CELLS = 20, 2_000  # true shares that stand for all, and how finely their density is told


def at_least(kept: int, winters: int, confidence: float) -> float:
    """Return the exact lower bound of a share (Clopper and Pearson 1934).

    Parameters
    ----------
    kept, winters : int
        How many winters of how many kept the target.
    confidence : float
        One-sided.
    """
    if kept <= 0 or winters == 0:
        return 0.0
    low, high = 0.0, 1.0  # the share at which so many kept winters or more have probability 1 - confidence
    for _ in range(60):
        middle = 0.5 * (low + high)
        if float(binomial(winters, middle)[kept:].sum()) < 1.0 - confidence:
            low = middle
        else:
            high = middle
    return low


def at_most(kept: int, winters: int, confidence: float) -> float:
    """Return the exact upper bound of a share; see :func:`at_least`."""
    return 1.0 - at_least(winters - kept, winters, confidence)


def winters_without_failure(share: float, alpha: float) -> int:
    """Return how many winters, all kept, prove a share: 59 for 95 % at 95 % confidence, 299 for 99 %."""
    return math.ceil(math.log(alpha) / math.log(share) - 1e-9)


def alpha_of(attempt: int, alpha: float) -> float:
    """Return what the attempt, from 0, may spend of alpha: all attempts together never more than all of it."""
    return float(alpha / 2.0 ** (attempt + 1))


def mean_at_most(values: Sequence[float], alpha: float) -> float:
    """Return the upper bound of a mean, by Student's t: exact for normal values, near it for a mean of many."""
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        return math.inf
    reach = student_quantile(1.0 - alpha, len(sample) - 1)
    return float(sample.mean() + reach * sample.std(ddof=1) / math.sqrt(len(sample)))


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """An exact test that a share is reached, which may stop at every look.

    Attributes
    ----------
    share : float
        That is to be proved.
    alpha : float
        Probability that it is said to be proved and is not so.
    looks : tuple of int
        Winters at which one looks, ascending.
    allowed : tuple of int
        Failures at most by then; -1 where no count would do.
    """

    share: float
    alpha: float
    looks: tuple[int, ...]
    allowed: tuple[int, ...]

    @classmethod
    def of(cls, share: float, alpha: float, most: int, *, growth: float = 1.4) -> SequentialTest:
        """Return the test with looks from the fewest winters that can prove it, growing, up to `most`.

        Parameters
        ----------
        share, alpha : float
        most : int
            Winters at the last look.
        growth : float
            From one look to the next.
        """
        looks = [winters_without_failure(share, FIRST_LOOK * alpha)]
        while looks[-1] * growth < most:
            looks.append(math.ceil(looks[-1] * growth))
        return cls.at(share, alpha, [look for look in looks if look < most / math.sqrt(growth)] + [most])

    @classmethod
    def at(cls, share: float, alpha: float, looks: Sequence[int]) -> SequentialTest:
        """Return the test that looks after so many winters, ascending; looks that cannot pass are left out."""
        spend = [alpha * (number + 1) / len(looks) for number in range(len(looks))]
        allowed = _allowed(share, looks, spend)
        useful = [(n, c) for n, c in zip(looks, allowed, strict=True) if c >= 0 or n == looks[-1]]
        return cls(share, alpha, tuple(n for n, _ in useful), tuple(c for _, c in useful))

    @property
    def most(self) -> int:
        """Winters at the last look."""
        return self.looks[-1]

    def passed(self, failures: int, winters: int) -> bool:
        """Return whether so many failures at the look after so many winters prove the share."""
        return winters in self.looks and failures <= self.allowed[self.looks.index(winters)]

    def hopeless(self, failures: int, winters: int) -> bool:
        """Return whether no further winters could prove it, or only by great luck; stopping then costs no alpha."""
        return self.chance(failures, winters) < _GREAT_LUCK

    def chance(self, failures: int, winters: int) -> float:
        """Return how likely further winters prove it after so many failures in so many winters.

        The true share is as likely as these winters make it, and before them as likely above the tested share as below:
        a beta density with the tested share as its mean and half a failure as its weight.
        """
        if failures > self.allowed[-1]:
            return 0.0
        later = [(n, c) for n, c in zip(self.looks, self.allowed, strict=True) if n > winters]
        lacking = (np.arange(_CELLS) + 0.5) / _CELLS  # share of winters that fail
        weight = (failures - 0.5) * np.log(lacking) + (winters - failures + 0.5 / (1.0 - self.share) - 1.5) * np.log1p(
            -lacking
        )
        below = np.cumsum(np.exp(weight - weight.max()))
        shares = 1.0 - lacking[np.searchsorted(below, (np.arange(_NODES) + 0.5) / _NODES * below[-1])]
        looks, allowed = [n - winters for n, _ in later], [c - failures for _, c in later]
        return float(np.mean([sum(_crossings(float(share), looks, allowed)) for share in shares]))

    def power(self, share: float) -> float:
        """Return the probability that it passes when the share is this in truth."""
        return float(sum(_crossings(share, self.looks, self.allowed)))


@cache
def provable(share: float, alpha: float, winters: int) -> float:
    """Return the least true share that passes more often than not when so many winters may be spent on its proof."""
    test = SequentialTest.of(share, alpha, max(winters, winters_without_failure(share, FIRST_LOOK * alpha)))
    low, high = share, 1.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if test.power(middle) >= _LIKELY else (middle, high)
    return high


def _allowed(share: float, looks: Sequence[int], spend: Sequence[float]) -> list[int]:
    allowed: list[int] = []
    state, before, spent = np.ones(1), 0, 0.0
    for look, budget in zip(looks, spend, strict=True):
        state = np.convolve(state, binomial(look - before, 1.0 - share))
        crossed = np.cumsum(state)
        fits = np.flatnonzero(spent + crossed <= budget + 1e-12)
        allowed.append(int(fits[-1]) if len(fits) else -1)
        if len(fits):
            spent += float(crossed[fits[-1]])
            state[: fits[-1] + 1] = 0.0
        before = look
    return allowed


def _crossings(share: float, looks: Sequence[int], allowed: Sequence[int]) -> list[float]:
    """Return the probability of passing first at each look."""
    state: npt.NDArray[np.float64] = np.ones(1)
    before, found = 0, []
    for look, most in zip(looks, allowed, strict=True):
        state = np.convolve(state, binomial(look - before, 1.0 - share))
        found.append(float(state[: max(most + 1, 0)].sum()))
        state[: max(most + 1, 0)] = 0.0
        before = look
    return found
