"""Scenario: the one validated root of everything that may happen and everything we would do.

``load(path_or_name, changes)`` reads a TOML file or a library scenario with the overlays it extends, applies changes
such as ``"policies.reserve.days=10"``, and returns a frozen :class:`Scenario` or raises all problems at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from ..network_models.descriptions import described
from ..network_models.documents import Document, Place, at_place, plain, problems_of, show_path
from ..network_models.edits import Edits
from ..network_models.problems import Problem, ScenarioError
from ..network_models.sources import Text, TextOrNone
from .costs import Costs
from .disruptions.specification import Disruptions
from .midseason import Later, State, check_decisions
from .operation import Operation
from .overlay import Change, Merged, merge_change, name_kinds, read_changes, read_merged, without
from .parts import Assumption, Part, assumptions
from .people import People
from .policies.specification import Policies
from .season import Exit, Season
from .weather.synthetic import Synthetic
from .weather.weather import AnyOrigin

__all__ = ["SCHEMA_VERSION", "Scenario", "from_resolved", "library", "load", "schema", "sound_part"]

SCHEMA_VERSION = 1
_LIBRARY = Path(__file__).parent / "library"
_ROUNDS = 4
_SET = "--set"  # how the place of a change begins


class Scenario(Part):
    """A season to be played: weather, disruptions, policies, people, prices, on a network."""

    schema_version: Literal[1]
    """Version of this format."""

    name: Text
    """Short name."""

    title_zh: TextOrNone = ""
    """Title in Chinese."""

    title_en: TextOrNone = ""
    """Title in English."""

    network: str = Field(default="hanzhong", min_length=1)
    """A library network, or the path of a network file or folder relative to the scenario that names it."""

    edits: Edits = Field(default_factory=dict)
    """Changes to the network, by name: what stands for this season otherwise than on file."""

    seed: int = Field(default=1, ge=0)
    """Seed of all chance."""

    season: Season = Season()
    """When the season is."""

    weather: AnyOrigin = Synthetic()
    """The winter."""

    disruptions: Disruptions = Disruptions()
    """What may strike."""

    policies: Policies = Policies()
    """What we decide."""

    operation: Operation = Operation()
    """How the plant is run on any day."""

    people: People = People()
    """Users of heat and what they do."""

    costs: Costs = Costs()
    """What things cost."""

    exit: Exit | None = None
    """An operator that means to give up its business."""

    state: State | None = None
    """How the season stands on a date, where that is known."""

    later: tuple[Later, ...] = Field(default=(), strict=False)
    """Policies that change on a date."""

    guide: dict[str, Any] = Field(default_factory=dict)
    """Changed numbers of the guide's clauses; carried unread, validated by the guide."""

    _document: Document = PrivateAttr(default_factory=lambda: Document("", {}))

    def with_(self, path: str, value: Any) -> Scenario:
        """Return a copy with one thing changed, e.g. ``with_("policies.reserve.days", 10)``.

        `value` is a number (numpy's too), text (also with a unit), a list, or a dict that is merged into a table. A
        change of ``kind`` keeps what both kinds share and takes the new kind's defaults for the rest.

        Raises
        ------
        ScenarioError
            When there is no such path, or the value is wrong.
        """
        return self.with_all({path: value})

    def with_all(self, changes: Mapping[str, Any]) -> Scenario:
        """Return a copy with many things changed at once, kinds before their numbers; see :meth:`with_`.

        Raises
        ------
        ScenarioError
            With everything that is wrong with any of them.
        """
        merged = Merged(self.model_dump(), dict(self._document.places))
        problems: list[Problem] = []
        for path in sorted(changes, key=lambda path: path.rpartition(".")[2] != "kind"):
            keys = read_changes([f"{path}=0"])[0].path
            problems += merge_change(merged, Change(keys, plain(changes[path]), Place("")), Scenario)
        try:
            changed = _validated(merged, self._document.file)
        except ScenarioError as error:  # without the changes nothing was wrong: it stands in no file
            wrong = [replace(problem, file="", line=0, column=0) for problem in error.problems]
            raise ScenarioError([*problems, *wrong]) from error
        if problems:
            raise ScenarioError(problems)
        return changed

    def resolved(self) -> dict[str, Any]:
        """Return every value, defaults included, as JSON values."""
        return self.model_dump(mode="json")

    @property
    def hash(self) -> str:
        """BLAKE2b (128 bit) of every value; of a weather file its contents count, not its path."""
        values = self.resolved()
        if "file" in values["weather"]:
            values["weather"]["file"] = _digest_of(Path(values["weather"]["file"]))
        values["network"] = Path(values["network"]).name
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @property
    def origins(self) -> dict[str, str]:
        """Path of every value that was given -> where: ``file:line``, or the change that gave it."""
        places = self._document.places
        tables = {path[:end] for path in places for end in range(1, len(path))}
        return {
            show_path(path): f"{place.file}:{place.line}" if place.line else place.file
            for path, place in places.items()
            if path not in tables
        }

    def assumptions(self) -> tuple[Assumption, ...]:
        """Return every number with a source, as this scenario has it; ``confidence != "H"`` marks the assumed ones."""
        return assumptions(self)

    def problem(self, path: str, problem: Problem) -> Problem:
        """Return a problem with the place of a path such as ``disruptions.imposed[0].pipe`` in the file."""
        keys = read_changes([f"{path}=0"])[0].path
        return at_place(self._document, keys, problem)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the JSON Schema of a scenario file, with the loader's own keys."""
        return _for_editors(described(super().model_json_schema(*args, **kwargs), cls))


