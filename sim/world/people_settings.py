"""What people do and what hands the operator has, in numbers: plain frozen data that a scenario is mapped onto.

Names and meanings follow scenarios/people.py, where each number carries its source, confidence and range; the defaults
here are the same, so that the people part can be used and tested on its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.desk import NUMBERS

__all__ = ["Billing", "PeopleSettings", "Roster", "Sampling"]

# Share of a day's calls by hour of day: peak 8-10 h, awake 7-22 h (FACTS.md §5.3; otherwise assumed, confidence L)
_CALLS_BY_HOUR = (
    0.006, 0.004, 0.003, 0.003, 0.004, 0.010, 0.028, 0.060, 0.090, 0.088, 0.073, 0.057,
    0.044, 0.045, 0.054, 0.055, 0.055, 0.059, 0.068, 0.071, 0.058, 0.038, 0.018, 0.009,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Calls, queue, cases, refunds and arrears (H, M, L: confidence in the number)."""

    # who calls: together about 80 calls per 10,000 households and day at a mean of 20 °C (jrkjheat.com, L-M)
    other_per_10k_day: float = 35.0  # L
    wrong_share: float = 0.15  # of the other calls; Beijing 2011: 20 % dialled the wrong company; L
    enquiry_share: float = 0.70  # of the other calls; what is left are complaints on bills and service, half each; L
    before_factor: float = 0.4  # other calls before the heating period, against within; L
    after_factor: float = 0.3  # and after it; L
    cold_midpoint_c: float = 16.3  # logistic through ISO 7730 PPD at clo 1.0; M
    cold_spread_k: float = 1.93  # the same fit; M
    cold_calls_per_day: float = 0.03  # of a dissatisfied household; fitted; L
    early_factor: float = 6.0  # Taiyuan 10, Jinan 4; M
    early_decay_days: float = 4.5  # Qingdao, Beijing 3, Shenyang 15; M
    day_spread: float = 0.2  # coefficient of variation of the Gamma day factor; L
    by_hour: tuple[float, ...] = _CALLS_BY_HOUR
    outage_share: float = 0.15  # 5-30 %; L
    outage_delay_h: float = 2.0  # waking hours; L
    told_share: float = 0.5  # of those calls a notice makes needless; L
    repeat_per_day: float = 0.15  # of a household with an open case; repeats are 20-50 % of the load; L
    # the queue
    handling_s: float = 270.0  # M
    handling_spread: float = 0.8  # L
    patience_s: float = 240.0  # L
    redial_share: float = 0.65  # L
    redial_delay_s: float = 750.0  # 5-20 min; L
    redial_limit: int = 3  # L
    # cases
    local_fault_share: float = 0.02  # dwellings with an air lock, a clogged filter, a shut valve; L
    local_fault_drop_k: float = 2.5  # mean of their exponential drop; L
    advice_share: float = 0.85  # cold calls from rooms at the standard that advice in the call settles; L
    informed_share: float = 0.6  # calls about an announced stop that are content with being told; L
    callback_share: float = 0.03  # enquiries that need a call back; L
    callback_hours: float = 2.0  # L
    response_minutes: float = 18.0  # L
    response_spread: float = 0.6  # L
    response_handling_minutes: float = 4.0  # L
    phone_share: float = 0.6  # complaints from rooms at the standard that the officer settles by telephone; L
    measurement_share: float = 0.3  # complainants in a shortage who ask for a measurement all the same; L
    visit_minutes: float = 35.0  # M
    travel_minutes: float = 20.0  # L
    nobody_home_share: float = 0.12  # L
    reading_error_k: float = 0.3  # L
    dispute_share: float = 0.03  # of measurements at or above the standard; L
    third_party_days: float = 2.0  # L
    user_cause_share: float = 0.397  # Liaoning, one season; H
    estate_cause_share: float = 0.287  # the same; H
    remedy_hours: float = 10.0  # L
    remedy_spread: float = 0.8  # L
    remedy_gain_k: float = 1.8  # L
    remedy_fails_share: float = 0.1  # L
    answer_hours: float = 4.0  # L
    close_hours: float = 12.0  # L
    limit_days: float = 7.0  # within which the operator works to close; guide 2.7.4 by reference; assumed
    explain_lead_days: float = 1.0  # before that limit a delay is explained; L
    explain_share: float = 0.98  # of delays that are explained; L
    promise_days: float = 3.0  # from the explanation, or the limit, to the date given; L
    escalate_share: float = 0.03  # of complainants whose case is unsolved or whose promised date went by; L
    direct_share: float = 0.01  # of complaints made to the authority at once; L
    abandoned_direct_share: float = 0.02  # of callers about cold who gave up for good; L
    authority_days: float = 3.5  # until the authority has looked into it; L
    authority_spread: float = 0.3  # L
    authority_handling_hours: float = 1.0  # of its staff's time; L
    # money
    standard_c: float = 18.0  # guide 2.3
    fee_cny_m2_season: float = 23.2  # Xi'an: 5.8 CNY per m2 and month, 4 months; Hanzhong's tariff was not found; M
    base_fee_share: float = 0.0  # L
    refund_tiers: tuple[tuple[float, float], ...] = ((18.0, 0.2), (16.0, 0.5), (14.0, 1.0))  # Xi'an 2018; H
    arrears_share: float = 0.04  # L
    pays_on_reminder_share: float = 0.5  # L

    def numbers(self, epoch_s: float, *, key: np.uint64, heating_until_s: float) -> npt.NDArray[np.void]:
        """Return the numbers as the kernels take them, SI units, shape (1,)."""
        minute, hour, day = 60.0, 3_600.0, 86_400.0
        factors = {
            "callback_s": self.callback_hours * hour,
            "response_s": self.response_minutes * minute,
            "response_handling_s": self.response_handling_minutes * minute,
            "visit_s": self.visit_minutes * minute,
            "travel_s": self.travel_minutes * minute,
            "third_party_s": self.third_party_days * day,
            "remedy_s": self.remedy_hours * hour,
            "answer_s": self.answer_hours * hour,
            "close_s": self.close_hours * hour,
            "limit_s": self.limit_days * day,
            "explain_lead_s": self.explain_lead_days * day,
            "promise_s": self.promise_days * day,
            "authority_s": self.authority_days * day,
            "authority_handling_s": self.authority_handling_hours * hour,
            "epoch_s": epoch_s,
        }
        numbers = np.zeros(1, NUMBERS)
        numbers["key"] = key
        numbers["heating_until_s"] = heating_until_s
        for name in NUMBERS.names or ():
            if name not in ("key", "heating_until_s"):
                numbers[name] = factors[name] if name in factors else getattr(self, name)
        return numbers

    def other_shares(self) -> npt.NDArray[np.float64]:
        """Return the upper edges of billing, service, enquiry and wrong number among the other calls, shape (4,)."""
        complaint = 1.0 - self.enquiry_share - self.wrong_share
        return np.cumsum([complaint / 2, complaint / 2, self.enquiry_share, self.wrong_share])

    @classmethod
    def of(cls, people: Any, **others: Any) -> PeopleSettings:
        """Return the settings of a scenario's people section; `others` are numbers that stand elsewhere (fees).

        Parameters
        ----------
        people : scenarios.people.People
            Its parts' numbers are taken by name.
        **others
            Numbers by field name; they go before the section's own.
        """
        found: dict[str, Any] = {}
        for part in (people.calls, people.hotline, people.cases):
            found.update({f.name: getattr(part, f.name) for f in fields(cls) if hasattr(part, f.name)})
        found["refund_tiers"] = tuple((tier.below_c, tier.share) for tier in people.refunds.tiers)
        found["base_fee_share"] = people.refunds.base_fee_share
        found["arrears_share"] = people.arrears.share
        found["pays_on_reminder_share"] = people.arrears.pays_on_reminder_share
        return cls(**{**found, **others})


