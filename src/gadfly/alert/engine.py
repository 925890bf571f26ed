"""The alerts of a node: takes changes, keeps time, answers questions. The decisions are in the stages.

Every change goes through one transaction of the store: history, alerts, incidents and letters together, or
nothing. Operations come one after another; the work is done in the store's writer thread, so that a hundred
thousand changes do not hold up the loop. The engine's own time is steady: it starts as wall time and then
follows the monotonic clock, so that no jump of the wall clock makes anything due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from gadfly.alert import history, match, outbox, record, shown
from gadfly.alert.alert import subject_labels
from gadfly.alert.book import load
from gadfly.alert.history import ComponentStory
from gadfly.alert.incident import Incident
from gadfly.alert.outbox import DeadLetter
from gadfly.alert.pipeline import Pipeline
from gadfly.alert.reported import Reported
from gadfly.alert.reporting import report
from gadfly.alert.silence import LONGEST, Silence
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import SILENT, Journal
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database

T = TypeVar("T")

log = logging.getLogger("gadfly.alert")

LOOK = 15.0
"""Seconds after which time is looked at even if nothing is due: the wall clock may have been set."""
SILENCES = 1000
"""In force at the same time at most: each is compared with every alert."""
LISTED = 10_000
"""Alerts that are listed at most; a page with more is read by nobody."""
RESOLVED = 500
"""Resolved alerts that are listed."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody took something on; `count` alerts are covered."""

    id: str
    who: str
    note: str
    at: float
    count: int


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
        self._lock = asyncio.Lock()
        self._stale = True
        self._wake = asyncio.Event()
        self._silenced: tuple[int, int, Callable[[Mapping[str, str]], str] | None] = (-1, -1, None)
        self.version = 0
        """Grows with every change of an alert, an incident, a silence or an acknowledgement."""

    async def start(self) -> None:
        """Read back what was open. Nothing that was told is told again; what became due meanwhile is told."""
        await self._change(lambda connection, now, wall: None)

    async def run(self) -> None:
        """Keep time until cancelled: settling, intervals, reminders, escalation, silences, windows."""
        while True:
            self._wake.clear()
            try:
                wait = await self.tick()
            except StoreError as error:
                log.error("%s", error)
                wait = 1.0
            await self._sleep(wait)

    async def tick(self) -> float:
        """Do all that is due now; seconds until more is."""
        due = self._due()
        if self._stale or (due is not None and due <= self._now()):
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
                lambda connection, now, wall: self._pipeline.take(connection, changes, now, wall)
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
        """From now on by these rules. Alerts of components that nobody knows any more end.

        `because`: entries of the ledger that say what was changed, by whom; written with the rest or not.
        """

        def work(connection: sqlite3.Connection, now: float, wall: float) -> None:
            self._journal.write(connection, because)
            self._pipeline.configure(config)
            self._pipeline.drop(connection, self._unknown(), now, wall)
            self._pipeline.aim_again(connection, now, wall)

        self._config = config
        await self._change(work)

    async def forget_unknown(self) -> None:
        """Alerts of components that nobody knows end: for the start, when all that is known was read back."""
        if self._unknown():
            await self._change(
                lambda connection, now, wall: self._pipeline.drop(connection, self._unknown(), now, wall)
            )

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

        def work(connection: sqlite3.Connection, now: float, wall: float) -> Acknowledgement:
            incident = self._find(target)
            self._pipeline.acknowledge(connection, incident, who, note, now, wall)
            count = len(self._pipeline.book.members[incident.id])
            return Acknowledgement(id=target, who=who, note=note, at=wall, count=count)

        if len(who) > 200 or len(note) > 2000:
            raise LimitError("A name has at most 200 characters, a note 2000.")
        return await self._change(work)

    async def add_silence(self, matchers: Mapping[str, str], ends: float, reason: str, who: str) -> Silence:
        """Tell nobody about what matches, until `ends` (seconds since the epoch)."""
        wanted = dict(matchers)
        match.check(wanted)
        if not reason.strip() or len(reason) > 2000 or len(who) > 200:
            raise Refused(
                "A silence needs a reason of 1 to 2000 characters: the next one on duty reads it.", 400
            )
        if not 0 < ends - self._clock.wall() <= LONGEST:
            raise Refused("A silence ends in the future, within 366 days.", 400)

        def work(connection: sqlite3.Connection, now: float, wall: float) -> Silence:
            book = self._pipeline.book
            while len(book.silences) >= SILENCES:
                first = min(book.silences.values(), key=lambda one: one.ends)
                if first.ends > wall:
                    raise LimitError(f"There are {SILENCES} silences already; end some that are not needed.")
                book.end_silence(first.id)
            cursor = connection.execute(
                "INSERT INTO silence (matchers, starts, ends, reason, who) VALUES (?, ?, ?, ?, ?)",
                (msgspec.json.encode(wanted).decode(), wall, ends, reason, who),
            )
            made = Silence(
                id=cursor.lastrowid or 0, match=wanted, starts=wall, ends=ends, reason=reason, who=who
            )
            self._note_silence(connection, "added", made, who, wall)
            book.silences[made.id] = made
            self._pipeline.look_again(connection, now, wall)
            return made

        return await self._change(work)

    async def end_silence(self, id: int | str, who: str) -> None:
        """End it now. Refused where none is in force under this number."""

        def work(connection: sqlite3.Connection, now: float, wall: float) -> None:
            book = self._pipeline.book
            found = book.silences.get(int(id)) if str(id).isdigit() else None
            if found is None or found.ends <= wall:
                raise Refused(f"There is no silence {str(id)[:40]}.", 404)
            self._note_silence(connection, "ended", found, who, wall)
            book.end_silence(found.id)
            connection.execute("UPDATE silence SET ends = ?, ended_by = ? WHERE id = ?", (wall, who, int(id)))
            self._pipeline.look_again(connection, now, wall)

        await self._change(work)

    def _note_silence(
        self, connection: sqlite3.Connection, event: str, one: Silence, who: str, wall: float
    ) -> None:
        journal = self._journal
        entry = record.silence(event, one, journal.token(who), journal.fit(one.reason), wall)
        journal.write(connection, [entry])

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
        book, wall = self._pipeline.book, self._clock.wall()
        waiting = {one.id for one in list(book.incidents.values()) if not one.acknowledged}
        members = {number: len(book.members.get(number, ())) for number in list(book.incidents)}
        return {
            "firing": len(book.alerts),
            "unacknowledged": sum(count for number, count in members.items() if number in waiting),
            "incidents": len(members),
            "silences": sum(one.ends > wall for one in list(book.silences.values())),
        }

    def firing(self) -> dict[str, float]:
        """The components of which an alert fires, and since when (seconds since the epoch); no I/O.

        Not those that have recovered, even if that must still last before it is told.
        """
        alerts = list(self._pipeline.book.alerts.values())
        return {
            alert.component: alert.since
            for alert in alerts
            if alert.reported is None and alert.resolved is None and alert.recovered is None
        }

    def warnings(self) -> list[str]:
        """Alerts of which nobody is told because nobody is named."""
        lost = sum(not alert.targets for alert in list(self._pipeline.book.alerts.values()))
        if not lost:
            return []
        are = "alert is" if lost == 1 else "alerts are"
        return [
            f"{lost:,} {are} told to nobody: no owner of theirs has a contact, and no owner stands on top"
        ]

    def silenced(self, subject: Subject, verdict: Verdict) -> bool:
        """Whether a silence or a maintenance window covers this component now."""
        second = int(self._clock.wall())
        if self._silenced[:2] != (second, self.version):
            book = self._pipeline.book
            covered = self._pipeline.mutes.by_label(self._clock.wall(), list(book.silences.values()))
            self._silenced = (second, self.version, covered)
        why = self._silenced[2]
        return why is not None and bool(why(subject_labels(subject, verdict)))

    def _find(self, target: str) -> Incident:
        book = self._pipeline.book
        number = 0
        if alert := book.alerts.get(target):
            number = alert.incident
        elif target[:1] == "i" and target[1:].isdigit():
            number = int(target[1:])
        elif target[:1] == "a" and target[1:].isdigit():
            wanted = int(target[1:])
            number = next((one.incident for one in book.alerts.values() if one.id == wanted), 0)
        if number not in book.incidents:
            raise Refused(f"Nothing is open under {target[:80]!r}: no incident, no alert, no component.", 404)
        return book.incidents[number]

    # One change after another.

    async def _change(self, work: Callable[[sqlite3.Connection, float, float], T]) -> T:
        """Run `work` in a transaction. When that fails, memory is read back from the disk before the next."""
        async with self._lock:
            now, wall = self._now(), self._clock.wall()
            stale, self._stale = self._stale, True

            def transaction(connection: sqlite3.Connection) -> T:
                if stale:
                    pipeline = self._pipeline
                    book = load(connection, now, wall, pipeline.told, pipeline.climb)
                    pipeline.resume(connection, book, now, wall)
                return work(connection, now, wall)

            try:
                result = await asyncio.shield(self._db.write(transaction))
            except (Refused, LimitError):
                self._stale = stale  # raised before anything was touched
                raise
            except StoreError:
                # What did not reach the disk is not so; let no question be answered from it.
                with contextlib.suppress(StoreError):
                    self._pipeline.book = await self._db.read(
                        lambda connection: load(
                            connection, now, wall, self._pipeline.told, self._pipeline.climb
                        )
                    )
                raise
            self._stale = False
            self.version += 1
        self._wake.set()
        self._db.bell("outbox").set()
        return result

    def _due(self) -> float | None:
        return self._pipeline.due(self._clock.wall(), self._now())

    def _now(self) -> float:
        return self._clock.monotonic() + self._offset

    async def _sleep(self, seconds: float) -> None:
        tasks = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
