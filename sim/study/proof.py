"""What an attempt's winters prove, look by look: that every goal is reached, or that one is not.

Either is a sentence with a confidence, and each is paid for out of an alpha of its own. That all goals are reached
costs one test for each of them at the whole of an attempt's part, since all must pass. That one of them is not is the
same exact test turned round (so few winters are kept that a share that is reached would hardly ever show it); here any
one goal or limit may speak untruly, so they divide the part among them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .certificate import SequentialTest, mean_at_most
from .decision import Decision

__all__ = ["Proof"]

Floats = npt.NDArray[np.float64]
_EARLY = (0.15, 0.3, 0.5, 0.75)  # of the winters at the first look that can pass: an attempt may end there
_SURE = 20  # winters at least before one is denied: fewer would not tell what forbids it


class Proof:
    """What the winters of one attempt have shown so far.

    Parameters
    ----------
    decision : Decision
    alpha : float
        What it may spend on passing, and as much again on showing that a goal or a limit is not kept.
    most : int
        Winters at most.

    Attributes
    ----------
    looks : list of int
        Winters after which one looks, ascending.
    done : int
        Looks so far at which it could have passed.
    hopeless : bool
        Whether further winters would pass only by great luck.
    refuted, exceeded : set of int
        Goals that are surely not reached, and limits that the means surely pass.
    """

    def __init__(self, decision: Decision, alpha: float, most: int) -> None:
        self.decision, self.alpha = decision, alpha
        self._tests = [SequentialTest.of(goal.share, alpha, most) for goal in decision.goals]
        self._passing = sorted({look for test in self._tests for look in test.looks})
        early = {math.ceil(share * self._passing[0]) for share in _EARLY}
        self.looks = sorted({*early, *self._passing})
        self._denying = [look for look in self.looks if look >= _SURE] or self.looks[-1:]
        self._against = alpha / (len(decision.goals) + len(decision.limits))
        self._turned = [SequentialTest.at(1.0 - goal.share, self._against, self._denying) for goal in decision.goals]
        self._proved, self._below = [False] * len(self._tests), [False] * len(decision.limits)
        self.done = 0
        self.hopeless = False
        self.refuted: set[int] = set()
        self.exceeded: set[int] = set()

    @property
    def passed(self) -> bool:
        """Whether every goal is reached, and every mean below its limit."""
        return all(self._proved) and all(self._below)

    @property
    def denied(self) -> bool:
        """Whether a goal is shown not to be reached, or a limit to be passed."""
        return bool(self.refuted or self.exceeded)

    def look(self, values: Floats) -> None:
        """Look at all winters so far, shape (winter, column), as many as one of :attr:`looks`."""
        winters, failures = len(values), self.decision.failures(values)
        passing, denying = winters in self._passing, winters in self._denying
        self.done += passing
        for number, test in enumerate(self._tests):
            self._proved[number] = self._proved[number] or test.passed(failures[number], winters)
            if self._turned[number].passed(winters - failures[number], winters):
                self.refuted.add(number)
        means = values[:, 1 + self.decision.conditions :]
        played = means[np.isfinite(values[:, 0])]
        for number, limit in enumerate(self.decision.limits):
            if passing and not self._below[number]:
                whole = np.nan_to_num(means[:, number], nan=math.inf)
                self._below[number] = mean_at_most(whole.tolist(), self.alpha / len(self._passing)) <= limit
            spend = self._against / len(self._denying)
            if denying and -mean_at_most((-played[:, number]).tolist(), spend) > limit:
                self.exceeded.add(number)
        pairs = zip(self._tests, self._proved, failures, strict=True)
        self.hopeless = any(not proved and test.hopeless(lost, winters) for test, proved, lost in pairs)
