"""Money between households and the operator: arrears, reminders, restriction; refunds of deficient days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...scenarios.policies.billing import HastyBilling, LawfulBilling, NoRestriction
from ..kernels.desk import (
    FAULT,
    OPERATOR,
    S_CAUSE,
    S_CLOSED,
    S_COHORT,
    S_CONFIRMED,
    S_ENDED,
    S_MEASURED_MK,
    SHORTAGE,
)
from ..kernels.marks import mix, uniforms
from ..record_builder import RecordBuilder
from .people_settings import PeopleSettings

__all__ = ["Arrears", "Billing", "Refunds", "note_arrears", "refunds_of", "season_fees"]

Billing = LawfulBilling | HastyBilling | NoRestriction

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAY_S = 86_400
_PAYS_PURPOSE = 51


@dataclass(frozen=True, slots=True)
class Arrears:
    """What became of the households that had not paid: counts of entries, and each one's end, shape (household,)."""

    counts: dict[str, int]
    dwelling: Ints
    has_paid: npt.NDArray[np.bool_]  # by the end
    restricted_s: Ints  # from here …
    lifted_s: Ints  # … to here its supply was restricted; nothing in between: never [s]


def note_arrears(
    builder: RecordBuilder,
    *,
    paying: npt.NDArray[np.bool_],
    cohort_of: npt.NDArray[np.int32],
    first_subject: int,
    key: np.uint64,
    due_s: int,
    until_s: int,
    billing: Billing,
    settings: PeopleSettings,
) -> Arrears:
    """Note what becomes of the households that have not paid.

    Each reminder, and the restriction after the last one, makes `pays_on_reminder_share` of those still owing pay; a
    restricted household that pays has its supply back within the day. A lawful operator restricts only the one that
    owes; a hasty one turns the next paying households of the same riser down with it (against guide 2.8.4).

    Parameters
    ----------
    builder : RecordBuilder
    paying : bool array, shape (dwelling,)
        Who has paid by the due date.
    cohort_of : int array, shape (dwelling,)
        Households of one riser have neighbouring numbers in one cohort.
    first_subject : int
        Subject of dwelling 0.
    key : uint64
        Of the marks that say who pays when.
    due_s, until_s : int
        Due date, and the last instant to note [s].
    billing, settings
        Dates, and the share that pays.
    """
    dwelling = np.flatnonzero(~paying)
    subject = first_subject + dwelling
    case = builder.new_cases(len(dwelling)) + np.arange(len(dwelling))
    marks = np.empty((len(dwelling), 4))
    for turn in range(4):
        column = np.empty(len(dwelling))
        uniforms(np.uint64(mix(key, _PAYS_PURPOSE + turn)), dwelling, column)
        marks[:, turn] = column
    counts = {"overdue": 0, "reminded": 0, "restricted": 0, "lifted": 0, "payers_cut": 0}
    has_paid = np.zeros(len(dwelling), np.bool_)
    nowhere = np.zeros(len(dwelling), np.int64)
    arrears = Arrears(counts, dwelling, has_paid, nowhere, nowhere.copy())
    if due_s > until_s:
        return arrears
    last = builder.block("payment_overdue", np.full(len(dwelling), due_s), subject, case=case) + np.arange(
        len(dwelling)
    )
    counts["overdue"] = len(dwelling)
    owing = np.arange(len(dwelling))
    for turn, days in enumerate(billing.reminder_days):
        at_s = due_s + int(days * _DAY_S)
        if at_s > until_s:
            return arrears
        spread = (np.arange(len(owing)) % 240) * 60 + 9 * 3_600  # letters and calls go out through the morning
        seq = builder.block("arrears_reminded", at_s + spread, subject[owing], case=case[owing], cause=last[owing],
                            value=turn + 1)  # fmt: skip
        last[owing] = seq + np.arange(len(owing))
        counts["reminded"] += len(owing)
        pays = marks[owing, min(turn, 2)] < settings.pays_on_reminder_share
        has_paid[owing[pays]] = True
        owing = owing[~pays]
    if billing.restrict_days is None:
        return arrears
    at_s = due_s + int(billing.restrict_days * _DAY_S) + 9 * 3_600
    if at_s > until_s or len(owing) == 0:
        return arrears
    seq = builder.block("supply_restricted", np.full(len(owing), at_s), subject[owing], case=case[owing],
                        cause=last[owing])  # fmt: skip
    last[owing] = seq + np.arange(len(owing))
    counts["restricted"] = len(owing)
    arrears.restricted_s[owing], arrears.lifted_s[owing] = at_s, until_s
    if isinstance(billing, HastyBilling):
        owner, beside = _neighbours(dwelling[owing], paying, cohort_of, billing.neighbours)
        builder.block("payer_cut", np.full(len(beside), at_s), first_subject + beside, case=case[owing[owner]],
                      cause=last[owing[owner]])  # fmt: skip
        counts["payers_cut"] = len(beside)
    late = owing[marks[owing, 3] < settings.pays_on_reminder_share]
    lifted_s = at_s + (_DAY_S * (1.0 + 20.0 * marks[late, 3] / max(settings.pays_on_reminder_share, 1e-9))).astype(int)
    late, lifted_s = late[lifted_s <= until_s], lifted_s[lifted_s <= until_s]
    builder.block("restriction_lifted", lifted_s, subject[late], case=case[late], cause=last[late])
    counts["lifted"] = len(late)
    has_paid[late] = True
    arrears.lifted_s[late] = lifted_s
    return arrears


