"""One life of a node that acts, until it is killed: its real engine, with a made-up picture, clock and action.

An act here takes the way that it takes in a node, by the node's own code: `Acts.trigger` plans it by `Scene`, `Conduct`
proposes it (one transaction) and signs permissions, `Run` goes from stage to stage, `Executor` verifies at the point
of effect, the picture measures, `Conduct` writes the outcome, and what failed is taken back. What an earlier life left
open is measured by `Acts.start`. The effect is a line in the observer's file, opened for appending only: who had it
done, to what, and how many ledger entries were *committed* at that moment, read on a connection of the observer's own.
Beside the acts somebody tries to get effects without leave: with forged, used, ended or altered permissions.

`Trap` ends the life with SIGKILL at a named step: before any SQL statement of the writer, and at every step that
is no statement. So a life can end between any two things that are done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from act_node import Picture, conditions, configuration, wish
from act_world import START, seed
from gadfly.act import action
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, Effect, State
from gadfly.act.engine import Acts
from gadfly.act.executing import capability
from gadfly.act.executing.capability import Capability
from gadfly.act.executing.executor import Executor
from gadfly.act.executing.lease import Authority, Renewal
from gadfly.act.mail.letters import Letters
from gadfly.act.plan import Plan, Target
from gadfly.act.scene import Scene
from gadfly.clock import VirtualClock
from gadfly.errors import Refused
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ORIGIN = "gadfly/bench/gate"
TOGETHER = 32
"""Acts in flight at once, so that commits are shared as they are in a busy node."""
STEP = 10.0
"""Seconds from one act to the next, on average."""
NAME = "north"
LATER = 1000.0
"""Seconds between one life and the next: every intent of the last one is over."""

_VALUES = re.compile(r"[xX]?'(?:[^']|'')*'|(?<![a-z_])-?\d[\d.e+-]*|NULL")


def step_of(statement: str) -> str:
    """The name of a statement: its text without values."""
    return "sql: " + " ".join(_VALUES.sub("?", statement).split())[:100]


class Trap:
    """Ends this process at the `nth` time that the step `name` is reached. Without a name it only lists steps."""

    def __init__(self, name: str = "", nth: int = 1) -> None:
        self.name = name
        self.left = nth
        self.seen: dict[str, int] = {}
        self.set = False

    def reach(self, name: str) -> None:
        if not self.set:
            return
        if not self.name:
            self.seen[name] = self.seen.get(name, 0) + 1
        elif name == self.name:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, text: str) -> None:
        self.reach(step_of(text))


class Observer:
    """Writes down effects, independently of whoever has them done."""

    def __init__(self, folder: Path, trap: Trap, picture: Picture, rng: random.Random) -> None:
        self._picture = picture
        self._rng = rng
        self._file = os.open(folder / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._ledger = sqlite3.connect(f"file:{folder / 'gadfly.db'}?mode=ro", uri=True, isolation_level=None)
        self._trap = trap

    async def do(self, text: str, values: Mapping[str, str], edge: Edge) -> Effect:
        self._trap.reach("before the effect")
        (size,) = self._ledger.execute("SELECT COALESCE(MAX(id), -1) + 1 FROM ledger_entry").fetchone()
        os.write(self._file, f"{values['fence']} {values['component']} {size} {text}\n".encode())
        self._trap.reach("after the effect")
        broken = self._picture.broken
        (broken.add if self._rng.random() < 0.01 else broken.discard)(values["component"])
        return Effect(state=State.finished, ok=True, words="done")


class Point(Executor):
    """The node's executor; what it is handed is remembered, for whoever tries it again later."""

    trap: Trap
    handed: list[tuple[str, Plan]]

    async def perform(self, permission: str, plan: Plan, target: Target) -> Effect:
        self.trap.reach("capability issued")
        self.handed.append((permission, plan))
        del self.handed[:-50]
        return await super().perform(permission, plan, target)


