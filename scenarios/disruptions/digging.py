"""Pipes hit by others' digging: on work-days, in working hours, wherever a trench lies under a road."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ...network_models.arrays import NetworkArrays
from ..calendar import DAY_S, HOUR_S, Calendar
from ..chance import Floats, uniforms
from ..parts import Part, number
from ..weather.weather import Weather
from .pipe_failures import DUG_UP, MARKS, PipeFailureCandidates, PipeFailures, loss_kg_s
from .renewals import draws_until
from .staff_absence import is_festival

__all__ = ["Digging", "draw_digging"]

_COLUMNS = 6 + len(MARKS)  # gap, hour, position, side, kind, snow; then the marks


class Digging(Part):
    """How often others' machines hit a pipe."""

    enabled: bool = True
    """Whether anyone does."""

    per_km_year: float = number(
        0.003, ge=0, le=10, source="assumed: a twentieth of all damages in a growing town; digging is a main "
        "covariate (Tereshchenko & Nord 2016)", confidence="L", low=0.001, high=0.01,
    )  # fmt: skip
    """Hits on a kilometre of trench in a year of work-days [1/(km·a)]."""

    burst_share: float = number(
        0.5, ge=0, le=1, source="assumed: a bucket tears the pipe or only its joint", confidence="L", low=0.2, high=0.8
    )
    """Share of hits that tear the pipe [-]."""

    from_h: int = number(8, ge=0, le=23, source="assumed: site hours", confidence="L")
    """Hour at which sites begin [h]."""

    until_h: int = number(18, ge=1, le=24, source="assumed: site hours", confidence="L")
    """Hour at which sites end [h]."""

    snow_share: float = number(
        0.3, ge=0, le=1, source="assumed: most sites stand still in snow", confidence="L", low=0.0, high=0.7
    )
    """Rate on days of snow, as a share [-]."""

    week_days: int = number(6, ge=1, le=7, source="assumed: Monday to Saturday", confidence="L", low=5, high=7)
    """Days of the week on which sites work, from Monday [d]."""


def draw_digging(
    specification: Digging,
    failures: PipeFailures,
    network: NetworkArrays,
    weather: Weather,
    calendar: Calendar,
    seed: int,
    replication: int,
) -> PipeFailureCandidates:
    """Return the hits of one season, each pipe's from a stream of its own.

    Hits are a Poisson stream in the count of work-days; those of snow days stay by a mark. They come to pass when the
    pipe holds water.
    """
    dates = [calendar.date(day) for day in range(calendar.days)]
    work_days = np.flatnonzero([_is_work_day(specification, date) for date in dates])
    length_km = network.pipe_length_m / 1000.0
    per_day = specification.per_km_year * length_km / (365.25 * specification.week_days / 7.0)
    rows: list[tuple[int, int, Floats]] = []
    if specification.enabled and specification.per_km_year > 0.0 and len(work_days):

        def work_days_until(u: Floats) -> Floats:
            with np.errstate(divide="ignore"):
                until: Floats = np.cumsum(-np.log(u[:, :, 0]), axis=1) / per_day[:, None]
            return until

        _, count = draws_until(len(work_days), work_days_until, "digging", network.pipe_ids, each=1, seed=seed,
                               replication=replication)  # fmt: skip
        for pipe, hit in zip(*np.nonzero(count < len(work_days)), strict=True):
            u = uniforms(seed, replication, "digging", network.pipe_ids[pipe], int(hit), count=_COLUMNS)
            rows.append((int(pipe), int(work_days[int(count[pipe, hit])]), u))
    snow = weather.snow_mm.reshape(-1, 24).sum(axis=1) >= 1.0
    rows = [row for row in rows if not snow[row[1]] or row[2][5] < specification.snow_share]
    pipe_of = np.array([row[0] for row in rows], np.int64)
    u = np.array([row[2] for row in rows]).reshape(len(rows), _COLUMNS)
    hours = specification.from_h + u[:, 1] * max(specification.until_h - specification.from_h, 0)
    at = np.array([row[1] for row in rows], np.int64) * DAY_S + (hours * HOUR_S).astype(np.int64)
    both = network.pipe_on_supply[pipe_of] & network.pipe_on_return[pipe_of]
    burst = u[:, 4] < specification.burst_share
    torn = loss_kg_s(failures, network.pipe_inner_diameter_m[pipe_of], burst, u[:, 6])
    order = np.lexsort((pipe_of, at))
    return PipeFailureCandidates(
        at[order], pipe_of[order], u[order, 2],
        np.where(both, u[:, 3] < 0.5, network.pipe_on_supply[pipe_of])[order],
        burst[order], torn[order], u[order, 0], u[order, 6:], np.full(len(order), DUG_UP, np.int8),
    )  # fmt: skip


def _is_work_day(specification: Digging, date: dt.date) -> bool:
    return date.weekday() < specification.week_days and not is_festival(date)
