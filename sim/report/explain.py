"""``explain``: a verdict told as a short story, from the draw that began it to what came of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from ..guide.chain import chain
from ..guide.text import read_guide_text
from ..guide.verdict import Verdicts, judge
from ..record import KIND_CODE, KINDS
from ..record_store import read_record
from .clauses import changed, official
from .figures import amount, unit
from .layout import Column, Page
from .words import Words

__all__ = ["describe", "say", "story"]

_TOLD = 3  # times in a row that the same happening is told in full
_COLON = {"zh": "：", "en": ": "}
_INSTANTS = ("began", "start", "expected", "placed", "usual", "waiting", "arrived", "first_test")
_IN_MW = ("source_tripped", "interim_started")  # kinds whose value is a power in watts
_IN_PERCENT = ("gas_curtailed", "rationing_started", "shortage_started", "staff_absent")  # kinds whose value is a share
_LIMITS = (18, 95, 100)  # what is asked for [degC, %]: to round up to these would say that it was given
_TONNE_KG = 1000.0
_OF_FUEL = ("ordered", "came")  # facts of an order that are quantities of its store's fuel
_SUMS = ("noted_hours", "cold_days", "stopped_hours", "fuel_short_hours", "fuel_short_gj", "fuel_short_d",
         "fuel_ordered_percent", "excused_hours", "own_cause_percent", "unsupplied_percent", "any_cause_percent",
         "same_cause_percent", "other_causes_percent")  # fmt: skip
_TROUBLES = ("outage_started", "throttled_started", "rationing_started", "shortage_started")
_NAMED = 6  # items of a list that are named
_WHOLE = ("stopped_hours", "fuel_short_hours", "units_down", "unsupplied", "cold_days",
          "lost_in_hour", "agents_on_duty", "dwellings_below", "troubles_more", "counted_anew", "longest_of",
          "first_is_longest_of", "longest_excuse_of", "most_excusing_of", "costliest_of",
          "line_brought_percent")  # fmt: skip
_CODES = {"value.complaint_accepted": "topic.", "value.other_cause_found": "whose.", "value.cause_explained": "whose.",
          "value.action_taken": "acted."}  # fmt: skip
_SAID = ("draw",)  # details that are told in a line of their own, or with what happened
_CREW = re.compile(r"crew (\d+)")  # teams have numbers, and no names
_LISTED, _LISTED_OF_ONE = 8, 100  # verdicts per clause, when many could be told; of the one clause asked for


def describe(
    record: Path,
    address: str | None = None,
    text_file: Path | None = None,
    guide_file: Path | None = None,
    changes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the chain behind a verdict, or the verdicts that can be told.

    Parameters
    ----------
    record : Path
        A stored record.
    address : str, optional
        ``2.6.4c/17`` names one verdict; a clause alone, or nothing, lists those that were late or missed.
    text_file : Path, optional
        The user's copy of the guide's text: the verdict then stands beside the official wording.
    guide_file : Path, optional
        An overlay of the guide to judge by.
    changes : sequence of str
        Numbers of the guide to change, as in :func:`heatseason.sim.report.clauses.changed`.

    Returns
    -------
    dict
        ``verdict``, ``steps``, ``gloss`` … of one; or ``verdicts``, by clause.

    Raises
    ------
    InputError
        When there is no such record or verdict, or the changes are none of the guide's.
    """
    text = read_guide_text(text_file) if text_file is not None else None
    stored = read_record(record)
    verdicts = judge(stored, changed(stored, guide_file, changes))
    told: dict[str, Any] = {"record": str(record)}
    if address and ("/" in address or address not in {verdict.clause.id for verdict in verdicts.clauses}):
        told |= story(verdicts, address)
        if text is not None:
            told |= text.beside(verdicts[told["verdict"]["clause"]].clause)
        return told
    if address:
        asked = verdicts[address]
        told |= {"status": asked.status, "gloss_zh": asked.clause.gloss_zh, "gloss_en": asked.clause.gloss_en,
                 "reason_zh": asked.clause.not_simulated_zh, "reason_en": asked.clause.not_simulated_en}  # fmt: skip
    return {**_recorded(verdicts), **told, "verdicts": _listing(verdicts, address)}


