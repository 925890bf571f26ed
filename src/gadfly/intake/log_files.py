"""Files of logs, followed as they grow: looked at twice a second, and read as fast as lines are kept."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.intake.logs import Logs
from gadfly.intake.renewed import renewed
from gadfly.intake.tail import unit_of
from gadfly.intake.tails import Piece, Tails
from gadfly.store.logs import Line

log = logging.getLogger("gadfly.logs")

EVERY = 0.5
"""Seconds between two looks, where nothing came."""
PIECES = 32
"""Pieces of files that are in memory at once: some megabytes."""
SHOWN = 5
"""Files in trouble that are named."""


class LogFiles:
    """The tables `[log_file.NAME]`; a part of the intake."""

    def __init__(self, logs: Logs, clock: Clock, config: Config) -> None:
        self._logs = logs
        self._clock = clock
        self._config = config
        self._changed = asyncio.Event()
        self._tails: Tails | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        await renewed(self._changed, self._follow)

    def reconfigure(self, config: Config) -> None:
        """Files are opened anew only where the tables changed."""
        old, self._config = self._config, config
        if (old.log_file, old.logs.line_bytes) != (config.log_file, config.logs.line_bytes):
            self._changed.set()

    def counts(self) -> Mapping[str, int]:
        """For `/metrics`."""
        names = ("lines_total", "cut_total", "truncated_total", "lost_files_total")
        tails = self._tails
        return {
            "files": len(tails) if tails else 0,
            **{name: tails.counts[name] if tails else 0 for name in names},
        }

    def warnings(self) -> Sequence[str]:
        """Files that are not read, and why."""
        if self._tails is None:
            return []
        found = list(self._tails.trouble.values())
        more = [f"and {len(found) - SHOWN} more files of logs are not followed"] if len(found) > SHOWN else []
        return [*found[:SHOWN], *more]

    async def _follow(self) -> None:
        if not self._config.log_file:
            return
        marks = await self._logs.marks()
        counts = self._tails.counts if self._tails else None
        tails = self._tails = Tails(self._config.log_file, marks, self._config.logs.line_bytes)
        if counts:
            tails.counts.update(counts)
        try:
            while True:
                some = False
                coming = tails.poll(self._clock.monotonic())
                while pieces := await _threaded(coming):
                    for piece in pieces:
                        some = some or bool(piece.path)
                        await self._logs.feed(self._lines(piece), piece.marks, sender=f"file:{piece.name}")
                if not some:
                    await self._clock.sleep(EVERY)
        finally:
            tails.close()

    def _lines(self, piece: Piece) -> list[Line]:
        if not piece.texts:
            return []
        file = self._config.log_file[piece.name]
        now = self._clock.wall()
        host = file.host or socket.gethostname()
        unit = file.unit or unit_of(piece.path)
        source, fields = f"file:{piece.name}", {"path": piece.path}
        return [Line(now, source, host, unit, 6, text, fields) for text in piece.texts if text.strip()]


async def _threaded(coming: Iterator[Piece]) -> list[Piece]:
    """The next pieces. Cancelled, it ends when the thread is done: nobody closes what is being read."""
    reading = asyncio.get_running_loop().run_in_executor(None, _next, coming)
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        await asyncio.wait([reading])
        raise


def _next(coming: Iterator[Piece]) -> list[Piece]:
    return list(islice(coming, PIECES))
