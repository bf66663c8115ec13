"""Supply and return drawn apart, brought together: which return junction and pipe lie beside which supply ones.

Other programs draw both sides of a district-heating network as pipes of their own. Consumers and pumps join one supply
with one return junction each; from there the pairing is carried from junction to junction along pipes that are alike.
What finds no partner stays a pipe of one side, so a wrong guess costs nothing but a shorter file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Edge", "Pairs", "pair"]

Junction = int
Key = tuple[str, int]  # table and row


@dataclass(frozen=True, slots=True)
class Edge:
    """A pipe of one side.

    Attributes
    ----------
    key : tuple
        Who it is.
    start, end : int
        Its junctions.
    alike : hashable
        All that two pipes must share to lie in one trench.
    length : hashable
        What they must share for their junctions to lie beside each other.
    """

    key: Key
    start: Junction
    end: Junction
    alike: Hashable
    length: Hashable

    def other(self, junction: Junction) -> Junction:
        """Return the far end."""
        return self.end if junction == self.start else self.start


@dataclass(frozen=True, slots=True)
class Pairs:
    """What lies side by side: supply junction -> return junction, and supply pipe -> return pipe, by their keys."""

    junctions: dict[Junction, Junction]
    pipes: dict[Key, Key]


def pair(
    joined: Mapping[Junction, Junction], supply: Sequence[Edge], back: Sequence[Edge],
    fits: Mapping[Junction, Hashable],
) -> Pairs:  # fmt: skip
    """Return the pairs that follow from the junctions known to lie beside each other.

    Sure steps are taken first: a junction whose pipes leave one choice only. When there is none left, the first choice
    in the order of the file is taken, which mirrors how such networks are drawn.

    Parameters
    ----------
    joined : mapping
        Supply junction -> return junction, joined by a consumer or a source.
    supply, back : sequence of Edge
        The pipes of either side.
    fits : mapping
        Junction -> what two junctions must share to lie beside each other, such as their height.
    """
    search = _Search(dict(joined), supply, back, fits)
    search.run()
    return Pairs(search.twin, search.pipe_pairs)


class _Search:
    def __init__(
        self, twin: dict[Junction, Junction], supply: Sequence[Edge], back: Sequence[Edge],
        fits: Mapping[Junction, Hashable],
    ) -> None:  # fmt: skip
        self.twin, self.taken = twin, set(twin.values())
        self.near_supply, self.near_back = _by_junction(supply), _by_junction(back)
        self.fits = fits
        self.pipe_pairs: dict[Key, Key] = {}
        self.used: set[Key] = set()  # return pipes

    def run(self) -> None:
        todo, undecided = deque(self.twin), list[Junction]()
        while todo or undecided:
            if todo:
                here = todo.popleft()
                if self._open(here) and not self._step(here, todo, sure=True):
                    undecided.append(here)
                continue
            undecided = [here for here in undecided if self._open(here)]
            moved = next((here for here in undecided if self._step(here, todo, sure=False)), None)
            if moved is None:
                return
            todo.extend(undecided)
            undecided = []

    def _open(self, here: Junction) -> list[Edge]:
        return [edge for edge in self.near_supply.get(here, ()) if edge.key not in self.pipe_pairs]

    def _step(self, here: Junction, todo: deque[Junction], *, sure: bool) -> bool:
        """Pair pipes at a junction; return whether nothing is left to decide (or, unsure, whether one was decided)."""
        done = True
        for edge in self._open(here):
            far = edge.other(here)
            choices = self._choices(here, far, edge)
            if far in self.twin:
                alike = [choice for choice in choices if choice.alike == edge.alike]
                if alike:
                    self._take(edge, alike[0])
                continue
            alike = [choice for choice in choices if choice.alike == edge.alike] or choices
            rivals = [
                rival
                for rival in self._open(here)
                if rival.length == edge.length and rival.other(here) not in self.twin
            ]
            if not alike:
                continue
            if sure and (len(rivals) > 1 or len({choice.other(self.twin[here]) for choice in alike}) > 1):
                done = False
                continue
            choice = alike[0]
            there = choice.other(self.twin[here])
            self.twin[far] = there
            self.taken.add(there)
            if choice.alike == edge.alike:
                self._take(edge, choice)
            todo.append(far)
            todo.append(here)
            if not sure:
                return True
        return done and sure

    def _choices(self, here: Junction, far: Junction, edge: Edge) -> list[Edge]:
        """Return the return pipes that may lie beside a supply pipe, seen from a paired junction."""
        beside = self.twin[here]
        found = []
        for choice in self.near_back.get(beside, ()):
            there = choice.other(beside)
            if choice.key in self.used or choice.length != edge.length:
                continue
            if self.twin.get(far) == there or (
                far not in self.twin and there not in self.taken and self.fits.get(far) == self.fits.get(there)
            ):
                found.append(choice)
        return found

    def _take(self, edge: Edge, choice: Edge) -> None:
        self.pipe_pairs[edge.key] = choice.key
        self.used.add(choice.key)


def _by_junction(edges: Sequence[Edge]) -> dict[Junction, list[Edge]]:
    near: dict[Junction, list[Edge]] = {}
    for edge in edges:
        near.setdefault(edge.start, []).append(edge)
        near.setdefault(edge.end, []).append(edge)
    return near
