"""What is to be decided, in numbers alone, and what a search may come to: no heat, no winters, no surrogate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Attempt", "Decision", "Evaluate", "Found", "Goal", "Policy", "Row", "Untried"]

Floats = npt.NDArray[np.float64]
Policy = tuple[int, ...]
"""The row of each lever's setting."""

Evaluate = Callable[[Sequence[Policy], Sequence[int]], Floats]
"""Play policies on winters: shape (policy, winter, 1 + condition + mean): cost, margins, then numbers whose mean is
limited. A margin is NaN where nothing was to be kept; the cost is NaN where a winter could not be played."""

Untried = Literal["failed", "unlikely", "little", "seasons"]
"""Why a policy that costs less is not the answer: it was tried in vain, is hardly foreseen to pass, is foreseen to save
too little, or no seasons were left for it."""

Status = Literal["certified", "infeasible", "not_certified", "budget"]


@dataclass(frozen=True, slots=True)
class Goal:
    """Conditions, as columns, that hold together in at least a share of winters."""

    columns: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be decided.

    Attributes
    ----------
    shape : tuple of int
        Settings of each lever.
    extra_cny : tuple of tuple of float
        Cost of each setting beyond what a winter's cost holds [CNY].
    conditions : int
        Columns of margins.
    goals : tuple of Goal
    limits : tuple of float
        Of the means, in the order of their columns.
    rising : tuple of tuple of int
        For every condition the levers that cannot harm it.
    seeds : tuple of Policy
        Policies that theory suggests.
    """

    shape: tuple[int, ...]
    extra_cny: tuple[tuple[float, ...], ...]
    conditions: int
    goals: tuple[Goal, ...]
    limits: tuple[float, ...] = ()
    rising: tuple[tuple[int, ...], ...] = ()
    seeds: tuple[Policy, ...] = ()

    def failures(self, values: Floats) -> tuple[int, ...]:
        """Return the winters that did not keep each goal, one that could not be played among them.

        Parameters
        ----------
        values : array, shape (winter, column)
            As :data:`Evaluate` gives them for one policy.
        """
        lost = ~np.isfinite(values[:, 0])
        return tuple(
            int((lost | (values[:, [1 + column for column in goal.columns]] < 0).any(axis=1)).sum())
            for goal in self.goals
        )

    def broken(self, values: Floats) -> tuple[int, ...]:
        """Return the winters that broke each condition; parameters as in :meth:`failures`."""
        return tuple((values[:, 1 : 1 + self.conditions] < 0).sum(axis=0).tolist())

    def extra(self, policy: Policy) -> float:
        """Return what a policy costs beyond a winter's cost [CNY]."""
        return sum(costs[row] for costs, row in zip(self.extra_cny, policy, strict=True))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A policy that was put to the test on fresh winters.

    Attributes
    ----------
    policy : Policy
    first, winters : int
        The fresh winters that it met.
    failures : tuple of int
        Winters not kept, of each goal.
    looks : int
        How often one looked.
    alpha : float
        What it could spend.
    foreseen : float
        How likely a winter is kept, as :meth:`Foresight.kept` tells it.
    passed : bool
    broken : tuple of int
        Winters in which each condition was broken.
    cost_cny, cost_se : float
        Mean cost over these winters and its standard error, the levers' own included [CNY].
    refuted, exceeded : tuple of int
        Goals that these winters show not to be reached, and limits that the means surely pass.
    means : tuple of float
        Over these winters, of the numbers whose means are limited.
    """

    policy: Policy
    first: int
    winters: int
    failures: tuple[int, ...]
    looks: int
    alpha: float
    foreseen: float
    passed: bool
    broken: tuple[int, ...]
    cost_cny: float
    cost_se: float
    refuted: tuple[int, ...] = ()
    exceeded: tuple[int, ...] = ()
    means: tuple[float, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether its winters show that a goal is not reached, or a limit passed."""
        return bool(self.refuted or self.exceeded)


@dataclass(frozen=True, slots=True)
class Row:
    """A policy on the winters that explain: how many kept every goal, how many broke each condition, what it cost."""

    policy: Policy
    winters: int
    kept: int
    broken: tuple[int, ...]
    cost_cny: float


@dataclass(slots=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    status : str
        ``certified``; ``infeasible`` (not even the most hopeful policy reaches the share, which fresh winters confirm);
        ``not_certified`` (one may, but the winters did not suffice to prove it); ``budget`` (fewer seasons than any
        certificate takes).
    policy : Policy
        Certified, or the most hopeful.
    attempts : list of Attempt
    rows : list of Row
        The policy, one step less of every lever, and the frontier, on common winters.
    unplayed : list of Policy
        Those of them that no seasons were left for.
    """

    status: Status
    policy: Policy
    attempts: list[Attempt] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    unplayed: list[Policy] = field(default_factory=list)
    seasons: int = 0
    needed: int = 0

    def dominated(self, row: Row) -> bool:
        """Return whether another row costs no more and kept no fewer winters, and is better in one of these."""
        return any(
            other.kept >= row.kept
            and other.cost_cny <= row.cost_cny
            and (other.kept, other.cost_cny) != (row.kept, row.cost_cny)
            for other in self.rows
        )

    @property
    def certified(self) -> Attempt | None:
        """The attempt that certifies the policy."""
        passed = [attempt for attempt in self.attempts if attempt.passed and attempt.policy == self.policy]
        return passed[-1] if passed else None

    @property
    def denial(self) -> Attempt | None:
        """The attempt that shows that the policy does not reach what is asked."""
        denied = [attempt for attempt in self.attempts if attempt.denied and attempt.policy == self.policy]
        return denied[-1] if denied else None
