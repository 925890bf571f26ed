"""The alerts of a node: takes changes, keeps time, answers questions. The decisions are in the stages.

Operations come one after another, each a transaction: :mod:`gadfly.alert.transactions`. The engine's own time
is steady: it starts as wall time and then follows the monotonic clock, so that no jump of the wall clock
makes anything due.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from gadfly.alert import glance, history, outbox, record, shown, silencing
from gadfly.alert.acknowledging import Acknowledgement, acknowledge
from gadfly.alert.alert import subject_labels
from gadfly.alert.history import ComponentStory
from gadfly.alert.outbox import DeadLetter
from gadfly.alert.pipeline import Pipeline
from gadfly.alert.reported import Reported
from gadfly.alert.reporting import report
from gadfly.alert.silence import Silence
from gadfly.alert.transactions import Transactions
from gadfly.alert.verdicts import take
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import SILENT, Journal
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.alert")

LOOK = 15.0
"""Seconds after which time is looked at even if nothing is due: the wall clock may have been set."""
LISTED = 10_000
"""Alerts that are listed at most; a page with more is read by nobody."""
RESOLVED = 500
"""Resolved alerts that are listed."""


class Engine:
    """`subject` tells who a component is, None where nobody knows it; `suspected` how many are under
    suspicion now, and of how many. They must be callable from any thread."""

    def __init__(
        self,
        db: Database,
        config: Config,
        clock: Clock,
        subject: Callable[[str], Subject | None],
        suspected: Callable[[], tuple[int, int]] = lambda: (0, 0),
        journal: Journal = SILENT,
    ) -> None:
        self._db = db
        self._journal = journal
        self._config = config
        self._clock = clock
        self._subject = subject
        self._offset = clock.wall() - clock.monotonic()
        self._pipeline = Pipeline(
            config, config.node.name or "gadfly", subject, self._now, suspected, journal
        )
        self._transactions = Transactions(db, clock, self._pipeline, self._now)
        self._change = self._transactions.change
        self._astray = False
        """Whether alerts may have others' owners and routes, as :meth:`aim_again` failed."""
        self._silenced: tuple[int, int, Callable[[Mapping[str, str]], str] | None] = (-1, -1, None)

    @property
    def version(self) -> int:
        """Grows with every change of an alert, an incident, a silence or an acknowledgement."""
        return self._transactions.version

    async def start(self) -> None:
        """Read back what was open. Nothing that was told is told again; what became due meanwhile is told."""
        await self._change(lambda connection, now, wall: None)

    async def run(self) -> None:
        """Keep time until cancelled: settling, intervals, reminders, escalation, silences, windows."""
        while True:
            self._transactions.done.clear()
            try:
                wait = await self.tick()
            except StoreError as error:
                log.error("%s", error)
                wait = 1.0
            await self._sleep(wait)

    async def tick(self) -> float:
        """Do all that is due now; seconds until more is."""
        if self._astray:
            await self.aim_again()
        due = self._due()
        if self._transactions.stale or (due is not None and due <= self._now()):
            await self._change(self._pipeline.tick)
            due = self._due()
        return LOOK if due is None else min(LOOK, max(0.0, due - self._now()))

    async def take(self, changes: Sequence[Change]) -> None:
        """Changes of verdict. When it returns they are on disk, with every letter they ask for.

        StoreError: none of them is; call again with the same.
        """
        changes = tuple(changes)
        if changes:
            await self._change(
                lambda connection, now, wall: take(self._pipeline, connection, changes, now, wall)
            )

    async def report(self, reports: Sequence[Reported]) -> int:
        """Alerts that are no component's verdict, as they are now. When it returns they are on disk.

        The same may be said again and again. Returns how many were refused: more than there is room for
        (:data:`gadfly.alert.reporting.ROOM`), or found by this node's own rules. StoreError: none was taken.
        """
        reports = tuple(reports)
        if not reports:
            return 0
        return await self._change(
            lambda connection, now, wall: report(self._pipeline, connection, reports, now, wall)
        )

    async def reconfigure(self, config: Config, because: Sequence[Entry] = ()) -> None:
        """From now on by these rules; :meth:`aim_again` as soon as the components are known by them, too.

        `because`: entries of the ledger that say what was changed, by whom; written with the rest or not.
        """

        def work(connection: sqlite3.Connection, now: float, wall: float) -> None:
            self._journal.write(connection, because)
            self._pipeline.configure(config)
            self._pipeline.turned = wall

        self._config = config
        await self._change(work)

    async def aim_again(self) -> None:
        """Who the components are was told anew, by a start or a reload.

        Alerts of those that nobody knows end; the others go to who answers now. Where the disk refuses,
        :meth:`tick` does it later.
        """

        def work(connection: sqlite3.Connection, now: float, wall: float) -> None:
            self._pipeline.drop(connection, self._unknown(), now, wall)
            self._pipeline.aim_again(connection, now, wall)

        self._astray = True
        await self._change(work)
        self._astray = False

    def _unknown(self) -> list[str]:
        return [
            name
            for name, alert in tuple(self._pipeline.book.alerts.items())
            if alert.reported is None and self._subject(name) is None
        ]

    async def forget(self, component: str, because: Sequence[Entry] = ()) -> None:
        """It is watched no longer: its alert ends, and those who were told are told that.

        `because`: entries of the ledger that say who wanted it.
        """

        def work(connection: sqlite3.Connection, now: float, wall: float) -> None:
            self._journal.write(connection, because)
            self._pipeline.drop(connection, [component], now, wall)

        await self._change(work)

    async def acknowledge(self, target: str, who: str, note: str = "") -> Acknowledgement:
        """Take on an incident: by its id, an alert's, or a component's name. Refused where none is open."""
        if len(who) > 200 or len(note) > 2000:
            raise LimitError("A name has at most 200 characters, a note 2000.")
        return await self._change(
            lambda connection, now, wall: acknowledge(
                self._pipeline, connection, target, who, note, now, wall
            )
        )

    async def add_silence(self, matchers: Mapping[str, str], ends: float, reason: str, who: str) -> Silence:
        """Tell nobody about what matches, until `ends` (seconds since the epoch)."""
        wanted = dict(matchers)
        silencing.check(wanted, ends, reason, who, self._clock.wall())
        return await self._change(
            lambda connection, now, wall: silencing.add(
                self._pipeline, connection, wanted, ends, reason, who, now, wall
            )
        )

    async def end_silence(self, id: int | str, who: str) -> None:
        """End it now. Refused where none is in force under this number."""
        await self._change(
            lambda connection, now, wall: silencing.end(self._pipeline, connection, str(id), who, now, wall)
        )

    async def retry(self, outbox_id: int | str, who: str = "") -> None:
        """Try a dead letter again. Refused where there is none."""
        if not str(outbox_id).isdigit():
            raise Refused(f"There is no dead letter {str(outbox_id)[:40]}.", 404)
        wall, journal = self._clock.wall(), self._journal

        def work(connection: sqlite3.Connection) -> None:
            letter = outbox.retry(connection, int(outbox_id))
            to, principal = journal.fit(letter.label), journal.token(who)
            journal.write(connection, [record.notification("retried", letter, to, wall, who=principal)])

        await self._db.write(work)
        self._db.bell("outbox").set()

    # Questions.

    async def alerts(self, state: str = "firing", limit: int = LISTED) -> list[shown.Alert]:
        """Newest first, of each state at most `limit`. `state`: firing, resolved (of late), or all."""
        book = self._pipeline.book

        def work(connection: sqlite3.Connection) -> list[shown.Alert]:
            standing = history.standing(book, limit) if state in ("firing", "all") else []
            return standing + (
                history.resolved(connection, min(limit, RESOLVED)) if state != "firing" else []
            )

        return await self._db.read(work)

    async def incidents(self) -> list[shown.Incident]:
        """Those that are open, newest first."""
        book = self._pipeline.book
        return await self._db.read(lambda connection: history.incidents(connection, book))

    async def silences(self) -> list[Silence]:
        """Those in force; the next to end first."""
        wall = self._clock.wall()
        return sorted(
            (one for one in list(self._pipeline.book.silences.values()) if one.ends > wall),
            key=lambda one: one.ends,
        )

    async def story(self, component: str, limit: int = 100) -> ComponentStory:
        """Flips, alerts and notifications of one component, newest first."""
        return await self._db.read(lambda connection: history.story(connection, component, limit))

    async def dead_letters(self) -> list[DeadLetter]:
        """Notifications that nobody took, newest first."""
        return await self._db.read(outbox.dead_letters)

    def counts(self) -> dict[str, int]:
        """`firing`, `unacknowledged` (alerts), `incidents`, `silences`; no I/O."""
        return glance.counts(self._pipeline.book, self._clock.wall())

    def firing(self) -> dict[str, float]:
        """The components of which an alert fires, and since when (seconds since the epoch); no I/O."""
        return glance.firing(self._pipeline.book)

    def warnings(self) -> list[str]:
        """Alerts of which nobody is told because nobody is named."""
        return glance.warnings(self._pipeline.book)

    def silenced(self, subject: Subject, verdict: Verdict) -> bool:
        """Whether a silence or a maintenance window covers this component now."""
        second = int(self._clock.wall())
        if self._silenced[:2] != (second, self.version):
            book = self._pipeline.book
            covered = self._pipeline.mutes.by_label(self._clock.wall(), list(book.silences.values()))
            self._silenced = (second, self.version, covered)
        why = self._silenced[2]
        return why is not None and bool(why(subject_labels(subject, verdict)))

    def _due(self) -> float | None:
        return self._pipeline.due(self._clock.wall(), self._now())

    def _now(self) -> float:
        return self._clock.monotonic() + self._offset

    async def _sleep(self, seconds: float) -> None:
        tasks = [
            asyncio.ensure_future(self._transactions.done.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
