"""The trusted side: starts the template, orders cells, hands out calls, and ends what has answered or not.

Nothing that comes out of a cell is believed but its bytes: who wrote them is told by the kernel, how long it
may take and how much it may say is decided here.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from gadfly.errors import GadflyError
from gadfly.functions.sandbox import frames, kernel

STARTING = 10.0
"""Seconds that the template may take to load the library, and a cell to load its code."""
LOG = 256 << 10
"""Bytes of one call's output that are kept; the rest is counted."""
USER = 60_001
"""The kernel's user of a cell where the node is root: nobody's, so that limits of processes bind."""
_CREDENTIALS = struct.Struct("3i")
_ZONES = "/usr/share/zoneinfo"


class SandboxError(GadflyError):
    """A cell that does not come up: the message has its last words."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of one call. Sizes in bytes, times in seconds."""

    seconds: float = 60.0
    cpu: int = 60
    memory: int = 256 << 20
    scratch: int = 0
    processes: int = 32
    """Threads among them."""
    answer: int = 6 << 20


class Answer(NamedTuple):
    """How a call ended: `value`, or `error` (as Lambda words it), or `ended` why it was ended from outside."""

    value: Any
    error: dict[str, Any] | None
    ended: str
    log: bytes
    unsaid: int
    """Bytes of output beyond what is kept."""


class Template:
    """The process from which cells are cloned."""

    def __init__(self, python: str = "") -> None:
        self._python = python or os.path.realpath(sys.executable)
        self._library = sysconfig.get_path("stdlib")
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """SandboxError where it does not come up."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        package = str(Path(__file__).parents[3])
        script = str(Path(__file__).with_name("template.py"))
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            self._process = subprocess.Popen(
                [self._python, "-I", "-S", "-B", script, package, str(theirs.fileno())],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._control = ours
        await _said(ours, "the template")

    async def cell(self, code: str, handler: tuple[str, str], limits: Limits) -> Cell:
        """A new one with this code loaded. SandboxError where it does not come up."""
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.setblocking(False)
        order = {
            "folders": [
                [self._library, self._library, True],
                [code, "/code", False],
                *([[_ZONES, _ZONES, False]] if os.path.isdir(_ZONES) else []),
            ],
            "user": USER,
            "scratch": limits.scratch,
            "memory": limits.memory,
            "cpu": limits.cpu,
            "processes": limits.processes,
            "handler": handler,
            "code": "/code",
        }
        watched = -1
        try:
            async with self._turn:
                with its:
                    socket.send_fds(self._control, [json.dumps(order).encode()], [its.fileno()])
                await _readable(self._control)
                said, handed, _, _ = socket.recv_fds(self._control, 65536, 1)
            if not said or not handed:
                raise SandboxError(f"no cell could be made: {said.decode(errors='replace')[:2000]}")
            watched = handed[0]
            await _said(mine, "the cell")
        except BaseException:
            mine.close()
            _end(watched)
            raise
        return Cell(mine, watched, limits)

    def close(self) -> None:
        """End it; cells are ended by their own :meth:`Cell.close`."""
        if self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
            self._process = None


class Cell:
    """One function's code in its namespaces; calls in it share nothing but what was loaded."""

    def __init__(self, control: socket.socket, watched: int, limits: Limits) -> None:
        self._control = control
        self._watched = watched
        self._limits = limits
        self._alone = asyncio.Lock() if limits.scratch else contextlib.nullcontext()

    async def call(
        self,
        event: Any,
        context: dict[str, Any],
        asked: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
    ) -> Answer:
        """One call, in a process of its own that is gone when this returns.

        `asked` answers what the handler asks the broker for. ValueError for an event that is too large.
        Where there is scratch, one call waits for the other.
        """
        async with self._alone:
            return await self._call(event, context, asked)

    async def _call(
        self,
        event: Any,
        context: dict[str, Any],
        asked: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
    ) -> Answer:
        loop = asyncio.get_running_loop()
        first = frames.pack({"event": event, "context": {**context, "seconds": self._limits.seconds}})
        mine, its = socket.socketpair()
        mine.setblocking(False)
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        said = _Output(loop)
        process = -1
        try:
            with its:
                socket.send_fds(self._control, [b"call"], [its.fileno(), said.writes])
            said.handed_over()
            ends = loop.time() + self._limits.seconds
            async with asyncio.timeout_at(ends):
                process = await _who(mine)
                await loop.sock_sendall(mine, first)
                while True:
                    found = await _frame(loop, mine, self._limits.answer)
                    if "ask" not in found:
                        break
                    await loop.sock_sendall(mine, frames.pack(await asked(found["ask"])))
            return said.answer(found.get("value"), found.get("error"), "")
        except TimeoutError:
            return said.answer(None, None, f"not done after {self._limits.seconds:g} s")
        except (EOFError, ConnectionError):
            return said.answer(
                None, None, "ended without an answer: out of memory or processor time, or by itself"
            )
        except (ValueError, TypeError, RecursionError, AttributeError) as error:
            return said.answer(None, None, f"its answer could not be read: {error}")
        finally:
            if process < 0:
                # Nobody said who runs: something in the cell answers for others, so all of it goes.
                self.close()
            _end(process)
            mine.close()
            said.close()

    @property
    def closed(self) -> bool:
        """Whether it was ended; another one is to be made."""
        return self._watched < 0

    def close(self) -> None:
        """End it with all that runs in it: the first process of a namespace takes the others along."""
        self._control.close()
        _end(self._watched)
        self._watched = -1


