"""When the operator reports and tells: faults to the authority, long stops to users and property managers.

The guide: report within 1 hour when repair begins first (二（6）④c), report a leak promptly (④a), and for a stop
expected to pass 24 hours tell users and managers cause, extent, start, expected restoration and road section, and again
when it lasts longer (④b).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..chance import lognormal
from ..parts import Part, number

__all__ = ["Notices", "PromptNotices", "SlowNotices", "delay_s"]


class _Any(Part):
    spread: float = number(0.5, ge=0, le=3, source="assumed", confidence="L", low=0.2, high=1.0)
    """Coefficient of variation of every delay (lognormal) [-]."""

    contents: Literal["full", "partial"] = "full"
    """Whether a notice carries the five contents of 二（6）④b, or only cause and start."""

    renewal: Literal["renewed", "forgotten"] = "renewed"
    """Whether users are told again when the told time is overrun or the stop comes back."""

    tell_from_h: float = number(24.0, ge=0, le=24, source="guide 2.6.4b: a stop expected to pass 24 h", confidence="H")
    """Length of a stop from which its users are told [h]. Below 24 nobody asks for it, but a time that was told binds:
    once it is overrun, they and the authority are to be told again."""


class PromptNotices(_Any):
    """As the guide asks."""

    kind: Literal["prompt"] = "prompt"
    """Promptly."""

    report_minutes: float = number(
        20.0, ge=0, le=10_000, source="assumed; the guide allows 1 h", confidence="L", low=10.0, high=45.0
    )
    """Mean delay from finding a fault to the report to the authority [min]."""

    tell_minutes: float = number(
        40.0, ge=0, le=10_000, source="assumed; Xi'an tells users within 2 h", confidence="L", low=20.0, high=90.0
    )
    """Mean delay from foreseeing a long stop to telling users, managers and authority [min]."""

    renew_minutes: float = number(30.0, ge=0, le=10_000, source="assumed", confidence="L", low=15.0, high=90.0)
    """Mean delay from seeing that a told time will not be kept to telling again [min]."""


class SlowNotices(_Any):
    """An operator that tells when asked."""

    kind: Literal["slow"] = "slow"
    """Slowly."""

    report_minutes: float = number(150.0, ge=0, le=10_000, source="by definition slow", confidence="H")
    """Mean delay from finding a fault to the report to the authority [min]."""

    tell_minutes: float = number(360.0, ge=0, le=10_000, source="by definition slow", confidence="H")
    """Mean delay from foreseeing a long stop to telling users, managers and authority [min]."""

    renew_minutes: float = number(480.0, ge=0, le=10_000, source="by definition slow", confidence="H")
    """Mean delay from seeing that a told time will not be kept to telling again [min]."""

    contents: Literal["full", "partial"] = "partial"
    """Whether a notice carries the five contents of 二（6）④b, or only cause and start."""

    renewal: Literal["renewed", "forgotten"] = "forgotten"
    """Whether users are told again when the told time is overrun or the stop comes back."""


Notices = Annotated[PromptNotices | SlowNotices, Field(discriminator="kind")]


def delay_s(policy: PromptNotices | SlowNotices, duty: Literal["report", "tell", "renew"], uniform: float) -> int:
    """Return how long a duty takes, by inversion of one uniform [s]."""
    mean = {"report": policy.report_minutes, "tell": policy.tell_minutes, "renew": policy.renew_minutes}[duty]
    return int(float(lognormal(uniform, mean * 60.0, policy.spread))) if mean > 0.0 else 0
