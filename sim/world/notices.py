"""Who is without heat, since when and why; and who has been told (guide 2.6.3, 2.6.4).

:class:`Outages` compares the network's state before and after every order and notes what began and ended. The
notices follow the policy: a report to the authority, and a notice to each cut-off building and its property manager
once the stop is expected to pass, or has passed, the long-stop limit; again whenever the told time is overrun, or heat
stops anew soon after. A stop that another fault prolongs is one: its entries go on in that fault's case, and its hours
count from when heat went off.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ...network_models.graph import islands
from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.policies.notices import delay_s
from ..kernels.heat_compile import direct
from ..kernels.served import mark_short
from ..record import KIND_CODE
from .hotline import People

if TYPE_CHECKING:
    import simpy

    from .world import World

__all__ = ["HEATED", "OUT", "THROTTLED", "Fault", "Outages", "keep_informed"]

HEATED, THROTTLED, OUT = 0, 1, 2

LONG_STOP_S = DAY_S  # guide 2.6.4b: a stop expected to exceed 24 hours
RENEWAL_LEAST_S = 4 * HOUR_S
_TOLD = ("long_stop_reported", "users_told", "manager_told")
_TOLD_EARLY = ("users_told",)
BRIDGE_S = 6 * HOUR_S  # assumed, as the guide's reading of 2.6.4b: heat back for no longer has not ended a stop
AGAIN_S = 7 * DAY_S  # assumed, as the guide's reading of 2.6.4b: a stop so soon after a long one is that one renewed


@dataclass(slots=True, eq=False)
class Fault:
    """A fault from its beginning to its restoration.

    Attributes
    ----------
    case, seq : int
        Its case, and the entry with which it began.
    facility : int
        Subjects row of what failed.
    began_s : int
        When it occurred.
    discovered_s : int
        When the operator learnt of it; -1 before.
    latest : int
        Entry that what happens next follows from.
    lost_w : float
        Capacity that it takes from the sources; 0 for a pipe [W].
    local : bool
        It touches its own buildings only: what others lack is not its doing.
    forecast_s : int
        Expected restoration; -1 before the first forecast.
    road : str
        Where the repair is, for the notice.
    reason : str
        What the notice gives as the cause.
    stops : tuple of int
        Substations that it lets give no heat, whatever the pipes bring.
    changed : simpy.Event
        Fires when the forecast or the buildings change, and is replaced.
    """

    case: int
    seq: int
    facility: int
    began_s: int
    road: str
    reason: str
    changed: simpy.Event
    discovered_s: int = -1
    latest: int = -1
    forecast_s: int = -1
    restored_s: int = -1
    lost_w: float = 0.0
    local: bool = False
    stops: tuple[int, ...] = ()

    def announce(self) -> None:
        """Wake those who wait for news of the fault."""
        fired, self.changed = self.changed, self.changed.env.event()
        fired.succeed()


class Outages:
    """The book of buildings without heat, or with too little of it for a fault's sake.

    Attributes
    ----------
    state : array, shape (substation,)
        HEATED, THROTTLED or OUT.
    since_s : array, shape (substation,)
        When the present state began, whatever it was laid to then [s].
    stopped_s, heated_s : array, shape (substation,)
        When the last stop began, heat that was back for a moment not counted, and when it ended [s].
    laid_s : array, shape (substation,)
        Since when it has been laid to the present fault [s].
    told_s : array, shape (substation,)
        The end of the last stop that its users are told; -1 where none was [s].
    is_reported : array, shape (substation,)
        Whether the authority and the managers have been told of the last stop, too.
    is_long : array, shape (substation,)
        Whether the last stop has passed the limit, by what is expected or in fact.
    long_until_s : array, shape (substation,)
        When the last long stop ended [s].
    seq : array, shape (substation,)
        The entry with which the present state began, or was laid to the present fault.
    fault : list of Fault or None
        What the present state is laid to.
    """

    def __init__(self, world: World) -> None:
        count = len(world.arrays.substation_ids)
        self._world = world
        self.state: npt.NDArray[np.int8] = np.zeros(count, np.int8)
        self.since_s: npt.NDArray[np.int64] = np.zeros(count, np.int64)
        self.laid_s: npt.NDArray[np.int64] = np.zeros(count, np.int64)
        self.stopped_s: npt.NDArray[np.int64] = np.zeros(count, np.int64)
        self.heated_s: npt.NDArray[np.int64] = np.full(count, -BRIDGE_S - 1)
        self.told_s: npt.NDArray[np.int64] = np.full(count, -1)
        self.is_reported: npt.NDArray[np.bool_] = np.zeros(count, np.bool_)
        self.is_long: npt.NDArray[np.bool_] = np.zeros(count, np.bool_)
        self.long_until_s: npt.NDArray[np.int64] = np.full(count, -AGAIN_S - 1)
        self.seq: npt.NDArray[np.int64] = np.full(count, -1)
        self.fault: list[Fault | None] = [None] * count
        self._throttled = self._out = 0  # how many are
        self._floor_w = 0.1 * world.arrays.substation_design_w  # below a tenth of design a shortfall says nothing
        self.longest_h = 0.0
        self.count = 0
        self._heat_w, self._need_w = (world.tracks[f"substation_{what}_w"] for what in ("heat", "need"))
        self._short: npt.NDArray[np.bool_] = np.zeros(self._heat_w.shape, np.bool_)
        self._mark_short = direct(mark_short, self._heat_w, self._need_w, 0, 0, np.float32(0.0), self._floor_w,
                                  world.connected, self._short)  # fmt: skip

    @property
    def any_touched(self) -> bool:
        """Whether any building is throttled or without heat."""
        return bool(self._throttled or self._out)

    def refresh(self) -> None:
        """Note which buildings lost heat, got it back, or lack it for another fault's sake, now that something changed.

        A stop stays with the fault it was laid to while that keeps heat off; then it goes on in the case of what does.
        """
        world = self._world
        if not world.supplying:
            return
        if not (self._out or world.heat.any_cut_off or any(fault.stops for fault in world.faults)):
            return
        out = (world.heat.cut_off() | (world.stops > 0)) & world.connected
        for substation in np.flatnonzero(~out & (self.state == OUT)).tolist():
            self._change(substation, HEATED, world.now, None)
        unlaid = [s for s in np.flatnonzero(out).tolist() if not self._is_kept_off(s)]
        for fault, substations in self._keepers(unlaid):
            for substation in substations:
                self._change(substation, OUT, world.now, fault)
            self._take_over(fault, substations)

    def kept_off_by(self, fault: Fault) -> list[int]:
        """Return the substations whose stop is laid to a fault."""
        return [s for s in np.flatnonzero(self.state == OUT).tolist() if self.fault[s] is fault]

    def chilled_by(self, fault: Fault) -> list[int]:
        """Return the substations that are without heat, or short of it, for a fault's sake."""
        if not self.any_touched:
            return []
        return [s for s in np.flatnonzero(self.state != HEATED).tolist() if self.fault[s] is fault]

    def comes_back(self, substation: int) -> bool:
        """Return whether its present stop began soon after the end of a long one (guide 2.6.4b)."""
        return bool(self.stopped_s[substation] - self.long_until_s[substation] <= AGAIN_S)

    def note_forecast(self, fault: Fault, substations: list[int]) -> None:
        """Note when the fault's buildings are expected to have heat again, and look where boilers are needed."""
        world = self._world
        if substations:
            rows = world.rows.substation + np.array(substations)
            world.record.block("restoration_forecast", np.full(len(rows), world.now), rows, case=fault.case,
                               cause=fault.latest, value=float(fault.forecast_s))  # fmt: skip
            world.interim.review()

    def _is_kept_off(self, substation: int) -> bool:
        """Return whether a stop is laid to a fault that still does its part in it."""
        owner = self.fault[substation] if self.state[substation] == OUT else None
        return owner is not None and (substation in owner.stops or owner.case in self._world.closed_by)

    def _keepers(self, substations: list[int]) -> Iterator[tuple[Fault, list[int]]]:
        """Lay each substation to the fault that stops it, or with which those that shut pipes first cut it off."""
        world, left = self._world, substations
        if not left:
            return
        for fault in world.faults:
            mine = [s for s in left if s in fault.stops]
            if mine:
                yield fault, mine
                left = [s for s in left if s not in mine]
        closed = np.zeros(len(world.arrays.pipe_ids), np.bool_)
        by_case = {fault.case: fault for fault in world.faults}
        for case, shut in world.closed_by.items():
            if not left:
                return
            closed |= shut
            island = islands(world.arrays, closed)
            reached = np.isin(island, island[world.arrays.source_node])
            mine = [s for s in left if not reached[world.arrays.substation_node[s]]]
            if mine:
                yield by_case[case], mine
                left = [s for s in left if s not in mine]

    def _take_over(self, fault: Fault, substations: list[int]) -> None:
        """Go on under a fault: what is expected of it is now what these buildings have to expect."""
        if fault.forecast_s > self._world.now:
            self.note_forecast(fault, substations)
        fault.announce()

    def note_throttled(self, first_hour: int, last_hour: int) -> None:
        """Note the hours in which a fault that was open throughout left connected buildings short of heat.

        A fault accounts for a shortfall only where it could have caused it: tripped units, when no more heat is missing
        at the sources than they would have made; a pipe, when the sources made all that was asked and the water did not
        arrive, for it is shut or leaks as much of what it carries as counts as short. Want of fuel, or of capacity that
        was never there, excuses nothing (guide 2.3, 2.5).
        """
        world = self._world
        if not world.supplying or last_hour <= first_hour:
            return
        if not self._throttled:
            for fault in world.faults:
                if fault.lost_w > 0.0 or not fault.local:
                    break
            else:
                return
        share = world.scenario.operation.throttled_below_share
        found = self._mark_short(self._heat_w, self._need_w, first_hour, last_hour, share, self._floor_w,
                                 world.connected, self._short)  # fmt: skip
        if found == 0 and not self._throttled:
            return
        keepers = self._accountable(slice(first_hour, last_hour))
        if not (self._throttled or any(keepers)):
            return
        short = self._short[: last_hour - first_hour]
        short &= np.array([keeper is not None for keeper in keepers])[:, None]
        before = np.vstack([self.state == THROTTLED, short[:-1]])
        substation, hour = np.nonzero(((short != before) & (self.state != OUT)).T)
        if len(substation):
            self._note_changes(substation, hour, short[hour, substation], keepers, first_hour)

    def _note_changes(
        self,
        substation: npt.NDArray[np.int64],
        hour: npt.NDArray[np.int64],
        begins: npt.NDArray[np.bool_],
        keepers: list[Fault | None],
        first_hour: int,
    ) -> None:
        """Note where throttling began and where it ended, of each substation in order of time.

        Parameters
        ----------
        substation, hour : arrays, shape (change,)
            Whose state changes with which of the hours looked at.
        begins : bool array, shape (change,)
            Whether it is throttled from then on, or no longer.
        keepers : list of Fault or None
            Of each hour looked at, what throttling is laid to.
        first_hour : int
            The first of them.
        """
        world, entry = self._world, self._world.record.next[0] + np.arange(len(substation))
        case, cause, began_s = np.array([
            (-1, -1, 0) if keeper is None else (keeper.case, keeper.seq, keeper.began_s) for keeper in keepers
        ])[hour].T  # fmt: skip
        at = np.maximum((first_hour + hour) * HOUR_S, began_s)
        since_s, is_first = at.copy(), np.append(True, substation[1:] != substation[:-1])
        ends = np.flatnonzero(~begins & ~is_first)  # what began just now, with the change before
        case[ends], cause[ends], since_s[ends] = case[ends - 1], entry[ends - 1], at[ends - 1]
        ends = np.flatnonzero(~begins & is_first)  # what has been open
        whose = substation[ends]
        case[ends] = [fault.case for fault in map(self.fault.__getitem__, whose.tolist()) if fault is not None]
        cause[ends], since_s[ends] = self.seq[whose], self.laid_s[whose]
        world.record.block(
            np.where(begins, KIND_CODE["throttled_started"], KIND_CODE["throttled_ended"]).astype(np.int16),
            at, world.rows.substation + substation, case=case, cause=cause,
            value=np.where(begins, np.nan, (at - since_s) / 3600.0),
        )  # fmt: skip
        # of several changes of one substation the last one stands
        self.state[substation], self.seq[substation] = np.where(begins, THROTTLED, HEATED), np.where(begins, entry, -1)
        begun = substation[begins]
        self.laid_s[begun] = self.since_s[begun] = at[begins]
        for one, number, is_short in zip(substation.tolist(), hour.tolist(), begins.tolist(), strict=True):
            self.fault[one] = keepers[number] if is_short else None
        self._throttled += 2 * len(begun) - len(substation)

    def _accountable(self, span: slice) -> list[Fault | None]:
        """Return for each hour the open fault that could have caused a shortfall of heat, or None."""
        world = self._world
        tripped = [fault for fault in world.faults if fault.lost_w > 0.0]
        lost_w = sum(fault.lost_w for fault in tripped)
        missing_w = world.tracks["unserved_capacity_w"][span].sum(axis=1)
        no_fuel = world.tracks["unserved_fuel_w"][span].sum(axis=1) > 0.0
        by_trip = max(tripped, key=lambda fault: fault.lost_w, default=None)
        by_pipe = self._pipe_at_fault()
        return [
            None if dry else by_pipe if missing <= 0.0 else by_trip if missing <= lost_w else None
            for missing, dry in zip(missing_w.tolist(), no_fuel.tolist(), strict=True)
        ]

    def _pipe_at_fault(self) -> Fault | None:
        """Return the pipe for whose sake water may not arrive now: what loses most, else what was shut last."""
        world = self._world
        least = 1.0 - world.scenario.operation.throttled_below_share
        lost = {fault.case: world.leaks.felt_kg_s(fault.case, least) for fault in world.faults}
        felt = [fault for fault in world.faults if lost[fault.case] > 0.0 or fault.case in world.closed_by]
        return max(felt, key=lambda fault: (lost[fault.case], fault.began_s), default=None)

    def close(self) -> None:
        """The season ends: no building is owed heat any more."""
        for substation in np.flatnonzero(self.state != HEATED):
            self._change(int(substation), HEATED, self._world.now, None)

    def _change(self, substation: int, state: int, at: int, fault: Fault | None) -> None:
        world = self._world
        before, owner = int(self.state[substation]), self.fault[substation]
        subject = world.rows.substation + substation
        goes_on = before == state
        if before != HEATED and owner is not None:
            hours = (at - self.laid_s[substation]) / 3600.0
            if before == OUT:
                self.longest_h = max(self.longest_h, float(at - self.since_s[substation]) / 3600.0)
            # throttling is found in hindsight: it follows from what was before it, not from the latest news
            ended, cause = (
                ("outage_ended", owner.latest) if before == OUT else ("throttled_ended", self.seq[substation])
            )
            world.record.note(at, ended, subject, case=owner.case, cause=int(cause), value=hours)
        self.state[substation], self.seq[substation], self.fault[substation] = HEATED, -1, None
        self._throttled -= before == THROTTLED
        self._out -= before == OUT
        if before == OUT and not goes_on:
            self.heated_s[substation] = at
            if self.is_long[substation] or at - self.stopped_s[substation] > LONG_STOP_S:
                self.long_until_s[substation] = at
        keeper = fault if fault is not None else owner
        if state == HEATED or keeper is None:
            return
        begun, cause = ("outage_started", keeper.latest) if state == OUT else ("throttled_started", keeper.seq)
        self.seq[substation] = world.record.note(at, begun, subject, case=keeper.case, cause=cause)
        self.state[substation], self.laid_s[substation], self.fault[substation] = state, at, keeper
        self._throttled += state == THROTTLED
        self._out += state == OUT
        if not goes_on:
            self.since_s[substation] = at
            if state == OUT:
                self._stops(substation, at)

    def _stops(self, substation: int, at: int) -> None:
        """A stop begins, or goes on after a moment's heat."""
        self.count += 1
        if at - self.heated_s[substation] > BRIDGE_S:
            self.stopped_s[substation], self.told_s[substation] = at, -1
            self.is_long[substation] = self.is_reported[substation] = False


