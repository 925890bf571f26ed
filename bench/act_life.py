"""One life of a node that acts, until it is killed: the real store, ledger, gate, book, capability and executor.

An act here takes the way that it takes in a node: plan → propose (one transaction) → capability → executor, which
verifies it at the point of effect → effect → outcome. The effect is a line in the observer's file, opened for
appending only: who had it done, to what, and how many ledger entries were *committed* at that moment, read on a
connection of the observer's own. Beside the acts somebody tries to get effects without leave: with forged,
used, ended or altered permissions.

`Trap` ends the life with SIGKILL at a named step: before any SQL statement of the writer, and at every step that
is no statement. So a life can end between any two things that are done.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from act_world import START, Scene, draw, seed
from gadfly.act import action, book, capability
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, Effect, State
from gadfly.act.capability import Capability
from gadfly.act.executor import Executor
from gadfly.act.lease import Authority, Renewal
from gadfly.act.plan import Plan
from gadfly.clock import VirtualClock
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ORIGIN = "gadfly/bench/gate"
TOGETHER = 32
"""Acts in flight at once, so that commits are shared as they are in a busy node."""
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

    def __init__(self, folder: Path, trap: Trap) -> None:
        self._file = os.open(folder / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._ledger = sqlite3.connect(f"file:{folder / 'gadfly.db'}?mode=ro", uri=True, isolation_level=None)
        self._trap = trap

    async def do(self, text: str, values: Mapping[str, str], edge: Edge) -> Effect:
        self._trap.reach("before the effect")
        (size,) = self._ledger.execute("SELECT COALESCE(MAX(id), -1) + 1 FROM ledger_entry").fetchone()
        os.write(self._file, f"{values['fence']} {values['component']} {size} {text}\n".encode())
        self._trap.reach("after the effect")
        return Effect(state=State.finished, ok=True, words="done")


class Life:
    """Acts in `folder` until `acts` are done, or the trap closes, which is set after `after` acts. Each act is
    a byte in the pipe `tally`."""

    def __init__(
        self, folder: Path, acts: int, number: int, trap: Trap, tally: int = -1, after: int = 0
    ) -> None:
        self.rng = random.Random(number)
        self.folder, self.acts, self.trap = folder, acts, trap
        self.log = Log(ORIGIN, KEY)
        self.clock = VirtualClock()
        self.now = START
        self.old: list[tuple[str, Plan]] = []
        self._tally = tally
        self._trace = acts - after

    async def run(self) -> None:
        db = Database(self.folder / "gadfly.db")
        observer = Observer(self.folder, self.trap)
        action.ACTIONS["observe"] = Action(_check, _describe, observer.do)
        await db.write(seed)
        latest = await db.read(lambda c: c.execute("SELECT MAX(at, ?) FROM latest", (START,)).fetchone()[0])
        self.now = latest + LATER
        # What an earlier life left open is unknown now, and nobody does it again.
        await db.write(lambda c: book.lapse(c, self.log, self.now))
        self.clock = VirtualClock(self.now)
        authority = Authority()
        self.executor = Executor(
            NAME, KEY.public_key(), authority, self.clock, Edge(monotonic=self.clock.monotonic)
        )
        authority.renew(self.clock.monotonic(), Renewal(mark="bench", lasts=30.0))
        await asyncio.gather(*(self._worker(db) for _ in range(TOGETHER)))
        await db.write(lambda c: c.set_trace_callback(None))
        await db.write(self.log.checkpoint)
        db.close()

    async def _worker(self, db: Database) -> None:
        while self.acts > 0:
            if self.acts == self._trace:
                self.trap.set = True
                await db.write(lambda c: c.set_trace_callback(self.trap.statement))
            self.acts -= 1
            self.now += self.rng.random() * 20
            if self._tally >= 0:
                os.write(self._tally, b".")
            scene = draw(self.rng, self.now)
            await self._act(db, scene)
            if self.rng.random() < 0.1:
                await self._abuse(scene)

    async def _act(self, db: Database, scene: Scene) -> None:
        self.trap.reach("planned")
        decision = await db.write(lambda c: book.propose(c, self.log, scene.plan, scene.seen))
        self.trap.reach("decided")
        if decision.intent is None:
            if self.rng.random() < 0.1:
                await self._perform(self._issue(scene.plan, 1, 1, FORGER), scene.plan)
            return
        wall = self.clock.wall()
        for cell in scene.plan.cells:
            given = self._issue(scene.plan, decision.intent.entry, decision.intent.id, KEY, cell, wall)
            self.trap.reach("capability issued")
            await self._perform(given, scene.plan, cell)
            if self.rng.random() < 0.05:
                self.old.append((given, scene.plan))
                del self.old[:-50]
        self.trap.reach("before the outcome")
        state = self.rng.choices(("verified", "failed", "unknown", "cancelled"), (95, 1, 1, 3))[0]
        outcome = book.Outcome(state=state, by="node", at=self.now)
        await db.write(lambda c: book.finish(c, self.log, decision.intent.id, outcome))
        if state == "failed":  # a person looks, so that the bench goes on
            name = scene.plan.automation
            await db.write(
                lambda c: c.execute(
                    "UPDATE standing SET level = 'act', failures = 0, frozen = '' WHERE automation = ?",
                    (name,),
                )
            )
        self.trap.reach("outcome written")

    async def _abuse(self, scene: Scene) -> None:
        """Tries to have something done without leave: nothing of it may have an effect."""
        if not self.old or not scene.plan.targets:
            return
        given, plan = self.rng.choice(self.old)
        body, _, signature = given.partition(".")
        altered = msgspec.structs.replace(plan, targets=(*plan.targets, *scene.plan.targets))
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

    async def _perform(self, given: str, plan: Plan, cell: str | None = None) -> None:
        for one in plan.targets:
            if cell is None or one.cell == cell:
                await self.executor.perform(given, plan, one)


def _check(text: str) -> None:
    if not text:
        raise ValueError("nothing to do")


def _describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    return text
