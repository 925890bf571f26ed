"""Carries letters from the outbox to their receivers, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Awaitable, Callable

from gadfly.alert import outbox, record
from gadfly.alert.notification import sealed
from gadfly.alert.notify import SENDERS
from gadfly.alert.notify.destination import Context, of
from gadfly.alert.outbox import Letter
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import NotifyError, StoreError
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.journal import SILENT, Journal
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.courier")

AT_ONCE = 16
"""Deliveries at the same time at most; one for each contact."""
HOLD = 30.0
"""Seconds for which a contact that failed is left alone at most. Shorter than a letter's longest pause, so
that one letter that a receiver chokes on does not keep the others from it."""
LANDING = 2.0
"""Seconds that deliveries under way have when the node stops."""
LOOK = 60.0
"""Seconds after which the outbox is looked at even if nobody rang."""


class Courier:
    """One for each outbox. `name` is the node's, as receivers see it; `seal` gives the ledger's checkpoint,
    which goes with every message, so that whoever keeps the message can tell when the past is changed."""

    def __init__(
        self,
        db: Database,
        config: Config,
        clock: Clock,
        *,
        name: str = "",
        journal: Journal = SILENT,
        seal: Callable[[], Awaitable[Checkpoint | None]] | None = None,
    ) -> None:
        self._db = db
        self._journal = journal
        self._seal = seal
        self._clock = clock
        self._name = name or "gadfly"
        self._chance = random.Random()  # noqa: S311 - spreads tries in time
        self._offset = clock.wall() - clock.monotonic()
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self.counters = {"sent": 0, "failed": 0, "dead": 0}
        self.dead = 0
        """Dead letters that wait for somebody."""
        self.version = 0
        """Grows whenever :attr:`dead` changes."""
        self.reconfigure(config)

    def reconfigure(self, config: Config) -> None:
        """From now on to the addresses of this configuration."""
        self._config = config
        self._context = Context(mail=config.mail, node=self._name, allow_commands=config.alerting.exec)
        self._db.bell("outbox").set()

    async def run(self) -> None:
        """Deliver until cancelled. What does not end soon then is sent again by the next run."""
        bell = self._db.bell("outbox")
        try:
            await self._while_refused(lambda connection: outbox.release(connection, self._now()))
            while True:
                bell.clear()
                wait = await self.round()
                await self._until(bell, wait)
        finally:
            await self._land()

    async def round(self) -> float:
        """Start the delivery of all that may go now; seconds until more may, if nobody rings."""
        now = self._now()
        self._held = {contact: until for contact, until in self._held.items() if until > now}
        busy = frozenset(self._flying) | frozenset(self._held)
        free = AT_ONCE - len(self._flying)

        def take(connection: sqlite3.Connection) -> tuple[list[Letter], float | None, int]:
            lease = outbox.LEASE + max((one.timeout for one in self._config.receiver.values()), default=10.0)
            letters = outbox.claim(connection, now, lease, busy, free) if free > 0 else []
            return letters, outbox.next_due(connection), outbox.count_dead(connection)

        try:
            # Not durable: a claim that a power cut takes back is only made again.
            letters, due, dead = await self._db.write(take, durable=False)
        except StoreError as error:
            log.error("%s", error)
            return 1.0
        if dead != self.dead:
            self.dead, self.version = dead, self.version + 1
        for letter in letters:
            self._flying[letter.contact] = asyncio.create_task(self._carry(letter))
        waits = [LOOK]
        waits += [due - now] if due is not None and due > now else []
        waits += [until - now for until in self._held.values()]
        return max(0.0, min(waits))

    async def _land(self) -> None:
        """Let what is under way end, so that it is not sent again at the next start; but not for long."""
        flying = list(self._flying.values())
        if flying:
            await asyncio.wait(flying, timeout=LANDING)
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)

    @property
    def flying(self) -> int:
        """Deliveries under way."""
        return len(self._flying)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._flying:
            await asyncio.gather(*self._flying.values(), return_exceptions=True)

    async def _carry(self, letter: Letter) -> None:
        try:
            await self._deliver(letter)
        except asyncio.CancelledError:
            raise
        except NotifyError as error:
            await self._not_taken(letter, str(error), permanent=error.permanent)
        except Exception as error:
            log.exception("a notification could not be sent: a defect of gadfly")
            await self._not_taken(
                letter, f"{type(error).__name__}: a defect; the log says more.", permanent=False
            )
        else:
            self.counters["sent"] += 1
            self._failures.pop(letter.contact, None)
            await self._while_refused(lambda connection: self._sent(connection, letter))
        finally:
            self._flying.pop(letter.contact, None)
            self._db.bell("outbox").set()

    async def _deliver(self, letter: Letter) -> None:
        destination = of(self._config, letter.contact)
        checkpoint = await self._seal() if self._seal else None
        notification = sealed(letter.notification, checkpoint) if checkpoint else letter.notification
        await SENDERS[destination.kind](notification, destination, self._context)

    async def _not_taken(self, letter: Letter, error: str, *, permanent: bool) -> None:
        self.counters["failed"] += 1
        number = letter.notification.incident
        if permanent or letter.attempts >= self._config.alerting.attempts:
            self.counters["dead"] += 1
            log.error(
                "to %s about %s: given up after %d tries. %s", letter.label, number, letter.attempts, error
            )
            await self._while_refused(lambda connection: self._dead(connection, letter, error))
            return
        failures = self._failures[letter.contact] = self._failures.get(letter.contact, 0) + 1
        log.warning("to %s about %s: try %d failed. %s", letter.label, number, letter.attempts, error)
        now = self._now()
        due = now + outbox.pause(letter.attempts, self._chance)
        self._held[letter.contact] = min(due, now + min(HOLD, outbox.pause(failures, self._chance)))
        await self._while_refused(lambda connection: outbox.again(connection, letter, due, error))

    def _sent(self, connection: sqlite3.Connection, letter: Letter) -> None:
        wall, to = self._clock.wall(), self._journal.fit(letter.label)
        outbox.sent(connection, letter, wall)
        self._journal.observe(connection, [record.notification("sent", letter, to, wall)])

    def _dead(self, connection: sqlite3.Connection, letter: Letter, error: str) -> None:
        wall, to = self._clock.wall(), self._journal.fit(letter.label)
        outbox.dead(connection, letter, error)
        said = self._journal.fit(error)
        self._journal.observe(connection, [record.notification("dead", letter, to, wall, error=said)])

    async def _while_refused(self, work: outbox.Work) -> None:
        """Write it; while the disk refuses, try again: a delivery that was made must not be made twice."""
        while True:
            try:
                await self._db.write(work)
            except StoreError as error:
                log.error("%s", error)
                await self._clock.sleep(1.0)
            else:
                return

    async def _until(self, bell: asyncio.Event, seconds: float) -> None:
        tasks = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _now(self) -> float:
        """Wall time as it was at the start, and on from there steadily."""
        return self._clock.monotonic() + self._offset