def keep_informed(world: World, fault: Fault) -> Generator[simpy.Event, Any, None]:
    """Tell the authority, users and property managers of a long stop, and again when it is overrun or comes back.

    The trigger is the larger of the forecast and the elapsed duration passing the limit, for each building, so that a
    building joined later is told too, and forecasting little does not help (guide 2.6.4b). What was told of a stop
    before this fault took it over stands until it is overrun, and so does what was told of one that heat interrupted
    for a moment. If that is policy, users alone are told of shorter stops; all three, once such a told time is overrun.
    """
    policy, outages = world.scenario.policies.notices, world.outages
    early_s = int(policy.tell_from_h * 3600.0)
    while fault.restored_s < 0:
        now = world.now
        due: list[int] = []
        early: list[int] = []
        next_check = now + DAY_S
        for substation in outages.kept_off_by(fault):
            since, told = int(outages.stopped_s[substation]), int(outages.told_s[substation])
            until = max(fault.forecast_s, now)
            outages.is_long[substation] |= until - since > LONG_STOP_S
            is_due = outages.is_long[substation] or (policy.renewal == "renewed" and outages.comes_back(substation))
            if is_due and not outages.is_reported[substation]:
                due.append(substation)
            elif told < 0:
                if until - since > early_s:
                    early.append(substation)
                next_check = min(next_check, since + early_s + 1)
            elif until <= told:
                next_check = min(next_check, told + 1)
            elif policy.renewal == "renewed":
                due.append(substation)
            if not outages.is_reported[substation]:
                next_check = min(next_check, since + LONG_STOP_S + 1)
        # who must tell again while the time is already past gives at least another shift
        at_least = now + RENEWAL_LEAST_S
        soonest = fault.forecast_s if fault.forecast_s > now else at_least
        for substations, whats, forecast in (
            (due, _TOLD, max(fault.forecast_s, at_least)), (early, _TOLD_EARLY, soonest)
        ):  # fmt: skip
            if substations:
                renewed = any(outages.told_s[s] >= 0 or outages.comes_back(s) for s in substations)
                world.env.process(_tell(world, fault, substations, whats, forecast, renewed=renewed))
                outages.told_s[substations] = forecast
                outages.is_reported[substations] |= whats is _TOLD
                next_check = min(next_check, forecast + 1)
        yield fault.changed | world.at(max(now + 60, next_check))


