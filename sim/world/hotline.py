"""People: calls from the simulated dwellings, the hotline, cases, sampling and money, as blocks of entries.

No SimPy: the march of epochs is a kernel. The world lets :meth:`People.advance` follow the heat, and asks for the first
complaint of a building; what the operator learns and does with it is the world's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ...scenarios.policies.roster import SHIFTS, shift_of
from ...scenarios.policies.sampling import Sampling
from ..kernels import desk as k
from ..kernels.again import CALL_COLUMNS, KEPT_ROWS, KEY_ROWS
from ..kernels.complaints import hazard, tabulate, unbounded
from ..kernels.heat_compile import direct
from ..kernels.marks import mix, normals, uniforms
from ..kernels.people import DONE, DRAWN_ROWS, H_AWAKE, H_COLD, H_OTHER, HOUR_ROWS, MORE_CALLS, MORE_CASES, march
from ..record import KIND_CODE
from ..record_builder import RecordBuilder
from .billing import Billing, note_arrears, refunds_of, season_fees
from .dwellings import dwelling_cohorts
from .people_settings import PeopleSettings
from .subjects import connected_households
from .visits import sample_day

__all__ = ["EPOCH_S", "HourlyRoster", "People", "Trouble"]

Floats = npt.NDArray[np.float64]
Offsets = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

EPOCH_S = 900
_DAY_S = 86_400
_KINDS = (
    "call_answered", "call_abandoned", "enquiry_answered", "complaint_accepted", "complaint_responded",
    "measurement_requested", "visited", "measurement_signed", "measurement_disputed", "third_party_measured",
    "action_taken", "dwelling_remedied", "complaint_closed", "delay_explained", "other_cause_found",
    "cause_explained", "authority_complained", "authority_handled", "authority_told", "nobody_home",
    "remedy_fell_short",
)  # fmt: skip
_GROUPS = ("agents", "officers", "measurers", "authority")  # the roster's rows
_CODES = np.array([KIND_CODE[name] for name in _KINDS], np.int16)
_DAY_FACTOR, _SETTLED = 61, 62  # purposes of marks
_CALLS, _CASES, _ENTRIES = 16_456, 40_000, 32_768  # columns to begin with; they grow (untouched pages cost nothing)


class Trouble(NamedTuple):
    """What each cohort's trouble is put down to: an entry's seq, -1 without any, and its instant, 0 without [s]."""

    seq: Ints
    at_s: Ints

    def of(self, where: npt.NDArray[np.int64]) -> Self:
        """Return that of each cohort from that of each substation, and the cohorts' substations."""
        return type(self)(self.seq[where], self.at_s[where])


class HourlyRoster(Protocol):
    """Whoever can say how many agents, officers, measurers and authority staff are on duty, shape (4, hour)."""

    def by_hour(self, *, hours: int, start_s: int, end_s: int) -> npt.NDArray[np.int64]:
        """Return the hands on duty in a heating period from `start_s` to `end_s` [s]."""


