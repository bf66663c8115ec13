"""Pipes that leak or burst: drawn before the clock at a bound, accepted in the run by their mark.

What a pipe suffers depends on what the operator does to it: whether it is under pressure, how fast its supply
temperature moves, whether an inspection found the weak place first. So candidates are drawn from a hazard that no
policy can exceed, each with a uniform mark, and :func:`accept` keeps a candidate when its mark lies below the ratio of
the true hazard to the bound. Candidates belong to a pipe's id and a place along its trench, never to the order of
calls.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ..calendar import DAY_S, Calendar
from ..chance import Floats, lognormal, uniforms, uniforms_of_entities
from ..parts import Part, number
from .age_laws import AgeLaw, RussianNorm, age_rate_per_km_year

__all__ = [
    "DRAWN",
    "DUG_UP",
    "IMPOSED",
    "MARKS",
    "ORIGINS",
    "ImposedPipe",
    "PipeFailureCandidates",
    "PipeFailureState",
    "PipeFailures",
    "accept",
    "after_repair",
    "draw_pipe_failures",
    "hazard_ratio",
    "imposed_failures",
    "joined",
    "loss_kg_s",
]

#: Where a candidate comes from, by its number: drawn, ordered by the scenario, hit by another's digging.
ORIGINS: tuple[str, ...] = ("pipe_failure", "imposed", "digging")
DRAWN, IMPOSED, DUG_UP = range(3)

#: Columns of the 16 uniforms that travel with a candidate, for everything drawn about it later.
MARKS: tuple[str, ...] = (
    "leak_size", "latent", "found_by_inspection", "found_by_pressure_test", "detection", "stuck_from", "stuck_to",
    "travel", "stage_isolate", "stage_drain", "stage_dig", "stage_weld", "stage_fill", "forecast_error", "cooperation",
    "spare",
)  # fmt: skip

_COLUMNS = 5 + len(MARKS)  # time, position, side, kind, mark, then the marks
_ORIFICE = 0.6  # discharge coefficient of a sharp-edged hole
_WATER_KG_M3 = 965.0


class PipeFailures(Part):
    """How pipes fail."""

    enabled: bool = True
    """Whether pipes fail at all."""

    age_law: AgeLaw = RussianNorm()
    """Rate of a trench by age, before all other factors."""

    rate_factor: float = number(
        1.0, ge=0, le=1_000, source="a lever for scenarios and importance sampling", confidence="H"
    )
    """Multiplies the rate of every pipe [-]."""

    channel_factor: float = number(
        2.0, ge=0, le=50, source="old trench pipes 0.3-1.0 against 0.05-0.2 /(km a)", confidence="L", low=1.0, high=5.0
    )
    """Pipes in channels against preinsulated ones [-]."""

    diameter_exponent: float = number(
        0.4, ge=0, le=2, source="(DN/200)^-g, g 0.3-0.6", confidence="L", low=0.3, high=0.6
    )
    """How the rate falls with the diameter, (d / 200 mm)^-exponent [-]."""

    supply_share: float = number(
        0.7, ge=0, le=1, source="Soviet statistics: supply to return 2-3 to 1", confidence="M", low=0.6, high=0.8
    )
    """Share of failures that hit the supply pipe of a two-pipe trench [-]."""

    burst_share: float = number(
        0.07, ge=0, le=1, source="90-95 % leaks that allow a planned stop", confidence="L", low=0.03, high=0.15
    )
    """Share of failures that are bursts: isolation at once [-]."""

    early_excess: float = number(
        2.0, ge=0, le=20, source="November clusters (Harbin, Xi'an, Changchun)", confidence="L", low=1.0, high=4.0
    )
    """Excess of the rate on the first day of heat [-]."""

    early_decay_days: float = number(10.0, gt=0, le=120, source="same", confidence="L", low=5.0, high=20.0)
    """Days in which that excess falls to 1/e [d]."""

    ramp_exponent: float = number(
        0.3, ge=0, le=3, source="mains stressed by cold snaps (Warsaw, Gdańsk, Feb 2026); size assumed 0.2-0.4",
        confidence="L", low=0.2, high=0.4,
    )  # fmt: skip
    """Growth of the rate, exp(exponent · |change of supply temperature in a day| / 10 K) [-]."""

    ramp_cap_k: float = number(
        40.0, gt=0, le=150, source="bound of that factor, needed for drawing ahead", confidence="H"
    )
    """Change of supply temperature in a day beyond which the factor grows no more [K]."""

    cold_share: float = number(
        0.15, ge=0, le=1, source="assumed: pipes that hold water but no heat", confidence="L", low=0.05, high=0.4
    )
    """Rate of a filled pipe before the supply is on, as a share [-]."""

    latent_share: float = number(
        0.5, ge=0, le=1, source="assumed: joints and welds, 53 % of German damages", confidence="L", low=0.3, high=0.7
    )
    """Share of failures that an inspection or a pressure test could have found as a defect [-]."""

    leak_kg_s: float = number(
        1.2, gt=0, le=100, source="assumed: seen in the make-up flow after a day or so", confidence="L", low=0.4,
        high=4.0,
    )  # fmt: skip
    """Mean loss of a leak [kg/s]."""

    leak_growth_per_day: float = number(
        0.15, ge=0, le=10, source="assumed: water widens a corrosion hole until somebody comes", confidence="L",
        low=0.0, high=0.5,
    )  # fmt: skip
    """Growth of a leak in a day, as a share of its first loss, until it is found [1/d]."""

    leak_spread: float = number(1.0, ge=0, le=5, source="assumed", confidence="L", low=0.5, high=2.0)
    """Coefficient of variation of that loss (lognormal) [-]."""

    repair_growth: float = number(
        0.3, ge=0, le=10, source="water mains: each break raises the next rate by 0.1-0.5 (Yule process)",
        confidence="L", low=0.1, high=0.5,
    )  # fmt: skip
    """What each repair adds to the rate of its pipe for the rest of the season, as a share [-]."""

    burst_hole_share: float = number(
        0.04, gt=0, le=1, source="assumed: a split weld", confidence="L", low=0.01, high=0.2
    )
    """Mean area of a burst, as a share of the pipe's section [-]."""

    burst_pressure_pa: float = number(
        6e5, gt=0, le=2.5e6, source="assumed: gauge pressure in mains", confidence="L", low=3e5, high=1e6
    )
    """Gauge pressure behind a burst [Pa]."""


