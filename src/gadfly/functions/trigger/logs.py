"""Streams of log lines: those that match, many in one event, in their order, each at least once.

The cursor of a stream is moved in the transaction that writes its event down: after a crash the lines of an
event that was not written down are read again, and no event is written down twice. Where the function does
not keep up, its lines wait in the store of logs, for as long as that keeps them; what it drops before it was
handed over is written down as a call that is not made, with how many lines that were.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from sqlite3 import Connection
from typing import NamedTuple, Protocol

from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.functions.function import Function
from gadfly.functions.queue import New, Queue
from gadfly.functions.trigger import event
from gadfly.functions.trigger.on import Lines, read
from gadfly.store import trigger_places
from gadfly.store.logs import Gone, Kept, Page, Query
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.functions")

BYTES = 512 << 10
"""Characters of the lines of one event at most: packed and in base64 it stays below 1 MiB."""
AHEAD = 4
"""Events of a stream that are written down and not over, before the next lines are read."""
PAGE = 1_000
PAGES = 20
"""Pages that are read of one stream before the others have their turn."""
LOOK = 1.0
"""Seconds between two looks for new lines; without any, it is the comparison of two numbers."""
REST = 60_000_000
"""Microseconds of lines without a match after which the cursor is moved past them."""


class Log(Protocol):
    """Where lines are read. :class:`gadfly.intake.logs.Logs` is one."""

    @property
    def last(self) -> int:
        """The number of the newest line; 0 before the store is open."""
        ...

    async def marks(self) -> Mapping[str, str]:
        """How far lines were handed over, by who fetches them; once the store is open."""
        ...

    async def read(self, query: Query) -> Page: ...


class Batch(NamedTuple):
    """Lines of one event, and the cursor behind them."""

    lines: tuple[Kept, ...]
    cursor: int


class Gather:
    """Lines on their way into events: at most `most` in one, and none waits longer than `wait` seconds."""

    def __init__(self, most: int, wait: float) -> None:
        self.most = most
        self.wait = wait
        self._lines: list[Kept] = []
        self._size = 0
        self._since = 0.0

    @property
    def held(self) -> int:
        """Lines that wait for others."""
        return len(self._lines)

    def add(self, line: Kept, now: float) -> Batch | None:
        """Take a line; the event that is full because of it, where one is."""
        full = None
        if self._lines and self._size + len(line.text) > BYTES:
            full = self._cut()
        if not self._lines:
            self._since = now
        self._lines.append(line)
        self._size += len(line.text)
        if full is None and len(self._lines) >= self.most:
            full = self._cut()
        return full

    def due(self, now: float) -> Batch | None:
        """The event whose time has come, where one is. `now` on a clock that does not jump."""
        return self._cut() if self._lines and now - self._since >= self.wait else None

    def rest(self) -> Batch | None:
        """The event of what is held, where anything is."""
        return self._cut() if self._lines else None

    def _cut(self) -> Batch:
        lines = tuple(self._lines)
        self._lines, self._size = [], 0
        return Batch(lines, lines[-1].number)


class _Stream:
    def __init__(self, function: Function, lines: Lines, cursor: int) -> None:
        self.function = function
        self.lines = lines
        self.kept = cursor
        self.read = cursor
        self.gather = Gather(max(function.batch, 1), function.gather)
        self.page = min(PAGE, AHEAD * self.gather.most)

    def restart(self) -> None:
        """Read again from what is written down."""
        self.read = self.kept
        self.gather = Gather(self.gather.most, self.gather.wait)


class Streams:
    """All log streams of a node. Whoever runs it comes again after so many seconds as it says."""

    def __init__(self, store: Database, queue: Queue, logs: Log) -> None:
        self._store = store
        self._queue = queue
        self._logs = logs
        self._streams: list[_Stream] = []
        self.trouble: dict[str, str] = {}
        """Why lines wait, by function."""

    async def declare(self, functions: Iterable[Function]) -> None:
        """The functions that there are from now on. A stream that is new begins with the next line.

        Waits until the store of logs is open, where there is any stream.
        """
        found = [
            (function, on) for function in functions for on in map(read, function.on) if isinstance(on, Lines)
        ]
        if found:
            # Before the store is open nobody knows which line is the newest, and all would be new.
            await self._logs.marks()
        last = self._logs.last

        def work(connection: Connection) -> list[int]:
            trigger_places.keep(connection, "logs:", [(one.name, on.text) for one, on in found])
            cursors = []
            for function, on in found:
                cursor = trigger_places.read(connection, function.name, on.text) or str(last)
                trigger_places.move(connection, function.name, on.text, cursor)
                cursors.append(int(cursor))
            return cursors

        if not found and not await self._store.read(
            lambda connection: trigger_places.any_of(connection, "logs:")
        ):
            self._streams = []
            return
        cursors = await self._store.write(work)
        self._streams = [
            _Stream(function, on, cursor) for (function, on), cursor in zip(found, cursors, strict=True)
        ]
        self.trouble = {}

    async def advance(self, now: float) -> float:
        """Read what is new, and write down the events that are full or due; `now` is monotonic.

        The seconds after which to come again.
        """
        for stream in self._streams:
            name = stream.function.name
            try:
                await self._take(stream, now)
            except (LimitError, StoreError, QueryError) as error:
                if name not in self.trouble:
                    log.warning("lines of logs for function %s wait: %s", name, error)
                self.trouble[name] = str(error)
                stream.restart()
            else:
                self.trouble.pop(name, None)
        return LOOK if self._streams else 3_600.0

    async def _take(self, stream: _Stream, now: float) -> None:
        for _ in range(PAGES):
            if (batch := stream.gather.due(now)) is not None:
                await self._put(stream, batch)
            if stream.read >= self._logs.last or await self._full(stream):
                break
            page = await self._logs.read(_query(stream.lines, stream.read, stream.page))
            if page.gone.lines:
                await self._lost(stream, page.gone)
            for line in page.lines:
                if (full := stream.gather.add(line, now)) is not None:
                    await self._put(stream, full)
            stream.read = max(stream.read, page.cursor)
            if page.unread:
                log.error("function %s does not see some lines: %s", stream.function.name, page.unread[0])
        if not stream.gather.held and stream.read > stream.kept + REST:
            await self._move(stream)

    async def _full(self, stream: _Stream) -> bool:
        return await self._queue.in_lane(stream.function.name, stream.lines.text) >= AHEAD

    async def _put(self, stream: _Stream, batch: Batch) -> None:
        function, called = stream.function, stream.lines.text
        happened = event.encoded(event.logs(function.name, called, batch.lines))
        await self._queue.put(
            New(
                function=function.name,
                called=called,
                key=f"{batch.lines[0].number}-{batch.cursor}",
                event=happened,
                allowed=function.retries + 1,
                lane=called,
                place=str(batch.cursor),
            )
        )
        stream.kept = batch.cursor

    async def _lost(self, stream: _Stream, gone: Gone) -> None:
        """Write down that lines were dropped before the function was given them, and go on behind them."""
        if (batch := stream.gather.rest()) is not None:
            await self._put(stream, batch)
        words = (
            f"{gone.lines:,} lines of logs at most were gone before they were handed over: the function does "
            "not keep up, was away for longer than [logs] keeps them, or their file was damaged"
        )
        function, called = stream.function, stream.lines.text
        await self._queue.put(
            New(
                function=function.name,
                called=called,
                key=f"gone {stream.read + 1}-{gone.last}",
                event=b"",
                skipped=words,
                place=str(gone.last),
            )
        )
        stream.kept = stream.read = gone.last
        log.warning("function %s: %s", function.name, words)

    async def _move(self, stream: _Stream) -> None:
        read, name, called = stream.read, stream.function.name, stream.lines.text
        await self._store.write(
            lambda connection: trigger_places.move(connection, name, called, str(read)), durable=False
        )
        stream.kept = read


def _query(lines: Lines, after: int, limit: int) -> Query:
    return Query(
        source=lines.source,
        host=lines.host,
        unit=lines.unit,
        severity=lines.severity,
        pattern=lines.match,
        after=after,
        limit=limit,
    )
