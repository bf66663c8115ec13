"""Edits of pipes: split one, lay one, close a loop, change a diameter, build in a valve, take something away."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from .network import Node, Pipe
from .problems import NetworkError, did_you_mean
from .siting import best_link, best_valve
from .sources import NotNegative, Positive, Text
from .works import Edit, Works, problem

__all__ = ["AddNode", "AddPipe", "AddRingLink", "AddRingLinks", "AddValve", "AddValves", "Remove", "Resize", "Split"]


class _AtPlace(Edit):
    pipe: Text
    """Id of the pipe."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Place along the pipe, from its ``from_node``, as a share of its length [-]."""
    at_m: Positive | None = None
    """The same in metres; goes before ``share`` [m]."""

    def place_m(self, works: Works) -> float:
        """Return the place along the pipe as it was before any split [m]."""
        return self.share * works.length_m(self.pipe) if self.at_m is None else self.at_m

    @property
    def place_key(self) -> str:
        """Return the key that says the place."""
        return "share" if self.at_m is None else "at_m"


class Split(_AtPlace):
    """A chamber in a pipe: the pipe keeps its id up to there, the rest is called ``PIPE-NAME``."""

    kind: Literal["split"]

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Split the pipe; see :class:`Edit`."""
        works.require(name, pipe=("pipes", self.pipe))
        return name, works.split(name, self.place_key, self.pipe, self.place_m(works), name)


class AddNode(Edit):
    """A place where pipes are to meet."""

    kind: Literal["node"]
    x_m: float
    """East of the network's origin [m]."""
    y_m: float
    """North of the network's origin [m]."""
    elevation_m: float = 0.0
    """Above the datum [m]."""
    use: Literal["junction", "chamber"] = "chamber"
    """Plain junction, or valve chamber."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Add the node; see :class:`Edit`."""
        works.fresh(name, nodes=name)
        works.nodes[name] = Node(id=name, kind=self.use, x_m=self.x_m, y_m=self.y_m, elevation_m=self.elevation_m)
        return (name,)


class AddPipe(Edit):
    """A pipe between two nodes. What is not said is as with the first pipe at ``from_node``."""

    kind: Literal["pipe"]
    from_node: Text
    """The node it begins at."""
    to_node: Text
    """The node it ends at."""
    type: Text | None = None
    """Pipe type of the network or of the catalogue, e.g. ``DN200``; none: that of the pipe it joins."""
    length_m: Positive | None = None
    """Length of the trench; none: the straight distance of its nodes [m]."""
    minor_loss: NotNegative = 0.0
    """Sum of the local resistance coefficients (zeta) of one pipe [-]."""
    side: Literal["both", "supply", "return"] = "both"
    """Which pipes lie in the trench."""
    valve_from: bool = False
    """A sectioning valve stands at ``from_node``."""
    valve_to: bool = False
    """A sectioning valve stands at ``to_node``."""
    year: Annotated[int, Field(ge=1950, le=2100)] | None = None
    """Year laid; none: that of the network's newest pipe."""
    role: Literal["transmission", "distribution", "branch"] = "distribution"
    """Transmission main, distribution main, or branch to a substation."""
    road: Text | None = None
    """Road it lies in."""
    operator: Text | None = None
    """Heating enterprise that runs it."""
    district: Text | None = None
    """Administrative district."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Lay the pipe; see :class:`Edit`."""
        ends = {"from_node": ("nodes", self.from_node), "to_node": ("nodes", self.to_node)}
        works.require(name, **ends, **({"type": ("pipe_types", self.type)} if self.type else {}))
        works.fresh(name, pipes=name)
        if self.from_node == self.to_node:
            raise NetworkError([problem(name, "to_node", self.to_node, "another node than from_node")])
        length_m = works.distance_m(self.from_node, self.to_node) if self.length_m is None else self.length_m
        if length_m <= 0.0:
            raise NetworkError([problem(name, "length_m", "", "a length", "its nodes have no coordinates")])
        there = works.pipes_at(self.from_node) or works.pipes_at(self.to_node) or list(works.pipes.values())
        like = there[0]
        type_ = self.type or like.type
        works.take_type("pipe_types", type_)
        works.pipes[name] = Pipe(
            id=name,
            from_node=self.from_node,
            to_node=self.to_node,
            type=type_,
            length_m=length_m,
            minor_loss=self.minor_loss,
            depth_m=like.depth_m,
            side=self.side,
            valve_from=self.valve_from,
            valve_to=self.valve_to,
            year=self.year or works.newest_year,
            role=self.role,
            road=self.road,
            operator=self.operator or like.operator,
            district=self.district or like.district,
        )
        return (name,)


