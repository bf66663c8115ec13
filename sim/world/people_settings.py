"""What people do, in numbers: plain frozen data that a scenario's people section is mapped onto.

Names and meanings are those of scenarios/people.py, where each number has its default, source, confidence and range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.desk import NUMBERS

__all__ = ["PeopleSettings"]

_STANDARD_C = 18.0  # guide 2.3


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Calls, queue, cases, refunds and arrears; see :mod:`heatseason.scenarios.people`."""

    # who calls
    other_per_10k_day: float
    wrong_share: float
    enquiry_share: float
    before_factor: float
    after_factor: float
    cold_midpoint_c: float
    cold_spread_k: float
    cold_calls_per_day: float
    early_factor: float
    early_decay_days: float
    day_spread: float
    by_hour: tuple[float, ...]
    outage_share: float
    outage_delay_h: float
    told_share: float
    repeat_per_day: float
    # the queue
    handling_s: float
    handling_spread: float
    patience_s: float
    redial_share: float
    redial_delay_s: float
    redial_limit: int
    # cases
    advice_share: float
    informed_share: float
    callback_share: float
    callback_hours: float
    response_minutes: float
    response_spread: float
    response_handling_minutes: float
    outage_response_minutes: float
    phone_share: float
    measurement_share: float
    visit_minutes: float
    travel_minutes: float
    nobody_home_share: float
    revisit_hours: float
    reading_error_k: float
    dispute_share: float
    third_party_days: float
    user_cause_share: float
    estate_cause_share: float
    remedy_hours: float
    remedy_spread: float
    remedy_gain_k: float
    remedy_fails_share: float
    answer_hours: float
    close_hours: float
    limit_days: float
    explain_lead_days: float
    explain_share: float
    promise_days: float
    escalate_share: float
    direct_share: float
    abandoned_direct_share: float
    authority_days: float
    authority_spread: float
    authority_handling_hours: float
    # money
    standard_c: float  # guide 2.3 [degC]
    usual_c: float  # what rooms are kept at, by which a dwelling's own fault is told from a common one [degC]
    fee_cny_m2_season: float  # of heated area [CNY/m2]
    base_fee_share: float
    refund_tiers: tuple[tuple[float, float], ...]
    arrears_share: float
    pays_on_reminder_share: float

    def numbers(self, epoch_s: float, *, key: np.uint64, heating_until_s: float) -> npt.NDArray[np.void]:
        """Return the numbers as the kernels take them, SI units, shape (1,)."""
        minute, hour, day = 60.0, 3_600.0, 86_400.0
        factors = {
            "callback_s": self.callback_hours * hour,
            "response_s": self.response_minutes * minute,
            "response_handling_s": self.response_handling_minutes * minute,
            "outage_response_s": self.outage_response_minutes * minute,
            "visit_s": self.visit_minutes * minute,
            "travel_s": self.travel_minutes * minute,
            "revisit_s": self.revisit_hours * hour,
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
            **{
                name.replace("_spread", "_sigma"): math.sqrt(math.log1p(getattr(self, name) ** 2))
                for name in ("handling_spread", "response_spread", "remedy_spread", "authority_spread")
            },
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
    def of(cls, people: Any, *, fee_cny_m2_season: float, room_target_c: float) -> PeopleSettings:
        """Return the settings of a scenario's people section.

        Parameters
        ----------
        people : scenarios.people.People
            Its parts' numbers are taken by name.
        fee_cny_m2_season : float
            What a season's heat costs [CNY/m2].
        room_target_c : float
            What rooms are kept at (``operation.room_target_c``) [degC].
        """
        found: dict[str, Any] = {"fee_cny_m2_season": fee_cny_m2_season, "standard_c": _STANDARD_C,
                                 "usual_c": room_target_c}  # fmt: skip
        for part in (people.calls, people.hotline, people.cases):
            found.update({f.name: getattr(part, f.name) for f in fields(cls) if hasattr(part, f.name)})
        found["refund_tiers"] = tuple((tier.below_c, tier.share) for tier in people.refunds.tiers)
        found["base_fee_share"] = people.refunds.base_fee_share
        found["arrears_share"] = people.arrears.share
        found["pays_on_reminder_share"] = people.arrears.pays_on_reminder_share
        return cls(**found)
