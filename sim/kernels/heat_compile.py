"""How the heat kernels are compiled: cached on disk, division as in IEEE 754.

Numba's default checks every division for zero, and a loop that may raise cannot be vectorised: IEEE division makes the
heat season three times faster. Divisors are kept from zero where they could be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

__all__ = ["inlined", "kernel"]

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile on first use."""
    compiled: Function = njit(cache=True, error_model="numpy")(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile into each caller: a large part of a kernel that would otherwise be compiled once more on its own."""
    compiled: Function = njit(cache=True, error_model="numpy", inline="always")(function)
    return compiled
