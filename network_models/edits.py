"""Edits: a network that differs from the one on file by a few named changes, told as data.

``edited(network, {"link": {"kind": "ring_link", "from_node": "a", "to_node": "b"}})`` gives the changed network; the
same stands in a scenario as ``[edits.link]``. What an edit adds bears the edit's name. Edits know no order: first what
is built, each as soon as what it names stands; then what is taken away; then what looks for a place of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from .documents import CROSS_CHECK, Document, problems_of, show_path
from .edits_pipes import (
    AddNode,
    AddPipe,
    AddRingLink,
    AddRingLinks,
    AddValve,
    AddValves,
    Remove,
    Resize,
    Split,
)
from .edits_plants import AddBoiler, AddSource, AddSubstation, AddTank, AddUnit
from .network import Edited, Network
from .problems import NetworkError, Problem
from .sources import Part, Text
from .works import Edit, Works

__all__ = ["AnyEdit", "Edit", "Edits", "edited"]

AnyEdit = Annotated[
    Split
    | AddNode
    | AddPipe
    | AddRingLink
    | AddRingLinks
    | Resize
    | AddValve
    | AddValves
    | AddSubstation
    | AddSource
    | AddBoiler
    | AddUnit
    | AddTank
    | Remove,
    Field(discriminator="kind"),
]
Edits = dict[Text, AnyEdit]
_PHASES = (0, 1, 2)


class _File(Part):
    """What is validated where edits come as plain data."""

    edits: Edits


def edited(network: Network, edits: Mapping[str, Edit | Mapping[str, Any]]) -> Network:
    """Return the network with changes made to it, each stamped in ``network.edits``.

    Parameters
    ----------
    network : Network
        Stays as it is.
    edits : mapping
        Name -> edit, itself or as plain data with its ``kind`` (``split``, ``node``, ``pipe``, ``ring_link``,
        ``ring_links``, ``resize``, ``valve``, ``valves``, ``substation``, ``source``, ``boiler``, ``unit``, ``tank``,
        ``remove``), lengths in metres or as text with a unit.

    Raises
    ------
    NetworkError
        With everything that is wrong: keys, values, ids that are not there or taken, and a network that does not
        hang together afterwards; the path of each begins with ``edits.NAME``.
    """
    known = _validated(edits)
    if not known:
        return network
    works = Works(network)
    stamps: list[Edited] = []
    for phase in _PHASES:
        waiting = {name: known[name] for name in sorted(known) if known[name].phase == phase}
        if phase == 2 and waiting:
            _whole(works, ())  # rules look at a network that hangs together
        stamps += _carry_out(works, waiting)
    return _whole(works, sorted(stamps, key=lambda stamp: stamp.name))


def _validated(edits: Mapping[str, Edit | Mapping[str, Any]]) -> dict[str, Edit]:
    document = Document("", {"edits": dict(edits)})
    try:
        return dict(_File.model_validate(document.data).edits)
    except ValidationError as error:
        raise NetworkError(problems_of(error, document, _File)) from error


def _carry_out(works: Works, waiting: dict[str, Edit]) -> list[Edited]:
    """Do the works of a phase in order of name, those that name what is not there yet after the others."""
    stamps: list[Edited] = []
    while waiting:
        left: dict[str, Edit] = {}
        problems: list[Problem] = []
        for name, edit in waiting.items():
            try:
                elements = edit.apply(works, name)
            except NetworkError as error:
                left[name] = edit
                problems += error.problems
                continue
            if elements:  # a boiler of 0 W, 0 valves: nothing was changed
                stamps.append(Edited(name=name, kind=edit.kind, elements=elements))
        if len(left) == len(waiting):
            raise NetworkError(problems)
        waiting = left
    return stamps


def _whole(works: Works, stamps: list[Edited] | tuple[()]) -> Network:
    """Return the network, or raise what does not hang together any more as problems of the edits."""
    try:
        return works.network(stamps)
    except ValidationError as error:
        problems = [
            Problem(f"edits: {show_path(path)}", problem.found, problem.wanted, problem.hint)
            for fault in error.errors(include_url=False)
            if fault["type"] == CROSS_CHECK
            for path, problem in fault["ctx"]["problems"]
        ]
        if not problems:
            raise
        raise NetworkError(problems) from error
