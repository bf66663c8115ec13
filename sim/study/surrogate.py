"""A surrogate: what a margin would be at policies that were not played, and how unsure that is.

Every played policy has met the same winters, so a margin is split in two: its mean over winters, a smooth surface over
the levers; and each winter's deviation from it, a surface too, whose differences between winters are what makes a
winter hard. Both are Gaussian processes with a linear and a local part and a length of their own for every lever, found
by maximum likelihood; because the design is complete (every policy, every winter) the two are independent and only
matrices as large as the number of policies are ever inverted. References: Rasmussen and Williams, Gaussian Processes
for Machine Learning (2006), ch. 2 and 5; Kleijnen and van Beers, "Constrained optimization in expensive simulation"
(2010), for the use.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["Predicted", "Surrogate", "cleared", "monotone", "normal_share"]

Floats = npt.NDArray[np.float64]
_LENGTHS = (0.3, 0.7, 1.5, 4.0, 30.0)  # in ranges of a lever; the last: hardly any effect
_NOISES = (0.01, 0.1, 0.4, 1.0, 4.0)  # variance of what no lever explains, in that of the deviations' surface
_SIZES = (0.05, 0.3, 1.0, 4.0, 15.0)  # variance of the mean's surface, in that of the means found


@dataclass(frozen=True, slots=True)
class Predicted:
    """A margin foreseen at many policies.

    Attributes
    ----------
    mean : array, shape (policy,)
        Over winters.
    deviations : array, shape (policy, winter)
        Of the played winters from it.
    mean_sd : array, shape (policy,)
        How unsure the mean is.
    spread : array, shape (policy,)
        Standard deviation of a winter that the deviation does not explain.
    """

    mean: Floats
    deviations: Floats
    mean_sd: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A fitted surrogate of one margin.

    Attributes
    ----------
    at : array, shape (policy, lever)
        Played policies, levers from 0 to 1.
    lengths, deviation_lengths : array, shape (lever,)
    """

    at: Floats
    values: Floats
    lengths: Floats
    deviation_lengths: Floats
    _size: float
    _scale: float
    _noise: float

    @classmethod
    def fit(cls, at: Floats, values: Floats) -> Self:
        """Fit to a complete design.

        Parameters
        ----------
        at : array, shape (policy, lever)
            From 0 to 1.
        values : array, shape (policy, winter)
            At least two winters.
        """
        means = values.mean(axis=1)
        deviations = values - means[:, None]
        freedom = values.shape[1] - 1
        floor = 1e-8 * (float(np.mean(values**2)) + 1e-12)

        def spread(lengths: Floats, noise: float) -> tuple[float, float]:
            """Return minus the logarithm of the likelihood of the deviations, and their scale."""
            factor = np.linalg.cholesky(_kernel(at, at, lengths) + (noise + 1e-9) * np.eye(len(at)))
            half = np.linalg.solve(factor, deviations)
            scale = max(float((half**2).sum()) / (freedom * len(at)), floor)
            return freedom * (float(np.log(np.diag(factor)).sum()) + 0.5 * len(at) * math.log(scale)), scale

        lengths, noise = _ascend(spread, at.shape[1], _NOISES)
        scale = spread(lengths, noise)[1]
        error = scale * (_kernel(at, at, lengths) + noise * np.eye(len(at))) / values.shape[1]
        size0 = max(float(means.var()), floor)

        def surface(mean_lengths: Floats, size: float) -> tuple[float, float]:
            """Return minus the logarithm of the likelihood of the means, their level having a flat prior."""
            whole = size * size0 * _kernel(at, at, mean_lengths) + error + 1e-9 * size0 * np.eye(len(at))
            factor = np.linalg.cholesky(whole)
            ones = np.linalg.solve(factor, np.ones(len(at)))
            half = np.linalg.solve(factor, means)
            left = half - ones * (ones @ half) / (ones @ ones)
            return float(np.log(np.diag(factor)).sum()) + 0.5 * math.log(ones @ ones) + 0.5 * float(left @ left), 1.0

        mean_lengths, size = _ascend(surface, at.shape[1], _SIZES)
        return cls(at, values, mean_lengths, lengths, size * size0, scale, noise)

    def predict(self, at: Floats) -> Predicted:
        """Return what is foreseen at policies, shape (policy, lever)."""
        means = self.values.mean(axis=1)
        deviations = self.values - means[:, None]
        count, winters = self.values.shape
        inner = _kernel(self.at, self.at, self.deviation_lengths)
        whole = np.linalg.inv(inner + (self._noise + 1e-9) * np.eye(count))
        cross = _kernel(at, self.at, self.deviation_lengths)
        weights = cross @ whole
        unexplained = np.maximum(_own(at, self.deviation_lengths) - np.einsum("ij,ij->i", weights, cross), 0.0)
        error = self._scale * (inner + self._noise * np.eye(count)) / winters
        covariance = self._size * _kernel(self.at, self.at, self.lengths) + error
        inverse = np.linalg.inv(covariance + 1e-9 * max(self._size, 1e-12) * np.eye(count))
        reach = self._size * _kernel(at, self.at, self.lengths)
        ones = inverse.sum(axis=1)
        level = float(ones @ means) / float(ones.sum())
        shift = 1.0 - reach @ ones
        variance = self._size * _own(at, self.lengths) - np.einsum("ij,ij->i", reach @ inverse, reach)
        variance = np.maximum(variance, 0.0) + shift**2 / float(ones.sum())
        return Predicted(
            level + reach @ (inverse @ (means - level)),
            weights @ deviations,
            np.sqrt(variance),
            np.sqrt(self._scale * (unexplained + self._noise)),
        )


