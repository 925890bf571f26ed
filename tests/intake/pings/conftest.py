"""Pings with a real database, and a picture and an ear that write down what they are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.ping import Ping
from gadfly.intake.pings import Pings
from gadfly.monitor.jobs import Run
from gadfly.store.sqlite import Database

ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
KEY = "fqOOd6-F4MMNuCEnzTU01w"


class World:
    """What is around the pings of a node."""

    key: bytes | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.places = {"Night Job": 0, "other": 1, "a.b": 2, "a-b": 3, "web": 4}
        self.runs: dict[int, Run] = {}
        self.told: list[Any] = []
        self.announced: list[bytes] = []
        self.db = Database(folder / "gadfly.db")
        self.config = Config(
            ping=Ping(keys=("env:PING_KEY",), create=2, rate=5, strangers=3, output_mb=0),
            component={
                "Night Job": Component(kind="job", ping=ID),
                "other": Component(kind="job", ping="env:PING_OTHER"),
                "a.b": Component(kind="job"),
                "a-b": Component(kind="job"),
                "web": Component(),
            },
        )
        self.pings = self.make()

    def make(self) -> Pings:
        return Pings(self.db, self.clock, self, self, self.told.append, self.config)  # type: ignore[arg-type]

    async def again(self) -> None:
        """The node is restarted."""
        self.db.close()
        self.db = Database(self.folder / "gadfly.db")
        self.pings = self.make()
        self.runs = {}
        await self.pings.recall()

    def slot(self, name: str) -> int | None:
        return self.places.get(name)

    def slots(self, names: list[str]) -> list[int | None]:
        return [self.places.get(name) for name in names]

    def ran(self, runs: dict[int, Run]) -> list[Any]:
        self.runs.update(runs)
        return list(runs)

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        self.announced.append(datagram)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setenv("PING_KEY", KEY)
    monkeypatch.setenv("PING_OTHER", "another-long-secret")
    found = World(tmp_path)
    await found.pings.recall()
    yield found
    found.db.close()