def story(verdicts: Verdicts, address: str) -> dict[str, Any]:
    """Return the chain behind a verdict with what saying it needs of its record."""
    return {**_recorded(verdicts), **asdict(chain(verdicts, address))}


def _recorded(verdicts: Verdicts) -> dict[str, Any]:
    record, subjects = verdicts.record, verdicts.record.subjects
    fuel = record.summary.get("fuel", {})
    return {"origin": record.calendar["origin"], **_stamped(record.stamp),
            "overrides": [override.model_dump() for override in verdicts.guide.overrides],
            "fuel_units": {store: use["unit"] for store, use in fuel.items()},
            "stores": {subjects.id[row]: [subjects.name[subjects.source[row]], fuel[subjects.id[row]].get("fuel", "")]
                       for row in subjects.rows("store").tolist() if subjects.id[row] in fuel}}  # fmt: skip


def say(page: Page, told: Mapping[str, Any], words: Words) -> None:
    """Write the story, or the list of stories there are."""
    if "verdicts" in told:
        _say_listing(page, told, words)
        return
    verdict = told["verdict"]
    page.title(words("explain.title", id=verdict["id"], state=words(f"status.{verdict['state']}")))
    page.text(words("explain.clause", place=told["place"], gloss=words.either(told["gloss_zh"], told["gloss_en"])))
    for head, wording in official(told, words):
        page.text(head + _COLON[words.lang] + wording)
    page.text(words("explain.reading", reading=words.either(told["reading_zh"], told["reading_en"])))
    moved = {(change["clause"], change["name"]) for change in told.get("overrides", ())}
    for name, (value, measure, assumed) in told["numbers"].items():
        mark = " " + words("guide.assumed_mark") if assumed else ""
        mark += " " + words("guide.changed_mark") if _full(verdict["clause"], name) in moved else ""
        page.text(words("explain.number", name=name, value=f"{value:g}", unit=unit(measure, words), assumed=mark))
    page.blank()
    told = {**told, "steps": [_with_store(step, told["stores"], words) for step in told["steps"]]}
    *steps, last = (step for step in told["steps"] if step["role"] != "root")
    for repeated in _runs(steps):
        _say_step(page, repeated[0], told, words)
        if len(repeated) > _TOLD:
            page.item("", words("explain.again", n=len(repeated) - 2), hang=18)
        for step in repeated[-1:] if len(repeated) > _TOLD else repeated[1:]:
            _say_step(page, step, told, words)
    _say_roots(page, [step for step in told["steps"] if step["role"] == "root"], told, words)
    page.blank()
    if last["subject_name"]:
        page.text(words("explain.about", subject=_subject(last, words)))
    detail = last["detail"]
    measure, margin = unit(detail["unit"], words), amount(detail["margin"], words)
    if detail["unit"] == "share":
        measure, margin = words("explain.percentage_points"), amount(100.0 * detail["margin"], words)
    state = words(f"status.{detail['state']}")
    if detail["excused_by"]:
        by = words.listing([words.either(rule["zh"], rule["en"]) for rule in detail["excused_by"]])
        page.text(words("explain.verdict_excused", state=state, by=by))
    elif detail["never_done"]:  # the distance to the record's end says only how long the record went on
        page.text(words("explain.verdict_never", state=state))
    else:
        page.text(words("explain.verdict", state=state, margin=margin, unit=measure))
    if f"counting.{detail['counted']}" in words:
        counted = words(f"counting.{detail['counted']}")
        exact = detail["amount"] < 100.0 and detail["amount"] != round(detail["amount"])
        n = amount(detail["amount"], words) if exact else f"{detail['amount']:,.0f}"
        page.text(words("explain.counting", n=n, counted=counted))


def _full(clause: str, name: str) -> tuple[str, str]:
    """Return clause and name of a number, which may be another clause's."""
    owner, _, own = name.rpartition("/")
    return owner or clause, own


