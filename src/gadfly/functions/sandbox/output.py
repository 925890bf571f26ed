"""What a call writes to its standard output and error: kept up to a limit, counted beyond, at last ended."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable

KEPT = 256 << 10
"""Bytes of one call's output that are kept; the rest is counted."""
FLOOD = 32 << 20
"""Bytes after which the call is ended: reading them costs the node as much as the function."""


class Output:
    """The pipe's reading end; `writes` is the other one, for the call."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        self._loop = loop
        self._reads, self.writes = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.fcntl(self.writes, fcntl.F_SETFL, 0)
        self._stop = stop
        self._parts: list[bytes] = []
        self.size = 0
        """Bytes written, as far as they were read."""
        loop.add_reader(self._reads, self._read)

    @property
    def flooded(self) -> bool:
        """Whether it was so much that the call was ended."""
        return self.size > FLOOD

    def handed_over(self) -> None:
        """The call has the writing end; here it is closed."""
        os.close(self.writes)
        self.writes = -1

    def _read(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            part = os.read(self._reads, 1 << 16)
            if not part:
                self._loop.remove_reader(self._reads)
                return False
            self._parts.append(part[: max(0, KEPT - self.size)])
            self.size += len(part)
            if self.flooded:
                self._loop.remove_reader(self._reads)
                self._stop()
            return not self.flooded
        return False

    def all(self) -> tuple[bytes, int]:
        """What is kept, and how many bytes are not."""
        for _ in range(16):  # what a pipe holds at most
            if not self._read():
                break
        kept = b"".join(self._parts)
        return kept, self.size - len(kept)

    def close(self) -> None:
        """Forget the pipe."""
        self._loop.remove_reader(self._reads)
        os.close(self._reads)
        if self.writes >= 0:
            self.handed_over()
