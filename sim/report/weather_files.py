"""``weather fit`` and ``weather make``: the generator's numbers from a file, and a file from the generator."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...network_models.problems import Problem, ScenarioError
from ...scenarios.calendar import Calendar
from ...scenarios.scenario import Scenario, load
from ...scenarios.season import years_later
from ...scenarios.weather.calibration import Calibration, calibrate
from ...scenarios.weather.observed import observe
from ...scenarios.weather.origin import Hourly
from ...scenarios.weather.synthetic import Synthetic
from ...scenarios.weather.table import hourly_text, read_rows
from ...scenarios.weather.weather import make_hours
from .layout import Column, Page
from .words import Words

__all__ = ["fit", "make", "say_fit", "say_made", "scenario_of", "write_fit"]

_FILES = (".csv", ".epw", ".txt")
_INDEXED = re.compile(r"(?P<name>.+)\[(?P<month>\d+)\]")


def scenario_of(text: str, changes: list[str]) -> Scenario:
    """Return a scenario by its name or path; of a weather file, one whose winter it is.

    The season of a table begins in the year of its first row.
    """
    file = Path(text)
    if file.suffix.lower() not in _FILES:
        return load(text, changes)
    kind = "epw" if file.suffix.lower() == ".epw" else "table"
    scenario = load("hanzhong", [f"weather.kind={kind}", f"weather.file={json.dumps(str(file))}", *changes])
    if kind == "table":
        moments = [moment for moment in read_rows(file).when if moment]
        if moments:
            season = scenario.season.in_year(min(moments).year)
            scenario = scenario.model_copy(update={"season": season})
    return scenario.model_copy(update={"name": file.name, "title_zh": "", "title_en": ""})


def fit(file: Path, scenario: str) -> dict[str, Any]:
    """Fit the generator to a weather file.

    Parameters
    ----------
    file : Path
        A table or an EPW file.
    scenario : str
        Gives what the file does not tell, and the days that count as winter.

    Returns
    -------
    dict
        ``estimates`` (path, value, se, before), ``tails`` (days, observed_c, se_k, generator_c), ``monthly_mean_c``,
        ``winters``, ``days``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the file.
    """
    base = load(scenario)
    weather = base.weather
    generator = weather if isinstance(weather, Synthetic) else Synthetic(climate=weather.climate)
    observed = observe(file)
    found = calibrate(observed, generator, base.season.readiness_start, base.season.latest_end)
    dates = observed.dates()
    return {
        "file": str(file),
        "kind": observed.kind,
        "scenario": scenario,
        "first_day": dates[0].isoformat() if observed.kind != "epw" else None,
        "last_day": dates[-1].isoformat() if observed.kind != "epw" else None,
        **_document(found),
    }


def write_fit(out: Path, document: Mapping[str, Any]) -> None:
    """Write the fitted numbers as a scenario that extends the one they were fitted for."""
    place = Path(document["scenario"])
    extends = str(place.resolve()) if place.is_file() else document["scenario"]
    lines = [
        f"# weather fit {Path(document['file']).name}: {document['winters']} winters, {document['days']} days",
        "schema_version = 1",
        f"extends = {json.dumps(extends, ensure_ascii=False)}",
        f"name = {json.dumps(out.stem, ensure_ascii=False)}",
        "",
        "[weather]",
        'kind = "synthetic"',
    ]
    tables: dict[str, list[str]] = {"": [], "climate.": []}
    rows: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in document["estimates"]:
        path, error = row["path"], _error(row["se"])
        if match := _INDEXED.fullmatch(path):
            rows.setdefault(match["name"], {})[int(match["month"])] = row
            continue
        table = "climate." if path.startswith("climate.") else ""
        tables[table].append(f"{path.removeprefix(table)} = {row['value']}{f'  # {error}' if error else ''}")
    base = load(document["scenario"]).weather
    given = base if isinstance(base, Synthetic) else Synthetic(climate=base.climate)
    for name, months in rows.items():
        table = "climate." if name.startswith("climate.") else ""
        before = getattr(given.climate if table else given, name.removeprefix(table))
        values = [months[m]["value"] if m in months else before[m] for m in range(12)]
        least, most = (bound(row["se"] or 0.0 for row in months.values()) for bound in (min, max))
        kept = [str(m + 1) for m in range(12) if m not in months]
        told = f"± {least:.3g} to {most:.3g}" + (f"; months {', '.join(kept)} as they were" if kept else "")
        tables[table] += [f"# {told}", f"{name.removeprefix(table)} = {values}"]
    lines += [*tables[""], "", "[weather.climate]", *tables["climate."]]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def say_fit(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Write the estimates down with their standard errors, and the tails."""
    page.title(words("weather.fit.title", file=Path(document["file"]).name))
    page.text(words("weather.fit.data", winters=document["winters"], days=document["days"]))
    page.blank()
    heads = [
        Column(words("weather.fit.number"), wraps=True),
        *(Column(words(f"weather.fit.{name}"), "right") for name in ("value", "se", "before")),
    ]
    page.table(
        heads,
        [(row["path"], f"{row['value']:.3f}", _error(row["se"], ""), f"{row['before']:.3f}")
         for row in document["estimates"]],
    )  # fmt: skip
    page.blank()
    for tail in document["tails"]:
        error = f" {_error(tail['se_k'])}" if tail["se_k"] is not None else ""
        said = words(
            "weather.fit.tail", days=f"{tail['days']:g}", observed=f"{tail['observed_c']:.2f}{error}",
            generator=f"{tail['generator_c']:.2f}",
        )  # fmt: skip
        page.text(said)
    if not any(row["path"] == "climate.design_outdoor_c" for row in document["estimates"]):
        page.text(words("weather.fit.few"))


