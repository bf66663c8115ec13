"""Who gets what when pumps cannot give every valve its flow: sources give way, open valves pass what pressure drives.

An island at the limit of its pumps is a resistor network with square laws: ``difference_x = (flow_x / valve_x)**2`` at
every valve that stands open, and a given head at every source. One Newton step on all of these at once costs two sweeps
over the spanning tree (elimination on a tree fills nothing in). Chords are left out of the step: the tree alone is
stiffer than the network, so the step errs on the short side; flows themselves are always solved with all loops.

Names: `tree`, `whole`, `island`, `now`, `sources_now` are the State's tree, pipe_int, island, substation and source;
`node` and `scratch` are Work.node and Work.substation; `reached` counts the supply side's nodes in the tree; `slope` is
that of every pipe side's pressure loss [Pa s/kg]; `at` is the island, `ease` the share of its sources' heads left.
"""

from __future__ import annotations

from .heat_compile import kernel
from .layout import (
    B_EASE,
    B_NEXT,
    B_TURN,
    B_WANT,
    D_HEAT,
    D_INFLOW,
    D_INVERSE,
    D_SUM,
    J_OPEN,
    O_BACK_OFF,
    O_FLOW,
    O_HEAD,
    O_HEAD_MAX,
    O_SHARE,
    S_MERIT,
    T_EDGE,
    T_ORDER,
    T_UP,
    Y_DP,
    Y_FLOW,
    Array,
)

__all__ = ["give_way", "relieve"]

LEAST_FLOW = 1e-3  # of the flow wanted, below which an open valve's law is taken as straight
SHRINK, GROW, OPEN = 0.2, 3.0, 0.02  # a flow's largest fall and rise in one step, over itself and over its want
LEAST_SHARE = 0.2  # a source's share falls in one step to this, over itself, at most
MARGIN = 1.02  # by which sources give way further than they must: the next hour is another


@kernel
def relieve(
    at: int, s: Array, tree: Array, reached: int, slope: Array, whole: Array, node: Array, source: Array,
    source_node: Array, ease: float, starved: bool, valve: Array, substation_node: Array, island: Array, now: Array,
    sources_now: Array, scratch: Array,
) -> float:  # fmt: skip
    """Step towards the flows that open valves pass, with pumps at their head where `starved`, else at the level it is.

    Returns
    -------
    float
        Largest change of a flow, over what its valve wants, and of a source's share [-]; the next try's flows are in
        B_NEXT, what its shares follow from in O_BACK_OFF.
    """
    conductance, current, sources = node[D_INFLOW], node[D_HEAT], source_node.size
    conductance[:] = 0.0
    current[:] = 0.0
    stiffest = 0.0
    for x in range(valve.size):
        if _starves(x, at, valve, island, sources, now, scratch):
            g = _conductance(x, valve, now, scratch)
            conductance[substation_node[x]] += g
            current[substation_node[x]] += g * (now[Y_DP, x] - (now[Y_FLOW, x] / valve[x]) ** 2)
            stiffest = max(stiffest, g)
    if starved:
        for i in range(sources):
            if island[i] == at and sources_now[O_FLOW, i] > 0.0:
                g = 1e4 * stiffest
                conductance[source_node[i]] += g
                current[source_node[i]] += g * (sources_now[O_HEAD, i] - source[O_HEAD_MAX, i] * ease)
    _eliminate(starved, tree, reached, slope, whole, node)
    largest = _open(at, node[D_INVERSE], node[D_SUM], valve, substation_node, island, sources, now, scratch)
    if starved:
        largest = max(largest, _shift(at, s, 1.0, node[D_SUM], source_node, island, sources_now))
    return largest


@kernel
def give_way(
    at: int, s: Array, tree: Array, reached: int, slope: Array, whole: Array, node: Array, source: Array,
    source_node: Array, ease: float, level: float, worst: int, able_now: Array, pressure: Array,
    substation_node: Array, island: Array, sources_now: Array,
) -> bool:  # fmt: skip
    """Let sources that would need more head than they have leave flow to others; return whether that can do.

    The step that would bring all sources equally near to their heads is found, and as much of it taken as must be.

    Parameters
    ----------
    level : float
        Pressure difference at the tree's root with which the worst-placed substation has enough [Pa].
    worst : int
        That substation.
    able_now : array, shape (source,)
        What each source can make [W]: one that stands by can be given to.
    pressure : array, shape (2 node,)
        Pressures over the root's [Pa].
    """
    conductance, current, rise, nodes = node[D_INFLOW], node[D_HEAT], node[D_INVERSE], pressure.size // 2
    conductance[:] = 0.0
    current[:] = 0.0
    total, taking = 0.0, 0
    for i in range(source_node.size):
        total += sources_now[O_FLOW, i] if island[i] == at else 0.0
    for i in range(source_node.size):
        if island[i] == at and (sources_now[O_FLOW, i] > 0.0 or able_now[i] > 0.0):
            n = source_node[i]
            over = level + pressure[n] - pressure[nodes + n] - source[O_HEAD_MAX, i] * ease
            conductance[n] += 0.1 * total  # 10 Pa would move all of the flow
            current[n] += 0.1 * total * over
            taking += 1 if over < 0.0 else 0
    if taking == 0:
        return False
    _eliminate(True, tree, reached, slope, whole, node)
    part = 0.0
    for i in range(source_node.size):
        if island[i] == at and sources_now[O_FLOW, i] > 0.0:
            n = source_node[i]
            over = level + pressure[n] - pressure[nodes + n] - source[O_HEAD_MAX, i] * ease
            if over > 0.0:
                relief = rise[substation_node[worst]] - rise[n]
                part = max(part, MARGIN * over / relief if relief > over else 1.0)
    _shift(at, s, min(part, 1.0), node[D_SUM], source_node, island, sources_now)
    return True


