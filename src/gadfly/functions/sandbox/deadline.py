"""Kills processes on time, by a thread of its own: nothing that the node's event loop does delays it."""

from __future__ import annotations

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable

from gadfly.functions.sandbox import channel


class Deadlines:
    """Descriptors of processes, each with the moment at which it is killed. Safe to use from any thread.

    The thread is started with the first deadline and sleeps until the next one; an idle one costs nothing.
    """

    def __init__(
        self, kill: Callable[[int], None] = channel.kill, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._kill = kill
        self._now = now
        self._numbers = itertools.count()
        self.forget()

    def forget(self) -> None:
        """Begin anew: a fork of this process has neither its threads nor its calls."""
        self._due: list[tuple[float, int]] = []
        self._processes: dict[int, int] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, process: int, seconds: float) -> int:
        """Kill it after so long; the number is for :meth:`take`."""
        with self._changed:
            number = next(self._numbers)
            self._processes[number] = process
            heapq.heappush(self._due, (self._now() + seconds, number))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._due[0][1] == number:
                self._changed.notify()
            return number

    def take(self, number: int) -> bool:
        """It is not to be killed any more, and its descriptor may be closed; False where it was killed."""
        with self._changed:
            return self._processes.pop(number, None) is not None

    def sweep(self) -> float | None:
        """Kill what is due; the seconds until the next one, None where there is none."""
        with self._changed:
            while self._due:
                when, number = self._due[0]
                if number in self._processes:
                    if (left := when - self._now()) > 0:
                        return left
                    # With the lock held: nobody may close the descriptor meanwhile.
                    self._kill(self._processes.pop(number))
                heapq.heappop(self._due)
            return None

    def _run(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(self.sweep())


deadlines = Deadlines()
"""This process's: one thread for all cells."""
os.register_at_fork(after_in_child=deadlines.forget)
