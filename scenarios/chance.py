"""Chance, named: every stream is keyed by (seed, replication, process, entity), never by the order of asking.

Two runs with the same names meet the same draws, whatever else is drawn besides; adding a disruption moves no other
draw. The only importer of ``numpy.random``. Distributions are taken by inversion of uniforms, because NumPy keeps its
bit streams stable between releases but not its distributions, and because one uniform per happening is what lets two
policies meet the same winter.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["CENTRAL", "Floats", "key", "lognormal", "normal", "stream", "uniform", "uniforms", "uniforms_of_entities",
           "uniforms_of_members"]  # fmt: skip

Floats = npt.NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # of SplitMix64 (Steele, Lea, Flood 2014)
_64_BITS = (1 << 64) - 1


def stream(seed: int, replication: int, *name: str | int) -> np.random.Generator:
    """Return the stream of one named process.

    Parameters
    ----------
    seed, replication : int
        The scenario's seed and the number of the replication, both at least 0.
    *name : str or int
        E.g. ``"pipe_failure", "P-017"``. Hashed by BLAKE2b, so that the name means the same on every machine.

    Returns
    -------
    numpy.random.Generator
        PCG64, seeded by ``SeedSequence(seed, spawn_key=(replication, *words of the name))``.
    """
    words = np.frombuffer(_digest(name), dtype="<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(replication, *map(int, words)))))


def key(seed: int, replication: int, *name: str | int) -> np.uint64:
    """Return a 64-bit key of one named process, for counter-based hashing inside kernels."""
    digest = _digest((seed, replication, *name))
    return np.uint64(int.from_bytes(digest[:8], "little"))


def uniforms(seed: int, replication: int, *name: str | int, count: int) -> Floats:
    """Return `count` uniforms in (0, 1) of one named process, hashed from its key; cheaper than a stream for a few.

    The ``i``-th does not depend on `count`, so asking for more moves none.
    """
    row: Floats = _uniforms_of(np.array([key(seed, replication, *name)], np.uint64), count)[0]
    return row


def uniform(seed: int, replication: int, *name: str | int) -> float:
    """Return the first of :func:`uniforms`, reckoned without arrays: by far the quickest for one happening."""
    z = (int(key(seed, replication, *name)) + int(_STEP)) & _64_BITS
    z = ((z ^ (z >> 30)) * _FIRST) & _64_BITS
    z = ((z ^ (z >> 27)) * _SECOND) & _64_BITS
    z ^= z >> 31
    return (float(z >> 11) + 0.5) * 2.0**-53


def uniforms_of_entities(seed: int, replication: int, process: str, entities: Sequence[str], *, count: int) -> Floats:
    """Return uniforms in (0, 1) for many entities of one process, shape (entity, count), each entity's its own."""
    return _uniforms_of(_keys_of(seed, replication, process, entities), count)


