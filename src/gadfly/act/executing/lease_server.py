"""The node's local socket on which executors of this machine hold the lease: a JSON line asks, one answers.

Who may connect is who may open the socket's file: the node's own user, mode 0600. What is answered is
:meth:`gadfly.act.executing.board.Board.answer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

import msgspec

from gadfly.act.executing.board import Board
from gadfly.act.executing.lease import HOLD, LASTS, Ask
from gadfly.act.executing.lease_holder import near
from gadfly.errors import LimitError, Refused

log = logging.getLogger("gadfly.act")

LONGEST = 4096
"""Bytes of a line that asks."""
CONNECTIONS = 4096
BACKLOG = 1024
"""A thousand executors that start together are let in together."""

_ask = msgspec.json.Decoder(Ask).decode
_encode = msgspec.json.Encoder().encode


class LeaseServer:
    """Serves one board at `path` from :meth:`start` to :meth:`stop`."""

    def __init__(self, board: Board, path: Path) -> None:
        self._board = board
        self.path = path
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen. OSError where the socket cannot be made."""
        with contextlib.suppress(FileNotFoundError):  # of a process that was killed; the store's lock is ours
            self.path.unlink()
        before = os.umask(0o177)
        try:
            with near(self.path) as path:
                self._server = await asyncio.start_unix_server(
                    self._serve, path, limit=LONGEST, backlog=BACKLOG
                )
        finally:
            os.umask(before)

    async def stop(self) -> None:
        """Close it and every connection: whoever held the lease holds it no more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            if len(self._serving) <= CONNECTIONS:
                await self._converse(reader, writer)
            else:
                await _send(writer, {"error": f"{CONNECTIONS} executors are connected already; end some."})
        except (OSError, ValueError, TimeoutError):
            pass  # it went away, or wrote no line of ours: it has no authority, and that is all
        except asyncio.CancelledError:
            pass  # the node stops; a cancelled handler would be logged as a defect
        finally:
            self._serving.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self._server is not None:
            # Who does not ask within the lease has lost it, and may connect anew.
            async with asyncio.timeout(LASTS):
                line = await reader.readline()
            if not line:
                return
            try:
                renewal = await self._board.answer(_ask(line), HOLD)
            except (msgspec.DecodeError, Refused, LimitError) as error:
                await _send(writer, {"error": str(error)})
                return
            await _send(writer, renewal)


async def _send(writer: asyncio.StreamWriter, message: object) -> None:
    writer.write(_encode(message) + b"\n")
    async with asyncio.timeout(LASTS):
        await writer.drain()
