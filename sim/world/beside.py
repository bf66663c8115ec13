"""Work that keeps its order in a thread of its own, while who asks for it goes on."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Self

__all__ = ["Beside"]

_TOGETHER = 4  # handed over at once while the thread sleeps: waking it costs the caller some 60 us


class Beside:
    """A thread that does one thing after another; kernels leave Python's lock, so it runs beside the caller's.

    What goes wrong there is raised where it is waited for, and nothing is done after it.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[list[Callable[[], object]] | Event | None] = SimpleQueue()
        self._held: list[Callable[[], object]] = []  # not yet handed to the thread
        self._sleeps = True  # or is about to; what is handed over meanwhile wakes nobody
        self._wrong: BaseException | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._work, name="beside", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if value is not None:
            self._wrong = value  # what is asked for already is not wanted any more
        self.hand_over()
        self._asked.put(None)
        if self._thread is not None:
            cut: BaseException | None = None
            while self._thread.is_alive():
                try:
                    self._thread.join()
                except BaseException as again:  # an interrupt, however often: a kernel must not outlive Python
                    self._wrong = cut = cut or again
            if cut is not None:
                raise cut
        if value is None and self._wrong is not None:
            raise self._wrong

    def do(self, what: Callable[[], object]) -> None:
        """Have something done after all that was asked for before."""
        self._held.append(what)
        if len(self._held) >= _TOGETHER or not self._sleeps:
            self.hand_over()

    def hand_over(self) -> None:
        """Let what has been asked for begin."""
        if self._held:
            self._asked.put(self._held)
            self._held = []

    def wait(self) -> None:
        """Wait, in another thread than this one, until everything asked for is done.

        Raises
        ------
        RuntimeError
            If the thread has not begun, or is over.
        BaseException
            What went wrong with any of it.
        """
        if self._thread is None or not self._thread.is_alive():
            raise RuntimeError("nobody works beside: wait within the block")
        self.hand_over()
        done = Event()
        self._asked.put(done)
        done.wait()
        if self._wrong is not None:
            raise self._wrong

    def _work(self) -> None:
        while (asked := self._next()) is not None:
            if isinstance(asked, Event):
                asked.set()
                continue
            try:
                for what in asked:
                    if self._wrong is None:
                        what()
            except BaseException as wrong:  # raised by wait
                self._wrong = wrong

    def _next(self) -> list[Callable[[], object]] | Event | None:
        """Return what is to be done next, once there is something."""
        self._sleeps = self._asked.empty()
        asked = self._asked.get()
        self._sleeps = False
        return asked
