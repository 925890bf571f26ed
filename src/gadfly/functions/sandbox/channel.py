"""The sockets between the supervisor and what it has started, as asyncio waits for them.

Who wrote is told by the kernel, how long it may take and how much it may say is decided here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import struct
from typing import Any

from gadfly.functions.sandbox import frames
from gadfly.functions.sandbox.failure import SandboxError

STARTING = 10.0
"""Seconds that the template may take to come up, a cell to compile its code, and a trial to load it."""
_CREDENTIALS = struct.Struct("3i")
_SCM_CREDENTIALS = 2


async def readable(descriptor: int) -> None:
    """Wait until there is something to read, or the end."""
    loop = asyncio.get_running_loop()
    there: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _say, there)
    try:
        await there
    finally:
        loop.remove_reader(descriptor)


def _say(there: asyncio.Future[None]) -> None:
    if not there.done():
        there.set_result(None)


async def message(
    made: socket.socket, who: str, descriptors: int = 0, number: int | None = None
) -> tuple[dict[str, Any], list[int]]:
    """One message with its descriptors. EOFError where the other side is gone, SandboxError after `STARTING`,
    where it says that it failed, and where it says something else than an object.

    `number`: the order that it answers; answers to earlier ones, for which nobody waits, are dropped.
    """
    while True:
        try:
            async with asyncio.timeout(STARTING):
                await readable(made.fileno())
        except TimeoutError:
            raise SandboxError(f"{who} did not answer within {STARTING:g} s") from None
        try:
            words, handed, _, _ = socket.recv_fds(made, 65536, descriptors)
        except ConnectionError:
            words, handed = b"", []
        if not words:
            raise EOFError(f"{who} ended before it was ready")
        said = _object(words, who)
        if number is None or said.get("number") == number:
            break
        for one in handed:
            os.close(one)
    if "failed" in said:
        raise SandboxError(
            f"{who} did not come up: {said['failed']}", str(said.get("layer", "")), said.get("errno") or 0
        )
    return said, handed


def _object(words: bytes, who: str) -> dict[str, Any]:
    try:
        said = json.loads(words)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise SandboxError(f"{who} did not come up: what it said could not be read")
    return said


async def writer(made: socket.socket, parent: int) -> int:
    """A descriptor of the process that wrote the first byte, as the kernel says.

    EOFError where nobody wrote any, it has ended already, or it is no child of `parent`: a number may have
    passed to somebody else meanwhile.
    """
    try:
        hello, added, _, _ = made.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    except BlockingIOError:
        await readable(made.fileno())
        hello, added, _, _ = made.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    for level, kind, data in added:
        if hello and (level, kind) == (socket.SOL_SOCKET, _SCM_CREDENTIALS):
            pid: int = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
            try:
                process = os.pidfd_open(pid)
            except OSError:
                raise EOFError from None
            if _parent(pid) == parent and not ended(process):
                return process
            os.close(process)
    raise EOFError


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b") ")[2].split()[1])
    except OSError:
        return 0


def ended(process: int) -> bool:
    """Whether the process of this descriptor has ended."""
    asked = select.poll()
    asked.register(process, select.POLLIN)
    return bool(asked.poll(0))


class Frames:
    """Messages of an invocation, unread, each of at most so many bytes."""

    def __init__(self, made: socket.socket, most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._made = made
        self._most = most
        self._held = b""

    async def next(self) -> bytes:
        """The next one. ValueError where it is too long; EOFError at the end."""
        size = frames.LENGTH.size
        while len(self._held) < size:
            part = await self._loop.sock_recv(self._made, frames.PIECE)
            if not part:
                raise EOFError
            self._held += part
        (length,) = frames.LENGTH.unpack_from(self._held)
        if length > self._most + 1024:
            raise ValueError(f"{length} bytes, and {self._most} are taken")
        body, self._held = self._held[size : size + length], self._held[size + length :]
        if left := length - len(body):
            body += await _exactly(self._loop, self._made, left)
        return body


def read(body: bytes, brackets: int) -> dict[str, Any]:
    """What the message says. ValueError where that is no object, or has more than so many brackets.

    The interpreter stands still while it reads, in whatever thread, and longest for what has many lists and
    objects; so those are counted first (and with them brackets in texts, which costs less than to tell).
    """
    if body.count(b"[") + body.count(b"{") > brackets:
        raise ValueError(f"it has more than {brackets:,} opening brackets")
    found = json.loads(body)
    if b"\\ud" in body or b"\\uD" in body:
        # Half of a pair is text to Python and to nobody else.
        json.dumps(found, ensure_ascii=False).encode()
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004  the bytes are wrong, not our caller
    return found


async def _exactly(loop: asyncio.AbstractEventLoop, made: socket.socket, count: int) -> bytes:
    held = bytearray(count)
    view = memoryview(held)
    while view:
        got = await loop.sock_recv_into(made, view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(held)


def kill(process: int) -> None:
    """End the process of this descriptor, now."""
    if process >= 0:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)


def end(process: int) -> None:
    """Kill it and forget the descriptor."""
    if process >= 0:
        kill(process)
        os.close(process)
