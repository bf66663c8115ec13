"""How winters and their days stray from the climatology, estimated by restricted maximum likelihood.

Within a winter an offset plus AR(2) anomalies; winters are independent. Patterson & Thompson (1971), Biometrika 58: the
likelihood of what is left when the normals, which come from the same days, are taken out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..chance import Floats

__all__ = ["LEAST_WINTERS", "Law", "generalised_least_squares", "law_of"]

LEAST_WINTERS = 3  # to tell an offset of winters from their days


@dataclass(frozen=True, slots=True)
class Law:
    """How daily means stray from the climatology: AR(2) about an offset of the winter.

    Attributes
    ----------
    sd_k : float
        Standard deviation of the anomalies about the offset [K].
    offset_sd_k : float
        Of the offsets [K].
    lag1, lag2 : float
        Correlation of the anomalies of days one and two apart [-].
    """

    sd_k: float
    offset_sd_k: float
    lag1: float
    lag2: float

    @property
    def total_sd_k(self) -> float:
        """Of a day about the climatology [K]."""
        return math.hypot(self.sd_k, self.offset_sd_k)


def law_of(y: Floats, x: Floats, blocks: Sequence[slice], offset_sd_k: float) -> tuple[Law, Floats]:
    """Return the law of largest restricted likelihood, and the covariance of (sd_k, lag1, lag2, offset_sd_k).

    Parameters
    ----------
    y, x : array, shape (day,), (day, coefficient)
        Daily means, and what they are linear in.
    blocks : sequence of slice
        Winters: runs of neighbouring days.
    offset_sd_k : float
        Taken where there are too few winters to tell how they differ [K].
    """
    with_offset = len(blocks) >= LEAST_WINTERS

    def law_at(theta: Floats) -> Law:
        partial1, partial2 = math.tanh(theta[1]), math.tanh(theta[2])
        lag2 = partial2 * (1.0 - partial1**2) + partial1**2
        return Law(math.exp(theta[0]), math.exp(theta[3]) if with_offset else 0.0, partial1, lag2)

    def loss(theta: Floats) -> float:
        return _minus_log_likelihood(y, x, blocks, law_at(theta))

    start = np.array([math.log(2.0), math.atanh(0.6), math.atanh(-0.2), math.log(0.8)])
    theta = _least(loss, start if with_offset else start[:3])
    found = law_at(theta)
    numbers = np.array([found.sd_k, found.lag1, found.lag2, found.offset_sd_k])[: len(theta)]

    def loss_of(values: Floats) -> float:
        return _minus_log_likelihood(y, x, blocks, Law(values[0], values[3] if with_offset else 0.0, *values[1:3]))

    curvature = _hessian(loss_of, numbers, np.array([0.02, 0.005, 0.005, 0.02])[: len(theta)])
    covariance = np.zeros((4, 4))
    covariance[: len(theta), : len(theta)] = np.linalg.pinv(curvature)
    if not with_offset:  # one winter does not tell how winters differ
        return Law(found.sd_k, offset_sd_k, found.lag1, found.lag2), covariance
    return found, covariance


def _minus_log_likelihood(y: Floats, x: Floats, blocks: Sequence[slice], law: Law) -> float:
    """Return minus the restricted log-likelihood, up to a constant."""
    information, right, square, log_size = _normal_equations(y, x, blocks, law)
    if not math.isfinite(log_size):
        return math.inf
    beta, *_ = np.linalg.lstsq(information, right, rcond=1e-10)
    eigen = np.linalg.eigvalsh(information)
    log_information = float(np.log(eigen[eigen > 1e-8 * eigen.max()]).sum())  # months that the winter does not touch
    return 0.5 * (log_size + log_information + square - float(right @ beta))


def generalised_least_squares(y: Floats, x: Floats, blocks: Sequence[slice], law: Law) -> tuple[Floats, Floats]:
    """Return coefficients and their covariance."""
    information, right, _, _ = _normal_equations(y, x, blocks, law)
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    return covariance @ right, covariance


def _normal_equations(y: Floats, x: Floats, blocks: Sequence[slice], law: Law) -> tuple[Floats, Floats, float, float]:
    """Return X'V⁻¹X, X'V⁻¹y, y'V⁻¹y and log|V|, of blocks that are independent of one another.

    Within a block V = sd² (R + q 1 1'), R that of the AR(2), whose inverse is a filter; q by Sherman and Morrison.
    """
    r1, r2 = law.lag1, law.lag2
    if not (abs(r1) < 1.0 and abs(r2) < 1.0 and r1 * r1 < 0.5 * (1.0 + r2)):
        return np.eye(x.shape[1]), np.zeros(x.shape[1]), 0.0, math.inf
    phi1, phi2 = r1 * (1.0 - r2) / (1.0 - r1 * r1), (r2 - r1 * r1) / (1.0 - r1 * r1)
    innovation = 1.0 - phi1 * r1 - phi2 * r2
    q = (law.offset_sd_k / law.sd_k) ** 2
    information, right, square, log_size = np.zeros((x.shape[1],) * 2), np.zeros(x.shape[1]), 0.0, 0.0
    for block in blocks:
        together = np.column_stack((x[block], y[block], np.ones(block.stop - block.start)))
        white = np.empty_like(together)
        white[0] = together[0]
        white[1:2] = (together[1:2] - r1 * together[0]) / math.sqrt(1.0 - r1 * r1)
        white[2:] = (together[2:] - phi1 * together[1:-1] - phi2 * together[:-2]) / math.sqrt(innovation)
        products = white.T @ white
        size = products[-1, -1]
        products -= q / (1.0 + q * size) * np.outer(products[-1], products[-1])
        products /= law.sd_k**2
        information += products[:-2, :-2]
        right += products[:-2, -2]
        square += float(products[-2, -2])
        n = block.stop - block.start
        log_size += 2 * n * math.log(law.sd_k) + math.log(1.0 - r1 * r1) + math.log1p(q * size)
        log_size += (n - 2) * math.log(innovation)
    return information, right, square, log_size


def _least(loss: Callable[[Floats], float], start: Floats) -> Floats:
    """Return where a smooth function of a few numbers is least: Newton's method, damped until it descends."""
    theta: Floats = start
    value = loss(start)
    step = np.full(len(start), 1e-3)
    for _ in range(60):
        gradient = np.array([_slope(loss, theta, step, i) for i in range(len(theta))])
        curvature = _hessian(loss, theta, step)
        damping = 0.0
        for _ in range(30):
            eigen, vectors = np.linalg.eigh(curvature)
            move: Floats = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(eigen) + damping, 1e-3))
            move *= min(1.0, 1.0 / max(float(np.abs(move).max()), 1e-12))
            next_value = loss(theta - move)
            if next_value <= value:
                break
            damping = max(4.0 * damping, 1e-2 * float(np.abs(eigen).max()))
        else:
            return theta
        done = value - next_value < 1e-9 * (1.0 + abs(value))
        theta, value = theta - move, next_value
        if done:
            return theta
    return theta


def _slope(loss: Callable[[Floats], float], at: Floats, step: Floats, i: int) -> float:
    forward = np.zeros(len(at))
    forward[i] = step[i]
    return float((loss(at + forward) - loss(at - forward)) / (2.0 * step[i]))


def _hessian(loss: Callable[[Floats], float], at: Floats, step: Floats) -> Floats:
    """Return second derivatives by central differences."""
    n = len(at)
    found = np.zeros((n, n))
    middle = loss(at)
    for i in range(n):
        a = np.zeros(n)
        a[i] = step[i]
        found[i, i] = (loss(at + a) - 2.0 * middle + loss(at - a)) / step[i] ** 2
        for j in range(i):
            b = np.zeros(n)
            b[j] = step[j]
            cross = loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b)
            found[i, j] = found[j, i] = cross / (4.0 * step[i] * step[j])
    return found
