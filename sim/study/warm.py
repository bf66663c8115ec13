"""Imported by the fork server alone, before workers are forked from it: they share what is loaded here.

A season on the smallest network brings the compiled kernels into memory. Where they are not compiled yet, nothing is
done: the first worker compiles them. What is there is then frozen, so that a worker's garbage collector does not write
into every page that it shares. While this goes on the server does not see its driver go, hence a watch, which has ended
before anything is forked.
"""

import gc
import os
import sys

from .watch import DRIVER, end_with, unless_the_driver_went

sys.excepthook = unless_the_driver_went
_stop = end_with(int(os.environ.get(DRIVER, os.getppid())))
try:
    from ...scenarios.scenario import load
    from ..kernels import compiled
    from .case import Case, play

    if compiled():
        play(Case(load("town", ["network=one_pipe"])))
    gc.collect()
    gc.freeze()
finally:
    _stop()
