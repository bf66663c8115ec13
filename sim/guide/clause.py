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

from pydantic import Field, ValidationError, model_validator

from ...network_models.problems import GuideError, Problem
from .parts import Data, Number, Part, known_kinds, numbers_named

__all__ = ["Clause", "ExcuseRule", "Guide", "Indicator", "Override", "default_guide", "read_guide"]

Indicator = Literal["abnormal_days", "fuel", "supply_band", "discovery", "hotline", "disputes", "refunds"]


class Clause(Data):
    """One numbered sentence of the guide."""

    id: str
    """The guide's own numbering, e.g. 2.6.4c."""
    place: str
    """Place in the text, e.g. 二（6）④c."""
    anchor: str = Field(min_length=2, max_length=15)
    """The few characters that carry its number or duty."""
    more_anchors: tuple[Annotated[str, Field(min_length=2, max_length=15)], ...] = ()
    """Anchors of its other sentences, where no part of it stands for them."""
    wording_digest: str = Field(default="", pattern="^([0-9a-f]{16})?$")
    """Hash of the official wording that this row was written on: tells a copy in which it is another."""
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
    numbers: dict[str, Number] = Field(default_factory=dict)
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


class ExcuseRule(Data):
    """What can stand in for a duty that was not met."""

    zh: str
    """Words for people."""
    en: str
    """Words for people."""
    kinds: tuple[str, ...] = ()
    """Kinds of happening that excuse, when noted in the row's case (or of its subject) by the due time."""
    pair: Literal["case", "case+subject", "subject", "operator"] = "case"
    """What they must share with the row."""
    since_opened: bool = False
    """Whether only what was noted after the duty opened can excuse it: what came before concerned something else."""
    rule: Literal["entries", "weather", "fault"] = "entries"
    """``weather``: days colder than `number`; ``fault``: what a fault cut or throttled, and `number` after."""
    number: str = ""
    """Full name of the number the rule turns on, e.g. 2.3/design_c."""
    bound: str = ""
    """``fault``: full name of how long a fault that crews mend excuses with no crew at work on it."""
    most: str = ""
    """``fault``: full name of how long any other excuses from its discovery: others' work is not on record."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Full names of the numbers it turns on."""
        return tuple(name for name in (self.number, self.bound, self.most) if name)

    @model_validator(mode="after")
    def _known(self) -> ExcuseRule:
        known_kinds(self.kinds)
        return self


class Override(Data):
    """A number of the guide that was changed for a judgement."""

    clause: str
    name: str
    default: float
    value: float
    unit: str
    origin: str
    """``scenario``, or the file it came from."""


class Guide(Data):
    """All clauses, in the guide's order."""

    format: Literal[1]
    title_zh: str
    title_en: str
    status_zh: str
    status_en: str
    season: tuple[str, str]
    """First and last day of the heating period that the guide names, as month and day."""
    fault_kinds: tuple[str, ...]
    """Kinds that make a case a fault's."""
    found_kinds: tuple[str, ...] = ()
    """Kinds with which a log that does not know when a fault occurred shows that there was one."""
    attended_kinds: tuple[str, ...] = ()
    """Faults that crews mend: left alone they excuse only for so long, see :attr:`ExcuseRule.bound`."""
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

    def bearing_on(self, clause: Clause, part: Part) -> set[str]:
        """Return the full names of the numbers on which a part's verdicts depend, its excuses' among them."""
        rules = [self.excuses[excuse] for excuse in part.excuses]
        names = {name if "/" in name else f"{clause.id}/{name}" for name in numbers_named(part)}
        names |= {name for rule in rules for name in rule.numbers}
        return names | {self.decision_notice} if clause.id in self.moved_by_decision else names

    def dependents(self, clause_id: str, name: str) -> tuple[str, ...]:
        """Return the judged clauses whose verdicts depend on a number, by their parts or by their excuses."""
        full = f"{clause_id}/{name}"
        return tuple(
            clause.id
            for clause in self.clauses
            if clause.scored and any(full in self.bearing_on(clause, part) for part in clause.parts)
        )

    def numbers_that_differ(self, other: Guide) -> set[str] | None:
        """Return the full names of the numbers another guide has otherwise; None when it differs in more than them."""
        if self._asked() != other._asked():
            return None
        pairs = zip(self.clauses, other.clauses, strict=True)
        return {f"{a.id}/{name}" for a, b in pairs for name in a.numbers if a.numbers[name] != b.numbers[name]}

    def _asked(self) -> list[dict[str, Any]]:
        """Return everything but the numbers."""
        whole = {name: getattr(self, name) for name in Guide.model_fields if name not in ("clauses", "overrides")}
        fields = [name for name in Clause.model_fields if name != "numbers"]
        return [whole, *({name: getattr(clause, name) for name in fields} for clause in self.clauses)]

    @model_validator(mode="before")
    @classmethod
    def _named_triggers(cls, document: Any) -> Any:
        """Put what stands under ``triggers`` in the place of its name, which may be one of a list."""
        if not isinstance(document, dict) or "triggers" not in document:
            return document
        named, unknown = document["triggers"], []

        def spelt_out(trigger: Any, clause_id: str) -> list[Any]:
            if not isinstance(trigger, str):
                listed = ([item] if isinstance(item, dict) else spelt_out(item, clause_id) for item in trigger)
                return [one for items in listed for one in items]
            if trigger not in named:
                unknown.append(f"{clause_id}: unknown trigger {trigger}")
                return []
            return spelt_out(named[trigger], clause_id)

        clauses = []
        for clause in document["clauses"]:
            parts = [dict(part) for part in clause.get("parts", ())]
            for part in parts:
                if "trigger" in part:
                    part["trigger"] = spelt_out(part["trigger"], clause["id"])
            clauses.append({**clause, "parts": parts})
        if unknown:
            raise ValueError("; ".join(unknown))
        return {**{key: value for key, value in document.items() if key != "triggers"}, "clauses": clauses}

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
        shared = [
            self.decision_notice,
            *(name for rule in self.excuses.values() for name in rule.numbers),
        ]
        for name in shared:
            owner, _, own = name.partition("/")
            if owner not in ids or own not in self[owner].numbers:
                wrong.append(f"unknown number {name}")
        wrong += [f"moved_by_decision: unknown clause {name}" for name in self.moved_by_decision if name not in ids]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


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
