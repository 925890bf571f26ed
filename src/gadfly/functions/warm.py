"""Cells that are kept warm: one for each version and its limits, made at the first call, ended when idle.

The template is started with the first of them; a node whose functions are not called has no process for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from pathlib import Path

from gadfly.clock import Clock
from gadfly.errors import GadflyError
from gadfly.functions import code
from gadfly.functions.function import Function, Limits
from gadfly.functions.sandbox import supervisor
from gadfly.functions.sandbox.supervisor import Cell, SandboxError, Template
from gadfly.store.deployed import Version

Key = tuple[str, str, str, str, Limits]
"""Function, hash, module, handler, limits."""


class _Kept:
    """One cell, and who uses it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.cell: Cell | None = None
        self.busy = 0
        self.used = 0.0


class Warm:
    """All cells of a node, and the template they are made from."""

    def __init__(self, clock: Clock, state: Path) -> None:
        """`state`: the folder in which code lies under its hash."""
        self._clock = clock
        self._state = state
        self._template: Template | None = None
        self._starting = asyncio.Lock()
        self._making = 0
        self._made_last = 0.0
        self._cells: dict[Key, _Kept] = {}

    @property
    def count(self) -> int:
        """Cells that are there."""
        return sum(1 for kept in self._cells.values() if kept.cell is not None)

    @contextlib.asynccontextmanager
    async def cell(self, function: Function, version: Version) -> AsyncIterator[Cell]:
        """The cell of this version, for one call. SandboxError where it does not come up; StoreError where
        the code is not what was deployed."""
        key = (function.name, version.hash, version.module, version.handler, function.limits)
        kept = self._cells.setdefault(key, _Kept())
        kept.busy += 1
        try:
            async with kept.turn:
                if kept.cell is None or kept.cell.closed or kept.cell.worn:
                    kept.cell = await self._made(function, version)
            yield kept.cell
        finally:
            kept.busy -= 1
            kept.used = self._clock.monotonic()

    async def trial(self, function: Function, version: Version) -> None:
        """Load it once, and end it. SandboxError with its last words."""
        cell = await self._made(function, version)
        try:
            await cell.load()
        finally:
            cell.close()

    async def _made(self, function: Function, version: Version) -> Cell:
        self._making += 1
        try:
            return await self._fresh(function, version)
        finally:
            self._making -= 1
            self._made_last = self._clock.monotonic()

    async def _fresh(self, function: Function, version: Version) -> Cell:
        folder = self._state / version.hash
        await asyncio.to_thread(code.verify, folder)
        limits = supervisor.Limits(
            seconds=function.limits.seconds,
            cpu=max(1, math.ceil(function.limits.seconds)),
            memory=function.limits.memory,
            scratch=function.limits.scratch,
            processes=function.limits.processes,
            at_once=function.limits.at_once,
            armed=function.limits.armed,
        )
        handler = (version.module, version.handler)
        template = await self._started()
        try:
            return await template.cell(str(folder), handler, limits)
        except (OSError, EOFError) as error:
            # The template itself is gone; what was made from it lives on. Another one is started.
            async with self._starting:
                if self._template is template:
                    self._template = None
                    template.close()
            again = await self._started()
            try:
                return await again.cell(str(folder), handler, limits)
            except (OSError, EOFError):
                raise SandboxError(f"the sandbox does not make cells: {error}") from None

    async def _started(self) -> Template:
        async with self._starting:
            if self._template is None:
                made = Template()
                try:
                    await made.start()
                except (OSError, GadflyError):
                    made.close()
                    raise
                self._template = made
            return self._template

    def tidy(self, idle: float) -> int:
        """End cells that nobody used for so long (seconds); how many those were. After the last one the
        template ends, too: it is an interpreter with the whole library."""
        now, ended = self._clock.monotonic(), 0
        for key, kept in list(self._cells.items()):
            if not kept.busy and now - kept.used >= idle:
                del self._cells[key]
                if kept.cell is not None:
                    kept.cell.close()
                    ended += 1
        if not self._cells and not self._making and now - self._made_last >= idle:
            self.close()
        return ended

    def forget(self, function: str, hash: str = "") -> None:
        """End the cells of a function, but those of this version; what runs in them ends by itself first."""
        for key, kept in list(self._cells.items()):
            if key[0] == function and key[1] != hash and not kept.busy:
                del self._cells[key]
                if kept.cell is not None:
                    kept.cell.close()

    def close(self) -> None:
        """End everything."""
        for kept in self._cells.values():
            if kept.cell is not None and not kept.cell.closed:
                kept.cell.close()
        self._cells.clear()
        if self._template is not None:
            self._template.close()
            self._template = None
