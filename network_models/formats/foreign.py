"""What a file of another program holds for us: the network, with notes on what was left out, and a saved state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..network import Network

__all__ = ["Fluid", "Foreign", "Friction", "Load", "OperatingPoint", "Outlet", "unique"]

Friction = Literal["colebrook", "colebrook_everywhere", "table", "swamee_jain", "nikuradse"]


@dataclass(frozen=True, slots=True)
class Load:
    """What a substation takes in the saved state; None where the file leaves it to the solver.

    Attributes
    ----------
    substation : str
        Its id.
    heat_w : float or None
        Heat taken [W].
    flow_kg_s : float or None
        Primary flow [kg/s].
    return_c : float or None
        Temperature it returns [degC].
    drop_k : float or None
        Supply minus return temperature at the substation [K].
    """

    substation: str
    heat_w: float | None = None
    flow_kg_s: float | None = None
    return_c: float | None = None
    drop_k: float | None = None


@dataclass(frozen=True, slots=True)
class Outlet:
    """How a source is held in the saved state; None where the file leaves it to the solver.

    Attributes
    ----------
    source : str
        Its id.
    supply_c : float or None
        Temperature it sends out [degC].
    pressure_pa : float or None
        Gauge pressure at its supply [Pa].
    lift_pa : float or None
        Pressure difference from return to supply [Pa].
    flow_kg_s : float or None
        Flow it sends out [kg/s].
    """

    source: str
    supply_c: float | None = None
    pressure_pa: float | None = None
    lift_pa: float | None = None
    flow_kg_s: float | None = None


@dataclass(frozen=True, slots=True)
class Fluid:
    """Properties of the water as the file tables them: pairs of (degC, value), linear between."""

    name: str
    density_kg_m3: tuple[tuple[float, float], ...]
    heat_capacity_j_kgk: tuple[tuple[float, float], ...]
    viscosity_pa_s: tuple[tuple[float, float], ...]  # dynamic


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The state that a file holds beside its network: what a steady-state solver needs to repeat its answer.

    Attributes
    ----------
    loads : tuple of Load
        One per substation.
    outlets : tuple of Outlet
        One per source.
    closed : tuple of str
        Pipes that carry nothing: out of service, or with a shut valve.
    ground_c : dict
        Pipe -> temperature round it, where the file gives one [degC].
    fluid : Fluid or None
        The water's properties, where the file tables them.
    friction : str or None
        The law of friction the state was solved with, as ``sim.solve`` names it.
    """

    loads: tuple[Load, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    closed: tuple[str, ...] = ()
    ground_c: Mapping[str, float] = field(default_factory=dict)
    fluid: Fluid | None = None
    friction: Friction | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """What was read: the network, and the state it was saved in if the file tells one."""

    network: Network
    state: OperatingPoint | None = None


def unique(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the one given, or with a number behind it."""
    number, own = 2, name
    while own in taken:
        own, number = f"{name} #{number}", number + 1
    return own
