"""How the heat kernels are compiled: cached on disk, division as in IEEE 754, references to arrays not counted.

Numba's default checks every division for zero, and a loop that may raise cannot be vectorised: IEEE division makes the
heat season three times faster. Divisors are kept from zero where they could be. Counting references costs an atomic
operation for every row that is handed on, and kernels make and keep no arrays; so none may be made in them, nor an
array assigned to a slice (Numba copies there): rows are copied by loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.core.compiler import Compiler

__all__ = ["inlined", "keeping", "kernel", "row_kernel"]

Function = TypeVar("Function", bound=Callable[..., object])


class _Apart(Compiler):  # type: ignore[misc]
    """Numba's compiler, told that array arguments do not overlap."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


def kernel(function: Function) -> Function:
    """Compile on first use."""
    compiled: Function = njit(cache=True, error_model="numpy", _nrt=False)(function)
    return compiled


def keeping(function: Function) -> Function:
    """Compile a function that makes arrays: references to them are counted."""
    compiled: Function = njit(cache=True, error_model="numpy")(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile into each caller: a large part of a kernel that would otherwise be compiled once more on its own."""
    compiled: Function = njit(cache=True, error_model="numpy", inline="always", _nrt=False)(function)
    return compiled


def row_kernel(function: Function) -> Function:
    """Compile a loop over rows on the promise that no two of its array arguments overlap.

    A loop over many rows is otherwise not vectorised: each pair of them would have to be compared beforehand.
    """
    compiled: Function = njit(cache=True, error_model="numpy", pipeline_class=_Apart, _nrt=False)(function)
    return compiled
