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

    on_site_factor: float = number(
        1.0, ge=0, le=1_000, source="a lever: multiplies line pack and LNG held on site", confidence="H"
    )
    """Multiplies the gas held on site [-]."""
