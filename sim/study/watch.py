"""A watch over a process's driver, for the time in which nothing else would notice that it has been killed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType

__all__ = ["DRIVER", "end_with", "unless_the_driver_went"]

DRIVER = "HEATSEASON_DRIVER"
"""Environment variable with the process id of whoever started a fork server."""


def end_with(driver: int) -> Callable[[], None]:
    """End this process when `driver`, its parent, has gone; what is returned ends the watch."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            if os.getppid() != driver:
                os._exit(70)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()

    def stop() -> None:
        done.set()
        watching.join()

    return stop


def unless_the_driver_went(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what a process could not start for, unless it is that its driver, and what it was to share, have gone.

    An exception hook: an interrupted driver ends while a worker of its may be about to begin.
    """
    if not issubclass(kind, FileNotFoundError | EOFError):
        sys.__excepthook__(kind, error, trace)
