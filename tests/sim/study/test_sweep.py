"""Sweeps of a very small network: whoever plays them, however often they are killed, the digests are the same."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import heatseason as hs
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report.studies import describe
from heatseason.sim.study import folder as module
from heatseason.sim.study import sweep as sweeping
from heatseason.sim.study.case import Outcome
from heatseason.sim.study.design import Design, Range
from heatseason.sim.study.executors import ClusterError, Dask, Local
from heatseason.sim.study.folder import DigestError, Shard, left_of, merge, replay
from heatseason.sim.study.store import Ledger
from heatseason.sim.study.sweep import Study, carry_out, sweep

DESIGN = Design(
    scenario="town",
    changes={"network": "tee", "season.settlement_days": 30},
    vary={"policies.reserve.days": [2.0, 7.0], "policies.crews.teams": Range(low=1, high=2, step=1)},
    replications=6,
)
DRIVER = """
import sys
from heatseason.sim.study.design import Design
from heatseason.sim.study.executors import Local
from heatseason.sim.study.sweep import sweep
for _ in sweep(Design.model_validate_json(sys.argv[1]), Local(2), out=sys.argv[2]):
    print(flush=True)
"""


def digests(folder):
    with Ledger(Path(folder) / "ledger.sqlite") as ledger:
        keys = {point.number: point.key for point in ledger.points()}
        assert ledger.failures() == []
        return {(keys[point], winter): digest for (point, winter), digest in ledger.digests().items()}


@pytest.fixture(scope="session")
def serial(tmp_path_factory):
    """Digests as one process finds them."""
    folder = tmp_path_factory.mktemp("serial")
    assert sum(1 for _ in sweep(DESIGN, out=folder)) == 24
    return folder, digests(folder)


def test_two_workers_find_the_same_as_one(serial, tmp_path):
    with Local(2) as executor:
        played = list(sweep(DESIGN, executor, out=tmp_path))
    assert len(played) == 24
    assert digests(tmp_path) == serial[1]


def test_two_shards_put_together_are_the_whole(serial, tmp_path):
    counts = [sum(1 for _ in sweep(DESIGN, out=tmp_path / str(n), shard=Shard(n, 2))) for n in (1, 2)]
    assert counts == [12, 12]
    merge([tmp_path / "1", tmp_path / "2"], tmp_path)
    assert digests(tmp_path) == serial[1]
    assert list(sweep(DESIGN, out=tmp_path)) == []


def test_shards_that_go_on_keep_their_cases_and_are_merged_again(tmp_path):
    few, more = (
        DESIGN.model_copy(update={"replications": n, "vary": {"policies.crews.teams": [1, 2]}}) for n in (2, 3)
    )
    for number in (1, 2, 3):
        list(sweep(few, out=tmp_path, shard=Shard(number, 3)))
    merge([tmp_path], tmp_path)
    assert len(digests(tmp_path)) == 4
    assert sum(len(list(sweep(more, out=tmp_path, shard=Shard(number, 3)))) for number in (1, 2, 3)) == 2
    merge([tmp_path], tmp_path)
    assert len(digests(tmp_path)) == 6


def test_dask_finds_the_same(serial, tmp_path):
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    python = [sys.executable, "-m"]
    scheduler = ["distributed.cli.dask_scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0"]
    worker = ["distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    processes = [subprocess.Popen([*python, *scheduler, "--no-dashboard"], **quiet)]
    try:
        wait_until(file.exists, 60)
        processes += [subprocess.Popen([*python, *worker, "--local-directory", str(tmp_path)], **quiet) for _ in "12"]
        with Dask(str(file)) as executor:
            executor._client.wait_for_workers(2, timeout=60)
            assert executor.workers == 2
            assert len(list(sweep(DESIGN, executor, out=tmp_path / "study"))) == 24
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(20)
    assert digests(tmp_path / "study") == serial[1]


def test_no_scheduler_is_said(tmp_path):
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    file.write_text('{"address": "tcp://127.0.0.1:1", "id": "none", "type": "Scheduler", "workers": {}}', "utf-8")
    with pytest.raises(ClusterError, match="no Dask scheduler"):
        Dask(str(file), connect_s=1)


def test_a_wrong_address_is_not_waited_for_as_a_worker_is(monkeypatch):
    distributed = pytest.importorskip("distributed")
    asked = {}

    def client(**options):
        asked.update(options)
        raise OSError("no route")

    monkeypatch.setattr(distributed, "Client", client)
    with pytest.raises(ClusterError, match="no route"):
        Dask("tcp://192.0.2.1:8786")
    assert asked["timeout"] == 10.0


def test_a_study_goes_on_where_it_was_left(serial, tmp_path):
    for n, _ in enumerate(sweep(DESIGN, out=tmp_path), 1):
        if n == 5:
            break
    told = carry_out(DESIGN, out=tmp_path)
    assert (told["known"], told["played"], told["wanted"], told["interrupted"]) == (5, 19, 24, False)
    assert digests(tmp_path) == serial[1]
    more = carry_out(DESIGN.model_copy(update={"replications": 7}), out=tmp_path)
    assert (more["known"], more["played"]) == (24, 4)


def test_an_interrupt_leaves_what_is_done(tmp_path):
    def stop(outcome):
        if outcome.replication == 3:
            raise KeyboardInterrupt

    told = carry_out(DESIGN, out=tmp_path, on_done=stop)
    assert told["interrupted"]
    assert (told["played"], told["wanted"]) == (4, 24)
    assert len(digests(tmp_path)) == 4


def test_points_are_asked_for_and_told_of(tmp_path):
    with Study(tmp_path, hs.load("town", ["network=tee"])) as study:
        days, best = 1.0, {}
        while days <= 4.0:
            point = {"policies.reserve.days": days}
            for number, outcome in study.play([point], 2):
                best[number] = outcome.document["headline"]["cost_cny"]
            days *= 2.0
        assert len(best) == 3
        assert list(study.play([{"policies.reserve.days": 2.0}, {"policies.reserve.days": 2}], 2)) == []


def test_a_winter_is_replayed_to_its_record(serial, tmp_path, monkeypatch):
    folder, known = serial
    record = replay(folder, 3, 2)
    with Ledger(folder / "ledger.sqlite") as ledger:
        key = ledger.points()[3].key
    assert record.digest() == known[key, 2]
    assert record.scenario["policies"]["crews"]["teams"] == 2
    with pytest.raises(InputError, match="point 9, replication 2"):
        replay(folder, 9, 2)
    other = hs.run(hs.load("town", ["network=tee"]), 5)
    monkeypatch.setattr(module, "run", lambda *_: other)
    with pytest.raises(DigestError, match="the study saw"):
        replay(folder, 3, 2)


def test_a_point_is_checked_once_however_often_it_is_asked_for(tmp_path, monkeypatch):
    checked = []
    monkeypatch.setattr(sweeping, "faults_of", lambda scenario: checked.append(scenario.policies.crews.teams) or [])
    with Study(tmp_path, hs.load("town", ["network=tee"])) as study:
        points = [{"policies.crews.teams": n} for n in (1, 2, 1)]
        assert study.add(points) == [0, 1, 0]
        assert study.missing([*points, {"policies.crews.teams": 3}], 2) == 6
        assert study.add(points[1:]) == [1, 0]
    assert checked == [1, 2, 3]


def test_what_is_wrong_with_a_value_is_said_once_however_many_points_hold_it(tmp_path):
    vary = {"policies.reserve.dayz": [2.0, 7.0], "policies.crews.teams": [-1, -2, 3]}
    with pytest.raises(InputError) as caught:
        list(sweep(Design(scenario="town", changes={"network": "tee"}, vary=vary), out=tmp_path))
    told = [(problem.path.rpartition(".")[2], problem.found) for problem in caught.value.problems]
    assert told == [("dayz", 'unknown key "dayz"'), ("teams", "-1"), ("teams", "-2")]


def test_what_is_wrong_with_any_point_is_said_before_anything_is_played(tmp_path):
    wrong = DESIGN.model_copy(update={"vary": {"policies.crews.teams": [1, -1], "policies.none": [1]}})
    with pytest.raises(InputError) as caught:
        next(sweep(wrong, out=tmp_path))
    assert "point 0: policies.none" in str(caught.value)
    assert "point 1: policies.crews.teams" in str(caught.value)
    assert len(list(sweep(DESIGN.model_copy(update={"replications": 1, "vary": {}}), out=tmp_path))) == 1


def test_a_shard_that_was_stopped_is_said_when_it_is_merged(tmp_path):
    def stop(outcome):
        if outcome.replication == 3:
            raise KeyboardInterrupt

    carry_out(DESIGN, out=tmp_path / "1", shard=Shard(1, 2))
    carry_out(DESIGN, out=tmp_path / "2", shard=Shard(2, 2), on_done=stop)
    folders = [tmp_path / "1", tmp_path / "2"]
    with pytest.raises(InputError, match="found 8 winters that are not played"):
        merge(folders, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()
    with Ledger(merge(folders, tmp_path / "whole", partial=True)) as whole:
        assert left_of(whole) == 8
    assert describe(tmp_path / "whole" / "ledger.sqlite")["left"] == 8
    carry_out(DESIGN, out=tmp_path / "2", shard=Shard(2, 2))
    with Ledger(merge(folders, tmp_path / "whole")) as whole:
        assert left_of(whole) == 0


def test_a_metric_that_cannot_be_sent_leaves_nothing(tmp_path):
    with Local(1) as executor, pytest.raises(InputError, match="other processes"):
        carry_out(DESIGN, executor, out=tmp_path / "none", metrics=[lambda *_: 1.0])
    assert not (tmp_path / "none").exists()


def test_edits_of_the_network_are_swept_as_any_path(tmp_path):
    """A wider main for a tee: two networks, two digests, each replayed from what the ledger keeps of it."""
    vary = {"edits.wide.kind": ["resize"], "edits.wide.pipe": ["p1"], "edits.wide.type": ["DN150", "DN300"]}
    design = DESIGN.model_copy(update={"vary": vary, "replications": 1})
    narrow, wide = list(sweep(design, out=tmp_path))
    assert narrow.failure is wide.failure is None
    assert narrow.digest != wide.digest
    pumping = [outcome.document["headline"]["electricity_mwh"] for outcome in (narrow, wide)]
    assert pumping[0] > pumping[1]
    assert replay(tmp_path, 1, 0).digest() == wide.digest
    wrong = design.model_copy(update={"vary": {**vary, "edits.wide.pipe": ["p1", "p9"]}})
    with pytest.raises(InputError, match="p9"):
        list(sweep(wrong, out=tmp_path / "wrong"))
    assert not list((tmp_path / "wrong").glob("*.parquet"))


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "a/b", "1/2/3"])
def test_a_shard_is_a_part_of_a_whole(text):
    with pytest.raises(InputError, match="2/8"):
        Shard.read(text)
    assert Shard.read("2/8") == Shard(2, 8)


# ---------------------------------------------------------------- killed at random moments

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
MOMENTS = random.Random(7)


def kills(count):
    return [pytest.param(MOMENTS.uniform(0.5, 3.4), id=f"kill {n}") for n in range(count)]


@linux
@pytest.mark.parametrize("seconds", kills(2))
def test_the_driver_killed(serial, tmp_path, seconds):
    driver_is_killed(serial, tmp_path, seconds)


@linux
@pytest.mark.parametrize("seconds", kills(1))
def test_a_worker_killed(serial, tmp_path, seconds):
    worker_is_killed(serial, tmp_path, seconds)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("seconds", kills(20))
def test_the_driver_killed_twenty_times(serial, tmp_path, seconds):
    driver_is_killed(serial, tmp_path, seconds)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("seconds", kills(20))
def test_a_worker_killed_twenty_times(serial, tmp_path, seconds):
    worker_is_killed(serial, tmp_path, seconds)


def driver_is_killed(serial, folder, seconds):
    driver = start_driver(folder)
    time.sleep(seconds)
    driver.kill()
    driver.wait()
    wait_until(lambda: not session(driver.pid), 3)  # no orphans
    try:
        kept = len(digests(folder))
    except InputError:  # none yet, or an empty one
        kept = 0
    assert len(list(sweep(DESIGN, out=folder))) == 24 - kept
    assert digests(folder) == serial[1]


def worker_is_killed(serial, folder, seconds):
    driver = start_driver(folder)
    time.sleep(seconds)
    workers = [pid for pid in session(driver.pid) if pid != driver.pid and is_worker(pid)]
    if workers:
        os.kill(random.Random(seconds).choice(workers), signal.SIGKILL)
    assert driver.wait(120) == 0
    wait_until(lambda: not session(driver.pid), 3)
    assert digests(folder) == serial[1]


def start_driver(folder):
    command = [sys.executable, "-c", DRIVER, DESIGN.model_dump_json(), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def session(leader):
    """Return the processes of a session that are alive."""
    alive = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else ()
        except OSError:  # it has gone
            continue
        if fields and int(fields[3]) == leader and fields[0] != "Z":
            alive.append(int(entry.name))
    return alive


def is_worker(pid):
    """Return whether a process was forked by the fork server: its parent is no driver and is named alike."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return b"forkserver" in Path(f"/proc/{parent}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(true, seconds):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_what_numpy_hands_out_is_taken_as_python_s_own(tmp_path, monkeypatch):
    np = pytest.importorskip("numpy")
    town = hs.load("town", ["network=one_pipe"])
    assert town.with_("policies.crews.teams", np.int64(3)) == town.with_("policies.crews.teams", 3)
    assert town.with_("policies.reserve.days", np.float32(3.5)) == town.with_("policies.reserve.days", 3.5)
    shut = town.with_("guide", {"2.3": {"temperature_c": np.float64(19)}})
    assert shut == town.with_("guide", {"2.3": {"temperature_c": 19.0}})
    monkeypatch.setattr(sweeping, "play_all", lambda cases, *_, **__: iter(()))
    with Study(tmp_path, town) as study:
        theirs = study.add(
            {"policies.crews.teams": np.int64(n), "policies.reserve.days": np.float64(2)} for n in (2, 3)
        )
        assert theirs == study.add([{"policies.crews.teams": n, "policies.reserve.days": 2.0} for n in (2, 3)])
        assert [point.changes["policies.crews.teams"] for point in study.ledger.points()] == [2, 3]
        assert study.missing([{"policies.crews.teams": np.int64(2)}], np.int64(3), first=np.int64(1)) == 3


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"policies.crews.teams": 3}, "points: found dict, wanted a list of points"),
        ("policies.crews.teams=3", "points: found str, wanted a list of points"),
        (3, "points: found int, wanted a list of points"),
        (["policies.crews.teams=3"], r"points\[0\]: found \"policies.crews.teams=3\", wanted a mapping"),
    ],
)
def test_points_of_another_shape_are_told_when_they_are_asked(tmp_path, points, said):
    with Study(tmp_path, hs.load("town", ["network=one_pipe"])) as study:
        for ask in (study.add, study.play, lambda them: study.missing(them, 1)):
            with pytest.raises(hs.InputError, match=said):
                ask(points)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"replications": 0}, "replications: found 0, wanted a whole number, 1 or more"),
        ({"replications": -1, "first": -3}, "first: found -3, wanted a whole number, 0 or more"),
        ({"replications": 2.5}, "replications: found 2.5"),
    ],
)
def test_winters_that_are_none_are_told_when_they_are_asked(tmp_path, how, said):
    town = hs.load("town", ["network=one_pipe"])
    with Study(tmp_path, town) as study, pytest.raises(hs.InputError, match=said):
        study.play([{}], **how)
    with pytest.raises(hs.InputError, match=said):
        hs.cases_of(town, **how)
    with pytest.raises(hs.InputError, match="replication: found -3"):
        hs.run(town, -3)


