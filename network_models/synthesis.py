"""A plausible city from a few published totals and a given random stream: how `town` and `hanzhong` were made.

A :class:`CityPlan` names quarters (built-up areas on a street grid), sources and tie mains. :func:`city` lays a ring
main round each quarter and mains along its streets, joins the quarters by the ties, hangs one estate on each
substation, sizes every pipe for the worse of normal operation and the loss of each source in turn, and scales the map
until the trenches have the published length, to the decimetre. Draws are plain uniforms, so that the data do not
depend on the release of NumPy.
"""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from .catalogue import dwelling_types, pipe_types
from .draft import CityPlan, Draft, Edge, Quarter, Role, Tie
from .estates import connect_estates
from .network import Network, Node, Pipe
from .problems import NetworkError, Problem
from .sizing import make_sources, size_pipes

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["city"]

_SECTION_M: dict[Role, float] = {
    "transmission": 2500.0,
    "distribution": 1200.0,
    "branch": 1e9,
}  # between valves, CJJ 34


def city(plan: CityPlan, rng: Generator) -> Network:
    """Return a network with the plan's totals.

    Parameters
    ----------
    plan : CityPlan
        Totals, quarters, sources and ties.
    rng : numpy.random.Generator
        The stream to draw from; the same stream gives the same network.
    """
    draft = Draft()
    for quarter in plan.quarters:
        _lay_streets(draft, quarter, plan, rng)
    for number, tie in enumerate(plan.ties):
        _lay_tie(draft, plan, tie, number)
    for quarter in plan.quarters:
        _place_plant(draft, quarter)
    for quarter in plan.quarters:
        connect_estates(draft, quarter, plan, rng)
    if plan.loops is not None:
        _set_loops(draft, plan.loops, rng)
    _scale(draft, plan.length_m)
    _place_valves(draft)
    heads = size_pipes(draft, plan)
    return Network(
        version=1,
        name=plan.name,
        title_zh=plan.title_zh,
        title_en=plan.title_en,
        illustrative=True,
        provenance_zh=plan.provenance_zh,
        provenance_en=plan.provenance_en,
        basis=plan.basis,
        sources=make_sources(draft, plan, heads),
        pipe_types=pipe_types(),
        dwelling_types=dwelling_types(),
        nodes=tuple(
            Node(id=name, kind=draft.kind[name], x_m=round(x, 1), y_m=round(y, 1),
                 elevation_m=round(plan.elevation_m + 0.002 * y, 1))
            for name, (x, y) in draft.xy.items()
        ),
        pipes=_pipes(draft, plan),
        substations=tuple(draft.substations),
        cohorts=tuple(draft.cohorts),
    )  # fmt: skip


# --- the map ---------------------------------------------------------------------------------------------------------


