"""How much fuel to hold, and when to order: what the stock-keeper sees each morning, and what he orders.

The guide asks for enough fuel for the season (二（5）) and gives no number; days of cover are local practice: gas 3
days (national rule), coal 7-20 days (Zibo 10, Jinan 20). Gas by pipeline is a contract: nothing is ordered for it.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from ...network_models.documents import cross_check_error
from ...network_models.problems import Problem
from ..chance import Floats
from ..parts import Part, number

__all__ = [
    "Coming",
    "DaysOfCover",
    "FixedLot",
    "NoReserve",
    "OrderUpTo",
    "Preseason",
    "Reserve",
    "ReserveOrder",
    "ReserveSeen",
    "Rolling",
    "cover_days",
    "decide",
    "forecast_share",
    "opening_stock",
    "safety_stock",
    "shared_from",
]

_BASE_C = 18.0  # degree-days of need are counted below the guaranteed room temperature


class _Any(Part):
    order_hour: int = number(8, ge=0, le=23, source="assumed: once a day in the morning", confidence="L")
    """Hour of the clock at which the stock is reviewed [h]."""

    closing_days: float = number(
        2.0, ge=0, le=30, source="assumed: what is left over for forecast errors and a late frost", confidence="L",
        low=0.0, high=5.0,
    )  # fmt: skip
    """Days of design burn still in hand when the season ends [d]."""

    emergency_below_days: float = number(
        2.0, ge=0, le=60, source="assumed: an emergency dispatch plan (guide 二（5）) acts at two days of cover",
        confidence="L", low=1.0, high=4.0,
    )  # fmt: skip
    """Days of cover, in hand or coming before that is burnt, below which the emergency plan orders; 0: never [d]."""

    emergency_lead_h: float = number(
        14.0, gt=0, le=500, source="assumed: spot lot from the next city", confidence="L", low=8.0, high=36.0
    )
    """Mean lead time of an emergency order [h]."""

    emergency_days: float = number(3.0, gt=0, le=60, source="assumed", confidence="L", low=1.0, high=7.0)
    """Days of burn that an emergency order brings [d]."""

    share_above_days: float = number(
        0.0, ge=0, le=200, source="a lever: stations do not share unless told to", confidence="H"
    )
    """Days of cover above which a station gives of its fuel to one in an emergency; 0: never [d]."""

    share_lead_h: float = number(
        6.0, gt=0, le=500, source="assumed: loaded and driven across town", confidence="L", low=3.0, high=24.0
    )
    """Mean time until fuel from another station arrives [h]."""

    @model_validator(mode="after")
    def _nobody_gives_in_an_emergency(self) -> Self:
        if 0.0 < self.share_above_days < self.emergency_below_days:
            wanted = f"0, or no less than emergency_below_days ({self.emergency_below_days:g})"
            problem = Problem("", f"{self.share_above_days:g}", wanted, "no station gives while it is in need")
            raise cross_check_error([(("policies", "reserve", "share_above_days"), problem)])
        return self


class DaysOfCover(_Any):
    """Hold so many days of the burn that the forecast foresees."""

    kind: Literal["days_of_cover"] = "days_of_cover"
    """Days of cover on forecast degree-days."""

    days: float = number(
        7.0, ge=0, le=200, source="assumed; local rules 7-30 d (Zibo 10, Jinan 20, gas 3)", confidence="L", low=3.0,
        high=30.0,
    )  # fmt: skip
    """Days of forecast burn to have in hand and on order, beyond the lead time [d]."""

    opening_days: float | None = number(
        12.0, ge=0, le=200, source="assumed: filled before the season; Shaanxi's neighbours ask 10-20 d",
        confidence="L", low=5.0, high=30.0,
    )  # fmt: skip
    """Days of design burn in hand when the readiness works begin; none: as the network file says [d]."""


class OrderUpTo(_Any):
    """(s, S): when stock and orders fall to s, order up to S."""

    kind: Literal["order_up_to"] = "order_up_to"
    """(s, S)."""

    order_at_days: float = number(6.0, ge=0, le=200, source="assumed", confidence="L", low=3.0, high=15.0)
    """s, in days of design burn [d]."""

    order_to_days: float = number(12.0, gt=0, le=200, source="assumed", confidence="L", low=6.0, high=30.0)
    """S, in days of design burn [d]."""

    opening_days: float | None = number(
        12.0, ge=0, le=200, source="assumed: begins at S", confidence="L", low=5.0, high=30.0
    )
    """Days of design burn in hand when the readiness works begin; none: as the network file says [d]."""

    @model_validator(mode="after")
    def _orders_up(self) -> Self:
        _check_levels(self.order_at_days, self.order_to_days)
        return self


class FixedLot(_Any):
    """(r, Q): when stock and orders fall to r, order the lot Q."""

    kind: Literal["lot"] = "lot"
    """(r, Q)."""

    order_at_days: float = number(6.0, ge=0, le=200, source="assumed", confidence="L", low=3.0, high=15.0)
    """r, in days of design burn [d]."""

    lot_days: float = number(
        4.0, gt=0, le=200, source="assumed: a train or a convoy", confidence="L", low=1.0, high=15.0
    )
    """Q, in days of design burn [d]."""

    opening_days: float | None = number(
        12.0, ge=0, le=200, source="assumed: filled before the season", confidence="L", low=5.0, high=30.0
    )
    """Days of design burn in hand when the readiness works begin; none: as the network file says [d]."""


class Rolling(_Any):
    """Each day order up to the burn foreseen until a lot is unloaded, plus a safety stock for what errs.

    Where the days to come burn more than can be unloaded in them, the difference is ordered in time.
    """

    kind: Literal["rolling"] = "rolling"
    """Rolling order-up-to."""

    safety_factor: float = number(
        2.3, ge=0, le=6, source="assumed: normal quantile of 99 %", confidence="L", low=1.3, high=3.1
    )
    """Standard deviations of the burn over the lead time that are held as safety stock [-]."""

    error_k: float = number(
        2.1, ge=0, le=10, source="standard deviation of Hanzhong's daily means about the climatology", confidence="M",
        low=1.0, high=3.0,
    )  # fmt: skip
    """Standard deviation of a day's forecast error [K]."""

    likeness: float = number(
        0.7, ge=0, lt=1, source="daily means persist: 0.65-0.75 from day to day", confidence="M", low=0.5, high=0.9
    )
    """Correlation of the errors of neighbouring days; with 0 the textbook's z sigma sqrt(L), too little [-]."""

    lead_error_days: float = number(
        0.75, ge=0, le=30, source="assumed: lead times vary by a quarter, and some lots come a day or more late",
        confidence="L", low=0.25, high=1.5,
    )  # fmt: skip
    """Standard deviation of the lead time that the safety stock covers [d]."""

    opening_days: float | None = number(7.0, ge=0, le=200, source="assumed", confidence="L", low=3.0, high=20.0)
    """Days of design burn in hand when the readiness works begin; none: as the network file says [d]."""


