"""The order of flow: right after any change, whether repaired or sorted anew; and no water circles."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.courses import put_in_order


class Net:
    """Both sides of a graph, and what the order of flow is kept in."""

    def __init__(self, nodes: int, ends: list[tuple[int, int]]) -> None:
        one = np.array(ends, np.int64).T
        self.nodes, self.pipes = nodes, one.shape[1]
        self.ends = np.hstack([one, one + nodes])
        self.near_start, self.near = np.zeros(2 * nodes + 1, np.int64), np.argsort(self.ends.ravel(), kind="stable")
        self.near %= 2 * self.pipes
        np.cumsum(np.bincount(self.ends.ravel(), minlength=2 * nodes), out=self.near_start[1:])
        self.whole, self.counts = np.zeros((10, 2 * self.pipes), np.int64), np.zeros((6, 2), np.int64)
        self.tree = np.zeros((la.TREE_ROWS, 2 * nodes), np.int64)
        self.mark = np.zeros((4, 2 * max(self.pipes, nodes)), np.int64)

    def falling(self, potential: np.ndarray) -> np.ndarray:
        """Return flows down a potential by node: none can circle."""
        return potential[self.ends[0]] - potential[self.ends[1]]

    def order(self, flow: np.ndarray) -> np.ndarray:
        """Put both sides in order and hold that against what an order must be; return the nodes' places."""
        inflow, expected = np.zeros(2 * self.nodes), np.zeros(2 * self.nodes)
        for side in range(2):
            put_in_order(
                side, flow, self.ends, self.near_start, self.near, self.whole, self.counts, self.tree, self.mark,
                inflow,
            )  # fmt: skip
        up, down = np.where(flow > 0.0, self.ends, self.ends[::-1])
        np.add.at(expected, down, np.abs(flow))
        np.testing.assert_allclose(inflow, expected, rtol=1e-12)
        for low, count in zip((0, self.pipes), self.counts[la.Q_ORDERED], strict=True):
            sequence = self.whole[la.J_ORDER, low : low + count]
            assert sorted(sequence) == (low + np.flatnonzero(flow[low : low + self.pipes])).tolist()
            gone: set[int] = set()
            for e in sequence.tolist():
                assert int(down[e]) not in gone  # nothing comes to a node that water has left before
                gone.add(int(up[e]))
        return self.tree[la.T_RANK].copy()


@pytest.mark.parametrize("seed", range(6))
def test_an_order_holds_whatever_turns_begins_or_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(5, 60))
    ends = [(int(rng.integers(a)), a) for a in range(1, nodes)]
    ends += [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(int(rng.integers(0, 25)))]
    net = Net(nodes, ends)
    potential = rng.normal(size=2 * net.nodes)
    flow = net.falling(potential)
    net.order(flow)
    for _ in range(200):
        which = rng.integers(2 * net.nodes, size=int(rng.integers(1, 4)))
        potential[which] += rng.normal(scale=0.3, size=which.size)
        flow = net.falling(potential)
        if rng.random() < 0.1:
            flow[rng.integers(2 * net.pipes, size=3)] = 0.0
        net.order(flow)


def test_nodes_before_and_behind_a_pipe_that_turns_keep_their_places() -> None:
    """A row of nodes, water from the first to the last; then two in the middle change places."""
    net = Net(10, [(n, n + 1) for n in range(9)])
    before = net.order(np.ones(18))
    assert before.tolist() == list(range(20))
    flow = np.ones(18)
    flow[4] = -1.0
    after = net.order(flow)
    assert np.flatnonzero(after != before).tolist() == [4, 5]


def test_water_that_would_circle_is_stopped_wherever_it_begins() -> None:
    """A pipe turns so that water would go round a ring of three: the least flow is taken off all of it."""
    net = Net(3, [(0, 1), (1, 2), (2, 0)])
    flow = np.array([1.0, 2.0, -3.0, 1.0, 1.0, -1.0])
    net.order(flow)
    flow[2] = 0.5
    net.order(flow)
    assert flow.tolist() == [0.5, 1.5, 0.0, 1.0, 1.0, -1.0]