def _lay_streets(draft: Draft, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Lay a ring main round the quarter's grid, then reach every inner crossing by mains along the streets."""
    columns, rows = quarter.grid
    names: dict[tuple[int, int], str] = {}
    for row in range(rows):
        for column in range(columns):
            wobble = [(rng.random() - 0.5) * 0.25 * plan.street_m for _ in range(2)]
            x = quarter.centre_m[0] + (column - (columns - 1) / 2) * plan.street_m + wobble[0]
            y = quarter.centre_m[1] + (row - (rows - 1) / 2) * plan.street_m + wobble[1]
            name = f"{quarter.code}-J{len(names) + 1:02d}"
            names[column, row] = draft.place(name, "chamber", (x, y), quarter)
    ring = (
        [(column, 0) for column in range(columns)]
        + [(columns - 1, row) for row in range(1, rows)]
        + [(column, rows - 1) for column in range(columns - 2, -1, -1)]
        + [(0, row) for row in range(rows - 2, 0, -1)]
    )
    draft.rings[quarter.code] = [names[at] for at in ring]
    for number, at in enumerate(ring):
        then = ring[(number + 1) % len(ring)]
        side = 0 if then[1] == at[1] == 0 else 1 if then[0] == at[0] == columns - 1 else 2 if then[1] == at[1] else 3
        draft.lay(names[at], names[then], "distribution", quarter.roads[side % len(quarter.roads)], quarter, rng)
    reached, left = set(ring), [at for at in names if at not in set(ring)]
    while left:  # a random tree inward from the ring
        choices = [(at, near) for at in left for near in _neighbours(at) if near in reached]
        at, near = choices[int(rng.random() * len(choices))]
        inner = quarter.roads[min(4, len(quarter.roads) - 1) :]
        road = inner[(at[1] if at[1] == near[1] else rows + at[0]) % len(inner)]
        draft.lay(names[near], names[at], "distribution", road, quarter, rng)
        reached.add(at)
        left.remove(at)


def _neighbours(at: tuple[int, int]) -> list[tuple[int, int]]:
    return [(at[0] + 1, at[1]), (at[0] - 1, at[1]), (at[0], at[1] + 1), (at[0], at[1] - 1)]


def _lay_tie(draft: Draft, plan: CityPlan, tie: Tie, number: int) -> None:
    """Lay a transmission main between two rings, with a chamber at every kilometre or so."""
    start, end = _corner(draft, plan, tie.start), _corner(draft, plan, tie.end)
    quarter = max((draft.home[start], draft.home[end]), key=lambda q: q.years)
    (x0, y0), (x1, y1) = draft.xy[start], draft.xy[end]
    pieces = max(1, round(hypot(x1 - x0, y1 - y0) / 1100.0))
    before = start
    for piece in range(1, pieces + 1):
        at = (x0 + (x1 - x0) * piece / pieces, y0 + (y1 - y0) * piece / pieces)
        here = end if piece == pieces else draft.place(f"T{number + 1}-J{piece}", "chamber", at, quarter)
        draft.edges.append(Edge(before, here, "transmission", tie.road, quarter, quarter.years[0]))
        before = here


def _corner(draft: Draft, plan: CityPlan, where: tuple[str, float, float]) -> str:
    """Return the ring's chamber nearest to a place given as shares of the quarter's grid."""
    quarter = next(q for q in plan.quarters if q.code == where[0])
    columns, rows = quarter.grid
    x = quarter.centre_m[0] + (where[1] - 0.5) * (columns - 1) * plan.street_m
    y = quarter.centre_m[1] + (where[2] - 0.5) * (rows - 1) * plan.street_m
    return min(draft.rings[quarter.code], key=lambda name: hypot(draft.xy[name][0] - x, draft.xy[name][1] - y))


def _place_plant(draft: Draft, quarter: Quarter) -> None:
    """Put a source beside its quarter, with two outlets to the ring so that one main can be lost."""
    if quarter.plant is None:
        return
    x, y = (quarter.centre_m[axis] + quarter.plant.offset_m[axis] for axis in (0, 1))
    source = draft.place(f"{quarter.code}-S", "source", (x, y), quarter)
    ring = draft.rings[quarter.code]
    near = min(range(len(ring)), key=lambda k: hypot(draft.xy[ring[k]][0] - x, draft.xy[ring[k]][1] - y))
    for outlet in (near, (near + 2) % len(ring)):
        edge = Edge(source, ring[outlet], "transmission", quarter.roads[0], quarter, quarter.years[0])
        draft.edges.append(edge)


def _set_loops(draft: Draft, wanted: int, rng: Generator) -> None:
    """Leave out streets that close loops, or lay more between crossings side by side, until there are so many loops.

    Raises
    ------
    NetworkError
        When the streets have no room for so many.
    """
    root = {name: name for name in draft.xy}

    def join(edge: Edge) -> bool:
        ends = []
        for name in (edge.start, edge.end):
            while root[name] != name:
                root[name] = root[root[name]]
                name = root[name]
            ends.append(name)
        root[ends[0]] = ends[1]
        return ends[0] != ends[1]

    order = sorted(range(len(draft.edges)), key=lambda row: (draft.edges[row].role != "branch", rng.random()))
    closing = [row for row in order if not join(draft.edges[row])]
    for row in sorted(closing[wanted:], reverse=True):
        del draft.edges[row]
    laid = {frozenset((edge.start, edge.end)) for edge in draft.edges}
    streets = [
        (one, two)
        for chambers in _grids(draft)
        for one, two in chambers
        if frozenset((one, two)) not in laid
    ]  # fmt: skip
    missing = wanted - len(closing)
    if missing > len(streets):
        most = len(closing) + len(streets)
        raise NetworkError([Problem("loops", str(wanted), f"at most {most}", "more substations, or more sources")])
    for _ in range(missing):
        one, two = streets.pop(int(rng.random() * len(streets)))
        quarter = draft.home[one]
        draft.lay(one, two, "distribution", quarter.roads[-1], quarter, rng)


def _grids(draft: Draft) -> list[list[tuple[str, str]]]:
    """Return for each quarter the pairs of its crossings that lie side by side."""
    quarters = {quarter.code: quarter for quarter in draft.home.values()}
    found = []
    for code, quarter in quarters.items():
        columns, rows = quarter.grid
        name = {(n % columns, n // columns): f"{code}-J{n + 1:02d}" for n in range(columns * rows)}
        found.append([
            (name[at], name[near])
            for at in name
            for near in ((at[0] + 1, at[1]), (at[0], at[1] + 1))
            if near in name
        ])  # fmt: skip
    return found


def _scale(draft: Draft, length_m: float) -> None:
    """Scale the map until the trenches have the wanted length, each in whole decimetres, branches unscaled."""

    def lengths() -> list[float]:
        return [
            hypot(draft.xy[e.end][0] - draft.xy[e.start][0], draft.xy[e.end][1] - draft.xy[e.start][1])
            for e in draft.edges
        ]

    now = lengths()
    branches = sum(length for edge, length in zip(draft.edges, now, strict=True) if edge.role == "branch")
    factor = (length_m - branches) / (sum(now) - branches)
    offsets = {e.end: (draft.xy[e.end][0] - draft.xy[e.start][0], draft.xy[e.end][1] - draft.xy[e.start][1])
               for e in draft.edges if e.role == "branch"}  # fmt: skip
    holders = {e.end: e.start for e in draft.edges if e.role == "branch"}
    for name, (x, y) in draft.xy.items():
        if name not in holders:
            draft.xy[name] = (x * factor, y * factor)
    for name, chamber in holders.items():
        draft.xy[name] = (draft.xy[chamber][0] + offsets[name][0], draft.xy[chamber][1] + offsets[name][1])
    decimetres = [round(length * 10) for length in lengths()]
    decimetres[int(np.argmax(decimetres))] += round(length_m * 10) - sum(decimetres)  # rounding, to the longest
    for edge, length in zip(draft.edges, decimetres, strict=True):
        edge.length_m = length / 10


# --- valves ----------------------------------------------------------------------------------------------------------


def _place_valves(draft: Draft) -> None:
    """Put valves at every branch and outlet, where mains leave a ring, and along mains at the codes' spacing."""
    rings = {name for ring in draft.rings.values() for name in ring}
    since: dict[str, float] = {}  # metres since the last valve, by node
    for edge in draft.edges:
        far = since.get(edge.start, 0.0) + edge.length_m
        leaves = edge.start in rings and (edge.end not in rings or edge.role == "transmission")
        if edge.role == "branch" or draft.kind[edge.start] == "source" or leaves or far > _SECTION_M[edge.role]:
            edge.valve_start, far = True, edge.length_m
        if edge.role == "transmission" and edge.end in rings:
            edge.valve_end, far = True, 0.0
        since[edge.end] = far


def _pipes(draft: Draft, plan: CityPlan) -> tuple[Pipe, ...]:
    return tuple(
        Pipe(
            id=f"P{number + 1:03d}",
            from_node=edge.start,
            to_node=edge.end,
            type=f"DN{edge.nominal}",
            length_m=edge.length_m,
            minor_loss=round(1.0 + 0.01 * edge.length_m, 1),  # a bend or compensator every hundred metres
            depth_m=1.5,
            valve_from=edge.valve_start,
            valve_to=edge.valve_end,
            year=edge.year,
            role=edge.role,
            road=edge.road,
            operator=plan.operator,
            district=edge.quarter.district,
        )
        for number, edge in enumerate(draft.edges)
    )
