"""Repair crews: how many, how soon, how they work, and how long each stage of a repair takes by diameter."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from ...network_models.documents import KeyPath, cross_check_error
from ...network_models.problems import Problem
from ..chance import Floats, lognormal
from ..parts import Part, number

__all__ = ["STAGES", "Crews", "leak_found_s", "stage_durations_s", "stage_hours", "travel_s", "work_factor"]

#: Stages of a pipe repair, in order.
STAGES: tuple[str, ...] = ("isolate", "pump_out", "drain", "dig", "cut_out", "bed", "weld", "refill")

# St Petersburg's staged norm: upper bound of the nominal diameter [mm] -> hours of the eight stages (8/13/20/24/30 h).
_STAGE_HOURS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0.250, (2.0, 1.0, 1.0, 1.5, 0.5, 0.0, 1.0, 1.0)),
    (0.475, (2.0, 2.0, 2.0, 2.0, 0.5, 0.5, 2.0, 2.0)),
    (0.770, (3.0, 3.0, 3.0, 3.0, 1.5, 1.0, 3.0, 2.5)),
    (0.970, (3.0, 4.0, 3.0, 4.0, 2.5, 1.0, 3.5, 3.0)),
    (float("inf"), (4.0, 5.0, 4.0, 4.0, 3.0, 1.5, 4.5, 4.0)),
)
_DAY_S = 86_400.0
_NIGHT_HOURS = frozenset((22, 23, 0, 1, 2, 3, 4, 5))


class Crews(Part):
    """Repair crews and how they work."""

    teams: int = number(4, ge=0, le=200, source="assumed: two on each bank of the Han", confidence="L", low=2, high=8)
    """Crews that can work at the same time. Without any, one hired team does the works before the season and mends what
    the inspection finds, paid by the hour; nobody mends what breaks."""

    machines: int | None = number(
        None, ge=1, le=200, source="assumed: excavator, pump truck and welding set for every team", confidence="L"
    )
    """Sets of machines; each pipe repair holds one from pumping out to the last weld. None: one for every team."""

    work: Literal["continuous", "daytime"] = "continuous"
    """Whether a crew works round the clock until the pipe is back in use (guide 二（6）④a), or by day only."""

    day_from_h: int = number(7, ge=0, le=23, source="assumed", confidence="L")
    """When a crew that works by day begins, and planned work of every crew [h]."""

    day_until_h: int = number(19, ge=1, le=24, source="assumed", confidence="L")
    """When it ends [h]."""

    mobilise_minutes: float = number(
        15.0, ge=0, le=1_440, source="Xi'an: main burst on site within 30 min", confidence="M", low=5.0, high=30.0
    )
    """From the order to departure [min]."""

    travel_minutes: float = number(
        25.0, ge=0, le=1_440, source="assumed: 15 km at town speed; 30-60 min with machines", confidence="L", low=15.0,
        high=60.0,
    )  # fmt: skip
    """Mean travel time [min]."""

    travel_spread: float = number(0.4, ge=0, le=3, source="assumed", confidence="L", low=0.2, high=0.8)
    """Coefficient of variation of the travel time (lognormal) [-]."""

    snow_factor: float = number(1.5, ge=1, le=10, source="assumed", confidence="L", low=1.2, high=2.5)
    """Travel and digging on days of snow [-]."""

    night_factor: float = number(
        1.3, ge=1, le=5, source="night and holiday factor 1.2-1.5", confidence="L", low=1.2, high=1.5
    )
    """Duration of work between 22:00 and 6:00, as a multiple [-]."""

    shift_h: float = number(8.0, gt=0, le=48, source="assumed", confidence="L", low=8.0, high=12.0)
    """Length of a shift [h]."""

    handover_minutes: float = number(
        20.0, ge=0, le=240, source="assumed: shifts overlap, so that work never stops", confidence="L", low=0.0,
        high=60.0,
    )  # fmt: skip
    """Overlap of two shifts at the handover [min]."""

    stage_factor: float = number(1.0, gt=0, le=20, source="a lever: multiplies the staged norm", confidence="H")
    """Multiplies every stage [-]."""

    stage_spread: float = number(
        0.4, ge=0, le=3, source="Finland's interruptions within a class: 0.3-0.5", confidence="M", low=0.3, high=0.5
    )
    """Coefficient of variation of a stage's duration (lognormal) [-]."""

    forecast_spread: float = number(0.3, ge=0, le=3, source="assumed", confidence="L", low=0.1, high=0.6)
    """Coefficient of variation of the first forecast of the duration (lognormal) [-]."""

    detection_h: float = number(
        12.0, gt=0, le=10_000, source="assumed: make-up flow is watched by shift; a leak of 1 kg/s stands out within "
        "half a day", confidence="L", low=4.0, high=48.0,
    )  # fmt: skip
    """Mean time until a leak of 1 kg/s is found; a larger one in proportion sooner (exponential) [h]."""

    patrol_days: float = number(
        7.0, ge=0, le=365, source="assumed: chambers and trenches walked once a week while heat is on", confidence="L",
        low=1.0, high=30.0,
    )  # fmt: skip
    """Time between two patrols of the same pipe; 0: none [d]."""

    patrol_share: float = number(
        0.4, ge=0, le=1, source="assumed: steam, warm ground, water in a chamber", confidence="L", low=0.2, high=0.7
    )
    """Chance that a patrol sees a leak that it passes [-]."""

    burst_detection_minutes: float = number(
        8.0, gt=0, le=600, source="assumed: pressure alarm", confidence="L", low=2.0, high=30.0
    )
    """Mean time until a burst is found (exponential) [min]."""

    valve_stuck_share: float = number(
        0.03, ge=0, le=1, source="1-5 % per operation", confidence="L", low=0.01, high=0.05
    )
    """Share of valves that do not close when wanted [-]."""

    @property
    def for_planned_work(self) -> int:
        """Teams that planned work has, the hired one included."""
        return max(1, self.teams)

    @model_validator(mode="after")
    def _one_fits_the_other(self) -> Self:
        found: list[tuple[KeyPath, Problem]] = []
        if self.handover_minutes > self.shift_h * 60.0:
            wanted = f"shift_h ({self.shift_h}) in minutes, or less"
            problem = Problem("", str(self.handover_minutes), wanted, "a team is relieved within the next one's shift")
            found.append((("policies", "crews", "handover_minutes"), problem))
        if self.day_from_h >= self.day_until_h:
            wanted = f"an hour after day_from_h ({self.day_from_h})"
            problem = Problem("", str(self.day_until_h), wanted, "planned work is done between the two")
            found.append((("policies", "crews", "day_until_h"), problem))
        if found:
            raise cross_check_error(found)
        return self