def season_fees(
    arrears: Arrears,
    *,
    fee_fen: Ints,
    cohort_of: npt.NDArray[np.int32],
    paying: npt.NDArray[np.bool_],
    start_s: int,
    end_s: int,
) -> dict[str, int]:
    """Return where the season's fees are, each from its own households [fen]; ``money_error`` is what is not found.

    A restricted household owes nothing for the part of the season in which it had no supply: that revenue is lost.

    Parameters
    ----------
    arrears : Arrears
    fee_fen : int array, shape (cohort,)
        A dwelling's fee of the season [fen].
    cohort_of : int array, shape (dwelling,)
    paying : bool array, shape (dwelling,)
        Who paid by the due date.
    start_s, end_s : int
        The heating period [s].
    """
    dwellings = np.bincount(cohort_of, minlength=len(fee_fen))
    in_time = int((fee_fen * (dwellings - np.bincount(cohort_of[~paying], minlength=len(fee_fen)))).sum())
    owed = fee_fen[cohort_of[arrears.dwelling]]
    without_s = np.minimum(arrears.lifted_s, end_s) - np.maximum(arrears.restricted_s, start_s)
    lost = np.rint(owed * np.clip(without_s / max(end_s - start_s, 1), 0.0, 1.0)).astype(np.int64)
    fees = {
        "billed_fen": int((fee_fen * dwellings).sum()),
        "paid_in_time_fen": in_time,
        "paid_late_fen": int((owed - lost)[arrears.has_paid].sum()),
        "still_owed_fen": int((owed - lost)[~arrears.has_paid].sum()),
        "lost_by_restriction_fen": int(lost.sum()),
    }
    found = sum(value for name, value in fees.items() if name != "billed_fen")
    return {**fees, "fees_error": fees["billed_fen"] - found}


def _neighbours(
    dwelling: Ints, paying: npt.NDArray[np.bool_], cohort_of: npt.NDArray[np.int32], count: int
) -> tuple[Ints, Ints]:
    """Return (row of `dwelling`, neighbour): of each one's next `count` numbers in its cohort, those who pay."""
    row = np.repeat(np.arange(len(dwelling)), count)
    beside = dwelling[row] + np.tile(np.arange(1, count + 1), len(dwelling))
    inside = beside < len(paying)
    row, beside = row[inside], beside[inside]
    kept = paying[beside] & (cohort_of[beside] == cohort_of[dwelling[row]])
    return row[kept], beside[kept]


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds by case: the column in the book of cases, days that count, and money by tier, shape (refund, tier)."""

    column: Ints
    days: Ints
    by_tier_fen: Ints

    @property
    def fen(self) -> Ints:
        """Each case's refund, shape (refund,) [fen]."""
        total: Ints = self.by_tier_fen.sum(axis=1)
        return total


