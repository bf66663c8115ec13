"""Who gets less when there is not enough (限量供热): all alike, or hospitals, schools and homes for the old last."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..chance import Floats
from ..parts import Part, number

__all__ = ["ColdestFirst", "Equal", "ProtectedFirst", "Rationing", "affordable_share", "served_shares"]


class _Any(Part):
    begin_below_days: float = number(
        0.0, ge=0, le=30, source="assumed: nobody is throttled while there is fuel", confidence="L", low=0.0, high=2.0
    )
    """Days of cover below which heat is stretched in advance; 0: only when the fuel is gone, by the hour [d]."""

    stretch_days: float = number(2.0, gt=0, le=30, source="assumed", confidence="L", low=1.0, high=5.0)
    """How long what is left is to last once stretching has begun [d]."""

    least_share: float = number(
        0.4, ge=0, le=1, source="[R] CJJ 34: least heat in an accident, 40 % where the design temperature is above "
        "-10 °C", confidence="M", low=0.3, high=0.55,
    )  # fmt: skip
    """Share of the need that stretching never goes below [-]."""


class Equal(_Any):
    """All substations get the same share of their need."""

    kind: Literal["equal"] = "equal"
    """All alike."""


class ProtectedFirst(_Any):
    """Protected substations get theirs first, the rest share what remains."""

    kind: Literal["protected_first"] = "protected_first"
    """Protected ones last to be throttled."""

    protected_share: float = number(1.0, ge=0, le=1, source="assumed", confidence="L", low=0.8, high=1.0)
    """Share of their need that protected ones keep as long as it can be done [-]."""


class ColdestFirst(_Any):
    """The colder a building's rooms, the more of its need it gets; the warmest give way."""

    kind: Literal["coldest_first"] = "coldest_first"
    """By room temperature."""

    share_per_k: float = number(
        0.08, ge=0, le=10, source="assumed: a tenth of the need holds a room about 1.5 K warmer; more makes buildings "
        "swing from day to day", confidence="L", low=0.03, high=0.3,
    )  # fmt: skip
    """What a building gets more of its need for each kelvin that it is colder than the mean [1/K]."""


AnyRationing = Equal | ProtectedFirst | ColdestFirst
Rationing = Annotated[AnyRationing, Field(discriminator="kind")]


def affordable_share(policy: AnyRationing, cover_days: float, contract_share: float = 1.0) -> float:
    """Return the share of the need that is to be served [-].

    Parameters
    ----------
    cover_days
        How long a stock lasts [d].
    contract_share
        Of a contract: what is granted today over today's need [-]. A policy that stretches in advance looks at both.
    """
    if policy.begin_below_days <= 0.0:
        return 1.0
    if contract_share < 1.0:
        return float(np.clip(contract_share, policy.least_share, 1.0))
    if cover_days >= policy.begin_below_days:
        return 1.0
    return float(np.clip(cover_days / policy.stretch_days, policy.least_share, 1.0))


def served_shares(
    policy: AnyRationing, share: float, need_w: Floats, protected: npt.NDArray[np.bool_], room_c: Floats | None = None
) -> Floats:
    """Return the share of its need that each substation is to get, shape (substation,) [-]; the sum of heat is kept.

    Parameters
    ----------
    share
        Share of the whole need that there is heat for [-].
    need_w
        Need of each substation [W].
    protected
        Which substations are protected.
    room_c
        Mean room temperature behind each substation; only who goes by it asks for it [degC].
    """
    total = float(need_w.sum())
    if isinstance(policy, Equal) or total <= 0.0 or share >= 1.0:
        return np.full(len(need_w), min(max(share, 0.0), 1.0))
    if isinstance(policy, ColdestFirst):
        return _by_coldness(policy, max(share, 0.0), need_w, np.zeros(len(need_w)) if room_c is None else room_c)
    first = float(need_w[protected].sum())
    have = share * total
    kept = min(policy.protected_share, have / first) if first > 0.0 else 0.0
    kept = max(kept, min(share, 1.0))  # where there is plenty, protection takes nothing away
    rest = total - first
    left = (have - kept * first) / rest if rest > 0.0 else 0.0
    return np.where(protected, kept, np.clip(left, 0.0, 1.0))


def _by_coldness(policy: ColdestFirst, share: float, need_w: Floats, room_c: Floats) -> Floats:
    """Return shares that fall with the room temperature, from 0 to 1, their heat kept, shape (substation,) [-].

    ``clip(c - share_per_k (room - mean), 0, 1)`` with the level ``c`` found by bisection.
    """
    lean = policy.share_per_k * (room_c - float(np.average(room_c, weights=need_w)))
    low, high = float(lean.min()), 1.0 + float(lean.max())
    for _ in range(60):
        level = 0.5 * (low + high)
        if float((np.clip(level - lean, 0.0, 1.0) * need_w).sum()) < share * float(need_w.sum()):
            low = level
        else:
            high = level
    return np.clip(high - lean, 0.0, 1.0)
