"""The processes that the season uses, alone, against systems whose answer is known.

Each test drives the season's own process (teams, orders, trips) in a little world that has nothing else in it. Seeds
are fixed; every estimate is held against the exact value within three of its standard errors.
"""

import heapq
from types import SimpleNamespace

import numpy as np
import pytest
import simpy
from heatseason.scenarios.calendar import DAY_S, Calendar
from heatseason.scenarios.disruptions.fuel_supply import delivery_marks
from heatseason.scenarios.disruptions.source_trips import draw_unit_trips
from heatseason.scenarios.policies.reserve import DaysOfCover, FixedLot, OrderUpTo, ReserveSeen, decide
from heatseason.scenarios.scenario import load
from heatseason.sim.record_builder import RecordBuilder
from heatseason.sim.world.crews import Crews
from heatseason.sim.world.fuel import Stores
from heatseason.sim.world.orders import Order
from heatseason.sim.world.plant_failures import unit_trip
from hypothesis import given, settings
from hypothesis import strategies as st

SCENARIO = load("town")
ROWS = SimpleNamespace(city=0, authority=1, source=2, store=12, pipe=22, substation=32, crew=42)


def close_to(samples, exact, standard_errors=3.0):
    samples = np.asarray(samples)
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    return abs(samples.mean() - exact) <= standard_errors * error


class Little:
    """A world with a clock, a record and a scenario, to which a test adds what its process asks for."""

    def __init__(self, scenario=SCENARIO, **parts):
        self.env = simpy.Environment()
        self.scenario, self.rows, self.record = scenario, ROWS, RecordBuilder()
        self.faults, self.decided_end_s, self.heating = [], 10**12, True
        self.outages = SimpleNamespace(refresh=lambda: None)
        self.subjects = SimpleNamespace(id=[f"subject {row}" for row in range(1_000)])
        self.__dict__.update(parts)

    now = property(lambda self: int(self.env.now))

    def at(self, second):
        return self.env.timeout(max(0, int(second) - self.now))

    def catch_up(self):
        pass

    catch_up_heat = catch_up_hours = catch_up

    def uniform(self, *name):
        return 0.5


# ---------------------------------------------------------------- teams


def test_teams_are_the_machine_repair_model():
    """M/M/2//20, failures 0.05 and repairs 0.5 per hour: 3.452 down on average, both teams busy 0.741 of the time."""
    scenario = load("town", ["policies.crews.teams=2"])
    down, busy, waits = [], [], []
    for replication in range(30):
        rng = np.random.default_rng([11, replication])
        world = Little(scenario)
        crews = Crews(world)
        area = {"down": 0, "both": 0, "since": 0, "downs": 0.0, "boths": 0.0, "waited": 0.0, "jobs": 0}

        def step(change, area=area, world=world):
            span = world.now - area["since"] if world.now > 400 * 3_600 else 0
            area["downs"] += area["down"] * span
            area["boths"] += (area["down"] >= 2) * span
            area["down"] += change
            area["since"] = world.now

        def machine(rng=rng, world=world, crews=crews, area=area, step=step):
            while True:
                yield world.env.timeout(int(rng.exponential(20.0) * 3_600))
                step(+1)
                failed = world.now

                def work(team):
                    if world.now > 400 * 3_600:
                        area["waited"] += world.now - failed  # noqa: B023 - served before it fails again
                        area["jobs"] += 1
                    yield world.env.timeout(int(rng.exponential(2.0) * 3_600))

                yield from crews.serve(0, work)
                step(-1)

        for _ in range(20):
            world.env.process(machine())
        world.env.run(until=4_400 * 3_600)
        down.append(area["downs"] / (4_000 * 3_600))
        busy.append(area["boths"] / (4_000 * 3_600))
        waits.append(area["waited"] / area["jobs"] / 3_600)
        assert crews.work_s > 0
    assert close_to(down, 3.45209424375)
    assert close_to(busy, 0.741092931719)
    assert close_to(waits, 2.17224305552)


