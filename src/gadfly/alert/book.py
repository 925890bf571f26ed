"""What the engine knows: everything open, in memory as it is on disk.

It is changed only in the store's writer thread, inside the transaction that saves the change. When that fails
the book is read again, so that memory never says more than the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from gadfly.alert.alert import REMEMBERED, Alert
from gadfly.alert.cause import Key, keys
from gadfly.alert.flip import CROSSINGS as CROSSING_MOVES
from gadfly.alert.flip import WINDOW, Standing, judge
from gadfly.alert.incident import Desk, Incident, Tally, Thread
from gadfly.alert.silence import Silence
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store import flips

CROSSINGS = 64
"""Changes remembered of one component; `alerting.flapping` cannot usefully be more."""

LAPSED = 86_400.0
"""Seconds for which a silence that ended is kept in mind. A clock that is wrong is seldom so for a day."""

_encode = msgspec.json.Encoder().encode
_alert = msgspec.json.Decoder(Alert).decode
_incident = msgspec.json.Decoder(Incident).decode
_thread = msgspec.json.Decoder(Thread).decode


class Book:
    """Open alerts, incidents, threads, silences; and what changed since the last :meth:`save`."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        """The open alert of each component that has one."""
        self.incidents: dict[int, Incident] = {}
        self.members: dict[int, set[str]] = {}
        """The components whose alerts are open, of each open incident."""
        self.tallies: dict[int, Tally] = {}
        self.desks: dict[int, dict[str, Desk]] = {}
        """By incident and target."""
        self.silences: dict[int, Silence] = {}
        """Those in force, and those that ended of late: what is in force is asked with the time."""
        self.crossings: dict[str, tuple[float, ...]] = {}
        self.below: dict[str, set[str]] = {}
        """For each component: those with an open alert that run on it or need it, near and far."""
        self.above: dict[str, tuple[str, ...]] = {}
        """The same upwards, as it was when the alert opened."""
        self.next_alert = 1
        self.next_incident = 1
        self._lapsed: dict[int, float] = {}
        """Since when a silence was seen to have ended, on the engine's steady clock."""
        self._opened: list[Alert] = []
        self._ended: list[Alert] = []
        self._closed: list[Incident] = []
        self._passed: list[tuple[Alert, str, str]] = []
        self._touched: dict[int, Alert] = {}
        self._incidents: dict[int, Incident] = {}
        self._threads: dict[tuple[int, str], Thread] = {}

    # Changes, to be saved.

    def touch(self, alert: Alert) -> None:
        """This alert changed."""
        self._touched[alert.id] = alert

    def touch_incident(self, incident: Incident) -> None:
        self._incidents[incident.id] = incident

    def touch_thread(self, thread: Thread) -> None:
        self._threads[thread.incident, thread.target] = thread

    def open(self, alert: Alert, above: Iterable[str]) -> None:
        """A new alert, not yet in an incident. `above`: all that it runs on and needs."""
        self.alerts[alert.component] = alert
        self.link(alert.component, tuple(above))
        self._opened.append(alert)
        self.touch(alert)

    def describe(self, alert: Alert, subject: Subject, above: Iterable[str]) -> None:
        """The component of an open alert is another than it was: its owner, its host, what it needs."""
        self._unlink(alert)
        alert.subject = subject
        self.link(alert.component, tuple(above))
        if tally := self.tallies.get(alert.incident):
            tally.add(keys(subject, self.above[alert.component]))
        self.touch(alert)

    def pass_on(self, alert: Alert, owner: str) -> None:
        """Another owner answers for it; this one did."""
        alert.was = (*alert.was, owner)[-REMEMBERED:]
        self._passed.append((alert, owner, alert.answering))
        self.touch(alert)

    def link(self, component: str, above: tuple[str, ...]) -> None:
        self.above[component] = above
        for name in above:
            self.below.setdefault(name, set()).add(component)

    def join(self, alert: Alert, incident: Incident, happened: float, keys: Iterable[Key]) -> None:
        """Put an alert in an incident. `keys`: what it has in common with others, perhaps."""
        alert.incident = incident.id
        incident.joined = max(incident.joined, happened)
        incident.size += 1
        self.members.setdefault(incident.id, set()).add(alert.component)
        self.tallies.setdefault(incident.id, Tally()).add(keys)
        self.touch(alert)
        self.touch_incident(incident)

    def absorb(self, incident: Incident, into: Incident, wall: float) -> list[Alert]:
        """The first turns out to be the beginning of the second, and nobody was told of it: its alerts move.

        Returns those that are open.
        """
        moved = [self.alerts[name] for name in self.members[incident.id]]
        for alert in moved:
            alert.incident = into.id
            self.touch(alert)
        self.members.setdefault(into.id, set()).update(self.members[incident.id])
        self.tallies.setdefault(into.id, Tally()).merge(self.tallies[incident.id])
        into.size += incident.size
        into.opened = min(into.opened, incident.opened)
        incident.merged = into.id
        self.close_incident(incident, wall)
        self.touch_incident(into)
        return moved

    def close(self, alert: Alert, wall: float) -> None:
        """An alert ended."""
        alert.resolved = wall
        alert.recovered = alert.due = None
        del self.alerts[alert.component]
        self.members[alert.incident].discard(alert.component)
        self._unlink(alert)
        self._ended.append(alert)
        self.touch(alert)

    def _unlink(self, alert: Alert) -> None:
        above = self.above.pop(alert.component, ())
        if tally := self.tallies.get(alert.incident):
            tally.remove(keys(alert.subject, above))
        for name in above:
            self.below[name].discard(alert.component)
            if not self.below[name]:
                del self.below[name]

    def close_incident(self, incident: Incident, wall: float) -> None:
        """All its alerts ended, and everybody who was told of one knows."""
        incident.resolved = wall
        self._closed.append(incident)
        del self.incidents[incident.id]
        self.members.pop(incident.id, None)
        self.tallies.pop(incident.id, None)
        self.desks.pop(incident.id, None)
        self.touch_incident(incident)

    def crossed(self, component: str, now: float) -> None:
        """Well became not well, or the other way round."""
        self.crossings[component] = (*self.crossings.get(component, ())[1 - CROSSINGS :], now)

    def forget_crossings(self, now: float) -> None:
        """Those that are too old to count."""
        for name in [name for name, times in self.crossings.items() if now - times[-1] >= WINDOW]:
            del self.crossings[name]

    def forget_silences(self, now: float, wall: float) -> None:
        """Those that ended :data:`LAPSED` seconds ago by the clock that does not jump.

        Not at once: when the wall clock was wrong, they are in force again as soon as it is right.
        """
        for number, one in tuple(self.silences.items()):
            if one.ends > wall:
                self._lapsed.pop(number, None)
            elif now - self._lapsed.setdefault(number, now) >= LAPSED:
                self.end_silence(number)

    def end_silence(self, number: int) -> None:
        del self.silences[number]
        self._lapsed.pop(number, None)

    def news(self) -> tuple[list[Alert], list[Alert], list[Incident]]:
        """Alerts that opened, alerts that ended and incidents that closed since it was asked last."""
        found = self._opened, self._ended, self._closed
        self._opened, self._ended, self._closed = [], [], []
        return found

    def passed(self) -> list[tuple[Alert, str, str]]:
        """Alerts that went from one owner to another since it was asked last."""
        found, self._passed = self._passed, []
        return found

    def save(self, connection: sqlite3.Connection) -> None:
        """Write what changed."""
        connection.executemany(
            "INSERT INTO alert (id, component, incident, since, resolved, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET incident = excluded.incident, resolved = excluded.resolved,"
            " body = excluded.body",
            (
                (one.id, one.component, one.incident, one.since, one.resolved, _encode(one).decode())
                # Ended ones first: a component may have ended one alert and opened the next at once.
                for is_open in (False, True)
                for one in self._touched.values()
                if (one.resolved is None) is is_open
            ),
        )
        connection.executemany(
            "INSERT INTO incident (id, opened, resolved, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET resolved = excluded.resolved, body = excluded.body",
            ((one.id, one.opened, one.resolved, _encode(one).decode()) for one in self._incidents.values()),
        )
        connection.executemany(
            "INSERT INTO thread (incident, target, body) VALUES (?, ?, ?)"
            " ON CONFLICT (incident, target) DO UPDATE SET body = excluded.body",
            ((one.incident, one.target, _encode(one).decode()) for one in self._threads.values()),
        )
        self._touched.clear()
        self._incidents.clear()
        self._threads.clear()


