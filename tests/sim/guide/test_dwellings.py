"""The dwellings' shortfall found anew for some cohorts only, against finding it for all."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from heatseason.sim.guide.dwellings import Cohorts, shortfall_of
from heatseason.sim.guide.facts import Facts
from hypothesis import given
from hypothesis import strategies as st

HOURS = 30
LEVELS = np.array([18.0, 16.0])
COUNTS = [3, 0, 40, 1, 7]  # dwellings of each cohort, one without any
SPANS = st.lists(st.tuples(st.integers(0, HOURS * 3600), st.integers(1, 20_000)), max_size=1).map(
    lambda spans: [(begin, begin + length) for begin, length in spans]
)


def city(seed):
    draw = np.random.default_rng(seed)
    bounds = np.append(0, np.cumsum(COUNTS)).astype(np.int64)
    offset = draw.normal(0.0, 1.5, bounds[-1]).astype(np.float32)
    ordered = np.concatenate([np.sort(offset[a:b]) for a, b in pairwise(bounds)])
    whose = np.sort(draw.integers(0, bounds[-1], 12))
    cohort = np.searchsorted(bounds, whose, side="right") - 1
    when = draw.integers(0, HOURS * 3600, 12)
    order = np.lexsort((when, cohort))
    first = np.searchsorted(cohort[order], np.arange(len(COUNTS) + 1)).astype(np.int64)
    room = draw.normal(17.5, 1.5, (HOURS + 1, len(COUNTS))).astype(np.float32)
    return Cohorts(room, bounds, ordered, offset, (first, when[order], whose[order], draw.uniform(0.1, 2.0, 12)))


def facts():
    cohorts = np.arange(len(COUNTS))
    subjects = SimpleNamespace(substation=np.array([0, 1, 1, 2, 3]))
    found = SimpleNamespace(_shared={}, cohorts=cohorts, record=SimpleNamespace(subjects=subjects))
    found.once = lambda name, find: Facts.once(found, name, find)
    return found


@given(
    seed=st.integers(0, 1000),
    before=st.tuples(SPANS, st.dictionaries(st.integers(0, 3), SPANS)),
    after=st.tuples(SPANS, st.dictionaries(st.integers(0, 3), SPANS)),
    later=st.booleans(),
)
def test_cohorts_found_anew_are_as_if_all_were(seed, before, after, later):
    kept, when = facts(), (0, HOURS * 3600, LEVELS)
    first = shortfall_of(kept, city(seed), when, before)
    copies = [column.copy() for column in first]
    when = (7200, HOURS * 3600, LEVELS) if later else when
    found = shortfall_of(kept, city(seed), when, after)
    for column, fresh in zip(found, shortfall_of(facts(), city(seed), when, after), strict=True):
        np.testing.assert_array_equal(column, fresh)
    for column, copy in zip(shortfall_of(kept, city(seed), (0, HOURS * 3600, LEVELS), before), copies, strict=True):
        np.testing.assert_array_equal(column, copy)  # what was found first stays as it was


def test_where_nothing_else_is_excused_nothing_is_found_anew():
    kept, when = facts(), (0, HOURS * 3600, LEVELS)
    first = shortfall_of(kept, city(1), when, ([], {1: [(0, 3600)]}))
    again = shortfall_of(kept, city(1), when, ([], {1: [(0, 3600)]}))
    assert all(a is b for a, b in zip(first, again, strict=True))