def uniforms_of_members(
    seed: int, replication: int, process: str, entities: Sequence[str], members: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Return one uniform in (0, 1) for each member of many entities, entity after entity, shape (sum of members,).

    A member's draw depends on its entity's id and its number within it alone, so an entity added to the network, or a
    member added to another entity, moves none.
    """
    keys, last = _keys_of(seed, replication, process, entities), np.cumsum(members)
    result = np.empty(int(members.sum()), np.float32)
    before = keys - (last - members).astype(np.uint64) * _STEP  # so that a member's place among all counts, modulo 2^64
    steps = np.repeat(before, members)
    place = np.arange(1, _AT_ONCE + 1, dtype=np.uint64) * _STEP
    for part in _parts(len(result)):
        z = steps[part]
        z += place[: len(z)]
        u = _mix_in_place(z)
        np.minimum(u, 1.0 - 2.0**-24, out=u)
        result[part] = u
        place += _AT_ONCE_STEPS
    return np.maximum(result, np.float32(2.0**-24), out=result)


def normal(uniform: npt.ArrayLike) -> Floats:
    """Return standard normal quantiles of uniforms in (0, 1) [-].

    Wichura (1988), algorithm AS 241 (PPND16), relative error about 1e-16.
    """
    if isinstance(uniform, float):  # one at a time the standard library's form of the same algorithm is quicker
        return np.asarray(_STANDARD.inv_cdf(uniform))
    p = np.asarray(uniform, np.float64)
    q = p - 0.5
    r = np.asarray(0.180625 - q * q)
    quantile: Floats = np.asarray(q * _ratio(r, _A, _B))
    outside = np.abs(q) > 0.425
    if outside.any():
        far = p[outside]
        tail = np.sqrt(-np.log(np.maximum(np.minimum(far, 1.0 - far), 1e-300)))
        outer = np.where(tail <= 5.0, _ratio(tail - 1.6, _C, _D), _ratio(tail - 5.0, _E, _F))
        quantile[outside] = np.copysign(outer, q[outside])
    return quantile


def lognormal(uniform: npt.ArrayLike, mean: npt.ArrayLike, spread: float) -> Floats:
    """Return lognormal quantiles with the given mean and coefficient of variation `spread`, in the mean's unit."""
    sigma, half = _of_spread(spread)
    if isinstance(uniform, float) and isinstance(mean, float):
        one: Floats = mean * np.exp(sigma * _STANDARD.inv_cdf(uniform) - half)
        return one
    value: Floats = np.asarray(mean, np.float64) * np.exp(sigma * normal(uniform) - half)
    return value


@lru_cache(maxsize=64)
def _of_spread(spread: float) -> tuple[float, float]:
    """Return the logarithm's standard deviation of a coefficient of variation, and half its square [-]."""
    sigma2 = np.log1p(spread * spread)
    return np.sqrt(sigma2), 0.5 * sigma2


def _digest(name: tuple[str | int, ...]) -> bytes:
    text = "\x1f".join(f"text:{part}" if isinstance(part, str) else f"number:{int(part)}" for part in name)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _keys_of(seed: int, replication: int, process: str, entities: Sequence[str]) -> npt.NDArray[np.uint64]:
    base = _digest((seed, replication, process))
    keyed, hashed = hashlib.blake2b(digest_size=8, key=base).copy, []
    for entity in entities:
        begun = keyed()
        begun.update(entity.encode())
        hashed.append(begun.digest())
    return np.frombuffer(b"".join(hashed), "<u8")


def _uniforms_of(keys: npt.NDArray[np.uint64], count: int) -> Floats:
    """Return uniforms, shape (key, count)."""
    return _mix_in_place(keys[:, None] + np.arange(1, count + 1, dtype=np.uint64) * _STEP)


def _mix_in_place(z: npt.NDArray[np.uint64]) -> Floats:
    """Return uniforms of counters: SplitMix64 (Steele, Lea, Flood 2014), its 53 upper bits, midpoints.

    The counters are overwritten: no more is asked of the nearest caches than two arrays.
    """
    shifted = np.empty_like(z)
    for shift, factor in ((30, _FIRST), (27, _SECOND), (31, 1)):
        z ^= np.right_shift(z, np.uint64(shift), out=shifted)
        if factor > 1:
            z *= np.uint64(factor)
    z >>= np.uint64(11)
    u: Floats = z.astype(np.float64)
    u += 0.5
    u *= 2.0**-53
    return u


def _parts(count: int) -> Iterator[slice]:
    """Divide so many numbers into parts that stay in the nearest caches from one operation to the next."""
    return (slice(first, first + _AT_ONCE) for first in range(0, count, _AT_ONCE))


def _ratio(x: Floats, numerator: tuple[float, ...], denominator: tuple[float, ...]) -> Floats:
    pairs = np.array([numerator, denominator]).T.reshape(len(numerator), 2, *[1] * x.ndim)
    both = np.empty((2, *x.shape))
    both[...] = pairs[-1]
    for pair in pairs[-2::-1]:
        both *= x
        both += pair
    result: Floats = both[0] / both[1]
    return result


_AT_ONCE = 1 << 15
_AT_ONCE_STEPS = np.uint64((_AT_ONCE * int(_STEP)) & _64_BITS)
_STANDARD = statistics.NormalDist()

_A = (
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
_B = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2,
    5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
    2.8729085735721942674e4, 5.2264952788528545610e3,
)  # fmt: skip
CENTRAL = _A, _B
"""Numerator and denominator of :func:`normal` up to 0.425 from a half, for whoever fills long rows."""

_C = (
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
    3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
_D = (
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
    6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
    5.47593808499534494600e-4, 1.05075007164441684324e-9,
)  # fmt: skip
_E = (
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
_F = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
    1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
    1.42151175831644588870e-7, 2.04426310338993978564e-15,
)  # fmt: skip