@settings(max_examples=60)
@given(
    jobs=st.lists(st.tuples(st.integers(0, 50_000), st.integers(60, 90_000)), min_size=1, max_size=12),
    teams=st.integers(1, 4),
)
def test_one_more_team_never_lengthens_any_restoration(jobs, teams):
    """First come, first served: every repair ends no later with one team more, so neither does the last."""

    def ends(count):
        world = Little(load_teams(count))
        crews, found = Crews(world), [0] * len(jobs)

        def play(number, at, length):
            yield world.at(at)

            def work(team):
                yield world.at(world.now + length)

            yield from crews.serve(0, work)
            found[number] = world.now

        for number, (at, length) in enumerate(sorted(jobs)):
            world.env.process(play(number, at, length))
        world.env.run()
        return found

    fewer, more = ends(teams), ends(teams + 1)
    assert all(b <= a for a, b in zip(fewer, more, strict=True))
    free = [0] * teams
    for (at, length), end in zip(sorted(jobs), fewer, strict=True):  # the same queue, by the textbook's recursion
        start = max(at, heapq.heappop(free))
        heapq.heappush(free, start + length)
        assert end == start + length


def load_teams(count, cache={}):  # noqa: B006 - a cache
    return cache.setdefault(count, load("town", [f"policies.crews.teams={count}"]))


def test_a_team_that_is_no_longer_wanted_is_not_taken():
    world = Little(load_teams(1))
    crews, over, story = Crews(world), world.env.event(), []

    def work(name, length):
        def of_team(team):
            story.append((world.now, name))
            yield world.at(world.now + length)

        return of_team

    def end():
        yield world.at(500)
        over.succeed()

    world.env.process(crews.serve(0, work("burst", 1_000)))
    world.env.process(crews.serve(0, work("stand by", 9_000), unless=over))
    world.env.process(crews.serve(1, work("leak", 100)))
    world.env.process(end())
    world.env.run()
    assert story == [(0, "burst"), (1_000, "leak")]
    assert crews.teams.count == 0
    assert crews.work_s == 1_100


# ---------------------------------------------------------------- units of sources


def test_three_units_have_the_loss_of_load_of_the_pras_system(little):
    """Units of 10 with a forced-outage rate of 0.1 beside firm 5/6/7/8, load 25/28/27/24: LOLE 0.355, EUE 1.59."""
    network = little(
        [(0, 1, 100.0, 0.2), (1, 2, 100.0, 0.2), (2, 3, 100.0, 0.2)], [0, 1, 2], [3],
        unit_outage_rate=np.full(3, 0.1), unit_repair_h=np.full(3, 6.0),
    )  # fmt: skip
    calendar = Calendar.of(SCENARIO)
    firm, load_w = np.array([5.0, 6.0, 7.0, 8.0]), np.array([25.0, 28.0, 27.0, 24.0])
    losses, unserved = [], []
    for replication in range(150):
        table = SimpleNamespace(unit_trips=draw_unit_trips(SCENARIO.disruptions.source_trips, network, calendar, 3,
                                                           replication))  # fmt: skip
        world = Little(arrays=network, timetable=table, unit_down=np.zeros(3, np.bool_), apply_units=lambda: None)
        for row in range(len(table.unit_trips)):
            world.env.process(unit_trip(world, row))
        lost, missing = [], []
        for second in range(20 * DAY_S, 60 * DAY_S, 2 * DAY_S):  # far enough apart to be nearly independent
            world.env.run(until=second)
            capacity = firm + 10.0 * (~world.unit_down).sum()
            lost.append(capacity < load_w)
            missing.append(np.maximum(load_w - capacity, 0.0))
        losses.append(np.mean(lost, axis=0))
        unserved.append(np.mean(missing, axis=0))
    for hour, (lolp, eue) in enumerate(zip((0.028, 0.271, 0.028, 0.028), (0.29, 0.832, 0.29, 0.178), strict=True)):
        assert close_to(np.array(losses)[:, hour], lolp)
        assert close_to(np.array(unserved)[:, hour], eue)
    assert close_to(np.array(losses).sum(axis=1), 0.355)
    assert close_to(np.array(unserved).sum(axis=1), 1.59)


