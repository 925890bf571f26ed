"""The one seam for time.

Durations and deadlines are counted on the monotonic clock; wall time is only written down and shown. What
must end while the machine sleeps, such as authority to act, is counted on the boot clock. Code that decides
takes ``now`` as an argument; code that waits takes a :class:`Clock`. A test passes a :class:`VirtualClock`
and lives through a day in a moment.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from typing import Protocol


class Clock(Protocol):
    """What the rest of gadfly may know of time. All values are seconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    def boottime(self) -> float:
        """The same, and it goes on while the machine sleeps; not to be compared with the monotonic one."""

    def wall(self) -> float:
        """Seconds since the Unix epoch; may jump."""

    async def sleep(self, seconds: float) -> None:
        """Return after at least so many monotonic seconds."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    @staticmethod
    def boottime() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class VirtualClock:
    """A clock that moves only when told to, for tests and simulations."""

    def __init__(self, wall: float = 1_800_000_000.0) -> None:
        self._now = 0.0
        self._slept = 0.0
        self._wall = wall
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0

    def monotonic(self) -> float:
        return self._now

    def boottime(self) -> float:
        return self._now + self._slept

    def wall(self) -> float:
        return self._wall

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), self._order, future))
        await future

    def set_wall(self, wall: float) -> None:
        """Let the wall clock jump; the monotonic one does not notice."""
        self._wall = wall

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: nothing runs and the monotonic clock stands still, the two others go on."""
        self._slept += seconds
        self._wall += seconds

    async def advance(self, seconds: float) -> None:
        """Move on, waking every sleeper in its order and letting it run before the next one."""
        end = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._move_to(due)
            if not future.done():
                future.set_result(None)
            await _settle()
        self._move_to(end)
        await _settle()

    def _move_to(self, now: float) -> None:
        self._wall += now - self._now
        self._now = now


async def _settle(rounds: int = 20) -> None:
    """Give tasks that became ready their turn; each round is one pass of the loop."""
    for _ in range(rounds):
        await asyncio.sleep(0)