class _Output:
    """What a call writes to its standard output and error."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reads, self.writes = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.fcntl(self.writes, fcntl.F_SETFL, 0)
        self._parts: list[bytes] = []
        self._size = 0
        self._unsaid = 0
        loop.add_reader(self._reads, self._read)

    def handed_over(self) -> None:
        os.close(self.writes)
        self.writes = -1

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            part = os.read(self._reads, 1 << 16)
            if not part:
                self._loop.remove_reader(self._reads)
            kept = part[: max(0, LOG - self._size)]
            self._size += len(kept)
            self._unsaid += len(part) - len(kept)
            self._parts.append(kept)

    def answer(self, value: Any, error: dict[str, Any] | None, ended: str) -> Answer:
        for _ in range(16):  # what a pipe holds at most
            self._read()
        return Answer(value, error, ended, b"".join(self._parts), self._unsaid)

    def close(self) -> None:
        self._loop.remove_reader(self._reads)
        os.close(self._reads)
        if self.writes >= 0:
            os.close(self.writes)


async def _readable(made: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    there = loop.create_future()
    loop.add_reader(made.fileno(), lambda: there.done() or there.set_result(None))
    try:
        async with asyncio.timeout(STARTING):
            await there
    except TimeoutError:
        raise SandboxError(f"the sandbox did not answer within {STARTING:g} s") from None
    finally:
        loop.remove_reader(made.fileno())


async def _said(made: socket.socket, who: str) -> None:
    await _readable(made)
    words = made.recv(65536)
    if not words:
        raise SandboxError(f"{who} ended before it was ready")
    said = json.loads(words)
    if "failed" in said:
        raise SandboxError(f"{who} did not come up: {said['failed']}")


async def _who(made: socket.socket) -> int:
    """The process that wrote the first byte, as the kernel says; a descriptor of it."""
    await _readable(made)
    hello, added, _, _ = made.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    if not hello:
        raise EOFError
    for level, kind, data in added:
        if (level, kind) == (socket.SOL_SOCKET, 2):
            return kernel.pidfd_open(_CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0])
    raise EOFError


async def _frame(loop: asyncio.AbstractEventLoop, made: socket.socket, most: int) -> Any:
    head = await _exactly(loop, made, frames.LENGTH.size)
    (length,) = frames.LENGTH.unpack(head)
    if length > most + 1024:
        raise ValueError(f"{length} bytes, and {most} are taken")
    return json.loads(await _exactly(loop, made, length))


async def _exactly(loop: asyncio.AbstractEventLoop, made: socket.socket, count: int) -> bytes:
    held = bytearray(count)
    view = memoryview(held)
    while view:
        got = await loop.sock_recv_into(made, view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(held)


def _end(process: int) -> None:
    if process >= 0:
        with contextlib.suppress(ProcessLookupError):
            kernel.pidfd_send_signal(process, signal.SIGKILL)
        os.close(process)
