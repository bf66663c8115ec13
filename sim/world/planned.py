"""Planned work of the repair teams: by day, shared by as many teams as are free, left within the hour for a fault."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import simpy

from ...scenarios.policies.crews import travel_s, work_factor
from .crews import PLANNED
from .faults import Process

if TYPE_CHECKING:
    from .world import World

__all__ = ["Done", "planned_work"]

_CHUNK_S = 3_600.0  # a team looks up after each hour's work: is there a fault, is it evening, is anything left


@dataclass(slots=True)
class Done:
    """What has come of a piece of planned work.

    Attributes
    ----------
    left_s : float
        Work that no team has taken in hand yet, at the pace of a dry day [s].
    at_it : int
        Teams in the middle of an hour's work.
    team_s : int
        Team-seconds spent, travel included [s].
    steps : list of (int, float)
        When an hour's work was finished, and how much of the work was done then [s].
    """

    left_s: float
    at_it: int = 0
    team_s: int = 0
    done_s: float = 0.0
    steps: list[tuple[int, float]] = field(default_factory=list)


def planned_work(
    world: World, name: tuple[str, ...], work_s: float, *, teams: int
) -> Generator[simpy.Event, Any, Done]:
    """Do a piece of work with at most so many teams at once; it is over when the last of them has finished.

    Parameters
    ----------
    name
        What is done where: the stream of its journeys.
    work_s
        Work of one team [s].
    teams
        Most teams that work at it at once, one or more.

    Notes
    -----
    Teams take the work hour by hour, each in turn what comes next, so that with nothing else to do one more team never
    finishes later (tests/sim/world/test_readiness_works.py).
    """
    job = Done(work_s)
    if work_s > 0.0:
        taken, over = world.env.event(), world.env.event()
        for number in range(teams):
            world.env.process(_team(world, (*name, number), job, taken, over))
        yield over
    return job


def _team(world: World, name: tuple[str | int, ...], job: Done, taken: simpy.Event, over: simpy.Event) -> Process:
    """Work day by day until nothing is left; at home in the evening, away when a fault calls."""
    crews = world.crews
    outing = 0
    while job.left_s > 0.0:
        yield world.at(crews.next_day_s(world.now)) | taken
        if job.left_s <= 0.0:
            return
        with crews.teams.request(priority=PLANNED) as request:
            yield request | taken
            if job.left_s <= 0.0:
                return
            if crews.next_day_s(world.now) > world.now:  # freed in the evening only
                continue
            sent = world.now
            with crews.sent():
                road_s = travel_s(
                    crews.policy, world.uniform("planned_travel", *name, outing), snow=world.snow_at(sent)
                )
                yield world.at(sent + road_s) | taken
                while job.left_s > 0.0:
                    yield from _an_hour(world, job, taken)
                    if crews.next_day_s(world.now) > world.now or crews.is_wanted(PLANNED):
                        break
            outing += 1
            job.team_s += world.now - sent
            if job.left_s <= 0.0 and job.at_it == 0 and not over.triggered:
                over.succeed()


def _an_hour(world: World, job: Done, taken: simpy.Event) -> Process:
    """Take the next hour's work and do it, in more than an hour at night and in snow."""
    share = min(_CHUNK_S, job.left_s)
    job.left_s -= share
    job.at_it += 1
    if job.left_s <= 0.0:
        taken.succeed()
    now = world.now
    slower = work_factor(world.crews.policy, now // 3600 % 24, snow=world.snow_at(now), outdoors=True)
    yield world.at(now + math.ceil(share * slower))
    job.done_s += share
    job.at_it -= 1
    job.steps.append((world.now, job.done_s))
