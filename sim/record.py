"""The Record: what happened, as facts, and nothing but facts.

Entries are columns. Rare happenings are noted one by one; kernels append blocks. An entry has

====== =======================================================================================
seq    its row number, in the order of noting
at     whole seconds since the season's origin (local midnight of the first readiness day)
what   the kind of happening, one of :data:`KINDS`
case   the case it belongs to (a fault, a complaint, an order, …), or -1
subject  a row of the subjects table, or a dwelling (see :class:`Subjects`)
cause  seq of the entry it followed from, or -1 where the chain begins (a draw, or a decision)
origin ``simulated`` or ``observed``
value  one number whose meaning the kind defines, or NaN
detail a row of `details` (a dict of JSON values), or -1
====== =======================================================================================
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["KINDS", "KIND_CODE", "OBSERVED", "SIMULATED", "Kind", "Record", "RecordBuilder", "Subjects"]

SIMULATED, OBSERVED = 0, 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of happening: its name (past tense), words for people, what its subject is and what its value means."""

    name: str
    zh: str
    en: str
    subject: str
    value: str = ""


KINDS: tuple[Kind, ...] = (
    # the season and its readiness
    Kind("early_start_decided", "决定提前供热", "early start decided", "authority", "new start [s]"),
    Kind("extension_decided", "决定延期停热", "extension decided", "authority", "new end [s]"),
    Kind("readiness_announced", "告知注水试压", "readiness works announced to users", "substation"),
    Kind("filled", "注水完成", "system filled", "source", "teams' hours at it [h]"),
    Kind("pressure_tested", "试压完成", "pressure test passed", "source", "teams' hours at it [h]"),
    Kind("vented", "排气完成", "system vented", "source", "teams' hours at it [h]"),
    Kind("trial_run_done", "试运行完成", "trial run done", "source", "teams' hours at it [h]"),
    Kind("access_refused", "用户拒绝配合", "access refused by users", "substation|source"),
    Kind("inspection_due", "应检设施", "elements due for inspection", "operator", "count"),
    Kind("inspected", "完成检查", "inspected", "pipe|source|substation"),
    Kind("inspection_done", "全面检查结束", "inspection of the network done", "city", "teams' hours at it [h]"),
    Kind("defect_found", "发现隐患", "defect found", "pipe|source|substation"),
    Kind("defect_mended", "隐患整改完成", "defect mended", "pipe|source|substation", "teams' hours at it [h]"),
    Kind("preheat_started", "开始预热", "preheat started", "source"),
    Kind("preheat_completed", "预热完成", "preheat completed", "source"),
    Kind("supply_started", "开始供热", "supply started", "substation"),
    Kind("supply_ended", "停止供热", "supply ended for the season", "substation"),
    Kind("fell_below_18", "室温低于18℃", "rooms fell below 18 °C", "cohort", "room temperature [degC]"),
    Kind("rose_above_18", "室温回到18℃", "rooms rose above 18 °C", "cohort", "room temperature [degC]"),
    # faults and repairs
    Kind("pipe_failed", "管道泄漏", "pipe failed", "pipe", "leak [kg/s]"),
    Kind("source_tripped", "热源设备跳停", "heat source unit tripped", "source", "capacity lost [W]"),
    Kind("pump_failed", "循环泵故障", "circulation pump failed", "source"),
    Kind("substation_failed", "热力站故障", "substation failed", "substation"),
    Kind("power_failed", "停电", "power failed", "substation|source"),
    Kind("fault_discovered", "发现故障", "fault discovered", "pipe|source|substation", "hours since it occurred"),
    Kind("fault_reported", "向主管部门报告故障", "fault reported to the authority", "authority"),
    Kind("crew_sent", "抢修队出发", "crew sent", "crew"),
    Kind("work_started", "抢修队开始作业", "crew at work", "crew"),
    Kind("work_ended", "抢修队结束作业", "crew's work ended", "crew"),
    Kind("isolated", "阀门关断隔离", "isolated by valves", "pipe", "pipes isolated"),
    Kind("stage_finished", "抢修工序完成", "repair stage finished", "pipe|source|substation"),
    Kind("refilled", "注水排气", "refilled and vented", "pipe"),
    Kind("fault_restored", "修复投用", "repaired and back in use", "pipe|source|substation", "hours since discovery"),
    Kind("outage_started", "停热开始", "heat stopped", "substation"),
    Kind("outage_ended", "恢复供热", "heat restored", "substation", "hours without heat"),
    Kind("throttled_started", "供热受限开始", "heat throttled", "substation"),
    Kind("throttled_ended", "供热受限结束", "heat no longer throttled", "substation", "hours throttled"),
    Kind(
        "restoration_forecast",
        "预计恢复时间",
        "restoration forecast",
        "substation|pipe|source",
        "expected restoration [s]",
    ),
    Kind("interim_sent", "移动锅炉出发", "mobile boiler sent", "substation"),
    Kind("interim_started", "移动锅炉开始供热", "mobile boiler at work", "substation", "capacity [W]"),
    Kind("interim_ended", "移动锅炉停止供热", "mobile boiler's work ended", "substation", "heat given [GJ]"),
    Kind("long_stop_reported", "长时间停热报告", "long stop reported to the authority", "substation"),
    Kind("users_told", "告知受影响用户", "affected users told", "substation", "told restoration [s]"),
    Kind("manager_told", "告知小区物业", "property manager told", "substation", "told restoration [s]"),
    # fuel
    Kind("fuel_ordered", "订购燃料", "fuel ordered", "store", "quantity [unit]"),
    Kind("fuel_delivered", "燃料到货", "fuel delivered", "store", "quantity [unit]"),
    Kind("fuel_delayed", "燃料到货延误", "fuel delivery delayed", "store", "delay [h]"),
    Kind("emergency_ordered", "紧急调度燃料", "emergency fuel ordered", "store", "quantity [unit]"),
    Kind("gas_curtailed", "燃气限供", "gas curtailed", "store", "share withheld"),
    Kind("gas_restored", "燃气恢复", "gas restored", "store"),
    Kind("road_closed", "道路封闭", "road closed", "city", "hours"),
    Kind("road_opened", "道路恢复", "road reopened", "city"),
    Kind("fuel_ran_out", "燃料耗尽", "fuel ran out", "store"),
    Kind("fuel_recovered", "燃料恢复", "fuel available again", "store", "hours without fuel"),
    Kind("second_fuel_begun", "启用第二燃料", "second fuel in use", "store"),
    Kind("second_fuel_ended", "停用第二燃料", "second fuel no longer in use", "store"),
    Kind("rationing_started", "开始限量供热", "rationing started", "substation", "share of the need ordered"),
    Kind("rationing_ended", "限量供热结束", "rationing ended", "substation"),
    Kind("shortage_started", "供热不足开始", "heat short for want of fuel or capacity", "source", "share short"),
    Kind("shortage_ended", "供热不足结束", "shortage over", "source", "hours short"),
    # hotline and cases
    Kind("hotline_unstaffed", "热线无人值守", "hotline unstaffed", "city|operator", "minutes"),
    Kind("staff_absent", "人员缺勤", "staff absent", "operator", "share absent"),
    Kind("call_answered", "电话接通", "call answered", "dwelling", "wait [s]"),
    Kind("call_abandoned", "排队中放弃来电", "call abandoned in the queue", "dwelling", "wait [s]"),
    Kind("enquiry_answered", "咨询已答复", "enquiry answered", "dwelling"),
    Kind("complaint_accepted", "受理投诉", "complaint accepted", "dwelling", "topic"),
    Kind("complaint_responded", "响应投诉", "complaint responded to", "dwelling", "wait for an officer [s]"),
    Kind("nobody_home", "上门，家中无人", "came to measure, nobody at home", "dwelling", "to come again from [s]"),
    Kind("visited", "上门测温", "visited and measured", "dwelling", "measured [degC]"),
    Kind("measurement_signed", "双方签字", "measurement signed by both", "dwelling", "measured [degC]"),
    Kind("measurement_disputed", "对结果有异议", "measurement disputed", "dwelling"),
    Kind("third_party_measured", "第三方检测", "measured by a third party", "dwelling", "measured [degC]"),
    Kind("action_taken", "采取措施", "action taken", "dwelling", "where (0 network, 1 dwelling, 2 source)"),
    Kind("remedy_fell_short", "入户处理收效不足", "work at the dwelling fell short", "dwelling", "at most [K]"),
    Kind("dwelling_remedied", "室温达标", "dwelling at the standard", "dwelling", "gain [K]"),
    Kind("complaint_closed", "投诉办结", "complaint closed", "dwelling"),
    Kind("delay_explained", "说明原因及期限", "reason and firm date given", "dwelling", "promised [s]"),
    Kind("cause_explained", "解释非企业原因", "another's cause explained", "dwelling", "whose (3 household, 6 estate)"),
    Kind("authority_complained", "向主管部门投诉", "complained to the authority", "dwelling"),
    Kind("authority_handled", "主管部门处理", "handled by the authority", "dwelling", "wait for its staff [s]"),
    Kind("authority_told", "主管部门告知投诉人", "complainant told by the authority", "dwelling"),
    Kind("refund_due", "应退费", "refund due", "dwelling", "amount [CNY]"),
    Kind("refund_settled", "退费结清", "refund settled", "dwelling", "amount [CNY]"),
    Kind("room_sampled", "室温抽测", "room temperature sampled", "dwelling", "measured [degC]"),
    # arrears and exit
    Kind("payment_overdue", "逾期未缴费", "payment overdue", "dwelling"),
    Kind("arrears_reminded", "催交热费", "reminded of arrears", "dwelling"),
    Kind("supply_restricted", "采取用热限制", "supply restricted for arrears", "dwelling"),
    Kind("restriction_lifted", "解除用热限制", "restriction lifted", "dwelling"),
    Kind("payer_cut", "已缴费用户被停限", "payer's supply ordered down for another's arrears", "dwelling"),
    Kind("exit_planned", "拟停业歇业", "closing of the business planned", "operator", "closing date [s]"),
    Kind("exit_reported", "停业歇业报告", "closing reported to the authority", "operator"),
    Kind("heat_start_planned", "当年供热开始之日", "planned first day of heat", "city"),
    # facts some clauses turn on
    Kind("measurement_requested", "用户要求测温", "measurement asked for", "dwelling"),
    Kind("other_cause_found", "查明非企业原因", "another's cause found", "dwelling", "whose (3 household, 6 estate)"),
    # in the middle of the season
    Kind("state_taken", "按已知状态继续", "taken on from a known state", "city"),
    Kind("policy_changed", "策略变更", "policy changed", "city"),
)
KIND_CODE: dict[str, int] = {kind.name: code for code, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Who and what entries are about.

    Rows ``0 … n-1`` are listed here; a dwelling is not: dwelling ``k`` of cohort row ``c`` has the number
    ``n + first_dwelling[c] + k``, and shares its cohort's operator, district, source area, substation and estate.

    Attributes
    ----------
    kind : tuple of str, shape (subject,)
        city, authority, operator, district, source, store, pipe, substation, cohort, crew.
    id : tuple of str, shape (subject,)
        As in the network file (crews: ``crew 1`` …).
    name : tuple of str, shape (subject,)
        What a report calls it (substations: the estate; pipes: the road).
    operator, district, substation, source : int arrays, shape (subject,)
        Row of the subject's operator, district and substation, and of the source it is nearest to along the pipes (its
        own, of a unit or a store); -1 where it has none.
    manager : tuple of str, shape (subject,)
        Property manager (substations and cohorts; else empty).
    households, floor_area_m2 : arrays, shape (subject,)
        Of connected (not reported-off) households; substations sum their cohorts.
    first_dwelling : int array, shape (subject,)
        For cohorts: number of its first dwelling; -1 otherwise.
    offset_k : float32 array, shape (dwelling,)
        How much warmer than its cohort's mean a dwelling is before any remedy [K].
    paying : bool array, shape (dwelling,)
        Whether the household has paid for the season (arrears are False).
    """

    kind: tuple[str, ...]
    id: tuple[str, ...]
    name: tuple[str, ...]
    operator: npt.NDArray[np.int32]
    district: npt.NDArray[np.int32]
    substation: npt.NDArray[np.int32]
    manager: tuple[str, ...]
    households: npt.NDArray[np.int32]
    floor_area_m2: npt.NDArray[np.float64]
    first_dwelling: npt.NDArray[np.int32]
    offset_k: npt.NDArray[np.float32]
    paying: npt.NDArray[np.bool_]
    source: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of listed subjects (dwellings not counted)."""
        return len(self.kind)

    def rows(self, kind: str) -> npt.NDArray[np.int32]:
        """Return the rows of one kind, in network order."""
        return np.array([row for row, k in enumerate(self.kind) if k == kind], dtype=np.int32)


