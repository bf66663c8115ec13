"""Imported by the fork server alone, before workers are forked from it: they share what is loaded here.

A season on the smallest network brings the compiled kernels into memory. Where they are not compiled yet, nothing is
done: the first worker compiles them.
"""

from ...scenarios.scenario import load
from ..kernels import compiled
from .case import Case, play

if compiled():
    play(Case(load("town", ["network=one_pipe"])))
