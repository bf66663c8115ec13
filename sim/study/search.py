"""The search for the cheapest policy, and its certificate: two stages that never share a winter.

*Search*: policies spread over the levers' ranges are played on the same few winters; a surrogate of every margin
(:mod:`surrogate`) foresees which winters any other policy would keep; policies at the edge between what is kept and
what is cheap are played next, until the design is full. *Certificate*: the cheapest policy that is foreseen to pass is
played on winters that the search never saw, and is certified, or is not, by an exact test (:mod:`certificate`). What a
failed one taught corrects the foresight for the next, which meets fresh winters again. A certified policy may be
followed by a cheaper attempt, as long as winters are left.

Nothing here knows of heat: policies are rows of settings, and a winter's cost and margins come from a function.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...scenarios.chance import stream
from .certificate import SequentialTest, alpha_of, at_least, at_most, mean_at_most, winters_without_failure
from .surrogate import Predicted, Surrogate, cleared, monotone, normal_share

__all__ = ["Attempt", "Evaluate", "Found", "Goal", "Policy", "Problem", "Row", "Search"]

Floats = npt.NDArray[np.float64]
Policy = tuple[int, ...]
"""The row of each lever's setting."""

Evaluate = Callable[[Sequence[Policy], Sequence[int]], Floats]
"""Play policies on winters: shape (policy, winter, 1 + condition + mean): cost, margins, then numbers whose mean is
limited. A margin is NaN where nothing was to be kept; the cost is NaN where a winter could not be played."""

Status = Literal["certified", "infeasible", "not_certified", "budget"]
FRESH = 1_000_000  # number of the first winter that a certificate may use
EXPLAIN = 2_000_000  # and of the first one that explains
LARGEST_GRID = 60_000
_SEARCH_SHARE = 0.4  # of the seasons that the search may use
_FEWEST, _MOST_WINTERS = 8, 48  # of the search
_SLACK = 2.0  # standard errors above the share at which a first attempt is made
_NEAR = 0.75  # ranges of levers, added up, within which a played policy's winters say something of another
_TESTED = 400  # fresh winters of an attempt that foresee its neighbours


