"""What is not wrong in a scenario but will hardly end well: dates that cannot be kept, said before a season is run."""

from __future__ import annotations

import datetime as dt

from ..network_models.arrays import NetworkArrays
from ..network_models.problems import Problem
from .calendar import DAY_S, Calendar
from .policies.preheat import preheat_start_s
from .policies.readiness import expected_days
from .scenario import Scenario

__all__ = ["cautions"]


def cautions(scenario: Scenario, network: NetworkArrays) -> list[Problem]:
    """Return what to think twice about, each with its place in the file."""
    calendar = Calendar.of(scenario)
    crews = scenario.policies.crews
    through = expected_days(
        scenario.policies.readiness, len(network.source_ids),
        team_h_a_day=crews.for_planned_work * (crews.day_until_h - crews.day_from_h),
        length_km=float(network.pipe_length_m.sum()) / 1000.0,
    )  # fmt: skip
    ready = calendar.origin + dt.timedelta(days=through)
    start = scenario.season.supply_start
    warm_up = calendar.date(preheat_start_s(scenario.policies.preheat, calendar.season_start_s, 0) // DAY_S)
    wanted = f"the readiness works through by then (about {ready})"
    found: list[Problem] = []
    if start < ready:
        found.append(
            Problem("season.supply_start", f"{start}", wanted, "begin them earlier, shorten them, or have more teams")
        )
    elif warm_up < ready:
        found.append(Problem("policies.preheat.days", f"{warm_up}", wanted, "heat comes on when they are"))
    return [scenario.problem(problem.path, problem) for problem in found]
