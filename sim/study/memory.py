"""What a process does with memory it has freed: kept while a season is played, given back before it is judged.

All of it is glibc's; where that is not there, nothing is done and nothing is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
from functools import cache
from typing import Any

__all__ = ["give_back", "keep_freed"]

_TRIM, _MMAP, _MB = -1, -3, 1 << 20  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h


@cache
def keep_freed() -> None:
    """Undo, once, what Dask's nanny sets: freed memory given back at once, which costs a season a quarter of its time.

    Its ``MALLOC_TRIM_THRESHOLD_`` of 64 kB also keeps glibc from raising its other threshold. Both are set to where
    glibc itself would have taken them.
    """
    with contextlib.suppress(AttributeError):
        _libc().mallopt(_MMAP, 32 * _MB)
        _libc().mallopt(_TRIM, 64 * _MB)


def give_back() -> None:
    """Give back what is free now: a season's own arrays, before judging asks for others (a millisecond)."""
    with contextlib.suppress(AttributeError):
        _libc().malloc_trim(0)


@cache
def _libc() -> Any:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
