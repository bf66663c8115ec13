"""How functions that only other kernels call are compiled: into their callers, with no door of their own to Python.

Doors cost compile time, and counting references to arrays costs more than what these functions do: they make and keep
no array, so they do not count.
"""

from __future__ import annotations

from typing import Any

from numba import njit

__all__ = ["inner", "merged"]

inner: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", _nrt=False)
"""Compiled apart: for what is called from several places, or seldom."""

merged: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", _nrt=False, inline="always")
"""Written into the caller: for what is called once, and often; an array handed over costs seven words each time."""
