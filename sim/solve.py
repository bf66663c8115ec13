"""solve_network(network, …) -> SteadyState: flows, pressures and temperatures that belong to one set of loads.

The kernels are the season's (spanning trees, loop flows, friction); the closure is not: here a substation takes a heat
at a return temperature, as design calculations and other programs ask, and water's properties follow its temperature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..network_models.arrays import NetworkArrays, to_arrays
from ..network_models.formats.foreign import Friction
from ..network_models.network import Network
from ..network_models.problems import NetworkError, Problem, did_you_mean
from .kernels import steady as k
from .kernels.steady_hours import settle_hours
from .steady_case import SteadyCase
from .steady_state import WATER, Duty, Fluid, SteadyState, faults_of

__all__ = ["SteadyHours", "solve_arrays", "solve_hours", "solve_network"]

Floats = npt.NDArray[np.float64]

_ROUNDS = 100  # of limiting flows by pressure; a starved network takes some ten
_EVEN = 1e-7  # change of a limited flow that is settled, as a share of what is wanted


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
    supply_pa: float | Mapping[str, float] | None = None,
    buoyancy: bool = False,
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
    supply_pa : float or mapping, optional
        Gauge pressure of the supply at the first source of each island [Pa]; goes before `static_pa`.
    buoyancy : bool
        Let the weight of the water drive flows too, pipe by pipe, as other programs do; at a few per cent of the load
        such flows may swing and not settle. Else each side has one density, and heights change pressures only.

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
    problems += [problem for name, duty in (loads or {}).items() for problem in faults_of(name, duty)]
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
        supply_pa=None if supply_pa is None else _by_id(supply_pa, arrays.source_ids, np.nan),
        buoyancy=buoyancy,
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
    supply_pa: float | Floats | None = None,
    buoyancy: bool = False,
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
    case = SteadyCase.of(arrays, fluid, ground_c, supply_c, friction, shares, closed, buoyancy=buoyancy)
    lifts = np.broadcast_to(np.nan if lift_pa is None else lift_pa, len(arrays.source_ids))
    statics = np.broadcast_to(static_pa, len(arrays.source_ids))
    held = np.broadcast_to(np.nan if supply_pa is None else supply_pa, len(arrays.source_ids))
    duties = duties.copy()
    rounds = 0
    code = k.SETTLED
    for attempt in range(_ROUNDS):
        code, more = case.settle(duties, tolerance_k, friction)
        rounds += more
        if case.not_finite():
            break
        changed = case.limit(lifts, least_dp_pa)
        if changed <= _EVEN or code == k.NOT_SETTLED:
            break
        if attempt == _ROUNDS - 1:
            code = k.NOT_SETTLED
    if code == k.SETTLED and (case.now[k.V_LIMIT] < 1.0).any():
        code = k.SHORT_OF_PRESSURE
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is shown as it is, and named
        return case.state_found(network, code, rounds, statics, held)


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
    ground, warm = np.full(len(arrays.pipe_ids), ground_c), np.full(len(arrays.source_ids), float(supply_c[0]))
    case = SteadyCase.of(arrays, fluid, ground, warm, friction)
    plant = case.plant
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
