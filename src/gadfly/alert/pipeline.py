"""The stages in their order: flip, group, mute, tell. Works on the book, within one transaction of the store.

Every public method is called in the store's writer thread and leaves the book saved. `now` is on the engine's
steady clock (it never jumps), `wall` is seconds since the epoch (it may).
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from gadfly.alert import outbox, record, reported
from gadfly.alert.alert import Alert
from gadfly.alert.book import Book, ended
from gadfly.alert.flip import CROSSINGS, Move, Standing, believed, flapping, judge
from gadfly.alert.gather import Gathering
from gadfly.alert.incident import Incident
from gadfly.alert.mute import Mutes
from gadfly.alert.outbox import Letter
from gadfly.alert.reported import Reported
from gadfly.alert.telling import Telling
from gadfly.alert.whereabouts import by_address
from gadfly.config import Config
from gadfly.ledger.journal import SILENT, Journal
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store import flips

LATE = 60.0
"""Seconds that a change may have waited before it is looked at; what is older has a wrong clock."""
BREWING = 10
"""So many components under suspicion are the sign of a large failure. Chance makes one or two."""
SIGNS, AT_ONCE = 4, 0.25
"""So many incidents that seem to have nothing to do with each other, opened within so many seconds, are the
same sign: where all are refused at once, nobody is under suspicion for long."""
FOREVER = float("inf")
RESUMED = 150.0
"""Seconds after a start within which nothing that was reported expires: a Prometheus says what fires once a
minute, and may have had nobody to say it to."""
UPWARDS = 64
"""Components looked at above one, when the book notes what stands on what."""


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
        self._journal = journal
        self._node = node
        self._subject = subject
        self._steady = steady
        self._suspected = suspected
        self._seen: dict[str, Subject | None] = {}
        self._timers: list[tuple[float, int, str]] = []
        self._expiring: dict[str, float] = {}
        self._began: deque[float] = deque(maxlen=SIGNS)
        self.configure(config)

    def configure(self, config: Config) -> None:
        """From now on by these rules."""
        self.told = frozenset(Verdict[name] for name in config.alerting.told)
        self._settle = float(config.alerting.settle)
        self._flapping = min(config.alerting.flapping, 60)
        self._gathering = Gathering(config)
        self._at_address = by_address(config)
        self._telling = Telling(config, self._node)
        self.mutes = Mutes(config)

    def climb(self, subject: Subject) -> tuple[str, ...]:
        """The names of all that it runs on and needs, near and far, as far as they are known."""
        found: dict[str, None] = {}
        queue = [subject]
        while queue and len(found) < UPWARDS:
            here = queue.pop()
            for name in (here.host, *here.needs):
                if name and name != subject.name and name not in found:
                    found[name] = None
                    above = self.look_up(name)
                    if above is not None:
                        queue.append(above)
        return tuple(found)

    def forget_looks(self) -> None:
        """A new transaction: what is asked, is asked anew."""
        self._seen.clear()

    def look_up(self, name: str) -> Subject | None:
        """Who that is; asked once in a transaction, as a thousand may run on one host."""
        if name not in self._seen:
            self._seen[name] = self._subject(name)
        return self._seen[name]

    def about(self, name: str) -> Subject | None:
        """Who that is, by its name or by an address that its probes ask."""
        found = self.look_up(name)
        if found is None and (called := self._at_address.get(name)):
            found = self.look_up(called)
        return found

    def resume(self, connection: sqlite3.Connection, book: Book, now: float, wall: float) -> None:
        """Go on from a book as it was read: place every alert, set every timer, tell what is due."""
        self.book = book
        self._timers.clear()
        self._expiring.clear()
        self._began.clear()  # what did not reach the disk did not begin
        for alert in (*ended(connection), *book.alerts.values()):
            if alert.due is not None:
                alert.due = min(alert.due, believed(now, self._settle, (), 0))
                self._at(alert.due, 0, alert.component)
            if alert.reported is not None and alert.resolved is None and alert.reported.ends is not None:
                self.expire(alert, now + max(alert.reported.ends - wall, RESUMED))
            self._place(alert, wall)
        self._finish(connection, set(book.alerts), set(book.incidents), now, wall)

    def take(
        self, connection: sqlite3.Connection, changes: Sequence[Change], now: float, wall: float
    ) -> None:
        """Changes of verdict, in their order."""
        history: list[Change] = []
        opened: dict[str, Alert] = {}
        look: set[str] = set()
        self.forget_looks()
        for change in changes:
            alert = self.book.alerts.get(change.component)
            if alert is not None and alert.reported is not None:
                continue  # a stranger that calls itself like an alert's key ends no alert
            move = judge(_standing(alert), change.after, self.told)
            # That a node which just started finds its components well is no history.
            if alert or move is not Move.nothing or change.before is not Verdict.unknown:
                history.append(change)
            if move in CROSSINGS:
                self.book.crossed(change.component, now)
            if move is Move.opens:
                opened[change.component] = self.open(
                    change.subject, change.after, change.reason, change.at, now
                )
                look |= self.book.below.get(change.component, set())
            elif alert is not None and move is not Move.nothing:
                self.move(alert, move, change.after, change.reason, change.subject, now)
                look.add(change.component)
                look |= self.book.below.get(change.component, set())
        self._remember(connection, history, wall)
        # By when it happened, not when it is looked at: in a large failure that may be seconds later.
        happened = now - min(max(0.0, wall - max((one.since for one in opened.values()), default=wall)), LATE)
        self.conclude(connection, opened, look, happened, now, wall)

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
        self._began.extend(
            now for number in incidents if number >= known and self.book.incidents[number].by_cause
        )
        grew = tuple(incidents)
        look |= opened.keys() | moved
        incidents |= {alert.incident for name in look if (alert := self.book.alerts.get(name))}
        self._finish(connection, look, incidents, now, wall, grew)

    def _remember(self, connection: sqlite3.Connection, changes: Sequence[Change], wall: float) -> None:
        """Write changes of verdict into history and ledger, each row with its entry."""
        entries, where = record.flips(changes, wall)
        written = self._journal.observe(connection, entries)
        flips.add(
            connection,
            (
                flips.Flip(
                    change.at,
                    change.component,
                    change.before,
                    change.after,
                    change.reason,
                    written[place] if written else None,
                )
                for change, place in zip(changes, where, strict=True)
            ),
        )

    def tick(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """All that time alone brings about."""
        look: set[str] = set()
        incidents: set[int] = set()
        while self._timers and self._timers[0][0] <= now:
            _, incident, name = heapq.heappop(self._timers)
            if incident:
                if desk := self.book.desks.get(incident, {}).get(name):
                    desk.queued = None
                incidents.add(incident)
                continue
            if self._expiring.get(name, FOREVER) <= now:
                del self._expiring[name]
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
        self._finish(connection, look, incidents, now, wall)

    def due(self, wall: float, now: float) -> float | None:
        """When :meth:`tick` has something to do, on the steady clock; None: not before a change comes."""
        candidates = [now + self.mutes.edge - wall] if self.mutes.edge != float("inf") else []
        candidates += [now] if self.mutes.turned(wall) else []
        candidates += [self._timers[0][0]] if self._timers else []
        return min(candidates, default=None)

    def look_again(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """Silences changed: every alert is looked at again."""
        self._finish(connection, set(self.book.alerts), set(self.book.incidents), now, wall)

    def aim_again(self, connection: sqlite3.Connection, now: float, wall: float) -> None:
        """The configuration changed: each alert gets its component and its routes as they are now."""
        self.forget_looks()
        for name, alert in self.book.alerts.items():
            if alert.reported is not None:
                self.describe(alert, reported.subject(alert.reported, self.about))
            elif subject := self.look_up(name):
                self.describe(alert, subject)
            self.aim(alert, now)
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
        self._finish(connection, look, incidents, now, wall)

    def acknowledge(
        self, connection: sqlite3.Connection, incident: Incident, who: str, note: str, now: float, wall: float
    ) -> None:
        """Somebody took it on."""
        names = self.book.members[incident.id]
        alerts = (self.book.alerts[name] for name in names)
        entry = record.acknowledged(
            incident, self._journal.token(who), self._journal.fit(note), alerts, len(names), wall
        )
        self._journal.write(connection, [entry])
        incident.acknowledged, incident.note, incident.acknowledged_at = who, note, wall
        self.book.touch_incident(incident)
        connection.execute(
            "INSERT INTO acknowledgement (incident, at, who, note) VALUES (?, ?, ?, ?)",
            (incident.id, wall, who, note),
        )
        letters = []
        for desk in self.book.desks.get(incident.id, {}).values():
            letters += self._telling.acknowledged(self.book, incident, desk, wall)
            self.book.touch_thread(desk.thread)
        outbox.put(connection, letters, wall)
        self._finish(connection, (), {incident.id}, now, wall)

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
        self.book.open(alert, self.climb(subject))
        return alert

    def move(
        self, alert: Alert, move: Move, verdict: Verdict, reason: str, subject: Subject, now: float
    ) -> None:
        """What the table of flips says, done; the others are what is known now."""
        crossings = self.book.crossings.get(alert.component, ())
        if move is Move.recovers:
            alert.recovered = now
            alert.due = believed(now, self._settle, crossings, self._flapping)
            self._at(alert.due, 0, alert.component)
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
            self.book.describe(alert, subject, self.climb(subject))

    def aim(self, alert: Alert, now: float) -> None:
        """By the routes as they are, and the alert as it is now."""
        self._gathering.aim(self.book, alert, self._gathering.way(alert), now)

    def expire(self, alert: Alert, at: float) -> None:
        """An alert that was reported ends then, on the steady clock, if it is not reported again."""
        alert.expires = at
        # One timer for each alert: those that are said again every minute are not to fill the memory.
        if at < self._expiring.get(alert.component, FOREVER):
            self._expiring[alert.component] = at
            self._at(at, 0, alert.component)

    def _close(self, alert: Alert, wall: float) -> None:
        self.book.close(alert, wall)
        self._place(alert, wall)

    # Mute and tell.

    def _finish(
        self,
        connection: sqlite3.Connection,
        look: Iterable[str],
        incidents: set[int],
        now: float,
        wall: float,
        grew: Iterable[int] = (),
    ) -> None:
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
        many = len(self._began) == SIGNS and now - self._began[0] <= AT_ONCE
        brewing = max(suspected, 1) / max(total, 1) if suspected >= BREWING or many else 0.0
        for number in incidents:
            if incident := book.incidents.get(number):
                letters += self._tell(incident, now, wall, brewing)
        outbox.put(connection, letters, wall)
        self._journal.observe(connection, record.alerts(*book.news(), wall))
        book.save(connection)

    def _place(self, alert: Alert, wall: float) -> None:
        desks = self.book.desks.get(alert.incident, {})
        for target, desk in desks.items():
            if target in alert.targets or target in alert.told:
                desk.place(alert, now=self._telling.may(alert, target, wall))
            else:
                desk.take_off(alert.component)

    def _tell(self, incident: Incident, now: float, wall: float, brewing: float) -> list[Letter]:
        letters: list[Letter] = []
        desks = self.book.desks.get(incident.id, {})
        for desk in desks.values():
            if desk.later and self._telling.opens(desk.thread.target, wall) <= wall:
                for name in tuple(desk.later):
                    desk.place(self.book.alerts[name], now=True)
            letters += self._telling.consider(self.book, incident, desk, now, wall, brewing=brewing)
            if desk.due is not None and desk.due != desk.queued:
                desk.queued = desk.due
                self._at(desk.due, incident.id, desk.thread.target)
        if not self.book.members.get(incident.id) and all(desk.empty for desk in desks.values()):
            self.book.close_incident(incident, wall)
        return letters

    def _at(self, due: float, incident: int, name: str) -> None:
        heapq.heappush(self._timers, (due, incident, name))


def _standing(alert: Alert | None) -> Standing:
    if alert is None:
        return Standing.none
    return Standing.firing if alert.recovered is None else Standing.recovering
