"""What a steady state is: what substations take, the water, and what was found.

Data only; sim/solve.py finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network_models.arrays import NetworkArrays
from ..network_models.network import Network, Node, Pipe
from ..network_models.problems import Problem
from .kernels import steady as k
from .kernels.water import density_kg_m3, fluidity_1_pa_s

__all__ = ["WATER", "Duty", "Fluid", "SteadyState", "faults_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Duty:
    """What one substation takes; two of heat, flow and return temperature (or drop) give the third.

    Attributes
    ----------
    heat_w : float or None
        Heat [W].
    return_c : float or None
        Temperature it returns [degC].
    drop_k : float or None
        Supply minus return temperature [K].
    flow_kg_s : float or None
        Flow [kg/s].
    """

    heat_w: float | None = None
    return_c: float | None = None
    drop_k: float | None = None
    flow_kg_s: float | None = None


@dataclass(frozen=True, slots=True)
class Fluid:
    """Water's properties as tables: pairs of (degC, value), linear between them and constant beyond.

    Attributes
    ----------
    density_kg_m3, heat_capacity_j_kgk, viscosity_pa_s : tuple of pairs
        Viscosity is dynamic.
    mean_of_ends : bool
        Book the heat of substations and sources by the mean of the heat capacities at both temperatures, as pandapipes
        does, instead of by enthalpy. At 95/45 degC that is 6e-4 more per kilogram than water gives.
    """

    density_kg_m3: tuple[tuple[float, float], ...]
    heat_capacity_j_kgk: tuple[tuple[float, float], ...]
    viscosity_pa_s: tuple[tuple[float, float], ...]
    mean_of_ends: bool = False

    @classmethod
    def constant(cls, density_kg_m3: float, heat_capacity_j_kgk: float, viscosity_pa_s: float) -> Fluid:
        """Return a fluid whose properties do not depend on temperature."""
        return cls(((0.0, density_kg_m3),), ((0.0, heat_capacity_j_kgk),), ((0.0, viscosity_pa_s),))

    def table(self) -> Floats:
        """Return it as the kernel takes it."""
        at = np.arange(k.FLUID_CELLS + 1) * k.FLUID_STEP_K
        rows = [np.interp(at, *np.array(sorted(pairs), np.float64).T)
                for pairs in (self.density_kg_m3, self.heat_capacity_j_kgk, self.viscosity_pa_s)]  # fmt: skip
        return np.ascontiguousarray(k.fluid_table(*rows))


# Isobaric heat capacity of saturated liquid water [J/(kg K)] at 0, 10, … 150 degC (IAPWS-95, figures of steam tables).
_CAPACITY = (4219.9, 4195.5, 4184.4, 4180.1, 4179.6, 4181.5, 4185.1, 4190.2, 4196.8, 4205.2, 4215.7, 4228.3, 4243.5,
             4261.5, 4282.8, 4307.8)  # fmt: skip


def _water() -> Fluid:
    at = np.arange(0.0, 151.0, 2.0)
    return Fluid(
        tuple((float(t), float(density_kg_m3(min(t, 130.0)))) for t in at),
        tuple((10.0 * n, value) for n, value in enumerate(_CAPACITY)),
        tuple((float(t), 1.0 / float(fluidity_1_pa_s(min(t, 130.0)))) for t in at),
    )


WATER = _water()
"""Liquid water on the saturation line."""


@dataclass(frozen=True, slots=True, eq=False)
class SteadyState:
    """What :func:`solve_network` found; arrays follow the order of the network's tables.

    Attributes
    ----------
    code : str
        ``settled``; ``short_of_pressure``: settled, but some valves are open and pass less than they want;
        ``short_of_heat``: settled, but somewhere the supply is too cold for the heat asked; ``not_settled``: the last
        iterate stands, whose flows obey continuity where they are finite, but whose heat need not be what was asked.
    iterations : int
        Rounds over flows and temperatures.
    node_pressure_pa, node_c : arrays, shape (2, node)
        Supply and return: gauge pressure [Pa] and temperature [degC]; NaN where a node lies on no open pipe. Water that
        stands has the ground's temperature, and an unknown one (NaN) where no pipe at the node loses heat.
    pipe_flow_kg_s, pipe_drop_pa, pipe_loss_w, pipe_velocity_m_s : arrays, shape (2, pipe)
        Flow and pressure drop count from ``from_node`` to ``to_node``; NaN where a trench lacks that side.
    substation_* : arrays, shape (substation,)
        Supply and return temperature [degC], flow [kg/s], heat [W], pressure difference [Pa], and the share of the
        flow wanted that the pressure allows [-]. The return is NaN where nothing flows.
    source_* : arrays, shape (source,)
        Supply and return temperature [degC], flow [kg/s], heat [W], head [Pa].
    worst : tuple of str
        Substations by pressure left over, the least first: those that got less than they want or whose supply is too
        cold, else the one that sets the head of each island.
    balance_error : float
        Source heat less heat of substations and losses, over source heat [-].
    not_finite : tuple of str
        Pipes and substations where a number is none or beyond all measure; then the code is ``not_settled``.
    """

    network: Network | None
    arrays: NetworkArrays
    code: str
    iterations: int
    node_pressure_pa: Floats
    node_c: Floats
    pipe_flow_kg_s: Floats
    pipe_drop_pa: Floats
    pipe_loss_w: Floats
    pipe_velocity_m_s: Floats
    substation_supply_c: Floats
    substation_return_c: Floats
    substation_flow_kg_s: Floats
    substation_heat_w: Floats
    substation_dp_pa: Floats
    substation_served: Floats
    source_supply_c: Floats
    source_return_c: Floats
    source_flow_kg_s: Floats
    source_heat_w: Floats
    source_head_pa: Floats
    worst: tuple[str, ...]
    balance_error: float
    not_finite: tuple[str, ...] = ()

    def pipe_names(self) -> tuple[tuple[str, ...], ...]:
        """Return the names of pipes, of the supply and of the return: as the network's file had them."""
        return _by_side(self.network.pipes if self.network else (), self.arrays.pipe_ids)

    def _node_names(self) -> tuple[tuple[str, ...], ...]:
        return _by_side(self.network.nodes if self.network else (), self.arrays.node_ids)

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``network solve --json``."""
        a = self.arrays
        sides = ("supply", "return")
        nodes, pipes = self._node_names(), self.pipe_names()
        return {
            "code": self.code,
            "nodes": [
                {"id": name, "side": side, "pressure_bar": _plain(self.node_pressure_pa[s, n] / 1e5),
                 "temperature_c": _plain(self.node_c[s, n])}
                for s, side in enumerate(sides) for n, name in enumerate(nodes[s])
                if np.isfinite(self.node_c[s, n]) or np.isfinite(self.node_pressure_pa[s, n])
            ],
            "pipes": [
                {"id": name, "side": side, "from": nodes[s][a.pipe_from[p]], "to": nodes[s][a.pipe_to[p]],
                 "mass_flow_kg_s": _plain(self.pipe_flow_kg_s[s, p]),
                 "velocity_m_s": _plain(self.pipe_velocity_m_s[s, p]), "drop_pa": _plain(self.pipe_drop_pa[s, p]),
                 "loss_w": _plain(self.pipe_loss_w[s, p])}
                for s, side in enumerate(sides) for p, name in enumerate(pipes[s])
                if np.isfinite(self.pipe_flow_kg_s[s, p])
            ],
            "substations": [
                {"id": name, "mass_flow_kg_s": _plain(self.substation_flow_kg_s[x]),
                 "supply_c": _plain(self.substation_supply_c[x]), "return_c": _plain(self.substation_return_c[x]),
                 "heat_w": _plain(self.substation_heat_w[x]), "dp_bar": _plain(self.substation_dp_pa[x] / 1e5),
                 "served": _plain(self.substation_served[x])}
                for x, name in enumerate(a.substation_ids)
            ],
            "sources": [
                {"id": name, "mass_flow_kg_s": _plain(self.source_flow_kg_s[i]),
                 "supply_c": _plain(self.source_supply_c[i]), "return_c": _plain(self.source_return_c[i]),
                 "heat_w": _plain(self.source_heat_w[i]), "head_bar": _plain(self.source_head_pa[i] / 1e5)}
                for i, name in enumerate(a.source_ids)
            ],
            "worst": list(self.worst),
            "iterations": self.iterations,
            "balance_error": _plain(self.balance_error),
            "not_finite": list(self.not_finite),
        }  # fmt: skip


def faults_of(name: str, duty: Duty) -> list[Problem]:
    """Return what is wrong with a load."""
    back = duty.return_c is not None or duty.drop_k is not None
    given = [duty.heat_w is not None, duty.flow_kg_s is not None, back]
    wanted = "two of heat, flow, and return temperature or drop"
    if duty.return_c is not None and duty.drop_k is not None:
        return [Problem(f"loads.{name}", "both return temperature and drop", wanted)]
    if sum(given) != 2 or (not given[0] and duty.drop_k is None and duty.return_c is None):
        return [Problem(f"loads.{name}", f"{sum(given)} of them", wanted)]
    problems = []
    heat_from = None if given[1] else 0.0  # what puts heat in must say its flow
    for what, value, least in (("heat_w", duty.heat_w, heat_from), ("flow_kg_s", duty.flow_kg_s, 0.0),
                               ("drop_k", duty.drop_k, 0.0), ("return_c", duty.return_c, 0.0)):  # fmt: skip
        if value is not None and (not np.isfinite(value) or (least is not None and value < least)):
            wanted = "a finite number" if least is None else f"{least:g} or more"
            problems.append(Problem(f"loads.{name}.{what}", f"{value:g}", wanted))
    return problems


def _by_side(rows: Sequence[Node | Pipe], ids: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return names of the supply side, and of the return side where that has its own."""
    return ids, tuple(row.return_name or row.id for row in rows) or ids


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
