"""The page: one self-contained HTML file of a record or a stored result, for the screen and for paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.problems import InputError, Problem, RecordError
from ..record import Record
from . import terminal, workbook
from .daily import Happening, daily, happenings, stocks
from .html import HtmlPage
from .layout import Column, Page
from .map import NetworkMap, draw
from .words import Words

if TYPE_CHECKING:
    from ...network_models.network import Network

__all__ = ["Told", "page_html", "read_told", "say_written", "write_report"]

_BEFORE_CHARTS = 3  # sections: whose season it was, the rooms, what was breached
_MOST_LISTED = 400  # happenings on the page


@dataclass(frozen=True, slots=True)
class Told:
    """What a report is made of: the scorecard, and where it is at hand the record it came from.

    Attributes
    ----------
    document : mapping
        As ``run --json`` prints it.
    record : Record or None
    map : NetworkMap or None
        None also where the network cannot be read any more, has changed, or has no positions.
    days : dict of list
        See :func:`daily`; empty without a record.
    happenings : list of Happening
    """

    document: Mapping[str, Any]
    record: Record | None = None
    map: NetworkMap | None = None
    days: dict[str, list[Any]] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)


def read_told(path: Path) -> Told:
    """Return what a folder holds: a stored record (judged anew), or the ``result.json`` of ``--out``.

    Raises
    ------
    RecordError
        When it is neither.
    """
    result = path / "result.json" if path.is_dir() else path
    if result.suffix == ".json" and result.is_file():
        try:
            document = json.loads(result.read_text("utf-8"))
        except ValueError as error:
            raise RecordError([Problem("", str(error), "valid JSON", "", str(result))]) from error
        if not isinstance(document, dict) or not {"clauses", "headline", "replications"} <= document.keys():
            raise RecordError([Problem("", "another document", "a result of `run --out`", "", str(result))])
        return Told(document)
    from ..guide.verdict import judge
    from ..record_store import read_record
    from ..study.case import document_of

    record = read_record(path)
    verdicts, network = judge(record), _network_of(record)
    place = draw(record, network, verdicts.rooms) if network is not None else None
    return Told(document_of(verdicts), record, place, daily(record), happenings(record))


def write_report(source: Path, folder: Path, words: Words) -> dict[str, Any]:
    """Write ``report.html`` and ``report.xlsx`` of a record or a stored result.

    Returns
    -------
    dict
        ``written``: the files; ``missing``: the package for want of which there is no page, or "".
    """
    told = read_told(source)
    written = [workbook.write(folder / "report.xlsx", told, words)]
    missing = ""
    try:
        html = page_html(told, words)
    except ModuleNotFoundError as error:
        missing = error.name or ""
    else:
        written.insert(0, folder / "report.html")
        written[0].write_text(html, "utf-8")
    return {"written": [str(file) for file in written], "missing": missing}


def say_written(page: Page, written: Mapping[str, Any], words: Words) -> None:
    """Say which files were written, and what lacks for the page."""
    for file in written["written"]:
        page.text(words("report.written", file=file), hang=2)
    if written["missing"]:
        page.text(words("report.no_page", package=written["missing"]))


def page_html(told: Told, words: Words) -> str:
    """Return the page.

    Raises
    ------
    ImportError
        Where the packages of the extra ``page`` are not installed.
    """
    from jinja2 import Environment, select_autoescape
    from vl_convert import javascript_bundle

    charts = _charts(told, words)
    sections = _sections(told, words)
    specs = json.dumps([(chart["id"], chart["spec"]) for chart in charts], ensure_ascii=False)
    text = resources.files(__package__ or "heatseason.sim.report").joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)
    html: str = environment.from_string(text).render(
        w=words,
        lang="zh-CN" if words.lang == "zh" else "en",
        title=_title(told.document, words),
        first=sections[:_BEFORE_CHARTS],
        rest=sections[_BEFORE_CHARTS:],
        charts=charts,
        specs=specs.replace("<", "\\u003c"),
        bundle=javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script") if charts else "",
        stamp=dict(told.record.stamp) if told.record else {"heatseason": told.document["version"]},
    )
    return html


def _network_of(record: Record) -> Network | None:
    """Return the network that a record was made on, if it can still be read and is still the same."""
    from ...scenarios.scenario import from_resolved
    from ..run import ground_of

    try:
        ground = ground_of(from_resolved(record.scenario))
    except (InputError, OSError):
        return None
    return ground.network if ground.hash == record.stamp.get("network_hash") else None


def _title(document: Mapping[str, Any], words: Words) -> str:
    title = document.get("title") or {}
    return words.either(title.get("zh", ""), title.get("en", "")) or document["scenario"] or words("card.record")


def _sections(told: Told, words: Words) -> list[str]:
    """Return the scorecard as the terminal says it, then what only a page has room for."""
    page = HtmlPage(marked={words(f"status.{status}"): status for status in ("met", "breached", "missed")})
    terminal.say(page, told.document, words, "long")
    if told.record is not None:
        _say_happenings(page, told.happenings, words)
        _say_days(page, told.days, words)
    return page.html()


def _charts(told: Told, words: Words) -> list[dict[str, Any]]:
    from . import charts

    drawn: list[tuple[str, Any]] = []
    if told.record is not None:
        days = told.days
        drawn += [
            ("rooms", charts.days_rooms(days, words)),
            ("heat", charts.days_heat(days, words)),
            ("stocks", charts.days_stocks(days, stocks(told.record), words)),
            ("hotline", charts.days_hotline(days, words)),
        ]
        if told.map is not None:
            drawn.append(("map", charts.network(told.map, words)))
    drawn.append(("compliance", charts.compliance(told.document["clauses"], words)))
    return [
        {
            "id": name,
            "title": words(f"report.chart.{name}"),
            "about": words(f"report.about.{name}"),
            "spec": charts.specification(chart),
        }
        for name, chart in drawn
        if chart is not None
    ]


def _say_happenings(page: Page, happened: Sequence[Happening], words: Words) -> None:
    """List what happened and can be read one by one, in time order."""
    rows = [(one.when, words.either(one.kind.zh, one.kind.en), one.about) for one in happened]
    page.title(words("report.happenings"), "-")
    page.table([Column(words(f"report.{head}")) for head in ("when", "what", "subject")], rows[:_MOST_LISTED])
    if len(rows) > _MOST_LISTED:
        page.text(words("report.more", n=len(rows) - _MOST_LISTED))


def _say_days(page: Page, days: Mapping[str, list[Any]], words: Words) -> None:
    """List the days behind the pictures."""
    page.title(words("report.days"), "-")
    heads = [Column(words(f"report.column.{name}"), "left" if name == "day" else "right") for name in days]
    page.table(heads, [[str(cell) for cell in row] for row in zip(*days.values(), strict=True)])
