"""Foresight: which winters a policy that was not played would keep, from those that were.

One surrogate for every margin (:mod:`surrogate`) foresees it everywhere. Near a policy that was played its own winters,
their margins moved by the surrogate, foresee it better, and best where a trial or an attempt has given many; a winter
that was lost there and was played again with each lever at its most is moved by what that lever did to it. Levers that
physics forbids to harm a condition are believed, as long as the winters do not clearly say otherwise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .decision import Decision, Policy
from .surrogate import Predicted, Surrogate, cleared, monotone, normal_share

__all__ = ["Foresight", "bent", "odds"]

Floats = npt.NDArray[np.float64]
_STILL = 1e-6  # of a mean, below which it hardly differs between policies
_HARDLY = 0.01  # share of winters below which foreseen shares no longer tell policies apart
_NEAR, _NEAR_LIFTED = 0.75, 9.0  # ranges of levers, added up, within which a played policy's winters say something
_FADES, _FADES_LIFTED = 4.0, 0.7  # how quickly they say less, further off
_TIED = 0.1  # of the logarithm of odds: policies foreseen to differ by less are equally hopeful


class Foresight:
    """What the played winters say of every policy.

    Parameters
    ----------
    decision : Decision

    Attributes
    ----------
    grid, at : array, shape (policy, lever)
        All policies, as rows of settings and as shares of a lever's range.
    extra : array, shape (policy,)
        What a policy costs beyond a winter's cost [CNY].
    cost : array, shape (policy,)
        Foreseen mean cost [CNY].
    design : list of int
        Policies played, and in `played` what they came to, shape (policy, winter, column).
    contrary : set of (int, int)
        Conditions and levers that harm them, against what was believed.
    """

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.grid = np.array(list(itertools.product(*(range(count) for count in decision.shape))), dtype=np.int64)
        self.at = self.grid / np.maximum(np.array(decision.shape) - 1, 1)
        self.extra = np.array([decision.extra(tuple(policy)) for policy in self.grid.tolist()])
        self.share = max(goal.share for goal in decision.goals)
        self.design: list[int] = []
        self.played = np.zeros((0, 0, 0))
        self.contrary: set[tuple[int, int]] = set()
        # Attempted policies, the margins of their winters, and of those with each lever at its most (NaN: not played)
        self._tested: list[tuple[int, Floats, Floats | None]] = []

    def learn(self, rows: Sequence[int], values: Floats) -> None:
        """Take in policies of the design and what they came to on its winters, shape (policy, winter, column)."""
        self.played = values if not self.design else np.concatenate([self.played, values])
        self.design.extend(rows)
        self._fit()

    def learn_attempt(self, row: int, margins: Floats, lifted: Floats | None = None) -> None:
        """Take in the margins of a policy on winters that the design did not have.

        Parameters
        ----------
        row : int
        margins : array, shape (winter, condition)
        lifted : array, shape (lever, winter, condition), optional
            With one lever at its most; NaN in winters that were not played so.
        """
        bare = self._bare(margins)
        if lifted is not None:
            unplayed = np.isnan(lifted).all(axis=2)
            lifted = np.array([self._bare(of) for of in lifted])
            lifted[unplayed] = math.nan
        self._tested.append((row, bare, lifted))

    def _bare(self, margins: Floats) -> Floats:
        return np.array([bent(column, scale)[1] for column, scale in zip(margins.T, self._scales, strict=True)]).T

    def _fit(self) -> None:
        """Fit the surrogates: margins in their typical size, costs as they are."""
        at = self.at[self.design]
        winters = np.isfinite(self.played[:, :, 0]).all(axis=0)
        whole = self.played[:, winters] if winters.sum() >= 2 else np.nan_to_num(self.played, nan=-1.0)
        shape = self.decision.shape
        self._moved: dict[tuple[int, tuple[int, ...]], tuple[npt.NDArray[np.int64], Floats]] = {}
        cost = Surrogate.fit(at, whole[:, :, 0]).predict(self.at)
        self.cost = cost.mean + self.extra
        self._each: list[Floats] = []
        self._scales: list[float] = []
        found: list[Floats] = []
        self._predicted: list[Predicted] = []
        self._kept_shifts = np.zeros((self.decision.conditions, len(shape)))
        for column in range(self.decision.conditions):
            scale, margins = bent(whole[:, :, 1 + column])
            self._scales.append(scale)
            found.append(margins)
            predicted = Surrogate.fit(at, margins).predict(self.at)
            kept = self._kept_slopes(predicted)
            self._kept_shifts[column] = kept[0]
            axes = [lever for lever in self._rising(column) if not self._reversed(predicted, kept, column, lever)]
            predicted = Predicted(
                monotone(predicted.mean, shape, axes), predicted.deviations, predicted.mean_sd, predicted.spread
            )
            self._predicted.append(predicted)
            self._each.append(cleared(predicted))
        self._searched = list(zip(self.design, np.moveaxis(np.array(found), 0, 2), strict=True))
        self._means = [
            Surrogate.fit(at, whole[:, :, 1 + self.decision.conditions + number]).predict(self.at)
            for number in range(len(self.decision.limits))
        ]

    def _rising(self, column: int) -> tuple[int, ...]:
        return self.decision.rising[column] if self.decision.rising else ()

    def _reversed(self, predicted: Predicted, kept: Floats, column: int, lever: int) -> bool:
        """Return whether the winters say clearly that more of a lever harms what it is believed to help.

        Harm to a few hard winters hardly moves the mean margin: there the share of winters kept says it.
        """
        shift, error = self._slope(predicted, lever)
        fewer, doubt = kept[:, lever]
        contrary = (shift < -3.0 * error and shift < -0.25) or (fewer < -2.5 * doubt and fewer < -0.1)
        (self.contrary.add if contrary else self.contrary.discard)((column, lever))
        return contrary

    def _slope(self, predicted: Predicted, lever: int) -> tuple[float, float]:
        """Return by how much a margin rises from a lever's least setting to its most, and how unsure that is."""
        most, least = self.at[:, lever] == self.at[:, lever].max(), self.at[:, lever] == 0.0
        shift = float((predicted.mean[most] - predicted.mean[least]).mean())
        error = float(np.hypot(predicted.mean_sd[most], predicted.mean_sd[least]).min())
        return shift, error

    def _kept_slopes(self, predicted: Predicted) -> Floats:
        """Return by how much the share of winters kept rises over each lever's range, and how unsure that is."""
        kept, slopes = cleared(predicted), np.zeros((2, len(self.decision.shape)))
        for lever in range(len(self.decision.shape)):
            most, least = self.at[:, lever] == self.at[:, lever].max(), self.at[:, lever] == 0.0
            each = kept[most].mean(axis=0) - kept[least].mean(axis=0)
            slopes[:, lever] = each.mean(), each.std(ddof=1) / math.sqrt(len(each))
        return slopes

    def kept_effects(self) -> Floats:
        """Return by how much the share of winters that keep a condition rises over each lever's range.

        As the winters say it, whatever is believed; shape (condition, lever).
        """
        return self._kept_shifts

    def effects(self) -> Floats:
        """Return how a margin shifts over each lever's range in its typical size, shape (condition, lever)."""
        return np.array(
            [[self._slope(p, lever)[0] for lever in range(len(self.decision.shape))] for p in self._predicted]
        )

    def limit_effects(self) -> Floats:
        """Return by how much a limited mean moves over each lever's range, shape (limit, lever).

        As a share of what it moves by over all policies.
        """
        moved = np.zeros((len(self._means), len(self.decision.shape)))
        for number, mean in enumerate(self._means):
            whole = np.ptp(mean.mean)
            if whole > _STILL * abs(mean.mean).max():
                moved[number] = [abs(self._slope(mean, lever)[0]) / whole for lever in range(moved.shape[1])]
        return moved

    def foreseen(self, without: int | None = None) -> Floats:
        """Return :meth:`kept` where no limited mean is passed, and 0 elsewhere, shape (policy,)."""
        return np.where(self.beyond() > 0.0, 0.0, self.kept(without))

    def kept(self, without: int | None = None) -> Floats:
        """Return how likely a winter keeps the goals at each policy, whatever its means, shape (policy,).

        Of several goals that one counts which is kept least beyond its share; it is told as what it would be if the
        goal's share were the strictest one, so that reaching :attr:`share` means that all goals are reached. The
        surrogate foresees it everywhere; near a policy that was played its own winters, their margins moved by the
        surrogate, foresee it better, and best where an attempt has given many.

        Parameters
        ----------
        without : int, optional
            A condition that is left out.
        """
        spare = np.full(len(self.grid), np.inf)
        for goal in self.decision.goals:
            columns = [column for column in goal.columns if column != without]
            spare = np.minimum(spare, odds(self._foreseen(columns)) - odds(goal.share))
        kept: Floats = 1.0 / (1.0 + np.exp(-(spare + odds(self.share))))
        return kept

    def beyond(self) -> Floats:
        """Return by how many of its standard errors the worst limited mean may pass its limit, shape (policy,)."""
        worst = np.full(len(self.grid), -np.inf)
        for limit, mean in zip(self.decision.limits, self._means, strict=True):
            sd = np.hypot(mean.mean_sd, mean.deviations.std(axis=1) / math.sqrt(mean.deviations.shape[1]))
            worst = np.maximum(worst, (mean.mean - limit) / np.maximum(sd, 1e-12) + 1.0)
        return worst

    def _foreseen(self, columns: Sequence[int]) -> Floats:
        kept = np.ones((len(self.grid), self._predicted[0].deviations.shape[1]))
        for column in columns:
            kept *= self._each[column]
        weight = np.full(len(self.grid), 0.3 * kept.shape[1])
        total = weight * kept.mean(axis=1)
        searched = [(row, margins, None) for row, margins in self._searched]
        for number, (row, margins, lifted) in enumerate([*searched, *self._tested]):
            known = (number, tuple(columns))
            if known not in self._moved:
                self._moved[known] = self._moved_share(row, margins, columns, lifted)
            near, shares = self._moved[known]
            total[near] += shares[0] * shares[1]
            weight[near] += shares[0]
        result: Floats = total / weight
        return result

    def _moved_share(
        self, row: int, margins: Floats, columns: Sequence[int], lifted: Floats | None
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the policies near a played one, how much its winters say of them, and what share they would keep."""
        far = np.abs(self.at - self.at[row]).sum(axis=1)
        near = np.flatnonzero(far < (_NEAR if lifted is None else _NEAR_LIFTED))
        shares = np.empty((2, len(near)))
        shares[0] = len(margins) * np.exp(-(_FADES if lifted is None else _FADES_LIFTED) * far[near])
        for first in range(0, len(near), 4_000):  # a few policies at a time: the whole would take much memory
            some = near[first : first + 4_000]
            moved = np.ones((len(some), len(margins)))
            for column in columns:
                predicted = self._predicted[column]
                sd = predicted.mean_sd[some] * np.minimum(far[some] / 0.3, 1.0) + 1e-6
                shift = predicted.mean[some] - predicted.mean[row]
                shifted = np.repeat(shift[:, None], len(margins), axis=1)
                if lifted is not None:
                    own = np.isfinite(lifted[:, :, column]).any(axis=0)
                    raised = np.nan_to_num(lifted[:, own, column] - margins[None, own, column])
                    steps = (self.at[some] - self.at[row]) / np.maximum(1.0 - self.at[row], 1e-9)
                    shifted[:, own] = np.where(self.at[row] < 1.0, steps, 0.0) @ raised
                moved *= normal_share((margins[None, :, column] + shifted) / sd[:, None])
            shares[1, first : first + 4_000] = moved.mean(axis=1)
        return near, shares

    def candidate(self, share: float, without: int | None = None) -> int | None:
        """Return the cheapest policy that is foreseen to keep such a share, or None."""
        fits = np.flatnonzero(self.foreseen(without) >= share)
        return int(fits[np.argmin(self.cost[fits])]) if len(fits) else None

    def hopeful(self) -> int:
        """Return the policy that is foreseen to keep most winters, the cheapest of those that hardly differ in that.

        Where every policy passes a limit it is the one that passes it least, and where hardly a winter is kept by any
        the one whose worst margin lacks least.
        """
        foreseen = self.foreseen()
        if not foreseen.any():
            return int(np.argmin(self.beyond()))
        if foreseen.max() < _HARDLY:
            columns = sorted({column for goal in self.decision.goals for column in goal.columns})
            worst = np.min([self._predicted[column].mean for column in columns], axis=0)
            return int(np.argmax(np.where(foreseen > 0.0, worst, -np.inf)))
        best = np.flatnonzero(odds(foreseen) >= odds(foreseen.max()) - _TIED)
        return int(best[np.argmin(self.cost[best])])

    def best(self, share: float) -> int:
        """Return the candidate for a share, or the most hopeful policy where there is none."""
        candidate = self.candidate(share)
        return self.hopeful() if candidate is None else candidate

    def prices(self) -> tuple[list[float], float]:
        """Return what each condition costs, and one in a hundred winters more [CNY]; NaN where nothing is foreseen."""
        share, base = self.share, self.candidate(self.share)
        if base is None:
            return [math.nan] * self.decision.conditions, math.nan
        dropped = [self.candidate(share, column) for column in range(self.decision.conditions)]
        more = self.candidate(min(share + 0.01, 0.5 * (1.0 + share)))
        price = math.nan if more is None else float(self.cost[more] - self.cost[base])
        return [math.nan if row is None else float(self.cost[base] - self.cost[row]) for row in dropped], price

    def policy(self, row: int) -> Policy:
        """Return the policy in a row of the grid."""
        return tuple(self.grid[row].tolist())

    def row_of(self, policy: Sequence[int] | npt.NDArray[np.int64]) -> int:
        """Return a policy's row in the grid."""
        return int(np.ravel_multi_index(tuple(int(part) for part in policy), self.decision.shape))


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


def odds(share: Floats | float) -> Floats:
    """Return the logarithm of a share's odds, finite for 0 and 1."""
    clipped = np.clip(share, 1e-4, 1.0 - 1e-4)
    result: Floats = np.log(clipped / (1.0 - clipped))
    return result
