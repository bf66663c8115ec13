"""The life of a fault, whatever failed: it begins, is found, reported, forecast, and put right (guide 2.6.4)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import simpy

from ...scenarios.chance import lognormal
from ...scenarios.policies.notices import delay_s
from ..record_builder import WHOLE
from .notices import Fault

if TYPE_CHECKING:
    from .world import World

__all__ = ["Process", "begin", "discovered", "discovery", "forecast", "ordered", "restored"]

Process = Generator[simpy.Event, Any, None]

_HOUR_S = 3_600


def begin(
    world: World,
    what: str,
    facility: int,
    *,
    draw: list[Any],
    reason: str,
    road: str,
    value: float = float("nan"),
    lost_w: float = 0.0,
    local: bool = False,
    **detail: Any,
) -> Fault:
    """Note that something has failed, and open its case.

    Parameters
    ----------
    what
        The kind of entry, e.g. ``pipe_failed``.
    facility
        Subjects row of what failed.
    draw
        Where it comes from: the process and the element.
    reason, road
        What notices will give as cause and place.
    value
        The entry's number.
    lost_w
        Capacity that it takes from the sources [W].
    local
        It touches its own buildings only.
    """
    case = world.record.new_case()
    seq = world.record.note(world.now, what, facility, case=case, value=value, detail={"draw": draw, **detail})
    fault = Fault(case, seq, facility, world.now, road, reason, world.env.event(), latest=seq, lost_w=lost_w,
                  local=local)  # fmt: skip
    world.faults.append(fault)
    return fault


def ordered(world: World, element: int, *kinds: str, at_s: int | None = None) -> list[str]:
    """Return where the scenario orders what happens to an element now, or was to then, as a draw is noted."""
    when = world.now if at_s is None else at_s
    found = (h.path for h in world.timetable.imposed if h.at_s == when and h.kind in kinds and element in h.elements)
    return ["imposed", next(found, "disruptions.imposed")]


def discovery(
    world: World, fault: Fault, delay_s: int, by: str = "telemetry", *, hidden: Callable[[], bool] = lambda: False
) -> Process:
    """Wait until the operator learns of a fault, and note how: as foreseen, or by a complaint that comes sooner.

    Looked at on the hour: which buildings a fault chills is settled hour by hour.

    Parameters
    ----------
    delay_s
        When it would be found without complaints, since it began [s].
    by
        What would find it then.
    hidden
        Whether nothing of it can be seen at present, however long it is due.
    """
    found = fault.began_s + delay_s
    while world.now < found or hidden():
        on_the_hour = world.now + _HOUR_S - world.now % _HOUR_S
        due = found if world.now < found else on_the_hour
        yield world.at(min(due, on_the_hour) if world.supplying else due)
        world.catch_up_heat()
        call = _first_complaint(world, world.outages.chilled_by(fault))
        if call is not None:
            fault.latest = call
            discovered(world, fault, "complaint")
            return
    discovered(world, fault, by)


def discovered(world: World, fault: Fault, by: str = "telemetry") -> None:
    """Note that the operator has learnt of a fault and how, and see that it is reported."""
    fault.discovered_s = world.now
    fault.latest = world.record.note(
        world.now, "fault_discovered", fault.facility, case=fault.case, cause=fault.latest,
        value=(world.now - fault.began_s) / 3600.0, detail={"by": by},
    )  # fmt: skip
    world.env.process(_report(world, fault))


def forecast(world: World, fault: Fault, left_s: float, *, spread: float, mark: float) -> None:
    """State when the buildings should have heat again: what the norm gives for what is left, times an error."""
    fault.forecast_s = world.now + int(float(lognormal(mark, left_s, spread)))
    world.outages.note_forecast(fault, world.outages.kept_off_by(fault))
    fault.announce()


def restored(world: World, fault: Fault) -> None:
    """Note that what had failed is back in use."""
    fault.restored_s = world.now
    fault.latest = world.record.note(world.now, "fault_restored", fault.facility, case=fault.case, cause=fault.latest,
                                     value=(world.now - fault.discovered_s) / 3600.0)  # fmt: skip
    world.outages.refresh()
    world.faults.remove(fault)
    fault.announce()


def _first_complaint(world: World, chilled: list[int]) -> int | None:
    """Return the first complaint from a building that came after the fault had been felt there."""
    if not chilled:
        return None
    world.catch_up()
    world.beside.wait()
    calls = [world.people.first_complaint_since(world.cohorts_of([s]), int(world.outages.laid_s[s])) for s in chilled]
    first = min((call for call in calls if call is not None), default=None)
    return None if first is None else WHOLE + first[1]


def _report(world: World, fault: Fault) -> Process:
    """Report the fault to the authority, as the policy has it (guide 2.6.4a, 2.6.4c)."""
    cause, found = fault.latest, world.now
    draw = ("report", world.subjects.id[fault.facility], fault.began_s)
    wait = delay_s(world.scenario.policies.notices, "report", world.uniform(*draw))
    yield world.at(found + wait)
    world.record.note(world.now, "fault_reported", world.rows.authority, case=fault.case, cause=cause,
                      detail={"draw": list(draw)})  # fmt: skip
