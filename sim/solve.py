"""solve_network(network, …) -> SteadyState: flows, pressures and temperatures that belong to one set of loads.

The kernels are the season's (spanning trees, loop flows, friction); the closure is not: here a substation takes a heat
at a return temperature, as design calculations and other programs ask, and water's properties follow its temperature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..network_models.arrays import NetworkArrays, to_arrays
from ..network_models.formats.foreign import Friction
from ..network_models.network import Network, Node, Pipe
from ..network_models.problems import NetworkError, Problem, did_you_mean
from .kernels import layout as la
from .kernels import steady as k
from .kernels.friction import LAMINAR_RE, ROUGH, colebrook, friction_table, laminar_below, turbulent
from .kernels.scarcity import OFFERS, drive
from .kernels.sources import A_CAN
from .kernels.steady_hours import settle_hours
from .kernels.topology import derive
from .kernels.water import density_kg_m3, fluidity_1_pa_s
from .world.heat_plant import build
from .world.heat_settings import HeatSettings

__all__ = [
    "WATER",
    "Duty",
    "Fluid",
    "Friction",
    "SteadyHours",
    "SteadyState",
    "solve_arrays",
    "solve_hours",
    "solve_network",
]

Floats = npt.NDArray[np.float64]

CODES = ("settled", "short_of_pressure", "short_of_heat", "not_settled")
_G = 9.80665
_ROUNDS = 100  # of limiting flows by pressure; a starved network takes some ten
_EVEN = 1e-7  # change of a limited flow that is settled, as a share of what is wanted


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
        iterate stands, which obeys continuity.
    iterations : int
        Rounds over flows and temperatures.
    node_pressure_pa, node_c : arrays, shape (2, node)
        Supply and return: gauge pressure [Pa] and temperature [degC]; NaN where a node lies on no open pipe.
    pipe_flow_kg_s, pipe_drop_pa, pipe_loss_w, pipe_velocity_m_s : arrays, shape (2, pipe)
        Flow and pressure drop count from ``from_node`` to ``to_node``; NaN where a trench lacks that side.
    substation_* : arrays, shape (substation,)
        Supply and return temperature [degC], flow [kg/s], heat [W], pressure difference [Pa], and the share of the
        flow wanted that the pressure allows [-].
    source_* : arrays, shape (source,)
        Supply and return temperature [degC], flow [kg/s], heat [W], head [Pa].
    worst : tuple of str
        Substations by pressure left over, the least first: those that got less than they want, else the one that sets
        the head of each island.
    balance_error : float
        Source heat less heat of substations and losses, over source heat [-].
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
                if np.isfinite(self.node_c[s, n])
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
            "balance_error": self.balance_error,
        }  # fmt: skip


def solve_network(
    network: Network,
    *,
    supply_c: float | Mapping[str, float],
    loads: Mapping[str, Duty] | None = None,
    load: float = 1.0,
    ground_c: float | Mapping[str, float] = 10.0,
    fluid: Fluid = WATER,
    friction: Friction = "colebrook",
    lift_pa: float | Mapping[str, float] | None = None,
    static_pa: float | Mapping[str, float] = 3e5,
    shares: Mapping[str, float] | None = None,
    closed: tuple[str, ...] = (),
    least_dp_pa: float = 5e4,
) -> SteadyState:
    """Solve a network's steady state.

    Parameters
    ----------
    network : Network
    supply_c : float or mapping
        Temperature that sources send out [degC]; by source id, or one for all.
    loads : mapping, optional
        Substation id -> what it takes. A substation that is not named takes its design heat at its design temperature
        drop, which is its design heat over its design flow.
    load : float
        Share of the design heat that substations not named in `loads` take [-].
    ground_c : float or mapping
        Temperature round the pipes; by pipe id, or one for all [degC].
    fluid : Fluid
        Water by default.
    friction : {"colebrook", "colebrook_everywhere", "table", "swamee_jain", "nikuradse"}
        Colebrook's law itself; the same at any Reynolds number, as pandapipes has it; the season's table of it (within
        1e-5); the explicit form of Swamee and Jain (1976); or pandapipes' default, Nikuradse's rough factor added to
        64/Re. The first, third and fourth are laminar below Re 2300, with a smooth passage up to 4000.
    lift_pa : float or mapping, optional
        Pressure difference that the first source of each island holds at its terminals [Pa]; by source id, or one for
        all. Left out, pumps give the worst-placed substation what it needs, up to their head.
    static_pa : float or mapping
        Gauge pressure of the return at the first source of each island [Pa]; by source id, or one for all.
    shares : mapping, optional
        Source id -> share of its island's flow [-]; by capacity when left out.
    closed : tuple of str
        Pipes that carry nothing.
    least_dp_pa : float
        Pressure difference that every substation needs, whatever its valve does [Pa].

    Returns
    -------
    SteadyState

    Raises
    ------
    NetworkError
        When an id is not the network's, or a load is not two of heat, flow and return temperature.
    """
    arrays = to_arrays(network)
    problems = _unknown(arrays, supply_c, loads or {}, ground_c, shares or {}, closed)
    problems += [problem for name, duty in (loads or {}).items() for problem in _faults(name, duty)]
    if problems:
        raise NetworkError(problems)
    duties = np.full((4, len(arrays.substation_ids)), np.nan)
    duties[k.D_HEAT] = load * arrays.substation_design_w
    capacity = float(np.interp(70.0, *np.array(sorted(fluid.heat_capacity_j_kgk)).T))
    duties[k.D_DROP] = arrays.substation_design_w / (arrays.substation_primary_kg_s * capacity)
    for x, name in enumerate(arrays.substation_ids):
        if loads and name in loads:
            duty = loads[name]
            for row, value in ((k.D_HEAT, duty.heat_w), (k.D_RETURN, duty.return_c), (k.D_DROP, duty.drop_k),
                               (k.D_FLOW, duty.flow_kg_s)):  # fmt: skip
                duties[row, x] = np.nan if value is None else value
    return solve_arrays(
        arrays,
        duties,
        supply_c=_by_id(supply_c, arrays.source_ids),
        ground_c=_by_id(ground_c, arrays.pipe_ids),
        fluid=fluid,
        friction=friction,
        lift_pa=None if lift_pa is None else _by_id(lift_pa, arrays.source_ids, np.nan),
        static_pa=_by_id(static_pa, arrays.source_ids, 3e5),
        shares=None if shares is None else _by_id(shares, arrays.source_ids, 0.0),
        closed=np.isin(np.array(arrays.pipe_ids), closed),
        least_dp_pa=least_dp_pa,
        network=network,
    )


def solve_arrays(
    arrays: NetworkArrays,
    duties: Floats,
    *,
    supply_c: Floats,
    ground_c: Floats,
    fluid: Fluid = WATER,
    friction: Friction = "colebrook",
    lift_pa: float | Floats | None = None,
    static_pa: float | Floats = 3e5,
    shares: Floats | None = None,
    closed: npt.NDArray[np.bool_] | None = None,
    least_dp_pa: float = 5e4,
    tolerance_k: float = 1e-8,
    network: Network | None = None,
) -> SteadyState:
    """Solve as :func:`solve_network`, from arrays.

    Parameters
    ----------
    duties : array, shape (4, substation)
        Rows ``kernels.steady.D_*``; NaN where the solver finds it.
    supply_c, ground_c : arrays, shape (source,), (pipe,)
        [degC].
    tolerance_k : float
        Temperatures have settled when none changes by more [K].
    others
        As in :func:`solve_network`.
    """
    case = _Case.of(arrays, fluid, ground_c, supply_c, shares, closed)
    lifts = np.broadcast_to(np.nan if lift_pa is None else lift_pa, len(arrays.source_ids))
    statics = np.broadcast_to(static_pa, len(arrays.source_ids))
    duties = duties.copy()
    rounds = 0
    code = k.SETTLED
    for attempt in range(_ROUNDS):
        code, more = case.settle(duties, tolerance_k, friction)
        rounds += more
        changed = case.limit(lifts, least_dp_pa)
        if changed <= _EVEN or code == k.NOT_SETTLED:
            break
        if attempt == _ROUNDS - 1:
            code = k.NOT_SETTLED
    if code == k.SETTLED and (case.now[k.V_LIMIT] < 1.0).any():
        code = k.SHORT_OF_PRESSURE
    return case.state_found(network, code, rounds, statics)


@dataclass(frozen=True, slots=True, eq=False)
class SteadyHours:
    """What :func:`solve_hours` found, hour by hour.

    Attributes
    ----------
    heat_w, flow_kg_s, return_c : arrays, shape (hour,)
        Of all sources together; the return by flow [W], [kg/s], [degC].
    least_dp_pa : array, shape (hour,)
        Least pressure difference at a substation, over that at the first source's terminals [Pa].
    node_c, node_pa : float32 arrays, shape (hour, 2, node) or (0, 2, node)
        Supply and return: temperatures [degC], and pressures over the first source's on that side [Pa].
    pipe_flow_kg_s : float32 array, shape (hour, 2, pipe) or (0, 2, pipe)
        From ``from_node`` to ``to_node`` [kg/s].
    unsettled : int
        Hours that did not settle, or whose supply was somewhere too cold for the heat asked.
    """

    heat_w: Floats
    flow_kg_s: Floats
    return_c: Floats
    least_dp_pa: Floats
    node_c: npt.NDArray[np.float32]
    node_pa: npt.NDArray[np.float32]
    pipe_flow_kg_s: npt.NDArray[np.float32]
    unsettled: int


def solve_hours(
    arrays: NetworkArrays,
    heat_w: Floats,
    return_c: Floats,
    *,
    supply_c: Floats,
    load: Floats,
    ground_c: float,
    fluid: Fluid = WATER,
    friction: Literal["colebrook", "colebrook_everywhere"] = "colebrook",
    tolerance_k: float = 2e-3,
    keep: Literal["sums", "all"] = "sums",
) -> SteadyHours:
    """Solve one steady state after the other: a season without delay, pressures not limited.

    Parameters
    ----------
    arrays : NetworkArrays
    heat_w, return_c : arrays, shape (substation,)
        Heat at full load [W]; temperature returned [degC].
    supply_c, load : arrays, shape (hour,)
        Supply temperature [degC] and share of every substation's heat [-].
    ground_c : float
        [degC].
    fluid : Fluid
        Heat is booked by the mean of the heat capacities at both temperatures (``mean_of_ends``), whatever it says.
    friction : {"colebrook", "colebrook_everywhere"}
        As in :func:`solve_network`, from a table (within 1e-5 above Re 2300).
    tolerance_k : float
        An hour has settled when no substation's supply changes by more; some tenth of it is left [K].
    keep : {"sums", "all"}
        Whether temperatures, pressures and flows of every hour are returned too.
    """
    case = _Case.of(arrays, fluid, np.full(len(arrays.pipe_ids), ground_c), np.full(len(arrays.source_ids),
                    float(supply_c[0])), None, None)  # fmt: skip
    plant = case.plant
    if friction == "colebrook_everywhere":
        relative = np.unique(np.round(arrays.pipe_roughness_m / arrays.pipe_inner_diameter_m, 12))
        plant = plant._replace(friction=friction_table(relative, turbulent))
    hours, nodes, pipes = len(supply_c), len(arrays.node_ids), len(arrays.pipe_ids)
    kept = hours if keep == "all" else 0
    result = np.empty((hours, 4))
    node_c, node_pa = np.empty((kept, 2 * nodes), np.float32), np.empty((kept, 2 * nodes), np.float32)
    pipe_flow = np.empty((kept, 2 * pipes), np.float32)
    unsettled = settle_hours(
        plant, case.state, case.work, case.static, case.fluid, case.loss_w_k, case.ground_c,
        np.asarray(heat_w, np.float64), np.asarray(return_c, np.float64), case.outlet[k.E_SHARE],
        np.asarray(supply_c, np.float64), np.asarray(load, np.float64), tolerance_k, case.mean_c, result, node_c,
        node_pa, pipe_flow,
    )  # fmt: skip
    heat, flow, back, least = np.ascontiguousarray(result.T)
    return SteadyHours(
        heat, flow, back, least, node_c.reshape(-1, 2, nodes), node_pa.reshape(-1, 2, nodes),
        pipe_flow.reshape(-1, 2, pipes), unsettled,
    )  # fmt: skip


class _Case:
    """One network being solved: the kernels' arrays, and what limits flows by pressure."""

    def __init__(self, arrays: NetworkArrays, plant: la.Plant, state: la.State, work: la.Work, fluid: Fluid) -> None:
        self.arrays, self.plant, self.state, self.work = arrays, plant, state, work
        self.fluid, self.ends = fluid.table(), fluid.mean_of_ends
        sides = 2 * len(arrays.pipe_ids)
        self.static = plant.pipe.copy()
        self.loss_w_k = np.tile(arrays.pipe_loss_w_mk * arrays.pipe_length_m, 2)
        self.ground_c = np.zeros(sides)
        self.now = np.zeros((6, len(arrays.substation_ids)))
        self.now[k.V_LIMIT] = 1.0
        self.outlet = np.zeros((5, len(arrays.source_ids)))
        self.given = np.zeros(len(arrays.source_ids))  # shares of their island's flow that were asked for
        self.mean_c = np.zeros(sides)
        self.lost_w = np.zeros(sides)
        self.level = np.zeros(len(arrays.source_ids))  # by island: supply less return pressure at the roots [Pa]

    @classmethod
    def of(
        cls, arrays: NetworkArrays, fluid: Fluid, ground_c: Floats, supply_c: Floats, shares: Floats | None,
        closed: npt.NDArray[np.bool_] | None,
    ) -> _Case:  # fmt: skip
        """Return a case at rest, at plausible temperatures."""
        weather = np.zeros((4, 1))
        plant, state, work = build(arrays, HeatSettings(), weather)
        case = cls(arrays, plant, state, work, fluid)
        if closed is not None and closed.any():
            state.pipe_int[la.J_OPEN] &= ~np.tile(closed, 2)
            derive(plant, state)
        nodes = len(arrays.node_ids)
        warm = float(supply_c.max())
        state.node[la.N_TEMPERATURE, :nodes] = warm
        state.node[la.N_TEMPERATURE, nodes:] = 0.5 * (warm + float(ground_c.mean()))
        case.ground_c[:] = np.tile(ground_c, 2)
        pipes = len(arrays.pipe_ids)
        case.mean_c[:pipes], case.mean_c[pipes:] = warm, 0.5 * (warm + float(ground_c.mean()))
        case.outlet[k.E_SUPPLY] = supply_c
        given = plant.source[la.O_CAPACITY] if shares is None else shares
        island = state.island[: len(given)]
        total = np.bincount(island, given, len(given))[island]
        alone = np.bincount(island, minlength=len(given))[island]
        case.outlet[k.E_SHARE] = np.where(total > 0.0, given / np.where(total > 0.0, total, 1.0), 1.0 / alone)
        case.given[:] = case.outlet[k.E_SHARE]
        return case

    def settle(self, duties: Floats, tolerance_k: float, friction: Friction) -> tuple[int, int]:
        """Settle flows and temperatures; but for the table, the friction law's correction is found along the way."""
        rounds = 0
        for _ in range(1 if friction == "table" else 6):
            code, more = k.settle(
                self.plant, self.state, self.work, self.static, self.fluid, self.ends, self.loss_w_k, self.ground_c,
                duties, self.now, self.outlet, self.mean_c, self.lost_w, tolerance_k,
            )  # fmt: skip
            rounds += more
            if friction == "table" or self._correct(friction) < 1e-10:
                break
        return code, rounds

    def _correct(self, friction: Friction) -> float:
        """Put what the friction law has over its table into the minor losses; return the largest change [-]."""
        pipe, static = self.state.pipe, self.static
        flow = np.abs(pipe[la.L_FLOW])
        reynolds = np.maximum(flow * pipe[la.L_REYNOLDS], 1e-9)
        roughness = np.tile(self.arrays.pipe_roughness_m / self.arrays.pipe_inner_diameter_m, 2)
        moving = flow > 0.0
        exact = _LAWS[friction](reynolds[moving], roughness[moving])
        resistance = pipe[la.L_DROP, moving] / (pipe[la.L_DRAG, moving] * flow[moving] * pipe[la.L_FLOW, moving])
        wanted = exact * static[la.P_SLENDER, moving] + self.plant.pipe[la.P_ZETA, moving]
        change = wanted - resistance
        static[la.P_ZETA, moving] += change
        return float(np.abs(change / wanted).max(initial=0.0))

    def limit(self, lift_pa: Floats, least_dp_pa: float) -> float:
        """Set each island's pressure, and limit flows that it does not allow; return the largest change [-].

        What open valves and pumps at their head do is found as in a season (scarcity.py); a given lift is such a head.
        """
        arrays, plant, state, work, now = self.arrays, self.plant, self.state, self.work, self.now
        nodes, sources = len(arrays.node_ids), len(arrays.source_ids)
        pressure, island = state.node[la.N_PRESSURE], state.island
        valve, flow, want = arrays.substation_valve_kg_s_pa05, now[k.V_FLOW], now[k.V_WANT]
        own = pressure[arrays.substation_node] - pressure[nodes + arrays.substation_node]
        lift = pressure[arrays.source_node] - pressure[nodes + arrays.source_node]
        needed = np.maximum((want / valve) ** 2, least_dp_pa)
        scarce = bool((now[k.V_LIMIT] < 1.0).any())
        for at in range(int(state.counts[la.Q_ISLANDS, 0])):
            mine = (island[sources:] == at) & (want > 0.0)
            holders = np.flatnonzero((island[:sources] == at) & (self.outlet[k.E_FLOW] > 0.0))
            if not mine.any() or not len(holders):
                continue
            level = max(float((needed - own)[mine].max()), 0.0)
            first = np.flatnonzero(island[:sources] == at)[0]
            most = float((arrays.source_head_max_pa[holders] - lift[holders]).min())
            if np.isnan(lift_pa[first]):
                scarce |= level > most * (1.0 + 1e-9) + 1e-6
                self.level[at] = min(level, most)
            else:
                self.level[at] = lift_pa[first] - lift[first]
                scarce |= bool((self.level[at] + own < (want / valve) ** 2 * (1.0 - 1e-9))[mine].any())
        if not scarce:
            return 0.0
        work.substation[la.B_WANT], state.substation[la.Y_FLOW] = want, flow
        state.source[la.O_FLOW], state.source[la.O_PLAN] = self.outlet[k.E_FLOW], self.given
        work.source[A_CAN] = np.inf
        heads = plant.source.copy()
        given = ~np.isnan(lift_pa)
        heads[la.O_HEAD_MAX, given] = lift_pa[given]
        offer = OFFERS if given.any() else 0  # a given lift leaves no choice
        _, settled = drive(offer, np.ones(sources), plant._replace(source=heads), state, work)
        share = np.where(want > 0.0, state.substation[la.Y_FLOW] / np.maximum(want, 1e-12), 1.0)
        changed = max(
            np.abs(share - now[k.V_LIMIT]).max(), np.abs(state.source[la.O_SHARE] - self.outlet[k.E_SHARE]).max()
        )
        now[k.V_LIMIT], self.outlet[k.E_SHARE] = share, state.source[la.O_SHARE]
        return float(changed) if settled else 1.0

    def state_found(self, network: Network | None, code: int, rounds: int, static_pa: Floats) -> SteadyState:
        """Return what was found, pressures absolute and with height."""
        arrays, state, now, outlet = self.arrays, self.state, self.now, self.outlet
        nodes, pipes, sources = len(arrays.node_ids), len(arrays.pipe_ids), len(arrays.source_ids)
        part = state.tree[la.T_PART]
        pressure = state.node[la.N_PRESSURE].copy()
        reached = part >= 0
        temperature = np.where(reached, state.node[la.N_TEMPERATURE], np.nan)
        absolute = np.full(2 * nodes, np.nan)
        heights = arrays.node_elevation_m
        for side in range(2):
            rows = slice(side * nodes, (side + 1) * nodes)
            weight = float(np.interp(np.nanmean(temperature[rows]), np.arange(k.FLUID_CELLS + 1) * k.FLUID_STEP_K,
                                     self.fluid[k.F_DENSITY])) * _G  # fmt: skip
            for row in range(int(state.counts[la.Q_PARTS, side])):
                island = int(state.part_island[side, row])
                inside = np.flatnonzero(part[rows] == row)
                if island < 0 or not len(inside):
                    continue
                first = np.flatnonzero(state.island[:sources] == island)[0]
                holder = int(arrays.source_node[first])
                base = static_pa[first] + (self.level[island] if side == 0 else 0.0)
                back = pressure[nodes + holder] if side else 0.0
                absolute[side * nodes + inside] = (
                    base + pressure[side * nodes + inside] - back + weight * (heights[holder] - heights[inside])
                )
        own = pressure[arrays.substation_node] - pressure[nodes + arrays.substation_node]
        at = state.island[sources:]
        dp = np.where(at >= 0, self.level[np.maximum(at, 0)] + own, 0.0)
        lift = pressure[arrays.source_node] - pressure[nodes + arrays.source_node]
        head = np.where(outlet[k.E_FLOW] > 0.0, self.level[state.island[:sources]] + lift, 0.0)
        flow = state.pipe[la.L_FLOW]
        present = np.concatenate([arrays.pipe_on_supply, arrays.pipe_on_return]) & (
            state.pipe_int[la.J_OPEN].astype(bool)
        )
        where = np.arange(k.FLUID_CELLS + 1) * k.FLUID_STEP_K
        density = np.interp(self.mean_c, where, self.fluid[k.F_DENSITY])
        area = np.tile(0.25 * np.pi * arrays.pipe_inner_diameter_m**2, 2)
        made, taken = float(outlet[k.E_HEAT].sum()), float(now[k.V_HEAT].sum() + self.lost_w[present].sum())

        def sided(values: Floats) -> Floats:
            return np.where(present, values, np.nan).reshape(2, pipes)

        return SteadyState(
            network=network,
            arrays=arrays,
            code=CODES[code],
            iterations=rounds,
            node_pressure_pa=absolute.reshape(2, nodes),
            node_c=temperature.reshape(2, nodes),
            pipe_flow_kg_s=sided(flow),
            pipe_drop_pa=sided(state.pipe[la.L_DROP]),
            pipe_loss_w=sided(self.lost_w),
            pipe_velocity_m_s=sided(flow / (density * area)),
            substation_supply_c=now[k.V_SUPPLY].copy(),
            substation_return_c=now[k.V_RETURN].copy(),
            substation_flow_kg_s=now[k.V_FLOW].copy(),
            substation_heat_w=now[k.V_HEAT].copy(),
            substation_dp_pa=dp,
            substation_served=np.where(at >= 0, now[k.V_LIMIT], 0.0),
            source_supply_c=outlet[k.E_SUPPLY].copy(),
            source_return_c=outlet[k.E_RETURN].copy(),
            source_flow_kg_s=outlet[k.E_FLOW].copy(),
            source_heat_w=outlet[k.E_HEAT].copy(),
            source_head_pa=head,
            worst=self._worst(dp, at),
            balance_error=abs(made - taken) / max(abs(made), 1e-12),
        )

    def _worst(self, dp: Floats, island: npt.NDArray[np.int64]) -> tuple[str, ...]:
        """Return the substations short of pressure, the worst first, or else the one that sets each island's head."""
        ids, limit = self.arrays.substation_ids, self.now[k.V_LIMIT]
        cut = np.flatnonzero(island < 0)
        short = np.flatnonzero((limit < 1.0) & (island >= 0))
        if len(short) or len(cut):
            ordered = [*cut.tolist(), *short[np.lexsort((short, limit[short]))].tolist()]
            return tuple(ids[x] for x in ordered)
        spare = dp - (self.now[k.V_FLOW] / self.arrays.substation_valve_kg_s_pa05) ** 2
        found = []
        for at in np.unique(island):
            mine = np.flatnonzero((island == at) & (self.now[k.V_FLOW] > 0.0))
            if len(mine):
                found.append(ids[mine[np.argmin(spare[mine])]])
        return tuple(found)


