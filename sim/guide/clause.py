"""A clause is data: where it stands in the guide, who owes what, by when, and what of it is assumed.

:func:`load_guide` reads ``guide.toml``; every row is checked, and every fault of it found at once. Numbers are named,
so that a scenario or a file can override any of them (:mod:`.overlay`); a part refers to a number of its own clause
as ``limit_h`` and to another clause's as ``2.3/temperature_c``.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...network_models.problems import GuideError, Problem
from ..record import KIND_CODE, TRACKS

__all__ = [
    "Before",
    "Carries",
    "Clause",
    "ExcuseRule",
    "Floor",
    "Guide",
    "Indicator",
    "Number",
    "Override",
    "Part",
    "Reported",
    "Select",
    "Throughout",
    "Within",
    "default_guide",
    "numbers_named",
    "read_guide",
]

Pair = Literal["case", "case+subject", "subject", "operator", "any"]
Slices = Literal["", "day", "month"]
Indicator = Literal["abnormal_days", "fuel", "supply_band", "discovery", "hotline", "disputes", "refunds"]
HOUR_S, DAY_S = 3600, 86400
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Number(_Data):
    """One number of a clause."""

    value: float
    """The value, in `unit`."""
    unit: str
    """h, d, min, degC, month, share or count."""
    assumed: bool
    """False where the guide itself gives the number."""
    low: float | None = None
    """Lower end of the range an assumed number may reasonably have."""
    high: float | None = None
    """Upper end of that range."""
    source: str = ""
    """Where an assumed value comes from."""
    confidence: Literal["", "low", "medium", "high"] = ""
    """How well the source carries it."""

    @property
    def seconds(self) -> float:
        """The value of a duration [s]."""
        return self.value * _SECONDS[self.unit]

    @model_validator(mode="after")
    def _assumed_is_ranged(self) -> Number:
        if self.assumed and (self.low is None or self.high is None or not self.source or not self.confidence):
            raise ValueError("an assumed number needs low, high, source and confidence")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError("low <= value <= high")
        return self


class Select(_Data):
    """Which entries of a record are meant."""

    kinds: tuple[str, ...]
    """Kinds of happening, by name."""
    below: str = ""
    """Only entries whose value is below this number."""
    at_least: str = ""
    """Only entries whose value is at least this number."""
    case_has: tuple[str, ...] = ()
    """Only entries in whose case one of these kinds stands as well."""
    first_per: Literal["", "case", "case+subject", "subject"] = ""
    """Only the earliest of each case (and subject)."""

    @model_validator(mode="after")
    def _known(self) -> Select:
        _known_kinds(self.kinds + self.case_has)
        return self


class Trigger(Select):
    """What opens a duty: entries as they stand, or an instant derived from them.

    ``exceeds``: for each interval from `kinds` to `ends`, the first instant at which the larger of its forecast and its
    elapsed duration passes `over`. ``overruns``: the told end (the value of a `forecasts` entry) passes while the
    interval lasts and no newer one was given. ``recurs``: an interval begins within `again` of the end of an earlier one
    of the same subject that had passed `over`.
    """

    derive: Literal["", "exceeds", "overruns", "recurs"] = ""
    """Named derivation; empty takes the entries as they stand."""
    ends: tuple[str, ...] = ()
    """Kinds that end the interval."""
    forecasts: tuple[str, ...] = ()
    """Kinds whose value is an expected or told end [s]."""
    over: str = ""
    """Duration number that forecast or elapsed time has to pass."""
    again: str = ""
    """Duration number within which an interval counts as renewed."""

    @model_validator(mode="after")
    def _known_too(self) -> Trigger:
        _known_kinds(self.ends + self.forecasts)
        return self


class _Part(_Data):
    id: str = ""
    """Name of the part, empty when the clause has only one."""
    anchor: str = Field(default="", max_length=15)
    """At most 15 characters of the sentence, where the clause has several."""
    gloss_zh: str = ""
    """The duty in our words."""
    gloss_en: str = ""
    """The duty in our words."""
    excuses: tuple[str, ...] = ()
    """Names of excuse rules that can stand in for what was not met."""


class Within(_Part):
    """A trigger is followed by its response before the limit is over."""

    form: Literal["within"]
    trigger: tuple[Trigger, ...]
    """What opens the duty; several are pooled."""
    respond: tuple[Select, ...]
    """What fulfils it: the first of any of these."""
    pair: Pair = "case"
    """What a response must share with its trigger."""
    limit: str = ""
    """Duration number."""
    clock: Literal["elapsed", "days_after", "promised", "after_season"] = "elapsed"
    """How the due time follows: trigger + limit; 24:00 of the nth day after; the trigger's value; season's end + limit."""


class Before(_Part):
    """Something is done before a date or an act (or not before it)."""

    form: Literal["before"]
    subjects: Literal["", "substation", "source"] = ""
    """One row for each of these subjects; else one for each `trigger`."""
    trigger: tuple[Trigger, ...] = ()
    """The act before which it must be done."""
    respond: tuple[Select, ...]
    """What must be done."""
    pair: Pair = "subject"
    """What it must share with the row."""
    deadline: Literal["start", "end", "trigger", "event"]
    """The decided start or end of the season, the trigger itself, or an event's first instant."""
    event: Select | None = None
    """The event, with ``deadline = "event"``: the first of the same operator; the season's start where there is none."""
    lead: str = ""
    """Duration number by which it must come earlier."""
    sense: Literal["by", "not_before"] = "by"
    """Whether it must have come by the deadline, or must not come before it."""
    count: str = ""
    """How many of them are needed (a number's name; one without)."""
    after: Select | None = None
    """Only those after the first of these count."""


