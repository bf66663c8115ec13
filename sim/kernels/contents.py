"""What the pipes hold: contents and losses when asked, draining and refilling, a new ground temperature.

Names as in transport.py.
"""

from __future__ import annotations

from .heat_compile import kernel
from .layout import (
    J_COUNT,
    J_FILLED,
    J_SENSE,
    J_START,
    L_AGE,
    L_ENTRY,
    L_FACTOR,
    L_HEAD,
    L_LOST,
    L_TAIL,
    P_MASS,
    P_RATE,
    R_ENTRY,
    R_HEAD,
    R_MASS,
    R_TAIL,
    Array,
)  # fmt: skip
from .transport import exponential_mean

__all__ = ["contents", "overwrite", "shift_ground", "sum_contents"]

LEAST_FACTOR = 1e-3  # water so old that only its mean is of interest is given a new entry time


@kernel
def contents(
    e: int, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array,
) -> tuple[float, float, float]:  # fmt: skip
    """Return a pipe side's mass [kg], heat over 0 degC and heat lost so far by what it holds [kg degC]."""
    if whole[J_FILLED, e] == 0:
        return 0.0, 0.0, 0.0
    rate = static[P_RATE, e]
    if whole[J_COUNT, e] == 0:
        mass = static[P_MASS, e]
        factor = exponential_mean(rate * (now - pipe[L_HEAD, e]), rate * (now - pipe[L_TAIL, e]))
        excess = pipe[L_ENTRY, e] - ground
        return mass, mass * (ground + excess * factor), mass * excess * (1.0 - factor)
    mass = 0.0
    heat = 0.0
    lost = 0.0
    for i in range(whole[J_COUNT, e]):
        k = (whole[J_START, e] + i) % ring.shape[1]
        factor = exponential_mean(rate * (now - ring[e, k, R_HEAD]), rate * (now - ring[e, k, R_TAIL]))
        excess = ring[e, k, R_ENTRY] - ground
        mass += ring[e, k, R_MASS]
        heat += ring[e, k, R_MASS] * (ground + excess * factor)
        lost += ring[e, k, R_MASS] * excess * (1.0 - factor)
    return mass, heat, lost


@kernel
def sum_contents(
    ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array,
) -> tuple[float, float, float]:  # fmt: skip
    """Return all pipes' mass [kg], heat over 0 degC and heat lost so far by what they hold [kg degC]."""
    mass, heat, lost = 0.0, 0.0, 0.0
    for e in range(pipe.shape[1]):
        m, h, gone = contents(e, ground, now, static, pipe, whole, ring)
        mass += m
        heat += h
        lost += gone
    return mass, heat, lost


@kernel
def overwrite(e: int, filled: int, temperature: float, now: float, static: Array, pipe: Array, whole: Array) -> None:
    """Empty a pipe side (`filled` 0) or fill it with water of one temperature [degC]."""
    whole[J_FILLED, e] = filled
    whole[J_COUNT, e] = 0
    whole[J_SENSE, e] = 0
    pipe[L_ENTRY, e] = temperature
    pipe[L_HEAD, e] = now
    pipe[L_TAIL, e] = now
    pipe[L_AGE, e] = 0.0
    pipe[L_FACTOR, e] = 1.0


@kernel
def shift_ground(
    before: float, ground: float, now: float, static: Array, pipe: Array, whole: Array, ring: Array,
) -> None:  # fmt: skip
    """Take a new ground temperature [degC]: every parcel keeps its present heat, and the loss so far is booked."""
    for e in range(pipe.shape[1]):
        rate = static[P_RATE, e]
        if whole[J_FILLED, e] == 0:
            continue
        if whole[J_COUNT, e] == 0:
            factor = exponential_mean(rate * (now - pipe[L_HEAD, e]), rate * (now - pipe[L_TAIL, e]))
            held = before + (pipe[L_ENTRY, e] - before) * factor
            if factor < LEAST_FACTOR:
                overwrite(e, 1, pipe[L_ENTRY, e], now, static, pipe, whole)
                factor = 1.0
            entry = ground + (held - ground) / factor
            pipe[L_LOST, e] += static[P_MASS, e] * (pipe[L_ENTRY, e] - entry)
            pipe[L_ENTRY, e] = entry
            continue
        for i in range(whole[J_COUNT, e]):
            k = (whole[J_START, e] + i) % ring.shape[1]
            factor = exponential_mean(rate * (now - ring[e, k, R_HEAD]), rate * (now - ring[e, k, R_TAIL]))
            held = before + (ring[e, k, R_ENTRY] - before) * factor
            if factor < LEAST_FACTOR:
                ring[e, k, R_HEAD] = now
                ring[e, k, R_TAIL] = now
                factor = 1.0
            entry = ground + (held - ground) / factor
            pipe[L_LOST, e] += ring[e, k, R_MASS] * (ring[e, k, R_ENTRY] - entry)
            ring[e, k, R_ENTRY] = entry
