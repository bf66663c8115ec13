"""Where cases are played: in this process, in processes beside it, or on a cluster; one code path for all.

An executor here has `workers`, ``submit(function, *arguments) -> concurrent.futures.Future`` and ``close()``.
:func:`play_all` keeps a bounded number of chunks in flight and yields outcomes as they come. A case never raises where
it is played, so a future that fails has lost its worker: the chunk is tried again, alone, halved until the one case
that kills its workers is found, recorded as ``crashed`` and passed over.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any, Protocol, Self

from ...network_models.problems import HeatseasonError, InputError, Problem
from ..kernels import compiled
from .case import Case, Failure, Metric, Outcome, check_metrics, play
from .memory import keep_freed
from .watch import DRIVER

__all__ = ["ClusterError", "Dask", "Executor", "Local", "Serial", "check_sent", "dispatch", "executor_for", "play_all"]

_CHUNK_S = 2.0  # work in one chunk: overheads of a millisecond vanish, and little is lost with a worker
_LARGEST_CHUNK = 64
_AHEAD = 2  # chunks in flight for every worker: one at work, one at hand
_STARTS = 5  # pools that are tried before none can be had
_STRIKES = 3  # workers that a case must lose, being alone with each, before it is called crashed


class ClusterError(HeatseasonError):
    """The scheduler cannot be reached, or not any more."""


class Executor(Protocol):
    """What :func:`play_all` asks of an executor."""

    @property
    def workers(self) -> int:
        """How many cases are played at a time."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Have a function called somewhere."""

    def close(self) -> None:
        """Let go of the workers, whatever they are doing."""


class _Closing:
    """An executor used in a ``with`` statement is closed at its end."""

    def close(self) -> None:
        """Let go of the workers."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Serial(_Closing):
    """Everything in this process, one after the other."""

    workers = 1

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call the function now."""
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future