def _swamee_jain(reynolds: Floats, relative_roughness: Floats) -> Floats:
    """Return Darcy's factor by Swamee and Jain, J. Hydraul. Div. 102 (1976) 657; laminar below Re 2300 [-]."""
    inside = relative_roughness / 3.7 + 5.74 / np.maximum(reynolds, LAMINAR_RE) ** 0.9
    return laminar_below(0.25 / np.log10(inside) ** 2, reynolds)


def _nikuradse(reynolds: Floats, relative_roughness: Floats) -> Floats:
    """Return Nikuradse's factor of a rough pipe plus 64/Re, as pandapipes has it by default [-]."""
    rough: Floats = 0.25 / np.log10(relative_roughness / ROUGH) ** 2
    return rough + 64.0 / reynolds


_LAWS = {"colebrook": colebrook, "colebrook_everywhere": turbulent, "swamee_jain": _swamee_jain,
         "nikuradse": _nikuradse}  # fmt: skip


def _by_id(values: float | Mapping[str, float], ids: tuple[str, ...], default: float | None = None) -> Floats:
    if isinstance(values, Mapping):
        middle = float(np.mean(list(values.values()))) if default is None else default
        return np.array([values.get(name, middle) for name in ids], np.float64)
    return np.full(len(ids), float(values))