def cleared(predicted: Predicted) -> Floats:
    """Return the probability that each winter clears the margin at each policy, shape (policy, winter).

    The played winters are few, and a fresh one may be harder than any of them: each stands for winters near it, spread
    by the bandwidth of a density estimate (Silverman 1986), with the whole variance as it was.
    """
    winters = predicted.deviations.shape[1]
    width = 1.06 * winters**-0.2
    around = predicted.deviations.std(axis=1, ddof=1) * width / math.sqrt(1.0 + width**2)
    sd = np.sqrt(predicted.mean_sd**2 + predicted.spread**2 + around**2)
    shrunk = predicted.deviations / math.sqrt(1.0 + width**2)
    return normal_share((predicted.mean[:, None] + shrunk) / np.maximum(sd, 1e-9)[:, None])


def normal_share(z: Floats) -> Floats:
    """Return the standard normal distribution, to 2e-4 (Page 1977 with the cubic term of Bowling et al. 2009)."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(1.5976 * z + 0.07056 * z**3, -500.0, 500.0)))
    return result


def monotone(values: Floats, shape: Sequence[int], axes: Sequence[int]) -> Floats:
    """Return values over a full grid made rising along some axes: halfway between the envelopes above and below.

    Parameters
    ----------
    values : array, shape (policy, …)
        Over the grid in row-major order.
    shape : sequence of int
        Of the grid.
    axes : sequence of int
        Along which they must rise.
    """
    if not axes:
        return values
    upper = lower = values.reshape(*shape, *values.shape[1:])
    for axis in axes:
        upper = np.maximum.accumulate(upper, axis=axis)
        lower = np.flip(np.minimum.accumulate(np.flip(lower, axis), axis=axis), axis)
    result: Floats = (0.5 * (upper + lower)).reshape(values.shape)
    return result


def _kernel(a: Floats, b: Floats, lengths: Floats) -> Floats:
    """Return the covariance of surfaces at two sets of policies: a level, straight lines and a local part."""
    x, y = a / lengths, b / lengths
    square = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)[None, :] - 2.0 * x @ y.T
    result: Floats = 0.25 + x @ y.T + np.exp(-0.5 * np.maximum(square, 0.0))
    return result


def _own(a: Floats, lengths: Floats) -> Floats:
    """Return the diagonal of the covariance of policies with themselves."""
    result: Floats = 1.25 + ((a / lengths) ** 2).sum(axis=1)
    return result


def _ascend(
    loss: Callable[[Floats, float], tuple[float, float]], levers: int, others: Sequence[float]
) -> tuple[Floats, float]:
    """Return lengths and one other parameter that make a loss small, one at a time, twice round."""
    lengths, other = np.full(levers, 1.5), others[len(others) // 2]
    best = loss(lengths, other)[0]
    for _ in range(2):
        for value in others:
            if value != other and (found := loss(lengths, value)[0]) < best:
                best, other = found, value
        for lever in range(levers):
            for length in _LENGTHS:
                tried = lengths.copy()
                tried[lever] = length
                if length != lengths[lever] and (found := loss(tried, other)[0]) < best:
                    best, lengths = found, tried
    return lengths, float(other)