class Throughout(_Part):
    """A condition holds at every instant of a period."""

    form: Literal["throughout"]
    measure: Literal["uninterrupted", "attended", "covered", "never"]
    """Subjects without bad intervals; a desk never empty; a window covered by work; a case without a forbidden act."""
    subjects: Literal["", "substation", "operator"] = ""
    """Rows of ``uninterrupted`` and ``attended``."""
    slices: Slices = ""
    """Cut the heating period into days."""
    bad: tuple[tuple[str, str], ...] = ()
    """Pairs of kinds that begin and end a bad interval."""
    lasting: tuple[str, ...] = ()
    """Kinds that begin a bad interval of `value` minutes."""
    stop_share: str = ""
    """An hour in which less than this share of the need arrived is bad too (tracks)."""
    trigger: tuple[Trigger, ...] = ()
    """Opens a window (``covered``) or a case (``never``)."""
    until: tuple[str, ...] = ()
    """Kinds that close the window."""
    work: tuple[str, str] = ("", "")
    """Kinds that begin and end what must cover the window."""
    grace: str = ""
    """Duration number after which a window that nobody attends to begins."""
    forbidden: tuple[str, ...] = ()
    """Kinds that must not occur."""


class Floor(_Part):
    """A quantity stays at or above a floor."""

    form: Literal["floor"]
    measure: Literal["room_temperature", "warm_at", "ratio", "fuel"]
    """Every dwelling-hour; dwellings at given instants; counts per operator; heat not made for want of fuel."""
    least: str = ""
    """The floor (a number's name)."""
    instants: tuple[Literal["start", "day_after_start"], ...] = ()
    """Instants of ``warm_at``."""
    over: tuple[str, ...] = ()
    """Numerator of ``ratio``: kinds."""
    under: tuple[str, ...] = ()
    """Denominator of ``ratio``: kinds, counted or, with `due`, summed by value; empty: households."""
    count: Literal["entries", "subjects"] = "entries"
    """Whether the same subject counts again."""
    due: Literal["", "value"] = ""
    """``value``: the denominator is the sum of the entries' values."""
    until: Literal["", "start"] = ""
    """Only what was done before the season's start counts."""
    slices: Slices = ""
    """Judge each day or month on its own."""