class AddRingLink(AddPipe):
    """A ring link 环连管: a pipe that closes a loop, with a valve at either end."""

    kind: Literal["ring_link"]  # type: ignore[assignment]
    valve_from: bool = True
    valve_to: bool = True


class AddRingLinks(Edit):
    """So many ring links where they secure most heat for each metre laid (:mod:`siting`), one after the other."""

    phase: ClassVar[int] = 2
    kind: Literal["ring_links"]
    count: Annotated[int, Field(ge=0, le=50)] = 1
    """How many [-]."""
    type: Text | None = None
    """Pipe type; none: that of the pipe each joins."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Lay the links, ``NAME-1`` and so on; see :class:`Edit`."""
        laid: list[str] = []
        for number in range(1, self.count + 1):
            ends = best_link(works.network())
            if ends is None:
                hint = f"there is a place for {number - 1}" if laid else "no loss of a main alone cuts users off"
                raise NetworkError([problem(name, "count", self.count, "as many links as secure heat", hint)])
            link = AddRingLink(kind="ring_link", from_node=ends[0], to_node=ends[1], type=self.type)
            laid += link.apply(works, f"{name}-{number}")
        return tuple(laid)


class Resize(Edit):
    """Another diameter for a pipe, all its pieces."""

    kind: Literal["resize"]
    pipe: Text
    """Id of the pipe."""
    type: Text
    """Pipe type of the network or of the catalogue, e.g. ``DN300``."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Change the type; see :class:`Edit`."""
        works.require(name, pipe=("pipes", self.pipe), type=("pipe_types", self.type))
        works.take_type("pipe_types", self.type)
        pieces = tuple(piece.pipe for piece in works.pieces_of(self.pipe))
        for piece in pieces:
            works.change("pipes", piece, type=self.type)
        return pieces


class AddValve(_AtPlace):
    """A sectioning valve 分段阀: at an end of a pipe, or within it, in a chamber called as the edit."""

    kind: Literal["valve"]
    end: Literal["from", "to"] | None = None
    """At that end of the pipe; none: at ``at_m`` or ``share``."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.end is not None and self.at_m is not None:
            raise ValueError("either end or at_m, not both")
        return self

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Build the valve in; see :class:`Edit`."""
        works.require(name, pipe=("pipes", self.pipe))
        if self.end is None:
            new = works.split(name, self.place_key, self.pipe, self.place_m(works), name)
            works.change("pipes", new, valve_from=True)
            return name, new
        piece = works.pieces_of(self.pipe)[0 if self.end == "from" else -1].pipe
        if getattr(works.pipes[piece], f"valve_{self.end}"):
            raise NetworkError([problem(name, "end", self.end, "an end without a valve", "one stands there already")])
        works.change("pipes", piece, **{f"valve_{self.end}": True})
        return (piece,)


