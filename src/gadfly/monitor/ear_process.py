"""The ear as a process: started with what it inherits, spoken to over a channel, ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import gadfly
from gadfly.monitor.control import LARGEST
from gadfly.monitor.outbound import Channel

ENDING = 2.0
"""Seconds an ear has to end by itself."""


class EarProcess:
    """A running ear. `channel` is how it is spoken to; its ``gone`` is the ear's end."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel) -> None:
        self._process = process
        self.channel = channel

    @classmethod
    def start(cls, memory: int, notice: int) -> EarProcess:
        """`memory`, `notice`: descriptors of the members' memory and of the eventfd by which it tells.

        OSError where there is no process, memory or descriptor to be had.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.ExitStack() as undo, theirs:
            undo.callback(ours.close)
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * LARGEST)
            numbers = (memory, theirs.fileno(), notice)
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-s", "-m", "gadfly.monitor.ear", *map(str, numbers)],
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": str(Path(gadfly.__file__).parent.parent),
                    # Threads for matrices that the ear does not have would cost it memory.
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                },
                cwd="/",
            )
            undo.pop_all()
        return cls(process, Channel(ours))

    @property
    def pid(self) -> int:
        return self._process.pid

    async def end(self) -> None:
        """Close the channel, by which the ear ends; kill it if it does not."""
        self.channel.close()
        deadline = time.monotonic() + ENDING
        while self._process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  a process sets no Event
            await asyncio.sleep(0.005)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