def refunds_of(
    slot: npt.NDArray[np.int32],
    *,
    room_c: npt.NDArray[np.float32],
    daily_fee_cny: Floats,
    season_end_s: int,
    abnormal_day: npt.NDArray[np.bool_],
    settings: PeopleSettings,
) -> Refunds:
    """Work out the refunds of confirmed deficient days.

    A day counts from the confirming measurement to the room's return to the standard (or the case's end), if the
    operator or the network was the cause, within the heating period, and not when the day was abnormally cold (Xi'an
    regulation 2018). The first day's tier is that of the signed measurement; on the days after, the dwelling counts as
    warm at noon as it was then, moved by what its cohort's rooms have moved since.

    Parameters
    ----------
    slot : int array, shape (SLOT_ROWS, case)
        The book of cases.
    room_c : array, shape (hour, cohort)
        [degC].
    daily_fee_cny : array, shape (cohort,)
        A dwelling's fee of one day, without the basic fee [CNY].
    season_end_s : int
        [s].
    abnormal_day : bool array, shape (day,)
        Outdoor daily mean below the design temperature.
    settings : PeopleSettings
        Tiers.
    """
    cause = slot[S_CAUSE]
    column = np.flatnonzero((slot[S_CONFIRMED] >= 0) & ((cause == OPERATOR) | (cause == SHORTAGE) | (cause == FAULT)))
    confirmed = slot[S_CONFIRMED, column].astype(np.int64)
    ended = slot[S_ENDED, column].astype(np.int64)
    closed = slot[S_CLOSED, column].astype(np.int64)
    until = np.where(ended >= 0, ended, np.where(closed >= 0, closed, season_end_s))
    first_day = confirmed // _DAY_S
    days_in = np.minimum(until, season_end_s - 1) // _DAY_S - first_day + 1
    days_in = np.maximum(days_in, 0)
    owner = np.repeat(np.arange(len(column)), days_in)
    day = np.arange(int(days_in.sum())) - np.repeat(np.cumsum(days_in) - days_in, days_in) + first_day[owner]
    noon = np.minimum(day * 24 + 12, len(room_c) - 1)
    of_case = column[owner]
    cohort = slot[S_COHORT, column]
    measured = slot[S_MEASURED_MK, column] / 1000.0
    above_k = measured - room_c[np.minimum(confirmed // 3_600, len(room_c) - 1), cohort]
    room = room_c[noon, cohort[owner]].astype(np.float64) + above_k[owner]
    room = np.where(day == first_day[owner], measured[owner], room)
    share, tier = np.zeros(len(owner)), np.zeros(len(owner), np.int64)
    for number, (below_c, part) in enumerate(settings.refund_tiers):
        applies = (room < below_c) & (part > share)
        share[applies], tier[applies] = part, number
    if len(abnormal_day):
        share[abnormal_day[np.minimum(day, len(abnormal_day) - 1)]] = 0.0
    tiers = len(settings.refund_tiers)
    fen = 100.0 * share * daily_fee_cny[slot[S_COHORT, of_case]]
    by_tier = np.rint(np.bincount(owner * tiers + tier, fen, len(column) * tiers)).astype(np.int64)
    counted = np.bincount(owner, share > 0, len(column)).astype(np.int64)
    by_tier = by_tier.reshape(len(column), tiers)
    kept = by_tier.any(axis=1)
    return Refunds(column[kept], counted[kept], by_tier[kept])
