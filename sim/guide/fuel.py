"""The judge of fuel: no source makes less heat for want of it; and how long stocks and contracts would have lasted."""

from __future__ import annotations

import numpy as np

from .facts import F64, Facts
from .parts import HOUR_S
from .rows import MET, MISSED, OPEN, Rows
from .trouble import trouble_at

__all__ = ["days_of_cover", "fuel"]


def fuel(facts: Facts) -> Rows:
    """Heat each source did not make for want of fuel; the margin is in days of its mean output, or of cover left."""
    unserved = facts.record.tracks["unserved_fuel_w"]
    sources = facts.subjects_of("source")
    h0, h1 = facts.hour_range("unserved_fuel_w")
    short = np.asarray(unserved[h0:h1], np.float64)
    lost = short.sum(axis=0)
    heat = facts.record.tracks.get("source_heat_w")
    made = lost.copy() if heat is None else lost + np.asarray(heat[h0:h1], np.float64).sum(axis=0)
    over = facts.hours_of("unserved_fuel_w") * HOUR_S >= facts.season_end_s
    if heat is not None and over and not made.any():  # no heat was wanted of anyone: fuel was never put to the test
        sources, lost, made = sources[:0], lost[:0], made[:0]
    share = np.divide(lost, made, out=np.zeros_like(lost), where=made > 0)
    whole_d = max(h1 - h0, 1) / 24.0
    cover = np.minimum(days_of_cover(facts), _days_beyond_contract(facts))
    store_operator = facts.group(facts.record.subjects.rows("store").astype(np.int64), "operator")
    operator = facts.group(sources, "operator")
    covered = np.array([cover[store_operator == owner].min(initial=np.inf) for owner in operator])
    margin = np.where(lost > 0, -share * whole_d, np.minimum(covered, whole_d))
    state = np.where(lost > 0, MISSED, MET if over else OPEN)
    trigger = np.full(len(sources), -1, np.int64)
    for i in np.flatnonzero(lost > 0):
        first = h0 + int(np.flatnonzero(short[:, i] > 0)[0])
        trigger[i] = trouble_at(facts, first, int(sources[i]), want="fuel")
    return Rows.of(state, margin, "d", subject=sources, trigger=trigger, opened_s=facts.start_s, counted="sources",
                   relative=np.where(lost > 0, -share, margin))  # fmt: skip


def days_of_cover(facts: Facts) -> F64:
    """Return for each store its least days of cover in the heating period, shape (store,) [d].

    The cover at an hour is how long its stock would have lasted against what was burnt from then on, had nothing more
    come. Where it would have lasted to the end of the heating period it is infinite, and so it is for a store that is
    no stock: a pipeline's quantity is there anew each day without a delivery, and its cover is the contract's.
    """
    stores = facts.record.subjects.rows("store")
    least = np.full(len(stores), np.inf)
    for i, (level, change) in _levels(facts).items():
        burnt = np.concatenate([[0.0], np.cumsum(np.maximum(change, 0.0))])
        if len(burnt) < 2 or burnt[-1] <= 0.0 or _anew_each_day(level, change):
            continue
        hour = np.arange(len(burnt))
        until = np.maximum(np.searchsorted(burnt, burnt + level[: len(burnt)], side="left"), hour)
        short = until < len(burnt)
        if short.any():
            least[i] = float((until - hour)[short].min()) / 24.0
    return least


def _days_beyond_contract(facts: Facts) -> F64:
    """Return how much longer each pipeline's quantity would have lasted on its tightest day, shape (store,) [d].

    Infinite for a stock: its cover is :func:`days_of_cover`.
    """
    least = np.full(len(facts.record.subjects.rows("store")), np.inf)
    first = -facts.hour_range("store_stock")[0] % 24  # the first midnight
    for i, (level, change) in _levels(facts).items():
        if not _anew_each_day(level, change):
            continue
        days = level[first : first + (len(level) - first) // 24 * 24].reshape(-1, 24)
        used = (days[:, 0] - days[:, -1]) * (24.0 / 23.0)  # the last hour is seen only after the next day's grant
        left = days[:, 0] - used
        if (used > 0.0).any():
            least[i] = max(float((left[used > 0.0] / used[used > 0.0]).min()), 0.0)
    return least


def _levels(facts: Facts) -> dict[int, tuple[F64, F64]]:
    """Return each store's stock by hour of the heating period, and what left it in each hour besides deliveries."""
    stock = facts.record.tracks.get("store_stock")
    if stock is None:
        return {}
    h0, h1 = facts.hour_range("store_stock")
    delivered = facts.rows("fuel_delivered")
    found = {}
    for i, store in enumerate(facts.record.subjects.rows("store").tolist()):
        level = np.asarray(stock[h0:h1, i], np.float64)
        mine = delivered[facts.subject[delivered] == store]
        came_in = facts.at[mine] // HOUR_S - h0
        inside = (came_in >= 0) & (came_in < len(level) - 1)
        came = np.bincount(came_in[inside], facts.record.value[mine][inside], max(len(level) - 1, 0))
        found[i] = (level, level[:-1] + came - level[1:])
    return found


def _anew_each_day(level: F64, change: F64) -> bool:
    """Return whether a store fills without a delivery on more than every other day, as a pipeline's quantity does."""
    return bool(np.count_nonzero(change < -0.01 * level.max(initial=0.0)) > len(change) / 48.0)
