"""``--require``: what a scorecard must reach for exit code 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...network_models.problems import InputError, Problem, did_you_mean
from .words import Words

__all__ = ["Requirement", "parse", "unmet"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A least share: of a clause's compliance, or of both overall scores when `clause` is empty.

    Attributes
    ----------
    clause : str
    wanted : float
        Between 0 and 1.
    found : float or None
        What the scorecard says; None until it is compared, and for a clause that had nothing to judge.
    whose : str
        Of the overall scores, which one fell short: ``operator`` or ``authority``.
    """

    clause: str
    wanted: float
    found: float | None = None
    whose: str = ""

    def sentence(self, words: Words) -> str:
        """Say that it was not met."""
        found = "-" if self.found is None else f"{self.found:.4f}"
        return words(
            "require.clause" if self.clause else "require.score",
            clause=self.clause,
            found=found,
            wanted=f"{self.wanted:g}",
            whose=words(f"bearer.{self.whose}") if self.whose else "",
        )


def parse(texts: Sequence[str]) -> tuple[Requirement, ...]:
    """Read requirements written ``0.95``, ``95%`` or ``2.3=0.99``.

    Raises
    ------
    InputError
        With every text that is not one.
    """
    found: list[Requirement] = []
    problems: list[Problem] = []
    for text in texts:
        clause, separator, share = text.rpartition("=")
        try:
            number = float(share.rstrip("%")) / (100 if share.endswith("%") else 1)
        except ValueError:
            number = -1.0
        if 0 <= number <= 1 and (clause or not separator):
            found.append(Requirement(clause.strip(), number))
        else:
            wanted = "a share from 0 to 1 (or 0% to 100%), alone or after CLAUSE="
            problems.append(Problem("--require", f'"{text}"', wanted, "e.g. --require 0.9 or --require 2.3=0.99"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def unmet(requirements: Sequence[Requirement], document: Mapping[str, Any]) -> list[Requirement]:
    """Return the requirements that a scorecard does not meet, with what was found.

    Over many winters the pooled compliance, and the mean score, must reach the share. A clause that is judged but had
    no occasion has nothing unmet.

    Raises
    ------
    InputError
        When a requirement names a clause that the scorecard does not judge.
    """
    clauses = {row["id"]: row for row in document["clauses"]}
    problems = []
    broken = []
    for requirement in requirements:
        if not requirement.clause:
            shares = [(_share(value), whose) for whose, value in document["score"].items()]
            found, whose = min(((share, whose) for share, whose in shares if share is not None), default=(None, ""))
            if found is None or found < requirement.wanted:
                broken.append(Requirement("", requirement.wanted, found, whose))
            continue
        row = clauses.get(requirement.clause)
        if row is None or row["status"] in ("not_simulated", "reported"):
            hint = did_you_mean(requirement.clause, [i for i in clauses if i != requirement.clause])
            problems.append(Problem("--require", f'"{requirement.clause}"', "the id of a clause that is judged", hint))
            continue
        found = _share(row["compliance"])
        if row["status"] != "not_triggered" and (found is None or found < requirement.wanted):
            broken.append(Requirement(requirement.clause, requirement.wanted, found))
    if problems:
        raise InputError(problems)
    return broken


def _share(value: Any) -> float | None:
    """Return the one number of a share that may be spread over winters."""
    if isinstance(value, Mapping):
        value = value.get("pooled", value.get("mean"))
    return None if value is None else float(value)
