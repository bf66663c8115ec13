"""Fuel: what a unit burns for its heat, and how much heat a stock still gives: stock ends at exactly zero."""

from __future__ import annotations

from .heat_compile import kernel
from .layout import F_BEFORE, F_GRANT, F_STAYS, F_STOCK, K_DAY, Array

__all__ = ["begin_day", "burn", "draw", "heat_within", "part_load"]


@kernel
def begin_day(day: int, clock: Array, stock: Array) -> None:
    """Let a day begin, once: of what a store has as much stays as may, and what the day brings comes to it."""
    if clock[K_DAY] >= day:
        return
    clock[K_DAY] = day
    for f in range(stock.shape[1]):
        stock[F_BEFORE, f] = stock[F_STOCK, f]
        stock[F_STOCK, f] = min(stock[F_STOCK, f], stock[F_STAYS, f]) + stock[F_GRANT, f]


@kernel
def part_load(load: float, efficiency: float, slope: float, minimum: float) -> float:
    """Return the efficiency at a load [-]; below its minimum a unit runs at its minimum and pauses."""
    return efficiency * (1.0 + slope * (1.0 - max(load, minimum)))


@kernel
def burn(
    heat_w: float, dt: float, capacity_w: float, efficiency: float, slope: float, minimum: float, heating_value:
    float,
) -> float:  # fmt: skip
    """Return the fuel that a unit burns in a step [unit].

    Parameters
    ----------
    heat_w : float
        Mean heat of the step [W], at most `capacity_w`.
    dt : float
        Step [s].
    capacity_w : float
        Capacity at which the unit can run, above zero [W].
    efficiency, slope, minimum : float
        Efficiency at full load [-]; its rise per unit of load not used [-]; least load [-].
    heating_value : float
        Lower heating value [J/unit].
    """
    return heat_w * dt / (part_load(heat_w / capacity_w, efficiency, slope, minimum) * heating_value)


@kernel
def heat_within(
    stock: float, dt: float, capacity_w: float, efficiency: float, slope: float, minimum: float, heating_value:
    float,
) -> float:  # fmt: skip
    """Return the mean heat of a step that a unit can make before the stock runs out, at most its capacity [W].

    The inverse of :func:`burn`: with ``r = stock * heating value / (capacity * dt)`` the load L solves
    ``L = r e (1 + s (1 - L))`` above the least load, and is ``r`` times the efficiency there below it; with
    ``r e >= 1`` there is enough for full load.
    """
    if stock <= 0.0 or capacity_w <= 0.0:
        return 0.0
    ratio = stock * heating_value / (capacity_w * dt)
    if ratio * efficiency >= 1.0:
        return capacity_w
    load = ratio * part_load(minimum, efficiency, slope, minimum)
    if load > minimum:
        load = ratio * efficiency * (1.0 + slope) / (1.0 + ratio * efficiency * slope)
    return min(load, 1.0) * capacity_w


@kernel
def draw(
    heat_w: float, dt: float, capacity_w: float, efficiency: float, slope: float, minimum: float, first: int,
    second: int, heating_value: Array, stock: Array, burnt: Array,
) -> tuple[float, float]:  # fmt: skip
    """Burn for a heat; return what was made of it [W] and the energy of the fuel [J].

    A unit with one fuel makes less through the whole step when that gives out; with two it changes over within the step
    and goes on at the same load, at the same efficiency.

    Parameters
    ----------
    heat_w, dt, capacity_w, efficiency, slope, minimum : float
        As for :func:`burn`.
    first, second : int
        Stores to burn from, the second -1 if there is none.
    heating_value, stock, burnt : arrays, shape (store,)
        Lower heating values [J/unit]; stocks and what was burnt, changed in place [unit].
    """
    fuel = burn(heat_w, dt, capacity_w, efficiency, slope, minimum, heating_value[first])
    if fuel < stock[first]:
        stock[first] -= fuel
        burnt[first] += fuel
        return heat_w, fuel * heating_value[first]
    made, energy = heat_w, stock[first] * heating_value[first]
    if second < 0:
        made = heat_within(stock[first], dt, capacity_w, efficiency, slope, minimum, heating_value[first])
    else:
        left = 1.0 - stock[first] / fuel if fuel > 0.0 else 0.0  # share of the step that is still to be fired
        more = left * burn(heat_w, dt, capacity_w, efficiency, slope, minimum, heating_value[second])
        taken = min(more, stock[second])
        made = heat_w * (1.0 - left + (left * taken / more if more > 0.0 else 0.0))
        energy += taken * heating_value[second]
        stock[second] -= taken
        burnt[second] += taken
    burnt[first] += stock[first]
    stock[first] = 0.0
    return made, energy
