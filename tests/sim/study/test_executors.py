"""Executors with work that is made up, so that only what they do themselves takes time."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import forkserver

import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.study import executors
from heatseason.sim.study.case import Case
from heatseason.sim.study.executors import ClusterError, Local, Serial, dispatch, play_all

WORK = """
import os, signal, time
from pathlib import Path
from heatseason.sim.study.case import Outcome

def quick(cases):
    return [Outcome(f"id {case.replication}", case.replication, wall_s=0.5) for case in cases]

def naps(cases):
    time.sleep(0.05 * len(cases))
    return quick(cases)

def poison(cases):
    if any(case.replication == 7 for case in cases):
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(cases)

def dies_once(cases):
    for case in cases:
        mark = Path(case.scenario, str(case.replication))
        if case.replication % 5 == 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return quick(cases)

def always_dies(cases):
    os._exit(1)

def sleeps(cases):
    Path(cases[0].scenario, str(os.getpid())).touch()
    time.sleep(60)
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "made_up_work.py").write_text(WORK, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import made_up_work

    yield made_up_work
    del sys.modules["made_up_work"]


@pytest.fixture(autouse=True)
def compiled(monkeypatch):
    monkeypatch.setattr(executors, "compiled", lambda: True)
    monkeypatch.setattr(Case, "id", property(lambda case: f"id {case.replication}"))  # no scenario is behind them


def made_up(count, scenario=None):
    return [Case(scenario, number) for number in range(count)]


def numbers(outcomes):
    return sorted(outcome.replication for outcome in outcomes)


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_every_case_comes_back_once(work, method):
    with Local(2, method) as executor:
        assert numbers(dispatch(made_up(30), executor, work.quick)) == list(range(30))


def test_a_case_that_kills_its_worker_is_recorded_and_passed_over(work):
    with Local(2) as executor:
        outcomes = list(dispatch(made_up(20), executor, work.poison))
    assert numbers(outcomes) == list(range(20))
    failed = {outcome.replication: outcome.failure for outcome in outcomes if outcome.failure}
    assert list(failed) == [7]
    assert failed[7].kind == "crashed"


def test_workers_killed_at_random_lose_nothing(work, tmp_path):
    with Local(2) as executor:
        outcomes = list(dispatch(made_up(20, str(tmp_path)), executor, work.dies_once))
    assert numbers(outcomes) == list(range(20))
    assert not any(outcome.failure for outcome in outcomes)


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="there is no fork server")
@pytest.mark.parametrize("when", ["it warms up", "workers play"])
def test_a_fork_server_that_is_killed_is_replaced(work, when):
    server = forkserver._forkserver
    server._stop()

    def kill():
        while server._forkserver_pid is None or (when == "workers play" and not played):
            time.sleep(0.01)
        os.kill(server._forkserver_pid, signal.SIGKILL)

    played = []
    killer = threading.Thread(target=kill)
    killer.start()
    with Local(2) as executor:
        for outcome in dispatch(made_up(40), executor, work.naps):
            played.append(outcome)
            killer.join(5)
    assert numbers(played) == list(range(40))
    assert not any(outcome.failure for outcome in played)


def test_workers_that_never_live_are_no_poison(work):
    with Local(2) as executor, pytest.raises(ClusterError, match="die before"):
        list(dispatch(made_up(20), executor, work.always_dies))


def test_closing_kills_what_is_running(work, tmp_path):
    with Local(2) as executor:
        executor.submit(work.sleeps, made_up(1, str(tmp_path)))
        while not (mark := [file for file in tmp_path.iterdir() if file.name.isdigit()]):
            time.sleep(0.02)
    assert not is_alive(int(mark[0].name))


def is_alive(pid):
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return True


def test_no_more_is_taken_than_is_in_flight(work):
    taken = []

    def cases():
        for case in made_up(1000):
            taken.append(case)
            yield case

    class Slow(Serial):
        workers = 2

    outcomes = dispatch(cases(), Slow(), work.quick)
    next(outcomes)
    assert len(taken) == 4  # two for each worker
    for _ in range(20):
        next(outcomes)
    assert len(taken) <= 21 + 4 * 4  # chunks of two seconds: four cases of half a second
    outcomes.close()


def test_a_metric_is_looked_for_before_anything_is_played():
    with pytest.raises(InputError, match="nowhere:f"):
        next(play_all(made_up(1), metrics=["nowhere:f"]))
    with Local(1) as executor, pytest.raises(InputError, match="other processes"):
        next(play_all(made_up(1), executor, metrics=[lambda *_: 1.0]))


PRESSES_CTRL_C = """
import os, signal, sys, threading, time
from multiprocessing import forkserver
from heatseason.sim.study.executors import Local

def press():
    while forkserver._forkserver._forkserver_pid is None:
        time.sleep(0.001)
    for _ in range(20):  # while it imports what workers share
        os.kill(forkserver._forkserver._forkserver_pid, signal.SIGINT)
        time.sleep(0.03)

threading.Thread(target=press).start()
with Local(1) as local:
    print(local.submit(abs, -7).result())
    print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="no fork server here")
def test_ctrl_c_while_workers_start_is_the_driver_s_alone():
    done = subprocess.run([sys.executable, "-c", PRESSES_CTRL_C], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["7", "True"], "")
