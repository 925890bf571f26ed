"""A small world: the real store, ledger, gate and engine in virtual time; only the picture is made up.

What an action does to the world is a function of the test, so that the picture, and not the actor, tells what
became of it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import action
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, Effect, State
from gadfly.act.engine import Acts
from gadfly.act.executing.executor import Executor
from gadfly.act.executing.lease import Authority, Renewal
from gadfly.act.halt.stop import Stop
from gadfly.act.mail.letters import Letters
from gadfly.act.plans.expect import Seen
from gadfly.act.proof import proving
from gadfly.act.scene import Scene
from gadfly.act.situation import Fleet, Part
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.act import Automation, Grant, Limits
from gadfly.config.owner import Owner
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database

VERDICTS = {
    Liveness.alive: Verdict.healthy,
    Liveness.stalled: Verdict.down,
    Liveness.silent: Verdict.down,
    Liveness.left: Verdict.left,
}


class FakeView:
    """Components that a test moves. Those that are alive beat at every moment."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._subjects: dict[str, Subject] = {}
        self._liveness: dict[str, Liveness] = {}
        self._since: dict[str, float] = {}
        self._run: dict[str, int] = {}
        self.asked: list[str] = []
        self.lately = 0

    def add(self, name: str, **about: Any) -> None:
        self._subjects[name] = Subject(name=name, **{"owner": "payments", "group": "workers", **about})
        self._run[name] = 1
        self.become(name, Liveness.alive)

    def become(self, name: str, liveness: Liveness) -> None:
        self._liveness[name], self._since[name] = liveness, self._clock.wall()
        if liveness is Liveness.alive:
            self._run[name] += 1

    def wake(self, name: str) -> None:
        """It beats again, and is the same run as before."""
        self._liveness[name], self._since[name] = Liveness.alive, self._clock.wall()

    def see(self, component: str) -> Seen | None:
        if component not in self._subjects:
            return None
        liveness = self._liveness[component]
        heard = self._clock.monotonic() if liveness is Liveness.alive else -1.0
        return Seen(
            verdict=VERDICTS[liveness], liveness=liveness, incarnation=self._run[component], heard=heard
        )

    def members(self, group: str) -> tuple[Seen, ...]:
        found = [self.see(one.name) for one in self._subjects.values() if one.group == group]
        return tuple(one for one in found if one is not None)

    def subject(self, component: str) -> Subject | None:
        return self._subjects.get(component)

    def subjects(self) -> Iterator[Subject]:
        yield from list(self._subjects.values())

    def standing(self, word: str) -> list[tuple[str, float]]:
        return [
            (name, self._since[name])
            for name, liveness in self._liveness.items()
            if word in (liveness.name, VERDICTS[liveness].name)
        ]

    def fleet(self) -> Fleet:
        def part(names: list[str]) -> Part:
            return Part(len(names), sum(self._liveness[name] is Liveness.alive for name in names))

        groups: dict[str, list[str]] = {}
        for name, subject in self._subjects.items():
            groups.setdefault(subject.group, []).append(name)
        return Fleet(
            whole=part(list(self._subjects)), groups={group: part(names) for group, names in groups.items()}
        )

    def lost(self, seconds: float) -> int:
        return self.lately

    def ask(self, component: str) -> None:
        self.asked.append(component)


AUTOMATION = Automation(
    owner="payments",
    purpose="A worker that stalls for a minute has never recovered by itself.",
    on='component.stalled for 1m, group = "workers"',
    run="test:restart {component}",
    limits=Limits(at_once=1, group="50%", fleet="50%", per_hour=6, tries_per_target=5),
    expect="component alive within 30s",
    undo="test:undo {component}",
    level="act-small",
    expires=dt.date(2027, 12, 31),
    review=dt.date(2027, 12, 31),
)
OWNERS = {
    "payments": Owner(contact=("mailto:payments@example.org",), owner="platform"),
    "platform": Owner(contact=("mailto:platform@example.org",)),
}


