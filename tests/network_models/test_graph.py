"""Trees, loops, islands, bridges, segments, isolation: closed cases, an independent oracle, and properties."""

import itertools
from collections import deque

import networkx as nx
import numpy as np
import pytest
from heatseason.network_models.arrays import NetworkArrays, to_arrays
from heatseason.network_models.formats import read_network
from heatseason.network_models.graph import bridges, islands, isolate, segments, spanning_tree, valves
from hypothesis import given, settings
from hypothesis import strategies as st


class Sketch:
    """The little of NetworkArrays that graph questions ask for."""

    def __init__(self, nodes: int, pipes: list[tuple[int, int, bool, bool]], sources: list[int]) -> None:
        self.node_ids = tuple(f"n{k}" for k in range(nodes))
        self.pipe_ids = tuple(f"p{k}" for k in range(len(pipes)))
        columns = np.array(pipes, dtype=np.int64).reshape(-1, 4)
        self.pipe_from, self.pipe_to = columns[:, 0], columns[:, 1]
        self.pipe_valve_from, self.pipe_valve_to = columns[:, 2] > 0, columns[:, 3] > 0
        self.source_node = np.array(sources, dtype=np.int64)


def sketch(nodes: int, pipes: list[tuple[int, int, bool, bool]], sources: list[int]) -> NetworkArrays:
    return Sketch(nodes, pipes, sources)  # type: ignore[return-value]


@st.composite
def sketches(draw: st.DrawFn) -> NetworkArrays:
    """Return a connected network of up to 7 nodes with chords, any valves, and one or two sources."""
    nodes = draw(st.integers(2, 7))
    ends = [(draw(st.integers(0, node - 1)), node) for node in range(1, nodes)]
    more = draw(st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=3))
    ends += [(one, two) for one, two in more if one != two]
    pipes = [(one, two, draw(st.booleans()), draw(st.booleans())) for one, two in ends]
    return sketch(nodes, pipes, draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=2, unique=True)))


def fed(arrays: NetworkArrays, shut: set[int]) -> tuple[set[int], set[int]]:
    """Return (nodes, pipes) that water from some source reaches when valves are shut: plain search."""
    todo = deque(("node", int(node)) for node in arrays.source_node)
    seen = set(todo)
    while todo:
        kind, number = todo.popleft()
        steps = []
        for pipe in range(len(arrays.pipe_ids)):
            for valve, end in ((2 * pipe, arrays.pipe_from[pipe]), (2 * pipe + 1, arrays.pipe_to[pipe])):
                if valve not in shut and kind == "node" and end == number:
                    steps.append(("pipe", pipe))
                if valve not in shut and kind == "pipe" and pipe == number:
                    steps.append(("node", int(end)))
        for step in steps:
            if step not in seen:
                seen.add(step)
                todo.append(step)
    return {k for kind, k in seen if kind == "node"}, {k for kind, k in seen if kind == "pipe"}


def test_ring_by_hand() -> None:
    arrays = to_arrays(read_network("ring"))  # plant-gate, then gate-s1-s2-s3-gate; a valve at each pipe's beginning
    tree = spanning_tree(arrays)
    assert [arrays.node_ids[node] for node in tree.order] == ["plant", "gate", "s1", "s3", "s2"]
    assert [arrays.pipe_ids[pipe] for pipe in tree.chords] == ["p4"]
    assert [arrays.pipe_ids[pipe] for pipe in bridges(arrays)] == ["p1"]
    assert islands(arrays).tolist() == [0, 0, 0, 0, 0]
    assert valves(arrays).tolist() == [0, 2, 4, 6, 8]
    parts = segments(arrays)
    # p2 runs from the valve at the gate to s1, whose own pipe begins with a valve: {p2, s1}, and so round the ring
    assert parts.count == 5
    assert parts.pipe[1] == parts.node[2] != parts.pipe[2] == parts.node[3]
    assert parts.pipe[0] == parts.pipe[4] == parts.node[1]  # p1, the gate, and p5 which ends there


def test_ring_isolation_by_hand() -> None:
    arrays = to_arrays(read_network("ring"))
    cut = isolate(arrays, 2)  # p3: from the valve at s1 to s2, where p4 begins with a valve
    assert cut.valves.tolist() == [4, 6]
    assert cut.holding_valves.tolist() == []
    assert (cut.pipes.tolist(), cut.nodes.tolist()) == ([2], [3])
    assert cut.closed.tolist() == [False, False, True, True, False]
    assert (cut.cut_off.tolist(), cut.unintended.tolist(), cut.sources.tolist()) == ([3], [], [])
    worse = isolate(arrays, 2, stuck_valves=[4])  # the valve at s1 is stuck: s1 and p2 go with it
    assert worse.valves.tolist() == [2, 6]
    assert (worse.pipes.tolist(), worse.nodes.tolist()) == ([1, 2], [2, 3])


def test_everything_behind_the_only_main_goes_cold() -> None:
    arrays = to_arrays(read_network("ring"))
    cut = isolate(arrays, 0)
    assert cut.valves.tolist() == [0]
    assert cut.holding_valves.tolist() == [2, 8]  # p5 lies open to the gate; p2 and s3 keep their water
    assert cut.cut_off.tolist() == [1, 2, 3, 4]
    assert cut.unintended.tolist() == [2, 3, 4]


