"""A node's stores in virtual time: a real state, a real ledger, real alerts; series in memory; no sockets."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gadfly import catalogue
from gadfly.alert.engine import Engine
from gadfly.ask_facts import FAMILIES, Stores
from gadfly.asking import Asking
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.ledger.entry import Entry, decode
from gadfly.monitor.check import checks
from gadfly.monitor.jobs import Plan, Run
from gadfly.monitor.subject import Subject
from gadfly.promql.held import Held
from gadfly.recorder import Recorder
from gadfly.rules import ruler
from gadfly.store.sqlite import Database

DAY = 86_400.0
START = 20_000 * DAY
"""2024-10-04 00:00 UTC, a Friday."""
OWNER = '[owner.ops]\ncontact = ["exec:/bin/true"]\n'
FEW = ("never-near", "unacted", "decision-without-evidence")
"""All 77 kinds of a day take as long as most tests."""
Rows = list[dict[str, Any]]


class Place:
    """Time goes on where a test says so."""

    def __init__(self, folder: Path, text: str = OWNER) -> None:
        self.folder = folder
        self.clock = VirtualClock(START)
        self.config = self.read(text)
        self.components: dict[str, Subject] = {}
        self.jobs: list[tuple[str, Plan, Run]] = []
        self.samples: list[tuple[dict[str, str], list[int], list[float]]] = []

    def read(self, text: str) -> Config:
        return catalogue.loads(f'[node]\nstate = "{self.folder}"\n{text}')

    async def start(self) -> None:
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
            series=SimpleNamespace(source=Held(self.samples), trouble=""),
            acting=SimpleNamespace(subjects=lambda: iter(list(self.components.values()))),
            rules=SimpleNamespace(groups=lambda: [SimpleNamespace(group=one) for one in self.groups()]),
            components=SimpleNamespace(
                runs=lambda: {slot: run for slot, (_, _, run) in enumerate(self.jobs)},
                name=lambda slot: self.jobs[slot][0],
                plan=lambda slot: self.jobs[slot][1],
            ),
            url=lambda: "http://north",
            name=lambda: "north",
            subject=self.components.get,
        )
        self.asking = self.node.asking = Asking(self.node)
        every = self.asking.kinds.every
        self.asking.kinds.every = lambda: {  # type: ignore[method-assign]
            name: one for name, one in every().items() if name in FEW
        }

    def groups(self) -> list[Any]:
        return ruler.load(self.config)

    def stop(self) -> None:
        self.db.close()

    async def restart(self) -> None:
        self.stop()
        await self.start()

    def take(self, text: str) -> None:
        """Read the configuration again."""
        self.config = self.node.config = self.read(text)
        self.asking.take(self.config)

    def know(self, *subjects: Subject) -> None:
        """These components are known."""
        self.components.update({one.name: one for one in subjects})

    def sample(self, days: float, every: float, value: Callable[[float], float], **labels: str) -> None:
        """A series from now on for so many days; `value` of the days since its begin."""
        after = np.arange(round(days * DAY / every)) * every
        at = np.round((self.clock.wall() + after) * 1000).astype(np.int64).tolist()
        self.samples.append((labels, at, [value(one / DAY) for one in after.tolist()]))
        self.node.series.source = Held(self.samples)

    def up(self, days: float) -> None:
        """The node is there for so many days."""
        self.sample(days, 240.0, lambda _: 1.0, __name__="process_start_time_seconds", job="gadfly")

    @contextlib.contextmanager
    def stores(self) -> Iterator[Stores]:
        """As of now."""
        with contextlib.closing(sqlite3.connect(self.db.path)) as connection:
            yield Stores(
                connection=connection,
                config=self.config,
                now=self.clock.wall(),
                node="north",
                subjects=list(self.components.values()),
                checks=checks(self.config),
                groups=self.groups(),
                series=self.node.series.source,
                beats={name: float(one.beats) for name, one in self.config.component.items() if one.beats},
                pseudonym=self.recorder.mask.of,
            )

    def facts(self, family: str) -> dict[str, Rows]:
        """What a family tells now: the known cells of each row, by table."""
        with self.stores() as stores:
            return {
                table: [
                    {name: cell for name, cell in zip(columns, cells, strict=True) if cell is not None}
                    for cells in zip(*columns.values(), strict=True)
                ]
                for table, columns in FAMILIES[family](stores).items()
            }

    async def entries(self, kind: str) -> list[Entry]:
        """Of the ledger, of this kind, the oldest first."""

        def work(connection: sqlite3.Connection) -> list[Entry]:
            rows = connection.execute("SELECT body FROM ledger_entry ORDER BY id").fetchall()
            return [decode(body) for (body,) in rows]

        return [one for one in await self.db.read(work) if one.kind == kind]


@pytest.fixture
async def place(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """With the catalogue of the parameter, or one owner only."""
    place = Place(tmp_path, getattr(request, "param", OWNER))
    await place.start()
    yield place
    place.stop()
