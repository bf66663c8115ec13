"""Addresses of verdicts, ``2.6.4c/17`` or ``2.7.4/promise/3``: what one means, or why there is none, what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...network_models.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from .verdict import ClauseVerdict, PartVerdict, Verdicts

__all__ = ["address_of", "no_verdict", "row_at"]

_FEW = 3


def address_of(clause_id: str, part_id: str, row: int | str) -> str:
    """Return the address of a row."""
    return f"{clause_id}/{part_id}/{row}" if part_id else f"{clause_id}/{row}"


def row_at(verdicts: Verdicts, address: str) -> tuple[str, str, int] | None:
    """Return clause, part and row that an address means; None where there is no such verdict."""
    clause_id, *rest = address.split("/")
    *between, number = rest or [""]
    part_id = between[0] if between else ""
    found = [
        part for verdict in verdicts.clauses for part in verdict.parts
        if (verdict.clause.id, part.id) == (clause_id, part_id) and len(between) <= 1
    ]  # fmt: skip
    whole = number.isascii() and number.isdigit() and len(number) < 10
    return (clause_id, part_id, int(number)) if found and whole and int(number) < len(found[0].rows) else None


def no_verdict(verdicts: Verdicts, address: str) -> Problem:
    """Return why no verdict has an address, and the addresses that are nearest to it."""
    clause_id, _, rest = address.partition("/")
    known = {verdict.clause.id: verdict for verdict in verdicts.clauses}
    clause = known.get(clause_id)
    own = [] if clause is None else _addresses(clause)
    near = own or _worst(verdicts)
    wanted = (
        f"the address of a verdict, such as {', '.join(near)}" if near else "a record in which something was judged"
    )
    hint = "clause/row or clause/part/row; a clause alone lists its breaches"
    part = None if clause is None else next((p for p in clause.parts if p.id == rest.rpartition("/")[0]), None)
    if clause is None:
        hint = did_you_mean(clause_id, list(known)) or hint
    elif not own:
        hint = _WHY[clause.status].format(clause=clause_id)
    elif part is not None:
        hint = _rows_of(clause, part)
    return Problem("VERDICT", f'"{address}"', wanted, hint)


def _rows_of(clause: ClauseVerdict, part: PartVerdict) -> str:
    name = f"{clause.clause.id}/{part.id}".rstrip("/")
    if not len(part.rows):
        return f"nothing arose in this record under {name}"
    return f"rows of {name} are counted from 0, the last is {len(part.rows) - 1}"


def _addresses(clause: ClauseVerdict) -> list[str]:
    """Return the first and the last address of each part that has any."""
    found = []
    for part in clause.parts:
        if len(part.rows):
            ends = [address_of(clause.clause.id, part.id, row) for row in sorted({0, len(part.rows) - 1})]
            found.append(" .. ".join(ends))
    return found


def _worst(verdicts: Verdicts) -> list[str]:
    """Return a few addresses that can be told: of breaches, else of anything judged."""
    worst = [verdicts.worst(verdict.clause.id) for verdict in verdicts.clauses]
    judged = [address for verdict in verdicts.clauses for address in _addresses(verdict)]
    return [address for address in worst if address][:_FEW] or judged[:_FEW]


_WHY = {
    "not_simulated": "{clause} is not simulated: no season's record can show it",
    "reported": "{clause} is reported, not judged",
    "no_evidence": "this record logs nothing by which {clause} could be judged",
    "not_triggered": "nothing happened in this record that {clause} speaks of",
}
