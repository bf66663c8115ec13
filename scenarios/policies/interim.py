"""Heat while a repair lasts (临时供热): mobile boilers, how many stand ready, and which buildings they go to."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats, lognormal
from ..parts import Part, number

__all__ = ["AnyInterim", "Coldest", "Interim", "Largest", "Protected", "arrival_s", "assign", "co2_kg", "fuel_kg"]

_HEATING_VALUE_J_KG = 42.7e6  # diesel, lower heating value (GB/T 2589)


class _Any(Part):
    units: int = number(
        0, ge=0, le=200, source="a lever: none is known to stand ready in Hanzhong", confidence="L", low=0, high=6
    )
    """Mobile boilers that stand ready."""

    capacity_w: float = number(
        2.8e6, gt=0, le=50e6, source="assumed: 4 t/h boiler in a container, on a low loader", confidence="L", low=0.7e6,
        high=7.0e6,
    )  # fmt: skip
    """Largest output of one [W]."""

    expected_h: float = number(
        8.0, ge=0, le=240, source="assumed: a shorter stop is over before the boiler is at work", confidence="L",
        low=4.0, high=24.0,
    )  # fmt: skip
    """Boilers go to buildings that are expected to lack heat for at least so long from now on [h]."""

    most_each: int = number(
        3, ge=1, le=50, source="assumed: room in the yard and connections at the header", confidence="L", low=1, high=4
    )
    """Most boilers at one building."""

    mobilise_minutes: float = number(
        60.0, ge=0, le=2_880, source="assumed: tractor, driver, fuel", confidence="L", low=30.0, high=180.0
    )
    """From the order to departure [min]."""

    travel_minutes: float = number(
        40.0, ge=0, le=1_440, source="assumed: 15 km at a low loader's speed", confidence="L", low=20.0, high=90.0
    )
    """Mean travel time [min]."""

    travel_spread: float = number(
        0.5, ge=0, le=3, source="assumed, as for the teams", confidence="L", low=0.3, high=0.8
    )
    """Coefficient of variation of the travel time (lognormal) [-]."""

    snow_factor: float = number(1.7, ge=1, le=10, source="assumed, as for the teams", confidence="L", low=1.2, high=2.5)
    """Travel on days of snow, as a multiple [-]."""

    set_up_h: float = number(
        3.0, ge=0, le=72, source="assumed: hoses, power, filling, firing up", confidence="L", low=1.5, high=8.0
    )
    """From arrival to the first heat; as long again to take it down [h]."""

    efficiency: float = number(0.88, gt=0, le=1, source="small oil boilers: 0.85-0.92", confidence="M")
    """Heat over the lower heating value of the fuel [-]."""

    fuel_cny_kg: float = number(
        8.0, ge=0, source="assumed: diesel by the road tanker, about 6.9 CNY/l", confidence="L", low=6.0, high=10.0
    )
    """Price of diesel [CNY/kg]."""

    co2_kg_gj: float = number(74.1, ge=0, source="IPCC 2006, diesel", confidence="H")
    """Carbon dioxide per energy of the fuel [kg/GJ]."""

    ready_cny_d: float = number(
        800.0, ge=0, source="assumed: rent of a unit through the season", confidence="L", low=300.0, high=2_000.0
    )
    """A unit standing ready [CNY/d]."""

    work_cny_h: float = number(
        180.0, ge=0, source="assumed: stoker and fitter by shift, vehicle", confidence="L", low=80.0, high=400.0
    )
    """A unit away from its yard, besides its standing ready [CNY/h]."""


class Protected(_Any):
    """Hospitals, schools and homes for the old first, then the buildings with most households."""

    kind: Literal["protected"] = "protected"
    """The weak first."""


class Largest(_Any):
    """The buildings with most households first."""

    kind: Literal["largest"] = "largest"
    """By households."""


class Coldest(_Any):
    """The coldest buildings first."""

    kind: Literal["coldest"] = "coldest"
    """By room temperature."""


AnyInterim = Protected | Largest | Coldest
Interim = Annotated[AnyInterim, Field(discriminator="kind")]


def assign(
    policy: AnyInterim,
    free: int,
    need_w: Floats,
    placed: npt.NDArray[np.int64],
    protected: npt.NDArray[np.bool_],
    households: npt.NDArray[np.int64],
    room_c: Floats,
) -> list[int]:
    """Return the building that each free boiler is sent to; fewer than are free where no more are wanted.

    A building gets as many as its need asks for, up to the most, before the next one is looked at.

    Parameters
    ----------
    free
        Boilers that are free.
    need_w
        Heat that each building would need, shape (building,) [W]; 0: it is not to have any.
    placed
        Boilers that are there already or under way, shape (building,).
    protected, households, room_c
        Whether it is a protected building, its households, its mean room temperature [degC], shape (building,).
    """
    wanted = np.minimum(np.ceil(need_w / policy.capacity_w).astype(np.int64), policy.most_each) - placed
    if isinstance(policy, Coldest):
        order = np.argsort(room_c, kind="stable")
    else:
        weak = protected if isinstance(policy, Protected) else np.zeros(len(need_w), np.bool_)
        order = np.lexsort((-households, ~weak))
    sent: list[int] = []
    for building in order.tolist():
        sent += [building] * min(max(int(wanted[building]), 0), free - len(sent))
    return sent


def arrival_s(policy: AnyInterim, uniform: float, *, snow: bool) -> int:
    """Return how long a boiler takes from the order to the place [s]."""
    road = float(lognormal(uniform, policy.travel_minutes * 60.0, policy.travel_spread))
    return math.ceil(policy.mobilise_minutes * 60.0 + road * (policy.snow_factor if snow else 1.0))


def fuel_kg(policy: AnyInterim, heat_j: float) -> float:
    """Return the diesel burnt for a heat [kg]."""
    return heat_j / (policy.efficiency * _HEATING_VALUE_J_KG)


def co2_kg(policy: AnyInterim, heat_j: float) -> float:
    """Return the carbon dioxide of a heat [kg]."""
    return heat_j / policy.efficiency * policy.co2_kg_gj * 1e-9