def make(scenario: Scenario, out: Path, *, year: int | None = None, winters: int = 1) -> dict[str, Any]:
    """Write a scenario's winters as an hourly table.

    Parameters
    ----------
    scenario : Scenario
    out : Path
        The file.
    year : int, optional
        Year in which the (first) season's readiness works begin; the scenario's own when left out. Overlays move along.
    winters : int
        Replications 0, 1, …, each a year after the one before.

    Returns
    -------
    dict
        ``file``, ``first_day``, ``last_day``, ``hours``, ``winters``, ``seed``.
    """
    begin = scenario.season.readiness_start.year
    first = year or begin
    if not dt.MINYEAR < first <= dt.MAXYEAR - winters:
        raise ScenarioError([Problem("--year", str(year), "a year of the calendar")])
    parts: list[tuple[dt.date, Hourly]] = []
    for number in range(winters):
        moved = in_year(scenario, first + number)
        calendar = Calendar.of(moved)
        parts.append((calendar.origin, make_hours(moved.weather, calendar.origin, calendar.days, moved.seed, number)))
    texts = [hourly_text(origin, hourly) for origin, hourly in parts]
    head = texts[0].partition("\n")[0] + "\n"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(head + "".join(text.partition("\n")[2] for text in texts), encoding="utf-8", newline="\n")
    hours = sum(len(hourly.outdoor_c) for _, hourly in parts)
    last = parts[-1][0] + dt.timedelta(days=len(parts[-1][1].outdoor_c) // 24 - 1)
    return {
        "file": str(out), "first_day": parts[0][0].isoformat(), "last_day": last.isoformat(), "hours": hours,
        "winters": winters, "seed": scenario.seed,
    }  # fmt: skip


def in_year(scenario: Scenario, year: int) -> Scenario:
    """Return a scenario with its season, and what is laid over its weather, in another year."""
    later = year - scenario.season.readiness_start.year
    overlays = [
        overlay.model_copy(update={"start": years_later(overlay.start, later)})
        if hasattr(overlay, "start")
        else overlay
        for overlay in scenario.weather.overlays
    ]
    weather = scenario.weather.model_copy(update={"overlays": tuple(overlays)})
    return scenario.model_copy(update={"season": scenario.season.in_year(year), "weather": weather})


def say_made(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what was written, and how a scenario takes it."""
    page.text(words("weather.make.done", **document))
    page.text(words("weather.make.use"))
    for line in ("[weather]", 'kind = "table"', f"file = {json.dumps(document['file'], ensure_ascii=False)}",
                 "overlays = []"):  # fmt: skip
        page.text(line, indent=2)


def _document(found: Calibration) -> dict[str, Any]:
    return {
        "winters": found.winters,
        "days": found.days,
        "estimates": [
            {"path": e.path, "value": round(e.value, 4), "se": _known(e.se), "before": e.before}
            for e in found.estimates
        ],
        "tails": [
            {"days": t.days, "observed_c": t.observed_c, "se_k": _known(t.se_k), "generator_c": t.generator_c}
            for t in found.tails
        ],
        "monthly_mean_c": [_known(float(value)) for value in np.asarray(found.monthly_mean_c)],
    }


def _known(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def _error(se: float | None, sign: str = "± ") -> str:
    """Return a standard error; nothing for what is given, not estimated."""
    return f"{sign}{se:.3f}" if se else ""
