"""Bills, reminders and restrictions (guide 二（8）④), and when refunds are paid (二（8）②)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..parts import Part, number

__all__ = ["Billing", "HastyBilling", "LawfulBilling", "NoRestriction"]


class _Any(Part):
    due_days: int = number(
        15, ge=0, le=200, source="assumed: due at the end of November", confidence="L", low=0, high=30
    )
    """Days after the season's start on which the fee is due [d]."""

    refund_days: int = number(
        20, ge=0, le=365, source="assumed; Xi'an settles by 30 June", confidence="L", low=10, high=100
    )
    """Days after the season's end on which refunds are paid [d]."""


class LawfulBilling(_Any):
    """Two reminders, then restriction of that household alone."""

    kind: Literal["lawful"] = "lawful"
    """As the guide allows."""

    reminder_days: tuple[int, ...] = number(
        (10, 25), min_length=1, source="assumed; the guide asks for two", confidence="L"
    )
    """Days after the due date on which reminders go out [d]."""

    restrict_days: int | None = number(40, ge=0, le=200, source="assumed", confidence="L", low=30, high=90)
    """Days after the due date on which supply is restricted; none: never [d]."""


class HastyBilling(_Any):
    """An operator that restricts too early, and turns down the whole riser to reach one household."""

    kind: Literal["hasty"] = "hasty"
    """Against the guide."""

    reminder_days: tuple[int, ...] = number((7,), min_length=1, source="by definition too few", confidence="H")
    """Days after the due date on which reminders go out [d]."""

    restrict_days: int | None = number(14, ge=0, le=200, source="by definition too early", confidence="H")
    """Days after the due date on which supply is restricted [d]."""

    neighbours: int = number(2, ge=0, le=100, source="by definition", confidence="H")
    """Paying households turned down with each restricted one [1]."""


class NoRestriction(_Any):
    """Reminders only."""

    kind: Literal["none"] = "none"
    """Nobody is restricted."""

    reminder_days: tuple[int, ...] = number((10, 25), min_length=1, source="assumed", confidence="L")
    """Days after the due date on which reminders go out [d]."""

    restrict_days: None = None
    """Never."""


Billing = Annotated[LawfulBilling | HastyBilling | NoRestriction, Field(discriminator="kind")]