def load(path_or_name: str | Path, changes: Sequence[str] = ()) -> Scenario:
    """Return a scenario from a file or the library.

    Parameters
    ----------
    path_or_name
        A TOML file, or the name of a library scenario.
    changes
        Such as ``"policies.reserve.days=10"``; the last word. Values are TOML, or bare text.

    Raises
    ------
    ScenarioError
        With every problem found, each with path, place, value, what was wanted and a hint; what is wrong in a file only
        because of a change, at that change.
    """
    try:
        return _read(path_or_name, changes)
    except ScenarioError as error:
        raise ScenarioError(_at_changes(error.problems, path_or_name, changes)) from error


def _read(path_or_name: str | Path, changes: Sequence[str]) -> Scenario:
    """Return a scenario with changes, or raise all problems, each where the value stands that is at fault."""
    merged, problems = _put_together(path_or_name, changes)
    if merged.data.get("schema_version") is None and problems:
        raise ScenarioError(problems)
    try:
        scenario = _validated(merged, str(path_or_name))
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from error
    if problems:
        raise ScenarioError(problems)
    return scenario


@dataclass(frozen=True, slots=True)
class SoundPart:
    """What is right in a scenario, and the paths of elements of lists for which another one stands in."""

    scenario: Scenario
    stand_ins: frozenset[str]


def sound_part(path_or_name: str | Path, changes: Sequence[str] = ()) -> SoundPart | None:
    """Return what is right in a scenario that :func:`load` refuses, so that its ids too can be held to the network.

    A value that is wrong is left out; an element of a list that cannot be without it is replaced by a sound one, so
    that the others keep their numbers. None when too little is right.
    """
    try:
        merged, _ = _put_together(path_or_name, changes)
    except ScenarioError:
        return None
    stand_ins: set[str] = set()
    for _ in range(_ROUNDS):  # what hangs on something wrong is itself found wrong only after that
        data = name_kinds({"name": "-", **merged.data}, Scenario)
        try:
            scenario = Scenario.model_validate(data)
        except ValidationError as error:
            wrong = problems_of(error, Document("", data, {}), Scenario)
            merged.data, replaced = without(data, [read_changes([f"{problem.path}=0"])[0].path for problem in wrong])
            stand_ins |= {show_path(path) for path in replaced}
            continue
        scenario._document = Document(str(path_or_name), data, merged.places)
        return SoundPart(scenario, frozenset(stand_ins))
    return None


def from_resolved(values: Mapping[str, Any]) -> Scenario:
    """Return the scenario that a record carries as JSON values."""
    try:
        return Scenario.model_validate(values, strict=False)  # JSON has no dates: here they are text
    except ValidationError as error:
        raise ScenarioError(problems_of(error, Document("", dict(values)), Scenario)) from error


def library() -> tuple[str, ...]:
    """Return the names of the library's scenarios."""
    return tuple(sorted(file.stem for file in _LIBRARY.glob("*.toml") if file.stem != "starter"))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    return Scenario.model_json_schema()


def _at_changes(problems: Sequence[Problem], path_or_name: str | Path, changes: Sequence[str]) -> list[Problem]:
    """Return problems with those that no file has without the changes put to the change with which each comes."""
    found, open_ = list(problems), {row for row, problem in enumerate(problems) if not problem.file.startswith(_SET)}
    for count in range(len(changes) + 1):
        if not (open_ and changes):
            break
        try:
            _read(path_or_name, changes[:count])
            there: tuple[Problem, ...] = ()
        except ScenarioError as error:
            there = error.problems
        for row in [row for row in open_ if problems[row] in there]:
            open_.remove(row)
            if count > 0:  # else the file's own
                found[row] = replace(problems[row], file=f"{_SET} {changes[count - 1]}", line=0, column=0)
    return found


def _put_together(path_or_name: str | Path, changes: Sequence[str]) -> tuple[Merged, list[Problem]]:
    """Return a scenario's data with all that it extends and all changes, and what is wrong with putting it together."""
    merged, problems = read_merged(str(path_or_name), _LIBRARY, SCHEMA_VERSION, Scenario)
    parsed = []
    for text in changes:
        try:
            parsed += read_changes([text])
        except ScenarioError as error:
            problems += error.problems
    for change in sorted(parsed, key=lambda change: change.path[-1] != "kind"):  # a kind first, then its numbers
        problems += merge_change(merged, change, Scenario)
    return merged, problems


def _validated(merged: Merged, file: str) -> Scenario:
    """Return the scenario of merged data, or raise all that is wrong with it."""
    document = Document(file, name_kinds(merged.data, Scenario), merged.places)
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioError(problems_of(error, document, Scenario)) from error
    scenario._document = document
    if problems := check_decisions(scenario):
        raise ScenarioError(scenario.problem(problem.path, problem) for problem in problems)
    return scenario


def _digest_of(file: Path) -> str:
    try:
        return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return file.name


def _for_editors(root: dict[str, Any]) -> dict[str, Any]:
    """Add to a JSON Schema the keys that the loader takes for itself."""
    root["properties"] = {
        "extends": {
            "description": "Scenarios that this one is laid over: files beside it, or library scenarios.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        "unset": {
            "description": "Inherited keys to take away, e.g. policies.reserve.",
            "type": "array",
            "items": {"type": "string"},
        },
        **root["properties"],
    }
    result: dict[str, Any] = _any_of(root)
    return result


def _any_of(part: Any) -> Any:
    """Return the schema with ``anyOf`` for tables told apart by ``kind``: the loader knows the default kind."""
    if isinstance(part, dict):
        keys = {"oneOf": "anyOf"} if "discriminator" in part else {}
        return {keys.get(key, key): _any_of(value) for key, value in part.items()}
    return [_any_of(item) for item in part] if isinstance(part, list) else part
