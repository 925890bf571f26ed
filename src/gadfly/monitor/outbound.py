"""The node's end of the channel to the ear: requests with answers, and words that need none."""

from __future__ import annotations

import asyncio
import socket
from collections import deque

from gadfly.errors import GadflyError, LimitError
from gadfly.monitor.control import HEAD, LARGEST, Say

WAITING = 4096
"""Messages held for an ear that does not read; more is refused."""


class EarGone(GadflyError):
    """The ear ended before it answered. The request is to be made again of its successor."""


class Channel:
    """Messages over `made`, a SOCK_SEQPACKET socket, within the running loop. `gone` is called once at its
    end."""

    def __init__(self, made: socket.socket) -> None:
        self._socket = made
        self._loop = asyncio.get_running_loop()
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        self._queue: deque[tuple[bytes, list[int]]] = deque()
        self._tag = 0
        self.gone: asyncio.Future[None] = self._loop.create_future()
        made.setblocking(False)
        self._loop.add_reader(made, self._read)

    async def ask(self, say: Say, body: bytes, descriptors: list[int] | None = None) -> bytes:
        """Send and wait for the answer; EarGone when there will be none."""
        self._tag = (self._tag + 1) & 0xFFFFFFFF
        tag = self._tag
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._answers[tag] = answer
        try:
            self._put(HEAD.pack(say, tag) + body, descriptors or [])
            return await answer
        finally:
            self._answers.pop(tag, None)

    def tell(self, say: Say, body: bytes) -> None:
        """Send without an answer. Raises LimitError when the ear is too far behind."""
        if len(self._queue) >= WAITING:
            raise LimitError(f"the ear has {WAITING} messages waiting; send fewer beats by HTTP, more by UDP")
        self._put(HEAD.pack(say, 0) + body, [])

    def close(self) -> None:
        """Close; every request still open fails."""
        if self.gone.done():
            return
        self.gone.set_result(None)
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(EarGone("the ear ended; the request is repeated when it is back"))

    def _put(self, message: bytes, descriptors: list[int]) -> None:
        if self.gone.done():
            raise EarGone("the ear ended; the request is repeated when it is back")
        self._queue.append((message, descriptors))
        self._write()

    def _write(self) -> None:
        while self._queue:
            message, descriptors = self._queue[0]
            try:
                if descriptors:
                    socket.send_fds(self._socket, [message], descriptors)
                else:
                    self._socket.send(message)
            except BlockingIOError:
                self._loop.add_writer(self._socket, self._write)
                return
            except OSError:
                self.close()
                return
            self._queue.popleft()
        self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        while not self.gone.done():
            try:
                message = self._socket.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self.close()
                return
            _, tag = HEAD.unpack_from(message)
            answer = self._answers.get(tag)
            if answer is not None and not answer.done():
                answer.set_result(message[HEAD.size :])
