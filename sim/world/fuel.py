"""Fuel: reviews, orders, deliveries, curtailment and rationing (guide 2.5).

Stocks live in the heat kernels, which burn from them; here they are reviewed each morning, ordered for and unloaded;
what is granted day by day stands in contracts.py. Every unit of fuel is booked once: granted or delivered, burnt,
lapsed or in hand.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import simpy

from ...network_models.arrays import NetworkArrays
from ...scenarios.calendar import DAY_S, HOUR_S
from ...scenarios.disruptions.fuel_supply import delivery
from ...scenarios.policies.merit_order import Sparing, spared
from ...scenarios.policies.rationing import affordable_share
from ...scenarios.policies.reserve import ReserveSeen, decide, forecast_share, opening_stock, shared_from
from .contracts import Contracts
from .dispatch import BurnByLoad, call_by_rank, unit_ranks
from .orders import IN_THE_WAY, Order, OrderBook, Want

if TYPE_CHECKING:
    from .world import World

__all__ = ["Stores", "plan"]

Process = Generator[simpy.Event, Any, Any]
Floats = npt.NDArray[np.float64]


class _Delay(NamedTuple):
    """An order of the scenario that makes deliveries to some stores late."""

    stores: tuple[int, ...]
    hours: float
    path: str


class _Kept(NamedTuple):
    """What a review asks of a store that stays the same, as plain numbers."""

    stocked: bool
    piped: bool
    capacity: float
    design_burn_per_day: float
    lead_days: float
    initial: float
    per_day: float
    truck: float
    price_cny: float


class Stores:
    """What is in hand, on order, granted and missing.

    Attributes
    ----------
    design_burn_per_day : array, shape (store,)
        Burn of a day at the design temperature under the merit order; of a second fuel, were it burnt alone [unit/d].
    contracts : Contracts
        What is granted day by day.
    delivered, lapsed : arrays, shape (store,)
        Ledger: what trucks brought or a known state added, and what it took away [unit].
    least_cover_days : float
        Least days of cover of any stocked fuel seen at a review while heat was on and more was needed [d].
    least_contract_share : float
        Least ratio of a day's granted gas to the day's need at the forecast, while heat was on [-].
    """

    def __init__(self, world: World) -> None:
        self._world = world
        arrays = world.arrays
        count = len(arrays.store_ids)
        self._burn = BurnByLoad(world.scenario, arrays, float((arrays.substation_design_w * world.connected).sum()))
        first, second = self._burn.first, self._burn.second
        self.design_burn_per_day = first + second
        self._weight_j = first * arrays.store_heating_value_j  # what rationing goes by
        self._burns_by_weight = float(self._weight_j.sum()) > 0.0
        self._only_second = (second > 0.0) & (first == 0.0)
        self._any_second = bool(self._only_second.any())
        self.stocked = ~arrays.store_pipeline & (arrays.store_truck > 0.0)
        self._kept = [_Kept(*row) for row in zip(
            self.stocked.tolist(), arrays.store_pipeline.tolist(), arrays.store_capacity.tolist(),
            self.design_burn_per_day.tolist(), (arrays.store_lead_s / DAY_S).tolist(), arrays.store_initial.tolist(),
            arrays.store_contract_per_day.tolist(), arrays.store_truck.tolist(), arrays.store_price_cny.tolist(),
            strict=True,
        )]  # fmt: skip
        self.opening = arrays.store_initial.copy()
        for store in np.flatnonzero(self.stocked):
            self.opening[store] = opening_stock(
                world.scenario.policies.reserve,
                float(arrays.store_initial[store]),
                float(arrays.store_capacity[store]),
                float(self.design_burn_per_day[store]),
            )
        self.opening[arrays.store_gas] *= world.scenario.policies.gas_contract.on_site_factor
        world.heat.fuel_available[:] = self.opening
        self.on_order: Floats = np.zeros(count)
        self.delivered: Floats = np.zeros(count)
        self.lapsed: Floats = np.zeros(count)
        self.emergency: Floats = np.zeros(count)  # of which by emergency order
        self.given: Floats = np.zeros(count)  # what went to other stations
        self.least_cover_days = float("inf")
        self.least_contract_share = float("inf")
        self.stock_value_cny_s = 0.0
        self._bays = [simpy.PriorityResource(world.env, capacity=int(bays)) for bays in arrays.store_bays]
        self._orders = np.zeros(count, np.int64)
        self._unloadings = 0
        self.contracts = Contracts(world)
        self._cut_off: Floats = np.zeros(count)  # share of deliveries cut by order of the scenario
        self._delays: list[_Delay] = []  # in force now
        self._book = OrderBook(count)
        self._foreseen_for = (-1, -1)  # from when until when heat is meant to be on, as the following has it
        self._foreseen: Floats = np.zeros(0)  # burn of the days to come by day, shape (day, store, lead) [unit/d]
        self._spared: npt.NDArray[np.bool_] = np.zeros(count, np.bool_)
        self._any_spared = False
        self._second_used: dict[int, int] = {}  # second fuel in use -> the entry with which that began
        self._burnt_before: Floats = np.zeros(count)
        self._closures: list[int] = []  # entries of those in force, the longest standing first
        self._road_open = world.env.event()

    def take_stock(self, known: Mapping[int, float]) -> dict[int, float]:
        """Put stores at what is known to be in them, and return by how much that differs [unit].

        What is more counts as delivered, what is less as lapsed, so that the ledger stays closed.
        """
        changes = {store: value - float(self._world.heat.fuel_available[store]) for store, value in known.items()}
        for store, change in changes.items():
            self._world.heat.fuel_available[store] = known[store]
            self.delivered[store] += max(change, 0.0)
            self.lapsed[store] += max(-change, 0.0)
        return changes

    def want_of(self, store: int, at: int) -> Want:
        """Return why a store had nothing left at an instant, up to the present."""
        want, extended = self._as_booked(store, at), self._world.extended
        in_season = at < self._world.calendar.season_end_s
        if not self.stocked[store] or extended is None or in_season or want.why in IN_THE_WAY:
            return want
        decided_s, entry = extended  # yards had been run down to the end that the season was to have
        placed = want.detail.get("placed")
        if placed is not None and placed < decided_s:
            return want
        why = want.why if placed is None else "extended"
        return Want(why, entry, {**want.detail, "want": why})

    def trouble_by(self, store: int, at: int) -> int:
        """Return the entry of what keeps fuel from a store at an instant, -1 where everything goes its way."""
        want = self._as_booked(store, at)
        return want.entry if want.why in IN_THE_WAY else -1

    def _as_booked(self, store: int, at: int) -> Want:
        return self._book.stocked(store, at) if self.stocked[store] else self._book.piped(store, at)

    # ------------------------------------------------------------------ reviews and orders

    def review(self, day: int) -> None:
        """Look at every stock as the keeper does in the morning, and order what the policy says."""
        world = self._world
        self._book.reviewed(world.now)
        policy, design_c, now = world.scenario.policies.reserve, world.weather.design_outdoor_c, world.now
        days_left = max(0.0, (world.decided_end_s - now) / DAY_S)
        stretched = [1.0] * len(self._kept)
        cover_days, contract_shares = [math.inf] * len(stretched), [math.inf] * len(stretched)
        offered = self.contracts.offered.tolist()
        rationing, wanting = world.scenario.policies.rationing, []
        foreseen = self._foreseen_on(day)
        stocks, on_orders = world.heat.fuel_available.tolist(), self.on_order.tolist()
        for store, (kept, burn, today) in enumerate(zip(self._kept, foreseen, foreseen[:, 0].tolist(), strict=True)):
            stock, on_order = stocks[store], on_orders[store]
            if not kept.stocked:
                if kept.piped and world.heating and today > 0.0:
                    contract = contract_shares[store] = offered[store] / today
                    self.least_contract_share = min(self.least_contract_share, contract)
                    stretched[store] = affordable_share(rationing, math.inf, contract)
                continue
            self.stock_value_cny_s += stock * kept.price_cny * DAY_S
            coming, held = self._book.coming(
                store, now, on_order, per_day=kept.per_day, roads_closed=bool(self._closures)
            )
            order = decide(policy, ReserveSeen(
                stock=stock, on_order=on_order, capacity=kept.capacity, burn_per_day=burn,
                design_burn_per_day=kept.design_burn_per_day, lead_days=kept.lead_days, days_left=days_left,
                design_outdoor_c=design_c, initial=kept.initial, coming=coming,
                unloaded_per_day=kept.per_day,
            ))  # fmt: skip
            cover_days[store] = order.cover_days
            if world.heating:
                if order.cover_days < days_left:  # what lasts to the season's end is cover enough
                    self.least_cover_days = min(self.least_cover_days, order.cover_days)
                stretched[store] = affordable_share(rationing, order.cover_days)
            if order.quantity >= kept.truck:
                trucks = math.floor(order.quantity / kept.truck)
                world.env.process(self._order(store, trucks * kept.truck, emergency=False))
            if order.emergency > 0.0:
                wanting.append((store, order.emergency, held))
        covers, contracts = np.array(cover_days), np.array(contract_shares)
        for store, quantity, held in wanting:
            rest = quantity - self._share(store, quantity, covers) - held  # a further lot would be held up as well
            if rest > 0.0:
                world.env.process(self._order(store, rest, emergency=True))
        self._spare(covers, contracts)
        if self._any_second:
            self._note_second()
            before = stretched.copy()
            for first, second in zip(*_with_two_fuels(world.arrays), strict=True):
                stretched[first] = max(stretched[first], before[second])  # what one fuel lacks the other makes good
        self._stretch(stretched)

    def _foreseen_on(self, day: int) -> Floats:
        """Return what stores are foreseen to burn on a day and those after it, shape (store, lead) [unit/d].

        Reckoned for all days of the season at once, and anew only when another beginning or end of heat is known.
        """
        heated = self._world.heated_from_to()
        if heated != self._foreseen_for:
            weather = self._world.weather
            shares = _heated_shares(len(weather.forecast_c), weather.forecast_c.shape[1], *heated)
            self._foreseen_for = heated
            self._foreseen = self._burn.at(forecast_share(weather.forecast_c, weather.design_outdoor_c, shares))
        today: Floats = self._foreseen[day]
        return today

    def _share(self, store: int, wanted: float, covers: Floats) -> float:
        """Fetch fuel for a station in an emergency from others that have plenty of it; return how much [unit]."""
        world, arrays, stock = self._world, self._world.arrays, self._world.heat.fuel_available
        same = np.array([fuel == arrays.store_fuel[store] for fuel in arrays.store_fuel]) & self.stocked
        same[store] = False
        given = shared_from(world.scenario.policies.reserve, wanted, stock.copy(), np.where(same, covers, 0.0))
        total = float(given.sum())
        if total > 0.0:
            givers = (given > 0.0) & np.isfinite(covers)
            covers[givers] *= 1.0 - given[givers] / stock[givers]  # what is given away cannot be given to the next
            stock -= given
            self.given += given
            lead_s = int(world.scenario.policies.reserve.share_lead_h * HOUR_S)
            names = [arrays.store_ids[giver] for giver in np.flatnonzero(given)]
            world.env.process(self._fetch(store, total, lead_s, names))
        return total

    def _fetch(self, store: int, quantity: float, lead_s: int, givers: list[str]) -> Process:
        """Bring what other stations have given; the roads of the town stay open."""
        world, case = self._world, self._world.record.new_case()
        self.on_order[store] += quantity
        placed = world.record.note(world.now, "emergency_ordered", world.rows.store + store, case=case, value=quantity,
                                   cause=self.trouble_by(store, world.now), detail={"shared_by": givers})  # fmt: skip
        order = self._book.placed(store, Order(placed, world.now, world.now + lead_s, quantity, quantity,
                                                in_town=True))  # fmt: skip
        yield world.at(world.now + lead_s)
        yield from self._unload(store, order, case, placed, emergency=True)

    def _spare(self, covers: Floats, contracts: Floats) -> None:
        """Where the merit order spares short fuels, let units turn to their second fuel, or come last."""
        world = self._world
        policy = world.scenario.policies.merit_order
        if not (isinstance(policy, Sparing) or self._any_spared):
            return
        short = spared(policy, covers, contracts)
        if (short == self._spared).all():
            return
        world.catch_up_heat()
        self._spared, self._any_spared = short, bool(short.any())
        arrays, second = world.arrays, world.arrays.unit_second_store
        turns = (second >= 0) & short[arrays.unit_store] & ~short[second]
        world.heat.set_second_fuel_first(turns)
        rank = unit_ranks(world.scenario, arrays)
        late = np.where(short[arrays.unit_store] & ~turns, len(rank), 0)
        call_by_rank(world.heat, rank + late)

    def _note_second(self) -> None:
        """Note which second fuels have come into use since yesterday's review, and which are no longer burnt."""
        world, burnt = self._world, self._world.heat.fuel_burnt
        used = self._only_second & (burnt > self._burnt_before)
        self._burnt_before = np.where(self._only_second, burnt, 0.0)
        for store in np.flatnonzero(used).tolist():
            if store not in self._second_used:
                first = world.arrays.unit_store[world.arrays.unit_second_store == store]
                cause = max((self.trouble_by(int(other), world.now) for other in first), default=-1)
                self._second_used[store] = world.record.note(world.now, "second_fuel_begun",
                                                             world.rows.store + store, cause=cause)  # fmt: skip
        for store in [store for store in self._second_used if not used[store]]:
            begun = self._second_used.pop(store)
            world.record.note(world.now, "second_fuel_ended", world.rows.store + store, cause=begun)

    def _stretch(self, stretched: list[float]) -> None:
        """Stretch what is left by as much as the policy says of each store [-]."""
        if self._burns_by_weight and all(share == 1.0 for share in stretched):
            self._world.rationing.stretch(1.0, -1)
            return
        share = 1.0 - float((self._weight_j * (1.0 - np.array(stretched))).sum() / self._weight_j.sum())
        short = [store for store in sorted(range(len(stretched)), key=stretched.__getitem__) if stretched[store] < 1.0]
        cause = next(
            (entry for entry in (self.trouble_by(store, self._world.now) for store in short) if entry >= 0), -1
        )
        self._world.rationing.stretch(share, cause)

    def _order(self, store: int, quantity: float, *, emergency: bool) -> Process:
        """Carry one order from its placing to its unloading."""
        world, arrays = self._world, self._world.arrays
        number, subject, case = int(self._orders[store]), world.rows.store + store, world.record.new_case()
        self._orders[store] += 1
        self.on_order[store] += quantity
        marks = world.timetable.delivery_marks[store, number % world.timetable.delivery_marks.shape[1]]
        policy = world.scenario.policies.reserve
        lead = policy.emergency_lead_h * 3600.0 if emergency else float(arrays.store_lead_s[store])
        what = "emergency_ordered" if emergency else "fuel_ordered"
        drawn = {"draw": ["delivery", arrays.store_ids[store], number]}
        why = self.trouble_by(store, world.now) if emergency else -1
        placed = world.record.note(world.now, what, subject, case=case, cause=why, value=quantity, detail=drawn)
        order = self._book.placed(store, Order(placed, world.now, world.now + int(lead), quantity))
        course = delivery(world.scenario.disruptions.fuel_supply, lead, marks)
        latest = placed
        yield world.at(world.now + course.lead_s)
        delays = [delay for delay in self._delays if store in delay.stores]
        late_h = sum(delay.hours for delay in delays)
        late_s = course.late_s + int(late_h * 3600.0)
        if late_s > 0:
            ordered = {"imposed_h": late_h, "imposed": delays[-1].path} if delays else None
            latest = world.record.note(world.now, "fuel_delayed", subject, case=case, value=late_s / 3600.0,
                                       cause=placed, detail=ordered)  # fmt: skip
            order.delayed, order.expected_s = (world.now, latest), world.now + late_s
            yield world.at(world.now + late_s)
        while self._closures or self._cut_off[store] >= 1.0:
            if self._closures:
                held = ("road_closed", self._closures[0])
            else:
                held = ("deliveries_cut", self._book.cut_by(store, world.now))
            order.held.append((world.now, *held))
            yield self._road_open
        order.arriving = quantity * course.share * (1.0 - self._cut_off[store])
        self.on_order[store] -= quantity - order.arriving
        yield from self._unload(store, order, case, latest, emergency=emergency)
        if emergency:
            self.emergency[store] += order.arriving

    def _unload(self, store: int, order: Order, case: int, cause: int, *, emergency: bool) -> Process:
        """Unload an order's trucks at the bays of the station; emergency orders go first, others by turn."""
        world, arrays, quantity = self._world, self._world.arrays, order.arriving
        order.arrived_s = world.now
        self._unloadings += 1
        turn = (0 if emergency else 1, self._unloadings)
        trucks = max(math.ceil(quantity / float(arrays.store_truck[store]) - 1e-9), 1)
        queues = [len(range(bay, trucks, int(arrays.store_bays[store]))) for bay in range(arrays.store_bays[store])]
        lots = [quantity * n / trucks for n in queues if n]
        if len(lots) == 1:
            came = yield from self._at_a_bay(store, lots[0], turn)
        else:
            parts = [world.env.process(self._at_a_bay(store, lot, turn)) for lot in lots]
            came = sum((yield simpy.AllOf(world.env, parts)).values())
        order.delivered = world.record.note(world.now, "fuel_delivered", world.rows.store + store, case=case,
                                            cause=cause, value=came)  # fmt: skip
        order.unloaded_s = world.now

    def _at_a_bay(self, store: int, quantity: float, turn: tuple[int, int]) -> Process:
        """Unload at most a day's lot at a time, waiting for room where the store is full; return what was [unit]."""
        world, arrays = self._world, self._world.arrays
        per_day = float(arrays.store_contract_per_day[store]) / int(arrays.store_bays[store])
        unloaded = 0.0
        while quantity - unloaded > 1e-9 * quantity:
            with self._bays[store].request(priority=turn) as bay:
                yield bay
                lot = min(per_day, quantity - unloaded)
                done = world.now + max(60, int(lot / per_day * DAY_S))
                yield world.at(-(-done // HOUR_S) * HOUR_S)  # booked in on the full hour
                world.catch_up_heat()
                room = float(arrays.store_capacity[store] - world.heat.fuel_available[store])
                lot = min(lot, max(room, 0.0))
                if lot > 0.0:
                    world.heat.fuel_available[store] += lot
                    self.delivered[store] += lot
                    self.on_order[store] -= lot
                    unloaded += lot
                elif world.now > world.decided_end_s:
                    break  # no more room will come: the rest is sent back
        self.on_order[store] -= quantity - unloaded
        return unloaded

    # ------------------------------------------------------------------ what strikes

    def curtail(self, stores: tuple[int, ...], start_s: int, end_s: int, share: float, draw: list[str]) -> Process:
        """Withhold a share of the daily gas, or of what trucks bring, for a while; `draw` says whence it comes."""
        world = self._world
        yield world.at(start_s)
        world.catch_up_heat()
        entries = {}
        for store in stores:
            entries[store] = world.record.note(world.now, "gas_curtailed", world.rows.store + store, value=share,
                                               detail={"draw": draw})  # fmt: skip
            self._book.cut(store, world.now, entries[store], share)
            if not self.stocked[store]:
                self.contracts.cut_today(store, share)
        self._hold_back()
        yield world.at(end_s)
        world.catch_up_heat()  # days that began meanwhile had what was granted then
        for store, entry in entries.items():
            self._book.restored(store, world.now, entry)
            world.record.note(world.now, "gas_restored", world.rows.store + store, cause=entry)
        self._hold_back()
        self._wake()

    def _hold_back(self) -> None:
        """Apply the largest of the cuts that are open to each store."""
        for store, stocked in enumerate(self.stocked):
            if stocked:
                self._cut_off[store] = self._book.share_cut(store)
            else:
                self.contracts.withhold(store, self._book.share_cut(store))

    def close_roads(self, start_s: int, end_s: int, draw: list[str]) -> Process:
        """Keep trucks from arriving for a while; `draw` says where that comes from."""
        world = self._world
        yield world.at(start_s)
        hours = (end_s - start_s) / 3600.0
        entry = world.record.note(world.now, "road_closed", world.rows.city, value=hours, detail={"draw": draw})
        self._closures.append(entry)
        yield world.at(end_s)
        self._closures.remove(entry)
        world.record.note(world.now, "road_opened", world.rows.city, cause=entry)
        self._wake()

    def delay(self, stores: tuple[int, ...], start_s: int, end_s: int, hours: float, path: str) -> Process:
        """Make every delivery due within a while late; `path` is where the scenario orders that."""
        yield self._world.at(start_s)
        delay = _Delay(stores, hours, path)
        self._delays.append(delay)
        yield self._world.at(end_s)
        self._delays.remove(delay)

    def _wake(self) -> None:
        self._road_open.succeed()
        self._road_open = self._world.env.event()


def _heated_shares(days: int, leads: int, start_s: int, end_s: int) -> Floats:
    """Return the share of each day and of those forecast on it with heat from start to end, shape (day, lead) [-]."""
    begins = (np.arange(days)[:, None] + np.arange(leads)) * DAY_S
    heated = np.minimum(begins + DAY_S, end_s) - np.maximum(begins, start_s)
    shares: Floats = np.minimum(np.maximum(heated / DAY_S, 0.0), 1.0)
    return shares


def plan(world: World) -> None:
    """Start the reviews, the gas days, and everything that strikes the supply of fuel."""
    stores, timetable = world.fuel, world.timetable
    world.env.process(_days(world))
    gas = tuple(int(store) for store in np.flatnonzero(world.arrays.store_gas))
    curtailments = timetable.gas_curtailments
    for start, end, share in zip(curtailments.start_s, curtailments.end_s, curtailments.share, strict=True):
        world.env.process(stores.curtail(gas, int(start), int(end), float(share), ["gas_curtailment"]))
    for start, end in zip(timetable.road_closures.start_s, timetable.road_closures.end_s, strict=True):
        world.env.process(stores.close_roads(int(start), int(end), ["road_closure"]))
    for order in timetable.imposed:
        imposed = ["imposed", order.path]
        if order.kind == "fuel_cut":
            world.env.process(stores.curtail(order.elements, order.at_s, order.until_s, order.share, imposed))
        elif order.kind == "road_closure":
            world.env.process(stores.close_roads(order.at_s, order.until_s, imposed))
        elif order.kind == "delivery_delay":
            world.env.process(stores.delay(order.elements, order.at_s, order.until_s, order.hours, imposed[1]))


def _days(world: World) -> Process:
    """See gas granted at midnight and review stocks in the morning, day by day.

    The march brings grants; the world looks at midnight only where fuel may give out before the morning.
    """
    contracts = world.fuel.contracts
    hour = world.scenario.policies.reserve.order_hour
    for day in range(world.calendar.days):
        yield world.at(day * DAY_S)
        contracts.day_begins()
        if not hour or not world.rationing.is_sure(contracts.brings):
            world.catch_up()
            world.heat.begin_day()
            contracts.settle()
        if hour:
            yield world.at(day * DAY_S + hour * HOUR_S)
            world.catch_up()
            contracts.settle()
        world.fuel.review(day)


def _with_two_fuels(arrays: NetworkArrays) -> tuple[list[int], list[int]]:
    """Return first and second store of every unit that has two."""
    two = arrays.unit_second_store >= 0
    return arrays.unit_store[two].tolist(), arrays.unit_second_store[two].tolist()
