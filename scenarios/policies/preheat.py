"""When to begin warming the network and the houses before the season (guide 二（2）), and how fast."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..parts import Part, number

__all__ = ["NoPreheat", "Preheat", "RampPreheat", "preheat_start_s"]

_DAY_S = 86_400


class RampPreheat(Part):
    """Warm up slowly, then hold the rooms at a target until the season starts."""

    kind: Literal["ramp"] = "ramp"
    """A ramp that the pipes bear."""

    days: float = number(
        6.0, gt=0, le=60, source="assumed: rooms of heavy stock need 3-5 d", confidence="L", low=3.0, high=12.0
    )
    """How long before the season's (decided) start heat comes on [d]."""

    ramp_k_h: float = number(
        4.0, gt=0, le=60, source="assumed: cold pipes are warmed more slowly than in operation; [R] CJJ 88 at most "
        "10 K/h", confidence="L", low=2.0, high=10.0,
    )  # fmt: skip
    """Rise of the primary supply temperature while warming up [K/h]."""

    room_target_c: float = number(20.0, ge=5, le=30, source="as in operation", confidence="M", low=18.0, high=21.0)
    """Room temperature that the curve aims at while warming up [degC]."""


class NoPreheat(Part):
    """Heat comes on when the season starts, and warms up as fast as in operation."""

    kind: Literal["none"] = "none"
    """No preheat."""


Preheat = Annotated[RampPreheat | NoPreheat, Field(discriminator="kind")]


def preheat_start_s(policy: RampPreheat | NoPreheat, season_start_s: int, ready_s: int) -> int:
    """Return when heat comes on: the policy's days before the start, but not before the works are ready [s]."""
    if isinstance(policy, NoPreheat):
        return max(season_start_s, ready_s)
    return max(season_start_s - int(policy.days * _DAY_S), ready_s)
