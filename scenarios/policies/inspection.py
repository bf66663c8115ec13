"""Full inspection before the season and putting right what it finds (guide 二（4）⑤)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..chance import Floats, lognormal
from ..parts import Part, number

__all__ = ["Inspection", "inspected", "is_found", "mend_s"]


class Inspection(Part):
    """How thoroughly the network is looked at, and how soon defects are mended."""

    share: float = number(1.0, ge=0, le=1, source="guide 二（4）⑤: full inspection", confidence="H")
    """Share of the elements due that is inspected [-]."""

    detection_share: float = number(
        0.5, ge=0, le=1, source="assumed: thermography, valves worked, chambers opened", confidence="L", low=0.3,
        high=0.7,
    )  # fmt: skip
    """Share of the latent defects in inspected elements that is found [-]."""

    pressure_test_share: float = number(0.6, ge=0, le=1, source="assumed", confidence="L", low=0.4, high=0.8)
    """Share of the remaining latent defects that the pressure test finds [-]."""

    false_alarms_per_100km: float = number(
        6.0, ge=0, le=500, source="KDHC 2018: 0.023 dangerous suspects per km, of 5 dug 1 leaked", confidence="L",
        low=2.0, high=20.0,
    )  # fmt: skip
    """Small defects found besides, that would not have failed this season [1/(100 km)]."""

    work_h_per_km: float = number(
        0.5, ge=0, le=50, source="assumed: two kilometres of trench and its chambers in an hour; stations are looked "
        "at by their own staff", confidence="L", low=0.2, high=2.0,
    )  # fmt: skip
    """A repair team's work at the inspection, by day, in the days that readiness has for it or later [h/km]."""

    mend_days: float = number(
        3.0, gt=0, le=120, source="assumed; guide asks promptly", confidence="L", low=1.0, high=7.0
    )
    """Mean time to put a found defect right [d]."""

    mend_work_h: float = number(
        10.0, gt=0, le=500, source="assumed: the staged norm of a DN 250 pipe, planned", confidence="L", low=4.0,
        high=24.0,
    )  # fmt: skip
    """Of that, hours for which a repair team is needed; it is taken by day, when one is free [h]."""

    mend_spread: float = number(0.5, ge=0, le=3, source="assumed", confidence="L", low=0.2, high=1.0)
    """Coefficient of variation of that time (lognormal) [-]."""


def inspected(policy: Inspection, uniform: Floats) -> npt.NDArray[np.bool_]:
    """Return which elements are inspected, by one uniform each; a larger share adds elements and drops none."""
    return uniform < policy.share


def is_found(policy: Inspection, *, by_inspection: float, by_test: float, was_inspected: bool) -> str:
    """Return how a latent defect is found: ``inspection``, ``pressure_test`` or an empty text, by two uniforms."""
    if was_inspected and by_inspection < policy.detection_share:
        return "inspection"
    return "pressure_test" if by_test < policy.pressure_test_share else ""


def mend_s(policy: Inspection, uniform: float) -> int:
    """Return how long mending takes [s]."""
    return int(float(lognormal(uniform, policy.mend_days * 86_400.0, policy.mend_spread)))
