"""When most of a day's calls were given up: in which hour, and how many agents were on duty."""

from __future__ import annotations

import numpy as np

from .facts import Facts, Ints
from .parts import HOUR_S
from .steps import Step

__all__ = ["lost_when"]


def lost_when(facts: Facts, calls: Ints) -> list[Step]:
    """Return the hour in which most of some calls were given up, how many they were, and how many agents were there.

    Nothing where the record does not say who was on duty.
    """
    agents = facts.record.tracks.get("agents_on_duty")
    if agents is None or not len(calls):
        return []
    hours, count = np.unique(facts.at[calls] // HOUR_S, return_counts=True)
    hour = int(hours[np.argmax(count)])
    if hour >= len(agents):
        return []
    return [
        Step("context", hour * HOUR_S, "lost_in_hour", value=float(count.max())),
        Step("context", hour * HOUR_S, "agents_on_duty", value=float(agents[hour])),
    ]