def test_a_source_inside_the_emptied_part_is_lost() -> None:
    arrays = sketch(3, [(0, 1, False, False), (1, 2, True, True)], [0, 2])
    cut = isolate(arrays, 0)
    assert cut.sources.tolist() == [0]
    assert cut.valves.tolist() == [2]
    assert cut.cut_off.tolist() == [0, 1]


@settings(max_examples=150)
@given(sketches(), st.data())
def test_isolation_parts_the_pipe_from_every_source_and_no_less_does(
    arrays: NetworkArrays, data: st.DataObject
) -> None:
    pipe = data.draw(st.integers(0, len(arrays.pipe_ids) - 1))
    known = valves(arrays).tolist()
    stuck = data.draw(st.sets(st.sampled_from(known), max_size=2)) if known else set()
    cut = isolate(arrays, pipe, stuck)
    inside = set(arrays.source_node.tolist()) & set(cut.nodes.tolist())
    outside = [node for node in arrays.source_node.tolist() if node not in inside]
    rest = sketch(len(arrays.node_ids), [], outside)
    rest.pipe_ids, rest.pipe_from, rest.pipe_to = arrays.pipe_ids, arrays.pipe_from, arrays.pipe_to  # type: ignore[misc]
    assert not set(cut.valves.tolist()) & stuck
    nodes, pipes = fed(rest, set(cut.valves.tolist()))
    assert not pipes & set(cut.pipes.tolist())
    assert not nodes & set(cut.nodes.tolist())
    assert set(cut.cut_off.tolist()) == set(range(len(arrays.node_ids))) - nodes
    assert set(cut.unintended.tolist()) == set(cut.cut_off.tolist()) - set(cut.nodes.tolist())
    # no valve of the set is idle, and no smaller set leaves as many nodes with heat
    usable = [valve for valve in known if valve not in stuck]
    for count in range(len(cut.valves)):
        for fewer in itertools.combinations(usable, count):
            still, wet = fed(rest, set(fewer))
            assert pipe in wet or not nodes <= still


@settings(max_examples=150)
@given(sketches(), st.data())
def test_closed_pipes_say_to_the_flow_what_valves_say_to_the_water(arrays: NetworkArrays, data: st.DataObject) -> None:
    cut = isolate(arrays, data.draw(st.integers(0, len(arrays.pipe_ids) - 1)))
    label = islands(arrays, cut.closed)
    sources = [node for node in arrays.source_node.tolist() if node not in cut.nodes.tolist()]
    warm = {node for node in range(len(arrays.node_ids)) if label[node] in {label[s] for s in sources}}
    assert set(range(len(arrays.node_ids))) - warm == set(cut.cut_off.tolist())


@settings(max_examples=100)
@given(sketches())
def test_trees_bridges_and_islands_against_networkx(arrays: NetworkArrays) -> None:
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(arrays.node_ids)))
    ends = list(zip(arrays.pipe_from.tolist(), arrays.pipe_to.tolist(), strict=True))
    for pipe, (start, end) in enumerate(ends):
        graph.add_edge(start, end, pipe)
    assert len(set(islands(arrays).tolist())) == nx.number_connected_components(graph)
    tree = spanning_tree(arrays)
    roots = set(arrays.source_node.tolist())
    assert len(tree.order) == len(arrays.node_ids)
    assert len(tree.chords) == len(ends) - len(arrays.node_ids) + len(roots)
    assert all(tree.parent_pipe[node] >= 0 for node in range(len(arrays.node_ids)) if node not in roots)
    cutting = []
    for pipe, (start, end) in enumerate(ends):
        graph.remove_edge(start, end, pipe)
        reached = set().union(*(nx.node_connected_component(graph, root) for root in roots))
        if len(reached) < len(arrays.node_ids):
            cutting.append(pipe)
        graph.add_edge(start, end, pipe)
    assert bridges(arrays).tolist() == cutting


@settings(max_examples=100)
@given(sketches())
def test_segments_against_networkx(arrays: NetworkArrays) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(arrays.node_ids)))
    for pipe, name in enumerate(arrays.pipe_ids):
        graph.add_node(name)
        if not arrays.pipe_valve_from[pipe]:
            graph.add_edge(name, int(arrays.pipe_from[pipe]))
        if not arrays.pipe_valve_to[pipe]:
            graph.add_edge(name, int(arrays.pipe_to[pipe]))
    parts = segments(arrays)
    assert parts.count == nx.number_connected_components(graph)
    for part in nx.connected_components(graph):
        numbers = {int(parts.pipe[int(x[1:])] if isinstance(x, str) else parts.node[x]) for x in part}
        assert len(numbers) == 1


@pytest.mark.parametrize(("name", "share"), [("town", 0.35), ("hanzhong", 0.15)])
def test_one_burst_never_takes_the_whole_city(name: str, share: float) -> None:
    arrays = to_arrays(read_network(name))
    worst = max(len(isolate(arrays, pipe).cut_off) for pipe in range(len(arrays.pipe_ids)))
    assert worst < share * len(arrays.node_ids)
