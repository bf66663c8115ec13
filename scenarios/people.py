"""What users of heat do: when they call, how long they wait, what becomes of a complaint, who pays."""

from __future__ import annotations

from pydantic import Field

from .parts import Part, number

__all__ = ["Arrears", "Calls", "Cases", "Hotline", "People", "RefundTier", "Refunds"]

# Share of a day's calls by hour of day: activity 7-22 h, peak 8-10 h (FACTS: Beijing's first day, about 2,100 of
# 16,000 before 10 h); the rest is drawn smoothly. Sums to 1.
_CALLS_BY_HOUR = (
    0.006, 0.004, 0.003, 0.003, 0.004, 0.010, 0.028, 0.060, 0.090, 0.088, 0.073, 0.057,
    0.044, 0.045, 0.054, 0.055, 0.055, 0.059, 0.068, 0.071, 0.058, 0.038, 0.018, 0.009,
)  # fmt: skip


class Calls(Part):
    """Who calls, and when."""

    other_per_10k_day: float = number(
        42.0, ge=0, source="80 calls per 10,000 households and day in season (jrkjheat.com), less the cold ones "
        "(about 47 % in Liaoning's season, imsia.cn)", confidence="L", low=15.0, high=60.0,
    )  # fmt: skip
    """Steady calls that are not about cold rooms [1/(10,000 households·day)]."""

    wrong_share: float = number(
        0.15, ge=0, le=1, source="Beijing 2011: 20 % dialled the wrong company; 2014: half were not own customers",
        confidence="L", low=0.05, high=0.3,
    )  # fmt: skip
    """Share of those that are for somebody else [-]."""

    before_factor: float = number(
        0.4, ge=0, le=10, source="assumed: enquiries during readiness works", confidence="L", low=0.2, high=0.8
    )
    """Those calls before the heating period, as a multiple of within [-]."""

    after_factor: float = number(0.3, ge=0, le=10, source="assumed", confidence="L", low=0.1, high=0.6)
    """Those calls after the heating period, as a multiple of within [-]."""

    enquiry_share: float = number(
        0.81, ge=0, le=1, source="assumed: bills, dates, valves; with it some 800 complaints per 10,000 households and "
        "season (Qiqihar's bands: 300-800)", confidence="L", low=0.3, high=0.85,
    )  # fmt: skip
    """Share of those that are enquiries, not complaints [-]."""

    cold_midpoint_c: float = number(
        16.3, ge=5, le=25, source="ISO 7730 PPD at clo 1.0, 1.1 met, 0.1 m/s: 54/29/13/5 % at 16/18/20/22 °C, "
        "fitted by a logistic", confidence="M", low=14.5, high=17.5,
    )  # fmt: skip
    """Room temperature at which half of the occupants are dissatisfied [degC]."""

    cold_spread_k: float = number(1.93, gt=0, le=6, source="same fit", confidence="M", low=1.5, high=2.5)
    """Spread of that logistic curve [K]."""

    cold_calls_per_day: float = number(
        0.03, ge=0, le=5, source="fitted to 80 calls per 10,000 households and day at a mean of 20 °C; no measured "
        "curve exists", confidence="L", low=0.01, high=0.08,
    )  # fmt: skip
    """How often a dissatisfied household calls about cold while no case of its own is open [1/day]."""

    early_factor: float = number(
        6.0, ge=1, le=30, source="Taiyuan 10x, Jinan 4:1 peak to steady, Liaocheng, Beijing first days",
        confidence="M", low=4.0, high=10.0,
    )  # fmt: skip
    """How many times the calls of a steady day come on the first day of heat, whatever they are about [-]."""

    early_decay_days: float = number(
        3.5, gt=0, le=30, source="with the steady calls beneath it, a third of the peak on day 6 (Qingdao); Beijing "
        "about 3 d, Shenyang about 15 d",
        confidence="M", low=3.0, high=15.0,
    )  # fmt: skip
    """Days in which that excess falls to 1/e [d]."""

    day_spread: float = number(
        0.2, ge=0, le=2, source="Gamma-Poisson day factor, as in call-centre data; size assumed", confidence="L",
        low=0.1, high=0.4,
    )  # fmt: skip
    """Coefficient of variation of the day's random factor [-]."""

    by_hour: tuple[float, ...] = number(
        _CALLS_BY_HOUR, min_length=24, max_length=24, source="peak 8-10 h, activity 7-22 h; otherwise assumed",
        confidence="L",
    )  # fmt: skip
    """Share of a day's calls by hour of day, shape (24,); scaled to sum 1 [-]."""

    outage_share: float = number(
        0.15, ge=0, le=1, source="assumed: 5-30 % of the households cut off call", confidence="L", low=0.05, high=0.30
    )
    """Share of the households that call because their heat has stopped [-]."""

    outage_delay_h: float = number(2.0, gt=0, le=24, source="assumed: exponential", confidence="L", low=0.5, high=6.0)
    """Mean time from the stop to that call [h]."""

    told_share: float = number(
        0.5, ge=0, le=1, source="assumed: mass notices cut calls, size unknown", confidence="L", low=0.2, high=0.8
    )
    """Share of those calls that a notice given in time makes needless [-]."""

    repeat_per_day: float = number(
        0.15, ge=0, le=5, source="assumed: repeats are 20-50 % of the load", confidence="L", low=0.05, high=0.4
    )
    """How often a household with an open case calls again [1/day]."""


