"""From the queue to the calls: what waits is started as far as there is room."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from gadfly.clock import Clock
from gadfly.errors import StoreError
from gadfly.functions.calls import Calls
from gadfly.functions.deploy import Deploys
from gadfly.functions.function import Function
from gadfly.functions.queue import Outcome, Queue, Work
from gadfly.functions.room import Room

log = logging.getLogger("gadfly.functions")

GATHER = 0.005
"""Seconds between two looks into the queue: what comes within them is taken together."""
LOOK = 60.0
"""Seconds between two looks for a free place, if nobody says that there is one."""
RETRY = 5.0
"""Seconds until a disk that refused is tried again."""


class Dispatch:
    """For one node. `fresh` is set by whoever changed what may run: a deploy, a reload, a call that ended."""

    def __init__(
        self,
        queue: Queue,
        calls: Calls,
        deploys: Deploys,
        room: Room,
        clock: Clock,
        functions: Callable[[], Mapping[str, Function]],
        fresh: asyncio.Event,
    ) -> None:
        self._queue = queue
        self._calls = calls
        self._deploys = deploys
        self._room = room
        self._clock = clock
        self._functions = functions
        self._fresh = fresh

    async def run(self) -> None:
        """Start what waits, until cancelled; without a function, nothing."""
        while True:
            if not self._functions():
                await self._wait(None)
                continue
            try:
                room = {
                    name: self._room.free(name, function.limits.at_once)
                    for name, function in self._functions().items()
                    if self._deploys.current(name) is not None
                }
                if not (room := {name: free for name, free in room.items() if free}):
                    await self._wait(LOOK)  # whatever comes: nothing can begin before something ends
                    continue
                for work in await self._queue.claim(room):
                    await self._begin(work)
                await self._clock.sleep(GATHER)
            except StoreError as error:
                log.error("%s", error)
                await self._clock.sleep(RETRY)
                continue
            await first(self._fresh.wait(), self._queue.changed())
            self._fresh.clear()

    async def _begin(self, work: Work) -> None:
        function = self._functions().get(work.function)
        if function is not None:
            self._calls.start(function, work)
            return
        # A reload took it away after it was claimed.
        words = f"function {work.function} is not declared any more; declare it, then replay"
        while True:  # what else was claimed could not end, either
            try:
                await self._queue.end(work, Outcome(ended="refused", error=words))
            except StoreError as error:
                log.error("%s", error)
                await self._clock.sleep(RETRY)
            else:
                return

    async def _wait(self, seconds: float | None) -> None:
        await first(self._fresh.wait(), *([] if seconds is None else [self._clock.sleep(seconds)]))
        self._fresh.clear()


async def first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Until one of them is over; the others are given up."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in tasks:
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError):
                await one
