"""What a clause is made of: numbers, selectors of entries, and its duties, each in one of the five forms."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..record import KIND_CODE, TRACKS

__all__ = [
    "DAY_S",
    "HOUR_S",
    "MINUTE_S",
    "Before",
    "Carries",
    "Data",
    "Floor",
    "Number",
    "Part",
    "Reported",
    "Select",
    "Throughout",
    "Trigger",
    "Within",
    "asked_of",
    "known_kinds",
    "numbers_named",
]

Pair = Literal["case", "case+subject", "subject", "operator", "any"]
Slices = Literal["", "day", "month"]
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class Data(BaseModel):
    """Frozen, with no keys but its own: a misspelt key in a guide file is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Number(Data):
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


class Select(Data):
    """Which entries of a record are meant."""

    kinds: tuple[str, ...]
    """Kinds of happening, by name."""
    below: str = ""
    """Only entries whose value is below this number."""
    at_least: str = ""
    """Only entries whose value is at least this number."""
    case_has: tuple[str, ...] = ()
    """Only entries in whose case one of these kinds stands as well."""
    case_lacks: tuple[str, ...] = ()
    """Only entries that have a case in which none of these kinds stands before the duty is done or due."""
    first_per: Literal["", "case", "case+subject", "subject"] = ""
    """Only the earliest of each case (and subject)."""
    heating: bool = False
    """Only entries in the heating period as decided."""
    dated: bool = False
    """Only entries that have a value: a promise or a notice that names a date."""
    already: bool = False
    """As a response: one that stood before the duty opened fulfils it too."""
    promised_within: str = ""
    """Only entries whose value, a promised instant, lies no further ahead than this number."""

    @model_validator(mode="after")
    def _known(self) -> Select:
        known_kinds(self.kinds + self.case_has + self.case_lacks)
        return self


class Trigger(Select):
    """What opens a duty: entries as they stand, or an instant derived from them.

    ``exceeds``: for each interval from `kinds` to `ends`, the first instant at which the larger of its forecast and its
    elapsed duration passes `over`; intervals of one subject that overlap, or lie apart by no more than `bridge`, are
    one stop, which passes once. ``overruns``: the told end (the value of a `forecasts` entry) passes while the stop
    lasts and no newer one was given. ``recurs``: an interval begins within `again` of the end of an earlier one of the
    same subject that had passed `over`. ``unnoticed``: an interval that a recorded fault brought about has lasted for
    `over`, and none of `ends` stands in its case by then; once a case.
    """

    derive: Literal["", "exceeds", "overruns", "recurs", "unnoticed"] = ""
    """Named derivation; empty takes the entries as they stand."""
    ends: tuple[str, ...] = ()
    """Kinds that end the interval."""
    forecasts: tuple[str, ...] = ()
    """Kinds whose value is an expected or told end [s]."""
    over: str = ""
    """Duration number that forecast or elapsed time has to pass."""
    again: str = ""
    """Duration number within which an interval counts as renewed."""
    bridge: str = ""
    """Duration number: heat back for no longer than this has not ended a stop."""

    @model_validator(mode="after")
    def _known_too(self) -> Trigger:
        known_kinds(self.ends + self.forecasts)
        return self


class _Part(Data):
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
    """How the due time follows: trigger + limit; 24:00 of the nth day after; its value; season's end + limit."""


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
    """With ``deadline = "event"``: the same operator's first of these, but no later than the season's start."""
    lead: str = ""
    """Duration number by which it must come earlier."""
    sense: Literal["by", "not_before"] = "by"
    """Whether it must have come by the deadline, or must not come before it."""
    count: str = ""
    """How many of them are needed (a number's name; one without)."""
    after: Select | None = None
    """Only those after the first of these count."""
    undone: tuple[str, ...] = ()
    """Kinds that undo a response when they follow it before the deadline."""
    begun: tuple[str, ...] = ()
    """Kinds of which a subject must have had one: what has not begun by the season's end was not ended early."""


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
    """Duration number: what closes a window within it needs nobody to attend (``covered``)."""
    forbidden: tuple[str, ...] = ()
    """Kinds that must not occur."""
    unless: tuple[str, ...] = ()
    """The trigger itself is forbidden where none of these came before it, of its case and subject (``never``)."""


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
    dated: str = ""
    """The one of them that is a date: the entry must have it as its value, by which it is held."""
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


_NUMBER_FIELDS = (
    "limit",
    "grace",
    "lead",
    "count",
    "least",
    "stop_share",
    "below",
    "at_least",
    "promised_within",
    "over",
    "again",
    "bridge",
)


@functools.cache
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


def asked_of(part: Part) -> tuple[str, ...]:
    """Return the kinds of entry that a part asks for: what was planned for them decides how it is kept."""
    if isinstance(part, Within | Before):
        return tuple(kind for select in part.respond for kind in select.kinds)
    if isinstance(part, Carries):
        asked = part.trail or tuple(trigger.kinds for trigger in part.trigger)
        return tuple(kind for group in asked for kind in group)
    if isinstance(part, Throughout):
        return (*part.lasting, *part.forbidden, *part.work[:1])
    return part.over if isinstance(part, Floor) else ()


def known_kinds(names: tuple[str, ...]) -> None:
    """Raise ValueError for names that are no kind of happening."""
    unknown = [name for name in names if name not in KIND_CODE and name not in TRACKS]
    if unknown:
        raise ValueError(f"unknown kind of happening: {', '.join(unknown)}")