@dataclass(frozen=True, slots=True)
class Roster:
    """Hands on duty. Day hours are 7-22 for agents and officers, 8-20 for measurers, 9-17 Mon-Fri for the authority."""

    agents_day: int
    agents_night: int
    officers_day: int
    officers_night: int
    measurers_day: int
    measurers_night: int
    authority_day: int
    first_days: int = 10  # of the heating period, with more hands (Jinan: from 6 to over 100 agents; L)
    first_days_factor: float = 2.5  # L

    @classmethod
    def for_households(cls, households: int, **changes: Any) -> Roster:
        """Return a roster that fits a number of connected households (assumed, L), with some numbers changed.

        About 80 calls per 10,000 households and day at 4.5 min and 9 % in the peak hour need 5.4 agents speaking per
        100,000 households; a seventh as many at night; visits of 55 min, 5 per 10,000 households and day, need 8
        measurers.
        """
        per_100k = households / 100_000

        def hands(each: float) -> int:
            return max(1, math.ceil(each * per_100k))

        sized = cls(
            agents_day=hands(9.0), agents_night=hands(1.3), officers_day=hands(3.5), officers_night=hands(0.6),
            measurers_day=hands(8.0), measurers_night=hands(0.8), authority_day=hands(2.0),
        )  # fmt: skip
        return replace(sized, **changes)

    def by_hour(
        self, *, hours: int, origin_weekday: int, start_s: int, absent: npt.NDArray[np.float64] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return agents, officers, measurers and authority staff on duty, shape (4, hour).

        Parameters
        ----------
        hours : int
            Hours of the season, settlement included.
        origin_weekday : int
            Weekday of the origin, Monday = 0.
        start_s : int
            When the heating period begins: the first days have more hands [s].
        absent : array, shape (day,), optional
            Share of the operator's staff that is absent, by day; none beyond its end.
        """
        hour = np.arange(hours)
        of_day, day = hour % 24, hour // 24
        first = (hour * 3_600 >= start_s) & (hour * 3_600 < start_s + self.first_days * 86_400)
        factor = np.where(first, self.first_days_factor, 1.0)
        if absent is not None:
            present = np.ones(int(day[-1]) + 1)
            present[: len(absent)] -= absent[: len(present)]
            factor = factor * present[day]
        roster = np.zeros((4, hours), np.int32)
        working = ((7, 22, self.agents_day, self.agents_night), (7, 22, self.officers_day, self.officers_night),
                   (8, 20, self.measurers_day, self.measurers_night))  # fmt: skip
        for row, (begin, end, by_day, by_night) in enumerate(working):
            hands = np.where((of_day >= begin) & (of_day < end), by_day, by_night)
            roster[row] = np.rint(hands * factor)
        office = (of_day >= 9) & (of_day < 17) & ((day + origin_weekday) % 7 < 5)
        roster[3] = np.where(office, self.authority_day, 0)
        return roster


@dataclass(frozen=True, slots=True)
class Sampling:
    """The room temperature sampling programme (guide 2.8.1): a share of the dwellings every month, 9-18 h each day."""

    share_per_month: float = 0.012  # assumed; 0 = no programme


@dataclass(frozen=True, slots=True)
class Billing:
    """When arrears are reminded, when supply is restricted, and when refunds are worked out and paid."""

    due_days: float = 0.0  # after the heating period's first day (assumed)
    reminder_days: tuple[float, ...] = (15.0, 30.0)  # after the due date (assumed)
    restriction_days: float | None = 40.0  # after the due date; None = never (assumed)
    refund_due_days: float = 10.0  # after the season's end refunds are worked out (assumed)
    refund_settled_days: float = 25.0  # after the season's end the last one is paid (assumed)
