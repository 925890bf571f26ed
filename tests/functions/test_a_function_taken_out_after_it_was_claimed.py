"""A call that was claimed when its function was taken out ends, also on a disk that refuses for a while."""

from __future__ import annotations

import asyncio
from typing import Any

from gadfly.clock import VirtualClock
from gadfly.errors import StoreError
from gadfly.functions.dispatch import RETRY, Dispatch
from gadfly.functions.queue import Outcome, Work


class Queue:
    """Refuses twice."""

    def __init__(self) -> None:
        self.asked = list[tuple[int, str]]()

    async def end(self, work: Work, outcome: Outcome) -> str:
        self.asked.append((work.id, outcome.ended))
        if len(self.asked) < 3:
            raise StoreError("the disk is full")
        return "dead"


async def test_it_is_refused_when_the_disk_takes_that() -> None:
    clock, queue = VirtualClock(), Queue()
    unused: Any = None
    dispatch = Dispatch(queue, unused, unused, unused, clock, dict, asyncio.Event())  # type: ignore[arg-type]
    work = Work(id=7, function="gone", called="c", key="k", event=b"null", attempt=1, allowed=1, created=0.0)
    beginning = asyncio.create_task(dispatch._begin(work))
    for _ in range(2):
        await clock.advance(RETRY)
    await beginning
    assert queue.asked == [(7, "refused")] * 3
