"""How many may wait for a store elsewhere that says nothing: it must not take all places of queries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gadfly.errors import StoreError

LONG = 10.0
"""Seconds without an answer from which a request counts as waiting for a store that hangs. A heavy query of a
sound one is quicker, or others are answered meanwhile."""
LONG_WAITING = 2
"""Requests that may wait for so long: one place fewer than there are for queries."""


class Patience:
    """One for each store; safe in any thread."""

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._name = name
        self._lock = threading.Lock()
        self._under_way: list[list[float]] = []
        """Since when each waits, or since the last answer to any; in the order in which they began."""
        self._hangs = False

    def begin(self) -> list[float]:
        """A request is about to be sent; to be given to the others. StoreError: it need not be tried."""
        with self._lock:
            most = 1 if self._hangs else LONG_WAITING
            if sum(1 for one in self._under_way if self._hangs or self._long(one)) >= most:
                raise self._refusal()
            mine = [self.now()]
            self._under_way.append(mine)
            return mine

    def on(self, mine: list[float]) -> None:
        """Wait on? StoreError: no, as others have waited for longer."""
        with self._lock:
            before = self._under_way[: next(n for n, one in enumerate(self._under_way) if one is mine)]
            if len(before) >= LONG_WAITING and self._long(mine):
                raise self._refusal()

    def answered(self) -> None:
        """Something came, to any of them: all others may wait anew."""
        with self._lock:
            self._hangs = False
            for one in self._under_way:
                one[0] = self.now()

    def hangs(self) -> None:
        """Nothing came to one of them until its end: one at a time tries, until an answer comes."""
        with self._lock:
            self._hangs = True

    def end(self, mine: list[float]) -> None:
        """A request is over, one way or another."""
        with self._lock:
            self._under_way = [one for one in self._under_way if one is not mine]

    def _long(self, one: list[float]) -> bool:
        return self.now() - one[0] >= LONG

    def _refusal(self) -> StoreError:
        return StoreError(
            f"The store at {self._name} does not answer, and others wait for it already. "
            "Look after it, and ask again."
        )
