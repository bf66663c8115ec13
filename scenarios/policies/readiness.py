"""The works before the season: tell, fill, pressure-test, vent, try (guide 二（8）③).

Each source's part of the network goes through the stages in turn; days count from the first day of the works. A stage
takes its time, as water runs and pressure is held, and it takes teams: it ends with the later of the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from ...network_models.documents import cross_check_error
from ...network_models.problems import Problem
from ..chance import lognormal
from ..parts import Part, number

__all__ = ["Readiness", "ReadinessPlan", "expected_days", "plan"]

_DAY_S = 86_400


class Readiness(Part):
    """Dates and durations of the readiness works."""

    notice: Literal["given", "omitted"] = "given"
    """Whether users and other units are told at all; ``omitted`` breaks guide 二（8）③."""

    notice_day: float = number(
        0.375, ge=0, le=300, source="assumed: notices go up at 9:00 on the first day", confidence="L", low=0.0, high=5.0
    )
    """When users and other units are told [d since the origin]."""

    inspection_day: float = number(1.0, ge=0, le=300, source="assumed", confidence="L", low=0.0, high=5.0)
    """When the inspection begins [d since the origin]."""

    inspection_days: float = number(18.0, gt=0, le=300, source="assumed", confidence="L", low=10.0, high=30.0)
    """Duration of the inspection [d]."""

    filling_day: float = number(
        7.333, ge=0, le=300, source="assumed: a week after the notice, 8:00", confidence="L", low=4.0, high=14.0
    )
    """When filling begins [d since the origin]."""

    filling_days: float = number(6.0, gt=0, le=120, source="assumed", confidence="L", low=3.0, high=12.0)
    """Duration of filling [d]."""

    pressure_test_days: float = number(3.0, gt=0, le=120, source="assumed", confidence="L", low=1.0, high=6.0)
    """Duration of the pressure test [d]."""

    retest_days: float = number(
        1.0, ge=0, le=30, source="assumed: pressure up again and held overnight", confidence="L", low=0.3, high=3.0
    )
    """Repeated pressure test when the first one found something, once it is mended [d]."""

    venting_days: float = number(3.0, gt=0, le=120, source="assumed", confidence="L", low=1.0, high=6.0)
    """Duration of venting [d]."""

    trial_days: float = number(4.0, gt=0, le=120, source="assumed", confidence="L", low=2.0, high=8.0)
    """Duration of the trial run [d]."""

    trial_supply_c: float = number(
        45.0, ge=10, le=130, source="assumed: warm enough to see water arrive", confidence="L", low=35.0, high=60.0
    )
    """Primary supply temperature of the trial run [degC]."""

    filling_work_h_per_km: float = number(
        1.5, ge=0, le=100, source="assumed: valves worked, sections opened and watched while the water rises; 8 km of "
        "trench in a team's day", confidence="L", low=0.5, high=4.0,
    )  # fmt: skip
    """A repair team's work at filling, by day [h/km of trench]."""

    pressure_test_work_h_per_km: float = number(
        1.0, ge=0, le=100, source="assumed: the line walked under pressure; 12 km in a team's day", confidence="L",
        low=0.3, high=3.0,
    )  # fmt: skip
    """A repair team's work at the pressure test, by day [h/km of trench]."""

    venting_work_h_per_km: float = number(
        1.0, ge=0, le=100, source="assumed: every high point opened", confidence="L", low=0.3, high=3.0
    )
    """A repair team's work at venting, by day [h/km of trench]."""

    trial_work_h_per_km: float = number(
        0.5, ge=0, le=100, source="assumed: chambers and expansion joints looked at warm", confidence="L", low=0.2,
        high=2.0,
    )  # fmt: skip
    """A repair team's work at the trial run, by day [h/km of trench]."""

    spread: float = number(0.15, ge=0, le=2, source="assumed", confidence="L", low=0.05, high=0.4)
    """Coefficient of variation of each duration, source by source (lognormal) [-]."""

    @model_validator(mode="after")
    def _notice_first(self) -> Self:
        if self.notice == "given" and self.notice_day > self.filling_day:
            wanted = f"a day before filling_day ({self.filling_day})"
            problem = Problem("", str(self.notice_day), wanted, 'to leave the notice out: notice = "omitted"')
            raise cross_check_error([(("policies", "readiness", "notice_day"), problem)])
        return self


@dataclass(frozen=True, slots=True)
class ReadinessPlan:
    """When one source's works begin, and how long each takes if nothing is found; notice None: never given [s].

    What the pressure test finds is mended and tested again first, and a stage ends only when the repair teams have done
    their work at it; everything after it slips.
    """

    notice_s: int | None
    inspection_s: int
    inspection_end_s: int
    filling_s: int
    filling_for_s: int
    test_for_s: int
    venting_for_s: int
    trial_for_s: int


def plan(policy: Readiness, uniforms: tuple[float, float, float, float]) -> ReadinessPlan:
    """Return one source's plan; four uniforms draw how long filling, test, venting and trial take."""
    lengths = [
        int(lognormal(uniform, length * _DAY_S, policy.spread))
        for length, uniform in zip(_lengths(policy), uniforms, strict=True)
    ]
    begin = int(policy.inspection_day * _DAY_S)
    return ReadinessPlan(
        int(policy.notice_day * _DAY_S) if policy.notice == "given" else None,
        begin,
        begin + int(policy.inspection_days * _DAY_S),
        int(policy.filling_day * _DAY_S),
        *lengths,
    )


def expected_days(policy: Readiness, sources: int, *, team_h_a_day: float = math.inf, length_km: float = 0.0) -> float:
    """Return the day on which the works of every source are through by rights: the mean and twice its spread [d].

    Seen over all sources, the last counts; a pressure test that has to be repeated comes on top.

    Parameters
    ----------
    team_h_a_day
        Hours of planned work that all repair teams have in a day [h/d].
    length_km
        Trench [km].
    """
    lengths = np.array(_lengths(policy))
    spread = policy.spread * math.sqrt(float((lengths**2).sum()))
    by_teams = np.array(_work_h_per_km(policy)) * length_km / team_h_a_day
    through = float(np.maximum(lengths, by_teams).sum())
    return policy.filling_day + through + (2.0 if sources > 1 else 1.0) * spread


def _lengths(policy: Readiness) -> tuple[float, float, float, float]:
    return policy.filling_days, policy.pressure_test_days, policy.venting_days, policy.trial_days


def _work_h_per_km(policy: Readiness) -> tuple[float, float, float, float]:
    return (policy.filling_work_h_per_km, policy.pressure_test_work_h_per_km, policy.venting_work_h_per_km,
            policy.trial_work_h_per_km)  # fmt: skip