def load(
    connection: sqlite3.Connection,
    now: float,
    wall: float,
    told: frozenset[Verdict],
    climb: Callable[[Subject], Iterable[str]],
) -> Book:
    """The book as the disk has it. Desks are empty; the pipeline places the alerts."""
    book = Book()
    book.next_alert = _next(connection, "alert")
    book.next_incident = _next(connection, "incident")
    for (body,) in connection.execute("SELECT body FROM incident WHERE resolved IS NULL"):
        incident = _incident(body)
        book.incidents[incident.id] = incident
        book.members[incident.id] = set()
        book.tallies[incident.id] = Tally()
    for (body,) in connection.execute(
        "SELECT thread.body FROM thread JOIN incident ON incident.id = thread.incident"
        " WHERE incident.resolved IS NULL"
    ):
        thread = _thread(body)
        book.desks.setdefault(thread.incident, {})[thread.target] = Desk(thread)
    for (body,) in connection.execute("SELECT body FROM alert WHERE resolved IS NULL"):
        alert = _alert(body)
        book.alerts[alert.component] = alert
        book.link(alert.component, tuple(climb(alert.subject)))
        if alert.incident in book.incidents:
            book.members[alert.incident].add(alert.component)
            book.tallies[alert.incident].add(keys(alert.subject, book.above[alert.component]))
    book.silences = {
        one.id: one for one in silences(connection) if one.ends > wall - LAPSED and not one.ended_by
    }
    _remember_crossings(book, connection, now, wall, told)
    return book


