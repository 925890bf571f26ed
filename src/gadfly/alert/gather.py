"""New alerts into incidents, and for each incident a desk for everybody who is to be told."""

from __future__ import annotations

from collections.abc import Sequence

from gadfly.alert.alert import Alert, labels
from gadfly.alert.book import Book
from gadfly.alert.cause import Cause, keys, likely
from gadfly.alert.group import STORM, WINDOW, Candidate, Newcomer, place
from gadfly.alert.incident import Desk, Incident, Thread
from gadfly.alert.inhibit import Above
from gadfly.alert.route import Routes, Way
from gadfly.config import Config


class Gathering:
    """Works by the routes of one configuration."""

    def __init__(self, config: Config) -> None:
        self._routes = Routes(config)

    def way(self, alert: Alert) -> Way:
        """Where it goes."""
        return self._routes.way(labels(alert))

    def gather(self, book: Book, opened: dict[str, Alert], now: float, happened: float) -> set[int]:
        """Every new alert into an incident; the incidents. `happened`: when the last of them began."""
        if not opened:
            return set()
        above = Above(book.alerts, book.above)
        ways: dict[str, Way] = {}
        newcomers = []
        home: dict[str, int] = {}
        for name, alert in opened.items():
            way = ways[name] = self.way(alert)
            source = above.source(name) or ""
            if source and book.alerts[source].incident:
                home[source] = book.alerts[source].incident
            stands_on = tuple(keys(alert.subject, book.above.get(name, ())))
            newcomers.append(Newcomer(name, stands_on, source, way.bucket, way.by_cause))
        near = set(home.values())
        candidates = [
            Candidate(
                one.id,
                len(book.members[one.id]),
                book.tallies[one.id],
                one.joined,
                one.bucket,
                one.by_cause,
                one.size >= STORM and one.cause.kind == "everything",
            )
            for one in book.incidents.values()
            if happened - one.joined < WINDOW or not one.by_cause or one.id in near
        ]
        joined: set[int] = set()
        for placement in place(newcomers, candidates, home, happened):
            alerts = [opened[name] for name in placement.components]
            incident = self._incident(book, placement.incident, alerts, ways)
            for alert in alerts:
                book.join(alert, incident, happened)
            for alert in alerts:
                self.aim(book, alert, ways[alert.component], now)
            if incident.by_cause:
                incident.cause = _cause(book, incident, above)
            joined.add(incident.id)
        return joined

    def _incident(
        self, book: Book, number: int | None, alerts: Sequence[Alert], ways: dict[str, Way]
    ) -> Incident:
        if number is not None:
            return book.incidents[number]
        way = ways[alerts[0].component]
        incident = Incident(
            id=book.next_incident,
            opened=min(alert.since for alert in alerts),
            cause=Cause("labels", ", ".join(way.bucket)),
            bucket=way.bucket,
            by_cause=way.by_cause,
        )
        book.next_incident += 1
        book.incidents[incident.id] = incident
        return incident

    def aim(self, book: Book, alert: Alert, way: Way, now: float) -> None:
        """Give an alert its targets, and each of them a desk."""
        alert.targets = tuple(target.name for target in way.targets)
        desks = book.desks.setdefault(alert.incident, {})
        for target in way.targets:
            if target.name not in desks:
                desks[target.name] = Desk(
                    Thread(incident=alert.incident, target=target.name, terms=target.terms, opened=now)
                )
            desks[target.name].thread.terms = target.terms


def _cause(book: Book, incident: Incident, above: Above) -> Cause:
    def rank(name: str) -> int:
        return 0 if name not in book.alerts else 1 if above.gone(name) else 2

    return likely(
        incident.size,
        book.tallies[incident.id],
        rank,
        next(iter(book.members[incident.id]), ""),
    )