class World:
    """One node's acts, and what they did: `done` are (monotonic seconds, action, component)."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.clock = VirtualClock()
        self.view = FakeView(self.clock)
        self.key = Ed25519PrivateKey.generate()
        self.log = Log("gadfly/test/1", self.key)
        self.done: list[tuple[float, str, str]] = []
        self._task: asyncio.Future[None] | None = None
        self.effect: Callable[[str, str], None] = lambda verb, name: self.view.become(name, Liveness.alive)
        self.says = Effect(state=State.finished, ok=True, words="done")
        self.hang = False
        self.authority = Authority()
        self.stops: tuple[Stop, ...] = ()
        self.alerting: dict[str, float] = {}
        self.speaks = {"person:anna": ["payments"], "person:boss": ["platform", "payments"]}
        self.config = Config(owner=OWNERS, automation={"restart": AUTOMATION})
        monkeypatch.setitem(action.ACTIONS, "test", Action(lambda text: None, self._describe, self._do))

    def declare(self, **changes: Any) -> None:
        """Change the automation; before :meth:`start`."""
        one = msgspec.structs.replace(self.config.automation["restart"], **changes)
        self.config = msgspec.structs.replace(self.config, automation={"restart": one})

    def grant(self, *to: str, **about: Any) -> None:
        """Let them restart what is payments', for a shift; before :meth:`start`."""
        since = dt.datetime.fromtimestamp(self.clock.wall() - 60, dt.UTC)
        known = {"may": ("test:restart",), "owner": "payments", "because": "a release", "since": since}
        given = Grant(to=to, **{**known, "until": since + dt.timedelta(hours=8), **about})
        self.config = msgspec.structs.replace(self.config, grant={**self.config.grant, "-".join(to): given})

    async def start(self, level: str = "act-small") -> None:
        self.db = Database(self.path)
        await self.db.write(lambda connection: self._prepare(connection, level))
        self.renew()
        scene = Scene(self.config, self.view, self.clock, versions=lambda: {"north": "1"})
        edge = Edge(monotonic=self.clock.monotonic)
        executor = Executor("north", self.key.public_key(), self.authority, self.clock, edge)
        self.acts = Acts(
            self.db,
            self.log,
            scene,
            executor,
            Letters(self.db, self.config, self.clock, "north"),
            self.key,
            self.clock,
            speaks_for=lambda who: self.speaks.get(who, []),
            alerting=lambda: self.alerting,
        )
        await self.acts.start()
        self._task = asyncio.ensure_future(self.acts.run())

    async def end(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.db.close()

    async def restart(self) -> None:
        """The process ends, another begins."""
        await self.end()
        self.authority = Authority()
        await self.start("")

    def renew(self) -> None:
        self.authority.renew(
            self.clock.monotonic(), Renewal(mark=f"{len(self.stops)}", lasts=30.0, stops=self.stops)
        )

    async def advance(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, and the store keep up with it."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 1e-9:
            self.renew()
            await self.clock.advance(min(step, left))
            await self.settle()

    async def settle(self) -> None:
        for _ in range(6):
            await self.db.write(lambda connection: None, durable=False)
            await self.db.read(lambda connection: None)
            await self.clock.advance(0.0)

    async def entries(self, *kinds: str) -> list[Entry]:
        """What the ledger has, oldest first, without the proofs."""
        found = await self.db.read(lambda connection: self.log.read(connection, 0, 1 << 40))
        return [
            entry for _, entry, _ in found if (not kinds and entry.kind != "proof") or entry.kind in kinds
        ]

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return await self.db.read(lambda connection: connection.execute(sql).fetchall())

    async def letters(self) -> list[str]:
        """The subjects of what owners were told."""
        rows = await self.rows("SELECT body FROM outbox ORDER BY id")
        return [msgspec.json.decode(body)["subject"] for (body,) in rows]

    def _prepare(self, connection: sqlite3.Connection, level: str) -> None:
        now = self.clock.wall()
        proving.record(connection, self.log, proving.prove(now), now)
        if level:
            connection.execute(
                "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
                " VALUES (?, ?, 0, 0, '', '')",
                ("restart", level),
            )

    def _describe(self, text: str, values: Mapping[str, str], edge: Edge) -> str:
        return f"{text.split()[0]} {values['component']}"

    async def _do(self, text: str, values: Mapping[str, str], edge: Edge) -> Effect:
        verb = text.split()[0]
        self.done.append((self.clock.monotonic(), verb, values["component"]))
        if self.hang:
            await asyncio.Event().wait()
        self.effect(verb, values["component"])
        return self.says


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    made = World(tmp_path / "gadfly.db", monkeypatch)
    for number in range(10):
        made.view.add(f"w{number}")
    yield made
    await made.end()