@dataclass(frozen=True, slots=True)
class PipeFailureState:
    """What a candidate meets when its time comes; all of it is for the world to say.

    Attributes
    ----------
    filled : bool
        The pipe holds water under pressure.
    heated : bool
        Heat is on.
    days_heated : float
        Days since heat came on, at least 0 [d].
    supply_change_k : float or None
        Change of supply temperature within the last day, either way; None where it is not known yet: the most that
        counts [K].
    defect_mended : bool
        Inspection or pressure test found this weak place, and it was put right.
    """

    filled: bool
    heated: bool
    days_heated: float
    supply_change_k: float | None
    defect_mended: bool = False


def accept(specification: PipeFailures, mark: float, state: PipeFailureState) -> bool:
    """Return whether a candidate comes to pass: its mark lies below the ratio of the hazard to the bound."""
    return mark < hazard_ratio(specification, state)


def hazard_ratio(specification: PipeFailures, state: PipeFailureState) -> float:
    """Return the true hazard over the bound at which candidates were drawn, 0…1 [-].

    Raises
    ------
    AssertionError
        When the hazard passes its bound, which would make the drawing wrong.
    """
    if not state.filled or state.defect_mended:
        return 0.0
    ramp = specification.ramp_cap_k
    if state.supply_change_k is not None:
        ramp = min(abs(state.supply_change_k), ramp)
    early = specification.early_excess * math.exp(-max(state.days_heated, 0.0) / specification.early_decay_days)
    factor = (1.0 + early if state.heated else specification.cold_share) * math.exp(
        specification.ramp_exponent * ramp / 10.0
    )
    ratio = factor / _bound(specification)
    assert ratio <= 1.0 + 1e-12, "the hazard passes the bound at which candidates were drawn"
    return ratio


