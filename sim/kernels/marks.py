"""Counter-based uniforms: the same happening meets the same mark whatever else is drawn, and in whatever order.

A mark is a hash of (key, who, when, for what). SplitMix64: Steele, Lea & Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014. Distributions are taken by inversion, so that they are monotone in their one uniform.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[Any]

__all__ = [
    "exponential",
    "lognormal",
    "mix",
    "normal",
    "normals",
    "poisson",
    "sort_keys",
    "sort_spread_keys",
    "uniform",
    "uniforms",
]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LARGEST_SEQUENTIAL_MEAN = 600.0  # exp(-mean) still has full precision


@njit(cache=True)
def mix(key: Any, number: int) -> Any:
    """Return the 64-bit hash of a key and a whole number [uint64]."""
    z = np.uint64(key) + (np.uint64(number) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def uniform(key: Any, number: int) -> float:
    """Return the uniform in (0, 1) of a key and a whole number: 53 bits, midpoints [-]."""
    return (float(np.int64(mix(key, number) >> np.uint64(11))) + 0.5) * 1.1102230246251565e-16


@njit(cache=True)
def uniforms(key: Any, numbers: Array, out: Array) -> None:
    """Fill `out` with the uniforms of a key and an array of whole numbers, both shape (number,)."""
    for i in range(len(numbers)):
        out[i] = uniform(key, numbers[i])


@njit(cache=True)
def normals(key: Any, numbers: Array, out: Array) -> None:
    """Fill `out` with the standard normal marks of a key and an array of whole numbers, both shape (number,)."""
    for i in range(len(numbers)):
        out[i] = normal(uniform(key, numbers[i]))


@njit(cache=True)
def exponential(u: float, mean: float) -> float:
    """Return the exponential quantile at `u`, in the mean's unit."""
    return -mean * math.log(1.0 - u)


@njit(cache=True)
def normal(u: float) -> float:
    """Return the standard normal quantile at `u` [-].

    Acklam's rational approximation, relative error below 1.2e-9.
    """
    if u < 0.02425 or u > 0.97575:
        q = math.sqrt(-2.0 * math.log(min(u, 1.0 - u)))
        top = -7.784894002430293e-03 * q - 3.223964580411365e-01
        top = ((top * q - 2.400758277161838e00) * q - 2.549732539343734e00) * q
        top = (top + 4.374664141464968e00) * q + 2.938163982698783e00
        low = (7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e00
        x = top / ((low * q + 3.754408661907416e00) * q + 1.0)
        return x if u < 0.5 else -x
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01 * r + 2.209460984245205e02
    top = ((top * r - 2.759285104469687e02) * r + 1.383577518672690e02) * r
    top = (top - 3.066479806614716e01) * r + 2.506628277459239e00
    low = (-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02
    low = ((low * r + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0
    return top * q / low


@njit(cache=True)
def lognormal(u: float, mean: float, sigma: float) -> float:
    """Return the lognormal quantile at `u` for a mean and the logarithm's standard deviation, in the mean's unit.

    A coefficient of variation ``v`` has ``sigma = sqrt(log(1 + v^2))``.
    """
    return mean * math.exp(sigma * (normal(u) - 0.5 * sigma))


@njit(cache=True)
def poisson(u: float, mean: float) -> int:
    """Return the Poisson quantile at `u`, by summing the probabilities: a larger mean never gives a smaller count [-].

    Above a mean of 600 the normal quantile is used, rounded (error of one count in a standard deviation of 24).
    """
    if u < 1.0 - mean:  # below exp(-mean): nothing happens, and no exponential is needed to know it
        return 0
    if mean > _LARGEST_SEQUENTIAL_MEAN:
        return int(max(0, math.floor(mean + math.sqrt(mean) * normal(u) + 0.5)))
    probability = math.exp(-mean)
    total = probability
    count = 0
    while u > total and probability > 0.0:
        count += 1
        probability *= mean / count
        total += probability
    return count


@njit(cache=True)
def sort_spread_keys(keys: Array, count: int, span: int, scratch: Array) -> None:
    """Sort the first `count` of an int64 array in place whose upper halves are spread over 0 … `span` - 1.

    Each goes to the place that an even spread would give it, then the few out of order are set right: as many steps as
    keys, where they are spread evenly. The span is taken as the next power of two: a division costs ten times a shift.

    Parameters
    ----------
    scratch : int64 array
        At least 2 * count + 1 long.
    """
    place, moved = scratch[: count + 1], scratch[count + 1 : 2 * count + 1]
    bits = 0
    while 1 << bits < span:
        bits += 1
    place[:] = 0
    for i in range(count):
        place[(((keys[i] >> 32) * count) >> bits) + 1] += 1
    for b in range(count):
        place[b + 1] += place[b]
    for i in range(count):
        b = ((keys[i] >> 32) * count) >> bits
        moved[place[b]] = keys[i]
        place[b] += 1
    for i in range(count):
        value = moved[i]
        j = i
        while j > 0 and keys[j - 1] > value:
            keys[j] = keys[j - 1]
            j -= 1
        keys[j] = value


@njit(cache=True)
def sort_keys(keys: Array, count: int) -> None:
    """Sort the first `count` of an int64 array in place (Shell's method, gaps of Ciura); short or sorted lists only."""
    disorder = 0
    for i in range(1, count):
        disorder += keys[i - 1] > keys[i]
    if disorder == 0:
        return
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, count):
            value = keys[i]
            j = i
            while j >= gap and keys[j - gap] > value:
                keys[j] = keys[j - gap]
                j -= gap
            keys[j] = value
