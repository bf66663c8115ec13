"""How the secondary side is regulated: by temperature, by temperature in stages of flow, or by flow.

Whatever the flow, the heating curve trims the supply temperature so that the emitters give off what is asked: quality
regulation 质调节 at full flow, combined regulation 分阶段变流量质调节, quantity regulation 量调节.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..parts import Part, number

__all__ = ["AnyRegulation", "Quality", "Quantity", "Regulation", "Staged", "flow_share"]


class Quality(Part):
    """Constant flow, supply temperature by the weather."""

    kind: Literal["quality"] = "quality"
    """Quality regulation."""


class Staged(Part):
    """Supply temperature by the weather; less flow while it is mild."""

    kind: Literal["staged"] = "staged"
    """Combined regulation, in two stages of flow."""

    mild_above_c: float = number(
        4.0, ge=-40, le=20, source="assumed: about the mean of Hanzhong's season", confidence="L", low=2.0, high=7.0
    )
    """Daily mean forecast above which the flow is less [degC]."""

    mild_flow_share: float = number(
        0.75, gt=0.2, le=1, source="贺平 practice of two stages, 75-80 % in the mild one [R]", confidence="L", low=0.6,
        high=0.9,
    )  # fmt: skip
    """Secondary flow in mild weather over design [-]."""


class Quantity(Part):
    """Flow by the weather, supply temperature as at design as long as the least flow allows."""

    kind: Literal["quantity"] = "quantity"
    """Quantity regulation."""

    least_flow_share: float = number(
        0.4, gt=0.2, le=1, source="assumed: less and the balance between risers is lost", confidence="L", low=0.3,
        high=0.6,
    )  # fmt: skip
    """Least secondary flow over design [-]."""


AnyRegulation = Quality | Staged | Quantity
Regulation = Annotated[AnyRegulation, Field(discriminator="kind")]

_STEP = 0.05  # pumps are set in such steps of the design flow [-]


def flow_share(
    policy: AnyRegulation, outdoor_c: float, load_share: float, supply_c: float, return_c: float, room_c: float,
    exponent: float,
) -> float:  # fmt: skip
    """Return the secondary flow of a day over design [-].

    Quantity regulation holds the design supply temperature:
    ``(tg' - th') Q / (2 (tg' - tn - (tg' + th' - 2 tn) / 2 Q**(1 / n)))``.

    Parameters
    ----------
    outdoor_c
        Mean outdoor temperature forecast for the day [degC].
    load_share
        Heat asked of the emitters over their design heat [-].
    supply_c, return_c, room_c, exponent
        Design supply, return and room temperature [degC] and exponent [-] of the emitters.
    """
    if isinstance(policy, Staged):
        return policy.mild_flow_share if outdoor_c > policy.mild_above_c else 1.0
    if isinstance(policy, Quality):
        return 1.0
    load = max(load_share, 0.0)
    excess = supply_c - room_c - 0.5 * (supply_c + return_c - 2.0 * room_c) * load ** (1.0 / exponent)
    share = 0.5 * (supply_c - return_c) * load / excess if excess > 0.0 else 1.0
    steps = round(min(max(share, policy.least_flow_share), 1.0) / _STEP)
    return max(steps * _STEP, policy.least_flow_share)