class Local(_Closing):
    """Processes on this machine: a pool that is rebuilt when it breaks, and whose workers die with this process.

    Parameters
    ----------
    workers : int, optional
        One for each processor by default.
    method : str, optional
        ``forkserver`` where there is one, else ``spawn``; plain fork is unsafe once threads exist.
    """

    def __init__(self, workers: int | None = None, method: str | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        available = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context(method or ("forkserver" if "forkserver" in available else "spawn"))
        if self._context.get_start_method() == "forkserver":  # workers share what is imported before they fork
            self._context.set_forkserver_preload([f"{play.__module__.rpartition('.')[0]}.warm"])
            os.environ[DRIVER] = str(os.getpid())  # whom the server is to end with while it warms up
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Have a function called in a worker; a pool that broke, or a fork server that was killed, is replaced."""
        for number in range(_STARTS):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self.workers, self._context, _die_with_parent)
            try:
                if self._context.get_start_method() == "forkserver":
                    _start_server()
                with _no_main_module():
                    return self._pool.submit(function, *arguments)
            except BrokenProcessPool:
                self._pool = None
            except (EOFError, ConnectionError):  # the fork server died under a worker that it was to start
                self.close()
                time.sleep(0.1 * number)  # it may be dying still
        raise ClusterError("no worker process could be started: is there memory left?")

    def close(self) -> None:
        """Kill the workers, whatever they are doing."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        for process in processes:
            process.join(5)


class Dask(_Closing):
    """Workers of a Dask cluster, here or elsewhere.

    Parameters
    ----------
    scheduler : str
        Its address, ``tcp://host:8786``, or the path of its scheduler file.
    timeout_s : float
        How long to wait for its first worker [s].
    connect_s : float
        How long to wait for the scheduler itself, which is there at once or has another address [s].

    Raises
    ------
    ClusterError
        When it cannot be reached, or has no workers.
    InputError
        When Dask is not installed.
    """

    def __init__(self, scheduler: str, *, timeout_s: float = 60.0, connect_s: float = 10.0) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            wanted = "the extra cluster: pip install 'heatseason[cluster]'"
            raise InputError([Problem("--scheduler", scheduler, wanted)]) from error
        options = {"scheduler_file": scheduler} if os.path.exists(scheduler) else {"address": scheduler}
        try:
            self._client = Client(**options, timeout=connect_s, set_as_default=False)
            self._client.wait_for_workers(1, timeout=timeout_s)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(f"no Dask scheduler with workers at {scheduler}: {error}") from error
        self._executor = self._client.get_executor(pure=False, retries=2)

    @property
    def workers(self) -> int:
        """Threads of all workers now; workers may come and go."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Have a function called on the cluster."""
        if self._client.status != "running":
            raise ClusterError(f"the Dask scheduler is gone ({self._client.status})")
        future: Future[Any] = self._executor.submit(_in_dask, function, *arguments)
        return future

    def close(self) -> None:
        """Leave the cluster; what was still wanted of it is cancelled."""
        with contextlib.suppress(Exception):
            self._executor.shutdown(wait=False)
        self._client.close(timeout=5)


def executor_for(workers: int | None = None, scheduler: str | None = None) -> Serial | Local | Dask:
    """Return the executor that a command line asks for: a cluster by its address, one worker or many."""
    if scheduler:
        return Dask(scheduler)
    return Serial() if workers == 1 else Local(workers)


def play_all(
    cases: Iterable[Case],
    executor: Executor | None = None,
    *,
    metrics: Sequence[str | Metric] = (),
    total: int | None = None,
) -> Iterator[Outcome]:
    """Play cases and yield each one's outcome as it comes, in no particular order.

    Parameters
    ----------
    cases : iterable of Case
        Taken a few at a time, so it may be long and may grow.
    executor : Executor, optional
        Serial when left out. It stays open.
    metrics : sequence of str or callable
        As in :func:`play`; for other processes a function must be importable by its name.
    total : int, optional
        How many cases there are, where that is known and they have no length: the last chunks are then smaller, so that
        all workers end together.

    Yields
    ------
    Outcome
        One for every case, failed ones too.

    Raises
    ------
    ClusterError
        When no worker can be had any more; what was yielded stays true.
    InputError
        When a metric cannot be found, or cannot be sent to another process.
    """
    check_sent(metrics, executor)
    if executor is None or isinstance(executor, Serial):
        for case in cases:
            yield play(case, metrics=metrics)
        return
    if total is None and isinstance(cases, Sized):
        total = len(cases)
    yield from dispatch(cases, executor, partial(_play_chunk, metrics=tuple(metrics)), total)


def check_sent(metrics: Sequence[str | Metric], executor: Executor | None) -> None:
    """Raise InputError when a metric cannot be found, or cannot be sent to where an executor plays."""
    check_metrics(metrics)
    if executor is None or isinstance(executor, Serial):
        return
    for metric in metrics:
        if not isinstance(metric, str) and (metric.__module__ == "__main__" or "<" in metric.__qualname__):
            wanted = "a function of a module, which other processes can import"
            raise InputError([Problem("metrics", metric.__qualname__, wanted)])


def _play_chunk(cases: Sequence[Case], metrics: Sequence[str | Metric]) -> list[Outcome]:
    """Play some cases one after the other, where a worker stands."""
    return [play(case, metrics=metrics) for case in cases]


def dispatch(
    cases: Iterable[Case],
    executor: Executor,
    play_some: Callable[[Sequence[Case]], list[Outcome]],
    total: int | None = None,
) -> Iterator[Outcome]:
    """Send cases out in chunks of about two seconds' work and yield what comes back; see :func:`play_all`."""
    yield from _Dispatch(executor, play_some, total).play(iter(cases))


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Cases that go to a worker together; `alone` when nothing else is in flight with them."""

    cases: list[Case]
    alone: bool = False
    strikes: int = 0


@dataclass(slots=True)
class _Dispatch:
    """Chunks in flight, and those whose worker was lost, to be tried again."""

    executor: Executor
    play_some: Callable[[Sequence[Case]], list[Outcome]]
    left: int | None  # cases not yet sent out, where known
    flying: dict[Future[Any], _Chunk] = field(default_factory=dict)
    suspects: deque[_Chunk] = field(default_factory=deque)
    case_s: float | None = None  # what a case takes, lately; None until one has landed
    crashed: list[Outcome] = field(default_factory=list)  # not to be believed before some case has landed

    def play(self, cases: Iterator[Case]) -> Iterator[Outcome]:
        # Where kernels must be compiled first, one worker does it and the others then load them.
        window = _AHEAD * self.executor.workers if compiled() else 1
        try:
            while True:
                if not self.suspects:
                    while len(self.flying) < window and (chunk := list(islice(cases, self._chunk_size()))):
                        self.left = None if self.left is None else self.left - len(chunk)
                        self._submit(_Chunk(chunk))
                elif not self.flying:  # alone: a worker lost now was lost by this chunk, or by chance
                    self._submit(replace(self.suspects.popleft(), alone=True))
                if not self.flying:
                    yield from self.crashed
                    return
                done, _ = wait(self.flying, return_when=FIRST_COMPLETED)
                window = _AHEAD * self.executor.workers
                for future in done:
                    yield from self._landed(future, self.flying.pop(future))
        finally:
            for future in self.flying:
                future.cancel()

    def _submit(self, chunk: _Chunk) -> None:
        self.flying[self.executor.submit(self.play_some, chunk.cases)] = chunk

    def _landed(self, future: Future[Any], chunk: _Chunk) -> Iterator[Outcome]:
        try:
            outcomes: list[Outcome] = future.result()
        except Exception as error:
            self._lost(chunk, error)
            return
        seconds = sum(outcome.wall_s for outcome in outcomes) / len(outcomes)
        self.case_s = seconds if self.case_s is None else 0.5 * (self.case_s + seconds)
        yield from self.crashed
        self.crashed.clear()
        yield from outcomes

    def _lost(self, chunk: _Chunk, error: Exception) -> None:
        """Try a chunk again: as it is when it had company, halved when it was alone; give up on a single case."""
        if not chunk.alone:
            self.suspects.append(chunk)
        elif len(chunk.cases) > 1:
            middle = len(chunk.cases) // 2
            self.suspects.extend((_Chunk(chunk.cases[:middle]), _Chunk(chunk.cases[middle:])))
        elif chunk.strikes + 1 < _STRIKES:
            self.suspects.append(replace(chunk, strikes=chunk.strikes + 1))
        else:
            case = chunk.cases[0]
            why = f"it took {_STRIKES} workers with it ({type(error).__name__})"
            self.crashed.append(Outcome(case.id, case.replication, failure=Failure("crashed", why)))
            if self.case_s is None and len(self.crashed) == _STRIKES:
                raise ClusterError(f"workers die before they have done anything ({type(error).__name__}: {error})")

    def _chunk_size(self) -> int:
        if self.case_s is None:
            return 1
        size = min(_LARGEST_CHUNK, round(_CHUNK_S / max(self.case_s, 1e-3)))
        if self.left is not None:
            size = min(size, -(-self.left // (2 * self.executor.workers)))
        return max(1, size)


def _in_dask(function: Callable[..., Any], /, *arguments: Any) -> Any:
    """Call a function on a Dask worker, with memory kept as other processes keep it."""
    keep_freed()
    return function(*arguments)


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep workers that are started here from running the user's script again: nothing they are sent stands in it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _start_server() -> None:
    """Start the fork server, where it does not run, so that Ctrl-C is the driver's alone from its first instant on.

    What a process ignores, those that it starts ignore. Its first worker is waited for until the server has imported
    what they share: then Ctrl-C is heard here again.
    """
    from multiprocessing import forkserver

    heard = signal.getsignal(signal.SIGINT)
    if heard is None or threading.current_thread() is not threading.main_thread():  # nobody's to change from here
        forkserver.ensure_running()
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, heard)


def _die_with_parent() -> None:
    """Let a worker end when its driver has gone, and leave Ctrl-C to the driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(70)

    threading.Thread(target=watch, daemon=True).start()
