"""A thread beside: it does what it is asked in order, and what goes wrong there is not lost."""

import threading
import time

import pytest
from heatseason.sim.world.beside import Beside


def test_what_is_asked_is_done_in_order_and_apart():
    done, threads = [], set()
    with Beside() as beside:
        for number in range(100):
            beside.do(lambda number=number: (done.append(number), threads.add(threading.get_ident())))
        beside.wait()
        assert done == list(range(100))
        beside.do(lambda: done.append(100))
    assert done == list(range(101))
    assert threads.isdisjoint({threading.get_ident()})
    assert not any(thread.name == "beside" for thread in threading.enumerate())


def test_what_is_handed_over_begins_without_being_waited_for():
    begun = threading.Event()
    with Beside() as beside:
        beside.do(begun.set)
        beside.hand_over()
        assert begun.wait(60)


def fail():
    raise ValueError("the line is dead")


def ask(*acts, wait=False, then=None):
    with Beside() as beside:
        for act in acts:
            beside.do(act)
        if wait:
            beside.wait()
        if then is not None:
            raise then


@pytest.mark.parametrize("wait", [False, True])
def test_what_goes_wrong_is_raised_and_nothing_is_done_after_it(wait):
    done = []
    with pytest.raises(ValueError, match="line is dead"):
        ask(fail, lambda: done.append(1), wait=wait)
    assert done == []


def test_who_is_interrupted_does_not_wait_for_what_is_left():
    done = []
    with pytest.raises(KeyboardInterrupt):
        ask(*[lambda: done.append(time.sleep(0.1))] * 50, then=KeyboardInterrupt())
    assert len(done) <= 1


def test_who_waits_where_nobody_works_is_told():
    beside = Beside()
    with pytest.raises(RuntimeError, match="beside"):
        beside.wait()
    with beside:
        beside.wait()
    with pytest.raises(RuntimeError, match="beside"):
        beside.wait()


def test_the_thread_is_over_however_often_the_wait_for_it_is_interrupted(monkeypatch):
    beside, cuts = Beside(), []

    def interrupted(thread, join=threading.Thread.join):
        if len(cuts) < 3:
            cuts.append(thread)
            raise KeyboardInterrupt
        join(thread)

    with pytest.raises(KeyboardInterrupt), beside:  # noqa: PT012
        beside.do(lambda: time.sleep(0.2))
        beside.hand_over()
        monkeypatch.setattr(threading.Thread, "join", interrupted)
    assert len(cuts) == 3
    assert not cuts[0].is_alive()