def _unknown(
    arrays: NetworkArrays, supply_c: Any, loads: Mapping[str, Duty], ground_c: Any, shares: Mapping[str, float],
    closed: tuple[str, ...],
) -> list[Problem]:  # fmt: skip
    """Return a problem for every id that the network does not have."""
    asked = (
        ("supply_c", supply_c if isinstance(supply_c, Mapping) else {}, arrays.source_ids, "a source"),
        ("loads", loads, arrays.substation_ids, "a substation"),
        ("ground_c", ground_c if isinstance(ground_c, Mapping) else {}, arrays.pipe_ids, "a pipe"),
        ("shares", shares, arrays.source_ids, "a source"),
        ("closed", closed, arrays.pipe_ids, "a pipe"),
    )
    return [
        Problem(what, f'"{name}"', f"the id of {kind} of the network", did_you_mean(name, list(known)))
        for what, names, known, kind in asked
        for name in names
        if name not in known
    ]


def _faults(name: str, duty: Duty) -> list[Problem]:
    """Return what is wrong with a load."""
    back = duty.return_c is not None or duty.drop_k is not None
    given = [duty.heat_w is not None, duty.flow_kg_s is not None, back]
    wanted = "two of heat, flow, and return temperature or drop"
    if duty.return_c is not None and duty.drop_k is not None:
        return [Problem(f"loads.{name}", "both return temperature and drop", wanted)]
    if sum(given) != 2 or (not given[0] and duty.drop_k is None and duty.return_c is None):
        return [Problem(f"loads.{name}", f"{sum(given)} of them", wanted)]
    problems = []
    for what, value, least in (("heat_w", duty.heat_w, None), ("flow_kg_s", duty.flow_kg_s, 0.0),
                               ("drop_k", duty.drop_k, 0.0), ("return_c", duty.return_c, None)):  # fmt: skip
        if value is not None and (not np.isfinite(value) or (least is not None and value < least)):
            wanted = "a finite number" if least is None else f"{least:g} or more"
            problems.append(Problem(f"loads.{name}.{what}", f"{value:g}", wanted))
    return problems


def _by_side(rows: Sequence[Node | Pipe], ids: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return names of the supply side, and of the return side where that has its own."""
    return ids, tuple(row.return_name or row.id for row in rows) or ids


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