def _runs(steps: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the steps with those next to each other that say the same thing again put together."""
    together = groupby(steps, key=lambda step: (step["role"], step["what"], step["subject"]))
    return [list(run) for _, run in together]


def _say_step(page: Page, step: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> None:
    when = _when(step["at_s"], told["origin"], to_the_second=step["role"] in ("due", "response") and _close(told))
    page.item(when, words("role." + _role(step, told)) + _told(_happening(step, told, words), words), hang=18)
    draw = step["detail"].get("draw")
    if draw and draw[0] == "imposed":
        page.text(words("explain.imposed", path=draw[-1]), indent=18)
    elif draw:
        page.text(_drawn(draw, told, words), indent=18)
    contents = {key: value for key, value in step["detail"].items() if key not in _SAID and value not in ("", None, [])}
    for key, value in contents.items():
        label = words(f"detail.{key}") if f"detail.{key}" in words else key.replace("_", " ")
        page.text(f"{label}{_COLON[words.lang]}{_plain(key, value, step, told, words)}", indent=18, hang=2)


def _role(step: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Return the word for what a step was: where a duty holds all season, what happened is where it fell short."""
    if step["role"] == "context" and step["what"] in _SUMS:
        return "counted"
    broken = told["verdict"]["state"] in ("missed", "excused") and told["verdict"]["due_s"] is None
    return "fell_short" if step["role"] == "trigger" and broken else str(step["role"])


def _say_roots(page: Page, roots: Sequence[Mapping[str, Any]], told: Mapping[str, Any], words: Words) -> None:
    """Write what the story goes back to besides the draws told in it."""
    if roots:
        page.blank()
        page.text(words("role.root") + _COLON[words.lang])
    for root in roots:
        detail = root["detail"]
        value = root["value"] if root["value"] is not None else detail.get("value")
        as_written = root["what"] == "setting" and isinstance(value, str)  # what a planner can write in its place
        said = value if as_written else _value(value, words)
        filled = {"path": detail.get("path", ""), "value": said, "subject": _subject(root, words)}
        page.text(words(f"root.{root['what']}", **filled), indent=2, hang=2)
        if "draw" in detail:
            page.text(_drawn(detail["draw"], told, words), indent=4, hang=2)
        if "remedied_k" in detail:
            page.text(words("root.remedied_k", value=amount(detail["remedied_k"], words)), indent=4, hang=2)


def _value(value: Any, words: Words) -> str:
    if isinstance(value, Mapping):
        return words.listing([f"{key} = {_value(item, words)}" for key, item in value.items() if item is not None])
    if isinstance(value, list):
        return words.listing([_value(item, words) for item in value])
    if isinstance(value, str):
        kind = KINDS[KIND_CODE[value]] if value in KIND_CODE else None
        said = words(f"said.{value}") if f"said.{value}" in words else value
        return words.either(kind.zh, kind.en) if kind else said
    return amount(value, words) if isinstance(value, float) else str(value)


def _drawn(draw: Sequence[Any], told: Mapping[str, Any], words: Words) -> str:
    stream = " / ".join(map(str, draw))
    return words("explain.drawn", seed=told["seed"], replication=told["replication"], stream=stream)


def _happening(step: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> str:
    """Return what happened, to whom, and how much: of an entry, or of a fact of the tracks."""
    if step["role"] == "context":
        value = step["value"]
        whole = step["what"] in _WHOLE
        figure = f"{value:,.0f}" if whole else "" if value is None else _figure(value, words)
        fact = f"fact.{step['what']}"
        nothing = value == 0.0 and f"{fact}_nothing" in words
        said = words(f"{fact}_nothing" if nothing else fact, v=figure, subject=_subject(step, words))
    elif step["role"] == "counted":
        of_what = f"explain.counted_{step['what']}"
        counted = of_what if of_what in words else "explain.counted"
        return words(counted, what=_kind(step, words), n=f"{step['value']:,.0f}")
    elif not step["what"]:
        said = ""
    else:
        said = _kind(step, words)
    placed = step["role"] == "context" and "{subject}" in words(f"fact.{step['what']}")
    parts = [said, "" if placed else _subject(step, words)]
    key = f"value.{step['what']}"
    warm_again = step["what"] == "dwelling_remedied" and step["value"] == 0.0  # nothing was done at the dwelling itself
    if step["value"] is not None and key in words and not warm_again and _known(key, step["value"], words):
        instant = step["value"] if step["what"] != "fuel_delayed" else step["at_s"] + 3600 * step["value"]
        when = _when(int(instant), told["origin"]) if "{t}" in words(key) else ""
        shown = step["value"] / 1e6 if step["what"] in _IN_MW else step["value"]
        shown = round(100.0 * shown, 6) if step["what"] in _IN_PERCENT else shown
        of_fuel = "{unit}" in words(key)
        figure, measure = _of_fuel(shown, step, told, words) if of_fuel else (amount(shown, words), "")
        parts.append(words(key, topic=_topic(key, shown, words), v=figure, t=when, unit=measure))
    return words.listing([part for part in parts if part])


def _kind(step: Mapping[str, Any], words: Words) -> str:
    """Return what kind of entry it is; a trouble that stood then, or is counted, is not said in Chinese to begin."""
    kind = KINDS[KIND_CODE[step["what"]]]
    lasts = step["role"] in ("standing", "counted") and step["what"] in _TROUBLES
    return words.either(kind.zh.replace("开始", "") if lasts else kind.zh, kind.en)


def _topic(key: str, value: float, words: Words) -> str:
    """Return what an entry's value stands for where it is a code: a complaint's topic, whose doing, where one acted."""
    return words(f"{_CODES[key]}{int(value)}") if key in _CODES else ""


def _known(key: str, value: float, words: Words) -> bool:
    """Return whether an entry's value can be said: a log may hold codes of its own."""
    return key not in _CODES or f"{_CODES[key]}{int(value)}" in words


def _with_store(step: Mapping[str, Any], stores: Mapping[str, Sequence[str]], words: Words) -> Mapping[str, Any]:
    """Return a step with a store called by its source and its fuel: people do not know it by its id."""
    source, fuel = stores.get(step["subject_id"], ("", ""))
    if not source or f"fuel.{fuel}" not in words:
        return step
    return {**step, "subject_name": words("explain.store", source=source, fuel=words(f"fuel.{fuel}"))}


def _subject(step: Mapping[str, Any], words: Words) -> str:
    name = str(step["subject_name"])
    crew = _CREW.fullmatch(name)
    if crew:
        return words("explain.crew", n=crew[1])
    return words("explain.dwelling", name=name, n=step["dwelling"]) if step["dwelling"] else name


def _figure(value: float, words: Words) -> str:
    """Return a fact's number as people read it: hundredths tell a margin, and what is little is not nothing.

    What falls short of a limit by less is told to the digit that shows it: 17.9995 is not 18.
    """
    if 0.0 < abs(value) < 0.05:
        return amount(value, words)
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    digits, limit = 2, round(value)
    while digits < 4 and limit in _LIMITS and limit - value > 5e-5 and round(value, digits) == limit:
        digits += 1
    return f"{value:,.{digits}f}"


def _of_fuel(value: float, step: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> tuple[str, str]:
    """Return a quantity of a step's store's fuel and its unit; none where the record does not say or it is no store."""
    measure = told["fuel_units"].get(step["subject_id"], "")
    if measure == "kg" and value >= _TONNE_KG:
        value, measure = value / _TONNE_KG, "t"
    return amount(value, words), unit(measure, words)


def _told(happening: str, words: Words) -> str:
    return _COLON[words.lang] + happening if happening else ""


def _close(told: Mapping[str, Any]) -> bool:
    """Return whether a duty was done within the very minute in which it was due."""
    due, done = told["verdict"]["due_s"], told["verdict"]["answered_s"]
    return due is not None and done is not None and int(due) // 60 == int(done) // 60


def _when(at_s: int | None, origin: str, *, to_the_second: bool = False) -> str:
    if at_s is None:
        return " " * 16
    if to_the_second:
        return f"{dt.datetime.fromisoformat(origin) + dt.timedelta(seconds=at_s):%m-%d %H:%M:%S}  "
    return f"{dt.datetime.fromisoformat(origin) + dt.timedelta(seconds=at_s):%Y-%m-%d %H:%M}"


def _plain(key: str, value: Any, step: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> str:
    """Return a detail as text; some are instants."""
    if key in _INSTANTS and isinstance(value, int | float):
        return _when(int(value), told["origin"])
    if key in _OF_FUEL and isinstance(value, int | float):
        return " ".join(_of_fuel(value, step, told, words)).rstrip()
    if isinstance(value, list):
        some = words.listing([_named(str(item), words) for item in value[:_NAMED]])
        counted = f"explain.in_all_{key}" if f"explain.in_all_{key}" in words else "explain.in_all"
        return some if len(value) <= _NAMED else words(counted, some=some, n=len(value))
    if key == "want":
        return words(f"want.{value}")
    if isinstance(value, str) and f"said.{value.replace(' ', '_')}" in words:
        return words(f"said.{value.replace(' ', '_')}")
    if isinstance(value, str) and value in KIND_CODE:
        return words.either(KINDS[KIND_CODE[value]].zh, KINDS[KIND_CODE[value]].en)
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _named(name: str, words: Words) -> str:
    """Return a name as people say it; a valve is called by its pipe and the end of it that it stands at."""
    if f"detail.{name}" in words:
        return words(f"detail.{name}")
    pipe, at, end = name.partition("@")
    return words(f"explain.valve_{end}", pipe=pipe) if at and end in ("from", "to") else name


def _listing(verdicts: Verdicts, clause_id: str | None) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    most = _LISTED_OF_ONE if clause_id else _LISTED
    for judged in verdicts.clauses:
        if judged.status != "breached" or (clause_id and judged.clause.id != clause_id):
            continue
        broken = verdicts.breaches(judged.clause.id)
        for verdict in broken[:most]:
            row = asdict(verdict)
            row["subject_name"] = _name(verdicts, verdict.subject)
            row["never_done"] = verdict.never_done
            listed.append(row)
        listed[-1]["more"] = max(0, len(broken) - most)
    return listed


def _name(verdicts: Verdicts, subject: int) -> str:
    """Return what people call a subject: of dwellings and cohorts, the estate."""
    if subject < 0:
        return ""
    facts, subjects = verdicts.facts, verdicts.record.subjects
    row = subject if subject < facts.listed else int(facts.cohort_row(np.array([subject]))[0])
    if subjects.kind[row] == "cohort" and subjects.substation[row] >= 0:
        row = int(subjects.substation[row])
    return subjects.name[row]


def _say_listing(page: Page, told: Mapping[str, Any], words: Words) -> None:
    rows = told["verdicts"]
    page.title(words("explain.list"))
    if not rows:
        page.text(_why_none(told, words))
        return
    heads = [
        Column(words("explain.address")),
        Column(words("clauses.status")),
        Column(words("explain.margin"), "right"),
        Column(words("explain.subject"), wraps=True),
    ]
    cells = []
    for row in rows:
        margin = f"{amount(row['margin'], words)} {unit(row['unit'], words)}"
        if row["never_done"]:
            margin = words("explain.never_done")
        cells.append((row["id"], words(f"status.{row['state']}"), margin, row["subject_name"]))
        if row.get("more"):
            cells.append(("", "", "", words("explain.more", n=row["more"])))
    page.table(heads, cells)


def _why_none(told: Mapping[str, Any], words: Words) -> str:
    """Return why there is nothing to tell of a clause: it was kept, never arose, or is not judged at all."""
    status = told.get("status", "")
    if status == "not_simulated":
        return words("explain.not_simulated", reason=words.either(told["reason_zh"], told["reason_en"]))
    unjudged = f"explain.none_{status}"
    return words(unjudged) if unjudged in words else words("explain.list_none")


def _stamped(stamp: Mapping[str, Any]) -> dict[str, Any]:
    return {"seed": stamp.get("seed", "-"), "replication": stamp.get("replication", 0)}
