"""A fleet in virtual time: the real store, engine and courier; only the wire is replaced by a list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gadfly.alert import notify
from gadfly.alert.courier import Courier
from gadfly.alert.engine import Engine
from gadfly.alert.notification import Notification
from gadfly.alert.notify.destination import Context, Destination
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.owner import Owner
from gadfly.errors import NotifyError
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database


class Fleet:
    """Components, what becomes of them, and what was told."""

    def __init__(self, path: Path, config: Config) -> None:
        self.path = path
        self.config = config
        self.clock = VirtualClock()
        self.subjects: dict[str, Subject] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.got: list[tuple[float, str, Notification]] = []
        self.refuse: Callable[[Notification, Destination], None] = lambda notification, destination: None
        self.started = self.clock.wall()
        self.db = Database(path)
        self.suspected = (0, 0)

    async def start(self) -> None:
        self.engine = Engine(self.db, self.config, self.clock, self.subjects.get, lambda: self.suspected)
        self.courier = Courier(self.db, self.config, self.clock, name="test")
        await self.engine.start()

    async def restart(self) -> None:
        """The process ends and another begins."""
        self.db.close()
        self.db = Database(self.path)
        await self.start()

    async def reload(self, config: Config) -> None:
        """Another configuration, as a reload hands it round."""
        self.config = config
        await self.engine.reconfigure(config)
        await self.engine.aim_again()
        self.courier.reconfigure(config)

    def add(self, *names: str, **about: object) -> None:
        for name in names:
            self.subjects[name] = Subject(name=name, **{"owner": "ops", **about})

    async def become(self, verdict: Verdict, *names: str, reason: str = "no beat for 3 s") -> None:
        changes = []
        for name in names:
            if name not in self.subjects:
                self.add(name)
            before = self.verdicts.get(name, Verdict.healthy)
            self.verdicts[name] = verdict
            changes.append(
                Change(
                    at=self.clock.wall(),
                    component=name,
                    slot=0,
                    before=before,
                    after=verdict,
                    reason=reason,
                    subject=self.subjects[name],
                )
            )
        await self.engine.take(changes)
        await self.deliver()

    async def down(self, *names: str) -> None:
        await self.become(Verdict.down, *names)

    async def up(self, *names: str) -> None:
        await self.become(Verdict.healthy, *names, reason="")

    async def deliver(self) -> float:
        while True:
            wait = await self.courier.round()
            if not self.courier.flying:
                return wait
            await self.courier.settle()

    async def after(self, seconds: float) -> None:
        """Live for so long; everything that is due on the way happens at its time."""
        end = self.clock.monotonic() + seconds
        while True:
            wait = min(await self.engine.tick(), await self.deliver())
            left = end - self.clock.monotonic()
            if left <= 0:
                return
            await self.clock.advance(min(left, max(wait, 0.001)))

    def told(self) -> list[tuple[float, str, str]]:
        """What was delivered: seconds since the start, kind, to whom."""
        return [(round(at - self.started, 2), one.kind, to) for at, to, one in self.got]

    def kinds(self) -> list[str]:
        return [one.kind for _, _, one in self.got]

    @property
    def last(self) -> Notification:
        return self.got[-1][2]

    async def send(self, notification: Notification, destination: Destination, context: Context) -> None:
        self.refuse(notification, destination)
        to = destination.url or destination.email or destination.name
        self.got.append((self.clock.wall(), to, notification))


OPS = {"ops": Owner(contact=("https://ops.example/hook",))}


@pytest.fixture
async def fleet_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., object]]:
    """A function that makes a started fleet of a configuration's parts."""
    made: list[Fleet] = []

    async def make(**parts: object) -> Fleet:
        config = Config(**{"owner": OPS, **parts})
        fleet = Fleet(tmp_path / f"state{len(made)}" / "gadfly.db", config)
        for kind in tuple(notify.SENDERS):
            monkeypatch.setitem(notify.SENDERS, kind, fleet.send)
        await fleet.start()
        made.append(fleet)
        return fleet

    yield make
    for fleet in made:
        fleet.db.close()


@pytest.fixture
async def fleet(fleet_of: Callable[..., object]) -> Fleet:
    """A fleet with one owner, `ops`, who has one contact."""
    return await fleet_of()


def refused(permanent: bool = False) -> Callable[[Notification, Destination], None]:
    def refuse(notification: Notification, destination: Destination) -> None:
        raise NotifyError("It answered 503.", permanent=permanent)

    return refuse
