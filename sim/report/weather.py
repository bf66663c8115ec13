"""``weather show``: the winter of a scenario by month, and its daily means as a row of bars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...scenarios.calendar import Calendar
from ...scenarios.weather.weather import Weather, make_weather
from .layout import Column, Page, spark
from .words import Words

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

__all__ = ["describe", "say"]

BASE_C = 18.0  # of degree-days


def describe(scenario: Scenario, replication: int = 0) -> dict[str, Any]:
    """Return what a winter is like.

    Parameters
    ----------
    scenario : Scenario
    replication : int
        Which of its winters.

    Returns
    -------
    dict
        ``months`` (temperatures [degC], sun [kWh/m2 per day], snow [mm]), ``daily_mean_c``, and of the heating period:
        ``coldest_day``, days below the design temperature and up to 5 degC, degree-days to 18 degC [K d].
    """
    calendar = Calendar.of(scenario)
    weather = make_weather(scenario.weather, calendar.origin, calendar.days, scenario.seed, replication)
    dates = [calendar.date(day) for day in range(calendar.days)]
    period = slice(calendar.day(calendar.season_start_s), calendar.day(calendar.season_end_s))
    daily = weather.daily_mean_c[period]
    coldest = period.start + int(np.argmin(daily))
    return {
        "scenario": scenario.name,
        "kind": scenario.weather.kind,
        "seed": scenario.seed,
        "replication": replication,
        "first_day": dates[0].isoformat(),
        "design_outdoor_c": weather.design_outdoor_c,
        "months": _months(weather, dates),
        "heating_period": {
            "first_day": dates[period.start].isoformat(),
            "last_day": dates[period.stop - 1].isoformat(),
            "mean_c": float(daily.mean()),
            "coldest_day": dates[coldest].isoformat(),
            "coldest_day_mean_c": float(weather.daily_mean_c[coldest]),
            "days_below_design": int((daily < weather.design_outdoor_c).sum()),
            "days_up_to_5": int((daily <= 5.0).sum()),
            "degree_days_18": float(np.maximum(BASE_C - daily, 0.0).sum()),
        },
        "daily_mean_c": [round(float(value), 2) for value in weather.daily_mean_c],
    }


def say(page: Page, described: Mapping[str, Any], words: Words) -> None:
    """Write the winter down: a table of months, then one bar per day."""
    period = described["heating_period"]
    page.title(words("weather.title", scenario=described["scenario"], seed=described["seed"]))
    page.pairs(
        [
            (words("weather.period"), f"{period['first_day']} .. {period['last_day']}"),
            (words("weather.mean"), f"{period['mean_c']:.1f} ℃"),
            (words("weather.coldest"), f"{period['coldest_day']}  {period['coldest_day_mean_c']:.1f} ℃"),
            (
                words("weather.below_design", design=f"{described['design_outdoor_c']:g}"),
                words("weather.days", n=period["days_below_design"]),
            ),
            (words("weather.up_to_5"), words("weather.days", n=period["days_up_to_5"])),
            (words("weather.degree_days"), f"{period['degree_days_18']:,.0f} K d"),
        ]
    )
    page.blank()
    heads = [Column(words("weather.month"))] + [
        Column(words(f"weather.{name}"), "right") for name in ("mean_c", "lowest_c", "highest_c", "sun", "snow")
    ]
    page.table(
        heads,
        [
            (
                row["month"],
                f"{row['mean_c']:.1f}",
                f"{row['lowest_c']:.1f}",
                f"{row['highest_c']:.1f}",
                f"{row['sun_kwh_m2_d']:.1f}",
                f"{row['snow_mm']:.0f}",
            )
            for row in described["months"]
        ],
    )
    page.blank()
    daily = described["daily_mean_c"]
    low, high = min(daily), max(daily)
    page.text(words("weather.bars", low=f"{low:.1f}", high=f"{high:.1f}"))
    first = dt.date.fromisoformat(described["first_day"])
    room = page.width - 12
    step = max(1, min(30, room // page.ambiguous))
    for start in range(0, len(daily), step):
        page.lines.append(f"{first + dt.timedelta(days=start)}  {spark(daily[start : start + step], low, high)}")


def _months(weather: Weather, dates: list[dt.date]) -> list[dict[str, Any]]:
    names = np.array([f"{date:%Y-%m}" for date in dates])
    rows = []
    for name in dict.fromkeys(names.tolist()):
        days = np.flatnonzero(names == name)
        hours = np.repeat(names == name, 24)
        rows.append(
            {
                "month": name,
                "days": len(days),
                "mean_c": float(weather.daily_mean_c[days].mean()),
                "lowest_c": float(weather.outdoor_c[hours].min()),
                "highest_c": float(weather.outdoor_c[hours].max()),
                "sun_kwh_m2_d": float(weather.solar_w_m2[hours].sum() / 1000.0 / len(days)),
                "snow_mm": float(weather.snow_mm[hours].sum()),
            }
        )
    return rows
