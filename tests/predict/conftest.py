"""A world in virtual time: a real store of series, a real state and ledger, real alerts; no sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gadfly import catalogue
from gadfly.alert.engine import Engine
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.series import Series as Settings
from gadfly.ledger.entry import Entry
from gadfly.monitor.subject import Subject
from gadfly.predicting import Predicting
from gadfly.recorder import Recorder
from gadfly.store import predictions
from gadfly.store.predictions import Row
from gadfly.store.series import Batch, Series
from gadfly.store.sqlite import Database

HOUR = 3600.0
DISK = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "8h"
owner = "ops"
because = "Nothing can be written to a disk that is full."
every = "10m"
"""


class World:
    """Time goes on by :meth:`live` alone."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.clock = VirtualClock(1_800_000_000.0 // 86_400 * 86_400)
        self.config = self.read(text)
        self.components: dict[str, Subject] = {}

    def read(self, text: str) -> Config:
        return catalogue.loads(f'[node]\nstate = "{self.folder}"\n{text}')

    async def start(self) -> None:
        self.store = Series(self.folder / "series", Settings(), self.clock)
        await self.store.open()
        self.db = Database(self.folder / "gadfly.db")
        self.recorder = Recorder(self.db, self.config, self.clock, "north")
        await self.recorder.start(self.config, "1")
        self.engine = Engine(
            self.db, self.config, self.clock, self.components.get, journal=self.recorder.journal
        )
        await self.engine.start()
        self.node: Any = SimpleNamespace(
            config=self.config,
            clock=self.clock,
            db=self.db,
            recorder=self.recorder,
            engine=self.engine,
            series=SimpleNamespace(source=self.store, trouble=""),
            url=lambda: "http://north",
            name=lambda: "north",
            subject=self.components.get,
        )
        self.predicting = self.node.predicting = Predicting(self.node)

    async def stop(self) -> None:
        await self.store.close()
        self.db.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def take(self, text: str) -> None:
        """Read the configuration again."""
        self.config = self.node.config = self.read(text)
        self.predicting.take(self.config)

    async def listen(
        self, hours: float, every: float, value: Callable[[float], float], **labels: str
    ) -> None:
        """Write `value` of the hours since the start into `disk_free_bytes`, all at once."""
        numbers, _ = self.store.intern([{"__name__": "disk_free_bytes", **labels}], "test")
        begin, wall = self.clock.monotonic(), self.clock.wall()
        after = np.arange(1, round(hours * HOUR / every) + 1) * every
        await self.clock.advance(hours * HOUR)
        at = np.round((wall + after) * 1000).astype(np.int64)
        values = np.array([value((begin + seconds) / HOUR) for seconds in after.tolist()])
        taken = await self.store.append(Batch(np.repeat(numbers, len(at)), at, values), "test")
        assert taken.samples == len(at), taken

    async def live(self, hours: float, every: float, value: Callable[[float], float], **labels: str) -> None:
        """The same as it comes, with a turn of the predictions each time."""
        for _ in range(round(hours * HOUR / every)):
            await self.listen(every / HOUR, every, value, **labels)
            await self.predicting.turn()

    async def rows(self) -> list[Row]:
        """What was foretold, the oldest first."""
        return (await self.db.read(lambda connection: predictions.newest(connection, limit=10_000)))[::-1]

    async def entries(self, kind: str) -> list[Entry]:
        """Of this kind, the oldest first."""
        log = self.recorder.log
        found = await self.db.read(lambda connection: list(log.about(connection, "prediction:disk", 1000)))
        return [entry for _, entry, _ in found if entry.kind == kind][::-1]


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    made = World(tmp_path, getattr(request, "param", DISK))
    await made.start()
    yield made
    await made.stop()
