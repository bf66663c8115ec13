"""Power that fails, area by area: pumps stop at once, boilers trip and are relit; snow and storm make it likelier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ..calendar import DAY_S, HOUR_S, Calendar
from ..chance import Floats, lognormal
from ..parts import Part, number
from ..weather.weather import Weather
from .renewals import YEAR_S, draws_until

__all__ = ["Area", "PowerCuts", "PowerFailures", "areas", "draw_power_failures", "with_ordered_cuts"]


class PowerFailures(Part):
    """How the public grid fails."""

    enabled: bool = True
    """Whether power fails at all."""

    rate_per_year: float = number(
        0.6, ge=0, le=100, source="50 cities of China: 0.59 h per user in a first quarter; 0.03-1.74 interruptions "
        "per user", confidence="M", low=0.1, high=1.7,
    )  # fmt: skip
    """Interruptions of one area in a year of ordinary weather [1/a]."""

    hours: float = number(1.5, gt=0, le=200, source="1-3 h", confidence="L", low=1.0, high=3.0)
    """Mean duration [h]."""

    hours_spread: float = number(0.8, ge=0, le=5, source="assumed", confidence="L", low=0.4, high=1.5)
    """Coefficient of variation of the duration (lognormal) [-]."""

    snow_factor: float = number(
        4.0, ge=1, le=100, source="assumed: wet snow and ice on lines, as in 2008", confidence="L", low=2.0, high=10.0
    )
    """Rate on days of snow, as a multiple [-]."""

    area_share: float = number(
        0.08, gt=0, le=1, source="assumed: a feeder reaches a dozen substations", confidence="L", low=0.04, high=0.2
    )
    """Share of a district's substations that one area holds [-]."""

    restart_minutes: float = number(
        20.0, ge=0, le=1_440, source="assumed: pumps restarted by hand when the power is back", confidence="L", low=5.0,
        high=60.0,
    )  # fmt: skip
    """Until a substation runs again once power and staff are there [min]."""

    relight_minutes: float = number(
        60.0, ge=0, le=1_440, source="relight and purge 0.5-2 h", confidence="L", low=30.0, high=120.0
    )
    """Until a source's boilers burn again once power is back [min]."""


@dataclass(frozen=True, slots=True)
class Area:
    """What hangs on one feeder: its name, and rows of substations and sources."""

    id: str
    substations: tuple[int, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PowerCuts:
    """Cuts in time order: begin and end of the cut [s], row of the area, ordered by the scenario or drawn."""

    at_s: npt.NDArray[np.int64]
    end_s: npt.NDArray[np.int64]
    area: npt.NDArray[np.int64]
    imposed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of cuts."""
        return len(self.at_s)


@lru_cache(maxsize=8)
def areas(specification: PowerFailures, network: NetworkArrays) -> tuple[Area, ...]:
    """Return the areas: each district's substations in the network's order, cut into lots; sources spread over them."""
    found: list[Area] = []
    for row, district in enumerate(network.districts):
        members = np.flatnonzero(network.substation_district == row)
        plants = np.flatnonzero(network.source_district == row)
        lots = max(1, min(round(1.0 / specification.area_share), max(len(members), 1)))
        for lot, part in enumerate(np.array_split(members, lots)):
            here = tuple(int(p) for number, p in enumerate(plants) if number * lots // max(len(plants), 1) == lot)
            found.append(Area(f"{district}/{lot}", tuple(int(x) for x in part), here))
    return tuple(found)


def draw_power_failures(
    specification: PowerFailures,
    network: NetworkArrays,
    weather: Weather,
    calendar: Calendar,
    seed: int,
    replication: int,
) -> PowerCuts:
    """Return the cuts of one season: candidates at the rate of snow days, kept on others by their mark.

    The weather is nobody's doing, so that this can be settled before the clock starts.
    """
    ids = [area.id for area in areas(specification, network)]
    rate = specification.rate_per_year * specification.snow_factor / YEAR_S if specification.enabled else 0.0
    if rate <= 0.0 or not ids:
        return _no_cuts()

    def failed_s(u: Floats) -> Floats:
        at: Floats = np.cumsum(-np.log(u[:, :, 0]) / rate, axis=1)
        return at

    u, at = draws_until(calendar.horizon_s, failed_s, "power_failure", ids, each=3, seed=seed, replication=replication)
    area, turn = np.nonzero(at < calendar.horizon_s)
    when = at[area, turn].astype(np.int64)
    snow = weather.snow_mm.reshape(-1, 24).sum(axis=1) >= 1.0
    factor = np.where(snow[np.minimum(when // DAY_S, len(snow) - 1)], 1.0, 1.0 / specification.snow_factor)
    kept = u[area, turn, 2] < factor
    area, turn, when = area[kept], turn[kept], when[kept]
    hours = lognormal(u[area, turn, 1], specification.hours, specification.hours_spread)
    order = np.lexsort((area, when))
    return PowerCuts(
        when[order], (when + np.maximum(hours * HOUR_S, 60.0).astype(np.int64))[order], area[order].astype(np.int64),
        np.zeros(len(order), np.bool_),
    )  # fmt: skip


def with_ordered_cuts(drawn: PowerCuts, orders: Sequence[tuple[int, int, int]]) -> PowerCuts:
    """Return the cuts with the scenario's own among them: (begin, area, end) each."""
    if not orders:
        return drawn
    at, area, end = (np.array(column, np.int64) for column in zip(*orders, strict=True))
    begin, row = np.concatenate((drawn.at_s, at)), np.concatenate((drawn.area, area))
    imposed = np.concatenate((drawn.imposed, np.ones(len(at), np.bool_)))
    order = np.lexsort((imposed, row, begin))
    return PowerCuts(begin[order], np.concatenate((drawn.end_s, end))[order], row[order], imposed[order])


def _no_cuts() -> PowerCuts:
    empty = np.zeros(0, np.int64)
    return PowerCuts(empty, empty, empty, np.zeros(0, np.bool_))