@dataclass(frozen=True, slots=True)
class Goal:
    """Conditions, as columns, that hold together in at least a share of winters."""

    columns: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Problem:
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
        Probability that a winter is kept, as the search foresaw it.
    passed : bool
    broken : tuple of int
        Winters in which each condition was broken.
    cost_cny, cost_se : float
        Mean cost over these winters and its standard error, the levers' own included [CNY].
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
    """

    status: Status
    policy: Policy
    attempts: list[Attempt] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    seasons: int = 0
    needed: int = 0

    @property
    def certified(self) -> Attempt | None:
        """The attempt that certifies the policy."""
        passed = [attempt for attempt in self.attempts if attempt.passed and attempt.policy == self.policy]
        return passed[-1] if passed else None


class Search:
    """A search with its design, its foresight and its purse.

    Parameters
    ----------
    problem : Problem
    evaluate : callable
    budget : int
        Seasons at most.
    confidence : float
        Of the certificate.
    per_winter : int
        Seasons that one winter of one policy takes (several scenarios are played at once).
    seed : int
        Of the design.
    """

    def __init__(
        self,
        problem: Problem,
        evaluate: Evaluate,
        *,
        budget: int,
        confidence: float = 0.95,
        per_winter: int = 1,
        seed: int = 1,
    ) -> None:
        self.problem, self._evaluate, self.budget = problem, evaluate, budget
        self.alpha, self.per_winter = 1.0 - confidence, per_winter
        self.grid = np.array(list(itertools.product(*(range(count) for count in problem.shape))), dtype=np.int64)
        self.at = self.grid / np.maximum(np.array(problem.shape) - 1, 1)
        self.extra = np.array([problem.extra(tuple(policy)) for policy in self.grid.tolist()])
        self.seasons = 0
        self.design: list[int] = []
        self.played = np.zeros((0, 0, 0))
        self.contrary: set[tuple[int, int]] = set()
        self.tested: list[tuple[int, Floats]] = []  # attempted policies and the margins of their fresh winters
        self._stream = stream(seed, 0, "plan")

    # ------------------------------------------------------------------ the whole

    def run(self) -> Found:
        """Search, certify, and say what binds."""
        strictest = max(goal.share for goal in self.problem.goals)
        proof = winters_without_failure(strictest, alpha_of(0, self.alpha) * 0.4)
        points, winters = self._sizes(proof)
        needed = self.per_winter * (points * winters + proof)
        if winters < 2:
            return Found("budget", self._policy(len(self.grid) - 1), needed=needed)
        self._begin(points, winters)
        while len(self.design) < points and self._refine(min(2, points - len(self.design))):
            pass
        found = Found("not_certified", self._policy(self._hopeful()))
        if self._left() < proof:
            found.status, found.needed = "budget", needed
            found.policy = self._policy(self._candidate(strictest) or self._hopeful())
        else:
            self._certify(found)
        self._explain(found)
        found.seasons = self.seasons
        return found

    def _sizes(self, proof: int) -> tuple[int, int]:
        """Return how many policies and winters the search's design has."""
        levers = len(self.problem.shape)
        purse = self.budget / self.per_winter
        affordable = max(min(_SEARCH_SHARE * purse, purse - 3 * proof), 0.2 * purse)
        points = min(8 * levers + 8, len(self.grid))
        winters = int(affordable / points)
        if winters < _FEWEST:
            points = max(min(levers + 3, points), min(points, int(affordable / _FEWEST)))
            winters = int(affordable / points)
        return points, min(winters, _MOST_WINTERS)

    def _left(self) -> int:
        """Return how many winters of one policy the purse still holds."""
        return (self.budget - self.seasons) // self.per_winter

    def _play(self, policies: Sequence[Policy], winters: Sequence[int]) -> Floats:
        self.seasons += len(policies) * len(winters) * self.per_winter
        return self._evaluate(policies, winters)

    # ------------------------------------------------------------------ the search

    def _begin(self, points: int, winters: int) -> None:
        """Play the first design: corners, what theory suggests, the middle, and policies far from all of these."""
        shape = np.array(self.problem.shape)
        first = [shape - 1, shape * 0, (shape - 1) // 2, *(np.array(policy) for policy in self.problem.seeds)]
        wanted = list(dict.fromkeys(self._row(policy) for policy in first))[:points]
        while len(wanted) < max(len(wanted), round(0.6 * points)) or len(wanted) < min(3, points):
            if len(self.grid) == len(wanted):
                break
            some = self._stream.integers(0, len(self.grid), 200)
            gap = np.abs(self.at[some][:, None] - self.at[wanted][None]).sum(axis=2).min(axis=1)
            wanted.append(int(some[np.argmax(gap)]))
        self._winters = list(range(winters))
        self._extend(list(dict.fromkeys(wanted)))

    def _extend(self, rows: list[int]) -> None:
        values = self._play([self._policy(row) for row in rows], self._winters)
        self.played = values if not self.design else np.concatenate([self.played, values])
        self.design += rows
        self._fit()

    def _fit(self) -> None:
        """Fit the surrogates: margins in their typical size, costs as they are."""
        at = self.at[self.design]
        winters = np.isfinite(self.played[:, :, 0]).all(axis=0)
        whole = self.played[:, winters] if winters.sum() >= 2 else np.nan_to_num(self.played, nan=-1.0)
        shape = self.problem.shape
        self._moved: dict[tuple[int, tuple[int, ...]], tuple[npt.NDArray[np.int64], Floats]] = {}
        cost = Surrogate.fit(at, whole[:, :, 0]).predict(self.at)
        self.cost = cost.mean + self.extra
        self.each: list[Floats] = []
        self.scales: list[float] = []
        found: list[Floats] = []
        self.predicted: list[Predicted] = []
        for column in range(self.problem.conditions):
            scale, margins = bent(whole[:, :, 1 + column])
            self.scales.append(scale)
            found.append(margins)
            predicted = Surrogate.fit(at, margins).predict(self.at)
            axes = [lever for lever in self._rising(column) if not self._reversed(predicted, column, lever)]
            predicted = Predicted(
                monotone(predicted.mean, shape, axes), predicted.deviations, predicted.mean_sd, predicted.spread
            )
            self.predicted.append(predicted)
            self.each.append(cleared(predicted))
        self.searched = list(zip(self.design, np.moveaxis(np.array(found), 0, 2), strict=True))
        self.means = [
            Surrogate.fit(at, whole[:, :, 1 + self.problem.conditions + number]).predict(self.at)
            for number in range(len(self.problem.limits))
        ]

    def _rising(self, column: int) -> tuple[int, ...]:
        return self.problem.rising[column] if self.problem.rising else ()

    def _reversed(self, predicted: Predicted, column: int, lever: int) -> bool:
        """Return whether the winters say clearly that more of a lever harms what it is believed to help."""
        shift, error = self._slope(predicted, lever)
        contrary = shift < -3.0 * error and shift < -0.25
        (self.contrary.add if contrary else self.contrary.discard)((column, lever))
        return contrary

    def _slope(self, predicted: Predicted, lever: int) -> tuple[float, float]:
        """Return by how much a margin rises from a lever's least setting to its most, and how unsure that is."""
        most, least = self.at[:, lever] == self.at[:, lever].max(), self.at[:, lever] == 0.0
        shift = float((predicted.mean[most] - predicted.mean[least]).mean())
        error = float(np.hypot(predicted.mean_sd[most], predicted.mean_sd[least]).min())
        return shift, error

    def effects(self) -> Floats:
        """Return how a margin shifts over each lever's range in its typical size, shape (condition, lever)."""
        return np.array(
            [[self._slope(p, lever)[0] for lever in range(len(self.problem.shape))] for p in self.predicted]
        )

    def foreseen(self, without: int | None = None) -> Floats:
        """Return the probability that a winter keeps the goal that is kept least beyond its share, by policy.

        The surrogate foresees it everywhere; near a policy that was played its own winters, their margins moved by the
        surrogate, foresee it better, and best where an attempt has given many.

        Parameters
        ----------
        without : int, optional
            A condition that is left out.
        """
        worst, chosen = np.full(len(self.grid), np.inf), np.ones(len(self.grid))
        for goal in self.problem.goals:
            columns = [column for column in goal.columns if column != without]
            share = self._foreseen(columns)
            spare = _odds(share) - _odds(goal.share)
            chosen = np.where(spare < worst, share, chosen)
            worst = np.minimum(worst, spare)
        for limit, mean in zip(self.problem.limits, self.means, strict=True):
            sd = np.hypot(mean.mean_sd, mean.deviations.std(axis=1) / math.sqrt(mean.deviations.shape[1]))
            chosen = np.where(mean.mean + sd > limit, 0.0, chosen)
        return chosen

    def _foreseen(self, columns: Sequence[int]) -> Floats:
        kept = np.ones((len(self.grid), self.predicted[0].deviations.shape[1]))
        for column in columns:
            kept *= self.each[column]
        weight = np.full(len(self.grid), 0.3 * kept.shape[1])
        total = weight * kept.mean(axis=1)
        for number, (row, margins) in enumerate([*self.searched, *self.tested]):
            known = (number, tuple(columns))
            if known not in self._moved:
                self._moved[known] = self._moved_share(row, margins, columns)
            near, shares = self._moved[known]
            total[near] += shares[0] * shares[1]
            weight[near] += shares[0]
        result: Floats = total / weight
        return result

    def _moved_share(self, row: int, margins: Floats, columns: Sequence[int]) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the policies near a played one, how much its winters say of them, and what share they would keep."""
        far = np.abs(self.at - self.at[row]).sum(axis=1)
        near = np.flatnonzero(far < _NEAR)
        shares = np.empty((2, len(near)))
        shares[0] = len(margins) * np.exp(-4.0 * far[near])
        for first in range(0, len(near), 4_000):  # a few policies at a time: the whole would take much memory
            some = near[first : first + 4_000]
            moved = np.ones((len(some), len(margins)))
            for column in columns:
                predicted = self.predicted[column]
                sd = predicted.mean_sd[some] * np.minimum(far[some] / 0.3, 1.0) + 1e-6
                shift = predicted.mean[some] - predicted.mean[row]
                moved *= normal_share((margins[None, :, column] + shift[:, None]) / sd[:, None])
            shares[1, first : first + 4_000] = moved.mean(axis=1)
        return near, shares

    def _share(self) -> float:
        return max(goal.share for goal in self.problem.goals)

    def _candidate(self, share: float, without: int | None = None) -> int | None:
        """Return the cheapest policy that is foreseen to keep such a share, or None."""
        fits = np.flatnonzero(self.foreseen(without) >= share)
        return int(fits[np.argmin(self.cost[fits])]) if len(fits) else None

    def _hopeful(self) -> int:
        """Return the policy that is foreseen to keep most winters, of such the cheapest."""
        foreseen = self.foreseen()
        best = np.flatnonzero(foreseen >= foreseen.max() - 1e-9)
        return int(best[np.argmin(self.cost[best])])

    def _refine(self, many: int) -> bool:
        """Play policies at the edge: the cheapest foreseen to pass, and cheaper ones that might; False: none is new."""
        share, foreseen = self._share(), self.foreseen()
        target = min(share + 0.5 * math.sqrt(share * (1.0 - share) / 40.0), 0.5 * (1.0 + share))
        best = self._candidate(target)
        best = self._hopeful() if best is None else best
        rows = [best] if best not in self.design else []
        saving = (self.cost[best] - self.cost) / max(float(np.ptp(self.cost)), 1e-9)
        chance = 1.0 / (1.0 + np.exp(-2.0 * (_odds(foreseen) - _odds(target))))
        gap = np.abs(self.at[:, None] - self.at[self.design][None]).sum(axis=2).min(axis=1)
        score = np.maximum(saving, 0.0) * chance * np.minimum(gap / 0.3, 1.0)
        if best == self._hopeful() and foreseen[best] < target:  # nothing passes: look where most is kept
            score = foreseen * np.minimum(gap / 0.3, 1.0)
        for row in np.argsort(-score).tolist():
            if len(rows) >= many:
                break
            if score[row] > 1e-9 and row not in self.design and row not in rows:
                rows.append(row)
        if rows:
            self._extend(rows[:many])
        return bool(rows)

    # ------------------------------------------------------------------ the certificate

    def _certify(self, found: Found) -> None:
        """Put policies to the test on fresh winters, as long as one may pass and winters are left."""
        fresh, tried, passed = FRESH, set[int](), list[Attempt]()
        keep = self._explaining()
        for number in range(8):
            alpha = alpha_of(number, self.alpha)
            purse = self._left() - keep
            share = self._share()
            if purse < winters_without_failure(share, 0.4 * alpha):
                break
            row = self._next(purse, tried, passed)
            if row is None:
                break
            attempt = self._attempt(row, alpha, min(purse, self._worth(share, float(self.foreseen()[row]))), fresh)
            fresh += attempt.winters
            tried.add(row)
            found.attempts.append(attempt)
            if attempt.passed:
                passed.append(attempt)
        if passed:
            best = min(passed, key=lambda attempt: float(self.cost[self._row(attempt.policy)]))
            found.status, found.policy = "certified", best.policy
            return
        found.policy = self._policy(self._hopeful())
        last = next((a for a in found.attempts if a.policy == found.policy), None) or self._last(found, fresh)
        if last is None:
            return
        if last.passed:
            found.status = "certified"
        elif any(
            at_most(last.winters - failures, last.winters, 1.0 - self.alpha) < goal.share
            for goal, failures in zip(self.problem.goals, last.failures, strict=True)
        ):
            found.status = "infeasible"

    def _next(self, purse: int, tried: set[int], passed: Sequence[Attempt]) -> int | None:
        """Return the policy to be tried next: the cheapest with a fair chance to pass; None: none is worth it."""
        share, foreseen = self._share(), self.foreseen()
        error = math.sqrt(share * (1.0 - share) / min(purse, 400))
        open_ = np.ones(len(self.grid), dtype=np.bool_)
        open_[list(tried)] = False
        if passed:
            cheapest = min(float(self.cost[self._row(attempt.policy)]) for attempt in passed)
            open_ &= self.cost < cheapest - 0.01 * float(np.ptp(self.cost))
        failed = 0 if passed else len(tried)  # who failed may have been too hopeful of the next, too
        careful, cap = _SLACK + 1.5 * failed, 1.0 - (1.0 - share) * 0.5 ** (1.0 + 0.5 * failed)
        for slack in (careful, 0.5 * careful, *((-0.5, -2.5) if passed else ())):
            fits = np.flatnonzero(open_ & (foreseen >= min(share + slack * error, cap)))
            if len(fits):
                return int(fits[np.argmin(self.cost[fits])])
        fits = np.flatnonzero(open_ & (foreseen >= share))
        return int(fits[np.argmax(foreseen[fits])]) if len(fits) and not passed else None

    def _worth(self, share: float, foreseen: float) -> int:
        """Return how many winters an attempt is worth: enough to tell what is foreseen from the share."""
        gap = max(foreseen - share, 0.15 * (1.0 - share))
        return math.ceil(9.0 * share * (1.0 - share) / gap**2)

    def _attempt(self, row: int, alpha: float, most: int, first: int) -> Attempt:
        policy, problem = self._policy(row), self.problem
        tests = [SequentialTest.of(goal.share, alpha, max(most, winters_without_failure(goal.share, 0.4 * alpha)))
                 for goal in problem.goals]  # fmt: skip
        looks = sorted({look for test in tests for look in test.looks})
        values = np.zeros((0, 1 + problem.conditions + len(problem.limits)))
        proved, below = [False] * len(tests), [False] * len(problem.limits)
        done = 0
        for look in looks:
            more = range(first + len(values), first + look)
            values = np.concatenate([values, self._play([policy], more)[0]])
            done += 1
            failures = self._failures(values)
            for number, test in enumerate(tests):
                proved[number] = proved[number] or test.passed(failures[number], look)
            for number, limit in enumerate(problem.limits):
                column = np.nan_to_num(values[:, 1 + problem.conditions + number], nan=math.inf)
                below[number] = below[number] or mean_at_most(column.tolist(), alpha / len(looks)) <= limit
            if all(proved) and all(below):
                break
            if any(not p and t.hopeless(f, look) for p, t, f in zip(proved, tests, failures, strict=True)):
                break
        played = values[np.isfinite(values[:, 0])]
        sample = played[:_TESTED, 1 : 1 + problem.conditions]
        margins = [bent(column, scale)[1] for column, scale in zip(sample.T, self.scales, strict=True)]
        foreseen = float(self.foreseen()[row])
        self.tested.append((row, np.array(margins).T))
        costs = played[:, 0] + self.extra[row]
        spread = float(costs.std(ddof=1) / math.sqrt(len(costs))) if len(costs) > 1 else math.inf
        return Attempt(
            policy, first, len(values), self._failures(values), done, alpha, foreseen,
            all(proved) and all(below), self._broken(values), float(costs.mean()) if len(costs) else math.inf, spread,
        )  # fmt: skip

    def _failures(self, values: Floats) -> tuple[int, ...]:
        """Return the winters that did not keep each goal, one that could not be played among them."""
        lost = ~np.isfinite(values[:, 0])
        return tuple(
            int((lost | (values[:, [1 + column for column in goal.columns]] < 0).any(axis=1)).sum())
            for goal in self.problem.goals
        )

    def _broken(self, values: Floats) -> tuple[int, ...]:
        return tuple((values[:, 1 : 1 + self.problem.conditions] < 0).sum(axis=0).tolist())

    def _last(self, found: Found, fresh: int) -> Attempt | None:
        """Put the most hopeful policy to the test; None: too few winters are left."""
        most = self._left() - min(self._explaining(), self._left() // 2)
        if most < 10:
            return None
        alpha = alpha_of(len(found.attempts), self.alpha)
        found.attempts.append(self._attempt(self._row(found.policy), alpha, most, fresh))
        return found.attempts[-1]

    # ------------------------------------------------------------------ what binds

    def _explaining(self) -> int:
        """Return how many seasons are set aside to explain the answer."""
        rows = 1 + len(self.problem.shape) + 4
        return min(rows * 60, int(0.15 * self.budget / self.per_winter))

    def _explain(self, found: Found) -> None:
        """Play the answer, one step less of each lever, and the frontier on common winters, as far as seasons last."""
        policies = [found.policy, *self._less(found.policy), *self._frontier()]
        policies = list(dict.fromkeys(policies))
        winters = min(self._left() // len(policies), 100)
        if winters < 10:
            return
        values = self._play(policies, range(EXPLAIN, EXPLAIN + winters))
        for policy, of in zip(policies, values, strict=True):
            lost = ~np.isfinite(of[:, 0])
            for goal in self.problem.goals:
                lost |= (of[:, [1 + column for column in goal.columns]] < 0).any(axis=1)
            cost = float(np.nanmean(of[:, 0])) + self.problem.extra(policy)
            found.rows.append(Row(policy, winters, int((~lost).sum()), self._broken(of), cost))

    def _less(self, policy: Policy) -> list[Policy]:
        return [(*policy[:lever], row - 1, *policy[lever + 1 :]) for lever, row in enumerate(policy) if row > 0]

    def _frontier(self) -> list[Policy]:
        """Return the cheapest policies foreseen to keep some shares, from few winters to nearly all."""
        share = self._share()
        levels = (share - 3 * (1 - share), share - (1 - share), 0.5 * (1 + share), 0.25 * (3 + share))
        rows = [self._candidate(level) for level in levels if level > 0]
        return [self._policy(row) for row in rows if row is not None]

    def prices(self) -> tuple[list[float], float]:
        """Return what each condition costs, and one in a hundred winters more [CNY]; NaN where nothing is foreseen."""
        share = self._share()
        base = self._candidate(share)
        if base is None:
            return [math.nan] * self.problem.conditions, math.nan
        dropped = [self._candidate(share, column) for column in range(self.problem.conditions)]
        more = self._candidate(min(share + 0.01, 0.5 * (1.0 + share)))
        price = math.nan if more is None else float(self.cost[more] - self.cost[base])
        return [math.nan if row is None else float(self.cost[base] - self.cost[row]) for row in dropped], price

    # ------------------------------------------------------------------ rows and policies

    def _policy(self, row: int) -> Policy:
        return tuple(self.grid[row].tolist())

    def _row(self, policy: Sequence[int] | npt.NDArray[np.int64]) -> int:
        return int(np.ravel_multi_index(tuple(int(part) for part in policy), self.problem.shape))

    def share_at_least(self, row: Row) -> float:
        """Return the share that a row's winters prove, all rows of an answer at once."""
        return at_least(row.kept, row.winters, 1.0 - self.alpha / 10.0)


def bent(margins: Floats, scale: float | None = None) -> tuple[float, Floats]:
    """Return the typical size of margins, and the margins in it, bent by asinh, with the same sign.

    Parameters
    ----------
    margins : array
        NaN where nothing was to be kept: as if it were kept well.
    scale : float, optional
        When the size is known already.
    """
    present = margins[np.isfinite(margins) & (margins != 0)]
    if scale is None:
        scale = max(float(np.median(np.abs(present))), 1e-12) if len(present) else 1.0
    bare = np.arcsinh(margins / scale)
    bare = np.where(margins == 0.0, 0.3, bare)  # kept with nothing to spare
    kept = bare[np.isfinite(bare) & (bare > 0)]
    return scale, np.where(np.isfinite(bare), bare, float(np.median(kept)) if len(kept) else 1.0)


def _odds(share: Floats | float) -> Floats:
    clipped = np.clip(share, 1e-4, 1.0 - 1e-4)
    result: Floats = np.log(clipped / (1.0 - clipped))
    return result
