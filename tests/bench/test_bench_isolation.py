"""Isolating a pipe in a large looped network, beside networkx's components on the same graph (agreement first)."""

import networkx as nx
import numpy as np
import pytest
from heatseason.network_models.graph import isolate, segments


class Grid:
    """A square mesh of streets with valves at about half the pipe ends: what graph questions ask for."""

    def __init__(self, side: int) -> None:
        rng = np.random.default_rng(side)
        at = np.arange(side * side).reshape(side, side)
        ends = np.concatenate([np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], 1),
                               np.stack([at[:-1].ravel(), at[1:].ravel()], 1)])  # fmt: skip
        self.node_ids = tuple(f"n{k}" for k in range(side * side))
        self.pipe_ids = tuple(f"p{k}" for k in range(len(ends)))
        self.pipe_from, self.pipe_to = ends[:, 0], ends[:, 1]
        self.pipe_valve_from, self.pipe_valve_to = rng.random((2, len(ends))) < 0.5
        self.source_node = np.array([0, side * side - 1])


def with_networkx(grid: Grid) -> int:
    graph = nx.Graph()
    graph.add_nodes_from(grid.node_ids)
    graph.add_nodes_from(grid.pipe_ids)
    for pipe, name in enumerate(grid.pipe_ids):
        for valve, end in ((grid.pipe_valve_from, grid.pipe_from), (grid.pipe_valve_to, grid.pipe_to)):
            if not valve[pipe]:
                graph.add_edge(name, grid.node_ids[end[pipe]])
    return nx.number_connected_components(graph)


@pytest.fixture(scope="module")
def grid():
    found = Grid(60)
    assert (len(found.node_ids), len(found.pipe_ids)) == (3_600, 7_080)
    assert segments(found).count == with_networkx(found)
    return found


def test_isolating_one_of_7080_pipes(benchmark, grid):
    cut = benchmark(lambda: isolate(grid, 3_000))
    assert 3_000 in cut.pipes


def test_its_segments_by_networkx(benchmark, grid):
    assert benchmark(lambda: with_networkx(grid)) == segments(grid).count