class People:
    """The users of heat and those who answer them, over one season.

    Parameters
    ----------
    arrays : NetworkArrays
    settings : PeopleSettings
    roster : HourlyRoster
    sampling, billing
        The policies (scenarios/policies).
    offset_k : float32 array, shape (dwelling,)
        From :func:`.dwellings.dwelling_offsets`; copied, the record keeps the original [K].
    paying : bool array, shape (dwelling,)
        From :func:`.dwellings.dwellings_paying`.
    key : uint64
        Key of all marks (the timetable's `people_key`).
    season_start_s, season_end_s, horizon_s, end_s : int
        The calendar [s].
    builder : RecordBuilder
    first_dwelling_subject, city_subject : int
        Rows of the subjects table; all operators share the city's hotline.
    """

    def __init__(
        self,
        arrays: NetworkArrays,
        settings: PeopleSettings,
        roster: HourlyRoster,
        sampling: Sampling,
        billing: Billing,
        *,
        offset_k: Offsets,
        paying: Bools,
        key: np.uint64,
        season_start_s: int,
        season_end_s: int,
        horizon_s: int,
        end_s: int,
        builder: RecordBuilder,
        first_dwelling_subject: int,
        city_subject: int,
    ) -> None:
        self.settings, self.roster, self.sampling, self.billing = settings, roster, sampling, billing
        self.builder = builder
        self._first_subject, self._city = first_dwelling_subject, city_subject
        self._key = np.uint64(key)
        self._horizon_s, self._end_s = horizon_s, end_s
        self._start_s, self._heating_until_s = season_start_s, season_end_s
        self._epoch = 0
        self._sampled_day = -1
        self._last_row = 0
        self._finished = False
        self._at_ease = False  # whether the cohorts' states say that nobody lacks anything

        cohorts = len(arrays.cohort_ids)
        connected = connected_households(arrays)
        self._cohorts = cohorts
        self._area_m2 = arrays.cohort_floor_area_m2 / np.maximum(arrays.cohort_households, 1)
        self.initial_k = np.asarray(offset_k, np.float32)
        self.paying = np.asarray(paying, np.bool_)
        self._first = np.concatenate([[0], np.cumsum(connected)])
        self._cohort_of = dwelling_cohorts(arrays)
        self._shares = settings.other_shares()
        self._rate = hazard(settings.cold_midpoint_c, settings.cold_spread_k, settings.cold_calls_per_day)
        self._table, self._binned, self._order = tabulate(self._first, self.initial_k, self._rate)
        self._bound = unbounded(cohorts)
        self._dwelling = np.full((len(self.initial_k), k.DWELLING_ROWS), -1, np.float32)
        self._dwelling[:, k.D_OFFSET] = self.initial_k
        self._cohort = np.zeros((k.COHORT_ROWS, cohorts), np.int64)
        self._cohort[[k.C_FAULT_SEQ, k.C_BELOW_SEQ]] = -1
        self._since_awake_h = np.zeros(cohorts)
        self._room_c = np.zeros((1, cohorts), np.float32)
        self._numbers = settings.numbers(EPOCH_S, key=self._key, heating_until_s=season_end_s)
        self._day_factor = self._day_factors()
        self._by_hour, self._roster, self._day_shares = self._plan_hours()
        self._count = np.zeros(k.COUNT_ROWS, np.int64)
        self._slot = np.zeros((_CASES, k.SLOT_ROWS), np.int32)
        self._buckets = np.full((2 * k.STAGES, -(-end_s // EPOCH_S) + 1), -1, np.int64)
        self._buckets[k.STAGES :] = 0
        self._entry = np.zeros(_ENTRIES, k.ENTRY)
        self._drawn = np.zeros((DRAWN_ROWS, _CALLS, 4), np.int32)
        self._kept = np.zeros((KEPT_ROWS, _CALLS, CALL_COLUMNS), np.int64)
        self._keys = np.zeros((KEY_ROWS, _CALLS), np.int64)
        self._scratch = np.zeros(max(_CASES, cohorts, 2 * _CALLS + 1), np.int64)
        self._free_s = np.zeros((4, int(self._roster.max()) + 1))
        self._give = direct(k.hand_over, *self._to_give(0, 0, builder.room(0), _NOBODY))
        self._accepted: list[Ints] = []  # seqs of complaints about cold or stopped heat, one march after the other
        self._money = {"refunds": 0, "refunds_due_fen": 0, "refunded_fen": 0, "refunds_open_fen": 0}
        self.refunds_by_tier_fen: tuple[int, ...] = (0,) * len(settings.refund_tiers)
        self._run: Callable[..., Any] | None = None
        self._note_unstaffed()

    @property
    def time_s(self) -> int:
        """How far the people have come: whole epochs of 900 s [s]."""
        return self._epoch * EPOCH_S

    @property
    def offset_k(self) -> Offsets:
        """Dwellings above their cohort's room now, remedies included, shape (dwelling,) [K]."""
        return self._dwelling[:, k.D_OFFSET]

    def set_season(self, start_s: int, end_s: int) -> None:
        """Let the heating period begin and end at decided instants (early start, extension) [s]."""
        if (start_s, end_s) != (self._start_s, self._heating_until_s):
            self._start_s, self._heating_until_s = start_s, end_s
            self._by_hour, self._roster, self._day_shares = self._plan_hours()
            self._numbers["heating_until_s"] = end_s
            self._free_s = _grown(self._free_s, int(self._roster.max()) + 1, axis=1)

    def notify(self, cohorts: npt.ArrayLike) -> None:
        """Tell the users of some cohorts about a stop: while it lasts, fewer call from the next epoch run on."""
        self._cohort[k.C_TOLD, np.asarray(cohorts)] = 1

    def advance(
        self,
        until_s: int,
        *,
        room_c: npt.NDArray[np.float32],
        no_heat: Bools | None = None,
        fault: Trouble | None = None,
        below: Trouble | None = None,
        short: Bools | None = None,
    ) -> None:
        """Run the whole epochs that end by `until_s`; what is left of an epoch waits for the next call.

        All states count as constant from the last epoch run to `until_s`: call it before they change. Those left out
        are nobody's.

        Parameters
        ----------
        until_s : int
            [s].
        room_c : float32 array, shape (at least hours begun by until_s, cohort)
            Room temperatures at each hour's first instant, C-contiguous (the record's track; not copied) [degC].
        no_heat : bool array, shape (cohort,), optional
            Cohorts whose heat a fault has stopped.
        fault : Trouble, optional
            The entry that says why (the fault), for those.
        below : Trouble, optional
            The cohort's last `fell_below_18` while it is below, or what leaves it short of heat.
        short : bool array, shape (cohort,), optional
            Cohorts that get less heat than they need, whatever the reason: nothing can be mended at the dwelling.
        """
        last_epoch = min(int(until_s) // EPOCH_S, self._buckets.shape[1])
        if last_epoch <= self._epoch:
            return
        self._write_states(no_heat, fault, below, short)
        self._room_c = np.ascontiguousarray(room_c, np.float32)
        self._last_row = min(len(room_c) - 1, (last_epoch * EPOCH_S - 1) // 3_600)
        self._march(last_epoch)
        self._sample(min(self.time_s, self._horizon_s) // _DAY_S)

    def _write_states(
        self, no_heat: Bools | None, fault: Trouble | None, below: Trouble | None, short: Bools | None
    ) -> None:
        """Write the cohorts' states as :meth:`advance` takes them; where nobody lacks anything, but once."""
        cohort = self._cohort
        at_ease = no_heat is None and fault is None and below is None and short is None
        if at_ease and self._at_ease:
            cohort[k.C_TOLD] = 0
            return
        self._at_ease = at_ease
        self._put_down_to(k.C_FAULT_SEQ, k.C_FAULT_S, fault)
        if no_heat is not None and no_heat.any():
            awake_h = self._by_hour[H_AWAKE]
            begun = no_heat & (cohort[k.C_NO_HEAT] == 0)
            if begun.any():  # the stop may have begun within the epoch that is the next to run
                since_s = np.maximum(cohort[k.C_FAULT_S][begun], self.time_s)
                self._since_awake_h[begun] = np.interp(since_s / 3_600.0, np.arange(len(awake_h)), awake_h)
            cohort[k.C_TOLD] *= no_heat
        else:
            cohort[k.C_TOLD] = 0
        cohort[k.C_NO_HEAT] = 0 if no_heat is None else no_heat
        self._put_down_to(k.C_BELOW_SEQ, k.C_BELOW_S, below)
        cohort[k.C_SHORT] = 0 if short is None else short

    def _put_down_to(self, which: int, when: int, trouble: Trouble | None) -> None:
        """Write what each cohort's trouble is put down to, and its instant (0 without one)."""
        if trouble is None:
            self._cohort[which], self._cohort[when] = -1, 0
        else:
            self._cohort[which], self._cohort[when] = self.builder.others(trouble.seq), trouble.at_s

    def first_complaint_since(self, cohorts: npt.ArrayLike, at_s: int) -> tuple[int, int] | None:
        """Return (instant [s], seq) of the first complaint about cold or stopped heat accepted at or after `at_s`."""
        wanted = np.zeros(self._cohorts, np.bool_)
        wanted[np.asarray(cohorts)] = True
        best: tuple[int, int] | None = None
        times, subjects = self.builder.column("at"), self.builder.column("subject")
        for seq in reversed(self._accepted):
            accepted_s = times[seq]
            if int(accepted_s.max()) < at_s - EPOCH_S:
                break
            cohort = self._cohort_of[subjects[seq] - self._first_subject]
            rows = np.flatnonzero(wanted[cohort] & (accepted_s >= at_s))
            if len(rows):
                row = rows[np.argmin(accepted_s[rows])]
                best = (int(accepted_s[row]), int(seq[row]))
        return best

    def finish(self, room_c: npt.NDArray[np.float32], abnormal_day: Bools | None = None) -> None:
        """Let every clock come due, work out the refunds, and note the arrears; to be called once, at the end.

        Parameters
        ----------
        room_c : float32 array, shape (hour, cohort)
            The whole season [degC].
        abnormal_day : bool array, shape (day,), optional
            Outdoor daily mean below the design temperature: no refund is due.
        """
        if self._finished:
            raise RuntimeError("the people part of this season is finished already")
        self._finished = True
        self.advance(self._end_s, room_c=room_c)
        self._settle(room_c, np.zeros(0, np.bool_) if abnormal_day is None else abnormal_day)
        arrears = note_arrears(
            self.builder, paying=self.paying, cohort_of=self._cohort_of, first_subject=self._first_subject,
            key=self._key,
            due_s=self._start_s + int(self.billing.due_days * _DAY_S), until_s=self.time_s, billing=self.billing,
            settings=self.settings,
        )  # fmt: skip
        self._money.update(arrears.counts)
        self._money |= season_fees(
            arrears, fee_fen=np.rint(100.0 * self.settings.fee_cny_m2_season * self._area_m2).astype(np.int64),
            cohort_of=self._cohort_of, paying=self.paying, start_s=self._start_s, end_s=self._heating_until_s,
        )  # fmt: skip

    def on_duty(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return who is on duty in each hour of the physical horizon, by the names of ``record.TRACKS``."""
        there = self._roster[:, : self._horizon_s // 3_600].astype(np.float32)
        return {f"{group}_on_duty": row for group, row in zip(_GROUPS, there, strict=True)}

    def staff_hours(self) -> npt.NDArray[np.int64]:
        """Return paid hours of agents, officers and measurers by shift over the physical horizon, shape (3, shift)."""
        hours = self._horizon_s // 3_600
        shift = shift_of(hours)
        return np.stack([self._roster[:3, :hours][:, shift == s].sum(axis=1) for s in range(len(SHIFTS))], axis=1)

    def balances(self) -> dict[str, int]:
        """Return the ledgers of calls and cases; `calls_error` and `cases_error` are 0 where nothing was lost."""
        count = self._count
        ledger = {
            "calls_offered": int(count[k.N_OFFERED]),
            "calls_answered": int(count[k.N_ANSWERED]),
            "calls_abandoned": int(count[k.N_ABANDONED]),
            "calls_waiting": int(count[k.N_CALLS_WAITING]),
            "cases_opened": int(count[k.N_OPENED]),
            "cases_closed": int(count[k.N_CLOSED]),
            "cases_open": int(np.count_nonzero(self._dwelling[:, k.D_OPEN] >= 0)),
            "causes_explained": int(count[k.N_EXPLAINED]),
            "call_backs_promised": int(count[k.N_CALL_BACKS]),
            "call_backs_made": int(count[k.N_CALL_BACKS_DONE]),
            "visits": int(count[k.N_VISITS]),
            "visits_withdrawn": int(count[k.N_WITHDRAWN]),
            "remedies": int(count[k.N_REMEDIES]),
            "authority_complaints": int(count[k.N_AUTHORITY]),
            "authority_told": int(count[k.N_AUTHORITY_TOLD]),
            **self._money,
        }
        ledger["calls_error"] = (
            ledger["calls_offered"] - ledger["calls_answered"] - ledger["calls_abandoned"] - ledger["calls_waiting"]
        )
        ledger["refunds_error"] = ledger["refunds_due_fen"] - ledger["refunded_fen"] - ledger["refunds_open_fen"]
        ledger["refunds_error"] += abs(ledger["refunds_due_fen"] - sum(self.refunds_by_tier_fen))
        ledger["cases_error"] = ledger["cases_opened"] - ledger["cases_closed"] - ledger["cases_open"]
        return ledger

    def _march(self, last_epoch: int) -> None:
        count = self._count
        while True:
            count[k.N_SEQ], count[k.N_CASE] = self.builder.next
            count[k.N_ENTRIES] = 0
            first_case = int(count[k.N_CASE])
            taken = (
                self._epoch, last_epoch, count, self._slot, self._buckets, self._entry, self._dwelling, self._order,
                self._cohort, self._since_awake_h, self._room_c, self._last_row, self._first, self._table, self._binned,
                self._rate, self._bound, self._shares, self._by_hour, self._roster, self._day_shares, self._drawn,
                self._kept, self._keys, self._free_s, self._scratch, self._numbers[0],
            )  # fmt: skip
            if self._run is None:  # all arrays keep their kinds
                self._run = direct(march, *taken)
            self._epoch, code, needed = self._run(*taken)
            self.builder.new_cases(int(count[k.N_CASE]) - first_case)
            entries = int(count[k.N_ENTRIES])
            self._hand_over(entries)
            if code == DONE:
                return
            if code == MORE_CALLS:
                self._drawn, self._kept = _grown(self._drawn, needed, axis=1), _grown(self._kept, needed, axis=1)
                self._keys = _grown(self._keys, needed, axis=1)
                self._scratch = _grown(self._scratch, 2 * needed + 1, axis=0)
            elif code == MORE_CASES:
                self._slot = _grown(self._slot, needed, axis=0)
                self._scratch = _grown(self._scratch, needed, axis=0)
            else:
                self._entry = _grown(self._entry, 2 * (needed - entries), axis=0)

    def _hand_over(self, entries: int) -> None:
        """Give the builder the entries of a march and keep the accepted complaints about heat."""
        if entries == 0:
            return
        first_seq, room = self.builder.next[0], self.builder.room(entries)
        seq = np.empty(entries, np.int32)
        complaints = self._give(*self._to_give(entries, first_seq, room, seq))
        if complaints:
            self._accepted.append(seq[:complaints].copy())

    def _to_give(self, entries: int, first_seq: int, room: dict[str, npt.NDArray[Any]], seq: Ints) -> tuple[Any, ...]:
        """Return what :func:`desk.hand_over` takes."""
        columns = (room["at"], room["what"], room["case"], room["subject"], room["cause"], room["value"])
        return (self._entry, entries, _CODES, first_seq, self._first_subject, *columns, seq)

    def _sample(self, days: int) -> None:
        """Note the samples of the days completed since last time."""
        for day in range(self._sampled_day + 1, days):
            self._sampled_day = day
            within = self._start_s <= day * _DAY_S and (day + 1) * _DAY_S <= self._heating_until_s
            if not within or self.sampling.share_per_month <= 0.0:
                continue
            at_s, dwelling, measured = sample_day(
                day, key=self._key, programme=self.sampling, room_c=self._room_c,
                offset_k=self.offset_k, cohort_of=self._cohort_of, error_k=self.settings.reading_error_k,
            )  # fmt: skip
            if len(at_s):
                self.builder.block("room_sampled", at_s, self._first_subject + dwelling, value=measured)

    def _settle(self, room_c: npt.NDArray[np.float32], abnormal_day: Bools) -> None:
        """Note the refunds: worked out after half of the policy's days, paid one by one in the other half."""
        season_days = max((self._heating_until_s - self._start_s) / _DAY_S, 1.0)
        fee = self.settings.fee_cny_m2_season * (1.0 - self.settings.base_fee_share) * self._area_m2 / season_days
        slot = self._slot[: self._count[k.N_SLOTS]].T
        refunds = refunds_of(
            slot, room_c=room_c, daily_fee_cny=fee, season_end_s=self._heating_until_s,
            abnormal_day=abnormal_day, settings=self.settings,
        )  # fmt: skip
        due_s = self._heating_until_s + int(self.billing.refund_days / 2 * _DAY_S)
        self.refunds_by_tier_fen = tuple(refunds.by_tier_fen.sum(axis=0).tolist())
        self._money["refunds_due_fen"] = self._money["refunds_open_fen"] = int(refunds.fen.sum())
        if len(refunds.column) == 0 or due_s > self._end_s:
            return
        column, amount_cny = refunds.column, refunds.fen / 100.0
        subject = self._first_subject + slot[k.S_DWELLING, column]
        seq = self.builder.block(
            "refund_due", np.full(len(column), due_s), subject, case=slot[k.S_CASE, column],
            cause=slot[k.S_SEQ_MEASURED, column], value=amount_cny,
        )  # fmt: skip
        mark = np.empty(len(column))
        uniforms(np.uint64(mix(self._key, _SETTLED)), slot[k.S_DWELLING, column].astype(np.int64), mark)
        span_s = self.billing.refund_days / 2 * _DAY_S
        paid_s = due_s + (mark * span_s).astype(np.int64)
        kept = np.flatnonzero(paid_s <= self._end_s)
        self.builder.block(
            "refund_settled", paid_s[kept], subject[kept], case=slot[k.S_CASE, column[kept]], cause=seq + kept,
            value=amount_cny[kept],
        )  # fmt: skip
        self._money["refunds"] = len(column)
        self._money["refunded_fen"] = int(refunds.fen[kept].sum())
        self._money["refunds_open_fen"] = int(refunds.fen[paid_s > self._end_s].sum())

    def _day_factors(self) -> Floats:
        """Return the Gamma factor of each day, mean 1, by the Wilson-Hilferty quantile of a mark, shape (day,)."""
        days = np.arange(-(-self._horizon_s // _DAY_S))
        if self.settings.day_spread <= 0.0:
            return np.ones(len(days))
        z = np.empty(len(days))
        normals(np.uint64(mix(self._key, _DAY_FACTOR)), days, z)
        shape = self.settings.day_spread**-2
        factor: Floats = np.maximum(1.0 - 1.0 / (9.0 * shape) + z / (3.0 * np.sqrt(shape)), 0.0) ** 3
        return factor

    def _plan_hours(self) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
        """Lay the calendar, the day factors and the roster out by hour."""
        s = self.settings
        hours = self._horizon_s // 3_600
        hour = np.arange(hours)
        at_s = hour * 3_600
        by_hour = np.asarray(s.by_hour, np.float64) / np.sum(s.by_hour)
        share = by_hour[hour % 24]
        factor = self._day_factor[hour // 24] * share
        since_days = (at_s - self._start_s) / _DAY_S
        heating = (at_s >= self._start_s) & (at_s < self._heating_until_s)
        surge = 1.0 + (s.early_factor - 1.0) * np.exp(-np.maximum(since_days, 0.0) / s.early_decay_days)
        activity = np.where(at_s < self._start_s, s.before_factor, np.where(heating, surge, s.after_factor))
        awake = np.concatenate([[0.0], np.cumsum(np.minimum(share * 24.0, 1.0))])
        on_duty = self.roster.by_hour(
            hours=-(-self._end_s // 3_600), start_s=self._start_s, end_s=self._heating_until_s
        )
        roster = np.ascontiguousarray(on_duty, np.int64)
        planned = np.zeros((HOUR_ROWS, hours + 1))
        planned[H_COLD, :hours] = np.where(heating, factor * surge, 0.0)
        planned[H_OTHER, :hours] = factor * activity * s.other_per_10k_day / 10_000.0
        planned[H_AWAKE] = awake
        return planned, roster, np.cumsum(by_hour)

    def _note_unstaffed(self) -> None:
        """Note the hours of the season that the roster leaves without an agent."""
        empty = np.concatenate([[0], self._roster[0, : self._horizon_s // 3_600] <= 0, [0]]).astype(np.int8)
        change = np.diff(empty)
        for begin, end in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
            self.builder.note(int(begin) * 3_600, "hotline_unstaffed", self._city, value=float((end - begin) * 60))


_NOBODY = np.zeros(0, np.int32)


def _grown(array: npt.NDArray[Any], length: int, *, axis: int) -> npt.NDArray[Any]:
    """Return the array at least `length` long in an axis, what was there kept."""
    if array.shape[axis] >= length:
        return array
    grown = np.zeros((*array.shape[:axis], length, *array.shape[axis + 1 :]), array.dtype)
    grown[tuple(slice(size) for size in array.shape)] = array
    return grown