def _tell(
    world: World, fault: Fault, substations: list[int], whats: tuple[str, ...], forecast_s: int, *, renewed: bool
) -> Generator[simpy.Event, Any, None]:
    """Carry one round of notices to the authority, users and managers, with the guide's five contents."""
    policy, record, arrays = world.scenario.policies.notices, world.record, world.arrays
    contents: dict[str, Any] = {
        "cause": fault.reason,
        "start": int(world.outages.stopped_s[substations].min()),
    }
    if policy.contents == "full":
        contents |= {
            "extent": [arrays.substation_ids[s] for s in substations],
            "expected": forecast_s,
            "section": fault.road,
        }
    begun, cause = world.now, fault.latest
    duty: Literal["tell", "renew"] = "renew" if renewed else "tell"
    draws = {what: ("notice", what, world.subjects.id[fault.facility], fault.began_s, begun) for what in whats}
    delays = [delay_s(policy, duty, world.uniform(*draws[what])) for what in whats]
    for delay, what in sorted(zip(delays, whats, strict=True)):
        drawn = {**contents, "draw": list(draws[what])}
        yield world.at(begun + delay)
        if whats is _TOLD_EARLY:  # nobody need be told of what is over already
            substations = [s for s in substations if world.outages.state[s] == OUT]
        for substation in substations:
            record.note(world.now, what, world.rows.substation + substation, case=fault.case, cause=cause,
                        value=float(forecast_s), detail=drawn)  # fmt: skip
        if what == "users_told":
            world.env.process(_is_read(world, substations))


def _is_read(world: World, substations: list[int]) -> Generator[simpy.Event, Any, None]:
    """Let users know of a stop from the next full hour on: in its middle, an hour's heat would have to be parted."""
    yield world.at(-(-world.now // HOUR_S) * HOUR_S)
    world.catch_up()
    world.tell_people(People.notify, world.cohorts_of(substations))
