"""Two who note at once: together their entries are those that one would have noted, number by number."""

import numpy as np
from heatseason.sim.record_builder import WHOLE, RecordBuilder, together
from hypothesis import given
from hypothesis import strategies as st

ACT = st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 2), st.integers(0, 10**6))


@given(st.lists(ACT, max_size=60), st.integers(0, 3))
def test_what_two_note_is_what_one_would_have_noted(acts, before):
    """In turn, each of them notes some entries that follow from any noted so far, of cases opened so far."""
    one, main, follower = RecordBuilder(), RecordBuilder(), RecordBuilder()
    for number in range(before):  # the follower may have noted something before it follows
        one.note(number, "hotline_unstaffed", 0)
        follower.note(number, "hotline_unstaffed", 0)
    names = [(number, WHOLE + number) for number in range(before)]  # of each entry: in one, and as main names it
    cases = []  # as one numbers them, as who opened them does, and whether that is the follower
    for of_follower, entries, opened, pick in acts:
        if of_follower:
            follower.follow(*main.next)
        for _ in range(opened):
            apart = (follower if of_follower else main).new_case()
            cases.append((one.new_case(), apart, of_follower))
        for at in range(entries):
            whole, named = names[pick % len(names)] if names else (-1, -1)
            mine = [case for case in cases if case[2] == of_follower]
            case = mine[pick % len(mine)] if mine else (-1, -1, of_follower)
            if of_follower and named not in (-1, WHOLE + whole):
                cause = int(follower.others(np.array([named], np.int32))[0])
            else:
                cause = whole if of_follower else named
            seq = one.note(at, "pipe_failed", at, case=case[0], cause=whole, value=float(pick))
            apart = (follower if of_follower else main).note(
                at, "pipe_failed", at, case=case[1], cause=cause, value=float(pick)
            )
            names.append((seq, WHOLE + apart if of_follower else apart))
            assert not of_follower or apart == seq
    if not main.next[0] and not follower.next[0]:
        return
    follower.follow(*main.next)
    expected, found = one.columns(), together(main, follower)
    for name, column in expected.items():
        assert np.array_equal(found[name], column, equal_nan=name == "value"), name
        assert found[name].dtype == column.dtype


def test_details_stay_with_the_one_who_has_them():
    main, follower = RecordBuilder(), RecordBuilder()
    main.note(0, "pipe_failed", 1, detail={"draw": ["pipe"]})
    follower.follow(*main.next)
    follower.block("room_sampled", np.arange(3), np.arange(3))
    main.note(9, "fault_restored", 1, detail={"draw": []})
    assert together(main, follower)["detail"].tolist() == [0, -1, -1, -1, 1]
