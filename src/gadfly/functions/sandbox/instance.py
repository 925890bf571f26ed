"""One fork of a cell: ordered, armed (it waits for its event), running, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gadfly.functions.sandbox import channel, frames
from gadfly.functions.sandbox.deadline import deadlines
from gadfly.functions.sandbox.output import Output

HELLO = 5.0
"""Seconds in which a fork says who it is; a cell whose fork does not is ended."""
BEHIND = 0.02
"""Seconds after the limit when the event loop kills itself what the thread for that has not."""
ASKS = 1000
"""Of one call at most: who asks more often has a loop, or wants an interface that takes many at once."""
ASK = 3 << 19
"""Bytes of one ask at most: a body of 1 MiB in Base64, and what is said of it."""
SAID = 64 << 20
"""Bytes of all asks of one call."""
ASK_BRACKETS, ANSWER_BRACKETS = 20_000, 200_000
"""Lists and objects in one ask, and in an answer: to read them takes some 10 and 100 ms, in which the node
does nothing else."""
LARGE, SHARE = 64 << 10, 20
"""Bytes of an ask after which the call waits so many times as long as it took the node to read it."""
_ASK = b'{"ask":'
Asked = Callable[[Any], Awaitable[dict[str, Any]]]
log = logging.getLogger(__name__)


class TooMuch(Exception):
    """It asked more than it may; the call is ended."""


class Instance:
    """Ordered by being made: the cell behind `control` forks. ConnectionError where it is gone.

    `parent`: the number of the cell's first process, which the kernel must name as this one's parent.
    `ahead`: its event is not there yet, so that it has time to make itself ready.
    """

    def __init__(self, control: socket.socket, parent: int, *, ahead: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._parent = parent
        self._process = -1
        self.output = Output(self._loop, lambda: channel.kill(self._process))
        self._socket, its = socket.socketpair()
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with its:
                socket.send_fds(
                    control, [frames.ARMED if ahead else frames.CALL], [its.fileno(), self.output.writes]
                )
            self.output.handed_over()
        except BaseException:
            self.forget()
            raise

    async def hello(self) -> None:
        """Wait until it runs. TimeoutError, or EOFError where it never will."""
        async with asyncio.timeout(HELLO):
            self._process = await channel.writer(self._socket, self._parent)

    def awaits(self) -> bool:
        """Whether it is there, and has nothing to say but its hello."""
        with contextlib.suppress(BlockingIOError):
            said = self._socket.recv(2, socket.MSG_PEEK)
            return said == b"\0"
        return True

    async def run(self, event: bytes, seconds: float, largest: int, asked: Asked) -> dict[str, Any]:
        """Give it the event (a packed frame) and answer what it asks, until it answers.

        It is dead afterwards. TimeoutError after `seconds`; EOFError, ConnectionError where it ended by
        itself; ValueError for an answer that cannot be read; TooMuch.
        """
        number = deadlines.put(self._process, seconds)
        try:
            async with asyncio.timeout(seconds + BEHIND):
                await self._loop.sock_sendall(self._socket, event)
                asks = said = 0
                spoken = channel.Frames(self._socket, largest)
                while (body := await spoken.next()).startswith(_ASK):
                    # Counted before it is read, so that what cannot be read counts, too.
                    asks, said = asks + 1, said + len(body)
                    _bounded(asks, len(body), said)
                    begun = time.thread_time()
                    ask = channel.read(body, ASK_BRACKETS)["ask"]
                    took = time.thread_time() - begun
                    # Others have their turn also where the next ask is there already.
                    await asyncio.sleep(SHARE * took if len(body) > LARGE else 0)
                    reply = frames.pack(await _replied(asked, ask))
                    await self._loop.sock_sendall(self._socket, reply)
                found = channel.read(body, ANSWER_BRACKETS)
        except (EOFError, ConnectionError):
            if not deadlines.take(number):
                raise TimeoutError from None
            raise
        else:
            return found
        finally:
            deadlines.take(number)
            channel.kill(self._process)

    def end(self, gone: Callable[[], None]) -> None:
        """Kill it; `gone` is called when the kernel has taken it away, at once where it never said hello."""
        channel.kill(self._process)
        self.forget()
        if self._process < 0:
            gone()
            return
        process, self._process = self._process, -1

        def away() -> None:
            self._loop.remove_reader(process)
            os.close(process)
            gone()

        self._loop.add_reader(process, away)

    def forget(self) -> None:
        """Close the socket and the pipe; one that waits for its event ends by that."""
        self._socket.close()
        self.output.close()


def _bounded(asks: int, size: int, said: int) -> None:
    if asks > ASKS:
        raise TooMuch(f"asked more than {ASKS:,} times")
    if size > ASK:
        raise TooMuch(f"asked with {size:,} bytes at once, and {ASK:,} are taken")
    if said > SAID:
        raise TooMuch(f"asked with more than {SAID >> 20} MiB in all")


async def _replied(asked: Asked, ask: Any) -> dict[str, Any]:
    try:
        reply = await asked(ask)
        json.dumps(reply)
    except Exception:
        log.exception("what a function asked for could not be answered")
        return {"failed": "the node could not do it; its log says why"}
    return reply
