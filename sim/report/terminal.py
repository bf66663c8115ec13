"""The scorecard in a terminal: 18 degC first, then what was breached, then every clause with the numbers behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..guide.clause import default_guide
from .figures import Figure, amount, count, error, share, spread_cells, unit, with_error
from .layout import Column, Page
from .words import Words

__all__ = ["paint", "say"]

Detail = Literal["short", "full", "long"]
Document = Mapping[str, Any]

BEARERS = ("operator", "authority")
UNJUDGED = ("reported", "no_evidence", "not_simulated")
STATES = ("met", "late", "missed", "open", "excused")
# Headline numbers after the room temperatures, and how each is written.
_FIGURES: dict[str, Figure] = {
    "outdoor_mean_c": amount,
    "coldest_day_c": amount,
    "degree_hours_below_18": count,
    "min_days_of_cover": amount,
    "heat_shed_gj": count,
    "outages": count,
    "longest_outage_h": amount,
    "calls": count,
    "answered_share": share,
    "complaints": count,
    "heat_gj": count,
    "revenue_cny": count,
    "cost_cny": count,
    "cost_cny_m2": amount,
    "co2_t": count,
}
_FEW_UNITS = 12
# What the cost of a kind is made of: which split of the headline, and how the names of its parts begin.
_WITHIN = {
    "hotline": ("staff_split_cny", "agents_"),
    "officers": ("staff_split_cny", "officers_"),
    "measurers": ("staff_split_cny", "measurers_"),
    "refunds": ("refund_split_cny", "below_"),
}
_STYLES = {"met": "\033[32m", "late": "\033[33m", "missed": "\033[31m", "breached": "\033[31m"}


def say(page: Page, document: Document, words: Words, detail: Detail = "full") -> None:
    """Write a scorecard, of one winter or of many.

    Parameters
    ----------
    page : Page
    document : mapping
        As ``run --json`` prints it.
    words : Words
    detail : {"short", "full", "long"}
        The headline alone; all clauses; all clauses with every gloss and worst case, and costs by shift and tier.
    """
    _head(page, document, words)
    _rooms(page, document, words)
    _breaches(page, document, words)
    if detail == "short":
        return
    _numbers(page, document, words, detail)
    _plants(page, document, words, detail)
    for bearer in BEARERS:
        _clauses(page, document, bearer, words, detail)
    for status in UNJUDGED:
        _unjudged(page, document, status, words)
    _balances(page, document, words, detail)


def paint(text: str, words: Words) -> str:
    """Colour the conclusions in a finished page (colour says nothing that the words do not)."""
    for status, style in _STYLES.items():
        said = re.escape(words(f"status.{status}"))
        text = re.sub(rf"(?<=  ){said}(?=  )", f"{style}{words(f'status.{status}')}\033[0m", text)
    return text


def _head(page: Page, document: Document, words: Words) -> None:
    title = document.get("title") or {}
    scenario = document["scenario"]
    name = words.either(title.get("zh", ""), title.get("en", "")) or scenario or words("card.record")
    page.title(f"{name} ({scenario})" if scenario and name != scenario else name)
    if scenario and document["network"]:
        names = {key: document[key] for key in ("network", "seed", "version")}
        many = document["replications"] > 1
        page.text(words("card.many" if many else "card.one", n=document["replications"], **names))
    if wanted := document.get("wanted"):
        page.text(words("card.interrupted", n=document["replications"], wanted=wanted))
    if document.get("weather_file"):
        page.text(words("card.weather_file", file=document["weather_file"]))
    if document.get("illustrative"):
        page.text(words("card.illustrative", network=document["network"]))
    if edits := document.get("edits"):
        listed = words.listing(edits)
        page.text(
            words("card.edits", n=len(edits), names=listed) if len(edits) > 1 else words("card.edit", names=listed)
        )
    if document.get("told_whole"):
        page.text(words("card.told_whole"))
    if season := document.get("season"):
        page.text(words("card.season", first=season["first_day"], last=season["last_day"]))
        if not season["as_in_guide"]:
            page.text(words("card.season_moved", guide_first=season["guide"][0], guide_last=season["guide"][1]))
    page.text(words("card.draft"))
    for change in document.get("overrides") or ():
        named = {**change, "unit": unit(change["unit"], words)}
        page.text(words("card.override", **named))
    ended = document["ended"]
    if ended.get("code") != "complete":
        page.text(words("card.ended", code=ended.get("code", ""), why=ended.get("why", ""), at=ended.get("at", "")))


def _rooms(page: Page, document: Document, words: Words) -> None:
    headline = document["headline"]
    page.title(words("rooms.title"), "-")
    rows = []
    for name, figure in (
        ("dwelling_hours_below_18", count),
        ("share_dwelling_hours_18", share),
        ("share_dwellings_always_18", share),
    ):
        strict, scope = headline.get(f"{name}_strict"), headline.get(f"{name}_in_scope")
        if strict is not None or scope is not None:
            rows.append((words(f"rooms.{name}"), with_error(strict, figure, words), with_error(scope, figure, words)))
    if not rows:
        page.text(words("rooms.none"))
        return
    heads = (Column("", wraps=True), Column(words("rooms.strict"), "right"), Column(words("rooms.in_scope"), "right"))
    page.table(heads, rows)
    coldest = [
        (words(f"rooms.{name}"), with_error(headline[name], figure, words))
        for name, figure in (
            ("coldest_1pct_hours_below_18", amount),
            ("coldest_1pct_degree_hours", amount),
            ("coldest_1pct_mean_c", amount),
        )
        if headline.get(name) is not None
    ]
    if coldest:
        page.text(words("rooms.coldest"))
        page.pairs(coldest)
    estates = headline.get("coldest_1_percent") or []
    if estates and document["replications"] == 1:
        told = [
            words("rooms.estate", name=e["substation"], n=e["dwellings"], mean=f"{e['mean_c']:.1f}")
            for e in estates[:3]
        ]
        page.text(words("rooms.where", estates=words.listing(told)), indent=2, hang=2)
    page.text(words("rooms.explained"))


def _breaches(page: Page, document: Document, words: Words) -> None:
    worst = {(row.get("worst_replication"), row["worst"]) for row in document["clauses"]}
    told = (((breach.get("replication"), breach["id"]), breach) for breach in document.get("breaches") or ())
    breaches = {which: breach for which, breach in told if which in worst}
    moved = document.get("sensitive") or ()
    page.title(words("breaches.title"), "-")
    for bearer in BEARERS:
        broken = [row for row in document["clauses"] if row["bearer"] == bearer and row["status"] == "breached"]
        if not broken:
            page.text(words("breaches.none", bearer=words(f"bearer.{bearer}")))
            continue
        page.text(words("breaches.some", bearer=words(f"bearer.{bearer}"), n=len(broken)))
        for row in broken:
            _about(page, row, breaches, words)
    _if_moved(page, moved, words)
    page.text(words("score.title"))
    page.pairs((words(f"bearer.{who}"), with_error(value, share, words)) for who, value in document["score"].items())


def _numbers(page: Page, document: Document, words: Words, detail: Detail) -> None:
    headline = document["headline"]
    page.title(words("numbers.title"), "-")
    lines = [
        (words(f"numbers.{name}"), headline[name], figure)
        for name, figure in _FIGURES.items()
        if headline.get(name) is not None
    ]
    for store, burnt in (headline.get("fuel") or {}).items():
        label = words("numbers.fuel", store=store, fuel=_fuel(burnt["fuel"], words), unit=burnt["unit"])
        lines.append((label, burnt["burnt"], count))
    for kind, cost in (headline.get("cost_split_cny") or {}).items():
        lines.append((words("numbers.cost", kind=_cost(kind, words)), cost, count))
        if detail == "long":
            split, start = _WITHIN.get(kind, ("", ""))
            lines += [
                (words("numbers.of_it", kind=_cost(part, words)), value, count)
                for part, value in (headline.get(split) or {}).items()
                if part.startswith(start)
            ]
    if document["replications"] == 1:
        page.pairs((label, with_error(value, figure, words)) for label, value, figure in lines)
        return
    heads = [
        Column("", wraps=True),
        *(Column(words(f"spread.{name}"), "right") for name in ("mean", "p05", "p50", "p95")),
    ]
    page.table(heads, [(label, *spread_cells(value, figure, words)) for label, value, figure in lines])


def _plants(page: Page, document: Document, words: Words, detail: Detail) -> None:
    """Say what units and tanks did: of few units always, of many when asked for everything."""
    units, tanks = document["headline"].get("units") or {}, document["headline"].get("tanks") or {}
    if not units or (detail != "long" and len(units) > _FEW_UNITS):
        return
    page.title(words("plants.title"), "-")
    power = [name for name in ("power_mwh",) if any(_mean(unit[name]) for unit in units.values())]
    figures = {"heat_gj": count, "hours": count, "starts": count, "efficiency": amount} | dict.fromkeys(power, count)
    heads = [Column(words("plants.unit"), wraps=True), *(Column(words(f"plants.{name}"), "right") for name in figures)]
    page.table(
        heads,
        [(id_, *(figure(_mean(unit[name]), words) for name, figure in figures.items())) for id_, unit in units.items()],
    )
    for source, tank in tanks.items():
        told = {name: count(_mean(value), words) for name, value in tank.items()}
        page.text(words("plants.tank", source=source, **told))


def _mean(value: Any) -> float:
    return float(value["mean"] if isinstance(value, Mapping) else value)


def _cost(kind: str, words: Words) -> str:
    return words(f"cost.{kind}") if f"cost.{kind}" in words else kind.replace("_", " ")


def _clauses(page: Page, document: Document, bearer: str, words: Words, detail: Detail) -> None:
    rows = [row for row in document["clauses"] if row["bearer"] == bearer and row["status"] not in UNJUDGED]
    page.title(words("clauses.title", bearer=words(f"bearer.{bearer}")), "-")
    heads = [
        Column(words("clauses.id")),
        Column(words("clauses.status")),
        Column(words("clauses.compliance"), "right"),
        Column(words("clauses.behind"), wraps=True),
    ]
    page.table(
        heads,
        [
            (
                row["id"] + ("*" if row.get("assumed") else ""),
                words(f"status.{row['status']}"),
                with_error(row["compliance"], share, words),
                _behind(row, words),
            )
            for row in rows
        ],
    )
    if any(row.get("assumed") for row in rows):
        page.text(words("clauses.assumed"))
    if detail == "long":
        for row in rows:
            _about(page, row, {}, words)


def _unjudged(page: Page, document: Document, status: str, words: Words) -> None:
    rows = [row for row in document["clauses"] if row["status"] == status]
    if not rows:
        return
    page.title(words(f"unjudged.{status}"), "-")
    for row in rows:
        reason = words.either(row.get("reason_zh", ""), row.get("reason_en", ""))
        page.item(row["id"], reason or _gloss(row, words), hang=8)
        _indicators(page, row, words)


def _balances(page: Page, document: Document, words: Words, detail: Detail) -> None:
    page.title(words("balances.title"), "-")
    page.text(words("balances.error", error=with_error(document["headline"].get("balance_error"), error, words)))
    if detail == "long":
        page.pairs((name, _ledger(value, words)) for name, value in (document.get("balances") or {}).items())


def _about(page: Page, row: Mapping[str, Any], breaches: Mapping[Any, Mapping[str, Any]], words: Words) -> None:
    """Say what a clause asks, how far it was kept, and its worst case."""
    page.item(row["id"], _gloss(row, words), hang=8, indent=2)
    page.text(f"{with_error(row['compliance'], share, words)}; {_behind(row, words)}", indent=10)
    if row["worst"]:
        winter = row.get("worst_replication")
        breach = breaches.get((winter, row["worst"]))
        by = _margin(breach, words) if breach else ""
        by = words("card.never_done") if breach and breach.get("never_done") else by
        where = "" if winter is None else words("clauses.winter", n=winter)
        page.text(words("clauses.worst", worst=row["worst"] + where, by=by), indent=10)
    _indicators(page, row, words)


def _behind(row: Mapping[str, Any], words: Words) -> str:
    """Say the counts behind a clause, leaving out those that are zero."""
    parts = []
    for state in STATES:
        value = row.get(state)
        size = value.get("mean") if isinstance(value, Mapping) else value
        if size:
            parts.append(words(f"state.{state}", n=with_error(value, count, words)))
    return words.listing(parts) or words("state.nothing")


def _if_moved(page: Page, moved: Sequence[Mapping[str, Any]], words: Words) -> None:
    """Say which conclusions would be others, were an assumed number elsewhere in its range."""
    if not moved:
        return
    page.text(words("sensitive.title"))
    for row in moved:
        for end in ("low", "high"):
            status = row[f"status_{end}"]
            if status != row["status"]:
                said = words(
                    "sensitive.flips",
                    number=row["number"],
                    end=f"{row[end]:g}",
                    unit=unit(row["unit"], words),
                    value=f"{row['value']:g}",
                    status=words(f"status.{status}"),
                )
                page.item(row["clause"], said, hang=8, indent=2)


def _margin(breach: Mapping[str, Any], words: Words) -> str:
    return words("clauses.by", margin=amount(abs(breach["margin"]), words), unit=unit(breach["unit"], words))


def _indicators(page: Page, row: Mapping[str, Any], words: Words) -> None:
    shown = {name: value for name, value in (row.get("indicators") or {}).items() if value is not None}
    for name, value in shown.items():
        if isinstance(value, (list, tuple)):
            value = words.listing([str(item) for item in value])
        label = words(f"indicator.{name}") if f"indicator.{name}" in words else name.replace("_", " ")
        figure = share if "share" in name else amount
        page.text(f"{label}: {with_error(value, figure, words) if _is_number(value) else value}", indent=10, hang=2)


def _ledger(value: Any, words: Words) -> str:
    if isinstance(value, Mapping) and "error" in value:
        return with_error(value["error"], error, words)
    return with_error(value, error, words) if _is_number(value) else str(value)


def _gloss(row: Mapping[str, Any], words: Words) -> str:
    clause = default_guide()[row["id"]]
    return words.either(clause.gloss_zh, clause.gloss_en)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, Mapping) and ("mean" in value or "n" in value))


def _fuel(name: str, words: Words) -> str:
    return words(f"fuel.{name}") if f"fuel.{name}" in words else name
