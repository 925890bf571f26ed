"""What a running query has used of its limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from gadfly.errors import QueryError
from gadfly.promql.limits import Limits

TOO_MANY = "query processing would load too many samples into memory in query execution"


class Budget:
    """Counts samples and watches the time of one query."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._now = now
        self._ends = now() + limits.seconds
        self._read = 0

    def read(self, samples: int) -> None:
        """Samples were read for a selector. Raises `QueryError` when all selectors together read too many."""
        self._read += samples
        self.hold(self._read)

    def hold(self, samples: int) -> None:
        """An array of so many values is about to be made. Raises `QueryError` if that is too many."""
        if samples > self.limits.samples:
            raise QueryError(f"{TOO_MANY} (more than {self.limits.samples:,}): ask for fewer series or steps")
        self.on()

    def left(self) -> Limits:
        """The limits for what is read now: the seconds are those left. Raises `QueryError` if none are."""
        self.on()
        return replace(self.limits, seconds=min(self.limits.seconds, self._ends - self._now()))

    def on(self) -> None:
        """Go on, if there is time left. Raises `QueryError` otherwise."""
        if self._now() > self._ends:
            raise QueryError(
                f"query timed out in expression evaluation after {self.limits.seconds:g} s", "timeout"
            )