class AddValves(Edit):
    """So many sectioning valves where they spare most users (:mod:`siting`), one after the other."""

    phase: ClassVar[int] = 2
    kind: Literal["valves"]
    count: Annotated[int, Field(ge=0, le=200)] = 1
    """How many [-]."""

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Build the valves in; see :class:`Edit`."""
        at: list[str] = []
        for number in range(1, self.count + 1):
            place = best_valve(works.network())
            if place is None:
                hint = f"there is a place for {number - 1}"
                raise NetworkError([problem(name, "count", self.count, "as many valves as spare users", hint)])
            pipe, end = place
            works.change("pipes", pipe, **{f"valve_{end}": True})
            at.append(pipe)
        return tuple(at)


class Remove(Edit):
    """Something taken away: a pipe, a substation with its dwellings, a unit of a source, a valve, or a source."""

    phase: ClassVar[int] = 1
    kind: Literal["remove"]
    pipe: Text | None = None
    """Id of a pipe; with ``valve`` only its valve."""
    valve: Literal["from", "to"] | None = None
    """The valve at that end of ``pipe``."""
    substation: Text | None = None
    """Id of a substation; its branch goes too where nothing else hangs on it."""
    source: Text | None = None
    """Id of a source."""
    unit: Text | None = None
    """Id of a unit of some source; its store goes too where no other unit burns from it."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        named = [key for key in ("pipe", "substation", "source", "unit") if getattr(self, key) is not None]
        if len(named) != 1 or (self.valve is not None and named != ["pipe"]):
            raise ValueError("one of: pipe (with or without valve), substation, source, unit")
        return self

    def apply(self, works: Works, name: str) -> tuple[str, ...]:
        """Take it away; see :class:`Edit`."""
        if self.pipe is not None:
            return self._pipe(works, name, self.pipe)
        if self.substation is not None:
            return self._substation(works, name, self.substation)
        if self.source is not None:
            works.require(name, source=("sources", self.source))
            node = works.sources.pop(self.source).node
            works.change("nodes", node, kind="junction")
            self._dead_end(works, node)
            return (self.source,)
        return self._unit(works, name, self.unit or "")

    def _pipe(self, works: Works, name: str, pipe: str) -> tuple[str, ...]:
        works.require(name, pipe=("pipes", pipe))
        pieces = [piece.pipe for piece in works.pieces_of(pipe)]
        if self.valve is None:
            works.drop_pipes(pieces)
            return tuple(pieces)
        piece = pieces[0 if self.valve == "from" else -1]
        if not getattr(works.pipes[piece], f"valve_{self.valve}"):
            raise NetworkError([problem(name, "valve", self.valve, "an end with a valve", "none stands there")])
        works.change("pipes", piece, **{f"valve_{self.valve}": False})
        return (piece,)

    def _substation(self, works: Works, name: str, substation: str) -> tuple[str, ...]:
        works.require(name, substation=("substations", substation))
        node = works.substations.pop(substation).node
        gone = [cohort.id for cohort in works.cohorts.values() if cohort.substation == substation]
        for cohort in gone:
            del works.cohorts[cohort]
        if all(other.node != node for other in works.substations.values()):
            works.change("nodes", node, kind="junction")
            self._dead_end(works, node)
        return (substation, *gone)

    @staticmethod
    def _dead_end(works: Works, node: str) -> None:
        """Take away the one pipe that leads to a node where nothing is any more."""
        pipes = works.pipes_at(node)
        if len(pipes) == 1 and pipes[0].role == "branch":
            works.drop_pipes([pipes[0].id])

    @staticmethod
    def _unit(works: Works, name: str, unit: str) -> tuple[str, ...]:
        owners = {u.id: source for source in works.sources.values() for u in source.units}
        if unit not in owners:
            hint = did_you_mean(unit, list(owners))
            raise NetworkError([problem(name, "unit", unit, "the id of a unit of some source", hint)])
        owner = owners[unit]
        left = tuple(u for u in owner.units if u.id != unit)
        if not left:
            raise NetworkError([problem(name, "unit", unit, "a source that keeps a unit", "remove the source instead")])
        burnt = {u.store for u in left}
        stores = tuple(store for store in owner.stores if store.id in burnt)
        works.change("sources", owner.id, units=left, stores=stores)
        return (unit,)
