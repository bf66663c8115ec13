"""How much pipeline gas is contracted for: the one fuel that no yard can hold."""

from __future__ import annotations

from ..parts import Part, number

__all__ = ["GasContract"]


class GasContract(Part):
    """The daily contract quantity and what stands by on site, against the network file's."""

    quantity_factor: float = number(
        1.0, ge=0, le=100, source="a lever: multiplies the network file's contracts; 0: no gas is to be had",
        confidence="H",
    )  # fmt: skip
    """Multiplies the daily quantity of every gas contract [-]."""

    extra_share: float = number(
        0.0, ge=0, le=10, source="a lever: gas beyond the daily quantity, as long as nothing is withheld",
        confidence="L", low=0.0, high=0.3,
    )  # fmt: skip
    """Gas that may be taken in a day beyond the daily quantity, as a share of it [-]."""

    peak_price_factor: float = number(
        1.5, ge=0, le=20, source="assumed: winter gas beyond the contract has been traded at 1.3 to 2 times its price",
        confidence="L", low=1.2, high=3.0,
    )  # fmt: skip
    """Price of gas beyond the daily quantity, as a multiple [-]."""

    take_or_pay_share: float = number(
        0.0, ge=0, le=1, source="a lever; contracts with 照付不议 commonly ask for 0.8-0.9", confidence="L", low=0.0,
        high=0.9,
    )  # fmt: skip
    """Share of what is granted within the daily quantity on days of heating that is paid even if not taken [-]."""

    on_site_factor: float = number(
        1.0, ge=0, le=1_000, source="a lever: multiplies line pack and LNG held on site", confidence="H"
    )
    """Multiplies the gas held on site [-]."""
