"""The loops of a node."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

log = logging.getLogger("gadfly")


class Tasks:
    """A loop that fails is a defect; going on without it would be a node that only looks well."""

    def __init__(self) -> None:
        self.running: list[asyncio.Task[None]] = []
        self.ended = asyncio.Event()
        """The node is to end, or did."""
        self._failure: BaseException | None = None

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """It runs from now on."""
        task = asyncio.create_task(work, name=f"gadfly-{name}")
        task.add_done_callback(self._task_ended)
        self.running.append(task)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("%s failed", task.get_name(), exc_info=error)
            self._failure = self._failure or error
            self.ended.set()

    async def wait(self) -> None:
        """Until the end; raise what failed first."""
        await self.ended.wait()
        if self._failure is not None:
            raise self._failure


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """The last first; all are over when it returns."""
    for task in reversed(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
