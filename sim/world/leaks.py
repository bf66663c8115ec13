"""Where the network loses water: what each open failure of a pipe lets out, told to it by pipe and side."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .world import World

__all__ = ["Leak", "Leaks"]


class Leak(NamedTuple):
    """A place at which a pipe loses water, from 0 (its start) to 1 (its end), and how much [kg/s]."""

    pipe: int
    on_supply: bool
    position: float
    kg_s: float


class Leaks:
    """The book of leaks by case: a pipe's add up, and lose nothing while it is shut."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_case: dict[int, Leak] = {}
        self._told: dict[tuple[int, bool], tuple[float, float]] = {}  # by pipe and side: position, kg/s

    def set(self, case: int, leak: Leak) -> None:
        """Let a case's damage lose water, or as much as it does by now."""
        self._by_case[case] = leak
        self.tell()

    def end(self, case: int) -> None:
        """Note that a case's damage is mended."""
        self._by_case.pop(case, None)
        self.tell()

    def felt_kg_s(self, case: int, least_share: float) -> float:
        """Return what a case's damage loses now, 0 where that is a smaller share of its pipe's water [kg/s]."""
        leak = self._by_case.get(case)
        if leak is None or self._world.pipe_closed[leak.pipe]:
            return 0.0
        carried = abs(float(self._world.heat.pipe_flow_kg_s()[0 if leak.on_supply else 1, leak.pipe]))
        return leak.kg_s if leak.kg_s >= least_share * carried else 0.0

    def tell(self) -> None:
        """Tell the network what has changed: a leak, or which pipes are shut.

        The leaks of one side of a pipe lose their sum, where the largest of them is.
        """
        together: dict[tuple[int, bool], list[Leak]] = {}
        for leak in self._by_case.values():
            if not self._world.pipe_closed[leak.pipe]:
                together.setdefault((leak.pipe, leak.on_supply), []).append(leak)
        losing = {
            side: (max(leaks, key=attrgetter("kg_s")).position, sum(leak.kg_s for leak in leaks))
            for side, leaks in together.items()
        }
        for side in sorted(self._told.keys() | losing.keys()):
            position, kg_s = losing.get(side, (0.0, 0.0))
            if self._told.get(side) != (position, kg_s):
                self._world.heat.set_leak(side[0], position, kg_s, on_supply=side[1])
        self._told = losing
