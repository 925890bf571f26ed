"""New alerts into incidents, and for each incident a desk for everybody who is to be told."""

from __future__ import annotations

from collections.abc import Sequence

from gadfly.alert.alert import Alert, labels
from gadfly.alert.book import Book
from gadfly.alert.cause import Cause, keys, likely
from gadfly.alert.group import STORM, UNTOLD, Candidate, Newcomer, place
from gadfly.alert.incident import Desk, Incident, Thread
from gadfly.alert.inhibit import Above
from gadfly.alert.route import Routes, Way
from gadfly.config import Config

STRANGERS = "undeclared"
"""Part of the bucket of alerts about components that no catalogue names."""


class Gathering:
    """Works by the routes of one configuration."""

    def __init__(self, config: Config) -> None:
        self._routes = Routes(config)

    def way(self, alert: Alert) -> Way:
        """Where it goes."""
        return self._routes.way(labels(alert))

    def gather(
        self, book: Book, opened: dict[str, Alert], now: float, happened: float, wall: float
    ) -> tuple[set[int], set[str]]:
        """Every new alert into an incident; the incidents, and the components that moved to another one.

        `happened`: when the last of them began.
        """
        if not opened:
            return set(), set()
        above = Above(book.alerts, book.above)
        ways: dict[str, Way] = {}
        newcomers: dict[str, Newcomer] = {}
        home: dict[str, int] = {}
        for name, alert in opened.items():
            way = ways[name] = self.way(alert)
            source = above.source(name) or ""
            if source and book.alerts[source].incident:
                home[source] = book.alerts[source].incident
            stands_on = tuple(keys(alert.subject, book.above.get(name, ())))
            bucket = way.bucket
            head = book.alerts[source] if source else alert
            if way.by_cause and not head.subject.declared:
                # Anybody can make up components; what was declared must not drown among them.
                bucket = (*bucket, STRANGERS)
            newcomers[name] = Newcomer(name, stands_on, source, bucket, way.by_cause)
        near = set(home.values())
        candidates = [
            Candidate(
                one.id,
                len(book.members[one.id]),
                book.tallies[one.id].counts,
                one.joined,
                one.bucket,
                one.by_cause,
                one.size >= STORM and one.cause.kind == "everything",
                _told(book, one),
            )
            for one in book.incidents.values()
            if happened - one.joined < UNTOLD or not one.by_cause or one.id in near
        ]
        joined: set[int] = set()
        moved: set[str] = set()
        for placement in place(tuple(newcomers.values()), candidates, home, happened):
            alerts = [opened[name] for name in placement.components]
            incident = self._incident(book, placement.incident, alerts, newcomers[alerts[0].component])
            for alert in alerts:
                book.join(alert, incident, happened, newcomers[alert.component].keys)
            for alert in alerts:
                self.aim(book, alert, ways[alert.component], now)
            for number in placement.absorbs:
                for alert in book.absorb(book.incidents[number], incident, wall):
                    self.aim(book, alert, self.way(alert), now)
                    moved.add(alert.component)
            if incident.by_cause:
                incident.cause = _cause(book, incident, above)
            joined.add(incident.id)
        return joined, moved

    def _incident(
        self, book: Book, number: int | None, alerts: Sequence[Alert], newcomer: Newcomer
    ) -> Incident:
        if number is not None:
            return book.incidents[number]
        incident = Incident(
            id=book.next_incident,
            opened=min(alert.since for alert in alerts),
            cause=Cause("labels", ", ".join(newcomer.bucket)),
            bucket=newcomer.bucket,
            by_cause=newcomer.by_cause,
        )
        book.next_incident += 1
        book.incidents[incident.id] = incident
        return incident

    def aim(self, book: Book, alert: Alert, way: Way, now: float) -> None:
        """Give an alert its targets, and each of them a desk."""
        alert.targets = way.names
        desks = book.desks.setdefault(alert.incident, {})
        for target in way.targets:
            if target.name not in desks:
                desks[target.name] = Desk(
                    Thread(incident=alert.incident, target=target.name, terms=target.terms, opened=now)
                )
            desks[target.name].thread.terms = target.terms


def _told(book: Book, incident: Incident) -> bool:
    desks = book.desks.get(incident.id, {}).values()
    return bool(incident.acknowledged) or any(desk.thread.sequence for desk in desks)


def _cause(book: Book, incident: Incident, above: Above) -> Cause:
    def rank(name: str) -> int:
        return 0 if name not in book.alerts else 1 if above.gone(name) else 2

    return likely(
        len(book.members[incident.id]),
        book.tallies[incident.id].shared(),
        rank,
        next(iter(book.members[incident.id]), ""),
    )
