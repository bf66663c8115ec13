"""The programme of sampled room temperatures (guide 二（8）①)."""

from __future__ import annotations

from ..parts import Part, number

__all__ = ["Sampling", "samples_per_day"]


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


def samples_per_day(policy: Sampling, dwellings: int, day_of_month: int, days_in_month: int) -> int:
    """Return how many dwellings to sample on a day, so that the month's sum is the share, rounded up once."""
    month = -(-policy.share_per_month * dwellings // 1)
    done_before = month * (day_of_month - 1) // days_in_month
    return int(month * day_of_month // days_in_month - done_before)