@dataclass(frozen=True, slots=True, eq=False)
class PipeFailureCandidates:
    """Candidates in time order, one row each.

    Attributes
    ----------
    at_s : int array
        Second since the season's origin [s].
    pipe : int array
        Row of the pipe in the network.
    position : array
        Place along the trench, from 0 at its ``from`` node to 1.
    on_supply, burst : bool arrays
        Which pipe of the trench, and whether it bursts.
    leak_kg_s : array
        Loss while the pipe is under pressure [kg/s].
    mark : array
        Uniform that :func:`accept` compares with the hazard.
    marks : array, shape (candidate, 16)
        Uniforms for everything drawn later; columns are :data:`MARKS`.
    origin : int array
        Where it comes from, see :data:`ORIGINS`; what the scenario orders and what is dug up asks no hazard.
    """

    at_s: npt.NDArray[np.int64]
    pipe: npt.NDArray[np.int64]
    position: Floats
    on_supply: npt.NDArray[np.bool_]
    burst: npt.NDArray[np.bool_]
    leak_kg_s: Floats
    mark: Floats
    marks: Floats
    origin: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.at_s)

    @property
    def imposed(self) -> npt.NDArray[np.bool_]:
        """Which ones the scenario has ordered, shape (candidate,)."""
        result: npt.NDArray[np.bool_] = self.origin == IMPOSED
        return result


@dataclass(frozen=True, slots=True)
class ImposedPipe:
    """One pipe failure ordered by the scenario; loss None: what the law gives in the middle [kg/s]."""

    at_s: int
    pipe: int
    position: float
    on_supply: bool
    burst: bool
    loss_kg_s: float | None


def draw_pipe_failures(
    specification: PipeFailures, network: NetworkArrays, calendar: Calendar, seed: int, replication: int
) -> PipeFailureCandidates:
    """Return the candidates of one season, each pipe's from a stream of its own.

    A pipe's number of candidates is Poisson by inversion of one uniform, its times are uniform over the horizon; so a
    higher rate adds candidates to those that a lower one has, and leaves these where they were.
    """
    rows: list[tuple[int, Floats]] = []
    if specification.enabled:
        expected = _expected(specification, network, calendar)
        first = uniforms_of_entities(seed, replication, "pipe_failure", network.pipe_ids, count=1)[:, 0]
        for row in np.flatnonzero(first > np.exp(-expected)).tolist():
            count = _poisson(float(first[row]), float(expected[row]))
            name = ("pipe_failure", network.pipe_ids[row], "candidates")
            block = uniforms(seed, replication, *name, count=count * _COLUMNS)
            rows.append((row, block.reshape(count, _COLUMNS)))
    pipe = np.array([number for number, block in rows for _ in block], np.int64)
    u = np.concatenate([block for _, block in rows]) if rows else np.zeros((0, _COLUMNS))
    at = (u[:, 0] * calendar.horizon_s).astype(np.int64)
    in_time = np.lexsort((pipe, at))
    return _candidates(specification, network, at[in_time], pipe[in_time], u[in_time])


def after_repair(
    specification: PipeFailures,
    network: NetworkArrays,
    calendar: Calendar,
    seed: int,
    replication: int,
    *,
    pipe: int,
    failed_s: int,
    repaired_s: int,
) -> PipeFailureCandidates:
    """Return the candidates that a repair adds to its pipe for the rest of the season (failures cluster).

    In a linear Yule process each break adds `repair_growth` times the rate, so its own breaks are a Poisson stream of
    that rate. The stream is named by the pipe and the failure that was mended; what lies before the repair falls away.
    """
    expected = float(_expected(specification, network, calendar)[pipe]) * specification.repair_growth
    name = ("pipe_failure", network.pipe_ids[pipe], "after", failed_s)
    first = float(uniforms(seed, replication, *name, count=1)[0])
    count = _poisson(first, expected) if specification.enabled else 0
    u = uniforms(seed, replication, *name, "candidates", count=count * _COLUMNS).reshape(count, _COLUMNS)
    at = (u[:, 0] * calendar.horizon_s).astype(np.int64)
    later = np.flatnonzero(at > repaired_s)
    later = later[np.argsort(at[later], kind="stable")]
    return _candidates(specification, network, at[later], np.full(len(later), pipe), u[later])


