"""Money between households and the operator: arrears, reminders, restriction; refunds of deficient days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..kernels.desk import OPERATOR, S_CAUSE, S_CLOSED, S_COHORT, S_CONFIRMED, S_DWELLING, S_ENDED, SHORTAGE
from ..kernels.marks import mix, uniforms
from ..record import RecordBuilder
from .people_settings import Billing, PeopleSettings

__all__ = ["Refunds", "note_arrears", "refunds_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DAY_S = 86_400
_PAYS_PURPOSE = 51


def note_arrears(
    builder: RecordBuilder,
    *,
    dwelling: Ints,
    first_subject: int,
    key: np.uint64,
    due_s: int,
    until_s: int,
    billing: Billing,
    settings: PeopleSettings,
) -> dict[str, int]:
    """Note what becomes of the households that have not paid, and return how many of each there were.

    Each reminder, and the restriction after the last one, makes `pays_on_reminder_share` of those still owing pay; a
    restricted household that pays has its supply back within the day. Only the one that owes is restricted: nobody
    else's supply is touched (guide 2.8.4).

    Parameters
    ----------
    builder : RecordBuilder
    dwelling : int array, shape (household in arrears,)
    first_subject : int
        Subject of dwelling 0.
    key : uint64
        Of the marks that say who pays when.
    due_s, until_s : int
        Due date, and the last instant to note [s].
    billing, settings
        Dates, and the share that pays.
    """
    subject = first_subject + dwelling
    case = builder.new_cases(len(dwelling)) + np.arange(len(dwelling))
    marks = np.empty((len(dwelling), 4))
    for turn in range(4):
        column = np.empty(len(dwelling))
        uniforms(np.uint64(mix(key, _PAYS_PURPOSE + turn)), dwelling, column)
        marks[:, turn] = column
    counts = {"overdue": 0, "reminded": 0, "restricted": 0, "lifted": 0}
    if due_s > until_s:
        return counts
    last = builder.block("payment_overdue", np.full(len(dwelling), due_s), subject, case=case) + np.arange(
        len(dwelling)
    )
    counts["overdue"] = len(dwelling)
    owing = np.arange(len(dwelling))
    for turn, days in enumerate(billing.reminder_days):
        at_s = due_s + int(days * _DAY_S)
        if at_s > until_s:
            return counts
        spread = (np.arange(len(owing)) % 240) * 60 + 9 * 3_600  # letters and calls go out through the morning
        seq = builder.block("arrears_reminded", at_s + spread, subject[owing], case=case[owing], cause=last[owing],
                            value=turn + 1)  # fmt: skip
        last[owing] = seq + np.arange(len(owing))
        counts["reminded"] += len(owing)
        owing = owing[marks[owing, min(turn, 2)] >= settings.pays_on_reminder_share]
    if billing.restriction_days is None or len(billing.reminder_days) < 2:
        return counts
    at_s = due_s + int(billing.restriction_days * _DAY_S) + 9 * 3_600
    if at_s > until_s or len(owing) == 0:
        return counts
    seq = builder.block("supply_restricted", np.full(len(owing), at_s), subject[owing], case=case[owing],
                        cause=last[owing])  # fmt: skip
    last[owing] = seq + np.arange(len(owing))
    counts["restricted"] = len(owing)
    paying = owing[marks[owing, 3] < settings.pays_on_reminder_share]
    lifted_s = at_s + (_DAY_S * (1.0 + 20.0 * marks[paying, 3] / max(settings.pays_on_reminder_share, 1e-9))).astype(
        int
    )
    kept = lifted_s <= until_s
    builder.block("restriction_lifted", lifted_s[kept], subject[paying[kept]], case=case[paying[kept]],
                  cause=last[paying[kept]])  # fmt: skip
    counts["lifted"] = int(kept.sum())
    return counts


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds by case: the column in the book of cases, days that count, and money."""

    column: Ints
    days: Ints
    amount_cny: Floats


def refunds_of(
    slot: Ints,
    *,
    room_c: npt.NDArray[np.float32],
    offset_k: npt.NDArray[np.float32],
    daily_fee_cny: Floats,
    season_end_s: int,
    abnormal_day: npt.NDArray[np.bool_],
    settings: PeopleSettings,
) -> Refunds:
    """Work out the refunds of confirmed deficient days.

    A day counts from the confirming measurement to the room's return to the standard (or the case's end), if the
    operator or the network was the cause, within the heating period, and not when the day was abnormally cold (Xi'an
    regulation 2018). Its tier is that of the dwelling's temperature at noon, before any remedy of that case.

    Parameters
    ----------
    slot : int array, shape (SLOT_ROWS, case)
        The book of cases.
    room_c : array, shape (hour, cohort)
        [degC].
    offset_k : array, shape (dwelling,)
        The dwellings' offsets before the season [K].
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
    column = np.flatnonzero((slot[S_CONFIRMED] >= 0) & ((cause == OPERATOR) | (cause == SHORTAGE)))
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
    room = room_c[noon, slot[S_COHORT, of_case]].astype(np.float64) + offset_k[slot[S_DWELLING, of_case]]
    share = np.zeros(len(owner))
    for below_c, part in settings.refund_tiers:
        share = np.where(room < below_c, np.maximum(share, part), share)
    if len(abnormal_day):
        share[abnormal_day[np.minimum(day, len(abnormal_day) - 1)]] = 0.0
    money = share * daily_fee_cny[slot[S_COHORT, of_case]]
    amount = np.bincount(owner, money, len(column))
    counted = np.bincount(owner, share > 0, len(column)).astype(np.int64)
    kept = amount > 0
    return Refunds(column[kept], counted[kept], np.round(amount[kept], 2))
