"""What every part of a scenario has in common: frozen, nothing unknown, every assumed number marked.

A number that no primary text gives is *assumed*: it carries its source, its confidence and the range it could have,
so that all of them can be listed, overridden and swept. Confidence: ``H`` read in a primary text or recomputed from
one, ``M`` one secondary source or two weak ones that agree, ``L`` vendor text, inference or recollection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..network_models.units import UnitKeys

__all__ = ["Assumption", "Confidence", "Part", "assumptions", "number"]

Confidence = Literal["H", "M", "L"]


class Part(UnitKeys, BaseModel):
    """A part of a scenario: immutable, strict, and refusing what it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
    )


def number(
    default: Any,
    *,
    source: str,
    confidence: Confidence,
    low: float | None = None,
    high: float | None = None,
    **limits: Any,
) -> Any:
    """Return a pydantic field that carries where its default comes from.

    Parameters
    ----------
    default
        The default, in the unit of the field's name.
    source
        Where the default comes from; "assumed" and why, where nothing public was found.
    confidence
        ``H``, ``M`` or ``L``; anything but ``H`` counts as assumed.
    low, high
        The range that the number could plausibly have, in the same unit; None where it is not swept.
    **limits
        Limits that a value must keep (``ge``, ``gt``, ``le``, ``lt``, ``min_length``, …).
    """
    extra: dict[str, Any] = {"source": source, "confidence": confidence, "assumed": confidence != "H"}
    if low is not None and high is not None:
        extra["range"] = [low, high]
    if isinstance(default, tuple):
        limits["strict"] = False  # TOML has lists only; the elements stay strict
    return Field(default, json_schema_extra=extra, **limits)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number of a scenario with where it comes from.

    Attributes
    ----------
    path : str
        E.g. ``policies.reserve.days``.
    value, default
        As JSON values, in the unit of the path's last word.
    source : str
        Where the default comes from.
    confidence : str
        ``H``, ``M`` or ``L``.
    low, high : float or None
        Plausible range of the default.
    """

    path: str
    value: Any
    default: Any
    source: str
    confidence: str
    low: float | None
    high: float | None

    @property
    def overridden(self) -> bool:
        """Whether the scenario gives another value than the default."""
        return bool(self.value != self.default)


def assumptions(part: BaseModel, path: str = "") -> tuple[Assumption, ...]:
    """Return every number of `part` that is marked with a source, in the order of the file."""
    found: list[Assumption] = []
    for name, field in type(part).model_fields.items():
        here = f"{path}.{name}" if path else name
        value = getattr(part, name)
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "confidence" in extra:
            bounds = extra.get("range")
            low, high = bounds if isinstance(bounds, list) else (None, None)
            default = field.get_default(call_default_factory=True)
            found.append(
                Assumption(here, value, default, str(extra["source"]), str(extra["confidence"]), low, high)  # type: ignore[arg-type]
            )
        elif isinstance(value, BaseModel):
            found.extend(assumptions(value, here))
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, BaseModel):
                    found.extend(assumptions(item, f"{here}[{index}]"))
    return tuple(found)