# ---------------------------------------------------------------- orders of fuel


def stores(little, seed, *changes, stock):
    """Return a world with one station's stores and no other process in it."""
    network = little([(0, 1, 100.0, 0.2)], [0], [1], stock=stock, store_truck=np.ones(1))
    common = ["disruptions.fuel_supply.deliveries.late_share=0", "disruptions.fuel_supply.deliveries.short_share=0",
              "policies.reserve.kind=days_of_cover"]  # fmt: skip
    scenario = load("town", [*common, *changes]).with_("policies.reserve", {"opening_days": None})
    heat = SimpleNamespace(fuel_available=np.array([stock], np.float64), set_grants=lambda *told: None)
    world = Little(
        scenario, arrays=network, heat=heat, connected=np.ones(1, np.bool_),
        timetable=SimpleNamespace(delivery_marks=delivery_marks(network, seed, 0)),
    )  # fmt: skip
    world.fuel = Stores(world)
    world.fuel.opening[0] = heat.fuel_available[0] = stock
    return world


# An order is booked in on the full hour after a minute's unloading: half an hour and a minute on average.
ORDER_S = 3 * DAY_S - 1_860


def demand(world, rng, policy, days=215):
    """Take one unit at a time, Poisson, two a day; order by the policy; watch the stock (backlog below zero)."""
    share = {"out": 0.0, "backlog": 0.0, "stock": 0.0, "time": 0.0}
    last = 0

    def watch():
        nonlocal last
        span, level = world.now - last, float(world.heat.fuel_available[0])
        if world.now > 15 * DAY_S:
            share["time"] += span
            share["out"] += span * (level < 0.5)
            share["backlog"] += span * max(-level, 0.0)
            share["stock"] += span * max(level, 0.0)
        last = world.now

    deliver = world.fuel._at_a_bay

    def unload(store, quantity, turn):
        for event in deliver(store, quantity, turn):
            yield event
            watch()
        return quantity

    world.fuel._at_a_bay = unload
    while world.now < days * DAY_S:
        yield world.env.timeout(max(1, int(rng.exponential(DAY_S / 2.0))))
        watch()
        world.heat.fuel_available[0] -= 1.0
        quantity = decide(policy, seen(float(world.heat.fuel_available[0]), float(world.fuel.on_order[0]))).quantity
        if quantity > 0:
            world.env.process(world.fuel._order(0, quantity, emergency=False))
    world.share = {name: value / share["time"] for name, value in share.items()}


def seen(stock, on_order):
    return ReserveSeen(stock=stock, on_order=on_order, capacity=1e9, burn_per_day=np.ones(16), design_burn_per_day=1.0,
                       lead_days=3.0, days_left=1e6)  # fmt: skip


def test_base_stock_is_palms_theorem(little):
    """(S - 1, S), two a day, any lead time of mean three days, S = 10: out 0.0839, backlog 0.0773."""
    out, backlog = [], []
    for replication in range(60):
        world = stores(little, replication, "disruptions.fuel_supply.deliveries.lead_spread=0.8", stock=10.0)
        world.arrays.store_lead_s[0] = ORDER_S
        policy = OrderUpTo(order_at_days=9.0, order_to_days=10.0)
        world.env.process(demand(world, np.random.default_rng([21, replication]), policy))
        world.env.run(until=215 * DAY_S + 10 * DAY_S)
        out.append(world.share["out"])
        backlog.append(world.share["backlog"])
    assert close_to(out, 0.0839240170)
    assert close_to(backlog, 0.0773348661)


