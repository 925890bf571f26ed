"""Processes of a cell that no call accounts for: its code, while it was loaded, left something that runs on.

The kernel lists a process's children; all of a process namespace become children of its first process. Code
that is loaded runs in that one, and could fork or start a thread to outlive the calls: the cell is ended.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

AGAIN = 0.1
"""Seconds after which a second look is taken: what was just killed may still be listed."""


class Watch:
    """Looks at the cell whose first process is `pid`; `loads`: whether that loads the function's code."""

    def __init__(self, pid: int, loads: bool) -> None:
        self.pid = pid
        self.known: set[int] = set()
        """Numbers of the calls' processes."""
        self._loads = loads
        self._next = 0.0
        self._later: asyncio.TimerHandle | None = None

    def at_start(self) -> str:
        """What is wrong before any call; empty where nothing is."""
        if not self._loads:
            return ""
        if self._children():
            return (
                "its code starts a process while it is loaded; start it nowhere: nothing may outlive a call"
            )
        return self._threads()

    def look(self, forks: int, unnamed: Callable[[], int], found: Callable[[str], None]) -> None:
        """`forks` of the cell's children may be calls. What two looks see beyond is told to `found`.

        `unnamed`: how many calls have not said their number yet, so that any listed one may be theirs.
        """
        now = asyncio.get_running_loop().time()
        if not self._loads or self._later is not None or now < self._next:
            return
        self._next = now + AGAIN
        listed = self._children()
        if len(listed) > forks or self._threads():
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(AGAIN, self._second, listed - self.known, unnamed, found)

    def _second(self, before: set[int], unnamed: Callable[[], int], found: Callable[[str], None]) -> None:
        self._later = None
        still = (self._children() & before) - self.known
        if fault := self._threads():
            found(fault)
        elif len(still) > unnamed():
            found("its code left a process behind that no call accounts for")

    def close(self) -> None:
        """No second look any more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _children(self) -> set[int]:
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children") as file:
                return {int(word) for word in file.read().split()}
        except OSError:
            return set()  # it has ended, or this kernel has no such list

    def _threads(self) -> str:
        try:
            many = len(os.listdir(f"/proc/{self.pid}/task")) > 1
        except OSError:
            return ""
        return "its code starts a thread while it is loaded; start it in the handler" if many else ""