def test_a_closed_study_says_so(tmp_path):
    with Study(tmp_path, hs.load("town", ["network=one_pipe"])) as study:
        pass
    for ask in (lambda: study.play([{}]), lambda: study.add([{}]), study.frame, study.dataset):
        with pytest.raises(hs.InputError, match="study: found closed"):
            ask()


def test_what_goes_wrong_can_be_caught_by_its_public_name():
    assert issubclass(hs.InputError, hs.HeatseasonError)
    with pytest.raises(hs.InputError) as caught:
        hs.load("town", ["policies.crews.team=1"])
    assert isinstance(caught.value.problems[0], hs.Problem)
    assert {hs.ModelError, hs.LedgerError, hs.ClusterError, hs.DigestError} <= set(hs.HeatseasonError.__subclasses__())


@pytest.mark.parametrize(
    ("measured", "why"),
    [({"T": 1.0, "t": 2.0}, '"t" and "T" differ only by capitals'), ({"WARM": 1.0}, '"WARM" and "warm" differ only'),
     ({f"n{number}": 1.0 for number in range(2500)}, "2501 numbers of metrics in all, and a ledger keeps 1500")],
)  # fmt: skip
def test_names_that_no_ledger_can_keep_fail_their_winter_alone(tmp_path, monkeypatch, measured, why):
    document = {"score": {"operator": 1.0}, "headline": {}, "clauses": []}

    def played(cases, *_, **__):
        for case in cases:
            numbers = measured if case.replication == 1 else {"warm": 1.0}
            yield Outcome(case.id, case.replication, document, "00" * 16, metrics=numbers)

    monkeypatch.setattr(sweeping, "play_all", played)
    with Study(tmp_path, hs.load("town", ["network=one_pipe"])) as study:
        outcomes = [outcome for _, outcome in study.play([{}], 3)]
        assert [outcome.failure is None for outcome in outcomes] == [True, False, True]
        assert [(winter, why in failure.why) for _, winter, failure in study.ledger.failures()] == [(1, True)]
    with Study(tmp_path, hs.load("town", ["network=one_pipe"])) as study:  # what stood there before is known
        study.ledger.forget_failures()
        assert [outcome.failure is None for _, outcome in study.play([{}], 3)] == [False]
