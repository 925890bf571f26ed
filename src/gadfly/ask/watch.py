"""A time limit for what can be interrupted from another thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK = 0.1
"""Seconds between two looks at the clock: a limit is passed by at most as much."""


class Watch:
    """One thread for many short pieces of work, since to start one for each takes longer than the work.

    interrupt: ends the work; one that comes just after its end must do nothing. The thread lives from the
    first limit until `close`.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._deadline: float | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Interrupt what runs inside once it has taken so long, and again until it ends."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="ask watch", daemon=True)
            self._thread.start()
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = None

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._closed.wait(LOOK):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._interrupt()
