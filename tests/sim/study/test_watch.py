"""A process ends with its driver, also while nothing but the watch would notice."""

import os
import subprocess
import sys
import time

import pytest
from heatseason.sim.study.watch import unless_the_driver_went

CHILD = """
import os, time
from heatseason.sim.study.watch import end_with
end_with(os.getppid())
print(1, flush=True)
time.sleep(60)
"""
DRIVER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
print(child.pid, flush=True)
child.wait()
"""


def test_it_ends_with_its_driver():
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, CHILD], stdout=subprocess.PIPE, text=True)
    said = {driver.stdout.readline().strip() for _ in range(2)}
    (child,) = (int(text) for text in said if text != "1")
    assert alive(child)
    driver.kill()
    driver.wait()
    driver.stdout.close()
    until = time.monotonic() + 3.0
    while alive(child):
        assert time.monotonic() < until
        time.sleep(0.05)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_watch_that_was_stopped_watches_no_more():
    code = "import os; from heatseason.sim.study.watch import end_with; end_with(1 << 30)(); print('here')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "here\n"


@pytest.mark.parametrize("error", [FileNotFoundError("a semaphore"), EOFError(), MemoryError("all of it")])
def test_a_worker_whose_driver_went_before_it_began_says_nothing(capsys, error):
    unless_the_driver_went(type(error), error, None)
    assert ("MemoryError: all of it" in capsys.readouterr().err) == isinstance(error, MemoryError)