class Carries(_Part):
    """An entry holds the contents, or a case the trail, that it must."""

    form: Literal["carries"]
    trigger: tuple[Trigger, ...]
    """What must carry."""
    contents: tuple[str, ...] = ()
    """Keys its details must hold, none empty."""
    trail: tuple[tuple[str, ...], ...] = ()
    """Groups of kinds; one of each must stand in the case."""
    before_trigger: bool = False
    """Whether the trail must stand by the trigger's own instant."""
    limit: str = ""
    """Duration number that the trail may take before its absence counts."""
    slices: Slices = ""
    """``day``: one row per operator and day, met when every trail of that day is whole."""


class Reported(_Part):
    """Shown, not scored."""

    form: Literal["reported"]


Part = Annotated[Within | Before | Throughout | Floor | Carries | Reported, Field(discriminator="form")]


class Clause(_Data):
    """One numbered sentence of the guide."""

    id: str
    """The guide's own numbering, e.g. 2.6.4c."""
    place: str
    """Place in the text, e.g. 二（6）④c."""
    anchor: str = Field(min_length=2, max_length=15)
    """The few characters that carry its number or duty."""
    more_anchors: tuple[Annotated[str, Field(min_length=2, max_length=15)], ...] = ()
    """Anchors of its other sentences, where no part of it stands for them."""
    bearer: Literal["operator", "authority"]
    """Who owes it."""
    gloss_zh: str
    """What it asks, in our words."""
    gloss_en: str
    """What it asks, in our words."""
    reading_zh: str = ""
    """How a season's facts are held against it."""
    reading_en: str = ""
    """How a season's facts are held against it."""
    assumed_reading: bool = False
    """Whether the reading goes beyond the guide's words."""
    not_simulated_zh: str = ""
    """Why a season's record cannot show it."""
    not_simulated_en: str = ""
    """Why a season's record cannot show it."""
    weight: float = Field(default=1.0, ge=0.0)
    """Weight in the overall score."""
    numbers: dict[str, Number] = {}
    """Its numbers by name."""
    parts: tuple[Part, ...] = ()
    """Its duties, each judged by one form."""
    indicators: tuple[Indicator, ...] = ()
    """Numbers shown beside it, not scored."""

    @property
    def anchors(self) -> tuple[str, ...]:
        """All anchors: its own, its other sentences', its parts'."""
        return (self.anchor, *self.more_anchors, *(part.anchor for part in self.parts if part.anchor))

    @property
    def scored(self) -> bool:
        """Whether the clause is judged and enters the score."""
        return any(part.form != "reported" for part in self.parts)

    @property
    def assumed(self) -> bool:
        """Whether a number or the reading is assumed."""
        return self.assumed_reading or any(number.assumed for number in self.numbers.values())

    @model_validator(mode="after")
    def _judged_or_said_why(self) -> Clause:
        if bool(self.parts) == bool(self.not_simulated_zh and self.not_simulated_en):
            raise ValueError("either parts, or not_simulated_zh and not_simulated_en")
        if self.parts and not (self.reading_zh and self.reading_en):
            raise ValueError("a judged clause needs reading_zh and reading_en")
        names = [part.id for part in self.parts]
        if len(set(names)) < len(names) or (len(names) > 1 and not all(names)):
            raise ValueError("parts need ids of their own")
        return self


class ExcuseRule(_Data):
    """What can stand in for a duty that was not met."""

    zh: str
    """Words for people."""
    en: str
    """Words for people."""
    kinds: tuple[str, ...] = ()
    """Kinds of happening that excuse, when noted in the row's case (or of its subject) by the due time."""
    pair: Literal["case", "subject", "operator"] = "case"
    """What they must share with the row."""
    rule: Literal["entries", "weather", "fault"] = "entries"
    """``weather``: days colder than `number`; ``fault``: intervals in which a fault cut or throttled, and `number` after."""
    number: str = ""
    """Full name of the number the rule turns on, e.g. 2.3/design_c."""

    @model_validator(mode="after")
    def _known(self) -> ExcuseRule:
        _known_kinds(self.kinds)
        return self


class Override(_Data):
    """A number of the guide that was changed for a judgement."""

    clause: str
    name: str
    default: float
    value: float
    unit: str
    origin: str
    """``scenario``, or the file it came from."""


