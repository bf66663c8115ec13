"""What the tables of a hand-written record may hold, so that a slip is told with its place and is no traceback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..network_models.documents import Document, problems_of
from ..network_models.problems import Problem
from .record_values import AMOUNT, CELSIUS, KELVIN

__all__ = ["MOST_DWELLINGS", "shape_problems"]

MOST_DWELLINGS = 1_000_000  # of an estate: beyond, it is a slip and not an estate


def _word(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("text in quotes or a whole number")
    return value


Word = Annotated[Any, BeforeValidator(_word)]
Text = Annotated[str, Field(strict=True)]
Celsius = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=CELSIUS[0], le=CELSIUS[1])]
Kelvin = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=KELVIN[0], le=KELVIN[1])]
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=AMOUNT[0], le=AMOUNT[1])]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_DWELLINGS)]


class _Table(BaseModel):
    """Unknown keys, days and instants are told by the writer, which knows what else they could be."""

    model_config = ConfigDict(extra="allow", frozen=True)


class _Season(_Table):
    pass


class _Entry(_Table):
    what: Text = ""
    case: Word = ""
    cause: Word = ""
    name: Word = ""
    detail: dict[str, Any] = {}


class _Operator(_Table):
    name: Text


class _Source(_Table):
    name: Text
    operator: Text = ""
    district: Text = ""


class _Substation(_Source):
    source: Text = ""
    manager: Text = ""
    households: Annotated[int, Field(strict=True, ge=1, le=MOST_DWELLINGS)] = 1
    paying: Count = 0


class _Room(_Table):
    estate: Text
    hourly_c: list[Celsius] = []
    offsets_k: list[Kelvin] = []


class _Outdoor(_Table):
    hourly_c: list[Celsius] = []
    daily_mean_c: list[Celsius] = []


class _Series(_Table):
    track: Text
    subject: Text = ""
    hourly: list[Amount] = []


class _HandWritten(_Table):
    format: Literal[1] = 1
    title: Text = ""
    origin: Literal["simulated", "observed"] = "simulated"
    logged: list[Text] = []
    guide: dict[str, Any] = {}
    season: _Season = _Season()
    entry: list[_Entry] = []
    operator: list[_Operator] = []
    source: list[_Source] = []
    substation: list[_Substation] = []
    room: list[_Room] = []
    outdoor: _Outdoor = _Outdoor()
    series: list[_Series] = []


def shape_problems(data: Mapping[str, Any], document: Document | None = None) -> list[Problem]:
    """Return where a hand-written record holds a table, a list, a number or a word in another's place."""
    try:
        _HandWritten.model_validate(dict(data))
    except ValidationError as error:
        return problems_of(error, document or Document("", dict(data)), _HandWritten)
    return []
