"""Lines that wait for the disk: bounded in number and size, handed out in groups, forgotten when written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gadfly.store.logs import Line

BYTES = 64 << 20
"""Characters of texts that wait at most."""


class Job(NamedTuple):
    """Lines that came together, and the marks that go with them."""

    lines: Sequence[Line]
    marks: Mapping[str, str]
    size: int


class LogQueue:
    """First in, first out; used in the event loop."""

    def __init__(self) -> None:
        self.lines = 0
        """How many wait."""
        self._bytes = 0
        self._put = self._written = 0
        self._out = 0
        """Jobs that are being written: the first so many."""
        self._jobs: deque[Job] = deque()
        self._some = asyncio.Event()
        self._less = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def room(self, most: int) -> int:
        """How many lines more may wait where `most` may."""
        return 0 if self._bytes > BYTES else max(0, most - self.lines)

    def put(self, lines: Sequence[Line], marks: Mapping[str, str], longest: int) -> int:
        """Whoever puts has asked for room; of a text so much counts as is kept of it.

        Returns a number for :meth:`until_written`.
        """
        size = sum(min(len(line.text), longest) for line in lines)
        self._jobs.append(Job(lines, marks, size))
        self.lines += len(lines)
        self._bytes += size
        self._some.set()
        self._put += 1
        return self._put

    def marks(self) -> dict[str, str]:
        """Those of the lines that wait; an empty one is no longer needed."""
        return {name: mark for job in self._jobs for name, mark in job.marks.items()}

    async def until_written(self, number: int) -> None:
        """Return when what was put under this number is on disk."""
        while self._written < number:
            self._less.clear()
            await self._less.wait()

    def withdraw(self, number: int) -> None:
        """Forget what was put under this number, unless it is being written or was."""
        place = number - self._written - 1
        if place >= self._out:
            job = self._jobs[place]
            self._jobs[place] = Job((), {}, 0)  # the others keep their numbers
            self.lines -= len(job.lines)
            self._bytes -= job.size
            self._less.set()

    async def until_half(self, most: int) -> None:
        """Return when at most half of what may wait does."""
        while self.lines > most // 2 or self._bytes > BYTES // 2:
            self._less.clear()
            await self._less.wait()

    async def until_some(self) -> None:
        """Return when something waits."""
        await self._some.wait()

    def group(self, most: int) -> list[Job]:
        """The first of them, with about so many lines, to be written; they stay until `forget`."""
        jobs, lines = [], 0
        for job in self._jobs:
            jobs.append(job)
            lines += len(job.lines)
            if lines >= most:
                break
        self._out = len(jobs)
        return jobs

    def retain(self) -> None:
        """What was to be written was not, and waits on."""
        self._out = 0

    def forget(self, jobs: Sequence[Job]) -> None:
        """These, which are the first, are on disk."""
        for job in jobs:
            self._jobs.popleft()
            self.lines -= len(job.lines)
            self._bytes -= job.size
        self._written += len(jobs)
        self._out = 0
        if not self._jobs:
            self._some.clear()
        self._less.set()
