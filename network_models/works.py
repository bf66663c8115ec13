"""Works on a network: its tables open for change, and every fault of an edit said at once.

An :class:`Edit` is a change as data; it does its work on a :class:`Works` and leaves it as it was where it finds
something wrong. Ids name what the network on file has: a pipe that was split still answers to its id, all pieces of it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import hypot
from typing import Any, ClassVar, Literal, NamedTuple

from .catalogue import dwelling_types, pipe_types
from .documents import show_path, show_value
from .network import Basis, Cohort, DwellingType, Edited, Network, Node, Pipe, PipeType, Substation
from .problems import NetworkError, Problem, did_you_mean
from .sources import Part, Source

__all__ = ["Edit", "Piece", "Works", "problem"]

_PARTS: dict[str, type[Part]] = {
    "nodes": Node, "pipes": Pipe, "substations": Substation, "cohorts": Cohort, "sources": Source,
    "pipe_types": PipeType, "dwelling_types": DwellingType,
}  # fmt: skip
_CATALOGUE: dict[str, Callable[[], tuple[Any, ...]]] = {"pipe_types": pipe_types, "dwelling_types": dwelling_types}
_WHAT = {table: table.replace("_", " ").removesuffix("s") for table in _PARTS}


class Edit(Part):
    """A change to a network, as data."""

    kind: str
    """What is done."""
    phase: ClassVar[int] = 0
    """0 builds, 1 takes away, 2 looks at what then stands; edits of one phase know no order."""

    @abstractmethod
    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Do the work and return the ids of what was added, changed or taken away.

        Parameters
        ----------
        works : Works
            The network under works; changed.
        name : str
            Of the edit; what it adds bears this name.

        Raises
        ------
        NetworkError
            With everything that is wrong with the edit; then nothing was changed.
        """


class Piece(NamedTuple):
    """A piece of a pipe that was split: where it begins along the pipe [m], and its id."""

    start_m: float
    pipe: str