class Preseason(_Any):
    """Most of the winter's fuel is in the yard before it begins; later orders only top up."""

    kind: Literal["preseason"] = "preseason"
    """Filled before the season."""

    season_share: float = number(
        0.7, ge=0, le=1, source="coal in hand at the start: Anshan 71 %, Changchun 85 % of the season", confidence="M",
        low=0.5, high=0.9,
    )  # fmt: skip
    """Share of a season's burn in hand when the readiness works begin, as far as the yard holds it [-]."""

    season_days: float = number(
        88.0, gt=0, le=300, source="121 d at a mean load of 0.73 of the design load (FACTS 1.4)", confidence="M",
        low=80.0, high=100.0,
    )  # fmt: skip
    """Burn of a mean season, in days of design burn [d]."""

    order_at_days: float = number(7.0, ge=0, le=200, source="assumed", confidence="L", low=3.0, high=15.0)
    """Cover at which the yard is topped up, in days of design burn [d]."""

    order_to_days: float = number(14.0, gt=0, le=200, source="assumed", confidence="L", low=6.0, high=30.0)
    """What it is topped up to, in days of design burn [d]."""

    @model_validator(mode="after")
    def _orders_up(self) -> Self:
        _check_levels(self.order_at_days, self.order_to_days)
        return self


class NoReserve(_Any):
    """From hand to mouth: each day what the next day will burn, and no emergency plan."""

    kind: Literal["none"] = "none"
    """No reserve."""

    closing_days: float = number(0.0, ge=0, le=30, source="by definition", confidence="H")
    """Days of design burn still in hand when the season ends [d]."""

    emergency_below_days: float = number(0.0, ge=0, le=60, source="no plan", confidence="H")
    """Days of cover in hand below which the emergency plan orders at once; 0: never [d]."""

    opening_days: float | None = number(1.0, ge=0, le=200, source="by definition", confidence="H")
    """Days of design burn in hand when the readiness works begin; none: as the network file says [d]."""


AnyReserve = DaysOfCover | OrderUpTo | FixedLot | Rolling | Preseason | NoReserve
Reserve = Annotated[AnyReserve, Field(discriminator="kind")]


class Coming(NamedTuple):
    """What is expected: in how many days at the gate and in the yard [d], and how much [unit]."""

    gate_days: float
    yard_days: float
    quantity: float


