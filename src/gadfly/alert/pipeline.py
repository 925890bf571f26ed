"""The stages in their order: flip, group, mute, tell. Works on the book, within one transaction of the store.

Every public method is called in the store's writer thread and leaves the book saved. `now` is on the engine's
steady clock (it never jumps), `wall` is seconds since the epoch (it may).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from gadfly.alert import outbox, record, reported
from gadfly.alert.alert import Alert
from gadfly.alert.book import Book, ended
from gadfly.alert.brewing import Brewing
from gadfly.alert.flip import Move, believed, flapping
from gadfly.alert.gather import Gathering
from gadfly.alert.incident import Incident
from gadfly.alert.lookup import Lookup
from gadfly.alert.mute import Mutes
from gadfly.alert.outbox import Letter
from gadfly.alert.reported import Reported
from gadfly.alert.telling import Telling
from gadfly.alert.timers import FOREVER, Timers
from gadfly.config import Config
from gadfly.ledger.journal import SILENT, Journal
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

RESUMED = 150.0
"""Seconds after a start within which nothing that was reported expires: a Prometheus says what fires once a
minute, and may have had nobody to say it to."""


class Pipeline:
    """`subject` tells who a component is, `steady` the engine's time, `suspected` how many components are
    under suspicion now, and of how many; any thread may call them."""

    def __init__(
        self,
        config: Config,
        node: str,
        subject: Callable[[str], Subject | None],
        steady: Callable[[], float],
        suspected: Callable[[], tuple[int, int]] = lambda: (0, 0),
        journal: Journal = SILENT,
    ) -> None:
        self.book = Book()
        self.journal = journal
        self._node = node
        self.lookup = Lookup(subject)
        self._steady = steady
        self._suspected = suspected
        self._timers = Timers()
        self._brewing = Brewing()
        self.turned = -FOREVER
        """When it was told anew who the components are (seconds since the epoch). A change of verdict that is
        older says who they were."""
        self.configure(config)

    def configure(self, config: Config) -> None:
        """From now on by these rules."""
        self.told = frozenset(Verdict[name] for name in config.alerting.told)
        self._settle = float(config.alerting.settle)
        self._flapping = min(config.alerting.flapping, 60)
        self._gathering = Gathering(config)
        self.lookup.configure(config)
        self.telling = Telling(config, self._node)
        self.mutes = Mutes(config)

    def resume(self, connection: sqlite3.Connection, book: Book, now: float, wall: float) -> None:
        """Go on from a book as it was read: place every alert, set every timer, tell what is due."""
        self.book = book
        self._timers.clear()
        self._brewing.forget()  # what did not reach the disk did not begin
        for alert in (*ended(connection), *book.alerts.values()):
            if alert.due is not None:
                alert.due = min(alert.due, believed(now, self._settle, (), 0))
                self._timers.of_alert(alert.due, alert.component)
            if alert.reported is not None and alert.resolved is None and alert.reported.ends is not None:
                self.expire(alert, now + max(alert.reported.ends - wall, RESUMED))
            self._place(alert, wall)
        self.finish(connection, set(book.alerts), set(book.incidents), now, wall)

    def conclude(
        self,
        connection: sqlite3.Connection,
        opened: dict[str, Alert],
        look: set[str],
        happened: float,
        now: float,
        wall: float,
    ) -> None:
        """The stages after the flip, for alerts that opened and those to be looked at again."""
        known = self.book.next_incident
        incidents, moved = self._gathering.gather(self.book, opened, now, happened, wall)
        own = sum(number >= known and self.book.incidents[number].by_cause for number in incidents)
        self._brewing.began(now, own)
        grew = tuple(incidents)
        look |= opened.keys() | moved
        incidents |= {alert.incident for name in look if (alert := self.book.alerts.get(name))}
        self.finish(connection, look, incidents, now, wall, grew)

    def tick(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """All that time alone brings about."""
        look: set[str] = set()
        incidents: set[int] = set()
        for incident, name in self._timers.past(now):
            if incident:
                if desk := self.book.desks.get(incident, {}).get(name):
                    desk.queued = None
                incidents.add(incident)
                continue
            alert = self.book.alerts.get(name)
            if alert is None:
                continue
            if alert.expires is not None and alert.expires > now:
                self.expire(alert, alert.expires)  # it was reported again meanwhile
            if min(alert.due or FOREVER, alert.expires or FOREVER) <= now:
                look |= self.book.below.get(name, set())
                incidents.add(alert.incident)
                self._close(alert, wall)
        self.book.forget_silences(now, wall)
        self.book.forget_crossings(now)
        incidents |= {alert.incident for name in look if (alert := self.book.alerts.get(name))}
        self.finish(connection, look, incidents, now, wall)

    def due(self, wall: float, now: float) -> float | None:
        """When :meth:`tick` has something to do, on the steady clock; None: not before a change comes."""
        candidates = [now + self.mutes.edge - wall] if self.mutes.edge != FOREVER else []
        candidates += [now] if self.mutes.turned(wall) else []
        candidates += [first] if (first := self._timers.next()) is not None else []
        return min(candidates, default=None)

    def look_again(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """Silences changed: every alert is looked at again."""
        self.finish(connection, set(self.book.alerts), set(self.book.incidents), now, wall)

    def aim_again(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """The configuration changed: each alert gets its component and its routes as they are now."""
        self.lookup.forget()
        self.turned = wall
        for name, alert in self.book.alerts.items():
            if alert.reported is not None:
                self.describe(alert, reported.subject(alert.reported, self.lookup.about))
            elif subject := self.lookup.known(name):
                if not subject.subnet:  # it was not heard since the node started
                    subject = msgspec.structs.replace(subject, subnet=alert.subject.subnet)
                self.describe(alert, subject)
            before = alert.targets
            self.aim(alert, now)
            if alert.targets != before:
                self.book.touch(alert)
        self.look_again(connection, now, wall)

    def drop(self, connection: sqlite3.Connection, names: Iterable[str], now: float, wall: float) -> None:
        """These components are watched no longer: their alerts end."""
        look: set[str] = set()
        incidents: set[int] = set()
        for name in names:
            if alert := self.book.alerts.get(name):
                alert.reason = "It is no longer watched."
                look |= self.book.below.get(name, set())
                incidents.add(alert.incident)
                self._close(alert, wall)
        self.finish(connection, look, incidents, now, wall)

    # Flip.

    def open(
        self,
        subject: Subject,
        verdict: Verdict,
        reason: str,
        since: float,
        now: float,
        reported: Reported | None = None,
    ) -> Alert:
        """A new alert, not yet in an incident."""
        alert = Alert(
            id=self.book.next_alert,
            component=subject.name,
            subject=subject,
            verdict=verdict,
            reason=reason,
            since=since,
            flapping=flapping(self.book.crossings[subject.name], now, self._flapping),
            reported=reported,
        )
        self.book.next_alert += 1
        self.book.open(alert, self.lookup.climb(subject))
        return alert

    def move(
        self, alert: Alert, move: Move, verdict: Verdict, reason: str, subject: Subject, now: float
    ) -> None:
        """What the table of flips says, done; the others are what is known now."""
        crossings = self.book.crossings.get(alert.component, ())
        if move is Move.recovers:
            alert.recovered = now
            alert.due = believed(now, self._settle, crossings, self._flapping)
            self._timers.of_alert(alert.due, alert.component)
        else:
            alert.recovered = alert.due = None
        if move in (Move.changes, Move.relapses):
            alert.verdict, alert.reason = verdict, reason
            self.describe(alert, subject)
            if alert.incident:  # else it opened in this very batch, and is aimed when it joins one
                # Routes look at the verdict too: what can wait for one may have to wake another.
                self.aim(alert, now)
        alert.flapping = flapping(crossings, now, self._flapping)
        self.book.touch(alert)

    def describe(self, alert: Alert, subject: Subject) -> None:
        """What an alert is about is another than it was."""
        if subject != alert.subject:
            self.book.describe(alert, subject, self.lookup.climb(subject))

    def aim(self, alert: Alert, now: float) -> None:
        """By the routes as they are, and the alert as it is now."""
        before = alert.answering
        self._gathering.aim(self.book, alert, self._gathering.way(alert), now)
        if before and alert.answering not in ("", before):
            self.book.pass_on(alert, before)

    def expire(self, alert: Alert, at: float) -> None:
        """An alert that was reported ends then, on the steady clock, if it is not reported again."""
        alert.expires = at
        self._timers.expiry(at, alert.component)

    def _close(self, alert: Alert, wall: float) -> None:
        self.book.close(alert, wall)
        self._place(alert, wall)

    # Mute and tell.

    def finish(
        self,
        connection: sqlite3.Connection,
        look: Iterable[str],
        incidents: set[int],
        now: float,
        wall: float,
        grew: Iterable[int] = (),
    ) -> None:
        """Mute, tell, save: the alerts to `look` at, these incidents; alerts joined those that `grew`."""
        book = self.book
        # A source that opened or ended may touch any alert by a rule; so does time, by a silence or a window.
        if self.mutes.has_rules or self.mutes.turned(wall):
            look = tuple(book.alerts)
            incidents = set(book.incidents)
        mute = self.mutes.at(wall, book.alerts, book.silences.values(), book.above)
        for name in look:
            alert = book.alerts.get(name)
            if alert is None:
                continue
            muted = mute(alert)
            if muted != alert.muted:
                alert.muted = muted
                book.touch(alert)
            self._place(alert, wall)
        letters: list[Letter] = []
        for number in grew:
            book.incidents[number].grew = self._steady()
        suspected, total = self._suspected() if incidents else (0, 0)
        brewing = self._brewing.share(now, suspected, total)
        for number in incidents:
            if incident := book.incidents.get(number):
                letters += self._tell(incident, now, wall, brewing)
        outbox.put(connection, letters, wall)
        entries = record.alerts(*book.news(), wall) + record.passed(book.passed(), wall)
        self.journal.observe(connection, entries)
        book.save(connection)

    def _place(self, alert: Alert, wall: float) -> None:
        desks = self.book.desks.get(alert.incident, {})
        for target, desk in desks.items():
            if target in alert.targets or target in alert.told:
                desk.place(alert, now=self.telling.may(alert, target, wall))
            else:
                desk.take_off(alert.component)

    def _tell(self, incident: Incident, now: float, wall: float, brewing: float) -> list[Letter]:
        letters: list[Letter] = []
        desks = self.book.desks.get(incident.id, {})
        for desk in desks.values():
            if desk.later and self.telling.opens(desk.thread.target, wall) <= wall:
                for name in tuple(desk.later):
                    desk.place(self.book.alerts[name], now=True)
            letters += self.telling.consider(self.book, incident, desk, now, wall, brewing=brewing)
            if desk.due is not None and desk.due != desk.queued:
                desk.queued = desk.due
                self._timers.of_desk(desk.due, incident.id, desk.thread.target)
        if not self.book.members.get(incident.id) and all(desk.empty for desk in desks.values()):
            self.book.close_incident(incident, wall)
        return letters
