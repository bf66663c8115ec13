"""The page's pictures as Vega-Lite charts, drawn by the browser from data that stands in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from .daily import QUANTILES
from .map import NetworkMap
from .words import Words

__all__ = ["compliance", "days_heat", "days_hotline", "days_rooms", "days_stocks", "network", "specification"]

COLD, WARM, WRONG, QUIET = "#2b6cb0", "#c05621", "#9b2c2c", "#718096"
_STATUS_COLOURS = {"met": "#2f855a", "breached": WRONG, "open": QUIET, "excused": QUIET}
_WIDTH, _HEIGHT = 860, 220
_ROOM_C = 18.0  # guide 2.3
_DAYS = alt.Axis(format="%m-%d", labelOverlap=True)

Columns = Mapping[str, Sequence[Any]]


def specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return a chart as the JSON values that vega-embed takes, in a font that every system has signs of."""
    fonts = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif'
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = {"font": fonts, "view": {"stroke": None}, "axis": {"grid": True, "gridColor": "#edf2f7"}}
    return spec


def days_rooms(days: Columns, words: Words) -> alt.TopLevelMixin | None:
    """Return rooms (the coldest and the warmest hundredth, the middle half, the median) over the outdoors."""
    if "room_p50_c" not in days:
        return None
    names = [f"room_p{round(100 * share):02d}_c" for share in QUANTILES]
    base = alt.Chart(_rows(days, [*names, "outdoor_mean_c"])).encode(x=_day())
    told = [alt.Tooltip("day:T", title=words("report.axis.day"), format="%Y-%m-%d")]
    told += [alt.Tooltip(f"{name}:Q", title=words(f"report.column.{name}")) for name in [*names, "outdoor_mean_c"]]
    scale = alt.Scale(zero=False)
    return (
        alt.layer(
            base.mark_area(opacity=0.2, color=WARM).encode(
                y=alt.Y(f"{names[0]}:Q", title=words("report.axis.temperature"), scale=scale),
                y2=f"{names[-1]}:Q",
                tooltip=told,
            ),
            base.mark_area(opacity=0.4, color=WARM).encode(y=f"{names[1]}:Q", y2=f"{names[3]}:Q", tooltip=told),
            base.mark_line(color=WARM).encode(y=f"{names[2]}:Q", tooltip=told),
            base.mark_line(color=COLD, strokeWidth=1.2).encode(y="outdoor_mean_c:Q", tooltip=told),
            alt.Chart(alt.Data(values=[{"y": _ROOM_C}])).mark_rule(color=WRONG, strokeDash=[6, 3]).encode(y="y:Q"),
        )
        .properties(width=_WIDTH, height=_HEIGHT + 60)
        .interactive(bind_y=False)
    )


def days_heat(days: Columns, words: Words) -> alt.TopLevelMixin | None:
    """Return heat made and heat that lacked, day by day [GJ]."""
    names = [name for name in ("heat_gj", "unserved_gj") if name in days]
    return _bars(days, names, [WARM, WRONG], "heat", words) if names else None


def days_hotline(days: Columns, words: Words) -> alt.TopLevelMixin | None:
    """Return calls answered and given up, day by day."""
    names = [name for name in ("call_answered", "call_abandoned") if sum(days[name])]
    return _bars(days, names, [COLD, WRONG], "calls", words) if names else None