class Hotline(Part):
    """A call in the queue and in hand."""

    handling_s: float = number(
        270.0, gt=0, le=3_600, source="4.5 min with wrap-up (jrkjheat.com); 79 s talk in Qingdao; about 5 min for "
        "city hotlines", confidence="M", low=90.0, high=330.0,
    )  # fmt: skip
    """Mean handling time of a call, wrap-up included [s]."""

    handling_spread: float = number(
        0.8, ge=0, le=3, source="service times are lognormal in call-centre data; size assumed", confidence="L",
        low=0.5, high=1.2,
    )  # fmt: skip
    """Coefficient of variation of the handling time (lognormal) [-]."""

    patience_s: float = number(
        240.0, gt=0, le=7_200, source="120-380 s; Technion example implies 379 s", confidence="L", low=120.0, high=380.0
    )
    """Mean patience of a caller in the queue (exponential) [s]."""

    redial_share: float = number(0.65, ge=0, le=1, source="assumed 0.5-0.8", confidence="L", low=0.5, high=0.8)
    """Share of those who gave up that try again [-]."""

    redial_delay_s: float = number(
        750.0, gt=0, le=86_400, source="assumed 5-20 min", confidence="L", low=300.0, high=1_200.0
    )
    """Mean time to the next try [s]."""

    redial_limit: int = number(3, ge=0, le=10, source="assumed", confidence="L", low=1, high=5)
    """Most tries after the first [-]."""