# Hourly tracks and the subject kind of their second axis ("" = one column).
TRACKS: dict[str, str] = {
    "outdoor_c": "",  # mean of the hour
    "agents_on_duty": "",  # at the hotline, by the roster less absences
    "officers_on_duty": "",
    "measurers_on_duty": "",
    "authority_on_duty": "",  # the authority's staff for complaints
    "room_c": "cohort",  # at the hour's first instant; straight lines between, by definition
    "substation_heat_w": "substation",  # mean of the hour
    "substation_need_w": "substation",  # what the rooms asked for by the curve
    "substation_supply_c": "substation",  # primary supply temperature, mean of the hour
    "substation_dp_pa": "substation",
    "source_heat_w": "source",
    "source_supply_c": "source",
    "source_return_c": "source",
    "source_flow_kg_s": "source",
    "source_head_pa": "source",
    "source_pump_w": "source",
    "store_stock": "store",  # at the hour's first instant [unit]; a pipeline: what is left of the day's quantity
    "unserved_fuel_w": "source",  # heat not made for want of fuel
    "unserved_capacity_w": "source",  # heat not made for want of capacity
}


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What one season left behind. All judging reads this and nothing else.

    Attributes
    ----------
    at, what, case, subject, cause, origin, value, detail : arrays, shape (entry,)
        The entries; see the module's head. ``what`` holds codes into :data:`KINDS`.
    details : tuple of dict
        Contents too rich for one number.
    tracks : dict of float32 arrays
        Hourly series, shape (hour,) or (hour, subject of the kind in :data:`TRACKS`); ``room_c`` has one row more.
        Rounded on storing, so a record in memory and one read back are the same.
    subjects : Subjects
    scenario : dict
        The resolved scenario, JSON values only: calendar, policies, costs, the unread ``guide`` table.
    calendar : dict
        ``origin`` (ISO date) and seconds from it: ``season_start``, ``season_end``, ``decided_start``,
        ``decided_end``, ``horizon``, ``end`` (every clock has come due).
    balances : dict
        Energy, fuel, water, call and case ledgers, each with its relative or integer error.
    summary : dict
        Headline numbers the world accounts for as it goes (heat, electricity, cost split, CO2).
    ended : dict
        ``code`` (``complete`` or a documented return code), ``at``, ``where``, ``why``.
    stamp : dict
        Versions, seed, replication, hashes of scenario and network.
    """

    at: npt.NDArray[np.int32]
    what: npt.NDArray[np.int16]
    case: npt.NDArray[np.int32]
    subject: npt.NDArray[np.int32]
    cause: npt.NDArray[np.int32]
    origin: npt.NDArray[np.int8]
    value: npt.NDArray[np.float64]
    detail: npt.NDArray[np.int32]
    details: tuple[dict[str, Any], ...]
    tracks: Mapping[str, npt.NDArray[np.float32]]
    subjects: Subjects
    scenario: Mapping[str, Any]
    calendar: Mapping[str, Any]
    balances: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    ended: Mapping[str, Any] = field(default_factory=dict)
    stamp: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.at)

    def rows(self, *names: str) -> npt.NDArray[np.int64]:
        """Return the rows (seq) of the given kinds, in order of noting."""
        if len(names) == 1:
            return np.flatnonzero(self.what == KIND_CODE[names[0]])
        return np.flatnonzero(np.isin(self.what, [KIND_CODE[name] for name in names]))

    def detail_of(self, seq: int) -> dict[str, Any]:
        """Return the entry's details, empty when it has none."""
        row = int(self.detail[seq])
        return dict(self.details[row]) if row >= 0 else {}

    def digest(self) -> str:
        """Return a hash of everything that happened (BLAKE2b, 128 bit): same inputs and seed, same digest."""
        h = hashlib.blake2b(digest_size=16)
        for column in (self.at, self.what, self.case, self.subject, self.cause, self.origin, self.value, self.detail):
            h.update(_bytes_of(column))
        for name in sorted(self.tracks):
            h.update(name.encode())
            h.update(_bytes_of(self.tracks[name]))
        h.update(_bytes_of(self.subjects.offset_k))
        for part in (self.details, self.balances, self.summary, self.calendar, self.ended):
            h.update(json.dumps(part, sort_keys=True, ensure_ascii=False, default=str).encode())
        return h.hexdigest()


