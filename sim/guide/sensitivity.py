"""How a result would read if the assumed numbers moved within their range, and whether its conclusion flips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .overlay import overlaid
from .verdict import Verdicts, judge_clauses

__all__ = ["Moved", "sensitivity"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A clause under another value of one assumed number.

    Attributes
    ----------
    clause : str
        The clause whose result is given.
    number : str
        The number moved, as ``clause/name``.
    value, low, high : float
        As judged, and the ends of its range.
    unit : str
    status, status_low, status_high : str
        The clause's status at each.
    compliance, compliance_low, compliance_high : float or None
        Its compliance at each.
    """

    clause: str
    number: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    status_low: str
    status_high: str
    compliance: float | None
    compliance_low: float | None
    compliance_high: float | None

    @property
    def flips(self) -> bool:
        """Whether the conclusion is another one at either end."""
        return not self.status == self.status_low == self.status_high


def sensitivity(verdicts: Verdicts, clauses: Iterable[str] | None = None) -> list[Moved]:
    """Return every judged clause at both ends of each assumed number it depends on, one number at a time.

    Parameters
    ----------
    verdicts : Verdicts
    clauses : iterable of str, optional
        Ids of the clauses wanted; all that depend on an assumed number when left out.
    """
    guide = verdicts.guide
    wanted = set(clauses) if clauses is not None else {clause.id for clause in guide.clauses}
    found: list[Moved] = []
    for owner in guide.clauses:
        for name, number in owner.numbers.items():
            if not number.assumed or number.low is None or number.high is None:
                continue
            ids = [clause_id for clause_id in guide.dependents(owner.id, name) if clause_id in wanted]
            ids = [clause_id for clause_id in ids if verdicts[clause_id].status not in ("no_evidence", "not_simulated")]
            if not ids:
                continue
            ends = []
            for value in (number.low, number.high):
                moved = overlaid(guide, {owner.id: {name: value}}, "range")
                # only what is told is kept: the duties of a season, row by row, are large
                ends.append({v.clause.id: (v.status, v.compliance) for v in judge_clauses(verdicts, moved, ids)})
            for clause_id in ids:
                now, (low, low_share), (high, high_share) = verdicts[clause_id], ends[0][clause_id], ends[1][clause_id]
                moved_number = Moved(
                    clause_id, f"{owner.id}/{name}", number.value, number.low, number.high, number.unit,
                    now.status, low, high, now.compliance, low_share, high_share,
                )  # fmt: skip
                found.append(moved_number)
    return found
