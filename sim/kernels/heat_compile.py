"""How the heat kernels are compiled: cached on disk, division as in IEEE 754, references to arrays not counted.

Numba's default checks every division for zero, and a loop that may raise cannot be vectorised: IEEE division makes the
heat season three times faster. Divisors are kept from zero where they could be. Counting references costs an atomic
operation for every row that is handed on, and kernels make and keep no arrays; so none may be made in them, nor an
array assigned to a slice (Numba copies there): rows are copied by loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numba import njit, typeof
from numba.core.compiler import Compiler

__all__ = ["INDEX", "direct", "inlined", "keeping", "kernel", "row_kernel"]

INDEX = 0x7FFFFFFF
"""Masks an index that was read from an array: then the compiler knows that it does not count from the end, which costs
two steps each time."""

Function = TypeVar("Function", bound=Callable[..., object])


def direct(compiled: Any, *like: Any) -> Callable[..., Any]:
    """Return a kernel as compiled for arguments like these, to be called again and again with arrays of the same kinds:
    looking at eighty arrays in tuples takes as long as a fifth of a heat step.
    """  # fmt: skip
    if not hasattr(compiled, "compile"):  # plain Python, for looking into it: NUMBA_DISABLE_JIT
        return compiled  # type: ignore[no-any-return]
    key = (compiled, *_kinds(like))
    if key not in _DIRECT:  # asking for types takes longer than a season's calls
        _DIRECT[key] = compiled.compile(tuple(typeof(argument) for argument in like))
    return _DIRECT[key]


def _kinds(like: tuple[Any, ...]) -> Iterator[Any]:
    """Say of what kind each argument is, arrays within tuples too."""
    for argument in like:
        if isinstance(argument, tuple):
            yield from _kinds(argument)
        elif isinstance(argument, np.ndarray):
            yield argument.dtype.char, argument.ndim, argument.flags.c_contiguous
        else:
            yield type(argument)


_DIRECT: dict[tuple[Any, ...], Callable[..., Any]] = {}


class _Apart(Compiler):  # type: ignore[misc]
    """Numba's compiler, told that array arguments do not overlap."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


def kernel(function: Function) -> Function:
    """Compile on first use."""
    compiled: Function = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
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
    compiled: Function = njit(cache=True, nogil=True, error_model="numpy", pipeline_class=_Apart, _nrt=False)(function)
    return compiled
