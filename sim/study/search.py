"""The search for the cheapest policy, and its certificate: two stages that never share a winter.

*Search*: policies spread over the levers' ranges are played on the same few winters; a surrogate of every margin
(:mod:`surrogate`) foresees which winters any other policy would keep; policies at the edge between what is kept and
what is cheap are played next, until the design is full. *Trial*: the cheapest policy that is foreseen to pass meets
more winters of the search, the same for all that come so far; they cost no alpha, correct the foresight, and only one
that still is the cheapest goes on. *Certificate*: it is played on winters that the search never saw, and is certified,
or is not, by exact tests (:mod:`proof`), given up early where passing has become unlikely. What a failed one
taught corrects the foresight for the next, which meets fresh winters again. A certified policy may be followed by a
cheaper attempt, as long as winters are left.

Nothing here knows of heat: policies are rows of settings, and a winter's cost and margins come from a function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...scenarios.chance import stream
from .certificate import (
    FIRST_LOOK,
    alpha_of,
    at_least,
    provable,
    winters_without_failure,
)
from .decision import Attempt, Decision, Evaluate, Found, Policy, Row, Untried
from .foresight import Foresight, odds
from .proof import Proof

__all__ = ["Search"]

Floats = npt.NDArray[np.float64]
TRIAL = 500_000  # number of the first winter of a trial
FRESH = 1_000_000  # number of the first winter that a certificate may use
EXPLAIN = 2_000_000  # and of the first one that explains
_SEARCH_SHARE = 0.4  # of the seasons that the search may use
_FEWEST, _MOST_WINTERS = 12, 48  # of the search
_ATTEMPTS = 8  # at most
_TRIALS = 6  # at most before an attempt
_PARTS = 4  # of a trial, none of them empty: it ends after one in which far too many winters have failed
_LIFTED = 4  # winters lost in a trial that are looked into: more, and the policy is plainly too weak
_TRIED_SHARE = 0.4  # of the seasons left, for trials
_FEW = 10  # winters: fewer say nothing
_WORTH = 0.01  # of the range of costs: less is not worth another attempt
_DARING = 2.5  # standard errors below the share down to which a cheaper attempt may follow a certified policy
_SLACK = 2.0  # standard errors above the share at which a first attempt is made
_TESTED = 400  # winters of an attempt: so many foresee its neighbours, and so many are reckoned with beforehand


class Search:
    """A search with its design, its foresight and its purse.

    Parameters
    ----------
    decision : Decision
    evaluate : callable
    budget : int
        Seasons at most; never passed.
    confidence : float
        Of the certificate.
    per_winter : int
        Seasons that one winter of one policy takes (several scenarios are played at once).
    spent : int
        Seasons of the budget that were played before.
    seed : int
        Of the design.
    """

    def __init__(
        self,
        decision: Decision,
        evaluate: Evaluate,
        *,
        budget: int,
        confidence: float = 0.95,
        per_winter: int = 1,
        spent: int = 0,
        seed: int = 1,
    ) -> None:
        self.decision, self._evaluate, self.budget = decision, evaluate, budget
        self.alpha, self.per_winter = 1.0 - confidence, per_winter
        self.foresight = Foresight(decision)
        self.seasons = self._spent = spent
        self.winters: list[int] = []
        self._stream = stream(seed, 0, "plan")
        self._trials: set[int] = set()

    # ------------------------------------------------------------------ the whole

    def run(self) -> Found:
        """Search, certify, and say what binds."""
        fore = self.foresight
        proof = winters_without_failure(fore.share, FIRST_LOOK * alpha_of(0, self.alpha))
        points, winters = self._sizes(self._whole, proof)
        if winters < 2:
            return Found("budget", fore.policy(len(fore.grid) - 1), seasons=self.seasons, needed=self._needed(proof))
        self._begin(points, winters)
        while len(fore.design) < points and self._refine(min(2, points - len(fore.design))):
            pass
        found = Found("not_certified", fore.policy(fore.hopeful()))
        if self._left() < proof:
            found.status, found.needed = "budget", self._needed(proof)
            found.policy = fore.policy(fore.best(fore.share))
        else:
            self._certify(found)
        self._explain(found)
        found.seasons = self.seasons
        return found

    def _sizes(self, purse: float, proof: int) -> tuple[int, int]:
        """Return how many policies and winters the search's design has, with so many winters of one policy in all."""
        levers = len(self.decision.shape)
        affordable = max(min(_SEARCH_SHARE * purse, purse - 3 * proof), 0.2 * purse)
        points = min(8 * levers + 8, len(self.foresight.grid))
        winters = int(affordable / points)
        if winters < _FEWEST:
            points = max(min(levers + 3, points), min(points, int(affordable / _FEWEST)))
            winters = int(affordable / points)
        return points, min(winters, _MOST_WINTERS)

    def _needed(self, proof: int) -> int:
        """Return the fewest seasons, to a tenth, that make a whole design and certify a policy without failure."""
        purse = float(proof)
        while True:
            points, winters = self._sizes(purse, proof)
            aside = self._explaining(purse)
            if winters >= _FEWEST and int(purse) - points * winters - aside >= proof:
                return self._spent + self.per_winter * math.ceil(purse)
            purse *= 1.1

    @property
    def _whole(self) -> float:
        """Winters of one policy that the budget holds before anything is searched."""
        return max(self.budget - self._spent, 0) / self.per_winter

    def _left(self) -> int:
        """Return how many winters of one policy the budget still holds."""
        return (self.budget - self.seasons) // self.per_winter

    def _purse(self) -> int:
        """Return how many of them may go into trials and attempts: the others explain the answer."""
        return self._left() - self._explaining(self._whole)

    def _play(self, policies: Sequence[Policy], winters: Sequence[int]) -> Floats:
        """Play policies on winters and pay for them; who asks has looked into the purse before."""
        cost = len(policies) * len(winters) * self.per_winter
        if self.seasons + cost > self.budget:
            raise RuntimeError(f"{cost} seasons asked for, {self.budget - self.seasons} left")
        self.seasons += cost
        return self._evaluate(policies, winters)

    # ------------------------------------------------------------------ the search

    def _begin(self, points: int, winters: int) -> None:
        """Play the first design: corners, what theory suggests, the middle, and policies far from all of these."""
        fore = self.foresight
        shape = np.array(self.decision.shape)
        first = [shape - 1, shape * 0, (shape - 1) // 2, *(np.array(policy) for policy in self.decision.seeds)]
        wanted = list(dict.fromkeys(fore.row_of(policy) for policy in first))[:points]
        while len(wanted) < max(len(wanted), round(0.6 * points)) or len(wanted) < min(3, points):
            if len(fore.grid) == len(wanted):
                break
            some = self._stream.integers(0, len(fore.grid), 200)
            gap = np.abs(fore.at[some][:, None] - fore.at[wanted][None]).sum(axis=2).min(axis=1)
            wanted.append(int(some[np.argmax(gap)]))
        self.winters = list(range(winters))
        self._extend(list(dict.fromkeys(wanted)))

    def _extend(self, rows: list[int]) -> None:
        fore = self.foresight
        fore.learn(rows, self._play([fore.policy(row) for row in rows], self.winters))

    def _refine(self, many: int) -> bool:
        """Play policies at the edge: the cheapest foreseen to pass, and cheaper ones that might; False: none is new."""
        fore = self.foresight
        share, foreseen = fore.share, fore.foreseen()
        target = min(share + 0.5 * math.sqrt(share * (1.0 - share) / 40.0), 0.5 * (1.0 + share))
        best = fore.best(target)
        rows = [best] if best not in fore.design else []
        saving = (fore.cost[best] - fore.cost) / max(float(np.ptp(fore.cost)), 1e-9)
        chance = 1.0 / (1.0 + np.exp(-2.0 * (odds(foreseen) - odds(target))))
        gap = np.abs(fore.at[:, None] - fore.at[fore.design][None]).sum(axis=2).min(axis=1)
        score = np.maximum(saving, 0.0) * chance * np.minimum(gap / 0.3, 1.0)
        if best == fore.hopeful() and foreseen[best] < target:  # nothing passes: look where most is kept
            score = foreseen * np.minimum(gap / 0.3, 1.0)
        for row in np.argsort(-score).tolist():
            if len(rows) >= many:
                break
            if score[row] > 1e-9 and row not in fore.design and row not in rows:
                rows.append(row)
        if rows:
            self._extend(rows[:many])
        return bool(rows)

    # ------------------------------------------------------------------ the certificate

    def _certify(self, found: Found) -> None:
        """Put policies to the test on fresh winters, as long as one may pass and winters are left."""
        fore = self.foresight
        fresh, tried, passed = FRESH, set[int](), list[Attempt]()
        for number in range(_ATTEMPTS):
            alpha = alpha_of(number, self.alpha)
            proof = winters_without_failure(fore.share, FIRST_LOOK * alpha)
            if self._purse() < proof:
                break
            row = self._tried(proof, tried, passed)
            if row is None:
                break
            worth = self._worth(fore.share, float(fore.foreseen()[row]))
            attempt = self._attempt(row, alpha, min(self._purse(), max(worth, proof)), fresh)
            fresh += attempt.winters
            tried.add(row)
            found.attempts.append(attempt)
            if attempt.passed:
                passed.append(attempt)
        if passed:
            best = min(passed, key=lambda attempt: float(fore.cost[fore.row_of(attempt.policy)]))
            found.status, found.policy = "certified", best.policy
            return
        found.policy = fore.policy(fore.hopeful())
        if found.denial is None:
            self._last(found, fresh)
        found.status = "certified" if found.certified else "infeasible" if found.denial else "not_certified"

    def _tried(self, proof: int, tried: set[int], passed: Sequence[Attempt]) -> int | None:
        """Return the policy to be put to the test next: one that still is the next to be tried after its own trial.

        Trials never take of the winters that its proof needs.
        """
        fore = self.foresight
        winters = max(math.ceil(2.0 / (1.0 - fore.share)), _PARTS)
        least = max(proof, (1.0 - _TRIED_SHARE) * self._purse())
        for _ in range(_TRIALS):
            row = self._next(self._purse(), tried, passed)
            if row is None or row in self._trials or self._purse() - winters < least:
                return row
            values = self._trial(fore.policy(row), winters)
            margins = np.where(np.isfinite(values[:, :1]), values[:, 1 : 1 + self.decision.conditions], -1.0)
            self._trials.add(row)
            fore.learn_attempt(row, margins, self._lifted(fore.policy(row), margins, int(self._purse() - least)))
        return self._next(self._purse(), tried, passed)

    def _trial(self, policy: Policy, winters: int) -> Floats:
        """Play a policy on winters of the trial, a quarter at a time, until far too many have failed."""
        values = np.zeros((0, 1 + self.decision.conditions + len(self.decision.limits)))
        for part in range(_PARTS):
            more = range(TRIAL + len(values), TRIAL + winters * (part + 1) // _PARTS)
            values = np.concatenate([values, self._play([policy], more)[0]])
            lacking = [(1.0 - goal.share) * len(values) for goal in self.decision.goals]
            if any(n > 2 + 2 * few for n, few in zip(self.decision.failures(values), lacking, strict=True)):
                break
        return values

    def _lifted(self, policy: Policy, margins: Floats, spare: int) -> Floats | None:
        """Play the winters that a trial lost with each lever at its most: what would have kept them?

        None where few winters do not tell it, or would be more than can be spared.
        """
        lost = np.flatnonzero((margins < 0).any(axis=1))
        raised = [lever for lever, count in enumerate(self.decision.shape) if policy[lever] < count - 1]
        if not 0 < len(lost) <= _LIFTED or len(lost) * len(raised) > spare:
            return None
        lifted = np.full((len(policy), *margins.shape), math.nan)
        for lever in raised:
            most = (*policy[:lever], self.decision.shape[lever] - 1, *policy[lever + 1 :])
            values = self._play([most], [TRIAL + int(winter) for winter in lost])[0]
            lifted[lever, lost] = values[:, 1 : 1 + self.decision.conditions]
        return lifted

    def _next(self, purse: int, tried: set[int], passed: Sequence[Attempt]) -> int | None:
        """Return the policy to be tried next: the cheapest with a fair chance to pass; None: none is worth it."""
        fore = self.foresight
        share, foreseen = fore.share, fore.foreseen()
        error = self._error(purse)
        open_ = np.ones(len(fore.grid), dtype=np.bool_)
        open_[list(tried)] = False
        if passed:
            open_ &= self._saves(min(float(fore.cost[fore.row_of(attempt.policy)]) for attempt in passed))
        failed = 0 if passed else len(tried)  # who failed may have been too hopeful of the next, too
        careful, cap = _SLACK + 1.5 * failed, 1.0 - (1.0 - share) * 0.5 ** (1.0 + 0.5 * failed)
        levels = [min(share + slack * error, cap) for slack in (careful, 0.5 * careful)]
        if passed:
            levels += [share - 0.5 * error, share - _DARING * error]
        else:  # few winters prove a share only where it is well exceeded
            levels.insert(0, max(levels[0], provable(share, alpha_of(len(tried), self.alpha), purse)))
        for level in levels:
            fits = np.flatnonzero(open_ & (foreseen >= level))
            if len(fits):
                return int(fits[np.argmin(fore.cost[fits])])
        fits = np.flatnonzero(open_ & (foreseen >= share))
        return int(fits[np.argmax(foreseen[fits])]) if len(fits) and not passed else None

    def _error(self, winters: int) -> float:
        """Return the standard error of the share that an attempt on so many winters finds."""
        return math.sqrt(self.foresight.share * (1.0 - self.foresight.share) / min(winters, _TESTED))

    def _saves(self, cost: float) -> npt.NDArray[np.bool_]:
        """Return which policies are foreseen to be so much cheaper that an attempt is worth it, shape (policy,)."""
        cheaper: npt.NDArray[np.bool_] = self.foresight.cost < cost - _WORTH * float(np.ptp(self.foresight.cost))
        return cheaper

    def _worth(self, share: float, foreseen: float) -> int:
        """Return how many winters an attempt is worth: enough to tell what is foreseen from the share."""
        gap = max(foreseen - share, 0.15 * (1.0 - share))
        return math.ceil(9.0 * share * (1.0 - share) / gap**2)

    def _attempt(self, row: int, alpha: float, most: int, first: int, *, patient: bool = False) -> Attempt:
        """Put a policy to the test, given up where it is hopeless; a patient one only where a goal is denied."""
        fore = self.foresight
        policy, decision = fore.policy(row), self.decision
        proof = Proof(decision, alpha, most)
        values = np.zeros((0, 1 + decision.conditions + len(decision.limits)))
        for look in proof.looks:
            more = range(first + len(values), first + look)
            values = np.concatenate([values, self._play([policy], more)[0]])
            proof.look(values)
            if proof.passed or proof.denied or (proof.hopeless and not patient):
                break
        played = values[np.isfinite(values[:, 0])]
        sample = played[:_TESTED, 1 : 1 + decision.conditions]
        foreseen = float(fore.kept()[row])
        fore.learn_attempt(row, sample)
        costs = played[:, 0] + fore.extra[row]
        spread = float(costs.std(ddof=1) / math.sqrt(len(costs))) if len(costs) > 1 else math.inf
        return Attempt(
            policy, first, len(values), decision.failures(values), proof.done, alpha, foreseen,
            proof.passed, decision.broken(values), float(costs.mean()) if len(costs) else math.inf, spread,
            tuple(sorted(proof.refuted)), tuple(sorted(proof.exceeded)),
            tuple(played[:, 1 + decision.conditions :].mean(axis=0).tolist()) if len(played) else (),
        )  # fmt: skip

    def _last(self, found: Found, fresh: int) -> None:
        """Put the most hopeful policy to the test, patiently, where winters for it are left."""
        most = self._left() - min(self._explaining(self._whole), self._left() // 2)
        if most >= _FEW:
            row = self.foresight.row_of(found.policy)
            alpha = alpha_of(len(found.attempts), self.alpha)
            found.attempts.append(self._attempt(row, alpha, most, fresh, patient=True))

    # ------------------------------------------------------------------ what binds

    def _explaining(self, purse: float) -> int:
        """Return how many winters of one policy are set aside to explain the answer."""
        rows = 1 + len(self.decision.shape) + 4
        return min(rows * 60, max(int(0.15 * purse), min(rows * _FEW, int(0.2 * purse))))

    def _explain(self, found: Found) -> None:
        """Play the answer, one step less of each lever, and the frontier on common winters, as far as seasons last.

        Where they do not last for all, the frontier is left out first: a few rows are told rather than none.
        """
        policies = list(dict.fromkeys([found.policy, *self._less(found.policy), *self._frontier()]))
        many = min(self._left() // _FEW, len(policies))
        if many < min(2, len(policies)):  # one row alone compares with nothing
            many = 0
        policies, found.unplayed = policies[:many], policies[many:]
        if not policies:
            return
        winters = min(self._left() // len(policies), 100)
        values = self._play(policies, range(EXPLAIN, EXPLAIN + winters))
        for policy, of in zip(policies, values, strict=True):
            lost = ~np.isfinite(of[:, 0])
            for goal in self.decision.goals:
                lost |= (of[:, [1 + column for column in goal.columns]] < 0).any(axis=1)
            cost = float(np.nanmean(of[:, 0])) + self.decision.extra(policy)
            found.rows.append(Row(policy, winters, int((~lost).sum()), self.decision.broken(of), cost))

    def _less(self, policy: Policy) -> list[Policy]:
        return [(*policy[:lever], row - 1, *policy[lever + 1 :]) for lever, row in enumerate(policy) if row > 0]

    def _frontier(self) -> list[Policy]:
        """Return the cheapest policies foreseen to keep some shares, from few winters to nearly all."""
        fore = self.foresight
        share = fore.share
        levels = (share - 3 * (1 - share), share - (1 - share), 0.5 * (1 + share), 0.25 * (3 + share))
        rows = [fore.candidate(level) for level in levels if level > 0]
        return [fore.policy(row) for row in rows if row is not None]

    def untried(self, policy: Policy, found: Found) -> Untried:
        """Return why a cheaper policy than the one that was certified was not, or not successfully, put to the test."""
        fore = self.foresight
        row = fore.row_of(policy)
        if any(attempt.policy == policy for attempt in found.attempts):
            return "failed"
        if fore.foreseen()[row] < fore.share - _DARING * self._error(_TESTED):
            return "unlikely"
        return "seasons" if self._saves(float(fore.cost[fore.row_of(found.policy)]))[row] else "little"

    def share_at_least(self, row: Row, rows: int) -> float:
        """Return the share that a row's winters prove, so many rows of an answer at once."""
        return at_least(row.kept, row.winters, 1.0 - self.alpha / rows)
