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
    """Days of cover below which heat is stretched in advance; 0: only when the fuel is gone [d]."""

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
    """The buildings with the coldest rooms get theirs first, the warmest give way."""

    kind: Literal["coldest_first"] = "coldest_first"
    """By room temperature."""

    floor_share: float = number(
        0.5, ge=0, le=1, source="assumed: even the warmest building keeps half of an equal share", confidence="L",
        low=0.3, high=0.8,
    )  # fmt: skip
    """What every building keeps of an equal share [-]."""


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
    """Return the shares when the coldest are filled up in turn above a floor for all, shape (substation,) [-]."""
    floor = policy.floor_share * share
    coldest = np.argsort(room_c, kind="stable")
    asked = (1.0 - floor) * need_w[coldest]
    left = (share - floor) * float(need_w.sum()) - (np.cumsum(asked) - asked)  # when each one's turn comes
    served = np.empty(len(need_w))
    served[coldest] = floor + np.clip(left / np.maximum(need_w[coldest], 1e-9), 0.0, 1.0 - floor)
    return served