class Cases(Part):
    """What becomes of an accepted complaint; the clocks that judge it are the guide's."""

    advice_share: float = number(0.93, ge=0, le=1, source="assumed", confidence="L", low=0.5, high=0.97)
    """Share of cold calls from rooms at the standard that advice in the call settles [-]."""

    informed_share: float = number(0.6, ge=0, le=1, source="assumed", confidence="L", low=0.3, high=0.9)
    """Share of calls about an announced stop that are content with being told [-]."""

    callback_share: float = number(0.03, ge=0, le=1, source="assumed", confidence="L", low=0.01, high=0.1)
    """Share of enquiries that need a call back [-]."""

    callback_hours: float = number(2.0, gt=0, le=720, source="assumed", confidence="L", low=0.5, high=8.0)
    """Mean time to that call back [h]."""

    response_minutes: float = number(
        15.0, gt=0, le=600, source="assumed: case officers ring back; the guide asks 1 h", confidence="L", low=8.0,
        high=40.0,
    )  # fmt: skip
    """Mean time from acceptance to the first contact when officers are free [min]."""

    response_spread: float = number(0.6, ge=0, le=3, source="assumed", confidence="L", low=0.3, high=1.0)
    """Coefficient of variation of that time (lognormal) [-]."""

    response_handling_minutes: float = number(4.0, gt=0, le=240, source="assumed", confidence="L", low=2.0, high=10.0)
    """A case officer's own time for the first contact [min]."""

    outage_response_minutes: float = number(
        0.5, gt=0, le=240, source="assumed: one message goes to all whose heat a fault has stopped", confidence="L",
        low=0.1, high=4.0,
    )  # fmt: skip
    """The same for a complaint that the heat has stopped [min]."""

    phone_share: float = number(0.6, ge=0, le=1, source="assumed", confidence="L", low=0.2, high=0.8)
    """Share of complaints from rooms at the standard that the officer settles by telephone [-]."""

    measurement_share: float = number(0.3, ge=0, le=1, source="assumed", confidence="L", low=0.1, high=0.6)
    """Share of complainants in a known shortage who ask for a measurement all the same [-]."""

    visit_minutes: float = number(
        35.0, gt=0, le=600, source="windows shut 30 min, 10 min reading (Weihai's rule), some in parallel",
        confidence="M", low=25.0, high=60.0,
    )  # fmt: skip
    """Time at the dwelling to measure and sign [min]."""

    travel_minutes: float = number(
        20.0, ge=0, le=600, source="assumed: within one bank of the river", confidence="L", low=10.0, high=45.0
    )
    """Travel between two visits [min]."""

    nobody_home_share: float = number(
        0.06, ge=0, lt=1, source="assumed: the hour is agreed on by telephone", confidence="L", low=0.02, high=0.3
    )
    """Share of visits that find nobody at home and are made again [-]."""

    revisit_hours: float = number(3.0, gt=0, le=72, source="assumed", confidence="L", low=1.0, high=24.0)
    """Mean time to the next try, uniform from half to one and a half of it [h]."""

    reading_error_k: float = number(
        0.3, ge=0, le=3, source="assumed: class of hand-held thermometers", confidence="L", low=0.1, high=0.5
    )
    """Standard deviation of a room reading [K]."""

    dispute_share: float = number(0.03, ge=0, le=1, source="assumed", confidence="L", low=0.01, high=0.10)
    """Share of measurements that the household disputes [-]."""

    third_party_days: float = number(2.0, gt=0, le=60, source="assumed", confidence="L", low=1.0, high=7.0)
    """Mean time until a third party has measured [d]."""

    local_fault_share: float = number(
        0.02,
        ge=0,
        lt=1,
        source="assumed: air locks, clogged filters, shut valves",
        confidence="L",
        low=0.005,
        high=0.05,
    )
    """Share of the dwellings that have a fault of their own when heat comes on [-]."""

    local_fault_drop_k: float = number(2.5, gt=0, le=15, source="assumed", confidence="L", low=1.0, high=4.0)
    """Mean of how much colder it makes them (exponential, before it is cut off) [K]."""

    local_fault_most_k: float = number(
        8.0, gt=0, le=20, source="assumed: a dwelling without heat of its own among heated ones", confidence="L",
        low=5.0, high=12.0,
    )  # fmt: skip
    """Most that it makes them colder [K]."""

    user_cause_share: float = number(
        0.397, ge=0, le=1, source="Liaoning, one season: user side 39.7 % (imsia.cn)", confidence="H", low=0.3, high=0.5
    )
    """Share of cold complaints whose cause is the household's own [-]."""

    estate_cause_share: float = number(
        0.287, ge=0, le=1, source="same: new or unfinished estate 28.7 %", confidence="H", low=0.1, high=0.35
    )
    """Share whose cause is the estate's building works [-]."""

    remedy_hours: float = number(
        10.0, gt=0, le=720, source="assumed: bleeding, balancing, cleaning a filter", confidence="L", low=4.0, high=36.0
    )
    """Mean time from the visit to the remedy when the cause is the operator's [h]."""

    remedy_spread: float = number(0.8, ge=0, le=3, source="assumed", confidence="L", low=0.4, high=1.5)
    """Coefficient of variation of that time (lognormal) [-]."""

    remedy_gain_k: float = number(
        1.8, ge=0, le=10, source="assumed: what bleeding and balancing bring", confidence="L", low=0.8, high=3.0
    )
    """Mean rise of the dwelling's temperature by a remedy [K]."""

    remedy_fails_share: float = number(0.1, ge=0, le=1, source="assumed", confidence="L", low=0.03, high=0.25)
    """Share of remedies that bring nothing [-]."""

    answer_hours: float = number(
        4.0, gt=0, le=720, source="assumed; Liaoning's mean reply 19 h", confidence="L", low=1.0, high=20.0
    )
    """Mean time in which a complaint that needs no visit is answered [h]."""

    close_hours: float = number(
        12.0, gt=0, le=720, source="assumed: call-back after the remedy", confidence="L", low=4.0, high=48.0
    )
    """Mean time from the remedy or the answer to the closing of the case [h]."""

    limit_days: float = number(
        7.0, gt=0, le=60, source="by reference (guide 二（7）④): the authority's limit; assumed", confidence="L",
        low=3.0, high=15.0,
    )  # fmt: skip
    """Within which the operator works to close a complaint [d]."""

    explain_lead_days: float = number(1.0, ge=0, le=30, source="assumed", confidence="L", low=0.0, high=3.0)
    """How long before that limit a delay is explained [d]."""

    explain_share: float = number(
        0.98, ge=0, le=1, source="assumed: a competent operator", confidence="L", low=0.8, high=1.0
    )
    """Share of delays that are explained with a firm date [-]."""

    promise_days: float = number(3.0, gt=0, le=60, source="assumed", confidence="L", low=1.0, high=7.0)
    """From the explanation, or the limit, to the date given [d]."""

    escalate_share: float = number(0.03, ge=0, le=1, source="assumed", confidence="L", low=0.01, high=0.10)
    """Share of complainants that go to the authority when their case is late or unsolved [-]."""

    direct_share: float = number(0.003, ge=0, le=1, source="assumed", confidence="L", low=0.0005, high=0.02)
    """Share of those about to call about cold or stopped heat that go to the authority at once [-]."""

    abandoned_direct_share: float = number(0.02, ge=0, le=1, source="assumed", confidence="L", low=0.005, high=0.08)
    """Share of callers about cold who gave up for good that go to the authority [-]."""

    authority_days: float = number(
        3.5, gt=0, le=60, source="assumed: the guide gives the authority 7 days", confidence="L", low=2.0, high=6.0
    )
    """Mean time in which the authority handles a complaint [d]."""

    authority_spread: float = number(0.3, ge=0, le=3, source="assumed", confidence="L", low=0.1, high=0.8)
    """Coefficient of variation of that time (lognormal) [-]."""

    authority_handling_hours: float = number(1.0, gt=0, le=100, source="assumed", confidence="L", low=0.5, high=3.0)
    """Time of the authority's staff for a complaint [h]."""


