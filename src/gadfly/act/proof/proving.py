"""Guards prove themselves: each is shown synthetic requests that it must deny, and a sound one it must not.

The requests go through the gate as every plan does. A guard is proven when each of its requests is refused by
it alone; one that is missing, lets a request through, raises, or refuses what is sound is not, and the guard
``proof`` then stops whatever would act. At the start, each week, and when the configuration changed.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping

import msgspec

from gadfly.act.books.transaction import Appends
from gadfly.act.gate import decide
from gadfly.act.guard import GUARDS, Guard
from gadfly.act.mail import notice
from gadfly.act.proof import synthetic
from gadfly.act.proof.sound import Case
from gadfly.act.proof.sound import sound as sound_act
from gadfly.alert.escalate import top_owner
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger.entry import Entry
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

WEEK = 7 * 86_400.0
LOOK = 600.0
"""Seconds between looks at whether a proof is due."""


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """What one guard did."""

    guard: str
    denied: bool
    """It refused everything that it must, and nothing else did."""
    reason: str
    """Its last refusal; or what is wrong with it, for whoever runs the node."""


def prove(now: float, guards: Mapping[str, Guard] = GUARDS) -> tuple[Proven, ...]:
    """Show every guard its requests. `now`: wall seconds. Pure, some ten milliseconds."""
    sound = sound_act(now)
    requests = synthetic.cases(now)
    names = dict.fromkeys([*guards, *requests])
    return tuple(_one(name, sound, requests.get(name, ()), guards) for name in names)


def _one(name: str, sound: Case, requests: tuple[Case, ...], guards: Mapping[str, Guard]) -> Proven:
    if name not in guards:
        return Proven(guard=name, denied=False, reason="it is not in force; restart this node, and look")
    if not requests:
        return Proven(guard=name, denied=False, reason="there is no request for it; its author must add one")
    own = [one for one in decide(*sound, guards).refusals if one.guard == name]
    if own:
        return Proven(guard=name, denied=False, reason=f"it refuses what is sound: {own[0].reason}")
    reason = ""
    for number, (plan, situation) in enumerate(requests, 1):
        refusals = decide(plan, situation, {key: guards[key] for key in guards if key != name}).refusals
        if refusals:
            first = refusals[0]
            why = f"request {number} proves nothing: {first.guard} refuses it, too ({first.reason})"
            return Proven(guard=name, denied=False, reason=why)
        try:
            said = guards[name](plan, situation)
        except Exception as error:  # it denies then, but judges nothing
            return Proven(guard=name, denied=False, reason=f"it fails at request {number}: {error!r}")
        if said is None:
            return Proven(guard=name, denied=False, reason=f"it lets request {number} through")
        reason = said
    return Proven(guard=name, denied=True, reason=reason)


def record(connection: sqlite3.Connection, ledger: Appends, proofs: tuple[Proven, ...], now: float) -> None:
    """Write down what they did: a row a guard, and one entry for all of them."""
    failed = {one.guard: one.reason for one in proofs if not one.denied}
    body = {"denied": [one.guard for one in proofs if one.denied], "failed": failed}
    about = tuple(f"guard:{one.guard}" for one in proofs)
    ledger.append(connection, [Entry(kind="proof", who="node", about=about, body=body, at=now)])
    connection.execute("DELETE FROM proof")
    connection.executemany(
        "INSERT INTO proof (guard, at, denied, reason) VALUES (?, ?, ?, ?)",
        [(one.guard, now, one.denied, one.reason) for one in proofs],
    )


def oldest(connection: sqlite3.Connection) -> float:
    """When the guard whose proof is oldest was proven, wall seconds; 0 where none was."""
    row = connection.execute("SELECT MIN(at) FROM proof").fetchone()
    return float(row[0] or 0.0)


class Proving:
    """Keeps the proofs of a node fresh."""

    def __init__(
        self,
        db: Database,
        ledger: Appends,
        clock: Clock,
        config: Callable[[], Config],
        *,
        url: str,
        node: str,
        guards: Mapping[str, Guard] = GUARDS,
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._clock = clock
        self._config = config
        self._url = url
        self._node = node
        self._guards = guards
        self._again = asyncio.Event()
        self.proofs: tuple[Proven, ...] = ()
        """The last, by guard."""

    async def run(self) -> None:
        """Prove at once, then weekly and after :meth:`again`, until cancelled."""
        self._again.set()
        while True:
            try:
                due = await self._db.read(oldest) + WEEK
                now = self._clock.wall()
                # A proof from the future is none: the clock was set back since.
                if self._again.is_set() or not now < due <= now + WEEK:
                    self._again.clear()
                    await self.prove()
            except (StoreError, LedgerError) as error:
                log.error("the guards could not prove themselves: %s", error)
                self._again.set()
                # A disk comes back by itself; a damaged ledger waits for somebody.
                await self._clock.sleep(1.0 if isinstance(error, StoreError) else 60.0)
                continue
            await self._wait()

    def again(self) -> None:
        """The configuration changed: prove again, at once."""
        self._again.set()

    async def prove(self) -> tuple[Proven, ...]:
        """Prove now. Committed when it returns, and whoever runs the node told where a guard failed."""
        now = self._clock.wall()
        proofs = prove(now, self._guards)
        failed = [one for one in proofs if not one.denied]
        known = {one.guard for one in self.proofs if not one.denied}

        def work(connection: sqlite3.Connection) -> None:
            record(connection, self._ledger, proofs, now)
            if {one.guard for one in failed} - known:
                owners = self._config().owner
                notice.put(connection, owners, [top_owner(owners)], self._notice(failed, now))

        await self._db.write(work)
        self._db.bell("outbox").set()
        for one in failed:
            log.error("the guard %s has not proven itself: %s", one.guard, one.reason)
        self.proofs = proofs
        return proofs

    def _notice(self, failed: list[Proven], now: float) -> notice.Notice:
        names = ", ".join(one.guard for one in failed)
        lines = "\n".join(f"- {one.guard}: {one.reason}" for one in failed)
        return notice.Notice(
            subject=f"Nothing acts on {self._node}: guards have not proven themselves ({names})",
            text=(
                "These guards did not do what they must when they were shown synthetic requests. Until "
                f"whoever runs {self._node} has looked, no automation acts.\n\n{lines}\n\nSee: {self._url}\n"
            ),
            at=now,
            url=self._url,
            node=self._node,
        )

    async def _wait(self) -> None:
        tasks = [asyncio.ensure_future(self._again.wait()), asyncio.ensure_future(self._clock.sleep(LOOK))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            # Ours may be cancelled here as well: a stop right after a reload must end this loop.
            await asyncio.gather(*tasks, return_exceptions=True)