class Life:
    """Acts in `folder` until `acts` are done, or the trap closes, which is set after `after` acts. Each act is
    a byte in the pipe `tally`."""

    def __init__(
        self, folder: Path, acts: int, number: int, trap: Trap, tally: int = -1, after: int = 0
    ) -> None:
        self.rng = random.Random(number)
        self.folder, self.left, self.trap = folder, acts, trap
        self.log = Log(ORIGIN, KEY)
        self.clock = VirtualClock(START)
        self.authority = Authority()
        self._tally = tally
        self._trace = acts - after

    async def run(self) -> None:
        db = Database(self.folder / "gadfly.db")
        await db.write(seed)
        latest = await db.read(lambda c: c.execute("SELECT MAX(at, ?) FROM latest", (START,)).fetchone()[0])
        self.clock.set_wall(latest + LATER)
        config, picture = configuration(), Picture(self.clock)
        observer = Observer(self.folder, self.trap, picture, self.rng)
        action.ACTIONS["observe"] = Action(_check, _describe, observer.do)
        edge = Edge(monotonic=self.clock.monotonic)
        self.executor = Point(NAME, KEY.public_key(), self.authority, self.clock, edge)
        self.executor.trap, self.executor.handed = self.trap, []
        self._renew()
        scene = Scene(
            config,
            picture,
            self.clock,
            sight=lambda: picture.sight,
            versions=lambda: picture.versions,
        )
        letters = Letters(db, config, self.clock, NAME)
        acts = Acts(db, self.log, scene, self.executor, letters, KEY, self.clock, speaks_for=lambda who: ())
        # What an earlier life left open is measured now, and nobody does it again.
        await acts.start()
        await self._ended(acts)
        while self.left > 0:
            if self.left <= self._trace and not self.trap.set:
                self.trap.set = True
                await db.write(lambda c: c.set_trace_callback(self.trap.statement))
            conditions(self.rng, picture)
            together = min(TOGETHER, self.left)
            self.left -= together
            tries = asyncio.gather(*(self._act(acts) for _ in range(together)))
            await self._until(tries)
            await self._ended(acts)
            self.trap.reach("outcomes written")
            if self.rng.random() < 0.9:
                await self._abuse()
            await db.write(_looked)
            self.clock.set_wall(self.clock.wall() + together * STEP * 2 * self.rng.random())
        await acts.close()
        await db.write(lambda c: c.set_trace_callback(None))
        await db.write(self.log.checkpoint)
        db.close()

    async def _act(self, acts: Acts) -> None:
        if self._tally >= 0:
            os.write(self._tally, b".")
        wanted = wish(self.rng, self.clock.wall())
        self.trap.reach("wanted")
        with contextlib.suppress(Refused):
            await acts.trigger(wanted.automation, "", wanted.targets, "the bench", wanted.supplied)
        self.trap.reach("decided")

    async def _ended(self, acts: Acts) -> None:
        """Until everything that was begun has its outcome, and what it called for too."""
        while running := list(acts._running.values()):
            await self._until(asyncio.gather(*running, return_exceptions=True))
            await asyncio.sleep(0)

    async def _until(self, done: asyncio.Future[object]) -> None:
        """Time passes only where all wait for it, or for the disk a long while."""
        while not done.done():
            await asyncio.wait((done,), timeout=0.02)
            if not done.done():
                self._renew()
                await self.clock.advance(1.0)
        done.result()

    def _renew(self) -> None:
        self.authority.renew(self.clock.monotonic(), Renewal(mark="bench", lasts=30.0))

    async def _abuse(self) -> None:
        """Tries to have something done without leave: nothing of it may have an effect."""
        if len(self.executor.handed) < 2:
            return
        (given, plan), (_, other) = self.rng.choice(self.executor.handed), self.executor.handed[0]
        body, _, signature = given.partition(".")
        altered = msgspec.structs.replace(plan, targets=(*plan.targets, *other.targets))
        tries = (
            (given, plan),  # once more
            (given, altered),  # more targets than were allowed
            (given, msgspec.structs.replace(plan, argument="other@{component}")),
            (f"{body[:-4]}AAAA.{signature}", plan),
            (self._issue(plan, 1, 1_000_000_000, FORGER), plan),
            (self._issue(plan, 1, 1_000_000_000, KEY, wall=self.clock.wall() - 60), plan),
        )
        await self._perform(*self.rng.choice(tries))

    def _issue(
        self,
        plan: Plan,
        entry: int,
        fence: int,
        key: Ed25519PrivateKey,
        cell: str | None = None,
        wall: float | None = None,
    ) -> str:
        issued = self.clock.wall() if wall is None else wall
        where = cell if cell is not None else plan.cells[0] if plan.cells else ""
        content = Capability(
            plan=plan.hash,
            intent=entry,
            fence=fence,
            cell=where,
            executor=NAME,
            issued=issued,
            ends=issued + 30,
        )
        return capability.issue(key, content)

    async def _perform(self, given: str, plan: Plan) -> None:
        for one in plan.targets:
            await Executor.perform(self.executor, given, plan, one)


def _looked(connection: sqlite3.Connection) -> None:
    """A person looks at what froze, so that the bench goes on."""
    connection.execute("UPDATE standing SET level = 'act', failures = 0, frozen = ''")
    connection.execute("UPDATE brake SET since = NULL, released = (SELECT at FROM latest)")


def _check(text: str) -> None:
    if not text:
        raise ValueError("nothing to do")


def _describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    return text
