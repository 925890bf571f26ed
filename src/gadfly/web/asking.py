"""Queries run in threads of their own, a few at once, and end when whoever asked goes away."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

from gadfly.errors import QueryError

T = TypeVar("T")
Now = Callable[[], float]

AT_ONCE = 3
"""Queries under way. They share one interpreter with the page, which gets its turn between them."""
WAITING = 64
"""Queries that wait for one of those places: a few dashboards' worth."""
PATIENCE = 4.0
"""Seconds that a query waits for a place."""
SECONDS = 25.0
"""Seconds that a query may take then. The two are less than any request may, so that the answer says why."""
GRACE = 0.5
"""Seconds more, for it to say so itself."""
GLANCE = 0.2
"""Seconds between looks at whether the client is still there."""


class Gone(Exception):
    """The client went away before the answer was there."""


class Asking:
    """The places of one node."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def run(self, request: Request, work: Callable[[Now], T]) -> T:
        """The result of `work`, in a thread.

        It is given a clock (monotonic seconds) to bound itself by, which jumps to infinity when nobody waits
        for the answer any more.

        QueryError (a timeout): there was no place for it. :class:`Gone`: the client did not wait.
        """
        if self._waiting >= WAITING:
            raise QueryError(f"{WAITING} queries wait already; ask again later, or less at once", "timeout")
        gone = False

        def now() -> float:
            return math.inf if gone else time.monotonic()

        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            raise QueryError(
                f"{AT_ONCE} queries run, and none ended within {PATIENCE:.0f} s; ask again later", "timeout"
            ) from None
        finally:
            self._waiting -= 1
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, "gadfly-query")
        running = asyncio.get_running_loop().run_in_executor(self._threads, functools.partial(work, now))
        # The place is free when the thread is, not when the one who asked has gone.
        running.add_done_callback(self._free)
        ends = time.monotonic() + SECONDS + GRACE
        try:
            while not (await asyncio.wait([running], timeout=GLANCE))[0]:
                if await request.is_disconnected():
                    raise Gone
                if time.monotonic() > ends:
                    # It is to say so itself; what hangs in the system does not.
                    raise QueryError(f"query timed out after {SECONDS:.0f} s", "timeout")
            return running.result()
        finally:
            gone = True

    def _free(self, done: asyncio.Future[Any]) -> None:
        self._places.release()
        with contextlib.suppress(asyncio.CancelledError):
            done.exception()  # looked at, whoever asked

    def close(self) -> None:
        """Take no more; what runs ends by its own clock."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
