"""What a plan is asked: levers and targets as texts have them, read together so that all that is wrong is told at once.

No kernel is imported here: a slip of the pen is answered before anything is compiled or played.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...network_models.problems import InputError, Problem
from .levers import Lever, read_levers
from .targets import Mean, Target, read_targets

__all__ = ["read_question"]


def read_question(
    levers: Sequence[str | Lever], targets: Sequence[str]
) -> tuple[tuple[Lever, ...], tuple[Target, ...], tuple[Mean, ...]]:
    """Return the levers, the targets in a share of winters, and the limits on means.

    Parameters
    ----------
    levers : sequence of str or Lever
        As :func:`heatseason.sim.study.levers.read_levers` reads them.
    targets : sequence of str
        As :func:`heatseason.sim.study.targets.read_targets` reads them.

    Raises
    ------
    InputError
        With everything that is wrong in both.
    """
    texts = [lever for lever in levers if isinstance(lever, str)]
    rows = tuple(lever for lever in levers if isinstance(lever, Lever))
    goals: tuple[Target, ...] = ()
    means: tuple[Mean, ...] = ()
    problems: list[Problem] = []
    try:
        rows += read_levers(texts) if texts or not rows else ()
    except InputError as error:
        problems += error.problems
    try:
        goals, means = read_targets(targets)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return rows, goals, means