class Guide(_Data):
    """All clauses, in the guide's order."""

    format: Literal[1]
    title_zh: str
    title_en: str
    status_zh: str
    status_en: str
    fault_kinds: tuple[str, ...]
    """Kinds that make a case a fault's."""
    fault_intervals: tuple[tuple[str, str], ...]
    """Kinds that begin and end what a fault does to a building."""
    decision_notice: str
    """Full name of the number of days' notice from which an early start binds the operator."""
    moved_by_decision: tuple[str, ...]
    """Clauses that an early start or an extension moves."""
    excuses: dict[str, ExcuseRule]
    clauses: tuple[Clause, ...]
    overrides: tuple[Override, ...] = ()

    def __getitem__(self, clause_id: str) -> Clause:
        """Return the clause of this id, or raise KeyError."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def number(self, clause: Clause, name: str) -> Number:
        """Return a number by its name in the clause (``limit_h``) or by its full name (``2.3/temperature_c``)."""
        return self.full_number(name) if "/" in name else clause.numbers[name]

    def full_number(self, name: str) -> Number:
        """Return a number by its full name (``2.3/temperature_c``)."""
        owner, _, own = name.partition("/")
        return self[owner].numbers[own]

    def dependents(self, clause_id: str, name: str) -> tuple[str, ...]:
        """Return the judged clauses whose verdicts depend on a number, by their parts or by their excuses."""
        full = f"{clause_id}/{name}"
        found = []
        for clause in self.clauses:
            named = {n if "/" in n else f"{clause.id}/{n}" for part in clause.parts for n in numbers_named(part)}
            named |= {self.excuses[excuse].number for part in clause.parts for excuse in part.excuses}
            if clause.id in self.moved_by_decision:
                named.add(self.decision_notice)
            if clause.scored and full in named:
                found.append(clause.id)
        return tuple(found)

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Guide:
        wrong = []
        ids = [clause.id for clause in self.clauses]
        wrong += [f"clause {name} stands twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
        for clause in self.clauses:
            for part in clause.parts:
                wrong += [f"{clause.id}: unknown excuse {name}" for name in part.excuses if name not in self.excuses]
                for name in numbers_named(part):
                    try:
                        self.number(clause, name)
                    except KeyError:
                        wrong.append(f"{clause.id}: unknown number {name}")
        shared = [self.decision_notice, *(rule.number for rule in self.excuses.values() if rule.number)]
        for name in shared:
            owner, _, own = name.partition("/")
            if owner not in ids or own not in self[owner].numbers:
                wrong.append(f"unknown number {name}")
        wrong += [f"moved_by_decision: unknown clause {name}" for name in self.moved_by_decision if name not in ids]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


_NUMBER_FIELDS = ("limit", "lead", "count", "grace", "least", "stop_share", "below", "at_least", "over", "again")


def numbers_named(part: BaseModel) -> tuple[str, ...]:
    """Return the names of the numbers a part depends on directly, selectors included."""
    found: dict[str, None] = {}
    for name, value in part:
        if name in _NUMBER_FIELDS and isinstance(value, str) and value not in ("", "entries", "subjects"):
            found[value] = None
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                found.update(dict.fromkeys(numbers_named(item)))
    return tuple(found)


def read_guide(text: str, file: str = "guide.toml") -> Guide:
    """Return a guide from the text of a guide file.

    Raises
    ------
    GuideError
        With everything that is wrong in it.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GuideError([Problem("", str(error), "valid TOML", file=file)]) from error
    try:
        return Guide.model_validate(document)
    except ValidationError as error:
        raise GuideError(
            Problem(
                re.sub(r"\.(\d+)", r"[\1]", ".".join(str(part) for part in fault["loc"])),
                repr(fault["input"])[:80] if fault["type"] != "missing" else "",
                fault["msg"],
                file=file,
            )
            for fault in error.errors()
        ) from error


@functools.cache
def default_guide() -> Guide:
    """Return the guide as this package reads it (guide.toml)."""
    text = resources.files(__package__ or "heatseason.sim.guide").joinpath("guide.toml").read_text("utf-8")
    return read_guide(text)


def _known_kinds(names: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in KIND_CODE and name not in TRACKS]
    if unknown:
        raise ValueError(f"unknown kind of happening: {', '.join(unknown)}")
