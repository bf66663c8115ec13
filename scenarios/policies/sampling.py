"""The programme of sampled room temperatures (guide 二（8）①)."""

from __future__ import annotations

from ..parts import Part, number

__all__ = ["Sampling"]


class Sampling(Part):
    """How many dwellings are sampled."""

    share_per_month: float = number(
        0.012, ge=0, le=1, source="assumed: a little above the assumed least of 1 % a month", confidence="L", low=0.0,
        high=0.05,
    )  # fmt: skip
    """Share of connected dwellings sampled in a month of supply [-]."""

    from_hour: int = number(9, ge=0, le=23, source="assumed: people at home by day and evening", confidence="L")
    """Hour of the clock from which rooms are sampled [h]."""

    until_hour: int = number(20, ge=1, le=24, source="assumed", confidence="L")
    """Hour of the clock until which rooms are sampled [h]."""