def days_stocks(days: Columns, stocks: Columns, words: Words) -> alt.TopLevelMixin | None:
    """Return what the stores hold, as a share of their most."""
    if not stocks:
        return None
    values = [
        {"day": day, "store": store, "share": share}
        for store, column in stocks.items()
        for day, share in zip(days["day"], column, strict=False)
    ]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_line()
        .encode(
            x=_day(),
            y=alt.Y("share:Q", title=words("report.axis.stock"), axis=alt.Axis(format="%")),
            color=alt.Color("store:N", title=None, legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("store:N", legend=None),
            tooltip=[alt.Tooltip("day:T"), alt.Tooltip("store:N"), alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )


def compliance(clauses: Sequence[Mapping[str, Any]], words: Words) -> alt.TopLevelMixin | None:
    """Return how much of each judged clause was not kept, on a scale on which one in ten thousand can be seen."""
    rows = []
    for row in clauses:
        value = row["compliance"]
        kept = value.get("pooled", value.get("mean")) if isinstance(value, Mapping) else value
        if kept is not None:
            said = words(f"status.{row['status']}")
            rows.append({"clause": row["id"], "broken": max(1.0 - kept, 1e-5), "kept": kept, "status": said})
    if not rows:
        return None
    colour = {words(f"status.{status}"): colour for status, colour in _STATUS_COLOURS.items()}
    present = [said for said in colour if any(row["status"] == said for row in rows)]
    scale = alt.Scale(domain=present, range=[colour[said] for said in present])
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            y=alt.Y("clause:N", sort=None, title=None),
            x=alt.X(
                "broken:Q",
                title=words("report.axis.broken"),
                scale=alt.Scale(type="log", domain=[1e-5, 1.0]),
                axis=alt.Axis(values=[1e-4, 1e-3, 1e-2, 0.1, 1.0], format="~%"),
            ),
            x2=alt.datum(1e-5),
            color=alt.Color("status:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
            tooltip=[alt.Tooltip("clause:N"), alt.Tooltip("status:N"), alt.Tooltip("kept:Q", format=".4%")],
        )
        .properties(width=_WIDTH - 60, height=18 * len(rows))
    )


def network(drawn: NetworkMap, words: Words) -> alt.TopLevelMixin:
    """Return the network with its substations by how long their dwellings were below 18 °C."""
    x, y = (alt.Scale(domain=domain, nice=False) for domain in drawn.window)
    places = {
        "x": alt.X("x:Q", axis=None, scale=x),
        "y": alt.Y("y:Q", axis=None, scale=y),
    }
    pipes = (
        alt.Chart(alt.Data(values=drawn.pipes))
        .mark_rule(color="#a0aec0")
        .encode(
            **places,
            x2="x2:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("mm:Q", scale=alt.Scale(range=[0.6, 4.0]), legend=None),
            tooltip=[
                alt.Tooltip("id:N", title=words("report.map.pipe")),
                alt.Tooltip("road:N", title=words("report.map.road")),
                alt.Tooltip("mm:Q", title="DN"),
            ],
        )
    )
    substations = (
        alt.Chart(alt.Data(values=drawn.substations))
        .mark_circle(stroke="#4a5568", strokeWidth=0.5, opacity=0.95)
        .encode(
            **places,
            size=alt.Size("households:Q", scale=alt.Scale(range=[20, 220]), legend=None),
            color=alt.Color(
                "hours:Q",
                title=words("report.map.hours"),
                scale=alt.Scale(scheme="yelloworangered", type="symlog", constant=1.0),
                legend=alt.Legend(orient="right"),
            ),
            tooltip=[
                alt.Tooltip("estate:N", title=words("report.map.estate")),
                alt.Tooltip("households:Q", title=words("report.map.households")),
                alt.Tooltip("hours:Q", title=words("report.map.hours"), format=".1f"),
                alt.Tooltip("least_c:Q", title=words("report.map.least"), format=".1f"),
                alt.Tooltip("outage_h:Q", title=words("report.map.outage"), format=".1f"),
            ],
        )
    )
    sources = (
        alt.Chart(alt.Data(values=drawn.sources))
        .mark_point(shape="triangle-up", size=220, filled=True, color="#1a202c", opacity=1.0)
        .encode(**places, tooltip=[alt.Tooltip("name:N", title=words("report.map.source"))])
    )
    names = (
        alt.Chart(alt.Data(values=drawn.sources))
        .mark_text(dy=-14, fontWeight="bold", color="#1a202c")
        .encode(**places, text="name:N")
    )
    height = round(_WIDTH * drawn.height_over_width)
    return alt.layer(pipes, substations, sources, names).properties(
        width=_WIDTH - 60, height=min(max(height, 200), 900)
    )


def _bars(days: Columns, names: Sequence[str], colours: Sequence[str], axis: str, words: Words) -> alt.TopLevelMixin:
    said = [words(f"report.column.{name}") for name in names]
    values = [
        {"day": day, "what": label, "value": value}
        for name, label in zip(names, said, strict=True)
        for day, value in zip(days["day"], days[name], strict=True)
    ]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=_DAYS),
            y=alt.Y("value:Q", title=words(f"report.axis.{axis}")),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=said, range=list(colours)),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d"), alt.Tooltip("what:N"), alt.Tooltip("value:Q")],
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )


def _day() -> alt.X:
    return alt.X("day:T", title=None, axis=_DAYS)


def _rows(days: Columns, names: Sequence[str]) -> alt.Data:
    present = [name for name in ("day", *names) if name in days]
    return alt.Data(
        values=[dict(zip(present, row, strict=True)) for row in zip(*(days[n] for n in present), strict=True)]
    )