@dataclass(slots=True)
class Works:
    """A network under works.

    Attributes
    ----------
    base : Network
        The network as it was.
    nodes, pipes, substations, cohorts, sources, pipe_types, dwelling_types : dict
        Id -> part, in the order of the network's file, what is new at the end.
    pieces : dict
        Pipe that was split -> its pieces, from its beginning.
    basis : list of Basis
        Where the numbers come from, those of the edits too.
    """

    base: Network
    nodes: dict[str, Node] = field(init=False)
    pipes: dict[str, Pipe] = field(init=False)
    substations: dict[str, Substation] = field(init=False)
    cohorts: dict[str, Cohort] = field(init=False)
    sources: dict[str, Source] = field(init=False)
    pipe_types: dict[str, PipeType] = field(init=False)
    dwelling_types: dict[str, DwellingType] = field(init=False)
    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    basis: list[Basis] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the tables."""
        for table in _PARTS:
            setattr(self, table, {part.id: part for part in getattr(self.base, table)})
        self.basis = list(self.base.basis)

    def network(self, stamps: Sequence[Edited] = ()) -> Network:
        """Return the network as it now stands, checked as a whole.

        Raises
        ------
        ValidationError
            Of pydantic, with what does not hang together.
        """
        same = {name: getattr(self.base, name) for name in Network.model_fields if name not in _PARTS}
        same |= {"basis": tuple(self.basis), "edits": (*self.base.edits, *stamps)}
        return Network.model_validate(same | {table: tuple(getattr(self, table).values()) for table in _PARTS})

    # --- questions

    def require(self, name: str, **named: tuple[str, str]) -> None:
        """Refuse an edit that names what is not there; key of the edit -> (table, id).

        Raises
        ------
        NetworkError
            With every id that is unknown, and what it was likely meant to be.
        """
        problems = []
        for key, (table, id_) in named.items():
            known = [*getattr(self, table), *(kind.id for kind in _CATALOGUE.get(table, tuple)())]
            if id_ not in known:
                problems.append(problem(name, key, id_, f"the id of a {_WHAT[table]}", did_you_mean(id_, known)))
        if problems:
            raise NetworkError(problems)

    def fresh(self, name: str, **new: str) -> None:
        """Refuse ids that are taken; table -> id that is to be added.

        Raises
        ------
        NetworkError
            With every id that is taken.
        """
        taken = [
            problem(name, "", f"{id_}", f"a name that no {_WHAT[table]} of the network bears", "rename the edit")
            for table, id_ in new.items()
            if id_ in getattr(self, table)
        ]
        if taken:
            raise NetworkError(taken)

    def pieces_of(self, pipe: str) -> list[Piece]:
        """Return the pieces of a pipe, itself where it was not split."""
        return self.pieces.get(pipe, [Piece(0.0, pipe)])

    def length_m(self, pipe: str) -> float:
        """Return the length of a pipe with all its pieces [m]."""
        last = self.pieces_of(pipe)[-1]
        return last.start_m + self.pipes[last.pipe].length_m

    def pipes_at(self, node: str) -> list[Pipe]:
        """Return the pipes that end at a node."""
        return [pipe for pipe in self.pipes.values() if node in (pipe.from_node, pipe.to_node)]

    def pipe_at(self, name: str, key: str, node: str) -> Pipe:
        """Return the first pipe at a node: new pipes there take its operator, district, depth and road.

        Raises
        ------
        NetworkError
            When no pipe ends there.
        """
        found = self.pipes_at(node)
        if not found:
            raise NetworkError([problem(name, key, node, "a node that a pipe ends at")])
        return found[0]

    def distance_m(self, one: str, two: str) -> float:
        """Return the straight distance of two nodes, to the decimetre [m]."""
        a, b = self.nodes[one], self.nodes[two]
        return round(hypot(b.x_m - a.x_m, b.y_m - a.y_m), 1)

    @property
    def newest_year(self) -> int:
        """Year in which the newest pipe was laid: that of the works, where they do not say."""
        return max((pipe.year for pipe in self.base.pipes), default=2000)

    # --- changes

    def take_type(self, table: Literal["pipe_types", "dwelling_types"], type_: str) -> None:
        """Take a type out of the catalogue where the network's file does not have it."""
        own = getattr(self, table)
        if type_ not in own:
            own[type_] = next(kind for kind in _CATALOGUE[table]() if kind.id == type_)

    def change(self, table: Literal["nodes", "pipes", "sources"], id_: str, **values: Any) -> None:
        """Change values of one part."""
        parts = getattr(self, table)
        parts[id_] = parts[id_].model_copy(update=values)

    def split(self, name: str, key: str, pipe: str, at_m: float, node: str) -> str:
        """Split a pipe and return the id of the piece that begins there.

        Length and local resistances are shared out by length; valves stay at the ends they stood at.

        Parameters
        ----------
        name, key : str
            Of the edit, and of the place in it.
        pipe : str
            A pipe that is there.
        at_m : float
            From the beginning of the pipe as it was before any split [m].
        node : str
            Id of the chamber that is built there.

        Raises
        ------
        NetworkError
            When the place is none within the pipe, or the chamber's id is taken.
        """
        whole_m = self.length_m(pipe)
        pieces = self.pieces_of(pipe)
        if not 0.0 < at_m < whole_m or any(at_m == piece.start_m for piece in pieces):
            hint = "it is split there already" if 0.0 < at_m < whole_m else ""
            wrong = problem(name, key, "", f"a place between 0 and {whole_m:g} m", hint)
            raise NetworkError([replace(wrong, found=f"{at_m:g} m")])
        new = f"{pipe}-{node}"
        self.fresh(name, nodes=node, pipes=new)
        row = max(number for number, piece in enumerate(pieces) if piece.start_m < at_m)
        old = self.pipes[pieces[row].pipe]
        first_m = at_m - pieces[row].start_m
        share = first_m / old.length_m
        start, end = self.nodes[old.from_node], self.nodes[old.to_node]
        self.nodes[node] = Node(
            id=node,
            kind="chamber",
            **{
                axis: round(getattr(start, axis) + share * (getattr(end, axis) - getattr(start, axis)), 2)
                for axis in ("x_m", "y_m", "elevation_m")
            },
        )
        self.change("pipes", old.id, to_node=node, length_m=first_m, minor_loss=old.minor_loss * share, valve_to=False)
        self.pipes[new] = old.model_copy(
            update={
                "id": new,
                "from_node": node,
                "length_m": old.length_m - first_m,
                "minor_loss": old.minor_loss * (1.0 - share),
                "valve_from": False,
            }
        )
        self.pieces[pipe] = [*pieces[: row + 1], Piece(at_m, new), *pieces[row + 1 :]]
        return new

    def drop_pipes(self, pipes: Sequence[str]) -> None:
        """Take pipes away, and the junctions and chambers that nothing then leads to."""
        ends = {end for pipe in pipes for end in (self.pipes[pipe].from_node, self.pipes[pipe].to_node)}
        for pipe in pipes:
            del self.pipes[pipe]
        for node in ends:
            if self.nodes[node].kind in ("junction", "chamber") and not self.pipes_at(node):
                del self.nodes[node]

    def assume(self, of: str, source: str) -> None:
        """Note where numbers of an edit come from."""
        self.basis.append(Basis(of=of, status="assumed", confidence="L", source=source))


def problem(name: str, key: str, found: Any, wanted: str, hint: str = "") -> Problem:
    """Return a fault of an edit at its place in the scenario."""
    path = ("edits", name, *([key] if key else []))
    return Problem(show_path(path), show_value(found), wanted, hint)