class RefundTier(Part):
    """One step of the refund table."""

    below_c: float = Field(ge=0, le=30)
    """The room was below this on the day [degC]."""

    share: float = Field(ge=0, le=1)
    """Share of the day's fee that is paid back [-]."""


class Refunds(Part):
    """What a deficient day is worth."""

    tiers: tuple[RefundTier, ...] = number(
        (RefundTier(below_c=18.0, share=0.2), RefundTier(below_c=16.0, share=0.5), RefundTier(below_c=14.0, share=1.0)),
        min_length=1, source="Xi'an 条例 2018: 16-18 °C 20 %, 14-16 °C 50 %, below 14 °C 100 % of the day's fee",
        confidence="M",
    )  # fmt: skip
    """Steps from warm to cold; the coldest that applies counts."""

    base_fee_share: float = number(
        0.0, ge=0, le=1, source="Xi'an pays after the basic fee; its share is not known here", confidence="L", low=0.0,
        high=0.3,
    )  # fmt: skip
    """Share of the fee that is never paid back [-]."""


class Arrears(Part):
    """Who does not pay."""

    share: float = number(0.04, ge=0, le=1, source="assumed", confidence="L", low=0.01, high=0.10)
    """Share of connected households that have not paid by the due date [-]."""

    pays_on_reminder_share: float = number(0.5, ge=0, le=1, source="assumed", confidence="L", low=0.2, high=0.8)
    """Share of them that pay after each reminder [-]."""


class People(Part):
    """Users of heat and what they do."""

    calls: Calls = Calls()
    """Who calls, and when."""

    hotline: Hotline = Hotline()
    """A call in the queue and in hand."""

    cases: Cases = Cases()
    """What becomes of an accepted complaint."""

    refunds: Refunds = Refunds()
    """What a deficient day is worth."""

    arrears: Arrears = Arrears()
    """Who does not pay."""

    access_refused_share: float = number(0.02, ge=0, le=1, source="assumed", confidence="L", low=0.0, high=0.1)
    """Share of estates where users do not co-operate with filling and testing [-]."""