class ReserveSeen(NamedTuple):
    """What the stock-keeper of one store sees at the daily review, in the store's fuel unit.

    Attributes
    ----------
    stock, on_order : float
        In hand, and ordered but not yet arrived [unit].
    capacity : float
        What the store can hold [unit].
    burn_per_day : array, shape (day,)
        Burn foreseen for today and the days after [unit/d].
    design_burn_per_day : float
        Burn of a day at the design temperature [unit/d].
    lead_days : float
        Ordinary lead time [d].
    days_left : float
        Days of supply still to come, an extension not counted [d].
    design_outdoor_c : float
        Design outdoor temperature, at which a day burns `design_burn_per_day` [degC].
    initial : float
        What the network has in the store before the season [unit].
    coming : tuple of Coming
        What is on order and expected at a known time, soonest first.
    unloaded_per_day : float
        Most that can be unloaded in a day [unit/d].
    """

    stock: float
    on_order: float
    capacity: float
    burn_per_day: Floats
    design_burn_per_day: float
    lead_days: float
    days_left: float
    design_outdoor_c: float = -0.1
    initial: float = 0.0
    coming: tuple[Coming, ...] = ()
    unloaded_per_day: float = math.inf


class ReserveOrder(NamedTuple):
    """What is ordered [unit], both may be 0; and how many days the stock in hand would last [d]."""

    quantity: float
    emergency: float
    cover_days: float


def decide(policy: AnyReserve, seen: ReserveSeen) -> ReserveOrder:
    """Return what the policy orders, seeing only what a person could have seen.

    Nothing is ordered beyond what the store can hold on arrival or the rest of the season can burn. What nothing burns
    from by plan, as a standby's oil tank, has no days of cover: it is filled up to what the network has in it.
    """
    if seen.design_burn_per_day <= 0.0:
        lacking = seen.initial - seen.stock - seen.on_order if seen.days_left > seen.lead_days else 0.0
        return ReserveOrder(max(lacking, 0.0), 0.0, float("inf"))
    burn = _Foreseen.of(seen.burn_per_day)
    cover = burn.lasts(seen.stock)
    position = seen.stock + seen.on_order
    design = seen.design_burn_per_day
    to_the_end = burn.over(seen.days_left) + policy.closing_days * design - position
    ahead_days = seen.lead_days + 1.0
    if isinstance(policy, OrderUpTo | Preseason):
        low = position <= policy.order_at_days * design
        wanted = policy.order_to_days * design - position if low else 0.0
    elif isinstance(policy, FixedLot):
        lot = policy.lot_days * design
        lots = math.floor((policy.order_at_days * design - position) / lot) + 1 if lot > 0.0 else 0
        wanted = max(lots, 0) * lot
    else:
        ahead_days += policy.days if isinstance(policy, DaysOfCover) else 0.0
        wanted = burn.over(ahead_days) - position
        if isinstance(policy, Rolling) and seen.burn_per_day[0] > 0.0:
            wanted = _rolling_level(policy, seen, burn, ahead_days) - position
        if seen.days_left <= ahead_days:  # the end is in sight: what is left over counts too
            wanted = to_the_end
    room = seen.capacity - position + burn.over(seen.lead_days)
    quantity = max(min(wanted, room, to_the_end), 0.0)
    emergency, lead_days = 0.0, policy.emergency_lead_h / 24.0
    in_time = _in_time(seen, burn, lead_days)
    short_days = min(policy.emergency_below_days, seen.days_left)  # what lasts to the season's end is no emergency
    if burn.lasts(in_time) < short_days:
        wanted = burn.over(policy.emergency_days + lead_days)
        emergency = max(min(wanted, seen.capacity) - in_time, 0.0)
    return ReserveOrder(quantity, emergency, cover)


class _Foreseen(NamedTuple):
    """A burn foreseen day by day, as array and list, its sum [unit], and its mean, which goes on beyond [unit/d]."""

    per_day: Floats
    days: list[float]
    total: float
    mean: float

    @classmethod
    def of(cls, per_day: Floats) -> _Foreseen:
        total = float(np.add.reduce(per_day))
        return cls(per_day, per_day.tolist(), total, total / len(per_day) if len(per_day) else 0.0)

    def lasts(self, stock: float) -> float:
        """Return how long a stock lasts [d]."""
        left = stock
        for day, burn in enumerate(self.days):
            if burn > left:
                return float(day + left / burn)
            left -= burn
        return len(self.days) + left / self.mean if self.mean > 0.0 else float("inf")

    def over(self, days: float) -> float:
        """Return the burn over so many days from now [unit]."""
        if days <= 0.0 or not self.days:
            return 0.0
        known = len(self.days)
        if days >= known:
            return self.total if days == known else self.total + (days - known) * self.mean
        whole = int(days)
        return float(np.add.reduce(self.per_day[:whole])) + (days - whole) * self.days[whole]


