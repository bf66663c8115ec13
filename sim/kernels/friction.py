"""Pressure loss of straight pipes: Darcy-Weisbach, the factor read from a table built once from Colebrook's formula.

A table per relative roughness, linear in the fourth root of the Reynolds number, replaces the choice of an explicit
formula: it costs two square roots and reproduces Colebrook to about 1e-5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .heat_compile import INDEX, row_kernel
from .layout import Array

__all__ = ["ENTRIES", "ROOT_STEP", "colebrook", "friction_table", "laminar_below", "losses", "turbulent"]

Floats = npt.NDArray[np.float64]

LAMINAR_RE, TURBULENT_RE = 2300.0, 4000.0  # the usual limits of the passage
CREEPING_RE = 100.0  # below which Colebrook's law is not followed on
ROUGH = 3.71  # as in the form that pandapipes and DESTEST's exact solution use; books with 3.7 give 5e-4 more loss
ENTRIES = 512
ROOT_MAX = 100.0  # fourth root of the largest Reynolds number, 1e8
ROOT_STEP = ROOT_MAX / (ENTRIES - 1)


def colebrook(reynolds: Floats, relative_roughness: float | Floats) -> Floats:
    """Return Darcy's friction factor [-], laminar below Re 2300 and a smooth passage to Colebrook at Re 4000.

    Parameters
    ----------
    reynolds : array
        Reynolds numbers, above zero [-].
    relative_roughness : float
        Roughness over inner diameter [-].

    Returns
    -------
    array
        Solution of ``1/sqrt(f) = -2 log10(k/(3.71 d) + 2.51/(Re sqrt(f)))`` (Colebrook 1939) by Newton's method;
        64/Re below 2300; between the two a cubic blend in Re.
    """
    return laminar_below(turbulent(np.maximum(reynolds, LAMINAR_RE), relative_roughness), reynolds)


def turbulent(reynolds: Floats, relative_roughness: float | Floats) -> Floats:
    """Return Colebrook's factor as in :func:`colebrook` but laminar nowhere, and below Re 100 that of Re 100 [-].

    The law was never meant for such creeping flow: followed on, it asks for the logarithm of a negative number.
    """
    reynolds = np.maximum(reynolds, CREEPING_RE)
    x = np.full(np.shape(reynolds), 7.0)  # 1/sqrt(f)
    for _ in range(20):
        inside = relative_roughness / ROUGH + 2.51 * x / reynolds
        error = x + 2.0 * np.log10(inside)
        x = x - error / (1.0 + 2.0 / np.log(10.0) * (2.51 / reynolds) / inside)
    factor: Floats = 1.0 / (x * x)
    return factor


def laminar_below(turbulent_factor: Floats, reynolds: Floats) -> Floats:
    """Return 64/Re below Re 2300, the turbulent factor above 4000, and a cubic blend in Re between the two [-]."""
    share = np.clip((reynolds - LAMINAR_RE) / (TURBULENT_RE - LAMINAR_RE), 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    factor: Floats = share * turbulent_factor + (1.0 - share) * 64.0 / reynolds
    return factor


def friction_table(relative_roughness: Floats, law: Callable[[Floats, Any], Floats] | None = None) -> Floats:
    """Return friction factors, shape (roughness, ENTRIES), at Reynolds numbers ``(ROOT_STEP * i)**4``.

    Parameters
    ----------
    relative_roughness : array, shape (roughness,)
        Roughness over inner diameter [-].
    law : callable, optional
        :func:`colebrook` when left out.
    """
    root: Floats = np.arange(ENTRIES, dtype=np.float64) * ROOT_STEP
    root[0] = root[1]  # a finite value at rest; the loss itself vanishes with the flow
    return np.array([(law or colebrook)(root**4, k) for k in relative_roughness])


@row_kernel
def losses(
    flow: Array, reynolds_per: Array, drag: Array, creep: Array, slenderness: Array, zeta: Array, row: Array,
    cells: Array, loss: Array, slope: Array,
) -> None:  # fmt: skip
    """Write the pressure loss of every pipe and its slope.

    Parameters
    ----------
    flow : array, shape (pipe,)
        Mass flow, positive from `from` to `to` [kg/s].
    reynolds_per : array, shape (pipe,)
        Reynolds number per flow, ``4/(pi d viscosity)`` [s/kg].
    drag : array, shape (pipe,)
        Dynamic pressure per squared flow, ``8/(pi^2 d^4 density)`` [1/(m kg)].
    creep : array, shape (pipe,)
        Slope of the laminar law, below which no slope falls: ``64 drag slenderness / reynolds_per`` [Pa s/kg].
    slenderness, zeta : arrays, shape (pipe,)
        Length over diameter [-]; sum of minor-loss coefficients [-].
    row : int array, shape (pipe,)
        Row of the pipe's roughness in the table.
    cells : array, shape (roughness * ENTRIES,)
        As :func:`friction_table` gives it, row by row [-].
    loss, slope : arrays, shape (pipe,), out
        Pressure at `from` less pressure at `to` [Pa] and its derivative by the flow [Pa s/kg].
    """
    for e in range(flow.size):
        mass_flow = abs(flow[e])
        root = np.sqrt(np.sqrt(mass_flow * reynolds_per[e])) * (1.0 / ROOT_STEP)
        cell = min(np.int64(root), ENTRIES - 2)
        at = (row[e] * ENTRIES + cell) & INDEX
        left = cells[at]
        rise = cells[at + 1] - left
        resistance = (left + rise * (root - cell)) * slenderness[e] + zeta[e]
        dynamic = drag[e] * mass_flow
        loss[e] = dynamic * resistance * flow[e]
        slope[e] = max(dynamic * (2.0 * resistance + 0.25 * root * rise * slenderness[e]), creep[e])
