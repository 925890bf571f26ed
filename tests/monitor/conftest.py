"""A fleet of plain arrays in place of the ear's shared memory, for tests of the picture."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gadfly.monitor.events import EVENT
from gadfly.monitor.liveness import Liveness, Status
from gadfly.telemetry.frame import component_id


class Fleet:
    """Members by hand: `beat` and `set` return the events that the ear would tell."""

    def __init__(self, capacity: int = 4096, wall: float = 1_800_000_000.0) -> None:
        self.size = 0
        self.wall = wall
        self.liveness = np.zeros(capacity, np.uint8)
        self.status = np.zeros(capacity, np.uint8)
        self.reason = np.zeros(capacity, np.uint8)
        self.since = np.zeros(capacity, np.int64)
        self.seen_wall = np.zeros(capacity, np.int64)
        self.interval = np.full(capacity, 1000, np.uint32)
        self.id = np.zeros(capacity, np.uint64)
        self.incarnation = np.zeros(capacity, np.uint64)
        self.cards: dict[int, bytes] = {}
        self.sources: dict[int, str] = {}
        self._slots: dict[int, int] = {}

    def card(self, slot: int) -> bytes:
        return self.cards.get(slot, b"")

    def source(self, slot: int) -> str:
        return self.sources.get(slot, "")

    def find(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        return np.array([self._slots.get(int(number), -1) for number in ids], np.int64)

    def expect(self, name: str) -> int:
        """A slot for a name, whether it was heard or not."""
        number = component_id(name)
        if number not in self._slots:
            self._slots[number] = self.size
            self.id[self.size] = number
            self.size += 1
        return self._slots[number]

    def beat(self, name: str, status: Status = Status.passing, **card: Any) -> npt.NDArray[np.void]:
        """An announce: alive, and a new card."""
        slot = self.expect(name)
        self.cards[slot] = json.dumps({"name": name, **card}).encode()
        self.incarnation[slot] = int(card.get("started", self.wall) * 1e9)
        self.status[slot] = status
        self.seen_wall[slot] = int(self.wall * 1e9)
        return np.concatenate([self.set(name, Liveness.alive), self.event(slot, kind=1)])

    def set(self, name: str, liveness: Liveness, why: int = 0) -> npt.NDArray[np.void]:
        """A change of liveness."""
        slot = self.expect(name)
        before = int(self.liveness[slot])
        self.liveness[slot] = liveness
        self.reason[slot] = why
        self.since[slot] = int(self.wall * 1e9)
        return self.event(slot, before=before, after=int(liveness), why=why)

    def event(self, slot: int, **fields: int) -> npt.NDArray[np.void]:
        """One event as a batch."""
        event = np.zeros(1, EVENT)
        event["slot"] = slot
        event["wall"] = int(self.wall * 1e9)
        for name, value in fields.items():
            event[name] = value
        return event


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def large_fleet() -> Fleet:
    """Room for a hundred thousand."""
    return Fleet(capacity=100_000)