def imposed_failures(
    specification: PipeFailures, network: NetworkArrays, orders: Sequence[ImposedPipe], seed: int, replication: int
) -> PipeFailureCandidates:
    """Return the scenario's own pipe failures; each order's marks are a stream of its own."""
    pipe = np.array([order.pipe for order in orders], np.int64)
    burst = np.array([order.burst for order in orders], np.bool_)
    marks = [
        uniforms(seed, replication, "imposed_failure", network.pipe_ids[order.pipe], order.at_s, count=len(MARKS))
        for order in orders
    ]
    loss = loss_kg_s(specification, network.pipe_inner_diameter_m[pipe], burst, np.full(len(orders), 0.5))
    given = np.array([np.nan if order.loss_kg_s is None else order.loss_kg_s for order in orders])
    return PipeFailureCandidates(
        np.array([order.at_s for order in orders], np.int64),
        pipe,
        np.array([order.position for order in orders]),
        np.array([order.on_supply for order in orders], np.bool_),
        burst,
        np.where(np.isnan(given), loss, given),
        np.zeros(len(orders)),
        np.array(marks).reshape(len(orders), len(MARKS)),
        np.full(len(orders), IMPOSED, np.int8),
    )


def joined(*tables: PipeFailureCandidates) -> PipeFailureCandidates:
    """Return the candidates of several tables in time order; those of one moment by pipe, drawn ones first."""
    columns = [np.concatenate([getattr(table, f.name) for table in tables]) for f in fields(PipeFailureCandidates)]
    in_time = np.lexsort((columns[8], columns[1], columns[0]))
    return PipeFailureCandidates(*(column[in_time] for column in columns))


def _candidates(
    specification: PipeFailures,
    network: NetworkArrays,
    at: npt.NDArray[np.int64],
    pipe: npt.NDArray[np.int64],
    u: Floats,
) -> PipeFailureCandidates:
    both = network.pipe_on_supply[pipe] & network.pipe_on_return[pipe]
    on_supply = np.where(both, u[:, 2] < specification.supply_share, network.pipe_on_supply[pipe])
    burst = u[:, 3] < specification.burst_share
    size = loss_kg_s(specification, network.pipe_inner_diameter_m[pipe], burst, u[:, 5])
    return PipeFailureCandidates(
        at, pipe, u[:, 1], on_supply, burst, size, u[:, 4], u[:, 5:], np.full(len(at), DRAWN, np.int8)
    )


def loss_kg_s(specification: PipeFailures, diameter_m: Floats, burst: npt.NDArray[np.bool_], uniform: Floats) -> Floats:
    """Return the water lost: lognormal for a leak, an orifice with a lognormal area for a burst [kg/s].

    Orifice: ``m = 0.6 A sqrt(2 rho p)`` (Idelchik), the area never beyond the pipe's section.
    """
    leak = lognormal(uniform, specification.leak_kg_s, specification.leak_spread)
    section = 0.25 * np.pi * diameter_m**2
    area = section * np.minimum(lognormal(uniform, specification.burst_hole_share, 1.0), 1.0)
    torn = _ORIFICE * area * math.sqrt(2.0 * _WATER_KG_M3 * specification.burst_pressure_pa)
    size: Floats = np.where(burst, np.maximum(torn, leak), leak)
    return size


def _expected(specification: PipeFailures, network: NetworkArrays, calendar: Calendar) -> Floats:
    """Return the expected number of candidates of each pipe over the horizon, at the bound, shape (pipe,) [-]."""
    middle = calendar.origin + dt.timedelta(seconds=calendar.horizon_s / 2)
    year = middle.year + (middle.timetuple().tm_yday - 0.5) / 365.25
    age = year - (network.pipe_year + 0.5)
    rate = age_rate_per_km_year(specification.age_law, age) * specification.rate_factor
    rate = rate * np.where(network.pipe_preinsulated, 1.0, specification.channel_factor)
    rate = rate * (network.pipe_inner_diameter_m / 0.2) ** -specification.diameter_exponent
    years = calendar.horizon_s / DAY_S / 365.25
    expected: Floats = rate * network.pipe_length_m / 1000.0 * years * _bound(specification)
    return expected


def _bound(specification: PipeFailures) -> float:
    """Return the largest factor that any policy can put on the rate [-]."""
    warm = max(1.0 + specification.early_excess, specification.cold_share)
    return warm * math.exp(specification.ramp_exponent * specification.ramp_cap_k / 10.0)


def _poisson(uniform: float, mean: float) -> int:
    """Return the Poisson quantile by summing, for small means."""
    count, term = 0, math.exp(-mean)
    total = term
    while uniform > total and count < 10_000:
        count += 1
        term *= mean / count
        total += term
        if term < 1e-300:
            break
    return count
