"""What workers, a cluster and a long ledger cost: ``python -m pytest tests/bench -k studies --benchmark-only -s``.

Every timing is interleaved with what it is held against, and the digests must agree; ratios are printed, none asserted.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import heatseason as hs
import pytest
from heatseason.sim.study.case import Outcome, cases_of
from heatseason.sim.study.executors import Dask, Local, play_all
from heatseason.sim.study.store import Ledger
from heatseason.sim.study.sweep import Study

ROUNDS = 3


@pytest.fixture
def town():
    return hs.load("town")


def digests(cases, executor):
    return {outcome.id: outcome.digest for outcome in play_all(cases, executor)}


def timed(cases, executor):
    begun = time.perf_counter()
    found = digests(cases, executor)
    return time.perf_counter() - begun, found


def interleaved(cases, executors):
    """Return each executor's median time, warmed up, and assert that they agree."""
    for executor in executors.values():
        digests(cases[:8], executor)
    times = {name: [] for name in executors}
    for _ in range(ROUNDS):
        found = {}
        for name, executor in executors.items():
            seconds, found[name] = timed(cases, executor)
            times[name].append(seconds)
        first, *others = found.values()
        assert all(first == other for other in others)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def test_two_workers_against_one(benchmark, town):
    cases = cases_of(town, 48)

    def both():
        with Local(1) as one, Local(2) as two:
            return interleaved(cases, {"one": one, "two": two})

    times = benchmark.pedantic(both, rounds=1)
    print(f"\ntwo workers are {times['one'] / times['two']:.2f} times as fast as one ({times})")


def test_dask_against_processes_here(benchmark, town, tmp_path):
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    python = [sys.executable, "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    scheduler = ["distributed.cli.dask_scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0"]
    worker = ["distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"]
    processes = [subprocess.Popen([*python, *scheduler, "--no-dashboard"], **quiet)]
    while not file.exists():
        time.sleep(0.1)
    processes += [subprocess.Popen([*python, *worker, "--local-directory", str(tmp_path)], **quiet) for _ in "12"]
    cases = cases_of(town, 144)

    def both():
        with Dask(str(file)) as cluster, Local(2) as here:
            cluster._client.wait_for_workers(2)
            return interleaved(cases, {"dask": cluster, "here": here})

    try:
        times = benchmark.pedantic(both, rounds=1)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(20)
    print(f"\nDask takes {times['dask'] / times['here']:.3f} of the time of processes here ({times})")


def test_a_ledger_of_a_million_winters(benchmark, town, tmp_path):
    """Rows as a real season leaves them, written one transaction each as a study does, for a tenth; then in bulk."""
    (outcome,) = play_all(cases_of(town, 1))
    with Study(tmp_path, town) as study:
        (point,) = study.add([{}])
        begun = time.perf_counter()
        for winter in range(20_000):
            study.ledger.put(point, Outcome("", winter, outcome.document, outcome.digest, 0.2))
        each_us = (time.perf_counter() - begun) / 20_000 * 1e6
        base, columns = study.ledger._base, ", ".join(f'"{name}"' for name in study.ledger.names())
        base.execute("BEGIN")
        for start in range(20_000, 1_000_000, 20_000):
            base.execute(
                "INSERT INTO outcome SELECT point, replication + ?, digest, wall_s FROM outcome"
                " WHERE replication < 20000",
                (start,),
            )
            base.execute(
                f"INSERT INTO number (point, replication, {columns}) SELECT point, replication + ?, {columns}"
                " FROM number WHERE replication < 20000",
                (start,),
            )
        base.execute("COMMIT")
    size_mb = sum(file.stat().st_size for file in Path(tmp_path).iterdir()) / 1e6

    def listed():
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            return ledger.counts(), len(ledger.names()), ledger.wall_s()

    counts, names, _ = benchmark.pedantic(listed, rounds=3)
    assert counts == {point: 1_000_000}
    begun = time.perf_counter()
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert len(ledger.known()) == 1_000_000
    known_s = time.perf_counter() - begun
    print(f"\n{size_mb:.0f} MB with {names} numbers a winter; {each_us:.0f} us a transaction; known in {known_s:.1f} s")


def test_memory_of_a_worker(benchmark, town):
    """Peak resident memory of a process that plays seasons by itself, as Linux tells it of the program that runs.

    `getrusage` would tell the peak of what stood in the process before the program was begun: of this one.
    """
    program = (
        "import heatseason as hs\n"
        "from heatseason.sim.study.case import Case, play\n"
        "for winter in range(5):\n    assert not play(Case(hs.load('{}'), winter)).failure\n"
        "status = dict(line.split(':') for line in open('/proc/self/status'))\n"
        "print(float(status['VmHWM'].split()[0]) / 1024)"
    )

    def peaks():
        return {
            name: float(
                subprocess.run([sys.executable, "-c", program.format(name)], capture_output=True, check=True).stdout
            )
            for name in ("town", "hanzhong")
        }

    print(f"\npeak memory of a worker [MB]: {benchmark.pedantic(peaks, rounds=1)}")
