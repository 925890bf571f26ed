"""Calls that run, and who waits for them: somebody by hand, another function, an automation, a sender."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from gadfly.clock import Clock
from gadfly.errors import LimitError, Refused
from gadfly.functions.function import ASYNC, SYNC, Function
from gadfly.functions.invoke import Done, Invoker
from gadfly.functions.queue import New, Put, Queue, Work

log = logging.getLogger("gadfly.functions")

HELD = 60.0
"""Seconds for which the whole answer of a call is there for whoever asks again."""
ANSWERS = 32 << 20
"""Bytes of answers that are held at most; the oldest goes first."""
OPEN = 200
"""Calls that run or wait for a place at most, for which somebody asks."""
EVENTS = 64 << 20
"""Bytes of the events of what runs or waits for a place, beyond which no more is begun by hand."""


class Calls:
    """For one node. `functions` gives those that are declared, by name."""

    def __init__(
        self,
        queue: Queue,
        invoker: Invoker,
        clock: Clock,
        functions: Callable[[], Mapping[str, Function]],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """`ended` is told of every try that is over: its place is free."""
        self._queue = queue
        self._invoker = invoker
        self._clock = clock
        self._functions = functions
        self._free = ended
        self._tasks: dict[int, asyncio.Task[Done]] = {}
        self._bytes = 0
        self._held: dict[int, tuple[float, Done]] = {}

    def function(self, name: str) -> Function:
        """Refused where none of this name is declared."""
        found = self._functions().get(name)
        if found is None:
            raise Refused(
                f"There is no function {name[:100]!r}; [function.NAME] in the catalogue declares one.", 404
            )
        return found

    async def begin(self, name: str, happened: bytes, called: str, key: str = "") -> int:
        """Call it now, once, for whoever asks for the answer with :meth:`answer`; its number.

        `called`: on whose behalf. `key`: a second call with the same is the first one. It is on disk when
        this returns. Refused, LimitError, StoreError.
        """
        function = self.function(name)
        if len(happened) > SYNC:
            raise LimitError(f"An event has at most {SYNC >> 20} MiB; this one has {len(happened):,} bytes.")
        self.room()
        new = New(function=name, called=called, key=key or str(uuid4()), event=happened, allowed=1)
        found = await self._queue.begin(new)
        if isinstance(found, Work):
            self.start(function, found, held=True)
        return found.id

    def room(self) -> None:
        """LimitError where no more is begun for somebody who waits for the answer."""
        if len(self._tasks) >= OPEN or self._bytes > EVENTS:
            raise LimitError(f"{OPEN} calls run or wait for a place already: try again later.")

    def start(
        self, function: Function, work: Work, depth: int = 0, *, held: bool = False
    ) -> asyncio.Task[Done]:
        """Run a try that is written down as running. `held`: its answer is asked for."""
        task = asyncio.create_task(
            self._invoker.run(function, work, depth), name=f"gadfly-fn-{function.name}"
        )
        self._tasks[work.id] = task
        self._bytes += len(work.event)
        self._held.pop(work.id, None)  # of another try of it
        task.add_done_callback(lambda ended: self._ended(ended, work, held))
        return task

    def _ended(self, task: asyncio.Task[Done], work: Work, held: bool) -> None:
        number, function = work.id, work.function
        if self._tasks.get(number) is task:  # else it is made again already
            del self._tasks[number]
        self._bytes -= len(work.event)
        if task.cancelled():
            log.debug("invocation %d of %s was given up", number, function)
        elif (error := task.exception()) is not None:
            log.error("invocation %d of %s was not brought to its end: %s", number, function, error)
        elif held:
            self._held[number] = (self._clock.monotonic(), task.result())
            self.tidy()
        self._free()

    async def answer(self, number: int, seconds: float) -> Done | None:
        """How it ended, waiting so long at most; None where it still runs, or is too long ago."""
        if (task := self._tasks.get(number)) is not None:
            await asyncio.wait([task], timeout=seconds)
            if not task.done() or task.cancelled() or task.exception() is not None:
                return None
            return task.result()
        return self._held[number][1] if number in self._held else None

    async def call(self, by: str, name: str, value: Any, depth: int) -> Done:
        """Of one function by another, which waits."""
        return await self._whole(name, value, by, str(uuid4()), depth)

    async def act(self, name: str, value: Any, by: str, key: str) -> Done:
        """Of a function by an automation, for one target of one intent: `key` names both."""
        return await self._whole(name, value, by, key, 0)

    async def _whole(self, name: str, value: Any, called: str, key: str, depth: int) -> Done:
        function = self.function(name)
        happened = json.dumps(value).encode()
        if len(happened) > ASYNC:
            raise LimitError(f"An event has at most {ASYNC >> 20} MiB; this one has {len(happened):,} bytes.")
        if not depth:
            self.room()
        new = New(function=name, called=called, key=key, event=happened, allowed=1)
        found = await self._queue.begin(new)
        if isinstance(found, Put):
            raise Refused(f"This was asked for before: invocation {found.id}.", 409)
        task = self.start(function, found, depth)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()  # nobody waits for it any more
            raise

    def tidy(self) -> None:
        """Let go of answers that nobody came for."""
        now, size = self._clock.monotonic(), sum(done.size for _, done in self._held.values())
        for number, (at, done) in list(self._held.items()):  # the oldest first
            if now - at <= HELD and size <= ANSWERS:
                break
            size -= done.size
            del self._held[number]

    async def stop(self) -> None:
        """End what runs; what has tries left is made again at the next start."""
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            if not task.cancelling():  # who is on the way out writes its end down, and is not disturbed
                task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