@kernel
def _eliminate(floating: bool, tree: Array, reached: int, slope: Array, whole: Array, node: Array) -> None:
    """Solve the tree of resistors: leaves to root, and back.

    Takes conductances to given levels and the currents that would flow into them (rows D_INFLOW, D_HEAT of `node`);
    writes each node's rise of pressure difference [Pa] (D_INVERSE) and what stays at it of the change of the flow
    through its pipes [kg/s] (D_SUM). The roots' levels are fixed, or float where `floating`.
    """
    conductance, current, rise, passing = node[D_INFLOW], node[D_HEAT], node[D_INVERSE], node[D_SUM]
    order, parent, edge, pipes = tree[T_ORDER], tree[T_UP], tree[T_EDGE], slope.size // 2
    for k in range(reached - 1, -1, -1):
        n = order[k]
        if parent[k] >= 0 and conductance[n] > 0.0:
            share = 1.0 / (1.0 + _resistance(edge[k], pipes, slope, whole) * conductance[n])
            conductance[parent[k]] += share * conductance[n]
            current[parent[k]] += share * current[n]
    for k in range(reached):
        n = order[k]
        if parent[k] < 0:
            rise[n] = -current[n] / conductance[n] if floating and conductance[n] > 0.0 else 0.0
            passing[n] = 0.0
        else:
            r = _resistance(edge[k], pipes, slope, whole)
            into = (current[n] + conductance[n] * rise[parent[k]]) / (1.0 + r * conductance[n])
            rise[n] = rise[parent[k]] - r * into
            passing[n] = into
            passing[parent[k]] -= into


@kernel
def _resistance(e: int, pipes: int, slope: Array, whole: Array) -> float:
    """Return the slope of a supply pipe's loss and its return twin's, if it has one [Pa s/kg]."""
    result: float = slope[e] + (slope[e + pipes] if whole[J_OPEN, e + pipes] == 1 else slope[e])
    return result


@kernel
def _starves(x: int, at: int, valve: Array, island: Array, sources: int, now: Array, scratch: Array) -> bool:
    """Return whether a valve stands open and gets less than it wants, or too little pressure for what it gets."""
    if island[sources + x] != at or scratch[B_WANT, x] <= 0.0:
        return False
    short: bool = now[Y_FLOW, x] < scratch[B_WANT, x] or now[Y_DP, x] < (now[Y_FLOW, x] / valve[x]) ** 2
    return short


@kernel
def _conductance(x: int, valve: Array, now: Array, scratch: Array) -> float:
    """Return by how much an open valve's flow goes with its pressure difference [kg/(s Pa)]."""
    result: float = valve[x] ** 2 / (2.0 * max(now[Y_FLOW, x], LEAST_FLOW * scratch[B_WANT, x]))
    return result


@kernel
def _open(
    at: int, rise: Array, passing: Array, valve: Array, substation_node: Array, island: Array, sources: int,
    now: Array, scratch: Array,
) -> float:  # fmt: skip
    """Write the valves' flows of the next try; a valve whose step turns round is given shorter ones."""
    largest = 0.0
    for x in range(valve.size):
        if not _starves(x, at, valve, island, sources, now, scratch):
            continue
        flow, wanted = now[Y_FLOW, x], scratch[B_WANT, x]
        drive = now[Y_DP, x] - (flow / valve[x]) ** 2 + rise[substation_node[x]]
        step = _conductance(x, valve, now, scratch) * drive
        passing[substation_node[x]] -= step
        new = min(max(flow + step, SHRINK * flow), GROW * flow + OPEN * wanted, wanted)
        largest = max(largest, abs(new - flow) / wanted)
        if step * scratch[B_TURN, x] < 0.0:
            scratch[B_EASE, x] = max(0.5 * scratch[B_EASE, x], 0.05)
        else:
            scratch[B_EASE, x] = min(1.5 * scratch[B_EASE, x], 1.0)
        scratch[B_TURN, x] = step
        scratch[B_NEXT, x] = flow + scratch[B_EASE, x] * (new - flow)
    return largest


@kernel
def _shift(
    at: int, s: Array, part: float, passing: Array, source_node: Array, island: Array, sources_now: Array
) -> float:
    """Shift sources' shares by a part of the step: what is left over at a source's node it gives less.

    Returns the largest change of a share. What is written is by merit the share itself, else a factor on what dispatch
    gives.
    """
    sources, largest, total = source_node.size, 0.0, 0.0
    for i in range(sources):
        if island[i] == at and sources_now[O_FLOW, i] > 0.0:
            total += sources_now[O_FLOW, i]
    for i in range(sources):
        if island[i] != at or sources_now[O_FLOW, i] <= 0.0:
            continue
        share = sources_now[O_SHARE, i]
        new = max(share - part * passing[source_node[i]] / total, LEAST_SHARE * share)
        largest = max(largest, abs(new - share))
        if s[S_MERIT] > 0.0:
            sources_now[O_BACK_OFF, i] = new
        else:
            sources_now[O_BACK_OFF, i] *= new / share
    most = 0.0
    for i in range(sources):
        if island[i] == at:
            most = max(most, sources_now[O_BACK_OFF, i])
    if most > 0.0 and (s[S_MERIT] == 0.0 or most > 1.0):
        for i in range(sources):
            if island[i] == at:
                sources_now[O_BACK_OFF, i] /= most
    return largest