def ended(connection: sqlite3.Connection) -> list[Alert]:
    """Resolved alerts of open incidents: of some, the end may yet have to be told."""
    return [
        _alert(body)
        for (body,) in connection.execute(
            "SELECT alert.body FROM alert JOIN incident ON incident.id = alert.incident"
            " WHERE incident.resolved IS NULL AND alert.resolved IS NOT NULL"
        )
    ]


def silences(connection: sqlite3.Connection) -> list[Silence]:
    """All that are kept, oldest first."""
    return [
        Silence(
            id=number,
            match=msgspec.json.decode(match, type=dict[str, str]),
            starts=starts,
            ends=ends,
            reason=reason,
            who=who,
            ended_by=ended_by,
        )
        for number, match, starts, ends, reason, who, ended_by in connection.execute(
            "SELECT id, matchers, starts, ends, reason, who, ended_by FROM silence ORDER BY id"
        )
    ]


def _next(connection: sqlite3.Connection, table: str) -> int:
    row = connection.execute(f"SELECT MAX(id) FROM {table}").fetchone()  # noqa: S608 - fixed names
    return (row[0] or 0) + 1


def _remember_crossings(
    book: Book, connection: sqlite3.Connection, now: float, wall: float, told: frozenset[Verdict]
) -> None:
    for flip in flips.since(connection, wall - WINDOW):
        standing = Standing.firing if Verdict(flip.before) in told else Standing.none
        if judge(standing, Verdict(flip.after), told) in CROSSING_MOVES:
            book.crossed(flip.component, now - (wall - flip.at))