def stage_hours(diameter_m: float) -> tuple[float, ...]:
    """Return the hours of the eight :data:`STAGES` for a pipe, by its inner diameter [h].

    St Petersburg staged norm for emergency repairs; sums 8, 13, 20, 24, 30 h for the classes DN57-219, 273-426,
    529-720, 820-920, 1020-1420.
    """
    return next(hours for bound, hours in _STAGE_HOURS if diameter_m < bound)


def stage_durations_s(policy: Crews, diameter_m: float, uniforms: Floats) -> tuple[int, ...]:
    """Return the seconds of the eight stages of one repair, before night and snow [s].

    Parameters
    ----------
    uniforms
        One uniform per stage, shape (8,); fewer are used over again.
    """
    norm = np.array(stage_hours(diameter_m)) * 3600.0 * policy.stage_factor
    drawn = lognormal(np.resize(uniforms, len(STAGES)), norm, policy.stage_spread)
    return tuple(int(seconds) for seconds in drawn)


def travel_s(policy: Crews, uniform: float, *, snow: bool) -> int:
    """Return mobilisation and travel of one call-out [s]."""
    road = float(lognormal(uniform, policy.travel_minutes * 60.0, policy.travel_spread))
    return int(policy.mobilise_minutes * 60.0 + road * (policy.snow_factor if snow else 1.0))


def work_factor(policy: Crews, hour_of_day: int, *, snow: bool, outdoors: bool) -> float:
    """Return by how much a stage takes longer, by the hour of the clock and the weather [-]."""
    night = policy.night_factor if hour_of_day in _NIGHT_HOURS else 1.0
    return night * (policy.snow_factor if snow and outdoors else 1.0)


def leak_found_s(
    policy: Crews, loss_kg_s: float, growth_per_day: float, marks: tuple[float, float, float]
) -> tuple[int, str]:
    """Return how long after it began a leak is found if nobody complains, and by whom: ``telemetry`` or ``patrol``.

    Parameters
    ----------
    loss_kg_s
        Loss at first [kg/s].
    growth_per_day
        Growth of the loss in a day, as a share of the first [1/d].
    marks
        Three uniforms: the make-up flow's, the day of the patrol's round, and how many rounds miss it.

    Notes
    -----
    Watching the make-up flow finds a leak with a hazard proportional to its loss: with loss ``q (1 + g t)`` its
    integral ``q (t + g t²/2) / D`` reaches an exponential variate. Patrols pass at equal intervals.
    """
    need_s = -math.log(1.0 - marks[0]) * policy.detection_h * 3600.0 / max(loss_kg_s, 0.05)
    growth = growth_per_day / _DAY_S
    seen_s = need_s if growth <= 0.0 else (math.sqrt(1.0 + 2.0 * growth * need_s) - 1.0) / growth
    if policy.patrol_days <= 0.0 or policy.patrol_share <= 0.0:
        return max(60, int(seen_s)), "telemetry"
    missed = 0
    if policy.patrol_share < 1.0:
        missed = int(math.log(max(1.0 - marks[2], 1e-12)) / math.log(1.0 - policy.patrol_share))
    walked_s = (marks[1] + missed) * policy.patrol_days * _DAY_S
    return (max(60, int(walked_s)), "patrol") if walked_s < seen_s else (max(60, int(seen_s)), "telemetry")
