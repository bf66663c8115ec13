"""The best of many policies, with a promise: ranking and selection on common winters.

``select_best`` is the fully sequential procedure KN: winter by winter it drops policies that fall behind for certain,
until one is left. If the best is better than all others by at least the indifference, it is the one chosen with at
least the stated confidence; common winters are allowed, and save most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Selection", "select_best"]

Floats = npt.NDArray[np.float64]
_FIRST = 10  # winters of every policy before any is dropped


@dataclass(frozen=True, slots=True)
class Selection:
    """What came of a selection.

    Attributes
    ----------
    best : int
        The policy chosen; of those left, the one with the best mean when the winters ran out.
    certain : bool
        Whether one alone was left, so that the promise holds.
    left : tuple of int
        Policies not dropped.
    winters : tuple of int
        How many winters each policy was played for.
    mean : tuple of float
        Each policy's mean over its winters.
    """

    best: int
    certain: bool
    left: tuple[int, ...]
    winters: tuple[int, ...]
    mean: tuple[float, ...]


def select_best(
    observe: Callable[[Sequence[int], int, int], Floats],
    policies: int,
    *,
    indifference: float,
    confidence: float = 0.95,
    first: int = _FIRST,
    most: int = 10_000,
    stride: int = 1,
) -> Selection:
    """Return the policy with the largest mean.

    Parameters
    ----------
    observe : callable
        ``observe(policies, start, stop)`` plays winters `start` to ``stop - 1`` of some policies and returns what is
        to be large, shape (policy, winter); the same winters for all of them.
    policies : int
        How many there are, at least 1.
    indifference : float
        The least difference that matters, in the unit of what is observed.
    confidence : float
        With which the best is chosen when it is better by at least the indifference.
    first : int
        Winters of every policy before any is dropped, at least 2.
    most : int
        Winters of a policy at most.
    stride : int
        Winters played between two looks: every winter is looked at, but those of dropped policies are wasted.

    Notes
    -----
    Kim and Nelson, ACM TOMACS 11 (2001) 251, with c = 1: η = ½[(2α/(k-1))^(-2/(n₀-1)) - 1], h² = 2η(n₀-1); policy i is
    dropped when its mean is below another's by more than max(0, δ/(2r) (h² S²/δ² - r)), S² being the variance of their
    paired differences over the first n₀ winters. Where that allowance has come down to nothing, the first of policies
    that are even to the last bit stays. The promise supposes normal differences.
    """
    if policies < 1 or first < 2 or indifference <= 0 or not 0 < confidence < 1:
        raise ValueError("at least one policy, two first winters, a positive indifference, 0 < confidence < 1 wanted")
    left = list(range(policies))
    seen = [np.zeros(0)] * policies
    done = 0

    def play(stop: int) -> None:
        nonlocal done
        for policy, values in zip(left, observe(tuple(left), done, stop), strict=True):
            seen[policy] = np.concatenate((seen[policy], values))
        done = stop

    play(first)
    if policies == 1:
        return _selection(left, seen)
    alpha = 1.0 - confidence
    h2 = (first - 1) * ((2.0 * alpha / (policies - 1)) ** (-2.0 / (first - 1)) - 1.0)
    initial = np.array([values[:first] for values in seen])
    variance = np.array([[float(np.var(a - b, ddof=1)) for b in initial] for a in initial])
    look = first
    while True:
        means = np.array([values[:look].mean() for values in seen])
        allowed = np.maximum(0.0, 0.5 * indifference / look * (h2 * variance / indifference**2 - look))
        left = [i for i in left if not any(_behind(means, allowed, i, j) for j in left if j != i)]
        if len(left) == 1 or look >= most:
            return _selection(left, seen)
        look += 1
        if look > done:
            play(min(done + stride, most))


def _behind(means: Floats, allowed: Floats, i: int, j: int) -> bool:
    """Return whether policy i falls behind j for certain; of two that are even at the very end, the second does."""
    even = allowed[i, j] == 0.0 and means[i] == means[j] and i > j
    return bool(means[i] < means[j] - allowed[i, j] or even)


def _selection(left: Sequence[int], seen: Sequence[Floats]) -> Selection:
    means = tuple(float(values.mean()) for values in seen)
    best = max(left, key=lambda policy: means[policy])
    return Selection(best, len(left) == 1, tuple(left), tuple(len(values) for values in seen), means)