def cover_days(stock: float, burn_per_day: Floats) -> float:
    """Return how long a stock lasts against a foreseen burn; beyond the forecast its mean goes on [d]."""
    return _Foreseen.of(burn_per_day).lasts(stock)


def forecast_share(forecast_c: Floats, design_outdoor_c: float, heated: Floats) -> Floats:
    """Return the share of the design heat that forecast degree-days foresee, shape (day,) [-].

    Parameters
    ----------
    forecast_c
        Daily means forecast, shape (day,) [degC].
    design_outdoor_c
        Design outdoor temperature [degC].
    heated
        Share of each day on which heat is to be supplied, shape (day,) [-].
    """
    share: Floats = np.maximum(_BASE_C - np.asarray(forecast_c), 0.0) / (_BASE_C - design_outdoor_c)
    return share * np.asarray(heated)


def safety_stock(policy: Rolling, design_burn_per_day: float, design_outdoor_c: float, days: float) -> float:
    """Return the stock that covers the forecast's error over so many days [unit].

    ``z s sqrt(sum over i, j of rho^|i - j|)`` with ``s`` the burn's deviation of one day: neighbouring days err
    alike, which asks for 2.5 times the variance of independent ones at 3 days and rho = 0.8.
    """
    lag = np.arange(max(math.ceil(days), 1))
    alike = policy.likeness ** np.abs(lag[:, None] - lag[None, :])
    sd = design_burn_per_day * policy.error_k / (_BASE_C - design_outdoor_c)
    return policy.safety_factor * sd * math.sqrt(float(alike.sum()))


def _rolling_level(policy: Rolling, seen: ReserveSeen, burn: _Foreseen, ahead_days: float) -> float:
    """Return what must be in hand and on order for the days seen not to burn more than can arrive in time [unit].

    A lot is there when it is unloaded; of days beyond the next, the bays have brought in what they can.
    """
    ahead_days += burn.mean / seen.unloaded_per_day
    late = policy.safety_factor * burn.mean * policy.lead_error_days
    level = -math.inf
    for later in range(max(0, math.floor(len(seen.burn_per_day) - ahead_days)) + 1):
        days = ahead_days + later
        safety = safety_stock(policy, seen.design_burn_per_day, seen.design_outdoor_c, days)
        brought = later * seen.unloaded_per_day if later else 0.0
        level = max(level, burn.over(days) + math.hypot(safety, late) - brought)
    return level


def shared_from(policy: AnyReserve, wanted: float, stocks: Floats, covers: Floats) -> Floats:
    """Return what each other station gives to one in an emergency, the best covered first, shape (station,) [unit].

    Parameters
    ----------
    wanted
        What is wanted [unit].
    stocks, covers
        What the others hold [unit] and the days it would last them [d]; stations of another fuel have a cover of 0.
    """
    given = np.zeros(len(stocks))
    if policy.share_above_days <= 0.0:
        return given
    for station in np.argsort(-covers, kind="stable").tolist():
        cover = float(covers[station])
        if wanted <= 0.0 or cover <= policy.share_above_days:
            break
        spare = 1.0 if math.isinf(cover) else 1.0 - policy.share_above_days / cover
        given[station] = min(wanted, spare * float(stocks[station]))
        wanted -= float(given[station])
    return given


def opening_stock(policy: AnyReserve, initial: float, capacity: float, design_burn_per_day: float) -> float:
    """Return the stock in hand when the readiness works begin [unit], never more than the store holds.

    What nothing burns from by plan is as full as the network has it, whatever the policy.
    """
    if design_burn_per_day <= 0.0:
        return initial
    if isinstance(policy, Preseason):
        return min(policy.season_share * policy.season_days * design_burn_per_day, capacity)
    if policy.opening_days is None:
        return initial
    return min(policy.opening_days * design_burn_per_day, capacity)


def _in_time(seen: ReserveSeen, burn: _Foreseen, lead_days: float) -> float:
    """Return what is in hand and what comes before that is burnt, or takes the bays before a new lot could [unit]."""
    stock = seen.stock
    for coming in seen.coming:
        if coming.gate_days > lead_days and coming.yard_days > burn.lasts(stock):
            break
        stock += coming.quantity
    return stock


def _check_levels(order_at_days: float, order_to_days: float) -> None:
    """Refuse to order up to a level below the one at which orders are placed."""
    if order_to_days < order_at_days:
        wanted = f"no less than order_at_days ({order_at_days:g})"
        problem = Problem("", f"{order_to_days:g}", wanted, "an order fills the yard up from there")
        raise cross_check_error([(("policies", "reserve", "order_to_days"), problem)])