def test_lots_are_the_r_and_q_system(little):
    """(r, Q) = (5, 10), fixed lead time with six expected meanwhile: out 0.152, backlog 0.214, in hand 4.714."""
    out, backlog, stock = [], [], []
    for replication in range(60):
        world = stores(little, replication, "disruptions.fuel_supply.deliveries.lead_spread=0", stock=10.0)
        world.arrays.store_lead_s[0] = ORDER_S
        policy = FixedLot(order_at_days=5.0, lot_days=10.0)
        world.env.process(demand(world, np.random.default_rng([22, replication]), policy))
        world.env.run(until=215 * DAY_S + 10 * DAY_S)
        out.append(world.share["out"])
        backlog.append(world.share["backlog"])
        stock.append(world.share["stock"])
    assert close_to(out, 0.151729356)
    assert close_to(backlog, 0.214445768)
    assert close_to(stock, 4.714445768)


def test_trucks_wait_for_a_bay_and_emergencies_go_first(little):
    """Four trucks of 1, a day's unloading of 4: alone a bay takes a day, and an emergency passes what waits."""

    def done_h(bays, orders):
        network = little([(0, 1, 100.0, 0.2)], [0], [1], stock=0.0, store_truck=np.ones(1), store_bays=np.array([bays]),
                         store_contract_per_day=np.array([4.0]))  # fmt: skip
        heat = SimpleNamespace(fuel_available=np.zeros(1), set_grants=lambda *told: None)
        world = Little(arrays=network, heat=heat, connected=np.ones(1, np.bool_),
                       timetable=SimpleNamespace(delivery_marks=delivery_marks(network, 1, 0)))  # fmt: skip
        world.fuel = Stores(world)
        heat.fuel_available[0] = 0.0
        ends = {}

        def unload(number, quantity, emergency):
            order = Order(-1, world.now, world.now, quantity, quantity)
            yield from world.fuel._unload(0, order, number, -1, emergency=emergency)
            ends[number] = world.now / 3600.0

        for number, (quantity, emergency) in enumerate(orders):
            world.env.process(unload(number, quantity, emergency))
        world.env.run()
        assert heat.fuel_available[0] == pytest.approx(sum(quantity for quantity, _ in orders))
        return [ends[number] for number in range(len(orders))]

    assert done_h(1, [(4.0, False), (4.0, False)]) == [24.0, 48.0]
    assert done_h(2, [(4.0, False), (4.0, False)]) == [24.0, 48.0]  # each at half the pace, both bays at work
    assert done_h(1, [(1.0, False), (1.0, False)]) == [6.0, 12.0]
    assert done_h(2, [(1.0, False), (1.0, False)]) == [12.0, 12.0]  # side by side
    assert done_h(1, [(4.0, False), (4.0, False), (4.0, True)]) == [24.0, 72.0, 48.0]


@settings(max_examples=80)
@given(
    burns=st.lists(st.floats(0.0, 150.0), min_size=5, max_size=60), fewer=st.floats(0.0, 10.0),
    more=st.floats(0.0, 10.0), lead=st.integers(0, 4), opening=st.floats(0.0, 500.0),
)  # fmt: skip
def test_more_reserve_never_raises_what_is_unserved(burns, fewer, more, lead, opening):
    """One store, a burn that nobody changes, deliveries on time: the larger reserve misses no more on any day."""

    def unserved(days):
        stock, coming, missed = opening, [0.0] * (lead + 1), []
        for burn in burns:
            stock += coming.pop(0)
            order = decide(DaysOfCover(days=days, emergency_below_days=0.0), ReserveSeen(
                stock=stock, on_order=sum(coming), capacity=1e9, burn_per_day=np.full(16, 100.0),
                design_burn_per_day=120.0, lead_days=float(lead), days_left=1e4,
            ))  # fmt: skip
            coming.append(order.quantity)
            missed.append(max(burn - stock, 0.0))
            stock = max(stock - burn, 0.0)
        return np.cumsum(missed)

    assert np.all(unserved(fewer + more) <= unserved(fewer) + 1e-6)
