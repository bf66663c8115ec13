"""solve_saved(foreign) -> SteadyState: the answer of the program that saved a network, found again by ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..network_models.formats.foreign import Foreign, Friction, OperatingPoint
from ..network_models.network import Network
from ..network_models.problems import NetworkError, Problem
from .solve import solve_network
from .steady_state import WATER, Duty, Fluid, SteadyState

__all__ = ["after_edits", "solve_saved"]

_ROUNDS, _EVEN = 30, 1e-9  # of sharing out a given flow; change of a share that is settled


def solve_saved(
    foreign: Foreign,
    *,
    supply_c: float | None = None,
    loads: Mapping[str, Duty] | None = None,
    load: float = 1.0,
    ground_c: float | None = None,
    friction: Friction | None = None,
) -> SteadyState:
    """Solve the state that a file holds; what is given here goes before what the file says.

    Parameters
    ----------
    foreign : Foreign
        A network, with the state it was saved in where its format tells one.
    supply_c : float, optional
        Temperature that every source sends out [degC].
    loads : mapping, optional
        Substation id -> what it takes.
    load : float
        Share of the heat (or, where no heat is given, of the flow) that substations take which `loads` does not name.
    ground_c : float, optional
        Temperature round every pipe; 10 where the file tells none [degC].
    friction : str, optional
        As in :func:`~heatseason.sim.solve.solve_network`; Colebrook where the file tells none.

    Raises
    ------
    NetworkError
        When neither the file nor the caller says how warm the supply is, or a load is no load of the network.
    """
    state = foreign.state or OperatingPoint()
    warm = {outlet.source: outlet.supply_c for outlet in state.outlets if outlet.supply_c is not None}
    if supply_c is None and not warm:
        wanted = "the supply temperature of the sources [degC]"
        raise NetworkError([Problem("--supply-c", "", wanted, "the network's file does not tell it")])
    told = {one.substation: _duty(one, load) for one in state.loads}
    asked: dict[str, Any] = {
        "supply_c": warm if supply_c is None else supply_c,
        "loads": {**told, **(loads or {})},
        "load": load,
        "ground_c": (dict(state.ground_c) or 10.0) if ground_c is None else ground_c,
        "friction": friction or state.friction or "colebrook",
        "closed": state.closed,
    }
    if state.fluid is not None:
        fluid = state.fluid
        asked["fluid"] = Fluid(fluid.density_kg_m3, fluid.heat_capacity_j_kgk, fluid.viscosity_pa_s, mean_of_ends=True)
        asked["buoyancy"] = True
    else:
        asked["fluid"] = WATER
    if state.outlets:
        asked["least_dp_pa"] = 0.0
        lifts = {outlet.source: outlet.lift_pa for outlet in state.outlets if outlet.lift_pa is not None}
        asked["lift_pa"] = lifts or None
        pressures = {outlet.source: outlet.pressure_pa for outlet in state.outlets if outlet.pressure_pa is not None}
        asked["supply_pa"] = pressures or None
    return _shared_out(foreign, state, asked)


def after_edits(foreign: Foreign, network: Network) -> Foreign:
    """Return an edited network with what its saved state still says: of loads, sources and pipes that stand.

    The pieces of a pipe that was split are as it was. What is new has no saved state: its pipes lie in ground of the
    others' mean temperature, its sources send out the others' mean, its substations take their design heat.
    """
    if foreign.state is None:
        return Foreign(network)
    state = foreign.state
    substations, sources = {one.id for one in network.substations}, {one.id for one in network.sources}
    before = {one.id for one in foreign.network.pipes}
    pieces = [(pipe, name) for pipe in (one.id for one in network.pipes) for name in _cut_from(pipe, before)]
    return Foreign(
        network,
        replace(
            state,
            loads=tuple(one for one in state.loads if one.substation in substations),
            outlets=tuple(one for one in state.outlets if one.source in sources),
            closed=tuple(pipe for pipe, name in pieces if name in state.closed),
            ground_c={pipe: state.ground_c[name] for pipe, name in pieces if name in state.ground_c},
        ),
    )


def _cut_from(pipe: str, before: set[str]) -> list[str]:
    """Return the pipe that a pipe is or was cut from, none where it is new: pieces are called ``PIPE-EDIT``."""
    if pipe in before:
        return [pipe]
    return sorted((name for name in before if pipe.startswith(f"{name}-")), key=len)[-1:]


def _duty(load: Any, share: float) -> Duty:
    heat = None if load.heat_w is None else share * load.heat_w
    flow = load.flow_kg_s
    if flow is not None and heat is None:
        flow = share * flow
    return Duty(heat, load.return_c, load.drop_k, flow)


def _shared_out(foreign: Foreign, state: OperatingPoint, asked: dict[str, Any]) -> SteadyState:
    """Solve with sources that give a flow giving just that; the others, alike, give the rest."""
    given = {outlet.source: outlet.flow_kg_s for outlet in state.outlets if outlet.flow_kg_s is not None}
    others = [outlet.source for outlet in state.outlets if outlet.flow_kg_s is None]
    if not given or not others:
        if given:
            asked["shares"] = given
        return solve_network(foreign.network, **asked)
    asked["shares"] = dict.fromkeys((*given, *others), 1.0)
    for _ in range(_ROUNDS):
        found = solve_network(foreign.network, **asked)
        total = float(found.source_flow_kg_s.sum())
        rest = max(total - sum(given.values()), 0.0) / len(others)
        shares = {**given, **dict.fromkeys(others, rest)}
        moved = max(abs(shares[name] - asked["shares"][name]) for name in shares) / max(total, 1e-12)
        asked["shares"] = shares
        if moved < _EVEN:
            break
    return found
