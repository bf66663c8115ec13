"""A record day by day, and happening by happening: what charts, page and workbook share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..record import KIND_CODE, KINDS, Kind, Record

__all__ = ["QUANTILES", "Happening", "daily", "happenings", "stocks"]

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
_DAY_H = 24
_COUNTED = ("call_answered", "call_abandoned", "complaint_accepted", "outage_started")

# Kinds that come by the hundred or the hundred thousand: counted, not told one by one.
_MANY = frozenset({
    "call_answered", "call_abandoned", "enquiry_answered", "complaint_accepted", "complaint_responded", "visited",
    "nobody_home", "remedy_fell_short",
    "measurement_signed", "measurement_requested", "action_taken", "dwelling_remedied", "complaint_closed",
    "delay_explained", "cause_explained", "other_cause_found", "refund_due", "refund_settled", "room_sampled",
    "payment_overdue", "arrears_reminded", "supply_restricted", "restriction_lifted", "inspected", "fell_below_18",
    "rose_above_18", "supply_started", "supply_ended", "readiness_announced", "restoration_forecast", "stage_finished",
    "fuel_ordered", "fuel_delivered", "staff_absent", "authority_complained", "authority_handled", "authority_told",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry as a person reads it.

    Attributes
    ----------
    seq : int
        Its row in the record.
    when : str
        Local time to the minute.
    kind : Kind
    about : str
        Name of its subject.
    """

    seq: int
    when: str
    kind: Kind
    about: str


def daily(record: Record) -> dict[str, list[Any]]:
    """Return one row a day from the first readiness work to the physical horizon, as columns.

    Parameters
    ----------
    record : Record
        With or without hourly tracks.

    Returns
    -------
    dict of list
        ``day`` (ISO date); ``outdoor_mean_c``, ``outdoor_min_c`` [degC]; ``room_p01_c`` …: quantiles over
        households of their cohort's mean of the day [degC]; ``heat_gj``, ``unserved_gj`` [GJ]; and counts of what
        happened on the day. A column that the record has no evidence of is left out.
    """
    days = int(record.calendar["horizon"]) // 86_400
    origin = dt.date.fromisoformat(record.calendar["origin"])
    table: dict[str, list[Any]] = {"day": [(origin + dt.timedelta(days=day)).isoformat() for day in range(days)]}
    tracks = record.tracks
    if "outdoor_c" in tracks:
        outdoor = _by_day(tracks["outdoor_c"], days)
        table["outdoor_mean_c"] = _plain(outdoor.mean(axis=1), 2)
        table["outdoor_min_c"] = _plain(outdoor.min(axis=1), 2)
    if "room_c" in tracks and tracks["room_c"].size:
        for share, column in zip(QUANTILES, _room_quantiles(record, days), strict=True):
            table[f"room_p{round(100 * share):02d}_c"] = _plain(column, 2)
    if "source_heat_w" in tracks:
        table["heat_gj"] = _plain(_energy_gj(tracks["source_heat_w"], days), 1)
        lacking = [tracks[name] for name in ("unserved_fuel_w", "unserved_capacity_w") if name in tracks]
        if lacking:
            table["unserved_gj"] = _plain(_energy_gj(np.concatenate(lacking, axis=1), days), 1)
    for name in _COUNTED:
        day = record.at[record.rows(name)] // 86_400
        counts = np.bincount(day[day < days], minlength=days) if len(day) else np.zeros(days, np.int64)
        table[name] = [int(count) for count in counts]
    return table


def stocks(record: Record) -> dict[str, list[float]]:
    """Return what each store with a stock of its own holds at each midnight, as a share of its most [-].

    A pipeline's track is what is left of the day's quantity, which is used up or lapses: it is left out.
    """
    track = record.tracks.get("store_stock")
    if track is None or not track.size:
        return {}
    rows = record.subjects.rows("store")
    burnt = record.summary.get("fuel", {})
    shown = {}
    for column, row in enumerate(rows):
        name = record.subjects.id[row]
        most = float(track[:, column].max())
        if most > 0.0 and "gas" not in str(burnt.get(name, {}).get("fuel", "")):
            shown[name] = _plain(track[::_DAY_H, column] / most, 4)
    return shown


def happenings(record: Record) -> list[Happening]:
    """Return what happened that is rare enough to be told one by one, in time order."""
    rare = np.flatnonzero(~np.isin(record.what, [KIND_CODE[name] for name in _MANY]))
    rare = rare[np.lexsort((rare, record.at[rare]))]
    origin, subjects = dt.datetime.fromisoformat(record.calendar["origin"]), record.subjects
    told = []
    for seq in rare.tolist():
        subject = int(record.subject[seq])
        about = (subjects.name[subject] or subjects.id[subject]) if 0 <= subject < len(subjects) else ""
        at = origin + dt.timedelta(seconds=int(record.at[seq]))
        told.append(Happening(seq, f"{at:%Y-%m-%d %H:%M}", KINDS[record.what[seq]], about))
    return told


def _by_day(track: npt.NDArray[np.float32], days: int) -> npt.NDArray[np.float64]:
    return track[: days * _DAY_H].reshape(days, _DAY_H, *track.shape[1:]).astype(np.float64)


def _energy_gj(watts: npt.NDArray[np.float32], days: int) -> npt.NDArray[np.float64]:
    total: npt.NDArray[np.float64] = _by_day(watts, days).sum(axis=(1, 2)) * 3600.0 / 1e9
    return total


def _room_quantiles(record: Record, days: int) -> list[npt.NDArray[np.float64]]:
    """Return quantiles over households, shape (day,) each; a household stands with its cohort's mean of the day."""
    rooms = np.nanmean(_by_day(record.tracks["room_c"], days), axis=1)
    weight = record.subjects.households[record.subjects.rows("cohort")].astype(np.float64)
    order = np.argsort(rooms, axis=1, kind="stable")
    ranked = np.take_along_axis(rooms, order, axis=1)
    reached = np.cumsum(weight[order], axis=1)
    found = []
    for share in QUANTILES:
        place = (reached < share * reached[:, -1:]).sum(axis=1)
        found.append(ranked[np.arange(days), np.minimum(place, ranked.shape[1] - 1)])
    return found


def _plain(values: npt.NDArray[Any], decimals: int) -> list[float]:
    return [round(float(value), decimals) for value in values]
