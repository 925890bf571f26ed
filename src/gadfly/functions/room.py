"""How many invocations run at the same time: in all, and of each function."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator


class Room:
    """Places, given in the order in which they were asked for, as far as the function's own limit allows."""

    def __init__(self, most: int) -> None:
        self.most = most
        """In all; may be changed at any time."""
        self._running: Counter[str] = Counter()
        self._inner: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    @property
    def running(self) -> int:
        """Invocations that have a place."""
        return self._running.total()

    def free(self, function: str, most: int) -> int:
        """Places for one function that may have `most` of them; none where there are none in all."""
        own = most - self._running[function] - self._inner[function]
        return max(0, min(own, self.most - self.running))

    @contextlib.asynccontextmanager
    async def of(self, function: str, most: int, *, inner: bool = False) -> AsyncIterator[None]:
        """A place for one invocation of a function that may have `most` of them.

        `inner`: another function waits for it, which has a place in all already; it needs only one of its
        own, or functions that wait for each other's places would wait for ever.
        """
        held = self._inner if inner else self._running
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    self._running[function] + self._inner[function] < most
                    and (inner or self.running < self.most)
                )
            )
            held[function] += 1
        try:
            yield
        finally:
            held[function] -= 1
            if not held[function]:
                del held[function]
            async with self._changed:
                self._changed.notify_all()
