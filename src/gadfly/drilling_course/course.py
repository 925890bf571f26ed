"""What a drill is to the one who conducts it: a way to go, and whether that did what it is there for."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from gadfly.ask.drill.record import Drill, Kind
from gadfly.clock import Clock

PATIENCE = 30.0
"""Seconds that a receiver has to take a letter, and an executor to hear of a stop; one that fails is asked
again meanwhile."""
LOOK = 0.1
"""Seconds between looks whether that is so."""
LONGEST = 3600.0
"""Seconds that are waited for in earnest; who wants a longer way says `--now`."""

Also = Callable[[sqlite3.Connection], None]
"""What is written in the same transaction."""


def nothing(_: sqlite3.Connection) -> None:
    """More is not to be written."""


class Keep(Protocol):
    def __call__(self, drill: Drill, /, also: Also = nothing) -> Awaitable[None]:
        """Write down how far it has come, and what belongs to that."""


class Setting(NamedTuple):
    """What a drill has of the one who conducts it."""

    keep: Keep
    answered: asyncio.Event
    """Somebody took it on."""
    room: Callable[[str], bool]
    """Whether this contact, by its address, may hear of it; that it does is noted."""


class Course(Protocol):
    """What is drilled."""

    @property
    def kind(self) -> Kind: ...

    @property
    def target(self) -> str: ...

    @property
    def owner(self) -> str: ...

    async def run(self, drill: Drill, setting: Setting) -> Drill:
        """Go the way; what came of it. Refused: it cannot be gone."""

    def told(self, drill: Drill) -> bool:
        """Whether it did what it is there for."""


async def until(clock: Clock, event: asyncio.Event, seconds: float) -> None:
    """So long, or until the event."""
    tasks = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
