"""How far a clause is from breaking, or how badly it is broken: one signed number in its own unit, one without a unit.

Both are continuous in the facts and never fall when a fact gets better. A part that is kept has as much to spare as the
tightest of its duties; one that is broken lacks what all its broken duties lack together. So a winter with a hundred
late answers stands further off than one with ten, and a late one further than one barely late.

Without a unit a duty's margin is what it has to spare or lacks, by its limit, bent into (-1, 1): ``x / (1 + |x|)``. A
kept part has the least of them; a broken one minus the share of its duties that are broken, each counted by how badly:
near nothing when barely late, nearly one when never done. A clause has the least of its parts', in that part's unit.

==========================  =========================================  ===========================================
judged                      in its own unit (kept; broken)             limit it is measured by
==========================  =========================================  ===========================================
within, before              hours before the due time; hours late,     the time allowed; a day where a date is given
                            all together [h]
carries a trail             hours to spare after its last entry;       the time allowed
                            hours missing [h]
carries contents, never     how many would have to be wrong; how       how many there are
                            many were
uninterrupted               least share of need above a stop's, over   what is above a stop's share; the heating
                            an hour; hours of stop [h]                 period
attended                    agents beyond the one asked, over an       an hour; a day
                            hour; minutes unstaffed, as agent-minutes
covered                     overlap at the tightest handover; hours    the time from first work to restoration
                            without a crew [h]
rooms                       coldest dwelling above the floor, over     the floor above the design temperature
                            an hour; degree-hours below [K h]
warm at an instant          coldest dwelling above; kelvins below,     the same
                            of all dwellings together [K]
share of counts             above the floor; below, all together       the floor
fuel                        least days of cover; days of mean output   a day; the output asked for
                            not made for want of fuel [d]
==========================  =========================================  ===========================================

What is kept and cannot be kept any better (all of all) says nothing of how near it was: it has no say in its clause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .facts import F64
from .rows import LATE, MET, MISSED, Rows

__all__ = ["Margin", "least", "margin_of"]


@dataclass(frozen=True, slots=True)
class Margin:
    """How far from breaking: not negative when kept, negative when broken.

    Attributes
    ----------
    value : float
        In `unit`.
    unit : str
    relative : float
        The same without a unit, between -1 and 1.
    """

    value: float
    unit: str
    relative: float


def margin_of(rows: Rows) -> Margin | None:
    """Return the margin of a part's judged rows; None where none was judged, or none could be kept any better."""
    kept, broken = rows.state == MET, (rows.state == LATE) | (rows.state == MISSED)
    if broken.any():
        amount = rows.amount[broken]
        share = float((amount * _bent(rows.relative[broken])).sum() / rows.amount[kept | broken].sum())
        # a duty that is broken without a distance (late by the least there is) is broken all the same
        return Margin(min(float(rows.lacking[broken].sum()), -_LEAST), rows.shortfall_unit, min(share, -_LEAST))
    spare = kept & np.isfinite(rows.relative)
    if not spare.any():
        return None
    return Margin(
        max(float(rows.margin[spare].min()), 0.0),
        rows.shortfall_unit,
        max(float(_bent(rows.relative[spare]).min()), 0.0),
    )


def least(margins: list[Margin | None]) -> Margin | None:
    """Return the margin of a clause from those of its parts: the one that binds."""
    known = [margin for margin in margins if margin is not None]
    return min(known, key=lambda margin: margin.relative, default=None)


_LEAST = 1e-9


def _bent(relative: F64) -> F64:
    return np.asarray(relative / (1.0 + np.abs(relative)))