def _bytes_of(values: npt.NDArray[Any]) -> memoryview:
    """Return the bytes of an array, not copied where they stand together already."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


class RecordBuilder:
    """Collects entries while a season runs; :meth:`columns` gives them as arrays."""

    def __init__(self) -> None:
        self._columns = {name: np.empty(_ROOM, dtype) for name, dtype in _COLUMNS.items()}
        self._rows: list[tuple[int, int, int, int, int, int, float, int]] = []  # noted, not yet in the columns
        self._seqs: list[int] = []  # of these
        self._count = 0
        self._cases = 0
        self.details: list[dict[str, Any]] = []

    def __len__(self) -> int:
        """Return the number of entries noted so far; also the next entry's seq."""
        return self._count

    def new_case(self) -> int:
        """Open a case and return its number."""
        return self.new_cases(1)

    def new_cases(self, count: int) -> int:
        """Open `count` cases and return the first one's number."""
        first = self._cases
        self._cases += count
        return first

    def note(
        self,
        at: int,
        what: str,
        subject: int,
        *,
        case: int = -1,
        cause: int = -1,
        value: float = float("nan"),
        detail: dict[str, Any] | None = None,
        origin: int = SIMULATED,
    ) -> int:
        """Note one happening and return its seq."""
        row = -1
        if detail is not None:
            row = len(self.details)
            self.details.append(detail)
        seq = self._count
        self._rows.append((at, KIND_CODE[what], case, subject, cause, origin, value, row))
        self._seqs.append(seq)
        self._count = seq + 1
        return seq

    def block(
        self,
        what: str | npt.NDArray[np.int16],
        at: npt.ArrayLike,
        subject: npt.ArrayLike,
        *,
        case: npt.ArrayLike = -1,
        cause: npt.ArrayLike = -1,
        value: npt.ArrayLike = float("nan"),
    ) -> int:
        """Note many happenings, of one kind or with a column of codes, and return the first one's seq."""
        times = np.asarray(at)
        seq = self._count
        room = self.room(len(times))
        room["at"][:] = times
        room["what"][:] = KIND_CODE[what] if isinstance(what, str) else what
        room["subject"][:] = subject
        room["case"][:] = case
        room["cause"][:] = cause
        room["value"][:] = value
        return seq

    def room(self, count: int) -> dict[str, npt.NDArray[Any]]:
        """Enter `count` happenings at once; return their columns, to be filled in but for origin and detail."""
        first, self._count = self._count, self._count + count
        self._reserve()
        added = {name: column[first : self._count] for name, column in self._columns.items()}
        added["origin"].fill(SIMULATED)
        added["detail"].fill(-1)
        return added

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column by seq as it stands; what lies beyond the last entry means nothing."""
        self._flush()
        return self._columns[name]

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the entries' columns by name."""
        self._flush()
        return {name: column[: self._count] for name, column in self._columns.items()}

    def _flush(self) -> None:
        if not self._rows:
            return
        self._reserve()
        seqs = np.array(self._seqs)
        for name, values in zip(_COLUMNS, zip(*self._rows, strict=True), strict=True):
            self._columns[name][seqs] = values
        self._rows.clear()
        self._seqs.clear()

    def _reserve(self) -> None:
        """Make the columns long enough for all entries."""
        room = len(self._columns["at"])
        if self._count > room:
            longer = max(2 * room, self._count)
            for name in self._columns:  # one after the other: no second copy of them all
                grown = np.empty(longer, self._columns[name].dtype)
                grown[:room] = self._columns[name]
                self._columns[name] = grown


_COLUMNS: dict[str, Any] = {
    "at": np.int32, "what": np.int16, "case": np.int32, "subject": np.int32, "cause": np.int32, "origin": np.int8,
    "value": np.float64, "detail": np.int32,
}  # fmt: skip
_ROOM = 1 << 21  # entries to begin with; memory that is not touched costs nothing
